/*
 * purserctl demo: a small customer with a past, made through the API's own operations with an injected clock. Prints
 * the organization and its key as lines for a shell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "config.h"
#include "ctl.h"
#include "database.h"
#include "id.h"
#include "json.h"
#include "reply.h"
#include "route.h"
#include "seal.h"
#include "statement.h"
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

/* Does one deed, as the platform itself; `organization` zero: for none. */
static const struct problem *
perform(struct arena *arena, const char *operation, struct text input, struct id organization, int days_ago,
    struct made *made)
{
	struct call *call = arena_take(arena, sizeof(*call));
	const struct problem *p;

	*call = (struct call){ .arena = arena,
		.reply_arena = arena,
		.now = instant_plus_seconds(clock_now(), -(int64_t)days_ago * DAY_SECONDS),
		.principal = { .type = JOB, .scopes = UINT64_MAX },
		.organization = organization,
		.request_id = TEXT("demo"),
		.request = { .accept = TEXT("") } };
	call->id = id_new(call->now);
	call->reply.body = buffer_new(arena, 4096);
	p = steps_inside(call, operation, input);
	if (p == NULL)
		p = json_read(call, buffer_text(&call->reply.body), &made_shape, made);
	if (p != NULL)
		tell(operation, call, p);
	return p;
}

static bool
live_through(struct arena *arena, struct id organization)
{
	static const struct id none;
	char ulid[ID_CHARACTERS + 1];
	struct made made;

	id_format(organization, ulid);
	for (size_t i = 0; i < COUNT(deeds); i++) {
		struct buffer input = buffer_new(arena, 256);
		const char *gap = strstr(deeds[i].input, "%s");

		buffer_add(&input, deeds[i].input, (size_t)(gap - deeds[i].input));
		buffer_add_string(&input, ulid);
		buffer_add_string(&input, gap + 2);
		if (perform(arena, deeds[i].operation, buffer_text(&input), none, deeds[i].days_ago, &made) != NULL)
			return false;
	}
	return true;
}

int
ctl_demo(int argc, char **argv)
{
	struct arena *arena = arena_new((size_t)config.memory_limit_bytes);
	static const struct id none;
	struct made organization, key;
	char ulid[ID_CHARACTERS + 1];

	(void)argc, (void)argv; /* it takes none */
	const char *fault = seal_load(config.secret_file);

	if (fault != NULL) {
		fprintf(stderr, "purserctl: %s: %s\n", config.secret_file, fault);
		return EXIT_FAILURE;
	}
	if (route_build(stderr) != 0)
		return EXIT_FAILURE;
	statements_register_all();
	if (perform(arena, "admin.organizations.create", text_from(make_organization), none, 60, &organization) !=
		NULL ||
	    !live_through(arena, organization.id) ||
	    perform(arena, "api_keys.create", text_from(make_key), organization.id, 0, &key) != NULL)
		return EXIT_FAILURE;
	id_format(organization.id, ulid);
	printf("PURSER_ORG=%s\nPURSER_API_KEY=%s\n", ulid, key.key.at);
	database_close();
	arena_free(arena);
	return EXIT_SUCCESS;
}
