/*
 * The catalogue of plans: what is published now, with features and quotas.
 */
#include <string.h>

#include "call.h"
#include "json.h"
#include "money.h"
#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *const products[] = { "platform", "spaces", NULL };

struct plan_price {
	struct text price_id;
	struct amount amount;
};
static const struct field plan_price_fields[] = {
	FIELD(plan_price, price_id, ANY, "What to start a subscription with."),
	FIELD(plan_price, amount, ANY, "The price of a cycle."),
};
SHAPE(plan_price)

struct plan {
	struct id id;
	struct text product;
	struct text name;
	struct text tier;
	int64_t version;
	struct text currency;
	struct plan_price *monthly;
	struct plan_price *yearly;
	struct document features;
	struct document quotas;
	int64_t trial_days;
	struct maybe_text monthly_price_id, yearly_price_id;
	struct maybe_amount monthly_amount, yearly_amount;
	struct text sort_key;
};
static const struct field plan_fields[] = {
	FIELD(plan, id, ANY, "The plan's id; every version has its own."),
	FIELD(plan, product, ONE_OF(products), "What it is a plan of."),
	FIELD(plan, name, ANY, "Its name."),
	FIELD(plan, tier, ANY, "Its place among the plans of the product."),
	FIELD(plan, version, ANY, "Counts the versions of this tier."),
	FIELD(plan, currency, ANY, "The currency of its prices."),
	FIELD_OBJECT(plan, monthly, plan_price, true, "The price by the month; null where it is not sold so."),
	FIELD_OBJECT(plan, yearly, plan_price, true, "The price by the year; null where it is not sold so."),
	FIELD(plan, features, ANY, "Features by name: a boolean, an integer or a string."),
	FIELD(plan, quotas, COMPUTED,
	    "By metric: units included in a cycle, and the price of one more (null: none is sold)."),
	FIELD(plan, trial_days, ANY, "Days that are free at first."),
	FIELD(plan, monthly_price_id, HIDDEN, "Part of the monthly price."),
	FIELD(plan, yearly_price_id, HIDDEN, "Part of the yearly price."),
	FIELD(plan, monthly_amount, HIDDEN, "Part of the monthly price."),
	FIELD(plan, yearly_amount, HIDDEN, "Part of the yearly price."),
	FIELD(plan, sort_key, HIDDEN, "Orders plans by name; unique."),
};
SHAPE(plan)

struct plan_quota {
	struct id plan_id;
	struct text metric;
	int64_t included;
	struct maybe_amount overage_unit_price;
};
static const struct field plan_quota_fields[] = {
	FIELD(plan_quota, plan_id, ANY, "The plan."),
	FIELD(plan_quota, metric, ANY, "What is counted."),
	FIELD(plan_quota, included, ANY, "Units in a cycle."),
	FIELD(plan_quota, overage_unit_price, ANY, "The price of one more."),
};
SHAPE(plan_quota)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const char why_public[] = "the catalogue is the same for everybody";

static const struct statement list_quotas = {
	.sql = "SELECT q.plan_id, q.metric, q.included, q.overage_unit_price FROM plan_quota q"
	       " JOIN plan p ON p.id = q.plan_id WHERE p.status = 'published' ORDER BY q.plan_id, q.metric",
	.gives = &plan_quota_shape,
	.crosses_organizations = why_public,
};

#define SORT_KEY "CONCAT(name, '/', product, '/', LPAD(version, 6, '0'))"

static const struct statement list_published = {
	.sql = "SELECT id, product, name, tier, version, currency, monthly_price_id, monthly_amount, yearly_price_id,"
	       " yearly_amount, features, trial_days, COALESCE(" SORT_KEY ", '') AS sort_key FROM plan"
	       " WHERE status = 'published' AND " SORT_KEY " > :cursor ORDER BY sort_key LIMIT :limit",
	.gives = &plan_shape,
	.crosses_organizations = why_public,
};

/* ---- billing.plans.list ---------------------------------------------------------------------------------------- */

HANDLER_EACH(list_plans, page_query, plan)

static const struct operation list_operation = {
	.id = "billing.plans.list",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "List the plans that can be subscribed to, by name.",
	.page_key = "sort_key",
	.page_ascending = true,
	.run = &list_plans_run,
};

struct plan_rows {
	struct sink *sink;
	struct list quotas;
};

static struct plan_price *
price_of(struct call *call, struct maybe_text price_id, struct maybe_amount amount)
{
	struct plan_price *price;

	if (price_id.at == NULL)
		return NULL;
	price = arena_take(call->arena, sizeof(*price));
	*price = (struct plan_price){ { price_id.at, price_id.length }, amount.value };
	return price;
}

static void
write_quota(struct buffer *out, const struct plan_quota *quota)
{
	char price[AMOUNT_LENGTH + 1];

	if (out->length > 1)
		buffer_add_char(out, ',');
	json_write_text(out, quota->metric);
	buffer_format(out, ":{\"included\":%lld,\"overage_unit_price\":", (long long)quota->included);
	if (quota->overage_unit_price.given) {
		amount_format(quota->overage_unit_price.value, price);
		buffer_format(out, "\"%s\"}", price);
	} else {
		buffer_add_string(out, "null}");
	}
}

static struct document
quotas_of(struct call *call, const struct list *quotas, struct id plan)
{
	struct buffer out = buffer_new(call->arena, 256);

	buffer_add_char(&out, '{');
	for (size_t i = 0; i < quotas->count; i++) {
		const struct plan_quota *quota = (const struct plan_quota *)quotas->items + i;

		if (memcmp(quota->plan_id.bytes, plan.bytes, sizeof(plan.bytes)) == 0)
			write_quota(&out, quota);
	}
	buffer_add_char(&out, '}');
	return (struct document){ out.at, out.length };
}

static const struct problem *
complete_plan(struct call *call, void *context, const void *row)
{
	const struct plan_rows *rows = context;
	struct plan plan = *(const struct plan *)row;

	plan.monthly = price_of(call, plan.monthly_price_id, plan.monthly_amount);
	plan.yearly = price_of(call, plan.yearly_price_id, plan.yearly_amount);
	plan.quotas = quotas_of(call, &rows->quotas, plan.id);
	return sink_row(rows->sink, &plan);
}

static const struct problem *
list_plans(struct call *call, const struct page_query *in, struct sink *sink)
{
	struct plan_rows rows = { .sink = sink };
	const struct problem *p = sql_all(call, &list_quotas, NULL, &rows.quotas);

	return p != NULL ? p : sql_each(call, &list_published, in, complete_plan, &rows);
}

const struct resource plans_resource = {
	.name = "billing.plans",
	.summary = "What can be subscribed to.",
	.operations = LIST_OF(operation, &list_operation),
	.statements = LIST_OF(statement, &list_quotas, &list_published),
};
