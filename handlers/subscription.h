/*
 * A subscription to a plan of a product: what callers see of it, and what its files share. Rules: 3-domain "Plans,
 * subscriptions, months".
 *
 * Time alone changes it: trials and periods end, cancellations come true. subscription_step computes that, for readers who
 * can't wait as for the job that writes it down.
 *
 * Locks: the organization's row, the waiting payment, the subscription, the book. A call's time is read before it has waited
 * for them: whoever locks a subscription is no earlier than who changed one last (call_not_before).
 */
#ifndef PURSER_SUBSCRIPTION_H
#define PURSER_SUBSCRIPTION_H

#include "cycle.h"
#include "payment.h"

/* ---- what callers see ------------------------------------------------------------------------------------------ */

struct subscription_period {
	struct instant start;
	struct instant end;
};

/* The card payment that it waits for. */
struct subscription_waiting {
	struct id id;
	struct text status;
	struct maybe_text client_secret;
};

/* What it will be when that is paid. */
struct subscription_next {
	struct id plan_id;
	struct maybe_text price_id;
	struct text cycle;
	int64_t seats;
};

struct subscription {
	struct id id;
	struct text product;
	struct id plan_id;
	struct maybe_text price_id;
	struct text cycle; /* monthly, yearly */
	int64_t seats;
	struct text status; /* incomplete, trialing, active, past_due, paused, cancelled */
	struct subscription_period *period;
	struct maybe_instant trial_end;
	struct maybe_instant cancel_at;
	struct document pause_reason;
	struct subscription_waiting *payment;
	struct subscription_next *next_change;

	struct text plan_name;
	struct text timezone;
	int64_t anchor_year, anchor_month, anchor_day;
	struct instant anchored_at;
	int64_t usage_anchor_year, usage_anchor_month, usage_anchor_day;
	struct instant usage_anchored_at;
	struct instant started_at;
	struct instant period_starts_at;
	struct instant period_ends_at;
	struct maybe_instant cycle_ends_at;
	struct maybe_instant cancelled_at;
	struct maybe_instant past_due_since;
	int64_t retries;
	struct maybe_instant retry_at;
};
extern const struct shape subscription_shape;
extern const struct shape subscription_period_shape;

extern const char *const subscription_products[];
extern const char *const subscription_cycles[];

/* ---- rows ------------------------------------------------------------------------------------------------------ */

bool subscription_has_status(const struct subscription *subscription, const char *status);

/* The open one to that product (absent: platform), as it is at call->now; NOT_FOUND. Reads only. */
const struct problem *subscription_read(struct call *call, struct maybe_text product, struct subscription *out);

/* The same, locked until the end of the transaction, in which the organization's row is locked; every boundary that has
 * passed is written down. */
const struct problem *subscription_lock(struct call *call, struct maybe_text product, struct subscription *out);
/* By its id, as it was stored last; `*found` tells. */
const struct problem *subscription_lock_one(
    struct call *call, struct id subscription_id, struct subscription *out, bool *found);

/* By its id, whatever became of it, as it is at call->now. Reads only. */
const struct problem *subscription_read_one(struct call *call, struct id subscription_id, struct subscription *out);

/* Completes what callers see: the period, the payment that it waits for. */
const struct problem *subscription_show(struct call *call, struct subscription *subscription);

/* Stores all that can change. */
const struct problem *subscription_save(struct call *call, const struct subscription *subscription);
const struct problem *subscription_insert(struct call *call, const struct subscription *subscription);

/* Passes the first boundary that lies at or before the moment; false: there is none. */
bool subscription_step(struct subscription *subscription, struct instant now);

/* Writes down every boundary that has passed: the row, what the new periods cost, the cycles of usage, the events. The row
 * is locked. */
const struct problem *subscription_catch_up(struct call *call, struct subscription *subscription);

/* The event subscription.changed; `before` is the status until now, absent where there was none. */
const struct problem *subscription_tell(
    struct call *call, const struct subscription *subscription, struct maybe_text before);

