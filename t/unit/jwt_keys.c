/*
 * The document of an identity provider's keys and its file: which keys are taken, which are passed over, what is
 * refused; and the published signatures of RFC 7515, 7520 and 8037.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jwt.h"
#include "text.h"
#include "unit.h"

#define KEYS(...) "{\"keys\":[" __VA_ARGS__ "]}"

/* RFC 7515, A.2.1 */
#define RSA_N                                                                            \
	"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2" \
	"mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7" \
	"OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMT" \
	"BQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkM" \
	"Ls91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define RSA(more) "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"" more "}"
#define RSA_TOKEN                                                                        \
	"eyJhbGciOiJSUzI1NiJ9."                                                          \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc1" \
	"9yb290Ijp0cnVlfQ."                                                              \
	"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_" \
	"lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO7" \
	"5vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOk" \
	"HWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy" \
	"wlVmtVrBp0igcN_IoypGlUPQGe77Rw"

/* RFC 7515, A.3.1 */
#define EC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define EC_POINT(x, y, more) "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" x "\",\"y\":\"" y "\"" more "}"
#define EC(more) EC_POINT(EC_X, EC_Y, more)
#define EC_TOKEN                                                                         \
	"eyJhbGciOiJFUzI1NiJ9."                                                          \
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc1" \
	"9yb290Ijp0cnVlfQ."                                                              \
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3" \
	"-Kg6NU1Q"

/* RFC 8037, A.2 and A.4 */
#define ED_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED_KEY(x, more) "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" x "\"" more "}"
#define ED(more) ED_KEY(ED_X, more)
#define ED_TOKEN                                                                         \
	"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."                      \
	"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr" \
	"_MuM0KAg"

/* RFC 7520, 3.3 and 4.1 */
#define BILBO_KEY                                                                        \
	"{\"kty\":\"RSA\",\"kid\":\"bilbo.baggins@hobbiton.example\",\"use\":\"sig\","   \
	"\"n\":\"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJW" \
	"TDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrH" \
	"qkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhG" \
	"qC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixo" \
	"R7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw\",\"e\":\"AQAB\"}"
#define BILBO_TOKEN                                                                      \
	"eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9."      \
	"SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW" \
	"91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhl" \
	"cmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4."           \
	"MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJd" \
	"Qx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh" \
	"_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de" \
	"3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcI" \
	"e8u9ipH84ogoree7vjbU5y18kDquDg"

static char path[] = "/tmp/purser-jwks-XXXXXX";
static struct arena *arena;

static const char *
use(const char *document)
{
	return jwt_use_keys(document, strlen(document));
}

static bool
fits(const char *token)
{
	return jwt_signature_fits(arena, text_from(token));
}

static void
assert_refused(const char *document, const char *why)
{
	const char *fault = use(document);

	if (fault == NULL || strstr(fault, why) == NULL)
		fail_msg("%s, but it should be refused for %s: %s", fault == NULL ? "taken" : fault, why, document);
}

/* ---- published signatures ---------------------------------------------------------------------------------------- */

static void
assert_only_as_published(const char *key, const char *token)
{
	struct text document = arena_format(arena, KEYS("%s"), key), copy = text_from(token);

	assert_null(use(document.at));
	assert_true(fits(token));
	for (size_t i = 0; i < copy.length; i++) {
		struct arena_mark mark = arena_mark(arena);
		char *changed = arena_take(arena, copy.length + 1);

		memcpy(changed, token, copy.length);
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		assert_int_equal(fits(changed), changed[i] == token[i]);
		arena_release(arena, mark);
	}
}

static void
the_published_signatures_fit(void **state)
{
	(void)state;
	assert_only_as_published(RSA(""), RSA_TOKEN);
	assert_only_as_published(EC(""), EC_TOKEN);
	assert_only_as_published(ED(""), ED_TOKEN);
	assert_only_as_published(BILBO_KEY, BILBO_TOKEN);
	assert_null(use(KEYS(RSA("") "," EC("") "," ED("") "," BILBO_KEY)));
	assert_int_equal(jwt_key_count(), 4);
	assert_true(fits(EC_TOKEN) && fits(ED_TOKEN) && fits(BILBO_TOKEN));
	assert_false(fits(RSA_TOKEN)); /* it names none of the two RSA keys */
	assert_null(use(KEYS(RSA(",\"kid\":\"a\""))));
	assert_true(fits(RSA_TOKEN));
	assert_false(fits(BILBO_TOKEN));
}

