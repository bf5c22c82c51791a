/*
 * What an operator does with issued invoices: void one that was a mistake, give up one that will not be paid, note what
 * was paid outside (which billing.enterprise.* has), or given back there.
 */
#include "invoice_end.h"

#include "formats.h"
#include "invoice_parts.h"
#include "organization.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct end_invoice {
	struct id organization_id;
	struct id invoice_id;
};
static const struct field end_invoice_fields[] = {
	FIELD(end_invoice, organization_id, ANY, "Whose invoice it is."),
	FIELD(end_invoice, invoice_id, ANY, "The invoice."),
};
SHAPE(end_invoice)

/* ---- events ---------------------------------------------------------------------------------------------------- */

static const struct event_type invoice_void = {
	.type = "invoice.void",
	.entity_type = "invoice",
	.summary = "An invoice was voided: nothing of it is owed, and its number stays taken.",
	.data = &invoice_event_shape,
};

static const struct event_type invoice_uncollectible = {
	.type = "invoice.uncollectible",
	.entity_type = "invoice",
	.summary = "An invoice was given up: it is not expected to be paid any more.",
	.data = &invoice_event_shape,
};

static const struct event_type invoice_refunded = {
	.type = "invoice.refunded",
	.entity_type = "invoice",
	.summary = "What was paid too much of an invoice was given back outside.",
	.data = &invoice_event_shape,
};

/* ---- what is shared -------------------------------------------------------------------------------------------- */

const struct problem *
invoice_lock_to_end(struct call *call, struct id invoice_id, struct invoice *out)
{
	struct organization organization;
	bool found;
	const struct problem *p = organization_lock(call, &organization);

	/* What a closed organization owes is still to be settled. */
	if (p != NULL && p->kind != ORGANIZATION_CLOSED)
		return p;
	p = invoice_lock_subscriptions(call);
	if (p == NULL)
		p = invoice_lock(call, invoice_id, out, &found);
	if (p == NULL && (!found || invoice_has_status(out, "draft")))
		p = fail(call, NOT_FOUND, "The organization has no such invoice.");
	if (p == NULL)
		invoice_complete(call, out);
	return p;
}

/* ---- billing.invoices.void --------------------------------------------------------------------------------------- */

HANDLER(void_invoice, end_invoice, invoice)

static const struct operation void_operation = {
	.id = "billing.invoices.void",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = DESTROYS,
	.summary = "Void an issued invoice that was a mistake.",
	.description =
	    "Nothing of it is owed then, and what it billed is not billed again. One that was paid, or corrected by a"
	    " credit note, can't be voided: a credit note corrects it. Voiding again answers the invoice again.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &void_invoice_run,
};

static const struct problem *
check_voidable(struct call *call, const struct invoice *invoice)
{
	if (!invoice_has_status(invoice, "issued"))
		return fail(call, CONFLICT, "The invoice is %s.", invoice->status.at);
	if (invoice->paid.micros > 0)
		return fail(call, CONFLICT, "A part of the invoice is paid: correct it by a credit note.");
	if (invoice->credited.micros > 0)
		return fail(call, CONFLICT, "The invoice is corrected by a credit note: correct the rest by another.");
	return invoice_ask_uncharged(call, invoice->id);
}

/* All of it goes back, also what had accrued before it was issued: that is not billed again. */
static const struct problem *
post_void(struct call *call, const struct invoice *invoice)
{
	struct buffer lines = buffer_new(call->arena, 300);
	struct posted posted;

	money_line(&lines, "receivable", invoice->currency, -invoice->total.micros);
	money_line(&lines, "revenue", invoice->currency, invoice->subtotal.micros);
	money_line(&lines, "tax", invoice->currency, invoice->tax.micros);
	return invoice_post(call, invoice, LEDGER_INVOICE, &lines, (struct maybe_id){ .given = false }, &posted);
}

static const struct problem *
void_invoice(struct call *call, const struct end_invoice *in, struct invoice *out)
{
	const struct problem *p = invoice_lock_to_end(call, in->invoice_id, out);
	bool was_behind;

	if (p != NULL || invoice_has_status(out, "void"))
		return p;
	p = check_voidable(call, out);
	if (p != NULL)
		return p;
	was_behind = out->failed_at.given;
	out->status = TEXT("void");
	out->failed_at.given = out->retry_at.given = out->remind_at.given = false;
	out->due.micros = 0;
	p = invoice_save(call, out);
	if (p == NULL && was_behind)
		p = invoice_end_dunning(call);
	if (p == NULL)
		p = post_void(call, out);
	return p != NULL ? p : invoice_tell(call, &invoice_void, out);
}

