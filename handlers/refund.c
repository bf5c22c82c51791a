/*
 * What is known of refunds, and what follows for the payment and the ledger. The processor tells of a refund in several
 * ways and in any order: its answer, the refund itself, the charge's total. A total may be of before a refund failed;
 * so what is refunded is the greatest total less what failed, and at least the refunds that are known and did not fail.
 */
#include "refund.h"

#include <inttypes.h>

#include "clock.h"
#include "id.h"
#include "log.h"
#include "money.h"
#include "outbox.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

enum { MISSES_SECONDS = 72 * 3600, LOOK_SECONDS = 60, SOON_SECONDS = 10, LATE_SECONDS = 600, SECOND = 1000000 };

static const char key_prefix[] = "refund-";

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static const struct field refund_fields[] = {
	FIELD(refund, id, ANY, "The refund."),
	FIELD(refund, organization_id, ANY, "Whose payment it is of."),
	FIELD(refund, payment_id, ANY, "The payment."),
	FIELD(refund, amount, ANY, "How much."),
	FIELD(refund, currency, ANY, "In which currency."),
	FIELD(refund, reason, ANY, "Why."),
	FIELD(refund, state, ANY, "What became of it."),
	FIELD(refund, refund_id, ANY, "The processor's name of it."),
	FIELD(refund, clawed_credits, ANY, "The credits that it took back."),
	FIELD(refund, last_error, ANY, "Why it failed."),
	CLAIM_FIELDS(refund),
	FIELD(refund, created_at, ANY, "When it was asked for."),
	FIELD(refund, look_at, ANY, "When the sweeper looks at it next."),
	FIELD(refund, lease_token, ANY, "The sweeper's."),
};
const struct shape refund_shape = {
	.name = "refund",
	.size = sizeof(struct refund),
	.count = COUNT(refund_fields),
	.fields = refund_fields,
};

static const struct statement insert_refund = {
	.sql =
	    "INSERT INTO payment_refund (id, organization_id, payment_id, amount, currency, reason, state, refund_id,"
	    " clawed_credits, last_error, " CLAIM_COLUMNS ", created_at, look_at, closed_at)"
	    " VALUES (:id, :organization, :payment_id, :amount, :currency, :reason, :state, :refund_id,"
	    " :clawed_credits, :last_error, " CLAIM_PARAMETERS
	    ", :created_at, :look_at, IF(:state = 'pending', NULL, :now))",
	.takes = &refund_shape,
	.on_duplicate = CONFLICT,
};

static const struct statement lock_refund = {
	.sql = "SELECT " REFUND_COLUMNS
	       " FROM payment_refund WHERE organization_id = :organization AND id = :id FOR UPDATE",
	.takes = &refund_shape,
	.gives = &refund_shape,
};

static const struct statement lock_refund_told = {
	.sql = "SELECT " REFUND_COLUMNS " FROM payment_refund"
	       " WHERE organization_id = :organization AND refund_id = :refund_id FOR UPDATE",
	.takes = &refund_shape,
	.gives = &refund_shape,
};

static const struct statement change_refund = {
	.sql = "UPDATE payment_refund SET state = :state, refund_id = :refund_id, clawed_credits = :clawed_credits,"
	       " last_error = :last_error, look_at = :look_at, closed_at = IF(:state = 'pending', NULL, "
	       "COALESCE(closed_at, :now))"
	       " WHERE organization_id = :organization AND id = :id",
	.takes = &refund_shape,
};

struct sums {
	struct amount known, failed;
};
static const struct field sums_fields[] = {
	FIELD(sums, known, ANY, "Of refunds that did not fail."),
	FIELD(sums, failed, ANY, "Of refunds that failed after they were taken on."),
};
SHAPE(sums)

/* All but the row itself; what the processor never took on counts nowhere. */
static const struct statement sum_others = {
	.sql = "SELECT COALESCE(CAST(SUM(IF(state = 'failed', 0, amount)) AS SIGNED), 0) AS known,"
	       " COALESCE(CAST(SUM(IF(state = 'failed', amount, 0)) AS SIGNED), 0) AS failed FROM payment_refund"
	       " WHERE organization_id = :organization AND payment_id = :payment_id AND refund_id IS NOT NULL AND id "
	       "<> :id",
	.takes = &refund_shape,
	.gives = &sums_shape,
};

