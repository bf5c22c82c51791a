/*
 * Operations that talk to the outside between two transactions: intend (their `run`), perform, book.
 *
 * The intent is committed with its idempotency claim still open. Perform runs without a transaction. Book stores the
 * reply under the claim in the transaction that makes the outcome true, and may be done by somebody else (a webhook, the
 * sweeper), so what it needs of the claim is kept beside the intent. While the claim is open its key answers
 * idempotency_in_progress; a worker that was killed leaves it open until it is answered, or dropped when its time is up.
 */
#ifndef PURSER_TWO_STEP_H
#define PURSER_TWO_STEP_H

#include "call.h"

/* The claim of a call, as an intent keeps it. `space` absent: the caller sent no key, and nothing is to be stored. */
struct claim_ref {
	struct maybe_id space;
	struct maybe_text operation;
	struct maybe_text key;
	struct maybe_id call;
	struct maybe_text request_id; /* the caller's: the `instance` of a stored problem */
};

/* The rows of a struct `s` that has it as its member `claim`; columns claim_space, claim_operation, …, never in JSON. */
#define CLAIM_FIELD(s, m, as)                                                                                          \
	{ .name = as, .kind = KIND_OF(s, claim.m), .optional = true, .hidden = true, FIELD_BASE(s, claim.m),           \
	  .summary = "Of the claim that waits for the outcome." }
#define CLAIM_FIELDS(s)                                                                                                \
	CLAIM_FIELD(s, space, "claim_space"), CLAIM_FIELD(s, operation, "claim_operation"),                            \
	    CLAIM_FIELD(s, key, "claim_key"), CLAIM_FIELD(s, call, "claim_call"),                                      \
	    CLAIM_FIELD(s, request_id, "claim_request_id")
#define CLAIM_COLUMNS "claim_space, claim_operation, claim_key, claim_call, claim_request_id"
#define CLAIM_PARAMETERS ":claim_space, :claim_operation, :claim_key, :claim_call, :claim_request_id"

/* The present call's claim, for a book of the same call. It lapses by itself a quarter of an hour after the intent. */
struct claim_ref claim_of(const struct call *call);

/* In intend: the claim of a call whose outcome a row waits for, which keeps it: it no longer lapses by itself. */
const struct problem *claim_keep(struct call *call, struct claim_ref *claim);

/* In book, in its transaction: what the waiting caller gets, stored under the claim; `out` is a struct of the shape that
 * the claim's operation gives. Only the first answer counts: answering again, or without a claim, changes nothing. */
const struct problem *claim_answer(struct call *call, const struct claim_ref *claim, const void *out);

/* The same with a refusal that is final (a card that was really tried). */
const struct problem *claim_refuse(struct call *call, const struct claim_ref *claim, const struct problem *refusal);

/* In book: nothing was done, so that the key is free again. */
const struct problem *claim_drop(struct call *call, const struct claim_ref *claim);

/* In perform, and in jobs: a short transaction of its own, run again where the database undid it, or where its commit was
 * lost: the step has to find out by itself what is done already. */
const struct problem *step_apart(
    struct call *call, const struct problem *(*step)(struct call *call, void *context), void *context);

#endif
