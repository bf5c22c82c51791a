/*
 * What the ledger says about payments, for holding it against the card processor.
 */
#ifndef PURSER_RECONCILE_H
#define PURSER_RECONCILE_H

#include "payment.h"

/* A charge or a refund as the ledger has it. `amount` is what the journal's lines on processor_clearing say, not the
 * payment's row. */
struct booked {
	struct maybe_text key; /* of a charge its intent, of a refund its own id: the processor's */
	struct maybe_text intent_id;
	struct id payment_id;
	struct id organization_id;
	struct text currency;
	struct instant at;
	struct amount amount;
	struct amount known;   /* of a refund: all refunds of the payment that are known one by one */
	struct amount unnamed; /* what the ledger took back for refunds that are not */
};

/* What happened at the chosen processor with from <= at < to. */
const struct problem *booked_charges(struct call *call, struct instant from, struct instant to, struct list *out);
const struct problem *booked_refunds(struct call *call, struct instant from, struct instant to, struct list *out);

/* What the ledger has of one movement, whenever that was. A refund that is not known by its id is found by its intent,
 * with an amount of 0. */
const struct problem *booked_charge(
    struct call *call, const struct provider_movement *movement, struct booked *out, bool *found);
const struct problem *booked_refund(
    struct call *call, const struct provider_movement *movement, struct booked *out, bool *found);

#endif
