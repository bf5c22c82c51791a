/*
 * Trees of JSON: yajl's callbacks hang each value behind the one before it. Open arrays and objects stand in a list of
 * fixed size, so that no input makes the program's own stack grow. Where an object has two members of one name, the
 * first is the one that a look finds.
 */
#include "tree.h"

#include <assert.h>
#include <string.h>

#include "json_parts.h"
#include "text.h"

enum { DEPTH_MOST = 64, VALUES_MOST = 100000 };

struct open {
	struct tree *tree;
	struct tree *last; /* the newest inside */
};

struct builder {
	struct arena *arena;
	struct tree *root;
	struct open open[DEPTH_MOST];
	size_t depth;
	size_t count, most;
	struct text name; /* of the member whose value comes next */
};

/* ---- building --------------------------------------------------------------------------------------------------- */

/* The new value in its place; NULL where there are too many. */
static struct tree *
add(struct builder *builder, enum tree_kind kind)
{
	struct open *open = builder->depth == 0 ? NULL : &builder->open[builder->depth - 1];
	struct tree *tree;

	if (builder->count++ == builder->most)
		return NULL;
	tree = arena_take(builder->arena, sizeof(*tree));
	*tree = (struct tree){ .kind = kind, .name = TEXT_OF(""), .text = TEXT_OF("") };
	if (open == NULL)
		builder->root = tree;
	else if (open->last == NULL)
		open->tree->first = tree;
	else
		open->last->next = tree;
	if (open != NULL) {
		open->last = tree;
		if (open->tree->kind == TREE_OBJECT)
			tree->name = builder->name;
	}
	return tree;
}

static int
add_scalar(struct builder *builder, enum tree_kind kind, const char *at, size_t length)
{
	struct tree *tree = add(builder, kind);

	if (tree == NULL)
		return 0;
	if (at != NULL)
		tree->text = arena_text(builder->arena, at, length);
	return 1;
}

static int
open_level(struct builder *builder, enum tree_kind kind)
{
	struct tree *tree = add(builder, kind);

	if (tree == NULL)
		return 0;
	assert(builder->depth < DEPTH_MOST); /* the scan saw to it */
	builder->open[builder->depth++] = (struct open){ .tree = tree };
	return 1;
}

static int
on_null(void *builder)
{
	return add_scalar(builder, TREE_NULL, NULL, 0);
}

static int
on_boolean(void *builder, int truth)
{
	return add_scalar(builder, truth != 0 ? TREE_TRUE : TREE_FALSE, NULL, 0);
}

static int
on_number(void *builder, const char *digits, size_t length)
{
	return add_scalar(builder, TREE_NUMBER, digits, length);
}

static int
on_string(void *builder, const unsigned char *at, size_t length)
{
	return add_scalar(builder, TREE_TEXT, (const char *)at, length);
}

static int
on_name(void *context, const unsigned char *at, size_t length)
{
	struct builder *builder = context;

	builder->name = arena_text(builder->arena, (const char *)at, length);
	return 1;
}

static int
on_open_object(void *builder)
{
	return open_level(builder, TREE_OBJECT);
}

static int
on_open_array(void *builder)
{
	return open_level(builder, TREE_ARRAY);
}

static int
on_close(void *context)
{
	struct builder *builder = context;

	builder->depth--;
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

const struct tree *
tree_parse_to(struct arena *arena, struct text json, size_t values_most)
{
	struct builder *builder;

	if (json_scan_to(json, DEPTH_MOST) != NULL)
		return NULL;
	builder = arena_take(arena, sizeof(*builder));
	builder->arena = arena;
	builder->most = values_most;
	return json_parse(json_parser(arena, &callbacks, builder), json) ? builder->root : NULL;
}

const struct tree *
tree_parse(struct arena *arena, struct text json)
{
	return tree_parse_to(arena, json, VALUES_MOST);
}

/* ---- looking ---------------------------------------------------------------------------------------------------- */

static const struct tree *
item_of(const struct tree *array, struct text number)
{
	const struct tree *item = array->first;
	int64_t index;

	if (!integer_parse(number, &index) || index < 0)
		return NULL;
	while (item != NULL && index-- > 0)
		item = item->next;
	return item;
}

const struct tree *
tree_member(const struct tree *object, struct text name)
{
	const struct tree *member = object->first;

	while (member != NULL && !text_equal(member->name, name))
		member = member->next;
	return member;
}

const struct tree *
tree_at(const struct tree *tree, const char *path)
{
	while (tree != NULL && *path != '\0') {
		struct text step = { path, strcspn(path, ".") };

		if (tree->kind == TREE_OBJECT)
			tree = tree_member(tree, step);
		else
			tree = tree->kind == TREE_ARRAY ? item_of(tree, step) : NULL;
		path += step.length;
		path += *path == '.';
	}
	return tree;
}

struct maybe_text
tree_text(const struct tree *tree, const char *path)
{
	const struct tree *found = tree_at(tree, path);

	return found != NULL && found->kind == TREE_TEXT ? text_given(found->text) : (struct maybe_text){ 0 };
}

bool
tree_integer(const struct tree *tree, const char *path, int64_t *number)
{
	const struct tree *found = tree_at(tree, path);

	return found != NULL && found->kind == TREE_NUMBER && integer_parse(found->text, number);
}

bool
tree_is_true(const struct tree *tree, const char *path)
{
	const struct tree *found = tree_at(tree, path);

	return found != NULL && found->kind == TREE_TRUE;
}
