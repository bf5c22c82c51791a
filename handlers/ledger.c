/*
 * The ledger as handlers see it: postings in, balances out. The rules themselves are the procedure's.
 */
#include "ledger.h"

#include <inttypes.h>

#include "clock.h"
#include "cycle.h"
#include "database.h"
#include "finish.h"
#include "id.h"
#include "spending_limits.h"
#include "outbox.h"
#include "statement.h"
#include "text.h"

const struct ledger_rule ledger_rules[LEDGER_REASONS] = {
	[LEDGER_GRANT] = { "grant", "promotions", "available", false, false },
	[LEDGER_TOPUP] = { "topup", "sold", "available", false, false },
	[LEDGER_AUTO_TOPUP] = { "auto_topup", "sold", "available", false, false },
	[LEDGER_RESERVATION] = { "reservation", "available", "reserved", true, false },
	[LEDGER_RELEASE] = { "release", "reserved", "available", false, false },
	[LEDGER_CHARGE] = { "charge", "available", "consumed", true, false },
	[LEDGER_REFUND] = { "refund", "consumed", "available", false, false },
	[LEDGER_CLAWBACK] = { "clawback", "available", "sold", false, false },
	[LEDGER_EXPIRY] = { "expiry", "available", "breakage", false, false },
	[LEDGER_ADJUSTMENT] = { "adjustment", "adjustments", "available", false, true },
	[LEDGER_PLAN_FEE] = { "plan_fee", "available", "consumed", true, false },
	[LEDGER_OVERAGE] = { "overage", "available", "consumed", true, false },
	[LEDGER_COMMITMENT_SHORTFALL] = { "commitment_shortfall", "available", "consumed", false, false },
	[LEDGER_INVOICE] = { "invoice", "receivable", "revenue", false, false },
	[LEDGER_PAYMENT] = { "payment", "processor_clearing", "receivable", false, false },
	[LEDGER_CREDIT_NOTE] = { "credit_note", "revenue", "receivable", false, false },
	[LEDGER_WRITE_OFF] = { "write_off", "bad_debt", "receivable", false, false },
};

const char *const ledger_reason_names[] = { "grant", "topup", "auto_topup", "reservation", "release", "charge",
	"refund", "clawback", "expiry", "adjustment", "plan_fee", "overage", "commitment_shortfall", "invoice",
	"payment", "credit_note", "write_off", NULL };

/* The present cycle; known only after the database has asked for it. */
struct known_cycle {
	struct maybe_instant started_at, ends_at;
};

struct ledger_parameters {
	struct id entry;
	struct text reason;
	struct maybe_text from_account;
	struct posting posting;
	struct known_cycle cycle;
};
static const struct field ledger_parameters_fields[] = {
	FIELD(ledger_parameters, entry, ANY, "The entry's id."),
	FIELD(ledger_parameters, reason, ANY, "Why."),
	FIELD(ledger_parameters, from_account, ANY, "Where a charge takes from."),
	FIELD_AS(ledger_parameters, posting.credits, "credits", ANY, "How much."),
	FIELD_AS(ledger_parameters, posting.description, "description", ANY, "In words."),
	FIELD_AS(ledger_parameters, posting.reference_type, "reference_type", ANY, "What kind of thing it belongs to."),
	FIELD_AS(ledger_parameters, posting.reference_id, "reference_id", ANY, "The thing."),
	FIELD_AS(ledger_parameters, posting.lot_source, "lot_source", ANY, "The new lot's source."),
	FIELD_AS(ledger_parameters, posting.lot_expires_at, "lot_expires_at", ANY, "When the new lot expires."),
	FIELD_AS(ledger_parameters, posting.lot_priority, "lot_priority", ANY, "Its place in the drawing order."),
	FIELD_AS(ledger_parameters, posting.lot, "lot", ANY, "The lot to draw before all others."),
	FIELD_AS(ledger_parameters, posting.undoes, "undoes", ANY, "The entry that a refund undoes."),
	FIELD_AS(ledger_parameters, posting.committed, "committed", ANY, "How much of a charge was committed."),
	FIELD_AS(ledger_parameters, cycle.started_at, "cycle_started_at", ANY, "When the cycle began."),
	FIELD_AS(ledger_parameters, cycle.ends_at, "cycle_ends_at", ANY, "When it ends."),
	FIELD_AS(ledger_parameters, posting.money, "money", ANY, "Lines in money."),
};
SHAPE(ledger_parameters)

