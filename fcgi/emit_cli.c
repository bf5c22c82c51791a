/*
 * The tables of the command line (client/commands.c), as C: what client/command.h declares, one row an operation and
 * one a field.
 */
#include "emit_client.h"

#include <string.h>

static void
add_literal(struct buffer *out, const char *text)
{
	if (text == NULL) {
		buffer_add_string(out, "NULL");
		return;
	}
	buffer_add_char(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buffer_add_char(out, '\\');
		if (*text == '\n')
			buffer_add_string(out, "\\n");
		else
			buffer_add_char(out, *text);
	}
	buffer_add_char(out, '"');
}

static void
add_names(struct buffer *out, const char *const *names)
{
	if (names == NULL) {
		buffer_add_string(out, "NULL");
		return;
	}
	buffer_add_string(out, "(const char *const[]){ ");
	for (; *names != NULL; names++) {
		add_literal(out, *names);
		buffer_add_string(out, ", ");
	}
	buffer_add_string(out, "NULL }");
}

/* ---- flags ---- */

static const char *
flag_kind(const struct client_operation *operation, const struct client_field *field)
{
	if (operation->body == CLIENT_BODY_FORM)
		return "FLAG_TEXT";
	if (field->rows)
		return "FLAG_OBJECT";
	switch (field->kind) {
	case KIND_INTEGER:
	case KIND_CREDITS:
		return "FLAG_INTEGER";
	case KIND_DECIMAL:
		return "FLAG_NUMBER";
	case KIND_BOOLEAN:
		return "FLAG_BOOLEAN";
	case KIND_DOCUMENT:
	case KIND_LIST:
	case KIND_OBJECT:
		return "FLAG_OBJECT";
	case KIND_TEXT:
	case KIND_ID:
	case KIND_INSTANT:
	case KIND_AMOUNT:
	case KIND_CURRENCY:
	case KIND_QUANTITY:
	case KIND_DIGEST:
	case KIND_BYTES:
	case KIND_TEXTS:
		break;
	}
	return "FLAG_TEXT";
}

/* Of an object, or of the items of a list. */
static const char *
members_name(struct arena *arena, const struct shape *shape)
{
	return shape == NULL ? "NULL" : arena_format(arena, "members_%s", shape->name).at;
}

static bool
is_inside_another(const struct shape *shape, const struct client_shape *shapes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < shapes[i].shape->count; j++)
			if (shapes[i].shape->fields[j].shape == shape && !shapes[i].shape->fields[j].hidden)
				return true;
	return false;
}

static void
add_shape(struct buffer *out, const struct shape *shape)
{
	buffer_format(out, "static const struct member %s[] = {\n", members_name(out->arena, shape));
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field->hidden)
			continue;
		buffer_add_string(out, "\t{ ");
		add_literal(out, field->name);
		buffer_add_string(out, ", ");
		add_literal(out, client_field_rule(out->arena, field).at);
		buffer_add_string(out, ", ");
		add_literal(out, field->summary);
		buffer_format(out, ", %s, %s },\n", field_is_required(field) ? "true" : "false",
		    members_name(out->arena, field->shape));
	}
	buffer_add_string(out, "\t{ NULL, NULL, NULL, false, NULL },\n};\n");
}

/* What flags hold that take objects. A shape stands behind those that are inside of it. */
static void
add_shapes(struct buffer *out)
{
	size_t count;
	const struct client_shape *shapes = client_shapes(out->arena, REQUEST, &count);

	for (size_t i = 0; i < count; i++)
		if (is_inside_another(shapes[i].shape, shapes, count))
			add_shape(out, shapes[i].shape);
	buffer_add_char(out, '\n');
}

static void
add_flag(struct buffer *out, const struct client_operation *operation, const struct client_field *field)
{
	buffer_add_string(out, "\t{ ");
	add_literal(out, field->name);
	buffer_add_string(out, ", ");
	add_literal(out, client_field_rule(out->arena, field->field).at);
	buffer_add_string(out, ", ");
	add_literal(out, field->field->summary);
	buffer_format(out, ", %s, %s, %s, ", flag_kind(operation, field), field->required ? "true" : "false",
	    field->repeats ? "true" : "false");
	add_names(out, field->field->one_of);
	buffer_format(out, ", %s },\n", members_name(out->arena, field->field->shape));
}

