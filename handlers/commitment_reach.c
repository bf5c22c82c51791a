/*
 * What falls due at milestones and at the end of a term. It is written down once, by whoever comes first: the job, a
 * monthly run, or a change of the commitment; readers compute the same meanwhile. Once it is written down, no order
 * that counts is of an earlier time.
 */
#include "clock.h"
#include "commitment.h"
#include "money.h"
#include "outbox.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const struct field commitment_shortfall_fields[] = {
	FIELD(commitment_shortfall, commitment_id, ANY, "The commitment."),
	FIELD(commitment_shortfall, name, ANY, "Its name."),
	FIELD(commitment_shortfall, currency, ANY, "Its currency."),
	FIELD(commitment_shortfall, starts_on, ANY, "Its first day."),
	FIELD(commitment_shortfall, day, ANY, "The last day that counted."),
	FIELD(commitment_shortfall, at, ANY, "The end of it."),
	FIELD(commitment_shortfall, is_end, ANY, "Whether the term is over with it."),
	FIELD(commitment_shortfall, promised, ANY, "What was agreed until then."),
	FIELD(commitment_shortfall, committed, ANY, "What was to be used until then."),
	FIELD(commitment_shortfall, consumed, ANY, "What was used."),
	FIELD(commitment_shortfall, billed_before, ANY, "What had been due before."),
	FIELD(commitment_shortfall, due, ANY, "What is missing."),
	FIELD(commitment_shortfall, run_period, ANY, "The month whose run billed it."),
};
SHAPE(commitment_shortfall)

struct due_event {
	struct id commitment_id;
	struct text name;
	struct text due_on;
	bool is_end;
	struct amount committed, consumed, due;
	struct text currency;
};
static const struct field due_event_fields[] = {
	FIELD(due_event, commitment_id, ANY, "The commitment."),
	FIELD(due_event, name, ANY, "Its name."),
	FIELD(due_event, due_on, ANY, "The day at whose end it fell due."),
	FIELD(due_event, is_end, ANY, "Whether the term is over, or it was a milestone."),
	FIELD(due_event, committed, ANY, "What was to be used until then."),
	FIELD(due_event, consumed, ANY, "What was used."),
	FIELD(due_event, due, ANY, "What is missing, and was not due before: the next monthly run bills it."),
	FIELD(due_event, currency, ANY, "The currency of these amounts."),
};
SHAPE(due_event)

static const struct event_type commitment_fell_due = {
	.type = "commitment.due",
	.entity_type = "commitment",
	.summary = "Less was used until a milestone, or the end of a term, than was promised.",
	.data = &due_event_shape,
};

struct use_query {
	struct id commitment_id;
	struct instant at;
};
static const struct field use_query_fields[] = {
	FIELD(use_query, commitment_id, ANY, "The commitment."),
	FIELD(use_query, at, ANY, "Before this moment."),
};
SHAPE(use_query)

struct use_sum {
	struct amount consumed;
};
static const struct field use_sum_fields[] = {
	FIELD(use_sum, consumed, ANY, "What was used."),
};
SHAPE(use_sum)

struct due_query {
	struct instant to;
	struct text period;
};
static const struct field due_query_fields[] = {
	FIELD(due_query, to, ANY, "Until this moment."),
	FIELD(due_query, period, ANY, "The month."),
};
SHAPE(due_query)

struct due_mark {
	struct id commitment_id;
	struct text day;
	struct text period;
};
static const struct field due_mark_fields[] = {
	FIELD(due_mark, commitment_id, ANY, "The commitment."),
	FIELD(due_mark, day, ANY, "The day."),
	FIELD(due_mark, period, ANY, "The month."),
};
SHAPE(due_mark)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

#define SHORTFALL_COLUMNS                                                                                    \
	"d.commitment_id, c.name, c.currency, c.starts_on, d.day, d.at, d.is_end, d.promised, d.committed, " \
	"d.consumed,"                                                                                        \
	" d.billed_before, d.due, d.run_period"

static const struct statement list_written = {
	.sql = "SELECT " SHORTFALL_COLUMNS " FROM commitment_due d"
	       " JOIN commitment c ON c.organization_id = d.organization_id AND c.id = d.commitment_id"
	       " WHERE d.organization_id = :organization AND d.commitment_id = :commitment_id ORDER BY d.at",
	.takes = &commitment_ref_shape,
	.gives = &commitment_shortfall_shape,
};

