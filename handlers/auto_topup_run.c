/*
 * Automatic top-ups. Whatever takes the available credits below the threshold makes the organization due, in its own
 * transaction (ledger.c); here those that are due are looked at, one at a time: the organization's row first, then its
 * settings. The charge is a payment like any other, so the open one an organization can have is the one in flight.
 */
#include "auto_topup.h"

#include <inttypes.h>

#include "clock.h"
#include "id.h"
#include "ledger.h"
#include "money.h"
#include "organization.h"
#include "payment.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

/* A charge is begun only early in a run, so that a slow processor leaves the other jobs their turn. */
enum { AGAIN_SECONDS = 60, BEGIN_MICROSECONDS = 5000000 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct due_organization {
	struct id organization_id;
};
static const struct field due_organization_fields[] = {
	FIELD(due_organization, organization_id, ANY, "Who is due."),
};
SHAPE(due_organization)

struct open_payment {
	struct text purpose;
	struct text state;
};
static const struct field open_payment_fields[] = {
	FIELD(open_payment, purpose, ANY, "What for."),
	FIELD(open_payment, state, ANY, "How far it is."),
};
SHAPE(open_payment)

struct wallet {
	struct credits available;
	struct credits debt;
	bool has_lapsed_lots;
};
static const struct field wallet_fields[] = {
	FIELD(wallet, available, ANY, "What can be spent."),
	FIELD(wallet, debt, ANY, "What is owed: new credits pay it first."),
	FIELD(wallet, has_lapsed_lots, ANY, "Some of it has expired, and that is not booked yet."),
};
SHAPE(wallet)

struct due_again {
	struct maybe_instant due_at;
};
static const struct field due_again_fields[] = {
	FIELD(due_again, due_at, ANY, "When to look again."),
};
SHAPE(due_again)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement list_due = {
	.sql = "SELECT a.organization_id FROM auto_topup a JOIN organization o ON o.id = a.organization_id"
	       " WHERE a.due_at <= :now AND a.enabled AND a.state = 'active' AND o.status <> 'closed'"
	       " ORDER BY a.due_at LIMIT 100",
	.gives = &due_organization_shape,
	.crosses_organizations = "the job looks for whoever is due",
};

static const struct statement take_due = {
	.sql = "SELECT organization_id FROM auto_topup WHERE organization_id = :organization AND due_at <= :now AND "
	       "enabled"
	       " AND state = 'active' FOR UPDATE SKIP LOCKED",
	.gives = &due_organization_shape,
};

static const struct statement find_open = {
	.sql = "SELECT purpose, state FROM payment WHERE open_of = :organization",
	.gives = &open_payment_shape,
};

static const struct statement read_wallet = {
	.sql = "SELECT available, debt, COALESCE(next_lot_expiry <= :now, FALSE) AS has_lapsed_lots"
	       " FROM book WHERE organization_id = :organization",
	.gives = &wallet_shape,
};

static const struct statement set_due = {
	.sql = "UPDATE auto_topup SET due_at = :due_at WHERE organization_id = :organization",
	.takes = &due_again_shape,
};

static const struct statement mark_attempt = {
	.sql = "UPDATE auto_topup SET due_at = :due_at, last_attempt_at = :now, last_error = NULL"
	       " WHERE organization_id = :organization",
	.takes = &due_again_shape,
};

static const struct statement postpone = {
	.sql = "UPDATE auto_topup SET due_at = :due_at WHERE organization_id = :organization AND due_at <= :now",
	.takes = &due_again_shape,
};

/* ---- deciding --------------------------------------------------------------------------------------------------- */

/* One organization's turn. */
struct turn {
	struct auto_topup_settings settings;
	struct credits credits; /* to be bought */
	struct payment payment;
	struct charge outcome;
	bool is_begun; /* the payment's intent is committed */
};

static const struct problem *
look_in_a_minute(struct call *call)
{
	struct due_again again = { instant_given(instant_plus_seconds(call->now, AGAIN_SECONDS)) };

	return sql_run(call, &set_due, &again, NULL);
}

/* One that waits for its person would be asked for again and again. */
static const struct problem *
wait_for(struct call *call, const struct open_payment *open)
{
	if (text_is(open->purpose, "auto_topup") && text_is(open->state, "requires_action"))
		return auto_topup_pause(
		    call, "authentication_required", TEXT("The card's holder has to authenticate."));
	return look_in_a_minute(call);
}

/* The smallest multiple that brings `available` to the threshold, after the debt; 0 where it is there. */
static struct credits
credits_to_buy(const struct wallet *wallet, const struct auto_topup_settings *settings)
{
	int64_t each = settings->topup_amount_credits.value.count;
	int64_t missing = settings->threshold_credits.value.count - wallet->available.count;

	if (missing <= 0)
		return (struct credits){ 0 };
	missing += wallet->debt.count;
	return (struct credits){ (missing + each - 1) / each * each };
}

static const struct problem *
check_approval(struct call *call, const struct turn *turn, bool *is_paused)
{
	struct credits most, lately = { 0 };
	const struct problem *p = payment_threshold(call, &most);

	if (p == NULL)
		p = payment_bought_lately(call, &lately);
	if (p != NULL || turn->credits.count + lately.count <= most.count)
		return p;
	*is_paused = true;
	return auto_topup_pause(call, "approval_required",
	    arena_format(call->arena,
		"A top-up of %" PRId64 " credits would pass the %" PRId64 " credits that can be bought within 24 hours"
		" without approval.",
		turn->credits.count, most.count));
}

static struct text
words_of_cap(struct call *call, struct amount cost, struct amount charged, struct decimal cap)
{
	char cost_text[AMOUNT_LENGTH + 1], charged_text[AMOUNT_LENGTH + 1], cap_text[AMOUNT_LENGTH + 1];

	amount_format(cost, cost_text);
	amount_format(charged, charged_text);
	amount_format((struct amount){ cap.micros }, cap_text);
	return arena_format(call->arena,
	    "A top-up of %s AUD would pass the day's cap of %s AUD, of which %s AUD are charged.", cost_text, cap_text,
	    charged_text);
}

static const struct problem *
check_cap(struct call *call, const struct turn *turn, bool *is_capped)
{
	const struct auto_topup_settings *settings = &turn->settings;
	struct decimal cap = settings->daily_charge_cap_aud.value;
	struct amount cost, charged, sum;
	struct instant midnight;
	const struct problem *p;

	if (!settings->daily_charge_cap_aud.given)
		return NULL;
	p = auto_topup_charged_today(call, settings, &charged);
	if (p != NULL)
		return p;
	if (!credits_value(turn->credits, settings->aud_price, &cost) || !amount_add(cost, charged, &sum))
		return fail_internal(call, "a top-up overflows");
	if (sum.micros <= cap.micros)
		return NULL;
	*is_capped = true;
	if (!zone_next_day_start(settings->timezone, call->now, &midnight))
		return fail_internal(call, "the time zone %s is gone", settings->timezone.at);
	return auto_topup_wait_capped(call, settings, midnight, words_of_cap(call, cost, charged, cap));
}

/* What stands in the way of the payment is known before anything is written. */
static const struct problem *
begin_payment(struct call *call, struct turn *turn)
{
	struct payment_order order = { .purpose = PAYMENT_AUTO_TOPUP,
		.credits = turn->credits,
		.description = text_given(TEXT("Automatic top-up")) };
	struct due_again again = { instant_given(instant_plus_seconds(call->now, AGAIN_SECONDS)) };
	const struct problem *p = payment_intend(call, &order, &turn->payment);

	if (p != NULL && p->kind == TOPUP_IN_PROGRESS)
		return look_in_a_minute(call);
	if (p != NULL && p->kind == CARD_REQUIRED)
		return auto_topup_pause(call, "card_required", TEXT("There is no card to charge."));
	if (p != NULL && p->kind == INVALID)
		return auto_topup_pause(call, "out_of_range",
		    arena_format(
			call->arena, "%" PRId64 " credits can't be charged to a card at once.", turn->credits.count));
	if (p != NULL)
		return p;
	turn->is_begun = true;
	return sql_run(call, &mark_attempt, &again, NULL);
}

static const struct problem *
decide_locked(struct call *call, struct turn *turn)
{
	struct due_again never = { .due_at = { .given = false } };
	struct wallet wallet;
	bool is_stopped = false;
	const struct problem *p = auto_topup_read(call, &turn->settings);

	if (p == NULL)
		p = sql_one(call, &read_wallet, NULL, &wallet);
	if (p != NULL)
		return p;
	turn->credits = credits_to_buy(&wallet, &turn->settings);
	if (turn->credits.count == 0)
		return sql_run(call, &set_due, &never, NULL);
	p = check_approval(call, turn, &is_stopped);
	if (p == NULL && !is_stopped)
		p = check_cap(call, turn, &is_stopped);
	return p != NULL || is_stopped ? p : begin_payment(call, turn);
}

/* As a CONFLICT it would look like a lease that was lost, which ends the run for everybody. */
static const struct problem *
own_fault(struct call *call, const struct problem *p)
{
	if (p != NULL && p->kind == CONFLICT)
		return fail_internal(call, "an automatic top-up: %s", p->detail);
	return p;
}

static const struct problem *
decide(struct call *call, void *context)
{
	struct turn *turn = context;
	struct organization organization;
	struct due_organization due;
	struct open_payment open;
	bool is_open = false, found = false;
	const struct problem *p = organization_lock(call, &organization);

	turn->is_begun = false;
	if (p == NULL)
		p = sql_maybe(call, &find_open, NULL, &open, &is_open);
	if (p == NULL)
		p = sql_maybe(call, &take_due, NULL, &due, &found);
	if (p != NULL)
		return p->kind == ORGANIZATION_CLOSED ? NULL : p;
	if (!found)
		return NULL;
	return is_open ? wait_for(call, &open) : own_fault(call, decide_locked(call, turn));
}

/* ---- one organization -------------------------------------------------------------------------------------------- */

/* What has expired by now is no longer available. */
static const struct problem *
expire_some(struct call *call, void *context)
{
	bool *is_due = context;
	struct wallet wallet;
	struct posted posted;
	const struct problem *p = sql_one(call, &read_wallet, NULL, &wallet);

	*is_due = p == NULL && wallet.has_lapsed_lots;
	return *is_due ? ledger_expire(call, &posted) : p;
}

static const struct problem *
book(struct call *call, void *context)
{
	struct turn *turn = context;
	struct payment booked;

	return own_fault(call, payment_book(call, &turn->payment, &turn->outcome, &booked));
}

static const struct problem *
take_turn(struct call *call)
{
	struct turn turn = { .is_begun = false };
	const struct problem *p;
	bool is_due;

	do {
		p = step_apart(call, expire_some, &is_due);
	} while (p == NULL && is_due);
	if (p == NULL)
		p = step_apart(call, decide, &turn);
	if (p != NULL || !turn.is_begun)
		return p;
	p = payment_perform(call, &turn.payment, &turn.outcome);
	clock_tick();
	call->now = clock_now();
	return p != NULL ? p : step_apart(call, book, &turn);
}

/* Whose turn has failed does not come again at once. */
static const struct problem *
put_off(struct call *call, void *context)
{
	struct due_again again = { instant_given(instant_plus_seconds(call->now, AGAIN_SECONDS)) };

	(void)context;
	return sql_run(call, &postpone, &again, NULL);
}

/* ---- auto_topup.run ---------------------------------------------------------------------------------------------- */

static const struct problem *
list_step(struct call *call, void *due)
{
	return sql_all(call, &list_due, NULL, due);
}

/* One organization's fault keeps no other waiting; the first is what the run answers. */
static const struct problem *
run_auto_topups(struct call *call)
{
	int64_t began = clock_monotonic_microseconds();
	const struct problem *first = NULL;
	struct list due = { NULL, 0 };
	const struct due_organization *organization;
	const struct problem *p;

	if (provider_chosen() == NULL)
		return NULL;
	p = step_apart(call, list_step, &due);
	organization = due.items;
	if (p != NULL)
		return p;
	for (size_t i = 0; i < due.count && !job_is_stopping(); i++) {
		if (clock_monotonic_microseconds() - began > BEGIN_MICROSECONDS)
			break;
		struct arena_mark mark = arena_mark(call->arena);

		clock_tick();
		call->now = clock_now();
		call_acts_for(call, organization[i].organization_id);
		p = take_turn(call);
		if (p == NULL) {
			arena_release(call->arena, mark);
			continue;
		}
		if (p->kind == UNAVAILABLE || p->kind == CONFLICT)
			return p;
		step_apart(call, put_off, NULL);
		if (first == NULL)
			first = p;
	}
	return first;
}

static const struct job run_job = {
	.id = "auto_topup.run",
	.lane = LANE_CARDS,
	.summary = "Buy credits where they have run low.",
	.every_seconds = 2,
	.run = run_auto_topups,
};

const struct resource auto_topup_run_resource = {
	.name = "auto_topup_run",
	.summary = "Buying credits where they have run low.",
	.statements =
	    LIST_OF(statement, &list_due, &take_due, &find_open, &read_wallet, &set_due, &mark_attempt, &postpone),
	.jobs = LIST_OF(job, &run_job),
};
