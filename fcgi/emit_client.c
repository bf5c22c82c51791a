/*
 * What clients have to know, read from the declarations: one walk over operations, fields and shapes for all generated
 * clients and the reference.
 */
#include "emit_client.h"

#include <assert.h>
#include <string.h>

#include "events.h"
#include "money.h"
#include "route.h"
#include "text.h"

/* ---- fields ---- */

bool
client_rows(const struct field *field)
{
	return field->kind == KIND_LIST || (field->kind == KIND_DOCUMENT && field->shape != NULL);
}

bool
client_nullable(const struct field *field, enum direction direction)
{
	return direction == REQUEST ? !field_is_required(field) : field->optional && !field->left_out;
}

bool
client_absent(const struct field *field, enum direction direction)
{
	return direction == REQUEST ? !field_is_required(field) : field->left_out;
}

static bool
is_paging(const struct operation *operation, const char *name)
{
	static const char *const names[] = { "limit", "cursor", "offset", "after" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (operation->run->each != NULL && strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void
add_fields(struct arena *arena, struct client_operation *into)
{
	const struct shape *shape = into->takes;
	struct client_field *fields = arena_array(arena, shape->count + 1, sizeof(*fields));

	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field->hidden || into->body == CLIENT_BODY_RAW)
			continue;
		fields[into->field_count++] = (struct client_field){
			.field = field,
			.name = field->name,
			.kind = field->kind,
			.required = field_is_required(field),
			.rows = client_rows(field),
			.repeats = client_rows(field) || field->kind == KIND_TEXTS,
			.pages = is_paging(into->operation, field->name),
		};
		if (into->streams_in && client_rows(field))
			into->items = field;
	}
	into->fields = fields;
}

const struct client_field *
client_field_named(const struct client_operation *operation, const char *name)
{
	for (size_t i = 0; i < operation->field_count; i++)
		if (strcmp(operation->fields[i].name, name) == 0)
			return &operation->fields[i];
	return NULL;
}

/* ---- operations ---- */

static void
add_words(struct arena *arena, struct client_operation *into)
{
	const char *at = into->id;
	const char **words = arena_array(arena, strlen(at) + 1, sizeof(*words));

	while (*at != '\0') {
		size_t length = strcspn(at, ".");

		words[into->word_count++] = arena_text(arena, at, length).at;
		at += length + (at[length] == '.');
	}
	into->words = words;
}

static enum client_body
body_of(const struct operation *operation)
{
	if (operation->raw_body)
		return CLIENT_BODY_RAW;
	return operation->oauth ? CLIENT_BODY_FORM : CLIENT_BODY_JSON;
}

static struct client_operation
client_operation(struct arena *arena, const struct resource *resource, const struct operation *operation)
{
	char path[200];
	struct client_operation made = {
		.resource = resource,
		.operation = operation,
		.id = operation->id,
		.status = operation->status != 0 ? operation->status : 200,
		.body = body_of(operation),
		.list = operation->run->each != NULL,
		.streams_in = operation->kind == STREAM_IN,
		.reads = operation->kind == READ || operation->kind == REHEARSAL,
		.keyed = can_raise(operation, METHOD_POST, IDEMPOTENCY_KEY_REUSED) && operation->kind != REHEARSAL &&
			 operation->kind != STREAM_IN,
		.spends = operation->effect == SPENDS,
		.destroys = operation->effect == DESTROYS,
		.secret = operation->effect == EXPORTS,
		.public = operation->scope == PUBLIC,
		.renderings = operation->renderings,
		.takes = operation->run->takes,
		.gives = operation->run->gives,
	};

	made.repeatable = made.reads || made.keyed || operation->repeatable;
	route_path(operation, path);
	made.path = arena_text(arena, path, strlen(path)).at;
	add_words(arena, &made);
	add_fields(arena, &made);
	return made;
}

const struct client_operation *
client_operations(struct arena *arena, size_t *count)
{
	struct client_operation *list;
	size_t room = 0;

	for (size_t i = 0; resources[i] != NULL; i++)
		for (size_t j = 0; resources[i]->operations != NULL && resources[i]->operations[j] != NULL; j++)
			room++;
	list = arena_array(arena, room + 1, sizeof(*list));
	*count = 0;
	for (size_t i = 0; resources[i] != NULL; i++)
		for (size_t j = 0; resources[i]->operations != NULL && resources[i]->operations[j] != NULL; j++)
			list[(*count)++] = client_operation(arena, resources[i], resources[i]->operations[j]);
	return list;
}

/* ---- the tree of names ---- */

static const char *
group_summary(const char *path)
{
	for (size_t i = 0; resources[i] != NULL; i++)
		if (strcmp(resources[i]->name, path) == 0)
			return resources[i]->summary;
	return NULL;
}

/* The child of this word, added where there is none yet. `room` is enough for every operation. */
static struct client_node *
child(struct arena *arena, struct client_node *parent, const char *word, size_t room)
{
	struct client_node **children = (struct client_node **)parent->children, *made;

	for (size_t i = 0; i < parent->count; i++)
		if (strcmp(children[i]->word, word) == 0)
			return children[i];
	if (children == NULL)
		children = arena_array(arena, room, sizeof(struct client_node *));
	made = arena_take(arena, sizeof(*made));
	made->word = word;
	made->path = parent->path[0] == '\0' ? word : arena_format(arena, "%s.%s", parent->path, word).at;
	made->summary = group_summary(made->path);
	children[parent->count++] = made;
	parent->children = (const struct client_node *const *)children;
	return made;
}

const struct client_node *
client_tree(struct arena *arena)
{
	size_t count;
	const struct client_operation *list = client_operations(arena, &count);
	struct client_node *root = arena_take(arena, sizeof(*root));

	root->word = root->path = "";
	for (size_t i = 0; i < count; i++) {
		struct client_node *at = root;

		for (size_t word = 0; word < list[i].word_count; word++)
			at = child(arena, at, list[i].words[word], count);
		assert(at->operation == NULL && at->count == 0);
		at->operation = &list[i];
		at->summary = list[i].operation->summary;
	}
	return root;
}

/* ---- types ---- */

struct shape_walk {
	struct arena *arena;
	enum direction direction;
	struct name_set seen;
	struct client_shape *list; /* NULL: only counts */
	size_t count;
};

static void
add_shape(struct shape_walk *walk, const struct shape *shape, bool event)
{
	const char *name = schema_name(walk->arena, shape, walk->direction);

	if (!name_set_add(walk->arena, &walk->seen, name))
		return;
	for (size_t i = 0; i < shape->count; i++)
		if (shape->fields[i].shape != NULL && !shape->fields[i].hidden)
			add_shape(walk, shape->fields[i].shape, false);
	if (walk->list != NULL)
		walk->list[walk->count] = (struct client_shape){ shape, walk->direction, name, event };
	walk->count++;
}

static void
add_reply_shapes(struct shape_walk *walk, const struct client_operation *operation)
{
	const struct rendering *rendering = operation->renderings;

	add_shape(walk, operation->gives, false);
	for (; rendering != NULL && rendering->media_type != NULL; rendering++)
		if (rendering->rows != NULL)
			add_shape(walk, rendering->rows, false);
}

static void
walk_shapes(struct shape_walk *walk)
{
	size_t count;
	const struct client_operation *list = client_operations(walk->arena, &count);
	const struct event_type *type;

	for (size_t i = 0; i < count; i++) {
		if (walk->direction == REPLY)
			add_reply_shapes(walk, &list[i]);
		else if (list[i].body != CLIENT_BODY_RAW)
			add_shape(walk, list[i].takes, false);
	}
	for (size_t i = 0; walk->direction == REPLY && (type = event_type_at(i)) != NULL; i++)
		if (!type->internal)
			add_shape(walk, type->data, true);
}

const struct client_shape *
client_shapes(struct arena *arena, enum direction direction, size_t *count)
{
	struct shape_walk counting = { .arena = arena, .direction = direction }, walk = counting;

	walk_shapes(&counting);
	walk.list = arena_array(arena, counting.count + 1, sizeof(*walk.list));
	walk_shapes(&walk);
	*count = walk.count;
	return walk.list;
}

/* ---- words ---- */

const char *
client_kind_name(const struct field *field)
{
	static const char *const names[] = {
		[KIND_INTEGER] = "integer",
		[KIND_BOOLEAN] = "boolean",
		[KIND_TEXT] = "text",
		[KIND_ID] = "id",
		[KIND_INSTANT] = "time",
		[KIND_CREDITS] = "credits",
		[KIND_AMOUNT] = "amount",
		[KIND_DECIMAL] = "number",
		[KIND_CURRENCY] = "currency",
		[KIND_QUANTITY] = "quantity",
		[KIND_DIGEST] = "digest",
		[KIND_BYTES] = "bytes",
		[KIND_DOCUMENT] = "object",
		[KIND_TEXTS] = "list of texts",
		[KIND_LIST] = "list of objects",
		[KIND_OBJECT] = "object",
	};

	return client_rows(field) ? "list of objects" : names[field->kind];
}

/* Limits of decimals and quantities stand in millionths in their rows. */
static const char *
limit_text(struct arena *arena, const struct field *field, int64_t limit)
{
	bool millionths = field->kind == KIND_DECIMAL || field->kind == KIND_QUANTITY || field->kind == KIND_AMOUNT;
	char text[AMOUNT_LENGTH + 1];

	if (!millionths)
		return arena_format(arena, "%lld", (long long)limit).at;
	quantity_format((struct quantity){ limit }, text);
	return arena_text(arena, text, strlen(text)).at;
}

static void
add_range(struct buffer *rule, const struct field *field)
{
	const char *of = field->kind == KIND_TEXT ? " characters" : "", *least, *most;

	if (field->kind == KIND_TEXTS || client_rows(field))
		of = " items";
	if (!field->ranged)
		return;
	least = limit_text(rule->arena, field, field->least);
	most = limit_text(rule->arena, field, field->most);
	if (field->most == INT64_MAX)
		buffer_format(rule, ", at least %s%s", least, of);
	else if (field->least == field->most)
		buffer_format(rule, ", exactly %s%s", least, of);
	else
		buffer_format(rule, ", %s to %s%s", least, most, of);
}

struct text
client_field_rule(struct arena *arena, const struct field *field)
{
	struct buffer rule = buffer_new(arena, 80);
	bool formed = field->kind == KIND_TEXT && field->format != NULL && field->format->name != NULL;
	bool date = formed && strcmp(field->format->name, "date") == 0;

	/* "date" and "email" say more than "text" does. */
	buffer_add_string(&rule, formed ? field->format->name : client_kind_name(field));
	if (date)
		buffer_add_string(&rule, ", YYYY-MM-DD");
	for (const char *const *one = field->one_of; one != NULL && *one != NULL; one++)
		buffer_format(&rule, "%s%s", one == field->one_of ? ", one of " : " ", *one);
	if (!date)
		add_range(&rule, field);
	if (field->preset && field->kind == KIND_BOOLEAN)
		buffer_format(&rule, ", standard %s", field->standard != 0 ? "true" : "false");
	else if (field->preset)
		buffer_format(&rule, ", standard %s", limit_text(arena, field, field->standard));
	return buffer_text(&rule);
}

const char *
client_scope(const struct operation *operation)
{
	if (operation->scope == PUBLIC)
		return "no token";
	if (operation->scope == SIGNED_IN)
		return "a person's session";
	return operation->scope == ANY_TOKEN ? "any token" : scope_name(operation->scope);
}

void
client_made_by(struct buffer *out, const char *comment, const char *command)
{
	buffer_format(out, "%s Made by purser-describe %s: not to be edited.\n", comment, command);
}
