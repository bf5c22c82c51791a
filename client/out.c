/*
 * Standard output with a buffer of its own, so that every failure to write is seen, and seen once.
 */
#include "out.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"

enum { HELD_MOST = 64 * 1024 };

static char held[HELD_MOST];
static size_t held_length;
static bool of_a_deed;

__attribute__((noreturn)) static void
fail(void)
{
	const char *deed = of_a_deed ? " What you asked for was done." : "";

	held_length = 0;
	if (errno == EPIPE)
		give_up("Nobody reads the output any more.%s", deed);
	give_up("The output can't be written: %s.%s", strerror(errno), deed);
}

/* Whoever shares the output may have made it one that does not wait. */
static bool
may_go_on(void)
{
	struct pollfd output = { .fd = STDOUT_FILENO, .events = POLLOUT };

	if (errno == EAGAIN)
		return poll(&output, 1, -1) >= 0 || errno == EINTR;
	return errno == EINTR;
}

static void
hand_over(const char *at, size_t length)
{
	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, at, length);

		if (written < 0 && may_go_on())
			continue;
		if (written < 0)
			fail();
		at += written;
		length -= (size_t)written;
	}
}

void
out_flush(void)
{
	size_t length = held_length;

	held_length = 0;
	hand_over(held, length);
}

void
out_bytes(const char *at, size_t length)
{
	if (length > sizeof(held) - held_length)
		out_flush();
	if (length > sizeof(held)) {
		hand_over(at, length);
		return;
	}
	if (length > 0)
		memcpy(held + held_length, at, length);
	held_length += length;
}

void
out_string(const char *string)
{
	out_bytes(string, strlen(string));
}

void
out_format(const char *format, ...)
{
	char line[2048];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (length > 0)
		out_bytes(line, (size_t)length < sizeof(line) ? (size_t)length : sizeof(line) - 1);
}

void
out_is_of_a_deed(void)
{
	of_a_deed = true;
}
