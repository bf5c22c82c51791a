/*
 * The last steps of a monthly run: tax, and the invoice of what credits have not paid. What is absurd (too many lines,
 * too large a total) is parked instead of issued; what is too little for a card waits for a later run's invoice. The
 * charge itself comes behind the run: it waits for the outside.
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

/* What stands on account is without tax. */
static const struct problem *
add_line(struct call *call, struct invoice *invoice, const struct run_line *from, enum invoice_basis basis)
{
	struct invoice_line line = {
		.kind = from->kind,
		.description = from->description,
		.quantity = from->quantity,
		.unit = from->unit,
		.unit_price = from->unit_price,
		.credits = from->credits,
		.exact = from->amount,
		.basis = basis,
		.from = from->from_at,
		.to = from->to_at,
		.source = from->source,
	};

	if (text_is(from->paid_from, "account")) {
		line.accrued = from->amount;
		line.basis = INVOICE_NET;
	}
	return invoice_add_line(call, invoice, &line);
}

static const struct problem *
add_lines(struct call *call, struct invoice *invoice, const struct list *lines, enum invoice_basis basis)
{
	const struct run_line *items = lines->items;
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && i < lines->count; i++)
		if (!text_is(items[i].paid_from, "available"))
			p = add_line(call, invoice, &items[i], basis);
	return p;
}

