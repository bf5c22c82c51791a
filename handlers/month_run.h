/*
 * The monthly run: what an organization's month comes to, in steps that each mark facts as billed and write lines, every one
 * in a transaction of its own. A run that was cut goes on behind its last step; one that is done can be computed again from the
 * facts that it marked, and must come to the same digest. Rules: 3-domain "Plans, subscriptions, months".
 *
 * A run bills whatever happened before its month's end and no run has billed: so nothing is lost between two months whose
 * boundary a changed time zone has moved, and what came late has its turn.
 *
 * Locks: the organization's row, the run's, then what the step needs, the book last.
 */
#ifndef PURSER_MONTH_RUN_H
#define PURSER_MONTH_RUN_H

#include "credit_note.h"
#include "invoice.h"
#include "ledger.h"
#include "month.h"
#include "two_step.h"

/* ---- what it is ------------------------------------------------------------------------------------------------- */

struct run {
	struct id organization_id;
	struct text period;
	struct text status; /* running, completed, nothing_to_do, failed */
	int64_t step;       /* how many are done */
	struct instant from_at, to_at;
	bool post_pay;      /* it pays afterwards: what is invoiced is without tax */
	struct text currency;
	struct amount credit_price;
	int64_t through_sequence;
	int64_t lines_count;
	int64_t orders_count;
	int64_t lease_token;
	struct maybe_instant leased_until;
	struct text steps;  /* a JSON array of struct run_step */
	struct maybe_text digest; /* 64 hexadecimal digits */
	struct maybe_id invoice_id;
	struct credits credits;
	struct amount subtotal, tax, total;
	struct maybe_text problem;
	struct claim_ref claim;
	struct instant started_at;
	struct maybe_instant finished_at;

	bool is_rehearsal; /* nothing of it stays: no number is taken, no card is charged */
	bool has_changed;  /* the step has written something */
	bool is_parked;    /* the step has refused to go on: `problem` says why */
	bool is_carried;   /* the step has found too little for an invoice */
	struct text detail; /* what the step has done, in words; empty: nothing */
};

enum run_paid { RUN_PAID_NOT, RUN_PAID_AVAILABLE, RUN_PAID_ACCOUNT, RUN_PAID_INVOICE };
/* As the database and the lines have it; NULL for the first. */
struct maybe_text run_paid_name(enum run_paid paid);

struct run_line {
	int64_t position;
	struct text kind;
	struct text description;
	struct maybe_quantity quantity;
	struct maybe_text unit;
	struct maybe_amount unit_price;
	struct maybe_credits credits;
	struct amount amount;
	struct text paid_from; /* available, account, invoice */
	struct maybe_instant from_at, to_at;
	struct document source; /* a JSON object */
};
extern const struct shape run_line_shape;

/* Lines as a step gives them, in canonical order. */
struct run_lines {
	struct run_line *items;
	size_t count, room;
};
void run_line_add(struct call *call, struct run_lines *lines, const struct run_line *line);

/* ---- steps -------------------------------------------------------------------------------------------------------- */

/* A step marks what it bills, and tells so in run->detail; its lines are computed from the marked facts alone, so that they
 * come out the same at any later time. Either may be NULL. */
struct run_part {
	const char *name;
	const struct problem *(*bill)(struct call *call, struct run *run);
	const struct problem *(*lines)(struct call *call, const struct run *run, struct run_lines *out);
	/* In a rehearsal, where all steps are one transaction: locks what the step locks before the book. Called behind the
	 * first step, from the last part to the first, before any has locked the book. May be NULL. */
	const struct problem *(*lock)(struct call *call, const struct run *run);
};
extern const struct run_part run_usage_part, run_fees_part, run_overage_part, run_orders_part, run_commitments_part,
    run_tax_part, run_issue_part;

/* Takes what a line costs: from `available` where that covers all of it, on account where the organization pays afterwards by
 * now; else it is left to the invoice. Locks the book. `sequence`: of the entry, where there is one. */
struct run_taking {
	enum ledger_reason reason;
	struct credits credits;
	struct text description;
	const char *reference_type;
	struct id reference_id;
	bool only_money;       /* nothing is taken from `available` */
	struct amount amount;  /* of only_money; else credits × price */
};
const struct problem *run_take(struct call *call, const struct run *run, const struct run_taking *taking,
    enum run_paid *paid, struct maybe_int *sequence);

/* The month of the run, as it was when it began. */
struct month run_month(const struct run *run);

/* ---- running ------------------------------------------------------------------------------------------------------ */

/* What became of taking a run. */
enum run_taken { RUN_IS_TAKEN, RUN_IS_OVER, RUN_IS_ANOTHERS };

/* In a transaction that has locked the organization's row: begins the month's run, or takes one that was cut or has failed.
 * `keep_claim`: the call's caller gets its answer from whoever ends it. */
const struct problem *run_begin(
    struct call *call, const struct month *month, bool keep_claim, struct run *run, enum run_taken *taken);

/* In no transaction: goes through the steps that are left. A run that has failed is no problem: its status says so; a step
 * that is refused (CONFLICT) fails it. `run_lease_lost` where another runner has taken it: a CONFLICT that is told from all
 * others by its address. */
const struct problem *run_drive(struct call *call, struct run *run);
extern const struct problem run_lease_lost;

