/*
 * Monthly runs for everybody. An operator asks for a month; the job takes one organization after the other, goes on
 * with runs that were cut, and answers callers whose worker is gone. An organization whose month is not over yet in its
 * own time zone has its turn when it is.
 */
#include <inttypes.h>

#include "clock.h"
#include "id.h"
#include "log.h"
#include "month_run.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

/* The lane's other jobs wait meanwhile. */
enum { TURN_MICROSECONDS = 10000000, AGAIN_SECONDS = 60 };

/* Months that are not over are looked at when the first of them is, and once an hour: time zones can be changed. */
enum { LATEST_SECONDS = 3600 };

/* Where days begin first: a month is over there before it is over anywhere else. */
static const struct text first_zone = TEXT_OF("Pacific/Kiritimati");

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct run_order {
	struct text period;
	struct instant to_at; /* the month's end in UTC: who came later has nothing in it */
	struct instant requested_at;
	struct maybe_instant look_at;
	struct id reached;
	struct maybe_instant finished_at;
};
static const struct field run_order_fields[] = {
	FIELD(run_order, period, ANY, "The month."),
	FIELD(run_order, to_at, ANY, "Its end."),
	FIELD(run_order, requested_at, ANY, "When it was asked for."),
	FIELD(run_order, look_at, ANY, "When there may be something to do."),
	FIELD(run_order, reached, ANY, "The last organization that was looked at."),
	FIELD(run_order, finished_at, ANY, "When all was done."),
};
SHAPE(run_order)

static const struct field found_order_fields[] = {
	FIELD(run_order, period, ANY, "The month."),
	FIELD(run_order, requested_at, ANY, "When it was asked for."),
	FIELD(run_order, look_at, ANY, "When there may be something to do."),
	FIELD(run_order, reached, ANY, "The last organization that was looked at."),
};
VIEW(found_order, run_order)

static const char why_platform[] = "the month is asked for by the operator, for everybody";

/* A repeat tries again what has failed, once all have had their turn. Assignments go from left to right. */
static const struct statement ask_for = {
	.sql =
	    "INSERT INTO run_order (period, requested_at, look_at, reached) VALUES (:period, :now, :now, :reached)"
	    " ON DUPLICATE KEY UPDATE requested_at = IF(finished_at IS NULL, requested_at, :now),"
	    " look_at = IF(finished_at IS NULL, look_at, :now), reached = IF(finished_at IS NULL, reached, :reached),"
	    " finished_at = NULL",
	.takes = &run_order_shape,
	.crosses_organizations = why_platform,
};

static const struct statement find_order = {
	.sql = "SELECT period, requested_at, look_at, reached FROM run_order WHERE look_at <= :now ORDER BY period "
	       "LIMIT 1",
	.gives = &found_order_shape,
	.crosses_organizations = why_platform,
};

static const struct statement save_order = {
	.sql = "UPDATE run_order SET look_at = :look_at, reached = :reached, finished_at = :finished_at"
	       " WHERE period = :period",
	.takes = &run_order_shape,
	.crosses_organizations = why_platform,
};

struct waiting_run {
	struct id organization_id;
	struct text period;
};
static const struct field waiting_run_fields[] = {
	FIELD(waiting_run, organization_id, ANY, "Whose."),
	FIELD(waiting_run, period, ANY, "The month."),
};
SHAPE(waiting_run)

struct next_organization {
	struct id organization_id;
	struct text timezone;
	bool is_begun;
};
static const struct field next_organization_fields[] = {
	FIELD(next_organization, organization_id, ANY, "Whose turn it is."),
	FIELD(next_organization, timezone, ANY, "Where its days begin."),
	FIELD(next_organization, is_begun, ANY, "Whether there is a run already."),
};
SHAPE(next_organization)

static const struct statement list_next = {
	.sql = "SELECT o.id AS organization_id, o.timezone, r.status IS NOT NULL AS is_begun FROM organization o LEFT "
	       "JOIN monthly_run r ON r.organization_id = o.id"
	       " AND r.period = :period WHERE o.id > :reached AND o.created_at < :to_at AND (r.status IS NULL"
	       " OR (r.status = 'failed' AND r.finished_at < :requested_at)) ORDER BY o.id LIMIT 200",
	.takes = &run_order_shape,
	.gives = &next_organization_shape,
	.crosses_organizations = why_platform,
};

struct cut_query {
	struct instant latest;
};
static const struct field cut_query_fields[] = {
	FIELD(cut_query, latest, ANY, "No lease lapses later."),
};
SHAPE(cut_query)

