/*
 * Computing what a month has cost. Fees are what the ledger booked in it, as its entries say: credits at their price,
 * money as it is; and what invoices issued in it have added to that. Prices of credits include tax, which was booked
 * when they were bought. Usage is what senders said it costs.
 */
#include "cost_snapshot.h"

#include "json.h"
#include "money.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const struct field usage_line_fields[] = {
	FIELD(usage_line, service, ANY, "The service; empty where none was named."),
	FIELD(usage_line, operator, LEFT_OUT, "Who provides it, where that was named."),
	FIELD(usage_line, unit, ANY, "The metric that was counted."),
	FIELD(usage_line, quantity, ANY, "How much was used, in the metric's unit."),
	FIELD(usage_line, amount, ANY, "What that cost, as senders say."),
};
const struct shape usage_line_shape = { .name = "usage_line",
	.size = sizeof(struct usage_line),
	.count = COUNT(usage_line_fields),
	.fields = usage_line_fields };

struct stretch_of_month {
	struct instant from;
	struct instant to;
	struct text period;
};
static const struct field stretch_of_month_fields[] = {
	FIELD(stretch_of_month, from, ANY, "Its first moment."),
	FIELD(stretch_of_month, to, ANY, "The next one's."),
	FIELD(stretch_of_month, period, ANY, "Its name."),
};
SHAPE(stretch_of_month)

struct booked {
	struct currency currency;
	struct amount price;
	struct credits subscription_credits;
	struct credits overage_credits;
	struct credits shortfall_credits;
	struct amount subscription;
	struct amount overage;
	struct amount shortfall;
};
static const struct field booked_fields[] = {
	FIELD(booked, currency, ANY, "The organization's."),
	FIELD(booked, price, ANY, "Of one credit."),
	FIELD(booked, subscription_credits, ANY, "Taken for subscriptions."),
	FIELD(booked, overage_credits, ANY, "Taken for overage."),
	FIELD(booked, shortfall_credits, ANY, "Taken for commitments."),
	FIELD(booked, subscription, ANY, "Charged in money."),
	FIELD(booked, overage, ANY, "Charged in money."),
	FIELD(booked, shortfall, ANY, "Charged in money."),
};
SHAPE(booked)

struct invoiced {
	struct amount subscription;
	struct amount overage;
	struct amount shortfall;
	struct amount tax;
};
static const struct field invoiced_fields[] = {
	FIELD(invoiced, subscription, ANY, "Beyond what was on account, without tax."),
	FIELD(invoiced, overage, ANY, "The same."),
	FIELD(invoiced, shortfall, ANY, "The same."),
	FIELD(invoiced, tax, ANY, "Of all three."),
};
SHAPE(invoiced)

struct usage_totals {
	int64_t lines;
	struct amount amount;
};
static const struct field usage_totals_fields[] = {
	FIELD(usage_totals, lines, ANY, "How many there are."),
	FIELD(usage_totals, amount, ANY, "What they cost."),
};
SHAPE(usage_totals)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

/* A fee that is given back is a refund of its subscription. */
#define OF_SUBSCRIPTION "e.reason IN ('plan_fee', 'refund')"
#define OF_OVERAGE "e.reason = 'overage'"
#define OF_SHORTFALL "e.reason = 'commitment_shortfall'"
#define SUM_OF(which, account, sign)                                                                     \
	"COALESCE(CAST(SUM(IF(" which " AND l.account = '" account "' AND (l.unit = 'CRD') = ('" account \
	"' = 'consumed'), " sign "l.amount, 0)) AS SIGNED), 0)"

static const struct statement read_booked = {
	.sql = "SELECT o.currency, c.price, " SUM_OF(
	    OF_SUBSCRIPTION, "consumed", "") " AS subscription_credits, " SUM_OF(OF_OVERAGE, "consumed",
	    "") " AS overage_credits, " SUM_OF(OF_SHORTFALL, "consumed",
	    "") " AS shortfall_credits, " SUM_OF(OF_SUBSCRIPTION, "revenue",
	    "-") " AS subscription, " SUM_OF(OF_OVERAGE, "revenue", "-") " AS overage, " SUM_OF(OF_SHORTFALL, "revenue",
	    "-") " AS shortfall FROM organization o JOIN credit_price c ON c.currency = o.currency"
		 " LEFT JOIN journal_entry e ON e.organization_id = o.id AND e.at >= :from AND e.at < :to"
		 " AND (e.reason IN ('plan_fee', 'overage', 'commitment_shortfall')"
		 " OR e.reason = 'refund' AND e.reference_type = 'subscription')"
		 " LEFT JOIN journal_line l ON l.organization_id = e.organization_id AND l.sequence = e.sequence"
		 " WHERE o.id = :organization GROUP BY o.currency, c.price",
	.takes = &stretch_of_month_shape,
	.gives = &booked_shape,
};

#define INVOICED(kinds)                                                           \
	"COALESCE(CAST(SUM(IF(l.kind IN (" kinds                                  \
	"), l.amount - IF(i.tax_included, l.tax, 0) - l.accrued, 0)) AS SIGNED)," \
	" 0)"
#define FEE_LINES "'plan_fee', 'overage', 'late_usage', 'commitment_shortfall'"

