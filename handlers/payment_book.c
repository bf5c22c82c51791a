/*
 * Making an outcome true. The payment's row is locked first and decides: whoever comes first books, everybody after
 * finds it done. What is booked is what the processor says was received, also where the payment had failed before.
 */
#include "payment_parts.h"

#include <inttypes.h>

#include "clock.h"
#include "id.h"
#include "invoice.h"
#include "ledger.h"
#include "log.h"
#include "money.h"
#include "resources.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

struct book_balance {
	struct credits balance;
};
static const struct field book_balance_fields[] = {
	FIELD(book_balance, balance, ANY, "Available and reserved."),
};
SHAPE(book_balance)

static const struct statement read_balance = {
	.sql = "SELECT available + reserved AS balance FROM book WHERE organization_id = :organization",
	.gives = &book_balance_shape,
};

/* ---- what waits for the outcome ---------------------------------------------------------------------------------- */

static bool
has_error(const struct payment *payment, const char *code)
{
	return payment->error_code.at != NULL &&
	       text_is((struct text){ payment->error_code.at, payment->error_code.length }, code);
}

static const struct problem *
refuse_later(struct call *call, const struct payment *payment)
{
	char ulid[ID_CHARACTERS + 1];

	id_format(payment->supersedes.value, ulid);
	return problem_with_text(call, fail(call, CONFLICT, "An earlier purchase has succeeded meanwhile."), "topup_id",
	    arena_format(call->arena, "%s", ulid).at);
}

const struct problem *
payment_refusal(struct call *call, const struct payment *payment)
{
	const struct problem *p;

	if (!payment_has_state(payment, "failed") || has_error(payment, WHY_CANCELLED) ||
	    has_error(payment, WHY_LAPSED) || has_error(payment, WHY_SUPERSEDED) || has_error(payment, WHY_CLOSED) ||
	    has_error(payment, WHY_GIVEN_UP))
		return NULL;
	if (has_error(payment, WHY_EARLIER_SUCCEEDED))
		return problem_kept(call, refuse_later(call, payment));
	if (has_error(payment, WHY_REFUSED))
		p = fail(call, CARD_DECLINED, "The processor does not charge this card.");
	else
		p = fail(call, CARD_DECLINED, "The card was declined, and nothing was charged.");
	p = problem_with_text(call, p, "decline_code",
	    arena_format(call->arena, "%s", text_or(payment->error_code, "card_declined").at).at);
	return problem_kept(call, p);
}

/* Only what was tried is remembered under the caller's key. */
static const struct problem *
answer(struct call *call, const struct payment *payment)
{
	const struct problem *refusal = payment_refusal(call, payment);

	if (refusal != NULL && (refusal->kind != CARD_DECLINED || has_error(payment, WHY_REFUSED)))
		return claim_drop(call, &payment->claim);
	if (refusal != NULL)
		return claim_refuse(call, &payment->claim, refusal);
	if (text_is(payment->purpose, "approval"))
		return approval_answer(call, payment);
	if (text_is(payment->purpose, "subscription"))
		return subscription_answer(call, payment);
	if (text_is(payment->purpose, "invoice"))
		return invoice_answer(call, payment);
	return text_is(payment->purpose, "topup") ? topup_answer(call, payment) : NULL;
}

static const struct problem *
tell_declined(struct call *call, const struct payment *payment, const struct charge *outcome)
{
	if (text_is(payment->purpose, "approval") && payment_has_state(payment, "failed"))
		return approval_declined(call, payment);
	if (text_is(payment->purpose, "subscription") && payment_has_state(payment, "failed"))
		return subscription_declined(call, payment);
	if (text_is(payment->purpose, "invoice"))
		return invoice_declined(call, payment);
	return text_is(payment->purpose, "auto_topup") ? auto_topup_declined(call, payment, outcome) : NULL;
}

/* ---- success --------------------------------------------------------------------------------------------------- */

bool
payment_tax_of(const struct payment *payment, struct amount part, struct amount *tax)
{
	return share_of(payment->tax.micros, part.micros, payment->amount.micros, MINOR_UNIT_MICROS, &tax->micros);
}

