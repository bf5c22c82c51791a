/*
 * Taking money by card, once. A payment is intended (a row, committed), performed (talking to the processor, in no
 * transaction) and booked (in one transaction, by whoever learns the outcome first: the worker, the webhook, the
 * sweeper). Sources: 3-domain "Buying credits"; Stripe, "Idempotent requests" and "PaymentIntents".
 *
 * States: pending (nothing sent, or no intent known yet), charging (the intent is known), unknown (no answer that tells),
 * requires_action (its person has to authenticate), succeeded, failed. The first four are open: one an organization, by a
 * unique index. Money that arrives for a payment that failed before is booked all the same.
 */
#ifndef PURSER_PAYMENT_H
#define PURSER_PAYMENT_H

#include "provider.h"
#include "two_step.h"

struct payment {
	struct id id;
	struct id organization_id;
	struct text purpose; /* topup, approval, auto_topup, subscription, invoice */
	struct text state;
	struct credits credits; /* asked for */
	struct amount amount;   /* to be charged, tax included */
	struct amount tax;
	struct text currency;
	struct maybe_text description;
	struct text provider;
	struct text customer_id;
	struct text card_id;
	struct text request;
	int64_t creations;
	int64_t attempt;
	struct maybe_text intent_id;
	struct bytes client_secret; /* sealed; `at` NULL: none */
	struct maybe_text error_code;
	struct maybe_text last_error;
	struct amount received;
	struct credits granted;
	struct amount refunded;
	struct amount disputed;
	struct amount clawed;
	struct credits clawed_credits;
	struct maybe_id entry_id;
	struct maybe_id restored_id;
	struct maybe_credits balance;
	struct maybe_id approval_id;
	struct maybe_id supersedes;
	struct maybe_id invoice_id; /* of the purpose invoice, which buys no credits */
	bool automatic;             /* nobody waits for it */
	bool cancel_due;
	struct claim_ref claim;
	struct instant created_at;
	struct maybe_instant charged_at;
	struct maybe_instant missing_since;
	struct maybe_instant look_at;
	int64_t lease_token;
};

extern const struct shape payment_shape;

#define PAYMENT_COLUMNS                                                                                                \
	"id, organization_id, purpose, state, credits, amount, tax, currency, description, provider, customer_id,"    \
	" card_id, request, creations, attempt, intent_id, client_secret, error_code, last_error, received, granted,"   \
	" refunded, disputed, clawed, clawed_credits, entry_id, restored_id, balance, approval_id, supersedes, invoice_id," \
	" automatic, cancel_due,"                                                                                      \
	" " CLAIM_COLUMNS ", created_at, charged_at, missing_since, look_at, lease_token"

enum payment_purpose { PAYMENT_TOPUP, PAYMENT_APPROVAL, PAYMENT_AUTO_TOPUP, PAYMENT_SUBSCRIPTION, PAYMENT_INVOICE };

/* ---- prices ---------------------------------------------------------------------------------------------------- */

/* What credits cost in the organization's currency, tax included, rounded half-even to the currency's hundredth, and the tax
 * in it by the organization's country today (rounded the same way). */
struct price {
	struct amount amount;
	struct amount tax;
	struct text currency;
	struct amount each;         /* one credit */
	struct amount least_charge; /* the least that a card can be charged in the currency */
};
const struct problem *payment_price(struct call *call, struct credits credits, struct price *out);
/* The same, and 422 at the pointer where no card can be charged so little, or so much, at once. */
const struct problem *payment_ask_price(
    struct call *call, struct credits credits, const char *pointer, struct price *out);

/* ---- the three steps -------------------------------------------------------------------------------------------- */

struct payment_order {
	enum payment_purpose purpose;
	struct credits credits;
	struct maybe_id payment_method_id; /* the row; absent: the default card */
	struct maybe_text description;
	struct maybe_id approval_id;
	/* Of the purpose invoice, by invoice_charge alone: what is charged, instead of the price of credits. */
	struct maybe_id invoice_id;
	struct amount amount;
	struct text currency;
	bool automatic; /* nobody waits: as an automatic top-up, it takes no other's place */
	bool overdue;   /* one that others have kept from being begun for long: it does take the place of one that waits */
};

/* In the transaction of an intent, which has locked the organization's row (organization_lock): persists the payment with
 * its exact request, and keeps the call's claim. A payment that waits for its person (requires_action) is superseded by an
 * explicit one: it is closed here, and cancelled at the processor before the new one is confirmed, as any other whose intent
 * could still be paid is. CARD_REQUIRED where no
 * card is there; TOPUP_IN_PROGRESS (member `topup_id`) where another is open; NOT_FOUND for a card that is not the
 * organization's; INVALID at `/credits` for less than the processor takes. */
const struct problem *payment_intend(struct call *call, const struct payment_order *order, struct payment *out);

/* Closes a payment of the call's organization that waits for its person, as an explicit one would; the sweeper cancels it at
 * the processor. One that is under way stays, and is booked. The organization is being closed, and locked. */
const struct problem *payment_abandon_waiting(struct call *call);

/* In a transaction that has locked the organization's row: an automatic payment that waits for its person is closed, as by an
 * explicit purchase. */
