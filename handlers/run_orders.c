/*
 * What stands on account in a monthly run: the ledger's entries on `receivable` that no run has billed: settled orders,
 * priced usage, fees of a start or a change, and what was given back of them. Orders are grouped by the service of
 * their lines, what else is alike by its words. The first and the last entry of a group are named in its line. What
 * becomes of what is given back is in run_refunds.c.
 */
#include <inttypes.h>

#include "json.h"
#include "money.h"
#include "month_run.h"
#include "resources.h"
#include "run_owed.h"
#include "statement.h"
#include "text.h"

enum { NAME_MOST = 400 };

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct stretch_of_ledger {
	struct text period;
	int64_t through_sequence;
	struct instant to_at;
	bool post_pay;
};
static const struct field stretch_of_ledger_fields[] = {
	FIELD(stretch_of_ledger, period, ANY, "The run's month."),
	FIELD(stretch_of_ledger, through_sequence, ANY, "What is billed."),
	FIELD(stretch_of_ledger, to_at, ANY, "The month's end."),
	FIELD(stretch_of_ledger, post_pay, ANY, "Whether it pays afterwards."),
};
SHAPE(stretch_of_ledger)

/* What is there, and what the run's lines before it have come to without tax. */
struct owed {
	int64_t entries;
	struct amount charged; /* without what is given back */
	bool has_refunds;
	struct amount lines_amount;
	int64_t head;
	struct maybe_int first; /* the first entry */
};
static const struct field owed_fields[] = {
	FIELD(owed, entries, ANY, "How many."),
	FIELD(owed, charged, ANY, "What was charged."),
	FIELD(owed, has_refunds, ANY, "Whether something is given back."),
	FIELD(owed, lines_amount, ANY, "What is to be invoiced besides."),
	FIELD(owed, head, ANY, "The ledger's last entry."),
	FIELD(owed, first, ANY, "The first that is there, of whatever time."),
};
SHAPE(owed)

static const struct statement read_owed = {
	.sql = "SELECT CAST(COALESCE(SUM(e.at < :to_at), 0) AS SIGNED) AS entries,"
	       " CAST(COALESCE(SUM(IF(e.at < :to_at AND l.amount > 0, l.amount, 0)), 0) AS SIGNED) AS charged,"
	       " COALESCE(SUM(e.at < :to_at AND l.amount < 0), 0) > 0 AS has_refunds,"
	       " CAST(COALESCE((SELECT SUM(r.amount) FROM monthly_run_line r WHERE r.organization_id = :organization"
	       " AND r.period = :period AND (r.paid_from = 'account' OR r.paid_from = 'invoice' AND :post_pay)), 0)"
	       " AS SIGNED) AS lines_amount,"
	       " COALESCE((SELECT k.sequence FROM book k WHERE k.organization_id = :organization), 0) AS head,"
	       " MIN(e.sequence) AS first" OWED_ENTRIES,
	.takes = &stretch_of_ledger_shape,
	.gives = &owed_shape,
};

static const struct statement mark_charges = {
	.sql = "INSERT INTO billed_entry (organization_id, sequence, period, by_run)"
	       " SELECT e.organization_id, e.sequence, :period, FALSE" OWED_ENTRIES " AND e.at < :to_at"
	       " AND l.amount > 0",
	.takes = &stretch_of_ledger_shape,
};

struct order_count {
	int64_t orders;
};
static const struct field order_count_fields[] = {
	FIELD(order_count, orders, ANY, "How many."),
};
SHAPE(order_count)

#define BILLED_ENTRIES                                                                                         \
	" FROM billed_entry b JOIN journal_entry e ON e.organization_id = b.organization_id AND e.sequence = " \
	"b.sequence"                                                                                           \
	" JOIN journal_line l ON l.organization_id = b.organization_id AND l.sequence = b.sequence"            \
	" AND l.account = 'receivable'"
#define OF_RUN " WHERE b.organization_id = :organization AND b.period = :period AND NOT b.by_run AND NOT b.is_apart"

