/*
 * Where an organization's figures (Prometheus) and audit events (Loki) go: set, and looked at. Tokens are sealed, and
 * only their end is shown again.
 */
#include "integration.h"

#include "formats.h"
#include "json.h"
#include "organization.h"
#include "organization_record.h"
#include "outgoing.h"
#include "resources.h"

enum { LOGIN_LENGTH = 200, TOKEN_LENGTH = 500, ENDPOINT_LENGTH = 2000 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static bool
is_visible(struct text value)
{
	for (size_t i = 0; i < value.length; i++)
		if (value.at[i] <= ' ' || value.at[i] > '~')
			return false;
	return true;
}

/* Basic auth ends the login at the first colon (RFC 7617). */
static const char *
check_login(struct text value)
{
	for (size_t i = 0; i < value.length; i++)
		if (value.at[i] == ':')
			return "No colon can stand here.";
	return is_visible(value) ? NULL : "Only visible ASCII characters can stand here.";
}

static const char *
check_token(struct text value)
{
	return is_visible(value) ? NULL : "Only visible ASCII characters can stand here.";
}

static const struct format login_format = { .pattern = "^[!-9;-~]*$", .check = check_login };
static const struct format token_format = { .pattern = "^[!-~]*$", .check = check_token };

struct integration_in {
	struct text id;
	struct text token;
	struct text endpoint;
};
static const struct field integration_in_fields[] = {
	FIELD(integration_in, id, MATCHING(login_format, 1, LOGIN_LENGTH), "The name to sign in with (basic auth)."),
	FIELD(integration_in, token, MATCHING(token_format, 1, TOKEN_LENGTH), "The password to it."),
	FIELD(integration_in, endpoint, MATCHING(url_format, 1, ENDPOINT_LENGTH),
	    "Where to push to: an https address that the internet reaches."),
};
SHAPE(integration_in)

struct set_integrations {
	struct integration_in *prom;
	struct integration_in *loki;
};
static const struct field set_integrations_fields[] = {
	FIELD_OBJECT_OR_NULL(set_integrations, prom, integration_in,
	    "Prometheus (remote write), for figures; left out: it stays as it is, null: it is removed."),
	FIELD_OBJECT_OR_NULL(set_integrations, loki, integration_in,
	    "Loki, for audit events; left out: it stays as it is, null: it is removed."),
};
SHAPE(set_integrations)

struct integration_shown {
	struct text id;
	struct text token;
	struct text endpoint;
	struct maybe_instant last_pushed_at;
	struct maybe_text last_error;
};
static const struct field integration_shown_fields[] = {
	FIELD(integration_shown, id, ANY, "The name to sign in with."),
	FIELD(integration_shown, token, ANY, "The password to it, masked but for its end."),
	FIELD(integration_shown, endpoint, ANY, "Where to push to."),
	FIELD(integration_shown, last_pushed_at, ANY, "When a push last succeeded."),
	FIELD(integration_shown, last_error, ANY,
	    "Why the last push failed, or, for a day, how many lines were dropped; null where neither is."),
};
SHAPE(integration_shown)

struct integrations {
	struct integration_shown *prom;
	struct integration_shown *loki;
};
static const struct field integrations_fields[] = {
	FIELD_OBJECT(integrations, prom, integration_shown, true, "Prometheus; null: figures go nowhere."),
	FIELD_OBJECT(integrations, loki, integration_shown, true, "Loki; null: audit events go nowhere."),
};
SHAPE(integrations)

/* ---- organizations.integrations.set ---------------------------------------------------------------------------- */

HANDLER(set_integrations, set_integrations, org_record)

/* What is wrong with an address (NULL: nothing), and what is counted as its host. */
struct verdict {
	const char *fault;
	struct text host;
};
struct verdicts {
	struct verdict prom;
	struct verdict loki;
};

static bool
is_removed(const struct integration_in *in)
{
	return in->id.at == NULL;
}

static struct verdict
check_endpoint(struct call *call, const struct integration_in *in)
{
	struct verdict verdict = { .host = TEXT("") };

	if (in != NULL && !is_removed(in))
		verdict.fault = outgoing_check_url(call, in->endpoint, &verdict.host);
	return verdict;
}

static const struct problem *
look_at_endpoints(struct call *call, const void *given)
{
	const struct set_integrations *in = given;
	struct verdicts *verdicts = arena_take(call->arena, sizeof(*verdicts));

	verdicts->prom = check_endpoint(call, in->prom);
	verdicts->loki = check_endpoint(call, in->loki);
	call->intent = verdicts;
	return NULL;
}

static const struct operation set_integrations_operation = {
	.id = "organizations.integrations.set",
	.kind = WRITE,
	.scope = ORGANIZATIONS_WRITE,
	.effect = COMPUTES,
	.slow = true,
	.summary = "Say where the organization's figures and audit events go.",
	.description =
	    "Figures are pushed to Prometheus every minute, audit events to Loki. An endpoint may not be at a private"
	    " address; one whose name nobody knows yet is accepted. A Loki is told of what is done from now on.",
	.rest = { { .method = METHOD_PUT, .path = "/v1/orgs/integrations" } },
	.raises = { ORGANIZATION_CLOSED },
	.run = &set_integrations_run,
	.prepare = look_at_endpoints,
};

/* Put before the others; json_faults turns the order. */
static void
note(struct call *call, const char *pointer, const char *sentence, const struct fault **faults)
{
	struct fault *fault = arena_take(call->arena, sizeof(*fault));

	if (sentence == NULL)
		return;
	*fault = (struct fault){ .pointer = pointer, .code = "not_allowed", .detail = sentence, .next = *faults };
	*faults = fault;
}

static const struct problem *
refuse(struct call *call, const struct verdicts *verdicts)
{
	const struct fault *faults = NULL;

	note(call, "/prom/endpoint", verdicts->prom.fault, &faults);
	note(call, "/loki/endpoint", verdicts->loki.fault, &faults);
	return json_faults(call, faults);
}

static const struct problem *
apply(struct call *call, const char *kind, const struct integration_in *in, struct text host)
{
	if (in == NULL)
		return NULL;
	if (is_removed(in))
		return integration_remove(call, kind);
	return integration_set(call, kind, &(struct integration_setting){ in->id, in->token, in->endpoint, host });
}

static const struct problem *
set_integrations(struct call *call, const struct set_integrations *in, struct org_record *out)
{
	const struct verdicts *verdicts = call->intent;
	struct organization organization;
	const struct problem *p = refuse(call, verdicts);

	if (p == NULL)
		p = organization_lock(call, &organization);
	if (p == NULL)
		p = apply(call, INTEGRATION_LOKI, in->loki, verdicts->loki.host);
	if (p == NULL)
		p = apply(call, INTEGRATION_PROM, in->prom, verdicts->prom.host);
	return p != NULL ? p : organization_record_read(call, out);
}

/* ---- organizations.integrations.get ---------------------------------------------------------------------------- */

HANDLER(get_integrations, nothing, integrations)

static const struct operation get_integrations_operation = {
	.id = "organizations.integrations.get",
	.kind = READ,
	.scope = ORGANIZATIONS_READ,
	.effect = READS,
	.summary = "Read where the organization's figures and audit events go, and how the last push went.",
	.run = &get_integrations_run,
};

static const struct problem *
show(struct call *call, const char *kind, struct integration_shown **out)
{
	struct integration integration;
	struct integration_shown *shown;
	bool found;
	const struct problem *p = integration_read(call, kind, &integration, &found);

	if (p != NULL || !found)
		return p;
	shown = arena_take(call->arena, sizeof(*shown));
	*shown = (struct integration_shown){ integration.login,
		arena_format(call->arena, "****%s", integration.token_end.at), integration.endpoint,
		integration.last_pushed_at, integration.last_error };
	*out = shown;
	return NULL;
}

static const struct problem *
get_integrations(struct call *call, const struct nothing *in, struct integrations *out)
{
	const struct problem *p = show(call, INTEGRATION_PROM, &out->prom);

	(void)in;
	return p != NULL ? p : show(call, INTEGRATION_LOKI, &out->loki);
}

const struct resource integrations_resource = {
	.name = "organizations.integrations",
	.summary = "Where an organization's figures and audit events go.",
	.operations = LIST_OF(operation, &set_integrations_operation, &get_integrations_operation),
};
