/*
 * The parts of the sandbox, the card processor that charges no real card: its test cards, and what its files share.
 * Besides sandbox_authenticate, all of it is used through `sandbox_provider` only.
 */
#ifndef PURSER_SANDBOX_H
#define PURSER_SANDBOX_H

#include "provider.h"

/* The person authenticates an intent that waits for it, or fails to; any other is left as it is. `out` tells what it is
 * now. */
const struct problem *sandbox_authenticate(
    struct call *call, struct text intent_id, bool succeeds, struct charge *out);

/* ---- between its files ----------------------------------------------------------------------------------------- */

enum sandbox_outcome {
	SANDBOX_PAYS,
	SANDBOX_PAYS_LATER, /* SANDBOX_LATER_SECONDS after it was confirmed */
	SANDBOX_ASKS,       /* the person has to authenticate */
	SANDBOX_DECLINES,
	SANDBOX_UNATTACHABLE, /* is declined as soon as it is attached */
};
enum { SANDBOX_LATER_SECONDS = 3 };

/* A test card, under the name that Stripe gives it where it has one like it. */
struct sandbox_kind {
	const char *name;
	const char *brand;
	const char *last4;
	enum sandbox_outcome outcome;
	const char *code; /* of a decline */
};

/* By its name, pm_card_… or cst_…; NULL where there is none. */
const struct sandbox_kind *sandbox_kind_named(struct text name);

/* What the payer reads of a decline. */
struct text sandbox_message(struct text code);

/* A new identifier, as a processor makes them. */
struct text sandbox_identifier(struct call *call, const char *prefix);

/* The processor says no; the sentence is the payer's. */
struct provider_reply sandbox_refusal(const char *code, struct text message);

/* A transaction of the processor's own; in a READ operation nothing is written, and there is none. */
const struct problem *sandbox_apart(
    struct call *call, const struct problem *(*step)(struct call *call, void *context), void *context);

/* Whether the customer holds the card. */
const struct problem *sandbox_find_card(struct call *call, struct text customer_id, struct text card_id,
    const struct sandbox_kind **kind, bool *found);

extern const char sandbox_has_no_tenants[];

const struct problem *sandbox_customer(struct call *call, struct id organization, int64_t until,
    struct provider_reply *reply, struct text *customer_id);
const struct problem *sandbox_setup(
    struct call *call, struct text customer_id, const char *key, int64_t until, struct setup_intent *out);
const struct problem *sandbox_attach(struct call *call, struct text customer_id, struct text payment_method_id,
    const char *key, int64_t until, struct provider_card *out);
const struct problem *sandbox_detach(
    struct call *call, struct text card_id, int64_t until, struct provider_reply *out);

struct text sandbox_request(struct call *call, const struct purchase *purchase);
const struct problem *sandbox_create(
    struct call *call, struct text request, const char *key, int64_t until, struct charge *out);
const struct problem *sandbox_confirm(struct call *call, struct text intent_id, struct text card_id, const char *key,
    int64_t until, struct charge *out);
const struct problem *sandbox_look(struct call *call, struct text intent_id, int64_t until, struct charge *out);
const struct problem *sandbox_find(struct call *call, struct text customer_id, struct id payment_id,
    struct instant created_at, int64_t until, struct charge *out);
const struct problem *sandbox_cancel(struct call *call, struct text intent_id, int64_t until, struct charge *out);

const struct problem *sandbox_refund(struct call *call, struct text intent_id, struct amount amount,
    struct text currency, const char *key, int64_t until, struct provider_refund *out);

const struct problem *sandbox_invoices(struct call *call, struct text customer_id, int64_t limit, int64_t until,
    struct provider_reply *reply, struct list *out);
const struct problem *sandbox_movements(struct call *call, struct instant from, struct instant to, int64_t until,
    struct provider_reply *reply,
    const struct problem *(*movement)(struct call *call, void *context, const struct provider_movement *one),
    void *context);

#endif
