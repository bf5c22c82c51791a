/*
 * The checks before a start and before a reload. Whatever needs the database runs in a child: the master must hold no
 * connection, or every worker would inherit it.
 */
#include "preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "authenticate.h"
#include "call.h"
#include "clock.h"
#include "config.h"
#include "database.h"
#include "log.h"
#include "pdf.h"
#include "route.h"
#include "seal.h"
#include "statement.h"

enum { START_PATIENCE_SECONDS = 30, PROGRAM_PATIENCE_SECONDS = 20, CONNECTIONS_BESIDE = 24, ARGUMENTS_MOST = 64 };

struct connections {
	int64_t most;
};
static const struct field connections_fields[] = {
	FIELD(connections, most, ANY, "How many connections the server takes."),
};
SHAPE(connections)

static const struct statement find_connections = {
	.sql = "SELECT COALESCE(CAST(@@max_connections AS SIGNED), 0) AS most",
	.gives = &connections_shape,
	.crosses_organizations = "It asks the server about itself.",
};

const struct statement *const *
preflight_statements(void)
{
	static const struct statement *const list[] = { &find_connections, NULL };

	return list;
}

int
preflight_program(void)
{
	const char *fault = seal_load(config.secret_file);
	int error = log_open(config.log_file), faults = 0;

	if (error != 0)
		faults += (fprintf(stderr, "%s: %s.\n", config.log_file, strerror(error)), 1);
	if (fault != NULL)
		faults += (fprintf(stderr, "%s: %s\n", config.secret_file, fault), 1);
	clock_use_test_file(config.test_clock ? config.test_clock_file : NULL);
	clock_tick();
	faults += route_build(stderr);
	if (faults > 0)
		return faults;
	authenticate_prepare();
	statements_register_all();
	return 0;
}

/* By a document: a file that is there may be no font, or one that may not be put into documents. */
int
preflight_fonts(void)
{
	struct arena *arena = arena_new((size_t)config.memory_limit_bytes);
	struct call call = { .arena = arena, .now = clock_now(), .job = "pool.preflight" };
	const struct problem *p = pdf_try_fonts(&call);

	if (p != NULL)
		fprintf(stderr, "The fonts of documents can't be used: %s\n",
		    call.internal != NULL ? call.internal : p->detail);
	arena_free(arena);
	return p != NULL;
}

/* ---- the database ---------------------------------------------------------------------------------------------- */

static bool
wait_for_database(struct call *call, int64_t patience_seconds)
{
	int64_t deadline = clock_monotonic_microseconds() + patience_seconds * 1000000;
	bool told = false;

	while (database_open(call, LOGIN_READ) != NULL || database_open(call, LOGIN_WRITE) != NULL) {
		if (clock_monotonic_microseconds() >= deadline)
			return false;
		if (!told)
			fprintf(stderr, "Waiting up to %d s for the database at %s: %s\n", (int)patience_seconds,
			    config.database_hosts, call->internal != NULL ? call->internal : "it does not answer.");
		told = true;
		usleep(250000);
	}
	return true;
}

static int
check_connections(struct call *call)
{
	int64_t workers = config.workers + (*config.listen_slow == '\0' ? 0 : config.slow_workers);
	struct connections connections;

	if (sql_one(call, &find_connections, NULL, &connections) != NULL)
		return fprintf(stderr, "The server does not tell its max_connections.\n"), 1;
	if (workers * 2 + CONNECTIONS_BESIDE <= connections.most)
		return 0;
	fprintf(stderr,
	    "%" PRId64 " workers need max_connections of at least %" PRId64 "; the server has %" PRId64 ".\n", workers,
	    workers * 2 + CONNECTIONS_BESIDE, connections.most);
	return 1;
}

int
preflight_database(int64_t patience_seconds)
{
	struct arena *arena = arena_new((size_t)config.memory_limit_bytes);
	struct call call = {
		.arena = arena, .now = clock_now(), .principal = { .type = JOB }, .job = "pool.preflight"
	};
	int faults;

	if (wait_for_database(&call, patience_seconds)) {
		faults = statements_check(stderr);
		faults += check_connections(&call);
	} else {
		fprintf(stderr, "No database at %s: %s\n", config.database_hosts,
		    call.internal != NULL ? call.internal : "it does not answer.");
		faults = 1;
	}
	database_close();
	arena_free(arena);
	return faults;
}

/* ---- in a child ------------------------------------------------------------------------------------------------ */

/* A child with the signals of a new process, that ends with its parent. */
static pid_t
fork_plain(void)
{
	pid_t parent = getpid(), child = fork();
	sigset_t none;

	if (child != 0)
		return child;
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
	return 0;
}

/* What the child says, line by line into the log. */
static void
tell(char *said, size_t *length, bool whole)
{
	char *end;

	while ((end = memchr(said, '\n', *length)) != NULL || (whole && *length > 0)) {
		size_t line = end != NULL ? (size_t)(end - said) : *length, taken = line + (end != NULL);

		log_error("%.*s", (int)line, said);
		memmove(said, said + taken, *length - taken);
		*length -= taken;
	}
}

/* Waits until the other end of the pipe is closed. False: told to stop, or too late. */
static bool
follow(int pipe_end, const volatile int *stop, int64_t patience_seconds)
{
	int64_t deadline = clock_monotonic_microseconds() + patience_seconds * 1000000;
	struct pollfd readable = { .fd = pipe_end, .events = POLLIN };
	size_t length = 0;
	char said[1024];
	sigset_t none;

	sigemptyset(&none);
	while (!*stop && clock_monotonic_microseconds() < deadline) {
		ssize_t got;

		if (ppoll(&readable, 1, &(struct timespec){ .tv_nsec = 100000000 }, &none) <= 0)
			continue;
		got = read(pipe_end, said + length, sizeof(said) - length);
		length += got > 0 ? (size_t)got : 0;
		tell(said, &length, got == 0 || length == sizeof(said));
		if (got == 0)
			return true;
	}
	return false;
}

static bool
ended_well(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Ends with the child: by itself, or killed. */
static bool
mind(pid_t child, int pipe_end, const volatile int *stop, int64_t patience_seconds)
{
	bool in_time = child > 0 && follow(pipe_end, stop, patience_seconds);

	close(pipe_end);
	if (child <= 0)
		return false;
	if (!in_time)
		kill(child, SIGKILL);
	return ended_well(child) && in_time;
}

bool
preflight_in_child(const volatile int *stop)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	child = fork_plain();
	if (child == 0)
		exit(preflight_database(START_PATIENCE_SECONDS) == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
	close(ends[1]);
	return mind(child, ends[0], stop, 10 * START_PATIENCE_SECONDS);
}

static void __attribute__((noreturn)) execute_check(char **arguments, int output)
{
	char *with_check[ARGUMENTS_MOST + 2];
	char check[] = "--check";
	size_t count = 0;
	int dev_null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (; count < ARGUMENTS_MOST && arguments[count] != NULL; count++)
		with_check[count] = arguments[count];
	if (count == 0)
		_exit(EXIT_FAILURE);
	with_check[count] = check;
	with_check[count + 1] = NULL;
	dup2(dev_null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	execvp(with_check[0], with_check);
	fprintf(stderr, "%s can't be executed: %s.\n", with_check[0], strerror(errno));
	_exit(EXIT_FAILURE);
}

bool
preflight_next_program(char **arguments, const volatile int *stop)
{
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	child = fork_plain();
	if (child == 0)
		execute_check(arguments, ends[1]);
	close(ends[1]);
	return mind(child, ends[0], stop, PROGRAM_PATIENCE_SECONDS);
}
