/*
 * Complaints and the end of the program. The handler of a signal only calls what a handler may call.
 */
#include "complain.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminal.h"

static const char *volatile hint;
static const char *volatile unfinished;

static void
say(const char *prefix, const char *format, va_list args)
{
	char line[4096];

	vsnprintf(line, sizeof(line), format, args);
	terminal_make_plain(line);
	fprintf(stderr, "%s%s\n", prefix, line);
}

void
complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("purser: ", format, args);
	va_end(args);
}

void
complain_more(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("  ", format, args);
	va_end(args);
}

void
give_up(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("purser: ", format, args);
	va_end(args);
	complain_hint_now();
	if (unfinished != NULL)
		unlink(unfinished);
	exit(EXIT_HERE);
}

const char *
complain_hint(const char *line)
{
	const char *before = hint;

	hint = line;
	return before;
}

void
complain_hint_now(void)
{
	if (hint != NULL)
		fprintf(stderr, "  %s\n", hint);
}

/* ---- signals ---- */

static void
write_error(const char *text)
{
	ssize_t written = write(STDERR_FILENO, text, strlen(text));

	(void)written; /* there is nobody left to tell */
}

static void
on_signal(int number)
{
	terminal_show_typing();
	if (unfinished != NULL)
		unlink(unfinished);
	if (isatty(STDERR_FILENO))
		write_error("\n");
	write_error(number == SIGINT ? "purser: Interrupted.\n" : "purser: Ended from outside.\n");
	if (hint != NULL) {
		write_error("  ");
		write_error(hint);
		write_error("\n");
	}
	_exit(EXIT_HERE);
}

static const int endings[] = { SIGINT, SIGTERM, SIGHUP };

void
interrupt_watch(void)
{
	struct sigaction act = { .sa_handler = on_signal }, before;

	sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		sigaddset(&act.sa_mask, endings[i]);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		/* A hang-up that is ignored is so by nohup, and stays so. */
		if (sigaction(endings[i], NULL, &before) == 0 &&
		    !(endings[i] == SIGHUP && before.sa_handler == SIG_IGN))
			sigaction(endings[i], &act, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void
mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		sigaddset(&set, endings[i]);
	sigprocmask(how, &set, NULL);
}

void
interrupt_hold(void)
{
	mask(SIG_BLOCK);
}

void
interrupt_release(void)
{
	mask(SIG_UNBLOCK);
}

void
interrupt_removes(const char *path)
{
	unfinished = path;
}