static const struct field posted_fields[] = {
	FIELD(posted, outcome, ANY, "`ok`, or why nothing was booked."),
	FIELD(posted, entry_id, ANY, "The entry."),
	FIELD(posted, sequence, ANY, "The last entry's place in the chain."),
	FIELD(posted, available_before, ANY, "Available before."),
	FIELD(posted, available, ANY, "Available now."),
	FIELD(posted, reserved, ANY, "Reserved now."),
	FIELD(posted, debt, ANY, "Owed now."),
	FIELD(posted, cycle_spend, ANY, "Spent in the cycle."),
	FIELD(posted, hard_limit, ANY, "What the cycle's spend may reach."),
	FIELD(posted, low_threshold, ANY, "The threshold that this took `available` below."),
	FIELD(posted, auto_topup_threshold, ANY, "The threshold of automatic top-ups that this took it below."),
	FIELD(posted, soft_limit, ANY, "The soft limit that the spend reached."),
	FIELD(posted, hard_told, ANY, "The hard limit's refusals were announced before."),
};
SHAPE(posted)

static const struct statement post_entry = {
	.sql =
	    "CALL ledger_post(:organization, :now, :entry, :reason, :from_account, :credits, :description, "
	    ":reference_type,"
	    " :reference_id, :principal_type, :principal, :lot_source, :lot_expires_at, :lot_priority, :lot, :undoes,"
	    " :cycle_started_at, :cycle_ends_at, :committed, :money, @purser_outcome)",
	.takes = &ledger_parameters_shape,
	.gives = &posted_shape,
};

static const struct statement post_expiry = {
	.sql = "CALL ledger_expire(:organization, :now)",
	.gives = &posted_shape,
};

struct new_book {
	struct currency currency;
};
static const struct field new_book_fields[] = {
	FIELD(new_book, currency, ANY, "The organization's."),
};
SHAPE(new_book)

static const struct statement open_book = {
	.sql = "CALL book_open(:organization, :currency, :now)",
	.takes = &new_book_shape,
};

struct book_setting {
	struct maybe_credits soft_limit, hard_limit, threshold;
	bool post_pay;
};
static const struct field book_setting_fields[] = {
	FIELD(book_setting, soft_limit, ANY, "Credits a cycle from where on it is announced."),
	FIELD(book_setting, hard_limit, ANY, "Credits a cycle; none: no limit."),
	FIELD(book_setting, threshold, ANY, "Below which an automatic top-up is due."),
	FIELD(book_setting, post_pay, ANY, "Whether orders are paid afterwards."),
};
SHAPE(book_setting)

static const struct statement set_limits = {
	.sql = "CALL book_set_limits(:organization, :soft_limit, :hard_limit)",
	.takes = &book_setting_shape,
};

static const struct statement set_low_threshold = {
	.sql = "CALL book_set_low_threshold(:organization, :threshold)",
	.takes = &book_setting_shape,
};

static const struct statement set_auto_topup = {
	.sql = "CALL book_set_auto_topup(:organization, :threshold)",
	.takes = &book_setting_shape,
};

static const struct statement set_post_pay = {
	.sql = "CALL book_set_post_pay(:organization, :post_pay)",
	.takes = &book_setting_shape,
};

static const struct statement tell_hard = {
	.sql = "CALL book_tell_hard(:organization, :now)",
};

static const struct statement make_auto_topup_due = {
	.sql = "UPDATE auto_topup SET due_at = :now"
	       " WHERE organization_id = :organization AND enabled AND (due_at IS NULL OR due_at > :now)"
	       " AND state = 'active' AND soft_declines = 0",
};

struct order_parameters {
	struct order_reservation order;
	struct id entry;
	struct known_cycle cycle;
	struct finish finish;
};
static const struct field order_parameters_fields[] = {
	FIELD_AS(order_parameters, order.id, "id", ANY, "The order."),
	FIELD_AS(order_parameters, order.reference, "reference", ANY, "The caller's own id."),
	FIELD_AS(order_parameters, order.request_digest, "request_digest", ANY, "To know a repetition by."),
	FIELD_AS(order_parameters, order.credits, "credits", ANY, "How much."),
	FIELD_AS(order_parameters, order.lines, "lines", ANY, "What is ordered."),
	FIELD_AS(order_parameters, order.commitment_id, "commitment_id", ANY, "The commitment it burns."),
	FIELD_AS(order_parameters, order.hold_expires_at, "hold_expires_at", ANY, "Until when it is held."),
	FIELD(order_parameters, entry, ANY, "The entry's id."),
	FIELD_AS(order_parameters, cycle.started_at, "cycle_started_at", ANY, "When the cycle began."),
	FIELD_AS(order_parameters, cycle.ends_at, "cycle_ends_at", ANY, "When it ends."),
	FINISH_FIELDS(order_parameters, finish.),
};
SHAPE(order_parameters)