struct topup_refund
refund_answer(const struct refund *refund)
{
	return (struct topup_refund){ .id = refund->id,
		.topup_id = refund->payment_id,
		.organization_id = refund->organization_id,
		.amount = refund->amount,
		.currency = refund->currency,
		.status = refund->state,
		.credits_clawed = refund->clawed_credits,
		.created_at = refund->created_at };
}

const char *
refund_key(struct call *call, struct id refund)
{
	char id[ID_CHARACTERS + 1];

	id_format(refund, id);
	return arena_format(call->arena, "%s%s", key_prefix, id).at;
}

bool
refund_of_key(struct maybe_text key, struct id *refund)
{
	const size_t prefix = sizeof(key_prefix) - 1;

	if (key.at == NULL || !text_starts((struct text){ key.at, key.length }, key_prefix))
		return false;
	return id_parse((struct text){ key.at + prefix, key.length - prefix }, refund);
}

const struct problem *
refund_intend(struct call *call, struct refund *refund)
{
	const struct problem *p = claim_keep(call, &refund->claim);

	refund->state = TEXT("pending");
	refund->look_at = instant_given(instant_plus_seconds(call->now, LOOK_SECONDS));
	return p != NULL ? p : sql_run(call, &insert_refund, refund, NULL);
}

const struct problem *
refund_lock(struct call *call, struct id refund_id, struct refund *out, bool *found)
{
	struct refund query = { .id = refund_id };

	return sql_maybe(call, &lock_refund, &query, out, found);
}

/* ---- what is refunded altogether -------------------------------------------------------------------------------- */

static bool
is_taken_on(const struct refund *refund)
{
	return refund->refund_id.at != NULL;
}

static bool
is_failed(const struct refund *refund)
{
	return text_is(refund->state, "failed");
}

static int64_t
greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* A payment that is not booked yet has received nothing yet. */
static struct amount
bounded(const struct payment *payment, int64_t refunded)
{
	if (payment->received.micros > 0 && refunded > payment->received.micros)
		refunded = payment->received.micros;
	return (struct amount){ greater(refunded, 0) };
}

/* The credits that go with so much of what was received, half-even, as payment_settle_claws counts them. */
static bool
credits_of(const struct payment *payment, int64_t taken, int64_t *credits)
{
	if (payment->received.micros == 0)
		return *credits = 0, true;
	taken = bounded(payment, taken).micros;
	return share_of(payment->granted.count, taken, payment->received.micros, 1, credits);
}

/* The part of this refund in what the ledger takes back of the payment. */
static const struct problem *
count_credits(struct call *call, const struct payment *payment, struct amount refunded, struct refund *refund)
{
	int64_t taken = refunded.micros + payment->disputed.micros;
	int64_t after, before;

	if (!credits_of(payment, taken, &after) || !credits_of(payment, taken - refund->amount.micros, &before))
		return fail_internal(call, "the credits of a refund are beyond all bounds");
	refund->clawed_credits = (struct credits){ is_failed(refund) ? 0 : after - before };
	return NULL;
}

struct refund_event {
	struct amount amount;
	struct amount refunded;
	struct text currency;
};
static const struct field refund_event_fields[] = {
	FIELD(refund_event, amount, ANY, "How much."),
	FIELD(refund_event, refunded, ANY, "How much of the purchase is given back in all."),
	FIELD(refund_event, currency, ANY, "Of the amounts."),
};
SHAPE(refund_event)

static const struct event_type topup_refunded = {
	.type = "topup.refunded",
	.entity_type = "topup",
	.summary = "Money of a purchase was given back, and its credits taken.",
	.data = &refund_event_shape,
};

static const struct event_type topup_refund_failed = {
	.type = "topup.refund_failed",
	.entity_type = "topup",
	.summary = "Money that was to be given back did not arrive; its credits are there again.",
	.data = &refund_event_shape,
};

static const struct problem *
tell(struct call *call, const struct event_type *type, const struct payment *payment, int64_t micros)
{
	const struct refund_event event = { { micros }, payment->refunded, payment->currency };

	if (payment->invoice_id.given)
		return NULL; /* the invoice's own events tell */
	return outbox_tell(call, type, payment->id, &event);
}

