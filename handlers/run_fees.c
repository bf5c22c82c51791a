/*
 * The first steps of a monthly run. Usage: the cycles that have ended are closed, so that what comes later is late.
 * Fees: each stretch of a subscription that began before the month's end, and was not charged at its start, is billed
 * once: a month's fee, or a year's. What was billed of it is kept beside it, for the stretch itself may be cut later.
 */
#include <inttypes.h>

#include "json.h"
#include "money.h"
#include "month_run.h"
#include "resources.h"
#include "statement.h"
#include "subscription.h"
#include "text.h"

/* ---- usage ------------------------------------------------------------------------------------------------------ */

struct closing {
	struct text period;
	struct instant to_at;
};
static const struct field closing_fields[] = {
	FIELD(closing, period, ANY, "The run's month."),
	FIELD(closing, to_at, ANY, "Its end."),
};
SHAPE(closing)

static const struct statement close_cycles = {
	.sql = "UPDATE usage_cycle SET closed_at = :now, run_period = :period WHERE organization_id = :organization"
	       " AND ends_at <= :to_at AND closed_at IS NULL",
	.takes = &closing_shape,
};

/* What time has made of subscriptions is written down first: the fees and the cycles of their periods. */
static const struct problem *
catch_up(struct call *call)
{
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && subscription_products[i] != NULL; i++) {
		struct subscription subscription;

		p = subscription_lock(call, text_given(text_from(subscription_products[i])), &subscription);
		if (p != NULL && p->kind == NOT_FOUND)
			p = NULL;
	}
	return p;
}

static const struct problem *
bill_usage(struct call *call, struct run *run)
{
	struct closing closing = { run->period, run->to_at };
	int64_t closed = 0;
	const struct problem *p = catch_up(call);

	if (p == NULL)
		p = sql_run(call, &close_cycles, &closing, &closed);
	if (p != NULL || closed == 0)
		return p;
	run->has_changed = true;
	run->detail = arena_format(call->arena, "%" PRId64 " cycle%s of usage closed.", closed, closed == 1 ? "" : "s");
	return NULL;
}

const struct run_part run_usage_part = { .name = "usage", .bill = bill_usage };

/* ---- fees: shapes and SQL ---------------------------------------------------------------------------------------- */

struct due_fee {
	struct text period;
	struct instant to_at;
	struct id id;
	struct id subscription_id;
	struct text plan_name;
	struct text cycle;
	int64_t seats;
	struct credits credits;
	bool on_account;
	struct maybe_int sequence;
	struct maybe_text paid_from;
};
static const struct field due_fee_fields[] = {
	FIELD(due_fee, period, ANY, "The run's month."),
	FIELD(due_fee, to_at, ANY, "Its end."),
	FIELD(due_fee, id, ANY, "The stretch."),
	FIELD(due_fee, subscription_id, ANY, "Of which subscription."),
	FIELD(due_fee, plan_name, ANY, "The plan."),
	FIELD(due_fee, cycle, ANY, "How it is paid."),
	FIELD(due_fee, seats, ANY, "How many seats."),
	FIELD(due_fee, credits, ANY, "What it costs."),
	FIELD(due_fee, on_account, ANY, "Whether it is owed in money."),
	FIELD(due_fee, sequence, ANY, "The entry that charged it."),
	FIELD(due_fee, paid_from, ANY, "What pays it."),
};
SHAPE(due_fee)

static const struct field found_fee_fields[] = {
	FIELD(due_fee, id, ANY, "The stretch."),
	FIELD(due_fee, subscription_id, ANY, "Of which subscription."),
	FIELD(due_fee, plan_name, ANY, "The plan."),
	FIELD(due_fee, cycle, ANY, "How it is paid."),
	FIELD(due_fee, seats, ANY, "How many seats."),
	FIELD(due_fee, credits, ANY, "What it costs."),
};
VIEW(found_fee, due_fee)

static const struct statement list_due = {
	.sql = "SELECT f.id, f.subscription_id, p.name AS plan_name, f.cycle, f.seats, f.credits"
	       " FROM subscription_fee f JOIN plan p ON p.id = f.plan_id WHERE f.organization_id = :organization"
	       " AND f.charged_at IS NULL AND f.starts_at < :to_at ORDER BY f.starts_at, f.id",
	.takes = &closing_shape,
	.gives = &found_fee_shape,
};

