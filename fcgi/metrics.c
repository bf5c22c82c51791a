/*
 * The counters of a node, in shared memory, each a word that only grows; and the table of who is at work just now,
 * where a worker holds a slot under its process id. Printing reads the words one by one: a sum and its parts may differ
 * by the requests that ended meanwhile, but no counter ever goes back.
 */
#include "metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <unistd.h>

#include "clock.h"
#include "limit.h"
#include "route.h"

static const int statuses[] = { 200, 201, 202, 204, 206, 301, 302, 304, 308, 400, 401, 402, 403, 404, 405, 406, 408,
	409, 410, 411, 412, 413, 414, 415, 422, 429, 431, 500, 501, 502, 503, 504 };

static const struct {
	int64_t microseconds;
	const char *seconds;
} bounds[] = {
	{ 1000, "0.001" },
	{ 2500, "0.0025" },
	{ 5000, "0.005" },
	{ 10000, "0.01" },
	{ 25000, "0.025" },
	{ 50000, "0.05" },
	{ 100000, "0.1" },
	{ 250000, "0.25" },
	{ 500000, "0.5" },
	{ 1000000, "1" },
	{ 2500000, "2.5" },
	{ 5000000, "5" },
	{ 10000000, "10" },
};

enum { STATUSES = COUNT(statuses), BUCKETS = COUNT(bounds), POOLS = 2, WORKERS_MOST = 2048 };

struct operation_counters {
	_Atomic uint64_t by_status[STATUSES + 1]; /* the last: any other */
	_Atomic uint64_t by_bucket[BUCKETS + 1];  /* the last: slower than all bounds */
	_Atomic uint64_t microseconds;
};

struct worker {
	_Atomic pid_t pid; /* 0: free */
	_Atomic bool slow, busy;
};

struct block {
	_Atomic uint64_t round_trips, reruns;
	_Atomic uint64_t started[POOLS], died[POOLS];
	struct worker workers[WORKERS_MOST];
	struct operation_counters operations[]; /* by the router's number; the last: requests that found none */
};

static struct block *block;
static struct worker *self;

size_t
metrics_size(void)
{
	return sizeof(struct block) + (route_count() + 1) * sizeof(struct operation_counters);
}

void
metrics_use(void *shared)
{
	block = shared;
}

static void
count(_Atomic uint64_t *counter, uint64_t more)
{
	atomic_fetch_add_explicit(counter, more, memory_order_relaxed);
}

