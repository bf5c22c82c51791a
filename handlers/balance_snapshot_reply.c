/*
 * What a provider of balances answers. It is read strictly, and its amount is taken digit by digit: no digit is lost,
 * and equal amounts become equal texts however they were written.
 */
#include "balance_snapshot.h"

#include <string.h>

#include "money.h"
#include "text.h"
#include "tree.h"

enum { SIDE_DIGITS = 20, DECIMALS_LEAST = 2, DIGITS_MOST = 60, EXPONENT_MOST = 60 };

/* ---- amounts --------------------------------------------------------------------------------------------------- */

/* The digits without the point, which stands behind the first `point` of them; that may lie outside. */
struct digits {
	char at[DIGITS_MOST];
	int count;
	int point;
	bool is_negative;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits from `*at` on; false where there are none, or too many. */
static bool
take_digits(const char **at, const char *end, struct digits *digits)
{
	const char *from = *at;

	for (; *at < end && is_digit(**at); ++*at) {
		if (digits->count == DIGITS_MOST)
			return false;
		digits->at[digits->count++] = **at;
	}
	return *at > from;
}

static bool
take_exponent(const char **at, const char *end, int *exponent)
{
	bool is_negative = *at < end && **at == '-';
	const char *from;

	*at += *at < end && (**at == '-' || **at == '+');
	from = *at;
	for (*exponent = 0; *at < end && is_digit(**at) && *exponent <= EXPONENT_MOST; ++*at)
		*exponent = *exponent * 10 + (**at - '0');
	if (*at == from || *exponent > EXPONENT_MOST)
		return false;
	*exponent = is_negative ? -*exponent : *exponent;
	return true;
}

/* As JSON writes a number. */
static bool
parse(struct text text, bool with_exponent, struct digits *digits)
{
	const char *at = text.at, *end = text.at + text.length;
	int exponent = 0;

	*digits = (struct digits){ .is_negative = at < end && *at == '-' };
	at += digits->is_negative;
	if (!take_digits(&at, end, digits) || (digits->at[0] == '0' && digits->count > 1))
		return false;
	digits->point = digits->count;
	if (at < end && *at == '.' && (at++, !take_digits(&at, end, digits)))
		return false;
	if (with_exponent && at < end && (*at == 'e' || *at == 'E') && (at++, !take_exponent(&at, end, &exponent)))
		return false;
	digits->point += exponent;
	return at == end;
}

static void
strip_zeros(struct digits *digits)
{
	int zeros = 0;

	while (digits->count > 0 && digits->at[digits->count - 1] == '0')
		digits->count--;
	while (zeros < digits->count && digits->at[zeros] == '0')
		zeros++;
	digits->count -= zeros;
	digits->point -= zeros;
	memmove(digits->at, digits->at + zeros, (size_t)digits->count);
	if (digits->count == 0)
		*digits = (struct digits){ .point = 0 };
}

/* The digit so many places behind the point; before it where negative. */
static char
digit_at(const struct digits *digits, int place)
{
	int index = digits->point + place;

	return index >= 0 && index < digits->count ? digits->at[index] : '0';
}

bool
balance_amount_normalize(struct text text, bool with_exponent, char out[static BALANCE_AMOUNT_LENGTH + 1])
{
	struct digits digits;
	int whole, decimals;

	if (!parse(text, with_exponent, &digits))
		return false;
	strip_zeros(&digits);
	whole = digits.point > 0 ? digits.point : 1;
	decimals = digits.count - digits.point > DECIMALS_LEAST ? digits.count - digits.point : DECIMALS_LEAST;
	if (whole > SIDE_DIGITS || decimals > SIDE_DIGITS)
		return false;
	if (digits.is_negative)
		*out++ = '-';
	for (int place = -whole; place < 0; place++)
		*out++ = digit_at(&digits, place);
	*out++ = '.';
	for (int place = 0; place < decimals; place++)
		*out++ = digit_at(&digits, place);
	*out = '\0';
	return true;
}

/* ---- the answer ------------------------------------------------------------------------------------------------ */

static size_t
count_of(const struct tree *tree, const char *name)
{
	size_t count = 0;

	for (const struct tree *member = tree->first; member != NULL; member = member->next)
		count += text_is(member->name, name);
	return count;
}

static const char *
understand_amount(struct call *call, const struct tree *amount, struct balance_reading *reading)
{
	char out[BALANCE_AMOUNT_LENGTH + 1];

	if (amount->kind != TREE_NUMBER && amount->kind != TREE_TEXT)
		return "its amount is neither a number nor a text";
	if (!balance_amount_normalize(amount->text, amount->kind == TREE_NUMBER, out))
		return "its amount is no decimal number of at most 20 digits before and 20 behind the point";
	reading->amount = arena_text(call->arena, out, strlen(out));
	return NULL;
}

const char *
balance_snapshot_understand(struct call *call, const struct outgoing_reply *reply, struct balance_reading *reading)
{
	const struct tree *tree;
	struct maybe_text currency;

	if (reply->status != 200)
		return arena_format(call->arena, "the provider answered %d", reply->status).at;
	if (!reply->is_whole)
		return "the answer is too large, or did not come to its end";
	if (!text_equal_ignoring_case(reply->media_type, TEXT("application/json")))
		return "the answer is no application/json";
	tree = tree_parse(call->arena, reply->body);
	if (tree == NULL || tree->kind != TREE_OBJECT)
		return "the answer is no JSON object";
	if (count_of(tree, "amount") != 1 || count_of(tree, "currency") != 1)
		return "the answer has not one amount and one currency";
	currency = tree_text(tree, "currency");
	if (currency.at == NULL || !currency_parse(text_or(currency, ""), &reading->currency))
		return "its currency is no code of ISO 4217";
	reading->source = TEXT("provider");
	return understand_amount(call, tree_at(tree, "amount"), reading);
}
