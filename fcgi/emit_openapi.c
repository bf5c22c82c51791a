/*
 * The OpenAPI 3.1 document: the ways to call each operation, and what it takes. What the machinery answers by
 * itself stands in emit_service.c.
 */
#include "emit_openapi.h"

#include <string.h>

#include "media.h"
#include "route.h"
#include "stream_in.h"
#include "text.h"

/* The version of the contract, not of the programs: it moves when the document does more than grow. */
static const char contract_version[] = "1.0.0";

const char *
method_name(enum method method)
{
	static const char *const names[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };

	return names[method];
}

const char *
effect_name(enum effect effect)
{
	static const char *const names[] = { "read", "compute", "spend", "export", "destructive" };

	return names[effect];
}

const char *
bucket_name(enum bucket bucket)
{
	static const char *const names[BUCKET_COUNT] = { "default", "charge", "orders", "usage" };

	return names[bucket];
}

const char *
kind_name(enum operation_kind kind)
{
	return kind == READ ? "read" : "write";
}

/* ---- endpoints ---- */

enum { WAYS_MAX = 4 + REST_MAX };

static size_t
add_ways(struct arena *arena, const struct resource *resource, const struct operation *operation, struct endpoint *into)
{
	char derived[200];
	const char *by_id = arena_format(arena, "/v1/op/%s", operation->id).at;
	const char *id = operation->id;
	struct endpoint way = { resource, operation, NULL, METHOD_POST, by_id, id };
	size_t count = 0;

	route_path(operation, derived);
	into[count++] = way;
	way.path = arena_text(arena, derived, strlen(derived)).at;
	way.name = arena_format(arena, "%s-path", id).at;
	into[count++] = way;
	if (operation->effect == READS) {
		into[count++] = (struct endpoint){ resource, operation, NULL, METHOD_GET, by_id,
			arena_format(arena, "%s-query", id).at };
		into[count++] = (struct endpoint){ resource, operation, NULL, METHOD_GET, way.path,
			arena_format(arena, "%s-path-query", id).at };
	}
	for (size_t i = 0; i < REST_MAX && operation->rest[i].path != NULL; i++)
		into[count++] = (struct endpoint){ resource, operation, &operation->rest[i], operation->rest[i].method,
			operation->rest[i].path, arena_format(arena, "%s-rest-%zu", id, i + 1).at };
	return count;
}

struct endpoint *
endpoints(struct arena *arena, size_t *count)
{
	struct endpoint *list;
	size_t operations = 0;

	for (size_t i = 0; resources[i] != NULL; i++)
		for (size_t j = 0; resources[i]->operations != NULL && resources[i]->operations[j] != NULL; j++)
			operations++;
	list = arena_array(arena, operations * WAYS_MAX + 1, sizeof(*list));
	*count = 0;
	for (size_t i = 0; resources[i] != NULL; i++)
		for (size_t j = 0; resources[i]->operations != NULL && resources[i]->operations[j] != NULL; j++)
			*count += add_ways(arena, resources[i], resources[i]->operations[j], list + *count);
	return list;
}

/* ---- parameters ---- */

bool
path_names(const char *path, const struct field *field)
{
	const char *brace = path;

	while ((brace = strchr(brace, '{')) != NULL) {
		const char *at = ++brace, *name = field->name;

		for (; *at != '\0' && *at != '}' && *name != '\0'; at++, name++) {
			char c = *at;

			if (c >= 'A' && c <= 'Z') {
				if (*name++ != '_')
					break;
				c = (char)(c - 'A' + 'a');
			}
			if (c != *name)
				break;
		}
		if (*at == '}' && *name == '\0')
			return true;
	}
	return false;
}

static void
emit_parameter(struct emitter *emitter, const char *name, const char *in, bool required, const struct field *field)
{
	emit_object(emitter, NULL);
	emit_string(emitter, "name", name);
	emit_string(emitter, "in", in);
	if (required)
		emit_boolean(emitter, "required", true);
	emit_field_schema(emitter, "schema", field, REQUEST);
	emit_object_end(emitter);
}

static const struct field *
field_of_path(const struct shape *shape, const char *brace)
{
	for (size_t i = 0; i < shape->count; i++)
		if (path_names(brace, &shape->fields[i]))
			return &shape->fields[i];
	return NULL;
}

static void
emit_path_parameters(struct emitter *emitter, const struct endpoint *endpoint)
{
	const char *brace = endpoint->path;

	while ((brace = strchr(brace, '{')) != NULL) {
		size_t length = strcspn(brace, "}");
		struct text one = arena_text(emitter->out->arena, brace, length + (brace[length] == '}'));
		const struct field *field = field_of_path(endpoint->operation->run->takes, one.at);

		if (field != NULL) {
			struct field given = *field;

			given.optional = false;
			given.preset = false;
			emit_parameter(
			    emitter, arena_text(emitter->out->arena, one.at + 1, length - 1).at, "path", true, &given);
		}
		brace += length;
	}
}

