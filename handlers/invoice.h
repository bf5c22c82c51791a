/*
 * Invoices: a draft is filled with lines, taxed, and issued in one transaction; from then on it stays as it is, and a
 * correction is a credit note. Rules: 3-domain "Plans, subscriptions, months".
 *
 *     invoice_draft      what it is, who issues it to whom; in memory alone
 *     invoice_add_line   once a line; in memory alone
 *     invoice_tax        taxes and totals
 *     invoice_issue      stores all of it, books it, numbers it, tells of it; the last of the transaction but the
 *                        caller's own small writes, since the number's row is locked from there to the commit
 *
 * Organizations that pay afterwards have amounts without tax, others with it (tax_included, which the caller may change
 * before invoice_tax: accrued amounts never include tax). What stands on `receivable`
 * already, exact and without tax, is a line's `accrued`: the issue books the rest, rounding and tax included.
 *
 * Locks: organization, payment, subscription, invoice, book, number_series. (A purchase's booking takes no organization.)
 */
#ifndef PURSER_INVOICE_H
#define PURSER_INVOICE_H

#include "ledger.h"
#include "month.h"
#include "payment.h"

/* ---- what it is -------------------------------------------------------------------------------------------------- */

/* Issuer and customer, as they are printed. */
struct invoice_party {
	struct text name;
	struct texts address; /* its lines */
	struct maybe_text country;
	struct maybe_text tax_number;
};
extern const struct shape invoice_party_shape;

/* Who issues what is made now, of the settings. */
struct invoice_party invoice_issuer(struct call *call);

/* Whether a line's amount is as the invoice has it, or without tax, or with it, whatever the invoice has. */
enum invoice_basis { INVOICE_AS_IT_HAS, INVOICE_NET, INVOICE_GROSS };

struct invoice_line {
	struct id invoice_id;
	int64_t position; /* from 1, given by invoice_add_line */
	struct text kind; /* topup, plan_fee, overage, usage, orders, refund, commitment_shortfall, late_usage */
	struct text description;
	struct maybe_quantity quantity;
	struct maybe_text unit;
	struct maybe_amount unit_price;
	struct maybe_credits credits;
	struct amount exact;   /* before rounding: what the caller gives */
	struct amount amount;  /* rounded half-even to a hundredth by invoice_add_line */
	struct amount accrued; /* of it: on `receivable` already, without tax; 0 where it is not */
	enum invoice_basis basis; /* what `given` is; the next call of invoice_tax brings it to what the invoice has */
	struct amount given;      /* by the caller, as `exact` */
	struct maybe_text tax_rate_name;
	int64_t tax_rate;      /* millionths */
	struct amount tax;     /* its part, such that the lines' parts add up */
	struct maybe_instant from, to; /* what it is for, half-open; its tax rate is that of the last day */
	struct document source; /* a JSON object: what it was computed from; NULL: nothing more to tell */
};
extern const struct shape invoice_line_shape;

/* The sum at one rate. */
struct invoice_tax_sum {
	struct maybe_text name; /* absent: no tax */
	int64_t rate;           /* millionths */
	struct amount net, tax;
};
extern const struct shape invoice_tax_sum_shape;

struct invoice {
	struct id id;
	struct id organization_id;
	struct text kind;          /* topup, run */
	struct maybe_text period;  /* YYYY-MM */
	struct maybe_text number;  /* absent: a draft */
	struct text status;        /* draft, issued, paid, void, uncollectible */
	struct text currency;
	bool tax_included;         /* in the lines' amounts */
	struct amount subtotal, tax, total; /* subtotal + tax = total, always */
	struct amount accrued;
	struct amount paid, credited, written_off;
	struct amount due;         /* what is left to pay of an issued one: total - credited - written_off - paid; of a void one: -paid; may be negative */
	struct maybe_instant due_at, issued_at, paid_at;
	struct maybe_id payment_id;
	struct maybe_text reference;
	struct maybe_text refund_reference; /* of what was paid too much and given back outside */
	struct maybe_instant failed_at, retry_at; /* of charges that failed: the first, and when the next is due */
	struct maybe_id failed_payment_id;
	struct maybe_text last_error;
	struct maybe_instant remind_at; /* of an issued one: when its customer is next told that it is overdue */
	struct text issuer, customer; /* JSON of invoice_party; invoice_party_read */
	int64_t lines_count, orders_count;
	struct instant created_at;
	struct maybe_text pdf_url;

	struct text timezone;      /* the organization's, now; for what is printed */
	struct text customer_country; /* of the tax, "": none; a draft's */
	struct list lines;         /* of invoice_line: of a draft, and after invoice_read_lines */
	size_t room;
};
extern const struct shape invoice_shape;

extern const char *const invoice_kinds[];
extern const char *const invoice_statuses[];

