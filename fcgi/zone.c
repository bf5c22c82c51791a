/*
 * Days and months in a time zone, from tzdata's compiled files (RFC 9636, "TZif"). A zone is read once by a process and
 * kept. A day begins at the first moment whose date there is that day, or a later one: where clocks skip midnight, at
 * the moment of the change; where they show it twice, the first time. So days and months never overlap and leave no
 * gap.
 */
#include "zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "text.h"

#define MICROSECONDS INT64_C(1000000)
#define DAY INT64_C(86400)
#define NEVER INT64_MAX

enum {
	NAME_LENGTH = 64,
	FILE_LENGTH = 32768,
	ZONES = 16,         /* kept at once */
	WIDEST = 26 * 3600, /* no offset is as far from UTC (RFC 9636, 3.2) */
	TYPE_LENGTH = 6,
	HEADER_LENGTH = 44,
};

struct kept_zone {
	char name[NAME_LENGTH + 1];
	struct zone zone;
};
static struct kept_zone kept[ZONES];
static size_t kept_next; /* the place of the one that is read next */

/* Names begin with a capital: that leaves out tzdata's own files and its posix/ and right/ copies. */
static bool
is_zone_name(struct text name)
{
	if (name.length == 0 || name.length > NAME_LENGTH || name.at[0] < 'A' || name.at[0] > 'Z' ||
	    name.at[name.length - 1] == '/')
		return false;
	for (size_t i = 0; i < name.length; i++) {
		char c = name.at[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '+' && c != '-' && c != '/')
			return false;
		if (c == '/' && name.at[i - 1] == '/')
			return false;
	}
	return true;
}

/* ---- the file --------------------------------------------------------------------------------------------------- */

/* Answers how much of the zone's file was read; 0: there is no such file. */
static size_t
read_file(struct text name, unsigned char content[static FILE_LENGTH])
{
	char path[sizeof("/usr/share/zoneinfo/") + NAME_LENGTH];
	struct stat status;
	ssize_t length = -1;
	int file;

	if (!is_zone_name(name))
		return 0;
	snprintf(path, sizeof(path), "/usr/share/zoneinfo/%.*s", (int)name.length, name.at);
	file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0)
		return 0;
	if (fstat(file, &status) == 0 && S_ISREG(status.st_mode))
		length = read(file, content, FILE_LENGTH);
	close(file);
	return length < 4 || memcmp(content, "TZif", 4) != 0 ? 0 : (size_t)length;
}

static int64_t
big_endian(const unsigned char *at, size_t count)
{
	uint64_t value = at[0] & 0x80 ? ~UINT64_C(0) : 0;

	for (size_t i = 0; i < count; i++)
		value = value << 8 | at[i];
	return (int64_t)value;
}

struct counts {
	size_t utc, standard, leaps, times, types, characters;
};

static bool
read_counts(const unsigned char *at, size_t length, struct counts *counts)
{
	size_t *members[] = { &counts->utc, &counts->standard, &counts->leaps, &counts->times, &counts->types,
		&counts->characters };

	if (length < HEADER_LENGTH || memcmp(at, "TZif", 4) != 0 || at[4] < '2')
		return false;
	for (size_t i = 0; i < COUNT(members); i++) {
		int64_t count = big_endian(at + 20 + 4 * i, 4);

		if (count < 0 || count > FILE_LENGTH)
			return false;
		*members[i] = (size_t)count;
	}
	return counts->types > 0;
}

static size_t
block_length(const struct counts *counts, size_t time_length)
{
	return counts->times * (time_length + 1) + counts->types * TYPE_LENGTH + counts->characters +
	       counts->leaps * (time_length + 4) + counts->standard + counts->utc;
}

/* The block of 64-bit times behind the one of 32-bit times, and the rule behind both. */
static bool
parse_file(const unsigned char *at, size_t length, struct zone *zone)
{
	struct counts counts;
	const unsigned char *kinds, *types;
	size_t skipped;

	if (!read_counts(at, length, &counts))
		return false;
	skipped = HEADER_LENGTH + block_length(&counts, 4);
	if (skipped > length || !read_counts(at + skipped, length - skipped, &counts) || counts.times > ZONE_CHANGES)
		return false;
	at += skipped + HEADER_LENGTH;
	length -= skipped + HEADER_LENGTH;
	skipped = block_length(&counts, 8);
	if (skipped >= length || at[skipped] != '\n')
		return false;
	kinds = at + counts.times * 8;
	types = kinds + counts.times;
	zone->count = counts.times;
	zone->first_offset = big_endian(types, 4);
	for (size_t i = 0; i < counts.times; i++) {
		if (kinds[i] >= counts.types)
			return false;
		zone->changes[i] = big_endian(at + 8 * i, 8);
		zone->offsets[i] = (int32_t)big_endian(types + kinds[i] * (size_t)TYPE_LENGTH, 4);
	}
	return zone_rule_parse((struct text){ (const char *)at + skipped + 1, length - skipped - 1 }, &zone->rule);
}

