/*
 * Writes CSV, cell by cell.
 */
#include "csv.h"

#include <string.h>

#include "clock.h"
#include "money.h"
#include "text.h"

struct csv
csv_to(struct buffer *out)
{
	return (struct csv){ .out = out };
}

static void
begin_cell(struct csv *csv)
{
	if (csv->in_row)
		buffer_add_char(csv->out, ',');
	csv->in_row = true;
}

/* Spreadsheets look behind blanks, too. */
static bool
is_formula(struct text text)
{
	size_t i = 0;

	while (i < text.length && text.at[i] == ' ')
		i++;
	return i < text.length && strchr("=+-@\t\r\n", text.at[i]) != NULL;
}

void
csv_text(struct csv *csv, struct text text)
{
	begin_cell(csv);
	buffer_add_char(csv->out, '"');
	if (is_formula(text))
		buffer_add_char(csv->out, '\'');
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '"')
			buffer_add_char(csv->out, '"');
		buffer_add_char(csv->out, text.at[i]);
	}
	buffer_add_char(csv->out, '"');
}

void
csv_maybe_text(struct csv *csv, struct maybe_text text)
{
	if (text.at == NULL)
		csv_nothing(csv, 1);
	else
		csv_text(csv, (struct text){ text.at, text.length });
}

void
csv_string(struct csv *csv, const char *text)
{
	begin_cell(csv);
	buffer_add_string(csv->out, text);
}

void
csv_integer(struct csv *csv, int64_t number)
{
	begin_cell(csv);
	buffer_add_integer(csv->out, number);
}

void
csv_amount(struct csv *csv, struct amount amount)
{
	char text[AMOUNT_LENGTH + 1];

	amount_format(amount, text);
	csv_string(csv, text);
}

void
csv_maybe_amount(struct csv *csv, struct maybe_amount amount)
{
	if (amount.given)
		csv_amount(csv, amount.value);
	else
		csv_nothing(csv, 1);
}

void
csv_maybe_credits(struct csv *csv, struct maybe_credits credits)
{
	if (credits.given)
		csv_integer(csv, credits.value.count);
	else
		csv_nothing(csv, 1);
}

void
csv_maybe_quantity(struct csv *csv, struct maybe_quantity quantity)
{
	char text[AMOUNT_LENGTH + 1];

	if (!quantity.given) {
		csv_nothing(csv, 1);
		return;
	}
	quantity_format(quantity.value, text);
	csv_string(csv, text);
}

void
csv_maybe_instant(struct csv *csv, struct maybe_instant at)
{
	char text[RFC3339_LENGTH + 1];

	if (!at.given) {
		csv_nothing(csv, 1);
		return;
	}
	instant_format(at.value, text);
	csv_string(csv, text);
}

void
csv_nothing(struct csv *csv, size_t cells)
{
	for (size_t i = 0; i < cells; i++)
		begin_cell(csv);
}

void
csv_row_end(struct csv *csv)
{
	buffer_add_string(csv->out, "\r\n");
	csv->in_row = false;
}
