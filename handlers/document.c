/*
 * Days, amounts, rates and parties in words, for documents.
 */
#include "document.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "money.h"
#include "reply.h"
#include "text.h"
#include "tree.h"

#define DOT " \xC2\xB7 "

enum { FACTS_MOST = 600, PERIOD_LENGTH = 7, DATE_LENGTH = 10, MONTH_AT = 5, DAY_AT = 8 };

static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July", "August",
	"September", "October", "November", "December" };

/* ---- days ------------------------------------------------------------------------------------------------------ */

static int64_t
two_digits(const char *at)
{
	return (at[0] - '0') * 10 + (at[1] - '0');
}

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
	month = two_digits(period.at + MONTH_AT);
	if (month < 1 || month > 12)
		return period;
	return arena_format(call->arena, "%s %.4s", months[month - 1], period.at);
}

struct text
document_date(struct call *call, struct text on)
{
	struct date date;

	if (on.length != DATE_LENGTH)
		return on;
	date.year = two_digits(on.at) * 100 + two_digits(on.at + 2);
	date.month = two_digits(on.at + MONTH_AT);
	date.day = two_digits(on.at + DAY_AT);
	return day_in_words(call, date);
}

struct text
document_moment(struct call *call, struct text zone, struct instant at)
{
	struct date date = day_at(zone, at);
	int64_t offset = 0, minutes;

	if (!zone_offset(zone, at, &offset))
		offset = 0;
	minutes = (at.microseconds / 1000000 + offset) / 60 % (24 * 60);
	return arena_format(call->arena, "%" PRId64 " %.3s %" PRId64 " %02" PRId64 ":%02" PRId64, date.day,
	    months[(date.month + 11) % 12], date.year, minutes / 60, minutes % 60);
}

struct text
document_words(struct call *call, struct text name)
{
	struct buffer out = buffer_new(call->arena, name.length + 1);

	for (size_t i = 0; i < name.length; i++)
		buffer_add_char(&out, name.at[i] == '_' ? ' ' : name.at[i]);
	if (out.length > 0 && out.at[0] >= 'a' && out.at[0] <= 'z')
		out.at[0] = (char)(out.at[0] - 'a' + 'A');
	return buffer_text(&out);
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

struct pdf_head
document_head(struct call *call, const struct invoice_party *issuer, struct text title, struct text number)
{
	struct pdf_head head = { .title = title, .subtitle = number, .sender = issuer->name };
	struct text tax_number = text_or(issuer->tax_number, "");
	struct buffer foot = buffer_new(call->arena, 256);

	head.address = document_party(call, issuer, false);
	buffer_add_text(&foot, issuer->name);
	if (tax_number.length > 0) {
		buffer_add_string(&foot, DOT);
		buffer_add_text(&foot, tax_number);
	}
	buffer_add_string(&foot, foot.length > 0 ? DOT : "");
	buffer_add_text(&foot, title);
	buffer_add_char(&foot, ' ');
	buffer_add_text(&foot, number);
	head.foot = buffer_text(&foot);
	return head;
}

void
document_add_pair(struct document_pairs *pairs, const char *name, struct text value, bool strong)
{
	if (value.length > 0 && pairs->count < COUNT(pairs->items))
		pairs->items[pairs->count++] = (struct pdf_pair){ text_from(name), value, strong };
}

void
document_parties(struct call *call, struct pdf *pdf, const char *whom, const struct invoice_party *customer,
    struct text heading, const struct document_pairs *pairs)
{
	struct pdf_part *parts = arena_array(call->arena, 2, sizeof(*parts));

	parts[0] = (struct pdf_part){ .heading = text_from(whom), .lines = document_party(call, customer, true) };
	parts[1] = (struct pdf_part){ .heading = heading, .pairs = pairs->items, .pair_count = pairs->count };
	pdf_parts(pdf, parts, 2);
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

/* ---- files ----------------------------------------------------------------------------------------------------- */

void
document_name_file(struct call *call, const char *kind, struct text number, const char *ending)
{
	struct buffer name = buffer_new(call->reply_arena, 64);

	buffer_format(&name, "attachment; filename=\"%s-", kind);
	for (size_t i = 0; i < number.length; i++)
		buffer_add_char(&name, number.at[i] == '/' ? '-' : number.at[i]);
	buffer_format(&name, ".%s\"", ending);
	reply_header(call, "Content-Disposition", buffer_text(&name));
}
