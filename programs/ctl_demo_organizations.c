/*
 * The demo data: a dozen organizations of different kinds, and what each does besides what all do.
 */
#include "ctl_demo.h"
#include "text.h"

#define LIFE(name) static const struct demo_life name = { COUNT(name##_deeds), name##_deeds }
#define LIVES(...) .lives = { __VA_ARGS__, NULL }

const struct demo_person demo_people[DEMO_PEOPLE] = {
	{ "owner@meridian.example", "Alex Meridian" },
	{ "priya@northlight.example", "Priya Nair" },
	{ "jonas@fjord.example", "Jonas Weber" },
	{ "mei@harbour.example", "Mei Tan" },
	{ "aroha@tussock.example", "Aroha Ngata" },
};
enum { ALEX, PRIYA, JONAS, MEI, AROHA };

/* ---- what the others use
 * --------------------------------------------------------------------------------------------- */

#define TO_ORGANIZATION "{\"organization_id\":\"$organization\","
#define CARD(name) "{\"payment_method_id\":\"pm_card_" name "\"}"
#define SUBSCRIBE(price) "{\"price_id\":\"price_platform_" price "_1\"}"
#define GRANT(credits, source) TO_ORGANIZATION "\"credits\":" credits ",\"source\":\"" source "\"}"
#define ON_ACCOUNT(limit) TO_ORGANIZATION "\"enterprise_billing\":true,\"spending_limit_hard\":" limit "}"
#define ADDRESS(line, city, state, code, country)                                              \
	"\"billing_address\":{\"line1\":\"" line "\",\"city\":\"" city "\",\"state\":\"" state \
	"\",\"postal_code\":\"" code "\",\"country\":\"" country "\"}"

static const struct demo_deed visa_deeds[] = {
	DEED(12, 12, 2, 1, "payment_methods.attach", CARD("visa"), .keep = 7),
};
LIFE(visa);

/* ---- Meridian Imagery: prepaid, with a commitment that runs
 * ------------------------------------------------------------ */

#define MAKE_MERIDIAN                                                                                                  \
	"{\"name\":\"Meridian Imagery\",\"display_name\":\"Meridian\",\"currency\":\"AUD\",\"timezone\":"              \
	"\"Australia/Melbourne\",\"country\":\"AU\",\"abn\":\"51824753556\",\"website\":\"https://meridian.example\"," \
	"\"industry\":\"Earth observation\",\"billing_email\":\"accounts@meridian.example\"," ADDRESS(                 \
	    "1 Collins Street", "Melbourne", "VIC", "3000", "AU") "}"

