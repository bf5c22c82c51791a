/*
 * Requests by libcurl, over one connection for the life of the program.
 */
#include "transfer.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "complain.h"
#include "out.h"
#include "text.h"

enum { CONNECT_SECONDS = 20, SILENT_SECONDS = 300, BODY_MOST = 256 << 20 };

struct exchange {
	CURL *curl;
	const struct request *request;
	struct reply *reply;
	struct buffer body;
	off_t sent;
	bool too_long;
};

/* ---- what libcurl calls ---- */

static size_t
on_body(char *at, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
	size_t length = size * count;
	long status = 0;

	curl_easy_getinfo(exchange->curl, CURLINFO_RESPONSE_CODE, &status);
	if (exchange->request->streams && status >= 200 && status < 300) {
		out_bytes(at, length);
		out_flush();
		exchange->reply->streamed += (long long)length;
		return length;
	}
	exchange->too_long = exchange->body.length + length > BODY_MOST;
	if (exchange->too_long)
		return 0;
	buffer_add(&exchange->body, at, length);
	return length;
}

static size_t
on_header(char *at, size_t size, size_t count, void *context)
{
	static const char name[] = "retry-after:";
	struct exchange *exchange = context;
	size_t whole = size * count, length = whole;
	struct text value;

	while (length > 0 && (at[length - 1] == '\n' || at[length - 1] == '\r'))
		length--;
	if (length < sizeof(name) - 1 || strncasecmp(at, name, sizeof(name) - 1) != 0)
		return whole;
	value = text_trim((struct text){ at + sizeof(name) - 1, length - (sizeof(name) - 1) });
	snprintf(
	    exchange->reply->retry_after, sizeof(exchange->reply->retry_after), "%.*s", (int)value.length, value.at);
	return whole;
}

static size_t
on_send(char *into, size_t size, size_t count, void *context)
{
	struct exchange *exchange = context;
	ssize_t got = pread(exchange->request->body.file, into, size * count, exchange->sent);

	if (got < 0)
		return CURL_READFUNC_ABORT;
	exchange->sent += got;
	return (size_t)got;
}

static int
on_seek(void *context, curl_off_t offset, int origin)
{
	struct exchange *exchange = context;

	if (origin != SEEK_SET)
		return CURL_SEEKFUNC_CANTSEEK;
	exchange->sent = offset;
	return CURL_SEEKFUNC_OK;
}

/* ---- setting up ---- */

static struct curl_slist *
add_header(struct curl_slist *list, struct arena *arena, const char *name, const char *value)
{
	struct curl_slist *longer;

	if (value == NULL)
		return list;
	if (strpbrk(value, "\r\n") != NULL)
		give_up("What is to be sent as %s has a line break.", name);
	longer = curl_slist_append(list, arena_format(arena, "%s: %s", name, value).at);
	if (longer == NULL)
		give_up("There is no memory left.");
	return longer;
}

static bool
names_content_type(const char *const *headers)
{
	static const char name[] = "content-type:";

	for (; headers != NULL && *headers != NULL; headers++)
		if (strncasecmp(*headers, name, sizeof(name) - 1) == 0)
			return true;
	return false;
}

static struct curl_slist *
headers_of(struct arena *arena, const struct request *request)
{
	struct curl_slist *list = NULL;

	list = add_header(list, arena, "Accept", request->accept);
	if (!names_content_type(request->headers))
		list = add_header(list, arena, "Content-Type", request->body.media_type);
	list = add_header(list, arena, "Idempotency-Key", request->idempotency_key);
	if (request->token != NULL)
		list = add_header(list, arena, "Authorization", arena_format(arena, "Bearer %s", request->token).at);
	for (const char *const *header = request->headers; header != NULL && *header != NULL; header++) {
		const char *colon = strchr(*header, ':');

		if (colon == NULL || strpbrk(*header, "\r\n") != NULL)
			give_up("What --header gives is no header: 'NAME: VALUE'.");
		list = curl_slist_append(list, *header);
	}
	return list;
}

