/*
 * Organizations that pay afterwards: what has accrued on their account, and invoices that they paid outside.
 */
#include "clock.h"
#include "formats.h"
#include "invoice_end.h"
#include "invoice_parts.h"
#include "month.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- billing.enterprise.accrual ---------------------------------------------------------------------------------- */

struct accrual_query {
	struct id organization_id;
	struct maybe_text period;
};
static const struct field accrual_query_fields[] = {
	FIELD(accrual_query, organization_id, ANY, "The organization."),
	FIELD(accrual_query, period, MATCHING(period_format, 7, 7),
	    "The month, YYYY-MM; the present one where it is left out."),
};
SHAPE(accrual_query)

struct accrual {
	struct id organization_id;
	struct text period;
	struct amount receivable;
	struct text currency;
	int64_t orders_count;
	struct amount uninvoiced;
	struct amount owed;
};
static const struct field accrual_fields[] = {
	FIELD(accrual, organization_id, ANY, "The organization."),
	FIELD(accrual, period, ANY, "The month, in its time zone."),
	FIELD(accrual, receivable, ANY, "What the month has accrued, less what was given back; without tax."),
	FIELD(accrual, currency, ANY, "Of all amounts."),
	FIELD(accrual, orders_count, ANY, "Orders that the month has charged, and not given back since."),
	FIELD(accrual, uninvoiced, ANY, "What has accrued, whenever, and is on no invoice yet; without tax."),
	FIELD(accrual, owed, ANY, "What is left to be paid of issued invoices, tax included."),
};
SHAPE(accrual)

struct stretch_of_time {
	struct instant from, to;
};
static const struct field stretch_of_time_fields[] = {
	FIELD(stretch_of_time, from, ANY, "Not before."),
	FIELD(stretch_of_time, to, ANY, "Before."),
};
SHAPE(stretch_of_time)

struct accrued {
	struct text currency;
	struct amount receivable;
	int64_t orders_count;
	struct amount uninvoiced;
	struct amount owed;
};
static const struct field accrued_fields[] = {
	FIELD(accrued, currency, ANY, "The organization's."),
	FIELD(accrued, receivable, ANY, "Of the month."),
	FIELD(accrued, orders_count, ANY, "Of the month."),
	FIELD(accrued, uninvoiced, ANY, "In all."),
	FIELD(accrued, owed, ANY, "In all."),
};
SHAPE(accrued)

/* What is charged on account, and given back; invoices and their payments are other reasons. It is looked for behind
 * what monthly runs have dealt with, so that the length of the past does not matter. */
#define ACCRUALS                                                                             \
	" FROM journal_entry e JOIN journal_line l ON l.organization_id = e.organization_id" \
	" AND l.sequence = e.sequence AND l.account = 'receivable'"
#define IS_ACCRUAL                                 \
	" WHERE e.organization_id = :organization" \
	" AND e.reason IN ('charge', 'refund', 'plan_fee', 'overage', 'commitment_shortfall')"
#define BEHIND_RUNS(which)                                                              \
	" AND e.sequence > COALESCE((SELECT MAX(r.through_sequence) FROM monthly_run r" \
	" WHERE r.organization_id = :organization" which "), 0)"

static const struct statement read_accrual = {
	.sql = "SELECT o.currency, COALESCE((SELECT CAST(SUM(l.amount) AS SIGNED)" ACCRUALS IS_ACCRUAL BEHIND_RUNS(
	    " AND r.to_at <= :from") " AND e.at >= :from AND e.at < :to), 0) AS receivable,"
				     " COALESCE((SELECT COUNT(*) FROM orders r WHERE r.organization_id = :organization "
				     "AND r.post_pay"
				     " AND r.status = 'settled' AND r.settled_at >= :from AND r.settled_at < :to), 0) "
				     "AS orders_count,"
				     " COALESCE((SELECT CAST(SUM(l.amount) AS SIGNED)" ACCRUALS
				     " LEFT JOIN billed_entry b ON b.organization_id = e.organization_id AND "
				     "b.sequence = e.sequence" IS_ACCRUAL BEHIND_RUNS(
					 "") " AND b.sequence IS NULL), 0)"
					     " + COALESCE((SELECT CAST(SUM(t.amount) AS SIGNED) FROM monthly_run m "
					     "JOIN monthly_run_line t"
					     " ON t.organization_id = m.organization_id AND t.period = m.period AND "
					     "t.paid_from = 'account'"
					     " WHERE m.organization_id = :organization AND m.status IN ('running', "
					     "'failed')"
					     " AND m.invoice_id IS NULL), 0) AS uninvoiced,"
					     " COALESCE((SELECT CAST(SUM(i.total - i.credited - i.written_off - "
					     "i.paid) AS SIGNED) FROM invoice i"
					     " WHERE i.organization_id = :organization AND i.status = 'issued'), 0) AS "
					     "owed"
					     " FROM organization o WHERE o.id = :organization",
	.takes = &stretch_of_time_shape,
	.gives = &accrued_shape,
};

