/*
 * What credits cost, and how many of them an organization may buy without approval.
 */
#include "payment.h"

#include <inttypes.h>

#include "clock.h"
#include "config.h"
#include "money.h"
#include "resources.h"
#include "statement.h"

enum { DAY_SECONDS = 86400, MILLION = 1000000 };

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct price_list {
	struct text currency;
	struct amount price;
	struct amount least_charge;
	int64_t rate;
};
static const struct field price_list_fields[] = {
	FIELD(price_list, currency, ANY, "The organization's."),
	FIELD(price_list, price, ANY, "Of one credit."),
	FIELD(price_list, least_charge, ANY, "The least that a card can be charged."),
	FIELD(price_list, rate, ANY, "The tax rate of its country today, in millionths."),
};
SHAPE(price_list)

struct since {
	struct instant since;
};
static const struct field since_fields[] = {
	FIELD(since, since, ANY, "From when on."),
};
SHAPE(since)

struct credit_sum {
	struct credits credits;
};
static const struct field credit_sum_fields[] = {
	FIELD(credit_sum, credits, ANY, "How many."),
};
SHAPE(credit_sum)

static const struct statement read_prices = {
	.sql = "SELECT o.currency, c.price, c.least_charge, COALESCE((SELECT r.rate FROM tax_rate r"
	       " WHERE r.country = o.country AND r.valid_from <= DATE(:now) ORDER BY r.valid_from DESC LIMIT 1), 0) AS "
	       "rate"
	       " FROM organization o JOIN credit_price c ON c.currency = o.currency WHERE o.id = :organization",
	.gives = &price_list_shape,
};

/* By when it was paid. One that waits for its person counts for nothing: the next purchase takes its place. */
static const struct statement sum_lately = {
	.sql =
	    "SELECT CAST(COALESCE(SUM(IF(state = 'succeeded', granted, credits)), 0) AS SIGNED) AS credits FROM payment"
	    " WHERE organization_id = :organization AND purpose IN ('topup', 'auto_topup', 'subscription')"
	    " AND (state IN ('pending', 'charging', 'unknown')"
	    " OR (state = 'succeeded' AND COALESCE(closed_at, created_at) > :since))",
	.takes = &since_shape,
	.gives = &credit_sum_shape,
};

static const struct statement read_threshold = {
	.sql = "SELECT COALESCE(approval_threshold_credits, -1) AS credits FROM organization WHERE id = :organization",
	.gives = &credit_sum_shape,
};

/* ---- prices and limits ------------------------------------------------------------------------------------------ */

const struct problem *
payment_price(struct call *call, struct credits credits, struct price *out)
{
	struct price_list list;
	const struct problem *p = sql_one(call, &read_prices, NULL, &list);

	if (p != NULL)
		return p;
	*out = (struct price){ .currency = list.currency, .each = list.price, .least_charge = list.least_charge };
	if (!share_of(list.price.micros, credits.count, 1, MINOR_UNIT_MICROS, &out->amount.micros) ||
	    !share_of(out->amount.micros, list.rate, MILLION + list.rate, MINOR_UNIT_MICROS, &out->tax.micros))
		return fail_field(call, "/credits", "out_of_range", "So many credits have no price.");
	return NULL;
}

const struct problem *
payment_ask_price(struct call *call, struct credits credits, const char *pointer, struct price *out)
{
	char least[AMOUNT_LENGTH + 1];
	const struct problem *p = payment_price(call, credits, out);

	if (p != NULL)
		return p;
	amount_format(out->least_charge, least);
	if (out->amount.micros < out->least_charge.micros)
		return fail_field(
		    call, pointer, "out_of_range", "A card is charged no less than %s %s.", least, out->currency.at);
	if (out->amount.micros > PROVIDER_MOST)
		return fail_field(call, pointer, "out_of_range", "A card is charged no more than 999999.99 %s at once.",
		    out->currency.at);
	return NULL;
}

const struct problem *
payment_bought_lately(struct call *call, struct credits *out)
{
	struct since since = { instant_plus_seconds(call->now, -DAY_SECONDS) };
	struct credit_sum sum;
	const struct problem *p = sql_one(call, &sum_lately, &since, &sum);

	if (p == NULL)
		*out = sum.credits;
	return p;
}

const struct problem *
payment_threshold(struct call *call, struct credits *out)
{
	struct credit_sum own;
	const struct problem *p = sql_one(call, &read_threshold, NULL, &own);

	if (p == NULL)
		*out = own.credits.count >= 0 ? own.credits : (struct credits){ config.approval_threshold_credits };
	return p;
}

const struct problem *
payment_check_threshold(struct call *call, struct credits wanted, const char *advice)
{
	struct credits threshold, lately, sum;
	const struct problem *p = payment_threshold(call, &threshold);

	if (p == NULL)
		p = payment_bought_lately(call, &lately);
	if (p != NULL)
		return p;
	if (credits_add(lately, wanted, &sum) && sum.count <= threshold.count)
		return NULL;
	p = fail(call, APPROVAL_REQUIRED,
	    "Without approval %" PRId64 " credits can be bought in 24 hours, and %" PRId64 " were.%s", threshold.count,
	    lately.count, advice);
	return problem_with_number(call, p, "approval_threshold_credits", threshold.count);
}

const struct resource payment_price_resource = {
	.name = "payment_price",
	.summary = "What credits cost.",
	.statements = LIST_OF(statement, &read_prices, &sum_lately, &read_threshold),
};
