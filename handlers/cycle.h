/*
 * Cycles of an organization: half-open intervals of time, end to end, that counters, quotas and spending limits belong to.
 * With a subscription to the product `platform` a cycle is a month counted from the subscription's usage anchor, which is set
 * by its start, or its trial's end, and moved by nothing; a trial is a cycle of its own; without one it is the calendar month.
 * Only a start cuts a running cycle, one without a plan: a cycle that has one goes on to its end, whatever is changed,
 * cancelled or begun again in it, so that nobody has two quotas in a month. All in the organization's time zone, stored as
 * instants: a changed zone moves later boundaries only.
 */
#ifndef PURSER_CYCLE_H
#define PURSER_CYCLE_H

#include "call.h"

struct cycle {
	struct instant starts_at;
	struct instant ends_at;          /* the next one's start */
	struct maybe_id plan_id;         /* whose quotas count: the platform subscription's plan; absent: none */
	struct maybe_id subscription_id;
	struct maybe_instant closed_at;  /* when the monthly run closed its usage; later events are late */
};

/* The cycle of the call's organization that the moment lies in: the stored row, else what it would be. Reads only. */
const struct problem *cycle_at(struct call *call, struct instant at, struct cycle *out);

/* The same, and its row is there from now on. Locks nothing but a row that it makes. */
const struct problem *cycle_open(struct call *call, struct instant at, struct cycle *out);

/* The running cycle, its row, those behind it and the counters that a change of plan settles locked: for whoever changes them later in a transaction that locks the book
 * before. Rows of cycles come before the book everywhere. */
const struct problem *cycle_lock(struct call *call, struct cycle *running);

/* In a transaction that has locked the organization's row, before the subscription's row is changed: the running cycle ends
 * at call->now and `next` begins there. The ledger's cycle ends with `next`, too, so that this locks the book; what was spent
 * counts on. */
const struct problem *cycle_cut(struct call *call, const struct cycle *next);

/* The running cycle's quotas are those of another plan from now on; what was used until now is judged by the plan before
 * (usage_settle), as whatever takes a plan from a cycle does. */
const struct problem *cycle_change_plan(struct call *call, struct id plan_id, struct id subscription_id);

/* The platform subscription ended then: cycles that an event of a few minutes ahead has opened behind the one that holds that
 * moment have no quotas. */
const struct problem *cycle_end_plan(struct call *call, struct instant ended_at);

/* The book's cycle is the running one, as the next ledger_post would find out; locks the book. */
const struct problem *cycle_tell_book(struct call *call);

/* The boundary `months` months after the anchor date: the start, in that zone, of that day, or of the month's last day where
 * the month is shorter. Never chained: always counted from the anchor. False: no such zone. */
struct anchor {
	int64_t year, month, day; /* local, from 1 */
};
bool cycle_boundary(struct text zone, struct anchor anchor, int64_t months, struct instant *out);
/* The anchor of what begins at that moment. */
bool cycle_anchor(struct text zone, struct instant at, struct anchor *out);

/* Where a period that begins at `start` ends: at the first boundary, counted in steps of `months` from the anchor, that is not
 * behind it; a changed zone can't make a period of some hours. False: no such zone. */
bool cycle_period_end(struct text zone, struct anchor anchor, int64_t months, struct instant start, struct instant *out);

#endif
