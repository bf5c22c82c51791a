/*
 * The locks and rules behind every change of who belongs to an organization.
 */
#include "membership.h"

#include "resources.h"
#include "statement.h"
#include "text.h"

static const struct field membership_fields[] = {
	FIELD(membership, user_id, ANY, "The person."),
	FIELD(membership, role, ANY, "The role."),
	FIELD(membership, is_active, ANY, "Whether it counts at present."),
};
const struct shape membership_shape = {
	.name = "membership",
	.size = sizeof(struct membership),
	.count = COUNT(membership_fields),
	.fields = membership_fields,
};

struct locked_organization {
	bool closed;
};
static const struct field locked_organization_fields[] = {
	FIELD(locked_organization, closed, ANY, "Whether it is closed."),
};
SHAPE(locked_organization)

struct person_ref {
	struct id user_id;
};
static const struct field person_ref_fields[] = {
	FIELD(person_ref, user_id, ANY, "The person."),
};
SHAPE(person_ref)

struct owner_count {
	int64_t owners;
};
static const struct field owner_count_fields[] = {
	FIELD(owner_count, owners, ANY, "How many there are."),
};
SHAPE(owner_count)

static const struct statement lock_organization = {
	.sql = "SELECT status = 'closed' AS closed FROM organization WHERE id = :organization FOR UPDATE",
	.gives = &locked_organization_shape,
};

static const struct statement lock_membership = {
	.sql = "SELECT user_id, role, is_active FROM membership"
	       " WHERE organization_id = :organization AND user_id = :user_id FOR UPDATE",
	.takes = &person_ref_shape,
	.gives = &membership_shape,
};

struct own_key {
	struct maybe_instant revoked_at;
};
static const struct field own_key_fields[] = {
	FIELD(own_key, revoked_at, ANY, "When it was revoked."),
};
SHAPE(own_key)

static const struct statement lock_own_key = {
	.sql = "SELECT revoked_at FROM api_key WHERE organization_id = :organization AND id = :principal"
	       " LOCK IN SHARE MODE",
	.gives = &own_key_shape,
};

static const struct statement count_other_owners = {
	.sql = "SELECT COUNT(*) AS owners FROM membership WHERE organization_id = :organization AND role = 'owner'"
	       " AND is_active AND user_id <> :user_id",
	.takes = &person_ref_shape,
	.gives = &owner_count_shape,
};

const struct problem *
membership_lock(struct call *call, bool *closed)
{
	struct locked_organization organization;
	const struct problem *p = sql_one(call, &lock_organization, NULL, &organization);

	*closed = p == NULL && organization.closed;
	return p;
}

const struct problem *
membership_find(struct call *call, struct id person, struct membership *out, bool *found)
{
	struct person_ref ref = { person };

	return sql_maybe(call, &lock_membership, &ref, out, found);
}

/* What the person may do now, which can be less than when the token was looked at. */
static const struct problem *
confirm_person(struct call *call)
{
	const struct operation *operation = call->operation;
	struct membership own;
	bool found;
	const struct problem *p = membership_find(call, call->principal.id, &own, &found);

	if (p != NULL)
		return p;
	call->principal.role = found && own.is_active ? role_named(own.role) : ROLE_NONE;
	call->principal.scopes = role_scopes(call->principal.role) & call->principal.granted;
	if ((call->principal.scopes & scope_bit(operation->scope)) == 0)
		return problem_with_text(call,
		    fail(call, FORBIDDEN, "%s needs the scope %s, which your role no longer gives you.", operation->id,
			scope_name(operation->scope)),
		    "required_scope", scope_name(operation->scope));
	if (operation->roles != 0 && (operation->roles & ROLE_BIT(call->principal.role)) == 0)
		return fail(call, FORBIDDEN, "%s asks for a role that you no longer have.", operation->id);
	return NULL;
}

static const struct problem *
confirm_key(struct call *call)
{
	struct own_key key;
	const struct problem *p = sql_one(call, &lock_own_key, NULL, &key);

	if (p == NULL && key.revoked_at.given)
		p = fail(call, FORBIDDEN, "The key was revoked while the request was at work.");
	return p;
}

const struct problem *
membership_confirm(struct call *call)
{
	if (call->principal.type == PERSON)
		return confirm_person(call);
	return call->principal.type == API_KEY ? confirm_key(call) : NULL;
}

const struct problem *
membership_begin(struct call *call, enum role *authority)
{
	bool closed, outside = call->principal.type != PERSON && call->principal.type != API_KEY;
	const struct problem *p = membership_lock(call, &closed);

	*authority = outside ? ROLE_OWNER : ROLE_ADMIN;
	if (p != NULL || outside)
		return p;
	if (closed)
		return fail(call, ORGANIZATION_CLOSED, "The organization is closed; only reads are answered.");
	p = membership_confirm(call);
	if (call->principal.type == PERSON)
		*authority = call->principal.role;
	return p;
}

const struct problem *
membership_ask_owner(struct call *call, enum role authority)
{
	if (authority == ROLE_OWNER)
		return NULL;
	return problem_with_text(call,
	    fail(call, FORBIDDEN, "%s",
		call->principal.type == API_KEY
		    ? "An API key can't give or take the role owner; an owner has to do it in person."
		    : "Only an owner can give or take the role owner."),
	    "required_role", role_name(ROLE_OWNER));
}

const struct problem *
membership_ask_scopes(struct call *call, struct text role)
{
	enum role given = role_named(role);
	struct text missing[SCOPE_COUNT];

	if (call->principal.type != PERSON && call->principal.type != API_KEY)
		return NULL;
	if (given <= ROLE_MEMBER || scope_names(role_scopes(given) & ~call->principal.scopes, missing) == 0)
		return NULL;
	return problem_with_text(call,
	    fail(call, FORBIDDEN, "The role %s can only be given by who holds all of its scopes.", role.at),
	    "required_scope", missing[0].at);
}

const struct problem *
membership_keep_owner(struct call *call, struct id person)
{
	struct person_ref ref = { person };
	struct owner_count others;
	const struct problem *p = sql_one(call, &count_other_owners, &ref, &others);

	if (p == NULL && others.owners == 0)
		p = fail(
		    call, CONFLICT, "This is the organization's last active owner; make somebody else an owner first.");
	return p;
}

const struct resource membership_resource = {
	.name = "membership",
	.summary = "What every change of a membership shares.",
	.statements = LIST_OF(statement, &lock_organization, &lock_membership, &lock_own_key, &count_other_owners),
};
