/*
 * The signature of Stripe's webhooks, scheme v1: HMAC-SHA256 over `<time>.<body>`. The header is
 * `t=<seconds>,v1=<hex>`, with a v1 for each secret while one is replaced. Every signature is held against every
 * secret, whatever came before, so that the time it takes tells nothing.
 */
#include "stripe.h"

#include <string.h>

#include "config.h"
#include "seal.h"
#include "text.h"

enum { TOLERANCE_SECONDS = 300, SECOND = 1000000, SIGNATURES_MOST = 32, SECRETS_MOST = 8 };

struct signatures {
	struct text time; /* as written */
	int64_t seconds;
	struct digest v1[SIGNATURES_MOST];
	size_t count;
};

/* Cuts the part before the next comma off. */
static struct text
next_part(struct text *rest)
{
	const char *comma = rest->length == 0 ? NULL : memchr(rest->at, ',', rest->length);
	struct text part = { rest->at, comma == NULL ? rest->length : (size_t)(comma - rest->at) };
	size_t taken = part.length + (comma != NULL);

	*rest = (struct text){ rest->at + taken, rest->length - taken };
	return text_trim(part);
}

/* False for what no honest sender writes; other schemes are passed over. */
static bool
read_part(struct text part, struct signatures *out)
{
	if (text_starts(part, "t=")) {
		if (out->time.length > 0)
			return false;
		out->time = (struct text){ part.at + 2, part.length - 2 };
		return integer_parse(out->time, &out->seconds);
	}
	if (!text_starts(part, "v1="))
		return true;
	if (out->count == SIGNATURES_MOST)
		return false;
	if (hex_decode(
		(struct text){ part.at + 3, part.length - 3 }, out->v1[out->count].bytes, sizeof(out->v1[0].bytes)))
		out->count++;
	return true;
}

static bool
read_header(struct text header, struct signatures *out)
{
	*out = (struct signatures){ .time = TEXT_OF("") };
	while (header.length > 0)
		if (!read_part(next_part(&header), out))
			return false;
	return out->time.length > 0 && out->count > 0;
}

static bool
is_near(int64_t seconds, struct instant now)
{
	int64_t present = now.microseconds / SECOND;

	return seconds >= present - TOLERANCE_SECONDS && seconds <= present + TOLERANCE_SECONDS;
}

bool
stripe_signature_is_valid(struct text header, struct text body, struct instant now)
{
	struct text secrets = text_from(config.stripe_webhook_secrets);
	struct signatures given;
	unsigned equal = 0;

	if (!read_header(header, &given) || !is_near(given.seconds, now))
		return false;
	for (size_t i = 0; i < SECRETS_MOST && secrets.length > 0; i++) {
		struct text secret = next_part(&secrets);
		struct digest mac;

		if (secret.length == 0)
			continue;
		mac = hmac_sha256(secret, (const struct text[]){ given.time, TEXT("."), body }, 3);
		for (size_t k = 0; k < given.count; k++)
			equal |= equal_in_constant_time(mac.bytes, given.v1[k].bytes, sizeof(mac.bytes)) ? 1U : 0U;
	}
	return equal != 0;
}