static const struct statement count_orders = {
	.sql = "SELECT COUNT(DISTINCT e.reference_id) AS orders" BILLED_ENTRIES OF_RUN
	       " AND e.reason = 'charge' AND e.reference_type = 'order'",
	.takes = &stretch_of_ledger_shape,
	.gives = &order_count_shape,
};

/* A group of entries. */
struct group {
	struct text reason;
	struct text reference_type;
	struct text name;
	int64_t entries;
	struct maybe_credits credits;
	struct maybe_amount credit_price;
	struct amount amount;
	int64_t first_entry, last_entry;
	struct maybe_instant first_at, last_at;
	struct maybe_instant from_at, to_at; /* of a fee: its period */
};
static const struct field group_fields[] = {
	FIELD(group, reason, ANY, "Why it was booked."),
	FIELD(group, reference_type, ANY, "What it belongs to."),
	FIELD(group, name, ANY, "The service, or the words."),
	FIELD(group, entries, ANY, "How many."),
	FIELD(group, credits, ANY, "In credits."),
	FIELD(group, credit_price, ANY, "What one of them cost."),
	FIELD(group, amount, ANY, "In money."),
	FIELD(group, first_entry, ANY, "The first entry."),
	FIELD(group, last_entry, ANY, "The last."),
	FIELD(group, first_at, ANY, "When the first was booked."),
	FIELD(group, last_at, ANY, "When the last was."),
	FIELD(group, from_at, ANY, "The beginning of the fee's period."),
	FIELD(group, to_at, ANY, "Its end."),
};
SHAPE(group)

/* An order on account is charged by one entry, at one price: its lines' credits share it without a rest. */
static const struct statement list_orders = {
	.sql = "SELECT 'charge' AS reason, 'order' AS reference_type, COALESCE(t.service, '') AS name,"
	       " COUNT(DISTINCT o.id) AS entries, CAST(COALESCE(SUM(t.credits), 0) AS SIGNED) AS credits,"
	       " COALESCE(l.amount DIV o.credits, 0) AS credit_price,"
	       " CAST(COALESCE(SUM(t.credits * (l.amount DIV o.credits)), 0) AS SIGNED) AS amount,"
	       " COALESCE(MIN(b.sequence), 0) AS first_entry, COALESCE(MAX(b.sequence), 0) AS last_entry,"
	       " MIN(e.at) AS first_at, MAX(e.at) AS last_at,"
	       " CAST(NULL AS DATETIME(6)) AS from_at, CAST(NULL AS DATETIME(6)) AS to_at" BILLED_ENTRIES
	       " JOIN orders o ON o.organization_id = b.organization_id AND o.id = e.reference_id"
	       " JOIN JSON_TABLE(o.`lines`, '$[*]' COLUMNS (service VARCHAR(100) CHARACTER SET utf8mb4"
	       " COLLATE utf8mb4_nopad_bin PATH '$.service', credits BIGINT PATH '$.credits')) t" OF_RUN
	       " AND e.reason = 'charge' AND e.reference_type = 'order' AND t.credits > 0"
	       " GROUP BY COALESCE(t.service, ''), COALESCE(l.amount DIV o.credits, 0) ORDER BY name, credit_price",
	.takes = &stretch_of_ledger_shape,
	.gives = &group_shape,
};

