/*
 * What an operation can answer: its success, and every problem that it or the steps before it can raise, by status.
 */
#include "emit_openapi.h"

#include <string.h>

#include "media.h"

/* ---- which problems ---- */

static bool
is_declared(const struct operation *operation, enum problem_kind kind)
{
	for (size_t i = 0; i < RAISES_MAX; i++)
		if (operation->raises[i] == kind)
			return true;
	return false;
}

/* A closed organization's people may read, and whatever is not done there. */
static bool
refuses_closed(const struct operation *operation)
{
	return operation->effect != READS && operation->scope < SCOPE_COUNT && !operation->any_person &&
	       !scope_is_admin(operation->scope);
}

bool
can_raise(const struct operation *operation, enum method method, enum problem_kind kind)
{
	bool has_caller = operation->scope != PUBLIC;
	bool writes = operation->kind != READ;

	switch (kind) {
	case BAD_REQUEST:
	case NOT_ACCEPTABLE:
	case REQUEST_TIMEOUT:
	case URI_TOO_LONG:
	case HEADERS_TOO_LARGE:
	case INTERNAL:
	case BAD_GATEWAY:
	case UNAVAILABLE:
	case BUSY:
	case GATEWAY_TIMEOUT:
		return true;
	case RATE_LIMITED:
		return !operation->raw_body;
	case INVALID:
		return !operation->oauth && !operation->raw_body;
	case UNAUTHENTICATED:
		return has_caller || is_declared(operation, kind);
	case FORBIDDEN:
		return operation->scope == SIGNED_IN || operation->scope < SCOPE_COUNT || is_declared(operation, kind);
	case HUMAN_REQUIRED:
		return operation->human || operation->scope == SIGNED_IN || is_declared(operation, kind);
	case TOO_LARGE:
	case LENGTH_REQUIRED:
		return method != METHOD_GET;
	case UNSUPPORTED_MEDIA_TYPE:
		return method != METHOD_GET && !operation->raw_body;
	case IDEMPOTENCY_KEY_REUSED:
	case IDEMPOTENCY_IN_PROGRESS:
		return writes && has_caller && !operation->no_key;
	case ORGANIZATION_CLOSED:
		return refuses_closed(operation) || is_declared(operation, kind);
	default:
		return is_declared(operation, kind);
	}
}

/* ---- components/responses: one for each set of codes that share a status ---- */

/* "conflict-or-idempotency_key_reused", or NULL where nothing of that status can be raised. */
static const char *
response_name(struct arena *arena, const struct operation *operation, enum method method, int status)
{
	struct buffer name = buffer_new(arena, 64);

	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++) {
		if (problem_facts[kind].status != status || !can_raise(operation, method, (enum problem_kind)kind))
			continue;
		if (name.length > 0)
			buffer_add_string(&name, "-or-");
		buffer_add_string(&name, problem_facts[kind].code);
	}
	if (name.length > 0 && operation->oauth)
		buffer_add_string(&name, "-oauth");
	return name.length == 0 ? NULL : buffer_text(&name).at;
}

static int
next_status(int status)
{
	int next = 600;

	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++)
		if (problem_facts[kind].status > status && problem_facts[kind].status < next)
			next = problem_facts[kind].status;
	return next;
}

void
emit_header_references(struct emitter *emitter, const char *const *headers)
{
	emit_object(emitter, "headers");
	for (; *headers != NULL; headers++)
		emit_reference(emitter, *headers, "headers", *headers);
	emit_object_end(emitter);
}

static const char *const *
problem_headers(int status)
{
	static const char *const plain[] = { "X-Request-Id", NULL };
	static const char *const unauthenticated[] = { "X-Request-Id", "WWW-Authenticate", NULL };
	static const char *const waiting[] = { "X-Request-Id", "Retry-After", NULL };
	static const char *const limited[] = { "X-Request-Id", "Retry-After", "RateLimit-Policy", "RateLimit", NULL };

	switch (status) {
	case 401:
		return unauthenticated;
	case 409:
	case 503:
		return waiting;
	case 429:
		return limited;
	default:
		return plain;
	}
}

/* The problem document, narrowed to the codes of the response. */
static void
emit_problem_schema(struct emitter *emitter, const struct operation *operation, enum method method, int status)
{
	emit_object(emitter, "schema");
	emit_array(emitter, "allOf");
	emit_reference(emitter, NULL, "schemas", "Problem");
	emit_object(emitter, NULL);
	emit_object(emitter, "properties");
	emit_object(emitter, "status");
	emit_integer(emitter, "const", status);
	emit_object_end(emitter);
	emit_object(emitter, "code");
	emit_array(emitter, "enum");
	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++)
		if (problem_facts[kind].status == status && can_raise(operation, method, (enum problem_kind)kind))
			emit_string(emitter, NULL, problem_facts[kind].code);
	emit_array_end(emitter);
	emit_object_end(emitter);
	emit_object_end(emitter);
	emit_object_end(emitter);
	emit_array_end(emitter);
	emit_object_end(emitter);
}

