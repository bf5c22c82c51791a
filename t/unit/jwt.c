/*
 * Tokens of an outside identity provider, signed here with keys made here: what is good passes, and every forgery that
 * RFC 8725 and the wire know of is refused for its own reason. The document of keys is jwt_keys.c's.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "id.h"
#include "jwt.h"
#include "text.h"
#include "unit.h"

#define ISSUER "https://id.example"
#define AUDIENCE "purser"
#define NOW 1700000000
#define WITHOUT_TIMES "\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"sub\":\"person-1\""
/* Good claims and more, as JSON. */
#define CLAIMS(more) "{" WITHOUT_TIMES ",\"exp\":1700000300" more "}"
#define ORGANIZATION "01JD8YQ0000000000000000000"

static struct arena *arena;
static EVP_PKEY *rsa, *ec, *other_ec, *ed;

/* ---- making keys and tokens -------------------------------------------------------------------------------------- */

static struct text
coded(const void *at, size_t length)
{
	return base64url_encode(arena, at, length);
}

static struct text
number_of(EVP_PKEY *key, const char *name, int bytes)
{
	unsigned char out[1024];
	BIGNUM *number = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
	if (bytes == 0)
		bytes = BN_num_bytes(number);
	assert_int_equal(BN_bn2binpad(number, out, bytes), bytes);
	BN_free(number);
	return coded(out, (size_t)bytes);
}

static struct text
rsa_jwk(EVP_PKEY *key, const char *id)
{
	return arena_format(arena, "{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"}", id,
	    number_of(key, OSSL_PKEY_PARAM_RSA_N, 0).at, number_of(key, OSSL_PKEY_PARAM_RSA_E, 0).at);
}

static struct text
ec_jwk(EVP_PKEY *key, const char *id)
{
	return arena_format(arena,
	    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\",\"kid\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}", id,
	    number_of(key, OSSL_PKEY_PARAM_EC_PUB_X, 32).at, number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32).at);
}

static struct text
ed_jwk(EVP_PKEY *key, const char *id)
{
	unsigned char out[32];
	size_t length = sizeof(out);

	assert_int_equal(EVP_PKEY_get_raw_public_key(key, out, &length), 1);
	return arena_format(arena,
	    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"EdDSA\",\"kid\":\"%s\",\"x\":\"%s\"}", id,
	    coded(out, length).at);
}

static void
use_keys(const char *keys)
{
	struct text document = arena_format(arena, "{\"keys\":[%s]}", keys);

	assert_null(jwt_use_keys(document.at, document.length));
}

static struct bytes
raw_of_der(const unsigned char *der, size_t length)
{
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)length);
	unsigned char *raw = arena_take(arena, 64);

	assert_non_null(signature);
	BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + 32, 32);
	ECDSA_SIG_free(signature);
	return (struct bytes){ raw, 64 };
}

static struct bytes
sign_input(EVP_PKEY *key, struct text input, bool der)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char *out = arena_take(arena, 1024);
	size_t length = 1024;

	assert_int_equal(EVP_DigestSignInit_ex(context, NULL, key == ed ? NULL : "SHA256", NULL, NULL, key, NULL), 1);
	assert_int_equal(EVP_DigestSign(context, out, &length, (const unsigned char *)input.at, input.length), 1);
	EVP_MD_CTX_free(context);
	if (EVP_PKEY_is_a(key, "EC") && !der)
		return raw_of_der(out, length);
	return (struct bytes){ out, length };
}

static struct text
input_of(const char *header, const char *claims)
{
	return arena_format(arena, "%s.%s", coded(header, strlen(header)).at, coded(claims, strlen(claims)).at);
}

static struct text
with_signature(struct text input, struct bytes signature)
{
	return arena_format(arena, "%s.%s", input.at, coded(signature.at, signature.length).at);
}

static struct text
token_of(EVP_PKEY *key, const char *header, const char *claims)
{
	struct text input = input_of(header, claims);

	return with_signature(input, sign_input(key, input, false));
}

/* ---- checking ---------------------------------------------------------------------------------------------------- */

static struct jwt_claims claims;

static const char *
check(struct text token)
{
	struct instant now = { (int64_t)NOW * 1000000 };

	return jwt_check(arena, token, ISSUER, AUDIENCE, now, &claims);
}

