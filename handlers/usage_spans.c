/*
 * When an event counts: in which cycle, and on which local day. Both are found once for each stretch of time that lies
 * in one of either, and not for every event.
 */
#include <string.h>

#include "clock.h"
#include "log.h"
#include "resources.h"
#include "statement.h"
#include "text.h"
#include "usage_parts.h"

enum { SPANS_MOST = 400 }; /* 46 days, and what cycles cut them into */

/* ---- zone ------------------------------------------------------------------------------------------------------ */

struct usage_zone {
	struct text timezone;
};
static const struct field usage_zone_fields[] = {
	FIELD(usage_zone, timezone, ANY, "The organization's time zone."),
};
SHAPE(usage_zone)

static const struct statement read_zone = {
	.sql = "SELECT timezone FROM organization WHERE id = :organization",
	.gives = &usage_zone_shape,
};

const struct problem *
usage_zone_read(struct call *call, struct text *zone)
{
	struct usage_zone row;
	const struct problem *p = sql_one(call, &read_zone, NULL, &row);

	if (p != NULL)
		return p;
	*zone = row.timezone;
	if (!zone_exists(*zone)) {
		log_error("the time zone %s is gone from tzdata: its days are UTC's", zone->at);
		*zone = TEXT("UTC");
	}
	return NULL;
}

/* ---- cycles ---------------------------------------------------------------------------------------------------- */

struct held_cycle {
	struct instant starts_at;
	struct instant ends_at;
	struct maybe_instant closed_at;
};
static const struct field held_cycle_fields[] = {
	FIELD(held_cycle, starts_at, ANY, "The cycle."),
	FIELD(held_cycle, ends_at, ANY, "When it ends."),
	FIELD(held_cycle, closed_at, ANY, "When its usage was closed."),
};
SHAPE(held_cycle)

static const struct statement hold_cycle = {
	.sql = "SELECT starts_at, ends_at, closed_at FROM usage_cycle"
	       " WHERE organization_id = :organization AND starts_at = :starts_at LOCK IN SHARE MODE",
	.takes = &held_cycle_shape,
	.gives = &held_cycle_shape,
};

/* Whoever closes or cuts the cycle waits for this transaction, and what was cut a moment ago is found anew. */
const struct problem *
usage_cycle_hold(struct call *call, struct cycle *cycle)
{
	struct held_cycle held = { .starts_at = cycle->starts_at };
	bool found;
	const struct problem *p = sql_maybe(call, &hold_cycle, &held, &held, &found);

	if (p == NULL && (!found || held.ends_at.microseconds != cycle->ends_at.microseconds))
		p = fail(call, RERUN, "The cycle has changed.");
	if (p == NULL)
		cycle->closed_at = held.closed_at;
	return p;
}

/* ---- spans ----------------------------------------------------------------------------------------------------- */

static bool
is_in(const struct usage_span *span, struct instant at)
{
	return !instant_before(at, span->from) && instant_before(at, span->until);
}

static struct instant
later(struct instant a, struct instant b)
{
	return instant_before(a, b) ? b : a;
}

static struct instant
earlier(struct instant a, struct instant b)
{
	return instant_before(a, b) ? a : b;
}

static const struct problem *
find_cycle(struct call *call, const struct list *spans, struct instant at, struct cycle *cycle)
{
	const struct usage_span *known = spans->items;
	const struct problem *p;

	for (size_t i = 0; i < spans->count; i++) {
		*cycle = known[i].cycle;
		if (!instant_before(at, cycle->starts_at) && instant_before(at, cycle->ends_at))
			return NULL;
	}
	p = cycle_open(call, at, cycle);
	return p != NULL ? p : usage_cycle_hold(call, cycle);
}

struct text
usage_day_name(struct call *call, struct text zone, struct instant at)
{
	struct date date;

	if (!zone_date(zone, at, &date))
		return TEXT("");
	return arena_format(
	    call->arena, "%04lld-%02lld-%02lld", (long long)date.year, (long long)date.month, (long long)date.day);
}

static const struct problem *
make_span(struct call *call, struct list *spans, struct text zone, struct instant at)
{
	struct usage_span *span = (struct usage_span *)spans->items + spans->count;
	struct instant day, next;
	const struct problem *p;

	if (spans->count == SPANS_MOST)
		return fail_internal(call, "the events lie in more than %d cycles and days", SPANS_MOST);
	p = find_cycle(call, spans, at, &span->cycle);
	if (p != NULL)
		return p;
	if (!zone_day_start(zone, at, &day) || !zone_next_day_start(zone, at, &next))
		return fail_internal(call, "there is no zone %s", zone.at);
	span->from = later(day, span->cycle.starts_at);
	span->until = earlier(next, span->cycle.ends_at);
	span->day = usage_day_name(call, zone, at);
	spans->count++;
	return NULL;
}

static const struct problem *
find_span(struct call *call, struct list *spans, struct text zone, struct usage_event *event, uint32_t *last)
{
	const struct usage_span *known = spans->items;

	if (*last < spans->count && is_in(&known[*last], event->occurred_at)) {
		event->span = *last;
		return NULL;
	}
	for (*last = 0; *last < spans->count; ++*last)
		if (is_in(&known[*last], event->occurred_at)) {
			event->span = *last;
			return NULL;
		}
	event->span = *last;
	return make_span(call, spans, zone, event->occurred_at);
}

const struct problem *
usage_spans_find(struct call *call, struct usage_batch *batch)
{
	struct text zone;
	uint32_t last = 0;
	const struct problem *p = usage_zone_read(call, &zone);

	batch->spans.items =
	    arena_array(call->arena, batch->count < SPANS_MOST ? batch->count : SPANS_MOST, sizeof(struct usage_span));
	batch->spans.count = 0;
	for (size_t i = 0; p == NULL && i < batch->count; i++)
		p = find_span(call, &batch->spans, zone, batch->events[i], &last);
	return p;
}

const struct resource usage_spans_resource = {
	.name = "usage_spans",
	.summary = "The cycles and days that events count in.",
	.statements = LIST_OF(statement, &read_zone, &hold_cycle),
};
