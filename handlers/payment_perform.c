/*
 * Taking a payment as far as it goes with the processor, in no transaction. What must not be lost between two requests
 * (the intent, the number of the attempt) is stored in short transactions, and the row decides: only the intent that it
 * keeps is ever confirmed, and only while it is open. An intent charges once, and all confirmations of an attempt have
 * one key, so whoever performs beside takes nothing twice.
 */
#include "payment_parts.h"

#include <inttypes.h>

#include "clock.h"
#include "id.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

enum { PERFORM_MICROSECONDS = 20000000, LEAST_MICROSECONDS = 500000, TRIES_MAX = 3 };

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

/* The first one wins. */
static const struct statement keep_intent = {
	.sql = "UPDATE payment SET intent_id = :intent_id, state = 'charging' WHERE organization_id = :organization"
	       " AND id = :id AND intent_id IS NULL AND state IN ('pending', 'charging', 'unknown')",
	.takes = &payment_shape,
};

static const struct statement keep_attempt = {
	.sql = "UPDATE payment SET attempt = attempt + 1 WHERE organization_id = :organization AND id = :id"
	       " AND attempt = :attempt",
	.takes = &payment_shape,
};

static const struct statement keep_creation = {
	.sql = "UPDATE payment SET creations = creations + 1 WHERE organization_id = :organization AND id = :id"
	       " AND creations = :creations AND intent_id IS NULL",
	.takes = &payment_shape,
};

static const struct statement mark_charging = {
	.sql = "UPDATE payment SET state = 'charging' WHERE organization_id = :organization AND id = :id"
	       " AND state = 'pending'",
	.takes = &payment_shape,
};

/* ---- short transactions ------------------------------------------------------------------------------------------ */

struct work {
	struct call *call;
	struct payment *payment;
	struct charge *outcome;
	const struct provider *provider;
	int64_t until;
	bool is_late; /* the keys are too old to be used */
};

/* What a short transaction changes, and what the row says behind it. */
struct change {
	const struct statement *statement;
	struct payment row;
};

static const struct problem *
change_row(struct call *call, void *context)
{
	struct change *change = context;
	struct payment row;
	bool found = true;
	const struct problem *p = payment_lock_payer(call, &change->row);

	if (p == NULL)
		p = sql_run(call, change->statement, &change->row, NULL);
	if (p == NULL)
		p = payment_read(call, change->row.id, &row, &found);
	if (p == NULL && !found)
		p = fail_internal(call, "a payment is gone");
	if (p == NULL)
		change->row = row;
	return p;
}

static const struct problem *
change(struct work *work, const struct statement *statement)
{
	struct change step = { .statement = statement, .row = *work->payment };
	const struct problem *p = step_apart(work->call, change_row, &step);

	if (p == NULL)
		*work->payment = step.row;
	return p;
}

static bool
may_be_charged(const struct payment *payment)
{
	return payment_is_open(payment) && !payment_has_state(payment, "requires_action");
}

static struct text
text_of(struct maybe_text text)
{
	return (struct text){ text.at, text.length };
}

static bool
has_time(const struct work *work)
{
	return clock_monotonic_microseconds() + LEAST_MICROSECONDS < work->until;
}

/* `topup-<id>-create`, `topup-<id>-confirm-2`: the first creation has no number. */
static const char *
key_of(struct work *work, const char *what, int64_t number, bool numbered)
{
	char ulid[ID_CHARACTERS + 1];

	id_format(work->payment->id, ulid);
	if (!numbered)
		return arena_format(work->call->arena, "topup-%s-%s", ulid, what).at;
	return arena_format(work->call->arena, "topup-%s-%s-%" PRId64, ulid, what, number).at;
}

/* ---- cancelling ------------------------------------------------------------------------------------------------ */

