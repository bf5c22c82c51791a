/*
 * What is known of disputes, and what follows. Created, funds withdrawn, lost and won are different things, told in any
 * order; each is noted once and never taken back. A dispute holds money while it is withdrawn, not reinstated, and not
 * won.
 */
#include "dispute.h"

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

static const struct problem *
tell(struct call *call, const char *type, const struct payment *payment, const struct dispute *dispute)
{
	struct buffer data = buffer_new(call->arena, 200);
	char amount[AMOUNT_LENGTH + 1];

	amount_format(dispute->amount, amount);
	buffer_add_string(&data, "{\"dispute_id\":");
	json_write_text(&data, dispute->dispute_id);
	buffer_format(&data, ",\"amount\":\"%s\",\"currency\":\"%s\"}", amount, payment->currency.at);
	return outbox_event(call, type, "topup", payment->id, buffer_text(&data));
}

/* An event for each thing that was not known before. */
static const struct problem *
tell_news(struct call *call, const struct payment *payment, const struct dispute *before, const struct dispute *after,
    bool is_new)
{
	const struct {
		const char *type;
		bool happened;
	} news[] = {
		{ "topup.disputed", is_new },
		{ "topup.dispute_funds_withdrawn", after->withdrawn && !before->withdrawn },
		{ "topup.dispute_funds_reinstated", after->reinstated && !before->reinstated },
		{ "topup.dispute_won", text_is(after->status, "won") && !text_is(before->status, "won") },
		{ "topup.dispute_lost", text_is(after->status, "lost") && !text_is(before->status, "lost") },
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
	return p != NULL ? p : settle(call, payment);
}

const struct resource dispute_resource = {
	.name = "dispute",
	.summary = "What is known of disputes.",
	.statements = LIST_OF(statement, &lock_dispute, &insert_dispute, &change_dispute, &sum_held),
};