struct text
payment_money_lines(struct call *call, struct text currency, struct amount amount, struct amount tax)
{
	struct buffer lines = buffer_new(call->arena, 300);

	buffer_format(&lines, "[{\"account\":\"processor_clearing\",\"unit\":\"%s\",\"amount\":%" PRId64 "}",
	    currency.at, amount.micros);
	if (amount.micros != tax.micros)
		buffer_format(&lines, ",{\"account\":\"sold\",\"unit\":\"%s\",\"amount\":%" PRId64 "}", currency.at,
		    tax.micros - amount.micros);
	if (tax.micros != 0)
		buffer_format(
		    &lines, ",{\"account\":\"tax\",\"unit\":\"%s\",\"amount\":%" PRId64 "}", currency.at, -tax.micros);
	buffer_add_char(&lines, ']');
	return buffer_text(&lines);
}

/* What was asked for, or as many credits as the money buys. */
static const struct problem *
grant(struct call *call, struct payment *row, const struct charge *outcome)
{
	struct price price;
	const struct problem *p;

	if (outcome->received.micros <= 0)
		return fail_internal(call, "a payment succeeded with nothing received");
	if (outcome->currency.at != NULL &&
	    !text_equal((struct text){ outcome->currency.at, outcome->currency.length }, row->currency))
		return fail_internal(
		    call, "a payment in %s was received in %s", row->currency.at, outcome->currency.at);
	row->received = outcome->received;
	row->granted = row->credits;
	if (row->received.micros == row->amount.micros || text_is(row->purpose, "invoice"))
		return NULL;
	p = payment_price(call, row->credits, &price);
	if (p == NULL)
		row->granted.count = row->received.micros / price.each.micros;
	return p;
}

static const struct problem *
post(struct call *call, struct payment *row)
{
	struct posting posting = {
		.reason = text_is(row->purpose, "auto_topup") ? LEDGER_AUTO_TOPUP : LEDGER_TOPUP,
		.credits = row->granted,
		.description = row->description,
		.reference_type = text_given(TEXT("topup")),
		.reference_id = id_given(row->id),
		.lot_source = text_given(TEXT("paid")),
	};
	struct posted posted;
	struct amount tax;
	const struct problem *p;

	if (!payment_tax_of(row, row->received, &tax))
		return fail_internal(call, "the tax of a payment overflows");
	posting.money = text_given(payment_money_lines(call, row->currency, row->received, tax));
	p = ledger_post(call, &posting, &posted);
	if (p != NULL)
		return p;
	row->entry_id = id_given(posted.entry_id);
	row->balance.given = true;
	row->balance.value.count = posted.available.count + posted.reserved.count;
	return NULL;
}

/* Refunds that were told before the success count from here on. */
static const struct problem *
settle_early_claws(struct call *call, struct payment *row, const struct charge *outcome)
{
	if (outcome->refunded.micros > row->refunded.micros)
		row->refunded = outcome->refunded;
	if (row->refunded.micros == 0 && row->disputed.micros == 0)
		return NULL;
	return payment_settle_claws(call, row);
}

static const struct problem *
book_success(struct call *call, struct payment *row, const struct charge *outcome)
{
	const struct problem *p = grant(call, row, outcome);

	if (p != NULL)
		return p;
	row->state = TEXT("succeeded");
	if (outcome->intent_id.at != NULL)
		row->intent_id = outcome->intent_id;
	row->client_secret = (struct bytes){ .at = NULL };
	row->error_code = row->last_error = (struct maybe_text){ .at = NULL };
	row->charged_at = outcome->created_at.given ? outcome->created_at : instant_given(call->now);
	row->cancel_due = false;
	row->look_at.given = false;
	p = text_is(row->purpose, "approval") ? approval_paid(call, row) : NULL;
	if (p == NULL && text_is(row->purpose, "subscription"))
		p = subscription_expect(call, row);
	if (p == NULL && text_is(row->purpose, "invoice"))
		p = invoice_expect(call, row);
	if (p == NULL)
		p = text_is(row->purpose, "invoice") ? invoice_charged(call, row) : post(call, row);
	if (p == NULL && text_is(row->purpose, "subscription"))
		p = subscription_paid(call, row);
	/* Whoever spends takes the book first, and then makes automatic top-ups due. */
	if (p == NULL && text_is(row->purpose, "auto_topup"))
		p = auto_topup_paid(call, row);
	if (p == NULL)
		p = payment_save(call, row);
	if (p == NULL)
		p = settle_early_claws(call, row, outcome);
	if (p == NULL)
		p = payment_announce(call, row);
	if (p == NULL)
		p = answer(call, row);
	/* The number of its invoice is everybody's: whoever has locked it holds up all others until the commit. */
	return p != NULL || text_is(row->purpose, "invoice") ? p : invoice_for_payment(call, row);
}

