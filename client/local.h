/*
 * The commands of the program itself, beside those of the service.
 */
#ifndef PURSER_CLIENT_LOCAL_H
#define PURSER_CLIENT_LOCAL_H

#include "arguments.h"

struct local {
	const char *name;
	const char *usage;
	const char *summary;
	void (*run)(const struct arguments *arguments);
	const char *stands_for; /* an operation's id; NULL: none */
	size_t operands;        /* words that may stand behind it */
};

extern const struct local locals[];
extern const size_t local_count;

bool local_exists(const char *name);
/* The operation that it is another name of; NULL: none. */
const struct command *local_stands_for(const char *name);
void local_run(const struct arguments *arguments);

#endif
