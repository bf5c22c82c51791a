/*
 * Who is calling: one prepared select of the token's row, joined with the operation's hot read where it declares one.
 */
#ifndef PURSER_AUTHENTICATE_H
#define PURSER_AUTHENTICATE_H

#include "call.h"

/* Composes the select of every operation with a hot read; before the first request and before statements_check. */
void authenticate_prepare(void);

/* The statements of authentication and authorization, composed ones included; ends with NULL. */
const struct statement *const *authenticate_statements(void);

const struct problem *authenticate(struct call *call);

#endif
