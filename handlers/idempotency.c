/*
 * Forgetting idempotency claims after a day. Open ones stay while a payment waits with them, for whoever books its
 * outcome answers them; those of a worker that died before anything waited are freed a quarter of an hour later.
 */
#include "resources.h"

#include "clock.h"
#include "runner.h"
#include "statement.h"

enum { KEPT_SECONDS = 86400, BATCH = 1000 };

struct purge {
	struct instant before;
};
static const struct field purge_fields[] = {
	FIELD(purge, before, ANY, "Older ones go."),
};
SHAPE(purge)

static const struct statement delete_claims = {
	.sql =
	    "DELETE FROM idempotency WHERE created_at < :before AND status IS NOT NULL ORDER BY created_at LIMIT 1000",
	.takes = &purge_shape,
	.crosses_organizations = "the job forgets everybody's",
};

static const struct statement free_lapsed = {
	.sql = "DELETE FROM idempotency WHERE open_until <= :now AND status IS NULL ORDER BY open_until LIMIT 1000",
	.crosses_organizations = "the job frees everybody's",
};

static const struct problem *
purge_batch(struct call *call, void *affected)
{
	struct purge purge = { instant_plus_seconds(call->now, -KEPT_SECONDS) };

	return sql_run(call, &delete_claims, &purge, affected);
}

static const struct problem *
purge_claims(struct call *call)
{
	const struct problem *p;
	int64_t affected;

	do {
		p = job_step(call, purge_batch, &affected);
	} while (p == NULL && affected == BATCH && !job_is_stopping());
	return p;
}

static const struct job purge_claims_job = {
	.id = "idempotency.purge",
	.summary = "Forget finished idempotency claims that are older than a day.",
	.every_seconds = 600,
	.run = purge_claims,
};

static const struct problem *
free_batch(struct call *call, void *affected)
{
	return sql_run(call, &free_lapsed, NULL, affected);
}

static const struct problem *
free_claims(struct call *call)
{
	const struct problem *p;
	int64_t affected;

	do {
		p = job_step(call, free_batch, &affected);
	} while (p == NULL && affected == BATCH && !job_is_stopping());
	return p;
}

static const struct job free_claims_job = {
	.id = "idempotency.free",
	.summary = "Free the keys of requests that died before their outcome could be known.",
	.every_seconds = 60,
	.run = free_claims,
};

const struct resource idempotency_resource = {
	.name = "idempotency",
	.summary = "What makes a repeated request harmless.",
	.statements = LIST_OF(statement, &delete_claims, &free_lapsed),
	.jobs = LIST_OF(job, &purge_claims_job, &free_claims_job),
};
