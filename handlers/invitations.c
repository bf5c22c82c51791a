/*
 * Invitations. The token is kept as its digest; the mail's row holds it sealed.
 */
#include "invitations.h"

#include "clock.h"
#include "id.h"
#include "outbox.h"
#include "resources.h"
#include "seal.h"
#include "statement.h"
#include "text.h"
#include "token.h"

enum { VALID_SECONDS = 7 * 86400 };

struct invitation_row {
	struct id id;
	struct text email;
	struct text role;
	struct digest token_digest;
	struct instant expires_at;
};
static const struct field invitation_row_fields[] = {
	FIELD(invitation_row, id, ANY, "The invitation."),
	FIELD(invitation_row, email, ANY, "Whom it invites."),
	FIELD(invitation_row, role, ANY, "As what."),
	FIELD(invitation_row, token_digest, ANY, "SHA-256 of the token."),
	FIELD(invitation_row, expires_at, ANY, "Until when it can be accepted."),
};
SHAPE(invitation_row)

static const struct statement insert_invitation = {
	.sql = "INSERT INTO invitation (id, organization_id, email, role, token_digest, created_at, expires_at)"
	       " VALUES (:id, :organization, :email, :role, :token_digest, :now, :expires_at)",
	.takes = &invitation_row_shape,
};

const struct problem *
invitation_send(struct call *call, struct text email, const char *role)
{
	struct text token = token_make(call->arena, "gpri_");
	struct invitation_row row = { id_new(call->now), email, text_from(role), token_digest(token),
		instant_plus_seconds(call->now, VALID_SECONDS) };
	char ulid[ID_CHARACTERS + 1];
	struct text data;
	const struct problem *p = sql_run(call, &insert_invitation, &row, NULL);

	if (p != NULL)
		return p;
	id_format(row.id, ulid);
	data = arena_format(call->arena, "{\"id\":\"%s\",\"role\":\"%s\"}", ulid, role);
	p = outbox_event(call, "member.invited", "invitation", row.id, data);
	return p != NULL ? p : outbox_mail(call, "invitation", email, "invitation", row.id, data, token);
}

const struct resource invitations_resource = {
	.name = "invitations",
	.summary = "Asking people into an organization.",
	.statements = LIST_OF(statement, &insert_invitation),
};