/* What refuses a request before its operation is known, the front door too, knows nothing of OAuth. */
static void
emit_problem_content(struct emitter *emitter, const struct operation *operation, enum method method, int status)
{
	emit_object(emitter, "content");
	emit_object(emitter, MEDIA_PROBLEM);
	emit_problem_schema(emitter, operation, method, status);
	emit_object_end(emitter);
	if (operation->oauth) {
		emit_object(emitter, MEDIA_JSON);
		emit_problem_schema(emitter, operation, method, status);
		emit_object_end(emitter);
	}
	emit_object_end(emitter);
}

static void
emit_problem_description(struct emitter *emitter, const struct operation *operation, enum method method, int status)
{
	struct buffer text = buffer_new(emitter->out->arena, 256);

	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++) {
		const struct problem_kind_facts *facts = &problem_facts[kind];

		if (facts->status != status || !can_raise(operation, method, (enum problem_kind)kind))
			continue;
		buffer_format(
		    &text, "%s`%s`: %s. %s", text.length > 0 ? "\n\n" : "", facts->code, facts->title, facts->remedy);
	}
	emit_string(emitter, "description", buffer_text(&text).at);
}

static void
emit_response_component(struct emitter *emitter, struct name_set *emitted, const struct endpoint *endpoint, int status)
{
	const char *name = response_name(emitter->out->arena, endpoint->operation, endpoint->method, status);

	if (name == NULL || !name_set_add(emitter->out->arena, emitted, name))
		return;
	emit_object(emitter, name);
	emit_problem_description(emitter, endpoint->operation, endpoint->method, status);
	emit_header_references(emitter, problem_headers(status));
	emit_problem_content(emitter, endpoint->operation, endpoint->method, status);
	emit_object_end(emitter);
}

struct header {
	const char *name;
	const char *type;
	const char *description;
};

static const struct header headers[] = {
	{ "X-Request-Id", "string", "The caller's own request id, or a new one." },
	{ "RateLimit-Policy", "string", "How many requests a window of how many seconds allows." },
	{ "RateLimit", "string", "How many requests are left in this window, and the seconds until it ends." },
	{ "Retry-After", "integer", "How many seconds to wait before the next try." },
	{ "WWW-Authenticate", "string", "How to authenticate (RFC 6750)." },
	{ "Idempotent-Replayed", "string", "`true` where the reply is the stored one of an earlier request." },
	{ "X-Next-Page", "string", "The path of the next page, while there is one." },
	{ "Link", "string", "The next page as `rel=\"next\"` (RFC 8288), while there is one." },
	{ "ETag", "string", "The state of the document, for `If-None-Match`." },
	{ "Content-Disposition", "string", "How a reply that is a file should be named." },
};

static void
emit_headers(struct emitter *emitter)
{
	emit_object(emitter, "headers");
	for (size_t i = 0; i < COUNT(headers); i++) {
		emit_object(emitter, headers[i].name);
		emit_string(emitter, "description", headers[i].description);
		emit_object(emitter, "schema");
		emit_string(emitter, "type", headers[i].type);
		emit_object_end(emitter);
		emit_object_end(emitter);
	}
	emit_object_end(emitter);
}

/* Stands for the pages, which are nobody's operation, where their problems are named. */
static const struct operation page = { .id = "service", .scope = PUBLIC, .raises = { NOT_FOUND } };
static const struct endpoint page_endpoint = { .operation = &page, .method = METHOD_GET };

void
emit_page_problems(struct emitter *emitter, const int *statuses)
{
	struct arena *arena = emitter->out->arena;

	for (; *statuses != 0; statuses++)
		emit_reference(emitter, arena_format(arena, "%d", *statuses).at, "responses",
		    response_name(arena, &page, METHOD_GET, *statuses));
}

void
emit_reply_components(struct emitter *emitter, const struct endpoint *list, size_t count)
{
	struct name_set emitted = { 0 };

	emit_object(emitter, "responses");
	for (int status = next_status(0); status < 600; status = next_status(status))
		for (size_t i = 0; i < count; i++)
			emit_response_component(emitter, &emitted, &list[i], status);
	for (int status = next_status(0); status < 600; status = next_status(status))
		emit_response_component(emitter, &emitted, &page_endpoint, status);
	emit_object_end(emitter);
	emit_headers(emitter);
}

