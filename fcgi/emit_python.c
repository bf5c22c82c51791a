/*
 * The types of the Python client: a frozen dataclass for every shape that a reply or an event holds, a TypedDict for
 * every one that stands inside of an input, an exception for every kind of problem.
 */
#include "emit_python.h"

#include <string.h>

#include "events.h"
#include "text.h"

enum { PROSE_COLUMNS = 100 };

/* ---- words ---- */

const char *
python_name(struct arena *arena, const char *name)
{
	static const char *const keywords[] = { "and", "as", "assert", "async", "await", "break", "class", "continue",
		"def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
		"lambda", "nonlocal", "not", "or", "pass", "raise", "return", "self", "try", "while", "with", "yield" };

	for (size_t i = 0; i < COUNT(keywords); i++)
		if (strcmp(name, keywords[i]) == 0)
			return arena_format(arena, "%s_", name).at;
	return name;
}

const char *
python_class_name(struct arena *arena, const char *name)
{
	struct buffer made = buffer_new(arena, strlen(name) + 1);
	bool first = true;

	for (; *name != '\0'; name++) {
		if (*name != '_' && *name != '.')
			buffer_add_char(
			    &made, first && *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name);
		first = *name == '_' || *name == '.';
	}
	return buffer_text(&made).at;
}

static void
add_escaped(struct buffer *out, const char *at, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (at[i] == '"' || at[i] == '\\')
			buffer_add_char(out, '\\');
		buffer_add_char(out, at[i]);
	}
}

static void
add_wrapped(struct buffer *out, const char *indent, const char *next_indent, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t length = strcspn(text, " \n");

		if (column > 0 && column + 1 + length > PROSE_COLUMNS) {
			buffer_add_char(out, '\n');
			column = 0;
		}
		if (length > 0 && column == 0) {
			buffer_add_string(out, indent);
			indent = next_indent;
		}
		if (length > 0 && column > 0)
			buffer_add_char(out, ' ');
		column += length > 0 ? (column > 0) + length : 0;
		add_escaped(out, text, length);
		text += length + (text[length] != '\0');
	}
	buffer_add_char(out, '\n');
}

void
python_add_prose(struct buffer *out, const char *indent, const char *text)
{
	add_wrapped(out, indent, indent, text);
}

void
python_add_item(struct buffer *out, const char *indent, const char *text)
{
	add_wrapped(out, indent, arena_format(out->arena, "%s    ", indent).at, text);
}

/* ---- annotations ---- */

static void
add_choices(struct buffer *out, const struct field *field)
{
	buffer_add_string(out, "Literal[");
	for (const char *const *one = field->one_of; *one != NULL; one++)
		buffer_format(out, "%s'%s'", one == field->one_of ? "" : ", ", *one);
	buffer_add_char(out, ']');
}

/* A reply's choices may be more in a newer server. */
static void
add_text_type(struct buffer *out, const struct field *field, enum direction direction)
{
	if (field->one_of == NULL) {
		buffer_add_string(out, "str");
	} else if (direction == REQUEST) {
		add_choices(out, field);
	} else {
		buffer_add_string(out, "Union[");
		add_choices(out, field);
		buffer_add_string(out, ", str]");
	}
}

static void
add_rows_type(struct buffer *out, const struct field *field, enum direction direction, const char *types)
{
	buffer_add_string(out, direction == REQUEST ? "Sequence[" : "tuple[");
	if (field->shape != NULL)
		buffer_format(out, "%s%s", types, schema_name(out->arena, field->shape, direction));
	else
		add_text_type(out, field, direction);
	buffer_add_string(out, direction == REQUEST ? "]" : ", ...]");
}

static void
add_given_type(struct buffer *out, const struct field *field, enum direction direction, const char *types)
{
	if (client_rows(field) || field->kind == KIND_TEXTS) {
		add_rows_type(out, field, direction, types);
		return;
	}
	switch (field->kind) {
	case KIND_INTEGER:
	case KIND_CREDITS:
		buffer_add_string(out, "int");
		break;
	case KIND_BOOLEAN:
		buffer_add_string(out, "bool");
		break;
	case KIND_INSTANT:
		buffer_add_string(out, direction == REQUEST ? "Instant" : "datetime");
		break;
	case KIND_AMOUNT:
	case KIND_DECIMAL:
	case KIND_QUANTITY:
		buffer_add_string(out, direction == REQUEST ? "Number" : "Decimal");
		break;
	case KIND_DOCUMENT:
		buffer_add_string(out, "Mapping[str, Any]");
		break;
	case KIND_OBJECT:
		buffer_format(out, "%s%s", types, schema_name(out->arena, field->shape, direction));
		break;
	default:
		add_text_type(out, field, direction);
	}
}

