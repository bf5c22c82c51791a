/*
 * Instants as text, the calendar, time zones' names, and the test clock.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "text.h"
#include "unit.h"

static void
assert_instant(const char *text, const char *expected)
{
	char out[RFC3339_LENGTH + 1];
	struct instant at;

	if (!instant_parse(text_from(text), &at))
		fail_msg("%s was refused", text);
	instant_format(at, out);
	assert_string_equal(out, expected);
}

static void
times_are_read_with_any_offset(void **state)
{
	(void)state;
	assert_instant("2026-11-22T06:12:32Z", "2026-11-22T06:12:32Z");
	assert_instant("2026-11-22t06:12:32z", "2026-11-22T06:12:32Z");
	assert_instant("2026-11-22T06:12:32.5Z", "2026-11-22T06:12:32.500000Z");
	assert_instant("2026-11-22T06:12:32.000001+00:00", "2026-11-22T06:12:32.000001Z");
	assert_instant("2026-11-22T06:12:32.000000-00:00", "2026-11-22T06:12:32Z");
	assert_instant("2027-01-01T00:30:00+05:45", "2026-12-31T18:45:00Z");
	assert_instant("2024-02-28T23:59:59-00:01", "2024-02-29T00:00:59Z");
	assert_instant("2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z");
	assert_instant("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z");
	assert_instant("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z");
}

static void
what_is_no_time_is_refused(void **state)
{
	static const char *const refused[] = { "", "2026-11-22", "2026-11-22T06:12:32", "2026-11-22 06:12:32Z",
		"2026-11-22T06:12Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-31T00:00:00Z",
		"2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-22T24:00:00Z",
		"2026-11-22T06:60:00Z", "2026-11-22T06:12:60Z", "2026-11-22T06:12:32.Z", "2026-11-22T06:12:32.1234567Z",
		"2026-11-22T06:12:32+24:00", "2026-11-22T06:12:32+05", "2026-11-22T06:12:32+0545",
		"2026-11-22T06:12:32Z ", " 2026-11-22T06:12:32Z", "1969-12-31T23:59:59Z", "1970-01-01T00:30:00+01:00",
		"9999-12-31T23:30:00-01:00", "+026-11-22T06:12:32Z", "2026-1-22T06:12:32Z", "20261122T061232Z" };
	struct instant at;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		if (instant_parse(text_from(refused[i]), &at))
			fail_msg("%s was taken", refused[i]);
	}
	assert_false(instant_parse((struct text){ "2026-11-22T06:12:32\0", 20 }, &at));
}

static void
every_instant_has_a_text_of_bounded_length(void **state)
{
	char out[RFC3339_LENGTH + 1];

	(void)state;
	instant_format((struct instant){ INT64_MIN }, out);
	assert_string_equal(out, "0001-01-01T00:00:00Z");
	instant_format((struct instant){ INT64_MAX }, out);
	assert_string_equal(out, "9999-12-31T23:59:59.999999Z");
	instant_format((struct instant){ -1 }, out);
	assert_string_equal(out, "1969-12-31T23:59:59.999999Z");
}

static void
calendar_and_instants_agree(void **state)
{
	struct tm tm;
	int microseconds;

	(void)state;
	for (int64_t at = -1000; at < INT64_C(253402300799000000); at += INT64_C(12345678901234)) {
		instant_to_utc((struct instant){ at }, &tm, &microseconds);
		assert_int_equal(instant_from_utc(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
				     tm.tm_sec, microseconds)
				     .microseconds,
		    at);
	}
}

static void
sums_past_the_end_stay_at_the_end(void **state)
{
	struct instant zero = { 0 };

	(void)state;
	assert_int_equal(instant_plus_seconds(zero, -3).microseconds, -3000000);
	assert_int_equal(instant_plus_seconds(zero, INT64_MAX).microseconds, INT64_MAX);
	assert_int_equal(instant_plus_seconds((struct instant){ -5 }, INT64_MIN).microseconds, INT64_MIN);
	assert_true(instant_before(zero, (struct instant){ 1 }));
	assert_false(instant_before(zero, zero));
}

static void
only_zones_of_tzdata_exist(void **state)
{
	static const char *const known[] = { "UTC", "Australia/Sydney", "America/Argentina/Buenos_Aires", "Etc/GMT+5" };
	static const char *const refused[] = { "", "Nowhere/Land", "australia/sydney", "America", "America/",
		"/etc/passwd", "../../../etc/passwd", "America/../UTC", "America//New_York", "posix/UTC", "right/UTC",
		"tzdata.zi", "zone.tab", "UTC\n", "Ünknown" };
	char endless[5000];

	(void)state;
	memset(endless, 'A', sizeof(endless));
	for (size_t i = 0; i < COUNT(known); i++)
		assert_true(zone_exists(text_from(known[i])));
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(zone_exists(text_from(refused[i])));
	assert_false(zone_exists((struct text){ endless, sizeof(endless) }));
	assert_false(zone_exists((struct text){ "UTC\0", 4 }));
}

/* Within the second or two that the test itself may take. */
static bool
moves_by(const char *path, const char *content, int64_t seconds)
{
	FILE *file = fopen(path, "w");
	int64_t before = (int64_t)time(NULL);

	assert_non_null(file);
	fputs(content, file);
	fclose(file);
	clock_tick();
	return llabs(clock_now().microseconds / 1000000 - before - seconds) <= 2;
}

static void
the_test_clock_moves_the_time_and_garbage_does_not(void **state)
{
	char path[] = "/tmp/purser-clock-XXXXXX";
	int file = mkstemp(path);

	(void)state;
	assert_true(file >= 0);
	close(file);
	clock_use_test_file(path);
	assert_true(moves_by(path, "3600\n", 3600));
	assert_true(moves_by(path, "-86400", -86400));
	assert_true(moves_by(path, " +60 \n", 60));
	assert_true(moves_by(path, "", 0));
	assert_true(moves_by(path, "tomorrow", 0));
	assert_true(moves_by(path, "1e9", 0));
	assert_true(moves_by(path, "99999999999999999999999999999999999999", 0));
	assert_true(moves_by(path, "3600", 3600));
	unlink(path);
	clock_tick();
	assert_true(llabs(clock_now().microseconds / 1000000 - (int64_t)time(NULL)) < 5);
	clock_use_test_file(NULL);
}

static void
the_monotonic_clock_never_goes_back(void **state)
{
	int64_t first = clock_monotonic_microseconds();

	(void)state;
	assert_true(clock_monotonic_microseconds() >= first);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("times are read with any offset", times_are_read_with_any_offset),
		PROVES("what is no time is refused", what_is_no_time_is_refused),
		PROVES("every instant has a text of bounded length", every_instant_has_a_text_of_bounded_length),
		PROVES("calendar and instants agree", calendar_and_instants_agree),
		PROVES("sums past the end stay at the end", sums_past_the_end_stay_at_the_end),
		PROVES("only zones of tzdata exist", only_zones_of_tzdata_exist),
		PROVES("the test clock moves the time, and garbage does not",
		    the_test_clock_moves_the_time_and_garbage_does_not),
		PROVES("the monotonic clock never goes back", the_monotonic_clock_never_goes_back),
	};

	return RUN(tests);
}
