/*
 * A statement as a document: what there was and is, everything between, how the commitments burned down, and whether it
 * adds up. The digits are those of the other forms; the activity is read while it is drawn.
 */
#include "month_statement.h"

#include <inttypes.h>

#include "clock.h"
#include "document.h"
#include "id.h"
#include "media.h"
#include "text.h"

/* More is asked for in another form: that many fill several hundred pages. */
enum { ENTRIES_MOST = 20000, TOGETHER = 6 };

struct paper {
	struct call *call;
	const struct month_statement *statement;
	struct pdf *pdf;
};

static struct text
credits_of(struct call *call, struct credits credits)
{
	return credits.count == 0 ? TEXT("") : document_credits(call, credits);
}

static struct text
with_currency(struct call *call, const char *words, struct text currency)
{
	return arena_format(call->arena, "%s %.*s", words, (int)currency.length, currency.at);
}

static void
add_table(struct paper *paper, const struct pdf_column *columns, size_t count,
    const struct problem *(*each)(struct call *call, const void *context, struct pdf_rows *rows), const void *context)
{
	struct pdf_table *table = arena_take(paper->call->arena, sizeof(*table));

	*table = (struct pdf_table){ columns, count, each, context, TOGETHER };
	pdf_table(paper->pdf, table);
}

/* ---- parties --------------------------------------------------------------------------------------------------- */

static void
add_facts(struct paper *paper)
{
	struct call *call = paper->call;
	const struct month_statement *statement = paper->statement;
	struct invoice_party *customer = arena_take(call->arena, sizeof(*customer));
	struct document_pairs *pairs = arena_take(call->arena, sizeof(*pairs));
	char id[ID_CHARACTERS + 1];

	id_format(statement->organization_id, id);
	customer->name = statement->organization_name;
	customer->tax_number = text_given(arena_text(call->arena, id, ID_CHARACTERS));
	document_add_pair(
	    pairs, "Period", document_days(call, statement->timezone, statement->from, statement->to), false);
	if (instant_before(statement->as_of, statement->to))
		document_add_pair(pairs, "Up to", document_moment(call, statement->timezone, statement->as_of), true);
	document_add_pair(pairs, "Time zone", statement->timezone, false);
	document_add_pair(pairs, "Currency", statement->currency, false);
	document_add_pair(pairs, "Entries", arena_format(call->arena, "%" PRId64, statement->entries), false);
	document_parties(call, paper->pdf, "For", customer, TEXT("Statement"), pairs);
}

/* ---- accounts -------------------------------------------------------------------------------------------------- */

static const struct problem *
put_balance(struct call *call, struct pdf_rows *rows, const char *account, struct text unit, struct text opening,
    struct text closing)
{
	struct pdf_row row = { .cells = { text_from(account), unit, opening, closing } };

	(void)call;
	return pdf_put(rows, &row);
}

static const struct problem *
put_balances(struct call *call, const void *context, struct pdf_rows *rows)
{
	const struct month_statement *statement = context;
	const struct statement_balances *opening = statement->opening, *closing = statement->closing;
	const struct problem *p = put_balance(call, rows, "Available", TEXT("credits"),
	    document_credits(call, opening->available), document_credits(call, closing->available));

	if (p == NULL)
		p = put_balance(call, rows, "Reserved by orders", TEXT("credits"),
		    document_credits(call, opening->reserved), document_credits(call, closing->reserved));
	if (p == NULL)
		p = put_balance(call, rows, "Debt", TEXT("credits"), document_credits(call, opening->debt),
		    document_credits(call, closing->debt));
	if (p == NULL)
		p = put_balance(call, rows, "Receivable", statement->currency,
		    document_amount(call, opening->receivable), document_amount(call, closing->receivable));
	return p;
}

static void
add_balances(struct paper *paper)
{
	static const struct pdf_column columns[] = {
		{ TEXT_OF("Account"), 2, false, false },
		{ TEXT_OF("Unit"), 1, false, false },
		{ TEXT_OF("Opening"), 0, true, false },
		{ TEXT_OF("Closing"), 0, true, false },
	};

	pdf_heading(paper->pdf, TEXT("Balances"));
	add_table(paper, columns, COUNT(columns), put_balances, paper->statement);
}

/* ---- activity -------------------------------------------------------------------------------------------------- */

enum column { AT, ENTRY, AVAILABLE, RESERVED, DEBT, RECEIVABLE, COLUMNS };

struct listing {
	const struct month_statement *statement;
	struct pdf_rows *rows;
	struct statement_balances sum;
};

