/*
 * Reading a request. The body is always read to its end before anything is answered: closing a connection with unread
 * input would make nginx drop the reply.
 */
#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "config.h"
#include "id.h"
#include "route.h"
#include "stream_in.h"
#include "text.h"

enum { URI_MAX = 8192, REQUEST_ID_MAX = 64, IDEMPOTENCY_KEY_MAX = 255, USER_AGENT_MAX = 200 };

/* The FastCGI parameters that matter here, found in one walk. */
struct parameters {
	struct text method, uri, content_type, content_length, content_encoding, address, listener, user_agent, arrived;
	struct text request_id, accept, authorization, api_key, idempotency_key, traceparent, origin, if_none_match,
	    stripe_signature;
	const char *torn; /* a header that came twice with different values */
};

static const struct {
	struct text name;
	size_t offset;
	const char *header; /* its name where two different ones are refused */
} known_parameters[] = {
	{ TEXT_OF("REQUEST_METHOD="), offsetof(struct parameters, method), NULL },
	{ TEXT_OF("REQUEST_URI="), offsetof(struct parameters, uri), NULL },
	{ TEXT_OF("CONTENT_TYPE="), offsetof(struct parameters, content_type), NULL },
	{ TEXT_OF("CONTENT_LENGTH="), offsetof(struct parameters, content_length), NULL },
	{ TEXT_OF("HTTP_CONTENT_ENCODING="), offsetof(struct parameters, content_encoding), NULL },
	{ TEXT_OF("REMOTE_ADDR="), offsetof(struct parameters, address), NULL },
	{ TEXT_OF("PURSER_LISTENER="), offsetof(struct parameters, listener), NULL },
	{ TEXT_OF("PURSER_ARRIVED="), offsetof(struct parameters, arrived), NULL },
	{ TEXT_OF("HTTP_X_REQUEST_ID="), offsetof(struct parameters, request_id), NULL },
	{ TEXT_OF("HTTP_USER_AGENT="), offsetof(struct parameters, user_agent), NULL },
	{ TEXT_OF("HTTP_ACCEPT="), offsetof(struct parameters, accept), NULL },
	{ TEXT_OF("HTTP_AUTHORIZATION="), offsetof(struct parameters, authorization), "Authorization" },
	{ TEXT_OF("HTTP_X_API_KEY="), offsetof(struct parameters, api_key), "X-API-Key" },
	{ TEXT_OF("HTTP_IDEMPOTENCY_KEY="), offsetof(struct parameters, idempotency_key), "Idempotency-Key" },
	{ TEXT_OF("HTTP_TRACEPARENT="), offsetof(struct parameters, traceparent), NULL },
	{ TEXT_OF("HTTP_ORIGIN="), offsetof(struct parameters, origin), NULL },
	{ TEXT_OF("HTTP_IF_NONE_MATCH="), offsetof(struct parameters, if_none_match), NULL },
	{ TEXT_OF("HTTP_STRIPE_SIGNATURE="), offsetof(struct parameters, stripe_signature), NULL },
};

/* What a parameter is before it was seen: an empty text, told from a sent one by its address. */
static const char unsent[] = "";

static bool
was_sent(struct text parameter)
{
	return parameter.at != unsent;
}

/* Of two with one name the first counts; where they differ in what must not be guessed, `torn` names the header. */
static void
take_parameter(struct parameters *to, const char *parameter)
{
	for (size_t i = 0; i < COUNT(known_parameters); i++) {
		const struct text name = known_parameters[i].name;
		struct text *value = (void *)((char *)to + known_parameters[i].offset);

		if (strncmp(parameter, name.at, name.length) != 0)
			continue;
		if (!was_sent(*value))
			*value = text_from(parameter + name.length);
		else if (known_parameters[i].header != NULL && !text_is(*value, parameter + name.length))
			to->torn = known_parameters[i].header;
		return;
	}
}

static struct parameters
take_parameters(char *const *environment)
{
	struct parameters parameters = { .torn = NULL };

	for (size_t i = 0; i < COUNT(known_parameters); i++)
		*(struct text *)(void *)((char *)&parameters + known_parameters[i].offset) = (struct text){ unsent, 0 };
	for (; *environment != NULL; environment++)
		take_parameter(&parameters, *environment);
	return parameters;
}

