/*
 * Making an organization: its row, a slug nobody has, its owner, its book; and the customers' own way to do it.
 */
#include <string.h>

#include "clock.h"
#include "id.h"
#include "ledger.h"
#include "organization.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

enum { SLUG_LENGTH = 60, SLUG_SUFFIX = 8 };

struct user_ref {
	struct id user_id;
};
static const struct field user_ref_fields[] = {
	FIELD(user_ref, user_id, ANY, "The person."),
};
SHAPE(user_ref)

static const struct statement find_user = {
	.sql = "SELECT id AS user_id FROM user WHERE id = :user_id AND erased_at IS NULL",
	.takes = &user_ref_shape,
	.gives = &user_ref_shape,
	.crosses_organizations = "people belong to no organization",
};

static const struct statement insert_organization = {
	.sql =
	    "INSERT INTO organization (id, name, slug, display_name, description, website, industry, size, country, "
	    "abn,"
	    " tax_number, billing_email, billing_admin_id, billing_line1, billing_line2, billing_city, billing_state,"
	    " billing_postal_code, billing_country, enterprise_requested_at, currency, timezone, is_personal,"
	    " created_at, updated_at)"
	    " VALUES (:organization, :name, :slug, :display_name, :description, :website, :industry, :size, :country,"
	    " :abn, :tax_number, :billing_email, :billing_admin_id, :billing_line1, :billing_line2, :billing_city,"
	    " :billing_state, :billing_postal_code, :billing_country, :enterprise_requested_at, :currency, :timezone,"
	    " :is_personal, :now, :now)",
	.takes = &organization_shape,
	.duplicate_is_zero = true,
};

/* The locking read waits for whoever is erasing the person at this moment. */
static const struct statement insert_owner = {
	.sql = "INSERT INTO membership (organization_id, user_id, role, created_at)"
	       " SELECT :organization, id, 'owner', :now FROM user WHERE id = :user_id AND erased_at IS NULL"
	       " LOCK IN SHARE MODE",
	.takes = &user_ref_shape,
};

struct session_ref {
	struct id session_id;
};
static const struct field session_ref_fields[] = {
	FIELD(session_ref, session_id, ANY, "The session."),
};
SHAPE(session_ref)

/* A session that acts for an organization goes on doing so. */
static const struct statement move_session = {
	.sql = "UPDATE session s LEFT JOIN membership m"
	       " ON m.organization_id = s.organization_id AND m.user_id = s.user_id AND m.is_active"
	       " SET s.organization_id = :organization WHERE s.id = :session_id AND m.user_id IS NULL",
	.takes = &session_ref_shape,
};

/* ---- what is shared -------------------------------------------------------------------------------------------- */