static struct text
name_of(struct call *call, const struct month_statement *statement, struct id commitment_id)
{
	const struct statement_burn_down *item = statement->burn_down.items;
	char id[ID_CHARACTERS + 1];

	for (size_t i = 0; i < statement->burn_down.count; i++)
		if (id_equal(item[i].commitment_id, commitment_id))
			return item[i].name;
	id_format(commitment_id, id);
	return arena_text(call->arena, id, ID_CHARACTERS);
}

static void
add_words(struct buffer *out, struct text words)
{
	if (words.length == 0)
		return;
	if (out->length > 0)
		buffer_add_char(out, '\n');
	buffer_add_text(out, words);
}

/* The money where the columns do not show it: what was received, or given back. */
static struct text
money_of(struct call *call, const struct listing *listing, const struct statement_activity *activity)
{
	int64_t moved = activity->amount.given ? activity->amount.value.micros : 0;

	if (moved == 0 || moved == activity->receivable_change.micros)
		return TEXT("");
	return arena_format(call->arena, "%s %s", moved > 0 ? "Received" : "Given back",
	    with_currency(call, document_amount(call, (struct amount){ moved > 0 ? moved : -moved }).at,
		listing->statement->currency)
		.at);
}

static struct text
note_of(struct call *call, const struct listing *listing, const struct statement_activity *activity)
{
	const struct statement_flag *flag = activity->commitment_lines.items;
	struct buffer out = buffer_new(call->arena, 256);
	char id[ID_CHARACTERS + 1];

	add_words(&out, text_or(activity->description, ""));
	add_words(&out, money_of(call, listing, activity));
	if (activity->reference != NULL) {
		id_format(activity->reference->id, id);
		add_words(
		    &out, arena_format(call->arena, "%s %s", document_words(call, activity->reference->type).at, id));
	}
	for (size_t i = 0; i < activity->commitment_lines.count; i++) {
		struct text name = name_of(call, listing->statement, flag[i].commitment_id);

		add_words(&out,
		    arena_format(call->arena, "Line %" PRId64 ": %" PRId64 " credits, %s, count towards %.*s",
			flag[i].line + 1, flag[i].credits.count,
			with_currency(call, document_amount(call, flag[i].amount).at, listing->statement->currency).at,
			(int)name.length, name.at));
	}
	return buffer_text(&out);
}

static void
carry(struct call *call, const struct statement_balances *sum, struct text *cells)
{
	cells[AVAILABLE] = document_credits(call, sum->available);
	cells[RESERVED] = document_credits(call, sum->reserved);
	cells[DEBT] = document_credits(call, sum->debt);
	cells[RECEIVABLE] = document_amount(call, sum->receivable);
}

static const struct problem *
put_entry(struct call *call, void *context, const struct statement_activity *activity)
{
	struct listing *listing = context;
	struct statement_balances *sum = &listing->sum;
	struct pdf_row row = { .carries = true };

	sum->available.count += activity->available_change.count;
	sum->reserved.count += activity->reserved_change.count;
	sum->debt.count += activity->debt_change.count;
	sum->receivable.micros += activity->receivable_change.micros;
	row.cells[AT] = document_moment(call, listing->statement->timezone, activity->at);
	row.cells[ENTRY] = document_words(call, activity->kind);
	row.cells[AVAILABLE] = credits_of(call, activity->available_change);
	row.cells[RESERVED] = credits_of(call, activity->reserved_change);
	row.cells[DEBT] = credits_of(call, activity->debt_change);
	if (activity->receivable_change.micros != 0)
		row.cells[RECEIVABLE] = document_amount(call, activity->receivable_change);
	carry(call, sum, row.carried);
	row.note = note_of(call, listing, activity);
	return pdf_put(listing->rows, &row);
}

static const struct problem *
put_sum(struct call *call, struct listing *listing)
{
	struct pdf_row row = { .strong = true };

	carry(call, &listing->sum, row.cells);
	row.cells[ENTRY] = TEXT("Activity of the month");
	return pdf_put(listing->rows, &row);
}

static const struct problem *
put_activity(struct call *call, const void *context, struct pdf_rows *rows)
{
	struct listing listing = { .statement = context, .rows = rows };
	const struct problem *p = statement_each_activity(call, context, put_entry, &listing);

	return p != NULL ? p : put_sum(call, &listing);
}

