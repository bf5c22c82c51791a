/*
 * How credit notes are made: by an operator, by the refund of a purchase, by a monthly run that gives back what an
 * invoice before had billed.
 */
#include "credit_note.h"

#include "config.h"
#include "formats.h"
#include "id.h"
#include "invoice_end.h"
#include "invoice_parts.h"
#include "money.h"
#include "organization.h"
#include "outbox.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct new_note {
	struct id organization_id;
	struct id invoice_id;
	struct maybe_amount amount;
	struct text reason;
};
static const struct field new_note_fields[] = {
	FIELD(new_note, organization_id, ANY, "Whose invoice it is."),
	FIELD(new_note, invoice_id, ANY, "The invoice; of a month, for those of purchases follow their refunds."),
	FIELD(new_note, amount, AT_LEAST(1), "What to take off, tax included; all that is left where it is left out."),
	FIELD(new_note, reason, MATCHING(plain_format, 1, 500), "Why, as it is printed."),
};
SHAPE(new_note)

struct note_invoice {
	struct id invoice_id;
};
static const struct field note_invoice_fields[] = {
	FIELD(note_invoice, invoice_id, ANY, "The invoice."),
};
SHAPE(note_invoice)

struct note_numbering {
	struct id id;
	struct text prefix;
};
static const struct field note_numbering_fields[] = {
	FIELD(note_numbering, id, ANY, "The note."),
	FIELD(note_numbering, prefix, ANY, "How its number begins."),
};
SHAPE(note_numbering)

struct note_numbered {
	struct text number;
};
static const struct field note_numbered_fields[] = {
	FIELD(note_numbered, number, ANY, "The number."),
};
SHAPE(note_numbered)

struct note_ref {
	struct id id;
};
static const struct field note_ref_fields[] = {
	FIELD(note_ref, id, ANY, "The thing."),
};
SHAPE(note_ref)

struct noted_tax {
	struct amount tax;
};
static const struct field noted_tax_fields[] = {
	FIELD(noted_tax, tax, ANY, "Of all notes so far."),
};
SHAPE(noted_tax)

struct noted_by_hand {
	struct amount amount;
};
static const struct field noted_by_hand_fields[] = {
	FIELD(noted_by_hand, amount, ANY, "Of all notes that no run has made."),
};
SHAPE(noted_by_hand)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement find_by_payment = {
	.sql = "SELECT id AS invoice_id FROM invoice WHERE organization_id = :organization AND payment_id = :invoice_id"
	       " AND kind = 'topup'",
	.takes = &note_invoice_shape,
	.gives = &note_invoice_shape,
};

static const struct statement sum_tax = {
	.sql = "SELECT COALESCE(CAST(SUM(tax) AS SIGNED), 0) AS tax FROM credit_note"
	       " WHERE organization_id = :organization AND invoice_id = :invoice_id",
	.takes = &note_invoice_shape,
	.gives = &noted_tax_shape,
};

static const struct statement sum_by_hand = {
	.sql = "SELECT COALESCE(CAST(SUM(amount) AS SIGNED), 0) AS amount FROM credit_note"
	       " WHERE organization_id = :organization AND invoice_id = :invoice_id AND on_account = 0",
	.takes = &note_invoice_shape,
	.gives = &noted_by_hand_shape,
};

/* The last refund that is not documented yet, where there is one of that amount. */
static const struct statement find_refund = {
	.sql = "SELECT r.id FROM payment_refund r LEFT JOIN credit_note n ON n.refund_id = r.id"
	       " WHERE r.organization_id = :organization AND r.payment_id = :id AND r.amount = :amount"
	       " AND r.refund_id IS NOT NULL AND r.state <> 'failed' AND n.id IS NULL ORDER BY r.id DESC LIMIT 1",
	.takes = &credit_note_shape,
	.gives = &note_ref_shape,
};

static const struct statement insert_note = {
	.sql = "INSERT INTO credit_note (id, organization_id, invoice_id, reason, currency, amount, tax, refund_id,"
	       " on_account, source, issuer, customer, created_at) VALUES (:id, :organization, :invoice_id, :reason,"
	       " :currency, :amount, :tax, :refund_id, :on_account, :source, :issuer, :customer, :now)",
	.takes = &credit_note_shape,
};

static const struct statement number_note = {
	.sql = "CALL credit_note_number(:organization, :id, :prefix)",
	.takes = &note_numbering_shape,
	.gives = &note_numbered_shape,
};

