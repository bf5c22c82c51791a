/*
 * Driving a monthly run: taking it by a lease with a fencing token, going through its steps, and ending it. Every
 * transaction asks for the token, so that a runner which was slow for too long writes nothing more.
 */
#include "month_run.h"

#include <inttypes.h>

#include "clock.h"
#include "id.h"
#include "log.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

/* A card may be charged behind the run, before its caller is answered; else that comes at once. */
enum { LEASE_SECONDS = 120, ANSWER_SECONDS = 3, PROBLEM_MOST = 500 };

/* By how much the clocks of two nodes may differ. */
enum { LEASE_TOLERANCE_SECONDS = 3600 };

const struct problem run_lease_lost = {
	.kind = CONFLICT,
	.detail = "The run of this month is under way elsewhere.",
	.retry_after_seconds = 5,
};

static const struct run_part *const parts[] = { &run_usage_part, &run_fees_part, &run_overage_part, &run_orders_part,
	&run_commitments_part, &run_tax_part, &run_issue_part };

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

static const struct field run_fields[] = {
	FIELD(run, organization_id, ANY, "Whose."),
	FIELD(run, period, ANY, "The month."),
	FIELD(run, status, ANY, "How far it is."),
	FIELD(run, step, ANY, "How many steps are done."),
	FIELD(run, from_at, ANY, "When the month began."),
	FIELD(run, to_at, ANY, "When it ended."),
	FIELD(run, post_pay, ANY, "Whether it bills on account."),
	FIELD(run, currency, ANY, "The organization's."),
	FIELD(run, credit_price, ANY, "Of one credit."),
	FIELD(run, through_sequence, ANY, "Up to where the ledger is billed."),
	FIELD(run, lines_count, ANY, "How many lines there are."),
	FIELD(run, orders_count, ANY, "How many orders they are of."),
	FIELD(run, lease_token, ANY, "The holder's token."),
	FIELD(run, leased_until, ANY, "When the lease lapses."),
	FIELD(run, steps, ANY, "What the steps have done."),
	FIELD(run, digest, ANY, "Over the lines."),
	FIELD(run, invoice_id, ANY, "The invoice."),
	FIELD(run, credits, ANY, "Taken from what was available."),
	FIELD(run, subtotal, ANY, "Of the invoice."),
	FIELD(run, tax, ANY, "Of the same."),
	FIELD(run, total, ANY, "Of the same."),
	FIELD(run, problem, ANY, "Why it failed."),
	CLAIM_FIELDS(run),
	FIELD(run, started_at, ANY, "When it began."),
	FIELD(run, finished_at, ANY, "When it ended."),
};
static const struct shape run_shape = {
	.name = "run",
	.size = sizeof(struct run),
	.count = COUNT(run_fields),
	.fields = run_fields,
};

#define RUN_COLUMNS                                                                                                  \
	"organization_id, period, status, step, from_at, to_at, post_pay, currency, credit_price, through_sequence," \
	" lines_count, orders_count, lease_token, leased_until, steps, digest, invoice_id, credits, subtotal, tax, " \
	"total,"                                                                                                     \
	" problem, " CLAIM_COLUMNS ", started_at, finished_at"

/* What a new run is computed with. */
struct run_ground {
	struct text currency;
	struct amount credit_price;
	bool post_pay;
	int64_t through_sequence;
};
static const struct field run_ground_fields[] = {
	FIELD(run_ground, currency, ANY, "The organization's."),
	FIELD(run_ground, credit_price, ANY, "Of one credit."),
	FIELD(run_ground, post_pay, ANY, "Whether it pays afterwards."),
	FIELD(run_ground, through_sequence, ANY, "Up to where the ledger is billed."),
};
SHAPE(run_ground)

struct locked_organization {
	struct id id;
};
static const struct field locked_organization_fields[] = {
	FIELD(locked_organization, id, ANY, "The organization."),
};
SHAPE(locked_organization)

static const struct statement lock_organization = {
	.sql = "SELECT id FROM organization WHERE id = :organization FOR UPDATE",
	.gives = &locked_organization_shape,
};

static const struct statement read_ground = {
	.sql = "SELECT o.currency, p.price AS credit_price, k.post_pay, COALESCE((SELECT MAX(r.through_sequence)"
	       " FROM monthly_run r WHERE r.organization_id = :organization), 0) AS through_sequence"
	       " FROM organization o JOIN credit_price p ON p.currency = o.currency"
	       " JOIN book k ON k.organization_id = o.id WHERE o.id = :organization",
	.takes = &run_shape,
	.gives = &run_ground_shape,
};

static const struct statement read_run = {
	.sql = "SELECT " RUN_COLUMNS " FROM monthly_run WHERE organization_id = :organization AND period = :period",
	.takes = &run_shape,
	.gives = &run_shape,
};

