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
	struct maybe_text description;
	struct maybe_text reference_type; /* what it belongs to: "order", "topup", … */
	struct maybe_id reference_id;
	struct maybe_text
	    lot_source; /* incoming: promotional, free_tier, goodwill or paid; else what the reason says */
	struct maybe_instant lot_expires_at;
	struct maybe_int lot_priority;
	struct maybe_id lot;                   /* outgoing: the lot to draw before all others */
	struct maybe_int undoes;               /* a refund: the sequence of the charge, whose lots are filled again */
	struct maybe_instant cycle_started_at; /* what counts as spend: when the present cycle began */
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
};

/* INSUFFICIENT_CREDITS (member `available`), LIMIT_REACHED (members `hard_limit`, `spent`), or CONFLICT where a balance
 * would grow too large. After a problem the transaction has to be rolled back. An event credits.low tells where this
 * took `available` below the organization's threshold. */
const struct problem *ledger_post(struct call *call, const struct posting *posting, struct posted *posted);

/* Posts what fell due in the call's organization, with the same event; as much of it as one call should. */
const struct problem *ledger_expire(struct call *call, struct posted *posted);

/* Opens the book of the call's organization, which is new. */
const struct problem *ledger_open(struct call *call, struct currency currency);

/* What the spend of a cycle may reach from now on; absent: anything. */
const struct problem *ledger_set_hard_limit(struct call *call, struct maybe_credits limit);

#endif
