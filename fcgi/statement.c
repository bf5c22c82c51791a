/*
 * Running declared statements: handles prepared on first use and kept as long as their connection, and the ways to take
 * rows. A read is repeated once where its connection was lost before the first row.
 */
#include <assert.h>
#include <errmsg.h>
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "statement_plan.h"

enum { DRAIN_ROWS = 100000 }; /* reading the rest is cheaper than connecting again up to about here */

/* A stream lives as long as its client reads; this ends one that finds no rows to give. */
#define STREAM_LIMIT "SET STATEMENT max_statement_time = 900 FOR "

/* ---- preparing -------------------------------------------------------------------------------------------------- */

static const char *
text_to_prepare(const struct run *run, size_t *length)
{
	const struct plan *plan = run->known->plan;

	if (!run->streams) {
		*length = plan->length;
		return plan->sql;
	}
	struct text text = arena_format(run->call->arena, STREAM_LIMIT "%s", plan->sql);
	*length = text.length;
	return text.at;
}

/* An error amid the rows is told by the connection only. */
static unsigned
statement_error(const struct run *run)
{
	unsigned error = mysql_stmt_errno(run->prepared->handle);

	if (error == 0)
		error = mysql_errno(database_handle(run->login));
	return error != 0 ? error : CR_UNKNOWN_ERROR;
}

static const char *
error_text(const struct run *run)
{
	MYSQL *connection = database_handle(run->login);

	if (run->prepared->handle != NULL && mysql_stmt_errno(run->prepared->handle) != 0)
		return mysql_stmt_error(run->prepared->handle);
	return connection != NULL ? mysql_error(connection) : "";
}

static unsigned
prepare(struct run *run)
{
	struct prepared *prepared = run->prepared;
	unsigned long generation = database_generation(run->login);
	size_t length;

	if (prepared->handle != NULL && prepared->generation == generation)
		return 0;
	if (prepared->handle != NULL)
		mysql_stmt_close(prepared->handle);
	*prepared = (struct prepared){ .generation = generation - 1 };
	unsigned error = database_trip(run->login);
	if (error != 0)
		return error;
	prepared->handle = mysql_stmt_init(database_handle(run->login));
	if (prepared->handle == NULL)
		abort();
	const char *sql = text_to_prepare(run, &length);
	if (mysql_stmt_prepare(prepared->handle, sql, length) != 0)
		return statement_error(run);
	error = database_trip_done(run->login);
	if (error == 0)
		prepared->generation = generation;
	return error;
}

/* ---- executing -------------------------------------------------------------------------------------------------- */

static unsigned
columns_wanted(const struct shape *gives)
{
	unsigned count = 0;

	for (size_t i = 0; i < gives->count; i++)
		count += bindable(&gives->fields[i]);
	return count;
}

/* Which field each column goes to. False: the result is not of the shape. */
static bool
match_columns(struct run *run)
{
	struct prepared *prepared = run->prepared;
	const struct shape *gives = run->known->statement->gives;
	MYSQL_RES *metadata = mysql_stmt_result_metadata(prepared->handle);
	unsigned columns = metadata != NULL ? mysql_num_fields(metadata) : 0;
	bool matches = columns == columns_wanted(gives) && columns > 0 && columns <= COLUMNS_MAX;

	for (unsigned i = 0; matches && i < columns; i++) {
		int field = field_index(gives, mysql_fetch_field_direct(metadata, i)->name);

		matches = field >= 0;
		prepared->fields[i] = (unsigned char)field;
	}
	mysql_free_result(metadata);
	prepared->columns = matches ? columns : 0;
	return matches;
}

static const struct problem *
bind_columns(struct run *run)
{
	struct call *call = run->call;
	const struct statement *statement = run->known->statement;

	if (run->prepared->columns == 0 && !match_columns(run))
		return fail_internal(call, "the result is not a %s: %s", statement->gives->name, statement->sql);
	run->columns = arena_array(call->arena, run->prepared->columns, sizeof(MYSQL_BIND));
	run->cells = arena_array(call->arena, run->prepared->columns, sizeof(struct cell));
	for (unsigned i = 0; i < run->prepared->columns; i++)
		bind_column(&statement->gives->fields[run->prepared->fields[i]], &run->columns[i], &run->cells[i]);
	mysql_stmt_bind_result(run->prepared->handle, run->columns);
	return NULL;
}

