/*
 * Making an organization: its row, a slug nobody has, its book.
 */
#include <string.h>

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
	.sql = "SELECT id AS user_id FROM user WHERE id = :user_id",
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
	char ulid[ID_CHARACTERS + 1];

	id_format(call->organization, ulid);
	return slug_of(call, arena_format(call->arena, "%s %s", slug.at, ulid + ID_CHARACTERS - SLUG_SUFFIX));
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

static const struct problem *
check_billing_admin(struct call *call, const struct new_organization *in)
{
	struct user_ref ref = { in->billing_admin_id.value };
	const struct problem *p;
	bool found;

	if (!in->billing_admin_id.given)
		return NULL;
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

const struct problem *
organization_create(struct call *call, const struct new_organization *in, struct organization *out)
{
	struct organization row = { .name = in->name,
		.slug = slug_of(call, in->name),
		.display_name = in->display_name,
		.description = in->description,
		.website = in->website,
		.industry = in->industry,
		.size = in->size,
		.country = in->country,
		.abn = in->abn,
		.tax_number = in->tax_number,
		.billing_email = in->billing_email,
		.billing_admin_id = in->billing_admin_id,
		.currency = text_or(in->currency, "AUD"),
		.timezone = text_or(in->timezone, "UTC"),
		.is_personal = in->is_personal.given && in->is_personal.value };
	struct currency currency = { { 0 } };
	const struct problem *p = check_billing_admin(call, in);

	if (p != NULL)
		return p;
	call->organization = id_new(call->now);
	copy_address(&row, in->billing_address);
	if (in->enterprise_billing.given && in->enterprise_billing.value)
		row.enterprise_requested_at = (struct maybe_instant){ call->now, true };
	p = insert(call, &row);
	if (p != NULL)
		return p;
	memcpy(currency.code, row.currency.at, 3);
	p = ledger_open(call, currency);
	return p != NULL ? p : organization_read(call, out);
}

const struct resource organization_create_resource = {
	.name = "organization_create",
	.summary = "How organizations come to be.",
	.statements = LIST_OF(statement, &find_user, &insert_organization),
};