/* What does not end the intent leaves it to the next time. */
static const struct problem *
cancel_intent(struct work *work, const struct payment *payment, struct charge *out)
{
	const struct provider *provider = provider_named(payment->provider);
	const struct problem *p;

	*out = (struct charge){ .state = payment->intent_id.at == NULL ? CHARGE_NONE : CHARGE_UNKNOWN };
	if (payment->intent_id.at == NULL || provider == NULL)
		return NULL;
	if (!provider_is_believed(provider)) {
		out->state = CHARGE_NONE;
		return NULL;
	}
	p = provider->cancel(work->call, text_of(payment->intent_id), work->until, out);
	if (p == NULL && out->state != CHARGE_CANCELLED && out->state != CHARGE_SUCCEEDED &&
	    out->state != CHARGE_PROCESSING && out->state != CHARGE_NONE)
		out->state = CHARGE_UNKNOWN;
	return p;
}

struct earlier {
	struct payment row;
	struct charge charge;
	bool found;
};

static const struct problem *
read_earlier(struct call *call, void *context)
{
	struct earlier *earlier = context;
	struct id id = earlier->row.id;

	return payment_read(call, id, &earlier->row, &earlier->found);
}

static const struct problem *
book_earlier(struct call *call, void *context)
{
	struct earlier *earlier = context;

	return payment_book(call, &earlier->row, &earlier->charge, &earlier->row);
}

/* The payment whose place this one took has to be over at the processor, too. `*blocked`: this one may not be confirmed
 * now, or never. */
static const struct problem *
end_superseded(struct work *work, bool *blocked)
{
	struct earlier earlier = { .row.id = work->payment->supersedes.value };
	const struct problem *p;

	*blocked = false;
	if (!work->payment->supersedes.given)
		return NULL;
	p = step_apart(work->call, read_earlier, &earlier);
	if (p == NULL && earlier.found && earlier.row.cancel_due) {
		p = cancel_intent(work, &earlier.row, &earlier.charge);
		if (p == NULL)
			p = step_apart(work->call, book_earlier, &earlier);
	}
	if (p != NULL || !earlier.found)
		return p;
	if (payment_has_state(&earlier.row, "succeeded")) {
		*work->outcome = (struct charge){ .state = CHARGE_NONE,
			.code = text_given(TEXT(WHY_EARLIER_SUCCEEDED)),
			.message = text_given(TEXT("An earlier purchase has succeeded meanwhile.")) };
		*blocked = true;
	}
	*blocked = *blocked || earlier.row.cancel_due;
	return NULL;
}

/* ---- creating -------------------------------------------------------------------------------------------------- */

/* The intent becomes the payment's, unless it has one by now. */
static const struct problem *
adopt(struct work *work)
{
	struct maybe_text mine = work->outcome->intent_id;
	const struct problem *p;

	work->payment->intent_id = mine;
	p = change(work, &keep_intent);
	if (p != NULL)
		return p;
	if (!may_be_charged(work->payment) || work->payment->intent_id.at == NULL)
		*work->outcome = (struct charge){ .state = CHARGE_UNKNOWN };
	else if (!text_equal(text_of(work->payment->intent_id), text_of(mine)))
		*work->outcome = (struct charge){ .state = CHARGE_READY, .intent_id = work->payment->intent_id };
	return NULL;
}

static const struct problem *
find_intent(struct work *work)
{
	return work->provider->find(work->call, work->payment->customer_id, work->payment->id,
	    work->payment->created_at, work->until, work->outcome);
}

/* A key whose failure is stored never makes an intent: where there is none for sure, the next key does. */
static const struct problem *
create_intent(struct work *work)
{
	for (int tries = 1;; tries++) {
		const char *key = key_of(work, "create", work->payment->creations, work->payment->creations > 1);
		const struct problem *p =
		    work->provider->create(work->call, work->payment->request, key, work->until, work->outcome);

		if (p != NULL || work->outcome->state != CHARGE_UNKNOWN || work->outcome->intent_id.at != NULL)
			return p;
		if (tries >= TRIES_MAX || !has_time(work))
			return NULL;
		p = find_intent(work);
		if (p != NULL || work->outcome->state != CHARGE_NONE)
			return p;
		*work->outcome = (struct charge){ .state = CHARGE_UNKNOWN };
		p = change(work, &keep_creation);
		if (p != NULL || !may_be_charged(work->payment) || work->payment->intent_id.at != NULL)
			return p;
	}
}

