/*
 * A statement as NDJSON and as CSV, row by row in constant memory. NDJSON is the activity alone; CSV has every number
 * of the statement, each row saying which section it belongs to.
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

/* Behind each other from the left; what a section has nothing for is empty. */
enum column {
	SECTION,
	SEQUENCE,
	AT,
	KIND,
	REFERENCE_TYPE,
	REFERENCE_ID,
	DESCRIPTION,
	CREDITS,
	CURRENCY,
	AMOUNT,
	COMMITMENT_ID,
	LINE,
	AVAILABLE,
	RESERVED,
	DEBT,
	RECEIVABLE,
	AVAILABLE_AFTER,
	RESERVED_AFTER,
	DEBT_AFTER,
	RECEIVABLE_AFTER,
	COMMITTED,
	CONSUMED,
	REMAINING,
	ACCOUNT,
	OPENING,
	ACTIVITY,
	CLOSING,
	DIFFERENCE,
	COLUMNS,
};

static const char *const columns[COLUMNS] = {
	[SECTION] = "section",
	[SEQUENCE] = "sequence",
	[AT] = "at",
	[KIND] = "kind",
	[REFERENCE_TYPE] = "reference_type",
	[REFERENCE_ID] = "reference_id",
	[DESCRIPTION] = "description",
	[CREDITS] = "credits",
	[CURRENCY] = "currency",
	[AMOUNT] = "amount",
	[COMMITMENT_ID] = "commitment_id",
	[LINE] = "line",
	[AVAILABLE] = "available",
	[RESERVED] = "reserved",
	[DEBT] = "debt",
	[RECEIVABLE] = "receivable",
	[AVAILABLE_AFTER] = "available_after",
	[RESERVED_AFTER] = "reserved_after",
	[DEBT_AFTER] = "debt_after",
	[RECEIVABLE_AFTER] = "receivable_after",
	[COMMITTED] = "committed",
	[CONSUMED] = "consumed",
	[REMAINING] = "remaining",
	[ACCOUNT] = "account",
	[OPENING] = "opening",
	[ACTIVITY] = "activity",
	[CLOSING] = "closing",
	[DIFFERENCE] = "difference",
};

struct rows {
	struct csv csv;
	enum column next;
	const struct month_statement *statement;
};

/* The next cell is that of this column. */
static struct csv *
at(struct rows *rows, enum column column)
{
	csv_nothing(&rows->csv, column - rows->next);
	rows->next = column + 1;
	return &rows->csv;
}

static void
begin(struct rows *rows, const char *section)
{
	rows->next = SECTION;
	csv_string(at(rows, SECTION), section);
}

static void
end(struct rows *rows)
{
	csv_nothing(&rows->csv, COLUMNS - rows->next);
	csv_row_end(&rows->csv);
}

static void
put_id(struct csv *csv, struct id id)
{
	char out[ID_CHARACTERS + 1];

	id_format(id, out);
	csv_string(csv, out);
}

static void
put_instant(struct csv *csv, struct instant moment)
{
	csv_maybe_instant(csv, instant_given(moment));
}

static void
put_reference(struct rows *rows, const struct thing *reference)
{
	if (reference == NULL)
		return;
	csv_text(at(rows, REFERENCE_TYPE), reference->type);
	put_id(at(rows, REFERENCE_ID), reference->id);
}

static void
put_balances(struct rows *rows, const char *section, struct instant moment, const struct statement_balances *balances)
{
	begin(rows, section);
	put_instant(at(rows, AT), moment);
	csv_text(at(rows, CURRENCY), rows->statement->currency);
	csv_integer(at(rows, AVAILABLE), balances->available.count);
	csv_integer(at(rows, RESERVED), balances->reserved.count);
	csv_integer(at(rows, DEBT), balances->debt.count);
	csv_amount(at(rows, RECEIVABLE), balances->receivable);
	end(rows);
}

static void
put_head(struct rows *rows)
{
	const struct month_statement *statement = rows->statement;
	const struct thing organization = { TEXT_OF("organization"), statement->organization_id };

	begin(rows, "statement");
	put_instant(at(rows, AT), statement->from);
	csv_text(at(rows, KIND), statement->period);
	put_reference(rows, &organization);
	csv_text(at(rows, DESCRIPTION), statement->timezone);
	end(rows);
	begin(rows, "credit_price");
	csv_integer(at(rows, CREDITS), 1);
	csv_text(at(rows, CURRENCY), statement->currency);
	csv_amount(at(rows, AMOUNT), statement->credit_price);
	end(rows);
	put_balances(rows, "opening", statement->from, statement->opening);
}

static void
put_flag(struct rows *rows, const struct statement_activity *activity, const struct statement_flag *flag)
{
	begin(rows, "flag");
	csv_integer(at(rows, SEQUENCE), activity->sequence);
	put_instant(at(rows, AT), activity->at);
	csv_text(at(rows, KIND), activity->kind);
	put_reference(rows, activity->reference);
	csv_integer(at(rows, CREDITS), flag->credits.count);
	csv_text(at(rows, CURRENCY), rows->statement->currency);
	csv_amount(at(rows, AMOUNT), flag->amount);
	put_id(at(rows, COMMITMENT_ID), flag->commitment_id);
	csv_integer(at(rows, LINE), flag->line);
	end(rows);
}

