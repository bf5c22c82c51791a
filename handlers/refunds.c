/*
 * Giving money back, as an operator asks for it: the refund is a row before the processor hears of it, and is asked for
 * under the row's own key, so that it is made once, however often it is asked for.
 */
#include "resources.h"

#include "clock.h"
#include "formats.h"
#include "id.h"
#include "money.h"
#include "refund.h"
#include "text.h"

enum { SECOND = 1000000, PERFORM_SECONDS = 20 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *const statuses[] = { "pending", "succeeded", "failed", NULL };

struct refund_topup {
	struct id organization_id;
	struct id topup_id;
	struct maybe_amount amount;
	struct text reason;
};
static const struct field refund_topup_fields[] = {
	FIELD(refund_topup, organization_id, ANY, "Who paid."),
	FIELD(refund_topup, topup_id, ANY, "The top-up."),
	FIELD(refund_topup, amount, ANY,
	    "How much of it, in whole hundredths of its currency; all that is left where it is not given."),
	FIELD(refund_topup, reason, MATCHING(plain_format, 1, 500), "Why; kept with the refund."),
};
SHAPE(refund_topup)

static const struct field topup_refund_fields[] = {
	FIELD(topup_refund, id, ANY, "The refund."),
	FIELD(topup_refund, topup_id, ANY, "The top-up that it is of."),
	FIELD(topup_refund, organization_id, ANY, "Who gets the money back."),
	FIELD(topup_refund, amount, ANY, "How much."),
	FIELD(topup_refund, currency, ANY, "In which currency."),
	FIELD(topup_refund, status, ONE_OF(statuses),
	    "`pending` while the card processor has not told; repeat with the same `Idempotency-Key` to learn more."),
	FIELD(topup_refund, credits_clawed, ANY, "The credits that were taken back for it; what is not there is owed."),
	FIELD(topup_refund, created_at, ANY, "When it was asked for."),
};
SHAPE(topup_refund)

/* ---- the operation --------------------------------------------------------------------------------------------- */

HANDLER_TWO_STEP(refund_topup, refund_topup, topup_refund)

static const struct operation refund_operation = {
	.id = "billing.topups.refund",
	.kind = TWO_STEP,
	.scope = ADMIN_WRITE,
	.effect = SPENDS,
	.slow = true,
	.summary = "Give money back for a top-up, and take its credits.",
	.description =
	    "One refund of a top-up is at work at a time. The credits are taken in proportion, rounded half-even to "
	    "whole credits on all that was given back so far. A refund that the card processor refuses takes "
	    "nothing, and leaves the idempotency key free.",
	.run = &refund_topup_run,
	.raises = { NOT_FOUND, CONFLICT },
};

/* What the three steps hand on. */
struct work {
	struct payment payment;
	struct refund refund;
	struct provider_refund outcome;
};

/* The whole of what is left, or the part asked for. */
static const struct problem *
choose_amount(struct call *call, const struct refund_topup *in, const struct payment *payment, struct amount *out)
{
	struct amount left = { payment->received.micros - payment->refunded.micros - payment->disputed.micros };
	char text[AMOUNT_LENGTH + 1];

	if (left.micros <= 0)
		return fail(call, CONFLICT, "Nothing of the top-up is left to be given back.");
	*out = in->amount.given ? in->amount.value : left;
	if (out->micros <= 0)
		return fail_field(call, "/amount", "out_of_range", "A refund is of more than 0.");
	if (out->micros % MINOR_UNIT_MICROS != 0)
		return fail_field(
		    call, "/amount", "bad_format", "A refund is of whole hundredths of %s.", payment->currency.at);
	if (out->micros > left.micros) {
		amount_format(left, text);
		return fail_field(
		    call, "/amount", "out_of_range", "Of the top-up %s %s is left.", text, payment->currency.at);
	}
	return NULL;
}

static const struct problem *
refund_topup_intend(struct call *call, const struct refund_topup *in)
{
	struct work *work = arena_take(call->arena, sizeof(*work));
	struct payment *payment = &work->payment;
	struct refund *refund = &work->refund;
	bool found;
	const struct problem *p = payment_lock(call, in->topup_id, payment, &found);

	if (p == NULL && !found)
		p = fail(call, NOT_FOUND, "The organization has no such top-up.");
	if (p == NULL && !text_is(payment->state, "succeeded"))
		p = fail(call, CONFLICT, "Only a top-up that succeeded can be given back.");
	if (p == NULL)
		p = choose_amount(call, in, payment, &refund->amount);
	if (p != NULL)
		return p;
	refund->id = id_new(call->now);
	refund->organization_id = call->organization;
	refund->payment_id = payment->id;
	refund->currency = payment->currency;
	refund->reason = in->reason;
	refund->created_at = call->now;
	call->target = id_given(refund->id);
	call->intent = work;
	return refund_intend(call, refund);
}

static const struct problem *
refund_topup_perform(struct call *call, const struct refund_topup *in)
{
	struct work *work = call->intent;
	const struct payment *payment = &work->payment;
	const struct provider *provider = provider_named(payment->provider);

	(void)in;
	if (provider == NULL)
		return fail_internal(call, "a payment of the provider %s, which is gone", payment->provider.at);
	return provider->refund(call, text_or(payment->intent_id, ""), work->refund.amount, payment->currency,
	    refund_key(call, work->refund.id), clock_monotonic_microseconds() + (int64_t)PERFORM_SECONDS * SECOND,
	    &work->outcome);
}

/* A webhook or the sweeper may have been here first. */
static const struct problem *
refund_topup_book(struct call *call, const struct refund_topup *in, struct topup_refund *out)
{
	struct work *work = call->intent;
	struct payment payment;
	struct refund refund;
	bool found;
	const struct problem *p = payment_lock(call, in->topup_id, &payment, &found);

	if (p == NULL && found)
		p = refund_lock(call, work->refund.id, &refund, &found);
	if (p == NULL && !found)
		p = fail_internal(call, "a refund was lost");
	if (p == NULL)
		p = refund_book(call, &payment, &refund, &work->outcome);
	if (p == NULL)
		p = refund_refusal(call, &refund);
	if (p == NULL)
		*out = refund_answer(&refund);
	return p;
}

const struct resource refunds_resource = {
	.name = "billing.topups.refunds",
	.summary = "Money given back for top-ups.",
	.operations = LIST_OF(operation, &refund_operation),
};
