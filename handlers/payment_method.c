/*
 * Which card is charged, and the organization as a customer of the processor.
 */
#include "payment_method.h"

#include "id.h"
#include "resources.h"
#include "seal.h"
#include "statement.h"
#include "text.h"
#include "two_step.h"

/* ---- the card to charge ---------------------------------------------------------------------------------------- */

struct card_query {
	struct maybe_id row;
	struct text provider;
};
static const struct field card_query_fields[] = {
	FIELD(card_query, row, ANY, "The card's row; the default card's where there is none."),
	FIELD(card_query, provider, ANY, "The processor in use."),
};
SHAPE(card_query)

static const struct field payment_method_ref_fields[] = {
	FIELD(payment_method_ref, id, ANY, "The card's row."),
	FIELD(payment_method_ref, card_id, ANY, "The processor's name of the card."),
	FIELD(payment_method_ref, customer_id, ANY, "The processor's name of the organization."),
};
SHAPE(payment_method_ref)

static const struct statement find_card = {
	.sql = "SELECT m.id, m.card_id, c.customer_id FROM payment_method m"
	       " JOIN payment_customer c ON c.organization_id = m.organization_id AND c.provider = m.provider"
	       " WHERE m.organization_id = :organization AND m.provider = :provider AND m.detached_at IS NULL"
	       " AND (m.id = :row OR (:row IS NULL AND m.default_of = m.organization_id))",
	.takes = &card_query_shape,
	.gives = &payment_method_ref_shape,
};

const struct problem *
payment_method_default(struct call *call, struct maybe_id row, struct payment_method_ref *out, bool *found)
{
	struct card_query query = { .row = row };
	const struct provider *provider;
	const struct problem *p = provider_need(call, &provider);

	if (p != NULL)
		return p;
	query.provider = text_from(provider->name);
	return sql_maybe(call, &find_card, &query, out, found);
}

/* ---- the customer ---------------------------------------------------------------------------------------------- */

struct customer {
	struct text provider;
	struct text customer_id;
};
static const struct field customer_query_fields[] = {
	FIELD(customer, provider, ANY, "The processor."),
};
VIEW(customer_query, customer)
static const struct field customer_answer_fields[] = {
	FIELD(customer, customer_id, ANY, "The processor's name of the organization."),
};
VIEW(customer_answer, customer)
static const struct field customer_fields[] = {
	FIELD(customer, provider, ANY, "The processor."),
	FIELD(customer, customer_id, ANY, "The processor's name of the organization."),
};
SHAPE(customer)

static const struct statement find_customer = {
	.sql =
	    "SELECT customer_id FROM payment_customer WHERE organization_id = :organization AND provider = :provider",
	.takes = &customer_query_shape,
	.gives = &customer_answer_shape,
};

static const struct statement insert_customer = {
	.sql = "INSERT INTO payment_customer (organization_id, provider, customer_id, created_at)"
	       " VALUES (:organization, :provider, :customer_id, :now)",
	.takes = &customer_shape,
	.duplicate_is_zero = true,
};

struct customer_step {
	struct customer asked, kept;
	bool found;
};

static const struct problem *
find(struct call *call, void *context)
{
	struct customer_step *step = context;

	return sql_maybe(call, &find_customer, &step->asked, &step->kept, &step->found);
}

/* Whoever comes first decides: the others use what is there. */
static const struct problem *
keep(struct call *call, void *context)
{
	struct customer_step *step = context;
	const struct problem *p = sql_run(call, &insert_customer, &step->asked, NULL);

	return p != NULL ? p : find(call, step);
}

const struct problem *
payment_customer_need(struct call *call, const struct provider *provider, int64_t until, struct provider_reply *reply,
    struct text *customer_id)
{
	struct customer_step step = { .asked.provider = text_from(provider->name) };
	const struct problem *p = step_apart(call, find, &step);

	*reply = (struct provider_reply){ .answer = PROVIDER_DONE };
	if (p == NULL && !step.found) {
		p = provider->customer(call, call->organization, until, reply, &step.asked.customer_id);
		if (p == NULL && reply->answer == PROVIDER_DONE)
			p = step_apart(call, keep, &step);
	}
	if (p == NULL && reply->answer == PROVIDER_DONE && !step.found)
		p = fail_internal(call, "the customer %s is another organization's", step.asked.customer_id.at);
	*customer_id = step.kept.customer_id;
	return p;
}

const char *
payment_method_key(struct call *call, const char *what, struct text subject, bool anew)
{
	struct buffer said = buffer_new(call->arena, 256);
	char ulid[ID_CHARACTERS + 1], hex[2 * sizeof(struct digest) + 1];
	struct digest digest;

	id_format(call->organization, ulid);
	buffer_add_string(&said, ulid);
	buffer_add_char(&said, '\n');
	buffer_add_text(&said, subject);
	buffer_add_char(&said, '\n');
	if (claim_of(call).space.given && !anew) {
		buffer_add_text(&said, call->request.idempotency_key);
	} else {
		id_format(call->id, ulid);
		buffer_add_string(&said, ulid);
	}
	digest = digest_of(said.at, said.length);
	hex_encode(digest.bytes, sizeof(digest.bytes), hex);
	return arena_format(call->arena, "%s-%s", what, hex).at;
}

const struct resource payment_method_resource = {
	.name = "payment_method",
	.summary = "Which card is charged, and whose customer an organization is.",
	.statements = LIST_OF(statement, &find_card, &find_customer, &insert_customer),
};
