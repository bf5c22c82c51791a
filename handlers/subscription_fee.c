/*
 * What subscriptions cost: prices by the second, the stretches of time that were charged or wait for the monthly run,
 * and taking the credits of a fee and giving them back.
 */
#include "subscription.h"

#include <inttypes.h>

#include "clock.h"
#include "funds.h"
#include "id.h"
#include "invoice.h"
#include "ledger.h"
#include "money.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

#define MICROSECONDS INT64_C(1000000)

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

static const struct field wanted_plan_fields[] = {
	FIELD(wanted_plan, plan_id, ANY, "The plan."),
	FIELD(wanted_plan, price_id, ANY, "Or one of its prices."),
};
SHAPE(wanted_plan)

static const struct field offer_fields[] = {
	FIELD(offer, plan_id, ANY, "The plan."),
	FIELD(offer, product, ANY, "What it is a plan of."),
	FIELD(offer, name, ANY, "Its name."),
	FIELD(offer, status, ANY, "Whether it is sold."),
	FIELD(offer, monthly_price_id, ANY, "The price by the month."),
	FIELD(offer, yearly_price_id, ANY, "The price by the year."),
	FIELD(offer, monthly_amount, ANY, "The former's amount."),
	FIELD(offer, yearly_amount, ANY, "The latter's amount."),
	FIELD(offer, trial_days, ANY, "Days that are free at first."),
	FIELD(offer, credit_price, ANY, "Of a credit, in the plan's currency."),
};
SHAPE(offer)

static const struct field stretch_fields[] = {
	FIELD(stretch, id, ANY, "The stretch."),
	FIELD(stretch, subscription_id, ANY, "Of which subscription."),
	FIELD(stretch, starts_at, ANY, "When it begins."),
	FIELD(stretch, ends_at, ANY, "When it ends."),
	FIELD(stretch, period_starts_at, ANY, "Of the period that the price is for."),
	FIELD(stretch, period_ends_at, ANY, "Of the same."),
	FIELD(stretch, plan_id, ANY, "The plan."),
	FIELD(stretch, cycle, ANY, "How it is paid."),
	FIELD(stretch, seats, ANY, "How many seats."),
	FIELD(stretch, credits, ANY, "What it costs."),
	FIELD(stretch, charged_at, ANY, "When that was charged."),
	FIELD(stretch, on_account, ANY, "Whether it was charged in money."),
	FIELD(stretch, sequence, ANY, "The ledger's entry."),
	FIELD(stretch, drawn, ANY, "What that entry took."),
	FIELD(stretch, refilled, ANY, "What was given back of it."),
};
SHAPE(stretch)

struct fee_ref {
	struct id subscription_id;
};
static const struct field fee_ref_fields[] = {
	FIELD(fee_ref, subscription_id, ANY, "The subscription."),
};
SHAPE(fee_ref)

struct unit_price {
	struct text currency;
	struct amount price;
};
static const struct field unit_price_fields[] = {
	FIELD(unit_price, currency, ANY, "The organization's."),
	FIELD(unit_price, price, ANY, "Of one credit."),
};
SHAPE(unit_price)

static const struct statement read_offer = {
	.sql = "SELECT p.id AS plan_id, p.product, p.name, p.status, p.monthly_price_id, p.yearly_price_id,"
	       " p.monthly_amount, p.yearly_amount, p.trial_days, c.price AS credit_price FROM plan p"
	       " JOIN credit_price c ON c.currency = p.currency WHERE p.status <> 'draft' AND (p.id = :plan_id"
	       " OR p.monthly_price_id = :price_id OR p.yearly_price_id = :price_id)",
	.takes = &wanted_plan_shape,
	.gives = &offer_shape,
	.crosses_organizations = "the catalogue is the same for everybody",
};

#define STRETCH_COLUMNS                                                                                              \
	"id, subscription_id, starts_at, ends_at, period_starts_at, period_ends_at, plan_id, cycle, seats, credits," \
	" charged_at, on_account, sequence, drawn, refilled"

static const struct statement read_running = {
	.sql = "SELECT " STRETCH_COLUMNS " FROM subscription_fee WHERE organization_id = :organization"
	       " AND subscription_id = :subscription_id AND ends_at > :now ORDER BY starts_at DESC, id DESC LIMIT 1",
	.takes = &fee_ref_shape,
	.gives = &stretch_shape,
};

static const struct statement list_drawn = {
	.sql =
	    "SELECT " STRETCH_COLUMNS " FROM subscription_fee WHERE organization_id = :organization"
	    " AND subscription_id = :subscription_id AND drawn > refilled ORDER BY starts_at DESC, id DESC LIMIT 100",
	.takes = &fee_ref_shape,
	.gives = &stretch_shape,
};