static uint64_t
read_counter(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void
metrics_request(int operation, int status, int64_t microseconds, unsigned round_trips, unsigned reruns)
{
	size_t index = operation < 0 ? route_count() : (size_t)operation, by_status = 0, bucket = 0;
	struct operation_counters *counters = &block->operations[index];

	while (by_status < STATUSES && statuses[by_status] != status)
		by_status++;
	while (bucket < BUCKETS && bounds[bucket].microseconds < microseconds)
		bucket++;
	count(&counters->by_status[by_status], 1);
	count(&counters->by_bucket[bucket], 1);
	count(&counters->microseconds, microseconds < 0 ? 0 : (uint64_t)microseconds);
	if (round_trips > 0)
		count(&block->round_trips, round_trips);
	if (reruns > 0)
		count(&block->reruns, reruns);
}

/* ---- workers --------------------------------------------------------------------------------------------------- */

void
metrics_worker_enter(bool slow)
{
	for (size_t i = 0; i < WORKERS_MOST; i++) {
		pid_t nobody = 0;

		if (!atomic_compare_exchange_strong(&block->workers[i].pid, &nobody, getpid()))
			continue;
		self = &block->workers[i];
		atomic_store(&self->slow, slow);
		atomic_store(&self->busy, false);
		return;
	}
}

void
metrics_worker(bool slow, bool busy)
{
	if (self == NULL)
		return; /* the table was full */
	assert(self->slow == slow);
	atomic_store_explicit(&self->busy, busy, memory_order_relaxed);
}

void
metrics_worker_leave(pid_t worker)
{
	for (size_t i = 0; i < WORKERS_MOST; i++) {
		if (atomic_load(&block->workers[i].pid) != worker)
			continue;
		atomic_store(&block->workers[i].busy, false);
		atomic_store(&block->workers[i].pid, 0);
	}
}

void
metrics_worker_started(bool slow)
{
	count(&block->started[slow], 1);
}

void
metrics_worker_died(bool slow)
{
	count(&block->died[slow], 1);
}

/* ---- print ----------------------------------------------------------------------------------------------------- */

static const char *const pool_names[POOLS] = { "fast", "slow" };

static void
print_head(struct buffer *out, const char *name, const char *type, const char *help)
{
	buffer_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static const char *
operation_name(size_t index)
{
	return index < route_count() ? route_operation(index)->id : "none";
}

static void
print_requests(struct buffer *out)
{
	print_head(out, "purser_requests_total", "counter", "Requests answered, by operation and HTTP status.");
	for (size_t i = 0; i <= route_count(); i++)
		for (size_t j = 0; j <= STATUSES; j++) {
			uint64_t requests = read_counter(&block->operations[i].by_status[j]);
			char status[16] = "other";

			if (requests == 0)
				continue;
			if (j < STATUSES)
				snprintf(status, sizeof(status), "%d", statuses[j]);
			buffer_format(out, "purser_requests_total{operation=\"%s\",status=\"%s\"} %" PRIu64 "\n",
			    operation_name(i), status, requests);
		}
}

static void
print_histogram(struct buffer *out, const char *operation, const struct operation_counters *counters)
{
	uint64_t microseconds = read_counter(&counters->microseconds), sum = 0;

	for (size_t i = 0; i <= BUCKETS; i++) {
		sum += read_counter(&counters->by_bucket[i]);
		buffer_format(out, "purser_request_duration_seconds_bucket{operation=\"%s\",le=\"%s\"} %" PRIu64 "\n",
		    operation, i < BUCKETS ? bounds[i].seconds : "+Inf", sum);
	}
	buffer_format(out, "purser_request_duration_seconds_sum{operation=\"%s\"} %" PRIu64 ".%06" PRIu64 "\n",
	    operation, microseconds / 1000000, microseconds % 1000000);
	buffer_format(out, "purser_request_duration_seconds_count{operation=\"%s\"} %" PRIu64 "\n", operation, sum);
}

static bool
was_used(const struct operation_counters *counters)
{
	for (size_t i = 0; i <= BUCKETS; i++)
		if (read_counter(&counters->by_bucket[i]) > 0)
			return true;
	return false;
}

static void
print_durations(struct buffer *out)
{
	print_head(out, "purser_request_duration_seconds", "histogram", "How long requests took, by operation.");
	for (size_t i = 0; i <= route_count(); i++)
		if (was_used(&block->operations[i]))
			print_histogram(out, operation_name(i), &block->operations[i]);
}

static void
print_number(struct buffer *out, const char *name, const char *type, const char *help, uint64_t number)
{
	print_head(out, name, type, help);
	buffer_format(out, "%s %" PRIu64 "\n", name, number);
}

static void
print_by_pool(struct buffer *out, const char *name, const char *type, const char *help, const uint64_t numbers[POOLS])
{
	print_head(out, name, type, help);
	for (size_t pool = 0; pool < POOLS; pool++)
		buffer_format(out, "%s{pool=\"%s\"} %" PRIu64 "\n", name, pool_names[pool], numbers[pool]);
}

static void
print_pools(struct buffer *out)
{
	uint64_t present[POOLS] = { 0 }, busy[POOLS] = { 0 }, started[POOLS], died[POOLS];

	for (size_t i = 0; i < WORKERS_MOST; i++) {
		const struct worker *worker = &block->workers[i];

		if (atomic_load(&worker->pid) == 0)
			continue;
		present[atomic_load(&worker->slow)]++;
		busy[atomic_load(&worker->slow)] += atomic_load(&worker->busy);
	}
	for (size_t pool = 0; pool < POOLS; pool++) {
		started[pool] = read_counter(&block->started[pool]);
		died[pool] = read_counter(&block->died[pool]);
	}
	print_by_pool(out, "purser_workers", "gauge", "Workers that run.", present);
	print_by_pool(out, "purser_workers_busy", "gauge", "Workers that answer a request just now.", busy);
	print_by_pool(out, "purser_worker_starts_total", "counter", "Workers ever started.", started);
	print_by_pool(out, "purser_worker_deaths_total", "counter", "Workers that ended without being told to.", died);
}

void
metrics_print(struct buffer *out)
{
	print_requests(out);
	print_durations(out);
	print_number(out, "purser_database_round_trips_total", "counter", "Round trips to the database.",
	    read_counter(&block->round_trips));
	print_number(out, "purser_reruns_total", "counter", "Times an operation was run again after a lost race.",
	    read_counter(&block->reruns));
	print_pools(out);
	print_number(
	    out, "purser_rate_limit_windows", "gauge", "Rate limit windows in use.", limit_in_use(clock_now()));
	print_number(out, "purser_rate_limit_slots", "gauge", "Rate limit windows there is room for.", limit_room());
}
