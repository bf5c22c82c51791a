/*
 * The only place that reads a clock. With `test_clock = on` the time is moved by the offset (a signed decimal number of
 * seconds) found in the test clock's file. Calendar rules come from tzdata.
 */
#ifndef PURSER_CLOCK_H
#define PURSER_CLOCK_H

#include <time.h>

#include "value.h"

enum { RFC3339_LENGTH = 27 }; /* 2026-11-22T06:12:32.000000Z */

/* Names the file of the test clock; NULL turns it off. Read again by clock_tick. */
void clock_use_test_file(const char *path);
void clock_tick(void); /* once a request and a job tick: reads the file anew */
/* Moves this process's clock by so many seconds more: how demo data lives through a past. */
void clock_shift(int64_t seconds);
struct instant clock_now(void);             /* wall time, moved by the offset */
int64_t clock_monotonic_microseconds(void); /* for durations only; never moved */
int64_t clock_wall_microseconds(void);      /* since 1970, never moved: for what another program has timed */

/* RFC 3339 with `Z`; microseconds only where there are some. Writes at most RFC3339_LENGTH characters and a NUL. */
void instant_format(struct instant at, char out[static RFC3339_LENGTH + 1]);
/* RFC 3339 with `Z` or an offset, 0 to 6 decimals; years 1970 to 9999. */
bool instant_parse(struct text text, struct instant *at);
void instant_to_utc(struct instant at, struct tm *tm, int *microseconds);
struct instant instant_from_utc(int year, int month, int day, int hour, int minute, int second, int microsecond);
struct instant instant_plus_seconds(struct instant at, int64_t seconds);
bool instant_before(struct instant a, struct instant b);
struct maybe_instant instant_given(struct instant at);

/* Is it an IANA zone that tzdata knows? */
bool zone_exists(struct text zone);

/* The first moment of the day there that `at` lies in, and of the day after. A day whose midnight the clocks skip begins
 * when they are changed. Days and months overlap nowhere and leave no gap. False: there is no such zone. */
bool zone_day_start(struct text zone, struct instant at, struct instant *start);
bool zone_next_day_start(struct text zone, struct instant at, struct instant *start);
/* The day there that `at` lies in, and the first moment of such a day. */
struct date {
	int64_t year, month, day; /* of the Gregorian calendar; from 1 */
};
bool zone_date(struct text zone, struct instant at, struct date *date);
bool zone_date_start(struct text zone, struct date date, struct instant *start);
/* By how many seconds the clocks there are ahead of UTC at that moment. False: there is no such zone. */
bool zone_offset(struct text zone, struct instant at, int64_t *seconds);
/* The calendar month there that `at` lies in: start <= at < end. */
bool zone_month_start(struct text zone, struct instant at, struct instant *start, struct instant *end);

#endif
