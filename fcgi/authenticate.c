/*
 * Who is calling. A token is looked up in MariaDB on every request, by the digest of its whole text; times are compared
 * here. A key's row holds all that its check needs, and an operation with a hot read gets its rows in the same round
 * trip. Sources: RFC 6750; 1-wire "Who is calling".
 */
#include "authenticate.h"

#include <string.h>

#include "authenticate_parts.h"
#include "authorize.h"
#include "clock.h"
#include "config.h"
#include "id.h"
#include "jwt.h"
#include "key_use.h"
#include "limit.h"
#include "rate.h"
#include "route.h"
#include "seal.h"
#include "statement.h"
#include "text.h"
#include "token.h"

static const struct field token_digest_fields[] = {
	FIELD(token_digest, digest, ANY, "SHA-256 of the token."),
};
const struct shape token_digest_shape = { .name = "token_digest",
	.size = sizeof(struct token_digest),
	.count = COUNT(token_digest_fields),
	.fields = token_digest_fields };

struct key_row {
	struct maybe_id organization_id;
	bool organization_closed;
	struct maybe_int organization_rate_limit;
	struct id key_id;
	struct text permissions;
	struct maybe_int key_rate_limit;
	struct maybe_instant expires_at;
	struct maybe_instant revoked_at;
	struct maybe_id made_by_user_id;
};
static const struct field key_row_fields[] = {
	FIELD(key_row, organization_id, ANY, "Whose key it is; none: an operator's."),
	FIELD(key_row, organization_closed, ANY, "A closed organization's keys are dead."),
	FIELD(key_row, organization_rate_limit, ANY, "Requests a minute, where not the platform's."),
	FIELD(key_row, key_id, ANY, "The key."),
	FIELD(key_row, permissions, ANY, "Scopes, separated by blanks."),
	FIELD(key_row, key_rate_limit, ANY, "Requests a minute of this key alone."),
	FIELD(key_row, expires_at, ANY, "From then on it is refused."),
	FIELD(key_row, revoked_at, ANY, "When it was revoked."),
	FIELD(key_row, made_by_user_id, ANY, "The person who made it."),
};
SHAPE(key_row)

#define KEY_COLUMNS                                                                                           \
	"k.organization_id, k.organization_closed, k.organization_rate_limit, k.id AS key_id, k.permissions," \
	" k.rate_limit AS key_rate_limit, k.expires_at, k.revoked_at, k.made_by_user_id"

const char authenticate_why[] = "the token tells the organization";

static const struct statement find_key = {
	.sql = "SELECT " KEY_COLUMNS " FROM api_key k WHERE k.digest = :digest",
	.takes = &token_digest_shape,
	.gives = &key_row_shape,
	.crosses_organizations = authenticate_why,
	.outside_transaction = true,
};

/* What client credentials gave is the key, for a while and perhaps for less. */
static const struct statement find_client = {
	.sql = "SELECT k.organization_id, k.organization_closed, k.organization_rate_limit, k.id AS key_id,"
	       " COALESCE(c.scopes, k.permissions) AS permissions, k.rate_limit AS key_rate_limit,"
	       " LEAST(c.expires_at, COALESCE(k.expires_at, c.expires_at)) AS expires_at,"
	       " COALESCE(k.revoked_at, c.revoked_at) AS revoked_at, k.made_by_user_id"
	       " FROM client_token c JOIN api_key k ON k.digest = c.key_digest WHERE c.digest = :digest",
	.takes = &token_digest_shape,
	.gives = &key_row_shape,
	.crosses_organizations = authenticate_why,
	.outside_transaction = true,
};

/* The selects of an operation with a hot read: one with the key's row, whose rows are a key_row with the hot struct
 * behind it; one alone, for who is no key. */
struct composed {
	const struct operation *operation;
	struct statement statement, alone;
	struct shape shape;
};

