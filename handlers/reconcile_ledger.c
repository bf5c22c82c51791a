/*
 * What the ledger says about payments: the journal's lines on processor_clearing, by the entries that refer to a
 * payment.
 */
#include "reconcile.h"

#include "config.h"
#include "id.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

static const char why_operator[] = "the operator holds everybody's payments against the processor";

struct booked_query {
	struct text provider;
	struct instant from, to;
	struct maybe_text key;
	struct maybe_id payment_id;
};
static const struct field booked_query_fields[] = {
	FIELD(booked_query, provider, ANY, "The processor."),
	FIELD(booked_query, from, ANY, "Not before."),
	FIELD(booked_query, to, ANY, "Before."),
	FIELD(booked_query, key, ANY, "The processor's id of an intent or a refund."),
	FIELD(booked_query, payment_id, ANY, "The payment that the processor names."),
};
SHAPE(booked_query)

static const struct field booked_fields[] = {
	FIELD(booked, key, ANY, "The intent, or the refund."),
	FIELD(booked, intent_id, ANY, "The intent."),
	FIELD(booked, payment_id, ANY, "The payment."),
	FIELD(booked, organization_id, ANY, "Whose it is."),
	FIELD(booked, currency, ANY, "Of the amounts."),
	FIELD(booked, at, ANY, "When."),
	FIELD(booked, amount, ANY, "What the journal says."),
	FIELD(booked, known, ANY, "All refunds that are known."),
	FIELD(booked, unnamed, ANY, "Refunds that are not known one by one."),
};
SHAPE(booked)

#define LINES                                                                                       \
	"SELECT CAST(SUM(l.amount) AS SIGNED) FROM journal_entry e"                                 \
	" JOIN journal_line l ON l.organization_id = e.organization_id AND l.sequence = e.sequence" \
	" AND l.account = 'processor_clearing' AND l.unit = p.currency"

/* What the entry of the charge says, and what all others that refer to the payment say: less than 0, for they take
 * back. */
#define CHARGED "COALESCE((" LINES " WHERE e.id = p.entry_id), 0)"
#define OTHERS                                                                                                        \
	"COALESCE((" LINES " WHERE e.organization_id = p.organization_id"                                             \
	" AND ((e.reason IN ('topup', 'auto_topup', 'clawback') AND e.reference_type = 'topup' AND e.reference_id = " \
	"p.id)"                                                                                                       \
	" OR (e.reason = 'payment' AND e.reference_type = 'payment' AND e.reference_id = p.id))"                      \
	" AND NOT e.id <=> p.entry_id), 0)"

/* Were a charge booked twice, the others would bring something. */
#define CHARGES                                                                                         \
	"SELECT p.intent_id AS `key`, p.intent_id, p.id AS payment_id, p.organization_id, p.currency,"  \
	" COALESCE(p.charged_at, p.created_at) AS at, " CHARGED " + GREATEST(0, " OTHERS ") AS amount," \
	" 0 AS known, 0 AS unnamed FROM payment p WHERE p.provider = "                                  \
	":provider"

static const struct statement list_charges = {
	.sql = CHARGES " AND p.charged_at >= :from AND p.charged_at < :to AND p.state = 'succeeded'",
	.takes = &booked_query_shape,
	.gives = &booked_shape,
	.crosses_organizations = why_operator,
};

static const struct statement charge_of_intent = {
	.sql = CHARGES " AND p.intent_id = :key",
	.takes = &booked_query_shape,
	.gives = &booked_shape,
	.crosses_organizations = why_operator,
};

static const struct statement charge_of_payment = {
	.sql = CHARGES " AND p.id = :payment_id",
	.takes = &booked_query_shape,
	.gives = &booked_shape,
	.crosses_organizations = why_operator,
};

/* Refunds that the processor took on and did not take back. */
#define STANDS(r) r ".refund_id IS NOT NULL AND " r ".state <> 'failed'"
#define KNOWN                                                                  \
	"COALESCE((SELECT CAST(SUM(k.amount) AS SIGNED) FROM payment_refund k" \
	" WHERE k.payment_id = p.id AND " STANDS("k") "), 0)"
