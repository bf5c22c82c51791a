/*
 * What starting or changing a subscription comes to, and making it so. A preview is these same functions, rolled back.
 */
#include "subscription.h"

#include <inttypes.h>

#include "clock.h"
#include "id.h"
#include "log.h"
#include "money.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

enum { DAY_SECONDS = 86400 };

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct home {
	struct text timezone;
	bool had_product;
};
static const struct field home_fields[] = {
	FIELD(home, timezone, ANY, "The organization's time zone."),
	FIELD(home, had_product, ANY, "Whether it ever had the product."),
};
SHAPE(home)

struct home_query {
	struct text product;
};
static const struct field home_query_fields[] = {
	FIELD(home_query, product, ANY, "The product."),
};
SHAPE(home_query)

struct kept_change {
	struct id payment_id;
	struct id subscription_id;
	bool is_start;
	struct id plan_id;
	struct text cycle;
	int64_t seats;
	struct instant period_starts_at;
	struct credits credits;
	struct credits credit_back;
};
static const struct field kept_change_fields[] = {
	FIELD(kept_change, payment_id, ANY, "The payment it waits for."),
	FIELD(kept_change, subscription_id, ANY, "The subscription."),
	FIELD(kept_change, is_start, ANY, "Whether it begins with it."),
	FIELD(kept_change, plan_id, ANY, "The plan."),
	FIELD(kept_change, cycle, ANY, "How it is paid."),
	FIELD(kept_change, seats, ANY, "How many seats."),
	FIELD(kept_change, period_starts_at, ANY, "The period that it was computed in."),
	FIELD(kept_change, credits, ANY, "What the new stretch costs."),
	FIELD(kept_change, credit_back, ANY, "What is left of the one before."),
};
SHAPE(kept_change)

/* A start that was never paid was none. */
static const struct statement read_home = {
	.sql = "SELECT o.timezone, EXISTS (SELECT 1 FROM subscription s WHERE s.organization_id = :organization"
	       " AND s.product = :product AND (s.cancelled_at IS NULL OR s.cancelled_at > s.started_at)) AS had_product"
	       " FROM organization o WHERE o.id = :organization",
	.takes = &home_query_shape,
	.gives = &home_shape,
};

struct quota_query {
	struct id plan_id;
	struct instant starts_at;
};
static const struct field quota_query_fields[] = {
	FIELD(quota_query, plan_id, ANY, "The plan."),
	FIELD(quota_query, starts_at, ANY, "The running cycle."),
};
SHAPE(quota_query)

struct used_metric {
	struct text metric;
};
static const struct field used_metric_fields[] = {
	FIELD(used_metric, metric, ANY, "Its name."),
};
SHAPE(used_metric)

static const struct statement find_over = {
	.sql = "SELECT u.metric FROM usage_counter u JOIN plan_quota q ON q.plan_id = :plan_id AND q.metric = u.metric"
	       " WHERE u.organization_id = :organization AND u.cycle_starts_at = :starts_at"
	       " AND q.overage_unit_price IS NULL AND u.value + u.held > q.included * 1000000"
	       " ORDER BY u.metric LIMIT 1",
	.takes = &quota_query_shape,
	.gives = &used_metric_shape,
};

static const struct statement keep_change = {
	.sql =
	    "INSERT INTO subscription_change (payment_id, organization_id, subscription_id, is_start, plan_id, cycle,"
	    " seats, period_starts_at, credits, credit_back, created_at) VALUES (:payment_id, :organization,"
	    " :subscription_id, :is_start, :plan_id, :cycle, :seats, :period_starts_at, :credits, :credit_back, :now)",
	.takes = &kept_change_shape,
};

/* ---- what is wanted -------------------------------------------------------------------------------------------- */

static bool
is_text(struct maybe_text a, struct maybe_text b)
{
	return a.at != NULL && b.at != NULL &&
	       text_equal((struct text){ a.at, a.length }, (struct text){ b.at, b.length });
}

static const struct problem *
check_one_plan(struct call *call, const struct subscription_wish *wish)
{
	if (wish->plan_id.given && wish->price_id.at != NULL)
		return fail_field(call, "/price_id", "not_allowed", "Name either the plan or its price.");
	return NULL;
}

