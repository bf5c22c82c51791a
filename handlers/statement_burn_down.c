/*
 * How commitments burned down in a month: what had counted by the end of each of its days, and what was left of what
 * was agreed then. Of a month that is over nothing changes any more, whatever is made of the commitment afterwards.
 */
#include "month_statement.h"

#include "clock.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

enum { DAYS_MOST = 32 };

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

struct month_span {
	struct instant from;
	struct instant to;
	int64_t after;
};
static const struct field month_span_fields[] = {
	FIELD(month_span, from, ANY, "The month's begin."),
	FIELD(month_span, to, ANY, "Its end, or now."),
	FIELD(month_span, after, ANY, "The last entry before it."),
};
SHAPE(month_span)

struct running {
	struct id id;
	struct text name;
	struct instant starts_at, ends_at;
	struct amount consumed_before;
};
static const struct field running_fields[] = {
	FIELD(running, id, ANY, "The commitment."),
	FIELD(running, name, ANY, "Its name."),
	FIELD(running, starts_at, ANY, "When its term began, or when it was made, if that was later."),
	FIELD(running, ends_at, ANY, "When it was over, or cancelled."),
	FIELD(running, consumed_before, ANY, "What had counted before the month."),
};
SHAPE(running)

struct use_span {
	struct id commitment_id;
	struct instant to;
	int64_t after;
	int64_t through;
};
static const struct field use_span_fields[] = {
	FIELD(use_span, commitment_id, ANY, "The commitment."),
	FIELD(use_span, to, ANY, "Before this moment."),
	FIELD(use_span, after, ANY, "Behind this entry."),
	FIELD(use_span, through, ANY, "Up to this one."),
};
SHAPE(use_span)

struct use_row {
	struct instant at;
	struct amount amount;
};
static const struct field use_row_fields[] = {
	FIELD(use_row, at, ANY, "When it counted."),
	FIELD(use_row, amount, ANY, "How much."),
};
SHAPE(use_row)

struct terms_row {
	struct instant at;
	struct amount committed;
};
static const struct field terms_row_fields[] = {
	FIELD(terms_row, at, ANY, "From when on."),
	FIELD(terms_row, committed, ANY, "What is to be used, what was carried in taken off."),
};
SHAPE(terms_row)

static const struct statement list_running = {
	.sql = "SELECT c.id, c.name, GREATEST(c.starts_at, c.created_at) AS starts_at,"
	       " LEAST(c.ends_at, COALESCE(c.cancelled_at, c.ends_at)) AS ends_at, COALESCE((SELECT CAST(SUM(u.amount) "
	       "AS SIGNED) FROM commitment_use u FORCE INDEX (booked)"
	       " WHERE u.organization_id = :organization AND u.commitment_id = c.id AND u.sequence <= :after), 0)"
	       " AS consumed_before FROM commitment c WHERE c.organization_id = :organization AND c.starts_at < :to"
	       " AND c.created_at < :to AND c.ends_at > :from AND (c.cancelled_at IS NULL"
	       " OR c.cancelled_at > GREATEST(c.starts_at, :from))"
	       " ORDER BY c.starts_at, c.id",
	.takes = &month_span_shape,
	.gives = &running_shape,
};

/* Cut where the month's activity is. */
static const struct statement list_uses = {
	.sql =
	    "SELECT u.at, u.amount FROM commitment_use u FORCE INDEX (booked) WHERE u.organization_id = :organization"
	    " AND u.commitment_id = :commitment_id AND u.sequence > :after AND u.sequence <= :through",
	.takes = &use_span_shape,
	.gives = &use_row_shape,
};

static const struct statement list_terms = {
	.sql = "SELECT at, GREATEST(0, amount - carried_in) AS committed FROM commitment_terms"
	       " WHERE organization_id = :organization AND commitment_id = :commitment_id AND at < :to ORDER BY at",
	.takes = &use_span_shape,
	.gives = &terms_row_shape,
};

/* ---- days ------------------------------------------------------------------------------------------------------ */

/* The month's days that have begun, each with its end. */
struct days {
	size_t count;
	struct text on[DAYS_MOST];
	struct instant ends[DAYS_MOST];
};

