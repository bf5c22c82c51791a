/*
 * Overage of a cycle whose plan changes: each unit is judged by the plan that was in force when it was used. What the
 * plan before has sold beyond its quotas is written down with its price when another takes its place, and the counter
 * knows how far it was judged.
 */
#include "clock.h"
#include "id.h"
#include "money.h"
#include "resources.h"
#include "statement.h"
#include "text.h"
#include "usage.h"

#define UNIT INT64_C(1000000)

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct settled_from {
	struct instant starts_at;
};
static const struct field settled_from_fields[] = {
	FIELD(settled_from, starts_at, ANY, "The first cycle."),
};
SHAPE(settled_from)

/* A counter that has grown since it was judged. */
struct unsettled {
	struct instant cycle_starts_at;
	struct text metric;
	struct maybe_id plan_id;
	struct quantity value;
	struct quantity settled;
	struct maybe_int included;
	struct maybe_amount price;
	struct maybe_text currency;
};
static const struct field unsettled_fields[] = {
	FIELD(unsettled, cycle_starts_at, ANY, "Its cycle."),
	FIELD(unsettled, metric, ANY, "Of what."),
	FIELD(unsettled, plan_id, ANY, "The cycle's plan."),
	FIELD(unsettled, value, ANY, "How much was used."),
	FIELD(unsettled, settled, ANY, "How much of that was judged before."),
	FIELD(unsettled, included, ANY, "Units in the plan."),
	FIELD(unsettled, price, ANY, "The price of one more."),
	FIELD(unsettled, currency, ANY, "The plan's."),
};
SHAPE(unsettled)

struct overage {
	struct id id;
	struct instant cycle_starts_at;
	struct text metric;
	struct id plan_id;
	struct quantity quantity;
	struct amount amount;
	struct text currency;
};
static const struct field overage_fields[] = {
	FIELD(overage, id, ANY, "The row."),
	FIELD(overage, cycle_starts_at, ANY, "Its cycle."),
	FIELD(overage, metric, ANY, "Of what."),
	FIELD(overage, plan_id, ANY, "Whose price it is."),
	FIELD(overage, quantity, ANY, "How much."),
	FIELD(overage, amount, ANY, "What it costs."),
	FIELD(overage, currency, ANY, "In what."),
};
SHAPE(overage)

/* In the order in which counters are locked. Of a metric that is neither summed nor counted, or that is charged as it
 * is used, no overage is sold. */
static const struct statement list_unsettled = {
	.sql = "SELECT u.cycle_starts_at, u.metric, c.plan_id, u.value, u.settled, q.included,"
	       " q.overage_unit_price AS price, p.currency FROM usage_cycle c"
	       " JOIN usage_counter u ON u.organization_id = c.organization_id AND u.cycle_starts_at = c.starts_at"
	       " JOIN usage_metric m ON m.name = u.metric AND m.unit_credits IS NULL"
	       " AND m.aggregation IN ('sum', 'count') LEFT JOIN plan p ON p.id = c.plan_id"
	       " LEFT JOIN plan_quota q ON q.plan_id = c.plan_id AND q.metric = u.metric"
	       " WHERE c.organization_id = :organization AND c.starts_at >= :starts_at AND u.value > u.settled"
	       " ORDER BY u.metric, u.cycle_starts_at",
	.takes = &settled_from_shape,
	.gives = &unsettled_shape,
};

static const struct statement lock_counter = {
	.sql = "SELECT cycle_starts_at AS starts_at FROM usage_counter WHERE organization_id = :organization"
	       " AND cycle_starts_at = :cycle_starts_at AND metric = :metric FOR UPDATE",
	.takes = &unsettled_shape,
	.gives = &settled_from_shape,
};

static const struct statement settle_counter = {
	.sql = "UPDATE usage_counter SET settled = :value WHERE organization_id = :organization"
	       " AND cycle_starts_at = :cycle_starts_at AND metric = :metric",
	.takes = &unsettled_shape,
};

static const struct statement insert_overage = {
	.sql = "INSERT INTO usage_overage (id, organization_id, cycle_starts_at, metric, plan_id, settled_at, quantity,"
	       " amount, currency) VALUES (:id, :organization, :cycle_starts_at, :metric, :plan_id, :now, :quantity,"
	       " :amount, :currency)",
	.takes = &overage_shape,
};

/* ---- how much -------------------------------------------------------------------------------------------------- */

/* No counter grows as far as the largest quota that still is one in millionths. */
static struct quantity
beyond(struct quantity value, int64_t included, struct quantity settled)
{
	int64_t least;

	if (__builtin_mul_overflow(included, UNIT, &least))
		least = INT64_MAX;
	if (least < settled.micros)
		least = settled.micros;
	return (struct quantity){ value.micros > least ? value.micros - least : 0 };
}

struct quantity
usage_overage(const struct usage_counter *counter)
{
	struct quantity over = counter->settled_overage;

	if (counter->included.given)
		over.micros += beyond(counter->value, counter->included.value, counter->settled).micros;
	return over;
}

/* ---- settling -------------------------------------------------------------------------------------------------- */

static const struct problem *
write_down(struct call *call, const struct unsettled *counter)
{
	struct overage overage = {
		.id = id_new(call->now),
		.cycle_starts_at = counter->cycle_starts_at,
		.metric = counter->metric,
		.plan_id = counter->plan_id.value,
		.currency = text_or(counter->currency, ""),
	};

	if (!counter->price.given)
		return NULL;
	overage.quantity = beyond(counter->value, counter->included.value, counter->settled);
	if (overage.quantity.micros == 0)
		return NULL;
	if (!share_of(overage.quantity.micros, counter->price.value.micros, UNIT, 1, &overage.amount.micros))
		return fail_internal(call, "the overage of %s overflows", counter->metric.at);
	return sql_run(call, &insert_overage, &overage, NULL);
}

static bool
same_plan(struct maybe_id a, struct maybe_id b)
{
	return a.given == b.given && (!a.given || id_equal(a.value, b.value));
}

const struct problem *
usage_settle(struct call *call, struct instant from, struct maybe_id plan_id)
{
	const struct settled_from settled = { from };
	const struct unsettled *counters;
	struct list list;
	const struct problem *p = sql_all(call, &list_unsettled, &settled, &list);

	counters = list.items;
	for (size_t i = 0; p == NULL && i < list.count; i++) {
		if (same_plan(counters[i].plan_id, plan_id))
			continue;
		p = sql_run(call, &settle_counter, &counters[i], NULL);
		if (p == NULL)
			p = write_down(call, &counters[i]);
	}
	return p;
}

const struct problem *
usage_settle_later(struct call *call, struct instant from)
{
	struct settled_from settled = { from };
	const struct unsettled *counters;
	struct list list;
	const struct problem *p = sql_all(call, &list_unsettled, &settled, &list);

	counters = list.items;
	for (size_t i = 0; p == NULL && i < list.count; i++)
		p = sql_one(call, &lock_counter, &counters[i], &settled);
	return p;
}

const struct resource usage_overage_resource = {
	.name = "usage_overage",
	.summary = "What was used beyond quotas.",
	.statements = LIST_OF(statement, &list_unsettled, &lock_counter, &settle_counter, &insert_overage),
};
