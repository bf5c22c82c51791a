/*
 * What an organization is: the shape that several resources answer with, and how it is read.
 */
#ifndef PURSER_ORGANIZATION_H
#define PURSER_ORGANIZATION_H

#include "call.h"
#include "formats.h"

struct address {
	struct maybe_text line1, line2, city, state, postal_code, country;
};
static const struct field address_fields[] = {
	FIELD(address, line1, LENGTH(0, 200), "Street and number, or the like."),
	FIELD(address, line2, LENGTH(0, 200), "What does not fit the first line."),
	FIELD(address, city, LENGTH(0, 100), "City, suburb or town."),
	FIELD(address, state, LENGTH(0, 100), "State, province or county."),
	FIELD(address, postal_code, LENGTH(0, 20), "Postal code."),
	FIELD(address, country, MATCHING(country_format, 2, 2), "Country, ISO 3166-1 alpha-2."),
};
SHAPE(address)

struct organization {
	struct id id;
	struct text name;
	struct text slug;
	struct maybe_text display_name;
	struct maybe_text description;
	struct maybe_text website;
	struct maybe_text industry;
	struct maybe_text size;
	struct maybe_text country;
	struct maybe_text abn;
	struct maybe_text tax_number;
	struct maybe_text billing_email;
	struct maybe_id billing_admin_id;
	struct address *billing_address; /* made of the next six, which only SQL knows */
	struct maybe_text billing_line1, billing_line2, billing_city, billing_state, billing_postal_code,
	    billing_country;
	bool enterprise_billing;
	struct maybe_instant enterprise_requested_at;
	struct text currency;
	struct text timezone;
	bool is_personal;
	struct maybe_text logo_url;
	struct maybe_int approval_threshold_credits;
	bool require_second_person;
	struct maybe_int credits_low_threshold;
	struct maybe_int rate_limit;
	struct text status;
	struct instant created_at;
	struct instant updated_at;
};

extern const struct shape organization_shape;

#define ORGANIZATION_COLUMNS                                                                                           \
	"id, name, slug, display_name, description, website, industry, size, country, abn, tax_number, billing_email," \
	" billing_admin_id, billing_line1, billing_line2, billing_city, billing_state, billing_postal_code,"           \
	" billing_country, enterprise_billing, enterprise_requested_at, currency, timezone, is_personal, logo_url,"    \
	" approval_threshold_credits, require_second_person, credits_low_threshold, rate_limit, status, created_at,"   \
	" updated_at"

/* What the maker of an organization says of it. */
struct new_organization {
	struct text name;
	struct maybe_text display_name;
	struct maybe_text description;
	struct maybe_text website;
	struct maybe_text industry;
	struct maybe_text size;
	struct maybe_text country;
	struct maybe_text abn;
	struct maybe_text tax_number;
	struct maybe_text billing_email;
	struct maybe_id billing_admin_id;
	struct address *billing_address;
	struct maybe_bool enterprise_billing;
	struct maybe_text currency;
	struct maybe_text timezone;
	struct maybe_bool is_personal;
	struct maybe_text owner_email;
};

#define NEW_ORGANIZATION_FIELDS                                                                                        \
	FIELD(new_organization, name, MATCHING(plain_format, 1, 200), "Its name."),                                    \
	    FIELD(                                                                                                     \
		new_organization, display_name, MATCHING(plain_format, 1, 200), "What to show instead of the name."),  \
	    FIELD(new_organization, description, LENGTH(1, 2000), "What it does."),                                    \
	    FIELD(new_organization, website, MATCHING(url_format, 1, 500), "Its website."),                            \
	    FIELD(new_organization, industry, MATCHING(plain_format, 1, 100), "Its industry."),                        \
	    FIELD(new_organization, size, MATCHING(plain_format, 1, 50), "How large it is, in its own words."),        \
	    FIELD(new_organization, country, MATCHING(country_format, 2, 2), "Its country, ISO 3166-1 alpha-2."),      \
	    FIELD(new_organization, abn, MATCHING(abn_format, 11, 11), "Its Australian Business Number."),             \
	    FIELD(new_organization, tax_number, MATCHING(plain_format, 1, 50), "Its tax number elsewhere."),           \
	    FIELD(new_organization, billing_email, MATCHING(email_format, 3, 254), "Where invoices and alerts go."),   \
	    FIELD(new_organization, billing_admin_id, ANY, "The person who answers for billing."),                     \
	    FIELD_OBJECT(new_organization, billing_address, address, true, "The address on invoices."),                \
	    FIELD(                                                                                                     \
		new_organization, enterprise_billing, ANY, "Ask to pay afterwards, by invoice; an operator decides."), \
	    FIELD(new_organization, currency, ONE_OF(organization_currencies), "The currency it pays in; AUD."),       \
	    FIELD(new_organization, timezone, MATCHING(timezone_format, 1, 64), "Its IANA time zone; UTC."),           \
	    FIELD(new_organization, is_personal, ANY, "Whether it stands for one person.")

/* Makes the organization and its book, sets call->organization to it, and reads it back. */
const struct problem *organization_create(
    struct call *call, const struct new_organization *in, struct organization *out);

/* The call's own organization, with its address. */
const struct problem *organization_read(struct call *call, struct organization *out);

/* Fills billing_address from what SQL gave; NULL where nothing of it is known. */
void organization_complete(struct call *call, struct organization *organization);

/* A row callback for sql_each: completes the row and hands it to the sink that `context` points at. */
const struct problem *organization_row_to_sink(struct call *call, void *context, const void *row);

#endif
