/*
 * The operations of the Python client: the catalogue, which says of each how it is called, and the methods, once for
 * callers that wait and once for those that await. The tree of groups is that of the dotted ids.
 */
#include "emit_python.h"

#include <string.h>

#include "text.h"

/* ---- the catalogue ---- */

/* "billing.topups.get" → "BILLING_TOPUPS_GET" */
static const char *
constant_name(struct arena *arena, const char *id)
{
	struct buffer made = buffer_new(arena, strlen(id) + 1);

	for (; *id != '\0'; id++)
		buffer_add_char(&made, *id == '.' ? '_' : *id >= 'a' && *id <= 'z' ? (char)(*id - 'a' + 'A') : *id);
	return buffer_text(&made).at;
}

static void
add_writers(struct buffer *out, const struct client_shape *one)
{
	buffer_format(out, "\n%s: codec.Writers = {\n", one->name);
	for (size_t i = 0; i < one->shape->count; i++) {
		const struct field *field = &one->shape->fields[i];

		if (field->hidden)
			continue;
		buffer_format(out, "    \"%s\": ", field->name);
		python_add_codec(out, field, REQUEST, "");
		buffer_add_string(out, ",\n");
	}
	buffer_add_string(out, "}\n");
}

static void
add_operation(struct buffer *out, const struct client_operation *one)
{
	buffer_format(out, "\n%s: Operation[types.%s] = Operation(\n    \"%s\",\n    \"%s\",\n    types.%s,\n",
	    constant_name(out->arena, one->id), schema_name(out->arena, one->gives, REPLY), one->id, one->path,
	    schema_name(out->arena, one->gives, REPLY));
	if (one->body != CLIENT_BODY_RAW)
		buffer_format(out, "    %s,\n", schema_name(out->arena, one->takes, REQUEST));
	if (one->repeatable)
		buffer_add_string(out, "    repeatable=True,\n");
	if (one->keyed)
		buffer_add_string(out, "    keyed=True,\n");
	if (one->body == CLIENT_BODY_FORM)
		buffer_add_string(out, "    form=True,\n");
	if (one->streams_in)
		buffer_format(out, "    items=%s,\n", schema_name(out->arena, one->items->shape, REQUEST));
	buffer_add_string(out, ")\n");
}

void
emit_python_catalogue(struct buffer *out)
{
	size_t count;
	const struct client_shape *shapes = client_shapes(out->arena, REQUEST, &count);
	const struct client_operation *list;

	client_made_by(out, "#", "python-catalogue");
	buffer_add_string(out,
	    "\"\"\"How each operation is called: its path, its input's forms, its reply's type.\"\"\"\n\n"
	    "from __future__ import annotations\n\n"
	    "from . import _codec as codec\n"
	    "from . import _types as types\n"
	    "from ._operation import Operation\n");
	for (size_t i = 0; i < count; i++)
		add_writers(out, &shapes[i]);
	list = client_operations(out->arena, &count);
	for (size_t i = 0; i < count; i++)
		add_operation(out, &list[i]);
}

/* ---- one method ---- */

/* How an operation can be called: each is a method of its own. */
enum way { WAY_ONE, WAY_PAGE, WAY_STREAM, WAY_SEND, WAY_RAW, WAY_RENDERING, WAY_LINES };

struct method_of {
	const struct client_operation *operation;
	enum way way;
	const struct rendering *rendering; /* of WAY_RENDERING and WAY_LINES */
	bool is_async;
};

/* A stream is opened with its first row. */
static bool
is_awaited(const struct method_of *method)
{
	return method->is_async && method->way != WAY_STREAM && method->way != WAY_LINES;
}

static const char *
gives_name(struct arena *arena, const struct method_of *method)
{
	return arena_format(arena, "types.%s", schema_name(arena, method->operation->gives, REPLY)).at;
}

static const char *
line_name(struct arena *arena, const struct method_of *method)
{
	return arena_format(arena, "types.%s", schema_name(arena, method->rendering->rows, REPLY)).at;
}

static const char *
result_type(struct arena *arena, const struct method_of *method)
{
	const char *gives = gives_name(arena, method), *prefix = method->is_async ? "Async" : "";

	if (method->way == WAY_PAGE)
		return arena_format(arena, "%sPage[%s]", prefix, gives).at;
	if (method->way == WAY_STREAM)
		return arena_format(arena, "%sRows[%s]", prefix, gives).at;
	if (method->way == WAY_LINES)
		return arena_format(arena, "%sRows[%s]", prefix, line_name(arena, method)).at;
	return method->way == WAY_RENDERING ? "bytes" : gives;
}

/* "application/x-ndjson" → "_ndjson" */
static const char *
media_suffix(struct arena *arena, const char *media_type)
{
	struct buffer made = buffer_new(arena, 16);
	const char *at = strrchr(media_type, '/') + 1;

	if (strncmp(at, "x-", 2) == 0)
		at += 2;
	buffer_add_char(&made, '_');
	for (; *at != '\0'; at++)
		buffer_add_char(&made, *at >= 'a' && *at <= 'z' ? *at : '_');
	return buffer_text(&made).at;
}