static void
emit_query_parameters(struct emitter *emitter, const struct endpoint *endpoint)
{
	const struct shape *shape = endpoint->operation->run->takes;

	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field_is_scalar(field) && !path_names(endpoint->path, field))
			emit_parameter(emitter, field->name, "query", field_is_required(field), field);
	}
}

static void
emit_parameters(struct emitter *emitter, const struct endpoint *endpoint)
{
	const struct operation *operation = endpoint->operation;

	emit_array(emitter, "parameters");
	emit_path_parameters(emitter, endpoint);
	if (endpoint->method == METHOD_GET)
		emit_query_parameters(emitter, endpoint);
	if (can_raise(operation, endpoint->method, IDEMPOTENCY_KEY_REUSED))
		emit_reference(emitter, NULL, "parameters", "Idempotency-Key");
	emit_reference(emitter, NULL, "parameters", "X-Request-Id");
	emit_array_end(emitter);
}

static void
emit_header_parameter(struct emitter *emitter, const char *name, const char *description, const char *pattern)
{
	emit_object(emitter, name);
	emit_string(emitter, "name", name);
	emit_string(emitter, "in", "header");
	emit_string(emitter, "description", description);
	emit_object(emitter, "schema");
	emit_string(emitter, "type", "string");
	emit_string(emitter, "pattern", pattern);
	emit_object_end(emitter);
	emit_object_end(emitter);
}

static void
emit_parameter_components(struct emitter *emitter)
{
	emit_object(emitter, "parameters");
	emit_header_parameter(emitter, "Idempotency-Key",
	    "Makes a repetition safe: the same key with the same body within 24 hours gives the first reply again.",
	    "^[ -~]{1,255}$");
	emit_header_parameter(emitter, "X-Request-Id",
	    "The caller's own name for this request; it comes back in the reply.", "^[A-Za-z0-9._-]{1,64}$");
	emit_webhook_parameters(emitter);
	emit_object_end(emitter);
}

/* ---- operations ---- */

static void
emit_forms(struct emitter *emitter, const struct stream_form *form)
{
	for (; form != NULL && form->media_type != NULL; form++) {
		const char *item = schema_name(emitter->out->arena, form->sent, REQUEST);

		emit_object(emitter, form->media_type);
		if (form->layout == STREAM_ARRAY) {
			emit_object(emitter, "schema");
			emit_string(emitter, "type", "array");
			emit_integer(emitter, "maxItems", STREAM_ITEMS_MOST);
			emit_reference(emitter, "items", "schemas", item);
			emit_object_end(emitter);
		} else {
			emit_reference(emitter, "schema", "schemas", item);
		}
		emit_object_end(emitter);
	}
}

static void
emit_body_description(struct emitter *emitter, const struct stream_form *form)
{
	for (; form != NULL && form->media_type != NULL; form++)
		if (form->layout == STREAM_LINES)
			emit_string(emitter, "description",
			    arena_format(emitter->out->arena, "In `%s` one item on each line, up to %d.",
				form->media_type, STREAM_ITEMS_MOST)
				.at);
}

static void
emit_body(struct emitter *emitter, const struct endpoint *endpoint)
{
	const struct shape *shape = endpoint->operation->run->takes;
	bool raw = endpoint->operation->raw_body, required = raw;

	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		required |= !field->hidden && field_is_required(field) && !path_names(endpoint->path, field);
	}
	emit_object(emitter, "requestBody");
	emit_body_description(emitter, endpoint->operation->forms);
	emit_boolean(emitter, "required", required);
	emit_object(emitter, "content");
	emit_object(emitter, endpoint->operation->oauth ? MEDIA_FORM : MEDIA_JSON);
	if (raw) {
		emit_object(emitter, "schema");
		emit_string(emitter, "type", "object");
		emit_object_end(emitter);
	} else {
		emit_request_schema(emitter, "schema", shape, endpoint->path);
	}
	emit_object_end(emitter);
	emit_forms(emitter, endpoint->operation->forms);
	emit_object_end(emitter);
	emit_object_end(emitter);
}

/* A person needs one of them. */
static void
emit_roles(struct emitter *emitter, unsigned roles)
{
	emit_array(emitter, "x-required-role");
	for (size_t i = 0; role_names[i] != NULL; i++)
		if ((roles & ROLE_BIT(role_named(text_from(role_names[i])))) != 0)
			emit_string(emitter, NULL, role_names[i]);
	emit_array_end(emitter);
}

