/*
 * What becomes of an issued invoice: money arrives for it or is taken back, a charge to a card fails. The subscriptions
 * of whoever does not pay go with it: past due, then paused, and active again when nothing that failed is left unpaid.
 */
#include <inttypes.h>

#include "alert_mail.h"
#include "clock.h"
#include "config.h"
#include "id.h"
#include "invoice_parts.h"
#include "json.h"
#include "money.h"
#include "outbox.h"
#include "payment_parts.h"
#include "resources.h"
#include "statement.h"
#include "subscription.h"
#include "text.h"

enum { DAY_SECONDS = 86400 };

/* After the first failure, as of subscriptions. */
static const int64_t retry_days[] = { 1, 3, 5, 7 };

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

struct locked_id {
	struct id id;
};
static const struct field locked_id_fields[] = {
	FIELD(locked_id, id, ANY, "The row."),
};
SHAPE(locked_id)

struct how_many {
	int64_t count;
};
static const struct field how_many_fields[] = {
	FIELD(how_many, count, ANY, "How many."),
};
SHAPE(how_many)

static const struct statement save_invoice = {
	.sql = "UPDATE invoice SET status = :status, paid = :paid, credited = :credited, written_off = :written_off,"
	       " paid_at = :paid_at, payment_id = :payment_id, reference = :reference, failed_at = :failed_at,"
	       " retry_at = :retry_at, failed_payment_id = :failed_payment_id, last_error = :last_error"
	       " WHERE organization_id = :organization AND id = :id",
	.takes = &invoice_shape,
};

static const struct statement count_failed = {
	.sql = "SELECT COUNT(*) AS count FROM invoice WHERE organization_id = :organization AND status = 'issued'"
	       " AND failed_at IS NOT NULL AND id <> :id",
	.takes = &locked_id_shape,
	.gives = &how_many_shape,
};

static const struct statement find_open_charge = {
	.sql = "SELECT id FROM payment WHERE open_of = :organization AND invoice_id = :id",
	.takes = &locked_id_shape,
	.gives = &locked_id_shape,
};

/* Whatever its status: money that came is booked for a closed one, too. */
static const struct statement lock_organization = {
	.sql = "SELECT id FROM organization WHERE id = :organization FOR UPDATE",
	.gives = &locked_id_shape,
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

static const struct event_type invoice_paid_event = {
	.type = "invoice.paid",
	.entity_type = "invoice",
	.summary = "Nothing is left to be paid of an issued invoice.",
	.data = &invoice_event_shape,
};

static const struct event_type invoice_payment_failed = {
	.type = "invoice.payment_failed",
	.entity_type = "invoice",
	.summary = "A charge for an invoice failed, or its money was taken back.",
	.data = &payment_failed_shape,
};

static const struct problem *
tell_failed(struct call *call, const struct invoice *invoice, struct maybe_text code)
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
};
static const struct field failed_mail_fields[] = {
	FIELD(failed_mail, amount, ANY, "What is left to be paid."),
	FIELD(failed_mail, currency, ANY, "Of the amount."),
	FIELD(failed_mail, detail, ANY, "Why it failed."),
};
SHAPE(failed_mail)

