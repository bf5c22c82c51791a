/*
 * Invoices as rows: what callers see of one, how it and its lines are read, and how a draft begins.
 */
#include "invoice_parts.h"

#include <string.h>

#include "config.h"
#include "id.h"
#include "json.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

const char *const invoice_kinds[] = { "topup", "run", NULL };
const char *const invoice_statuses[] = { "draft", "issued", "paid", "void", "uncollectible", NULL };
static const char *const line_kinds[] = { "topup", "plan_fee", "overage", "usage", "orders", "refund",
	"commitment_shortfall", "late_usage", NULL };

static const struct field invoice_party_fields[] = {
	FIELD(invoice_party, name, ANY, "The name."),
	FIELD(invoice_party, address, ANY, "The lines of the address."),
	FIELD(invoice_party, country, ANY, "The country, ISO 3166-1 alpha-2, or its name."),
	FIELD(invoice_party, tax_number, ANY, "The tax number, with what kind of number it is."),
};
const struct shape invoice_party_shape = {
	.name = "invoice_party",
	.size = sizeof(struct invoice_party),
	.count = COUNT(invoice_party_fields),
	.fields = invoice_party_fields,
};

static const struct field invoice_line_fields[] = {
	FIELD(invoice_line, invoice_id, HIDDEN, "The invoice."),
	FIELD(invoice_line, position, ANY, "Its place, from 1."),
	FIELD(invoice_line, kind, ONE_OF(line_kinds), "What kind of thing it is for."),
	FIELD(invoice_line, description, ANY, "What it is for, in words."),
	FIELD(invoice_line, quantity, ANY, "How much of it; null where that is not counted."),
	FIELD(invoice_line, unit, ANY, "What is counted."),
	FIELD(invoice_line, unit_price, ANY, "The price of one; null where the amount is no product."),
	FIELD(invoice_line, credits, ANY, "The credits that it is the value of."),
	FIELD(invoice_line, exact, ANY, "The amount before it was rounded."),
	FIELD(invoice_line, amount, ANY, "The amount, rounded half-even to a hundredth."),
	FIELD(invoice_line, accrued, HIDDEN, "What was owed of it before the invoice was issued."),
	FIELD(invoice_line, tax_rate_name, ANY, "The tax; null: none."),
	FIELD(invoice_line, tax_rate, ANY, "Its rate, in millionths."),
	FIELD(invoice_line, tax, ANY, "Its part of the tax; the largest line at a rate takes what rounding leaves."),
	FIELD(invoice_line, from, ANY, "From when on it counts."),
	FIELD(invoice_line, to, ANY, "Until when."),
	FIELD(invoice_line, source, ANY, "What it was computed from."),
};
const struct shape invoice_line_shape = {
	.name = "invoice_line",
	.size = sizeof(struct invoice_line),
	.count = COUNT(invoice_line_fields),
	.fields = invoice_line_fields,
	.partial = true,
};

static const struct field invoice_fields[] = {
	INVOICE_FIELDS(invoice, ),
	FIELD(invoice, organization_id, HIDDEN, "Whose it is."),
	FIELD(invoice, accrued, HIDDEN, "What was owed before it was issued."),
	FIELD(invoice, failed_payment_id, HIDDEN, "The last charge that failed."),
	FIELD(invoice, last_error, HIDDEN, "Why it failed."),
	FIELD(invoice, remind_at, HIDDEN, "When it is next told to be overdue."),
	FIELD(invoice, issuer, HIDDEN, "Who issues it."),
	FIELD(invoice, customer, HIDDEN, "Who it is for."),
	FIELD(invoice, timezone, HIDDEN, "The organization's time zone."),
};
const struct shape invoice_shape = {
	.name = "invoice",
	.size = sizeof(struct invoice),
	.count = COUNT(invoice_fields),
	.fields = invoice_fields,
	.partial = true,
};

struct invoice_ref {
	struct id invoice_id;
};
static const struct field invoice_ref_fields[] = {
	FIELD(invoice_ref, invoice_id, ANY, "The invoice."),
};
SHAPE(invoice_ref)

