/*
 * Trying an integration at once: what its other side answers to one sample, or one line.
 */
#include "resources.h"

#include "integration_push.h"
#include "text.h"
#include "two_step.h"

struct integration_try {
	struct text kind;
};
static const struct field integration_try_fields[] = {
	FIELD(integration_try, kind, ONE_OF(integration_kinds), "Which of the two."),
};
SHAPE(integration_try)

struct integration_answer {
	bool ok;
	struct maybe_int status;
	struct text detail;
	int64_t milliseconds;
};
static const struct field integration_answer_fields[] = {
	FIELD(integration_answer, ok, ANY, "Whether the sample was taken: a status of 200 to 299."),
	FIELD(integration_answer, status, ANY, "The HTTP status; null where there was no answer."),
	FIELD(integration_answer, detail, ANY,
	    "How the answer begins, or why there was none: at most 500 characters, without control characters."),
	FIELD(integration_answer, milliseconds, ANY, "How long it took."),
};
SHAPE(integration_answer)

HANDLER_TWO_STEP(try_integration, integration_try, integration_answer)

static const struct operation try_operation = {
	.id = "organizations.integrations.test",
	.kind = TWO_STEP,
	.scope = ORGANIZATIONS_WRITE,
	.effect = COMPUTES,
	.slow = true,
	.summary = "Push one sample to an integration, and say what the other side answered.",
	.description =
	    "The other side has 5 seconds. Few endpoints are tried at once, of an organization one: 503 `busy` tells "
	    "that"
	    " it is somebody else's turn.\n\n"
	    "Prometheus (remote write 1.0) gets `purser_credits_available` as of now, Loki one line with `\"test\": "
	    "true`. "
	    "By itself each is pushed to once a minute.\n\n"
	    "Prometheus: the gauges `purser_credits_available`, `purser_credits_reserved`, `purser_credits_debt`, "
	    "`purser_cycle_spend_credits` (charged and held in this cycle), `purser_spending_limit_hard_credits` and "
	    "`purser_spending_limit_soft_credits` (where set), and, with the label `metric`, `purser_usage` and "
	    "`purser_usage_included` (what the plan includes in a cycle, where it has a quota); all with the label "
	    "`organization`, the slug. Values are exact up to 2^53.\n\n"
	    "Loki: the stream `{job=\"purser\", organization=\"…\"}`, a JSON line for each row of the audit since the "
	    "integration was set, once each, a minute or two after it was done.\n\n"
	    "An endpoint without a path gets `/api/v1/write` or `/loki/api/v1/push`. What is not taken is tried again "
	    "after 1, 2, 5, 15, then 60 minutes, or when the answer's `Retry-After` says; figures are those of that "
	    "moment then, lines are kept, but for those that Loki refuses with 400 or 422 five times.",
	.raises = { CONFLICT },
	.run = &try_integration_run,
};

/* What the steps hand on. */
struct attempt {
	struct push push;
	struct outgoing_reply reply;
};

static const struct problem *
try_integration_intend(struct call *call, const struct integration_try *in)
{
	const struct push_kind *kind = push_kind_named(in->kind);
	struct attempt *attempt = arena_take(call->arena, sizeof(*attempt));
	struct push_organization organization;
	struct integration integration;
	bool found;
	const struct problem *p = integration_read_sealed(call, kind->name, &integration, &found);

	call->intent = attempt;
	if (p == NULL && !found)
		p = fail(call, CONFLICT, "The organization has no such integration; set it first.");
	if (p == NULL)
		p = push_organization_read(call, &organization);
	if (p == NULL)
		p = kind->fill_sample(call, &organization, &attempt->push);
	attempt->push.request.seconds = OUTGOING_TRY_SECONDS;
	if (p == NULL)
		p = push_address(call, kind, &integration, &attempt->push);
	return p != NULL ? p : outgoing_take_turn(call);
}

static const struct problem *
try_integration_perform(struct call *call, const struct integration_try *in)
{
	struct attempt *attempt = call->intent;

	(void)in;
	return outgoing_send(call, &attempt->push.request, &attempt->reply);
}

static const struct problem *
try_integration_book(struct call *call, const struct integration_try *in, struct integration_answer *out)
{
	const struct claim_ref claim = claim_of(call);
	const struct outgoing_reply *reply = &((const struct attempt *)call->intent)->reply;

	(void)in;
	*out = (struct integration_answer){ .ok = push_is_taken(reply),
		.status = { reply->status, reply->status > 0 },
		.detail = reply->detail,
		.milliseconds = reply->milliseconds };
	return claim_answer(call, &claim, out);
}

const struct resource integration_test_resource = {
	.name = "organizations.integrations.test",
	.summary = "Trying an integration.",
	.operations = LIST_OF(operation, &try_operation),
};
