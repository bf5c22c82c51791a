/*
 * Invoices that are not paid: a charge to a card fails, or its money is disputed. It is tried again on certain days,
 * and the subscriptions of whoever does not pay go with it: past due, then paused, and active again when nothing that
 * failed is left unpaid.
 */
#include "alert_mail.h"
#include "clock.h"
#include "config.h"
#include "id.h"
#include "invoice_parts.h"
#include "json.h"
#include "outbox.h"
#include "payment_parts.h"
#include "resources.h"
#include "statement.h"
#include "subscription.h"
#include "text.h"

enum { DAY_SECONDS = 86400 };

/* After the first failure, as of subscriptions. */
static const int64_t retry_days[] = { 1, 3, 5, 7 };

/* Of a disputed payment there is no retry: behind that many days what it pays for is paused. */
enum { DISPUTE_DAYS = 7 };

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

struct paid_by {
	struct maybe_id id;
};
static const struct field paid_by_fields[] = {
	FIELD(paid_by, id, ANY, "The payment."),
};
SHAPE(paid_by)

struct failed_invoice {
	struct id id;
	struct maybe_text number;
	struct amount owed;
	struct instant failed_at;
	struct maybe_text last_error;
	bool is_open;
	bool goes_on;
};
static const struct field failed_invoice_fields[] = {
	FIELD(failed_invoice, id, ANY, "The invoice."),
	FIELD(failed_invoice, number, ANY, "Its number."),
	FIELD(failed_invoice, owed, ANY, "What is not paid of it."),
	FIELD(failed_invoice, failed_at, ANY, "When a charge for it first failed."),
	FIELD(failed_invoice, last_error, ANY, "Why the last one did."),
	FIELD(failed_invoice, is_open, ANY, "Whether a card can pay it still; else it was given up."),
	FIELD(failed_invoice, goes_on, ANY, "Whether another charge is to come."),
};
SHAPE(failed_invoice)

/* What was given up is not paid either. */
static const struct statement list_failed = {
	.sql = "SELECT id, number, total - credited - paid AS owed, COALESCE(failed_at, created_at) AS failed_at,"
	       " last_error, status = 'issued' AS is_open, retry_at IS NOT NULL AS goes_on FROM invoice"
	       " WHERE organization_id = :organization AND status IN ('issued', 'uncollectible')"
	       " AND failed_at IS NOT NULL ORDER BY serial LIMIT 100",
	.gives = &failed_invoice_shape,
};

/* An operator's word that all is paid ends what they have given up. */
static const struct statement forget_given_up = {
	.sql = "UPDATE invoice SET failed_at = NULL WHERE organization_id = :organization AND status = 'uncollectible'"
	       " AND failed_at IS NOT NULL",
};

struct held_money {
	struct amount disputed;
};
static const struct field held_money_fields[] = {
	FIELD(held_money, disputed, ANY, "What disputes hold of it."),
};
SHAPE(held_money)

static const struct statement read_disputed = {
	.sql = "SELECT disputed FROM payment WHERE organization_id = :organization AND id = :id",
	.takes = &paid_by_shape,
	.gives = &held_money_shape,
};

/* ---- events ---------------------------------------------------------------------------------------------------- */

struct payment_failed {
	struct id invoice_id;
	struct text number;
	struct maybe_text period;
	struct amount amount;
	struct text currency;
	struct maybe_text decline_code;
	struct maybe_text reason;
	struct maybe_instant retry_at;
};
static const struct field payment_failed_fields[] = {
	FIELD(payment_failed, invoice_id, ANY, "The invoice."),
	FIELD(payment_failed, number, ANY, "Its number."),
	FIELD(payment_failed, period, ANY, "The month that it bills."),
	FIELD(payment_failed, amount, ANY, "What is left to be paid."),
	FIELD(payment_failed, currency, ANY, "Of the amount."),
	FIELD(payment_failed, decline_code, ANY, "Why, as a code; null where no card was charged."),
	FIELD(payment_failed, reason, ANY, "Why, in words."),
	FIELD(payment_failed, retry_at, ANY, "When it is charged again by itself; null: it is not."),
};
SHAPE(payment_failed)

