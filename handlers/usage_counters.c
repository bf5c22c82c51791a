/*
 * Writing counters: each is changed by one statement that also gives it back, locked, as it is then; what a priced
 * metric grew by becomes one ledger entry for the whole batch.
 */
#include <inttypes.h>

#include "funds.h"
#include "ledger.h"
#include "money.h"
#include "resources.h"
#include "statement.h"
#include "text.h"
#include "usage_parts.h"

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

/* A sum on its way to its row; what only usage_change changes is 0 for a batch. */
struct counter_change {
	struct usage_sum sum;
	struct quantity held;
	struct credits charged;
};
#define SUM_FIELDS(s, member)                                                                 \
	FIELD_AS(s, member cycle_starts_at, "cycle_starts_at", ANY, "The cycle."),            \
	    FIELD_AS(s, member day, "day", ANY, "The local day."),                            \
	    FIELD_AS(s, member metric, "metric", ANY, "The metric."),                         \
	    FIELD_AS(s, member service, "service", ANY, "The service."),                      \
	    FIELD_AS(s, member operator, "operator", ANY, "The operator."),                   \
	    FIELD_AS(s, member aggregation, "aggregation", ANY, "How values come together."), \
	    FIELD_AS(s, member value, "value", ANY, "What comes."),                           \
	    FIELD_AS(s, member events, "events", ANY, "Of how many events."),                 \
	    FIELD_AS(s, member cost, "cost", ANY, "Their cost."),                             \
	    FIELD_AS(s, member saving, "saving", ANY, "Their saving."),                       \
	    FIELD_AS(s, member last_at, "last_at", ANY, "Of `last`: when it occurred."),      \
	    FIELD_AS(s, member is_late, "is_late", ANY, "The cycle is closed.")

static const struct field counter_change_fields[] = {
	SUM_FIELDS(counter_change, sum.),
	FIELD(counter_change, held, ANY, "What is held more, or less."),
	FIELD(counter_change, charged, ANY, "Credits taken."),
};
SHAPE(counter_change)

static const struct field usage_sum_fields[] = { SUM_FIELDS(usage_sum, ) };
SHAPE(usage_sum)

struct counter_now {
	struct usage_counted counted;
	struct amount cost;
	struct amount saving;
};
static const struct field counter_now_fields[] = {
	FIELD_AS(counter_now, counted.value, "value", ANY, "Its value."),
	FIELD_AS(counter_now, counted.held, "held", ANY, "What is held."),
	FIELD_AS(counter_now, counted.charged, "charged", ANY, "Credits taken."),
	FIELD_AS(counter_now, counted.told, "told", ANY, "What was announced."),
	FIELD(counter_now, cost, ANY, "Cost."),
	FIELD(counter_now, saving, ANY, "Saving."),
};
SHAPE(counter_now)

/* What the value is afterwards. */
#define VALUE_AFTER                                                                              \
	"CASE :aggregation WHEN 'max' THEN GREATEST(value, VALUES(value))"                       \
	" WHEN 'last' THEN IF(COALESCE(VALUES(last_at) >= last_at, TRUE), VALUES(value), value)" \
	" ELSE value + VALUES(value) END"

/* Assignments go from left to right: late_value needs the old value, last_at comes behind both. */
static const struct statement change_counter = {
	.sql = "INSERT INTO usage_counter (organization_id, cycle_starts_at, metric, value, held, events, cost, saving,"
	       " charged, late_value, last_at) VALUES (:organization, :cycle_starts_at, :metric, :value, "
	       "GREATEST(:held, 0), :events,"
	       " :cost, :saving, :charged, IF(:is_late, :value, 0), :last_at)"
	       " ON DUPLICATE KEY UPDATE late_value = late_value + IF(:is_late, " VALUE_AFTER " - value, 0),"
	       " value = " VALUE_AFTER ", held = held + :held, events = events + VALUES(events),"
	       " cost = cost + VALUES(cost), saving = saving + VALUES(saving), charged = charged + VALUES(charged),"
	       " last_at = GREATEST(COALESCE(last_at, VALUES(last_at)), COALESCE(VALUES(last_at), last_at))"
	       " RETURNING value, held, charged, told, cost, saving",
	.takes = &counter_change_shape,
	.gives = &counter_now_shape,
};

