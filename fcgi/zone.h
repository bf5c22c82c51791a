/*
 * What the two files of time zones share: a zone as its file tells it, the rule for the years behind the file's last
 * change, and the calendar in whole days.
 */
#ifndef PURSER_ZONE_H
#define PURSER_ZONE_H

#include "clock.h"

enum { ZONE_CHANGES = 512 };

/* A day of the year on which clocks are changed, as a POSIX TZ string tells it. */
struct zone_change {
	enum { DAY_OF_WEEK, DAY_FROM_ZERO, DAY_WITHOUT_LEAP } form; /* Mm.w.d, n, Jn */
	int64_t month, week, day;
	int64_t time; /* seconds from midnight by the clock before the change */
};

struct zone_rule {
	bool is_given;
	bool has_summer;
	int64_t standard, summer; /* offsets in seconds, positive east of Greenwich */
	struct zone_change begins, ends;
};

struct zone {
	size_t count;
	int64_t first_offset; /* before the first change */
	int64_t changes[ZONE_CHANGES];
	int32_t offsets[ZONE_CHANGES];
	struct zone_rule rule;
};

/* Reads a POSIX TZ string up to the end of its line; an empty one is no rule. False: not one. */
bool zone_rule_parse(struct text text, struct zone_rule *rule);

/* The offset at a moment (seconds since 1970), and when it changes next. */
int64_t zone_rule_offset(const struct zone_rule *rule, int64_t at, int64_t *until);

int64_t day_of(struct date date); /* since 1970-01-01 */
struct date date_of(int64_t day);

#endif
