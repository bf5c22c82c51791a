/*
 * What an attempt to deliver an event has come to: 2xx is success; anything else is tried again a while later, six
 * times; then, or when the endpoint says that it is gone, the subscription is paused, and says so.
 */
#include "event_deliver.h"

#include "clock.h"
#include "json.h"
#include "outbox.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

enum { GONE = 410, TOO_MANY = 429, UNAVAILABLE_NOW = 503, ASKED_MOST_SECONDS = 3600, UNOPENED_MOST = 3 };

static const int64_t retry_seconds[] = { 10, 60, 600, 3600, 6 * 3600, 24 * 3600 };

/* ---- what is told ----------------------------------------------------------------------------------------------- */

struct webhook_paused {
	struct id subscription_id;
	struct text host;
	struct text reason;
};
static const struct field webhook_paused_fields[] = {
	FIELD(webhook_paused, subscription_id, ANY, "The subscription."),
	FIELD(webhook_paused, host, ANY, "The host and port that its events went to."),
	FIELD(webhook_paused, reason, ANY, "Why nothing is sent there for now."),
};
SHAPE(webhook_paused)

static const struct event_type paused_event = {
	.type = "webhook.paused",
	.entity_type = "event_subscription",
	.summary = "A subscription was paused because its endpoint could not be reached for too long, or is gone.",
	.data = &webhook_paused_shape,
};

struct paused_recipient {
	struct maybe_text email;
};
static const struct field paused_recipient_fields[] = {
	FIELD(paused_recipient, email, ANY, "An owner or admin."),
};
SHAPE(paused_recipient)

static const struct statement list_recipients = {
	.sql = "SELECT u.email FROM membership m JOIN user u ON u.id = m.user_id"
	       " WHERE m.organization_id = :organization AND m.is_active AND m.role IN ('owner', 'admin')"
	       " AND u.email IS NOT NULL",
	.gives = &paused_recipient_shape,
};

/* ---- rows ------------------------------------------------------------------------------------------------------- */

struct outcome {
	struct id delivery_id;
	struct id subscription_id;
	int64_t lease_token;
	struct text status;
	int64_t failures;
	struct maybe_instant due_at;
	struct maybe_instant delivered_at;
	struct instant at;
	struct maybe_int answer;
	struct text detail;
	int64_t milliseconds;
	int64_t trust;
	int64_t quick_attempts;
	struct maybe_text pause_reason;
	bool is_final; /* that holds, whatever becomes of the delivery */
};
static const struct field outcome_fields[] = {
	FIELD(outcome, delivery_id, ANY, "The delivery."),
	FIELD(outcome, subscription_id, ANY, "The subscription."),
	FIELD(outcome, lease_token, ANY, "The lease that the attempt was made under."),
	FIELD(outcome, status, ANY, "What the delivery is now."),
	FIELD(outcome, failures, ANY, "Failed attempts in a row."),
	FIELD(outcome, due_at, ANY, "When the next attempt is due."),
	FIELD(outcome, delivered_at, ANY, "When it arrived."),
	FIELD(outcome, at, ANY, "When the attempt began."),
	FIELD(outcome, answer, ANY, "HTTP status."),
	FIELD(outcome, detail, ANY, "What was answered."),
	FIELD(outcome, milliseconds, ANY, "How long it took."),
	FIELD(outcome, trust, ANY, "What it says of the endpoint."),
	FIELD(outcome, quick_attempts, ANY, "Quick successes in a row, with it."),
	FIELD(outcome, pause_reason, ANY, "Why the subscription is paused."),
	FIELD(outcome, is_final, ANY, "Whether it is, also where the delivery is wanted again."),
};
SHAPE(outcome)

static const struct statement change_delivery = {
	.sql = "UPDATE event_delivery SET status = IF(is_wanted_again, 'pending', :status), attempts = attempts + 1,"
	       " failures = IF(is_wanted_again, 0, :failures), due_at = IF(is_wanted_again, :now, :due_at),"
	       " delivered_at = COALESCE(:delivered_at, delivered_at), leased_until = NULL, is_wanted_again = FALSE,"
	       " lease_token = lease_token + 1 WHERE organization_id = :organization"
	       " AND id = :delivery_id AND lease_token = :lease_token",
	.takes = &outcome_shape,
};

static const struct statement add_attempt = {
	.sql = "INSERT INTO event_attempt (delivery_id, attempt, at, status, detail, milliseconds)"
	       " SELECT id, attempts, :at, :answer, :detail, :milliseconds FROM event_delivery"
	       " WHERE organization_id = :organization AND id = :delivery_id",
	.takes = &outcome_shape,
};

