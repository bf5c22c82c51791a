/*
 * Talking to the person at the terminal, and measuring text for it.
 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "complain.h"
#include "text.h"

enum { LINE_MOST = 1024 };

static int unseen_file = -1; /* whose echo is off */
static struct termios as_before;

bool
terminal_has_person(void)
{
	return isatty(STDIN_FILENO) || isatty(STDOUT_FILENO);
}

int
terminal_width(int otherwise)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return otherwise;
}

/* ---- questions ---- */

static int
open_terminal(void)
{
	int file = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (file < 0)
		give_up("There is no terminal to ask at (%s).", strerror(errno));
	return file;
}

static void
show(int file, const char *text)
{
	if (write(file, text, strlen(text)) < 0)
		give_up("The terminal can't be written to: %s.", strerror(errno));
}

/* Byte by byte, since what stands behind the line is for whoever reads next. */
static struct text
read_line(struct arena *arena, int file)
{
	char line[LINE_MOST];
	size_t length = 0;

	for (;;) {
		ssize_t got = read(file, line + length, 1);

		if (got <= 0 && length == 0)
			give_up("Nothing was typed.");
		if (got <= 0 || line[length] == '\n')
			break;
		if (++length == sizeof(line))
			give_up("A line of more than %d characters.", LINE_MOST);
	}
	while (length > 0 && line[length - 1] == '\r')
		length--;
	return arena_text(arena, line, length);
}

struct text
terminal_ask(struct arena *arena, const char *question)
{
	int file = open_terminal();
	struct text line;

	show(file, question);
	line = read_line(arena, file);
	close(file);
	return line;
}

struct text
terminal_ask_unseen(struct arena *arena, const char *question)
{
	int file = open_terminal();
	struct termios unseen;
	struct text line;

	if (tcgetattr(file, &as_before) != 0)
		give_up("The terminal can't hide what is typed: %s.", strerror(errno));
	unseen = as_before;
	unseen.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	unseen_file = file;
	if (tcsetattr(file, TCSAFLUSH, &unseen) != 0)
		give_up("The terminal can't hide what is typed: %s.", strerror(errno));
	show(file, question);
	line = read_line(arena, file);
	terminal_show_typing();
	show(file, "\n");
	close(file);
	return line;
}

void
terminal_show_typing(void)
{
	if (unseen_file < 0)
		return;
	tcsetattr(unseen_file, TCSANOW, &as_before);
	unseen_file = -1;
}

void
terminal_say(const char *line)
{
	int file = open_terminal();

	show(file, line);
	close(file);
}

/* ---- text ---- */

static bool
is_obeyed(wchar_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x2069);
}

/* The character at the position, and its bytes; a byte that begins none counts as one. */
static wchar_t
character(const char *at, size_t length, size_t *bytes)
{
	mbstate_t state = { 0 };
	wchar_t c;

	*bytes = mbrtowc(&c, at, length, &state);
	if (*bytes != 0 && *bytes <= length)
		return c;
	*bytes = 1;
	return L'?';
}

void
terminal_make_plain(char *text)
{
	size_t length = strlen(text), bytes;

	for (size_t i = 0; i < length; i += bytes) {
		wchar_t c = character(text + i, length - i, &bytes);

		if (is_obeyed(c) || (c == L'?' && text[i] != '?'))
			memset(text + i, '?', bytes);
	}
}

size_t
terminal_cut(struct text text, int columns)
{
	size_t at = 0, bytes;

	while (at < text.length) {
		int width = wcwidth(character(text.at + at, text.length - at, &bytes));

		columns -= width < 0 ? 1 : width;
		if (columns < 0)
			break;
		at += bytes;
	}
	return at;
}

int
terminal_columns(struct text text)
{
	int columns = 0;
	size_t bytes;

	for (size_t at = 0; at < text.length; at += bytes) {
		int width = wcwidth(character(text.at + at, text.length - at, &bytes));

		columns += width < 0 ? 1 : width;
	}
	return columns;
}
