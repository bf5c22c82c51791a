/*
 * Values between structs and Connector/C, by the kind of their field: what C holds is pointed at where its form allows
 * it, and goes through a cell where it does not. Texts are copied into the arena with NUL behind them.
 */
#include <string.h>

#include "clock.h"
#include "id.h"
#include "statement_plan.h"
#include "text.h"

/* Above every text that has characters, in any collation. */
#define LAST_TEXT "\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF"

bool
bindable(const struct field *field)
{
	return field->kind != KIND_LIST && field->kind != KIND_OBJECT && !field->computed;
}

/* ---- absence ---------------------------------------------------------------------------------------------------- */

static size_t
given_offset(enum kind kind)
{
	switch (kind) {
	case KIND_BOOLEAN:
		return offsetof(struct maybe_bool, given);
	case KIND_ID:
		return offsetof(struct maybe_id, given);
	case KIND_INSTANT:
		return offsetof(struct maybe_instant, given);
	case KIND_CREDITS:
		return offsetof(struct maybe_credits, given);
	case KIND_AMOUNT:
		return offsetof(struct maybe_amount, given);
	case KIND_DECIMAL:
		return offsetof(struct maybe_decimal, given);
	case KIND_QUANTITY:
		return offsetof(struct maybe_quantity, given);
	case KIND_CURRENCY:
		return offsetof(struct maybe_currency, given);
	default:
		return offsetof(struct maybe_int, given);
	}
}

static bool
is_stretch(enum kind kind)
{
	return kind == KIND_TEXT || kind == KIND_DOCUMENT || kind == KIND_BYTES || kind == KIND_TEXTS;
}

bool
bind_is_absent(const struct field *field, const void *at)
{
	const char *value = at;

	if (field->kind == KIND_BYTES)
		return ((const struct bytes *)at)->at == NULL;
	if (!field->optional)
		return false;
	if (field->kind == KIND_TEXTS)
		return false;
	if (is_stretch(field->kind))
		return ((const struct text *)at)->at == NULL;
	return !*(const bool *)(value + given_offset(field->kind));
}

/* ---- parameters ------------------------------------------------------------------------------------------------- */

static void
bind_stretch(MYSQL_BIND *bind, struct cell *cell, enum enum_field_types type, const void *at, size_t length)
{
	bind->buffer_type = type;
	bind->buffer = at != NULL ? (void *)at : cell->as.bytes;
	bind->buffer_length = length;
	cell->length = length;
	bind->length = &cell->length;
}

static void
bind_integer(MYSQL_BIND *bind, struct cell *cell, int64_t value)
{
	cell->as.integer = value;
	bind->buffer_type = MYSQL_TYPE_LONGLONG;
	bind->buffer = &cell->as.integer;
}

static void
bind_instant(MYSQL_BIND *bind, struct cell *cell, struct instant at)
{
	struct tm tm;
	int microseconds;

	instant_to_utc(at, &tm, &microseconds);
	cell->as.time = (MYSQL_TIME){
		.year = (unsigned)(tm.tm_year + 1900),
		.month = (unsigned)(tm.tm_mon + 1),
		.day = (unsigned)tm.tm_mday,
		.hour = (unsigned)tm.tm_hour,
		.minute = (unsigned)tm.tm_min,
		.second = (unsigned)tm.tm_sec,
		.second_part = (unsigned long)microseconds,
		.time_type = MYSQL_TIMESTAMP_DATETIME,
	};
	bind->buffer_type = MYSQL_TYPE_DATETIME;
	bind->buffer = &cell->as.time;
}

static void
bind_value(enum kind kind, const void *value, MYSQL_BIND *bind, struct cell *cell)
{
	const struct text *text = value;
	const struct bytes *bytes = value;
	const struct currency *currency = value;

	switch (kind) {
	case KIND_BOOLEAN:
		cell->as.tiny = *(const bool *)value;
		bind->buffer_type = MYSQL_TYPE_TINY;
		bind->buffer = &cell->as.tiny;
		return;
	case KIND_TEXT:
	case KIND_DOCUMENT:
		bind_stretch(bind, cell, MYSQL_TYPE_STRING, text->at, text->length);
		return;
	case KIND_BYTES:
		bind_stretch(bind, cell, MYSQL_TYPE_BLOB, bytes->at, bytes->length);
		return;
	case KIND_CURRENCY:
		bind_stretch(bind, cell, MYSQL_TYPE_STRING, currency->code, strnlen(currency->code, 3));
		return;
	case KIND_ID:
		bind_stretch(bind, cell, MYSQL_TYPE_BLOB, value, sizeof(struct id));
		return;
	case KIND_DIGEST:
		bind_stretch(bind, cell, MYSQL_TYPE_BLOB, value, sizeof(struct digest));
		return;
	case KIND_INSTANT:
		bind_instant(bind, cell, *(const struct instant *)value);
		return;
	default: /* integers, credits and amounts are all one int64_t */
		bind_integer(bind, cell, *(const int64_t *)value);
	}
}