static const struct statement lock_run = {
	.sql = "SELECT " RUN_COLUMNS " FROM monthly_run WHERE organization_id = :organization AND period = :period"
	       " FOR UPDATE",
	.takes = &run_shape,
	.gives = &run_shape,
};

static const struct statement insert_run = {
	.sql = "INSERT INTO monthly_run (organization_id, period, status, from_at, to_at, post_pay, currency, "
	       "credit_price,"
	       " through_sequence, lease_token, leased_until, " CLAIM_COLUMNS ", started_at) VALUES (:organization,"
	       " :period, 'running', :from_at, :to_at, :post_pay, :currency, :credit_price, :through_sequence,"
	       " :lease_token, :leased_until, " CLAIM_PARAMETERS ", :now)",
	.takes = &run_shape,
};

static const struct statement take_run = {
	.sql = "UPDATE monthly_run SET status = 'running', lease_token = :lease_token, leased_until = :leased_until,"
	       " problem = NULL, finished_at = NULL, claim_space = :claim_space, claim_operation = :claim_operation,"
	       " claim_key = :claim_key, claim_call = :claim_call, claim_request_id = :claim_request_id"
	       " WHERE organization_id = :organization AND period = :period",
	.takes = &run_shape,
};

static const struct statement end_lease = {
	.sql = "UPDATE monthly_run SET leased_until = :now WHERE organization_id = :organization AND period = :period"
	       " AND lease_token = :lease_token AND status = 'running'",
	.takes = &run_shape,
};

static const struct statement save_run = {
	.sql =
	    "UPDATE monthly_run SET status = :status, step = :step, through_sequence = :through_sequence,"
	    " lines_count = :lines_count, orders_count = :orders_count, leased_until = :leased_until, steps = :steps,"
	    " digest = :digest, invoice_id = :invoice_id, credits = :credits, subtotal = :subtotal, tax = :tax,"
	    " total = :total, problem = :problem, finished_at = :finished_at"
	    " WHERE organization_id = :organization AND period = :period AND lease_token = :lease_token",
	.takes = &run_shape,
};

/* ---- reading ---------------------------------------------------------------------------------------------------- */

const struct problem *
run_read(struct call *call, struct text period, struct run *out, bool *found)
{
	struct run key = { .period = period };

	return sql_maybe(call, &read_run, &key, out, found);
}

const struct problem *
run_lock_organization(struct call *call)
{
	struct locked_organization locked;

	return sql_one(call, &lock_organization, NULL, &locked);
}

struct month
run_month(const struct run *run)
{
	struct month month = { .from = run->from_at, .to = run->to_at };
	const char *name = run->period.at;

	for (size_t i = 0; i < run->period.length && i + 1 < MONTH_NAME; i++)
		month.name[i] = name[i];
	for (size_t i = 0; i < 4; i++)
		month.year = month.year * 10 + (name[i] - '0');
	month.month = (name[5] - '0') * 10 + (name[6] - '0');
	return month;
}

static bool
has_status(const struct run *run, const char *status)
{
	return text_is(run->status, status);
}

/* ---- taking ------------------------------------------------------------------------------------------------------ */

static struct maybe_instant
lease_end(const struct call *call)
{
	return instant_given(instant_plus_seconds(call->now, LEASE_SECONDS));
}

struct instant
run_latest_lease(const struct call *call)
{
	return instant_plus_seconds(call->now, LEASE_SECONDS + LEASE_TOLERANCE_SECONDS);
}

static bool
is_held(const struct call *call, const struct run *run)
{
	return has_status(run, "running") && run->leased_until.given &&
	       instant_before(call->now, run->leased_until.value) &&
	       !instant_before(run_latest_lease(call), run->leased_until.value);
}

static const struct problem *
insert_new(struct call *call, const struct month *month, bool keep_claim, struct run *run)
{
	struct run_ground ground;
	const struct problem *p;

	*run = (struct run){
		.organization_id = call->organization,
		.period = arena_format(call->arena, "%s", month->name),
		.status = TEXT("running"),
		.from_at = month->from,
		.to_at = month->to,
		.lease_token = 1,
		.leased_until = lease_end(call),
		.steps = TEXT("[]"),
		.started_at = call->now,
	};
	p = sql_one(call, &read_ground, run, &ground);
	if (p == NULL && keep_claim)
		p = claim_keep(call, &run->claim);
	if (p != NULL)
		return p;
	run->currency = ground.currency;
	run->credit_price = ground.credit_price;
	run->post_pay = ground.post_pay;
	run->through_sequence = ground.through_sequence;
	return sql_run(call, &insert_run, run, NULL);
}

