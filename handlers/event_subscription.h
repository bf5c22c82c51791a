/*
 * Subscriptions to events: what sending to one needs, and what is sent, signed as Standard Webhooks says
 * (github.com/standard-webhooks/standard-webhooks).
 */
#ifndef PURSER_EVENT_SUBSCRIPTION_H
#define PURSER_EVENT_SUBSCRIPTION_H

#include "call.h"
#include "outgoing.h"

/* An event as everybody outside sees it. */
struct event {
	struct id event_id;
	struct text event_type;
	struct instant timestamp;
	struct id organization_id;
	struct text entity_type;
	struct id entity_id;
	struct document data;
	int64_t sequence; /* of the feed */
};
extern const struct shape event_shape;

/* A subscription as the one who sends knows it. */
struct endpoint {
	struct id id;
	struct id organization_id;
	struct text endpoint_url;
	struct text host;
	struct bytes headers;
	struct bytes secret;
	struct bytes old_secret;
	struct maybe_instant old_secret_until;
	struct text status;
	int64_t revision;
	int64_t trust;
	int64_t quick_attempts;
};
extern const struct shape endpoint_shape;
#define ENDPOINT_COLUMNS                                                                                              \
	"id, organization_id, endpoint_url, host, headers, secret, old_secret, old_secret_until, status, revision, trust," \
	" quick_attempts"

/* What its attempts say of an endpoint (the column trust): one that fails or is slow makes it bad, and only so many quick
 * successes in a row make it quick. */
enum { ENDPOINT_BAD, ENDPOINT_NEW, ENDPOINT_QUICK, ENDPOINT_TRUSTS };
enum { ENDPOINT_QUICK_ATTEMPTS = 10, ENDPOINT_QUICK_MILLISECONDS = 2000 };

struct event_subscription_ref {
	struct id subscription_id;
};
extern const struct shape event_subscription_ref_shape;

/* One that is not deleted; NOT_FOUND. The second locks it until the end of the transaction. */
const struct problem *endpoint_find(struct call *call, struct id subscription_id, struct endpoint *out);
const struct problem *endpoint_lock(struct call *call, struct id subscription_id, struct endpoint *out);

/* In a transaction that has locked it: when its deliveries have to be looked at next. */
const struct problem *endpoint_reckon(struct call *call, struct id subscription_id);

/* In a transaction that has locked one that was moved or resumed: what waits for it is due now, and its failures are forgotten.
 * So much at once: what fails first of all that waits behind that comes when it is due. */
const struct problem *endpoint_begin_anew(struct call *call, struct id subscription_id);

/* In a transaction that has locked one that is deleted: ends what waits for it, so much at once. `*left` tells whether there
 * may be more, which the job events.end_deliveries ends. */
const struct problem *endpoint_end_deliveries(struct call *call, struct id subscription_id, bool *left);

/* The request that carries the event there, signed at this moment. */
const struct problem *event_request(
    struct call *call, const struct endpoint *endpoint, const struct event *event, struct outgoing_request *out);

/* A new secret, and how it and the headers of a subscription are kept. */
struct text event_secret_make(struct call *call);
struct bytes event_secret_seal(struct call *call, struct id subscription_id, struct text secret);
struct bytes event_headers_seal(struct call *call, struct id subscription_id, struct document headers);

/* INVALID where a member is no header that a subscription may have; `*shown` is the same without the values; both are absent
 * where there are none. */
const struct problem *event_headers_check(struct call *call, struct document *headers, struct document *shown);

/* INVALID where a member could equal nothing; absent where there are none. */
const struct problem *event_filter_check(struct call *call, struct document *filter);

#endif