static void
assert_refused(struct text token, const char *why)
{
	const char *fault = check(token);

	if (fault == NULL)
		fail_msg("taken, but it should be refused for %s: %s", why, token.at);
	if (strstr(fault, why) == NULL)
		fail_msg("refused by \"%s\" instead of for %s: %s", fault, why, token.at);
}

static void
assert_taken(struct text token)
{
	const char *fault = check(token);

	if (fault != NULL)
		fail_msg("refused by \"%s\": %s", fault, token.at);
}

static void
assert_header_refused(const char *header, const char *why)
{
	assert_refused(token_of(ed, header, CLAIMS("")), why);
}

static void
assert_claims_refused(const char *text, const char *why)
{
	assert_refused(token_of(ed, "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", text), why);
}

static void
assert_claims_taken(const char *text)
{
	assert_taken(token_of(ed, "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", text));
}

static struct text
good_token(void)
{
	return token_of(ec, "{\"alg\":\"ES256\",\"kid\":\"ec\"}", CLAIMS(""));
}

/* ---- the tests --------------------------------------------------------------------------------------------------- */

static void
good_tokens_of_all_algorithms_pass(void **state)
{
	struct id organization;

	(void)state;
	assert_true(id_parse(TEXT(ORGANIZATION), &organization));
	assert_taken(token_of(rsa, "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"JWT\"}", CLAIMS("")));
	assert_text(claims.issuer, ISSUER);
	assert_text(claims.subject, "person-1");
	assert_false(claims.organization.given);
	assert_int_equal(claims.expires_at.microseconds, INT64_C(1700000300000000));
	assert_taken(token_of(ec, "{\"alg\":\"ES256\",\"kid\":\"ec\",\"typ\":\"at+JWT\"}", CLAIMS("")));
	assert_taken(token_of(ed, "{\"alg\":\"EdDSA\",\"kid\":\"ed\",\"typ\":\"application/at+jwt\"}",
	    CLAIMS(",\"organization_id\":\"" ORGANIZATION "\"")));
	assert_true(claims.organization.given && id_equal(claims.organization.value, organization));
	assert_true(jwt_has_form(good_token()));
}

/* What an ECDSA signature is cannot be seen from outside, so many are tried: some r and s begin with zeros. */
static void
signatures_with_short_numbers_pass(void **state)
{
	char text[200];

	(void)state;
	for (int i = 0; i < 600; i++) {
		struct arena_mark mark = arena_mark(arena);

		snprintf(text, sizeof(text), CLAIMS(",\"jti\":%d"), i);
		assert_taken(token_of(ec, "{\"alg\":\"ES256\",\"kid\":\"ec\"}", text));
		arena_release(arena, mark);
	}
}

/* Every bit of every character of the three parts. */
static void
a_token_changed_anywhere_is_refused(void **state)
{
	struct text token = good_token();
	char *changed = arena_take(arena, token.length + 1);

	(void)state;
	for (size_t i = 0; i < token.length; i++) {
		for (int bit = 0; bit < 8; bit++) {
			struct arena_mark mark = arena_mark(arena);

			memcpy(changed, token.at, token.length);
			changed[i] = (char)(changed[i] ^ 1 << bit);
			assert_non_null(check((struct text){ changed, token.length }));
			arena_release(arena, mark);
		}
	}
	assert_refused(token_of(other_ec, "{\"alg\":\"ES256\",\"kid\":\"ec\"}", CLAIMS("")), "signature");
}

static void
a_cut_token_is_refused(void **state)
{
	struct text token = good_token();

	(void)state;
	for (size_t length = 0; length < token.length; length++) {
		struct arena_mark mark = arena_mark(arena);
		/* Of exactly its length, so that a read past the end is seen. */
		char *cut = malloc(length == 0 ? 1 : length);

		assert_non_null(cut);
		memcpy(cut, token.at, length);
		assert_non_null(check((struct text){ cut, length }));
		(void)jwt_has_form((struct text){ cut, length });
		free(cut);
		arena_release(arena, mark);
	}
}

static void
assert_no_token(struct text token)
{
	assert_non_null(check(token));
	assert_false(jwt_has_form(token));
}

