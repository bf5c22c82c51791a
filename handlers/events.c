/*
 * The feed of events: what the outbox holds is put in an order that only grows, and spread to the subscriptions that
 * are for it. Whoever would rather ask than be told reads the feed. One fan-out at a time commits (the job's lease sees
 * to that), so it reads the outbox without a lock: a transaction that takes long is waited for by nobody, and its
 * events come behind what is in the feed by then.
 */
#include "resources.h"

#include <inttypes.h>

#include "clock.h"
#include "config.h"
#include "event_subscription.h"
#include "events.h"
#include "formats.h"
#include "log.h"
#include "page.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

enum { BATCH = 1000, BATCHES_A_RUN = 50, TYPES_ROOM = 64 };

/* How many events one transaction spreads. Where that was too much for a statement (each may go to fifty subscriptions)
 * it is half as many at once, down to one, and a few more with every batch that is full and went well. */
static int64_t batch_most = BATCH;

static const char why_everybody[] = "the job spreads everybody's";

/* ---- events.list ------------------------------------------------------------------------------------------------ */

struct feed_query {
	PAGE_MEMBERS;
	struct maybe_text type;
	struct maybe_id after_event_id;
};
static const struct field feed_query_fields[] = {
	PAGE_FIELDS(feed_query),
	FIELD(feed_query, type, MATCHING(plain_format, 1, 60), "Only events of this type."),
	FIELD(feed_query, after_event_id, ANY, "Only what came behind this event."),
};
SHAPE(feed_query)

struct feed_place {
	int64_t sequence;
};
static const struct field feed_place_fields[] = {
	FIELD(feed_place, sequence, ANY, "A place in the feed."),
};
SHAPE(feed_place)

struct feed_page {
	struct maybe_text type;
	int64_t behind;
};
static const struct field feed_page_fields[] = {
	FIELD(feed_page, type, ANY, "Only events of this type."),
	FIELD(feed_page, behind, ANY, "Only what came behind this place."),
};
SHAPE(feed_page)

static const struct statement find_place = {
	.sql = "SELECT sequence FROM event_feed WHERE organization_id = :organization AND event_id = :after_event_id "
	       "AND is_shown",
	.takes = &feed_query_shape,
	.gives = &feed_place_shape,
};

#define LIST_FEED(key, more)                                                                                    \
	"SELECT f.event_id, f.type AS event_type, o.created_at AS timestamp, f.organization_id, o.entity_type," \
	" o.entity_id, o.data, f.sequence FROM event_feed f FORCE INDEX (" key                                  \
	") STRAIGHT_JOIN outbox o ON o.id = f.event_id"                                                         \
	" WHERE f.organization_id = :organization AND f.is_shown = 1" more                                      \
	" AND f.sequence > GREATEST(:cursor, :behind) ORDER BY f.sequence LIMIT :limit"

static const struct statement list_feed = {
	.sql = LIST_FEED("organization", ""),
	.takes = &feed_page_shape,
	.gives = &event_shape,
};

/* However rare the type is. */
static const struct statement list_feed_of_type = {
	.sql = LIST_FEED("type", " AND f.type = :type"),
	.takes = &feed_page_shape,
	.gives = &event_shape,
};

HANDLER_EACH(list_events, feed_query, event)

static const struct operation list_operation = {
	.id = "events.list",
	.kind = READ,
	.scope = EVENT_SUBSCRIPTIONS_READ,
	.effect = READS,
	.summary = "List what has happened in the organization, in the order in which webhooks begin.",
	.description =
	    "Instead of webhooks, or to fill a gap: ask for what came behind the last event that you have "
	    "(`after_event_id`). Nothing"
	    " ever appears before an event that was listed. An event appears about a second after it happened, and"
	    " is kept for 90 days, or as long as the operator has set (`event_days`).",
	.page_key = "sequence",
	.page_ascending = true,
	.raises = { NOT_FOUND },
	.run = &list_events_run,
};

static const struct problem *
list_events(struct call *call, const struct feed_query *in, struct sink *sink)
{
	struct feed_page page = { .type = in->type };
	struct feed_place place;
	const struct problem *p;
	bool found;

	if (in->after_event_id.given) {
		p = sql_maybe(call, &find_place, in, &place, &found);
		if (p == NULL && !found)
			p = fail(call, NOT_FOUND, "The organization has no such event, or no more.");
		if (p != NULL)
			return p;
		page.behind = place.sequence;
	}
	return sql_page(call, in->type.at == NULL ? &list_feed : &list_feed_of_type, &page, sink);
}

