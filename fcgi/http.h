/*
 * Outgoing HTTP (libcurl). One transfer at a time; connections are kept and used again. Refuses to run inside a
 * transaction, and in a fast worker: whoever waits for the outside holds no lock and blocks no reader.
 */
#ifndef PURSER_HTTP_H
#define PURSER_HTTP_H

#include "call.h"

enum { HTTP_HEADERS = 8 };

struct http_request {
	const char *method; /* "GET", "POST", … */
	const char *url;
	struct {
		const char *name;
		struct text value;
	} headers[HTTP_HEADERS]; /* ends with a NULL name, where there are fewer */
	struct text body;
	int64_t until;           /* clock_monotonic_microseconds() at which it has to be over; 10 s at the most */
	size_t limit;            /* of the reply's body, in bytes; more counts as broken */
};

/* What became of it. Only HTTP_UNSENT is sure that the other side has not seen the request. */
enum http_outcome { HTTP_ANSWERED, HTTP_UNSENT, HTTP_BROKEN };

struct http_reply {
	enum http_outcome outcome;
	int status;
	struct text body;
	struct text media_type;
	struct text headers; /* all of them, a line each */
	const char *why;     /* of what was not answered: for the log */
};

/* NULL whatever the outcome; INTERNAL only where the caller may not call at all. Redirects are not followed; no proxy is
 * asked; certificates are checked. The reply lives in the call's arena. */
const struct problem *http_send(struct call *call, const struct http_request *request, struct http_reply *reply);

/* The value of a header, its name in any case; `at` NULL where there is none. */
struct maybe_text http_header(const struct http_reply *reply, const char *name);

/* To be said once by a worker of the fast pool: it may not call. */
void http_forbid(void);
bool http_is_forbidden(void);

/* Closes the kept connections. */
void http_close(void);

#endif
