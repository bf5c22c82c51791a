/*
 * The whole record of an organization in one row: who it is, what it subscribes to, what its present cycle has used and
 * which warnings went out in it, where its figures go. Whatever has ended by now is gone here, whether a job has seen
 * it or not.
 */
#include "organization_record.h"

#include <string.h>

#include "clock.h"
#include "config.h"
#include "cycle.h"
#include "id.h"
#include "invoice.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *const record_tiers[] = { "_NONE_", "_TRIAL_", "_INTERNAL_", "STARTUP", "GROWTH", "SCALE",
	"ENTERPRISE", NULL };
static const char *const record_spaces_tiers[] = { "INTERNAL", "FREE", "PRO", "TEAM", "ENTERPRISE", NULL };
static const char *const record_spaces_statuses[] = { "active", "unpaid", NULL };
static const char *const record_cycles[] = { "monthly", "yearly", NULL };
static const char *const record_currencies[] = { "aud", "sgd", "gbp", "nzd", "usd", NULL };

static const struct field alert_emails_fields[] = {
	FIELD(alert_emails, soft_limit, ANY, "The spend reached the soft limit."),
	FIELD(alert_emails, hard_limit, ANY, "Something was refused for the hard limit."),
	FIELD(alert_emails, payment_failed, ANY, "A payment failed."),
	FIELD(alert_emails, usage_reset, ANY, "The cycle began, and quotas count from nothing again."),
	FIELD(alert_emails, usage_50, ANY, "Half of a quota was used."),
	FIELD(alert_emails, usage_80, ANY, "Of a quota 80 % were used."),
	FIELD(alert_emails, usage_90, ANY, "Of a quota 90 % were used."),
	FIELD(alert_emails, usage_100, ANY, "All of a quota was used."),
};
SHAPE(alert_emails)

static const struct field org_record_fields[] = {
	FIELD(org_record, org_stripe_id, ANY, "The customer at the card processor Stripe; empty where there is none."),
	FIELD(org_record, last_invoice_date, ANY,
	    "When the last invoice was issued, in Unix seconds; 0 before the first."),
	FIELD(org_record, org_name, ANY, "Its name."),
	FIELD(org_record, org_creator, COMPUTED, "The id of its first owner; empty where nobody owns it."),
	FIELD(org_record, id, ANY, "The organization's id."),
	FIELD(org_record, prompt_tokens, ANY, "Whole tokens of prompts in the present cycle."),
	FIELD(org_record, completion_tokens, ANY, "Whole tokens of completions in the present cycle."),
	FIELD(org_record, total_tokens, COMPUTED, "The sum of both."),
	FIELD(org_record, prompt_tokens_cost, ANY, "What those who record usage say that the prompts cost."),
	FIELD(org_record, completion_tokens_cost, ANY, "What they say that the completions cost."),
	FIELD(org_record, total_tokens_cost, COMPUTED, "The sum of both."),
	FIELD(org_record, prompt_tokens_cost_savings, ANY, "What they say was saved on prompts."),
	FIELD(org_record, completion_tokens_cost_savings, ANY, "What they say was saved on completions."),
	FIELD(org_record, total_tokens_cost_savings, COMPUTED, "The sum of both."),
	FIELD(org_record, num_requests, ANY, "Whole requests of the present cycle."),
	FIELD(org_record, num_apps, ANY, "Different values of the property `app` in the present cycle."),
	FIELD(org_record, spaces_subscription_tier, ONE_OF(record_spaces_tiers), "Its plan of `spaces`; null without."),
	FIELD(org_record, spaces_subscription_seats, ANY, "The seats of that plan; null without."),
	FIELD(org_record, spaces_subscription_status, ONE_OF(record_spaces_statuses),
	    "Whether that plan is paid for; null without."),
	FIELD(
	    org_record, spaces_subscription_cancel_at, ANY, "When that plan ends, in Unix seconds; null: it goes on."),
	FIELD(org_record, subscription_pause_reason, ANY,
	    "Why the plan of `platform` is paused: {invoices: [{invoice_id, invoice_number, amount, timestamp,"
	    " pause_reason, invoice_name, payment_link, severity}]}; null while it is not."),
	FIELD(
	    org_record, subscription_cycle, ONE_OF(record_cycles), "How the plan of `platform` is paid; null without."),
	FIELD(org_record, subscription_tier, ONE_OF(record_tiers),
	    "Its plan of `platform`: `_NONE_` without and on FREE, `_TRIAL_` during a trial."),
	FIELD(org_record, subscription_price_id, ANY, "The price of that plan; null without."),
	FIELD(org_record, trial_end, ANY, "When the trial ends, in Unix seconds; null outside of one."),
	FIELD(org_record, currency, ONE_OF(record_currencies), "The currency it pays in, in lower case."),
	FIELD(org_record, billing_email, ANY, "Where invoices and alerts go."),
	FIELD(
	    org_record, free_balance, ANY, "What is left of promotional and free-tier credits, at the credits' price."),
	FIELD(org_record, spending_limit_soft, ANY, "From what spend of a cycle on it is announced; 0: never."),
	FIELD(org_record, spending_limit_hard, ANY, "The most that a cycle may spend; 0: there is no limit."),
	FIELD_OBJECT(org_record, alert_emails, alert_emails, true,
	    "When a mail of each kind last went out in the present cycle; null: none did."),
	FIELD(org_record, is_active, ANY, "Whether it is in use; false once it was closed."),
	FIELD(org_record, is_personal, ANY, "Whether it stands for one person."),
	FIELD(org_record, org_display_name, ANY, "What to show instead of the name."),
	FIELD(org_record, address_1, ANY, "Street and number, or the like."),
	FIELD(org_record, address_2, ANY, "What does not fit the first line."),
	FIELD(org_record, address_city, ANY, "City, suburb or town."),
	FIELD(org_record, address_zip, ANY, "Postal code."),
	FIELD(org_record, address_state, ANY, "State, province or county."),
	FIELD(org_record, address_country, ANY, "Country, ISO 3166-1 alpha-2."),
	FIELD(org_record, added_on, ANY, "When it was created."),
	FIELD(org_record, modified_on, ANY, "When it was last changed."),
	FIELD(org_record, hubspot_id, ANY, "The company at HubSpot."),
	FIELD(org_record, prom_id, ANY, "Whom its figures are pushed to Prometheus as; null: they are not."),
	FIELD(org_record, prom_token, ANY, "The token for that, masked but for its end."),
	FIELD(org_record, prom_endpoint, ANY, "Where the figures go."),
	FIELD(org_record, loki_id, ANY, "Whom its audit events are pushed to Loki as; null: they are not."),
	FIELD(org_record, loki_token, ANY, "The token for that, masked but for its end."),
	FIELD(org_record, loki_endpoint, ANY, "Where the audit events go."),
	FIELD(org_record, rate_limit, ANY, "How many requests a minute it may make."),
	FIELD(org_record, creator_id, HIDDEN, "The first owner."),
};
const struct shape org_record_shape = {
	.name = "org_record",
	.size = sizeof(struct org_record),
	.count = COUNT(org_record_fields),
	.fields = org_record_fields,
};

