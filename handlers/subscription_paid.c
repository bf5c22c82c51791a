/*
 * What a card payment makes of the start or the change that waits for it, whoever books it: the worker, the webhook,
 * the sweeper. A payment without one (it was given up, or can't come true any more) has bought credits, and nothing
 * else.
 */
#include "subscription.h"

#include "clock.h"
#include "id.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct payment_key {
	struct id payment_id;
};
static const struct field payment_key_fields[] = {
	FIELD(payment_key, payment_id, ANY, "The payment."),
};
SHAPE(payment_key)

struct waiting_change {
	struct id payment_id;
	struct id subscription_id;
	bool is_start;
	struct id plan_id;
	struct text cycle;
	int64_t seats;
	struct text status;
	struct instant period_starts_at;
	struct credits credits;
	struct instant asked_at;
};
static const struct field waiting_change_fields[] = {
	FIELD(waiting_change, payment_id, ANY, "The payment."),
	FIELD(waiting_change, subscription_id, ANY, "The subscription."),
	FIELD(waiting_change, is_start, ANY, "Whether it begins with it."),
	FIELD(waiting_change, plan_id, ANY, "The plan."),
	FIELD(waiting_change, cycle, ANY, "How it is paid."),
	FIELD(waiting_change, seats, ANY, "How many seats."),
	FIELD(waiting_change, status, ANY, "What became of it."),
	FIELD(waiting_change, period_starts_at, ANY, "The period that it was computed in."),
	FIELD(waiting_change, credits, ANY, "What the new stretch costs."),
	FIELD(waiting_change, asked_at, ANY, "When it was computed."),
};
SHAPE(waiting_change)

struct product_of_change {
	struct text product;
	bool start_too;
};
static const struct field product_of_change_fields[] = {
	FIELD(product_of_change, product, ANY, "The product."),
	FIELD(product_of_change, start_too, ANY, "Also a start."),
};
SHAPE(product_of_change)

static const struct statement read_change = {
	.sql = "SELECT payment_id, subscription_id, is_start, plan_id, cycle, seats, status, period_starts_at, credits,"
	       " created_at AS asked_at FROM subscription_change"
	       " WHERE organization_id = :organization AND payment_id = :payment_id",
	.takes = &payment_key_shape,
	.gives = &waiting_change_shape,
};

static const struct statement end_change = {
	.sql = "UPDATE subscription_change SET status = :status, ended_at = :now WHERE organization_id = :organization"
	       " AND payment_id = :payment_id AND status = 'pending'",
	.takes = &waiting_change_shape,
};

static const struct statement find_waiting = {
	.sql =
	    "SELECT c.payment_id FROM subscription s JOIN subscription_change c ON c.open_of = s.id"
	    " WHERE s.organization_id = :organization AND s.open_product = :product AND (:start_too OR NOT c.is_start)",
	.takes = &product_of_change_shape,
	.gives = &payment_key_shape,
};

/* Whatever its status: money that came is booked for a closed one, too. */
static const struct statement lock_organization = {
	.sql = "SELECT id AS payment_id FROM organization WHERE id = :organization FOR UPDATE",
	.gives = &payment_key_shape,
};

/* ---- before the book is locked ---------------------------------------------------------------------------------- */

static const struct problem *
read_one(struct call *call, const struct payment *payment, struct waiting_change *out, bool *found)
{
	struct payment_key key = { payment->id };

	return sql_maybe(call, &read_change, &key, out, found);
}

const struct problem *
subscription_expect(struct call *call, const struct payment *payment)
{
	struct waiting_change change;
	struct subscription subscription;
	struct payment_key locked;
	struct cycle running;
	bool found;
	const struct problem *p = read_one(call, payment, &change, &found);

	if (p != NULL || !found || !text_is(change.status, "pending"))
		return p;
	p = sql_one(call, &lock_organization, NULL, &locked);
	if (p == NULL)
		p = subscription_lock_one(call, change.subscription_id, &subscription, &found);
	if (p == NULL)
		p = subscription_catch_up(call, &subscription);
	if (p == NULL && text_is(subscription.product, "platform"))
		p = cycle_lock(call, &running);
	return p;
}

/* ---- it was paid ------------------------------------------------------------------------------------------------- */

static const struct problem *
end(struct call *call, struct waiting_change *change, struct text status)
{
	change->status = status;
	return sql_run(call, &end_change, change, NULL);
}

/* A start that never came true leaves a row that ended as it began. */
static const struct problem *
drop_start(struct call *call, struct subscription *subscription)
{
	struct maybe_text before = text_given(subscription->status);
	const struct problem *p;

	if (!subscription_has_status(subscription, "incomplete"))
		return NULL;
	subscription->status = TEXT("cancelled");
	subscription->cancelled_at = instant_given(subscription->started_at);
	p = subscription_save(call, subscription);
	return p != NULL ? p : subscription_tell(call, subscription, before);
}

static const struct problem *
drop(struct call *call, struct waiting_change *change, struct subscription *subscription)
{
	const struct problem *p = change->is_start ? drop_start(call, subscription) : NULL;

	return p != NULL ? p : end(call, change, TEXT("gone"));
}

