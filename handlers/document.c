/*
 * Days, amounts, rates and parties in words, for documents.
 */
#include "document.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "money.h"
#include "text.h"
#include "tree.h"

enum { FACTS_MOST = 600, PERIOD_LENGTH = 7, MONTH_AT = 5 };

static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August",
	"September", "October", "November", "December" };

/* ---- days ------------------------------------------------------------------------------------------------------ */

static struct text
day_in_words(struct call *call, struct date date)
{
	return arena_format(
	    call->arena, "%" PRId64 " %s %" PRId64, date.day, months[(date.month + 11) % 12], date.year);
}

static struct date
day_at(struct text zone, struct instant at)
{
	struct date date = { 1970, 1, 1 };

	if (!zone_date(zone, at, &date))
		zone_date(TEXT("UTC"), at, &date);
	return date;
}

struct text
document_day(struct call *call, struct text zone, struct instant at)
{
	return day_in_words(call, day_at(zone, at));
}

struct text
document_days(struct call *call, struct text zone, struct instant from, struct instant to)
{
	struct date first = day_at(zone, from), last = first;

	if (to.microseconds > from.microseconds)
		last = day_at(zone, (struct instant){ to.microseconds - 1 });
	if (first.year == last.year && first.month == last.month && first.day == last.day)
		return day_in_words(call, first);
	return arena_format(call->arena, "%s to %s", day_in_words(call, first).at, day_in_words(call, last).at);
}

struct text
document_month(struct call *call, struct text period)
{
	int64_t month;

	if (period.length != PERIOD_LENGTH)
		return period;
	month = (period.at[MONTH_AT] - '0') * 10 + (period.at[MONTH_AT + 1] - '0');
	if (month < 1 || month > 12)
		return period;
	return arena_format(call->arena, "%s %.4s", months[month - 1], period.at);
}

/* ---- figures --------------------------------------------------------------------------------------------------- */

struct text
document_amount(struct call *call, struct amount amount)
{
	char digits[AMOUNT_LENGTH + 1];

	amount_format(amount, digits);
	return arena_text(call->arena, digits, strlen(digits));
}

struct text
document_quantity(struct call *call, struct quantity quantity)
{
	char digits[AMOUNT_LENGTH + 1];

	quantity_format(quantity, digits);
	return arena_text(call->arena, digits, strlen(digits));
}

struct text
document_credits(struct call *call, struct credits credits)
{
	return arena_format(call->arena, "%" PRId64, credits.count);
}

struct text
document_tax(struct call *call, struct maybe_text name, int64_t rate)
{
	char digits[AMOUNT_LENGTH + 1];

	quantity_format((struct quantity){ rate * 100 }, digits);
	if (name.at == NULL || name.length == 0)
		return arena_format(call->arena, "%s %%", digits);
	return arena_format(call->arena, "%.*s %s %%", (int)name.length, name.at, digits);
}

/* ---- parties --------------------------------------------------------------------------------------------------- */

static void
add_line(struct buffer *out, struct text line)
{
	if (line.length == 0)
		return;
	if (out->length > 0)
		buffer_add_char(out, '\n');
	buffer_add_text(out, line);
}

struct text
document_party(struct call *call, const struct invoice_party *party, bool with_name)
{
	struct buffer out = buffer_new(call->arena, 256);

	if (with_name)
		add_line(&out, party->name);
	for (size_t i = 0; i < party->address.count; i++)
		add_line(&out, party->address.items[i]);
	add_line(&out, text_or(party->tax_number, ""));
	return buffer_text(&out);
}

/* ---- facts ----------------------------------------------------------------------------------------------------- */

static bool
ends_in_id(struct text name)
{
	return (name.length == 2 || (name.length > 2 && name.at[name.length - 3] == '_')) &&
	       memcmp(name.at + name.length - 2, "id", 2) == 0;
}

static struct text
value_in_words(const struct tree *value)
{
	switch (value->kind) {
	case TREE_TEXT:
	case TREE_NUMBER:
		return value->text;
	case TREE_TRUE:
		return TEXT("yes");
	case TREE_FALSE:
		return TEXT("no");
	default:
		return TEXT("");
	}
}

static void
add_fact(struct buffer *out, const struct tree *member)
{
	struct text value = value_in_words(member);

	if (value.length == 0 || member->name.length < 2 || ends_in_id(member->name))
		return;
	if (out->length > 0)
		buffer_add_string(out, "; ");
	for (size_t i = 0; i < member->name.length; i++)
		buffer_add_char(out, member->name.at[i] == '_' ? ' ' : member->name.at[i]);
	buffer_add_char(out, ' ');
	buffer_add_text(out, value);
}

struct text
document_facts(struct call *call, struct document json)
{
	struct buffer out = buffer_new(call->arena, 256);
	const struct tree *tree = NULL;

	if (json.at != NULL)
		tree = tree_parse(call->arena, (struct text){ json.at, json.length });
	for (const struct tree *member = tree == NULL || tree->kind != TREE_OBJECT ? NULL : tree->first;
	     member != NULL && out.length < FACTS_MOST; member = member->next)
		add_fact(&out, member);
	return buffer_text(&out);
}
