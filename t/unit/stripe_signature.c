/*
 * The signature of Stripe's webhooks. The signatures here were made by openssl: `printf %s "$time.$body" |
 * openssl dgst -sha256 -hmac "$secret"`.
 */
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "handlers/stripe.h"
#include "seal.h"
#include "text.h"
#include "unit.h"

#define BODY "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"payment_intent.succeeded\"}"
#define TIME "t=1700000000,"
#define FIRST "058ba1eca53dbf4b502b08079e456e2fcc9718beff5577b4df85a6d86eaf0843"       /* whsec_first */
#define SECOND "acc19f8bc7dc40833e4e9edf5c10a2bb7e60318b68511a25ae89104fb5f26534"      /* whsec_second */
#define WITHOUT_KEY "68751f2da84c1b23903ae4cd5f295151823ebf2606395a6cf4cb9b2f580f096e" /* an empty secret */
#define BLANK_KEY "7120719b2b3a72a67132aee47e4c7bf66faa67eb61123c43ae7e2d535c3d7e65"   /* a blank */
#define WITHOUT_BODY "0b4c80875992f1709a9e722e711020262fcb76808e21a0840ab15511384fc5a8"
#define FALSE_ONE "0000000000000000000000000000000000000000000000000000000000000000"

static bool
is_valid_at(const char *header, const char *body, int64_t seconds)
{
	return stripe_signature_is_valid(
	    text_from(header), text_from(body), (struct instant){ seconds * 1000000 + 999999 });
}

static bool
is_valid(const char *header)
{
	return is_valid_at(header, BODY, 1700000000);
}

static void
the_published_scheme_is_taken(void **state)
{
	(void)state;
	config.stripe_webhook_secrets = "whsec_first";
	assert_true(is_valid(TIME "v1=" FIRST));
	assert_true(is_valid(TIME "v1=" FIRST ",v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39"));
	assert_true(is_valid("v1=" FIRST ",t=1700000000"));
	assert_true(is_valid(TIME " v1=" FIRST));
	assert_true(is_valid_at(TIME "v1=" WITHOUT_BODY, "", 1700000000));
}

static void
any_signature_by_any_secret_will_do(void **state)
{
	(void)state;
	config.stripe_webhook_secrets = "whsec_first,whsec_second";
	assert_true(is_valid(TIME "v1=" FIRST));
	assert_true(is_valid(TIME "v1=" SECOND));
	assert_true(is_valid(TIME "v1=" FALSE_ONE ",v1=" SECOND));
	assert_true(is_valid(TIME "v1=" FIRST ",v1=" FALSE_ONE));
	config.stripe_webhook_secrets = " whsec_second , whsec_first ";
	assert_true(is_valid(TIME "v1=" FIRST));
	config.stripe_webhook_secrets = "whsec_second";
	assert_false(is_valid(TIME "v1=" FIRST));
	assert_true(is_valid(TIME "v1=" FIRST ",v1=" SECOND));
}

static void
another_body_time_or_secret_is_refused(void **state)
{
	(void)state;
	config.stripe_webhook_secrets = "whsec_first";
	assert_false(is_valid_at(TIME "v1=" FIRST, BODY " ", 1700000000));
	assert_false(is_valid_at(TIME "v1=" FIRST, "", 1700000000));
	assert_false(is_valid("t=1700000001,v1=" FIRST));
	assert_false(is_valid("t=01700000000,v1=" FIRST));
	assert_false(is_valid(TIME "v1=" SECOND));
	assert_false(is_valid(TIME "v1=" FALSE_ONE));
	config.stripe_webhook_secrets = "first";
	assert_false(is_valid(TIME "v1=" FIRST));
}

static void
what_is_older_or_newer_than_300_seconds_is_refused(void **state)
{
	(void)state;
	config.stripe_webhook_secrets = "whsec_first";
	assert_true(is_valid_at(TIME "v1=" FIRST, BODY, 1700000300));
	assert_false(is_valid_at(TIME "v1=" FIRST, BODY, 1700000301));
	assert_true(is_valid_at(TIME "v1=" FIRST, BODY, 1699999700));
	assert_false(is_valid_at(TIME "v1=" FIRST, BODY, 1699999699));
}