/* In one transaction, which will be rolled back: begins it and goes through all steps. */
const struct problem *run_rehearse(struct call *call, const struct month *month, struct run *run);

/* In no transaction: whoever comes next may take the run at once, since its present runner has failed. */
void run_let_go(struct call *call, struct run *run);

/* The run is given up, with an error of our own as its problem. */
const struct problem *run_give_up(struct call *call, const struct run *run);

/* Leases that lapse behind that moment come from a clock that was set back since: they hold no longer. */
struct instant run_latest_lease(const struct call *call);

/* The name of the step that the run has come to; the last one's behind it. */
struct text run_step_name(const struct run *run);

/* Computes the lines of a finished run anew. `*is_same` tells whether they come to its digest. */
const struct problem *run_verify(struct call *call, const struct run *run, bool *is_same);

const struct problem *run_read(struct call *call, struct text period, struct run *out, bool *found);
/* Any organization's row, whatever its status. */
const struct problem *run_lock_organization(struct call *call);

/* ---- its lines ----------------------------------------------------------------------------------------------------- */

const struct problem *run_lines_store(struct call *call, struct run *run, const struct run_lines *lines);
const struct problem *run_lines_read(struct call *call, const struct run *run, struct list *out);
/* SHA-256 over the lines, each as one line of JSON, in 64 hexadecimal digits. */
struct text run_lines_digest(struct call *call, const struct run_line *lines, size_t count);

/* Those for the invoice of earlier runs that had too little for one, tax included: they wait for a later run's. */
const struct problem *run_lines_carried(struct call *call, const struct run *run, struct list *out);

/* ---- what was given back -------------------------------------------------------------------------------------------- */

struct run_netting {
	struct amount charged; /* on account; what annuls itself is taken off it */
	struct amount lines;   /* of the run's lines before, on account */
	bool bills_charges;    /* they come on lines, with what lines bear of refunds; else notes have them, or they wait */
	int64_t marked, noted; /* entries that are dealt with; of them, by credit notes */
};
/* Marks what is given back, and what that makes of charges. */
const struct problem *run_refunds_net(struct call *call, const struct run *run, struct run_netting *netting);

/* ---- its invoice --------------------------------------------------------------------------------------------------- */

/* Notes of earlier invoices: begun before invoice_issue, issued behind it. */
struct run_notes {
	struct credit_note *items;
	size_t count;
};
const struct problem *run_notes_begin(struct call *call, const struct run *run, struct run_notes *notes);
const struct problem *run_notes_issue(struct call *call, struct run_notes *notes);


/* The invoice of what is not paid by credits, in memory, with taxes; without lines there is none, nor where they are carried. */
const struct problem *run_invoice_make(struct call *call, const struct run *run, struct invoice *invoice);

/* In no transaction: charges the invoice to the default card, where that is due. */
const struct problem *run_charge_invoice(struct call *call, struct id invoice_id);

/* ---- what callers see ------------------------------------------------------------------------------------------------ */

struct run_step {
	struct text name;
	struct text status; /* done, skipped, parked, waiting */
	struct maybe_text detail;
};
extern const struct shape run_step_shape;

struct run_totals {
	struct text currency;
	int64_t lines;
	int64_t orders;
	struct credits credits;
	struct amount subtotal, tax, total;
};
extern const struct shape run_totals_shape;

struct run_shown {
	struct id organization_id;
	struct text period;
	struct text status;
	struct maybe_id invoice_id;
	struct maybe_text digest;
	struct document steps; /* of struct run_step */
	struct run_totals *totals;
	struct maybe_text problem;
};
extern const struct shape run_shown_shape;
extern const char *const run_statuses[];

#define RUN_SHOWN_FIELDS(s, member)                                                                                    \
	FIELD_AS(s, member organization_id, "organization_id", ANY, "Whose month it is."),                             \
	    FIELD_AS(s, member period, "period", ANY, "The month."),                                                   \
	    FIELD_AS(s, member status, "status", ONE_OF(run_statuses), "What became of it; `failed` can be run again."), \
	    FIELD_AS(s, member invoice_id, "invoice_id", ANY,                                                          \
		"The invoice of what credits did not pay; null where there is none."),                                 \
	    FIELD_AS(s, member digest, "digest", LENGTH(64, 64),                                                       \
		"SHA-256 over the lines in their order, in hexadecimal digits; running it again has to find the same."), \
	    { .name = "steps", .kind = KIND_DOCUMENT, FIELD_BASE(s, member steps), .shape = &run_step_shape,           \
	      .summary = "What was done, step by step." },                                                             \
	    { .name = "totals", .kind = KIND_OBJECT, FIELD_BASE(s, member totals), .shape = &run_totals_shape,         \
	      .summary = "What it comes to." },                                                                        \
	    FIELD_AS(s, member problem, "problem", ANY, "Why it failed; null where it did not.")

/* One more step behind a JSON array of them. */
struct text run_step_append(struct call *call, struct text steps, const struct run_step *step);

const struct problem *run_show(struct call *call, const struct run *run, struct run_shown *out);

/* In a transaction: whoever waits for the end of the run, which it has reached, gets `shown`. */
const struct problem *run_answer(struct call *call, const struct run *run, const struct run_shown *shown);

#endif
