/*
 * Authorization by declaration: no handler checks a scope or a tenant itself. Source: 1-wire "What they may do".
 */
#include "authorize.h"

#include "cursor.h"
#include "id.h"
#include "statement.h"
#include "text.h"

struct organization_ref {
	struct id organization_id;
	struct maybe_instant erased_at;
};
static const struct field organization_ref_fields[] = {
	FIELD(organization_ref, organization_id, ANY, "The organization."),
	FIELD(organization_ref, erased_at, ANY, "When its people and secrets were erased."),
};
SHAPE(organization_ref)

const struct statement find_organization = {
	.sql = "SELECT id AS organization_id, erased_at FROM organization WHERE id = :organization",
	.gives = &organization_ref_shape,
};

static const struct problem *
lacks_scope(struct call *call)
{
	const char *scope = scope_name(call->operation->scope);
	const struct problem *p;

	if (call->principal.type == PERSON && id_is_zero(call->organization))
		p = fail(call, FORBIDDEN, "%s needs the scope %s, and you act for no organization at present.",
		    call->operation->id, scope);
	else
		p = fail(call, FORBIDDEN, "%s needs the scope %s, which the token does not hold.", call->operation->id,
		    scope);
	return problem_with_text(call, p, "required_scope", scope);
}

static const struct problem *
lacks_role(struct call *call)
{
	struct buffer roles = buffer_new(call->arena, 64);

	for (size_t i = 0; role_names[i] != NULL; i++)
		if ((call->operation->roles & ROLE_BIT(role_named(text_from(role_names[i])))) != 0)
			buffer_format(&roles, "%s%s", roles.length > 0 ? " or " : "", role_names[i]);
	return problem_with_text(call,
	    fail(call, FORBIDDEN, "%s asks a person for the role %s.", call->operation->id, buffer_text(&roles).at),
	    "required_role", buffer_text(&roles).at);
}

static const struct problem *
refuse_closed(struct call *call)
{
	const struct operation *operation = call->operation;

	if (!call->principal.organization_closed || operation->effect == READS || operation->scope >= SCOPE_COUNT ||
	    operation->any_person)
		return NULL;
	return fail(call, ORGANIZATION_CLOSED, "The organization is closed; only reads are answered.");
}

/* What an organization's operation asks of its caller. With an idempotency key the organization is looked at after the
 * claim: what was done before it was closed is told again, its closing too. */
static const struct problem *
authorize_there(struct call *call)
{
	const struct operation *operation = call->operation;
	const struct principal *caller = &call->principal;

	if ((caller->scopes & scope_bit(operation->scope)) == 0)
		return lacks_scope(call);
	if (caller->type != PERSON)
		return NULL;
	if (operation->roles != 0 && (operation->roles & ROLE_BIT(caller->role)) == 0)
		return lacks_role(call);
	return call->request.idempotency_key.length > 0 ? NULL : refuse_closed(call);
}

const struct problem *
authorize(struct call *call)
{
	const struct operation *operation = call->operation;
	bool person = call->principal.type == PERSON;

	if (operation->scope == PUBLIC)
		return NULL;
	if (operation->human && !person)
		return fail(
		    call, HUMAN_REQUIRED, "%s has to be done by a person; API keys are refused.", operation->id);
	if (operation->scope == ANY_TOKEN)
		return NULL;
	if (person && operation->any_person && (call->principal.granted & scope_bit(operation->scope)) != 0)
		return NULL;
	if (operation->scope == SIGNED_IN && person && call->principal.granted != UINT64_MAX)
		return fail(
		    call, FORBIDDEN, "%s needs a session that was not narrowed to certain scopes.", operation->id);
	if (operation->scope == SIGNED_IN)
		return person ? NULL : fail(call, HUMAN_REQUIRED, "%s is for a signed-in person.", operation->id);
	return authorize_there(call);
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
	const struct problem *p = refuse_closed(call);

	if (p != NULL || !named.given)
		return p;
	if (scope_is_admin(call->operation->scope)) {
		call->organization = named.value;
		p = sql_one(call, &find_organization, NULL, &found);
		if (p == NULL && found.erased_at.given && call->operation->kind != READ)
			p = fail(call, CONFLICT, "The organization is erased: only its ledger is left, to be read.");
		return p;
	}
	if (call->operation->any_membership || id_equal(named.value, call->organization))
		return NULL;
	return fail(call, NOT_FOUND, "There is no such organization.");
}
