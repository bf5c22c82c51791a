/*
 * usage.commit and usage.release: how a hold ends. What was used is counted in the hold's own cycle, and of a priced
 * metric charged: first from what the hold has reserved, what is more from what is available. Whoever ends a hold locks
 * its row, so that one wins; a repetition of the same answers the same.
 */
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "id.h"
#include "money.h"
#include "resources.h"
#include "statement.h"
#include "text.h"
#include "usage.h"
#include "usage_hold.h"
#include "usage_parts.h"

#define UNIT INT64_C(1000000)

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct commit_usage {
	struct id hold_id;
	struct quantity quantity;
};
static const struct field commit_usage_fields[] = {
	FIELD(commit_usage, hold_id, ANY, "The hold."),
	FIELD(commit_usage, quantity, RANGE(0, USAGE_QUANTITY_MOST), "How much was used: less than was held, or more."),
};
SHAPE(commit_usage)

struct release_usage {
	struct id hold_id;
};
static const struct field release_usage_fields[] = {
	FIELD(release_usage, hold_id, ANY, "The hold."),
};
SHAPE(release_usage)

static const char *const ends[] = { "committed", "released", "lapsed", NULL };

struct ended_hold {
	struct id hold_id;
	struct text status;
	struct quantity quantity;
	struct credits credits;
};
static const struct field ended_hold_fields[] = {
	FIELD(ended_hold, hold_id, ANY, "The hold."),
	FIELD(ended_hold, status, ONE_OF(ends), "What became of it."),
	FIELD(ended_hold, quantity, ANY, "How much was used."),
	FIELD(ended_hold, credits, ANY, "What was charged for it."),
};
SHAPE(ended_hold)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement lock_hold = {
	.sql = "SELECT " USAGE_HOLD_COLUMNS " FROM usage_hold WHERE organization_id = :organization AND id = :hold_id"
	       " FOR UPDATE",
	.takes = &release_usage_shape,
	.gives = &usage_hold_shape,
};

static const struct statement end_hold = {
	.sql = "UPDATE usage_hold SET status = :status, committed = :committed, charged = :charged"
	       " WHERE organization_id = :organization AND id = :id",
	.takes = &usage_hold_shape,
};

static const struct statement give_back = {
	.sql = "UPDATE usage_counter SET held = held - :quantity WHERE organization_id = :organization"
	       " AND cycle_starts_at = :cycle_starts_at AND metric = :metric",
	.takes = &usage_hold_shape,
};

struct counter_row {
	struct quantity value;
	struct credits charged;
};
static const struct field counter_row_fields[] = {
	FIELD(counter_row, value, ANY, "What was used in the cycle."),
	FIELD(counter_row, charged, ANY, "What was charged for it."),
};
SHAPE(counter_row)

static const struct statement lock_counter = {
	.sql = "SELECT value, charged FROM usage_counter WHERE organization_id = :organization"
	       " AND cycle_starts_at = :cycle_starts_at AND metric = :metric FOR UPDATE",
	.takes = &usage_hold_shape,
	.gives = &counter_row_shape,
};

struct credit_price {
	struct text currency;
	struct amount price;
};
static const struct field credit_price_fields[] = {
	FIELD(credit_price, currency, ANY, "The organization's."),
	FIELD(credit_price, price, ANY, "Of one credit."),
};
SHAPE(credit_price)

static const struct statement read_price = {
	.sql = "SELECT o.currency, p.price FROM organization o JOIN credit_price p ON p.currency = o.currency"
	       " WHERE o.id = :organization",
	.gives = &credit_price_shape,
};

/* ---- the end --------------------------------------------------------------------------------------------------- */

static void
show(const struct usage_hold *hold, struct ended_hold *out)
{
	*out = (struct ended_hold){ hold->id, hold->status, hold->committed.value, hold->charged.value };
}

/* By the clock as it is now: the call may have waited for a lock past the hold's end. */
static bool
is_open(struct call *call, const struct usage_hold *hold)
{
	clock_tick();
	call_not_before(call, clock_now());
	return text_is(hold->status, "open") && instant_before(call->now, hold->expires_at);
}

static const struct problem *
not_open(struct call *call, const struct usage_hold *hold)
{
	if (text_is(hold->status, "open") || text_is(hold->status, "lapsed"))
		return fail(call, CONFLICT, "The hold's time is over; ask again.");
	return fail(call, CONFLICT, "The hold is %s already%s.", hold->status.at,
	    text_is(hold->status, "committed") ? ", with another quantity" : "");
}

static const struct problem *
post(struct call *call, const struct posting *posting)
{
	struct posted posted;

	return posting->credits.count > 0 ? ledger_post(call, posting, &posted) : NULL;
}

/* ---- usage.commit ---------------------------------------------------------------------------------------------- */

HANDLER(commit_usage, commit_usage, ended_hold)

