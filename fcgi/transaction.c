/*
 * What makes a WRITE operation happen once. The claim is the transaction's first row, so that a second request with the
 * same key meets it whatever the first is doing; reply, audit row and commit are one procedure call at the end. A
 * process killed before that call leaves nothing: the server undoes the transaction. Killed later it leaves all of it,
 * and the repeated request gets the stored reply. The audit row's id is the call's own, so that no call commits twice.
 */
#include "transaction.h"

#include <mysqld_error.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "connection.h"
#include "database.h"
#include "finish.h"
#include "id.h"
#include "json.h"
#include "media.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

enum { CLAIM_LIFE_SECONDS = 24 * 60 * 60, CLAIM_OPEN_SECONDS = 15 * 60 };

static const char why_no_organization[] = "an operator's deeds belong to none";

/* ---- the claim -------------------------------------------------------------------------------------------------- */

struct claim {
	struct id space;
	struct text operation;
	struct text key;
	struct digest body_digest;
	int64_t scopes;
	struct maybe_instant open_until; /* when a claim that outlives its transaction lapses */
	struct maybe_id owner;           /* the call whose claim is to go */
};
static const struct field claim_fields[] = {
	FIELD(claim, space, ANY, "The organization, or the operator's key."),
	FIELD(claim, operation, ANY, "The operation's id."),
	FIELD(claim, key, ANY, "The caller's key."),
	FIELD(claim, body_digest, ANY, "SHA-256 of the body in one form."),
	FIELD(claim, scopes, ANY, "The scopes of the caller, as bits."),
	FIELD(claim, open_until, ANY, "When an open claim lapses."),
	FIELD(claim, owner, ANY, "The call whose claim is to go."),
};
SHAPE(claim)

struct stored_reply {
	struct id call_id;
	struct digest body_digest;
	int64_t scopes;
	struct maybe_int status;
	struct bytes reply;
	bool reply_sealed;
	struct instant created_at;
};
static const struct field stored_reply_fields[] = {
	FIELD(stored_reply, call_id, ANY, "The call that claimed the key."),
	FIELD(stored_reply, body_digest, ANY, "SHA-256 of its body."),
	FIELD(stored_reply, scopes, ANY, "What that call's caller held."),
	FIELD(stored_reply, status, ANY, "HTTP status; none while the call is at work."),
	FIELD(stored_reply, reply, ANY, "The body that was sent."),
	FIELD(stored_reply, reply_sealed, ANY, "The body holds a secret and is sealed."),
	FIELD(stored_reply, created_at, ANY, "When the key was claimed."),
};
SHAPE(stored_reply)

/* Without a wait: whoever holds the row is the first request, still at work. */
static const struct statement insert_claim = {
	.sql = "SET STATEMENT innodb_lock_wait_timeout = 0 FOR INSERT INTO idempotency"
	       " (space, operation, idempotency_key, body_digest, call_id, scopes, created_at, open_until)"
	       " VALUES (:space, :operation, :key, :body_digest, :call, :scopes, :now, :open_until)",
	.takes = &claim_shape,
	.crosses_organizations = why_no_organization,
};

static const struct statement find_claim = {
	.sql = "SELECT call_id, body_digest, scopes, status, reply, reply_sealed, created_at FROM idempotency"
	       " WHERE space = :space AND operation = :operation AND idempotency_key = :key",
	.takes = &claim_shape,
	.gives = &stored_reply_shape,
	.crosses_organizations = why_no_organization,
};

static const struct statement delete_claim = {
	.sql = "DELETE FROM idempotency"
	       " WHERE space = :space AND operation = :operation AND idempotency_key = :key AND call_id = :owner",
	.takes = &claim_shape,
	.crosses_organizations = why_no_organization,
};

static const struct problem claim_changed = { .kind = RERUN, .detail = "The claim that was met is gone." };

bool
transaction_has_key(const struct call *call)
{
	return call->request.idempotency_key.length > 0 && !call->operation->no_key;
}

/* What a person does for themselves is theirs, whichever organization they act for at the moment. */
static struct id
space_of(const struct call *call)
{
	bool own =
	    call->principal.type == PERSON && (call->operation->scope >= SCOPE_COUNT || call->operation->any_person);

	return own || call->principal.type == OPERATOR ? call->principal.id : call->organization;
}

/* What a sealed reply is bound to: taken to another row, it does not open. */
const char *
transaction_seal_context(struct call *call, struct id claimed_by)
{
	char ulid[ID_CHARACTERS + 1];

	id_format(claimed_by, ulid);
	return arena_format(call->arena, "idempotency.reply.%s", ulid).at;
}

static const struct problem *
in_progress(struct call *call)
{
	return fail_retry(call, IDEMPOTENCY_IN_PROGRESS, 1, "The first request with this key is still at work.");
}

