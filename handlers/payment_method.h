/*
 * The cards of an organization, as the rest of the product needs them: which one to charge, and whose customer the
 * organization is at the processor.
 */
#ifndef PURSER_PAYMENT_METHOD_H
#define PURSER_PAYMENT_METHOD_H

#include "provider.h"

/* A card that can be charged. */
struct payment_method_ref {
	struct id id; /* our row */
	struct text card_id, customer_id; /* the processor's */
};

/* The card of that row, else the default one: of the call's organization and the processor chosen, and not detached. It
 * stays so until the transaction ends where the caller holds the organization's row. */
const struct problem *payment_method_default(
    struct call *call, struct maybe_id row, struct payment_method_ref *out, bool *found);

/* The call's organization as a customer of the processor, made there on first need. Talks to the processor: outside of
 * transactions only. `reply` tells where there is none. */
const struct problem *payment_customer_need(struct call *call, const struct provider *provider, int64_t until,
    struct provider_reply *reply, struct text *customer_id);

/* The key under which the processor does it once: the same for the same request of a caller who sends a key; with `anew` one
 * of this call alone, where a failure is stored under the former. */
const char *payment_method_key(struct call *call, const char *what, struct text subject, bool anew);

#endif
