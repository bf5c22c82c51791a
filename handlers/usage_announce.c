/*
 * Quotas as they are used up: who hears that 50, 80, 90 or 100 % of one is reached, and that a new cycle has freed it
 * again. What was told stands in the counter and is changed under its lock, so that it is told once, whoever comes
 * first.
 */
#include <string.h>

#include "alert_mail.h"
#include "clock.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "outbox.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"
#include "usage_parts.h"

#define UNIT INT64_C(1000000)

static const struct {
	int64_t percent;
	const char *mail;
} thresholds[] = { { 50, "usage_50" }, { 80, "usage_80" }, { 90, "usage_90" }, { 100, "usage_100" } };

/* ---- events ---------------------------------------------------------------------------------------------------- */

struct usage_threshold {
	struct text metric;
	int64_t percent;
	struct quantity used;
	int64_t included;
};
static const struct field usage_threshold_fields[] = {
	FIELD(usage_threshold, metric, ANY, "The metric."),
	FIELD(usage_threshold, percent, ANY, "How much of the quota is used: 50, 80, 90 or 100 %."),
	FIELD(usage_threshold, used, ANY, "What the cycle has used so far."),
	FIELD(usage_threshold, included, ANY, "What the plan includes in a cycle."),
};
SHAPE(usage_threshold)

static const struct event_type threshold_event = {
	.type = "usage.threshold",
	.entity_type = "organization",
	.summary = "A part of the plan's quota of a metric was used up; each part is told once a cycle.",
	.data = &usage_threshold_shape,
};

struct usage_reset {
	struct instant cycle_started_at;
	struct instant cycle_ended_at;
	struct texts metrics;
};
static const struct field usage_reset_fields[] = {
	FIELD(usage_reset, cycle_started_at, ANY, "When the cycle that is over began."),
	FIELD(usage_reset, cycle_ended_at, ANY, "When the new one began."),
	FIELD(usage_reset, metrics, ANY, "The metrics of whose quotas at least half was used."),
};
SHAPE(usage_reset)

static const struct event_type reset_event = {
	.type = "usage.reset",
	.entity_type = "organization",
	.summary = "A new cycle began, after one in which a quota was half used or more: counters are at 0 again.",
	.data = &usage_reset_shape,
};

/* ---- thresholds ------------------------------------------------------------------------------------------------ */

struct told_counter {
	struct id plan_id;
	struct instant cycle_starts_at;
	struct text metric;
	int64_t told;
};
static const struct field told_counter_fields[] = {
	FIELD(told_counter, plan_id, ANY, "The plan."),
	FIELD(told_counter, cycle_starts_at, ANY, "The cycle."),
	FIELD(told_counter, metric, ANY, "The metric."),
	FIELD(told_counter, told, ANY, "What is announced by now."),
};
SHAPE(told_counter)

struct quota_included {
	int64_t included;
};
static const struct field quota_included_fields[] = {
	FIELD(quota_included, included, ANY, "Units a cycle."),
};
SHAPE(quota_included)

static const struct statement read_quota = {
	.sql = "SELECT included FROM plan_quota WHERE plan_id = :plan_id AND metric = :metric",
	.takes = &told_counter_shape,
	.gives = &quota_included_shape,
	.crosses_organizations = "plans are the same for everybody",
};

static const struct statement set_told = {
	.sql = "UPDATE usage_counter SET told = :told WHERE organization_id = :organization"
	       " AND cycle_starts_at = :cycle_starts_at AND metric = :metric",
	.takes = &told_counter_shape,
};

/* Of a quota of nothing only its end can be reached. */
static bool
is_reached(int64_t percent, struct quantity value, int64_t included)
{
	__extension__ typedef __int128 wide;

	if (included == 0)
		return percent == 100 && value.micros > 0;
	return (wide)value.micros * 100 >= (wide)included * UNIT * percent;
}

static const struct problem *
tell_threshold(struct call *call, const struct usage_threshold *reached, const char *mail)
{
	struct buffer data = buffer_new(call->arena, 200);
	const struct problem *p = outbox_tell(call, &threshold_event, call->organization, reached);

	json_write(&data, &usage_threshold_shape, reached);
	return p != NULL ? p : alert_mail_tell(call, mail, buffer_text(&data));
}

const struct problem *
usage_announce(struct call *call, const struct cycle *cycle, struct text metric, const struct usage_counted *counted)
{
	struct told_counter counter = { cycle->plan_id.value, cycle->starts_at, metric, counted->told };
	struct quota_included quota;
	bool found;
	const struct problem *p;

	if (!cycle->plan_id.given || counted->told >= 100 || counted->value.micros == 0 ||
	    !instant_before(call->now, cycle->ends_at))
		return NULL;
	p = sql_maybe(call, &read_quota, &counter, &quota, &found);
	if (p != NULL || !found)
		return p;
	for (size_t i = 0; p == NULL && i < COUNT(thresholds); i++) {
		const struct usage_threshold reached = { metric, thresholds[i].percent, counted->value,
			quota.included };

		if (reached.percent <= counted->told || !is_reached(reached.percent, reached.used, quota.included))
			continue;
		counter.told = reached.percent;
		p = tell_threshold(call, &reached, thresholds[i].mail);
	}
	return p != NULL || counter.told == counted->told ? p : sql_run(call, &set_told, &counter, NULL);
}

