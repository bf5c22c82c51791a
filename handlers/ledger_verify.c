/*
 * Proving ledgers on demand and every night: for one organization, for all, and for purserctl.
 */
#include "ledger_verify.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "id.h"
#include "ledger_proof.h"
#include "limit.h"
#include "log.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

/* A window of limit.h beside those of the operations. */
enum { FULL_PROOF_BUCKET = 100, FULL_PROOFS_A_MINUTE = 1, FAULTS_SHOWN = 1000 };

/* ---- one organization ------------------------------------------------------------------------------------------ */

struct verify {
	struct maybe_bool full;
};
static const struct field verify_fields[] = {
	FIELD(verify, full, ANY,
	    "From the first entry on, instead of from the last nightly proof; once a minute at most."),
};
SHAPE(verify)

struct verified {
	bool consistent;
	int64_t entries;
	struct credits balance;
	struct credits sum;
	int64_t head_sequence;
	struct digest head_hash;
	struct maybe_text first_fault;
};
static const struct field verified_fields[] = {
	FIELD(verified, consistent, ANY, "Nothing was found wrong."),
	FIELD(verified, entries, ANY,
	    "How many entries, from the first, are proven: now, or by the last nightly proof, whose entries a full "
	    "proof alone looks "
	    "at again."),
	FIELD(verified, balance, ANY, "All credits, as the balance says."),
	FIELD(verified, sum, ANY, "All credits, as the proven entries sum up to."),
	FIELD(verified, head_sequence, ANY, "The last entry's place."),
	FIELD(verified, head_hash, ANY,
	    "The last entry's hash: note it down to prove later that nothing before it changed."),
	FIELD(verified, first_fault, ANY, "The first fault found, or null."),
};
SHAPE(verified)

HANDLER(verify, verify, verified)

static const struct operation verify_operation = {
	.id = "billing.credits.verify",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.slow = true,
	.summary = "Prove that the organization's ledger is whole.",
	.description = "Recomputes the hash chain and the sums of the entries since the last nightly proof, or of all "
		       "in a full proof, "
		       "and compares them with the balance and the lots.",
	.run = &verify_run,
	.raises = { RATE_LIMITED },
};

static const struct problem *
verify(struct call *call, const struct verify *in, struct verified *out)
{
	struct proof proof;
	const struct problem *p;

	if (in->full.given && in->full.value) {
		struct limit_answer answer =
		    limit_take(call->organization, FULL_PROOF_BUCKET, FULL_PROOFS_A_MINUTE, call->now);

		if (!answer.allowed)
			return fail_retry(call, RATE_LIMITED, (int)answer.reset_seconds,
			    "A full proof can be asked for once a minute.");
	}
	p = ledger_prove(call, in->full.given && in->full.value, &proof);
	if (p != NULL)
		return p;
	*out = (struct verified){ .consistent = proof.fault == NULL,
		.entries = proof.proven.sequence,
		.balance = proof.balance,
		.sum = { proof.proven.available.count + proof.proven.reserved.count },
		.head_sequence = proof.head_sequence,
		.head_hash = proof.head_hash };
	if (proof.fault != NULL)
		out->first_fault = text_given(text_from(proof.fault));
	return NULL;
}

/* ---- all organizations ----------------------------------------------------------------------------------------- */

struct organization_after {
	struct id after;
};
static const struct field organization_after_fields[] = {
	FIELD(organization_after, after, ANY, "The last one seen."),
};
SHAPE(organization_after)

struct listed {
	struct id organization_id;
};
static const struct field listed_fields[] = {
	FIELD(listed, organization_id, ANY, "Whose it is."),
};
SHAPE(listed)

static const struct statement list_organizations = {
	.sql = "SELECT id AS organization_id FROM organization WHERE id > :after ORDER BY id LIMIT 100",
	.takes = &organization_after_shape,
	.gives = &listed_shape,
	.crosses_organizations = "all are to be proven",
};

const struct problem *
ledger_verify_all(struct call *call, bool full, struct ledger_verified *out,
    void (*tell)(void *context, struct id organization, const char *fault), void *context)
{
	struct organization_after after = { { { 0 } } };
	struct list books;

	do {
		struct arena_mark mark = arena_mark(call->arena);
		const struct problem *p = sql_all(call, &list_organizations, &after, &books);

		for (size_t i = 0; p == NULL && i < books.count; i++) {
			struct proof proof;

			after.after = call->organization = ((const struct listed *)books.items)[i].organization_id;
			p = ledger_prove(call, full, &proof);
			if (p != NULL)
				break;
			out->organizations++;
			out->entries += proof.proven.sequence;
			out->faults += proof.fault != NULL;
			if (proof.fault != NULL)
				tell(context, call->organization, proof.fault);
		}
		call->organization = (struct id){ { 0 } };
		if (p != NULL)
			return p;
		arena_release(call->arena, mark);
	} while (books.count > 0);
	return NULL;
}

