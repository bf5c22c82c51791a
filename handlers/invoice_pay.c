/*
 * What is paid of an issued invoice: a card is charged for it, money arrives, by card or outside, and is taken back.
 */
#include <inttypes.h>

#include "clock.h"
#include "config.h"
#include "id.h"
#include "invoice_parts.h"
#include "money.h"
#include "outbox.h"
#include "payment_parts.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

struct locked_id {
	struct id id;
};
static const struct field locked_id_fields[] = {
	FIELD(locked_id, id, ANY, "The row."),
};
SHAPE(locked_id)

struct open_charge {
	struct id id;
	bool is_open;
	bool waits;
};
static const struct field open_charge_fields[] = {
	FIELD(open_charge, id, ANY, "The payment."),
	FIELD(open_charge, is_open, ANY, "Whether it is not over; else it was called off, and may be paid yet."),
	FIELD(open_charge, waits, ANY, "Whether nobody has begun it, and it waits for the card's holder."),
};
SHAPE(open_charge)

struct of_currency {
	struct text currency;
};
static const struct field of_currency_fields[] = {
	FIELD(of_currency, currency, ANY, "The currency."),
};
SHAPE(of_currency)

struct least_charge {
	struct amount least;
};
static const struct field least_charge_fields[] = {
	FIELD(least_charge, least, ANY, "The least that a card can be charged."),
};
SHAPE(least_charge)

static const struct statement save_invoice = {
	.sql = "UPDATE invoice SET status = :status, paid = :paid, credited = :credited, written_off = :written_off,"
	       " paid_at = :paid_at, payment_id = :payment_id, reference = :reference,"
	       " refund_reference = :refund_reference, failed_at = :failed_at,"
	       " retry_at = :retry_at, failed_payment_id = :failed_payment_id, last_error = :last_error,"
	       " remind_at = :remind_at WHERE organization_id = :organization AND id = :id",
	.takes = &invoice_shape,
};

static const struct statement find_charge = {
	.sql =
	    "SELECT id, open_of IS NOT NULL AS is_open, automatic AND state = 'requires_action' AS waits FROM payment"
	    " WHERE organization_id = :organization AND invoice_id = :id AND (open_of IS NOT NULL OR cancel_due)"
	    " ORDER BY open_of IS NULL LIMIT 1",
	.takes = &locked_id_shape,
	.gives = &open_charge_shape,
};

static const struct statement read_least = {
	.sql = "SELECT least_charge AS least FROM credit_price WHERE currency = :currency",
	.takes = &of_currency_shape,
	.gives = &least_charge_shape,
	.crosses_organizations = "what a card can be charged is the same for everybody",
};

/* Whatever its status: money that came is booked for a closed one, too. */
static const struct statement lock_organization = {
	.sql = "SELECT id FROM organization WHERE id = :organization FOR UPDATE",
	.gives = &locked_id_shape,
};

/* ---- events ---------------------------------------------------------------------------------------------------- */

static const struct event_type invoice_paid_event = {
	.type = "invoice.paid",
	.entity_type = "invoice",
	.summary = "Nothing is left to be paid of an issued invoice.",
	.data = &invoice_event_shape,
};

static const struct event_type invoice_overpaid = {
	.type = "invoice.overpaid",
	.entity_type = "invoice",
	.summary = "More is paid of an invoice than is owed: `due` is below 0 by what is to be given back.",
	.data = &invoice_event_shape,
};

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

	if (invoice_has_status(invoice, "void")) {
		invoice->due.micros = -invoice->paid.micros;
		return;
	}
	invoice->due.micros =
	    invoice->total.micros - invoice->credited.micros - invoice->written_off.micros - invoice->paid.micros;
	if (invoice->written_off.micros > 0)
		invoice->status = TEXT("uncollectible");
	else
		invoice->status = invoice->due.micros <= 0 ? TEXT("paid") : TEXT("issued");
	if (!invoice_has_status(invoice, "paid")) {
		invoice->paid_at.given = false;
		if (!invoice_has_status(invoice, "issued"))
			invoice->remind_at.given = false;
		else if (was_paid && invoice->due_at.given)
			invoice->remind_at = invoice_next_reminder(invoice->due_at.value, call->now);
		return;
	}
	if (!was_paid)
		invoice->paid_at = instant_given(call->now);
	invoice->failed_at.given = invoice->retry_at.given = invoice->remind_at.given = false;
	invoice->last_error = (struct maybe_text){ .at = NULL };
}

const struct problem *
invoice_ask_uncharged(struct call *call, struct id invoice_id)
{
	struct locked_id ref = { invoice_id };
	struct open_charge charge;
	bool found;
	const struct problem *p = sql_maybe(call, &find_charge, &ref, &charge, &found);

	if (p != NULL || !found)
		return p;
	if (charge.is_open && !charge.waits)
		return fail(call, CONFLICT, "A card is being charged for the invoice; wait until that is over.");
	if (charge.waits)
		p = payment_give_up(call, charge.id);
	if (p != NULL)
		return p;
	p = fail_retry(call, CONFLICT, PAYMENT_WORKER_SECONDS,
	    "A charge for the invoice waited for the card's holder, and is being called off; try again in a minute.");
	return charge.waits ? problem_kept(call, p) : p;
}

