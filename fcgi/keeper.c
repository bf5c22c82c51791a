/*
 * Writes the last use of API keys once a minute, in transactions of a few rows. What could not be written is noted
 * again and waits for the next round.
 */
#include "keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "call.h"
#include "clock.h"
#include "config.h"
#include "database.h"
#include "id.h"
#include "key_use.h"
#include "log.h"
#include "statement.h"

enum { BATCH = 64, ATTEMPTS = 2 };

struct key_use {
	struct id key_id;
	struct instant at;
};
static const struct field key_use_fields[] = {
	FIELD(key_use, key_id, ANY, "The key."),
	FIELD(key_use, at, ANY, "When it was last used."),
};
SHAPE(key_use)

static const struct statement write_key_use = {
	.sql = "UPDATE api_key SET last_used_at = :at"
	       " WHERE id = :key_id AND (last_used_at IS NULL OR last_used_at < :at)",
	.takes = &key_use_shape,
	.crosses_organizations = "The keys of all organizations are written down together.",
};

const struct statement *const *
keeper_statements(void)
{
	static const struct statement *const list[] = { &write_key_use, NULL };

	return list;
}

static volatile sig_atomic_t stopping, reopening;

static void
on_signal(int signal)
{
	if (signal == SIGTERM)
		stopping = 1;
	else
		reopening = 1;
}

static const struct problem *
write_batch(struct call *call, const struct key_use *uses, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct problem *p = sql_run(call, &write_key_use, &uses[i], NULL);

		if (p != NULL) {
			database_rollback(call);
			return p;
		}
	}
	return database_commit(call);
}

/* The server may have been restarted since the last round, which only the first statement finds out. */
static bool
write_or_note_again(struct call *call, const struct key_use *uses, size_t count)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		call->internal = NULL;
		if (write_batch(call, uses, count) == NULL)
			return true;
	}
	log_error("the last uses of %zu keys could not be written and wait for the next round: %s", count,
	    call->internal != NULL ? call->internal : "the database is not available");
	for (size_t i = 0; i < count; i++)
		key_use_note(uses[i].key_id, uses[i].at);
	return false;
}

static void
flush(struct arena *arena)
{
	struct key_use uses[BATCH];
	bool more = true;

	while (more) {
		struct call call = {
			.arena = arena, .now = clock_now(), .principal = { .type = JOB }, .job = "pool.keeper"
		};
		size_t count = 0;

		while (count < BATCH && (more = key_use_take(&uses[count].key_id, &uses[count].at)))
			count++;
		call.id = id_new(call.now);
		if (count > 0 && !write_or_note_again(&call, uses, count))
			more = false;
		arena_reset(arena);
	}
}

static void
set_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked;

	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* Sleeps until then, or until a signal. */
static void
sleep_until(int64_t then)
{
	int64_t left = then - clock_monotonic_microseconds();
	struct timespec pause = { .tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000 };
	sigset_t none;

	sigemptyset(&none);
	if (left > 0)
		ppoll(NULL, 0, &pause, &none);
}

void
keeper_run(void)
{
	int64_t round = config.key_use_flush_seconds * 1000000, next = clock_monotonic_microseconds() + round;
	struct arena *arena = arena_new((size_t)config.memory_limit_bytes);

	prctl(PR_SET_NAME, "purser-keeper", 0, 0, 0);
	set_signals();
	while (!stopping) {
		sleep_until(next);
		if (reopening && log_open(config.log_file) != 0)
			log_error("%s can't be opened anew: %s", config.log_file, strerror(errno));
		reopening = 0;
		if (!stopping && clock_monotonic_microseconds() < next)
			continue;
		clock_tick();
		flush(arena);
		next = clock_monotonic_microseconds() + round;
	}
	database_close();
	arena_free(arena);
	exit(EXIT_SUCCESS);
}
