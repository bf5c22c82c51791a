/*
 * Fills the gaps of the demo data's inputs (ctl_demo.h). Figures follow from the month and a serial number alone, so
 * that two demos of one day are alike.
 */
#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "ctl_demo.h"
#include "id.h"
#include "text.h"

enum { MONTHS = 12, DAY_SECONDS = 86400, GROWTH_PERCENT = 2, WOBBLE = 9, EXPIRY_DAYS = 30 };

/* How busy the months of a year are, in percent. */
static const int busy[MONTHS] = { 92, 97, 106, 101, 99, 104, 109, 96, 103, 111, 114, 86 };

static struct date
month_of(struct instant at, int later)
{
	struct date day = { 0 };
	int64_t months;

	if (!zone_date(text_from("UTC"), at, &day))
		return day;
	months = day.year * MONTHS + day.month - 1 + later;
	return (struct date){ months / MONTHS, months % MONTHS + 1, 1 };
}

static struct instant
start_of(struct date date)
{
	return instant_from_utc((int)date.year, (int)date.month, (int)date.day, 0, 0, 0, 0);
}

static void
add_day(struct buffer *out, struct instant at)
{
	char text[RFC3339_LENGTH + 1];

	instant_format(at, text);
	buffer_add(out, text, strlen("0000-00-00"));
}

static int64_t
scale(const struct demo_gaps *gaps, int64_t least)
{
	struct date date = month_of(gaps->at, 0);
	int64_t wobble = 100 - WOBBLE / 2 + gaps->serial * 7 % WOBBLE;

	return least * gaps->percent / 100 * busy[date.month - 1] / 100 * (100 - GROWTH_PERCENT * gaps->months_ago) /
	       100 * wobble / 100;
}

static bool
add_id(struct buffer *out, struct id id)
{
	char ulid[ID_CHARACTERS + 1];

	id_format(id, ulid);
	buffer_add_string(out, ulid);
	return !id_is_zero(id);
}

/* The number behind a gap's name; `*form` is moved behind it. */
static int
take_number(const char **form)
{
	int number = 0;

	while (isdigit((unsigned char)**form))
		number = number * 10 + *(*form)++ - '0';
	return number;
}

static bool
add_end(struct buffer *out, const struct demo_gaps *gaps, const char **form)
{
	struct instant next = start_of(month_of(gaps->at, take_number(form) + 1));

	add_day(out, instant_plus_seconds(next, -DAY_SECONDS));
	return true;
}

static bool
add_after(struct buffer *out, const struct demo_gaps *gaps, const char **form)
{
	struct date date = month_of(gaps->at, take_number(form));

	date.day = 15;
	add_day(out, start_of(date));
	return true;
}

static bool
add_month(struct buffer *out, const struct demo_gaps *gaps, const char **form)
{
	char text[RFC3339_LENGTH + 1];

	(void)form;
	instant_format(gaps->at, text);
	buffer_add(out, text, strlen("0000-00"));
	return true;
}

static bool
add_last(struct buffer *out, const struct demo_gaps *gaps, const char **form)
{
	char text[RFC3339_LENGTH + 1];

	(void)form;
	instant_format(start_of(month_of(gaps->at, -1)), text);
	buffer_add(out, text, strlen("0000-00"));
	return true;
}

static bool
add_begin(struct buffer *out, const struct demo_gaps *gaps, const char **form)
{
	(void)form;
	add_day(out, start_of(month_of(gaps->at, 0)));
	return true;
}

static bool
add_expiry(struct buffer *out, const struct demo_gaps *gaps, const char **form)
{
	char text[RFC3339_LENGTH + 1];

	(void)form;
	instant_format(instant_plus_seconds(gaps->at, (int64_t)EXPIRY_DAYS * DAY_SECONDS), text);
	buffer_add_string(out, text);
	return true;
}

static bool
add_serial(struct buffer *out, const struct demo_gaps *gaps, const char **form)
{
	(void)form;
	buffer_format(out, "%" PRId64, gaps->serial);
	return true;
}

static bool
add_organization(struct buffer *out, const struct demo_gaps *gaps, const char **form)
{
	(void)form;
	return add_id(out, gaps->organization);
}

static bool
add_run(struct buffer *out, const struct demo_gaps *gaps, const char **form)
{
	(void)form;
	return add_id(out, gaps->run);
}

static bool
add_token(struct buffer *out, const struct demo_gaps *gaps, const char **form)
{
	(void)form;
	buffer_add_string(out, gaps->token);
	return *gaps->token != '\0';
}

static const struct {
	const char *name;
	bool (*add)(struct buffer *out, const struct demo_gaps *gaps, const char **form);
} kinds[] = {
	{ "organization", add_organization },
	{ "month", add_month },
	{ "last", add_last },
	{ "begin", add_begin },
	{ "end", add_end },
	{ "after", add_after },
	{ "expiry", add_expiry },
	{ "serial", add_serial },
	{ "token", add_token },
	{ "run", add_run },
};

static bool
add_gap(struct buffer *out, const struct demo_gaps *gaps, const char **form)
{
	if (isdigit((unsigned char)**form)) {
		int number = take_number(form);

		assert(number < DEMO_KEPT);
		return add_id(out, gaps->kept[number]);
	}
	for (size_t i = 0; i < COUNT(kinds); i++) {
		size_t length = strlen(kinds[i].name);

		if (strncmp(*form, kinds[i].name, length) != 0)
			continue;
		*form += length;
		return kinds[i].add(out, gaps, form);
	}
	assert(false); /* no gap has such a name */
	return false;
}

const char *
demo_fill(const char *form, const struct demo_gaps *gaps, struct buffer *out)
{
	const char *missing = NULL;

	while (*form != '\0') {
		size_t plain = strcspn(form, "$~");

		buffer_add(out, form, plain);
		form += plain;
		if (*form == '$') {
			const char *gap = form++;

			if (!add_gap(out, gaps, &form) && missing == NULL)
				missing = gap;
		} else if (*form == '~') {
			form++;
			buffer_format(out, "%" PRId64, scale(gaps, take_number(&form)));
			form++;
		}
	}
	return missing;
}
