/*
 * The rule by which a zone's clocks change in the years that its file does not list: a POSIX TZ string such as
 * `AEST-10AEDT,M10.1.0,M4.1.0/3` (POSIX.1, "Other Environment Variables"; RFC 9636, 3.3.1, allows hours from -167 to
 * 167).
 */
#include "zone.h"

#include "text.h"

#define DAY INT64_C(86400)

/* ---- the calendar -------------------------------------------------------------------------------------------------
 */

static int64_t
floor_divide(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

/* Years are counted from March on, so that the leap day is the last of its year; eras of 400 years are all alike. */
int64_t
day_of(struct date date)
{
	int64_t year = date.month <= 2 ? date.year - 1 : date.year;
	int64_t era = floor_divide(year, 400);
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

struct date
date_of(int64_t day)
{
	int64_t era = floor_divide(day + 719468, 146097);
	int64_t day_of_era = day + 719468 - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t from_march = (5 * day_of_year + 2) / 153;
	int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;

	return (
	    struct date){ year_of_era + era * 400 + (month <= 2), month, day_of_year - (153 * from_march + 2) / 5 + 1 };
}

/* ---- reading ------------------------------------------------------------------------------------------------------
 */

static bool
take_character(struct text *text, char c)
{
	if (text->length == 0 || text->at[0] != c)
		return false;
	*text = (struct text){ text->at + 1, text->length - 1 };
	return true;
}

static bool
take_number(struct text *text, int64_t least, int64_t most, int64_t *number)
{
	size_t count = 0;

	*number = 0;
	while (count < text->length && count < 4 && text->at[count] >= '0' && text->at[count] <= '9')
		*number = *number * 10 + (text->at[count++] - '0');
	*text = (struct text){ text->at + count, text->length - count };
	return count > 0 && *number >= least && *number <= most;
}

/* An abbreviation: letters, or anything in angle brackets. What it says does not matter. */
static bool
take_name(struct text *text)
{
	size_t count = 0;

	if (take_character(text, '<')) {
		while (count < text->length && text->at[count] != '>' && text->at[count] != '\n')
			count++;
		*text = (struct text){ text->at + count, text->length - count };
		return take_character(text, '>');
	}
	while (count < text->length && ((text->at[count] | 0x20) >= 'a' && (text->at[count] | 0x20) <= 'z'))
		count++;
	*text = (struct text){ text->at + count, text->length - count };
	return count > 0;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool
take_time(struct text *text, int64_t most_hours, int64_t *seconds)
{
	bool negative = take_character(text, '-');
	int64_t hours, minutes = 0, rest = 0;

	if (!negative)
		take_character(text, '+');
	if (!take_number(text, 0, most_hours, &hours))
		return false;
	if (take_character(text, ':') && !take_number(text, 0, 59, &minutes))
		return false;
	if (take_character(text, ':') && !take_number(text, 0, 59, &rest))
		return false;
	*seconds = hours * 3600 + minutes * 60 + rest;
	if (negative)
		*seconds = -*seconds;
	return true;
}

static bool
take_change(struct text *text, struct zone_change *change)
{
	bool is_read;

	if (take_character(text, 'M')) {
		change->form = DAY_OF_WEEK;
		is_read = take_number(text, 1, 12, &change->month) && take_character(text, '.') &&
			  take_number(text, 1, 5, &change->week) && take_character(text, '.') &&
			  take_number(text, 0, 6, &change->day);
	} else if (take_character(text, 'J')) {
		change->form = DAY_WITHOUT_LEAP;
		is_read = take_number(text, 1, 365, &change->day);
	} else {
		change->form = DAY_FROM_ZERO;
		is_read = take_number(text, 0, 365, &change->day);
	}
	change->time = 2 * 3600;
	return is_read && (!take_character(text, '/') || take_time(text, 167, &change->time));
}

bool
zone_rule_parse(struct text text, struct zone_rule *rule)
{
	*rule = (struct zone_rule){ .is_given = false };
	if (take_character(&text, '\n'))
		return true;
	/* The string counts westward, we count eastward. */
	if (!take_name(&text) || !take_time(&text, 24, &rule->standard))
		return false;
	rule->standard = -rule->standard;
	rule->is_given = true;
	if (take_character(&text, '\n'))
		return true;
	rule->has_summer = true;
	rule->summer = rule->standard + 3600;
	if (!take_name(&text))
		return false;
	if (!take_character(&text, ',')) {
		if (!take_time(&text, 24, &rule->summer) || !take_character(&text, ','))
			return false;
		rule->summer = -rule->summer;
	}
	return take_change(&text, &rule->begins) && take_character(&text, ',') && take_change(&text, &rule->ends) &&
	       take_character(&text, '\n');
}

/* ---- applying -----------------------------------------------------------------------------------------------------
 */

static bool
is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The day, since 1970-01-01, on which the clocks are changed in a year. */
static int64_t
change_day(const struct zone_change *change, int64_t year)
{
	int64_t first, next, day;

	if (change->form != DAY_OF_WEEK) {
		bool moves = change->form == DAY_WITHOUT_LEAP && !(is_leap(year) && change->day >= 60);

		return day_of((struct date){ year, 1, 1 }) + change->day - moves;
	}
	first = day_of((struct date){ year, change->month, 1 });
	next = day_of((struct date){ year + change->month / 12, change->month % 12 + 1, 1 });
	/* 1970-01-01 was a Thursday. */
	day = first + (change->day - (first + 4) % 7 + 14) % 7 + 7 * (change->week - 1);
	return day >= next ? day - 7 : day;
}

/* When the offset changes, of the years around a moment, in order: the last change at or before it tells the offset. */
int64_t
zone_rule_offset(const struct zone_rule *rule, int64_t at, int64_t *until)
{
	int64_t year = date_of(floor_divide(at, DAY)).year;
	int64_t last = INT64_MIN, offset = rule->standard;

	*until = INT64_MAX;
	if (!rule->has_summer)
		return offset;
	for (int64_t y = year - 1; y <= year + 1; y++) {
		const int64_t begins = change_day(&rule->begins, y) * DAY + rule->begins.time - rule->standard;
		const int64_t ends = change_day(&rule->ends, y) * DAY + rule->ends.time - rule->summer;

		if (begins <= at && begins >= last) {
			last = begins;
			offset = rule->summer;
		} else if (begins > at && begins < *until) {
			*until = begins;
		}
		/* An end at the very moment of the next beginning is none: summer for ever is written so. */
		if (ends <= at && ends > last) {
			last = ends;
			offset = rule->standard;
		} else if (ends > at && ends < *until) {
			*until = ends;
		}
	}
	return offset;
}
