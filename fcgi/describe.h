/*
 * What the declarations say, printed for people and tools, and checked for what the compiler can't see.
 */
#ifndef PURSER_DESCRIBE_H
#define PURSER_DESCRIBE_H

#include <stdio.h>

#include "arena.h"

/* A line for every fault of a shape, an operation, a job, an event or a resource; answers how many. Routes are route_build's. */
int describe_check(FILE *report);

/* A line per operation, columns parted by tabs, the first line naming them. */
void describe_operations(struct buffer *out);

/* A line per type of event: its type, what it is about, `internal` or -, the members of its data. */
void describe_events(struct buffer *out);

/* Lines of an nginx map (see nginx/): the paths of the operations that may run long. */
void describe_slow_paths(struct buffer *out);

/* Every kind of problem, as JSON. */
void describe_problems(struct buffer *out);

#endif
