/*
 * Payment methods: the cards an organization has attached. The processor keeps the cards; a row here says which one is
 * whose, and which is charged when nothing else is said. What changes them takes the organization's row first.
 */
#include "payment_method.h"

#include <string.h>

#include "clock.h"
#include "config.h"
#include "id.h"
#include "membership.h"
#include "page.h"
#include "resources.h"
#include "seal.h"
#include "statement.h"
#include "text.h"
#include "two_step.h"

enum { WITHIN_MICROSECONDS = 20000000, AGAIN_SECONDS = 5, IDENTIFIER_MOST = 100 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *
check_identifier(struct text value)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	size_t prefix = text_starts(value, "cst_") ? 4 : text_starts(value, "pm_") ? 3 : 0;

	return prefix > 0 && value.length > prefix && strspn(value.at, letters) == value.length
		   ? NULL
		   : "A payment method's identifier begins with pm_ or cst_, and has letters, digits and underscores "
		     "behind.";
}

static const struct format identifier_format = { .pattern = "^(cst|pm)_[A-Za-z0-9_]+$", .check = check_identifier };

struct payment_method {
	struct id id;
	struct text provider;
	struct text card_id;
	struct text brand;
	struct text last4;
	int64_t exp_month, exp_year;
	bool is_default;
	struct instant created_at;
	struct maybe_instant detached_at;
};
static const struct field payment_method_fields[] = {
	FIELD(payment_method, id, ANY, "The payment method's id here."),
	FIELD(payment_method, provider, ANY, "The card processor that keeps it."),
	FIELD(payment_method, card_id, HIDDEN, "The processor's name of it."),
	FIELD(payment_method, brand, ANY, "The card's brand, as the processor writes it."),
	FIELD(payment_method, last4, ANY, "The last four digits of its number."),
	FIELD(payment_method, exp_month, ANY, "The month it expires in, 1 to 12."),
	FIELD(payment_method, exp_year, ANY, "The year it expires in."),
	FIELD_AS(payment_method, is_default, "isDefault", ANY, "Whether it is charged when no other is named."),
	FIELD(payment_method, created_at, ANY, "When it was attached."),
	FIELD(payment_method, detached_at, HIDDEN, "When it was detached."),
};
SHAPE(payment_method)

struct attachment {
	struct text payment_method_id;
};
static const struct field attachment_fields[] = {
	FIELD(attachment, payment_method_id, MATCHING(identifier_format, 4, IDENTIFIER_MOST),
	    "The processor's identifier of the card, as its form in the browser gave it."),
};
SHAPE(attachment)

struct payment_method_row {
	struct id payment_method_row_id;
};
static const struct field payment_method_row_fields[] = {
	FIELD(payment_method_row, payment_method_row_id, ANY, "The payment method, by its `id`."),
};
SHAPE(payment_method_row)

struct setup_secret {
	struct text client_secret;
	struct text setup_intent_id;
	struct text customer_id;
	struct text env;
};
static const char *const environments[] = { "test", "live", NULL };
static const struct field setup_secret_fields[] = {
	FIELD(setup_secret, client_secret, ANY, "The secret that the processor's form in the browser is given."),
	FIELD(setup_secret, setup_intent_id, ANY, "The processor's name of what was begun."),
	FIELD(setup_secret, customer_id, ANY, "The processor's name of the organization."),
	FIELD(setup_secret, env, ONE_OF(environments), "Whether real cards are charged: `live`, or else `test`."),
};
SHAPE(setup_secret)

struct detached {
	bool ok;
	struct id id;
};
static const struct field detached_fields[] = {
	FIELD(detached, ok, ANY, "It can't be charged any longer."),
	FIELD(detached, id, ANY, "The payment method."),
};
SHAPE(detached)

/* A card under its processor, and how many of something there are. */
struct card_count {
	struct text provider;
	struct text card_id;
	int64_t count;
};
static const struct field card_key_fields[] = {
	FIELD(card_count, provider, ANY, "The processor."),
	FIELD(card_count, card_id, ANY, "Its name of the card."),
};
VIEW(card_key, card_count)
static const struct field card_total_fields[] = {
	FIELD(card_count, count, ANY, "How many."),
};
VIEW(card_total, card_count)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

