/*
 * Pushing to integrations. What is due is leased by moving `due_at` ahead, in a transaction of its own; what is to be
 * sent is read; it is sent with no transaction open, many at once (outgoing.h); and the outcome is booked where the
 * lease and the settings still are what they were. A killed job leaves rows that come due again when their lease is
 * over.
 *
 * One organization's trouble is kept in its row, and is nobody else's: two transfers at once a host, and what a busy
 * one has to get is left in the database; endpoints whose last push failed have half of the places at most, together
 * with those that never took one, or took it slowly, three quarters. What takes long counts as failed while it does.
 */
#include "integration_push.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "id.h"
#include "log.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

/* A run takes what comes due for some seconds, a transfer may last ten, and then the next run begins. */
enum { RUN_SECONDS = 20, LEASE_SECONDS = 60, CLOSED_AGAIN_SECONDS = 3600, RETRY_AFTER_MOST = 3600, ERROR_LENGTH = 500 };

enum { FAILED_MOST = OUTGOING_AT_ONCE / 2, UNTRIED_MOST = OUTGOING_AT_ONCE * 3 / 4, HOST_LENGTH = 264 };

/* What Loki refuses so often goes; its owner is told of that so long. */
enum { REFUSALS_MOST = 5, DROPPED_SECONDS = 86400 };

/* By the last push: it failed; there was none since it was set, or it took long; it was taken soon. */
enum { ENDPOINT_FAILED, ENDPOINT_UNTRIED, ENDPOINT_WELL };
enum { SLOW_MILLISECONDS = 2000 };

/* ---- whose it is ----------------------------------------------------------------------------------------------- */

static const struct field push_organization_fields[] = {
	FIELD(push_organization, slug, ANY, "The label `organization`."),
	FIELD(push_organization, status, ANY, "Whether it is closed."),
};
SHAPE(push_organization)

static const struct statement read_organization = {
	.sql = "SELECT slug, status FROM organization WHERE id = :organization",
	.gives = &push_organization_shape,
};

const struct problem *
push_organization_read(struct call *call, struct push_organization *organization)
{
	return sql_one(call, &read_organization, NULL, organization);
}

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

struct turns {
	int64_t least_trust;
	int64_t places;
	struct text busy;
};
static const struct field turns_fields[] = {
	FIELD(turns, least_trust, ANY, "Endpoints below it have all the places that they may have."),
	FIELD(turns, places, ANY, "How many more can be sent."),
	FIELD(turns, busy, ANY, "Hosts that have all they may have, with commas between."),
};
SHAPE(turns)

struct due_row {
	struct id organization_id;
	struct instant due_at;
	struct instant updated_at;
	bool is_loki;
	struct text host;
	int64_t failures;
	int64_t refusals;
	int64_t trust;
};
static const struct field due_row_fields[] = {
	FIELD(due_row, organization_id, ANY, "Whose it is."),
	FIELD(due_row, due_at, ANY, "Since when it is due."),
	FIELD(due_row, updated_at, ANY, "When it was set."),
	FIELD(due_row, is_loki, ANY, "Which of the two."),
	FIELD(due_row, host, ANY, "Where it goes."),
	FIELD(due_row, failures, ANY, "How often in a row it failed."),
	FIELD(due_row, refusals, ANY, "How often what is due was refused for good."),
	FIELD(due_row, trust, ANY, "How the last push went."),
};
SHAPE(due_row)

struct lease {
	struct text kind;
	struct instant leased_until;
};
static const struct field lease_fields[] = {
	FIELD(lease, kind, ANY, "Which of the two."),
	FIELD(lease, leased_until, ANY, "When another may try."),
};
SHAPE(lease)

