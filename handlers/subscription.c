/*
 * Subscriptions as rows: how they are read, shown and stored, and what time alone makes of them.
 */
#include "subscription.h"

#include "clock.h"
#include "id.h"
#include "log.h"
#include "outbox.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

const char *const subscription_products[] = { "platform", "spaces", NULL };
const char *const subscription_cycles[] = { "monthly", "yearly", NULL };

static const char *const statuses[] = { "incomplete", "trialing", "active", "past_due", "paused", "cancelled", NULL };
static const char *const payment_statuses[] = { "processing", "requires_action", "succeeded", "failed", NULL };

static const struct field subscription_period_fields[] = {
	FIELD(subscription_period, start, ANY, "Its first moment."),
	FIELD(subscription_period, end, ANY, "The next one's first moment."),
};
const struct shape subscription_period_shape = {
	.name = "subscription_period",
	.size = sizeof(struct subscription_period),
	.count = COUNT(subscription_period_fields),
	.fields = subscription_period_fields,
};

static const struct field subscription_waiting_fields[] = {
	FIELD(subscription_waiting, id, ANY, "The payment; a top-up, for those who list them."),
	FIELD(subscription_waiting, status, ONE_OF(payment_statuses), "How far it is."),
	FIELD(subscription_waiting, client_secret, LEFT_OUT,
	    "For the processor's library in the browser of the card's holder; only while it waits for that person."),
};
SHAPE(subscription_waiting)

static const struct field subscription_next_fields[] = {
	FIELD(subscription_next, plan_id, ANY, "The plan."),
	FIELD(subscription_next, price_id, ANY, "Its price."),
	FIELD(subscription_next, cycle, ONE_OF(subscription_cycles), "How it is paid."),
	FIELD(subscription_next, seats, ANY, "How many seats."),
};
SHAPE(subscription_next)

static const struct field subscription_fields[] = {
	FIELD(subscription, id, ANY, "The subscription."),
	FIELD(subscription, product, ONE_OF(subscription_products), "What it is a subscription to."),
	FIELD(subscription, plan_id, ANY, "The version of the plan that it keeps until it is changed."),
	FIELD(subscription, price_id, ANY, "Its price."),
	FIELD(subscription, cycle, ONE_OF(subscription_cycles), "How it is paid."),
	FIELD(subscription, seats, ANY, "How many times the price is paid."),
	FIELD(subscription, status, ONE_OF(statuses), "`incomplete`: the first fee waits for its payment."),
	FIELD_OBJECT(subscription, period, subscription_period, false, "What the present fee is for, or the trial."),
	FIELD(subscription, trial_end, ANY, "When the trial ends, or ended."),
	FIELD(subscription, cancel_at, ANY, "When it ends, where that is known."),
	FIELD(subscription, pause_reason, ANY, "While paused: the invoices that were not paid."),
	FIELD_OBJECT(subscription, payment, subscription_waiting, true, "The card payment that it waits for."),
	FIELD_OBJECT(subscription, next_change, subscription_next, true, "What it becomes when that is paid."),
	FIELD(subscription, plan_name, HIDDEN, "The plan's name."),
	FIELD(subscription, timezone, HIDDEN, "The organization's."),
	FIELD(subscription, anchor_year, HIDDEN, "Of the day that periods are counted from."),
	FIELD(subscription, anchor_month, HIDDEN, "Of the same."),
	FIELD(subscription, anchor_day, HIDDEN, "Of the same."),
	FIELD(subscription, anchored_at, HIDDEN, "When the first of them begins."),
	FIELD(subscription, usage_anchor_year, HIDDEN, "Of the day that cycles of usage are counted from."),
	FIELD(subscription, usage_anchor_month, HIDDEN, "Of the same."),
	FIELD(subscription, usage_anchor_day, HIDDEN, "Of the same."),
	FIELD(subscription, usage_anchored_at, HIDDEN, "When the first of them begins."),
	FIELD(subscription, started_at, HIDDEN, "When it began."),
	FIELD(subscription, period_starts_at, HIDDEN, "Of the present period."),
	FIELD(subscription, period_ends_at, HIDDEN, "Of the same."),
	FIELD(subscription, cycle_ends_at, HIDDEN, "Of the usage cycle that was written down last."),
	FIELD(subscription, cancelled_at, HIDDEN, "When it ended."),
	FIELD(subscription, past_due_since, HIDDEN, "Since when a payment is missing."),
	FIELD(subscription, retries, HIDDEN, "How often it was tried again."),
	FIELD(subscription, retry_at, HIDDEN, "When it is tried next."),
};
const struct shape subscription_shape = {
	.name = "subscription",
	.size = sizeof(struct subscription),
	.count = COUNT(subscription_fields),
	.fields = subscription_fields,
};

