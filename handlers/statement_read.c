/*
 * organizations.commitments.statement: the head of a month's statement, and its form in JSON. What an account had at
 * the month's ends is what the ledger has kept there; what the month did to it is summed up from the lines of every
 * entry between: the two have to meet.
 */
#include "month_statement.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "config.h"
#include "json.h"
#include "media.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* More than that is asked for in another form, which goes out row by row. */
enum { ENTRIES_MOST = 20000, ROW_MOST = 1 << 16 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const struct field statement_balances_fields[] = {
	FIELD(statement_balances, available, ANY, "Credits that could be spent."),
	FIELD(statement_balances, reserved, ANY, "Credits held by orders."),
	FIELD(statement_balances, debt, ANY, "Credits that were owed."),
	FIELD(statement_balances, receivable, ANY, "Money that was owed, invoiced or not yet."),
};
SHAPE(statement_balances)

static const struct field statement_day_fields[] = {
	FIELD(statement_day, on, ANY, "The day, in the organization's time zone."),
	FIELD(statement_day, committed, ANY, "What was to be used in the term, as it was agreed by its end."),
	FIELD(statement_day, consumed, ANY, "What had counted by its end, since the term began."),
	FIELD(statement_day, remaining, ANY, "What was left to be used: no less than 0."),
};
SHAPE(statement_day)

static const struct field statement_burn_down_fields[] = {
	FIELD(statement_burn_down, commitment_id, ANY, "The commitment."),
	FIELD(statement_burn_down, name, ANY, "Its name."),
	FIELD(statement_burn_down, committed, ANY,
	    "What was to be used in its term on the last of the days, what was carried in taken off."),
	FIELD(statement_burn_down, opening, ANY, "What had counted before the month, since the term began."),
	FIELD_LIST(statement_burn_down, days, statement_day, ANY, "The days of the month in which it ran."),
};
const struct shape statement_burn_down_shape = { .name = "statement_burn_down",
	.size = sizeof(struct statement_burn_down),
	.count = COUNT(statement_burn_down_fields),
	.fields = statement_burn_down_fields };

static const struct field statement_account_fields[] = {
	FIELD(statement_account, account, ANY, "One of available, reserved, debt and receivable."),
	FIELD(statement_account, unit, ANY, "Credits, or the currency."),
	FIELD(statement_account, opening, ANY, "What the ledger says there was."),
	FIELD(statement_account, activity, ANY, "The sum of the month's activity."),
	FIELD(statement_account, closing, ANY, "What the ledger says there is."),
	FIELD(statement_account, difference, ANY, "Opening and activity, less closing."),
};
static const struct shape statement_account_shape = { .name = "statement_account",
	.size = sizeof(struct statement_account),
	.count = COUNT(statement_account_fields),
	.fields = statement_account_fields,
	.partial = true };

static const struct field statement_reconciliation_fields[] = {
	FIELD(statement_reconciliation, reconciled, ANY, "Whether no account differs."),
	FIELD(statement_reconciliation, difference, ANY, "By how much they differ in all, credits at their price."),
	FIELD_LIST(statement_reconciliation, rows, statement_account, ANY, "Every account."),
};
SHAPE(statement_reconciliation)

static const struct field month_statement_fields[] = {
	FIELD(month_statement, organization_id, ANY, "Whose it is."),
	FIELD(month_statement, organization_name, ANY, "Its name."),
	FIELD(month_statement, period, ANY, "The month."),
	FIELD(month_statement, timezone, ANY, "The time zone that it is a month of."),
	FIELD(month_statement, from, ANY, "Its first moment."),
	FIELD(month_statement, to, ANY, "The next month's first moment."),
	FIELD(month_statement, currency, ANY, "What money is in."),
	FIELD(month_statement, credit_price, ANY, "What a credit is worth."),
	FIELD(month_statement, as_of, ANY, "When it closes: the month's end, or now where that lies ahead."),
	FIELD_OBJECT(month_statement, opening, statement_balances, false, "What there was at first."),
	FIELD_ROWS(month_statement, activity, statement_activity, "Everything that changed that, in order."),
	FIELD(month_statement, entries, ANY, "How many rows of activity there are."),
	FIELD_LIST(month_statement, burn_down, statement_burn_down, ANY, "The commitments that ran in the month."),
	FIELD_OBJECT(month_statement, closing, statement_balances, false, "What there is in the end."),
	FIELD_OBJECT(month_statement, reconciliation, statement_reconciliation, false,
	    "Whether the activity is the change of the ledger, account by account."),
};
static const struct shape month_statement_shape = { .name = "month_statement",
	.size = sizeof(struct month_statement),
	.count = COUNT(month_statement_fields),
	.fields = month_statement_fields,
	.partial = true };

struct statement_query {
	struct id organization_id;
	struct maybe_text period;
};
static const struct field statement_query_fields[] = {
	FIELD(statement_query, organization_id, ANY, "The organization."),
	FIELD(statement_query, period, MATCHING(period_format, 7, 7),
	    "The month, YYYY-MM; the last one that is over, if left out."),
};
SHAPE(statement_query)

struct owner_row {
	struct text name;
	struct text currency;
	struct amount price;
};
static const struct field owner_row_fields[] = {
	FIELD(owner_row, name, ANY, "The organization's."),
	FIELD(owner_row, currency, ANY, "The organization's."),
	FIELD(owner_row, price, ANY, "Of one credit."),
};
SHAPE(owner_row)

struct moment {
	struct instant before;
};
static const struct field moment_fields[] = {
	FIELD(moment, before, ANY, "What was booked before it."),
};
SHAPE(moment)

struct boundary {
	int64_t sequence;
	struct credits available, reserved, debt;
};
static const struct field boundary_fields[] = {
	FIELD(boundary, sequence, ANY, "Of the last entry."),
	FIELD(boundary, available, ANY, "As it says."),
	FIELD(boundary, reserved, ANY, "As it says."),
	FIELD(boundary, debt, ANY, "As it says."),
};
SHAPE(boundary)

struct receivable_query {
	int64_t after, through;
	struct text currency;
};
static const struct field receivable_query_fields[] = {
	FIELD(receivable_query, after, ANY, "The last entry before the month."),
	FIELD(receivable_query, through, ANY, "The month's last entry."),
	FIELD(receivable_query, currency, ANY, "What money is in."),
};
SHAPE(receivable_query)

struct receivable_row {
	struct amount opening, closing;
};
static const struct field receivable_row_fields[] = {
	FIELD(receivable_row, opening, ANY, "Before the month."),
	FIELD(receivable_row, closing, ANY, "At its end."),
};
SHAPE(receivable_row)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement read_owner = {
	.sql = "SELECT o.name, b.currency, c.price FROM organization o JOIN book b ON b.organization_id = o.id"
	       " JOIN credit_price c ON c.currency = b.currency WHERE o.id = :organization",
	.gives = &owner_row_shape,
};

/* The last by its place among all that are earlier: the last of that day, the last in time of the days before, or one
 * that came when a later one was there. */
static const struct statement find_boundary = {
	.sql =
	    "SELECT sequence, available_after AS available, reserved_after AS reserved, debt_after AS debt"
	    " FROM journal_entry WHERE organization_id = :organization AND sequence = GREATEST("
	    "COALESCE((SELECT MAX(d.sequence) FROM journal_late d"
	    " WHERE d.organization_id = :organization AND d.day < DATE(:before)), 0),"
	    " COALESCE((SELECT l.sequence FROM journal_entry l FORCE INDEX (at) WHERE l.organization_id = :organization"
	    " AND l.at < DATE(:before) ORDER BY l.at DESC, l.sequence DESC LIMIT 1), 0),"
	    " COALESCE((SELECT MAX(w.sequence) FROM journal_entry w FORCE INDEX (at)"
	    " WHERE w.organization_id = :organization AND w.at >= DATE(:before) AND w.at < :before), 0))",
	.takes = &moment_shape,
	.gives = &boundary_shape,
};

static const struct statement find_head = {
	.sql = "SELECT sequence, available_after AS available, reserved_after AS reserved, debt_after AS debt"
	       " FROM journal_entry WHERE organization_id = :organization ORDER BY sequence DESC LIMIT 1",
	.gives = &boundary_shape,
};

#define KEPT(sequence)                                                                        \
	"COALESCE((SELECT amount FROM receivable_after WHERE organization_id = :organization" \
	" AND currency = :currency AND sequence <= " sequence " ORDER BY sequence DESC LIMIT 1), 0)"

static const struct statement read_receivable = {
	.sql = "SELECT " KEPT(":after") " AS opening, " KEPT(":through") " AS closing",
	.takes = &receivable_query_shape,
	.gives = &receivable_row_shape,
};

/* ---- what there was, and is ------------------------------------------------------------------------------------ */

/* Where no moment is given, all that there is. */
static const struct problem *
read_boundary(struct call *call, const struct moment *moment, int64_t *sequence, struct statement_balances **out)
{
	struct boundary boundary = { 0 };
	bool found;
	const struct problem *p =
	    sql_maybe(call, moment != NULL ? &find_boundary : &find_head, moment, &boundary, &found);

	if (p != NULL)
		return p;
	if (!found)
		boundary = (struct boundary){ 0 };
	*sequence = boundary.sequence;
	*out = arena_take(call->reply_arena, sizeof(**out));
	**out = (struct statement_balances){ boundary.available, boundary.reserved, boundary.debt, { 0 } };
	return NULL;
}

static const struct problem *
read_balances(struct call *call, struct month_statement *out)
{
	const struct moment from = { out->month.from }, to = { out->month.to };
	struct receivable_query query;
	struct receivable_row receivable;
	const struct problem *p = read_boundary(call, &from, &out->after, &out->opening);

	if (p == NULL)
		p = read_boundary(call, month_is_closed(call, &out->month) ? &to : NULL, &out->through, &out->closing);
	if (p != NULL)
		return p;
	query = (struct receivable_query){ out->after, out->through, out->currency };
	p = sql_one(call, &read_receivable, &query, &receivable);
	out->opening->receivable = receivable.opening;
	out->closing->receivable = receivable.closing;
	out->entries = out->through - out->after;
	return p;
}

/* ---- as JSON --------------------------------------------------------------------------------------------------- */

struct gathering {
	struct buffer rows;
	size_t most;
};

static const struct problem *
too_large(struct call *call, const char *what)
{
	return fail(call, NOT_ACCEPTABLE, "The month has %s: ask for " MEDIA_NDJSON " or " MEDIA_CSV ".", what);
}

static const struct problem *
gather(struct call *call, void *context, const struct statement_activity *activity)
{
	struct gathering *gathering = context;

	if (gathering->rows.length > 1)
		buffer_add_char(&gathering->rows, ',');
	json_write(&gathering->rows, &statement_activity_shape, activity);
	if (gathering->rows.length > gathering->most)
		return too_large(call, "too much activity for one document");
	return NULL;
}

/* The rows are taken in one piece, and written once more into the body, which grows by doubling: all of it has room in
 * what one request may use. */
static const struct problem *
gather_activity(struct call *call, struct month_statement *out)
{
	struct gathering gathering = { .most = (size_t)config.memory_limit_bytes / 16 * 3 };
	const struct problem *p;

	if (out->entries > ENTRIES_MOST)
		return too_large(call, arena_format(call->arena, "%" PRId64 " entries", out->entries).at);
	gathering.rows = buffer_new(call->reply_arena, out->entries > 0 ? gathering.most + ROW_MOST : 16);
	buffer_add_char(&gathering.rows, '[');
	p = statement_each_activity(call, out, gather, &gathering);
	buffer_add_char(&gathering.rows, ']');
	out->activity = (struct document){ gathering.rows.at, gathering.rows.length };
	return p;
}

/* ---- the operation --------------------------------------------------------------------------------------------- */

HANDLER(read_month_statement, statement_query, month_statement)

static const struct rendering renderings[] = {
	{ MEDIA_NDJSON, statement_ndjson_write, &statement_activity_shape },
	{ MEDIA_CSV, statement_csv_write, NULL },
	{ MEDIA_PDF, statement_pdf_write, NULL },
	{ .media_type = NULL },
};

static const struct operation statement_operation = {
	.id = "organizations.commitments.statement",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.slow = true,
	.summary =
	    "Read the statement of a month: everything that changed what the organization has, and that it adds up.",
	.description = "As NDJSON the activity alone, a row a line. A month of more than 20,000 entries, or of some"
		       " megabytes, is answered as NDJSON or CSV only.",
	.raises = { NOT_FOUND },
	.run = &read_month_statement_run,
	.renderings = renderings,
};

static const struct problem *
find_month(struct call *call, const struct statement_query *in, struct month_statement *out)
{
	const struct problem *p = month_wanted(call, in->period, &out->month);

	if (p == NULL && instant_before(call->now, out->month.from))
		return fail_field(call, "/period", "out_of_range", "The month has not begun yet.");
	if (p == NULL)
		p = month_zone(call, &out->timezone);
	out->organization_id = call->organization;
	out->period = text_from(out->month.name);
	out->from = out->month.from;
	out->to = out->month.to;
	out->as_of = month_is_closed(call, &out->month) ? out->month.to : call->now;
	return p;
}

static const struct problem *
read_month_statement(struct call *call, const struct statement_query *in, struct month_statement *out)
{
	struct owner_row owner;
	const struct problem *p = find_month(call, in, out);

	if (p == NULL)
		p = sql_one(call, &read_owner, NULL, &owner);
	if (p != NULL)
		return p;
	out->organization_name = owner.name;
	out->currency = owner.currency;
	out->credit_price = owner.price;
	out->reconciliation = arena_take(call->reply_arena, sizeof(*out->reconciliation));
	p = read_balances(call, out);
	if (p == NULL && call->rendering == NULL)
		p = gather_activity(call, out);
	return p != NULL ? p : statement_burn_down(call, out);
}

const struct resource month_statement_resource = {
	.name = "organizations.commitments.statement",
	.summary = "Statements of months.",
	.operations = LIST_OF(operation, &statement_operation),
	.statements = LIST_OF(statement, &read_owner, &find_boundary, &find_head, &read_receivable),
};
