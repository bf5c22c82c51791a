/*
 * One request to Stripe, and its repetitions. What the processor says about an error is read from the status and the
 * error's code, never from its type: a key in use and a locked object both come as `invalid_request_error`. It is sent
 * again only where that is safe and may help: without an answer, on 409, 429 and 5xx, and as `Stripe-Should-Retry`
 * says. That our key is refused says nothing about what was asked for: an earlier try may have done it.
 */
#include "stripe_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "config.h"
#include "http.h"
#include "log.h"
#include "seal.h"
#include "text.h"

#define API_VERSION "2024-06-20"
#define FORM_TYPE "application/x-www-form-urlencoded"

enum { REPLY_LIMIT = 4 << 20, CODE_MOST = 100, MESSAGE_MOST = 500 };
enum { FIRST_PAUSE = 250000, LONGEST_PAUSE = 4000000, LEAST_TIME = 100000, SECOND = 1000000 }; /* microseconds */
enum { LOG_PAUSE = 60 * SECOND };

/* ---- requests --------------------------------------------------------------------------------------------------- */

struct text
stripe_path(struct call *call, const char *before, struct text id, const char *after)
{
	struct buffer path = buffer_new(call->arena, 128);

	assert(id.length > 0); /* else it would name the list */
	buffer_add_string(&path, before);
	percent_encode(&path, id);
	buffer_add_string(&path, after);
	return buffer_text(&path);
}

void
stripe_put(struct buffer *form, const char *name, struct text value)
{
	if (form->length > 0)
		buffer_add_char(form, '&');
	buffer_add_string(form, name);
	buffer_add_char(form, '=');
	percent_encode(form, value);
}

void
stripe_put_integer(struct buffer *form, const char *name, int64_t value)
{
	char digits[INTEGER_LENGTH];

	stripe_put(form, name, (struct text){ digits, integer_format(value, digits) });
}

static struct http_request
prepare(struct call *call, const struct stripe_request *request)
{
	struct http_request out = { .method = request->method,
		.url = arena_format(call->arena, "%s%s", config.stripe_url, request->path.at).at,
		.body = request->form,
		.until = request->until,
		.limit = REPLY_LIMIT,
		.headers = { { "Authorization", arena_format(call->arena, "Bearer %s", config.stripe_key) },
		    { "Stripe-Version", TEXT(API_VERSION) }, { "User-Agent", TEXT("Purser") } } };
	size_t count = 3;

	if (text_is(text_from(request->method), "POST")) {
		out.headers[count].name = "Content-Type";
		out.headers[count++].value = TEXT(FORM_TYPE);
	}
	if (request->key != NULL) {
		out.headers[count].name = "Idempotency-Key";
		out.headers[count].value = text_from(request->key);
	}
	return out;
}

/* ---- errors ----------------------------------------------------------------------------------------------------- */

static struct maybe_text
shortened(struct arena *arena, struct maybe_text text, size_t most)
{
	struct text cut = text_cut(text_or(text, ""), most);

	return text.at == NULL ? text : text_given(arena_text(arena, cut.at, cut.length));
}

void
stripe_read_error(struct arena *arena, const struct tree *error, struct maybe_text *code, struct maybe_text *message)
{
	*code = tree_text(error, "decline_code");
	if (code->at == NULL)
		*code = tree_text(error, "code");
	if (code->at == NULL)
		*code = tree_text(error, "type");
	*code = shortened(arena, *code, CODE_MOST);
	*message = shortened(arena, tree_text(error, "message"), MESSAGE_MOST);
}

static void
take_refusal(struct call *call, struct stripe_reply *reply)
{
	reply->outcome = STRIPE_REFUSED;
	stripe_read_error(call->arena, tree_at(reply->body, "error"), &reply->code, &reply->message);
}

struct provider_reply
stripe_outcome_of(const struct stripe_reply *reply)
{
	struct provider_reply out = { .answer = PROVIDER_SILENT };

	if (reply->outcome == STRIPE_DONE)
		out.answer = PROVIDER_DONE;
	else if (reply->outcome == STRIPE_REFUSED)
		out = (struct provider_reply){ PROVIDER_REFUSED, reply->code, reply->message,
			.is_decline = reply->status == 402 };
	else
		out.key_is_spent = reply->status >= 500;
	return out;
}

/* ---- answers ---------------------------------------------------------------------------------------------------- */

/* What is no JSON object was not said by Stripe: something between us answered, or a reply was cut. */
static bool
is_readable(struct call *call, const struct http_reply *reply, const struct tree **body)
{
	*body = reply->outcome == HTTP_ANSWERED ? tree_parse(call->arena, reply->body) : NULL;
	return *body != NULL && (*body)->kind == TREE_OBJECT;
}