static void
another_spelling_is_refused(void **state)
{
	struct text token = good_token();
	struct text input = input_of("{\"alg\":\"ES256\",\"kid\":\"ec\"}", CLAIMS(""));

	(void)state;
	assert_no_token(arena_format(arena, " %s", token.at));
	assert_no_token(arena_format(arena, "%s ", token.at));
	assert_no_token(arena_format(arena, "%s\n", token.at));
	assert_no_token(arena_format(arena, "%s=", token.at));
	assert_no_token(arena_format(arena, "%s==", token.at));
	assert_no_token(arena_format(arena, "%s.", token.at));
	assert_no_token(arena_format(arena, ".%s", token.at));
	assert_no_token(arena_format(arena, "%s.AA.AA", token.at));
	assert_no_token(input);
	assert_no_token(TEXT(".."));
	assert_refused(arena_format(arena, "%s.", input.at), "signature");
	assert_false(jwt_has_form(TEXT("gprs_0123456789")));
	assert_false(jwt_has_form(TEXT("")));
	assert_true(jwt_has_form(TEXT("a.b.")));
}

static void
a_token_too_long_is_refused(void **state)
{
	char *filler = arena_take(arena, JWT_MAX + 1);

	(void)state;
	memset(filler, 'x', JWT_MAX);
	filler[5500] = '\0';
	assert_claims_taken(arena_format(arena, CLAIMS(",\"more\":\"%s\""), filler).at);
	filler[5500] = 'x';
	filler[6200] = '\0';
	assert_claims_refused(arena_format(arena, CLAIMS(",\"more\":\"%s\""), filler).at, "longer than 8192");
}

static void
no_algorithm_or_another_is_refused(void **state)
{
	static const char *const names[] = { "\"none\"", "\"None\"", "\"NONE\"", "\"nOnE\"", "\"\"", "null", "0",
		"[\"EdDSA\"]", "\"HS256\"", "\"eddsa\"", "\"Ed25519\"", "\"PS256\"", "\"RS512\"", "\"ES384\"",
		"\"EdDSA \"", "\"EdDSA\\u0020\"", "\"RSA1_5\"" };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct text header = arena_format(arena, "{\"alg\":%s,\"kid\":\"ed\"}", names[i]);
		struct text input = input_of(header.at, CLAIMS(""));

		assert_refused(token_of(ed, header.at, CLAIMS("")), "algorithm");
		assert_refused(arena_format(arena, "%s.", input.at), "algorithm");
	}
	assert_header_refused("{\"kid\":\"ed\"}", "algorithm");
	assert_header_refused("{}", "algorithm");
}

/* The classic: a public key, which everybody knows, taken for the secret of an HMAC. */
static void
a_public_key_is_no_secret(void **state)
{
	struct text input = input_of("{\"alg\":\"HS256\",\"kid\":\"rsa\"}", CLAIMS(""));
	unsigned char mac[32];
	BIO *memory = BIO_new(BIO_s_mem());
	char *pem;
	int length;

	(void)state;
	assert_int_equal(PEM_write_bio_PUBKEY(memory, rsa), 1);
	length = (int)BIO_get_mem_data(memory, &pem);
	assert_non_null(HMAC(EVP_sha256(), pem, length, (const unsigned char *)input.at, input.length, mac, NULL));
	BIO_free(memory);
	assert_refused(with_signature(input, (struct bytes){ mac, sizeof(mac) }), "algorithm");
}

static void
the_algorithm_is_the_keys(void **state)
{
	(void)state;
	assert_refused(token_of(ec, "{\"alg\":\"ES256\",\"kid\":\"rsa\"}", CLAIMS("")), "not the one of its key");
	assert_refused(token_of(rsa, "{\"alg\":\"RS256\",\"kid\":\"ec\"}", CLAIMS("")), "not the one of its key");
	assert_refused(token_of(rsa, "{\"alg\":\"EdDSA\",\"kid\":\"rsa\"}", CLAIMS("")), "not the one of its key");
	assert_refused(token_of(rsa, "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", CLAIMS("")), "signature");
}

static void
only_the_key_that_is_named_counts(void **state)
{
	struct text keys;

	(void)state;
	assert_header_refused("{\"alg\":\"EdDSA\",\"kid\":\"unknown\"}", "not known here");
	assert_header_refused("{\"alg\":\"EdDSA\",\"kid\":\"\"}", "not known here");
	assert_header_refused("{\"alg\":\"EdDSA\",\"kid\":\"ED\"}", "not known here");
	assert_header_refused("{\"alg\":\"EdDSA\",\"kid\":null}", "`kid`");
	assert_header_refused("{\"alg\":\"EdDSA\",\"kid\":1}", "`kid`");
	assert_taken(token_of(ed, "{\"alg\":\"EdDSA\"}", CLAIMS("")));
	keys =
	    arena_format(arena, "%s,%s,%s", ec_jwk(ec, "ec").at, ec_jwk(other_ec, "other").at, rsa_jwk(rsa, "rsa").at);
	use_keys(keys.at);
	assert_refused(token_of(ec, "{\"alg\":\"ES256\"}", CLAIMS("")), "several");
	assert_taken(token_of(other_ec, "{\"alg\":\"ES256\",\"kid\":\"other\"}", CLAIMS("")));
	assert_taken(token_of(rsa, "{\"alg\":\"RS256\"}", CLAIMS("")));
	assert_header_refused("{\"alg\":\"EdDSA\"}", "not known here");
}

