/*
 * JSON of others, which no shape can describe (`aud` is a string or an array): the members of an object or the items of
 * an array, one level at a time.
 */
#include "jwt_parts.h"

#include <assert.h>

#include "json_parts.h"
#include "text.h"

static_assert((int)PARTS_MOST >= (int)JSON_MEMBERS, "every object that json_is_object takes can be listed");

struct lister {
	struct arena *arena;
	struct text json;
	yajl_handle parser;
	struct parts *parts;
	struct text name;
	size_t depth;
	size_t begin; /* of the object or array at depth 1 */
};

static int
add(struct lister *lister, enum part_type type, struct text text)
{
	struct parts *parts = lister->parts;

	if (lister->depth != 1)
		return 1;
	if (parts->count == PARTS_MOST)
		return 0;
	parts->at[parts->count++] = (struct part){ lister->name, type, text };
	return 1;
}

static int
on_null(void *lister)
{
	return add(lister, PART_NULL, TEXT("null"));
}

static int
on_boolean(void *lister, int truth)
{
	return add(lister, PART_BOOLEAN, truth != 0 ? TEXT("true") : TEXT("false"));
}

static struct text
keep(const struct lister *lister, const void *at, size_t length)
{
	return json_keep(lister->arena, lister->json, at, length);
}

static int
on_number(void *context, const char *digits, size_t length)
{
	struct lister *lister = context;

	return add(lister, PART_NUMBER, keep(lister, digits, length));
}

static int
on_string(void *context, const unsigned char *at, size_t length)
{
	struct lister *lister = context;

	return lister->depth != 1 ? 1 : add(lister, PART_STRING, keep(lister, at, length));
}

static int
on_name(void *context, const unsigned char *at, size_t length)
{
	struct lister *lister = context;

	if (lister->depth == 1)
		lister->name = keep(lister, at, length);
	return 1;
}

static int
on_open(void *context)
{
	struct lister *lister = context;

	if (lister->depth++ == 1)
		lister->begin = yajl_get_bytes_consumed(lister->parser) - 1;
	return 1;
}

static int
on_close(void *context)
{
	struct lister *lister = context;
	const char *at = lister->json.at + lister->begin;
	size_t length = yajl_get_bytes_consumed(lister->parser) - lister->begin;

	lister->depth--;
	return add(lister, *at == '{' ? PART_OBJECT : PART_ARRAY, (struct text){ at, length });
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_open,
	.yajl_map_key = on_name,
	.yajl_end_map = on_close,
	.yajl_start_array = on_open,
	.yajl_end_array = on_close,
};

bool
jwt_read_parts(struct arena *arena, struct text json, struct parts *parts)
{
	struct lister lister = { .arena = arena, .json = json, .parts = parts, .name = TEXT_OF("") };

	*parts = (struct parts){ .at = arena_array(arena, PARTS_MOST, sizeof(*parts->at)) };
	lister.parser = json_parser(arena, &callbacks, &lister);
	return json_parse(lister.parser, json);
}

bool
jwt_read_object(struct arena *arena, struct text json, struct parts *parts)
{
	return json_is_object(arena, json) && jwt_read_parts(arena, json, parts);
}

const struct part *
jwt_member(const struct parts *parts, const char *name)
{
	for (size_t i = 0; i < parts->count; i++)
		if (text_is(parts->at[i].name, name))
			return &parts->at[i];
	return NULL;
}

bool
jwt_member_is(const struct parts *parts, const char *name, const char *string)
{
	const struct part *part = jwt_member(parts, name);

	return part != NULL && part->type == PART_STRING && text_is(part->text, string);
}

bool
jwt_array_holds(struct arena *arena, const struct part *array, const char *string, bool *all_strings)
{
	struct parts items;
	bool holds = false;

	*all_strings = array->type == PART_ARRAY && jwt_read_parts(arena, array->text, &items);
	if (!*all_strings)
		return false;
	for (size_t i = 0; i < items.count; i++) {
		if (items.at[i].type != PART_STRING)
			*all_strings = false;
		else if (text_is(items.at[i].text, string))
			holds = true;
	}
	return holds;
}
