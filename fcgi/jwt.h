/*
 * Tokens of an outside identity provider: JSON Web Tokens checked against a JWKS file. Verified by OpenSSL, parsed by
 * yajl. Only RS256, ES256 and EdDSA (Ed25519); the algorithm is the key's, never the token's. Sources: RFC 7515, 7517,
 * 7518, 7519, 8037, 8725.
 */
#ifndef PURSER_JWT_H
#define PURSER_JWT_H

#include <stddef.h>

#include "arena.h"
#include "value.h"

enum { JWT_MAX = 8192 }; /* bytes of a token */

struct jwt_claims {
	struct text issuer;           /* as configured */
	struct text subject;          /* 1 to 255 bytes */
	struct maybe_id organization; /* claim `organization_id` */
	struct instant expires_at;
};

/* Has the text the form of a JWT (three parts of base64url, of which only the last may be empty), so that it is none of
 * our own tokens? Says nothing about whether it is good. */
bool jwt_has_form(struct text token);

/* Reads the keys of a JWKS document, with those of before dropped. Keys of another use, type, curve, size or algorithm
 * are passed over (RFC 7517, 5), but one at least must be of use, and none may be private. Answers NULL, or what is
 * wrong as the end of the sentence "The JWKS …" (a static text); the keys of before stay then. */
const char *jwt_use_keys(const char *document, size_t length);

/* The same from the file, where it has changed since it was read last: called for every token, it costs one stat(). A
 * wrong file answers the same text again until it changes. */
const char *jwt_use_file(const char *path);

size_t jwt_key_count(void);

/* Has the token the form and header that jwt_check asks for, and is its signature that of the key it means? Nothing of
 * what it claims is looked at: this alone lets nobody in. */
bool jwt_signature_fits(struct arena *arena, struct text token);

/*
 * Checks signature, then issuer, audience, times (`leeway` 60 s for iat and nbf; none for exp) and subject. NULL: good,
 * and *claims is filled, its texts in the arena. Else what is wrong, as a sentence for the caller (static).
 * `organization_id` that is there but no ULID is refused.
 */
const char *jwt_check(struct arena *arena, struct text token, const char *issuer, const char *audience,
    struct instant now, struct jwt_claims *claims);

#endif