static const char *
method_suffix(struct arena *arena, const struct method_of *method)
{
	if (method->way == WAY_STREAM)
		return "_stream";
	return method->rendering != NULL ? media_suffix(arena, method->rendering->media_type) : "";
}

/* A stream of items takes them alone, one after the other. */
static void
add_items_parameter(struct buffer *out, const struct method_of *method)
{
	const struct field *items = method->operation->items;
	const char *item = schema_name(out->arena, items->shape, REQUEST);

	buffer_format(out, "        %s: Union[Iterable[types.%s], ", python_name(out->arena, items->name), item);
	if (method->is_async)
		buffer_format(out, "AsyncIterable[types.%s], ", item);
	buffer_add_string(out, "BinaryIO, bytes],\n");
}

static void
add_field_parameters(struct buffer *out, const struct client_operation *operation, bool required)
{
	for (size_t i = 0; i < operation->field_count; i++) {
		const struct field *field = operation->fields[i].field;

		if (field_is_required(field) != required)
			continue;
		buffer_format(out, "        %s: ", python_name(out->arena, field->name));
		if (field->null_tells)
			buffer_add_string(out, "Union[");
		python_add_type(out, field, REQUEST, "types.");
		if (field->null_tells)
			buffer_add_string(out, ", Absent]");
		buffer_add_string(out, required ? ",\n" : field->null_tells ? " = ABSENT,\n" : " = None,\n");
	}
}

static void
add_parameters(struct buffer *out, const struct method_of *method)
{
	const struct client_operation *operation = method->operation;

	buffer_add_string(out, "        self,\n        *,\n");
	if (method->way == WAY_SEND) {
		add_items_parameter(out, method);
	} else if (method->way == WAY_RAW) {
		buffer_add_string(out, "        body: bytes,\n        headers: Mapping[str, str],\n");
	} else {
		add_field_parameters(out, operation, true);
		add_field_parameters(out, operation, false);
	}
	if (operation->keyed)
		buffer_add_string(out, "        idempotency_key: Optional[str] = None,\n");
	buffer_add_string(out, "        timeout: Optional[float] = None,\n");
}

static const char *
way_sentence(const struct method_of *method)
{
	switch (method->way) {
	case WAY_PAGE:
		return "Gives a page; iterating over it goes on through the pages that follow.";
	case WAY_STREAM:
		return "Gives the rows one by one as they come, all unless `limit` says otherwise; memory does not "
		       "grow with them.";
	case WAY_SEND:
		return "The items go out one by one as the iterable gives them, or as they stand in a binary file of "
		       "JSON lines; memory does not grow with them.";
	case WAY_RAW:
		return "The body goes out as it is, with these headers.";
	case WAY_RENDERING:
		return "Gives the document itself.";
	case WAY_LINES:
		return "Gives the document line by line as it comes; memory does not grow with it.";
	case WAY_ONE:
		break;
	}
	return NULL;
}

static void
add_parameter_prose(struct buffer *out, const struct method_of *method)
{
	const struct client_operation *operation = method->operation;

	for (size_t i = 0; i < operation->field_count; i++) {
		const struct field *field = operation->fields[i].field;
		const char *rule =
		    field == operation->items ? "list of objects" : client_field_rule(out->arena, field).at;

		python_add_item(out, "        ",
		    arena_format(out->arena, ":param %s: %s (%s)", python_name(out->arena, field->name),
			field->summary != NULL ? field->summary : "", rule)
			.at);
	}
}

static void
add_docstring(struct buffer *out, const struct method_of *method)
{
	const struct client_operation *one = method->operation;
	const char *more = way_sentence(method);

	buffer_add_string(out, "        \"\"\"\n");
	python_add_prose(out, "        ", one->operation->summary);
	buffer_add_char(out, '\n');
	if (one->operation->description != NULL) {
		python_add_prose(out, "        ", one->operation->description);
		buffer_add_char(out, '\n');
	}
	if (more != NULL) {
		python_add_prose(out, "        ", more);
		buffer_add_char(out, '\n');
	}
	python_add_prose(out, "        ",
	    arena_format(out->arena, "Operation `%s`; needs %s; effect `%s`.", one->id, client_scope(one->operation),
		effect_name(one->operation->effect))
		.at);
	if (one->field_count > 0)
		buffer_add_char(out, '\n');
	add_parameter_prose(out, method);
	buffer_add_string(out, "        \"\"\"\n");
}

/* {"wire's name": parameter, …} */
static void
add_given(struct buffer *out, const struct client_operation *operation)
{
	buffer_add_string(out, "            {\n");
	for (size_t i = 0; i < operation->field_count; i++)
		buffer_format(out, "                \"%s\": %s,\n", operation->fields[i].name,
		    python_name(out->arena, operation->fields[i].name));
	buffer_add_string(out, "            },\n");
}

