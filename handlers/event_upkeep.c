/*
 * What is forgotten of webhooks, and what a deleted subscription leaves behind: all of it in bounded batches, a bounded
 * number of them a run, in a lane where nobody waits for it.
 */
#include "resources.h"

#include "call.h"
#include "clock.h"
#include "event_subscription.h"
#include "runner.h"
#include "statement.h"

enum { KEPT_SECONDS = 30 * 86400, BATCH = 1000, BATCHES_A_RUN = 50 };

static const char why_everybody[] = "the job looks after everybody's";

static const struct problem *
run_batches(struct call *call, const struct problem *(*batch)(struct call *call, void *is_full))
{
	const struct problem *p = NULL;
	bool is_full = true;

	for (int i = 0; i < BATCHES_A_RUN && p == NULL && is_full && !job_is_stopping(); i++) {
		job_tick(call);
		p = job_step(call, batch, &is_full);
	}
	return p;
}

/* ---- events.forget_deliveries ----------------------------------------------------------------------------------- */

struct delivery_purge {
	struct instant before;
};
static const struct field delivery_purge_fields[] = {
	FIELD(delivery_purge, before, ANY, "Older ones go."),
};
SHAPE(delivery_purge)

/* Their attempts go with them. */
static const struct statement delete_deliveries = {
	.sql = "DELETE FROM event_delivery WHERE created_at < :before ORDER BY created_at LIMIT 1000",
	.takes = &delivery_purge_shape,
	.crosses_organizations = why_everybody,
};

static const struct problem *
forget_batch(struct call *call, void *is_full)
{
	struct delivery_purge purge = { instant_plus_seconds(call->now, -KEPT_SECONDS) };
	int64_t affected = 0;
	const struct problem *p = sql_run(call, &delete_deliveries, &purge, &affected);

	*(bool *)is_full = affected == BATCH;
	return p;
}

static const struct problem *
forget_deliveries(struct call *call)
{
	return run_batches(call, forget_batch);
}

static const struct job forget_deliveries_job = {
	.id = "events.forget_deliveries",
	.lane = LANE_UPKEEP,
	.summary = "Forget deliveries that were begun 30 days ago, and their attempts, some thousands a minute.",
	.every_seconds = 60,
	.run = forget_deliveries,
};

/* ---- events.forget_secrets -------------------------------------------------------------------------------------- */

static const struct statement empty_old_secrets = {
	.sql = "UPDATE event_subscription SET old_secret = NULL, old_secret_until = NULL"
	       " WHERE old_secret_until <= :now ORDER BY old_secret_until LIMIT 1000",
	.crosses_organizations = why_everybody,
};

static const struct problem *
empty_batch(struct call *call, void *is_full)
{
	int64_t affected = 0;
	const struct problem *p = sql_run(call, &empty_old_secrets, NULL, &affected);

	*(bool *)is_full = affected == BATCH;
	return p;
}

static const struct problem *
forget_secrets(struct call *call)
{
	return run_batches(call, empty_batch);
}

static const struct job forget_secrets_job = {
	.id = "events.forget_secrets",
	.lane = LANE_UPKEEP,
	.summary = "Forget the secrets of subscriptions that sign no more, since their overlap is over.",
	.every_seconds = 60,
	.run = forget_secrets,
};

/* ---- events.end_deliveries -------------------------------------------------------------------------------------- */

struct ended_subscription {
	struct id subscription_id;
	struct id organization_id;
};
static const struct field ended_subscription_fields[] = {
	FIELD(ended_subscription, subscription_id, ANY, "The subscription."),
	FIELD(ended_subscription, organization_id, ANY, "Whose it was."),
};
SHAPE(ended_subscription)

static const struct statement find_ended = {
	.sql = "SELECT id AS subscription_id, organization_id FROM event_subscription FORCE INDEX (due)"
	       " WHERE status = 'deleted' AND trust IN (0, 1, 2) AND due_at <= :now LIMIT 1 FOR UPDATE SKIP LOCKED",
	.gives = &ended_subscription_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement mark_ended = {
	.sql = "UPDATE event_subscription SET due_at = NULL"
	       " WHERE organization_id = :organization AND id = :subscription_id",
	.takes = &event_subscription_ref_shape,
};

/* A fan-out that saw the subscription before it was deleted wakes it again, for what it added. */
static const struct problem *
end_batch(struct call *call, void *is_full)
{
	struct ended_subscription ended;
	bool found, left;
	const struct problem *p = sql_maybe(call, &find_ended, NULL, &ended, &found);

	*(bool *)is_full = p == NULL && found;
	if (p != NULL || !found)
		return p;
	call->organization = ended.organization_id;
	p = endpoint_end_deliveries(call, ended.subscription_id, &left);
	if (p != NULL || left)
		return p;
	return sql_run(call, &mark_ended, &(struct event_subscription_ref){ ended.subscription_id }, NULL);
}

static const struct problem *
end_deliveries(struct call *call)
{
	return run_batches(call, end_batch);
}

static const struct job end_deliveries_job = {
	.id = "events.end_deliveries",
	.lane = LANE_UPKEEP,
	.summary = "End what still waits for subscriptions that were deleted.",
	.every_seconds = 10,
	.run = end_deliveries,
};

const struct resource event_upkeep_resource = {
	.name = "event_upkeep",
	.summary = "What is forgotten of events sent.",
	.statements = LIST_OF(statement, &delete_deliveries, &empty_old_secrets, &find_ended, &mark_ended),
	.jobs = LIST_OF(job, &forget_deliveries_job, &forget_secrets_job, &end_deliveries_job),
};
