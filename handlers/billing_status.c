/*
 * How an organization stands: what it subscribes to, what it has, what the present cycle has used of what is included,
 * and what comes next. Right at the very moment: a job that is late changes nothing in it.
 */
#include "resources.h"

#include "call.h"
#include "clock.h"
#include "cycle.h"
#include "funds.h"
#include "invoice.h"
#include "statement.h"
#include "text.h"
#include "usage.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *const billing_statuses[] = { "active", "trialing", "past_due", "paused", "closed", NULL };
static const char *const billing_cycles[] = { "monthly", "yearly", NULL };

struct status_query {
	struct id organization_id;
};
static const struct field status_query_fields[] = {
	FIELD(status_query, organization_id, ANY, "The organization."),
};
SHAPE(status_query)

struct status_plan {
	struct id id;
	struct text name;
	struct text tier;
	int64_t version;
};
static const struct field status_plan_fields[] = {
	FIELD(status_plan, id, ANY, "The plan's id; every version has its own."),
	FIELD(status_plan, name, ANY, "Its name."),
	FIELD(status_plan, tier, ANY, "Its place among the plans of the product."),
	FIELD(status_plan, version, ANY, "The version that was subscribed to."),
};
SHAPE(status_plan)

struct status_period {
	struct instant start;
	struct instant end;
};
static const struct field status_period_fields[] = {
	FIELD(status_period, start, ANY, "Its first moment."),
	FIELD(status_period, end, ANY, "The first moment of the next one."),
};
SHAPE(status_period)

struct status_usage {
	struct text metric;
	struct quantity used;
	struct maybe_int included;
	struct maybe_quantity remaining;
	struct quantity overage;
};
static const struct field status_usage_fields[] = {
	FIELD(status_usage, metric, ANY, "What is counted."),
	FIELD(status_usage, used, ANY, "Units of it so far."),
	FIELD(status_usage, included, ANY, "Units that the plan includes in a period; null: there is no quota."),
	FIELD(status_usage, remaining, ANY, "What is left of those; null: there is no quota."),
	FIELD(status_usage, overage, ANY, "What was used beyond them, by the plan that was in force as it was used."),
};
SHAPE(status_usage)

struct status_limits {
	struct maybe_credits soft;
	struct maybe_credits hard;
	struct credits spent;
};
static const struct field status_limits_fields[] = {
	FIELD(status_limits, soft, ANY, "From how many credits of a period on it is announced; null: never."),
	FIELD(status_limits, hard, ANY, "The most credits that a period may spend; null: there is no limit."),
	FIELD(status_limits, spent, ANY, "Credits of this period, charged and held."),
};
SHAPE(status_limits)

struct billing_status {
	struct id organization_id;
	struct text status;
	struct status_plan *plan;
	struct text cycle;
	struct status_period *period;
	struct credits balance;
	struct credits reserved;
	struct credits available;
	struct list usage;
	struct status_limits *limits;
	struct document pause_reason;
	struct instant next_invoice_at;
	int64_t open_invoices;
};
static const struct field billing_status_fields[] = {
	FIELD(billing_status, organization_id, ANY, "The organization."),
	FIELD(billing_status, status, ONE_OF(billing_statuses),
	    "`closed`, or that of its subscription to `platform`; `active` without one."),
	FIELD_OBJECT(billing_status, plan, status_plan, true, "The plan of that subscription; null without."),
	FIELD(billing_status, cycle, ONE_OF(billing_cycles), "How the plan is paid; `monthly` without one."),
	FIELD_OBJECT(billing_status, period, status_period, false,
	    "What usage and limits are counted in: a month from the subscription's day on, also where it is paid by the"
	    " year; a trial; without a subscription the calendar month."),
	FIELD(billing_status, balance, ANY, "All credits: available and reserved."),
	FIELD(billing_status, reserved, ANY, "Credits held by work in progress."),
	FIELD(billing_status, available, ANY, "Credits that can be spent now."),
	FIELD_LIST(billing_status, usage, status_usage, ANY, "Each metric that was used or has a quota, by its name."),
	FIELD_OBJECT(billing_status, limits, status_limits, false, "What the period may spend, in credits."),
	FIELD(billing_status, pause_reason, ANY,
	    "Why the subscription is paused: {invoices: [{invoice_id, invoice_number, amount, timestamp, pause_reason,"
	    " invoice_name, payment_link, severity}]}; null while it is not."),
	FIELD(billing_status, next_invoice_at, ANY,
	    "From when on the present calendar month can be invoiced: the start of the next one, in the organization's"
	    " time zone."),
	FIELD(billing_status, open_invoices, ANY, "Invoices that are issued and not paid."),
};
SHAPE(billing_status)

struct standing {
	struct text timezone;
	bool is_closed;
	struct maybe_text status;
	struct maybe_text cycle;
	struct document pause_reason;
	struct maybe_id plan_id;
	struct maybe_text plan_name;
	struct maybe_text plan_tier;
	struct maybe_int plan_version;
	int64_t open_invoices;
};
static const struct field standing_fields[] = {
	FIELD(standing, timezone, ANY, "Where its months begin."),
	FIELD(standing, is_closed, ANY, "Whether it was closed."),
	FIELD(standing, status, ANY, "The subscription's."),
	FIELD(standing, cycle, ANY, "How it is paid."),
	FIELD(standing, pause_reason, ANY, "Why it is paused."),
	FIELD(standing, plan_id, ANY, "Its plan."),
	FIELD(standing, plan_name, ANY, "The plan's name."),
	FIELD(standing, plan_tier, ANY, "The plan's tier."),
	FIELD(standing, plan_version, ANY, "The plan's version."),
	FIELD(standing, open_invoices, ANY, "How many are issued and not paid."),
};
SHAPE(standing)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

