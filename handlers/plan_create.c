/*
 * billing.plans.create: the next version of a tier, as a draft. Features and quotas are objects whose names the caller
 * chooses, so they are looked through here; every fault in them is named at once.
 */
#include <ctype.h>
#include <string.h>

#include "formats.h"
#include "id.h"
#include "json.h"
#include "money.h"
#include "plan.h"
#include "resources.h"
#include "statement.h"
#include "text.h"
#include "tree.h"

enum { NAME_MOST = 60, TEXT_MOST = 200, TRIAL_MOST = 365 };

#define AMOUNT_MOST (INT64_C(1000000000) * 1000000)

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *const platform_tiers[] = { "FREE", "STARTUP", "GROWTH", "SCALE", "ENTERPRISE", "INTERNAL", NULL };
static const char *const spaces_tiers[] = { "FREE", "PRO", "TEAM", "ENTERPRISE", "INTERNAL", NULL };
static const char *const every_tier[] = { "FREE", "STARTUP", "GROWTH", "SCALE", "PRO", "TEAM", "ENTERPRISE", "INTERNAL",
	NULL };

struct create_plan {
	struct text product;
	struct text name;
	struct text tier;
	struct maybe_text currency;
	struct maybe_amount monthly_amount;
	struct maybe_amount yearly_amount;
	struct document features;
	struct document quotas;
	struct maybe_int trial_days;
};
static const struct field create_plan_fields[] = {
	FIELD(create_plan, product, ONE_OF(plan_products), "What it is a plan of."),
	FIELD(create_plan, name, MATCHING(plain_format, 1, 100), "Its name."),
	FIELD(create_plan, tier, ONE_OF(every_tier), "Its place among the plans of the product."),
	FIELD(create_plan, currency, ONE_OF(organization_currencies),
	    "The currency of its prices; AUD where it is left out."),
	FIELD(create_plan, monthly_amount, RANGE(0, AMOUNT_MOST),
	    "The price by the month; left out where it is not sold so."),
	FIELD(create_plan, yearly_amount, RANGE(0, AMOUNT_MOST),
	    "The price by the year; left out where it is not sold so."),
	FIELD(create_plan, features, ANY, "Features by name: a boolean, an integer or a string."),
	FIELD(create_plan, quotas, ANY,
	    "By metric an object: `included`, the units in a cycle, and `overage_unit_price`, the price of one more as "
	    "a"
	    " decimal string, or null where none is sold."),
	FIELD(create_plan, trial_days, RANGE_OR(0, TRIAL_MOST, 0), "Days that are free at first."),
};
SHAPE(create_plan)

struct tier_named {
	struct text product;
	struct text tier;
};
static const struct field tier_named_fields[] = {
	FIELD(tier_named, product, ANY, "Of which product."),
	FIELD(tier_named, tier, ANY, "Which tier."),
};
SHAPE(tier_named)

struct latest {
	int64_t version;
};
static const struct field latest_fields[] = {
	FIELD(latest, version, ANY, "The tier's newest version; 0: none."),
};
SHAPE(latest)

struct new_plan {
	struct id id;
	struct text product, name, tier, currency;
	int64_t version;
	struct maybe_text monthly_price_id, yearly_price_id;
	struct maybe_amount monthly_amount, yearly_amount;
	struct text features;
	int64_t trial_days;
};
static const struct field new_plan_fields[] = {
	FIELD(new_plan, id, ANY, "The plan."),
	FIELD(new_plan, product, ANY, "Of which product."),
	FIELD(new_plan, name, ANY, "Its name."),
	FIELD(new_plan, tier, ANY, "Its tier."),
	FIELD(new_plan, currency, ANY, "Of its prices."),
	FIELD(new_plan, version, ANY, "Which version."),
	FIELD(new_plan, monthly_price_id, ANY, "Names the monthly price."),
	FIELD(new_plan, yearly_price_id, ANY, "Names the yearly price."),
	FIELD(new_plan, monthly_amount, ANY, "By the month."),
	FIELD(new_plan, yearly_amount, ANY, "By the year."),
	FIELD(new_plan, features, ANY, "A JSON object."),
	FIELD(new_plan, trial_days, ANY, "Free at first."),
};
SHAPE(new_plan)

