/*
 * The generated half of the Python client (sdk/python/purser): each function writes one module of it, from the
 * declarations alone. What the modules lean on (_codec.py, _operation.py, the callers) is written by hand.
 */
#ifndef PURSER_EMIT_PYTHON_H
#define PURSER_EMIT_PYTHON_H

#include "emit_client.h"

void emit_python_types(struct buffer *out);            /* _types.py: what operations take and give, data of events */
void emit_python_problems(struct buffer *out);         /* _problems.py: an exception for every kind of problem */
void emit_python_catalogue(struct buffer *out);        /* _catalogue.py: each operation's path and forms */
void emit_python_operations(struct buffer *out);       /* _operations.py: a method for every operation */
void emit_python_operations_async(struct buffer *out); /* _operations_async.py: the same, to be awaited */

/* ---- words that these share ---- */

/* The wire's name, with `_` behind it where Python keeps the word for itself: `from_`. In the arena. */
const char *python_name(struct arena *arena, const char *name);
/* "billing.set_auto_topup" → "BillingSetAutoTopup". In the arena. */
const char *python_class_name(struct arena *arena, const char *name);

/* The annotation of a field; `types` stands before the names of generated types. */
void python_add_type(struct buffer *out, const struct field *field, enum direction direction, const char *types);
/* The function of _codec.py that reads or writes a field; `types` stands before the names of generated types. */
void python_add_codec(struct buffer *out, const struct field *field, enum direction direction, const char *types);

/* Prose in a docstring: broken at 100 columns, every line behind `indent`, what would end the string escaped. */
void python_add_prose(struct buffer *out, const char *indent, const char *text);
/* The same of one of several: what does not fit its first line is indented. */
void python_add_item(struct buffer *out, const char *indent, const char *text);

#endif