/* What waits for its first payment is no subscription yet; a trial or a subscription that was to end by now has ended.
 */
static const struct statement read_standing = {
	.sql = "SELECT o.timezone, o.status = 'closed' AS is_closed,"
	       " IF(s.status = 'trialing' AND s.trial_ends_at <= :now, 'active', s.status) AS status, s.cycle,"
	       " IF(s.status = 'paused', s.pause_reason, NULL) AS pause_reason, s.plan_id, p.name AS plan_name,"
	       " p.tier AS plan_tier, p.version AS plan_version, " OPEN_INVOICES_OF(
		   "o") " AS open_invoices"
			" FROM organization o LEFT JOIN subscription s ON s.organization_id = o.id AND s.open_product "
			"= 'platform'"
			" AND s.status <> 'incomplete' AND COALESCE(s.cancel_at > :now, TRUE)"
			" LEFT JOIN plan p ON p.id = s.plan_id WHERE o.id = :organization",
	.gives = &standing_shape,
};

/* ---- billing.status.get ---------------------------------------------------------------------------------------- */

HANDLER(get_status, status_query, billing_status)

static const struct operation get_status_operation = {
	.id = "billing.status.get",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "Read how the organization stands: its plan, credits, usage, limits and what is to be paid.",
	.run = &get_status_run,
	.raises = { NOT_FOUND },
};

static const struct problem *
read_subscription(struct call *call, struct billing_status *out)
{
	struct standing standing;
	struct instant month_start;
	const struct problem *p = sql_one(call, &read_standing, NULL, &standing);

	if (p != NULL)
		return p;
	if (!zone_month_start(standing.timezone, call->now, &month_start, &out->next_invoice_at))
		return fail_internal(call, "the time zone %s is not known", standing.timezone.at);
	out->status = standing.is_closed ? TEXT("closed") : text_or(standing.status, "active");
	out->cycle = text_or(standing.cycle, "monthly");
	out->pause_reason = standing.pause_reason;
	out->open_invoices = standing.open_invoices;
	if (!standing.plan_id.given)
		return NULL;
	out->plan = arena_take(call->arena, sizeof(*out->plan));
	*out->plan = (struct status_plan){ standing.plan_id.value, text_or(standing.plan_name, ""),
		text_or(standing.plan_tier, ""), standing.plan_version.value };
	return NULL;
}

static const struct problem *
read_funds(struct call *call, struct billing_status *out)
{
	struct funds funds;
	const struct problem *p = funds_read(call, &funds);

	if (p != NULL)
		return p;
	out->reserved = funds.reserved;
	out->available = funds.available;
	out->balance = (struct credits){ funds.available.count + funds.reserved.count };
	out->limits = arena_take(call->arena, sizeof(*out->limits));
	*out->limits = (struct status_limits){ funds.soft_limit, funds.hard_limit, funds.spent };
	return NULL;
}

/* No counter grows as far as the largest quota that still is one in millionths. */
static struct status_usage
usage_of(const struct usage_counter *counter)
{
	enum { MILLIONTHS = 1000000 };
	struct status_usage usage = { counter->metric, counter->value, counter->included, { { 0 }, false },
		usage_overage(counter) };
	int64_t left = INT64_MAX - counter->value.micros;

	if (!counter->included.given)
		return usage;
	if (counter->included.value <= INT64_MAX / MILLIONTHS)
		left = counter->included.value * MILLIONTHS - counter->value.micros;
	usage.remaining = (struct maybe_quantity){ { left > 0 ? left : 0 }, true };
	return usage;
}

static const struct problem *
read_usage(struct call *call, struct billing_status *out)
{
	const struct usage_counter *counter;
	struct status_usage *usage;
	struct list counters;
	struct cycle cycle;
	const struct problem *p = cycle_at(call, call->now, &cycle);

	if (p == NULL)
		p = usage_counters(call, &cycle, &counters);
	if (p != NULL)
		return p;
	out->period = arena_take(call->arena, sizeof(*out->period));
	*out->period = (struct status_period){ cycle.starts_at, cycle.ends_at };
	counter = counters.items;
	usage = arena_array(call->arena, counters.count, sizeof(*usage));
	for (size_t i = 0; i < counters.count; i++)
		usage[i] = usage_of(&counter[i]);
	out->usage = (struct list){ usage, counters.count };
	return NULL;
}

static const struct problem *
get_status(struct call *call, const struct status_query *in, struct billing_status *out)
{
	const struct problem *p = read_subscription(call, out);

	out->organization_id = in->organization_id;
	if (p == NULL)
		p = read_funds(call, out);
	return p != NULL ? p : read_usage(call, out);
}

const struct resource billing_status_resource = {
	.name = "billing.status",
	.summary = "How an organization stands.",
	.operations = LIST_OF(operation, &get_status_operation),
	.statements = LIST_OF(statement, &read_standing),
};
