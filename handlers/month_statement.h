/*
 * The statement of an organization's month: what it had, everything that changed it, what it has, and whether that adds up;
 * and how its commitments burned down. Every form of it is made from the same reads: a head that fits into memory
 * (statement_read.c), and activity that is read entry by entry (statement_activity.c), however much there is.
 *
 * A month's entries are those behind the last one before it, up to the last one before its end, in the order in which they
 * were booked: so the months of an organization leave nothing out and tell nothing twice. Commitments burn down by what was
 * booked with the same entries. A month that is not over ends with all that there is.
 */
#ifndef PURSER_MONTH_STATEMENT_H
#define PURSER_MONTH_STATEMENT_H

#include "call.h"
#include "month.h"
#include "thing.h"

/* What there is in each account; what the organization owes in money is `receivable`. */
struct statement_balances {
	struct credits available;
	struct credits reserved;
	struct credits debt;
	struct amount receivable;
};

/* An order line that counts towards a commitment; of a refund, negative. */
struct statement_flag {
	struct id commitment_id;
	int64_t line; /* its place among the order's, from 0 */
	struct credits credits;
	struct amount amount;
};
extern const struct shape statement_flag_shape;

struct statement_activity {
	int64_t sequence;
	struct instant at;
	struct text kind;
	struct thing *reference;
	struct maybe_text description;
	struct credits credits; /* change of the balance: available and reserved */
	struct maybe_amount amount;
	struct maybe_id commitment_id;
	struct list commitment_lines; /* of struct statement_flag */
	struct credits available_change, reserved_change, debt_change;
	struct amount receivable_change;
	struct credits available_after, reserved_after, debt_after; /* as the entry itself says */
	struct amount receivable_after;                             /* as the ledger has kept it */
};
extern const struct shape statement_activity_shape;

struct statement_day {
	struct text on;
	struct amount committed; /* by its end, as it was agreed then */
	struct amount consumed;  /* by its end, in all */
	struct amount remaining;
};

struct statement_burn_down {
	struct id commitment_id;
	struct text name;
	struct amount committed; /* on the last of the days */
	struct amount opening;   /* what had counted before the month */
	struct list days;        /* of struct statement_day */
};
extern const struct shape statement_burn_down_shape;

struct statement_account {
	struct text account;
	struct text unit; /* credits, or a currency */
	struct text opening, activity, closing, difference; /* whole numbers, or decimals */
	bool is_money;
	int64_t numbers[4]; /* the same, in credits or micro-units */
};

struct statement_reconciliation {
	bool reconciled;
	struct amount difference; /* of all accounts, credits at their price; without sign */
	struct list rows;         /* of struct statement_account */
};

struct month_statement {
	struct id organization_id;
	struct text organization_name;
	struct text period;
	struct text timezone;
	struct instant from, to;
	struct text currency;
	struct amount credit_price; /* what a credit is worth */
	struct instant as_of; /* the month's end, or now where it is not over */
	struct statement_balances *opening;
	struct document activity; /* only of JSON */
	int64_t entries;
	struct list burn_down; /* of struct statement_burn_down */
	struct statement_balances *closing;
	struct statement_reconciliation *reconciliation; /* filled in when all activity was gone through */

	struct month month;
	int64_t after, through; /* the month's entries: behind the former, up to the latter */
};

/* Each entry of the month, in order; `each` may be NULL. Fills in the reconciliation, by the sum of all. Constant memory: what
 * `each` takes from the call's arena is given back. */
const struct problem *statement_each_activity(struct call *call, const struct month_statement *statement,
    const struct problem *(*each)(struct call *call, void *context, const struct statement_activity *activity),
    void *context);

/* The days of every commitment whose term lies in the month, as far as they have come. */
const struct problem *statement_burn_down(struct call *call, struct month_statement *statement);

/* Other forms of it (operation.h, struct rendering). */
const struct problem *statement_ndjson_write(struct call *call, const void *statement);
const struct problem *statement_csv_write(struct call *call, const void *given);
const struct problem *statement_pdf_write(struct call *call, const void *given);

/* The header that names the file: "statement-2026-11.csv". */
void statement_name_file(struct call *call, const struct month_statement *statement, const char *ending);

#endif
