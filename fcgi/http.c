/*
 * Outgoing HTTP/1.1 by libcurl: one easy handle a process, whose connections stay. Whether the other side can have seen
 * a request is known by one callback, which libcurl makes once a connection stands and before the first byte: it asks
 * for the connection again by itself where a kept one had died, so its error alone would not tell.
 */
#include "http.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "text.h"

enum { LONGEST_MILLISECONDS = 10000, CONNECT_MILLISECONDS = 2000, HEADERS_LIMIT = 64 << 10, BODY_ROOM = 4096 };

static CURL *handle;
static bool forbidden;

struct transfer {
	struct buffer body, headers;
	size_t limit;
	bool sent;         /* a byte of the request may have gone out */
	const char *fault; /* why we ended it */
};

void
http_forbid(void)
{
	forbidden = true;
}

bool
http_is_forbidden(void)
{
	return forbidden;
}

void
http_close(void)
{
	if (handle == NULL)
		return;
	curl_easy_cleanup(handle);
	curl_global_cleanup();
	handle = NULL;
}

/* ---- libcurl's callbacks ---------------------------------------------------------------------------------------- */

static int
on_connection(void *context, char *remote, char *local, int remote_port, int local_port)
{
	struct transfer *transfer = context;

	(void)remote;
	(void)local;
	(void)remote_port;
	(void)local_port;
	transfer->sent = true;
	return CURL_PREREQFUNC_OK;
}

static size_t
on_body(char *at, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t length = size * count;

	if (length > transfer->limit - transfer->body.length) {
		transfer->fault = "the reply is larger than what was asked for can be";
		return 0;
	}
	buffer_add(&transfer->body, at, length);
	return length;
}

/* One line at a time. A status line begins anew: what came before was of an interim reply. */
static size_t
on_header(char *at, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t length = size * count;

	if (length > HEADERS_LIMIT - transfer->headers.length) {
		transfer->fault = "the reply has too many headers";
		return 0;
	}
	if (length >= 5 && memcmp(at, "HTTP/", 5) == 0)
		transfer->headers.length = 0;
	buffer_add(&transfer->headers, at, length);
	return length;
}

/* ---- a request -------------------------------------------------------------------------------------------------- */

static void
out_of_memory(void)
{
	log_error("libcurl has no memory");
	exit(EXIT_FAILURE);
}

static void
open_handle(void)
{
	if (handle == NULL && curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		handle = curl_easy_init();
	if (handle == NULL)
		out_of_memory();
	curl_easy_reset(handle);
}

/* A line end in a value would be a header of its own. */
static bool
is_one_line(struct text value)
{
	for (size_t i = 0; i < value.length; i++)
		if (value.at[i] == '\r' || value.at[i] == '\n' || value.at[i] == '\0')
			return false;
	return true;
}

static struct curl_slist *
add_line(struct curl_slist *lines, const char *line)
{
	struct curl_slist *longer = curl_slist_append(lines, line);

	if (longer == NULL)
		out_of_memory();
	return longer;
}

/* No `Expect: 100-continue`, which only costs time. */
static struct curl_slist *
make_headers(struct call *call, const struct http_request *request)
{
	struct curl_slist *lines = add_line(NULL, "Expect:");

	for (size_t i = 0; i < HTTP_HEADERS && request->headers[i].name != NULL; i++)
		lines = add_line(lines, arena_format(call->arena, "%s: %.*s", request->headers[i].name,
					    (int)request->headers[i].value.length, request->headers[i].value.at)
					    .at);
	return lines;
}

static void
set_method(const struct http_request *request)
{
	if (strcmp(request->method, "HEAD") == 0) {
		curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
	} else if (strcmp(request->method, "GET") != 0) {
		curl_easy_setopt(handle, CURLOPT_POST, 1L);
		curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request->body.length == 0 ? "" : request->body.at);
		curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.length);
		curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request->method);
	}
}

static void
set_callbacks(struct transfer *transfer)
{
	curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, on_connection);
	curl_easy_setopt(handle, CURLOPT_PREREQDATA, transfer);
	curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(handle, CURLOPT_HEADERDATA, transfer);
}

/* No redirects, no proxy (an empty one overrules the environment too), no signals; certificates are checked. */
static void
set_rules(long milliseconds)
{
	curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(handle, CURLOPT_PROXY, "");
	curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, milliseconds);
	curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS,
	    milliseconds < CONNECT_MILLISECONDS ? milliseconds : (long)CONNECT_MILLISECONDS);
}

