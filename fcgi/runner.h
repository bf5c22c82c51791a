/*
 * Jobs: what comes due by itself. Any number of copies on any node; a due job is leased with a fencing token (table
 * job), run, and its lease ended conditional on the token (lease.h). A killed runner's lease lapses and another goes on.
 */
#ifndef PURSER_RUNNER_H
#define PURSER_RUNNER_H

#include "call.h"
#include "operation.h"

/* Runs due jobs until SIGTERM, SIGUSR1 reopens the log; answers the exit status. */
int runner_run(void);

/* Runs one declared job now, whatever is due (purserctl, tests); answers the exit status. */
int runner_run_once(const char *job_id);

/* The running copy leaves this job to others; false where there is no such job. */
bool runner_leave(const char *job_id);

/* A call that no request made: a job's, or a command's of purserctl. The arenas are the caller's. */
void job_call_begin(struct call *call, struct arena *arena, struct arena *reply_arena, const char *job);

/* For a job's own transactions. The commit counts only while the lease is held (and renews it): CONFLICT where another
 * runner has taken over. */
const struct problem *job_commit(struct call *call);
extern const struct problem job_lease_lost; /* that CONFLICT, told from all others by its address */
void job_rollback(struct call *call);

/* Reads the clock again: for a job that runs long. */
void job_tick(struct call *call);

/* Runs a step in a transaction of its own, and again, up to 5 times, where the database undid it. A step whose commit
 * was lost runs again too: it has to find out by itself what is done already. What it took from the arena is given
 * back. */
const struct problem *job_step(
    struct call *call, const struct problem *(*step)(struct call *call, void *context), void *context);

/* Opens the log anew where SIGUSR1 told that it was moved away; true where it did. Each commit of a job asks, so that one that
 * runs long follows, too. */
bool runner_follow_log(void);

/* Whether the process was told to end: a job then leaves its rest to the next run. */
bool job_is_stopping(void);

#endif
