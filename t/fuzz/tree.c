/*
 * A path, a line end, and a text. What is taken is valid text all through, no deeper and no more than the header says;
 * every object that is an acceptable body is taken; a look, and the reading of a payment, may only return.
 */
#include "t/fuzz/fuzz.h"

#include "handlers/stripe.h"
#include "json.h"
#include "text.h"
#include "tree.h"

enum { DEPTH = 64, VALUES = 100000, SHORT = 100000 };

static struct arena *arena;

static void
check_text(struct text text)
{
	MUST(utf8_valid(text.at, text.length) && memchr(text.at, '\0', text.length) == NULL);
	MUST(text.at[text.length] == '\0');
}

/* Deep no further than what is under test promises. */
static size_t
count_values(const struct tree *tree, size_t depth)
{
	size_t count = 1;

	MUST(depth <= DEPTH + 1);
	check_text(tree->name);
	check_text(tree->text);
	MUST(tree->first == NULL || tree->kind == TREE_ARRAY || tree->kind == TREE_OBJECT);
	for (const struct tree *inside = tree->first; inside != NULL; inside = inside->next)
		count += count_values(inside, depth + 1);
	return count;
}

static void
check_looks(const struct tree *tree, const char *path)
{
	const struct tree *found = tree_at(tree, path);
	struct charge charge;
	int64_t number;

	MUST(tree_text(tree, path).at == NULL || found->kind == TREE_TEXT);
	MUST(!tree_integer(tree, path, &number) || found->kind == TREE_NUMBER);
	MUST(!tree_is_true(tree, path) || found->kind == TREE_TRUE);
	if (stripe_read_charge(arena, tree, &charge))
		MUST(charge.intent_id.length > 0 && charge.received.micros >= 0 && charge.refunded.micros >= 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
	const struct tree *tree;
	struct text path, json;

	if (end == NULL || size > 300000)
		return 0;
	if (arena == NULL)
		arena = arena_new(FUZZ_MEMORY);
	arena_reset(arena);
	path = arena_text(arena, (const char *)data, (size_t)(end - data));
	json = (struct text){ (const char *)end + 1, size - path.length - 1 };
	tree = tree_parse(arena, json);
	if (json.length < SHORT && json_is_object(arena, json))
		MUST(tree != NULL && tree->kind == TREE_OBJECT);
	if (tree != NULL)
		MUST(count_values(tree, 1) <= VALUES);
	check_looks(tree, path.at);
	return 0;
}