static void
add_call(struct buffer *out, const struct method_of *method)
{
	static const char *const verbs[] = { "one", "page", "rows", "send", "raw", "rendering", "lines" };
	const struct client_operation *operation = method->operation;

	buffer_format(out, "        return %sself._caller.%s(\n            catalogue.%s,\n",
	    is_awaited(method) ? "await " : "", verbs[method->way], constant_name(out->arena, operation->id));
	if (method->way == WAY_SEND)
		buffer_format(out, "            %s,\n", python_name(out->arena, operation->items->name));
	else if (method->way == WAY_RAW)
		buffer_add_string(out, "            body,\n            headers,\n");
	else
		add_given(out, operation);
	if (method->way == WAY_RENDERING)
		buffer_format(out, "            \"%s\",\n", method->rendering->media_type);
	if (method->way == WAY_LINES)
		buffer_format(out, "            %s,\n", line_name(out->arena, method));
	if (operation->keyed)
		buffer_add_string(out, "            idempotency_key=idempotency_key,\n");
	buffer_add_string(out, "            timeout=timeout,\n        )\n");
}

static void
add_method(struct buffer *out, const struct method_of *method)
{
	const struct client_operation *operation = method->operation;
	const char *word = python_name(out->arena, operation->words[operation->word_count - 1]);

	buffer_format(
	    out, "\n    %sdef %s%s(\n", is_awaited(method) ? "async " : "", word, method_suffix(out->arena, method));
	add_parameters(out, method);
	buffer_format(out, "    ) -> %s:\n", result_type(out->arena, method));
	add_docstring(out, method);
	add_call(out, method);
}

/* ---- groups ---- */

static enum way
usual_way(const struct client_operation *operation)
{
	if (operation->list)
		return WAY_PAGE;
	if (operation->streams_in)
		return WAY_SEND;
	return operation->body == CLIENT_BODY_RAW ? WAY_RAW : WAY_ONE;
}

static void
add_methods(struct buffer *out, const struct client_operation *operation, bool is_async)
{
	struct method_of method = { .operation = operation, .way = usual_way(operation), .is_async = is_async };

	add_method(out, &method);
	if (operation->list) {
		method.way = WAY_STREAM;
		add_method(out, &method);
	}
	for (const struct rendering *one = operation->renderings; one != NULL && one->media_type != NULL; one++) {
		method.rendering = one;
		method.way = one->rows != NULL ? WAY_LINES : WAY_RENDERING;
		add_method(out, &method);
	}
}

static void
add_group_start(struct buffer *out, const struct client_node *node, bool is_async)
{
	bool is_root = node->path[0] == '\0';

	buffer_format(
	    out, "\n\nclass %s:\n    \"\"\"\n", is_root ? "Operations" : python_class_name(out->arena, node->path));
	python_add_prose(out, "    ",
	    is_root                 ? "All operations, by their names."
	    : node->summary != NULL ? node->summary
				    : arena_format(out->arena, "The operations of `%s`.", node->path).at);
	buffer_add_string(out, "    \"\"\"\n\n");
	buffer_format(out, "    def __init__(self, caller: %sCaller) -> None:\n        self._caller = caller\n",
	    is_async ? "Async" : "");
	for (size_t i = 0; i < node->count; i++)
		if (node->children[i]->operation == NULL)
			buffer_format(out, "        self.%s = %s(caller)\n",
			    python_name(out->arena, node->children[i]->word),
			    python_class_name(out->arena, node->children[i]->path));
}

/* A class is behind those of the groups that it holds. No tree is deeper than ids have words. */
static void
add_group(struct buffer *out, const struct client_node *node, bool is_async)
{
	for (size_t i = 0; i < node->count; i++)
		if (node->children[i]->operation == NULL)
			add_group(out, node->children[i], is_async);
	add_group_start(out, node, is_async);
	for (size_t i = 0; i < node->count; i++)
		if (node->children[i]->operation != NULL)
			add_methods(out, node->children[i]->operation, is_async);
}

void
emit_python_operations(struct buffer *out)
{
	client_made_by(out, "#", "python");
	buffer_add_string(out,
	    "\"\"\"A method for every operation, in groups by the words of its name.\"\"\"\n\n"
	    "from __future__ import annotations\n\n"
	    "from typing import Any, BinaryIO, Iterable, Literal, Mapping, Optional, Sequence, Union\n\n"
	    "from . import _catalogue as catalogue\n"
	    "from . import _types as types\n"
	    "from ._caller import Caller\n"
	    "from ._codec import ABSENT, Absent, Instant, Number\n"
	    "from ._pages import Page, Rows\n");
	add_group(out, client_tree(out->arena), false);
}

void
emit_python_operations_async(struct buffer *out)
{
	client_made_by(out, "#", "python-async");
	buffer_add_string(out,
	    "\"\"\"A method to be awaited for every operation, in groups by the words of its name.\"\"\"\n\n"
	    "from __future__ import annotations\n\n"
	    "from typing import Any, AsyncIterable, BinaryIO, Iterable, Literal, Mapping, Optional, Sequence, Union\n\n"
	    "from . import _catalogue as catalogue\n"
	    "from . import _types as types\n"
	    "from ._async_caller import AsyncCaller\n"
	    "from ._codec import ABSENT, Absent, Instant, Number\n"
	    "from ._pages import AsyncPage, AsyncRows\n");
	add_group(out, client_tree(out->arena), true);
}
