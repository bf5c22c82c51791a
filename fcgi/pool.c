/*
 * The master. It holds the listening sockets (the fast pool's is descriptor 0) and the shared memory, and never a
 * connection to the database or a request. All its signals are blocked except while it waits, so that everything
 * happens in one place of one loop. A reload is three steps: the program on the disk checks itself in a child; the
 * master executes it in place, keeping sockets and workers; it starts new workers, and tells the old to end only when
 * all the new can serve. Nothing is ever closed, so the backlog carries what comes meanwhile.
 */
#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "handover.h"
#include "keeper.h"
#include "listen.h"
#include "log.h"
#include "metrics.h"
#include "preflight.h"
#include "shared.h"
#include "value.h"
#include "worker.h"

enum { FAST_DESCRIPTOR = 0, PLACES_MOST = 600 };

static const int64_t second = 1000000, ready_within = 10 * second, workers_end_within = 7 * second / 2,
		     all_end_within = 9 * second / 2, short_life = second, shortest_delay = second / 20,
		     longest_delay = second;

/* One place in the pool: who holds it, and from when on it may be filled again. */
struct place {
	int64_t started_at, start_at;
	enum duty duty;
	pid_t pid;            /* 0: nobody */
	unsigned short_lives; /* in a row */
	bool ready;
};

static struct place places[PLACES_MOST];
static size_t place_count;
static struct handover own; /* what would be passed on; its children are those that no place holds */
static int ready_pipe[2];
static int64_t reload_ends_at; /* 0: no reload waits for its workers */
static bool announced;

static volatile sig_atomic_t told_stop, told_reload, told_reopen;

static const char *
duty_name(enum duty duty)
{
	static const char *const names[] = { [FAST] = "fast worker", [SLOW] = "slow worker", [KEEPER] = "keeper" };

	return names[duty];
}

/* ---- signals --------------------------------------------------------------------------------------------------- */

static void
on_signal(int signal)
{
	if (signal == SIGTERM || signal == SIGINT)
		told_stop = 1;
	else if (signal == SIGHUP)
		told_reload = 1;
	else if (signal == SIGUSR1)
		told_reopen = 1;
}

static void
set_signals(void)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD };
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < COUNT(ours); i++)
		sigaddset(&blocked, ours[i]);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	for (size_t i = 0; i < COUNT(ours); i++)
		sigaction(ours[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Waits for a signal, a worker that reports, or the time; the only place where signals come in. */
static void
wait_until(int64_t then)
{
	struct pollfd report = { .fd = ready_pipe[0], .events = POLLIN };
	int64_t left = then - clock_monotonic_microseconds();
	struct timespec pause = { .tv_sec = left / second, .tv_nsec = left % second * 1000 };
	sigset_t none;

	sigemptyset(&none);
	if (left < 0)
		pause = (struct timespec){ 0 };
	ppoll(&report, 1, &pause, &none);
}

/* ---- children -------------------------------------------------------------------------------------------------- */

static void __attribute__((noreturn)) be_child(const struct place *place, pid_t master)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != master)
		_exit(EXIT_FAILURE);
	close(ready_pipe[0]);
	if (place->duty == KEEPER)
		keeper_run();
	if (place->duty == FAST && own.slow >= 0)
		close(own.slow);
	worker_run(place->duty == SLOW ? own.slow : FAST_DESCRIPTOR, place->duty == SLOW, ready_pipe[1]);
}

static void
start(struct place *place)
{
	pid_t master = getpid();

	place->ready = false;
	place->started_at = clock_monotonic_microseconds();
	fflush(NULL);
	place->pid = fork();
	if (place->pid == 0)
		be_child(place, master);
	if (place->pid < 0) {
		log_error("a %s could not be forked: %s", duty_name(place->duty), strerror(errno));
		place->pid = 0;
		place->start_at = place->started_at + longest_delay;
		return;
	}
	if (place->duty != KEEPER)
		metrics_worker_started(place->duty == SLOW);
}

/* Answers when the next empty place falls due. */
static int64_t
start_due(int64_t now)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < place_count; i++) {
		if (places[i].pid != 0)
			continue;
		if (places[i].start_at <= now)
			start(&places[i]);
		if (places[i].pid == 0 && places[i].start_at < next)
			next = places[i].start_at;
	}
	return next;
}

static void
log_death(enum duty duty, pid_t pid, int status)
{
	if (WIFSIGNALED(status))
		log_error("%s %d was killed by signal %d (%s)%s", duty_name(duty), pid, WTERMSIG(status),
		    strsignal(WTERMSIG(status)), WCOREDUMP(status) ? ", core dumped" : "");
	else
		log_error("%s %d ended with status %d", duty_name(duty), pid, WEXITSTATUS(status));
}

