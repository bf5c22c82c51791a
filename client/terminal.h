/*
 * The person at the terminal, if there is one: questions go to /dev/tty, so that what is piped in or out is not mixed up
 * with the talk.
 */
#ifndef PURSER_CLIENT_TERMINAL_H
#define PURSER_CLIENT_TERMINAL_H

#include <stdbool.h>

#include "arena.h"

/* Is there a person to ask: standard input or output is a terminal? */
bool terminal_has_person(void);
/* The columns of the terminal at standard output; `otherwise` where it is none. */
int terminal_width(int otherwise);

/* The line that the person types, in the arena; gives up where there is no terminal, or the line ends before it began. */
struct text terminal_ask(struct arena *arena, const char *question);
/* The same, with what is typed not shown. */
struct text terminal_ask_unseen(struct arena *arena, const char *question);
/* Shows a line to the person. */
void terminal_say(const char *line);

/* Ends what terminal_ask_unseen began; a signal's handler may call it. */
void terminal_show_typing(void);

/* Replaces what a terminal would obey instead of show, in place: control characters and changes of direction. */
void terminal_make_plain(char *text);
/* The columns that the well-formed UTF-8 text takes. */
int terminal_columns(struct text text);
/* The bytes of the longest beginning that takes no more columns than these. */
size_t terminal_cut(struct text text, int columns);

#endif
