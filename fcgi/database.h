/*
 * The two connections of a process: `read` can only SELECT, `write` has autocommit off. Connects on first use, by our
 * own host list (trials: the library's does not skip a frozen host), and again after a loss.
 */
#ifndef PURSER_DATABASE_H
#define PURSER_DATABASE_H

#include <stdbool.h>

struct call;
struct problem;

enum login { LOGIN_READ, LOGIN_WRITE, LOGIN_COUNT };

/* Is the schema the one this program was built for? NULL, or UNAVAILABLE. One round trip on the read login. */
const struct problem *database_ready(struct call *call);

/* NULL when the login's connection is usable now (connecting if need be), else UNAVAILABLE. */
const struct problem *database_open(struct call *call, enum login login);
void database_close(void); /* both */

/* COMMIT and ROLLBACK on the write login. A lost COMMIT answers `database_commit_unknown`. */
const struct problem *database_commit(struct call *call);
void database_rollback(struct call *call); /* never fails: a connection that can't is closed */

extern const struct problem database_commit_unknown;

/* Round trips of this process since it began. */
unsigned long database_round_trips(void);

#ifdef PURSER_FAULTS
/* The failing-statements gate: the nth round trip from now fails with this MariaDB error (2013 also closes the
 * connection, before the server has seen the statement; negative: after it has; 9 or -9 kills the process, SIGKILL). 0 turns
 * it off. Not in release builds. */
void database_fail_at(unsigned nth, int error);
#endif

#endif
