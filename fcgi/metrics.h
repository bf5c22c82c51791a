/*
 * Counters in memory shared by all workers of a node, printed in the Prometheus text format. The block survives a reload:
 * it lives in a memfd that the master hands on.
 */
#ifndef PURSER_METRICS_H
#define PURSER_METRICS_H

#include <sys/types.h>

#include "arena.h"
#include "operation.h"

/* `size_t` bytes the block needs for this many operations; the pool lays it into shared memory. */
size_t metrics_size(void);
void metrics_use(void *shared);

/* A request has ended. `operation` is its index in the router's table, or -1 where none was found. */
void metrics_request(int operation, int status, int64_t microseconds, unsigned round_trips, unsigned reruns);
/* A worker tells of itself: that it is there, and when it takes up or ends a request. What a killed worker told last is
 * forgotten when the master has reaped it. */
void metrics_worker_enter(bool slow);
void metrics_worker(bool slow, bool busy);
void metrics_worker_leave(pid_t worker);
void metrics_worker_started(bool slow);
void metrics_worker_died(bool slow);

/* Prometheus text: requests, latency histogram per operation, database round trips, re-runs, pool state. */
void metrics_print(struct buffer *out);

#endif