static const struct problem *
mail_failed(struct call *call, const struct invoice *invoice)
{
	struct failed_mail mail = { invoice->due, invoice->currency,
		text_or(invoice->last_error, "The charge failed.") };
	struct buffer data = buffer_new(call->arena, 300);

	json_write(&data, &failed_mail_shape, &mail);
	return alert_mail_tell(call, "payment_failed", buffer_text(&data));
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

const struct problem *
invoice_save(struct call *call, const struct invoice *invoice)
{
	return sql_run(call, &save_invoice, invoice, NULL);
}

void
invoice_settle(const struct call *call, struct invoice *invoice)
{
	bool was_paid = invoice_has_status(invoice, "paid");

	if (invoice_has_status(invoice, "void"))
		return;
	invoice->due.micros =
	    invoice->total.micros - invoice->credited.micros - invoice->written_off.micros - invoice->paid.micros;
	if (invoice->written_off.micros > 0)
		invoice->status = TEXT("uncollectible");
	else
		invoice->status = invoice->due.micros <= 0 ? TEXT("paid") : TEXT("issued");
	if (!invoice_has_status(invoice, "paid")) {
		invoice->paid_at.given = false;
		return;
	}
	if (!was_paid)
		invoice->paid_at = instant_given(call->now);
	invoice->failed_at.given = invoice->retry_at.given = false;
	invoice->last_error = (struct maybe_text){ .at = NULL };
}

const struct problem *
invoice_ask_uncharged(struct call *call, struct id invoice_id)
{
	struct locked_id ref = { invoice_id }, open;
	bool found;
	const struct problem *p = sql_maybe(call, &find_open_charge, &ref, &open, &found);

	if (p != NULL || !found)
		return p;
	return fail(call, CONFLICT, "A card is being charged for the invoice; wait until that is over.");
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

static const struct problem *
move_subscriptions(struct call *call, enum payment_outcome outcome, const struct owed_invoice *owed)
{
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && subscription_products[i] != NULL; i++) {
		struct subscription subscription;
		bool found, moves;

		p = lock_subscription(call, subscription_products[i], &subscription, &found);
		if (p != NULL || !found)
			continue;
		moves = outcome == PAYMENT_MADE
			    ? is_behind(&subscription)
			    : subscription_has_status(&subscription, "active") ||
				  (is_behind(&subscription) && !subscription_has_status(&subscription, "cancelled"));
		if (moves)
			p = subscription_payment(call, &subscription, outcome, owed);
	}
	return p;
}

const struct problem *
invoice_end_dunning(struct call *call, const struct invoice *invoice)
{
	struct locked_id ref = { invoice->id };
	struct how_many others;
	const struct problem *p = sql_one(call, &count_failed, &ref, &others);

	if (p != NULL || others.count > 0)
		return p;
	return move_subscriptions(call, PAYMENT_MADE, NULL);
}

static const struct problem *
be_behind(struct call *call, const struct invoice *invoice)
{
	struct owed_invoice owed = { .invoice_id = id_given(invoice->id),
		.invoice_number = invoice->number,
		.amount = { invoice->due, true },
		.timestamp = call->now,
		.pause_reason = invoice->last_error,
		.invoice_name = text_given(invoice_name(call, invoice)),
		.payment_link = text_given(arena_format(call->arena, "%s/v1/billing/invoices/pay", config.public_url)),
		.severity = TEXT("critical") };

	return move_subscriptions(call, PAYMENT_FAILED, &owed);
}

/* ---- money arrives ---------------------------------------------------------------------------------------------- */

/* What was given up before is there after all, and the rest is no longer owed. */
static const struct problem *
post_money(struct call *call, const struct invoice *invoice, struct maybe_id payment_id, struct amount money,
    struct amount recovered, struct posted *posted)
{
	const char *account = payment_id.given ? "processor_clearing" : "bank";
	struct buffer lines = buffer_new(call->arena, 300);

	money_line(&lines, account, invoice->currency, money.micros);
	money_line(&lines, "bad_debt", invoice->currency, -recovered.micros);
	money_line(&lines, "receivable", invoice->currency, recovered.micros - money.micros);
	return invoice_post(call, invoice, LEDGER_PAYMENT, &lines, payment_id, posted);
}

static const struct problem *
take_money(
    struct call *call, struct invoice *invoice, struct maybe_id payment_id, struct amount money, struct posted *posted)
{
	bool was_owed = !invoice_has_status(invoice, "paid"), was_behind = invoice->failed_at.given;
	struct amount recovered = invoice->written_off;
	const struct problem *p = NULL;

	if (recovered.micros > money.micros)
		recovered = money;
	if (payment_id.given)
		invoice->payment_id = payment_id;
	invoice->written_off.micros -= recovered.micros;
	invoice->paid.micros += money.micros;
	invoice_settle(call, invoice);
	if (was_behind && invoice_has_status(invoice, "paid"))
		p = invoice_end_dunning(call, invoice);
	if (p == NULL)
		p = invoice_save(call, invoice);
	if (p == NULL)
		p = post_money(call, invoice, payment_id, money, recovered, posted);
	if (p != NULL || !was_owed || !invoice_has_status(invoice, "paid"))
		return p;
	return invoice_tell(call, &invoice_paid_event, invoice);
}

const struct problem *
invoice_paid(struct call *call, struct invoice *invoice, const struct payment *payment, struct maybe_text reference)
{
	struct amount rest = { invoice->due.micros + invoice->written_off.micros };
	struct posted posted = { 0 };

	if (payment != NULL)
		return take_money(call, invoice, id_given(payment->id), payment->received, &posted);
	invoice->reference = reference;
	return take_money(call, invoice, (struct maybe_id){ .given = false }, rest, &posted);
}

const struct problem *
invoice_settled(struct call *call, struct invoice *invoice, bool was_owed, bool was_behind)
{
	const struct problem *p = NULL;

	if (!was_owed || !invoice_has_status(invoice, "paid"))
		return NULL;
	if (was_behind)
		p = invoice_end_dunning(call, invoice);
	return p != NULL ? p : invoice_tell(call, &invoice_paid_event, invoice);
}

/* ---- charges --------------------------------------------------------------------------------------------------- */

static const struct problem *
check_chargeable(struct call *call, const struct invoice *invoice)
{
	char least[AMOUNT_LENGTH + 1];
	struct price one;
	const struct problem *p;

	if (!invoice_has_status(invoice, "issued"))
		return fail(
		    call, CONFLICT, "The invoice is %s: nothing of it is to be paid by card.", invoice->status.at);
	p = payment_price(call, (struct credits){ 1 }, &one);
	if (p != NULL)
		return p;
	amount_format(one.least_charge, least);
	if (invoice->due.micros < one.least_charge.micros)
		return fail(call, CONFLICT, "A card is charged no less than %s %s.", least, invoice->currency.at);
	if (invoice->due.micros > PROVIDER_MOST)
		return fail(
		    call, CONFLICT, "A card is charged no more than 999999.99 %s at once.", invoice->currency.at);
	return NULL;
}

const struct problem *
invoice_charge(struct call *call, const struct invoice_charge *charge, struct invoice *invoice, struct payment *payment)
{
	struct payment_order order = { .purpose = PAYMENT_INVOICE,
		.payment_method_id = charge->payment_method_id,
		.invoice_id = id_given(charge->invoice_id),
		.automatic = charge->automatic };
	bool found;
	const struct problem *p = invoice_read(call, charge->invoice_id, invoice, &found);

	if (p == NULL && (!found || invoice_has_status(invoice, "draft")))
		p = fail(call, NOT_FOUND, "There is no such invoice.");
	if (p == NULL)
		p = payment_ask_free(call, charge->automatic ? PAYMENT_AUTO_TOPUP : PAYMENT_INVOICE);
	if (p == NULL)
		p = invoice_lock(call, charge->invoice_id, invoice, &found);
	if (p == NULL)
		p = check_chargeable(call, invoice);
	if (p != NULL)
		return p;
	order.amount = invoice->due;
	order.currency = invoice->currency;
	order.description = text_given(invoice_name(call, invoice));
	return payment_intend(call, &order, payment);
}

static const struct problem *
lock_of_payment(struct call *call, const struct payment *payment, struct invoice *invoice)
{
	bool found;
	const struct problem *p = invoice_lock(call, payment->invoice_id.value, invoice, &found);

	return p != NULL || found ? p : fail_internal(call, "a payment for no invoice");
}

const struct problem *
invoice_expect(struct call *call, const struct payment *payment)
{
	struct locked_id locked;
	struct invoice invoice;
	const struct problem *p = sql_one(call, &lock_organization, NULL, &locked);

	if (p == NULL)
		p = invoice_lock_subscriptions(call);
	return p != NULL ? p : lock_of_payment(call, payment, &invoice);
}

const struct problem *
invoice_charged(struct call *call, struct payment *payment)
{
	struct invoice invoice;
	struct posted posted = { 0 };
	const struct problem *p = lock_of_payment(call, payment, &invoice);

	if (p != NULL)
		return p;
	p = take_money(call, &invoice, id_given(payment->id), payment->received, &posted);
	payment->entry_id = id_given(posted.entry_id);
	return p;
}

/* ---- charges that fail ------------------------------------------------------------------------------------------ */

static void
schedule_retry(const struct call *call, struct invoice *invoice)
{
	if (!invoice->failed_at.given)
		invoice->failed_at = instant_given(call->now);
	invoice->retry_at.given = false;
	for (size_t i = 0; i < COUNT(retry_days) && !invoice->retry_at.given; i++) {
		struct instant day = instant_plus_seconds(invoice->failed_at.value, retry_days[i] * DAY_SECONDS);

		invoice->retry_at = (struct maybe_instant){ day, instant_before(call->now, day) };
	}
}

/* The subscriptions and the invoice are locked. */
static const struct problem *
count_failure(struct call *call, struct invoice *invoice, struct maybe_text why, struct maybe_text code)
{
	const struct problem *p;

	invoice->last_error = why;
	schedule_retry(call, invoice);
	p = be_behind(call, invoice);
	if (p == NULL)
		p = invoice_save(call, invoice);
	if (p == NULL)
		p = tell_failed(call, invoice, code);
	return p != NULL ? p : mail_failed(call, invoice);
}

static bool
is_given_up(const struct payment *payment)
{
	static const char *const codes[] = { WHY_SUPERSEDED, WHY_CLOSED, WHY_GIVEN_UP, WHY_EARLIER_SUCCEEDED };
	struct text code = text_or(payment->error_code, "");

	for (size_t i = 0; i < COUNT(codes); i++)
		if (text_is(code, codes[i]))
			return true;
	return false;
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
	p = invoice_expect(call, payment);
	if (p == NULL)
		p = lock_of_payment(call, payment, &invoice);
	if (p != NULL || !invoice_has_status(&invoice, "issued"))
		return p;
	if (invoice.failed_payment_id.given && id_equal(invoice.failed_payment_id.value, payment->id))
		return NULL;
	invoice.failed_payment_id = id_given(payment->id);
	if (payment->automatic)
		return count_failure(call, &invoice, payment->last_error, payment->error_code);
	invoice.last_error = payment->last_error;
	p = invoice_save(call, &invoice);
	return p != NULL ? p : tell_failed(call, &invoice, payment->error_code);
}

const struct problem *
invoice_uncharged(struct call *call, struct invoice *invoice, struct text why)
{
	bool found;
	const struct problem *p = invoice_lock_subscriptions(call);

	if (p == NULL)
		p = invoice_lock(call, invoice->id, invoice, &found);
	if (p != NULL || !found || !invoice_has_status(invoice, "issued"))
		return p;
	return count_failure(call, invoice, text_given(why), (struct maybe_text){ .at = NULL });
}

/* ---- money that goes again --------------------------------------------------------------------------------------- */

const struct problem *
invoice_clawed(struct call *call, const struct payment *payment, struct amount money)
{
	struct invoice invoice;
	struct posted posted = { 0 };
	const struct problem *p = lock_of_payment(call, payment, &invoice);

	if (p != NULL)
		return p;
	if (money.micros < 0)
		return take_money(call, &invoice, id_given(payment->id), (struct amount){ -money.micros }, &posted);
	invoice.paid.micros -= money.micros;
	invoice_settle(call, &invoice);
	if (!invoice_has_status(&invoice, "paid"))
		invoice.last_error = text_given(TEXT("The payment was given back."));
	p = invoice_save(call, &invoice);
	if (p == NULL)
		p = post_money(call, &invoice, id_given(payment->id), (struct amount){ -money.micros },
		    (struct amount){ 0 }, &posted);
	return p != NULL || !invoice_has_status(&invoice, "issued") ? p
								    : tell_failed(call, &invoice, payment->error_code);
}

const struct resource invoice_pay_resource = {
	.name = "invoice_pay",
	.summary = "What becomes of issued invoices.",
	.statements = LIST_OF(statement, &save_invoice, &count_failed, &find_open_charge, &lock_organization),
	.events = LIST_OF(event_type, &invoice_paid_event, &invoice_payment_failed),
};