static const struct statement reserve_order = {
	.sql =
	    "CALL order_create(:organization, :now, :id, :reference, :request_digest, :credits, :lines, :commitment_id,"
	    " :hold_expires_at, :entry, :principal_type, :principal, :cycle_started_at, :cycle_ends_at, :finish_space,"
	    " :finish_key, :finish_reply, :call, :finish_address, :finish_request)",
	.takes = &order_parameters_shape,
	.gives = &posted_shape,
};

static const struct problem *
find_cycle(struct call *call, struct known_cycle *known)
{
	struct cycle cycle;
	const struct problem *p = cycle_at(call, call->now, &cycle);

	if (p != NULL)
		return p;
	known->started_at = instant_given(cycle.starts_at);
	known->ends_at = instant_given(cycle.ends_at);
	return NULL;
}

/* ---- events ---------------------------------------------------------------------------------------------------- */

struct running_low {
	struct credits available;
	struct credits threshold;
};
static const struct field running_low_fields[] = {
	FIELD(running_low, available, ANY, "Credits that can be spent."),
	FIELD(running_low, threshold, ANY, "What they fell below."),
};
SHAPE(running_low)

static const struct event_type credits_low = {
	.type = "credits.low",
	.entity_type = "organization",
	.summary = "The credits that can be spent fell below the threshold that was set for a warning.",
	.data = &running_low_shape,
};

static const struct event_type auto_topup_due = {
	.type = "auto_topup.due",
	.entity_type = "organization",
	.summary = "The credits that can be spent fell below the threshold of automatic top-ups.",
	.data = &running_low_shape,
	.internal = true,
};

static const struct problem *
announce_auto_topup(struct call *call, const struct posted *posted)
{
	const struct problem *p = sql_run(call, &make_auto_topup_due, NULL, NULL);

	if (p != NULL)
		return p;
	return outbox_tell(call, &auto_topup_due, call->organization,
	    &(struct running_low){ posted->available, posted->auto_topup_threshold.value });
}

/* What this passed on its way. */
static const struct problem *
announce(struct call *call, const struct posted *posted)
{
	const struct problem *p = NULL;

	if (posted->low_threshold.given)
		p = outbox_tell(call, &credits_low, call->organization,
		    &(struct running_low){ posted->available, posted->low_threshold.value });
	if (p == NULL && posted->auto_topup_threshold.given)
		p = announce_auto_topup(call, posted);
	if (p == NULL && posted->soft_limit.given)
		p = limit_reached(call, "soft", posted->cycle_spend, posted->soft_limit.value);
	return p;
}

const struct problem *
ledger_tell_hard(struct call *call, struct credits spent, struct credits limit)
{
	const struct problem *p = sql_run(call, &tell_hard, NULL, NULL);

	return p != NULL ? p : limit_reached(call, "hard", spent, limit);
}

/* The first refusal of a cycle is announced, and so it is kept. */
static const struct problem *
refuse_by_limit(struct call *call, const struct posted *posted, bool may_keep)
{
	const struct problem *refusal, *p;

	refusal = fail(call, LIMIT_REACHED,
	    "This would take the cycle's spend from %" PRId64 " credits past the hard limit of %" PRId64 ".",
	    posted->cycle_spend.count, posted->hard_limit.value.count);
	refusal = problem_with_number(call, refusal, "hard_limit", posted->hard_limit.value.count);
	refusal = problem_with_number(call, refusal, "spent", posted->cycle_spend.count);
	if (posted->hard_told || !may_keep)
		return refusal;
	p = announce(call, posted); /* what fell due stays booked */
	if (p == NULL)
		p = ledger_tell_hard(call, posted->cycle_spend, posted->hard_limit.value);
	return p != NULL ? p : problem_kept(call, refusal);
}

static const struct problem *
refused(struct call *call, struct credits credits, const struct posted *posted, bool may_keep)
{
	const struct problem *p;

	if (text_is(posted->outcome, "insufficient")) {
		p = fail(call, INSUFFICIENT_CREDITS, "This takes %" PRId64 " credits, and %" PRId64 " are available.",
		    credits.count < 0 ? -credits.count : credits.count, posted->available.count);
		return problem_with_number(call, p, "available", posted->available.count);
	}
	if (text_is(posted->outcome, "limit_reached"))
		return refuse_by_limit(call, posted, may_keep);
	if (text_is(posted->outcome, "too_much"))
		return fail(call, CONFLICT, "The balance would grow past what an organization can have.");
	return fail_internal(call, "ledger_post answered %s", posted->outcome.at);
}

