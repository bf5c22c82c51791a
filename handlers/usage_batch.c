/*
 * A body's events, read one at a time and kept in compact form: what an item took from the arena is given back after
 * it, and its texts are copied into slabs. In the end they are put in the order in which they are written, once each.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "seal.h"
#include "stream_in.h"
#include "text.h"
#include "tree.h"
#include "usage_parts.h"

enum {
	BLOCK = 500, /* events in one piece of memory */
	BLOCKS = STREAM_ITEMS_MOST / BLOCK + 1,
	SLAB = 65000,
	EVENT_TEXTS = 640,     /* the most that one event copies */
	TEXTS_MOST = 24 << 20, /* of a whole body */
	SAME_NAMES = 256,      /* services and operators that are kept once, a power of 2 */
};

struct intake {
	struct call *call;
	struct usage_batch *batch;
	struct usage_event *blocks[BLOCKS];
	size_t count;
	char *slab;
	size_t slab_used, texts;
	struct text same[SAME_NAMES];
};

/* ---- memory ---------------------------------------------------------------------------------------------------- */

/* What the next event may need is taken before the mark that its reading is given back to. The last piece makes the
 * arena begin a chunk, so that not every item does. */
static const struct problem *
make_room(struct intake *intake)
{
	struct arena *arena = intake->call->arena;
	bool needs_block = intake->count % BLOCK == 0 && intake->blocks[intake->count / BLOCK] == NULL;
	bool needs_slab = intake->slab == NULL || SLAB - intake->slab_used < EVENT_TEXTS;

	if (needs_slab && intake->texts >= TEXTS_MOST)
		return fail(intake->call, TOO_LARGE,
		    "The ids and names of the events have more than %d MiB in all; send them in several requests.",
		    TEXTS_MOST >> 20);
	if (needs_block)
		intake->blocks[intake->count / BLOCK] = arena_array(arena, BLOCK, sizeof(struct usage_event));
	if (needs_slab) {
		intake->slab = arena_take(arena, SLAB);
		intake->slab_used = 0;
		intake->texts += SLAB;
	}
	if (needs_block || needs_slab)
		arena_take(arena, 1);
	return NULL;
}

static char *
keep_bytes(struct intake *intake, const void *at, size_t length)
{
	char *copy = intake->slab + intake->slab_used;

	memcpy(copy, at, length);
	intake->slab_used += length;
	return copy;
}

static struct text
keep_text(struct intake *intake, struct text text)
{
	return (struct text){ keep_bytes(intake, text.at, text.length), text.length };
}

static uint64_t
hash_text(uint64_t hash, struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)text.at[i]) * UINT64_C(0x100000001B3);
	return hash;
}

/* Of the names that came lately each is kept once. */
static struct text
keep_name(struct intake *intake, struct maybe_text given)
{
	struct text name = { given.at, given.length }, *same;

	if (given.at == NULL)
		return TEXT("");
	same = &intake->same[hash_text(UINT64_C(0xCBF29CE484222325), name) % SAME_NAMES];
	if (same->at == NULL || !text_equal(*same, name))
		*same = keep_text(intake, name);
	return *same;
}

/* ---- rejecting ------------------------------------------------------------------------------------------------- */

void
usage_reject(struct call *call, struct usage_batch *batch, int64_t index, const char *pointer, const char *detail)
{
	struct usage_rejection *rejected = batch->rejected.items;

	batch->rejected_total++;
	if (batch->rejected.count == USAGE_REJECTIONS_SHOWN)
		return;
	if (rejected == NULL)
		rejected = batch->rejected.items =
		    arena_array(call->reply_arena, USAGE_REJECTIONS_SHOWN, sizeof(*rejected));
	rejected[batch->rejected.count++] =
	    (struct usage_rejection){ index, arena_text(call->reply_arena, pointer, strlen(pointer)),
		    arena_text(call->reply_arena, detail, strlen(detail)) };
}

/* ---- one event ------------------------------------------------------------------------------------------------- */

