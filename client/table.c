/*
 * Tables. Numbers stand at the right of their column; what is too long ends in …, but ids never do; where there is
 * still no room, the last columns are left out.
 */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "out.h"
#include "terminal.h"
#include "text.h"

enum { COLUMNS_MOST = 100, LEAST_WIDTH = 12, BETWEEN = 2, TO_THE_SECOND = sizeof("2026-01-02T03:04:05") - 1 };

struct column {
	struct text name;
	struct text shown; /* the name as the terminal may have it */
	int width;
	int least; /* it may be made no narrower */
	bool numbers;
	bool filled;
};

struct table {
	struct arena *arena; /* of the table: pages come and go */
	struct column columns[COLUMNS_MOST];
	size_t count, shown;
	int width;
	bool laid_out, more_follows;
};

struct table *
table_new(struct arena *arena, int width, bool more_follows)
{
	struct table *table = arena_take(arena, sizeof(*table));

	table->arena = arena;
	table->width = width;
	table->more_follows = more_follows;
	return table;
}

size_t
table_left_out(const struct table *table)
{
	return table->count - table->shown;
}

bool
table_is_empty(const struct table *table)
{
	return !table->laid_out;
}

/* ---- cells ---- */

static bool
ends_with(struct text name, const char *end)
{
	size_t length = strlen(end);

	return name.length >= length && memcmp(name.at + name.length - length, end, length) == 0;
}

static bool
is_time(struct text text)
{
	return text.length > TO_THE_SECOND && text.at[10] == 'T' && text.at[13] == ':' && text.at[16] == ':' &&
	       text.at[text.length - 1] == 'Z' && strspn(text.at, "0123456789-T:.") == text.length - 1;
}

/* A time without the fraction of its second. */
static struct text
time_or_text(struct arena *arena, struct text text)
{
	if (!is_time(text) || text.at[TO_THE_SECOND] != '.')
		return text;
	return arena_format(arena, "%.*sZ", (int)TO_THE_SECOND, text.at);
}

static bool
is_list_of_objects(const struct tree *tree)
{
	return tree->kind == TREE_ARRAY && tree->first != NULL && tree->first->kind == TREE_OBJECT;
}

static struct text
plain_value(struct arena *arena, const struct tree *tree)
{
	switch (tree->kind) {
	case TREE_TRUE:
		return TEXT("yes");
	case TREE_FALSE:
		return TEXT("no");
	case TREE_TEXT:
	case TREE_NUMBER:
		return time_or_text(arena, tree->text);
	case TREE_NULL:
	case TREE_OBJECT:
	case TREE_ARRAY:
		break;
	}
	return TEXT("");
}

/* `{"type": "user", "id": "01…"}` is "user 01…"; what else an object says has its name. */
static void
add_name(struct buffer *out, const struct tree *member)
{
	if (!text_is(member->name, "type") && !text_is(member->name, "id"))
		buffer_format(out, "%s=", member->name.at);
}

static void
add_value(struct buffer *out, const struct tree *tree)
{
	size_t begun = out->length, count = 0;

	if (is_list_of_objects(tree)) {
		for (const struct tree *item = tree->first; item != NULL; item = item->next)
			count++;
		buffer_format(out, "%zu item%s", count, count == 1 ? "" : "s");
		return;
	}
	buffer_add_text(out, plain_value(out->arena, tree));
	for (const struct tree *member = tree->first; member != NULL; member = member->next) {
		if (member->kind == TREE_NULL)
			continue;
		if (out->length > begun)
			buffer_add_string(out, tree->kind == TREE_ARRAY ? ", " : " ");
		if (tree->kind == TREE_OBJECT)
			add_name(out, member);
		add_value(out, member);
	}
}

/* As a person reads it, on one line, with nothing in it that a terminal would obey. */
static struct text
cell_of(struct arena *arena, const struct tree *tree)
{
	struct buffer out = buffer_new(arena, 32);

	if (tree != NULL)
		add_value(&out, tree);
	terminal_make_plain((char *)buffer_text(&out).at);
	return buffer_text(&out);
}

static void
put_blanks(int count)
{
	while (count-- > 0)
		out_bytes(" ", 1);
}

static void
put_cell(struct text cell, int width, bool right, bool last)
{
	int columns = terminal_columns(cell);

	if (columns > width) {
		out_bytes(cell.at, terminal_cut(cell, width - 1));
		out_string("…");
		columns = width;
	} else {
		put_blanks(right ? width - columns : 0);
		out_bytes(cell.at, cell.length);
		columns = right ? width : columns;
	}
	put_blanks(last ? 0 : width - columns + BETWEEN);
}

/* ---- columns ---- */

static struct column *
column_named(struct table *table, struct text name)
{
	struct text shown;

	for (size_t i = 0; i < table->count; i++)
		if (text_equal(table->columns[i].name, name))
			return &table->columns[i];
	if (table->count == COLUMNS_MOST)
		return NULL;
	shown = arena_text(table->arena, name.at, name.length);
	terminal_make_plain((char *)shown.at);
	table->columns[table->count] = (struct column){
		.name = arena_text(table->arena, name.at, name.length),
		.shown = shown,
		.width = terminal_columns(shown),
		.numbers = true,
	};
	return &table->columns[table->count++];
}