/* Fees, and what was given back of them, stand alone. */
static const struct statement list_others = {
	.sql = "SELECT g.reason, g.reference_type, COALESCE(g.name, '') AS name, COUNT(*) AS entries, CAST(NULL AS "
	       "SIGNED) AS credits,"
	       " CAST(NULL AS SIGNED) AS credit_price, CAST(COALESCE(SUM(g.amount), 0) AS SIGNED) AS amount,"
	       " COALESCE(MIN(g.sequence), 0) AS first_entry, COALESCE(MAX(g.sequence), 0) AS last_entry,"
	       " MIN(g.at) AS first_at, MAX(g.at) AS last_at,"
	       " MIN(g.from_at) AS from_at, MIN(g.to_at) AS to_at"
	       " FROM (SELECT e.reason, COALESCE(e.reference_type, '') AS reference_type,"
	       " IF(e.reference_type = 'order', '', COALESCE(e.description, '')) COLLATE utf8mb4_nopad_bin AS name,"
	       " IF(e.reference_type = 'subscription', e.sequence, 0) AS single, e.sequence, e.at, l.amount,"
	       " f.period_starts_at AS from_at, f.period_ends_at AS to_at" BILLED_ENTRIES
	       " LEFT JOIN subscription_fee f ON e.reason = 'plan_fee' AND f.organization_id = b.organization_id"
	       " AND f.subscription_id = e.reference_id AND f.sequence = b.sequence" OF_RUN
	       " AND NOT (e.reason = 'charge' AND COALESCE(e.reference_type, '') = 'order')) g"
	       " GROUP BY g.reason, g.reference_type, g.name, g.single"
	       " ORDER BY g.reason + 0, g.reference_type, g.name, g.single",
	.takes = &stretch_of_ledger_shape,
	.gives = &group_shape,
};

/* What the line was computed from. */
struct group_source {
	struct maybe_text service;
	int64_t count;
	int64_t first_entry, last_entry;
	struct maybe_instant first_at, last_at;
	struct maybe_amount credit_price;
	struct text rounding;
};
static const struct field group_source_fields[] = {
	FIELD(group_source, service, LEFT_OUT, "The service of the orders' lines."),
	FIELD(group_source, count, ANY, "How many orders, or entries, they are."),
	FIELD(group_source, first_entry, ANY, "The first entry of the ledger."),
	FIELD(group_source, last_entry, ANY, "The last."),
	FIELD(group_source, first_at, ANY, "When the first was booked."),
	FIELD(group_source, last_at, ANY, "When the last was."),
	FIELD(group_source, credit_price, LEFT_OUT, "Of one credit, when it was charged."),
	FIELD(group_source, rounding, ANY, "How it was rounded."),
};
SHAPE(group_source)

/* ---- billing ---------------------------------------------------------------------------------------------------- */

static struct stretch_of_ledger
key_of(const struct run *run)
{
	return (struct stretch_of_ledger){
		.period = run->period,
		.through_sequence = run->through_sequence,
		.to_at = run->to_at,
		.post_pay = run->post_pay,
	};
}

static const struct problem *
describe(struct call *call, struct run *run, int64_t entries, int64_t noted)
{
	struct stretch_of_ledger key = key_of(run);
	struct order_count count;
	struct buffer words = buffer_new(call->arena, 200);
	const struct problem *p = sql_one(call, &count_orders, &key, &count);

	if (p != NULL)
		return p;
	run->orders_count = count.orders;
	run->has_changed = true;
	buffer_format(&words, "%" PRId64 " entr%s on account billed, of %" PRId64 " order%s.", entries,
	    entries == 1 ? "y" : "ies", count.orders, count.orders == 1 ? "" : "s");
	if (noted > 0)
		buffer_format(&words, " %" PRId64 " of them by credit notes of earlier invoices.", noted);
	run->detail = buffer_text(&words);
	return NULL;
}

