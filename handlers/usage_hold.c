/*
 * The row of a hold, and how holds lapse: whoever misses what they have gives it back, and a job does it for all
 * others. The rows are locked first, then the counters in order, then the book, so that one transaction can end many.
 */
#include "usage_hold.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "database.h"
#include "id.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

enum { BATCH = 50, BOOKS_AT_ONCE = 500, KEPT_SECONDS = 8 * 86400 };

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static const struct field usage_hold_fields[] = {
	FIELD(usage_hold, id, ANY, "The hold."),
	FIELD(usage_hold, cycle_starts_at, ANY, "Its cycle."),
	FIELD(usage_hold, metric, ANY, "Of what."),
	FIELD(usage_hold, quantity, ANY, "How much."),
	FIELD(usage_hold, credits, ANY, "Credits reserved for it."),
	FIELD(usage_hold, post_pay, ANY, "Whether they are reserved on account."),
	FIELD(usage_hold, status, ANY, "What became of it."),
	FIELD(usage_hold, expires_at, ANY, "When it lapses."),
	FIELD(usage_hold, committed, ANY, "How much was used."),
	FIELD(usage_hold, charged, ANY, "What was charged."),
};
const struct shape usage_hold_shape = {
	.name = "usage_hold",
	.size = sizeof(struct usage_hold),
	.count = COUNT(usage_hold_fields),
	.fields = usage_hold_fields,
};

struct hold_named {
	struct id id;
};
static const struct field hold_named_fields[] = {
	FIELD(hold_named, id, ANY, "The hold."),
};
SHAPE(hold_named)

static const struct statement find_hold = {
	.sql = "SELECT " USAGE_HOLD_COLUMNS " FROM usage_hold WHERE organization_id = :organization AND id = :id",
	.takes = &hold_named_shape,
	.gives = &usage_hold_shape,
};

const struct problem *
usage_hold_find(struct call *call, struct id id, struct usage_hold *out, bool *found)
{
	const struct hold_named named = { id };

	return sql_maybe(call, &find_hold, &named, out, found);
}

struct posting
usage_hold_posting(const struct usage_hold *hold, enum ledger_reason reason, struct credits credits)
{
	return (struct posting){
		.reason = reason,
		.credits = credits,
		.on_account = hold->post_pay,
		.description = text_given(hold->metric),
		.reference_type = text_given(TEXT("usage_hold")),
		.reference_id = { hold->id, true },
	};
}

/* ---- lapsing --------------------------------------------------------------------------------------------------- */

/* They are found without a lock, and locked by their ids, in order: whoever ends a hold locks the row first and its
 * keys then. */
static const struct statement list_due = {
	.sql = "SELECT id FROM usage_hold FORCE INDEX (organization)"
	       " WHERE organization_id = :organization AND open_until <= :now ORDER BY open_until LIMIT 50",
	.gives = &hold_named_shape,
};

#define LOCK_DUE                                                                                           \
	"SELECT " USAGE_HOLD_COLUMNS " FROM usage_hold WHERE organization_id = :organization AND id = :id" \
	" AND status = 'open' AND expires_at <= :now FOR UPDATE"

/* Whoever misses what they have waits for those that another has locked, and knows then what became of them. */
static const struct statement lock_due = { .sql = LOCK_DUE, .takes = &hold_named_shape, .gives = &usage_hold_shape };

/* The job leaves them to the other. */
static const struct statement lock_due_free = {
	.sql = LOCK_DUE " SKIP LOCKED",
	.takes = &hold_named_shape,
	.gives = &usage_hold_shape,
};

static const struct statement find_due = {
	.sql = "SELECT id FROM usage_hold FORCE INDEX (organization)"
	       " WHERE organization_id = :organization AND open_until <= :now LIMIT 1",
	.gives = &hold_named_shape,
};

static const struct statement mark_lapsed = {
	.sql = "UPDATE usage_hold SET status = 'lapsed' WHERE organization_id = :organization AND id = :id",
	.takes = &usage_hold_shape,
};

static const struct statement give_back = {
	.sql = "UPDATE usage_counter SET held = held - :quantity WHERE organization_id = :organization"
	       " AND cycle_starts_at = :cycle_starts_at AND metric = :metric",
	.takes = &usage_hold_shape,
};

