/*
 * Credit notes as they are read: listed, and one with all that is printed on it. How they are made: credit_note_make.c.
 */
#include "credit_note.h"

#include "media.h"
#include "page.h"
#include "resources.h"
#include "statement.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const struct field credit_note_fields[] = {
	FIELD(credit_note, id, ANY, "The credit note."),
	FIELD(credit_note, number, ANY, "Its number, of a series of its own."),
	FIELD(credit_note, organization_id, ANY, "Whose it is."),
	FIELD(credit_note, invoice_id, ANY, "The invoice that it corrects."),
	FIELD(credit_note, invoice_number, ANY, "That one's number."),
	FIELD(credit_note, reason, ANY, "Why."),
	FIELD(credit_note, currency, ANY, "Of the amounts."),
	FIELD(credit_note, amount, ANY,
	    "What it takes off, tax included; below 0 where it takes back a note whose refund failed."),
	FIELD(
	    credit_note, tax, ANY, "The tax in it: the invoice's in proportion, so that notes over all of it add up."),
	FIELD(credit_note, on_account, HIDDEN, "What was taken off the account before the note."),
	FIELD(credit_note, source, ANY, "Of a monthly run: what it gives back."),
	FIELD(credit_note, refund_id, ANY, "Of a purchase: the refund that it documents, where it is known."),
	FIELD(credit_note, issuer, HIDDEN, "Who issues it."),
	FIELD(credit_note, customer, HIDDEN, "Who it is for."),
	FIELD(credit_note, created_at, ANY, "When it was issued."),
};
const struct shape credit_note_shape = {
	.name = "credit_note",
	.size = sizeof(struct credit_note),
	.count = COUNT(credit_note_fields),
	.fields = credit_note_fields,
};

struct note_list {
	PAGE_MEMBERS;
	struct maybe_id invoice_id;
};
static const struct field note_list_fields[] = {
	PAGE_FIELDS(note_list),
	FIELD(note_list, invoice_id, ANY, "Only those of that invoice."),
};
SHAPE(note_list)

struct credit_note_key {
	struct id credit_note_id;
};
static const struct field credit_note_key_fields[] = {
	FIELD(credit_note_key, credit_note_id, ANY, "The credit note."),
};
SHAPE(credit_note_key)

struct invoice_key {
	struct id invoice_id;
};
static const struct field invoice_key_fields[] = {
	FIELD(invoice_key, invoice_id, ANY, "The invoice."),
};
SHAPE(invoice_key)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

#define NOTE_COLUMNS                                                                                                  \
	"n.id, n.organization_id, n.invoice_id, COALESCE(i.number, '') AS invoice_number, COALESCE(n.number, '') AS " \
	"number, n.reason, n.currency, n.amount,"                                                                     \
	" n.tax, n.on_account, n.source, n.refund_id, n.created_at"
#define FROM_NOTES " FROM credit_note n JOIN invoice i ON i.id = n.invoice_id"
/* Lists show neither party, and may be long. */
#define NO_PARTIES ", '' AS issuer, '' AS customer"

static const struct statement list_notes = {
	.sql =
	    "SELECT " NOTE_COLUMNS NO_PARTIES FROM_NOTES " WHERE n.organization_id = :organization AND n.id < :cursor"
	    " AND (:invoice_id IS NULL OR n.invoice_id = :invoice_id) ORDER BY n.id DESC LIMIT :limit",
	.takes = &note_list_shape,
	.gives = &credit_note_shape,
};

static const struct statement read_note = {
	.sql = "SELECT " NOTE_COLUMNS ", n.issuer, n.customer" FROM_NOTES
	       " WHERE n.organization_id = :organization AND n.id = :credit_note_id",
	.takes = &credit_note_key_shape,
	.gives = &credit_note_shape,
};

static const struct statement list_of_invoice = {
	.sql = "SELECT " NOTE_COLUMNS NO_PARTIES FROM_NOTES
	       " WHERE n.organization_id = :organization AND n.invoice_id = :invoice_id ORDER BY n.id",
	.takes = &invoice_key_shape,
	.gives = &credit_note_shape,
};

/* ---- reading --------------------------------------------------------------------------------------------------- */

const struct problem *
credit_notes_of(struct call *call, struct id invoice_id, struct list *out)
{
	struct invoice_key key = { invoice_id };

	return sql_all(call, &list_of_invoice, &key, out);
}

const struct problem *
credit_note_read(struct call *call, struct id credit_note_id, struct credit_note *out, bool *found)
{
	struct credit_note_key key = { credit_note_id };

	return sql_maybe(call, &read_note, &key, out, found);
}

/* ---- billing.credit_notes.get ------------------------------------------------------------------------------------ */

