/*
 * Looking at a subscription, ending it, and taking that back.
 */
#include "subscription.h"

#include "clock.h"
#include "id.h"
#include "organization.h"
#include "resources.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct which_subscription {
	struct maybe_text product;
};
static const struct field which_subscription_fields[] = {
	FIELD(which_subscription, product, ONE_OF(subscription_products), "The product; platform."),
};
SHAPE(which_subscription)

static const char *const ends[] = { "now", "period_end", NULL };

struct cancel_subscription {
	struct maybe_text product;
	struct maybe_text when;
};
static const struct field cancel_subscription_fields[] = {
	FIELD(cancel_subscription, product, ONE_OF(subscription_products), "The product; platform."),
	FIELD(cancel_subscription, when, ONE_OF(ends), "When it ends; period_end."),
};
SHAPE(cancel_subscription)

/* ---- billing.subscriptions.get ----------------------------------------------------------------------------------- */

HANDLER(get_subscription, which_subscription, subscription)

static const struct operation get_operation = {
	.id = "billing.subscriptions.get",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "Read the organization's subscription to a product.",
	.raises = { NOT_FOUND },
	.run = &get_subscription_run,
};

static const struct problem *
get_subscription(struct call *call, const struct which_subscription *in, struct subscription *out)
{
	const struct problem *p = subscription_read(call, in->product, out);

	return p != NULL ? p : subscription_show(call, out);
}

/* ---- billing.subscriptions.cancel ---------------------------------------------------------------------------------
 */

HANDLER(cancel_subscription, cancel_subscription, subscription)

static const struct operation cancel_operation = {
	.id = "billing.subscriptions.cancel",
	.kind = WRITE,
	.scope = BILLING_WRITE,
	.effect = COMPUTES,
	.summary = "End a subscription, with its period or now.",
	.description =
	    "What ends now gives nothing back: what was paid for the period stays paid, and the plan's"
	    " quotas hold until the running cycle of usage ends. One that waits for its first payment ends at"
	    " once; it can't while the card's charge is under way. A payment that is owed stays owed.",
	.raises = { NOT_FOUND, TOPUP_IN_PROGRESS },
	.run = &cancel_subscription_run,
};

/* Also a start that was never paid, which ended as it began. */
const struct problem *
subscription_end(struct call *call, struct subscription *subscription)
{
	struct maybe_text before = text_given(subscription->status);
	bool was_real = !subscription_has_status(subscription, "incomplete");
	bool has_cycles = was_real && text_is(subscription->product, "platform");
	struct cycle running;
	const struct problem *p = NULL;

	/* By a clock that is behind that of its start, too: what ended as it began was never paid. */
	if (was_real)
		call_not_before(call, (struct instant){ subscription->started_at.microseconds + 1 });
	if (has_cycles)
		p = cycle_open(call, call->now, &running);
	subscription->status = TEXT("cancelled");
	subscription->cancelled_at = instant_given(was_real ? call->now : subscription->started_at);
	subscription->cancel_at = instant_given(call->now);
	subscription->retry_at.given = false;
	if (p == NULL)
		p = subscription_save(call, subscription);
	if (p == NULL && has_cycles)
		p = cycle_end_plan(call, call->now);
	return p != NULL ? p : subscription_tell(call, subscription, before);
}

const struct problem *
subscriptions_end(struct call *call)
{
	struct subscription open;
	const struct problem *p = NULL;

	for (const char *const *product = subscription_products; p == NULL && *product != NULL; product++) {
		p = subscription_lock(call, text_given(text_from(*product)), &open);
		if (p == NULL)
			p = subscription_end(call, &open);
		else if (p->kind == NOT_FOUND)
			p = NULL;
	}
	return p;
}

static const struct problem *
cancel_then(struct call *call, struct subscription *subscription)
{
	const struct problem *p;

	subscription->cancel_at = instant_given(subscription->period_ends_at);
	p = subscription_save(call, subscription);
	return p != NULL ? p : subscription_tell(call, subscription, text_given(subscription->status));
}

/* Giving up the payment of a start has ended it already. */
static const struct problem *
cancel_open(struct call *call, const struct cancel_subscription *in, struct subscription *out)
{
	const struct problem *p = subscription_lock_one(call, out->id, out, &(bool){ false });

	if (p == NULL)
		p = subscription_catch_up(call, out);
	if (p != NULL || subscription_has_status(out, "cancelled"))
		return p;
	return text_is(text_or(in->when, "period_end"), "now") ? subscription_end(call, out) : cancel_then(call, out);
}

static const struct problem *
cancel_subscription(struct call *call, const struct cancel_subscription *in, struct subscription *out)
{
	struct organization organization;
	const struct problem *p = organization_lock(call, &organization);

	if (p == NULL)
		p = subscription_read(call, in->product, out);
	if (p == NULL)
		p = turn_give_up(call, in->product, true);
	if (p == NULL)
		p = cancel_open(call, in, out);
	return p != NULL ? p : subscription_show(call, out);
}

/* ---- billing.subscriptions.resume ---------------------------------------------------------------------------------
 */

HANDLER(resume_subscription, which_subscription, subscription)

static const struct operation resume_operation = {
	.id = "billing.subscriptions.resume",
	.kind = WRITE,
	.scope = BILLING_WRITE,
	.effect = COMPUTES,
	.summary = "Keep a subscription that was to end with its period.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &resume_subscription_run,
};

static const struct problem *
resume_subscription(struct call *call, const struct which_subscription *in, struct subscription *out)
{
	struct organization organization;
	const struct problem *p = organization_lock(call, &organization);
	bool was_ending;

	if (p == NULL)
		p = subscription_lock(call, in->product, out);
	if (p == NULL && subscription_has_status(out, "paused"))
		p = fail(call, CONFLICT, "The subscription is paused until what is owed is paid.");
	if (p != NULL)
		return p;
	was_ending = out->cancel_at.given;
	out->cancel_at.given = false;
	if (was_ending)
		p = subscription_save(call, out);
	if (p == NULL && was_ending)
		p = subscription_tell(call, out, text_given(out->status));
	return p != NULL ? p : subscription_show(call, out);
}

const struct resource subscriptions_resource = {
	.name = "billing.subscriptions",
	.summary = "What the organization is subscribed to.",
	.operations = LIST_OF(operation, &start_subscription_operation, &change_subscription_operation,
	    &cancel_operation, &resume_operation, &get_operation, &preview_subscription_operation),
};
