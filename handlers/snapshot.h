/*
 * Snapshots: the turns of those who are collected, one for an organization's balance and one for its costs, every three
 * hours. A turn is taken in a transaction of its own, which moves it ahead for a minute; what was collected is kept in
 * another one, and only while the turn is still the one that was taken. So a killed collector's turns come again, and two at
 * once write no row twice. Time is counted from when a turn was due: organizations stay spread as they are.
 */
#ifndef PURSER_SNAPSHOT_H
#define PURSER_SNAPSHOT_H

#include "call.h"

enum { SNAPSHOT_EVERY_SECONDS = 3 * 3600 };

enum snapshot_kind { SNAPSHOT_BALANCE, SNAPSHOT_COSTS };

/* Plain values only: it outlives the memory that it was read into. */
struct snapshot_turn {
	enum snapshot_kind kind;
	struct id organization_id;
	struct instant due_at;      /* as it was before it was taken */
	int64_t failures;           /* in a row, so far */
	struct instant taken_until; /* tells whether it is still ours */
};

/* As many that are due as asked for, 64 at most, the first due first; those that failed the last time only up to
 * `failed_most`. In a transaction of its own. */
struct snapshot_wish {
	enum snapshot_kind kind;
	size_t most, failed_most;
	struct snapshot_turn *turns; /* room for `most` */
	size_t count;                /* so many were taken */
};
const struct problem *snapshot_take(struct call *call, struct snapshot_wish *wish);

/* In the transaction that keeps what was collected, first: it is due again in three hours. False: the turn is another's, and
 * nothing may be written. */
const struct problem *snapshot_end(struct call *call, const struct snapshot_turn *turn, bool *is_ours);

/* It went wrong: logged, kept for the operator, and tried again in 5, 15, 60, then 180 minutes. In a transaction of its own. */
const struct problem *snapshot_fail(struct call *call, const struct snapshot_turn *turn, const char *why);

/* Without a lease, or a database, nothing goes on. */
bool snapshot_ends_run(const struct problem *p);

#endif