/* ---- events.fan_out --------------------------------------------------------------------------------------------- */

struct fan_out {
	int64_t most;
	int64_t sequence;     /* the last one before this batch */
	struct text internal; /* types that nobody outside hears of, with commas between */
};
static const struct field fan_out_fields[] = {
	FIELD(fan_out, most, ANY, "So many events."),
	FIELD(fan_out, sequence, ANY, "The last place that is taken."),
	FIELD(fan_out, internal, ANY, "Types that are ours alone."),
};
SHAPE(fan_out)

static const struct statement last_place = {
	.sql = "SELECT COALESCE(MAX(sequence), 0) AS sequence FROM event_feed",
	.gives = &feed_place_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement add_to_feed = {
	.sql = "INSERT INTO event_feed (organization_id, event_id, type, is_shown, at)"
	       " SELECT COALESCE(organization_id, X'00000000000000000000000000000000'), id, type,"
	       " organization_id IS NOT NULL AND NOT FIND_IN_SET(type, :internal), :now FROM outbox FORCE INDEX (kind)"
	       " WHERE kind = 'event' AND delivered_at IS NULL ORDER BY id LIMIT :most",
	.takes = &fan_out_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement mark_delivered = {
	.sql = "UPDATE event_feed f JOIN outbox o ON o.id = f.event_id SET o.delivered_at = :now"
	       " WHERE f.sequence > :sequence",
	.takes = &fan_out_shape,
	.crosses_organizations = why_everybody,
};

/* The id tells the event's time, as every id does. A filter is contained in what it fits. */
static const struct statement add_deliveries = {
	.sql =
	    "INSERT INTO event_delivery (id, organization_id, subscription_id, event_id, sequence, due_at, created_at)"
	    " SELECT CONCAT(LEFT(f.event_id, 6), LEFT(UNHEX(MD5(CONCAT(f.event_id, s.id))), 10)),"
	    " s.organization_id, s.id, f.event_id, f.sequence, :now, :now FROM event_feed f"
	    " JOIN outbox o ON o.id = f.event_id"
	    " JOIN event_subscription s ON s.organization_id = f.organization_id AND s.status = 'active'"
	    " WHERE f.sequence > :sequence AND f.is_shown = 1 AND s.event_type IN ('*', o.type)"
	    " AND (s.filter_config IS NULL OR JSON_CONTAINS(o.data, s.filter_config))",
	.takes = &fan_out_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement wake_subscriptions = {
	.sql = "UPDATE event_subscription s JOIN (SELECT DISTINCT subscription_id FROM event_delivery"
	       " WHERE sequence > :sequence) d ON d.subscription_id = s.id"
	       " SET s.due_at = LEAST(COALESCE(s.due_at, :now), :now)",
	.takes = &fan_out_shape,
	.crosses_organizations = why_everybody,
};

static struct text
list_internal(struct call *call)
{
	struct buffer out = buffer_new(call->arena, TYPES_ROOM);
	const struct event_type *type;

	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++) {
		if (!type->internal)
			continue;
		if (out.length > 0)
			buffer_add_char(&out, ',');
		buffer_add_string(&out, type->type);
	}
	return buffer_text(&out);
}

static const struct problem *
spread(struct call *call, const struct fan_out *fan_out)
{
	int64_t deliveries;
	const struct problem *p = sql_run(call, &mark_delivered, fan_out, NULL);

	if (p == NULL)
		p = sql_run(call, &add_deliveries, fan_out, &deliveries);
	if (p == NULL && deliveries > 0)
		p = sql_run(call, &wake_subscriptions, fan_out, NULL);
	return p;
}

struct batch {
	int64_t events;
	bool is_begun; /* the database is there */
};

static const struct problem *
fan_out_batch(struct call *call, void *context)
{
	struct fan_out fan_out = { .most = batch_most, .internal = list_internal(call) };
	struct batch *batch = context;
	struct feed_place place;
	const struct problem *p = sql_one(call, &last_place, NULL, &place);

	batch->is_begun = p == NULL;
	if (p != NULL)
		return p;
	fan_out.sequence = place.sequence;
	p = sql_run(call, &add_to_feed, &fan_out, &batch->events);
	return p != NULL || batch->events == 0 ? p : spread(call, &fan_out);
}

/* Answers whether there may be more to do. */
static bool
adapt_batch(struct call *call, const struct batch *batch, const struct problem *p)
{
	if (p == NULL) {
		bool is_full = batch->events == batch_most;

		if (is_full)
			batch_most += batch_most / 8 + 1;
		if (batch_most > BATCH)
			batch_most = BATCH;
		return is_full;
	}
	if (!batch->is_begun || p->kind == CONFLICT || batch_most == 1)
		return false;
	batch_most /= 2;
	log_error("job events.fan_out: %" PRId64 " events at once from now on: %s", batch_most,
	    call->internal != NULL ? call->internal : p->detail);
	return true;
}

static const struct problem *
fan_out(struct call *call)
{
	const struct problem *p;
	struct batch batch;

	do {
		batch = (struct batch){ 0 };
		job_tick(call);
		p = job_step(call, fan_out_batch, &batch);
	} while (adapt_batch(call, &batch, p) && !job_is_stopping());
	return p;
}

static const struct job fan_out_job = {
	.id = "events.fan_out",
	.lane = LANE_EVENTS,
	.summary = "Put new events into the feed, and queue them for the subscriptions that are for them.",
	.every_seconds = 1,
	.lease_seconds = 30,
	.run = fan_out,
};

/* ---- events.purge ----------------------------------------------------------------------------------------------- */

struct feed_purge {
	struct instant before;
};
static const struct field feed_purge_fields[] = {
	FIELD(feed_purge, before, ANY, "Older ones go."),
};
SHAPE(feed_purge)

struct old_event {
	int64_t sequence;
	struct id event_id;
};
static const struct field old_event_fields[] = {
	FIELD(old_event, sequence, ANY, "Its place in the feed."),
	FIELD(old_event, event_id, ANY, "The event."),
};
SHAPE(old_event)

/* Found without a lock, and deleted by their keys: a DELETE by time would wait for the rows beside them, which the
 * fan-out holds, and hold what that waits for. */
static const struct statement find_old = {
	.sql = "SELECT sequence, event_id FROM event_feed FORCE INDEX (at) WHERE at < :before ORDER BY at, sequence"
	       " LIMIT 1000",
	.takes = &feed_purge_shape,
	.gives = &old_event_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement delete_events = {
	.sql = "DELETE FROM outbox WHERE id = :event_id",
	.takes = &old_event_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement delete_from_feed = {
	.sql = "DELETE FROM event_feed WHERE sequence = :sequence",
	.takes = &old_event_shape,
	.crosses_organizations = why_everybody,
};

static const struct problem *
delete_old(struct call *call, const struct list *old)
{
	const void **rows = arena_array(call->arena, old->count, sizeof(*rows));
	const struct problem *p;

	for (size_t i = 0; i < old->count; i++)
		rows[i] = (const struct old_event *)old->items + i;
	p = sql_bulk(call, &delete_events, rows, old->count, NULL, NULL);
	return p != NULL ? p : sql_bulk(call, &delete_from_feed, rows, old->count, NULL, NULL);
}

static const struct problem *
purge_batch(struct call *call, void *count)
{
	struct feed_purge purge = { instant_plus_seconds(call->now, -config.event_days * 86400) };
	struct list old;
	const struct problem *p = sql_all(call, &find_old, &purge, &old);

	if (p == NULL)
		*(size_t *)count = old.count;
	return p != NULL || old.count == 0 ? p : delete_old(call, &old);
}

static const struct problem *
purge(struct call *call)
{
	const struct problem *p = NULL;
	size_t count = BATCH;

	for (int i = 0; i < BATCHES_A_RUN && p == NULL && count == BATCH && !job_is_stopping(); i++)
		p = job_step(call, purge_batch, &count);
	return p;
}

static const struct job purge_job = {
	.id = "events.purge",
	.lane = LANE_UPKEEP,
	.summary = "Forget events that are older than the setting event_days, some thousands a minute.",
	.every_seconds = 60,
	.run = purge,
};

const struct resource events_resource = {
	.name = "events",
	.summary = "What has happened in the organization.",
	.operations = LIST_OF(operation, &list_operation),
	.statements = LIST_OF(statement, &find_place, &list_feed, &list_feed_of_type, &last_place, &add_to_feed,
	    &mark_delivered, &add_deliveries, &wake_subscriptions, &find_old, &delete_events, &delete_from_feed),
	.jobs = LIST_OF(job, &fan_out_job, &purge_job),
};
