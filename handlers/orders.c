/*
 * Orders as callers read them, and what an order would cost. How one is made, settled and undone stands in files of its
 * own (order.h names them).
 */
#include "funds.h"
#include "order.h"
#include "page.h"
#include "resources.h"
#include "statement.h"

/* ---- estimate -------------------------------------------------------------------------------------------------- */

struct estimate_order {
	struct list lines;
};
static const struct field estimate_order_fields[] = {
	ORDER_LINES(estimate_order, lines, false, "What would be ordered."),
};
SHAPE(estimate_order)

struct estimate {
	struct document lines;
	struct credits credits;
	struct credits available;
	bool sufficient;
};
static const struct field estimate_fields[] = {
	FIELD_ROWS(estimate, lines, order_line, "What would be ordered, with what each line costs."),
	FIELD(estimate, credits, ANY, "What it costs in all."),
	FIELD(estimate, available, ANY, "Credits that can be spent now."),
	FIELD(estimate, sufficient, ANY, "Whether the order would be taken now, by the credits and by the hard limit."),
};
SHAPE(estimate)

HANDLER(estimate_order, estimate_order, estimate)

static const struct operation estimate_order_operation = {
	.id = "orders.estimate",
	.kind = READ,
	.scope = ORDERS_READ,
	.effect = READS,
	.summary = "Tell what an order would cost, and whether it would be taken now.",
	.description = "Nothing is held: another order may take the credits first.",
	.run = &estimate_order_run,
};

static const struct problem *
estimate_order(struct call *call, const struct estimate_order *in, struct estimate *out)
{
	struct priced_lines lines;
	struct funds funds;
	const struct problem *p = order_price(call, &in->lines, (struct credits){ 1 }, &lines);

	if (p == NULL)
		p = funds_read(call, &funds);
	if (p != NULL)
		return p;
	*out = (struct estimate){ lines.text, lines.credits, funds.available, funds_suffice(&funds, lines.credits) };
	return NULL;
}

/* ---- get ------------------------------------------------------------------------------------------------------- */

HANDLER(get_order, order_ref, order)

static const struct operation get_order_operation = {
	.id = "orders.get",
	.kind = READ,
	.scope = ORDERS_READ,
	.effect = READS,
	.summary = "Read one order.",
	.raises = { NOT_FOUND },
	.run = &get_order_run,
};

static const struct problem *
get_order(struct call *call, const struct order_ref *in, struct order *out)
{
	return order_read(call, in->order_id, out);
}

/* ---- list ------------------------------------------------------------------------------------------------------ */

struct order_list {
	PAGE_MEMBERS;
	struct maybe_text status;
	struct maybe_instant from;
	struct maybe_instant to;
};
static const struct field order_list_fields[] = {
	PAGE_FIELDS(order_list),
	FIELD(order_list, status, ONE_OF(order_statuses), "Only those in this state."),
	FIELD(order_list, from, ANY, "Not made before this moment."),
	FIELD(order_list, to, ANY, "Made before this moment."),
};
SHAPE(order_list)

static const struct statement list_rows = {
	.sql = "SELECT " ORDER_COLUMNS " FROM orders WHERE organization_id = :organization AND id < :cursor"
	       " AND (:status IS NULL OR status = :status) AND (:from IS NULL OR created_at >= :from)"
	       " AND (:to IS NULL OR created_at < :to) ORDER BY id DESC LIMIT :limit",
	.takes = &order_list_shape,
	.gives = &order_shape,
};

HANDLER_EACH(list_orders, order_list, order)

static const struct operation list_orders_operation = {
	.id = "orders.list",
	.kind = READ,
	.scope = ORDERS_READ,
	.effect = READS,
	.summary = "List the organization's orders, newest first.",
	.page_key = "id",
	.run = &list_orders_run,
};

static const struct problem *
list_orders(struct call *call, const struct order_list *in, struct sink *sink)
{
	return sql_page(call, &list_rows, in, sink);
}

const struct resource orders_resource = {
	.name = "orders",
	.summary = "Work that is done for credits: held, delivered, charged.",
	.operations = LIST_OF(operation, &create_order_operation, &estimate_order_operation, &settle_order_operation,
	    &cancel_order_operation, &refund_order_operation, &get_order_operation, &list_orders_operation),
	.statements = LIST_OF(statement, &list_rows),
};