struct verify_all {
	struct maybe_id organization_id;
	struct maybe_bool full;
};
static const struct field verify_all_fields[] = {
	FIELD(verify_all, organization_id, ANY, "Only this one's ledger."),
	FIELD(verify_all, full, ANY, "From the first entries on, instead of from the last nightly proofs."),
};
SHAPE(verify_all)

struct ledger_fault {
	struct id organization_id;
	struct text first_fault;
};
static const struct field ledger_fault_fields[] = {
	FIELD(ledger_fault, organization_id, ANY, "Whose ledger it is."),
	FIELD(ledger_fault, first_fault, ANY, "The first fault found there."),
};
SHAPE(ledger_fault)

struct all_verified {
	bool consistent;
	int64_t organizations;
	int64_t entries;
	int64_t faults_total;
	struct list faults;
};
static const struct field all_verified_fields[] = {
	FIELD(all_verified, consistent, ANY, "Nothing was found wrong."),
	FIELD(all_verified, organizations, ANY, "How many ledgers were looked at."),
	FIELD(all_verified, entries, ANY, "How many of their entries are proven."),
	FIELD(all_verified, faults_total, ANY, "How many ledgers have a fault."),
	FIELD_LIST(all_verified, faults, ledger_fault, ANY, "The first thousand of these."),
};
SHAPE(all_verified)

/* Faults outlive the arena's pages of organizations: they stand in the reply's. */
struct gathering {
	struct call *call;
	struct list *faults;
};

static void
gather(void *context, struct id organization, const char *fault)
{
	struct gathering *to = context;
	struct ledger_fault *faults = to->faults->items;

	if (to->faults->count == FAULTS_SHOWN)
		return;
	faults[to->faults->count++] =
	    (struct ledger_fault){ organization, arena_text(to->call->reply_arena, fault, strlen(fault)) };
}

HANDLER(verify_all, verify_all, all_verified)

static const struct operation verify_all_operation = {
	.id = "admin.ledger.verify",
	.kind = READ,
	.scope = ADMIN_READ,
	.effect = READS,
	.slow = true,
	.summary = "Prove that the ledgers of all organizations, or of one, are whole.",
	.run = &verify_all_run,
	.raises = { NOT_FOUND },
};

static const struct problem *
verify_all(struct call *call, const struct verify_all *in, struct all_verified *out)
{
	bool full = in->full.given && in->full.value;
	struct gathering gathering = { call, &out->faults };
	struct ledger_verified all = { 0 };
	const struct problem *p;
	struct proof proof;

	out->faults.items = arena_array(call->reply_arena, FAULTS_SHOWN, sizeof(struct ledger_fault));
	if (in->organization_id.given) {
		p = ledger_prove(call, full, &proof);
		if (p == NULL && proof.fault != NULL)
			gather(&gathering, call->organization, proof.fault);
		all = (struct ledger_verified){ 1, proof.proven.sequence, proof.fault != NULL };
	} else {
		p = ledger_verify_all(call, full, &all, gather, &gathering);
	}
	out->consistent = all.faults == 0;
	out->organizations = all.organizations;
	out->entries = all.entries;
	out->faults_total = all.faults;
	return p;
}

/* ---- every night ----------------------------------------------------------------------------------------------- */

struct checkpoint {
	int64_t sequence;
	struct digest hash;
	struct credits available;
	struct credits reserved;
	struct credits debt;
	struct maybe_instant fully_proven_at;
	struct maybe_text first_fault;
};
static const struct field checkpoint_fields[] = {
	FIELD(checkpoint, sequence, ANY, "The last entry proven."),
	FIELD(checkpoint, hash, ANY, "Its hash."),
	FIELD(checkpoint, available, ANY, "What the entries sum up to."),
	FIELD(checkpoint, reserved, ANY, "What the entries sum up to."),
	FIELD(checkpoint, debt, ANY, "What the entries sum up to."),
	FIELD(checkpoint, fully_proven_at, ANY, "When a full proof has ended; none: this was no such one."),
	FIELD(checkpoint, first_fault, ANY, "What was found broken."),
};
SHAPE(checkpoint)

static const struct statement keep_checkpoint = {
	.sql = "CALL ledger_keep_checkpoint(:organization, :sequence, :hash, :available, :reserved, :debt, :now,"
	       " :fully_proven_at, :first_fault)",
	.takes = &checkpoint_shape,
};