struct product_ref {
	struct text product;
};
static const struct field product_ref_fields[] = {
	FIELD(product_ref, product, ANY, "The product."),
};
SHAPE(product_ref)

struct subscription_ref {
	struct id subscription_id;
};
static const struct field subscription_ref_fields[] = {
	FIELD(subscription_ref, subscription_id, ANY, "The subscription."),
};
SHAPE(subscription_ref)

struct latest {
	struct maybe_instant at;
};
static const struct field latest_fields[] = {
	FIELD(latest, at, ANY, "When one of the organization's was changed last."),
};
SHAPE(latest)

struct pending {
	struct id payment_id;
	struct id plan_id;
	struct maybe_text price_id;
	struct text cycle;
	int64_t seats;
};
static const struct field pending_fields[] = {
	FIELD(pending, payment_id, ANY, "The payment that it waits for."),
	FIELD(pending, plan_id, ANY, "The plan."),
	FIELD(pending, price_id, ANY, "Its price."),
	FIELD(pending, cycle, ANY, "How it is paid."),
	FIELD(pending, seats, ANY, "How many seats."),
};
SHAPE(pending)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

#define SELECT_SUBSCRIPTION                                                                                            \
	"SELECT s.id, s.product, s.plan_id, IF(s.cycle = 'monthly', p.monthly_price_id, p.yearly_price_id) AS "        \
	"price_id,"                                                                                                    \
	" s.cycle, s.seats, s.status, s.trial_ends_at AS trial_end, s.cancel_at, s.pause_reason, p.name AS plan_name," \
	" o.timezone, COALESCE(YEAR(s.anchor_on), 0) AS anchor_year, COALESCE(MONTH(s.anchor_on), 0) AS anchor_month," \
	" COALESCE(DAYOFMONTH(s.anchor_on), 0) AS anchor_day, s.anchored_at, s.usage_anchored_at,"                     \
	" COALESCE(YEAR(s.usage_anchor_on), 0) AS usage_anchor_year,"                                                  \
	" COALESCE(MONTH(s.usage_anchor_on), 0) AS usage_anchor_month,"                                                \
	" COALESCE(DAYOFMONTH(s.usage_anchor_on), 0) AS usage_anchor_day, s.started_at, s.period_starts_at,"           \
	" s.period_ends_at, s.cycle_ends_at, s.cancelled_at, s.past_due_since, s.retries, s.retry_at FROM "            \
	"subscription s"                                                                                               \
	" JOIN plan p ON p.id = s.plan_id JOIN organization o ON o.id = s.organization_id"                             \
	" WHERE s.organization_id = :organization"

static const struct statement read_open = {
	.sql = SELECT_SUBSCRIPTION " AND s.open_product = :product",
	.takes = &product_ref_shape,
	.gives = &subscription_shape,
};

static const struct statement read_by_id = {
	.sql = SELECT_SUBSCRIPTION " AND s.id = :subscription_id",
	.takes = &subscription_ref_shape,
	.gives = &subscription_shape,
};