static const struct statement change_days = {
	.sql = "INSERT INTO usage_day (organization_id, day, metric, service, operator, cycle_starts_at, value, events,"
	       " cost, saving, last_at) VALUES (:organization, :day, :metric, :service, :operator, :cycle_starts_at,"
	       " :value, :events, :cost, :saving, :last_at)"
	       " ON DUPLICATE KEY UPDATE value = " VALUE_AFTER ", events = events + VALUES(events),"
	       " cost = cost + VALUES(cost), saving = saving + VALUES(saving),"
	       " last_at = GREATEST(COALESCE(last_at, VALUES(last_at)), COALESCE(VALUES(last_at), last_at))",
	.takes = &usage_sum_shape,
};

struct counter_charge {
	struct instant cycle_starts_at;
	struct text metric;
	struct credits charged;
};
static const struct field counter_charge_fields[] = {
	FIELD(counter_charge, cycle_starts_at, ANY, "The cycle."),
	FIELD(counter_charge, metric, ANY, "The metric."),
	FIELD(counter_charge, charged, ANY, "Credits taken in all."),
};
SHAPE(counter_charge)

static const struct statement set_charged = {
	.sql = "UPDATE usage_counter SET charged = :charged WHERE organization_id = :organization"
	       " AND cycle_starts_at = :cycle_starts_at AND metric = :metric",
	.takes = &counter_charge_shape,
};

struct credit_price {
	struct text currency;
	struct amount price;
};
static const struct field credit_price_fields[] = {
	FIELD(credit_price, currency, ANY, "The organization's."),
	FIELD(credit_price, price, ANY, "Of one credit."),
};
SHAPE(credit_price)

static const struct statement read_price = {
	.sql = "SELECT o.currency, p.price FROM organization o JOIN credit_price p ON p.currency = o.currency"
	       " WHERE o.id = :organization",
	.gives = &credit_price_shape,
};

struct counter_figures {
	struct instant cycle_starts_at;
	struct text metric;
	struct quantity value;
	struct amount cost;
	struct amount saving;
};
static const struct field counter_figures_fields[] = {
	FIELD(counter_figures, cycle_starts_at, ANY, "The cycle."),
	FIELD(counter_figures, metric, ANY, "The metric."),
	FIELD(counter_figures, value, ANY, "Its value."),
	FIELD(counter_figures, cost, ANY, "Its cost."),
	FIELD(counter_figures, saving, ANY, "Its saving."),
};
SHAPE(counter_figures)

static const struct statement read_figures = {
	.sql = "SELECT cycle_starts_at, metric, value, cost, saving FROM usage_counter"
	       " WHERE organization_id = :organization AND cycle_starts_at = :cycle_starts_at",
	.takes = &counter_figures_shape,
	.gives = &counter_figures_shape,
};

/* ---- charging -------------------------------------------------------------------------------------------------- */

static const struct problem *
too_dear(struct call *call)
{
	return fail(call, CONFLICT, "The events cost more credits than one entry can hold; send fewer at once.");
}

/* What is charged afterwards is money, as of an order; without tax, which is the invoice's. */
static const struct problem *
charge_on_account(struct call *call, struct posting *posting)
{
	struct credit_price price;
	struct amount amount;
	const struct problem *p = sql_one(call, &read_price, NULL, &price);

	if (p != NULL)
		return p;
	if (!credits_value(posting->credits, price.price, &amount))
		return too_dear(call);
	posting->on_account = true;
	posting->money = text_given(arena_format(call->arena,
	    "[{\"account\":\"receivable\",\"unit\":\"%s\",\"amount\":%" PRId64 "},"
	    "{\"account\":\"revenue\",\"unit\":\"%s\",\"amount\":%" PRId64 "}]",
	    price.currency.at, amount.micros, price.currency.at, -amount.micros));
	return NULL;
}

static const struct problem *
charge(struct call *call, struct credits credits, struct text description)
{
	struct posting posting = {
		.reason = LEDGER_CHARGE,
		.credits = credits,
		.description = text_given(description),
		.reference_type = text_given(TEXT("usage")),
		.reference_id = { call->id, true },
	};
	struct posted posted;
	struct funds funds;
	const struct problem *p;

	if (credits.count > LEDGER_MOST)
		return too_dear(call);
	p = funds_read(call, &funds);
	if (p == NULL && funds.post_pay)
		p = charge_on_account(call, &posting);
	return p != NULL ? p : ledger_post_or_tell(call, &posting, &posted);
}

struct bill {
	struct credits credits;
	struct buffer description; /* the metrics' names */
};

