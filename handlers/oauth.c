/*
 * OAuth 2.0 for programs that speak it: the token endpoint (RFC 6749, 4.3, 4.4 and 6) and revocation (RFC 7009).
 * People's tokens are sessions like any others; a client is an API key, and gets a token that is the key for an hour.
 */
#include "call.h"
#include "clock.h"
#include "config.h"
#include "id.h"
#include "resources.h"
#include "scopes.h"
#include "sessions.h"
#include "statement.h"
#include "text.h"
#include "token.h"

enum { CLIENT_SECONDS = 3600, MICROSECONDS = 1000000 };

static const char why_token[] = "the token tells whose it is";

/* ---- token: shapes --------------------------------------------------------------------------------------------- */

struct oauth_grant {
	struct text grant_type;
	struct maybe_text username;
	struct maybe_text password;
	struct maybe_text refresh_token;
	struct maybe_text client_id;
	struct maybe_text client_secret;
	struct maybe_text scope;
};
static const struct field oauth_grant_fields[] = {
	FIELD(oauth_grant, grant_type, LENGTH(1, 100), "`password`, `refresh_token` or `client_credentials`."),
	FIELD(oauth_grant, username, LENGTH(1, 254), "The e-mail address, for `password`."),
	FIELD(oauth_grant, password, LENGTH(1, 200), "The password, for `password`."),
	FIELD(oauth_grant, refresh_token, LENGTH(1, 500), "The newest refresh token, for `refresh_token`."),
	FIELD(oauth_grant, client_id, LENGTH(1, 100), "The API key's id or prefix; may be left out."),
	FIELD(oauth_grant, client_secret, LENGTH(1, 500),
	    "The API key, for `client_credentials`; HTTP Basic can bring both instead."),
	FIELD(oauth_grant, scope, LENGTH(1, 1000),
	    "Less than all that could be given: scopes and wildcards, separated by blanks. A session stays so; at a "
	    "refresh the new access token alone is."),
};
static const struct shape oauth_grant_shape = {
	.name = "oauth_grant",
	.size = sizeof(struct oauth_grant),
	.count = COUNT(oauth_grant_fields),
	.fields = oauth_grant_fields,
	.freeform = true, /* RFC 6749, 3.2: what is not known is ignored */
};

struct oauth_token {
	struct text access_token;
	struct text token_type;
	int64_t expires_in;
	struct maybe_text refresh_token;
	struct text scope;
};
static const struct field oauth_token_fields[] = {
	FIELD(oauth_token, access_token, ANY, "The token to call with."),
	FIELD(oauth_token, token_type, ANY, "How it is sent: `Bearer`."),
	FIELD(oauth_token, expires_in, ANY, "Seconds until it is refused."),
	FIELD(oauth_token, refresh_token, LEFT_OUT, "Gives new tokens, once; none for client credentials."),
	FIELD(oauth_token, scope, ANY, "The scopes that it holds, separated by blanks."),
};
SHAPE(oauth_token)

/* ---- token: clients -------------------------------------------------------------------------------------------- */

struct client_ref {
	struct digest digest;
};
static const struct field client_ref_fields[] = {
	FIELD(client_ref, digest, ANY, "SHA-256 of the API key."),
};
SHAPE(client_ref)

struct client {
	struct id id;
	struct text prefix;
	struct maybe_id organization_id;
	bool organization_closed;
	struct text permissions;
	struct maybe_instant expires_at;
	struct maybe_instant revoked_at;
};
static const struct field client_fields[] = {
	FIELD(client, id, ANY, "The key."),
	FIELD(client, prefix, ANY, "How it begins."),
	FIELD(client, organization_id, ANY, "Whose; none: an operator's."),
	FIELD(client, organization_closed, ANY, "Whether that is closed."),
	FIELD(client, permissions, ANY, "Scopes and wildcards, separated by blanks."),
	FIELD(client, expires_at, ANY, "From then on it is refused."),
	FIELD(client, revoked_at, ANY, "When it was revoked."),
};
SHAPE(client)

static const struct statement find_client_key = {
	.sql = "SELECT id, prefix, organization_id, organization_closed, permissions, expires_at, revoked_at"
	       " FROM api_key WHERE digest = :digest",
	.takes = &client_ref_shape,
	.gives = &client_shape,
	.crosses_organizations = why_token,
};

