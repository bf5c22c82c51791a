/*
 * The yardstick of row 1: the least a FastCGI program can do behind the same nginx. It forks its workers, each accepts
 * by itself as Purser's do, and answers every request with the one JSON text it read from a file at start.
 *
 * Usage: echo SOCKET WORKERS FILE
 */
#include <fcgiapp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BACKLOG = 511, REPLY_MOST = 16384 };

static char reply[REPLY_MOST];
static size_t reply_length;

static int
read_reply(const char *path)
{
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return perror(path), -1;
	reply_length = fread(reply, 1, sizeof(reply), file);
	fclose(file);
	return reply_length > 0 ? 0 : -1;
}

static void
serve(FCGX_Request *request)
{
	FCGX_FPrintF(request->out, "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n", (int)reply_length);
	FCGX_PutStr(reply, (int)reply_length, request->out);
	request->keepConnection = 0; /* as our workers do */
	FCGX_Finish_r(request);
}

static void __attribute__((noreturn)) work(int listening)
{
	FCGX_Request request;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_NAME, "bench-echo", 0, 0, 0);
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
		serve(&request);
	}
}

int
main(int argc, char **argv)
{
	int listening;

	if (argc != 4 || read_reply(argv[3]) != 0)
		return fputs("Usage: echo SOCKET WORKERS FILE\n", stderr), EXIT_FAILURE;
	listening = FCGX_OpenSocket(argv[1], BACKLOG);
	if (listening < 0)
		return EXIT_FAILURE;
	for (int i = atoi(argv[2]); i > 0; i--)
		if (fork() == 0)
			work(listening);
	while (wait(NULL) > 0)
		;
	return EXIT_SUCCESS;
}
