/*
 * The pages. The OpenAPI document is made once per worker and lives as long as it.
 */
#include "pages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "emit_openapi.h"
#include "json.h"
#include "media.h"
#include "metrics.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

static const struct problem *
answer_live(struct call *call)
{
	buffer_add_string(&call->reply.body, "{\"status\":\"ok\"}");
	return NULL;
}

static const struct problem *
answer_ready(struct call *call)
{
	const struct problem *p = database_ready(call);

	return p != NULL ? p : answer_live(call);
}

static struct {
	char *at;
	size_t length;
	char tag[1 + 2 * sizeof(struct digest) + 2]; /* quoted */
} openapi;

static void
make_openapi(struct call *call)
{
	struct buffer made = buffer_new(call->arena, 1 << 18);
	struct digest digest;

	emit_openapi(&made, false);
	openapi.at = malloc(made.length);
	if (openapi.at == NULL)
		return;
	memcpy(openapi.at, made.at, made.length);
	openapi.length = made.length;
	digest = digest_of(made.at, made.length);
	openapi.tag[0] = '"';
	hex_encode(digest.bytes, sizeof(digest.bytes), openapi.tag + 1);
	openapi.tag[sizeof(openapi.tag) - 2] = '"';
}

/* If-None-Match: a list of tags, weak ones count as equal here (RFC 9110, 13.1.2). */
static bool
is_known_to_client(struct text tags)
{
	return text_is(text_trim(tags), "*") || (tags.length > 0 && strstr(tags.at, openapi.tag) != NULL);
}

static const struct problem *
answer_openapi(struct call *call)
{
	if (openapi.at == NULL)
		make_openapi(call);
	if (openapi.at == NULL)
		return fail_internal(call, "no memory for the OpenAPI document");
	reply_header(call, "ETag", text_from(openapi.tag));
	reply_header(call, "Cache-Control", TEXT("public, max-age=300"));
	if (is_known_to_client(call->request.if_none_match))
		call->reply.status = 304;
	else
		buffer_add(&call->reply.body, openapi.at, openapi.length);
	return NULL;
}

static const struct field gauge_value_fields[] = {
	FIELD(gauge_value, value, ANY, "The figure."),
};
const struct shape gauge_value_shape = {
	.name = "gauge_value", .size = sizeof(struct gauge_value), .count = 1, .fields = gauge_value_fields
};

/* False: the database does not answer. */
static bool
print_gauge(struct call *call, const struct gauge *gauge)
{
	struct gauge_value figure;
	const struct problem *p = sql_one(call, gauge->statement, NULL, &figure);

	if (p == NULL)
		buffer_format(&call->reply.body, "# HELP %s %s\n# TYPE %s gauge\n%s %" PRId64 "\n", gauge->name,
		    gauge->help, gauge->name, gauge->name, figure.value);
	return p == NULL || p->kind != UNAVAILABLE;
}

/* Those of the node are told whether the database answers or not: one that is away is asked once. */
static void
print_gauges(struct call *call)
{
	for (const struct resource *const *r = resources; *r != NULL; r++)
		for (const struct gauge *const *g = (*r)->gauges; g != NULL && *g != NULL; g++)
			if (!print_gauge(call, *g))
				return;
}

static const struct problem *
answer_metrics(struct call *call)
{
	if (!call->request.from_metrics_listener)
		return fail(call, NOT_FOUND, "Nothing answers at this path.");
	call->reply.media_type = "text/plain; version=0.0.4; charset=utf-8";
	metrics_print(&call->reply.body);
	print_gauges(call);
	return NULL;
}

static const struct problem *
answer_problem(struct call *call)
{
	struct text code = text_from(call->request.path.at + strlen("/problems/"));

	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++) {
		const struct problem_kind_facts *facts = &problem_facts[kind];

		if (!text_is(code, facts->code))
			continue;
		buffer_format(
		    &call->reply.body, "{\"code\":\"%s\",\"status\":%d,\"title\":", facts->code, facts->status);
		json_write_text(&call->reply.body, text_from(facts->title));
		buffer_add_string(&call->reply.body, ",\"remedy\":");
		json_write_text(&call->reply.body, text_from(facts->remedy));
		buffer_add_char(&call->reply.body, '}');
		return NULL;
	}
	return fail(call, NOT_FOUND, "There is no problem of this code.");
}

static const struct page_route {
	const char *path; /* a `/` at its end: everything below */
	const struct problem *(*answer)(struct call *call);
} pages[] = {
	{ "/v1/health/live", answer_live },
	{ "/v1/health/ready", answer_ready },
	{ "/v1/openapi.json", answer_openapi },
	{ "/openapi.json", answer_openapi },
	{ "/metrics", answer_metrics },
	{ "/problems/", answer_problem },
};

static bool
is_at(struct text path, const char *page)
{
	return page[strlen(page) - 1] == '/' ? text_starts(path, page) : text_is(path, page);
}

const struct problem *
pages_answer(struct call *call, bool *answered)
{
	for (size_t i = 0; i < COUNT(pages); i++) {
		if (!is_at(call->request.path, pages[i].path))
			continue;
		*answered = true;
		if (text_is(call->request.method_name, "GET") || call->request.head)
			return pages[i].answer(call);
		reply_header(call, "Allow", TEXT("GET, HEAD, OPTIONS"));
		if (text_is(call->request.method_name, "OPTIONS")) {
			call->reply.status = 204;
			return NULL;
		}
		return fail(call, METHOD_NOT_ALLOWED, "This page is only read.");
	}
	*answered = call->request.from_metrics_listener;
	return *answered ? fail(call, NOT_FOUND, "Nothing answers at this path.") : NULL;
}