static const struct event_type invoice_payment_failed = {
	.type = "invoice.payment_failed",
	.entity_type = "invoice",
	.summary = "A charge for an invoice failed, or its money was taken back.",
	.data = &payment_failed_shape,
};

const struct problem *
invoice_tell_failed(struct call *call, const struct invoice *invoice, struct maybe_text code)
{
	struct payment_failed event = { .invoice_id = invoice->id,
		.number = text_or(invoice->number, ""),
		.period = invoice->period,
		.amount = invoice->due,
		.currency = invoice->currency,
		.decline_code = code,
		.reason = invoice->last_error,
		.retry_at = invoice->retry_at };

	return outbox_tell(call, &invoice_payment_failed, invoice->id, &event);
}

struct failed_mail {
	struct amount amount;
	struct text currency;
	struct text detail;
	struct text reason;
};
static const struct field failed_mail_fields[] = {
	FIELD(failed_mail, amount, ANY, "What is left to be paid."),
	FIELD(failed_mail, currency, ANY, "Of the amount."),
	FIELD(failed_mail, detail, ANY, "Why it failed."),
	FIELD(failed_mail, reason, ANY, "What follows, and what can be done."),
};
SHAPE(failed_mail)

static const struct problem *
advise(struct call *call, const struct invoice *invoice, bool disputed, struct text *out)
{
	struct text how;
	const struct problem *p = invoice_how_to_pay(call, invoice, &how);

	if (p != NULL)
		return p;
	if (disputed)
		*out = arena_format(call->arena,
		    "It is not charged again by itself, and after %d days what it pays for is paused. %s", DISPUTE_DAYS,
		    how.at);
	else if (invoice->retry_at.given)
		*out =
		    TEXT("It is tried again in the days to come, and then what it pays for is paused. Look at the card,"
			 " or attach another one with payment_methods.attach; billing.invoices.pay pays it at once.");
	else
		*out = arena_format(call->arena,
		    "It is not tried again by itself, and what it pays for is paused until it is paid. %s", how.at);
	return NULL;
}

static const struct problem *
mail_failed(struct call *call, const struct invoice *invoice, bool disputed)
{
	struct failed_mail mail = { .amount = invoice->due,
		.currency = invoice->currency,
		.detail = text_or(invoice->last_error, "The charge failed.") };
	struct buffer data = buffer_new(call->arena, 500);
	const struct problem *p = advise(call, invoice, disputed, &mail.reason);

	if (p != NULL)
		return p;
	json_write(&data, &failed_mail_shape, &mail);
	return alert_mail_tell(call, "payment_failed", buffer_text(&data));
}

/* ---- subscriptions --------------------------------------------------------------------------------------------- */

/* The open one; or the last, where it ended owed. */
static const struct problem *
lock_subscription(struct call *call, const char *product, struct subscription *out, bool *found)
{
	struct maybe_text name = text_given(text_from(product));
	const struct problem *p = subscription_lock(call, name, out);

	*found = p == NULL;
	if (p == NULL || p->kind != NOT_FOUND)
		return p;
	return subscription_lock_owed(call, name, out, found);
}

const struct problem *
invoice_lock_subscriptions(struct call *call)
{
	struct subscription subscription;
	const struct problem *p = NULL;
	bool found;

	for (size_t i = 0; p == NULL && subscription_products[i] != NULL; i++)
		p = lock_subscription(call, subscription_products[i], &subscription, &found);
	return p;
}

static bool
is_behind(const struct subscription *subscription)
{
	return subscription_has_status(subscription, "past_due") || subscription_has_status(subscription, "paused") ||
	       subscription_has_status(subscription, "cancelled");
}

static bool
is_moved(const struct subscription *subscription, enum payment_outcome outcome)
{
	if (outcome == PAYMENT_MADE)
		return is_behind(subscription);
	return subscription_has_status(subscription, "active") ||
	       (is_behind(subscription) && !subscription_has_status(subscription, "cancelled"));
}