static void
what_a_header_may_not_hold(void **state)
{
	struct text own =
	    arena_format(arena, "{\"alg\":\"ES256\",\"kid\":\"ec\",\"jwk\":%s,\"jku\":\"https://evil.example\"}",
		ec_jwk(other_ec, "ec").at);

	(void)state;
	assert_header_refused("{\"alg\":\"EdDSA\",\"crit\":[\"exp\"],\"exp\":1}", "`crit`");
	assert_header_refused("{\"alg\":\"EdDSA\",\"crit\":[]}", "`crit`");
	assert_header_refused("{\"alg\":\"EdDSA\",\"crit\":null}", "`crit`");
	assert_header_refused("{\"alg\":\"EdDSA\",\"b64\":false}", "`b64`");
	assert_header_refused("{\"alg\":\"EdDSA\",\"cty\":\"JWT\"}", "another token");
	assert_header_refused("{\"alg\":\"EdDSA\",\"typ\":\"JWE\"}", "`typ`");
	assert_header_refused("{\"alg\":\"EdDSA\",\"typ\":\"secevent+jwt\"}", "`typ`");
	assert_header_refused("{\"alg\":\"EdDSA\",\"typ\":null}", "`typ`");
	assert_header_refused("{\"alg\":\"EdDSA\",\"alg\":\"EdDSA\"}", "header");
	assert_header_refused("{\"alg\":\"none\",\"\\u0061lg\":\"EdDSA\"}", "header");
	assert_header_refused("{\"alg\":\"EdDSA\",\"x\":\"\xC0\xAF\"}", "header");
	assert_header_refused("[\"alg\",\"EdDSA\"]", "header");
	assert_header_refused("{\"alg\":\"EdDSA\"} {}", "header");
	assert_header_refused("\"EdDSA\"", "header");
	/* A key that the token brings along neither counts nor harms. */
	assert_refused(token_of(other_ec, own.at, CLAIMS("")), "signature");
	assert_taken(token_of(ec, own.at, CLAIMS("")));
}

static void
signatures_have_one_form(void **state)
{
	static const unsigned char zeros[64];
	struct text input = input_of("{\"alg\":\"ES256\",\"kid\":\"ec\"}", CLAIMS(""));
	struct bytes raw = sign_input(ec, input, false), der = sign_input(ec, input, true);
	unsigned char longer[65] = { 0 };

	(void)state;
	memcpy(longer, raw.at, 64);
	assert_taken(with_signature(input, raw));
	assert_refused(with_signature(input, der), "signature");
	assert_refused(with_signature(input, (struct bytes){ zeros, 64 }), "signature");
	assert_refused(with_signature(input, (struct bytes){ longer, 65 }), "signature");
	assert_refused(with_signature(input, (struct bytes){ raw.at, 63 }), "signature");
	assert_refused(with_signature(input, (struct bytes){ raw.at, 0 }), "signature");
	input = input_of("{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", CLAIMS(""));
	assert_refused(with_signature(input, (struct bytes){ zeros, 64 }), "signature");
	memcpy(longer, sign_input(ed, input, false).at, 64);
	assert_taken(with_signature(input, (struct bytes){ longer, 64 }));
	assert_refused(with_signature(input, (struct bytes){ longer, 63 }), "signature");
	assert_refused(with_signature(input, (struct bytes){ longer, 65 }), "signature");
	input = input_of("{\"alg\":\"RS256\",\"kid\":\"rsa\"}", CLAIMS(""));
	raw = sign_input(rsa, input, false);
	assert_int_equal(raw.length, 256);
	assert_taken(with_signature(input, raw));
	assert_refused(with_signature(input, (struct bytes){ raw.at, 255 }), "signature");
	assert_refused(with_signature(input, (struct bytes){ raw.at, 257 }), "signature");
}

