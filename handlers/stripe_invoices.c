/*
 * The invoices that the card processor keeps for an organization. They are shown as a convenience: whatever goes wrong
 * there, the answer is an empty list that says so, and it comes soon.
 */
#include "resources.h"

#include "clock.h"
#include "provider.h"
#include "statement.h"
#include "text.h"

enum { PATIENCE_MICROSECONDS = 2500000 };

struct invoices_query {
	struct maybe_int limit;
};
static const struct field invoices_query_fields[] = {
	FIELD(invoices_query, limit, RANGE_OR(1, 1000, 50), "How many at most, the newest first."),
};
SHAPE(invoices_query)

static const struct field provider_invoice_fields[] = {
	FIELD(provider_invoice, id, ANY, "The processor's id of it."),
	FIELD(provider_invoice, number, ANY, "Its number; null while it is a draft."),
	FIELD(provider_invoice, status, ANY, "The processor's word for its state."),
	FIELD(provider_invoice, currency, ANY, "Of the amounts."),
	FIELD(provider_invoice, amount_due, ANY, "What it asks for."),
	FIELD(provider_invoice, amount_paid, ANY, "What was paid of it."),
	FIELD(provider_invoice, created, ANY, "When it was made."),
	FIELD(provider_invoice, hosted_invoice_url, ANY, "A page that shows it."),
	FIELD(provider_invoice, pdf_url, ANY, "It as a PDF."),
};
SHAPE(provider_invoice)

struct invoices {
	struct list data;
	bool degraded;
};
static const struct field invoices_fields[] = {
	FIELD_LIST(invoices, data, provider_invoice, ANY, "The invoices."),
	FIELD(
	    invoices, degraded, ANY, "The processor could not be asked, so that there may be some that are not shown."),
};
SHAPE(invoices)

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

static const struct statement find_customer = {
	.sql =
	    "SELECT customer_id FROM payment_customer WHERE organization_id = :organization AND provider = :provider",
	.takes = &customer_query_shape,
	.gives = &customer_answer_shape,
};

HANDLER(list_invoices, invoices_query, invoices)

static const struct operation list_invoices_operation = {
	.id = "billing.stripe_invoices.list",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.slow = true,
	.summary = "List the invoices that the card processor keeps for the organization.",
	.run = &list_invoices_run,
};

static const struct problem *
list_invoices(struct call *call, const struct invoices_query *in, struct invoices *out)
{
	int64_t until = clock_monotonic_microseconds() + PATIENCE_MICROSECONDS;
	const struct provider *provider = provider_chosen();
	struct customer query, customer;
	struct provider_reply *reply = arena_take(call->arena, sizeof(*reply));
	const struct problem *p;
	bool found;

	if (provider == NULL)
		return NULL;
	query.provider = text_from(provider->name);
	p = sql_maybe(call, &find_customer, &query, &customer, &found);
	if (p != NULL || !found)
		return p;
	p = provider->invoices(call, customer.customer_id, in->limit.value, until, reply, &out->data);
	if (p != NULL)
		return p;
	out->degraded = reply->answer != PROVIDER_DONE;
	if (out->degraded)
		out->data.count = 0;
	return NULL;
}

const struct resource stripe_invoices_resource = {
	.name = "billing.stripe_invoices",
	.summary = "Invoices at the card processor.",
	.operations = LIST_OF(operation, &list_invoices_operation),
	.statements = LIST_OF(statement, &find_customer),
};
