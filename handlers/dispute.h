/*
 * Disputes of payments, as the processor tells of them.
 */
#ifndef PURSER_DISPUTE_H
#define PURSER_DISPUTE_H

#include "payment.h"

enum dispute_status { DISPUTE_OPEN, DISPUTE_WON, DISPUTE_LOST };

struct told_dispute {
	struct text dispute_id;
	struct amount amount;
	bool withdrawn;  /* the processor took the money back */
	bool reinstated; /* and gave it again */
	enum dispute_status status;
};

/* In a transaction that has locked the payment. Telling twice, or late, changes nothing. */
const struct problem *dispute_told(struct call *call, struct payment *payment, const struct told_dispute *told);

#endif
