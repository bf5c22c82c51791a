/*
 * An invoice as a document: who bills whom, for what, what each line was computed from, and what is left to be paid. It
 * shows what is stored, in the words of the organization's calendar; the digits are those of JSON.
 */
#include "invoice_details.h"

#include "document.h"
#include "money.h"
#include "pdf.h"
#include "text.h"

enum { TOTALS_MOST = 8 };

/* Where a line's figures stand. */
enum column { DESCRIPTION, QUANTITY, PRICE, CREDITS, TAX, AMOUNT, COLUMNS };

struct print {
	struct call *call;
	const struct invoice *invoice;
	struct list lines, taxes, credit_notes;
	const struct invoice_party *issuer, *customer;
	bool is_taxed;
};

/* ---- title and parties ----------------------------------------------------------------------------------------- */

static struct text
given(struct maybe_text text)
{
	return text_or(text, "");
}

static struct text
title_of(const struct print *print)
{
	if (invoice_has_status(print->invoice, "draft"))
		return TEXT("Draft invoice");
	return print->is_taxed && print->issuer->tax_number.at != NULL ? TEXT("Tax invoice") : TEXT("Invoice");
}

static struct text
status_of(const struct print *print)
{
	const struct invoice *invoice = print->invoice;

	if (invoice_has_status(invoice, "paid") && invoice->paid_at.given)
		return arena_format(print->call->arena, "Paid on %s",
		    document_day(print->call, invoice->timezone, invoice->paid_at.value).at);
	if (invoice_has_status(invoice, "void"))
		return TEXT("Void");
	if (invoice_has_status(invoice, "uncollectible"))
		return TEXT("Uncollectible");
	return TEXT("");
}

static void
add_parties(struct print *print, struct pdf *pdf)
{
	struct call *call = print->call;
	const struct invoice *invoice = print->invoice;
	struct document_pairs *pairs = arena_take(call->arena, sizeof(*pairs));

	document_add_pair(pairs, "Number", given(invoice->number), true);
	if (invoice->issued_at.given)
		document_add_pair(
		    pairs, "Issued", document_day(call, invoice->timezone, invoice->issued_at.value), false);
	if (invoice->period.at != NULL)
		document_add_pair(pairs, "Period", document_month(call, given(invoice->period)), false);
	if (invoice->due_at.given && invoice_has_status(invoice, "issued"))
		document_add_pair(pairs, "Due", document_day(call, invoice->timezone, invoice->due_at.value), true);
	document_add_pair(pairs, "Status", status_of(print), true);
	document_add_pair(pairs, "Reference", given(invoice->reference), false);
	document_add_pair(pairs, "Time zone", invoice->timezone, false);
	document_parties(call, pdf, "Bill to", print->customer, TEXT("Invoice"), pairs);
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */

static void
look_for_taxes(struct print *print)
{
	const struct invoice_line *line = print->lines.items;

	for (size_t i = 0; i < print->lines.count && !print->is_taxed; i++)
		print->is_taxed = line[i].tax_rate_name.at != NULL;
}

static struct text
quantity_of(struct call *call, const struct invoice_line *line)
{
	struct text digits = TEXT("");

	if (!line->quantity.given)
		return digits;
	digits = document_quantity(call, line->quantity.value);
	if (line->unit.at == NULL || line->unit.length == 0)
		return digits;
	return arena_format(call->arena, "%s\n%.*s", digits.at, (int)line->unit.length, line->unit.at);
}

/* Where the quantity is not the credits. */
static struct text
credits_of(struct call *call, const struct invoice_line *line)
{
	if (!line->credits.given || text_is(given(line->unit), "credit"))
		return TEXT("");
	return document_credits(call, line->credits.value);
}

static struct text
note_of(const struct print *print, const struct invoice_line *line)
{
	struct call *call = print->call;
	struct text facts = text_is(line->kind, "topup") ? TEXT("") : document_facts(call, line->source);
	struct text days = TEXT("");

	if (line->from.given && line->to.given)
		days = document_days(call, print->invoice->timezone, line->from.value, line->to.value);
	return arena_format(call->arena, "%s%s%s", days.at, days.length > 0 && facts.length > 0 ? "\n" : "", facts.at);
}

static const struct problem *
put_line(const struct print *print, struct pdf_rows *rows, const struct invoice_line *line, struct amount *sum)
{
	struct call *call = print->call;
	struct pdf_row row = { .carries = true };

	if (!amount_add(*sum, line->amount, sum))
		return fail_internal(call, "the lines of an invoice add up to too much");
	row.cells[DESCRIPTION] = line->description;
	row.cells[QUANTITY] = quantity_of(call, line);
	if (line->unit_price.given)
		row.cells[PRICE] = document_amount(call, line->unit_price.value);
	row.cells[CREDITS] = credits_of(call, line);
	if (print->is_taxed)
		row.cells[TAX] = document_tax(call, (struct maybe_text){ .at = NULL }, line->tax_rate);
	row.cells[AMOUNT] = document_amount(call, line->amount);
	row.carried[AMOUNT] = document_amount(call, *sum);
	row.note = note_of(print, line);
	return pdf_put(rows, &row);
}

static const struct problem *
put_lines(struct call *call, const void *context, struct pdf_rows *rows)
{
	const struct print *print = context;
	const struct invoice_line *line = print->lines.items;
	struct amount sum = { 0 };
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && i < print->lines.count; i++) {
		struct arena_mark mark = arena_mark(call->arena);

		p = put_line(print, rows, &line[i], &sum);
		if (p == NULL)
			arena_release(call->arena, mark);
	}
	return p;
}

