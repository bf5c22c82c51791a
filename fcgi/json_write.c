/*
 * Structs to JSON by their shape, and problems as RFC 9457 documents. What is written is always valid JSON on one line,
 * whatever a text holds.
 */
#include "json.h"

#include <assert.h>
#include <string.h>

#include "clock.h"
#include "id.h"
#include "money.h"
#include "text.h"

static void
write_escaped(struct buffer *out, unsigned char c)
{
	static const char shortcuts[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *pair = shortcuts; *pair != '\0'; pair += 2) {
		if ((unsigned char)pair[0] == c) {
			buffer_add_char(out, '\\');
			buffer_add_char(out, pair[1]);
			return;
		}
	}
	if (c < ' ')
		buffer_format(out, "\\u%04x", c);
	else
		buffer_add_string(out, "\uFFFD"); /* no UTF-8 */
}

/* How many bytes of the character at the beginning go out as they are; 0: it needs an escape. */
static size_t
plain_step(const char *at, size_t length)
{
	unsigned char c = (unsigned char)*at;

	if (c < ' ' || c == '"' || c == '\\')
		return 0;
	return c < 0x80 ? 1 : utf8_step(at, length);
}

static bool
is_plain_ascii(char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

/* For what needs no escape. */
static void
write_quoted(struct buffer *out, const char *at, size_t length)
{
	char *to = buffer_reserve(out, length + 2);

	to[0] = '"';
	memcpy(to + 1, at, length);
	to[length + 1] = '"';
	buffer_added(out, length + 2);
}

/* `,"name":` */
static void
write_name(struct buffer *out, char before, const char *name)
{
	size_t length = strlen(name);
	char *to = buffer_reserve(out, length + 4);

	to[0] = before;
	to[1] = '"';
	memcpy(to + 2, name, length + 1);
	to[length + 2] = '"';
	to[length + 3] = ':';
	buffer_added(out, length + 4);
}

void
json_write_text(struct buffer *out, struct text text)
{
	size_t start = 0, i = 0;

	while (i < text.length && is_plain_ascii(text.at[i]))
		i++;
	if (i == text.length) {
		write_quoted(out, text.at, text.length);
		return;
	}
	buffer_add_char(out, '"');
	while (i < text.length) {
		size_t step = plain_step(text.at + i, text.length - i);

		i += step;
		if (step > 0)
			continue;
		buffer_add(out, text.at + start, i - start);
		write_escaped(out, (unsigned char)text.at[i]);
		start = ++i;
	}
	buffer_add(out, text.at + start, i - start);
	buffer_add_char(out, '"');
}

static void
write_string(struct buffer *out, const char *string)
{
	json_write_text(out, text_from(string));
}

/* A caller's document, without the white space between its tokens: a row stays on one line. */
static void
write_document(struct buffer *out, const struct document *document)
{
	bool in_string = false;
	size_t start = 0;

	for (size_t i = 0; i < document->length; i++) {
		char c = document->at[i];

		if (c == '\\' && in_string) {
			i++;
		} else if (c == '"') {
			in_string = !in_string;
		} else if (!in_string && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
			buffer_add(out, document->at + start, i - start);
			start = i + 1;
		}
	}
	buffer_add(out, document->at + start, document->length - start);
}

static void
write_texts(struct buffer *out, const struct texts *texts)
{
	buffer_add_char(out, '[');
	for (size_t i = 0; i < texts->count; i++) {
		if (i > 0)
			buffer_add_char(out, ',');
		json_write_text(out, texts->items[i]);
	}
	buffer_add_char(out, ']');
}

static void
write_list(struct buffer *out, const struct shape *shape, const struct list *list)
{
	buffer_add_char(out, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			buffer_add_char(out, ',');
		json_write(out, shape, (const unsigned char *)list->items + i * shape->size);
	}
	buffer_add_char(out, ']');
}

static bool
is_absent(const struct field *field, const void *member)
{
	static const size_t given_at[] = { [KIND_INTEGER] = offsetof(struct maybe_int, given),
		[KIND_BOOLEAN] = offsetof(struct maybe_bool, given),
		[KIND_ID] = offsetof(struct maybe_id, given),
		[KIND_INSTANT] = offsetof(struct maybe_instant, given),
		[KIND_CREDITS] = offsetof(struct maybe_credits, given),
		[KIND_AMOUNT] = offsetof(struct maybe_amount, given),
		[KIND_DECIMAL] = offsetof(struct maybe_decimal, given),
		[KIND_QUANTITY] = offsetof(struct maybe_quantity, given),
		[KIND_CURRENCY] = offsetof(struct maybe_currency, given) };
	const void *pointer;

	switch (field->kind) {
	case KIND_TEXT:
		return field->optional && ((const struct maybe_text *)member)->at == NULL;
	case KIND_DOCUMENT:
		return ((const struct document *)member)->at == NULL;
	case KIND_OBJECT:
		memcpy(&pointer, member, sizeof(pointer));
		return pointer == NULL;
	case KIND_DIGEST:
	case KIND_BYTES:
	case KIND_TEXTS:
	case KIND_LIST:
		return false;
	default:
		return field->optional && !*((const bool *)member + given_at[field->kind]);
	}
}

static void
write_coded(struct buffer *out, enum kind kind, const void *member)
{
	char coded[2 * sizeof(struct digest) + 1];

	if (kind == KIND_ID)
		id_format(*(const struct id *)member, coded);
	else if (kind == KIND_INSTANT)
		instant_format(*(const struct instant *)member, coded);
	else if (kind == KIND_AMOUNT)
		amount_format(*(const struct amount *)member, coded);
	else
		hex_encode(((const struct digest *)member)->bytes, sizeof(struct digest), coded);
	write_quoted(out, coded, strlen(coded));
}

static void
write_decimal(struct buffer *out, struct decimal decimal)
{
	char digits[AMOUNT_LENGTH + 1];

	amount_format((struct amount){ decimal.micros }, digits);
	buffer_add_string(out, digits);
}

/* A number where it is whole, else a string that holds a decimal number, so that no reader makes a double of it. */
static void
write_quantity(struct buffer *out, struct quantity quantity)
{
	char digits[AMOUNT_LENGTH + 1];

	quantity_format(quantity, digits);
	if (strchr(digits, '.') == NULL)
		buffer_add_string(out, digits);
	else
		write_quoted(out, digits, strlen(digits));
}

static void
write_given(struct buffer *out, const struct field *field, const void *member)
{
	const void *object;

	switch (field->kind) {
	case KIND_INTEGER:
	case KIND_CREDITS:
		buffer_add_integer(out, *(const int64_t *)member);
		break;
	case KIND_BOOLEAN:
		buffer_add_string(out, *(const bool *)member ? "true" : "false");
		break;
	case KIND_TEXT:
		json_write_text(out, *(const struct text *)member);
		break;
	case KIND_DECIMAL:
		write_decimal(out, *(const struct decimal *)member);
		break;
	case KIND_QUANTITY:
		write_quantity(out, *(const struct quantity *)member);
		break;
	case KIND_CURRENCY:
		write_string(out, ((const struct currency *)member)->code);
		break;
	case KIND_DOCUMENT:
		write_document(out, member);
		break;
	case KIND_TEXTS:
		write_texts(out, member);
		break;
	case KIND_LIST:
		write_list(out, field->shape, member);
		break;
	case KIND_OBJECT:
		memcpy(&object, member, sizeof(object));
		json_write(out, field->shape, object);
		break;
	default:
		assert(field->kind != KIND_BYTES);
		write_coded(out, field->kind, member);
	}
}

void
json_write_value(struct buffer *out, const struct field *field, const void *from)
{
	const void *member = (const unsigned char *)from + field->offset;

	if (is_absent(field, member))
		buffer_add(out, "null", 4);
	else
		write_given(out, field, member);
}

void
json_write(struct buffer *out, const struct shape *shape, const void *from)
{
	char before = '{';

	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field->hidden || field->kind == KIND_BYTES ||
		    (field->left_out && is_absent(field, (const unsigned char *)from + field->offset)))
			continue;
		write_name(out, before, field->name);
		json_write_value(out, field, from);
		before = ',';
	}
	if (before == '{')
		buffer_add_char(out, '{');
	buffer_add_char(out, '}');
}

