/*
 * Examples: the input put into the order of its declaration, each value beside its field. What a language makes of it
 * is in emit_example_shell.c and emit_example_program.c.
 */
#include "emit_example_parts.h"

#include <string.h>

#include "text.h"

const char *const example_language_names[EXAMPLE_LANGUAGE_COUNT] = {
	[EXAMPLE_CURL] = "curl",
	[EXAMPLE_CLI] = "cli",
	[EXAMPLE_PYTHON] = "python",
	[EXAMPLE_TYPESCRIPT] = "typescript",
};

/* ---- values ---- */

static struct example_value *value_of(struct arena *arena, const struct tree *tree, const struct field *field,
    const struct shape *shape, enum direction direction);

static void
append(struct example_value ***end, struct example_value *value)
{
	**end = value;
	*end = &value->next;
}

/* Of an input nothing that is said is left out, and what is not said has no null in its place. */
static bool
is_said(const struct tree *tree, const struct field *field, enum direction direction)
{
	return direction == REPLY || tree->kind != TREE_NULL || field->null_tells;
}

static bool
is_declared(const struct shape *shape, struct text name)
{
	for (size_t i = 0; shape != NULL && i < shape->count; i++)
		if (!shape->fields[i].hidden && text_is(name, shape->fields[i].name))
			return true;
	return false;
}

static void
add_members(struct arena *arena, struct example_value *object, const struct shape *shape, enum direction direction)
{
	struct example_value **end = &object->first;

	for (size_t i = 0; shape != NULL && i < shape->count; i++) {
		const struct field *field = &shape->fields[i];
		const struct tree *member = field->hidden ? NULL : tree_at(object->tree, field->name);

		if (member != NULL && is_said(member, field, direction))
			append(&end, value_of(arena, member, field, field->shape, direction));
	}
	for (const struct tree *member = object->tree->first; member != NULL; member = member->next)
		if (!is_declared(shape, member->name))
			append(&end, value_of(arena, member, NULL, NULL, direction));
}

static struct example_value *
value_of(struct arena *arena, const struct tree *tree, const struct field *field, const struct shape *shape,
    enum direction direction)
{
	struct example_value *value = arena_take(arena, sizeof(*value)), **end = &value->first;

	*value = (struct example_value){ .tree = tree, .field = field };
	if (tree->kind == TREE_OBJECT)
		add_members(arena, value, shape, direction);
	else
		for (const struct tree *item = tree->first; item != NULL; item = item->next)
			append(&end, value_of(arena, item, field, shape, direction));
	return value;
}

struct example_value *
example_value(struct arena *arena, const struct tree *tree, const struct shape *shape, enum direction direction)
{
	return value_of(arena, tree, NULL, shape, direction);
}

const struct example_value *
example_member(const struct example_value *value, const char *name)
{
	const struct example_value *member = value->first;

	while (member != NULL && !text_is(member->tree->name, name))
		member = member->next;
	return member;
}

struct text
example_raw_body(const struct example_value *input)
{
	const struct example_value *body = example_member(input, "body");

	return body == NULL ? (struct text){ "", 0 } : body->tree->text;
}

const struct example_value *
example_raw_headers(const struct example_value *input)
{
	return example_member(input, "headers");
}

/* ---- examples ---- */

void
emit_example(struct buffer *out, const struct client_operation *operation, const struct tree *input,
    enum example_language language)
{
	static void (*const write[])(struct buffer *, const struct client_operation *, const struct example_value *) = {
		[EXAMPLE_CURL] = example_curl,
		[EXAMPLE_CLI] = example_cli,
		[EXAMPLE_PYTHON] = example_python,
		[EXAMPLE_TYPESCRIPT] = example_typescript,
	};
	const struct shape *shape = operation->body == CLIENT_BODY_RAW ? NULL : operation->takes;

	write[language](out, operation, example_value(out->arena, input, shape, REQUEST));
}

/* A page of a list holds its rows in `data`. */
static const struct example_value *
reply_value(struct arena *arena, const struct client_operation *operation, const struct tree *reply)
{
	struct example_value *value;

	if (!operation->list)
		return example_value(arena, reply, operation->gives, REPLY);
	value = example_value(arena, reply, NULL, REPLY);
	for (struct example_value *part = value->first; part != NULL; part = part->next)
		if (text_is(part->tree->name, "data"))
			part->first = example_value(arena, part->tree, operation->gives, REPLY)->first;
	return value;
}

void
emit_example_reply(struct buffer *out, const struct client_operation *operation, const struct tree *reply)
{
	const struct example_value *value = reply_value(out->arena, operation, reply);

	/* No line is wide enough for the whole of it. */
	example_literal(out, &dialect_json, value, 0, value->first == NULL ? 0 : EXAMPLE_COLUMNS);
	buffer_add_char(out, '\n');
}
