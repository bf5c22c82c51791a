/*
 * Invoices as their customers see them: listed, read, paid by card.
 */
#include "invoice_details.h"

#include "id.h"
#include "json.h"
#include "media.h"
#include "organization.h"
#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct invoice_list {
	PAGE_MEMBERS;
	struct maybe_text status;
	struct maybe_text kind;
};
static const struct field invoice_list_fields[] = {
	PAGE_FIELDS(invoice_list),
	FIELD(invoice_list, status, ONE_OF(invoice_statuses), "Only those that are so far; a draft is not listed."),
	FIELD(invoice_list, kind, ONE_OF(invoice_kinds), "Only those of purchases, or of months."),
};
SHAPE(invoice_list)

struct invoice_query {
	struct id invoice_id;
};
static const struct field invoice_query_fields[] = {
	FIELD(invoice_query, invoice_id, ANY, "The invoice."),
};
SHAPE(invoice_query)

static const struct field invoice_details_fields[] = {
	INVOICE_FIELDS(invoice_details, invoice.),
	FIELD_OBJECT(invoice_details, issuer, invoice_party, false, "Who issues it, as it was then."),
	FIELD_OBJECT(invoice_details, customer, invoice_party, false, "Who it is for, as it was then."),
	FIELD_LIST(invoice_details, lines, invoice_line, ANY, "Its lines."),
	FIELD_LIST(invoice_details, taxes, invoice_tax_sum, ANY, "The tax by its rates."),
	FIELD_LIST(invoice_details, credit_notes, credit_note, ANY, "What corrects it, oldest first."),
};
const struct shape invoice_details_shape = {
	.name = "invoice_details",
	.size = sizeof(struct invoice_details),
	.count = COUNT(invoice_details_fields),
	.fields = invoice_details_fields,
	.partial = true,
};

static const struct statement list_newest = {
	.sql = "SELECT " INVOICE_COLUMNS INVOICE_FROM " WHERE i.organization_id = :organization AND i.id < :cursor"
	       " AND i.status <> 'draft' AND (:status IS NULL OR i.status = :status)"
	       " AND (:kind IS NULL OR i.kind = :kind) ORDER BY i.id DESC LIMIT :limit",
	.takes = &invoice_list_shape,
	.gives = &invoice_shape,
};

/* ---- billing.invoices.list --------------------------------------------------------------------------------------- */

HANDLER_EACH(list_invoices, invoice_list, invoice)

static const struct operation list_operation = {
	.id = "billing.invoices.list",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "List the organization's invoices, newest first.",
	.page_key = "id",
	.run = &list_invoices_run,
};

static const struct problem *
put_invoice(struct call *call, void *context, const void *row)
{
	struct invoice invoice = *(const struct invoice *)row;

	invoice_complete(call, &invoice);
	return sink_row(context, &invoice);
}

static const struct problem *
list_invoices(struct call *call, const struct invoice_list *in, struct sink *sink)
{
	return sql_each(call, &list_newest, in, put_invoice, sink);
}

/* ---- billing.invoices.get ---------------------------------------------------------------------------------------- */

HANDLER(get_invoice, invoice_query, invoice_details)

static const struct rendering renderings[] = {
	{ MEDIA_CSV, invoice_csv_write, NULL },
	{ MEDIA_PDF, invoice_pdf_write, NULL },
	{ .media_type = NULL },
};

static const struct operation get_operation = {
	.id = "billing.invoices.get",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "Read one invoice, with its lines and what each was computed from.",
	.description =
	    "Each line's amount is rounded half-even to a hundredth of the currency, once. The tax is computed once"
	    " per rate on the sum of the lines at it; the largest of these takes what rounding leaves.",
	.raises = { NOT_FOUND },
	.run = &get_invoice_run,
	.renderings = renderings,
	.rest = { { .method = METHOD_GET, .path = "/v1/billing/invoices/{invoiceId}" },
	    { .method = METHOD_GET, .path = "/v1/billing/invoices/{invoiceId}/pdf", .media_type = MEDIA_PDF } },
};

static const struct problem *
read_party(struct call *call, struct text json, struct invoice_party **out)
{
	*out = arena_take(call->arena, sizeof(**out));
	return invoice_party_read(call, json, *out);
}

static const struct problem *
get_invoice(struct call *call, const struct invoice_query *in, struct invoice_details *out)
{
	bool found;
	const struct problem *p = invoice_read(call, in->invoice_id, &out->invoice, &found);

	if (p == NULL && (!found || invoice_has_status(&out->invoice, "draft")))
		p = fail(call, NOT_FOUND, "There is no such invoice.");
	if (p == NULL)
		p = invoice_read_lines(call, &out->invoice);
	if (p == NULL)
		p = credit_notes_of(call, out->invoice.id, &out->credit_notes);
	if (p == NULL)
		p = read_party(call, out->invoice.issuer, &out->issuer);
	if (p == NULL)
		p = read_party(call, out->invoice.customer, &out->customer);
	if (p != NULL)
		return p;
	out->lines = out->invoice.lines;
	out->taxes = invoice_tax_sums(call, &out->invoice);
	invoice_complete(call, &out->invoice);
	return NULL;
}

