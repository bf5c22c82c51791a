/*
 * Arithmetic on money and credits. Sums and products are exact or told to be too large; what is rounded is
 * rounded half to even.
 */
#include "money.h"

#include <string.h>

enum { DECIMALS = 6, DECIMALS_SHOWN = 2 };

/* Appends a digit to a number that is kept below zero, where there is one number more. */
static bool
push_digit(int64_t *total, int digit)
{
	return !__builtin_mul_overflow(*total, 10, total) && !__builtin_sub_overflow(*total, digit, total);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* How many digits stand at the beginning. */
static size_t
count_digits(struct text text)
{
	size_t count = 0;

	while (count < text.length && is_digit(text.at[count]))
		count++;
	return count;
}

static struct text
behind(struct text text, size_t count)
{
	return (struct text){ text.at + count, text.length - count };
}

bool
amount_parse(struct text decimal, struct amount *amount)
{
	bool negative = decimal.length > 0 && decimal.at[0] == '-';
	struct text whole = negative ? behind(decimal, 1) : decimal;
	size_t whole_digits = count_digits(whole);
	struct text fraction = behind(whole, whole_digits);
	size_t decimals = 0;
	int64_t total = 0;

	if (whole_digits == 0 || (whole_digits > 1 && whole.at[0] == '0'))
		return false;
	if (fraction.length > 0) {
		if (fraction.at[0] != '.')
			return false;
		fraction = behind(fraction, 1);
		decimals = count_digits(fraction);
		if (decimals == 0 || decimals > DECIMALS || decimals != fraction.length)
			return false;
	}
	for (size_t i = 0; i < whole_digits; i++) {
		if (!push_digit(&total, whole.at[i] - '0'))
			return false;
	}
	for (size_t i = 0; i < DECIMALS; i++) {
		if (!push_digit(&total, i < decimals ? fraction.at[i] - '0' : 0))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, total, &total))
		return false;
	amount->micros = total;
	return true;
}

void
amount_format(struct amount amount, char out[static AMOUNT_LENGTH + 1])
{
	uint64_t rest = amount.micros < 0 ? 0 - (uint64_t)amount.micros : (uint64_t)amount.micros;
	char digits[AMOUNT_LENGTH + 1];
	char *at = digits + sizeof(digits) - 1, *end = at;

	*at = '\0';
	for (int place = 0; place <= DECIMALS || rest > 0; place++) {
		if (place == DECIMALS)
			*--at = '.';
		*--at = (char)('0' + rest % 10);
		rest /= 10;
	}
	if (amount.micros < 0)
		*--at = '-';
	for (int zeros = DECIMALS - DECIMALS_SHOWN; zeros > 0 && end[-1] == '0'; zeros--)
		*--end = '\0';
	memcpy(out, at, (size_t)(end - at) + 1);
}

void
quantity_format(struct quantity quantity, char out[static AMOUNT_LENGTH + 1])
{
	size_t length;

	amount_format((struct amount){ quantity.micros }, out);
	length = strlen(out);
	while (out[length - 1] == '0')
		length--;
	out[out[length - 1] == '.' ? length - 1 : length] = '\0';
}

bool
share_of(int64_t value, int64_t part, int64_t whole, int64_t unit, int64_t *share)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)value * (wide)part, divisor = (wide)whole * (wide)unit;
	wide quotient = product / divisor, rest = product % divisor;

	if (rest > divisor - rest || (rest == divisor - rest && quotient % 2 == 1))
		quotient++;
	if (quotient > (wide)(INT64_MAX / unit))
		return false;
	*share = (int64_t)quotient * unit;
	return true;
}

bool
credits_of_quantity(struct quantity quantity, struct credits each, struct credits *credits)
{
	return share_of(quantity.micros, each.count, 1000000, 1, &credits->count);
}

bool
amount_add(struct amount a, struct amount b, struct amount *sum)
{
	return !__builtin_add_overflow(a.micros, b.micros, &sum->micros);
}

bool
credits_add(struct credits a, struct credits b, struct credits *sum)
{
	return !__builtin_add_overflow(a.count, b.count, &sum->count);
}

/* The builtin compares the product of unlimited precision with what fits. */
bool
credits_value(struct credits credits, struct amount price, struct amount *value)
{
	return !__builtin_mul_overflow(credits.count, price.micros, &value->micros);
}

bool
currency_parse(struct text text, struct currency *currency)
{
	if (text.length != 3)
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (text.at[i] < 'A' || text.at[i] > 'Z')
			return false;
	}
	memcpy(currency->code, text.at, 3);
	currency->code[3] = '\0';
	return true;
}
