/*
 * Literals of examples: one way to lay values out over lines, and what JSON, Python and TypeScript write differently.
 */
#include <ctype.h>
#include <string.h>

#include "emit_example_parts.h"
#include "emit_python.h"
#include "json.h"
#include "text.h"

/* ---- layout ---- */

static bool
has_parts(const struct example_value *value)
{
	return value->tree->kind == TREE_OBJECT || value->tree->kind == TREE_ARRAY;
}

static size_t
column(const struct buffer *out)
{
	size_t from = out->length;

	while (from > 0 && out->at[from - 1] != '\n')
		from--;
	return out->length - from;
}

static void
start_line(struct buffer *out, size_t blanks)
{
	buffer_format(out, "\n%*s", (int)blanks, "");
}

static const char *
brackets_of(const struct dialect *dialect, const struct example_value *value)
{
	return value->tree->kind == TREE_OBJECT ? dialect->brackets : "[]";
}

static const struct dialect *
inside(const struct dialect *dialect, const struct example_value *value)
{
	return value->tree->kind == TREE_OBJECT && dialect->inside != NULL ? dialect->inside : dialect;
}

void
example_flat(struct buffer *out, const struct dialect *dialect, const struct example_value *value)
{
	bool object = value->tree->kind == TREE_OBJECT;
	const char *brackets = brackets_of(dialect, value), *pad = object && value->first != NULL ? dialect->pad : "";

	if (!has_parts(value)) {
		dialect->add_scalar(out, value);
		return;
	}
	buffer_format(out, "%c%s", brackets[0], pad);
	for (const struct example_value *part = value->first; part != NULL; part = part->next) {
		if (object)
			dialect->add_name(out, part->tree->name);
		example_flat(out, inside(dialect, value), part);
		buffer_add_string(out, part->next != NULL ? ", " : "");
	}
	buffer_format(out, "%s%c", pad, brackets[1]);
}

static bool
fits(const struct buffer *out, const struct dialect *dialect, const struct example_value *value, size_t behind)
{
	struct buffer flat = buffer_new(out->arena, 256);

	example_flat(&flat, dialect, value);
	return value->first == NULL || column(out) + utf8_count(buffer_text(&flat)) + behind <= EXAMPLE_COLUMNS;
}

void
example_literal(
    struct buffer *out, const struct dialect *dialect, const struct example_value *value, size_t level, size_t behind)
{
	if (!has_parts(value) || fits(out, dialect, value, behind)) {
		example_flat(out, dialect, value);
		return;
	}
	buffer_add_char(out, brackets_of(dialect, value)[0]);
	for (const struct example_value *part = value->first; part != NULL; part = part->next) {
		start_line(out, (level + 1) * dialect->indent);
		if (value->tree->kind == TREE_OBJECT)
			dialect->add_name(out, part->tree->name);
		example_literal(out, inside(dialect, value), part, level + 1, 1);
		if (part->next != NULL || dialect->last_comma)
			buffer_add_char(out, ',');
	}
	start_line(out, level * dialect->indent);
	buffer_add_char(out, brackets_of(dialect, value)[1]);
}

/* ---- scalars ---- */

bool
example_is_decimal(struct text text)
{
	size_t digits = 0, points = 0;

	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '.')
			points++;
		else if (isdigit((unsigned char)text.at[i]))
			digits++;
		else if (i > 0 || text.at[i] != '-')
			return false;
	}
	return digits > 0 && points <= 1;
}

/* As every reply writes them: 2026-01-31T09:30:00Z, with or without a fraction of six digits. */
bool
example_is_instant(struct text text)
{
	static const char picture[] = "0000-00-00T00:00:00.000000Z";

	if (text.length != 20 && text.length != sizeof(picture) - 1)
		return false;
	for (size_t i = 0; i + 1 < text.length; i++)
		if (picture[i] == '0' ? !isdigit((unsigned char)text.at[i]) : picture[i] != text.at[i])
			return false;
	return text.at[text.length - 1] == 'Z';
}

