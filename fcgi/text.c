/*
 * Small things done to text. Nothing here trusts a NUL: lengths count.
 */
#include "text.h"

#include <string.h>

bool
text_is(struct text text, const char *string)
{
	return text_equal(text, text_from(string));
}

bool
text_equal(struct text a, struct text b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
text_equal_ignoring_case(struct text a, struct text b)
{
	if (a.length != b.length)
		return false;
	for (size_t i = 0; i < a.length; i++) {
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	}
	return true;
}

bool
text_starts(struct text text, const char *prefix)
{
	size_t length = strlen(prefix);

	return text.length >= length && (length == 0 || memcmp(text.at, prefix, length) == 0);
}

struct text
text_from(const char *string)
{
	if (string == NULL)
		return TEXT("");
	return (struct text){ string, strlen(string) };
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct text
text_trim(struct text text)
{
	while (text.length > 0 && is_blank(text.at[0])) {
		text.at++;
		text.length--;
	}
	while (text.length > 0 && is_blank(text.at[text.length - 1]))
		text.length--;
	return text;
}

struct maybe_text
text_given(struct text text)
{
	return (struct maybe_text){ text.at == NULL ? "" : text.at, text.length };
}

struct text
text_or(struct maybe_text text, const char *otherwise)
{
	if (text.at == NULL)
		return text_from(otherwise);
	return (struct text){ text.at, text.length };
}

static bool
is_continuation(unsigned char byte)
{
	return (byte & 0xC0) == 0x80;
}

/* Unicode table 3-7. */
size_t
utf8_step(const char *at, size_t length)
{
	const unsigned char *bytes = (const unsigned char *)at;
	unsigned char first = bytes[0];

	if (first < 0x80)
		return 1;
	if (first < 0xC2 || first > 0xF4 || length < 2 || !is_continuation(bytes[1]))
		return 0;
	if (first < 0xE0)
		return 2;
	if (length < 3 || !is_continuation(bytes[2]))
		return 0;
	if (first < 0xF0) {
		if ((first == 0xE0 && bytes[1] < 0xA0) || (first == 0xED && bytes[1] > 0x9F))
			return 0;
		return 3;
	}
	if (length < 4 || !is_continuation(bytes[3]))
		return 0;
	if ((first == 0xF0 && bytes[1] < 0x90) || (first == 0xF4 && bytes[1] > 0x8F))
		return 0;
	return 4;
}

/* How many of the first bytes are surely ASCII, eight at a time. */
static size_t
ascii_run(const char *at, size_t length)
{
	size_t i = 0;
	uint64_t eight;

	for (; length - i >= sizeof(eight); i += sizeof(eight)) {
		memcpy(&eight, at + i, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	return i;
}

bool
utf8_valid(const char *at, size_t length)
{
	size_t i = ascii_run(at, length);

	while (i < length) {
		size_t step = utf8_step(at + i, length - i);

		if (step == 0)
			return false;
		i += step;
		i += ascii_run(at + i, length - i);
	}
	return true;
}

size_t
utf8_count(struct text text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.length; i++)
		count += !is_continuation((unsigned char)text.at[i]);
	return count;
}

struct text
text_cut(struct text text, size_t characters)
{
	size_t length = 0, step = 1;

	for (size_t i = 0; i < characters && length < text.length && step > 0; i++) {
		step = utf8_step(text.at + length, text.length - length);
		length += step;
	}
	return (struct text){ text.at, length };
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that two hexadecimal digits stand for, or -1. */
static int
hex_pair(const char *digits)
{
	int high = hex_value(digits[0]), low = hex_value(digits[1]);

	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool
percent_decode(struct arena *arena, struct text coded, bool form, struct text *plain)
{
	char *out = arena_take(arena, coded.length + 1);
	size_t length = 0;

	for (size_t i = 0; i < coded.length; i++) {
		char c = coded.at[i];

		if (c == '%') {
			int byte = coded.length - i < 3 ? -1 : hex_pair(coded.at + i + 1);

			if (byte < 0)
				return false;
			c = (char)byte;
			i += 2;
		} else if (c == '+' && form) {
			c = ' ';
		}
		if (c == '\0')
			return false;
		out[length++] = c;
	}
	*plain = (struct text){ out, length };
	return utf8_valid(out, length);
}

static bool
is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

void
percent_encode(struct buffer *buffer, struct text plain)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < plain.length; i++) {
		unsigned char byte = (unsigned char)plain.at[i];
		char escape[3] = { '%', digits[byte >> 4], digits[byte & 15] };

		if (is_unreserved(plain.at[i]))
			buffer_add_char(buffer, plain.at[i]);
		else
			buffer_add(buffer, escape, sizeof(escape));
	}
}

void
hex_encode(const unsigned char *bytes, size_t length, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < length; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

bool
hex_decode(struct text hex, unsigned char *bytes, size_t length)
{
	if (hex.length % 2 != 0 || hex.length / 2 != length)
		return false;
	for (size_t i = 0; i < length; i++) {
		int byte = hex_pair(hex.at + 2 * i);

		if (byte < 0)
			return false;
		bytes[i] = (unsigned char)byte;
	}
	return true;
}

struct text
base64url_encode(struct arena *arena, const unsigned char *bytes, size_t length)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char *out = arena_array(arena, length / 3 + 2, 4);
	size_t written = 0;
	uint32_t pool = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < length; i++) {
		pool = (pool << 8 | bytes[i]) & 0xFFFF;
		for (bits += 8; bits >= 6; bits -= 6)
			out[written++] = digits[pool >> (bits - 6) & 63];
	}
	if (bits > 0)
		out[written++] = digits[pool << (6 - bits) & 63];
	return (struct text){ out, written };
}

static int
base64url_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

/* Only what base64url_encode writes: a second spelling of the same bytes (stray last bits) is refused. */
bool
base64url_decode(struct arena *arena, struct text coded, struct bytes *bytes)
{
	unsigned char *out = arena_take(arena, coded.length + 1);
	size_t written = 0;
	uint32_t pool = 0;
	unsigned bits = 0;

	if (coded.length % 4 == 1)
		return false;
	for (size_t i = 0; i < coded.length; i++) {
		int value = base64url_value(coded.at[i]);

		if (value < 0)
			return false;
		pool = (pool << 6 | (uint32_t)value) & 0xFFFF;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out[written++] = (unsigned char)(pool >> bits & 0xFF);
		}
	}
	*bytes = (struct bytes){ out, written };
	return (pool & ((UINT32_C(1) << bits) - 1)) == 0;
}

struct text
base64_encode(struct arena *arena, const unsigned char *bytes, size_t length)
{
	struct text url = base64url_encode(arena, bytes, length);
	size_t padded = (url.length + 3) / 4 * 4;
	char *out = arena_take(arena, padded + 1);

	for (size_t i = 0; i < url.length; i++)
		out[i] = (char)(url.at[i] == '-' ? '+' : url.at[i] == '_' ? '/' : url.at[i]);
	memset(out + url.length, '=', padded - url.length);
	return (struct text){ out, padded };
}

/* The other alphabet's last two digits; `-` and `_` are none of it. */
bool
base64_decode(struct arena *arena, struct text coded, struct bytes *bytes)
{
	char *url = arena_take(arena, coded.length + 1);
	size_t length = coded.length;

	if (length % 4 != 0)
		return false;
	for (unsigned padding = 0; padding < 2 && length > 0 && coded.at[length - 1] == '='; padding++)
		length--;
	for (size_t i = 0; i < length; i++) {
		char c = coded.at[i];

		if (c == '-' || c == '_')
			return false;
		url[i] = (char)(c == '+' ? '-' : c == '/' ? '_' : c);
	}
	return base64url_decode(arena, (struct text){ url, length }, bytes);
}

/* Multiplies the number that the digits hold by 256 and adds a byte. */
static void
base62_push(unsigned char *values, size_t digits, unsigned carry)
{
	for (size_t i = digits; i-- > 0;) {
		carry += values[i] * 256U;
		values[i] = (unsigned char)(carry % 62);
		carry /= 62;
	}
}

void
base62_encode(const unsigned char *bytes, size_t length, char *out, size_t digits)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	unsigned char *values = (unsigned char *)out;

	memset(values, 0, digits + 1);
	for (size_t i = 0; i < length; i++)
		base62_push(values, digits, bytes[i]);
	for (size_t i = 0; i < digits; i++)
		out[i] = alphabet[values[i]];
}

size_t
integer_format(int64_t number, char out[static INTEGER_LENGTH])
{
	char digits[INTEGER_LENGTH];
	char *at = digits + sizeof(digits);
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	size_t length;

	do {
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (number < 0)
		*--at = '-';
	length = (size_t)(digits + sizeof(digits) - at);
	memcpy(out, at, length);
	return length;
}

bool
integer_parse(struct text digits, int64_t *number)
{
	bool negative = digits.length > 0 && digits.at[0] == '-';
	size_t i = negative ? 1 : 0;
	int64_t total = 0;

	if (digits.length == i || (digits.at[i] == '0' && digits.length > i + 1))
		return false;
	for (; i < digits.length; i++) {
		int digit = digits.at[i] - '0';

		if (digit < 0 || digit > 9 || __builtin_mul_overflow(total, 10, &total) ||
		    __builtin_sub_overflow(total, digit, &total))
			return false;
	}
	/* Summed below zero, where there is one number more. */
	if (!negative && __builtin_sub_overflow(0, total, &total))
		return false;
	*number = total;
	return true;
}