static const struct statement change_trust = {
	.sql = "UPDATE event_subscription SET trust = :trust, quick_attempts = :quick_attempts"
	       " WHERE organization_id = :organization AND id = :subscription_id",
	.takes = &outcome_shape,
};

static const struct statement pause_subscription = {
	.sql = "UPDATE event_subscription SET status = 'paused', pause_reason = :pause_reason, updated_at = :now"
	       " WHERE organization_id = :organization AND id = :subscription_id AND status = 'active' AND (:is_final"
	       " OR EXISTS (SELECT 1 FROM event_delivery WHERE id = :delivery_id AND status = 'failed'))",
	.takes = &outcome_shape,
};

/* ---- booking ---------------------------------------------------------------------------------------------------- */

/* As long as the schedule says, or as long as the endpoint asks for where that is longer, up to an hour. */
static int64_t
seconds_until_retry(int64_t failures, const struct outgoing_reply *reply)
{
	int64_t seconds = retry_seconds[failures - 1], asked = reply->retry_after;

	if (reply->status != TOO_MANY && reply->status != UNAVAILABLE_NOW)
		return seconds;
	if (asked > ASKED_MOST_SECONDS)
		asked = ASKED_MOST_SECONDS;
	return asked > seconds ? asked : seconds;
}

static void
pause(struct outcome *outcome, struct text reason)
{
	outcome->pause_reason = text_given(reason);
	outcome->is_final = true;
}

/* At once, as if it were new. */
static void
begin_anew(struct call *call, struct outcome *outcome)
{
	outcome->status = TEXT("pending");
	outcome->failures = 0;
	outcome->due_at = instant_given(call->now);
}

static void
decide_failure(
    struct call *call, const struct flight *flight, const struct outgoing_reply *reply, struct outcome *outcome)
{
	outcome->failures++;
	outcome->status = TEXT("failed");
	if (reply->status == GONE) {
		pause(outcome, TEXT("The endpoint answered 410: it is gone for good."));
	} else if (flight->is_unopened && outcome->failures >= UNOPENED_MOST) {
		pause(outcome, TEXT("The secret or the headers kept for it can't be read any more. Replace the secret,"
				    " set the headers anew, and resume it."));
		begin_anew(call, outcome);
	} else if (outcome->failures > (int64_t)COUNT(retry_seconds)) {
		outcome->pause_reason = text_given(arena_format(
		    call->arena, "An event could not be delivered in %zu attempts.", COUNT(retry_seconds) + 1));
	} else {
		outcome->status = TEXT("pending");
		outcome->due_at =
		    instant_given(instant_plus_seconds(call->now, seconds_until_retry(outcome->failures, reply)));
	}
}

static bool
is_success(const struct outgoing_reply *reply)
{
	return reply->status >= 200 && reply->status < 300;
}

static struct outcome
decide(struct call *call, const struct flight *flight, const struct outgoing_reply *reply)
{
	struct outcome outcome = { .delivery_id = flight->delivery_id,
		.subscription_id = flight->subscription_id,
		.lease_token = flight->lease_token,
		.failures = flight->failures,
		.at = { call->now.microseconds - reply->milliseconds * 1000 },
		.answer = { reply->status, reply->status != 0 },
		.detail = reply->detail,
		.milliseconds = reply->milliseconds };

	if (!is_success(reply)) {
		decide_failure(call, flight, reply, &outcome);
		return outcome;
	}
	outcome.failures = 0;
	outcome.status = TEXT("delivered");
	outcome.delivered_at = instant_given(call->now);
	return outcome;
}

/* One quick success is soon had: only a row of them makes an endpoint quick. */
static void
judge_endpoint(const struct endpoint *endpoint, const struct outgoing_reply *reply, struct outcome *outcome)
{
	outcome->trust = ENDPOINT_BAD;
	outcome->quick_attempts = 0;
	if (!is_success(reply) || reply->milliseconds > ENDPOINT_QUICK_MILLISECONDS)
		return;
	outcome->quick_attempts = endpoint->quick_attempts + 1;
	outcome->trust = outcome->quick_attempts >= ENDPOINT_QUICK_ATTEMPTS ? (int64_t)ENDPOINT_QUICK : endpoint->trust;
}

