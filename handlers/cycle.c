/*
 * Which cycle a moment lies in. What is stored holds; what is not stored yet is computed from the subscription and the
 * time zone, and fitted between its stored neighbours, so that nobody has to wait for the job that writes cycles down.
 */
#include "cycle.h"

#include "clock.h"
#include "id.h"
#include "log.h"
#include "resources.h"
#include "statement.h"
#include "text.h"
#include "usage.h"

/* A time zone that was changed moves a boundary by 26 hours at the most: what is left over then is no cycle of its own.
 */
enum { SLIVER_SECONDS = 27 * 3600 };

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct moment {
	struct instant at;
};
static const struct field moment_fields[] = {
	FIELD(moment, at, ANY, "The moment."),
};
SHAPE(moment)

static const struct field cycle_fields[] = {
	FIELD(cycle, starts_at, ANY, "When it begins."),
	FIELD(cycle, ends_at, ANY, "When the next one does."),
	FIELD(cycle, plan_id, ANY, "Whose quotas count."),
	FIELD(cycle, subscription_id, ANY, "The subscription to that plan."),
	FIELD(cycle, closed_at, ANY, "When its usage was closed."),
};
SHAPE(cycle)

/* What a cycle is computed from: the platform subscription that was begun last at the moment, and the next one. */
struct ground {
	struct text timezone;
	struct maybe_id subscription_id;
	struct maybe_id plan_id;
	struct maybe_instant started_at;
	struct maybe_instant anchored_at;
	struct maybe_instant ended_at;
	int64_t anchor_year, anchor_month, anchor_day;
	struct maybe_instant later_start; /* of the first subscription that begins after the moment */
};
static const struct field ground_fields[] = {
	FIELD(ground, timezone, ANY, "The organization's time zone."),
	FIELD(ground, subscription_id, ANY, "The subscription."),
	FIELD(ground, plan_id, ANY, "Its plan."),
	FIELD(ground, started_at, ANY, "When it began."),
	FIELD(ground, anchored_at, ANY, "When its first month did."),
	FIELD(ground, ended_at, ANY, "When it ends, where that is known."),
	FIELD(ground, anchor_year, ANY, "The year of the day it is counted from."),
	FIELD(ground, anchor_month, ANY, "The month of it."),
	FIELD(ground, anchor_day, ANY, "The day of it."),
	FIELD(ground, later_start, ANY, "When the one behind it begins."),
};
SHAPE(ground)

static const struct statement read_last = {
	.sql = "SELECT starts_at, ends_at, plan_id, subscription_id, closed_at FROM usage_cycle"
	       " WHERE organization_id = :organization AND starts_at <= :at ORDER BY starts_at DESC LIMIT 1",
	.takes = &moment_shape,
	.gives = &cycle_shape,
};

static const struct statement read_following = {
	.sql = "SELECT starts_at, ends_at, plan_id, subscription_id, closed_at FROM usage_cycle"
	       " WHERE organization_id = :organization AND starts_at > :at ORDER BY starts_at LIMIT 1",
	.takes = &moment_shape,
	.gives = &cycle_shape,
};

/* A start that was never paid (cancelled as it began) is none. */
#define WAS_REAL " status <> 'incomplete' AND (cancelled_at IS NULL OR cancelled_at > started_at)"
static const struct statement read_ground = {
	.sql = "SELECT o.timezone, s.id AS subscription_id, s.plan_id, s.started_at,"
	       " s.usage_anchored_at AS anchored_at, COALESCE(s.cancelled_at, s.cancel_at) AS ended_at,"
	       " COALESCE(YEAR(s.usage_anchor_on), 0) AS anchor_year,"
	       " COALESCE(MONTH(s.usage_anchor_on), 0) AS anchor_month,"
	       " COALESCE(DAYOFMONTH(s.usage_anchor_on), 0) AS anchor_day,"
	       " (SELECT MIN(started_at) FROM subscription WHERE organization_id = :organization"
	       " AND product = 'platform' AND started_at > :at AND" WAS_REAL ") AS later_start"
	       " FROM organization o LEFT JOIN subscription s ON s.id = (SELECT id FROM subscription"
	       " WHERE organization_id = :organization AND product = 'platform' AND started_at <= :at AND" WAS_REAL
	       " ORDER BY started_at DESC LIMIT 1) WHERE o.id = :organization",
	.takes = &moment_shape,
	.gives = &ground_shape,
};

