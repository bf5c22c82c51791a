/*
 * Sending events to their subscriptions. The work item is a subscription's turn: its next delivery is leased, sent
 * outside of any transaction, and booked by event_deliver_book.c. A turn that nobody books is due again when its lease
 * is over.
 *
 * So that no endpoint delays another: two transfers at once a host, one where the endpoint's last attempt was not a
 * quick success; those that failed or were slow have half of the places at most, together with those never tried three
 * quarters; and whoever had a turn waits behind all who wait.
 */
#include "event_deliver.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "database.h"
#include "id.h"
#include "log.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

enum { RUN_SECONDS = 20, LEASE_SECONDS = 30, BAD_MOST = OUTGOING_AT_ONCE / 2, UNTRIED_MOST = OUTGOING_AT_ONCE * 3 / 4 };

static const char why_due[] = "the job looks for whoever has something due";

/* What is under way in this process. */
struct deliveries {
	struct flight flights[OUTGOING_AT_ONCE];
	size_t count;
};

/* ---- SQL -------------------------------------------------------------------------------------------------------- */

struct turns {
	int64_t least_trust;
	int64_t places;
	struct text busy;
};
static const struct field turns_fields[] = {
	FIELD(turns, least_trust, ANY, "Endpoints below it have all the places that they may have."),
	FIELD(turns, places, ANY, "How many more can be sent."),
	FIELD(turns, busy, ANY, "Hosts that have all they may have, with commas between."),
};
SHAPE(turns)

static const struct statement take_turns = {
	.sql = "SELECT " ENDPOINT_COLUMNS " FROM event_subscription WHERE status = 'active' AND due_at <= :now"
	       " AND trust >= :least_trust AND NOT FIND_IN_SET(host, :busy)"
	       " ORDER BY due_at, id LIMIT :places FOR UPDATE SKIP LOCKED",
	.takes = &turns_shape,
	.gives = &endpoint_shape,
	.crosses_organizations = why_due,
};

struct due_delivery {
	struct id delivery_id;
	int64_t lease_token;
	int64_t failures;
	struct id event_id;
	struct text event_type;
	struct instant timestamp;
	struct text entity_type;
	struct id entity_id;
	struct document data;
};
static const struct field due_delivery_fields[] = {
	FIELD(due_delivery, delivery_id, ANY, "The delivery."),
	FIELD(due_delivery, lease_token, ANY, "Who had it last."),
	FIELD(due_delivery, failures, ANY, "Failed attempts in a row."),
	FIELD(due_delivery, event_id, ANY, "The event."),
	FIELD(due_delivery, event_type, ANY, "What happened."),
	FIELD(due_delivery, timestamp, ANY, "When."),
	FIELD(due_delivery, entity_type, ANY, "To what kind of thing."),
	FIELD(due_delivery, entity_id, ANY, "The thing."),
	FIELD(due_delivery, data, ANY, "What there is to say of it."),
};
SHAPE(due_delivery)

static const struct statement next_delivery = {
	.sql = "SELECT d.id AS delivery_id, d.lease_token, d.failures, o.id AS event_id, o.type AS event_type,"
	       " o.created_at AS timestamp, o.entity_type, o.entity_id, o.data FROM event_delivery d"
	       " JOIN outbox o ON o.id = d.event_id WHERE d.organization_id = :organization"
	       " AND d.subscription_id = :subscription_id AND d.due_at <= :now"
	       " ORDER BY d.due_at, d.sequence LIMIT 1",
	.takes = &event_subscription_ref_shape,
	.gives = &due_delivery_shape,
};

struct delivery_lease {
	struct id delivery_id;
	int64_t lease_token;
	struct instant until;
};
static const struct field delivery_lease_fields[] = {
	FIELD(delivery_lease, delivery_id, ANY, "The delivery."),
	FIELD(delivery_lease, lease_token, ANY, "Who has it."),
	FIELD(delivery_lease, until, ANY, "When it is given up."),
};
SHAPE(delivery_lease)

static const struct statement lease_delivery = {
	.sql = "UPDATE event_delivery SET lease_token = :lease_token, due_at = :until"
	       " WHERE organization_id = :organization AND id = :delivery_id",
	.takes = &delivery_lease_shape,
};

