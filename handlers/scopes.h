/*
 * What a token may do, as a client asks for it and is told of it: names separated by blanks. Source: RFC 6749, 3.3.
 */
#ifndef PURSER_SCOPES_H
#define PURSER_SCOPES_H

#include "call.h"

/* `wanted` (scopes and wildcards) as the names of a set to be stored; absent where it is. INVALID_SCOPE where not all of
 * it is held. */
const struct problem *scopes_narrow(
    struct call *call, struct maybe_text wanted, uint64_t held, struct maybe_text *stored);

/* The names of a set. */
struct text scopes_text(struct call *call, uint64_t set);

/* What is left of `held` under what was stored. */
uint64_t scopes_left(uint64_t held, struct maybe_text stored);

#endif
