/*
 * Opening, refreshing and ending sessions.
 */
#include "sessions.h"

#include "clock.h"
#include "config.h"
#include "email_key.h"
#include "id.h"
#include "password.h"
#include "resources.h"
#include "scopes.h"
#include "sign_in.h"
#include "statement.h"
#include "text.h"
#include "token.h"

enum { DAY_SECONDS = 86400 };

static const char why_person[] = "a session is a person's, not an organization's";

static const struct field session_tokens_fields[] = {
	FIELD(session_tokens, access_token, ANY, "The token to call with."),
	FIELD(session_tokens, refresh_token, ANY, "Gives new tokens, once; keep it apart."),
	FIELD(session_tokens, token_type, ANY, "How the access token is sent: `Bearer`."),
	FIELD(session_tokens, expires_in, ANY, "Seconds until the access token is refused."),
	FIELD(session_tokens, scope, ANY, "The scopes that the session holds, separated by blanks."),
	FIELD(session_tokens, organization_id, ANY, "The organization that the session acts for, or null."),
};
const struct shape session_tokens_shape = {
	.name = "session_tokens",
	.size = sizeof(struct session_tokens),
	.count = COUNT(session_tokens_fields),
	.fields = session_tokens_fields,
};

/* ---- people and their organizations ---------------------------------------------------------------------------- */

struct address_key {
	struct text email_key;
};
static const struct field address_key_fields[] = {
	FIELD(address_key, email_key, ANY, "The address in lower case."),
};
SHAPE(address_key)

struct account {
	struct id id;
	struct maybe_text hash;
};
static const struct field account_fields[] = {
	FIELD(account, id, ANY, "The person."),
	FIELD(account, hash, ANY, "The password's hash; none: it has no password here."),
};
SHAPE(account)

static const struct statement find_account = {
	.sql =
	    "SELECT u.id, p.hash FROM user u LEFT JOIN password p ON p.user_id = u.id WHERE u.email_key = :email_key",
	.takes = &address_key_shape,
	.gives = &account_shape,
	.crosses_organizations = why_person,
};

struct membership_query {
	struct id user_id;
	struct maybe_id wanted;
};
static const struct field membership_query_fields[] = {
	FIELD(membership_query, user_id, ANY, "The person."),
	FIELD(membership_query, wanted, ANY, "Only this organization."),
};
SHAPE(membership_query)

struct acts_for {
	struct maybe_id organization_id;
	struct maybe_text role;
};
static const struct field acts_for_fields[] = {
	FIELD(acts_for, organization_id, ANY, "The organization."),
	FIELD(acts_for, role, ANY, "The person's role there."),
};
SHAPE(acts_for)

static const struct statement find_membership = {
	.sql = "SELECT m.organization_id, m.role FROM membership m JOIN organization o ON o.id = m.organization_id"
	       " WHERE m.user_id = :user_id AND m.is_active AND (:wanted IS NULL OR m.organization_id = :wanted)"
	       " ORDER BY o.status, m.created_at, m.organization_id LIMIT 1",
	.takes = &membership_query_shape,
	.gives = &acts_for_shape,
	.crosses_organizations = why_person,
};

const struct problem *
session_first_organization(struct call *call, struct id person, struct maybe_id *organization)
{
	struct membership_query query = { .user_id = person };
	struct acts_for first = { 0 };
	const struct problem *p;
	bool found;

	p = sql_maybe(call, &find_membership, &query, &first, &found);
	*organization = first.organization_id;
	return p;
}

/* ---- tokens ---------------------------------------------------------------------------------------------------- */

struct token_pair {
	struct id session_id;
	struct digest access;
	struct digest refresh;
	struct instant access_expires_at;
	struct instant refresh_expires_at;
	struct maybe_text scopes;
};
static const struct field token_pair_fields[] = {
	FIELD(token_pair, session_id, ANY, "The session."),
	FIELD(token_pair, access, ANY, "SHA-256 of the access token."),
	FIELD(token_pair, refresh, ANY, "SHA-256 of the refresh token."),
	FIELD(token_pair, access_expires_at, ANY, "From then on the one is refused."),
	FIELD(token_pair, refresh_expires_at, ANY, "From then on the other is."),
	FIELD(token_pair, scopes, ANY, "What the access token alone is narrowed to."),
};
SHAPE(token_pair)

static const struct statement insert_tokens = {
	.sql = "INSERT INTO session_token (digest, session_id, kind, scopes, expires_at)"
	       " VALUES (:access, :session_id, 'access', :scopes, :access_expires_at),"
	       " (:refresh, :session_id, 'refresh', NULL, :refresh_expires_at)",
	.takes = &token_pair_shape,
	.crosses_organizations = why_person,
};

