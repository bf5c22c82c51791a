/*
 * Who is calling. A token is looked up in MariaDB on every request, by the digest of its whole text, in one row that
 * holds all a check needs; times are compared here. An operation with a hot read gets its rows in the same round trip.
 * Sources: RFC 6750; 1-wire "Who is calling".
 */
#include "authenticate.h"

#include <string.h>

#include "authorize.h"
#include "clock.h"
#include "config.h"
#include "key_use.h"
#include "limit.h"
#include "rate.h"
#include "route.h"
#include "seal.h"
#include "statement.h"
#include "text.h"
#include "token.h"

struct key_digest {
	struct digest digest;
};
static const struct field key_digest_fields[] = {
	FIELD(key_digest, digest, ANY, "SHA-256 of the token."),
};
SHAPE(key_digest)

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

static const char why_no_organization[] = "the token's digest tells the organization";

static const struct statement find_key = {
	.sql = "SELECT " KEY_COLUMNS " FROM api_key k WHERE k.digest = :digest",
	.takes = &key_digest_shape,
	.gives = &key_row_shape,
	.crosses_organizations = why_no_organization,
	.outside_transaction = true,
};

/* The composed select of an operation with a hot read; its rows are a key_row with the hot struct behind it. */
struct composed {
	const struct operation *operation;
	struct statement statement;
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
		.takes = &key_digest_shape,
		.gives = &c->shape,
		.crosses_organizations = why_no_organization,
		.outside_transaction = true };
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
	statements = arena_array(arena, route_count() + 3, sizeof(*statements));
	statements[known++] = &find_key;
	statements[known++] = &find_organization;
	for (size_t i = 0; i < route_count(); i++)
		if (route_operation(i)->hot != NULL) {
			compose(arena, &composed[i], route_operation(i));
			statements[known++] = &composed[i].statement;
		}
}

const struct statement *const *
authenticate_statements(void)
{
	return statements;
}

/* A caller without a good token counts against its address; past the limit it hears 429 instead. */
static const struct problem *
refuse(struct call *call, const char *sentence)
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
fetch(struct call *call, struct text token, struct key_row *row, bool *found)
{
	struct key_digest in = { digest_of(token.at, token.length) };
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

static void
accept_key(struct call *call, const struct key_row *row)
{
	call->principal = (struct principal){
		.type = row->organization_id.given ? API_KEY : OPERATOR,
		.id = row->key_id,
		.scopes = scope_set_of_list(row->permissions),
		.key_rate_limit = row->key_rate_limit.given ? row->key_rate_limit.value : 0,
		.organization_rate_limit = row->organization_rate_limit.given ? row->organization_rate_limit.value : 0,
		.made_by = row->made_by_user_id,
		.expires_at = row->expires_at,
	};
	call->organization = row->organization_id.value;
	key_use_note(row->key_id, call->now);
}

const struct problem *
authenticate(struct call *call)
{
	struct text token = call->request.token;
	const struct problem *p;
	struct key_row row = { 0 };
	bool found;

	if (call->operation->scope == PUBLIC)
		return NULL;
	if (token.length == 0)
		return refuse(call, "Send a token as `Authorization: Bearer …` or in `X-API-Key`.");
	if (!token_well_formed(token))
		return refuse(call, "This is not a token of this service; it may have been cut or mistyped.");
	p = fetch(call, token, &row, &found);
	if (p != NULL)
		return p;
	if (!found)
		return refuse(call, "The token is unknown.");
	if (row.revoked_at.given)
		return refuse(call, "The token was revoked.");
	if (row.expires_at.given && !instant_before(call->now, row.expires_at.value))
		return refuse(call, "The token has expired.");
	if (row.organization_closed)
		return refuse(call, "The organization of this token is closed.");
	accept_key(call, &row);
	return NULL;
}
