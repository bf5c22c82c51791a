/*
 * Overage in a monthly run. Of each cycle that was closed: what was used beyond the quotas of the plan that it has,
 * rounded half-even to whole credits; what came late is billed by the next run, as the growth over what was billed
 * before: so no rounding adds up. And what plans that it had before have sold (usage_overage.c), whatever plan it has
 * now, if any.
 */
#include <inttypes.h>

#include "clock.h"
#include "id.h"
#include "json.h"
#include "money.h"
#include "month_run.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

#define UNIT INT64_C(1000000)

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct run_key {
	struct text period;
	struct instant from_at;
	struct instant to_at;
};
static const struct field run_key_fields[] = {
	FIELD(run_key, period, ANY, "The run's month."),
	FIELD(run_key, from_at, ANY, "Its beginning."),
	FIELD(run_key, to_at, ANY, "Its end."),
};
SHAPE(run_key)

/* A counter, or what a plan has sold of it: what there is to bill, and what is billed of it. */
struct billing {
	struct text period;
	struct instant cycle_starts_at, cycle_ends_at;
	struct text cycle_name;
	struct text metric;
	struct id plan_id;
	bool is_settled;
	bool is_late;
	struct maybe_quantity value;
	struct quantity late_value;
	struct maybe_quantity settled;
	struct maybe_int included;
	struct maybe_amount unit_price;
	struct quantity quantity;
	struct maybe_amount amount;
	struct maybe_instant settled_at;
	struct text price_currency;
	struct amount price_credit;
	struct quantity billed_over;
	struct maybe_credits credits_before;
	struct credits credits;
	struct credits credits_in_all;
	struct maybe_text paid_from;
};
static const struct field billing_fields[] = {
	FIELD(billing, period, ANY, "The run's month."),
	FIELD(billing, cycle_starts_at, ANY, "The cycle."),
	FIELD(billing, cycle_ends_at, ANY, "When it ended."),
	FIELD(billing, cycle_name, ANY, "Its days."),
	FIELD(billing, metric, ANY, "The metric."),
	FIELD(billing, plan_id, ANY, "Whose price it is."),
	FIELD(billing, is_settled, ANY, "Whether the cycle has another plan by now."),
	FIELD(billing, is_late, ANY, "Whether the cycle belongs to a month before."),
	FIELD(billing, value, ANY, "What was used."),
	FIELD(billing, late_value, ANY, "How much of it came late."),
	FIELD(billing, settled, ANY, "How much of it plans before had judged."),
	FIELD(billing, included, ANY, "Units that are included."),
	FIELD(billing, unit_price, ANY, "Of one unit beyond them."),
	FIELD(billing, quantity, ANY, "What is billed."),
	FIELD(billing, amount, ANY, "What it costs in the plan's currency."),
	FIELD(billing, settled_at, ANY, "When the plan was changed."),
	FIELD(billing, price_currency, ANY, "The plan's."),
	FIELD(billing, price_credit, ANY, "Of one credit, in that currency."),
	FIELD(billing, billed_over, ANY, "What is billed of the counter in all."),
	FIELD(billing, credits_before, ANY, "The credits that runs have billed before."),
	FIELD(billing, credits, ANY, "The credits of this run."),
	FIELD(billing, credits_in_all, ANY, "Those and the ones before."),
	FIELD(billing, paid_from, ANY, "What pays it."),
};
SHAPE(billing)

static const struct field used_fields[] = {
	FIELD(billing, cycle_starts_at, ANY, "The cycle."),
	FIELD(billing, cycle_ends_at, ANY, "When it ended."),
	FIELD(billing, metric, ANY, "The metric."),
	FIELD(billing, plan_id, ANY, "Whose quota counts."),
	FIELD(billing, is_late, ANY, "Whether the cycle belongs to a month before."),
	FIELD(billing, value, ANY, "What was used."),
	FIELD(billing, late_value, ANY, "How much of it came late."),
	FIELD(billing, settled, ANY, "How much of it plans before had judged."),
	FIELD(billing, included, ANY, "Units that are included."),
	FIELD(billing, unit_price, ANY, "Of one unit beyond them."),
	FIELD(billing, price_currency, ANY, "Of that price."),
	FIELD(billing, price_credit, ANY, "Of one credit, in that currency."),
	FIELD(billing, billed_over, ANY, "What runs have billed before."),
	FIELD(billing, credits_before, ANY, "The credits for that."),
};
VIEW(used, billing)

