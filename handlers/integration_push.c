/*
 * Pushing to integrations. What is due is leased by moving `due_at` ahead, in a transaction of its own; what is to be
 * sent is read; it is sent with no transaction open, many at once (outgoing.h); and the outcome is booked where the
 * lease and the settings still are what they were. A killed job leaves rows that come due again when their lease is
 * over. One organization's trouble is kept in its row, and is nobody else's.
 */
#include "integration_push.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "resources.h"
#include "runner.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

/* A run takes what comes due for some seconds, a transfer may last ten, and then the next run begins. */
enum { RUN_SECONDS = 20, LEASE_SECONDS = 60, CLOSED_AGAIN_SECONDS = 3600, RETRY_AFTER_MOST = 3600, ERROR_LENGTH = 500 };

/* ---- the two kinds ----------------------------------------------------------------------------------------------- */

const struct push_kind *
push_kind_named(struct text name)
{
	return text_is(name, push_prom.name) ? &push_prom : &push_loki;
}

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

/* A host alone gets the path that its kind has by convention. */
static struct text
address_of(struct call *call, const struct push_kind *kind, struct text endpoint)
{
	const char *host = strstr(endpoint.at, "://"), *path = host == NULL ? NULL : strpbrk(host + 3, "/?#");
	int length = (int)(path == NULL ? endpoint.length : (size_t)(path - endpoint.at));

	if (path != NULL && strcmp(path, "/") != 0)
		return endpoint;
	return arena_format(call->arena, "%.*s%s", length, endpoint.at, kind->path);
}

static struct text
basic_auth(struct call *call, struct text login, struct text token)
{
	struct text plain = arena_format(call->arena, "%s:%s", login.at, token.at);

	return arena_format(
	    call->arena, "Basic %s", base64_encode(call->arena, (const unsigned char *)plain.at, plain.length).at);
}

static void
add_header(struct push *push, struct text name, struct text value)
{
	push->headers[push->request.header_count++] = (struct outgoing_header){ name, value };
}

const struct problem *
push_address(struct call *call, const struct push_kind *kind, const struct integration *integration, struct push *push)
{
	struct text token;
	const struct problem *p = integration_token(call, integration, &token);

	if (p != NULL)
		return p;
	push->request.url = address_of(call, kind, integration->endpoint);
	push->request.headers = push->headers;
	add_header(push, TEXT("Content-Type"), text_from(kind->media_type));
	add_header(push, TEXT("Authorization"), basic_auth(call, integration->login, token));
	if (kind == &push_prom) {
		add_header(push, TEXT("Content-Encoding"), TEXT("snappy"));
		add_header(push, TEXT("X-Prometheus-Remote-Write-Version"), TEXT("0.1.0"));
	}
	return NULL;
}

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

/* What is taken, as it was then: plain values only, since it outlives the memory of its turn. */
struct due {
	struct id organization_id;
	struct instant due_at;
	struct instant updated_at;
	bool is_loki;
	struct instant leased_until;
	int64_t failures;
	struct maybe_int cursor_sequence;
	bool is_full;
};
static const struct field due_fields[] = {
	FIELD(due, organization_id, ANY, "Whose it is."),
	FIELD(due, due_at, ANY, "Since when it is due."),
	FIELD(due, updated_at, ANY, "When it was set."),
	FIELD(due, is_loki, ANY, "Which of the two."),
};
SHAPE(due)

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
	struct maybe_text last_error;
	struct maybe_instant last_pushed_at;
};
static const struct field outcome_fields[] = {
	FIELD(outcome, kind, ANY, "Which of the two."),
	FIELD(outcome, leased_until, ANY, "The lease that it was done under."),
	FIELD(outcome, updated_at, ANY, "The settings that it was done with."),
	FIELD(outcome, due_at, ANY, "When it is due next."),
	FIELD(outcome, cursor_sequence, ANY, "How far the audit was told."),
	FIELD(outcome, failures, ANY, "How often in a row it failed."),
	FIELD(outcome, last_error, ANY, "What went wrong, if so."),
	FIELD(outcome, last_pushed_at, ANY, "When it was taken, if so."),
};
SHAPE(outcome)

static const struct statement find_due = {
	.sql = "SELECT organization_id, due_at, updated_at, kind = 'loki' AS is_loki FROM integration"
	       " WHERE due_at <= :now ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED",
	.gives = &due_shape,
	.crosses_organizations = "the job looks for whoever is due",
};

static const struct statement lease_due = {
	.sql = "UPDATE integration SET due_at = :leased_until WHERE organization_id = :organization AND kind = :kind",
	.takes = &lease_shape,
};

static const struct statement book_outcome = {
	.sql = "UPDATE integration SET due_at = :due_at, cursor_sequence = COALESCE(:cursor_sequence, cursor_sequence),"
	       " failures = :failures, last_error = :last_error,"
	       " last_pushed_at = COALESCE(:last_pushed_at, last_pushed_at)"
	       " WHERE organization_id = :organization AND kind = :kind AND due_at = :leased_until"
	       " AND updated_at = :updated_at",
	.takes = &outcome_shape,
};

