/*
 * Counting failed sign-ins. Attempts at once wait for each other on the subject's row, so that none of them is decided
 * by a count that has changed since.
 */
#include "sign_in.h"

#include "clock.h"
#include "email_key.h"
#include "resources.h"
#include "seal.h"
#include "statement.h"

/* The tenth failure is the one that 9 younger ones stand before. */
enum { WINDOW_SECONDS = 15 * 60, AHEAD_SECONDS = 10, MICROSECONDS = 1000000 };

static const char why_anybody[] = "nobody has signed in yet";

struct attempt {
	struct digest subject;
	struct instant since;
	struct instant until;
};
static const struct field attempt_fields[] = {
	FIELD(attempt, subject, ANY, "Whose attempt."),
	FIELD(attempt, since, ANY, "Older failures count no longer."),
	FIELD(attempt, until, ANY, "Nor do those of a clock that was ahead."),
};
SHAPE(attempt)

struct sign_in_failure {
	struct instant at;
};
static const struct field sign_in_failure_fields[] = {
	FIELD(sign_in_failure, at, ANY, "When it was."),
};
SHAPE(sign_in_failure)

static const struct statement find_tenth = {
	.sql = "SELECT at FROM sign_in_failure WHERE subject = :subject AND at > :since AND at < :until"
	       " ORDER BY at DESC LIMIT 1 OFFSET 9",
	.takes = &attempt_shape,
	.gives = &sign_in_failure_shape,
	.crosses_organizations = why_anybody,
};

static const struct statement take_subject = {
	.sql = "INSERT INTO sign_in_subject (subject, seen_at) VALUES (:subject, :now) ON DUPLICATE KEY UPDATE seen_at "
	       "= :now",
	.takes = &attempt_shape,
	.crosses_organizations = why_anybody,
};

static const struct statement add_failure = {
	.sql = "INSERT INTO sign_in_failure (subject, id, at) VALUES (:subject, :call, :now)",
	.takes = &attempt_shape,
	.crosses_organizations = why_anybody,
};

static const struct statement delete_failures = {
	.sql = "DELETE FROM sign_in_failure WHERE subject = :subject",
	.takes = &attempt_shape,
	.crosses_organizations = why_anybody,
};

struct digest
sign_in_subject(struct call *call, struct text email)
{
	struct text key = email_key(call->arena, email);

	return digest_of(key.at, key.length);
}

const struct problem *
sign_in_look(struct call *call, struct digest subject)
{
	struct attempt attempt = { subject, instant_plus_seconds(call->now, -WINDOW_SECONDS),
		instant_plus_seconds(call->now, AHEAD_SECONDS) };
	struct sign_in_failure tenth;
	const struct problem *p;
	int64_t left;
	bool found;

	p = sql_maybe(call, &find_tenth, &attempt, &tenth, &found);
	if (p != NULL || !found)
		return p;
	left = tenth.at.microseconds - attempt.since.microseconds;
	return fail_retry(call, RATE_LIMITED, (int)((left + MICROSECONDS - 1) / MICROSECONDS),
	    "Too many failed sign-ins of this address; wait, or ask for a new password.");
}

const struct problem *
sign_in_lock(struct call *call, struct digest subject)
{
	struct attempt attempt = { .subject = subject };

	return sql_run(call, &take_subject, &attempt, NULL);
}

const struct problem *
sign_in_enter(struct call *call, struct digest subject)
{
	const struct problem *p = sign_in_lock(call, subject);

	return p != NULL ? p : sign_in_look(call, subject);
}

const struct problem *
sign_in_count_failure(struct call *call, struct digest subject)
{
	struct attempt attempt = { .subject = subject };

	return sql_run(call, &add_failure, &attempt, NULL);
}

const struct problem *
sign_in_forget_failures(struct call *call, struct digest subject)
{
	struct attempt attempt = { .subject = subject };

	return sql_run(call, &delete_failures, &attempt, NULL);
}

const struct resource sign_in_resource = {
	.name = "sign_in",
	.summary = "Counting failed sign-ins.",
	.statements = LIST_OF(statement, &find_tenth, &take_subject, &add_failure, &delete_failures),
};