/* The only other place that says of which metrics overage is sold is usage_overage.c. */
#define SOLD_METRIC \
	" JOIN usage_metric m ON m.name = u.metric AND m.unit_credits IS NULL AND m.aggregation IN ('sum', 'count')"
#define IS_LATE "COALESCE(c.run_period <> :period OR c.ends_at <= :from_at, TRUE) AS is_late"

static const struct statement list_used = {
	.sql =
	    "SELECT u.cycle_starts_at, c.ends_at AS cycle_ends_at, u.metric, p.id AS plan_id, " IS_LATE ", u.value,"
	    " u.late_value, u.settled, q.included, q.overage_unit_price AS unit_price, p.currency AS price_currency,"
	    " r.price AS price_credit, u.billed_over, u.billed_credits AS credits_before FROM usage_cycle c"
	    " JOIN usage_counter u ON u.organization_id = c.organization_id AND u.cycle_starts_at = "
	    "c.starts_at" SOLD_METRIC " JOIN plan p ON p.id = c.plan_id JOIN credit_price r ON r.currency = p.currency"
	    " JOIN plan_quota q ON q.plan_id = p.id AND q.metric = u.metric AND q.overage_unit_price > 0"
	    " WHERE c.organization_id = :organization AND c.closed_at IS NOT NULL"
	    " AND (c.run_period = :period OR u.late_value <> u.billed_late)"
	    " ORDER BY u.metric, u.cycle_starts_at",
	.takes = &run_key_shape,
	.gives = &used_shape,
};

struct counter_key {
	struct instant cycle_starts_at;
	struct text metric;
};
static const struct field counter_key_fields[] = {
	FIELD(counter_key, cycle_starts_at, ANY, "The cycle."),
	FIELD(counter_key, metric, ANY, "The metric."),
};
SHAPE(counter_key)

static const struct statement list_counters = {
	.sql = "SELECT u.cycle_starts_at, u.metric FROM usage_cycle c JOIN usage_counter u"
	       " ON u.organization_id = c.organization_id AND u.cycle_starts_at = c.starts_at" SOLD_METRIC
	       " WHERE c.organization_id = :organization AND c.closed_at IS NOT NULL"
	       " AND (c.run_period = :period OR u.late_value <> u.billed_late) ORDER BY u.metric, u.cycle_starts_at",
	.takes = &run_key_shape,
	.gives = &counter_key_shape,
};

static const struct statement lock_counter = {
	.sql = "SELECT cycle_starts_at, metric FROM usage_counter WHERE organization_id = :organization"
	       " AND cycle_starts_at = :cycle_starts_at AND metric = :metric FOR UPDATE",
	.takes = &counter_key_shape,
	.gives = &counter_key_shape,
};

static const struct statement mark_counter = {
	.sql = "UPDATE usage_counter SET billed_over = :billed_over, billed_credits = :credits_in_all,"
	       " billed_late = :late_value WHERE organization_id = :organization"
	       " AND cycle_starts_at = :cycle_starts_at AND metric = :metric",
	.takes = &billing_shape,
};

/* What a plan has sold when another took its place. */
struct sold {
	struct id id;
	struct instant cycle_starts_at, cycle_ends_at;
	struct text metric;
	struct id plan_id;
	bool is_late;
	struct quantity quantity;
	struct amount amount;
	struct instant settled_at;
	struct text price_currency;
	struct amount price_credit;
};
static const struct field sold_fields[] = {
	FIELD(sold, id, ANY, "The row."),
	FIELD(sold, cycle_starts_at, ANY, "The cycle."),
	FIELD(sold, cycle_ends_at, ANY, "When it ended."),
	FIELD(sold, metric, ANY, "The metric."),
	FIELD(sold, plan_id, ANY, "Whose price it is."),
	FIELD(sold, is_late, ANY, "Whether the cycle belongs to a month before."),
	FIELD(sold, quantity, ANY, "How much."),
	FIELD(sold, amount, ANY, "What it costs."),
	FIELD(sold, settled_at, ANY, "When the plan was changed."),
	FIELD(sold, price_currency, ANY, "In what."),
	FIELD(sold, price_credit, ANY, "Of one credit, in that currency."),
};
SHAPE(sold)