/* In the order in which counters are locked. */
static int
by_counter(const void *left, const void *right)
{
	const struct usage_hold *a = left, *b = right;
	size_t shorter = a->metric.length < b->metric.length ? a->metric.length : b->metric.length;
	int order = memcmp(a->metric.at, b->metric.at, shorter);

	if (order == 0 && a->metric.length != b->metric.length)
		order = a->metric.length < b->metric.length ? -1 : 1;
	if (order == 0 && a->cycle_starts_at.microseconds != b->cycle_starts_at.microseconds)
		order = a->cycle_starts_at.microseconds < b->cycle_starts_at.microseconds ? -1 : 1;
	return order;
}

static const struct problem *
give_back_quantities(struct call *call, const struct usage_hold *holds, size_t count)
{
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && i < count;) {
		struct usage_hold sum = holds[i];

		for (i++; i < count && by_counter(&holds[i], &sum) == 0; i++)
			sum.quantity.micros += holds[i].quantity.micros;
		p = sql_run(call, &give_back, &sum, NULL);
	}
	return p;
}

static const struct problem *
give_back_credits(struct call *call, const struct usage_hold *holds, size_t count)
{
	struct posted posted;
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && i < count; i++) {
		const struct posting posting = usage_hold_posting(&holds[i], LEDGER_RELEASE, holds[i].credits);

		if (holds[i].credits.count > 0)
			p = ledger_post(call, &posting, &posted);
	}
	return p;
}

static int
by_id(const void *left, const void *right)
{
	const struct hold_named *a = left, *b = right;

	return memcmp(a->id.bytes, b->id.bytes, sizeof(a->id.bytes));
}

/* Of those that were found, the ones that are still open once they are locked. */
static const struct problem *
lock_found(struct call *call, const struct statement *lock, const struct list *due, struct list *lapsed)
{
	const struct hold_named *found = due->items;
	struct usage_hold *holds = arena_array(call->arena, due->count, sizeof(*holds));
	const struct problem *p = NULL;
	bool is_due;

	*lapsed = (struct list){ holds, 0 };
	for (size_t i = 0; p == NULL && i < due->count; i++) {
		p = sql_maybe(call, lock, &found[i], &holds[lapsed->count], &is_due);
		lapsed->count += p == NULL && is_due;
	}
	return p;
}

/* What a batch has found, and how many of those it has ended. */
struct lapse {
	size_t found, ended;
};

static const struct problem *
lapse_batch(struct call *call, const struct statement *lock, struct lapse *out)
{
	struct usage_hold *holds;
	struct list due, lapsed;
	const struct problem *p = sql_all(call, &list_due, NULL, &due);

	*out = (struct lapse){ 0 };
	if (p != NULL || due.count == 0)
		return p;
	qsort(due.items, due.count, sizeof(struct hold_named), by_id);
	p = lock_found(call, lock, &due, &lapsed);
	holds = lapsed.items;
	if (p == NULL)
		qsort(holds, lapsed.count, sizeof(*holds), by_counter);
	for (size_t i = 0; p == NULL && i < lapsed.count; i++)
		p = sql_run(call, &mark_lapsed, &holds[i], NULL);
	if (p == NULL)
		p = give_back_quantities(call, holds, lapsed.count);
	if (p == NULL)
		*out = (struct lapse){ due.count, lapsed.count };
	return p != NULL ? p : give_back_credits(call, holds, lapsed.count);
}

const struct problem *
usage_holds_end_due(struct call *call)
{
	struct arena_mark mark = arena_mark(call->arena);
	struct hold_named due;
	struct lapse lapse = { .found = BATCH };
	bool found;
	const struct problem *p = sql_maybe(call, &find_due, NULL, &due, &found);

	if (p != NULL || !found)
		return p;
	database_rollback(call);
	while (p == NULL && lapse.found == BATCH) {
		p = lapse_batch(call, &lock_due, &lapse);
		if (p == NULL)
			p = database_commit(call);
		if (p == NULL)
			arena_release(call->arena, mark);
	}
	if (p != NULL && p != &database_commit_unknown) /* a lost commit: what is left of them is seen then */
		return p;
	return fail(call, RERUN, "Holds whose time was over have given back what they had.");
}

const struct problem *
usage_holds_reconsider(struct call *call, const struct problem *refusal)
{
	const struct problem *p;

	if (refusal == NULL || (refusal->kind != INSUFFICIENT_CREDITS && refusal->kind != LIMIT_REACHED))
		return refusal;
	p = usage_holds_end_due(call);
	return p != NULL ? p : refusal;
}