static const struct statement insert_cycle = {
	.sql = "INSERT INTO usage_cycle (organization_id, starts_at, ends_at, plan_id, subscription_id)"
	       " VALUES (:organization, :starts_at, :ends_at, :plan_id, :subscription_id)",
	.takes = &cycle_shape,
	.duplicate_is_zero = true,
};

/* Also where somebody else has just stored it. */
static const struct statement end_cycle = {
	.sql = "INSERT INTO usage_cycle (organization_id, starts_at, ends_at, plan_id, subscription_id)"
	       " VALUES (:organization, :starts_at, :ends_at, :plan_id, :subscription_id)"
	       " ON DUPLICATE KEY UPDATE ends_at = :ends_at",
	.takes = &cycle_shape,
};

static const struct statement begin_cycle = {
	.sql = "INSERT INTO usage_cycle (organization_id, starts_at, ends_at, plan_id, subscription_id)"
	       " VALUES (:organization, :starts_at, :ends_at, :plan_id, :subscription_id)"
	       " ON DUPLICATE KEY UPDATE ends_at = :ends_at, plan_id = :plan_id, subscription_id = :subscription_id",
	.takes = &cycle_shape,
};

/* One by one by their whole key: who locks a range waits for the row behind it too, which is another organization's. */
static const struct statement list_from = {
	.sql = "SELECT starts_at AS at FROM usage_cycle WHERE organization_id = :organization AND starts_at >= :at"
	       " ORDER BY starts_at",
	.takes = &moment_shape,
	.gives = &moment_shape,
};

static const struct statement lock_cycle = {
	.sql = "SELECT starts_at AS at FROM usage_cycle WHERE organization_id = :organization AND starts_at = :at"
	       " FOR UPDATE",
	.takes = &moment_shape,
	.gives = &moment_shape,
};

static const struct statement change_plan = {
	.sql = "UPDATE usage_cycle SET plan_id = :plan_id, subscription_id = :subscription_id"
	       " WHERE organization_id = :organization AND starts_at = :starts_at",
	.takes = &cycle_shape,
};

static const struct statement begin_in_book = {
	.sql = "CALL book_begin_cycle(:organization, :now, :starts_at, :ends_at)",
	.takes = &cycle_shape,
};

/* ---- the calendar ---------------------------------------------------------------------------------------------- */

static int64_t
days_in(int64_t year, int64_t month)
{
	static const int64_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap);
}

bool
cycle_boundary(struct text zone, struct anchor anchor, int64_t months, struct instant *out)
{
	int64_t month = anchor.year * 12 + anchor.month - 1 + months;
	struct date date = { .year = month / 12, .month = month % 12 + 1, .day = anchor.day };

	if (date.day > days_in(date.year, date.month))
		date.day = days_in(date.year, date.month);
	return zone_date_start(zone, date, out);
}

bool
cycle_anchor(struct text zone, struct instant at, struct anchor *out)
{
	struct date date;

	if (!zone_date(zone, at, &date))
		return false;
	*out = (struct anchor){ date.year, date.month, date.day };
	return true;
}

/* The last boundary at or before the moment, as a number of months; it may be the one before the anchor's own. */
static bool
months_until(struct text zone, struct anchor anchor, struct instant at, int64_t *months)
{
	struct instant boundary;
	struct date date;

	if (!zone_date(zone, at, &date))
		return false;
	*months = (date.year - anchor.year) * 12 + date.month - anchor.month;
	if (!cycle_boundary(zone, anchor, *months, &boundary))
		return false;
	*months -= instant_before(at, boundary);
	return true;
}

bool
cycle_period_end(struct text zone, struct anchor anchor, int64_t months, struct instant start, struct instant *out)
{
	struct instant least = instant_plus_seconds(start, SLIVER_SECONDS);
	int64_t passed;

	if (!months_until(zone, anchor, start, &passed))
		return false;
	for (int64_t k = (passed / months + 1) * months;; k += months) {
		if (!cycle_boundary(zone, anchor, k, out))
			return false;
		if (instant_before(least, *out))
			return true;
	}
}

/* ---- computing ------------------------------------------------------------------------------------------------- */

static struct instant
later(struct instant a, struct maybe_instant b)
{
	return b.given && instant_before(a, b.value) ? b.value : a;
}

static struct instant
earlier(struct instant a, struct maybe_instant b)
{
	return b.given && instant_before(b.value, a) ? b.value : a;
}

