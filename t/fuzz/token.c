/*
 * Any bytes as a token, alone and as the value of an encoded cursor or query: only what has the right form passes, and
 * the codes that tokens and cursors are written in have one spelling.
 */
#include "t/fuzz/fuzz.h"

#include "text.h"
#include "token.h"

static struct arena *arena;

static void
check_token(struct text token)
{
	char *changed = arena_take(arena, token.length + 1);

	if (!token_well_formed(token))
		return;
	MUST(token.length > TOKEN_SECRET_DIGITS + TOKEN_CHECK_DIGITS);
	for (size_t i = 0; i < token.length; i++) {
		memcpy(changed, token.at, token.length);
		changed[i] = changed[i] == 'a' ? 'b' : 'a'; /* one wrong character is always told */
		MUST(!token_well_formed((struct text){ changed, token.length }));
	}
}

static void
check_codes(struct text text)
{
	struct text coded = base64url_encode(arena, (const unsigned char *)text.at, text.length);
	struct bytes bytes;
	unsigned char *raw = arena_take(arena, text.length + 1);
	char *digits = arena_take(arena, text.length + 2);

	MUST(base64url_decode(arena, coded, &bytes) && bytes.length == text.length);
	MUST(text.length == 0 || memcmp(bytes.at, text.at, text.length) == 0);
	if (base64url_decode(arena, text, &bytes))
		MUST(text_equal(base64url_encode(arena, bytes.at, bytes.length), text));
	if (hex_decode(text, raw, text.length / 2)) {
		hex_encode(raw, text.length / 2, digits);
		MUST(text_equal_ignoring_case(text_from(digits), text));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text;

	if (arena == NULL)
		arena = arena_new(FUZZ_MEMORY);
	arena_reset(arena);
	if (size > 4096)
		return 0;
	text = arena_text(arena, (const char *)data, size);
	check_token(text);
	check_token(text_trim(text));
	check_codes(text);
	return 0;
}
