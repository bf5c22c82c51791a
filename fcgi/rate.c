/*
 * The buckets of the wire laid onto the shared windows.
 */
#include "rate.h"

#include <arpa/inet.h>
#include <string.h>

#include "config.h"
#include "id.h"
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
	return call->principal.type == OPERATOR || id_is_zero(call->organization) ? call->principal.id
										  : call->organization;
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

	if (call->operation->raw_body)
		return NULL;
	if (call->operation->scope == PUBLIC)
		return rate_take_address(call);
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

/* Who has one IPv6 address has its whole /64, so that is what counts. What is no address counts as one. */
static struct id
network_of(struct text address)
{
	unsigned char network[sizeof(struct in6_addr)] = { 0 };
	struct digest digest;
	struct id who;

	if (inet_pton(AF_INET6, address.at, network) == 1)
		digest = digest_of(network, sizeof(network) / 2);
	else
		digest = digest_of(address.at, address.length);
	memcpy(who.bytes, digest.bytes, sizeof(who.bytes));
	return who;
}

const struct problem *
rate_take_address(struct call *call)
{
	struct id who = network_of(call->request.address);

	return check(
	    call, limit_take(who, BUCKET_ADDRESS | LIMIT_STRANGER, config.rate_address, call->now), BUCKET_ADDRESS);
}
