/*
 * One JSON Web Token: its header, its signature, its claims, in this order; nothing of a token is believed before its
 * signature held. What a header offers as a key of its own (jwk, jku, x5u, x5c) is never looked at (RFC 8725, 3.10).
 */
#include "jwt_parts.h"

#include <ctype.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "clock.h"
#include "id.h"
#include "text.h"

enum { LEEWAY_SECONDS = 60, SUBJECT_MOST = 255, RAW_HALF = 32, RAW_SIGNATURE = 2 * RAW_HALF };

/* A token's three parts as they are written. */
struct pieces {
	struct text header, payload, signature;
	struct text input; /* what is signed: header, dot and payload */
};

/* ---- form -------------------------------------------------------------------------------------------------------- */

static bool
is_base64url(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (!isalnum((unsigned char)text.at[i]) && text.at[i] != '-' && text.at[i] != '_')
			return false;
	return true;
}

/* Up to the next dot, which `rest` then begins behind; false: there is no more dot. */
static bool
cut_at_dot(struct text *rest, struct text *piece)
{
	const char *dot = rest->length == 0 ? NULL : memchr(rest->at, '.', rest->length);

	if (dot == NULL)
		return false;
	*piece = (struct text){ rest->at, (size_t)(dot - rest->at) };
	*rest = (struct text){ dot + 1, rest->length - piece->length - 1 };
	return true;
}

static bool
cut(struct text token, struct pieces *pieces)
{
	struct text rest = token;

	if (!cut_at_dot(&rest, &pieces->header) || !cut_at_dot(&rest, &pieces->payload))
		return false;
	pieces->signature = rest;
	pieces->input = (struct text){ token.at, pieces->header.length + 1 + pieces->payload.length };
	return pieces->header.length > 0 && pieces->payload.length > 0;
}

bool
jwt_has_form(struct text token)
{
	struct pieces pieces;

	return cut(token, &pieces) && is_base64url(pieces.header) && is_base64url(pieces.payload) &&
	       is_base64url(pieces.signature);
}

static bool
read_piece(struct arena *arena, struct text piece, struct parts *members)
{
	struct bytes bytes;

	return base64url_decode(arena, piece, &bytes) &&
	       jwt_read_object(arena, (struct text){ (const char *)bytes.at, bytes.length }, members);
}

/* ---- header ------------------------------------------------------------------------------------------------------ */

/* RFC 7515, 4.1.9: `application/` may be left out, and case does not count. */
static bool
type_is_taken(const struct parts *header)
{
	static const struct text taken[] = { TEXT_OF("JWT"), TEXT_OF("at+jwt"), TEXT_OF("application/jwt"),
		TEXT_OF("application/at+jwt") };
	const struct part *type = jwt_member(header, "typ");

	if (type == NULL)
		return true;
	for (size_t i = 0; i < COUNT(taken) && type->type == PART_STRING; i++)
		if (text_equal_ignoring_case(type->text, taken[i]))
			return true;
	return false;
}

/* RFC 7515, 4.1.11: what is critical and not understood is refused, and we understand nothing. RFC 7797: so is b64. */
static const char *
check_header(const struct parts *header)
{
	if (jwt_member(header, "crit") != NULL)
		return "The token's header holds `crit`, which is not supported.";
	if (jwt_member(header, "b64") != NULL)
		return "The token's header holds `b64`, which is not supported.";
	if (jwt_member(header, "cty") != NULL)
		return "The token holds another token, which is not supported.";
	return type_is_taken(header) ? NULL : "The token's `typ` is not JWT or at+jwt.";
}

static const struct jwt_key *
find_key(const struct parts *header, const char **fault)
{
	const struct part *name = jwt_member(header, "alg"), *id = jwt_member(header, "kid");
	enum algorithm algorithm = NO_ALGORITHM;

	if (name != NULL && name->type == PART_STRING)
		algorithm = jwt_algorithm(name->text);
	if (algorithm == NO_ALGORITHM) {
		*fault = "The token's algorithm is not RS256, ES256 or EdDSA.";
		return NULL;
	}
	if (id != NULL && id->type != PART_STRING) {
		*fault = "The token's `kid` is not a string.";
		return NULL;
	}
	return jwt_find_key(id == NULL ? (struct maybe_text){ NULL, 0 } : text_given(id->text), algorithm, fault);
}

