/*
 * Leases of jobs: who may run one, a job's own transactions, which count only while its lease is held, and its end. A
 * job's times are whole multiples of its period, so that all copies mean the same moment.
 */
#include "lease.h"

#include <inttypes.h>
#include <time.h>

#include "clock.h"
#include "database.h"
#include "id.h"
#include "log.h"
#include "runner.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

enum {
	LEASE_SECONDS = 300,
	RERUNS_MAX = 5,
	FAILED_AGAIN_SECONDS = 60, /* when a job that failed is tried again, at the latest */
	PROBLEM_LENGTH = 500,
	OFTEN_SECONDS = 10,
	LONG_MICROSECONDS = 1000000
};

/* By how much the clocks of two nodes may differ; what lies further ahead comes from a clock that was set back since. A
 * job that is due too late is worse than one that is run too early; a lease means that somebody may be at it. */
enum { DUE_TOLERANCE_SECONDS = 60, LEASE_TOLERANCE_SECONDS = 3600 };

const struct problem job_lease_lost = { .kind = CONFLICT, .detail = "Another runner has taken the job over." };

/* The lease that this process holds; `job` NULL: none. One at a time. */
static struct {
	const struct job *job;
	int64_t token;
} held;

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

struct lease {
	struct text id;
	int64_t lease_token;
	struct instant until;
	struct instant latest_due; /* beyond these, no clock like ours has set the time */
	struct instant latest_until;
	struct instant due_at;
	struct maybe_text problem;
};
static const struct field lease_fields[] = {
	FIELD(lease, id, ANY, "The job."),
	FIELD(lease, lease_token, ANY, "The holder's token."),
	FIELD(lease, until, ANY, "When the lease lapses."),
	FIELD(lease, latest_due, ANY, "The last moment that it can be due at."),
	FIELD(lease, latest_until, ANY, "The last moment that a lease can lapse at."),
	FIELD(lease, due_at, ANY, "When it is due next."),
	FIELD(lease, problem, ANY, "What went wrong."),
};
SHAPE(lease)

struct job_row {
	struct text id;
	struct instant due_at;
	struct maybe_instant leased_until;
};
static const struct field job_row_fields[] = {
	FIELD(job_row, id, ANY, "The job."),
	FIELD(job_row, due_at, ANY, "When it is due."),
	FIELD(job_row, leased_until, ANY, "When the lease lapses; NULL: nobody has it."),
};
SHAPE(job_row)

struct lease_row {
	int64_t lease_token;
};
static const struct field lease_row_fields[] = {
	FIELD(lease_row, lease_token, ANY, "The holder's token."),
};
SHAPE(lease_row)

static const char why_platform[] = "jobs are the platform's";

static const struct statement add_job = {
	.sql = "INSERT IGNORE INTO job (id, due_at) VALUES (:id, :now)",
	.takes = &lease_shape,
	.crosses_organizations = why_platform,
};

static const struct statement read_jobs = {
	.sql = "SELECT id, due_at, leased_until FROM job",
	.gives = &job_row_shape,
	.crosses_organizations = why_platform,
};

/* A clock that was set back (a test's) must not wait for what it had set before. */
static const struct statement take_lease = {
	.sql = "UPDATE job SET lease_token = lease_token + 1, leased_until = :until"
	       " WHERE id = :id AND (due_at <= :now OR due_at > :latest_due)"
	       " AND (leased_until IS NULL OR leased_until <= :now OR leased_until > :latest_until)",
	.takes = &lease_shape,
	.crosses_organizations = why_platform,
};

static const struct statement force_lease = {
	.sql = "UPDATE job SET lease_token = lease_token + 1, leased_until = :until WHERE id = :id",
	.takes = &lease_shape,
	.crosses_organizations = why_platform,
};

static const struct statement read_token = {
	.sql = "SELECT lease_token FROM job WHERE id = :id",
	.takes = &lease_shape,
	.gives = &lease_row_shape,
	.crosses_organizations = why_platform,
};

static const struct statement renew_lease = {
	.sql = "UPDATE job SET leased_until = :until WHERE id = :id AND lease_token = :lease_token",
	.takes = &lease_shape,
	.crosses_organizations = why_platform,
};

