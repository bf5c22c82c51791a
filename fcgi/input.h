/*
 * From the request to the operation's checked input struct.
 */
#ifndef PURSER_INPUT_H
#define PURSER_INPUT_H

#include "call.h"

/* Fills call->in from query and path (GET) or from the body. 400, 415 or 422 with every fault. */
const struct problem *input_read(struct call *call);

#endif