static const struct demo_deed meridian_deeds[] = {
	DEED(12, 12, 2, 2, "billing.grants.create", GRANT("5000", "free_tier"), .who = BY_OPERATOR),
	DEED(12, 12, 2, 3, "organizations.members.invite",
	    "{\"email\":\"priya@northlight.example\",\"role\":\"billing\",\"return_token\":true}"),
	DEED(12, 12, 2, 4, "organizations.invitations.accept", "{\"token\":\"$token\"}", .who = BY_PERSON + PRIYA),
	DEED(11, 11, 9, 3, "organizations.members.invite",
	    "{\"email\":\"mei@harbour.example\",\"role\":\"member\",\"return_token\":true}"),
	DEED(11, 11, 9, 4, "organizations.invitations.accept", "{\"token\":\"$token\"}", .who = BY_PERSON + MEI),
	DEED(12, 12, 3, 9, "billing.topup", "{\"credits\":25000,\"description\":\"To begin with\"}", .keep = 1),
	DEED(12, 12, 4, 2, "billing.subscriptions.start", SUBSCRIBE("startup_monthly")),
	DEED(7, 7, 10, 2, "billing.subscriptions.change",
	    "{\"product\":\"platform\",\"price_id\":\"price_platform_growth_monthly_1\"}"),
	DEED(6, 6, 11, 2, "billing.subscriptions.start", "{\"price_id\":\"price_spaces_team_monthly_1\",\"seats\":4}"),
	DEED(12, 12, 4, 5, "api_keys.create", "{\"name\":\"Pipeline\",\"permissions\":[\"orders:*\",\"usage:*\"]}"),
	DEED(5, 5, 4, 5, "api_keys.create",
	    "{\"name\":\"Reporting\",\"permissions\":[\"*:read\"],\"expires_in_days\":365}"),
	DEED(11, 11, 4, 5, "organizations.limits.set", "{\"spending_limit_soft\":900,\"spending_limit_hard\":3000}"),
	DEED(9, 9, 4, 6, "billing.set_auto_topup",
	    "{\"enabled\":true,\"threshold_credits\":2000,\"topup_amount_credits\":4000,\"daily_charge_cap_aud\":200}"),
	DEED(9, 9, 17, 6, "orders.create",
	    "{\"reference\":\"$month-twice\",\"lines\":[{\"sku\":\"archive\",\"description\":\"Scenes from the "
	    "archive, delivered "
	    "twice\",\"service\":\"archive\",\"quantity\":120,\"unit_credits\":9}]}",
	    .keep = 2),
	DEED(9, 9, 17, 7, "orders.settle", "{\"order_id\":\"$2\"}"),
	DEED(9, 9, 19, 6, "orders.refund", TO_ORGANIZATION "\"order_id\":\"$2\"}", .who = BY_OPERATOR),
	DEED(6, 6, 20, 6, "billing.adjustments.create",
	    TO_ORGANIZATION "\"credits\":-1250,\"reason\":\"Archive scenes delivered twice\"}", .who = BY_OPERATOR),
	DEED(4, 4, 20, 6, "billing.grants.create",
	    TO_ORGANIZATION "\"credits\":2000,\"source\":\"promotional\",\"priority\":10,\"expires_at\":\"$expiry\"}",
	    .who = BY_OPERATOR),
	DEED(3, 3, 20, 6, "billing.topup", "{\"credits\":5000,\"description\":\"Bought by mistake\"}", .keep = 3),
	DEED(3, 3, 21, 6, "billing.topups.refund",
	    TO_ORGANIZATION "\"topup_id\":\"$3\",\"reason\":\"Bought by mistake\"}", .who = BY_OPERATOR),
	DEED(1, 1, 22, 6, "billing.grants.create", GRANT("750", "goodwill"), .who = BY_OPERATOR),
	DEED(8, 8, 3, 5, "organizations.commitments.create",
	    TO_ORGANIZATION "\"name\":\"Imagery a "
			    "year\",\"starts_on\":\"$begin\",\"ends_on\":\"$end11\",\"amount\":\"1500\",\"milestones\":"
			    "[{\"on\":\"$after5\",\"amount\":\"500\"},{\"on\":\"$after9\",\"amount\":\"1200\"}]}",
	    .who = BY_OPERATOR, .keep = 4),
	DEED(0, 0, -1, 0, "orders.create",
	    "{\"reference\":\"waiting\",\"lines\":[{\"sku\":\"scene-30\",\"description\":\"Scenes at 30 "
	    "cm\",\"service\":\"imagery\","
	    "\"quantity\":4,\"unit_credits\":140}]}"),
	DEED(0, 0, -1, 0, "billing.approvals.request", "{\"credits\":150000,\"expiry_hours\":720}"),
	DEED(0, 0, -1, 0, "event_subscriptions.create",
	    "{\"event_type\":\"invoice.issued\",\"endpoint_url\":\"https://hooks.meridian.example/"
	    "purser\",\"description\":\"Accounts\"}"),
};
LIFE(meridian);

/* ---- Northlight Energy: pays afterwards, commitment ahead
 * --------------------------------------------------------------- */

static const struct demo_deed northlight_deeds[] = {
	DEED(12, 12, 1, 1, "admin.organizations.set", ON_ACCOUNT("40000"), .who = BY_OPERATOR),
	DEED(12, 12, 3, 1, "billing.subscriptions.start", SUBSCRIBE("scale_monthly")),
	DEED(6, 6, 3, 5, "organizations.commitments.create",
	    TO_ORGANIZATION
	    "\"name\":\"Grid monitoring\",\"starts_on\":\"$begin\",\"ends_on\":\"$end11\",\"amount\":\"4000\","
	    "\"rollover_percent\":50}",
	    .who = BY_OPERATOR),
	DEED(5, 5, 9, 9, "billing.credit_notes.create",
	    TO_ORGANIZATION "\"invoice_id\":\"$run\",\"amount\":\"110\",\"reason\":\"One survey was late\"}",
	    .who = BY_OPERATOR),
};
LIFE(northlight);

/* ---- Atlas Rail: pays afterwards, one commitment fulfilled, one behind and billed at milestones
 * --------------------------- */