static const struct problem *
replay(struct call *call, const struct stored_reply *stored)
{
	struct text body = { (const char *)stored->reply.at, stored->reply.length };

	if (stored->reply_sealed &&
	    !unseal(call->arena, stored->reply, transaction_seal_context(call, stored->call_id), &body))
		return fail_internal(call, "a stored reply can't be opened: is its sealing key gone?");
	call->reply.status = (int)stored->status.value;
	if (call->reply.status >= 400)
		call->reply.media_type = MEDIA_PROBLEM;
	call->reply.body.length = 0;
	buffer_add_text(&call->reply.body, body);
	reply_header(call, "Idempotent-Replayed", TEXT("true"));
	call->replayed = true;
	return NULL;
}

/* A claim past its time that nobody has swept yet: the key is free again. */
static const struct problem *
drop_claim(struct call *call, struct claim claim, struct id stale)
{
	const struct problem *p;

	claim.owner = id_given(stale); /* that one alone: another call may have dropped it and claimed the key anew */
	p = sql_run(call, &delete_claim, &claim, NULL);

	if (p == NULL)
		p = database_commit(call);
	return p != NULL ? p : &claim_changed;
}

static const struct problem *
judge(struct call *call, const struct claim *claim, const struct stored_reply *stored)
{
	if (!stored->status.given)
		return in_progress(call);
	if (!instant_before(call->now, instant_plus_seconds(stored->created_at, CLAIM_LIFE_SECONDS)))
		return drop_claim(call, *claim, stored->call_id);
	if (memcmp(stored->body_digest.bytes, claim->body_digest.bytes, sizeof(claim->body_digest)) != 0)
		return fail(call, IDEMPOTENCY_KEY_REUSED, "This key was used before, with another body.");
	if (call->operation->seals_reply && ((uint64_t)stored->scopes & ~call->principal.scopes) != 0)
		return fail(call, FORBIDDEN, "The stored reply holds a secret, and was for a caller with more scopes.");
	return replay(call, stored);
}

/* The failed insert holds a lock on the row that it met: it is given back before anything else. */
static const struct problem *
meet_claim(struct call *call, const struct claim *claim)
{
	struct stored_reply stored = { 0 };
	const struct problem *p;
	bool found;

	database_rollback(call);
	p = sql_maybe(call, &find_claim, claim, &stored, &found);
	if (p != NULL)
		return p;
	return found ? judge(call, claim, &stored) : &claim_changed;
}

const struct problem *
transaction_claim(struct call *call)
{
	const struct problem *p;
	unsigned error;

	if (!transaction_has_key(call))
		return NULL;
	call->claim_space = space_of(call);
	struct claim claim = {
		.space = call->claim_space,
		.operation = text_from(call->operation->id),
		.key = call->request.idempotency_key,
		.body_digest = json_digest(call, call->request.body),
		.scopes = (int64_t)call->principal.scopes,
	};
	if (call->operation->kind == TWO_STEP)
		claim.open_until = instant_given(instant_plus_seconds(call->now, CLAIM_OPEN_SECONDS));
	p = sql_try(call, &insert_claim, &claim, &error);
	if (p != NULL || error == 0)
		return p;
	if (error == ER_DUP_ENTRY)
		return meet_claim(call, &claim);
	database_rollback(call);
	if (error == ER_LOCK_WAIT_TIMEOUT)
		return in_progress(call);
	return database_refused(call, LOGIN_WRITE, error, "", "the claim");
}

/* ---- the end ---------------------------------------------------------------------------------------------------- */

static const struct field finish_fields[] = { FINISH_FIELDS(finish, ) };
SHAPE(finish)

struct audit_ref {
	struct id id;
};
static const struct field audit_ref_fields[] = {
	FIELD(audit_ref, id, ANY, "The audit row: the call's id."),
};
SHAPE(audit_ref)

static const struct statement finish_call = {
	.sql = "CALL finish(" FINISH_PARAMETERS ")",
	.takes = &finish_shape,
	.crosses_organizations = why_no_organization,
};

/* Waits for a commit that is still under way on the lost connection. */
static const struct statement find_audit = {
	.sql = "SELECT id FROM audit WHERE id = :call LOCK IN SHARE MODE",
	.gives = &audit_ref_shape,
	.crosses_organizations = "the row is this call's own",
};

static struct maybe_id
id_unless_zero(struct id id)
{
	return id_is_zero(id) ? (struct maybe_id){ .given = false } : id_given(id);
}

/* "billing.grants" of billing.grants.create. */
static struct text
target_type_of(struct call *call)
{
	const char *id = call->operation->id, *dot = strrchr(id, '.');

	return dot != NULL ? arena_text(call->arena, id, (size_t)(dot - id)) : text_from(id);
}

static void
store_reply(struct call *call, struct finish *finish)
{
	struct text body = buffer_text(&call->reply.body);

	finish->space = id_given(call->claim_space);
	finish->key = text_given(call->request.idempotency_key);
	finish->reply_sealed = call->operation->seals_reply;
	finish->reply = (struct bytes){ (const unsigned char *)body.at, body.length };
	if (finish->reply_sealed)
		finish->reply = seal(call->arena, body, transaction_seal_context(call, call->id));
}

