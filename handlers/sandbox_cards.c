/*
 * The sandbox's customers and their cards. Attaching a test card by its name makes a card of its own that behaves like
 * it; a repetition with the same key gives the same card.
 */
#include "sandbox.h"

#include "clock.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

enum { EXPIRY_MONTH = 12, EXPIRY_YEARS = 4, YEAR_ZERO = 1900 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct sandbox_customer {
	struct text id;
	struct id organization_id;
};
static const struct field sandbox_customer_fields[] = {
	FIELD(sandbox_customer, id, ANY, "The customer."),
	FIELD(sandbox_customer, organization_id, ANY, "Whom it stands for."),
};
SHAPE(sandbox_customer)

struct sandbox_setup {
	struct text id;
	struct text customer_id;
	struct text client_secret;
	struct text idempotency_key;
};
static const struct field sandbox_setup_fields[] = {
	FIELD(sandbox_setup, id, ANY, "The setup intent."),
	FIELD(sandbox_setup, customer_id, ANY, "Whose card it will be."),
	FIELD(sandbox_setup, client_secret, ANY, "What the person's browser is given."),
	FIELD(sandbox_setup, idempotency_key, ANY, "The key of the request."),
};
SHAPE(sandbox_setup)

struct sandbox_card {
	struct text id;
	struct text customer_id;
	struct text kind;
	int64_t exp_month, exp_year;
	struct text idempotency_key;
	struct maybe_instant detached_at;
};
static const struct field sandbox_card_fields[] = {
	FIELD(sandbox_card, id, ANY, "The card."),
	FIELD(sandbox_card, customer_id, ANY, "Whose it is."),
	FIELD(sandbox_card, kind, ANY, "The test card it behaves like."),
	FIELD(sandbox_card, exp_month, ANY, "Month of its expiry."),
	FIELD(sandbox_card, exp_year, ANY, "Year of its expiry."),
	FIELD(sandbox_card, idempotency_key, ANY, "The key of the request that attached it."),
	FIELD(sandbox_card, detached_at, ANY, "Since when it can't be used."),
};
SHAPE(sandbox_card)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement insert_customer = {
	.sql = "INSERT INTO sandbox_customer (id, organization_id, created_at) VALUES (:id, :organization_id, :now)",
	.takes = &sandbox_customer_shape,
	.duplicate_is_zero = true,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement find_customer = {
	.sql = "SELECT id, organization_id FROM sandbox_customer WHERE organization_id = :organization_id",
	.takes = &sandbox_customer_shape,
	.gives = &sandbox_customer_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement find_customer_by_id = {
	.sql = "SELECT id, organization_id FROM sandbox_customer WHERE id = :customer_id",
	.takes = &sandbox_card_shape,
	.gives = &sandbox_customer_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement insert_setup = {
	.sql = "INSERT INTO sandbox_setup (id, customer_id, client_secret, idempotency_key, created_at)"
	       " VALUES (:id, :customer_id, :client_secret, :idempotency_key, :now)",
	.takes = &sandbox_setup_shape,
	.duplicate_is_zero = true,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement find_setup = {
	.sql = "SELECT id, customer_id, client_secret, idempotency_key FROM sandbox_setup"
	       " WHERE idempotency_key = :idempotency_key",
	.takes = &sandbox_setup_shape,
	.gives = &sandbox_setup_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

#define SELECT_CARD "SELECT id, customer_id, kind, exp_month, exp_year, idempotency_key, detached_at FROM sandbox_card"

static const struct statement insert_card = {
	.sql = "INSERT INTO sandbox_card (id, customer_id, kind, exp_month, exp_year, idempotency_key, created_at)"
	       " VALUES (:id, :customer_id, :kind, :exp_month, :exp_year, :idempotency_key, :now)",
	.takes = &sandbox_card_shape,
	.duplicate_is_zero = true,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement find_card_by_key = {
	.sql = SELECT_CARD " WHERE idempotency_key = :idempotency_key",
	.takes = &sandbox_card_shape,
	.gives = &sandbox_card_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement find_card = {
	.sql = SELECT_CARD " WHERE id = :id",
	.takes = &sandbox_card_shape,
	.gives = &sandbox_card_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement detach_card = {
	.sql = "UPDATE sandbox_card SET detached_at = COALESCE(detached_at, :now) WHERE id = :id",
	.takes = &sandbox_card_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

/* ---- what is refused ------------------------------------------------------------------------------------------- */

static struct provider_reply
no_such(struct call *call, const char *what, struct text id)
{
	return sandbox_refusal("resource_missing", arena_format(call->arena, "No such %s: '%s'.", what, id.at));
}

static struct provider_reply
key_reused(void)
{
	return sandbox_refusal("idempotency_error", TEXT("This key was used before, for another request."));
}

/* ---- customers ------------------------------------------------------------------------------------------------- */

static const struct problem *
take_customer(struct call *call, void *context)
{
	struct sandbox_customer *customer = context;
	struct sandbox_customer asked = { sandbox_identifier(call, "cus_"), customer->organization_id };
	const struct problem *p = sql_run(call, &insert_customer, &asked, NULL);

	return p != NULL ? p : sql_one(call, &find_customer, &asked, customer);
}

const struct problem *
sandbox_customer(
    struct call *call, struct id organization, int64_t until, struct provider_reply *reply, struct text *customer_id)
{
	struct sandbox_customer customer = { .organization_id = organization };
	const struct problem *p = sandbox_apart(call, take_customer, &customer);

	(void)until;
	*reply = (struct provider_reply){ .answer = PROVIDER_DONE };
	*customer_id = customer.id;
	return p;
}

static const struct problem *
has_customer(struct call *call, struct text customer_id, bool *found)
{
	struct sandbox_card asked = { .customer_id = customer_id };
	struct sandbox_customer customer;

	return sql_maybe(call, &find_customer_by_id, &asked, &customer, found);
}

/* ---- setup intents --------------------------------------------------------------------------------------------- */

struct setting_up {
	struct text customer_id;
	struct text key;
	struct setup_intent *out;
};

static const struct problem *
set_up(struct call *call, void *context)
{
	struct setting_up *setting = context;
	struct sandbox_setup asked = { sandbox_identifier(call, "seti_"), setting->customer_id, { 0 }, setting->key };
	struct sandbox_setup made;
	bool found;
	const struct problem *p = has_customer(call, setting->customer_id, &found);

	*setting->out = (struct setup_intent){ .reply.answer = PROVIDER_DONE };
	if (p == NULL && !found)
		setting->out->reply = no_such(call, "customer", setting->customer_id);
	if (p != NULL || !found)
		return p;
	asked.client_secret = sandbox_identifier(call, arena_format(call->arena, "%s_secret_", asked.id.at).at);
	p = sql_run(call, &insert_setup, &asked, NULL);
	if (p == NULL)
		p = sql_one(call, &find_setup, &asked, &made);
	if (p != NULL)
		return p;
	setting->out->id = made.id;
	setting->out->client_secret = made.client_secret;
	if (!text_equal(made.customer_id, setting->customer_id))
		setting->out->reply = key_reused();
	return NULL;
}

const struct problem *
sandbox_setup(struct call *call, struct text customer_id, const char *key, int64_t until, struct setup_intent *out)
{
	struct setting_up setting = { customer_id, text_from(key), out };

	(void)until;
	return sandbox_apart(call, set_up, &setting);
}

/* ---- attaching ------------------------------------------------------------------------------------------------- */

struct attaching {
	struct text customer_id;
	struct text name;
	struct text key;
	struct provider_card *out;
};

static void
tell_card(const struct sandbox_card *card, struct provider_card *out)
{
	const struct sandbox_kind *kind = sandbox_kind_named(card->kind);

	*out = (struct provider_card){ .reply.answer = PROVIDER_DONE,
		.id = card->id,
		.brand = text_from(kind->brand),
		.last4 = text_from(kind->last4),
		.exp_month = card->exp_month,
		.exp_year = card->exp_year };
}

static struct sandbox_card
new_card(struct call *call, const struct attaching *attaching, const struct sandbox_kind *kind)
{
	int microseconds;
	struct tm now;

	instant_to_utc(call->now, &now, &microseconds);
	return (struct sandbox_card){ .id = sandbox_identifier(call, "pm_"),
		.customer_id = attaching->customer_id,
		.kind = text_from(kind->name),
		.exp_month = EXPIRY_MONTH,
		.exp_year = now.tm_year + YEAR_ZERO + EXPIRY_YEARS,
		.idempotency_key = attaching->key };
}

static const struct problem *
attach_new(struct call *call, const struct attaching *attaching, const struct sandbox_kind *kind)
{
	struct sandbox_card asked = new_card(call, attaching, kind), made;
	const struct problem *p;
	bool found;

	if (kind->outcome == SANDBOX_UNATTACHABLE) {
		attaching->out->reply = sandbox_refusal(kind->code, sandbox_message(text_from(kind->code)));
		attaching->out->reply.is_decline = true;
		return NULL;
	}
	p = has_customer(call, attaching->customer_id, &found);
	if (p == NULL && !found)
		attaching->out->reply = no_such(call, "customer", attaching->customer_id);
	if (p != NULL || !found)
		return p;
	p = sql_run(call, &insert_card, &asked, NULL);
	if (p == NULL)
		p = sql_one(call, &find_card_by_key, &asked, &made);
	if (p != NULL)
		return p;
	tell_card(&made, attaching->out);
	if (!text_equal(made.customer_id, asked.customer_id) || !text_equal(made.kind, asked.kind))
		attaching->out->reply = key_reused();
	return NULL;
}

/* A card that somebody has attached before. */
static const struct problem *
attach_again(struct call *call, const struct attaching *attaching)
{
	struct sandbox_card asked = { .id = attaching->name }, card;
	bool found;
	const struct problem *p = sql_maybe(call, &find_card, &asked, &card, &found);

	if (p != NULL)
		return p;
	if (!found)
		attaching->out->reply = no_such(call, "payment method", attaching->name);
	else if (!text_equal(card.customer_id, attaching->customer_id))
		attaching->out->reply = sandbox_refusal(
		    "resource_already_exists", TEXT("This payment method is attached to another customer."));
	else if (card.detached_at.given)
		attaching->out->reply = sandbox_refusal("payment_method_unexpected_state",
		    TEXT("This payment method was detached, and can not be attached again."));
	else
		tell_card(&card, attaching->out);
	return NULL;
}

static const struct problem *
attach(struct call *call, void *context)
{
	const struct attaching *attaching = context;
	const struct sandbox_kind *kind = sandbox_kind_named(attaching->name);

	*attaching->out = (struct provider_card){ .reply.answer = PROVIDER_DONE };
	return kind != NULL ? attach_new(call, attaching, kind) : attach_again(call, attaching);
}

const struct problem *
sandbox_attach(struct call *call, struct text customer_id, struct text payment_method_id, const char *key,
    int64_t until, struct provider_card *out)
{
	struct attaching attaching = { customer_id, payment_method_id, text_from(key), out };

	(void)until;
	return sandbox_apart(call, attach, &attaching);
}

/* ---- detaching ------------------------------------------------------------------------------------------------- */

struct detaching {
	struct text card_id;
	struct provider_reply *out;
};

static const struct problem *
detach(struct call *call, void *context)
{
	struct detaching *detaching = context;
	struct sandbox_card asked = { .id = detaching->card_id };

	*detaching->out = (struct provider_reply){ .answer = PROVIDER_DONE };
	return sql_run(call, &detach_card, &asked, NULL);
}

const struct problem *
sandbox_detach(struct call *call, struct text card_id, int64_t until, struct provider_reply *out)
{
	struct detaching detaching = { card_id, out };

	(void)until;
	return sandbox_apart(call, detach, &detaching);
}

/* ---- for charges ----------------------------------------------------------------------------------------------- */

const struct problem *
sandbox_find_card(
    struct call *call, struct text customer_id, struct text card_id, const struct sandbox_kind **kind, bool *found)
{
	struct sandbox_card asked = { .id = card_id }, card;
	const struct problem *p = sql_maybe(call, &find_card, &asked, &card, found);

	*found = p == NULL && *found && text_equal(card.customer_id, customer_id) && !card.detached_at.given;
	*kind = *found ? sandbox_kind_named(card.kind) : NULL;
	return p;
}

const struct resource sandbox_cards_resource = {
	.name = "sandbox_cards",
	.summary = "The sandbox's customers and cards.",
	.statements = LIST_OF(statement, &insert_customer, &find_customer, &find_customer_by_id, &insert_setup,
	    &find_setup, &insert_card, &find_card_by_key, &find_card, &detach_card),
};