const struct problem *payment_supersede_automatic(struct call *call);

/* In a transaction that has locked the organization's row: closes the payment where it waits for its person; the sweeper
 * cancels it at the processor. One that is under way is TOPUP_IN_PROGRESS. */
const struct problem *payment_give_up(struct call *call, struct id payment_id);

/* TOPUP_IN_PROGRESS where an open payment keeps one from being begun; for checks that come between. `yields`: it takes the
 * place of none, as automatic ones. */
const struct problem *payment_ask_free(struct call *call, bool yields);

/* In no transaction: takes the payment as far as it goes within 20 s (of the call's own clock), persisting what must not
 * be lost between (the intent's id, the number of the attempt) in short transactions. Never charges twice, whoever runs it
 * beside. The outcome is for payment_book. A problem is our own failure only. */
const struct problem *payment_perform(struct call *call, struct payment *payment, struct charge *outcome);

/* In a transaction: makes the outcome true, once, whoever is first. Locks the payment and reads it anew into `*payment`. On
 * success: the ledger, the lot, the money lines, the event, the approval, the waiting claim's reply. On a decline: the
 * failure, the approval's last_error, the back-off of automatic top-ups, the event, the claim's refusal. Else what there is to know, and
 * when the sweeper looks next. Booking twice changes nothing. The call acts for the payment's organization before. `known` is
 * the payment as anybody has read it: what it is, and what it pays, never change; it may be `payment` itself. */
const struct problem *payment_book(
    struct call *call, const struct payment *known, const struct charge *told, struct payment *payment);

/* After payment_book, in the worker that waited: the refusal to answer with (402 card_declined with `decline_code`, kept; 409
 * where an earlier purchase had succeeded meanwhile), or NULL where the row is to be shown. The same row gives the same
 * refusal, whoever asks. */
const struct problem *payment_refusal(struct call *call, const struct payment *payment);

/* ---- after the charge -------------------------------------------------------------------------------------------- */

/* In a transaction that has locked the payment: makes what the ledger took back agree with `refunded` and `disputed`, which
 * the caller has set in `*payment` (and which are stored here): claws back what is missing, credits in proportion, never more than was granted, what
 * the wallet can't give as debt; gives back what a won dispute restores. Money lines the other way round. */
const struct problem *payment_settle_claws(struct call *call, struct payment *payment);

/* Reading, of the call's organization. `*found` false where it is not there. */
const struct problem *payment_read(struct call *call, struct id payment_id, struct payment *out, bool *found);
/* The same, locked until the end of the transaction; of a charge for an invoice the organization's row before it. */
const struct problem *payment_lock(struct call *call, struct id payment_id, struct payment *out, bool *found);
/* Across organizations, for the webhook and the sweeper; locked; the call acts for its organization from here on. By its
 * id where one is given, else by the processor's intent. */
const struct problem *payment_find(struct call *call, struct maybe_id payment_id, struct text provider,
    struct maybe_text intent_id, struct payment *out, bool *found);

/* The open client secret, for who may pay: absent unless the payment waits for its person. */
struct maybe_text payment_client_secret(struct call *call, const struct payment *payment);

/* Neither succeeded nor failed. */
bool payment_is_open(const struct payment *payment);

/* What callers see: processing while pending, charging or unknown. */
struct text payment_status(const struct payment *payment);

/* Credits bought without approval in the last 24 hours, by when they were paid, top-ups in flight and automatic ones included. */
const struct problem *payment_bought_lately(struct call *call, struct credits *out);

/* What an organization may buy without approval: its own threshold, or the platform's. */
const struct problem *payment_threshold(struct call *call, struct credits *out);
/* APPROVAL_REQUIRED (member `approval_threshold_credits`) where that many more would be too many; the detail ends in `advice`. */
const struct problem *payment_check_threshold(struct call *call, struct credits wanted, const char *advice);

/* ---- what purposes do at booking ---------------------------------------------------------------------------------- */

/* In book's transaction, by approvals.c and auto_topup.c. The payment has its new state, `received` and `granted`. An approval
 * is locked before the book, so its payment's entry and balance are not known then; automatic top-ups come after it, in the
 * order of whoever spends. */
const struct problem *approval_paid(struct call *call, const struct payment *payment);
const struct problem *approval_declined(struct call *call, const struct payment *payment);
const struct problem *auto_topup_paid(struct call *call, const struct payment *payment);
const struct problem *auto_topup_declined(struct call *call, const struct payment *payment, const struct charge *outcome);
/* By subscription_paid.c. The first takes its locks, before the book's; the second comes when the credits are booked. */
const struct problem *subscription_expect(struct call *call, const struct payment *payment);
const struct problem *subscription_paid(struct call *call, const struct payment *payment);
const struct problem *subscription_declined(struct call *call, const struct payment *payment);

/* What the operation of a waiting claim answers: the top-up, the approval, the subscription, as those operations show it. */
const struct problem *subscription_answer(struct call *call, const struct payment *payment);
const struct problem *topup_answer(struct call *call, const struct payment *payment);
const struct problem *approval_answer(struct call *call, const struct payment *payment);

#endif
