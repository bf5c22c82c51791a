/*
 * Writing down what time has made of subscriptions: trials that are over, new periods and what they cost, cancellations
 * that came true, and the cycles of usage that began. Readers compute the same by subscription_step and never wait for
 * this.
 */
#include "subscription.h"

#include "arena.h"
#include "clock.h"
#include "id.h"
#include "outbox.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

/* ---- events ---------------------------------------------------------------------------------------------------- */

struct changed {
	struct id subscription_id;
	struct text product;
	struct id plan_id;
	struct text plan;
	struct text cycle;
	int64_t seats;
	struct maybe_text status_before;
	struct text status;
	struct instant period_start;
	struct instant period_end;
	struct maybe_instant cancel_at;
};
static const struct field changed_fields[] = {
	FIELD(changed, subscription_id, ANY, "The subscription."),
	FIELD(changed, product, ANY, "The product."),
	FIELD(changed, plan_id, ANY, "The plan."),
	FIELD(changed, plan, ANY, "Its name."),
	FIELD(changed, cycle, ANY, "How it is paid."),
	FIELD(changed, seats, ANY, "How many seats."),
	FIELD(changed, status_before, ANY, "What it was; null: it is new."),
	FIELD(changed, status, ANY, "What it is."),
	FIELD(changed, period_start, ANY, "When the present period began."),
	FIELD(changed, period_end, ANY, "When it ends."),
	FIELD(changed, cancel_at, ANY, "When the subscription ends, where that is known."),
};
SHAPE(changed)

static const struct event_type subscription_changed = {
	.type = "subscription.changed",
	.entity_type = "subscription",
	.summary = "A subscription began, ended, or is another one: its plan, seats, billing, status or cancellation.",
	.data = &changed_shape,
};

const struct problem *
subscription_tell(struct call *call, const struct subscription *subscription, struct maybe_text before)
{
	struct changed data = {
		.subscription_id = subscription->id,
		.product = subscription->product,
		.plan_id = subscription->plan_id,
		.plan = subscription->plan_name,
		.cycle = subscription->cycle,
		.seats = subscription->seats,
		.status_before = before,
		.status = subscription->status,
		.period_start = subscription->period_starts_at,
		.period_end = subscription->period_ends_at,
		.cancel_at = subscription->cancel_at,
	};

	return outbox_tell(call, &subscription_changed, subscription->id, &data);
}

/* ---- catching up ----------------------------------------------------------------------------------------------- */

/* A period that begins by itself is billed by the monthly run; nothing is due for one that costs nothing. */
static const struct problem *
begin_period(struct call *call, const struct subscription *subscription)
{
	struct wanted_plan wanted = { .plan_id = id_given(subscription->plan_id) };
	struct stretch stretch = {
		.subscription_id = subscription->id,
		.starts_at = subscription->period_starts_at,
		.ends_at = subscription->period_ends_at,
		.period_starts_at = subscription->period_starts_at,
		.period_ends_at = subscription->period_ends_at,
		.plan_id = subscription->plan_id,
		.cycle = subscription->cycle,
		.seats = subscription->seats,
	};
	struct offer offer;
	const struct problem *p = offer_read(call, &wanted, &offer);

	if (p == NULL)
		p = fee_price(call, &offer, stretch.cycle, stretch.seats, 1, 1, &stretch.credits);
	if (p != NULL)
		return p;
	stretch.charged_at = (struct maybe_instant){ stretch.starts_at, stretch.credits.count == 0 };
	return stretch_insert(call, &stretch);
}

/* Before anything else changes, so that the cycles are those that held. */
static const struct problem *
open_cycles(struct call *call, struct subscription *subscription)
{
	const struct problem *p = NULL;

	while (p == NULL && subscription->cycle_ends_at.given &&
	       !instant_before(call->now, subscription->cycle_ends_at.value)) {
		struct cycle cycle;

		p = cycle_open(call, subscription->cycle_ends_at.value, &cycle);
		subscription->cycle_ends_at.value = cycle.ends_at;
	}
	return p;
}

