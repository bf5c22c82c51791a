/*
 * Orders as all of orders.* sees them: priced lines, the row, its postings and its end. An order holds its credits from
 * the moment it is made (or counts towards the hard limit, where it is paid afterwards) until it is settled, cancelled
 * or expires; every one of these locks its row, so that one wins.
 */
#include "order.h"

#include "json.h"
#include "money.h"
#include "outbox.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

const char *const order_statuses[] = { "reserved", "settled", "cancelled", "expired", "refunded", NULL };

static const struct field order_fields[] = {
	FIELD(order, id, ANY, "The order's id."),
	FIELD(order, reference, ANY, "The caller's own id."),
	FIELD(order, status, ONE_OF(order_statuses), "What became of it."),
	FIELD(order, credits, ANY, "Credits that it holds, or once it is settled, that it was charged."),
	FIELD_ROWS(order, lines, order_line, "What is ordered; once it is settled, what was delivered."),
	FIELD(order, commitment_id, ANY, "The commitment that it is to count towards, or null."),
	FIELD(order, created_at, ANY, "When it was made."),
	FIELD(
	    order, hold_expires_at, ANY, "When its credits are given back, unless it is settled or cancelled before."),
	FIELD(order, settled_at, ANY, "When it was charged; null until then."),
	FIELD(order, request_digest, HIDDEN, "To know a repetition by."),
	FIELD(order, post_pay, HIDDEN, "Whether it is paid afterwards."),
	FIELD(order, held, HIDDEN, "Credits held when it was made."),
	FIELD(order, charge_sequence, HIDDEN, "The entry that charged it."),
	FIELD(order, rest_sequence, HIDDEN, "The entry that charged what was more than held."),
	FIELD(order, rest_credits, HIDDEN, "How much that was."),
};
const struct shape order_shape = {
	.name = "order",
	.size = sizeof(struct order),
	.count = COUNT(order_fields),
	.fields = order_fields,
};

/* What an event tells. */
struct order_event {
	struct id order_id;
	struct text reference;
	struct credits credits;
	struct credits held;
};
static const struct field order_event_fields[] = {
	FIELD(order_event, order_id, ANY, "The order."),
	FIELD(order_event, reference, ANY, "The caller's own id."),
	FIELD(order_event, credits, ANY, "Credits charged, or given back."),
	FIELD(order_event, held, ANY, "Credits held when it was made."),
};
SHAPE(order_event)

static const struct event_type order_settled = {
	.type = "order.settled",
	.entity_type = "order",
	.summary = "An order was charged.",
	.data = &order_event_shape,
};

static const struct event_type order_cancelled = {
	.type = "order.cancelled",
	.entity_type = "order",
	.summary = "An order was cancelled, and its credits given back.",
	.data = &order_event_shape,
};

static const struct event_type order_expired = {
	.type = "order.expired",
	.entity_type = "order",
	.summary = "Nobody settled an order in time; its credits were given back.",
	.data = &order_event_shape,
};

static const struct event_type order_refunded = {
	.type = "order.refunded",
	.entity_type = "order",
	.summary = "An order's credits were given back after it was charged.",
	.data = &order_event_shape,
};

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement find_order = {
	.sql = "SELECT " ORDER_COLUMNS " FROM orders WHERE organization_id = :organization AND id = :order_id",
	.takes = &order_ref_shape,
	.gives = &order_shape,
};

static const struct statement lock_order = {
	.sql =
	    "SELECT " ORDER_COLUMNS " FROM orders WHERE organization_id = :organization AND id = :order_id FOR UPDATE",
	.takes = &order_ref_shape,
	.gives = &order_shape,
};

static const struct statement close_order = {
	.sql = "UPDATE orders SET status = :status, credits = :credits, `lines` = :lines, settled_at = :settled_at,"
	       " closed_at = :now, charge_sequence = :charge_sequence, rest_sequence = :rest_sequence,"
	       " rest_credits = :rest_credits WHERE organization_id = :organization AND id = :id",
	.takes = &order_shape,
};

/* ---- lines ----------------------------------------------------------------------------------------------------- */

static const struct problem *
too_many(struct call *call, size_t line)
{
	return fail_field(call, arena_format(call->arena, "/lines/%zu", line).at, "out_of_range",
	    "With this line the order costs more than %lld credits.", (long long)LEDGER_MOST);
}

const struct problem *
order_price(struct call *call, const struct list *lines, struct credits least, struct priced_lines *out)
{
	struct order_line *line = lines->items;

	out->credits.count = 0;
	for (size_t i = 0; i < lines->count; i++) {
		if (!credits_of_quantity(line[i].quantity, line[i].unit_credits, &line[i].credits) ||
		    !credits_add(out->credits, line[i].credits, &out->credits) || out->credits.count > LEDGER_MOST)
			return too_many(call, i);
	}
	if (out->credits.count < least.count)
		return fail_field(call, "/lines", "out_of_range",
		    "An order costs at least %lld credit; these lines round to %lld.", (long long)least.count,
		    (long long)out->credits.count);
	out->text = json_rows(call->arena, &order_line_shape, lines);
	return NULL;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

const struct problem *
order_read(struct call *call, struct id id, struct order *out)
{
	const struct order_ref ref = { id };

	return sql_one(call, &find_order, &ref, out);
}

const struct problem *
order_lock(struct call *call, struct id id, struct order *out)
{
	const struct order_ref ref = { id };

	return sql_one(call, &lock_order, &ref, out);
}

struct posting
order_posting(const struct order *order, enum ledger_reason reason, struct credits credits)
{
	return (struct posting){
		.reason = reason,
		.credits = credits,
		.on_account = order->post_pay,
		.description = text_given(order->reference),
		.reference_type = text_given(TEXT("order")),
		.reference_id = { order->id, true },
	};
}

const struct problem *
order_release(struct call *call, const struct order *order, struct credits credits)
{
	const struct posting posting = order_posting(order, LEDGER_RELEASE, credits);
	struct posted posted;

	return ledger_post(call, &posting, &posted);
}

static const struct event_type *
event_of(const struct order *order)
{
	if (text_is(order->status, "settled"))
		return &order_settled;
	if (text_is(order->status, "cancelled"))
		return &order_cancelled;
	return text_is(order->status, "expired") ? &order_expired : &order_refunded;
}

const struct problem *
order_close(struct call *call, const struct order *order)
{
	const struct order_event event = { order->id, order->reference, order->credits, order->held };
	const struct problem *p = sql_run(call, &close_order, order, NULL);

	return p != NULL ? p : outbox_tell(call, event_of(order), order->id, &event);
}

const struct resource order_resource = {
	.name = "order",
	.summary = "What an order is.",
	.statements = LIST_OF(statement, &find_order, &lock_order, &close_order),
	.events = LIST_OF(event_type, &order_settled, &order_cancelled, &order_expired, &order_refunded),
};