/* What a client says of itself; texts are empty where it says nothing. */
struct credentials {
	struct text id;
	struct text secret;
};

static const struct problem *
refuse_client(struct call *call)
{
	reply_header(call, "WWW-Authenticate", TEXT("Basic realm=\"purser\""));
	return fail(call, INVALID_CLIENT, "The client is unknown, or its key works no longer.");
}

/* RFC 6749, 2.3.1: both are form-encoded before they are joined. */
static bool
read_basic(struct call *call, struct credentials *client)
{
	struct bytes bytes;
	struct text joined;
	size_t colon = 0;

	if (!base64_decode(call->arena, call->request.basic, &bytes))
		return false;
	joined = (struct text){ (const char *)bytes.at, bytes.length };
	while (colon < joined.length && joined.at[colon] != ':')
		colon++;
	if (colon == joined.length)
		return false;
	return percent_decode(call->arena, (struct text){ joined.at, colon }, true, &client->id) &&
	       percent_decode(call->arena, (struct text){ joined.at + colon + 1, joined.length - colon - 1 }, true,
		   &client->secret);
}

static const struct problem *
read_credentials(struct call *call, const struct oauth_grant *in, struct credentials *client)
{
	*client = (struct credentials){ text_or(in->client_id, ""), text_or(in->client_secret, "") };
	if (call->request.basic.length == 0)
		return NULL;
	if (client->secret.length > 0)
		return fail(call, BAD_REQUEST, "The client authenticates twice, by HTTP Basic and by client_secret.");
	return read_basic(call, client) ? NULL : refuse_client(call);
}

static bool
names_key(struct text name, const struct client *key)
{
	struct id id;

	return name.length == 0 || text_equal(name, key->prefix) || (id_parse(name, &id) && id_equal(id, key->id));
}

static const struct problem *
find_client(struct call *call, const struct credentials *claimed, struct client *key)
{
	struct client_ref ref = { token_digest(claimed->secret) };
	const struct problem *p;
	bool found;

	p = sql_maybe(call, &find_client_key, &ref, key, &found);
	if (p != NULL)
		return p;
	if (!found || !key->organization_id.given || key->organization_closed || key->revoked_at.given ||
	    (key->expires_at.given && !instant_before(call->now, key->expires_at.value)) ||
	    !names_key(claimed->id, key))
		return refuse_client(call);
	return NULL;
}

/* A person's grant needs no client; but one that authenticates has to be right (RFC 6749, 4.3.2 and 6). */
static const struct problem *
check_client(struct call *call, const struct oauth_grant *in)
{
	struct credentials claimed;
	struct client key;
	const struct problem *p = read_credentials(call, in, &claimed);

	return p != NULL || claimed.secret.length == 0 ? p : find_client(call, &claimed, &key);
}

struct client_token_row {
	struct digest digest;
	struct digest key_digest;
	struct maybe_text scopes;
	struct instant expires_at;
};
static const struct field client_token_row_fields[] = {
	FIELD(client_token_row, digest, ANY, "SHA-256 of the token."),
	FIELD(client_token_row, key_digest, ANY, "The key that it is."),
	FIELD(client_token_row, scopes, ANY, "What it is narrowed to."),
	FIELD(client_token_row, expires_at, ANY, "From then on it is refused."),
};
SHAPE(client_token_row)

static const struct statement insert_client_token = {
	.sql = "INSERT INTO client_token (digest, key_digest, scopes, expires_at)"
	       " VALUES (:digest, :key_digest, :scopes, :expires_at)",
	.takes = &client_token_row_shape,
	.crosses_organizations = why_token,
};

static const struct problem *
give_client_token(struct call *call, const struct client *key, struct client_token_row *row, struct oauth_token *out)
{
	uint64_t held = scope_set_of_list(key->permissions);

	row->expires_at = instant_plus_seconds(call->now, CLIENT_SECONDS);
	if (key->expires_at.given && instant_before(key->expires_at.value, row->expires_at))
		row->expires_at = key->expires_at.value;
	*out = (struct oauth_token){ .access_token = token_make(call->arena, TOKEN_CLIENT),
		.token_type = TEXT("Bearer"),
		.expires_in = (row->expires_at.microseconds - call->now.microseconds) / MICROSECONDS,
		.scope = scopes_text(call, scopes_left(held, row->scopes)) };
	row->digest = token_digest(out->access_token);
	return sql_run(call, &insert_client_token, row, NULL);
}

