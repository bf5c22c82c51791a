/*
 * Payments as rows: how they are read and stored, and the intent that comes before anything is said to the processor.
 */
#include "payment_parts.h"

#include <inttypes.h>

#include "clock.h"
#include "id.h"
#include "invoice.h"
#include "organization.h"
#include "payment_method.h"
#include "resources.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const struct field payment_fields[] = {
	FIELD(payment, id, ANY, "The payment; the top-up's id for callers and for the processor."),
	FIELD(payment, organization_id, ANY, "Who pays."),
	FIELD(payment, purpose, ANY, "What for."),
	FIELD(payment, state, ANY, "How far it is."),
	FIELD(payment, credits, ANY, "Credits asked for."),
	FIELD(payment, amount, ANY, "What is charged, tax included."),
	FIELD(payment, tax, ANY, "The tax in it."),
	FIELD(payment, currency, ANY, "Of the amounts."),
	FIELD(payment, description, ANY, "In the buyer's words."),
	FIELD(payment, provider, ANY, "The processor."),
	FIELD(payment, customer_id, ANY, "The processor's name of the organization."),
	FIELD(payment, card_id, ANY, "The processor's name of the card."),
	FIELD(payment, request, ANY, "What makes the intent, byte for byte."),
	FIELD(payment, creations, ANY, "Which key makes the intent."),
	FIELD(payment, attempt, ANY, "Which key confirms it."),
	FIELD(payment, intent_id, ANY, "The processor's intent."),
	FIELD(payment, client_secret, ANY, "Sealed, for the person who has to authenticate."),
	FIELD(payment, error_code, ANY, "Why it failed, as a code."),
	FIELD(payment, last_error, ANY, "Why it failed, in words."),
	FIELD(payment, received, ANY, "What the processor took."),
	FIELD(payment, granted, ANY, "Credits booked for it."),
	FIELD(payment, refunded, ANY, "What was given back of it."),
	FIELD(payment, disputed, ANY, "What disputes hold of it."),
	FIELD(payment, clawed, ANY, "What the ledger took back of it."),
	FIELD(payment, clawed_credits, ANY, "The same in credits."),
	FIELD(payment, entry_id, ANY, "The ledger's entry, and the lot."),
	FIELD(payment, restored_id, ANY, "The same of what was given back last."),
	FIELD(payment, balance, ANY, "The organization's balance behind it."),
	FIELD(payment, approval_id, ANY, "The approval that it pays."),
	FIELD(payment, supersedes, ANY, "The payment whose place it took."),
	FIELD(payment, invoice_id, ANY, "The invoice that it pays."),
	FIELD(payment, automatic, ANY, "Whether nobody waits for it."),
	FIELD(payment, cancel_due, ANY, "Whether its intent has still to be cancelled."),
	CLAIM_FIELDS(payment),
	FIELD(payment, created_at, ANY, "When it was begun."),
	FIELD(payment, charged_at, ANY, "When it was charged."),
	FIELD(payment, missing_since, ANY, "Since when the processor has no such intent."),
	FIELD(payment, look_at, ANY, "When the sweeper looks at it."),
	FIELD(payment, lease_token, ANY, "How often the sweeper took it."),
};
const struct shape payment_shape = {
	.name = "payment",
	.size = sizeof(struct payment),
	.count = COUNT(payment_fields),
	.fields = payment_fields,
};

static const struct field payment_ref_fields[] = {
	FIELD(payment_ref, payment_id, ANY, "The payment."),
};
const struct shape payment_ref_shape = {
	.name = "payment_ref",
	.size = sizeof(struct payment_ref),
	.count = COUNT(payment_ref_fields),
	.fields = payment_ref_fields,
};

struct intent_ref {
	struct text provider;
	struct maybe_text intent_id;
};
static const struct field intent_ref_fields[] = {
	FIELD(intent_ref, provider, ANY, "The processor."),
	FIELD(intent_ref, intent_id, ANY, "Its intent."),
};
SHAPE(intent_ref)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const char why_outside[] = "the processor and the sweeper know payments, not organizations";

static const struct statement read_payment = {
	.sql = "SELECT " PAYMENT_COLUMNS " FROM payment WHERE organization_id = :organization AND id = :payment_id",
	.takes = &payment_ref_shape,
	.gives = &payment_shape,
};

static const struct statement lock_payment = {
	.sql = "SELECT " PAYMENT_COLUMNS " FROM payment WHERE organization_id = :organization AND id = :payment_id"
	       " FOR UPDATE",
	.takes = &payment_ref_shape,
	.gives = &payment_shape,
};

