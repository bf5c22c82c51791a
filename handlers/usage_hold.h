/*
 * Holds: usage that usage.authorize has set aside, with the credits of a priced metric reserved for it, until it is committed,
 * released, or its time is over. A hold belongs to the cycle that it was made in.
 */
#ifndef PURSER_USAGE_HOLD_H
#define PURSER_USAGE_HOLD_H

#include "call.h"
#include "ledger.h"

/* The most that can be asked for at once: a billion units. */
#define USAGE_QUANTITY_MOST INT64_C(1000000000000000)

struct usage_hold {
	struct id id;
	struct instant cycle_starts_at;
	struct text metric;
	struct quantity quantity;
	struct credits credits; /* reserved for it */
	bool post_pay;          /* on account */
	struct text status;     /* open, committed, released, lapsed */
	struct instant expires_at;
	struct maybe_quantity committed; /* how much was used, and what was charged for it */
	struct maybe_credits charged;
};
extern const struct shape usage_hold_shape;

#define USAGE_HOLD_COLUMNS                                                                                             \
	"id, cycle_starts_at, metric, quantity, credits, post_pay, status, expires_at, committed, charged"

/* What is asked: may so much more be used? */
struct usage_request {
	struct maybe_instant cycle_starts_at; /* absent: the present cycle */
	struct text metric;
	struct quantity quantity;
	struct maybe_instant expires_at;      /* until when it is held then, under the call's own id; absent: it is not */
	bool is_all;                          /* nothing else belongs to this transaction, so it may be ended with the answer */
};

struct usage_judgement {
	struct text outcome;
	struct maybe_text reason;        /* why not; absent: it may */
	struct maybe_quantity remaining; /* of the quota; absent: there is none */
	struct credits credits;          /* what it takes, of a priced metric */
	bool post_pay;
	struct maybe_credits available, spent, hard_limit; /* where these were asked */
	bool hard_told;
	bool committed;                  /* the transaction has ended */
	bool is_known;                   /* there is a hold of this call already, and nothing else is true here */
};

/* INVALID for a metric that can't be asked for. The counter is locked where it is held, and where credits count, the book. */
const struct problem *usage_judge(struct call *call, const struct usage_request *request, struct usage_judgement *out);

/* The call's organization's own, whatever became of it. */
const struct problem *usage_hold_find(struct call *call, struct id id, struct usage_hold *out, bool *found);

/* What any posting for the hold says of it. */
struct posting usage_hold_posting(const struct usage_hold *hold, enum ledger_reason reason, struct credits credits);

/* For an operation that is about to refuse: holds of the call's organization whose time is over may have what it lacks. Where
 * there are any, its transaction is undone, they are ended in transactions of their own, so that no counter is locked behind
 * the book, and it has to run again (RERUN). NULL: there are none, and nothing was undone. */
const struct problem *usage_holds_end_due(struct call *call);

/* The same for a refusal of credits or by the hard limit, which it answers where no hold was due, as any other problem. */
const struct problem *usage_holds_reconsider(struct call *call, const struct problem *refusal);

#endif