/* A price says the cycle by itself. */
static const struct problem *
find_cycle(struct call *call, const struct subscription_wish *wish, struct maybe_text otherwise, struct turn *turn)
{
	bool yearly = is_text(wish->price_id, turn->offer.yearly_price_id);

	if (wish->price_id.at != NULL) {
		turn->cycle = yearly ? TEXT("yearly") : TEXT("monthly");
		if (wish->cycle.at != NULL && !is_text(wish->cycle, text_given(turn->cycle)))
			return fail_field(call, "/cycle", "not_allowed", "This price is the %s one.", turn->cycle.at);
		return NULL;
	}
	if (wish->cycle.at == NULL && otherwise.at == NULL)
		return fail_field(call, "/cycle", "missing", "Say whether to pay monthly or yearly.");
	turn->cycle = text_or(wish->cycle, otherwise.at);
	return NULL;
}

static const struct problem *
check_sold(struct call *call, const struct offer *offer)
{
	if (text_is(offer->status, "published"))
		return NULL;
	return fail(call, CONFLICT, "This version of the plan %s is not sold any more.", offer->name.at);
}

/* ---- lines ------------------------------------------------------------------------------------------------------ */

static struct fee_line *
add_line(struct turn *turn)
{
	return &turn->lines[turn->line_count++];
}

static void
add_unused(struct call *call, struct turn *turn, const struct subscription *subscription)
{
	struct fee_line *line = add_line(turn);

	*line = (struct fee_line){
		.description =
		    arena_format(call->arena, "Not used of %s, %s, %" PRId64 " %s", subscription->plan_name.at,
			subscription->cycle.at, subscription->seats, subscription->seats == 1 ? "seat" : "seats"),
		.from = call->now,
		.to = turn->before.ends_at,
		.seconds = seconds_between(call->now, turn->before.ends_at),
		.of_seconds = seconds_between(turn->before.starts_at, turn->before.ends_at),
		.credits = { -turn->back.count },
	};
}

/* The fee of what begins now and lasts until the period's end. */
static const struct problem *
add_fee(struct call *call, struct turn *turn, struct instant period_start, struct instant period_end)
{
	struct fee_line *line = add_line(turn);

	*line = (struct fee_line){
		.description = arena_format(call->arena, "%s, %s, %" PRId64 " %s", turn->offer.name.at, turn->cycle.at,
		    turn->seats, turn->seats == 1 ? "seat" : "seats"),
		.from = call->now,
		.to = period_end,
		.seconds = seconds_between(call->now, period_end),
		.of_seconds = seconds_between(period_start, period_end),
	};
	if (line->seconds == 0)
		line->seconds = line->of_seconds = 1; /* too short for the clock: the whole */
	const struct problem *p =
	    fee_price(call, &turn->offer, turn->cycle, turn->seats, line->seconds, line->of_seconds, &turn->fee);

	line->credits = turn->fee;
	return p;
}

/* ---- starting --------------------------------------------------------------------------------------------------- */

static const struct problem *
check_none_open(struct call *call, struct text product)
{
	struct subscription open;
	const struct problem *p = subscription_lock(call, text_given(product), &open);

	if (p != NULL)
		return p->kind == NOT_FOUND ? NULL : p;
	if (subscription_has_status(&open, "incomplete"))
		return fail(call, CONFLICT, "A subscription to %s waits for its payment; cancel it to start another.",
		    product.at);
	return fail(call, CONFLICT, "There is a subscription to %s already; change that.", product.at);
}

static const struct problem *
check_none_owed(struct call *call, struct text product)
{
	struct subscription owed;
	bool found;
	const struct problem *p = subscription_lock_owed(call, text_given(product), &owed, &found);

	if (p != NULL || !found)
		return p;
	return fail(call, CONFLICT, "The last subscription to %s ended while its payment was owed; pay that first.",
	    product.at);
}

/* The subscription as it begins at this moment. */
static const struct problem *
begin(struct call *call, struct subscription *subscription, const struct turn *turn)
{
	struct instant anchor = call->now;

	subscription->started_at = call->now;
	subscription->status = TEXT("active");
	if (turn->is_trial) {
		anchor = instant_plus_seconds(call->now, turn->offer.trial_days * DAY_SECONDS);
		subscription->trial_end = instant_given(anchor);
		subscription->status = TEXT("trialing");
	}
	if (!subscription_anchor(subscription, anchor))
		return fail_internal(call, "no period can be computed in %s", subscription->timezone.at);
	subscription_anchor_usage(subscription);
	if (turn->is_trial) {
		subscription->period_starts_at = call->now;
		subscription->period_ends_at = anchor;
	}
	return NULL;
}

