/*
 * The runner: looks once a second which jobs are due by the call's clock, leases one at a time and runs it, in a
 * process for each lane. A job's times are whole multiples of its period, so that all copies mean the same moment.
 */
#include "runner.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "database.h"
#include "http.h"
#include "id.h"
#include "log.h"
#include "outgoing.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

enum {
	LEASE_SECONDS = 300,
	RERUNS_MAX = 5,
	FAILED_AGAIN_SECONDS = 60, /* when a job that failed is tried again, at the latest */
	PROBLEM_LENGTH = 500,
	POLL_NANOSECONDS = 100000000,
	POLLS_A_LOOK = 10,
	OFTEN_SECONDS = 10,
	LONG_MICROSECONDS = 1000000
};

/* By how much the clocks of two nodes may differ; what lies further ahead comes from a clock that was set back since. A
 * job that is due too late is worse than one that is run too early; a lease means that somebody may be at it. */
enum { DUE_TOLERANCE_SECONDS = 60, LEASE_TOLERANCE_SECONDS = 3600 };

static volatile sig_atomic_t stopping;

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

static const struct statement *const statements[] = { &add_job, &take_lease, &force_lease, &read_token, &renew_lease,
	&end_lease, NULL };

const struct statement *const *
runner_statements(void)
{
	return statements;
}

/* ---- a job's transactions -------------------------------------------------------------------------------------- */

