/*
 * Going on with refunds that nobody finished: the processor was silent, or the worker is gone. The same key is used for
 * 23 hours; after that the charge itself tells whether the refund was made.
 */
#include "resources.h"

#include "clock.h"
#include "refund.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

/* A refund is begun only early in a run, so that a slow processor leaves the other jobs their turn. */
enum { SECOND = 1000000, ACT_SECONDS = 10, LEASE_SECONDS = 60, KEY_SECONDS = 23 * 3600, BEGIN_MICROSECONDS = 5000000 };

static const char why_everybody[] = "the job looks at everybody's";

static const struct statement take_due = {
	.sql = "SELECT " REFUND_COLUMNS " FROM payment_refund WHERE look_at <= :now ORDER BY look_at LIMIT 1"
	       " FOR UPDATE SKIP LOCKED",
	.gives = &refund_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement lease_due = {
	.sql = "UPDATE payment_refund SET lease_token = lease_token + 1, look_at = :look_at"
	       " WHERE organization_id = :organization AND id = :id",
	.takes = &refund_shape,
};

struct work {
	struct refund refund;
	struct payment payment;
	bool found;
	bool by_look; /* the key is too old */
	struct provider_refund outcome;
	struct charge seen;
};

/* Leaves it to nobody else for a while. */
static const struct problem *
take(struct call *call, void *context)
{
	struct work *work = context;
	const struct problem *p = sql_maybe(call, &take_due, NULL, &work->refund, &work->found);
	bool is_there = false;

	if (p != NULL || !work->found)
		return p;
	call_acts_for(call, work->refund.organization_id);
	work->refund.look_at = instant_given(instant_plus_seconds(call->now, LEASE_SECONDS));
	p = sql_run(call, &lease_due, &work->refund, NULL);
	work->refund.lease_token++;
	if (p == NULL)
		p = payment_read(call, work->refund.payment_id, &work->payment, &is_there);
	return p == NULL && !is_there ? fail_internal(call, "a refund of a payment that is gone") : p;
}

static const struct problem *
act(struct call *call, struct work *work)
{
	const struct provider *provider = provider_named(work->payment.provider);
	struct text intent_id = text_or(work->payment.intent_id, "");
	int64_t until = clock_monotonic_microseconds() + (int64_t)ACT_SECONDS * SECOND;

	if (provider == NULL)
		return fail_internal(call, "a payment of the provider %s, which is gone", work->payment.provider.at);
	work->by_look = !instant_before(call->now, instant_plus_seconds(work->refund.created_at, KEY_SECONDS));
	if (work->by_look)
		return provider->look(call, intent_id, until, &work->seen);
	return provider->refund(call, intent_id, work->refund.amount, work->refund.currency,
	    refund_key(call, work->refund.id), until, &work->outcome);
}

/* Only who holds the lease books; somebody else may have booked before. */
static const struct problem *
book(struct call *call, void *context)
{
	struct work *work = context;
	struct payment payment;
	struct refund refund = { .lease_token = -1 };
	bool found;
	const struct problem *p = payment_lock(call, work->payment.id, &payment, &found);

	if (p == NULL && found)
		p = refund_lock(call, work->refund.id, &refund, &found);
	if (p != NULL || !found || refund.lease_token != work->refund.lease_token)
		return p;
	if (work->by_look)
		return refund_end(call, &payment, &refund, &work->seen);
	return refund_book(call, &payment, &refund, &work->outcome);
}

static const struct problem *
go_on(struct call *call, struct work *work)
{
	const struct problem *p = act(call, work);

	return p != NULL ? p : step_apart(call, book, work);
}

/* One that can't be ended holds up no other; it comes again when its lease is over. */
static const struct problem *
sweep_refunds(struct call *call)
{
	int64_t began = clock_monotonic_microseconds();
	const struct problem *first = NULL;

	while (!job_is_stopping() && clock_monotonic_microseconds() - began < BEGIN_MICROSECONDS) {
		struct arena_mark mark = arena_mark(call->arena);
		struct work work = { .found = false };
		const struct problem *p = step_apart(call, take, &work);

		if (p == NULL && !work.found)
			break;
		if (p != NULL)
			return p;
		p = go_on(call, &work);
		if (p == NULL)
			arena_release(call->arena, mark);
		else if (first == NULL)
			first = p;
	}
	return first;
}

static const struct job sweep_job = {
	.id = "refunds.sweep",
	.lane = LANE_CARDS,
	.summary = "Go on with refunds that have not ended.",
	.every_seconds = 10,
	.run = sweep_refunds,
};

const struct resource refund_sweep_resource = {
	.name = "refund_sweep",
	.summary = "Refunds that have not ended.",
	.statements = LIST_OF(statement, &take_due, &lease_due),
	.jobs = LIST_OF(job, &sweep_job),
};