/* An entry's description has 500 characters. */
static void
name_metric(struct bill *bill, struct text metric)
{
	if (bill->description.length > 380)
		return;
	if (bill->description.length > 0)
		buffer_add_string(&bill->description, ", ");
	if (bill->description.length > 360)
		buffer_add_string(&bill->description, "…");
	else
		buffer_add_text(&bill->description, metric);
}

/* What was charged keeps step with the value: no rounding adds up, and none is lost. */
static const struct problem *
add_to_bill(struct call *call, const struct usage_metric *metric, const struct usage_sum *sum,
    struct usage_counted *counted, struct bill *bill)
{
	struct counter_charge row = { sum->cycle_starts_at, sum->metric, { 0 } };
	struct credits growth;

	if (!metric->unit_credits.given)
		return NULL;
	if (!usage_credits(counted->value, metric->unit_credits.value, &row.charged))
		return too_dear(call);
	growth.count = row.charged.count - counted->charged.count;
	if (growth.count <= 0)
		return NULL;
	if (!credits_add(bill->credits, growth, &bill->credits))
		return too_dear(call);
	counted->charged = row.charged;
	name_metric(bill, metric->name);
	return sql_run(call, &set_charged, &row, NULL);
}

/* ---- a batch ---------------------------------------------------------------------------------------------------- */

static bool
is_too_large(const struct counter_now *now)
{
	return now->counted.value.micros > USAGE_VALUE_MOST || now->cost.micros > USAGE_VALUE_MOST ||
	       now->saving.micros > USAGE_VALUE_MOST;
}

static const struct problem *
write_days(struct call *call, const struct list *days)
{
	const void **rows = arena_array(call->arena, days->count, sizeof(*rows));

	for (size_t i = 0; i < days->count; i++)
		rows[i] = (const struct usage_sum *)days->items + i;
	return sql_bulk(call, &change_days, rows, days->count, NULL, NULL);
}

/* A counter that grew too large makes another run, which looks before it counts. */
static const struct problem *
write_counter(struct call *call, struct usage_batch *batch, const struct usage_sum *sum, struct usage_counted *counted)
{
	const struct counter_change change = { .sum = *sum };
	struct counter_now now;
	const struct problem *p = sql_one(call, &change_counter, &change, &now);

	if (p != NULL)
		return p;
	*counted = now.counted;
	if (!is_too_large(&now))
		return NULL;
	batch->looks_first = true;
	return fail(call, RERUN, "A counter would grow too large.");
}

const struct problem *
usage_sums_write(struct call *call, struct usage_batch *batch, const struct list *counters, const struct list *days)
{
	struct usage_counted *counted = arena_array(call->arena, counters->count, sizeof(*counted));
	const struct usage_metric *metrics = batch->metrics.items;
	const struct usage_span *spans = batch->spans.items;
	const struct usage_sum *sums = counters->items;
	struct bill bill = { .description = buffer_new(call->arena, 500) };
	const struct problem *p = NULL;

	if (counters->count == 0)
		return NULL;
	for (size_t i = 0; p == NULL && i < counters->count; i++) {
		p = write_counter(call, batch, &sums[i], &counted[i]);
		if (p == NULL)
			p = add_to_bill(call, &metrics[sums[i].metric_number], &sums[i], &counted[i], &bill);
	}
	if (p == NULL)
		p = write_days(call, days);
	if (p == NULL && bill.credits.count > 0)
		p = charge(call, bill.credits, buffer_text(&bill.description));
	for (size_t i = 0; p == NULL && i < counters->count; i++)
		p = usage_announce(call, &spans[sums[i].span].cycle, sums[i].metric, &counted[i]);
	return p;
}

/* ---- counters that would grow too large ------------------------------------------------------------------------ */

static bool
add_within(int64_t *total, int64_t more)
{
	if (more > USAGE_VALUE_MOST - *total)
		return false;
	*total += more;
	return true;
}

/* Is all of the batch together far from it? */
static bool
is_moderate(const struct usage_batch *batch)
{
	int64_t value = 0, cost = 0, saving = 0;

	for (size_t i = 0; i < batch->count; i++) {
		const struct usage_event *event = batch->events[i];

		if (!add_within(&value, event->quantity.micros) || !add_within(&cost, event->cost.micros) ||
		    !add_within(&saving, event->saving.micros))
			return false;
	}
	return true;
}