struct record_query {
	struct instant starts_at;
	struct instant ends_at;
	int64_t rate_standard;
};
static const struct field record_query_fields[] = {
	FIELD(record_query, starts_at, ANY, "When the present cycle began."),
	FIELD(record_query, ends_at, ANY, "When it ends."),
	FIELD(record_query, rate_standard, ANY, "Requests a minute of whoever has no limit of their own."),
};
SHAPE(record_query)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

/* What waits for its first payment is no subscription yet. Of `platform` and its plan, and of `spaces` and its plan. */
#define SUBSCRIPTIONS                                                                           \
	" LEFT JOIN subscription s ON s.organization_id = o.id AND s.open_product = 'platform'" \
	" AND s.status <> 'incomplete' AND COALESCE(s.cancel_at > :now, TRUE)"                  \
	" LEFT JOIN plan p ON p.id = s.plan_id"                                                 \
	" LEFT JOIN subscription t ON t.organization_id = o.id AND t.open_product = 'spaces'"   \
	" AND t.status <> 'incomplete' AND COALESCE(t.cancel_at > :now, TRUE)"                  \
	" LEFT JOIN plan q ON q.id = t.plan_id"

/* Of prompt_tokens, completion_tokens and requests. */
#define COUNTERS                                                                                    \
	" LEFT JOIN usage_counter x ON x.organization_id = o.id AND x.cycle_starts_at = :starts_at" \
	" AND x.metric = 'prompt_tokens'"                                                           \
	" LEFT JOIN usage_counter y ON y.organization_id = o.id AND y.cycle_starts_at = :starts_at" \
	" AND y.metric = 'completion_tokens'"                                                       \
	" LEFT JOIN usage_counter z ON z.organization_id = o.id AND z.cycle_starts_at = :starts_at" \
	" AND z.metric = 'requests'"

