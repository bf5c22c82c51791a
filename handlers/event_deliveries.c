/*
 * Deliveries of events as the organization sees them: every attempt is listed, and can be made again.
 */
#include "resources.h"

#include "event_subscription.h"
#include "page.h"
#include "statement.h"

enum { ATTEMPTS_MOST = 100 };

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

static const char *const statuses[] = { "pending", "delivered", "failed", NULL };

struct delivery_attempt {
	int64_t attempt;
	struct instant at;
	struct maybe_int status;
	struct text detail;
	int64_t milliseconds;
};
static const struct field delivery_attempt_fields[] = {
	FIELD(delivery_attempt, attempt, ANY, "From 1."),
	FIELD(delivery_attempt, at, ANY, "When it began."),
	FIELD(delivery_attempt, status, ANY, "The HTTP status of the answer; null where there was none."),
	FIELD(delivery_attempt, detail, ANY, "How the answer began, or why there was none."),
	FIELD(delivery_attempt, milliseconds, ANY, "How long it took."),
};
SHAPE(delivery_attempt)

struct event_delivery {
	struct id id;
	struct id subscription_id;
	struct id event_id;
	struct text event_type;
	struct text status;
	struct maybe_instant next_attempt_at;
	struct document attempts;
	struct instant created_at;
	struct maybe_instant delivered_at;
};
static const struct field event_delivery_fields[] = {
	FIELD(event_delivery, id, ANY, "The delivery."),
	FIELD(event_delivery, subscription_id, ANY, "Where it goes."),
	FIELD(event_delivery, event_id, ANY, "What is delivered; the header `webhook-id`."),
	FIELD(event_delivery, event_type, ANY, "The event's type."),
	FIELD(event_delivery, status, ONE_OF(statuses), "`pending` while another attempt will be made."),
	FIELD(event_delivery, next_attempt_at, ANY,
	    "When that is due, once the subscription is active; null where there will be none."),
	FIELD_ROWS(event_delivery, attempts, delivery_attempt, "Every attempt, the first one first."),
	FIELD(event_delivery, created_at, ANY, "When the event was queued."),
	FIELD(event_delivery, delivered_at, ANY, "When it arrived last, or null."),
};
SHAPE(event_delivery)

struct delivery_query {
	PAGE_MEMBERS;
	struct maybe_id subscription_id;
	struct maybe_text status;
};
static const struct field delivery_query_fields[] = {
	PAGE_FIELDS(delivery_query),
	FIELD(delivery_query, subscription_id, ANY, "Only those to this subscription."),
	FIELD(delivery_query, status, ONE_OF(statuses), "Only those."),
};
SHAPE(delivery_query)

struct delivery_ref {
	struct id delivery_id;
};
static const struct field delivery_ref_fields[] = {
	FIELD(delivery_ref, delivery_id, ANY, "The delivery."),
};
SHAPE(delivery_ref)

/* ---- SQL -------------------------------------------------------------------------------------------------------- */

#define ATTEMPTS                                                                                                   \
	"COALESCE((SELECT CONCAT('[', GROUP_CONCAT(JSON_OBJECT('attempt', a.attempt,"                              \
	" 'at', DATE_FORMAT(a.at, '%Y-%m-%dT%H:%i:%s.%fZ'), 'status', a.status, 'detail', COALESCE(a.detail, '')," \
	" 'milliseconds', a.milliseconds) ORDER BY a.attempt), ']')"                                               \
	" FROM event_attempt a WHERE a.delivery_id = d.id), '[]')"
#define SHOW_DELIVERY(key)                                                                         \
	"SELECT d.id, d.subscription_id, d.event_id, o.type AS event_type, d.status, d.due_at AS " \
	"next_attempt_at, " ATTEMPTS                                                               \
	" AS attempts, d.created_at, d.delivered_at FROM event_delivery d FORCE INDEX (" key ")"   \
	" STRAIGHT_JOIN outbox o ON o.id = d.event_id WHERE d.organization_id = :organization"
#define OF_SUBSCRIPTION " AND d.subscription_id = :subscription_id"
#define OF_STATUS " AND d.status = :status"
#define PAGE " AND d.id < :cursor ORDER BY d.id DESC LIMIT :limit"

/* One for each way to ask, so that each reads along a key of its own, however few of many fit. */
static const struct statement list_deliveries = {
	.sql = SHOW_DELIVERY("organization") PAGE,
	.takes = &delivery_query_shape,
	.gives = &event_delivery_shape,
};

static const struct statement list_of_status = {
	.sql = SHOW_DELIVERY("status") OF_STATUS PAGE,
	.takes = &delivery_query_shape,
	.gives = &event_delivery_shape,
};

static const struct statement list_of_subscription = {
	.sql = SHOW_DELIVERY("subscription") OF_SUBSCRIPTION PAGE,
	.takes = &delivery_query_shape,
	.gives = &event_delivery_shape,
};

static const struct statement list_of_both = {
	.sql = SHOW_DELIVERY("subscription_status") OF_SUBSCRIPTION OF_STATUS PAGE,
	.takes = &delivery_query_shape,
	.gives = &event_delivery_shape,
};

