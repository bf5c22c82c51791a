/*
 * What the caller may do, and for which organization.
 */
#ifndef PURSER_AUTHORIZE_H
#define PURSER_AUTHORIZE_H

#include "call.h"

/* Scope and person. Before the input is read. */
const struct problem *authorize(struct call *call);

/* Holds the input's organization_id against the caller: an operator acts on the one it names, everybody else on their
 * own; anything else does not exist. A closed organization's people only read. After the input was read and the
 * idempotency key was claimed, before the handler. */
const struct problem *authorize_organization(struct call *call);

extern const struct statement find_organization;

#endif
