/*
 * The demo data lives through its time: what everybody does, in the order of time, and between it what comes due by
 * itself, by the jobs' own code.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ctl.h"
#include "ctl_demo.h"
#include "text.h"

enum {
	DAY_SECONDS = 86400,
	HOUR_SECONDS = 3600,
	MOMENTS_MOST = 8000,
	ORGANIZATIONS_MOST = 16,
	DAYS_CLOSELY = 15, /* of these each is looked at, of the others some */
	MONTHS = 12,
	TOKEN_ROOM = 200,
	NOBODY_IN_PARTICULAR = -1
};

/* What comes due, in the order in which it is looked at. */
static const char *const jobs[] = { "subscriptions.roll", "credits.expire_lots", "orders.expire", "usage.reset",
	"approvals.expire", "auto_topup.run", "payments.sweep", "refunds.sweep", "commitments.reach",
	"commitments.watch", "billing.charge", "events.fan_out", "mail.log" };
static const char *const collectors[] = { "snapshots.collect_balance", "snapshots.collect_costs" };

static const struct {
	int day;
	bool collects;
} looks[] = {
	{ 1, false },
	{ 2, false },
	{ 3, true },
	{ 5, false },
	{ 9, false },
	{ 15, true },
	{ 22, false },
	{ 28, true },
};

static const struct demo_deed run_last_month = {
	.operation = "billing.run_monthly_for_org",
	.input = "{\"organization_id\":\"$organization\"}",
};

/* A run that bills nothing makes no invoice; all else that a deed needs is there. */
static const char may_be_empty[] = "$run";

struct moment {
	struct instant at;
	int order;        /* of those at one time */
	int organization; /* or NOBODY_IN_PARTICULAR: what comes due */
	int months_ago;
	bool collects;
	const struct demo_deed *deed; /* NULL: the organization is made */
};

struct member {
	const struct demo_organization *plan;
	struct id id, run;
	struct id kept[DEMO_KEPT];
	char token[TOKEN_ROOM]; /* of the last invitation, which is answered next */
	bool has_run;           /* a month */
};

struct year {
	struct instant now, reached;
	const struct id *people;
	size_t organizations;
	struct member members[ORGANIZATIONS_MOST];
	int64_t serial;
	int count;
	struct moment moments[MOMENTS_MOST];
};

/* ---- what happens when --------------------------------------------------------------------------------------------
 */

/* In UTC, from the year 0 on. */
static int64_t
month_count(struct instant at)
{
	struct date date = { 0 };
	bool is_known = zone_date(text_from("UTC"), at, &date);

	assert(is_known);
	return is_known ? date.year * MONTHS + date.month - 1 : 0;
}

static struct instant
moment_of(const struct year *year, int months_ago, int day, int hour)
{
	int64_t months = month_count(year->now) - months_ago;

	if (day < 0)
		return instant_plus_seconds(year->now, (int64_t)day * DAY_SECONDS);
	return instant_from_utc((int)(months / MONTHS), (int)(months % MONTHS) + 1, day, hour, 0, 0, 0);
}

static void
plan(struct year *year, struct moment moment)
{
	if (instant_before(year->now, moment.at))
		return;
	assert(year->count < MOMENTS_MOST);
	moment.order = year->count;
	year->moments[year->count++] = moment;
}

static bool
is_too_late(const struct year *year, const struct demo_deed *deed, struct instant at)
{
	struct instant before = instant_plus_seconds(year->now, (int64_t)deed->before * DAY_SECONDS);

	return deed->before < 0 && month_count(at) >= month_count(before);
}

static void
plan_deed(struct year *year, int organization, const struct demo_deed *deed)
{
	int began = year->members[organization].plan->months;
	int from = began < 0 || deed->from < began ? deed->from : began;
	int to = began < 0 || deed->to < began ? deed->to : began;

	for (int months_ago = from; months_ago >= to; months_ago--) {
		struct moment moment = { .at = moment_of(year, months_ago, deed->day, deed->hour),
			.organization = organization,
			.months_ago = months_ago,
			.deed = deed };

		if (!is_too_late(year, deed, moment.at))
			plan(year, moment);
	}
}

static void
plan_organization(struct year *year, int organization)
{
	const struct demo_organization *plan_of = year->members[organization].plan;
	bool is_new = plan_of->months < 0;

	plan(year, (struct moment){ .at = moment_of(year, plan_of->months, is_new ? plan_of->months : 1, 0),
		       .organization = organization });
	for (int i = 0; i < DEMO_LIVES && plan_of->lives[i] != NULL; i++)
		for (size_t j = 0; j < plan_of->lives[i]->count; j++)
			plan_deed(year, organization, &plan_of->lives[i]->deeds[j]);
}

static void
plan_looks(struct year *year, int months)
{
	for (int months_ago = months; months_ago >= 0; months_ago--)
		for (size_t i = 0; i < COUNT(looks); i++)
			plan(year, (struct moment){ .at = moment_of(year, months_ago, looks[i].day, 6),
				       .organization = NOBODY_IN_PARTICULAR,
				       .collects = looks[i].collects });
	for (int days = DAYS_CLOSELY; days >= 0; days--)
		plan(year, (struct moment){ .at = instant_plus_seconds(year->now, -(int64_t)days * DAY_SECONDS),
			       .organization = NOBODY_IN_PARTICULAR });
}

static int
compare(const void *one, const void *other)
{
	const struct moment *a = one, *b = other;

	if (a->at.microseconds != b->at.microseconds)
		return instant_before(a->at, b->at) ? -1 : 1;
	return a->order - b->order;
}