struct outcome {
	struct text kind;
	struct instant leased_until;
	struct instant updated_at;
	struct instant due_at;
	struct maybe_int cursor_sequence;
	int64_t failures;
	int64_t refusals;
	struct maybe_text last_error;
	struct maybe_instant dropped_at;
	struct maybe_instant last_pushed_at;
	struct maybe_bool is_slow;
	struct instant told_since;
};
static const struct field outcome_fields[] = {
	FIELD(outcome, kind, ANY, "Which of the two."),
	FIELD(outcome, leased_until, ANY, "The lease that it was done under."),
	FIELD(outcome, updated_at, ANY, "The settings that it was done with."),
	FIELD(outcome, due_at, ANY, "When it is due next."),
	FIELD(outcome, cursor_sequence, ANY, "How far the audit was told."),
	FIELD(outcome, failures, ANY, "How often in a row it failed."),
	FIELD(outcome, refusals, ANY, "How often what is due was refused for good."),
	FIELD(outcome, last_error, ANY, "What went wrong."),
	FIELD(outcome, dropped_at, ANY, "When lines were given up, if so."),
	FIELD(outcome, last_pushed_at, ANY, "When it was taken, if so."),
	FIELD(outcome, is_slow, ANY, "Whether it took long, if it was sent."),
	FIELD(outcome, told_since, ANY, "Of lines given up before, no more is told."),
};
SHAPE(outcome)

#define TRUST "IF(failures > 0, 0, 1 + COALESCE(last_pushed_at > updated_at AND NOT is_slow, 0))"

static const struct statement find_due = {
	.sql = "SELECT organization_id, due_at, updated_at, kind = 'loki' AS is_loki, host, failures, refusals, " TRUST
	       " AS trust FROM integration WHERE due_at <= :now AND " TRUST " >= :least_trust"
	       " AND NOT FIND_IN_SET(host, :busy) ORDER BY due_at LIMIT :places FOR UPDATE SKIP LOCKED",
	.takes = &turns_shape,
	.gives = &due_row_shape,
	.crosses_organizations = "the job looks for whoever is due",
};

static const struct statement lease_due = {
	.sql = "UPDATE integration SET due_at = :leased_until WHERE organization_id = :organization AND kind = :kind",
	.takes = &lease_shape,
};

#define WHILE_HELD                                                                           \
	" WHERE organization_id = :organization AND kind = :kind AND due_at = :leased_until" \
	" AND updated_at = :updated_at"

static const struct statement book_failed = {
	.sql = "UPDATE integration SET due_at = :due_at, cursor_sequence = COALESCE(:cursor_sequence, cursor_sequence),"
	       " failures = :failures, refusals = :refusals, last_error = :last_error,"
	       " is_slow = COALESCE(:is_slow, is_slow), dropped_at = :dropped_at" WHILE_HELD,
	.takes = &outcome_shape,
};

static const struct statement book_well = {
	.sql = "UPDATE integration SET due_at = :due_at, cursor_sequence = COALESCE(:cursor_sequence, cursor_sequence),"
	       " failures = 0, refusals = 0, last_error = IF(dropped_at > :told_since, last_error, NULL),"
	       " last_pushed_at = COALESCE(:last_pushed_at, last_pushed_at),"
	       " is_slow = COALESCE(:is_slow, is_slow)" WHILE_HELD,
	.takes = &outcome_shape,
};

/* ---- who may have a turn ---------------------------------------------------------------------------------------- */

/* What is taken, as it was then: plain values only, since it outlives the memory of its turn. */
struct due {
	struct id organization_id;
	struct instant due_at;
	struct instant updated_at;
	bool is_loki;
	struct instant leased_until;
	int64_t failures;
	int64_t refusals;
	int64_t trust;
	int64_t began; /* by the monotonic clock, in microseconds */
	struct maybe_bool is_slow;
	struct maybe_int cursor_sequence;
	int64_t lines;
	bool is_full;
	char host[HOST_LENGTH + 1];
};

/* What is under way in this process. */
struct pushes {
	struct due items[OUTGOING_AT_ONCE];
	size_t count;
};

static int64_t
trust_of(const struct due *due)
{
	int64_t late = due->began + SLOW_MILLISECONDS * INT64_C(1000);

	return clock_monotonic_microseconds() > late ? (int64_t)ENDPOINT_FAILED : due->trust;
}

static size_t
count_trusted(const struct pushes *pushes, int64_t most)
{
	size_t count = 0;

	for (size_t i = 0; i < pushes->count; i++)
		count += trust_of(&pushes->items[i]) <= most;
	return count;
}

