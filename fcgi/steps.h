/*
 * An operation's way from its token to its reply.
 */
#ifndef PURSER_STEPS_H
#define PURSER_STEPS_H

#include "call.h"

/* Every step of call->operation, from authentication on. The reply is in the call; nothing has been sent, but a stream.
 */
const struct problem *steps_walk(struct call *call);

/* An operation run inside the process for a caller the process vouches for: the steps behind authentication,
 * authorization and limits. The input is JSON; the reply's body is in the call. */
const struct problem *steps_inside(struct call *call, const char *id, struct text body);

#endif
