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
	struct maybe_id refund_id;
	struct text issuer, customer; /* JSON of invoice_party */
	struct instant created_at;
};
extern const struct shape credit_note_shape;

/* Those of an invoice, oldest first. */
const struct problem *credit_notes_of(struct call *call, struct id invoice_id, struct list *out);

/* In a transaction that has locked the payment, behind the ledger: makes the notes for its invoice, if it has one, add up to
 * `refunded`. Locks the number's row: the last of the transaction. */
const struct problem *credit_note_for_refund(struct call *call, const struct payment *payment);

#endif
