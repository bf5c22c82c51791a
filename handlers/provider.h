/*
 * Card processors behind one small interface: `stripe` (over HTTPS) and `sandbox` (kept in our own database, for
 * development and demonstrations). Every function talks to the outside: none may be called inside a transaction, and
 * each is given the moment, by the monotonic clock, at which it has to come back with what it knows by then.
 *
 * What a call came to is told in its answer; the problem that a function returns is our own failure only (the database,
 * a call inside a transaction). Whatever has a key can be repeated with the same key and the same request: it happens
 * once (Stripe, "Idempotent requests"). A key is never used when it is older than 23 hours.
 */
#ifndef PURSER_PROVIDER_H
#define PURSER_PROVIDER_H

#include "call.h"

/* What became of an attempt to take money. */
enum charge_state {
	CHARGE_UNKNOWN,    /* no answer that tells: it may have happened or may still happen; look again */
	CHARGE_NONE,       /* there is no such intent, for sure */
	CHARGE_READY,      /* the intent is there and waits to be confirmed: nothing was charged */
	CHARGE_PROCESSING, /* the processor works on it */
	CHARGE_ACTION,     /* the person has to authenticate, with the client secret */
	CHARGE_SUCCEEDED,
	CHARGE_DECLINED,   /* final for this attempt: nothing was charged */
	CHARGE_CANCELLED,  /* final for the intent: nothing was charged, or can be */
	CHARGE_REFUSED,    /* the request itself was refused (our settings, a card that is gone): nothing was charged */
};

/* A payment intent as the processor told of it. */
struct charge {
	enum charge_state state;
	bool is_missing; /* of CHARGE_UNKNOWN: an intent that was there is not, by the account that our key belongs to at present */
	struct maybe_text intent_id;
	struct maybe_text payment_id;    /* metadata[topup_id]: whose it is */
	struct amount received;          /* of CHARGE_SUCCEEDED */
	struct amount refunded;          /* of the received, so far */
	struct maybe_text currency;      /* upper case */
	struct maybe_text client_secret; /* of CHARGE_ACTION */
	struct maybe_text code;          /* decline_code, else the error's code */
	struct maybe_text message;       /* for the payer, in the processor's words */
	struct maybe_instant created_at; /* by the processor's clock */
};

/* What is asked of the processor, fixed before the first call, so that each repetition is the same request. */
struct purchase {
	struct id payment_id;
	struct id organization_id;
	struct text customer_id;
	struct text card_id; /* the processor's: a bare intent would ignore the customer's default card */
	struct amount amount;
	struct text currency;
	struct text description;
};

/* How a call that is not a charge came out. */
enum provider_answer {
	PROVIDER_DONE,
	PROVIDER_REFUSED, /* told in `message` */
	PROVIDER_SILENT,  /* no answer that tells; the same key may be used again later */
};

struct provider_reply {
	enum provider_answer answer;
	struct maybe_text code, message; /* of PROVIDER_REFUSED */
	bool is_decline;                 /* of PROVIDER_REFUSED: by the card's bank, and `code` is the decline_code */
	bool key_is_spent;               /* of PROVIDER_SILENT: its failure is stored under the key, and would come again */
};

struct setup_intent {
	struct provider_reply reply;
	struct text id, client_secret;
};

struct provider_card {
	struct provider_reply reply;
	struct text id; /* the processor's own, which may differ from what was attached */
	struct text brand, last4;
	int64_t exp_month, exp_year;
};

struct provider_refund {
	struct provider_reply reply;
	struct text id;
	bool pending;           /* accepted, and not done yet */
	struct amount refunded; /* of the whole charge so far, this one included, as far as the processor told */
};

struct provider_invoice {
	struct text id;
	struct maybe_text number;
	struct text status;
	struct text currency; /* upper case */
	struct amount amount_due, amount_paid;
	struct instant created;
	struct maybe_text hosted_invoice_url, pdf_url;
};