/* By months from the anchor; before it, the trial. */
static bool
subscribed_cycle(const struct ground *ground, struct instant at, struct cycle *out)
{
	struct anchor anchor = { ground->anchor_year, ground->anchor_month, ground->anchor_day };
	int64_t months;

	out->plan_id = ground->plan_id;
	out->subscription_id = ground->subscription_id;
	if (instant_before(at, ground->anchored_at.value)) {
		out->starts_at = ground->started_at.value;
		out->ends_at = ground->anchored_at.value;
		return true;
	}
	if (!months_until(ground->timezone, anchor, at, &months) ||
	    !cycle_boundary(ground->timezone, anchor, months, &out->starts_at) ||
	    !cycle_boundary(ground->timezone, anchor, months + 1, &out->ends_at))
		return false;
	out->starts_at = later(out->starts_at, ground->anchored_at);
	return true;
}

/* A subscription that has ended leaves its last cycle as it is. */
static bool
find_last_end(const struct ground *ground, struct maybe_instant *out)
{
	struct instant before = { ground->ended_at.value.microseconds - 1 };
	struct cycle last;

	out->given = ground->subscription_id.given && ground->ended_at.given;
	if (out->given && !subscribed_cycle(ground, before, &last))
		return false;
	if (out->given)
		out->value = last.ends_at;
	return true;
}

static bool
calendar_cycle(const struct ground *ground, struct instant at, struct maybe_instant last_end, struct cycle *out)
{
	if (!zone_month_start(ground->timezone, at, &out->starts_at, &out->ends_at))
		return false;
	out->starts_at = later(out->starts_at, last_end);
	out->ends_at = earlier(out->ends_at, ground->later_start);
	return true;
}

static bool
natural_cycle(const struct ground *ground, struct instant at, struct cycle *out)
{
	struct maybe_instant last_end;

	*out = (struct cycle){ .closed_at = { .given = false } };
	if (!find_last_end(ground, &last_end))
		return false;
	if (ground->subscription_id.given && (!last_end.given || instant_before(at, last_end.value)))
		return subscribed_cycle(ground, at, out);
	return calendar_cycle(ground, at, last_end, out);
}

static bool
same_subscription(const struct cycle *a, const struct cycle *b)
{
	return a->subscription_id.given == b->subscription_id.given &&
	       (!a->subscription_id.given || id_equal(a->subscription_id.value, b->subscription_id.value));
}

/* Behind a stored cycle the next one begins, wherever the boundary would lie now. */
static bool
fit_behind(const struct ground *ground, const struct cycle *last, struct cycle *cycle)
{
	struct cycle next;

	if (!instant_before(cycle->starts_at, last->ends_at))
		return true;
	cycle->starts_at = last->ends_at;
	if (!same_subscription(last, cycle) ||
	    instant_before(instant_plus_seconds(cycle->starts_at, SLIVER_SECONDS), cycle->ends_at))
		return true;
	if (!natural_cycle(ground, cycle->ends_at, &next))
		return false;
	if (!next.subscription_id.given) {
		next.starts_at = cycle->starts_at;
		*cycle = next;
	} else if (same_subscription(cycle, &next) && instant_before(cycle->ends_at, next.ends_at)) {
		cycle->ends_at = next.ends_at;
	}
	return true;
}

/* The stored row before the moment, if any, is known. */
static const struct problem *
compute(struct call *call, struct instant at, const struct cycle *last, struct cycle *out)
{
	struct moment moment = { at };
	struct ground ground;
	struct cycle following;
	bool found;
	const struct problem *p = sql_one(call, &read_ground, &moment, &ground);

	if (p == NULL)
		p = sql_maybe(call, &read_following, &moment, &following, &found);
	if (p != NULL)
		return p;
	if (!zone_exists(ground.timezone)) {
		log_error("organization's time zone %s is gone from tzdata: its cycles are UTC's", ground.timezone.at);
		ground.timezone = TEXT("UTC");
	}
	if (!natural_cycle(&ground, at, out) || (last != NULL && !fit_behind(&ground, last, out)))
		return fail_internal(call, "no cycle can be computed");
	if (found)
		out->ends_at = earlier(out->ends_at, instant_given(following.starts_at));
	return NULL;
}

/* ---- reading and storing --------------------------------------------------------------------------------------- */