static CURLcode
perform(const struct http_request *request, struct curl_slist *headers, struct transfer *transfer, long milliseconds,
    char why[static CURL_ERROR_SIZE])
{
	CURLcode code;

	open_handle();
	set_rules(milliseconds);
	set_method(request);
	set_callbacks(transfer);
	why[0] = '\0';
	curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(handle, CURLOPT_URL, request->url);
	curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
	code = curl_easy_perform(handle);
	if (code != CURLE_OK && why[0] == '\0')
		snprintf(why, CURL_ERROR_SIZE, "%s", curl_easy_strerror(code));
	return code;
}

/* ---- the reply -------------------------------------------------------------------------------------------------- */

/* The type alone, without its parameters. */
static struct text
media_type_of(const struct http_reply *reply)
{
	struct text type = text_or(http_header(reply, "Content-Type"), "");
	const char *end = type.length == 0 ? NULL : memchr(type.at, ';', type.length);

	if (end != NULL)
		type.length = (size_t)(end - type.at);
	return text_trim(type);
}

static void
take_reply(struct http_reply *reply, const struct transfer *transfer)
{
	long status = 0;

	curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
	reply->outcome = HTTP_ANSWERED;
	reply->status = (int)status;
	reply->body = buffer_text(&transfer->body);
	reply->headers = buffer_text(&transfer->headers);
	reply->media_type = media_type_of(reply);
}

static void
transfer_once(struct call *call, const struct http_request *request, long milliseconds, struct http_reply *reply)
{
	struct curl_slist *headers = make_headers(call, request);
	struct transfer transfer = { .body = buffer_new(call->arena, BODY_ROOM),
		.headers = buffer_new(call->arena, BODY_ROOM),
		.limit = request->limit };
	char why[CURL_ERROR_SIZE];
	CURLcode code = perform(request, headers, &transfer, milliseconds, why);

	if (code == CURLE_OK) {
		take_reply(reply, &transfer);
	} else {
		reply->outcome = transfer.sent ? HTTP_BROKEN : HTTP_UNSENT;
		reply->why = transfer.fault != NULL ? transfer.fault : arena_format(call->arena, "%s", why).at;
	}
	/* What points into this function's memory must not stay. */
	curl_easy_reset(handle);
	curl_slist_free_all(headers);
}

const struct problem *
http_send(struct call *call, const struct http_request *request, struct http_reply *reply)
{
	int64_t left = (request->until - clock_monotonic_microseconds()) / 1000;

	*reply = (struct http_reply){ .outcome = HTTP_UNSENT, .body = TEXT_OF(""), .media_type = TEXT_OF("") };
	reply->headers = TEXT("");
	if (call->in_transaction)
		return fail_internal(call, "an outgoing request within a transaction");
	if (forbidden)
		return fail_internal(call, "an outgoing request in a worker of the fast pool");
	for (size_t i = 0; i < HTTP_HEADERS && request->headers[i].name != NULL; i++)
		if (!is_one_line(request->headers[i].value))
			return fail_internal(
			    call, "the header %s of an outgoing request has a line end", request->headers[i].name);
	if (left < 1)
		reply->why = "no time is left for it";
	else
		transfer_once(call, request, left < LONGEST_MILLISECONDS ? (long)left : LONGEST_MILLISECONDS, reply);
	return NULL;
}

struct maybe_text
http_header(const struct http_reply *reply, const char *name)
{
	struct text rest = reply->headers;

	while (rest.length > 0) {
		const char *end = memchr(rest.at, '\n', rest.length);
		size_t length = end == NULL ? rest.length : (size_t)(end - rest.at) + 1;
		const char *colon = memchr(rest.at, ':', length);
		struct text value;

		if (colon != NULL &&
		    text_equal_ignoring_case((struct text){ rest.at, (size_t)(colon - rest.at) }, text_from(name))) {
			value = (struct text){ colon + 1, (size_t)(rest.at + length - colon) - 1 };
			while (value.length > 0 &&
			       (value.at[value.length - 1] == '\n' || value.at[value.length - 1] == '\r'))
				value.length--;
			return text_given(text_trim(value));
		}
		rest = (struct text){ rest.at + length, rest.length - length };
	}
	return (struct maybe_text){ 0 };
}
