/*
 * One value into one member of a struct, by the rules of the member's row. The same rules hold for a body and for the
 * parameters of a query or path.
 */
#include "json_parts.h"

#include <assert.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "id.h"
#include "money.h"
#include "text.h"

/* Of a maybe type, `given` stands right behind the value. */
static_assert(offsetof(struct maybe_int, given) == sizeof(int64_t), "given is behind the value");
static_assert(offsetof(struct maybe_bool, given) == sizeof(bool), "given is behind the value");
static_assert(offsetof(struct maybe_id, given) == sizeof(struct id), "given is behind the value");
static_assert(offsetof(struct maybe_instant, given) == sizeof(struct instant), "given is behind the value");
static_assert(offsetof(struct maybe_credits, given) == sizeof(struct credits), "given is behind the value");
static_assert(offsetof(struct maybe_amount, given) == sizeof(struct amount), "given is behind the value");
static_assert(offsetof(struct maybe_decimal, given) == sizeof(struct decimal), "given is behind the value");
static_assert(offsetof(struct maybe_quantity, given) == sizeof(struct quantity), "given is behind the value");
static_assert(offsetof(struct maybe_currency, given) == sizeof(struct currency), "given is behind the value");

static const struct verdict fits = { NULL, NULL };

static const char *const expectations[] = {
	[KIND_INTEGER] = "This must be an integer, written without point or exponent.",
	[KIND_BOOLEAN] = "This must be true or false.",
	[KIND_TEXT] = "This must be a string.",
	[KIND_ID] = "This must be a string that holds a ULID.",
	[KIND_INSTANT] = "This must be a string that holds a time.",
	[KIND_CREDITS] = "This must be a whole number of credits, written without point or exponent.",
	[KIND_DECIMAL] = "This must be a number.",
	[KIND_AMOUNT] = "This must be a string that holds a decimal number, such as \"12.34\".",
	[KIND_CURRENCY] = "This must be a string that holds a currency's code.",
	[KIND_QUANTITY] = "This must be a whole number, or a string that holds a decimal number.",
	[KIND_DIGEST] = "This must be a string of 64 hexadecimal digits.",
	[KIND_DOCUMENT] = "This must be an object.",
	[KIND_TEXTS] = "This must be an array of strings.",
	[KIND_LIST] = "This must be an array of objects.",
	[KIND_OBJECT] = "This must be an object.",
};

bool
json_shows(const struct field *field)
{
	return !field->hidden && field->kind != KIND_BYTES;
}

struct verdict
json_wrong_type(const struct field *field)
{
	return (struct verdict){ "wrong_type", expectations[field->kind] };
}

static struct verdict
bad_format(const char *detail)
{
	return (struct verdict){ "bad_format", detail };
}

static struct verdict
store(const struct field *field, void *member, const void *value, size_t size)
{
	bool given = true;

	memcpy(member, value, size);
	if (field->size > size)
		memcpy((unsigned char *)member + size, &given, sizeof(given));
	return fits;
}

static struct text
number_shown(struct arena *arena, const struct field *field, int64_t number)
{
	char decimal[AMOUNT_LENGTH + 1];

	if (field->kind == KIND_QUANTITY)
		quantity_format((struct quantity){ number }, decimal);
	else if (field->kind == KIND_AMOUNT || field->kind == KIND_DECIMAL)
		amount_format((struct amount){ number }, decimal);
	else
		return arena_format(arena, "%lld", (long long)number);
	return arena_format(arena, "%s", decimal);
}

static struct verdict
check_range(struct arena *arena, const struct field *field, int64_t number)
{
	const char *least, *most;

	if (!field->ranged || (number >= field->least && number <= field->most))
		return fits;
	least = number_shown(arena, field, field->least).at;
	most = number_shown(arena, field, field->most).at;
	if (field->most == INT64_MAX)
		return (struct verdict){ "out_of_range", arena_format(arena, "This must be at least %s.", least).at };
	return (struct verdict){ "out_of_range", arena_format(arena, "This must be %s to %s.", least, most).at };
}

struct verdict
json_check_count(struct arena *arena, const struct field *field, size_t count)
{
	bool is_text = field->kind == KIND_TEXT;
	const char *unit = is_text ? "characters" : "items";
	long long least = field->ranged ? field->least : 0;
	long long most = field->ranged ? field->most : is_text ? INT64_MAX : JSON_ITEMS;

	if ((long long)count < least)
		return (struct verdict){ is_text ? "too_short" : "too_few",
			arena_format(arena, "This must have at least %lld %s.", least, unit).at };
	if ((long long)count > most)
		return (struct verdict){ is_text ? "too_long" : "too_many",
			arena_format(arena, "This may have at most %lld %s.", most, unit).at };
	return fits;
}

