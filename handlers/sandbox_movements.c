/*
 * What moved at the sandbox: refunds, and the lists of charges, refunds and receipts that others read.
 */
#include "sandbox.h"

#include "clock.h"
#include "id.h"
#include "money.h"
#include "resources.h"
#include "sandbox_intent.h"
#include "statement.h"
#include "text.h"

enum { MOVEMENTS_A_PAGE = 500, NUMBER_CHARACTERS = 10 };

/* ---- refunds --------------------------------------------------------------------------------------------------- */

struct sandbox_refund {
	struct text id;
	struct text intent_id;
	struct amount amount;
	struct text idempotency_key;
};
static const struct field sandbox_refund_fields[] = {
	FIELD(sandbox_refund, id, ANY, "The refund."),
	FIELD(sandbox_refund, intent_id, ANY, "Of which charge."),
	FIELD(sandbox_refund, amount, ANY, "How much."),
	FIELD(sandbox_refund, idempotency_key, ANY, "The key of the request."),
};
SHAPE(sandbox_refund)

static const struct statement find_refund = {
	.sql = "SELECT id, intent_id, amount, idempotency_key FROM sandbox_refund"
	       " WHERE idempotency_key = :idempotency_key",
	.takes = &sandbox_refund_shape,
	.gives = &sandbox_refund_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement insert_refund = {
	.sql = "INSERT INTO sandbox_refund (id, intent_id, amount, idempotency_key, created_at)"
	       " VALUES (:id, :intent_id, :amount, :idempotency_key, :now)",
	.takes = &sandbox_refund_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

struct refunding {
	struct text intent_id;
	struct amount amount;
	struct text currency;
	struct text key;
	struct provider_refund *out;
};

/* Why it can't be; an answer of PROVIDER_DONE where it can. */
static struct provider_reply
judge(const struct refunding *refunding, const struct sandbox_intent *intent, struct instant now)
{
	bool charged = intent->charged_at.given && !instant_before(now, intent->charged_at.value);

	if (!charged)
		return sandbox_refusal("charge_not_refundable", TEXT("Nothing was charged that could be given back."));
	if (!text_equal(refunding->currency, intent->currency))
		return sandbox_refusal("currency_mismatch", TEXT("The charge was in another currency."));
	if (refunding->amount.micros <= 0 || refunding->amount.micros % MINOR_UNIT_MICROS != 0 ||
	    refunding->amount.micros > intent->amount.micros - intent->refunded.micros)
		return sandbox_refusal("amount_too_large", TEXT("The amount is not among what is left of the charge."));
	return (struct provider_reply){ .answer = PROVIDER_DONE };
}

static const struct problem *
give_back(struct call *call, const struct refunding *refunding, struct sandbox_intent *intent)
{
	const struct sandbox_refund refund = { sandbox_identifier(call, "re_"), intent->id, refunding->amount,
		refunding->key };
	struct provider_refund *out = refunding->out;
	const struct problem *p;

	out->reply = judge(refunding, intent, call->now);
	if (out->reply.answer != PROVIDER_DONE)
		return NULL;
	if (!amount_add(intent->refunded, refunding->amount, &intent->refunded))
		return fail_internal(call, "a refund beyond all bounds of %s", intent->id.at);
	p = sql_run(call, &insert_refund, &refund, NULL);
	if (p == NULL)
		p = sandbox_change_intent(call, intent);
	out->id = refund.id;
	out->refunded = intent->refunded;
	return p;
}

static const struct problem *
refund(struct call *call, void *context)
{
	struct refunding *refunding = context;
	struct provider_refund *out = refunding->out;
	struct sandbox_refund asked = { .idempotency_key = refunding->key }, first;
	struct sandbox_intent intent;
	bool found;
	const struct problem *p = sandbox_lock_intent(call, refunding->intent_id, &intent, &found);

	*out = (struct provider_refund){ .reply.answer = PROVIDER_DONE };
	if (p == NULL && !found)
		out->reply = sandbox_refusal("resource_missing", TEXT("There is no such charge."));
	if (p != NULL || !found)
		return p;
	p = sql_maybe(call, &find_refund, &asked, &first, &found);
	if (p != NULL)
		return p;
	if (!found)
		return give_back(call, refunding, &intent);
	out->id = first.id;
	out->refunded = intent.refunded;
	if (!text_equal(first.intent_id, intent.id) || first.amount.micros != refunding->amount.micros)
		out->reply =
		    sandbox_refusal("idempotency_error", TEXT("This key was used before, for another request."));
	return NULL;
}

const struct problem *
sandbox_refund(struct call *call, struct text intent_id, struct amount amount, struct text currency, const char *key,
    int64_t until, struct provider_refund *out)
{
	struct refunding refunding = { intent_id, amount, currency, text_from(key), out };

	(void)until;
	return sandbox_apart(call, refund, &refunding);
}

/* ---- receipts -------------------------------------------------------------------------------------------------- */

struct receipt_query {
	struct text customer_id;
	int64_t most;
};
static const struct field receipt_query_fields[] = {
	FIELD(receipt_query, customer_id, ANY, "Whose."),
	FIELD(receipt_query, most, ANY, "How many."),
};
SHAPE(receipt_query)

static const struct statement list_receipts = {
	.sql = "SELECT " SANDBOX_INTENT_COLUMNS " FROM sandbox_intent"
	       " WHERE customer_id = :customer_id AND charged_at <= :now ORDER BY charged_at DESC, id LIMIT :most",
	.takes = &receipt_query_shape,
	.gives = &sandbox_intent_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

struct receipts {
	struct receipt_query query;
	struct list intents;
};

static const struct problem *
read_receipts(struct call *call, void *context)
{
	struct receipts *receipts = context;

	return sql_all(call, &list_receipts, &receipts->query, &receipts->intents);
}

/* The receipt of a charge: an invoice that was paid when it was made. */
static struct provider_invoice
receipt_of(struct call *call, const struct sandbox_intent *intent)
{
	const char *identifier = intent->id.at + sizeof("pi_") - 1;

	return (struct provider_invoice){
		.id = arena_format(call->arena, "in_%s", identifier),
		.number = text_given(arena_format(call->arena, "SANDBOX-%.*s", NUMBER_CHARACTERS, identifier)),
		.status = TEXT("paid"),
		.currency = intent->currency,
		.amount_due = intent->amount,
		.amount_paid = intent->amount,
		.created = intent->charged_at.value,
	};
}

const struct problem *
sandbox_invoices(struct call *call, struct text customer_id, int64_t limit, int64_t until, struct provider_reply *reply,
    struct list *out)
{
	struct receipts receipts = { .query = { customer_id, limit } };
	const struct problem *p = sandbox_apart(call, read_receipts, &receipts);
	struct provider_invoice *rows;

	(void)until;
	*reply = (struct provider_reply){ .answer = PROVIDER_DONE };
	if (p != NULL)
		return p;
	rows = arena_array(call->arena, receipts.intents.count, sizeof(*rows));
	for (size_t i = 0; i < receipts.intents.count; i++)
		rows[i] = receipt_of(call, &((const struct sandbox_intent *)receipts.intents.items)[i]);
	*out = (struct list){ rows, receipts.intents.count };
	return NULL;
}

/* ---- movements ------------------------------------------------------------------------------------------------- */

struct movement_query {
	struct instant after; /* the last one seen, and its id */
	struct text after_id;
	struct instant before;
	int64_t most;
};
static const struct field movement_query_fields[] = {
	FIELD(movement_query, after, ANY, "When the last one was."),
	FIELD(movement_query, after_id, ANY, "Which it was."),
	FIELD(movement_query, before, ANY, "The end."),
	FIELD(movement_query, most, ANY, "How many."),
};
SHAPE(movement_query)

struct movement_row {
	struct text id;
	struct text intent_id;
	struct id payment_id;
	struct amount amount;
	struct text currency;
	struct instant moved_at;
};
static const struct field movement_row_fields[] = {
	FIELD(movement_row, id, ANY, "The charge or refund."),
	FIELD(movement_row, intent_id, ANY, "Of which intent."),
	FIELD(movement_row, payment_id, ANY, "What the intent was for."),
	FIELD(movement_row, amount, ANY, "How much."),
	FIELD(movement_row, currency, ANY, "In which currency."),
	FIELD(movement_row, moved_at, ANY, "When."),
};
SHAPE(movement_row)

static const struct statement list_charges = {
	.sql = "SELECT i.id, i.id AS intent_id, i.payment_id, i.amount, i.currency,"
	       " COALESCE(i.charged_at, i.created_at) AS moved_at FROM sandbox_intent i"
	       " WHERE i.charged_at >= :after AND i.charged_at < :before AND i.charged_at <= :now"
	       " AND (i.charged_at > :after OR i.id > :after_id) ORDER BY i.charged_at, i.id LIMIT :most",
	.takes = &movement_query_shape,
	.gives = &movement_row_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement list_refunds = {
	.sql =
	    "SELECT r.id, r.intent_id, i.payment_id, r.amount, i.currency, r.created_at AS moved_at"
	    " FROM sandbox_refund r JOIN sandbox_intent i ON i.id = r.intent_id"
	    " WHERE r.created_at >= :after AND r.created_at < :before AND (r.created_at > :after OR r.id > :after_id)"
	    " ORDER BY r.created_at, r.id LIMIT :most",
	.takes = &movement_query_shape,
	.gives = &movement_row_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

/* One kind of movement, page by page: nothing is read any more while somebody is told of a page. */
struct movement_walk {
	const struct statement *how;
	struct movement_query query;
	struct list page;
	struct provider_movement told;
	bool are_refunds;
	const struct problem *(*movement)(struct call *call, void *context, const struct provider_movement *one);
	void *context;
};

static const struct problem *
read_page(struct call *call, void *context)
{
	struct movement_walk *walk = context;

	return sql_all(call, walk->how, &walk->query, &walk->page);
}

static struct provider_movement
movement_of(struct call *call, const struct movement_row *row, bool is_refund)
{
	struct provider_movement movement = {
		.is_refund = is_refund,
		.id = row->id,
		.intent_id = text_given(row->intent_id),
		.amount = row->amount,
		.currency = row->currency,
		.created_at = row->moved_at,
	};
	char ulid[ID_CHARACTERS + 1];

	if (is_refund)
		return movement;
	id_format(row->payment_id, ulid);
	movement.payment_id = text_given(arena_text(call->arena, ulid, ID_CHARACTERS));
	return movement;
}

static const struct problem *
walk_movements(struct call *call, struct movement_walk *walk)
{
	const struct problem *p;

	do {
		p = sandbox_apart(call, read_page, walk);
		for (size_t i = 0; i < walk->page.count && p == NULL; i++) {
			const struct movement_row *row = &((const struct movement_row *)walk->page.items)[i];

			walk->query.after = row->moved_at;
			walk->query.after_id = row->id;
			walk->told = movement_of(call, row, walk->are_refunds);
			p = walk->movement(call, walk->context, &walk->told);
		}
	} while (p == NULL && walk->page.count == MOVEMENTS_A_PAGE);
	return p;
}

const struct problem *
sandbox_movements(struct call *call, struct instant from, struct instant to, int64_t until,
    struct provider_reply *reply,
    const struct problem *(*movement)(struct call *call, void *context, const struct provider_movement *one),
    void *context)
{
	struct movement_walk charges = { .how = &list_charges,
		.query = { from, TEXT(""), to, MOVEMENTS_A_PAGE },
		.movement = movement,
		.context = context };
	struct movement_walk refunds = charges;
	const struct problem *p;

	(void)until;
	*reply = (struct provider_reply){ .answer = PROVIDER_DONE };
	refunds.how = &list_refunds;
	refunds.are_refunds = true;
	p = walk_movements(call, &charges);
	return p != NULL ? p : walk_movements(call, &refunds);
}

const struct resource sandbox_movements_resource = {
	.name = "sandbox_movements",
	.summary = "The sandbox's refunds and lists.",
	.statements = LIST_OF(statement, &find_refund, &insert_refund, &list_receipts, &list_charges, &list_refunds),
};
