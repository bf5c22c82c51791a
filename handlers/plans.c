/*
 * The catalogue of plans: what is published now, with features and quotas; and a version's way from draft to retired.
 * Once published, a version never changes: what it says is what its subscribers have.
 */
#include <string.h>

#include "call.h"
#include "id.h"
#include "json.h"
#include "money.h"
#include "page.h"
#include "plan.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

const char *const plan_products[] = { "platform", "spaces", NULL };
static const char *const plan_statuses[] = { "draft", "published", "retired", NULL };

static const struct field plan_price_fields[] = {
	FIELD(plan_price, price_id, ANY, "What to start a subscription with."),
	FIELD(plan_price, amount, ANY, "The price of a cycle."),
};
SHAPE(plan_price)

static const struct field plan_fields[] = {
	FIELD(plan, id, ANY, "The plan's id; every version has its own."),
	FIELD(plan, product, ONE_OF(plan_products), "What it is a plan of."),
	FIELD(plan, name, ANY, "Its name."),
	FIELD(plan, tier, ANY, "Its place among the plans of the product."),
	FIELD(plan, version, ANY, "Counts the versions of this tier."),
	FIELD(plan, status, ONE_OF(plan_statuses),
	    "Whether it can be subscribed to: a draft not yet, a retired one no more."),
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
const struct shape plan_shape = {
	.name = "plan",
	.size = sizeof(struct plan),
	.count = COUNT(plan_fields),
	.fields = plan_fields,
};

static const struct field plan_quota_fields[] = {
	FIELD(plan_quota, plan_id, ANY, "The plan."),
	FIELD(plan_quota, metric, ANY, "What is counted."),
	FIELD(plan_quota, included, ANY, "Units in a cycle."),
	FIELD(plan_quota, overage_unit_price, ANY, "The price of one more."),
};
SHAPE(plan_quota)

struct plan_ref {
	struct id plan_id;
};
static const struct field plan_ref_fields[] = {
	FIELD(plan_ref, plan_id, ANY, "The plan."),
};
SHAPE(plan_ref)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const char why_public[] = "the catalogue is the same for everybody";

static const struct statement list_quotas = {
	.sql = "SELECT q.plan_id, q.metric, q.included, q.overage_unit_price FROM plan_quota q"
	       " JOIN plan p ON p.id = q.plan_id WHERE p.status = 'published' ORDER BY q.plan_id, q.metric",
	.gives = &plan_quota_shape,
	.crosses_organizations = why_public,
};

static const struct statement list_published = {
	.sql = "SELECT " PLAN_COLUMNS " FROM plan WHERE status = 'published' AND " PLAN_SORT_KEY " > :cursor"
	       " ORDER BY sort_key LIMIT :limit",
	.gives = &plan_shape,
	.crosses_organizations = why_public,
};

static const struct statement lock_plan = {
	.sql = "SELECT " PLAN_COLUMNS " FROM plan WHERE id = :plan_id FOR UPDATE",
	.takes = &plan_ref_shape,
	.gives = &plan_shape,
	.crosses_organizations = why_public,
};

static const struct statement list_quotas_of = {
	.sql = "SELECT plan_id, metric, included, overage_unit_price FROM plan_quota WHERE plan_id = :plan_id ORDER BY "
	       "metric",
	.takes = &plan_ref_shape,
	.gives = &plan_quota_shape,
	.crosses_organizations = why_public,
};

static const struct statement move_plan = {
	.sql = "UPDATE plan SET status = :status WHERE id = :id",
	.takes = &plan_shape,
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

void
plan_complete(struct call *call, struct plan *plan, const struct list *quotas)
{
	plan->monthly = price_of(call, plan->monthly_price_id, plan->monthly_amount);
	plan->yearly = price_of(call, plan->yearly_price_id, plan->yearly_amount);
	plan->quotas = quotas_of(call, quotas, plan->id);
}

static const struct problem *
put_plan(struct call *call, void *context, const void *row)
{
	const struct plan_rows *rows = context;
	struct plan plan = *(const struct plan *)row;

	plan_complete(call, &plan, &rows->quotas);
	return sink_row(rows->sink, &plan);
}

static const struct problem *
list_plans(struct call *call, const struct page_query *in, struct sink *sink)
{
	struct plan_rows rows = { .sink = sink };
	const struct problem *p = sql_all(call, &list_quotas, NULL, &rows.quotas);

	return p != NULL ? p : sql_each(call, &list_published, in, put_plan, &rows);
}

/* ---- billing.plans.publish, billing.plans.retire --------------------------------------------------------------- */

const struct problem *
plan_lock(struct call *call, struct id id, struct plan *out)
{
	const struct plan_ref ref = { id };
	struct list quotas;
	const struct problem *p = sql_one(call, &lock_plan, &ref, out);

	if (p == NULL)
		p = sql_all(call, &list_quotas_of, &ref, &quotas);
	if (p == NULL)
		plan_complete(call, out, &quotas);
	return p;
}

static const struct problem *
move(struct call *call, struct id id, const char *from, const char *to, struct plan *out)
{
	const struct problem *p = plan_lock(call, id, out);

	if (p != NULL)
		return p;
	if (!text_is(out->status, from))
		return fail(call, CONFLICT, "The plan is %s; only a %s one can be %s.", out->status.at, from, to);
	out->status = text_from(to);
	return sql_run(call, &move_plan, out, NULL);
}

HANDLER(publish_plan, plan_ref, plan)

static const struct operation publish_operation = {
	.id = "billing.plans.publish",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Offer a draft to everybody; from then on it never changes.",
	.description = "Other versions of its tier stay what they are: an older one is sold until it is retired.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &publish_plan_run,
};

static const struct problem *
publish_plan(struct call *call, const struct plan_ref *in, struct plan *out)
{
	return move(call, in->plan_id, "draft", "published", out);
}

HANDLER(retire_plan, plan_ref, plan)

static const struct operation retire_operation = {
	.id = "billing.plans.retire",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Sell a plan no more.",
	.description = "Whoever is subscribed to it keeps it.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &retire_plan_run,
};

static const struct problem *
retire_plan(struct call *call, const struct plan_ref *in, struct plan *out)
{
	return move(call, in->plan_id, "published", "retired", out);
}

const struct resource plans_resource = {
	.name = "billing.plans",
	.summary = "What can be subscribed to.",
	.operations =
	    LIST_OF(operation, &list_operation, &create_plan_operation, &publish_operation, &retire_operation),
	.statements = LIST_OF(statement, &list_quotas, &list_published, &lock_plan, &list_quotas_of, &move_plan),
};