static void
add_activity(struct paper *paper)
{
	struct arena *arena = paper->call->arena;
	struct pdf_column *columns = arena_array(arena, COLUMNS, sizeof(*columns));

	columns[AT] = (struct pdf_column){ TEXT("Booked"), 0, false, false };
	columns[ENTRY] = (struct pdf_column){ TEXT("Entry"), 1, false, false };
	columns[AVAILABLE] = (struct pdf_column){ TEXT("Available\ncredits"), 0, true, true };
	columns[RESERVED] = (struct pdf_column){ TEXT("Reserved\ncredits"), 0, true, true };
	columns[DEBT] = (struct pdf_column){ TEXT("Debt\ncredits"), 0, true, true };
	columns[RECEIVABLE] =
	    (struct pdf_column){ with_currency(paper->call, "Receivable\n", paper->statement->currency), 0, true,
		    true };
	pdf_heading(paper->pdf, TEXT("Activity"));
	add_table(paper, columns, COLUMNS, put_activity, paper->statement);
}

/* ---- commitments ----------------------------------------------------------------------------------------------- */

enum { WEEK = 7, SERIES = 3 };

static const struct problem *
put_weeks(struct call *call, const void *context, struct pdf_rows *rows)
{
	const struct statement_burn_down *burn_down = context;
	const struct statement_day *day = burn_down->days.items;
	size_t count = burn_down->days.count;
	struct pdf_row before = { .cells = {
				      TEXT("Before the month"), TEXT(""), document_amount(call, burn_down->opening) } };
	const struct problem *p = burn_down->opening.micros == 0 ? NULL : pdf_put(rows, &before);

	for (size_t i = 0; p == NULL && i < count; i++) {
		struct pdf_row row = {
			.cells = { document_date(call, day[i].on), document_amount(call, day[i].committed),
			    document_amount(call, day[i].consumed), document_amount(call, day[i].remaining) },
			.strong = i + 1 == count
		};

		if ((i + 1) % WEEK == 0 || row.strong)
			p = pdf_put(rows, &row);
	}
	return p;
}

/* From the last day that has come to the month's end, as the month has gone so far. */
static void
project(const struct statement_burn_down *burn_down, int64_t *values, size_t count)
{
	const struct statement_day *day = burn_down->days.items, *last = &day[burn_down->days.count - 1];
	int64_t pace = (last->consumed.micros - burn_down->opening.micros) / (int64_t)burn_down->days.count;

	for (size_t i = 0; i < count; i++) {
		int64_t left = last->remaining.micros - pace * (int64_t)i;

		values[i] = left > 0 ? left : 0;
	}
}

/* The days of the month that lie behind those that have come. */
static size_t
days_ahead(const struct month_statement *statement)
{
	struct instant at = statement->as_of;
	size_t count = 0;

	while (instant_before(at, statement->to) && zone_next_day_start(statement->timezone, at, &at) &&
	       instant_before(at, statement->to))
		count++;
	return count;
}

/* The first point is the begin of the first day. */
static void
plot(struct call *call, const struct statement_burn_down *burn_down, size_t ahead, struct pdf_chart *chart)
{
	const struct statement_day *day = burn_down->days.items;
	size_t count = burn_down->days.count;
	struct pdf_series *series = arena_array(call->arena, SERIES, sizeof(*series));
	int64_t *committed = arena_array(call->arena, count + ahead + 1, sizeof(*committed));
	int64_t *remaining = arena_array(call->arena, count + 1, sizeof(*remaining));
	int64_t *projected = arena_array(call->arena, ahead + 1, sizeof(*projected));

	committed[0] = day[0].committed.micros;
	remaining[0] = committed[0] - burn_down->opening.micros;
	for (size_t i = 0; i < count; i++) {
		committed[i + 1] = day[i].committed.micros;
		remaining[i + 1] = day[i].remaining.micros;
		chart->most = committed[i + 1] > chart->most ? committed[i + 1] : chart->most;
	}
	for (size_t i = 0; i < ahead; i++)
		committed[count + 1 + i] = committed[count];
	project(burn_down, projected, ahead + 1);
	series[0] = (struct pdf_series){ TEXT("Committed"), committed, 0, count + ahead + 1, 700, 600, false };
	series[1] = (struct pdf_series){ TEXT("Remaining"), remaining, 0, count + 1, 1400, 110, false };
	series[2] = (struct pdf_series){ TEXT("Remaining, at this month's pace"), projected, count, ahead + 1, 1000,
		400, true };
	chart->series = series;
	chart->series_count = ahead > 0 ? SERIES : SERIES - 1;
	chart->steps = count + ahead + 1;
}

