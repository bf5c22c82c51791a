/*
 * What a month has cost an organization so far, as it stood at a moment: fees as they were booked in that month of its time
 * zone, or billed by its monthly run and corrected since, and usage by the local days it happened on.
 */
#ifndef PURSER_COST_SNAPSHOT_H
#define PURSER_COST_SNAPSHOT_H

#include "month.h"
#include "snapshot.h"

struct cost_fees {
	struct amount subscription;
	struct amount overage;
	struct amount commitment_shortfall;
	struct amount tax;
	struct amount total;
};

struct usage_line {
	struct text service; /* "" where the sender named none */
	struct maybe_text operator;
	struct text unit; /* the metric */
	struct quantity quantity;
	struct amount amount;
};
extern const struct shape usage_line_shape;

enum { COST_LINES_MOST = 1000 };

struct costs {
	struct currency currency;
	struct cost_fees fees;
	struct amount usage_amount; /* of all lines, those left out included */
	struct document usage_lines;
	int64_t usage_lines_left_out;
};

/* What the month has cost by now. Reads only. */
const struct problem *costs_compute(struct call *call, const struct month *month, struct costs *out);

/* Writes a row; with `only_changed`, only where it differs from the month's last one. What has no cost at all and no row before
 * makes none. In the caller's transaction, which has ended the turn. */
const struct problem *cost_snapshot_write(
    struct call *call, const struct month *month, const struct costs *costs, bool only_changed);

#endif
