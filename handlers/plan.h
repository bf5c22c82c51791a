/*
 * What a plan is: the shape that billing.plans.* answer with, and how its row is read and completed.
 */
#ifndef PURSER_PLAN_H
#define PURSER_PLAN_H

#include "call.h"

struct plan_price {
	struct text price_id;
	struct amount amount;
};

struct plan {
	struct id id;
	struct text product;
	struct text name;
	struct text tier;
	int64_t version;
	struct text status;
	struct text currency;
	struct plan_price *monthly; /* made of the four below, which only SQL knows */
	struct plan_price *yearly;
	struct document features;
	struct document quotas;     /* made of the plan's rows of quotas */
	int64_t trial_days;
	struct maybe_text monthly_price_id, yearly_price_id;
	struct maybe_amount monthly_amount, yearly_amount;
	struct text sort_key;
};
extern const struct shape plan_shape;
extern const char *const plan_products[];

/* Names a plan to the reader, and no two of them alike. */
#define PLAN_SORT_KEY "CONCAT(name, '/', product, '/', LPAD(version, 6, '0'))"
#define PLAN_COLUMNS                                                                                                   \
	"id, product, name, tier, version, status, currency, monthly_price_id, monthly_amount, yearly_price_id,"       \
	" yearly_amount, features, trial_days, COALESCE(" PLAN_SORT_KEY ", '') AS sort_key"

struct plan_quota {
	struct id plan_id;
	struct text metric;
	int64_t included;
	struct maybe_amount overage_unit_price;
};

/* Fills in what is no column: prices, and of the quotas those that are the plan's. */
void plan_complete(struct call *call, struct plan *plan, const struct list *quotas);

/* One plan, in whatever state; locked until the end of the transaction. NOT_FOUND. */
const struct problem *plan_lock(struct call *call, struct id id, struct plan *out);

/* The most units that a cycle can include. */
#define PLAN_INCLUDED_MOST INT64_C(1000000000000)

/* Operations of billing.plans.* that have files of their own. */
extern const struct operation create_plan_operation;

#endif
