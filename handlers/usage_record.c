/*
 * usage.record: events of what was used, each counted once however often it is sent. A body is read before its
 * transaction begins; the transaction claims the events by their unique index and feeds the counters by those that were
 * new.
 */
#include <string.h>

#include "formats.h"
#include "json.h"
#include "resources.h"
#include "statement.h"
#include "stream_in.h"
#include "text.h"
#include "usage_hold.h"
#include "usage_parts.h"

#define QUANTITY_MOST (INT64_C(1000000000) * 1000000)

/* ---- what is taken --------------------------------------------------------------------------------------------- */

static const char *
check_event_id(struct text value)
{
	return value.length > 255 ? "An event's id has at most 255 bytes." : NULL;
}

static const char *
check_name(struct text value)
{
	return value.length > USAGE_NAME_BYTES ? "This has at most 100 bytes." : plain_format.check(value);
}

static const struct format event_id_format = { .check = check_event_id };
static const struct format name_format = { .check = check_name };

#define SAID_DETAILS(s)                                                                                           \
	FIELD(s, quantity, RANGE(0, QUANTITY_MOST), "How much, in the metric's unit."),                           \
	    FIELD(s, service, MATCHING(name_format, 1, USAGE_NAME_BYTES), "What was used, to tell it apart by."), \
	    FIELD(s, operator, MATCHING(name_format, 1, USAGE_NAME_BYTES), "Who provides it."),                   \
	    FIELD(s, cost, RANGE(0, QUANTITY_MOST), "What it cost the sender, in the organization's currency."),  \
	    FIELD(s, saving, RANGE(0, QUANTITY_MOST), "What it saved.")

static const struct field usage_said_fields[] = {
	FIELD(usage_said, id, MATCHING(event_id_format, 1, 255),
	    "The sender's own id of the event: with the organization and the metric it is counted once."),
	FIELD(usage_said, metric, LENGTH(1, USAGE_METRIC_BYTES), "What was used."),
	SAID_DETAILS(usage_said),
	FIELD(usage_said, occurred_at, ANY, "When; now where it is left out. At most 45 days ago."),
	FIELD(usage_said, properties, ANY,
	    "More about it. `app` and the property of a `unique` metric are counted; nothing of it is kept."),
};
static const struct shape usage_said_shape = { .name = "usage_event_in",
	.size = sizeof(struct usage_said),
	.count = COUNT(usage_said_fields),
	.fields = usage_said_fields };

struct record_usage {
	struct list events;
};
static const struct field record_usage_fields[] = {
	FIELD_LIST(record_usage, events, usage_said, LENGTH(1, 1000), "The events."),
};
SHAPE(record_usage)

/* ---- CloudEvents ----------------------------------------------------------------------------------------------- */

static const char *const spec_versions[] = { "1.0", NULL };

struct cloud_event {
	struct text specversion;
	struct text id;
	struct text source;
	struct text type;
	struct maybe_instant time;
	struct maybe_text subject;
	struct maybe_text datacontenttype;
	struct maybe_text dataschema;
	struct document data;
};
static const struct field cloud_event_fields[] = {
	FIELD(cloud_event, specversion, ONE_OF(spec_versions), "The version of CloudEvents."),
	FIELD(cloud_event, id, MATCHING(event_id_format, 1, 255), "The event's id."),
	FIELD(cloud_event, source, LENGTH(1, 1000), "Where it comes from; it is not part of its identity here."),
	FIELD(cloud_event, type, LENGTH(1, USAGE_METRIC_BYTES), "The metric."),
	FIELD(cloud_event, time, ANY, "When it occurred."),
	FIELD(cloud_event, subject, LENGTH(0, 1000), "Not kept."),
	FIELD(cloud_event, datacontenttype, LENGTH(0, 200), "Not looked at: `data` is JSON."),
	FIELD(cloud_event, dataschema, LENGTH(0, 1000), "Not looked at."),
	FIELD_MUST(cloud_event, data, "Quantity, service, operator, cost and saving; all else are its properties."),
};
static const struct shape cloud_event_shape = { .name = "cloud_event",
	.size = sizeof(struct cloud_event),
	.count = COUNT(cloud_event_fields),
	.fields = cloud_event_fields,
	.freeform = true };

static const struct field cloud_data_fields[] = { SAID_DETAILS(usage_said) };
static const struct shape cloud_data_shape = { .name = "cloud_data",
	.size = sizeof(struct usage_said),
	.count = COUNT(cloud_data_fields),
	.fields = cloud_data_fields,
	.partial = true,
	.freeform = true };

/* The faults of `data` as those of the whole. */
static const struct problem *
fault_of_data(struct call *call, const struct problem *p)
{
	struct problem *copy = arena_take(call->arena, sizeof(*copy));
	struct fault *fault = arena_take(call->arena, sizeof(*fault));

	if (p->faults == NULL)
		return p;
	*fault = *p->faults;
	fault->pointer = arena_format(call->arena, "/data%s", p->faults->pointer).at;
	fault->next = NULL;
	*copy = *p;
	copy->faults = fault;
	return copy;
}

static const struct problem *
take_cloud_event(struct call *call, const void *sent, void *item)
{
	const struct cloud_event *event = sent;
	struct usage_said *said = item;
	const struct problem *p;

	p = json_read(call, (struct text){ event->data.at, event->data.length }, &cloud_data_shape, said);
	if (p != NULL)
		return fault_of_data(call, p);
	said->id = event->id;
	said->metric = event->type;
	said->occurred_at = event->time;
	said->properties = event->data;
	return NULL;
}