static const struct statement list_sold = {
	.sql =
	    "SELECT x.id, x.cycle_starts_at, c.ends_at AS cycle_ends_at, x.metric, x.plan_id, " IS_LATE ", x.quantity,"
	    " x.amount, x.settled_at, x.currency AS price_currency, r.price AS price_credit FROM usage_cycle c"
	    " JOIN usage_overage x ON x.organization_id = c.organization_id AND x.cycle_starts_at = c.starts_at"
	    " JOIN credit_price r ON r.currency = x.currency WHERE c.organization_id = :organization"
	    " AND c.closed_at IS NOT NULL AND x.run_period IS NULL"
	    " ORDER BY x.metric, x.cycle_starts_at, x.plan_id, x.currency, x.settled_at, x.id",
	.takes = &run_key_shape,
	.gives = &sold_shape,
};

struct sold_mark {
	struct id id;
	struct text period;
};
static const struct field sold_mark_fields[] = {
	FIELD(sold_mark, id, ANY, "The row."),
	FIELD(sold_mark, period, ANY, "The run's month."),
};
SHAPE(sold_mark)

static const struct statement mark_sold = {
	.sql = "UPDATE usage_overage SET run_period = :period WHERE organization_id = :organization AND id = :id"
	       " AND run_period IS NULL",
	.takes = &sold_mark_shape,
};

static const struct statement insert_billed = {
	.sql =
	    "INSERT INTO billed_usage (organization_id, period, cycle_starts_at, metric, is_settled, plan_id,"
	    " cycle_ends_at, cycle_name, is_late, value, settled, included, unit_price, quantity, amount, settled_at,"
	    " price_currency, price_credit, credits_before, credits, paid_from) VALUES (:organization, :period,"
	    " :cycle_starts_at, :metric, :is_settled, :plan_id, :cycle_ends_at, :cycle_name, :is_late, :value,"
	    " :settled, :included, :unit_price, :quantity, :amount, :settled_at, :price_currency, :price_credit,"
	    " :credits_before, :credits, :paid_from)",
	.takes = &billing_shape,
};

struct billed {
	struct billing row;
	struct text unit;
	struct text plan_name;
};
static const struct field billed_fields[] = {
	FIELD_AS(billed, row.metric, "metric", ANY, "The metric."),
	FIELD(billed, unit, ANY, "What it is counted in."),
	FIELD_AS(billed, row.plan_id, "plan_id", ANY, "Whose price it is."),
	FIELD(billed, plan_name, ANY, "That plan's name."),
	FIELD_AS(billed, row.is_settled, "is_settled", ANY, "Whether the plan was another one later."),
	FIELD_AS(billed, row.cycle_starts_at, "cycle_starts_at", ANY, "The cycle."),
	FIELD_AS(billed, row.cycle_ends_at, "cycle_ends_at", ANY, "When it ended."),
	FIELD_AS(billed, row.cycle_name, "cycle_name", ANY, "Its days."),
	FIELD_AS(billed, row.is_late, "is_late", ANY, "Whether it belongs to a month before."),
	FIELD_AS(billed, row.value, "value", ANY, "What was used."),
	FIELD_AS(billed, row.settled, "settled", ANY, "How much of it plans before had judged."),
	FIELD_AS(billed, row.included, "included", ANY, "Units that are included."),
	FIELD_AS(billed, row.unit_price, "unit_price", ANY, "Of one unit."),
	FIELD_AS(billed, row.quantity, "quantity", ANY, "What was billed."),
	FIELD_AS(billed, row.amount, "amount", ANY, "What it costs."),
	FIELD_AS(billed, row.settled_at, "settled_at", ANY, "When the plan was changed."),
	FIELD_AS(billed, row.price_currency, "price_currency", ANY, "Of that price."),
	FIELD_AS(billed, row.price_credit, "price_credit", ANY, "Of one credit."),
	FIELD_AS(billed, row.credits_before, "credits_before", ANY, "Billed before."),
	FIELD_AS(billed, row.credits, "credits", ANY, "What it came to."),
	FIELD_AS(billed, row.paid_from, "paid_from", ANY, "What paid it."),
};
SHAPE(billed)