/* ---- events ---------------------------------------------------------------------------------------------------- */

struct note_event {
	struct id credit_note_id;
	struct text number;
	struct id invoice_id;
	struct text invoice_number;
	struct amount amount;
	struct amount tax;
	struct text currency;
};
static const struct field note_event_fields[] = {
	FIELD(note_event, credit_note_id, ANY, "The credit note."),
	FIELD(note_event, number, ANY, "Its number."),
	FIELD(note_event, invoice_id, ANY, "The invoice that it corrects."),
	FIELD(note_event, invoice_number, ANY, "That one's number."),
	FIELD(note_event, amount, ANY, "What it takes off, tax included."),
	FIELD(note_event, tax, ANY, "The tax in it."),
	FIELD(note_event, currency, ANY, "Of both."),
};
SHAPE(note_event)

static const struct event_type credit_note_issued = {
	.type = "credit_note.issued",
	.entity_type = "credit_note",
	.summary = "A credit note was issued, which corrects an invoice.",
	.data = &note_event_shape,
};

/* ---- making one -------------------------------------------------------------------------------------------------- */

/* Fills the tax, and takes the note off the invoice, which is locked. */
static const struct problem *
measure(struct call *call, struct invoice *invoice, struct credit_note *note)
{
	struct note_invoice key = { invoice->id };
	struct noted_tax noted;
	int64_t tax;
	const struct problem *p = sql_one(call, &sum_tax, &key, &noted);

	if (p != NULL)
		return p;
	invoice->credited.micros += note->amount.micros;
	if (!invoice_tax_in(invoice, invoice->credited.micros, &tax))
		return fail_internal(call, "the tax of a credit note is beyond all bounds");
	note->tax.micros = tax - noted.tax.micros;
	invoice_settle(call, invoice);
	return NULL;
}

/* The number's row is locked from here on. */
static const struct problem *
store(struct call *call, struct credit_note *note)
{
	struct note_numbering numbering = { note->id, text_from(config.credit_note_prefix) };
	struct note_numbered numbered;
	struct note_event event;
	const struct problem *p = sql_run(call, &insert_note, note, NULL);

	if (p == NULL)
		p = sql_one(call, &number_note, &numbering, &numbered);
	if (p != NULL)
		return p;
	note->number = numbered.number;
	event = (struct note_event){ note->id, note->number, note->invoice_id, note->invoice_number, note->amount,
		note->tax, note->currency };
	return outbox_tell(call, &credit_note_issued, note->id, &event);
}

static struct credit_note
begin(struct call *call, const struct invoice *invoice, struct amount amount, struct text reason)
{
	return (struct credit_note){ .id = id_new(call->now),
		.organization_id = invoice->organization_id,
		.invoice_id = invoice->id,
		.invoice_number = text_or(invoice->number, ""),
		.reason = reason,
		.currency = invoice->currency,
		.amount = amount,
		.issuer = invoice->issuer,
		.customer = invoice->customer,
		.created_at = call->now };
}

/* ---- of purchases ------------------------------------------------------------------------------------------------ */

static const struct problem *
name_refund(struct call *call, const struct payment *payment, struct credit_note *note)
{
	struct credit_note query = { .id = payment->id, .amount = note->amount };
	struct note_ref refund;
	bool found;
	const struct problem *p = sql_maybe(call, &find_refund, &query, &refund, &found);

	if (p == NULL && found)
		note->refund_id = id_given(refund.id);
	return p;
}

static struct amount
refunded_of(const struct payment *payment, const struct invoice *invoice)
{
	return payment->refunded.micros > invoice->total.micros ? invoice->total : payment->refunded;
}

const struct problem *
credit_note_expect(struct call *call, const struct payment *payment)
{
	struct note_invoice key = { payment->id }, of_payment;
	struct invoice invoice;
	bool found;
	const struct problem *p = sql_maybe(call, &find_by_payment, &key, &of_payment, &found);

	return p == NULL && found ? invoice_lock(call, of_payment.invoice_id, &invoice, &found) : p;
}