static const struct demo_deed atlas_deeds[] = {
	DEED(12, 12, 1, 1, "admin.organizations.set", ON_ACCOUNT("60000"), .who = BY_OPERATOR),
	DEED(12, 12, 3, 1, "billing.subscriptions.start", SUBSCRIBE("growth_monthly")),
	DEED(11, 11, 3, 5, "organizations.commitments.create",
	    TO_ORGANIZATION
	    "\"name\":\"Track survey\",\"starts_on\":\"$begin\",\"ends_on\":\"$end5\",\"amount\":\"700\","
	    "\"rollover_percent\":100}",
	    .who = BY_OPERATOR),
	DEED(5, 5, 1, 5, "organizations.commitments.create",
	    TO_ORGANIZATION
	    "\"name\":\"Track survey\",\"starts_on\":\"$begin\",\"ends_on\":\"$end11\",\"amount\":\"9000\","
	    "\"true_up\":\"milestones\",\"eligible_services\":[\"imagery\",\"analytics\"],\"milestones\":"
	    "[{\"on\":\"$after2\",\"amount\":\"1500\"},{\"on\":\"$after8\",\"amount\":\"6000\"}]}",
	    .who = BY_OPERATOR),
};
LIFE(atlas);

/* ---- Saltwater Insurance: large, buys by approval
 * ------------------------------------------------------------------------ */

static const struct demo_deed saltwater_deeds[] = {
	DEED(12, 12, 2, 6, "billing.approvals.request", "{\"credits\":99000}", .keep = 1),
	DEED(12, 12, 2, 7, "billing.approvals.approve", "{\"approval_id\":\"$1\"}"),
	DEED(12, 12, 3, 1, "billing.subscriptions.start", SUBSCRIBE("scale_yearly"), .is_refused = true),
	DEED(12, 12, 3, 2, "billing.subscriptions.start", SUBSCRIBE("growth_monthly")),
	DEED(10, 10, 12, 6, "billing.topup", "{\"credits\":95000}"),
	DEED(8, 8, 12, 6, "billing.approvals.request", "{\"credits\":290000}", .keep = 1),
	DEED(8, 8, 12, 9, "billing.approvals.approve", "{\"approval_id\":\"$1\"}"),
	DEED(5, 5, 12, 6, "billing.approvals.request", "{\"credits\":400000}", .keep = 1),
	DEED(5, 5, 13, 9, "billing.approvals.reject", "{\"approval_id\":\"$1\",\"reason\":\"Next quarter\"}"),
	DEED(5, 1, 16, 6, "billing.topup", "{\"credits\":45000}"),
	DEED(3, 3, 12, 6, "billing.approvals.request", "{\"credits\":300000,\"expiry_hours\":72}"),
	DEED(0, 0, -1, 0, "billing.approvals.request", "{\"credits\":250000,\"expiry_hours\":720}"),
};
LIFE(saltwater);

/* ---- smaller ones
 * -------------------------------------------------------------------------------------------------------- */

static const struct demo_deed startup_deeds[] = {
	DEED(12, 12, 2, 2, "billing.free_tier.approve", "{\"organization_id\":\"$organization\"}", .who = BY_OPERATOR),
	DEED(12, 12, 3, 10, "billing.subscriptions.start", SUBSCRIBE("startup_monthly")),
};
LIFE(startup);

static const struct demo_deed yearly_deeds[] = {
	DEED(12, 12, 2, 8, "billing.topup", "{\"credits\":60000,\"description\":\"The first year\"}"),
	DEED(12, 12, 3, 10, "billing.subscriptions.start", SUBSCRIBE("startup_yearly")),
	DEED(10, 10, 5, 5, "organizations.commitments.create",
	    TO_ORGANIZATION "\"name\":\"Fleet\",\"starts_on\":\"$begin\",\"ends_on\":\"$end11\",\"amount\":\"9000\"}",
	    .who = BY_OPERATOR),
	DEED(2, 2, 9, 9, "billing.subscriptions.cancel", "{\"product\":\"platform\",\"when\":\"period_end\"}"),
};
LIFE(yearly);