/* What callers see of one, as rows of a struct `s` that has it, or is it: `at` is what leads to it, with its dot. */
#define INVOICE_ROW(s, at, m, limits, sentence) FIELD_AS(s, at m, #m, limits, sentence)
#define INVOICE_FIELDS(s, at)                                                                                          \
	INVOICE_ROW(s, at, id, ANY, "The invoice."),                                                                   \
	    INVOICE_ROW(s, at, number, ANY, "Its number; null while it is a draft."),                                  \
	    INVOICE_ROW(s, at, kind, ONE_OF(invoice_kinds), "A purchase of credits, or the bill of a month."),  \
	    INVOICE_ROW(s, at, period, ANY, "The month that it bills, YYYY-MM; null for a purchase."),                 \
	    INVOICE_ROW(s, at, status, ONE_OF(invoice_statuses),               \
		"How far it is; only what is issued is still to be paid."),                                            \
	    INVOICE_ROW(s, at, currency, ANY, "Of all amounts."),                                                      \
	    INVOICE_ROW(s, at, tax_included, ANY, "Whether the lines' amounts include the tax."),                      \
	    INVOICE_ROW(s, at, subtotal, ANY, "The sum without tax."),                                                 \
	    INVOICE_ROW(s, at, tax, ANY, "The tax; once per rate on the sum of its lines, half-even to a hundredth."), \
	    INVOICE_ROW(s, at, total, ANY, "Both together."),                                                          \
	    INVOICE_ROW(s, at, paid, ANY, "What was paid."),                                                           \
	    INVOICE_ROW(s, at, credited, ANY, "What credit notes took off."),                                          \
	    INVOICE_ROW(s, at, written_off, ANY, "What was given up as uncollectible."),                               \
	    INVOICE_ROW(s, at, due, ANY, "What is left to be paid; below 0 where more was paid than is owed."),        \
	    INVOICE_ROW(s, at, due_at, ANY, "Until when it is to be paid."),                                           \
	    INVOICE_ROW(s, at, issued_at, ANY, "When it was issued."),                                                 \
	    INVOICE_ROW(s, at, paid_at, ANY, "When all of it was paid."),                                              \
	    INVOICE_ROW(s, at, payment_id, ANY, "The purchase, or the charge to a card that paid it."),                \
	    INVOICE_ROW(s, at, reference, ANY, "What a payment outside was booked under."),                            \
	    INVOICE_ROW(s, at, refund_reference, ANY, "What was too much and was given back outside was booked under."), \
	    INVOICE_ROW(s, at, failed_at, ANY, "When an automatic charge for it first failed."),                       \
	    INVOICE_ROW(s, at, retry_at, ANY, "When the next automatic charge is due; null: none is."),                \
	    INVOICE_ROW(s, at, lines_count, ANY, "How many lines it has."),                                            \
	    INVOICE_ROW(s, at, orders_count, ANY, "How many orders it bills."),                                        \
	    INVOICE_ROW(s, at, created_at, ANY, "When it was drawn up."),                                              \
	    INVOICE_ROW(s, at, pdf_url, COMPUTED, "Where it is as a PDF, with the same token; null for a draft.")

/* ---- making one --------------------------------------------------------------------------------------------------- */

/* That of a month. Reads only. */
const struct problem *invoice_draft(struct call *call, const struct month *month, struct invoice *out);

/* The line is copied: position and amount are set, `exact` and `accrued` are the caller's. A negative amount gives back. */
const struct problem *invoice_add_line(struct call *call, struct invoice *invoice, const struct invoice_line *line);

/* Brings each line's amount to the invoice's basis (and leaves out its unit price, which is of the other one). Taxes and
 * totals: once per rate on the sum of its lines' amounts, half-even to a hundredth; the residue goes to the line
 * with the largest amount, the first among equals. May be called again after more lines. */
const struct problem *invoice_tax(struct call *call, struct invoice *invoice);

/* The totals of lines whose taxes are there. False: overflow. */
bool invoice_sum(struct invoice *invoice);

/* The sums by rate, by name and rate, of the invoice's lines: for what is shown and printed. */
struct list invoice_tax_sums(struct call *call, const struct invoice *invoice);

/* Stores, books, numbers and tells. One whose total is 0 is paid as it is issued. A total below 0 is no invoice: INTERNAL;
 * the caller carries such lines over. Behind invoice_tax. */
const struct problem *invoice_issue(struct call *call, struct invoice *invoice);

/* ---- reading ------------------------------------------------------------------------------------------------------ */

const struct problem *invoice_read(struct call *call, struct id invoice_id, struct invoice *out, bool *found);
/* The same, locked until the end of the transaction. */
const struct problem *invoice_lock(struct call *call, struct id invoice_id, struct invoice *out, bool *found);
/* Fills `lines`. */
const struct problem *invoice_read_lines(struct call *call, struct invoice *invoice);
const struct problem *invoice_party_read(struct call *call, struct text json, struct invoice_party *out);

bool invoice_has_status(const struct invoice *invoice, const char *status);

