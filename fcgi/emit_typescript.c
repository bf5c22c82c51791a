/*
 * The generated half of the TypeScript client: types.ts from the shapes, operations.ts from the tree of operations.
 * What a call is (sending, retrying, paging) is written by hand in sdk/typescript/src/transport.ts; a method only says
 * which one.
 */
#include "emit_typescript.h"

#include <string.h>

#include "emit_client.h"
#include "events.h"
#include "stream_in.h"
#include "text.h"

/* ---- comments ---- */

/* Text inside of a comment, where the end of the comment must not stand. */
static void
add_prose(struct buffer *out, const char *text)
{
	for (; *text != '\0'; text++) {
		buffer_add_char(out, *text);
		if (*text == '*' && text[1] == '/')
			buffer_add_char(out, '\\');
	}
}

static void
add_comment(struct buffer *out, const char *indent, const char *text)
{
	if (text == NULL)
		return;
	buffer_format(out, "%s/** ", indent);
	add_prose(out, text);
	buffer_add_string(out, " */\n");
}

/* ---- types of members ---- */

/* Inside of a reply a word that a newer server says is no fault, so its type stays open. */
static void
add_words(struct buffer *out, const char *const *words, enum direction direction)
{
	buffer_add_string(out, direction == REPLY ? "Open<" : "(");
	for (const char *const *word = words; *word != NULL; word++)
		buffer_format(out, "%s\"%s\"", word == words ? "" : " | ", *word);
	buffer_add_char(out, direction == REPLY ? '>' : ')');
}

static const char *
scalar_type(enum kind kind)
{
	switch (kind) {
	case KIND_INTEGER:
	case KIND_DECIMAL:
		return "number";
	case KIND_CREDITS:
		return "Credits";
	case KIND_BOOLEAN:
		return "boolean";
	case KIND_ID:
		return "Id";
	case KIND_INSTANT:
		return "Instant";
	case KIND_AMOUNT:
		return "Decimal";
	case KIND_CURRENCY:
		return "Currency";
	case KIND_QUANTITY:
		return "Quantity";
	case KIND_DOCUMENT:
		return "JsonObject";
	case KIND_TEXT:
	case KIND_TEXTS:
	case KIND_DIGEST:
	case KIND_BYTES:
	case KIND_LIST:
	case KIND_OBJECT:
		break;
	}
	return "string";
}

static void
add_type(struct buffer *out, const struct field *field, enum direction direction)
{
	bool many = client_rows(field) || field->kind == KIND_TEXTS;

	if (many)
		buffer_add_string(out, "readonly ");
	if (field->shape != NULL)
		buffer_add_string(out, schema_name(out->arena, field->shape, direction));
	else if (field->one_of != NULL)
		add_words(out, field->one_of, direction);
	else
		buffer_add_string(out, scalar_type(field->kind));
	if (many)
		buffer_add_string(out, "[]");
	if (client_nullable(field, direction))
		buffer_add_string(out, " | null");
	if (client_absent(field, direction))
		buffer_add_string(out, " | undefined");
}

static void
add_member(struct buffer *out, const struct field *field, enum direction direction)
{
	if (field->hidden)
		return;
	add_comment(out, "  ", field->summary);
	buffer_format(out, "  %s%s%s: ", direction == REPLY ? "readonly " : "", field->name,
	    client_absent(field, direction) ? "?" : "");
	add_type(out, field, direction);
	buffer_add_string(out, ";\n");
}

static bool
is_empty(const struct shape *shape)
{
	for (size_t i = 0; i < shape->count; i++)
		if (!shape->fields[i].hidden)
			return false;
	return true;
}

static void
add_interface(struct buffer *out, const struct client_shape *of)
{
	if (is_empty(of->shape)) {
		buffer_format(out, "\nexport type %s = Record<string, %s>;\n", of->name,
		    of->direction == REPLY ? "unknown" : "never");
		return;
	}
	buffer_format(out, "\nexport interface %s {\n", of->name);
	for (size_t i = 0; i < of->shape->count; i++)
		add_member(out, &of->shape->fields[i], of->direction);
	buffer_add_string(out, "}\n");
}

static void
add_interfaces(struct buffer *out, enum direction direction)
{
	size_t count;
	const struct client_shape *shapes = client_shapes(out->arena, direction, &count);

	for (size_t i = 0; i < count; i++)
		add_interface(out, &shapes[i]);
}

