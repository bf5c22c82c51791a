/*
 * Sealing, signing, and the file of keys.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seal.h"
#include "unit.h"

#define DIGITS_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define DIGITS_B "ff0102030405060708090A0B0C0D0E0F101112131415161718191a1b1c1d1e1f"

static char path[] = "/tmp/purser-seal-XXXXXX";

static const char *
load_with_mode(const char *keys, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(keys, file);
	fclose(file);
	assert_int_equal(chmod(path, mode), 0);
	return seal_load(path);
}

static const char *
load(const char *keys)
{
	return load_with_mode(keys, 0600);
}

static void
what_is_sealed_opens_in_its_place_only(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct bytes sealed;
	struct text plain;

	(void)state;
	assert_null(load("a " DIGITS_A "\n"));
	sealed = seal(arena, TEXT("whsec_secret"), "table.column.1");
	assert_true(unseal(arena, sealed, "table.column.1", &plain));
	assert_text(plain, "whsec_secret");
	assert_int_equal(plain.at[plain.length], 0);
	assert_false(unseal(arena, sealed, "table.column.2", &plain));
	sealed = seal(arena, TEXT(""), "x");
	assert_true(unseal(arena, sealed, "x", &plain));
	assert_int_equal(plain.length, 0);
	arena_free(arena);
}

static void
a_changed_or_cut_text_does_not_open(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct bytes sealed;
	struct text plain;

	(void)state;
	assert_null(load("a " DIGITS_A "\n"));
	sealed = seal(arena, TEXT("secret"), "x");
	for (size_t i = 0; i < sealed.length; i++) {
		unsigned char copy[100];

		memcpy(copy, sealed.at, sealed.length);
		copy[i] ^= 1;
		assert_false(unseal(arena, (struct bytes){ copy, sealed.length }, "x", &plain));
		assert_false(unseal(arena, (struct bytes){ sealed.at, i }, "x", &plain));
	}
	arena_free(arena);
}

static void
old_keys_open_and_the_last_one_seals(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct bytes old, new;
	struct text plain;

	(void)state;
	assert_null(load("a " DIGITS_A "\n"));
	old = seal(arena, TEXT("old"), "x");
	assert_null(load("# rotated\na " DIGITS_A "\n\nb " DIGITS_B));
	new = seal(arena, TEXT("new"), "x");
	assert_memory_equal(new.at, "b", 2);
	assert_true(unseal(arena, old, "x", &plain));
	assert_text(plain, "old");
	assert_null(load("b " DIGITS_B "\n"));
	assert_true(unseal(arena, new, "x", &plain));
	assert_false(unseal(arena, old, "x", &plain));
	arena_free(arena);
}

static void
signatures_differ_by_purpose_and_key(void **state)
{
	struct digest a, b, c;

	(void)state;
	assert_null(load("a " DIGITS_A "\nb " DIGITS_B "\n"));
	assert_true(sign("cursor", 0, "text", 4, &a));
	assert_true(sign("other", 0, "text", 4, &b));
	assert_true(sign("cursor", 1, "text", 4, &c));
	assert_memory_not_equal(a.bytes, b.bytes, sizeof(a.bytes));
	assert_memory_not_equal(a.bytes, c.bytes, sizeof(a.bytes));
	assert_false(sign("cursor", 2, "text", 4, &b));
	assert_null(load("a " DIGITS_A "\n"));
	assert_true(sign("cursor", 0, "text", 4, &b));
	assert_true(equal_in_constant_time(b.bytes, c.bytes, sizeof(b.bytes)));
}

static void
a_broken_file_is_refused(void **state)
{
	(void)state;
	assert_non_null(load(""));
	assert_non_null(load("# only words\n"));
	assert_non_null(load("a\n"));
	assert_non_null(load("a 00\n"));
	assert_non_null(load("a " DIGITS_A "0\n"));
	assert_non_null(load("a " DIGITS_A " more\n"));
	assert_non_null(load("a\x01 " DIGITS_A "\n"));
	assert_non_null(load("a " DIGITS_A "\na " DIGITS_B "\n"));
	assert_non_null(seal_load("/nowhere"));
	assert_non_null(seal_load("/tmp"));
}

static void
a_file_that_others_may_read_is_refused(void **state)
{
	(void)state;
	assert_null(load_with_mode("a " DIGITS_A "\n", 0640));
	assert_non_null(load_with_mode("a " DIGITS_A "\n", 0644));
	assert_non_null(load_with_mode("a " DIGITS_A "\n", 0660));
}

static void
a_digest_is_sha_256(void **state)
{
	static const unsigned char expected[] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea };
	struct digest digest = digest_of("abc", 3);

	(void)state;
	assert_memory_equal(digest.bytes, expected, sizeof(expected));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("what is sealed opens in its place only", what_is_sealed_opens_in_its_place_only),
		PROVES("a changed or cut text does not open", a_changed_or_cut_text_does_not_open),
		PROVES("old keys open, and the last one seals", old_keys_open_and_the_last_one_seals),
		PROVES("signatures differ by purpose and key", signatures_differ_by_purpose_and_key),
		PROVES("a broken file is refused", a_broken_file_is_refused),
		PROVES("a file that others may read is refused", a_file_that_others_may_read_is_refused),
		PROVES("a digest is SHA-256", a_digest_is_sha_256),
	};
	int descriptor = mkstemp(path), status;

	if (descriptor < 0)
		return EXIT_FAILURE;
	close(descriptor);
	status = RUN(tests);
	unlink(path);
	return status;
}