static const struct statement list_billed = {
	.sql =
	    "SELECT b.metric, m.unit, b.plan_id, p.name AS plan_name, b.is_settled, b.cycle_starts_at, b.cycle_ends_at,"
	    " b.cycle_name, b.is_late, b.value, b.settled, b.included, b.unit_price, b.quantity, b.amount,"
	    " b.settled_at, b.price_currency, b.price_credit, b.credits_before, b.credits, b.paid_from"
	    " FROM billed_usage b JOIN usage_metric m ON m.name = b.metric JOIN plan p ON p.id = b.plan_id"
	    " WHERE b.organization_id = :organization AND b.period = :period"
	    " ORDER BY b.metric, b.cycle_starts_at, b.is_settled DESC, b.plan_id",
	.takes = &run_key_shape,
	.gives = &billed_shape,
};

/* What the line was computed from. */
struct overage_source {
	struct text metric;
	struct text cycle;
	struct id plan_id;
	struct text plan;
	struct maybe_quantity used;
	struct maybe_quantity settled;
	struct maybe_int included;
	struct maybe_amount unit_price;
	struct maybe_amount price;
	struct maybe_instant settled_at;
	struct text price_currency;
	struct amount price_credit;
	struct maybe_credits billed_before;
	struct amount credit_price;
	struct text rounding;
};
static const struct field overage_source_fields[] = {
	FIELD(overage_source, metric, ANY, "The metric."),
	FIELD(overage_source, cycle, ANY, "The cycle's local days."),
	FIELD(overage_source, plan_id, ANY, "The plan that has sold it."),
	FIELD(overage_source, plan, ANY, "Its name."),
	FIELD(overage_source, used, LEFT_OUT, "What the counter said."),
	FIELD(overage_source, settled, LEFT_OUT, "How much of it plans that the cycle had before have judged."),
	FIELD(overage_source, included, LEFT_OUT, "Units that are included."),
	FIELD(overage_source, unit_price, LEFT_OUT, "Of one unit beyond them."),
	FIELD(overage_source, price, LEFT_OUT, "What it came to when the plan was changed."),
	FIELD(overage_source, settled_at, LEFT_OUT, "When that was."),
	FIELD(overage_source, price_currency, ANY, "Of the price."),
	FIELD(overage_source, price_credit, ANY, "Of one credit, in that currency."),
	FIELD(overage_source, billed_before, LEFT_OUT, "Credits of the same counter that runs before have billed."),
	FIELD(overage_source, credit_price, ANY, "Of one credit, in the organization's currency."),
	FIELD(overage_source, rounding, ANY, "How it was rounded."),
};
SHAPE(overage_source)

/* ---- how much --------------------------------------------------------------------------------------------------- */

/* Its local days, both included. */
static struct text
name_cycle(struct call *call, struct text zone, const struct billing *billing)
{
	struct instant last = { billing->cycle_ends_at.microseconds - 1 };
	struct date from = { 0 }, to = { 0 };

	zone_date(zone, billing->cycle_starts_at, &from);
	zone_date(zone, last, &to);
	return arena_format(call->arena,
	    "%04" PRId64 "-%02" PRId64 "-%02" PRId64 " to %04" PRId64 "-%02" PRId64 "-%02" PRId64, from.year,
	    from.month, from.day, to.year, to.month, to.day);
}

/* Beyond the quota, and beyond what plans before have judged. */
static int64_t
beyond(const struct billing *billing)
{
	int64_t least;

	if (__builtin_mul_overflow(billing->included.value, UNIT, &least))
		least = INT64_MAX;
	if (least < billing->settled.value.micros)
		least = billing->settled.value.micros;
	return billing->value.value.micros > least ? billing->value.value.micros - least : 0;
}

/* What it is in all, less what was billed; that is never taken back. */
static const struct problem *
count_over(struct call *call, struct billing *billing)
{
	int64_t over = beyond(billing), before = billing->credits_before.value.count, whole, in_all;

	billing->credits_in_all.count = before;
	if (over <= billing->billed_over.micros)
		return NULL;
	if (__builtin_mul_overflow(billing->price_credit.micros, UNIT, &whole) ||
	    !share_of(over, billing->unit_price.value.micros, whole, 1, &in_all))
		return fail_internal(call, "an overage overflows");
	if (in_all <= before)
		return NULL;
	billing->quantity.micros = over - billing->billed_over.micros;
	billing->credits.count = in_all - before;
	billing->billed_over.micros = over;
	billing->credits_in_all.count = in_all;
	return NULL;
}