/* What the invoice charges counts as drawn, too: that much can be given back. */
static const struct statement mark_fee = {
	.sql = "UPDATE subscription_fee SET charged_at = :now, run_period = :period, billed = credits,"
	       " billed_until = ends_at, paid_from = :paid_from, on_account = :on_account, sequence = :sequence,"
	       " drawn = credits WHERE organization_id = :organization AND id = :id",
	.takes = &due_fee_shape,
};

struct billed_fee {
	struct id id;
	struct id subscription_id;
	struct text product;
	struct id plan_id;
	struct text plan_name;
	int64_t plan_version;
	struct text cycle;
	int64_t seats;
	struct credits credits;
	struct instant from_at, to_at;
	struct instant period_from, period_to;
	struct text paid_from;
	struct text price_currency;
	struct amount price;
};
static const struct field billed_fee_fields[] = {
	FIELD(billed_fee, id, ANY, "The stretch."),
	FIELD(billed_fee, subscription_id, ANY, "Of which subscription."),
	FIELD(billed_fee, product, ANY, "To what."),
	FIELD(billed_fee, plan_id, ANY, "The plan."),
	FIELD(billed_fee, plan_name, ANY, "Its name."),
	FIELD(billed_fee, plan_version, ANY, "Its version."),
	FIELD(billed_fee, cycle, ANY, "How it is paid."),
	FIELD(billed_fee, seats, ANY, "How many seats."),
	FIELD(billed_fee, credits, ANY, "What was billed."),
	FIELD(billed_fee, from_at, ANY, "From when on."),
	FIELD(billed_fee, to_at, ANY, "Until when."),
	FIELD(billed_fee, period_from, ANY, "Of the period that the price is for."),
	FIELD(billed_fee, period_to, ANY, "Of the same."),
	FIELD(billed_fee, paid_from, ANY, "What paid it."),
	FIELD(billed_fee, price_currency, ANY, "The plan's."),
	FIELD(billed_fee, price, ANY, "For one seat and the whole period."),
};
SHAPE(billed_fee)

static const struct statement list_billed = {
	.sql =
	    "SELECT f.id, f.subscription_id, p.product, f.plan_id, p.name AS plan_name, p.version AS plan_version,"
	    " f.cycle, f.seats, COALESCE(f.billed, 0) AS credits, f.starts_at AS from_at,"
	    " COALESCE(f.billed_until, f.ends_at) AS to_at, f.period_starts_at AS period_from,"
	    " f.period_ends_at AS period_to, COALESCE(f.paid_from, 'invoice') AS paid_from,"
	    " p.currency AS price_currency,"
	    " COALESCE(IF(f.cycle = 'yearly', p.yearly_amount, p.monthly_amount), 0) AS price FROM subscription_fee f"
	    " JOIN plan p ON p.id = f.plan_id WHERE f.organization_id = :organization AND f.run_period = :period"
	    " AND f.billed > 0 ORDER BY f.starts_at, f.id",
	.takes = &closing_shape,
	.gives = &billed_fee_shape,
};

/* What the line was computed from. */
struct fee_source {
	struct id subscription_id;
	struct text product;
	struct id plan_id;
	int64_t plan_version;
	struct text cycle;
	int64_t seats;
	struct amount price;
	struct text price_currency;
	int64_t seconds, of_seconds;
	struct amount credit_price;
	struct text rounding;
};
static const struct field fee_source_fields[] = {
	FIELD(fee_source, subscription_id, ANY, "The subscription."),
	FIELD(fee_source, product, ANY, "To what."),
	FIELD(fee_source, plan_id, ANY, "The plan."),
	FIELD(fee_source, plan_version, ANY, "Its version."),
	FIELD(fee_source, cycle, ANY, "How it is paid."),
	FIELD(fee_source, seats, ANY, "How many seats."),
	FIELD(fee_source, price, ANY, "For one seat and the whole period."),
	FIELD(fee_source, price_currency, ANY, "Of the price."),
	FIELD(fee_source, seconds, ANY, "How long it was, by the clock."),
	FIELD(fee_source, of_seconds, ANY, "How long the price is for."),
	FIELD(fee_source, credit_price, ANY, "Of one credit, in the organization's currency."),
	FIELD(fee_source, rounding, ANY, "How it was rounded."),
};
SHAPE(fee_source)