static const struct statement list_cut = {
	.sql = "SELECT organization_id, period FROM monthly_run WHERE taken_until <= :now OR taken_until > :latest"
	       " ORDER BY taken_until LIMIT 200",
	.takes = &cut_query_shape,
	.gives = &waiting_run_shape,
	.crosses_organizations = "the job looks for runs that were cut",
};

struct progress {
	int64_t total, done, failed, running;
};
static const struct field progress_fields[] = {
	FIELD(progress, total, ANY, "Organizations."),
	FIELD(progress, done, ANY, "Of them, whose month is run."),
	FIELD(progress, failed, ANY, "Of them, whose run has failed."),
	FIELD(progress, running, ANY, "Of them, whose month is being run."),
};
SHAPE(progress)

/* Who came later may have run the month by itself, and is not counted. */
static const struct statement count_progress = {
	.sql = "SELECT COALESCE((SELECT COUNT(*) FROM organization o WHERE o.created_at < :to_at), 0) AS total,"
	       " CAST(COALESCE(SUM(r.status IN ('completed', 'nothing_to_do')), 0) AS SIGNED) AS done,"
	       " CAST(COALESCE(SUM(r.status = 'failed'), 0) AS SIGNED) AS failed, CAST(COALESCE(SUM(r.status = "
	       "'running'), 0) AS SIGNED) AS running"
	       " FROM monthly_run r JOIN organization o ON o.id = r.organization_id AND o.created_at < :to_at"
	       " WHERE r.period = :period",
	.takes = &run_order_shape,
	.gives = &progress_shape,
	.crosses_organizations = why_platform,
};

/* ---- billing.run_monthly_cron --------------------------------------------------------------------------------------
 */

struct ask_run {
	struct maybe_text period;
};
static const struct field ask_run_fields[] = {
	FIELD(ask_run, period, MATCHING(period_format, 7, 7), "The month, YYYY-MM; the last that is over in UTC."),
};
SHAPE(ask_run)

struct run_progress {
	struct text period;
	int64_t total, done, failed;
};
static const struct field run_progress_fields[] = {
	FIELD(run_progress, period, ANY, "The month."),
	FIELD(run_progress, total, ANY, "Organizations that were there by its end."),
	FIELD(run_progress, done, ANY, "Of them, whose month is run."),
	FIELD(run_progress, failed, ANY, "Of them, whose run has failed, or is parked."),
};
SHAPE(run_progress)

HANDLER(run_monthly_cron, ask_run, run_progress)

static const struct operation run_monthly_cron_operation = {
	.id = "billing.run_monthly_cron",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Have a month run for all organizations.",
	.description =
	    "Answers at once; a job does the work, each organization's when the month is over in its time zone. "
	    "Asking again tells how far it is, and when it is done has what failed tried again.",
	.raises = { CONFLICT },
	.run = &run_monthly_cron_run,
};

static const struct problem *
find_month(struct call *call, struct maybe_text period, struct month *out)
{
	struct date today;
	int64_t last;

	if (period.at != NULL)
		return month_parse_in(call, TEXT("UTC"), (struct text){ period.at, period.length }, out);
	if (!zone_date(TEXT("UTC"), call->now, &today))
		return fail_internal(call, "there is no UTC");
	last = today.year * 12 + today.month - 2;
	return month_make(TEXT("UTC"), last / 12, last % 12 + 1, out) ? NULL
								      : fail_internal(call, "no month can be computed");
}

static const struct problem *
run_monthly_cron(struct call *call, const struct ask_run *in, struct run_progress *out)
{
	struct run_order order = { .requested_at = call->now };
	struct month month = { 0 }, first;
	struct progress progress;
	const struct problem *p = find_month(call, in->period, &month);

	if (p != NULL)
		return p;
	if (!month_make(first_zone, month.year, month.month, &first) || instant_before(call->now, first.to))
		return fail(call, CONFLICT, "The month %s is not over yet anywhere.", month.name);
	order.period = arena_format(call->arena, "%s", month.name);
	order.to_at = month.to;
	p = sql_run(call, &ask_for, &order, NULL);
	if (p == NULL)
		p = sql_one(call, &count_progress, &order, &progress);
	if (p == NULL)
		*out = (struct run_progress){ order.period, progress.total, progress.done, progress.failed };
	return p;
}

/* ---- one organization ---------------------------------------------------------------------------------------------
 */

struct work {
	struct text period;
	struct run run;
	enum run_taken taken;
};

