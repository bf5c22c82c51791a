/*
 * Buying credits by card, at once, and looking at what was bought.
 */
#include "topups.h"

#include <inttypes.h>

#include "formats.h"
#include "id.h"
#include "ledger.h"
#include "money.h"
#include "organization.h"
#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

enum { LEAST_CREDITS = 50 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *const statuses[] = { "processing", "requires_action", "succeeded", "failed", NULL };

static const struct field topup_fields[] = {
	FIELD(topup, id, ANY, "The top-up."),
	FIELD(topup, status, ONE_OF(statuses),
	    "How far it is. `requires_action`: the card's holder has to authenticate, with the client secret."),
	FIELD(topup, credits, ANY, "Credits: booked where it succeeded, else asked for."),
	FIELD(topup, amount, ANY, "What was received where it succeeded, else what is to be charged; tax included."),
	FIELD(topup, currency, ANY, "Of the amount."),
	FIELD(topup, payment_intent_id, ANY, "The processor's name of the charge, once there is one."),
	FIELD(topup, client_secret, LEFT_OUT,
	    "For the processor's library in the buyer's browser; only while it waits, and for who may buy."),
	FIELD(topup, decline_code, ANY, "Why it failed, where it did."),
	FIELD(topup, description, ANY, "In the buyer's words."),
	FIELD(topup, refunded, ANY, "What was given back of the amount."),
	FIELD(topup, balance, ANY,
	    "The organization's credits behind it, available and reserved; so far where it is at work."),
	FIELD(topup, created_at, ANY, "When it was begun."),
};
const struct shape topup_shape = {
	.name = "topup",
	.size = sizeof(struct topup),
	.count = COUNT(topup_fields),
	.fields = topup_fields,
};

struct new_topup {
	struct maybe_credits credits;
	struct maybe_amount amount;
	struct maybe_text currency;
	struct maybe_id payment_method_id;
	struct maybe_text description;
};
static const struct field new_topup_fields[] = {
	FIELD(new_topup, credits, RANGE(LEAST_CREDITS, LEDGER_MOST), "How many to buy; or say the amount."),
	FIELD(new_topup, amount, AT_LEAST(1), "For how much to buy, tax included; a whole number of credits."),
	FIELD(new_topup, currency, ONE_OF(organization_currencies), "The organization's; needed beside the amount."),
	FIELD(new_topup, payment_method_id, ANY, "The card's row; the default card where it is left out."),
	FIELD(new_topup, description, MATCHING(plain_format, 1, 500), "What for, for those who read statements."),
};
static const struct shape new_topup_shape = {
	.name = "new_topup",
	.size = sizeof(struct new_topup),
	.count = COUNT(new_topup_fields),
	.fields = new_topup_fields,
	.freeform = true,
};

struct topup_ref {
	struct id topup_id;
};
static const struct field topup_ref_fields[] = {
	FIELD(topup_ref, topup_id, ANY, "The top-up."),
};
SHAPE(topup_ref)

struct topup_list {
	PAGE_MEMBERS;
	struct maybe_text status;
};
static const struct field topup_list_fields[] = {
	PAGE_FIELDS(topup_list),
	FIELD(topup_list, status, ONE_OF(statuses), "Only those that are so far."),
};
SHAPE(topup_list)

struct present_balance {
	struct credits balance;
};
static const struct field present_balance_fields[] = {
	FIELD(present_balance, balance, ANY, "Available and reserved."),
};
SHAPE(present_balance)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement read_balance = {
	.sql = "SELECT available + reserved AS balance FROM book WHERE organization_id = :organization",
	.gives = &present_balance_shape,
};

static const struct statement list_newest = {
	.sql = "SELECT " PAYMENT_COLUMNS " FROM payment WHERE organization_id = :organization AND id < :cursor"
	       " AND purpose <> 'invoice'"
	       " AND (:status IS NULL OR state = :status"
	       " OR (:status = 'processing' AND state IN ('pending', 'charging', 'unknown')))"
	       " ORDER BY id DESC LIMIT :limit",
	.takes = &topup_list_shape,
	.gives = &payment_shape,
};

/* ---- what is shown --------------------------------------------------------------------------------------------- */

static struct topup
shown(const struct payment *payment, struct credits present)
{
	bool succeeded = text_is(payment->state, "succeeded");

	return (struct topup){ .id = payment->id,
		.status = payment_status(payment),
		.credits = succeeded ? payment->granted : payment->credits,
		.amount = succeeded ? payment->received : payment->amount,
		.currency = payment->currency,
		.payment_intent_id = payment->intent_id,
		.decline_code = payment->error_code,
		.description = payment->description,
		.refunded = payment->refunded,
		.balance = payment->balance.given ? payment->balance.value : present,
		.created_at = payment->created_at };
}

const struct problem *
topup_show(struct call *call, const struct payment *payment, struct topup *out)
{
	struct present_balance present = { { 0 } };
	const struct problem *p = payment->balance.given ? NULL : sql_one(call, &read_balance, NULL, &present);

	if (p != NULL)
		return p;
	*out = shown(payment, present.balance);
	out->client_secret = payment_client_secret(call, payment);
	return NULL;
}

const struct problem *
topup_answer(struct call *call, const struct payment *payment)
{
	struct topup out;
	const struct problem *p = topup_show(call, payment, &out);

	return p != NULL ? p : claim_answer(call, &payment->claim, &out);
}

/* ---- billing.topup --------------------------------------------------------------------------------------------- */

HANDLER_TWO_STEP(topup, new_topup, topup)

static const struct operation topup_operation = {
	.id = "billing.topup",
	.kind = TWO_STEP,
	.scope = BILLING_WRITE,
	.effect = SPENDS,
	.bucket = BUCKET_CHARGE,
	.slow = true,
	.seals_reply = true,
	.status = 201,
	.summary = "Buy credits, charged to a card at once.",
	.description =
	    "Say either `credits`, or `amount` and `currency`; 50 credits at least. The status `succeeded` is told only"
	    " when the credits are booked. `processing` means that the outcome is not known yet: repeat the request "
	    "with"
	    " its Idempotency-Key, or read the top-up. One purchase is at work at a time; one that waits for its buyer"
	    " is cancelled by the next. Whatever happens between, a top-up is charged at most once.",
	.raises = { CARD_REQUIRED, CARD_DECLINED, NOT_FOUND, APPROVAL_REQUIRED, TOPUP_IN_PROGRESS, CONFLICT },
	.run = &topup_run,
};

struct topping_up {
	struct payment payment;
	struct charge outcome;
};

static const struct problem *
check_currency(struct call *call, const struct new_topup *in, struct text currency)
{
	if (in->currency.at == NULL)
		return in->amount.given
			   ? fail_field(call, "/currency", "missing", "An amount needs its currency beside it.")
			   : NULL;
	if (!text_equal((struct text){ in->currency.at, in->currency.length }, currency))
		return fail_field(call, "/currency", "not_allowed", "The organization pays in %s.", currency.at);
	return NULL;
}

/* As many credits as the amount is the exact price of. */
static const struct problem *
credits_for(struct call *call, struct amount amount, struct amount each, struct credits *credits)
{
	if (amount.micros % MINOR_UNIT_MICROS != 0)
		return fail_field(call, "/amount", "out_of_range", "A card is charged whole hundredths.");
	if (amount.micros % each.micros != 0)
		return fail_field(call, "/amount", "out_of_range", "This buys no whole number of credits.");
	credits->count = amount.micros / each.micros;
	if (credits->count < LEAST_CREDITS)
		return fail_field(
		    call, "/amount", "out_of_range", "At least %d credits are sold at once.", LEAST_CREDITS);
	if (credits->count > LEDGER_MOST)
		return fail_field(call, "/amount", "out_of_range", "So many credits are not sold at once.");
	return NULL;
}

static const struct problem *
read_order(struct call *call, const struct new_topup *in, struct payment_order *order)
{
	struct price one;
	const struct problem *p;

	if (in->credits.given == in->amount.given)
		return in->credits.given
			   ? fail_field(call, "/amount", "not_allowed", "Say either the credits or the amount.")
			   : fail_field(call, "/credits", "missing", "Say how many credits, or for what amount.");
	p = payment_price(call, (struct credits){ 1 }, &one);
	if (p == NULL)
		p = check_currency(call, in, one.currency);
	if (p != NULL)
		return p;
	*order = (struct payment_order){ .purpose = PAYMENT_TOPUP,
		.credits = in->credits.value,
		.payment_method_id = in->payment_method_id,
		.description = in->description };
	return in->amount.given ? credits_for(call, in->amount.value, one.each, &order->credits) : NULL;
}

static const struct problem *
topup_intend(struct call *call, const struct new_topup *in)
{
	struct topping_up *topping_up = arena_take(call->arena, sizeof(*topping_up));
	struct organization organization;
	struct payment_order order = { .purpose = PAYMENT_TOPUP };
	const struct provider *provider;
	const struct problem *p = read_order(call, in, &order);

	call->intent = topping_up;
	if (p == NULL)
		p = provider_need(call, &provider);
	if (p == NULL)
		p = organization_lock(call, &organization);
	if (p == NULL)
		p = payment_ask_free(call, false);
	if (p == NULL)
		p = payment_check_threshold(call, order.credits, "");
	if (p == NULL)
		p = payment_intend(call, &order, &topping_up->payment);
	if (p == NULL)
		call->target = id_given(topping_up->payment.id);
	return p;
}

static const struct problem *
topup_perform(struct call *call, const struct new_topup *in)
{
	struct topping_up *topping_up = call->intent;

	(void)in;
	return payment_perform(call, &topping_up->payment, &topping_up->outcome);
}

static const struct problem *
topup_book(struct call *call, const struct new_topup *in, struct topup *out)
{
	struct topping_up *topping_up = call->intent;
	struct payment booked;
	const struct problem *p = payment_book(call, &topping_up->payment, &topping_up->outcome, &booked);

	(void)in;
	if (p == NULL)
		p = payment_refusal(call, &booked);
	return p != NULL ? p : topup_show(call, &booked, out);
}

/* ---- billing.topups.get ---------------------------------------------------------------------------------------- */

HANDLER(get_topup, topup_ref, topup)

static const struct operation get_operation = {
	.id = "billing.topups.get",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "Read one top-up: how far it is, and what it brought.",
	.raises = { NOT_FOUND },
	.run = &get_topup_run,
};

static const struct problem *
get_topup(struct call *call, const struct topup_ref *in, struct topup *out)
{
	struct payment payment;
	bool found;
	const struct problem *p = payment_read(call, in->topup_id, &payment, &found);

	if (p == NULL && (!found || payment.invoice_id.given))
		p = fail(call, NOT_FOUND, "There is no such top-up.");
	if (p == NULL)
		p = topup_show(call, &payment, out);
	if (p == NULL && (call->principal.scopes & scope_bit(BILLING_WRITE)) == 0)
		out->client_secret = (struct maybe_text){ .at = NULL };
	return p;
}

/* ---- billing.topups.list --------------------------------------------------------------------------------------- */

HANDLER_EACH(list_topups, topup_list, topup)

static const struct operation list_operation = {
	.id = "billing.topups.list",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "List the organization's top-ups, automatic and approved ones included, newest first.",
	.page_key = "id",
	.run = &list_topups_run,
};

struct topup_rows {
	struct sink *sink;
	struct credits present;
};

static const struct problem *
put_topup(struct call *call, void *context, const void *row)
{
	const struct topup_rows *rows = context;
	struct topup out = shown(row, rows->present);

	(void)call;
	return sink_row(rows->sink, &out);
}

static const struct problem *
list_topups(struct call *call, const struct topup_list *in, struct sink *sink)
{
	struct present_balance present;
	struct topup_rows rows = { .sink = sink };
	const struct problem *p = sql_one(call, &read_balance, NULL, &present);

	if (p != NULL)
		return p;
	rows.present = present.balance;
	return sql_each(call, &list_newest, in, put_topup, &rows);
}

const struct resource topups_resource = {
	.name = "billing.topups",
	.summary = "Buying credits by card.",
	.operations = LIST_OF(operation, &topup_operation, &get_operation, &list_operation),
	.statements = LIST_OF(statement, &read_balance, &list_newest),
};