static void
add_chart(struct paper *paper, const struct statement_burn_down *burn_down)
{
	struct call *call = paper->call;
	const struct month_statement *statement = paper->statement;
	const struct statement_day *day = burn_down->days.items;
	const struct statement_day *last = &day[burn_down->days.count - 1];
	struct pdf_chart *chart = arena_take(call->arena, sizeof(*chart));
	size_t ahead = days_ahead(statement);

	plot(call, burn_down, ahead, chart);
	chart->top = document_amount(call, (struct amount){ chart->most });
	chart->bottom = TEXT("0");
	chart->begin = document_date(call, day[0].on);
	chart->end = ahead == 0
			 ? document_date(call, last->on)
			 : document_day(call, statement->timezone, (struct instant){ statement->to.microseconds - 1 });
	pdf_chart(paper->pdf, chart);
}

static void
add_commitments(struct paper *paper)
{
	struct call *call = paper->call;
	const struct statement_burn_down *item = paper->statement->burn_down.items;
	struct pdf_column *columns = arena_array(call->arena, 4, sizeof(*columns));

	columns[0] = (struct pdf_column){ TEXT("By the end of"), 1, false, false };
	columns[1] =
	    (struct pdf_column){ with_currency(call, "Committed", paper->statement->currency), 0, true, false };
	columns[2] = (struct pdf_column){ with_currency(call, "Used", paper->statement->currency), 0, true, false };
	columns[3] =
	    (struct pdf_column){ with_currency(call, "Remaining", paper->statement->currency), 0, true, false };
	for (size_t i = 0; i < paper->statement->burn_down.count; i++) {
		if (item[i].days.count == 0)
			continue;
		pdf_heading(paper->pdf,
		    arena_format(call->arena, "Commitment: %.*s", (int)item[i].name.length, item[i].name.at));
		add_chart(paper, &item[i]);
		add_table(paper, columns, 4, put_weeks, &item[i]);
	}
}

/* ---- reconciliation -------------------------------------------------------------------------------------------- */

/* Known when the activity was read: later than this table was added. */
static const struct problem *
put_accounts(struct call *call, const void *context, struct pdf_rows *rows)
{
	const struct month_statement *statement = context;
	const struct statement_reconciliation *reconciliation = statement->reconciliation;
	const struct statement_account *account = reconciliation->rows.items;
	struct pdf_row result = { .strong = true };
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && i < reconciliation->rows.count; i++) {
		struct pdf_row row = { .cells = { document_words(call, account[i].account), account[i].unit,
					   account[i].opening, account[i].activity, account[i].closing,
					   account[i].difference } };

		p = pdf_put(rows, &row);
	}
	result.cells[0] = reconciliation->reconciled ? TEXT("Reconciled") : TEXT("Not reconciled");
	result.cells[1] = statement->currency;
	result.cells[5] = document_amount(call, reconciliation->difference);
	return p != NULL ? p : pdf_put(rows, &result);
}

static void
add_reconciliation(struct paper *paper)
{
	static const struct pdf_column columns[] = {
		{ TEXT_OF("Account"), 2, false, false },
		{ TEXT_OF("Unit"), 1, false, false },
		{ TEXT_OF("Opening"), 0, true, false },
		{ TEXT_OF("Activity"), 0, true, false },
		{ TEXT_OF("Closing"), 0, true, false },
		{ TEXT_OF("Difference"), 0, true, false },
	};
	const struct month_statement *statement = paper->statement;

	pdf_heading(paper->pdf, TEXT("Reconciliation"));
	add_table(paper, columns, COUNT(columns), put_accounts, statement);
	pdf_remark(paper->pdf,
	    arena_format(paper->call->arena,
		"Opening and closing are what the ledger has kept; activity is the sum of the entries above. The last "
		"row adds up the differences without their signs, a credit at %s.",
		with_currency(
		    paper->call, document_amount(paper->call, statement->credit_price).at, statement->currency)
		    .at));
}

/* ---- the document ---------------------------------------------------------------------------------------------- */

const struct problem *
statement_pdf_write(struct call *call, const void *given)
{
	const struct month_statement *statement = given;
	struct invoice_party issuer = invoice_issuer(call);
	struct pdf_head head = document_head(call, &issuer, TEXT("Statement"), document_month(call, statement->period));
	struct paper paper = { call, statement, pdf_new(call->arena, &head) };
	const struct problem *p;

	if (statement->entries > ENTRIES_MOST)
		return fail(call, NOT_ACCEPTABLE,
		    "The month has %" PRId64 " entries, too many for a PDF: ask for " MEDIA_NDJSON " or " MEDIA_CSV ".",
		    statement->entries);
	add_facts(&paper);
	add_balances(&paper);
	add_activity(&paper);
	add_commitments(&paper);
	add_reconciliation(&paper);
	p = pdf_write(call, paper.pdf, &call->reply.body);
	if (p == NULL)
		statement_name_file(call, statement, "pdf");
	return p;
}