static const struct statement find_by_id = {
	.sql = "SELECT " PAYMENT_COLUMNS " FROM payment WHERE id = :payment_id",
	.takes = &payment_ref_shape,
	.gives = &payment_shape,
	.crosses_organizations = why_outside,
};

static const struct statement find_by_intent = {
	.sql = "SELECT " PAYMENT_COLUMNS " FROM payment WHERE provider = :provider AND intent_id = :intent_id",
	.takes = &intent_ref_shape,
	.gives = &payment_shape,
	.crosses_organizations = why_outside,
};

/* Whatever its status: money that came is booked for a closed one, too. */
static const struct statement lock_payer = {
	.sql = "SELECT id AS payment_id FROM organization WHERE id = :organization FOR UPDATE",
	.gives = &payment_ref_shape,
};

static const struct statement lock_open = {
	.sql = "SELECT " PAYMENT_COLUMNS " FROM payment WHERE open_of = :organization FOR UPDATE",
	.gives = &payment_shape,
};

static const struct statement insert_payment = {
	.sql =
	    "INSERT INTO payment (id, organization_id, purpose, state, credits, amount, tax, currency, description,"
	    " provider, customer_id, card_id, request, approval_id, supersedes, invoice_id, automatic, " CLAIM_COLUMNS
	    ", created_at, look_at)"
	    " VALUES (:id, :organization, :purpose, :state, :credits, :amount, :tax, :currency, :description, "
	    ":provider,"
	    " :customer_id, :card_id, :request, :approval_id, :supersedes, :invoice_id, :automatic, " CLAIM_PARAMETERS
	    ", :created_at, :look_at)",
	.takes = &payment_shape,
	.on_duplicate = TOPUP_IN_PROGRESS,
};

static const struct statement find_uncancelled = {
	.sql = "SELECT id AS payment_id FROM payment WHERE organization_id = :organization AND cancel_due"
	       " ORDER BY id DESC LIMIT 1",
	.gives = &payment_ref_shape,
};

/* `closed_at` before `state`, whose old value tells whether it is closed just now. */
static const struct statement save_payment = {
	.sql = "UPDATE payment SET closed_at = CASE WHEN :state NOT IN ('succeeded', 'failed') THEN NULL"
	       " WHEN state = :state THEN COALESCE(closed_at, :now) ELSE :now END, state = :state, intent_id = "
	       ":intent_id, client_secret = :client_secret,"
	       " error_code = :error_code, last_error = :last_error, received = :received, granted = :granted,"
	       " refunded = :refunded, disputed = :disputed, clawed = :clawed, clawed_credits = :clawed_credits,"
	       " entry_id = :entry_id, restored_id = :restored_id, balance = :balance, cancel_due = :cancel_due,"
	       " charged_at = :charged_at, missing_since = :missing_since, look_at = :look_at"
	       " WHERE organization_id = :organization AND id = :id",
	.takes = &payment_shape,
};

/* ---- rows ------------------------------------------------------------------------------------------------------ */

bool
payment_has_state(const struct payment *payment, const char *state)
{
	return text_is(payment->state, state);
}

bool
payment_is_open(const struct payment *payment)
{
	return !payment_has_state(payment, "succeeded") && !payment_has_state(payment, "failed");
}

bool
payment_is_older(const struct call *call, const struct payment *payment, int64_t seconds)
{
	return !instant_before(call->now, instant_plus_seconds(payment->created_at, seconds));
}

const struct problem *
payment_read(struct call *call, struct id payment_id, struct payment *out, bool *found)
{
	struct payment_ref ref = { payment_id };

	return sql_maybe(call, &read_payment, &ref, out, found);
}

const struct problem *
payment_lock_payer(struct call *call, const struct payment *known)
{
	struct payment_ref payer;

	return known->invoice_id.given ? sql_one(call, &lock_payer, NULL, &payer) : NULL;
}

const struct problem *
payment_lock_known(struct call *call, const struct payment *known, struct payment *out, bool *found)
{
	struct payment_ref ref = { known->id };
	const struct problem *p = payment_lock_payer(call, known);

	return p != NULL ? p : sql_maybe(call, &lock_payment, &ref, out, found);
}

const struct problem *
payment_lock(struct call *call, struct id payment_id, struct payment *out, bool *found)
{
	struct payment known;
	const struct problem *p = payment_read(call, payment_id, &known, found);

	return p == NULL && *found ? payment_lock_known(call, &known, out, found) : p;
}

