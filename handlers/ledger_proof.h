/*
 * The proof that an organization's ledger is whole: nothing changed, missing or re-ordered, every entry balanced, and
 * the book and the lots as the entries say. That each lot is the sum of its movements is part of a full proof only.
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
	struct proven checkpoint; /* what the night before has proven */
	bool had_fault;           /* it found one, so that nothing is taken for proven */
	bool is_full;             /* from the first entry on, whether asked for or not */
	bool is_begun, is_done;
	int64_t entries;        /* proven by the last step */
	struct proven proven;   /* up to the last entry without fault */
	struct credits balance; /* of the book: available and reserved */
	int64_t head_sequence;  /* of the book */
	struct digest head_hash;
	const char *fault; /* the first, as a sentence; NULL: none */
};

/* Proves the call's organization from its last checkpoint, or from the start. */
const struct problem *ledger_prove(struct call *call, bool full, struct proof *proof);

/* The same by steps of so many entries; `proof` is all zeros before the first, and tells when it is done. */
const struct problem *ledger_prove_step(struct call *call, bool full, int64_t most, struct proof *proof);

#endif
