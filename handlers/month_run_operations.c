/*
 * billing.run_monthly_for_org runs an organization's month, or goes on with one that was cut; its previews are the same
 * steps, undone.
 */
#include "month_run.h"

#include "clock.h"
#include "json.h"
#include "log.h"
#include "resources.h"
#include "text.h"

struct run_monthly {
	struct id organization_id;
	struct maybe_text period;
};
static const struct field run_monthly_fields[] = {
	FIELD(run_monthly, organization_id, ANY, "The organization."),
	FIELD(run_monthly, period, MATCHING(period_format, 7, 7),
	    "The month, YYYY-MM; the last that is over in its time zone."),
};
SHAPE(run_monthly)

/* ---- billing.run_monthly_for_org --------------------------------------------------------------------------------- */

/* What the steps hand on. */
struct running {
	struct run run;
	bool is_over; /* it was run before */
};

HANDLER_TWO_STEP(run_monthly, run_monthly, run_shown)

static const struct operation run_monthly_operation = {
	.id = "billing.run_monthly_for_org",
	.kind = TWO_STEP,
	.scope = BILLING_WRITE,
	.effect = SPENDS,
	.bucket = BUCKET_CHARGE,
	.roles = ROLE_BIT(ROLE_OWNER) | ROLE_BIT(ROLE_ADMIN),
	.slow = true,
	.summary = "Bill a month that is over: fees, overage, what stands on account, commitments.",
	.description =
	    "Whatever happened until the month's end and no run has billed is billed once: from the credits that are "
	    "available where they cover all of a line, else by an invoice, which the default card is charged for. A "
	    "run "
	    "that was cut goes on where it was; one that is done is answered again, and computed again to see that it "
	    "comes to the same. A run whose invoice would be absurdly large is parked until an operator has looked.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &run_monthly_run,
};

/* One that was begun goes on, also where the time zone has been changed since. */
static const struct problem *
ask_closed(struct call *call, const struct month *month)
{
	struct run run;
	bool found = true;
	const struct problem *p = NULL;

	if (!month_is_closed(call, month))
		p = run_read(call, text_from(month->name), &run, &found);
	if (p != NULL || found)
		return p;
	return fail(call, CONFLICT, "The month %s is not over yet in the organization's time zone.", month->name);
}

/* A run that is done is looked at once more. */
static const struct problem *
answer_again(struct call *call, struct running *running)
{
	struct claim_ref claim = claim_of(call);
	struct run_shown shown;
	bool is_same;
	const struct problem *p = run_verify(call, &running->run, &is_same);

	running->is_over = true;
	if (p == NULL && !is_same) {
		running->run.status = TEXT("failed");
		running->run.problem = text_given(TEXT("The month comes to other lines than when it was run."));
	}
	if (p == NULL)
		p = run_show(call, &running->run, &shown);
	return p != NULL ? p : claim_answer(call, &claim, &shown);
}

static const struct problem *
run_monthly_intend(struct call *call, const struct run_monthly *in)
{
	struct running *running = arena_take(call->arena, sizeof(*running));
	enum run_taken taken;
	struct month month;
	const struct problem *p = month_wanted(call, in->period, &month);

	call->intent = running;
	if (p == NULL)
		p = run_lock_organization(call);
	if (p == NULL)
		p = ask_closed(call, &month);
	if (p == NULL)
		p = run_begin(call, &month, true, &running->run, &taken);
	if (p != NULL)
		return p;
	if (taken == RUN_IS_ANOTHERS)
		return fail_retry(call, CONFLICT, 5, "The run of %s is under way.", month.name);
	return taken == RUN_IS_OVER ? answer_again(call, running) : NULL;
}

/* The charge's own trouble is the invoice's: the job goes on with it. */
static const struct problem *
run_monthly_perform(struct call *call, const struct run_monthly *in)
{
	struct running *running = call->intent;
	const struct problem *p;

	(void)in;
	if (running->is_over)
		return NULL;
	p = run_drive(call, &running->run);
	if (p != NULL)
		run_let_go(call, &running->run);
	if (p != NULL || !running->run.invoice_id.given)
		return p;
	p = run_charge_invoice(call, running->run.invoice_id.value);
	if (p != NULL)
		log_error("the invoice of %s is not charged yet: %s", running->run.period.at, p->detail);
	return NULL;
}

/* One that was parked may be under way again: then the claim is that runner's to answer. */
static const struct problem *
run_monthly_book(struct call *call, const struct run_monthly *in, struct run_shown *out)
{
	struct running *running = call->intent;
	struct claim_ref claim = claim_of(call);
	struct run now = running->run;
	bool found = true;
	const struct problem *p = NULL;

	(void)in;
	if (running->is_over)
		return run_show(call, &running->run, out);
	p = run_lock_organization(call);
	if (p == NULL)
		p = run_read(call, running->run.period, &now, &found);
	if (p == NULL && !found)
		p = fail_internal(call, "a run is gone");
	if (p == NULL && text_is(now.status, "running"))
		p = &run_lease_lost;
	if (p == NULL)
		p = run_show(call, &now, out);
	if (p == NULL)
		p = run_answer(call, &now, out);
	return p != NULL ? p : claim_answer(call, &claim, out);
}