/* ---- signature --------------------------------------------------------------------------------------------------- */

/* RFC 7518, 3.4: r and s, 32 bytes each. OpenSSL wants them in DER: the caller frees *der. Its length, or 0. */
static int
der_of(struct bytes raw, unsigned char **der)
{
	BIGNUM *r = BN_bin2bn(raw.at, RAW_HALF, NULL), *s = BN_bin2bn(raw.at + RAW_HALF, RAW_HALF, NULL);
	ECDSA_SIG *signature = ECDSA_SIG_new();
	int length = 0;

	*der = NULL;
	if (r == NULL || s == NULL || signature == NULL || ECDSA_SIG_set0(signature, r, s) != 1) {
		BN_free(r);
		BN_free(s);
	} else {
		length = i2d_ECDSA_SIG(signature, der);
	}
	ECDSA_SIG_free(signature);
	return length > 0 ? length : 0;
}

static bool
verify(const struct jwt_key *key, struct text input, struct bytes signature)
{
	const char *digest = key->algorithm == EDDSA ? NULL : "SHA256";
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *settings = NULL;
	bool fits;

	fits = context != NULL &&
	       EVP_DigestVerifyInit_ex(context, &settings, digest, NULL, NULL, key->key, NULL) == 1 &&
	       (key->algorithm != RS256 || EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PADDING) == 1) &&
	       EVP_DigestVerify(
		   context, signature.at, signature.length, (const unsigned char *)input.at, input.length) == 1;
	EVP_MD_CTX_free(context);
	return fits;
}

static bool
signature_is_of(const struct jwt_key *key, struct text input, struct bytes signature)
{
	unsigned char *der;
	int length;
	bool fits;

	if (key->algorithm != RS256 && signature.length != RAW_SIGNATURE)
		return false;
	if (key->algorithm != ES256)
		return verify(key, input, signature);
	length = der_of(signature, &der);
	fits = length > 0 && verify(key, input, (struct bytes){ der, (size_t)length });
	OPENSSL_free(der);
	return fits;
}

/* Header and signature; the payload is then the key's owner's. */
static const char *
check_signature(struct arena *arena, struct text token, struct text *payload)
{
	const struct jwt_key *key;
	struct pieces pieces;
	struct parts header;
	struct bytes signature;
	const char *fault;
	bool fits;

	if (token.length > JWT_MAX)
		return "The token is longer than 8192 bytes.";
	if (!cut(token, &pieces))
		return "The token is not a signed JSON Web Token of three parts.";
	if (!read_piece(arena, pieces.header, &header))
		return "The token's header is not a JSON object in base64url.";
	fault = check_header(&header);
	key = fault != NULL ? NULL : find_key(&header, &fault);
	if (key == NULL)
		return fault;
	if (!base64url_decode(arena, pieces.signature, &signature))
		return "The token's signature is not base64url.";
	fits = signature_is_of(key, pieces.input, signature);
	ERR_clear_error();
	*payload = pieces.payload;
	return fits ? NULL : "The token's signature is not that of its key.";
}

bool
jwt_signature_fits(struct arena *arena, struct text token)
{
	struct text payload;

	return check_signature(arena, token, &payload) == NULL;
}

/* ---- claims ------------------------------------------------------------------------------------------------------ */

/* The six digits behind the point; what is smaller is cut off. */
static bool
read_fraction(struct text digits, int64_t *micros)
{
	*micros = 0;
	for (size_t i = 0; i < 6 || i < digits.length; i++) {
		int digit = i < digits.length ? digits.at[i] - '0' : 0;

		if (digit < 0 || digit > 9)
			return false;
		if (i < 6)
			*micros = *micros * 10 + digit;
	}
	return true;
}

