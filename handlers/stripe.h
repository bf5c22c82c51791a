/*
 * What is Stripe's alone and used beside the provider: its webhooks' signature, and its payment_intent objects, which come
 * in replies and in webhooks.
 */
#ifndef PURSER_STRIPE_H
#define PURSER_STRIPE_H

#include "provider.h"
#include "tree.h"

/* Does the `Stripe-Signature` fit the raw body, by one of the secrets of the setting, and is it at most 300 s from now? */
bool stripe_signature_is_valid(struct text header, struct text body, struct instant now);

/* What a payment_intent object tells; false where it is none. `refunded` is told only by an object whose latest_charge is
 * expanded. */
bool stripe_read_charge(struct arena *arena, const struct tree *intent_object, struct charge *out);

#endif