const struct problem *
payment_find(struct call *call, struct maybe_id payment_id, struct text provider, struct maybe_text intent_id,
    struct payment *out, bool *found)
{
	struct payment_ref ref = { payment_id.value };
	struct intent_ref by_intent = { provider, intent_id };
	struct payment known;
	const struct problem *p = NULL;

	*found = false;
	if (payment_id.given)
		p = sql_maybe(call, &find_by_id, &ref, &known, found);
	if (p == NULL && !*found && intent_id.at != NULL)
		p = sql_maybe(call, &find_by_intent, &by_intent, &known, found);
	if (p != NULL || !*found)
		return p;
	call_acts_for(call, known.organization_id);
	return payment_lock_known(call, &known, out, found);
}

const struct problem *
payment_save(struct call *call, const struct payment *payment)
{
	return sql_run(call, &save_payment, payment, NULL);
}

struct text
payment_status(const struct payment *payment)
{
	if (!payment_is_open(payment) || payment_has_state(payment, "requires_action"))
		return payment->state;
	return TEXT("processing");
}

const char *
payment_seal_context(struct call *call, struct id payment)
{
	char ulid[ID_CHARACTERS + 1];

	id_format(payment, ulid);
	return arena_format(call->arena, "payment.client_secret.%s", ulid).at;
}

struct maybe_text
payment_client_secret(struct call *call, const struct payment *payment)
{
	struct text secret;

	if (!payment_has_state(payment, "requires_action") || payment->client_secret.at == NULL ||
	    !unseal(call->arena, payment->client_secret, payment_seal_context(call, payment->id), &secret))
		return (struct maybe_text){ .at = NULL };
	return text_given(secret);
}

/* ---- the intent ------------------------------------------------------------------------------------------------ */

static const struct problem *
in_progress(struct call *call, const struct payment *open)
{
	char ulid[ID_CHARACTERS + 1];

	id_format(open->id, ulid);
	return problem_with_text(call, fail(call, TOPUP_IN_PROGRESS, "Another purchase is not over yet."), "topup_id",
	    arena_format(call->arena, "%s", ulid).at);
}

/* The open payment, where the new one can take its place. */
static const struct problem *
find_waiting(struct call *call, bool yields, struct payment *open, bool *found)
{
	const struct problem *p = sql_maybe(call, &lock_open, NULL, open, found);

	if (p != NULL || !*found)
		return p;
	if (yields || !payment_has_state(open, "requires_action"))
		return in_progress(call, open);
	return NULL;
}

const struct problem *
payment_ask_free(struct call *call, bool yields)
{
	struct payment open;
	bool found;

	return find_waiting(call, yields, &open, &found);
}

/* Closed here; cancelled at the processor by the sweeper, or before the payment that takes its place is confirmed. */
static const struct problem *
abandon(struct call *call, struct payment *waiting, struct text why, struct text words)
{
	const struct problem *p;

	waiting->state = TEXT("failed");
	waiting->error_code = text_given(why);
	waiting->last_error = text_given(words);
	waiting->client_secret = (struct bytes){ .at = NULL };
	waiting->cancel_due = true;
	waiting->look_at = instant_given(instant_plus_seconds(call->now, PAYMENT_WORKER_SECONDS));
	p = waiting->approval_id.given ? approval_declined(call, waiting) : NULL;
	if (p == NULL && text_is(waiting->purpose, "subscription"))
		p = subscription_declined(call, waiting);
	if (p == NULL && waiting->invoice_id.given)
		p = invoice_declined(call, waiting);
	if (p == NULL)
		p = payment_save(call, waiting);
	return p != NULL ? p : payment_announce(call, waiting);
}

static const struct problem *
supersede(struct call *call, struct payment *waiting)
{
	return abandon(call, waiting, TEXT(WHY_SUPERSEDED), TEXT("A newer purchase took its place."));
}

const struct problem *
payment_supersede_automatic(struct call *call)
{
	struct payment open;
	bool found;
	const struct problem *p = sql_maybe(call, &lock_open, NULL, &open, &found);

	if (p != NULL || !found || !text_is(open.purpose, "auto_topup") || !payment_has_state(&open, "requires_action"))
		return p;
	return supersede(call, &open);
}

/* One that failed, but could still be paid. */
static const struct problem *
find_uncancelled_payment(struct call *call, struct maybe_id *out)
{
	struct payment_ref ref;
	const struct problem *p = sql_maybe(call, &find_uncancelled, NULL, &ref, &out->given);

	if (p == NULL && out->given)
		out->value = ref.payment_id;
	return p;
}