/* A lock of the joined row would lock the plan for everybody. */
static const struct statement lock_open = {
	.sql = "SELECT id AS subscription_id FROM subscription WHERE organization_id = :organization"
	       " AND open_product = :product FOR UPDATE",
	.takes = &product_ref_shape,
	.gives = &subscription_ref_shape,
};

static const struct statement lock_owed = {
	.sql = "SELECT id AS subscription_id FROM subscription WHERE organization_id = :organization"
	       " AND product = :product AND status = 'cancelled' AND past_due_since IS NOT NULL"
	       " ORDER BY started_at DESC LIMIT 1 FOR UPDATE",
	.takes = &product_ref_shape,
	.gives = &subscription_ref_shape,
};

static const struct statement lock_by_id = {
	.sql = "SELECT id AS subscription_id FROM subscription WHERE organization_id = :organization"
	       " AND id = :subscription_id FOR UPDATE",
	.takes = &subscription_ref_shape,
	.gives = &subscription_ref_shape,
};

static const struct statement read_latest = {
	.sql = "SELECT MAX(updated_at) AS at FROM subscription WHERE organization_id = :organization",
	.gives = &latest_shape,
};

static const struct statement read_pending = {
	.sql = "SELECT c.payment_id, c.plan_id, IF(c.cycle = 'monthly', p.monthly_price_id, p.yearly_price_id) AS "
	       "price_id,"
	       " c.cycle, c.seats FROM subscription_change c JOIN plan p ON p.id = c.plan_id"
	       " WHERE c.organization_id = :organization AND c.open_of = :subscription_id",
	.takes = &subscription_ref_shape,
	.gives = &pending_shape,
};

#define ANCHOR_DATE "STR_TO_DATE(CONCAT_WS('-', :anchor_year, :anchor_month, :anchor_day), '%Y-%c-%e')"
#define USAGE_ANCHOR_DATE \
	"STR_TO_DATE(CONCAT_WS('-', :usage_anchor_year, :usage_anchor_month, :usage_anchor_day), '%Y-%c-%e')"

static const struct statement insert_row = {
	.sql =
	    "INSERT INTO subscription (id, organization_id, product, plan_id, cycle, seats, status, anchor_on, "
	    "anchored_at,"
	    " usage_anchor_on, usage_anchored_at, started_at, period_starts_at, period_ends_at, cycle_ends_at, "
	    "trial_ends_at, created_at, updated_at)"
	    " VALUES (:id, :organization, :product, :plan_id, :cycle, :seats, :status, " ANCHOR_DATE ", :anchored_at,"
	    " " USAGE_ANCHOR_DATE ", :usage_anchored_at, :started_at, :period_starts_at, :period_ends_at, "
	    ":cycle_ends_at, :trial_end, :now, :now)",
	.takes = &subscription_shape,
	.on_duplicate = CONFLICT,
};

static const struct statement update_row = {
	.sql =
	    "UPDATE subscription SET plan_id = :plan_id, cycle = :cycle, seats = :seats, status = :status,"
	    " anchor_on = " ANCHOR_DATE ", anchored_at = :anchored_at,"
	    " usage_anchor_on = " USAGE_ANCHOR_DATE
	    ", usage_anchored_at = :usage_anchored_at, started_at = :started_at,"
	    " period_starts_at = :period_starts_at, period_ends_at = :period_ends_at, cycle_ends_at = :cycle_ends_at,"
	    " trial_ends_at = :trial_end, cancel_at = :cancel_at, cancelled_at = :cancelled_at,"
	    " past_due_since = :past_due_since, retries = :retries, retry_at = :retry_at, updated_at = :now"
	    " WHERE organization_id = :organization AND id = :id",
	.takes = &subscription_shape,
};

/* ---- what time makes of it ------------------------------------------------------------------------------------- */

bool
subscription_has_status(const struct subscription *subscription, const char *status)
{
	return text_is(subscription->status, status);
}

static int64_t
months_of(const struct subscription *subscription)
{
	return text_is(subscription->cycle, "yearly") ? 12 : 1;
}

