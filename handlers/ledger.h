/*
 * Booking in the double-entry ledger. A posting says what happened; the database's procedure ledger_post (sql/0003)
 * does all that follows from it in one round trip: lines, lots, debt, expiry, limit, book, chain. Always inside the
 * caller's transaction, as its last statement but the outbox's: it locks the organization's book until the commit.
 */
#ifndef PURSER_LEDGER_H
#define PURSER_LEDGER_H

#include "call.h"

enum ledger_reason {
	LEDGER_GRANT,
	LEDGER_TOPUP,
	LEDGER_AUTO_TOPUP,
	LEDGER_RESERVATION,
	LEDGER_RELEASE,
	LEDGER_CHARGE,
	LEDGER_REFUND,
	LEDGER_CLAWBACK,
	LEDGER_EXPIRY,
	LEDGER_ADJUSTMENT,
	LEDGER_PLAN_FEE,
	LEDGER_OVERAGE,
	LEDGER_COMMITMENT_SHORTFALL,
	LEDGER_INVOICE, /* this and the following move money lines alone */
	LEDGER_PAYMENT,
	LEDGER_CREDIT_NOTE,
	LEDGER_WRITE_OFF,
	LEDGER_REASONS,
};

/* What each reason moves, from which account to which. */
struct ledger_rule {
	const char *name;
	const char *from, *to;
	bool counts_as_spend; /* towards the cycle's hard limit */
	bool is_signed;       /* the credits may be negative: the other way round */
};
extern const struct ledger_rule ledger_rules[LEDGER_REASONS];

/* The names of all reasons; ends with NULL. */
extern const char *const ledger_reason_names[];

/* The most that one posting can move; the procedure keeps every balance under a hundred times that. */
#define LEDGER_MOST INT64_C(1000000000000)

struct posting {
	enum ledger_reason reason;
	struct credits credits; /* positive, but for an adjustment; 0 only with money lines alone */
	bool from_reserved;     /* a charge: of credits reserved before */
	bool on_account;        /* a reservation, release, charge or refund of an order that is paid afterwards: no credits move */
	struct credits committed; /* a charge on account: how much of it was reserved so before */
	struct maybe_text description;
	struct maybe_text reference_type; /* what it belongs to: "order", "topup", … */
	struct maybe_id reference_id;
	struct maybe_text
	    lot_source; /* incoming: promotional, free_tier, goodwill or paid; else what the reason says */
	struct maybe_instant lot_expires_at;
	struct maybe_int lot_priority;
	struct maybe_id lot;                   /* outgoing: the lot to draw before all others */
	struct maybe_int undoes;               /* a refund: the sequence of the charge, whose lots are filled again */
	struct maybe_text money; /* more lines: [{"account", "unit", "amount"}], micro-units, zero per currency */
};

struct posted {
	struct text outcome;
	struct id entry_id; /* also the id of the lot that incoming credits made */
	int64_t sequence;
	struct credits available_before;
	struct credits available;
	struct credits reserved;
	struct credits debt;
	struct credits cycle_spend;
	struct maybe_credits hard_limit;
	struct maybe_credits low_threshold; /* where this took `available` below it: the organization's */
	struct maybe_credits auto_topup_threshold; /* likewise */
	struct maybe_credits soft_limit;    /* where the cycle's spend reached it for the first time */
	bool hard_told;                     /* of LIMIT_REACHED: it was announced before in this cycle */
};

/* INSUFFICIENT_CREDITS (member `available`), LIMIT_REACHED (members `hard_limit`, `spent`), or CONFLICT where a balance
 * would grow too large. After a problem the transaction has to be rolled back. Events tell where this took `available`
 * below the organization's thresholds, or the spend to the soft limit. */
const struct problem *ledger_post(struct call *call, const struct posting *posting, struct posted *posted);

/* The same for an operation that has written more than this: the cycle's first refusal by the hard limit is kept, with its
 * announcement and nothing else of the transaction. */
const struct problem *ledger_post_or_tell(struct call *call, const struct posting *posting, struct posted *posted);

/* Announces the cycle's first refusal by the hard limit, where it was not ledger_post that refused. The caller has the book
 * locked, and seen that it is the first. */
const struct problem *ledger_tell_hard(struct call *call, struct credits spent, struct credits limit);

/* Posts what fell due in the call's organization, with the same event; as much of it as one call should. */
const struct problem *ledger_expire(struct call *call, struct posted *posted);

/* Opens the book of the call's organization, which is new. */
const struct problem *ledger_open(struct call *call, struct currency currency);

/* What the spend of a cycle may reach from now on, and from where on it is announced; absent: anything, never. */
const struct problem *ledger_set_limits(struct call *call, struct maybe_credits soft, struct maybe_credits hard);

/* Below how many available credits a low balance is announced; absent: never. Whoever changes the organization's
 * credits_low_threshold calls it. */
const struct problem *ledger_set_low_threshold(struct call *call, struct maybe_credits threshold);

/* Below how many available credits an automatic top-up is due (auto_topup.due_at is set then); absent: never. */
const struct problem *ledger_set_auto_topup(struct call *call, struct maybe_credits threshold);

/* Whether new orders are paid afterwards. */
const struct problem *ledger_set_post_pay(struct call *call, bool post_pay);

/* An order's row and its reservation, in one round trip. */
struct order_reservation {
	struct id id;
	struct text reference;
	struct digest request_digest;
	struct credits credits;
	struct text lines; /* a JSON array */
	struct maybe_id commitment_id;
	struct instant hold_expires_at;
};

/* As ledger_post, but for the first LIMIT_REACHED of a cycle, which is kept, since it is announced: this has to be the
 * transaction's only change, and mostly ends it, with `reply` (the operation's) as what the caller gets. `*is_known` where
 * an order of that reference is there: nothing was done then. */
const struct problem *ledger_reserve_order(
    struct call *call, const struct order_reservation *order, void *reply, bool *is_known);

#endif
