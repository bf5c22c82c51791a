/*
 * Orders that nobody settled or cancelled: when their time is over they give back what they hold. Whoever settles or
 * cancels one at this moment has its row, and it is left to them.
 */
#include <string.h>

#include "id.h"
#include "log.h"
#include "order.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

/* How many are looked for at once, and how many one transaction ends: its organization's book waits for it. */
enum { BATCH = 500, TOGETHER = 20 };

struct due_order {
	struct id organization_id;
	struct id order_id;
};
static const struct field due_order_fields[] = {
	FIELD(due_order, organization_id, ANY, "Whose it is."),
	FIELD(due_order, order_id, ANY, "The order."),
};
SHAPE(due_order)

static const struct statement list_due = {
	.sql = "SELECT organization_id, id AS order_id FROM orders FORCE INDEX (hold) WHERE held_until <= :now"
	       " AND (organization_id > :organization_id OR organization_id = :organization_id AND id > :order_id)"
	       " ORDER BY organization_id, id LIMIT 500",
	.takes = &due_order_shape,
	.gives = &due_order_shape,
	.crosses_organizations = "the job looks for whoever has something due",
};

static const struct statement lock_due = {
	.sql = "SELECT " ORDER_COLUMNS " FROM orders WHERE organization_id = :organization AND id = :order_id"
	       " AND status = 'reserved' AND hold_expires_at <= :now FOR UPDATE SKIP LOCKED",
	.takes = &due_order_shape,
	.gives = &order_shape,
};

/* Some orders of one organization. */
struct batch {
	const struct due_order *due;
	size_t count;
};

static const struct problem *
expire_one(struct call *call, const struct due_order *due)
{
	struct order order;
	bool found;
	const struct problem *p = sql_maybe(call, &lock_due, due, &order, &found);

	if (p != NULL || !found)
		return p;
	order.status = TEXT("expired");
	p = order_release(call, &order, order.held);
	return p != NULL ? p : order_close(call, &order);
}

/* From the second one on the book is locked before the row; but what another has locked is not waited for. */
static const struct problem *
expire_batch(struct call *call, void *context)
{
	const struct batch *batch = context;
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && i < batch->count; i++)
		p = expire_one(call, &batch->due[i]);
	return p;
}

/* How many orders from here on are of the first one's organization, and belong into one transaction. */
static size_t
count_together(const struct due_order *due, size_t count)
{
	size_t together = 1;

	while (together < count && together < TOGETHER && id_equal(due[together].organization_id, due->organization_id))
		together++;
	return together;
}

/* One organization's fault keeps no other waiting; the first is what the run answers. A lost lease or database ends it.
 */
static const struct problem *
expire_each(struct call *call, const struct list *due, const struct problem *first, bool *is_over)
{
	const struct due_order *orders = due->items;

	for (size_t i = 0; i < due->count && !*is_over && !job_is_stopping();) {
		struct batch batch = { &orders[i], count_together(&orders[i], due->count - i) };

		call->organization = orders[i].organization_id;
		const struct problem *p = job_step(call, expire_batch, &batch);

		*is_over = p != NULL && (p->kind == CONFLICT || p->kind == UNAVAILABLE);
		if (first == NULL)
			first = p;
		i += batch.count;
	}
	return first;
}

static const struct problem *
expire_orders(struct call *call)
{
	struct due_order after = { 0 };
	const struct problem *first = NULL;
	bool is_over = false;
	struct list due;

	do {
		struct arena_mark mark = arena_mark(call->arena);
		const struct problem *p = sql_all(call, &list_due, &after, &due);

		job_rollback(call);
		if (p != NULL)
			return p;
		if (due.count > 0)
			after = ((const struct due_order *)due.items)[due.count - 1];
		first = expire_each(call, &due, first, &is_over);
		if (first == NULL)
			arena_release(call->arena, mark);
	} while (due.count == BATCH && !is_over && !job_is_stopping());
	return first;
}

static const struct job expire_orders_job = {
	.id = "orders.expire",
	.summary = "End the orders whose time is over, and give back what they hold.",
	.every_seconds = 60,
	.run = expire_orders,
};

const struct resource order_expiry_resource = {
	.name = "order_expiry",
	.summary = "The end of orders that nobody settled.",
	.statements = LIST_OF(statement, &list_due, &lock_due),
	.jobs = LIST_OF(job, &expire_orders_job),
};