/* As it was computed then; of a change, what is left of the stretch before is counted anew. */
static const struct problem *
recall(
    struct call *call, const struct waiting_change *change, const struct subscription *subscription, struct turn *turn)
{
	struct wanted_plan wanted = { .plan_id = id_given(change->plan_id) };

	*turn = (struct turn){
		.is_start = change->is_start,
		.is_kept = change->is_start,
		.begins_period = change->is_start || !text_equal(change->cycle, subscription->cycle),
		.cycle = change->cycle,
		.seats = change->seats,
		.fee = change->credits,
		.charge = change->credits,
		.from = PAID_CARD,
	};
	return offer_read(call, &wanted, &turn->offer);
}

/* The period for which it was computed is over: the monthly run bills what is left of the new one, and what was bought
 * stays credits. Where a run has billed the new one already, what is left of that comes back. */
static const struct problem *
change_later(struct call *call, struct waiting_change *change, struct subscription *subscription, struct turn *turn)
{
	const struct problem *p = turn_reprice(call, subscription, turn);

	if (p != NULL)
		return p;
	if (turn->unpaid.at != NULL)
		return drop(call, change, subscription);
	turn->is_unbilled = true;
	p = turn_make(call, subscription, turn, (struct maybe_id){ .given = false });
	return p != NULL ? p : end(call, change, TEXT("done"));
}

/* A run may have billed the stretch before since then, and an invoice may have been paid, or credited. */
static const struct problem *
count_back(
    struct call *call, const struct waiting_change *change, const struct subscription *subscription, struct turn *turn)
{
	const struct problem *p = stretch_read(call, subscription->id, &turn->before, &turn->has_stretch);

	if (p == NULL && turn->has_stretch)
		p = stretch_worth(call, &turn->before, change->asked_at, &turn->back, &turn->unpaid);
	turn->charge.count = turn->fee.count - turn->back.count;
	return p;
}

static const struct problem *
change_now(struct call *call, const struct payment *payment, struct waiting_change *change,
    struct subscription *subscription, struct turn *turn)
{
	const struct problem *p = change->is_start ? NULL : count_back(call, change, subscription, turn);
	bool affordable;

	if (p == NULL)
		p = turn_check_affordable(call, turn, &affordable);
	if (p != NULL)
		return p;
	if (!affordable || turn->unpaid.at != NULL)
		return drop(call, change, subscription);
	p = turn_make(call, subscription, turn, payment->entry_id);
	return p != NULL ? p : end(call, change, TEXT("done"));
}

const struct problem *
subscription_paid(struct call *call, const struct payment *payment)
{
	struct waiting_change change;
	struct subscription subscription;
	struct turn turn;
	bool found, same_period;
	const struct problem *p = read_one(call, payment, &change, &found);

	if (p != NULL || !found || !text_is(change.status, "pending"))
		return p;
	p = subscription_lock_one(call, change.subscription_id, &subscription, &found);
	if (p == NULL)
		p = recall(call, &change, &subscription, &turn);
	if (p != NULL)
		return p;
	if (subscription_has_status(&subscription, "cancelled") || subscription_has_status(&subscription, "paused"))
		return drop(call, &change, &subscription);
	same_period = subscription.period_starts_at.microseconds == change.period_starts_at.microseconds;
	if (change.is_start || same_period)
		return change_now(call, payment, &change, &subscription, &turn);
	return change_later(call, &change, &subscription, &turn);
}

/* ---- it was not -------------------------------------------------------------------------------------------------- */

const struct problem *
subscription_declined(struct call *call, const struct payment *payment)
{
	struct waiting_change change;
	struct subscription subscription;
	bool found;
	const struct problem *p = read_one(call, payment, &change, &found);

	if (p != NULL || !found || !text_is(change.status, "pending"))
		return p;
	p = subscription_lock_one(call, change.subscription_id, &subscription, &found);
	return p != NULL ? p : drop(call, &change, &subscription);
}

const struct problem *
turn_give_up(struct call *call, struct maybe_text product, bool start_too)
{
	struct product_of_change waiting = { text_or(product, "platform"), start_too };
	struct payment_key key;
	bool found;
	const struct problem *p = sql_maybe(call, &find_waiting, &waiting, &key, &found);

	return p == NULL && found ? payment_give_up(call, key.payment_id) : p;
}

/* ---- what the waiting caller gets ---------------------------------------------------------------------------------
 */

const struct problem *
subscription_answer(struct call *call, const struct payment *payment)
{
	struct waiting_change change;
	struct subscription subscription;
	bool found;
	const struct problem *p = read_one(call, payment, &change, &found);

	if (p != NULL)
		return p;
	if (!found)
		return fail_internal(call, "a payment for no subscription");
	p = subscription_read_one(call, change.subscription_id, &subscription);
	if (p == NULL)
		p = subscription_show(call, &subscription);
	return p != NULL ? p : claim_answer(call, &payment->claim, &subscription);
}

const struct resource subscription_paid_resource = {
	.name = "subscription_paid",
	.summary = "Subscriptions whose payment has ended.",
	.statements = LIST_OF(statement, &read_change, &end_change, &find_waiting, &lock_organization),
};
