/*
 * What new events add up to: first by day, service and operator, and of these sums the counters'. A hash table finds a
 * sum; afterwards both lists are in the order in which their rows are locked.
 */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "text.h"
#include "usage_parts.h"

#define UNIT INT64_C(1000000)

enum { FEW = 64 };

struct table {
	uint32_t *places; /* number of a sum and one more; 0: empty */
	size_t room;      /* a power of 2 */
	struct list sums;
	size_t sums_room;
	size_t most; /* as many sums as events */
};

static uint64_t
mix(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * UINT64_C(0x9E3779B97F4A7C15) >> 7 ^ hash << 13;
}

static uint64_t
mix_text(uint64_t hash, struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		hash = (hash ^ (unsigned char)text.at[i]) * UINT64_C(0x100000001B3);
	return mix(hash, text.length);
}

static bool
is_same_sum(const struct usage_sum *sum, const struct usage_event *event)
{
	return sum->metric_number == event->metric_number && sum->span == event->span &&
	       text_equal(sum->service, event->service) && text_equal(sum->operator, event->operator);
}

static struct usage_sum
new_sum(const struct usage_batch *batch, const struct usage_event *event)
{
	const struct usage_span *span = (const struct usage_span *)batch->spans.items + event->span;

	return (struct usage_sum){ .cycle_starts_at = span->cycle.starts_at,
		.day = span->day,
		.metric = event->metric,
		.service = event->service,
		.operator= event->operator,
		.aggregation = usage_batch_metric(batch, event)->aggregation,
		.is_late = span->cycle.closed_at.given,
		.span = event->span,
		.metric_number = event->metric_number };
}

/* Mostly a few sums are enough; else there is room for a sum of each event, at once. */
static void
make_room(struct arena *arena, struct table *table)
{
	struct usage_sum *sums;

	if (table->sums.count < table->sums_room)
		return;
	table->sums_room = table->sums_room == 0 && table->most > FEW ? FEW : table->most;
	sums = arena_array(arena, table->sums_room, sizeof(*sums));
	if (table->sums.count > 0)
		memcpy(sums, table->sums.items, table->sums.count * sizeof(*sums));
	table->sums.items = sums;
}

static struct usage_sum *
find_sum(struct call *call, struct table *table, const struct usage_batch *batch, const struct usage_event *event)
{
	uint64_t hash = mix(mix(event->metric_number, event->span), 0);
	struct usage_sum *sums;

	make_room(call->arena, table);
	sums = table->sums.items;
	hash = mix_text(mix_text(hash, event->service), event->operator);
	for (;; hash++) {
		uint32_t *place = &table->places[hash & (table->room - 1)];

		if (*place == 0) {
			sums[table->sums.count] = new_sum(batch, event);
			*place = (uint32_t)++table->sums.count;
		}
		if (is_same_sum(&sums[*place - 1], event))
			return &sums[*place - 1];
	}
}

/* Of `last`, the later one; of those of one moment the later in order. */
static void
take_last(struct usage_sum *sum, struct quantity value, struct instant at)
{
	if (sum->last_at.given && instant_before(at, sum->last_at.value))
		return;
	sum->value = value;
	sum->last_at = instant_given(at);
}

/* What the caller sums up can't overflow: usage_overflow_reject saw to it. */
static void
add_event(struct usage_sum *sum, const struct usage_event *event)
{
	sum->events++;
	sum->cost.micros += event->cost.micros;
	sum->saving.micros += event->saving.micros;
	if (text_is(sum->aggregation, "sum"))
		sum->value.micros += event->quantity.micros;
	else if (text_is(sum->aggregation, "count"))
		sum->value.micros += UNIT;
	else if (text_is(sum->aggregation, "unique"))
		sum->value.micros += event->is_new_value ? UNIT : 0;
	else if (text_is(sum->aggregation, "last"))
		take_last(sum, event->quantity, event->occurred_at);
	else if (event->quantity.micros > sum->value.micros)
		sum->value = event->quantity;
}

static void
add_sum(struct usage_sum *sum, const struct usage_sum *part)
{
	sum->events += part->events;
	sum->cost.micros += part->cost.micros;
	sum->saving.micros += part->saving.micros;
	if (text_is(sum->aggregation, "last"))
		take_last(sum, part->value, part->last_at.value);
	else if (!text_is(sum->aggregation, "max"))
		sum->value.micros += part->value.micros;
	else if (part->value.micros > sum->value.micros)
		sum->value = part->value;
}

/* ---- order ----------------------------------------------------------------------------------------------------- */

static int
compare_texts(struct text a, struct text b)
{
	int order = memcmp(a.at, b.at, a.length < b.length ? a.length : b.length);

	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static int
compare_cycles(const struct usage_sum *a, const struct usage_sum *b)
{
	return (a->cycle_starts_at.microseconds > b->cycle_starts_at.microseconds) -
	       (a->cycle_starts_at.microseconds < b->cycle_starts_at.microseconds);
}

static int
compare_by_counter(const void *left, const void *right)
{
	const struct usage_sum *a = left, *b = right;
	int order = (a->metric_number > b->metric_number) - (a->metric_number < b->metric_number);

	return order != 0 ? order : compare_cycles(a, b);
}

static int
compare_by_day(const void *left, const void *right)
{
	const struct usage_sum *a = left, *b = right;
	int order = compare_by_counter(left, right);

	if (order == 0)
		order = compare_texts(a->day, b->day);
	if (order == 0)
		order = compare_texts(a->service, b->service);
	return order != 0 ? order : compare_texts(a->operator, b->operator);
}

static void
fold_counters(struct call *call, const struct list *days, struct list *counters)
{
	const struct usage_sum *parts = days->items;
	struct usage_sum *sums = arena_array(call->arena, days->count, sizeof(*sums));

	*counters = (struct list){ sums, 0 };
	for (size_t i = 0; i < days->count; i++) {
		if (counters->count > 0 && compare_by_counter(&sums[counters->count - 1], &parts[i]) == 0)
			add_sum(&sums[counters->count - 1], &parts[i]);
		else
			sums[counters->count++] = parts[i];
	}
}

void
usage_fold(struct call *call, const struct usage_batch *batch, struct list *counters, struct list *days)
{
	struct table table = { .room = 16 };

	for (size_t i = 0; i < batch->count; i++)
		table.most += batch->events[i]->is_new;
	while (table.room < 2 * table.most)
		table.room *= 2;
	table.places = arena_array(call->arena, table.room, sizeof(*table.places));
	for (size_t i = 0; i < batch->count; i++)
		if (batch->events[i]->is_new)
			add_event(find_sum(call, &table, batch, batch->events[i]), batch->events[i]);
	if (table.sums.count > 0)
		qsort(table.sums.items, table.sums.count, sizeof(struct usage_sum), compare_by_day);
	*days = table.sums;
	fold_counters(call, days, counters);
}