/* A list of words is one text in SQL, with a blank between two. */
static struct text
join_words(struct call *call, const struct texts *words)
{
	struct buffer joined = buffer_new(call->arena, 64);

	for (size_t i = 0; i < words->count; i++) {
		if (i > 0)
			buffer_add_char(&joined, ' ');
		buffer_add_text(&joined, words->items[i]);
	}
	return buffer_text(&joined);
}

static struct texts
split_words(struct call *call, struct text joined)
{
	struct texts words = { arena_array(call->arena, joined.length / 2 + 1, sizeof(struct text)), 0 };
	const char *at = joined.at;

	while (*(at += strspn(at, " ")) != '\0') {
		words.items[words.count] = arena_text(call->arena, at, strcspn(at, " "));
		at += words.items[words.count++].length;
	}
	return words;
}

static void
bind_field(struct call *call, const struct field *field, const void *in, MYSQL_BIND *bind, struct cell *cell)
{
	const char *value = (const char *)in + field->offset;
	struct text joined;

	cell->is_null = bind_is_absent(field, value);
	bind->is_null = &cell->is_null;
	if (cell->is_null) {
		bind->buffer_type = MYSQL_TYPE_NULL;
	} else if (field->kind == KIND_TEXTS) {
		joined = join_words(call, (const struct texts *)(const void *)value);
		bind_value(KIND_TEXT, &joined, bind, cell);
	} else {
		bind_value(field->kind, value, bind, cell);
	}
}

static struct text
principal_type(const struct call *call)
{
	switch (call->principal.type) {
	case API_KEY:
		return TEXT("api_key");
	case OPERATOR:
		return TEXT("operator");
	case PERSON:
		return TEXT("user");
	case JOB:
		return TEXT("job");
	case PROCESSOR:
		return TEXT("processor");
	default:
		return TEXT("nobody");
	}
}

static const struct field *
page_key(const struct operation *operation)
{
	const struct shape *row = operation != NULL && operation->page_key != NULL ? operation->run->gives : NULL;

	for (size_t i = 0; row != NULL && i < row->count; i++)
		if (strcmp(row->fields[i].name, operation->page_key) == 0)
			return &row->fields[i];
	return NULL;
}

/* The far end of the order, from which a list begins when no cursor was sent. */
static void
bind_far_end(enum kind kind, bool ascending, MYSQL_BIND *bind, struct cell *cell)
{
	switch (kind) {
	case KIND_ID:
		memset(cell->as.bytes, ascending ? 0 : 0xFF, sizeof(struct id));
		bind_stretch(bind, cell, MYSQL_TYPE_BLOB, cell->as.bytes, sizeof(struct id));
		return;
	case KIND_TEXT:
		bind_stretch(
		    bind, cell, MYSQL_TYPE_STRING, ascending ? "" : LAST_TEXT, ascending ? 0 : strlen(LAST_TEXT));
		return;
	default:
		bind_integer(bind, cell, ascending ? INT64_MIN : INT64_MAX);
	}
}

static bool
bind_given_cursor(enum kind kind, struct text cursor, MYSQL_BIND *bind, struct cell *cell)
{
	struct id id;
	int64_t number;

	switch (kind) {
	case KIND_ID:
		if (!id_parse(cursor, &id))
			return false;
		memcpy(cell->as.bytes, id.bytes, sizeof(id));
		bind_stretch(bind, cell, MYSQL_TYPE_BLOB, cell->as.bytes, sizeof(id));
		return true;
	case KIND_TEXT:
		bind_stretch(bind, cell, MYSQL_TYPE_STRING, cursor.at, cursor.length);
		return true;
	case KIND_INTEGER:
		if (!integer_parse(cursor, &number))
			return false;
		bind_integer(bind, cell, number);
		return true;
	default:
		return false;
	}
}

static const struct problem *
bind_cursor(struct call *call, MYSQL_BIND *bind, struct cell *cell)
{
	const struct field *key = page_key(call->operation);

	if (key == NULL)
		return fail_internal(call, "a statement asks for :cursor, but the operation has no page_key");
	if (call->page.cursor.length == 0)
		bind_far_end(key->kind, call->operation->page_ascending, bind, cell);
	else if (!bind_given_cursor(key->kind, call->page.cursor, bind, cell))
		return fail_internal(call, "the cursor does not fit the page_key %s", key->name);
	return NULL;
}

static int64_t
limit_and_one(int64_t limit)
{
	return limit == INT64_MAX ? limit : limit + 1;
}

const struct problem *
bind_from_call(struct call *call, enum source source, MYSQL_BIND *bind, struct cell *cell)
{
	struct text type;

	switch (source) {
	case FROM_ORGANIZATION:
		bind_value(KIND_ID, &call->organization, bind, cell);
		return NULL;
	case FROM_NOW:
		bind_value(KIND_INSTANT, &call->now, bind, cell);
		return NULL;
	case FROM_CALL:
		bind_value(KIND_ID, &call->id, bind, cell);
		return NULL;
	case FROM_PRINCIPAL:
		bind_value(KIND_ID, &call->principal.id, bind, cell);
		return NULL;
	case FROM_PRINCIPAL_TYPE:
		type = principal_type(call);
		bind_value(KIND_TEXT, &type, bind, cell);
		return NULL;
	case FROM_LIMIT:
		bind_integer(bind, cell, limit_and_one(call->page.limit));
		return NULL;
	case FROM_OFFSET:
		bind_integer(bind, cell, call->page.offset);
		return NULL;
	default:
		return bind_cursor(call, bind, cell);
	}
}

