/*
 * Shapes as JSON Schema (the 2020-12 dialect, which OpenAPI 3.1 speaks). A request shape and a reply shape of one
 * struct are two schemas: what a caller may leave out is always there in a reply.
 */
#include "emit_openapi.h"

#include <string.h>

#include "events.h"

static const char id_pattern[] = "^[0-7][0-9A-HJKMNP-TV-Z]{25}$";
static const char quantity_pattern[] = "^(0|[1-9][0-9]*)(\\.[0-9]{1,6})?$";
static const char amount_pattern[] = "^-?(0|[1-9][0-9]*)(\\.[0-9]{1,6})?$";

/* ---- one field ---- */

bool
field_is_scalar(const struct field *field)
{
	return !field->hidden && field->kind != KIND_DOCUMENT && field->kind != KIND_TEXTS &&
	       field->kind != KIND_LIST && field->kind != KIND_OBJECT && field->kind != KIND_BYTES;
}

bool
field_is_required(const struct field *field)
{
	return !field->optional && !field->preset;
}

static const char *
type_of(enum kind kind)
{
	switch (kind) {
	case KIND_INTEGER:
	case KIND_CREDITS:
		return "integer";
	case KIND_DECIMAL:
		return "number";
	case KIND_BOOLEAN:
		return "boolean";
	case KIND_DOCUMENT:
	case KIND_OBJECT:
		return "object";
	case KIND_TEXTS:
	case KIND_LIST:
		return "array";
	case KIND_TEXT:
	case KIND_ID:
	case KIND_INSTANT:
	case KIND_AMOUNT:
	case KIND_CURRENCY:
	case KIND_DIGEST:
	case KIND_QUANTITY:
	case KIND_BYTES:
		break;
	}
	return "string";
}

static void
emit_type(struct emitter *emitter, const char *type, bool nullable)
{
	if (!nullable) {
		emit_string(emitter, "type", type);
		return;
	}
	emit_array(emitter, "type");
	emit_string(emitter, NULL, type);
	emit_string(emitter, NULL, "null");
	emit_array_end(emitter);
}

static void
emit_limits(struct emitter *emitter, const struct field *field, const char *least, const char *most)
{
	if (!field->ranged)
		return;
	emit_integer(emitter, least, field->least);
	if (field->most < INT64_MAX)
		emit_integer(emitter, most, field->most);
}

/* What one_of and format say: of a text, or of each item of a texts. */
static void
emit_text_rules(struct emitter *emitter, const struct field *field, bool nullable)
{
	if (field->one_of != NULL) {
		emit_array(emitter, "enum");
		for (const char *const *one = field->one_of; *one != NULL; one++)
			emit_string(emitter, NULL, *one);
		if (nullable)
			emit_null(emitter, NULL);
		emit_array_end(emitter);
	}
	if (field->format != NULL && field->format->name != NULL)
		emit_string(emitter, "format", field->format->name);
	if (field->format != NULL && field->format->pattern != NULL)
		emit_string(emitter, "pattern", field->format->pattern);
}

static void
emit_number_rules(struct emitter *emitter, const struct field *field)
{
	emit_string(emitter, "format", "int64");
	emit_limits(emitter, field, "minimum", "maximum");
	if (field->preset)
		emit_integer(emitter, "default", field->standard);
}

/* The limits of a decimal stand in millionths in its row; those we declare are whole numbers, or lie above one. */
static void
emit_decimal_limits(struct emitter *emitter, const struct field *field)
{
	if (!field->ranged)
		return;
	emit_integer(emitter, field->least % 1000000 == 0 ? "minimum" : "exclusiveMinimum", field->least / 1000000);
	if (field->most < INT64_MAX)
		emit_integer(emitter, "maximum", field->most / 1000000);
}

static void
emit_quantity_types(struct emitter *emitter, bool nullable)
{
	emit_array(emitter, "type");
	emit_string(emitter, NULL, "integer");
	emit_string(emitter, NULL, "string");
	if (nullable)
		emit_string(emitter, NULL, "null");
	emit_array_end(emitter);
}

static void
emit_quantity_rules(struct emitter *emitter, const struct field *field)
{
	emit_string(emitter, "pattern", field->ranged && field->least >= 0 ? quantity_pattern : amount_pattern);
	emit_decimal_limits(emitter, field);
}