enum { HOT_OFFSET = (sizeof(struct key_row) + 15) / 16 * 16, STATEMENTS_MEMORY = 4 << 20 };

static struct composed *composed; /* by the router's index; statement.sql is NULL where there is no hot read */
static const struct statement **statements;

static void
compose(struct arena *arena, struct composed *c, const struct operation *operation)
{
	const struct hot *hot = operation->hot;
	size_t count = COUNT(key_row_fields) + hot->gives->count;
	struct text sql;
	struct field *fields = arena_array(arena, count, sizeof(*fields));

	memcpy(fields, key_row_fields, sizeof(key_row_fields));
	for (size_t i = 0; i < hot->gives->count; i++) {
		fields[COUNT(key_row_fields) + i] = hot->gives->fields[i];
		fields[COUNT(key_row_fields) + i].offset =
		    (uint16_t)(fields[COUNT(key_row_fields) + i].offset + HOT_OFFSET);
	}
	sql = arena_format(
	    arena, "SELECT " KEY_COLUMNS ", %s FROM api_key k %s WHERE k.digest = :digest", hot->columns, hot->join);
	c->operation = operation;
	c->shape = (struct shape){
		.name = operation->id, .size = HOT_OFFSET + hot->gives->size, .count = count, .fields = fields
	};
	c->statement = (struct statement){ .sql = sql.at,
		.takes = &token_digest_shape,
		.gives = &c->shape,
		.crosses_organizations = authenticate_why,
		.outside_transaction = true };
	sql = arena_format(arena,
	    "SELECT %s FROM (SELECT id AS organization_id FROM organization WHERE id = :organization) k %s",
	    hot->columns, hot->join);
	c->alone = (struct statement){ .sql = sql.at, .gives = hot->gives, .outside_transaction = true };
}

void
authenticate_prepare(void)
{
	static struct arena *arena; /* for as long as the process lives */
	size_t known = 0;

	if (arena != NULL)
		return;
	arena = arena_new(STATEMENTS_MEMORY);
	composed = arena_array(arena, route_count() + 1, sizeof(*composed));
	statements = arena_array(arena, 2 * route_count() + 6, sizeof(*statements));
	statements[known++] = &find_key;
	statements[known++] = &find_client;
	statements[known++] = &find_session;
	statements[known++] = &find_identity;
	statements[known++] = &find_organization;
	for (size_t i = 0; i < route_count(); i++)
		if (route_operation(i)->hot != NULL) {
			compose(arena, &composed[i], route_operation(i));
			statements[known++] = &composed[i].statement;
			statements[known++] = &composed[i].alone;
		}
}

const struct statement *const *
authenticate_statements(void)
{
	return statements;
}

const struct problem *
authenticate_refuse(struct call *call, const char *sentence)
{
	const struct problem *p = rate_take_address(call);
	bool sent = call->request.token.length > 0;

	if (p != NULL)
		return p;
	reply_header(call, "WWW-Authenticate",
	    sent ? TEXT("Bearer realm=\"purser\", error=\"invalid_token\"") : TEXT("Bearer realm=\"purser\""));
	return fail(call, UNAUTHENTICATED, "%s", sentence);
}

/* One round trip. The rows of a hot read go into call->hot without their key part. */
static const struct problem *
fetch_key(struct call *call, struct key_row *row, bool *found)
{
	struct token_digest in = { call->principal.token };
	const struct composed *c = &composed[route_index(call->operation)];
	const struct problem *p;
	struct list rows;
	char *hot;

	if (call->operation->hot == NULL)
		return sql_maybe(call, &find_key, &in, row, found);
	p = sql_all(call, &c->statement, &in, &rows);
	if (p != NULL)
		return p;
	*found = rows.count > 0;
	if (!*found)
		return NULL;
	memcpy(row, rows.items, sizeof(*row));
	hot = arena_array(call->arena, rows.count, call->operation->hot->gives->size);
	for (size_t i = 0; i < rows.count; i++)
		memcpy(hot + i * call->operation->hot->gives->size,
		    (const char *)rows.items + i * c->shape.size + HOT_OFFSET, call->operation->hot->gives->size);
	call->hot = (struct list){ hot, rows.count };
	return NULL;
}