/* Whoever waits for its end already is answered, too; only one can be. */
static const struct problem *
take_over(struct call *call, bool keep_claim, struct run *run)
{
	const struct problem *p = NULL;

	if (keep_claim && !run->claim.space.given)
		p = claim_keep(call, &run->claim);
	run->status = TEXT("running");
	run->lease_token++;
	run->leased_until = lease_end(call);
	run->problem = (struct maybe_text){ .at = NULL };
	run->finished_at.given = false;
	return p != NULL ? p : sql_run(call, &take_run, run, NULL);
}

const struct problem *
run_begin(struct call *call, const struct month *month, bool keep_claim, struct run *run, enum run_taken *taken)
{
	struct run key = { .period = text_from(month->name) };
	bool found;
	const struct problem *p = sql_maybe(call, &lock_run, &key, run, &found);

	*taken = RUN_IS_TAKEN;
	if (p != NULL)
		return p;
	if (!found)
		return insert_new(call, month, keep_claim, run);
	if (is_held(call, run))
		*taken = RUN_IS_ANOTHERS;
	else if (has_status(run, "completed") || has_status(run, "nothing_to_do"))
		*taken = RUN_IS_OVER;
	return *taken == RUN_IS_TAKEN ? take_over(call, keep_claim, run) : NULL;
}

/* ---- steps ------------------------------------------------------------------------------------------------------- */

static void
note_step(struct call *call, struct run *run, const char *name)
{
	struct run_step step = { .name = text_from(name), .status = TEXT("skipped") };

	if (run->detail.length > 0) {
		step.status = TEXT("done");
		step.detail = text_given(run->detail);
	}
	run->steps = run_step_append(call, run->steps, &step);
}

static const struct problem *
take_step(struct call *call, struct run *run)
{
	const struct run_part *part = parts[run->step];
	struct run_lines lines = { .count = 0 };
	const struct problem *p = NULL;

	run->detail = TEXT("");
	if (part->bill != NULL)
		p = part->bill(call, run);
	if (p == NULL && !run->is_parked && part->lines != NULL)
		p = part->lines(call, run, &lines);
	if (p == NULL)
		p = run_lines_store(call, run, &lines);
	if (p == NULL && !run->is_parked) {
		note_step(call, run, part->name);
		run->step++;
	}
	run->has_changed = run->has_changed || lines.count > 0;
	return p;
}

static const struct problem *
finish(struct call *call, struct run *run)
{
	struct list lines = { NULL, 0 };
	const struct problem *p = run->lines_count > 0 ? run_lines_read(call, run, &lines) : NULL;
	const struct run_line *items = lines.items;

	if (p != NULL)
		return p;
	run->credits.count = 0;
	for (size_t i = 0; i < lines.count; i++)
		if (text_is(items[i].paid_from, "available"))
			run->credits.count += items[i].credits.value.count;
	run->digest = text_given(run_lines_digest(call, items, lines.count));
	run->status = lines.count > 0 ? TEXT("completed") : TEXT("nothing_to_do");
	run->finished_at = instant_given(call->now);
	return NULL;
}

struct text
run_step_name(const struct run *run)
{
	size_t last = COUNT(parts) - 1, step = (size_t)run->step;

	return text_from(parts[step < last ? step : last]->name);
}

/* What is refused waits for somebody to change what it was refused for: the next run goes on with that step. */
static void
park(struct call *call, struct run *run)
{
	run->status = TEXT("failed");
	run->finished_at = instant_given(call->now);
	run->leased_until = instant_given(instant_plus_seconds(call->now, ANSWER_SECONDS));
	log_error("the run of %s is parked: %s", run->period.at, run->problem.at);
}

static const struct problem *
lock_ahead(struct call *call, const struct run *run)
{
	const struct problem *p = NULL;

	for (size_t i = COUNT(parts); p == NULL && i > 0; i--)
		if (parts[i - 1]->lock != NULL)
			p = parts[i - 1]->lock(call, run);
	return p;
}

/* Steps that have nothing to do cost no transaction of their own. */
static const struct problem *
take_steps(struct call *call, struct run *run)
{
	const struct problem *p = NULL;
	bool is_locked = false;

	run->has_changed = run->is_parked = run->is_carried = false;
	run->leased_until = lease_end(call);
	while (p == NULL && run->step < (int64_t)COUNT(parts) && !run->is_parked &&
	       (!run->has_changed || run->is_rehearsal)) {
		if (run->is_rehearsal && !is_locked && run->step > 0)
			p = lock_ahead(call, run);
		is_locked = is_locked || run->step > 0;
		if (p == NULL)
			p = take_step(call, run);
	}
	if (p == NULL && run->is_parked)
		park(call, run);
	else if (p == NULL && run->step == (int64_t)COUNT(parts))
		p = finish(call, run);
	if (run->finished_at.given && !run->invoice_id.given)
		run->leased_until.value = instant_plus_seconds(call->now, ANSWER_SECONDS);
	return p != NULL ? p : sql_run(call, &save_run, run, NULL);
}

