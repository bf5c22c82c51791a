/*
 * What is known of disputes, and what follows. Created, funds withdrawn, lost and won are different things, told in any
 * order; each is noted once and never taken back. A dispute holds money while it is withdrawn, not reinstated, and not
 * won.
 */
#include "dispute.h"

#include "auto_topup.h"
#include "json.h"
#include "money.h"
#include "outbox.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

static const char *const status_names[] = { "open", "won", "lost", NULL };

struct dispute {
	struct text dispute_id;
	struct id payment_id;
	struct amount amount;
	bool withdrawn;
	bool reinstated;
	struct text status;
};
static const struct field dispute_fields[] = {
	FIELD(dispute, dispute_id, ANY, "The processor's name of it."),
	FIELD(dispute, payment_id, ANY, "The payment."),
	FIELD(dispute, amount, ANY, "How much is disputed."),
	FIELD(dispute, withdrawn, ANY, "The processor took the money back."),
	FIELD(dispute, reinstated, ANY, "It gave the money again."),
	FIELD(dispute, status, ONE_OF(status_names), "What became of it."),
};
SHAPE(dispute)

struct held {
	struct amount held;
};
static const struct field held_fields[] = {
	FIELD(held, held, ANY, "What disputes hold of the payment."),
};
SHAPE(held)

static const struct statement lock_dispute = {
	.sql = "SELECT dispute_id, payment_id, amount, withdrawn, reinstated, status FROM payment_dispute"
	       " WHERE organization_id = :organization AND dispute_id = :dispute_id FOR UPDATE",
	.takes = &dispute_shape,
	.gives = &dispute_shape,
};

static const struct statement insert_dispute = {
	.sql =
	    "INSERT INTO payment_dispute (dispute_id, organization_id, payment_id, amount, withdrawn, reinstated, "
	    "status,"
	    " created_at, updated_at)"
	    " VALUES (:dispute_id, :organization, :payment_id, :amount, :withdrawn, :reinstated, :status, :now, :now)",
	.takes = &dispute_shape,
};

static const struct statement change_dispute = {
	.sql = "UPDATE payment_dispute SET withdrawn = :withdrawn, reinstated = :reinstated, status = :status,"
	       " updated_at = :now WHERE organization_id = :organization AND dispute_id = :dispute_id",
	.takes = &dispute_shape,
};

static const struct statement sum_held = {
	.sql = "SELECT COALESCE(CAST(SUM(amount) AS SIGNED), 0) AS held FROM payment_dispute"
	       " WHERE organization_id = :organization AND payment_id = :payment_id"
	       " AND withdrawn AND NOT reinstated AND status <> 'won'",
	.takes = &dispute_shape,
	.gives = &held_shape,
};

struct dispute_event {
	struct text dispute_id;
	struct amount amount;
	struct text currency;
};
static const struct field dispute_event_fields[] = {
	FIELD(dispute_event, dispute_id, ANY, "The processor's name of the dispute."),
	FIELD(dispute_event, amount, ANY, "How much is disputed."),
	FIELD(dispute_event, currency, ANY, "Of the amount."),
};
SHAPE(dispute_event)

static const struct event_type topup_disputed = {
	.type = "topup.disputed",
	.entity_type = "topup",
	.summary = "Somebody disputes the charge of a purchase at their bank.",
	.data = &dispute_event_shape,
};

static const struct event_type dispute_funds_withdrawn = {
	.type = "topup.dispute_funds_withdrawn",
	.entity_type = "topup",
	.summary = "The bank took the disputed money away for as long as the dispute lasts.",
	.data = &dispute_event_shape,
};

static const struct event_type dispute_funds_reinstated = {
	.type = "topup.dispute_funds_reinstated",
	.entity_type = "topup",
	.summary = "The bank gave the disputed money back.",
	.data = &dispute_event_shape,
};

static const struct event_type dispute_won = {
	.type = "topup.dispute_won",
	.entity_type = "topup",
	.summary = "A dispute was decided for the seller.",
	.data = &dispute_event_shape,
};

static const struct event_type dispute_lost = {
	.type = "topup.dispute_lost",
	.entity_type = "topup",
	.summary = "A dispute was decided for whoever disputed the charge.",
	.data = &dispute_event_shape,
};

static const struct problem *
tell(struct call *call, const struct event_type *type, const struct payment *payment, const struct dispute *dispute)
{
	const struct dispute_event event = { dispute->dispute_id, dispute->amount, payment->currency };

	if (payment->invoice_id.given)
		return NULL; /* the invoice's own events tell */
	return outbox_tell(call, type, payment->id, &event);
}

/* An event for each thing that was not known before. */
static const struct problem *
tell_news(struct call *call, const struct payment *payment, const struct dispute *before, const struct dispute *after,
    bool is_new)
{
	const struct {
		const struct event_type *type;
		bool happened;
	} news[] = {
		{ &topup_disputed, is_new },
		{ &dispute_funds_withdrawn, after->withdrawn && !before->withdrawn },
		{ &dispute_funds_reinstated, after->reinstated && !before->reinstated },
		{ &dispute_won, text_is(after->status, "won") && !text_is(before->status, "won") },
		{ &dispute_lost, text_is(after->status, "lost") && !text_is(before->status, "lost") },
	};
	const struct problem *p = NULL;

	for (size_t i = 0; i < COUNT(news) && p == NULL; i++)
		if (news[i].happened)
			p = tell(call, news[i].type, payment, after);
	return p;
}

static const struct problem *
settle(struct call *call, struct payment *payment)
{
	struct dispute query = { .payment_id = payment->id };
	struct held held;
	const struct problem *p = sql_one(call, &sum_held, &query, &held);

	if (p != NULL || held.held.micros == payment->disputed.micros)
		return p;
	payment->disputed = held.held;
	return payment_settle_claws(call, payment);
}

const struct problem *
dispute_told(struct call *call, struct payment *payment, const struct told_dispute *told)
{
	struct dispute query = { .dispute_id = told->dispute_id }, before, after;
	const struct problem *p;
	bool found;

	if (told->amount.micros <= 0)
		return NULL;
	p = sql_maybe(call, &lock_dispute, &query, &before, &found);
	if (p != NULL)
		return p;
	if (!found)
		before = (struct dispute){ .dispute_id = told->dispute_id,
			.payment_id = payment->id,
			.amount = told->amount,
			.status = text_from(status_names[DISPUTE_OPEN]) };
	after = before;
	after.withdrawn |= told->withdrawn;
	after.reinstated |= told->reinstated;
	if (text_is(before.status, status_names[DISPUTE_OPEN]))
		after.status = text_from(status_names[told->status]);
	p = sql_run(call, found ? &change_dispute : &insert_dispute, &after, NULL);
	if (p == NULL)
		p = tell_news(call, payment, &before, &after, !found);
	if (p == NULL)
		p = settle(call, payment);
	/* Else every charge that is disputed at once would call for the next one. */
	return p != NULL || found ? p : auto_topup_pause(call, "disputed", TEXT("A charge is disputed."));
}

const struct resource dispute_resource = {
	.name = "dispute",
	.summary = "What is known of disputes.",
	.statements = LIST_OF(statement, &lock_dispute, &insert_dispute, &change_dispute, &sum_held),
	.events = LIST_OF(event_type, &topup_disputed, &dispute_funds_withdrawn, &dispute_funds_reinstated,
	    &dispute_won, &dispute_lost),
};
