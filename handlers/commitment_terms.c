/*
 * What a commitment may say: local days, cumulative milestones, services; and the moments that its days stand for. Days
 * end at local midnight, by the organization's zone as it is when the terms are written down.
 */
#include "commitment.h"

#include "clock.h"
#include "formats.h"
#include "json.h"
#include "resources.h"
#include "text.h"

enum { FIRST_YEAR = 2000, LAST_YEAR = 2199, SERVICE_MOST = 100 };

/* ---- days ------------------------------------------------------------------------------------------------------ */

static bool
digits(const char *at, size_t count, int64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < count; i++) {
		if (at[i] < '0' || at[i] > '9')
			return false;
		*number = *number * 10 + at[i] - '0';
	}
	return true;
}

static int64_t
days_in(int64_t year, int64_t month)
{
	static const int64_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap);
}

static bool
read_day(struct text text, struct date *date)
{
	return text.length == 10 && text.at[4] == '-' && text.at[7] == '-' && digits(text.at, 4, &date->year) &&
	       digits(text.at + 5, 2, &date->month) && digits(text.at + 8, 2, &date->day) && date->month >= 1 &&
	       date->month <= 12 && date->day >= 1 && date->day <= days_in(date->year, date->month);
}

static const char *
check_day(struct text value)
{
	struct date date;

	if (!read_day(value, &date))
		return "This is a day, written like 2026-11-22.";
	return date.year < FIRST_YEAR || date.year > LAST_YEAR ? "A day lies in the years from 2000 to 2199." : NULL;
}

const struct format day_format = { .name = "date", .pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", .check = check_day };

/* The first moment of the day, or of the one behind it. */
static bool
day_start(struct text zone, struct text day, int64_t days_later, struct instant *start)
{
	struct date date;

	if (!read_day(day, &date))
		return false;
	date.day += days_later;
	if (date.day > days_in(date.year, date.month)) {
		date = (struct date){ date.year + (date.month == 12), date.month % 12 + 1, 1 };
	}
	return zone_date_start(zone, date, start);
}

static int
compare_days(struct text a, struct text b)
{
	for (size_t i = 0; i < a.length; i++)
		if (a.at[i] != b.at[i])
			return a.at[i] < b.at[i] ? -1 : 1;
	return 0;
}

/* ---- faults ---------------------------------------------------------------------------------------------------- */

struct finder {
	struct call *call;
	const struct fault *faults;
};

static void
find_fault(struct finder *finder, const char *pointer, const char *code, const char *detail)
{
	struct fault *fault = arena_take(finder->call->arena, sizeof(*fault));

	*fault = (struct fault){ .pointer = pointer, .code = code, .detail = detail, .next = finder->faults };
	finder->faults = fault;
}

static const char *
in_list(const struct finder *finder, const char *list, size_t place, const char *member)
{
	return arena_format(finder->call->arena, "/%s/%zu%s", list, place, member).at;
}

static void
check_services(struct finder *finder, const struct texts *services)
{
	for (size_t i = 0; i < services->count; i++) {
		if (services->items[i].length == 0 || utf8_count(services->items[i]) > SERVICE_MOST)
			find_fault(finder, in_list(finder, "eligible_services", i, ""), "out_of_range",
			    "A service's name has 1 to 100 characters.");
		for (size_t j = 0; j < i; j++) {
			if (!text_equal(services->items[j], services->items[i]))
				continue;
			find_fault(finder, in_list(finder, "eligible_services", i, ""), "duplicate",
			    "This service is named twice.");
			break;
		}
	}
}

static void
check_milestone(struct finder *finder, const struct commitment *terms, size_t i, size_t place)
{
	const struct milestone *milestones = terms->milestones.items, *milestone = &milestones[i];
	const struct milestone *before = i > 0 ? &milestones[i - 1] : NULL;
	const char *on = in_list(finder, "milestones", place, "/on");
	const char *amount = in_list(finder, "milestones", place, "/amount");

	if (compare_days(milestone->on, terms->starts_on) < 0 || compare_days(milestone->on, terms->ends_on) > 0)
		find_fault(finder, on, "out_of_range", "A milestone is a day of the term.");
	else if (!instant_before(finder->call->now, milestone->at))
		find_fault(finder, on, "out_of_range", "This day is over already.");
	else if (before != NULL && compare_days(milestone->on, before->on) <= 0)
		find_fault(finder, on, "out_of_range", "Milestones follow each other in time.");
	if (milestone->amount.micros > terms->amount.micros)
		find_fault(finder, amount, "out_of_range", "A milestone is no more than what is promised in all.");
	else if (before != NULL && milestone->amount.micros <= before->amount.micros)
		find_fault(finder, amount, "out_of_range",
		    "Milestones are counted from the term's beginning on: each is more than the one before.");
	else if (compare_days(milestone->on, terms->ends_on) == 0 && milestone->amount.micros != terms->amount.micros)
		find_fault(finder, amount, "out_of_range", "On the term's last day it is all that is promised.");
}

static bool
find_moments(struct text zone, struct commitment *terms, size_t fixed, struct maybe_instant starts_at)
{
	struct milestone *milestones = terms->milestones.items;
	bool found = day_start(zone, terms->ends_on, 1, &terms->ends_at);

	if (starts_at.given)
		terms->starts_at = starts_at.value;
	else
		found = found && day_start(zone, terms->starts_on, 0, &terms->starts_at);
	for (size_t i = fixed; found && i < terms->milestones.count; i++)
		found = day_start(zone, milestones[i].on, 1, &milestones[i].at);
	return found;
}

const struct problem *
commitment_check_terms(
    struct call *call, struct text zone, struct commitment *terms, size_t fixed, struct maybe_instant starts_at)
{
	const struct milestone *milestones = terms->milestones.items;
	struct finder finder = { call, NULL };

	if (!find_moments(zone, terms, fixed, starts_at))
		return fail_internal(call, "the time zone %s has no such days", zone.at);
	if (!instant_before(terms->starts_at, terms->ends_at))
		find_fault(&finder, "/ends_on", "out_of_range", "A term ends on the day that it starts on, or later.");
	else if (!instant_before(call->now, terms->ends_at))
		find_fault(&finder, "/ends_on", "out_of_range", "This day is over already.");
	if (terms->milestones.count > MILESTONES_MOST)
		find_fault(&finder, "/milestones", "out_of_range", "With those that are reached these are too many.");
	if (fixed > 0 && compare_days(terms->ends_on, milestones[fixed - 1].on) <= 0)
		find_fault(&finder, "/ends_on", "out_of_range", "A term ends behind the milestones that were reached.");
	if (fixed > 0 && milestones[fixed - 1].amount.micros > terms->amount.micros)
		find_fault(&finder, "/amount", "out_of_range", "A milestone that is reached was more than this.");
	for (size_t i = fixed; i < terms->milestones.count; i++)
		check_milestone(&finder, terms, i, i - fixed);
	if (terms->milestones.count == 0 && commitment_is_by_milestones(terms))
		find_fault(&finder, "/milestones", "missing", "To be billed at milestones it needs some.");
	check_services(&finder, &terms->eligible_services);
	return json_faults(call, finder.faults);
}
