/*
 * The only place that reads a clock, and the calendar of instants.
 */
#include "clock.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

#define SECOND INT64_C(1000000)
#define YEAR_1 (INT64_C(-62135596800) * SECOND)                 /* 0001-01-01T00:00:00Z */
#define YEAR_9999 (INT64_C(253402300799) * SECOND + SECOND - 1) /* 9999-12-31T23:59:59.999999Z */

enum { OFFSET_LENGTH = 32 };

static const char *test_file;
static int64_t offset_seconds, shift_seconds;

void
clock_use_test_file(const char *path)
{
	test_file = path;
	clock_tick();
}

/* A file that is being written or holds anything else counts as 0: no clock must stop the service. */
static int64_t
read_offset(const char *path)
{
	char digits[OFFSET_LENGTH];
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length;
	int64_t seconds;
	struct text text;

	if (file < 0)
		return 0;
	length = read(file, digits, sizeof(digits));
	close(file);
	text = (struct text){ digits, length > 0 ? (size_t)length : 0 };
	while (text.length > 0 && text.at[text.length - 1] == '\n')
		text.length--;
	text = text_trim(text);
	if (text_starts(text, "+"))
		text = (struct text){ text.at + 1, text.length - 1 };
	return integer_parse(text, &seconds) ? seconds : 0;
}

void
clock_tick(void)
{
	offset_seconds = test_file == NULL ? 0 : read_offset(test_file);
}

static int64_t
read_clock(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return now.tv_sec * SECOND + now.tv_nsec / 1000;
}

void
clock_shift(int64_t seconds)
{
	shift_seconds = seconds;
}

struct instant
clock_now(void)
{
	struct instant now = { read_clock(CLOCK_REALTIME) };

	int64_t moved = offset_seconds + shift_seconds;

	return moved == 0 ? now : instant_plus_seconds(now, moved);
}

int64_t
clock_monotonic_microseconds(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t
clock_wall_microseconds(void)
{
	return read_clock(CLOCK_REALTIME);
}

static struct instant
within_calendar(struct instant at)
{
	if (at.microseconds < YEAR_1)
		return (struct instant){ YEAR_1 };
	if (at.microseconds > YEAR_9999)
		return (struct instant){ YEAR_9999 };
	return at;
}

void
instant_to_utc(struct instant at, struct tm *tm, int *microseconds)
{
	int64_t rest = at.microseconds % SECOND;
	time_t seconds = at.microseconds / SECOND;

	if (rest < 0) {
		rest += SECOND;
		seconds--;
	}
	gmtime_r(&seconds, tm);
	*microseconds = (int)rest;
}

struct instant
instant_from_utc(int year, int month, int day, int hour, int minute, int second, int microsecond)
{
	struct tm tm = { .tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute,
		.tm_sec = second };

	return (struct instant){ timegm(&tm) * SECOND + microsecond };
}

static void
put_digits(char *at, int number, size_t count)
{
	while (count-- > 0) {
		at[count] = (char)('0' + number % 10);
		number /= 10;
	}
}

void
instant_format(struct instant at, char out[static RFC3339_LENGTH + 1])
{
	struct tm tm;
	int microseconds;

	instant_to_utc(within_calendar(at), &tm, &microseconds);
	memcpy(out, "0000-00-00T00:00:00Z", sizeof("0000-00-00T00:00:00Z"));
	put_digits(out, tm.tm_year + 1900, 4);
	put_digits(out + 5, tm.tm_mon + 1, 2);
	put_digits(out + 8, tm.tm_mday, 2);
	put_digits(out + 11, tm.tm_hour, 2);
	put_digits(out + 14, tm.tm_min, 2);
	put_digits(out + 17, tm.tm_sec, 2);
	if (microseconds == 0)
		return;
	memcpy(out + 19, ".000000Z", sizeof(".000000Z"));
	put_digits(out + 20, microseconds, 6);
}

/* Takes `count` digits from the text's beginning; false where there are fewer. */
static bool
take_digits(struct text *text, size_t count, int *number)
{
	int total = 0;

	if (text->length < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (text->at[i] < '0' || text->at[i] > '9')
			return false;
		total = total * 10 + (text->at[i] - '0');
	}
	*number = total;
	*text = (struct text){ text->at + count, text->length - count };
	return true;
}

static bool
take_one_of(struct text *text, const char *characters, char *found)
{
	if (text->length == 0 || text->at[0] == '\0' || strchr(characters, text->at[0]) == NULL)
		return false;
	*found = text->at[0];
	*text = (struct text){ text->at + 1, text->length - 1 };
	return true;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static bool
take_date(struct text *text, int *year, int *month, int *day)
{
	char dash;

	return take_digits(text, 4, year) && take_one_of(text, "-", &dash) && take_digits(text, 2, month) &&
	       take_one_of(text, "-", &dash) && take_digits(text, 2, day) && *month >= 1 && *month <= 12 && *day >= 1 &&
	       *day <= days_in_month(*year, *month);
}

static bool
take_hour_and_minute(struct text *text, int *hour, int *minute)
{
	char colon;

	return take_digits(text, 2, hour) && take_one_of(text, ":", &colon) && take_digits(text, 2, minute) &&
	       *hour <= 23 && *minute <= 59;
}

/* None, or a point and one to six digits. */
static bool
take_fraction(struct text *text, int *microseconds)
{
	char point;
	int digit, count = 0;

	*microseconds = 0;
	if (!take_one_of(text, ".", &point))
		return true;
	for (; count < 6 && take_digits(text, 1, &digit); count++)
		*microseconds = *microseconds * 10 + digit;
	for (int i = count; i < 6; i++)
		*microseconds *= 10;
	return count > 0;
}

static bool
take_offset(struct text *text, int *offset_minutes)
{
	char sign;
	int hour, minute;

	*offset_minutes = 0;
	if (!take_one_of(text, "Zz+-", &sign))
		return false;
	if (sign == 'Z' || sign == 'z')
		return true;
	if (!take_hour_and_minute(text, &hour, &minute))
		return false;
	*offset_minutes = sign == '-' ? -(hour * 60 + minute) : hour * 60 + minute;
	return true;
}

bool
instant_parse(struct text text, struct instant *at)
{
	int year, month, day, hour, minute, second, microseconds, offset_minutes;
	char separator;
	struct instant found;

	if (!take_date(&text, &year, &month, &day) || !take_one_of(&text, "Tt", &separator) ||
	    !take_hour_and_minute(&text, &hour, &minute) || !take_one_of(&text, ":", &separator) ||
	    !take_digits(&text, 2, &second) || second > 59 || !take_fraction(&text, &microseconds) ||
	    !take_offset(&text, &offset_minutes) || text.length > 0)
		return false;
	found = instant_from_utc(year, month, day, hour, minute - offset_minutes, second, microseconds);
	if (found.microseconds < 0 || found.microseconds > YEAR_9999)
		return false;
	*at = found;
	return true;
}

/* Past the ends of what 64 bits hold it stays at the end. */
struct instant
instant_plus_seconds(struct instant at, int64_t seconds)
{
	int64_t moved;

	if (__builtin_mul_overflow(seconds, SECOND, &moved) || __builtin_add_overflow(moved, at.microseconds, &moved))
		moved = seconds < 0 ? INT64_MIN : INT64_MAX;
	return (struct instant){ moved };
}

bool
instant_before(struct instant a, struct instant b)
{
	return a.microseconds < b.microseconds;
}

struct maybe_instant
instant_given(struct instant at)
{
	return (struct maybe_instant){ at, true };
}
