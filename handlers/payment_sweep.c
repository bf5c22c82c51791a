/*
 * Ending what a request has left open: payments whose outcome is not known, whose person did not come, whose intent is
 * to be cancelled. One at a time: taken by a lease in the row, performed in no transaction, booked. Any number of
 * runners may do so at once.
 */
#include "payment_parts.h"

#include "clock.h"
#include "log.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"

/* A payment is begun only early in a run, so that a slow processor leaves the other jobs their turn. */
enum { LEASE_SECONDS = 60, BEGIN_MICROSECONDS = 5000000 };

static const char why_sweeper[] = "the sweeper acts for everybody";

static const struct statement take_due = {
	.sql = "SELECT " PAYMENT_COLUMNS " FROM payment WHERE look_at <= :now ORDER BY look_at LIMIT 1"
	       " FOR UPDATE SKIP LOCKED",
	.gives = &payment_shape,
	.crosses_organizations = why_sweeper,
};

static const struct statement lease_payment = {
	.sql = "UPDATE payment SET lease_token = lease_token + 1, look_at = :look_at WHERE id = :id",
	.takes = &payment_shape,
	.crosses_organizations = why_sweeper,
};

struct sweep {
	struct payment payment;
	struct charge outcome;
	bool found;
};

static const struct problem *
take(struct call *call, void *context)
{
	struct sweep *sweep = context;
	const struct problem *p = sql_maybe(call, &take_due, NULL, &sweep->payment, &sweep->found);

	if (p != NULL || !sweep->found)
		return p;
	sweep->payment.look_at = instant_given(instant_plus_seconds(call->now, LEASE_SECONDS));
	return sql_run(call, &lease_payment, &sweep->payment, NULL);
}

static const struct problem *
book(struct call *call, void *context)
{
	struct sweep *sweep = context;
	struct payment booked;

	return payment_book(call, &sweep->payment, &sweep->outcome, &booked);
}

static const struct problem *
end_payment(struct call *call, struct sweep *sweep)
{
	const struct problem *p;

	call_acts_for(call, sweep->payment.organization_id);
	p = payment_perform(call, &sweep->payment, &sweep->outcome);
	return p != NULL ? p : step_apart(call, book, sweep);
}

/* One that can't be ended holds up no other; it comes again when its lease is over. */
static const struct problem *
sweep_payments(struct call *call)
{
	int64_t began = clock_monotonic_microseconds();
	const struct problem *first = NULL;

	while (!job_is_stopping() && clock_monotonic_microseconds() - began < BEGIN_MICROSECONDS) {
		struct arena_mark mark = arena_mark(call->arena);
		struct sweep sweep = { .found = false };
		const struct problem *p = step_apart(call, take, &sweep);

		if (p == NULL && !sweep.found)
			break;
		if (p != NULL)
			return p;
		p = end_payment(call, &sweep);
		if (p == NULL)
			arena_release(call->arena, mark);
		else if (first == NULL)
			first = p;
		if (p != NULL && p->kind == UNAVAILABLE)
			break;
	}
	return first;
}

static const struct job sweep_payments_job = {
	.id = "payments.sweep",
	.lane = LANE_CARDS,
	.summary = "End payments whose outcome is not known, or whose person did not come.",
	.every_seconds = 5,
	.run = sweep_payments,
};

const struct resource payment_sweep_resource = {
	.name = "payment_sweep",
	.summary = "Payments that a request has left open.",
	.statements = LIST_OF(statement, &take_due, &lease_payment),
	.jobs = LIST_OF(job, &sweep_payments_job),
};
