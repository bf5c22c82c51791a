/*
 * Writing replies.
 */
#include "reply.h"

#include <assert.h>
#include <string.h>

#include "cors.h"
#include "json.h"
#include "media.h"
#include "text.h"

void
reply_header(struct call *call, const char *name, struct text value)
{
	assert(call->reply.header_count < REPLY_HEADERS);
	call->reply.headers[call->reply.header_count].name = name;
	call->reply.headers[call->reply.header_count++].value = value;
}

void
reply_reset(struct call *call)
{
	call->reply.body.length = 0;
	call->reply.header_count = 0;
	call->reply.status = 200;
	call->reply.media_type = MEDIA_JSON;
}

/* RFC 6749, 5.2. What it has no word for gets the nearest one. */
static const char *
oauth_error(enum problem_kind kind)
{
	switch (kind) {
	case INVALID_GRANT:
	case INVALID_CLIENT:
	case INVALID_SCOPE:
	case UNSUPPORTED_GRANT_TYPE:
	case UNSUPPORTED_TOKEN_TYPE:
		return problem_facts[kind].code;
	case INTERNAL:
		return "server_error";
	case RATE_LIMITED:
	case BUSY:
	case UNAVAILABLE:
		return "temporarily_unavailable";
	default:
		return "invalid_request";
	}
}

/* The problem document with OAuth's own two members, under the media type that its clients expect. */
static void
write_oauth_problem(struct call *call, const struct problem *problem)
{
	const char *error = oauth_error(problem->kind);
	const struct problem *p = problem_with_text(call, problem, "error_description", problem->detail);

	call->reply.media_type = MEDIA_JSON;
	json_write_problem(&call->reply.body, problem_with_text(call, p, "error", error), call->request_id.at);
}

void
reply_problem(struct call *call, const struct problem *problem)
{
	call->reply.body.length = 0;
	call->reply.status = problem_facts[problem->kind].status;
	call->reply.media_type = MEDIA_PROBLEM;
	if (problem->retry_after_seconds > 0)
		reply_header(call, "Retry-After", arena_format(call->arena, "%d", problem->retry_after_seconds));
	if (call->operation != NULL && call->operation->oauth)
		write_oauth_problem(call, problem);
	else
		json_write_problem(&call->reply.body, problem, call->request_id.at);
}

/* nginx writes the phrase as it comes; without one the blank behind the code would be missing (RFC 9112, 4). */
static const char *
reason_phrase(int status)
{
	static const struct {
		int status;
		const char *phrase;
	} phrases[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 402, "Payment Required" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 411, "Length Required" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};

	for (size_t i = 0; i < COUNT(phrases); i++)
		if (phrases[i].status == status)
			return phrases[i].phrase;
	return "Other";
}

static void
add_header(struct buffer *head, const char *name, struct text value)
{
	buffer_add_string(head, name);
	buffer_add_string(head, ": ");
	buffer_add_text(head, value);
	buffer_add_string(head, "\r\n");
}

static bool
send_head(struct call *call, bool with_length)
{
	struct buffer head = buffer_new(call->reply_arena, 512);
	const struct reply *reply = &call->reply;
	bool cached = false, has_body = reply->status != 204 && reply->status != 304;

	buffer_add_string(&head, "Status: ");
	buffer_add_integer(&head, reply->status);
	buffer_add_char(&head, ' ');
	buffer_add_string(&head, reason_phrase(reply->status));
	buffer_add_string(&head, "\r\n");
	add_header(&head, "X-Request-Id", call->request_id);
	if (has_body)
		add_header(&head, "Content-Type", text_from(reply->media_type));
	if (with_length && has_body) {
		buffer_add_string(&head, "Content-Length: ");
		buffer_add_integer(&head, (int64_t)reply->body.length);
		buffer_add_string(&head, "\r\n");
	}
	for (size_t i = 0; i < reply->header_count; i++) {
		add_header(&head, reply->headers[i].name, reply->headers[i].value);
		cached = cached || strcmp(reply->headers[i].name, "Cache-Control") == 0;
	}
	if (!cached)
		buffer_add_string(&head, "Cache-Control: no-store\r\n");
	cors_add(&head, call->request.origin);
	buffer_add_string(&head, "\r\n");
	return call->output.write(call->output.context, head.at, head.length);
}

void
reply_send(struct call *call)
{
	const struct reply *reply = &call->reply;

	if (send_head(call, true) && !call->request.head && reply->status != 204 && reply->status != 304)
		call->output.write(call->output.context, reply->body.at, reply->body.length);
}

bool
reply_begin_stream(struct call *call)
{
	call->reply.media_type = call->rendering != NULL ? call->rendering->media_type : MEDIA_NDJSON;
	call->reply.streamed = true;
	return send_head(call, false);
}