static const struct problem *
find(struct call *call, struct instant at, struct cycle *out, bool *stored)
{
	struct moment moment = { at };
	struct cycle last;
	bool found;
	const struct problem *p = sql_maybe(call, &read_last, &moment, &last, &found);

	*stored = p == NULL && found && instant_before(at, last.ends_at);
	if (p != NULL)
		return p;
	if (!*stored)
		return compute(call, at, found ? &last : NULL, out);
	*out = last;
	return NULL;
}

const struct problem *
cycle_at(struct call *call, struct instant at, struct cycle *out)
{
	bool stored;

	return find(call, at, out, &stored);
}

const struct problem *
cycle_open(struct call *call, struct instant at, struct cycle *out)
{
	bool stored;
	int64_t inserted = 1;
	const struct problem *p = find(call, at, out, &stored);

	if (p == NULL && !stored)
		p = sql_run(call, &insert_cycle, out, &inserted);
	/* Somebody else was first, and may have ended it earlier. */
	return p == NULL && inserted == 0 ? find(call, at, out, &stored) : p;
}

static const struct problem *
lock_from(struct call *call, struct instant from, struct list *locked)
{
	struct moment moment = { from };
	const struct moment *cycles;
	const struct problem *p = sql_all(call, &list_from, &moment, locked);

	cycles = locked->items;
	for (size_t i = 0; p == NULL && i < locked->count; i++)
		p = sql_one(call, &lock_cycle, &cycles[i], &moment);
	return p;
}

/* From the cycle on that begins then, also those that an event of a few minutes ahead has opened. What they have used
 * was used by the plan that they had. */
static const struct problem *
change_plans(struct call *call, struct instant from, struct maybe_id plan_id, struct maybe_id subscription_id)
{
	struct cycle changed = { .plan_id = plan_id, .subscription_id = subscription_id };
	struct list locked;
	const struct moment *cycles;
	const struct problem *p = lock_from(call, from, &locked);

	if (p == NULL)
		p = usage_settle(call, from, plan_id);
	cycles = locked.items;
	for (size_t i = 0; p == NULL && i < locked.count; i++) {
		changed.starts_at = cycles[i].at;
		p = sql_run(call, &change_plan, &changed, NULL);
	}
	return p;
}

const struct problem *
cycle_cut(struct call *call, const struct cycle *next)
{
	struct instant before = { call->now.microseconds - 1 };
	struct moment moment = { call->now };
	struct cycle running, following = { 0 }, begun = *next;
	bool found = false;
	const struct problem *p = cycle_at(call, before, &running);

	begun.starts_at = running.ends_at = call->now;
	if (p == NULL)
		p = sql_run(call, &end_cycle, &running, NULL);
	if (p == NULL)
		p = sql_maybe(call, &read_following, &moment, &following, &found);
	if (p == NULL && found)
		begun.ends_at = earlier(begun.ends_at, instant_given(following.starts_at));
	if (p == NULL)
		p = change_plans(call, begun.starts_at, begun.plan_id, begun.subscription_id);
	if (p == NULL)
		p = sql_run(call, &begin_cycle, &begun, NULL);
	return p != NULL ? p : sql_run(call, &begin_in_book, &begun, NULL);
}

const struct problem *
cycle_change_plan(struct call *call, struct id plan_id, struct id subscription_id)
{
	struct cycle running;
	const struct problem *p = cycle_open(call, call->now, &running);

	return p != NULL ? p : change_plans(call, running.starts_at, id_given(plan_id), id_given(subscription_id));
}

const struct problem *
cycle_end_plan(struct call *call, struct instant ended_at)
{
	const struct maybe_id none = { .given = false };

	return change_plans(call, ended_at, none, none);
}

const struct problem *
cycle_lock(struct call *call, struct cycle *running)
{
	struct list locked;
	const struct problem *p = cycle_open(call, call->now, running);

	if (p == NULL)
		p = lock_from(call, running->starts_at, &locked);
	return p != NULL ? p : usage_settle_later(call, running->starts_at);
}

const struct problem *
cycle_tell_book(struct call *call)
{
	struct cycle running;
	const struct problem *p = cycle_open(call, call->now, &running);

	return p != NULL ? p : sql_run(call, &begin_in_book, &running, NULL);
}

const struct resource cycle_resource = {
	.name = "cycle",
	.summary = "The cycles that counters, quotas and limits belong to.",
	.statements = LIST_OF(statement, &read_last, &read_following, &read_ground, &insert_cycle, &end_cycle,
	    &begin_cycle, &list_from, &lock_cycle, &change_plan, &begin_in_book),
};
