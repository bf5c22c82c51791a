/*
 * What an organization's Prometheus is told: what it has, spends, may spend and has used, as of this moment. The names
 * follow Prometheus' conventions (prefix, unit at the end); all are gauges, since a cycle begins anew.
 */
#include "integration_push.h"

#include "funds.h"
#include "remote_write.h"
#include "resources.h"
#include "text.h"
#include "usage.h"

enum { SERIES_OF_FUNDS = 6 };

struct series_list {
	struct remote_series *items;
	size_t count;
	struct text organization;
};

static struct remote_series *
add_series(struct series_list *list, const char *name, int64_t value)
{
	struct remote_series *series = &list->items[list->count++];

	*series = (struct remote_series){ .name = name, .value = value };
	series->labels[0].name = "organization";
	series->labels[0].value = list->organization;
	return series;
}

static void
add_label(struct remote_series *series, const char *name, struct text value)
{
	series->labels[1].name = name;
	series->labels[1].value = value;
}

static void
add_funds(struct series_list *list, const struct funds *funds)
{
	add_series(list, "purser_credits_available", funds->available.count);
	add_series(list, "purser_credits_reserved", funds->reserved.count);
	add_series(list, "purser_credits_debt", funds->debt.count);
	add_series(list, "purser_cycle_spend_credits", funds->spent.count);
	if (funds->hard_limit.given)
		add_series(list, "purser_spending_limit_hard_credits", funds->hard_limit.value.count);
	if (funds->soft_limit.given)
		add_series(list, "purser_spending_limit_soft_credits", funds->soft_limit.value.count);
}

static void
add_usage(struct series_list *list, const struct usage_counter *counter)
{
	struct remote_series *series = add_series(list, "purser_usage", counter->value.micros);

	series->in_millionths = true;
	add_label(series, "metric", counter->metric);
	if (counter->included.given)
		add_label(
		    add_series(list, "purser_usage_included", counter->included.value), "metric", counter->metric);
}

static void
take_body(struct call *call, const struct series_list *list, struct push *push)
{
	push->request.body = remote_write_body(call->arena, list->items, list->count, call->now);
}

static const struct problem *
fill(struct call *call, const struct push_organization *organization, const struct integration *integration,
    struct push *push)
{
	struct series_list list = { .organization = organization->slug };
	struct list counters;
	struct funds funds;
	struct cycle cycle;
	const struct problem *p = funds_read(call, &funds);

	(void)integration;
	if (p == NULL)
		p = cycle_at(call, call->now, &cycle);
	if (p == NULL)
		p = usage_counters(call, &cycle, &counters);
	if (p != NULL)
		return p;
	list.items = arena_array(call->arena, SERIES_OF_FUNDS + 2 * counters.count, sizeof(*list.items));
	add_funds(&list, &funds);
	for (size_t i = 0; i < counters.count; i++)
		add_usage(&list, (const struct usage_counter *)counters.items + i);
	take_body(call, &list, push);
	return NULL;
}

static const struct problem *
fill_sample(struct call *call, const struct push_organization *organization, struct push *push)
{
	struct remote_series series;
	struct series_list list = { .items = &series, .organization = organization->slug };
	struct funds funds;
	const struct problem *p = funds_read(call, &funds);

	if (p != NULL)
		return p;
	add_series(&list, "purser_credits_available", funds.available.count);
	take_body(call, &list, push);
	return NULL;
}

const struct push_kind push_prom = {
	.name = INTEGRATION_PROM,
	.path = "/api/v1/write",
	.media_type = "application/x-protobuf",
	.fill = fill,
	.fill_sample = fill_sample,
};
