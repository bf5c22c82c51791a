/*
 * Payments that a subscription is behind with: a failed one makes it past due, retries follow on certain days, and
 * behind the last of them it is paused; a made one ends both at once. Invoices, and operators who are told of payments
 * elsewhere, come here.
 */
#include "subscription.h"

#include "clock.h"
#include "formats.h"
#include "id.h"
#include "invoice.h"
#include "json.h"
#include "organization.h"
#include "outbox.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

enum { DAY_SECONDS = 86400 };

/* After the first failure. */
static const int64_t retry_days[] = { 1, 3, 5, 7 };

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

static const struct field owed_invoice_fields[] = {
	FIELD(owed_invoice, invoice_id, ANY, "The invoice."),
	FIELD(owed_invoice, invoice_number, ANY, "Its number."),
	FIELD(owed_invoice, amount, ANY, "What is owed."),
	FIELD(owed_invoice, timestamp, ANY, "When its payment failed."),
	FIELD(owed_invoice, pause_reason, ANY, "Why."),
	FIELD(owed_invoice, invoice_name, ANY, "What it is for."),
	FIELD(owed_invoice, payment_link, ANY, "Where to pay it."),
	FIELD(owed_invoice, severity, ANY, "How grave it is."),
};
SHAPE(owed_invoice)

struct reason_row {
	struct id id;
	struct document pause_reason;
};
static const struct field reason_row_fields[] = {
	FIELD(reason_row, id, ANY, "The subscription."),
	FIELD(reason_row, pause_reason, ANY, "The invoices."),
};
SHAPE(reason_row)

struct pause_reason {
	struct list invoices;
};
static const struct field pause_reason_fields[] = {
	FIELD_LIST(pause_reason, invoices, owed_invoice, ANY, "What was not paid."),
};
SHAPE(pause_reason)

struct reason {
	struct document pause_reason;
};
static const struct field reason_fields[] = {
	FIELD(reason, pause_reason, ANY, "The invoices."),
};
SHAPE(reason)

static const struct statement keep_reason = {
	.sql =
	    "UPDATE subscription SET pause_reason = :pause_reason WHERE organization_id = :organization AND id = :id",
	.takes = &reason_row_shape,
};

static const struct statement read_reason = {
	.sql = "SELECT pause_reason FROM subscription WHERE organization_id = :organization AND id = :id",
	.takes = &reason_row_shape,
	.gives = &reason_shape,
};

/* ---- events ---------------------------------------------------------------------------------------------------- */

struct paused {
	struct id subscription_id;
	struct text product;
	struct document pause_reason;
};
static const struct field paused_fields[] = {
	FIELD(paused, subscription_id, ANY, "The subscription."),
	FIELD(paused, product, ANY, "The product."),
	FIELD(paused, pause_reason, ANY, "The invoices that were not paid."),
};
SHAPE(paused)

static const struct event_type subscription_paused = {
	.type = "subscription.paused",
	.entity_type = "subscription",
	.summary = "A subscription was paused, because its payment failed for a week.",
	.data = &paused_shape,
};

/* ---- moving ----------------------------------------------------------------------------------------------------- */

static const struct problem *
be_paid(struct call *call, struct subscription *subscription)
{
	struct reason_row row = { .id = subscription->id, .pause_reason = { .at = NULL } };

	if (subscription_has_status(subscription, "active"))
		return NULL;
	if (!subscription_has_status(subscription, "cancelled"))
		subscription->status = TEXT("active");
	subscription->past_due_since.given = subscription->retry_at.given = false;
	subscription->retries = 0;
	subscription->pause_reason = (struct document){ .at = NULL };
	return sql_run(call, &keep_reason, &row, NULL);
}

/* ---- what a pause is for ------------------------------------------------------------------------------------------
 */