#define SELECT_METHOD                                                                                            \
	"SELECT id, provider, card_id, brand, last4, exp_month, exp_year, is_default AS isDefault, created_at, " \
	"detached_at"                                                                                            \
	" FROM payment_method WHERE organization_id = :organization"

static const struct statement list_methods = {
	.sql = SELECT_METHOD " AND detached_at IS NULL AND id < :cursor ORDER BY id DESC LIMIT :limit",
	.takes = &page_query_shape,
	.gives = &payment_method_shape,
};

static const struct statement lock_method = {
	.sql = SELECT_METHOD " AND id = :payment_method_row_id FOR UPDATE",
	.takes = &payment_method_row_shape,
	.gives = &payment_method_shape,
};

static const struct statement lock_card = {
	.sql = SELECT_METHOD " AND provider = :provider AND card_id = :card_id FOR UPDATE",
	.takes = &payment_method_shape,
	.gives = &payment_method_shape,
};

static const struct statement insert_method = {
	.sql = "INSERT INTO payment_method (id, organization_id, provider, card_id, brand, last4, exp_month, exp_year,"
	       " created_at) VALUES (:id, :organization, :provider, :card_id, :brand, :last4, :exp_month, :exp_year,"
	       " :created_at)",
	.takes = &payment_method_shape,
	.on_duplicate = CONFLICT,
};

static const struct statement count_defaults = {
	.sql = "SELECT COUNT(*) AS count FROM payment_method WHERE organization_id = :organization"
	       " AND default_of = :organization AND provider = :provider",
	.takes = &card_key_shape,
	.gives = &card_total_shape,
};

static const struct statement clear_default = {
	.sql = "UPDATE payment_method SET is_default = FALSE WHERE organization_id = :organization"
	       " AND default_of = :organization",
};

static const struct statement set_default = {
	.sql = "UPDATE payment_method SET is_default = TRUE WHERE organization_id = :organization"
	       " AND id = :payment_method_row_id",
	.takes = &payment_method_row_shape,
};

static const struct statement find_newest = {
	.sql = SELECT_METHOD " AND provider = :provider AND detached_at IS NULL ORDER BY id DESC LIMIT 1",
	.takes = &card_key_shape,
	.gives = &payment_method_shape,
};

static const struct statement mark_detached = {
	.sql = "UPDATE payment_method SET is_default = FALSE, detached_at = :now WHERE organization_id = :organization"
	       " AND id = :payment_method_row_id",
	.takes = &payment_method_row_shape,
};

static const struct statement count_open_payments = {
	.sql = "SELECT COUNT(*) AS count FROM payment WHERE organization_id = :organization"
	       " AND open_of = :organization AND provider = :provider AND card_id = :card_id",
	.takes = &card_key_shape,
	.gives = &card_total_shape,
};

/* ---- what is shared -------------------------------------------------------------------------------------------- */

static int64_t
until(void)
{
	return clock_monotonic_microseconds() + WITHIN_MICROSECONDS;
}

/* What the processor answered, as the caller is told it: nothing where it did what was asked. */
static const struct problem *
told(struct call *call, const struct provider_reply *reply)
{
	const char *message = reply->message.at != NULL ? reply->message.at : "The card processor refused it.";
	const struct problem *p;

	if (reply->answer == PROVIDER_DONE)
		return NULL;
	if (reply->answer == PROVIDER_SILENT)
		return fail_retry(call, UNAVAILABLE, AGAIN_SECONDS, "The card processor does not answer just now.");
	if (!reply->is_decline)
		return fail_field(call, "/payment_method_id", "refused", "%s", message);
	p = fail(call, CARD_DECLINED, "%s", message);
	return reply->code.at != NULL ? problem_with_text(call, p, "decline_code", reply->code.at) : p;
}

/* Locks the organization, and looks whether the caller still may. */
static const struct problem *
take_organization(struct call *call)
{
	enum role authority;

	return membership_begin(call, &authority);
}