static void
emit_scalar_rules(struct emitter *emitter, const struct field *field, bool nullable)
{
	switch (field->kind) {
	case KIND_INTEGER:
	case KIND_CREDITS:
		emit_number_rules(emitter, field);
		break;
	case KIND_BOOLEAN:
		if (field->preset)
			emit_boolean(emitter, "default", field->standard != 0);
		break;
	case KIND_TEXT:
		emit_limits(emitter, field, "minLength", "maxLength");
		emit_text_rules(emitter, field, nullable);
		break;
	case KIND_ID:
		emit_string(emitter, "pattern", id_pattern);
		break;
	case KIND_INSTANT:
		emit_string(emitter, "format", "date-time");
		break;
	case KIND_AMOUNT:
		emit_string(emitter, "pattern", amount_pattern);
		break;
	case KIND_CURRENCY:
		emit_string(emitter, "pattern", "^[A-Z]{3}$");
		emit_text_rules(emitter, field, nullable);
		break;
	case KIND_DIGEST:
		emit_string(emitter, "pattern", "^[0-9a-f]{64}$");
		break;
	case KIND_DECIMAL:
		emit_decimal_limits(emitter, field);
		break;
	case KIND_QUANTITY:
		emit_quantity_rules(emitter, field);
		break;
	case KIND_BYTES:
	case KIND_DOCUMENT:
	case KIND_TEXTS:
	case KIND_LIST:
	case KIND_OBJECT:
		break;
	}
}

/* A list that its handler keeps as text. */
static bool
field_is_rows(const struct field *field)
{
	return field->kind == KIND_DOCUMENT && field->shape != NULL;
}

static void
emit_items(struct emitter *emitter, const struct field *field, enum direction direction)
{
	emit_limits(emitter, field, "minItems", "maxItems");
	if (field->shape != NULL) {
		emit_reference(emitter, "items", "schemas", schema_name(emitter->out->arena, field->shape, direction));
		return;
	}
	emit_object(emitter, "items");
	emit_string(emitter, "type", "string");
	emit_text_rules(emitter, field, false);
	emit_object_end(emitter);
}

static void
emit_object_rules(struct emitter *emitter, const struct field *field, enum direction direction, bool nullable)
{
	const char *name = schema_name(emitter->out->arena, field->shape, direction);

	emit_array(emitter, "anyOf");
	emit_reference(emitter, NULL, "schemas", name);
	if (nullable) {
		emit_object(emitter, NULL);
		emit_string(emitter, "type", "null");
		emit_object_end(emitter);
	}
	emit_array_end(emitter);
}

void
emit_field_schema(struct emitter *emitter, const char *name, const struct field *field, enum direction direction)
{
	bool nullable = direction == REQUEST ? !field_is_required(field) : field->optional && !field->left_out;

	emit_object(emitter, name);
	if (field->summary != NULL)
		emit_string(emitter, "description", field->summary);
	if (field->kind == KIND_OBJECT) {
		emit_object_rules(emitter, field, direction, nullable);
	} else if (field->kind == KIND_QUANTITY) {
		emit_quantity_types(emitter, nullable);
		emit_scalar_rules(emitter, field, nullable);
	} else {
		emit_type(emitter, field_is_rows(field) ? "array" : type_of(field->kind), nullable);
		if (field->kind == KIND_TEXTS || field->kind == KIND_LIST || field_is_rows(field))
			emit_items(emitter, field, direction);
		else
			emit_scalar_rules(emitter, field, nullable);
	}
	emit_object_end(emitter);
}

/* ---- one shape ---- */

static bool
stands_in(const struct field *field, enum direction direction, const char *path)
{
	return !field->hidden && !(direction == REQUEST && path != NULL && path_names(path, field));
}

static bool
is_listed_as_required(const struct field *field, enum direction direction, const char *path)
{
	return stands_in(field, direction, path) && (direction == REPLY ? !field->left_out : field_is_required(field));
}

static void
emit_required(struct emitter *emitter, const struct shape *shape, enum direction direction, const char *path)
{
	size_t required = 0;

	for (size_t i = 0; i < shape->count; i++)
		required += is_listed_as_required(&shape->fields[i], direction, path);
	if (required == 0)
		return;
	emit_array(emitter, "required");
	for (size_t i = 0; i < shape->count; i++)
		if (is_listed_as_required(&shape->fields[i], direction, path))
			emit_string(emitter, NULL, shape->fields[i].name);
	emit_array_end(emitter);
}

