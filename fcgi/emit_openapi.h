/*
 * The OpenAPI 3.1 document of all resources: one walk over the tables. emit_openapi.c writes the paths, emit_schema.c
 * the shapes, emit_reply.c what an operation can answer, emit_service.c the machinery's own pages, emit_webhooks.c events.
 */
#ifndef PURSER_EMIT_OPENAPI_H
#define PURSER_EMIT_OPENAPI_H

#include "emit.h"
#include "operation.h"

/* Pretty: a line per value, for reading and comparing; else without white space, for serving. */
void emit_openapi(struct buffer *out, bool pretty);

/* One way to call an operation: a path and a method. Its strings live in the buffer's arena. */
struct endpoint {
	const struct resource *resource;
	const struct operation *operation;
	const struct rest *rest; /* NULL: one of the two paths every operation has */
	enum method method;
	const char *path;
	const char *name; /* the document's operationId */
};

/* All of them, in the order of the resources; the array is in the arena. */
struct endpoint *endpoints(struct arena *arena, size_t *count);

/* The wire's words. */
const char *method_name(enum method method);
const char *effect_name(enum effect effect);
const char *bucket_name(enum bucket bucket);
const char *kind_name(enum operation_kind kind);

/* Can this operation answer that problem to this method? */
bool can_raise(const struct operation *operation, enum method method, enum problem_kind kind);

/* Does a `{name}` of the path fill this field? "organizationId" fills "organization_id". */
bool path_names(const char *path, const struct field *field);

/* Is the field one that a query or a path can carry? */
bool field_is_scalar(const struct field *field);
/* Must a caller give the field? */
bool field_is_required(const struct field *field);

/* ---- emit_schema.c ---- */

enum direction { REQUEST, REPLY };

/* The schema of one field as the value of `name`, its summary included. */
void emit_field_schema(struct emitter *emitter, const char *name, const struct field *field, enum direction direction);
/* The object schema of a request's body, without the fields that the path fills. */
void emit_request_schema(struct emitter *emitter, const char *name, const struct shape *shape, const char *path);
/* "approval_ref" → "ApprovalRefInput" or "ApprovalRef", in the arena. */
const char *schema_name(struct arena *arena, const struct shape *shape, enum direction direction);
/* components/schemas: every shape that an endpoint takes or gives, pages of lists, and the problem document. */
void emit_schemas(struct emitter *emitter, const struct endpoint *list, size_t count);

/* ---- emit_reply.c ---- */

void emit_replies(struct emitter *emitter, const struct endpoint *endpoint);
/* {"X-Request-Id": {"$ref": …}, …} as `headers`; the list ends with NULL. */
void emit_header_references(struct emitter *emitter, const char *const *headers);
/* components/responses: each set of problems that share a status, once; components/headers. */
void emit_reply_components(struct emitter *emitter, const struct endpoint *list, size_t count);
/* The headers and problems of a page without an operation; `statuses` ends with 0. */
void emit_page_problems(struct emitter *emitter, const int *statuses);
/* {"code": {"status": …, "title": …, "remedy": …}, …} */
void emit_problems(struct emitter *emitter, const char *name);

/* ---- emit_service.c ---- */

/* The paths of pages.c. */
void emit_service_paths(struct emitter *emitter);

/* ---- emit_webhooks.c ---- */

/* `webhooks`: every event that others hear of. */
void emit_webhooks(struct emitter *emitter);
/* Of components: the headers they carry, and the envelope. */
void emit_webhook_parameters(struct emitter *emitter);
void emit_webhook_schema(struct emitter *emitter);

#endif