static const struct statement list_unbilled = {
	.sql = "SELECT " SHORTFALL_COLUMNS " FROM commitment_due d"
	       " JOIN commitment c ON c.organization_id = d.organization_id AND c.id = d.commitment_id"
	       " WHERE d.organization_id = :organization AND d.due > 0 AND d.at <= :to"
	       " AND (d.run_period IS NULL OR d.run_period = :period) ORDER BY d.at, d.commitment_id",
	.takes = &due_query_shape,
	.gives = &commitment_shortfall_shape,
};

static const struct statement sum_use = {
	.sql =
	    "SELECT CAST(COALESCE(SUM(amount), 0) AS SIGNED) AS consumed FROM commitment_use FORCE INDEX (commitment)"
	    " WHERE organization_id = :organization AND commitment_id = :commitment_id AND at < :at",
	.takes = &use_query_shape,
	.gives = &use_sum_shape,
};

/* What comes to nothing needs no bill. */
static const struct statement write_down = {
	.sql = "INSERT INTO commitment_due (organization_id, commitment_id, day, at, is_end, promised, committed, "
	       "consumed,"
	       " billed_before, due, created_at, settled_at) VALUES (:organization, :commitment_id, :day, :at, :is_end,"
	       " :promised, :committed, :consumed, :billed_before, :due, :now, IF(:due = 0, :now, NULL))",
	.takes = &commitment_shortfall_shape,
};

static const struct statement move_on = {
	.sql = "UPDATE commitment SET next_at = :next_at, ended_at = :ended_at, rollover = :rollover, updated_at = :now"
	       " WHERE organization_id = :organization AND id = :id",
	.takes = &commitment_shape,
};

static const struct statement bill = {
	.sql = "UPDATE commitment_due SET run_period = :period, settled_at = :now WHERE organization_id = :organization"
	       " AND commitment_id = :commitment_id AND day = :day AND run_period IS NULL",
	.takes = &due_mark_shape,
};

static const struct statement find_next = {
	.sql =
	    "SELECT id AS commitment_id FROM commitment WHERE organization_id = :organization AND name = :name"
	    " AND starts_at >= :ends_at AND cancelled_at IS NULL AND ended_at IS NULL ORDER BY starts_at, id LIMIT 1",
	.takes = &commitment_shape,
	.gives = &commitment_ref_shape,
};

static const struct statement carry_in = {
	.sql = "UPDATE commitment SET carried_in = carried_in + :rollover, updated_at = GREATEST(updated_at, :now)"
	       " WHERE organization_id = :organization AND id = :carried_to",
	.takes = &commitment_shape,
};

static const struct statement carry_to = {
	.sql = "UPDATE commitment SET carried_to = :carried_to, rollover = :rollover"
	       " WHERE organization_id = :organization AND id = :id",
	.takes = &commitment_shape,
};

/* What would have been due without it, and was not. */
static const struct statement sum_carried_used = {
	.sql = "SELECT CAST(COALESCE(MAX(LEAST(promised - committed, GREATEST(0, promised - consumed))), 0) AS SIGNED)"
	       " AS consumed FROM commitment_due WHERE organization_id = :organization"
	       " AND commitment_id = :commitment_id",
	.takes = &commitment_ref_shape,
	.gives = &use_sum_shape,
};

static const struct statement find_reached = {
	.sql = "SELECT id AS commitment_id FROM commitment WHERE organization_id = :organization AND next_at <= :to"
	       " ORDER BY next_at, id LIMIT 1",
	.takes = &due_query_shape,
	.gives = &commitment_ref_shape,
};

static const struct statement list_reached = {
	.sql = "SELECT id AS commitment_id FROM commitment WHERE organization_id = :organization AND next_at <= :to"
	       " ORDER BY id",
	.takes = &due_query_shape,
	.gives = &commitment_ref_shape,
};

/* What hands something on from one commitment to another happens one after the other. */
static const struct statement lock_home = {
	.sql = "SELECT id AS commitment_id FROM organization WHERE id = :organization FOR UPDATE",
	.gives = &commitment_ref_shape,
};

