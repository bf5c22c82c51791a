/*
 * purserctl demo: a year of a dozen organizations, made through the API's own operations with an injected clock. Prints
 * the first one's owner, who signs in, its id and its key as lines for a shell. What the past would have mailed is only
 * logged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "config.h"
#include "ctl.h"
#include "ctl_demo.h"
#include "handlers/provider.h"
#include "id.h"
#include "json.h"
#include "runner.h"
#include "seal.h"
#include "statement.h"
#include "steps.h"
#include "text.h"

enum { DAY_SECONDS = 86400, PASSWORD_BYTES = 12, PASSWORD_DIGITS = 17, YEAR_DAYS = 400, INPUT_ROOM = 256 };

/* ---- an operation ------------------------------------------------------------------------------------------------ */

static const struct field demo_made_fields[] = {
	FIELD(demo_made, id, ANY, "What was made."),
	FIELD(demo_made, invoice_id, ANY, "The invoice of a run."),
	FIELD(demo_made, key, ANY, "A key's token."),
	FIELD(demo_made, token, ANY, "An invitation's token."),
	FIELD(demo_made, status, ANY, "What became of it."),
	FIELD(demo_made, problem, ANY, "Why a run failed."),
	FIELD(demo_made, rejected_total, ANY, "Events that were not taken."),
};
static const struct shape made_shape = {
	.name = "demo_made",
	.size = sizeof(struct demo_made),
	.count = COUNT(demo_made_fields),
	.fields = demo_made_fields,
	.freeform = true,
};

static void
tell(const struct call *call, const struct demo_act *act, const struct problem *p)
{
	char at[RFC3339_LENGTH + 1];

	instant_format(call->now, at);
	fprintf(stderr, "purserctl: %s at %s: %s %s\n  %.*s\n", act->operation, at, p->detail == NULL ? "" : p->detail,
	    call->internal == NULL ? "" : call->internal, (int)act->input.length, act->input.at);
	for (const struct fault *fault = p->faults; fault != NULL; fault = fault->next)
		fprintf(stderr, "  %s: %s\n", fault->pointer, fault->detail);
}

/* An answer can be a success that the year can't go on with. */
static const struct problem *
read_made(struct call *call, struct demo_made *made)
{
	const struct problem *p = json_read(call, buffer_text(&call->reply.body), &made_shape, made);

	if (p == NULL && (made->rejected_total.given && made->rejected_total.value > 0))
		return fail(
		    call, INVALID, "Not all was taken: %.*s", (int)call->reply.body.length, call->reply.body.at);
	if (p == NULL && made->problem.at != NULL)
		return fail(call, CONFLICT, "%s", made->problem.at);
	return p;
}

/* By its rules; not because something went wrong. */
static bool
is_refusal(const struct problem *p)
{
	int status = problem_facts[p->kind].status;

	return status >= 400 && status < 500;
}

bool
demo_perform(const struct demo_act *act, struct demo_made *made)
{
	struct call call;
	const struct problem *p;

	ctl_call_begin(&call, "demo");
	if (!id_is_zero(act->person)) {
		call.principal.type = PERSON;
		call.principal.id = act->person;
		call.principal.person = id_given(act->person);
		call.principal.role = ROLE_OWNER;
	}
	call.principal.scopes = UINT64_MAX;
	call.principal.granted = UINT64_MAX;
	call.organization = act->organization;
	call.reply.body = buffer_new(call.reply_arena, 4096);
	*made = (struct demo_made){ .id.given = false };
	p = steps_inside(&call, act->operation, act->input);
	if (act->is_refused && p != NULL && is_refusal(p))
		return true;
	if (act->is_refused && p == NULL)
		p = fail(&call, CONFLICT, "It was to be refused, and was not.");
	if (p == NULL)
		p = read_made(&call, made);
	if (p != NULL)
		tell(&call, act, p);
	return p == NULL;
}

/* ---- whom it is given to -------------------------------------------------------------------------------------------
 */

struct here {
	int64_t organizations;
};
static const struct field here_fields[] = {
	FIELD(here, organizations, ANY, "How many there are."),
};
SHAPE(here)

