/*
 * What Stripe tells us: events, signed over the raw body, in any order, late, and more than once. An event's id is
 * taken in the transaction that makes its effect true, so each has its effect once; and an effect follows from the
 * state of the object that the event carries, so that two events about the same thing have it once, too.
 */
#include "resources.h"

#include "clock.h"
#include "dispute.h"
#include "id.h"
#include "refund.h"
#include "runner.h"
#include "statement.h"
#include "stripe_parts.h"
#include "text.h"

enum { NAME_MOST = 100, KEPT_SECONDS = 35 * 86400, BATCH = 1000 };

/* ---- shapes and SQL --------------------------------------------------------------------------------------------- */

struct receipt {
	bool received;
};
static const struct field receipt_fields[] = {
	FIELD(receipt, received, ANY, "The event is taken in, or is of no interest, or was taken in before."),
};
SHAPE(receipt)

struct provider_event {
	struct text provider;
	struct text event_id;
	struct text type;
};
static const struct field provider_event_fields[] = {
	FIELD(provider_event, provider, ANY, "Who told it."),
	FIELD(provider_event, event_id, ANY, "The event."),
	FIELD(provider_event, type, ANY, "Its type."),
};
SHAPE(provider_event)

/* Whoever sends the same event at the same time waits here until the first has ended. */
static const struct statement insert_event = {
	.sql = "INSERT INTO provider_event (provider, event_id, type, created_at)"
	       " VALUES (:provider, :event_id, :type, :now)",
	.takes = &provider_event_shape,
	.duplicate_is_zero = true,
	.crosses_organizations = "an event is the processor's; whose it is about is found out after",
};

/* ---- which payment ---------------------------------------------------------------------------------------------- */

static struct maybe_id
id_told(struct maybe_text text)
{
	struct id id;

	if (text.at == NULL || !id_parse((struct text){ text.at, text.length }, &id))
		return (struct maybe_id){ .given = false };
	return id_given(id);
}

/* Another system may use the same account: what has no row here is nobody's. */
static const struct problem *
find_payment(
    struct call *call, struct maybe_text payment_id, struct maybe_text intent_id, struct payment *out, bool *found)
{
	struct text provider = text_from(stripe_provider.name);
	const struct problem *p = payment_find(call, id_told(payment_id), provider, intent_id, out, found);

	*found = *found && text_equal(out->provider, provider);
	if (p == NULL && *found)
		call->target = id_given(out->id);
	return p;
}

/* ---- what is told ------------------------------------------------------------------------------------------------ */

struct event {
	const struct tree *object;
	const char *type;
};

/* The intent of an earlier attempt tells nothing any more, unless it took money after all. */
static bool
is_of_another_intent(const struct payment *payment, const struct charge *charge)
{
	return charge->state != CHARGE_SUCCEEDED && payment->intent_id.at != NULL &&
	       !text_equal((struct text){ payment->intent_id.at, payment->intent_id.length },
		   (struct text){ charge->intent_id.at, charge->intent_id.length });
}

static const struct problem *
take_intent(struct call *call, const struct event *event)
{
	struct payment payment;
	struct charge charge;
	bool found;
	const struct problem *p;

	if (!stripe_read_charge(call->arena, event->object, &charge))
		return NULL;
	p = find_payment(call, charge.payment_id, charge.intent_id, &payment, &found);
	if (p != NULL || !found || is_of_another_intent(&payment, &charge))
		return p;
	return payment_book(call, &payment, &charge, &payment);
}

/* A charge of which something was given back has been paid, whether its success was told already or not. */
static const struct problem *
book_paid(struct call *call, const struct tree *object, struct payment *payment)
{
	struct charge charge = { .state = CHARGE_SUCCEEDED,
		.intent_id = stripe_id(object, "payment_intent"),
		.received = stripe_amount(object, "amount_captured"),
		.currency = stripe_currency(call->arena, object),
		.created_at = stripe_instant(object, "created") };

	if (charge.received.micros <= 0)
		return NULL;
	return payment_book(call, payment, &charge, payment);
}

