/*
 * Overage in a monthly run: of each cycle that was closed, what was used beyond the plan's quotas, rounded half-even to
 * whole credits. What came late is billed by the next run, as the growth over what was billed before: so no rounding
 * adds up.
 */
#include <inttypes.h>

#include "clock.h"
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
};
static const struct field run_key_fields[] = {
	FIELD(run_key, period, ANY, "The run's month."),
	FIELD(run_key, from_at, ANY, "Its beginning."),
};
SHAPE(run_key)

/* A counter that may have something to bill. */
struct used {
	struct instant cycle_starts_at, cycle_ends_at;
	struct text metric;
	struct id plan_id;
	bool is_late;
	struct quantity value;
	struct quantity late_value;
	int64_t included;
	struct amount unit_price;
	struct text price_currency;
	struct amount price_credit;
	struct quantity billed_over;
	struct credits credits_before;
};
static const struct field used_fields[] = {
	FIELD(used, cycle_starts_at, ANY, "The cycle."),
	FIELD(used, cycle_ends_at, ANY, "When it ended."),
	FIELD(used, metric, ANY, "The metric."),
	FIELD(used, plan_id, ANY, "Whose quota counts."),
	FIELD(used, is_late, ANY, "Whether the cycle belongs to a month before."),
	FIELD(used, value, ANY, "What was used."),
	FIELD(used, late_value, ANY, "How much of it came late."),
	FIELD(used, included, ANY, "Units that are included."),
	FIELD(used, unit_price, ANY, "Of one unit beyond them."),
	FIELD(used, price_currency, ANY, "Of that price."),
	FIELD(used, price_credit, ANY, "Of one credit, in that currency."),
	FIELD(used, billed_over, ANY, "What runs have billed before."),
	FIELD(used, credits_before, ANY, "The credits for that."),
};
SHAPE(used)

static const struct statement list_used = {
	.sql = "SELECT u.cycle_starts_at, c.ends_at AS cycle_ends_at, u.metric, p.id AS plan_id,"
	       " COALESCE(c.run_period <> :period OR c.ends_at <= :from_at, TRUE) AS is_late, u.value, u.late_value,"
	       " q.included, COALESCE(q.overage_unit_price, 0) AS unit_price, p.currency AS price_currency,"
	       " r.price AS price_credit, u.billed_over, u.billed_credits AS credits_before FROM usage_cycle c"
	       " JOIN usage_counter u ON u.organization_id = c.organization_id AND u.cycle_starts_at = c.starts_at"
	       " JOIN usage_metric m ON m.name = u.metric AND m.unit_credits IS NULL"
	       " JOIN plan p ON p.id = c.plan_id JOIN credit_price r ON r.currency = p.currency"
	       " JOIN plan_quota q ON q.plan_id = p.id AND q.metric = u.metric AND q.overage_unit_price > 0"
	       " WHERE c.organization_id = :organization AND c.closed_at IS NOT NULL"
	       " AND (c.run_period = :period OR u.late_value <> u.billed_late)"
	       " ORDER BY u.metric, u.cycle_starts_at",
	.takes = &run_key_shape,
	.gives = &used_shape,
};

/* What is billed of it. */
struct billing {
	struct text period;
	struct used used;
	struct text cycle_name;
	struct quantity quantity;
	struct quantity over;
	struct credits credits_in_all;
	struct credits credits;
	struct maybe_text paid_from;
};
static const struct field billing_fields[] = {
	FIELD(billing, period, ANY, "The run's month."),
	FIELD_AS(billing, used.cycle_starts_at, "cycle_starts_at", ANY, "The cycle."),
	FIELD_AS(billing, used.cycle_ends_at, "cycle_ends_at", ANY, "When it ended."),
	FIELD_AS(billing, used.metric, "metric", ANY, "The metric."),
	FIELD_AS(billing, used.is_late, "is_late", ANY, "Whether it belongs to a month before."),
	FIELD_AS(billing, used.value, "value", ANY, "What was used."),
	FIELD_AS(billing, used.late_value, "late_value", ANY, "How much of it came late."),
	FIELD_AS(billing, used.included, "included", ANY, "Units that are included."),
	FIELD_AS(billing, used.unit_price, "unit_price", ANY, "Of one unit beyond them."),
	FIELD_AS(billing, used.price_currency, "price_currency", ANY, "Of that price."),
	FIELD_AS(billing, used.price_credit, "price_credit", ANY, "Of one credit."),
	FIELD_AS(billing, used.credits_before, "credits_before", ANY, "Billed before."),
	FIELD(billing, cycle_name, ANY, "The cycle's days."),
	FIELD(billing, quantity, ANY, "What is billed."),
	FIELD(billing, over, ANY, "What is billed by then."),
	FIELD(billing, credits_in_all, ANY, "The credits for that."),
	FIELD(billing, credits, ANY, "The credits of this run."),
	FIELD(billing, paid_from, ANY, "What pays it."),
};
SHAPE(billing)

