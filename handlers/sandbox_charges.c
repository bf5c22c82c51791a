/*
 * The sandbox's payment intents. Each request has a key, and repeated with it is told what it came to at first; an
 * intent is charged once, whatever is asked of it.
 */
#include "sandbox.h"

#include <string.h>

#include "clock.h"
#include "id.h"
#include "json.h"
#include "resources.h"
#include "sandbox_intent.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const struct field sandbox_intent_fields[] = {
	FIELD(sandbox_intent, id, ANY, "The intent."),
	FIELD(sandbox_intent, customer_id, ANY, "Who pays."),
	FIELD(sandbox_intent, payment_id, ANY, "What it is for."),
	FIELD(sandbox_intent, amount, ANY, "How much."),
	FIELD(sandbox_intent, currency, ANY, "In which currency."),
	FIELD(sandbox_intent, description, ANY, "What the payer reads."),
	FIELD(sandbox_intent, client_secret, ANY, "What the person's browser is given."),
	FIELD(sandbox_intent, state, ANY, "What became of it."),
	FIELD(sandbox_intent, code, ANY, "Why it was declined."),
	FIELD(sandbox_intent, refunded, ANY, "How much was given back."),
	FIELD(sandbox_intent, request_digest, ANY, "SHA-256 of the request that made it."),
	FIELD(sandbox_intent, idempotency_key, ANY, "The key of that request."),
	FIELD(sandbox_intent, created_at, ANY, "When it was made."),
	FIELD(sandbox_intent, charged_at, ANY, "When the money is taken."),
};
const struct shape sandbox_intent_shape = {
	.name = "sandbox_intent",
	.size = sizeof(struct sandbox_intent),
	.count = COUNT(sandbox_intent_fields),
	.fields = sandbox_intent_fields,
};

/* What `create` sends. */
struct sandbox_request {
	struct id payment_id;
	struct text customer_id, card_id;
	struct amount amount;
	struct text currency;
	struct text description;
};
static const struct field sandbox_request_fields[] = {
	FIELD(sandbox_request, payment_id, ANY, "What it is for."),
	FIELD(sandbox_request, customer_id, ANY, "Who pays."),
	FIELD(sandbox_request, card_id, ANY, "With which card."),
	FIELD(sandbox_request, amount, ANY, "How much."),
	FIELD(sandbox_request, currency, ANY, "In which currency."),
	FIELD(sandbox_request, description, ANY, "What the payer reads."),
};
SHAPE(sandbox_request)