static const struct statement insert_stretch = {
	.sql = "INSERT INTO subscription_fee (organization_id, " STRETCH_COLUMNS ") VALUES (:organization, :id,"
	       " :subscription_id, :starts_at, :ends_at, :period_starts_at, :period_ends_at, :plan_id, :cycle, :seats,"
	       " :credits, :charged_at, :on_account, :sequence, :drawn, :refilled)",
	.takes = &stretch_shape,
};

static const struct statement save_stretch = {
	.sql = "UPDATE subscription_fee SET ends_at = :ends_at, credits = :credits, refilled = :refilled"
	       " WHERE organization_id = :organization AND id = :id",
	.takes = &stretch_shape,
};

static const struct statement read_price = {
	.sql = "SELECT o.currency, c.price FROM organization o JOIN credit_price c ON c.currency = o.currency"
	       " WHERE o.id = :organization",
	.gives = &unit_price_shape,
};

/* The tax in what an invoice has billed of a stretch; none where its lines are without. */
struct fee_invoice {
	struct id id;
	struct amount subtotal, total;
};
static const struct field fee_invoice_fields[] = {
	FIELD(fee_invoice, id, ANY, "The stretch."),
	FIELD(fee_invoice, subtotal, ANY, "Of its invoice, without tax."),
	FIELD(fee_invoice, total, ANY, "With it."),
};
SHAPE(fee_invoice)

static const struct statement read_fee_invoice = {
	.sql =
	    "SELECT f.id, i.subtotal, i.total FROM subscription_fee f JOIN monthly_run r"
	    " ON r.organization_id = f.organization_id AND r.period = f.run_period"
	    " LEFT JOIN monthly_run c ON c.organization_id = f.organization_id AND c.period = r.carried_to"
	    " JOIN invoice i ON i.organization_id = f.organization_id AND i.id = COALESCE(r.invoice_id, c.invoice_id)"
	    " WHERE f.organization_id = :organization AND f.id = :id AND NOT f.on_account AND NOT r.post_pay",
	.takes = &fee_invoice_shape,
	.gives = &fee_invoice_shape,
};

/* Which stretch an entry gives a fee back of. */
struct fee_refund {
	int64_t sequence;
	struct id fee_id;
};
static const struct field fee_refund_fields[] = {
	FIELD(fee_refund, sequence, ANY, "The entry."),
	FIELD(fee_refund, fee_id, ANY, "The stretch."),
};
SHAPE(fee_refund)

static const struct statement insert_refund = {
	.sql = "INSERT INTO subscription_fee_refund (organization_id, sequence, fee_id)"
	       " VALUES (:organization, :sequence, :fee_id)",
	.takes = &fee_refund_shape,
};

/* ---- prices ---------------------------------------------------------------------------------------------------- */

const struct problem *
offer_read(struct call *call, const struct wanted_plan *wanted, struct offer *out)
{
	bool found;
	const struct problem *p = sql_maybe(call, &read_offer, wanted, out, &found);

	if (p != NULL || found)
		return p;
	return fail(call, NOT_FOUND, wanted->plan_id.given ? "There is no such plan." : "There is no such price.");
}

int64_t
seconds_between(struct instant from, struct instant to)
{
	return to.microseconds / MICROSECONDS - from.microseconds / MICROSECONDS;
}

const struct problem *
fee_price(struct call *call, const struct offer *offer, struct text cycle, int64_t seats, int64_t seconds,
    int64_t of_seconds, struct credits *out)
{
	const struct maybe_amount *price = text_is(cycle, "yearly") ? &offer->yearly_amount : &offer->monthly_amount;
	int64_t amount, whole;

	if (!price->given)
		return fail(
		    call, CONFLICT, "The plan %s has no %s price: it is arranged with us.", offer->name.at, cycle.at);
	if (__builtin_mul_overflow(price->value.micros, seats, &amount) ||
	    __builtin_mul_overflow(offer->credit_price.micros, of_seconds, &whole) ||
	    !share_of(amount, seconds, whole, 1, &out->count) || out->count > LEDGER_MOST)
		return fail_field(call, "/seats", "out_of_range", "So many seats are not sold at once.");
	return NULL;
}

struct credits
stretch_used(const struct stretch *stretch, struct instant now)
{
	int64_t whole = seconds_between(stretch->starts_at, stretch->ends_at);
	struct credits used = { 0 };

	if (whole <= 0 ||
	    !share_of(stretch->credits.count, seconds_between(stretch->starts_at, now), whole, 1, &used.count))
		return (struct credits){ 0 };
	return used;
}

/* ---- how it is paid -------------------------------------------------------------------------------------------- */

