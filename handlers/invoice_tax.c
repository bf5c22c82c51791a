/*
 * What the lines of an invoice come to: each amount rounded once, the tax computed once per rate on the sum of the
 * lines at it, and given to the lines such that their parts add up. Rounding is half-even, to a hundredth of the
 * currency, and the same for what is given back.
 */
#include "invoice_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "money.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

enum { MILLION = 1000000, DATE_LENGTH = 11 };

/* ---- rates ----------------------------------------------------------------------------------------------------- */

struct country_of {
	struct text country;
};
static const struct field country_of_fields[] = {
	FIELD(country_of, country, ANY, "The country."),
};
SHAPE(country_of)

struct rate {
	struct text valid_from; /* YYYY-MM-DD */
	struct text name;
	int64_t rate;
};
static const struct field rate_fields[] = {
	FIELD(rate, valid_from, ANY, "Its first day."),
	FIELD(rate, name, ANY, "What the tax is called."),
	FIELD(rate, rate, ANY, "Millionths."),
};
SHAPE(rate)

static const struct statement list_rates = {
	.sql = "SELECT COALESCE(CAST(valid_from AS CHAR), '') AS valid_from, name, rate FROM tax_rate WHERE country = "
	       ":country"
	       " ORDER BY valid_from DESC",
	.takes = &country_of_shape,
	.gives = &rate_shape,
	.crosses_organizations = "the rates of a country are the same for everybody",
};

/* The last day of what the line is for; today, where it is for no stretch of time. */
static bool
day_of_line(const struct call *call, struct text zone, const struct invoice_line *line, char out[static DATE_LENGTH])
{
	struct instant at = call->now;
	struct date date;

	if (line->to.given)
		at.microseconds = line->to.value.microseconds - 1;
	else if (line->from.given)
		at = line->from.value;
	if (!zone_date(zone, at, &date) && !zone_date(TEXT("UTC"), at, &date))
		return false;
	if (date.year < 1 || date.year > 9999)
		return false;
	snprintf(out, DATE_LENGTH, "%04u-%02u-%02u", (unsigned)(date.year % 10000), (unsigned)(date.month % 100),
	    (unsigned)(date.day % 100));
	return true;
}

/* The rates come newest first. */
static void
set_rate(struct invoice_line *line, const struct list *rates, const char *day)
{
	const struct rate *rate = rates->items;

	line->tax_rate_name = (struct maybe_text){ .at = NULL };
	line->tax_rate = 0;
	for (size_t i = 0; i < rates->count; i++) {
		if (strcmp(rate[i].valid_from.at, day) > 0)
			continue;
		line->tax_rate_name = text_given(rate[i].name);
		line->tax_rate = rate[i].rate;
		return;
	}
}

static const struct problem *
set_rates(struct call *call, struct invoice *invoice)
{
	struct country_of country = { invoice->customer_country };
	struct invoice_line *line = invoice->lines.items;
	struct list rates = { .count = 0 };
	char day[DATE_LENGTH];
	const struct problem *p = NULL;

	if (country.country.length > 0)
		p = sql_all(call, &list_rates, &country, &rates);
	for (size_t i = 0; p == NULL && i < invoice->lines.count; i++) {
		if (!day_of_line(call, invoice->timezone, &line[i], day))
			return fail_internal(call, "a line of an invoice is of no day");
		set_rate(&line[i], &rates, day);
	}
	return p;
}

/* ---- arithmetic ------------------------------------------------------------------------------------------------ */

/* share_of, of an amount with a sign. */
static bool
signed_share(int64_t amount, int64_t part, int64_t whole, int64_t *share)
{
	bool below = amount < 0;

	if (amount == INT64_MIN || !share_of(below ? -amount : amount, part, whole, MINOR_UNIT_MICROS, share))
		return false;
	*share = below ? -*share : *share;
	return true;
}

/* The tax on, or in, so much. */
static bool
tax_of(const struct invoice *invoice, int64_t amount, int64_t rate, int64_t *tax)
{
	return signed_share(amount, rate, invoice->tax_included ? MILLION + rate : MILLION, tax);
}

bool
invoice_tax_in(const struct invoice *invoice, int64_t part, int64_t *tax)
{
	if (invoice->total.micros == 0)
		return *tax = 0, true;
	return signed_share(invoice->tax.micros, part, invoice->total.micros, tax);
}

/* What is given without tax on an invoice that includes it, and the other way round. */
static bool
convert(const struct invoice *invoice, struct invoice_line *line)
{
	bool is_other = line->basis == (invoice->tax_included ? INVOICE_NET : INVOICE_GROSS);
	int64_t whole = MILLION + line->tax_rate, given = line->given.micros, share;

	if (!is_other || line->tax_rate == 0)
		return true;
	if (given == INT64_MIN || !share_of(given < 0 ? -given : given, invoice->tax_included ? whole : MILLION,
				      invoice->tax_included ? MILLION : whole, 1, &share))
		return false;
	line->exact.micros = given < 0 ? -share : share;
	line->unit_price.given = false;
	return signed_share(line->exact.micros, 1, 1, &line->amount.micros);
}

static bool
same_rate(const struct invoice_line *a, const struct invoice_line *b)
{
	if (a->tax_rate != b->tax_rate || (a->tax_rate_name.at == NULL) != (b->tax_rate_name.at == NULL))
		return false;
	return a->tax_rate_name.at == NULL || text_equal((struct text){ a->tax_rate_name.at, a->tax_rate_name.length },
						  (struct text){ b->tax_rate_name.at, b->tax_rate_name.length });
}