/* ---- keys that are passed over ----------------------------------------------------------------------------------- */

static void
keys_that_are_not_for_us_are_passed_over(void **state)
{
	static const char *const keys[] = { RSA(",\"alg\":\"RS512\""), RSA(",\"alg\":\"PS256\""),
		RSA(",\"alg\":\"ES256\""), RSA(",\"alg\":null"), RSA(",\"use\":\"enc\""), RSA(",\"use\":[\"sig\"]"),
		RSA(",\"key_ops\":[\"encrypt\"]"), RSA(",\"key_ops\":\"verify\""), RSA(",\"kid\":7"),
		EC(",\"alg\":\"ES384\""), EC(",\"alg\":\"RS256\""), ED(",\"alg\":\"ES256\""), ED(",\"use\":\"enc\""),
		"{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"" EC_X "\",\"y\":\"" EC_Y "\"}",
		"{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" ED_X "\"}", "{\"kty\":\"new\",\"pub\":\"AQAB\"}",
		"{\"kty\":\"rsa\",\"n\":\"" RSA_N "\",\"e\":\"AQAB\"}", "{}" };

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++) {
		struct text both = arena_format(arena, KEYS("%s," ED("")), keys[i]);

		assert_refused(arena_format(arena, KEYS("%s"), keys[i]).at, "no key that can be used");
		assert_null(use(both.at));
		assert_int_equal(jwt_key_count(), 1);
		assert_true(fits(ED_TOKEN));
	}
	assert_null(use(KEYS(RSA(",\"alg\":\"RS256\",\"use\":\"sig\",\"key_ops\":[\"sign\",\"verify\"]"))));
	assert_true(fits(RSA_TOKEN));
}

static void
broken_keys_are_passed_over(void **state)
{
	static const char *const keys[] = { EC_POINT(EC_Y, EC_X, ""), EC_POINT(EC_X, EC_X, ""),
		EC_POINT(
		    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ""),
		/* x is p, which is no number below p */
		EC_POINT("_____wAAAAEAAAAAAAAAAAAAAAD_______________8", EC_Y, ""), EC_POINT(EC_X, "", ""),
		EC_POINT(EC_X "A", EC_Y, ""), EC_POINT(EC_X "=", EC_Y, ""), ED_KEY("AQAB", ""), ED_KEY(ED_X "AA", ""),
		ED_KEY("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp", ""), /* stray last bits */
		"{\"kty\":\"RSA\",\"n\":\"" RSA_N "\"}", "{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"\"}",
		"{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":65537}", "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}",
		"{\"kty\":\"RSA\",\"n\":\"" RSA_N "==\",\"e\":\"AQAB\"}",
		"{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQ\"}",   /* 1 */
		"{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAA\"}", /* 65536 */
		"{\"kty\":\"RSA\",\"n\":\"" RSA_N "\",\"e\":\"AQAAAAAAAAAB\"}" /* 65 bits */ };

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		assert_refused(arena_format(arena, KEYS("%s"), keys[i]).at, "no key that can be used");
}

static void
an_rsa_key_has_2048_to_8192_bits(void **state)
{
	static const struct {
		size_t bytes;
		unsigned char first, last;
		bool taken;
	} sizes[] = { { 64, 0xFF, 0xFF, false }, { 128, 0xFF, 0xFF, false }, { 256, 0x7F, 0xFF, false },
		{ 256, 0x80, 0x01, true }, { 256, 0x80, 0x00, false }, { 512, 0xFF, 0xFF, true },
		{ 1024, 0xFF, 0xFF, true }, { 1025, 0x01, 0xFF, false }, { 1025, 0x00, 0xFF, true },
		{ 2048, 0xFF, 0xFF, false }, { 100000, 0xFF, 0xFF, false } };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		unsigned char *n = arena_take(arena, sizes[i].bytes);
		struct text document;

		memset(n, 0xFF, sizes[i].bytes);
		n[0] = sizes[i].first;
		n[sizes[i].bytes - 1] = sizes[i].last;
		document = arena_format(arena, KEYS("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"Aw\"}"),
		    base64url_encode(arena, n, sizes[i].bytes).at);
		if (sizes[i].taken)
			assert_null(use(document.at));
		else
			assert_refused(document.at, "no key that can be used");
	}
}

