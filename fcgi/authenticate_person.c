/*
 * Who is calling, where it is a person: a session that was opened here, or a token of an outside identity provider.
 * What the person may do stands in the membership's row, read with the token's: a changed role, a lost membership and a
 * closed organization act on the next request.
 */
#include "authenticate_parts.h"
#include "clock.h"
#include "config.h"
#include "jwt.h"
#include "log.h"
#include "statement.h"
#include "text.h"

struct session_row {
	struct id session_id;
	struct id user_id;
	struct maybe_id organization_id;
	struct maybe_text role;
	struct maybe_bool organization_closed;
	struct maybe_int organization_rate_limit;
	struct maybe_text scopes;
	struct instant expires_at;
	struct maybe_instant ended_at;
};
static const struct field session_row_fields[] = {
	FIELD(session_row, session_id, ANY, "The session."),
	FIELD(session_row, user_id, ANY, "The person."),
	FIELD(session_row, organization_id, ANY,
	    "The organization it acts for; none: it is no member of any, or not now."),
	FIELD(session_row, role, ANY, "The person's role there."),
	FIELD(session_row, organization_closed, ANY, "Whether the organization is closed."),
	FIELD(session_row, organization_rate_limit, ANY, "Requests a minute, where not the platform's."),
	FIELD(session_row, scopes, ANY, "What it was narrowed to; none: all that the role gives."),
	FIELD(session_row, expires_at, ANY, "From then on the token is refused."),
	FIELD(session_row, ended_at, ANY, "When the session was ended."),
};
SHAPE(session_row)

const struct statement find_session = {
	.sql =
	    "SELECT s.id AS session_id, s.user_id, m.organization_id, m.role, o.status = 'closed' AS "
	    "organization_closed,"
	    " o.rate_limit AS organization_rate_limit, COALESCE(t.scopes, s.scopes) AS scopes, t.expires_at, s.ended_at"
	    " FROM session_token t JOIN session s ON s.id = t.session_id"
	    " LEFT JOIN membership m ON m.organization_id = s.organization_id AND m.user_id = s.user_id AND m.is_active"
	    " LEFT JOIN organization o ON o.id = m.organization_id"
	    " WHERE t.digest = :digest AND t.kind = 'access'",
	.takes = &token_digest_shape,
	.gives = &session_row_shape,
	.crosses_organizations = authenticate_why,
	.outside_transaction = true,
};

struct identity_claim {
	struct text issuer;
	struct text subject;
	struct maybe_id claimed;
};
static const struct field identity_claim_fields[] = {
	FIELD(identity_claim, issuer, ANY, "Who says so."),
	FIELD(identity_claim, subject, ANY, "Of whom."),
	FIELD(identity_claim, claimed, ANY, "The organization the token names."),
};
SHAPE(identity_claim)

struct identity_row {
	struct id user_id;
	struct maybe_id organization_id;
	struct maybe_text role;
	struct maybe_bool organization_closed;
	struct maybe_int organization_rate_limit;
};
static const struct field identity_row_fields[] = {
	FIELD(identity_row, user_id, ANY, "The person."),
	FIELD(identity_row, organization_id, ANY,
	    "The organization; none: it is no member of the one named, or of not just one."),
	FIELD(identity_row, role, ANY, "The person's role there."),
	FIELD(identity_row, organization_closed, ANY, "Whether the organization is closed."),
	FIELD(identity_row, organization_rate_limit, ANY, "Requests a minute, where not the platform's."),
};
SHAPE(identity_row)

const struct statement find_identity = {
	.sql = "SELECT i.user_id, m.organization_id, m.role, o.status = 'closed' AS organization_closed,"
	       " o.rate_limit AS organization_rate_limit FROM identity i"
	       " LEFT JOIN membership m ON m.user_id = i.user_id AND m.is_active AND m.organization_id = "
	       "COALESCE(:claimed,"
	       " (SELECT MIN(x.organization_id) FROM membership x WHERE x.user_id = i.user_id AND x.is_active"
	       " HAVING COUNT(*) = 1))"
	       " LEFT JOIN organization o ON o.id = m.organization_id"
	       " WHERE i.issuer = :issuer AND i.subject = :subject",
	.takes = &identity_claim_shape,
	.gives = &identity_row_shape,
	.crosses_organizations = authenticate_why,
	.outside_transaction = true,
};

static void
become(struct call *call, struct id person, struct maybe_id organization, struct maybe_text role)
{
	call->principal.type = PERSON;
	call->principal.id = person;
	call->principal.person = (struct maybe_id){ person, true };
	call->principal.granted = UINT64_MAX;
	call->organization = organization.value;
	if (role.at != NULL)
		call->principal.role = role_named((struct text){ role.at, role.length });
	call->principal.scopes = role_scopes(call->principal.role);
}

static void
accept_session(struct call *call, const struct session_row *row)
{
	become(call, row->user_id, row->organization_id, row->role);
	if (row->scopes.at != NULL)
		call->principal.granted = scope_set_of_list((struct text){ row->scopes.at, row->scopes.length });
	call->principal.scopes &= call->principal.granted;
	call->principal.organization_closed = row->organization_closed.value;
	call->principal.organization_rate_limit = row->organization_rate_limit.value;
	call->principal.session = (struct maybe_id){ row->session_id, true };
	call->principal.expires_at = instant_given(row->expires_at);
}

const struct problem *
authenticate_session(struct call *call)
{
	struct token_digest in = { call->principal.token };
	struct session_row row = { 0 };
	const struct problem *p;
	bool found;

	p = sql_maybe(call, &find_session, &in, &row, &found);
	if (p != NULL)
		return p;
	if (!found)
		return authenticate_refuse(call, "The token is unknown.");
	if (row.ended_at.given)
		return authenticate_refuse(call, "The session of this token has ended; sign in again.");
	if (!instant_before(call->now, row.expires_at))
		return authenticate_refuse(call, "The token has expired; refresh the session.");
	accept_session(call, &row);
	return NULL;
}

/* A broken file is told once, not at every token. */
static void
use_keys(void)
{
	static const char *told;
	const char *fault = jwt_use_file(config.jwt_jwks_file);

	if (fault != NULL && fault != told)
		log_error("%s: the JWKS %s The keys of before are used.", config.jwt_jwks_file, fault);
	told = fault;
}

const struct problem *
authenticate_identity(struct call *call, struct text token)
{
	struct jwt_claims claims = { 0 };
	struct identity_claim in;
	struct identity_row row = { 0 };
	const struct problem *p;
	const char *fault;
	bool found;

	use_keys();
	fault = jwt_check(call->arena, token, config.jwt_issuer, config.jwt_audience, call->now, &claims);
	if (fault != NULL)
		return authenticate_refuse(call, fault);
	in = (struct identity_claim){ claims.issuer, claims.subject, claims.organization };
	p = sql_maybe(call, &find_identity, &in, &row, &found);
	if (p != NULL)
		return p;
	if (!found)
		return authenticate_refuse(call, "This person of the identity provider is linked to nobody here.");
	become(call, row.user_id, row.organization_id, row.role);
	call->principal.organization_closed = row.organization_closed.value;
	call->principal.organization_rate_limit = row.organization_rate_limit.value;
	call->principal.expires_at = instant_given(claims.expires_at);
	return NULL;
}