static const struct problem *
take_charge(struct call *call, const struct event *event)
{
	struct maybe_text intent_id = stripe_id(event->object, "payment_intent");
	struct payment payment;
	bool found;
	const struct problem *p =
	    find_payment(call, tree_text(event->object, "metadata.topup_id"), intent_id, &payment, &found);

	if (p != NULL || !found)
		return p;
	p = book_paid(call, event->object, &payment);
	return p != NULL ? p : refund_total_told(call, &payment, stripe_amount_back(event->object, "amount_refunded"));
}

static const struct problem *
take_refund(struct call *call, const struct event *event)
{
	struct text status = text_or(tree_text(event->object, "status"), "");
	struct maybe_instant created_at = stripe_instant(event->object, "created");
	struct told_refund told = { .refund_id = text_or(tree_text(event->object, "id"), ""),
		.key = tree_text(event->object, "metadata.refund_key"),
		.amount = stripe_amount_back(event->object, "amount"),
		.pending = text_is(status, "pending") || text_is(status, "requires_action"),
		.failed = text_is(status, "failed") || text_is(status, "canceled"),
		.created_at = created_at.given ? created_at.value : call->now };
	struct payment payment;
	bool found;
	const struct problem *p;

	if (told.refund_id.length == 0 || told.refund_id.length > NAME_MOST)
		return NULL;
	p = find_payment(call, (struct maybe_text){ 0 }, stripe_id(event->object, "payment_intent"), &payment, &found);
	return p != NULL || !found ? p : refund_told(call, &payment, &told);
}

/* Is there a movement of the processor's balance in that direction? */
static bool
has_moved(const struct tree *dispute, bool back)
{
	const struct tree *list = tree_at(dispute, "balance_transactions");
	int64_t amount;

	for (const struct tree *one = list == NULL ? NULL : list->first; one != NULL; one = one->next)
		if (tree_integer(one, "amount", &amount) && (back ? amount > 0 : amount < 0))
			return true;
	return false;
}

static enum dispute_status
dispute_status(const struct tree *object)
{
	struct text status = text_or(tree_text(object, "status"), "");

	if (text_is(status, "won"))
		return DISPUTE_WON;
	return text_is(status, "lost") ? DISPUTE_LOST : DISPUTE_OPEN;
}

static const struct problem *
take_dispute(struct call *call, const struct event *event)
{
	struct text type = text_from(event->type);
	struct told_dispute told = { .dispute_id = text_or(tree_text(event->object, "id"), ""),
		.amount = stripe_amount_back(event->object, "amount"),
		.withdrawn = text_is(type, "charge.dispute.funds_withdrawn") || has_moved(event->object, false),
		.reinstated = text_is(type, "charge.dispute.funds_reinstated") || has_moved(event->object, true),
		.status = dispute_status(event->object) };
	struct payment payment;
	bool found;
	const struct problem *p;

	if (told.dispute_id.length == 0 || told.dispute_id.length > NAME_MOST)
		return NULL;
	p = find_payment(call, (struct maybe_text){ 0 }, stripe_id(event->object, "payment_intent"), &payment, &found);
	return p != NULL || !found ? p : dispute_told(call, &payment, &told);
}

static const struct taking {
	const char *type;
	const struct problem *(*take)(struct call *call, const struct event *event);
} takings[] = {
	{ "payment_intent.succeeded", take_intent },
	{ "payment_intent.payment_failed", take_intent },
	{ "payment_intent.processing", take_intent },
	{ "payment_intent.requires_action", take_intent },
	{ "payment_intent.canceled", take_intent },
	{ "charge.refunded", take_charge },
	{ "charge.refund.updated", take_refund },
	{ "refund.created", take_refund },
	{ "refund.updated", take_refund },
	{ "refund.failed", take_refund },
	{ "charge.dispute.created", take_dispute },
	{ "charge.dispute.updated", take_dispute },
	{ "charge.dispute.funds_withdrawn", take_dispute },
	{ "charge.dispute.funds_reinstated", take_dispute },
	{ "charge.dispute.closed", take_dispute },
};

