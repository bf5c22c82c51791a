/*
 * The runner: looks once a second which jobs are due by the call's clock, and runs them one after the other, in a
 * process for each lane.
 */
#include "runner.h"

#include <errno.h>
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
#include "lease.h"
#include "log.h"
#include "outgoing.h"

enum { POLL_NANOSECONDS = 100000000, POLLS_A_LOOK = 10, JOBS_MAX = 64 };

static volatile sig_atomic_t stopping, reopening;

bool
job_is_stopping(void)
{
	return stopping != 0;
}

bool
runner_follow_log(void)
{
	int error;

	if (!reopening)
		return false;
	reopening = 0;
	error = log_open(config.log_file);
	if (error != 0)
		log_error("%s can't be opened anew: %s", config.log_file, strerror(error));
	return true;
}

/* ---- jobs that are left to others -------------------------------------------------------------------------------- */

static const struct job *left[JOBS_MAX];
static size_t left_count;

static bool
is_left(const struct job *job)
{
	for (size_t i = 0; i < left_count; i++)
		if (left[i] == job)
			return true;
	return false;
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

bool
runner_leave(const char *job_id)
{
	const struct job *job = find_job(job_id);

	if (job == NULL || left_count == JOBS_MAX)
		return false;
	left[left_count++] = job;
	return true;
}

/* ---- the loop -------------------------------------------------------------------------------------------------- */

static struct arena *arena, *reply_arena;

static void
on_signal(int number)
{
	if (number == SIGUSR1)
		reopening = 1;
	else
		stopping = 1;
}

static void
catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
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

static bool
add_all(void)
{
	struct call call;

	job_call_begin(&call, arena, reply_arena, "runner");
	return lease_add_all(&call) == NULL;
}

/* Answers false when the database can't be reached: then the other jobs need not be tried. */
static bool
run_if_due(const struct job *job)
{
	const struct problem *p;
	struct call call;
	bool ran;

	job_call_begin(&call, arena, reply_arena, job->id);
	p = lease_run(&call, job, LEASE_IF_DUE, &ran);
	if (p != NULL && !ran)
		log_error("job %s: no lease: %s", job->id, call.internal != NULL ? call.internal : p->detail);
	return p == NULL || p->kind != UNAVAILABLE;
}

struct looking {
	const struct job *due[JOBS_MAX];
	size_t count;
};

/* The lane's jobs that are due; false when the database can't be reached. One round trip, however many jobs there are.
 */
static bool
look(enum lane lane, struct looking *looking)
{
	struct list rows = { 0 };
	const struct problem *p;
	struct call call;

	looking->count = 0;
	job_call_begin(&call, arena, reply_arena, "runner");
	p = lease_look(&call, &rows);
	if (p != NULL) {
		log_error("what is due can't be read: %s", call.internal != NULL ? call.internal : p->detail);
		return false;
	}
	for (const struct resource *const *r = resources; *r != NULL; r++)
		for (const struct job *const *j = (*r)->jobs; j != NULL && *j != NULL; j++)
			if ((*j)->lane == lane && looking->count < JOBS_MAX && !is_left(*j) &&
			    lease_is_free(&rows, *j, call.now))
				looking->due[looking->count++] = *j;
	return true;
}

static bool
look_at_all(enum lane lane)
{
	struct looking looking;
	bool reachable = look(lane, &looking);

	for (size_t i = 0; i < looking.count && reachable && !stopping; i++)
		reachable = run_if_due(looking.due[i]);
	return reachable;
}

static void
wait_a_second(void)
{
	const struct timespec pause = { .tv_nsec = POLL_NANOSECONDS };

	for (int i = 0; i < POLLS_A_LOOK && !stopping && !reopening; i++)
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
		runner_follow_log();
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
tell_lanes(const pid_t lanes[static LANE_COUNT], int number)
{
	for (int lane = 0; lane < LANE_COUNT; lane++)
		if (lanes[lane] > 0)
			kill(lanes[lane], number);
}

static void
end_lanes(const pid_t lanes[static LANE_COUNT])
{
	tell_lanes(lanes, SIGTERM);
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
		if (runner_follow_log())
			tell_lanes(lanes, SIGUSR1);
		reap_lanes(lanes);
	}
	end_lanes(lanes);
	log_info("the runner ends");
	return EXIT_SUCCESS;
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
	p = lease_run(&call, job, LEASE_ANYWAY, &ran);
	if (p != NULL && !ran)
		log_error("job %s: no lease: %s", job->id, call.internal != NULL ? call.internal : p->detail);
	finish();
	return p == NULL && ran ? EXIT_SUCCESS : EXIT_FAILURE;
}
