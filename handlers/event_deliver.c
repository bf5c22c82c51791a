/*
 * Sending events to their subscriptions. The work item is a subscription's turn: its next delivery is leased, sent
 * outside of any transaction, and booked by event_deliver_book.c. A turn that nobody books is due again when its lease
 * is over.
 *
 * So that no endpoint delays another: two transfers at once a host, one where the endpoint is not known to be quick;
 * four an organization, two of them to bad ones; half of the places are kept for quick endpoints, and those that failed
 * or were slow, and new ones, have a quarter each at most. What takes long is a bad one's from then on, whatever was
 * known before. Whoever had a turn waits behind all of its kind who wait.
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

enum { RUN_SECONDS = 20, LEASE_SECONDS = 30, ORGANIZATION_MOST = 4, ORGANIZATION_BAD_MOST = 2, BUSY_ROOM = 1024 };

/* Of the places, by trust: so many at most, and so many that are kept for these alone. */
static const struct {
	size_t most, kept;
} shares[ENDPOINT_TRUSTS] = {
	[ENDPOINT_BAD] = { OUTGOING_AT_ONCE / 4, 4 },
	[ENDPOINT_NEW] = { OUTGOING_AT_ONCE / 4, 4 },
	[ENDPOINT_QUICK] = { OUTGOING_AT_ONCE, OUTGOING_AT_ONCE / 2 },
};

static const char why_due[] = "the job looks for whoever has something due";

/* What is under way in this process. */
struct deliveries {
	struct flight flights[OUTGOING_AT_ONCE];
	size_t count;
};

/* ---- SQL -------------------------------------------------------------------------------------------------------- */

struct turns {
	int64_t trust;
	int64_t places;
	struct text busy;
	struct text full;
};
static const struct field turns_fields[] = {
	FIELD(turns, trust, ANY, "Which endpoints."),
	FIELD(turns, places, ANY, "How many more can be sent."),
	FIELD(turns, busy, ANY, "Hosts that have all they may have, with commas between."),
	FIELD(turns, full, ANY, "Organizations that have, in hexadecimal digits."),
};
SHAPE(turns)

static const struct statement take_turns = {
	.sql = "SELECT " ENDPOINT_COLUMNS " FROM event_subscription FORCE INDEX (due) WHERE status = 'active'"
	       " AND trust = :trust AND due_at <= :now AND NOT FIND_IN_SET(host, :busy)"
	       " AND NOT FIND_IN_SET(HEX(organization_id), :full)"
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
	       " o.created_at AS timestamp, o.entity_type, o.entity_id, o.data FROM event_delivery d FORCE INDEX (due)"
	       " STRAIGHT_JOIN outbox o ON o.id = d.event_id WHERE d.organization_id = :organization"
	       " AND d.subscription_id = :subscription_id AND d.due_at <= :now"
	       " AND (d.leased_until IS NULL OR d.leased_until <= :now) ORDER BY d.due_at, d.sequence LIMIT 1",
	.takes = &event_subscription_ref_shape,
	.gives = &due_delivery_shape,
};

struct delivery_lease {
	struct id delivery_id;
	int64_t lease_token;
	struct instant until;
	bool is_new;
};
static const struct field delivery_lease_fields[] = {
	FIELD(delivery_lease, delivery_id, ANY, "The delivery."),
	FIELD(delivery_lease, lease_token, ANY, "Who has it."),
	FIELD(delivery_lease, until, ANY, "When it is given up."),
	FIELD(delivery_lease, is_new, ANY, "Whether an attempt begins with it."),
};
SHAPE(delivery_lease)

/* It stays due since when it was, so that it keeps its place where the lease comes to nothing. */
static const struct statement lease_delivery = {
	.sql = "UPDATE event_delivery SET lease_token = :lease_token, leased_until = :until,"
	       " is_wanted_again = is_wanted_again AND NOT :is_new"
	       " WHERE organization_id = :organization AND id = :delivery_id",
	.takes = &delivery_lease_shape,
};

/* ---- who may have a turn ---------------------------------------------------------------------------------------- */

static int64_t
trust_of(const struct flight *flight)
{
	int64_t late = flight->began + ENDPOINT_QUICK_MILLISECONDS * INT64_C(1000);

	return clock_monotonic_microseconds() > late ? (int64_t)ENDPOINT_BAD : flight->trust;
}