static const struct zone *
find_zone(struct text name)
{
	unsigned char content[FILE_LENGTH];
	struct kept_zone *place;
	size_t length;

	for (size_t i = 0; i < ZONES; i++)
		if (name.length > 0 && text_is(name, kept[i].name))
			return &kept[i].zone;
	length = read_file(name, content);
	if (length == 0)
		return NULL;
	place = &kept[kept_next];
	place->name[0] = '\0';
	if (!parse_file(content, length, &place->zone))
		return NULL;
	memcpy(place->name, name.at, name.length);
	place->name[name.length] = '\0';
	kept_next = (kept_next + 1) % ZONES;
	return &place->zone;
}

bool
zone_exists(struct text name)
{
	return find_zone(name) != NULL;
}

/* ---- offsets and their changes; all times in seconds --------------------------------------------------------------
 */

/* How many of the file's changes lie at or before the moment. */
static size_t
changes_until(const struct zone *zone, int64_t at)
{
	size_t low = 0, high = zone->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->changes[middle] <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The offset that holds at a moment, and when it changes next. Behind the file's last change the rule goes on. */
static int64_t
offset_at(const struct zone *zone, int64_t at, int64_t *until)
{
	size_t passed = changes_until(zone, at);

	if (passed < zone->count) {
		*until = zone->changes[passed];
		return passed == 0 ? zone->first_offset : zone->offsets[passed - 1];
	}
	if (zone->rule.is_given)
		return zone_rule_offset(&zone->rule, at, until);
	*until = NEVER;
	return passed == 0 ? zone->first_offset : zone->offsets[passed - 1];
}

/* The first moment of a date there; `day` counts from 1970-01-01. */
static int64_t
first_moment(const struct zone *zone, int64_t day)
{
	int64_t at = day * DAY - WIDEST, until;

	for (;;) {
		int64_t midnight = day * DAY - offset_at(zone, at, &until);

		if (midnight < at)
			midnight = at;
		if (midnight < until)
			return midnight;
		at = until;
	}
}

static int64_t
floor_divide(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

/* The day there that a moment belongs to. */
static int64_t
day_at(const struct zone *zone, int64_t at)
{
	int64_t until, day = floor_divide(at + offset_at(zone, at, &until), DAY);

	/* Clocks that were put back over midnight show the day before once more: it does not come back. */
	while (first_moment(zone, day + 1) <= at)
		day++;
	return day;
}

/* ---- days and months ----------------------------------------------------------------------------------------------
 */

/* The zone, and the second that the moment lies in. */
static const struct zone *
look_up(struct text name, struct instant at, int64_t *second)
{
	*second = floor_divide(at.microseconds, MICROSECONDS);
	return find_zone(name);
}

static struct instant
instant_of(int64_t second)
{
	return instant_plus_seconds((struct instant){ 0 }, second);
}

bool
zone_day_start(struct text name, struct instant at, struct instant *start)
{
	int64_t second;
	const struct zone *zone = look_up(name, at, &second);

	if (zone == NULL)
		return false;
	*start = instant_of(first_moment(zone, day_at(zone, second)));
	return true;
}

bool
zone_next_day_start(struct text name, struct instant at, struct instant *start)
{
	int64_t second;
	const struct zone *zone = look_up(name, at, &second);

	if (zone == NULL)
		return false;
	*start = instant_of(first_moment(zone, day_at(zone, second) + 1));
	return true;
}

bool
zone_date(struct text name, struct instant at, struct date *date)
{
	int64_t second;
	const struct zone *zone = look_up(name, at, &second);

	if (zone == NULL)
		return false;
	*date = date_of(day_at(zone, second));
	return true;
}

bool
zone_date_start(struct text name, struct date date, struct instant *start)
{
	const struct zone *zone = find_zone(name);

	if (zone == NULL)
		return false;
	*start = instant_of(first_moment(zone, day_of(date)));
	return true;
}

bool
zone_offset(struct text name, struct instant at, int64_t *seconds)
{
	int64_t second, until;
	const struct zone *zone = look_up(name, at, &second);

	if (zone == NULL)
		return false;
	*seconds = offset_at(zone, second, &until);
	return true;
}

bool
zone_month_start(struct text name, struct instant at, struct instant *start, struct instant *end)
{
	int64_t second, first, next;
	const struct zone *zone = look_up(name, at, &second);
	struct date date;

	if (zone == NULL)
		return false;
	date = date_of(day_at(zone, second));
	first = day_of((struct date){ date.year, date.month, 1 });
	next = day_of((struct date){ date.year + date.month / 12, date.month % 12 + 1, 1 });
	*start = instant_of(first_moment(zone, first));
	*end = instant_of(first_moment(zone, next));
	return true;
}
