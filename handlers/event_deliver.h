/*
 * A delivery under way, and what is made true when it has ended.
 */
#ifndef PURSER_EVENT_DELIVER_H
#define PURSER_EVENT_DELIVER_H

#include "event_subscription.h"

enum { HOST_LENGTH = 264 };

struct flight {
	struct id delivery_id;
	struct id subscription_id;
	struct id organization_id;
	int64_t lease_token; /* only who holds it books the outcome */
	int64_t failures;    /* before this one */
	int64_t revision;    /* of the subscription */
	int64_t trust;
	int64_t began;       /* by the monotonic clock, in microseconds */
	bool is_unopened;    /* the subscription's secrets can't be opened, so nothing is sent */
	char host[HOST_LENGTH + 1];
};

/* In a transaction of its own: the attempt, when the next one is due, and whether the subscription goes on. Nothing where
 * somebody else has the delivery by now. */
const struct problem *delivery_book(
    struct call *call, const struct flight *flight, const struct outgoing_reply *reply);

/* One that was leased and not tried is due as before. */
const struct problem *delivery_give_back(struct call *call, const struct flight *flight);

#endif
