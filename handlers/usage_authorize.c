/*
 * usage.authorize: may so much more of a metric be used now? One answer from quota, hard limit and credits, by one
 * procedure (sql/0012), which mostly also ends the call. What is asked for can be held; the hold's id is the call's
 * own, so that a call that runs again after its commit was lost meets what it has left.
 */
#include "clock.h"
#include "finish.h"
#include "formats.h"
#include "id.h"
#include "ledger.h"
#include "resources.h"
#include "statement.h"
#include "text.h"
#include "transaction.h"
#include "usage.h"
#include "usage_hold.h"

enum { HOLD_SECONDS_MOST = 86400 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct authorize_usage {
	struct text metric;
	struct quantity quantity;
	struct maybe_int hold_seconds;
};
static const struct field authorize_usage_fields[] = {
	FIELD(authorize_usage, metric, MATCHING(plain_format, 1, USAGE_METRIC_BYTES), "What is to be used."),
	FIELD(authorize_usage, quantity, RANGE(1, USAGE_QUANTITY_MOST), "How much of it."),
	FIELD(authorize_usage, hold_seconds, RANGE(1, HOLD_SECONDS_MOST),
	    "For how long it is held; where it is left out, nothing is."),
};
SHAPE(authorize_usage)

static const char *const refusals[] = { "quota_exceeded", "insufficient_credits", "limit_reached", NULL };

#define REFUSAL_OR_LEFT_OUT .left_out = true, .one_of = refusals

struct authorization {
	bool allowed;
	struct maybe_quantity remaining;
	struct maybe_text reason;
	struct maybe_id hold_id;
};
static const struct field authorization_fields[] = {
	FIELD(authorization, allowed, ANY, "Whether it may be used."),
	FIELD(authorization, remaining, ANY,
	    "What is left of the cycle's quota, when what is held is taken off; null where the plan has no quota of "
	    "it."),
	FIELD(authorization, reason, REFUSAL_OR_LEFT_OUT, "Why not; only where it may not."),
	FIELD(authorization, hold_id, LEFT_OUT, "What to commit or release; only where it is held."),
};
SHAPE(authorization)

/* ---- the procedure --------------------------------------------------------------------------------------------- */

struct judge_parameters {
	struct usage_request request;
	struct id hold_id;
};
static const struct field judge_parameters_fields[] = {
	FIELD_AS(judge_parameters, request.cycle_starts_at, "cycle_starts_at", ANY, "Which cycle."),
	FIELD_AS(judge_parameters, request.metric, "metric", ANY, "Of what."),
	FIELD_AS(judge_parameters, request.quantity, "quantity", ANY, "How much."),
	FIELD_AS(judge_parameters, request.expires_at, "expires_at", ANY, "Until when it is held."),
	FIELD_AS(judge_parameters, request.is_all, "is_all", ANY, "Whether the transaction may be ended."),
	FIELD(judge_parameters, hold_id, ANY, "The hold's id."),
};
SHAPE(judge_parameters)

static const struct field usage_judgement_fields[] = {
	FIELD(usage_judgement, outcome, ANY, "What came of the question."),
	FIELD(usage_judgement, reason, ANY, "Why not."),
	FIELD(usage_judgement, remaining, ANY, "Left of the quota."),
	FIELD(usage_judgement, credits, ANY, "What it takes."),
	FIELD(usage_judgement, post_pay, ANY, "Whether that is on account."),
	FIELD(usage_judgement, available, ANY, "Credits that can be had."),
	FIELD(usage_judgement, spent, ANY, "The cycle's spend."),
	FIELD(usage_judgement, hard_limit, ANY, "What it may reach."),
	FIELD(usage_judgement, hard_told, ANY, "Whether a refusal by it was announced."),
	FIELD(usage_judgement, committed, ANY, "Whether the transaction has ended."),
	FIELD(usage_judgement, is_known, COMPUTED, "Whether the hold was there."),
};
SHAPE(usage_judgement)

static const struct statement judge = {
	.sql = "CALL usage_authorize(:organization, :now, :cycle_starts_at, :metric, :quantity, :hold_id, :expires_at,"
	       " :is_all)",
	.takes = &judge_parameters_shape,
	.gives = &usage_judgement_shape,
};

/* A cycle that nobody needed before has no row yet; what holds have whose time is over is fetched back before it is
 * missed, and all is judged anew then. */
static const struct problem *
prepare(struct call *call, const struct usage_judgement *judgement, bool *again)
{
	struct cycle cycle;

	*again = true;
	if (text_is(judgement->outcome, "no_cycle"))
		return cycle_open(call, call->now, &cycle);
	if (text_is(judgement->outcome, "lapse"))
		return usage_holds_end_due(call);
	*again = false;
	return NULL;
}

static const struct problem *
check_metric(struct call *call, const struct usage_request *request, struct text outcome)
{
	if (text_is(outcome, "no_metric"))
		return fail_field(call, "/metric", "unknown", "There is no metric %s.", request->metric.at);
	if (text_is(outcome, "not_added"))
		return fail_field(
		    call, "/metric", "not_allowed", "Only metrics that are summed or counted can be asked for.");
	if (text_is(outcome, "not_whole"))
		return fail_field(call, "/quantity", "out_of_range", "What is counted is counted in whole numbers.");
	if (text_is(outcome, "no_cycle"))
		return fail_internal(call, "the present cycle has no row");
	return NULL;
}

const struct problem *
usage_judge(struct call *call, const struct usage_request *request, struct usage_judgement *out)
{
	const struct judge_parameters parameters = { *request, call->id };
	enum called called = CALLED_NOTHING;
	bool again = true;
	const struct problem *p = NULL;

	for (int i = 0; p == NULL && again && i < 3; i++) {
		p = sql_call(call, &judge, &parameters, out, &called);
		if (p != NULL || called == CALLED_DUPLICATE)
			break;
		p = prepare(call, out, &again);
	}
	if (p != NULL)
		return p;
	out->is_known = called == CALLED_DUPLICATE;
	return out->is_known ? NULL : check_metric(call, request, out->outcome);
}

/* ---- usage.authorize ------------------------------------------------------------------------------------------- */

HANDLER(authorize_usage, authorize_usage, authorization)

static const struct operation authorize_operation = {
	.id = "usage.authorize",
	.kind = WRITE,
	.scope = USAGE_WRITE,
	.effect = COMPUTES,
	.bucket = BUCKET_USAGE,
	.unaudited = true,
	.summary = "Ask whether so much may be used now, and hold it if so.",
	.description = "The plan's quota of the cycle decides, and where more than the quota is sold, whether it can "
		       "be paid: what all"
		       " of the cycle's overage is worth has to fit into the credits that are available, and with what "
		       "is spent into the"
		       " hard limit. Of a metric that is charged as it is used, a hold reserves the credits, rounded "
		       "up. A refusal is an"
		       " answer, not an error. Only metrics that are summed or counted can be asked for.",
	.run = &authorize_usage_run,
};

/* This call has committed a hold already, and lost the answer. */
static const struct problem *
answer_again(
    struct call *call, const struct authorize_usage *in, const struct usage_hold *hold, struct authorization *out)
{
	const struct usage_request nothing_more = {
		.cycle_starts_at = { hold->cycle_starts_at, true },
		.metric = in->metric,
	};
	struct usage_judgement judgement = { .is_known = false };
	const struct problem *p = usage_judge(call, &nothing_more, &judgement);

