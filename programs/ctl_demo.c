/*
 * purserctl demo: a small customer with a past, made through the API's own operations with an injected clock. Prints
 * the organization and its key as lines for a shell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "ctl.h"
#include "database.h"
#include "id.h"
#include "json.h"
#include "steps.h"
#include "text.h"

enum { DAY_SECONDS = 86400 };

/* What happened, oldest first. `%s` stands for the organization's id. */
static const struct deed {
	int days_ago;
	const char *operation;
	const char *input;
} deeds[] = {
	{ 60, "billing.grants.create", "{\"organization_id\":\"%s\",\"credits\":5000,\"source\":\"free_tier\"}" },
	{ 45, "billing.grants.create",
	    "{\"organization_id\":\"%s\",\"credits\":20000,\"source\":\"promotional\",\"priority\":10}" },
	{ 30, "billing.adjustments.create",
	    "{\"organization_id\":\"%s\",\"credits\":-1250,\"reason\":\"Archive scenes delivered twice\"}" },
	{ 3, "billing.grants.create", "{\"organization_id\":\"%s\",\"credits\":750,\"source\":\"goodwill\"}" },
};

static const char make_organization[] =
    "{\"name\":\"Meridian "
    "Imagery\",\"display_name\":\"Meridian\",\"currency\":\"AUD\",\"timezone\":\"Australia/Melbourne\","
    "\"country\":\"AU\",\"abn\":\"51824753556\",\"website\":\"https://meridian.example\",\"industry\":\"Earth "
    "observation\","
    "\"billing_email\":\"accounts@meridian.example\",\"owner_email\":\"owner@meridian.example\","
    "\"billing_address\":{\"line1\":\"1 Collins "
    "Street\",\"city\":\"Melbourne\",\"state\":\"VIC\",\"postal_code\":\"3000\","
    "\"country\":\"AU\"}}";

static const char make_key[] =
    "{\"name\":\"Demo\",\"permissions\":[\"organizations:*\",\"members:*\",\"billing:*\",\"orders:*\",\"usage:*\","
    "\"api_keys:*\",\"event_subscriptions:*\",\"notifications:*\",\"audit:read\"]}";

struct made {
	struct id id;
	struct maybe_text key;
};
static const struct field made_fields[] = {
	FIELD(made, id, ANY, "What was made."),
	FIELD(made, key, ANY, "Its token."),
};
static const struct shape made_shape = { .name = "made",
	.size = sizeof(struct made),
	.count = COUNT(made_fields),
	.fields = made_fields,
	.freeform = true };

static void
tell(const char *operation, const struct call *call, const struct problem *p)
{
	fprintf(stderr, "purserctl: %s: %s %s\n", operation, p->detail == NULL ? "" : p->detail,
	    call->internal == NULL ? "" : call->internal);
	for (const struct fault *fault = p->faults; fault != NULL; fault = fault->next)
		fprintf(stderr, "  %s: %s\n", fault->pointer, fault->detail);
}

/* The input of a deed, with the organization's id in its gap. */
static struct text
fill(struct call *call, const char *form, struct id organization)
{
	struct buffer input = buffer_new(call->arena, 256);
	const char *gap = strstr(form, "%s");
	char ulid[ID_CHARACTERS + 1];

	if (gap == NULL)
		return text_from(form);
	id_format(organization, ulid);
	buffer_add(&input, form, (size_t)(gap - form));
	buffer_add_string(&input, ulid);
	buffer_add_string(&input, gap + 2);
	return buffer_text(&input);
}

/* Does one deed, as the platform itself. What was made stays until the next one. */
static bool
perform(const char *operation, const char *form, struct id organization, int days_ago, struct made *made)
{
	struct call call;
	const struct problem *p;

	clock_shift(-(int64_t)days_ago * DAY_SECONDS);
	ctl_call_begin(&call, "demo");
	call.principal.scopes = UINT64_MAX;
	call.organization = organization;
	call.reply.body = buffer_new(call.reply_arena, 4096);
	p = steps_inside(&call, operation, fill(&call, form, organization));
	if (p == NULL)
		p = json_read(&call, buffer_text(&call.reply.body), &made_shape, made);
	if (p != NULL)
		tell(operation, &call, p);
	return p == NULL;
}

static bool
live_through(struct id organization)
{
	struct made made;

	for (size_t i = 0; i < COUNT(deeds); i++)
		if (!perform(deeds[i].operation, deeds[i].input, organization, deeds[i].days_ago, &made))
			return false;
	return true;
}

int
ctl_demo(int argc, char **argv)
{
	static const struct id none;
	struct made organization, key;
	char ulid[ID_CHARACTERS + 1];

	(void)argv;
	if (argc != 1)
		return ctl_usage("demo");
	if (!ctl_start() || !perform("admin.organizations.create", make_organization, none, 60, &organization) ||
	    !live_through(organization.id) || !perform("api_keys.create", make_key, organization.id, 0, &key))
		return EXIT_FAILURE;
	id_format(organization.id, ulid);
	printf("PURSER_ORG=%s\nPURSER_API_KEY=%s\n", ulid, key.key.at);
	database_close();
	return EXIT_SUCCESS;
}