static bool
header_is(const struct http_reply *reply, const char *name, const char *value)
{
	struct text found = text_or(http_header(reply, name), "");

	return text_equal_ignoring_case(found, text_from(value));
}

/* May sending it again change the answer? A failure stored under the key comes again for ever. */
static bool
is_passing(const struct http_reply *reply)
{
	if (header_is(reply, "Stripe-Should-Retry", "false") || header_is(reply, "Idempotent-Replayed", "true"))
		return false;
	return header_is(reply, "Stripe-Should-Retry", "true") || reply->status == 409 || reply->status == 429 ||
	       reply->status >= 500;
}

static bool
refuses_key(const struct stripe_reply *reply)
{
	return reply->status == 401 || reply->status == 403;
}

/* Takes what came; answers whether to try again. */
static bool
take(struct call *call, const struct http_reply *http, struct stripe_reply *reply)
{
	*reply = (struct stripe_reply){ .outcome = STRIPE_SILENT };
	if (!is_readable(call, http, &reply->body)) {
		reply->body = NULL;
		return true;
	}
	reply->status = http->status;
	if (refuses_key(reply))
		return false;
	reply->replayed = header_is(http, "Idempotent-Replayed", "true");
	if (http->status >= 200 && http->status < 300) {
		reply->outcome = STRIPE_DONE;
		return false;
	}
	if (http->status >= 400 && http->status < 500 && http->status != 409 && http->status != 429)
		take_refusal(call, reply);
	return is_passing(http);
}

/* The operator has to mend it, and every call meets it: a line a minute. */
static void
log_refused_key(const struct stripe_reply *reply)
{
	static int64_t next;
	int64_t now = clock_monotonic_microseconds();

	if (now < next)
		return;
	next = now + LOG_PAUSE;
	log_error("stripe: the processor refuses our key (%d): check stripe_key; until then nothing is charged",
	    reply->status);
}

static void
log_failure(const struct stripe_request *request, const struct http_reply *http, const struct stripe_reply *reply)
{
	struct text path = { request->path.at, 0 };

	while (path.at[path.length] != '\0' && path.at[path.length] != '?')
		path.length++;
	if (http->outcome != HTTP_ANSWERED)
		log_error("stripe: %s %.*s: %s", request->method, (int)path.length, path.at, http->why);
	else if (reply->body == NULL)
		log_error("stripe: %s %.*s: %d with a body that can't be read", request->method, (int)path.length,
		    path.at, http->status);
	else if (refuses_key(reply))
		log_refused_key(reply);
	else if (reply->status >= 500 || reply->status == 429)
		log_error("stripe: %s %.*s: %d", request->method, (int)path.length, path.at, reply->status);
}

/* ---- once more -------------------------------------------------------------------------------------------------- */

/* Microseconds: doubled each time, the half of it left to chance, and no less than the other side asks for. */
static int64_t
pause_after(unsigned tries, const struct http_reply *http)
{
	struct text asked = text_or(http_header(http, "Retry-After"), "");
	int64_t pause = tries > 4 ? LONGEST_PAUSE : (int64_t)FIRST_PAUSE << (tries - 1), seconds;
	uint32_t chance;

	random_bytes(&chance, sizeof(chance));
	pause = pause / 2 + chance % (uint32_t)(pause / 2);
	if (integer_parse(asked, &seconds) && seconds > 0 && seconds <= 3600 && seconds * SECOND > pause)
		pause = seconds * SECOND;
	return pause;
}

static void
sleep_for(int64_t microseconds)
{
	struct timespec rest = { .tv_sec = microseconds / SECOND, .tv_nsec = microseconds % SECOND * 1000 };

	nanosleep(&rest, NULL);
}

const struct problem *
stripe_send(struct call *call, const struct stripe_request *request, struct stripe_reply *reply)
{
	struct http_request out = prepare(call, request);
	struct http_reply http;
	int64_t pause;

	for (unsigned tries = 1;; tries++) {
		struct arena_mark mark = arena_mark(call->arena);
		const struct problem *p = http_send(call, &out, &http);

		if (p != NULL)
			return p;
		if (!take(call, &http, reply))
			break;
		log_failure(request, &http, reply);
		pause = pause_after(tries, &http);
		if (clock_monotonic_microseconds() + pause + LEAST_TIME > request->until)
			return NULL;
		arena_release(call->arena, mark);
		sleep_for(pause);
	}
	log_failure(request, &http, reply);
	return NULL;
}
