/*
 * Payment intents at Stripe: made, confirmed, looked at, cancelled. Creating charges nothing; only a confirmation does.
 * A confirmation that got no answer is never taken for one that did not happen: what a look shows then may be of
 * before.
 */
#include "stripe_parts.h"

#include <assert.h>

#include "clock.h"
#include "id.h"
#include "text.h"

#define EXPAND "expand%5B%5D=latest_charge"

enum { DESCRIPTION_MOST = 250, ID_MOST = 100, LOOK_TIME = 1000000 };

#define LATEST_SECONDS INT64_C(253402300799) /* the end of the year 9999 */

static const char authentication_required[] = "authentication_required";

/* ---- members ---------------------------------------------------------------------------------------------------- */

struct amount
stripe_amount(const struct tree *object, const char *path)
{
	int64_t units;

	if (!tree_integer(object, path, &units) || units < 0 || units > INT64_MAX / MINOR_UNIT_MICROS)
		return (struct amount){ 0 };
	return (struct amount){ units * MINOR_UNIT_MICROS };
}

struct amount
stripe_amount_back(const struct tree *object, const char *path)
{
	int64_t units;

	if (!tree_integer(object, path, &units) || units < 0)
		return (struct amount){ 0 };
	return (struct amount){ units > PROVIDER_MOST / MINOR_UNIT_MICROS ? PROVIDER_MOST : units * MINOR_UNIT_MICROS };
}

bool
stripe_minor_units(struct amount amount, int64_t *units)
{
	*units = amount.micros / MINOR_UNIT_MICROS;
	return amount.micros > 0 && amount.micros % MINOR_UNIT_MICROS == 0;
}

struct maybe_instant
stripe_instant(const struct tree *object, const char *path)
{
	int64_t seconds;

	if (!tree_integer(object, path, &seconds) || seconds < 0 || seconds > LATEST_SECONDS)
		return (struct maybe_instant){ 0 };
	return (struct maybe_instant){ { seconds * 1000000 }, true };
}

struct maybe_text
stripe_currency(struct arena *arena, const struct tree *object)
{
	struct maybe_text lower = tree_text(object, "currency");
	char upper[3];

	if (lower.at == NULL || lower.length != sizeof(upper))
		return (struct maybe_text){ 0 };
	for (size_t i = 0; i < sizeof(upper); i++)
		upper[i] = lower.at[i] >= 'a' && lower.at[i] <= 'z' ? (char)(lower.at[i] - 'a' + 'A') : lower.at[i];
	return text_given(arena_text(arena, upper, sizeof(upper)));
}

struct maybe_text
stripe_id(const struct tree *object, const char *path)
{
	const struct tree *found = tree_at(object, path);

	return tree_text(found, found != NULL && found->kind == TREE_OBJECT ? "id" : "");
}

/* ---- what an intent tells --------------------------------------------------------------------------------------- */

static bool
wants_authentication(const struct tree *error)
{
	return text_is(text_or(tree_text(error, "code"), ""), authentication_required) ||
	       text_is(text_or(tree_text(error, "decline_code"), ""), authentication_required);
}

/* Open for a card: a card was declined, or has to be confirmed by its holder, or none was tried. */
static enum charge_state
state_without_card(const struct tree *intent)
{
	const struct tree *error = tree_at(intent, "last_payment_error");

	if (error == NULL || error->kind != TREE_OBJECT)
		return CHARGE_READY;
	return wants_authentication(error) ? CHARGE_ACTION : CHARGE_DECLINED;
}

static enum charge_state
state_of(const struct tree *intent)
{
	static const struct {
		const char *status;
		enum charge_state state;
	} states[] = {
		{ "succeeded", CHARGE_SUCCEEDED },
		{ "processing", CHARGE_PROCESSING },
		{ "requires_action", CHARGE_ACTION },
		{ "requires_confirmation", CHARGE_READY },
		{ "canceled", CHARGE_CANCELLED },
	};
	struct text status = text_or(tree_text(intent, "status"), "");

	if (text_is(status, "requires_payment_method"))
		return state_without_card(intent);
	for (size_t i = 0; i < COUNT(states); i++)
		if (text_is(status, states[i].status))
			return states[i].state;
	return CHARGE_UNKNOWN;
}

bool
stripe_read_charge(struct arena *arena, const struct tree *intent, struct charge *out)
{
	struct maybe_text id = tree_text(intent, "id");

	if (!text_is(text_or(tree_text(intent, "object"), ""), "payment_intent") || id.length == 0 ||
	    id.length > ID_MOST)
		return false;
	*out = (struct charge){ .state = state_of(intent),
		.intent_id = id,
		.payment_id = tree_text(intent, "metadata.topup_id"),
		.currency = stripe_currency(arena, intent),
		.created_at = stripe_instant(intent, "created") };
	if (out->state == CHARGE_SUCCEEDED) {
		out->received = stripe_amount(intent, "amount_received");
		out->refunded = stripe_amount_back(intent, "latest_charge.amount_refunded");
	} else if (out->state == CHARGE_ACTION || out->state == CHARGE_DECLINED) {
		stripe_read_error(arena, tree_at(intent, "last_payment_error"), &out->code, &out->message);
	}
	if (out->state == CHARGE_ACTION)
		out->client_secret = tree_text(intent, "client_secret");
	return true;
}