struct new_quota {
	struct id plan_id;
	struct text metric;
	int64_t included;
	struct maybe_amount overage_unit_price;
};
static const struct field new_quota_fields[] = {
	FIELD(new_quota, plan_id, ANY, "The plan."),
	FIELD(new_quota, metric, ANY, "What is counted."),
	FIELD(new_quota, included, ANY, "Units in a cycle."),
	FIELD(new_quota, overage_unit_price, ANY, "The price of one more."),
};
SHAPE(new_quota)

struct metric_name {
	struct text name;
};
static const struct field metric_name_fields[] = {
	FIELD(metric_name, name, ANY, "What is counted."),
};
SHAPE(metric_name)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const char why_platform[] = "plans and metrics are the platform's, the same for everybody";

static const struct statement find_latest = {
	.sql = "SELECT COALESCE(MAX(version), 0) AS version FROM plan WHERE product = :product AND tier = :tier",
	.takes = &tier_named_shape,
	.gives = &latest_shape,
	.crosses_organizations = why_platform,
};

/* Of two who make the same version at once, the later one runs again. */
static const struct statement insert_plan = {
	.sql = "INSERT INTO plan (id, product, name, tier, version, status, currency, monthly_price_id, monthly_amount,"
	       " yearly_price_id, yearly_amount, features, trial_days, created_at) VALUES (:id, :product, :name, :tier,"
	       " :version, 'draft', :currency, :monthly_price_id, :monthly_amount, :yearly_price_id, :yearly_amount,"
	       " :features, :trial_days, :now)",
	.takes = &new_plan_shape,
	.crosses_organizations = why_platform,
	.on_duplicate = RERUN,
};

static const struct statement insert_quota = {
	.sql = "INSERT INTO plan_quota (plan_id, metric, included, overage_unit_price)"
	       " VALUES (:plan_id, :metric, :included, :overage_unit_price)",
	.takes = &new_quota_shape,
	.crosses_organizations = why_platform,
};

static const struct statement list_metrics = {
	.sql = "SELECT name FROM usage_metric",
	.gives = &metric_name_shape,
	.crosses_organizations = why_platform,
};

/* ---- looking through ------------------------------------------------------------------------------------------- */

/* The faults found so far, the last one first. */
struct finder {
	struct call *call;
	const struct fault *faults;
};

/* `name` is a member of the object at `at`, or NULL; RFC 6901 escapes two characters. */
static void
find_fault(struct finder *finder, const char *at, const struct text *name, const char *code, const char *detail)
{
	struct fault *fault = arena_take(finder->call->arena, sizeof(*fault));
	struct buffer pointer = buffer_new(finder->call->arena, 64);

	buffer_add_string(&pointer, at);
	if (name != NULL)
		buffer_add_char(&pointer, '/');
	for (size_t i = 0; name != NULL && i < name->length; i++) {
		if (name->at[i] == '~')
			buffer_add_string(&pointer, "~0");
		else if (name->at[i] == '/')
			buffer_add_string(&pointer, "~1");
		else
			buffer_add_char(&pointer, name->at[i]);
	}
	*fault = (struct fault){ .pointer = pointer.at, .code = code, .detail = detail, .next = finder->faults };
	finder->faults = fault;
}

/* Small letters, digits and `_`, a letter first. */
static bool
is_name(struct text name)
{
	return name.length > 0 && name.length <= NAME_MOST && islower((unsigned char)name.at[0]) &&
	       strspn(name.at, "abcdefghijklmnopqrstuvwxyz0123456789_") == name.length;
}

