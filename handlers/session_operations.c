/*
 * Signing in and out by e-mail address and password: the operations on sessions, and what a caller is.
 */
#include "call.h"
#include "formats.h"
#include "id.h"
#include "organization_tiny.h"
#include "page.h"
#include "resources.h"
#include "scopes.h"
#include "sessions.h"
#include "statement.h"
#include "text.h"

static const char why_person[] = "a session is a person's, not an organization's";

/* A 401 says how to authenticate (RFC 9110, 11.6.1). */
static const struct problem *
with_challenge(struct call *call, const struct problem *p)
{
	if (p != NULL && p->kind == UNAUTHENTICATED)
		reply_header(call, "WWW-Authenticate", TEXT("Bearer realm=\"purser\""));
	return p;
}

/* ---- create ---------------------------------------------------------------------------------------------------- */

struct create_session {
	struct text email;
	struct text password;
	struct maybe_id organization_id;
};
static const struct field create_session_fields[] = {
	FIELD(create_session, email, MATCHING(email_format, 3, 254), "The e-mail address."),
	FIELD(create_session, password, LENGTH(1, 200), "The password."),
	FIELD(create_session, organization_id, ANY,
	    "The organization to act for; the first membership in an organization that is in use where left out."),
};
SHAPE(create_session)

HANDLER(create_session, create_session, session_tokens)

static const struct operation create_operation = {
	.id = "auth.sessions.create",
	.kind = WRITE,
	.scope = PUBLIC,
	.effect = EXPORTS,
	.no_key = true,
	.slow = true,
	.any_membership = true,
	.seals_reply = true,
	.summary = "Sign in.",
	.description =
	    "Ten failures of an address within 15 minutes lock it until the oldest of them is 15 minutes old. Known and"
	    " unknown addresses are answered alike.",
	.raises = { UNAUTHENTICATED, NOT_FOUND },
	.run = &create_session_run,
};

static const struct problem *
create_session(struct call *call, const struct create_session *in, struct session_tokens *out)
{
	struct sign_in sign_in = {
		.email = in->email, .password = in->password, .organization_id = in->organization_id
	};

	return with_challenge(call, session_open(call, &sign_in, out));
}

/* ---- refresh --------------------------------------------------------------------------------------------------- */

struct refresh_session {
	struct text refresh_token;
};
static const struct field refresh_session_fields[] = {
	FIELD(refresh_session, refresh_token, LENGTH(1, 500), "The session's newest refresh token."),
};
SHAPE(refresh_session)

HANDLER(refresh_session, refresh_session, session_tokens)

static const struct operation refresh_operation = {
	.id = "auth.sessions.refresh",
	.kind = WRITE,
	.scope = PUBLIC,
	.effect = EXPORTS,
	.no_key = true,
	.seals_reply = true,
	.summary = "Exchange a refresh token for new tokens.",
	.description = "A refresh token works once. One that comes a second time ends its session with every token "
		       "that came of it.",
	.raises = { UNAUTHENTICATED },
	.run = &refresh_session_run,
};

static const struct problem *
refresh_session(struct call *call, const struct refresh_session *in, struct session_tokens *out)
{
	struct maybe_text as_before = { NULL, 0 };

	return with_challenge(call, session_refresh(call, in->refresh_token, as_before, out));
}

/* ---- list ------------------------------------------------------------------------------------------------------ */

struct session {
	struct id id;
	bool current;
	struct maybe_id organization_id;
	struct maybe_text address;
	struct maybe_text user_agent;
	struct instant created_at;
	struct instant refreshed_at;
	struct instant expires_at;
};
static const struct field session_fields[] = {
	FIELD(session, id, ANY, "The session's id."),
	FIELD(session, current, COMPUTED, "Whether this request came by it."),
	FIELD(session, organization_id, ANY, "The organization it acts for, or null."),
	FIELD(session, address, ANY, "From where the person signed in."),
	FIELD(session, user_agent, ANY, "With what, as the program called itself."),
	FIELD(session, created_at, ANY, "When the person signed in."),
	FIELD(session, refreshed_at, ANY, "When it was refreshed last."),
	FIELD(session, expires_at, ANY, "Until when it can be refreshed."),
};
SHAPE(session)

