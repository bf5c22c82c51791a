/*
 * Rate limits: fixed windows of 60 seconds in memory shared by the workers of a node. Who is limited is a 16-byte id
 * (organization, key, or a hash of the client's address). The block survives a reload like the metrics.
 */
#ifndef PURSER_LIMIT_H
#define PURSER_LIMIT_H

#include <stddef.h>

#include "value.h"

struct limit_answer {
	bool allowed;
	int64_t limit;
	int64_t remaining;       /* after this one */
	int64_t reset_seconds;   /* until the window ends; at least 1 */
};

/* Beside a bucket: `who` is anybody who comes along, not one of those known to the platform. Strangers have a quarter of
 * the table to themselves, so that no number of them takes the windows of the others; without room they are refused. */
#define LIMIT_STRANGER (1u << 31)

size_t limit_size(int64_t slots);
void limit_use(void *shared, int64_t slots);
/* How many windows of the present minute the table holds, and how many it has room for. */
size_t limit_in_use(struct instant now);
size_t limit_room(void);

/* Takes one token of the window of (who, bucket). */
struct limit_answer limit_take(struct id who, unsigned bucket, int64_t limit, struct instant now);
/* Whether a token is left, without taking it. */
struct limit_answer limit_look(struct id who, unsigned bucket, int64_t limit, struct instant now);
/* Gives one back: a replay, an in-progress answer. */
void limit_give_back(struct id who, unsigned bucket, struct instant now);

#endif
