/*
 * Reading the command line. Words before the first option name the command; a flag's name is its member's, with - for
 * _.
 */
#include "arguments.h"

#include <string.h>

#include "complain.h"
#include "local.h"
#include "suggestion.h"
#include "text.h"

const struct option_row option_rows[OPTION_COUNT] = {
	[OPTION_JSON] = { "json", "'{…}'|@FILE|-", WITH_OPERATION,
	    "The input as one JSON object; flags win over its members." },
	[OPTION_LINES] = { "lines", "@FILE|-", WITH_FORMS,
	    "The items by lines, one JSON object each, sent as they are." },
	[OPTION_HEADER] = { "header", "'NAME: VALUE'", WITH_RAW, "A header to send along; may be repeated." },
	[OPTION_ALL] = { "all", NULL, WITH_LIST, "Every page, not only the first." },
	[OPTION_IDEMPOTENCY_KEY] = { "idempotency-key", "KEY", WITH_KEY,
	    "The same key with the same input does nothing twice within 24 hours." },
	[OPTION_YES] = { "yes", NULL, WITH_SPENDING, "Go on without asking." },
	[OPTION_EMAIL] = { "email", "ADDRESS", WITH_LOGIN, "The e-mail address to sign in with." },
	[OPTION_OUTPUT] = { "output", "json|table|ndjson", WITH_REPLY,
	    "How to print the answer; a table on a terminal and JSON elsewhere, if not said." },
	[OPTION_URL] = { "url", "URL", EVERYWHERE, "The service (PURSER_URL)." },
	[OPTION_API_KEY] = { "api-key", "KEY", EVERYWHERE, "Who is calling (PURSER_API_KEY)." },
	[OPTION_CA] = { "ca", "FILE", EVERYWHERE, "The certificates to trust, if not the system's (PURSER_CA)." },
	[OPTION_PROFILE] = { "profile", "NAME", EVERYWHERE, "Whose sign-in to use (PURSER_PROFILE)." },
	[OPTION_HELP] = { "help", NULL, EVERYWHERE, "This text." },
};

struct reader {
	struct arguments *into;
	char **argv;
	int argc, at;
};

/* ---- names ---- */

static const char *
with_letter(struct arena *arena, const char *name, char from, char to)
{
	struct text copy = arena_text(arena, name, strlen(name));
	char *at = (char *)copy.at;

	for (; *at != '\0'; at++)
		if (*at == from)
			*at = to;
	return copy.at;
}

const char *
typed_name(struct arena *arena, const char *name)
{
	return with_letter(arena, name, '_', '-');
}

const char *
typed_path(struct arena *arena, const char *path)
{
	return with_letter(arena, typed_name(arena, path), '.', ' ');
}

bool
arguments_take_option(const struct arguments *arguments, enum option option)
{
	const struct command *command = arguments->command;
	unsigned place = option_rows[option].place, here = 0;

	if (place == EVERYWHERE)
		return true;
	if (command != NULL)
		here = WITH_OPERATION | WITH_REPLY | (command->list ? WITH_LIST : 0U) |
		       (command->forms != NULL ? WITH_FORMS : 0U) | (command->body == BODY_RAW ? WITH_RAW : 0U) |
		       (command->keyed ? WITH_KEY : 0U) | (command->spends ? WITH_SPENDING : 0U);
	else if (arguments->local != NULL && strcmp(arguments->local, "login") == 0)
		here = WITH_LOGIN;
	return (place & here) != 0;
}

/* ---- words ---- */

/* "did you mean …? ", or nothing. */
static const char *
question(struct arena *arena, const char *before, const char *suggested)
{
	return suggested == NULL ? "" : arena_format(arena, "did you mean `%s%s`? Else ", before, suggested).at;
}

static const char *
help_of(const struct arguments *into)
{
	return arena_format(
	    into->arena, "`purser %s%s--help`", typed_path(into->arena, into->path), into->path[0] == '\0' ? "" : " ")
	    .at;
}

__attribute__((noreturn)) static void
refuse_command(const struct arguments *into, const char *path)
{
	give_up("There is no command `%s`: %stry %s.", typed_path(into->arena, path),
	    question(into->arena, "purser ", suggested_command(into->arena, path)), help_of(into));
}

/* A value without its flag: where one is required it may be that one's. */
__attribute__((noreturn)) static void
refuse_operand(const struct arguments *into, const char *word)
{
	const char *flag = NULL;

	for (size_t i = 0; i < into->command->flag_count && flag == NULL; i++)
		if (into->command->flags[i].required)
			flag = arena_format(
			    into->arena, "--%s %s", typed_name(into->arena, into->command->flags[i].name), word)
				   .at;
	give_up("`%s` is one word too many: %stry %s.", word, question(into->arena, "", flag), help_of(into));
}

static void
take_word(struct reader *reader, const char *word)
{
	struct arguments *into = reader->into;
	const char *name = with_letter(into->arena, word, '-', '_');
	const char *path = into->path[0] == '\0' ? name : arena_format(into->arena, "%s.%s", into->path, name).at;

	if (into->local != NULL) {
		if (into->operand_count == COUNT(into->operands))
			give_up("`%s` is one word too many.", word);
		into->operands[into->operand_count++] = word;
		return;
	}
	if (into->command != NULL)
		refuse_operand(into, word);
	if (into->path[0] == '\0' && local_exists(word)) {
		into->local = word;
		into->path = word;
		into->command = local_stands_for(word);
		return;
	}
	into->command = command_named(path);
	if (into->command == NULL && !command_group_exists(path))
		refuse_command(into, path);
	into->path = path;
}

/* ---- flags ---- */

