/*
 * Which addresses may be called on a customer's behalf.
 */
#ifndef PURSER_OUTGOING_GUARD_H
#define PURSER_OUTGOING_GUARD_H

#include <sys/socket.h>

enum guard {
	GUARD_PUBLIC, /* by https only */
	GUARD_EXEMPT, /* config.outgoing_allow names it */
	GUARD_REFUSED,
};

/* Of an address with its port. */
enum guard outgoing_guard(const struct sockaddr *address);

#endif