static const struct statement end_lease = {
	.sql = "UPDATE job SET due_at = :due_at, leased_until = NULL, last_finished_at = :now, last_problem = :problem"
	       " WHERE id = :id AND lease_token = :lease_token",
	.takes = &lease_shape,
	.crosses_organizations = why_platform,
};

static const struct statement *const statements[] = { &add_job, &read_jobs, &take_lease, &force_lease, &read_token,
	&renew_lease, &end_lease, NULL };

const struct statement *const *
lease_statements(void)
{
	return statements;
}

/* ---- a job's transactions -------------------------------------------------------------------------------------- */

void
job_call_begin(struct call *call, struct arena *arena, struct arena *reply_arena, const char *job)
{
	arena_reset(arena);
	arena_reset(reply_arena);
	clock_tick();
	*call = (struct call){ .arena = arena,
		.reply_arena = reply_arena,
		.now = clock_now(),
		.principal.type = JOB,
		.page.limit = INT64_MAX,
		.job = job };
	call->id = id_new(call->now);
	call->request_id = arena_format(arena, "%s", job);
}

static int64_t
lease_of(const struct job *job)
{
	return job->lease_seconds > 0 ? job->lease_seconds : LEASE_SECONDS;
}

static const struct problem *
renew(struct call *call)
{
	struct lease lease = { .id = text_from(held.job->id),
		.lease_token = held.token,
		.until = instant_plus_seconds(clock_now(), lease_of(held.job)) };
	const struct problem *p;
	int64_t affected;

	p = sql_run(call, &renew_lease, &lease, &affected);
	if (p != NULL)
		return p;
	return affected == 1 ? NULL : &job_lease_lost;
}

void
job_tick(struct call *call)
{
	clock_tick();
	call->now = clock_now();
}

const struct problem *
job_commit(struct call *call)
{
	const struct problem *p = held.job == NULL ? NULL : renew(call);

	runner_follow_log();
	return p == NULL ? database_commit(call) : p;
}

void
job_rollback(struct call *call)
{
	database_rollback(call);
}

static void
pause_before(unsigned rerun)
{
	struct timespec pause = { 0 };
	uint16_t random;

	random_bytes(&random, sizeof(random));
	pause.tv_nsec = (random % (4000L << rerun)) * 1000;
	nanosleep(&pause, NULL);
}

const struct problem *
job_step(struct call *call, const struct problem *(*step)(struct call *call, void *context), void *context)
{
	for (unsigned rerun = 0; rerun == 0 || (rerun <= RERUNS_MAX && !job_is_stopping()); rerun++) {
		struct arena_mark mark = arena_mark(call->arena);
		const struct problem *p = step(call, context);

		if (p == NULL)
			p = job_commit(call);
		if (p == NULL) {
			arena_release(call->arena, mark);
			return NULL;
		}
		job_rollback(call);
		if (p->kind != RERUN && p != &database_commit_unknown)
			return p;
		call->reruns++;
		pause_before(rerun);
	}
	return fail(call, BUSY, "Others changed the same thing too often.");
}

/* ---- leases ---------------------------------------------------------------------------------------------------- */

struct taking {
	const struct job *job;
	const struct statement *how;
	int64_t token; /* 0: not due, or another's */
};

static struct lease
lease_from(struct instant now, const struct job *job)
{
	return (struct lease){ .id = text_from(job->id),
		.until = instant_plus_seconds(now, lease_of(job)),
		.latest_due = instant_plus_seconds(now, job->every_seconds + DUE_TOLERANCE_SECONDS),
		.latest_until = instant_plus_seconds(now, LEASE_SECONDS + LEASE_TOLERANCE_SECONDS) };
}

static const struct problem *
take(struct call *call, void *context)
{
	struct taking *taking = context;
	struct lease lease = lease_from(call->now, taking->job);
	struct lease_row row;
	const struct problem *p;
	int64_t affected;

	taking->token = 0;
	p = sql_run(call, taking->how, &lease, &affected);
	if (p != NULL || affected == 0)
		return p;
	p = sql_one(call, &read_token, &lease, &row);
	if (p == NULL)
		taking->token = row.lease_token;
	return p;
}

struct ending {
	const struct job *job;
	const struct problem *problem;
	bool lost;
};