/* Whoever has moved the subscription or resumed it meanwhile knows better than an attempt that began before. */
static void
forgive(struct call *call, const struct endpoint *endpoint, struct outcome *outcome)
{
	outcome->trust = endpoint->trust;
	outcome->quick_attempts = endpoint->quick_attempts;
	outcome->pause_reason = (struct maybe_text){ NULL, 0 };
	if (!outcome->delivered_at.given)
		begin_anew(call, outcome);
}

static const struct problem *
tell_paused(struct call *call, const struct endpoint *endpoint, const struct outcome *outcome)
{
	const struct webhook_paused paused = { endpoint->id, endpoint->host, text_or(outcome->pause_reason, "") };
	struct buffer data = buffer_new(call->arena, 256);
	const struct paused_recipient *recipient;
	struct list recipients;
	const struct problem *p = outbox_tell(call, &paused_event, endpoint->id, &paused);

	if (p == NULL)
		p = sql_all(call, &list_recipients, NULL, &recipients);
	if (p != NULL)
		return p;
	json_write(&data, &webhook_paused_shape, &paused);
	recipient = recipients.items;
	for (size_t i = 0; p == NULL && i < recipients.count; i++)
		p = outbox_mail(call, paused_event.type, text_or(recipient[i].email, ""), paused_event.entity_type,
		    endpoint->id, buffer_text(&data), (struct text){ NULL, 0 });
	return p;
}

static const struct problem *
pause_where_due(struct call *call, const struct endpoint *endpoint, const struct outcome *outcome)
{
	const struct problem *p;
	int64_t paused;

	if (outcome->pause_reason.at == NULL)
		return NULL;
	p = sql_run(call, &pause_subscription, outcome, &paused);
	return p != NULL || paused == 0 ? p : tell_paused(call, endpoint, outcome);
}

struct booking {
	const struct flight *flight;
	const struct outgoing_reply *reply;
};

/* A subscription that was deleted meanwhile needs nothing any more. */
static const struct problem *
book(struct call *call, void *context)
{
	const struct booking *booking = context;
	struct outcome outcome = decide(call, booking->flight, booking->reply);
	struct endpoint endpoint;
	const struct problem *p = endpoint_lock(call, outcome.subscription_id, &endpoint);
	int64_t booked;

	if (p != NULL)
		return p->kind == NOT_FOUND ? NULL : p;
	judge_endpoint(&endpoint, booking->reply, &outcome);
	if (endpoint.revision != booking->flight->revision)
		forgive(call, &endpoint, &outcome);
	p = sql_run(call, &change_delivery, &outcome, &booked);
	if (p != NULL || booked == 0)
		return p;
	p = sql_run(call, &add_attempt, &outcome, NULL);
	if (p == NULL)
		p = sql_run(call, &change_trust, &outcome, NULL);
	if (p == NULL)
		p = endpoint_reckon(call, outcome.subscription_id);
	return p != NULL ? p : pause_where_due(call, &endpoint, &outcome);
}

const struct problem *
delivery_book(struct call *call, const struct flight *flight, const struct outgoing_reply *reply)
{
	struct booking booking = { flight, reply };

	job_tick(call);
	call->organization = flight->organization_id;
	return job_step(call, book, &booking);
}

/* ---- what was not tried ----------------------------------------------------------------------------------------- */

static const struct statement give_back_delivery = {
	.sql = "UPDATE event_delivery SET leased_until = NULL"
	       " WHERE organization_id = :organization AND id = :delivery_id AND lease_token = :lease_token",
	.takes = &outcome_shape,
};

static const struct problem *
give_back(struct call *call, void *context)
{
	const struct flight *flight = *(const struct flight **)context;
	struct outcome outcome = { .delivery_id = flight->delivery_id, .lease_token = flight->lease_token };
	struct endpoint endpoint;
	const struct problem *p = endpoint_lock(call, flight->subscription_id, &endpoint);

	if (p == NULL)
		p = sql_run(call, &give_back_delivery, &outcome, NULL);
	if (p == NULL)
		p = endpoint_reckon(call, flight->subscription_id);
	return p != NULL && p->kind == NOT_FOUND ? NULL : p;
}

const struct problem *
delivery_give_back(struct call *call, const struct flight *flight)
{
	job_tick(call);
	call->organization = flight->organization_id;
	return job_step(call, give_back, &flight);
}

const struct resource event_deliver_book_resource = {
	.name = "event_deliver_book",
	.summary = "What deliveries come to.",
	.statements = LIST_OF(statement, &list_recipients, &change_delivery, &add_attempt, &change_trust,
	    &pause_subscription, &give_back_delivery),
	.events = LIST_OF(event_type, &paused_event),
};