static bool
is_request_id(struct text text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	return text.length >= 1 && text.length <= REQUEST_ID_MAX && strspn(text.at, allowed) == text.length;
}

static void
name_request(struct call *call, struct text own)
{
	char ulid[ID_CHARACTERS + 1];

	if (is_request_id(own)) {
		call->request_id = own;
		return;
	}
	id_format(call->id, ulid);
	call->request_id = arena_text(call->arena, ulid, ID_CHARACTERS);
}

/* What stands behind the scheme's name, which may be in any case (RFC 9110, 11.4). */
static bool
has_scheme(struct text authorization, struct text scheme, struct text *credentials)
{
	if (authorization.length < scheme.length ||
	    !text_equal_ignoring_case((struct text){ authorization.at, scheme.length }, scheme))
		return false;
	*credentials =
	    text_trim((struct text){ authorization.at + scheme.length, authorization.length - scheme.length });
	return true;
}

/* RFC 6750. Basic is for OAuth's clients; where a token is asked for, another scheme is refused later. */
static const struct problem *
find_token(struct call *call, struct text authorization, struct text api_key)
{
	struct text bearer = { "", 0 };

	call->request.strange_scheme = authorization.length > 0 &&
				       !has_scheme(authorization, TEXT("Bearer "), &bearer) &&
				       !has_scheme(authorization, TEXT("Basic "), &call->request.basic);
	api_key = text_trim(api_key);
	if (bearer.length > 0 && api_key.length > 0 && !text_equal(bearer, api_key))
		return fail(call, BAD_REQUEST, "Authorization and X-API-Key name different tokens; send one of them.");
	bearer = bearer.length > 0 ? bearer : api_key;
	call->request.token = arena_text(call->arena, bearer.at, bearer.length);
	return NULL;
}

/* How long ago that was, told as seconds and three decimals (nginx's $msec); 0 where it is no such thing, or ahead. */
static int64_t
microseconds_since(struct text arrived)
{
	int64_t seconds, thousandths, ago;

	if (arrived.length < 5 || arrived.at[arrived.length - 4] != '.')
		return 0;
	if (strspn(arrived.at, "0123456789") != arrived.length - 4 || arrived.length > 14 ||
	    strspn(arrived.at + arrived.length - 3, "0123456789") != 3)
		return 0;
	seconds = strtoll(arrived.at, NULL, 10);
	thousandths = strtoll(arrived.at + arrived.length - 3, NULL, 10);
	ago = clock_wall_microseconds() - seconds * 1000000 - thousandths * 1000;
	return ago > 0 ? ago : 0;
}

/* Its beginning, to recognize a session by; nothing where it is no UTF-8. */
static struct text
beginning_of(struct call *call, struct text user_agent)
{
	size_t length = user_agent.length;

	if (!utf8_valid(user_agent.at, user_agent.length))
		return (struct text){ "", 0 };
	if (length > USER_AGENT_MAX)
		for (length = USER_AGENT_MAX; ((unsigned char)user_agent.at[length] & 0xC0) == 0x80; length--)
			;
	return arena_text(call->arena, user_agent.at, length);
}

static const struct problem *
check_idempotency_key(struct call *call, struct text key)
{
	if (was_sent(key) && key.length == 0)
		return fail(call, BAD_REQUEST, "An Idempotency-Key has at least one character.");

	if (key.length > IDEMPOTENCY_KEY_MAX)
		return fail(call, BAD_REQUEST, "An Idempotency-Key has at most %d characters.", IDEMPOTENCY_KEY_MAX);
	for (size_t i = 0; i < key.length; i++)
		if (key.at[i] < 0x20 || key.at[i] > 0x7e)
			return fail(call, BAD_REQUEST, "An Idempotency-Key is made of printable ASCII characters.");
	return NULL;
}

static const struct problem *
split_address(struct call *call, struct text uri)
{
	const char *question = memchr(uri.at, '?', uri.length);
	size_t length = question == NULL ? uri.length : (size_t)(question - uri.at);

	if (uri.length > URI_MAX)
		return fail(call, URI_TOO_LONG, "An address has at most %d bytes here.", URI_MAX);
	for (size_t i = 0; i < uri.length; i++)
		if ((unsigned char)uri.at[i] <= ' ' || uri.at[i] == 0x7f)
			return fail(call, BAD_REQUEST, "The address holds a blank or a control character.");
	if (question != NULL)
		call->request.query = (struct text){ question + 1, uri.length - length - 1 };
	/* A path's escapes matter only to be refused or to name the same path: no path of ours needs one. */
	if (!percent_decode(call->arena, (struct text){ uri.at, length }, false, &call->request.path))
		return fail(call, BAD_REQUEST, "The path has a broken escape.");
	return NULL;
}

