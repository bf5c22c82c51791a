/*
 * Collecting costs: of the running month each time, once it has any; of the two before it where late usage has changed
 * them, or their last hours are not in a snapshot yet; of any other where a run, a void or a credit note has.
 */
#include "clock.h"
#include "cost_snapshot.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

/* Usage comes up to 45 days late. */
enum { RUN_SECONDS = 30, BATCH = 32, MONTHS_BEFORE = 2 };

struct changed_month {
	struct text period;
};
static const struct field changed_month_fields[] = {
	FIELD(changed_month, period, ANY, "The month."),
};
SHAPE(changed_month)

static const struct statement list_changed = {
	.sql = "SELECT period FROM cost_change WHERE organization_id = :organization ORDER BY period LIMIT 12",
	.gives = &changed_month_shape,
};

static const struct statement forget_change = {
	.sql = "DELETE FROM cost_change WHERE organization_id = :organization AND period = :period",
	.takes = &changed_month_shape,
};

/* Whoever changes it behind this is seen the next time. */
static const struct problem *
write_changed(struct call *call, const struct changed_month *changed)
{
	struct month month;
	struct costs costs = { 0 };
	const struct problem *p = sql_run(call, &forget_change, changed, NULL);

	if (p == NULL)
		p = month_parse(call, changed->period, &month);
	if (p == NULL)
		p = costs_compute(call, &month, &costs);
	return p != NULL ? p : cost_snapshot_write(call, &month, &costs, true);
}

static const struct problem *
write_all_changed(struct call *call)
{
	const struct changed_month *changed;
	struct list found;
	const struct problem *p = sql_all(call, &list_changed, NULL, &found);

	if (p != NULL)
		return p;
	changed = found.items;
	for (size_t i = 0; p == NULL && i < found.count; i++)
		p = write_changed(call, &changed[i]);
	return p;
}

static const struct problem *
write_month(struct call *call, const struct month *running, int64_t before)
{
	struct month month = *running;
	struct costs costs = { 0 };
	const struct problem *p = NULL;

	if (before > 0)
		p = month_plus(call, running, -before, &month);
	if (p == NULL)
		p = costs_compute(call, &month, &costs);
	return p != NULL ? p : cost_snapshot_write(call, &month, &costs, before > 0);
}

/* The oldest first, so that the newest row is of the running month. */
static const struct problem *
collect(struct call *call, void *context)
{
	struct month running;
	bool is_ours;
	const struct problem *p = snapshot_end(call, context, &is_ours);

	if (p != NULL || !is_ours)
		return p;
	p = write_all_changed(call);
	if (p == NULL)
		p = month_of(call, call->now, &running);
	for (int64_t before = MONTHS_BEFORE; p == NULL && before >= 0; before--)
		p = write_month(call, &running, before);
	return p;
}

static const struct problem *
collect_turn(struct call *call, struct snapshot_turn *turn)
{
	const struct problem *p;

	call_acts_for(call, turn->organization_id);
	call->internal = NULL;
	p = job_step(call, collect, turn);
	if (p == NULL || snapshot_ends_run(p))
		return p;
	return snapshot_fail(call, turn, call->internal != NULL ? call->internal : p->detail);
}

static const struct problem *
collect_costs(struct call *call)
{
	int64_t until = clock_monotonic_microseconds() + RUN_SECONDS * INT64_C(1000000);
	struct snapshot_turn turns[BATCH];
	struct snapshot_wish wish = { .kind = SNAPSHOT_COSTS, .most = BATCH, .failed_most = BATCH, .turns = turns };
	const struct problem *p;

	do {
		job_tick(call);
		p = snapshot_take(call, &wish);
		for (size_t i = 0; p == NULL && i < wish.count; i++) {
			struct arena_mark mark = arena_mark(call->arena);

			p = collect_turn(call, &turns[i]);
			if (p == NULL)
				arena_release(call->arena, mark);
		}
	} while (p == NULL && wish.count > 0 && !job_is_stopping() && clock_monotonic_microseconds() < until);
	return p;
}

static const struct job collect_job = {
	.id = "snapshots.collect_costs",
	.lane = LANE_SNAPSHOTS,
	.summary = "Collect what organizations' months have cost, each every three hours.",
	.every_seconds = 30,
	.run = collect_costs,
};

const struct resource cost_snapshot_collect_resource = {
	.name = "cost_snapshot_collect",
	.summary = "Collecting costs.",
	.statements = LIST_OF(statement, &list_changed, &forget_change),
	.jobs = LIST_OF(job, &collect_job),
};
