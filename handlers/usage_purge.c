/*
 * What usage leaves behind and nobody needs any more: events too old to come again, and different values of cycles that
 * ended long ago. Counters and days stay.
 */
#include "clock.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"

/* An event is refused 45 days after it occurred, so that one recorded 46 days ago can't come again. A cycle lasts a
 * month at the most: one that began 132 days ago ended 100 days ago. */
enum { BATCH = 5000, EVENT_DAYS = 46, VALUE_DAYS = 132, DAY = 86400 };

struct usage_age {
	struct instant before;
};
static const struct field usage_age_fields[] = {
	FIELD(usage_age, before, ANY, "What is older goes."),
};
SHAPE(usage_age)

static const char why_all[] = "the job removes what is old, whoever's it is";

static const struct statement forget_events = {
	.sql = "DELETE FROM usage_event WHERE recorded_at < :before ORDER BY recorded_at LIMIT 5000",
	.takes = &usage_age_shape,
	.crosses_organizations = why_all,
};

static const struct statement forget_values = {
	.sql = "DELETE FROM usage_distinct WHERE cycle_starts_at < :before ORDER BY cycle_starts_at LIMIT 5000",
	.takes = &usage_age_shape,
	.crosses_organizations = why_all,
};

struct purge {
	const struct statement *statement;
	int64_t days;
	int64_t affected;
};

static const struct problem *
forget_batch(struct call *call, void *context)
{
	struct purge *purge = context;
	const struct usage_age age = { instant_plus_seconds(call->now, -purge->days * DAY) };

	return sql_run(call, purge->statement, &age, &purge->affected);
}

static const struct problem *
forget(struct call *call)
{
	struct purge purges[] = { { &forget_events, EVENT_DAYS, 0 }, { &forget_values, VALUE_DAYS, 0 } };
	const struct problem *p = NULL;

	for (size_t i = 0; i < COUNT(purges); i++)
		do {
			p = job_step(call, forget_batch, &purges[i]);
			if (p != NULL)
				return p;
		} while (purges[i].affected == BATCH && !job_is_stopping());
	return p;
}

static const struct job purge_job = {
	.id = "usage.purge",
	.summary = "Remove usage events that can't come again, and different values of cycles long over.",
	.every_seconds = 3600,
	.run = forget,
};

const struct resource usage_purge_resource = {
	.name = "usage_purge",
	.summary = "What usage leaves behind.",
	.statements = LIST_OF(statement, &forget_events, &forget_values),
	.jobs = LIST_OF(job, &purge_job),
};