const struct problem *
payment_abandon_waiting(struct call *call)
{
	struct payment open;
	bool found;
	const struct problem *p = sql_maybe(call, &lock_open, NULL, &open, &found);

	if (p != NULL || !found || !payment_has_state(&open, "requires_action"))
		return p;
	return abandon(call, &open, TEXT(WHY_CLOSED), TEXT("The organization was closed."));
}

const struct problem *
payment_give_up(struct call *call, struct id payment_id)
{
	struct payment payment;
	bool found;
	const struct problem *p = payment_lock(call, payment_id, &payment, &found);

	if (p != NULL || !found || !payment_is_open(&payment))
		return p;
	if (!payment_has_state(&payment, "requires_action"))
		return in_progress(call, &payment);
	return abandon(call, &payment, TEXT(WHY_GIVEN_UP), TEXT("It was given up before it was paid."));
}

static const struct problem *
find_card(struct call *call, const struct payment_order *order, struct payment *row)
{
	struct payment_method_ref card;
	bool found;
	const struct problem *p = payment_method_default(call, order->payment_method_id, &card, &found);

	if (p == NULL && !found)
		p = order->payment_method_id.given
			? fail(call, NOT_FOUND, "There is no such card.")
			: fail(call, CARD_REQUIRED, "The organization has no card to charge.");
	if (p != NULL)
		return p;
	row->customer_id = card.customer_id;
	row->card_id = card.card_id;
	return NULL;
}

static const struct problem *
set_price(struct call *call, const struct payment_order *order, struct payment *row)
{
	struct price price;
	const struct problem *p;

	if (order->purpose == PAYMENT_INVOICE) {
		row->amount = order->amount;
		row->currency = order->currency;
		return NULL; /* its tax is the invoice's */
	}
	p = payment_ask_price(call, row->credits, "/credits", &price);
	if (p != NULL)
		return p;
	row->amount = price.amount;
	row->tax = price.tax;
	row->currency = price.currency;
	return NULL;
}

/* What the processor will be asked for, byte for byte. */
static struct text
make_request(struct call *call, const struct provider *provider, const struct payment *row)
{
	struct purchase *purchase = arena_take(call->arena, sizeof(*purchase));

	*purchase = (struct purchase){ .payment_id = row->id,
		.organization_id = call->organization,
		.customer_id = row->customer_id,
		.card_id = row->card_id,
		.amount = row->amount,
		.currency = row->currency,
		.description = { row->description.at, row->description.length } };
	if (row->description.at == NULL)
		purchase->description = arena_format(call->arena, "%" PRId64 " credits", row->credits.count);
	return provider->request(call, purchase);
}

const struct problem *
payment_intend(struct call *call, const struct payment_order *order, struct payment *out)
{
	static const char *const purposes[] = { "topup", "approval", "auto_topup", "subscription", "invoice" };
	const struct provider *provider;
	struct payment waiting;
	const struct problem *p = provider_need(call, &provider);
	bool found;

	if (p != NULL)
		return p;
	*out = (struct payment){ .id = id_new(call->now),
		.organization_id = call->organization,
		.purpose = text_from(purposes[order->purpose]),
		.state = TEXT("pending"),
		.credits = order->credits,
		.description = order->description,
		.provider = text_from(provider->name),
		.creations = 1,
		.attempt = 1,
		.approval_id = order->approval_id,
		.invoice_id = order->invoice_id,
		.automatic = order->automatic || order->purpose == PAYMENT_AUTO_TOPUP,
		.created_at = call->now,
		.look_at = instant_given(instant_plus_seconds(call->now, PAYMENT_WORKER_SECONDS)) };
	p = find_waiting(call, out->automatic && !order->overdue, &waiting, &found);
	if (p == NULL)
		p = find_card(call, order, out);
	if (p == NULL)
		p = set_price(call, order, out);
	if (p == NULL && found)
		p = supersede(call, &waiting);
	if (p == NULL)
		p = find_uncancelled_payment(call, &out->supersedes);
	if (p == NULL && !out->automatic)
		p = claim_keep(call, &out->claim);
	if (p != NULL)
		return p;
	out->request = make_request(call, provider, out);
	return sql_run(call, &insert_payment, out, NULL);
}

const struct resource payment_resource = {
	.name = "payment",
	.summary = "Charges to cards, as rows.",
	.statements = LIST_OF(statement, &read_payment, &lock_payment, &find_by_id, &find_by_intent, &lock_payer,
	    &lock_open, &insert_payment, &find_uncancelled, &save_payment),
};