/* ---- one turn ---------------------------------------------------------------------------------------------------- */

static const struct push_kind *
kind_of(const struct due *due)
{
	return due->is_loki ? &push_loki : &push_prom;
}

struct taking {
	struct due due;
	bool found;
};

static const struct problem *
take(struct call *call, void *context)
{
	struct taking *taking = context;
	struct due *due = &taking->due;
	struct lease lease = { .leased_until = instant_plus_seconds(call->now, LEASE_SECONDS) };
	const struct problem *p = sql_maybe(call, &find_due, NULL, due, &taking->found);

	if (p != NULL || !taking->found)
		return p;
	call_acts_for(call, due->organization_id);
	lease.kind = text_from(kind_of(due)->name);
	due->leased_until = lease.leased_until;
	return sql_run(call, &lease_due, &lease, NULL);
}

static const struct problem *
book(struct call *call, void *outcome)
{
	return sql_run(call, &book_outcome, outcome, NULL);
}

static struct outcome
outcome_of(struct call *call, const struct due *due, int64_t failures)
{
	return (struct outcome){ .kind = text_from(kind_of(due)->name),
		.leased_until = due->leased_until,
		.updated_at = due->updated_at,
		.due_at = integration_due_next(call, due->due_at, failures),
		.failures = failures };
}

/* As much of it as the row holds. */
static struct maybe_text
cut(struct text text)
{
	size_t length = 0;

	for (size_t i = 0; i < ERROR_LENGTH && length < text.length; i++)
		length += utf8_step(text.at + length, text.length - length);
	return text_given((struct text){ text.at, length });
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
	struct outcome outcome = outcome_of(call, due, due->failures + 1);

	outcome.last_error = cut(why);
	outcome.due_at = not_before(call, outcome.due_at, retry_after);
	return job_step(call, book, &outcome);
}

static const struct problem *
book_success(struct call *call, const struct due *due)
{
	struct outcome outcome = outcome_of(call, due, 0);

	outcome.cursor_sequence = due->cursor_sequence;
	outcome.last_pushed_at = instant_given(call->now);
	if (due->is_full)
		outcome.due_at = call->now;
	return job_step(call, book, &outcome);
}

/* There was nothing to tell, or nobody who may be told. */
static const struct problem *
book_nothing(struct call *call, const struct due *due, bool is_closed)
{
	struct outcome outcome = outcome_of(call, due, 0);

	if (is_closed)
		outcome.due_at = instant_plus_seconds(call->now, CLOSED_AGAIN_SECONDS);
	return job_step(call, book, &outcome);
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
	turn->due.failures = integration.failures;
	p = push_organization_read(call, &organization);
	if (p != NULL)
		return p;
	turn->is_closed = text_is(organization.status, "closed");
	if (turn->is_closed)
		return NULL;
	p = fill(call, kind, &organization, &integration, &turn->push);
	turn->due.cursor_sequence = turn->push.cursor_sequence;
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
begin_turn(struct call *call, const struct due *due)
{
	struct turn turn = { .due = *due };
	const struct problem *p = prepare(call, &turn);

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
	return NULL;
}

/* ---- integrations.push ---------------------------------------------------------------------------------------------
 */

static void
look_at_clock(struct call *call)
{
	clock_tick();
	call->now = clock_now();
}

static const struct problem *
refill(struct call *call, void *context, size_t places)
{
	const struct problem *p = NULL;

	(void)context;
	look_at_clock(call);
	for (size_t i = 0; i < places && p == NULL && !job_is_stopping(); i++) {
		struct arena_mark mark = arena_mark(call->arena);
		struct taking taking = { .found = false };

		p = job_step(call, take, &taking);
		if (p == NULL && !taking.found)
			break;
		if (p == NULL)
			p = begin_turn(call, &taking.due);
		if (p == NULL)
			arena_release(call->arena, mark);
	}
	return p;
}

static const struct problem *
done(struct call *call, void *context, const void *item, const struct outgoing_reply *reply)
{
	const struct due *due = item;
	struct text why = reply->detail;

	(void)context;
	look_at_clock(call);
	call_acts_for(call, due->organization_id);
	if (push_is_taken(reply))
		return book_success(call, due);
	if (reply->status > 0)
		why = arena_format(call->arena, "The answer was %d: %s", reply->status, reply->detail.at);
	return book_failure(call, due, why, reply->retry_after);
}

static const struct problem *
push_integrations(struct call *call)
{
	static const struct outgoing_use use = { refill, done };

	return outgoing_drive(call, &use, NULL, RUN_SECONDS);
}

static const struct job push_job = {
	.id = "integrations.push",
	.lane = LANE_INTEGRATIONS,
	.summary = "Push figures to organizations' Prometheus, and audit events to their Loki.",
	.every_seconds = 5,
	.run = push_integrations,
};

const struct resource integration_push_resource = {
	.name = "integration_push",
	.summary = "Pushing to integrations.",
	.statements = LIST_OF(statement, &read_organization, &find_due, &lease_due, &book_outcome),
	.jobs = LIST_OF(job, &push_job),
};