static void
emit_shape(
    struct emitter *emitter, const char *name, const struct shape *shape, enum direction direction, const char *path)
{
	emit_object(emitter, name);
	emit_string(emitter, "type", "object");
	emit_object(emitter, "properties");
	for (size_t i = 0; i < shape->count; i++)
		if (stands_in(&shape->fields[i], direction, path))
			emit_field_schema(emitter, shape->fields[i].name, &shape->fields[i], direction);
	emit_object_end(emitter);
	emit_required(emitter, shape, direction, path);
	if (direction == REQUEST)
		emit_boolean(emitter, "additionalProperties", shape->freeform);
	emit_object_end(emitter);
}

void
emit_request_schema(struct emitter *emitter, const char *name, const struct shape *shape, const char *path)
{
	if (strchr(path, '{') == NULL)
		emit_reference(emitter, name, "schemas", schema_name(emitter->out->arena, shape, REQUEST));
	else
		emit_shape(emitter, name, shape, REQUEST, path);
}

/* The last word of a request shape's name, "in", becomes "Input"; so does the lack of it. */
const char *
schema_name(struct arena *arena, const struct shape *shape, enum direction direction)
{
	size_t length = strlen(shape->name);
	struct buffer name = buffer_new(arena, length + sizeof("Input"));

	if (direction == REQUEST && length > 3 && strcmp(shape->name + length - 3, "_in") == 0)
		length -= 3;
	for (size_t i = 0; i < length; i++) {
		bool first = i == 0 || shape->name[i - 1] == '_';
		char c = shape->name[i];

		if (c != '_')
			buffer_add_char(&name, first && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
	}
	if (direction == REQUEST)
		buffer_add_string(&name, "Input");
	return buffer_text(&name).at;
}

/* ---- all of them ---- */

static void
emit_component(struct emitter *emitter, struct name_set *emitted, const struct shape *shape, enum direction direction)
{
	const char *name = schema_name(emitter->out->arena, shape, direction);

	if (!name_set_add(emitter->out->arena, emitted, name))
		return;
	emit_shape(emitter, name, shape, direction, NULL);
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field->shape != NULL && !field->hidden)
			emit_component(emitter, emitted, field->shape, direction);
	}
}

static void
emit_page(struct emitter *emitter, struct name_set *emitted, const struct shape *row)
{
	struct arena *arena = emitter->out->arena;
	const char *row_name = schema_name(arena, row, REPLY);
	const char *name = arena_format(arena, "%sPage", row_name).at;

	if (!name_set_add(emitter->out->arena, emitted, name))
		return;
	emit_object(emitter, name);
	emit_string(emitter, "type", "object");
	emit_object(emitter, "properties");
	emit_object(emitter, "data");
	emit_string(emitter, "type", "array");
	emit_reference(emitter, "items", "schemas", row_name);
	emit_object_end(emitter);
	emit_object(emitter, "next_cursor");
	emit_string(emitter, "description", "What to send as `cursor` for the next page; null on the last one.");
	emit_type(emitter, "string", true);
	emit_object_end(emitter);
	emit_object(emitter, "total");
	emit_string(emitter, "description", "How many there are in all, where that is counted.");
	emit_string(emitter, "type", "integer");
	emit_object_end(emitter);
	emit_object_end(emitter);
	emit_array(emitter, "required");
	emit_string(emitter, NULL, "data");
	emit_string(emitter, NULL, "next_cursor");
	emit_array_end(emitter);
	emit_object_end(emitter);
}

static void
emit_endpoint_schemas(struct emitter *emitter, struct name_set *emitted, const struct endpoint *endpoint)
{
	const struct handler *handler = endpoint->operation->run;
	const struct rest *rest = endpoint->rest;
	const struct shape *gives = rest != NULL && rest->gives != NULL ? rest->gives : handler->gives;
	const struct stream_form *form = endpoint->operation->forms;
	const struct rendering *rendering = endpoint->operation->renderings;

	if (endpoint->method != METHOD_GET && strchr(endpoint->path, '{') == NULL)
		emit_component(emitter, emitted, handler->takes, REQUEST);
	for (; form != NULL && form->media_type != NULL; form++)
		emit_component(emitter, emitted, form->sent, REQUEST);
	emit_component(emitter, emitted, gives, REPLY);
	for (; rendering != NULL && rendering->media_type != NULL; rendering++)
		if (rendering->rows != NULL)
			emit_component(emitter, emitted, rendering->rows, REPLY);
	if (handler->each != NULL && !(rest != NULL && rest->bare_array))
		emit_page(emitter, emitted, gives);
}