/* ---- who may have a turn ---------------------------------------------------------------------------------------- */

/* Of those whose endpoints are trusted no more than that. */
static size_t
count_trusted(const struct deliveries *deliveries, int64_t most)
{
	size_t count = 0;

	for (size_t i = 0; i < deliveries->count; i++)
		count += deliveries->flights[i].trust <= most;
	return count;
}

static int64_t
least_trust(const struct deliveries *deliveries)
{
	if (count_trusted(deliveries, ENDPOINT_NEW) >= UNTRIED_MOST)
		return ENDPOINT_QUICK;
	return count_trusted(deliveries, ENDPOINT_BAD) >= BAD_MOST ? ENDPOINT_NEW : ENDPOINT_BAD;
}

/* Whether a host has all that it may have: two, or one that is not known to be quick. */
static bool
is_busy(const struct deliveries *deliveries, const char *host)
{
	size_t count = 0;

	for (size_t i = 0; i < deliveries->count; i++)
		if (strcmp(deliveries->flights[i].host, host) == 0)
			count += deliveries->flights[i].trust == ENDPOINT_QUICK ? 1 : OUTGOING_A_HOST;
	return count >= OUTGOING_A_HOST;
}

static struct text
list_busy(struct call *call, const struct deliveries *deliveries)
{
	struct buffer out = buffer_new(call->arena, 1024);

	for (size_t i = 0; i < deliveries->count; i++) {
		if (!is_busy(deliveries, deliveries->flights[i].host))
			continue;
		if (out.length > 0)
			buffer_add_char(&out, ',');
		buffer_add_string(&out, deliveries->flights[i].host);
	}
	return buffer_text(&out);
}

static bool
is_under_way(const struct deliveries *deliveries, struct id delivery_id)
{
	for (size_t i = 0; i < deliveries->count; i++)
		if (id_equal(deliveries->flights[i].delivery_id, delivery_id))
			return true;
	return false;
}

/* ---- a turn ----------------------------------------------------------------------------------------------------- */

/* What was leased, to be sent once that is committed. */
struct taken {
	struct endpoint endpoint;
	struct due_delivery due;
	struct flight flight;
};

/* One that is under way here (the clock was moved beyond its lease) stays so. */
static const struct problem *
lease(struct call *call, const struct deliveries *deliveries, struct taken *taken, bool *is_leased)
{
	struct delivery_lease lease = { .delivery_id = taken->due.delivery_id,
		.lease_token = taken->due.lease_token,
		.until = instant_plus_seconds(call->now, LEASE_SECONDS) };

	*is_leased = !is_under_way(deliveries, lease.delivery_id);
	if (*is_leased)
		lease.lease_token++;
	taken->flight = (struct flight){ .delivery_id = lease.delivery_id,
		.subscription_id = taken->endpoint.id,
		.organization_id = taken->endpoint.organization_id,
		.lease_token = lease.lease_token,
		.failures = taken->due.failures,
		.trust = taken->endpoint.trust };
	snprintf(taken->flight.host, sizeof(taken->flight.host), "%s", taken->endpoint.host.at);
	return sql_run(call, &lease_delivery, &lease, NULL);
}

static const struct problem *
take_turn(struct call *call, const struct endpoint *endpoint, const struct deliveries *deliveries, struct taken *taken,
    bool *is_taken)
{
	struct event_subscription_ref ref = { endpoint->id };
	const struct problem *p;

	call->organization = endpoint->organization_id;
	taken->endpoint = *endpoint;
	p = sql_maybe(call, &next_delivery, &ref, &taken->due, is_taken);
	if (p == NULL && *is_taken)
		p = lease(call, deliveries, taken, is_taken);
	return p != NULL ? p : endpoint_reckon(call, endpoint->id);
}