/* Nearly all that the plan includes of this cycle is used, whatever day it is. */
static const struct demo_deed near_limit_deeds[] = {
	DEED(12, 12, 2, 2, "billing.free_tier.approve", "{\"organization_id\":\"$organization\"}", .who = BY_OPERATOR),
	DEED(12, 2, 9, 2, "usage.record",
	    "{\"events\":[{\"id\":\"$month\",\"metric\":\"requests\",\"quantity\":~5100~}]}"),
	DEED(0, 0, -20, 0, "billing.subscriptions.start", SUBSCRIBE("free_monthly")),
	DEED(
	    0, 0, -11, 0, "usage.record", "{\"events\":[{\"id\":\"once\",\"metric\":\"requests\",\"quantity\":4700}]}"),
	DEED(
	    0, 0, -1, 0, "usage.record", "{\"events\":[{\"id\":\"twice\",\"metric\":\"requests\",\"quantity\":4650}]}"),
};
LIFE(near_limit);

static const struct demo_deed trial_deeds[] = {
	DEED(0, 0, -9, 0, "payment_methods.attach", CARD("mastercard")),
	DEED(0, 0, -9, 0, "billing.subscriptions.start",
	    "{\"price_id\":\"price_platform_growth_monthly_1\",\"trial\":true}"),
	DEED(
	    0, 0, -4, 0, "usage.record", "{\"events\":[{\"id\":\"first\",\"metric\":\"requests\",\"quantity\":3100}]}"),
	DEED(0, 0, -2, 0, "usage.record",
	    "{\"events\":[{\"id\":\"second\",\"metric\":\"requests\",\"quantity\":5200},"
	    "{\"id\":\"third\",\"metric\":\"prompt_tokens\",\"quantity\":812000}]}"),
	DEED(0, 0, -1, 0, "billing.run_monthly_for_org", "{\"organization_id\":\"$organization\"}"),
};
LIFE(trial);

/* Cards that begin to be declined, and months that are billed behind that. */
static const struct demo_deed past_due_deeds[] = {
	DEED(12, 12, 3, 10, "billing.subscriptions.start", SUBSCRIBE("startup_monthly")),
	DEED(12, 0, 2, 13, "billing.run_monthly_for_org", TO_ORGANIZATION "\"period\":\"$last\"}", .before = -2),
	DEED(0, 0, -3, 0, "payment_methods.attach", CARD("chargeDeclinedInsufficientFunds"), .keep = 7),
	DEED(0, 0, -3, 0, "payment_methods.set_default", "{\"payment_method_row_id\":\"$7\"}"),
	DEED(0, 0, -2, 0, "billing.run_monthly_for_org", TO_ORGANIZATION "\"period\":\"$last\"}"),
};
LIFE(past_due);

static const struct demo_deed paused_deeds[] = {
	DEED(12, 12, 3, 10, "billing.subscriptions.start", SUBSCRIBE("startup_monthly")),
	DEED(12, 0, 2, 13, "billing.run_monthly_for_org", TO_ORGANIZATION "\"period\":\"$last\"}", .before = -13),
	DEED(0, 0, -14, 0, "payment_methods.attach", CARD("chargeDeclinedExpiredCard"), .keep = 7),
	DEED(0, 0, -14, 0, "payment_methods.set_default", "{\"payment_method_row_id\":\"$7\"}"),
	DEED(0, 0, -13, 0, "billing.run_monthly_for_org", TO_ORGANIZATION "\"period\":\"$last\"}"),
	DEED(0, 0, -1, 0, "billing.topup", "{\"credits\":2000}", .is_refused = true),
};
LIFE(paused);

/* ---- everybody
 * ------------------------------------------------------------------------------------------------------------ */