static void
emit_operation(struct emitter *emitter, const struct endpoint *endpoint)
{
	static const char *const members[] = { "get", "post", "put", "patch", "delete" };
	const struct operation *operation = endpoint->operation;

	emit_object(emitter, members[endpoint->method]);
	emit_string(emitter, "operationId", endpoint->name);
	emit_array(emitter, "tags");
	emit_string(emitter, NULL, endpoint->resource->name);
	emit_array_end(emitter);
	emit_string(emitter, "summary", operation->summary);
	if (operation->description != NULL)
		emit_string(emitter, "description", operation->description);
	emit_string(emitter, "x-required-scope", scope_name(operation->scope));
	emit_string(emitter, "x-side-effect", effect_name(operation->effect));
	if (!operation->raw_body)
		emit_string(emitter, "x-rate-limit", bucket_name(operation->bucket));
	if (operation->repeatable)
		emit_boolean(emitter, "x-repeatable", true);
	if (operation->human)
		emit_boolean(emitter, "x-human", true);
	if (operation->roles != 0)
		emit_roles(emitter, operation->roles);
	if (operation->scope == PUBLIC) {
		emit_array(emitter, "security");
		emit_array_end(emitter);
	}
	emit_parameters(emitter, endpoint);
	if (endpoint->method != METHOD_GET)
		emit_body(emitter, endpoint);
	emit_replies(emitter, endpoint);
	emit_object_end(emitter);
}

static void
emit_paths(struct emitter *emitter, const struct endpoint *list, size_t count)
{
	struct name_set paths = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (!name_set_add(emitter->out->arena, &paths, list[i].path))
			continue;
		emit_object(emitter, list[i].path);
		for (size_t j = i; j < count; j++)
			if (strcmp(list[j].path, list[i].path) == 0)
				emit_operation(emitter, &list[j]);
		emit_object_end(emitter);
	}
}

/* ---- the document ---- */

static void
emit_info(struct emitter *emitter)
{
	emit_object(emitter, "info");
	emit_string(emitter, "title", "Purser");
	emit_string(emitter, "version", contract_version);
	emit_string(emitter, "description",
	    "Every operation answers at `/v1/op/` and its id and at its resource path. Refusals are problem documents "
	    "(RFC 9457); `x-problems` lists their kinds.");
	emit_object(emitter, "license");
	emit_string(emitter, "name", "Apache License 2.0");
	emit_string(emitter, "identifier", "Apache-2.0");
	emit_object_end(emitter);
	emit_object_end(emitter);
	emit_array(emitter, "servers");
	emit_object(emitter, NULL);
	emit_string(emitter, "url", "/");
	emit_object_end(emitter);
	emit_array_end(emitter);
}

static void
emit_tag(struct emitter *emitter, const char *name, const char *description)
{
	emit_object(emitter, NULL);
	emit_string(emitter, "name", name);
	emit_string(emitter, "description", description);
	emit_object_end(emitter);
}

static void
emit_tags(struct emitter *emitter)
{
	emit_array(emitter, "tags");
	for (size_t i = 0; resources[i] != NULL; i++)
		if (resources[i]->operations != NULL && resources[i]->operations[0] != NULL)
			emit_tag(emitter, resources[i]->name, resources[i]->summary);
	emit_tag(emitter, "service", "The service itself.");
	emit_array_end(emitter);
}

static void
emit_security(struct emitter *emitter)
{
	static const char *const ways[] = { "bearer", "key" };

	emit_array(emitter, "security");
	for (size_t i = 0; i < COUNT(ways); i++) {
		emit_object(emitter, NULL);
		emit_array(emitter, ways[i]);
		emit_array_end(emitter);
		emit_object_end(emitter);
	}
	emit_array_end(emitter);
}

static void
emit_security_schemes(struct emitter *emitter)
{
	emit_object(emitter, "securitySchemes");
	emit_object(emitter, "bearer");
	emit_string(emitter, "type", "http");
	emit_string(emitter, "scheme", "bearer");
	emit_string(emitter, "description", "A token in `Authorization: Bearer …`.");
	emit_object_end(emitter);
	emit_object(emitter, "key");
	emit_string(emitter, "type", "apiKey");
	emit_string(emitter, "in", "header");
	emit_string(emitter, "name", "X-API-Key");
	emit_string(emitter, "description", "The same token in a header of its own.");
	emit_object_end(emitter);
	emit_object_end(emitter);
}

void
emit_openapi(struct buffer *out, bool pretty)
{
	struct emitter emitter = emit_to(out, pretty);
	size_t count;
	struct endpoint *list = endpoints(out->arena, &count);

	emit_object(&emitter, NULL);
	emit_string(&emitter, "openapi", "3.1.0");
	emit_info(&emitter);
	emit_tags(&emitter);
	emit_security(&emitter);
	emit_object(&emitter, "paths");
	emit_paths(&emitter, list, count);
	emit_service_paths(&emitter);
	emit_object_end(&emitter);
	emit_webhooks(&emitter);
	emit_object(&emitter, "components");
	emit_security_schemes(&emitter);
	emit_parameter_components(&emitter);
	emit_reply_components(&emitter, list, count);
	emit_schemas(&emitter, list, count);
	emit_object_end(&emitter);
	emit_problems(&emitter, "x-problems");
	emit_object_end(&emitter);
	if (pretty)
		buffer_add_char(out, '\n');
}