static void
emit_member(struct emitter *emitter, const char *name, const char *type, const char *description)
{
	emit_object(emitter, name);
	emit_string(emitter, "description", description);
	emit_string(emitter, "type", type);
	emit_object_end(emitter);
}

static void
emit_loc_schema(struct emitter *emitter)
{
	emit_object(emitter, "loc");
	emit_string(emitter, "description", "The same place as a list: `body` or `query`, then names and positions.");
	emit_string(emitter, "type", "array");
	emit_object(emitter, "items");
	emit_array(emitter, "type");
	emit_string(emitter, NULL, "string");
	emit_string(emitter, NULL, "integer");
	emit_array_end(emitter);
	emit_object_end(emitter);
	emit_object_end(emitter);
}

static void
emit_names(struct emitter *emitter, const char *name, const char *const *names)
{
	emit_array(emitter, name);
	for (; *names != NULL; names++)
		emit_string(emitter, NULL, *names);
	emit_array_end(emitter);
}

static void
emit_fault_schema(struct emitter *emitter)
{
	static const char *const required[] = { "pointer", "code", "detail", "loc", NULL };

	emit_object(emitter, "Fault");
	emit_string(emitter, "type", "object");
	emit_object(emitter, "properties");
	emit_member(emitter, "pointer", "string", "Where it is: a JSON pointer (RFC 6901) into the body.");
	emit_member(emitter, "code", "string", "What is wrong, for programs.");
	emit_member(emitter, "detail", "string", "What is wrong, as a sentence.");
	emit_loc_schema(emitter);
	emit_object_end(emitter);
	emit_names(emitter, "required", required);
	emit_object_end(emitter);
}

static void
emit_problem_code(struct emitter *emitter)
{
	emit_object(emitter, "code");
	emit_string(emitter, "description", "The kind of problem; `x-problems` tells what each means.");
	emit_string(emitter, "type", "string");
	emit_array(emitter, "enum");
	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++)
		emit_string(emitter, NULL, problem_facts[kind].code);
	emit_array_end(emitter);
	emit_object_end(emitter);
}

static void
emit_problem_schema(struct emitter *emitter)
{
	static const char *const required[] = { "type", "title", "status", "detail", "instance", "code", NULL };

	emit_object(emitter, "Problem");
	emit_string(
	    emitter, "description", "Why a request was refused (RFC 9457). Some kinds add members of their own.");
	emit_string(emitter, "type", "object");
	emit_object(emitter, "properties");
	emit_member(emitter, "type", "string", "`/problems/` and the code.");
	emit_member(emitter, "title", "string", "The kind of problem in a few words.");
	emit_member(emitter, "status", "integer", "The HTTP status.");
	emit_member(emitter, "detail", "string", "What went wrong this time.");
	emit_member(emitter, "instance", "string", "The request id.");
	emit_problem_code(emitter);
	emit_object(emitter, "errors");
	emit_string(emitter, "description", "Every fault of the input, where the code is `invalid`.");
	emit_string(emitter, "type", "array");
	emit_reference(emitter, "items", "schemas", "Fault");
	emit_object_end(emitter);
	emit_object_end(emitter);
	emit_names(emitter, "required", required);
	emit_object_end(emitter);
}

void
emit_schemas(struct emitter *emitter, const struct endpoint *list, size_t count)
{
	const struct event_type *type;
	struct name_set emitted = { 0 };

	emit_object(emitter, "schemas");
	for (size_t i = 0; i < count; i++)
		emit_endpoint_schemas(emitter, &emitted, &list[i]);
	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++)
		if (!type->internal)
			emit_component(emitter, &emitted, type->data, REPLY);
	emit_webhook_schema(emitter);
	emit_problem_schema(emitter);
	emit_fault_schema(emitter);
	emit_object_end(emitter);
}
