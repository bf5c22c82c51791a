/*
 * What is given back of what was on account, in a monthly run. A refund of what no run has billed belongs to its
 * charge: both are billed together, or annul each other. Any other is taken off the month's lines as far as these bear
 * it, else it becomes a credit note of the invoice that had billed its charge (run_notes.c), and so does what was
 * billed by an invoice that is void or that somebody has credited by hand, for nobody owes that. Who pays in advance
 * gets no invoice of what stands on account while all of it comes to nothing or less: then the charges lower the notes.
 */
#include "month_run.h"
#include "resources.h"
#include "run_owed.h"
#include "statement.h"
#include "text.h"

/* No less than this is left of an invoice that bears refunds: rounding might take it below nothing. */
#define LEAST_WITH_REFUNDS INT64_C(1000000)

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct owed_key {
	struct text period;
	struct text currency;
	int64_t through_sequence;
	struct instant to_at;
	struct maybe_id noted_on;
};
static const struct field owed_key_fields[] = {
	FIELD(owed_key, period, ANY, "The run's month."),
	FIELD(owed_key, currency, ANY, "Its currency."),
	FIELD(owed_key, through_sequence, ANY, "What is billed."),
	FIELD(owed_key, to_at, ANY, "The month's end."),
	FIELD(owed_key, noted_on, ANY, "The invoice whose note takes them."),
};
SHAPE(owed_key)

/* They lower what credit notes give back. */
static const struct statement set_off = {
	.sql =
	    "INSERT INTO billed_entry (organization_id, sequence, period, by_run, is_apart, noted_on)"
	    " SELECT e.organization_id, e.sequence, :period, FALSE, TRUE, :noted_on" OWED_ENTRIES " AND e.at < :to_at"
	    " AND l.amount > 0",
	.takes = &owed_key_shape,
};

struct refund {
	int64_t sequence;
	struct amount amount; /* below 0 */
	struct maybe_id invoice_id;
	bool is_closed;                   /* it is void, or credited by hand */
	struct maybe_int charge_sequence; /* no run has billed it */
	struct amount charge_amount;
	struct amount rest; /* of that, less all that is given back of it */
};
static const struct field refund_fields[] = {
	FIELD(refund, sequence, ANY, "The entry."),
	FIELD(refund, amount, ANY, "What it comes to."),
	FIELD(refund, invoice_id, ANY, "The invoice that had billed it."),
	FIELD(refund, is_closed, ANY, "Whether nobody owes what that had billed."),
	FIELD(refund, charge_sequence, ANY, "The charge that it is of, where that is not billed yet."),
	FIELD(refund, charge_amount, ANY, "What that came to."),
	FIELD(refund, rest, ANY, "What is left of it."),
};
SHAPE(refund)

/* What an invoice had too little of is of any that has something left: the newest. */
#define NEWEST_LEFT                                                                               \
	"(SELECT n.id FROM invoice n WHERE n.organization_id = :organization AND n.kind = 'run'"  \
	" AND n.status IN ('issued', 'paid') AND n.currency = :currency AND n.credited < n.total" \
	" ORDER BY n.issued_at DESC, n.id DESC LIMIT 1)"

