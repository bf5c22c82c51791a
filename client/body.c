/*
 * Making the body of a request from the command line.
 */
#include "body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "complain.h"
#include "json_text.h"
#include "text.h"

enum { READ_STEP = 64 * 1024, TEXT_MOST = 64 << 20 };

/* ---- @file and - ---- */

static int
open_source(const char *source)
{
	int file;

	if (strcmp(source, "-") == 0)
		return STDIN_FILENO;
	file = open(source + 1, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		give_up("%s can't be read: %s.", source + 1, strerror(errno));
	return file;
}

static struct text
read_whole(struct arena *arena, const char *source)
{
	int file = open_source(source);
	struct buffer text = buffer_new(arena, READ_STEP);

	for (;;) {
		ssize_t got = read(file, buffer_reserve(&text, READ_STEP), READ_STEP);

		if (got < 0)
			give_up("%s can't be read: %s.", source, strerror(errno));
		if (got == 0)
			break;
		buffer_added(&text, (size_t)got);
		if (text.length > TEXT_MOST)
			give_up("%s is longer than anything that may be sent.", source);
	}
	if (file != STDIN_FILENO)
		close(file);
	return buffer_text(&text);
}

/* What stands there, or what `@file` or `-` names. */
static struct text
text_named(struct arena *arena, const char *given)
{
	if (given[0] == '@' || strcmp(given, "-") == 0)
		return read_whole(arena, given);
	return text_from(given);
}

static const struct tree *
json_named(struct arena *arena, const char *flag, const char *given)
{
	const struct tree *tree = json_text_read(arena, text_named(arena, given));

	if (tree == NULL)
		give_up("What --%s gives is no JSON: it takes '{…}', @FILE, or - for standard input.", flag);
	return tree;
}

/* ---- by lines ---- */

/* A pipe has no length and can't be sent twice: it goes through a file without a name. */
static int
spooled(int from)
{
	FILE *spool = tmpfile();
	int file = spool == NULL ? -1 : dup(fileno(spool));
	char piece[READ_STEP];
	ssize_t got;

	if (spool != NULL)
		fclose(spool);
	if (file < 0)
		give_up("There is no room for the lines: %s.", strerror(errno));
	while ((got = read(from, piece, sizeof(piece))) > 0)
		for (ssize_t sent = 0, more; sent < got; sent += more)
			if ((more = write(file, piece + sent, (size_t)(got - sent))) < 0)
				give_up("There is no room for the lines: %s.", strerror(errno));
	if (got < 0)
		give_up("The lines can't be read: %s.", strerror(errno));
	return file;
}

static struct body
lines_of(const struct arguments *arguments)
{
	const char *source = arguments->options[OPTION_LINES];
	struct body body = { .media_type = arguments->command->forms[0] };
	struct stat status;

	if (arguments->options[OPTION_JSON] != NULL || arguments->given_count > 0)
		give_up("--lines is the whole input: no flag can stand beside it.");
	if (source[0] != '@' && strcmp(source, "-") != 0)
		give_up("--lines takes @FILE or -.");
	body.file = open_source(source);
	if (fstat(body.file, &status) != 0)
		give_up("%s can't be read: %s.", source, strerror(errno));
	if (!S_ISREG(status.st_mode) || lseek(body.file, 0, SEEK_CUR) != 0) { /* somebody has read some of it */
		body.file = spooled(body.file);
		if (fstat(body.file, &status) != 0)
			give_up("The lines can't be read: %s.", strerror(errno));
	}
	body.file_length = status.st_size;
	return body;
}

/* ---- flags ---- */

static const struct given *
first_given(const struct arguments *arguments, struct text name)
{
	for (size_t i = 0; i < arguments->given_count; i++)
		if (text_is(name, arguments->given[i].flag->name))
			return &arguments->given[i];
	return NULL;
}

static void
add_given(struct buffer *out, const struct given *given)
{
	const char *name = typed_name(out->arena, given->flag->name);
	struct text value = text_from(given->value);

	switch (given->flag->kind) {
	case FLAG_BOOLEAN:
		buffer_add_string(out, given->truth ? "true" : "false");
		return;
	case FLAG_INTEGER:
	case FLAG_NUMBER:
		if (!json_text_is_number(value, given->flag->kind == FLAG_INTEGER))
			give_up("--%s takes a %snumber, not `%s`.", name,
			    given->flag->kind == FLAG_INTEGER ? "whole " : "", given->value);
		buffer_add_text(out, value);
		return;
	case FLAG_OBJECT:
		json_text_value(out, json_named(out->arena, name, given->value));
		return;
	case FLAG_TEXT:
		break;
	}
	if (!utf8_valid(value.at, value.length))
		give_up("What --%s gives is no UTF-8.", name);
	json_text_string(out, value);
}

static void
separate(struct buffer *out)
{
	if (out->at[out->length - 1] != '[')
		buffer_add_char(out, ',');
}

/* One item of an array, or an array of them. */
static void
add_item(struct buffer *out, const struct given *given)
{
	const struct tree *items = NULL;

	if (given->flag->kind == FLAG_OBJECT)
		items = json_named(out->arena, typed_name(out->arena, given->flag->name), given->value);
	if (items == NULL) {
		separate(out);
		add_given(out, given);
		return;
	}
	for (const struct tree *item = items->kind == TREE_ARRAY ? items->first : items; item != NULL;
	     item = items->kind == TREE_ARRAY ? item->next : NULL) {
		separate(out);
		json_text_value(out, item);
	}
}

/* The next page begins at its cursor: what said where the first one does would be taken into account again. */
static bool
gives_way(struct text member, const char *name)
{
	return text_is(member, name) ||
	       (strcmp(name, "cursor") == 0 && (text_is(member, "offset") || text_is(member, "after")));
}

static void
add_flags(struct buffer *out, const struct arguments *arguments, const char *added)
{
	for (size_t i = 0; i < arguments->given_count; i++) {
		const struct given *given = &arguments->given[i];
		struct text name = text_from(given->flag->name);

		if (first_given(arguments, name) != given || gives_way(name, added))
			continue;
		json_text_name(out, name);
		if (!given->flag->repeats) {
			add_given(out, given);
			continue;
		}
		buffer_add_char(out, '[');
		for (size_t j = i; j < arguments->given_count; j++) {
			if (arguments->given[j].flag != given->flag)
				continue;
			add_item(out, &arguments->given[j]);
		}
		buffer_add_char(out, ']');
	}
}

static bool
is_given(const struct arguments *arguments, const struct tree *json, const char *name)
{
	struct text wanted = text_from(name);

	if (first_given(arguments, wanted) != NULL)
		return true;
	for (const struct tree *member = json == NULL ? NULL : json->first; member != NULL; member = member->next)
		if (text_equal(member->name, wanted))
			return true;
	return false;
}

/* Read once, since standard input can be read once only. */
static const struct tree *
input_of(const struct arguments *arguments)
{
	static const struct tree *input;
	const char *given = arguments->options[OPTION_JSON];

	if (input != NULL || given == NULL)
		return input;
	input = json_named(arguments->arena, "json", given);
	if (input->kind != TREE_OBJECT)
		give_up("What --json gives is no JSON object.");
	return input;
}

bool
body_names(const struct arguments *arguments, const char *name)
{
	return is_given(arguments, input_of(arguments), name);
}

static void
need_required(const struct arguments *arguments, const struct tree *json)
{
	const struct command *command = arguments->command;
	struct buffer missing = buffer_new(arguments->arena, 80);
	size_t count = 0;

	for (size_t i = 0; i < command->flag_count; i++)
		if (command->flags[i].required && !is_given(arguments, json, command->flags[i].name))
			buffer_format(&missing, "%s--%s", count++ > 0 ? ", " : "",
			    typed_name(arguments->arena, command->flags[i].name));
	if (count > 0)
		give_up("%s %s missing: try `purser %s --help`.", missing.at, count > 1 ? "are" : "is",
		    typed_path(arguments->arena, command->id));
}

/* ---- bodies ---- */

static void
add_form_value(struct buffer *out, const char *name, struct text value)
{
	if (out->length > 0)
		buffer_add_char(out, '&');
	percent_encode(out, text_from(name));
	buffer_add_char(out, '=');
	percent_encode(out, value);
}

static struct text
form_of(const struct arguments *arguments, const struct tree *json)
{
	struct buffer out = buffer_new(arguments->arena, 256);

	for (const struct tree *member = json == NULL ? NULL : json->first; member != NULL; member = member->next) {
		if (first_given(arguments, member->name) != NULL || member->kind == TREE_NULL)
			continue;
		if (member->kind != TREE_TEXT && member->kind != TREE_NUMBER)
			give_up("`%s` is no text, and a form takes nothing else.", member->name.at);
		add_form_value(&out, member->name.at, member->text);
	}
	for (size_t i = 0; i < arguments->given_count; i++)
		add_form_value(&out, arguments->given[i].flag->name, text_from(arguments->given[i].value));
	return buffer_text(&out);
}

static struct text
object_of(const struct arguments *arguments, const struct tree *json, const char *name, struct text value)
{
	struct buffer out = buffer_new(arguments->arena, 256);

	buffer_add_char(&out, '{');
	for (const struct tree *member = json == NULL ? NULL : json->first; member != NULL; member = member->next) {
		if (first_given(arguments, member->name) != NULL || gives_way(member->name, name))
			continue;
		json_text_name(&out, member->name);
		json_text_value(&out, member);
	}
	add_flags(&out, arguments, name);
	if (name[0] != '\0') {
		json_text_name(&out, text_from(name));
		json_text_string(&out, value);
	}
	buffer_add_char(&out, '}');
	return buffer_text(&out);
}

struct body
body_with_member(const struct arguments *arguments, const char *name, struct text value)
{
	struct body body = { .media_type = "application/json", .file = -1 };
	const struct tree *json;

	if (arguments->options[OPTION_LINES] != NULL)
		return lines_of(arguments);
	if (arguments->command->body == BODY_RAW) {
		if (arguments->options[OPTION_JSON] == NULL)
			give_up("--json is missing: the body, as it is to be sent.");
		body.text = text_named(arguments->arena, arguments->options[OPTION_JSON]);
		return body;
	}
	json = input_of(arguments);
	need_required(arguments, json);
	if (arguments->command->body == BODY_FORM) {
		body.media_type = "application/x-www-form-urlencoded";
		body.text = form_of(arguments, json);
	} else {
		body.text = object_of(arguments, json, name, value);
	}
	return body;
}

struct body
body_make(const struct arguments *arguments)
{
	return body_with_member(arguments, "", (struct text){ "", 0 });
}