bool
job_is_stopping(void)
{
	return stopping != 0;
}

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
	for (unsigned rerun = 0; rerun == 0 || (rerun <= RERUNS_MAX && !stopping); rerun++) {
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

static const struct problem *
take(struct call *call, void *context)
{
	struct taking *taking = context;
	struct lease lease = { .id = text_from(taking->job->id),
		.until = instant_plus_seconds(call->now, lease_of(taking->job)),
		.latest_due = instant_plus_seconds(call->now, taking->job->every_seconds + DUE_TOLERANCE_SECONDS),
		.latest_until = instant_plus_seconds(call->now, LEASE_SECONDS + LEASE_TOLERANCE_SECONDS) };
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

	if (stopping)
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

static const struct problem *
add(struct call *call, void *context)
{
	struct lease lease = { .id = text_from(((const struct job *)context)->id) };

	return sql_run(call, &add_job, &lease, NULL);
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

/* Takes the lease and runs the job; `*ran` tells whether there was anything to do. */
static const struct problem *
run_with(struct call *call, const struct job *job, const struct statement *how, bool *ran)
{
	struct taking taking = { .job = job, .how = how };
	const struct problem *p = job_step(call, take, &taking);

	*ran = p == NULL && taking.token > 0;
	return *ran ? run_leased(call, job, taking.token) : p;
}

/* ---- the loop -------------------------------------------------------------------------------------------------- */

static struct arena *arena, *reply_arena;

static void
on_stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

static void
catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_stop, .sa_flags = SA_RESTART };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

static void
begin(void)
{
	catch_signals();
	arena = arena_new((size_t)config.memory_limit_bytes);
	reply_arena = arena_new((size_t)config.memory_limit_bytes);
}

static void
finish(void)
{
	http_close();
	outgoing_close();
	database_close();
	arena_free(arena);
	arena_free(reply_arena);
}

/* Answers false when the database can't be reached: then the other jobs need not be tried. */
static bool
look_at(const struct job *job, const struct statement *how)
{
	const struct problem *p;
	struct call call;
	bool ran;

	job_call_begin(&call, arena, reply_arena, job->id);
	p = run_with(&call, job, how, &ran);
	if (p != NULL && !ran)
		log_error("job %s: no lease: %s", job->id, call.internal != NULL ? call.internal : p->detail);
	return p == NULL || p->kind != UNAVAILABLE;
}

static bool
look_at_all(enum lane lane)
{
	bool reachable = true;

	for (const struct resource *const *r = resources; *r != NULL; r++)
		for (const struct job *const *j = (*r)->jobs; j != NULL && *j != NULL && reachable && !stopping; j++)
			reachable = (*j)->lane != lane || look_at(*j, &take_lease);
	return reachable;
}

static bool
add_all(void)
{
	struct call call;

	job_call_begin(&call, arena, reply_arena, "runner");
	for (const struct resource *const *r = resources; *r != NULL; r++)
		for (const struct job *const *j = (*r)->jobs; j != NULL && *j != NULL; j++) {
			union { /* job_step hands on a plain pointer, and `add` only reads it */
				const struct job *job;
				void *context;
			} given = { .job = *j };

			if (job_step(&call, add, given.context) != NULL)
				return false;
		}
	return true;
}

static void
wait_a_second(void)
{
	const struct timespec pause = { .tv_nsec = POLL_NANOSECONDS };

	for (int i = 0; i < POLLS_A_LOOK && !stopping; i++)
		nanosleep(&pause, NULL);
}

/* ---- lanes ------------------------------------------------------------------------------------------------------ */

static int
run_lane(enum lane lane)
{
	bool added = false;

	begin();
	while (!stopping) {
		if (!added)
			added = add_all();
		if (added)
			added = look_at_all(lane);
		wait_a_second();
	}
	finish();
	return EXIT_SUCCESS;
}

static bool
has_jobs(enum lane lane)
{
	for (const struct resource *const *r = resources; *r != NULL; r++)
		for (const struct job *const *j = (*r)->jobs; j != NULL && *j != NULL; j++)
			if ((*j)->lane == lane)
				return true;
	return false;
}

/* A lane never outlives the runner. */
static pid_t
fork_lane(enum lane lane)
{
	pid_t runner = getpid(), child = fork();

	if (child < 0)
		log_error("a lane of the runner can't be started: %s", strerror(errno));
	if (child != 0)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	exit(getppid() != runner || stopping ? EXIT_FAILURE : run_lane(lane));
}

static void
start_lanes(pid_t lanes[static LANE_COUNT])
{
	for (int lane = 0; lane < LANE_COUNT; lane++)
		if (lanes[lane] <= 0 && has_jobs((enum lane)lane))
			lanes[lane] = fork_lane((enum lane)lane);
}

/* A lane that ended by itself is begun anew, a second later. */
static void
reap_lanes(pid_t lanes[static LANE_COUNT])
{
	pid_t ended;
	int how;

	while ((ended = waitpid(-1, &how, WNOHANG)) > 0)
		for (int lane = 0; lane < LANE_COUNT; lane++)
			if (lanes[lane] == ended) {
				log_error("a lane of the runner ended by itself, with %d", how);
				lanes[lane] = 0;
			}
}

static void
end_lanes(const pid_t lanes[static LANE_COUNT])
{
	for (int lane = 0; lane < LANE_COUNT; lane++)
		if (lanes[lane] > 0)
			kill(lanes[lane], SIGTERM);
	for (int lane = 0; lane < LANE_COUNT; lane++)
		while (lanes[lane] > 0 && waitpid(lanes[lane], NULL, 0) < 0 && errno == EINTR)
			;
}

int
runner_run(void)
{
	pid_t lanes[LANE_COUNT] = { 0 };

	catch_signals();
	log_info("the runner begins");
	while (!stopping) {
		start_lanes(lanes);
		wait_a_second();
		reap_lanes(lanes);
	}
	end_lanes(lanes);
	log_info("the runner ends");
	return EXIT_SUCCESS;
}

static const struct job *
find_job(const char *id)
{
	for (const struct resource *const *r = resources; *r != NULL; r++)
		for (const struct job *const *j = (*r)->jobs; j != NULL && *j != NULL; j++)
			if (strcmp((*j)->id, id) == 0)
				return *j;
	return NULL;
}

#ifdef PURSER_FAULTS
/* "PURSER_FAULT=12:9" kills the process at its twelfth round trip: what X-Purser-Fault is for a request. */
static void
arm_fault(void)
{
	const char *fault = getenv("PURSER_FAULT");
	const char *colon = fault == NULL ? NULL : strchr(fault, ':');

	if (colon != NULL)
		database_fail_at((unsigned)strtoul(fault, NULL, 10), (int)strtol(colon + 1, NULL, 10));
}
#endif

int
runner_run_once(const char *job_id)
{
	const struct job *job = find_job(job_id);
	const struct problem *p;
	struct call call;
	bool ran = false;

	if (job == NULL) {
		log_error("there is no job %s", job_id);
		return EXIT_FAILURE;
	}
	begin();
	if (!add_all()) {
		log_error("job %s: the database does not answer", job_id);
		finish();
		return EXIT_FAILURE;
	}
#ifdef PURSER_FAULTS
	arm_fault();
#endif
	job_call_begin(&call, arena, reply_arena, job->id);
	p = run_with(&call, job, &force_lease, &ran);
	if (p != NULL && !ran)
		log_error("job %s: no lease: %s", job->id, call.internal != NULL ? call.internal : p->detail);
	finish();
	return p == NULL && ran ? EXIT_SUCCESS : EXIT_FAILURE;
}