static const struct statement list_live = {
	.sql = "SELECT s.id, m.organization_id, s.address, s.user_agent, s.created_at, s.refreshed_at, s.expires_at"
	       " FROM session s LEFT JOIN membership m"
	       " ON m.organization_id = s.organization_id AND m.user_id = s.user_id AND m.is_active"
	       " WHERE s.user_id = :principal AND s.ended_at IS NULL AND s.expires_at > :now AND s.id < :cursor"
	       " ORDER BY s.id DESC LIMIT :limit",
	.gives = &session_shape,
	.crosses_organizations = why_person,
};

HANDLER_EACH(list_sessions, page_query, session)

static const struct operation list_operation = {
	.id = "auth.sessions.list",
	.kind = READ,
	.scope = SIGNED_IN,
	.effect = READS,
	.summary = "List where you are signed in, newest first.",
	.page_key = "id",
	.run = &list_sessions_run,
};

static const struct problem *
put_session(struct call *call, void *sink, const void *row)
{
	struct session session = *(const struct session *)row;
	struct maybe_id here = call->principal.session;

	session.current = here.given && id_equal(here.value, session.id);
	return sink_row(sink, &session);
}

static const struct problem *
list_sessions(struct call *call, const struct page_query *in, struct sink *sink)
{
	return sql_each(call, &list_live, in, put_session, sink);
}

/* ---- revoke ---------------------------------------------------------------------------------------------------- */

struct revoke_session {
	struct maybe_id session_id;
	struct maybe_bool others;
};
static const struct field revoke_session_fields[] = {
	FIELD(revoke_session, session_id, ANY, "The session to end; this one where left out."),
	FIELD(revoke_session, others, ANY, "True: end all of your sessions but this one."),
};
SHAPE(revoke_session)

struct revoked_sessions {
	bool ok;
	struct maybe_id id;
	int64_t ended;
};
static const struct field revoked_sessions_fields[] = {
	FIELD(revoked_sessions, ok, ANY, "What was named has ended, in every worker."),
	FIELD(revoked_sessions, id, ANY, "The session; null where all others were meant."),
	FIELD(revoked_sessions, ended, ANY, "How many sessions ended by this request."),
};
SHAPE(revoked_sessions)

struct session_ref {
	struct id session_id;
};
static const struct field session_ref_fields[] = {
	FIELD(session_ref, session_id, ANY, "The session."),
};
SHAPE(session_ref)

struct session_found {
	struct id id;
	struct maybe_text scopes;
};
static const struct field session_found_fields[] = {
	FIELD(session_found, id, ANY, "The session."),
	FIELD(session_found, scopes, ANY, "What it was narrowed to."),
};
SHAPE(session_found)

static const struct statement find_own = {
	.sql = "SELECT id, scopes FROM session WHERE id = :session_id AND user_id = :principal",
	.takes = &session_ref_shape,
	.gives = &session_found_shape,
	.crosses_organizations = why_person,
};

HANDLER(revoke_sessions, revoke_session, revoked_sessions)

static const struct operation revoke_operation = {
	.id = "auth.sessions.revoke",
	.kind = WRITE,
	.scope = SIGNED_IN,
	.effect = DESTROYS,
	.no_key = true,
	.summary = "Sign out: end this session, another of yours, or all others.",
	.description = "The session's tokens are refused from the very next request on.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &revoke_sessions_run,
};

static const struct problem *
revoke_one(struct call *call, struct id session, struct revoked_sessions *out)
{
	struct session_ref ref = { session };
	struct session_found found;
	const struct problem *p = sql_one(call, &find_own, &ref, &found);

	if (p != NULL)
		return p;
	out->id = id_given(session);
	call->target = out->id;
	return session_end(call, call->principal.id, session, &out->ended);
}

static const struct problem *
revoke_sessions(struct call *call, const struct revoke_session *in, struct revoked_sessions *out)
{
	struct maybe_id here = call->principal.session;

	out->ok = true;
	if (in->others.value && in->session_id.given)
		return fail_field(call, "/session_id", "conflict", "Name one session, or ask for all others to end.");
	if (in->others.value)
		return session_end_all(call, call->principal.id, here, &out->ended);
	if (in->session_id.given)
		return revoke_one(call, in->session_id.value, out);
	if (!here.given)
		return fail(call, CONFLICT, "The token is of another service, and so is its session; sign out there.");
	return revoke_one(call, here.value, out);
}

