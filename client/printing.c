/*
 * Printing answers as JSON, tables or lines. All pages of a list together are one JSON document, written as they come.
 */
#include "printing.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "json_text.h"
#include "out.h"
#include "table.h"
#include "terminal.h"
#include "text.h"

struct print_pages {
	const struct printing *printing;
	struct table *table;
	bool all, begun;
	bool more; /* there is another page, which nobody asked for */
};

/* ---- choosing ---- */

const char *
printing_word(const char *media)
{
	const char *word = strchr(media, '/') + 1;

	return strncmp(word, "x-", 2) == 0 ? word + 2 : word;
}

static const char *
media_named(const struct command *command, const char *word)
{
	for (const char *const *media = command->media; media != NULL && *media != NULL; media++)
		if (strcmp(printing_word(*media), word) == 0)
			return *media;
	return NULL;
}

/* ", csv, pdf" of a command that answers these, too. */
static const char *
other_words(const struct arguments *arguments)
{
	struct buffer words = buffer_new(arguments->arena, 32);

	for (const char *const *media = arguments->command->media; media != NULL && *media != NULL; media++)
		if (strcmp(printing_word(*media), "ndjson") != 0)
			buffer_format(&words, ", %s", printing_word(*media));
	return buffer_text(&words).at;
}

static struct printing
printing_named(const struct arguments *arguments, const char *word, bool terminal)
{
	const char *media = media_named(arguments->command, word);

	if (strcmp(word, "json") == 0)
		return (struct printing){ PRINT_JSON, "application/json", terminal, 0 };
	if (strcmp(word, "table") == 0)
		return (struct printing){ PRINT_TABLE, "application/json", true, terminal ? terminal_width(80) : 0 };
	if (strcmp(word, "ndjson") == 0 && media == NULL)
		return (struct printing){ PRINT_LINES,
			arguments->command->list ? "application/x-ndjson" : "application/json", false, 0 };
	if (media == NULL)
		give_up("There is no --output %s of `%s`: say one of json, table, ndjson%s.", word,
		    typed_path(arguments->arena, arguments->command->id), other_words(arguments));
	if (terminal && strcmp(word, "pdf") == 0)
		give_up("A PDF is nothing to read on a terminal: add `> FILE`.");
	return (struct printing){ PRINT_MEDIA, media, false, 0 };
}

struct printing
printing_choose(const struct arguments *arguments)
{
	bool terminal = isatty(STDOUT_FILENO) != 0;
	const char *word = arguments->options[OPTION_OUTPUT];

	if (word == NULL)
		word = terminal ? "table" : "json";
	return printing_named(arguments, word, terminal);
}

/* ---- one answer ---- */

static const struct tree *
parsed(struct arena *arena, struct text body)
{
	const struct tree *tree = json_text_read(arena, body);

	if (tree == NULL)
		give_up("The answer is no JSON that can be shown: try --output json, in a pipe.");
	return tree;
}

static void
print_line(struct text text)
{
	if (text.length == 0)
		return;
	out_bytes(text.at, text.length);
	out_string("\n");
}

static void
print_json(struct arena *arena, const struct printing *printing, struct text body)
{
	struct buffer pretty = buffer_new(arena, 1024);

	if (!printing->beautiful || body.length == 0) {
		print_line(body);
		return;
	}
	json_text_pretty(&pretty, parsed(arena, body), 0);
	print_line(buffer_text(&pretty));
}

void
print_answer(struct arena *arena, const struct printing *printing, struct text body)
{
	if (printing->as == PRINT_TABLE && body.length > 0)
		table_object(arena, parsed(arena, body), printing->width);
	else if (printing->as == PRINT_JSON)
		print_json(arena, printing, body);
	else
		print_line(body);
	out_flush();
}

/* ---- pages ---- */

struct print_pages *
print_pages_begin(struct arena *arena, const struct printing *printing, bool all)
{
	struct print_pages *pages = arena_take(arena, sizeof(*pages));

	pages->printing = printing;
	pages->all = all;
	pages->table = table_new(arena, printing->width, all);
	return pages;
}

static void
print_rows(struct print_pages *pages, struct arena *arena, const struct tree *rows)
{
	bool lines = pages->printing->as == PRINT_LINES;

	for (const struct tree *row = rows->first; row != NULL; row = row->next) {
		struct arena_mark mark = arena_mark(arena);
		struct buffer out = buffer_new(arena, 512);

		json_text_value(&out, row);
		if (!lines)
			out_string(pages->begun ? ",\n" : "{\"data\":[\n");
		pages->begun = true;
		out_bytes(out.at, out.length);
		if (lines)
			out_string("\n");
		arena_release(arena, mark);
	}
}

struct maybe_text
print_page(struct print_pages *pages, struct arena *arena, struct text body)
{
	const struct tree *page, *rows;
	struct maybe_text next;

	if (!pages->all && pages->printing->as == PRINT_JSON) {
		print_json(arena, pages->printing, body);
		out_flush();
		return (struct maybe_text){ NULL, 0 };
	}
	page = parsed(arena, body);
	rows = tree_at(page, "data");
	next = tree_text(page, "next_cursor");
	if (rows == NULL || rows->kind != TREE_ARRAY)
		give_up("The answer is no page of a list.");
	if (pages->printing->as == PRINT_TABLE)
		table_rows(pages->table, arena, rows);
	else
		print_rows(pages, arena, rows);
	out_flush();
	pages->more = next.at != NULL;
	return next;
}

static void
tell_what_is_missing(const struct print_pages *pages)
{
	if (isatty(STDERR_FILENO) && isatty(STDOUT_FILENO) && table_is_empty(pages->table))
		fprintf(stderr, "(There are none.)\n");
	if (isatty(STDERR_FILENO) && table_left_out(pages->table) > 0)
		fprintf(stderr, "(%zu column%s more: --output json)\n", table_left_out(pages->table),
		    table_left_out(pages->table) == 1 ? "" : "s");
	if (isatty(STDERR_FILENO) && pages->more)
		fprintf(stderr, "(There are more: --all)\n");
}

void
print_pages_end(struct print_pages *pages)
{
	if (pages->all && pages->printing->as == PRINT_JSON)
		out_string(pages->begun ? "\n],\"next_cursor\":null}\n" : "{\"data\":[],\"next_cursor\":null}\n");
	out_flush();
	if (pages->printing->as == PRINT_TABLE)
		tell_what_is_missing(pages);
}