#define NOTE_ROW(m, sentence) FIELD_AS(credit_note_details, note.m, #m, ANY, sentence)

static const struct field credit_note_details_fields[] = {
	NOTE_ROW(id, "The credit note."),
	NOTE_ROW(number, "Its number, of a series of its own."),
	NOTE_ROW(organization_id, "Whose it is."),
	NOTE_ROW(invoice_id, "The invoice that it corrects."),
	NOTE_ROW(invoice_number, "That one's number."),
	FIELD(credit_note_details, invoice_issued_at, ANY, "When that one was issued."),
	NOTE_ROW(reason, "Why."),
	NOTE_ROW(currency, "Of the amounts."),
	FIELD(credit_note_details, net, ANY, "What it takes off, without tax."),
	NOTE_ROW(tax, "The tax on that."),
	NOTE_ROW(amount, "Both together; below 0 where it takes back a note whose refund failed."),
	NOTE_ROW(source, "Of a monthly run: what it gives back."),
	NOTE_ROW(refund_id, "Of a purchase: the refund that it documents, where it is known."),
	FIELD_OBJECT(credit_note_details, issuer, invoice_party, false, "Who issues it, as on the invoice."),
	FIELD_OBJECT(credit_note_details, customer, invoice_party, false, "Who it is for, as on the invoice."),
	NOTE_ROW(created_at, "When it was issued."),
	FIELD(credit_note_details, timezone, HIDDEN, "The organization's time zone."),
};
const struct shape credit_note_details_shape = {
	.name = "credit_note_details",
	.size = sizeof(struct credit_note_details),
	.partial = true,
	.count = COUNT(credit_note_details_fields),
	.fields = credit_note_details_fields,
};

HANDLER(get_note, credit_note_key, credit_note_details)

static const struct rendering renderings[] = {
	{ MEDIA_PDF, credit_note_pdf_write, NULL },
	{ .media_type = NULL },
};

static const struct operation get_operation = {
	.id = "billing.credit_notes.get",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "Read one credit note, with all that stands on it.",
	.raises = { NOT_FOUND },
	.run = &get_note_run,
	.renderings = renderings,
};

static const struct problem *
read_party(struct call *call, struct text json, struct invoice_party **out)
{
	*out = arena_take(call->arena, sizeof(**out));
	return invoice_party_read(call, json, *out);
}

static const struct problem *
read_invoice(struct call *call, struct credit_note_details *out)
{
	struct invoice invoice;
	bool found;
	const struct problem *p = invoice_read(call, out->note.invoice_id, &invoice, &found);

	if (p == NULL && !found)
		p = fail_internal(call, "a credit note of no invoice");
	if (p != NULL)
		return p;
	out->invoice_issued_at = invoice.issued_at;
	out->timezone = invoice.timezone;
	return NULL;
}

static const struct problem *
get_note(struct call *call, const struct credit_note_key *in, struct credit_note_details *out)
{
	bool found;
	const struct problem *p = credit_note_read(call, in->credit_note_id, &out->note, &found);

	if (p == NULL && !found)
		p = fail(call, NOT_FOUND, "There is no such credit note.");
	if (p == NULL)
		p = read_invoice(call, out);
	if (p == NULL)
		p = read_party(call, out->note.issuer, &out->issuer);
	if (p == NULL)
		p = read_party(call, out->note.customer, &out->customer);
	if (p == NULL)
		out->net.micros = out->note.amount.micros - out->note.tax.micros;
	return p;
}

/* ---- billing.credit_notes.list ----------------------------------------------------------------------------------- */

HANDLER_EACH(list_credit_notes, note_list, credit_note)

static const struct operation list_operation = {
	.id = "billing.credit_notes.list",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "List the organization's credit notes, newest first.",
	.page_key = "id",
	.raises = { NOT_FOUND },
	.run = &list_credit_notes_run,
};

static const struct problem *
put_note(struct call *call, void *context, const void *row)
{
	(void)call;
	return sink_row(context, row);
}

static const struct problem *
list_credit_notes(struct call *call, const struct note_list *in, struct sink *sink)
{
	struct invoice invoice;
	bool found = true;
	const struct problem *p = NULL;

	if (in->invoice_id.given)
		p = invoice_read(call, in->invoice_id.value, &invoice, &found);
	if (p == NULL && !found)
		p = fail(call, NOT_FOUND, "There is no such invoice.");
	return p != NULL ? p : sql_each(call, &list_notes, in, put_note, sink);
}

const struct resource credit_notes_resource = {
	.name = "billing.credit_notes",
	.summary = "Credit notes, which correct invoices.",
	.operations = LIST_OF(operation, &credit_notes_create_operation, &list_operation, &get_operation),
	.statements = LIST_OF(statement, &list_notes, &read_note, &list_of_invoice),
};
