/*
 * Every statement against the live schema, once at start: prepared on its login, its parameters counted, its columns
 * compared with the shape by type class and nullability. What CALL and RETURNING answer can't be seen without running
 * them.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connection.h"
#include "statement_plan.h"

enum { BINARY_CHARSET = 63 };

enum class { CLASS_INTEGER, CLASS_DECIMAL, CLASS_TEXT, CLASS_BYTES, CLASS_TIME, CLASS_OTHER };

static const char *const class_names[] = { "an integer", "a decimal", "a text", "bytes", "a time", "something else" };

/* One statement under the eye. */
struct look {
	FILE *report;
	const struct statement *statement;
	const struct plan *plan;
	int faults;
};

static void __attribute__((format(printf, 2, 3))) tell(struct look *look, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(look->report, format, args);
	va_end(args);
	fprintf(look->report, ", in: %s\n", look->statement->sql);
	look->faults++;
}

/* ---- the text --------------------------------------------------------------------------------------------------- */

/* The next word or sign outside of quotes and comments; NULL at the end. `*length` is its length. */
static const char *
next_word(const char *at, size_t *length)
{
	for (;;) {
		const char *behind = plan_skip_quoted(at);

		if (behind > at)
			at = behind;
		else if (isspace((unsigned char)*at))
			at++;
		else
			break;
	}
	if (*at == '\0')
		return NULL;
	*length = 1;
	if (isalnum((unsigned char)*at) || *at == '_')
		while (isalnum((unsigned char)at[*length]) || at[*length] == '_')
			++*length;
	return at;
}

static bool
is_word(const char *at, size_t length, const char *word)
{
	return strlen(word) == length && strncasecmp(at, word, length) == 0;
}

static bool
contains_word(const char *sql, const char *word)
{
	size_t length;

	for (const char *at = next_word(sql, &length); at != NULL; at = next_word(at + length, &length))
		if (is_word(at, length, word))
			return true;
	return false;
}

/* `*` as a select list, not as a product and not in COUNT(*). */
static bool
has_star(const char *sql)
{
	static const char *const before[] = { "SELECT", "DISTINCT", "ALL", "RETURNING", ",", "." };
	bool may_be = false;
	size_t length;

	for (const char *at = next_word(sql, &length); at != NULL; at = next_word(at + length, &length)) {
		if (*at == '*' && may_be)
			return true;
		may_be = false;
		for (size_t i = 0; i < COUNT(before); i++)
			may_be = may_be || is_word(at, length, before[i]);
	}
	return false;
}

static void
check_text(struct look *look)
{
	if (look->plan->fault != NULL)
		tell(look, "%s", look->plan->fault);
	if (has_star(look->plan->sql))
		tell(look, "`*` hides which columns are read");
	if (contains_word(look->plan->sql, "ROLLUP"))
		tell(look, "ROLLUP tells NULLs as NOT NULL");
	if (!plan_has(look->plan, FROM_ORGANIZATION) && look->statement->crosses_organizations == NULL)
		tell(look, ":organization is missing and nothing says why");
}

/* ---- columns ---------------------------------------------------------------------------------------------------- */

static enum class class_of(const MYSQL_FIELD *column) {
	switch (column->type){
		case MYSQL_TYPE_TINY : case MYSQL_TYPE_SHORT : case MYSQL_TYPE_INT24 : case MYSQL_TYPE_LONG : case
		MYSQL_TYPE_LONGLONG : return CLASS_INTEGER;
		case MYSQL_TYPE_DECIMAL : case MYSQL_TYPE_NEWDECIMAL : return CLASS_DECIMAL;
		case MYSQL_TYPE_DATETIME : case MYSQL_TYPE_TIMESTAMP : return CLASS_TIME;
		case MYSQL_TYPE_STRING : case MYSQL_TYPE_VAR_STRING : case MYSQL_TYPE_VARCHAR : case
			MYSQL_TYPE_ENUM : case MYSQL_TYPE_TINY_BLOB : case MYSQL_TYPE_BLOB : case
			MYSQL_TYPE_MEDIUM_BLOB : case MYSQL_TYPE_LONG_BLOB : return column->charsetnr == BINARY_CHARSET
		    ? CLASS_BYTES
		    : CLASS_TEXT;
		default : return CLASS_OTHER;
	}
}

static enum class class_for(enum kind kind) {
	switch (kind){
		case KIND_TEXT : case KIND_TEXTS : case KIND_CURRENCY : case KIND_DOCUMENT : return CLASS_TEXT;
		case KIND_ID : case KIND_DIGEST : case KIND_BYTES : return CLASS_BYTES;
		case KIND_INSTANT : return CLASS_TIME;
		case KIND_LIST : case KIND_OBJECT : return CLASS_OTHER;
		default : return CLASS_INTEGER;
	}
}

/* Names that callers choose are VARBINARY and texts all the same; BINARY is an id or a digest and never one. */
static bool
is_byte_text(const struct field *field, const MYSQL_FIELD *column)
{
	return (field->kind == KIND_TEXT || field->kind == KIND_TEXTS) && class_of(column) == CLASS_BYTES &&
	       column->type != MYSQL_TYPE_STRING;
}

