/*
 * What becomes of automatic top-ups: after a charge, and where nothing may be charged. A card that a person has to look
 * at (lost, expired, to be authenticated) pauses them at once; any other decline is tried again later, three times.
 */
#include "auto_topup.h"

#include "clock.h"
#include "json.h"
#include "outbox.h"
#include "payment_parts.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct auto_topup_change {
	struct maybe_text last_error;
	struct maybe_instant due_at;
};
static const struct field auto_topup_change_fields[] = {
	FIELD(auto_topup_change, last_error, ANY, "Why nothing is charged."),
	FIELD(auto_topup_change, due_at, ANY, "When to look again."),
};
SHAPE(auto_topup_change)

struct decline_count {
	int64_t soft_declines;
};
static const struct field decline_count_fields[] = {
	FIELD(decline_count, soft_declines, ANY, "How many in a row."),
};
SHAPE(decline_count)

struct auto_topup_notice {
	struct text reason;
	struct text detail;
};
static const struct field auto_topup_notice_fields[] = {
	FIELD(auto_topup_notice, reason, ANY, "Why, as a code."),
	FIELD(auto_topup_notice, detail, ANY, "Why, as a sentence."),
};
SHAPE(auto_topup_notice)

static const struct event_type auto_topup_paused = {
	.type = "auto_topup.paused",
	.entity_type = "organization",
	.summary = "Automatic top-ups stand still until somebody acts.",
	.data = &auto_topup_notice_shape,
};

static const struct event_type auto_topup_capped = {
	.type = "auto_topup.capped",
	.entity_type = "organization",
	.summary = "The cap of a day keeps automatic top-ups from buying more before midnight.",
	.data = &auto_topup_notice_shape,
};

struct billing_person {
	struct maybe_text email;
};
static const struct field billing_person_fields[] = {
	FIELD(billing_person, email, ANY, "Where mails go."),
};
SHAPE(billing_person)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement mark_paused = {
	.sql = "UPDATE auto_topup SET state = 'paused', due_at = NULL, last_error = :last_error"
	       " WHERE organization_id = :organization AND enabled AND state = 'active'",
	.takes = &auto_topup_change_shape,
};

static const struct statement mark_capped = {
	.sql = "UPDATE auto_topup SET due_at = :due_at, capped_until = :due_at, last_error = :last_error"
	       " WHERE organization_id = :organization",
	.takes = &auto_topup_change_shape,
};

/* There may be still less than the threshold: the job looks. A pause stays until somebody acts. */
static const struct statement mark_paid = {
	.sql = "UPDATE auto_topup SET soft_declines = 0, last_error = IF(state = 'active', NULL, last_error),"
	       " due_at = IF(enabled AND state = 'active', :now, NULL) WHERE organization_id = :organization",
};

static const struct statement lock_declines = {
	.sql = "SELECT soft_declines FROM auto_topup"
	       " WHERE organization_id = :organization AND enabled AND state = 'active' FOR UPDATE",
	.gives = &decline_count_shape,
};

static const struct statement mark_declined = {
	.sql = "UPDATE auto_topup SET soft_declines = soft_declines + 1, due_at = :due_at, last_error = :last_error"
	       " WHERE organization_id = :organization",
	.takes = &auto_topup_change_shape,
};

static const struct statement list_billing_people = {
	.sql = "SELECT u.email FROM membership m JOIN user u ON u.id = m.user_id"
	       " WHERE m.organization_id = :organization AND m.role IN ('owner', 'billing') AND m.is_active"
	       " AND u.email IS NOT NULL ORDER BY u.id",
	.gives = &billing_person_shape,
};

/* ---- telling ---------------------------------------------------------------------------------------------------- */

static const struct problem *
mail_people(struct call *call, const char *type, struct text data)
{
	struct list people;
	const struct billing_person *person;
	const struct problem *p = sql_all(call, &list_billing_people, NULL, &people);

	person = people.items;
	for (size_t i = 0; p == NULL && i < people.count; i++)
		p = outbox_mail(call, type, text_or(person[i].email, ""), "organization", call->organization, data,
		    (struct text){ NULL, 0 });
	return p;
}