static struct instant
refresh_end(const struct call *call)
{
	return instant_plus_seconds(call->now, config.refresh_days * DAY_SECONDS);
}

/* Makes a pair for the session, and fills the reply. `held` is what the session holds, `narrowed` what the access token
 * is asked to hold of it, where that is less: the refresh token keeps all (RFC 6749, 6). */
static const struct problem *
give_tokens(struct call *call, struct id session, const struct acts_for *where, uint64_t held,
    struct maybe_text narrowed, struct session_tokens *out)
{
	struct token_pair pair = { .session_id = session,
		.scopes = narrowed,
		.access_expires_at = instant_plus_seconds(call->now, config.session_seconds),
		.refresh_expires_at = refresh_end(call) };

	*out = (struct session_tokens){ .access_token = token_make(call->arena, TOKEN_SESSION),
		.refresh_token = token_make(call->arena, TOKEN_REFRESH),
		.token_type = TEXT("Bearer"),
		.expires_in = config.session_seconds,
		.scope = scopes_text(call, scopes_left(held, narrowed)),
		.organization_id = where->organization_id };
	pair.access = token_digest(out->access_token);
	pair.refresh = token_digest(out->refresh_token);
	call->target = id_given(session);
	return sql_run(call, &insert_tokens, &pair, NULL);
}

/* ---- signing in ------------------------------------------------------------------------------------------------ */

struct new_session {
	struct id id;
	struct id user_id;
	struct text hash;
	struct maybe_id acts_for;
	struct maybe_text scopes;
	struct maybe_text address;
	struct maybe_text user_agent;
	struct instant expires_at;
};
static const struct field new_session_fields[] = {
	FIELD(new_session, id, ANY, "The session."),
	FIELD(new_session, user_id, ANY, "Whose."),
	FIELD(new_session, hash, ANY, "Of the password that was checked."),
	FIELD(new_session, acts_for, ANY, "The organization it acts for."),
	FIELD(new_session, scopes, ANY, "What it is narrowed to."),
	FIELD(new_session, address, ANY, "From where."),
	FIELD(new_session, user_agent, ANY, "With what."),
	FIELD(new_session, expires_at, ANY, "When its refresh token ends."),
};
SHAPE(new_session)

/* The locking read waits for whoever is changing the password at this moment, and then finds another hash. */
static const struct statement insert_session = {
	.sql = "INSERT INTO session"
	       " (id, user_id, organization_id, scopes, address, user_agent, created_at, refreshed_at, expires_at)"
	       " SELECT :id, user_id, :acts_for, :scopes, :address, :user_agent, :now, :now, :expires_at"
	       " FROM password WHERE user_id = :user_id AND hash = :hash LOCK IN SHARE MODE",
	.takes = &new_session_shape,
	.crosses_organizations = why_person,
};

/* One attempt: who is meant, and what the first reads found. */
struct attempted {
	struct digest subject;
	struct account account;
	struct acts_for first;
	bool known;
	bool fits;
};

/* The same statements and the same work for an address that nobody has. */
static const struct problem *
try_password(struct call *call, const struct sign_in *in, struct attempted *attempt)
{
	struct address_key key = { email_key(call->arena, in->email) };
	struct membership_query query = { 0 };
	const struct problem *p;
	bool found;

	attempt->subject = sign_in_subject(call, in->email);
	p = sign_in_look(call, attempt->subject);
	if (p == NULL)
		p = sql_maybe(call, &find_account, &key, &attempt->account, &attempt->known);
	query.user_id = attempt->account.id;
	if (p == NULL)
		p = sql_maybe(call, &find_membership, &query, &attempt->first, &found);
	if (p == NULL)
		p = password_check(call, in->password, text_or(attempt->account.hash, ""), &attempt->fits);
	return p;
}

static const struct problem *
refuse_sign_in(struct call *call, const struct attempted *attempt)
{
	const struct problem *p = sign_in_count_failure(call, attempt->subject);

	if (p != NULL)
		return p;
	if (attempt->known)
		call->target = id_given(attempt->account.id);
	call->organization = attempt->first.organization_id.value;
	return problem_kept(call, fail(call, UNAUTHENTICATED, "The e-mail address or the password is wrong."));
}

static const struct problem *
choose_organization(
    struct call *call, const struct sign_in *in, const struct attempted *attempt, struct acts_for *chosen)
{
	struct membership_query query = { attempt->account.id, in->organization_id };
	const struct problem *p;
	bool found;

