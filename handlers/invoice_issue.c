/*
 * How an invoice is issued: its rows, its entry in the ledger, whom it is mailed to, its number, and what is told with
 * it, in this order. The number's row is the same for everybody, so it is locked behind all else.
 */
#include "invoice.h"

#include <inttypes.h>
#include <string.h>

#include "alert_mail.h"
#include "clock.h"
#include "config.h"
#include "credit_note.h"
#include "id.h"
#include "invoice_parts.h"
#include "json.h"
#include "money.h"
#include "outbox.h"
#include "payment_parts.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct numbering {
	struct id id;
	struct text prefix;
	struct text status;
	struct maybe_instant due_at;
	struct amount paid;
	struct maybe_instant remind_at;
};
static const struct field numbering_fields[] = {
	FIELD(numbering, id, ANY, "The invoice."),
	FIELD(numbering, prefix, ANY, "How its number begins."),
	FIELD(numbering, status, ANY, "What it is from then on."),
	FIELD(numbering, due_at, ANY, "Until when it may be paid."),
	FIELD(numbering, paid, ANY, "What is paid of it already."),
	FIELD(numbering, remind_at, ANY, "When it is first told to be overdue."),
};
SHAPE(numbering)

struct numbered {
	struct text number;
	struct instant issued_at;
};
static const struct field numbered_fields[] = {
	FIELD(numbered, number, ANY, "The number."),
	FIELD(numbered, issued_at, ANY, "When it was given."),
};
SHAPE(numbered)

static const struct statement insert_draft = {
	.sql = "INSERT INTO invoice (id, organization_id, kind, period, status, currency, tax_included, subtotal, tax,"
	       " total, accrued, payment_id, issuer, customer, lines_count, orders_count, created_at)"
	       " VALUES (:id, :organization, :kind, :period, 'draft', :currency, :tax_included, :subtotal, :tax,"
	       " :total, :accrued, :payment_id, :issuer, :customer, :lines_count, :orders_count, :created_at)",
	.takes = &invoice_shape,
};

static const struct statement insert_line = {
	.sql = "INSERT INTO invoice_line (organization_id, invoice_id, position, kind, description, quantity, unit,"
	       " unit_price, credits, exact, amount, accrued, tax_rate_name, tax_rate, tax, from_at, to_at, source)"
	       " VALUES (:organization, :invoice_id, :position, :kind, :description, :quantity, :unit, :unit_price,"
	       " :credits, :exact, :amount, :accrued, :tax_rate_name, :tax_rate, :tax, :from, :to, :source)",
	.takes = &invoice_line_shape,
};

static const struct statement number_invoice = {
	.sql = "CALL invoice_number(:organization, :id, :prefix, :status, :due_at, :paid, :remind_at, :now)",
	.takes = &numbering_shape,
	.gives = &numbered_shape,
};

/* ---- events ---------------------------------------------------------------------------------------------------- */

static const struct field invoice_event_fields[] = {
	FIELD(invoice_event, invoice_id, ANY, "The invoice."),
	FIELD(invoice_event, number, ANY, "Its number."),
	FIELD(invoice_event, kind, ONE_OF(invoice_kinds), "A purchase of credits, or the bill of a month."),
	FIELD(invoice_event, period, ANY, "The month that it bills; null for a purchase."),
	FIELD(invoice_event, status, ONE_OF(invoice_statuses), "What it is now."),
	FIELD(invoice_event, currency, ANY, "Of the amounts."),
	FIELD(invoice_event, total, ANY, "What it comes to, tax included."),
	FIELD(invoice_event, due, ANY, "What is left to be paid."),
	FIELD(invoice_event, due_at, ANY, "Until when."),
};
const struct shape invoice_event_shape = {
	.name = "invoice_event",
	.size = sizeof(struct invoice_event),
	.count = COUNT(invoice_event_fields),
	.fields = invoice_event_fields,
};

static const struct event_type invoice_issued = {
	.type = "invoice.issued",
	.entity_type = "invoice",
	.summary =
	    "An invoice was issued. That of a purchase of credits is paid as it is issued, and is told by this alone.",
	.data = &invoice_event_shape,
};

struct invoice_event
invoice_event_of(const struct invoice *invoice)
{
	return (struct invoice_event){ .invoice_id = invoice->id,
		.number = text_or(invoice->number, ""),
		.kind = invoice->kind,
		.period = invoice->period,
		.status = invoice->status,
		.currency = invoice->currency,
		.total = invoice->total,
		.due = invoice->due,
		.due_at = invoice->due_at };
}