/* ---- money arrives ---------------------------------------------------------------------------------------------- */

/* Behind invoice_save. What was given up before is there after all, and the rest is no longer owed. */
static const struct problem *
post_money(struct call *call, const struct invoice *invoice, struct maybe_id payment_id, struct amount money,
    struct amount recovered, struct posted *posted)
{
	const char *account = payment_id.given ? "processor_clearing" : "bank";
	struct buffer lines = buffer_new(call->arena, 300);
	const struct problem *p = invoice_follow_money(call, invoice);

	if (p != NULL)
		return p;
	money_line(&lines, account, invoice->currency, money.micros);
	money_line(&lines, "bad_debt", invoice->currency, -recovered.micros);
	money_line(&lines, "receivable", invoice->currency, recovered.micros - money.micros);
	return invoice_post(call, invoice, LEDGER_PAYMENT, &lines, payment_id, posted);
}

static const struct problem *
take_money(
    struct call *call, struct invoice *invoice, struct maybe_id payment_id, struct amount money, struct posted *posted)
{
	bool was_owed = !invoice_has_status(invoice, "paid");
	bool was_behind = invoice->failed_at.given || invoice_has_status(invoice, "uncollectible");
	struct amount recovered = invoice->written_off;
	const struct problem *p;

	if (recovered.micros > money.micros)
		recovered = money;
	if (payment_id.given)
		invoice->payment_id = payment_id;
	invoice->written_off.micros -= recovered.micros;
	invoice->paid.micros += money.micros;
	invoice_settle(call, invoice);
	p = invoice_save(call, invoice);
	if (p == NULL)
		p = post_money(call, invoice, payment_id, money, recovered, posted);
	return p != NULL ? p : invoice_settled(call, invoice, was_owed, was_behind);
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
	bool is_paid_now = was_owed && invoice_has_status(invoice, "paid");
	const struct problem *p = NULL;

	if (is_paid_now && was_behind)
		p = invoice_end_dunning(call);
	if (p == NULL && is_paid_now)
		p = invoice_tell(call, &invoice_paid_event, invoice);
	if (p == NULL && invoice->due.micros < 0)
		p = invoice_tell(call, &invoice_overpaid, invoice);
	return p;
}

const struct problem *
invoice_give_back(struct call *call, struct invoice *invoice, struct text reference)
{
	struct amount money = invoice->due;
	struct posted posted;
	const struct problem *p;

	invoice->paid.micros += money.micros;
	invoice->refund_reference = text_given(reference);
	invoice_settle(call, invoice);
	p = invoice_save(call, invoice);
	return p != NULL ? p
			 : post_money(call, invoice, (struct maybe_id){ .given = false }, money, (struct amount){ 0 },
			       &posted);
}

/* ---- charges --------------------------------------------------------------------------------------------------- */

const struct problem *
invoice_ask_chargeable(struct call *call, const struct invoice *invoice, struct text *why_not)
{
	struct of_currency currency = { invoice->currency };
	struct least_charge limit;
	char least[AMOUNT_LENGTH + 1], due[AMOUNT_LENGTH + 1];
	const struct problem *p = sql_one(call, &read_least, &currency, &limit);

	*why_not = (struct text){ NULL, 0 };
	if (p != NULL)
		return p;
	amount_format(limit.least, least);
	amount_format(invoice->due, due);
	if (invoice->due.micros < limit.least.micros)
		*why_not = arena_format(call->arena, "A card is charged no less than %s %s, and %s are due.", least,
		    invoice->currency.at, due);
	else if (invoice->due.micros > PROVIDER_MOST)
		*why_not = arena_format(call->arena,
		    "A card is charged no more than 999999.99 %s at once, and %s are due.", invoice->currency.at, due);
	return NULL;
}

static const char pay_outside[] =
    "Pay by a transfer to %s that names the invoice's number; it is noted when it arrives.";

const struct problem *
invoice_how_to_pay(struct call *call, const struct invoice *invoice, struct text *out)
{
	struct text why_not, outside = arena_format(call->arena, pay_outside, config.issuer_name);
	const struct problem *p = invoice_ask_chargeable(call, invoice, &why_not);

	if (p != NULL)
		return p;
	if (invoice->due.micros <= 0)
		*out = TEXT("Nothing of it is left to be paid.");
	else if (why_not.at != NULL)
		*out = arena_format(call->arena, "%s %s", why_not.at, outside.at);
	else if (provider_chosen() == NULL)
		*out = outside;
	else if (invoice->retry_at.given || (invoice->tax_included && invoice_has_status(invoice, "draft")))
		*out = TEXT("The default card is charged for it by itself; billing.invoices.pay pays it by any card.");
	else
		*out = arena_format(call->arena, "Pay it by card with billing.invoices.pay. Or: %s", outside.at);
	return NULL;
}

