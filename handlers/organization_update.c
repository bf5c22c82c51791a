/*
 * Changing an organization: what its people say of it, and who may buy how much.
 */
#include <string.h>

#include "ledger.h"
#include "organization.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement change_organization = {
	.sql = "UPDATE organization SET name = :name, display_name = :display_name, description = :description,"
	       " website = :website, industry = :industry, size = :size, country = :country, abn = :abn,"
	       " tax_number = :tax_number, billing_email = :billing_email, billing_admin_id = :billing_admin_id,"
	       " billing_line1 = :billing_line1, billing_line2 = :billing_line2, billing_city = :billing_city,"
	       " billing_state = :billing_state, billing_postal_code = :billing_postal_code,"
	       " billing_country = :billing_country, enterprise_requested_at = :enterprise_requested_at,"
	       " currency = :currency, timezone = :timezone, is_personal = :is_personal, logo_url = :logo_url,"
	       " approval_threshold_credits = :approval_threshold_credits,"
	       " require_second_person = :require_second_person, credits_low_threshold = :credits_low_threshold,"
	       " updated_at = :now WHERE id = :organization",
	.takes = &organization_shape,
};

struct member_ref {
	struct id user_id;
};
static const struct field member_ref_fields[] = {
	FIELD(member_ref, user_id, ANY, "The person."),
};
SHAPE(member_ref)

static const struct statement find_active_member = {
	.sql =
	    "SELECT user_id FROM membership WHERE organization_id = :organization AND user_id = :user_id AND is_active",
	.takes = &member_ref_shape,
	.gives = &member_ref_shape,
};

struct book_currency {
	struct currency currency;
};
static const struct field book_currency_fields[] = {
	FIELD(book_currency, currency, ANY, "What it is booked in."),
};
SHAPE(book_currency)

static const struct statement set_book_currency = {
	.sql = "CALL book_set_currency(:organization, :currency)",
	.takes = &book_currency_shape,
};

static const struct statement read_book_currency = {
	.sql = "SELECT currency FROM book WHERE organization_id = :organization",
	.gives = &book_currency_shape,
};

/* ---- organizations.update -------------------------------------------------------------------------------------- */

struct update_organization {
	struct maybe_text name;
	struct organization_details details;
	struct maybe_text logo_url;
	struct maybe_int credits_low_threshold;
};
static const struct field update_organization_fields[] = {
	FIELD(update_organization, name, MATCHING(plain_format, 1, 200), "Its name; the slug stays."),
	ORGANIZATION_DETAILS(update_organization),
	FIELD(update_organization, logo_url, MATCHING(url_format, 1, 500), "Its logo."),
	FIELD(
	    update_organization, credits_low_threshold, RANGE(0, LEDGER_MOST), "Below it a low balance is announced."),
};
SHAPE(update_organization)

HANDLER(update_organization, update_organization, organization)

const struct operation update_organization_operation = {
	.id = "organizations.update",
	.kind = WRITE,
	.scope = ORGANIZATIONS_WRITE,
	.effect = COMPUTES,
	.summary = "Change what is known of the organization.",
	.description =
	    "What is left out stays as it is; an address is replaced as a whole. The currency changes only before"
	    " anything is booked. `enterprise_billing` asks for it, or takes the request back.",
	.raises = { CONFLICT, ORGANIZATION_CLOSED },
	.run = &update_organization_run,
};

static const struct problem *
check_billing_admin(struct call *call, struct maybe_id admin)
{
	struct member_ref ref = { admin.value };
	const struct problem *p;
	bool found;

	if (!admin.given)
		return NULL;
	p = sql_maybe(call, &find_active_member, &ref, &ref, &found);
	if (p == NULL && !found)
		p = fail_field(call, "/billing_admin_id", "unknown",
		    "Only an active member of the organization can answer for its billing.");
	return p;
}

static bool
take(struct call *call, struct organization *row, const struct update_organization *in)
{
	bool any = organization_take(call, row, &in->details);

	if (in->name.at != NULL)
		row->name = (struct text){ in->name.at, in->name.length };
	if (in->logo_url.at != NULL)
		row->logo_url = in->logo_url;
	if (in->credits_low_threshold.given)
		row->credits_low_threshold = in->credits_low_threshold;
	return any || in->name.at != NULL || in->logo_url.at != NULL || in->credits_low_threshold.given;
}

/* The procedure leaves a book with entries alone; whoever books at this moment is waited for. */
static const struct problem *
change_currency(struct call *call, struct text currency)
{
	struct book_currency book = { { { 0 } } };
	const struct problem *p;

	memcpy(book.currency.code, currency.at, 3);
	p = sql_run(call, &set_book_currency, &book, NULL);
	if (p == NULL)
		p = sql_one(call, &read_book_currency, NULL, &book);
	if (p == NULL && !text_is(currency, book.currency.code))
		p = fail(call, CONFLICT, "Something is booked or limited in %s already, so the currency stays.",
		    book.currency.code);
	return p;
}

static const struct problem *
update_organization(struct call *call, const struct update_organization *in, struct organization *out)
{
	struct organization row;
	struct text currency;
	const struct problem *p = organization_lock(call, &row);

	if (p == NULL)
		p = check_billing_admin(call, in->details.billing_admin_id);
	if (p != NULL)
		return p;
	currency = row.currency;
	if (take(call, &row, in))
		p = sql_run(call, &change_organization, &row, NULL);
	if (p == NULL && !text_equal(row.currency, currency))
		p = change_currency(call, row.currency);
	if (p == NULL && in->credits_low_threshold.given)
		p = ledger_set_low_threshold(call, (struct maybe_credits){ { in->credits_low_threshold.value }, true });
	return p != NULL ? p : organization_read(call, out);
}

/* ---- organizations.set_purchase_policy ------------------------------------------------------------------------- */

struct purchase_policy {
	struct maybe_int approval_threshold_credits;
	struct maybe_bool require_second_person;
};
static const struct field purchase_policy_fields[] = {
	FIELD(
	    purchase_policy, approval_threshold_credits, RANGE(0, LEDGER_MOST), "Purchases above it need an approval."),
	FIELD(purchase_policy, require_second_person, ANY, "Whether nobody may approve their own request."),
};
SHAPE(purchase_policy)

HANDLER(set_purchase_policy, purchase_policy, organization)

const struct operation set_purchase_policy_operation = {
	.id = "organizations.set_purchase_policy",
	.kind = WRITE,
	.scope = ORGANIZATIONS_WRITE,
	.effect = COMPUTES,
	.human = true,
	.roles = ROLE_BIT(ROLE_OWNER) | ROLE_BIT(ROLE_ADMIN),
	.summary = "Say which purchases need an approval, and by whom.",
	.raises = { ORGANIZATION_CLOSED },
	.run = &set_purchase_policy_run,
};

static const struct problem *
set_purchase_policy(struct call *call, const struct purchase_policy *in, struct organization *out)
{
	struct organization row;
	const struct problem *p = organization_lock(call, &row);

	if (p != NULL)
		return p;
	if (in->approval_threshold_credits.given)
		row.approval_threshold_credits = in->approval_threshold_credits;
	if (in->require_second_person.given)
		row.require_second_person = in->require_second_person.value;
	if (in->approval_threshold_credits.given || in->require_second_person.given)
		p = sql_run(call, &change_organization, &row, NULL);
	return p != NULL ? p : organization_read(call, out);
}

const struct resource organization_update_resource = {
	.name = "organization_update",
	.summary = "How organizations change.",
	.statements =
	    LIST_OF(statement, &change_organization, &find_active_member, &set_book_currency, &read_book_currency),
};
