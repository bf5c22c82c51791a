/*
 * A `Stripe-Signature`, a line end, and a body. Nobody who lacks the secret can sign; behind a good signature other
 * parts may follow; without a secret, or at another time, nothing is taken.
 */
#include "t/fuzz/fuzz.h"

#include "arena.h"
#include "config.h"
#include "handlers/stripe.h"
#include "seal.h"
#include "text.h"

#define NOW 1700000000

static const struct instant now = { INT64_C(1000000) * NOW }, later = { INT64_C(1000000) * (NOW + 301) };
static struct arena *arena;

static size_t
occurrences(struct text text, const char *string)
{
	size_t count = 0, length = strlen(string);

	for (size_t i = 0; i + length <= text.length; i++)
		count += memcmp(text.at + i, string, length) == 0;
	return count;
}

static struct text
signed_before(struct text rest, struct text body)
{
	struct digest mac = hmac_sha256(TEXT("whsec_fuzz"), (const struct text[]){ TEXT("1700000000."), body }, 2);
	struct buffer header = buffer_new(arena, 128 + rest.length);
	char digits[2 * sizeof(mac.bytes) + 1];

	hex_encode(mac.bytes, sizeof(mac.bytes), digits);
	buffer_format(&header, "t=%d,v1=%s,", NOW, digits);
	buffer_add_text(&header, rest);
	return buffer_text(&header);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
	struct text header, body, good;

	if (end == NULL || size > 100000)
		return 0;
	if (arena == NULL)
		arena = arena_new(FUZZ_MEMORY);
	arena_reset(arena);
	header = (struct text){ (const char *)data, (size_t)(end - data) };
	body = (struct text){ (const char *)end + 1, size - header.length - 1 };
	config.stripe_webhook_secrets = "whsec_other,whsec_fuzz";
	good = signed_before(header, body);
	MUST(!stripe_signature_is_valid(header, body, now));
	MUST(!stripe_signature_is_valid(good, body, later));
	if (occurrences(header, "t=") == 0 && occurrences(header, "v1=") < 31)
		MUST(stripe_signature_is_valid(good, body, now));
	config.stripe_webhook_secrets = " ,";
	MUST(!stripe_signature_is_valid(header, body, now) && !stripe_signature_is_valid(good, body, now));
	return 0;
}
