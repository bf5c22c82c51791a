/*
 * The ledger as handlers see it: postings in, balances out. The rules themselves are the procedure's.
 */
#include "ledger.h"

#include <inttypes.h>

#include "id.h"
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
};

const char *const ledger_reason_names[] = { "grant", "topup", "auto_topup", "reservation", "release", "charge",
	"refund", "clawback", "expiry", "adjustment", "plan_fee", "overage", "commitment_shortfall", NULL };

struct ledger_parameters {
	struct id entry;
	struct text reason;
	struct maybe_text from_account;
	struct posting posting;
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
	FIELD_AS(ledger_parameters, posting.cycle_started_at, "cycle_started_at", ANY, "When the cycle began."),
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
};
SHAPE(posted)

static const struct statement post_entry = {
	.sql =
	    "CALL ledger_post(:organization, :now, :entry, :reason, :from_account, :credits, :description, "
	    ":reference_type,"
	    " :reference_id, :principal_type, :principal, :lot_source, :lot_expires_at, :lot_priority, :lot, :undoes,"
	    " :cycle_started_at, :money)",
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

struct new_limit {
	struct maybe_credits hard_limit;
};
static const struct field new_limit_fields[] = {
	FIELD(new_limit, hard_limit, ANY, "Credits a cycle; none: no limit."),
};
SHAPE(new_limit)

static const struct statement set_hard_limit = {
	.sql = "CALL book_set_hard_limit(:organization, :hard_limit)",
	.takes = &new_limit_shape,
};

static const struct problem *
refused(struct call *call, const struct posting *posting, const struct posted *posted)
{
	const struct problem *p;

	if (text_is(posted->outcome, "insufficient")) {
		p = fail(call, INSUFFICIENT_CREDITS, "This takes %" PRId64 " credits, and %" PRId64 " are available.",
		    posting->credits.count < 0 ? -posting->credits.count : posting->credits.count,
		    posted->available.count);
		return problem_with_number(call, p, "available", posted->available.count);
	}
	if (text_is(posted->outcome, "limit_reached")) {
		p = fail(call, LIMIT_REACHED,
		    "This would take the cycle's spend from %" PRId64 " credits past the hard limit of %" PRId64 ".",
		    posted->cycle_spend.count, posted->hard_limit.value.count);
		p = problem_with_number(call, p, "hard_limit", posted->hard_limit.value.count);
		return problem_with_number(call, p, "spent", posted->cycle_spend.count);
	}
	if (text_is(posted->outcome, "too_much"))
		return fail(call, CONFLICT, "The balance would grow past what an organization can have.");
	return fail_internal(call, "ledger_post answered %s", posted->outcome.at);
}

static const struct problem *
announce_low(struct call *call, const struct posted *posted)
{
	if (!posted->low_threshold.given)
		return NULL;
	return outbox_event(call, "credits.low", "organization", call->organization,
	    arena_format(call->arena, "{\"available\":%" PRId64 ",\"threshold\":%" PRId64 "}", posted->available.count,
		posted->low_threshold.value.count));
}

const struct problem *
ledger_post(struct call *call, const struct posting *posting, struct posted *posted)
{
	struct ledger_parameters parameters = {
		.entry = id_new(call->now),
		.reason = text_from(ledger_rules[posting->reason].name),
		.posting = *posting,
	};
	const struct problem *p;

	if (posting->reason == LEDGER_CHARGE)
		parameters.from_account = text_given(posting->from_reserved ? TEXT("reserved") : TEXT("available"));
	p = sql_one(call, &post_entry, &parameters, posted);
	if (p != NULL)
		return p;
	return text_is(posted->outcome, "ok") ? announce_low(call, posted) : refused(call, posting, posted);
}

const struct problem *
ledger_expire(struct call *call, struct posted *posted)
{
	const struct problem *p = sql_one(call, &post_expiry, NULL, posted);

	return p == NULL ? announce_low(call, posted) : p;
}

const struct problem *
ledger_open(struct call *call, struct currency currency)
{
	struct new_book book = { currency };

	return sql_run(call, &open_book, &book, NULL);
}

const struct problem *
ledger_set_hard_limit(struct call *call, struct maybe_credits limit)
{
	struct new_limit new_limit = { limit };

	return sql_run(call, &set_hard_limit, &new_limit, NULL);
}

const struct resource ledger_resource = {
	.name = "ledger",
	.summary = "Bookings, by the database's own procedure.",
	.statements = LIST_OF(statement, &post_entry, &post_expiry, &open_book, &set_hard_limit),
};