/* ASCII letters and digits in lower case, everything else a dash; never empty. */
static struct text
slug_of(struct call *call, struct text name)
{
	struct buffer slug = buffer_new(call->arena, SLUG_LENGTH + 1);

	for (size_t i = 0; i < name.length && slug.length < SLUG_LENGTH; i++) {
		char c = name.at[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			buffer_add_char(&slug, c);
		else if (slug.length > 0 && slug.at[slug.length - 1] != '-')
			buffer_add_char(&slug, '-');
	}
	while (slug.length > 0 && slug.at[slug.length - 1] == '-')
		slug.at[--slug.length] = '\0';
	return slug.length > 0 ? buffer_text(&slug) : TEXT("organization");
}

/* The id's last characters tell two organizations of one name apart. */
static struct text
slug_with_suffix(struct call *call, struct text slug)
{
	size_t most = SLUG_LENGTH - SLUG_SUFFIX - 1, kept = slug.length < most ? slug.length : most;
	char ulid[ID_CHARACTERS + 1];

	id_format(call->organization, ulid);
	return slug_of(
	    call, arena_format(call->arena, "%.*s %s", (int)kept, slug.at, ulid + ID_CHARACTERS - SLUG_SUFFIX));
}

static void
copy_address(struct organization *to, const struct address *from)
{
	if (from == NULL)
		return;
	to->billing_line1 = from->line1;
	to->billing_line2 = from->line2;
	to->billing_city = from->city;
	to->billing_state = from->state;
	to->billing_postal_code = from->postal_code;
	to->billing_country = from->country;
}

static bool
put(struct maybe_text *to, struct maybe_text given)
{
	if (given.at != NULL)
		*to = given;
	return given.at != NULL;
}

static bool
put_text(struct text *to, struct maybe_text given)
{
	if (given.at != NULL)
		*to = (struct text){ given.at, given.length };
	return given.at != NULL;
}

/* To ask is all a customer can do; an organization that has it already asks for nothing. */
static bool
put_enterprise_request(struct call *call, struct organization *row, struct maybe_bool given)
{
	if (!given.given || row->enterprise_billing)
		return false;
	if (!given.value)
		row->enterprise_requested_at.given = false;
	else if (!row->enterprise_requested_at.given)
		row->enterprise_requested_at = instant_given(call->now);
	return true;
}

bool
organization_take(struct call *call, struct organization *row, const struct organization_details *given)
{
	bool any = put(&row->display_name, given->display_name);

	any |= put(&row->description, given->description);
	any |= put(&row->website, given->website);
	any |= put(&row->industry, given->industry);
	any |= put(&row->size, given->size);
	any |= put(&row->country, given->country);
	any |= put(&row->abn, given->abn);
	any |= put(&row->tax_number, given->tax_number);
	any |= put(&row->billing_email, given->billing_email);
	any |= put_text(&row->currency, given->currency);
	any |= put_text(&row->timezone, given->timezone);
	any |= put_enterprise_request(call, row, given->enterprise_billing);
	if (given->billing_admin_id.given)
		row->billing_admin_id = given->billing_admin_id;
	if (given->is_personal.given)
		row->is_personal = given->is_personal.value;
	copy_address(row, given->billing_address);
	return any || given->billing_admin_id.given || given->is_personal.given || given->billing_address != NULL;
}

static const struct problem *
check_billing_admin(struct call *call, struct maybe_id admin, struct maybe_id owner)
{
	struct user_ref ref = { admin.value };
	const struct problem *p;
	bool found;

	if (!admin.given || (owner.given && id_equal(admin.value, owner.value)))
		return NULL;
	if (owner.given)
		return fail_field(call, "/billing_admin_id", "unknown",
		    "Only a member can answer for billing, and of a new organization that is its owner alone.");
	p = sql_maybe(call, &find_user, &ref, &ref, &found);
	if (p == NULL && !found)
		p = fail_field(call, "/billing_admin_id", "unknown", "There is no person with this id.");
	return p;
}

static const struct problem *
insert(struct call *call, struct organization *row)
{
	int64_t made;
	const struct problem *p = sql_run(call, &insert_organization, row, &made);

	if (p != NULL || made == 1)
		return p;
	row->slug = slug_with_suffix(call, row->slug);
	p = sql_run(call, &insert_organization, row, &made);
	if (p == NULL && made != 1)
		p = fail(call, CONFLICT, "No free slug was found for this name; repeat the request.");
	return p;
}

static const struct problem *
add_owner(struct call *call, struct maybe_id owner)
{
	struct user_ref ref = { owner.value };
	const struct problem *p;
	int64_t added;

	if (!owner.given)
		return NULL;
	p = sql_run(call, &insert_owner, &ref, &added);
	if (p == NULL && added != 1)
		p = fail(call, HUMAN_REQUIRED, "The person who would own the organization is not here any more.");
	return p;
}

const struct problem *
organization_create(
    struct call *call, const struct new_organization *in, struct maybe_id owner, struct organization *out)
{
	struct organization row = {
		.name = in->name, .slug = slug_of(call, in->name), .currency = TEXT("AUD"), .timezone = TEXT("UTC")
	};
	struct currency currency = { { 0 } };
	const struct problem *p = check_billing_admin(call, in->details.billing_admin_id, owner);

	if (p != NULL)
		return p;
	call->organization = id_new(call->now);
	organization_take(call, &row, &in->details);
	p = insert(call, &row);
	if (p == NULL)
		p = add_owner(call, owner);
	if (p != NULL)
		return p;
	memcpy(currency.code, row.currency.at, 3);
	p = ledger_open(call, currency);
	return p != NULL ? p : organization_read(call, out);
}

/* ---- organizations.create -------------------------------------------------------------------------------------- */

static const struct field new_organization_fields[] = {
	FIELD(new_organization, name, MATCHING(plain_format, 1, 200), "Its name."),
	ORGANIZATION_DETAILS(new_organization),
};
SHAPE(new_organization)

HANDLER(create_own_organization, new_organization, organization)

const struct operation create_organization_operation = {
	.id = "organizations.create",
	.kind = WRITE,
	.scope = ORGANIZATIONS_WRITE,
	.any_person = true,
	.effect = COMPUTES,
	.summary = "Create an organization and become its owner.",
	.description =
	    "By a key the owner is the person who made the key. A session that acts for no organization acts for"
	    " the new one from then on; any other stays where it is until `auth.sessions.switch`."
	    " `enterprise_billing: true` is noted as a request.",
	.raises = { CONFLICT, HUMAN_REQUIRED },
	.run = &create_own_organization_run,
};

static const struct problem *
create_own_organization(struct call *call, const struct new_organization *in, struct organization *out)
{
	struct session_ref session = { call->principal.session.value };
	const struct problem *p;

	if (!call->principal.person.given)
		return fail(call, HUMAN_REQUIRED,
		    "An organization has an owner, and no person stands behind this key; sign in to create one.");
	p = organization_create(call, in, call->principal.person, out);
	if (p == NULL && call->principal.session.given)
		p = sql_run(call, &move_session, &session, NULL);
	return p;
}

const struct resource organization_create_resource = {
	.name = "organization_create",
	.summary = "How organizations come to be.",
	.statements = LIST_OF(statement, &find_user, &insert_organization, &insert_owner, &move_session),
};
