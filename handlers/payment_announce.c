/*
 * The events that tell what became of a purchase of credits.
 */
#include "payment_parts.h"

#include "outbox.h"
#include "resources.h"
#include "text.h"

struct topup_event {
	struct id topup_id;
	struct credits credits;
	struct amount amount;
	struct text currency;
	struct text status;
	struct maybe_text decline_code;
};
static const struct field topup_event_fields[] = {
	FIELD(topup_event, topup_id, ANY, "The top-up."),
	FIELD(topup_event, credits, ANY, "Credits booked, or asked for where none were."),
	FIELD(topup_event, amount, ANY, "What was charged, or was to be, tax included."),
	FIELD(topup_event, currency, ANY, "Of the amount."),
	FIELD(topup_event, status, ANY, "What became of it."),
	FIELD(topup_event, decline_code, LEFT_OUT, "Why it failed, as a code; only where it did."),
};
SHAPE(topup_event)

static const struct event_type topup_succeeded = {
	.type = "topup.succeeded",
	.entity_type = "topup",
	.summary = "Credits were bought, and are there.",
	.data = &topup_event_shape,
};

static const struct event_type topup_failed = {
	.type = "topup.failed",
	.entity_type = "topup",
	.summary = "A purchase of credits came to nothing.",
	.data = &topup_event_shape,
};

static const struct event_type topup_requires_action = {
	.type = "topup.requires_action",
	.entity_type = "topup",
	.summary = "A purchase of credits waits for the card's holder to authenticate.",
	.data = &topup_event_shape,
};

static const struct event_type *
event_of(const struct payment *payment)
{
	if (payment_has_state(payment, "succeeded"))
		return &topup_succeeded;
	return payment_has_state(payment, "failed") ? &topup_failed : &topup_requires_action;
}

const struct problem *
payment_announce(struct call *call, const struct payment *payment)
{
	const struct event_type *type = event_of(payment);
	bool succeeded = type == &topup_succeeded;
	struct topup_event event = {
		.topup_id = payment->id,
		.credits = succeeded ? payment->granted : payment->credits,
		.amount = succeeded ? payment->received : payment->amount,
		.currency = payment->currency,
		.status = payment->state,
	};

	if (payment->invoice_id.given)
		return NULL; /* the invoice's own events tell */
	if (type == &topup_failed)
		event.decline_code = payment->error_code;
	return outbox_tell(call, type, payment->id, &event);
}

const struct resource payment_announce_resource = {
	.name = "payment_announce",
	.summary = "What is told of purchases.",
	.events = LIST_OF(event_type, &topup_succeeded, &topup_failed, &topup_requires_action),
};