const struct problem *
credit_note_for_refund(struct call *call, const struct payment *payment)
{
	struct note_invoice key = { payment->id }, of_payment;
	struct invoice invoice;
	struct credit_note note;
	struct amount amount;
	bool found;
	const struct problem *p = sql_maybe(call, &find_by_payment, &key, &of_payment, &found);

	if (p == NULL && found)
		p = invoice_lock(call, of_payment.invoice_id, &invoice, &found);
	if (p != NULL || !found)
		return p;
	amount.micros = refunded_of(payment, &invoice).micros - invoice.credited.micros;
	if (amount.micros == 0)
		return NULL;
	note = begin(call, &invoice, amount,
	    amount.micros > 0 ? TEXT("The purchase was refunded.")
			      : TEXT("The refund failed: the note before is taken back."));
	p = measure(call, &invoice, &note);
	/* What was paid goes back with it, so that the invoice of a purchase is never owed. */
	invoice.paid.micros -= amount.micros;
	invoice_settle(call, &invoice);
	if (p == NULL && amount.micros > 0)
		p = name_refund(call, payment, &note);
	if (p == NULL)
		p = invoice_save(call, &invoice);
	return p != NULL ? p : store(call, &note);
}

/* ---- of monthly runs -----------------------------------------------------------------------------------------------
 */

const struct problem *
invoice_ask_worth(struct call *call, struct id invoice_id, struct invoice_worth *out)
{
	struct note_invoice key = { invoice_id };
	struct noted_by_hand noted;
	struct invoice invoice;
	bool found;
	const struct problem *p = invoice_read(call, invoice_id, &invoice, &found);

	if (p == NULL && !found)
		p = fail_internal(call, "a run's invoice is not there");
	if (p == NULL)
		p = sql_one(call, &sum_by_hand, &key, &noted);
	if (p == NULL)
		*out = (struct invoice_worth){ text_or(invoice.number, ""), invoice_has_status(&invoice, "void"),
			invoice_has_status(&invoice, "paid"), invoice.total, noted.amount };
	return p;
}

/* The sum with the invoice's tax in proportion, and no more than is left. `exact` is below that for a rest. */
static bool
gross_of(const struct invoice *invoice, const struct credit_note_order *order, struct credit_note_taken *taken,
    struct amount *gross)
{
	int64_t left = invoice->total.micros - invoice->credited.micros;

	*taken = (struct credit_note_taken){ order->net, order->on_account };
	if (invoice->subtotal.micros <= 0 || !share_of(order->net.micros, invoice->total.micros,
						 invoice->subtotal.micros, MINOR_UNIT_MICROS, &gross->micros))
		return false;
	if (gross->micros <= left)
		return true;
	gross->micros = left;
	return share_of(left, invoice->subtotal.micros, invoice->total.micros, 1, &taken->net.micros) &&
	       share_of(taken->net.micros, order->on_account.micros, order->net.micros, 1, &taken->on_account.micros);
}

/* What was given up and is not owed after all is no loss. */
static const struct problem *
post_of_run(struct call *call, const struct invoice *invoice, const struct credit_note *note, struct amount recovered)
{
	struct buffer lines = buffer_new(call->arena, 400);
	struct posted posted;
	int64_t rest = note->amount.micros - note->on_account.micros;

	money_line(&lines, "revenue", note->currency, rest - note->tax.micros);
	money_line(&lines, "tax", note->currency, note->tax.micros);
	money_line(&lines, "bad_debt", note->currency, -recovered.micros);
	money_line(&lines, "receivable", note->currency, recovered.micros - rest);
	return invoice_post(call, invoice, LEDGER_CREDIT_NOTE, &lines, (struct maybe_id){ .given = false }, &posted);
}

static const struct problem *
take_off(struct call *call, struct invoice *invoice, struct credit_note *note)
{
	bool was_owed = !invoice_has_status(invoice, "paid"), was_behind = invoice->failed_at.given;
	struct amount recovered = invoice->written_off;
	const struct problem *p;

	if (recovered.micros > note->amount.micros)
		recovered = note->amount;
	invoice->written_off.micros -= recovered.micros;
	p = measure(call, invoice, note);
	if (p == NULL)
		p = invoice_save(call, invoice);
	if (p == NULL)
		p = post_of_run(call, invoice, note, recovered);
	return p != NULL ? p : invoice_settled(call, invoice, was_owed, was_behind);
}

const struct problem *
credit_note_begin(
    struct call *call, const struct credit_note_order *order, struct credit_note *out, struct credit_note_taken *taken)
{
	struct invoice invoice;
	struct amount gross;
	bool found;
	const struct problem *p = invoice_lock_subscriptions(call);