static bool
is_same(const struct owed_invoice *a, const struct owed_invoice *b)
{
	if (a->invoice_id.given && b->invoice_id.given)
		return id_equal(a->invoice_id.value, b->invoice_id.value);
	if ((a->invoice_number.at == NULL) != (b->invoice_number.at == NULL))
		return false;
	return a->invoice_number.at == NULL ||
	       text_equal(text_or(a->invoice_number, ""), text_or(b->invoice_number, ""));
}

/* What operators told of has no id: it stays until a payment ends the pause. */
static bool
is_kept(const struct owed_invoice *old, const struct owed *owed)
{
	const struct owed_invoice *invoice = owed->invoices.items;

	if (old->invoice_id.given && owed->is_all)
		return false;
	for (size_t i = 0; i < owed->invoices.count; i++)
		if (is_same(old, &invoice[i]))
			return false;
	return true;
}

static const struct problem *
read_old(struct call *call, const struct reason_row *row, struct pause_reason *out)
{
	struct reason stored;
	const struct problem *p = sql_one(call, &read_reason, row, &stored);

	*out = (struct pause_reason){ .invoices = { NULL, 0 } };
	if (p != NULL || stored.pause_reason.at == NULL)
		return p;
	return json_read(
	    call, (struct text){ stored.pause_reason.at, stored.pause_reason.length }, &pause_reason_shape, out);
}

const struct problem *
subscription_owes(struct call *call, struct subscription *subscription, const struct owed *owed)
{
	struct reason_row row = { .id = subscription->id };
	struct buffer text = buffer_new(call->arena, 512);
	const struct owed_invoice *old, *invoice = owed->invoices.items;
	struct pause_reason reason;
	struct owed_invoice *kept;
	size_t count = 0;
	const struct problem *p = read_old(call, &row, &reason);

	if (p != NULL)
		return p;
	old = reason.invoices.items;
	kept = arena_array(call->arena, reason.invoices.count + owed->invoices.count + 1, sizeof(*kept));
	for (size_t i = 0; i < reason.invoices.count; i++)
		if (is_kept(&old[i], owed))
			kept[count++] = old[i];
	for (size_t i = 0; i < owed->invoices.count; i++)
		kept[count++] = invoice[i];
	reason.invoices = (struct list){ kept, count };
	json_write(&text, &pause_reason_shape, &reason);
	row.pause_reason = (struct document){ buffer_text(&text).at, text.length };
	subscription->pause_reason = row.pause_reason;
	return sql_run(call, &keep_reason, &row, NULL);
}

/* Also of one that is paused already. */
static const struct problem *
pause(struct call *call, struct subscription *subscription, const struct owed *owed)
{
	bool is_new = !subscription_has_status(subscription, "paused");
	struct paused event = { .subscription_id = subscription->id, .product = subscription->product };
	const struct problem *p = subscription_owes(call, subscription, owed);

	if (p != NULL)
		return p;
	subscription->status = TEXT("paused");
	subscription->retry_at.given = false;
	event.pause_reason = subscription->pause_reason;
	return is_new ? outbox_tell(call, &subscription_paused, subscription->id, &event) : NULL;
}

/* The next retry is on the first of those days that is still to come; behind the last there is none. */
static const struct problem *
fail_payment(struct call *call, struct subscription *subscription, const struct owed *owed)
{
	if (subscription_has_status(subscription, "paused"))
		return pause(call, subscription, owed);
	if (subscription_has_status(subscription, "active")) {
		subscription->status = TEXT("past_due");
		subscription->past_due_since = instant_given(call->now);
		subscription->retries = 0;
	} else {
		subscription->retries++;
	}
	for (size_t i = 0; !owed->is_over && i < COUNT(retry_days); i++) {
		struct instant day =
		    instant_plus_seconds(subscription->past_due_since.value, retry_days[i] * DAY_SECONDS);

		if (instant_before(call->now, day)) {
			subscription->retry_at = instant_given(day);
			return NULL;
		}
	}
	return pause(call, subscription, owed);
}

const struct problem *
subscription_payment(
    struct call *call, struct subscription *subscription, enum payment_outcome outcome, const struct owed *owed)
{
	struct maybe_text before = text_given(subscription->status);
	bool is_owed = subscription_has_status(subscription, "cancelled") && subscription->past_due_since.given;
	const struct problem *p;