static const struct problem *
announce(struct call *call, const struct event_type *type, const char *reason, struct text detail)
{
	struct auto_topup_notice notice = { text_from(reason), detail };
	struct buffer data = buffer_new(call->arena, 256);
	const struct problem *p;

	json_write(&data, &auto_topup_notice_shape, &notice);
	p = outbox_tell(call, type, call->organization, &notice);
	return p != NULL ? p : mail_people(call, type->type, buffer_text(&data));
}

const struct problem *
auto_topup_pause(struct call *call, const char *reason, struct text detail)
{
	struct auto_topup_change change = { .last_error = text_given(detail) };
	int64_t affected;
	const struct problem *p = sql_run(call, &mark_paused, &change, &affected);

	if (p != NULL || affected == 0)
		return p;
	return announce(call, &auto_topup_paused, reason, detail);
}

const struct problem *
auto_topup_wait_capped(
    struct call *call, const struct auto_topup_settings *settings, struct instant until, struct text detail)
{
	struct auto_topup_change change = { text_given(detail), instant_given(until) };
	bool was_told = settings->capped_until.given && instant_before(call->now, settings->capped_until.value);
	const struct problem *p = sql_run(call, &mark_capped, &change, NULL);

	return p != NULL || was_told ? p : announce(call, &auto_topup_capped, "daily_charge_cap_aud", detail);
}

/* ---- after a charge --------------------------------------------------------------------------------------------- */

const struct problem *
auto_topup_paid(struct call *call, const struct payment *payment)
{
	(void)payment;
	return sql_run(call, &mark_paid, NULL, NULL);
}

/* Declines that no repetition mends: of Stripe's decline codes, those that ask for another card, for its holder, or not
 * to be tried again. */
static bool
is_hard(struct text code)
{
	static const char *const codes[] = { "authentication_required", "card_not_supported", "currency_not_supported",
		"do_not_try_again", "expired_card", "fraudulent", "highest_risk_level", "incorrect_address",
		"incorrect_cvc", "incorrect_number", "incorrect_zip", "invalid_account", "invalid_cvc",
		"invalid_expiry_month", "invalid_expiry_year", "invalid_number", "lost_card", "merchant_blacklist",
		"mobile_device_authentication_required", "not_permitted", "payment_intent_authentication_failure",
		"pickup_card", "restricted_card", "revocation_of_all_authorizations", "revocation_of_authorization",
		"security_violation", "service_not_allowed", "stolen_card", "stop_payment_order", "testmode_decline",
		"transaction_not_allowed" };

	for (size_t i = 0; i < COUNT(codes); i++)
		if (text_is(code, codes[i]))
			return true;
	return false;
}

static const struct problem *
back_off(struct call *call, const char *reason, struct text detail)
{
	static const int64_t wait_seconds[] = { 3600, 6 * 3600, 24 * 3600 };
	struct auto_topup_change change = { .last_error = text_given(detail) };
	struct decline_count before;
	bool found;
	const struct problem *p = sql_maybe(call, &lock_declines, NULL, &before, &found);

	if (p != NULL || !found)
		return p;
	if (before.soft_declines >= (int64_t)COUNT(wait_seconds))
		return auto_topup_pause(call, reason, detail);
	change.due_at = instant_given(instant_plus_seconds(call->now, wait_seconds[before.soft_declines]));
	return sql_run(call, &mark_declined, &change, NULL);
}

const struct problem *
auto_topup_declined(struct call *call, const struct payment *payment, const struct charge *outcome)
{
	struct text reason = text_or(payment->error_code, "card_declined");
	struct text detail = text_or(payment->last_error, "The card was declined.");
	bool is_late = outcome->state == CHARGE_NONE && text_is(reason, WHY_EARLIER_SUCCEEDED);
	bool is_final = outcome->state == CHARGE_ACTION || outcome->state == CHARGE_REFUSED ||
			outcome->state == CHARGE_CANCELLED || is_hard(reason);

	if (is_late)
		return auto_topup_paid(call, payment); /* the one before it */
	return is_final ? auto_topup_pause(call, reason.at, detail) : back_off(call, reason.at, detail);
}

const struct resource auto_topup_outcome_resource = {
	.name = "auto_topup_outcome",
	.summary = "What becomes of automatic top-ups.",
	.statements = LIST_OF(
	    statement, &mark_paused, &mark_capped, &mark_paid, &lock_declines, &mark_declined, &list_billing_people),
	.events = LIST_OF(event_type, &auto_topup_paused, &auto_topup_capped),
};