struct document
json_rows(struct arena *arena, const struct shape *shape, const struct list *list)
{
	struct buffer rows = buffer_new(arena, 64 + list->count * 128);
	struct text text;

	write_list(&rows, shape, list);
	text = buffer_text(&rows);
	return (struct document){ text.at, text.length };
}

/* ---- problems -------------------------------------------------------------------------------------------------- */

static void
write_member_name(struct buffer *out, const char *name)
{
	buffer_add_char(out, ',');
	write_string(out, name);
	buffer_add_char(out, ':');
}

/* A segment of a pointer: an index goes out as a number, a name unescaped. */
static void
write_segment(struct buffer *out, struct text segment)
{
	struct buffer name = buffer_new(out->arena, segment.length + 1);
	int64_t index;

	if (integer_parse(segment, &index) && index >= 0) {
		buffer_add_integer(out, index);
		return;
	}
	for (size_t i = 0; i < segment.length; i++) {
		bool escaped = segment.at[i] == '~' && i + 1 < segment.length;

		if (escaped)
			i++;
		buffer_add_char(&name, !escaped ? segment.at[i] : segment.at[i] == '0' ? '~' : '/');
	}
	json_write_text(out, buffer_text(&name));
}

static void
write_location(struct buffer *out, const struct fault *fault)
{
	const char *at = fault->pointer;

	buffer_add_char(out, '[');
	write_string(out, fault->in_query ? "query" : "body");
	while (*at == '/') {
		size_t length = strcspn(++at, "/");

		buffer_add_char(out, ',');
		write_segment(out, (struct text){ at, length });
		at += length;
	}
	buffer_add_char(out, ']');
}

