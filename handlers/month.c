/*
 * Calendar months of an organization, computed from its time zone.
 */
#include "month.h"

#include "clock.h"
#include "log.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

struct zone_row {
	struct text timezone;
};
static const struct field zone_row_fields[] = {
	FIELD(zone_row, timezone, ANY, "The organization's time zone."),
};
SHAPE(zone_row)

static const struct statement read_zone = {
	.sql = "SELECT timezone FROM organization WHERE id = :organization",
	.gives = &zone_row_shape,
};

const struct problem *
month_zone(struct call *call, struct text *zone)
{
	struct zone_row row;
	const struct problem *p = sql_one(call, &read_zone, NULL, &row);

	if (p != NULL)
		return p;
	if (!zone_exists(row.timezone)) {
		log_error("organization's time zone %s is gone from tzdata: its months are UTC's", row.timezone.at);
		row.timezone = TEXT("UTC");
	}
	*zone = row.timezone;
	return NULL;
}

bool
month_make(struct text zone, int64_t year, int64_t month, struct month *out)
{
	bool is_last = month == 12;

	*out = (struct month){ .year = year, .month = month };
	if (year < MONTH_FIRST_YEAR || year > MONTH_LAST_YEAR || month < 1 || month > 12)
		return false;
	out->name[0] = (char)('0' + year / 1000);
	out->name[1] = (char)('0' + year / 100 % 10);
	out->name[2] = (char)('0' + year / 10 % 10);
	out->name[3] = (char)('0' + year % 10);
	out->name[4] = '-';
	out->name[5] = (char)('0' + month / 10);
	out->name[6] = (char)('0' + month % 10);
	return zone_date_start(zone, (struct date){ year, month, 1 }, &out->from) &&
	       zone_date_start(zone, (struct date){ year + is_last, is_last ? 1 : month + 1, 1 }, &out->to);
}

/* ---- as it is written ------------------------------------------------------------------------------------------ */

static bool
digits(struct text text, size_t from, size_t to, int64_t *number)
{
	*number = 0;
	for (size_t i = from; i < to; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		*number = *number * 10 + text.at[i] - '0';
	}
	return true;
}

static bool
split(struct text period, int64_t *year, int64_t *month)
{
	return period.length == 7 && period.at[4] == '-' && digits(period, 0, 4, year) && digits(period, 5, 7, month) &&
	       *month >= 1 && *month <= 12;
}

static const char *
check_period(struct text value)
{
	int64_t year, month;

	return split(value, &year, &month) ? NULL : "A period is a month, written like 2026-11.";
}

const struct format period_format = {
	.pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$",
	.check = check_period,
};

/* ---- of an organization ---------------------------------------------------------------------------------------- */

const struct problem *
month_parse_in(struct call *call, struct text zone, struct text period, struct month *out)
{
	int64_t year, month;

	if (!split(period, &year, &month))
		return fail_field(call, "/period", "bad_format", "A period is a month, written like 2026-11.");
	if (!month_make(zone, year, month, out))
		return fail_field(call, "/period", "out_of_range", "A period lies in the years from %d to %d.",
		    MONTH_FIRST_YEAR, MONTH_LAST_YEAR);
	return NULL;
}

const struct problem *
month_parse(struct call *call, struct text period, struct month *out)
{
	struct text zone;
	const struct problem *p = month_zone(call, &zone);

	return p != NULL ? p : month_parse_in(call, zone, period, out);
}

const struct problem *
month_of(struct call *call, struct instant at, struct month *out)
{
	struct text zone;
	struct date date;
	const struct problem *p = month_zone(call, &zone);

	if (p != NULL)
		return p;
	if (!zone_date(zone, at, &date) || !month_make(zone, date.year, date.month, out))
		return fail_internal(call, "no month can be computed");
	return NULL;
}

const struct problem *
month_plus(struct call *call, const struct month *month, int64_t months, struct month *out)
{
	struct text zone;
	int64_t count = month->year * 12 + month->month - 1 + months;
	const struct problem *p = month_zone(call, &zone);

	if (p != NULL)
		return p;
	return month_make(zone, count / 12, count % 12 + 1, out) ? NULL
								 : fail_internal(call, "no month can be computed");
}

const struct problem *
month_next(struct call *call, const struct month *month, struct month *out)
{
	return month_plus(call, month, 1, out);
}

const struct problem *
month_last_closed(struct call *call, struct month *out)
{
	const struct problem *p = month_of(call, call->now, out);

	return p != NULL ? p : month_plus(call, out, -1, out);
}

const struct problem *
month_wanted(struct call *call, struct maybe_text period, struct month *out)
{
	struct text text = { period.at, period.length };

	return period.at == NULL ? month_last_closed(call, out) : month_parse(call, text, out);
}

bool
month_is_closed(const struct call *call, const struct month *month)
{
	return !instant_before(call->now, month->to);
}

const struct resource month_resource = {
	.name = "month",
	.summary = "The calendar months that bills are of.",
	.statements = LIST_OF(statement, &read_zone),
};
