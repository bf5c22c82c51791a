/*
 * Trying a subscription out: an event of its own kind is sent to it at once, and nothing is kept of it.
 */
#include "resources.h"

#include "event_subscription.h"
#include "id.h"
#include "json.h"
#include "text.h"
#include "two_step.h"

struct subscription_tested {
	bool ok;
	struct id id;
	struct maybe_int status;
	struct text detail;
	int64_t milliseconds;
};
static const struct field subscription_tested_fields[] = {
	FIELD(subscription_tested, ok, ANY, "Whether it was answered with 2xx."),
	FIELD(subscription_tested, id, ANY, "The subscription."),
	FIELD(subscription_tested, status, ANY, "The HTTP status of the answer; null where there was none."),
	FIELD(subscription_tested, detail, ANY, "How the answer begins, or why there was none."),
	FIELD(subscription_tested, milliseconds, ANY, "How long it took."),
};
SHAPE(subscription_tested)

struct webhook_test {
	struct id subscription_id;
};
static const struct field webhook_test_fields[] = {
	FIELD(webhook_test, subscription_id, ANY, "The subscription."),
};
SHAPE(webhook_test)

static const struct event_type test_event = {
	.type = "webhook.test",
	.entity_type = "event_subscription",
	.summary = "Somebody tries a subscription out; sent to that one alone, whatever it is for.",
	.data = &webhook_test_shape,
};

HANDLER_TWO_STEP(test_subscription, event_subscription_ref, subscription_tested)

static const struct operation test_operation = {
	.id = "event_subscriptions.test",
	.kind = TWO_STEP,
	.scope = EVENT_SUBSCRIPTIONS_WRITE,
	.effect = COMPUTES,
	.slow = true,
	.summary = "Send an event of the type `webhook.test` to a subscription, and tell what was answered.",
	.description =
	    "It is sent once, also while the subscription is paused, and changes nothing about it. The endpoint has 5"
	    " seconds. Few endpoints are tried at once, of an organization one: 503 `busy` tells that it is"
	    " somebody else's turn.",
	.raises = { NOT_FOUND },
	.run = &test_subscription_run,
};

/* What the steps hand on. */
struct test {
	struct endpoint endpoint;
	struct outgoing_reply reply;
};

static const struct problem *
test_subscription_intend(struct call *call, const struct event_subscription_ref *in)
{
	struct test *test = arena_take(call->arena, sizeof(*test));

	const struct problem *p = endpoint_find(call, in->subscription_id, &test->endpoint);

	call->intent = test;
	return p != NULL ? p : outgoing_take_turn(call);
}

static const struct problem *
test_subscription_perform(struct call *call, const struct event_subscription_ref *in)
{
	struct test *test = call->intent;
	struct webhook_test tested = { in->subscription_id };
	struct buffer data = buffer_new(call->arena, 64);
	struct outgoing_request request;
	struct event event = { .event_id = id_new(call->now),
		.event_type = text_from(test_event.type),
		.timestamp = call->now,
		.organization_id = call->organization,
		.entity_type = text_from(test_event.entity_type),
		.entity_id = in->subscription_id };
	const struct problem *p;

	json_write(&data, &webhook_test_shape, &tested);
	event.data = (struct document){ data.at, data.length };
	p = event_request(call, &test->endpoint, &event, &request);
	request.seconds = OUTGOING_TRY_SECONDS;
	return p != NULL ? p : outgoing_send(call, &request, &test->reply);
}

static const struct problem *
test_subscription_book(struct call *call, const struct event_subscription_ref *in, struct subscription_tested *out)
{
	const struct test *test = call->intent;
	const struct outgoing_reply *reply = &test->reply;
	struct claim_ref claim = claim_of(call);

	*out = (struct subscription_tested){ .ok = reply->status >= 200 && reply->status < 300,
		.id = in->subscription_id,
		.status = { reply->status, reply->status != 0 },
		.detail = reply->detail,
		.milliseconds = reply->milliseconds };
	return claim_answer(call, &claim, out);
}

const struct resource event_subscription_test_resource = {
	.name = "event_subscriptions.tests",
	.summary = "Subscriptions tried out.",
	.operations = LIST_OF(operation, &test_operation),
	.events = LIST_OF(event_type, &test_event),
};
