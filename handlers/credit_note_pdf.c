/*
 * A credit note as a document: which invoice it corrects, by how much, and why; to whom and by whom as on that invoice.
 */
#include "credit_note.h"

#include "document.h"
#include "text.h"

enum { DESCRIPTION, NET, TAX, AMOUNT, COLUMNS };

static void
add_parties(struct call *call, struct pdf *pdf, const struct credit_note_details *details)
{
	const struct credit_note *note = &details->note;
	struct document_pairs *pairs = arena_take(call->arena, sizeof(*pairs));

	document_add_pair(pairs, "Number", note->number, true);
	document_add_pair(pairs, "Issued", document_day(call, details->timezone, note->created_at), false);
	document_add_pair(pairs, "For invoice", note->invoice_number, true);
	if (details->invoice_issued_at.given)
		document_add_pair(
		    pairs, "Of", document_day(call, details->timezone, details->invoice_issued_at.value), false);
	document_add_pair(pairs, "Time zone", details->timezone, false);
	document_parties(call, pdf, "Bill to", details->customer, TEXT("Credit note"), pairs);
}

static const struct problem *
put_line(struct call *call, const void *context, struct pdf_rows *rows)
{
	const struct credit_note_details *details = context;
	struct pdf_row row = { .cells = { details->note.reason } };

	row.cells[NET] = document_amount(call, details->net);
	row.cells[TAX] = document_amount(call, details->note.tax);
	row.cells[AMOUNT] = document_amount(call, details->note.amount);
	row.note = document_facts(call, details->note.source);
	return pdf_put(rows, &row);
}

static void
add_line(struct call *call, struct pdf *pdf, const struct credit_note_details *details)
{
	struct text currency = details->note.currency;
	struct pdf_column *columns = arena_array(call->arena, COLUMNS, sizeof(*columns));
	struct pdf_table *table = arena_take(call->arena, sizeof(*table));

	columns[DESCRIPTION] = (struct pdf_column){ TEXT("Reason"), 1, false, false };
	columns[NET] = (struct pdf_column){ TEXT("Without tax"), 0, true, false };
	columns[TAX] = (struct pdf_column){ TEXT("Tax"), 0, true, false };
	columns[AMOUNT] =
	    (struct pdf_column){ arena_format(call->arena, "Amount %.*s", (int)currency.length, currency.at), 0, true,
		    false };
	*table = (struct pdf_table){ columns, COLUMNS, put_line, details, 0 };
	pdf_table(pdf, table);
}

static void
add_totals(struct call *call, struct pdf *pdf, const struct credit_note_details *details)
{
	const struct credit_note *note = &details->note;
	struct pdf_pair *pairs = arena_array(call->arena, 3, sizeof(*pairs));

	pairs[0] = (struct pdf_pair){ TEXT("Without tax"), document_amount(call, details->net), false };
	pairs[1] = (struct pdf_pair){ TEXT("Tax"), document_amount(call, note->tax), false };
	pairs[2] =
	    (struct pdf_pair){ arena_format(call->arena, "Credit %.*s", (int)note->currency.length, note->currency.at),
		    document_amount(call, note->amount), true };
	pdf_totals(pdf, pairs, 3);
}

const struct problem *
credit_note_pdf_write(struct call *call, const void *given)
{
	const struct credit_note_details *details = given;
	const struct credit_note *note = &details->note;
	struct pdf_head head = document_head(call, details->issuer, TEXT("Credit note"), note->number);
	struct pdf *pdf = pdf_new(call->arena, &head);
	const struct problem *p;

	add_parties(call, pdf, details);
	add_line(call, pdf, details);
	add_totals(call, pdf, details);
	pdf_remark(pdf, arena_format(call->arena,
			    "This takes the amount off invoice %.*s. The tax is the invoice's, in proportion, rounded "
			    "half-even to a "
			    "hundredth of the currency.",
			    (int)note->invoice_number.length, note->invoice_number.at));
	p = pdf_write(call, pdf, &call->reply.body);
	if (p == NULL)
		document_name_file(call, "credit-note", note->number, "pdf");
	return p;
}