static struct maybe_text
account_of(const struct posting *posting)
{
	if (posting->on_account)
		return text_given(TEXT("receivable"));
	if (posting->reason != LEDGER_CHARGE)
		return (struct maybe_text){ .at = NULL };
	return text_given(posting->from_reserved ? TEXT("reserved") : TEXT("available"));
}

const struct problem *
ledger_post(struct call *call, const struct posting *posting, struct posted *posted)
{
	struct ledger_parameters parameters = {
		.entry = id_new(call->now),
		.reason = text_from(ledger_rules[posting->reason].name),
		.from_account = account_of(posting),
		.posting = *posting,
	};
	const struct problem *p = sql_one(call, &post_entry, &parameters, posted);

	if (p == NULL && text_is(posted->outcome, "cycle_over")) {
		p = find_cycle(call, &parameters.cycle);
		if (p == NULL)
			p = sql_one(call, &post_entry, &parameters, posted);
	}
	if (p != NULL)
		return p;
	return text_is(posted->outcome, "ok") ? announce(call, posted) : refused(call, posting->credits, posted, false);
}

/* The refusal alone, with its announcement; what it was to be charged for is undone. Should it be possible by now, all
 * is done again. */
const struct problem *
ledger_post_or_tell(struct call *call, const struct posting *posting, struct posted *posted)
{
	const struct problem *p = ledger_post(call, posting, posted);

	if (p == NULL || p->kind != LIMIT_REACHED || posted->hard_told)
		return p;
	database_rollback(call);
	p = ledger_post(call, posting, posted);
	if (p == NULL)
		return fail(call, RERUN, "The credits are there now.");
	return p->kind == LIMIT_REACHED ? refuse_by_limit(call, posted, true) : p;
}

const struct problem *
ledger_reserve_order(struct call *call, const struct order_reservation *order, void *reply, bool *is_known)
{
	struct order_parameters parameters = {
		.order = *order, .entry = id_new(call->now), .finish = finish_with(call, reply)
	};
	struct posted posted;
	enum called called;
	const struct problem *p = sql_call(call, &reserve_order, &parameters, &posted, &called);

	if (p == NULL && called == CALLED_ROW && text_is(posted.outcome, "cycle_over")) {
		p = find_cycle(call, &parameters.cycle);
		if (p == NULL)
			p = sql_call(call, &reserve_order, &parameters, &posted, &called);
	}
	*is_known = p == NULL && called == CALLED_DUPLICATE;
	if (p != NULL || *is_known)
		return p;
	if (called == CALLED_NOTHING) {
		finish_done(call);
		return NULL;
	}
	return text_is(posted.outcome, "ok") ? announce(call, &posted) : refused(call, order->credits, &posted, true);
}

const struct problem *
ledger_expire(struct call *call, struct posted *posted)
{
	const struct problem *p = sql_one(call, &post_expiry, NULL, posted);

	return p == NULL ? announce(call, posted) : p;
}

const struct problem *
ledger_open(struct call *call, struct currency currency)
{
	struct new_book book = { currency };

	return sql_run(call, &open_book, &book, NULL);
}

const struct problem *
ledger_set_limits(struct call *call, struct maybe_credits soft, struct maybe_credits hard)
{
	struct book_setting setting = { .soft_limit = soft, .hard_limit = hard };

	return sql_run(call, &set_limits, &setting, NULL);
}

const struct problem *
ledger_set_low_threshold(struct call *call, struct maybe_credits threshold)
{
	struct book_setting setting = { .threshold = threshold };

	return sql_run(call, &set_low_threshold, &setting, NULL);
}

const struct problem *
ledger_set_auto_topup(struct call *call, struct maybe_credits threshold)
{
	struct book_setting setting = { .threshold = threshold };

	return sql_run(call, &set_auto_topup, &setting, NULL);
}

const struct problem *
ledger_set_post_pay(struct call *call, bool post_pay)
{
	struct book_setting setting = { .post_pay = post_pay };

	return sql_run(call, &set_post_pay, &setting, NULL);
}

const struct resource ledger_resource = {
	.name = "ledger",
	.summary = "Bookings, by the database's own procedures.",
	.statements = LIST_OF(statement, &post_entry, &post_expiry, &open_book, &set_limits, &set_low_threshold,
	    &set_auto_topup, &set_post_pay, &tell_hard, &make_auto_topup_due, &reserve_order),
	.events = LIST_OF(event_type, &credits_low, &auto_topup_due),
};