/* ---- token: grants --------------------------------------------------------------------------------------------- */

static const struct problem *
grant_client(struct call *call, const struct oauth_grant *in, struct oauth_token *out)
{
	struct client_token_row row = { 0 };
	struct credentials claimed;
	struct client key;
	const struct problem *p = read_credentials(call, in, &claimed);

	if (p == NULL && claimed.secret.length == 0)
		p = refuse_client(call);
	if (p == NULL)
		p = find_client(call, &claimed, &key);
	if (p == NULL)
		p = scopes_narrow(call, in->scope, scope_set_of_list(key.permissions), &row.scopes);
	if (p != NULL)
		return p;
	row.key_digest = token_digest(claimed.secret);
	p = give_client_token(call, &key, &row, out);
	call->principal = (struct principal){ .type = API_KEY, .id = key.id };
	call->organization = key.organization_id.value;
	call->target = id_given(key.id);
	return p;
}

/* A refused person is a refused grant here; whether the refusal is remembered stays as it was. */
static const struct problem *
as_grant(struct call *call, const struct problem *p)
{
	const struct problem *grant;

	if (p == NULL || p->kind != UNAUTHENTICATED)
		return p;
	grant = fail(call, INVALID_GRANT, "%s", p->detail);
	return p->kept ? problem_kept(call, grant) : grant;
}

static void
take_session(const struct session_tokens *tokens, struct oauth_token *out)
{
	*out = (struct oauth_token){ tokens->access_token, tokens->token_type, tokens->expires_in,
		text_given(tokens->refresh_token), tokens->scope };
}

static const struct problem *
grant_password(struct call *call, const struct oauth_grant *in, struct oauth_token *out)
{
	struct sign_in sign_in = {
		.email = text_or(in->username, ""), .password = text_or(in->password, ""), .scope = in->scope
	};
	struct session_tokens tokens = { 0 };
	const struct problem *p;

	if (in->username.at == NULL || in->password.at == NULL)
		return fail(call, BAD_REQUEST, "The grant password needs the parameters username and password.");
	p = check_client(call, in);
	if (p == NULL)
		p = as_grant(call, session_open(call, &sign_in, &tokens));
	take_session(&tokens, out);
	return p;
}

static const struct problem *
grant_refresh(struct call *call, const struct oauth_grant *in, struct oauth_token *out)
{
	struct session_tokens tokens = { 0 };
	const struct problem *p;

	if (in->refresh_token.at == NULL)
		return fail(call, BAD_REQUEST, "The grant refresh_token needs the parameter refresh_token.");
	p = check_client(call, in);
	if (p == NULL)
		p = as_grant(call, session_refresh(call, text_or(in->refresh_token, ""), in->scope, &tokens));
	take_session(&tokens, out);
	return p;
}

HANDLER(give_token, oauth_grant, oauth_token)

static const struct operation token_operation = {
	.id = "oauth.token",
	.kind = WRITE,
	.scope = PUBLIC,
	.effect = EXPORTS,
	.no_key = true,
	.oauth = true,
	.slow = true,
	.seals_reply = true,
	.summary = "Get an access token by OAuth 2.0.",
	.description = "Grants: `password` and `refresh_token` of a person, as by auth.sessions; `client_credentials` "
		       "of an API key.",
	.raises = { INVALID_GRANT, UNSUPPORTED_GRANT_TYPE, INVALID_CLIENT, INVALID_SCOPE },
	.run = &give_token_run,
};

static const struct problem *
give_token(struct call *call, const struct oauth_grant *in, struct oauth_token *out)
{
	if (text_is(in->grant_type, "password"))
		return grant_password(call, in, out);
	if (text_is(in->grant_type, "refresh_token"))
		return grant_refresh(call, in, out);
	if (text_is(in->grant_type, "client_credentials"))
		return grant_client(call, in, out);
	return fail(
	    call, UNSUPPORTED_GRANT_TYPE, "Grants are given for password, refresh_token and client_credentials.");
}

/* ---- revoke ---------------------------------------------------------------------------------------------------- */