	if (is_owed && outcome == PAYMENT_FAILED)
		return fail(call, CONFLICT, "The subscription has ended; its payment is owed until it is made.");
	if (!is_owed && !subscription_has_status(subscription, "active") &&
	    !subscription_has_status(subscription, "past_due") && !subscription_has_status(subscription, "paused"))
		return fail(call, CONFLICT, "The subscription is %s: nothing is due.", subscription->status.at);
	p = outcome == PAYMENT_MADE ? be_paid(call, subscription) : fail_payment(call, subscription, owed);
	if (p == NULL)
		p = subscription_save(call, subscription);
	if (p != NULL || text_is(subscription->status, before.at))
		return p;
	return subscription_tell(call, subscription, before);
}

/* ---- admin.subscriptions.mark_payment -----------------------------------------------------------------------------
 */

static const char *const outcomes[] = { "made", "failed", NULL };

struct mark_payment {
	struct id organization_id;
	struct maybe_text product;
	struct text outcome;
	struct maybe_text invoice_number;
	struct maybe_amount amount;
	struct maybe_text reason;
};
static const struct field mark_payment_fields[] = {
	FIELD(mark_payment, organization_id, ANY, "Whose payment it is."),
	FIELD(mark_payment, product, ONE_OF(subscription_products), "The product; platform."),
	FIELD(mark_payment, outcome, ONE_OF(outcomes), "What became of it."),
	FIELD(mark_payment, invoice_number, MATCHING(plain_format, 1, 100), "The invoice that it was for."),
	FIELD(mark_payment, amount, AT_LEAST(1), "What is owed, in the organization's currency."),
	FIELD(mark_payment, reason, MATCHING(plain_format, 1, 500), "Why it failed."),
};
SHAPE(mark_payment)

HANDLER(mark_payment, mark_payment, subscription)

static const struct operation mark_payment_operation = {
	.id = "admin.subscriptions.mark_payment",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Note that a subscription's payment, taken outside, was made or failed.",
	.description = "A failed one makes the subscription past due; one that still fails a week after the first "
		       "pauses it. A made one ends"
		       " both at once. Of a subscription that ended while it was owed, a made one lets the product be "
		       "started again.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &mark_payment_run,
};

/* The open one, else the last where it ended owed. */
static const struct problem *
lock_open_or_owed(struct call *call, struct maybe_text product, struct subscription *out)
{
	bool found;
	const struct problem *p, *none = subscription_lock(call, product, out);

	if (none == NULL || none->kind != NOT_FOUND)
		return none;
	p = subscription_lock_owed(call, product, out, &found);
	return p != NULL || found ? p : none;
}

static const struct problem *
mark_payment(struct call *call, const struct mark_payment *in, struct subscription *out)
{
	struct owed_invoice invoice = {
		.invoice_number = in->invoice_number,
		.amount = in->amount,
		.timestamp = call->now,
		.pause_reason = in->reason,
		.severity = TEXT("critical"),
	};
	struct owed owed = { .invoices = { &invoice, 1 } };
	struct organization organization;
	const struct problem *p = organization_lock(call, &organization);

	if (p == NULL)
		p = lock_open_or_owed(call, in->product, out);
	if (p == NULL)
		p = subscription_payment(
		    call, out, text_is(in->outcome, "made") ? PAYMENT_MADE : PAYMENT_FAILED, &owed);
	if (p == NULL && text_is(in->outcome, "made"))
		p = invoice_forget_given_up(call);
	return p != NULL ? p : subscription_show(call, out);
}

const struct resource subscription_payment_resource = {
	.name = "admin.subscriptions",
	.summary = "Payments of subscriptions that were taken outside.",
	.operations = LIST_OF(operation, &mark_payment_operation),
	.statements = LIST_OF(statement, &keep_reason, &read_reason),
	.events = LIST_OF(event_type, &subscription_paused),
};