/* RFC 7519, 2: NumericDate, here without an exponent, of the years 1970 to 9999; exact. */
static bool
read_date(const struct part *part, struct instant *at)
{
	static const int64_t last_second = INT64_C(253402300799);
	struct text seconds, fraction = { "", 0 };
	const char *point;
	int64_t whole, micros;

	if (part->type != PART_NUMBER)
		return false;
	seconds = part->text;
	point = memchr(seconds.at, '.', seconds.length);
	if (point != NULL) {
		fraction = (struct text){ point + 1, (size_t)(seconds.at + seconds.length - point) - 1 };
		seconds.length = (size_t)(point - seconds.at);
	}
	if (seconds.at[0] == '-' || !integer_parse(seconds, &whole) || whole > last_second ||
	    !read_fraction(fraction, &micros))
		return false;
	at->microseconds = whole * 1000000 + micros;
	return true;
}

/* Is the time that the claim names, if there is one, in the past or at most the leeway ahead? */
static bool
has_begun(const struct parts *members, const char *name, struct instant now)
{
	const struct part *part = jwt_member(members, name);
	struct instant begin;

	return part == NULL ||
	       (read_date(part, &begin) && !instant_before(instant_plus_seconds(now, LEEWAY_SECONDS), begin));
}

static const char *
check_times(const struct parts *members, struct instant now, struct instant *expires_at)
{
	const struct part *expires = jwt_member(members, "exp");

	if (expires == NULL)
		return "The token has no end of its life (`exp`).";
	if (!read_date(expires, expires_at))
		return "The token's `exp` is not a time in seconds since 1970.";
	if (!instant_before(now, *expires_at))
		return "The token has expired.";
	if (!has_begun(members, "nbf", now))
		return "The token is not valid yet (`nbf`).";
	return has_begun(members, "iat", now) ? NULL : "The token was made in the future (`iat`).";
}

static bool
is_meant_for(struct arena *arena, const struct parts *members, const char *audience)
{
	const struct part *part = jwt_member(members, "aud");
	bool all_strings;

	if (part == NULL)
		return false;
	if (part->type == PART_STRING)
		return text_is(part->text, audience);
	return jwt_array_holds(arena, part, audience, &all_strings) && all_strings;
}

static const char *
read_subject(struct arena *arena, const struct parts *members, struct text *subject)
{
	const struct part *part = jwt_member(members, "sub");

	if (part == NULL || part->type != PART_STRING || part->text.length == 0)
		return "The token names no subject (`sub`).";
	if (part->text.length > SUBJECT_MOST)
		return "The token's subject (`sub`) is longer than 255 bytes.";
	*subject = arena_text(arena, part->text.at, part->text.length);
	return NULL;
}

static const char *
read_organization(const struct parts *members, struct maybe_id *organization)
{
	const struct part *part = jwt_member(members, "organization_id");
	struct id id;

	if (part == NULL || part->type == PART_NULL)
		return NULL;
	if (part->type != PART_STRING || !id_parse(part->text, &id) || id_is_zero(id))
		return "The token's `organization_id` is not the id of an organization.";
	*organization = id_given(id);
	return NULL;
}

const char *
jwt_check(struct arena *arena, struct text token, const char *issuer, const char *audience, struct instant now,
    struct jwt_claims *claims)
{
	struct jwt_claims found = { 0 };
	struct text payload = { "", 0 };
	struct parts members;
	const char *fault = check_signature(arena, token, &payload);

	if (fault != NULL)
		return fault;
	if (!read_piece(arena, payload, &members))
		return "The token's payload is not a JSON object in base64url.";
	if (!jwt_member_is(&members, "iss", issuer))
		return "The token's issuer (`iss`) is not the one expected here.";
	if (!is_meant_for(arena, &members, audience))
		return "The token is meant for another audience (`aud`).";
	fault = check_times(&members, now, &found.expires_at);
	if (fault == NULL)
		fault = read_subject(arena, &members, &found.subject);
	if (fault == NULL)
		fault = read_organization(&members, &found.organization);
	if (fault != NULL)
		return fault;
	found.issuer = arena_text(arena, issuer, strlen(issuer));
	*claims = found;
	return NULL;
}
