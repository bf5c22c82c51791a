/*
 * What the files of payments share, and nobody else needs.
 */
#ifndef PURSER_PAYMENT_PARTS_H
#define PURSER_PAYMENT_PARTS_H

#include "payment.h"

/* Why a payment failed, where it was not the card: in error_code, beside the processor's own codes. */
#define WHY_EARLIER_SUCCEEDED "earlier_purchase_succeeded"
#define WHY_SUPERSEDED "superseded"
#define WHY_CANCELLED "cancelled"
#define WHY_LAPSED "lapsed"
#define WHY_REFUSED "request_refused"
#define WHY_CLOSED "organization_closed"
#define WHY_GIVEN_UP "given_up"

enum {
	PAYMENT_WAITS_SECONDS = 24 * 3600,   /* for its person */
	PAYMENT_MISSES_SECONDS = 72 * 3600,  /* an intent that the processor says it does not have */
	PAYMENT_KEYS_SECONDS = 23 * 3600,    /* how long the keys at the processor can be used */
	PAYMENT_WORKER_SECONDS = 60,         /* how long the sweeper leaves a payment to whoever began with it */
};

struct payment_ref {
	struct id payment_id;
};
extern const struct shape payment_ref_shape;

bool payment_has_state(const struct payment *payment, const char *state);

/* Has so much time passed since it was begun? */
bool payment_is_older(const struct call *call, const struct payment *payment, int64_t seconds);

/* Of a payment that was read before, in one statement less than payment_lock: locked, and read anew. A charge for an invoice
 * moves subscriptions when it is booked, so the organization's row comes before it, which the first locks alone. */
const struct problem *payment_lock_payer(struct call *call, const struct payment *known);
const struct problem *payment_lock_known(
    struct call *call, const struct payment *known, struct payment *out, bool *found);

/* Stores what can change, in the transaction that has locked it. */
const struct problem *payment_save(struct call *call, const struct payment *payment);

/* The event that tells what became of it. */
const struct problem *payment_announce(struct call *call, const struct payment *payment);

/* The part of a payment's tax that belongs to so much of what was received, rounded half-even to a hundredth. */
bool payment_tax_of(const struct payment *payment, struct amount part, struct amount *tax);

/* Money lines of the ledger for so much of the payment: in, or out again where it is negative. */
struct text payment_money_lines(struct call *call, struct text currency, struct amount amount, struct amount tax);

/* What the sealed client secret is bound to. */
const char *payment_seal_context(struct call *call, struct id payment);

#endif
