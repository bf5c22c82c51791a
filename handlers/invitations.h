/*
 * Inviting a person into an organization: a row, a token that only the mail shows, the event.
 */
#ifndef PURSER_INVITATIONS_H
#define PURSER_INVITATIONS_H

#include "call.h"

/* Invites the address into the call's organization; the mail is an outbox row. */
const struct problem *invitation_send(struct call *call, struct text email, const char *role);

#endif
