/*
 * The last steps of a monthly run: tax, and the invoice of what credits have not paid. What is absurd (too many lines,
 * too large a total) is parked instead of issued. The charge itself comes behind the run: it waits for the outside.
 */
#include <inttypes.h>
#include <string.h>

#include "config.h"
#include "money.h"
#include "month_run.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- making it -------------------------------------------------------------------------------------------------- */

static const struct problem *
add_line(struct call *call, struct invoice *invoice, const struct run_line *from)
{
	struct invoice_line line = {
		.kind = from->kind,
		.description = from->description,
		.quantity = from->quantity,
		.unit = from->unit,
		.unit_price = from->unit_price,
		.credits = from->credits,
		.exact = from->amount,
		.from = from->from_at,
		.to = from->to_at,
		.source = from->source,
	};

	if (text_is(from->paid_from, "account"))
		line.accrued = from->amount;
	return invoice_add_line(call, invoice, &line);
}

const struct problem *
run_invoice_make(struct call *call, const struct run *run, struct invoice *invoice)
{
	struct month month = run_month(run);
	const struct run_line *items;
	struct list lines;
	const struct problem *p = invoice_draft(call, INVOICE_RUN, &month, invoice);

	if (p == NULL)
		p = run_lines_read(call, run, &lines);
	if (p != NULL)
		return p;
	invoice->tax_included = !run->post_pay;
	invoice->currency = run->currency;
	invoice->orders_count = run->orders_count;
	items = lines.items;
	for (size_t i = 0; p == NULL && i < lines.count; i++)
		if (!text_is(items[i].paid_from, "available"))
			p = add_line(call, invoice, &items[i]);
	return p != NULL || invoice->lines.count == 0 ? p : invoice_tax(call, invoice);
}

/* ---- tax --------------------------------------------------------------------------------------------------------- */

static struct text
words_of_tax(struct call *call, const struct invoice *invoice)
{
	struct list sums = invoice_tax_sums(call, invoice);
	const struct invoice_tax_sum *rates = sums.items;
	struct buffer words = buffer_new(call->arena, 100);

	for (size_t i = 0; i < sums.count; i++) {
		char net[AMOUNT_LENGTH + 1], tax[AMOUNT_LENGTH + 1];

		amount_format(rates[i].net, net);
		amount_format(rates[i].tax, tax);
		buffer_format(
		    &words, "%s%s: %s on %s", i > 0 ? "; " : "", text_or(rates[i].name, "No tax").at, tax, net);
	}
	buffer_add_string(&words, ".");
	return buffer_text(&words);
}

static const struct problem *
bill_tax(struct call *call, struct run *run)
{
	struct invoice invoice;
	const struct problem *p;

	if (run->lines_count == 0)
		return NULL;
	p = run_invoice_make(call, run, &invoice);
	if (p != NULL || invoice.lines.count == 0)
		return p;
	run->subtotal = invoice.subtotal;
	run->tax = invoice.tax;
	run->total = invoice.total;
	run->detail = words_of_tax(call, &invoice);
	return NULL;
}

const struct run_part run_tax_part = { .name = "tax", .bill = bill_tax };

/* ---- issue ------------------------------------------------------------------------------------------------------- */

struct due_charge {
	struct id invoice_id;
};
static const struct field due_charge_fields[] = {
	FIELD(due_charge, invoice_id, ANY, "The invoice."),
};
SHAPE(due_charge)

/* From now on the job charges it, where nobody has by then. */
static const struct statement make_due = {
	.sql = "UPDATE invoice SET retry_at = :now WHERE organization_id = :organization AND id = :invoice_id"
	       " AND status = 'issued'",
	.takes = &due_charge_shape,
};

static void
park(struct call *call, struct run *run, const struct invoice *invoice)
{
	char total[AMOUNT_LENGTH + 1];

	amount_format(invoice->total, total);
	if ((int64_t)invoice->lines.count > config.invoice_lines_limit)
		run->problem = text_given(arena_format(call->arena,
		    "The invoice would have %" PRId64 " lines, and %" PRId64
		    " are the most that is issued without an operator.",
		    (int64_t)invoice->lines.count, config.invoice_lines_limit));
	else if (invoice->total.micros > config.invoice_total_limit * INT64_C(1000000))
		run->problem = text_given(arena_format(call->arena,
		    "The invoice would be of %s %s, and %" PRId64
		    " is the limit of what is issued without an operator.",
		    total, invoice->currency.at, config.invoice_total_limit));
	else
		return;
	run->is_parked = true;
}

static const struct problem *
issue(struct call *call, struct run *run, struct invoice *invoice)
{
	struct due_charge due;
	const struct problem *p = invoice_issue(call, invoice);

	if (p != NULL)
		return p;
	due.invoice_id = invoice->id;
	run->invoice_id = (struct maybe_id){ invoice->id, true };
	run->detail = arena_format(call->arena, "%s issued.", text_or(invoice->number, "An invoice").at);
	return run->post_pay ? NULL : sql_run(call, &make_due, &due, NULL);
}

static const struct problem *
bill_issue(struct call *call, struct run *run)
{
	struct invoice invoice;
	const struct problem *p;

	if (run->lines_count == 0)
		return NULL;
	p = run_invoice_make(call, run, &invoice);
	if (p != NULL || invoice.lines.count == 0)
		return p;
	park(call, run, &invoice);
	if (run->is_parked)
		return NULL;
	run->has_changed = true;
	if (!run->is_rehearsal)
		return issue(call, run, &invoice);
	run->detail = TEXT("An invoice would be issued.");
	return NULL;
}

const struct run_part run_issue_part = { .name = "issue", .bill = bill_issue };

const struct resource run_issue_resource = {
	.name = "run_issue",
	.summary = "Invoices of monthly runs.",
	.statements = LIST_OF(statement, &make_due),
};