/* The next period, behind the present one. */
static bool
renew(struct subscription *subscription)
{
	struct anchor anchor = { subscription->anchor_year, subscription->anchor_month, subscription->anchor_day };
	struct instant start = subscription->period_ends_at;

	if (!cycle_period_end(
		subscription->timezone, anchor, months_of(subscription), start, &subscription->period_ends_at))
		return false;
	subscription->period_starts_at = start;
	return true;
}

bool
subscription_anchor(struct subscription *subscription, struct instant at)
{
	struct anchor anchor;

	if (!cycle_anchor(subscription->timezone, at, &anchor))
		return false;
	subscription->anchor_year = anchor.year;
	subscription->anchor_month = anchor.month;
	subscription->anchor_day = anchor.day;
	subscription->anchored_at = subscription->period_ends_at = at;
	return renew(subscription);
}

void
subscription_anchor_usage(struct subscription *subscription)
{
	subscription->usage_anchor_year = subscription->anchor_year;
	subscription->usage_anchor_month = subscription->anchor_month;
	subscription->usage_anchor_day = subscription->anchor_day;
	subscription->usage_anchored_at = subscription->anchored_at;
}

bool
subscription_step(struct subscription *subscription, struct instant now)
{
	struct instant end = subscription->period_ends_at;

	if (subscription_has_status(subscription, "incomplete") || subscription_has_status(subscription, "cancelled"))
		return false;
	if (subscription->cancel_at.given && !instant_before(end, subscription->cancel_at.value)) {
		if (instant_before(now, subscription->cancel_at.value))
			return false;
		subscription->status = TEXT("cancelled");
		subscription->cancelled_at = subscription->cancel_at;
		return true;
	}
	if (instant_before(now, end))
		return false;
	if (subscription_has_status(subscription, "trialing"))
		subscription->status = TEXT("active");
	return renew(subscription);
}

