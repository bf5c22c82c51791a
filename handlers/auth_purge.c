/*
 * Forgetting sessions, tokens, failed sign-ins and resets that nobody can use or wants to see any more. A spent refresh
 * token stays as long as its return would tell something.
 */
#include "clock.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"

enum { MINUTE = 60, DAY = 86400, BATCH = 1000 };

struct purge {
	struct instant before;
};
static const struct field purge_fields[] = {
	FIELD(purge, before, ANY, "Older ones go."),
};
SHAPE(purge)

#define PURGE(name, text)                                               \
	static const struct statement name = {                          \
		.sql = text " LIMIT 1000",                              \
		.takes = &purge_shape,                                  \
		.crosses_organizations = "the job forgets everybody's", \
	};

/* The tokens of a session go with it. */
PURGE(delete_expired_sessions, "DELETE FROM session WHERE expires_at < :before ORDER BY expires_at")
PURGE(delete_ended_sessions, "DELETE FROM session WHERE ended_at < :before ORDER BY ended_at")
PURGE(delete_access_tokens,
    "DELETE FROM session_token WHERE kind = 'access' AND expires_at < :before ORDER BY expires_at")
PURGE(delete_refresh_tokens,
    "DELETE FROM session_token WHERE kind = 'refresh' AND expires_at < :before ORDER BY expires_at")
PURGE(delete_client_tokens, "DELETE FROM client_token WHERE expires_at < :before ORDER BY expires_at")
PURGE(delete_failures, "DELETE FROM sign_in_failure WHERE at < :before ORDER BY at")
PURGE(delete_subjects, "DELETE FROM sign_in_subject WHERE seen_at < :before ORDER BY seen_at")
PURGE(delete_resets, "DELETE FROM password_reset WHERE expires_at < :before ORDER BY expires_at")

static const struct purge_of {
	const struct statement *statement;
	int64_t kept_seconds;
} purges[] = {
	{ &delete_expired_sessions, 30 * DAY },
	{ &delete_ended_sessions, 30 * DAY },
	{ &delete_access_tokens, DAY },
	{ &delete_refresh_tokens, 30 * DAY },
	{ &delete_client_tokens, DAY },
	{ &delete_failures, 15 * MINUTE },
	{ &delete_subjects, DAY },
	{ &delete_resets, DAY },
};

struct batch {
	const struct purge_of *of;
	int64_t deleted;
};

static const struct problem *
delete_batch(struct call *call, void *context)
{
	struct batch *batch = context;
	struct purge purge = { instant_plus_seconds(call->now, -batch->of->kept_seconds) };

	return sql_run(call, batch->of->statement, &purge, &batch->deleted);
}

static const struct problem *
purge_auth(struct call *call)
{
	for (size_t i = 0; i < COUNT(purges); i++) {
		struct batch batch = { .of = &purges[i] };

		do {
			const struct problem *p = job_step(call, delete_batch, &batch);

			if (p != NULL)
				return p;
		} while (batch.deleted == BATCH && !job_is_stopping());
	}
	return NULL;
}

static const struct job purge_job = {
	.id = "auth.purge",
	.summary = "Forget sessions, tokens, failed sign-ins and resets that are over.",
	.every_seconds = 3600,
	.run = purge_auth,
};

const struct resource auth_purge_resource = {
	.name = "auth_purge",
	.summary = "Forgetting what is over.",
	.statements = LIST_OF(statement, &delete_expired_sessions, &delete_ended_sessions, &delete_access_tokens,
	    &delete_refresh_tokens, &delete_client_tokens, &delete_failures, &delete_subjects, &delete_resets),
	.jobs = LIST_OF(job, &purge_job),
};
