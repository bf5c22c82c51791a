/*
 * Collecting balances. From the ledger each is one transaction. A provider is asked for many at once, with no
 * transaction open (outgoing.h): those that failed before have half of the places at most, so that who hangs keeps no
 * one waiting.
 */
#include "balance_snapshot.h"

#include <string.h>

#include "clock.h"
#include "config.h"
#include "funds.h"
#include "id.h"
#include "log.h"
#include "money.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

enum { RUN_SECONDS = 30, FAILED_MOST = OUTGOING_AT_ONCE / 2, ANSWER_BYTES = 16 << 10, ANSWER_SECONDS = 10, BATCH = 32 };

#define ORGANIZATION_ID "{organization_id}"

/* ---- whose it is ----------------------------------------------------------------------------------------------- */

struct collected_organization {
	struct text status;
	struct currency currency;
	struct amount price;
};
static const struct field collected_organization_fields[] = {
	FIELD(collected_organization, status, ANY, "Whether it is closed."),
	FIELD(collected_organization, currency, ANY, "What its credits are sold in."),
	FIELD(collected_organization, price, ANY, "Of one credit."),
};
SHAPE(collected_organization)

static const struct statement read_organization = {
	.sql = "SELECT o.status, o.currency, c.price FROM organization o JOIN credit_price c ON c.currency = o.currency"
	       " WHERE o.id = :organization",
	.gives = &collected_organization_shape,
};

static const char *
why_of(const struct call *call, const struct problem *p)
{
	return call->internal != NULL ? call->internal : p->detail;
}

static const struct problem *
end_turn(struct call *call, void *context)
{
	bool is_ours;

	return snapshot_end(call, context, &is_ours);
}

/* Of one that is closed nothing is collected any more. */
static const struct problem *
pass(struct call *call, struct snapshot_turn *turn)
{
	return job_step(call, end_turn, turn);
}

/* ---- from the ledger ------------------------------------------------------------------------------------------- */

static const struct problem *
read_ledger(struct call *call, const struct collected_organization *organization, struct balance_reading *reading)
{
	char digits[AMOUNT_LENGTH + 1];
	struct amount value;
	struct funds funds;
	const struct problem *p = funds_read(call, &funds);

	if (p != NULL)
		return p;
	if (!credits_value(funds.available, organization->price, &value))
		return fail_internal(call, "the balance's value overflows");
	amount_format(value, digits);
	*reading = (struct balance_reading){ arena_text(call->arena, digits, strlen(digits)), organization->currency,
		TEXT_OF("ledger") };
	return NULL;
}

static const struct problem *
collect_from_ledger(struct call *call, struct snapshot_turn *turn)
{
	struct collected_organization organization;
	struct balance_reading reading;
	const struct problem *p;

	call_acts_for(call, turn->organization_id);
	p = sql_one(call, &read_organization, NULL, &organization);
	if (p == NULL && text_is(organization.status, "closed"))
		return pass(call, turn);
	if (p == NULL)
		p = read_ledger(call, &organization, &reading);
	job_rollback(call);
	if (p == NULL)
		p = balance_snapshot_keep(call, turn, &reading);
	return p == NULL || snapshot_ends_run(p) ? p : snapshot_fail(call, turn, why_of(call, p));
}

static const struct problem *
collect_all_from_ledger(struct call *call)
{
	int64_t until = clock_monotonic_microseconds() + RUN_SECONDS * INT64_C(1000000);
	struct snapshot_turn turns[BATCH];
	struct snapshot_wish wish = { .kind = SNAPSHOT_BALANCE, .most = BATCH, .failed_most = BATCH, .turns = turns };
	const struct problem *p;

	do {
		job_tick(call);
		p = snapshot_take(call, &wish);
		for (size_t i = 0; p == NULL && i < wish.count; i++) {
			struct arena_mark mark = arena_mark(call->arena);

			call->internal = NULL;
			p = collect_from_ledger(call, &turns[i]);
			if (p == NULL)
				arena_release(call->arena, mark);
		}
	} while (p == NULL && wish.count > 0 && !job_is_stopping() && clock_monotonic_microseconds() < until);
	return p;
}

