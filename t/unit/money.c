/*
 * Amounts as text, exact sums and products.
 */
#include <string.h>

#include "money.h"
#include "text.h"
#include "unit.h"

static void
amounts_are_read_and_written_exactly(void **state)
{
	static const struct {
		const char *in;
		int64_t micros;
		const char *out;
	} amounts[] = {
		{ "0", 0, "0.00" },
		{ "-0", 0, "0.00" },
		{ "12.34", 12340000, "12.34" },
		{ "12.3", 12300000, "12.30" },
		{ "-0.01", -10000, "-0.01" },
		{ "0.000001", 1, "0.000001" },
		{ "1.234500", 1234500, "1.2345" },
		{ "100", 100000000, "100.00" },
		{ "9223372036854.775807", INT64_MAX, "9223372036854.775807" },
		{ "-9223372036854.775808", INT64_MIN, "-9223372036854.775808" },
	};
	char out[AMOUNT_LENGTH + 1];
	struct amount amount;

	(void)state;
	for (size_t i = 0; i < COUNT(amounts); i++) {
		assert_true(amount_parse(text_from(amounts[i].in), &amount));
		assert_int_equal(amount.micros, amounts[i].micros);
		amount_format(amount, out);
		assert_string_equal(out, amounts[i].out);
	}
}

static void
what_is_no_amount_is_refused(void **state)
{
	static const char *const refused[] = { "", "-", ".", "1.", ".5", "+1", "01", "-01.0", "1e2", "1,5", "1.2.3",
		" 1", "1 ", "0.0000001", "9223372036854.775808", "-9223372036854.775809", "99999999999999999999", "NaN",
		"1-" };
	struct amount amount;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(amount_parse(text_from(refused[i]), &amount));
	assert_false(amount_parse((struct text){ "1\0", 2 }, &amount));
}

static void
sums_and_products_tell_overflow(void **state)
{
	struct amount amount;
	struct credits credits;

	(void)state;
	assert_true(amount_add((struct amount){ INT64_MAX - 1 }, (struct amount){ 1 }, &amount));
	assert_int_equal(amount.micros, INT64_MAX);
	assert_false(amount_add((struct amount){ INT64_MAX }, (struct amount){ 1 }, &amount));
	assert_true(credits_add((struct credits){ -5 }, (struct credits){ 3 }, &credits));
	assert_int_equal(credits.count, -2);
	assert_false(credits_add((struct credits){ INT64_MIN }, (struct credits){ -1 }, &credits));
	assert_true(credits_value((struct credits){ 922337203685477 }, (struct amount){ 10000 }, &amount));
	assert_int_equal(amount.micros, INT64_C(9223372036854770000));
	assert_true(credits_value((struct credits){ -3 }, (struct amount){ 5200 }, &amount));
	assert_int_equal(amount.micros, -15600);
	assert_false(credits_value((struct credits){ 922337203685478 }, (struct amount){ 10000 }, &amount));
	assert_false(credits_value((struct credits){ INT64_MIN }, (struct amount){ -1 }, &amount));
}

static void
a_currency_is_three_capitals(void **state)
{
	struct currency currency;

	(void)state;
	assert_true(currency_parse(TEXT("AUD"), &currency));
	assert_string_equal(currency.code, "AUD");
	assert_false(currency_parse(TEXT("aud"), &currency) || currency_parse(TEXT("AUDX"), &currency));
	assert_false(currency_parse(TEXT("AU"), &currency) || currency_parse(TEXT("A D"), &currency));
}

static void
shares_are_rounded_half_to_even(void **state)
{
	static const struct {
		int64_t value, part, whole, unit, share;
	} rows[] = {
		{ 5, 1, 2, 1, 2 }, /* 2.5 */
		{ 7, 1, 2, 1, 4 }, /* 3.5 */
		{ 1, 1, 3, 1, 0 },
		{ 2, 1, 3, 1, 1 },
		{ 0, 5, 7, 1, 0 },
		{ 25000, 1, 1, 10000, 20000 }, /* 2.5 hundredths */
		{ 35000, 1, 1, 10000, 40000 },
		{ 24999, 1, 1, 10000, 20000 },
		{ 11000000, 100000, 1100000, 10000, 1000000 }, /* the 10 % in 11.00 */
		{ 336600, 1, 1, 10000, 340000 },
		{ INT64_MAX, INT64_MAX, INT64_MAX, 1, INT64_MAX },
		{ INT64_MAX, INT64_MAX - 1, INT64_MAX, 1, INT64_MAX - 1 },
	};
	int64_t share;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_true(share_of(rows[i].value, rows[i].part, rows[i].whole, rows[i].unit, &share));
		assert_int_equal(share, rows[i].share);
	}
	assert_false(share_of(INT64_MAX, 2, 1, 1, &share));
	assert_false(share_of(INT64_MAX, 1, 1, 10000, &share) && share < 0);
}

static void
a_quantity_costs_whole_credits(void **state)
{
	struct credits credits;
	char shown[AMOUNT_LENGTH + 1];

	(void)state;
	assert_true(credits_of_quantity((struct quantity){ 2500000 }, (struct credits){ 1 }, &credits));
	assert_int_equal(credits.count, 2);
	assert_true(credits_of_quantity((struct quantity){ 3500000 }, (struct credits){ 1 }, &credits));
	assert_int_equal(credits.count, 4);
	assert_true(credits_of_quantity((struct quantity){ 1 }, (struct credits){ 500001 }, &credits));
	assert_int_equal(credits.count, 1);
	assert_true(credits_of_quantity((struct quantity){ 0 }, (struct credits){ 7 }, &credits));
	assert_int_equal(credits.count, 0);
	assert_false(
	    credits_of_quantity((struct quantity){ INT64_MAX }, (struct credits){ INT64_C(1000000000000) }, &credits));
	quantity_format((struct quantity){ 3000000 }, shown);
	assert_string_equal(shown, "3");
	quantity_format((struct quantity){ 2500000 }, shown);
	assert_string_equal(shown, "2.5");
	quantity_format((struct quantity){ 1 }, shown);
	assert_string_equal(shown, "0.000001");
	quantity_format((struct quantity){ 0 }, shown);
	assert_string_equal(shown, "0");
	quantity_format((struct quantity){ INT64_C(100000000) }, shown);
	assert_string_equal(shown, "100");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("amounts are read and written exactly", amounts_are_read_and_written_exactly),
		PROVES("what is no amount is refused", what_is_no_amount_is_refused),
		PROVES("sums and products tell overflow", sums_and_products_tell_overflow),
		PROVES("shares are rounded half to even", shares_are_rounded_half_to_even),
		PROVES("a quantity costs whole credits", a_quantity_costs_whole_credits),
		PROVES("a currency is three capitals", a_currency_is_three_capitals),
	};

	return RUN(tests);
}
