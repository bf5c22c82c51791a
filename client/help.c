/*
 * Printing help from the table of commands, wrapped to the width of the terminal.
 */
#include "help.h"

#include <ctype.h>
#include <string.h>

#include "complain.h"
#include "local.h"
#include "out.h"
#include "printing.h"
#include "terminal.h"
#include "text.h"

enum { LEFT = 30, WIDTH_LEAST = 60, WIDTH_MOST = 110 };

static int
width(void)
{
	int columns = terminal_width(80);

	if (columns < WIDTH_LEAST)
		return WIDTH_LEAST;
	return columns > WIDTH_MOST ? WIDTH_MOST : columns;
}

static void
put_blanks(int count)
{
	while (count-- > 0)
		out_bytes(" ", 1);
}

/* Words from column `from` on, lines behind the first as far in; a line break stays one. */
static void
put_wrapped(const char *text, int from)
{
	int column = from;

	while (*text != '\0') {
		size_t length = strcspn(text, " \n");
		int columns = terminal_columns((struct text){ text, length });

		if (column > from && column + 1 + columns > width()) {
			out_string("\n");
			put_blanks(from);
			column = from;
		} else if (column > from) {
			out_string(" ");
			column++;
		}
		out_bytes(text, length);
		column = text[length] == '\n' ? WIDTH_MOST : column + columns;
		text += length + (text[length] != '\0');
	}
	out_string("\n");
}

/* A name at the left and what it is about beside it. */
static void
put_entry(const char *name, const char *about)
{
	int columns = terminal_columns(text_from(name));

	out_format("  %s", name);
	if (columns + 4 > LEFT) {
		out_string("\n");
		columns = -2;
	}
	put_blanks(LEFT - columns - 2);
	put_wrapped(about, LEFT);
}

/* ---- options ---- */

static void
put_options(const struct arguments *arguments, bool everywhere)
{
	for (int option = 0; option < OPTION_COUNT; option++) {
		const struct option_row *row = &option_rows[option];

		if ((row->place == EVERYWHERE) != everywhere || !arguments_take_option(arguments, (enum option)option))
			continue;
		put_entry(arena_format(arguments->arena, "--%s%s%s", row->name, row->value == NULL ? "" : " ",
			      row->value == NULL ? "" : row->value)
			      .at,
		    row->summary);
	}
}

/* ---- a command ---- */

/* What stands for the value: "ID" of the rule "id", "CREDITS" of "credits, at least 1". */
static const char *
value_word(struct arena *arena, const struct flag *flag)
{
	struct text word = arena_text(arena, flag->rule, strcspn(flag->rule, ", "));

	if (flag->kind == FLAG_OBJECT)
		return flag->repeats ? "'{…}'|'[…]'|@FILE" : "'{…}'|@FILE";
	if (flag->repeats)
		return "TEXT";
	for (size_t i = 0; i < word.length; i++)
		((char *)word.at)[i] = (char)toupper((unsigned char)word.at[i]);
	return word.at;
}

static const char *
flag_typed(struct arena *arena, const struct flag *flag)
{
	const char *name = typed_name(arena, flag->name);

	if (flag->kind == FLAG_BOOLEAN)
		return arena_format(arena, "--[no-]%s", name).at;
	return arena_format(arena, "--%s %s", name, value_word(arena, flag)).at;
}

/* What stands in an object, further to the right. */
static void
put_object(struct arena *arena, const struct member *members, int depth)
{
	for (; members != NULL && members->name != NULL; members++) {
		put_entry(arena_format(arena, "%*s%s", 2 * depth, "", members->name).at,
		    arena_format(arena, "%s (%s%s)", members->summary != NULL ? members->summary : "", members->rule,
			members->required ? "; required" : "")
			.at);
		put_object(arena, members->members, depth + 1);
	}
}

static void
put_flag(struct arena *arena, const struct flag *flag)
{
	put_entry(
	    flag_typed(arena, flag), arena_format(arena, "%s (%s%s%s)", flag->summary, flag->rule,
					 flag->repeats ? ", may be repeated" : "", flag->required ? "; required" : "")
					 .at);
	put_object(arena, flag->members, 1);
}

static void
put_flags(const struct arguments *arguments, bool required, const char *title)
{
	const struct command *command = arguments->command;
	size_t shown = 0;

	for (size_t i = 0; i < command->flag_count; i++) {
		if (command->flags[i].required != required)
			continue;
		if (shown++ == 0)
			out_format("\n%s:\n", title);
		put_flag(arguments->arena, &command->flags[i]);
	}
}

