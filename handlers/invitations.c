/*
 * Invitations as the organization handles them. The token is kept as its digest; the mail's row holds it sealed. An
 * address has at most one pending invitation into an organization: the newest.
 */
#include "invitations.h"

#include "clock.h"
#include "email_key.h"
#include "formats.h"
#include "id.h"
#include "json.h"
#include "membership.h"
#include "organization_tiny.h"
#include "outbox.h"
#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"
#include "token.h"

enum { VALID_SECONDS = 7 * 86400, HOUR_SECONDS = 3600, MAILS_AN_HOUR = 20 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *const statuses[] = { "pending", "accepted", "declined", "revoked", "expired", NULL };

static const struct field invitation_fields[] = {
	FIELD(invitation, id, ANY, "The invitation's id; not a secret."),
	FIELD_OBJECT(invitation, organization, organization_tiny, false, "Where it invites to."),
	FIELD(invitation, organization_name, HIDDEN, "Part of the organization."),
	FIELD(invitation, email, ANY, "Whom it invites."),
	FIELD(invitation, role, ONE_OF(role_names), "As what."),
	FIELD(invitation, status, ONE_OF(statuses), "What became of it."),
	FIELD(invitation, expires_at, ANY, "Until when it can be accepted."),
	FIELD(invitation, created_at, ANY, "When it was first sent."),
	FIELD(invitation, invited_by, ANY, "The person who sent it; null where it was a key or the operator."),
	FIELD(invitation, token, COMPUTED,
	    "The secret to accept it with. It is shown only to who sends it and asks for it, and else null."),
};
const struct shape invitation_shape = {
	.name = "invitation",
	.size = sizeof(struct invitation),
	.count = COUNT(invitation_fields),
	.fields = invitation_fields,
};

struct invite {
	struct text email;
	struct text role;
	struct maybe_bool return_token;
};
static const struct field invite_fields[] = {
	FIELD(invite, email, MATCHING(email_format, 3, 254), "Whom to invite."),
	FIELD(invite, role, ONE_OF(role_names), "As what; only an owner invites an `owner`."),
	FIELD(invite, return_token, ANY, "Whether the reply shows the token, besides the mail; it does not."),
};
SHAPE(invite)

struct invitation_list {
	PAGE_MEMBERS;
	struct maybe_text status;
};
static const struct field invitation_list_fields[] = {
	PAGE_FIELDS(invitation_list),
	FIELD(invitation_list, status, ONE_OF(statuses), "Only those in this state."),
};
SHAPE(invitation_list)

struct invitation_ref {
	struct id invitation_id;
};
static const struct field invitation_ref_fields[] = {
	FIELD(invitation_ref, invitation_id, ANY, "The invitation."),
};
SHAPE(invitation_ref)

struct resend {
	struct id invitation_id;
	struct maybe_bool return_token;
};
static const struct field resend_fields[] = {
	FIELD(resend, invitation_id, ANY, "The invitation."),
	FIELD(resend, return_token, ANY, "Whether the reply shows the token, besides the mail; it does not."),
};
SHAPE(resend)

struct revoked_invitation {
	bool ok;
	struct id id;
};
static const struct field revoked_invitation_fields[] = {
	FIELD(revoked_invitation, ok, ANY, "Nobody can accept it any longer."),
	FIELD(revoked_invitation, id, ANY, "The invitation."),
};
SHAPE(revoked_invitation)

struct invitation_row {
	struct id id;
	struct text email;
	struct text email_key;
	struct text role;
	struct digest token_digest;
	struct instant expires_at;
	struct maybe_id invited_by;
};
static const struct field invitation_row_fields[] = {
	FIELD(invitation_row, id, ANY, "The invitation."),
	FIELD(invitation_row, email, ANY, "Whom it invites."),
	FIELD(invitation_row, email_key, ANY, "The address to compare by."),
	FIELD(invitation_row, role, ANY, "As what."),
	FIELD(invitation_row, token_digest, ANY, "SHA-256 of the token."),
	FIELD(invitation_row, expires_at, ANY, "Until when it can be accepted."),
	FIELD(invitation_row, invited_by, ANY, "The person who sends it."),
};
SHAPE(invitation_row)

struct mail_count {
	struct text recipient;
	struct instant since;
	int64_t mails;
};
static const struct field mail_query_fields[] = {
	FIELD(mail_count, recipient, ANY, "Who was written to."),
	FIELD(mail_count, since, ANY, "Since when."),
};
VIEW(mail_query, mail_count)
static const struct field mail_answer_fields[] = {
	FIELD(mail_count, mails, ANY, "How often."),
};
VIEW(mail_answer, mail_count)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement count_mails = {
	.sql = "SELECT COUNT(*) AS mails FROM outbox WHERE recipient = :recipient AND organization_id = :organization"
	       " AND type = 'invitation' AND created_at > :since",
	.takes = &mail_query_shape,
	.gives = &mail_answer_shape,
};

static const struct statement find_invitation = {
	.sql = SELECT_INVITATION " AND i.id = :invitation_id",
	.takes = &invitation_ref_shape,
	.gives = &invitation_shape,
};

static const struct statement lock_invitation = {
	.sql = SELECT_INVITATION " AND i.id = :invitation_id FOR UPDATE",
	.takes = &invitation_ref_shape,
	.gives = &invitation_shape,
};

static const struct statement list_newest = {
	.sql = SELECT_INVITATION " AND i.id < :cursor AND (:status IS NULL OR " INVITATION_STATUS " = :status)"
				 " ORDER BY i.id DESC LIMIT :limit",
	.takes = &invitation_list_shape,
	.gives = &invitation_shape,
};

static const struct statement find_invitee = {
	.sql = "SELECT m.user_id, m.role, m.is_active FROM user u JOIN membership m ON m.user_id = u.id"
	       " WHERE u.email_key = :email_key AND m.organization_id = :organization",
	.takes = &invitation_row_shape,
	.gives = &membership_shape,
};

static const struct statement revoke_older = {
	.sql = "UPDATE invitation SET status = 'revoked', decided_at = :now"
	       " WHERE organization_id = :organization AND pending_for = :email_key",
	.takes = &invitation_row_shape,
};

static const struct statement insert_invitation = {
	.sql =
	    "INSERT INTO invitation (id, organization_id, email, email_key, role, token_digest, created_at, expires_at,"
	    " invited_by_user_id) VALUES (:id, :organization, :email, :email_key, :role, :token_digest, :now,"
	    " :expires_at, :invited_by)",
	.takes = &invitation_row_shape,
};

static const struct statement renew_invitation = {
	.sql = "UPDATE invitation SET token_digest = :token_digest, expires_at = :expires_at"
	       " WHERE organization_id = :organization AND id = :id",
	.takes = &invitation_row_shape,
};

static const struct statement revoke_row = {
	.sql = "UPDATE invitation SET status = 'revoked', decided_at = :now"
	       " WHERE organization_id = :organization AND id = :invitation_id",
	.takes = &invitation_ref_shape,
};

/* ---- what is shared -------------------------------------------------------------------------------------------- */

void
invitation_complete(struct call *call, struct invitation *invitation)
{
	invitation->organization = arena_take(call->arena, sizeof(*invitation->organization));
	*invitation->organization = (struct organization_tiny){ call->organization, invitation->organization_name };
}

/* A token that lives from now on, in the row and nowhere else yet. */
static struct text
give_token(struct call *call, struct invitation_row *row)
{
	struct text token = token_make(call->arena, TOKEN_INVITATION);

	row->token_digest = token_digest(token);
	row->expires_at = instant_plus_seconds(call->now, VALID_SECONDS);
	return token;
}

/* May this caller invite this address as that? To bring back an owner who rests, as something less, takes `owner`. */
static const struct problem *
check_invitee(struct call *call, const struct invitation_row *row, enum role authority)
{
	const char *owner = role_name(ROLE_OWNER);
	struct membership member;
	bool found;
	const struct problem *p = sql_maybe(call, &find_invitee, row, &member, &found);

	if (p != NULL)
		return p;
	if (text_is(row->role, owner) || (found && text_is(member.role, owner) && !member.is_active))
		p = membership_ask_owner(call, authority);
	if (p == NULL)
		p = membership_ask_scopes(call, row->role);
	if (p == NULL && found && member.is_active)
		p = fail(call, CONFLICT, "A member of the organization has this address already.");
	return p;
}

struct invited_event {
	struct id id;
	struct text role;
};
static const struct field invited_event_fields[] = {
	FIELD(invited_event, id, ANY, "The invitation."),
	FIELD(invited_event, role, ANY, "The role it is for."),
};
SHAPE(invited_event)

static const struct event_type member_invited = {
	.type = "member.invited",
	.entity_type = "invitation",
	.summary = "Somebody was invited to become a member.",
	.data = &invited_event_shape,
};

/* What fills the mail is what the event says. */
static struct text
mail_data(struct call *call, const struct invitation_row *row)
{
	const struct invited_event data = { row->id, row->role };
	struct buffer text = buffer_new(call->arena, 96);

	json_write(&text, &invited_event_shape, &data);
	return buffer_text(&text);
}

/* Nobody's mailbox is flooded in an organization's name. */
static const struct problem *
mail_token(struct call *call, const struct invitation_row *row, struct text token)
{
	struct mail_count count = { row->email, instant_plus_seconds(call->now, -HOUR_SECONDS), 0 };
	const struct problem *p = sql_one(call, &count_mails, &count, &count);

	if (p == NULL && count.mails >= MAILS_AN_HOUR)
		p = fail(call, CONFLICT, "This address was sent %d invitations within an hour; wait before the next.",
		    MAILS_AN_HOUR);
	return p != NULL
		   ? p
		   : outbox_mail(call, "invitation", row->email, "invitation", row->id, mail_data(call, row), token);
}

/* What is stored, with the token where it was asked for. */
static const struct problem *
show(struct call *call, struct id id, struct maybe_bool return_token, struct text token, struct invitation *out)
{
	struct invitation_ref ref = { id };
	const struct problem *p = sql_one(call, &find_invitation, &ref, out);

	if (p != NULL)
		return p;
	invitation_complete(call, out);
	if (return_token.given && return_token.value)
		out->token = text_given(token);
	return NULL;
}

/* ---- organizations.members.invite ------------------------------------------------------------------------------ */

/* The organization's lock keeps two invitations to one address apart: the later one finds the earlier and replaces it.
 */
static const struct problem *
send(struct call *call, struct invitation_row *row, struct text *token)
{
	enum role authority;
	const struct problem *p = membership_begin(call, &authority);

	row->id = id_new(call->now);
	row->email_key = email_key(call->arena, row->email);
	if (call->principal.type == PERSON)
		row->invited_by = id_given(call->principal.id);
	*token = give_token(call, row);
	if (p == NULL)
		p = check_invitee(call, row, authority);
	if (p == NULL)
		p = sql_run(call, &revoke_older, row, NULL);
	if (p == NULL)
		p = sql_run(call, &insert_invitation, row, NULL);
	if (p == NULL)
		p = outbox_tell(call, &member_invited, row->id, &(struct invited_event){ row->id, row->role });
	return p != NULL ? p : mail_token(call, row, *token);
}

const struct problem *
invitation_send(struct call *call, struct text email, const char *role)
{
	struct invitation_row row = { .email = email, .role = text_from(role) };
	struct text token;

	return send(call, &row, &token);
}

HANDLER(invite_member, invite, invitation)

static const struct operation invite_operation = {
	.id = "organizations.members.invite",
	.kind = WRITE,
	.scope = MEMBERS_WRITE,
	.effect = EXPORTS,
	.seals_reply = true,
	.summary = "Invite an address into the organization.",
	.description =
	    "The token goes out by mail, works once, for seven days, and only for the person who has that address. A"
	    " newer invitation takes the place of a pending one to the same address. Only an owner invites an owner.",
	.raises = { FORBIDDEN, CONFLICT },
	.run = &invite_member_run,
	.rest = { { .method = METHOD_POST, .path = "/v1/orgs/members" } },
};

static const struct problem *
invite_member(struct call *call, const struct invite *in, struct invitation *out)
{
	struct invitation_row row = { .email = in->email, .role = in->role };
	struct text token;
	const struct problem *p = send(call, &row, &token);

	return p != NULL ? p : show(call, row.id, in->return_token, token, out);
}

/* ---- organizations.invitations.list ---------------------------------------------------------------------------- */

HANDLER_EACH(list_invitations, invitation_list, invitation)

static const struct operation list_operation = {
	.id = "organizations.invitations.list",
	.kind = READ,
	.scope = MEMBERS_READ,
	.effect = READS,
	.summary = "List the organization's invitations, newest first.",
	.page_key = "id",
	.run = &list_invitations_run,
};

static const struct problem *
complete_row(struct call *call, void *context, const void *row)
{
	struct invitation invitation = *(const struct invitation *)row;

	invitation_complete(call, &invitation);
	return sink_row(context, &invitation);
}

static const struct problem *
list_invitations(struct call *call, const struct invitation_list *in, struct sink *sink)
{
	return sql_each(call, &list_newest, in, complete_row, sink);
}

/* ---- organizations.invitations.resend -------------------------------------------------------------------------- */

HANDLER(resend_invitation, resend, invitation)

static const struct operation resend_operation = {
	.id = "organizations.invitations.resend",
	.kind = WRITE,
	.scope = MEMBERS_WRITE,
	.effect = EXPORTS,
	.seals_reply = true,
	.summary = "Send a pending or expired invitation again, with a new token.",
	.description =
	    "The token of before is dead, and the new one works for seven days. Only an owner sends an owner's.",
	.raises = { NOT_FOUND, FORBIDDEN, CONFLICT },
	.run = &resend_invitation_run,
};

static bool
is_open(const struct invitation *invitation)
{
	return text_is(invitation->status, "pending") || text_is(invitation->status, "expired");
}

static const struct problem *
renew(struct call *call, const struct invitation *found, enum role authority, struct text *token)
{
	struct invitation_row row = { .id = found->id,
		.email = found->email,
		.email_key = email_key(call->arena, found->email),
		.role = found->role };
	const struct problem *p = check_invitee(call, &row, authority);

	if (p != NULL)
		return p;
	*token = give_token(call, &row);
	p = sql_run(call, &renew_invitation, &row, NULL);
	return p != NULL ? p : mail_token(call, &row, *token);
}

static const struct problem *
resend_invitation(struct call *call, const struct resend *in, struct invitation *out)
{
	struct invitation_ref ref = { in->invitation_id };
	struct invitation found;
	struct text token;
	enum role authority;
	const struct problem *p = membership_begin(call, &authority);

	if (p == NULL)
		p = sql_one(call, &lock_invitation, &ref, &found);
	if (p == NULL && !is_open(&found))
		p = fail(call, CONFLICT, "This invitation was %s; make a new one instead.", found.status.at);
	if (p == NULL)
		p = renew(call, &found, authority, &token);
	return p != NULL ? p : show(call, found.id, in->return_token, token, out);
}

/* ---- organizations.invitations.revoke -------------------------------------------------------------------------- */

HANDLER(revoke_invitation, invitation_ref, revoked_invitation)

static const struct operation revoke_operation = {
	.id = "organizations.invitations.revoke",
	.kind = WRITE,
	.scope = MEMBERS_WRITE,
	.effect = DESTROYS,
	.summary = "Withdraw an invitation; its token is dead at once.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &revoke_invitation_run,
};

static const struct problem *
revoke_invitation(struct call *call, const struct invitation_ref *in, struct revoked_invitation *out)
{
	struct invitation found;
	enum role authority;
	const struct problem *p = membership_begin(call, &authority);

	*out = (struct revoked_invitation){ true, in->invitation_id };
	if (p == NULL)
		p = sql_one(call, &lock_invitation, in, &found);
	if (p != NULL || text_is(found.status, "revoked"))
		return p;
	if (!is_open(&found))
		return fail(call, CONFLICT, "This invitation was %s already.", found.status.at);
	return sql_run(call, &revoke_row, in, NULL);
}

const struct resource invitations_resource = {
	.name = "organizations.invitations",
	.summary = "Asking people into an organization.",
	.operations = LIST_OF(operation, &invite_operation, &list_operation, &resend_operation, &revoke_operation),
	.statements = LIST_OF(statement, &count_mails, &find_invitation, &lock_invitation, &list_newest, &find_invitee,
	    &revoke_older, &insert_invitation, &renew_invitation, &revoke_row),
	.events = LIST_OF(event_type, &member_invited),
};