#define EARLIER                                                                                                       \
	"COALESCE((SELECT CAST(SUM(k.amount) AS SIGNED) FROM payment_refund k WHERE k.payment_id = p.id AND " STANDS( \
	    "k") " AND (k.created_at < r.created_at OR (k.created_at = r.created_at AND k.id < r.id))), 0)"

/* What the ledger took back for refunds: all that is refunded but for what is missing in the journal. */
#define COVERED "(p.refunded - LEAST(p.refunded + p.disputed, p.received) - " OTHERS ")"

#define REFUNDS                                                                                                       \
	"SELECT r.refund_id AS `key`, p.intent_id, p.id AS payment_id, p.organization_id, p.currency,"                \
	" r.created_at AS at, GREATEST(0, LEAST(r.amount, " COVERED " - " EARLIER ")) AS amount, " KNOWN " AS known," \
	" 0 AS unnamed"                                                                                               \
	" FROM payment_refund r JOIN payment p ON p.id = r.payment_id WHERE p.provider = :provider AND " STANDS("r")

static const struct statement list_refunds = {
	.sql = REFUNDS " AND r.created_at >= :from AND r.created_at < :to",
	.takes = &booked_query_shape,
	.gives = &booked_shape,
	.crosses_organizations = why_operator,
};

static const struct statement refund_of_id = {
	.sql = REFUNDS " AND r.refund_id = :key",
	.takes = &booked_query_shape,
	.gives = &booked_shape,
	.crosses_organizations = why_operator,
};

static const struct statement refund_of_intent = {
	.sql = "SELECT p.intent_id AS `key`, p.intent_id, p.id AS payment_id, p.organization_id, p.currency,"
	       " p.created_at AS at, 0 AS amount, " KNOWN " AS known,"
	       " GREATEST(0, " COVERED " - " KNOWN ") AS unnamed FROM payment p"
	       " WHERE p.provider = :provider AND p.intent_id = :key",
	.takes = &booked_query_shape,
	.gives = &booked_shape,
	.crosses_organizations = why_operator,
};

static struct booked_query
query_of(struct maybe_text key)
{
	return (struct booked_query){ .provider = text_from(config.provider), .key = key };
}

const struct problem *
booked_charges(struct call *call, struct instant from, struct instant to, struct list *out)
{
	struct booked_query query = query_of((struct maybe_text){ 0 });

	query.from = from;
	query.to = to;
	return sql_all(call, &list_charges, &query, out);
}

const struct problem *
booked_refunds(struct call *call, struct instant from, struct instant to, struct list *out)
{
	struct booked_query query = query_of((struct maybe_text){ 0 });

	query.from = from;
	query.to = to;
	return sql_all(call, &list_refunds, &query, out);
}

/* A payment that was charged by another intent has booked nothing of this one. */
const struct problem *
booked_charge(struct call *call, const struct provider_movement *movement, struct booked *out, bool *found)
{
	struct booked_query query = query_of(movement->intent_id);
	struct text payment_id = text_or(movement->payment_id, "");
	const struct problem *p = NULL;

	*found = false;
	if (query.key.at != NULL)
		p = sql_maybe(call, &charge_of_intent, &query, out, found);
	if (p != NULL || *found || !id_parse(payment_id, &query.payment_id.value))
		return p;
	query.payment_id.given = true;
	p = sql_maybe(call, &charge_of_payment, &query, out, found);
	if (p == NULL && *found)
		out->amount.micros = 0;
	return p;
}

const struct problem *
booked_refund(struct call *call, const struct provider_movement *movement, struct booked *out, bool *found)
{
	struct booked_query query = query_of(text_given(movement->id));
	const struct problem *p = sql_maybe(call, &refund_of_id, &query, out, found);

	if (p != NULL || *found || movement->intent_id.at == NULL)
		return p;
	query.key = movement->intent_id;
	return sql_maybe(call, &refund_of_intent, &query, out, found);
}

const struct resource reconcile_ledger_resource = {
	.name = "reconcile_ledger",
	.summary = "What the ledger says about payments.",
	.statements = LIST_OF(statement, &list_charges, &charge_of_intent, &charge_of_payment, &list_refunds,
	    &refund_of_id, &refund_of_intent),
};
