/*
 * Claims that outlive their transaction, and short transactions between calls to the outside.
 */
#include "two_step_parts.h"

#include <unistd.h>

#include "database.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "route.h"
#include "runner.h"
#include "seal.h"
#include "statement.h"
#include "text.h"
#include "transaction.h"

enum { RERUNS_MAX = 5 };

static const char why_space[] = "a claim is named by its space";

struct claim_end {
	struct claim_ref claim;
	int64_t status;
	struct bytes reply;
	bool reply_sealed;
	struct maybe_instant open_until;
};
static const struct field claim_end_fields[] = {
	CLAIM_FIELDS(claim_end),
	FIELD(claim_end, status, ANY, "HTTP status."),
	FIELD(claim_end, reply, ANY, "The body to store."),
	FIELD(claim_end, reply_sealed, ANY, "The body is sealed."),
	FIELD(claim_end, open_until, ANY, "When the claim lapses."),
};
SHAPE(claim_end)

static const struct statement answer_claim = {
	.sql = "CALL claim_answer(:claim_space, :claim_operation, :claim_key, :claim_call, :status, :reply, "
	       ":reply_sealed)",
	.takes = &claim_end_shape,
	.crosses_organizations = why_space,
};

static const struct statement let_claim_wait = {
	.sql = "CALL claim_wait(:claim_space, :claim_operation, :claim_key, :claim_call, :open_until)",
	.takes = &claim_end_shape,
	.crosses_organizations = why_space,
};

static const struct statement drop_claim = {
	.sql = "DELETE FROM idempotency WHERE space = :claim_space AND operation = :claim_operation"
	       " AND idempotency_key = :claim_key AND call_id = :claim_call AND status IS NULL",
	.takes = &claim_end_shape,
	.crosses_organizations = why_space,
};

static const struct statement abandon_claim = {
	.sql = "DELETE FROM idempotency WHERE space = :claim_space AND operation = :claim_operation"
	       " AND idempotency_key = :claim_key AND call_id = :claim_call AND status IS NULL"
	       " AND open_until IS NOT NULL",
	.takes = &claim_end_shape,
	.crosses_organizations = why_space,
};

struct claim_ref
claim_of(const struct call *call)
{
	if (call->operation == NULL || !transaction_has_key(call))
		return (struct claim_ref){ .space = { .given = false } };
	return (struct claim_ref){
		.space = id_given(call->claim_space),
		.operation = text_given(text_from(call->operation->id)),
		.key = text_given(call->request.idempotency_key),
		.call = id_given(call->id),
		.request_id = text_given(call->request_id),
	};
}

const struct problem *
claim_keep(struct call *call, struct claim_ref *claim)
{
	struct claim_end end = { .claim = claim_of(call) };

	*claim = end.claim;
	return claim->space.given ? sql_run(call, &let_claim_wait, &end, NULL) : NULL;
}

static const struct problem *
store(struct call *call, const struct claim_ref *claim, const struct operation *operation, int status, struct text body)
{
	struct claim_end end = { .claim = *claim,
		.status = status,
		.reply_sealed = operation->seals_reply,
		.reply = { (const unsigned char *)body.at, body.length } };

	if (end.reply_sealed)
		end.reply = seal(call->arena, body, transaction_seal_context(call, claim->call.value));
	return sql_run(call, &answer_claim, &end, NULL);
}

static const struct operation *
operation_of(const struct claim_ref *claim)
{
	return route_named((struct text){ claim->operation.at, claim->operation.length });
}

const struct problem *
claim_answer(struct call *call, const struct claim_ref *claim, const void *out)
{
	const struct operation *operation;
	struct buffer body;

	if (!claim->space.given)
		return NULL;
	operation = operation_of(claim);
	if (operation == NULL)
		return fail_internal(call, "a claim of the operation %s, which is gone", claim->operation.at);
	body = buffer_new(call->arena, 1024);
	json_write(&body, operation->run->gives, out);
	return store(call, claim, operation, operation->status > 0 ? operation->status : 200, buffer_text(&body));
}

const struct problem *
claim_refuse(struct call *call, const struct claim_ref *claim, const struct problem *refusal)
{
	const struct operation *operation;
	struct buffer body;

	if (!claim->space.given)
		return NULL;
	operation = operation_of(claim);
	if (operation == NULL)
		return fail_internal(call, "a claim of the operation %s, which is gone", claim->operation.at);
	body = buffer_new(call->arena, 1024);
	json_write_problem(&body, refusal, claim->request_id.at);
	return store(call, claim, operation, problem_facts[refusal->kind].status, buffer_text(&body));
}

const struct problem *
claim_drop(struct call *call, const struct claim_ref *claim)
{
	struct claim_end end = { .claim = *claim };

	return claim->space.given ? sql_run(call, &drop_claim, &end, NULL) : NULL;
}

/* ---- short transactions ---------------------------------------------------------------------------------------- */

static const struct problem *
try_step(struct call *call, const struct problem *(*step)(struct call *call, void *context), void *context)
{
	const struct problem *p = step(call, context);

	if (p == NULL)
		p = call->job != NULL ? job_commit(call) : database_commit(call);
	if (p != NULL && call->in_transaction)
		database_rollback(call);
	return p;
}

const struct problem *
step_apart(struct call *call, const struct problem *(*step)(struct call *call, void *context), void *context)
{
	if (call->in_transaction)
		return fail_internal(call, "a step apart inside a transaction");
	for (unsigned rerun = 0; rerun <= RERUNS_MAX; rerun++) {
		const struct problem *p = try_step(call, step, context);
		uint16_t random;

		if (p == NULL || (p->kind != RERUN && p != &database_commit_unknown))
			return p;
		random_bytes(&random, sizeof(random));
		usleep((useconds_t)(random % (4000u << rerun)));
		call->reruns++;
	}
	return fail_retry(call, BUSY, 1, "Others changed the same thing too often.");
}

static const struct problem *
abandon(struct call *call, void *context)
{
	struct claim_end end = { .claim = claim_of(call) };

	(void)context;
	return sql_run(call, &abandon_claim, &end, NULL);
}

void
two_step_abandon(struct call *call)
{
	const struct problem *p;

	if (call->in_transaction)
		database_rollback(call);
	if (!transaction_has_key(call))
		return;
	p = step_apart(call, abandon, NULL);
	if (p != NULL)
		log_error("a claim of %s stays until it lapses: %s", call->operation->id, p->detail);
}

const struct statement *const *
two_step_statements(void)
{
	static const struct statement *const list[] = { &answer_claim, &let_claim_wait, &drop_claim, &abandon_claim,
		NULL };

	return list;
}