const struct problem *
run_invoice_make(struct call *call, const struct run *run, struct invoice *invoice)
{
	struct month month = run_month(run);
	struct list lines, carried;
	const struct problem *p = invoice_draft(call, &month, invoice);

	if (p == NULL)
		p = run_lines_read(call, run, &lines);
	if (p == NULL)
		p = run_lines_carried(call, run, &carried);
	if (p != NULL)
		return p;
	invoice->tax_included = !run->post_pay;
	invoice->currency = run->currency;
	if (run->is_carried)
		return NULL;
	invoice->orders_count = run->orders_count;
	p = add_lines(call, invoice, &lines, INVOICE_AS_IT_HAS);
	if (p != NULL || invoice->lines.count == 0)
		return p;
	p = add_lines(call, invoice, &carried, INVOICE_GROSS);
	return p != NULL ? p : invoice_tax(call, invoice);
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

static void
sum_up(struct run *run, const struct invoice *invoice)
{
	run->subtotal = invoice->subtotal;
	run->tax = invoice->tax;
	run->total = invoice->total;
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
	sum_up(run, &invoice);
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

struct carrying {
	struct text period;
	struct text currency;
};
static const struct field carrying_fields[] = {
	FIELD(carrying, period, ANY, "The run's month."),
	FIELD(carrying, currency, ANY, "Its currency."),
};
SHAPE(carrying)

static const struct field waiting_run_fields[] = {
	FIELD(carrying, period, ANY, "A run whose lines wait."),
};
VIEW(waiting_run, carrying)

struct carried_run {
	struct text period;
	struct text carried_to;
};
static const struct field carried_run_fields[] = {
	FIELD(carried_run, period, ANY, "The run that had too little."),
	FIELD(carried_run, carried_to, ANY, "The one whose invoice has its lines."),
};
SHAPE(carried_run)

static const struct statement carry = {
	.sql = "UPDATE monthly_run SET is_carried = TRUE WHERE organization_id = :organization AND period = :period",
	.takes = &carrying_shape,
};

static const struct statement list_carried_runs = {
	.sql = "SELECT period FROM monthly_run WHERE organization_id = :organization AND is_carried"
	       " AND carried_to IS NULL AND period <> :period AND currency = :currency ORDER BY period",
	.takes = &carrying_shape,
	.gives = &waiting_run_shape,
};

static const struct statement carry_to = {
	.sql = "UPDATE monthly_run SET carried_to = :carried_to WHERE organization_id = :organization"
	       " AND period = :period AND carried_to IS NULL",
	.takes = &carried_run_shape,
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

/* A parked run may be issued when the tax is another one. */
static void
tell_tax_again(struct call *call, struct run *run, const struct invoice *invoice)
{
	static const char begin[] = ",{\"name\":\"tax\"";
	const char *at = strstr(run->steps.at, begin);
	struct run_step step = { TEXT("tax"), TEXT("done"), text_given(words_of_tax(call, invoice)) };

	sum_up(run, invoice);
	if (at == NULL)
		return;
	run->steps = arena_format(call->arena, "%.*s]", (int)(at - run->steps.at), run->steps.at);
	run->steps = run_step_append(call, run->steps, &step);
}

static const struct problem *
take_carried(struct call *call, const struct run *run)
{
	struct carrying key = { run->period, run->currency };
	const struct carrying *runs;
	struct list list;
	const struct problem *p = sql_all(call, &list_carried_runs, &key, &list);

	if (p != NULL)
		return p;
	runs = list.items;
	for (size_t i = 0; p == NULL && i < list.count; i++) {
		struct carried_run carried = { runs[i].period, run->period };

		p = sql_run(call, &carry_to, &carried, NULL);
	}
	return p;
}

static const struct problem *
issue(struct call *call, struct run *run, struct invoice *invoice, bool is_chargeable)
{
	struct due_charge due;
	const struct problem *p = take_carried(call, run);

	if (p == NULL)
		p = invoice_issue(call, invoice);
	if (p != NULL)
		return p;
	due.invoice_id = invoice->id;
	run->invoice_id = (struct maybe_id){ invoice->id, true };
	run->detail = arena_format(call->arena, "%s issued.", text_or(invoice->number, "An invoice").at);
	return is_chargeable ? sql_run(call, &make_due, &due, NULL) : NULL;
}

/* No card could pay it: it is on no invoice yet. */
static const struct problem *
carry_over(struct call *call, struct run *run)
{
	struct carrying key = { run->period, run->currency };

	run->subtotal = run->tax = run->total = (struct amount){ 0 };
	run->is_carried = true;
	run->detail = TEXT("Less than a card can be charged: it comes with a later invoice.");
	return sql_run(call, &carry, &key, NULL);
}

/* Whether it is charged by itself: to who pays in advance, if a card takes so little. */
static const struct problem *
ask_chargeable(struct call *call, const struct run *run, const struct invoice *invoice, bool *is)
{
	struct price price = { .least_charge = { 0 } };
	const struct problem *p = run->post_pay ? NULL : payment_price(call, (struct credits){ 1 }, &price);

	*is = p == NULL && !run->post_pay && invoice->total.micros >= price.least_charge.micros;
	return p;
}

/* What has lines on account is issued whatever it comes to: those are billed. */
static bool
is_too_little(const struct run *run, const struct invoice *invoice)
{
	const struct invoice_line *lines = invoice->lines.items;

	for (size_t i = 0; i < invoice->lines.count; i++)
		if (lines[i].accrued.micros != 0)
			return false;
	return !run->post_pay;
}

static const struct problem *
end_invoice(struct call *call, struct run *run, struct invoice *invoice)
{
	bool is_chargeable;
	const struct problem *p;

	if (invoice->lines.count == 0)
		return NULL;
	tell_tax_again(call, run, invoice);
	p = ask_chargeable(call, run, invoice, &is_chargeable);
	if (p != NULL)
		return p;
	run->has_changed = true;
	if (!is_chargeable && is_too_little(run, invoice))
		return carry_over(call, run);
	if (!run->is_rehearsal)
		return issue(call, run, invoice, is_chargeable);
	run->detail = TEXT("An invoice would be issued.");
	return NULL;
}

static void
tell_notes(struct call *call, struct run *run, const struct run_notes *notes)
{
	struct buffer words = buffer_new(call->arena, 200);

	if (notes->count == 0)
		return;
	buffer_add(&words, run->detail.at, run->detail.length);
	for (size_t i = 0; i < notes->count; i++)
		buffer_format(&words, "%s%s", words.length == 0 ? "" : i == 0 ? " " : ", ", notes->items[i].number.at);
	buffer_add_string(&words, " issued.");
	run->has_changed = true;
	run->detail = buffer_text(&words);
}

static const struct problem *
bill_issue(struct call *call, struct run *run)
{
	struct invoice invoice;
	struct run_notes notes = { .count = 0 };
	const struct problem *p = run_invoice_make(call, run, &invoice);

	if (p != NULL)
		return p;
	park(call, run, &invoice);
	if (run->is_parked)
		return NULL;
	if (!run->is_rehearsal)
		p = run_notes_begin(call, run, &notes);
	if (p == NULL)
		p = end_invoice(call, run, &invoice);
	if (p == NULL)
		p = run_notes_issue(call, &notes);
	if (p == NULL)
		tell_notes(call, run, &notes);
	return p;
}

const struct run_part run_issue_part = { .name = "issue", .bill = bill_issue };

const struct resource run_issue_resource = {
	.name = "run_issue",
	.summary = "Invoices of monthly runs.",
	.statements = LIST_OF(statement, &make_due, &carry, &list_carried_runs, &carry_to),
};
