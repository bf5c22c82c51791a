/*
 * Organizations as the operator handles them.
 */
#include "clock.h"
#include "id.h"
#include "invitations.h"
#include "ledger.h"
#include "organization.h"
#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- create ---------------------------------------------------------------------------------------------------- */

static const struct field new_organization_fields[] = {
	NEW_ORGANIZATION_FIELDS,
	FIELD(new_organization, owner_email, MATCHING(email_format, 3, 254),
	    "Whom to invite as its owner; without it the organization is nobody's until one is named."),
};
SHAPE(new_organization)

HANDLER(create_organization, new_organization, organization)

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
create_organization(struct call *call, const struct new_organization *in, struct organization *out)
{
	const struct problem *p = organization_create(call, in, out);

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

struct billing_state {
	bool enterprise_billing;
	bool has_hard_limit;
	struct amount credit_price;
};
static const struct field billing_state_fields[] = {
	FIELD(billing_state, enterprise_billing, ANY, "Whether it pays afterwards."),
	FIELD(billing_state, has_hard_limit, ANY, "Whether its spend has a limit."),
	FIELD(billing_state, credit_price, ANY, "What a credit costs in its currency."),
};
SHAPE(billing_state)

struct organization_id {
	struct id id;
};
static const struct field organization_id_fields[] = {
	FIELD(organization_id, id, ANY, "The organization."),
};
SHAPE(organization_id)

static const struct statement lock_organization = {
	.sql = "SELECT id FROM organization WHERE id = :organization FOR UPDATE",
	.gives = &organization_id_shape,
};

static const struct statement read_billing_state = {
	.sql = "SELECT o.enterprise_billing, b.hard_limit IS NOT NULL AS has_hard_limit, p.price AS credit_price"
	       " FROM organization o JOIN book b ON b.organization_id = o.id JOIN credit_price p"
	       " ON p.currency = o.currency WHERE o.id = :organization",
	.gives = &billing_state_shape,
};

static const struct statement change_organization = {
	.sql = "UPDATE organization SET enterprise_billing = COALESCE(:enterprise_billing, enterprise_billing),"
	       " rate_limit = COALESCE(:rate_limit, rate_limit), hubspot_id = COALESCE(:hubspot_id, hubspot_id),"
	       " status = COALESCE(:status, status), updated_at = :now WHERE id = :organization",
	.takes = &set_organization_shape,
};

/* Every key's row repeats what its check needs. */
static const struct statement change_keys = {
	.sql = "UPDATE api_key k JOIN organization o ON o.id = k.organization_id"
	       " SET k.organization_closed = (o.status = 'closed'), k.organization_rate_limit = o.rate_limit"
	       " WHERE o.id = :organization",
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

/* Whole credits, rounded down, so that the limit in credits is never above the one in money. */
static const struct problem *
set_limit(struct call *call, const struct set_organization *in, struct billing_state *state)
{
	int64_t micros = in->spending_limit_hard.value.micros;
	struct maybe_credits limit = { { micros / state->credit_price.micros }, micros > 0 };

	if (!in->spending_limit_hard.given)
		return NULL;
	state->has_hard_limit = limit.given;
	return ledger_set_hard_limit(call, limit);
}

static const struct problem *
set_organization(struct call *call, const struct set_organization *in, struct organization *out)
{
	struct organization_id locked;
	struct billing_state state;
	const struct problem *p = sql_one(call, &lock_organization, NULL, &locked);

	if (p == NULL)
		p = sql_one(call, &read_billing_state, NULL, &state);
	if (p == NULL)
		p = set_limit(call, in, &state);
	if (p != NULL)
		return p;
	if (in->enterprise_billing.given)
		state.enterprise_billing = in->enterprise_billing.value;
	if (state.enterprise_billing && !state.has_hard_limit)
		return fail(call, CONFLICT,
		    "An organization with enterprise billing always has a hard limit; set"
		    " spending_limit_hard too.");
	p = sql_run(call, &change_organization, in, NULL);
	if (p == NULL)
		p = sql_run(call, &change_keys, NULL, NULL);
	if (p == NULL && in->owner_email.at != NULL)
		p = invitation_send(call, (struct text){ in->owner_email.at, in->owner_email.length }, "owner");
	return p != NULL ? p : organization_read(call, out);
}

const struct resource admin_organizations_resource = {
	.name = "admin.organizations",
	.summary = "Organizations in the operator's hands.",
	.operations = LIST_OF(operation, &create_operation, &list_operation, &set_operation),
	.statements =
	    LIST_OF(statement, &list_all, &lock_organization, &read_billing_state, &change_organization, &change_keys),
};
