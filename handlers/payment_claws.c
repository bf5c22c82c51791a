/*
 * Taking back what a payment brought: refunds and disputes. The row says how much money is gone and how much of that
 * the ledger has taken back already; each posting is the difference, so that nothing is taken back twice.
 */
#include "payment_parts.h"

#include "credit_note.h"
#include "invoice.h"
#include "ledger.h"
#include "money.h"
#include "id.h"
#include "text.h"

/* How it has to be, and how far that is from how it is. */
struct claw {
	struct amount target, money, tax;
	struct credits target_credits, credits;
};

static struct amount
gone(const struct payment *payment)
{
	struct amount sum;

	if (!amount_add(payment->refunded, payment->disputed, &sum) || sum.micros > payment->received.micros)
		return payment->received;
	return sum;
}

/* The tax in so much of what was received; in all of it, what was booked. */
static bool
tax_in(const struct payment *payment, struct amount part, struct amount *tax)
{
	struct amount whole;

	return payment_tax_of(payment, payment->received, &whole) &&
	       share_of(whole.micros, part.micros, payment->received.micros, MINOR_UNIT_MICROS, &tax->micros);
}

/* Shares are taken of the whole, not of the difference, so that rounding never adds up. */
static bool
measure(const struct payment *payment, struct claw *claw)
{
	struct amount tax_before, tax_after;

	claw->target = gone(payment);
	claw->money.micros = claw->target.micros - payment->clawed.micros;
	if (!share_of(payment->granted.count, claw->target.micros, payment->received.micros, 1,
		&claw->target_credits.count) ||
	    !tax_in(payment, payment->clawed, &tax_before) || !tax_in(payment, claw->target, &tax_after))
		return false;
	claw->credits.count = claw->target_credits.count - payment->clawed_credits.count;
	claw->tax.micros = tax_after.micros - tax_before.micros;
	return true;
}

static const struct problem *
post(struct call *call, struct payment *payment, const struct claw *claw)
{
	bool back = claw->money.micros < 0;
	struct posting posting = {
		.reason = back ? LEDGER_TOPUP : LEDGER_CLAWBACK,
		.credits = { back ? -claw->credits.count : claw->credits.count },
		.description = text_given(back ? TEXT("Given back: a dispute was won, or a refund failed.")
					       : TEXT("Taken back: a refund or a dispute.")),
		.reference_type = text_given(TEXT("topup")),
		.reference_id = id_given(payment->id),
		.money = text_given(payment_money_lines(call, payment->currency, (struct amount){ -claw->money.micros },
		    (struct amount){ -claw->tax.micros })),
	};
	struct posted posted;
	const struct problem *p;

	if (payment->invoice_id.given)
		return invoice_clawed(call, payment, claw->money);
	if (back)
		posting.lot_source = text_given(TEXT("paid"));
	else
		posting.lot = payment->restored_id.given ? payment->restored_id : payment->entry_id;
	p = ledger_post(call, &posting, &posted);
	if (p != NULL || !back)
		return p;
	payment->restored_id = id_given(posted.entry_id);
	return payment_save(call, payment);
}

const struct problem *
payment_settle_claws(struct call *call, struct payment *payment)
{
	struct claw claw;
	const struct problem *p;

	if (payment->received.micros == 0)
		return payment_save(call, payment); /* nothing was booked yet: what is gone is taken back when it is */
	if (!measure(payment, &claw))
		return fail_internal(call, "what is to be taken back overflows");
	payment->clawed = claw.target;
	payment->clawed_credits = claw.target_credits;
	p = payment_save(call, payment);
	if (p == NULL && !payment->invoice_id.given)
		p = credit_note_expect(call, payment);
	if (p == NULL && claw.money.micros != 0)
		p = post(call, payment, &claw);
	return p != NULL || payment->invoice_id.given ? p : credit_note_for_refund(call, payment);
}