/* Named by the operation, so that a new one changes no other's lines. */
static const char *
flags_name(struct arena *arena, const struct client_operation *operation)
{
	struct buffer name = buffer_new(arena, 80);

	buffer_add_string(&name, "flags");
	for (const char *const *word = operation->words; *word != NULL; word++)
		buffer_format(&name, "_%s", *word);
	return buffer_text(&name).at;
}

static void
add_flags(struct buffer *out, const struct client_operation *operation)
{
	if (operation->field_count == 0)
		return;
	buffer_format(out, "static const struct flag %s[] = {\n", flags_name(out->arena, operation));
	for (size_t i = 0; i < operation->field_count; i++)
		add_flag(out, operation, &operation->fields[i]);
	buffer_add_string(out, "};\n");
}

/* ---- commands ---- */

static void
add_media(struct buffer *out, const struct client_operation *operation)
{
	const struct rendering *renderings = operation->renderings;
	const char **names;
	size_t count = 0;

	while (renderings != NULL && renderings[count].media_type != NULL)
		count++;
	names = arena_array(out->arena, count + 1, sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = renderings[i].media_type;
	add_names(out, count == 0 ? NULL : names);
}

static void
add_forms(struct buffer *out, const struct client_operation *operation)
{
	const struct stream_form *forms = operation->operation->forms;
	const char **names;
	size_t count = 0;

	while (operation->streams_in && forms[count].media_type != NULL)
		count++;
	names = arena_array(out->arena, count + 1, sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = forms[i].media_type;
	add_names(out, count == 0 ? NULL : names);
}

static void
add_truth(struct buffer *out, const char *name, bool truth)
{
	if (truth)
		buffer_format(out, "\t    .%s = true,\n", name);
}

static void
add_member(struct buffer *out, const char *name, const char *text)
{
	buffer_format(out, "\t    .%s = ", name);
	add_literal(out, text);
	buffer_add_string(out, ",\n");
}

static void
add_command(struct buffer *out, const struct client_operation *operation)
{
	static const char *const bodies[] = { "BODY_JSON", "BODY_FORM", "BODY_RAW" };

	buffer_add_string(out, "\t{\n");
	add_member(out, "id", operation->id);
	add_member(out, "path", operation->path);
	add_member(out, "summary", operation->operation->summary);
	add_member(out, "description", operation->operation->description);
	add_member(out, "scope", client_scope(operation->operation));
	add_member(out, "effect", effect_name(operation->operation->effect));
	buffer_format(out, "\t    .body = %s,\n", bodies[operation->body]);
	add_truth(out, "list", operation->list);
	add_truth(out, "reads", operation->reads);
	add_truth(out, "repeatable", operation->repeatable);
	add_truth(out, "spends", operation->spends);
	add_truth(out, "keyed", operation->keyed);
	add_truth(out, "public", operation->public);
	buffer_add_string(out, "\t    .forms = ");
	add_forms(out, operation);
	buffer_add_string(out, ",\n\t    .media = ");
	add_media(out, operation);
	if (operation->field_count > 0)
		buffer_format(out, ",\n\t    .flags = %s,\n\t    .flag_count = %zu", flags_name(out->arena, operation),
		    operation->field_count);
	buffer_add_string(out, ",\n\t},\n");
}

static void
add_groups(struct buffer *out, const struct client_node *node, size_t *count)
{
	if (node->operation != NULL)
		return;
	if (node->summary != NULL) {
		buffer_add_string(out, "\t{ ");
		add_literal(out, node->path);
		buffer_add_string(out, ", ");
		add_literal(out, node->summary);
		buffer_add_string(out, " },\n");
		++*count;
	}
	for (size_t i = 0; i < node->count; i++)
		add_groups(out, node->children[i], count);
}

void
emit_cli(struct buffer *out)
{
	size_t count, group_count = 0;
	const struct client_operation *list = client_operations(out->arena, &count);

	client_made_by(out, "/*", "cli");
	buffer_add_string(out, " * The commands of purser, from the declarations of the service.\n */\n"
			       "/* clang-format off */\n#include \"command.h\"\n\n");
	add_shapes(out);
	for (size_t i = 0; i < count; i++)
		add_flags(out, &list[i]);
	buffer_add_string(out, "\nconst struct command commands[] = {\n");
	for (size_t i = 0; i < count; i++)
		add_command(out, &list[i]);
	buffer_format(out, "};\nconst size_t command_count = %zu;\n\nconst struct group groups[] = {\n", count);
	add_groups(out, client_tree(out->arena), &group_count);
	buffer_format(out, "};\nconst size_t group_count = %zu;\n", group_count);
}