struct sandbox_confirmation {
	struct text idempotency_key;
	struct text intent_id;
	struct text card_id;
	struct text state;
	struct maybe_text code;
	struct maybe_instant charged_at;
	struct instant created_at;
};
static const struct field sandbox_confirmation_fields[] = {
	FIELD(sandbox_confirmation, idempotency_key, ANY, "The key of the request."),
	FIELD(sandbox_confirmation, intent_id, ANY, "What was confirmed."),
	FIELD(sandbox_confirmation, card_id, ANY, "With which card."),
	FIELD(sandbox_confirmation, state, ANY, "What it came to."),
	FIELD(sandbox_confirmation, code, ANY, "Why it was declined."),
	FIELD(sandbox_confirmation, charged_at, ANY, "When the money is taken."),
	FIELD(sandbox_confirmation, created_at, ANY, "When it was confirmed."),
};
SHAPE(sandbox_confirmation)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement insert_intent = {
	.sql = "INSERT INTO sandbox_intent (id, customer_id, payment_id, amount, currency, description, client_secret,"
	       " request_digest, idempotency_key, created_at) VALUES (:id, :customer_id, :payment_id, :amount,"
	       " :currency, :description, :client_secret, :request_digest, :idempotency_key, :created_at)",
	.takes = &sandbox_intent_shape,
	.duplicate_is_zero = true,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement find_by_key = {
	.sql = "SELECT " SANDBOX_INTENT_COLUMNS " FROM sandbox_intent WHERE idempotency_key = :idempotency_key",
	.takes = &sandbox_intent_shape,
	.gives = &sandbox_intent_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement find_by_payment = {
	.sql = "SELECT " SANDBOX_INTENT_COLUMNS " FROM sandbox_intent"
	       " WHERE customer_id = :customer_id AND payment_id = :payment_id"
	       " ORDER BY state = 'charged' DESC, created_at DESC, id LIMIT 1",
	.takes = &sandbox_intent_shape,
	.gives = &sandbox_intent_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement find_intent = {
	.sql = "SELECT " SANDBOX_INTENT_COLUMNS " FROM sandbox_intent WHERE id = :id",
	.takes = &sandbox_intent_shape,
	.gives = &sandbox_intent_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement lock_intent = {
	.sql = "SELECT " SANDBOX_INTENT_COLUMNS " FROM sandbox_intent WHERE id = :id FOR UPDATE",
	.takes = &sandbox_intent_shape,
	.gives = &sandbox_intent_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement change_intent = {
	.sql = "UPDATE sandbox_intent SET state = :state, code = :code, charged_at = :charged_at, refunded = :refunded"
	       " WHERE id = :id",
	.takes = &sandbox_intent_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement find_confirmation = {
	.sql =
	    "SELECT idempotency_key, intent_id, card_id, state, code, charged_at, created_at FROM sandbox_confirmation"
	    " WHERE idempotency_key = :idempotency_key",
	.takes = &sandbox_confirmation_shape,
	.gives = &sandbox_confirmation_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

static const struct statement insert_confirmation = {
	.sql = "INSERT INTO sandbox_confirmation (idempotency_key, intent_id, card_id, state, code, charged_at, "
	       "created_at)"
	       " VALUES (:idempotency_key, :intent_id, :card_id, :state, :code, :charged_at, :created_at)",
	.takes = &sandbox_confirmation_shape,
	.crosses_organizations = sandbox_has_no_tenants,
};

/* ---- what an intent is ----------------------------------------------------------------------------------------- */

static enum charge_state
state_of(const struct sandbox_intent *intent, struct instant now)
{
	if (text_is(intent->state, "charged"))
		return instant_before(now, intent->charged_at.value) ? CHARGE_PROCESSING : CHARGE_SUCCEEDED;
	return text_is(intent->state, "action")     ? CHARGE_ACTION
	       : text_is(intent->state, "declined") ? CHARGE_DECLINED
	       : text_is(intent->state, "ready")    ? CHARGE_READY
						    : CHARGE_CANCELLED;
}

/* As it is, or was, at that moment. */
static void
tell(struct call *call, const struct sandbox_intent *intent, struct instant at, struct charge *out)
{
	char ulid[ID_CHARACTERS + 1];

	id_format(intent->payment_id, ulid);
	*out = (struct charge){
		.state = state_of(intent, at),
		.intent_id = text_given(intent->id),
		.payment_id = text_given(arena_text(call->arena, ulid, ID_CHARACTERS)),
		.currency = text_given(intent->currency),
		.created_at = instant_given(intent->created_at),
	};
	if (out->state == CHARGE_SUCCEEDED) {
		out->received = intent->amount;
		out->refunded = intent->refunded;
	}
	if (out->state == CHARGE_ACTION)
		out->client_secret = text_given(intent->client_secret);
	if (out->state == CHARGE_DECLINED) {
		out->code = intent->code;
		out->message = text_given(sandbox_message(text_or(intent->code, "")));
	}
}

static void
refuse(struct charge *out, const char *code, struct text message)
{
	*out = (struct charge){
		.state = CHARGE_REFUSED, .code = text_given(text_from(code)), .message = text_given(message)
	};
}

const struct problem *
sandbox_lock_intent(struct call *call, struct text id, struct sandbox_intent *intent, bool *found)
{
	struct sandbox_intent asked = { .id = id };

	return sql_maybe(call, &lock_intent, &asked, intent, found);
}

const struct problem *
sandbox_change_intent(struct call *call, const struct sandbox_intent *intent)
{
	return sql_run(call, &change_intent, intent, NULL);
}

/* ---- create ---------------------------------------------------------------------------------------------------- */

struct text
sandbox_request(struct call *call, const struct purchase *purchase)
{
	struct buffer body = buffer_new(call->arena, 512);
	const struct sandbox_request request = {
		.payment_id = purchase->payment_id,
		.customer_id = purchase->customer_id,
		.card_id = purchase->card_id,
		.amount = purchase->amount,
		.currency = purchase->currency,
		.description = purchase->description,
	};

	json_write(&body, &sandbox_request_shape, &request);
	return buffer_text(&body);
}

struct creation {
	struct sandbox_request request;
	struct digest digest;
	struct text key;
	struct charge *out;
};

static struct sandbox_intent
new_intent(struct call *call, const struct creation *creation)
{
	struct sandbox_intent intent = {
		.id = sandbox_identifier(call, "pi_"),
		.customer_id = creation->request.customer_id,
		.payment_id = creation->request.payment_id,
		.amount = creation->request.amount,
		.currency = creation->request.currency,
		.description = creation->request.description,
		.request_digest = creation->digest,
		.idempotency_key = creation->key,
		.created_at = call->now,
	};

	intent.client_secret = sandbox_identifier(call, arena_format(call->arena, "%s_secret_", intent.id.at).at);
	return intent;
}

/* What the first request with this key was told, whatever became of the intent since. */
static void
tell_created(struct call *call, const struct creation *creation, struct sandbox_intent *intent)
{
	if (memcmp(intent->request_digest.bytes, creation->digest.bytes, sizeof(creation->digest.bytes)) != 0) {
		refuse(creation->out, "idempotency_error", TEXT("This key was used before, for another request."));
		return;
	}
	intent->state = TEXT("ready");
	tell(call, intent, call->now, creation->out);
}

static const struct problem *
create(struct call *call, void *context)
{
	struct creation *creation = context;
	struct sandbox_intent asked = new_intent(call, creation), intent;
	const struct sandbox_kind *kind;
	bool found;
	const struct problem *p = sql_maybe(call, &find_by_key, &asked, &intent, &found);

	if (p == NULL && found)
		tell_created(call, creation, &intent);
	if (p != NULL || found)
		return p;
	p = sandbox_find_card(call, asked.customer_id, creation->request.card_id, &kind, &found);
	if (p != NULL)
		return p;
	if (!found || asked.amount.micros <= 0 || asked.amount.micros % MINOR_UNIT_MICROS != 0) {
		refuse(creation->out, found ? "parameter_invalid_integer" : "resource_missing",
		    found ? TEXT("This amount can not be charged.") : TEXT("The card is not attached any more."));
		return NULL;
	}
	p = sql_run(call, &insert_intent, &asked, NULL);
	if (p == NULL)
		p = sql_one(call, &find_by_key, &asked, &intent); /* another may have been first with this key */
	if (p == NULL)
		tell_created(call, creation, &intent);
	return p;
}

const struct problem *
sandbox_create(struct call *call, struct text request, const char *key, int64_t until, struct charge *out)
{
	struct creation creation = {
		.digest = digest_of(request.at, request.length), .key = text_from(key), .out = out
	};

	(void)until;
	if (json_read(call, request, &sandbox_request_shape, &creation.request) != NULL)
		return fail_internal(call, "a request that the sandbox did not write: %s", request.at);
	return sandbox_apart(call, create, &creation);
}

/* ---- confirm --------------------------------------------------------------------------------------------------- */

struct confirming {
	struct text intent_id;
	struct text card_id;
	struct text key;
	struct charge *out;
};

/* What becomes of a charge of the card. */
static void
charge(const struct sandbox_kind *kind, struct instant now, struct sandbox_intent *intent)
{
	intent->code = (struct maybe_text){ NULL, 0 };
	intent->charged_at.given = false;
	if (kind->outcome == SANDBOX_ASKS) {
		intent->state = TEXT("action");
	} else if (kind->outcome == SANDBOX_PAYS || kind->outcome == SANDBOX_PAYS_LATER) {
		intent->state = TEXT("charged");
		intent->charged_at = instant_given(
		    instant_plus_seconds(now, kind->outcome == SANDBOX_PAYS_LATER ? SANDBOX_LATER_SECONDS : 0));
	} else {
		intent->state = TEXT("declined");
		intent->code = text_given(text_from(kind->code));
	}
}

/* As it was told the first time. */
static void
tell_confirmed(struct call *call, const struct confirming *confirming, const struct sandbox_confirmation *first,
    struct sandbox_intent *intent)
{
	if (!text_equal(first->intent_id, confirming->intent_id) || !text_equal(first->card_id, confirming->card_id)) {
		refuse(confirming->out, "idempotency_error", TEXT("This key was used before, for another request."));
		return;
	}
	intent->state = first->state;
	intent->code = first->code;
	intent->charged_at = first->charged_at;
	tell(call, intent, first->created_at, confirming->out);
}

static const struct problem *
charge_card(struct call *call, const struct confirming *confirming, struct sandbox_intent *intent)
{
	const struct sandbox_kind *kind;
	struct sandbox_confirmation confirmation;
	bool found;
	const struct problem *p = sandbox_find_card(call, intent->customer_id, confirming->card_id, &kind, &found);

	if (p != NULL)
		return p;
	if (!found) {
		refuse(confirming->out, "resource_missing", TEXT("The card is not attached any more."));
		return NULL;
	}
	charge(kind, call->now, intent);
	confirmation = (struct sandbox_confirmation){
		.idempotency_key = confirming->key,
		.intent_id = intent->id,
		.card_id = confirming->card_id,
		.state = intent->state,
		.code = intent->code,
		.charged_at = intent->charged_at,
		.created_at = call->now,
	};
	p = sql_run(call, &insert_confirmation, &confirmation, NULL);
	if (p == NULL)
		p = sandbox_change_intent(call, intent);
	if (p == NULL)
		tell(call, intent, call->now, confirming->out);
	return p;
}

static const struct problem *
confirm(struct call *call, void *context)
{
	const struct confirming *confirming = context;
	struct sandbox_confirmation asked = { .idempotency_key = confirming->key }, first;
	struct sandbox_intent intent;
	bool found;
	const struct problem *p = sandbox_lock_intent(call, confirming->intent_id, &intent, &found);

	*confirming->out = (struct charge){ .state = CHARGE_NONE };
	if (p != NULL || !found)
		return p;
	p = sql_maybe(call, &find_confirmation, &asked, &first, &found);
	if (p != NULL)
		return p;
	if (found) {
		tell_confirmed(call, confirming, &first, &intent);
		return NULL;
	}
	if (text_is(intent.state, "charged") || text_is(intent.state, "cancelled")) {
		tell(call, &intent, call->now, confirming->out);
		return NULL;
	}
	return charge_card(call, confirming, &intent);
}

const struct problem *
sandbox_confirm(
    struct call *call, struct text intent_id, struct text card_id, const char *key, int64_t until, struct charge *out)
{
	struct confirming confirming = { intent_id, card_id, text_from(key), out };

	(void)until;
	return sandbox_apart(call, confirm, &confirming);
}

/* ---- look, find ------------------------------------------------------------------------------------------------ */

struct looking {
	const struct statement *how;
	struct sandbox_intent asked;
	struct charge *out;
};

static const struct problem *
look(struct call *call, void *context)
{
	struct looking *looking = context;
	struct sandbox_intent intent;
	bool found;
	const struct problem *p = sql_maybe(call, looking->how, &looking->asked, &intent, &found);

	*looking->out = (struct charge){ .state = CHARGE_NONE };
	if (p == NULL && found)
		tell(call, &intent, call->now, looking->out);
	return p;
}

const struct problem *
sandbox_look(struct call *call, struct text intent_id, int64_t until, struct charge *out)
{
	struct looking looking = { &find_intent, { .id = intent_id }, out };

	(void)until;
	return sandbox_apart(call, look, &looking);
}

const struct problem *
sandbox_find(struct call *call, struct text customer_id, struct id payment_id, struct instant created_at, int64_t until,
    struct charge *out)
{
	struct looking looking = { &find_by_payment, { .customer_id = customer_id, .payment_id = payment_id }, out };

	(void)created_at;
	(void)until;
	return sandbox_apart(call, look, &looking);
}

/* ---- cancel, authenticate -------------------------------------------------------------------------------------- */

/* An intent that is not charged yet becomes something else. */
struct ending {
	struct text intent_id;
	const char *only; /* from this state alone; NULL: from any in which nothing is charged */
	struct text state;
	struct maybe_text code;
	struct charge *out;
};

static const struct problem *
end(struct call *call, void *context)
{
	const struct ending *ending = context;
	struct sandbox_intent intent;
	bool found;
	const struct problem *p = sandbox_lock_intent(call, ending->intent_id, &intent, &found);

	*ending->out = (struct charge){ .state = CHARGE_NONE };
	if (p != NULL || !found)
		return p;
	if (!text_is(intent.state, "charged") && (ending->only == NULL || text_is(intent.state, ending->only))) {
		intent.state = ending->state;
		intent.code = ending->code;
		if (text_is(intent.state, "charged"))
			intent.charged_at = instant_given(call->now);
		p = sandbox_change_intent(call, &intent);
	}
	if (p == NULL)
		tell(call, &intent, call->now, ending->out);
	return p;
}

const struct problem *
sandbox_cancel(struct call *call, struct text intent_id, int64_t until, struct charge *out)
{
	struct ending ending = { .intent_id = intent_id, .state = TEXT("cancelled"), .out = out };

	(void)until;
	return sandbox_apart(call, end, &ending);
}

const struct problem *
sandbox_authenticate(struct call *call, struct text intent_id, bool succeeds, struct charge *out)
{
	struct ending ending = { .intent_id = intent_id, .only = "action", .state = TEXT("charged"), .out = out };

	if (!succeeds) {
		ending.state = TEXT("declined");
		ending.code = text_given(TEXT("payment_intent_authentication_failure"));
	}
	return sandbox_apart(call, end, &ending);
}

const struct resource sandbox_charges_resource = {
	.name = "sandbox_charges",
	.summary = "The sandbox's payment intents.",
	.statements = LIST_OF(statement, &insert_intent, &find_by_key, &find_by_payment, &find_intent, &lock_intent,
	    &change_intent, &find_confirmation, &insert_confirmation),
};