/* A place is filled again at once; after two short lives in a row, with a delay that doubles up to a second. */
static void
vacate(struct place *place, int status)
{
	int64_t now = clock_monotonic_microseconds(), delay = 0;

	log_death(place->duty, place->pid, status);
	if (place->duty != KEEPER)
		metrics_worker_died(place->duty == SLOW);
	place->short_lives = now - place->started_at < short_life ? place->short_lives + 1 : 0;
	if (place->short_lives > 1)
		delay = shortest_delay << (place->short_lives < 8 ? place->short_lives - 2 : 6);
	place->start_at = now + (delay < longest_delay ? delay : longest_delay);
	place->pid = 0;
	place->ready = false;
}

static void
forget(size_t index, int status)
{
	const struct child_given *child = &own.children[index];

	if (!child->told || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		log_death(child->duty, child->pid, status);
	own.children[index] = own.children[--own.count];
}

static void
bury(pid_t pid, int status)
{
	metrics_worker_leave(pid);
	for (size_t i = 0; i < place_count; i++)
		if (places[i].pid == pid) {
			vacate(&places[i], status);
			return;
		}
	for (size_t i = 0; i < own.count; i++)
		if (own.children[i].pid == pid) {
			forget(i, status);
			return;
		}
}

static void
reap(int options)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, options)) > 0)
		bury(pid, status);
}

/* Takes the child out of its place; it is one that is ending from now on. */
static void
retire(struct place *place, bool told)
{
	own.children[own.count++] = (struct child_given){ .pid = place->pid, .duty = place->duty, .told = told };
	place->pid = 0;
	place->ready = false;
}

static void
signal_places(int signal)
{
	for (size_t i = 0; i < place_count; i++)
		if (places[i].pid != 0)
			kill(places[i].pid, signal);
	for (size_t i = 0; i < own.count; i++)
		kill(own.children[i].pid, signal);
}

/* ---- ready, and the end of a reload ---------------------------------------------------------------------------- */

static void
read_reports(void)
{
	pid_t pid;

	while (read(ready_pipe[0], &pid, sizeof(pid)) == sizeof(pid))
		for (size_t i = 0; i < place_count; i++)
			if (places[i].pid == pid)
				places[i].ready = true;
}

static bool
all_ready(void)
{
	for (size_t i = 0; i < place_count; i++)
		if (places[i].duty != KEEPER && !places[i].ready)
			return false;
	return true;
}

static void
end_old(void)
{
	for (size_t i = 0; i < own.count; i++) {
		own.children[i].told = true;
		kill(own.children[i].pid, SIGTERM);
	}
}

/* Gives a place back to an old worker that was not told to end; the new one that held it ends instead. */
static bool
reinstate(struct place *place)
{
	for (size_t i = 0; i < own.count; i++) {
		struct child_given old = own.children[i];

		if (old.told || old.duty != place->duty)
			continue;
		own.children[i] = own.children[--own.count];
		if (place->pid != 0) {
			kill(place->pid, place->ready ? SIGTERM : SIGKILL);
			retire(place, true);
		}
		place->pid = old.pid;
		place->ready = true;
		return true;
	}
	return false;
}

static void
keep_old(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < place_count; i++)
		kept += reinstate(&places[i]);
	log_error("the new workers were not ready in time: the reload is undone, %zu old processes stay", kept);
	end_old(); /* whom the new configuration has no place for */
}

static void
settle(int64_t now)
{
	if (all_ready() && !announced) {
		log_info("ready: %lld fast and %lld slow workers", (long long)config.workers,
		    (long long)(own.slow >= 0 ? config.slow_workers : 0));
		announced = true;
	}
	if (reload_ends_at == 0)
		return;
	if (announced)
		end_old();
	else if (now >= reload_ends_at)
		keep_old();
	else
		return;
	reload_ends_at = 0;
}

/* ---- what signals ask for -------------------------------------------------------------------------------------- */

/* Comes back only when nothing was reloaded. */
static void
reload(char **arguments)
{
	struct handover next = own;

	if (own.count + place_count > CHILDREN_MOST - PLACES_MOST) {
		log_error("reload: too many processes of the reloads before are still at work");
		return;
	}
	log_info("reload: checking the program and its configuration");
	if (!preflight_next_program(arguments, &told_stop)) {
		log_error("reload: the check failed, everything stays as it is");
		return;
	}
	reap(WNOHANG);
	next.count = own.count;
	for (size_t i = 0; i < place_count; i++)
		if (places[i].pid != 0)
			next.children[next.count++] = (struct child_given){ places[i].pid, places[i].duty, false };
	handover_execute(&next, arguments);
	log_error("reload: %s can't be executed: %s", arguments[0], strerror(errno));
}

static void
reopen_logs(void)
{
	int error = log_open(config.log_file);

	if (error != 0)
		log_error("%s can't be opened anew: %s", config.log_file, strerror(error));
	signal_places(SIGUSR1);
}

static bool
anybody_left(bool keepers_too)
{
	for (size_t i = 0; i < place_count; i++)
		if (places[i].pid != 0 && (keepers_too || places[i].duty != KEEPER))
			return true;
	for (size_t i = 0; i < own.count; i++)
		if (keepers_too || own.children[i].duty != KEEPER)
			return true;
	return false;
}