static void
set_body(struct exchange *exchange)
{
	const struct body *body = &exchange->request->body;
	CURL *curl = exchange->curl;

	curl_easy_setopt(curl, CURLOPT_POST, 1L);
	if (body->file < 0) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->text.at);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->text.length);
		return;
	}
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->file_length);
	curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_send);
	curl_easy_setopt(curl, CURLOPT_READDATA, exchange);
	curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek);
	curl_easy_setopt(curl, CURLOPT_SEEKDATA, exchange);
}

static void
set_options(struct exchange *exchange, const struct settings *settings, const char *url, char *error)
{
	CURL *curl = exchange->curl;

	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
	if (strncmp(url, "http:", 5) == 0) /* of this machine: a proxy would see the token */
		curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "purser/" PACKAGE_VERSION);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SILENT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, exchange->request->most_seconds);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, exchange);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, exchange);
	if (settings->ca != NULL)
		curl_easy_setopt(curl, CURLOPT_CAINFO, settings->ca);
	set_body(exchange);
}

/* ---- failures ---- */

/* Before these the service has heard nothing. */
static bool
was_sent(CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return false;
	default:
		return true;
	}
}

__attribute__((noreturn)) static void
fail(const struct exchange *exchange, const struct settings *settings, CURLcode code, const char *error)
{
	const char *detail = error[0] != '\0' ? error : curl_easy_strerror(code);

	if (!was_sent(code))
		complain_hint(NULL);
	if (exchange->too_long)
		give_up("The answer of %s is longer than %d MiB.", settings->url, BODY_MOST >> 20);
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		give_up("%s is not known: %s.", settings->url, detail);
	case CURLE_COULDNT_CONNECT:
		give_up("Nothing answers at %s: %s.", settings->url, detail);
	case CURLE_PEER_FAILED_VERIFICATION:
		give_up("The certificate of %s is not trusted, by %s: %s.", settings->url,
		    settings->ca != NULL ? settings->ca : "the system's authorities", detail);
	case CURLE_SSL_CACERT_BADFILE:
		give_up("%s holds no certificates to trust (--ca, PURSER_CA).",
		    settings->ca != NULL ? settings->ca : "The system's file");
	case CURLE_OPERATION_TIMEDOUT:
		give_up("%s did not answer in time: %s.", settings->url, detail);
	default:
		give_up("The answer of %s %s: %s.", settings->url,
		    exchange->reply->streamed > 0 ? "broke off, and is not all there is" : "did not come", detail);
	}
}

/* ---- one request ---- */

static CURL *
connection(void)
{
	static CURL *curl;

	if (curl == NULL && (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (curl = curl_easy_init()) == NULL))
		give_up("There is no memory left.");
	curl_easy_reset(curl);
	return curl;
}

struct reply
transfer(struct arena *arena, const struct settings *settings, const struct request *request)
{
	struct reply reply = { 0 };
	struct exchange exchange = {
		.curl = connection(),
		.request = request,
		.reply = &reply,
		.body = buffer_new(arena, 4096),
	};
	char error[CURL_ERROR_SIZE] = "";
	const char *hint = complain_hint(NULL); /* nothing was sent so far */
	struct curl_slist *headers = headers_of(arena, request);
	CURLcode code;

	complain_hint(hint);
	set_options(&exchange, settings, arena_format(arena, "%s%s", settings->url, request->path).at, error);
	curl_easy_setopt(exchange.curl, CURLOPT_HTTPHEADER, headers);
	code = curl_easy_perform(exchange.curl);
	curl_slist_free_all(headers);
	if (code != CURLE_OK)
		fail(&exchange, settings, code, error);
	curl_easy_getinfo(exchange.curl, CURLINFO_RESPONSE_CODE, &reply.status);
	reply.body = buffer_text(&exchange.body);
	return reply;
}