static void
claims_must_be_one_object(void **state)
{
	(void)state;
	assert_claims_refused("", "three parts");
	assert_claims_refused(" ", "payload");
	assert_claims_refused("[]", "payload");
	assert_claims_refused("null", "payload");
	assert_claims_refused(CLAIMS(",\"exp\":1800000000"), "payload");
	assert_claims_refused(CLAIMS(",\"a\":{\"b\":1,\"b\":2}"), "payload");
	assert_claims_refused(CLAIMS(",\"a\":\"\xED\xA0\x80\""), "payload");
	assert_claims_refused(CLAIMS("") "x", "payload");
	/* A token inside of a token is no object. */
	assert_claims_refused(good_token().at, "payload");
	assert_claims_taken(CLAIMS(",\"a\":{\"iss\":\"other\",\"b\":[{\"sub\":[]}]}"));
}

static void
times_are_kept(void **state)
{
	static const char *const bad_ends[] = { "null", "\"1700000300\"", "true", "1.7000003e9", "-1", "-0.5",
		"253402300800", "99999999999999999999999999", "[1700000300]", "{}", "1E400" };

	(void)state;
	assert_claims_refused("{" WITHOUT_TIMES "}", "`exp`");
	assert_claims_refused("{" WITHOUT_TIMES ",\"exp\":1700000000}", "expired");
	assert_claims_refused("{" WITHOUT_TIMES ",\"exp\":1699999999}", "expired");
	assert_claims_refused("{" WITHOUT_TIMES ",\"exp\":1700000000.0000009}", "expired");
	assert_claims_refused("{" WITHOUT_TIMES ",\"exp\":0}", "expired");
	assert_claims_taken("{" WITHOUT_TIMES ",\"exp\":1700000000.0000010}");
	assert_int_equal(claims.expires_at.microseconds, INT64_C(1700000000000001));
	assert_claims_taken("{" WITHOUT_TIMES ",\"exp\":1700000001.5}");
	assert_int_equal(claims.expires_at.microseconds, INT64_C(1700000001500000));
	assert_claims_taken("{" WITHOUT_TIMES ",\"exp\":253402300799}");
	for (size_t i = 0; i < COUNT(bad_ends); i++)
		assert_claims_refused(arena_format(arena, "{" WITHOUT_TIMES ",\"exp\":%s}", bad_ends[i]).at, "`exp`");
	assert_claims_taken(CLAIMS(",\"nbf\":1700000060,\"iat\":1700000060"));
	assert_claims_taken(CLAIMS(",\"nbf\":1600000000.25,\"iat\":0"));
	assert_claims_refused(CLAIMS(",\"nbf\":1700000061"), "`nbf`");
	assert_claims_refused(CLAIMS(",\"nbf\":1700000060.000001"), "`nbf`");
	assert_claims_refused(CLAIMS(",\"nbf\":\"1700000000\""), "`nbf`");
	assert_claims_refused(CLAIMS(",\"nbf\":null"), "`nbf`");
	assert_claims_refused(CLAIMS(",\"iat\":1700000061"), "`iat`");
	assert_claims_refused(CLAIMS(",\"iat\":false"), "`iat`");
}

#define WHO(iss, aud, sub) "{\"iss\":" iss ",\"aud\":" aud ",\"sub\":" sub ",\"exp\":1700000300}"
#define I "\"" ISSUER "\""
#define A "\"" AUDIENCE "\""