static const struct problem *
put_activity(struct call *call, void *context, const struct statement_activity *activity)
{
	const struct statement_flag *flags = activity->commitment_lines.items;
	struct rows *rows = context;

	begin(rows, "activity");
	csv_integer(at(rows, SEQUENCE), activity->sequence);
	put_instant(at(rows, AT), activity->at);
	csv_text(at(rows, KIND), activity->kind);
	put_reference(rows, activity->reference);
	csv_maybe_text(at(rows, DESCRIPTION), activity->description);
	csv_integer(at(rows, CREDITS), activity->credits.count);
	csv_text(at(rows, CURRENCY), rows->statement->currency);
	csv_maybe_amount(at(rows, AMOUNT), activity->amount);
	if (activity->commitment_id.given)
		put_id(at(rows, COMMITMENT_ID), activity->commitment_id.value);
	csv_integer(at(rows, AVAILABLE), activity->available_change.count);
	csv_integer(at(rows, RESERVED), activity->reserved_change.count);
	csv_integer(at(rows, DEBT), activity->debt_change.count);
	csv_amount(at(rows, RECEIVABLE), activity->receivable_change);
	csv_integer(at(rows, AVAILABLE_AFTER), activity->available_after.count);
	csv_integer(at(rows, RESERVED_AFTER), activity->reserved_after.count);
	csv_integer(at(rows, DEBT_AFTER), activity->debt_after.count);
	csv_amount(at(rows, RECEIVABLE_AFTER), activity->receivable_after);
	end(rows);
	for (size_t i = 0; i < activity->commitment_lines.count; i++)
		put_flag(rows, activity, &flags[i]);
	return flush(call);
}

static void
put_burn_down(struct rows *rows, const struct statement_burn_down *burn_down)
{
	const struct statement_day *days = burn_down->days.items;

	begin(rows, "burn_down_opening");
	put_instant(at(rows, AT), rows->statement->from);
	csv_text(at(rows, DESCRIPTION), burn_down->name);
	csv_text(at(rows, CURRENCY), rows->statement->currency);
	put_id(at(rows, COMMITMENT_ID), burn_down->commitment_id);
	csv_amount(at(rows, CONSUMED), burn_down->opening);
	end(rows);
	for (size_t i = 0; i < burn_down->days.count; i++) {
		begin(rows, "burn_down");
		csv_text(at(rows, AT), days[i].on);
		csv_text(at(rows, DESCRIPTION), burn_down->name);
		csv_text(at(rows, CURRENCY), rows->statement->currency);
		put_id(at(rows, COMMITMENT_ID), burn_down->commitment_id);
		csv_amount(at(rows, COMMITTED), days[i].committed);
		csv_amount(at(rows, CONSUMED), days[i].consumed);
		csv_amount(at(rows, REMAINING), days[i].remaining);
		end(rows);
	}
}

static void
put_account(struct rows *rows, const struct statement_account *account)
{
	static const enum column cells[] = { OPENING, ACTIVITY, CLOSING, DIFFERENCE };

	begin(rows, "reconciliation");
	csv_text(at(rows, CURRENCY), account->unit);
	csv_text(at(rows, ACCOUNT), account->account);
	for (size_t i = 0; i < COUNT(cells); i++)
		if (account->is_money)
			csv_amount(at(rows, cells[i]), (struct amount){ account->numbers[i] });
		else
			csv_integer(at(rows, cells[i]), account->numbers[i]);
	end(rows);
}

static void
put_end(struct rows *rows)
{
	const struct month_statement *statement = rows->statement;
	const struct statement_burn_down *burn_down = statement->burn_down.items;
	const struct statement_reconciliation *reconciliation = statement->reconciliation;
	const struct statement_account *accounts = reconciliation->rows.items;

	for (size_t i = 0; i < statement->burn_down.count; i++)
		put_burn_down(rows, &burn_down[i]);
	put_balances(rows, "closing", statement->as_of, statement->closing);
	for (size_t i = 0; i < reconciliation->rows.count; i++)
		put_account(rows, &accounts[i]);
	begin(rows, "reconciled");
	csv_string(at(rows, KIND), reconciliation->reconciled ? "true" : "false");
	csv_text(at(rows, CURRENCY), statement->currency);
	csv_amount(at(rows, AMOUNT), reconciliation->difference);
	end(rows);
}

const struct problem *
statement_csv_write(struct call *call, const void *given)
{
	const struct month_statement *statement = given;
	struct rows rows = { .csv = csv_to(&call->reply.body), .statement = statement };
	const struct problem *p;

	statement_name_file(call, statement, "csv");
	for (size_t i = 0; i < COLUMNS; i++)
		csv_string(&rows.csv, columns[i]);
	csv_row_end(&rows.csv);
	put_head(&rows);
	p = statement_each_activity(call, statement, put_activity, &rows);
	if (p != NULL)
		return p;
	put_end(&rows);
	return flush(call);
}