static const struct taking *
taking_of(struct text type)
{
	for (size_t i = 0; i < COUNT(takings); i++)
		if (text_is(type, takings[i].type))
			return &takings[i];
	return NULL;
}

/* ---- the operation ----------------------------------------------------------------------------------------------- */

HANDLER(take_event, nothing, receipt)

static const struct operation webhook_operation = {
	.id = "webhooks.stripe",
	.kind = WRITE,
	.scope = PUBLIC,
	.effect = COMPUTES,
	.no_key = true,
	.repeatable = true,
	.raw_body = true,
	.summary = "Take in an event of Stripe's.",
	.description = "The body is the event as Stripe sends it, and `Stripe-Signature` has to fit its bytes by one "
		       "of the configured "
		       "secrets, with a time at most 300 seconds from now. Events that were taken in before, that are "
		       "of no interest, "
		       "or that are about somebody else's payments are answered alike.",
	.run = &take_event_run,
};

static const struct problem *
take_event(struct call *call, const struct nothing *in, struct receipt *out)
{
	const struct tree *body;
	const struct taking *taking;
	struct provider_event row = { .provider = text_from(stripe_provider.name) };
	struct event *event = arena_take(call->arena, sizeof(*event));
	const struct problem *p;
	int64_t taken;

	(void)in;
	if (!stripe_signature_is_valid(call->request.stripe_signature, call->request.body, call->now))
		return fail(call, BAD_REQUEST, "The signature does not fit the body, or its time is too far from now.");
	body = tree_parse(call->arena, call->request.body);
	row.event_id = text_or(tree_text(body, "id"), "");
	row.type = text_or(tree_text(body, "type"), "");
	if (row.event_id.length == 0 || row.event_id.length > NAME_MOST || row.type.length == 0)
		return fail(call, BAD_REQUEST, "The body is no event.");
	out->received = true;
	taking = taking_of(row.type);
	if (taking == NULL)
		return NULL;
	p = sql_run(call, &insert_event, &row, &taken);
	if (p != NULL || taken == 0)
		return p;
	*event = (struct event){ tree_at(body, "data.object"), taking->type };
	return taking->take(call, event);
}

/* ---- forgetting -------------------------------------------------------------------------------------------------- */

struct purge {
	struct instant before;
};
static const struct field purge_fields[] = {
	FIELD(purge, before, ANY, "Older ones go."),
};
SHAPE(purge)

static const struct statement delete_events = {
	.sql = "DELETE FROM provider_event WHERE created_at < :before ORDER BY created_at LIMIT 1000",
	.takes = &purge_shape,
	.crosses_organizations = "an event is the processor's",
};

static const struct problem *
purge_batch(struct call *call, void *deleted)
{
	struct purge purge = { instant_plus_seconds(call->now, -KEPT_SECONDS) };

	return sql_run(call, &delete_events, &purge, deleted);
}

/* Stripe repeats an event for 3 days, and lets it be sent again for 30. */
static const struct problem *
purge_events(struct call *call)
{
	const struct problem *p;
	int64_t deleted;

	do {
		p = job_step(call, purge_batch, &deleted);
	} while (p == NULL && deleted == BATCH && !job_is_stopping());
	return p;
}

static const struct job purge_job = {
	.id = "provider_events.purge",
	.summary = "Forget the processor's events that can't come again.",
	.every_seconds = 3600,
	.run = purge_events,
};

const struct resource stripe_webhook_resource = {
	.name = "webhooks",
	.summary = "What the card processor tells.",
	.operations = LIST_OF(operation, &webhook_operation),
	.statements = LIST_OF(statement, &insert_event, &delete_events),
	.jobs = LIST_OF(job, &purge_job),
};