/* A zone that tzdata knows no more counts as UTC. */
static void
mend_zone(struct subscription *subscription)
{
	if (zone_exists(subscription->timezone))
		return;
	log_error("organization's time zone %s is gone from tzdata: its periods are UTC's", subscription->timezone.at);
	subscription->timezone = TEXT("UTC");
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static struct product_ref
product_of(struct maybe_text product)
{
	return (struct product_ref){ text_or(product, "platform") };
}

static const struct problem *
not_found(struct call *call, const struct product_ref *ref)
{
	return fail(call, NOT_FOUND, "There is no subscription to the product %s.", ref->product.at);
}

const struct problem *
subscription_read(struct call *call, struct maybe_text product, struct subscription *out)
{
	struct product_ref ref = product_of(product);
	bool found;
	const struct problem *p = sql_maybe(call, &read_open, &ref, out, &found);

	if (p != NULL)
		return p;
	if (!found)
		return not_found(call, &ref);
	mend_zone(out);
	while (subscription_step(out, call->now))
		;
	return subscription_has_status(out, "cancelled") ? not_found(call, &ref) : NULL;
}

const struct problem *
subscription_read_one(struct call *call, struct id subscription_id, struct subscription *out)
{
	struct subscription_ref ref = { subscription_id };
	const struct problem *p = sql_one(call, &read_by_id, &ref, out);

	if (p != NULL)
		return p;
	mend_zone(out);
	while (subscription_step(out, call->now))
		;
	return NULL;
}

const struct problem *
subscription_lock_one(struct call *call, struct id subscription_id, struct subscription *out, bool *found)
{
	struct subscription_ref ref = { subscription_id };
	struct latest latest;
	const struct problem *p = sql_maybe(call, &lock_by_id, &ref, &ref, found);

	if (p == NULL)
		p = sql_one(call, &read_latest, NULL, &latest);
	if (p == NULL && latest.at.given)
		call_not_before(call, latest.at.value);
	if (p == NULL && *found)
		p = sql_one(call, &read_by_id, &ref, out);
	if (p == NULL && *found)
		mend_zone(out);
	return p;
}

const struct problem *
subscription_lock(struct call *call, struct maybe_text product, struct subscription *out)
{
	struct product_ref ref = product_of(product);
	struct subscription_ref locked = { { { 0 } } };
	bool found;
	const struct problem *p = sql_maybe(call, &lock_open, &ref, &locked, &found);

	if (p == NULL)
		p = subscription_lock_one(call, locked.subscription_id, out, &found);
	if (p == NULL && found)
		p = subscription_catch_up(call, out);
	if (p != NULL)
		return p;
	return found && !subscription_has_status(out, "cancelled") ? NULL : not_found(call, &ref);
}

const struct problem *
subscription_lock_owed(struct call *call, struct maybe_text product, struct subscription *out, bool *found)
{
	struct product_ref ref = product_of(product);
	struct subscription_ref owed;
	const struct problem *p = sql_maybe(call, &lock_owed, &ref, &owed, found);

	return p == NULL && *found ? subscription_lock_one(call, owed.subscription_id, out, found) : p;
}

const struct problem *
subscription_take_usage_anchor(struct call *call, struct id from_subscription_id, struct subscription *subscription)
{
	struct subscription_ref ref = { from_subscription_id };
	struct subscription from;
	const struct problem *p = sql_one(call, &read_by_id, &ref, &from);

	if (p != NULL)
		return p;
	subscription->usage_anchor_year = from.usage_anchor_year;
	subscription->usage_anchor_month = from.usage_anchor_month;
	subscription->usage_anchor_day = from.usage_anchor_day;
	subscription->usage_anchored_at = from.usage_anchored_at;
	return NULL;
}

/* ---- showing --------------------------------------------------------------------------------------------------- */

static const struct problem *
show_payment(struct call *call, struct subscription *subscription, const struct pending *pending)
{
	struct payment payment;
	bool found;
	const struct problem *p = payment_read(call, pending->payment_id, &payment, &found);

	if (p != NULL || !found)
		return p;
	subscription->payment = arena_take(call->reply_arena, sizeof(*subscription->payment));
	*subscription->payment = (struct subscription_waiting){ .id = payment.id, .status = payment_status(&payment) };
	if ((call->principal.scopes & scope_bit(BILLING_WRITE)) != 0 || call->principal.type == JOB ||
	    call->principal.type == PROCESSOR)
		subscription->payment->client_secret = payment_client_secret(call, &payment);
	if (subscription_has_status(subscription, "incomplete"))
		return NULL;
	subscription->next_change = arena_take(call->reply_arena, sizeof(*subscription->next_change));
	*subscription->next_change = (struct subscription_next){
		.plan_id = pending->plan_id,
		.price_id = pending->price_id,
		.cycle = pending->cycle,
		.seats = pending->seats,
	};
	return NULL;
}

const struct problem *
subscription_show(struct call *call, struct subscription *subscription)
{
	struct subscription_ref ref = { subscription->id };
	struct pending pending;
	bool found;
	const struct problem *p = sql_maybe(call, &read_pending, &ref, &pending, &found);

	subscription->period = arena_take(call->reply_arena, sizeof(*subscription->period));
	*subscription->period =
	    (struct subscription_period){ subscription->period_starts_at, subscription->period_ends_at };
	return p == NULL && found ? show_payment(call, subscription, &pending) : p;
}

/* ---- storing --------------------------------------------------------------------------------------------------- */

const struct problem *
subscription_insert(struct call *call, const struct subscription *subscription)
{
	return sql_run(call, &insert_row, subscription, NULL);
}

const struct problem *
subscription_save(struct call *call, const struct subscription *subscription)
{
	return sql_run(call, &update_row, subscription, NULL);
}

const struct resource subscription_resource = {
	.name = "subscription",
	.summary = "Subscriptions, as rows.",
	.statements = LIST_OF(statement, &read_open, &read_by_id, &lock_open, &lock_owed, &lock_by_id, &read_latest,
	    &read_pending, &insert_row, &update_row),
};