static const struct operation commit_operation = {
	.id = "usage.commit",
	.kind = WRITE,
	.scope = USAGE_WRITE,
	.effect = COMPUTES,
	.bucket = BUCKET_USAGE,
	.unaudited = true,
	.summary = "Count what was used of a hold, and end it.",
	.description = "What was not used of it is given back. More than was held is taken only if it would be allowed "
		       "now; else nothing"
		       " changes. It is counted in the cycle that the hold was made in. Committing the same quantity "
		       "again answers the"
		       " same.",
	.raises = { NOT_FOUND, CONFLICT, QUOTA_EXCEEDED, INSUFFICIENT_CREDITS, LIMIT_REACHED },
	.run = &commit_usage_run,
};

/* What a commit counts and charges. */
struct use {
	struct cycle cycle;
	struct quantity quantity;
	int64_t events;
	struct credits most; /* what may be charged: reserved, and beyond what was held, allowed now */
	struct credits charged;
};

static const struct problem *
refuse_more(struct call *call, const struct usage_judgement *judgement)
{
	const struct problem *p;

	if (text_is(text_or(judgement->reason, ""), "quota_exceeded"))
		return fail(
		    call, QUOTA_EXCEEDED, "This is more than was held, and the plan's quota has no room for the rest.");
	if (text_is(text_or(judgement->reason, ""), "limit_reached")) {
		p = fail(call, LIMIT_REACHED, "This is more than was held, and the rest would pass the hard limit.");
		p = problem_with_number(call, p, "hard_limit", judgement->hard_limit.value.count);
		return problem_with_number(call, p, "spent", judgement->spent.value.count);
	}
	p = fail(
	    call, INSUFFICIENT_CREDITS, "This is more than was held, and the credits do not suffice for the rest.");
	return problem_with_number(call, p, "available", judgement->available.value.count);
}

static const struct problem *
allow_more(struct call *call, const struct usage_hold *hold, struct use *use)
{
	const struct usage_request request = {
		.cycle_starts_at = { hold->cycle_starts_at, true },
		.metric = hold->metric,
		.quantity = { use->quantity.micros - hold->quantity.micros },
	};
	struct usage_judgement judgement;
	const struct problem *p;

	if (request.quantity.micros <= 0)
		return NULL;
	p = usage_judge(call, &request, &judgement);
	if (p == NULL && judgement.reason.at != NULL)
		p = refuse_more(call, &judgement);
	use->most.count += p == NULL ? judgement.credits.count : 0;
	return p;
}

/* What the value's growth costs. By rounding that can be a credit more than what was reserved: the counter then catches
 * up with the next use. */
static const struct problem *
find_charge(struct call *call, const struct usage_metric *metric, const struct counter_row *counter, struct use *use)
{
	struct quantity value = { counter->value.micros + use->quantity.micros };
	struct credits credits;

	if (!metric->unit_credits.given)
		return NULL;
	if (!usage_credits(value, metric->unit_credits.value, &credits))
		return fail_internal(call, "the credits of %s overflow", metric->name.at);
	use->charged.count = credits.count - counter->charged.count;
	if (use->charged.count > use->most.count)
		use->charged = use->most;
	if (use->charged.count < 0)
		use->charged.count = 0;
	return NULL;
}

static const struct problem *
find_use(struct call *call, const struct usage_hold *hold, struct use *use)
{
	struct usage_metric metric;
	struct counter_row counter;
	bool found;
	const struct problem *p = cycle_at(call, hold->cycle_starts_at, &use->cycle);

	if (p == NULL)
		p = usage_cycle_hold(call, &use->cycle); /* before the counter */
	if (p == NULL)
		p = usage_metric_find(call, hold->metric, &metric, &found);
	if (p == NULL && !found)
		p = fail_internal(call, "the metric %s is gone", hold->metric.at);
	if (p != NULL)
		return p;
	use->events = use->quantity.micros > 0;
	if (text_is(metric.aggregation, "count")) {
		use->events = use->quantity.micros / UNIT;
		if (use->quantity.micros % UNIT != 0)
			return fail_field(
			    call, "/quantity", "out_of_range", "What is counted is counted in whole numbers.");
	}
	p = sql_one(call, &lock_counter, hold, &counter);
	if (p == NULL && !is_open(call, hold))
		p = not_open(call, hold);
	if (p == NULL)
		p = allow_more(call, hold, use);
	return p != NULL ? p : find_charge(call, &metric, &counter, use);
}

static const struct problem *
charge_credits(struct call *call, const struct usage_hold *hold, struct credits charged)
{
	int64_t held = hold->credits.count, paid = charged.count < held ? charged.count : held;
	struct posting posting = usage_hold_posting(hold, LEDGER_CHARGE, (struct credits){ paid });
	const struct problem *p;

	posting.from_reserved = true;
	p = post(call, &posting);
	if (p != NULL)
		return p;
	posting = usage_hold_posting(hold, LEDGER_RELEASE, (struct credits){ held - paid });
	p = post(call, &posting);
	if (p != NULL)
		return p;
	posting = usage_hold_posting(hold, LEDGER_CHARGE, (struct credits){ charged.count - paid });
	return post(call, &posting);
}

