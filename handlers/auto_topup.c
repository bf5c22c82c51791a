/*
 * The settings of automatic top-ups. Setting them is a person's act: it ends a pause.
 */
#include "auto_topup.h"

#include <inttypes.h>

#include "clock.h"
#include "ledger.h"
#include "money.h"
#include "organization.h"
#include "payment.h"
#include "payment_method.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *const states[] = { "active", "paused", "off", NULL };

struct auto_topup {
	bool enabled;
	struct maybe_credits threshold_credits;
	struct maybe_credits topup_amount_credits;
	struct maybe_decimal daily_charge_cap_aud;
	struct decimal charged_today_aud;
	struct text state;
	struct maybe_instant last_attempt_at;
	struct maybe_text last_error;
};
static const struct field auto_topup_fields[] = {
	FIELD(auto_topup, enabled, ANY, "Whether credits are bought by themselves; false where it was never set."),
	FIELD(auto_topup, threshold_credits, ANY, "Below so many available credits; null where it was never set."),
	FIELD(auto_topup, topup_amount_credits, ANY, "In multiples of so many; null where it was never set."),
	FIELD(auto_topup, daily_charge_cap_aud, ANY, "What a day's charges may reach; null: no cap."),
	FIELD(auto_topup, charged_today_aud, ANY,
	    "What they have reached since midnight in the organization's time zone."),
	FIELD(
	    auto_topup, state, ONE_OF(states), "`paused` until a person sets it anew; `off` where it is not enabled."),
	FIELD(auto_topup, last_attempt_at, ANY, "When a card was last charged for it."),
	FIELD(auto_topup, last_error, ANY, "Why nothing is charged at present."),
};
SHAPE(auto_topup)

struct set_auto_topup {
	bool enabled;
	struct credits threshold_credits;
	struct credits topup_amount_credits;
	struct maybe_decimal daily_charge_cap_aud;
};
static const struct field set_auto_topup_fields[] = {
	FIELD(set_auto_topup, enabled, ANY, "Whether to buy credits by themselves."),
	FIELD(set_auto_topup, threshold_credits, RANGE(1, LEDGER_MOST), "Below how many available credits."),
	FIELD(set_auto_topup, topup_amount_credits, RANGE(1, LEDGER_MOST),
	    "In multiples of how many; at most what can be bought without approval."),
	FIELD(set_auto_topup, daily_charge_cap_aud, AT_LEAST(1),
	    "What a day's charges may reach, at the AUD price of the credits; null or left out: no cap."),
};
SHAPE(set_auto_topup)

static const struct field auto_topup_settings_fields[] = {
	FIELD(auto_topup_settings, timezone, ANY, "Where its days begin."),
	FIELD(auto_topup_settings, aud_price, ANY, "Of one credit."),
	FIELD(auto_topup_settings, enabled, ANY, "Whether to buy."),
	FIELD(auto_topup_settings, threshold_credits, ANY, "Below how many credits."),
	FIELD(auto_topup_settings, topup_amount_credits, ANY, "In multiples of how many."),
	FIELD(auto_topup_settings, daily_charge_cap_aud, ANY, "A day's cap."),
	FIELD(auto_topup_settings, state, ANY, "Whether it is paused."),
	FIELD(auto_topup_settings, last_attempt_at, ANY, "The last charge."),
	FIELD(auto_topup_settings, last_error, ANY, "What keeps it from charging."),
	FIELD(auto_topup_settings, capped_until, ANY, "Until when the cap was announced."),
};
SHAPE(auto_topup_settings)

struct day {
	struct instant since;
};
static const struct field day_fields[] = {
	FIELD(day, since, ANY, "Its beginning."),
};
SHAPE(day)

struct charged {
	struct credits credits;
};
static const struct field charged_fields[] = {
	FIELD(charged, credits, ANY, "How many were bought."),
};
SHAPE(charged)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement read_settings = {
	.sql = "SELECT o.timezone, c.price AS aud_price, a.enabled, a.threshold_credits, a.topup_amount_credits,"
	       " a.daily_charge_cap_aud, a.state, a.last_attempt_at, a.last_error, a.capped_until"
	       " FROM organization o JOIN credit_price c ON c.currency = 'AUD'"
	       " LEFT JOIN auto_topup a ON a.organization_id = o.id WHERE o.id = :organization",
	.gives = &auto_topup_settings_shape,
};

static const struct statement sum_charged = {
	.sql =
	    "SELECT CAST(COALESCE(SUM(IF(state = 'succeeded', granted, credits)), 0) AS SIGNED) AS credits FROM payment"
	    " WHERE organization_id = :organization AND purpose = 'auto_topup' AND state <> 'failed'"
	    " AND (state <> 'succeeded' OR COALESCE(closed_at, created_at) >= :since)",
	.takes = &day_shape,
	.gives = &charged_shape,
};

/* An enabled one is due at once: the job finds out whether there is anything to buy. */
static const struct statement store_settings = {
	.sql =
	    "INSERT INTO auto_topup (organization_id, enabled, threshold_credits, topup_amount_credits,"
	    " daily_charge_cap_aud, state, due_at, updated_at) VALUES (:organization, :enabled, :threshold_credits,"
	    " :topup_amount_credits, :daily_charge_cap_aud, IF(:enabled, 'active', 'off'), IF(:enabled, :now, NULL), "
	    ":now)"
	    " ON DUPLICATE KEY UPDATE enabled = VALUES(enabled), threshold_credits = VALUES(threshold_credits),"
	    " topup_amount_credits = VALUES(topup_amount_credits), daily_charge_cap_aud = VALUES(daily_charge_cap_aud),"
	    " state = VALUES(state), due_at = VALUES(due_at), updated_at = VALUES(updated_at), soft_declines = 0,"
	    " last_error = NULL, capped_until = NULL",
	.takes = &set_auto_topup_shape,
};