/* ---- from a provider ------------------------------------------------------------------------------------------- */

struct provider_run {
	size_t failed_under_way;
};

static struct text
address_of(struct call *call, struct id organization)
{
	const char *place = strstr(config.snapshot_source, ORGANIZATION_ID);
	char id[ID_CHARACTERS + 1];

	id_format(organization, id);
	return arena_format(call->arena, "%.*s%s%s", (int)(place - config.snapshot_source), config.snapshot_source, id,
	    place + strlen(ORGANIZATION_ID));
}

static void
ask(struct call *call, const struct snapshot_turn *turn)
{
	struct outgoing_header headers[2] = { { TEXT("Accept"), TEXT("application/json") } };
	struct outgoing_request request = { .method = "GET",
		.url = address_of(call, turn->organization_id),
		.headers = headers,
		.header_count = 1,
		.body = TEXT_OF(""),
		.seconds = ANSWER_SECONDS,
		.is_operators = true,
		.keep = ANSWER_BYTES };

	if (*config.snapshot_token != '\0')
		headers[request.header_count++] = (struct outgoing_header){ TEXT("Authorization"),
			arena_format(call->arena, "Bearer %s", config.snapshot_token) };
	outgoing_add(call, &request, turn, sizeof(*turn));
}

static const struct problem *
begin_turn(struct call *call, struct provider_run *run, struct snapshot_turn *turn)
{
	struct collected_organization organization;
	const struct problem *p;

	call_acts_for(call, turn->organization_id);
	p = sql_one(call, &read_organization, NULL, &organization);
	job_rollback(call);
	if (p != NULL)
		return snapshot_ends_run(p) ? p : snapshot_fail(call, turn, why_of(call, p));
	if (text_is(organization.status, "closed"))
		return pass(call, turn);
	ask(call, turn);
	run->failed_under_way += turn->failures > 0;
	return NULL;
}

static const struct problem *
refill(struct call *call, void *context, size_t places)
{
	struct provider_run *run = context;
	struct snapshot_turn turns[BATCH];
	struct snapshot_wish wish = { .kind = SNAPSHOT_BALANCE,
		.most = places < BATCH ? places : BATCH,
		.failed_most = FAILED_MOST - run->failed_under_way,
		.turns = turns };
	const struct problem *p;

	job_tick(call);
	p = snapshot_take(call, &wish);
	for (size_t i = 0; p == NULL && i < wish.count && !job_is_stopping(); i++)
		p = begin_turn(call, run, &turns[i]);
	return p;
}

static const struct problem *
done(struct call *call, void *context, const void *item, const struct outgoing_reply *reply)
{
	struct provider_run *run = context;
	struct snapshot_turn turn = *(const struct snapshot_turn *)item;
	struct balance_reading reading;
	const char *fault = reply->status == 0 ? reply->detail.at : balance_snapshot_understand(call, reply, &reading);
	const struct problem *p;

	run->failed_under_way -= turn.failures > 0;
	job_tick(call);
	if (fault != NULL)
		return snapshot_fail(call, &turn, fault);
	p = balance_snapshot_keep(call, &turn, &reading);
	return p == NULL || snapshot_ends_run(p) ? p : snapshot_fail(call, &turn, why_of(call, p));
}

/* ---- snapshots.collect_balance --------------------------------------------------------------------------------- */

static const struct problem *
collect_balances(struct call *call)
{
	static const struct outgoing_use use = { .refill = refill, .done = done };
	struct provider_run run = { 0 };

	if (strcmp(config.snapshot_source, "ledger") == 0)
		return collect_all_from_ledger(call);
	return outgoing_drive(call, &use, &run, RUN_SECONDS);
}

static const struct job collect_job = {
	.id = "snapshots.collect_balance",
	.lane = LANE_SNAPSHOTS,
	.summary = "Collect organizations' balances, each every three hours.",
	.every_seconds = 30,
	.run = collect_balances,
};

const struct resource balance_snapshot_collect_resource = {
	.name = "balance_snapshot_collect",
	.summary = "Collecting balances.",
	.statements = LIST_OF(statement, &read_organization),
	.jobs = LIST_OF(job, &collect_job),
};