/* One of the organization's payment methods, locked. */
static const struct problem *
take_method(struct call *call, const struct payment_method_row *in, struct payment_method *method)
{
	const struct problem *p = take_organization(call);

	return p != NULL ? p : sql_one(call, &lock_method, in, method);
}

static const struct problem *
not_attached(struct call *call)
{
	return fail(call, NOT_FOUND, "There is no such payment method.");
}

/* The old default goes before the new one comes: there is never more than one. */
static const struct problem *
make_default(struct call *call, struct payment_method *method)
{
	const struct payment_method_row row = { method->id };
	const struct problem *p = sql_run(call, &clear_default, NULL, NULL);

	if (p == NULL)
		p = sql_run(call, &set_default, &row, NULL);
	method->is_default = true;
	return p;
}

/* ---- payment_methods.create_setup_intent ----------------------------------------------------------------------- */

HANDLER_TWO_STEP(create_setup_intent, nothing, setup_secret)

static const struct operation create_setup_intent_operation = {
	.id = "payment_methods.create_setup_intent",
	.kind = TWO_STEP,
	.scope = BILLING_WRITE,
	.effect = EXPORTS,
	.slow = true,
	.seals_reply = true,
	.summary = "Begin to take a card: what the processor's form in the browser needs.",
	.description = "Card numbers go from the browser to the processor and never through here. What the form gives"
		       " back is attached with `payment_methods.attach`.",
	.raises = { CONFLICT },
	.run = &create_setup_intent_run,
};

static const struct problem *
create_setup_intent_intend(struct call *call, const struct nothing *in)
{
	const struct provider *provider;
	const struct problem *p = take_organization(call);

	(void)in;
	call->intent = arena_take(call->arena, sizeof(struct setup_secret));
	return p != NULL ? p : provider_need(call, &provider);
}

static const char *
environment(const struct provider *provider)
{
	bool test = provider == &sandbox_provider || strncmp(config.stripe_key, "sk_test_", 8) == 0 ||
		    strncmp(config.stripe_key, "rk_test_", 8) == 0;

	return test ? "test" : "live";
}

static const struct problem *
create_setup_intent_perform(struct call *call, const struct nothing *in)
{
	const struct provider *provider = provider_chosen();
	struct setup_secret *secret = call->intent;
	struct setup_intent made = { .reply.answer = PROVIDER_DONE };
	int64_t end = until();
	const struct problem *p = payment_customer_need(call, provider, end, &made.reply, &secret->customer_id);

	(void)in;
	if (p == NULL && made.reply.answer == PROVIDER_DONE)
		p = provider->setup(call, secret->customer_id,
		    payment_method_key(call, "setup", secret->customer_id, false), end, &made);
	if (p == NULL && made.reply.key_is_spent && secret->customer_id.length > 0)
		p = provider->setup(call, secret->customer_id,
		    payment_method_key(call, "setup", secret->customer_id, true), end, &made);
	if (p == NULL && made.reply.answer == PROVIDER_REFUSED)
		p = fail(call, CONFLICT, "The card processor refused: %s",
		    made.reply.message.at != NULL ? made.reply.message.at : "it gave no reason.");
	if (p == NULL)
		p = told(call, &made.reply);
	secret->client_secret = made.client_secret;
	secret->setup_intent_id = made.id;
	secret->env = text_from(environment(provider));
	return p;
}

static const struct problem *
create_setup_intent_book(struct call *call, const struct nothing *in, struct setup_secret *out)
{
	const struct claim_ref claim = claim_of(call);

	(void)in;
	*out = *(const struct setup_secret *)call->intent;
	return claim_answer(call, &claim, out);
}

/* ---- payment_methods.attach ------------------------------------------------------------------------------------ */

HANDLER_TWO_STEP(attach, attachment, payment_method)

static const struct operation attach_operation = {
	.id = "payment_methods.attach",
	.kind = TWO_STEP,
	.scope = BILLING_WRITE,
	.effect = COMPUTES,
	.slow = true,
	.summary = "Attach a card, so that it can be charged.",
	.description = "The first card becomes the default. A card that is attached already stays as it is. The sandbox"
		       " takes the names of test cards: `pm_card_visa` works, `pm_card_chargeDeclined` attaches and is"
		       " declined when it is charged.",
	.raises = { CARD_DECLINED, CONFLICT },
	.run = &attach_run,
};

