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
#include "zone.h"

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

static struct instant
moment(const char *text)
{
	struct instant at;

	assert_true(instant_parse(text_from(text), &at));
	return at;
}

static void
assert_moment(struct instant at, const char *expected)
{
	char out[RFC3339_LENGTH + 1];

	instant_format(at, out);
	assert_string_equal(out, expected);
}

/* Of a moment: where its day begins, and the next one. */
static void
assert_day(const char *zone, const char *at, const char *start, const char *next)
{
	struct instant found;

	assert_true(zone_day_start(text_from(zone), moment(at), &found));
	assert_moment(found, start);
	assert_true(zone_next_day_start(text_from(zone), moment(at), &found));
	assert_moment(found, next);
}

static void
assert_month(const char *zone, const char *at, const char *start, const char *end)
{
	struct instant found, after;

	assert_true(zone_month_start(text_from(zone), moment(at), &found, &after));
	assert_moment(found, start);
	assert_moment(after, end);
}

static void
a_day_begins_at_midnight_there(void **state)
{
	(void)state;
	assert_day("UTC", "2026-11-22T06:12:32.5Z", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z");
	assert_day("UTC", "2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z", "2026-11-23T00:00:00Z");
	assert_day("UTC", "2026-11-21T23:59:59.999999Z", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z");
	assert_day("Australia/Sydney", "2026-12-31T13:00:00Z", "2026-12-31T13:00:00Z", "2027-01-01T13:00:00Z");
	assert_day("Australia/Sydney", "2026-12-31T12:59:59.999999Z", "2026-12-30T13:00:00Z", "2026-12-31T13:00:00Z");
	assert_day("Asia/Kathmandu", "2026-05-01T18:15:00Z", "2026-05-01T18:15:00Z", "2026-05-02T18:15:00Z");
	assert_day("Pacific/Kiritimati", "2026-02-28T09:59:59Z", "2026-02-27T10:00:00Z", "2026-02-28T10:00:00Z");
	assert_day("Etc/GMT+12", "2026-03-01T11:59:59Z", "2026-02-28T12:00:00Z", "2026-03-01T12:00:00Z");
}

static void
a_day_on_which_clocks_change_is_longer_or_shorter(void **state)
{
	(void)state;
	assert_day("Australia/Sydney", "2024-10-05T20:00:00Z", "2024-10-05T14:00:00Z", "2024-10-06T13:00:00Z");
	assert_day("Australia/Sydney", "2024-04-06T20:00:00Z", "2024-04-06T13:00:00Z", "2024-04-07T14:00:00Z");
	assert_day("America/New_York", "2024-03-10T12:00:00Z", "2024-03-10T05:00:00Z", "2024-03-11T04:00:00Z");
	assert_day("Australia/Lord_Howe", "2024-04-06T20:00:00Z", "2024-04-06T13:00:00Z", "2024-04-07T13:30:00Z");
}

static void
a_day_without_midnight_begins_when_the_clocks_change(void **state)
{
	(void)state;
	assert_day("America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z");
	assert_day("America/Sao_Paulo", "2018-11-04T02:59:59.999999Z", "2018-11-03T03:00:00Z", "2018-11-04T03:00:00Z");
	assert_day("Asia/Beirut", "2024-03-30T23:00:00Z", "2024-03-30T22:00:00Z", "2024-03-31T21:00:00Z");
	assert_day("Africa/Cairo", "2024-04-26T10:00:00Z", "2024-04-25T22:00:00Z", "2024-04-26T21:00:00Z");
}

static void
a_midnight_that_comes_twice_counts_the_first_time(void **state)
{
	(void)state;
	/* 01:00 becomes 00:00: the day has two midnights. */
	assert_day("America/Havana", "2024-11-03T05:30:00Z", "2024-11-03T04:00:00Z", "2024-11-04T05:00:00Z");
	/* 24:00 becomes 23:00: the day before has its last hour twice. */
	assert_day("Asia/Beirut", "2024-10-26T21:30:00Z", "2024-10-25T21:00:00Z", "2024-10-26T22:00:00Z");
	/* 00:01 became 23:01: the day had begun, and goes on. */
	assert_day("America/St_Johns", "2010-11-07T02:30:30Z", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z");
	assert_day("America/St_Johns", "2010-11-07T02:45:00Z", "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z");
}

static void
a_day_that_a_zone_left_out_is_empty(void **state)
{
	(void)state;
	assert_day("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z");
	assert_day("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z");
}

static void
a_month_ends_where_the_next_begins(void **state)
{
	(void)state;
	assert_month("UTC", "2026-12-31T23:59:59.999999Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
	assert_month("UTC", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z");
	assert_month("UTC", "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z");
	assert_month("Australia/Sydney", "2024-09-30T13:59:59.999999Z", "2024-08-31T14:00:00Z", "2024-09-30T14:00:00Z");
	assert_month("Australia/Sydney", "2024-09-30T14:00:00Z", "2024-09-30T14:00:00Z", "2024-10-31T13:00:00Z");
	assert_month("Australia/Sydney", "2026-12-31T13:00:00Z", "2026-12-31T13:00:00Z", "2027-01-31T13:00:00Z");
	assert_month("Pacific/Kiritimati", "2026-12-31T10:00:00Z", "2026-12-31T10:00:00Z", "2027-01-31T10:00:00Z");
	assert_month("Etc/GMT+12", "2027-01-01T11:59:59Z", "2026-12-01T12:00:00Z", "2027-01-01T12:00:00Z");
	assert_month("Etc/GMT-14", "2027-01-01T00:00:00Z", "2026-12-31T10:00:00Z", "2027-01-31T10:00:00Z");
	assert_month("America/Havana", "2020-11-01T04:00:00Z", "2020-11-01T04:00:00Z", "2020-12-01T05:00:00Z");
	assert_month("Africa/Cairo", "2024-10-30T20:59:59Z", "2024-09-30T21:00:00Z", "2024-10-31T22:00:00Z");
}

/* The offset by a rule right before and at a moment. */
static void
assert_change(const char *string, const char *at, int64_t before, int64_t after)
{
	struct zone_rule rule;
	int64_t second = moment(at).microseconds / 1000000, until;

	assert_true(zone_rule_parse(text_from(string), &rule) && rule.is_given);
	assert_int_equal(zone_rule_offset(&rule, second - 1, &until), before);
	assert_int_equal(until, second);
	assert_int_equal(zone_rule_offset(&rule, second, &until), after);
	assert_true(until > second);
}

static void
years_behind_the_zones_file_follow_its_rule(void **state)
{
	static const char *const refused[] = { "", "AEST", "AEST-10", "AEST-25\n", "AEST-10AEDT\n",
		"AEST-10AEDT,M10.1.0\n", "AEST-10AEDT,M13.1.0,M4.1.0\n", "AEST-10AEDT,M10.6.0,M4.1.0\n",
		"AEST-10AEDT,M10.1.7,M4.1.0\n", "AEST-10AEDT,M10.1.0/168,M4.1.0\n", "<+03-3\n", "A-10B,J0,J365\n",
		"A-10B,366,1\n", "A-10:60\n" };
	struct zone_rule rule;
	int64_t until;

	(void)state;
	assert_change("AEST-10AEDT,M10.1.0,M4.1.0/3\n", "2097-10-05T16:00:00Z", 36000, 39600);
	assert_change("AEST-10AEDT,M10.1.0,M4.1.0/3\n", "2098-04-05T16:00:00Z", 39600, 36000);
	assert_change("EST5EDT,M3.2.0,M11.1.0\n", "2100-03-14T07:00:00Z", -18000, -14400);
	assert_change("EET-2EEST,M4.5.5/0,M10.5.4/24\n", "2096-10-25T21:00:00Z", 10800, 7200);
	assert_change("<-02>2<-01>,M3.5.0/-1,M10.5.0/0\n", "2096-03-25T01:00:00Z", -7200, -3600);
	assert_change("IST-1GMT0,M10.5.0,M3.5.0/1\n", "2096-10-28T01:00:00Z", 3600, 0);
	assert_change("A0B,J60,J300\n", "2096-03-01T02:00:00Z", 0, 3600);
	assert_change("A0B,59,J300\n", "2096-02-29T02:00:00Z", 0, 3600);
	assert_true(zone_rule_parse(text_from("<+0530>-5:30\n"), &rule));
	assert_int_equal(zone_rule_offset(&rule, 0, &until), 19800);
	assert_int_equal(until, INT64_MAX);
	assert_true(zone_rule_parse(text_from("XXX3EDT4,0/0,J365/23\n"), &rule));
	for (int64_t second = 0; second < 4 * 31557600; second += 1800)
		assert_int_equal(zone_rule_offset(&rule, second, &until), -14400);
	assert_true(zone_rule_parse(text_from("\n"), &rule) && !rule.is_given);
	for (size_t i = 0; i < COUNT(refused); i++)
		if (zone_rule_parse(text_from(refused[i]), &rule))
			fail_msg("%s was taken", refused[i]);
}

static void
a_zone_that_is_none_has_no_days(void **state)
{
	struct instant at = { 0 }, end;

	(void)state;
	assert_false(zone_day_start(text_from("Nowhere/Land"), at, &at));
	assert_false(zone_next_day_start(text_from(""), at, &at));
	assert_false(zone_month_start(text_from("../UTC"), at, &at, &end));
}

/* The date there by the C library's own reading of tzdata, as a number that grows. */
static int
library_date(int64_t second)
{
	struct tm tm;
	time_t at = second;

	localtime_r(&at, &tm);
	return (tm.tm_year * 100 + tm.tm_mon) * 100 + tm.tm_mday;
}

/* Days and months at random moments of 90 years: each begins where the library's date first is its date or later. */
static void
assert_agreement(const char *zone)
{
	struct text name = text_from(zone);
	uint64_t random = name.length * 977 + (unsigned char)zone[name.length - 1];

	for (int i = 0; i < 300; i++) {
		struct instant at, start = { 0 }, next = { 0 }, month = { 0 }, after = { 0 };
		int date;

		random = random * 6364136223846793005U + 1442695040888963407U;
		at.microseconds = (int64_t)(random >> 11) % INT64_C(2840140800000000);
		assert_true(zone_day_start(name, at, &start) && zone_next_day_start(name, at, &next));
		assert_true(zone_month_start(name, at, &month, &after));
		assert_true(start.microseconds <= at.microseconds && at.microseconds < next.microseconds);
		assert_true(month.microseconds <= start.microseconds && next.microseconds <= after.microseconds);
		date = library_date(start.microseconds / 1000000);
		if (library_date(at.microseconds / 1000000) > date ||
		    library_date(start.microseconds / 1000000 - 1) >= date)
			fail_msg("%s: the day of %lld", zone, (long long)at.microseconds);
		if (library_date(next.microseconds / 1000000) <= date ||
		    library_date(next.microseconds / 1000000 - 1) > date)
			fail_msg("%s: the end of the day of %lld", zone, (long long)at.microseconds);
		if (library_date(month.microseconds / 1000000) / 100 != date / 100 ||
		    library_date(month.microseconds / 1000000 - 1) / 100 >= date / 100 ||
		    library_date(after.microseconds / 1000000) / 100 <= date / 100 ||
		    library_date(after.microseconds / 1000000 - 1) / 100 != date / 100)
			fail_msg("%s: the month of %lld", zone, (long long)at.microseconds);
	}
}

/* Every zone and every other name of one, as tzdata lists them. */
static void
every_zone_agrees_with_the_c_library(void **state)
{
	FILE *list = fopen("/usr/share/zoneinfo/tzdata.zi", "r");
	char line[500], first[100], second[100];
	int count = 0;

	(void)state;
	assert_non_null(list);
	while (fgets(line, sizeof(line), list) != NULL) {
		const char *zone = line[0] == 'L' ? second : first;

		if ((line[0] != 'Z' && line[0] != 'L') || sscanf(line + 1, "%99s %99s", first, second) != 2)
			continue;
		if (zone[0] == 'F' && strcmp(zone, "Factory") == 0)
			continue;
		setenv("TZ", zone, 1);
		tzset();
		assert_agreement(zone);
		count++;
	}
	fclose(list);
	unsetenv("TZ");
	tzset();
	assert_true(count > 400);
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
		PROVES("a day begins at midnight there", a_day_begins_at_midnight_there),
		PROVES("a day on which clocks change is longer or shorter",
		    a_day_on_which_clocks_change_is_longer_or_shorter),
		PROVES("a day without midnight begins when the clocks change",
		    a_day_without_midnight_begins_when_the_clocks_change),
		PROVES("a midnight that comes twice counts the first time",
		    a_midnight_that_comes_twice_counts_the_first_time),
		PROVES("a day that a zone left out is empty", a_day_that_a_zone_left_out_is_empty),
		PROVES("a month ends where the next begins", a_month_ends_where_the_next_begins),
		PROVES("years behind the zone's file follow its rule", years_behind_the_zones_file_follow_its_rule),
		PROVES("a zone that is none has no days", a_zone_that_is_none_has_no_days),
		PROVES("every zone agrees with the C library", every_zone_agrees_with_the_c_library),
		PROVES("the monotonic clock never goes back", the_monotonic_clock_never_goes_back),
	};

	return RUN(tests);
}
