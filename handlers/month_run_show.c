/*
 * What callers see of a monthly run, and how whoever waits for its end is answered.
 */
#include "month_run.h"

#include "json.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

const char *const run_statuses[] = { "completed", "nothing_to_do", "failed", NULL };
static const char *const step_statuses[] = { "done", "skipped", "parked", "waiting", NULL };

static const struct field run_step_fields[] = {
	FIELD(run_step, name, ANY, "The step."),
	FIELD(run_step, status, ONE_OF(step_statuses),
	    "`skipped`: there was nothing to do; `parked`: it waits for an operator; `waiting`: for a payment."),
	FIELD(run_step, detail, ANY, "What was done, or why not."),
};
const struct shape run_step_shape = {
	.name = "run_step",
	.size = sizeof(struct run_step),
	.count = COUNT(run_step_fields),
	.fields = run_step_fields,
};

static const struct field run_totals_fields[] = {
	FIELD(run_totals, currency, ANY, "Of the amounts."),
	FIELD(run_totals, lines, ANY, "How many lines the month comes to."),
	FIELD(run_totals, orders, ANY, "How many orders are in them."),
	FIELD(run_totals, credits, ANY, "Credits that were taken from those available."),
	FIELD(run_totals, subtotal, ANY, "Of the invoice, without tax."),
	FIELD(run_totals, tax, ANY, "Of the invoice."),
	FIELD(run_totals, total, ANY, "Of the invoice, with tax."),
};
const struct shape run_totals_shape = {
	.name = "run_totals",
	.size = sizeof(struct run_totals),
	.count = COUNT(run_totals_fields),
	.fields = run_totals_fields,
};

static const struct field run_shown_fields[] = { RUN_SHOWN_FIELDS(run_shown, ) };
const struct shape run_shown_shape = {
	.name = "monthly_run",
	.size = sizeof(struct run_shown),
	.count = COUNT(run_shown_fields),
	.fields = run_shown_fields,
};

struct answered_run {
	struct text period;
};
static const struct field answered_run_fields[] = {
	FIELD(answered_run, period, ANY, "The month."),
};
SHAPE(answered_run)

static const struct statement clear_claim = {
	.sql = "UPDATE monthly_run SET claim_space = NULL WHERE organization_id = :organization AND period = :period",
	.takes = &answered_run_shape,
};

/* ---- the last step, as it stands -----------------------------------------------------------------------------------
 */

static void
describe_charge(const struct invoice *invoice, struct run_step *step)
{
	step->status = TEXT("waiting");
	if (!invoice_has_status(invoice, "issued")) {
		step->status = TEXT("done");
		step->detail = text_given(invoice_has_status(invoice, "paid") ? TEXT("The invoice is paid.")
									      : TEXT("The invoice is closed."));
	} else if (invoice->failed_at.given) {
		step->detail = invoice->last_error;
	} else {
		step->detail = text_given(invoice->retry_at.given ? TEXT("The default card is to be charged.")
								  : TEXT("The invoice is sent to be paid."));
	}
}

static const struct problem *
find_charge(struct call *call, const struct run *run, struct run_step *step)
{
	struct invoice invoice;
	bool found = false;
	const struct problem *p = NULL;

	*step = (struct run_step){ .name = TEXT("charge"), .status = TEXT("skipped") };
	if (run->invoice_id.given)
		p = invoice_read(call, run->invoice_id.value, &invoice, &found);
	if (p == NULL && found)
		describe_charge(&invoice, step);
	return p;
}

struct text
run_step_append(struct call *call, struct text steps, const struct run_step *step)
{
	struct buffer out = buffer_new(call->reply_arena, steps.length + 400);

	buffer_add(&out, steps.at, steps.length - 1);
	if (steps.length > 2)
		buffer_add_char(&out, ',');
	json_write(&out, &run_step_shape, step);
	buffer_add_char(&out, ']');
	return buffer_text(&out);
}

const struct problem *
run_show(struct call *call, const struct run *run, struct run_shown *out)
{
	struct run_step last = { .name = run_step_name(run), .status = TEXT("parked"), .detail = run->problem };
	struct text steps;
	const struct problem *p = NULL;

	if (!text_is(run->status, "failed"))
		p = find_charge(call, run, &last);
	steps = run_step_append(call, run->steps, &last);
	*out = (struct run_shown){
		.organization_id = run->organization_id,
		.period = run->period,
		.status = run->status,
		.invoice_id = run->invoice_id,
		.digest = run->digest,
		.steps = { steps.at, steps.length },
		.totals = arena_take(call->reply_arena, sizeof(*out->totals)),
		.problem = run->problem,
	};
	*out->totals = (struct run_totals){ run->currency, run->lines_count, run->orders_count, run->credits,
		run->subtotal, run->tax, run->total };
	return p;
}

const struct problem *
run_answer(struct call *call, const struct run *run, const struct run_shown *shown)
{
	struct answered_run answered = { run->period };
	const struct problem *p;

	if (!run->claim.space.given)
		return NULL;
	p = claim_answer(call, &run->claim, shown);
	return p != NULL ? p : sql_run(call, &clear_claim, &answered, NULL);
}

const struct resource month_run_show_resource = {
	.name = "month_run_show",
	.summary = "What callers see of monthly runs.",
	.statements = LIST_OF(statement, &clear_claim),
};