static const struct problem *
move_subscriptions(struct call *call, enum payment_outcome outcome, const struct owed *owed)
{
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && subscription_products[i] != NULL; i++) {
		struct subscription subscription;
		bool found;

		p = lock_subscription(call, subscription_products[i], &subscription, &found);
		if (p == NULL && found && is_moved(&subscription, outcome))
			p = subscription_payment(call, &subscription, outcome, owed);
	}
	return p;
}

/* A pause names what is still owed, and nothing else. */
static const struct problem *
name_owed(struct call *call, const struct owed *owed)
{
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && subscription_products[i] != NULL; i++) {
		struct subscription subscription;
		bool found;

		p = lock_subscription(call, subscription_products[i], &subscription, &found);
		if (p == NULL && found && subscription_has_status(&subscription, "paused"))
			p = subscription_owes(call, &subscription, owed);
	}
	return p;
}

static struct owed_invoice
owed_of(struct call *call, const struct failed_invoice *failed)
{
	struct maybe_text link = { .at = NULL };
	char ulid[ID_CHARACTERS + 1];

	id_format(failed->id, ulid);
	if (failed->is_open)
		link = text_given(arena_format(call->arena, "%s/v1/billing/invoices/%s/pay", config.public_url, ulid));
	return (struct owed_invoice){ .invoice_id = id_given(failed->id),
		.invoice_number = failed->number,
		.amount = { failed->owed, true },
		.timestamp = failed->failed_at,
		.pause_reason = failed->last_error,
		.invoice_name = text_given(arena_format(call->arena, "Invoice %s", text_or(failed->number, "").at)),
		.payment_link = link,
		.severity = TEXT("critical") };
}

/* All whose charge failed and that are not paid, as they are stored. */
static const struct problem *
read_owed(struct call *call, struct owed *out)
{
	const struct failed_invoice *failed;
	struct owed_invoice *owed;
	struct list list;
	const struct problem *p = sql_all(call, &list_failed, NULL, &list);

	if (p != NULL)
		return p;
	failed = list.items;
	owed = arena_array(call->arena, list.count + 1, sizeof(*owed));
	*out = (struct owed){ .invoices = { owed, list.count }, .is_all = true, .is_over = true };
	for (size_t i = 0; i < list.count; i++) {
		owed[i] = owed_of(call, &failed[i]);
		out->is_over = out->is_over && !failed[i].goes_on;
	}
	return NULL;
}

/* What no charge is to come for any more keeps all paused, until it is paid. */
const struct problem *
invoice_end_dunning(struct call *call)
{
	struct owed owed;
	const struct problem *p = read_owed(call, &owed);

	if (p != NULL)
		return p;
	if (owed.invoices.count == 0)
		return move_subscriptions(call, PAYMENT_MADE, NULL);
	return owed.is_over ? move_subscriptions(call, PAYMENT_FAILED, &owed) : name_owed(call, &owed);
}

const struct problem *
invoice_forget_given_up(struct call *call)
{
	return sql_run(call, &forget_given_up, NULL, NULL);
}

/* Its last failure pauses, whatever goes on for others. */
static const struct problem *
be_behind(struct call *call, const struct invoice *invoice)
{
	struct owed owed;
	const struct problem *p = read_owed(call, &owed);

	owed.is_over = !invoice->retry_at.given;
	return p != NULL ? p : move_subscriptions(call, PAYMENT_FAILED, &owed);
}

/* ---- charges that fail ------------------------------------------------------------------------------------------ */

static void
schedule_retry(const struct call *call, struct invoice *invoice, enum invoice_failure failure)
{
	int64_t least = failure == FAILURE_DISPUTED ? DISPUTE_DAYS : 0;

	if (!invoice->failed_at.given)
		invoice->failed_at = instant_given(call->now);
	invoice->retry_at.given = false;
	for (size_t i = 0; failure != FAILURE_FINAL && i < COUNT(retry_days) && !invoice->retry_at.given; i++) {
		struct instant day = instant_plus_seconds(invoice->failed_at.value, retry_days[i] * DAY_SECONDS);

		invoice->retry_at =
		    (struct maybe_instant){ day, instant_before(call->now, day) && retry_days[i] >= least };
	}
}

