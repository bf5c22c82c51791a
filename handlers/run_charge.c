/*
 * Charging the invoices of monthly runs to the default card, when they are issued, and again on the days that follow a
 * failure. What became of it is invoice_pay.c's business, and whether a subscription is behind. The job that does it
 * waits for the processor, in the lane of cards.
 */
#include "month_run.h"

#include "clock.h"
#include "log.h"
#include "provider.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"

/* A charge is begun only early in a run, so that a slow processor leaves the other jobs their turn. */
enum { AGAIN_SECONDS = 60, BEGIN_MICROSECONDS = 5000000 };

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct due_invoice {
	struct id organization_id;
	struct id invoice_id;
};
static const struct field due_invoice_fields[] = {
	FIELD(due_invoice, organization_id, ANY, "Whose."),
	FIELD(due_invoice, invoice_id, ANY, "The invoice."),
};
SHAPE(due_invoice)

static const struct statement list_due = {
	.sql = "SELECT i.organization_id, i.id AS invoice_id FROM invoice i WHERE i.retry_at <= :now"
	       " AND i.status = 'issued' ORDER BY i.retry_at LIMIT 100",
	.gives = &due_invoice_shape,
	.crosses_organizations = "the job looks for whoever is due",
};

struct charge_again {
	struct id invoice_id;
	struct maybe_instant at;
	bool was_kept;
};
static const struct field charge_again_fields[] = {
	FIELD(charge_again, invoice_id, ANY, "The invoice."),
	FIELD(charge_again, at, ANY, "When it is tried again."),
	FIELD(charge_again, was_kept, ANY, "Whether another payment kept it from being charged now."),
};
SHAPE(charge_again)

struct keeping {
	bool overdue;
};
static const struct field keeping_fields[] = {
	FIELD(keeping, overdue, ANY, "Whether others have kept it from being charged for a day."),
};
SHAPE(keeping)

static const struct statement is_due = {
	.sql = "SELECT COALESCE(kept_since <= :now - INTERVAL 1 DAY, FALSE) AS overdue FROM invoice"
	       " WHERE organization_id = :organization AND id = :invoice_id AND status = 'issued' AND retry_at <= :now",
	.takes = &charge_again_shape,
	.gives = &keeping_shape,
};

/* A clock that was put back begins that day anew. */
static const struct statement set_retry = {
	.sql = "UPDATE invoice SET retry_at = :at, kept_since = IF(:was_kept, LEAST(COALESCE(kept_since, :now), :now),"
	       " NULL) WHERE organization_id = :organization AND id = :invoice_id AND status = 'issued'",
	.takes = &charge_again_shape,
};

/* ---- one charge ---------------------------------------------------------------------------------------------------
 */

struct charging {
	struct id invoice_id;
	struct payment payment;
	struct charge outcome;
	bool is_begun; /* the payment's intent is committed */
};

static const struct problem *
try_again(struct call *call, struct id invoice_id, bool was_kept)
{
	struct charge_again again = { .invoice_id = invoice_id,
		.at = instant_given(instant_plus_seconds(call->now, AGAIN_SECONDS)),
		.was_kept = was_kept };

	return sql_run(call, &set_retry, &again, NULL);
}

static const struct problem *
try_no_more(struct call *call, struct id invoice_id)
{
	struct charge_again never = { .invoice_id = invoice_id };

	return sql_run(call, &set_retry, &never, NULL);
}

/* What stands in the way is known before anything is written. Purchases that wait for their person, one behind the
 * other, keep an invoice for a day at the most. */
static const struct problem *
begin_charge(struct call *call, struct charging *charging, bool overdue)
{
	struct invoice_charge charge = { .invoice_id = charging->invoice_id, .automatic = true, .overdue = overdue };
	struct invoice invoice;
	const struct problem *p = invoice_charge(call, &charge, &invoice, &charging->payment);

	if (p != NULL && p->kind == TOPUP_IN_PROGRESS)
		return try_again(call, charging->invoice_id, true);
	if (p != NULL && p->kind == CARD_REQUIRED)
		return invoice_uncharged(call, &invoice, TEXT("There is no card to charge."));
	if (p != NULL && (p->kind == CONFLICT || p->kind == NOT_FOUND))
		return try_no_more(call, charging->invoice_id);
	if (p != NULL)
		return p;
	charging->is_begun = true;
	return try_again(call, charging->invoice_id, false);
}

static const struct problem *
decide(struct call *call, void *context)
{
	struct charging *charging = context;
	struct charge_again key = { .invoice_id = charging->invoice_id };
	struct keeping state;
	bool found = false;
	const struct problem *p = run_lock_organization(call);

	charging->is_begun = false;
	if (p == NULL)
		p = sql_maybe(call, &is_due, &key, &state, &found);
	return p != NULL || !found ? p : begin_charge(call, charging, state.overdue);
}

static const struct problem *
book(struct call *call, void *context)
{
	struct charging *charging = context;
	struct payment booked;

	return payment_book(call, &charging->payment, &charging->outcome, &booked);
}

const struct problem *
run_charge_invoice(struct call *call, struct id invoice_id)
{
	struct charging charging = { .invoice_id = invoice_id };
	const struct problem *p;

	if (provider_chosen() == NULL)
		return NULL;
	p = step_apart(call, decide, &charging);
	if (p != NULL || !charging.is_begun)
		return p;
	p = payment_perform(call, &charging.payment, &charging.outcome);
	clock_tick();
	call->now = clock_now();
	return p != NULL ? p : step_apart(call, book, &charging);
}

/* ---- billing.charge ------------------------------------------------------------------------------------------------
 */

static const struct problem *
list_step(struct call *call, void *due)
{
	return sql_all(call, &list_due, NULL, due);
}

static const struct problem *
put_off(struct call *call, void *context)
{
	const struct due_invoice *invoice = context;

	return try_again(call, invoice->invoice_id, false);
}

static bool
is_over(const struct problem *p)
{
	return p != NULL && (p->kind == UNAVAILABLE || p == &job_lease_lost);
}

/* One organization's fault keeps no other waiting; the first is what the run answers. */
static const struct problem *
charge_invoices(struct call *call)
{
	int64_t began = clock_monotonic_microseconds();
	const struct problem *first = NULL, *p;
	struct list due = { NULL, 0 };
	struct due_invoice *invoices;

	if (provider_chosen() == NULL)
		return NULL;
	p = step_apart(call, list_step, &due);
	invoices = due.items;
	for (size_t i = 0; p == NULL && i < due.count && !job_is_stopping(); i++) {
		struct arena_mark mark = arena_mark(call->arena);

		if (clock_monotonic_microseconds() - began > BEGIN_MICROSECONDS)
			break;
		job_tick(call);
		call_acts_for(call, invoices[i].organization_id);
		p = run_charge_invoice(call, invoices[i].invoice_id);
		if (p == NULL) {
			arena_release(call->arena, mark);
			continue;
		}
		if (first == NULL)
			first = p;
		if (is_over(p))
			break;
		p = step_apart(call, put_off, &invoices[i]);
	}
	return first != NULL ? first : p;
}

static const struct job charge_job = {
	.id = "billing.charge",
	.lane = LANE_CARDS,
	.summary = "Charge invoices to the default card, and again on the days after a charge that failed.",
	.every_seconds = 5,
	.run = charge_invoices,
};

const struct resource run_charge_resource = {
	.name = "run_charge",
	.summary = "Charging the invoices of monthly runs.",
	.statements = LIST_OF(statement, &list_due, &is_due, &set_retry),
	.jobs = LIST_OF(job, &charge_job),
};
