/*
 * Credits that a change of a subscription gave for a fee which an invoice had billed: they stand as long as the
 * invoice's money does. What of that is gone takes as large a part of the credits with it, as debt where they are
 * spent; what comes again brings it again.
 */
#include "id.h"
#include "invoice_parts.h"
#include "ledger.h"
#include "money.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct fee_credits {
	struct id fee_id;
	struct credits credits;
};
static const struct field fee_credits_fields[] = {
	FIELD(fee_credits, fee_id, ANY, "The stretch whose fee it was."),
	FIELD(fee_credits, credits, ANY, "What was given back of it."),
};
SHAPE(fee_credits)

struct credits_key {
	struct id invoice_id;
};
static const struct field credits_key_fields[] = {
	FIELD(credits_key, invoice_id, ANY, "The invoice."),
};
SHAPE(credits_key)

struct invoice_credits {
	struct id invoice_id;
	struct credits given;
	struct amount backing;
	struct credits clawed;
};
static const struct field invoice_credits_fields[] = {
	FIELD(invoice_credits, invoice_id, ANY, "The invoice."),
	FIELD(invoice_credits, given, ANY, "What was given for it."),
	FIELD(invoice_credits, backing, ANY, "What was paid of it then."),
	FIELD(invoice_credits, clawed, ANY, "What was taken back of the credits."),
};
SHAPE(invoice_credits)

/* Only what is paid is given back: what was taken back before stays so. */
static const struct statement add_credits = {
	.sql = "INSERT INTO invoice_credits (organization_id, invoice_id, given, backing)"
	       " SELECT i.organization_id, i.id, :credits, LEAST(i.paid, i.total - i.credited) FROM subscription_fee f"
	       " JOIN monthly_run r ON r.organization_id = f.organization_id AND r.period = f.run_period"
	       " LEFT JOIN monthly_run c ON c.organization_id = f.organization_id AND c.period = r.carried_to"
	       " JOIN invoice i ON i.organization_id = f.organization_id"
	       " AND i.id = COALESCE(r.invoice_id, c.invoice_id)"
	       " WHERE f.organization_id = :organization AND f.id = :fee_id AND f.paid_from = 'invoice'"
	       " ON DUPLICATE KEY UPDATE given = given - clawed + VALUES(given), backing = VALUES(backing), clawed = 0",
	.takes = &fee_credits_shape,
};

static const struct statement lock_credits = {
	.sql = "SELECT invoice_id, given, backing, clawed FROM invoice_credits"
	       " WHERE organization_id = :organization AND invoice_id = :invoice_id FOR UPDATE",
	.takes = &credits_key_shape,
	.gives = &invoice_credits_shape,
};

static const struct statement save_clawed = {
	.sql = "UPDATE invoice_credits SET clawed = :clawed"
	       " WHERE organization_id = :organization AND invoice_id = :invoice_id",
	.takes = &invoice_credits_shape,
};

/* ---- keeping step ------------------------------------------------------------------------------------------------ */

const struct problem *
invoice_gave_credits(struct call *call, struct id fee_id, struct credits credits)
{
	struct fee_credits given = { fee_id, credits };

	return sql_run(call, &add_credits, &given, NULL);
}

static const struct problem *
post(struct call *call, const struct invoice *invoice, int64_t taken)
{
	bool back = taken < 0;
	struct posting posting = {
		.reason = back ? LEDGER_REFUND : LEDGER_CLAWBACK,
		.credits = { back ? -taken : taken },
		.description =
		    text_given(back ? TEXT("Given again: the money for the invoice is there again.")
				    : TEXT("Taken back: the money for the invoice that it was given for is gone.")),
		.reference_type = text_given(TEXT("invoice")),
		.reference_id = id_given(invoice->id),
	};
	struct posted posted;

	if (back)
		posting.lot_source = text_given(TEXT("paid"));
	return ledger_post(call, &posting, &posted);
}

/* The part is taken of the whole, so that rounding never adds up. */
static const struct problem *
keep_step(struct call *call, const struct invoice *invoice, struct invoice_credits *credits)
{
	int64_t gone = credits->backing.micros - invoice->paid.micros, target, taken;
	const struct problem *p;

	if (gone < 0)
		gone = 0;
	if (gone > credits->backing.micros)
		gone = credits->backing.micros;
	if (!share_of(credits->given.count, gone, credits->backing.micros, 1, &target))
		return fail_internal(call, "what is to be taken back overflows");
	taken = target - credits->clawed.count;
	if (taken == 0)
		return NULL;
	credits->clawed.count = target;
	p = sql_run(call, &save_clawed, credits, NULL);
	return p != NULL ? p : post(call, invoice, taken);
}

const struct problem *
invoice_follow_money(struct call *call, const struct invoice *invoice)
{
	struct credits_key key = { invoice->id };
	struct invoice_credits credits;
	bool found;
	const struct problem *p = sql_maybe(call, &lock_credits, &key, &credits, &found);

	return p != NULL || !found || credits.backing.micros <= 0 ? p : keep_step(call, invoice, &credits);
}

const struct resource invoice_credits_resource = {
	.name = "invoice_credits",
	.summary = "Credits that were given for what an invoice had billed.",
	.statements = LIST_OF(statement, &add_credits, &lock_credits, &save_clawed),
};
