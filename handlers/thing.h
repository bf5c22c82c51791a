/*
 * Something pointed at: what a transaction belongs to, who did a deed, what it was done to.
 */
#ifndef PURSER_THING_H
#define PURSER_THING_H

#include "operation.h"

struct thing {
	struct text type;
	struct id id;
};
static const struct field thing_fields[] = {
	FIELD(thing, type, ANY, "What kind of thing."),
	FIELD(thing, id, ANY, "Which one."),
};
SHAPE(thing)

#endif