/* Those of unbilled charges come first, each charge's together. */
static const struct statement list_refunds = {
	.sql =
	    "SELECT x.sequence, x.amount, IF(x.is_unbilled, NULL, IF(x.is_rest, " NEWEST_LEFT
	    ", x.invoice_id)) AS invoice_id, x.is_closed, IF(x.is_unbilled, x.charge_sequence, NULL) AS "
	    "charge_sequence,"
	    " x.charge_amount, COALESCE(CAST(x.charge_amount + SUM(x.amount) OVER (PARTITION BY x.is_unbilled,"
	    " x.charge_sequence) AS SIGNED), 0) AS rest FROM (SELECT y.sequence, y.amount, y.is_rest, "
	    "y.charge_sequence,"
	    " cb.sequence IS NULL AND cl.sequence IS NOT NULL AS is_unbilled, COALESCE(cl.amount, 0) AS "
	    "charge_amount,"
	    " ce.at AS charge_at, i.id AS invoice_id, COALESCE(i.status = 'void' OR EXISTS (SELECT 1 FROM credit_note"
	    " h WHERE h.organization_id = :organization AND h.invoice_id = i.id AND h.on_account = 0), FALSE)"
	    " AS is_closed"
	    " FROM (SELECT e.sequence, l.amount, COALESCE(e.reference_type = 'invoice', FALSE) AS is_rest, "
	    "COALESCE(o.charge_sequence, f.sequence) AS charge_sequence,"
	    " f.run_period" OWED_JOINS
	    " LEFT JOIN orders o ON e.reference_type = 'order' AND o.organization_id = e.organization_id"
	    " AND o.id = e.reference_id LEFT JOIN subscription_fee_refund s"
	    " ON s.organization_id = e.organization_id AND s.sequence = e.sequence"
	    " LEFT JOIN subscription_fee f ON f.organization_id = e.organization_id AND f.id = s.fee_id" OWED_CONDITIONS
	    " AND e.at < :to_at AND l.amount < 0) y"
	    " LEFT JOIN billed_entry cb ON cb.organization_id = :organization AND cb.sequence = y.charge_sequence"
	    " LEFT JOIN journal_entry ce ON ce.organization_id = :organization AND ce.sequence = y.charge_sequence"
	    " LEFT JOIN journal_line cl ON cl.organization_id = :organization AND cl.sequence = y.charge_sequence"
	    " AND cl.account = 'receivable'"
	    " LEFT JOIN monthly_run r ON r.organization_id = :organization"
	    " AND r.period = COALESCE(y.run_period, cb.period)"
	    " LEFT JOIN monthly_run c ON c.organization_id = :organization AND c.period = r.carried_to"
	    " LEFT JOIN invoice i ON i.organization_id = :organization"
	    " AND i.id = COALESCE(cb.noted_on, r.invoice_id, c.invoice_id)) x"
	    " WHERE NOT (x.is_unbilled AND x.charge_at >= :to_at)"
	    " ORDER BY x.is_unbilled DESC, IF(x.is_unbilled, x.charge_sequence, 0), x.sequence",
	.takes = &owed_key_shape,
	.gives = &refund_shape,
};

struct marked_refund {
	struct text period;
	int64_t sequence;
	bool is_apart;
	struct maybe_id noted_on;
};
static const struct field marked_refund_fields[] = {
	FIELD(marked_refund, period, ANY, "The run's month."),
	FIELD(marked_refund, sequence, ANY, "The entry."),
	FIELD(marked_refund, is_apart, ANY, "Whether it is on no line."),
	FIELD(marked_refund, noted_on, ANY, "The invoice that a credit note is made of."),
};
SHAPE(marked_refund)

static const struct statement mark_refund = {
	.sql = "INSERT INTO billed_entry (organization_id, sequence, period, by_run, is_apart, noted_on)"
	       " VALUES (:organization, :sequence, :period, FALSE, :is_apart, :noted_on)",
	.takes = &marked_refund_shape,
};

/* ---- what becomes of them -----------------------------------------------------------------------------------------
 */

struct weighing {
	const struct run *run;
	struct run_netting *netting;
	const struct refund *refunds;
	size_t count;
	struct marked_refund *marks; /* two a refund at the most */
	size_t marked;
	int64_t borne; /* what the lines come to, less what is given back of it */
	bool bears_all;
	struct maybe_id target; /* the first invoice that a note can lower */
};

static bool
is_own(const struct refund *refund)
{
	return refund->charge_sequence.given;
}

static void
mark(struct weighing *w, int64_t sequence, bool is_apart, struct maybe_id noted_on)
{
	w->marks[w->marked++] = (struct marked_refund){ w->run->period, sequence, is_apart, noted_on };
	w->netting->noted += noted_on.given;
}

static bool
is_annulled(const struct weighing *w, const struct refund *refund)
{
	return !w->bears_all && is_own(refund) && refund->rest.micros == 0;
}

