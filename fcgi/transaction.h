/*
 * What makes a WRITE operation happen once: the idempotency claim, the audit row, the stored reply and the commit.
 * Claim is the first statement of the transaction; the reply is written before the commit, so what is stored is what was
 * sent. Sources: 1-wire "Idempotency", 3-domain "Audit".
 */
#ifndef PURSER_TRANSACTION_H
#define PURSER_TRANSACTION_H

#include "operation.h"

/* Claims call->idempotency_key. NULL: ours (or no key was sent). A stored reply is put into the call
 * (call->replayed is true then). IDEMPOTENCY_* otherwise. */
const struct problem *transaction_claim(struct call *call);

/* Stores the finished reply under the claim (an intent's claim stays open), leaves the audit row, commits. One round trip.
 * A connection lost during the commit is resolved by looking for the audit row. A refusal that is kept frees its key. */
const struct problem *transaction_finish(struct call *call);

/* Did the caller send an idempotency key that counts here? */
bool transaction_has_key(const struct call *call);

/* What the sealed reply of a claim is bound to. */
const char *transaction_seal_context(struct call *call, struct id claimed_by);

/* The statements of this file; ends with NULL. */
const struct statement *const *transaction_statements(void);

/* An audit row for a deed outside of an operation (a job's). In the caller's transaction. */
const struct problem *transaction_audit(struct call *call, const char *operation, const char *target_type, struct id target);

#endif
