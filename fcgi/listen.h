/*
 * Listening sockets, and whom the process is once it has them.
 */
#ifndef PURSER_LISTEN_H
#define PURSER_LISTEN_H

#include <stdbool.h>

/* Listens on unix:/path or tcp:address:port, or takes descriptor 0 for "inherit". Answers the descriptor; -1 after a line
 * to standard error. */
int listen_open(const char *address);

/* Takes the socket's file away, where it has one. */
void listen_remove(const char *address);

/* Becomes config.user, for good, when started as root. False after a line to standard error. */
bool listen_drop_privileges(void);

#endif
