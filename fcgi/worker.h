/*
 * One worker: accepts, serves, one request at a time.
 */
#ifndef PURSER_WORKER_H
#define PURSER_WORKER_H

#include <stdbool.h>

/* In the forked child, SIGTERM blocked: serves the socket until SIGTERM, then ends the process. Writes its process id to
 * `ready` once it could serve. */
void worker_run(int listening, bool slow, int ready) __attribute__((noreturn));

#endif
