/*
 * Expiry of lots where nobody writes: whoever posts next in an organization posts what fell due first (sql/0003), and
 * this job does it for the quiet ones.
 */
#include "resources.h"

#include "ledger.h"
#include "log.h"
#include "runner.h"
#include "statement.h"

enum { BATCH = 500 };

struct due_after {
	struct id after;
};
static const struct field due_after_fields[] = {
	FIELD(due_after, after, ANY, "The last one seen."),
};
SHAPE(due_after)

struct due_book {
	struct id organization_id;
};
static const struct field due_book_fields[] = {
	FIELD(due_book, organization_id, ANY, "Whose it is."),
};
SHAPE(due_book)

static const struct statement list_due_books = {
	.sql = "SELECT organization_id FROM book WHERE next_lot_expiry <= :now AND organization_id > :after"
	       " ORDER BY organization_id LIMIT 500",
	.takes = &due_after_shape,
	.gives = &due_book_shape,
	.crosses_organizations = "the job looks for whoever has something due",
};

static const struct statement lock_due_book = {
	.sql = "SELECT organization_id FROM book WHERE organization_id = :organization AND next_lot_expiry <= :now"
	       " FOR UPDATE SKIP LOCKED",
	.gives = &due_book_shape,
};

static const struct statement find_book = {
	.sql = "SELECT organization_id FROM book WHERE organization_id = :organization",
	.gives = &due_book_shape,
};

/* A book that another has locked is being written, and so its expiry posted, at this moment; else the next run finds it
 * again. `context`: whether more is due than one call posts. */
static const struct problem *
expire_some(struct call *call, void *context)
{
	bool *is_due = context;
	struct due_book book;
	struct posted posted;
	const struct problem *p;

	p = sql_maybe(call, &lock_due_book, NULL, &book, is_due);
	if (p == NULL && *is_due) {
		p = ledger_expire(call, &posted);
		if (p == NULL)
			p = sql_maybe(call, &lock_due_book, NULL, &book, is_due);
	}
	return p;
}

static const struct problem *
expire_one(struct call *call)
{
	const struct problem *p;
	bool is_due;

	do {
		p = job_step(call, expire_some, &is_due);
	} while (p == NULL && is_due && !job_is_stopping());
	return p;
}

/* A lost lease ends the run, and so does a lost database; but not one organization's statement that took too long. */
static bool
ends_the_run(struct call *call, const struct problem *p)
{
	struct due_book book;
	bool found;

	if (p == NULL || p->kind != UNAVAILABLE)
		return p != NULL && p->kind == CONFLICT;
	p = sql_maybe(call, &find_book, NULL, &book, &found);
	job_rollback(call);
	return p != NULL;
}

/* One organization's fault keeps no other waiting; the first is what the run answers. */
static const struct problem *
expire_each(struct call *call, const struct list *due, const struct problem *first, bool *is_over)
{
	const struct due_book *books = due->items;

	for (size_t i = 0; i < due->count && !job_is_stopping(); i++) {
		call->organization = books[i].organization_id;
		const struct problem *p = expire_one(call);

		*is_over = ends_the_run(call, p);
		if (*is_over)
			return p;
		if (first == NULL)
			first = p;
	}
	return first;
}

static const struct problem *
expire_lots(struct call *call)
{
	struct due_after after = { { { 0 } } };
	const struct problem *first = NULL;
	bool is_over = false;
	struct list due;

	do {
		struct arena_mark mark = arena_mark(call->arena);
		const struct problem *p = sql_all(call, &list_due_books, &after, &due);

		job_rollback(call);
		if (p != NULL)
			return p;
		first = expire_each(call, &due, first, &is_over);
		after.after = call->organization;
		if (first == NULL)
			arena_release(call->arena, mark);
	} while (due.count == BATCH && !is_over && !job_is_stopping());
	return first;
}

static const struct job expire_lots_job = {
	.id = "credits.expire_lots",
	.summary = "Post the expiry of credits where it fell due.",
	.every_seconds = 60,
	.run = expire_lots,
};

const struct resource lots_resource = {
	.name = "lots",
	.summary = "The expiry of credits.",
	.statements = LIST_OF(statement, &list_due_books, &lock_due_book, &find_book),
	.jobs = LIST_OF(job, &expire_lots_job),
};