struct oauth_revocation {
	struct text token;
	struct maybe_text token_type_hint;
};
static const struct field oauth_revocation_fields[] = {
	FIELD(oauth_revocation, token, LENGTH(1, 4000), "The token to revoke."),
	FIELD(oauth_revocation, token_type_hint, LENGTH(1, 100), "Not needed; every kind is looked for."),
};
static const struct shape oauth_revocation_shape = {
	.name = "oauth_revocation",
	.size = sizeof(struct oauth_revocation),
	.count = COUNT(oauth_revocation_fields),
	.fields = oauth_revocation_fields,
	.freeform = true,
};

/* Whose token it is: a person's session, or a key's. */
struct owner {
	struct id id;
	struct id owner_id;
	struct maybe_id organization_id;
};
static const struct field owner_fields[] = {
	FIELD(owner, id, ANY, "The session, or the key."),
	FIELD(owner, owner_id, ANY, "The person, or the key."),
	FIELD(owner, organization_id, ANY, "What they act for."),
};
SHAPE(owner)

static const struct statement find_session_of = {
	.sql =
	    "SELECT s.id, s.user_id AS owner_id, m.organization_id FROM session_token t JOIN session s ON s.id = "
	    "t.session_id"
	    " LEFT JOIN membership m ON m.organization_id = s.organization_id AND m.user_id = s.user_id AND m.is_active"
	    " WHERE t.digest = :digest",
	.takes = &client_ref_shape,
	.gives = &owner_shape,
	.crosses_organizations = why_token,
};

static const struct statement find_key_of = {
	.sql = "SELECT k.id, k.id AS owner_id, k.organization_id FROM client_token c JOIN api_key k ON k.digest = "
	       "c.key_digest"
	       " WHERE c.digest = :digest",
	.takes = &client_ref_shape,
	.gives = &owner_shape,
	.crosses_organizations = why_token,
};

static const struct statement revoke_client_token = {
	.sql = "UPDATE client_token SET revoked_at = :now WHERE digest = :digest AND revoked_at IS NULL",
	.takes = &client_ref_shape,
	.crosses_organizations = why_token,
};

HANDLER(revoke_token, oauth_revocation, nothing)

static const struct operation revoke_operation = {
	.id = "oauth.revoke",
	.kind = WRITE,
	.scope = PUBLIC,
	.effect = DESTROYS,
	.no_key = true,
	.repeatable = true,
	.oauth = true,
	.summary = "Give a token back: it is refused from the very next request on.",
	.description = "Either token of a session ends it. A token that is unknown is revoked already.",
	.raises = { UNSUPPORTED_TOKEN_TYPE },
	.run = &revoke_token_run,
};

static const struct problem *
revoke_session(struct call *call, const struct client_ref *ref)
{
	struct owner owner = { 0 };
	const struct problem *p;
	int64_t ended;
	bool found;

	p = sql_maybe(call, &find_session_of, ref, &owner, &found);
	if (p != NULL || !found)
		return p;
	call_becomes(call, owner.owner_id, owner.organization_id);
	call->target = id_given(owner.id);
	return session_end(call, owner.owner_id, owner.id, &ended);
}

static const struct problem *
revoke_client(struct call *call, const struct client_ref *ref)
{
	struct owner owner = { 0 };
	const struct problem *p;
	bool found;

	p = sql_maybe(call, &find_key_of, ref, &owner, &found);
	if (p != NULL || !found)
		return p;
	call->principal = (struct principal){ .type = API_KEY, .id = owner.owner_id };
	call->organization = owner.organization_id.value;
	call->target = id_given(owner.id);
	return sql_run(call, &revoke_client_token, ref, NULL);
}

static const struct problem *
revoke_token(struct call *call, const struct oauth_revocation *in, struct nothing *out)
{
	struct client_ref ref = { token_digest(in->token) };

	(void)out;
	if (text_starts(in->token, TOKEN_SESSION) || text_starts(in->token, TOKEN_REFRESH))
		return revoke_session(call, &ref);
	if (text_starts(in->token, TOKEN_CLIENT))
		return revoke_client(call, &ref);
	if (text_starts(in->token, config.api_key_prefix))
		return fail(call, UNSUPPORTED_TOKEN_TYPE, "An API key is revoked by api_keys.revoke.");
	return NULL;
}

const struct resource oauth_resource = {
	.name = "oauth",
	.summary = "OAuth 2.0 for programs that speak it.",
	.operations = LIST_OF(operation, &token_operation, &revoke_operation),
	.statements = LIST_OF(
	    statement, &find_client_key, &insert_client_token, &find_session_of, &find_key_of, &revoke_client_token),
};