/* The event first, the ledger last. */
static const struct problem *
settle(struct call *call, struct payment *payment, struct amount refunded)
{
	int64_t change = refunded.micros - payment->refunded.micros;
	const struct problem *p;

	if (change == 0)
		return NULL;
	payment->refunded = refunded;
	p = change > 0 ? tell(call, &topup_refunded, payment, change)
		       : tell(call, &topup_refund_failed, payment, -change);
	return p != NULL ? p : payment_settle_claws(call, payment);
}

static const struct problem *
answer_claim(struct call *call, const struct refund *refund)
{
	struct topup_refund answer = refund_answer(refund);

	if (text_is(refund->state, "pending"))
		return NULL;
	if (is_failed(refund))
		return claim_drop(call, &refund->claim);
	return claim_answer(call, &refund->claim, &answer);
}

/* The row as it is from now on, new or changed, with all that follows. `before` is how it was, `total` the greatest
 * that the charge was told to have been refunded. */
static const struct problem *
become(struct call *call, struct payment *payment, const struct refund *before, struct refund *after, bool is_new,
    struct amount total)
{
	bool fails = is_taken_on(after) && is_failed(after) && !is_failed(before);
	struct amount refunded;
	struct sums sums;
	const struct problem *p = sql_one(call, &sum_others, after, &sums);

	if (p != NULL)
		return p;
	if (is_taken_on(after) && is_failed(after))
		sums.failed.micros += after->amount.micros;
	else if (is_taken_on(after))
		sums.known.micros += after->amount.micros;
	refunded.micros = greater(payment->refunded.micros - (fails ? after->amount.micros : 0), sums.known.micros);
	refunded = bounded(payment, greater(refunded.micros, total.micros - sums.failed.micros));
	if (!text_is(after->state, "pending"))
		after->look_at.given = false;
	if (!is_taken_on(before) || is_failed(after))
		p = count_credits(call, payment, refunded, after);
	if (p == NULL)
		p = sql_run(call, is_new ? &insert_refund : &change_refund, after, NULL);
	if (p == NULL)
		p = answer_claim(call, after);
	return p != NULL ? p : settle(call, payment, refunded);
}

/* ---- what the processor answered -------------------------------------------------------------------------------- */

/* Often at first, then less. */
static struct maybe_instant
look_again(const struct call *call, const struct refund *refund)
{
	int64_t age = (call->now.microseconds - refund->created_at.microseconds) / SECOND / 4;

	if (age < SOON_SECONDS)
		age = SOON_SECONDS;
	return instant_given(instant_plus_seconds(call->now, age > LATE_SECONDS ? LATE_SECONDS : age));
}

const struct problem *
refund_book(struct call *call, struct payment *payment, struct refund *refund, const struct provider_refund *outcome)
{
	struct refund after = *refund;
	const struct problem *p;

	if (!text_is(refund->state, "pending"))
		return NULL;
	after.look_at = look_again(call, refund);
	if (outcome->reply.answer == PROVIDER_DONE) {
		after.refund_id = text_given(outcome->id);
		after.state = outcome->pending ? TEXT("pending") : TEXT("succeeded");
	} else if (outcome->reply.answer == PROVIDER_REFUSED) {
		after.state = TEXT("failed");
		after.last_error = outcome->reply.message;
	}
	p = become(call, payment, refund, &after, false,
	    outcome->reply.answer == PROVIDER_DONE ? outcome->refunded : (struct amount){ 0 });
	*refund = after;
	return p;
}

/* The charge is of another account than the key, for days: nobody can tell any more. */
static void
give_up(struct call *call, struct refund *refund)
{
	log_error(
	    "%s: for 72 hours the processor has known of no such charge; it is given up", refund_key(call, refund->id));
	refund->state = TEXT("failed");
	refund->last_error = text_given(TEXT("The card processor does not know of the charge."));
}

