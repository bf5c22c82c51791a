/*
 * Renewing a sign-in. A refresh token is good once, and one that comes twice ends the whole sign-in: so only one
 * program at a time renews, looks first whether another one just did, and has room for the new tokens before it asks.
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "json_text.h"
#include "out.h"
#include "refusal.h"

enum { REFRESH_SECONDS = 30 }; /* nothing can interrupt it */

struct request
session_request(const char *path, struct text body)
{
	return (struct request){
		.path = path,
		.accept = "application/json",
		.body = { .media_type = "application/json", .text = body, .file = -1 },
	};
}

__attribute__((noreturn)) static void
sign_in_has_ended(const struct settings *settings)
{
	out_flush();
	complain("Your sign-in at %s has ended: run `purser login`.", settings->url);
	exit(EXIT_REFUSED);
}

static struct reply
ask_for_tokens(struct arena *arena, const struct settings *settings, const char *refresh_token)
{
	struct buffer body = buffer_new(arena, 256);
	struct request request;

	buffer_add_char(&body, '{');
	json_text_member(&body, "refresh_token", refresh_token);
	buffer_add_char(&body, '}');
	request = session_request("/v1/auth/sessions/refresh", buffer_text(&body));
	request.most_seconds = REFRESH_SECONDS;
	return transfer(arena, settings, &request);
}

/* The profile as the file has it now has a newer token than ours, or gets one. False where the sign-in is over. */
static bool
renew(struct settings *settings)
{
	struct arena *arena = settings->arena;
	struct credentials_change *change = credentials_begin(arena);
	struct profile *now = profile_named(credentials_read(arena), settings->profile_name);
	const struct tree *tokens;
	struct reply reply;

	if (now == NULL || now->access_token == NULL || now->refresh_token == NULL) {
		credentials_leave(change);
		return false;
	}
	settings->profile = now;
	if (strcmp(now->access_token, settings->token) != 0) {
		credentials_leave(change);
		settings->token = now->access_token;
		return true;
	}
	interrupt_hold();
	reply = ask_for_tokens(arena, settings, now->refresh_token);
	tokens = tree_parse(arena, reply.body);
	if (reply.status != 200 || tree_text(tokens, "access_token").at == NULL) {
		credentials_leave(change);
		interrupt_release();
		if (reply.status == 401 || reply.status == 403)
			return false;
		refusal_end(arena, settings, &reply, NULL);
	}
	now->access_token = settings->token = tree_text(tokens, "access_token").at;
	now->refresh_token = tree_text(tokens, "refresh_token").at;
	credentials_put(change, now, true);
	interrupt_release();
	return true;
}

struct reply
session_transfer(struct arena *arena, struct settings *settings, struct request *request)
{
	struct reply reply;
	const char *hint;

	request->token = settings->token;
	reply = transfer(arena, settings, request);
	if (reply.status != 401 || !settings->signed_in)
		return reply;
	hint = complain_hint(NULL); /* nothing was done so far */
	if (renew(settings)) {
		complain_hint(hint);
		request->token = settings->token;
		reply = transfer(arena, settings, request);
	}
	if (reply.status == 401 && !request->may_be_over)
		sign_in_has_ended(settings);
	return reply;
}