/* With its first refund, the charge is gone, too. */
static void
annul(struct weighing *w, size_t index)
{
	const struct refund *refund = &w->refunds[index];
	struct maybe_id none = { .given = false };
	bool is_first =
	    index == 0 || !is_own(refund - 1) || refund[-1].charge_sequence.value != refund->charge_sequence.value;

	mark(w, refund->sequence, true, none);
	if (!is_first)
		return;
	mark(w, refund->charge_sequence.value, true, none);
	w->netting->charged.micros -= refund->charge_amount.micros;
}

static bool
is_borne(const struct weighing *w, const struct refund *refund)
{
	if (!w->netting->bills_charges || refund->is_closed)
		return false;
	return is_own(refund) || w->bears_all || w->borne + refund->amount.micros >= LEAST_WITH_REFUNDS;
}

/* Where there is no invoice yet to make a note of, it waits for the run behind that. */
static void
place(struct weighing *w, size_t index)
{
	const struct refund *refund = &w->refunds[index];
	struct maybe_id noted_on = is_own(refund) ? w->target : refund->invoice_id;

	if (is_annulled(w, refund)) {
		annul(w, index);
	} else if (is_borne(w, refund)) {
		if (!is_own(refund))
			w->borne += refund->amount.micros;
		mark(w, refund->sequence, false, (struct maybe_id){ .given = false });
	} else if (noted_on.given) {
		mark(w, refund->sequence, true, noted_on);
	}
}

/* Sums up before anything is placed. */
static void
weigh(struct weighing *w)
{
	int64_t all, foreign = 0;

	w->borne = w->netting->charged.micros + w->netting->lines.micros;
	for (size_t i = 0; i < w->count; i++) {
		const struct refund *refund = &w->refunds[i];

		if (is_own(refund))
			w->borne += refund->amount.micros;
		else if (!refund->is_closed)
			foreign += refund->amount.micros;
		if (!is_own(refund) && !refund->is_closed && !w->target.given)
			w->target = refund->invoice_id;
	}
	all = w->borne + foreign;
	w->netting->bills_charges = w->run->post_pay || all > 0;
	w->bears_all = w->netting->bills_charges && all >= LEAST_WITH_REFUNDS;
}

static const struct problem *
store(struct call *call, struct weighing *w, const struct owed_key *key)
{
	const void **rows = arena_array(call->arena, w->marked + 1, sizeof(*rows));
	struct owed_key target = *key;
	int64_t charges = 0;
	const struct problem *p = NULL;

	target.noted_on = w->target;
	for (size_t i = 0; i < w->marked; i++)
		rows[i] = &w->marks[i];
	if (w->marked > 0)
		p = sql_bulk(call, &mark_refund, rows, w->marked, NULL, NULL);
	if (p == NULL && !w->netting->bills_charges && w->netting->charged.micros > 0 && w->target.given)
		p = sql_run(call, &set_off, &target, &charges);
	w->netting->marked = (int64_t)w->marked + charges;
	return p;
}

const struct problem *
run_refunds_net(struct call *call, const struct run *run, struct run_netting *netting)
{
	struct owed_key key = {
		.period = run->period,
		.currency = run->currency,
		.through_sequence = run->through_sequence,
		.to_at = run->to_at,
	};
	struct weighing w = { .run = run, .netting = netting };
	struct list list;
	const struct problem *p = sql_all(call, &list_refunds, &key, &list);

	if (p != NULL)
		return p;
	w.refunds = list.items;
	w.count = list.count;
	w.marks = arena_array(call->arena, list.count * 2 + 1, sizeof(*w.marks));
	weigh(&w);
	for (size_t i = 0; i < list.count; i++)
		place(&w, i);
	return store(call, &w, &key);
}

const struct resource run_refunds_resource = {
	.name = "run_refunds",
	.summary = "What monthly runs give back.",
	.statements = LIST_OF(statement, &set_off, &list_refunds, &mark_refund),
};