struct drawn_up {
	struct text name;
	struct text currency;
	struct text timezone;
	struct maybe_text country;
	struct maybe_text abn;
	struct maybe_text tax_number;
	struct maybe_text line1, line2, city, state, postal_code, address_country;
	bool post_pay;
	struct maybe_text rate_name;
	struct maybe_int rate;
};
static const struct field drawn_up_fields[] = {
	FIELD(drawn_up, name, ANY, "Its name as it is shown."),
	FIELD(drawn_up, currency, ANY, "What it pays in."),
	FIELD(drawn_up, timezone, ANY, "Where its months begin."),
	FIELD(drawn_up, country, ANY, "Whose taxes it pays."),
	FIELD(drawn_up, abn, ANY, "Its number in Australia."),
	FIELD(drawn_up, tax_number, ANY, "Its number elsewhere."),
	FIELD(drawn_up, line1, ANY, "Of its address."),
	FIELD(drawn_up, line2, ANY, "Of its address."),
	FIELD(drawn_up, city, ANY, "Of its address."),
	FIELD(drawn_up, state, ANY, "Of its address."),
	FIELD(drawn_up, postal_code, ANY, "Of its address."),
	FIELD(drawn_up, address_country, ANY, "Of its address."),
	FIELD(drawn_up, post_pay, ANY, "Whether it pays afterwards."),
	FIELD(drawn_up, rate_name, ANY, "The tax of that day in its country."),
	FIELD(drawn_up, rate, ANY, "Its rate, in millionths."),
};
SHAPE(drawn_up)

struct draft_day {
	struct instant day;
};
static const struct field draft_day_fields[] = {
	FIELD(draft_day, day, ANY, "Whose tax is asked for."),
};
SHAPE(draft_day)

struct open_count {
	int64_t count;
};
static const struct field open_count_fields[] = {
	FIELD(open_count, count, ANY, "How many."),
};
SHAPE(open_count)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement read_invoice = {
	.sql = "SELECT " INVOICE_COLUMNS INVOICE_FROM " WHERE i.organization_id = :organization AND i.id = :invoice_id",
	.takes = &invoice_ref_shape,
	.gives = &invoice_shape,
};

/* Without the organization's row, which the reading joins. */
static const struct statement lock_row = {
	.sql = "SELECT id AS invoice_id FROM invoice WHERE organization_id = :organization AND id = :invoice_id FOR "
	       "UPDATE",
	.takes = &invoice_ref_shape,
	.gives = &invoice_ref_shape,
};

static const struct statement list_lines = {
	.sql = "SELECT invoice_id, position, kind, description, quantity, unit, unit_price, credits, exact, amount,"
	       " accrued, tax_rate_name, tax_rate, tax, from_at AS `from`, to_at AS `to`, source FROM invoice_line"
	       " WHERE organization_id = :organization AND invoice_id = :invoice_id ORDER BY position",
	.takes = &invoice_ref_shape,
	.gives = &invoice_line_shape,
};

static const struct statement read_customer = {
	.sql =
	    "SELECT COALESCE(o.display_name, o.name) AS name, o.currency, o.timezone, o.country, o.abn, o.tax_number,"
	    " o.billing_line1 AS line1, o.billing_line2 AS line2, o.billing_city AS city, o.billing_state AS state,"
	    " o.billing_postal_code AS postal_code, o.billing_country AS address_country, b.post_pay,"
	    " r.name AS rate_name, r.rate FROM organization o JOIN book b ON b.organization_id = o.id"
	    " LEFT JOIN tax_rate r ON r.country = o.country AND r.valid_from = (SELECT MAX(t.valid_from)"
	    " FROM tax_rate t WHERE t.country = o.country AND t.valid_from <= DATE(:day)) WHERE o.id = :organization",
	.takes = &draft_day_shape,
	.gives = &drawn_up_shape,
};

static const struct statement count_open = {
	.sql = "SELECT COUNT(*) AS count FROM invoice WHERE organization_id = :organization AND status = 'issued'",
	.gives = &open_count_shape,
};

/* ---- reading --------------------------------------------------------------------------------------------------- */

bool
invoice_has_status(const struct invoice *invoice, const char *status)
{
	return text_is(invoice->status, status);
}

const struct problem *
invoice_read(struct call *call, struct id invoice_id, struct invoice *out, bool *found)
{
	struct invoice_ref ref = { invoice_id };

	return sql_maybe(call, &read_invoice, &ref, out, found);
}

const struct problem *
invoice_lock(struct call *call, struct id invoice_id, struct invoice *out, bool *found)
{
	struct invoice_ref ref = { invoice_id }, locked;
	const struct problem *p = sql_maybe(call, &lock_row, &ref, &locked, found);

	return p == NULL && *found ? invoice_read(call, invoice_id, out, found) : p;
}

const struct problem *
invoice_read_lines(struct call *call, struct invoice *invoice)
{
	struct invoice_ref ref = { invoice->id };

	return sql_all(call, &list_lines, &ref, &invoice->lines);
}

const struct problem *
invoice_party_read(struct call *call, struct text json, struct invoice_party *out)
{
	*out = (struct invoice_party){ .name = TEXT("") };
	return json_read(call, json, &invoice_party_shape, out);
}