/* ---- usage.reset ----------------------------------------------------------------------------------------------- */

enum { BATCH = 200 };

struct due_reset {
	struct id organization_id;
	struct instant starts_at;
	struct instant ends_at;
};
static const struct field due_reset_fields[] = {
	FIELD(due_reset, organization_id, ANY, "Whose."),
	FIELD(due_reset, starts_at, ANY, "The cycle that is over."),
	FIELD(due_reset, ends_at, ANY, "When it ended."),
};
SHAPE(due_reset)

static const struct statement list_due = {
	.sql = "SELECT DISTINCT u.organization_id, c.starts_at, c.ends_at FROM usage_counter u"
	       " JOIN usage_cycle c ON c.organization_id = u.organization_id AND c.starts_at = u.cycle_starts_at"
	       " WHERE u.reset_due >= :starts_at AND c.ends_at <= :now"
	       " AND (u.reset_due > :starts_at OR u.organization_id > :organization_id)"
	       " ORDER BY c.starts_at, u.organization_id LIMIT 200",
	.takes = &due_reset_shape,
	.gives = &due_reset_shape,
	.crosses_organizations = "the job looks for whoever has something due",
};

struct reset_metric {
	struct text metric;
};
static const struct field reset_metric_fields[] = {
	FIELD(reset_metric, metric, ANY, "The metric."),
};
SHAPE(reset_metric)

static const struct statement lock_due = {
	.sql = "SELECT metric FROM usage_counter WHERE organization_id = :organization AND cycle_starts_at = :starts_at"
	       " AND told > 0 AND NOT reset_told ORDER BY metric FOR UPDATE",
	.takes = &due_reset_shape,
	.gives = &reset_metric_shape,
};

static const struct statement set_reset_told = {
	.sql = "UPDATE usage_counter SET reset_told = TRUE WHERE organization_id = :organization"
	       " AND cycle_starts_at = :starts_at AND told > 0",
	.takes = &due_reset_shape,
};

static const struct problem *
tell_reset(struct call *call, const struct due_reset *due, const struct list *counters)
{
	struct usage_reset reset = { due->starts_at, due->ends_at,
		{ arena_array(call->arena, counters->count, sizeof(struct text)), counters->count } };
	struct buffer data = buffer_new(call->arena, 200);
	const struct problem *p;

	for (size_t i = 0; i < counters->count; i++)
		reset.metrics.items[i] = ((const struct reset_metric *)counters->items)[i].metric;
	p = outbox_tell(call, &reset_event, call->organization, &reset);
	json_write(&data, &usage_reset_shape, &reset);
	return p != NULL ? p : alert_mail_tell(call, "usage_reset", buffer_text(&data));
}

static const struct problem *
reset_one(struct call *call, void *context)
{
	const struct due_reset *due = context;
	struct list counters;
	const struct problem *p = sql_all(call, &lock_due, due, &counters);

	if (p != NULL || counters.count == 0)
		return p;
	p = sql_run(call, &set_reset_told, due, NULL);
	return p != NULL ? p : tell_reset(call, due, &counters);
}

static void
log_fault(const struct call *call, const struct problem *p)
{
	char organization[ID_CHARACTERS + 1];

	id_format(call->organization, organization);
	log_error("usage.reset: organization %s: %s", organization,
	    p->kind == INTERNAL && call->internal != NULL ? call->internal : p->detail);
}

/* One organization's fault keeps no other waiting; the first is what the run answers. A lost lease or database ends it.
 */
static const struct problem *
reset_all(struct call *call)
{
	const struct problem *first = NULL, *p;
	struct due_reset from = { .organization_id = { { 0 } } };
	struct list due;
	bool is_over = false;

	do {
		p = sql_all(call, &list_due, &from, &due);
		job_rollback(call);
		if (p != NULL)
			return p;
		struct due_reset *resets = due.items;
		for (size_t i = 0; i < due.count && !is_over && !job_is_stopping(); i++) {
			from = resets[i];
			call->organization = resets[i].organization_id;
			p = job_step(call, reset_one, &resets[i]);
			if (p != NULL)
				log_fault(call, p);
			is_over = p != NULL && (p->kind == CONFLICT || p->kind == UNAVAILABLE);
			first = first != NULL ? first : p;
		}
	} while (due.count == BATCH && !is_over && !job_is_stopping());
	return first;
}

static const struct job reset_job = {
	.id = "usage.reset",
	.summary = "Tell those who have used a good part of a quota that a new cycle has begun.",
	.every_seconds = 300,
	.run = reset_all,
};

const struct resource usage_announce_resource = {
	.name = "usage_announce",
	.summary = "Quotas as they are used up.",
	.statements = LIST_OF(statement, &read_quota, &set_told, &list_due, &lock_due, &set_reset_told),
	.jobs = LIST_OF(job, &reset_job),
	.events = LIST_OF(event_type, &threshold_event, &reset_event),
};
