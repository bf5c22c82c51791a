/*
 * Months of bills: the calendar month in the organization's time zone that a run, an invoice or a statement is of. Written
 * "2026-11", kept as the half-open stretch of time from its first moment to the next one's.
 */
#ifndef PURSER_MONTH_H
#define PURSER_MONTH_H

#include "call.h"

enum { MONTH_FIRST_YEAR = 2000, MONTH_LAST_YEAR = 2100, MONTH_NAME = 8 };

struct month {
	int64_t year, month; /* from 1 */
	struct instant from, to;
	char name[MONTH_NAME]; /* "2026-11" */
};

/* How a period is written; for a field's MATCHING(period_format, 7, 7). */
extern const struct format period_format;

/* The months below are those of the call's organization, in its time zone as it is now. */

/* The month that is named; INVALID at /period where it is none, or lies outside of 2000 to 2100. */
const struct problem *month_parse(struct call *call, struct text period, struct month *out);

/* The one that is named, or the last closed one. */
const struct problem *month_wanted(struct call *call, struct maybe_text period, struct month *out);

/* The last that is over. */
const struct problem *month_last_closed(struct call *call, struct month *out);

/* The one that the moment lies in. */
const struct problem *month_of(struct call *call, struct instant at, struct month *out);

/* The one behind it, or so many before (negative) or behind it. `out` may be `month`. */
const struct problem *month_next(struct call *call, const struct month *month, struct month *out);
const struct problem *month_plus(struct call *call, const struct month *month, int64_t months, struct month *out);

/* Is it over? */
bool month_is_closed(const struct call *call, const struct month *month);

/* The organization's time zone; UTC where tzdata knows it no more. */
const struct problem *month_zone(struct call *call, struct text *zone);

/* As month_parse, in that zone. */
const struct problem *month_parse_in(struct call *call, struct text zone, struct text period, struct month *out);

/* The same without the database. False: the zone does not exist, or the year is out of range. */
bool month_make(struct text zone, int64_t year, int64_t month, struct month *out);

#endif