/* How many more may begin that are trusted so: what is kept for others and not used by them stays free. */
static size_t
count_room(const struct deliveries *deliveries, int64_t trust)
{
	size_t used[ENDPOINT_TRUSTS] = { 0 }, room = OUTGOING_AT_ONCE - deliveries->count, kept = 0, most;

	for (size_t i = 0; i < deliveries->count; i++)
		used[trust_of(&deliveries->flights[i])]++;
	for (int64_t other = ENDPOINT_BAD; other < ENDPOINT_TRUSTS; other++)
		if (other != trust && used[other] < shares[other].kept)
			kept += shares[other].kept - used[other];
	room = room > kept ? room - kept : 0;
	most = shares[trust].most > used[trust] ? shares[trust].most - used[trust] : 0;
	return room < most ? room : most;
}

/* Whether a host has all that it may have: two, or one that is not known to be quick. */
static bool
is_busy(const struct deliveries *deliveries, const char *host)
{
	size_t count = 0;

	for (size_t i = 0; i < deliveries->count; i++)
		if (strcmp(deliveries->flights[i].host, host) == 0)
			count += trust_of(&deliveries->flights[i]) == ENDPOINT_QUICK ? 1 : OUTGOING_A_HOST;
	return count >= OUTGOING_A_HOST;
}

/* Whether an organization has all that it may have, of endpoints that are trusted so. */
static bool
is_full(const struct deliveries *deliveries, struct id organization, int64_t trust)
{
	size_t count = 0, bad = 0;

	for (size_t i = 0; i < deliveries->count; i++) {
		if (!id_equal(deliveries->flights[i].organization_id, organization))
			continue;
		count++;
		bad += trust_of(&deliveries->flights[i]) == ENDPOINT_BAD;
	}
	return count >= ORGANIZATION_MOST || (trust == ENDPOINT_BAD && bad >= ORGANIZATION_BAD_MOST);
}

static struct text
list_busy(struct call *call, const struct deliveries *deliveries)
{
	struct buffer out = buffer_new(call->arena, BUSY_ROOM);

	for (size_t i = 0; i < deliveries->count; i++) {
		if (!is_busy(deliveries, deliveries->flights[i].host))
			continue;
		if (out.length > 0)
			buffer_add_char(&out, ',');
		buffer_add_string(&out, deliveries->flights[i].host);
	}
	return buffer_text(&out);
}