static const struct statement insert_billed = {
	.sql = "INSERT INTO billed_usage (organization_id, period, cycle_starts_at, metric, cycle_ends_at, cycle_name,"
	       " is_late, value, included, quantity, unit_price, price_currency, price_credit, credits_before,"
	       " credits, paid_from) VALUES (:organization, :period, :cycle_starts_at, :metric, :cycle_ends_at,"
	       " :cycle_name, :is_late, :value, :included, :quantity, :unit_price, :price_currency, :price_credit,"
	       " :credits_before, :credits, :paid_from)",
	.takes = &billing_shape,
};

static const struct statement mark_counter = {
	.sql = "UPDATE usage_counter SET billed_over = :over, billed_credits = :credits_in_all,"
	       " billed_late = :late_value WHERE organization_id = :organization"
	       " AND cycle_starts_at = :cycle_starts_at AND metric = :metric",
	.takes = &billing_shape,
};

struct billed {
	struct text metric;
	struct text unit;
	struct instant cycle_starts_at, cycle_ends_at;
	struct text cycle_name;
	bool is_late;
	struct quantity value;
	int64_t included;
	struct quantity quantity;
	struct amount unit_price;
	struct text price_currency;
	struct amount price_credit;
	struct credits credits_before;
	struct credits credits;
	struct text paid_from;
};
static const struct field billed_fields[] = {
	FIELD(billed, metric, ANY, "The metric."),
	FIELD(billed, unit, ANY, "What it is counted in."),
	FIELD(billed, cycle_starts_at, ANY, "The cycle."),
	FIELD(billed, cycle_ends_at, ANY, "When it ended."),
	FIELD(billed, cycle_name, ANY, "Its days."),
	FIELD(billed, is_late, ANY, "Whether it belongs to a month before."),
	FIELD(billed, value, ANY, "What was used."),
	FIELD(billed, included, ANY, "Units that are included."),
	FIELD(billed, quantity, ANY, "What was billed."),
	FIELD(billed, unit_price, ANY, "Of one unit."),
	FIELD(billed, price_currency, ANY, "Of that price."),
	FIELD(billed, price_credit, ANY, "Of one credit."),
	FIELD(billed, credits_before, ANY, "Billed before."),
	FIELD(billed, credits, ANY, "What it came to."),
	FIELD(billed, paid_from, ANY, "What paid it."),
};
SHAPE(billed)

static const struct statement list_billed = {
	.sql = "SELECT b.metric, m.unit, b.cycle_starts_at, b.cycle_ends_at, b.cycle_name, b.is_late, b.value,"
	       " b.included, b.quantity, b.unit_price, b.price_currency, b.price_credit, b.credits_before, b.credits,"
	       " COALESCE(b.paid_from, 'invoice') AS paid_from FROM billed_usage b"
	       " JOIN usage_metric m ON m.name = b.metric WHERE b.organization_id = :organization"
	       " AND b.period = :period ORDER BY b.metric, b.cycle_starts_at",
	.takes = &run_key_shape,
	.gives = &billed_shape,
};

/* What the line was computed from. */
struct overage_source {
	struct text metric;
	struct text cycle;
	struct quantity used;
	int64_t included;
	struct amount unit_price;
	struct text price_currency;
	struct credits billed_before;
	struct amount credit_price;
	struct text rounding;
};
static const struct field overage_source_fields[] = {
	FIELD(overage_source, metric, ANY, "The metric."),
	FIELD(overage_source, cycle, ANY, "The cycle's local days."),
	FIELD(overage_source, used, ANY, "What the counter said."),
	FIELD(overage_source, included, ANY, "Units that are included."),
	FIELD(overage_source, unit_price, ANY, "Of one unit beyond them."),
	FIELD(overage_source, price_currency, ANY, "Of that price."),
	FIELD(overage_source, billed_before, ANY, "Credits of the same counter that runs before have billed."),
	FIELD(overage_source, credit_price, ANY, "Of one credit, in the organization's currency."),
	FIELD(overage_source, rounding, ANY, "How it was rounded."),
};
SHAPE(overage_source)

/* ---- billing ---------------------------------------------------------------------------------------------------- */

/* Its local days, both included. */
static struct text
name_cycle(struct call *call, struct text zone, const struct used *used)
{
	struct instant last = { used->cycle_ends_at.microseconds - 1 };
	struct date from = { 0 }, to = { 0 };

	zone_date(zone, used->cycle_starts_at, &from);
	zone_date(zone, last, &to);
	return arena_format(call->arena,
	    "%04" PRId64 "-%02" PRId64 "-%02" PRId64 " to %04" PRId64 "-%02" PRId64 "-%02" PRId64, from.year,
	    from.month, from.day, to.year, to.month, to.day);
}