static size_t
fixed_length(enum kind kind)
{
	return kind == KIND_ID ? sizeof(struct id) : kind == KIND_DIGEST ? sizeof(struct digest) : 0;
}

static void
check_column(struct look *look, const MYSQL_FIELD *column, const struct field *field)
{
	enum class found = class_of(column), wanted = class_for(field->kind);
	bool is_null_safe = field->optional || field->kind == KIND_BYTES;
	size_t length = fixed_length(field->kind);

	if (!bindable(field))
		tell(look, "the field %s is of a kind that SQL can't hold", field->name);
	else if (found != wanted && !is_byte_text(field, column))
		tell(look, "the column %s is %s and its field needs %s", column->name, class_names[found],
		    class_names[wanted]);
	else if (length > 0 && column->length != length)
		tell(look, "the column %s has %lu bytes and its field %zu", column->name, column->length, length);
	if ((column->flags & NOT_NULL_FLAG) == 0 && !is_null_safe)
		tell(look, "the column %s can be NULL and its field can't be absent", column->name);
}

static void
check_columns(struct look *look, MYSQL_RES *metadata)
{
	const struct shape *gives = look->statement->gives;
	unsigned columns = mysql_num_fields(metadata);
	bool seen[COLUMNS_MAX] = { false };

	if (gives->count > COLUMNS_MAX) {
		tell(look, "the shape %s has more than %d fields", gives->name, COLUMNS_MAX);
		return;
	}
	for (unsigned i = 0; i < columns; i++) {
		const MYSQL_FIELD *column = mysql_fetch_field_direct(metadata, i);
		int field = field_index(gives, column->name);

		if (field < 0 || seen[field]) {
			tell(
			    look, field < 0 ? "the column %s has no field" : "the column %s comes twice", column->name);
			continue;
		}
		seen[field] = true;
		check_column(look, column, &gives->fields[field]);
	}
	for (size_t i = 0; i < gives->count; i++)
		if (!seen[i] && bindable(&gives->fields[i]))
			tell(look, "no column gives the field %s", gives->fields[i].name);
}

/* ---- preparing -------------------------------------------------------------------------------------------------- */

static void
check_result(struct look *look, MYSQL_STMT *handle)
{
	MYSQL_RES *metadata = mysql_stmt_result_metadata(handle);
	bool is_hidden = look->plan->is_call || contains_word(look->plan->sql, "RETURNING");

	if (mysql_stmt_param_count(handle) != look->plan->count)
		tell(look, "%u parameters were found and the server knows %lu", look->plan->count,
		    mysql_stmt_param_count(handle));
	if (metadata != NULL && look->statement->gives == NULL)
		tell(look, "it answers rows and gives no shape");
	else if (metadata != NULL)
		check_columns(look, metadata);
	else if (look->statement->gives != NULL && !is_hidden)
		tell(look, "it answers no rows and gives a shape");
	mysql_free_result(metadata);
}

/* A select that takes no locks is looked at where READ operations run it. */
static enum login
login_to_check(const struct look *look)
{
	size_t length;
	const char *first = next_word(look->plan->sql, &length);
	bool selects = first != NULL && (is_word(first, length, "SELECT") || is_word(first, length, "WITH"));
	bool locks = contains_word(look->plan->sql, "UPDATE") || contains_word(look->plan->sql, "LOCK");

	return look->statement->outside_transaction || (selects && !locks) ? LOGIN_READ : LOGIN_WRITE;
}

static bool
prepare_on(struct look *look, enum login login, MYSQL_STMT **handle)
{
	*handle = mysql_stmt_init(database_handle(login));
	if (*handle == NULL)
		abort();
	database_trip(login);
	return mysql_stmt_prepare(*handle, look->plan->sql, look->plan->length) == 0;
}

static void
check_statement(struct look *look)
{
	enum login login = login_to_check(look);
	MYSQL_STMT *handle;
	bool prepared = prepare_on(look, login, &handle);

	/* What only writers may see, only writers select. */
	if (!prepared && login == LOGIN_READ && !look->statement->outside_transaction) {
		mysql_stmt_close(handle);
		prepared = prepare_on(look, LOGIN_WRITE, &handle);
	}
	if (prepared)
		check_result(look, handle);
	else
		tell(look, "%u %s", mysql_stmt_errno(handle), mysql_stmt_error(handle));
	mysql_stmt_close(handle);
}

static int
check_all(struct call *call, FILE *report)
{
	int faults = 0;

	for (size_t i = 0; i < statement_count(); i++) {
		struct look look = { .report = report };

		if (database_open(call, LOGIN_READ) != NULL || database_open(call, LOGIN_WRITE) != NULL) {
			fprintf(report, "%s\n", call->internal);
			return faults + 1;
		}
		look.statement = statement_at(i)->statement;
		look.plan = statement_at(i)->plan;
		check_text(&look);
		if (look.plan->fault == NULL)
			check_statement(&look);
		faults += look.faults;
	}
	return faults;
}

int
statements_check(FILE *report)
{
	struct arena *arena = arena_new(1 << 20);
	struct call call = { .arena = arena, .reply_arena = arena };
	int faults = check_all(&call, report);

	database_close();
	arena_free(arena);
	return faults;
}
