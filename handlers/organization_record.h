/*
 * The whole record of an organization: what it is, subscribes to and uses, in one flat object.
 */
#ifndef PURSER_ORGANIZATION_RECORD_H
#define PURSER_ORGANIZATION_RECORD_H

#include "call.h"

struct alert_emails {
	struct maybe_instant soft_limit, hard_limit, payment_failed, usage_reset;
	struct maybe_instant usage_50, usage_80, usage_90, usage_100;
};

struct org_record {
	struct text org_stripe_id;
	int64_t last_invoice_date; /* Unix seconds, as all times here that are integers */
	struct text org_name;
	struct text org_creator;
	struct id id;
	int64_t prompt_tokens, completion_tokens, total_tokens;
	struct decimal prompt_tokens_cost, completion_tokens_cost, total_tokens_cost;
	struct decimal prompt_tokens_cost_savings, completion_tokens_cost_savings, total_tokens_cost_savings;
	int64_t num_requests;
	int64_t num_apps;
	struct maybe_text spaces_subscription_tier;
	struct maybe_int spaces_subscription_seats;
	struct maybe_text spaces_subscription_status;
	struct maybe_int spaces_subscription_cancel_at;
	struct document subscription_pause_reason;
	struct maybe_text subscription_cycle;
	struct maybe_text subscription_tier;
	struct maybe_text subscription_price_id;
	struct maybe_int trial_end;
	struct text currency;
	struct maybe_text billing_email;
	struct maybe_decimal free_balance;
	struct maybe_decimal spending_limit_soft, spending_limit_hard;
	struct alert_emails *alert_emails;
	bool is_active;
	bool is_personal;
	struct maybe_text org_display_name;
	struct maybe_text address_1, address_2, address_city, address_zip, address_state, address_country;
	struct maybe_instant added_on, modified_on;
	struct maybe_text hubspot_id;
	struct maybe_text prom_id, prom_token, prom_endpoint;
	struct maybe_text loki_id, loki_token, loki_endpoint;
	int64_t rate_limit;
	struct maybe_id creator_id; /* what org_creator is made of */
};

extern const struct shape org_record_shape;

/* The call's own organization's. */
const struct problem *organization_record_read(struct call *call, struct org_record *out);

#endif