/* What a card will have paid for has to fit the hard limit, too. */
static const struct problem *
check_limit(struct call *call, const struct turn *turn, const struct funds *funds)
{
	const struct problem *p;

	if (!funds->hard_limit.given || turn->charge.count <= funds->hard_limit.value.count - funds->spent.count)
		return NULL;
	p = fail(call, LIMIT_REACHED,
	    "This would take the cycle's spend from %" PRId64 " credits past the hard limit of %" PRId64 ".",
	    funds->spent.count, funds->hard_limit.value.count);
	p = problem_with_number(call, p, "hard_limit", funds->hard_limit.value.count);
	return problem_with_number(call, p, "spent", funds->spent.count);
}

/* No card is charged less than a least amount: what is bought beyond the fee stays credits. */
static const struct problem *
buy(struct call *call, struct turn *turn)
{
	const struct problem *p;

	turn->bought = turn->charge;
	p = payment_price(call, turn->bought, &turn->price);
	if (p != NULL)
		return p;
	if (turn->price.amount.micros < turn->price.least_charge.micros)
		turn->bought.count =
		    (turn->price.least_charge.micros + turn->price.each.micros - 1) / turn->price.each.micros;
	p = payment_ask_price(call, turn->bought, "/seats", &turn->price);
	if (p != NULL)
		return p;
	return payment_check_threshold(
	    call, turn->bought, " Buy the credits with approval first; the subscription takes them from there.");
}

const struct problem *
turn_find_payment(struct call *call, struct turn *turn)
{
	struct funds funds;
	const struct problem *p;

	turn->charge.count = turn->fee.count - turn->back.count;
	if (turn->charge.count <= 0)
		return NULL;
	p = funds_read(call, &funds);
	if (p != NULL)
		return p;
	turn->from = funds.post_pay                                ? PAID_ACCOUNT
		     : funds.available.count >= turn->charge.count ? PAID_AVAILABLE
								   : PAID_CARD;
	if (turn->from != PAID_CARD)
		return NULL;
	if (funds.debt.count > 0)
		return fail(
		    call, CONFLICT, "The organization owes %" PRId64 " credits; buy credits first.", funds.debt.count);
	p = check_limit(call, turn, &funds);
	return p != NULL ? p : buy(call, turn);
}

const struct problem *
turn_check_affordable(struct call *call, const struct turn *turn, bool *is)
{
	struct funds funds;
	const struct problem *p = cycle_tell_book(call);

	if (p == NULL)
		p = funds_read(call, &funds);
	*is = p == NULL && funds.available.count >= turn->charge.count && check_limit(call, turn, &funds) == NULL;
	return p;
}

/* ---- stretches ------------------------------------------------------------------------------------------------- */

const struct problem *
stretch_read(struct call *call, struct id subscription_id, struct stretch *out, bool *found)
{
	struct fee_ref ref = { subscription_id };

	return sql_maybe(call, &read_running, &ref, out, found);
}

const struct problem *
stretch_insert(struct call *call, struct stretch *stretch)
{
	stretch->id = id_new(call->now);
	return sql_run(call, &insert_stretch, stretch, NULL);
}

const struct problem *
stretch_end(struct call *call, struct stretch *stretch, struct credits kept)
{
	stretch->ends_at = call->now;
	stretch->credits = kept;
	return sql_run(call, &save_stretch, stretch, NULL);
}

/* ---- taking and giving back ------------------------------------------------------------------------------------- */

static struct maybe_text
money_lines(struct call *call, struct text currency, int64_t micros)
{
	return text_given(arena_format(call->arena,
	    "[{\"account\":\"receivable\",\"unit\":\"%s\",\"amount\":%" PRId64 "},"
	    "{\"account\":\"revenue\",\"unit\":\"%s\",\"amount\":%" PRId64 "}]",
	    currency.at, micros, currency.at, -micros));
}

/* Of a fee on account: its value, without tax, which is the invoice's. */
static const struct problem *
money_of(struct call *call, struct credits credits, struct maybe_text *out)
{
	struct unit_price unit;
	struct amount value;
	const struct problem *p = sql_one(call, &read_price, NULL, &unit);

	if (p != NULL)
		return p;
	if (!credits_value(credits, unit.price, &value))
		return fail_internal(call, "a fee's value overflows");
	*out = money_lines(call, unit.currency, value.micros);
	return NULL;
}

/* What is given back of one. Where the invoice of it has the tax in it, that is taken out. */
static const struct problem *
money_back(struct call *call, const struct stretch *stretch, struct credits credits, struct maybe_text *out)
{
	struct fee_invoice invoice = { .id = stretch->id };
	struct unit_price unit;
	struct amount value;
	bool found;
	const struct problem *p = sql_one(call, &read_price, NULL, &unit);

	if (p == NULL)
		p = sql_maybe(call, &read_fee_invoice, &invoice, &invoice, &found);
	if (p != NULL)
		return p;
	if (!credits_value(credits, unit.price, &value) ||
	    (found && invoice.total.micros > 0 &&
		!share_of(value.micros, invoice.subtotal.micros, invoice.total.micros, 1, &value.micros)))
		return fail_internal(call, "a fee's value overflows");
	*out = money_lines(call, unit.currency, -value.micros);
	return NULL;
}

