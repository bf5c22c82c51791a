/*
 * Claims events by their unique index, and different values likewise: rows that were there are left alone, and what the
 * database gives back is what was new.
 */
#include <stdlib.h>
#include <string.h>

#include "resources.h"
#include "statement.h"
#include "text.h"
#include "usage_parts.h"

/* ---- events ---------------------------------------------------------------------------------------------------- */

static const struct field usage_event_fields[] = {
	FIELD(usage_event, id, ANY, "The sender's id."),
	FIELD(usage_event, metric, ANY, "What was used."),
	FIELD(usage_event, service, ANY, "Of what."),
	FIELD(usage_event, operator, ANY, "By whom."),
	FIELD(usage_event, quantity, ANY, "How much."),
	FIELD(usage_event, occurred_at, ANY, "When."),
};
SHAPE(usage_event)

struct claimed_event {
	struct text metric;
	struct text id;
};
static const struct field claimed_event_fields[] = {
	FIELD(claimed_event, metric, ANY, "Its metric."),
	FIELD(claimed_event, id, ANY, "Its id."),
};
SHAPE(claimed_event)

static const struct statement claim_events = {
	.sql =
	    "INSERT IGNORE INTO usage_event (organization_id, metric, id, quantity, occurred_at, recorded_at, service,"
	    " operator) VALUES (:organization, :metric, :id, :quantity, :occurred_at, :now, :service, :operator)"
	    " RETURNING metric, id",
	.takes = &usage_event_shape,
	.gives = &claimed_event_shape,
};

/* Walks along the events as they come back. */
struct claim {
	const struct usage_batch *batch;
	size_t next;
};

static const struct problem *
note_new(struct call *call, void *context, const void *row)
{
	struct claim *claim = context;
	const struct claimed_event *claimed = row;

	while (claim->next < claim->batch->count) {
		struct usage_event *event = claim->batch->events[claim->next++];

		if (text_equal(event->id, claimed->id) && text_equal(event->metric, claimed->metric)) {
			event->is_new = true;
			return NULL;
		}
	}
	return fail_internal(call, "the database gave back an event that it was not given");
}

/* ---- different values ------------------------------------------------------------------------------------------- */

struct usage_distinct {
	struct instant cycle_starts_at;
	struct text metric; /* "": values of `app` */
	struct digest value_digest;
	struct usage_event *event;
};
static const struct field usage_distinct_fields[] = {
	FIELD(usage_distinct, cycle_starts_at, ANY, "The cycle."),
	FIELD(usage_distinct, metric, ANY, "The metric."),
	FIELD(usage_distinct, value_digest, ANY, "The value's SHA-256."),
};
SHAPE(usage_distinct)

static const struct statement claim_values = {
	.sql = "INSERT IGNORE INTO usage_distinct (organization_id, cycle_starts_at, metric, value_digest)"
	       " VALUES (:organization, :cycle_starts_at, :metric, :value_digest)"
	       " RETURNING cycle_starts_at, metric, value_digest",
	.takes = &usage_distinct_shape,
	.gives = &usage_distinct_shape,
};

static int
compare_texts(struct text a, struct text b)
{
	int order = memcmp(a.at, b.at, a.length < b.length ? a.length : b.length);

	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static int
compare_values(const struct usage_distinct *a, const struct usage_distinct *b)
{
	int order;

	if (a->cycle_starts_at.microseconds != b->cycle_starts_at.microseconds)
		return a->cycle_starts_at.microseconds < b->cycle_starts_at.microseconds ? -1 : 1;
	order = compare_texts(a->metric, b->metric);
	return order != 0 ? order : memcmp(&a->value_digest, &b->value_digest, sizeof(a->value_digest));
}

/* Of equal ones the first event of the body comes first. */
static int
compare_pointers(const void *left, const void *right)
{
	const struct usage_distinct *a = *(const struct usage_distinct *const *)left;
	const struct usage_distinct *b = *(const struct usage_distinct *const *)right;
	int order = compare_values(a, b);

	return order != 0 ? order : (a->event->index > b->event->index) - (a->event->index < b->event->index);
}

struct value_claim {
	struct usage_distinct **values;
	size_t count, next;
};

static const struct problem *
note_new_value(struct call *call, void *context, const void *row)
{
	struct value_claim *claim = context;
	const struct usage_distinct *claimed = row;

	while (claim->next < claim->count) {
		struct usage_distinct *value = claim->values[claim->next++];

		if (compare_values(value, claimed) != 0)
			continue;
		if (value->metric.length == 0)
			value->event->is_new_app = true;
		else
			value->event->is_new_value = true;
		return NULL;
	}
	return fail_internal(call, "the database gave back a value that it was not given");
}

static void
add_value(struct call *call, const struct usage_batch *batch, struct value_claim *claim, struct usage_event *event,
    struct text metric, const struct digest *digest)
{
	const struct usage_span *span = (const struct usage_span *)batch->spans.items + event->span;
	struct usage_distinct *value = arena_take(call->arena, sizeof(*value));

	*value = (struct usage_distinct){ span->cycle.starts_at, metric, *digest, event };
	claim->values[claim->count++] = value;
}

static size_t
count_values(const struct usage_batch *batch)
{
	size_t count = 0;

	for (size_t i = 0; i < batch->count; i++)
		if (batch->events[i]->is_new)
			count += (size_t)(batch->events[i]->value != NULL) + (batch->events[i]->app != NULL);
	return count;
}

static const struct problem *
write_values(struct call *call, const struct usage_batch *batch)
{
	size_t room = count_values(batch), kept = 0;
	struct value_claim claim = { .values = arena_array(call->arena, room, sizeof(*claim.values)) };

	if (room == 0)
		return NULL;
	for (size_t i = 0; i < batch->count; i++) {
		struct usage_event *event = batch->events[i];

		if (event->is_new && event->value != NULL)
			add_value(call, batch, &claim, event, event->metric, event->value);
		if (event->is_new && event->app != NULL)
			add_value(call, batch, &claim, event, TEXT(""), event->app);
	}
	qsort(claim.values, claim.count, sizeof(*claim.values), compare_pointers);
	for (size_t i = 0; i < claim.count; i++)
		if (kept == 0 || compare_values(claim.values[kept - 1], claim.values[i]) != 0)
			claim.values[kept++] = claim.values[i];
	claim.count = kept;
	return sql_bulk(call, &claim_values, (const void *const *)claim.values, claim.count, note_new_value, &claim);
}

const struct problem *
usage_events_write(struct call *call, struct usage_batch *batch)
{
	struct claim claim = { batch, 0 };
	struct arena_mark mark = arena_mark(call->arena);
	const struct problem *p;

	for (size_t i = 0; i < batch->count; i++) /* as an earlier run may have left them */
		batch->events[i]->is_new = batch->events[i]->is_new_value = batch->events[i]->is_new_app = false;
	p = sql_bulk(call, &claim_events, (const void *const *)batch->events, batch->count, note_new, &claim);
	if (p == NULL)
		p = write_values(call, batch);
	if (p == NULL)
		arena_release(call->arena, mark);
	return p;
}

const struct resource usage_events_resource = {
	.name = "usage_events",
	.summary = "Events and different values, each once.",
	.statements = LIST_OF(statement, &claim_events, &claim_values),
};