/* Half an id or half a time is none. */
static bool
is_whole(struct text name)
{
	return text_is(name, "id") || ends_with(name, "_id") || text_is(name, "at") || ends_with(name, "_at");
}

static void
measure(struct table *table, struct arena *arena, const struct tree *rows)
{
	for (const struct tree *row = rows->first; row != NULL; row = row->next) {
		const struct tree *first = row->kind == TREE_OBJECT ? row->first : NULL;

		for (const struct tree *member = first; member != NULL; member = member->next) {
			struct column *column = column_named(table, member->name);
			struct text cell = cell_of(arena, member);
			int width = terminal_columns(cell);

			if (column == NULL || cell.length == 0)
				continue;
			column->filled = true;
			column->numbers &= json_text_is_number(cell, false);
			column->width = width > column->width ? width : column->width;
		}
	}
	for (size_t i = 0; i < table->count; i++) {
		struct column *column = &table->columns[i];

		column->numbers &= column->filled;
		column->least = column->numbers || is_whole(column->name) || column->width < LEAST_WIDTH ? column->width
													 : LEAST_WIDTH;
	}
}

static void
drop_empty(struct table *table)
{
	size_t kept = 0;

	for (size_t i = 0; i < table->count; i++)
		if (table->columns[i].filled || table->more_follows)
			table->columns[kept++] = table->columns[i];
	table->count = kept;
}

static int
total(const struct table *table, bool narrowed)
{
	int width = 0;

	for (size_t i = 0; i < table->shown; i++)
		width += (narrowed ? table->columns[i].least : table->columns[i].width) + (i > 0 ? BETWEEN : 0);
	return width;
}

/* The widest of those that may be narrower, or NULL. */
static struct column *
widest(struct table *table)
{
	struct column *found = NULL;

	for (size_t i = 0; i < table->shown; i++) {
		struct column *column = &table->columns[i];

		if (column->width > column->least && (found == NULL || column->width > found->width))
			found = column;
	}
	return found;
}

static void
lay_out(struct table *table, struct arena *arena, const struct tree *rows)
{
	struct column *column;

	measure(table, arena, rows);
	drop_empty(table);
	table->shown = table->count;
	table->laid_out = true;
	if (table->width == 0)
		return;
	while (total(table, true) > table->width && table->shown > 1)
		table->shown--;
	while (total(table, false) > table->width && (column = widest(table)) != NULL)
		column->width--;
}

void
table_rows(struct table *table, struct arena *arena, const struct tree *rows)
{
	if (rows == NULL || rows->first == NULL)
		return;
	if (!table->laid_out) {
		lay_out(table, arena, rows);
		for (size_t i = 0; i < table->shown; i++)
			put_cell(table->columns[i].shown, table->columns[i].width, table->columns[i].numbers,
			    i + 1 == table->shown);
		out_string("\n");
	}
	for (const struct tree *row = rows->first; row != NULL; row = row->next) {
		for (size_t i = 0; i < table->shown; i++) {
			const struct column *column = &table->columns[i];

			put_cell(cell_of(arena, tree_member(row, column->name)), column->width, column->numbers,
			    i + 1 == table->shown);
		}
		out_string("\n");
	}
}

/* ---- one object ---- */

/* "organization.name" for members of members. */
static struct text
full_name(struct arena *arena, const char *prefix, struct text name)
{
	struct text full = arena_format(arena, "%s%s%s", prefix, prefix[0] == '\0' ? "" : ".", name.at);

	terminal_make_plain((char *)full.at);
	return full;
}

static int
widest_name(struct arena *arena, const struct tree *object, const char *prefix)
{
	int most = 0;

	for (const struct tree *member = object->first; member != NULL; member = member->next) {
		struct text name = full_name(arena, prefix, member->name);
		int width = member->kind == TREE_OBJECT ? widest_name(arena, member, name.at) : terminal_columns(name);

		most = width > most && !is_list_of_objects(member) ? width : most;
	}
	return most;
}

static void
put_members(struct arena *arena, const struct tree *object, const char *prefix, int names)
{
	for (const struct tree *member = object->first; member != NULL; member = member->next) {
		struct text name = full_name(arena, prefix, member->name);
		struct text cell = cell_of(arena, member);

		if (is_list_of_objects(member))
			continue;
		if (member->kind == TREE_OBJECT) {
			put_members(arena, member, name.at, names);
			continue;
		}
		put_cell(name, names, false, cell.length == 0);
		out_bytes(cell.at, cell.length);
		out_string("\n");
	}
}

static void
put_lists(struct arena *arena, const struct tree *object, const char *prefix, int width)
{
	for (const struct tree *member = object->first; member != NULL; member = member->next) {
		struct text name = full_name(arena, prefix, member->name);

		if (member->kind == TREE_OBJECT)
			put_lists(arena, member, name.at, width);
		if (!is_list_of_objects(member))
			continue;
		out_string("\n");
		out_bytes(name.at, name.length);
		out_string(":\n");
		table_rows(table_new(arena, width, false), arena, member);
	}
}

void
table_object(struct arena *arena, const struct tree *object, int width)
{
	if (object->kind != TREE_OBJECT) {
		struct text cell = cell_of(arena, object);

		out_bytes(cell.at, cell.length);
		out_string("\n");
		return;
	}
	put_members(arena, object, "", widest_name(arena, object, ""));
	put_lists(arena, object, "", width);
}
