/*
 * Bodies of many items (STREAM_IN): a JSON document whose only member is the list, or one of the operation's forms (lines, a
 * JSON array, one alone). Lines are read from a spool, an unlinked file, so that 64 MiB of them cost no memory; a re-run
 * begins at its start.
 *
 * The operation's input has one list, whose shape the items are of. In the JSON document every fault is a 422 of the
 * whole; in the other forms each item stands for itself, and one that does not fit is given with its faults.
 */
#ifndef PURSER_STREAM_IN_H
#define PURSER_STREAM_IN_H

#include "call.h"

struct stream_item {
	int64_t index;              /* from 0, empty lines not counted */
	const void *value;          /* a struct of the list's shape, in the call's arena; NULL: it does not fit */
	const struct fault *faults; /* why not; pointers into the item */
};

/* Gives the items in order; `*more` false when there are none left. What the caller takes from the arena between, and gives
 * back, may hold an item. TOO_LARGE for more than STREAM_ITEMS_MOST items, BAD_REQUEST for a body that is no such thing. */
const struct problem *stream_next(struct call *call, struct stream_item *item, bool *more);

enum { STREAM_ITEMS_MOST = 100000 };

/* ---- the machinery's side ---- */

/* The step that reads the input: chooses the form by Content-Type (415). */
const struct problem *stream_open(struct call *call);
/* Before each run. */
const struct problem *stream_rewind(struct call *call);
void stream_close(struct call *call);

/* A file that nobody else can name. */
struct spool *spool_new(struct call *call); /* NULL: it can't be made; the log says why */
bool spool_add(struct spool *spool, const char *at, size_t length);
void spool_close(struct spool *spool);

#endif