static void
add_events(struct buffer *out)
{
	const struct event_type *type;

	buffer_add_string(
	    out, "\n/** The types of events, and what the data of each says. */\nexport interface EventData {\n");
	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++) {
		if (type->internal)
			continue;
		add_comment(out, "  ", type->summary);
		buffer_format(out, "  readonly \"%s\": %s;\n", type->type, schema_name(out->arena, type->data, REPLY));
	}
	buffer_add_string(out, "}\n");
}

static void
add_problem_codes(struct buffer *out)
{
	buffer_add_string(out, "\n/** The kinds of problems. */\nexport type ProblemCode =");
	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++)
		buffer_format(out, "\n  | \"%s\"", problem_facts[kind].code);
	buffer_add_string(out, ";\n");
}

void
emit_typescript_types(struct buffer *out)
{
	client_made_by(out, "//", "typescript-types");
	buffer_add_string(out, "\nimport type { Credits, Currency, Decimal, Id, Instant, JsonObject, Open, Quantity } "
			       "from \"./values.js\";\n");
	add_interfaces(out, REQUEST);
	add_interfaces(out, REPLY);
	add_events(out);
	add_problem_codes(out);
}

/* ---- names ---- */

/* "run_monthly_for_org" is runMonthlyForOrg; "billing.auto_topup" with a great first letter BillingAutoTopup. */
static void
add_name(struct buffer *out, const char *words, bool great)
{
	for (; *words != '\0'; words++) {
		if (*words == '_' || *words == '.') {
			great = true;
			continue;
		}
		buffer_add_char(out, great && *words >= 'a' && *words <= 'z' ? (char)(*words - 'a' + 'A') : *words);
		great = false;
	}
}

/* ---- methods ---- */

static void
add_problems(struct buffer *out, const struct operation *operation)
{
	if (operation->raises[0] == NO_PROBLEM)
		return;
	buffer_add_string(out, "   *\n   * Problems of its own: ");
	for (size_t i = 0; i < RAISES_MAX && operation->raises[i] != NO_PROBLEM; i++)
		buffer_format(out, "%s`%s`", i > 0 ? ", " : "", problem_facts[operation->raises[i]].code);
	buffer_add_string(out, ".\n");
}

static void
add_documentation(struct buffer *out, const struct operation *operation)
{
	buffer_add_string(out, "\n  /**\n   * ");
	add_prose(out, operation->summary);
	if (operation->description != NULL) {
		buffer_add_string(out, "\n   *\n   * ");
		add_prose(out, operation->description);
	}
	buffer_format(
	    out, "\n   *\n   * Needs %s; side-effect `%s`.\n", client_scope(operation), effect_name(operation->effect));
	add_problems(out, operation);
	buffer_add_string(out, "   */\n");
}

/* The media type of a body that has an item on each line. */
static const char *
lines_type(const struct client_operation *of)
{
	const struct stream_form *form = of->streams_in ? of->operation->forms : NULL;

	for (; form != NULL && form->media_type != NULL; form++)
		if (form->layout == STREAM_LINES && form->convert == NULL)
			return form->media_type;
	return NULL;
}

/* What the transport has to know of the operation. */
static void
add_facts(struct buffer *out, const struct client_operation *of)
{
	const char *lines = lines_type(of);

	buffer_format(out, "{ id: \"%s\", path: \"%s\"", of->id, of->path);
	if (of->repeatable)
		buffer_add_string(out, ", repeatable: true");
	if (of->keyed)
		buffer_add_string(out, ", keyed: true");
	if (of->public)
		buffer_add_string(out, ", public: true");
	if (of->body == CLIENT_BODY_FORM)
		buffer_add_string(out, ", body: \"form\"");
	if (of->body == CLIENT_BODY_RAW)
		buffer_add_string(out, ", body: \"raw\"");
	if (lines != NULL)
		buffer_format(out, ", lines: \"%s\", most: %d", lines, STREAM_ITEMS_MOST);
	buffer_add_string(out, " }");
}

static bool
needs_input(const struct client_operation *of)
{
	for (size_t i = 0; i < of->field_count; i++)
		if (of->fields[i].required)
			return true;
	return of->body == CLIENT_BODY_RAW;
}