#define OTHERS                                                                                \
	" LEFT JOIN payment_customer v ON v.organization_id = o.id AND v.provider = 'stripe'" \
	" LEFT JOIN integration g ON g.organization_id = o.id AND g.kind = 'prom'"            \
	" LEFT JOIN integration h ON h.organization_id = o.id AND h.kind = 'loki'"

/* Lots that have fallen due are gone for readers, whether that is booked or not. */
#define FREE_CREDITS                                                                                           \
	"COALESCE((SELECT CAST(SUM(l.remaining) AS SIGNED) FROM lot l WHERE l.organization_id = :organization" \
	" AND l.is_open = TRUE AND l.source IN ('promotional', 'free_tier') AND NOT l.fell_due"                \
	" AND COALESCE(l.expires_at > :now, TRUE)), 0)"

#define APPS                                                                                                   \
	"COALESCE((SELECT COUNT(d.value_digest) FROM usage_distinct d WHERE d.organization_id = :organization" \
	" AND d.cycle_starts_at = :starts_at AND d.metric = ''), 0)"

#define FIRST_OWNER                                                                                        \
	"(SELECT m.user_id FROM membership m WHERE m.organization_id = :organization AND m.role = 'owner'" \
	" ORDER BY m.created_at, m.user_id LIMIT 1)"

static const struct statement read_record = {
	.sql = "SELECT COALESCE(v.customer_id, '') AS org_stripe_id, " LAST_INVOICE_OF(
	    "o") " AS last_invoice_date,"
		 " o.name AS org_name, " FIRST_OWNER " AS creator_id, o.id,"
		 " COALESCE(x.value DIV 1000000, 0) AS prompt_tokens,"
		 " COALESCE(y.value DIV 1000000, 0) AS completion_tokens,"
		 " COALESCE(x.cost, 0) AS prompt_tokens_cost, COALESCE(y.cost, 0) AS completion_tokens_cost,"
		 " COALESCE(x.saving, 0) AS prompt_tokens_cost_savings,"
		 " COALESCE(y.saving, 0) AS completion_tokens_cost_savings,"
		 " COALESCE(z.value DIV 1000000, 0) AS num_requests, " APPS " AS num_apps,"
		 " q.tier AS spaces_subscription_tier, t.seats AS spaces_subscription_seats,"
		 " CASE WHEN t.id IS NULL THEN NULL WHEN t.status IN ('past_due', 'paused') THEN 'unpaid'"
		 " ELSE 'active' END AS spaces_subscription_status,"
		 " TIMESTAMPDIFF(SECOND, '1970-01-01', t.cancel_at) AS spaces_subscription_cancel_at,"
		 " IF(s.status = 'paused', s.pause_reason, NULL) AS subscription_pause_reason,"
		 " s.cycle AS subscription_cycle, CASE WHEN s.id IS NULL OR p.tier = 'FREE' THEN '_NONE_'"
		 " WHEN s.status = 'trialing' AND s.trial_ends_at > :now THEN '_TRIAL_'"
		 " WHEN p.tier = 'INTERNAL' THEN '_INTERNAL_' ELSE p.tier END AS subscription_tier,"
		 " IF(s.cycle = 'yearly', p.yearly_price_id, p.monthly_price_id) AS subscription_price_id,"
		 " IF(s.status = 'trialing' AND s.trial_ends_at > :now,"
		 " TIMESTAMPDIFF(SECOND, '1970-01-01', s.trial_ends_at), NULL) AS trial_end,"
		 " COALESCE(LOWER(o.currency), '') AS currency, o.billing_email, " FREE_CREDITS
		 " * c.price AS free_balance,"
		 " COALESCE(o.spending_limit_soft, 0) AS spending_limit_soft,"
		 " COALESCE(o.spending_limit_hard, 0) AS spending_limit_hard, o.status = 'active' AS is_active,"
		 " o.is_personal, o.display_name AS org_display_name, o.billing_line1 AS address_1,"
		 " o.billing_line2 AS address_2, o.billing_city AS address_city,"
		 " o.billing_postal_code AS address_zip, o.billing_state AS address_state,"
		 " o.billing_country AS address_country, o.created_at AS added_on, o.updated_at AS modified_on,"
		 " o.hubspot_id, g.login AS prom_id, CONCAT('****', g.token_end) AS prom_token,"
		 " g.endpoint AS prom_endpoint, h.login AS loki_id, CONCAT('****', h.token_end) AS loki_token,"
		 " h.endpoint AS loki_endpoint, COALESCE(o.rate_limit, :rate_standard, 0) AS rate_limit"
		 " FROM organization o JOIN credit_price c ON c.currency = o.currency" SUBSCRIPTIONS COUNTERS OTHERS
		 " WHERE o.id = :organization",
	.takes = &record_query_shape,
	.gives = &org_record_shape,
};