/* ---- points ---------------------------------------------------------------------------------------------------- */

struct maybe_instant
commitment_next_point(const struct commitment *commitment, struct instant after)
{
	const struct milestone *milestones = commitment->milestones.items;
	size_t count = commitment_is_by_milestones(commitment) ? commitment->milestones.count : 0;

	if (!instant_before(after, commitment->ends_at))
		return (struct maybe_instant){ .given = false };
	for (size_t i = 0; i < count; i++)
		if (instant_before(after, milestones[i].at) && instant_before(milestones[i].at, commitment->ends_at))
			return instant_given(milestones[i].at);
	return instant_given(commitment->ends_at);
}

/* Which day's end a point is, and how much was promised until then. */
static struct commitment_shortfall
point_at(const struct commitment *commitment, struct instant at)
{
	const struct milestone *milestones = commitment->milestones.items;
	struct commitment_shortfall point = { commitment->id, commitment->name, commitment->currency,
		commitment->starts_on, commitment->ends_on, .at = at };
	int64_t amount = commitment->amount.micros;

	point.is_end = !instant_before(at, commitment->ends_at);
	for (size_t i = 0; !point.is_end && i < commitment->milestones.count; i++) {
		if (milestones[i].at.microseconds != at.microseconds)
			continue;
		point.day = milestones[i].on;
		amount = milestones[i].amount.micros;
	}
	point.promised.micros = amount;
	if (amount > commitment->carried_in.micros)
		point.committed.micros = amount - commitment->carried_in.micros;
	return point;
}

static const struct problem *
measure(struct call *call, const struct commitment *commitment, struct amount billed_before,
    struct commitment_shortfall *point)
{
	const struct use_query query = { commitment->id, point->at };
	struct use_sum sum = { commitment->consumed };
	const struct problem *p = point->is_end ? NULL : sql_one(call, &sum_use, &query, &sum);

	point->consumed = sum.consumed;
	point->billed_before = billed_before;
	point->due.micros = point->committed.micros - point->consumed.micros - billed_before.micros;
	if (point->due.micros < 0)
		point->due.micros = 0;
	return p;
}

const struct problem *
commitment_shortfalls(struct call *call, const struct commitment *commitment, struct instant until, struct list *out)
{
	const struct commitment_ref ref = { commitment->id };
	struct maybe_instant at = commitment->next_at;
	struct amount billed = { 0 };
	struct commitment_shortfall *all;
	const struct problem *p = sql_all(call, &list_written, &ref, out);

	if (p != NULL || !at.given || instant_before(until, at.value))
		return p;
	all = arena_array(call->arena, out->count + commitment->milestones.count + 1, sizeof(*all));
	for (size_t i = 0; i < out->count; i++) {
		all[i] = ((const struct commitment_shortfall *)out->items)[i];
		billed.micros += all[i].due.micros;
	}
	out->items = all;
	while (p == NULL && at.given && !instant_before(until, at.value)) {
		all[out->count] = point_at(commitment, at.value);
		p = measure(call, commitment, billed, &all[out->count]);
		billed.micros += all[out->count++].due.micros;
		at = commitment_next_point(commitment, at.value);
	}
	return p;
}

/* ---- reaching them --------------------------------------------------------------------------------------------- */

static const struct problem *
write_point(struct call *call, const struct commitment_shortfall *point)
{
	const struct due_event event = { point->commitment_id, point->name, point->day, point->is_end, point->committed,
		point->consumed, point->due, point->currency };
	const struct problem *p = sql_run(call, &write_down, point, NULL);

	if (p != NULL || point->due.micros == 0)
		return p;
	return outbox_tell(call, &commitment_fell_due, point->commitment_id, &event);
}

const struct problem *
commitment_hand_on(struct call *call, const struct commitment *commitment)
{
	struct commitment from = *commitment;
	struct commitment_ref next;
	bool found;
	const struct problem *p = sql_maybe(call, &find_next, commitment, &next, &found);

	if (p != NULL)
		return p;
	from.carried_to = (struct maybe_id){ found ? next.commitment_id : commitment->id, found };
	if (found)
		p = sql_run(call, &carry_in, &from, NULL);
	return p != NULL ? p : sql_run(call, &carry_to, &from, NULL);
}

