/*
 * One statement for many rows: Connector/C's array binding, column by column, some thousand rows a round trip. What a
 * statement answers comes in the order of the rows that it was given.
 */
#include <assert.h>

#include "clock.h"
#include "statement_plan.h"

enum { CHUNK = 10000 };

/* ---- columns of parameters ------------------------------------------------------------------------------------- */

/* An array of each kind, as far as the column needs it. */
struct column {
	char *indicators; /* of a member that may be absent */
	const void **at;  /* of texts and bytes; of times, to those in `times` */
	unsigned long *lengths;
	int64_t *integers;
	signed char *tinies;
	MYSQL_TIME *times;
};

static bool
is_fixed(enum kind kind)
{
	return kind == KIND_ID || kind == KIND_DIGEST;
}

static bool
is_stretch(enum kind kind)
{
	return kind == KIND_TEXT || kind == KIND_DOCUMENT || kind == KIND_BYTES;
}

static void
make_column(struct arena *arena, const struct field *field, size_t room, struct column *column, MYSQL_BIND *bind)
{
	assert(field->kind != KIND_TEXTS && field->kind != KIND_CURRENCY); /* nobody has needed them */
	column->indicators = arena_array(arena, room, 1);
	bind->u.indicator = column->indicators;
	if (is_stretch(field->kind) || is_fixed(field->kind)) {
		column->at = arena_array(arena, room, sizeof(*column->at));
		column->lengths = arena_array(arena, room, sizeof(*column->lengths));
		bind->buffer_type =
		    field->kind == KIND_TEXT || field->kind == KIND_DOCUMENT ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
		bind->buffer = column->at;
		bind->length = column->lengths;
	} else if (field->kind == KIND_INSTANT) {
		column->at = arena_array(arena, room, sizeof(*column->at));
		column->times = arena_array(arena, room, sizeof(*column->times));
		bind->buffer_type = MYSQL_TYPE_DATETIME;
		bind->buffer = column->at;
	} else if (field->kind == KIND_BOOLEAN) {
		column->tinies = arena_array(arena, room, 1);
		bind->buffer_type = MYSQL_TYPE_TINY;
		bind->buffer = column->tinies;
	} else {
		column->integers = arena_array(arena, room, sizeof(*column->integers));
		bind->buffer_type = MYSQL_TYPE_LONGLONG;
		bind->buffer = column->integers;
	}
}

/* Times often come in runs of equal ones. */
static void
put_time(struct column *column, size_t i, struct instant at, struct instant *before)
{
	struct tm tm;
	int microseconds;

	if (i > 0 && at.microseconds == before->microseconds) {
		column->at[i] = column->at[i - 1];
		return;
	}
	*before = at;
	instant_to_utc(at, &tm, &microseconds);
	column->times[i] = (MYSQL_TIME){
		.year = (unsigned)(tm.tm_year + 1900),
		.month = (unsigned)(tm.tm_mon + 1),
		.day = (unsigned)tm.tm_mday,
		.hour = (unsigned)tm.tm_hour,
		.minute = (unsigned)tm.tm_min,
		.second = (unsigned)tm.tm_sec,
		.second_part = (unsigned long)microseconds,
		.time_type = MYSQL_TIMESTAMP_DATETIME,
	};
	column->at[i] = &column->times[i];
}

static void
put_value(struct column *column, size_t i, const struct field *field, const void *value, struct instant *before)
{
	const struct text *text = value;

	if (is_fixed(field->kind)) {
		column->at[i] = value;
		column->lengths[i] = field->kind == KIND_ID ? sizeof(struct id) : sizeof(struct digest);
	} else if (is_stretch(field->kind)) {
		column->at[i] = text->at;
		column->lengths[i] = text->length;
	} else if (field->kind == KIND_INSTANT) {
		put_time(column, i, *(const struct instant *)value, before);
	} else if (field->kind == KIND_BOOLEAN) {
		column->tinies[i] = *(const bool *)value;
	} else {
		column->integers[i] = *(const int64_t *)value;
	}
}

/* An absent value still needs something to point at: the time that is never sent. */
static void
put_absent(struct column *column, size_t i, const struct field *field, struct instant *before)
{
	column->indicators[i] = STMT_INDICATOR_NULL;
	if (field->kind == KIND_INSTANT)
		put_time(column, i, (struct instant){ 0 }, before);
}