static bool
is_final(enum charge_state state)
{
	return state == CHARGE_SUCCEEDED || state == CHARGE_CANCELLED;
}

static struct charge
refused(struct text intent_id, enum charge_state state, const struct stripe_reply *reply)
{
	return (struct charge){
		.state = state, .intent_id = text_given(intent_id), .code = reply->code, .message = reply->message
	};
}

/* An intent of ours that is not there is another account's, for which we may have the key again tomorrow. */
static struct charge
missing(struct text intent_id, const struct stripe_reply *reply)
{
	struct charge out = refused(intent_id, CHARGE_UNKNOWN, reply);

	out.is_missing = true;
	return out;
}

/* ---- look ------------------------------------------------------------------------------------------------------- */

/* A refusal says nothing about the intent: our settings may have changed since it was charged. */
const struct problem *
stripe_look(struct call *call, struct text intent_id, int64_t until, struct charge *out)
{
	struct stripe_request request = { .method = "GET",
		.path = stripe_path(call, "/v1/payment_intents/", intent_id, "?" EXPAND),
		.until = until };
	struct stripe_reply reply;
	const struct problem *p = stripe_send(call, &request, &reply);

	if (p != NULL)
		return p;
	if (reply.outcome == STRIPE_DONE && stripe_read_charge(call->arena, reply.body, out))
		return NULL;
	*out = reply.status == 404 ? missing(intent_id, &reply) : refused(intent_id, CHARGE_UNKNOWN, &reply);
	return NULL;
}

/* ---- create ----------------------------------------------------------------------------------------------------- */

static struct text
lower_case(struct call *call, struct text currency)
{
	struct buffer lower = buffer_new(call->arena, 4);

	for (size_t i = 0; i < currency.length; i++)
		buffer_add_char(&lower, (char)(currency.at[i] | 0x20));
	return buffer_text(&lower);
}

struct text
stripe_purchase_request(struct call *call, const struct purchase *purchase)
{
	struct buffer form = buffer_new(call->arena, 512);
	char id[ID_CHARACTERS + 1];
	int64_t units;
	bool is_whole = stripe_minor_units(purchase->amount, &units);

	assert(is_whole);
	(void)is_whole;
	stripe_put_integer(&form, "amount", units);
	stripe_put(&form, "currency", lower_case(call, purchase->currency));
	stripe_put(&form, "customer", purchase->customer_id);
	stripe_put(&form, "payment_method", purchase->card_id);
	stripe_put(&form, "payment_method_types[]", TEXT("card"));
	if (purchase->description.length > 0)
		stripe_put(&form, "description", text_cut(purchase->description, DESCRIPTION_MOST));
	id_format(purchase->payment_id, id);
	stripe_put(&form, "metadata[topup_id]", text_from(id));
	id_format(purchase->organization_id, id);
	stripe_put(&form, "metadata[organization_id]", text_from(id));
	return buffer_text(&form);
}

/* The stored answer of a repetition tells of an intent that has just been made: look how it is now. */
const struct problem *
stripe_create(struct call *call, struct text request, const char *key, int64_t until, struct charge *out)
{
	struct stripe_request sent = {
		.method = "POST", .path = TEXT("/v1/payment_intents"), .form = request, .key = key, .until = until
	};
	struct stripe_reply reply;
	const struct problem *p = stripe_send(call, &sent, &reply);
	struct charge now;

	*out = (struct charge){ .state = CHARGE_UNKNOWN };
	if (p != NULL)
		return p;
	if (reply.outcome == STRIPE_REFUSED)
		*out = (struct charge){ .state = CHARGE_REFUSED, .code = reply.code, .message = reply.message };
	if (reply.outcome != STRIPE_DONE || !stripe_read_charge(call->arena, reply.body, out) || !reply.replayed)
		return NULL;
	p = stripe_look(call, (struct text){ out->intent_id.at, out->intent_id.length }, until, &now);
	if (p == NULL && now.state != CHARGE_UNKNOWN)
		*out = now;
	return p;
}

/* ---- confirm and cancel ------------------------------------------------------------------------------------------ */

/* How much of a look counts. */
enum trust {
	ALL,          /* nothing of ours is under way */
	MONEY_OR_END, /* ours may be under way: only what it can't undo counts */
};