/* ---- billing.invoices.pay ---------------------------------------------------------------------------------------- */

struct pay_invoice {
	struct id invoice_id;
	struct maybe_id payment_method_id;
};
static const struct field pay_invoice_fields[] = {
	FIELD(pay_invoice, invoice_id, ANY, "The invoice."),
	FIELD(pay_invoice, payment_method_id, ANY, "The card's row; the default card where it is left out."),
};
SHAPE(pay_invoice)

struct invoice_payment {
	struct id id;
	struct text status;
	struct amount amount;
	struct maybe_text client_secret;
};
static const struct field invoice_payment_fields[] = {
	FIELD(invoice_payment, id, ANY, "The charge."),
	FIELD(invoice_payment, status, ANY,
	    "`succeeded`; `processing`: it is not known yet; `requires_action`: the card's holder has to authenticate; "
	    "or"
	    " `failed`."),
	FIELD(invoice_payment, amount, ANY, "What the card is charged."),
	FIELD(invoice_payment, client_secret, LEFT_OUT,
	    "For the processor's library in the payer's browser; only while it waits."),
};
SHAPE(invoice_payment)

struct charged_invoice {
	struct invoice invoice;
	struct invoice_payment *payment;
};
static const struct field charged_invoice_fields[] = {
	INVOICE_FIELDS(charged_invoice, invoice.),
	FIELD_OBJECT(charged_invoice, payment, invoice_payment, false, "The charge to the card."),
};
VIEW(charged_invoice, charged_invoice)

HANDLER_TWO_STEP(pay_invoice, pay_invoice, charged_invoice)

static const struct operation pay_operation = {
	.id = "billing.invoices.pay",
	.kind = TWO_STEP,
	.scope = BILLING_WRITE,
	.effect = SPENDS,
	.bucket = BUCKET_CHARGE,
	.slow = true,
	.seals_reply = true,
	.summary = "Pay what is left of an issued invoice, by card.",
	.description =
	    "An organization has one purchase or payment at work at a time. Whatever happens between, the invoice is"
	    " charged at most once; the status `paid` is told only when that is booked.",
	.raises = { NOT_FOUND, CONFLICT, CARD_REQUIRED, CARD_DECLINED, TOPUP_IN_PROGRESS },
	.run = &pay_invoice_run,
	.rest = { { .method = METHOD_POST, .path = "/v1/billing/invoices/{invoiceId}/pay" } },
};

struct paying {
	struct payment payment;
	struct charge outcome;
};

static const struct problem *
show_charge(struct call *call, const struct payment *payment, struct charged_invoice *out)
{
	bool found;
	const struct problem *p = invoice_read(call, payment->invoice_id.value, &out->invoice, &found);

	if (p == NULL && !found)
		p = fail_internal(call, "a payment for no invoice");
	if (p != NULL)
		return p;
	invoice_complete(call, &out->invoice);
	out->payment = arena_take(call->reply_arena, sizeof(*out->payment));
	*out->payment = (struct invoice_payment){ payment->id, payment_status(payment), payment->amount,
		payment_client_secret(call, payment) };
	return NULL;
}

const struct problem *
invoice_answer(struct call *call, const struct payment *payment)
{
	struct charged_invoice out = { .payment = NULL };
	const struct problem *p = show_charge(call, payment, &out);

	return p != NULL ? p : claim_answer(call, &payment->claim, &out);
}

static const struct problem *
pay_invoice_intend(struct call *call, const struct pay_invoice *in)
{
	struct paying *paying = arena_take(call->arena, sizeof(*paying));
	struct invoice_charge charge = { .invoice_id = in->invoice_id, .payment_method_id = in->payment_method_id };
	struct organization organization;
	struct invoice invoice;
	const struct problem *p = organization_lock(call, &organization);

	call->intent = paying;
	call->target = id_given(in->invoice_id);
	return p != NULL ? p : invoice_charge(call, &charge, &invoice, &paying->payment);
}

static const struct problem *
pay_invoice_perform(struct call *call, const struct pay_invoice *in)
{
	struct paying *paying = call->intent;

	(void)in;
	return payment_perform(call, &paying->payment, &paying->outcome);
}

static const struct problem *
pay_invoice_book(struct call *call, const struct pay_invoice *in, struct charged_invoice *out)
{
	struct paying *paying = call->intent;
	struct payment booked;
	const struct problem *p = payment_book(call, &paying->payment, &paying->outcome, &booked);

	(void)in;
	if (p == NULL)
		p = payment_refusal(call, &booked);
	return p != NULL ? p : show_charge(call, &booked, out);
}

const struct resource invoices_resource = {
	.name = "billing.invoices",
	.summary = "Invoices: what was bought, and what months come to.",
	.operations = LIST_OF(operation, &list_operation, &get_operation, &pay_operation),
	.statements = LIST_OF(statement, &list_newest),
};