/* The row's id is chosen here, for the audit; a card that is attached already keeps its own. */
static const struct problem *
attach_intend(struct call *call, const struct attachment *in)
{
	struct payment_method *method = arena_take(call->arena, sizeof(*method)), known;
	const struct provider *provider;
	bool found = false;
	const struct problem *p = take_organization(call);

	call->intent = method;
	if (p == NULL)
		p = provider_need(call, &provider);
	if (p != NULL)
		return p;
	method->provider = text_from(provider->name);
	method->card_id = in->payment_method_id;
	p = sql_maybe(call, &lock_card, method, &known, &found);
	method->id = p == NULL && found ? known.id : id_new(call->now);
	call->target = id_given(method->id);
	return p;
}

static const struct problem *
attach_perform(struct call *call, const struct attachment *in)
{
	const struct provider *provider = provider_chosen();
	struct payment_method *method = call->intent;
	struct provider_card card = { .reply.answer = PROVIDER_DONE };
	struct text customer_id;
	int64_t end = until();
	const struct problem *p = payment_customer_need(call, provider, end, &card.reply, &customer_id);

	if (p == NULL && card.reply.answer == PROVIDER_DONE)
		p = provider->attach(call, customer_id, in->payment_method_id,
		    payment_method_key(call, "attach", in->payment_method_id, false), end, &card);
	if (p == NULL && card.reply.key_is_spent && customer_id.length > 0)
		p = provider->attach(call, customer_id, in->payment_method_id,
		    payment_method_key(call, "attach", in->payment_method_id, true), end, &card);
	if (p == NULL)
		p = told(call, &card.reply);
	*method = (struct payment_method){ .id = method->id,
		.provider = text_from(provider->name),
		.card_id = card.id,
		.brand = card.brand,
		.last4 = card.last4,
		.exp_month = card.exp_month,
		.exp_year = card.exp_year };
	return p;
}

static const struct problem *
add_method(struct call *call, struct payment_method *method)
{
	const struct card_count key = { .provider = method->provider };
	struct card_count defaults = { .count = 0 };
	const struct problem *p;

	method->created_at = call->now;
	p = sql_run(call, &insert_method, method, NULL);
	if (p == NULL)
		p = sql_one(call, &count_defaults, &key, &defaults);
	return p != NULL || defaults.count > 0 ? p : make_default(call, method);
}

static const struct problem *
attach_book(struct call *call, const struct attachment *in, struct payment_method *out)
{
	const struct payment_method *attached = call->intent;
	const struct claim_ref claim = claim_of(call);
	struct payment_method method = *attached, known;
	bool found;
	const struct problem *p = take_organization(call);

	(void)in;
	if (p == NULL)
		p = sql_maybe(call, &lock_card, attached, &known, &found);
	if (p != NULL)
		return p;
	if (found && known.detached_at.given)
		return fail(call, CONFLICT, "This card was detached; take it anew and attach what that gives.");
	if (found)
		method = known;
	else
		p = add_method(call, &method);
	*out = method;
	return p != NULL ? p : claim_answer(call, &claim, out);
}

/* ---- payment_methods.list -------------------------------------------------------------------------------------- */

HANDLER_EACH(list_payment_methods, page_query, payment_method)

static const struct operation list_operation = {
	.id = "payment_methods.list",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "List the cards that are attached, newest first.",
	.page_key = "id",
	.run = &list_payment_methods_run,
};

static const struct problem *
list_payment_methods(struct call *call, const struct page_query *in, struct sink *sink)
{
	return sql_page(call, &list_methods, in, sink);
}

/* ---- payment_methods.set_default ------------------------------------------------------------------------------- */

HANDLER(set_default_method, payment_method_row, payment_method)

static const struct operation set_default_operation = {
	.id = "payment_methods.set_default",
	.kind = WRITE,
	.scope = BILLING_WRITE,
	.effect = COMPUTES,
	.summary = "Make a card the one that is charged when no other is named.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &set_default_method_run,
};

