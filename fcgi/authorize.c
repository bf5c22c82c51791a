/*
 * Authorization by declaration: no handler checks a scope or a tenant itself. Source: 1-wire "What they may do".
 */
#include "authorize.h"

#include "cursor.h"
#include "id.h"
#include "statement.h"

struct organization_ref {
	struct id organization_id;
};
static const struct field organization_ref_fields[] = {
	FIELD(organization_ref, organization_id, ANY, "The organization."),
};
SHAPE(organization_ref)

const struct statement find_organization = {
	.sql = "SELECT id AS organization_id FROM organization WHERE id = :organization",
	.gives = &organization_ref_shape,
};

const struct problem *
authorize(struct call *call)
{
	const struct operation *operation = call->operation;
	const struct problem *p;

	if (operation->scope == PUBLIC)
		return NULL;
	if (operation->human && call->principal.type != PERSON)
		return fail(
		    call, HUMAN_REQUIRED, "%s has to be done by a person; API keys are refused.", operation->id);
	if (operation->scope == SIGNED_IN) {
		if (call->principal.type == PERSON)
			return NULL;
		return fail(call, HUMAN_REQUIRED, "%s is for a signed-in person.", operation->id);
	}
	if ((call->principal.scopes & scope_bit(operation->scope)) != 0)
		return NULL;
	p = fail(call, FORBIDDEN, "%s needs the scope %s, which the token does not hold.", operation->id,
	    scope_name(operation->scope));
	return problem_with_text(call, p, "required_scope", scope_name(operation->scope));
}

static struct maybe_id
named_organization(const struct call *call)
{
	const struct field *field = shape_field(call->operation->run->takes, "organization_id");
	const char *at;

	if (field == NULL || field->kind != KIND_ID)
		return (struct maybe_id){ .given = false };
	at = (const char *)call->in + field->offset;
	return field->optional ? *(const struct maybe_id *)(const void *)at
			       : id_given(*(const struct id *)(const void *)at);
}

const struct problem *
authorize_organization(struct call *call)
{
	struct maybe_id named = named_organization(call);
	struct organization_ref found;

	if (!named.given)
		return NULL;
	if (scope_is_admin(call->operation->scope)) {
		call->organization = named.value;
		return sql_one(call, &find_organization, NULL, &found);
	}
	if (call->operation->any_membership || id_equal(named.value, call->organization))
		return NULL;
	return fail(call, NOT_FOUND, "There is no such organization.");
}