static const struct problem *
need_intent(struct work *work)
{
	const struct problem *p = work->is_late ? find_intent(work) : create_intent(work);

	if (p == NULL && work->outcome->intent_id.at != NULL && work->outcome->state != CHARGE_NONE)
		p = adopt(work);
	return p;
}

/* ---- confirming ------------------------------------------------------------------------------------------------ */

/* The row is read right before, so that a payment which ended meanwhile is never charged. A provider answers READY only
 * where the confirmation has failed for good on its side: the next attempt has a key of its own. */
static const struct problem *
confirm(struct work *work)
{
	for (int tries = 1;; tries++) {
		const struct problem *p = change(work, &mark_charging);

		*work->outcome = (struct charge){ .state = CHARGE_UNKNOWN, .intent_id = work->payment->intent_id };
		if (p != NULL || !may_be_charged(work->payment) || work->payment->intent_id.at == NULL)
			return p;
		p = work->provider->confirm(work->call, text_of(work->payment->intent_id), work->payment->card_id,
		    key_of(work, "confirm", work->payment->attempt, true), work->until, work->outcome);
		if (p != NULL || work->outcome->state != CHARGE_READY)
			return p;
		p = change(work, &keep_attempt);
		if (p != NULL || tries >= TRIES_MAX || !has_time(work))
			return p;
	}
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

/* Nothing is sent under a key any more: what was never confirmed is cancelled, and has never begun. */
static const struct problem *
end_late(struct work *work)
{
	const struct problem *p =
	    work->provider->look(work->call, text_of(work->payment->intent_id), work->until, work->outcome);

	if (p == NULL && work->outcome->state == CHARGE_READY)
		p = cancel_intent(work, work->payment, work->outcome);
	if (p == NULL && work->outcome->state == CHARGE_CANCELLED)
		work->outcome->state = CHARGE_NONE;
	return p;
}

static const struct problem *
look_after_waiting(struct work *work)
{
	if (payment_is_older(work->call, work->payment, PAYMENT_WAITS_SECONDS))
		return cancel_intent(work, work->payment, work->outcome);
	return work->provider->look(work->call, text_of(work->payment->intent_id), work->until, work->outcome);
}

const struct problem *
payment_perform(struct call *call, struct payment *payment, struct charge *outcome)
{
	struct work work = { .call = call,
		.payment = payment,
		.outcome = outcome,
		.provider = provider_named(payment->provider),
		.until = clock_monotonic_microseconds() + PERFORM_MICROSECONDS,
		.is_late = payment_is_older(call, payment, PAYMENT_KEYS_SECONDS) };
	const struct problem *p = NULL;
	bool blocked = false;

	*outcome = (struct charge){ .state = CHARGE_UNKNOWN };
	if (work.provider == NULL)
		return fail_internal(call, "a payment at %s, which is no processor of ours", payment->provider.at);
	if (!provider_is_believed(work.provider)) {
		outcome->state = CHARGE_NONE;
		return NULL;
	}
	if (!payment_is_open(payment))
		return payment->cancel_due ? cancel_intent(&work, payment, outcome) : NULL;
	if (payment_has_state(payment, "requires_action"))
		return look_after_waiting(&work);
	if (!work.is_late)
		p = end_superseded(&work, &blocked);
	if (p != NULL || blocked)
		return p;
	/* An attempt that was confirmed before would be told the reply of then, which is kept with its key. */
	if (payment->intent_id.at == NULL)
		p = need_intent(&work);
	else
		p = work.provider->look(call, text_of(payment->intent_id), work.until, outcome);
	if (p != NULL || outcome->state != CHARGE_READY || payment->intent_id.at == NULL)
		return p;
	return work.is_late ? end_late(&work) : confirm(&work);
}

const struct resource payment_perform_resource = {
	.name = "payment_perform",
	.summary = "Charging cards at the processor.",
	.statements = LIST_OF(statement, &keep_intent, &keep_attempt, &keep_creation, &mark_charging),
};