static const struct statement switch_off = {
	.sql =
	    "UPDATE auto_topup SET enabled = FALSE, state = 'off', due_at = NULL, soft_declines = 0, last_error = NULL,"
	    " capped_until = NULL, updated_at = :now WHERE organization_id = :organization",
};

/* ---- what is shared -------------------------------------------------------------------------------------------- */

const struct problem *
auto_topup_read(struct call *call, struct auto_topup_settings *out)
{
	return sql_one(call, &read_settings, NULL, out);
}

const struct problem *
auto_topup_charged_today(struct call *call, const struct auto_topup_settings *settings, struct amount *out)
{
	struct day day;
	struct charged charged;
	const struct problem *p;

	if (!zone_day_start(settings->timezone, call->now, &day.since))
		return fail_internal(call, "the time zone %s is gone", settings->timezone.at);
	p = sql_one(call, &sum_charged, &day, &charged);
	if (p == NULL && !credits_value(charged.credits, settings->aud_price, out))
		p = fail_internal(call, "a day's top-ups overflow");
	return p;
}

static const struct problem *
show(struct call *call, struct auto_topup *out)
{
	struct auto_topup_settings settings;
	struct amount charged;
	const struct problem *p = auto_topup_read(call, &settings);

	if (p == NULL)
		p = auto_topup_charged_today(call, &settings, &charged);
	if (p != NULL)
		return p;
	*out = (struct auto_topup){ .enabled = settings.enabled.value,
		.threshold_credits = settings.threshold_credits,
		.topup_amount_credits = settings.topup_amount_credits,
		.daily_charge_cap_aud = settings.daily_charge_cap_aud,
		.charged_today_aud = { charged.micros },
		.state = text_or(settings.state, "off"),
		.last_attempt_at = settings.last_attempt_at,
		.last_error = settings.last_error };
	return NULL;
}

/* ---- billing.auto_topup.get -------------------------------------------------------------------------------------- */

HANDLER(get_auto_topup, nothing, auto_topup)

static const struct operation get_operation = {
	.id = "billing.auto_topup.get",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "Tell whether credits are bought by themselves, and how that goes.",
	.run = &get_auto_topup_run,
};

static const struct problem *
get_auto_topup(struct call *call, const struct nothing *in, struct auto_topup *out)
{
	(void)in;
	return show(call, out);
}

/* ---- billing.set_auto_topup -------------------------------------------------------------------------------------- */

HANDLER(set_auto_topup, set_auto_topup, auto_topup)

static const struct operation set_operation = {
	.id = "billing.set_auto_topup",
	.kind = WRITE,
	.scope = BILLING_WRITE,
	.effect = COMPUTES,
	.summary = "Have credits bought by themselves where they run low, or not any more.",
	.description =
	    "Replaces what was set before, and ends a pause; an automatic top-up that waits for its card's holder is"
	    " cancelled. Where the available credits are below the threshold,"
	    " the default card is charged at once, for the smallest multiple of `topup_amount_credits` that"
	    " brings them to the threshold.",
	.raises = { CARD_REQUIRED, CONFLICT },
	.run = &set_auto_topup_run,
};

static const struct problem *
check_amount(struct call *call, struct credits credits)
{
	struct credits most;
	struct price price;
	const struct problem *p = payment_threshold(call, &most);

	if (p != NULL)
		return p;
	if (credits.count > most.count)
		return fail_field(call, "/topup_amount_credits", "out_of_range",
		    "Without approval at most %" PRId64 " credits can be bought.", most.count);
	return payment_ask_price(call, credits, "/topup_amount_credits", &price);
}

static const struct problem *
need_card(struct call *call)
{
	struct payment_method_ref card;
	bool found;
	const struct problem *p = payment_method_default(call, (struct maybe_id){ .given = false }, &card, &found);

	if (p == NULL && !found)
		p = fail(call, CARD_REQUIRED, "Automatic top-ups need a default card.");
	return p;
}

/* The book's row comes before the settings', as wherever credits are spent. */
static const struct problem *
set_auto_topup(struct call *call, const struct set_auto_topup *in, struct auto_topup *out)
{
	struct organization organization;
	const struct problem *p = organization_lock(call, &organization);

	if (p == NULL)
		p = check_amount(call, in->topup_amount_credits);
	if (p == NULL && in->enabled)
		p = need_card(call);
	if (p == NULL)
		p = payment_supersede_automatic(call);
	if (p == NULL)
		p = ledger_set_auto_topup(call, (struct maybe_credits){ in->threshold_credits, in->enabled });
	if (p == NULL)
		p = sql_run(call, &store_settings, in, NULL);
	return p != NULL ? p : show(call, out);
}

const struct problem *
auto_topup_end(struct call *call)
{
	const struct problem *p = ledger_set_auto_topup(call, (struct maybe_credits){ .given = false });

	return p != NULL ? p : sql_run(call, &switch_off, NULL, NULL);
}

const struct resource auto_topup_resource = {
	.name = "billing.auto_topup",
	.summary = "Credits that are bought by themselves.",
	.operations = LIST_OF(operation, &get_operation, &set_operation),
	.statements = LIST_OF(statement, &read_settings, &sum_charged, &store_settings, &switch_off),
};