static struct instant
due_next(const struct ending *ending)
{
	struct instant now = clock_now();
	int64_t every = ending->job->every_seconds;

	if (job_is_stopping())
		return now;
	if (ending->problem != NULL && every > FAILED_AGAIN_SECONDS)
		every = FAILED_AGAIN_SECONDS;
	every *= 1000000;
	return (struct instant){ (now.microseconds / every + 1) * every };
}

static const struct problem *
end(struct call *call, void *context)
{
	struct ending *ending = context;
	struct lease lease = {
		.id = text_from(ending->job->id), .lease_token = held.token, .due_at = due_next(ending)
	};
	const struct problem *p;
	int64_t affected;

	if (ending->problem != NULL)
		lease.problem = text_given(text_cut(text_from(ending->problem->detail), PROBLEM_LENGTH));
	p = sql_run(call, &end_lease, &lease, &affected);
	ending->lost = p == NULL && affected == 0;
	return p;
}

/* What runs every few seconds would fill the log: it is told of when it fails, or takes long. */
static void
log_run(const struct call *call, const struct job *job, const struct problem *problem, int64_t microseconds)
{
	const char *why = problem == NULL ? "" : call->internal != NULL ? call->internal : problem->detail;

	if (problem == NULL && job->every_seconds < OFTEN_SECONDS && microseconds < LONG_MICROSECONDS)
		return;
	if (problem == NULL)
		log_info("job %s: ok, %" PRId64 " us, %u round trips, %u re-runs", job->id, microseconds,
		    call->round_trips, call->reruns);
	else
		log_error("job %s: %s, %" PRId64 " us, %u round trips, %u re-runs", job->id, why, microseconds,
		    call->round_trips, call->reruns);
}

/* Runs the job under the lease, and ends the lease. */
static const struct problem *
run_leased(struct call *call, const struct job *job, int64_t token)
{
	int64_t started = clock_monotonic_microseconds();
	unsigned long trips = database_round_trips();
	struct ending ending = { .job = job };
	const struct problem *p;

	held.job = job;
	held.token = token;
	ending.problem = job->run(call);
	job_rollback(call);
	held.job = NULL;
	p = job_step(call, end, &ending);
	call->round_trips = (unsigned)(database_round_trips() - trips);
	if (ending.lost)
		log_error("job %s: its lease lapsed before it ended, and another runner took it", job->id);
	if (ending.problem == NULL)
		ending.problem = p;
	log_run(call, job, ending.problem, clock_monotonic_microseconds() - started);
	return ending.problem;
}

const struct problem *
lease_run(struct call *call, const struct job *job, enum lease_when when, bool *ran)
{
	struct taking taking = { .job = job, .how = when == LEASE_IF_DUE ? &take_lease : &force_lease };
	const struct problem *p = job_step(call, take, &taking);

	*ran = p == NULL && taking.token > 0;
	return *ran ? run_leased(call, job, taking.token) : p;
}

/* ---- all of them ------------------------------------------------------------------------------------------------ */

static const struct problem *
add_all(struct call *call, void *context)
{
	const struct problem *p = NULL;

	(void)context;
	for (const struct resource *const *r = resources; *r != NULL; r++)
		for (const struct job *const *j = (*r)->jobs; j != NULL && *j != NULL && p == NULL; j++)
			p = sql_run(call, &add_job, &(struct lease){ .id = text_from((*j)->id) }, NULL);
	return p;
}

const struct problem *
lease_add_all(struct call *call)
{
	return job_step(call, add_all, NULL);
}

/* What take_lease asks of the row. */
static bool
is_due(const struct job_row *row, const struct job *job, struct instant now)
{
	struct lease lease = lease_from(now, job);
	bool due = !instant_before(now, row->due_at) || instant_before(lease.latest_due, row->due_at);
	bool leased = row->leased_until.given && instant_before(now, row->leased_until.value) &&
		      !instant_before(lease.latest_until, row->leased_until.value);

	return due && !leased;
}

const struct problem *
lease_look(struct call *call, struct list *rows)
{
	const struct problem *p = sql_all(call, &read_jobs, NULL, rows);

	job_rollback(call);
	return p;
}

bool
lease_is_free(const struct list *rows, const struct job *job, struct instant now)
{
	const struct job_row *row = rows->items;

	for (size_t i = 0; i < rows->count; i++)
		if (text_is(row[i].id, job->id))
			return is_due(&row[i], job, now);
	return false;
}