static const struct problem *
accept_key(struct call *call, const struct key_row *row)
{
	if (row->revoked_at.given)
		return authenticate_refuse(call, "The token was revoked.");
	if (row->expires_at.given && !instant_before(call->now, row->expires_at.value))
		return authenticate_refuse(call, "The token has expired.");
	if (row->organization_closed)
		return authenticate_refuse(call, "The organization of this token is closed.");
	call->principal.type = row->organization_id.given ? API_KEY : OPERATOR;
	call->principal.id = row->key_id;
	call->principal.scopes = scope_set_of_list(row->permissions);
	call->principal.key_rate_limit = row->key_rate_limit.given ? row->key_rate_limit.value : 0;
	call->principal.organization_rate_limit =
	    row->organization_rate_limit.given ? row->organization_rate_limit.value : 0;
	call->principal.person = row->made_by_user_id;
	call->principal.expires_at = row->expires_at;
	call->organization = row->organization_id.value;
	key_use_note(row->key_id, call->now);
	return NULL;
}

static const struct problem *
authenticate_key(struct call *call, struct text token)
{
	struct token_digest in = { call->principal.token };
	struct key_row row = { 0 };
	const struct problem *p;
	bool found;

	if (text_starts(token, TOKEN_CLIENT))
		p = sql_maybe(call, &find_client, &in, &row, &found);
	else
		p = fetch_key(call, &row, &found);
	if (p != NULL)
		return p;
	return found ? accept_key(call, &row) : authenticate_refuse(call, "The token is unknown.");
}

/* The rows of a hot read for who did not bring them along with the token. */
static const struct problem *
fetch_hot(struct call *call)
{
	if (call->operation->hot == NULL || call->hot.count > 0 || id_is_zero(call->organization))
		return NULL;
	return sql_all(call, &composed[route_index(call->operation)].alone, NULL, &call->hot);
}

static const struct problem *
find_caller(struct call *call, struct text token)
{
	if (*config.jwt_issuer != '\0' && jwt_has_form(token))
		return authenticate_identity(call, token);
	if (!token_well_formed(token))
		return authenticate_refuse(
		    call, "This is not a token of this service; it may have been cut or mistyped.");
	if (text_starts(token, TOKEN_REFRESH))
		return authenticate_refuse(call, "This is a refresh token; send the access token that came with it.");
	call->principal.token = token_digest(token);
	return text_starts(token, TOKEN_SESSION) ? authenticate_session(call) : authenticate_key(call, token);
}

const struct problem *
authenticate(struct call *call)
{
	struct text token = call->request.token;
	const struct problem *p;

	if (call->operation->scope == PUBLIC)
		return NULL;
	if (call->request.strange_scheme || (token.length == 0 && call->request.basic.length > 0))
		return fail(call, BAD_REQUEST, "The Authorization header must have the form `Bearer <token>`.");
	if (token.length == 0)
		return authenticate_refuse(call, "Send a token as `Authorization: Bearer …` or in `X-API-Key`.");
	p = find_caller(call, token);
	return p != NULL ? p : fetch_hot(call);
}

void
call_becomes(struct call *call, struct id person, struct maybe_id organization)
{
	call->principal.type = PERSON;
	call->principal.id = person;
	call->principal.person = id_given(person);
	call->organization = organization.value;
}

void
call_acts_for(struct call *call, struct id organization)
{
	if (call->principal.type == NOBODY)
		call->principal.type = PROCESSOR;
	call->organization = organization;
}

void
call_not_before(struct call *call, struct instant at)
{
	if (instant_before(call->now, at))
		call->now = at;
}
