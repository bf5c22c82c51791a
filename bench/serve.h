/*
 * The loop of the yardsticks: the least a FastCGI program can do. It forks its workers, and each accepts by itself, as
 * Purser's do.
 */
#ifndef BENCH_SERVE_H
#define BENCH_SERVE_H

#include <fcgiapp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void __attribute__((noreturn)) bench_work(int listening, const char *name, void (*answer)(FCGX_Request *request))
{
	FCGX_Request request;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_NAME, name, 0, 0, 0);
	FCGX_Init();
	signal(SIGTERM, SIG_DFL); /* FCGX_Init has put a handler of its own there */
	FCGX_InitRequest(&request, -1, 0);
	for (;;) {
		int connection = accept4(listening, NULL, NULL, SOCK_CLOEXEC);

		if (connection < 0)
			continue;
		request.ipcFd = connection;
		request.keepConnection = 1; /* else FCGX_Accept_r closes it first */
		if (FCGX_Accept_r(&request) < 0)
			continue;
		request.detached = 1; /* a plain close at the end */
		answer(&request);
		request.keepConnection = 0; /* as our workers do */
		FCGX_Finish_r(&request);
	}
}

static int
bench_serve(const char *socket, int workers, const char *name, void (*answer)(FCGX_Request *request))
{
	int listening = FCGX_OpenSocket(socket, 511);

	if (listening < 0)
		return EXIT_FAILURE;
	for (; workers > 0; workers--)
		if (fork() == 0)
			bench_work(listening, name, answer);
	while (wait(NULL) > 0)
		;
	return EXIT_SUCCESS;
}

#endif
