/*
 * Which rate limits a call is under, in terms of limit.h's windows, and the 429 with its headers.
 * Sources: 1-wire "Rate limits"; draft-ietf-httpapi-ratelimit-headers.
 */
#ifndef PURSER_RATE_H
#define PURSER_RATE_H

#include "call.h"

/* A token of the organization's bucket (of the caller's own, who acts for none), and of the key's own limit where it has one;
 * of the client address's where nobody has to say who calls. */
const struct problem *rate_take(struct call *call);
/* Gives both back: a replay and an in-progress answer cost nothing. */
void rate_give_back(struct call *call);
/* A token of the client address's window. */
const struct problem *rate_take_address(struct call *call);

#endif
