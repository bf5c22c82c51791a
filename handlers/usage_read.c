/*
 * Reading usage: the present cycle and the ones before, from counters and days; events are never looked at.
 */
#include <string.h>

#include "json.h"
#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"
#include "usage.h"

#define UNIT INT64_C(1000000)

/* ---- counters -------------------------------------------------------------------------------------------------- */

static const struct field usage_counter_fields[] = {
	FIELD(usage_counter, metric, ANY, "The metric."),
	FIELD(usage_counter, aggregation, ANY, "How events make its value."),
	FIELD(usage_counter, unit, ANY, "What one of it is."),
	FIELD(usage_counter, value, ANY, "How much was used."),
	FIELD(usage_counter, held, ANY, "How much is held."),
	FIELD(usage_counter, events, ANY, "By how many events."),
	FIELD(usage_counter, cost, ANY, "Their cost."),
	FIELD(usage_counter, saving, ANY, "Their saving."),
	FIELD(usage_counter, charged, ANY, "Credits taken."),
	FIELD(usage_counter, included, ANY, "Units in the plan."),
	FIELD(usage_counter, overage_unit_price, ANY, "The price of one more."),
	FIELD(usage_counter, settled, ANY, "What of the value plans before have judged."),
	FIELD(usage_counter, settled_overage, ANY, "What of that was overage."),
};
SHAPE(usage_counter)

struct cycle_ref {
	struct instant starts_at;
	struct maybe_id plan_id;
};
static const struct field cycle_ref_fields[] = {
	FIELD(cycle_ref, starts_at, ANY, "The cycle."),
	FIELD(cycle_ref, plan_id, ANY, "Its plan."),
};
SHAPE(cycle_ref)

/* Holds whose time is over count no more, whether the job has been there or not. */
static const struct statement read_counters = {
	.sql =
	    "SELECT m.name AS metric, m.aggregation, m.unit, COALESCE(c.value, 0) AS value,"
	    " COALESCE(CAST(GREATEST(0, c.held - COALESCE(l.quantity, 0)) AS SIGNED), 0) AS held,"
	    " COALESCE(c.events, 0) AS events, COALESCE(c.cost, 0) AS cost, COALESCE(c.saving, 0) AS saving,"
	    " COALESCE(c.charged, 0) AS charged, q.included, q.overage_unit_price,"
	    " COALESCE(c.settled, 0) AS settled, COALESCE((SELECT CAST(SUM(x.quantity) AS SIGNED) FROM usage_overage x"
	    " WHERE x.organization_id = :organization AND x.cycle_starts_at = :starts_at AND x.metric = m.name), 0)"
	    " AS settled_overage FROM usage_metric m"
	    " LEFT JOIN usage_counter c ON c.organization_id = :organization AND c.cycle_starts_at = :starts_at"
	    " AND c.metric = m.name LEFT JOIN plan_quota q ON q.plan_id = :plan_id AND q.metric = m.name"
	    " LEFT JOIN (SELECT h.metric, SUM(h.quantity) AS quantity FROM usage_hold h"
	    " WHERE h.organization_id = :organization AND h.open_until <= :now AND h.cycle_starts_at = :starts_at"
	    " GROUP BY h.metric) l ON l.metric = m.name"
	    " WHERE c.metric IS NOT NULL OR q.metric IS NOT NULL ORDER BY m.name",
	.takes = &cycle_ref_shape,
	.gives = &usage_counter_shape,
};

struct apps_counted {
	int64_t count;
};
static const struct field apps_counted_fields[] = {
	FIELD(apps_counted, count, ANY, "Different values."),
};
SHAPE(apps_counted)

static const struct statement count_apps = {
	.sql = "SELECT COUNT(*) AS count FROM usage_distinct WHERE organization_id = :organization"
	       " AND cycle_starts_at = :starts_at AND metric = ''",
	.takes = &cycle_ref_shape,
	.gives = &apps_counted_shape,
};

const struct problem *
usage_counters(struct call *call, const struct cycle *cycle, struct list *out)
{
	const struct cycle_ref ref = { cycle->starts_at, cycle->plan_id };

	return sql_all(call, &read_counters, &ref, out);
}

const struct problem *
usage_apps(struct call *call, const struct cycle *cycle, int64_t *count)
{
	const struct cycle_ref ref = { cycle->starts_at, cycle->plan_id };
	struct apps_counted counted;
	const struct problem *p = sql_one(call, &count_apps, &ref, &counted);

	if (p == NULL)
		*count = counted.count;
	return p;
}

