/*
 * What the lines of an invoice come to: the tax of each rate on the sum, the residue on the largest line, and the parts
 * that add up, whatever the lines are.
 */
#include <inttypes.h>
#include <string.h>

#include "handlers/invoice_parts.h"
#include "text.h"
#include "unit.h"

enum { CENT = 10000, MOST = 400 };

static struct invoice_line lines[MOST];
static struct invoice invoice;

static void
begin(bool tax_included)
{
	memset(lines, 0, sizeof(lines));
	invoice = (struct invoice){ .tax_included = tax_included, .lines = { lines, 0 } };
}

static struct invoice_line *
add(int64_t cents, int64_t rate, const char *name)
{
	struct invoice_line *line = &lines[invoice.lines.count++];

	line->amount.micros = cents * CENT;
	line->tax_rate = rate;
	if (name != NULL)
		line->tax_rate_name = text_given(text_from(name));
	return line;
}

/* What holds of every invoice. */
static void
check_sums(void)
{
	int64_t amounts = 0, taxes = 0;

	for (size_t i = 0; i < invoice.lines.count; i++) {
		amounts += lines[i].amount.micros;
		taxes += lines[i].tax.micros;
		assert_int_equal(lines[i].tax.micros % CENT, 0);
	}
	assert_int_equal(invoice.tax.micros, taxes);
	assert_int_equal(invoice.subtotal.micros + invoice.tax.micros, invoice.total.micros);
	assert_int_equal(invoice.tax_included ? invoice.total.micros : invoice.subtotal.micros, amounts);
	assert_int_equal(invoice.lines_count, (int64_t)invoice.lines.count);
}

static void
the_residue_goes_to_the_largest_line(void **state)
{
	(void)state;
	begin(false);
	/* Each of these has 0.005 of tax, which is rounded to the even 0.00; the sum of 0.35 has 0.035, so 0.04. */
	for (int i = 0; i < 5; i++)
		add(5, 100000, "GST");
	add(10, 100000, "GST");
	assert_true(invoice_tax_lines(&invoice));
	assert_int_equal(invoice.tax.micros, 4 * CENT);
	assert_int_equal(lines[0].tax.micros, 0);
	assert_int_equal(lines[5].tax.micros, 4 * CENT);
	check_sums();
}

static void
among_equals_it_goes_to_the_first(void **state)
{
	(void)state;
	begin(false);
	for (int i = 0; i < 3; i++)
		add(15, 100000, "GST"); /* 0.015 each, to 0.02; 0.045 together, to 0.04 */
	assert_true(invoice_tax_lines(&invoice));
	assert_int_equal(invoice.tax.micros, 4 * CENT);
	assert_int_equal(lines[0].tax.micros, 0);
	assert_int_equal(lines[1].tax.micros, 2 * CENT);
	check_sums();
}

static void
each_rate_is_taxed_by_itself(void **state)
{
	(void)state;
	begin(false);
	add(1000, 100000, "GST");
	add(1000, 150000, "GST");
	add(1000, 150000, "VAT");
	add(1000, 0, NULL);
	assert_true(invoice_tax_lines(&invoice));
	assert_int_equal(lines[0].tax.micros, 100 * CENT);
	assert_int_equal(lines[1].tax.micros, 150 * CENT);
	assert_int_equal(lines[2].tax.micros, 150 * CENT);
	assert_int_equal(lines[3].tax.micros, 0);
	assert_int_equal(invoice.total.micros, 4400 * CENT);
	check_sums();
}

static void
tax_can_be_in_the_price(void **state)
{
	(void)state;
	begin(true);
	add(1100, 100000, "GST");
	add(1, 100000, "GST");
	assert_true(invoice_tax_lines(&invoice));
	assert_int_equal(invoice.total.micros, 1101 * CENT);
	assert_int_equal(invoice.tax.micros, 100 * CENT);
	assert_int_equal(invoice.subtotal.micros, 1001 * CENT);
	check_sums();
}

static void
what_is_given_back_gives_its_tax_back(void **state)
{
	(void)state;
	begin(false);
	add(1005, 100000, "GST");
	add(-1005, 100000, "GST");
	add(-30, 150000, "VAT");
	assert_true(invoice_tax_lines(&invoice));
	assert_int_equal(lines[0].tax.micros, -lines[1].tax.micros);
	assert_int_equal(lines[2].tax.micros, -4 * CENT); /* 0.045, half to even */
	assert_int_equal(invoice.total.micros, -34 * CENT);
	check_sums();
}

static void
what_can_not_be_counted_is_told(void **state)
{
	(void)state;
	begin(false);
	add(INT64_MAX / CENT, 0, NULL);
	add(INT64_MAX / CENT, 0, NULL);
	assert_false(invoice_tax_lines(&invoice));
}

/* A generator of our own, so that a failure can be repeated. */
static uint64_t
next(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 33;
}

static void
whatever_the_lines_are_their_parts_add_up(void **state)
{
	static const int64_t rates[] = { 0, 100000, 150000, 77000, 190000, 255000, 1 };
	uint64_t seed = 20261122;

	(void)state;
	for (int round = 0; round < 400; round++) {
		size_t count = 1 + next(&seed) % (MOST - 1);

		begin(next(&seed) % 2 == 0);
		for (size_t i = 0; i < count; i++)
			add((int64_t)(next(&seed) % 2000000) - 300000, rates[next(&seed) % COUNT(rates)], "TAX");
		assert_true(invoice_tax_lines(&invoice));
		check_sums();
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("the residue of rounding goes to the largest line", the_residue_goes_to_the_largest_line),
		PROVES("among equal lines it goes to the first", among_equals_it_goes_to_the_first),
		PROVES("each rate is taxed by itself, on its sum", each_rate_is_taxed_by_itself),
		PROVES("tax can be in the price", tax_can_be_in_the_price),
		PROVES("what is given back gives its tax back", what_is_given_back_gives_its_tax_back),
		PROVES("what can not be counted is told", what_can_not_be_counted_is_told),
		PROVES("whatever the lines are, their parts add up", whatever_the_lines_are_their_parts_add_up),
	};

	return RUN(tests);
}
