/*
 * The accept loop. We accept, libfcgi does not: it can throw an accepted request away, or spin for ever, when a signal
 * comes at the wrong instant. On SIGTERM the handler puts /dev/null in the place of the listening socket, in this
 * process only, so that a signal before, in or after accept makes the next accept fail. Signals are let in only around
 * accept: on a socket with a time-out a read is never restarted, so that a signal there would cut a request short.
 */
#include "worker.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config.h"
#include "database.h"
#include "http.h"
#include "log.h"
#include "metrics.h"
#include "outgoing.h"
#include "serve.h"

enum { LISTENING = 0 };

static volatile sig_atomic_t stopping, reopening;
static int dev_null;
static sigset_t blocked, unblocked;

static void
on_stop(int signal)
{
	int error = errno;

	(void)signal;
	stopping = 1;
	dup2(dev_null, LISTENING);
	errno = error;
}

static void
on_reopen(int signal)
{
	(void)signal;
	reopening = 1;
}

static void
handle(int signal, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigaction(signal, &action, NULL);
}

/* After FCGX_Init, which brings handlers of its own. */
static void
set_signals(void)
{
	handle(SIGTERM, on_stop);
	handle(SIGUSR1, on_reopen);
	handle(SIGINT, SIG_IGN);
	handle(SIGHUP, SIG_IGN);
	handle(SIGPIPE, SIG_IGN);
	handle(SIGCHLD, SIG_DFL);
	sigemptyset(&unblocked);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* What to do about an accept that gave no connection. */
static void
recover(int error)
{
	struct pollfd connection = { .fd = LISTENING, .events = POLLIN };

	if (stopping)
		return;
	switch (error) {
	case EAGAIN: /* inherited as non-blocking */
		ppoll(&connection, 1, NULL, &unblocked);
		return;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		usleep(10000);
		return;
	case EBADF:
	case EINVAL:
	case ENOTSOCK:
		log_error("the listening socket is lost: %s", strerror(error));
		exit(EXIT_FAILURE);
	default: /* interrupted, or a connection that failed before it was taken up */
		return;
	}
}

static int
accept_connection(void)
{
	struct timeval pause = { .tv_sec = config.request_timeout_seconds };
	int connection, error;

	sigprocmask(SIG_SETMASK, &unblocked, NULL);
	connection = accept4(LISTENING, NULL, NULL, SOCK_CLOEXEC);
	error = errno;
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	if (connection < 0) {
		recover(error);
		return -1;
	}
	setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof(pause));
	setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &pause, sizeof(pause));
	return connection;
}

static void
reopen_log(void)
{
	int error;

	if (!reopening)
		return;
	reopening = 0;
	error = log_open(config.log_file);
	if (error != 0)
		log_error("%s can't be opened anew: %s", config.log_file, strerror(error));
}

static void
serve_connections(bool slow)
{
	FCGX_Request request;

	FCGX_InitRequest(&request, -1, 0);
	while (!stopping) {
		int connection = accept_connection();

		if (connection < 0)
			continue;
		reopen_log();
		metrics_worker(slow, true);
		request.ipcFd = connection;
		request.keepConnection = 1; /* else FCGX_Accept_r closes it first */
		if (FCGX_Accept_r(&request) == 0) {
			request.detached = 1; /* a plain close at the end */
			serve(&request);
			request.keepConnection = 0; /* nginx asks to keep it, see nginx/worker.inc; we never do */
			FCGX_Finish_r(&request);
		}
		metrics_worker(slow, false);
	}
	FCGX_Free(&request, 1);
}

void
worker_run(int listening, bool slow, int ready)
{
	pid_t self = getpid();

	prctl(PR_SET_NAME, slow ? "purser-slow" : "purser-fast", 0, 0, 0);
	dev_null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (dev_null < 0 || FCGX_Init() != 0) {
		log_error("a worker could not start: %s", strerror(errno));
		exit(EXIT_FAILURE);
	}
	if (listening != LISTENING) {
		dup2(listening, LISTENING);
		close(listening);
	}
	set_signals();
	if (!slow && *config.listen_slow != '\0' && strcmp(config.listen, "inherit") != 0)
		http_forbid(); /* the slow pool's work */
	serve_start();
	metrics_worker_enter(slow);
	if (write(ready, &self, sizeof(self)) != sizeof(self))
		log_error("a worker could not report: %s", strerror(errno));
	close(ready);
	serve_connections(slow);
	http_close();
	outgoing_close();
	database_close();
	exit(EXIT_SUCCESS);
}