const struct demo_organization demo_organizations[] = {
	{ MAKE_MERIDIAN, ALEX, 12, 100,
	    LIVES(&visa, &meridian, &demo_runs, &demo_purchases, &demo_usage, &demo_orders) },
	{ "{\"name\":\"Northlight Energy "
	  "Networks\",\"currency\":\"AUD\",\"timezone\":\"Australia/Sydney\",\"country\":\"AU\",\"abn\":"
	  "\"53004085616\",\"billing_email\":\"payables@northlight.example\"," ADDRESS(
	      "88 George Street", "Sydney", "NSW", "2000", "AU") "}",
	    PRIYA, 12, 520, LIVES(&northlight, &demo_transfers, &demo_usage, &demo_orders) },
	{ "{\"name\":\"Atlas Rail "
	  "Surveys\",\"currency\":\"GBP\",\"timezone\":\"Europe/London\",\"country\":\"GB\",\"tax_number\":"
	  "\"GB123456789\",\"billing_email\":\"ap@atlasrail.example\"," ADDRESS(
	      "4 Platform Road", "York", "", "YO24 1AB", "GB") "}",
	    JONAS, 12, 380, LIVES(&atlas, &demo_transfers, &demo_usage, &demo_orders) },
	{ "{\"name\":\"Saltwater Mutual "
	  "Insurance\",\"currency\":\"USD\",\"timezone\":\"America/New_York\",\"country\":\"US\","
	  "\"billing_email\":\"procurement@saltwater.example\"," ADDRESS(
	      "200 Water Street", "New York", "NY", "10038", "US") "}",
	    PRIYA, 12, 300, LIVES(&visa, &saltwater, &demo_runs, &demo_usage, &demo_orders) },
	{ "{\"name\":\"Harbour Freight "
	  "Analytics\",\"currency\":\"SGD\",\"timezone\":\"Asia/Singapore\",\"country\":\"SG\","
	  "\"billing_email\":\"finance@harbour.example\"}",
	    MEI, 12, 60, LIVES(&visa, &startup, &demo_runs, &demo_purchases, &demo_usage, &demo_orders) },
	{ "{\"name\":\"Quill & Reed "
	  "Publishing\",\"currency\":\"AUD\",\"timezone\":\"Australia/Perth\",\"country\":\"AU\"}",
	    MEI, 10, 30, LIVES(&visa, &startup, &demo_runs, &demo_purchases, &demo_usage) },
	{ "{\"name\":\"Kestrel Drones\",\"currency\":\"AUD\",\"timezone\":\"Australia/Brisbane\",\"country\":\"AU\"}",
	    ALEX, 11, 80, LIVES(&visa, &yearly, &demo_runs, &demo_purchases, &demo_usage, &demo_orders) },
	{ "{\"name\":\"Pixel "
	  "Garden\",\"currency\":\"AUD\",\"timezone\":\"Australia/Adelaide\",\"country\":\"AU\",\"is_personal\":true}",
	    MEI, 4, 90, LIVES(&near_limit, &demo_runs) },
	{ "{\"name\":\"Lumen Schools Trust\",\"currency\":\"NZD\",\"timezone\":\"Pacific/Chatham\",\"country\":\"NZ\"}",
	    AROHA, 12, 45, LIVES(&visa, &startup, &demo_runs, &demo_purchases, &demo_usage, &demo_orders) },
	{ "{\"name\":\"Cobalt Labs\",\"currency\":\"USD\",\"timezone\":\"America/Los_Angeles\",\"country\":\"US\"}",
	    JONAS, -9, 50, LIVES(&trial) },
	{ "{\"name\":\"Fjord Mapping\",\"currency\":\"GBP\",\"timezone\":\"Europe/London\",\"country\":\"GB\"}", JONAS,
	    9, 40, LIVES(&visa, &past_due, &demo_usage) },
	{ "{\"name\":\"Tussock Farms "
	  "Cooperative\",\"currency\":\"NZD\",\"timezone\":\"Pacific/Auckland\",\"country\":\"NZ\"}",
	    AROHA, 8, 40, LIVES(&visa, &paused, &demo_usage) },
};
const size_t demo_organizations_count = COUNT(demo_organizations);

/* ---- for tests
 * -------------------------------------------------------------------------------------------------------------- */

static const struct demo_deed brief_deeds[] = {
	DEED(2, 2, 2, 1, "payment_methods.attach", CARD("visa")),
	DEED(2, 2, 2, 2, "billing.grants.create", GRANT("5000", "free_tier"), .who = BY_OPERATOR),
	DEED(1, 1, 2, 2, "billing.grants.create",
	    TO_ORGANIZATION "\"credits\":20000,\"source\":\"promotional\",\"priority\":10}", .who = BY_OPERATOR),
	DEED(1, 1, 20, 2, "billing.adjustments.create",
	    TO_ORGANIZATION "\"credits\":-1250,\"reason\":\"Archive scenes delivered twice\"}", .who = BY_OPERATOR),
	DEED(0, 0, -3, 0, "billing.grants.create", GRANT("750", "goodwill"), .who = BY_OPERATOR),
};
LIFE(brief);

const struct demo_organization demo_brief_organization = { MAKE_MERIDIAN, ALEX, 2, 100, LIVES(&brief) };