/* ---- living it ------------------------------------------------------------------------------------------------------
 */

/* Time passes from deed to deed, so that one is behind the other. */
static void
move_clock(struct year *year, struct instant at)
{
	struct instant real;
	int64_t shift;

	if (!instant_before(year->reached, at))
		at = instant_plus_seconds(year->reached, 1);
	clock_shift(0);
	real = clock_now();
	shift = (at.microseconds - real.microseconds) / 1000000;
	clock_shift(shift < 0 ? shift : 0);
}

static const struct job *
job_named(const char *id)
{
	for (const struct resource *const *r = resources; *r != NULL; r++)
		for (const struct job *const *j = (*r)->jobs; j != NULL && *j != NULL; j++)
			if (strcmp((*j)->id, id) == 0)
				return *j;
	return NULL;
}

static bool
run_job(const char *id)
{
	const struct job *job = job_named(id);
	const struct problem *p;
	struct call call;

	ctl_call_begin(&call, "demo");
	p = job == NULL ? fail_internal(&call, "there is no such job") : job->run(&call);
	if (p != NULL)
		fprintf(stderr, "%s: ", id);
	return ctl_end(&call, p) == EXIT_SUCCESS;
}

static bool
look(bool collects)
{
	bool is_well = true;

	for (size_t i = 0; i < COUNT(jobs) && is_well; i++)
		is_well = run_job(jobs[i]);
	for (size_t i = 0; i < COUNT(collectors) && is_well && collects; i++)
		is_well = run_job(collectors[i]);
	return is_well;
}

static struct id
who_does(const struct year *year, const struct member *member, enum demo_who who)
{
	if (who == BY_OPERATOR)
		return (struct id){ { 0 } };
	return year->people[who == BY_OWNER ? member->plan->owner : (int)who - BY_PERSON];
}

static bool
make_organization(struct year *year, struct member *member)
{
	struct demo_act act = { .operation = "organizations.create",
		.input = text_from(member->plan->make),
		.person = who_does(year, member, BY_OWNER) };
	struct demo_made made;

	if (!demo_perform(&act, &made))
		return false;
	member->id = made.id.value;
	return true;
}

static void
keep(struct year *year, struct member *member, const struct demo_deed *deed, const struct demo_made *made)
{
	year->serial++;
	if (deed->keep > 0)
		member->kept[deed->keep] = made->id.value;
	if (strcmp(deed->operation, run_last_month.operation) == 0) {
		member->run = made->invoice_id.value;
		member->has_run = true;
	}
	if (made->token.at != NULL) {
		assert(made->token.length < sizeof(member->token));
		snprintf(member->token, sizeof(member->token), "%s", made->token.at);
	}
}

static bool
do_deed(struct year *year, struct member *member, const struct demo_deed *deed, const struct moment *moment)
{
	struct demo_gaps gaps = { .at = moment->at,
		.months_ago = moment->months_ago,
		.percent = member->plan->percent,
		.serial = year->serial,
		.organization = member->id,
		.run = member->run,
		.kept = member->kept,
		.token = member->token };
	struct arena *arena = arena_new(1 << 20);
	struct buffer input = buffer_new(arena, 4096);
	const char *missing = demo_fill(deed->input, &gaps, &input);
	struct demo_made made = { .id.given = false };
	bool is_well = missing == NULL || strncmp(missing, may_be_empty, strlen(may_be_empty)) == 0;

	if (!is_well)
		fprintf(stderr, "purserctl: %s: there is nothing to fill %s with\n", deed->operation, missing);
	if (missing == NULL) {
		struct demo_act act = { deed->operation, buffer_text(&input), who_does(year, member, deed->who),
			member->id, deed->is_refused };

		is_well = demo_perform(&act, &made);
		keep(year, member, deed, &made);
	}
	arena_free(arena);
	return is_well;
}

static bool
live_moment(struct year *year, const struct moment *moment)
{
	struct member *member;

	move_clock(year, moment->at);
	if (moment->organization == NOBODY_IN_PARTICULAR)
		return look(moment->collects);
	member = &year->members[moment->organization];
	if (moment->deed == NULL)
		return make_organization(year, member);
	return do_deed(year, member, moment->deed, moment);
}

/* Whoever has a month that was over lately has it run, too. */
static bool
end_months(struct year *year)
{
	const struct moment moment = { .at = year->now };
	bool is_well = true;

	clock_shift(0);
	for (size_t i = 0; i < year->organizations && is_well; i++)
		if (year->members[i].has_run)
			is_well = do_deed(year, &year->members[i], &run_last_month, &moment);
	return is_well && look(true);
}

bool
demo_live(const struct demo_organization *organizations, size_t count, const struct id people[static DEMO_PEOPLE],
    struct id *organization)
{
	static struct year year;
	bool is_well = true;
	int months = 0;

	assert(count <= ORGANIZATIONS_MOST);
	clock_shift(0);
	year.now = clock_now();
	year.people = people;
	year.organizations = count;
	for (size_t i = 0; i < count; i++) {
		year.members[i].plan = &organizations[i];
		plan_organization(&year, (int)i);
		months = organizations[i].months > months ? organizations[i].months : months;
	}
	plan_looks(&year, months);
	qsort(year.moments, (size_t)year.count, sizeof(year.moments[0]), compare);
	for (int i = 0; i < year.count && is_well; i++) {
		is_well = live_moment(&year, &year.moments[i]);
		year.reached = clock_now();
	}
	*organization = year.members[0].id;
	return is_well && end_months(&year);
}
