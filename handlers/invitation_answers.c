/*
 * Invitations as the invited person answers them: by the token of the mail, signed in under the address it went to.
 */
#include "id.h"
#include "invitations.h"
#include "membership.h"
#include "outbox.h"
#include "resources.h"
#include "statement.h"
#include "text.h"
#include "token.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct answer {
	struct text token;
	struct maybe_bool accept;
};
static const struct field answer_fields[] = {
	FIELD(answer, token, LENGTH(1, 200), "The token of the invitation."),
	FIELD(answer, accept, ANY, "Whether to accept or, with false, to decline; it is accepted where left out."),
};
SHAPE(answer)

struct token_ref {
	struct digest token_digest;
	struct id invitation_id; /* once it is found */
};
static const struct field token_ref_fields[] = {
	FIELD(token_ref, token_digest, ANY, "SHA-256 of the token."),
	FIELD(token_ref, invitation_id, ANY, "The invitation."),
};
SHAPE(token_ref)

struct invited {
	struct id invitation_id;
	struct id organization_id;
};
static const struct field invited_fields[] = {
	FIELD(invited, invitation_id, ANY, "The invitation."),
	FIELD(invited, organization_id, ANY, "Where it invites to."),
};
SHAPE(invited)

struct decision {
	struct id invitation_id;
	struct text status;
	struct text role;
	struct maybe_id session_id;
};
static const struct field decision_fields[] = {
	FIELD(decision, invitation_id, ANY, "The invitation."),
	FIELD(decision, status, ANY, "What it becomes."),
	FIELD(decision, role, ANY, "What the person becomes."),
	FIELD(decision, session_id, ANY, "The session that accepts."),
};
SHAPE(decision)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement find_by_token = {
	.sql =
	    "SELECT i.id AS invitation_id, i.organization_id FROM invitation i JOIN user u ON u.email_key = i.email_key"
	    " WHERE i.token_digest = :token_digest AND u.id = :principal",
	.takes = &token_ref_shape,
	.gives = &invited_shape,
	.crosses_organizations = "the token tells the organization",
};

static const struct statement lock_by_token = {
	.sql = SELECT_INVITATION " AND i.id = :invitation_id AND i.token_digest = :token_digest FOR UPDATE",
	.takes = &token_ref_shape,
	.gives = &invitation_shape,
};

static const struct statement decide = {
	.sql = "UPDATE invitation SET status = :status, decided_at = :now"
	       " WHERE organization_id = :organization AND id = :invitation_id",
	.takes = &decision_shape,
};

static const struct statement join_organization = {
	.sql = "INSERT INTO membership (organization_id, user_id, role, is_active, created_at)"
	       " SELECT :organization, id, :role, TRUE, :now FROM user WHERE id = :principal AND erased_at IS NULL"
	       " LOCK IN SHARE MODE ON DUPLICATE KEY UPDATE role = VALUES(role), is_active = TRUE",
	.takes = &decision_shape,
};

static const struct statement act_for_it = {
	.sql = "UPDATE session SET organization_id = :organization WHERE id = :session_id AND user_id = :principal",
	.takes = &decision_shape,
};

/* ---- organizations.invitations.accept -------------------------------------------------------------------------- */

HANDLER(accept_invitation, answer, invitation)

static const struct operation accept_operation = {
	.id = "organizations.invitations.accept",
	.kind = WRITE,
	.scope = SIGNED_IN,
	.effect = COMPUTES,
	.summary = "Accept or decline an invitation to your address.",
	.description = "A session that acts for no organization acts for this one from then on.",
	.raises = { NOT_FOUND, CONFLICT, ORGANIZATION_CLOSED },
	.run = &accept_invitation_run,
	.rest = { { .method = METHOD_POST, .path = "/v1/orgs/join-with-invite" } },
};

/* An unknown token and one that went to somebody else are answered alike. */
static const struct problem *
no_such_invitation(struct call *call)
{
	return fail(call, NOT_FOUND, "There is no such invitation for your address.");
}