static void
write_faults(struct buffer *out, const struct fault *faults)
{
	write_member_name(out, "errors");
	buffer_add_char(out, '[');
	for (const struct fault *fault = faults; fault != NULL; fault = fault->next) {
		if (fault != faults)
			buffer_add_char(out, ',');
		buffer_add_string(out, "{\"pointer\":");
		write_string(out, fault->pointer);
		write_member_name(out, "code");
		write_string(out, fault->code);
		write_member_name(out, "detail");
		write_string(out, fault->detail);
		write_member_name(out, "loc");
		write_location(out, fault);
		buffer_add_char(out, '}');
	}
	buffer_add_char(out, ']');
}

void
json_write_problem(struct buffer *out, const struct problem *problem, const char *request_id)
{
	const struct problem_kind_facts *facts = &problem_facts[problem->kind];

	buffer_format(out, "{\"type\":\"/problems/%s\",\"title\":", facts->code);
	write_string(out, facts->title);
	buffer_format(out, ",\"status\":%d", facts->status);
	write_member_name(out, "detail");
	write_string(out, problem->detail == NULL ? facts->title : problem->detail);
	write_member_name(out, "instance");
	write_string(out, request_id);
	write_member_name(out, "code");
	write_string(out, facts->code);
	if (problem->retry_after_seconds > 0)
		buffer_format(out, ",\"retry_after\":%d", problem->retry_after_seconds);
	for (const struct problem_member *member = problem->members; member != NULL; member = member->next) {
		write_member_name(out, member->name);
		if (member->text != NULL)
			write_string(out, member->text);
		else
			buffer_add_integer(out, member->number);
	}
	if (problem->faults != NULL)
		write_faults(out, problem->faults);
	buffer_add_char(out, '}');
}
