/*
 * Text: UTF-8, percent, hexadecimal, base 64 and 62, decimal integers.
 */
#include <string.h>

#include "arena.h"
#include "text.h"
#include "unit.h"

static struct arena *arena;

static bool
is_utf8(const char *string)
{
	return utf8_valid(string, strlen(string));
}

static void
utf8_takes_only_well_formed_characters(void **state)
{
	(void)state;
	assert_true(is_utf8("") && is_utf8("plain ascii, more than eight bytes of it"));
	assert_true(is_utf8("é€😀") && is_utf8("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"));
	assert_true(is_utf8("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF") && is_utf8("\xED\x9F\xBF\xEE\x80\x80"));
	assert_false(is_utf8("12345678\x80") || is_utf8("\xBF") || is_utf8("\xFF") || is_utf8("\xFE"));
	assert_false(is_utf8("\xC0\x80") || is_utf8("\xC1\xBF") || is_utf8("\xE0\x9F\xBF"));
	assert_false(is_utf8("\xF0\x8F\xBF\xBF") || is_utf8("\xF4\x90\x80\x80") || is_utf8("\xF5\x80\x80\x80"));
	assert_false(is_utf8("\xED\xA0\x80") || is_utf8("\xED\xBF\xBF"));
	assert_false(is_utf8("\xC3") || is_utf8("\xE2\x82") || is_utf8("\xF0\x9F\x98") || is_utf8("\xC3("));
	assert_false(is_utf8("\xE2(\xA1") || is_utf8("\xE2\x82(") || is_utf8("\xF0\x9F(\x80"));
}

static void
characters_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(utf8_count(TEXT("")), 0);
	assert_int_equal(utf8_count(TEXT("aé€😀")), 4);
}

static void
a_text_is_cut_between_characters(void **state)
{
	(void)state;
	assert_text(text_cut(TEXT("aé€😀"), 4), "aé€😀");
	assert_text(text_cut(TEXT("aé€😀"), 9), "aé€😀");
	assert_text(text_cut(TEXT("aé€😀"), 3), "aé€");
	assert_text(text_cut(TEXT("aé€😀"), 1), "a");
	assert_text(text_cut(TEXT("aé€😀"), 0), "");
	assert_text(text_cut(TEXT(""), 3), "");
	assert_text(text_cut(TEXT("ab\xE2\x82z"), 9), "ab");
}

static void
texts_are_compared_by_length_and_bytes(void **state)
{
	(void)state;
	assert_true(text_is(TEXT("abc"), "abc") && text_is(TEXT(""), "") && text_is((struct text){ NULL, 0 }, ""));
	assert_false(text_is(TEXT("abc"), "ab") || text_is(TEXT("ab"), "abc") || text_is(TEXT("a\0c"), "a"));
	assert_true(text_equal_ignoring_case(TEXT("ContenT"), TEXT("cONTENt")));
	assert_false(text_equal_ignoring_case(TEXT("@["), TEXT("`{")));
	assert_true(text_starts(TEXT("gpra_x"), "gpra_") && text_starts(TEXT("a"), ""));
	assert_false(text_starts(TEXT("gpr"), "gpra_"));
	assert_text(text_trim(TEXT(" \t a b\t ")), "a b");
	assert_text(text_trim(TEXT("  ")), "");
	assert_text(text_from(NULL), "");
	assert_text(text_or((struct maybe_text){ NULL, 0 }, "none"), "none");
	assert_text(text_or(text_given(TEXT("")), "none"), "");
}

static void
percent_codes_are_undone_and_broken_ones_refused(void **state)
{
	struct text plain;

	(void)state;
	assert_true(percent_decode(arena, TEXT("a%20b+c%C3%a9"), false, &plain));
	assert_text(plain, "a b+cé");
	assert_true(percent_decode(arena, TEXT("a+b%2B"), true, &plain));
	assert_text(plain, "a b+");
	assert_false(percent_decode(arena, TEXT("%"), true, &plain));
	assert_false(percent_decode(arena, TEXT("a%2"), true, &plain));
	assert_false(percent_decode(arena, TEXT("%zz"), true, &plain));
	assert_false(percent_decode(arena, TEXT("%00"), true, &plain));
	assert_false(percent_decode(arena, TEXT("%C3"), true, &plain));
	assert_false(percent_decode(arena, TEXT("%ED%A0%80"), true, &plain));
}

static void
percent_encoding_leaves_only_unreserved_characters(void **state)
{
	struct buffer out = buffer_new(arena, 1);

	(void)state;
	percent_encode(&out, TEXT("aZ09-._~ /+é%"));
	assert_text(buffer_text(&out), "aZ09-._~%20%2F%2B%C3%A9%25");
}

