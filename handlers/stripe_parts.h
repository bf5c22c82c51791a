/*
 * What the stripe*.c files share, and nobody else needs.
 */
#ifndef PURSER_STRIPE_PARTS_H
#define PURSER_STRIPE_PARTS_H

#include "stripe.h"

enum { STRIPE_PAGE = 100 }; /* the most that a list gives at once */

struct stripe_request {
	const char *method; /* GET or POST */
	struct text path;   /* a GET's with its query */
	struct text form;   /* of a POST */
	const char *key;    /* NULL: none */
	int64_t until;
};

/* SILENT: no answer that tells, after all retries; it may have happened. */
enum stripe_outcome { STRIPE_SILENT, STRIPE_DONE, STRIPE_REFUSED };

struct stripe_reply {
	enum stripe_outcome outcome;
	int status;              /* of the last answer; 0 where there was none; SILENT with 401 and 403: our key is refused */
	bool replayed;           /* the answer is the one stored under the key: it tells how it was then */
	const struct tree *body; /* NULL where no answer was readable */
	struct maybe_text code, message; /* of a refusal */
};

/* Sends, and sends again where that may help, until it has an answer that tells or the time is up. NULL whatever came of
 * it, but where we may not call at all. */
const struct problem *stripe_send(struct call *call, const struct stripe_request *request, struct stripe_reply *reply);

/* The same answer in the terms of the provider's interface. */
struct provider_reply stripe_outcome_of(const struct stripe_reply *reply);

/* `before` id `after`, the id encoded. */
struct text stripe_path(struct call *call, const char *before, struct text id, const char *after);

/* One more parameter; its name goes out as it is. */
void stripe_put(struct buffer *form, const char *name, struct text value);
void stripe_put_integer(struct buffer *form, const char *name, int64_t value);

/* An error object's code (the decline's where there is one) and sentence, short enough to be kept. */
void stripe_read_error(
    struct arena *arena, const struct tree *error, struct maybe_text *code, struct maybe_text *message);

/* Members of an object, as we count them; zero or absent where there are none. */
struct amount stripe_amount(const struct tree *object, const char *path);
/* The same, but no more than a charge can be, so that sums of them never overflow. */
struct amount stripe_amount_back(const struct tree *object, const char *path);
struct maybe_instant stripe_instant(const struct tree *object, const char *path);
struct maybe_text stripe_currency(struct arena *arena, const struct tree *object);
/* The id of what may be expanded or not. */
struct maybe_text stripe_id(const struct tree *object, const char *path);

/* An amount in the currency's smallest unit; false where it is none of these. */
bool stripe_minor_units(struct amount amount, int64_t *units);

/* The functions of stripe_intents.c, stripe_cards.c and stripe_lists.c that the provider's table names. */
struct text stripe_purchase_request(struct call *call, const struct purchase *purchase);
const struct problem *stripe_create(
    struct call *call, struct text request, const char *key, int64_t until, struct charge *out);
const struct problem *stripe_confirm(struct call *call, struct text intent_id, struct text card_id, const char *key,
    int64_t until, struct charge *out);
const struct problem *stripe_look(struct call *call, struct text intent_id, int64_t until, struct charge *out);
const struct problem *stripe_cancel(struct call *call, struct text intent_id, int64_t until, struct charge *out);
const struct problem *stripe_find(struct call *call, struct text customer_id, struct id payment_id,
    struct instant created_at, int64_t until, struct charge *out);
const struct problem *stripe_invoices(struct call *call, struct text customer_id, int64_t limit, int64_t until,
    struct provider_reply *reply, struct list *out);
const struct problem *stripe_movements(struct call *call, struct instant from, struct instant to, int64_t until,
    struct provider_reply *reply,
    const struct problem *(*movement)(struct call *call, void *context, const struct provider_movement *one),
    void *context);
const struct problem *stripe_refund(struct call *call, struct text intent_id, struct amount amount,
    struct text currency, const char *key, int64_t until, struct provider_refund *out);

#endif
