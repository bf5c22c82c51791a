/*
 * The digest that tells whether two bodies say the same. The canonical text is written into one buffer as the parser
 * goes; at the end of each object its members are put in order where they stand. Memory is twice the body, given back.
 */
#include "json_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "seal.h"
#include "text.h"

struct member {
	struct text name;
	size_t begin, length; /* of name and value in the canonical text */
};

struct level {
	bool is_object;
	size_t begin; /* of the first member or item in the canonical text */
	struct member *members;
	size_t count, room;
};

struct digester {
	struct arena *arena;
	struct text body;
	struct buffer canonical;
	char *spare;
	struct level levels[JSON_DEPTH];
	size_t depth;
};

/* A comma before every value of an array but the first; members get theirs when they are put in order. */
static void
begin_value(struct digester *digester)
{
	const struct level *level = digester->depth == 0 ? NULL : &digester->levels[digester->depth - 1];

	if (level != NULL && !level->is_object && digester->canonical.length > level->begin)
		buffer_add_char(&digester->canonical, ',');
}

static void
end_value(struct digester *digester)
{
	struct level *level = digester->depth == 0 ? NULL : &digester->levels[digester->depth - 1];
	struct member *member;

	if (level == NULL || !level->is_object)
		return;
	member = &level->members[level->count - 1];
	member->length = digester->canonical.length - member->begin;
}

static int
on_scalar(struct digester *digester, struct text token)
{
	begin_value(digester);
	buffer_add_text(&digester->canonical, token);
	end_value(digester);
	return 1;
}

static int
on_null(void *digester)
{
	return on_scalar(digester, TEXT("null"));
}

static int
on_boolean(void *digester, int truth)
{
	return on_scalar(digester, truth ? TEXT("true") : TEXT("false"));
}

static int
on_number(void *digester, const char *digits, size_t length)
{
	return on_scalar(digester, (struct text){ digits, length });
}

static int
on_string(void *context, const unsigned char *at, size_t length)
{
	struct digester *digester = context;

	begin_value(digester);
	json_write_text(&digester->canonical, (struct text){ (const char *)at, length });
	end_value(digester);
	return 1;
}

static int
open_level(struct digester *digester, bool is_object)
{
	struct level *level;

	begin_value(digester);
	buffer_add_char(&digester->canonical, is_object ? '{' : '[');
	assert(digester->depth < JSON_DEPTH);
	level = &digester->levels[digester->depth++];
	level->is_object = is_object;
	level->begin = digester->canonical.length;
	level->count = 0;
	return 1;
}

static int
on_open_object(void *digester)
{
	return open_level(digester, true);
}

static int
on_open_array(void *digester)
{
	return open_level(digester, false);
}

static void
add_member(struct arena *arena, struct level *level, struct member member)
{
	if (level->count == level->room) {
		size_t room = level->room == 0 ? 16 : level->room * 2;
		struct member *larger = arena_array(arena, room, sizeof(*larger));

		if (level->count > 0)
			memcpy(larger, level->members, level->count * sizeof(*larger));
		level->members = larger;
		level->room = room;
	}
	level->members[level->count++] = member;
}

static int
on_name(void *context, const unsigned char *at, size_t length)
{
	struct digester *digester = context;
	struct text name = json_keep(digester->arena, digester->body, at, length);

	add_member(digester->arena, &digester->levels[digester->depth - 1],
	    (struct member){ .name = name, .begin = digester->canonical.length });
	json_write_text(&digester->canonical, name);
	buffer_add_char(&digester->canonical, ':');
	return 1;
}

static int
by_name(const void *left, const void *right)
{
	const struct member *a = left, *b = right;
	size_t shorter = a->name.length < b->name.length ? a->name.length : b->name.length;
	int order = shorter == 0 ? 0 : memcmp(a->name.at, b->name.at, shorter);

	if (order != 0)
		return order;
	return (a->name.length > b->name.length) - (a->name.length < b->name.length);
}

static void
sort_members(struct digester *digester, struct level *level)
{
	size_t length = digester->canonical.length - level->begin;

	if (level->count == 0)
		return;
	if (digester->spare == NULL)
		digester->spare = arena_take(digester->arena, digester->body.length);
	qsort(level->members, level->count, sizeof(*level->members), by_name);
	memcpy(digester->spare, digester->canonical.at + level->begin, length);
	digester->canonical.length = level->begin;
	for (size_t i = 0; i < level->count; i++) {
		const struct member *member = &level->members[i];

		if (i > 0)
			buffer_add_char(&digester->canonical, ',');
		buffer_add(&digester->canonical, digester->spare + member->begin - level->begin, member->length);
	}
}

static int
on_close(void *context)
{
	struct digester *digester = context;
	struct level *level = &digester->levels[--digester->depth];

	if (level->is_object)
		sort_members(digester, level);
	buffer_add_char(&digester->canonical, level->is_object ? '}' : ']');
	end_value(digester);
	return 1;
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_open_object,
	.yajl_map_key = on_name,
	.yajl_end_map = on_close,
	.yajl_start_array = on_open_array,
	.yajl_end_array = on_close,
};

struct digest
json_digest(struct call *call, struct text body)
{
	struct arena_mark mark = arena_mark(call->arena);
	struct digester *digester = arena_take(call->arena, sizeof(*digester));
	struct digest digest;
	bool parsed;

	digester->arena = call->arena;
	digester->body = body.length == 0 ? TEXT("{}") : body;
	digester->canonical = buffer_new(call->arena, digester->body.length + 1);
	parsed = json_parse(json_parser(call->arena, &callbacks, digester), digester->body);
	assert(parsed);
	(void)parsed;
	digest = digest_of(digester->canonical.at, digester->canonical.length);
	arena_release(call->arena, mark);
	return digest;
}
