/*
 * Any bytes as an id, a time, an amount, an integer, a currency, a zone, a scope list, a role: what is taken has a text
 * of its own that gives the same value again.
 */
#include "t/fuzz/fuzz.h"

#include "clock.h"
#include "id.h"
#include "money.h"
#include "role.h"
#include "scope.h"
#include "text.h"

static void
check_id(struct text text)
{
	char out[ID_CHARACTERS + 1];
	struct id id, again;

	if (!id_parse(text, &id))
		return;
	id_format(id, out);
	MUST(text_equal_ignoring_case(text, text_from(out)));
	MUST(id_parse(text_from(out), &again) && id_equal(id, again));
}

static void
check_instant(struct text text)
{
	char out[RFC3339_LENGTH + 1];
	struct instant at, again;

	if (!instant_parse(text, &at))
		return;
	instant_format(at, out);
	MUST(instant_parse(text_from(out), &again) && at.microseconds == again.microseconds);
}

static void
check_amount(struct text text)
{
	char out[AMOUNT_LENGTH + 1];
	struct amount amount, again;

	if (!amount_parse(text, &amount))
		return;
	amount_format(amount, out);
	MUST(amount_parse(text_from(out), &again) && amount.micros == again.micros);
}

static void
check_integer(struct text text)
{
	struct amount amount;
	int64_t number;

	if (!integer_parse(text, &number))
		return;
	if (amount_parse(text, &amount))
		MUST(amount.micros == number * 1000000);
}

static void
check_others(struct text text)
{
	struct currency currency;

	if (currency_parse(text, &currency))
		MUST(text_is(text, currency.code));
	if (zone_exists(text))
		MUST(text.length > 0 && memchr(text.at, '.', text.length) == NULL);
	if ((scope_set(text) & (scope_bit(ADMIN_READ) | scope_bit(ADMIN_WRITE))) != 0)
		MUST(text_starts(text, "admin:"));
	if (role_named(text) != ROLE_NONE)
		MUST(text_is(text, role_name(role_named(text))));
	MUST(scope_set_of_list(text) < scope_bit(SCOPE_COUNT));
	MUST(!utf8_valid(text.at, text.length) || utf8_count(text) <= text.length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text text = { (const char *)data, size };

	check_id(text);
	check_instant(text);
	check_amount(text);
	check_integer(text);
	check_others(text);
	return 0;
}