/* What is beyond the quota in all, and what it costs in all; what was billed is never taken back. */
static const struct problem *
count_over(struct call *call, struct billing *billing)
{
	const struct used *used = &billing->used;
	int64_t included, whole;

	billing->over = used->billed_over;
	billing->credits_in_all = used->credits_before;
	if (__builtin_mul_overflow(used->included, UNIT, &included) ||
	    used->value.micros - included <= used->billed_over.micros)
		return NULL;
	billing->over.micros = used->value.micros - included;
	if (__builtin_mul_overflow(used->price_credit.micros, UNIT, &whole) ||
	    !share_of(billing->over.micros, used->unit_price.micros, whole, 1, &billing->credits_in_all.count))
		return fail_internal(call, "an overage overflows");
	if (billing->credits_in_all.count <= used->credits_before.count) {
		billing->over = used->billed_over;
		billing->credits_in_all = used->credits_before;
	}
	return NULL;
}

static const struct problem *
bill_one(struct call *call, struct run *run, struct text zone, struct billing *billing)
{
	const struct used *used = &billing->used;
	struct run_taking taking = {
		.reason = LEDGER_OVERAGE, .reference_type = "plan", .reference_id = used->plan_id
	};
	enum run_paid paid = RUN_PAID_NOT;
	struct maybe_int sequence;
	const struct problem *p = count_over(call, billing);

	if (p != NULL)
		return p;
	billing->credits.count = billing->credits_in_all.count - used->credits_before.count;
	billing->quantity.micros = billing->over.micros - used->billed_over.micros;
	if (billing->credits.count > 0) {
		billing->cycle_name = name_cycle(call, zone, used);
		taking.credits = billing->credits;
		taking.description = arena_format(call->arena, "%s, %s", used->metric.at, billing->cycle_name.at);
		p = run_take(call, run, &taking, &paid, &sequence);
		billing->paid_from = run_paid_name(paid);
		if (p == NULL)
			p = sql_run(call, &insert_billed, billing, NULL);
	}
	return p != NULL ? p : sql_run(call, &mark_counter, billing, NULL);
}

static const struct problem *
bill_overage(struct call *call, struct run *run)
{
	struct run_key key = { run->period, run->from_at };
	struct list found;
	const struct used *used;
	struct text zone;
	int64_t count = 0;
	const struct problem *p = sql_all(call, &list_used, &key, &found);

	if (p != NULL || found.count == 0)
		return p;
	used = found.items;
	p = month_zone(call, &zone);
	for (size_t i = 0; p == NULL && i < found.count; i++) {
		struct billing billing = { .period = run->period, .used = used[i] };

		p = bill_one(call, run, zone, &billing);
		count += billing.credits.count > 0;
	}
	run->has_changed = true;
	if (count > 0)
		run->detail = arena_format(call->arena, "%" PRId64 " counter%s billed.", count, count == 1 ? "" : "s");
	return p;
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static struct document
source_of(struct call *call, const struct run *run, const struct billed *billed)
{
	struct overage_source source = {
		.metric = billed->metric,
		.cycle = billed->cycle_name,
		.used = billed->value,
		.included = billed->included,
		.unit_price = billed->unit_price,
		.price_currency = billed->price_currency,
		.billed_before = billed->credits_before,
		.credit_price = run->credit_price,
		.rounding = TEXT("half-even to whole credits, once a counter"),
	};
	struct buffer out = buffer_new(call->arena, 512);

	json_write(&out, &overage_source_shape, &source);
	return (struct document){ out.at, out.length };
}

static const struct problem *
overage_lines(struct call *call, const struct run *run, struct run_lines *out)
{
	struct run_key key = { run->period, run->from_at };
	struct list rows;
	const struct billed *billed;
	const struct problem *p = sql_all(call, &list_billed, &key, &rows);

	billed = rows.items;
	for (size_t i = 0; p == NULL && i < rows.count; i++) {
		struct run_line line = {
			.kind = billed[i].is_late ? TEXT("late_usage") : TEXT("overage"),
			.description = arena_format(call->arena, "%s: %s beyond the quota, %s",
			    billed[i].is_late ? "Late usage" : "Overage", billed[i].metric.at, billed[i].cycle_name.at),
			.quantity = { billed[i].quantity, true },
			.unit = text_given(billed[i].unit),
			.credits = { billed[i].credits, true },
			.paid_from = billed[i].paid_from,
			.from_at = { billed[i].cycle_starts_at, true },
			.to_at = { billed[i].cycle_ends_at, true },
			.source = source_of(call, run, &billed[i]),
		};

		if (text_equal(billed[i].price_currency, run->currency))
			line.unit_price = (struct maybe_amount){ billed[i].unit_price, true };
		if (!credits_value(billed[i].credits, run->credit_price, &line.amount))
			return fail_internal(call, "an overage's value overflows");
		run_line_add(call, out, &line);
	}
	return p;
}

const struct run_part run_overage_part = { .name = "overage", .bill = bill_overage, .lines = overage_lines };

const struct resource run_overage_resource = {
	.name = "run_overage",
	.summary = "Overage of monthly runs.",
	.statements = LIST_OF(statement, &list_used, &insert_billed, &mark_counter, &list_billed),
};