HANDLER(read_accruals, accrual_query, accrual)

static const struct operation accrual_operation = {
	.id = "billing.enterprise.accrual",
	.kind = READ,
	.scope = ADMIN_READ,
	.effect = READS,
	.summary = "Read what has accrued on the account of an organization that pays afterwards.",
	.raises = { NOT_FOUND },
	.run = &read_accruals_run,
};

static const struct problem *
read_accruals(struct call *call, const struct accrual_query *in, struct accrual *out)
{
	struct stretch_of_time stretch;
	struct accrued accrued;
	struct month month;
	const struct problem *p = in->period.at == NULL
				      ? month_of(call, call->now, &month)
				      : month_parse(call, (struct text){ in->period.at, in->period.length }, &month);

	if (p != NULL)
		return p;
	stretch = (struct stretch_of_time){ month.from, month.to };
	p = sql_one(call, &read_accrual, &stretch, &accrued);
	if (p == NULL)
		*out = (struct accrual){ .organization_id = in->organization_id,
			.period = arena_format(call->arena, "%s", month.name),
			.receivable = accrued.receivable,
			.currency = accrued.currency,
			.orders_count = accrued.orders_count,
			.uninvoiced = accrued.uninvoiced,
			.owed = accrued.owed };
	return p;
}

/* ---- billing.enterprise.mark_invoiced ---------------------------------------------------------------------------- */

struct mark_invoiced {
	struct id organization_id;
	struct id invoice_id;
	struct text reference;
};
static const struct field mark_invoiced_fields[] = {
	FIELD(mark_invoiced, organization_id, ANY, "Whose invoice it is."),
	FIELD(mark_invoiced, invoice_id, ANY, "The invoice."),
	FIELD(
	    mark_invoiced, reference, MATCHING(plain_format, 1, 200), "What the payment is known by, as at the bank."),
};
SHAPE(mark_invoiced)

HANDLER(mark_invoiced, mark_invoiced, invoice)

static const struct operation mark_invoiced_operation = {
	.id = "billing.enterprise.mark_invoiced",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Note that an invoice was paid outside.",
	.description =
	    "All that is left of it is booked as received at the bank. Of one that was given up, too. Noting the same"
	    " reference again answers the invoice again.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &mark_invoiced_run,
};

static bool
is_noted(const struct invoice *invoice, struct text reference)
{
	return invoice_has_status(invoice, "paid") && invoice->reference.at != NULL &&
	       text_equal((struct text){ invoice->reference.at, invoice->reference.length }, reference);
}

static const struct problem *
mark_invoiced(struct call *call, const struct mark_invoiced *in, struct invoice *out)
{
	const struct problem *p = invoice_lock_to_end(call, in->invoice_id, out);

	if (p != NULL || is_noted(out, in->reference))
		return p;
	if (!invoice_has_status(out, "issued") && !invoice_has_status(out, "uncollectible"))
		return fail(call, CONFLICT, "The invoice is %s.", out->status.at);
	p = invoice_ask_uncharged(call, out->id);
	return p != NULL ? p : invoice_paid(call, out, NULL, text_given(in->reference));
}

const struct resource enterprise_resource = {
	.name = "billing.enterprise",
	.summary = "Organizations that pay afterwards.",
	.operations = LIST_OF(operation, &accrual_operation, &mark_invoiced_operation),
	.statements = LIST_OF(statement, &read_accrual),
};
