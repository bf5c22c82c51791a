/*
 * A payment intent of the sandbox, for what charges it and what gives back.
 */
#ifndef PURSER_SANDBOX_INTENT_H
#define PURSER_SANDBOX_INTENT_H

#include "call.h"

struct sandbox_intent {
	struct text id;
	struct text customer_id;
	struct id payment_id;
	struct amount amount;
	struct text currency;
	struct text description;
	struct text client_secret;
	struct text state;
	struct maybe_text code;
	struct amount refunded;
	struct digest request_digest;
	struct text idempotency_key;
	struct instant created_at;
	struct maybe_instant charged_at; /* in the future while the processor works on it */
};

extern const struct shape sandbox_intent_shape;

#define SANDBOX_INTENT_COLUMNS                                                                                   \
	"id, customer_id, payment_id, amount, currency, description, client_secret, state, code, refunded,"      \
	" request_digest, idempotency_key, created_at, charged_at"

/* The intent, held until the transaction ends. */
const struct problem *sandbox_lock_intent(
    struct call *call, struct text id, struct sandbox_intent *intent, bool *found);

/* Writes its state, code, charged_at and refunded. */
const struct problem *sandbox_change_intent(struct call *call, const struct sandbox_intent *intent);

#endif
