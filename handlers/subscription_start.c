/*
 * Starting and changing subscriptions, and the preview of both. What the organization's credits (or its account) pay
 * for is done at once, with its reply under the caller's key; what a card has to pay for is persisted with the
 * payment's intent, and made true by whoever books that (subscription_paid.c).
 */
#include "subscription.h"

#include "clock.h"
#include "formats.h"
#include "id.h"
#include "ledger.h"
#include "organization.h"
#include "payment_parts.h"
#include "resources.h"
#include "text.h"

enum { MOST_SEATS = 100000 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

#define WISH(s, m, limits, sentence)                                                                            \
	{                                                                                                       \
		.name = #m, .kind = KIND_OF(s, wish.m), .optional = IS_MAYBE(s, wish.m), FIELD_BASE(s, wish.m), \
		limits, .summary = sentence                                                                     \
	}
#define WISH_PLAN(s)                                                                                              \
	WISH(s, plan_id, ANY, "The plan; or name its price."),                                                    \
	    WISH(s, price_id, MATCHING(plain_format, 1, 80), "The price of a plan, which tells plan and cycle."), \
	    WISH(s, cycle, ONE_OF(subscription_cycles), "How to pay; needed beside the plan's id at the start."), \
	    WISH(s, seats, RANGE(1, MOST_SEATS), "How many times the price is paid; 1 at the start.")
#define WISH_TRIAL(s)       \
	WISH(s, trial, ANY, \
	    "Whether to begin with a trial; where the plan has one, and the organization never had the product.")
#define WISH_PRODUCT(s) WISH(s, product, ONE_OF(subscription_products), "The product; platform.")

struct start_wish {
	struct subscription_wish wish;
};
static const struct field start_wish_fields[] = { WISH_PLAN(start_wish), WISH_TRIAL(start_wish) };
VIEW(start_wish, start_wish)

struct change_wish {
	struct subscription_wish wish;
};
static const struct field change_wish_fields[] = { WISH_PRODUCT(change_wish), WISH_PLAN(change_wish) };
VIEW(change_wish, change_wish)

struct preview_wish {
	struct subscription_wish wish;
};
static const struct field preview_wish_fields[] = { WISH_PRODUCT(preview_wish), WISH_PLAN(preview_wish),
	WISH_TRIAL(preview_wish) };
SHAPE(preview_wish)

struct card_charge {
	struct amount amount;
	struct amount tax;
	struct text currency;
};
static const struct field card_charge_fields[] = {
	FIELD(card_charge, amount, ANY, "What the card is charged, tax included."),
	FIELD(card_charge, tax, ANY, "The tax in it."),
	FIELD(card_charge, currency, ANY, "Of both."),
};
SHAPE(card_charge)

static const struct field fee_line_fields[] = {
	FIELD(fee_line, description, ANY, "What for."),
	FIELD(fee_line, from, ANY, "From when on."),
	FIELD(fee_line, to, ANY, "Until when."),
	FIELD(fee_line, seconds, ANY, "How long that is, in seconds of the clock."),
	FIELD(fee_line, of_seconds, ANY, "How long the whole price is for; the rest is rounded half-even to a credit."),
	FIELD(fee_line, credits, ANY, "Credits; negative where they are given back."),
};
SHAPE(fee_line)

static const char *const ways_to_pay[] = { "available", "card", "account", NULL };

struct turn_preview {
	struct credits charge_credits;
	struct card_charge *charge;
	struct credits credit_back;
	struct maybe_text paid_from;
	struct subscription_period *period;
	struct list lines;
	struct subscription *subscription;
};
static const struct field turn_preview_fields[] = {
	FIELD(turn_preview, charge_credits, ANY, "Credits that it costs now."),
	FIELD_OBJECT(
	    turn_preview, charge, card_charge, true, "What the default card is charged; null where it is not."),
	FIELD(turn_preview, credit_back, ANY, "Credits that come back."),
	FIELD(turn_preview, paid_from, ONE_OF(ways_to_pay), "Where the credits come from; null where it costs none."),
	FIELD_OBJECT(turn_preview, period, subscription_period, false, "The period behind it."),
	FIELD_LIST(turn_preview, lines, fee_line, ANY, "What the credits are the sum of."),
	FIELD_OBJECT(turn_preview, subscription, subscription, false, "The subscription behind it."),
};
SHAPE(turn_preview)

/* ---- both ways --------------------------------------------------------------------------------------------------- */

/* What the steps hand on. */
struct turning {
	struct turn turn;
	struct subscription subscription;
	bool is_done;
	struct payment payment;
	struct charge outcome;
};

/* The first step may do it all: the reply is stored with it. */
static const struct problem *
finish_now(struct call *call, struct turning *turning)
{
	struct claim_ref claim = claim_of(call);
	const struct problem *p = subscription_show(call, &turning->subscription);

	turning->is_done = true;
	return p != NULL ? p : claim_answer(call, &claim, &turning->subscription);
}

static const struct problem *
pay_by_card(struct call *call, struct turning *turning)
{
	struct subscription *subscription = &turning->subscription;
	struct payment_order order = {
		.purpose = PAYMENT_SUBSCRIPTION,
		.credits = turning->turn.bought,
		.description = text_given(
		    arena_format(call->arena, "%s, %s", turning->turn.offer.name.at, turning->turn.cycle.at)),
	};
	const struct problem *p = payment_intend(call, &order, &turning->payment);

	return p != NULL ? p : turn_keep(call, subscription, &turning->turn, turning->payment.id);
}

static const struct problem *
intend(struct call *call, struct turning *turning)
{
	const struct problem *p;

	call->target = id_given(turning->subscription.id);
	if (turning->turn.from == PAID_CARD)
		return pay_by_card(call, turning);
	p = turn_make(call, &turning->subscription, &turning->turn, (struct maybe_id){ .given = false });
	return p != NULL ? p : finish_now(call, turning);
}

static const struct problem *
perform(struct call *call)
{
	struct turning *turning = call->intent;

	return turning->is_done ? NULL : payment_perform(call, &turning->payment, &turning->outcome);
}

static const struct problem *
book(struct call *call, struct subscription *out)
{
	struct turning *turning = call->intent;
	struct payment booked;
	const struct problem *p;

	if (turning->is_done) {
		*out = turning->subscription;
		return NULL;
	}
	p = payment_book(call, &turning->payment, &turning->outcome, &booked);
	if (p == NULL)
		p = payment_refusal(call, &booked);
	if (p == NULL)
		p = subscription_read_one(call, turning->subscription.id, out);
	return p != NULL ? p : subscription_show(call, out);
}

/* ---- billing.subscriptions.start --------------------------------------------------------------------------------- */

HANDLER_TWO_STEP(start_subscription, start_wish, subscription)

const struct operation start_subscription_operation = {
	.id = "billing.subscriptions.start",
	.kind = TWO_STEP,
	.scope = BILLING_WRITE,
	.effect = SPENDS,
	.bucket = BUCKET_CHARGE,
	.slow = true,
	.seals_reply = true,
	.summary = "Subscribe to a plan of a product.",
	.description =
	    "Name a plan and a cycle, or a price. A trial costs nothing. Else the first fee is taken from "
	    "the credits that are"
	    " available, where they cover all of it, or the whole is charged to the default card; "
	    "organizations that are invoiced"
	    " pay it afterwards. More than the approval's threshold in 24 hours is charged to no card: buy the"
	    " credits with approval first. `incomplete` is answered while the card's charge is not over: its period "
	    "begins when it is."
	    " Later fees are part of the monthly run.",
	.raises = { NOT_FOUND, CONFLICT, LIMIT_REACHED, CARD_REQUIRED, CARD_DECLINED, APPROVAL_REQUIRED,
	    TOPUP_IN_PROGRESS },
	.run = &start_subscription_run,
};

static const struct problem *
start_subscription_intend(struct call *call, const struct start_wish *in)
{
	struct turning *turning = arena_take(call->arena, sizeof(*turning));
	struct organization organization;
	const struct problem *p = organization_lock(call, &organization);

	call->intent = turning;
	if (p == NULL)
		p = turn_plan_start(call, &in->wish, &turning->subscription, &turning->turn);
	return p != NULL ? p : intend(call, turning);
}

static const struct problem *
start_subscription_perform(struct call *call, const struct start_wish *in)
{
	(void)in;
	return perform(call);
}

static const struct problem *
start_subscription_book(struct call *call, const struct start_wish *in, struct subscription *out)
{
	(void)in;
	return book(call, out);
}

/* ---- billing.subscriptions.change -------------------------------------------------------------------------------- */

HANDLER_TWO_STEP(change_subscription, change_wish, subscription)

const struct operation change_subscription_operation = {
	.id = "billing.subscriptions.change",
	.kind = TWO_STEP,
	.scope = BILLING_WRITE,
	.effect = SPENDS,
	.bucket = BUCKET_CHARGE,
	.slow = true,
	.seals_reply = true,
	.summary = "Change a subscription's plan, seats, or how it is paid.",
	.description = "What is not used of the present fee, by the second, counts against the new price of the same "
		       "time; what remains is"
		       " charged like a first fee, or given back as credits. Another cycle of billing begins a new "
		       "period now. A trial goes"
		       " on, and nothing is charged. While a card's charge is not over, the subscription stays as it "
		       "was, and `next_change`"
		       " tells what it becomes; a change that waits for its card's holder is given up by the next one.",
	.raises = { NOT_FOUND, CONFLICT, LIMIT_REACHED, CARD_REQUIRED, CARD_DECLINED, APPROVAL_REQUIRED,
	    TOPUP_IN_PROGRESS },
	.run = &change_subscription_run,
};

static const struct problem *
change_subscription_intend(struct call *call, const struct change_wish *in)
{
	struct turning *turning = arena_take(call->arena, sizeof(*turning));
	struct organization organization;
	bool changes = false;
	const struct problem *p = organization_lock(call, &organization);

	call->intent = turning;
	if (p == NULL)
		p = turn_give_up(call, in->wish.product, false);
	if (p == NULL)
		p = subscription_lock(call, in->wish.product, &turning->subscription);
	if (p == NULL)
		p = turn_plan_change(call, &in->wish, &turning->subscription, &turning->turn, &changes);
	if (p != NULL)
		return p;
	if (changes)
		return intend(call, turning);
	call->target = id_given(turning->subscription.id);
	return finish_now(call, turning);
}

static const struct problem *
change_subscription_perform(struct call *call, const struct change_wish *in)
{
	(void)in;
	return perform(call);
}

static const struct problem *
change_subscription_book(struct call *call, const struct change_wish *in, struct subscription *out)
{
	(void)in;
	return book(call, out);
}

/* ---- billing.subscriptions.preview ------------------------------------------------------------------------------- */

HANDLER(preview_subscription, preview_wish, turn_preview)

const struct operation preview_subscription_operation = {
	.id = "billing.subscriptions.preview",
	.kind = REHEARSAL,
	.scope = BILLING_READ,
	.effect = COMPUTES,
	.no_key = true,
	.summary = "Tell what starting or changing a subscription would cost at this moment.",
	.description = "With an open subscription to the product it is a change, else a start. Nothing is changed.",
	.raises = { NOT_FOUND, CONFLICT, LIMIT_REACHED, APPROVAL_REQUIRED, TOPUP_IN_PROGRESS },
	.run = &preview_subscription_run,
};

/* The product: as it is said, or that of the plan which is named. */
static const struct problem *
find_product(struct call *call, const struct subscription_wish *in, struct maybe_text *product)
{
	struct wanted_plan wanted = { in->plan_id, in->price_id };
	struct offer offer;
	const struct problem *p;

	*product = in->product;
	if (product->at != NULL || wanted.plan_id.given == (wanted.price_id.at != NULL))
		return NULL;
	p = offer_read(call, &wanted, &offer);
	*product = text_given(offer.product);
	return p;
}

static const struct problem *
plan_turn(struct call *call, const struct subscription_wish *in, struct turning *turning, bool *changes)
{
	struct organization organization;
	struct maybe_text product;
	const struct problem *p = organization_lock(call, &organization);

	*changes = true;
	if (p == NULL)
		p = find_product(call, in, &product);
	if (p == NULL)
		p = turn_give_up(call, product, false);
	if (p == NULL)
		p = subscription_lock(call, product, &turning->subscription);
	if (p != NULL && p->kind == NOT_FOUND)
		return turn_plan_start(call, in, &turning->subscription, &turning->turn);
	return p != NULL ? p : turn_plan_change(call, in, &turning->subscription, &turning->turn, changes);
}

/* As the booking of the card's payment would, which comes to nothing here. */
static const struct problem *
rehearse_payment(struct call *call, const struct turn *turn, struct maybe_id *lot)
{
	struct cycle running;
	struct posting posting = {
		.reason = LEDGER_TOPUP,
		.credits = turn->bought,
		.lot_source = text_given(TEXT("paid")),
		.money =
		    text_given(payment_money_lines(call, turn->price.currency, turn->price.amount, turn->price.tax)),
	};
	struct posted posted = { 0 };
	const struct problem *p = NULL;

	lot->given = false;
	if (turn->from != PAID_CARD)
		return NULL;
	if (text_is(turn->offer.product, "platform"))
		p = cycle_lock(call, &running);
	if (p == NULL)
		p = ledger_post(call, &posting, &posted);
	*lot = id_given(posted.entry_id);
	return p;
}

static void
tell_turn(struct call *call, struct turning *turning, struct turn_preview *out)
{
	static const char *const froms[] = { NULL, "available", "card", "account" };
	struct turn *turn = &turning->turn;

	out->charge_credits.count = turn->charge.count > 0 ? turn->charge.count : 0;
	out->credit_back.count = turn->charge.count < 0 ? -turn->charge.count : 0;
	if (turn->from != PAID_NOT)
		out->paid_from = text_given(text_from(froms[turn->from]));
	if (turn->from == PAID_CARD) {
		out->charge = arena_take(call->reply_arena, sizeof(*out->charge));
		*out->charge = (struct card_charge){ turn->price.amount, turn->price.tax, turn->price.currency };
	}
	out->period = turning->subscription.period;
	out->lines = (struct list){ turn->lines, turn->line_count };
	out->subscription = &turning->subscription;
}

static const struct problem *
preview_subscription(struct call *call, const struct preview_wish *in, struct turn_preview *out)
{
	struct turning *turning = arena_take(call->reply_arena, sizeof(*turning));
	struct maybe_id lot = { .given = false };
	bool changes;
	const struct problem *p = plan_turn(call, &in->wish, turning, &changes);

	if (p == NULL && changes)
		p = rehearse_payment(call, &turning->turn, &lot);
	if (p == NULL && changes)
		p = turn_make(call, &turning->subscription, &turning->turn, lot);
	if (p == NULL)
		p = subscription_show(call, &turning->subscription);
	if (p == NULL)
		tell_turn(call, turning, out);
	return p;
}
