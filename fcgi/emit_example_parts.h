/*
 * What the emit_example*.c files share, and nobody else needs: the input with what its declaration says of each value, and the
 * writing of literals.
 */
#ifndef PURSER_EMIT_EXAMPLE_PARTS_H
#define PURSER_EMIT_EXAMPLE_PARTS_H

#include "emit_example.h"

enum { EXAMPLE_COLUMNS = 64 };

/* A value of the input, members in the order of the declaration. */
struct example_value {
	const struct tree *tree;   /* what kind of JSON it is, and a scalar's text */
	const struct field *field; /* what is known of it; NULL: nothing */
	struct example_value *first, *next;
};

/* A value of the input, or of the reply, which says null where nothing is. `shape` is that of the object, or of the objects in
 * the array; NULL: nothing is known of it. */
struct example_value *example_value(struct arena *arena, const struct tree *tree, const struct shape *shape,
    enum direction direction);

/* How a language writes values. */
struct dialect {
	size_t indent;
	const char *brackets; /* of an object: "{}" */
	const char *pad;      /* between these and what stands inside of them on the same line */
	bool last_comma;      /* behind the last of several lines, too */
	void (*add_name)(struct buffer *out, struct text name);
	void (*add_scalar)(struct buffer *out, const struct example_value *value);
	const struct dialect *inside; /* of what stands inside of an object; NULL: the same */
};
extern const struct dialect dialect_json, dialect_python, dialect_typescript;

/* On one line where that has room for it and `behind` more characters; else its parts a line each, one level deeper. */
void example_literal(struct buffer *out, const struct dialect *dialect, const struct example_value *value, size_t level,
    size_t behind);
/* On one line, however long. */
void example_flat(struct buffer *out, const struct dialect *dialect, const struct example_value *value);
/* A text between quotes, as Python and TypeScript read it. */
void example_quoted(struct buffer *out, struct text text);
/* Are these the digits of a decimal number? */
bool example_is_decimal(struct text text);
bool example_is_instant(struct text text);

void example_curl(struct buffer *out, const struct client_operation *operation, const struct example_value *input);
void example_cli(struct buffer *out, const struct client_operation *operation, const struct example_value *input);
void example_python(struct buffer *out, const struct client_operation *operation, const struct example_value *input);
void example_typescript(struct buffer *out, const struct client_operation *operation, const struct example_value *input);

/* The two members of a raw body's input. */
struct text example_raw_body(const struct example_value *input);
const struct example_value *example_raw_headers(const struct example_value *input);
const struct example_value *example_member(const struct example_value *value, const char *name);

#endif