static void
take_over(struct subscription *subscription, const struct turn *turn)
{
	subscription->plan_id = turn->offer.plan_id;
	subscription->plan_name = turn->offer.name;
	subscription->price_id =
	    text_is(turn->cycle, "yearly") ? turn->offer.yearly_price_id : turn->offer.monthly_price_id;
	subscription->cycle = turn->cycle;
	subscription->seats = turn->seats;
}

static const struct problem *
find_trial(struct call *call, const struct subscription_wish *wish, bool had_product, struct turn *turn)
{
	bool may_try = turn->offer.trial_days > 0 && !had_product;

	if (wish->trial.given && wish->trial.value && !may_try)
		return fail(call, CONFLICT,
		    had_product ? "The organization has had this product before: there is no second trial."
				: "This plan has no trial.");
	turn->is_trial = may_try && (!wish->trial.given || wish->trial.value);
	return NULL;
}

static const struct problem *
find_start(struct call *call, const struct subscription_wish *wish, struct turn *turn)
{
	struct wanted_plan wanted = { wish->plan_id, wish->price_id };
	const struct problem *p = check_one_plan(call, wish);

	if (p == NULL && !wish->plan_id.given && wish->price_id.at == NULL)
		p = fail_field(call, "/plan_id", "missing", "Name the plan or its price.");
	if (p == NULL)
		p = offer_read(call, &wanted, &turn->offer);
	if (p == NULL)
		p = find_cycle(call, wish, (struct maybe_text){ .at = NULL }, turn);
	turn->seats = wish->seats.given ? wish->seats.value : 1;
	if (p == NULL)
		p = check_sold(call, &turn->offer);
	if (p == NULL)
		p = check_none_open(call, turn->offer.product);
	return p != NULL ? p : check_none_owed(call, turn->offer.product);
}

const struct problem *
turn_plan_start(
    struct call *call, const struct subscription_wish *wish, struct subscription *subscription, struct turn *turn)
{
	struct home_query query;
	struct home home;
	const struct problem *p;

	*turn = (struct turn){ .is_start = true, .begins_period = true };
	p = find_start(call, wish, turn);
	if (p != NULL)
		return p;
	query.product = turn->offer.product;
	p = sql_one(call, &read_home, &query, &home);
	if (p == NULL)
		p = find_trial(call, wish, home.had_product, turn);
	if (p != NULL)
		return p;
	*subscription = (struct subscription){ .id = id_new(call->now), .product = turn->offer.product };
	subscription->timezone = zone_exists(home.timezone) ? home.timezone : TEXT("UTC");
	take_over(subscription, turn);
	p = begin(call, subscription, turn);
	if (p == NULL)
		p = add_fee(call, turn, subscription->period_starts_at, subscription->period_ends_at);
	if (p == NULL && turn->is_trial) {
		turn->fee.count = 0;
		turn->line_count = 0;
	}
	return p != NULL ? p : turn_find_payment(call, turn);
}

/* ---- changing --------------------------------------------------------------------------------------------------- */

static const struct problem *
check_changeable(struct call *call, const struct subscription *subscription)
{
	if (subscription_has_status(subscription, "incomplete"))
		return fail(call, CONFLICT, "The subscription waits for its first payment.");
	if (subscription_has_status(subscription, "paused"))
		return fail(call, CONFLICT, "The subscription is paused until what is owed is paid.");
	return NULL;
}

/* The version that it has can be kept, whether it is still sold or not. */
static const struct problem *
find_change(
    struct call *call, const struct subscription_wish *wish, const struct subscription *subscription, struct turn *turn)
{
	struct wanted_plan wanted = { wish->plan_id, wish->price_id };
	const struct problem *p = check_one_plan(call, wish);

	if (!wish->plan_id.given && wish->price_id.at == NULL)
		wanted.plan_id = id_given(subscription->plan_id);
	if (p == NULL)
		p = offer_read(call, &wanted, &turn->offer);
	if (p == NULL && !text_equal(turn->offer.product, subscription->product))
		p = fail_field(call, wish->plan_id.given ? "/plan_id" : "/price_id", "not_allowed",
		    "This is a plan of %s, not of %s.", turn->offer.product.at, subscription->product.at);
	if (p == NULL && !id_equal(turn->offer.plan_id, subscription->plan_id))
		p = check_sold(call, &turn->offer);
	turn->seats = wish->seats.given ? wish->seats.value : subscription->seats;
	return p != NULL ? p : find_cycle(call, wish, text_given(subscription->cycle), turn);
}