/* ---- documents that are refused ---------------------------------------------------------------------------------- */

static void
a_secret_is_refused(void **state)
{
	(void)state;
	assert_null(use(KEYS(RSA(""))));
	assert_refused(KEYS(ED(",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"")), "private");
	assert_refused(KEYS(ED("") "," EC(",\"d\":\"AQAB\"")), "private");
	assert_refused(KEYS(ED("") "," RSA(",\"d\":\"AQAB\"")), "private");
	assert_refused(KEYS(ED("") "," RSA(",\"p\":\"AQAB\"")), "private");
	assert_refused(KEYS(ED("") "," RSA(",\"use\":\"enc\",\"d\":null")), "private");
	assert_refused(KEYS(ED("") ",{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}"), "private");
	assert_int_equal(jwt_key_count(), 1);
	assert_true(fits(RSA_TOKEN));
	assert_false(fits(ED_TOKEN));
}

static void
a_wrong_document_is_refused(void **state)
{
	static const struct {
		const char *document, *why;
	} wrong[] = { { "", "JSON" }, { "null", "JSON" }, { "[]", "JSON" }, { "{", "JSON" }, { ED(""), "no array" },
		{ KEYS(ED("")) "x", "JSON" }, { "{\"keys\":[],\"keys\":[" ED("") "]}", "JSON" },
		{ KEYS(ED(",\"x\":\"AQAB\"")), "JSON" }, { "{\"keys\":{}}", "no array" },
		{ "{\"keys\":null}", "no array" }, { KEYS(""), "no key that can be used" },
		{ KEYS("[" ED("") "]"), "something else" }, { KEYS(ED("") ",null"), "something else" },
		{ KEYS("\"" ED_X "\""), "something else" },
		{ KEYS(ED(",\"kid\":\"a\"") "," EC(",\"kid\":\"a\"")), "same `kid`" },
		{ KEYS(ED(",\"kid\":\"a\"") "," ED(",\"kid\":\"\\u0061\"")), "same `kid`" },
		{ KEYS(ED(",\"kid\":\"\"") "," ED(",\"kid\":\"\"")), "same `kid`" } };

	(void)state;
	assert_null(use(KEYS(EC(""))));
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_refused(wrong[i].document, wrong[i].why);
		assert_true(fits(EC_TOKEN));
	}
	assert_null(use(KEYS(ED(",\"kid\":\"a\"") "," EC(",\"kid\":\"A\"") "," RSA(""))));
	assert_int_equal(jwt_key_count(), 3);
}

/* Copies of one key with ids that differ. */
static const char *
many_keys(int count)
{
	struct buffer document = buffer_new(arena, 1024);

	buffer_add_string(&document, "{\"other\":{\"keys\":7},\"keys\":[");
	for (int i = 0; i < count; i++)
		buffer_format(&document, "%s" ED(",\"kid\":\"%d\""), i == 0 ? "" : ",", i);
	buffer_add_string(&document, "]}");
	return document.at;
}

static void
a_document_too_large_is_refused(void **state)
{
	size_t size = 256 << 10;
	char *document = arena_take(arena, size + 2);

	(void)state;
	assert_null(use(many_keys(100)));
	assert_int_equal(jwt_key_count(), 100);
	assert_refused(many_keys(101), "more than 100");
	assert_refused(many_keys(256), "more than 100");
	assert_refused(many_keys(257), "more than 256");
	assert_int_equal(jwt_key_count(), 100);
	memset(document, ' ', size + 1);
	memcpy(document, KEYS(ED("")), strlen(KEYS(ED(""))));
	assert_refused(document, "larger than 256 KiB");
	document[size] = '\0';
	assert_null(use(document));
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

static void
write_file(const char *document, time_t modified)
{
	struct timespec times[2] = { { .tv_sec = modified }, { .tv_sec = modified } };
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fputs(document, file) >= 0, 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void
a_changed_file_is_read_again(void **state)
{
	(void)state;
	write_file(KEYS(RSA("")), 1000);
	assert_null(jwt_use_file(path));
	assert_true(fits(RSA_TOKEN));
	write_file(KEYS(ED("")), 1000); /* another size */
	assert_null(jwt_use_file(path));
	assert_true(fits(ED_TOKEN) && !fits(RSA_TOKEN));
	write_file(KEYS(ED(",\"kid\":\"a\"")), 1000);
	assert_null(jwt_use_file(path));
	write_file(KEYS(ED(",\"use\":\"b\"")), 1000); /* the same in all that is looked at: not read */
	assert_null(jwt_use_file(path));
	write_file(KEYS(ED(",\"use\":\"b\"")), 1001); /* another time */
	assert_non_null(jwt_use_file(path));
	assert_true(fits(ED_TOKEN));
}

static void
a_replaced_file_is_read_again(void **state)
{
	char other[sizeof(path) + 4];

	(void)state;
	write_file(KEYS(ED(",\"kid\":\"a\"")), 1000);
	assert_null(jwt_use_file(path));
	snprintf(other, sizeof(other), "%s.new", path);
	assert_int_equal(rename(path, other), 0);
	write_file(KEYS(ED(",\"use\":\"b\"")), 1000); /* another inode, since the old one is still there */
	assert_non_null(jwt_use_file(path));
	assert_int_equal(rename(other, path), 0);
	assert_null(jwt_use_file(path));
	assert_true(fits(ED_TOKEN));
	/* Keys given otherwise in between do not stay for the file's. */
	assert_null(use(KEYS(RSA(""))));
	assert_null(jwt_use_file(path));
	assert_true(fits(ED_TOKEN) && !fits(RSA_TOKEN));
}

static void
a_wrong_file_keeps_the_keys(void **state)
{
	(void)state;
	write_file(KEYS(EC("")), 1000);
	assert_null(jwt_use_file(path));
	write_file("{\"keys\":[", 2000);
	for (int i = 0; i < 3; i++) {
		assert_string_equal(jwt_use_file(path), "is not an acceptable JSON object.");
		assert_true(fits(EC_TOKEN));
	}
	write_file("", 3000);
	assert_non_null(jwt_use_file(path));
	assert_string_equal(jwt_use_file("/tmp"), "is no regular file.");
	assert_non_null(jwt_use_file("/nowhere/at/all"));
	assert_int_equal(unlink(path), 0);
	assert_non_null(jwt_use_file(path));
	assert_int_equal(mkfifo(path, 0600), 0); /* must not wait for a writer */
	assert_string_equal(jwt_use_file(path), "is no regular file.");
	assert_int_equal(unlink(path), 0);
	assert_true(fits(EC_TOKEN));
	write_file(KEYS(ED("")), 4000);
	assert_null(jwt_use_file(path));
	assert_true(fits(ED_TOKEN) && !fits(EC_TOKEN));
}

static void
a_file_too_large_is_refused(void **state)
{
	(void)state;
	write_file(KEYS(EC("")), 1000);
	assert_null(jwt_use_file(path));
	assert_int_equal(truncate(path, (256 << 10) + 1), 0);
	assert_string_equal(jwt_use_file(path), "is larger than 256 KiB.");
	assert_true(fits(EC_TOKEN));
}

static int
begin(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#define WITH_ARENA(sentence, function)               \
	{                                            \
		sentence, function, begin, end, NULL \
	}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_ARENA("the signatures of RFC 7515, 7520 and 8037 fit", the_published_signatures_fit),
		WITH_ARENA("keys of another use are passed over", keys_that_are_not_for_us_are_passed_over),
		WITH_ARENA("broken keys are passed over", broken_keys_are_passed_over),
		WITH_ARENA("an RSA key has 2048 to 8192 bits and is odd", an_rsa_key_has_2048_to_8192_bits),
		WITH_ARENA("a private or secret key is refused", a_secret_is_refused),
		WITH_ARENA("a wrong document is refused, the keys stay", a_wrong_document_is_refused),
		WITH_ARENA("a document too large is refused", a_document_too_large_is_refused),
		WITH_ARENA("a changed file is read again", a_changed_file_is_read_again),
		WITH_ARENA("a replaced file is read again", a_replaced_file_is_read_again),
		WITH_ARENA("a wrong file keeps the keys of before", a_wrong_file_keeps_the_keys),
		WITH_ARENA("a file too large is refused", a_file_too_large_is_refused),
	};
	int descriptor = mkstemp(path), status;

	if (descriptor < 0)
		return EXIT_FAILURE;
	close(descriptor);
	status = RUN(tests);
	unlink(path);
	return status;
}
