/*
 * What the files of invoices and credit notes share, and nobody else needs.
 */
#ifndef PURSER_INVOICE_PARTS_H
#define PURSER_INVOICE_PARTS_H

#include "invoice.h"

/* What events tell of an invoice. */
struct invoice_event {
	struct id invoice_id;
	struct text number;
	struct text kind;
	struct maybe_text period;
	struct text status;
	struct text currency;
	struct amount total, due;
	struct maybe_instant due_at;
};
extern const struct shape invoice_event_shape;
struct invoice_event invoice_event_of(const struct invoice *invoice);
const struct problem *invoice_tell(struct call *call, const struct event_type *type, const struct invoice *invoice);

/* "Invoice INV-000012" */
struct text invoice_name(struct call *call, const struct invoice *invoice);

/* One more money line of the ledger; none where it is 0. */
void money_line(struct buffer *lines, const char *account, struct text currency, int64_t micros);

/* Posts the lines, which refer to the invoice, or to the card payment where one is given; nothing where there are none. */
const struct problem *invoice_post(
    struct call *call, const struct invoice *invoice, enum ledger_reason reason, struct buffer *lines,
    struct maybe_id payment_id, struct posted *posted);

/* Stores what can change of an issued one. */
const struct problem *invoice_save(struct call *call, const struct invoice *invoice);

/* What is left to be paid, and the status that follows from it: of one that is issued or paid. */
void invoice_settle(const struct call *call, struct invoice *invoice);

/* The taxes of lines whose rates are set, and the totals. False: overflow. */
bool invoice_tax_lines(struct invoice *invoice);

/* In a transaction that has locked the organization's row: locks its subscriptions, which come before the invoice. */
const struct problem *invoice_lock_subscriptions(struct call *call);

/* Nothing of the invoice is owed any more: the subscriptions are no longer behind, unless another invoice keeps them so. */
const struct problem *invoice_end_dunning(struct call *call, const struct invoice *invoice);

/* Behind a change that may have made it paid, which is stored: what follows, with the event. `was_behind`: a charge for it
 * had failed. */
const struct problem *invoice_settled(struct call *call, struct invoice *invoice, bool was_owed, bool was_behind);

/* CONFLICT where a card is being charged for it. */
const struct problem *invoice_ask_uncharged(struct call *call, struct id invoice_id);

#endif
