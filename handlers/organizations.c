/*
 * Organizations as their own people and keys see them.
 */
#include "organization.h"

#include "id.h"
#include "membership.h"
#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *const statuses[] = { "active", "closed", NULL };

static const struct field organization_fields[] = {
	FIELD(organization, id, ANY, "The organization's id."),
	FIELD(organization, name, ANY, "Its name."),
	FIELD(organization, slug, ANY, "Its name as part of an address; unique, made from the name."),
	FIELD(organization, display_name, ANY, "What to show instead of the name."),
	FIELD(organization, description, ANY, "What it does."),
	FIELD(organization, website, ANY, "Its website."),
	FIELD(organization, industry, ANY, "Its industry."),
	FIELD(organization, size, ANY, "How large it is, in its own words."),
	FIELD(organization, country, ANY, "Its country, ISO 3166-1 alpha-2."),
	FIELD(organization, abn, ANY, "Its Australian Business Number."),
	FIELD(organization, tax_number, ANY, "Its tax number elsewhere."),
	FIELD(organization, billing_email, ANY, "Where invoices and alerts go."),
	FIELD(organization, billing_admin_id, ANY, "The person who answers for billing."),
	FIELD_OBJECT(organization, billing_address, address, true, "The address on invoices."),
	FIELD(organization, billing_line1, HIDDEN, "Part of the address."),
	FIELD(organization, billing_line2, HIDDEN, "Part of the address."),
	FIELD(organization, billing_city, HIDDEN, "Part of the address."),
	FIELD(organization, billing_state, HIDDEN, "Part of the address."),
	FIELD(organization, billing_postal_code, HIDDEN, "Part of the address."),
	FIELD(organization, billing_country, HIDDEN, "Part of the address."),
	FIELD(organization, enterprise_billing, ANY, "Whether it pays afterwards, by invoice."),
	FIELD(organization, enterprise_requested_at, ANY, "When it asked for enterprise billing."),
	FIELD(organization, currency, ONE_OF(organization_currencies), "The currency it pays in."),
	FIELD(organization, timezone, ANY, "Its IANA time zone: months and days begin there."),
	FIELD(organization, is_personal, ANY, "Whether it stands for one person."),
	FIELD(organization, logo_url, ANY, "Its logo."),
	FIELD(organization, approval_threshold_credits, ANY,
	    "Purchases above it need an approval; the platform's threshold when null."),
	FIELD(organization, require_second_person, ANY, "Whether nobody may approve their own request."),
	FIELD(organization, credits_low_threshold, ANY, "Below it a low balance is announced; never when null."),
	FIELD(organization, rate_limit, ANY, "Requests a minute; the platform's when null."),
	FIELD(organization, status, ONE_OF(statuses), "Whether it is in use."),
	FIELD(organization, created_at, ANY, "When it was created."),
	FIELD(organization, updated_at, ANY, "When it was last changed."),
};
const struct shape organization_shape = {
	.name = "organization",
	.size = sizeof(struct organization),
	.count = COUNT(organization_fields),
	.fields = organization_fields,
};

/* The form of the plain routes, camelCase and short. */
static const struct field organization_profile_fields[] = {
	FIELD(organization, id, ANY, "The organization's id."),
	FIELD(organization, name, ANY, "Its name."),
	FIELD_AS(organization, created_at, "createdAt", ANY, "When it was created."),
	FIELD(organization, currency, ONE_OF(organization_currencies), "The currency it pays in."),
	FIELD(organization, timezone, ANY, "Its IANA time zone."),
};
VIEW(organization_profile, organization)

struct get_organization {
	struct maybe_id organization_id;
};
static const struct field get_organization_fields[] = {
	FIELD(get_organization, organization_id, ANY, "The organization; the token's own where left out."),
};
SHAPE(get_organization)