static void
hexadecimal_goes_both_ways(void **state)
{
	unsigned char bytes[3];
	char out[7];

	(void)state;
	assert_true(hex_decode(TEXT("00fFa9"), bytes, 3));
	hex_encode(bytes, 3, out);
	assert_string_equal(out, "00ffa9");
	assert_false(hex_decode(TEXT("00ff"), bytes, 3) || hex_decode(TEXT("00ffa"), bytes, 3));
	assert_false(hex_decode(TEXT("00ffag"), bytes, 3) || hex_decode(TEXT("0x0000"), bytes, 3));
}

static void
base64url_has_one_spelling_for_every_text(void **state)
{
	static const char *const spellings[][2] = { { "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" }, { "\xFF\xEF\xBE", "_---" } };
	struct bytes bytes;

	(void)state;
	for (size_t i = 0; i < COUNT(spellings); i++) {
		struct text plain = text_from(spellings[i][0]);

		assert_text(base64url_encode(arena, (const unsigned char *)plain.at, plain.length), spellings[i][1]);
		assert_true(base64url_decode(arena, text_from(spellings[i][1]), &bytes));
		assert_int_equal(bytes.length, plain.length);
		assert_memory_equal(bytes.at, plain.at, plain.length);
	}
	assert_false(base64url_decode(arena, TEXT("Z"), &bytes) || base64url_decode(arena, TEXT("Zg=="), &bytes));
	assert_false(base64url_decode(arena, TEXT("Zh"), &bytes) || base64url_decode(arena, TEXT("Zm9"), &bytes));
	assert_false(base64url_decode(arena, TEXT("+/+/"), &bytes) || base64url_decode(arena, TEXT("Zg\n"), &bytes));
}

static void
base64_has_one_spelling_for_every_text(void **state)
{
	static const char *const spellings[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xFF\xEF\xBE", "/+++" } };
	static const char *const refused[] = { "Zg", "Zg=", "Zg===", "=", "====", "Zh==", "Zm9=", "Z===", "_---",
		"Zm9v\n", "Zg==Zg==", "Zm8=====" };
	struct bytes bytes;

	(void)state;
	for (size_t i = 0; i < COUNT(spellings); i++) {
		struct text plain = text_from(spellings[i][0]);

		assert_true(base64_decode(arena, text_from(spellings[i][1]), &bytes));
		assert_int_equal(bytes.length, plain.length);
		assert_memory_equal(bytes.at, plain.at, plain.length);
	}
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(base64_decode(arena, text_from(refused[i]), &bytes));
}

static void
base62_is_a_left_filled_big_endian_number(void **state)
{
	unsigned char greatest[32];
	char out[44];

	(void)state;
	memset(greatest, 0xFF, sizeof(greatest));
	base62_encode((const unsigned char *)"\x00\x01\x00", 3, out, 6);
	assert_string_equal(out, "000048");
	base62_encode((const unsigned char *)"\xFF\xFF\xFF\xFF", 4, out, 6);
	assert_string_equal(out, "4gfFC3");
	base62_encode(greatest, sizeof(greatest), out, 43);
	assert_int_equal(strlen(out), 43);
	assert_int_not_equal(out[0], '0');
	base62_encode(greatest, 0, out, 3);
	assert_string_equal(out, "000");
}

static void
integers_are_read_as_json_writes_them(void **state)
{
	static const char *const refused[] = { "", "-", "+1", "01", "-01", "1.0", "1e2", " 1", "1 ", "0x1",
		"9223372036854775808", "-9223372036854775809", "99999999999999999999999" };
	int64_t number;

	(void)state;
	assert_true(integer_parse(TEXT("9223372036854775807"), &number) && number == INT64_MAX);
	assert_true(integer_parse(TEXT("-9223372036854775808"), &number) && number == INT64_MIN);
	assert_true(integer_parse(TEXT("0"), &number) && number == 0);
	assert_true(integer_parse(TEXT("-0"), &number) && number == 0);
	assert_true(integer_parse(TEXT("-120"), &number) && number == -120);
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(integer_parse(text_from(refused[i]), &number));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("UTF-8 takes only well-formed characters", utf8_takes_only_well_formed_characters),
		PROVES("characters are counted, not bytes", characters_are_counted_not_bytes),
		PROVES("a text is cut between characters", a_text_is_cut_between_characters),
		PROVES("texts are compared by length and bytes", texts_are_compared_by_length_and_bytes),
		PROVES("percent codes are undone, and broken ones refused",
		    percent_codes_are_undone_and_broken_ones_refused),
		PROVES("percent encoding leaves only unreserved characters",
		    percent_encoding_leaves_only_unreserved_characters),
		PROVES("hexadecimal goes both ways", hexadecimal_goes_both_ways),
		PROVES("base64url has one spelling for every text", base64url_has_one_spelling_for_every_text),
		PROVES("base64 has one spelling for every text", base64_has_one_spelling_for_every_text),
		PROVES("base 62 is a left-filled big-endian number", base62_is_a_left_filled_big_endian_number),
		PROVES("integers are read as JSON writes them", integers_are_read_as_json_writes_them),
	};
	int failed;

	arena = arena_new(1 << 20);
	failed = RUN(tests);
	arena_free(arena);
	return failed;
}