/* ---- failure --------------------------------------------------------------------------------------------------- */

static const char *
reason_of(const struct charge *outcome)
{
	if (outcome->state == CHARGE_REFUSED)
		return WHY_REFUSED;
	if (outcome->state == CHARGE_CANCELLED)
		return WHY_CANCELLED;
	if (outcome->code.at != NULL)
		return outcome->code.at;
	return outcome->state == CHARGE_NONE ? WHY_LAPSED : "card_declined";
}

static const char *
words_of(const struct charge *outcome)
{
	switch (outcome->state) {
	case CHARGE_REFUSED:
		return "The processor does not charge this card.";
	case CHARGE_CANCELLED:
		return "The charge was cancelled.";
	case CHARGE_NONE:
		return "The charge never began.";
	default:
		return "The card was declined.";
	}
}

static const struct problem *
note_balance(struct call *call, struct payment *row)
{
	struct book_balance book;
	const struct problem *p = sql_one(call, &read_balance, NULL, &book);

	row->balance.given = p == NULL;
	if (p == NULL)
		row->balance.value = book.balance;
	return p;
}

/* Whoever has the client secret could still pay: such an intent is cancelled, too. */
static const struct problem *
book_failure(struct call *call, struct payment *row, const struct charge *outcome)
{
	bool secret_is_out = payment_has_state(row, "requires_action") || row->client_secret.at != NULL;
	bool could_be_paid = outcome->state == CHARGE_DECLINED && secret_is_out;
	bool has_words = outcome->message.at != NULL && outcome->state != CHARGE_REFUSED;
	const struct problem *p;

	row->state = TEXT("failed");
	row->error_code = text_given(text_from(reason_of(outcome)));
	row->last_error = has_words ? outcome->message : text_given(text_from(words_of(outcome)));
	row->client_secret = (struct bytes){ .at = NULL };
	row->cancel_due = could_be_paid;
	row->look_at = (struct maybe_instant){ call->now, could_be_paid };
	if (row->intent_id.at == NULL)
		row->intent_id = outcome->intent_id;
	p = tell_declined(call, row, outcome);
	if (p == NULL)
		p = note_balance(call, row);
	if (p == NULL)
		p = payment_save(call, row);
	if (p == NULL)
		p = payment_announce(call, row);
	return p != NULL ? p : answer(call, row);
}

/* ---- not over yet ---------------------------------------------------------------------------------------------- */

/* The longer it takes, the less often somebody looks. */
static struct maybe_instant
look_again(const struct call *call, const struct payment *row)
{
	static const int64_t seconds[] = { 5, 30, 120, 600, 3600 };
	size_t looks = row->lease_token < 0 ? 0 : (size_t)row->lease_token;

	return instant_given(
	    instant_plus_seconds(call->now, seconds[looks < COUNT(seconds) ? looks : COUNT(seconds) - 1]));
}

/* Somebody may authenticate without our being told; and when its time is over, it ends. */
static struct maybe_instant
look_for_person(const struct call *call, const struct payment *row)
{
	static const int64_t seconds[] = { 60, 600, 3600 };
	struct instant end = instant_plus_seconds(row->created_at, PAYMENT_WAITS_SECONDS), next;
	size_t i = 0;

	if (payment_is_older(call, row, PAYMENT_WAITS_SECONDS))
		return look_again(call, row);
	while (i + 1 < COUNT(seconds) && payment_is_older(call, row, seconds[i]))
		i++;
	next = instant_plus_seconds(call->now, seconds[i]);
	return instant_given(instant_before(next, end) ? next : end);
}