static struct verdict
check_choice(struct arena *arena, const struct field *field, struct text text)
{
	struct buffer detail;

	if (field->one_of == NULL)
		return fits;
	for (const char *const *choice = field->one_of; *choice != NULL; choice++) {
		if (text_is(text, *choice))
			return fits;
	}
	detail = buffer_new(arena, 100);
	buffer_add_string(&detail, "This must be one of");
	for (const char *const *choice = field->one_of; *choice != NULL; choice++)
		buffer_format(&detail, "%s %s", choice == field->one_of ? "" : ",", *choice);
	buffer_add_char(&detail, '.');
	return (struct verdict){ "not_allowed", buffer_text(&detail).at };
}

struct verdict
json_check_text(struct arena *arena, const struct field *field, struct text text)
{
	struct verdict verdict = check_choice(arena, field, text);
	const char *wrong;

	if (verdict.code != NULL || field->format == NULL || field->format->check == NULL)
		return verdict;
	wrong = field->format->check(text);
	return wrong == NULL ? fits : bad_format(wrong);
}

static struct verdict
set_plain_text(struct arena *arena, const struct field *field, struct text text, void *member)
{
	struct verdict verdict = json_check_count(arena, field, utf8_count(text));
	struct text copy;

	if (verdict.code != NULL)
		return verdict;
	copy = arena_text(arena, text.at, text.length); /* with NUL behind it, as a format's check expects */
	verdict = json_check_text(arena, field, copy);
	if (verdict.code != NULL)
		return verdict;
	return store(field, member, &copy, sizeof(copy)); /* a maybe_text is laid out alike */
}

/* An amount or a decimal: both are millionths. */
static struct verdict
set_micros(struct arena *arena, const struct field *field, struct text digits, void *member)
{
	struct amount amount;
	struct verdict verdict;

	if (!amount_parse(digits, &amount))
		return bad_format(field->kind == KIND_AMOUNT
				      ? "This must be a decimal number with at most 6 places, such as \"12.34\"."
				      : "This must be a number with at most 6 decimals, without an exponent.");
	verdict = check_range(arena, field, amount.micros);
	return verdict.code != NULL ? verdict : store(field, member, &amount, sizeof(amount));
}

static bool
is_integer(struct text digits)
{
	size_t i = digits.length > 0 && digits.at[0] == '-' ? 1 : 0;

	if (i == digits.length || (digits.at[i] == '0' && digits.length > i + 1))
		return false;
	for (; i < digits.length; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9')
			return false;
	}
	return true;
}

/* As a string any decimal; as a number a whole one, which no reader on the way can have bent. */
static struct verdict
set_quantity(struct arena *arena, const struct field *field, struct token token, void *member)
{
	struct amount amount;
	struct verdict verdict;

	if (token.type == TOKEN_NUMBER && !is_integer(token.text))
		return json_wrong_type(field);
	if (!amount_parse(token.text, &amount))
		return bad_format("This must be a number with at most 6 decimals, and not too large.");
	verdict = check_range(arena, field, amount.micros);
	return verdict.code != NULL ? verdict : store(field, member, &amount, sizeof(amount));
}

static struct verdict
set_coded_text(struct arena *arena, const struct field *field, struct text text, void *member)
{
	struct verdict verdict = check_choice(arena, field, text);
	struct id id;
	struct instant instant;
	struct currency currency;
	struct digest digest;

	if (verdict.code != NULL)
		return verdict;
	switch (field->kind) {
	case KIND_ID:
		return id_parse(text, &id) ? store(field, member, &id, sizeof(id))
					   : bad_format("This must be a ULID of 26 characters.");
	case KIND_INSTANT:
		return instant_parse(text, &instant)
			   ? store(field, member, &instant, sizeof(instant))
			   : bad_format("This must be a time as RFC 3339 has it, such as \"2026-11-22T06:12:32Z\".");
	case KIND_CURRENCY:
		return currency_parse(text, &currency)
			   ? store(field, member, &currency, sizeof(currency))
			   : bad_format("This must be a currency of ISO 4217: three capital letters.");
	default:
		return hex_decode(text, digest.bytes, sizeof(digest.bytes))
			   ? store(field, member, &digest, sizeof(digest))
			   : bad_format("This must be 64 hexadecimal digits.");
	}
}

static struct verdict
set_integer(struct arena *arena, const struct field *field, struct text digits, void *member)
{
	struct verdict verdict;
	int64_t number;

	if (!is_integer(digits))
		return json_wrong_type(field);
	if (!integer_parse(digits, &number))
		return (struct verdict){ "out_of_range", "This number is too large." };
	verdict = check_range(arena, field, number);
	return verdict.code != NULL ? verdict : store(field, member, &number, sizeof(number));
}