static struct posting
posting_of(
    struct call *call, const struct subscription *subscription, enum ledger_reason reason, struct credits credits)
{
	return (struct posting){
		.reason = reason,
		.credits = credits,
		.description =
		    text_given(arena_format(call->arena, "%s, %s, %" PRId64 " %s", subscription->plan_name.at,
			subscription->cycle.at, subscription->seats, subscription->seats == 1 ? "seat" : "seats")),
		.reference_type = text_given(TEXT("subscription")),
		.reference_id = id_given(subscription->id),
	};
}

const struct problem *
fee_take(struct call *call, const struct subscription *subscription, struct credits credits, struct maybe_id lot,
    bool on_account, struct stretch *stretch)
{
	struct posting posting = posting_of(call, subscription, LEDGER_PLAN_FEE, credits);
	struct posted posted;
	const struct problem *p = NULL;

	posting.lot = lot;
	posting.on_account = on_account;
	if (on_account)
		p = money_of(call, credits, &posting.money);
	if (p == NULL)
		p = ledger_post(call, &posting, &posted);
	if (p != NULL && p->kind == INSUFFICIENT_CREDITS)
		return fail(call, RERUN, "Somebody has spent the credits meanwhile: it is found out anew what pays.");
	if (p != NULL)
		return p;
	stretch->on_account = on_account;
	stretch->sequence = (struct maybe_int){ posted.sequence, true };
	stretch->drawn = credits;
	return NULL;
}

/* Credits are of no use to who pays afterwards. */
static const struct problem *
is_given_on_account(struct call *call, const struct stretch *stretch, bool *is)
{
	bool is_by_invoice = !stretch->on_account && !stretch->sequence.given;
	struct funds funds;
	const struct problem *p = is_by_invoice ? funds_read(call, &funds) : NULL;

	*is = stretch->on_account || (is_by_invoice && p == NULL && funds.post_pay);
	return p;
}

static const struct problem *
give_part(struct call *call, const struct subscription *subscription, struct stretch *stretch, struct credits part)
{
	struct posting posting = posting_of(call, subscription, LEDGER_REFUND, part);
	struct fee_refund refund = { .fee_id = stretch->id };
	struct posted posted = { .sequence = 0 };
	const struct problem *p = is_given_on_account(call, stretch, &posting.on_account);

	stretch->refilled.count += part.count;
	if (p == NULL)
		p = sql_run(call, &save_stretch, stretch, NULL);
	if (p == NULL && posting.on_account)
		p = money_back(call, stretch, part, &posting.money);
	else if (stretch->sequence.given)
		posting.undoes = stretch->sequence;
	else
		posting.lot_source = text_given(TEXT("paid")); /* by an invoice */
	if (p == NULL)
		p = ledger_post(call, &posting, &posted);
	refund.sequence = posted.sequence;
	if (p == NULL)
		p = sql_run(call, &insert_refund, &refund, NULL);
	if (p == NULL && !posting.on_account && !stretch->sequence.given)
		p = invoice_gave_credits(call, stretch->id, part);
	return p;
}

const struct problem *
fee_give_back(struct call *call, const struct subscription *subscription, struct credits credits)
{
	struct fee_ref ref = { subscription->id };
	struct list drawn = { .count = 1 };
	const struct problem *p = NULL;

	/* What was given back of one is not listed again. */
	while (p == NULL && credits.count > 0 && drawn.count > 0) {
		struct stretch *stretch;

		p = sql_all(call, &list_drawn, &ref, &drawn);
		stretch = drawn.items;
		for (size_t i = 0; p == NULL && i < drawn.count && credits.count > 0; i++) {
			struct credits part = { stretch[i].drawn.count - stretch[i].refilled.count };

			if (part.count > credits.count)
				part = credits;
			p = give_part(call, subscription, &stretch[i], part);
			credits.count -= part.count;
		}
	}
	if (p == NULL && credits.count > 0)
		return fail_internal(call, "a fee is given back that was never taken");
	return p;
}

const struct resource subscription_fee_resource = {
	.name = "subscription_fee",
	.summary = "What subscriptions cost.",
	.statements = LIST_OF(statement, &read_offer, &read_running, &list_drawn, &insert_stretch, &save_stretch,
	    &read_price, &read_fee_invoice, &insert_refund),
};