/* Fetches ahead, so that a row that never comes is noticed while the statement can still be repeated. */
static const struct problem *
fetch_first(struct run *run)
{
	const struct problem *p = bind_columns(run);

	if (p != NULL)
		return p;
	run->fetched = mysql_stmt_fetch(run->prepared->handle);
	if (run->fetched == 1)
		run->error = statement_error(run);
	return NULL;
}

static unsigned
execute(struct run *run)
{
	MYSQL_STMT *handle = run->prepared->handle;
	unsigned error = database_trip(run->login);

	if (error != 0)
		return error;
	if (run->rows > 0)
		mysql_stmt_attr_set(handle, STMT_ATTR_ARRAY_SIZE, &run->rows);
	mysql_stmt_bind_param(handle, run->parameters);
	if (mysql_stmt_execute(handle) != 0)
		return statement_error(run);
	error = database_trip_done(run->login);
	if (error != 0)
		mysql_stmt_free_result(handle);
	return error;
}

/* One attempt. An error of the database stands in run->error; a problem is final. */
const struct problem *
run_attempt(struct run *run)
{
	const struct problem *p = database_open(run->call, run->login);

	if (p != NULL)
		return p;
	if (run->login == LOGIN_WRITE)
		run->call->in_transaction = true;
	run->error = prepare(run);
	if (run->error == 0)
		run->error = execute(run);
	if (run->error != 0 || run->known->statement->gives == NULL)
		return NULL;
	if (run->known->plan->is_call && mysql_stmt_field_count(run->prepared->handle) == 0) {
		run->fetched = MYSQL_NO_DATA; /* the procedure had nothing to tell */
		return NULL;
	}
	return fetch_first(run);
}

static enum login
login_of(const struct call *call, const struct statement *statement)
{
	bool reads = call->operation != NULL && call->operation->kind == READ;

	return reads || statement->outside_transaction ? LOGIN_READ : LOGIN_WRITE;
}

void
run_set_up(struct run *run, struct call *call, struct known *known)
{
	run->call = call;
	run->known = known;
	run->login = login_of(call, known->statement);
	run->streams = run->streams && run->login == LOGIN_READ;
	run->prepared = &known->prepared[run->streams ? (int)SLOT_STREAM : (int)run->login];
	/* A CALL may have committed before the connection was lost. */
	run->repeatable = run->login == LOGIN_READ || (!call->in_transaction && !known->plan->is_call);
	run->parameters = arena_array(call->arena, known->plan->count, sizeof(MYSQL_BIND));
}

const struct problem *
run_refused(struct run *run)
{
	const struct statement *statement = run->known->statement;

	if (run->error == ER_DUP_ENTRY && statement->on_duplicate != NO_PROBLEM)
		return fail(run->call, statement->on_duplicate, "There is one like this already.");
	return database_refused(run->call, run->login, run->error, error_text(run), statement->sql);
}

/* Runs the statement up to its first row. An error that the caller has to judge stands in run->error. */
static const struct problem *
begin(struct run *run, struct call *call, const struct statement *statement, const void *in)
{
	struct known *known = statement_known(statement);
	const struct problem *p;

	if (known == NULL || known->plan->fault != NULL) {
		p = fail_internal(call, "%s: %s",
		    known == NULL ? "the statement was never registered" : known->plan->fault, statement->sql);
		assert(p != NULL);
		return p;
	}
	run_set_up(run, call, known);
	p = bind_parameters(
	    call, known->plan, in, run->parameters, arena_array(call->arena, known->plan->count, sizeof(struct cell)));
	if (p == NULL)
		p = run_attempt(run);
	if (p == NULL && database_is_lost(run->error) && run->repeatable) {
		database_lose(run->login);
		if (run->login == LOGIN_WRITE)
			call->in_transaction = false;
		p = run_attempt(run);
	}
	return p;
}

