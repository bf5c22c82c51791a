/*
 * Leases of jobs (table job), for the runner alone: a due job is leased with a fencing token, run, and its lease ended
 * conditional on the token. What jobs themselves use is in runner.h.
 */
#ifndef PURSER_LEASE_H
#define PURSER_LEASE_H

#include "call.h"
#include "operation.h"

/* The statements of this file; ends with NULL. */
const struct statement *const *lease_statements(void);

/* Makes the rows of the declared jobs that have none. */
const struct problem *lease_add_all(struct call *call);

/* All jobs as they stand, in one statement, for lease_is_free; in the call's arena. */
const struct problem *lease_look(struct call *call, struct list *rows);

/* Was the job due, and nobody's, in those rows? lease_run asks again, in the database. */
bool lease_is_free(const struct list *rows, const struct job *job, struct instant now);

/* Takes the lease and runs the job; `*ran` tells whether it was to be had. */
enum lease_when { LEASE_IF_DUE, LEASE_ANYWAY };
const struct problem *lease_run(struct call *call, const struct job *job, enum lease_when when, bool *ran);

#endif
