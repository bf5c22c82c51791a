/*
 * Cursors: the key of a page's last row, signed and bound to operation, organization and filter, opaque to the caller.
 */
#ifndef PURSER_CURSOR_H
#define PURSER_CURSOR_H

#include "call.h"

/* The page asked for, from the fields `limit`, `offset`, `cursor` and `after` of the input, into call->page. 422 for a
 * cursor that is not of this list. */
const struct problem *page_read(struct call *call);

/* A cursor that continues behind this row; in the reply's arena. */
struct text cursor_make(struct call *call, const void *row);

/* The field of a shape by name, or NULL. */
const struct field *shape_field(const struct shape *shape, const char *name);

#endif