static const struct problem *
set_default_method(struct call *call, const struct payment_method_row *in, struct payment_method *out)
{
	const struct provider *provider;
	const struct problem *p = take_method(call, in, out);

	if (p == NULL && out->detached_at.given)
		p = not_attached(call);
	if (p == NULL)
		p = provider_need(call, &provider);
	if (p == NULL && !text_is(out->provider, provider->name))
		p = fail(call, CONFLICT, "This card is at a card processor that is not in use any more.");
	return p != NULL || out->is_default ? p : make_default(call, out);
}

/* ---- payment_methods.detach ------------------------------------------------------------------------------------ */

HANDLER_TWO_STEP(detach, payment_method_row, detached)

static const struct operation detach_operation = {
	.id = "payment_methods.detach",
	.kind = TWO_STEP,
	.scope = BILLING_WRITE,
	.effect = DESTROYS,
	.slow = true,
	.summary = "Detach a card for good.",
	.description = "Where it was the default, the newest other card becomes it. A card that a payment is under way"
		       " with can't be detached.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &detach_run,
};

static const struct problem *
refuse_open_payment(struct call *call, const struct payment_method *method)
{
	const struct card_count key = { .provider = method->provider, .card_id = method->card_id };
	struct card_count open;
	const struct problem *p = sql_one(call, &count_open_payments, &key, &open);

	if (p == NULL && open.count > 0)
		p = fail(call, CONFLICT, "A payment with this card is under way; wait until it has ended.");
	return p;
}

static const struct problem *
detach_intend(struct call *call, const struct payment_method_row *in)
{
	struct payment_method *method = arena_take(call->arena, sizeof(*method));
	const struct problem *p = take_method(call, in, method);

	call->intent = method;
	if (p == NULL && method->detached_at.given)
		p = not_attached(call);
	return p != NULL ? p : refuse_open_payment(call, method);
}

/* What the processor refuses is mended by the operator, or by itself; until then the card is still there. */
static const struct problem *
detach_perform(struct call *call, const struct payment_method_row *in)
{
	const struct payment_method *method = call->intent;
	const struct provider *provider = provider_named(method->provider);
	struct provider_reply reply = { .answer = PROVIDER_DONE };
	const struct problem *p;

	(void)in;
	if (provider == NULL)
		return fail_internal(call, "a card of the unknown processor %s", method->provider.at);
	p = provider->detach(call, method->card_id, until(), &reply);
	if (reply.answer == PROVIDER_REFUSED)
		reply = (struct provider_reply){ .answer = PROVIDER_SILENT };
	return p != NULL ? p : told(call, &reply);
}

static const struct problem *
hand_default_on(struct call *call)
{
	const struct provider *provider = provider_chosen();
	struct card_count key = { .count = 0 };
	struct payment_method newest;
	const struct problem *p;
	bool found;

	if (provider == NULL)
		return NULL;
	key.provider = text_from(provider->name);
	p = sql_maybe(call, &find_newest, &key, &newest, &found);
	return p != NULL || !found ? p : make_default(call, &newest);
}

static const struct problem *
detach_book(struct call *call, const struct payment_method_row *in, struct detached *out)
{
	const struct claim_ref claim = claim_of(call);
	struct payment_method method;
	const struct problem *p = take_method(call, in, &method);

	if (p == NULL && !method.detached_at.given)
		p = sql_run(call, &mark_detached, in, NULL);
	if (p == NULL && !method.detached_at.given && method.is_default)
		p = hand_default_on(call);
	*out = (struct detached){ true, in->payment_method_row_id };
	return p != NULL ? p : claim_answer(call, &claim, out);
}

const struct resource payment_methods_resource = {
	.name = "payment_methods",
	.summary = "The cards an organization pays with.",
	.operations = LIST_OF(operation, &create_setup_intent_operation, &attach_operation, &list_operation,
	    &set_default_operation, &detach_operation),
	.statements = LIST_OF(statement, &list_methods, &lock_method, &lock_card, &insert_method, &count_defaults,
	    &clear_default, &set_default, &find_newest, &mark_detached, &count_open_payments),
};