/* ---- billing.run_monthly_preview --------------------------------------------------------------------------------- */

struct previewed_run {
	struct run_shown shown;
	struct document lines;
};
static const struct field previewed_run_fields[] = {
	RUN_SHOWN_FIELDS(previewed_run, shown.),
	FIELD_ROWS(previewed_run, lines, run_line, "What it comes to, line by line."),
};
SHAPE(previewed_run)

HANDLER(preview_run, run_monthly, previewed_run)

static const struct operation preview_run_operation = {
	.id = "billing.run_monthly_preview",
	.kind = REHEARSAL,
	.scope = BILLING_READ,
	.effect = COMPUTES,
	.no_key = true,
	.slow = true,
	.summary = "Tell what running a month would come to at this moment.",
	.description =
	    "The run itself, undone: its lines and digest are those that it would have. Of a month that is not over, "
	    "what has come until now. No number is taken, and no card is charged.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &preview_run_run,
};

static const struct problem *
preview_run(struct call *call, const struct run_monthly *in, struct previewed_run *out)
{
	struct run *run = arena_take(call->reply_arena, sizeof(*run));
	struct month month;
	struct list lines;
	const struct problem *p = month_wanted(call, in->period, &month);

	if (p == NULL)
		p = run_rehearse(call, &month, run);
	if (p == NULL)
		p = run_lines_read(call, run, &lines);
	if (p == NULL)
		p = run_show(call, run, &out->shown);
	if (p == NULL)
		out->lines = json_rows(call->reply_arena, &run_line_shape, &lines);
	return p;
}

/* ---- billing.invoices.preview ------------------------------------------------------------------------------------ */

struct invoice_wish {
	struct maybe_text period;
};
static const struct field invoice_wish_fields[] = {
	FIELD(invoice_wish, period, MATCHING(period_format, 7, 7), "The month, YYYY-MM; the one that runs now."),
};
SHAPE(invoice_wish)

struct previewed_invoice {
	struct text period;
	struct text currency;
	bool tax_included;
	struct amount subtotal, tax, total;
	int64_t lines_count, orders_count;
	struct credits credits;
	struct list lines;
	struct list taxes;
};
static const struct field previewed_invoice_fields[] = {
	FIELD(previewed_invoice, period, ANY, "The month."),
	FIELD(previewed_invoice, currency, ANY, "Of the amounts."),
	FIELD(previewed_invoice, tax_included, ANY, "Whether the lines' amounts hold the tax."),
	FIELD(previewed_invoice, subtotal, ANY, "Without tax."),
	FIELD(previewed_invoice, tax, ANY, "The tax."),
	FIELD(previewed_invoice, total, ANY, "Both."),
	FIELD(previewed_invoice, lines_count, ANY, "How many lines there are."),
	FIELD(previewed_invoice, orders_count, ANY, "How many orders are in them."),
	FIELD(previewed_invoice, credits, ANY, "Credits that pay what stands on no invoice."),
	FIELD_LIST(previewed_invoice, lines, invoice_line, ANY, "The lines."),
	FIELD_LIST(previewed_invoice, taxes, invoice_tax_sum, ANY, "The sum at each rate."),
};
SHAPE(previewed_invoice)

HANDLER(preview_invoice, invoice_wish, previewed_invoice)

static const struct operation preview_invoice_operation = {
	.id = "billing.invoices.preview",
	.kind = REHEARSAL,
	.scope = BILLING_READ,
	.effect = COMPUTES,
	.no_key = true,
	.slow = true,
	.summary = "Tell what a month's invoice would be at this moment.",
	.description = "What the monthly run would put on it, undone. What is paid from available credits is on no "
		       "invoice, nor is what comes to less than a card can be charged: that waits for a later one.",
	.raises = { CONFLICT },
	.run = &preview_invoice_run,
};

static const struct problem *
find_month(struct call *call, const struct invoice_wish *in, struct month *out)
{
	if (in->period.at != NULL)
		return month_wanted(call, in->period, out);
	return month_of(call, call->now, out);
}

static const struct problem *
preview_invoice(struct call *call, const struct invoice_wish *in, struct previewed_invoice *out)
{
	struct run *run = arena_take(call->reply_arena, sizeof(*run));
	struct invoice *invoice = arena_take(call->reply_arena, sizeof(*invoice));
	struct month month;
	const struct problem *p = find_month(call, in, &month);

	if (p == NULL)
		p = run_rehearse(call, &month, run);
	if (p == NULL && !run->is_rehearsal)
		p = fail(call, CONFLICT, "The month %s has been run; look at its invoice.", month.name);
	if (p == NULL)
		p = run_invoice_make(call, run, invoice);
	if (p != NULL)
		return p;
	*out = (struct previewed_invoice){ run->period, run->currency, invoice->tax_included, invoice->subtotal,
		invoice->tax, invoice->total, (int64_t)invoice->lines.count, invoice->orders_count, run->credits,
		invoice->lines, invoice_tax_sums(call, invoice) };
	return NULL;
}

const struct resource month_run_operations_resource = {
	.name = "billing.run_monthly",
	.summary = "What a month comes to.",
	.operations = LIST_OF(operation, &run_monthly_operation, &preview_run_operation, &preview_invoice_operation),
};
