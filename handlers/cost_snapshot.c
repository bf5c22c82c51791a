/*
 * Snapshots of costs as callers read them, and the writing of one.
 */
#include "cost_snapshot.h"

#include <string.h>

#include "id.h"
#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

static const struct field cost_fees_fields[] = {
	FIELD(cost_fees, subscription, ANY, "Plans' fees, less what was given back of them."),
	FIELD(cost_fees, overage, ANY, "What was used beyond quotas, once the month was billed."),
	FIELD(cost_fees, commitment_shortfall, ANY, "What was missing in commitments, once the month was billed."),
	FIELD(cost_fees, tax, ANY, "Tax on those, as invoices add it; what is paid by credits includes it already."),
	FIELD(cost_fees, total, ANY, "All four."),
};
SHAPE(cost_fees)

struct cost_snapshot {
	struct id id;
	struct id organization_id;
	int64_t year;
	int64_t month;
	struct instant collected_at;
	struct currency currency;
	struct cost_fees *fees;
	struct amount subscription, overage, commitment_shortfall, tax, total;
	struct amount usage_amount;
	struct document usage_lines;
	int64_t usage_lines_left_out;
};
static const struct field cost_snapshot_fields[] = {
	FIELD(cost_snapshot, id, HIDDEN, "The snapshot."),
	FIELD(cost_snapshot, organization_id, ANY, "Whose costs they are."),
	FIELD(cost_snapshot, year, ANY, "The year of the month."),
	FIELD(cost_snapshot, month, ANY, "The month, in the organization's time zone: 1 to 12."),
	FIELD(cost_snapshot, collected_at, ANY, "When it stood like this."),
	FIELD(cost_snapshot, currency, ANY, "What all amounts are in."),
	FIELD_OBJECT(cost_snapshot, fees, cost_fees, false, "What was booked in the month, and billed for it."),
	FIELD(cost_snapshot, subscription, HIDDEN, "Of the fees."),
	FIELD(cost_snapshot, overage, HIDDEN, "Of the fees."),
	FIELD(cost_snapshot, commitment_shortfall, HIDDEN, "Of the fees."),
	FIELD(cost_snapshot, tax, HIDDEN, "Of the fees."),
	FIELD(cost_snapshot, total, HIDDEN, "Of the fees."),
	FIELD(cost_snapshot, usage_amount, ANY, "What all usage of the month cost, as senders say."),
	FIELD_ROWS(cost_snapshot, usage_lines, usage_line,
	    "That by metric, service and operator; the first 1,000 lines, by name."),
	FIELD(cost_snapshot, usage_lines_left_out, ANY, "How many lines there are beyond those."),
};
SHAPE(cost_snapshot)

#define SNAPSHOT_COLUMNS                                                                                              \
	"id, organization_id, year, month, collected_at, currency, subscription, overage, commitment_shortfall, tax," \
	" total, usage_amount, usage_lines, usage_lines_left_out"

static void
show_fees(const struct cost_snapshot *row, struct cost_fees *fees)
{
	*fees = (struct cost_fees){ row->subscription, row->overage, row->commitment_shortfall, row->tax, row->total };
}

/* ---- latest ---------------------------------------------------------------------------------------------------- */

struct cost_month {
	int64_t year;
	int64_t month;
};
static const struct field cost_month_fields[] = {
	FIELD(cost_month, year, RANGE(MONTH_FIRST_YEAR, MONTH_LAST_YEAR), "The year."),
	FIELD(cost_month, month, RANGE(1, 12), "The month of it, in the organization's time zone."),
};
SHAPE(cost_month)

static const struct statement read_latest = {
	.sql = "SELECT " SNAPSHOT_COLUMNS " FROM cost_snapshot WHERE organization_id = :organization AND year = :year"
	       " AND month = :month ORDER BY id DESC LIMIT 1",
	.takes = &cost_month_shape,
	.gives = &cost_snapshot_shape,
};

HANDLER(latest_costs, cost_month, cost_snapshot)

static const struct operation latest_operation = {
	.id = "organizations.costs.latest",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "Read the newest snapshot of what a month has cost.",
	.description =
	    "Every three hours the costs of the running month are collected; those of a month that is over when"
	    " they have changed. Usage belongs to the day it happened on, a fee to the month it was booked in or"
	    " billed for. A credit note takes its share off each line of its invoice; a voided invoice costs nothing.",
	.raises = { NOT_FOUND },
	.run = &latest_costs_run,
	.rest = { { .method = METHOD_GET, .path = "/v1/organization/costs" } },
};

static const struct problem *
latest_costs(struct call *call, const struct cost_month *in, struct cost_snapshot *out)
{
	bool found;
	const struct problem *p = sql_maybe(call, &read_latest, in, out, &found);

	if (p != NULL)
		return p;
	if (!found)
		return fail(call, NOT_FOUND, "No costs of that month have been collected.");
	out->fees = arena_take(call->arena, sizeof(*out->fees));
	show_fees(out, out->fees);
	return NULL;
}

/* ---- history --------------------------------------------------------------------------------------------------- */