static void
retire_all(bool keepers_too)
{
	for (size_t i = 0; i < place_count; i++)
		if (places[i].pid != 0 && (keepers_too || places[i].duty != KEEPER))
			retire(&places[i], true);
	for (size_t i = 0; i < own.count; i++) {
		own.children[i].told = true;
		if (keepers_too || own.children[i].duty != KEEPER)
			kill(own.children[i].pid, SIGTERM);
	}
}

/* Workers first, so that the keeper still writes down what they noted last; whoever is late is killed. */
static void
stop(void)
{
	int64_t began = clock_monotonic_microseconds();

	log_info("stopping");
	retire_all(false);
	while (anybody_left(false) && clock_monotonic_microseconds() < began + workers_end_within) {
		wait_until(began + workers_end_within);
		reap(WNOHANG);
	}
	retire_all(true);
	while (anybody_left(true) && clock_monotonic_microseconds() < began + all_end_within) {
		wait_until(began + all_end_within);
		reap(WNOHANG);
	}
	signal_places(SIGKILL);
	reap(0);
	listen_remove(own.listen);
	listen_remove(own.listen_slow);
	if (*config.pid_file != '\0')
		unlink(config.pid_file);
	log_info("stopped");
}

static int
mind(char **arguments)
{
	for (;;) {
		int64_t now = clock_monotonic_microseconds(), next;

		clock_tick();
		reap(WNOHANG);
		if (told_stop)
			return stop(), EXIT_SUCCESS;
		if (told_reopen) {
			told_reopen = 0;
			reopen_logs();
		}
		if (told_reload && reload_ends_at == 0) {
			told_reload = 0;
			reload(arguments);
		}
		read_reports();
		settle(now);
		next = start_due(now);
		if (reload_ends_at != 0 && reload_ends_at < next)
			next = reload_ends_at;
		wait_until(next < now + 60 * second ? next : now + 60 * second);
	}
}

/* ---- start ----------------------------------------------------------------------------------------------------- */

static void
make_places(enum duty duty, int64_t count)
{
	for (int64_t i = 0; i < count; i++)
		places[place_count++] = (struct place){ .duty = duty };
}

static bool
write_pid_file(void)
{
	FILE *file;
	bool written;

	if (*config.pid_file == '\0')
		return true;
	file = fopen(config.pid_file, "we");
	if (file != NULL) {
		written = fprintf(file, "%d\n", getpid()) > 0;
		if (fclose(file) == 0 && written)
			return true;
	}
	fprintf(stderr, "%s: %s.\n", config.pid_file, strerror(errno));
	return false;
}

static bool
start_listening(void)
{
	bool inherited = strcmp(config.listen, "inherit") == 0;
	int fast = listen_open(config.listen);

	own.slow = own.shared = -1;
	if (fast < 0 || dup2(fast, FAST_DESCRIPTOR) != FAST_DESCRIPTOR)
		return false;
	if (fast != FAST_DESCRIPTOR)
		close(fast);
	own.fast = FAST_DESCRIPTOR;
	snprintf(own.listen, sizeof(own.listen), "%s", config.listen);
	if (inherited || *config.listen_slow == '\0')
		return true;
	own.slow = listen_open(config.listen_slow);
	snprintf(own.listen_slow, sizeof(own.listen_slow), "%s", config.listen_slow);
	return own.slow >= 0;
}

static bool
first_start(void)
{
	if (!start_listening())
		return false;
	if (listen_drop_privileges() && preflight_program() + preflight_fonts() == 0 && write_pid_file() &&
	    preflight_in_child(&told_stop))
		return true;
	listen_remove(own.listen);
	listen_remove(own.listen_slow);
	return false;
}

/* The check was done by the process that was this one before. */
static bool
start_again(void)
{
	const char *slow = strcmp(config.listen, "inherit") == 0 ? "" : config.listen_slow;

	if (preflight_program() + preflight_fonts() != 0)
		return false;
	if (strcmp(own.listen, config.listen) != 0 || strcmp(own.listen_slow, slow) != 0)
		log_error("the listening addresses have changed in the configuration: that needs a restart");
	reload_ends_at = clock_monotonic_microseconds() + ready_within;
	return write_pid_file();
}

int
pool_run(char **arguments)
{
	bool again = handover_take(&own);

	set_signals();
	umask(S_IWGRP | S_IRWXO);
	if (again ? !start_again() : !first_start())
		return told_stop ? EXIT_SUCCESS : EXIT_FAILURE;
	if (strcmp(config.provider, "sandbox") == 0 && !config.test_clock)
		log_error("cards are not charged: provider = sandbox");
	own.shared = shared_open(own.shared);
	if (own.shared < 0 || pipe2(ready_pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
		log_error("the pool could not start: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	make_places(FAST, config.workers);
	make_places(SLOW, own.slow >= 0 ? config.slow_workers : 0);
	make_places(KEEPER, 1);
	return mind(arguments);
}