const struct problem *
commitment_carried_used(struct call *call, const struct commitment *commitment, struct amount *used)
{
	const struct commitment_ref ref = { commitment->id };
	struct use_sum sum = { { 0 } };
	const struct problem *p = sql_one(call, &sum_carried_used, &ref, &sum);

	*used = sum.consumed;
	return p;
}

/* Rounded half to even, to a millionth: it is never paid as such. */
static const struct problem *
set_rollover(struct call *call, struct commitment *commitment)
{
	int64_t excess = commitment->carried_in.micros + commitment->consumed.micros - commitment->amount.micros;

	commitment->rollover = (struct maybe_amount){ .given = true };
	if (excess > 0 && !share_of(excess, commitment->rollover_percent, 100, 1, &commitment->rollover.value.micros))
		return fail_internal(call, "a commitment's rollover overflows");
	return NULL;
}

const struct problem *
commitment_reach(struct call *call, struct commitment *commitment, struct instant until)
{
	struct maybe_instant from = commitment->next_at;
	const struct commitment_shortfall *point;
	struct list points;
	const struct problem *p;

	if (!from.given || instant_before(until, from.value))
		return NULL;
	p = commitment_shortfalls(call, commitment, until, &points);
	point = points.items;
	for (size_t i = 0; p == NULL && i < points.count; i++)
		if (!instant_before(point[i].at, from.value))
			p = write_point(call, &point[i]);
	if (p != NULL)
		return p;
	commitment->next_at = commitment_next_point(commitment, until);
	if (!commitment->next_at.given) {
		commitment->ended_at = instant_given(call->now);
		p = set_rollover(call, commitment);
	}
	if (p == NULL)
		p = sql_run(call, &move_on, commitment, NULL);
	return p == NULL && commitment->rollover.value.micros > 0 ? commitment_hand_on(call, commitment) : p;
}

/* ---- for the monthly run --------------------------------------------------------------------------------------- */

/* In the order of their ids, as orders do. */
static const struct problem *
lock_all(struct call *call, const struct due_query *query)
{
	const struct commitment_ref *ref;
	struct commitment row;
	struct list reached;
	const struct problem *p = sql_all(call, &list_reached, query, &reached);

	if (p != NULL)
		return p;
	ref = reached.items;
	for (size_t i = 0; p == NULL && i < reached.count; i++)
		p = commitment_lock(call, ref[i].commitment_id, &row);
	return p;
}

/* One after the other: what one hands on is in the next one's row then. */
static const struct problem *
reach_all(struct call *call, const struct due_query *query)
{
	struct commitment_ref reached;
	bool found = true;
	const struct problem *p = NULL;

	while (p == NULL && found) {
		struct commitment row;

		p = sql_maybe(call, &find_reached, query, &reached, &found);
		if (p != NULL || !found)
			break;
		p = commitment_lock(call, reached.commitment_id, &row);
		if (p == NULL)
			p = commitment_reach(call, &row, query->to);
	}
	return p;
}

const struct problem *
commitment_due(struct call *call, const struct month *month, struct list *out)
{
	const struct due_query query = { month->to, text_from(month->name) };
	struct commitment_ref home;
	const struct problem *p = sql_one(call, &lock_home, NULL, &home);

	if (p == NULL)
		p = lock_all(call, &query);
	if (p == NULL)
		p = reach_all(call, &query);
	return p != NULL ? p : sql_all(call, &list_unbilled, &query, out);
}

const struct problem *
commitment_settle(struct call *call, const struct commitment_shortfall *shortfall, const struct month *month)
{
	const struct due_mark mark = { shortfall->commitment_id, shortfall->day, text_from(month->name) };

	return sql_run(call, &bill, &mark, NULL);
}

const struct resource commitment_reach_resource = {
	.name = "commitment_reach",
	.summary = "What falls due of commitments.",
	.statements = LIST_OF(statement, &list_written, &list_unbilled, &sum_use, &write_down, &move_on, &bill,
	    &find_next, &carry_in, &carry_to, &sum_carried_used, &find_reached, &list_reached, &lock_home),
	.events = LIST_OF(event_type, &commitment_fell_due),
};
