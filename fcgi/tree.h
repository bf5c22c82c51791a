/*
 * JSON that others wrote and no shape of ours describes (a card processor's objects), as a tree to be looked into. The
 * text has passed the same scan as a body; it is taken apart by yajl into the arena.
 */
#ifndef PURSER_TREE_H
#define PURSER_TREE_H

#include "arena.h"
#include "value.h"

enum tree_kind { TREE_NULL, TREE_FALSE, TREE_TRUE, TREE_NUMBER, TREE_TEXT, TREE_ARRAY, TREE_OBJECT };

struct tree {
	enum tree_kind kind;
	struct text name; /* of an object's member */
	struct text text; /* of a text; of a number, its digits as written */
	struct tree *first, *next; /* items or members, and the next beside this one */
};

/* NULL where it is no JSON, deeper than 64 levels, or has more than 100,000 values; or than `values_most`. */
const struct tree *tree_parse(struct arena *arena, struct text json);
const struct tree *tree_parse_to(struct arena *arena, struct text json, size_t values_most);

/* Looks down a path of names with dots between, "data.object.amount"; a number is an item of an array, "data.0.id". NULL where
 * there is no such thing, also from NULL, so that looks can be chained. */
const struct tree *tree_at(const struct tree *tree, const char *path);
/* The member of that very name, dots and all, which customers choose here and there; NULL: none. */
const struct tree *tree_member(const struct tree *object, struct text name);

/* The value there as what it is asked for; false, or absent, where it is of another kind, or too large. */
struct maybe_text tree_text(const struct tree *tree, const char *path);
bool tree_integer(const struct tree *tree, const char *path, int64_t *number);
bool tree_is_true(const struct tree *tree, const char *path);

#endif