static const struct problem *
find_days(struct call *call, const struct month_statement *statement, struct days *out)
{
	struct date date = { statement->month.year, statement->month.month, 1 };
	struct instant begins = statement->month.from;

	out->count = 0;
	while (instant_before(begins, statement->as_of) && out->count < DAYS_MOST) {
		if (!zone_next_day_start(statement->timezone, begins, &out->ends[out->count]))
			return fail_internal(call, "there is no zone %s", statement->timezone.at);
		out->on[out->count] = arena_format(call->reply_arena, "%04d-%02d-%02d", (int)date.year, (int)date.month,
		    (int)date.day + (int)out->count);
		begins = out->ends[out->count++];
	}
	return NULL;
}

struct burning {
	const struct days *days;
	struct amount by_day[DAYS_MOST];
};

/* What was booked with the month, and is of another moment, is of its first or last day. */
static const struct problem *
burn(struct call *call, void *context, const void *given)
{
	struct burning *burning = context;
	const struct use_row *row = given;
	size_t day = 0;

	(void)call;
	while (day + 1 < burning->days->count && !instant_before(row->at, burning->days->ends[day]))
		day++;
	burning->by_day[day].micros += row->amount.micros;
	return NULL;
}

/* Those of its term. */
static bool
is_of_term(const struct days *days, size_t day, const struct month_statement *statement, const struct running *running)
{
	struct instant begins = day == 0 ? statement->month.from : days->ends[day - 1];

	return instant_before(running->starts_at, days->ends[day]) && instant_before(begins, running->ends_at);
}

/* What was agreed before that moment. */
static struct amount
committed_at(const struct list *terms, struct instant end)
{
	const struct terms_row *row = terms->items;
	struct amount committed = { 0 };

	for (size_t i = 0; i < terms->count && (i == 0 || instant_before(row[i].at, end)); i++)
		committed = row[i].committed;
	return committed;
}

static void
put_days(const struct month_statement *statement, const struct running *running, const struct burning *burning,
    const struct list *terms, struct statement_burn_down *out)
{
	const struct days *days = burning->days;
	struct statement_day *items = out->days.items;
	int64_t consumed = out->opening.micros;

	for (size_t i = 0; i < days->count; i++) {
		int64_t left;

		consumed += burning->by_day[i].micros;
		if (!is_of_term(days, i, statement, running))
			continue;
		out->committed = committed_at(terms, days->ends[i]);
		left = out->committed.micros - consumed;
		items[out->days.count++] =
		    (struct statement_day){ days->on[i], out->committed, { consumed }, { left > 0 ? left : 0 } };
	}
}

static const struct problem *
burn_one(struct call *call, const struct month_statement *statement, const struct days *days,
    const struct running *running, struct statement_burn_down *out)
{
	const struct use_span span = { running->id, statement->as_of, statement->after, statement->through };
	struct burning burning = { .days = days };
	struct list terms;
	const struct problem *p = sql_all(call, &list_terms, &span, &terms);

	if (p == NULL)
		p = sql_each(call, &list_uses, &span, burn, &burning);
	*out = (struct statement_burn_down){ .commitment_id = running->id,
		.name = arena_text(call->reply_arena, running->name.at, running->name.length),
		.opening = running->consumed_before,
		.days = { arena_array(call->reply_arena, days->count, sizeof(struct statement_day)), 0 } };
	if (p == NULL)
		put_days(statement, running, &burning, &terms, out);
	return p;
}

const struct problem *
statement_burn_down(struct call *call, struct month_statement *statement)
{
	const struct month_span span = { statement->month.from, statement->as_of, statement->after };
	struct statement_burn_down *items;
	struct days days;
	struct list running;
	const struct problem *p = find_days(call, statement, &days);

	if (p == NULL)
		p = sql_all(call, &list_running, &span, &running);
	if (p != NULL)
		return p;
	items = arena_array(call->reply_arena, running.count, sizeof(*items));
	for (size_t i = 0; p == NULL && i < running.count; i++)
		p = burn_one(call, statement, &days, (const struct running *)running.items + i, &items[i]);
	statement->burn_down = (struct list){ items, running.count };
	return p;
}

const struct resource statement_burn_down_resource = {
	.name = "statement_burn_down",
	.summary = "How commitments burned down.",
	.statements = LIST_OF(statement, &list_running, &list_uses, &list_terms),
};