/* ---- usage.current --------------------------------------------------------------------------------------------- */

struct usage_query {
	struct id organization_id;
};
static const struct field usage_query_fields[] = {
	FIELD(usage_query, organization_id, ANY, "The organization."),
};
SHAPE(usage_query)

struct usage_part {
	struct text metric;
	struct text service;
	struct text operator;
	struct quantity used;
	int64_t events;
	struct amount cost;
	struct amount saving;
};
static const struct field usage_part_fields[] = {
	FIELD(usage_part, metric, HIDDEN, "The metric."),
	FIELD(usage_part, service, ANY, "The service; empty where none was named."),
	FIELD(usage_part, operator, ANY, "The operator; empty where none was named."),
	FIELD(usage_part, used, ANY, "How much was used, in the metric's unit."),
	FIELD(usage_part, events, ANY, "By how many events."),
	FIELD(usage_part, cost, ANY, "What that cost, as senders say, in the organization's currency."),
	FIELD(usage_part, saving, ANY, "What it saved."),
};
SHAPE(usage_part)

struct usage_of_metric {
	struct text metric;
	struct text aggregation;
	struct text unit;
	struct quantity used;
	struct quantity held;
	struct maybe_int included;
	struct maybe_quantity remaining;
	struct quantity overage;
	int64_t events;
	struct amount cost;
	struct amount saving;
	struct credits charged;
	struct document by_service;
};
static const struct field usage_of_metric_fields[] = {
	FIELD(usage_of_metric, metric, ANY, "The metric."),
	FIELD(usage_of_metric, aggregation, ONE_OF(usage_aggregations), "How events make its value."),
	FIELD(usage_of_metric, unit, ANY, "What one of it is."),
	FIELD(usage_of_metric, used, ANY, "How much was used."),
	FIELD(usage_of_metric, held, ANY, "How much is held for what is about to be used."),
	FIELD(usage_of_metric, included, ANY, "What the plan includes in a cycle; null: there is no quota."),
	FIELD(usage_of_metric, remaining, ANY, "What is left of that, without what is held; null without a quota."),
	FIELD(usage_of_metric, overage, ANY, "What was used beyond it, by the plan that was in force as it was used."),
	FIELD(usage_of_metric, events, ANY, "By how many events."),
	FIELD(usage_of_metric, cost, ANY, "What that cost, as senders say, in the organization's currency."),
	FIELD(usage_of_metric, saving, ANY, "What it saved."),
	FIELD(usage_of_metric, charged, ANY, "Credits that were taken for it, of a metric with a price."),
	FIELD_ROWS(usage_of_metric, by_service, usage_part,
	    "The same by service and operator; of all metrics the first 1,000 rows, by name."),
};
SHAPE(usage_of_metric)

struct usage_cycle_shown {
	struct instant start;
	struct instant end;
};
static const struct field usage_cycle_shown_fields[] = {
	FIELD(usage_cycle_shown, start, ANY, "When it began."),
	FIELD(usage_cycle_shown, end, ANY, "When the next one begins."),
};
SHAPE(usage_cycle_shown)

struct usage_current {
	struct id organization_id;
	struct usage_cycle_shown *cycle;
	struct list metrics;
};
static const struct field usage_current_fields[] = {
	FIELD(usage_current, organization_id, ANY, "The organization."),
	FIELD_OBJECT(usage_current, cycle, usage_cycle_shown, false, "The running cycle."),
	FIELD_LIST(usage_current, metrics, usage_of_metric, ANY,
	    "Every metric that was used in it, or has a quota in the plan, by name."),
};
SHAPE(usage_current)

/* What values of several days come to. */
#define VALUE_OF_DAYS                                                                                     \
	"COALESCE(CAST(CASE m.aggregation WHEN 'max' THEN MAX(d.value) WHEN 'last' THEN SUBSTRING_INDEX(" \
	"GROUP_CONCAT(d.value ORDER BY d.last_at DESC), ',', 1) ELSE SUM(d.value) END AS SIGNED), 0)"
#define SUM_OF(column) "COALESCE(CAST(SUM(d." column ") AS SIGNED), 0) AS " column