const struct problem *
invoice_tell(struct call *call, const struct event_type *type, const struct invoice *invoice)
{
	struct invoice_event event = invoice_event_of(invoice);

	return outbox_tell(call, type, invoice->id, &event);
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static const struct problem *
store(struct call *call, struct invoice *invoice)
{
	const struct invoice_line *line = invoice->lines.items;
	const void **rows = arena_array(call->arena, invoice->lines.count + 1, sizeof(*rows));
	const struct problem *p = sql_run(call, &insert_draft, invoice, NULL);

	for (size_t i = 0; i < invoice->lines.count; i++)
		rows[i] = &line[i];
	return p != NULL || invoice->lines.count == 0
		   ? p
		   : sql_bulk(call, &insert_line, rows, invoice->lines.count, NULL, NULL);
}

static const struct problem *
number(struct call *call, struct invoice *invoice, struct text status, struct amount paid)
{
	struct numbering numbering = { .id = invoice->id,
		.prefix = text_from(config.invoice_prefix),
		.status = status,
		.due_at = instant_given(instant_plus_seconds(call->now, config.invoice_due_days * 86400)),
		.paid = paid };
	struct numbered numbered;
	const struct problem *p;

	if (text_is(invoice->kind, "topup"))
		numbering.due_at = instant_given(call->now);
	if (text_is(status, "issued"))
		numbering.remind_at = invoice_next_reminder(numbering.due_at.value, call->now);
	p = sql_one(call, &number_invoice, &numbering, &numbered);
	if (p != NULL)
		return p;
	invoice->number = text_given(numbered.number);
	invoice->status = status;
	invoice->issued_at = instant_given(numbered.issued_at);
	invoice->due_at = numbering.due_at;
	invoice->remind_at = numbering.remind_at;
	invoice->paid = paid;
	invoice->due.micros = invoice->total.micros - paid.micros;
	if (text_is(status, "paid"))
		invoice->paid_at = invoice->issued_at;
	invoice_complete(call, invoice);
	return NULL;
}

/* ---- the ledger ------------------------------------------------------------------------------------------------ */

void
money_line(struct buffer *lines, const char *account, struct text currency, int64_t micros)
{
	if (micros == 0)
		return;
	buffer_format(lines, "%s{\"account\":\"%s\",\"unit\":\"%s\",\"amount\":%" PRId64 "}",
	    lines->length == 0 ? "[" : ",", account, currency.at, micros);
}

const struct problem *
invoice_post(struct call *call, const struct invoice *invoice, enum ledger_reason reason, struct buffer *lines,
    struct maybe_id payment_id, struct posted *posted)
{
	struct posting posting = {
		.reason = reason,
		.description = text_given(invoice_name(call, invoice)),
		.reference_type = text_given(payment_id.given ? TEXT("payment") : TEXT("invoice")),
		.reference_id = payment_id.given ? payment_id : id_given(invoice->id),
	};

	if (lines->length == 0)
		return NULL;
	buffer_add_char(lines, ']');
	posting.money = text_given(buffer_text(lines));
	return ledger_post(call, &posting, posted);
}

struct text
invoice_name(struct call *call, const struct invoice *invoice)
{
	if (invoice->number.at != NULL)
		return arena_format(call->arena, "Invoice %s", invoice->number.at);
	return arena_format(call->arena, "Invoice of %s", text_or(invoice->period, "a purchase").at);
}

/* What is not on the account yet: rounding, tax, and all that never accrued. */
static const struct problem *
post_issue(struct call *call, const struct invoice *invoice)
{
	struct buffer lines = buffer_new(call->arena, 300);
	struct posted posted;

	money_line(&lines, "receivable", invoice->currency, invoice->total.micros - invoice->accrued.micros);
	money_line(&lines, "revenue", invoice->currency, invoice->accrued.micros - invoice->subtotal.micros);
	money_line(&lines, "tax", invoice->currency, -invoice->tax.micros);
	return invoice_post(call, invoice, LEDGER_INVOICE, &lines, (struct maybe_id){ .given = false }, &posted);
}

/* ---- issuing --------------------------------------------------------------------------------------------------- */

/* Whom, and what about, is found out before the number. */
struct issue_mail {
	const char *type;
	struct list recipients;
	struct text how;
};

struct issued_mail_data {
	struct text number;
	struct maybe_text period;
	struct amount total;
	struct text currency;
	struct maybe_instant due_at;
	struct text detail;
};
static const struct field issued_mail_data_fields[] = {
	FIELD(issued_mail_data, number, ANY, "Its number."),
	FIELD(issued_mail_data, period, ANY, "The month that it bills."),
	FIELD(issued_mail_data, total, ANY, "What it comes to, tax included."),
	FIELD(issued_mail_data, currency, ANY, "Of the total."),
	FIELD(issued_mail_data, due_at, ANY, "Until when it is to be paid."),
	FIELD(issued_mail_data, detail, ANY, "How it is paid."),
};
SHAPE(issued_mail_data)

static const struct problem *
prepare_mail(struct call *call, const struct invoice *invoice, struct issue_mail *mail)
{
	const struct problem *p = invoice_how_to_pay(call, invoice, &mail->how);

	mail->type = invoice->total.micros == 0 ? "invoice_of_nothing" : "invoice_issued";
	return p != NULL ? p : alert_mail_prepare(call, mail->type, &mail->recipients);
}

static const struct problem *
send_mail(struct call *call, const struct invoice *invoice, const struct issue_mail *mail)
{
	struct issued_mail_data data = { text_or(invoice->number, ""), invoice->period, invoice->total,
		invoice->currency, invoice->due_at, mail->how };
	struct buffer text = buffer_new(call->arena, 400);

	json_write(&text, &issued_mail_data_shape, &data);
	return alert_mail_send(call, mail->type, &mail->recipients, buffer_text(&text));
}

const struct problem *
invoice_issue(struct call *call, struct invoice *invoice)
{
	bool is_paid = invoice->total.micros == 0;
	struct issue_mail mail;
	const struct problem *p;

	if (invoice->total.micros < 0)
		return fail_internal(call, "an invoice of less than nothing");
	p = store(call, invoice);
	if (p == NULL)
		p = post_issue(call, invoice);
	if (p == NULL)
		p = prepare_mail(call, invoice, &mail);
	if (p == NULL)
		p = number(call, invoice, is_paid ? TEXT("paid") : TEXT("issued"), (struct amount){ 0 });
	if (p == NULL)
		p = invoice_tell(call, &invoice_issued, invoice);
	return p != NULL ? p : send_mail(call, invoice, &mail);
}

/* ---- of purchases ---------------------------------------------------------------------------------------------- */

/* By the day on which the price was made, unless the organization's country was changed since. */
static const struct problem *
set_purchase_tax(
    struct call *call, const struct payment *payment, const struct invoice_rate *rate, struct invoice_line *line)
{
	int64_t expected = 0;

	if (!payment_tax_of(payment, payment->received, &line->tax))
		return fail_internal(call, "the tax of a payment overflows");
	if (rate->rate.given &&
	    share_of(
		payment->amount.micros, rate->rate.value, 1000000 + rate->rate.value, MINOR_UNIT_MICROS, &expected) &&
	    expected == payment->tax.micros) {
		line->tax_rate_name = rate->name;
		line->tax_rate = rate->rate.value;
	} else if (payment->tax.micros != 0) {
		line->tax_rate_name = text_given(TEXT("Tax"));
	}
	return NULL;
}

static const struct problem *
fill_purchase(
    struct call *call, const struct payment *payment, const struct invoice_rate *rate, struct invoice *invoice)
{
	struct invoice_line line = {
		.kind = TEXT("topup"),
		.description = arena_format(call->arena, "%" PRId64 " credits", payment->granted.count),
		.credits = { payment->granted, true },
		.unit = text_given(TEXT("credit")),
		.exact = payment->received,
	};
	struct invoice_line *added;
	char id[ID_CHARACTERS + 1];
	const struct problem *p;

	id_format(payment->id, id);
	line.source.at =
	    arena_format(call->arena, "{\"topup_id\":\"%s\",\"purpose\":\"%s\"}", id, payment->purpose.at).at;
	line.source.length = strlen(line.source.at);
	if (!__builtin_mul_overflow(payment->granted.count, 1000000, &line.quantity.value.micros))
		line.quantity.given = true;
	p = set_purchase_tax(call, payment, rate, &line);
	if (p == NULL)
		p = invoice_add_line(call, invoice, &line);
	if (p != NULL)
		return p;
	added = invoice->lines.items;
	added->amount = line.exact; /* what was received counts, to its last millionth */
	return invoice_sum(invoice) ? NULL : fail_internal(call, "a purchase's invoice overflows");
}

const struct problem *
invoice_for_payment(struct call *call, const struct payment *payment)
{
	struct invoice invoice;
	struct invoice_rate rate;
	const struct problem *p = invoice_draft_purchase(call, payment->created_at, &invoice, &rate);

	if (p != NULL)
		return p;
	invoice.currency = payment->currency;
	invoice.payment_id = id_given(payment->id);
	p = fill_purchase(call, payment, &rate, &invoice);
	if (p == NULL)
		p = store(call, &invoice);
	if (p == NULL)
		p = number(call, &invoice, TEXT("paid"), invoice.total);
	if (p == NULL)
		p = invoice_tell(call, &invoice_issued, &invoice);
	return p != NULL || payment->refunded.micros == 0 ? p : credit_note_for_refund(call, payment);
}

const struct resource invoice_issue_resource = {
	.name = "invoice_issue",
	.summary = "How invoices are issued.",
	.statements = LIST_OF(statement, &insert_draft, &insert_line, &number_invoice),
	.events = LIST_OF(event_type, &invoice_issued),
};
