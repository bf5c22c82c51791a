/*
 * Writing a JSON document step by step: for the emitters, which print what the tables say. Inside an object every value
 * has a name, inside an array it is NULL.
 */
#ifndef PURSER_EMIT_H
#define PURSER_EMIT_H

#include "arena.h"

struct emitter {
	struct buffer *out;
	bool pretty; /* a line per value, two blanks a level; else no white space at all */
	bool empty;  /* nothing stands yet in the innermost object or array */
	int depth;
};

struct emitter emit_to(struct buffer *out, bool pretty);

void emit_object(struct emitter *emitter, const char *name);
void emit_object_end(struct emitter *emitter);
void emit_array(struct emitter *emitter, const char *name);
void emit_array_end(struct emitter *emitter);

void emit_string(struct emitter *emitter, const char *name, const char *value);
void emit_format(struct emitter *emitter, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void emit_integer(struct emitter *emitter, const char *name, int64_t value);
void emit_boolean(struct emitter *emitter, const char *name, bool value);
void emit_null(struct emitter *emitter, const char *name);

/* {"$ref": "#/components/<section>/<component>"} as the value of `name`. */
void emit_reference(struct emitter *emitter, const char *name, const char *section, const char *component);

/* Names that were seen already. */
struct name_set {
	const char **names;
	size_t count, room;
};

/* True the first time a name is added; the name must live as long as the set. */
bool name_set_add(struct arena *arena, struct name_set *set, const char *name);

#endif