/* Reads on past the cap without keeping it, so that the reply can get out. */
static void
drain(FCGX_Stream *in)
{
	char scrap[16384];

	while (FCGX_GetStr(scrap, sizeof(scrap), in) > 0)
		;
}

static const struct problem *
too_large(struct call *call, FCGX_Request *from, int64_t most)
{
	drain(from->in);
	return fail(call, TOO_LARGE, "A body has at most %lld bytes here.", (long long)most);
}

/* From here on the body is in a file. */
static bool
begin_spool(struct call *call, const struct buffer *body)
{
	call->request.spool = spool_new(call);
	return call->request.spool != NULL && spool_add(call->request.spool, body->at, body->length);
}

/* Keeps what comes in memory, and behind config.body_limit_bytes, where `most` is more, in a spool. Answers its length.
 */
static const struct problem *
take_body(struct call *call, FCGX_Request *from, struct buffer *body, int64_t most, int64_t *length)
{
	char piece[16384];
	int got;

	while ((got = FCGX_GetStr(piece, sizeof(piece), from->in)) > 0) {
		*length += got;
		if (*length > most)
			return too_large(call, from, most);
		if (call->request.spool == NULL && *length > config.body_limit_bytes && !begin_spool(call, body))
			return drain(from->in), fail_internal(call, "the body can't be spooled");
		if (call->request.spool == NULL)
			buffer_add(body, piece, (size_t)got);
		else if (!spool_add(call->request.spool, piece, (size_t)got))
			return drain(from->in), fail_internal(call, "the body can't be spooled");
	}
	return NULL;
}

static const struct problem *
read_body(struct call *call, FCGX_Request *from, struct text declared)
{
	bool streams_in = call->request.path.at != NULL && route_streams_in(call->request.path);
	int64_t most = streams_in ? config.stream_limit_bytes : config.body_limit_bytes, length = -1, got = 0;
	const struct problem *p;
	struct buffer body;

	if (declared.length > 0 && (!integer_parse(declared, &length) || length < 0))
		return drain(from->in), fail(call, BAD_REQUEST, "The Content-Length header is not a number.");
	if (length > most)
		return too_large(call, from, most);
	if (length == 0)
		return NULL;
	body = buffer_new(call->arena, length > 0 && length <= config.body_limit_bytes ? (size_t)length + 1 : 16384);
	p = take_body(call, from, &body, most, &got);
	if (p != NULL)
		return p;
	if (FCGX_GetError(from->in) != 0 || (length >= 0 && got != length))
		return fail(call, BAD_REQUEST, "The body ended before its declared length.");
	if (call->request.spool == NULL)
		call->request.body = buffer_text(&body);
	return NULL;
}

const struct problem *
request_read(struct call *call, FCGX_Request *from)
{
	struct request *request = &call->request;
	const struct parameters got = take_parameters(from->envp);
	const struct problem *p, *late;

	name_request(call, got.request_id);
	request->method_name = got.method;
	request->head = text_is(request->method_name, "HEAD");
	request->content_type = got.content_type;
	request->content_encoding = got.content_encoding;
	request->accept = got.accept;
	request->address = got.address;
	request->waited_microseconds = microseconds_since(got.arrived);
	request->user_agent = beginning_of(call, got.user_agent);
	request->idempotency_key = got.idempotency_key;
	request->traceparent = got.traceparent;
	request->origin = got.origin;
	request->if_none_match = got.if_none_match;
	request->stripe_signature = got.stripe_signature;
	request->from_metrics_listener = text_is(got.listener, "metrics");
	late = split_address(call, got.uri);
	if (late == NULL && got.torn != NULL)
		late = fail(call, BAD_REQUEST, "The header %s came twice, with different values.", got.torn);
	if (late == NULL)
		late = find_token(call, got.authorization, got.api_key);
	if (late == NULL)
		late = check_idempotency_key(call, got.idempotency_key);
	p = read_body(call, from, got.content_length);
	return late != NULL ? late : p;
}