const struct problem *
subscription_catch_up(struct call *call, struct subscription *subscription)
{
	struct maybe_text before = text_given(subscription->status);
	struct instant cycle_end = subscription->cycle_ends_at.value;
	bool passed = false;
	const struct problem *p;

	if (subscription_has_status(subscription, "incomplete") || subscription_has_status(subscription, "cancelled"))
		return NULL;
	p = open_cycles(call, subscription);
	while (p == NULL && subscription_step(subscription, call->now)) {
		passed = true;
		if (!subscription_has_status(subscription, "cancelled"))
			p = begin_period(call, subscription);
		else if (text_is(subscription->product, "platform"))
			p = cycle_end_plan(call, subscription->cancelled_at.value);
	}
	if (p == NULL && (passed || cycle_end.microseconds != subscription->cycle_ends_at.value.microseconds))
		p = subscription_save(call, subscription);
	if (p != NULL || text_is(subscription->status, before.at))
		return p;
	return subscription_tell(call, subscription, before);
}

/* ---- the job ---------------------------------------------------------------------------------------------------- */

struct due {
	struct id organization_id;
	struct id subscription_id;
};
static const struct field due_fields[] = {
	FIELD(due, organization_id, ANY, "Whose."),
	FIELD(due, subscription_id, ANY, "The subscription."),
};
SHAPE(due)

enum { AT_ONCE = 500 };

static const struct statement list_due = {
	.sql = "SELECT organization_id, id AS subscription_id FROM subscription WHERE due_at <= :now"
	       " AND id > :subscription_id ORDER BY id LIMIT 500",
	.takes = &due_shape,
	.gives = &due_shape,
	.crosses_organizations = "the job looks for whoever has something due",
};

/* Locks the organization too, as whoever changes a subscription does, and waits for nobody. */
static const struct statement take_due = {
	.sql = "SELECT s.organization_id, s.id AS subscription_id FROM subscription s"
	       " JOIN organization o ON o.id = s.organization_id WHERE s.organization_id = :organization"
	       " AND s.id = :subscription_id AND s.due_at <= :now FOR UPDATE SKIP LOCKED",
	.takes = &due_shape,
	.gives = &due_shape,
};

static const struct problem *
roll_one(struct call *call, void *context)
{
	const struct due *due = context;
	struct subscription subscription = { 0 };
	struct due taken;
	bool found;
	const struct problem *p = sql_maybe(call, &take_due, due, &taken, &found);

	if (p == NULL && found)
		p = subscription_lock_one(call, due->subscription_id, &subscription, &found);
	return p == NULL && found ? subscription_catch_up(call, &subscription) : p;
}

/* One organization's fault keeps no other waiting; the first is what the run answers. A lost lease or database ends it.
 */
static const struct problem *
roll(struct call *call)
{
	const struct problem *first = NULL;
	struct due from = { .subscription_id = { { 0 } } };
	struct list due = { .count = AT_ONCE };
	bool is_over = false;

	while (!is_over && due.count == AT_ONCE && !job_is_stopping()) {
		struct arena_mark mark = arena_mark(call->arena);
		const struct problem *p = sql_all(call, &list_due, &from, &due);
		struct due *rows = due.items;

		job_rollback(call);
		if (p != NULL)
			return p;
		for (size_t i = 0; i < due.count && !is_over && !job_is_stopping(); i++) {
			from = rows[i];
			call->organization = rows[i].organization_id;
			p = job_step(call, roll_one, &rows[i]);
			is_over = p != NULL && (p->kind == CONFLICT || p->kind == UNAVAILABLE);
			if (first == NULL)
				first = p;
		}
		if (first == NULL)
			arena_release(call->arena, mark);
	}
	return first;
}

static const struct job roll_job = {
	.id = "subscriptions.roll",
	.lane = LANE_BOOKS,
	.summary = "Begin the next period of subscriptions, end trials, and cancel what was to be cancelled.",
	.every_seconds = 60,
	.run = roll,
};

const struct resource subscription_roll_resource = {
	.name = "subscription_roll",
	.summary = "What time makes of subscriptions.",
	.statements = LIST_OF(statement, &list_due, &take_due),
	.jobs = LIST_OF(job, &roll_job),
	.events = LIST_OF(event_type, &subscription_changed),
};
