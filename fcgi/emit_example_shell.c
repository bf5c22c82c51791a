/*
 * Examples for a shell: curl, and the command line.
 */
#include <ctype.h>
#include <string.h>

#include "emit_example_parts.h"
#include "media.h"
#include "text.h"

/* ---- words ---- */

static bool
needs_no_quotes(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!isalnum((unsigned char)text.at[i]) && strchr("_-./:@%+=,", text.at[i]) == NULL)
			return false;
	return text.length > 0;
}

static void
add_quoted(struct buffer *out, struct text text)
{
	buffer_add_char(out, '\'');
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '\'')
			buffer_add_string(out, "'\\''");
		else
			buffer_add_char(out, text.at[i]);
	}
	buffer_add_char(out, '\'');
}

static void
add_word(struct buffer *out, struct text text)
{
	if (needs_no_quotes(text))
		buffer_add_text(out, text);
	else
		add_quoted(out, text);
}

/* A value as JSON, broken over lines `level` deep where it is long. */
static struct text
json_of(struct arena *arena, const struct example_value *value, size_t level, size_t behind)
{
	struct buffer json = buffer_new(arena, 256);

	example_literal(&json, &dialect_json, value, level, behind);
	return buffer_text(&json);
}

/* ---- curl ---- */

static const char *
content_type(const struct client_operation *operation)
{
	if (operation->streams_in)
		return MEDIA_NDJSON;
	return operation->body == CLIENT_BODY_FORM ? MEDIA_FORM : MEDIA_JSON;
}

static void
add_header(struct buffer *out, struct text name, struct text value)
{
	struct buffer header = buffer_new(out->arena, 80);

	buffer_add_text(&header, name);
	buffer_add_string(&header, ": ");
	buffer_add_text(&header, value);
	add_quoted(out, buffer_text(&header));
}

static void
add_headers(struct buffer *out, const struct client_operation *operation)
{
	if (!operation->public)
		buffer_add_string(out, " \\\n  -H \"Authorization: Bearer $PURSER_API_KEY\"");
	if (operation->spends)
		buffer_add_string(out, " \\\n  -H \"Idempotency-Key: $KEY\"");
	if (operation->body != CLIENT_BODY_FORM) /* which is what curl says by itself */
		buffer_format(out, " \\\n  -H 'Content-Type: %s'", content_type(operation));
}

static void
add_form(struct buffer *out, const struct example_value *input)
{
	for (const struct example_value *member = input->first; member != NULL; member = member->next) {
		struct buffer pair = buffer_new(out->arena, 80);

		buffer_format(&pair, "%.*s=%.*s", (int)member->tree->name.length, member->tree->name.at,
		    (int)member->tree->text.length, member->tree->text.at);
		buffer_add_string(out, " \\\n  --data-urlencode ");
		add_word(out, buffer_text(&pair));
	}
}

static void
add_raw(struct buffer *out, const struct example_value *input)
{
	const struct example_value *headers = example_raw_headers(input);

	for (const struct example_value *one = headers == NULL ? NULL : headers->first; one != NULL; one = one->next) {
		buffer_add_string(out, " \\\n  -H ");
		add_header(out, one->tree->name, one->tree->text);
	}
	buffer_add_string(out, " \\\n  --data-binary ");
	add_quoted(out, example_raw_body(input));
}

/* An item a line. */
static void
add_lines(struct buffer *out, const struct client_operation *operation, const struct example_value *input)
{
	const struct example_value *items = example_member(input, operation->items->name);
	struct buffer lines = buffer_new(out->arena, 256);

	for (const struct example_value *item = items == NULL ? NULL : items->first; item != NULL; item = item->next) {
		buffer_add_string(&lines, lines.length > 0 ? "\n" : "");
		example_flat(&lines, &dialect_json, item);
	}
	buffer_add_string(out, " \\\n  --data-binary ");
	add_quoted(out, buffer_text(&lines));
}

void
example_curl(struct buffer *out, const struct client_operation *operation, const struct example_value *input)
{
	if (operation->spends)
		buffer_add_string(out, "KEY=$(openssl rand -hex 16) # sent again, the same key does nothing twice\n");
	buffer_format(
	    out, "curl -sS --fail-with-body --cacert \"$PURSER_CA\" \\\n  \"$PURSER_URL%s\"", operation->path);
	add_headers(out, operation);
	if (operation->body == CLIENT_BODY_FORM) {
		add_form(out, input);
	} else if (operation->body == CLIENT_BODY_RAW) {
		add_raw(out, input);
	} else if (operation->streams_in) {
		add_lines(out, operation, input);
	} else {
		buffer_add_string(out, " \\\n  -d ");
		add_quoted(out, json_of(out->arena, input, 1, 8));
	}
	buffer_add_char(out, '\n');
}

/* ---- the command line ---- */

/* The command so far, and what no flag can say. */
struct command_line {
	struct buffer words; /* NUL before each flag: a blank where all have room on one line, else a new line */
	struct example_value *rest, **rest_end;
};

static void
begin_flag(struct command_line *line, struct text name)
{
	buffer_add_char(&line->words, '\0');
	buffer_add_string(&line->words, "--");
	for (size_t i = 0; i < name.length; i++)
		buffer_add_char(&line->words, name.at[i] == '_' ? '-' : name.at[i]);
}

