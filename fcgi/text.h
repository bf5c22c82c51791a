/*
 * Small things done to text: equality, UTF-8, percent and base-62/64 codes, hexadecimal. Everything is told its length.
 */
#ifndef PURSER_TEXT_H
#define PURSER_TEXT_H

#include "arena.h"
#include "value.h"

bool text_is(struct text text, const char *string);
bool text_equal(struct text a, struct text b);
bool text_equal_ignoring_case(struct text a, struct text b); /* ASCII letters only */
bool text_starts(struct text text, const char *prefix);
struct text text_from(const char *string); /* NULL gives an empty text */
struct text text_trim(struct text text);   /* blanks and tabs at both ends */
struct maybe_text text_given(struct text text);
struct text text_or(struct maybe_text text, const char *otherwise);

/* RFC 3629: no overlong form, no surrogate, nothing past U+10FFFF. */
bool utf8_valid(const char *at, size_t length);
/* The bytes of the well-formed character at the beginning, or 0. `length` is at least 1. */
size_t utf8_step(const char *at, size_t length);
/* How many characters (code points) a valid UTF-8 text has. */
size_t utf8_count(struct text text);
/* Its beginning, of at most so many characters; ends before what is no UTF-8. The bytes are the same, no NUL is put. */
struct text text_cut(struct text text, size_t characters);

/* Undoes %XX, and `+` as a blank where it is a form's; false when an escape is broken or the result is no UTF-8 or
 * holds NUL. */
bool percent_decode(struct arena *arena, struct text coded, bool form, struct text *plain);
void percent_encode(struct buffer *buffer, struct text plain); /* all but RFC 3986 unreserved */

void hex_encode(const unsigned char *bytes, size_t length, char *out); /* 2 × length digits, lower case, and a NUL */
bool hex_decode(struct text hex, unsigned char *bytes, size_t length); /* false unless exactly 2 × length digits */

/* base64url without padding (RFC 4648, 5). */
struct text base64url_encode(struct arena *arena, const unsigned char *bytes, size_t length);
bool base64url_decode(struct arena *arena, struct text coded, struct bytes *bytes);
/* base64 with padding (RFC 4648, 4); one spelling for the same bytes. */
struct text base64_encode(struct arena *arena, const unsigned char *bytes, size_t length);
bool base64_decode(struct arena *arena, struct text coded, struct bytes *bytes);

/* A big-endian number in base 62 (0-9A-Za-z), left-filled with zeros to `digits`; writes digits and a NUL. */
void base62_encode(const unsigned char *bytes, size_t length, char *out, size_t digits);

enum { INTEGER_LENGTH = 20 }; /* 19 digits and a sign */
/* A number's decimal digits, without a NUL behind them; answers how many characters there are. */
size_t integer_format(int64_t number, char out[static INTEGER_LENGTH]);

/* A decimal integer exactly as JSON writes one (no sign but `-`, no leading zero); false if it is not, or out of range.
 */
bool integer_parse(struct text digits, int64_t *number);

#endif