/* What follows the `=`, else the next word. */
static const char *
value_of(struct reader *reader, const char *typed, const char *equals)
{
	if (equals != NULL)
		return equals + 1;
	if (reader->at >= reader->argc)
		give_up("%s takes a value.", typed);
	return reader->argv[reader->at++];
}

static const struct flag *
flag_named(const struct command *command, struct text typed)
{
	for (size_t i = 0; command != NULL && i < command->flag_count; i++) {
		const char *name = command->flags[i].name;
		size_t at = 0;

		while (at < typed.length && name[at] != '\0' && (name[at] == '_' ? '-' : name[at]) == typed.at[at])
			at++;
		if (at == typed.length && name[at] == '\0')
			return &command->flags[i];
	}
	return NULL;
}

static bool
truth_of(const char *typed, const char *equals)
{
	if (equals == NULL || strcmp(equals, "=true") == 0)
		return true;
	if (strcmp(equals, "=false") != 0)
		give_up("%s is true or false.", typed);
	return false;
}

static bool
take_flag(struct reader *reader, const char *typed, struct text name, const char *equals)
{
	struct arguments *into = reader->into;
	const struct flag *flag = flag_named(into->command, name);
	bool negated = flag == NULL && text_starts(name, "no-");
	struct given *given = &into->given[into->given_count];

	if (negated)
		flag = flag_named(into->command, (struct text){ name.at + 3, name.length - 3 });
	if (flag == NULL || (negated && flag->kind != FLAG_BOOLEAN))
		return false;
	given->flag = flag;
	if (flag->kind == FLAG_BOOLEAN)
		given->truth = truth_of(typed, equals) != negated;
	else
		given->value = value_of(reader, typed, equals);
	for (size_t i = 0; i < into->given_count && !flag->repeats; i++)
		if (into->given[i].flag == flag)
			give_up("--%s is given twice.", typed_name(into->arena, flag->name));
	into->given_count++;
	return true;
}

/* ---- options ---- */

/* `login --api-key` asks for the key where none follows. */
static bool
may_lack_value(const struct reader *reader, enum option option)
{
	const struct arguments *into = reader->into;

	return option == OPTION_API_KEY && into->local != NULL && strcmp(into->local, "login") == 0 &&
	       (reader->at >= reader->argc || reader->argv[reader->at][0] == '-');
}

/* A variable of a shell that is not set would be no key at all, which nobody meant. */
static const char *
given_value(struct reader *reader, enum option option, const char *typed, const char *equals)
{
	const char *value = value_of(reader, typed, equals);

	if (value[0] == '\0')
		give_up("--%s is empty.", option_rows[option].name);
	return value;
}

static void
store_option(struct reader *reader, enum option option, const char *typed, const char *equals)
{
	struct arguments *into = reader->into;
	const char *value;

	if (option_rows[option].value == NULL && equals != NULL)
		give_up("--%s takes no value.", option_rows[option].name);
	if (option_rows[option].value == NULL || (equals == NULL && may_lack_value(reader, option)))
		value = "";
	else
		value = given_value(reader, option, typed, equals);
	if (option == OPTION_HEADER)
		into->headers[into->header_count++] = value;
	else if (into->options[option] != NULL && option_rows[option].value != NULL)
		give_up("--%s is given twice.", option_rows[option].name);
	into->options[option] = value;
}

static bool
take_option(struct reader *reader, const char *typed, struct text name, const char *equals)
{
	for (int option = 0; option < OPTION_COUNT; option++) {
		if (!text_is(name, option_rows[option].name))
			continue;
		store_option(reader, (enum option)option, typed, equals);
		return true;
	}
	return false;
}

/* Without what stands behind an =, which may be secret. */
__attribute__((noreturn)) static void
refuse_flag(const struct arguments *into, const char *typed, size_t length, struct text name)
{
	give_up("`%.*s` is no flag here: %stry %s.", (int)length, typed,
	    question(into->arena, "", suggested_flag(into, name)), help_of(into));
}

static void
take_dashed(struct reader *reader, const char *typed)
{
	struct arguments *into = reader->into;
	const char *equals = strchr(typed, '=');
	size_t length = equals == NULL ? strlen(typed) : (size_t)(equals - typed);
	struct text name = { typed + 2, length < 2 ? 0 : length - 2 };

	if (strcmp(typed, "-h") == 0)
		into->options[OPTION_HELP] = "";
	else if (strcmp(typed, "--version") == 0 && into->path[0] == '\0')
		into->local = into->path = "version";
	else if (strncmp(typed, "--", 2) != 0 || name.length == 0 ||
		 (!take_flag(reader, typed, name, equals) && !take_option(reader, typed, name, equals)))
		refuse_flag(into, typed, length, name);
}

/* Of the command as a whole, since an option may stand before it. */
static void
check_places(const struct arguments *arguments)
{
	for (int option = 0; option < OPTION_COUNT; option++)
		if (arguments->options[option] != NULL && arguments->options[OPTION_HELP] == NULL &&
		    !arguments_take_option(arguments, (enum option)option))
			give_up("--%s means nothing here.", option_rows[option].name);
}

struct arguments *
arguments_read(struct arena *arena, int argc, char **argv)
{
	struct arguments *into = arena_take(arena, sizeof(*into));
	struct reader reader = { .into = into, .argv = argv, .argc = argc, .at = 1 };

	into->arena = arena;
	into->path = "";
	into->given = arena_array(arena, (size_t)argc + 1, sizeof(*into->given));
	into->headers = arena_array(arena, (size_t)argc + 1, sizeof(*into->headers));
	while (reader.at < argc) {
		const char *word = argv[reader.at++];

		if (word[0] == '-')
			take_dashed(&reader, word);
		else
			take_word(&reader, word);
	}
	check_places(into);
	return into;
}