static void
add_lines(const struct print *print, struct pdf *pdf)
{
	struct arena *arena = print->call->arena;
	struct text currency = print->invoice->currency;
	struct pdf_column *columns = arena_array(arena, COLUMNS, sizeof(*columns));
	struct pdf_table *table = arena_take(arena, sizeof(*table));

	columns[DESCRIPTION] = (struct pdf_column){ TEXT("Description"), 1, false, false };
	columns[QUANTITY] = (struct pdf_column){ TEXT("Quantity"), 0, true, true };
	columns[PRICE] = (struct pdf_column){ TEXT("Unit price"), 0, true, true };
	columns[CREDITS] = (struct pdf_column){ TEXT("Credits"), 0, true, true };
	columns[TAX] = (struct pdf_column){ TEXT("Tax"), 0, true, true };
	columns[AMOUNT] =
	    (struct pdf_column){ arena_format(arena, "Amount %.*s%s", (int)currency.length, currency.at,
				     print->is_taxed && print->invoice->tax_included ? "\nincl. tax" : ""),
		    0, true, false };
	*table = (struct pdf_table){ columns, COLUMNS, put_lines, print, 0 };
	pdf_table(pdf, table);
}

/* ---- totals ---------------------------------------------------------------------------------------------------- */

static void
add_amount(
    struct print *print, struct pdf_pair *pairs, size_t *count, struct text name, struct amount amount, bool strong)
{
	pairs[(*count)++] = (struct pdf_pair){ name, document_amount(print->call, amount), strong };
}

static void
add_taxes(struct print *print, struct pdf_pair *pairs, size_t *count)
{
	struct call *call = print->call;
	const struct invoice_tax_sum *sum = print->taxes.items;

	for (size_t i = 0; i < print->taxes.count; i++) {
		if (sum[i].name.at == NULL)
			continue;
		add_amount(print, pairs, count,
		    arena_format(call->arena, "%s on %s", document_tax(call, sum[i].name, sum[i].rate).at,
			document_amount(call, sum[i].net).at),
		    sum[i].tax, false);
	}
}