/* ---- switch ---------------------------------------------------------------------------------------------------- */

struct switch_organization {
	struct id organization_id;
};
static const struct field switch_organization_fields[] = {
	FIELD(switch_organization, organization_id, ANY, "One of the organizations that you are a member of."),
};
SHAPE(switch_organization)

struct switched {
	struct id session_id;
	struct organization_tiny *organization;
	struct text role;
	struct text scope;
};
static const struct field switched_fields[] = {
	FIELD(switched, session_id, ANY, "The session; all its tokens act for the organization from now on."),
	FIELD_OBJECT(switched, organization, organization_tiny, false, "The organization it acts for."),
	FIELD(switched, role, ONE_OF(role_names), "Your role there."),
	FIELD(switched, scope, ANY, "The scopes that the session holds there, separated by blanks."),
};
SHAPE(switched)

struct wanted {
	struct id wanted;
	struct maybe_id session;
};
static const struct field wanted_fields[] = {
	FIELD(wanted, wanted, ANY, "The organization."),
	FIELD(wanted, session, ANY, "The session."),
};
SHAPE(wanted)

struct own_membership {
	struct id id;
	struct text name;
	struct text role;
};
static const struct field own_membership_fields[] = {
	FIELD(own_membership, id, ANY, "The organization."),
	FIELD(own_membership, name, ANY, "Its name."),
	FIELD(own_membership, role, ANY, "The person's role there."),
};
SHAPE(own_membership)

/* The organization's row is locked first, then the membership's, then the session's, as everywhere. */
static const struct statement lock_own_membership = {
	.sql = "SELECT o.id, o.name, m.role FROM organization o STRAIGHT_JOIN membership m ON m.organization_id = o.id"
	       " WHERE o.id = :wanted AND m.user_id = :principal AND m.is_active LOCK IN SHARE MODE",
	.takes = &wanted_shape,
	.gives = &own_membership_shape,
	.crosses_organizations = why_person,
};

static const struct statement change_organization = {
	.sql = "UPDATE session SET organization_id = :wanted WHERE id = :session AND user_id = :principal",
	.takes = &wanted_shape,
	.crosses_organizations = why_person,
};

HANDLER(switch_organization, switch_organization, switched)

static const struct operation switch_operation = {
	.id = "auth.sessions.switch",
	.kind = WRITE,
	.scope = SIGNED_IN,
	.effect = COMPUTES,
	.no_key = true,
	.any_membership = true,
	.summary = "Act for another of your organizations in this session.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &switch_organization_run,
	.rest = { { .method = METHOD_PATCH, .path = "/v1/orgs/switch/{organizationId}" } },
};

static const struct problem *
switch_organization(struct call *call, const struct switch_organization *in, struct switched *out)
{
	struct wanted wanted = { in->organization_id, call->principal.session };
	struct session_ref ref = { call->principal.session.value };
	struct own_membership there;
	struct session_found session;
	const struct problem *p;

	if (!call->principal.session.given)
		return fail(call, CONFLICT,
		    "The token is of another service, which names the organization; ask for another token there.");
	p = sql_one(call, &lock_own_membership, &wanted, &there);
	if (p == NULL)
		p = sql_run(call, &change_organization, &wanted, NULL);
	if (p == NULL)
		p = sql_one(call, &find_own, &ref, &session);
	if (p != NULL)
		return p;
	call->organization = there.id;
	call->target = id_given(session.id);
	*out = (struct switched){ .session_id = session.id,
		.organization = arena_take(call->arena, sizeof(*out->organization)),
		.role = there.role,
		.scope = scopes_text(call, scopes_left(role_scopes(role_named(there.role)), session.scopes)) };
	*out->organization = (struct organization_tiny){ there.id, there.name };
	return NULL;
}

const struct resource session_operations_resource = {
	.name = "auth.sessions",
	.summary = "Signing in and out.",
	.operations = LIST_OF(
	    operation, &create_operation, &refresh_operation, &list_operation, &revoke_operation, &switch_operation),
	.statements = LIST_OF(statement, &list_live, &find_own, &lock_own_membership, &change_organization),
};