static void
check_features(struct finder *finder, const struct tree *features)
{
	int64_t number;

	for (const struct tree *f = features != NULL ? features->first : NULL; f != NULL; f = f->next) {
		if (!is_name(f->name))
			find_fault(finder, "/features", &f->name, "bad_format",
			    "A feature's name has 60 small letters, digits and `_` at most, and begins with a letter.");
		else if (f->kind == TREE_NUMBER && !integer_parse(f->text, &number))
			find_fault(finder, "/features", &f->name, "wrong_type", "A number has to be an integer here.");
		else if (f->kind == TREE_TEXT && utf8_count(f->text) > TEXT_MOST)
			find_fault(
			    finder, "/features", &f->name, "out_of_range", "A text has 200 characters at most here.");
		else if (f->kind != TREE_TRUE && f->kind != TREE_FALSE && f->kind != TREE_NUMBER &&
			 f->kind != TREE_TEXT)
			find_fault(finder, "/features", &f->name, "wrong_type",
			    "This must be a boolean, an integer or a string.");
	}
}

static bool
is_metric(const struct list *metrics, struct text name)
{
	const struct metric_name *metric = metrics->items;

	for (size_t i = 0; i < metrics->count; i++)
		if (text_equal(metric[i].name, name))
			return true;
	return false;
}

static void
read_price(struct finder *finder, const char *at, const struct tree *member, struct new_quota *out)
{
	out->overage_unit_price.given =
	    member->kind == TREE_TEXT && amount_parse(member->text, &out->overage_unit_price.value) &&
	    out->overage_unit_price.value.micros >= 0 && out->overage_unit_price.value.micros <= AMOUNT_MOST;
	if (!out->overage_unit_price.given && member->kind != TREE_NULL)
		find_fault(finder, at, &member->name, member->kind == TREE_TEXT ? "bad_format" : "wrong_type",
		    "This must be a decimal number of at least 0 in a string, or null.");
}

static void
read_included(struct finder *finder, const char *at, const struct tree *member, struct new_quota *out)
{
	if (member->kind != TREE_NUMBER || !integer_parse(member->text, &out->included))
		find_fault(finder, at, &member->name, "wrong_type", "This must be an integer.");
	else if (out->included < 0 || out->included > PLAN_INCLUDED_MOST)
		find_fault(finder, at, &member->name, "out_of_range", "This must be from 0 to 1000000000000.");
}

static void
read_quota(struct finder *finder, const struct list *metrics, const struct tree *quota, struct new_quota *out)
{
	const struct text included = TEXT_OF("included");
	struct finder inside = { finder->call, NULL };
	const char *at;

	out->metric = quota->name;
	find_fault(&inside, "/quotas", &quota->name, "", "");
	at = inside.faults->pointer;
	if (!is_metric(metrics, quota->name)) {
		find_fault(finder, at, NULL, "unknown", "There is no metric of this name.");
		return;
	}
	if (quota->kind != TREE_OBJECT) {
		find_fault(finder, at, NULL, "wrong_type", "This must be an object.");
		return;
	}
	if (tree_at(quota, "included") == NULL)
		find_fault(finder, at, &included, "missing", "This is missing.");
	for (const struct tree *member = quota->first; member != NULL; member = member->next) {
		if (text_is(member->name, "included"))
			read_included(finder, at, member, out);
		else if (text_is(member->name, "overage_unit_price"))
			read_price(finder, at, member, out);
		else
			find_fault(finder, at, &member->name, "unknown", "This is not known here.");
	}
}

static const struct problem *
read_quotas(struct finder *finder, const struct tree *quotas, struct list *out)
{
	struct new_quota *quota;
	struct list metrics;
	size_t count = 0;
	const struct problem *p = sql_all(finder->call, &list_metrics, NULL, &metrics);

	if (p != NULL)
		return p;
	for (const struct tree *q = quotas != NULL ? quotas->first : NULL; q != NULL; q = q->next)
		count++;
	*out = (struct list){ arena_array(finder->call->arena, count + 1, sizeof(*quota)), count };
	quota = out->items;
	for (const struct tree *q = count > 0 ? quotas->first : NULL; q != NULL; q = q->next)
		read_quota(finder, &metrics, q, quota++);
	return NULL;
}