static void
add_parameters(struct buffer *out, const struct client_operation *of)
{
	buffer_add_string(out, "input: ");
	if (of->body == CLIENT_BODY_RAW)
		buffer_add_string(out, "RawBody");
	else
		buffer_format(out, "types.%s", schema_name(out->arena, of->takes, REQUEST));
	if (lines_type(of) != NULL && of->items != NULL)
		buffer_format(out, " | Items<types.%s>", schema_name(out->arena, of->items->shape, REQUEST));
	buffer_format(out, "%s, options: %sCallOptions = {}", needs_input(of) ? "" : " = {}", of->keyed ? "Keyed" : "");
}

static void
add_method(struct buffer *out, const struct client_operation *of, const char *word)
{
	const char *gives = schema_name(out->arena, of->gives, REPLY);

	add_documentation(out, of->operation);
	buffer_add_string(out, "  ");
	add_name(out, word, false);
	buffer_add_char(out, '(');
	add_parameters(out, of);
	if (of->list)
		buffer_format(out, "): List<types.%s> {\n    return new List(this._transport, ", gives);
	else
		buffer_format(out, "): Promise<types.%s> {\n    return this._transport.send(", gives);
	add_facts(out, of);
	buffer_add_string(out, ", input, options);\n  }\n");
}

/* The same reply as a document, as bytes. */
static void
add_rendering(struct buffer *out, const struct client_operation *of, const char *word)
{
	buffer_add_string(out, "\n  /** The same as a document: its bytes. */\n  ");
	add_name(out, word, false);
	buffer_add_string(out, "As(media: ");
	for (const struct rendering *rendering = of->renderings; rendering->media_type != NULL; rendering++)
		buffer_format(out, "%s\"%s\"", rendering == of->renderings ? "" : " | ", rendering->media_type);
	buffer_add_string(out, ", ");
	add_parameters(out, of);
	buffer_add_string(out, "): Promise<Uint8Array> {\n    return this._transport.render(media, ");
	add_facts(out, of);
	buffer_add_string(out, ", input, options);\n  }\n");
}

/* The same reply as rows, as they come. */
static void
add_rows(struct buffer *out, const struct client_operation *of, const char *word)
{
	const struct rendering *rendering = of->renderings;

	while (rendering->media_type != NULL && rendering->rows == NULL)
		rendering++;
	if (rendering->media_type == NULL)
		return;
	buffer_add_string(out, "\n  /** The same as rows, one by one as they come. */\n  ");
	add_name(out, word, false);
	buffer_add_string(out, "Rows(");
	add_parameters(out, of);
	buffer_format(out, "): AsyncGenerator<types.%s, void, undefined> {\n    return this._transport.stream(",
	    schema_name(out->arena, rendering->rows, REPLY));
	add_facts(out, of);
	buffer_add_string(out, ", input, options);\n  }\n");
}

/* ---- groups ---- */

static void
add_child(struct buffer *out, const struct client_node *child)
{
	if (child->operation == NULL) {
		buffer_add_string(out, "\n  readonly ");
		add_name(out, child->word, false);
		buffer_add_string(out, " = new ");
		add_name(out, child->path, true);
		buffer_add_string(out, "(this._transport);\n");
		return;
	}
	add_method(out, child->operation, child->word);
	if (child->operation->renderings == NULL)
		return;
	add_rendering(out, child->operation, child->word);
	add_rows(out, child->operation, child->word);
}

/* A class stands behind those of the groups that it holds, which its members are made of. */
static void
add_class(struct buffer *out, const struct client_node *group)
{
	bool root = group->word[0] == '\0';

	for (size_t i = 0; i < group->count; i++)
		if (group->children[i]->operation == NULL)
			add_class(out, group->children[i]);
	buffer_add_char(out, '\n');
	add_comment(out, "", root ? "Every operation of the API, under its dotted name." : group->summary);
	buffer_add_string(out, root ? "export class Operations" : "class ");
	add_name(out, group->path, true);
	buffer_add_string(out, " extends Resource {");
	for (size_t i = 0; i < group->count; i++)
		add_child(out, group->children[i]);
	buffer_add_string(out, "}\n");
}

void
emit_typescript_operations(struct buffer *out)
{
	client_made_by(out, "//", "typescript");
	buffer_add_string(out,
	    "\nimport { List } from \"./pages.js\";\n"
	    "import { Resource } from \"./transport.js\";\n"
	    "import type { CallOptions, Items, KeyedCallOptions, RawBody } from \"./transport.js\";\n"
	    "import type * as types from \"./types.js\";\n");
	add_class(out, client_tree(out->arena));
}