/* The tax of the lines at the rate of that one, the first of them. */
static bool
tax_group(struct invoice *invoice, size_t first)
{
	struct invoice_line *line = invoice->lines.items, *largest = &line[first];
	struct amount sum = { 0 }, parts = { 0 };
	int64_t tax;

	for (size_t i = first; i < invoice->lines.count; i++) {
		if (!same_rate(&line[first], &line[i]))
			continue;
		if (!tax_of(invoice, line[i].amount.micros, line[i].tax_rate, &line[i].tax.micros) ||
		    !amount_add(sum, line[i].amount, &sum) || !amount_add(parts, line[i].tax, &parts))
			return false;
		if (line[i].amount.micros > largest->amount.micros)
			largest = &line[i];
	}
	if (!tax_of(invoice, sum.micros, line[first].tax_rate, &tax))
		return false;
	largest->tax.micros += tax - parts.micros;
	return true;
}

static bool
is_first_of_rate(const struct invoice *invoice, size_t index)
{
	const struct invoice_line *line = invoice->lines.items;

	for (size_t i = 0; i < index; i++)
		if (same_rate(&line[i], &line[index]))
			return false;
	return true;
}

bool
invoice_sum(struct invoice *invoice)
{
	const struct invoice_line *line = invoice->lines.items;
	struct amount amounts = { 0 };

	invoice->tax = invoice->accrued = (struct amount){ 0 };
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (!amount_add(amounts, line[i].amount, &amounts) ||
		    !amount_add(invoice->tax, line[i].tax, &invoice->tax) ||
		    !amount_add(invoice->accrued, line[i].accrued, &invoice->accrued))
			return false;
	invoice->subtotal = invoice->total = amounts;
	invoice->lines_count = (int64_t)invoice->lines.count;
	if (invoice->tax_included)
		return !__builtin_sub_overflow(amounts.micros, invoice->tax.micros, &invoice->subtotal.micros);
	return amount_add(amounts, invoice->tax, &invoice->total);
}

bool
invoice_tax_lines(struct invoice *invoice)
{
	struct invoice_line *line = invoice->lines.items;

	for (size_t i = 0; i < invoice->lines.count; i++)
		if (!convert(invoice, &line[i]))
			return false;
	for (size_t i = 0; i < invoice->lines.count; i++)
		if (is_first_of_rate(invoice, i) && !tax_group(invoice, i))
			return false;
	return invoice_sum(invoice);
}

const struct problem *
invoice_tax(struct call *call, struct invoice *invoice)
{
	const struct problem *p = set_rates(call, invoice);

	if (p != NULL)
		return p;
	if (!invoice_tax_lines(invoice))
		return fail(call, CONFLICT, "The invoice would come to more than can be billed at once.");
	invoice->due = invoice->total;
	return NULL;
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */

const struct problem *
invoice_add_line(struct call *call, struct invoice *invoice, const struct invoice_line *line)
{
	struct invoice_line *lines = invoice->lines.items, *added;

	if (invoice->lines.count == invoice->room) {
		size_t room = invoice->room == 0 ? 16 : 2 * invoice->room;

		lines = arena_array(call->arena, room, sizeof(*lines));
		if (invoice->lines.count > 0)
			memcpy(lines, invoice->lines.items, invoice->lines.count * sizeof(*lines));
		invoice->lines.items = lines;
		invoice->room = room;
	}
	added = &lines[invoice->lines.count];
	*added = *line;
	added->invoice_id = invoice->id;
	added->given = line->exact;
	if (!signed_share(line->exact.micros, 1, 1, &added->amount.micros))
		return fail(call, CONFLICT, "A line would come to more than can be billed at once.");
	invoice->lines.count++;
	added->position = (int64_t)invoice->lines.count;
	return NULL;
}

/* ---- sums by rate ---------------------------------------------------------------------------------------------- */

static const struct field invoice_tax_sum_fields[] = {
	FIELD(invoice_tax_sum, name, ANY, "The tax; null: none."),
	FIELD(invoice_tax_sum, rate, ANY, "Its rate, in millionths."),
	FIELD(invoice_tax_sum, net, ANY, "The sum at that rate, without the tax."),
	FIELD(invoice_tax_sum, tax, ANY, "The tax."),
};
const struct shape invoice_tax_sum_shape = {
	.name = "invoice_tax_sum",
	.size = sizeof(struct invoice_tax_sum),
	.count = COUNT(invoice_tax_sum_fields),
	.fields = invoice_tax_sum_fields,
};

static struct invoice_tax_sum
sum_of_rate(const struct invoice *invoice, size_t first)
{
	const struct invoice_line *line = invoice->lines.items;
	struct invoice_tax_sum sum = { .name = line[first].tax_rate_name, .rate = line[first].tax_rate };

	for (size_t i = first; i < invoice->lines.count; i++) {
		if (!same_rate(&line[first], &line[i]))
			continue;
		sum.tax.micros += line[i].tax.micros;
		sum.net.micros += line[i].amount.micros - (invoice->tax_included ? line[i].tax.micros : 0);
	}
	return sum;
}

struct list
invoice_tax_sums(struct call *call, const struct invoice *invoice)
{
	size_t count = 0;
	struct invoice_tax_sum *sums = arena_array(call->arena, invoice->lines.count + 1, sizeof(*sums));

	for (size_t i = 0; i < invoice->lines.count; i++)
		if (is_first_of_rate(invoice, i))
			sums[count++] = sum_of_rate(invoice, i);
	return (struct list){ sums, count };
}

const struct resource invoice_tax_resource = {
	.name = "invoice_tax",
	.summary = "What invoices come to.",
	.statements = LIST_OF(statement, &list_rates),
};