struct cost_history {
	PAGE_MEMBERS;
	struct maybe_int year;
	struct maybe_int month;
	struct maybe_instant from;
	struct maybe_instant to;
};
static const struct field cost_history_fields[] = {
	PAGE_FIELDS(cost_history),
	FIELD(cost_history, year, RANGE(MONTH_FIRST_YEAR, MONTH_LAST_YEAR), "Only of this year."),
	FIELD(cost_history, month, RANGE(1, 12), "Only of this month of a year."),
	FIELD(cost_history, from, ANY, "Not collected before this moment."),
	FIELD(cost_history, to, ANY, "Collected before this moment."),
};
SHAPE(cost_history)

static const struct statement list_snapshots = {
	.sql = "SELECT " SNAPSHOT_COLUMNS " FROM cost_snapshot WHERE organization_id = :organization AND id < :cursor"
	       " AND (:year IS NULL OR year = :year) AND (:month IS NULL OR month = :month)"
	       " AND (:from IS NULL OR collected_at >= :from) AND (:to IS NULL OR collected_at < :to)"
	       " ORDER BY id DESC LIMIT :limit",
	.takes = &cost_history_shape,
	.gives = &cost_snapshot_shape,
};

HANDLER_EACH(list_costs, cost_history, cost_snapshot)

static const struct operation history_operation = {
	.id = "organizations.costs.history",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "List the snapshots of what months have cost, newest first.",
	.page_key = "id",
	.run = &list_costs_run,
};

static const struct problem *
put_snapshot(struct call *call, void *sink, const void *row)
{
	struct cost_snapshot snapshot = *(const struct cost_snapshot *)row;
	struct cost_fees fees;

	(void)call;
	show_fees(&snapshot, &fees);
	snapshot.fees = &fees;
	return sink_row(sink, &snapshot);
}

static const struct problem *
list_costs(struct call *call, const struct cost_history *in, struct sink *sink)
{
	return sql_each(call, &list_snapshots, in, put_snapshot, sink);
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static const struct statement insert_snapshot = {
	.sql = "INSERT INTO cost_snapshot (" SNAPSHOT_COLUMNS ") VALUES (:id, :organization, :year, :month, :now,"
	       " :currency, :subscription, :overage, :commitment_shortfall, :tax, :total, :usage_amount, :usage_lines,"
	       " :usage_lines_left_out)",
	.takes = &cost_snapshot_shape,
};

struct newest_snapshot {
	struct id id;
};
static const struct field newest_snapshot_fields[] = {
	FIELD(newest_snapshot, id, ANY, "Of whatever month."),
};
SHAPE(newest_snapshot)

static const struct statement find_newest = {
	.sql = "SELECT id FROM cost_snapshot WHERE organization_id = :organization ORDER BY id DESC LIMIT 1",
	.gives = &newest_snapshot_shape,
};

static bool
is_same(const struct cost_snapshot *a, const struct cost_snapshot *b)
{
	return strcmp(a->currency.code, b->currency.code) == 0 && a->subscription.micros == b->subscription.micros &&
	       a->overage.micros == b->overage.micros &&
	       a->commitment_shortfall.micros == b->commitment_shortfall.micros && a->tax.micros == b->tax.micros &&
	       a->usage_amount.micros == b->usage_amount.micros && a->usage_lines_left_out == b->usage_lines_left_out &&
	       a->usage_lines.length == b->usage_lines.length &&
	       memcmp(a->usage_lines.at, b->usage_lines.at, a->usage_lines.length) == 0;
}

/* "[]" is no line. */
static bool
has_cost(const struct cost_snapshot *snapshot)
{
	return snapshot->subscription.micros != 0 || snapshot->overage.micros != 0 ||
	       snapshot->commitment_shortfall.micros != 0 || snapshot->tax.micros != 0 ||
	       snapshot->usage_lines.length > 2;
}

const struct problem *
cost_snapshot_write(struct call *call, const struct month *month, const struct costs *costs, bool only_changed)
{
	const struct cost_month of = { month->year, month->month };
	struct newest_snapshot newest = { 0 };
	struct cost_snapshot last, next = { .year = month->year,
		.month = month->month,
		.currency = costs->currency,
		.subscription = costs->fees.subscription,
		.overage = costs->fees.overage,
		.commitment_shortfall = costs->fees.commitment_shortfall,
		.tax = costs->fees.tax,
		.total = costs->fees.total,
		.usage_amount = costs->usage_amount,
		.usage_lines = costs->usage_lines,
		.usage_lines_left_out = costs->usage_lines_left_out };
	bool found;
	const struct problem *p = sql_maybe(call, &read_latest, &of, &last, &found);

	if (p != NULL || (found ? only_changed && is_same(&last, &next) : !has_cost(&next)))
		return p;
	p = sql_maybe(call, &find_newest, NULL, &newest, &found);
	if (p != NULL)
		return p;
	next.id = id_new_behind(call->now, newest.id);
	return sql_run(call, &insert_snapshot, &next, NULL);
}

const struct resource cost_snapshots_resource = {
	.name = "organizations.costs",
	.summary = "What an organization's months have cost, as it was collected.",
	.operations = LIST_OF(operation, &latest_operation, &history_operation),
	.statements = LIST_OF(statement, &read_latest, &list_snapshots, &find_newest, &insert_snapshot),
};