struct organization_list {
	struct maybe_text query;
	struct maybe_text after;
	PAGE_MEMBERS;
};
static const struct field organization_list_fields[] = {
	FIELD(organization_list, query, LENGTH(1, 200), "Part of the name, in any case."),
	FIELD(organization_list, after, LENGTH(1, 500), "The cursor as the paging headers give it."),
	PAGE_FIELDS(organization_list),
};
SHAPE(organization_list)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement find_organization_row = {
	.sql = "SELECT " ORGANIZATION_COLUMNS " FROM organization WHERE id = :organization",
	.gives = &organization_shape,
};

static const struct statement lock_organization_row = {
	.sql = "SELECT " ORGANIZATION_COLUMNS " FROM organization WHERE id = :organization FOR UPDATE",
	.gives = &organization_shape,
};

static const struct statement change_keys = {
	.sql = "UPDATE api_key k JOIN organization o ON o.id = k.organization_id"
	       " SET k.organization_closed = (o.status = 'closed'), k.organization_rate_limit = o.rate_limit"
	       " WHERE o.id = :organization",
};

static const struct statement list_own = {
	.sql = "SELECT " ORGANIZATION_COLUMNS " FROM organization WHERE id = :organization AND id < :cursor"
	       " AND (:query IS NULL OR LOCATE(:query, name) > 0) ORDER BY id DESC LIMIT :limit",
	.takes = &organization_list_shape,
	.gives = &organization_shape,
};

static const char why_memberships[] = "a person sees every organization of theirs";

static const struct statement list_memberships = {
	.sql = "SELECT " ORGANIZATION_COLUMNS_OF(
	    "o.") " FROM membership m JOIN organization o ON o.id = m.organization_id"
		  " WHERE m.user_id = :principal AND m.is_active AND m.organization_id < :cursor"
		  " AND (:query IS NULL OR LOCATE(:query, o.name) > 0) ORDER BY m.organization_id DESC LIMIT :limit",
	.takes = &organization_list_shape,
	.gives = &organization_shape,
	.crosses_organizations = why_memberships,
};

struct organization_named {
	struct id organization_id;
};
static const struct field organization_named_fields[] = {
	FIELD(organization_named, organization_id, ANY, "The organization."),
};
SHAPE(organization_named)

static const struct statement find_membership = {
	.sql = "SELECT " ORGANIZATION_COLUMNS_OF(
	    "o.") " FROM membership m JOIN organization o ON o.id = m.organization_id"
		  " WHERE m.organization_id = :organization_id AND m.user_id = :principal AND m.is_active",
	.takes = &organization_named_shape,
	.gives = &organization_shape,
	.crosses_organizations = why_memberships,
};

/* ---- what is shared -------------------------------------------------------------------------------------------- */

void
organization_complete(struct call *call, struct organization *o)
{
	if (o->billing_line1.at == NULL && o->billing_line2.at == NULL && o->billing_city.at == NULL &&
	    o->billing_state.at == NULL && o->billing_postal_code.at == NULL && o->billing_country.at == NULL)
		return;
	o->billing_address = arena_take(call->arena, sizeof(*o->billing_address));
	*o->billing_address = (struct address){ o->billing_line1, o->billing_line2, o->billing_city, o->billing_state,
		o->billing_postal_code, o->billing_country };
}

const struct problem *
organization_read(struct call *call, struct organization *out)
{
	const struct problem *p = sql_one(call, &find_organization_row, NULL, out);

	if (p == NULL)
		organization_complete(call, out);
	return p;
}

const struct problem *
organization_lock(struct call *call, struct organization *out)
{
	const struct problem *p = sql_one(call, &lock_organization_row, NULL, out);

	if (p == NULL && text_is(out->status, "closed"))
		p = fail(call, ORGANIZATION_CLOSED, "The organization is closed; only reads are answered.");
	return p != NULL ? p : membership_confirm(call);
}

const struct problem *
organization_tell_keys(struct call *call)
{
	return sql_run(call, &change_keys, NULL, NULL);
}

const struct problem *
organization_row_to_sink(struct call *call, void *context, const void *row)
{
	struct organization organization = *(const struct organization *)row;

	organization_complete(call, &organization);
	return sink_row(context, &organization);
}