static void
fill_column(struct column *column, const struct field *field, const void *const *rows, size_t count)
{
	struct instant before = { 0 };

	for (size_t i = 0; i < count; i++) {
		const void *value = (const char *)rows[i] + field->offset;

		column->indicators[i] = STMT_INDICATOR_NONE;
		if (bind_is_absent(field, value))
			put_absent(column, i, field, &before);
		else
			put_value(column, i, field, value, &before);
	}
}

/* What the call gives is the same in every row. */
static const struct problem *
repeat_column(struct call *call, enum source source, size_t room, MYSQL_BIND *bind)
{
	struct cell *cell = arena_take(call->arena, sizeof(*cell));
	const struct problem *p = bind_from_call(call, source, bind, cell);
	const void **at;
	unsigned long *lengths;
	int64_t *integers;

	if (p != NULL)
		return p;
	if (bind->buffer_type == MYSQL_TYPE_LONGLONG) {
		integers = arena_array(call->arena, room, sizeof(*integers));
		for (size_t i = 0; i < room; i++)
			integers[i] = cell->as.integer;
		bind->buffer = integers;
		return NULL;
	}
	at = arena_array(call->arena, room, sizeof(*at));
	lengths = arena_array(call->arena, room, sizeof(*lengths));
	for (size_t i = 0; i < room; i++) {
		at[i] = bind->buffer;
		lengths[i] = cell->length;
	}
	bind->buffer = at;
	bind->length = lengths;
	return NULL;
}

/* ---- running --------------------------------------------------------------------------------------------------- */

struct bulk {
	struct run run;
	struct column *columns; /* of each parameter that the rows give */
	const struct problem *(*row)(struct call *call, void *context, const void *row);
	void *context;
};

static const struct problem *
make_columns(struct call *call, struct bulk *bulk, size_t room)
{
	const struct plan *plan = bulk->run.known->plan;
	const struct problem *p = NULL;

	bulk->columns = arena_array(call->arena, plan->count, sizeof(*bulk->columns));
	for (unsigned i = 0; p == NULL && i < plan->count; i++) {
		if (plan->parameters[i].source == FROM_INPUT)
			make_column(
			    call->arena, plan->parameters[i].field, room, &bulk->columns[i], &bulk->run.parameters[i]);
		else
			p = repeat_column(call, plan->parameters[i].source, room, &bulk->run.parameters[i]);
	}
	return p;
}

static const struct problem *
take_rows(struct call *call, struct bulk *bulk)
{
	struct run *run = &bulk->run;
	void *row = arena_take(call->arena, run->known->statement->gives->size);
	const struct problem *p = NULL;

	while (p == NULL && run_has_row(run)) {
		struct arena_mark mark = arena_mark(call->arena);

		p = run_take_row(run, row);
		if (p == NULL)
			p = bulk->row(call, bulk->context, row);
		arena_release(call->arena, mark);
		if (p == NULL)
			p = run_fetch(run);
	}
	if (p == NULL)
		return run_end(run);
	run_abandon(run);
	return p;
}

static const struct problem *
run_chunk(struct call *call, struct bulk *bulk, const void *const *rows, size_t count)
{
	struct run *run = &bulk->run;
	const struct plan *plan = run->known->plan;
	const struct problem *p;

	for (unsigned i = 0; i < plan->count; i++)
		if (plan->parameters[i].source == FROM_INPUT)
			fill_column(&bulk->columns[i], plan->parameters[i].field, rows, count);
	run->rows = (unsigned)count;
	p = run_attempt(run);
	if (p == NULL && run->error != 0)
		p = run_refused(run);
	if (p != NULL)
		return p;
	return run->known->statement->gives != NULL ? take_rows(call, bulk) : run_end(run);
}

const struct problem *
sql_bulk(struct call *call, const struct statement *statement, const void *const *rows, size_t count,
    const struct problem *(*row)(struct call *call, void *context, const void *row), void *context)
{
	struct arena_mark mark = arena_mark(call->arena);
	struct bulk bulk = { .row = row, .context = context };
	struct known *known = statement_known(statement);
	const struct problem *p;

	if (known == NULL || known->plan->fault != NULL)
		return fail_internal(call, "%s: %s",
		    known == NULL ? "the statement was never registered" : known->plan->fault, statement->sql);
	run_set_up(&bulk.run, call, known);
	p = make_columns(call, &bulk, count < CHUNK ? count : CHUNK);
	for (size_t done = 0; p == NULL && done < count; done += CHUNK)
		p = run_chunk(call, &bulk, rows + done, count - done < CHUNK ? count - done : CHUNK);
	if (p == NULL)
		arena_release(call->arena, mark);
	return p;
}
