/*
 * The yardstick of row 1: answers every request with the one JSON text that it read from a file at start.
 *
 * Usage: echo SOCKET WORKERS FILE
 */
#include <stdio.h>

#include "serve.h"

enum { REPLY_MOST = 16384 };

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
answer(FCGX_Request *request)
{
	FCGX_FPrintF(request->out, "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n", (int)reply_length);
	FCGX_PutStr(reply, (int)reply_length, request->out);
}

int
main(int argc, char **argv)
{
	if (argc != 4 || read_reply(argv[3]) != 0)
		return fputs("Usage: echo SOCKET WORKERS FILE\n", stderr), EXIT_FAILURE;
	return bench_serve(argv[1], atoi(argv[2]), "bench-echo", answer);
}