static const struct problem *
begin_rows(struct run *run, struct call *call, const struct statement *statement, const void *in)
{
	const struct problem *p = begin(run, call, statement, in);

	if (p == NULL && run->error != 0)
		p = run_refused(run);
	return p;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

bool
run_has_row(const struct run *run)
{
	return run->fetched == 0 || run->fetched == MYSQL_DATA_TRUNCATED;
}

const struct problem *
run_take_row(struct run *run, void *row)
{
	const struct shape *gives = run->known->statement->gives;

	memset(row, 0, gives->size);
	for (unsigned i = 0; i < run->prepared->columns; i++) {
		const struct field *field = &gives->fields[run->prepared->fields[i]];

		if (!take_column(run->call, run->prepared->handle, i, field, &run->cells[i], row))
			return fail_internal(
			    run->call, "the column %s does not fit: %s", field->name, run->known->statement->sql);
	}
	return NULL;
}

const struct problem *
run_fetch(struct run *run)
{
	run->fetched = mysql_stmt_fetch(run->prepared->handle);
	if (run->fetched != 1)
		return NULL;
	run->error = statement_error(run);
	run->fetched = MYSQL_NO_DATA;
	return run_refused(run);
}

/* The library would take the answer that was undone for that of the next execution, if that has none. */
static void
forget(struct run *run)
{
	mysql_stmt_close(run->prepared->handle);
	run->prepared->handle = NULL;
}

/* What follows a procedure's rows: other results, and an error raised after the first. */
static const struct problem *
end_call(struct run *run)
{
	const struct problem *p;
	int more;

	while ((more = mysql_stmt_next_result(run->prepared->handle)) == 0)
		mysql_stmt_free_result(run->prepared->handle);
	if (more < 0)
		return NULL;
	run->error = statement_error(run);
	p = run_refused(run);
	forget(run);
	return p;
}

const struct problem *
run_end(struct run *run)
{
	mysql_stmt_free_result(run->prepared->handle);
	return run->known->plan->is_call ? end_call(run) : NULL;
}

/* Leaves a result in the middle. */
void
run_abandon(struct run *run)
{
	if (database_handle(run->login) == NULL || run->prepared->generation != database_generation(run->login))
		return;
	for (unsigned rows = 0; run_has_row(run) && rows < DRAIN_ROWS; rows++)
		run->fetched = mysql_stmt_fetch(run->prepared->handle);
	if (run->fetched == MYSQL_NO_DATA)
		run_end(run);
	else
		database_lose(run->login);
}

/* A row and no other, or none. */
static const struct problem *
take_only(struct run *run, void *out, bool *found)
{
	const struct problem *p = NULL;

	*found = run_has_row(run);
	if (*found)
		p = run_take_row(run, out);
	if (p == NULL && *found)
		p = run_fetch(run);
	if (p == NULL && run_has_row(run))
		p = fail_internal(run->call, "more than one row: %s", run->known->statement->sql);
	if (p == NULL)
		return run_end(run);
	run_abandon(run);
	return p;
}

const struct problem *
sql_maybe(struct call *call, const struct statement *statement, const void *in, void *out, bool *found)
{
	struct run run = { 0 };
	const struct problem *p = begin_rows(&run, call, statement, in);

	*found = false;
	return p != NULL ? p : take_only(&run, out, found);
}

const struct problem *
sql_call(struct call *call, const struct statement *statement, const void *in, void *out, enum called *called)
{
	struct run run = { 0 };
	const struct problem *p = begin(&run, call, statement, in);
	bool found;

	*called = CALLED_DUPLICATE;
	if (p == NULL && run.error == ER_DUP_ENTRY)
		return NULL;
	if (p == NULL && run.error != 0)
		p = run_refused(&run);
	if (p == NULL)
		p = take_only(&run, out, &found);
	if (p == NULL)
		*called = found ? CALLED_ROW : CALLED_NOTHING;
	return p;
}

const struct problem *
sql_one(struct call *call, const struct statement *statement, const void *in, void *out)
{
	bool found;
	const struct problem *p = sql_maybe(call, statement, in, out, &found);

	if (p != NULL || found)
		return p;
	return fail(call, NOT_FOUND, "There is no such thing here.");
}

static void
grow(struct call *call, struct list *rows, size_t size, size_t *room)
{
	if (rows->count < *room)
		return;
	*room = *room > 0 ? *room * 2 : 8;
	void *items = arena_array(call->arena, *room, size);
	if (rows->count > 0)
		memcpy(items, rows->items, rows->count * size);
	rows->items = items;
}

const struct problem *
sql_all(struct call *call, const struct statement *statement, const void *in, struct list *rows)
{
	struct run run = { 0 };
	const struct problem *p = begin_rows(&run, call, statement, in);
	size_t room = 0;

	*rows = (struct list){ NULL, 0 };
	if (p != NULL)
		return p;
	while (p == NULL && run_has_row(&run)) {
		grow(call, rows, statement->gives->size, &room);
		p = run_take_row(&run, (char *)rows->items + rows->count * statement->gives->size);
		rows->count++;
		if (p == NULL)
			p = run_fetch(&run);
	}
	if (p == NULL)
		return run_end(&run);
	run_abandon(&run);
	return p;
}

typedef const struct problem *row_function(struct call *call, void *context, const void *row);

static const struct problem *
each(struct run *run, struct call *call, const struct statement *statement, const void *in, row_function *row,
    void *context)
{
	const struct problem *p = begin_rows(run, call, statement, in);

	if (p != NULL)
		return p;
	void *values = arena_take(call->arena, statement->gives->size);
	while (p == NULL && run_has_row(run)) {
		struct arena_mark mark = arena_mark(call->arena);

		p = run_take_row(run, values);
		if (p == NULL)
			p = row(call, context, values);
		if (p == NULL) {
			arena_release(call->arena, mark);
			p = run_fetch(run);
		}
	}
	if (p == NULL)
		return run_end(run);
	run_abandon(run);
	return p;
}

const struct problem *
sql_each(struct call *call, const struct statement *statement, const void *in, row_function *row, void *context)
{
	struct run run = { .streams = call->page.stream || call->rendering != NULL };

	return each(&run, call, statement, in, row, context);
}

static const struct problem *
row_to_sink(struct call *call, void *context, const void *row)
{
	(void)call;
	return sink_row(context, row);
}

const struct problem *
sql_page(struct call *call, const struct statement *statement, const void *in, struct sink *sink)
{
	struct run run = { .streams = call->page.stream };

	return each(&run, call, statement, in, row_to_sink, sink);
}

/* ---- without rows ----------------------------------------------------------------------------------------------- */

static const struct problem *
run_plain(struct run *run, int64_t *affected)
{
	*affected = (int64_t)mysql_stmt_affected_rows(run->prepared->handle);
	return run_end(run);
}

const struct problem *
sql_run(struct call *call, const struct statement *statement, const void *in, int64_t *affected)
{
	struct run run = { 0 };
	const struct problem *p = begin(&run, call, statement, in);
	int64_t count = 0;

	if (p == NULL && run.error == ER_DUP_ENTRY && statement->duplicate_is_zero)
		run.error = 0;
	else if (p == NULL)
		p = run.error != 0 ? run_refused(&run) : run_plain(&run, &count);
	if (affected != NULL)
		*affected = count;
	return p;
}

const struct problem *
sql_try(struct call *call, const struct statement *statement, const void *in, unsigned *error)
{
	struct run run = { 0 };
	const struct problem *p = begin(&run, call, statement, in);
	int64_t count;

	*error = 0;
	if (p != NULL)
		return p;
	if (run.error == 0)
		return run_plain(&run, &count);
	if (database_is_lost(run.error))
		return run_refused(&run);
	*error = run.error;
	return NULL;
}