static int64_t
least_trust(const struct pushes *pushes)
{
	if (count_trusted(pushes, ENDPOINT_UNTRIED) >= UNTRIED_MOST)
		return ENDPOINT_WELL;
	return count_trusted(pushes, ENDPOINT_FAILED) >= FAILED_MOST ? ENDPOINT_UNTRIED : ENDPOINT_FAILED;
}

static bool
is_busy(const struct pushes *pushes, const char *host)
{
	size_t count = 0;

	for (size_t i = 0; i < pushes->count; i++)
		count += strcmp(pushes->items[i].host, host) == 0;
	return count >= OUTGOING_A_HOST;
}

static struct text
list_busy(struct call *call, const struct pushes *pushes)
{
	struct buffer out = buffer_new(call->arena, 1024);

	for (size_t i = 0; i < pushes->count; i++) {
		if (!is_busy(pushes, pushes->items[i].host))
			continue;
		if (out.length > 0)
			buffer_add_char(&out, ',');
		buffer_add_string(&out, pushes->items[i].host);
	}
	return buffer_text(&out);
}

static bool
is_same(const struct due *a, const struct due *b)
{
	return id_equal(a->organization_id, b->organization_id) && a->is_loki == b->is_loki &&
	       a->updated_at.microseconds == b->updated_at.microseconds;
}

/* By the same settings: what was set anew goes beside the old. */
static bool
is_under_way(const struct pushes *pushes, const struct due *due)
{
	for (size_t i = 0; i < pushes->count; i++)
		if (is_same(&pushes->items[i], due))
			return true;
	return false;
}

static bool
may_go(const struct pushes *pushes, const struct due *due)
{
	return pushes->count < OUTGOING_AT_ONCE && due->trust >= least_trust(pushes) && !is_busy(pushes, due->host) &&
	       !is_under_way(pushes, due);
}

/* ---- one turn ---------------------------------------------------------------------------------------------------- */

static const struct push_kind *
kind_of(const struct due *due)
{
	return due->is_loki ? &push_loki : &push_prom;
}

static struct due
due_of(const struct call *call, const struct due_row *row)
{
	struct due due = { .organization_id = row->organization_id,
		.due_at = row->due_at,
		.updated_at = row->updated_at,
		.is_loki = row->is_loki,
		.leased_until = instant_plus_seconds(call->now, LEASE_SECONDS),
		.failures = row->failures,
		.refusals = row->refusals,
		.trust = row->trust,
		.began = clock_monotonic_microseconds() };

	snprintf(due.host, sizeof(due.host), "%s", row->host.at);
	return due;
}

static const struct problem *
lease(struct call *call, const struct due *due)
{
	struct lease lease = { text_from(kind_of(due)->name), due->leased_until };

	call_acts_for(call, due->organization_id);
	return sql_run(call, &lease_due, &lease, NULL);
}

/* `tried` are those under way, and behind them those of this transaction, of which it isn't known yet whether they are
 * leased. */
struct taking {
	const struct pushes *pushes;
	struct pushes *tried;
	size_t places;
};

static const struct problem *
take(struct call *call, void *context)
{
	struct taking *taking = context;
	struct turns turns = { least_trust(taking->pushes), (int64_t)taking->places, list_busy(call, taking->pushes) };
	struct list rows;
	const struct problem *p = sql_all(call, &find_due, &turns, &rows);

	*taking->tried = *taking->pushes;
	for (size_t i = 0; p == NULL && i < rows.count; i++) {
		struct due due = due_of(call, (const struct due_row *)rows.items + i);

		if (!may_go(taking->tried, &due))
			continue;
		p = lease(call, &due);
		taking->tried->items[taking->tried->count++] = due;
	}
	return p;
}

struct booking {
	const struct statement *how;
	struct outcome outcome;
};

static const struct problem *
book(struct call *call, void *context)
{
	const struct booking *booking = context;

	return sql_run(call, booking->how, &booking->outcome, NULL);
}

