/*
 * A top-up as callers see it: the payment's row, without what is between us and the processor.
 */
#ifndef PURSER_TOPUPS_H
#define PURSER_TOPUPS_H

#include "payment.h"

struct topup {
	struct id id;
	struct text status;
	struct credits credits;
	struct amount amount;
	struct text currency;
	struct maybe_text payment_intent_id;
	struct maybe_text client_secret;
	struct maybe_text decline_code;
	struct maybe_text description;
	struct amount refunded;
	struct credits balance;
	struct instant created_at;
};
extern const struct shape topup_shape;

/* What topups.get shows to callers who hold billing:write, and to others. */
const struct problem *topup_show(struct call *call, const struct payment *payment, struct topup *out);

#endif
