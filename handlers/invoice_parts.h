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

/* A draft of a purchase, and the tax of that day in its country; in memory alone. */
struct invoice_rate {
	struct maybe_text name;
	struct maybe_int rate; /* millionths; absent: no tax */
};
const struct problem *invoice_draft_purchase(
    struct call *call, struct instant day, struct invoice *out, struct invoice_rate *rate);

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

/* Behind a change that ended the charges for an invoice which had failed, and is stored: the subscriptions, which are locked,
 * are no longer behind. Where other invoices keep them so, a pause is for those alone from here on; where none of those is to
 * be charged again, they are paused. */
const struct problem *invoice_end_dunning(struct call *call);

/* Behind a change that may have made it paid, or more than paid, which is stored: what follows, with the events. `was_behind`:
 * a charge for it had failed. */
const struct problem *invoice_settled(struct call *call, struct invoice *invoice, bool was_owed, bool was_behind);

/* Behind a change of what is paid of it: the credits that were given for it keep step. The organization's row is locked. */
const struct problem *invoice_follow_money(struct call *call, const struct invoice *invoice);

/* CONFLICT where a card is being charged for it, or money may still come from a charge that was called off. An automatic
 * charge that waits for the card's holder is called off here, which the refusal keeps. */
const struct problem *invoice_ask_uncharged(struct call *call, struct id invoice_id);

/* A charge of it failed, which is tried again on the days that follow; its money is disputed, and it is looked at again on the
 * last of them; or no charge of it can be made any more: told, mailed, and the subscriptions are behind. They and the invoice
 * are locked. */
enum invoice_failure { FAILURE_CHARGE, FAILURE_DISPUTED, FAILURE_FINAL };
const struct problem *invoice_count_failure(struct call *call, struct invoice *invoice, struct maybe_text why,
    struct maybe_text code, enum invoice_failure failure);

/* What is paid for it by card is in dispute: no card is charged for it by itself. */
const struct problem *invoice_is_disputed(struct call *call, const struct invoice *invoice, bool *out);

/* The event that a charge failed, or money went again. */
const struct problem *invoice_tell_failed(struct call *call, const struct invoice *invoice, struct maybe_text code);

/* How much of it is to be paid by card, if any card can be charged so little or so much; the sentence says why not. */
const struct problem *invoice_ask_chargeable(struct call *call, const struct invoice *invoice, struct text *why_not);

/* When an invoice that was to be paid until `due_at` is next told to be overdue; absent: no more. */
struct maybe_instant invoice_next_reminder(struct instant due_at, struct instant now);

/* What the invoice's tax is in such a part of its total: shares of the whole add up. False: overflow. */
bool invoice_tax_in(const struct invoice *invoice, int64_t part, int64_t *tax);

#endif
