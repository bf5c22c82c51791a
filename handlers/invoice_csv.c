/*
 * An invoice as CSV: a row for each line, and one for each of the totals.
 */
#include "csv.h"
#include "document.h"
#include "invoice_details.h"
#include "text.h"

static const char *const columns[] = { "invoice", "position", "kind", "description", "from", "to", "quantity", "unit",
	"unit_price", "credits", "currency", "amount", "tax_name", "tax_rate_millionths", "tax" };

void
invoice_name_file(struct call *call, const struct invoice *invoice, const char *ending)
{
	document_name_file(call, "invoice", text_or(invoice->number, "draft"), ending);
}

static void
write_line(struct csv *csv, const struct invoice *invoice, const struct invoice_line *line)
{
	csv_maybe_text(csv, invoice->number);
	csv_integer(csv, line->position);
	csv_text(csv, line->kind);
	csv_text(csv, line->description);
	csv_maybe_instant(csv, line->from);
	csv_maybe_instant(csv, line->to);
	csv_maybe_quantity(csv, line->quantity);
	csv_maybe_text(csv, line->unit);
	csv_maybe_amount(csv, line->unit_price);
	csv_maybe_credits(csv, line->credits);
	csv_text(csv, invoice->currency);
	csv_amount(csv, line->amount);
	csv_maybe_text(csv, line->tax_rate_name);
	csv_integer(csv, line->tax_rate);
	csv_amount(csv, line->tax);
	csv_row_end(csv);
}

static void
write_total(struct csv *csv, const struct invoice *invoice, const char *kind, struct amount amount)
{
	csv_maybe_text(csv, invoice->number);
	csv_nothing(csv, 1);
	csv_text(csv, text_from(kind));
	csv_nothing(csv, 7);
	csv_text(csv, invoice->currency);
	csv_amount(csv, amount);
	csv_nothing(csv, 3);
	csv_row_end(csv);
}

const struct problem *
invoice_csv_write(struct call *call, const void *details)
{
	const struct invoice_details *all = details;
	const struct invoice_line *line = all->lines.items;
	struct csv csv = csv_to(&call->reply.body);

	for (size_t i = 0; i < COUNT(columns); i++)
		csv_string(&csv, columns[i]);
	csv_row_end(&csv);
	for (size_t i = 0; i < all->lines.count; i++)
		write_line(&csv, &all->invoice, &line[i]);
	write_total(&csv, &all->invoice, "subtotal", all->invoice.subtotal);
	write_total(&csv, &all->invoice, "tax", all->invoice.tax);
	write_total(&csv, &all->invoice, "total", all->invoice.total);
	invoice_name_file(call, &all->invoice, "csv");
	return NULL;
}