static void
issuer_audience_and_subject_must_fit(void **state)
{
	char *long_name = arena_take(arena, 257);

	(void)state;
	assert_claims_refused(WHO("\"https://id.example/\"", A, "\"p\""), "`iss`");
	assert_claims_refused(WHO("\"HTTPS://ID.EXAMPLE\"", A, "\"p\""), "`iss`");
	assert_claims_refused(WHO("[" I "]", A, "\"p\""), "`iss`");
	assert_claims_refused("{\"aud\":" A ",\"sub\":\"p\",\"exp\":1700000300}", "`iss`");
	assert_claims_refused(WHO(I, "\"Purser\"", "\"p\""), "`aud`");
	assert_claims_refused(WHO(I, "[\"other\",\"purser2\"]", "\"p\""), "`aud`");
	assert_claims_refused(WHO(I, "[]", "\"p\""), "`aud`");
	assert_claims_refused(WHO(I, "null", "\"p\""), "`aud`");
	assert_claims_refused(WHO(I, "{" A ":" A "}", "\"p\""), "`aud`");
	assert_claims_refused(WHO(I, "[[" A "]]", "\"p\""), "`aud`");
	assert_claims_refused(WHO(I, "[" A ",1]", "\"p\""), "`aud`");
	assert_claims_refused("{\"iss\":" I ",\"sub\":\"p\",\"exp\":1700000300}", "`aud`");
	assert_claims_taken(WHO(I, "[\"other\"," A "]", "\"p\""));
	assert_claims_taken(WHO("\"https:\\/\\/id.example\"", "[\"\\u0070urser\"]", "\"p\""));
	assert_claims_refused(WHO(I, A, "\"\""), "`sub`");
	assert_claims_refused(WHO(I, A, "7"), "`sub`");
	assert_claims_refused(WHO(I, A, "\"a\\u0000b\""), "payload");
	assert_claims_refused("{\"iss\":" I ",\"aud\":" A ",\"exp\":1700000300}", "`sub`");
	memset(long_name, 's', 256);
	assert_claims_refused(arena_format(arena, WHO(I, A, "\"%s\""), long_name).at, "`sub`");
	long_name[255] = '\0';
	assert_claims_taken(arena_format(arena, WHO(I, A, "\"%s\""), long_name).at);
	assert_text(claims.subject, long_name);
}

static void
an_organization_must_be_an_id(void **state)
{
	static const char *const bad[] = { "\"\"", "\"acme\"", "7", "[\"" ORGANIZATION "\"]", "\"" ORGANIZATION "0\"",
		"\"00000000000000000000000000\"", "\"81JD8YQ0000000000000000000\"" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_claims_refused(
		    arena_format(arena, CLAIMS(",\"organization_id\":%s"), bad[i]).at, "`organization_id`");
	assert_null(claims.subject.at); /* what is refused leaves them alone */
	assert_claims_taken(CLAIMS(",\"organization_id\":null"));
	assert_false(claims.organization.given);
	assert_claims_taken(CLAIMS(",\"organization_id\":\"" ORGANIZATION "\""));
	assert_true(claims.organization.given);
}

static int
begin(void **state)
{
	struct text keys;

	(void)state;
	arena = arena_new(64 << 20);
	keys = arena_format(arena, "%s,%s,%s", rsa_jwk(rsa, "rsa").at, ec_jwk(ec, "ec").at, ed_jwk(ed, "ed").at);
	use_keys(keys.at);
	claims = (struct jwt_claims){ 0 };
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#define KEYED(sentence, function)                    \
	{                                            \
		sentence, function, begin, end, NULL \
	}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		KEYED("good tokens of all three algorithms pass", good_tokens_of_all_algorithms_pass),
		KEYED("ECDSA signatures with short numbers pass", signatures_with_short_numbers_pass),
		KEYED("a token changed anywhere by one bit is refused", a_token_changed_anywhere_is_refused),
		KEYED("a token cut anywhere is refused", a_cut_token_is_refused),
		KEYED("blanks, padding and further parts are refused", another_spelling_is_refused),
		KEYED("a token of more than 8192 bytes is refused", a_token_too_long_is_refused),
		KEYED("`none`, HS256 and other algorithms are refused", no_algorithm_or_another_is_refused),
		KEYED("a public key is not taken for a secret", a_public_key_is_no_secret),
		KEYED("the algorithm is the key's, not the token's", the_algorithm_is_the_keys),
		KEYED("only the key that the token names counts", only_the_key_that_is_named_counts),
		KEYED("a header with what is not supported is refused", what_a_header_may_not_hold),
		KEYED("a signature has one form for each algorithm", signatures_have_one_form),
		KEYED("the claims are one JSON object", claims_must_be_one_object),
		KEYED("an expired token, or one of the future, is refused", times_are_kept),
		KEYED("issuer, audience and subject must fit", issuer_audience_and_subject_must_fit),
		KEYED("an organization is given by its id, or nothing is", an_organization_must_be_an_id),
	};
	int status;

	rsa = EVP_RSA_gen(2048);
	ec = EVP_EC_gen("P-256");
	other_ec = EVP_EC_gen("P-256");
	ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (rsa == NULL || ec == NULL || other_ec == NULL || ed == NULL)
		return EXIT_FAILURE;
	status = RUN(tests);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(other_ec);
	EVP_PKEY_free(ed);
	return status;
}
