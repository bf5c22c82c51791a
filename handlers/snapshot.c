/*
 * The turns of the collectors of snapshots: taking, ending, failing.
 */
#include "snapshot.h"

#include <assert.h>
#include <string.h>

#include "clock.h"
#include "id.h"
#include "log.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

/* Longer than a provider may take to answer. What is due later than any turn can be was set by a clock that went back
 * since. */
enum { TAKEN_SECONDS = 60, TURNS_MOST = 64, ERROR_LENGTH = 500, CLOCK_TOLERANCE_SECONDS = 3600 };

static const int64_t tried_again_seconds[] = { 300, 900, 3600, SNAPSHOT_EVERY_SECONDS };

static const char *const kinds[] = { [SNAPSHOT_BALANCE] = "balance", [SNAPSHOT_COSTS] = "costs" };

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

struct wanted_turns {
	struct text kind;
	int64_t most;
	struct instant latest;
	bool failed;
};
static const struct field wanted_turns_fields[] = {
	FIELD(wanted_turns, kind, ANY, "Balance or costs."),
	FIELD(wanted_turns, most, ANY, "How many."),
	FIELD(wanted_turns, latest, ANY, "The last moment that one can be due at."),
	FIELD(wanted_turns, failed, ANY, "Those that failed the last time, or the others."),
};
SHAPE(wanted_turns)

struct due_turn {
	struct id organization_id;
	struct instant due_at;
	int64_t failures;
};
static const struct field due_turn_fields[] = {
	FIELD(due_turn, organization_id, ANY, "Whose it is."),
	FIELD(due_turn, due_at, ANY, "Since when it is due."),
	FIELD(due_turn, failures, ANY, "How often in a row it failed."),
};
SHAPE(due_turn)

struct turn_change {
	struct text kind;
	struct instant due_at;
	struct instant taken_until;
	struct text last_error;
};
static const struct field turn_change_fields[] = {
	FIELD(turn_change, kind, ANY, "Balance or costs."),
	FIELD(turn_change, due_at, ANY, "When it is due next."),
	FIELD(turn_change, taken_until, ANY, "What it was taken with."),
	FIELD(turn_change, last_error, ANY, "What went wrong."),
};
SHAPE(turn_change)

static const struct statement find_due = {
	.sql = "SELECT organization_id, due_at, failures FROM snapshot_turn WHERE kind = :kind"
	       " AND (due_at <= :now OR due_at > :latest) AND (failures > 0) = :failed ORDER BY due_at LIMIT :most"
	       " FOR UPDATE SKIP LOCKED",
	.takes = &wanted_turns_shape,
	.gives = &due_turn_shape,
	.crosses_organizations = "the job looks for whoever is due",
};

static const struct statement take_turn = {
	.sql = "UPDATE snapshot_turn SET due_at = :taken_until WHERE organization_id = :organization AND kind = :kind",
	.takes = &turn_change_shape,
};

#define WHILE_OURS " WHERE organization_id = :organization AND kind = :kind AND due_at = :taken_until"

static const struct statement end_turn = {
	.sql = "UPDATE snapshot_turn SET due_at = :due_at, failures = 0, last_error = NULL,"
	       " collected_at = :now" WHILE_OURS,
	.takes = &turn_change_shape,
};

static const struct statement fail_turn = {
	.sql =
	    "UPDATE snapshot_turn SET due_at = :due_at, failures = failures + 1, last_error = :last_error" WHILE_OURS,
	.takes = &turn_change_shape,
};

static const struct statement count_failing = {
	.sql = "SELECT COUNT(*) AS value FROM snapshot_turn WHERE kind = 'balance' AND failures > 0",
	.gives = &gauge_value_shape,
	.crosses_organizations = "the operator's figure",
	.outside_transaction = true,
};

static const struct statement count_failing_costs = {
	.sql = "SELECT COUNT(*) AS value FROM snapshot_turn WHERE kind = 'costs' AND failures > 0",
	.gives = &gauge_value_shape,
	.crosses_organizations = "the operator's figure",
	.outside_transaction = true,
};

/* ---- taking ---------------------------------------------------------------------------------------------------- */

static struct turn_change
change_of(const struct snapshot_turn *turn)
{
	return (struct turn_change){
		.kind = text_from(kinds[turn->kind]), .taken_until = turn->taken_until, .last_error = TEXT_OF("")
	};
}