struct finish
finish_of(struct call *call)
{
	struct finish finish = {
		.operation = text_from(call->operation->id),
		.status = call->reply.status,
		.organization_id = id_unless_zero(call->organization),
		.actor_id = id_unless_zero(call->principal.id),
		.target_type = target_type_of(call),
		.target_id = call->target,
		.outcome = TEXT("ok"),
		.request_id = call->request_id,
	};

	if (call->request.address.length > 0)
		finish.address = text_given(call->request.address);
	if (call->problem != NULL)
		finish.outcome = text_from(problem_facts[call->problem->kind].code);
	else if (transaction_has_key(call) && call->operation->kind == WRITE) /* an intent leaves its claim open */
		store_reply(call, &finish);
	return finish;
}

/*
 * The connection was lost during the call: it has committed if its audit row is there. Where it is not, running again
 * is safe even if the old connection commits later, for the second finish then meets the first's audit row.
 */
static const struct problem *
resolve(struct call *call, const struct problem *lost)
{
	struct audit_ref ref;
	const struct problem *p;
	bool found;

	database_rollback(call);
	p = sql_maybe(call, &find_audit, NULL, &ref, &found);
	if (p != NULL)
		return p->kind == RERUN ? lost : &database_commit_unknown;
	database_rollback(call);
	return found ? NULL : lost;
}

/* A refusal that is kept leaves its key free, as every refusal does. */
static const struct problem *
free_key(struct call *call)
{
	struct claim claim = { .space = call->claim_space,
		.operation = text_from(call->operation->id),
		.key = call->request.idempotency_key,
		.owner = id_given(call->id) };

	return sql_run(call, &delete_claim, &claim, NULL);
}

static const struct problem commit_again = { .kind = RERUN, .detail = "What was done may be lost." };

static const struct problem *
commit_unaudited(struct call *call)
{
	const struct problem *p = database_commit(call);

	return p == &database_commit_unknown ? &commit_again : p;
}

const struct problem *
transaction_finish(struct call *call)
{
	struct finish finish;
	const struct problem *p;
	unsigned error;

	if (call->is_finished)
		return NULL;
	if (call->operation->unaudited && !transaction_has_key(call))
		return commit_unaudited(call);
	finish = finish_of(call);
	if (call->operation->unaudited)
		finish.outcome = TEXT("");
	if (call->problem != NULL && transaction_has_key(call)) {
		p = free_key(call);
		if (p != NULL)
			return p;
	}
	p = sql_try(call, &finish_call, &finish, &error);
	if (p != NULL && call->operation->unaudited)
		return p; /* it runs again, and meets its own claim where this has committed */
	if (p != NULL)
		return p->kind == RERUN ? resolve(call, p) : p;
	if (error == 0) {
		call->in_transaction = false;
		return NULL;
	}
	database_rollback(call);
	if (error == ER_DUP_ENTRY) /* an earlier run of this call has committed after all */
		return &database_commit_unknown;
	return database_refused(call, LOGIN_WRITE, error, "", "the finish");
}

/* ---- jobs ------------------------------------------------------------------------------------------------------- */

struct deed {
	struct id id;
	struct maybe_id organization_id;
	struct maybe_id actor_id;
	struct text operation;
	struct text target_type;
	struct id target_id;
	struct text request_id;
};
static const struct field deed_fields[] = {
	FIELD(deed, id, ANY, "The audit row."),
	FIELD(deed, organization_id, ANY, "The organization acted for."),
	FIELD(deed, actor_id, ANY, "Who acted."),
	FIELD(deed, operation, ANY, "What was done."),
	FIELD(deed, target_type, ANY, "To what kind of thing."),
	FIELD(deed, target_id, ANY, "To which."),
	FIELD(deed, request_id, ANY, "The run it belongs to."),
};
SHAPE(deed)

static const struct statement insert_audit = {
	.sql = "INSERT INTO audit (id, organization_id, at, actor_type, actor_id, operation, target_type, target_id, "
	       "outcome,"
	       " request_id) VALUES (:id, :organization_id, :now, :principal_type, :actor_id, :operation, :target_type,"
	       " :target_id, 'ok', :request_id)",
	.takes = &deed_shape,
	.crosses_organizations = "a job acts for all of them",
};

const struct problem *
transaction_audit(struct call *call, const char *operation, const char *target_type, struct id target)
{
	const struct deed deed = {
		.id = id_new(call->now),
		.organization_id = id_unless_zero(call->organization),
		.actor_id = id_unless_zero(call->principal.id),
		.operation = text_from(operation),
		.target_type = text_from(target_type),
		.target_id = target,
		.request_id = call->request_id,
	};

	return sql_run(call, &insert_audit, &deed, NULL);
}

const struct statement *const *
transaction_statements(void)
{
	static const struct statement *const list[] = { &insert_claim, &find_claim, &delete_claim, &finish_call,
		&find_audit, &insert_audit, NULL };

	return list;
}