/* Those whose last full proof is the longest ago, if it is not of this night. */
static const struct statement list_stale = {
	.sql = "SELECT organization_id FROM ledger_checkpoint WHERE fully_proven_at IS NULL OR fully_proven_at < :now"
	       " ORDER BY fully_proven_at, organization_id LIMIT 100",
	.gives = &listed_shape,
	.crosses_organizations = "all are to be proven",
};

/* After a fault the checkpoint stays where it was: the next proof must find the same again. */
static const struct problem *
keep(struct call *call, const struct proof *proof)
{
	bool is_further = proof->fault == NULL && proof->proven.sequence > proof->checkpoint.sequence;
	const struct proven *at = is_further ? &proof->proven : &proof->checkpoint;
	struct checkpoint checkpoint = { .sequence = at->sequence,
		.hash = at->hash,
		.available = at->available,
		.reserved = at->reserved,
		.debt = at->debt };
	char organization[ID_CHARACTERS + 1];

	if (!proof->is_done && (proof->had_fault || !is_further))
		return NULL;
	if (proof->is_done && proof->is_full)
		checkpoint.fully_proven_at = (struct maybe_instant){ .given = true, .value = call->now };
	if (proof->fault != NULL) {
		id_format(call->organization, organization);
		log_error("the ledger of organization %s is broken: %s", organization, proof->fault);
		checkpoint.first_fault = text_given(text_from(proof->fault));
	}
	return sql_run(call, &keep_checkpoint, &checkpoint, NULL);
}

/* A step is to end well before the lease lapses. Beside what is new, each night proves some ledgers in full. */
enum { ENTRIES_A_STEP = 50000, FULL_ENTRIES_A_NIGHT = 2000000 };

/* How far the night has come; `organization` is the one that `proof`, not yet done, is of. */
struct progress {
	struct organization_after after;
	struct id organization;
	struct proof proof;
	int64_t entries;
	bool is_over;
};

struct night {
	bool full;
	struct progress at, next; /* what is committed, and with the present step */
};

static const struct problem *
prove_some(struct call *call, struct night *night, struct id organization, int64_t most)
{
	struct progress *next = &night->next;
	const struct problem *p;

	call->organization = organization;
	if (memcmp(&next->organization, &organization, sizeof(organization)) != 0)
		next->proof = (struct proof){ 0 };
	next->organization = organization;
	p = ledger_prove_step(call, night->full, most, &next->proof);
	if (p == NULL)
		p = keep(call, &next->proof);
	next->entries += next->proof.entries;
	if (p == NULL && next->proof.is_done) {
		next->after.after = organization;
		next->organization = (struct id){ { 0 } };
	}
	return p;
}

static const struct problem *
prove_page(struct call *call, void *context)
{
	struct night *night = context;
	const struct statement *which = night->full ? &list_stale : &list_organizations;
	struct list found;
	const struct problem *p = sql_all(call, which, night->full ? NULL : &night->at.after, &found);
	int64_t last = night->at.entries + ENTRIES_A_STEP;

	night->next = night->at;
	night->next.is_over = p == NULL && found.count == 0;
	for (size_t i = 0; p == NULL && i < found.count && night->next.entries < last && !job_is_stopping(); i++)
		p = prove_some(
		    call, night, ((const struct listed *)found.items)[i].organization_id, last - night->next.entries);
	return p;
}

static const struct problem *
prove_pages(struct call *call, bool full, int64_t entries_most)
{
	static const struct id none;
	struct night night = { .full = full };
	const struct problem *p;

	do {
		p = job_step(call, prove_page, &night);
		night.at = night.next;
		if (night.at.entries >= entries_most && memcmp(&night.at.organization, &none, sizeof(none)) == 0)
			night.at.is_over = true;
	} while (p == NULL && !night.at.is_over && !job_is_stopping());
	return p;
}

static const struct problem *
prove_all(struct call *call)
{
	const struct problem *p = prove_pages(call, false, INT64_MAX);

	return p == NULL && !job_is_stopping() ? prove_pages(call, true, FULL_ENTRIES_A_NIGHT) : p;
}

static const struct job prove_all_job = {
	.id = "ledger.verify",
	.summary = "Prove every ledger on from its last checkpoint, and some from the start.",
	.every_seconds = 86400,
	.run = prove_all,
};

const struct resource ledger_verify_resource = {
	.name = "ledger_verify",
	.summary = "The proof that nothing in a ledger was changed.",
	.operations = LIST_OF(operation, &verify_operation, &verify_all_operation),
	.statements = LIST_OF(statement, &list_organizations, &list_stale, &keep_checkpoint),
	.jobs = LIST_OF(job, &prove_all_job),
};
