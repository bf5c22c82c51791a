/*
 * Refunds of payments: those asked for here, and those that the processor told of. A row is a refund; what is refunded
 * altogether is the payment's `refunded`, and never less than what the rows say.
 */
#ifndef PURSER_REFUND_H
#define PURSER_REFUND_H

#include "payment.h"

struct refund {
	struct id id;
	struct id organization_id;
	struct id payment_id;
	struct amount amount;
	struct text currency;
	struct text reason;
	struct text state; /* pending, succeeded, failed */
	struct maybe_text refund_id; /* the processor's; without one it is not known there */
	struct credits clawed_credits;
	struct maybe_text last_error;
	struct claim_ref claim;
	struct instant created_at;
	struct maybe_instant look_at;
	int64_t lease_token;
};

extern const struct shape refund_shape;

#define REFUND_COLUMNS                                                                                                 \
	"id, organization_id, payment_id, amount, currency, reason, state, refund_id, clawed_credits, last_error,"     \
	" " CLAIM_COLUMNS ", created_at, look_at, lease_token"

/* What billing.topups.refund answers. */
struct topup_refund {
	struct id id;
	struct id topup_id;
	struct id organization_id;
	struct amount amount;
	struct text currency;
	struct text status;
	struct credits credits_clawed;
	struct instant created_at;
};

struct topup_refund refund_answer(const struct refund *refund);

/* The key that the refund is asked for with; the processor tells it again with whatever becomes of the refund. */
const char *refund_key(struct call *call, struct id refund);
bool refund_of_key(struct maybe_text key, struct id *refund);

/* A new row, for a refund that is to be asked for. CONFLICT where another of the payment is at work. */
const struct problem *refund_intend(struct call *call, struct refund *refund);

/* The row, locked until the end of the transaction, which has locked the payment. */
const struct problem *refund_lock(struct call *call, struct id refund_id, struct refund *out, bool *found);

/* In a transaction that has locked both: makes what the processor answered true, where the refund is still pending, and
 * answers the waiting claim. */
const struct problem *refund_book(
    struct call *call, struct payment *payment, struct refund *refund, const struct provider_refund *outcome);

/* The same for a refund whose key is too old to be used again, by what a look at its charge told. */
const struct problem *refund_end(
    struct call *call, struct payment *payment, struct refund *refund, const struct charge *seen);

/* After refund_book: the kept refusal of one that failed, or NULL where the row is to be shown. */
const struct problem *refund_refusal(struct call *call, const struct refund *refund);

/* A refund as the processor tells of it. */
struct told_refund {
	struct text refund_id;
	struct maybe_text key; /* where it was asked for here */
	struct amount amount;
	bool pending, failed;
	struct instant created_at;
};

/* In a transaction that has locked the payment. Telling twice, or late, changes nothing. */
const struct problem *refund_told(struct call *call, struct payment *payment, const struct told_refund *told);

/* How much the processor gave back of the payment altogether, when it told of it. */
const struct problem *refund_total_told(struct call *call, struct payment *payment, struct amount total);

#endif