/* Finds the invitation and makes its organization the call's, for the locks, the event and the audit row. */
static const struct problem *
enter_organization(struct call *call, struct token_ref *ref, bool *closed)
{
	struct invited invited;
	bool found;
	const struct problem *p = sql_maybe(call, &find_by_token, ref, &invited, &found);

	if (p != NULL)
		return p;
	if (!found)
		return no_such_invitation(call);
	ref->invitation_id = invited.invitation_id;
	call->organization = invited.organization_id;
	return membership_lock(call, closed);
}

static const struct problem *
check_status(struct call *call, const struct invitation *invitation)
{
	if (text_is(invitation->status, "pending"))
		return NULL;
	if (text_is(invitation->status, "accepted"))
		return fail(call, CONFLICT, "This invitation was accepted already; it works once.");
	if (text_is(invitation->status, "declined"))
		return fail(call, CONFLICT, "This invitation was declined; ask %s for a new one.",
		    invitation->organization_name.at);
	if (text_is(invitation->status, "revoked"))
		return fail(call, CONFLICT, "This invitation was withdrawn or replaced by a newer one; ask %s for it.",
		    invitation->organization_name.at);
	return fail(
	    call, CONFLICT, "This invitation has expired; ask %s to send it again.", invitation->organization_name.at);
}

struct joined_event {
	struct id id;
	struct text role;
};
static const struct field joined_event_fields[] = {
	FIELD(joined_event, id, ANY, "The person."),
	FIELD(joined_event, role, ANY, "What they may do there."),
};
SHAPE(joined_event)

static const struct event_type member_joined = {
	.type = "member.joined",
	.entity_type = "user",
	.summary = "A person became a member.",
	.data = &joined_event_shape,
};

static const struct problem *
join(struct call *call, const struct decision *decision)
{
	bool acts_for_none = call->principal.role == ROLE_NONE && decision->session_id.given;
	const struct joined_event event = { call->principal.id, decision->role };
	int64_t joined = 0;
	const struct problem *p = sql_run(call, &join_organization, decision, &joined);

	if (p == NULL && joined == 0) /* the person was erased while this waited */
		p = no_such_invitation(call);
	if (p == NULL && acts_for_none)
		p = sql_run(call, &act_for_it, decision, NULL);
	return p != NULL ? p : outbox_tell(call, &member_joined, call->principal.id, &event);
}

static const struct problem *
answer(struct call *call, bool accepts, struct invitation *invitation)
{
	struct decision decision = { invitation->id, text_from(accepts ? "accepted" : "declined"), invitation->role,
		call->principal.session };
	const struct problem *p = sql_run(call, &decide, &decision, NULL);

	if (p == NULL && accepts)
		p = join(call, &decision);
	invitation->status = decision.status;
	invitation_complete(call, invitation);
	return p;
}

static const struct problem *
accept_invitation(struct call *call, const struct answer *in, struct invitation *out)
{
	struct token_ref ref = { .token_digest = token_digest(in->token) };
	bool accepts = !in->accept.given || in->accept.value;
	bool closed = false, is_member = false, found = false;
	struct membership membership;
	const struct problem *p = enter_organization(call, &ref, &closed);

	if (p == NULL)
		p = membership_find(call, call->principal.id, &membership, &is_member);
	if (p == NULL)
		p = sql_maybe(call, &lock_by_token, &ref, out, &found);
	if (p != NULL)
		return p;
	if (!found) /* sent again meanwhile: another token */
		return no_such_invitation(call);
	p = check_status(call, out);
	if (p == NULL && accepts && closed)
		p = fail(call, ORGANIZATION_CLOSED, "The organization is closed; nobody can join it.");
	if (p == NULL && accepts && is_member && membership.is_active)
		p = fail(call, CONFLICT, "You are a member of this organization already.");
	return p != NULL ? p : answer(call, accepts, out);
}

const struct resource invitation_answers_resource = {
	.name = "organizations.invitations.answers",
	.summary = "What the invited people answer.",
	.operations = LIST_OF(operation, &accept_operation),
	.statements = LIST_OF(statement, &find_by_token, &lock_by_token, &decide, &join_organization, &act_for_it),
	.events = LIST_OF(event_type, &member_joined),
};