/* In the organization's own zone; one that was begun goes on, wherever it is by now. */
static const struct problem *
begin(struct call *call, void *context)
{
	struct work *work = context;
	struct month month;
	bool is_begun = false;
	const struct problem *p = run_lock_organization(call);

	work->taken = RUN_IS_OVER;
	if (p == NULL)
		p = month_parse(call, work->period, &month);
	if (p == NULL)
		p = run_read(call, work->period, &work->run, &is_begun);
	if (p != NULL)
		return p;
	if (!is_begun && !month_is_closed(call, &month))
		return NULL;
	return run_begin(call, &month, false, &work->run, &work->taken);
}

/* Whoever waited for the run may be gone, but not the claim of the call. */
static const struct problem *
answer(struct call *call, void *context)
{
	struct work *work = context;
	struct run_shown shown;
	struct run run = { .step = 0 };
	bool found = false;
	const struct problem *p = run_lock_organization(call);

	if (p == NULL)
		p = run_read(call, work->period, &run, &found);
	if (p != NULL || !found || text_is(run.status, "running"))
		return p;
	p = run_show(call, &run, &shown);
	return p != NULL ? p : run_answer(call, &run, &shown);
}

static const struct problem *
give_up(struct call *call, void *context)
{
	struct work *work = context;
	const struct problem *p = run_lock_organization(call);

	return p != NULL ? p : run_give_up(call, &work->run);
}

/* Neither says anything of the run: it goes on when its lease has lapsed. */
static bool
is_put_off(const struct problem *p)
{
	return p != NULL && (p->kind == UNAVAILABLE || p->kind == BUSY || p == &run_lease_lost || p == &job_lease_lost);
}

static bool
is_over(const struct problem *p)
{
	return p != NULL && (p->kind == UNAVAILABLE || p == &job_lease_lost);
}

/* One that another runner has is that runner's; one that fails keeps nobody waiting. */
static const struct problem *
run_one(struct call *call, struct id organization_id, struct text period)
{
	struct work work = { .period = period };
	const struct problem *p;

	job_tick(call);
	call_acts_for(call, organization_id);
	p = step_apart(call, begin, &work);
	if (p == NULL && work.taken == RUN_IS_TAKEN)
		p = run_drive(call, &work.run);
	if (p != NULL && work.taken == RUN_IS_TAKEN && !is_put_off(p)) {
		log_error("the run of %s failed: %s", period.at, call->internal != NULL ? call->internal : p->detail);
		p = step_apart(call, give_up, &work);
	}
	if (p == NULL && work.taken != RUN_IS_ANOTHERS && work.run.claim.space.given)
		p = step_apart(call, answer, &work);
	return p;
}

/* ---- billing.run ---------------------------------------------------------------------------------------------------
 */

struct turn {
	int64_t began;
	struct list cut;
	struct run_order order;
	bool has_order;
	struct month month; /* of the order, in UTC */
	struct list next;
	bool is_idle;               /* the pass was begun in this turn, and has found nothing to do */
	struct maybe_instant waits; /* until then, at the earliest */
	struct progress progress;
};

static bool
is_time(const struct turn *turn)
{
	return !job_is_stopping() && clock_monotonic_microseconds() - turn->began < TURN_MICROSECONDS;
}

static const struct problem *
find_cut(struct call *call, void *context)
{
	struct turn *turn = context;
	struct cut_query query = { run_latest_lease(call) };

	return sql_all(call, &list_cut, &query, &turn->cut);
}

static const struct problem *
go_on_with_cut(struct call *call, struct turn *turn)
{
	const struct problem *first = NULL, *p = step_apart(call, find_cut, turn);
	const struct waiting_run *runs = turn->cut.items;

	for (size_t i = 0; p == NULL && i < turn->cut.count && is_time(turn); i++) {
		const struct problem *of_run = run_one(call, runs[i].organization_id, runs[i].period);

		if (first == NULL)
			first = of_run;
		if (is_over(of_run))
			break;
	}
	return p != NULL ? p : first;
}

/* What is known of the pass before counts only as long as it is the same. */
static void
note_month(struct turn *turn, const struct month *month)
{
	bool is_first = id_is_zero(turn->order.reached);
	bool is_same = turn->month.year == month->year && turn->month.month == month->month;

	turn->is_idle = is_first || (is_same && turn->is_idle);
	if (is_first)
		turn->waits.given = false;
	turn->month = *month;
	turn->order.to_at = month->to;
}

