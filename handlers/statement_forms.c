/*
 * A statement as NDJSON and as CSV. NDJSON goes out row by row, in constant memory; CSV has every number of the
 * statement, each row saying which section it belongs to.
 */
#include "month_statement.h"

#include "clock.h"
#include "csv.h"
#include "id.h"
#include "json.h"
#include "reply.h"
#include "sink.h"
#include "text.h"

void
statement_name_file(struct call *call, const struct month_statement *statement, const char *ending)
{
	reply_header(call, "Content-Disposition",
	    arena_format(call->reply_arena, "attachment; filename=\"statement-%s.%s\"", statement->month.name, ending));
}

/* ---- rows that go out ------------------------------------------------------------------------------------------ */

/* What is in the body goes out; the first time with the head. */
static const struct problem *
flush(struct call *call)
{
	struct buffer *body = &call->reply.body;
	size_t length = body->length;

	if (!call->reply.streamed && !reply_begin_stream(call))
		return &sink_client_gone;
	body->length = 0;
	return call->output.write(call->output.context, body->at, length) ? NULL : &sink_client_gone;
}

/* ---- NDJSON ---------------------------------------------------------------------------------------------------- */

static const struct problem *
write_line(struct call *call, void *context, const struct statement_activity *activity)
{
	(void)context;
	json_write(&call->reply.body, &statement_activity_shape, activity);
	buffer_add_char(&call->reply.body, '\n');
	return flush(call);
}

const struct problem *
statement_ndjson_write(struct call *call, const void *statement)
{
	const struct problem *p = statement_each_activity(call, statement, write_line, NULL);

	return p != NULL || call->reply.streamed ? p : flush(call);
}

/* ---- CSV ------------------------------------------------------------------------------------------------------- */

static const char *const columns[] = { "section", "at", "kind", "reference_type", "reference_id", "description",
	"credits", "currency", "amount", "commitment_id", "available", "reserved", "debt", "receivable", "consumed",
	"remaining", "account", "opening", "activity", "closing", "difference" };

/* Cells that a section leaves empty. */
enum { BEFORE_ACCOUNTS = 8, BEHIND_ACCOUNTS = 7, BEHIND_REMAINING = 5 };

struct rows {
	struct csv csv;
	const struct month_statement *statement;
};

static void
put_id(struct csv *csv, struct maybe_id id)
{
	char out[ID_CHARACTERS + 1];

	if (!id.given) {
		csv_nothing(csv, 1);
		return;
	}
	id_format(id.value, out);
	csv_string(csv, out);
}

static void
put_instant(struct csv *csv, struct instant at)
{
	csv_maybe_instant(csv, instant_given(at));
}

static void
put_balances(struct rows *rows, const char *section, struct instant at, const struct statement_balances *balances)
{
	struct csv *csv = &rows->csv;

	csv_string(csv, section);
	put_instant(csv, at);
	csv_nothing(csv, BEFORE_ACCOUNTS - 3);
	csv_text(csv, rows->statement->currency);
	csv_nothing(csv, 2);
	csv_integer(csv, balances->available.count);
	csv_integer(csv, balances->reserved.count);
	csv_integer(csv, balances->debt.count);
	csv_amount(csv, balances->receivable);
	csv_nothing(csv, BEHIND_ACCOUNTS);
	csv_row_end(csv);
}

static const struct problem *
put_activity(struct call *call, void *context, const struct statement_activity *activity)
{
	struct rows *rows = context;
	struct csv *csv = &rows->csv;
	const struct thing *reference = activity->reference;

	csv_string(csv, "activity");
	put_instant(csv, activity->at);
	csv_text(csv, activity->kind);
	csv_maybe_text(csv, reference == NULL ? (struct maybe_text){ 0 } : text_given(reference->type));
	put_id(csv, reference == NULL ? (struct maybe_id){ 0 } : id_given(reference->id));
	csv_maybe_text(csv, activity->description);
	csv_integer(csv, activity->credits.count);
	csv_text(csv, rows->statement->currency);
	csv_maybe_amount(csv, activity->amount);
	put_id(csv, activity->commitment_id);
	csv_integer(csv, activity->available_change.count);
	csv_integer(csv, activity->reserved_change.count);
	csv_integer(csv, activity->debt_change.count);
	csv_amount(csv, activity->receivable_change);
	csv_nothing(csv, BEHIND_ACCOUNTS);
	csv_row_end(csv);
	return flush(call);
}

static void
put_days(struct rows *rows, const struct statement_burn_down *burn_down)
{
	const struct statement_day *days = burn_down->days.items;
	struct csv *csv = &rows->csv;

	for (size_t i = 0; i < burn_down->days.count; i++) {
		csv_string(csv, "burn_down");
		csv_text(csv, days[i].on);
		csv_nothing(csv, 3);
		csv_text(csv, burn_down->name);
		csv_nothing(csv, 1);
		csv_text(csv, rows->statement->currency);
		csv_nothing(csv, 1);
		put_id(csv, id_given(burn_down->commitment_id));
		csv_nothing(csv, 4);
		csv_amount(csv, days[i].consumed);
		csv_amount(csv, days[i].remaining);
		csv_nothing(csv, BEHIND_REMAINING);
		csv_row_end(csv);
	}
}

static void
put_account(struct rows *rows, const struct statement_account *account)
{
	struct csv *csv = &rows->csv;

	csv_string(csv, "reconciliation");
	csv_nothing(csv, BEFORE_ACCOUNTS - 2);
	csv_text(csv, account->unit);
	csv_nothing(csv, 8);
	csv_text(csv, account->account);
	for (size_t i = 0; i < COUNT(account->numbers); i++)
		if (account->is_money)
			csv_amount(csv, (struct amount){ account->numbers[i] });
		else
			csv_integer(csv, account->numbers[i]);
	csv_row_end(csv);
}

static void
put_end(struct rows *rows)
{
	const struct month_statement *statement = rows->statement;
	const struct statement_burn_down *burn_down = statement->burn_down.items;
	const struct statement_account *accounts = statement->reconciliation->rows.items;

	for (size_t i = 0; i < statement->burn_down.count; i++)
		put_days(rows, &burn_down[i]);
	put_balances(rows, "closing", statement->as_of, statement->closing);
	for (size_t i = 0; i < statement->reconciliation->rows.count; i++)
		put_account(rows, &accounts[i]);
}

const struct problem *
statement_csv_write(struct call *call, const void *given)
{
	const struct month_statement *statement = given;
	struct rows rows = { csv_to(&call->reply.body), statement };
	const struct problem *p;

	statement_name_file(call, statement, "csv");
	for (size_t i = 0; i < COUNT(columns); i++)
		csv_string(&rows.csv, columns[i]);
	csv_row_end(&rows.csv);
	put_balances(&rows, "opening", statement->from, statement->opening);
	p = statement_each_activity(call, statement, put_activity, &rows);
	if (p != NULL)
		return p;
	put_end(&rows);
	return flush(call);
}
