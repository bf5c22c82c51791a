/*
 * purserctl demo: a person and their organization with a past, made through the API's own operations with an injected
 * clock. Prints the person's sign-in, the organization and its key as lines for a shell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "ctl.h"
#include "database.h"
#include "handlers/provider.h"
#include "id.h"
#include "json.h"
#include "seal.h"
#include "steps.h"
#include "text.h"

enum { DAY_SECONDS = 86400, BEGINNING = 60, PASSWORD_BYTES = 12, PASSWORD_DIGITS = 17 };

static const char email[] = "owner@meridian.example";

/* What happened, oldest first. `%s` stands for the organization's id. */
static const struct deed {
	int days_ago;
	const char *operation;
	const char *input;
} deeds[] = {
	{ BEGINNING, "billing.grants.create",
	    "{\"organization_id\":\"%s\",\"credits\":5000,\"source\":\"free_tier\"}" },
	{ 45, "billing.grants.create",
	    "{\"organization_id\":\"%s\",\"credits\":20000,\"source\":\"promotional\",\"priority\":10}" },
	{ 30, "billing.adjustments.create",
	    "{\"organization_id\":\"%s\",\"credits\":-1250,\"reason\":\"Archive scenes delivered twice\"}" },
	{ 3, "billing.grants.create", "{\"organization_id\":\"%s\",\"credits\":750,\"source\":\"goodwill\"}" },
};

static const char make_owner[] =
    "{\"email\":\"owner@meridian.example\",\"name\":\"Alex Meridian\",\"password\":\"%s\"}";

static const char make_organization[] =
    "{\"name\":\"Meridian "
    "Imagery\",\"display_name\":\"Meridian\",\"currency\":\"AUD\",\"timezone\":\"Australia/Melbourne\","
    "\"country\":\"AU\",\"abn\":\"51824753556\",\"website\":\"https://meridian.example\",\"industry\":\"Earth "
    "observation\","
    "\"billing_email\":\"accounts@meridian.example\","
    "\"billing_address\":{\"line1\":\"1 Collins "
    "Street\",\"city\":\"Melbourne\",\"state\":\"VIC\",\"postal_code\":\"3000\","
    "\"country\":\"AU\"}}";

static const char make_key[] =
    "{\"name\":\"Demo\",\"permissions\":[\"organizations:*\",\"members:*\",\"billing:*\",\"orders:*\",\"usage:*\","
    "\"api_keys:*\",\"event_subscriptions:*\",\"notifications:*\",\"audit:read\"]}";

static const char attach_card[] = "{\"payment_method_id\":\"pm_card_visa\"}";

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

/* The form with its gap filled. */
static struct text
fill(struct call *call, const char *form, const char *with)
{
	struct buffer input = buffer_new(call->arena, 256);
	const char *gap = strstr(form, "%s");

	if (gap == NULL)
		return text_from(form);
	buffer_add(&input, form, (size_t)(gap - form));
	buffer_add_string(&input, with);
	buffer_add_string(&input, gap + 2);
	return buffer_text(&input);
}

struct demo {
	struct id owner, organization; /* zeros: not there yet */
	char organization_ulid[ID_CHARACTERS + 1];
	char password[PASSWORD_DIGITS + 1];
};

/* Does one deed: as the platform itself until there is an owner. What was made stays until the next one. */
static bool
perform(
    const struct demo *demo, const char *operation, const char *form, const char *with, int days_ago, struct made *made)
{
	struct call call;
	const struct problem *p;

	clock_shift(-(int64_t)days_ago * DAY_SECONDS);
	ctl_call_begin(&call, "demo");
	if (!id_is_zero(demo->owner)) {
		call.principal.type = PERSON;
		call.principal.id = demo->owner;
		call.principal.person = id_given(demo->owner);
		call.principal.role = ROLE_OWNER;
	}
	call.principal.scopes = UINT64_MAX;
	call.principal.granted = UINT64_MAX;
	call.organization = demo->organization;
	call.reply.body = buffer_new(call.reply_arena, 4096);
	p = steps_inside(&call, operation, fill(&call, form, with));
	if (p == NULL)
		p = json_read(&call, buffer_text(&call.reply.body), &made_shape, made);
	if (p != NULL)
		tell(operation, &call, p);
	return p == NULL;
}

/* The operator's deeds are the platform's own, not the owner's. */
static bool
live_through(const struct demo *demo)
{
	struct demo operator= * demo;
	struct made made;

	operator.owner =(struct id){ { 0 } };
	for (size_t i = 0; i < COUNT(deeds); i++)
		if (!perform(&operator, deeds[i].operation, deeds[i].input, demo->organization_ulid, deeds[i].days_ago,
			&made))
			return false;
	return true;
}

static bool
found(struct demo *demo)
{
	unsigned char secret[PASSWORD_BYTES];
	struct made made;

	random_bytes(secret, sizeof(secret));
	base62_encode(secret, sizeof(secret), demo->password, PASSWORD_DIGITS);
	if (!perform(demo, "auth.users.create", make_owner, demo->password, BEGINNING, &made))
		return false;
	demo->owner = made.id;
	if (!perform(demo, "organizations.create", make_organization, "", BEGINNING, &made))
		return false;
	demo->organization = made.id;
	id_format(made.id, demo->organization_ulid);
	return true;
}

/* A test card: no other processor than the sandbox is asked for a demonstration. */
static bool
take_card(const struct demo *demo)
{
	struct made made;

	return provider_chosen() != &sandbox_provider ||
	       perform(demo, "payment_methods.attach", attach_card, "", BEGINNING, &made);
}

int
ctl_demo(int argc, char **argv)
{
	struct demo demo = { 0 };
	struct made key;

	(void)argv;
	if (argc != 1)
		return ctl_usage("demo");
	if (!ctl_start() || !found(&demo) || !take_card(&demo) || !live_through(&demo) ||
	    !perform(&demo, "api_keys.create", make_key, "", 0, &key))
		return EXIT_FAILURE;
	printf("PURSER_ORG=%s\nPURSER_API_KEY=%s\nPURSER_EMAIL=%s\nPURSER_PASSWORD=%s\n", demo.organization_ulid,
	    key.key.at, email, demo.password);
	database_close();
	return EXIT_SUCCESS;
}
