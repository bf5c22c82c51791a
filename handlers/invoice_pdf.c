/*
 * An invoice as a document: who bills whom, for what, what each line was computed from, and what is left to be paid. It
 * shows what is stored, in the words of the organization's calendar; the digits are those of JSON.
 */
#include "invoice_details.h"

#include "document.h"
#include "money.h"
#include "pdf.h"
#include "text.h"

enum { COLUMNS_MOST = 6, PAIRS_MOST = 10 };

/* Which columns its lines fill, and where each stands. */
struct print {
	struct call *call;
	const struct invoice *invoice;
	struct list lines, taxes, credit_notes;
	const struct invoice_party *issuer, *customer;
	bool is_taxed, has_quantity, has_price, has_credits;
	struct pdf_column columns[COLUMNS_MOST];
	size_t column_count;
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
foot_of(const struct print *print)
{
	struct buffer out = buffer_new(print->call->arena, 256);
	const struct text parts[] = { given(print->issuer->tax_number), title_of(print) };

	buffer_add_text(&out, print->issuer->name);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (parts[i].length > 0) {
			buffer_add_string(&out, " \xC2\xB7 ");
			buffer_add_text(&out, parts[i]);
		}
	buffer_add_char(&out, ' ');
	buffer_add_text(&out, given(print->invoice->number));
	return buffer_text(&out);
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
add_pair(struct pdf_pair *pairs, size_t *count, const char *name, struct text value, bool strong)
{
	if (value.length > 0)
		pairs[(*count)++] = (struct pdf_pair){ text_from(name), value, strong };
}

static void
add_parties(struct print *print, struct pdf *pdf)
{
	struct call *call = print->call;
	const struct invoice *invoice = print->invoice;
	struct pdf_pair *pairs = arena_array(call->arena, PAIRS_MOST, sizeof(*pairs));
	struct pdf_part *parts = arena_array(call->arena, 2, sizeof(*parts));
	size_t count = 0;

	add_pair(pairs, &count, "Number", given(invoice->number), true);
	if (invoice->issued_at.given)
		add_pair(
		    pairs, &count, "Issued", document_day(call, invoice->timezone, invoice->issued_at.value), false);
	if (invoice->period.at != NULL)
		add_pair(pairs, &count, "Period", document_month(call, given(invoice->period)), false);
	if (invoice->due_at.given && invoice_has_status(invoice, "issued"))
		add_pair(pairs, &count, "Due", document_day(call, invoice->timezone, invoice->due_at.value), true);
	add_pair(pairs, &count, "Status", status_of(print), true);
	add_pair(pairs, &count, "Reference", given(invoice->reference), false);
	add_pair(pairs, &count, "Time zone", invoice->timezone, false);
	parts[0] =
	    (struct pdf_part){ .heading = TEXT("Bill to"), .lines = document_party(call, print->customer, true) };
	parts[1] = (struct pdf_part){ .heading = TEXT("Invoice"), .pairs = pairs, .pair_count = count };
	pdf_parts(pdf, parts, 2);
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */

static void
add_column(struct print *print, struct text heading, int64_t share)
{
	print->columns[print->column_count++] = (struct pdf_column){ heading, share, share == 0 };
}

/* Its quantity says how many credits it is about. */
static bool
is_of_credits(const struct invoice_line *line)
{
	return text_is(given(line->unit), "credit");
}

static void
look_at_lines(struct print *print)
{
	const struct invoice_line *line = print->lines.items;

	for (size_t i = 0; i < print->lines.count; i++) {
		print->is_taxed = print->is_taxed || line[i].tax_rate_name.at != NULL;
		print->has_quantity = print->has_quantity || line[i].quantity.given;
		print->has_price = print->has_price || line[i].unit_price.given;
		print->has_credits = print->has_credits || (line[i].credits.given && !is_of_credits(&line[i]));
	}
}

static void
choose_columns(struct print *print)
{
	struct text currency = print->invoice->currency;

	add_column(print, TEXT("Description"), 1);
	if (print->has_quantity)
		add_column(print, TEXT("Quantity"), 0);
	if (print->has_price)
		add_column(print, TEXT("Unit price"), 0);
	if (print->has_credits)
		add_column(print, TEXT("Credits"), 0);
	if (print->is_taxed)
		add_column(print, TEXT("Tax"), 0);
	add_column(print,
	    arena_format(print->call->arena, "Amount %.*s%s", (int)currency.length, currency.at,
		print->is_taxed && print->invoice->tax_included ? "\nincl. tax" : ""),
	    0);
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
add_line(const struct print *print, struct pdf_table *table, const struct invoice_line *line, struct amount *sum)
{
	struct call *call = print->call;
	struct pdf_row *row = pdf_row(table, true);
	size_t at = 0;

	if (!amount_add(*sum, line->amount, sum))
		return fail_internal(call, "the lines of an invoice add up to too much");
	row->cells[at++] = line->description;
	if (print->has_quantity)
		row->cells[at] = quantity_of(call, line);
	at += print->has_quantity;
	if (print->has_price && line->unit_price.given)
		row->cells[at] = document_amount(call, line->unit_price.value);
	at += print->has_price;
	if (print->has_credits && line->credits.given)
		row->cells[at] = document_credits(call, line->credits.value);
	at += print->has_credits;
	if (print->is_taxed)
		row->cells[at] = document_tax(call, (struct maybe_text){ .at = NULL }, line->tax_rate);
	at += print->is_taxed;
	row->cells[at] = document_amount(call, line->amount);
	row->carried[at] = document_amount(call, *sum);
	row->note = note_of(print, line);
	return NULL;
}

static const struct problem *
add_lines(const struct print *print, struct pdf *pdf)
{
	struct pdf_table *table = pdf_table(pdf, print->columns, print->column_count);
	const struct invoice_line *line = print->lines.items;
	struct amount sum = { 0 };
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && i < print->lines.count; i++)
		p = add_line(print, table, &line[i], &sum);
	return p;
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
	struct pdf_pair *pairs = arena_array(print->call->arena, PAIRS_MOST + print->lines.count, sizeof(*pairs));
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
	struct pdf_head head = { .sender = print->issuer->name };
	struct pdf *pdf;
	const struct problem *p;

	look_at_lines(print);
	choose_columns(print);
	head.title = title_of(print);
	head.subtitle = given(print->invoice->number);
	head.address = document_party(call, print->issuer, false);
	head.foot = foot_of(print);
	pdf = pdf_new(call->arena, &head);
	add_parties(print, pdf);
	p = add_lines(print, pdf);
	if (p != NULL)
		return p;
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