static const struct usage_metric *
find_metric(const struct list *metrics, struct text name)
{
	const struct usage_metric *all = metrics->items;
	size_t low = 0, high = metrics->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t shorter = name.length < all[middle].name.length ? name.length : all[middle].name.length;
		int order = memcmp(all[middle].name.at, name.at, shorter);

		if (order == 0 && all[middle].name.length == name.length)
			return &all[middle];
		if (order < 0 || (order == 0 && all[middle].name.length < name.length))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Digest of a property's value: texts and numbers of the same characters differ. */
static bool
digest_property(struct call *call, const struct tree *properties, struct text name, struct digest *digest)
{
	static const char *const kinds[] = {
		[TREE_FALSE] = "false", [TREE_TRUE] = "true", [TREE_NUMBER] = "number ", [TREE_TEXT] = "text "
	};
	const struct tree *member = properties != NULL ? properties->first : NULL;
	struct buffer value;

	while (member != NULL && !text_equal(member->name, name))
		member = member->next;
	if (member == NULL || member->kind >= COUNT(kinds) || kinds[member->kind] == NULL)
		return false;
	value = buffer_new(call->arena, 64);
	buffer_add_string(&value, kinds[member->kind]);
	if (member->kind == TREE_NUMBER || member->kind == TREE_TEXT)
		buffer_add_text(&value, member->text);
	*digest = digest_of(value.at, value.length);
	return true;
}

/* Is it worth being taken apart? */
static bool
may_have_app(struct document properties)
{
	return memmem(properties.at, properties.length, "\"app\"", 5) != NULL ||
	       memchr(properties.at, '\\', properties.length) != NULL;
}

/* False where the metric counts the values of a property that the event has not. */
static bool
take_properties(
    struct intake *intake, const struct usage_said *said, const struct usage_metric *metric, struct usage_event *event)
{
	struct call *call = intake->call;
	const struct tree *properties = NULL;
	struct digest digest;

	if (said->properties.at != NULL && (metric->property.at != NULL || may_have_app(said->properties)))
		properties = tree_parse(call->arena, (struct text){ said->properties.at, said->properties.length });
	if (digest_property(call, properties, TEXT("app"), &digest))
		event->app = (const struct digest *)(void *)keep_bytes(intake, &digest, sizeof(digest));
	if (metric->property.at == NULL)
		return true;
	if (!digest_property(call, properties, (struct text){ metric->property.at, metric->property.length }, &digest))
		return false;
	event->value = (const struct digest *)(void *)keep_bytes(intake, &digest, sizeof(digest));
	return true;
}

static const char *
check_time(const struct call *call, struct instant at)
{
	if (instant_before(at, instant_plus_seconds(call->now, -INT64_C(86400) * USAGE_DAYS)))
		return "This is more than 45 days ago.";
	if (instant_before(instant_plus_seconds(call->now, USAGE_AHEAD_SECONDS), at))
		return "This is more than 5 minutes in the future.";
	return NULL;
}

static void
take_said(struct intake *intake, int64_t index, const struct usage_said *said)
{
	struct call *call = intake->call;
	struct usage_batch *batch = intake->batch;
	const struct usage_metric *metric = find_metric(&batch->metrics, said->metric);
	struct instant at = said->occurred_at.given ? said->occurred_at.value : call->now;
	const char *wrong_time = check_time(call, at);
	struct usage_event *event = &intake->blocks[intake->count / BLOCK][intake->count % BLOCK];

	*event = (struct usage_event){ .index = (uint32_t)index };
	if (metric == NULL) {
		usage_reject(call, batch, index, "/metric", "There is no metric of this name.");
	} else if (wrong_time != NULL) {
		usage_reject(call, batch, index, "/occurred_at", wrong_time);
	} else if (!take_properties(intake, said, metric, event)) {
		usage_reject(call, batch, index, arena_format(call->arena, "/properties/%s", metric->property.at).at,
		    "The metric counts the values of this property: a string, a number or a boolean.");
	} else {
		event->id = keep_text(intake, said->id);
		event->metric = metric->name;
		event->metric_number = (uint32_t)(metric - (const struct usage_metric *)batch->metrics.items);
		event->service = keep_name(intake, said->service);
		event->operator= keep_name(intake, said->operator);
		event->quantity = said->quantity;
		event->occurred_at = at;
		event->cost = said->cost.value;
		event->saving = said->saving.value;
		intake->count++;
	}
}

static void
take_item(struct intake *intake, const struct stream_item *item)
{
	if (item->value != NULL)
		take_said(intake, item->index, item->value);
	else
		usage_reject(intake->call, intake->batch, item->index, item->faults->pointer, item->faults->detail);
}

/* ---- all of them ----------------------------------------------------------------------------------------------- */

static int
compare_events(const struct usage_event *a, const struct usage_event *b)
{
	size_t shorter = a->id.length < b->id.length ? a->id.length : b->id.length;
	int order;

	if (a->metric_number != b->metric_number)
		return a->metric_number < b->metric_number ? -1 : 1;
	order = memcmp(a->id.at, b->id.at, shorter);
	return order != 0 ? order : (a->id.length > b->id.length) - (a->id.length < b->id.length);
}

/* Of equal ones the first comes first. */
static int
compare_pointers(const void *left, const void *right)
{
	const struct usage_event *a = *(const struct usage_event *const *)left;
	const struct usage_event *b = *(const struct usage_event *const *)right;
	int order = compare_events(a, b);

	return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

/* In the order of the unique index, which every sender keeps to: so nobody waits for one who waits for them. */
static void
put_in_order(struct intake *intake)
{
	struct usage_batch *batch = intake->batch;
	struct usage_event **events = arena_array(intake->call->arena, intake->count, sizeof(*events));
	bool is_ordered = true;

	for (size_t i = 0; i < intake->count; i++) {
		events[i] = &intake->blocks[i / BLOCK][i % BLOCK];
		is_ordered = is_ordered && (i == 0 || compare_events(events[i - 1], events[i]) < 0);
	}
	batch->events = events;
	batch->count = intake->count;
	if (is_ordered)
		return;
	qsort(events, intake->count, sizeof(struct usage_event *), compare_pointers);
	batch->count = 0;
	for (size_t i = 0; i < intake->count; i++)
		if (batch->count == 0 || compare_events(events[batch->count - 1], events[i]) != 0)
			events[batch->count++] = events[i];
	batch->duplicates = (int64_t)(intake->count - batch->count);
}

const struct problem *
usage_batch_read(struct call *call, struct usage_batch *batch)
{
	struct intake *intake = arena_take(call->arena, sizeof(*intake));
	const struct problem *p = usage_metrics_read(call, &batch->metrics);
	struct stream_item item;
	bool more = true;

	intake->call = call;
	intake->batch = batch;
	while (p == NULL && more) {
		p = make_room(intake);
		if (p != NULL)
			return p;
		struct arena_mark mark = arena_mark(call->arena);
		p = stream_next(call, &item, &more);
		if (p == NULL && more)
			take_item(intake, &item);
		if (p == NULL)
			arena_release(call->arena, mark);
	}
	if (p == NULL)
		put_in_order(intake);
	return p;
}

const struct usage_metric *
usage_batch_metric(const struct usage_batch *batch, const struct usage_event *event)
{
	return (const struct usage_metric *)batch->metrics.items + event->metric_number;
}