static void
keep_secret(struct call *call, struct payment *row, const struct charge *outcome)
{
	struct text secret = { outcome->client_secret.at, outcome->client_secret.length };

	if (secret.at != NULL && row->client_secret.at == NULL)
		row->client_secret = seal(call->arena, secret, payment_seal_context(call, row->id));
}

static const struct problem *
book_action(struct call *call, struct payment *row, const struct charge *outcome)
{
	bool is_new = !payment_has_state(row, "requires_action");
	const struct problem *p;

	row->look_at = look_for_person(call, row);
	keep_secret(call, row, outcome);
	if (!is_new)
		return payment_save(call, row);
	row->state = TEXT("requires_action");
	row->error_code = text_given(TEXT("authentication_required"));
	row->last_error = text_given(TEXT("The card's holder has to authenticate."));
	if (row->intent_id.at == NULL)
		row->intent_id = outcome->intent_id;
	p = tell_declined(call, row, outcome);
	if (p == NULL)
		p = note_balance(call, row);
	if (p == NULL)
		p = payment_save(call, row);
	if (p == NULL)
		p = payment_announce(call, row);
	return p != NULL ? p : answer(call, row);
}

static const struct problem *
book_unfinished(struct call *call, struct payment *row, const struct charge *outcome)
{
	if (outcome->state == CHARGE_PROCESSING)
		row->state = TEXT("charging");
	else if (!payment_has_state(row, "requires_action"))
		row->state = TEXT("unknown");
	if (row->intent_id.at == NULL)
		row->intent_id = outcome->intent_id;
	row->look_at = look_again(call, row);
	return payment_save(call, row);
}

/* A payment that failed: its intent may have to be cancelled still. */
static const struct problem *
book_closed(struct call *call, struct payment *row, const struct charge *outcome)
{
	bool is_over = outcome->state == CHARGE_CANCELLED || outcome->state == CHARGE_NONE;

	if (!row->cancel_due && !row->look_at.given)
		return NULL;
	row->cancel_due = row->cancel_due && !is_over;
	row->look_at = row->cancel_due ? look_again(call, row) : (struct maybe_instant){ .given = false };
	return payment_save(call, row);
}

/* The key of another account sees none of our intents. One that is missing for days is given up, for the operator to
 * look into; money that arrives for it after all is booked. */
static void
note_missing(struct call *call, struct payment *row, struct charge *outcome)
{
	char ulid[ID_CHARACTERS + 1];

	if (outcome->is_missing && !row->missing_since.given)
		row->missing_since = instant_given(call->now);
	if (!outcome->is_missing && outcome->state != CHARGE_UNKNOWN)
		row->missing_since.given = false;
	if (!outcome->is_missing ||
	    instant_before(call->now, instant_plus_seconds(row->missing_since.value, PAYMENT_MISSES_SECONDS)))
		return;
	id_format(row->id, ulid);
	log_error("payment %s: for 72 hours the processor has known of no intent %s; it is given up", ulid,
	    text_or(row->intent_id, "").at);
	*outcome = (struct charge){ .state = CHARGE_NONE,
		.message = text_given(TEXT("The card processor does not know of the charge.")) };
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

const struct problem *
payment_book(struct call *call, const struct payment *known, const struct charge *told, struct payment *payment)
{
	struct charge outcome = *told;
	const struct problem *p;
	bool found;

	p = payment_lock_known(call, known, payment, &found);
	if (p != NULL)
		return p;
	if (!found)
		return fail_internal(call, "the payment to be booked is not there");
	if (payment_has_state(payment, "succeeded"))
		return NULL;
	note_missing(call, payment, &outcome);
	if (outcome.state == CHARGE_SUCCEEDED)
		return book_success(call, payment, &outcome);
	if (!payment_is_open(payment))
		return book_closed(call, payment, &outcome);
	switch (outcome.state) {
	case CHARGE_ACTION:
		return book_action(call, payment, &outcome);
	case CHARGE_UNKNOWN:
	case CHARGE_READY:
	case CHARGE_PROCESSING:
		return book_unfinished(call, payment, &outcome);
	default:
		return book_failure(call, payment, &outcome);
	}
}

const struct resource payment_book_resource = {
	.name = "payment_book",
	.summary = "What became of charges to cards.",
	.statements = LIST_OF(statement, &read_balance),
};