/* ---- operations ------------------------------------------------------------------------------------------------ */

HANDLER(get_organization, get_organization, organization)

static const struct operation get_operation = {
	.id = "organizations.get",
	.kind = READ,
	.scope = ORGANIZATIONS_READ,
	.effect = READS,
	.any_membership = true,
	.summary = "Read an organization.",
	.raises = { NOT_FOUND },
	.run = &get_organization_run,
	.rest = { { .method = METHOD_GET,
		      .path = "/organizations/{organizationId}",
		      .gives = &organization_profile_shape },
	    { .method = METHOD_GET,
		.path = "/v1/organizations/{organizationId}",
		.gives = &organization_profile_shape } },
};

static const struct problem *
get_organization(struct call *call, const struct get_organization *in, struct organization *out)
{
	struct organization_named named = { in->organization_id.value };
	const struct problem *p;

	if (!in->organization_id.given || id_equal(in->organization_id.value, call->organization))
		return organization_read(call, out);
	if (call->principal.type != PERSON)
		return fail(call, NOT_FOUND, "There is no such organization.");
	p = sql_one(call, &find_membership, &named, out);
	if (p == NULL)
		organization_complete(call, out);
	return p;
}

HANDLER_EACH(list_organizations, organization_list, organization)

static const struct operation list_operation = {
	.id = "organizations.list",
	.kind = READ,
	.scope = ORGANIZATIONS_READ,
	.any_person = true,
	.effect = READS,
	.summary = "List the organizations that the token can see, newest first.",
	.description = "A person sees all organizations of theirs, closed ones too; a key its own.",
	.page_key = "id",
	.run = &list_organizations_run,
	.rest = { { .method = METHOD_GET,
		      .path = "/organizations",
		      .gives = &organization_profile_shape,
		      .bare_array = true,
		      .page_limit = 100 },
	    { .method = METHOD_GET,
		.path = "/v1/organizations",
		.gives = &organization_profile_shape,
		.bare_array = true,
		.page_limit = 100 },
	    { .method = METHOD_GET, .path = "/v1/orgs/list" } },
};

static const struct problem *
list_organizations(struct call *call, const struct organization_list *in, struct sink *sink)
{
	const struct statement *list = call->principal.type == PERSON ? &list_memberships : &list_own;

	return sql_each(call, list, in, organization_row_to_sink, sink);
}

struct organization_current {
	struct id id;
	struct text name;
	struct instant created_at;
	struct instant updated_at;
};
static const struct field organization_current_fields[] = {
	FIELD(organization_current, id, ANY, "The organization's id."),
	FIELD(organization_current, name, ANY, "Its name."),
	FIELD(organization_current, created_at, ANY, "When it was created."),
	FIELD(organization_current, updated_at, ANY, "When it was last changed."),
};
SHAPE(organization_current)

static const struct statement find_current = {
	.sql = "SELECT id, name, created_at, updated_at FROM organization WHERE id = :organization",
	.gives = &organization_current_shape,
};

HANDLER(current_organization, nothing, organization_current)

static const struct operation current_operation = {
	.id = "organizations.current",
	.kind = READ,
	.scope = ORGANIZATIONS_READ,
	.effect = READS,
	.summary = "Read the organization that the token acts for.",
	.run = &current_organization_run,
	.rest = { { .method = METHOD_GET, .path = "/v1/organization" } },
};

static const struct problem *
current_organization(struct call *call, const struct nothing *in, struct organization_current *out)
{
	(void)in;
	return sql_one(call, &find_current, NULL, out);
}

const struct resource organizations_resource = {
	.name = "organizations",
	.summary = "The companies and people that buy: who they are and how they want to be billed.",
	.operations =
	    LIST_OF(operation, &create_organization_operation, &get_operation, &list_operation, &current_operation,
		&update_organization_operation, &set_purchase_policy_operation, &close_organization_operation),
	.statements = LIST_OF(statement, &find_organization_row, &lock_organization_row, &change_keys, &list_own,
	    &list_memberships, &find_membership, &find_current),
};