static const struct stream_form forms[] = {
	{ "application/x-ndjson", STREAM_LINES, &usage_said_shape, NULL },
	{ "application/cloudevents+json", STREAM_SINGLE, &cloud_event_shape, take_cloud_event },
	{ "application/cloudevents-batch+json", STREAM_ARRAY, &cloud_event_shape, take_cloud_event },
	{ .media_type = NULL },
};

/* ---- what is answered ------------------------------------------------------------------------------------------ */

static const struct field usage_rejection_fields[] = {
	FIELD(usage_rejection, index, ANY, "The event's place in the body, from 0; empty lines do not count."),
	FIELD(usage_rejection, pointer, ANY, "Where in the event the fault is."),
	FIELD(usage_rejection, detail, ANY, "What is wrong."),
};
SHAPE(usage_rejection)

struct usage_recorded {
	int64_t accepted;
	int64_t duplicates;
	int64_t rejected_total;
	struct list rejected;
};
static const struct field usage_recorded_fields[] = {
	FIELD(usage_recorded, accepted, ANY, "Events that were new, and are counted now."),
	FIELD(usage_recorded, duplicates, ANY, "Events that were counted before, or stand in the body before."),
	FIELD(usage_recorded, rejected_total, ANY, "Events that can't be counted."),
	FIELD_LIST(usage_recorded, rejected, usage_rejection, ANY, "The first 1,000 of those, and why."),
};
SHAPE(usage_recorded)

HANDLER(record_usage, record_usage, usage_recorded)

static const struct operation record_operation = {
	.id = "usage.record",
	.kind = STREAM_IN,
	.scope = USAGE_WRITE,
	.effect = COMPUTES,
	.bucket = BUCKET_USAGE,
	.unaudited = true,
	.no_key = true,
	.repeatable = true,
	.summary = "Record what was used.",
	.description =
	    "An event is known by its metric and id, and counted once, for at least 45 days: a batch can be sent again"
	    " after any failure. All of a batch is recorded, or nothing; events that can't be counted are named, and "
	    "the"
	    " others stand. Metrics with a price take their credits at once: where those do not suffice, nothing of the"
	    " batch is recorded.",
	.forms = forms,
	.raises = { INSUFFICIENT_CREDITS, LIMIT_REACHED, CONFLICT },
	.run = &record_usage_run,
};

/* ---- recording ------------------------------------------------------------------------------------------------- */

struct left_behind {
	int64_t count;
};
static const struct field left_behind_fields[] = {
	FIELD(left_behind, count, ANY, "Events recorded at this call's very moment."),
};
SHAPE(left_behind)

static const struct statement count_left_behind = {
	.sql = "SELECT COUNT(*) AS count FROM usage_event WHERE organization_id = :organization AND recorded_at = :now",
	.gives = &left_behind_shape,
};

/* Where an earlier run's commit was lost after all, its events are met as duplicates: they were this request's own. */
static const struct problem *
count_accepted(struct call *call, const struct usage_batch *batch, int64_t *accepted)
{
	struct left_behind left;
	const struct problem *p;

	*accepted = 0;
	for (size_t i = 0; i < batch->count; i++)
		*accepted += batch->events[i]->is_new;
	if (call->reruns == 0)
		return NULL;
	p = sql_one(call, &count_left_behind, NULL, &left);
	if (p == NULL && left.count > *accepted)
		*accepted = left.count < (int64_t)batch->count ? left.count : (int64_t)batch->count;
	return p;
}

/* A body is read once; a re-run finds it in the call. */
static const struct problem *
find_batch(struct call *call, struct usage_batch **batch)
{
	const struct problem *p;

	*batch = call->intent;
	if (*batch != NULL)
		return NULL;
	*batch = arena_take(call->arena, sizeof(**batch));
	p = usage_batch_read(call, *batch);
	if (p == NULL)
		call->intent = *batch;
	return p;
}

static const struct problem again = { .kind = RERUN, .detail = "The database undid it." };

/* What a run that is undone has taken of the memory is there for the next. */
static const struct problem *
write_batch(struct call *call, struct usage_batch *batch)
{
	struct arena_mark mark = arena_mark(call->arena);
	struct list counters, days;
	const struct problem *p = usage_spans_find(call, batch);

	if (p == NULL)
		p = usage_overflow_reject(call, batch);
	if (p == NULL)
		p = usage_events_write(call, batch);
	if (p == NULL) {
		usage_fold(call, batch, &counters, &days);
		p = usage_sums_write(call, batch, &counters, &days);
	}
	p = usage_holds_reconsider(call, p);
	if (p == NULL || p->kind != RERUN)
		return p;
	arena_release(call->arena, mark);
	return &again;
}

static const struct problem *
record_usage(struct call *call, const struct record_usage *in, struct usage_recorded *out)
{
	struct usage_batch *batch;
	const struct problem *p = find_batch(call, &batch);

	(void)in; /* its items come from the stream, whatever the form */
	if (p == NULL && batch->count > 0)
		p = write_batch(call, batch);
	if (p == NULL && batch->count > 0)
		p = count_accepted(call, batch, &out->accepted);
	if (p != NULL)
		return p;
	out->duplicates = batch->duplicates + (int64_t)batch->count - out->accepted;
	out->rejected_total = batch->rejected_total;
	out->rejected = batch->rejected;
	return NULL;
}

const struct resource usage_record_resource = {
	.name = "usage",
	.summary = "What was used, and how much of it there is left.",
	.operations = LIST_OF(operation, &record_operation),
	.statements = LIST_OF(statement, &count_left_behind),
};
