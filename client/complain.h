/*
 * How the program tells that something went wrong, and ends: one line on standard error that begins with its name, and
 * an exit code that says whose matter it is. Also what Ctrl-C does.
 */
#ifndef PURSER_CLIENT_COMPLAIN_H
#define PURSER_CLIENT_COMPLAIN_H

enum exit_code {
	EXIT_DONE = 0,
	EXIT_HERE = 1,    /* it could not be asked, or its answer not be shown */
	EXIT_REFUSED = 2, /* the service said no */
};

void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A line that belongs to the one before. */
void complain_more(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Complains, then what complain_hint was told, and ends the program with EXIT_HERE. */
__attribute__((noreturn, format(printf, 1, 2))) void give_up(const char *format, ...);

/*
 * From now on a request is under way whose outcome would be unknown if the program ended: whoever ends it says this line,
 * too, also on Ctrl-C. NULL: no longer. The line has to live until then. Gives the one before.
 */
const char *complain_hint(const char *line);
void complain_hint_now(void); /* says it, if there is one */

/* Ctrl-C, SIGTERM and SIGHUP (unless nohup had it ignored) end the program with one line and EXIT_HERE; a closed pipe is an
 * error of writing. */
void interrupt_watch(void);
/* What must not be cut in two stands between these. */
void interrupt_hold(void);
void interrupt_release(void);
/* A file that an interrupted program leaves nobody; NULL: none. */
void interrupt_removes(const char *path);

#endif
