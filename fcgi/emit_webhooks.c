/*
 * The events that the resources declare, in the OpenAPI document: `webhooks`, one for each type that others hear of,
 * the envelope that they share and the headers that they are signed by (Standard Webhooks).
 */
#include "emit_openapi.h"

#include "events.h"
#include "media.h"

static const struct header {
	const char *name, *description, *pattern;
} headers[] = {
	{ "webhook-id", "The delivery's name, the same at each attempt: a receiver tells a repetition by it.",
	    "^[0-9A-Z]{26}$" },
	{ "webhook-timestamp",
	    "When this attempt was made, in seconds since 1970; one that is old is not to be trusted.", "^[0-9]+$" },
	{ "webhook-signature",
	    "`v1,` and the base64 HMAC-SHA256, by the subscription's secret, of `webhook-id`, `webhook-timestamp` and "
	    "the"
	    " body as it came, with dots between; several, with blanks between, while a secret is rotated out.",
	    "^v1,[A-Za-z0-9+/]{43}=( v1,[A-Za-z0-9+/]{43}=)*$" },
};

static const struct member {
	const char *name, *description, *format;
} members[] = {
	{ "event_id", "The event's id: the same at each delivery and in `events.list`.", NULL },
	{ "event_type", "What happened.", NULL },
	{ "timestamp", "When it became true.", "date-time" },
	{ "organization_id", "Whom it happened to.", NULL },
	{ "entity_type", "What kind of thing it is about.", NULL },
	{ "entity_id", "The thing.", NULL },
};

void
emit_webhook_parameters(struct emitter *emitter)
{
	for (size_t i = 0; i < COUNT(headers); i++) {
		emit_object(emitter, headers[i].name);
		emit_string(emitter, "name", headers[i].name);
		emit_string(emitter, "in", "header");
		emit_string(emitter, "description", headers[i].description);
		emit_boolean(emitter, "required", true);
		emit_object(emitter, "schema");
		emit_string(emitter, "type", "string");
		emit_string(emitter, "pattern", headers[i].pattern);
		emit_object_end(emitter);
		emit_object_end(emitter);
	}
}

static void
emit_member(struct emitter *emitter, const struct member *member)
{
	emit_object(emitter, member->name);
	emit_string(emitter, "description", member->description);
	emit_string(emitter, "type", "string");
	if (member->format != NULL)
		emit_string(emitter, "format", member->format);
	emit_object_end(emitter);
}

void
emit_webhook_schema(struct emitter *emitter)
{
	emit_object(emitter, "WebhookEvent");
	emit_string(emitter, "description", "What all events have in common.");
	emit_string(emitter, "type", "object");
	emit_object(emitter, "properties");
	for (size_t i = 0; i < COUNT(members); i++)
		emit_member(emitter, &members[i]);
	emit_object(emitter, "data");
	emit_string(emitter, "description", "What there is to say of it, by its type.");
	emit_string(emitter, "type", "object");
	emit_object_end(emitter);
	emit_object_end(emitter);
	emit_array(emitter, "required");
	for (size_t i = 0; i < COUNT(members); i++)
		emit_string(emitter, NULL, members[i].name);
	emit_string(emitter, NULL, "data");
	emit_array_end(emitter);
	emit_object_end(emitter);
}

static void
emit_constant(struct emitter *emitter, const char *name, const char *value)
{
	emit_object(emitter, name);
	emit_string(emitter, "const", value);
	emit_object_end(emitter);
}

/* The envelope, and what this type makes of it. */
static void
emit_event_schema(struct emitter *emitter, const struct event_type *type)
{
	emit_object(emitter, "schema");
	emit_array(emitter, "allOf");
	emit_reference(emitter, NULL, "schemas", "WebhookEvent");
	emit_object(emitter, NULL);
	emit_object(emitter, "properties");
	emit_constant(emitter, "event_type", type->type);
	emit_constant(emitter, "entity_type", type->entity_type);
	emit_reference(emitter, "data", "schemas", schema_name(emitter->out->arena, type->data, REPLY));
	emit_object_end(emitter);
	emit_object_end(emitter);
	emit_array_end(emitter);
	emit_object_end(emitter);
}

static void
emit_webhook(struct emitter *emitter, const struct event_type *type)
{
	emit_object(emitter, type->type);
	emit_object(emitter, "post");
	emit_format(emitter, "operationId", "event-%s", type->type);
	emit_string(emitter, "summary", type->summary);
	emit_array(emitter, "security");
	emit_array_end(emitter);
	emit_array(emitter, "parameters");
	for (size_t i = 0; i < COUNT(headers); i++)
		emit_reference(emitter, NULL, "parameters", headers[i].name);
	emit_array_end(emitter);
	emit_object(emitter, "requestBody");
	emit_boolean(emitter, "required", true);
	emit_object(emitter, "content");
	emit_object(emitter, MEDIA_JSON);
	emit_event_schema(emitter, type);
	emit_object_end(emitter);
	emit_object_end(emitter);
	emit_object_end(emitter);
	emit_object(emitter, "responses");
	emit_object(emitter, "2XX");
	emit_string(emitter, "description", "It arrived; anything else, and it comes again.");
	emit_object_end(emitter);
	emit_object_end(emitter);
	emit_object_end(emitter);
	emit_object_end(emitter);
}

void
emit_webhooks(struct emitter *emitter)
{
	const struct event_type *type;

	emit_object(emitter, "webhooks");
	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++)
		if (!type->internal)
			emit_webhook(emitter, type);
	emit_object_end(emitter);
}