	*chosen = attempt->first;
	if (!in->organization_id.given)
		return NULL;
	p = sql_maybe(call, &find_membership, &query, chosen, &found);
	if (p != NULL || found)
		return p;
	return fail(call, NOT_FOUND, "There is no such organization.");
}

/* `*made` is false where the password has been changed since it was checked. */
static const struct problem *
make_session(struct call *call, const struct attempted *attempt, const struct acts_for *where, struct maybe_text stored,
    struct id *session, bool *made)
{
	struct new_session row = { .id = id_new(call->now),
		.user_id = attempt->account.id,
		.hash = text_or(attempt->account.hash, ""),
		.acts_for = where->organization_id,
		.scopes = stored,
		.expires_at = refresh_end(call) };
	const struct problem *p;
	int64_t rows = 0;

	if (call->request.address.length > 0)
		row.address = text_given(call->request.address);
	if (call->request.user_agent.length > 0)
		row.user_agent = text_given(call->request.user_agent);
	p = sql_run(call, &insert_session, &row, &rows);
	*session = row.id;
	*made = rows == 1;
	return p;
}

const struct problem *
session_open(struct call *call, const struct sign_in *in, struct session_tokens *out)
{
	struct attempted attempt = { .known = false };
	struct acts_for where = { 0 };
	struct maybe_text stored, whole = { NULL, 0 };
	struct id session;
	uint64_t held;
	const struct problem *p;
	bool made = false;

	p = try_password(call, in, &attempt);
	if (p == NULL)
		p = sign_in_enter(call, attempt.subject);
	if (p != NULL)
		return p;
	if (!attempt.fits)
		return refuse_sign_in(call, &attempt);
	p = choose_organization(call, in, &attempt, &where);
	held = role_scopes(role_named(text_or(where.role, "")));
	if (p == NULL)
		p = scopes_narrow(call, in->scope, held, &stored);
	if (p == NULL)
		p = make_session(call, &attempt, &where, stored, &session, &made);
	if (p == NULL && !made)
		return refuse_sign_in(call, &attempt);
	if (p == NULL)
		p = sign_in_forget_failures(call, attempt.subject);
	if (p == NULL)
		p = give_tokens(call, session, &where, scopes_left(held, stored), whole, out);
	if (p == NULL)
		call_becomes(call, attempt.account.id, where.organization_id);
	return p;
}

/* ---- ending ---------------------------------------------------------------------------------------------------- */

struct session_end {
	struct id user_id;
	struct maybe_id session_id;
};
static const struct field session_end_fields[] = {
	FIELD(session_end, user_id, ANY, "Whose."),
	FIELD(session_end, session_id, ANY, "Which one; or which one not."),
};
SHAPE(session_end)

static const struct statement end_one = {
	.sql = "UPDATE session SET ended_at = :now WHERE id = :session_id AND user_id = :user_id AND ended_at IS NULL",
	.takes = &session_end_shape,
	.crosses_organizations = why_person,
};

static const struct statement end_others = {
	.sql = "UPDATE session SET ended_at = :now WHERE user_id = :user_id AND ended_at IS NULL AND expires_at > :now"
	       " AND (:session_id IS NULL OR id <> :session_id)",
	.takes = &session_end_shape,
	.crosses_organizations = why_person,
};

const struct problem *
session_end(struct call *call, struct id person, struct id session, int64_t *ended)
{
	struct session_end end = { person, id_given(session) };

	return sql_run(call, &end_one, &end, ended);
}

const struct problem *
session_end_all(struct call *call, struct id person, struct maybe_id but, int64_t *ended)
{
	struct session_end end = { person, but };

	return sql_run(call, &end_others, &end, ended);
}

/* ---- refreshing ------------------------------------------------------------------------------------------------ */

struct refresh_ref {
	struct digest digest;
};
static const struct field refresh_ref_fields[] = {
	FIELD(refresh_ref, digest, ANY, "SHA-256 of the refresh token."),
};
SHAPE(refresh_ref)

struct refresh_token {
	struct id session_id;
	struct instant expires_at;
	struct maybe_instant spent_at;
};
static const struct field refresh_token_fields[] = {
	FIELD(refresh_token, session_id, ANY, "The session."),
	FIELD(refresh_token, expires_at, ANY, "From then on it is refused."),
	FIELD(refresh_token, spent_at, ANY, "When it was used."),
};
SHAPE(refresh_token)

static const struct statement lock_refresh = {
	.sql = "SELECT session_id, expires_at, spent_at FROM session_token WHERE digest = :digest AND kind = 'refresh' "
	       "FOR UPDATE",
	.takes = &refresh_ref_shape,
	.gives = &refresh_token_shape,
	.crosses_organizations = why_person,
};