/* ---- jobs ------------------------------------------------------------------------------------------------------ */

struct lapsed_after {
	struct id after;
};
static const struct field lapsed_after_fields[] = {
	FIELD(lapsed_after, after, ANY, "The last one seen."),
};
SHAPE(lapsed_after)

struct lapsed_of {
	struct id organization_id;
};
static const struct field lapsed_of_fields[] = {
	FIELD(lapsed_of, organization_id, ANY, "Whose they are."),
};
SHAPE(lapsed_of)

static const struct statement list_lapsed = {
	.sql = "SELECT DISTINCT organization_id FROM usage_hold FORCE INDEX (open_until) WHERE open_until <= :now"
	       " AND organization_id > :after ORDER BY organization_id LIMIT 500",
	.takes = &lapsed_after_shape,
	.gives = &lapsed_of_shape,
	.crosses_organizations = "the job looks for whoever has something due",
};

static const struct problem *
lapse_some(struct call *call, void *context)
{
	return lapse_batch(call, &lock_due_free, context);
}

static const struct problem *
lapse_of(struct call *call, struct id organization)
{
	const struct problem *p;
	struct lapse lapse;

	call->organization = organization;
	do {
		p = job_step(call, lapse_some, &lapse);
	} while (p == NULL && lapse.found == BATCH && lapse.ended > 0 && !job_is_stopping());
	return p;
}

/* One organization's fault keeps no other waiting; the first is what the run answers. A lost lease or database ends it.
 */
static const struct problem *
lapse_holds(struct call *call)
{
	struct lapsed_after after = { 0 };
	const struct problem *first = NULL, *p = NULL;
	struct list due;
	bool is_over = false;

	do {
		p = sql_all(call, &list_lapsed, &after, &due);
		job_rollback(call);
		if (p != NULL)
			return p;
		const struct lapsed_of *of = due.items;
		for (size_t i = 0; i < due.count && !is_over && !job_is_stopping(); i++) {
			after.after = of[i].organization_id;
			p = lapse_of(call, of[i].organization_id);
			is_over = p != NULL && (p->kind == CONFLICT || p->kind == UNAVAILABLE);
			first = first != NULL ? first : p;
		}
	} while (due.count == BOOKS_AT_ONCE && !is_over && !job_is_stopping());
	return first;
}

static const struct job lapse_holds_job = {
	.id = "usage.lapse_holds",
	.summary = "Give back what holds of usage have whose time is over.",
	.every_seconds = 5,
	.run = lapse_holds,
};

/* Ids begin with the time at which they were made. */
struct ended_before {
	struct id before;
};
static const struct field ended_before_fields[] = {
	FIELD(ended_before, before, ANY, "Made before."),
};
SHAPE(ended_before)

static const struct statement delete_ended = {
	.sql = "DELETE FROM usage_hold WHERE id < :before AND status <> 'open' ORDER BY id LIMIT 1000",
	.takes = &ended_before_shape,
	.crosses_organizations = "what has ended long ago goes, whosever it is",
};

struct purge {
	struct ended_before what;
	int64_t deleted;
};

static const struct problem *
purge_some(struct call *call, void *context)
{
	struct purge *purge = context;

	return sql_run(call, &delete_ended, &purge->what, &purge->deleted);
}

static const struct problem *
purge_holds(struct call *call)
{
	struct purge purge = { { { { 0 } } }, 0 };
	const struct problem *p;
	uint64_t milliseconds = (uint64_t)(instant_plus_seconds(call->now, -KEPT_SECONDS).microseconds / 1000);

	for (int i = 0; i < 6; i++)
		purge.what.before.bytes[i] = (unsigned char)(milliseconds >> (40 - 8 * i));
	do {
		p = job_step(call, purge_some, &purge);
	} while (p == NULL && purge.deleted > 0 && !job_is_stopping());
	return p;
}

static const struct job purge_holds_job = {
	.id = "usage.purge_holds",
	.summary = "Forget holds of usage that were made more than eight days ago.",
	.every_seconds = 3600,
	.run = purge_holds,
};

const struct resource usage_hold_resource = {
	.name = "usage_hold",
	.summary = "What a hold is.",
	.statements = LIST_OF(statement, &find_hold, &list_due, &lock_due, &lock_due_free, &find_due, &mark_lapsed,
	    &give_back, &list_lapsed, &delete_ended),
	.jobs = LIST_OF(job, &lapse_holds_job, &purge_holds_job),
};
