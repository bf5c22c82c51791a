/*
 * The master and its workers: listens on or inherits sockets, drops privileges, forks fast workers, slow workers and the
 * keeper, replaces the dead, reloads by executing itself in place (trials 1).
 */
#ifndef PURSER_POOL_H
#define PURSER_POOL_H

/* Runs the pool until SIGTERM; answers the process's exit status. `arguments` is argv, for the re-execution. After
 * config_load. */
int pool_run(char **arguments);

#endif
