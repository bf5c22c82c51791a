/*
 * The declarations as plain lists: operations for the golden file and the tests, paths for the front door.
 */
#include "describe.h"

#include <string.h>

#include "emit_openapi.h"
#include "events.h"
#include "route.h"
#include "text.h"

static void
add_column(struct buffer *out, const char *text)
{
	buffer_add_char(out, '\t');
	buffer_add_string(out, text);
}

static void
add_flags(struct buffer *out, const struct operation *operation)
{
	const struct {
		bool set;
		const char *name;
	} flags[] = {
		{ operation->human, "human" },
		{ operation->slow, "slow" },
		{ operation->any_membership, "any_membership" },
		{ operation->seals_reply, "seals_reply" },
		{ operation->hot != NULL, "hot" },
		{ operation->run->each != NULL, "list" },
		{ operation->any_person, "any_person" },
		{ operation->no_key, "no_key" },
		{ operation->repeatable, "repeatable" },
		{ operation->oauth, "oauth" },
		{ operation->raw_body, "raw_body" },
		{ operation->run->takes->freeform, "freeform" },
	};
	size_t set = 0;

	buffer_add_char(out, '\t');
	for (size_t i = 0; i < COUNT(flags); i++)
		if (flags[i].set)
			buffer_format(out, "%s%s", set++ > 0 ? "," : "", flags[i].name);
	for (size_t i = 0; role_names[i] != NULL; i++)
		if ((operation->roles & ROLE_BIT(role_named(text_from(role_names[i])))) != 0)
			buffer_format(out, "%srole:%s", set++ > 0 ? "," : "", role_names[i]);
	if (set == 0)
		buffer_add_char(out, '-');
}

static void
add_ways(struct buffer *out, const struct operation *operation)
{
	const char *methods = operation->effect == READS ? "GET,POST" : "POST";
	char derived[200];

	route_path(operation, derived);
	buffer_format(out, "\t%s /v1/op/%s %s %s", methods, operation->id, methods, derived);
	for (size_t i = 0; i < REST_MAX && operation->rest[i].path != NULL; i++)
		buffer_format(out, " %s %s", method_name(operation->rest[i].method), operation->rest[i].path);
}

static void
add_problems(struct buffer *out, const struct operation *operation)
{
	buffer_add_char(out, '\t');
	if (operation->raises[0] == NO_PROBLEM)
		buffer_add_char(out, '-');
	for (size_t i = 0; i < RAISES_MAX && operation->raises[i] != NO_PROBLEM; i++)
		buffer_format(out, "%s%s", i > 0 ? "," : "", problem_facts[operation->raises[i]].code);
}

static void
add_fields(struct buffer *out, const struct shape *shape)
{
	size_t shown = 0;

	buffer_add_char(out, '\t');
	for (size_t i = 0; i < shape->count; i++)
		if (!shape->fields[i].hidden)
			buffer_format(out, "%s%s%s", shown++ > 0 ? "," : "", shape->fields[i].name,
			    field_is_required(&shape->fields[i]) ? "*" : "");
	if (shown == 0)
		buffer_add_char(out, '-');
}

static void
add_operation(struct buffer *out, const struct operation *operation)
{
	buffer_add_string(out, operation->id);
	add_column(out, kind_name(operation->kind));
	add_column(out, scope_name(operation->scope));
	add_column(out, effect_name(operation->effect));
	add_column(out, bucket_name(operation->bucket));
	add_flags(out, operation);
	add_fields(out, operation->run->takes);
	add_ways(out, operation);
	add_problems(out, operation);
	buffer_add_char(out, '\n');
}

void
describe_operations(struct buffer *out)
{
	buffer_add_string(out, "id\tkind\tscope\teffect\tbucket\tflags\tfields\tways\tproblems\n");
	for (size_t i = 0; resources[i] != NULL; i++)
		for (size_t j = 0; resources[i]->operations != NULL && resources[i]->operations[j] != NULL; j++)
			add_operation(out, resources[i]->operations[j]);
}

/* A `?` stands behind what may be left out, or be null. */
static void
add_event(struct buffer *out, const struct event_type *type)
{
	size_t shown = 0;

	buffer_add_string(out, type->type);
	add_column(out, type->entity_type);
	add_column(out, type->internal ? "internal" : "-");
	buffer_add_char(out, '\t');
	for (size_t i = 0; i < type->data->count; i++)
		if (!type->data->fields[i].hidden)
			buffer_format(out, "%s%s%s", shown++ > 0 ? "," : "", type->data->fields[i].name,
			    type->data->fields[i].optional ? "?" : "");
	add_column(out, type->summary);
	buffer_add_char(out, '\n');
}

void
describe_events(struct buffer *out)
{
	const struct event_type *type;

	buffer_add_string(out, "type\tentity\tflags\tdata\tsummary\n");
	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++)
		add_event(out, type);
}

/* A path as an nginx regular expression: a parameter is one segment. */
static void
add_slow_path(struct buffer *out, const char *path)
{
	buffer_add_string(out, "~^");
	while (*path != '\0') {
		if (*path == '{') {
			buffer_add_string(out, "[^/?]+");
			path += strcspn(path, "}");
			path += *path == '}';
			continue;
		}
		if (*path == '.')
			buffer_add_char(out, '\\');
		buffer_add_char(out, *path++);
	}
	buffer_add_string(out, "$ slow;\n");
}

/* A route with a media type of its own answers a document, which takes long to draw. */
static bool
is_slow(const struct endpoint *endpoint)
{
	return endpoint->operation->slow || (endpoint->rest != NULL && endpoint->rest->media_type != NULL);
}

void
describe_slow_paths(struct buffer *out)
{
	size_t count;
	struct endpoint *list = endpoints(out->arena, &count);
	struct name_set seen = { 0 };

	for (size_t i = 0; i < count; i++)
		if (is_slow(&list[i]) && name_set_add(out->arena, &seen, list[i].path))
			add_slow_path(out, list[i].path);
}

void
describe_problems(struct buffer *out)
{
	struct emitter emitter = emit_to(out, true);

	emit_problems(&emitter, NULL);
	buffer_add_char(out, '\n');
}
