/*
 * The first byte says what the others are. `t`: a token, of which none may be taken, since nobody can sign one. `k`: a
 * document of keys, which stands whole or changes nothing. `c`: claims, signed here with the private key of RFC 8037:
 * what is taken keeps its promises. `h`: a header, with good claims, signed so too.
 */
#include "t/fuzz/fuzz.h"

#include <openssl/evp.h>

#include "clock.h"
#include "id.h"
#include "json.h"
#include "jwt.h"
#include "text.h"

#define NOW 1700000000
#define CLAIMS "{\"iss\":\"issuer\",\"aud\":\"audience\",\"sub\":\"person\",\"exp\":1700000300}"

static const char keys[] = "{\"keys\":["
			   "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ed\","
			   "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},"
			   "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"ec\","
			   "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
			   "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
static const struct instant now = { INT64_C(1000000) * NOW };

static struct arena *arena;

static const char *
check(struct text token, struct jwt_claims *claims)
{
	return jwt_check(arena, token, "issuer", "audience", now, claims);
}

static struct text
sign_with_known_key(struct text header, struct text claims)
{
	struct text input =
	    arena_format(arena, "%s.%s", base64url_encode(arena, (const unsigned char *)header.at, header.length).at,
		base64url_encode(arena, (const unsigned char *)claims.at, claims.length).at);
	unsigned char signature[64];
	size_t length = sizeof(signature);
	static EVP_PKEY *key;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	struct bytes secret;

	if (key == NULL) {
		MUST(base64url_decode(arena, TEXT("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"), &secret));
		key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret.at, secret.length);
	}
	MUST(key != NULL && context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1);
	MUST(EVP_DigestSign(context, signature, &length, (const unsigned char *)input.at, input.length) == 1);
	EVP_MD_CTX_free(context);
	return arena_format(arena, "%s.%s", input.at, base64url_encode(arena, signature, length).at);
}

static void
check_token(struct text token)
{
	struct jwt_claims claims = { 0 };

	MUST(check(token, &claims) != NULL && claims.subject.at == NULL);
	if (jwt_signature_fits(arena, token))
		MUST(jwt_has_form(token));
}

static void
check_keys(struct text document)
{
	size_t before = jwt_key_count();
	const char *fault = jwt_use_keys(document.at, document.length);

	MUST(fault == NULL ? jwt_key_count() > 0 : jwt_key_count() == before);
	MUST(jwt_key_count() <= 100);
	if (fault == NULL)
		check_token(sign_with_known_key(TEXT("{\"alg\":\"EdDSA\"}"), TEXT("{}")));
}

static void
check_claims(struct text text)
{
	struct text token = sign_with_known_key(TEXT("{\"alg\":\"EdDSA\",\"kid\":\"ed\"}"), text);
	struct jwt_claims claims;

	if (text.length > 0 && token.length <= JWT_MAX)
		MUST(jwt_has_form(token) && jwt_signature_fits(arena, token));
	if (check(token, &claims) != NULL)
		return;
	MUST(text_is(claims.issuer, "issuer"));
	MUST(claims.subject.length >= 1 && claims.subject.length <= 255);
	MUST(utf8_valid(claims.subject.at, claims.subject.length));
	MUST(memchr(claims.subject.at, '\0', claims.subject.length) == NULL);
	MUST(instant_before(now, claims.expires_at));
	MUST(!claims.organization.given || !id_is_zero(claims.organization.value));
}

static void
check_header(struct text header)
{
	struct text token = sign_with_known_key(header, TEXT(CLAIMS));
	struct jwt_claims claims;
	bool fits = jwt_signature_fits(arena, token);

	MUST((check(token, &claims) == NULL) == fits);
	if (fits)
		MUST(json_is_object(arena, header) && text_is(claims.subject, "person"));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text;

	if (arena == NULL)
		arena = arena_new(FUZZ_MEMORY);
	arena_reset(arena);
	if (size == 0 || size > 300000)
		return 0;
	text = (struct text){ (const char *)data + 1, size - 1 };
	if (data[0] == 'k') {
		check_keys(text);
		return 0;
	}
	MUST(jwt_use_keys(keys, strlen(keys)) == NULL);
	if (data[0] == 't')
		check_token(text);
	else if (data[0] == 'c')
		check_claims(text);
	else if (data[0] == 'h')
		check_header(text);
	return 0;
}
