/*
 * Inviting a person into an organization: a row, a token that only the mail shows, the event.
 */
#ifndef PURSER_INVITATIONS_H
#define PURSER_INVITATIONS_H

#include "call.h"

struct organization_tiny;

struct invitation {
	struct id id;
	struct organization_tiny *organization; /* made of the call's organization and the name that SQL gives */
	struct text organization_name;
	struct text email;
	struct text role;
	struct text status;
	struct instant expires_at;
	struct instant created_at;
	struct maybe_id invited_by;
	struct maybe_text token;
};

extern const struct shape invitation_shape;

/* A pending invitation past its time is shown as expired. */
#define SELECT_INVITATION                                                                                              \
	"SELECT i.id, i.email, i.role, COALESCE(" INVITATION_STATUS ", '') AS status, i.expires_at, i.created_at,"     \
	" i.invited_by_user_id AS invited_by, o.name AS organization_name"                                             \
	" FROM invitation i JOIN organization o ON o.id = i.organization_id WHERE i.organization_id = :organization"
#define INVITATION_STATUS "IF(i.status = 'pending' AND i.expires_at <= :now, 'expired', i.status)"

/* Fills `organization` of a row of the call's organization. */
void invitation_complete(struct call *call, struct invitation *invitation);

/* Invites the address into the call's organization, in the place of an invitation that it has already; the mail is an
 * outbox row. Locks the organization's row. 409 where the address is an active member's; 403 where the role is owner and
 * the caller neither an owner nor the operator. */
const struct problem *invitation_send(struct call *call, struct text email, const char *role);

#endif