struct alert_mailed {
	struct text type;
	struct instant at;
};
static const struct field alert_mailed_fields[] = {
	FIELD(alert_mailed, type, ANY, "Which alert."),
	FIELD(alert_mailed, at, ANY, "When it last went out."),
};
SHAPE(alert_mailed)

static const struct statement list_alerts = {
	.sql = "SELECT type, at FROM alert_mail WHERE organization_id = :organization AND at >= :starts_at AND at < "
	       ":ends_at",
	.takes = &record_query_shape,
	.gives = &alert_mailed_shape,
};

/* ---- reading --------------------------------------------------------------------------------------------------- */

/* No counter, nor what it cost, grows past USAGE_VALUE_MOST: the sum of two has room. */
static void
add_up(struct org_record *record)
{
	record->total_tokens = record->prompt_tokens + record->completion_tokens;
	record->total_tokens_cost.micros = record->prompt_tokens_cost.micros + record->completion_tokens_cost.micros;
	record->total_tokens_cost_savings.micros =
	    record->prompt_tokens_cost_savings.micros + record->completion_tokens_cost_savings.micros;
}

/* The alerts by their mails. */
static const struct alert_kind {
	const char *type;
	size_t offset; /* of a maybe_instant */
} alert_kinds[] = {
	{ "limit.soft", offsetof(struct alert_emails, soft_limit) },
	{ "limit.hard", offsetof(struct alert_emails, hard_limit) },
	{ "payment_failed", offsetof(struct alert_emails, payment_failed) },
	{ "usage_reset", offsetof(struct alert_emails, usage_reset) },
	{ "usage_50", offsetof(struct alert_emails, usage_50) },
	{ "usage_80", offsetof(struct alert_emails, usage_80) },
	{ "usage_90", offsetof(struct alert_emails, usage_90) },
	{ "usage_100", offsetof(struct alert_emails, usage_100) },
};

static void
take_alert(struct alert_emails *alerts, const struct alert_mailed *mailed)
{
	struct maybe_instant at = instant_given(mailed->at);

	for (size_t i = 0; i < COUNT(alert_kinds); i++)
		if (text_is(mailed->type, alert_kinds[i].type))
			memcpy((char *)alerts + alert_kinds[i].offset, &at, sizeof(at));
}

static const struct problem *
read_alerts(struct call *call, const struct record_query *query, struct alert_emails **out)
{
	const struct alert_mailed *mailed;
	struct list rows;
	const struct problem *p = sql_all(call, &list_alerts, query, &rows);

	if (p != NULL)
		return p;
	*out = arena_take(call->arena, sizeof(**out));
	mailed = rows.items;
	for (size_t i = 0; i < rows.count; i++)
		take_alert(*out, &mailed[i]);
	return NULL;
}

const struct problem *
organization_record_read(struct call *call, struct org_record *out)
{
	struct record_query query = { .rate_standard = config.rate_default };
	char creator[ID_CHARACTERS + 1] = "";
	struct cycle cycle;
	const struct problem *p = cycle_at(call, call->now, &cycle);

	if (p != NULL)
		return p;
	query.starts_at = cycle.starts_at;
	query.ends_at = cycle.ends_at;
	p = sql_one(call, &read_record, &query, out);
	if (p != NULL)
		return p;
	add_up(out);
	if (out->creator_id.given)
		id_format(out->creator_id.value, creator);
	out->org_creator = arena_format(call->arena, "%s", creator);
	return read_alerts(call, &query, &out->alert_emails);
}

/* ---- organizations.record.get ---------------------------------------------------------------------------------- */

HANDLER(get_record, nothing, org_record)

static const struct operation get_record_operation = {
	.id = "organizations.record.get",
	.kind = READ,
	.scope = ORGANIZATIONS_READ,
	.effect = READS,
	.summary = "Read all there is to know of the organization, in one flat record.",
	.description = "Counters, costs and alerts are those of the present cycle: the month of the subscription to "
		       "`platform`, or,"
		       " without one, the calendar month in the organization's time zone.",
	.run = &get_record_run,
};

static const struct problem *
get_record(struct call *call, const struct nothing *in, struct org_record *out)
{
	(void)in;
	return organization_record_read(call, out);
}

const struct resource organization_record_resource = {
	.name = "organizations.record",
	.summary = "The whole record of an organization.",
	.operations = LIST_OF(operation, &get_record_operation),
	.statements = LIST_OF(statement, &read_record, &list_alerts),
};
