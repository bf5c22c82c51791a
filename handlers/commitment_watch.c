/*
 * What time makes of commitments: the job that writes down what fell due, and the one that tells, once a month, whose
 * pace is behind.
 */
#include "clock.h"
#include "commitment.h"
#include "id.h"
#include "log.h"
#include "outbox.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

enum { AT_ONCE = 500, QUIET_PART = 20 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct due_commitment {
	struct maybe_instant next_at;
	struct id organization_id;
	struct id commitment_id;
};
static const struct field due_commitment_fields[] = {
	FIELD(due_commitment, next_at, ANY, "When something fell due."),
	FIELD(due_commitment, organization_id, ANY, "Whose."),
	FIELD(due_commitment, commitment_id, ANY, "The commitment."),
};
SHAPE(due_commitment)

struct watched {
	struct id organization_id;
	struct id commitment_id;
	struct text timezone;
	struct maybe_text behind_told;
	struct instant starts_at, ends_at;
	struct amount amount, carried_in, consumed;
};
static const struct field watched_fields[] = {
	FIELD(watched, organization_id, ANY, "Whose."),
	FIELD(watched, commitment_id, ANY, "The commitment."),
	FIELD(watched, timezone, ANY, "The organization's."),
	FIELD(watched, behind_told, ANY, "When its pace was announced last."),
	FIELD(watched, starts_at, ANY, "The term."),
	FIELD(watched, ends_at, ANY, "Its end."),
	FIELD(watched, amount, ANY, "What is promised."),
	FIELD(watched, carried_in, ANY, "What counts from before."),
	FIELD(watched, consumed, ANY, "What was used."),
};
SHAPE(watched)

struct told {
	struct id commitment_id;
	struct text month;
};
static const struct field told_fields[] = {
	FIELD(told, commitment_id, ANY, "The commitment."),
	FIELD(told, month, ANY, "The month in which it is told."),
};
SHAPE(told)

struct behind_event {
	struct id commitment_id;
	struct text name;
	struct text ends_on;
	struct amount committed, consumed, projected_total, projected_shortfall;
	struct text currency;
};
static const struct field behind_event_fields[] = {
	FIELD(behind_event, commitment_id, ANY, "The commitment."),
	FIELD(behind_event, name, ANY, "Its name."),
	FIELD(behind_event, ends_on, ANY, "Its last day."),
	FIELD(behind_event, committed, ANY, "What is to be used."),
	FIELD(behind_event, consumed, ANY, "What was used."),
	FIELD(behind_event, projected_total, ANY, "What will have been used at the end, if it goes on like this."),
	FIELD(behind_event, projected_shortfall, ANY, "What will be missing then."),
	FIELD(behind_event, currency, ANY, "The currency of these amounts."),
};
SHAPE(behind_event)

static const struct event_type commitment_behind = {
	.type = "commitment.behind",
	.entity_type = "commitment",
	.summary = "At its pace a commitment will not be used up; told once a month while that is so.",
	.data = &behind_event_shape,
};

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement list_due = {
	.sql = "SELECT next_at, organization_id, id AS commitment_id FROM commitment"
	       " WHERE next_at <= :now"
	       " AND (next_at > :next_at OR next_at = :next_at AND id > :commitment_id) ORDER BY next_at, id LIMIT 500",
	.takes = &due_commitment_shape,
	.gives = &due_commitment_shape,
	.crosses_organizations = "the job looks for whoever has something due",
};

/* As whoever changes a commitment does. */
static const struct statement take_home = {
	.sql = "SELECT id AS commitment_id FROM organization WHERE id = :organization FOR UPDATE SKIP LOCKED",
	.gives = &commitment_ref_shape,
};

static const struct statement take_due = {
	.sql = "SELECT " COMMITMENT_COLUMNS
	       " FROM commitment WHERE organization_id = :organization AND id = :commitment_id"
	       " AND next_at <= :now FOR UPDATE SKIP LOCKED",
	.takes = &due_commitment_shape,
	.gives = &commitment_shape,
};

static const struct statement list_watched = {
	.sql = "SELECT c.organization_id, c.id AS commitment_id, o.timezone, c.behind_told, c.starts_at, c.ends_at, "
	       "c.amount,"
	       " c.carried_in, c.consumed FROM commitment c JOIN organization o ON o.id = c.organization_id"
	       " WHERE c.next_at > :now AND c.starts_at < :now AND (c.organization_id > :organization_id"
	       " OR c.organization_id = :organization_id AND c.id > :commitment_id)"
	       " ORDER BY c.organization_id, c.id LIMIT 500",
	.takes = &due_commitment_shape,
	.gives = &watched_shape,
	.crosses_organizations = "the job looks for whoever is behind",
};

static const struct statement take_watched = {
	.sql = "SELECT " COMMITMENT_COLUMNS
	       " FROM commitment WHERE organization_id = :organization AND id = :commitment_id"
	       " AND next_at > :now AND (behind_told IS NULL OR behind_told <> :month) FOR UPDATE SKIP LOCKED",
	.takes = &told_shape,
	.gives = &commitment_shape,
};

static const struct statement keep_told = {
	.sql =
	    "UPDATE commitment SET behind_told = :month WHERE organization_id = :organization AND id = :commitment_id",
	.takes = &told_shape,
};

/* ---- what fell due --------------------------------------------------------------------------------------------- */

static const struct problem *
reach_one(struct call *call, void *context)
{
	const struct due_commitment *due = context;
	struct commitment_ref home;
	struct commitment row;
	bool found;
	const struct problem *p = sql_maybe(call, &take_home, NULL, &home, &found);

	if (p == NULL && found)
		p = sql_maybe(call, &take_due, due, &row, &found);
	if (p != NULL || !found)
		return p;
	call_not_before(call, row.updated_at);
	p = commitment_milestones(call, &row);
	return p != NULL ? p : commitment_reach(call, &row, call->now);
}

/* One organization's fault keeps no other waiting; the first is what the run answers. A lost lease or database ends it.
 */
static bool
ends_the_run(const struct problem *p, const struct problem **first)
{
	if (*first == NULL)
		*first = p;
	return job_is_stopping() || (p != NULL && (p->kind == CONFLICT || p->kind == UNAVAILABLE));
}

static const struct problem *
reach_due(struct call *call)
{
	const struct problem *first = NULL;
	struct due_commitment from = { .next_at = { .given = true } };
	struct list due = { .count = AT_ONCE };
	bool is_over = false;

	while (!is_over && due.count == AT_ONCE) {
		struct arena_mark mark = arena_mark(call->arena);
		const struct problem *p = sql_all(call, &list_due, &from, &due);
		struct due_commitment *rows = due.items;

		job_rollback(call);
		if (p != NULL)
			return p;
		for (size_t i = 0; i < due.count && !is_over; i++) {
			from = rows[i];
			call->organization = rows[i].organization_id;
			is_over = ends_the_run(job_step(call, reach_one, &rows[i]), &first);
		}
		if (first == NULL)
			arena_release(call->arena, mark);
	}
	return first;
}

static const struct job reach_job = {
	.id = "commitments.reach",
	.lane = LANE_BOOKS,
	.summary = "Write down what fell due of commitments at milestones and at the end of their terms.",
	.every_seconds = 60,
	.run = reach_due,
};

/* ---- who is behind --------------------------------------------------------------------------------------------- */

/* In the first twentieth of a term its pace says nothing yet. */
static bool
is_behind(const struct watched *watched, struct instant now)
{
	struct commitment commitment = {
		.starts_at = watched->starts_at,
		.ends_at = watched->ends_at,
		.amount = watched->amount,
		.carried_in = watched->carried_in,
		.consumed = watched->consumed,
	};
	int64_t term = watched->ends_at.microseconds - watched->starts_at.microseconds;

	commitment_project(&commitment, now);
	return text_is(commitment.pace, "behind") &&
	       now.microseconds - watched->starts_at.microseconds >= term / QUIET_PART;
}

static const struct problem *
tell_one(struct call *call, void *context)
{
	const struct told *told = context;
	struct behind_event event;
	struct commitment row;
	bool found;
	const struct problem *p = sql_maybe(call, &take_watched, told, &row, &found);

	if (p != NULL || !found)
		return p;
	commitment_project(&row, call->now);
	if (!text_is(row.pace, "behind"))
		return NULL;
	event = (struct behind_event){ row.id, row.name, row.ends_on, row.committed, row.consumed,
		row.projected_total.value, row.projected_shortfall.value, row.currency };
	p = sql_run(call, &keep_told, told, NULL);
	return p != NULL ? p : outbox_tell(call, &commitment_behind, row.id, &event);
}

/* The month by the organization's zone; UTC's where tzdata knows it no more. */
static struct text
month_there(struct call *call, struct text zone)
{
	struct date date = { 0 };

	if (!zone_date(zone, call->now, &date) && !zone_date(TEXT("UTC"), call->now, &date))
		log_error("tzdata does not know UTC");
	return arena_format(call->arena, "%04d-%02d", (int)date.year, (int)date.month);
}

static bool
tell(struct call *call, const struct watched *watched, const struct problem **first)
{
	struct told told = { watched->commitment_id, month_there(call, watched->timezone) };

	if (!is_behind(watched, call->now) ||
	    (watched->behind_told.at != NULL && text_is(told.month, watched->behind_told.at)))
		return job_is_stopping();
	call->organization = watched->organization_id;
	return ends_the_run(job_step(call, tell_one, &told), first);
}

static const struct problem *
watch(struct call *call)
{
	const struct problem *first = NULL;
	struct due_commitment from = { .next_at = { .given = true } };
	struct list list = { .count = AT_ONCE };
	bool is_over = false;

	while (!is_over && list.count == AT_ONCE) {
		struct arena_mark mark = arena_mark(call->arena);
		const struct problem *p = sql_all(call, &list_watched, &from, &list);
		const struct watched *rows = list.items;

		job_rollback(call);
		if (p != NULL)
			return p;
		for (size_t i = 0; i < list.count && !is_over; i++) {
			from.organization_id = rows[i].organization_id;
			from.commitment_id = rows[i].commitment_id;
			is_over = tell(call, &rows[i], &first);
		}
		if (first == NULL)
			arena_release(call->arena, mark);
	}
	return first;
}

static const struct job watch_job = {
	.id = "commitments.watch",
	.lane = LANE_BOOKS,
	.summary = "Tell once a month whose commitment will not be used up at its pace.",
	.every_seconds = 3600,
	.run = watch,
};

const struct resource commitment_watch_resource = {
	.name = "commitment_watch",
	.summary = "What time makes of commitments.",
	.statements = LIST_OF(statement, &list_due, &take_home, &take_due, &list_watched, &take_watched, &keep_told),
	.jobs = LIST_OF(job, &reach_job, &watch_job),
	.events = LIST_OF(event_type, &commitment_behind),
};
