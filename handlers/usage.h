/*
 * Usage: metrics, and the counters that events feed: one for each organization, cycle and metric, and the same by day, service
 * and operator. Quantities are millionths of a unit. Whoever changes counters does it in the order of the metrics' names, behind
 * the domain's other rows and before the book.
 */
#ifndef PURSER_USAGE_H
#define PURSER_USAGE_H

#include "call.h"
#include "cycle.h"

/* ---- metrics --------------------------------------------------------------------------------------------------- */

/* How events make a value. */
extern const char *const usage_aggregations[]; /* sum, count, max, last, unique */

/* What can be counted: the platform's, the same for every organization. */
struct usage_metric {
	struct text name;
	struct text aggregation;
	struct text unit;
	struct maybe_text property;       /* of `unique`: whose different values are counted */
	struct maybe_quantity unit_credits; /* credits for one unit, charged as it is used; never of `last` */
	struct instant created_at;
};
extern const struct shape usage_metric_shape;

enum { USAGE_METRIC_BYTES = 100, USAGE_NAME_BYTES = 100 }; /* of a metric; of a service, an operator */

const struct problem *usage_metric_find(
    struct call *call, struct text name, struct usage_metric *out, bool *found);

/* Credits for so much in all, rounded half-even to whole ones: what is charged is how much this has grown over what was charged
 * before, so that no rounding adds up. False: overflow. */
bool usage_credits(struct quantity value, struct quantity unit_credits, struct credits *credits);

/* ---- reading counters ------------------------------------------------------------------------------------------- */

struct usage_counter {
	struct text metric;
	struct text aggregation;
	struct text unit;
	struct quantity value;
	struct quantity held;              /* of holds that have not lapsed yet at call->now */
	int64_t events;
	struct amount cost, saving;        /* as senders say */
	struct credits charged;            /* credits taken for the value so far */
	struct maybe_int included;         /* units that the cycle's plan includes; absent: no quota */
	struct maybe_amount overage_unit_price; /* absent: none is sold beyond them */
	struct quantity settled;           /* of the value: judged by plans that the cycle had before */
	struct quantity settled_overage;   /* what of that was overage */
};

/* A cycle's counters, by the metric's name: of each metric that was used or has a quota. In the arena; reads only. */
const struct problem *usage_counters(struct call *call, const struct cycle *cycle, struct list *out);

/* How many different values the property `app` had in the cycle. Reads only. */
const struct problem *usage_apps(struct call *call, const struct cycle *cycle, int64_t *count);

/* ---- overage ---------------------------------------------------------------------------------------------------- */

/* Each unit is judged by the plan that was in force when it was used: what the plans before have left, and what is beyond the
 * present one's quota and was not judged by those. */
struct quantity usage_overage(const struct usage_counter *counter);

/* The plan of cycles that begin then or later is about to be this one (absent: none). What they have used is judged by the plan
 * that they have: its overage is written down. The cycles' rows are locked exclusively, so that no value grows. */
const struct problem *usage_settle(struct call *call, struct instant from, struct maybe_id plan_id);

/* Locks the counters that usage_settle would change: for whoever locks the book before it. Likewise behind the cycles' rows. */
const struct problem *usage_settle_later(struct call *call, struct instant from);

/* ---- writing counters ------------------------------------------------------------------------------------------- */

/* No counter grows past this. */
#define USAGE_VALUE_MOST INT64_C(4000000000000000000)

/* Of a metric that sums or counts. */
struct usage_change {
	struct text metric;
	struct instant occurred_at;  /* tells the day */
	struct quantity quantity;    /* by how much the value grows, at least 0 */
	int64_t events;              /* how many events that is */
	struct quantity held;        /* by how much what is held changes; negative: less */
	struct credits charged;      /* what was, or is going to be, taken for it in this transaction */
	struct text service, operator; /* "" where it has none */
};

/* A counter as its writer leaves it, locked until the transaction's end. */
struct usage_counted {
	struct quantity value;
	struct quantity held;
	struct credits charged;
	int64_t told;                /* the last of 50, 80, 90, 100 % that was announced */
};

/* Changes a counter and its day; late where the cycle is closed. The counter's row is there from now on. */
const struct problem *usage_change(
    struct call *call, const struct cycle *cycle, const struct usage_change *change, struct usage_counted *out);

/* Announces what part of the quota was passed and not announced before in this cycle: by event and mail. Only of the running
 * cycle. Behind ledger_post, where there is one. */
const struct problem *usage_announce(struct call *call, const struct cycle *cycle, struct text metric,
    const struct usage_counted *counted);

#endif
