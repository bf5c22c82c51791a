/*
 * What every change of who belongs to an organization shares. Each takes the organization's row first, so that they come
 * one after the other, and then reads anew what it decides by. Source of the rules: 1-wire "What they may do".
 */
#ifndef PURSER_MEMBERSHIP_H
#define PURSER_MEMBERSHIP_H

#include "call.h"

struct membership {
	struct id user_id;
	struct text role;
	bool is_active;
};

extern const struct shape membership_shape;

/* Takes the row of the call's organization until the transaction ends; `*closed` tells whether it is closed. */
const struct problem *membership_lock(struct call *call, bool *closed);

/* The same for a caller who changes memberships there: `*authority` is the person's role as it is now, ROLE_ADMIN for a
 * key and ROLE_OWNER for the operator. 409 organization_closed (not for the operator); 403 for a person whose role no
 * longer gives the operation's scope. */
const struct problem *membership_begin(struct call *call, enum role *authority);

/* Whether the caller still may what the operation asks, now that the organization's row is held: a person's role (which
 * becomes the call's) is read anew, and whether a key was revoked. The operator and the system may. */
const struct problem *membership_confirm(struct call *call);

/* 403 unless the authority is an owner's: only an owner gives or takes `owner`. */
const struct problem *membership_ask_owner(struct call *call, enum role authority);

/* 403 where a key, or a session that was narrowed, would give a role that can do more than it holds itself. To invite or
 * change viewers and members, members:write is enough. */
const struct problem *membership_ask_scopes(struct call *call, struct text role);

/* The person's membership in the call's organization, active or not, locked. */
const struct problem *membership_find(struct call *call, struct id person, struct membership *out, bool *found);

/* 409 where nobody but this person is an active owner of the call's organization. */
const struct problem *membership_keep_owner(struct call *call, struct id person);

#endif