static const struct statement read_invoiced = {
	.sql = "SELECT " INVOICED("'plan_fee'") " AS subscription, " INVOICED(
	    "'overage', 'late_usage'") " AS overage, " INVOICED("'commitment_shortfall'") " AS shortfall, "
											  "COALESCE(CAST(SUM(IF(l.kind "
											  "IN (" FEE_LINES
											  "), l.tax, 0)) AS SIGNED), "
											  "0) AS tax FROM invoice i "
											  "JOIN invoice_line l ON "
											  "l.invoice_id = i.id"
											  " WHERE i.organization_id = "
											  ":organization AND i.kind = "
											  "'run' AND i.status NOT IN "
											  "('draft', 'void')"
											  " AND i.issued_at >= :from "
											  "AND i.issued_at < :to",
	.takes = &stretch_of_month_shape,
	.gives = &invoiced_shape,
};

#define DAYS_OF_MONTH                                                                                \
	" WHERE d.organization_id = :organization AND d.day >= CAST(CONCAT(:period, '-01') AS DATE)" \
	" AND d.day < CAST(CONCAT(:period, '-01') AS DATE) + INTERVAL 1 MONTH"

/* What values of several days come to, by how the metric counts. */
#define VALUE_OF_DAYS                                                                                     \
	"COALESCE(CAST(CASE m.aggregation WHEN 'max' THEN MAX(d.value) WHEN 'last' THEN SUBSTRING_INDEX(" \
	"GROUP_CONCAT(d.value ORDER BY d.last_at DESC), ',', 1) ELSE SUM(d.value) END AS SIGNED), 0)"

static const struct statement read_usage = {
	.sql = "SELECT d.service, NULLIF(d.operator, '') AS operator, d.metric AS unit, " VALUE_OF_DAYS
	       " AS quantity, COALESCE(CAST(SUM(d.cost) AS SIGNED), 0) AS amount FROM usage_day d"
	       " JOIN usage_metric m ON m.name = d.metric" DAYS_OF_MONTH
	       " GROUP BY d.metric, d.service, d.operator, m.aggregation ORDER BY d.metric, d.service, d.operator"
	       " LIMIT 1000",
	.takes = &stretch_of_month_shape,
	.gives = &usage_line_shape,
};

static const struct statement read_usage_totals = {
	.sql = "SELECT COUNT(DISTINCT d.metric, d.service, d.operator) AS `lines`,"
	       " COALESCE(CAST(SUM(d.cost) AS SIGNED), 0) AS amount FROM usage_day d" DAYS_OF_MONTH,
	.takes = &stretch_of_month_shape,
	.gives = &usage_totals_shape,
};

/* ---- computing ------------------------------------------------------------------------------------------------- */

/* Credits at their price, money, and what an invoice has added. */
static bool
add_up(struct credits credits, struct amount price, struct amount booked, struct amount invoiced, struct amount *fee)
{
	return credits_value(credits, price, fee) && amount_add(*fee, booked, fee) && amount_add(*fee, invoiced, fee);
}

static bool
add_fees(const struct booked *booked, const struct invoiced *invoiced, struct cost_fees *fees)
{
	struct amount *total = &fees->total;

	fees->tax = invoiced->tax;
	return add_up(booked->subscription_credits, booked->price, booked->subscription, invoiced->subscription,
		   &fees->subscription) &&
	       add_up(booked->overage_credits, booked->price, booked->overage, invoiced->overage, &fees->overage) &&
	       add_up(booked->shortfall_credits, booked->price, booked->shortfall, invoiced->shortfall,
		   &fees->commitment_shortfall) &&
	       amount_add(fees->subscription, fees->overage, total) &&
	       amount_add(*total, fees->commitment_shortfall, total) && amount_add(*total, fees->tax, total);
}

static const struct problem *
read_fees(struct call *call, const struct stretch_of_month *stretch, struct costs *out)
{
	struct invoiced invoiced;
	struct booked booked;
	const struct problem *p = sql_one(call, &read_booked, stretch, &booked);

	if (p == NULL)
		p = sql_one(call, &read_invoiced, stretch, &invoiced);
	if (p != NULL)
		return p;
	out->currency = booked.currency;
	return add_fees(&booked, &invoiced, &out->fees) ? NULL : fail_internal(call, "a month's costs overflow");
}

const struct problem *
costs_compute(struct call *call, const struct month *month, struct costs *out)
{
	const struct stretch_of_month stretch = { month->from, month->to, text_from(month->name) };
	struct usage_totals totals;
	struct list lines;
	const struct problem *p = read_fees(call, &stretch, out);

	if (p == NULL)
		p = sql_all(call, &read_usage, &stretch, &lines);
	if (p == NULL)
		p = sql_one(call, &read_usage_totals, &stretch, &totals);
	if (p != NULL)
		return p;
	out->usage_amount = totals.amount;
	out->usage_lines = json_rows(call->arena, &usage_line_shape, &lines);
	out->usage_lines_left_out = totals.lines - (int64_t)lines.count;
	return NULL;
}

const struct resource cost_snapshot_compute_resource = {
	.name = "cost_snapshot_compute",
	.summary = "What a month has cost.",
	.statements = LIST_OF(statement, &read_booked, &read_invoiced, &read_usage, &read_usage_totals),
};
