/*
 * Which addresses may be called on a customer's behalf.
 */
#ifndef PURSER_OUTGOING_GUARD_H
#define PURSER_OUTGOING_GUARD_H

#include <stdbool.h>
#include <sys/socket.h>

enum guard {
	GUARD_PUBLIC, /* by https only */
	GUARD_EXEMPT, /* config.outgoing_allow names it */
	GUARD_REFUSED,
};

/* Of an address with its port. */
enum guard outgoing_guard(const struct sockaddr *address);

enum { OUTGOING_HOST_ROOM = 264 };

/* Where a URL leads to, by the one rule for what was checked and what is called: schemes and names are the same in any case. */
struct outgoing_host {
	char name[OUTGOING_HOST_ROOM]; /* "name:port" in lower case; empty where the URL has none */
	bool is_https;
};
void outgoing_host_of(const char *url, struct outgoing_host *host);

#endif