const struct problem *
refund_end(struct call *call, struct payment *payment, struct refund *refund, const struct charge *seen)
{
	struct refund after = *refund;
	struct amount total = { 0 };
	struct sums sums;
	const struct problem *p;

	if (!text_is(refund->state, "pending"))
		return NULL;
	p = sql_one(call, &sum_others, refund, &sums);
	if (p != NULL)
		return p;
	after.look_at = look_again(call, refund);
	if (seen->state == CHARGE_SUCCEEDED) {
		bool is_there = seen->refunded.micros - sums.known.micros >= refund->amount.micros;

		after.state = is_there ? TEXT("succeeded") : TEXT("failed");
		if (!is_there)
			after.last_error = text_given(TEXT("The card processor did not keep the refund."));
		/* It is of now, so what failed before is in it no more. */
		total.micros = seen->refunded.micros + sums.failed.micros;
	} else if (seen->is_missing &&
		   !instant_before(call->now, instant_plus_seconds(refund->created_at, MISSES_SECONDS))) {
		give_up(call, &after);
	}
	p = become(call, payment, refund, &after, false, total);
	*refund = after;
	return p;
}

const struct problem *
refund_refusal(struct call *call, const struct refund *refund)
{
	struct text why = text_or(refund->last_error, "it gave no reason");

	if (!is_failed(refund))
		return NULL;
	while (why.length > 0 && (why.at[why.length - 1] == '.' || why.at[why.length - 1] == '\n'))
		why.length--;
	return problem_kept(
	    call, fail(call, CONFLICT, "The card processor refused the refund: %.*s.", (int)why.length, why.at));
}

/* ---- what the processor told ------------------------------------------------------------------------------------ */

/* By the processor's name, else by the key that it was asked for with. */
static const struct problem *
find_told(
    struct call *call, const struct payment *payment, const struct told_refund *told, struct refund *out, bool *found)
{
	struct refund query = { .refund_id = text_given(told->refund_id) };
	const struct problem *p = sql_maybe(call, &lock_refund_told, &query, out, found);
	struct id id;

	if (p != NULL || *found || !refund_of_key(told->key, &id))
		return p;
	p = refund_lock(call, id, out, found);
	*found = *found && id_equal(out->payment_id, payment->id);
	return p;
}

static struct refund
made_there(struct call *call, const struct payment *payment, const struct told_refund *told)
{
	return (struct refund){ .id = id_new(call->now),
		.organization_id = payment->organization_id,
		.payment_id = payment->id,
		.amount = told->amount,
		.currency = payment->currency,
		.reason = TEXT("Refunded at the card processor."),
		.created_at = told->created_at };
}

/* A refund that ended does not become pending again, and one that failed stays so. One that is only pending there is as
 * good as done, unless it was asked for here and somebody waits. */
static struct text
state_told(const struct refund *before, const struct told_refund *told, bool is_new)
{
	if (told->failed || (!is_new && is_failed(before) && is_taken_on(before)))
		return TEXT("failed");
	return told->pending && !is_new && text_is(before->state, "pending") ? TEXT("pending") : TEXT("succeeded");
}

const struct problem *
refund_told(struct call *call, struct payment *payment, const struct told_refund *told)
{
	struct refund before, after;
	bool found;
	const struct problem *p = find_told(call, payment, told, &before, &found);

	if (p != NULL || told->amount.micros <= 0)
		return p;
	if (!found)
		before = made_there(call, payment, told);
	if (found && told->failed && is_failed(&before))
		return NULL; /* one that was never taken on is in no total */
	after = before;
	after.refund_id = text_given(told->refund_id);
	after.state = state_told(&before, told, !found);
	if (found && is_taken_on(&before) && text_is(after.state, before.state.at))
		return NULL;
	if (is_failed(&after) && after.last_error.at == NULL)
		after.last_error = text_given(TEXT("The refund failed after the card processor had taken it on."));
	return become(call, payment, &before, &after, !found, (struct amount){ 0 });
}

const struct problem *
refund_total_told(struct call *call, struct payment *payment, struct amount total)
{
	struct refund none = { .payment_id = payment->id };
	struct sums sums;
	const struct problem *p = sql_one(call, &sum_others, &none, &sums);

	if (p != NULL)
		return p;
	return settle(
	    call, payment, bounded(payment, greater(payment->refunded.micros, total.micros - sums.failed.micros)));
}

const struct resource refund_resource = {
	.name = "refund",
	.summary = "What is known of refunds.",
	.statements = LIST_OF(statement, &insert_refund, &lock_refund, &lock_refund_told, &change_refund, &sum_others),
	.events = LIST_OF(event_type, &topup_refunded, &topup_refund_failed),
};