static const struct statement count_organizations = {
	.sql = "SELECT COUNT(*) AS organizations FROM organization",
	.gives = &here_shape,
	.crosses_organizations = "the demo is for an empty database",
};

/* Invoices are numbered in the order of time, so nothing can be put before what is there. */
static bool
is_empty(void)
{
	static const struct statement *const statements[] = { &count_organizations, NULL };
	struct here here = { .organizations = 0 };
	const struct problem *p;
	struct call call;

	statements_register(statements);
	ctl_call_begin(&call, "demo");
	p = sql_one(&call, &count_organizations, NULL, &here);
	job_rollback(&call);
	if (p != NULL)
		return ctl_end(&call, p) == EXIT_SUCCESS;
	if (here.organizations > 0)
		fputs("purserctl: the demo is for an empty database, and this one has organizations\n", stderr);
	return here.organizations == 0;
}

static bool
sign_up(const char *password, struct id people[static DEMO_PEOPLE], int count)
{
	struct demo_made made;
	bool is_well = true;

	clock_shift(-(int64_t)YEAR_DAYS * DAY_SECONDS);
	for (int i = 0; i < count && is_well; i++) {
		char input[INPUT_ROOM];
		int length = snprintf(input, sizeof(input), "{\"email\":\"%s\",\"name\":\"%s\",\"password\":\"%s\"}",
		    demo_people[i].email, demo_people[i].name, password);
		struct demo_act act = { .operation = "auth.users.create", .input = { input, (size_t)length } };

		is_well = demo_perform(&act, &made);
		people[i] = made.id.value;
	}
	return is_well;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------
 */

static const char make_key[] =
    "{\"name\":\"Demo\",\"permissions\":[\"organizations:*\",\"members:*\",\"billing:*\",\"orders:*\",\"usage:*\","
    "\"api_keys:*\",\"event_subscriptions:*\",\"notifications:*\",\"audit:read\"]}";

/* Only the sandbox is asked for a demonstration: no card is charged for it. */
static bool
is_harmless(void)
{
	config.smtp_url = "";
	if (provider_chosen() == &sandbox_provider)
		return true;
	fputs("purserctl: the demo buys with the sandbox's cards; set provider = sandbox\n", stderr);
	return false;
}

static bool
make_all(bool is_brief, const char *password, struct id people[static DEMO_PEOPLE], struct id *organization)
{
	if (!sign_up(password, people, is_brief ? 1 : DEMO_PEOPLE))
		return false;
	return is_brief ? demo_live(&demo_brief_organization, 1, people, organization)
			: demo_live(demo_organizations, demo_organizations_count, people, organization);
}

/* Told when it is all there. */
static int
print_lines(struct id organization, const struct demo_made *key, const char *password)
{
	char ulid[ID_CHARACTERS + 1];

	id_format(organization, ulid);
	printf("PURSER_ORG=%s\nPURSER_API_KEY=%s\nPURSER_EMAIL=%s\nPURSER_PASSWORD=%s\n", ulid, key->key.at,
	    demo_people[0].email, password);
	return EXIT_SUCCESS;
}

int
ctl_demo(int argc, char **argv)
{
	char password[PASSWORD_DIGITS + 1];
	unsigned char secret[PASSWORD_BYTES];
	struct id people[DEMO_PEOPLE] = { 0 };
	struct demo_act act = { .operation = "api_keys.create", .input = text_from(make_key) };
	struct demo_made key;
	bool is_brief = argc == 2 && strcmp(argv[1], "--brief") == 0;

	if (argc != 1 && !is_brief)
		return ctl_usage("demo [--brief]");
	random_bytes(secret, sizeof(secret));
	base62_encode(secret, sizeof(secret), password, PASSWORD_DIGITS);
	if (!ctl_start() || !is_harmless() || !is_empty() || !make_all(is_brief, password, people, &act.organization))
		return EXIT_FAILURE;
	act.person = people[0];
	clock_shift(0);
	if (!demo_perform(&act, &key))
		return EXIT_FAILURE;
	return print_lines(act.organization, &key, password);
}