static void
put_usage(const struct arguments *arguments)
{
	const struct command *command = arguments->command;

	out_format("usage: purser %s", typed_path(arguments->arena, command->id));
	for (size_t i = 0; i < command->flag_count; i++)
		if (command->flags[i].required)
			out_format(" %s", flag_typed(arguments->arena, &command->flags[i]));
	out_string(" [FLAG…]\n\n");
}

static void
put_command(const struct arguments *arguments)
{
	const struct command *command = arguments->command;

	put_usage(arguments);
	put_wrapped(command->summary, 0);
	if (command->description != NULL)
		put_wrapped(command->description, 0);
	out_format("It needs %s; its effect: %s.\n", command->scope, command->effect);
	for (const char *const *media = command->media; media != NULL && *media != NULL; media++)
		out_format("It answers %s, too: --output %s\n", *media, printing_word(*media));
	put_flags(arguments, true, "Required");
	put_flags(arguments, false, "Flags");
	out_string("\nOptions:\n");
	put_options(arguments, false);
	put_options(arguments, true);
	out_format("\nPOST %s\n", command->path);
}

/* ---- a group ---- */

/* The word behind the path in the id, if the id begins with the path. */
static struct text
next_word(const char *id, const char *path)
{
	size_t length = strlen(path);

	if (length > 0 && (strncmp(id, path, length) != 0 || id[length] != '.'))
		return (struct text){ "", 0 };
	id += length > 0 ? length + 1 : 0;
	return (struct text){ id, strcspn(id, ".") };
}

static bool
is_first(size_t before, struct text word, const char *path)
{
	for (size_t i = 0; i < before; i++)
		if (text_equal(next_word(commands[i].id, path), word))
			return false;
	return true;
}

/* "approvals, auto_topup, …": of a group that nothing is said about. */
static const char *
list_of_words(struct arena *arena, const char *path)
{
	struct buffer out = buffer_new(arena, 80);

	for (size_t i = 0; i < command_count; i++) {
		struct text word = next_word(commands[i].id, path);

		if (word.length > 0 && is_first(i, word, path))
			buffer_format(&out, "%s%s", out.length > 0 ? ", " : "",
			    typed_name(arena, arena_text(arena, word.at, word.length).at));
	}
	return buffer_text(&out).at;
}

static void
put_children(const struct arguments *arguments)
{
	struct arena *arena = arguments->arena;

	for (size_t i = 0; i < command_count; i++) {
		struct text word = next_word(commands[i].id, arguments->path);
		const char *name, *path, *summary;

		if (word.length == 0 || !is_first(i, word, arguments->path))
			continue;
		name = arena_text(arena, word.at, word.length).at;
		path = arguments->path[0] == '\0' ? name : arena_format(arena, "%s.%s", arguments->path, name).at;
		summary = command_named(path) != NULL ? command_named(path)->summary : command_group_summary(path);
		put_entry(typed_name(arena, name), summary != NULL ? summary : list_of_words(arena, path));
	}
}

static void
put_group(const struct arguments *arguments)
{
	const char *summary = command_group_summary(arguments->path);
	bool root = arguments->path[0] == '\0';

	out_format(
	    "usage: purser %s%sCOMMAND… [FLAG…]\n\n", typed_path(arguments->arena, arguments->path), root ? "" : " ");
	if (root)
		summary = "Organizations, prepaid credits and billing.";
	if (summary != NULL)
		out_format("%s\n\n", summary);
	out_string("Commands:\n");
	put_children(arguments);
	if (root) {
		out_string("\nOf this program itself:\n");
		for (size_t i = 0; i < local_count; i++)
			put_entry(locals[i].usage, locals[i].summary);
	}
	out_string("\nOptions of every command:\n");
	put_options(arguments, true);
	out_format("\n`purser %s%sCOMMAND --help` tells more.\n", typed_path(arguments->arena, arguments->path),
	    root ? "" : " ");
}

/* ---- all of it ---- */

static void
put_local(const struct arguments *arguments)
{
	for (size_t i = 0; i < local_count; i++) {
		if (strcmp(locals[i].name, arguments->local) != 0)
			continue;
		out_format("usage: purser %s [FLAG…]\n\n", locals[i].usage);
		put_wrapped(locals[i].summary, 0);
	}
	out_string("\nOptions:\n");
	put_options(arguments, false);
	put_options(arguments, true);
}

void
help_print(const struct arguments *arguments)
{
	if (arguments->local != NULL)
		put_local(arguments);
	else if (arguments->command != NULL)
		put_command(arguments);
	else
		put_group(arguments);
}

void
help_run(const struct arguments *arguments)
{
	char *words[] = { (char *)"purser", (char *)arguments->operands[0], (char *)arguments->operands[1],
		(char *)arguments->operands[2], (char *)arguments->operands[3] };

	help_print(arguments_read(arguments->arena, 1 + (int)arguments->operand_count, words));
}