static struct text
list_full(struct call *call, const struct deliveries *deliveries, int64_t trust)
{
	static const char digits[] = "0123456789ABCDEF";
	struct buffer out = buffer_new(call->arena, BUSY_ROOM);

	for (size_t i = 0; i < deliveries->count; i++) {
		struct id organization = deliveries->flights[i].organization_id;

		if (!is_full(deliveries, organization, trust))
			continue;
		if (out.length > 0)
			buffer_add_char(&out, ',');
		for (size_t at = 0; at < sizeof(organization.bytes); at++) {
			buffer_add_char(&out, digits[organization.bytes[at] >> 4]);
			buffer_add_char(&out, digits[organization.bytes[at] & 15]);
		}
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
		.until = instant_plus_seconds(call->now, LEASE_SECONDS),
		.is_new = !is_under_way(deliveries, taken->due.delivery_id) };

	*is_leased = lease.is_new;
	lease.lease_token += lease.is_new;
	taken->flight = (struct flight){ .delivery_id = lease.delivery_id,
		.subscription_id = taken->endpoint.id,
		.organization_id = taken->endpoint.organization_id,
		.lease_token = lease.lease_token,
		.failures = taken->due.failures,
		.revision = taken->endpoint.revision,
		.trust = taken->endpoint.trust,
		.began = clock_monotonic_microseconds() };
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

/* What one transaction takes: `tried` are the deliveries with those of it, of which it isn't known yet whether they are
 * leased. */
struct takings {
	struct deliveries tried;
	struct taken *taken;
	size_t count;
	size_t places;
};

static const struct problem *
take_each(struct call *call, struct takings *takings, struct list *endpoints)
{
	const struct endpoint *endpoint = endpoints->items;
	struct deliveries *tried = &takings->tried;

	for (size_t i = 0; i < endpoints->count; i++) {
		const struct problem *p;
		bool is_taken;

		if (is_busy(tried, endpoint[i].host.at) ||
		    is_full(tried, endpoint[i].organization_id, endpoint[i].trust))
			continue;
		p = take_turn(call, &endpoint[i], tried, &takings->taken[takings->count], &is_taken);
		if (p != NULL)
			return p;
		if (is_taken)
			tried->flights[tried->count++] = takings->taken[takings->count++].flight;
	}
	return NULL;
}

static const struct problem *
take_trusted(struct call *call, struct takings *takings, int64_t trust)
{
	size_t room = count_room(&takings->tried, trust), left = takings->places - takings->count;
	struct turns turns = { trust, (int64_t)(room < left ? room : left), list_busy(call, &takings->tried),
		list_full(call, &takings->tried, trust) };
	struct list endpoints;
	const struct problem *p;

	if (turns.places == 0)
		return NULL;
	p = sql_all(call, &take_turns, &turns, &endpoints);
	return p != NULL ? p : take_each(call, takings, &endpoints);
}

static const struct problem *
take(struct call *call, struct takings *takings)
{
	const struct problem *p = NULL;

	for (int64_t trust = ENDPOINT_QUICK; p == NULL && trust >= ENDPOINT_BAD; trust--)
		p = take_trusted(call, takings, trust);
	return p != NULL ? p : job_commit(call);
}

/* ---- sending ---------------------------------------------------------------------------------------------------- */

/* It will be sent again where that can't be booked. */
static const struct problem *
book_if_possible(struct call *call, const struct flight *flight, const struct outgoing_reply *reply)
{
	const struct problem *p = delivery_book(call, flight, reply);

	if (p == NULL || p->kind != BUSY)
		return p;
	log_error("job events.deliver: the outcome of a delivery could not be booked, so it will be sent again");
	return NULL;
}

/* One that can't be opened is an attempt that failed, and keeps no other. */
static const struct problem *
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
	static const struct outgoing_reply nothing = { .detail = TEXT_OF("Nothing was sent, by a fault on our side."),
		.retry_after = -1 };
	struct flight flight = taken->flight;
	struct outgoing_request request;

	if (event_request(call, &taken->endpoint, &event, &request) != NULL) {
		log_error("job events.deliver: %s", call->internal);
		flight.is_unopened = true;
		return book_if_possible(call, &flight, &nothing);
	}
	outgoing_add(call, &request, &flight, sizeof(flight));
	deliveries->flights[deliveries->count++] = flight;
	return NULL;
}

/* What was undone, or perhaps undone, is looked for again a moment later. */
static const struct problem *
refill(struct call *call, void *context, size_t places)
{
	struct deliveries *deliveries = context;
	struct takings *takings = arena_take(call->arena, sizeof(*takings));
	const struct problem *p;

	job_tick(call);
	if (places > OUTGOING_AT_ONCE - deliveries->count)
		places = OUTGOING_AT_ONCE - deliveries->count;
	takings->tried = *deliveries;
	takings->taken = arena_array(call->arena, places, sizeof(*takings->taken));
	takings->places = places;
	p = take(call, takings);
	if (p != NULL) {
		job_rollback(call);
		return p->kind == RERUN || p == &database_commit_unknown ? NULL : p;
	}
	for (size_t i = 0; p == NULL && i < takings->count; i++)
		p = begin(call, deliveries, &takings->taken[i]);
	return p;
}

static void
forget(struct deliveries *deliveries, const struct flight *flight)
{
	for (size_t i = 0; i < deliveries->count; i++)
		if (id_equal(deliveries->flights[i].delivery_id, flight->delivery_id)) {
			deliveries->flights[i] = deliveries->flights[--deliveries->count];
			return;
		}
}

static const struct problem *
done(struct call *call, void *context, const void *item, const struct outgoing_reply *reply)
{
	forget(context, item);
	return book_if_possible(call, item, reply);
}

/* Where that fails, the lease lapses by itself. */
static const struct problem *
untried(struct call *call, void *context, const void *item)
{
	const struct problem *p;

	forget(context, item);
	p = delivery_give_back(call, item);
	return p == NULL || p->kind == BUSY ? NULL : p;
}

static const struct problem *
deliver(struct call *call)
{
	static const struct outgoing_use use = { .refill = refill, .done = done, .untried = untried };

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