/* ---- billing.invoices.write_off ---------------------------------------------------------------------------------- */

HANDLER(write_off_invoice, end_invoice, invoice)

static const struct operation write_off_operation = {
	.id = "billing.invoices.write_off",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Give up what is left of an issued invoice as uncollectible.",
	.description =
	    "It is not charged any more. Where a charge for it has failed, and none is to come for another invoice,"
	    " what is subscribed to is paused. Should it be paid after all, note that with"
	    " billing.enterprise.mark_invoiced, which ends the pause. Giving up again answers the invoice again.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &write_off_invoice_run,
};

static const struct problem *
post_write_off(struct call *call, const struct invoice *invoice)
{
	struct buffer lines = buffer_new(call->arena, 300);
	struct posted posted;

	money_line(&lines, "bad_debt", invoice->currency, invoice->written_off.micros);
	money_line(&lines, "receivable", invoice->currency, -invoice->written_off.micros);
	return invoice_post(call, invoice, LEDGER_WRITE_OFF, &lines, (struct maybe_id){ .given = false }, &posted);
}

static const struct problem *
write_off_invoice(struct call *call, const struct end_invoice *in, struct invoice *out)
{
	const struct problem *p = invoice_lock_to_end(call, in->invoice_id, out);

	if (p != NULL || invoice_has_status(out, "uncollectible"))
		return p;
	if (!invoice_has_status(out, "issued"))
		return fail(call, CONFLICT, "The invoice is %s.", out->status.at);
	p = invoice_ask_uncharged(call, out->id);
	if (p != NULL)
		return p;
	out->written_off = out->due;
	out->retry_at.given = false;
	invoice_settle(call, out);
	p = invoice_save(call, out);
	if (p == NULL && out->failed_at.given)
		p = invoice_end_dunning(call);
	if (p == NULL)
		p = post_write_off(call, out);
	return p != NULL ? p : invoice_tell(call, &invoice_uncollectible, out);
}

/* ---- billing.invoices.mark_refunded ------------------------------------------------------------------------------ */

struct mark_refunded {
	struct id organization_id;
	struct id invoice_id;
	struct text reference;
};
static const struct field mark_refunded_fields[] = {
	FIELD(mark_refunded, organization_id, ANY, "Whose invoice it is."),
	FIELD(mark_refunded, invoice_id, ANY, "The invoice."),
	FIELD(mark_refunded, reference, MATCHING(plain_format, 1, 200),
	    "What the money that went back is known by, as at the bank."),
};
SHAPE(mark_refunded)

HANDLER(mark_refunded, mark_refunded, invoice)

static const struct operation mark_refunded_operation = {
	.id = "billing.invoices.mark_refunded",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Note that what was paid too much of an invoice was given back outside.",
	.description =
	    "All by which its `due` is below 0 is booked as gone from the bank: event invoice.overpaid tells of such"
	    " ones. What came by card is given back with billing.topups.refund instead. Noting the same reference"
	    " again answers the invoice again.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &mark_refunded_run,
};

static bool
is_given_back(const struct invoice *invoice, struct text reference)
{
	return invoice->due.micros >= 0 && invoice->refund_reference.at != NULL &&
	       text_equal(text_or(invoice->refund_reference, ""), reference);
}

static const struct problem *
mark_refunded(struct call *call, const struct mark_refunded *in, struct invoice *out)
{
	const struct problem *p = invoice_lock_to_end(call, in->invoice_id, out);

	if (p != NULL || is_given_back(out, in->reference))
		return p;
	if (out->due.micros >= 0)
		return fail(call, CONFLICT, "No more was paid of the invoice than is owed.");
	p = invoice_give_back(call, out, in->reference);
	return p != NULL ? p : invoice_tell(call, &invoice_refunded, out);
}

const struct resource invoice_end_resource = {
	.name = "billing.invoices.end",
	.summary = "Invoices that operators void, give up, or give back what was paid too much of.",
	.operations = LIST_OF(operation, &void_operation, &write_off_operation, &mark_refunded_operation),
	.events = LIST_OF(event_type, &invoice_void, &invoice_uncollectible, &invoice_refunded),
};