/* The price is without tax: that is the invoice's. */
static const struct problem *
charge_money(struct call *call, const struct usage_hold *hold, struct credits charged)
{
	struct posting posting = usage_hold_posting(hold, LEDGER_RELEASE, hold->credits);
	struct credit_price price;
	struct amount amount;
	const struct problem *p;

	if (charged.count == 0)
		return post(call, &posting);
	p = sql_one(call, &read_price, NULL, &price);
	if (p != NULL)
		return p;
	if (!credits_value(charged, price.price, &amount))
		return fail_internal(call, "the value of usage overflows");
	posting = usage_hold_posting(hold, LEDGER_CHARGE, charged);
	posting.committed = hold->credits;
	posting.money = text_given(arena_format(call->arena,
	    "[{\"account\":\"receivable\",\"unit\":\"%s\",\"amount\":%" PRId64 "},"
	    "{\"account\":\"revenue\",\"unit\":\"%s\",\"amount\":%" PRId64 "}]",
	    price.currency.at, amount.micros, price.currency.at, -amount.micros));
	return post(call, &posting);
}

static const struct problem *
count_and_charge(struct call *call, const struct usage_hold *hold, const struct use *use)
{
	const struct usage_change change = {
		.metric = hold->metric,
		.occurred_at = call->now,
		.quantity = use->quantity,
		.events = use->events,
		.held = { -hold->quantity.micros },
		.charged = use->charged,
		.service = TEXT_OF(""),
		.operator= TEXT_OF(""),
	};
	struct usage_counted counted;
	const struct problem *p = usage_change(call, &use->cycle, &change, &counted);

	if (p == NULL)
		p = hold->post_pay ? charge_money(call, hold, use->charged) : charge_credits(call, hold, use->charged);
	return p != NULL ? p : usage_announce(call, &use->cycle, hold->metric, &counted);
}

static const struct problem *
commit_usage(struct call *call, const struct commit_usage *in, struct ended_hold *out)
{
	const struct release_usage named = { in->hold_id };
	struct usage_hold hold;
	const struct problem *p = sql_one(call, &lock_hold, &named, &hold);

	if (p != NULL)
		return p;
	if (text_is(hold.status, "committed") && hold.committed.value.micros == in->quantity.micros) {
		show(&hold, out);
		return NULL;
	}
	if (!is_open(call, &hold))
		return not_open(call, &hold);
	struct use use = { .quantity = in->quantity, .most = hold.credits };
	p = find_use(call, &hold, &use);
	if (p != NULL)
		return p;
	hold.status = TEXT("committed");
	hold.committed = (struct maybe_quantity){ use.quantity, true };
	hold.charged = (struct maybe_credits){ use.charged, true };
	show(&hold, out);
	p = sql_run(call, &end_hold, &hold, NULL);
	return p != NULL ? p : count_and_charge(call, &hold, &use);
}

/* ---- usage.release --------------------------------------------------------------------------------------------- */

HANDLER(release_usage, release_usage, ended_hold)

static const struct operation release_operation = {
	.id = "usage.release",
	.kind = WRITE,
	.scope = USAGE_WRITE,
	.effect = COMPUTES,
	.bucket = BUCKET_USAGE,
	.unaudited = true,
	.summary = "End a hold of which nothing was used.",
	.description =
	    "A hold that was released before, or whose time is over, is answered as it is: nothing is held any more.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &release_usage_run,
};

static const struct problem *
release_usage(struct call *call, const struct release_usage *in, struct ended_hold *out)
{
	struct posting posting;
	struct usage_hold hold;
	const struct problem *p = sql_one(call, &lock_hold, in, &hold);

	if (p != NULL)
		return p;
	if (text_is(hold.status, "committed"))
		return fail(call, CONFLICT, "The hold is committed already.");
	if (text_is(hold.status, "open")) {
		hold.status = is_open(call, &hold) ? TEXT("released") : TEXT("lapsed");
		p = sql_run(call, &end_hold, &hold, NULL);
		if (p == NULL)
			p = sql_run(call, &give_back, &hold, NULL);
		posting = usage_hold_posting(&hold, LEDGER_RELEASE, hold.credits);
		if (p == NULL)
			p = post(call, &posting);
	}
	show(&hold, out);
	return p;
}

const struct resource usage_hold_end_resource = {
	.name = "usage_hold_end",
	.summary = "How a hold ends.",
	.operations = LIST_OF(operation, &commit_operation, &release_operation),
	.statements = LIST_OF(statement, &lock_hold, &end_hold, &give_back, &lock_counter, &read_price),
};