void
python_add_type(struct buffer *out, const struct field *field, enum direction direction, const char *types)
{
	bool nullable = client_nullable(field, direction) || client_absent(field, direction);

	if (nullable)
		buffer_add_string(out, "Optional[");
	add_given_type(out, field, direction, types);
	if (nullable)
		buffer_add_char(out, ']');
}

/* ---- codecs ---- */

static const char *
codec_of(const struct field *field, enum direction direction)
{
	if (field->kind == KIND_TEXTS)
		return "texts";
	switch (field->kind) {
	case KIND_INTEGER:
	case KIND_CREDITS:
		return "integer";
	case KIND_BOOLEAN:
		return "boolean";
	case KIND_INSTANT:
		return "instant";
	case KIND_DECIMAL:
		return direction == REQUEST ? "number" : "decimal";
	case KIND_AMOUNT:
	case KIND_QUANTITY:
		return "decimal";
	case KIND_DOCUMENT:
		return "document";
	default:
		return "text";
	}
}

void
python_add_codec(struct buffer *out, const struct field *field, enum direction direction, const char *types)
{
	const char *verb = direction == REQUEST ? "write" : "read";
	bool null_tells = direction == REQUEST && field->null_tells;

	if (null_tells)
		buffer_add_string(out, "codec.OrNull(");
	if (client_rows(field))
		buffer_format(
		    out, "codec.%s_rows(%s%s)", verb, types, schema_name(out->arena, field->shape, direction));
	else if (field->kind == KIND_OBJECT)
		buffer_format(out, "codec.%s_one(%s%s)", verb, types, schema_name(out->arena, field->shape, direction));
	else
		buffer_format(out, "codec.%s_%s", verb, codec_of(field, direction));
	if (null_tells)
		buffer_add_char(out, ')');
}

/* ---- replies ---- */

static void
add_slots(struct buffer *out, const struct shape *shape)
{
	size_t shown = 0;

	buffer_add_string(out, "    __slots__ = (");
	for (size_t i = 0; i < shape->count; i++)
		if (!shape->fields[i].hidden)
			buffer_format(
			    out, "%s\"%s\"", shown++ > 0 ? ", " : "", python_name(out->arena, shape->fields[i].name));
	buffer_add_string(out, shown == 1 ? ",)\n" : ")\n");
}

static void
add_members(struct buffer *out, const struct shape *shape)
{
	buffer_add_string(out, "\n    _members: ClassVar[codec.Members] = {\n");
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field->hidden)
			continue;
		buffer_format(out, "        \"%s\": (\"%s\", ", python_name(out->arena, field->name), field->name);
		python_add_codec(out, field, REPLY, "");
		buffer_add_string(out, "),\n");
	}
	buffer_add_string(out, "    }\n");
}

static void
add_attribute(struct buffer *out, const struct field *field)
{
	buffer_format(out, "\n    %s: ", python_name(out->arena, field->name));
	python_add_type(out, field, REPLY, "");
	buffer_add_char(out, '\n');
	if (field->summary == NULL)
		return;
	buffer_add_string(out, "    \"\"\"");
	add_escaped(out, field->summary, strlen(field->summary));
	buffer_add_string(out, "\"\"\"\n");
}

static void
add_record(struct buffer *out, const struct client_shape *one)
{
	const struct shape *shape = one->shape;

	buffer_format(out, "\n\n@dataclass(frozen=True)\nclass %s(codec.Record):\n", one->name);
	buffer_format(
	    out, "    \"\"\"%s\"\"\"\n\n", one->event ? "What an event of this kind says." : "Part of a reply.");
	add_slots(out, shape);
	for (size_t i = 0; i < shape->count; i++)
		if (!shape->fields[i].hidden)
			add_attribute(out, &shape->fields[i]);
	add_members(out, shape);
}

/* ---- inputs ---- */

/* Does another shape hold this one? What operations take by themselves are the parameters of their methods. */
static bool
is_held(const struct client_shape *list, size_t count, const struct shape *shape)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < list[i].shape->count; j++)
			if (list[i].shape->fields[j].shape == shape && !list[i].shape->fields[j].hidden)
				return true;
	return false;
}

static void
add_half(struct buffer *out, const struct client_shape *one, bool required)
{
	const char *suffix = required ? "" : "More";

	buffer_format(out, "\n\n_%s%s = TypedDict(\n    \"_%s%s\",\n    {\n", one->name, suffix, one->name, suffix);
	for (size_t i = 0; i < one->shape->count; i++) {
		const struct field *field = &one->shape->fields[i];

		if (field->hidden || field_is_required(field) != required)
			continue;
		if (field->summary != NULL)
			buffer_format(out, "        # %s\n", field->summary);
		buffer_format(out, "        \"%s\": \"", field->name);
		python_add_type(out, field, REQUEST, "");
		buffer_add_string(out, "\",\n");
	}
	buffer_format(out, "    },\n%s)\n", required ? "" : "    total=False,\n");
}

