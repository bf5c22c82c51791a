/*
 * Computing what a month has cost. Fees are what the ledger booked in it, and what the month's run booked: credits at
 * their price, money as it is; and what the month's invoices have added to that, less what credit notes took off them.
 * Prices of credits include tax, which was booked when they were bought. Usage is what senders said it costs.
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

/* A run's invoice. Amounts are without tax; `accrued` is what the ledger has of them besides. */
struct invoiced {
	bool is_void;
	struct amount subscription, subscription_accrued;
	struct amount overage, overage_accrued;
	struct amount shortfall, shortfall_accrued;
	struct amount tax;
	struct amount whole, whole_tax;
	struct amount credited, credited_tax;
};
static const struct field invoiced_fields[] = {
	FIELD(invoiced, is_void, ANY, "Nothing of it counts, and what had accrued is taken back."),
	FIELD(invoiced, subscription, ANY, "Of its lines."),
	FIELD(invoiced, subscription_accrued, ANY, "Of them."),
	FIELD(invoiced, overage, ANY, "Of its lines."),
	FIELD(invoiced, overage_accrued, ANY, "Of them."),
	FIELD(invoiced, shortfall, ANY, "Of its lines."),
	FIELD(invoiced, shortfall_accrued, ANY, "Of them."),
	FIELD(invoiced, tax, ANY, "Of all three."),
	FIELD(invoiced, whole, ANY, "Of all its lines."),
	FIELD(invoiced, whole_tax, ANY, "Of the same."),
	FIELD(invoiced, credited, ANY, "By credit notes."),
	FIELD(invoiced, credited_tax, ANY, "By the same."),
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

/* What a run has made is of its month, whenever that was. */
#define FEES_OF_MONTH                                                                                       \
	"SELECT e.sequence, e.reason FROM journal_entry e LEFT JOIN billed_entry b"                         \
	" ON b.organization_id = e.organization_id AND b.sequence = e.sequence AND b.by_run"                \
	" WHERE e.organization_id = :organization AND e.at >= :from AND e.at < :to AND b.sequence IS NULL"  \
	" AND (e.reason IN ('plan_fee', 'overage', 'commitment_shortfall') OR e.reason = 'refund'"          \
	" AND e.reference_type = 'subscription') UNION ALL SELECT e.sequence, e.reason FROM billed_entry b" \
	" JOIN journal_entry e ON e.organization_id = b.organization_id AND e.sequence = b.sequence"        \
	" WHERE b.organization_id = :organization AND b.period = :period AND b.by_run"

/* clang-format off */
static const struct statement read_booked = {
	.sql = "SELECT o.currency, c.price, " SUM_OF(OF_SUBSCRIPTION, "consumed", "") " AS subscription_credits, "
	       SUM_OF(OF_OVERAGE, "consumed", "") " AS overage_credits, "
	       SUM_OF(OF_SHORTFALL, "consumed", "") " AS shortfall_credits, "
	       SUM_OF(OF_SUBSCRIPTION, "revenue", "-") " AS subscription, "
	       SUM_OF(OF_OVERAGE, "revenue", "-") " AS overage, "
	       SUM_OF(OF_SHORTFALL, "revenue", "-") " AS shortfall"
	       " FROM organization o JOIN credit_price c ON c.currency = o.currency"
	       " LEFT JOIN (" FEES_OF_MONTH ") e ON TRUE"
	       " LEFT JOIN journal_line l ON l.organization_id = o.id AND l.sequence = e.sequence"
	       " WHERE o.id = :organization GROUP BY o.currency, c.price",
	.takes = &stretch_of_month_shape,
	.gives = &booked_shape,
};

#define SUM_OF_LINES(kinds, what) "COALESCE(CAST(SUM(IF(l.kind IN (" kinds "), " what ", 0)) AS SIGNED), 0)"
#define NET "l.amount - IF(i.tax_included, l.tax, 0)"
#define PLAN_FEES "'plan_fee'"
#define OVERAGES "'overage', 'late_usage'"
#define SHORTFALLS "'commitment_shortfall'"
#define CREDITED(what) \
	"COALESCE((SELECT CAST(SUM(" what ") AS SIGNED) FROM credit_note n WHERE n.invoice_id = i.id" \
	" AND n.organization_id = :organization AND n.source IS NULL), 0)"

/* A credit note with a source is a run's: it is about entries that the ledger had before it. */
static const struct statement list_invoiced = {
	.sql = "SELECT i.status = 'void' AS is_void, " SUM_OF_LINES(PLAN_FEES, NET) " AS subscription, "
	       SUM_OF_LINES(PLAN_FEES, "l.accrued") " AS subscription_accrued, "
	       SUM_OF_LINES(OVERAGES, NET) " AS overage, " SUM_OF_LINES(OVERAGES, "l.accrued") " AS overage_accrued, "
	       SUM_OF_LINES(SHORTFALLS, NET) " AS shortfall, "
	       SUM_OF_LINES(SHORTFALLS, "l.accrued") " AS shortfall_accrued, "
	       SUM_OF_LINES(PLAN_FEES ", " OVERAGES ", " SHORTFALLS, "l.tax") " AS tax,"
	       " i.subtotal AS whole, i.tax AS whole_tax, " CREDITED("n.amount - n.tax") " AS credited, "
	       CREDITED("n.tax") " AS credited_tax FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id"
	       " WHERE i.organization_id = :organization AND i.kind = 'run' AND i.period = :period"
	       " AND i.status <> 'draft' GROUP BY i.id ORDER BY i.id",
	.takes = &stretch_of_month_shape,
	.gives = &invoiced_shape,
};
/* clang-format on */

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

/* Credits at their price, and money. */
static bool
add_booked(struct credits credits, struct amount price, struct amount money, struct amount *fee)
{
	return credits_value(credits, price, fee) && amount_add(*fee, money, fee);
}

static bool
add_all_booked(const struct booked *booked, struct cost_fees *fees)
{
	return add_booked(booked->subscription_credits, booked->price, booked->subscription, &fees->subscription) &&
	       add_booked(booked->overage_credits, booked->price, booked->overage, &fees->overage) &&
	       add_booked(booked->shortfall_credits, booked->price, booked->shortfall, &fees->commitment_shortfall);
}

/* A part of an invoice, less its share of what was credited, rounded half-even to a millionth. */
static bool
add_part(struct amount part, struct amount whole, struct amount credited, struct amount *sum)
{
	bool is_back = part.micros < 0;
	int64_t share = 0;

	if (whole.micros > 0 &&
	    !share_of(is_back ? -part.micros : part.micros, credited.micros, whole.micros, 1, &share))
		return false;
	return amount_add(*sum, (struct amount){ is_back ? part.micros + share : part.micros - share }, sum);
}

/* Beyond what the ledger had of it before. */
static bool
add_lines(const struct invoiced *invoice, struct amount lines, struct amount accrued, struct amount *fee)
{
	return amount_add(*fee, (struct amount){ -accrued.micros }, fee) &&
	       (invoice->is_void || add_part(lines, invoice->whole, invoice->credited, fee));
}

static bool
add_invoice(const struct invoiced *invoice, struct cost_fees *fees)
{
	return add_lines(invoice, invoice->subscription, invoice->subscription_accrued, &fees->subscription) &&
	       add_lines(invoice, invoice->overage, invoice->overage_accrued, &fees->overage) &&
	       add_lines(invoice, invoice->shortfall, invoice->shortfall_accrued, &fees->commitment_shortfall) &&
	       (invoice->is_void || add_part(invoice->tax, invoice->whole_tax, invoice->credited_tax, &fees->tax));
}

static bool
add_fees(const struct booked *booked, const struct list *invoices, struct cost_fees *fees)
{
	const struct invoiced *invoice = invoices->items;
	bool fits = add_all_booked(booked, fees);

	for (size_t i = 0; fits && i < invoices->count; i++)
		fits = add_invoice(&invoice[i], fees);
	return fits && amount_add(fees->subscription, fees->overage, &fees->total) &&
	       amount_add(fees->total, fees->commitment_shortfall, &fees->total) &&
	       amount_add(fees->total, fees->tax, &fees->total);
}

static const struct problem *
read_fees(struct call *call, const struct stretch_of_month *stretch, struct costs *out)
{
	struct booked booked;
	struct list invoices;
	const struct problem *p = sql_one(call, &read_booked, stretch, &booked);

	if (p == NULL)
		p = sql_all(call, &list_invoiced, stretch, &invoices);
	if (p != NULL)
		return p;
	out->currency = booked.currency;
	out->fees = (struct cost_fees){ .tax = { 0 } };
	return add_fees(&booked, &invoices, &out->fees) ? NULL : fail_internal(call, "a month's costs overflow");
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
	.statements = LIST_OF(statement, &read_booked, &list_invoiced, &read_usage, &read_usage_totals),
};