static struct outcome
outcome_of(struct call *call, const struct due *due, int64_t failures)
{
	return (struct outcome){ .kind = text_from(kind_of(due)->name),
		.leased_until = due->leased_until,
		.updated_at = due->updated_at,
		.due_at = integration_due_next(call, due->due_at, failures),
		.failures = failures,
		.refusals = due->refusals,
		.is_slow = due->is_slow,
		.told_since = instant_plus_seconds(call->now, -DROPPED_SECONDS) };
}

/* What the reply asks for counts where it is longer than our own patience. */
static struct instant
not_before(const struct call *call, struct instant due_at, int64_t retry_after)
{
	struct instant asked =
	    instant_plus_seconds(call->now, retry_after < RETRY_AFTER_MOST ? retry_after : RETRY_AFTER_MOST);

	return retry_after > 0 && instant_before(due_at, asked) ? asked : due_at;
}

static const struct problem *
book_failure(struct call *call, const struct due *due, struct text why, int64_t retry_after)
{
	struct booking booking = { &book_failed, outcome_of(call, due, due->failures + 1) };

	booking.outcome.last_error = text_given(text_cut(why, ERROR_LENGTH));
	booking.outcome.due_at = not_before(call, booking.outcome.due_at, retry_after);
	return job_step(call, book, &booking);
}

/* What is refused for good again and again must not keep what comes behind it. */
static const struct problem *
book_refusal(struct call *call, struct due *due, struct text why)
{
	struct booking booking = { .how = &book_failed };

	due->refusals++;
	if (due->refusals < REFUSALS_MOST)
		return book_failure(call, due, why, -1);
	booking.outcome = outcome_of(call, due, 0);
	booking.outcome.refusals = 0;
	booking.outcome.cursor_sequence = due->cursor_sequence;
	booking.outcome.dropped_at = instant_given(call->now);
	booking.outcome.last_error =
	    text_given(text_cut(arena_format(call->arena, "Refused %d times, %" PRId64 " line%s dropped. %s",
				    REFUSALS_MOST, due->lines, due->lines == 1 ? " was" : "s were", why.at),
		ERROR_LENGTH));
	if (due->is_full)
		booking.outcome.due_at = call->now;
	return job_step(call, book, &booking);
}

static const struct problem *
book_success(struct call *call, const struct due *due)
{
	struct booking booking = { &book_well, outcome_of(call, due, 0) };

	booking.outcome.cursor_sequence = due->cursor_sequence;
	booking.outcome.last_pushed_at = instant_given(call->now);
	if (due->is_full)
		booking.outcome.due_at = call->now;
	return job_step(call, book, &booking);
}

/* There was nothing to tell, or nobody who may be told. */
static const struct problem *
book_nothing(struct call *call, const struct due *due, bool is_closed)
{
	struct booking booking = { &book_well, outcome_of(call, due, 0) };

	if (is_closed)
		booking.outcome.due_at = instant_plus_seconds(call->now, CLOSED_AGAIN_SECONDS);
	return job_step(call, book, &booking);
}

/* ---- making a push ready ------------------------------------------------------------------------------------------
 */

struct turn {
	struct due due;
	struct push push;
	bool is_gone; /* removed, or set anew, a moment ago: the row comes due by itself */
	bool is_closed;
};

/* What is to be told, and where to; nothing where there is nothing. */
static const struct problem *
fill(struct call *call, const struct push_kind *kind, const struct push_organization *organization,
    const struct integration *integration, struct push *push)
{
	const struct problem *p = kind->fill(call, organization, integration, push);

	return p != NULL || push->request.body.length == 0 ? p : push_address(call, kind, integration, push);
}

static const struct problem *
prepare(struct call *call, struct turn *turn)
{
	const struct push_kind *kind = kind_of(&turn->due);
	struct push_organization organization;
	struct integration integration;
	bool found;
	const struct problem *p = integration_read_sealed(call, kind->name, &integration, &found);

	turn->is_gone =
	    p == NULL && (!found || integration.updated_at.microseconds != turn->due.updated_at.microseconds);
	if (p != NULL || turn->is_gone)
		return p;
	p = push_organization_read(call, &organization);
	if (p != NULL)
		return p;
	turn->is_closed = text_is(organization.status, "closed");
	if (turn->is_closed)
		return NULL;
	p = fill(call, kind, &organization, &integration, &turn->push);
	turn->due.cursor_sequence = turn->push.cursor_sequence;
	turn->due.lines = turn->push.lines;
	turn->due.is_full = turn->push.is_full;
	return p;
}