static const struct statement show_delivery = {
	.sql = SHOW_DELIVERY("PRIMARY") " AND d.id = :delivery_id",
	.takes = &delivery_ref_shape,
	.gives = &event_delivery_shape,
};

struct listed_subscription {
	struct id subscription_id;
};
static const struct field listed_subscription_fields[] = {
	FIELD(listed_subscription, subscription_id, ANY, "The subscription."),
};
SHAPE(listed_subscription)

/* One that was deleted, too: its deliveries are still there. */
static const struct statement find_subscription = {
	.sql = "SELECT id AS subscription_id FROM event_subscription"
	       " WHERE organization_id = :organization AND id = :subscription_id",
	.takes = &listed_subscription_shape,
	.gives = &listed_subscription_shape,
};

struct delivery_row {
	struct id subscription_id;
	int64_t attempts;
};
static const struct field delivery_row_fields[] = {
	FIELD(delivery_row, subscription_id, ANY, "Where it goes."),
	FIELD(delivery_row, attempts, ANY, "How often it was tried."),
};
SHAPE(delivery_row)

static const struct statement read_delivery = {
	.sql = "SELECT subscription_id, attempts FROM event_delivery"
	       " WHERE organization_id = :organization AND id = :delivery_id",
	.takes = &delivery_ref_shape,
	.gives = &delivery_row_shape,
};

/* An attempt that is under way goes on, and when it has ended another one is made, whatever became of it. */
static const struct statement begin_again = {
	.sql = "UPDATE event_delivery SET status = 'pending', failures = 0, due_at = :now,"
	       " is_wanted_again = leased_until IS NOT NULL"
	       " WHERE organization_id = :organization AND id = :delivery_id",
	.takes = &delivery_ref_shape,
};

/* ---- operations ------------------------------------------------------------------------------------------------- */

HANDLER_EACH(list_event_deliveries, delivery_query, event_delivery)

static const struct operation list_operation = {
	.id = "event_subscriptions.deliveries.list",
	.kind = READ,
	.scope = EVENT_SUBSCRIPTIONS_READ,
	.effect = READS,
	.summary = "List what was sent to the organization's subscriptions, with every attempt, newest first.",
	.description = "Deliveries are kept for 30 days.",
	.page_key = "id",
	.raises = { NOT_FOUND },
	.run = &list_event_deliveries_run,
};

static const struct problem *
list_event_deliveries(struct call *call, const struct delivery_query *in, struct sink *sink)
{
	struct listed_subscription wanted = { in->subscription_id.value }, found;
	const struct problem *p = NULL;
	bool is_there = true;

	if (in->subscription_id.given)
		p = sql_maybe(call, &find_subscription, &wanted, &found, &is_there);
	if (p == NULL && !is_there)
		p = fail(call, NOT_FOUND, "The organization has no such subscription.");
	if (p != NULL)
		return p;
	if (in->subscription_id.given)
		return sql_page(call, in->status.at == NULL ? &list_of_subscription : &list_of_both, in, sink);
	return sql_page(call, in->status.at == NULL ? &list_deliveries : &list_of_status, in, sink);
}

HANDLER(redeliver, delivery_ref, event_delivery)

static const struct operation redeliver_operation = {
	.id = "event_subscriptions.redeliver",
	.kind = WRITE,
	.scope = EVENT_SUBSCRIPTIONS_WRITE,
	.effect = COMPUTES,
	.summary = "Send a delivery once more, at once, also one that has arrived.",
	.description =
	    "It carries the same `webhook-id`. Where the subscription is paused it waits until that is resumed; where"
	    " it was deleted the answer is 404. A delivery has at most 100 attempts.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &redeliver_run,
};

static const struct problem *
redeliver(struct call *call, const struct delivery_ref *in, struct event_delivery *out)
{
	struct delivery_row row;
	struct endpoint endpoint;
	bool found;
	const struct problem *p = sql_maybe(call, &read_delivery, in, &row, &found);

	if (p == NULL && !found)
		p = fail(call, NOT_FOUND, "The organization has no such delivery.");
	if (p == NULL)
		p = endpoint_lock(call, row.subscription_id, &endpoint);
	if (p == NULL && row.attempts >= ATTEMPTS_MOST)
		p = fail(call, CONFLICT, "The delivery was attempted 100 times already.");
	if (p == NULL)
		p = sql_run(call, &begin_again, in, NULL);
	if (p == NULL)
		p = endpoint_reckon(call, row.subscription_id);
	return p != NULL ? p : sql_one(call, &show_delivery, in, out);
}

const struct resource event_deliveries_resource = {
	.name = "event_subscriptions.deliveries",
	.summary = "What was sent to subscriptions.",
	.operations = LIST_OF(operation, &list_operation, &redeliver_operation),
	.statements = LIST_OF(statement, &list_deliveries, &list_of_status, &list_of_subscription, &list_of_both,
	    &show_delivery, &find_subscription, &read_delivery, &begin_again),
};
