/*
 * orders.cancel gives back what an order holds; orders.refund gives back what it was charged, into the lots that it
 * came from.
 */
#include <inttypes.h>

#include "commitment.h"
#include "order.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- cancel ---------------------------------------------------------------------------------------------------- */

struct cancelled_order {
	struct id order_id;
	struct text status;
};
static const struct field cancelled_order_fields[] = {
	FIELD_AS(cancelled_order, order_id, "orderId", ANY, "The order."),
	FIELD(cancelled_order, status, ONE_OF(order_statuses), "What became of it."),
};
SHAPE(cancelled_order)

HANDLER(cancel_order, order_ref, cancelled_order)

const struct operation cancel_order_operation = {
	.id = "orders.cancel",
	.kind = WRITE,
	.scope = ORDERS_WRITE,
	.effect = SPENDS,
	.bucket = BUCKET_ORDERS,
	.summary = "Cancel an order that is not settled, and give back what it holds.",
	.description = "Cancelling again answers the same again.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &cancel_order_run,
};

static const struct problem *
cancel_order(struct call *call, const struct order_ref *in, struct cancelled_order *out)
{
	struct order order;
	const struct problem *p = order_lock(call, in->order_id, &order);

	if (p != NULL)
		return p;
	*out = (struct cancelled_order){ order.id, TEXT_OF("cancelled") };
	if (text_is(order.status, "cancelled"))
		return NULL;
	if (!text_is(order.status, "reserved"))
		return fail(call, CONFLICT, "The order is %s already.", order.status.at);
	order.status = out->status;
	p = order_release(call, &order, order.held);
	return p != NULL ? p : order_close(call, &order);
}

/* ---- refund ---------------------------------------------------------------------------------------------------- */

struct refund_order {
	struct id organization_id;
	struct id order_id;
};
static const struct field refund_order_fields[] = {
	FIELD(refund_order, organization_id, ANY, "Whose order it is."),
	FIELD(refund_order, order_id, ANY, "The order."),
};
SHAPE(refund_order)

struct charge_ref {
	int64_t sequence;
};
static const struct field charge_ref_fields[] = {
	FIELD(charge_ref, sequence, ANY, "The entry that charged it."),
};
SHAPE(charge_ref)

struct owed {
	struct text unit;
	struct amount amount;
};
static const struct field owed_fields[] = {
	FIELD(owed, unit, ANY, "The currency."),
	FIELD(owed, amount, ANY, "How much is owed since."),
};
SHAPE(owed)

/* The price may have changed since: what was charged counts. */
static const struct statement read_owed = {
	.sql = "SELECT unit, amount FROM journal_line"
	       " WHERE organization_id = :organization AND sequence = :sequence AND account = 'receivable'",
	.takes = &charge_ref_shape,
	.gives = &owed_shape,
};

HANDLER(refund_order, refund_order, order)

const struct operation refund_order_operation = {
	.id = "orders.refund",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = SPENDS,
	.summary = "Give an organization back what a settled order was charged.",
	.description = "Refunding again answers the order again.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &refund_order_run,
};

static const struct problem *
refund_part(struct call *call, const struct order *order, struct credits credits, struct maybe_int charge)
{
	struct posting posting = order_posting(order, LEDGER_REFUND, credits);
	struct posted posted;

	if (credits.count == 0)
		return NULL;
	posting.undoes = charge;
	return ledger_post(call, &posting, &posted);
}

static const struct problem *
refund_money(struct call *call, const struct order *order)
{
	struct posting posting = order_posting(order, LEDGER_REFUND, order->credits);
	const struct charge_ref charge = { order->charge_sequence.value };
	struct posted posted;
	struct owed owed;
	const struct problem *p;

	if (order->credits.count == 0)
		return NULL;
	p = sql_one(call, &read_owed, &charge, &owed);
	if (p != NULL)
		return p;
	posting.money = text_given(arena_format(call->arena,
	    "[{\"account\":\"receivable\",\"unit\":\"%s\",\"amount\":%" PRId64 "},"
	    "{\"account\":\"revenue\",\"unit\":\"%s\",\"amount\":%" PRId64 "}]",
	    owed.unit.at, -owed.amount.micros, owed.unit.at, owed.amount.micros));
	return ledger_post(call, &posting, &posted);
}

static const struct problem *
refund_credits(struct call *call, const struct order *order)
{
	const struct credits first = { order->credits.count - order->rest_credits.count };
	const struct problem *p = refund_part(call, order, first, order->charge_sequence);

	return p != NULL ? p : refund_part(call, order, order->rest_credits, order->rest_sequence);
}

static const struct problem *
refund_order(struct call *call, const struct refund_order *in, struct order *out)
{
	const struct problem *p = order_lock(call, in->order_id, out);

	if (p != NULL || text_is(out->status, "refunded"))
		return p;
	if (!text_is(out->status, "settled"))
		return fail(call, CONFLICT, "The order is %s: nothing was charged for it.", out->status.at);
	out->status = TEXT("refunded");
	p = commitment_unburn(call, out->id);
	if (p != NULL)
		return p;
	p = out->post_pay ? refund_money(call, out) : refund_credits(call, out);
	return p != NULL ? p : order_close(call, out);
}

const struct resource order_undo_resource = {
	.name = "order_undo",
	.summary = "How an order is undone.",
	.statements = LIST_OF(statement, &read_owed),
};