/* Of SELECTs that give invoices; `i` is the invoice's alias, `o` the organization's. */
#define INVOICE_COLUMNS                                                                                                \
	"i.id, i.organization_id, i.kind, i.period, i.number, i.status, i.currency, i.tax_included, i.subtotal,"       \
	" i.tax, i.total, i.accrued, i.paid, i.credited, i.written_off,"                                               \
	" IF(i.status = 'void', 0, i.total - i.credited - i.written_off) - i.paid AS due,"                             \
	" i.due_at, i.issued_at, i.paid_at, i.payment_id, i.reference, i.refund_reference, i.failed_at, i.retry_at, i.failed_payment_id,"  \
	" i.last_error, i.remind_at, i.issuer, i.customer, i.lines_count, i.orders_count, i.created_at, o.timezone"
#define INVOICE_FROM " FROM invoice i JOIN organization o ON o.id = i.organization_id"

/* Completes what callers see: pdf_url. */
void invoice_complete(struct call *call, struct invoice *invoice);

/* ---- paying ------------------------------------------------------------------------------------------------------- */

/* Money for it has arrived: by card (`payment`), or outside (`reference`, in a transaction that has locked the invoice's
 * organization; the other one is NULL). The invoice is locked. Books it, and ends a pause. */
const struct problem *invoice_paid(
    struct call *call, struct invoice *invoice, const struct payment *payment, struct maybe_text reference);

/* What was paid too much was given back outside, in the same transaction: books it. `due` is below 0. */
const struct problem *invoice_give_back(struct call *call, struct invoice *invoice, struct text reference);

/* How what is due of it is paid, in a sentence or two: by card, or where none can be charged so little or so much, outside. */
const struct problem *invoice_how_to_pay(struct call *call, const struct invoice *invoice, struct text *out);

/* In the transaction of an intent that has locked the organization's row: a charge of what is left of the invoice to a card
 * (absent: the default one). NOT_FOUND; CONFLICT where nothing can be charged for it: it is no longer issued, or less is due
 * than a card can be charged; else as payment_intend. `automatic`: nobody waits, and a charge that waits for its person
 * keeps its place; what is no longer chargeable after a charge that failed ends its retries. Then payment_perform and payment_book, which does the rest: events, mail, dunning. */
struct invoice_charge {
	struct id invoice_id;
	struct maybe_id payment_method_id;
	bool automatic;
	bool overdue; /* it was kept for a day by purchases that waited for their person: it takes the place of one */
};
const struct problem *invoice_charge(
    struct call *call, const struct invoice_charge *charge, struct invoice *invoice, struct payment *payment);

/* An automatic charge could not even begin (no card, less due than a card takes is the caller's to see): told and counted as
 * one that failed. The organization's row is locked. */
const struct problem *invoice_uncharged(struct call *call, struct invoice *invoice, struct text why);

/* A subscription's payment was made outside, as an operator knows: what was given up keeps nobody behind any more. */
const struct problem *invoice_forget_given_up(struct call *call);

/* ---- for payments -------------------------------------------------------------------------------------------------- */

/* By payment_book and payment_settle_claws, in their transactions. */

/* A payment with purpose `invoice`: takes the locks that come before the book's. */
const struct problem *invoice_expect(struct call *call, const struct payment *payment);
/* It succeeded; the money is booked here. */
const struct problem *invoice_charged(struct call *call, struct payment *payment);
/* It failed, or an automatic one waits for its person. */
const struct problem *invoice_declined(struct call *call, const struct payment *payment);
/* So much of its money is gone again (negative: is there again): books it, the invoice is owed again. */
const struct problem *invoice_clawed(struct call *call, const struct payment *payment, struct amount money);
/* In a transaction that has locked the organization's row: a change of a subscription has given so many credits for a fee that an
 * invoice has billed, and that is paid. Whatever takes its money back takes its part of them back (invoice_credits.c). */
const struct problem *invoice_gave_credits(struct call *call, struct id fee_id, struct credits credits);
/* What the operation of a waiting claim answers. */
const struct problem *invoice_answer(struct call *call, const struct payment *payment);

/* A purchase of credits succeeded: its paid invoice, numbered, and the credit notes for what was refunded of it already. The
 * last of the transaction. */
const struct problem *invoice_for_payment(struct call *call, const struct payment *payment);

/* ---- open ones ----------------------------------------------------------------------------------------------------- */

/* How many of the call's organization are issued and not paid. */
const struct problem *invoices_count_open(struct call *call, int64_t *out);

/* In SQL, by the organization's alias. */
#define OPEN_INVOICES_OF(o)                                                                                            \
	"COALESCE((SELECT COUNT(*) FROM invoice oi WHERE oi.organization_id = " o ".id AND oi.status = 'issued'), 0)"
/* A draft has no issued_at: the index gives the last at once. */
#define LAST_INVOICE_OF(o)                                                                                             \
	"COALESCE((SELECT TIMESTAMPDIFF(SECOND, '1970-01-01', MAX(li.issued_at)) FROM invoice li"                      \
	" WHERE li.organization_id = " o ".id), 0)"

#endif