static const struct problem *
read_counters(struct call *call, const struct usage_batch *batch, struct list *figures)
{
	const struct usage_span *spans = batch->spans.items;
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && i < batch->spans.count; i++) {
		struct counter_figures cycle = { .cycle_starts_at = spans[i].cycle.starts_at };

		p = sql_all(call, &read_figures, &cycle, &figures[i]);
	}
	return p;
}

/* The counter that the event belongs to, from the list of its span, or a new one at its end. */
static struct counter_figures *
figures_of(const struct usage_batch *batch, struct list *figures, const struct usage_event *event, struct list *added)
{
	const struct usage_span *spans = batch->spans.items;
	struct instant cycle = spans[event->span].cycle.starts_at;
	struct counter_figures *rows = added->items;

	for (size_t i = added->count; i > 0; i--)
		if (rows[i - 1].cycle_starts_at.microseconds == cycle.microseconds &&
		    text_equal(rows[i - 1].metric, event->metric))
			return &rows[i - 1];
	rows[added->count] = (struct counter_figures){ .cycle_starts_at = cycle, .metric = event->metric };
	for (size_t i = 0; i < figures[event->span].count; i++) {
		const struct counter_figures *known = (const struct counter_figures *)figures[event->span].items + i;

		if (text_equal(known->metric, event->metric))
			rows[added->count] = *known;
	}
	return &rows[added->count++];
}

/* Adds the event where all of it fits. */
static bool
fits(struct counter_figures *counter, const struct usage_event *event, bool adds)
{
	if (adds && event->quantity.micros > USAGE_VALUE_MOST - counter->value.micros)
		return false;
	if (event->cost.micros > USAGE_VALUE_MOST - counter->cost.micros ||
	    event->saving.micros > USAGE_VALUE_MOST - counter->saving.micros)
		return false;
	counter->value.micros += adds ? event->quantity.micros : 0;
	counter->cost.micros += event->cost.micros;
	counter->saving.micros += event->saving.micros;
	return true;
}

const struct problem *
usage_overflow_reject(struct call *call, struct usage_batch *batch)
{
	struct list *figures, counters;
	size_t kept = 0;
	const struct problem *p;

	if (!batch->looks_first && is_moderate(batch))
		return NULL;
	figures = arena_array(call->arena, batch->spans.count, sizeof(*figures));
	counters.items = arena_array(call->arena, batch->count, sizeof(struct counter_figures));
	counters.count = 0;
	p = read_counters(call, batch, figures);
	for (size_t i = 0; p == NULL && i < batch->count; i++) {
		struct usage_event *event = batch->events[i];
		bool adds = text_is(usage_batch_metric(batch, event)->aggregation, "sum");

		if (fits(figures_of(batch, figures, event, &counters), event, adds))
			batch->events[kept++] = event;
		else
			usage_reject(call, batch, event->index, "/quantity", "The metric's counter can't grow so far.");
	}
	if (p == NULL)
		batch->count = kept;
	return p;
}

/* ---- one counter ------------------------------------------------------------------------------------------------ */

const struct problem *
usage_change(struct call *call, const struct cycle *cycle, const struct usage_change *change, struct usage_counted *out)
{
	struct cycle held = *cycle;
	struct counter_change row = {
		.sum = { .cycle_starts_at = cycle->starts_at,
		    .metric = change->metric,
		    .service = change->service,
		    .operator= change->operator,
		    .aggregation = TEXT("sum"),
		    .value = change->quantity,
		    .events = change->events },
		.held = change->held,
		.charged = change->charged,
	};
	const struct list days = { &row.sum, 1 };
	struct counter_now now;
	struct text zone;
	const struct problem *p = usage_cycle_hold(call, &held);

	if (p == NULL)
		p = usage_zone_read(call, &zone);
	if (p != NULL)
		return p;
	row.sum.is_late = held.closed_at.given;
	row.sum.day = usage_day_name(call, zone, change->occurred_at);
	p = sql_one(call, &change_counter, &row, &now);
	if (p == NULL && is_too_large(&now))
		p = fail(call, CONFLICT, "The metric's counter can't grow so far.");
	if (p == NULL)
		p = write_days(call, &days);
	if (p == NULL)
		*out = now.counted;
	return p;
}

const struct resource usage_counters_resource = {
	.name = "usage_counters",
	.summary = "The counters that events feed.",
	.statements = LIST_OF(statement, &change_counter, &change_days, &set_charged, &read_price, &read_figures),
};