	*taken = (struct credit_note_taken){ { 0 }, { 0 } };
	if (p == NULL)
		p = invoice_lock(call, order->invoice_id, &invoice, &found);
	if (p != NULL || !found || invoice_has_status(&invoice, "void") || invoice_has_status(&invoice, "draft"))
		return p;
	if (!gross_of(&invoice, order, taken, &gross) || gross.micros <= 0) {
		*taken = (struct credit_note_taken){ { 0 }, { 0 } };
		return NULL;
	}
	*out = begin(call, &invoice, gross, order->reason);
	out->on_account = taken->on_account;
	out->source = order->source;
	return take_off(call, &invoice, out);
}

const struct problem *
credit_note_issue(struct call *call, struct credit_note *note)
{
	return store(call, note);
}

/* ---- billing.credit_notes.create --------------------------------------------------------------------------------- */

HANDLER(create_note, new_note, credit_note)

const struct operation credit_notes_create_operation = {
	.id = "billing.credit_notes.create",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = SPENDS,
	.summary = "Correct an issued invoice of a month by a credit note.",
	.description =
	    "All notes of an invoice come to no more than its total. Of an invoice that is not paid, less is owed "
	    "then; of one"
	    " that is, `due` goes below 0 by what is to be given back, which is done with billing.topups.refund where a"
	    " card paid it, else outside, and noted with billing.invoices.mark_refunded. An invoice of a purchase is "
	    "corrected by refunding the purchase.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &create_note_run,
};

static const struct problem *
choose_amount(struct call *call, const struct new_note *in, const struct invoice *invoice, struct amount *out)
{
	struct amount left = { invoice->total.micros - invoice->credited.micros };
	char text[AMOUNT_LENGTH + 1];

	*out = in->amount.given ? in->amount.value : left;
	if (left.micros == 0)
		return fail(call, CONFLICT, "Credit notes have taken off all of the invoice already.");
	amount_format(left, text);
	if (out->micros % MINOR_UNIT_MICROS != 0)
		return fail_field(call, "/amount", "bad_format", "A credit note is of whole hundredths.");
	if (out->micros > left.micros)
		return fail_field(
		    call, "/amount", "out_of_range", "Of the invoice %s %s is left.", text, invoice->currency.at);
	return NULL;
}

static const struct problem *
check_correctable(struct call *call, const struct invoice *invoice)
{
	if (text_is(invoice->kind, "topup"))
		return fail(call, CONFLICT, "It is the invoice of a purchase: refund that, and the note follows.");
	if (!invoice_has_status(invoice, "issued") && !invoice_has_status(invoice, "paid"))
		return fail(call, CONFLICT, "The invoice is %s.", invoice->status.at);
	return NULL;
}

/* Revenue and tax go back; the customer owes that much less. */
static const struct problem *
post(struct call *call, const struct invoice *invoice, const struct credit_note *note)
{
	struct buffer lines = buffer_new(call->arena, 300);
	struct posted posted;

	money_line(&lines, "revenue", note->currency, note->amount.micros - note->tax.micros);
	money_line(&lines, "tax", note->currency, note->tax.micros);
	money_line(&lines, "receivable", note->currency, -note->amount.micros);
	return invoice_post(call, invoice, LEDGER_CREDIT_NOTE, &lines, (struct maybe_id){ .given = false }, &posted);
}

static const struct problem *
create_note(struct call *call, const struct new_note *in, struct credit_note *out)
{
	struct invoice invoice;
	bool was_owed, was_behind;
	const struct problem *p = invoice_lock_to_end(call, in->invoice_id, &invoice);

	if (p == NULL)
		p = check_correctable(call, &invoice);
	if (p == NULL)
		p = invoice_ask_uncharged(call, invoice.id);
	if (p != NULL)
		return p;
	was_owed = !invoice_has_status(&invoice, "paid");
	was_behind = invoice.failed_at.given;
	*out = begin(call, &invoice, (struct amount){ 0 }, in->reason);
	p = choose_amount(call, in, &invoice, &out->amount);
	if (p == NULL)
		p = measure(call, &invoice, out);
	if (p == NULL)
		p = invoice_save(call, &invoice);
	if (p == NULL)
		p = invoice_settled(call, &invoice, was_owed, was_behind);
	if (p == NULL)
		p = post(call, &invoice, out);
	return p != NULL ? p : store(call, out);
}

const struct resource credit_note_make_resource = {
	.name = "credit_note_make",
	.summary = "How credit notes are made.",
	.statements =
	    LIST_OF(statement, &find_by_payment, &sum_tax, &sum_by_hand, &find_refund, &insert_note, &number_note),
	.events = LIST_OF(event_type, &credit_note_issued),
};
