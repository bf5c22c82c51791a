/*
 * The proof that an organization's ledger is whole: nothing changed, missing or re-ordered, every entry balanced, and
 * the book and the lots as the entries say.
 */
#ifndef PURSER_LEDGER_PROOF_H
#define PURSER_LEDGER_PROOF_H

#include "call.h"

/* How far the entries are proven, and what they sum up to there. */
struct proven {
	int64_t sequence;
	struct digest hash;
	struct credits available;
	struct credits reserved;
	struct credits debt;
};

struct proof {
	struct proven from;     /* where it began */
	struct proven proven;   /* up to the last entry without fault */
	struct credits balance; /* of the book: available and reserved */
	int64_t head_sequence;  /* of the book */
	struct digest head_hash;
	const char *fault; /* the first, as a sentence; NULL: none */
};

/* Proves the call's organization from its last checkpoint, or from the start. */
const struct problem *ledger_prove(struct call *call, bool full, struct proof *proof);

#endif