/* The anchor, and a period that begins at that moment. False: it can't be computed. */
bool subscription_anchor(struct subscription *subscription, struct instant at);
/* Its months of usage are counted as its periods are; or as another subscription's months. */
void subscription_anchor_usage(struct subscription *subscription);
const struct problem *subscription_take_usage_anchor(
    struct call *call, struct id from_subscription_id, struct subscription *subscription);

/* It ends now. What was paid for stays paid, and its running cycle of usage goes on. The row is locked. */
const struct problem *subscription_end(struct call *call, struct subscription *subscription);
/* All that are open in the call's organization, which is locked. */
const struct problem *subscriptions_end(struct call *call);

/* The last one to that product, where it ended while its payment was owed, which it still is; locked. */
const struct problem *subscription_lock_owed(
    struct call *call, struct maybe_text product, struct subscription *out, bool *found);

/* ---- plans and prices ------------------------------------------------------------------------------------------ */

/* What is sold. */
struct offer {
	struct id plan_id;
	struct text product;
	struct text name;
	struct text status;
	struct maybe_text monthly_price_id, yearly_price_id;
	struct maybe_amount monthly_amount, yearly_amount;
	int64_t trial_days;
	struct amount credit_price; /* of a credit in the plan's currency */
};

/* The plan of that id, or whose price that is; NOT_FOUND (with what the caller has named). */
struct wanted_plan {
	struct maybe_id plan_id;
	struct maybe_text price_id;
};
const struct problem *offer_read(struct call *call, const struct wanted_plan *wanted, struct offer *out);

/* One thing that a start or a change charges, or gives back. */
struct fee_line {
	struct text description;
	struct instant from, to;
	int64_t seconds, of_seconds; /* its share of what the price is for */
	struct credits credits;      /* negative: given back */
};

/* A stretch of a period for which one plan and number of seats held, and what it costs. */
struct stretch {
	struct id id;
	struct id subscription_id;
	struct instant starts_at, ends_at;
	struct instant period_starts_at, period_ends_at;
	struct id plan_id;
	struct text cycle;
	int64_t seats;
	struct credits credits;
	struct maybe_instant charged_at; /* absent: the monthly run bills it */
	bool on_account;
	struct maybe_int sequence; /* the ledger's entry that took `drawn` */
	struct credits drawn;
	struct credits refilled;
};

/* What the plan costs for a part of its period, rounded half-even to whole credits. Seconds are whole ones of the clock, so
 * that the parts of a period add up to it. */
int64_t seconds_between(struct instant from, struct instant to);
const struct problem *fee_price(struct call *call, const struct offer *offer, struct text cycle, int64_t seats,
    int64_t seconds, int64_t of_seconds, struct credits *out);

/* The stretch that runs; `*found` false where there is none (a trial). */
const struct problem *stretch_read(struct call *call, struct id subscription_id, struct stretch *out, bool *found);
const struct problem *stretch_insert(struct call *call, struct stretch *stretch);
/* The running stretch ends now and keeps that much of what it cost. */
const struct problem *stretch_end(struct call *call, struct stretch *stretch, struct credits kept);
/* What of a running stretch that was charged was not used at that moment. Of one that was not, nothing, nor of what stands on
 * an invoice that is void; of what one has paid, less what was credited of that by hand. `*unpaid` says where it can't be counted before an invoice is paid. */
const struct problem *stretch_worth(struct call *call, const struct stretch *stretch, struct instant at,
    struct credits *unused, struct maybe_text *unpaid);
/* What a stretch that was not charged costs when it ends now. */
struct credits stretch_used(const struct stretch *stretch, struct instant now);

/* Takes the credits of a new stretch, and notes in it how: on account, or from `available`, the lot of the payment before all
 * others. LIMIT_REACHED; RERUN where somebody has spent the credits meanwhile. */
const struct problem *fee_take(struct call *call, const struct subscription *subscription, struct credits credits,
    struct maybe_id lot, bool on_account, struct stretch *stretch);
/* Gives credits back into the lots that the fees of its last stretches have drawn; what an invoice has paid comes as new ones,
 * or off what is owed where the organization pays afterwards. */
const struct problem *fee_give_back(
    struct call *call, const struct subscription *subscription, struct credits credits);

/* ---- starting and changing ------------------------------------------------------------------------------------- */