void
invoice_complete(struct call *call, struct invoice *invoice)
{
	char ulid[ID_CHARACTERS + 1];

	if (invoice_has_status(invoice, "draft"))
		return;
	id_format(invoice->id, ulid);
	invoice->pdf_url =
	    text_given(arena_format(call->arena, "%s/v1/billing/invoices/%s/pdf", config.public_url, ulid));
}

const struct problem *
invoices_count_open(struct call *call, int64_t *out)
{
	struct open_count open;
	const struct problem *p = sql_one(call, &count_open, NULL, &open);

	if (p == NULL)
		*out = open.count;
	return p;
}

/* ---- a draft --------------------------------------------------------------------------------------------------- */

static struct text
party_written(struct call *call, const struct invoice_party *party)
{
	struct buffer out = buffer_new(call->arena, 512);

	json_write(&out, &invoice_party_shape, party);
	return buffer_text(&out);
}

/* The setting holds an address on one line, with semicolons between its lines. */
struct invoice_party
invoice_issuer(struct call *call)
{
	struct invoice_party issuer = { .name = text_from(config.issuer_name) };
	const char *at = config.issuer_address;

	issuer.address.items = arena_array(call->arena, strlen(at) + 1, sizeof(*issuer.address.items));
	while (*at != '\0') {
		size_t length = strcspn(at, ";");
		struct text line = text_trim(arena_text(call->arena, at, length));

		if (line.length > 0)
			issuer.address.items[issuer.address.count++] = arena_text(call->arena, line.at, line.length);
		at += length + (at[length] == ';');
	}
	if (*config.issuer_tax_number != '\0')
		issuer.tax_number = text_given(text_from(config.issuer_tax_number));
	return issuer;
}

static struct text
issuer_written(struct call *call)
{
	struct invoice_party issuer = invoice_issuer(call);

	return party_written(call, &issuer);
}

static void
add_address_line(struct texts *address, struct maybe_text line)
{
	if (line.at != NULL && line.length > 0)
		address->items[address->count++] = (struct text){ line.at, line.length };
}

/* City, state and postal code share a line. */
static struct maybe_text
town_of(struct call *call, const struct drawn_up *row)
{
	const struct maybe_text parts[] = { row->city, row->state, row->postal_code };
	struct buffer town = buffer_new(call->arena, 64);

	for (size_t i = 0; i < COUNT(parts); i++) {
		if (parts[i].at == NULL || parts[i].length == 0)
			continue;
		if (town.length > 0)
			buffer_add_char(&town, ' ');
		buffer_add(&town, parts[i].at, parts[i].length);
	}
	return text_given(buffer_text(&town));
}

static struct text
customer_written(struct call *call, const struct drawn_up *row)
{
	struct text lines[4];
	struct invoice_party customer = { .name = row->name, .address = { lines, 0 }, .country = row->country };

	add_address_line(&customer.address, row->line1);
	add_address_line(&customer.address, row->line2);
	add_address_line(&customer.address, town_of(call, row));
	add_address_line(&customer.address, row->address_country);
	if (row->abn.at != NULL)
		customer.tax_number = text_given(arena_format(call->arena, "ABN %s", row->abn.at));
	else
		customer.tax_number = row->tax_number;
	return party_written(call, &customer);
}

static const struct problem *
begin(struct call *call, struct instant day, struct drawn_up *row, struct invoice *out)
{
	struct draft_day taxed = { day };
	const struct problem *p = sql_one(call, &read_customer, &taxed, row);

	if (p != NULL)
		return p;
	*out = (struct invoice){ .id = id_new(call->now),
		.organization_id = call->organization,
		.status = TEXT("draft"),
		.currency = row->currency,
		.issuer = issuer_written(call),
		.customer = customer_written(call, row),
		.created_at = call->now,
		.timezone = row->timezone,
		.customer_country = text_or(row->country, "") };
	return NULL;
}

const struct problem *
invoice_draft(struct call *call, const struct month *month, struct invoice *out)
{
	struct drawn_up row;
	const struct problem *p = begin(call, call->now, &row, out);

	if (p != NULL)
		return p;
	out->kind = TEXT("run");
	out->period = text_given(arena_format(call->arena, "%s", month->name));
	out->tax_included = !row.post_pay;
	return NULL;
}

const struct problem *
invoice_draft_purchase(struct call *call, struct instant day, struct invoice *out, struct invoice_rate *rate)
{
	struct drawn_up row;
	const struct problem *p = begin(call, day, &row, out);

	if (p != NULL)
		return p;
	out->kind = TEXT("topup");
	out->tax_included = true;
	*rate = (struct invoice_rate){ row.rate_name, row.rate };
	return NULL;
}

const struct resource invoice_resource = {
	.name = "invoice",
	.summary = "Invoices, as rows.",
	.statements = LIST_OF(statement, &read_invoice, &lock_row, &list_lines, &read_customer, &count_open),
};