/* `tried` are the deliveries with those of this transaction, of which it isn't known yet whether they are leased. */
static const struct problem *
take_each(struct call *call, struct deliveries *tried, struct list *endpoints, struct taken *taken, size_t *count)
{
	const struct endpoint *endpoint = endpoints->items;

	for (size_t i = 0; i < endpoints->count; i++) {
		const struct problem *p;
		bool is_taken;

		if (is_busy(tried, endpoint[i].host.at) || endpoint[i].trust < least_trust(tried))
			continue;
		p = take_turn(call, &endpoint[i], tried, &taken[*count], &is_taken);
		if (p != NULL)
			return p;
		if (is_taken)
			tried->flights[tried->count++] = taken[(*count)++].flight;
	}
	return NULL;
}

static const struct problem *
take(struct call *call, const struct deliveries *deliveries, size_t places, struct taken *taken, size_t *count)
{
	struct deliveries *tried = arena_take(call->arena, sizeof(*tried));
	struct turns turns = { least_trust(deliveries), (int64_t)places, list_busy(call, deliveries) };
	struct list endpoints;
	const struct problem *p = sql_all(call, &take_turns, &turns, &endpoints);

	*tried = *deliveries;
	if (p == NULL)
		p = take_each(call, tried, &endpoints, taken, count);
	return p != NULL ? p : job_commit(call);
}

/* ---- sending ---------------------------------------------------------------------------------------------------- */

/* One that can't be opened must not keep the others. */
static void
begin(struct call *call, struct deliveries *deliveries, const struct taken *taken)
{
	const struct due_delivery *due = &taken->due;
	const struct event event = { .event_id = due->event_id,
		.event_type = due->event_type,
		.timestamp = due->timestamp,
		.organization_id = taken->endpoint.organization_id,
		.entity_type = due->entity_type,
		.entity_id = due->entity_id,
		.data = due->data };
	struct outgoing_request request;

	if (event_request(call, &taken->endpoint, &event, &request) != NULL) {
		log_error("job events.deliver: %s", call->internal);
		return;
	}
	outgoing_add(call, &request, &taken->flight, sizeof(taken->flight));
	deliveries->flights[deliveries->count++] = taken->flight;
}

/* What was undone, or perhaps undone, is looked for again a moment later. */
static const struct problem *
refill(struct call *call, void *context, size_t places)
{
	struct deliveries *deliveries = context;
	struct taken *taken = arena_array(call->arena, places, sizeof(*taken));
	size_t count = 0;
	const struct problem *p;

	job_tick(call);
	if (places > OUTGOING_AT_ONCE - deliveries->count)
		places = OUTGOING_AT_ONCE - deliveries->count;
	p = take(call, deliveries, places, taken, &count);
	if (p != NULL) {
		job_rollback(call);
		return p->kind == RERUN || p == &database_commit_unknown ? NULL : p;
	}
	for (size_t i = 0; i < count; i++)
		begin(call, deliveries, &taken[i]);
	return NULL;
}

static const struct problem *
done(struct call *call, void *context, const void *item, const struct outgoing_reply *reply)
{
	struct deliveries *deliveries = context;
	const struct flight *flight = item;
	const struct problem *p;

	for (size_t i = 0; i < deliveries->count; i++)
		if (id_equal(deliveries->flights[i].delivery_id, flight->delivery_id)) {
			deliveries->flights[i] = deliveries->flights[--deliveries->count];
			break;
		}
	p = delivery_book(call, flight, reply);
	if (p == NULL || p->kind != BUSY)
		return p;
	log_error("job events.deliver: the outcome of a delivery could not be booked, so it will be sent again");
	return NULL;
}

static const struct problem *
deliver(struct call *call)
{
	static const struct outgoing_use use = { .refill = refill, .done = done };

	return outgoing_drive(call, &use, arena_take(call->arena, sizeof(struct deliveries)), RUN_SECONDS);
}

static const struct job deliver_job = {
	.id = "events.deliver",
	.lane = LANE_WEBHOOKS,
	.summary = "Send events to the addresses that are subscribed to them.",
	.every_seconds = 1,
	.lease_seconds = 30,
	.run = deliver,
};

const struct resource event_deliver_resource = {
	.name = "event_deliver",
	.summary = "How events are sent.",
	.statements = LIST_OF(statement, &take_turns, &next_delivery, &lease_delivery),
	.jobs = LIST_OF(job, &deliver_job),
};
