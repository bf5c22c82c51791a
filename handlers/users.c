/*
 * Signing up, and finding out who one is.
 */
#include "call.h"
#include "email_key.h"
#include "formats.h"
#include "id.h"
#include "organization_tiny.h"
#include "password.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

static const char why_person[] = "a person belongs to no organization";

/* ---- create ---------------------------------------------------------------------------------------------------- */

struct create_user {
	struct text email;
	struct text password;
	struct text name;
};
static const struct field create_user_fields[] = {
	FIELD(create_user, email, MATCHING(email_format, 3, 254), "The e-mail address to sign in with."),
	FIELD(create_user, password, LENGTH(12, 200), "The password; common ones are refused."),
	FIELD(create_user, name, MATCHING(plain_format, 1, 200), "What the person is called."),
};
SHAPE(create_user)

struct created_user {
	struct id id;
};
static const struct field created_user_fields[] = {
	FIELD(created_user, id, ANY, "The person's id."),
};
SHAPE(created_user)

struct user_row {
	struct id id;
	struct text email;
	struct text email_key;
	struct text name;
	struct text hash;
};
static const struct field user_row_fields[] = {
	FIELD(user_row, id, ANY, "The person."),
	FIELD(user_row, email, ANY, "The address as it was written."),
	FIELD(user_row, email_key, ANY, "The address in lower case."),
	FIELD(user_row, name, ANY, "The name."),
	FIELD(user_row, hash, ANY, "The password's hash."),
};
SHAPE(user_row)

static const struct statement find_user = {
	.sql = "SELECT id FROM user WHERE email_key = :email_key",
	.takes = &user_row_shape,
	.gives = &created_user_shape,
	.crosses_organizations = why_person,
};

static const struct statement insert_user = {
	.sql =
	    "INSERT INTO user (id, email, email_key, name, created_at) VALUES (:id, :email, :email_key, :name, :now)",
	.takes = &user_row_shape,
	.crosses_organizations = why_person,
	.on_duplicate = ADDRESS_TAKEN,
};

static const struct statement insert_password = {
	.sql = "INSERT INTO password (user_id, hash, changed_at) VALUES (:id, :hash, :now)",
	.takes = &user_row_shape,
	.crosses_organizations = why_person,
};

HANDLER(create_user, create_user, created_user)

static const struct operation create_operation = {
	.id = "auth.users.create",
	.kind = WRITE,
	.scope = PUBLIC,
	.effect = COMPUTES,
	.no_key = true,
	.slow = true,
	.summary = "Sign up.",
	.raises = { ADDRESS_TAKEN },
	.run = &create_user_run,
};

/* Seen before the hash is made, which costs more than everything else; the unique index decides. */
static const struct problem *
check_free(struct call *call, const struct user_row *row)
{
	struct created_user other;
	const struct problem *p;
	bool found;

	p = sql_maybe(call, &find_user, row, &other, &found);
	if (p != NULL || !found)
		return p;
	return fail(call, ADDRESS_TAKEN, "Somebody has signed up with this e-mail address.");
}

static const struct problem *
create_user(struct call *call, const struct create_user *in, struct created_user *out)
{
	struct user_row row = { .email = in->email, .email_key = email_key(call->arena, in->email), .name = in->name };
	const char *fault = password_fault(in->password, in->email, in->name);
	const struct problem *p;

	if (fault != NULL)
		return fail_field(call, "/password", "weak", "%s", fault);
	p = check_free(call, &row);
	if (p == NULL)
		p = password_hash(call, in->password, &row.hash);
	row.id = id_new(call->now);
	if (p == NULL)
		p = sql_run(call, &insert_user, &row, NULL);
	if (p == NULL)
		p = sql_run(call, &insert_password, &row, NULL);
	if (p != NULL)
		return p;
	out->id = row.id;
	call_becomes(call, row.id, (struct maybe_id){ .given = false });
	return NULL;
}

/* ---- whoami ---------------------------------------------------------------------------------------------------- */

struct whoami {
	struct text principal_type;
	struct id principal_id;
	struct organization_tiny *organization;
	struct maybe_text role;
	struct texts scopes;
	struct maybe_instant expires_at;
};
static const char *const principal_types[] = { "api_key", "operator", "user", NULL };
static const struct field whoami_fields[] = {
	FIELD(whoami, principal_type, ONE_OF(principal_types), "What the token stands for."),
	FIELD(whoami, principal_id, ANY, "The id of the key or the person."),
	FIELD_OBJECT(whoami, organization, organization_tiny, true, "The organization that it acts for, or null."),
	FIELD(whoami, role, ONE_OF(role_names), "The person's role there, or null."),
	FIELD(whoami, scopes, ANY, "The scopes that it holds."),
	FIELD(whoami, expires_at, ANY, "From then on the token is refused; never when null."),
};
SHAPE(whoami)

static const struct statement find_tiny = {
	.sql = "SELECT id, name FROM organization WHERE id = :organization",
	.gives = &organization_tiny_shape,
};

HANDLER(who_am_i, nothing, whoami)

static const struct operation whoami_operation = {
	.id = "auth.whoami",
	.kind = READ,
	.scope = ANY_TOKEN,
	.effect = READS,
	.summary = "Find out whom the token stands for, and what it may do.",
	.run = &who_am_i_run,
};

static const char *
type_of(const struct principal *principal)
{
	return principal->type == PERSON ? "user" : principal->type == OPERATOR ? "operator" : "api_key";
}

static const struct problem *
who_am_i(struct call *call, const struct nothing *in, struct whoami *out)
{
	const struct principal *caller = &call->principal;

	(void)in;
	out->principal_type = text_from(type_of(caller));
	out->principal_id = caller->id;
	if (caller->role != ROLE_NONE)
		out->role = text_given(text_from(role_name(caller->role)));
	out->scopes.items = arena_array(call->arena, SCOPE_COUNT, sizeof(*out->scopes.items));
	out->scopes.count = scope_names(caller->scopes, out->scopes.items);
	out->expires_at = caller->expires_at;
	if (id_is_zero(call->organization))
		return NULL;
	out->organization = arena_take(call->arena, sizeof(*out->organization));
	return sql_one(call, &find_tiny, NULL, out->organization);
}

const struct resource users_resource = {
	.name = "auth",
	.summary = "People: signing up, and who a token stands for.",
	.operations = LIST_OF(operation, &create_operation, &whoami_operation),
	.statements = LIST_OF(statement, &find_user, &insert_user, &insert_password, &find_tiny),
};
