/*
 * login keeps what the service gave, or a key, in a profile; logout ends and forgets it. A password is asked for at the
 * terminal, unseen, or comes as the first line of a standard input that is none; it is kept nowhere.
 */
#include "login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "json_text.h"
#include "out.h"
#include "refusal.h"
#include "session.h"
#include "terminal.h"
#include "text.h"

enum { SECRET_MOST = 1024 };

static struct text
secret(struct arena *arena, const char *what)
{
	char line[SECRET_MOST];

	if (isatty(STDIN_FILENO))
		return terminal_ask_unseen(arena, arena_format(arena, "%s: ", what).at);
	if (fgets(line, sizeof(line), stdin) == NULL)
		give_up("%s: standard input is no terminal, and has no line that it could be.", what);
	return arena_text(arena, line, strcspn(line, "\r\n"));
}

/* The file stays the same when the next command is called from elsewhere. */
static const char *
whole_path(struct arena *arena, const char *path)
{
	char *whole = path == NULL ? NULL : realpath(path, NULL);
	const char *kept = whole == NULL ? path : arena_text(arena, whole, strlen(whole)).at;

	free(whole);
	return kept;
}

static void
tell(struct arena *arena, const struct settings *settings, const char *who)
{
	out_is_of_a_deed();
	out_format("Signed in as %s at %s, kept as profile `%s` in %s.\n", who, settings->url, settings->profile_name,
	    credentials_path(arena));
	out_flush();
	if (getenv("PURSER_API_KEY") != NULL)
		fprintf(stderr, "(PURSER_API_KEY is set, and wins over it.)\n");
}

/* ---- with a key ---- */

static void
login_with_key(struct arena *arena, struct settings *settings, const char *key)
{
	struct request request = session_request("/v1/auth/whoami", TEXT("{}"));
	struct profile profile = { .name = settings->profile_name, .url = settings->url };
	struct credentials_change *change;
	struct reply reply;

	if (key[0] == '\0')
		key = secret(arena, "API key").at;
	settings->token = key;
	reply = session_transfer(arena, settings, &request);
	if (reply.status != 200)
		refusal_end(arena, settings, &reply, NULL);
	profile.ca = whole_path(arena, settings->ca);
	profile.api_key = key;
	change = credentials_begin(arena);
	credentials_put(change, &profile, true);
	tell(arena, settings, text_or(tree_text(tree_parse(arena, reply.body), "organization.name"), "an operator").at);
}

/* ---- with a password ---- */

static struct reply
sign_in(struct arena *arena, const struct settings *settings, const char *email, const char *password)
{
	struct buffer body = buffer_new(arena, 256);
	struct request request;

	buffer_add_char(&body, '{');
	json_text_member(&body, "email", email);
	json_text_member(&body, "password", password);
	buffer_add_char(&body, '}');
	request = session_request("/v1/auth/sessions/create", buffer_text(&body));
	return transfer(arena, settings, &request);
}

static void
login_with_password(struct arena *arena, struct settings *settings, const char *email)
{
	struct profile profile = { .name = settings->profile_name, .url = settings->url };
	struct credentials_change *change;
	const struct tree *tokens;
	const char *password;
	struct reply reply;

	if (email == NULL)
		email = terminal_ask(arena, "E-mail: ").at;
	password = secret(arena, "Password").at;
	change = credentials_begin(arena);
	reply = sign_in(arena, settings, email, password);
	tokens = tree_parse(arena, reply.body);
	profile.access_token = tree_text(tokens, "access_token").at;
	if (reply.status != 200 || profile.access_token == NULL) {
		credentials_leave(change);
		refusal_end(arena, settings, &reply, NULL);
	}
	profile.ca = whole_path(arena, settings->ca);
	profile.refresh_token = tree_text(tokens, "refresh_token").at;
	profile.email = email;
	credentials_put(change, &profile, true);
	tell(arena, settings, email);
}

void
login_run(const struct arguments *arguments)
{
	struct arena *arena = arguments->arena;
	struct settings settings = settings_read(arguments);
	const char *key = arguments->options[OPTION_API_KEY];

	if (key != NULL && arguments->options[OPTION_EMAIL] != NULL)
		give_up("Either --email or --api-key.");
	settings_need_url(&settings);
	if (key != NULL)
		login_with_key(arena, &settings, key);
	else
		login_with_password(arena, &settings, arguments->options[OPTION_EMAIL]);
}

/* ---- out ---- */

/* The address stays, so that the next login need not say it. */
static void
forget(struct arena *arena, const struct profile *profile)
{
	struct profile rest = { .name = profile->name, .url = profile->url, .ca = profile->ca };

	credentials_put(credentials_begin(arena), &rest, true);
	out_is_of_a_deed();
}

void
logout_run(const struct arguments *arguments)
{
	struct arena *arena = arguments->arena;
	struct settings settings = settings_read(arguments);
	struct profile *profile = settings.profile;
	struct request request = session_request("/v1/auth/sessions/revoke", TEXT("{}"));
	struct settings of_profile = settings;
	struct reply reply;

	if (profile == NULL || (profile->access_token == NULL && profile->api_key == NULL)) {
		out_format("Nobody is signed in as profile `%s`.\n", settings.profile_name);
		return;
	}
	if (profile->access_token == NULL) {
		forget(arena, profile);
		out_string("The key is forgotten here; it is still good until it is revoked.\n");
		return;
	}
	of_profile.url = profile->url;
	of_profile.token = profile->access_token;
	of_profile.signed_in = true;
	settings_need_url(&of_profile);
	request.may_be_over = true;
	reply = session_transfer(arena, &of_profile, &request);
	if (reply.status != 200 && reply.status != 401)
		refusal_end(arena, &of_profile, &reply, NULL);
	forget(arena, profile);
	out_format("Signed out of %s.\n", profile->url);
}