/* Of one whose charges failed, what no card can pay is no longer tried. */
static const struct problem *
check_chargeable(struct call *call, struct invoice *invoice, bool automatic)
{
	struct text why_not;
	const struct problem *p;

	if (!invoice_has_status(invoice, "issued"))
		return fail(
		    call, CONFLICT, "The invoice is %s: nothing of it is to be paid by card.", invoice->status.at);
	p = invoice_ask_chargeable(call, invoice, &why_not);
	if (p != NULL || why_not.at == NULL)
		return p;
	if (automatic && invoice->failed_at.given)
		p = invoice_count_failure(
		    call, invoice, text_given(why_not), (struct maybe_text){ .at = NULL }, FAILURE_FINAL);
	if (p != NULL)
		return p;
	return fail(call, CONFLICT, "%s %s", why_not.at, arena_format(call->arena, pay_outside, config.issuer_name).at);
}

/* A card whose holder disputes what it paid before is not charged by itself. */
static const struct problem *
check_undisputed(struct call *call, struct invoice *invoice)
{
	bool is_disputed;
	const struct problem *p = invoice_is_disputed(call, invoice, &is_disputed);

	if (p != NULL || !is_disputed)
		return p;
	p = invoice_count_failure(call, invoice, invoice->last_error, text_given(TEXT("disputed")), FAILURE_DISPUTED);
	return p != NULL ? p : fail(call, CONFLICT, "The payment of the invoice is disputed.");
}

const struct problem *
invoice_charge(struct call *call, const struct invoice_charge *charge, struct invoice *invoice, struct payment *payment)
{
	struct payment_order order = { .purpose = PAYMENT_INVOICE,
		.payment_method_id = charge->payment_method_id,
		.invoice_id = id_given(charge->invoice_id),
		.automatic = charge->automatic,
		.overdue = charge->overdue };
	bool found;
	const struct problem *p = invoice_read(call, charge->invoice_id, invoice, &found);

	if (p == NULL && (!found || invoice_has_status(invoice, "draft")))
		p = fail(call, NOT_FOUND, "There is no such invoice.");
	if (p == NULL)
		p = payment_ask_free(call, charge->automatic && !charge->overdue);
	if (p == NULL && charge->automatic)
		p = invoice_lock_subscriptions(call);
	if (p == NULL)
		p = invoice_lock(call, charge->invoice_id, invoice, &found);
	if (p == NULL)
		p = check_chargeable(call, invoice, charge->automatic);
	if (p == NULL && charge->automatic)
		p = check_undisputed(call, invoice);
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

/* The organization's row is locked before the payment's, by whoever locks that (payment_lock). */
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

/* ---- money that goes again --------------------------------------------------------------------------------------- */

/* Our own refund is the operator's to settle; what the holder disputes is a payment that failed. */
static const struct problem *
owe_again(struct call *call, struct invoice *invoice, bool disputed)
{
	static const char why[] = "The payment is disputed by the card's holder.";

	if (!invoice_has_status(invoice, "issued"))
		return invoice_save(call, invoice);
	if (disputed)
		return invoice_count_failure(
		    call, invoice, text_given(TEXT(why)), text_given(TEXT("disputed")), FAILURE_DISPUTED);
	invoice->last_error = text_given(TEXT("The payment was given back."));
	return invoice_save(call, invoice);
}

const struct problem *
invoice_clawed(struct call *call, const struct payment *payment, struct amount money)
{
	bool disputed = payment->disputed.micros > 0;
	struct invoice invoice;
	struct posted posted = { 0 };
	const struct problem *p = invoice_expect(call, payment);

	if (p == NULL)
		p = lock_of_payment(call, payment, &invoice);
	if (p != NULL)
		return p;
	if (money.micros < 0)
		return take_money(call, &invoice, id_given(payment->id), (struct amount){ -money.micros }, &posted);
	invoice.paid.micros -= money.micros;
	invoice_settle(call, &invoice);
	p = post_money(
	    call, &invoice, id_given(payment->id), (struct amount){ -money.micros }, (struct amount){ 0 }, &posted);
	if (p == NULL)
		p = owe_again(call, &invoice, disputed);
	if (p != NULL || disputed || !invoice_has_status(&invoice, "issued"))
		return p;
	return invoice_tell_failed(call, &invoice, payment->error_code);
}

const struct resource invoice_pay_resource = {
	.name = "invoice_pay",
	.summary = "What is paid of issued invoices.",
	.statements = LIST_OF(statement, &save_invoice, &find_charge, &read_least, &lock_organization),
	.events = LIST_OF(event_type, &invoice_paid_event, &invoice_overpaid),
};