static const struct statement read_parts = {
	.sql = "SELECT d.metric, d.service, d.operator, " VALUE_OF_DAYS
	       " AS used, " SUM_OF("events") ", " SUM_OF("cost") ", " SUM_OF(
		   "saving") " FROM usage_day d JOIN usage_metric m ON m.name = d.metric"
			     " WHERE d.organization_id = :organization AND d.day >= DATE(:starts_at) - INTERVAL 1 DAY"
			     " AND d.cycle_starts_at = :starts_at GROUP BY d.metric, d.service, d.operator"
			     " ORDER BY d.metric, d.service, d.operator LIMIT 1000",
	.takes = &cycle_ref_shape,
	.gives = &usage_part_shape,
};

HANDLER(read_usage, usage_query, usage_current)

static const struct operation current_operation = {
	.id = "usage.current",
	.kind = READ,
	.scope = USAGE_READ,
	.effect = READS,
	.summary = "Read what the running cycle has used.",
	.raises = { NOT_FOUND },
	.run = &read_usage_run,
};

/* The rows of one metric, which stand together. */
static struct document
parts_of(struct call *call, const struct list *parts, struct text metric)
{
	struct usage_part *all = parts->items;
	struct list own = { NULL, 0 };

	for (size_t i = 0; i < parts->count; i++) {
		if (!text_equal(all[i].metric, metric))
			continue;
		if (own.count++ == 0)
			own.items = &all[i];
	}
	return json_rows(call->arena, &usage_part_shape, &own);
}

static struct usage_of_metric
show_counter(struct call *call, const struct usage_counter *counter, const struct list *parts)
{
	struct usage_of_metric shown = { .metric = counter->metric,
		.aggregation = counter->aggregation,
		.unit = counter->unit,
		.used = counter->value,
		.held = counter->held,
		.included = counter->included,
		.events = counter->events,
		.cost = counter->cost,
		.saving = counter->saving,
		.charged = counter->charged };
	int64_t included, left;

	shown.by_service = parts_of(call, parts, counter->metric);
	shown.overage = usage_overage(counter);
	if (!counter->included.given)
		return shown;
	if (__builtin_mul_overflow(counter->included.value, UNIT, &included))
		included = INT64_MAX;
	left = included - counter->value.micros - counter->held.micros;
	shown.remaining = (struct maybe_quantity){ { left > 0 ? left : 0 }, true };
	return shown;
}

static const struct problem *
read_usage(struct call *call, const struct usage_query *in, struct usage_current *out)
{
	struct list counters, parts;
	struct usage_of_metric *shown;
	struct cycle cycle;
	struct cycle_ref ref;
	const struct problem *p = cycle_at(call, call->now, &cycle);

	if (p != NULL)
		return p;
	ref = (struct cycle_ref){ cycle.starts_at, cycle.plan_id };
	p = usage_counters(call, &cycle, &counters);
	if (p == NULL)
		p = sql_all(call, &read_parts, &ref, &parts);
	if (p != NULL)
		return p;
	shown = arena_array(call->arena, counters.count, sizeof(*shown));
	for (size_t i = 0; i < counters.count; i++)
		shown[i] = show_counter(call, (const struct usage_counter *)counters.items + i, &parts);
	out->organization_id = in->organization_id;
	out->cycle = arena_take(call->arena, sizeof(*out->cycle));
	*out->cycle = (struct usage_cycle_shown){ cycle.starts_at, cycle.ends_at };
	out->metrics = (struct list){ shown, counters.count };
	return NULL;
}

/* ---- usage.history --------------------------------------------------------------------------------------------- */

static const char *const periods[] = { "cycle", "day", NULL };

struct usage_history {
	struct id organization_id;
	struct maybe_int months;
	struct maybe_text by;
	PAGE_MEMBERS;
};
static const struct field usage_history_fields[] = {
	FIELD(usage_history, organization_id, ANY, "The organization."),
	FIELD(usage_history, months, RANGE_OR(1, 24, 3), "How far back: cycles that lie in the last so many months."),
	FIELD(usage_history, by, ONE_OF(periods), "A row for each metric and cycle, or each day of it; cycle."),
	PAGE_FIELDS(usage_history),
};
SHAPE(usage_history)