const struct problem *
invoice_count_failure(struct call *call, struct invoice *invoice, struct maybe_text why, struct maybe_text code,
    enum invoice_failure failure)
{
	const struct problem *p;

	invoice->last_error = why;
	schedule_retry(call, invoice, failure);
	p = invoice_save(call, invoice);
	if (p == NULL)
		p = be_behind(call, invoice);
	if (p == NULL)
		p = invoice_tell_failed(call, invoice, code);
	return p != NULL ? p : mail_failed(call, invoice, failure == FAILURE_DISPUTED && invoice->retry_at.given);
}

const struct problem *
invoice_is_disputed(struct call *call, const struct invoice *invoice, bool *out)
{
	struct paid_by query = { invoice->payment_id };
	struct held_money held = { { 0 } };
	bool found = false;
	const struct problem *p = NULL;

	if (invoice->payment_id.given)
		p = sql_maybe(call, &read_disputed, &query, &held, &found);
	*out = found && held.disputed.micros > 0;
	return p;
}

/* What never reached the card is nobody's failure: one that was to be charged by itself is charged again. */
static bool
is_given_up(const struct payment *payment)
{
	static const char *const codes[] = { WHY_SUPERSEDED, WHY_CLOSED, WHY_GIVEN_UP, WHY_EARLIER_SUCCEEDED };
	struct text code = text_or(payment->error_code, "");

	for (size_t i = 0; i < COUNT(codes); i++)
		if (text_is(code, codes[i]))
			return true;
	return payment->automatic && (text_is(code, WHY_LAPSED) || text_is(code, WHY_CANCELLED));
}

static const struct problem *
lock_of_payment(struct call *call, const struct payment *payment, struct invoice *invoice)
{
	bool found = false;
	const struct problem *p = invoice_expect(call, payment);

	if (p == NULL)
		p = invoice_lock(call, payment->invoice_id.value, invoice, &found);
	return p != NULL || found ? p : fail_internal(call, "a payment for no invoice");
}

/* What somebody tries in person fails before their eyes: only automatic charges count against the subscriptions. */
const struct problem *
invoice_declined(struct call *call, const struct payment *payment)
{
	bool waits = payment_has_state(payment, "requires_action");
	struct invoice invoice;
	const struct problem *p;

	if (is_given_up(payment) || (waits && !payment->automatic))
		return NULL;
	p = lock_of_payment(call, payment, &invoice);
	if (p != NULL || !invoice_has_status(&invoice, "issued"))
		return p;
	if (invoice.failed_payment_id.given && id_equal(invoice.failed_payment_id.value, payment->id))
		return NULL;
	invoice.failed_payment_id = id_given(payment->id);
	if (payment->automatic)
		return invoice_count_failure(call, &invoice, payment->last_error, payment->error_code, FAILURE_CHARGE);
	invoice.last_error = payment->last_error;
	p = invoice_save(call, &invoice);
	return p != NULL ? p : invoice_tell_failed(call, &invoice, payment->error_code);
}

const struct problem *
invoice_uncharged(struct call *call, struct invoice *invoice, struct text why)
{
	bool found = false;
	const struct problem *p = invoice_lock_subscriptions(call);

	if (p == NULL)
		p = invoice_lock(call, invoice->id, invoice, &found);
	if (p != NULL || !found || !invoice_has_status(invoice, "issued"))
		return p;
	return invoice_count_failure(call, invoice, text_given(why), (struct maybe_text){ .at = NULL }, FAILURE_CHARGE);
}

const struct resource invoice_fail_resource = {
	.name = "invoice_fail",
	.summary = "Invoices whose charge failed.",
	.statements = LIST_OF(statement, &list_failed, &forget_given_up, &read_disputed),
	.events = LIST_OF(event_type, &invoice_payment_failed),
};
