/*
 * What a master passes to itself when it executes itself in place: its sockets, its children, the shared memory. It goes
 * through one variable of the environment that names the process it is meant for, so that nobody else takes it up.
 */
#ifndef PURSER_HANDOVER_H
#define PURSER_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum duty { FAST, SLOW, KEEPER };

enum { CHILDREN_MOST = 2048, ADDRESS_LENGTH = 256 };

struct child_given {
	pid_t pid;
	enum duty duty;
	bool told; /* to end; it still has a request at work */
};

struct handover {
	char listen[ADDRESS_LENGTH], listen_slow[ADDRESS_LENGTH]; /* as they were opened; "": none */
	int fast, slow, shared;                                   /* descriptors; -1: none */
	size_t count;
	struct child_given children[CHILDREN_MOST];
};

/* False when this process was started by somebody else than its own former self. */
bool handover_take(struct handover *handover);

/* Executes the program in place; comes back only with errno set, when that failed. */
void handover_execute(const struct handover *handover, char **arguments);

#endif