static const struct problem *
find_next(struct call *call, void *context)
{
	struct turn *turn = context;
	struct month month;
	const struct problem *p = sql_maybe(call, &find_order, NULL, &turn->order, &turn->has_order);

	if (p == NULL && turn->has_order)
		p = month_parse_in(call, TEXT("UTC"), turn->order.period, &month);
	if (p != NULL || !turn->has_order)
		return p;
	note_month(turn, &month);
	return sql_all(call, &list_next, &turn->order, &turn->next);
}

static const struct problem *
store_order(struct call *call, void *context)
{
	struct turn *turn = context;

	return sql_run(call, &save_order, &turn->order, NULL);
}

static struct instant
look_again(const struct call *call, const struct turn *turn)
{
	struct instant soon = instant_plus_seconds(call->now, AGAIN_SECONDS);
	struct instant late = instant_plus_seconds(call->now, LATEST_SECONDS);

	if (!turn->is_idle || !turn->waits.given || instant_before(turn->waits.value, soon))
		return soon;
	return instant_before(turn->waits.value, late) ? turn->waits.value : late;
}

/* All have had their turn: done, but for those whose month is not over, and those who are under way. */
static const struct problem *
end_pass(struct call *call, void *context)
{
	struct turn *turn = context;
	struct run_order *order = &turn->order;
	const struct problem *p = sql_one(call, &count_progress, order, &turn->progress);
	bool is_done = turn->progress.done + turn->progress.failed >= turn->progress.total;

	if (p != NULL)
		return p;
	order->reached = (struct id){ { 0 } };
	order->look_at = (struct maybe_instant){ look_again(call, turn), !is_done };
	order->finished_at = (struct maybe_instant){ call->now, is_done };
	return sql_run(call, &save_order, order, NULL);
}

/* Whose month is not over costs no transaction. A zone that is gone from tzdata is left to the run. */
static bool
is_early(const struct call *call, struct turn *turn, const struct next_organization *next)
{
	struct month month;

	if (next->is_begun || !month_make(next->timezone, turn->month.year, turn->month.month, &month) ||
	    month_is_closed(call, &month))
		return false;
	if (!turn->waits.given || instant_before(month.to, turn->waits.value))
		turn->waits = instant_given(month.to);
	return true;
}

static const struct problem *
run_batch(struct call *call, struct turn *turn)
{
	const struct next_organization *next = turn->next.items;
	const struct problem *first = NULL, *p;

	for (size_t i = 0; i < turn->next.count && is_time(turn); i++) {
		struct arena_mark mark = arena_mark(call->arena), reply = arena_mark(call->reply_arena);

		if (is_early(call, turn, &next[i])) {
			turn->order.reached = next[i].organization_id;
			continue;
		}
		turn->is_idle = false;
		p = run_one(call, next[i].organization_id, turn->order.period);
		if (is_over(p))
			return p;
		if (p == NULL) {
			arena_release(call->arena, mark);
			arena_release(call->reply_arena, reply);
		} else if (first == NULL) {
			first = p;
		}
		turn->order.reached = next[i].organization_id;
	}
	p = step_apart(call, store_order, turn);
	return p != NULL ? p : first;
}

static const struct problem *
run_orders(struct call *call, struct turn *turn)
{
	const struct problem *first = NULL, *p = NULL;

	while (p == NULL && is_time(turn)) {
		struct arena_mark mark = arena_mark(call->arena);

		job_tick(call);
		p = step_apart(call, find_next, turn);
		if (p != NULL || !turn->has_order)
			break;
		p = turn->next.count > 0 ? run_batch(call, turn) : step_apart(call, end_pass, turn);
		if (p == NULL)
			arena_release(call->arena, mark);
		else if (first == NULL)
			first = p;
		if (!is_over(p) && turn->next.count > 0)
			p = NULL;
	}
	return first != NULL ? first : p;
}

static const struct problem *
run_months(struct call *call)
{
	struct turn turn = { .began = clock_monotonic_microseconds() };
	const struct problem *first = go_on_with_cut(call, &turn);
	const struct problem *p = is_over(first) ? NULL : run_orders(call, &turn);

	return first != NULL ? first : p;
}

static const struct job run_job = {
	.id = "billing.run",
	.lane = LANE_BOOKS,
	.summary = "Run the month that was asked for, organization by organization, and go on with runs that were cut.",
	.every_seconds = 2,
	.run = run_months,
};

const struct resource run_job_resource = {
	.name = "run_job",
	.summary = "Monthly runs for all organizations.",
	.operations = LIST_OF(operation, &run_monthly_cron_operation),
	.statements = LIST_OF(statement, &ask_for, &find_order, &save_order, &list_next, &list_cut, &count_progress),
	.jobs = LIST_OF(job, &run_job),
};