/* Money that moved at the processor, for admin.reconcile. */
struct provider_movement {
	bool is_refund;
	struct text id; /* the charge's or refund's */
	struct maybe_text intent_id;
	struct maybe_text payment_id; /* metadata[topup_id] of the charge; unknown for a refund */
	struct amount amount;
	struct text currency;
	struct instant created_at;
};

struct provider {
	const char *name;

	/* The organization's customer there, made where it is not; the key is the organization's id. */
	const struct problem *(*customer)(struct call *call, struct id organization, int64_t until,
	    struct provider_reply *reply, struct text *customer_id);

	const struct problem *(*setup)(struct call *call, struct text customer_id, const char *key, int64_t until,
	    struct setup_intent *out);
	const struct problem *(*attach)(struct call *call, struct text customer_id, struct text payment_method_id,
	    const char *key, int64_t until, struct provider_card *out);
	/* Done also where no such card is there any more. */
	const struct problem *(*detach)(
	    struct call *call, struct text card_id, int64_t until, struct provider_reply *out);

	/* The exact request that `create` sends, to be kept beside the intent. */
	struct text (*request)(struct call *call, const struct purchase *purchase);
	const struct problem *(*create)(
	    struct call *call, struct text request, const char *key, int64_t until, struct charge *out);
	/* CHARGE_READY: nothing was charged, and the key is spent (a failure is stored under it): the next try needs a new one.
	 * CHARGE_UNKNOWN: the same key again tells, or a look. */
	const struct problem *(*confirm)(struct call *call, struct text intent_id, struct text card_id, const char *key,
	    int64_t until, struct charge *out);
	const struct problem *(*look)(struct call *call, struct text intent_id, int64_t until, struct charge *out);
	/* The intent of a payment whose id was lost, among the customer's; CHARGE_NONE where there is none for sure. */
	const struct problem *(*find)(struct call *call, struct text customer_id, struct id payment_id,
	    struct instant created_at, int64_t until, struct charge *out);
	/* CHARGE_CANCELLED, or what it had become before: CHARGE_SUCCEEDED, CHARGE_PROCESSING. */
	const struct problem *(*cancel)(struct call *call, struct text intent_id, int64_t until, struct charge *out);

	const struct problem *(*refund)(struct call *call, struct text intent_id, struct amount amount,
	    struct text currency, const char *key, int64_t until, struct provider_refund *out);
	const struct problem *(*invoices)(struct call *call, struct text customer_id, int64_t limit, int64_t until,
	    struct provider_reply *reply, struct list *out); /* of struct provider_invoice */
	/* Every movement with from <= created_at < to, in no certain order. As with rows of a statement, what `movement` takes
	 * from call->arena is given back after it; what must live longer goes into call->reply_arena. */
	const struct problem *(*movements)(struct call *call, struct instant from, struct instant to, int64_t until,
	    struct provider_reply *reply,
	    const struct problem *(*movement)(struct call *call, void *context, const struct provider_movement *one),
	    void *context);
};

extern const struct provider stripe_provider, sandbox_provider;

/* The one that the setting `provider` names; NULL where this installation takes no cards. */
const struct provider *provider_chosen(void);

/* The same, or CONFLICT. */
const struct problem *provider_need(struct call *call, const struct provider **provider);

/* Whether what it tells of charges counts. That of the sandbox does only while the sandbox is chosen: else whatever was
 * begun with it would go on to bring credits for nothing. */
bool provider_is_believed(const struct provider *provider);

/* By the name that a row keeps; NULL where there is none of that name. */
const struct provider *provider_named(struct text name);

/* The processor's smallest unit of the currencies that we sell in is a hundredth: 10,000 micro-units. */
enum { MINOR_UNIT_MICROS = 10000 };

/* The most that the processors take at once, in any of our currencies: 999,999.99. */
#define PROVIDER_MOST INT64_C(999999990000)

#endif
