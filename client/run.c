/*
 * An operation from the command line to its answer: the question before something is spent, the key that makes a second
 * try safe, the page after the page.
 */
#include "run.h"

#include <string.h>

#include "clock.h"
#include "complain.h"
#include "id.h"
#include "json_text.h"
#include "out.h"
#include "printing.h"
#include "refusal.h"
#include "session.h"
#include "terminal.h"

enum { ANSWER_MOST = 1 << 30, CURSOR_MOST = 4096, BODY_SHOWN = 1000 };

struct run {
	const struct arguments *arguments;
	const struct command *command;
	struct arena *arena;
	struct settings settings;
	struct printing printing;
	const char *idempotency_key; /* NULL: none */
};

/* ---- before it is sent ---- */

static void
need_token(const struct run *run)
{
	const char *name = run->settings.profile_name;

	if (run->settings.token != NULL || run->command->public)
		return;
	if (strcmp(name, "default") != 0)
		give_up("Nobody is signed in as profile `%s`: run `purser login --profile %s`, or give a key with "
			"--api-key or PURSER_API_KEY.",
		    name, name);
	give_up("Nobody is signed in: run `purser login`, or give a key with --api-key or PURSER_API_KEY.");
}

/* One of our own for what spends; and the line that tells how a second try is safe. */
static void
choose_key(struct run *run)
{
	char made[ID_CHARACTERS + 1];

	run->idempotency_key = run->arguments->options[OPTION_IDEMPOTENCY_KEY];
	if (run->idempotency_key == NULL && run->command->spends && run->command->keyed) {
		id_format(id_new(clock_now()), made);
		run->idempotency_key = arena_text(run->arena, made, ID_CHARACTERS).at;
	}
	if (run->idempotency_key != NULL)
		complain_hint(arena_format(
		    run->arena, "A second try does nothing twice with --idempotency-key '%s'.", run->idempotency_key)
				  .at);
}

static void
ask_before_spending(const struct run *run, const struct body *body)
{
	const char *question;
	struct text answer;
	size_t shown;

	if (!run->command->spends || run->arguments->options[OPTION_YES] != NULL || !terminal_has_person())
		return;
	shown = terminal_cut(body->text, BODY_SHOWN);
	question = arena_format(run->arena, "%s\n  %s %.*s%s\n  at %s\nThis spends. Go on? [y/N] ",
	    run->command->summary, typed_path(run->arena, run->command->id), (int)shown, body->text.at,
	    shown < body->text.length ? "…" : "", run->settings.url)
		       .at;
	answer = terminal_ask(run->arena, question);
	if (answer.length == 0 || (answer.at[0] != 'y' && answer.at[0] != 'Y'))
		give_up("Nothing was sent.");
}

/* ---- one request ---- */

/* A token can be had otherwise. What is public asks for none: there it is the input that was not believed. */
static const char *
advice(const struct run *run, const struct reply *reply)
{
	if (reply->status != 401 || run->command->public)
		return NULL;
	return "Sign in with `purser login`, or give a key: --api-key, PURSER_API_KEY.";
}

/* Where nothing was done the key is told, too, but there is nothing to be careful about. */
__attribute__((noreturn)) static void
end_refused(struct run *run, const struct reply *reply)
{
	struct maybe_text code = tree_text(json_text_read(run->arena, reply->body), "code");
	bool open = reply->status >= 500 || (code.at != NULL && strcmp(code.at, "idempotency_in_progress") == 0);

	if (!open && run->idempotency_key != NULL)
		complain_hint(arena_format(run->arena, "idempotency_key: %s", run->idempotency_key).at);
	else if (!open)
		complain_hint(NULL);
	refusal_end(run->arena, &run->settings, reply, advice(run, reply));
}

static struct reply
send_body(struct run *run, struct body body, bool streams)
{
	const struct command *command = run->command;
	struct request request = {
		.path = command->path,
		.accept = run->printing.media_type,
		.idempotency_key = run->idempotency_key,
		.headers = run->arguments->headers,
		.body = body,
		.streams = streams,
	};
	struct reply reply;

	if (run->idempotency_key == NULL && (command->keyed || !command->repeatable))
		complain_hint("It may have been done all the same.");
	reply = session_transfer(run->arena, &run->settings, &request);
	if (reply.status < 200 || reply.status >= 300)
		end_refused(run, &reply);
	complain_hint(NULL);
	if (!command->reads)
		out_is_of_a_deed();
	return reply;
}

/* ---- answers ---- */

static bool
follows_pages(const struct run *run)
{
	bool limited = body_names(run->arguments, "limit");

	return run->arguments->options[OPTION_ALL] != NULL && (run->printing.as != PRINT_LINES || limited);
}

/* What was taken for a page is given back before the next one. */
static void
run_list(struct run *run, struct body body)
{
	bool all = follows_pages(run);
	struct print_pages *pages = print_pages_begin(run->arena, &run->printing, all);
	struct arena *arena = arena_new(ANSWER_MOST), *whole = run->arena;
	struct maybe_text next;

	run->printing.media_type = "application/json";
	do {
		char cursor[CURSOR_MOST];
		struct reply reply;

		run->arena = arena;
		reply = send_body(run, body, false);
		next = print_page(pages, arena, reply.body);
		run->arena = whole;
		if (next.length >= sizeof(cursor))
			give_up("The service gave a cursor of %zu characters.", next.length);
		if (next.at != NULL)
			memcpy(cursor, next.at, next.length + 1);
		arena_reset(arena);
		if (all && next.at != NULL)
			body = body_with_member(run->arguments, "cursor", (struct text){ cursor, next.length });
	} while (all && next.at != NULL);
	arena_free(arena);
	print_pages_end(pages);
}

static void
run_one(struct run *run, struct body body)
{
	bool streams = run->printing.as == PRINT_MEDIA || (run->printing.as == PRINT_LINES && run->command->list);
	struct reply reply = send_body(run, body, streams);

	if (!streams)
		print_answer(run->arena, &run->printing, reply.body);
}

void
run_operation(const struct arguments *arguments)
{
	struct run run = {
		.arguments = arguments,
		.command = arguments->command,
		.arena = arguments->arena,
		.settings = settings_read(arguments),
		.printing = printing_choose(arguments),
	};
	struct body body;

	settings_need_url(&run.settings);
	need_token(&run);
	body = body_make(arguments);
	ask_before_spending(&run, &body);
	choose_key(&run);
	if (run.command->list && (run.printing.as != PRINT_LINES || follows_pages(&run)))
		run_list(&run, body);
	else
		run_one(&run, body);
}
