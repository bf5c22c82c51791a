/*
 * What can be counted: metrics are the platform's, made by an operator, and never changed again, because counters and
 * prices are built on them.
 */
#include "usage.h"

#include <string.h>

#include "formats.h"
#include "money.h"
#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"
#include "usage_parts.h"

const char *const usage_aggregations[] = { "sum", "count", "max", "last", "unique", NULL };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const struct field usage_metric_fields[] = {
	FIELD(usage_metric, name, ANY, "What events call it."),
	FIELD(usage_metric, aggregation, ONE_OF(usage_aggregations), "How events make its value."),
	FIELD(usage_metric, unit, ANY, "What one of it is."),
	FIELD(usage_metric, property, ANY, "Of `unique`: the property whose different values are counted."),
	FIELD(usage_metric, unit_credits, ANY, "Credits for one unit, charged as it is used; null: it is not."),
	FIELD(usage_metric, created_at, ANY, "When it was made."),
};
const struct shape usage_metric_shape = { .name = "usage_metric",
	.size = sizeof(struct usage_metric),
	.count = COUNT(usage_metric_fields),
	.fields = usage_metric_fields };

/* It stands in counters, events and addresses as it is. */
static const char *
check_metric_name(struct text value)
{
	for (size_t i = 0; i < value.length; i++) {
		char c = value.at[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!letter && !(c >= '0' && c <= '9') && strchr("_.-/:", c) == NULL)
			return "A metric's name has letters, digits and _ . - / : only.";
	}
	return NULL;
}

static const struct format metric_name_format = { .pattern = "^[A-Za-z0-9_.:/-]+$", .check = check_metric_name };

static const char *
check_unit(struct text value)
{
	return value.length > 40 ? "A unit has at most 40 bytes." : plain_format.check(value);
}

static const char *
check_property(struct text value)
{
	return value.length > 100 ? "A property's name has at most 100 bytes." : plain_format.check(value);
}

static const struct format unit_format = { .check = check_unit };
static const struct format property_format = { .check = check_property };

/* 10,000 credits a unit: more can't be told from a mistake. */
#define UNIT_CREDITS_MOST (INT64_C(10000) * 1000000)

struct create_metric {
	struct text name;
	struct text aggregation;
	struct text unit;
	struct maybe_text property;
	struct maybe_quantity unit_credits;
};
static const struct field create_metric_fields[] = {
	FIELD(create_metric, name, MATCHING(metric_name_format, 1, USAGE_METRIC_BYTES), "What events will call it."),
	FIELD(create_metric, aggregation, ONE_OF(usage_aggregations),
	    "The sum of quantities, the number of events, the greatest or the last quantity, or the number of different"
	    " values of a property."),
	FIELD(create_metric, unit, MATCHING(unit_format, 1, 40), "What one of it is, such as `token`."),
	FIELD(create_metric, property, MATCHING(property_format, 1, 100),
	    "The property whose different values are counted; needed for `unique`, and for nothing else."),
	FIELD(create_metric, unit_credits, RANGE(1, UNIT_CREDITS_MOST),
	    "Credits for one unit, charged as it is used. Not for `last`, which may fall."),
};
SHAPE(create_metric)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const char why_everybodys[] = "metrics are the platform's";

#define METRIC_COLUMNS "name, aggregation, unit, property, unit_credits, created_at"

struct metric_name {
	struct text name;
};
static const struct field metric_name_fields[] = {
	FIELD(metric_name, name, ANY, "The metric."),
};
SHAPE(metric_name)

static const struct statement find_metric = {
	.sql = "SELECT " METRIC_COLUMNS " FROM usage_metric WHERE name = :name",
	.takes = &metric_name_shape,
	.gives = &usage_metric_shape,
	.crosses_organizations = why_everybodys,
};

static const struct statement all_metrics = {
	.sql = "SELECT " METRIC_COLUMNS " FROM usage_metric ORDER BY name",
	.gives = &usage_metric_shape,
	.crosses_organizations = why_everybodys,
	.outside_transaction = true,
};

static const struct statement list_page = {
	.sql = "SELECT " METRIC_COLUMNS " FROM usage_metric WHERE name > :cursor ORDER BY name LIMIT :limit",
	.takes = &page_query_shape,
	.gives = &usage_metric_shape,
	.crosses_organizations = why_everybodys,
};