/* What has to be there and what may be are two halves, for Python before 3.11 has no other way to tell them apart. */
static void
add_input(struct buffer *out, const struct client_shape *one)
{
	add_half(out, one, true);
	add_half(out, one, false);
	buffer_format(
	    out, "\n\nclass %s(_%s, _%sMore):\n    \"\"\"Part of an input.\"\"\"\n", one->name, one->name, one->name);
}

static void
add_inputs(struct buffer *out)
{
	size_t count;
	const struct client_shape *list = client_shapes(out->arena, REQUEST, &count);

	for (size_t i = 0; i < count; i++)
		if (is_held(list, count, list[i].shape))
			add_input(out, &list[i]);
}

/* ---- modules ---- */

static void
add_exports_start(struct buffer *out)
{
	buffer_add_string(out, "\n__all__ = [\n");
}

static void
add_export(struct buffer *out, const char *name)
{
	buffer_format(out, "    \"%s\",\n", name);
}

/* What `import *` takes: the types, and no word that they lean on. */
static void
add_type_exports(struct buffer *out)
{
	size_t count;
	const struct client_shape *list = client_shapes(out->arena, REQUEST, &count);

	add_exports_start(out);
	add_export(out, "EVENTS");
	for (size_t i = 0; i < count; i++)
		if (is_held(list, count, list[i].shape))
			add_export(out, list[i].name);
	list = client_shapes(out->arena, REPLY, &count);
	for (size_t i = 0; i < count; i++)
		add_export(out, list[i].name);
	buffer_add_string(out, "]\n");
}

static void
add_events(struct buffer *out)
{
	const struct event_type *type;

	buffer_add_string(
	    out, "\n\n# What `data` is of each type of event.\nEVENTS: Mapping[str, type[codec.Record]] = {\n");
	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++)
		if (!type->internal)
			buffer_format(out, "    \"%s\": %s,\n", type->type, schema_name(out->arena, type->data, REPLY));
	buffer_add_string(out, "}\n");
}

void
emit_python_types(struct buffer *out)
{
	size_t count;
	const struct client_shape *list = client_shapes(out->arena, REPLY, &count);

	client_made_by(out, "#", "python-types");
	buffer_add_string(out,
	    "\"\"\"What operations give, what stands inside of their inputs, and the data of events.\"\"\"\n\n"
	    "from __future__ import annotations\n\n"
	    "from dataclasses import dataclass\n"
	    "from datetime import datetime\n"
	    "from decimal import Decimal\n"
	    "from typing import Any, ClassVar, Literal, Mapping, Optional, Sequence, TypedDict, Union\n\n"
	    "from . import _codec as codec\n"
	    "from ._codec import Instant, Number\n");
	add_type_exports(out);
	add_inputs(out);
	for (size_t i = 0; i < count; i++)
		add_record(out, &list[i]);
	add_events(out);
}

static void
add_problem(struct buffer *out, const struct problem_kind_facts *facts)
{
	buffer_format(out, "\n\nclass %s(Problem):\n    \"\"\"\n", python_class_name(out->arena, facts->code));
	python_add_prose(out, "    ", arena_format(out->arena, "%s (%d).", facts->title, facts->status).at);
	buffer_add_char(out, '\n');
	python_add_prose(out, "    ", facts->remedy);
	buffer_add_string(out, "    \"\"\"\n");
}

void
emit_python_problems(struct buffer *out)
{
	client_made_by(out, "#", "python-problems");
	buffer_add_string(out, "\"\"\"An exception for every kind of problem that the API answers.\"\"\"\n\n"
			       "from __future__ import annotations\n\n"
			       "from typing import Mapping\n\n"
			       "from ._errors import Problem\n");
	add_exports_start(out);
	add_export(out, "PROBLEMS");
	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++)
		add_export(out, python_class_name(out->arena, problem_facts[kind].code));
	buffer_add_string(out, "]\n");
	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++)
		add_problem(out, &problem_facts[kind]);
	buffer_add_string(out, "\n\nPROBLEMS: Mapping[str, type[Problem]] = {\n");
	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++)
		buffer_format(out, "    \"%s\": %s,\n", problem_facts[kind].code,
		    python_class_name(out->arena, problem_facts[kind].code));
	buffer_add_string(out, "}\n");
}