static void
check_tier(struct finder *finder, const struct create_plan *in)
{
	const char *const *tier = text_is(in->product, "platform") ? platform_tiers : spaces_tiers;

	while (*tier != NULL && !text_is(in->tier, *tier))
		tier++;
	if (*tier == NULL)
		find_fault(finder, "/tier", NULL, "not_allowed", "This product has no such tier.");
}

static const struct tree *
tree_of(struct call *call, struct document document)
{
	return document.at != NULL ? tree_parse(call->arena, (struct text){ document.at, document.length }) : NULL;
}

/* ---- making ---------------------------------------------------------------------------------------------------- */

static struct maybe_text
price_id(struct call *call, const struct new_plan *plan, const char *cycle, struct maybe_amount amount)
{
	struct buffer id = buffer_new(call->arena, 80);

	if (!amount.given)
		return (struct maybe_text){ .at = NULL };
	buffer_format(&id, "price_%s_%s_%s_%lld", plan->product.at, plan->tier.at, cycle, (long long)plan->version);
	for (size_t i = 0; i < id.length; i++)
		id.at[i] = (char)tolower((unsigned char)id.at[i]);
	return text_given(buffer_text(&id));
}

static const struct problem *
insert(struct call *call, const struct create_plan *in, const struct list *quotas, struct id *id)
{
	struct new_plan plan = {
		.id = id_new(call->now),
		.product = in->product,
		.name = in->name,
		.tier = in->tier,
		.currency = text_or(in->currency, "AUD"),
		.monthly_amount = in->monthly_amount,
		.yearly_amount = in->yearly_amount,
		.features =
		    in->features.at != NULL ? (struct text){ in->features.at, in->features.length } : TEXT("{}"),
		.trial_days = in->trial_days.value,
	};
	const struct tier_named tier = { in->product, in->tier };
	struct new_quota *quota = quotas->items;
	struct latest latest;
	const struct problem *p = sql_one(call, &find_latest, &tier, &latest);

	if (p != NULL)
		return p;
	plan.version = latest.version + 1;
	plan.monthly_price_id = price_id(call, &plan, "monthly", in->monthly_amount);
	plan.yearly_price_id = price_id(call, &plan, "yearly", in->yearly_amount);
	p = sql_run(call, &insert_plan, &plan, NULL);
	for (size_t i = 0; p == NULL && i < quotas->count; i++) {
		quota[i].plan_id = plan.id;
		p = sql_run(call, &insert_quota, &quota[i], NULL);
	}
	*id = plan.id;
	return p;
}

HANDLER(create_plan, create_plan, plan)

const struct operation create_plan_operation = {
	.id = "billing.plans.create",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Draft the next version of a plan.",
	.description = "Nobody can subscribe to it before it is published. Without a price it can't be started by a "
		       "customer. Of the"
		       " product platform the tiers are FREE, STARTUP, GROWTH, SCALE, ENTERPRISE and INTERNAL; of "
		       "spaces FREE, PRO, TEAM,"
		       " ENTERPRISE and INTERNAL.",
	.run = &create_plan_run,
};

static const struct problem *
create_plan(struct call *call, const struct create_plan *in, struct plan *out)
{
	struct finder finder = { call, NULL };
	struct list quotas;
	struct id id;
	const struct problem *p;

	check_tier(&finder, in);
	check_features(&finder, tree_of(call, in->features));
	p = read_quotas(&finder, tree_of(call, in->quotas), &quotas);
	if (p == NULL && finder.faults != NULL)
		p = json_faults(call, finder.faults);
	if (p == NULL)
		p = insert(call, in, &quotas, &id);
	return p != NULL ? p : plan_lock(call, id, out);
}

const struct resource plan_create_resource = {
	.name = "plan_create",
	.summary = "How plans are drafted.",
	.statements = LIST_OF(statement, &find_latest, &insert_plan, &insert_quota, &list_metrics),
};