static const struct statement spend_refresh = {
	.sql = "UPDATE session_token SET spent_at = :now WHERE digest = :digest",
	.takes = &refresh_ref_shape,
	.crosses_organizations = why_person,
};

struct refreshed {
	struct id session_id;
	struct instant expires_at;
};
static const struct field refreshed_fields[] = {
	FIELD(refreshed, session_id, ANY, "The session."),
	FIELD(refreshed, expires_at, ANY, "When its new refresh token ends."),
};
SHAPE(refreshed)

struct session_state {
	struct id user_id;
	struct maybe_text scopes;
	struct maybe_instant ended_at;
	struct maybe_id organization_id;
	struct maybe_text role;
};
static const struct field session_state_fields[] = {
	FIELD(session_state, user_id, ANY, "Whose."),
	FIELD(session_state, scopes, ANY, "What it was narrowed to."),
	FIELD(session_state, ended_at, ANY, "When it was ended."),
	FIELD(session_state, organization_id, ANY, "The organization, where the person still is a member."),
	FIELD(session_state, role, ANY, "The role there."),
};
SHAPE(session_state)

static const struct statement read_state = {
	.sql =
	    "SELECT s.user_id, s.scopes, s.ended_at, m.organization_id, m.role FROM session s"
	    " LEFT JOIN membership m ON m.organization_id = s.organization_id AND m.user_id = s.user_id AND m.is_active"
	    " WHERE s.id = :session_id",
	.takes = &refreshed_shape,
	.gives = &session_state_shape,
	.crosses_organizations = why_person,
};

static const struct statement renew_session = {
	.sql = "UPDATE session SET refreshed_at = :now, expires_at = :expires_at"
	       " WHERE id = :session_id AND ended_at IS NULL",
	.takes = &refreshed_shape,
	.crosses_organizations = why_person,
};

static const struct problem *
refuse_refresh(struct call *call)
{
	return fail(call, UNAUTHENTICATED, "The refresh token is unknown, used up or expired; sign in again.");
}

/* A spent token came again: one of the two who had it is a thief, and nobody knows which. */
static const struct problem *
end_family(struct call *call, struct id session, const struct session_state *state)
{
	const struct problem *p;
	int64_t ended;

	p = session_end(call, state->user_id, session, &ended);
	if (p != NULL)
		return p;
	call->target = id_given(session);
	call->organization = state->organization_id.value;
	return problem_kept(call, refuse_refresh(call));
}

static const struct problem *
rotate(struct call *call, struct refresh_ref *ref, struct refreshed *row, const struct session_state *state,
    struct maybe_text scope, struct session_tokens *out)
{
	struct acts_for where = { state->organization_id, state->role };
	uint64_t held = scopes_left(role_scopes(role_named(text_or(state->role, ""))), state->scopes);
	struct maybe_text narrowed;
	const struct problem *p = sql_run(call, &spend_refresh, ref, NULL);
	int64_t renewed = 0;

	row->expires_at = refresh_end(call);
	if (p == NULL)
		p = scopes_narrow(call, scope, held, &narrowed);
	if (p == NULL)
		p = sql_run(call, &renew_session, row, &renewed);
	if (p == NULL && renewed == 0)
		p = refuse_refresh(call);
	if (p == NULL)
		p = give_tokens(call, row->session_id, &where, held, narrowed, out);
	if (p == NULL)
		call_becomes(call, state->user_id, state->organization_id);
	return p;
}

const struct problem *
session_refresh(struct call *call, struct text refresh_token, struct maybe_text scope, struct session_tokens *out)
{
	struct refresh_ref ref = { token_digest(refresh_token) };
	struct refresh_token token = { 0 };
	struct refreshed row = { 0 };
	struct session_state state = { 0 };
	const struct problem *p;
	bool found;

	p = sql_maybe(call, &lock_refresh, &ref, &token, &found);
	if (p != NULL)
		return p;
	if (!found)
		return refuse_refresh(call);
	row.session_id = token.session_id;
	p = sql_one(call, &read_state, &row, &state);
	if (p != NULL)
		return p;
	if (token.spent_at.given && !state.ended_at.given)
		return end_family(call, token.session_id, &state);
	if (state.ended_at.given || !instant_before(call->now, token.expires_at))
		return refuse_refresh(call);
	return rotate(call, &ref, &row, &state, scope, out);
}

const struct resource sessions_resource = {
	.name = "sessions",
	.summary = "One sign-in, and all the tokens that came of it.",
	.statements = LIST_OF(statement, &find_account, &find_membership, &insert_tokens, &insert_session, &end_one,
	    &end_others, &lock_refresh, &spend_refresh, &read_state, &renew_session),
};