static const struct problem *
take_one(struct call *call, struct snapshot_wish *wish, const struct due_turn *row)
{
	struct snapshot_turn *turn = &wish->turns[wish->count++];
	struct turn_change change;

	*turn = (struct snapshot_turn){ wish->kind, row->organization_id, row->due_at, row->failures,
		instant_plus_seconds(call->now, TAKEN_SECONDS) };
	change = change_of(turn);
	call_acts_for(call, turn->organization_id);
	return sql_run(call, &take_turn, &change, NULL);
}

static const struct problem *
take_some(struct call *call, struct snapshot_wish *wish, bool failed, size_t most)
{
	struct wanted_turns wanted = { text_from(kinds[wish->kind]), (int64_t)most,
		instant_plus_seconds(call->now, SNAPSHOT_EVERY_SECONDS + CLOCK_TOLERANCE_SECONDS), failed };
	struct list rows;
	const struct problem *p = NULL;

	if (most == 0)
		return NULL;
	p = sql_all(call, &find_due, &wanted, &rows);
	for (size_t i = 0; p == NULL && i < rows.count; i++)
		p = take_one(call, wish, (const struct due_turn *)rows.items + i);
	return p;
}

/* Those that are well first, whatever is due longer. */
static const struct problem *
take(struct call *call, void *context)
{
	struct snapshot_wish *wish = context;
	size_t left;
	const struct problem *p;

	wish->count = 0;
	p = take_some(call, wish, false, wish->most);
	left = wish->most - wish->count;
	return p != NULL ? p : take_some(call, wish, true, left < wish->failed_most ? left : wish->failed_most);
}

const struct problem *
snapshot_take(struct call *call, struct snapshot_wish *wish)
{
	assert(wish->most <= TURNS_MOST);
	return job_step(call, take, wish);
}

/* ---- ending ---------------------------------------------------------------------------------------------------- */

/* The first moment after now that lies whole periods behind the one that it was due at. */
static struct instant
due_next(const struct call *call, const struct snapshot_turn *turn)
{
	int64_t every = INT64_C(1000000) * SNAPSHOT_EVERY_SECONDS;
	int64_t late = call->now.microseconds - turn->due_at.microseconds;

	if (late < 0)
		return instant_plus_seconds(call->now, SNAPSHOT_EVERY_SECONDS);
	return (struct instant){ turn->due_at.microseconds + (late / every + 1) * every };
}

const struct problem *
snapshot_end(struct call *call, const struct snapshot_turn *turn, bool *is_ours)
{
	struct turn_change change = change_of(turn);
	int64_t affected = 0;
	const struct problem *p;

	change.due_at = due_next(call, turn);
	p = sql_run(call, &end_turn, &change, &affected);
	*is_ours = p == NULL && affected == 1;
	return p;
}

static const struct problem *
fail_step(struct call *call, void *context)
{
	return sql_run(call, &fail_turn, context, NULL);
}

const struct problem *
snapshot_fail(struct call *call, const struct snapshot_turn *turn, const char *why)
{
	struct turn_change change = change_of(turn);
	size_t step = turn->failures < (int64_t)COUNT(tried_again_seconds) ? (size_t)turn->failures
									   : COUNT(tried_again_seconds) - 1;
	char organization[ID_CHARACTERS + 1];

	id_format(turn->organization_id, organization);
	log_error("the %s of organization %s can't be collected: %s", kinds[turn->kind], organization, why);
	call_acts_for(call, turn->organization_id);
	change.due_at = instant_plus_seconds(call->now, tried_again_seconds[step]);
	change.last_error = text_cut(text_from(why), ERROR_LENGTH);
	return job_step(call, fail_step, &change);
}

bool
snapshot_ends_run(const struct problem *p)
{
	return p != NULL && (p->kind == CONFLICT || p->kind == UNAVAILABLE);
}

static const struct gauge failing_balances = {
	.name = "purser_balance_snapshots_failing",
	.help = "Organizations whose balance could not be collected the last time: the provider fails.",
	.statement = &count_failing,
};

static const struct gauge failing_costs = {
	.name = "purser_cost_snapshots_failing",
	.help = "Organizations whose costs could not be collected the last time.",
	.statement = &count_failing_costs,
};

const struct resource snapshot_resource = {
	.name = "snapshot",
	.summary = "The turns of those who are collected.",
	.statements =
	    LIST_OF(statement, &find_due, &take_turn, &end_turn, &fail_turn, &count_failing, &count_failing_costs),
	.gauges = LIST_OF(gauge, &failing_balances, &failing_costs),
};