struct usage_past {
	struct text sort_key;
	struct instant start;
	struct instant end;
	struct maybe_text day;
	struct text metric;
	struct text aggregation;
	struct text unit;
	struct quantity used;
	int64_t events;
	struct amount cost;
	struct amount saving;
	struct maybe_int included;
	struct maybe_quantity late;
};
static const struct field usage_past_fields[] = {
	FIELD(usage_past, sort_key, HIDDEN, "Newest first, then by metric; unique."),
	FIELD(usage_past, start, ANY, "When the cycle began."),
	FIELD(usage_past, end, ANY, "When it ended, or will."),
	FIELD(usage_past, day, ANY, "The day in the organization's time zone; null in a row of a whole cycle."),
	FIELD(usage_past, metric, ANY, "The metric."),
	FIELD(usage_past, aggregation, ONE_OF(usage_aggregations), "How events make its value."),
	FIELD(usage_past, unit, ANY, "What one of it is."),
	FIELD(usage_past, used, ANY, "How much was used."),
	FIELD(usage_past, events, ANY, "By how many events."),
	FIELD(usage_past, cost, ANY, "What that cost, as senders say, in the organization's currency."),
	FIELD(usage_past, saving, ANY, "What it saved."),
	FIELD(usage_past, included, ANY, "What the cycle's plan included; null without a quota, and in a day's row."),
	FIELD(usage_past, late, ANY, "What of it came after the cycle was closed; null in a day's row."),
};
SHAPE(usage_past)

#define CYCLE_KEY "CONCAT(DATE_FORMAT(c.starts_at, '%Y%m%d%H%i%s'), '/', u.metric)"
static const struct statement list_cycles = {
	.sql = "SELECT COALESCE(" CYCLE_KEY
	       ", '') AS sort_key, c.starts_at AS start, c.ends_at AS end, CAST(NULL AS CHAR) AS day,"
	       " u.metric, m.aggregation, m.unit, u.value AS used, u.events, u.cost, u.saving, q.included,"
	       " u.late_value AS late FROM usage_cycle c JOIN usage_counter u ON u.organization_id = c.organization_id"
	       " AND u.cycle_starts_at = c.starts_at JOIN usage_metric m ON m.name = u.metric"
	       " LEFT JOIN plan_quota q ON q.plan_id = c.plan_id AND q.metric = u.metric"
	       " WHERE c.organization_id = :organization AND c.ends_at > :now - INTERVAL :months MONTH"
	       " AND " CYCLE_KEY " < :cursor ORDER BY sort_key DESC LIMIT :limit",
	.takes = &usage_history_shape,
	.gives = &usage_past_shape,
};

#define DAY_KEY "CONCAT(d.day, '/', DATE_FORMAT(c.starts_at, '%Y%m%d%H%i%s'), '/', d.metric)"
static const struct statement list_days = {
	.sql = "SELECT COALESCE(" DAY_KEY ", '') AS sort_key, c.starts_at AS start, c.ends_at AS end,"
	       " CAST(d.day AS CHAR) AS day, d.metric, m.aggregation, m.unit, " VALUE_OF_DAYS
	       " AS used, " SUM_OF("events") ", " SUM_OF("cost") ", " SUM_OF(
		   "saving") ", CAST(NULL AS SIGNED) AS included, CAST(NULL AS SIGNED) AS late"
			     " FROM usage_day d JOIN usage_cycle c ON c.organization_id = d.organization_id"
			     " AND c.starts_at = d.cycle_starts_at JOIN usage_metric m ON m.name = d.metric"
			     " WHERE d.organization_id = :organization"
			     " AND d.day >= DATE(:now - INTERVAL :months MONTH) - INTERVAL 32 DAY"
			     " AND c.ends_at > :now - INTERVAL :months MONTH AND " DAY_KEY " < :cursor"
			     " GROUP BY d.day, c.starts_at, d.metric ORDER BY sort_key DESC LIMIT :limit",
	.takes = &usage_history_shape,
	.gives = &usage_past_shape,
};

HANDLER_EACH(list_history, usage_history, usage_past)

static const struct operation history_operation = {
	.id = "usage.history",
	.kind = READ,
	.scope = USAGE_READ,
	.effect = READS,
	.summary = "List what cycles have used, or their days, newest first.",
	.page_key = "sort_key",
	.raises = { NOT_FOUND },
	.run = &list_history_run,
};

static const struct problem *
list_history(struct call *call, const struct usage_history *in, struct sink *sink)
{
	bool by_day = in->by.at != NULL && strcmp(in->by.at, "day") == 0;

	return sql_page(call, by_day ? &list_days : &list_cycles, in, sink);
}

const struct resource usage_read_resource = {
	.name = "usage.reading",
	.summary = "What was used.",
	.operations = LIST_OF(operation, &current_operation, &history_operation),
	.statements = LIST_OF(statement, &read_counters, &count_apps, &read_parts, &list_cycles, &list_days),
};