/* What was used, or is held, of a metric that the new plan stops. */
static const struct problem *
check_quotas(struct call *call, const struct turn *turn)
{
	struct quota_query query = { .plan_id = turn->offer.plan_id };
	struct used_metric over;
	struct cycle running;
	bool found;
	const struct problem *p = cycle_open(call, call->now, &running);

	query.starts_at = running.starts_at;
	if (p == NULL)
		p = sql_maybe(call, &find_over, &query, &over, &found);
	if (p != NULL || !found)
		return p;
	return fail(call, CONFLICT,
	    "More of the metric %s was used in this cycle than the plan %s includes: change when the cycle is over.",
	    over.metric.at, turn->offer.name.at);
}

static const struct problem *
check_plan_fits(struct call *call, const struct subscription *subscription, const struct turn *turn)
{
	if (turn->is_trial && turn->offer.trial_days == 0)
		return fail(call, CONFLICT, "The plan %s has no trial: change to it when the trial is over.",
		    turn->offer.name.at);
	return text_is(subscription->product, "platform") ? check_quotas(call, turn) : NULL;
}

/* What is left of the present fee against the new price of the same time; another cycle of billing begins anew. */
const struct problem *
turn_reprice(struct call *call, const struct subscription *subscription, struct turn *turn)
{
	struct subscription anew = *subscription;
	const struct problem *p = stretch_read(call, subscription->id, &turn->before, &turn->has_stretch);

	if (p != NULL)
		return p;
	if (!turn->has_stretch)
		return fail_internal(call, "a period without its fee");
	p = stretch_worth(call, &turn->before, call->now, &turn->back, &turn->unpaid);
	if (p != NULL)
		return p;
	if (turn->before.charged_at.given)
		add_unused(call, turn, subscription);
	anew.cycle = turn->cycle;
	if (turn->begins_period && !subscription_anchor(&anew, call->now))
		return fail_internal(call, "no period can be computed in %s", anew.timezone.at);
	return add_fee(call, turn, anew.period_starts_at, anew.period_ends_at);
}

const struct problem *
turn_plan_change(struct call *call, const struct subscription_wish *wish, struct subscription *subscription,
    struct turn *turn, bool *changes)
{
	const struct problem *p = check_changeable(call, subscription);

	*turn = (struct turn){ .is_trial = subscription_has_status(subscription, "trialing") };
	if (p == NULL)
		p = find_change(call, wish, subscription, turn);
	if (p != NULL)
		return p;
	if (!id_equal(turn->offer.plan_id, subscription->plan_id))
		p = check_plan_fits(call, subscription, turn);
	if (p != NULL)
		return p;
	*changes = !id_equal(turn->offer.plan_id, subscription->plan_id) || turn->seats != subscription->seats ||
		   !text_equal(turn->cycle, subscription->cycle);
	if (!*changes)
		return NULL;
	if (turn->is_trial)
		return fee_price(call, &turn->offer, turn->cycle, turn->seats, 1, 1, &(struct credits){ 0 });
	turn->begins_period = !text_equal(turn->cycle, subscription->cycle);
	p = turn_reprice(call, subscription, turn);
	if (p == NULL && turn->unpaid.at != NULL)
		p = fail(call, CONFLICT, "%s", turn->unpaid.at);
	return p != NULL ? p : turn_find_payment(call, turn);
}

/* ---- making it so ------------------------------------------------------------------------------------------------ */

/* What it was until now ends, with what it has cost so far. */
static const struct problem *
end_before(struct call *call, struct turn *turn)
{
	struct stretch *before = &turn->before;
	struct credits kept = stretch_used(before, call->now);

	if (!turn->has_stretch)
		return NULL;
	if (before->charged_at.given)
		kept.count = before->credits.count - turn->back.count;
	return stretch_end(call, before, kept);
}

static const struct problem *
change_row(struct call *call, struct subscription *subscription, const struct turn *turn)
{
	const struct problem *p = NULL;

	take_over(subscription, turn);
	if (turn->is_start)
		p = begin(call, subscription, turn);
	else if (turn->begins_period && !subscription_anchor(subscription, call->now))
		p = fail_internal(call, "no period can be computed in %s", subscription->timezone.at);
	if (p != NULL)
		return p;
	if (turn->begins_period && subscription->cancel_at.given)
		subscription->cancel_at.value = subscription->period_ends_at;
	return NULL;
}