void
example_quoted(struct buffer *out, struct text text)
{
	bool quotes = false, escapes = false;

	for (size_t i = 0; i < text.length; i++) {
		quotes |= text.at[i] == '"';
		escapes |= text.at[i] == '\'' || text.at[i] == '\\' || iscntrl((unsigned char)text.at[i]);
	}
	if (quotes && !escapes)
		buffer_format(out, "'%.*s'", (int)text.length, text.at);
	else
		json_write_text(out, text);
}

static void
add_json_scalar(struct buffer *out, const struct example_value *value)
{
	static const char *const words[] = { [TREE_NULL] = "null", [TREE_FALSE] = "false", [TREE_TRUE] = "true" };

	if (value->tree->kind == TREE_TEXT)
		json_write_text(out, value->tree->text);
	else if (value->tree->kind == TREE_NUMBER)
		buffer_add_text(out, value->tree->text);
	else
		buffer_add_string(out, words[value->tree->kind]);
}

static void
add_typescript_scalar(struct buffer *out, const struct example_value *value)
{
	if (value->tree->kind == TREE_TEXT)
		example_quoted(out, value->tree->text);
	else
		add_json_scalar(out, value);
}

static int
number_at(struct text text, size_t at, size_t length)
{
	int number = 0;

	for (size_t i = at; i < at + length && i < text.length; i++)
		number = number * 10 + (text.at[i] - '0');
	return number;
}

/* datetime(2026, 1, 31, 9, 30, tzinfo=timezone.utc): seconds and microseconds where there are some. */
static void
add_datetime(struct buffer *out, struct text text)
{
	int second = number_at(text, 17, 2), micros = text.length > 20 ? number_at(text, 20, 6) : 0;

	buffer_format(out, "datetime(%d, %d, %d, %d, %d", number_at(text, 0, 4), number_at(text, 5, 2),
	    number_at(text, 8, 2), number_at(text, 11, 2), number_at(text, 14, 2));
	if (second != 0 || micros != 0)
		buffer_format(out, ", %d", second);
	if (micros != 0)
		buffer_format(out, ", %d", micros);
	buffer_add_string(out, ", tzinfo=timezone.utc)");
}

static bool
is_exact(const struct example_value *value)
{
	enum kind kind = value->field == NULL ? KIND_TEXT : value->field->kind;

	return kind == KIND_AMOUNT || kind == KIND_DECIMAL || kind == KIND_QUANTITY;
}

static void
add_python_scalar(struct buffer *out, const struct example_value *value)
{
	static const char *const words[] = { [TREE_NULL] = "None", [TREE_FALSE] = "False", [TREE_TRUE] = "True" };
	struct text text = value->tree->text;
	bool whole = value->tree->kind == TREE_NUMBER && memchr(text.at, '.', text.length) == NULL;

	if (value->tree->kind != TREE_TEXT && value->tree->kind != TREE_NUMBER)
		buffer_add_string(out, words[value->tree->kind]);
	else if (is_exact(value) && example_is_decimal(text) && !whole)
		buffer_format(out, "Decimal(\"%.*s\")", (int)text.length, text.at);
	else if (value->field != NULL && value->field->kind == KIND_INSTANT && example_is_instant(text))
		add_datetime(out, text);
	else if (value->tree->kind == TREE_TEXT)
		example_quoted(out, text);
	else
		buffer_add_text(out, text);
}

/* ---- names ---- */

static void
add_quoted_name(struct buffer *out, struct text name)
{
	json_write_text(out, name);
	buffer_add_string(out, ": ");
}

static void
add_typescript_name(struct buffer *out, struct text name)
{
	bool plain = name.length > 0 && !isdigit((unsigned char)name.at[0]);

	for (size_t i = 0; i < name.length; i++)
		plain = plain && (isalnum((unsigned char)name.at[i]) || name.at[i] == '_');
	if (plain)
		buffer_format(out, "%.*s: ", (int)name.length, name.at);
	else
		add_quoted_name(out, name);
}

const struct dialect dialect_json = { 2, "{}", "", false, add_quoted_name, add_json_scalar, NULL };
const struct dialect dialect_python = { 4, "{}", "", true, add_quoted_name, add_python_scalar, NULL };
const struct dialect dialect_typescript = { 2, "{}", " ", true, add_typescript_name, add_typescript_scalar, NULL };
