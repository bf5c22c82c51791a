/*
 * The document writer of the emitters: commas, line breaks and indentation, nothing else.
 */
#include "emit.h"

#include <string.h>

#include "json.h"
#include "text.h"

struct emitter
emit_to(struct buffer *out, bool pretty)
{
	return (struct emitter){ .out = out, .pretty = pretty, .empty = true };
}

static void
new_line(struct emitter *emitter)
{
	if (!emitter->pretty)
		return;
	buffer_add_char(emitter->out, '\n');
	for (int i = 0; i < emitter->depth; i++)
		buffer_add(emitter->out, "  ", 2);
}

static void
begin_value(struct emitter *emitter, const char *name)
{
	if (!emitter->empty)
		buffer_add_char(emitter->out, ',');
	if (emitter->depth > 0)
		new_line(emitter);
	emitter->empty = false;
	if (name == NULL)
		return;
	json_write_text(emitter->out, text_from(name));
	buffer_add_string(emitter->out, emitter->pretty ? ": " : ":");
}

static void
open_value(struct emitter *emitter, const char *name, char bracket)
{
	begin_value(emitter, name);
	buffer_add_char(emitter->out, bracket);
	emitter->depth++;
	emitter->empty = true;
}

static void
close_value(struct emitter *emitter, char bracket)
{
	emitter->depth--;
	if (!emitter->empty)
		new_line(emitter);
	buffer_add_char(emitter->out, bracket);
	emitter->empty = false;
}

void
emit_object(struct emitter *emitter, const char *name)
{
	open_value(emitter, name, '{');
}

void
emit_object_end(struct emitter *emitter)
{
	close_value(emitter, '}');
}

void
emit_array(struct emitter *emitter, const char *name)
{
	open_value(emitter, name, '[');
}

void
emit_array_end(struct emitter *emitter)
{
	close_value(emitter, ']');
}

void
emit_string(struct emitter *emitter, const char *name, const char *value)
{
	begin_value(emitter, name);
	json_write_text(emitter->out, text_from(value));
}

void
emit_format(struct emitter *emitter, const char *name, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	begin_value(emitter, name);
	json_write_text(emitter->out, arena_vformat(emitter->out->arena, format, args));
	va_end(args);
}

void
emit_integer(struct emitter *emitter, const char *name, int64_t value)
{
	begin_value(emitter, name);
	buffer_add_integer(emitter->out, value);
}

void
emit_boolean(struct emitter *emitter, const char *name, bool value)
{
	begin_value(emitter, name);
	buffer_add_string(emitter->out, value ? "true" : "false");
}

void
emit_null(struct emitter *emitter, const char *name)
{
	begin_value(emitter, name);
	buffer_add_string(emitter->out, "null");
}

void
emit_reference(struct emitter *emitter, const char *name, const char *section, const char *component)
{
	emit_object(emitter, name);
	emit_format(emitter, "$ref", "#/components/%s/%s", section, component);
	emit_object_end(emitter);
}

bool
name_set_add(struct arena *arena, struct name_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->names[i], name) == 0)
			return false;
	if (set->count == set->room) {
		size_t room = set->room == 0 ? 64 : 2 * set->room;
		const char **names = arena_array(arena, room, sizeof(*names));

		if (set->count > 0)
			memcpy(names, set->names, set->count * sizeof(*names));
		set->names = names;
		set->room = room;
	}
	set->names[set->count++] = name;
	return true;
}