static bool
holds_json(const struct client_field *field)
{
	return field->rows || field->kind == KIND_DOCUMENT || field->kind == KIND_OBJECT;
}

static bool
is_digits(struct text text)
{
	return text.length > 0 && strspn(text.at, "-0123456789") >= text.length;
}

/* Can the field's flag say the value, or of many one of them? */
static bool
flag_says(const struct client_operation *operation, const struct client_field *field, const struct example_value *value)
{
	enum tree_kind kind = value->tree->kind;

	if (holds_json(field))
		return true;
	if (operation->body == CLIENT_BODY_FORM)
		return kind == TREE_TEXT;
	if (field->kind == KIND_BOOLEAN)
		return kind == TREE_TRUE || kind == TREE_FALSE;
	if (field->kind == KIND_INTEGER || field->kind == KIND_CREDITS)
		return kind == TREE_NUMBER && is_digits(value->tree->text);
	if (field->kind == KIND_DECIMAL)
		return kind == TREE_NUMBER && example_is_decimal(value->tree->text);
	return kind == TREE_TEXT || kind == TREE_NUMBER;
}

static bool
flags_say(const struct client_operation *operation, const struct client_field *field, const struct example_value *value)
{
	if (field == NULL)
		return false;
	if (!field->repeats)
		return flag_says(operation, field, value);
	if (value->tree->kind != TREE_ARRAY || value->first == NULL)
		return false;
	for (const struct example_value *item = value->first; item != NULL; item = item->next)
		if (!flag_says(operation, field, item))
			return false;
	return true;
}

static void
add_flag(struct command_line *line, const struct client_field *field, const struct example_value *value)
{
	struct text name = text_from(field->name);
	struct buffer negated = buffer_new(line->words.arena, 40);

	if (value->tree->kind == TREE_TRUE && !holds_json(field)) {
		begin_flag(line, name);
	} else if (value->tree->kind == TREE_FALSE && !holds_json(field)) {
		buffer_format(&negated, "no_%s", field->name);
		begin_flag(line, buffer_text(&negated));
	} else {
		begin_flag(line, name);
		buffer_add_char(&line->words, ' ');
		if (holds_json(field))
			add_quoted(&line->words, json_of(line->words.arena, value, 1, 2 + name.length + 8));
		else
			add_word(&line->words, value->tree->text);
	}
}

static void
add_member(struct command_line *line, const struct client_operation *operation, const struct example_value *member)
{
	const struct client_field *field = client_field_named(operation, member->tree->name.at);

	if (!flags_say(operation, field, member)) {
		*line->rest_end = arena_take(line->words.arena, sizeof(*member));
		**line->rest_end = (struct example_value){ member->tree, member->field, member->first, NULL };
		line->rest_end = &(*line->rest_end)->next;
	} else if (!field->repeats) {
		add_flag(line, field, member);
	} else {
		for (const struct example_value *item = member->first; item != NULL; item = item->next)
			add_flag(line, field, item);
	}
}

static void
add_members(struct command_line *line, const struct client_operation *operation, const struct example_value *input)
{
	for (const struct example_value *member = input->first; member != NULL; member = member->next)
		add_member(line, operation, member);
	if (line->rest != NULL) {
		struct example_value object = { input->tree, NULL, line->rest, NULL };

		begin_flag(line, text_from("json"));
		buffer_add_char(&line->words, ' ');
		add_quoted(&line->words, json_of(line->words.arena, &object, 1, 16));
	}
}

static void
add_raw_flags(struct command_line *line, const struct example_value *input)
{
	const struct example_value *headers = example_raw_headers(input);

	for (const struct example_value *one = headers == NULL ? NULL : headers->first; one != NULL; one = one->next) {
		begin_flag(line, text_from("header"));
		buffer_add_char(&line->words, ' ');
		add_header(&line->words, one->tree->name, one->tree->text);
	}
	begin_flag(line, text_from("json"));
	buffer_add_char(&line->words, ' ');
	add_quoted(&line->words, example_raw_body(input));
}

/* All on one line, or a flag a line. */
static void
lay_out(struct buffer *out, struct text words)
{
	bool fits = out->length + words.length <= EXAMPLE_COLUMNS && memchr(words.at, '\n', words.length) == NULL;

	for (size_t i = 0; i < words.length; i++) {
		if (words.at[i] == '\0')
			buffer_add_string(out, fits ? " " : " \\\n  ");
		else
			buffer_add_char(out, words.at[i]);
	}
}

void
example_cli(struct buffer *out, const struct client_operation *operation, const struct example_value *input)
{
	struct command_line line = { .words = buffer_new(out->arena, 256) };

	line.rest_end = &line.rest;
	buffer_add_string(out, "purser");
	for (const char *const *word = operation->words; *word != NULL; word++) {
		buffer_add_char(out, ' ');
		for (const char *at = *word; *at != '\0'; at++)
			buffer_add_char(out, *at == '_' ? '-' : *at);
	}
	if (operation->body == CLIENT_BODY_RAW)
		add_raw_flags(&line, input);
	else
		add_members(&line, operation, input);
	if (operation->spends)
		begin_flag(&line, text_from("yes"));
	lay_out(out, buffer_text(&line.words));
	buffer_add_char(out, '\n');
}
