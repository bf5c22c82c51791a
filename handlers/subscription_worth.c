/*
 * What of a stretch that was charged is left at a moment: by the time that is not used, and by what became of the
 * invoices that have billed its fee, or those of the stretches before it, which it has counted.
 */
#include "credit_note.h"
#include "id.h"
#include "money.h"
#include "resources.h"
#include "statement.h"
#include "subscription.h"
#include "text.h"

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

/* A fee behind a stretch that an invoice pays, or is to pay. */
struct backing {
	struct id id;
	struct maybe_text paid_from;
	struct maybe_text period;
	struct maybe_id invoice_id;
	bool is_carried;
};
static const struct field backing_fields[] = {
	FIELD(backing, id, ANY, "The stretch whose fee it was."),
	FIELD(backing, paid_from, ANY, "What the run that billed it has found to pay it."),
	FIELD(backing, period, ANY, "The month of that run."),
	FIELD(backing, invoice_id, ANY, "The invoice."),
	FIELD(backing, is_carried, ANY, "Whether it waits for a later invoice."),
};
SHAPE(backing)

struct backed {
	struct id id;
	struct id subscription_id;
	struct instant starts_at;
};
static const struct field backed_fields[] = {
	FIELD(backed, id, ANY, "The stretch."),
	FIELD(backed, subscription_id, ANY, "Of which subscription."),
	FIELD(backed, starts_at, ANY, "When it begins."),
};
SHAPE(backed)

/* Each change cuts the stretch before it and counts what is left of that: back to the one that time has begun. */
static const struct statement list_backing = {
	.sql = "SELECT f.id, f.paid_from, r.period, COALESCE(r.invoice_id, c.invoice_id) AS invoice_id,"
	       " COALESCE(r.is_carried, FALSE) AS is_carried FROM subscription_fee f"
	       " LEFT JOIN billed_entry b ON b.organization_id = f.organization_id AND b.sequence = f.sequence"
	       " LEFT JOIN monthly_run r ON r.organization_id = f.organization_id"
	       " AND r.period = COALESCE(f.run_period, b.period)"
	       " LEFT JOIN monthly_run c ON c.organization_id = f.organization_id AND c.period = r.carried_to"
	       " WHERE f.organization_id = :organization AND f.subscription_id = :subscription_id"
	       " AND f.starts_at <= :starts_at AND (f.paid_from = 'invoice' OR f.on_account) AND NOT EXISTS (SELECT 1"
	       " FROM subscription_fee g WHERE g.organization_id = :organization"
	       " AND g.subscription_id = :subscription_id AND g.starts_at >= f.starts_at AND g.ends_at <= :starts_at"
	       " AND g.ends_at >= g.period_ends_at AND g.id <> :id) ORDER BY f.starts_at DESC, f.id DESC LIMIT 100",
	.takes = &backed_shape,
	.gives = &backing_shape,
};

/* ---- what is left of it ------------------------------------------------------------------------------------------ */

static struct credits
stretch_unused(const struct stretch *stretch, struct instant now)
{
	int64_t whole = seconds_between(stretch->starts_at, stretch->ends_at);
	struct credits unused = stretch->credits;

	if (!stretch->charged_at.given)
		return (struct credits){ 0 };
	if (whole > 0 &&
	    !share_of(stretch->credits.count, seconds_between(now, stretch->ends_at), whole, 1, &unused.count))
		return (struct credits){ 0 };
	return unused;
}

/* How much of what an invoice has billed is worth nothing. */
struct lost {
	int64_t part, whole;
};

/* Of what an invoice has billed: nothing, where that is void. What stands on account lowers what is owed, so that it
 * counts before it is paid, too; else what somebody has credited by hand is gone in proportion. */
static const struct problem *
ask_lost(struct call *call, const struct backing *backing, struct lost *lost, struct maybe_text *unpaid)
{
	bool is_invoiced = backing->paid_from.at != NULL && text_is(text_or(backing->paid_from, ""), "invoice");
	struct invoice_worth worth;
	const struct problem *p;

	*lost = (struct lost){ 0, 1 };
	if (!backing->invoice_id.given) {
		lost->part = is_invoiced && backing->is_carried;
		if (is_invoiced && !backing->is_carried)
			*unpaid = text_given(arena_format(call->arena,
			    "What is left of the present plan counts when it is paid, and %s is not invoiced yet.",
			    text_or(backing->period, "its month").at));
		return NULL;
	}
	p = invoice_ask_worth(call, backing->invoice_id.value, &worth);
	if (p != NULL || worth.is_void)
		return lost->part = 1, p;
	if (is_invoiced && !worth.is_paid)
		*unpaid = text_given(arena_format(call->arena,
		    "The present plan stands on the invoice %s, which is not paid: pay it, or have it credited, first.",
		    worth.number.at));
	if (is_invoiced && worth.total.micros > 0)
		*lost = (struct lost){ worth.credited_by_hand.micros, worth.total.micros };
	return NULL;
}

/* What a stretch has taken itself is its own share of what is left of it; the rest came from those before. */
static const struct problem *
lose(struct call *call, const struct stretch *stretch, bool is_own, const struct lost *lost, struct credits *unused)
{
	int64_t own = unused->count, gone;

	if (stretch->drawn.count < stretch->credits.count &&
	    !share_of(unused->count, stretch->drawn.count, stretch->credits.count, 1, &own))
		return fail_internal(call, "what is left of a fee overflows");
	if (!is_own)
		own = unused->count - own;
	else if (lost->part == lost->whole)
		own = unused->count;
	if (!share_of(own, lost->part, lost->whole, 1, &gone))
		return fail_internal(call, "what is left of a fee overflows");
	unused->count -= gone;
	return NULL;
}

const struct problem *
stretch_worth(struct call *call, const struct stretch *stretch, struct instant at, struct credits *unused,
    struct maybe_text *unpaid)
{
	bool is_all_own = stretch->drawn.count >= stretch->credits.count;
	struct backed backed = { stretch->id, stretch->subscription_id, stretch->starts_at };
	struct list list = { .count = 0 };
	const struct backing *backing;
	const struct problem *p = NULL;

	*unpaid = (struct maybe_text){ .at = NULL };
	*unused = stretch_unused(stretch, at);
	if (unused->count > 0)
		p = sql_all(call, &list_backing, &backed, &list);
	backing = list.items;
	for (size_t i = 0; p == NULL && unpaid->at == NULL && i < list.count; i++) {
		bool is_own = id_equal(backing[i].id, stretch->id);
		struct lost lost = { 0, 1 };

		if (is_own || !is_all_own)
			p = ask_lost(call, &backing[i], &lost, unpaid);
		if (p == NULL)
			p = lose(call, stretch, is_own, &lost, unused);
		if (lost.part == lost.whole)
			break;
	}
	if (unpaid->at != NULL)
		unused->count = 0;
	return p;
}

const struct resource subscription_worth_resource = {
	.name = "subscription_worth",
	.summary = "What is left of what subscriptions cost.",
	.statements = LIST_OF(statement, &list_backing),
};