/* What a caller asks for. */
struct subscription_wish {
	struct maybe_text product;
	struct maybe_id plan_id;
	struct maybe_text price_id;
	struct maybe_text cycle;
	struct maybe_int seats;
	struct maybe_bool trial;
};

enum paid_from { PAID_NOT, PAID_AVAILABLE, PAID_CARD, PAID_ACCOUNT };

/* What a wish comes to. */
struct turn {
	bool is_start, is_trial;
	bool begins_period; /* a start, or another cycle of billing */
	bool is_kept;       /* a start whose row is there, incomplete */
	bool is_unbilled;   /* takes and gives nothing: the monthly run bills it */
	struct offer offer;
	struct text cycle;
	int64_t seats;
	bool has_stretch;
	struct stretch before; /* the stretch that it ends */
	struct credits fee, back; /* what the new stretch costs, and what is left of the one before */
	struct maybe_text unpaid; /* why what is left can't be counted yet */
	struct credits charge;    /* the difference */
	enum paid_from from;
	struct credits bought;    /* by card, at least the charge */
	struct price price;       /* of those */
	struct fee_line lines[2];
	size_t line_count;
};

/* Finds out what it comes to, in a transaction that has locked the organization's row, and fills `subscription` (of a start:
 * a new one; of a change: the locked one, as it is). A change that changes nothing has `*changes` false. */
const struct problem *turn_plan_start(
    struct call *call, const struct subscription_wish *wish, struct subscription *subscription, struct turn *turn);
const struct problem *turn_plan_change(struct call *call, const struct subscription_wish *wish,
    struct subscription *subscription, struct turn *turn, bool *changes);

/* What a change costs at call->now: fills `before`, `fee`, `back` and the lines. */
const struct problem *turn_reprice(struct call *call, const struct subscription *subscription, struct turn *turn);

/* Makes it so, at call->now. `lot`: what a card has bought for it. */
const struct problem *turn_make(
    struct call *call, struct subscription *subscription, struct turn *turn, struct maybe_id lot);

/* What pays for its fee, less what comes back: fills `charge`, `from`, `bought` and `price`. */
const struct problem *turn_find_payment(struct call *call, struct turn *turn);

/* Whether what is available, and the hard limit, allow the charge: as ledger_post would find, for which it brings the book to
 * the running cycle. The book is locked. */
const struct problem *turn_check_affordable(struct call *call, const struct turn *turn, bool *is);

/* Persists what waits for its payment. */
const struct problem *turn_keep(
    struct call *call, struct subscription *subscription, const struct turn *turn, struct id payment_id);

/* A change (or start) that waits for its person is given up; one whose charge is under way is TOPUP_IN_PROGRESS. Comes before the
 * subscription's lock. */
const struct problem *turn_give_up(struct call *call, struct maybe_text product, bool start_too);

/* ---- payments that fail, and are made -------------------------------------------------------------------------- */

/* What is owed, as the reason of a pause tells it. */
struct owed_invoice {
	struct maybe_id invoice_id;
	struct maybe_text invoice_number;
	struct maybe_amount amount;
	struct instant timestamp;
	struct maybe_text pause_reason;
	struct maybe_text invoice_name;
	struct maybe_text payment_link;
	struct text severity;
};
enum payment_outcome { PAYMENT_MADE, PAYMENT_FAILED };

struct owed {
	struct list invoices;       /* of owed_invoice: what a pause is for */
	bool is_all;                /* these are all that have an id; else they come to those that are there */
	bool is_over;               /* nothing of it is tried again: the pause begins now */
};

/* The one place that moves a subscription into and out of past_due and paused. The row is locked. CONFLICT where nothing is
 * due: in a trial, and before the first payment. */
const struct problem *subscription_payment(struct call *call, struct subscription *subscription,
    enum payment_outcome outcome, const struct owed *owed);

/* Of a paused one, which is locked: what it is paused for is these invoices from here on. */
const struct problem *subscription_owes(
    struct call *call, struct subscription *subscription, const struct owed *owed);

/* ---- shared with operations ------------------------------------------------------------------------------------- */

extern const struct operation start_subscription_operation;
extern const struct operation change_subscription_operation;
extern const struct operation preview_subscription_operation;

#endif