/* ---- billing ---------------------------------------------------------------------------------------------------- */

static struct run_key
key_of(const struct run *run)
{
	return (struct run_key){ run->period, run->from_at, run->to_at };
}

/* Usage takes its counter before the book, too. */
static const struct problem *
lock_counters(struct call *call, const struct run *run)
{
	struct run_key key = key_of(run);
	const struct counter_key *counters;
	struct counter_key locked;
	struct list list;
	const struct problem *p = sql_all(call, &list_counters, &key, &list);

	counters = list.items;
	for (size_t i = 0; p == NULL && i < list.count; i++)
		p = sql_one(call, &lock_counter, &counters[i], &locked);
	return p;
}

/* The line, where it comes to something. */
static const struct problem *
take(struct call *call, const struct run *run, struct text zone, struct billing *billing)
{
	struct run_taking taking = { .reason = LEDGER_OVERAGE,
		.reference_type = "plan",
		.reference_id = billing->plan_id,
		.credits = billing->credits };
	enum run_paid paid = RUN_PAID_NOT;
	struct maybe_int sequence;
	const struct problem *p;

	if (billing->credits.count == 0)
		return NULL;
	billing->period = run->period;
	billing->cycle_name = name_cycle(call, zone, billing);
	taking.description = arena_format(call->arena, "%s, %s", billing->metric.at, billing->cycle_name.at);
	p = run_take(call, run, &taking, &paid, &sequence);
	billing->paid_from = run_paid_name(paid);
	return p != NULL ? p : sql_run(call, &insert_billed, billing, NULL);
}

static bool
is_same_sale(const struct sold *a, const struct sold *b)
{
	return text_equal(a->metric, b->metric) && id_equal(a->plan_id, b->plan_id) &&
	       a->cycle_starts_at.microseconds == b->cycle_starts_at.microseconds &&
	       text_equal(a->price_currency, b->price_currency);
}

static struct billing
begin_sale(const struct sold *sold)
{
	return (struct billing){
		.cycle_starts_at = sold->cycle_starts_at,
		.cycle_ends_at = sold->cycle_ends_at,
		.metric = sold->metric,
		.plan_id = sold->plan_id,
		.is_settled = true,
		.is_late = sold->is_late,
		.amount = { .given = true },
		.price_currency = sold->price_currency,
		.price_credit = sold->price_credit,
	};
}

/* What a plan has sold of a metric in a cycle, in however many turns: rounded once. `*count`: how many rows it is. */
static const struct problem *
bill_sale(
    struct call *call, const struct run *run, struct text zone, const struct sold *sold, size_t rest, size_t *count)
{
	struct billing billing = begin_sale(sold);
	const struct problem *p = NULL;

	for (*count = 0; p == NULL && *count < rest && is_same_sale(sold, &sold[*count]); ++*count) {
		struct sold_mark mark = { sold[*count].id, run->period };

		if (!amount_add(billing.amount.value, sold[*count].amount, &billing.amount.value) ||
		    __builtin_add_overflow(
			billing.quantity.micros, sold[*count].quantity.micros, &billing.quantity.micros))
			return fail_internal(call, "an overage overflows");
		billing.settled_at = instant_given(sold[*count].settled_at);
		p = sql_run(call, &mark_sold, &mark, NULL);
	}
	if (p == NULL &&
	    !share_of(billing.amount.value.micros, 1, billing.price_credit.micros, 1, &billing.credits.count))
		p = fail_internal(call, "an overage overflows");
	return p != NULL ? p : take(call, run, zone, &billing);
}

static const struct problem *
bill_sold(struct call *call, struct run *run, struct text zone, int64_t *billed)
{
	struct run_key key = key_of(run);
	const struct sold *sold;
	struct list list;
	size_t count;
	const struct problem *p = sql_all(call, &list_sold, &key, &list);

	sold = list.items;
	for (size_t i = 0; p == NULL && i < list.count; i += count) {
		p = bill_sale(call, run, zone, &sold[i], list.count - i, &count);
		run->has_changed = true;
		++*billed;
	}
	return p;
}