/* Without a lease, or a database, nothing goes on. */
static bool
ends_run(const struct problem *p)
{
	return p != NULL && (p->kind == CONFLICT || p->kind == UNAVAILABLE);
}

static const struct problem *
begin_turn(struct call *call, struct pushes *pushes, const struct due *due)
{
	struct turn turn = { .due = *due };
	const struct problem *p;

	call_acts_for(call, due->organization_id);
	p = prepare(call, &turn);
	job_rollback(call);
	if (ends_run(p))
		return p;
	if (p != NULL) {
		log_error("a push can't be made ready: %s", call->internal != NULL ? call->internal : p->detail);
		return book_failure(call, &turn.due, TEXT("Nothing was sent, by a fault on our side."), -1);
	}
	if (turn.is_gone)
		return NULL;
	if (turn.push.request.body.length == 0)
		return book_nothing(call, &turn.due, turn.is_closed);
	outgoing_add(call, &turn.push.request, &turn.due, sizeof(turn.due));
	pushes->items[pushes->count++] = turn.due;
	return NULL;
}

/* ---- integrations.push ---------------------------------------------------------------------------------------------
 */

static const struct problem *
refill(struct call *call, void *context, size_t places)
{
	struct pushes *pushes = context;
	struct taking taking = { pushes, arena_take(call->arena, sizeof(*pushes)), OUTGOING_AT_ONCE - pushes->count };
	size_t had = pushes->count;
	const struct problem *p;

	if (taking.places > places)
		taking.places = places;
	job_tick(call);
	p = job_step(call, take, &taking);
	for (size_t i = had; p == NULL && i < taking.tried->count && !job_is_stopping(); i++) {
		struct arena_mark mark = arena_mark(call->arena);

		p = begin_turn(call, pushes, &taking.tried->items[i]);
		if (p == NULL)
			arena_release(call->arena, mark);
	}
	return p;
}

static void
remove_ended(struct pushes *pushes, const struct due *due)
{
	for (size_t i = 0; i < pushes->count; i++)
		if (is_same(&pushes->items[i], due)) {
			pushes->items[i] = pushes->items[--pushes->count];
			return;
		}
}

static bool
is_refused_for_good(const struct due *due, const struct outgoing_reply *reply)
{
	return due->is_loki && (reply->status == 400 || reply->status == 422);
}

static const struct problem *
done(struct call *call, void *context, const void *item, const struct outgoing_reply *reply)
{
	struct due due = *(const struct due *)item;
	struct text why = reply->detail;

	remove_ended(context, &due);
	due.is_slow = (struct maybe_bool){ reply->milliseconds > SLOW_MILLISECONDS, true };
	job_tick(call);
	call_acts_for(call, due.organization_id);
	if (push_is_taken(reply))
		return book_success(call, &due);
	if (reply->status > 0)
		why = arena_format(call->arena, "The answer was %d: %s", reply->status, reply->detail.at);
	if (is_refused_for_good(&due, reply))
		return book_refusal(call, &due, why);
	return book_failure(call, &due, why, reply->retry_after);
}

static const struct problem *
push_integrations(struct call *call)
{
	static const struct outgoing_use use = { .refill = refill, .done = done };

	return outgoing_drive(call, &use, arena_take(call->arena, sizeof(struct pushes)), RUN_SECONDS);
}

static const struct job push_job = {
	.id = "integrations.push",
	.lane = LANE_INTEGRATIONS,
	.summary = "Push figures to organizations' Prometheus, and audit events to their Loki.",
	.every_seconds = 5,
	.lease_seconds = 30,
	.run = push_integrations,
};

const struct resource integration_push_resource = {
	.name = "integration_push",
	.summary = "Pushing to integrations.",
	.statements = LIST_OF(statement, &read_organization, &find_due, &lease_due, &book_failed, &book_well),
	.jobs = LIST_OF(job, &push_job),
};