/* The run as it is now, while it is its runner's. */
static const struct problem *
lock_own(struct call *call, struct run *run)
{
	struct run now = { .period = run->period };
	const struct problem *p = run_lock_organization(call);
	bool found;

	if (p == NULL)
		p = sql_maybe(call, &lock_run, &now, &now, &found);
	if (p != NULL)
		return p;
	if (!found || now.lease_token != run->lease_token)
		return &run_lease_lost;
	*run = now;
	return NULL;
}

/* One whose commit was lost is found ended, or a step further. */
static const struct problem *
advance(struct call *call, void *context)
{
	struct run *run = context;
	const struct problem *p = lock_own(call, run);

	return p == NULL && has_status(run, "running") ? take_steps(call, run) : p;
}

struct refused_step {
	struct run *run;
	const struct problem *why;
};

static const struct problem *
park_refused(struct call *call, void *context)
{
	const struct refused_step *refused = context;
	struct run *run = refused->run;
	const struct problem *p = lock_own(call, run);

	if (p != NULL || !has_status(run, "running"))
		return p;
	run->problem = text_given(text_cut(text_from(refused->why->detail), PROBLEM_MOST));
	park(call, run);
	return sql_run(call, &save_run, run, NULL);
}

static bool
is_refusal(const struct problem *p)
{
	return p != NULL && p->kind == CONFLICT && p != &run_lease_lost && p != &job_lease_lost;
}

const struct problem *
run_drive(struct call *call, struct run *run)
{
	const struct problem *p = NULL;

	while (p == NULL && has_status(run, "running")) {
		clock_tick();
		call->now = clock_now();
		p = step_apart(call, advance, run);
	}
	if (is_refusal(p))
		p = step_apart(call, park_refused, &(struct refused_step){ run, p });
	return p;
}

static const struct problem *
let_go(struct call *call, void *context)
{
	return sql_run(call, &end_lease, context, NULL);
}

void
run_let_go(struct call *call, struct run *run)
{
	const struct problem *p = step_apart(call, let_go, run);

	if (p != NULL)
		log_error("the run of %s stays leased until its time is up: %s", run->period.at, p->detail);
}

const struct problem *
run_rehearse(struct call *call, const struct month *month, struct run *run)
{
	struct month until_now = *month;
	enum run_taken taken;
	const struct problem *p = run_lock_organization(call);

	if (p == NULL && instant_before(call->now, month->from))
		p = fail(call, CONFLICT, "The month %s has not begun in the organization's time zone.", month->name);
	if (!month_is_closed(call, month))
		until_now.to = call->now;
	if (p == NULL)
		p = run_begin(call, &until_now, false, run, &taken);
	if (p != NULL)
		return p;
	if (taken == RUN_IS_ANOTHERS)
		return fail_retry(call, CONFLICT, 5, "The run of %s is under way.", run->period.at);
	run->is_rehearsal = taken == RUN_IS_TAKEN;
	return run->is_rehearsal ? take_steps(call, run) : NULL;
}

const struct problem *
run_give_up(struct call *call, const struct run *run)
{
	struct run given_up = { .period = run->period };
	bool found;
	const struct problem *p = sql_maybe(call, &lock_run, &given_up, &given_up, &found);

	if (p != NULL || !found || given_up.lease_token != run->lease_token || !has_status(&given_up, "running"))
		return p;
	given_up.status = TEXT("failed");
	given_up.problem = text_given(TEXT("Something went wrong on our side; it can be run again."));
	given_up.finished_at = given_up.leased_until = instant_given(call->now);
	return sql_run(call, &save_run, &given_up, NULL);
}

/* ---- computing it again ------------------------------------------------------------------------------------------ */

const struct problem *
run_verify(struct call *call, const struct run *run, bool *is_same)
{
	struct run_lines all = { .count = 0 };
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && i < COUNT(parts); i++)
		if (parts[i]->lines != NULL)
			p = parts[i]->lines(call, run, &all);
	if (p != NULL)
		return p;
	for (size_t i = 0; i < all.count; i++)
		all.items[i].position = (int64_t)i + 1;
	*is_same = text_is(run_lines_digest(call, all.items, all.count), run->digest.at);
	if (!*is_same)
		log_error("the run of %s comes to other lines than before", run->period.at);
	return NULL;
}

const struct resource month_run_resource = {
	.name = "month_run",
	.summary = "How an organization's month is run.",
	.statements = LIST_OF(statement, &lock_organization, &read_ground, &read_run, &lock_run, &insert_run, &take_run,
	    &end_lease, &save_run),
};
