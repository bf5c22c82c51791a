/*
 * The buckets of the wire laid onto the shared windows.
 */
#include "rate.h"

#include <string.h>

#include "config.h"
#include "limit.h"
#include "seal.h"

enum { BUCKET_KEY = BUCKET_COUNT, BUCKET_ADDRESS };

static const char *const bucket_names[] = { "default", "charge", "orders", "usage", "key", "address" };

static int64_t
bucket_limit(const struct call *call)
{
	switch (call->operation->bucket) {
	case BUCKET_CHARGE:
		return config.rate_charge;
	case BUCKET_ORDERS:
		return config.rate_orders;
	case BUCKET_USAGE:
		return config.rate_usage;
	case BUCKET_DEFAULT:
	case BUCKET_COUNT:
		break;
	}
	return call->principal.organization_rate_limit > 0 ? call->principal.organization_rate_limit
							   : config.rate_default;
}

static struct id
limited(const struct call *call)
{
	return call->principal.type == OPERATOR ? call->principal.id : call->organization;
}

static const struct problem *
check(struct call *call, struct limit_answer answer, unsigned bucket)
{
	if (answer.allowed)
		return NULL;
	reply_header(call, "RateLimit-Policy",
	    arena_format(call->arena, "\"%s\";q=%lld;w=60", bucket_names[bucket], (long long)answer.limit));
	reply_header(call, "RateLimit",
	    arena_format(call->arena, "\"%s\";r=0;t=%lld", bucket_names[bucket], (long long)answer.reset_seconds));
	return fail_retry(call, RATE_LIMITED, (int)answer.reset_seconds,
	    "The limit of %lld requests a minute (%s) is reached; it starts anew in %lld seconds.",
	    (long long)answer.limit, bucket_names[bucket], (long long)answer.reset_seconds);
}

const struct problem *
rate_take(struct call *call)
{
	const struct problem *p;

	if (call->operation->scope == PUBLIC)
		return NULL;
	if (call->principal.key_rate_limit > 0) {
		p = check(call, limit_take(call->principal.id, BUCKET_KEY, call->principal.key_rate_limit, call->now),
		    BUCKET_KEY);
		if (p != NULL)
			return p;
	}
	return check(call, limit_take(limited(call), call->operation->bucket, bucket_limit(call), call->now),
	    call->operation->bucket);
}

void
rate_give_back(struct call *call)
{
	if (call->principal.key_rate_limit > 0)
		limit_give_back(call->principal.id, BUCKET_KEY, call->now);
	limit_give_back(limited(call), call->operation->bucket, call->now);
}

const struct problem *
rate_take_address(struct call *call)
{
	struct digest digest = digest_of(call->request.address.at, call->request.address.length);
	struct id who;

	memcpy(who.bytes, digest.bytes, sizeof(who.bytes));
	return check(call, limit_take(who, BUCKET_ADDRESS, config.rate_address, call->now), BUCKET_ADDRESS);
}
