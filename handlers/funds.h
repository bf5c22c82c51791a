/*
 * What an organization can spend at this moment: its book as the next writer will find it, with what has fallen due by now
 * gone, and with the cycle's spend of the cycle that now lies in.
 */
#ifndef PURSER_FUNDS_H
#define PURSER_FUNDS_H

#include "call.h"

struct funds {
	struct text currency;
	struct credits available;
	struct credits reserved;
	struct credits debt;
	bool post_pay; /* new orders take no credits */
	struct credits spent;
	struct maybe_credits soft_limit;
	struct maybe_credits hard_limit;
};

const struct problem *funds_read(struct call *call, struct funds *out);

/* Would an order of so many credits be taken now? */
bool funds_suffice(const struct funds *funds, struct credits credits);

#endif