/* What became of the total since it was issued. */
static void
add_settlement(struct print *print, struct pdf_pair *pairs, size_t *count, struct text currency)
{
	const struct invoice *invoice = print->invoice;

	if (invoice_has_status(invoice, "draft"))
		return;
	if (invoice->credited.micros != 0)
		add_amount(print, pairs, count, TEXT("Credited"), invoice->credited, false);
	if (invoice->written_off.micros != 0)
		add_amount(print, pairs, count, TEXT("Written off"), invoice->written_off, false);
	if (!invoice_has_status(invoice, "void")) {
		add_amount(print, pairs, count, TEXT("Paid"), invoice->paid, false);
		add_amount(print, pairs, count, arena_format(print->call->arena, "Amount due %s", currency.at),
		    invoice->due, true);
	}
}

static void
add_totals(struct print *print, struct pdf *pdf)
{
	const struct invoice *invoice = print->invoice;
	struct text currency = arena_text(print->call->arena, invoice->currency.at, invoice->currency.length);
	struct pdf_pair *pairs = arena_array(print->call->arena, TOTALS_MOST + print->taxes.count, sizeof(*pairs));
	size_t count = 0;

	add_amount(print, pairs, &count, TEXT("Subtotal"), invoice->subtotal, false);
	add_taxes(print, pairs, &count);
	add_amount(
	    print, pairs, &count, arena_format(print->call->arena, "Total %s", currency.at), invoice->total, true);
	add_settlement(print, pairs, &count, currency);
	pdf_totals(pdf, pairs, count);
}

static void
add_credit_notes(const struct print *print, struct pdf *pdf)
{
	struct call *call = print->call;
	const struct credit_note *note = print->credit_notes.items;

	for (size_t i = 0; i < print->credit_notes.count; i++)
		pdf_remark(pdf, arena_format(call->arena, "Credit note %.*s of %s: %s, tax included %s. %.*s",
				    (int)note[i].number.length, note[i].number.at,
				    document_day(call, print->invoice->timezone, note[i].created_at).at,
				    document_amount(call, note[i].amount).at, document_amount(call, note[i].tax).at,
				    (int)note[i].reason.length, note[i].reason.at));
}

static void
add_remarks(const struct print *print, struct pdf *pdf)
{
	const struct invoice *invoice = print->invoice;

	pdf_remark(pdf, TEXT("Each line is rounded half-even to a hundredth of the currency."));
	if (print->is_taxed)
		pdf_remark(
		    pdf, TEXT("Tax is computed once for each rate, on the sum of the lines at that rate, and rounded "
			      "half-even; the largest of these lines takes what rounding leaves."));
	if (invoice_has_status(invoice, "issued") && invoice->due.micros > 0)
		pdf_remark(
		    pdf, arena_format(print->call->arena, "Please name %s with a payment that is not made by card.",
			     given(invoice->number).at));
}

/* ---- the document ---------------------------------------------------------------------------------------------- */

static const struct problem *
print_invoice(struct print *print)
{
	struct call *call = print->call;
	struct pdf_head head;
	struct pdf *pdf;

	look_for_taxes(print);
	head = document_head(call, print->issuer, title_of(print), given(print->invoice->number));
	pdf = pdf_new(call->arena, &head);
	add_parties(print, pdf);
	add_lines(print, pdf);
	add_totals(print, pdf);
	add_credit_notes(print, pdf);
	add_remarks(print, pdf);
	return pdf_write(call, pdf, &call->reply.body);
}

const struct problem *
invoice_pdf_write(struct call *call, const void *details)
{
	const struct invoice_details *all = details;
	struct print print = { .call = call,
		.invoice = &all->invoice,
		.lines = all->lines,
		.taxes = all->taxes,
		.issuer = all->issuer,
		.customer = all->customer,
		.credit_notes = all->credit_notes };
	const struct problem *p = print_invoice(&print);

	if (p == NULL)
		invoice_name_file(call, &all->invoice, "pdf");
	return p;
}
