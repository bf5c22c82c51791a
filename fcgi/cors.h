/*
 * Which web pages may read our replies (CORS, as the Fetch standard has it): those of the origins that the operator named.
 * A worker says so with each of its replies. nginx says the same with its own, by nginx/problems.inc and cors_map.
 */
#ifndef PURSER_CORS_H
#define PURSER_CORS_H

#include "arena.h"

/* The headers for a page of this origin, as lines of a reply's head. */
void cors_add(struct buffer *head, struct text origin);

/* Lines of an nginx map from `Origin` to `allowed` or `refused`; none at all where no origin was named. */
void cors_map(struct buffer *out);

#endif