/* Puts what a look shows in the place of what is known, where it counts. */
static const struct problem *
look_over(struct call *call, struct text intent_id, int64_t until, enum trust trust, struct charge *known)
{
	struct charge seen;
	const struct problem *p = stripe_look(call, intent_id, until, &seen);

	if (p != NULL || seen.state == CHARGE_UNKNOWN)
		return p;
	if (trust == ALL || is_final(seen.state) || seen.state == CHARGE_PROCESSING)
		*known = seen;
	return NULL;
}

/* 402: the error holds the intent, in the state that the version of the API gives it. */
static struct charge
read_decline(struct call *call, struct text intent_id, const struct stripe_reply *reply)
{
	const struct tree *error = tree_at(reply->body, "error");
	struct charge out;

	if (!stripe_read_charge(call->arena, tree_at(error, "payment_intent"), &out))
		out = (struct charge){ .intent_id = text_given(intent_id) };
	out.state = wants_authentication(error) ? CHARGE_ACTION : CHARGE_DECLINED;
	out.client_secret = (struct maybe_text){ 0 };
	if (out.state == CHARGE_ACTION)
		out.client_secret = tree_text(error, "payment_intent.client_secret");
	out.code = reply->code;
	out.message = reply->message;
	return out;
}

static bool
is_unexpected_state(const struct stripe_reply *reply)
{
	return reply->status == 400 &&
	       text_is(text_or(tree_text(reply->body, "error.code"), ""), "payment_intent_unexpected_state");
}

/* A refusal that was judged under the key shows that nothing is under way by it. */
static const struct problem *
take_refused(
    struct call *call, struct text intent_id, int64_t until, const struct stripe_reply *reply, struct charge *out)
{
	if (reply->status == 402) {
		*out = read_decline(call, intent_id, reply);
		if (!reply->replayed && (out->state != CHARGE_ACTION || out->client_secret.at != NULL))
			return NULL;
		return look_over(call, intent_id, until, ALL, out);
	}
	if (is_unexpected_state(reply)) {
		*out = refused(intent_id, CHARGE_UNKNOWN, reply);
		return look_over(call, intent_id, until, ALL, out);
	}
	if (reply->status == 404 && text_is(text_or(tree_text(reply->body, "error.param"), ""), "intent"))
		*out = missing(intent_id, reply);
	else
		*out = refused(intent_id, CHARGE_REFUSED, reply);
	return NULL;
}

static const struct problem *
take_answer(
    struct call *call, struct text intent_id, int64_t until, const struct stripe_reply *reply, struct charge *out)
{
	if (reply->outcome == STRIPE_REFUSED)
		return take_refused(call, intent_id, until, reply, out);
	if (reply->outcome == STRIPE_DONE && stripe_read_charge(call->arena, reply->body, out)) {
		if (!reply->replayed || is_final(out->state))
			return NULL;
		return look_over(call, intent_id, until, ALL, out);
	}
	*out = refused(intent_id, CHARGE_UNKNOWN, reply);
	/* A failure that is stored under the key is over. */
	return look_over(call, intent_id, until, reply->replayed ? ALL : MONEY_OR_END, out);
}

/* Leaves time for the look that may be needed. */
static int64_t
earlier(int64_t until)
{
	int64_t left = until - clock_monotonic_microseconds();

	return until - (left > 4 * LOOK_TIME ? LOOK_TIME : left / 4);
}

const struct problem *
stripe_confirm(
    struct call *call, struct text intent_id, struct text card_id, const char *key, int64_t until, struct charge *out)
{
	struct buffer form = buffer_new(call->arena, 256);
	struct stripe_request request = { .method = "POST", .key = key, .until = earlier(until) };
	struct stripe_reply reply;
	const struct problem *p;

	stripe_put(&form, "payment_method", card_id);
	stripe_put(&form, "off_session", TEXT("true"));
	stripe_put(&form, "expand[]", TEXT("latest_charge"));
	request.path = stripe_path(call, "/v1/payment_intents/", intent_id, "/confirm");
	request.form = buffer_text(&form);
	p = stripe_send(call, &request, &reply);
	return p == NULL ? take_answer(call, intent_id, until, &reply, out) : p;
}

const struct problem *
stripe_cancel(struct call *call, struct text intent_id, int64_t until, struct charge *out)
{
	struct stripe_request request = { .method = "POST",
		.path = stripe_path(call, "/v1/payment_intents/", intent_id, "/cancel"),
		.form = TEXT("cancellation_reason=abandoned&" EXPAND),
		.until = earlier(until) };
	struct stripe_reply reply;
	const struct problem *p = stripe_send(call, &request, &reply);

	if (p == NULL)
		p = take_answer(call, intent_id, until, &reply, out);
	/* That a cancellation was refused says nothing about the charge. */
	if (p == NULL && out->state == CHARGE_REFUSED) {
		out->state = CHARGE_UNKNOWN;
		out->is_missing = reply.status == 404;
	}
	return p;
}
