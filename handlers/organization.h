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

/* `o` is what stands before each column: "" or an alias with its dot. */
#define ORGANIZATION_COLUMNS_OF(o)                                                                                     \
	o "id, " o "name, " o "slug, " o "display_name, " o "description, " o "website, " o "industry, " o "size, "    \
	o "country, " o "abn, " o "tax_number, " o "billing_email, " o "billing_admin_id, " o "billing_line1, "        \
	o "billing_line2, " o "billing_city, " o "billing_state, " o "billing_postal_code, " o "billing_country, "     \
	o "enterprise_billing, " o "enterprise_requested_at, " o "currency, " o "timezone, " o "is_personal, "         \
	o "logo_url, " o "approval_threshold_credits, " o "require_second_person, " o "credits_low_threshold, "        \
	o "rate_limit, " o "status, " o "created_at, " o "updated_at"
#define ORGANIZATION_COLUMNS ORGANIZATION_COLUMNS_OF("")

/* What can be said of an organization beside its name, when it is made and later. */
struct organization_details {
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
};

/* The rows of a struct `s` that has it as its member `details`. */
#define DETAIL(s, m, limits, sentence)                                                                                 \
	{ .name = #m, .kind = KIND_OF(s, details.m), .optional = IS_MAYBE(s, details.m), FIELD_BASE(s, details.m),     \
	  limits, .summary = sentence }
#define ORGANIZATION_DETAILS(s)                                                                                        \
	DETAIL(s, display_name, MATCHING(plain_format, 1, 200), "What to show instead of the name."),                  \
	    DETAIL(s, description, LENGTH(1, 2000), "What it does."),                                                  \
	    DETAIL(s, website, MATCHING(url_format, 1, 500), "Its website."),                                          \
	    DETAIL(s, industry, MATCHING(plain_format, 1, 100), "Its industry."),                                      \
	    DETAIL(s, size, MATCHING(plain_format, 1, 50), "How large it is, in its own words."),                      \
	    DETAIL(s, country, MATCHING(country_format, 2, 2), "Its country, ISO 3166-1 alpha-2."),                    \
	    DETAIL(s, abn, MATCHING(abn_format, 11, 11), "Its Australian Business Number."),                           \
	    DETAIL(s, tax_number, MATCHING(plain_format, 1, 50), "Its tax number elsewhere."),                         \
	    DETAIL(s, billing_email, MATCHING(email_format, 3, 254), "Where invoices and alerts go."),                 \
	    DETAIL(s, billing_admin_id, ANY, "The person who answers for billing."),                                   \
	    { .name = "billing_address", .kind = KIND_OBJECT, .optional = true,                                        \
	      FIELD_BASE(s, details.billing_address), .shape = &address_shape,                                         \
	      .summary = "The address on invoices." },                                                                 \
	    DETAIL(s, enterprise_billing, ANY, "Ask to pay afterwards, by invoice; an operator decides."),             \
	    DETAIL(s, currency, ONE_OF(organization_currencies), "The currency it pays in; AUD."),                     \
	    DETAIL(s, timezone, MATCHING(timezone_format, 1, 64), "Its IANA time zone; UTC."),                         \
	    DETAIL(s, is_personal, ANY, "Whether it stands for one person.")

/* Operations of organizations.* that have files of their own. */
extern const struct operation create_organization_operation;
extern const struct operation update_organization_operation;
extern const struct operation set_purchase_policy_operation;
extern const struct operation close_organization_operation;

/* What the maker of an organization says of it. */
struct new_organization {
	struct text name;
	struct organization_details details;
};

/* How long a closed organization is kept before it is erased. */
enum { ORGANIZATION_KEPT_SECONDS = 30 * 86400 };

/* Makes the organization and its book, sets call->organization to it, and reads it back. The owner, where one is given,
 * becomes its first member, and is the only one who can answer for its billing: INVALID; HUMAN_REQUIRED where that person
 * is gone. */
const struct problem *organization_create(struct call *call, const struct new_organization *in, struct maybe_id owner,
    struct organization *out);

/* Takes over what is given; tells whether anything is. The billing admin is checked by the caller. */
bool organization_take(struct call *call, struct organization *row, const struct organization_details *given);

/* The call's own organization, with its address. */
const struct problem *organization_read(struct call *call, struct organization *out);

/* The same, locked until the end of the transaction; ORGANIZATION_CLOSED where it was closed a moment ago. */
const struct problem *organization_lock(struct call *call, struct organization *out);

/* Closes or reopens the call's organization, which the caller has locked: from the commit on its keys are refused, or
 * accepted again. Leaves the event; of a closing every owner gets a mail, and it ends what would buy credits: the payment
 * that waits for its person, approvals, automatic top-ups. Locks the book. */
const struct problem *organization_close(struct call *call);
const struct problem *organization_reopen(struct call *call);

/* In the job that erases: detaches the cards of the call's organization, closed then, at their processors. `*is_done` false
 * where it is to be erased later, because a processor was silent; `*silences` counts that, in one run. */
const struct problem *organization_detach_cards(
    struct call *call, struct instant closed_at, unsigned *silences, bool *is_done);

/* Every key's row repeats what its check needs of the organization: to be called by whoever changes status or limit. */
const struct problem *organization_tell_keys(struct call *call);

/* Fills billing_address from what SQL gave; NULL where nothing of it is known. */
void organization_complete(struct call *call, struct organization *organization);

/* A row callback for sql_each: completes the row and hands it to the sink that `context` points at. */
const struct problem *organization_row_to_sink(struct call *call, void *context, const void *row);

#endif