static const struct statement add_metric = {
	.sql = "INSERT INTO usage_metric (" METRIC_COLUMNS ")"
	       " VALUES (:name, :aggregation, :unit, :property, :unit_credits, :now)",
	.takes = &create_metric_shape,
	.duplicate_is_zero = true,
	.crosses_organizations = why_everybodys,
};

/* ---- for others ------------------------------------------------------------------------------------------------- */

const struct problem *
usage_metric_find(struct call *call, struct text name, struct usage_metric *out, bool *found)
{
	const struct metric_name ref = { name };

	return sql_maybe(call, &find_metric, &ref, out, found);
}

const struct problem *
usage_metrics_read(struct call *call, struct list *out)
{
	return sql_all(call, &all_metrics, NULL, out);
}

bool
usage_credits(struct quantity value, struct quantity unit_credits, struct credits *credits)
{
	return share_of(value.micros, unit_credits.micros, INT64_C(1000000000000), 1, &credits->count);
}

/* ---- usage.metrics.list ---------------------------------------------------------------------------------------- */

HANDLER_EACH(list_metrics, page_query, usage_metric)

static const struct operation list_operation = {
	.id = "usage.metrics.list",
	.kind = READ,
	.scope = USAGE_READ,
	.effect = READS,
	.summary = "List what can be counted, by name.",
	.page_key = "name",
	.page_ascending = true,
	.run = &list_metrics_run,
};

static const struct problem *
list_metrics(struct call *call, const struct page_query *in, struct sink *sink)
{
	return sql_page(call, &list_page, in, sink);
}

/* ---- usage.metrics.create -------------------------------------------------------------------------------------- */

HANDLER(create_metric, create_metric, usage_metric)

static const struct operation create_operation = {
	.id = "usage.metrics.create",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Make a metric that events can name.",
	.description = "A metric belongs to the platform and stays as it was made. Making it again with the same fields"
		       " answers the one that is there.",
	.raises = { CONFLICT },
	.run = &create_metric_run,
};

static bool
is_unique(struct text aggregation)
{
	return text_is(aggregation, "unique");
}

static const struct problem *
check_rules(struct call *call, const struct create_metric *in)
{
	if (is_unique(in->aggregation) && in->property.at == NULL)
		return fail_field(call, "/property", "missing", "`unique` needs the property whose values it counts.");
	if (!is_unique(in->aggregation) && in->property.at != NULL)
		return fail_field(call, "/property", "not_allowed", "Only `unique` counts the values of a property.");
	if (in->unit_credits.given && text_is(in->aggregation, "last"))
		return fail_field(call, "/unit_credits", "not_allowed",
		    "A last value may fall, and what was charged for it could not; it has no price.");
	return NULL;
}

static bool
same_text(struct maybe_text a, struct maybe_text b)
{
	return (a.at == NULL) == (b.at == NULL) &&
	       (a.at == NULL || text_equal((struct text){ a.at, a.length }, (struct text){ b.at, b.length }));
}

static bool
is_same(const struct create_metric *in, const struct usage_metric *known)
{
	return text_equal(in->aggregation, known->aggregation) && text_equal(in->unit, known->unit) &&
	       same_text(in->property, known->property) && in->unit_credits.given == known->unit_credits.given &&
	       in->unit_credits.value.micros == known->unit_credits.value.micros;
}

static const struct problem *
create_metric(struct call *call, const struct create_metric *in, struct usage_metric *out)
{
	const struct metric_name ref = { in->name };
	int64_t added;
	const struct problem *p = check_rules(call, in);

	if (p == NULL)
		p = sql_run(call, &add_metric, in, &added);
	if (p == NULL)
		p = sql_one(call, &find_metric, &ref, out);
	if (p == NULL && !is_same(in, out))
		p = fail(call, CONFLICT, "There is another metric of this name.");
	return p;
}

const struct resource usage_metrics_resource = {
	.name = "usage.metrics",
	.summary = "What can be counted.",
	.operations = LIST_OF(operation, &list_operation, &create_operation),
	.statements = LIST_OF(statement, &find_metric, &all_metrics, &list_page, &add_metric),
};
