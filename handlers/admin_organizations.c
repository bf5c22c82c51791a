/*
 * Organizations as the operator handles them.
 */
#include <string.h>

#include "clock.h"
#include "id.h"
#include "invitations.h"
#include "spending_limits.h"
#include "organization.h"
#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- create ---------------------------------------------------------------------------------------------------- */

struct admin_new_organization {
	struct text name;
	struct organization_details details;
	struct maybe_text owner_email;
};
static const struct field admin_new_organization_fields[] = {
	FIELD(admin_new_organization, name, MATCHING(plain_format, 1, 200), "Its name."),
	ORGANIZATION_DETAILS(admin_new_organization),
	FIELD(admin_new_organization, owner_email, MATCHING(email_format, 3, 254),
	    "Whom to invite as its owner; without it the organization is nobody's until one is named."),
};
SHAPE(admin_new_organization)

HANDLER(create_organization, admin_new_organization, organization)

static const struct operation create_operation = {
	.id = "admin.organizations.create",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Create an organization for a customer.",
	.raises = { CONFLICT },
	.run = &create_organization_run,
};

static const struct problem *
create_organization(struct call *call, const struct admin_new_organization *in, struct organization *out)
{
	const struct new_organization made = { in->name, in->details };
	const struct problem *p = organization_create(call, &made, (struct maybe_id){ .given = false }, out);

	if (p != NULL || in->owner_email.at == NULL)
		return p;
	return invitation_send(call, (struct text){ in->owner_email.at, in->owner_email.length }, "owner");
}

/* ---- list ------------------------------------------------------------------------------------------------------ */

struct admin_organization_list {
	struct maybe_text query;
	struct maybe_text status;
	PAGE_MEMBERS;
};
static const char *const statuses[] = { "active", "closed", NULL };
static const struct field admin_organization_list_fields[] = {
	FIELD(admin_organization_list, query, LENGTH(1, 200), "Part of the name, in any case."),
	FIELD(admin_organization_list, status, ONE_OF(statuses), "Only those in this state."),
	PAGE_FIELDS(admin_organization_list),
};
SHAPE(admin_organization_list)

static const struct statement list_all = {
	.sql = "SELECT " ORGANIZATION_COLUMNS " FROM organization WHERE id < :cursor"
	       " AND (:query IS NULL OR LOCATE(:query, name) > 0) AND (:status IS NULL OR status = :status)"
	       " ORDER BY id DESC LIMIT :limit",
	.takes = &admin_organization_list_shape,
	.gives = &organization_shape,
	.crosses_organizations = "the operator sees every organization",
};

HANDLER_EACH(list_organizations, admin_organization_list, organization)

static const struct operation list_operation = {
	.id = "admin.organizations.list",
	.kind = READ,
	.scope = ADMIN_READ,
	.effect = READS,
	.summary = "List every organization, newest first.",
	.page_key = "id",
	.run = &list_organizations_run,
};

static const struct problem *
list_organizations(struct call *call, const struct admin_organization_list *in, struct sink *sink)
{
	return sql_each(call, &list_all, in, organization_row_to_sink, sink);
}

/* ---- set ------------------------------------------------------------------------------------------------------- */

struct set_organization {
	struct id organization_id;
	struct maybe_text owner_email;
	struct maybe_bool enterprise_billing;
	struct maybe_decimal spending_limit_hard;
	struct maybe_int rate_limit;
	struct maybe_text hubspot_id;
	struct maybe_text status;
};
static const struct field set_organization_fields[] = {
	FIELD(set_organization, organization_id, ANY, "The organization to change."),
	FIELD(set_organization, owner_email, MATCHING(email_format, 3, 254), "Whom to invite as an owner."),
	FIELD(set_organization, enterprise_billing, ANY,
	    "Whether it pays afterwards, by invoice; possible only with a hard limit."),
	FIELD(set_organization, spending_limit_hard, RANGE(0, INT64_C(1000000000) * 1000000),
	    "The most it may spend in a cycle, in its currency; 0 for no limit."),
	FIELD(set_organization, rate_limit, RANGE(1, 10000000), "Requests a minute, instead of the platform's."),
	FIELD(set_organization, hubspot_id, MATCHING(plain_format, 1, 100), "Its id in the operator's CRM."),
	FIELD(set_organization, status, ONE_OF(statuses), "`closed` ends its keys at once; `active` reopens it."),
};
SHAPE(set_organization)

struct organization_state {
	struct text status;
	struct maybe_instant erased_at;
};
static const struct field organization_state_fields[] = {
	FIELD(organization_state, status, ANY, "Whether it is in use."),
	FIELD(organization_state, erased_at, ANY, "When its people and secrets were erased."),
};
SHAPE(organization_state)

static const struct statement lock_state = {
	.sql = "SELECT status, erased_at FROM organization WHERE id = :organization FOR UPDATE",
	.gives = &organization_state_shape,
};

static const struct statement change_organization = {
	.sql = "UPDATE organization SET enterprise_billing = COALESCE(:enterprise_billing, enterprise_billing),"
	       " rate_limit = COALESCE(:rate_limit, rate_limit), hubspot_id = COALESCE(:hubspot_id, hubspot_id),"
	       " updated_at = :now WHERE id = :organization",
	.takes = &set_organization_shape,
};

HANDLER(set_organization, set_organization, organization)

static const struct operation set_operation = {
	.id = "admin.organizations.set",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Change what only the operator decides about an organization.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &set_organization_run,
};

static const struct problem *
set_status(struct call *call, const char *present, struct maybe_text wanted)
{
	if (wanted.at == NULL || strcmp(present, wanted.at) == 0)
		return organization_tell_keys(call); /* of a new rate limit */
	return strcmp(wanted.at, "closed") == 0 ? organization_close(call) : organization_reopen(call);
}

static const struct problem *
lock(struct call *call, struct organization_state *state)
{
	const struct problem *p = sql_one(call, &lock_state, NULL, state);

	if (p == NULL && state->erased_at.given)
		p = fail(call, CONFLICT,
		    "The organization is erased: only its ledger is left, and nothing of it can be changed.");
	return p;
}

static const struct problem *
set_organization(struct call *call, const struct set_organization *in, struct organization *out)
{
	struct organization_state organization;
	const struct problem *p = lock(call, &organization);

	if (p == NULL)
		p = sql_run(call, &change_organization, in, NULL);
	if (p == NULL)
		p = set_status(call, organization.status.at, in->status);
	if (p == NULL && in->owner_email.at != NULL && text_is(text_or(in->status, organization.status.at), "closed"))
		p = fail(call, CONFLICT, "Nobody can join a closed organization; reopen it with `status`.");
	if (p == NULL && in->owner_email.at != NULL)
		p = invitation_send(call, (struct text){ in->owner_email.at, in->owner_email.length }, "owner");
	if (p == NULL && (in->enterprise_billing.given || in->spending_limit_hard.given))
		p = limits_set_by_operator(call, in->spending_limit_hard);
	return p != NULL ? p : organization_read(call, out);
}

const struct resource admin_organizations_resource = {
	.name = "admin.organizations",
	.summary = "Organizations in the operator's hands.",
	.operations = LIST_OF(operation, &create_operation, &list_operation, &set_operation),
	.statements = LIST_OF(statement, &list_all, &lock_state, &change_organization),
};
