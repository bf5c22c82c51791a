/*
 * API keys: made, shown once, rotated, revoked. Only the digest of a key is kept, in a row that holds all that checking
 * a token needs (fcgi/authenticate.c reads it on every request).
 */
#include "resources.h"

#include "call.h"
#include "clock.h"
#include "config.h"
#include "formats.h"
#include "id.h"
#include "organization.h"
#include "outbox.h"
#include "page.h"
#include "seal.h"
#include "statement.h"
#include "text.h"
#include "token.h"

enum { PREFIX_SHOWN = 9, DAY_SECONDS = 86400 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct api_key {
	struct id id;
	struct text prefix;
	struct text name;
	struct texts permissions;
	struct maybe_int rate_limit;
	struct maybe_instant expires_at;
	struct maybe_instant revoked_at;
	struct maybe_instant last_used_at;
	struct instant created_at;
	struct maybe_id replaced_by;
};
static const struct field api_key_fields[] = {
	FIELD(api_key, id, ANY, "The key's id; not a secret."),
	FIELD(api_key, prefix, ANY, "How the token begins, to recognize it by."),
	FIELD(api_key, name, ANY, "What the key is for."),
	FIELD(api_key, permissions, ANY, "Scopes and wildcards the key holds."),
	FIELD(api_key, rate_limit, ANY, "Requests a minute of this key alone; none of its own when null."),
	FIELD(api_key, expires_at, ANY, "From then on the key is refused; never when null."),
	FIELD(api_key, revoked_at, ANY, "When the key was revoked; it works while null."),
	FIELD(api_key, last_used_at, ANY, "When the key was last accepted, to about a minute."),
	FIELD(api_key, created_at, ANY, "When the key was made."),
	FIELD(api_key, replaced_by, ANY, "The key that a rotation put in its place, or null."),
};
SHAPE(api_key)

struct new_api_key {
	struct id id;
	struct text key;
	struct text prefix;
	struct text name;
	struct texts permissions;
	struct maybe_int rate_limit;
	struct maybe_instant expires_at;
	struct instant created_at;
};
static const struct field new_api_key_fields[] = {
	FIELD(new_api_key, id, ANY, "The key's id; not a secret."),
	FIELD(new_api_key, key, ANY, "The token itself. It is shown here and never again."),
	FIELD(new_api_key, prefix, ANY, "How the token begins, to recognize it by."),
	FIELD(new_api_key, name, ANY, "What the key is for."),
	FIELD(new_api_key, permissions, ANY, "Scopes and wildcards the key holds."),
	FIELD(new_api_key, rate_limit, ANY, "Requests a minute of this key alone; none of its own when null."),
	FIELD(new_api_key, expires_at, ANY, "From then on the key is refused; never when null."),
	FIELD(new_api_key, created_at, ANY, "When the key was made."),
};
SHAPE(new_api_key)

struct create_key {
	struct text name;
	struct texts permissions;
	struct maybe_int rate_limit;
	struct maybe_int expires_in_days;
};
static const struct field create_key_fields[] = {
	FIELD(create_key, name, MATCHING(plain_format, 1, 200), "What the key is for."),
	FIELD_MAY(
	    create_key, permissions, LENGTH(1, 40), "Scopes and wildcards to give; `*:read` where none are named."),
	FIELD(create_key, rate_limit, RANGE(1, 1000000), "Requests a minute of this key alone."),
	FIELD(create_key, expires_in_days, RANGE(1, 3650), "Days until the key expires by itself."),
};
SHAPE(create_key)

struct key_ref {
	struct id key_id;
};
static const struct field key_ref_fields[] = {
	FIELD(key_ref, key_id, ANY, "The key."),
};
SHAPE(key_ref)

struct update_key {
	struct id key_id;
	struct maybe_text name;
	struct maybe_int rate_limit;
};
static const struct field update_key_fields[] = {
	FIELD(update_key, key_id, ANY, "The key."),
	FIELD(update_key, name, MATCHING(plain_format, 1, 200), "A new name."),
	FIELD(update_key, rate_limit, RANGE(1, 1000000), "Requests a minute of this key alone."),
};
SHAPE(update_key)

struct rotate_key {
	struct id key_id;
	struct maybe_int overlap_seconds;
};
static const struct field rotate_key_fields[] = {
	FIELD(rotate_key, key_id, ANY, "The key to replace."),
	FIELD(rotate_key, overlap_seconds, RANGE_OR(0, 30 * DAY_SECONDS, 0), "How long the old key goes on working."),
};
SHAPE(rotate_key)

struct revoked {
	bool ok;
	struct id id;
};
static const struct field revoked_fields[] = {
	FIELD(revoked, ok, ANY, "The key is dead, in every worker."),
	FIELD(revoked, id, ANY, "The key."),
};
SHAPE(revoked)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

#define API_KEY_COLUMNS \
	"id, prefix, name, permissions, rate_limit, expires_at, revoked_at, last_used_at, created_at, replaced_by"

static const struct statement find_key = {
	.sql = "SELECT " API_KEY_COLUMNS " FROM api_key WHERE organization_id = :organization AND id = :key_id",
	.takes = &key_ref_shape,
	.gives = &api_key_shape,
};

static const struct statement lock_key = {
	.sql =
	    "SELECT " API_KEY_COLUMNS " FROM api_key WHERE organization_id = :organization AND id = :key_id FOR UPDATE",
	.takes = &key_ref_shape,
	.gives = &api_key_shape,
};

static const struct statement list_keys = {
	.sql = "SELECT " API_KEY_COLUMNS " FROM api_key WHERE organization_id = :organization AND id < :cursor"
	       " ORDER BY id DESC LIMIT :limit",
	.gives = &api_key_shape,
};

struct key_row {
	struct digest digest;
	struct id id;
	struct text prefix;
	struct text name;
	struct texts permissions;
	struct maybe_int rate_limit;
	struct maybe_instant expires_at;
	struct maybe_id made_by;
};
static const struct field key_row_fields[] = {
	FIELD(key_row, digest, ANY, "SHA-256 of the token."),
	FIELD(key_row, id, ANY, "The key."),
	FIELD(key_row, prefix, ANY, "How the token begins."),
	FIELD(key_row, name, ANY, "What it is for."),
	FIELD(key_row, permissions, ANY, "Scopes and wildcards."),
	FIELD(key_row, rate_limit, ANY, "Requests a minute."),
	FIELD(key_row, expires_at, ANY, "From then on it is refused."),
	FIELD(key_row, made_by, ANY, "The person who made it."),
};
SHAPE(key_row)

/* The locking read waits for whoever is closing the organization, or changing its limit, at this moment. */
static const struct statement insert_key = {
	.sql = "INSERT INTO api_key (digest, id, organization_id, organization_closed, organization_rate_limit, name, "
	       "prefix,"
	       " permissions, rate_limit, expires_at, made_by_user_id, created_at)"
	       " SELECT :digest, :id, id, status = 'closed', rate_limit, :name, :prefix, :permissions, :rate_limit,"
	       " :expires_at, :made_by, :now FROM organization WHERE id = :organization LOCK IN SHARE MODE",
	.takes = &key_row_shape,
};

static const struct statement change_key = {
	.sql = "UPDATE api_key SET name = COALESCE(:name, name), rate_limit = COALESCE(:rate_limit, rate_limit)"
	       " WHERE organization_id = :organization AND id = :key_id",
	.takes = &update_key_shape,
};

static const struct statement revoke_key_row = {
	.sql = "UPDATE api_key SET revoked_at = COALESCE(revoked_at, :now)"
	       " WHERE organization_id = :organization AND id = :key_id",
	.takes = &key_ref_shape,
};

struct replace_key {
	struct id key_id;
	struct id replaced_by;
	struct maybe_instant expires_at;
	struct maybe_instant revoked_at;
};
static const struct field replace_key_fields[] = {
	FIELD(replace_key, key_id, ANY, "The key."),
	FIELD(replace_key, replaced_by, ANY, "The key in its place."),
	FIELD(replace_key, expires_at, ANY, "The end of the overlap; none: it ends now."),
	FIELD(replace_key, revoked_at, ANY, "Now, or none where it lives on for a while."),
};
SHAPE(replace_key)

static const struct statement replace_key_row = {
	.sql = "UPDATE api_key SET replaced_by = :replaced_by, revoked_at = COALESCE(revoked_at, :revoked_at),"
	       " expires_at = COALESCE(LEAST(COALESCE(expires_at, :expires_at), :expires_at), expires_at)"
	       " WHERE organization_id = :organization AND id = :key_id",
	.takes = &replace_key_shape,
};

/* ---- what is shared -------------------------------------------------------------------------------------------- */

/* Nobody gives what they do not hold: a wildcard needs every scope that it covers. */
static const struct problem *
check_permissions(struct call *call, struct texts permissions)
{
	for (size_t i = 0; i < permissions.count; i++) {
		struct text name = permissions.items[i];
		uint64_t wanted = scope_set(name);

		for (size_t j = 0; j < i; j++)
			if (text_equal(permissions.items[j], name))
				return fail_field(call, arena_format(call->arena, "/permissions/%zu", i).at,
				    "duplicate", "%s is named twice.", name.at);

		if (wanted == 0)
			return fail_field(call, arena_format(call->arena, "/permissions/%zu", i).at, "unknown",
			    "There is no scope or wildcard called %s.", name.at);
		if ((wanted & ~call->principal.scopes) != 0)
			return problem_with_text(call,
			    fail(call, FORBIDDEN, "A key can only get what its maker holds, and that is not all of %s.",
				name.at),
			    "required_scope", name.at);
	}
	return NULL;
}

struct key_event {
	struct id id;
};
static const struct field key_event_fields[] = {
	FIELD(key_event, id, ANY, "The key."),
};
SHAPE(key_event)

static const struct event_type key_created = {
	.type = "api_key.created",
	.entity_type = "api_key",
	.summary = "An API key was made.",
	.data = &key_event_shape,
};

static const struct event_type key_revoked = {
	.type = "api_key.revoked",
	.entity_type = "api_key",
	.summary = "An API key was revoked, by itself or because another took its place.",
	.data = &key_event_shape,
};

static const struct problem *
announce(struct call *call, const struct event_type *type, struct id key)
{
	return outbox_tell(call, type, key, &(struct key_event){ key });
}

/* Makes the token, stores its row, fills the reply. */
static const struct problem *
mint(struct call *call, struct key_row *row, struct new_api_key *out)
{
	struct text token = token_make(call->arena, config.api_key_prefix);
	const struct problem *p;

	row->id = id_new(call->now);
	row->digest = token_digest(token);
	row->prefix = arena_text(call->arena, token.at, PREFIX_SHOWN);
	row->made_by = call->principal.person;
	p = sql_run(call, &insert_key, row, NULL);
	if (p != NULL)
		return p;
	*out = (struct new_api_key){ row->id, token, row->prefix, row->name, row->permissions, row->rate_limit,
		row->expires_at, call->now };
	return announce(call, &key_created, row->id);
}

/* ---- operations ------------------------------------------------------------------------------------------------ */

/* A key that dies can't outlive itself in another; a person can. */
static bool
outlives_caller(const struct call *call, struct maybe_instant expires_at)
{
	return call->principal.type == API_KEY && call->principal.expires_at.given &&
	       (!expires_at.given || instant_before(call->principal.expires_at.value, expires_at.value));
}

HANDLER(create_key, create_key, new_api_key)

static const struct operation create_key_operation = {
	.id = "api_keys.create",
	.kind = WRITE,
	.scope = API_KEYS_WRITE,
	.effect = EXPORTS,
	.seals_reply = true,
	.summary = "Make an API key of the organization.",
	.description =
	    "The token is in the reply and can't be read again. A key gets at most the scopes of its maker, and"
	    " expires no later.",
	.raises = { FORBIDDEN },
	.run = &create_key_run,
};

static const struct problem *
create_key(struct call *call, const struct create_key *in, struct new_api_key *out)
{
	static struct text standard[] = { { "*:read", 6 } };
	struct key_row row = { .name = in->name, .permissions = in->permissions, .rate_limit = in->rate_limit };
	struct organization organization;
	const struct problem *p = organization_lock(call, &organization);

	if (row.permissions.count == 0)
		row.permissions = (struct texts){ standard, COUNT(standard) };
	if (p == NULL)
		p = check_permissions(call, row.permissions);
	if (p != NULL)
		return p;
	if (in->expires_in_days.given)
		row.expires_at =
		    instant_given(instant_plus_seconds(call->now, in->expires_in_days.value * DAY_SECONDS));
	if (outlives_caller(call, row.expires_at))
		row.expires_at = call->principal.expires_at;
	return mint(call, &row, out);
}

HANDLER(get_key, key_ref, api_key)

static const struct operation get_key_operation = {
	.id = "api_keys.get",
	.kind = READ,
	.scope = API_KEYS_READ,
	.effect = READS,
	.summary = "Read one API key.",
	.raises = { NOT_FOUND },
	.run = &get_key_run,
};

static const struct problem *
get_key(struct call *call, const struct key_ref *in, struct api_key *out)
{
	return sql_one(call, &find_key, in, out);
}

HANDLER_EACH(list_api_keys, page_query, api_key)

static const struct operation list_keys_operation = {
	.id = "api_keys.list",
	.kind = READ,
	.scope = API_KEYS_READ,
	.effect = READS,
	.summary = "List the organization's API keys, newest first.",
	.page_key = "id",
	.run = &list_api_keys_run,
};

static const struct problem *
list_api_keys(struct call *call, const struct page_query *in, struct sink *sink)
{
	return sql_page(call, &list_keys, in, sink);
}

HANDLER(update_key, update_key, api_key)

static const struct operation update_key_operation = {
	.id = "api_keys.update",
	.kind = WRITE,
	.scope = API_KEYS_WRITE,
	.effect = COMPUTES,
	.summary = "Change the name or the rate limit of an API key.",
	.raises = { NOT_FOUND },
	.run = &update_key_run,
};

static const struct problem *
update_key(struct call *call, const struct update_key *in, struct api_key *out)
{
	struct key_ref ref = { in->key_id };
	const struct problem *p = sql_run(call, &change_key, in, NULL);

	return p != NULL ? p : sql_one(call, &find_key, &ref, out);
}

HANDLER(rotate_key, rotate_key, new_api_key)

static const struct operation rotate_key_operation = {
	.id = "api_keys.rotate",
	.kind = WRITE,
	.scope = API_KEYS_WRITE,
	.effect = EXPORTS,
	.seals_reply = true,
	.summary = "Replace an API key by a new one with the same rights.",
	.description = "The new key has an id of its own. The old one dies at once, or after `overlap_seconds`.",
	.raises = { NOT_FOUND, FORBIDDEN, CONFLICT },
	.run = &rotate_key_run,
};

static bool
is_dead(const struct call *call, const struct api_key *key)
{
	return key->revoked_at.given || (key->expires_at.given && !instant_before(call->now, key->expires_at.value));
}

/* At once, or at the end of the overlap. */
static const struct problem *
end_old_key(struct call *call, const struct rotate_key *in, struct id successor)
{
	struct replace_key end = { .key_id = in->key_id, .replaced_by = successor };
	const struct problem *p;

	if (in->overlap_seconds.value > 0)
		end.expires_at = instant_given(instant_plus_seconds(call->now, in->overlap_seconds.value));
	else
		end.revoked_at = instant_given(call->now);
	p = sql_run(call, &replace_key_row, &end, NULL);
	return p != NULL || end.expires_at.given ? p : announce(call, &key_revoked, in->key_id);
}

static const struct problem *
rotate_key(struct call *call, const struct rotate_key *in, struct new_api_key *out)
{
	struct key_ref ref = { in->key_id };
	struct api_key old;
	struct key_row row;
	struct organization organization;
	const struct problem *p = organization_lock(call, &organization);

	if (p == NULL)
		p = sql_one(call, &lock_key, &ref, &old);
	if (p != NULL)
		return p;
	if (is_dead(call, &old))
		return fail(call, CONFLICT, "The key is revoked or expired; make a new one instead.");
	if (old.replaced_by.given)
		return fail(call, CONFLICT, "The key was replaced already and only lives out its overlap.");
	if (outlives_caller(call, old.expires_at))
		return fail(call, FORBIDDEN, "A token that expires before the key can't put another in its place.");
	p = check_permissions(call, old.permissions);
	if (p != NULL)
		return p;
	row = (struct key_row){ .name = old.name,
		.permissions = old.permissions,
		.rate_limit = old.rate_limit,
		.expires_at = old.expires_at };
	p = mint(call, &row, out);
	return p != NULL ? p : end_old_key(call, in, out->id);
}

HANDLER(revoke_key, key_ref, revoked)

static const struct operation revoke_key_operation = {
	.id = "api_keys.revoke",
	.kind = WRITE,
	.scope = API_KEYS_WRITE,
	.effect = DESTROYS,
	.summary = "Revoke an API key; it is refused from the very next request on.",
	.raises = { NOT_FOUND },
	.run = &revoke_key_run,
};

static const struct problem *
revoke_key(struct call *call, const struct key_ref *in, struct revoked *out)
{
	struct api_key key;
	const struct problem *p = sql_one(call, &lock_key, in, &key);

	*out = (struct revoked){ true, in->key_id };
	if (p != NULL || key.revoked_at.given)
		return p;
	p = sql_run(call, &revoke_key_row, in, NULL);
	return p != NULL ? p : announce(call, &key_revoked, in->key_id);
}

const struct resource api_keys_resource = {
	.name = "api_keys",
	.summary = "Keys by which programs call for an organization.",
	.operations = LIST_OF(operation, &create_key_operation, &get_key_operation, &list_keys_operation,
	    &update_key_operation, &rotate_key_operation, &revoke_key_operation),
	.statements = LIST_OF(
	    statement, &find_key, &lock_key, &list_keys, &insert_key, &change_key, &revoke_key_row, &replace_key_row),
	.events = LIST_OF(event_type, &key_created, &key_revoked),
};
