/*
 * The nearest of the names that there are: the one with the fewest letters wrong, few enough that it may be meant.
 */
#include "suggestion.h"

#include <string.h>

#include "local.h"
#include "text.h"

enum { NAME_MOST = 64 };

struct nearest {
	const char *typed;
	const char *name; /* the best so far */
	size_t distance;
};

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters to put in, to take away, to change or to swap with their neighbours. */
static size_t
distance(const char *a, const char *b)
{
	size_t rows[3][NAME_MOST + 1] = { 0 };
	size_t *two_before = rows[0], *before = rows[1], *row = rows[2];
	size_t a_length = strlen(a), b_length = strlen(b);

	if (a_length > NAME_MOST || b_length > NAME_MOST)
		return NAME_MOST;
	for (size_t j = 0; j <= b_length; j++)
		row[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		size_t *oldest = two_before;

		two_before = before;
		before = row;
		row = oldest;
		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = least(before[j - 1] + (a[i - 1] != b[j - 1]), least(before[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], two_before[j - 2] + 1);
		}
	}
	return row[b_length];
}

/* What was begun and not ended is near, too. */
static void
look_at(struct nearest *nearest, const char *name)
{
	size_t length = strlen(nearest->typed), wrong = distance(nearest->typed, name);

	if (length >= 3 && strncmp(name, nearest->typed, length) == 0)
		wrong = 1;
	if (wrong > (length + 2) / 4 || (nearest->name != NULL && wrong >= nearest->distance))
		return;
	nearest->name = name;
	nearest->distance = wrong;
}

/* ---- commands ---- */

/* The beginning of the id that ends with the word, wherever it stands; NULL: it is no word of it. */
static const char *
up_to_word(struct arena *arena, const char *id, const char *word)
{
	size_t length = strlen(word);
	const char *at = id;

	while (strncmp(at, word, length) != 0 || (at[length] != '.' && at[length] != '\0')) {
		at = strchr(at, '.');
		if (at == NULL)
			return NULL;
		at++;
	}
	return arena_text(arena, id, (size_t)(at - id) + length).at;
}

const char *
suggested_command(struct arena *arena, const char *path)
{
	const char *dot = strrchr(path, '.'), *word = dot == NULL ? path : dot + 1;
	size_t before = (size_t)(word - path);
	struct nearest nearest = { .typed = word };
	const char *elsewhere = NULL; /* a command rather than a group */

	for (size_t i = 0; i < command_count; i++) {
		const char *id = commands[i].id, *there = up_to_word(arena, id, word);

		if (there != NULL &&
		    (elsewhere == NULL || (command_named(elsewhere) == NULL && strcmp(there, id) == 0)))
			elsewhere = there;
		if (strncmp(id, path, before) == 0)
			look_at(&nearest, arena_text(arena, id + before, strcspn(id + before, ".")).at);
	}
	for (size_t i = 0; dot == NULL && i < local_count; i++)
		look_at(&nearest, locals[i].name);
	if (nearest.name == NULL)
		return elsewhere == NULL ? NULL : typed_path(arena, elsewhere);
	return typed_path(arena, arena_format(arena, "%.*s%s", (int)before, path, nearest.name).at);
}

/* ---- flags ---- */

const char *
suggested_flag(const struct arguments *arguments, struct text typed)
{
	struct arena *arena = arguments->arena;
	const struct command *command = arguments->command;
	struct nearest nearest = { .typed = arena_text(arena, typed.at, typed.length).at };

	for (size_t i = 0; command != NULL && i < command->flag_count; i++) {
		const char *name = typed_name(arena, command->flags[i].name);

		look_at(&nearest, name);
		if (command->flags[i].kind == FLAG_BOOLEAN)
			look_at(&nearest, arena_format(arena, "no-%s", name).at);
	}
	for (int option = 0; option < OPTION_COUNT; option++)
		if (arguments_take_option(arguments, (enum option)option))
			look_at(&nearest, option_rows[option].name);
	return nearest.name == NULL ? NULL : arena_format(arena, "--%s", nearest.name).at;
}
