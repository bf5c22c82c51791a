/*
 * What is answered beside the operations, without a token: health, the OpenAPI document, what a problem means, metrics.
 */
#ifndef PURSER_PAGES_H
#define PURSER_PAGES_H

#include "call.h"

/* Answers the request if its path is a page's; `*answered` tells. */
const struct problem *pages_answer(struct call *call, bool *answered);

#endif