struct verdict
json_set(struct arena *arena, const struct field *field, struct token token, void *member)
{
	static const enum token_type wanted[] = { [KIND_INTEGER] = TOKEN_NUMBER,
		[KIND_CREDITS] = TOKEN_NUMBER,
		[KIND_DECIMAL] = TOKEN_NUMBER,
		[KIND_BOOLEAN] = TOKEN_BOOLEAN,
		[KIND_TEXT] = TOKEN_STRING,
		[KIND_ID] = TOKEN_STRING,
		[KIND_INSTANT] = TOKEN_STRING,
		[KIND_AMOUNT] = TOKEN_STRING,
		[KIND_CURRENCY] = TOKEN_STRING,
		[KIND_QUANTITY] = TOKEN_NULL,
		[KIND_DIGEST] = TOKEN_STRING,
		[KIND_OBJECT] = TOKEN_NULL };

	if (field->kind == KIND_QUANTITY && (token.type == TOKEN_STRING || token.type == TOKEN_NUMBER))
		return set_quantity(arena, field, token, member);
	if (token.type == TOKEN_NULL || token.type != wanted[field->kind])
		return json_wrong_type(field);
	switch (field->kind) {
	case KIND_INTEGER:
	case KIND_CREDITS:
		return set_integer(arena, field, token.text, member);
	case KIND_BOOLEAN:
		return store(field, member, &token.truth, sizeof(token.truth));
	case KIND_TEXT:
		return set_plain_text(arena, field, token.text, member);
	case KIND_AMOUNT:
	case KIND_DECIMAL:
		return set_micros(arena, field, token.text, member);
	default:
		return set_coded_text(arena, field, token.text, member);
	}
}

void
json_set_standard(const struct field *field, void *member)
{
	bool truth = field->standard != 0;

	if (field->kind == KIND_BOOLEAN)
		store(field, member, &truth, sizeof(truth));
	else
		store(field, member, &field->standard, sizeof(field->standard));
}

/* ---- parameters ------------------------------------------------------------------------------------------------ */

/* Put before the others; json_faults turns the order. */
static void
note_parameter(struct call *call, const struct field *field, struct verdict verdict, const struct fault **faults)
{
	struct fault *fault = arena_take(call->arena, sizeof(*fault));

	fault->pointer = arena_format(call->arena, "/%s", field->name).at;
	fault->code = verdict.code;
	fault->detail = verdict.detail;
	fault->in_query = true;
	fault->next = *faults;
	*faults = fault;
}

static struct token
token_of_parameter(const struct field *field, struct text value)
{
	bool is_true = text_is(value, "true");

	if (field->kind == KIND_INTEGER || field->kind == KIND_CREDITS || field->kind == KIND_DECIMAL)
		return (struct token){ .type = TOKEN_NUMBER, .text = value };
	if (field->kind == KIND_BOOLEAN && (is_true || text_is(value, "false")))
		return (struct token){ .type = TOKEN_BOOLEAN, .truth = is_true };
	return (struct token){ .type = TOKEN_STRING, .text = value };
}

void
json_read_parameter(struct call *call, const struct shape *shape, const struct field *field, struct text value,
    void *into, const struct fault **faults)
{
	struct verdict verdict;

	assert((size_t)field->offset + field->size <= shape->size);
	verdict = json_set(call->arena, field, token_of_parameter(field, value), (unsigned char *)into + field->offset);
	if (verdict.code != NULL)
		note_parameter(call, field, verdict, faults);
}

void
json_finish_parameters(
    struct call *call, const struct shape *shape, void *into, const bool *seen, const struct fault **faults)
{
	static const struct verdict missing = { "missing", "This is required." };

	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (seen[i] || !json_shows(field))
			continue;
		if (field->preset)
			json_set_standard(field, (unsigned char *)into + field->offset);
		else if (!field->optional)
			note_parameter(call, field, missing, faults);
	}
}

/* Turns the order in which they were put before one another; the first ones found are kept. */
static const struct fault *
in_order(struct call *call, const struct fault *faults, size_t count)
{
	const struct fault *ordered = NULL;

	for (; faults != NULL; faults = faults->next, count--) {
		struct fault *copy;

		if (count > FAULTS_MAX)
			continue;
		copy = arena_take(call->arena, sizeof(*copy));
		*copy = *faults;
		copy->next = ordered;
		ordered = copy;
	}
	return ordered;
}

const struct problem *
json_faults(struct call *call, const struct fault *faults)
{
	size_t count = 0;
	struct problem *p;

	if (faults == NULL)
		return NULL;
	for (const struct fault *fault = faults; fault != NULL; fault = fault->next)
		count++;
	p = arena_take(call->arena, sizeof(*p));
	p->kind = INVALID;
	p->faults = in_order(call, faults, count);
	p->detail = count == 1 ? faults->detail : "Several parameters do not fit; `errors` names each.";
	return p;
}