static const struct problem *
bill_used(struct call *call, struct run *run, struct text zone, int64_t *billed)
{
	struct run_key key = key_of(run);
	struct billing *used;
	struct list list;
	const struct problem *p = sql_all(call, &list_used, &key, &list);

	used = list.items;
	for (size_t i = 0; p == NULL && i < list.count; i++) {
		p = count_over(call, &used[i]);
		if (p == NULL)
			p = take(call, run, zone, &used[i]);
		if (p == NULL)
			p = sql_run(call, &mark_counter, &used[i], NULL);
		run->has_changed = true;
		*billed += used[i].credits.count > 0;
	}
	return p;
}

static const struct problem *
bill_overage(struct call *call, struct run *run)
{
	int64_t billed = 0;
	struct text zone;
	const struct problem *p = month_zone(call, &zone);

	if (p == NULL)
		p = lock_counters(call, run);
	if (p == NULL)
		p = bill_sold(call, run, zone, &billed);
	if (p == NULL)
		p = bill_used(call, run, zone, &billed);
	if (p == NULL && billed > 0)
		run->detail =
		    arena_format(call->arena, "%" PRId64 " counter%s billed.", billed, billed == 1 ? "" : "s");
	return p;
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static struct document
source_of(struct call *call, const struct run *run, const struct billed *billed)
{
	const struct billing *row = &billed->row;
	struct overage_source source = {
		.metric = row->metric,
		.cycle = row->cycle_name,
		.plan_id = row->plan_id,
		.plan = billed->plan_name,
		.used = row->value,
		.settled = row->settled,
		.included = row->included,
		.unit_price = row->unit_price,
		.price = row->amount,
		.settled_at = row->settled_at,
		.price_currency = row->price_currency,
		.price_credit = row->price_credit,
		.billed_before = row->credits_before,
		.credit_price = run->credit_price,
		.rounding = row->is_settled ? TEXT("half-even to whole credits, once a plan and metric")
					    : TEXT("half-even to whole credits, once a counter"),
	};
	struct buffer out = buffer_new(call->arena, 512);

	json_write(&out, &overage_source_shape, &source);
	return (struct document){ out.at, out.length };
}

static struct text
words_of(struct call *call, const struct billed *billed)
{
	const struct billing *row = &billed->row;
	const char *what = row->is_late ? "Late usage" : "Overage";

	if (row->is_settled)
		return arena_format(call->arena, "%s: %s beyond the quota of %s, %s", what, row->metric.at,
		    billed->plan_name.at, row->cycle_name.at);
	return arena_format(call->arena, "%s: %s beyond the quota, %s", what, row->metric.at, row->cycle_name.at);
}

static const struct problem *
add_billed(struct call *call, const struct run *run, const struct billed *billed, struct run_lines *out)
{
	const struct billing *row = &billed->row;
	struct run_line line = {
		.kind = row->is_late ? TEXT("late_usage") : TEXT("overage"),
		.description = words_of(call, billed),
		.quantity = { row->quantity, true },
		.unit = text_given(billed->unit),
		.credits = { row->credits, true },
		.paid_from = text_or(row->paid_from, "invoice"),
		.from_at = { row->cycle_starts_at, true },
		.to_at = { row->cycle_ends_at, true },
		.source = source_of(call, run, billed),
	};

	if (text_equal(row->price_currency, run->currency))
		line.unit_price = row->unit_price;
	if (!credits_value(row->credits, run->credit_price, &line.amount))
		return fail_internal(call, "an overage's value overflows");
	run_line_add(call, out, &line);
	return NULL;
}

static const struct problem *
overage_lines(struct call *call, const struct run *run, struct run_lines *out)
{
	struct run_key key = key_of(run);
	struct list rows;
	const struct billed *billed;
	const struct problem *p = sql_all(call, &list_billed, &key, &rows);

	billed = rows.items;
	for (size_t i = 0; p == NULL && i < rows.count; i++)
		p = add_billed(call, run, &billed[i], out);
	return p;
}

const struct run_part run_overage_part = {
	.name = "overage", .bill = bill_overage, .lines = overage_lines, .lock = lock_counters
};

const struct resource run_overage_resource = {
	.name = "run_overage",
	.summary = "Overage of monthly runs.",
	.statements = LIST_OF(statement, &list_used, &list_counters, &lock_counter, &mark_counter, &list_sold,
	    &mark_sold, &insert_billed, &list_billed),
};
