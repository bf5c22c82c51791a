/*
 * Bodies of Prometheus' remote write 1.0: series of one sample each, as protocol buffers, compressed by snappy.
 */
#ifndef PURSER_REMOTE_WRITE_H
#define PURSER_REMOTE_WRITE_H

#include "arena.h"

enum { REMOTE_LABELS = 4 };

struct remote_series {
	const char *name; /* the label __name__ */
	struct {
		const char *name;
		struct text value; /* empty: as if it were not there */
	} labels[REMOTE_LABELS]; /* in any order; ends with a NULL name, where there are fewer */
	int64_t value;           /* on the wire it is the nearest number of 53 bits */
	bool in_millionths;
};

/* The whole body, in the arena; all samples are of that moment. */
struct text remote_write_body(
    struct arena *arena, const struct remote_series *series, size_t count, struct instant at);

#endif
