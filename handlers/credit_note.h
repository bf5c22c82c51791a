/*
 * Credit notes: what corrects an issued invoice. Of a run's invoice an operator makes them; of a top-up's they follow its
 * refunds, and add up to what was refunded. Shares of tax are taken of the whole, so that notes over all of an invoice add
 * up to its tax: the last takes the remainder.
 */
#ifndef PURSER_CREDIT_NOTE_H
#define PURSER_CREDIT_NOTE_H

#include "invoice.h"

struct credit_note {
	struct id id;
	struct id organization_id;
	struct id invoice_id;
	struct text invoice_number;
	struct text number;
	struct text reason;
	struct text currency;
	struct amount amount; /* tax included; below 0 where it takes a note back whose refund failed */
	struct amount tax;    /* in it */
	struct amount on_account; /* of it: what `receivable` had lost before the note */
	struct document source;   /* what it is for; `at` NULL: nothing more to tell */
	struct maybe_id refund_id;
	struct text issuer, customer; /* JSON of invoice_party */
	struct instant created_at;
};
extern const struct shape credit_note_shape;

const struct problem *credit_note_read(struct call *call, struct id credit_note_id, struct credit_note *out, bool *found);

/* All of one, as billing.credit_notes.get answers it, and its PDF draws it. */
struct credit_note_details {
	struct credit_note note;
	struct invoice_party *issuer, *customer; /* as on the invoice */
	struct amount net;                       /* amount less tax */
	struct maybe_instant invoice_issued_at;
	struct text timezone; /* the organization's, for what is printed */
};
extern const struct shape credit_note_details_shape;

/* A rendering: `details` is a struct credit_note_details. In credit_note_pdf.c. */
const struct problem *credit_note_pdf_write(struct call *call, const void *given);

/* Of the resource billing.credit_notes; in credit_note_make.c. */
extern const struct operation credit_notes_create_operation;

/* Those of an invoice, oldest first. */
const struct problem *credit_notes_of(struct call *call, struct id invoice_id, struct list *out);

/* ---- of a monthly run ---------------------------------------------------------------------------------------------- */

/* What a run gives back of an invoice that was issued before. */
struct credit_note_order {
	struct id invoice_id;
	struct amount net;        /* what to take off, without tax, above 0; exact */
	struct amount on_account; /* of it: what `receivable` has lost already, without tax (the refunds' own entries) */
	struct text reason;       /* as it is printed */
	struct document source;   /* a JSON object: what it is for; NULL: nothing more to tell */
};

/* In a transaction that has locked the organization's row, before its invoice_issue: locks the invoice, takes the note off it,
 * and books it; the tax is the invoice's in proportion, the whole rounded half-even to a hundredth. Where less is left of the
 * invoice, that is taken, and on_account in proportion (`*taken`, both as in the order, says how much); a void one, or
 * less than half a hundredth takes nothing: `taken->net` is 0, and there is no note. An uncollectible one
 * is owed that much less. */
struct credit_note_taken {
	struct amount net, on_account;
};
const struct problem *credit_note_begin(struct call *call, const struct credit_note_order *order, struct credit_note *out,
    struct credit_note_taken *taken);

/* Behind invoice_issue: stores it, numbers it, tells of it. Locks the number's row: the last of the transaction. */
const struct problem *credit_note_issue(struct call *call, struct credit_note *note);

/* What was put on this invoice: what is it worth by now? Reads; lock the organization's row before. */
struct invoice_worth {
	struct text number;
	bool is_void, is_paid;
	struct amount total;
	struct amount credited_by_hand; /* what runs have noted was booked by the refunds that they are for */
};
const struct problem *invoice_ask_worth(struct call *call, struct id invoice_id, struct invoice_worth *out);

/* ---- of purchases -------------------------------------------------------------------------------------------------- */

/* In a transaction that has locked the payment, before the ledger: locks its invoice, if it has one. */
const struct problem *credit_note_expect(struct call *call, const struct payment *payment);

/* In a transaction that has locked the payment, behind the ledger: makes the notes for its invoice, if it has one, add up to
 * `refunded`. Locks the number's row: the last of the transaction. */
const struct problem *credit_note_for_refund(struct call *call, const struct payment *payment);

#endif