static const struct problem *
bill_orders(struct call *call, struct run *run)
{
	struct stretch_of_ledger key = key_of(run);
	struct run_netting netting = { .bills_charges = true };
	int64_t charges = 0;
	struct owed owed;
	const struct problem *p = sql_one(call, &read_owed, &key, &owed);

	if (p != NULL)
		return p;
	netting.charged = owed.charged;
	netting.lines = owed.lines_amount;
	if (owed.has_refunds)
		p = run_refunds_net(call, run, &netting);
	if (p == NULL && netting.bills_charges && owed.charged.micros > 0)
		p = sql_run(call, &mark_charges, &key, &charges);
	if (p == NULL && charges + netting.marked > 0)
		p = describe(call, run, charges + netting.marked, netting.noted);
	if (p == NULL)
		p = sql_one(call, &read_owed, &key, &owed);
	if (p == NULL)
		run->through_sequence = owed.first.given ? owed.first.value - 1 : owed.head;
	return p;
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static struct text
kind_of(const struct group *group)
{
	if (!text_is(group->reason, "charge"))
		return group->reason;
	return text_is(group->reference_type, "order") ? TEXT("orders") : TEXT("usage");
}

/* A line's words have 500 characters, as an entry's have. */
static struct text
named(struct call *call, const char *what, struct text name)
{
	struct text cut = text_cut(name, NAME_MOST);

	return arena_format(call->arena, "%s%s%.*s", what, cut.length > 0 ? ": " : "", (int)cut.length, cut.at);
}

static struct text
words_of(struct call *call, const struct group *group)
{
	bool is_order = text_is(group->reference_type, "order");
	const char *many = group->entries == 1 ? "" : "s";

	if (is_order && text_is(group->reason, "charge"))
		return arena_format(call->arena, "%s%s%" PRId64 " order%s", group->name.at,
		    group->name.length > 0 ? ": " : "", group->entries, many);
	if (is_order)
		return arena_format(call->arena, "%" PRId64 " order%s refunded", group->entries, many);
	if (text_is(group->reason, "charge"))
		return named(call, "Usage", group->name);
	if (text_is(group->reason, "refund"))
		return named(call, "Given back", group->name);
	return group->name.length > 0 ? group->name : group->reason;
}

static struct document
source_of(struct call *call, const struct group *group)
{
	struct group_source source = {
		.count = group->entries,
		.first_entry = group->first_entry,
		.last_entry = group->last_entry,
		.first_at = group->first_at,
		.last_at = group->last_at,
		.credit_price = group->credit_price,
		.rounding = TEXT("none: the sum of exact amounts"),
	};
	struct buffer out = buffer_new(call->arena, 512);

	if (text_is(group->reference_type, "order") && group->name.length > 0)
		source.service = text_given(group->name);
	json_write(&out, &group_source_shape, &source);
	return (struct document){ out.at, out.length };
}

static void
add_group(struct call *call, const struct run *run, const struct group *group, struct run_lines *out)
{
	struct run_line line = {
		.kind = kind_of(group),
		.description = words_of(call, group),
		.credits = group->credits,
		.unit_price = group->credit_price,
		.amount = group->amount,
		.paid_from = TEXT("account"),
		.from_at = group->from_at.given ? group->from_at : (struct maybe_instant){ run->from_at, true },
		.to_at = group->to_at.given ? group->to_at : (struct maybe_instant){ run->to_at, true },
		.source = source_of(call, group),
	};

	if (group->credits.given) {
		line.unit = text_given(TEXT("credit"));
		line.quantity = (struct maybe_quantity){ { group->credits.value.count * INT64_C(1000000) }, true };
	}
	run_line_add(call, out, &line);
}

static const struct problem *
order_lines(struct call *call, const struct run *run, struct run_lines *out)
{
	static const struct statement *const lists[] = { &list_orders, &list_others };
	struct stretch_of_ledger key = key_of(run);
	const struct problem *p = NULL;

	for (size_t list = 0; p == NULL && list < COUNT(lists); list++) {
		struct list groups;

		p = sql_all(call, lists[list], &key, &groups);
		for (size_t i = 0; p == NULL && i < groups.count; i++)
			add_group(call, run, (const struct group *)groups.items + i, out);
	}
	return p;
}

const struct run_part run_orders_part = { .name = "orders", .bill = bill_orders, .lines = order_lines };

const struct resource run_orders_resource = {
	.name = "run_orders",
	.summary = "What stands on account in monthly runs.",
	.statements = LIST_OF(statement, &read_owed, &mark_charges, &count_orders, &list_orders, &list_others),
};