static void
without_a_secret_nothing_is_taken(void **state)
{
	static const char *const secrets[] = { "", " ", ",", " , ,", ",,," };

	(void)state;
	for (size_t i = 0; i < COUNT(secrets); i++) {
		config.stripe_webhook_secrets = secrets[i];
		if (is_valid(TIME "v1=" WITHOUT_KEY) || is_valid(TIME "v1=" BLANK_KEY) || is_valid(TIME "v1=" FIRST))
			fail_msg("taken with the secrets `%s`", secrets[i]);
	}
}

static void
other_headers_are_refused(void **state)
{
	static const char *const headers[] = { "", ",", "t", "t=", "v1=", TIME, "v1=" FIRST,
		TIME "v1=", TIME "v0=" FIRST, TIME "V1=" FIRST, TIME "v1 =" FIRST, TIME "v1=" FIRST "0",
		TIME "v1=0" FIRST, "t=,v1=" FIRST, "t=x,v1=" FIRST, "t=1700000000.0,v1=" FIRST,
		"t=-1700000000,v1=" FIRST, "t=99999999999999999999,v1=" FIRST, "t=9223372036854775807,v1=" FIRST,
		"t=-9223372036854775808,v1=" FIRST, TIME TIME "v1=" FIRST, TIME "v1=" FIRST ",t=1", "1700000000," FIRST,
		TIME "v1=\"" FIRST "\"" };

	(void)state;
	config.stripe_webhook_secrets = "whsec_first";
	for (size_t i = 0; i < COUNT(headers); i++)
		if (is_valid(headers[i]))
			fail_msg("%s was taken", headers[i]);
}

static void
a_header_without_end_is_refused(void **state)
{
	static char header[100 * 70] = TIME;
	size_t length = strlen(header);

	(void)state;
	config.stripe_webhook_secrets = "whsec_first";
	for (int i = 0; i < 40; i++)
		length +=
		    (size_t)snprintf(header + length, sizeof(header) - length, "v1=%s,", i < 39 ? FALSE_ONE : FIRST);
	assert_false(is_valid(header));
}

/* RFC 4231, test case 2, in one part and in three. */
static void
an_hmac_is_that_of_rfc_4231(void **state)
{
	static const unsigned char expected[] = { 0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e, 0x6a, 0x04, 0x24,
		0x26, 0x08, 0x95, 0x75, 0xc7, 0x5a, 0x00, 0x3f, 0x08, 0x9d, 0x27, 0x39, 0x83, 0x9d, 0xec, 0x58, 0xb9,
		0x64, 0xec, 0x38, 0x43 };
	const struct text whole = TEXT_OF("what do ya want for nothing?");
	const struct text parts[] = { TEXT_OF("what do ya "), TEXT_OF(""), TEXT_OF("want for nothing?") };

	(void)state;
	assert_memory_equal(hmac_sha256(TEXT("Jefe"), &whole, 1).bytes, expected, sizeof(expected));
	assert_memory_equal(hmac_sha256(TEXT("Jefe"), parts, COUNT(parts)).bytes, expected, sizeof(expected));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("the published scheme is taken", the_published_scheme_is_taken),
		PROVES("any signature by any secret will do", any_signature_by_any_secret_will_do),
		PROVES("another body, time or secret is refused", another_body_time_or_secret_is_refused),
		PROVES("what is older or newer than 300 seconds is refused",
		    what_is_older_or_newer_than_300_seconds_is_refused),
		PROVES("without a secret nothing is taken", without_a_secret_nothing_is_taken),
		PROVES("other headers are refused", other_headers_are_refused),
		PROVES("a header without end is refused", a_header_without_end_is_refused),
		PROVES("an HMAC is that of RFC 4231", an_hmac_is_that_of_rfc_4231),
	};

	return RUN(tests);
}