	*out =
	    (struct authorization){ .allowed = true, .remaining = judgement.remaining, .hold_id = id_given(hold->id) };
	if (p == NULL)
		finish_found(call, out);
	return p;
}

static const struct problem *
find_again(struct call *call, const struct authorize_usage *in, struct authorization *out, bool *found)
{
	struct usage_hold hold;
	const struct problem *p = usage_hold_find(call, call->id, &hold, found);

	return p != NULL || !*found ? p : answer_again(call, in, &hold, out);
}

static const struct problem *
reserve(struct call *call, const struct authorize_usage *in, const struct usage_judgement *judgement)
{
	const struct usage_hold hold = { .id = call->id, .metric = in->metric, .post_pay = judgement->post_pay };
	const struct posting posting = usage_hold_posting(&hold, LEDGER_RESERVATION, judgement->credits);
	struct posted posted;

	return ledger_post(call, &posting, &posted);
}

/* What the answer leaves to be done in its transaction. */
static const struct problem *
follow_up(struct call *call, const struct authorize_usage *in, const struct usage_judgement *judgement)
{
	if (text_is(judgement->outcome, "reserve"))
		return reserve(call, in, judgement);
	if (!judgement->hard_told && text_is(text_or(judgement->reason, ""), "limit_reached"))
		return ledger_tell_hard(call, judgement->spent.value, judgement->hard_limit.value);
	return NULL;
}

static const struct problem *
authorize_usage(struct call *call, const struct authorize_usage *in, struct authorization *out)
{
	struct usage_request request = {
		.metric = in->metric, .quantity = in->quantity, .is_all = !transaction_has_key(call)
	};
	struct usage_judgement judgement;
	const struct problem *p = NULL;
	bool found = false;

	if (in->hold_seconds.given)
		request.expires_at = instant_given(instant_plus_seconds(call->now, in->hold_seconds.value));
	if (call->reruns > 0 && in->hold_seconds.given)
		p = find_again(call, in, out, &found);
	if (p != NULL || found)
		return p;
	p = usage_judge(call, &request, &judgement);
	if (p == NULL && judgement.is_known)
		return find_again(call, in, out, &found);
	if (p == NULL)
		p = follow_up(call, in, &judgement);
	if (p != NULL)
		return p;
	*out = (struct authorization){ judgement.reason.at == NULL, judgement.remaining, judgement.reason,
		{ .given = false } };
	if (out->allowed && in->hold_seconds.given)
		out->hold_id = id_given(call->id);
	if (judgement.committed) {
		finish_with(call, out);
		finish_done(call);
	}
	return NULL;
}

const struct resource usage_authorize_resource = {
	.name = "usage_authorize",
	.summary = "May it be used?",
	.operations = LIST_OF(operation, &authorize_operation),
	.statements = LIST_OF(statement, &judge),
};