const struct problem *
bind_parameters(struct call *call, const struct plan *plan, const void *in, MYSQL_BIND *binds, struct cell *cells)
{
	for (unsigned i = 0; i < plan->count; i++) {
		const struct parameter *parameter = &plan->parameters[i];
		const struct problem *p = NULL;

		if (parameter->source == FROM_INPUT && in == NULL)
			p = fail_internal(call, "nothing was given for the parameter :%s", parameter->field->name);
		else if (parameter->source == FROM_INPUT)
			bind_field(call, parameter->field, in, &binds[i], &cells[i]);
		else
			p = bind_from_call(call, parameter->source, &binds[i], &cells[i]);
		if (p != NULL)
			return p;
	}
	return NULL;
}

/* ---- columns ---------------------------------------------------------------------------------------------------- */

/* A stretch is bound without room: the fetch tells its length, and it is fetched then, once, to where it stays. */
void
bind_column(const struct field *field, MYSQL_BIND *bind, struct cell *cell)
{
	bind->length = &cell->length;
	bind->is_null = &cell->is_null;
	bind->error = &cell->is_cut;
	bind->buffer = &cell->as;
	switch (field->kind) {
	case KIND_INSTANT:
		bind->buffer_type = MYSQL_TYPE_DATETIME;
		bind->buffer_length = sizeof(cell->as.time);
		return;
	case KIND_ID:
	case KIND_DIGEST:
	case KIND_CURRENCY:
		bind->buffer_type = MYSQL_TYPE_BLOB;
		bind->buffer_length = sizeof(cell->as.bytes);
		return;
	case KIND_TEXT:
	case KIND_TEXTS:
	case KIND_DOCUMENT:
	case KIND_BYTES:
		bind->buffer_type = MYSQL_TYPE_BLOB;
		bind->buffer_length = 0;
		return;
	default:
		bind->buffer_type = MYSQL_TYPE_LONGLONG;
		bind->buffer_length = sizeof(cell->as.integer);
	}
}

static bool
take_stretch(struct call *call, MYSQL_STMT *handle, unsigned column, unsigned long length, void *value)
{
	char *at = arena_take(call->arena, length + 1);
	MYSQL_BIND bind = { .buffer_type = MYSQL_TYPE_BLOB, .buffer = at, .buffer_length = length };

	if (length > 0 && mysql_stmt_fetch_column(handle, &bind, column, 0) != 0)
		return false;
	*(struct text *)value = (struct text){ at, length };
	return true;
}

static bool
take_words(struct call *call, MYSQL_STMT *handle, unsigned column, unsigned long length, struct texts *words)
{
	struct text joined;

	if (!take_stretch(call, handle, column, length, &joined))
		return false;
	*words = split_words(call, joined);
	return true;
}

static bool
take_fixed(const struct cell *cell, size_t length, void *value)
{
	if (cell->length != length)
		return false;
	memcpy(value, cell->as.bytes, length);
	return true;
}

static bool
take_instant(const MYSQL_TIME *time, struct instant *at)
{
	*at = instant_from_utc((int)time->year, (int)time->month, (int)time->day, (int)time->hour, (int)time->minute,
	    (int)time->second, (int)time->second_part);
	return true;
}

static bool
take_value(struct call *call, MYSQL_STMT *handle, unsigned column, enum kind kind, const struct cell *cell, void *value)
{
	switch (kind) {
	case KIND_TEXT:
	case KIND_DOCUMENT:
	case KIND_BYTES:
		return take_stretch(call, handle, column, cell->length, value);
	case KIND_TEXTS:
		return take_words(call, handle, column, cell->length, value);
	case KIND_ID:
		return take_fixed(cell, sizeof(struct id), value);
	case KIND_DIGEST:
		return take_fixed(cell, sizeof(struct digest), value);
	case KIND_CURRENCY:
		return take_fixed(cell, 3, value);
	case KIND_INSTANT:
		return take_instant(&cell->as.time, value);
	case KIND_BOOLEAN:
		*(bool *)value = cell->as.integer != 0;
		return !cell->is_cut;
	default:
		*(int64_t *)value = cell->as.integer;
		return !cell->is_cut;
	}
}

bool
take_column(
    struct call *call, MYSQL_STMT *handle, unsigned column, const struct field *field, struct cell *cell, void *row)
{
	char *value = (char *)row + field->offset;

	if (cell->is_null)
		return field->optional || field->kind == KIND_BYTES;
	if (!take_value(call, handle, column, field->kind, cell, value))
		return false;
	if (field->optional && !is_stretch(field->kind))
		*(bool *)(value + given_offset(field->kind)) = true;
	return true;
}