/* ---- one endpoint ---- */

static void
emit_success_headers(struct emitter *emitter, const struct endpoint *endpoint)
{
	const char *names[8] = { "X-Request-Id" };
	size_t count = 1;

	if (can_raise(endpoint->operation, endpoint->method, IDEMPOTENCY_KEY_REUSED))
		names[count++] = "Idempotent-Replayed";
	if (endpoint->rest != NULL && endpoint->rest->bare_array) {
		names[count++] = "X-Next-Page";
		names[count++] = "Link";
	}
	if (endpoint->operation->renderings != NULL)
		names[count++] = "Content-Disposition";
	names[count] = NULL;
	emit_header_references(emitter, names);
}

static void
emit_json_content(struct emitter *emitter, const struct endpoint *endpoint, const char *schema)
{
	bool list = endpoint->operation->run->each != NULL;

	emit_object(emitter, "application/json");
	if (list && endpoint->rest != NULL && endpoint->rest->bare_array) {
		emit_object(emitter, "schema");
		emit_string(emitter, "type", "array");
		emit_reference(emitter, "items", "schemas", schema);
		emit_object_end(emitter);
	} else {
		emit_reference(emitter, "schema", "schemas",
		    list ? arena_format(emitter->out->arena, "%sPage", schema).at : schema);
	}
	emit_object_end(emitter);
	if (!list)
		return;
	emit_object(emitter, "application/x-ndjson");
	emit_reference(emitter, "schema", "schemas", schema);
	emit_object_end(emitter);
}

static void
emit_rendered_content(struct emitter *emitter, const struct rendering *rendering)
{
	emit_object(emitter, rendering->media_type);
	if (rendering->rows != NULL) {
		emit_reference(emitter, "schema", "schemas", schema_name(emitter->out->arena, rendering->rows, REPLY));
	} else {
		emit_object(emitter, "schema");
		emit_string(emitter, "type", "string");
		emit_string(emitter, "contentMediaType", rendering->media_type);
		emit_object_end(emitter);
	}
	emit_object_end(emitter);
}

static void
emit_content(struct emitter *emitter, const struct endpoint *endpoint, const char *schema)
{
	const char *alone = endpoint->rest == NULL ? NULL : endpoint->rest->media_type;
	const struct rendering *rendering = endpoint->operation->renderings;

	emit_object(emitter, "content");
	if (alone == NULL)
		emit_json_content(emitter, endpoint, schema);
	for (; rendering != NULL && rendering->media_type != NULL; rendering++)
		if (alone == NULL || strcmp(alone, rendering->media_type) == 0)
			emit_rendered_content(emitter, rendering);
	emit_object_end(emitter);
}

static void
emit_success(struct emitter *emitter, const struct endpoint *endpoint)
{
	const struct operation *operation = endpoint->operation;
	const struct shape *gives = operation->run->gives;

	if (endpoint->rest != NULL && endpoint->rest->gives != NULL)
		gives = endpoint->rest->gives;
	emit_object(
	    emitter, arena_format(emitter->out->arena, "%d", operation->status > 0 ? operation->status : 200).at);
	emit_string(emitter, "description",
	    operation->run->each != NULL ? "The rows asked for; in `application/x-ndjson` one on each line." : "Done.");
	emit_success_headers(emitter, endpoint);
	emit_content(emitter, endpoint, schema_name(emitter->out->arena, gives, REPLY));
	emit_object_end(emitter);
}

void
emit_replies(struct emitter *emitter, const struct endpoint *endpoint)
{
	struct arena *arena = emitter->out->arena;

	emit_object(emitter, "responses");
	emit_success(emitter, endpoint);
	for (int status = next_status(0); status < 600; status = next_status(status)) {
		const char *name = response_name(arena, endpoint->operation, endpoint->method, status);

		if (name != NULL)
			emit_reference(emitter, arena_format(arena, "%d", status).at, "responses", name);
	}
	emit_object_end(emitter);
}

void
emit_problems(struct emitter *emitter, const char *name)
{
	emit_object(emitter, name);
	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++) {
		emit_object(emitter, problem_facts[kind].code);
		emit_integer(emitter, "status", problem_facts[kind].status);
		emit_string(emitter, "title", problem_facts[kind].title);
		emit_string(emitter, "remedy", problem_facts[kind].remedy);
		emit_object_end(emitter);
	}
	emit_object_end(emitter);
}