/* The usage's cycle: a month also of what is paid by the year; the trial as a whole. */
static const struct problem *
turn_cycle(struct call *call, struct subscription *subscription, struct cycle *next)
{
	struct anchor anchor = { subscription->usage_anchor_year, subscription->usage_anchor_month,
		subscription->usage_anchor_day };

	*next = (struct cycle){ .starts_at = call->now,
		.ends_at = subscription->period_ends_at,
		.plan_id = id_given(subscription->plan_id),
		.subscription_id = id_given(subscription->id) };
	if (!subscription_has_status(subscription, "trialing") &&
	    !cycle_period_end(subscription->timezone, anchor, 1, call->now, &next->ends_at))
		return fail_internal(call, "no cycle can be computed in %s", subscription->timezone.at);
	subscription->cycle_ends_at = instant_given(next->ends_at);
	return NULL;
}

/* What begins within a cycle that another subscription has left goes on with it. */
static const struct problem *
join_cycle(struct call *call, struct subscription *subscription, const struct cycle *running)
{
	subscription->cycle_ends_at = instant_given(running->ends_at);
	return subscription_take_usage_anchor(call, running->subscription_id.value, subscription);
}

static const struct problem *
charge(struct call *call, const struct subscription *subscription, const struct turn *turn, struct maybe_id lot)
{
	struct stretch stretch = {
		.subscription_id = subscription->id,
		.starts_at = call->now,
		.ends_at = subscription->period_ends_at,
		.period_starts_at = subscription->period_starts_at,
		.period_ends_at = subscription->period_ends_at,
		.plan_id = subscription->plan_id,
		.cycle = subscription->cycle,
		.seats = subscription->seats,
		.credits = turn->fee,
		.charged_at = { call->now, !turn->is_unbilled },
	};
	const struct problem *p = NULL;

	if (turn->is_trial)
		return NULL;
	if (turn->is_unbilled) {
		p = stretch_insert(call, &stretch);
		return p != NULL || turn->back.count == 0 ? p : fee_give_back(call, subscription, turn->back);
	}
	if (turn->charge.count > 0)
		p = fee_take(call, subscription, turn->charge, lot, turn->from == PAID_ACCOUNT, &stretch);
	if (p == NULL)
		p = stretch_insert(call, &stretch);
	if (p == NULL && turn->charge.count < 0)
		p = fee_give_back(call, subscription, (struct credits){ -turn->charge.count });
	return p;
}

const struct problem *
turn_make(struct call *call, struct subscription *subscription, struct turn *turn, struct maybe_id lot)
{
	bool is_new = turn->is_start && !turn->is_kept;
	struct maybe_text before = is_new ? (struct maybe_text){ .at = NULL } : text_given(subscription->status);
	bool is_platform = text_is(subscription->product, "platform");
	struct cycle running = { 0 }, next;
	bool cuts;
	const struct problem *p = is_platform ? cycle_open(call, call->now, &running) : NULL;

	cuts = is_platform && turn->is_start && !running.subscription_id.given;
	if (p == NULL)
		p = end_before(call, turn);
	if (p == NULL)
		p = change_row(call, subscription, turn);
	if (p == NULL && cuts)
		p = turn_cycle(call, subscription, &next);
	else if (p == NULL && is_platform && turn->is_start)
		p = join_cycle(call, subscription, &running);
	if (p == NULL)
		p = is_new ? subscription_insert(call, subscription) : subscription_save(call, subscription);
	if (p == NULL && cuts)
		p = cycle_cut(call, &next);
	else if (p == NULL && is_platform)
		p = cycle_change_plan(call, subscription->plan_id, subscription->id);
	if (p == NULL)
		p = charge(call, subscription, turn, lot);
	return p != NULL ? p : subscription_tell(call, subscription, before);
}

const struct problem *
turn_keep(struct call *call, struct subscription *subscription, const struct turn *turn, struct id payment_id)
{
	struct kept_change change = {
		.payment_id = payment_id,
		.subscription_id = subscription->id,
		.is_start = turn->is_start,
		.plan_id = turn->offer.plan_id,
		.cycle = turn->cycle,
		.seats = turn->seats,
		.period_starts_at = subscription->period_starts_at,
		.credits = turn->fee,
		.credit_back = turn->back,
	};
	const struct problem *p = NULL;

	if (turn->is_start) {
		subscription->status = TEXT("incomplete");
		p = subscription_insert(call, subscription);
	}
	return p != NULL ? p : sql_run(call, &keep_change, &change, NULL);
}

const struct resource subscription_turn_resource = {
	.name = "subscription_turn",
	.summary = "Starting and changing subscriptions.",
	.statements = LIST_OF(statement, &read_home, &find_over, &keep_change),
};
