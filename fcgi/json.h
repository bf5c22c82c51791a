/*
 * Shapes from and to JSON. Reading is one scan of the raw bytes (UTF-8, surrogates, form feed), then yajl's callbacks
 * into the struct by offset; all faults of the body are collected. Writing is one walk over the shape's rows.
 */
#ifndef PURSER_JSON_H
#define PURSER_JSON_H

#include "arena.h"
#include "operation.h"

enum { JSON_DEPTH = 32, JSON_MEMBERS = 256, FAULTS_MAX = 100 };

/*
 * Reads one object into `into` (zeroed before, `shape->size` bytes). NULL on success. BAD_REQUEST (400) for what is not
 * JSON by the wire's rules (that wins over all else), INVALID (422) with every fault otherwise. An empty body is `{}`.
 * Checks of the shape (required, limits, one_of, format, preset) are done here and nowhere else.
 */
const struct problem *json_read(struct call *call, struct text body, const struct shape *shape, void *into);

/*
 * SHA-256 of the parsed body: members sorted by their bytes, strings unescaped and escaped again in one way, number
 * tokens as written. Two bodies with the same digest are the same request. The body must have passed json_read.
 */
struct digest json_digest(struct call *call, struct text body);

/* One scalar member from a query or path parameter, by the rules of its row; faults are put before those in `faults`. */
void json_read_parameter(struct call *call, const struct shape *shape, const struct field *field, struct text value,
    void *into, const struct fault **faults);

/* What is still missing or preset after parameters were read. */
void json_finish_parameters(struct call *call, const struct shape *shape, void *into, const bool *seen,
    const struct fault **faults);

/* 422 out of collected faults, the last one first; NULL when there are none. */
const struct problem *json_faults(struct call *call, const struct fault *faults);

void json_write(struct buffer *out, const struct shape *shape, const void *from); /* one object */
/* The list as the text of a JSON array, for a member declared by FIELD_ROWS. */
struct document json_rows(struct arena *arena, const struct shape *shape, const struct list *list);
void json_write_value(struct buffer *out, const struct field *field, const void *from); /* a member of that struct */
void json_write_text(struct buffer *out, struct text text);                      /* quoted and escaped */
void json_write_problem(struct buffer *out, const struct problem *problem, const char *request_id);

/* Is the text one JSON object by the wire's rules, 256 members and 32 levels at most? */
bool json_is_object(struct arena *arena, struct text text);

#endif
