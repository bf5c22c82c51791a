/*
 * What the files of usage.record share: a body's events in compact form, and the steps that make counters of them.
 */
#ifndef PURSER_USAGE_PARTS_H
#define PURSER_USAGE_PARTS_H

#include "usage.h"

/* All metrics, by name; from outside of the transaction. */
const struct problem *usage_metrics_read(struct call *call, struct list *out);

/* ---- a body's events -------------------------------------------------------------------------------------------- */

/* What an event says, checked by its shape. */
struct usage_said {
	struct text id;
	struct text metric;
	struct quantity quantity;
	struct maybe_instant occurred_at;
	struct maybe_text service;
	struct maybe_text operator;
	struct maybe_amount cost;
	struct maybe_amount saving;
	struct document properties;
};

/* The same, kept: some 170 bytes with its texts. The first members are the row. */
struct usage_event {
	struct text id;
	struct text metric;
	struct text service;
	struct text operator;
	struct quantity quantity;
	struct instant occurred_at;
	struct amount cost;
	struct amount saving;
	const struct digest *value; /* of a `unique` metric: of the property's value */
	const struct digest *app;   /* of the property `app`; NULL: it has none */
	uint32_t index;             /* its place in the body */
	uint32_t metric_number;     /* in batch.metrics */
	uint32_t span;              /* in batch.spans */
	bool is_new;                /* no other request had recorded it */
	bool is_new_value, is_new_app; /* the first of the cycle with that value */
};

struct usage_rejection {
	int64_t index;
	struct text pointer;
	struct text detail;
};

/* A stretch of time in one cycle and one local day. */
struct usage_span {
	struct instant from, until; /* half-open */
	struct cycle cycle;
	struct text day;            /* YYYY-MM-DD */
};

enum { USAGE_REJECTIONS_SHOWN = 1000, USAGE_DAYS = 45, USAGE_AHEAD_SECONDS = 300 };

/* Outlives a re-run: a body is read once. */
struct usage_batch {
	struct list metrics;         /* of struct usage_metric, by name */
	struct usage_event **events; /* those that stand, by metric and id, once each */
	size_t count;
	int64_t duplicates;          /* within the body */
	int64_t rejected_total;
	struct list rejected;        /* of struct usage_rejection */
	struct list spans;           /* of struct usage_span; found anew by each run */
	bool looks_first;            /* a counter grew too large */
};

/* Reads the whole body. TOO_LARGE where its texts are past all measure. */
const struct problem *usage_batch_read(struct call *call, struct usage_batch *batch);

const struct usage_metric *usage_batch_metric(const struct usage_batch *batch, const struct usage_event *event);

/* ---- cycles and days --------------------------------------------------------------------------------------------- */

/* The organization's time zone, or UTC where tzdata has lost it. */
const struct problem *usage_zone_read(struct call *call, struct text *zone);
/* YYYY-MM-DD. */
struct text usage_day_name(struct call *call, struct text zone, struct instant at);
/* Nobody closes or cuts the cycle until the transaction ends; fills closed_at. */
const struct problem *usage_cycle_hold(struct call *call, struct cycle *cycle);

/* ---- into the database, in this order ---------------------------------------------------------------------------- */

/* Finds each event's cycle and day. From here on no cycle of theirs can be closed until the transaction ends. */
const struct problem *usage_spans_find(struct call *call, struct usage_batch *batch);

/* Takes out events that would let a counter grow too large. */
const struct problem *usage_overflow_reject(struct call *call, struct usage_batch *batch);

/* Writes events and different values; those that were not there are `is_new`. */
const struct problem *usage_events_write(struct call *call, struct usage_batch *batch);

/* What new events add to a counter, or to one day, service and operator. */
struct usage_sum {
	struct instant cycle_starts_at;
	struct text day;
	struct text metric;
	struct text service;
	struct text operator;
	struct text aggregation;
	struct quantity value;  /* to add; of max and last: the value itself */
	int64_t events;
	struct amount cost;
	struct amount saving;
	struct maybe_instant last_at; /* of last */
	bool is_late;           /* the cycle is closed */
	uint32_t span;
	uint32_t metric_number;
};

/* Folds the new events into counters' and days' sums, in the order of their locks. In the arena. */
void usage_fold(struct call *call, const struct usage_batch *batch, struct list *counters, struct list *days);

/* Adds them, takes the credits that priced metrics grew by in one ledger entry, and announces quotas. */
const struct problem *usage_sums_write(
    struct call *call, struct usage_batch *batch, const struct list *counters, const struct list *days);

void usage_reject(struct call *call, struct usage_batch *batch, int64_t index, const char *pointer, const char *detail);

#endif
