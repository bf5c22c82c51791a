/*
 * Making and recognizing tokens.
 */
#include "token.h"

#include <ctype.h>
#include <string.h>

#include "seal.h"
#include "text.h"

enum { SECRET_BYTES = 32 };

/* The CRC-32 of zlib and PNG (ISO 3309), reflected. */
static uint32_t
crc32_of(const char *at, size_t length)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < length; i++) {
		crc ^= (unsigned char)at[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xEDB88320) : 0);
	}
	return ~crc;
}

static void
write_check(const char *at, size_t length, char out[static TOKEN_CHECK_DIGITS + 1])
{
	uint32_t crc = crc32_of(at, length);
	const unsigned char bytes[] = { (unsigned char)(crc >> 24), (unsigned char)(crc >> 16),
		(unsigned char)(crc >> 8), (unsigned char)crc };

	base62_encode(bytes, sizeof(bytes), out, TOKEN_CHECK_DIGITS);
}

struct text
token_make(struct arena *arena, const char *prefix)
{
	unsigned char secret[SECRET_BYTES];
	char digits[TOKEN_SECRET_DIGITS + 1], check[TOKEN_CHECK_DIGITS + 1];

	random_bytes(secret, sizeof(secret));
	base62_encode(secret, sizeof(secret), digits, TOKEN_SECRET_DIGITS);
	struct text body = arena_format(arena, "%s%s", prefix, digits);
	write_check(body.at, body.length, check);
	return arena_format(arena, "%s%s", body.at, check);
}

bool
token_well_formed(struct text token)
{
	char check[TOKEN_CHECK_DIGITS + 1];

	if (token.length <= TOKEN_SECRET_DIGITS + TOKEN_CHECK_DIGITS)
		return false;
	for (size_t i = 0; i < token.length; i++)
		if (!isalnum((unsigned char)token.at[i]) && token.at[i] != '_')
			return false;
	size_t length = token.length - TOKEN_CHECK_DIGITS;
	write_check(token.at, length, check);
	return memcmp(token.at + length, check, TOKEN_CHECK_DIGITS) == 0;
}

struct digest
token_digest(struct text token)
{
	return digest_of(token.at, token.length);
}
