/*
 * Tokens: a prefix, 32 random bytes in base 62 (43 digits), and the CRC-32 of all before it in base 62 (6 digits), so that
 * a typing error and a leaked token are told by their form alone. Stored is only the SHA-256.
 */
#ifndef PURSER_TOKEN_H
#define PURSER_TOKEN_H

#include "arena.h"
#include "value.h"

enum { TOKEN_SECRET_DIGITS = 43, TOKEN_CHECK_DIGITS = 6 };

/* The prefixes of what is not an API key (theirs is a setting). */
#define TOKEN_SESSION "gprs_" /* a session's access token */
#define TOKEN_REFRESH "gprr_" /* a session's refresh token */
#define TOKEN_CLIENT "gprc_"  /* an access token for client credentials */
#define TOKEN_INVITATION "gpri_"
#define TOKEN_RESET "gprp_"   /* for a new password */

struct text token_make(struct arena *arena, const char *prefix);
bool token_well_formed(struct text token);
struct digest token_digest(struct text token);

#endif
