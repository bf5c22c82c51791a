/*
 * Completion: bash hands over the words so far, and gets what the last of them may become. The tables of the program
 * are all there is to it, so it needs no list of its own.
 */
#include "completion.h"

#include <string.h>

#include "complain.h"
#include "credentials.h"
#include "local.h"
#include "out.h"
#include "printing.h"
#include "text.h"

static const char script[] = "_purser()\n"
			     "{\n"
			     "\tlocal IFS=$'\\n'\n"
			     "\tmapfile -t COMPREPLY < <(\"${COMP_WORDS[0]}\" --complete "
			     "\"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
			     "}\n"
			     "complete -o bashdefault -o default -F _purser purser\n";

void
completion_run(const struct arguments *arguments)
{
	if (arguments->operand_count != 1 || strcmp(arguments->operands[0], "bash") != 0)
		give_up("Of which shell? `purser completion bash` is the one there is.");
	out_string(script);
}

struct words {
	struct arena *arena;
	const char *path;
	const struct command *command;
	const struct flag *flag; /* whose value the last word is */
	const char *option;      /* or of which option */
	const char *local;
	const char *begun; /* the last word */
};

static void
offer(const struct words *words, const char *prefix, const char *candidate)
{
	const char *whole = arena_format(words->arena, "%s%s", prefix, candidate).at;

	if (strncmp(whole, words->begun, strlen(words->begun)) == 0)
		out_format("%s\n", whole);
}

static void
offer_flags(const struct words *words)
{
	struct arguments as = { .command = words->command, .local = words->local };

	for (size_t i = 0; words->command != NULL && i < words->command->flag_count; i++) {
		const struct flag *flag = &words->command->flags[i];

		offer(words, "--", typed_name(words->arena, flag->name));
		if (flag->kind == FLAG_BOOLEAN)
			offer(words, "--no-", typed_name(words->arena, flag->name));
	}
	for (int option = 0; option < OPTION_COUNT; option++)
		if (arguments_take_option(&as, (enum option)option))
			offer(words, "--", option_rows[option].name);
}

static void
offer_subcommands(const struct words *words)
{
	size_t length = strlen(words->path);
	struct text last = { "", 0 };

	for (size_t i = 0; i < command_count; i++) {
		const char *id = commands[i].id;
		struct text word;

		if (length > 0 && (strncmp(id, words->path, length) != 0 || id[length] != '.'))
			continue;
		id += length > 0 ? length + 1 : 0;
		word = (struct text){ id, strcspn(id, ".") };
		if (!text_equal(word, last))
			offer(words, "", typed_name(words->arena, arena_text(words->arena, word.at, word.length).at));
		last = word;
	}
	for (size_t i = 0; length == 0 && i < local_count; i++)
		offer(words, "", locals[i].name);
}

static void
offer_values(const struct words *words)
{
	static const char *const outputs[] = { "json", "table", "ndjson" };

	if (words->flag != NULL) {
		for (const char *const *one = words->flag->one_of; one != NULL && *one != NULL; one++)
			offer(words, "", *one);
		return;
	}
	for (size_t i = 0; strcmp(words->option, "output") == 0 && i < COUNT(outputs); i++)
		offer(words, "", outputs[i]);
	for (const char *const *media = words->command == NULL ? NULL : words->command->media;
	     strcmp(words->option, "output") == 0 && media != NULL && *media != NULL; media++)
		offer(words, "", printing_word(*media));
	if (strcmp(words->option, "profile") != 0)
		return;
	for (const struct profile *one = credentials_read(words->arena); one != NULL; one = one->next)
		offer(words, "", one->name);
}

/* Does a value follow this flag? Notes whose. */
static bool
wants_value(struct words *words, const char *typed)
{
	words->flag = NULL;
	words->option = NULL;
	if (strncmp(typed, "--", 2) != 0 || strchr(typed, '=') != NULL)
		return false;
	for (size_t i = 0; words->command != NULL && i < words->command->flag_count; i++) {
		const struct flag *flag = &words->command->flags[i];

		if (strcmp(typed + 2, typed_name(words->arena, flag->name)) != 0)
			continue;
		words->flag = flag->kind == FLAG_BOOLEAN ? NULL : flag;
		return words->flag != NULL;
	}
	for (int option = 0; option < OPTION_COUNT; option++)
		if (strcmp(typed + 2, option_rows[option].name) == 0 && option_rows[option].value != NULL)
			words->option = option_rows[option].name;
	return words->option != NULL;
}

static void
take_word(struct words *words, const char *word)
{
	const char *id = typed_name(words->arena, word);
	struct text name = arena_text(words->arena, id, strlen(id));

	for (size_t i = 0; i < name.length; i++)
		if (name.at[i] == '-')
			((char *)name.at)[i] = '_';
	if (words->path[0] == '\0' && strcmp(word, "help") == 0) /* the words behind it are a command's */
		return;
	if (words->path[0] == '\0' && local_exists(word)) {
		words->local = word;
		words->command = local_stands_for(word);
		return;
	}
	words->path = words->path[0] == '\0' ? name.at : arena_format(words->arena, "%s.%s", words->path, name.at).at;
	words->command = command_named(words->path);
}

void
completion_answer(struct arena *arena, int count, char **typed)
{
	struct words words = { .arena = arena, .path = "", .begun = count > 0 ? typed[count - 1] : "" };
	bool value = false;

	if (strcmp(words.begun, "=") == 0) /* which bash makes a word of its own */
		words.begun = "";
	for (int i = 0; i + 1 < count; i++) {
		if (strcmp(typed[i], "=") == 0)
			continue;
		if (value)
			value = false;
		else if (typed[i][0] == '-')
			value = wants_value(&words, typed[i]);
		else
			take_word(&words, typed[i]);
	}
	if (value)
		offer_values(&words);
	else if (words.begun[0] != '-' && words.local != NULL && strcmp(words.local, "completion") == 0)
		offer(&words, "", "bash");
	else if (words.begun[0] != '-' && words.command == NULL && words.local == NULL)
		offer_subcommands(&words);
	else
		offer_flags(&words);
}