/* ---- fees: billing ------------------------------------------------------------------------------------------------
 */

static struct text
words_of(struct call *call, struct text plan_name, struct text cycle, int64_t seats)
{
	return arena_format(
	    call->arena, "%s, %s, %" PRId64 " %s", plan_name.at, cycle.at, seats, seats == 1 ? "seat" : "seats");
}

static const struct problem *
bill_fee(struct call *call, struct run *run, struct due_fee *fee)
{
	struct run_taking taking = {
		.reason = LEDGER_PLAN_FEE,
		.credits = fee->credits,
		.description = words_of(call, fee->plan_name, fee->cycle, fee->seats),
		.reference_type = "subscription",
		.reference_id = fee->subscription_id,
	};
	enum run_paid paid = RUN_PAID_NOT;
	const struct problem *p = NULL;

	fee->period = run->period;
	fee->sequence.given = false;
	if (fee->credits.count > 0)
		p = run_take(call, run, &taking, &paid, &fee->sequence);
	fee->paid_from = run_paid_name(paid);
	fee->on_account = paid == RUN_PAID_ACCOUNT;
	return p != NULL ? p : sql_run(call, &mark_fee, fee, NULL);
}

static const struct problem *
bill_fees(struct call *call, struct run *run)
{
	struct closing key = { run->period, run->to_at };
	struct list due;
	struct due_fee *fees;
	const struct problem *p = sql_all(call, &list_due, &key, &due);

	if (p != NULL || due.count == 0)
		return p;
	fees = due.items;
	for (size_t i = 0; p == NULL && i < due.count; i++)
		p = bill_fee(call, run, &fees[i]);
	run->has_changed = true;
	run->detail = arena_format(call->arena, "%zu fee%s billed.", due.count, due.count == 1 ? "" : "s");
	return p;
}

static struct document
source_of(struct call *call, const struct run *run, const struct billed_fee *fee)
{
	struct fee_source source = {
		.subscription_id = fee->subscription_id,
		.product = fee->product,
		.plan_id = fee->plan_id,
		.plan_version = fee->plan_version,
		.cycle = fee->cycle,
		.seats = fee->seats,
		.price = fee->price,
		.price_currency = fee->price_currency,
		.seconds = seconds_between(fee->from_at, fee->to_at),
		.of_seconds = seconds_between(fee->period_from, fee->period_to),
		.credit_price = run->credit_price,
		.rounding = TEXT("half-even to whole credits, once"),
	};
	struct buffer out = buffer_new(call->arena, 512);

	json_write(&out, &fee_source_shape, &source);
	return (struct document){ out.at, out.length };
}

static const struct problem *
fee_lines(struct call *call, const struct run *run, struct run_lines *out)
{
	struct closing key = { run->period, run->to_at };
	struct list billed;
	const struct billed_fee *fees;
	const struct problem *p = sql_all(call, &list_billed, &key, &billed);

	fees = billed.items;
	for (size_t i = 0; p == NULL && i < billed.count; i++) {
		const struct billed_fee *fee = &fees[i];
		struct run_line line = {
			.kind = TEXT("plan_fee"),
			.description = words_of(call, fee->plan_name, fee->cycle, fee->seats),
			.quantity = { { fee->seats * INT64_C(1000000) }, true },
			.unit = text_given(TEXT("seat")),
			.credits = { fee->credits, true },
			.paid_from = fee->paid_from,
			.from_at = { fee->from_at, true },
			.to_at = { fee->to_at, true },
			.source = source_of(call, run, fee),
		};

		if (!credits_value(fee->credits, run->credit_price, &line.amount))
			return fail_internal(call, "a fee's value overflows");
		if (line.amount.micros % fee->seats == 0)
			line.unit_price = (struct maybe_amount){ { line.amount.micros / fee->seats }, true };
		run_line_add(call, out, &line);
	}
	return p;
}

const struct run_part run_fees_part = { .name = "fees", .bill = bill_fees, .lines = fee_lines };

const struct resource run_fees_resource = {
	.name = "run_fees",
	.summary = "Fees of monthly runs.",
	.statements = LIST_OF(statement, &close_cycles, &list_due, &mark_fee, &list_billed),
};
