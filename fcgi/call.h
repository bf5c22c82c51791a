/*
 * One request (or one run of a job) in progress: who calls, for which organization, when, what was asked, what will be
 * answered. Handlers read it; only the machinery writes it, but for `target`.
 */
#ifndef PURSER_CALL_H
#define PURSER_CALL_H

#include "arena.h"
#include "operation.h"

enum principal_type { NOBODY, API_KEY, OPERATOR, PERSON, JOB, PROCESSOR };

struct principal {
	enum principal_type type;
	struct id id;
	uint64_t scopes;             /* bits of scope.h */
	int64_t key_rate_limit;      /* a minute; 0: none of its own */
	int64_t organization_rate_limit; /* a minute; 0: the setting */
	bool organization_closed;
	enum role role;              /* of a person, in the call's organization */
	uint64_t granted;            /* of a person: what the session was narrowed to, whatever the role; all, where it was not */
	struct maybe_id person;      /* who is behind it: the person, or the one who made the key */
	struct maybe_id session;     /* of a person who signed in here */
	struct digest token;         /* SHA-256 of what was sent; of one of our own tokens */
	struct maybe_instant expires_at; /* of the token */
};

/* For PUBLIC operations: from here on the call is this person's, who has just proven it, and its audit row says so. */
void call_becomes(struct call *call, struct id person, struct maybe_id organization);

/* For PUBLIC operations of a machine that has proven who it is, and for jobs: from here on the call acts for the
 * organization. */
void call_acts_for(struct call *call, struct id organization);

/* What the call has waited for was changed at that moment: its own time, read before, is no earlier from here on. */
void call_not_before(struct call *call, struct instant at);

/* A `{name}` of a plain route's path, and what stood there. */
struct path_parameter {
	struct text name; /* as in the route: camelCase */
	struct text value;
};
enum { PATH_PARAMETERS = 4 };

/* What the caller sent, as it came. */
struct request {
	enum method method;
	struct text method_name, path, query, content_type, content_encoding, accept, address, idempotency_key, traceparent, origin;
	struct text if_none_match;
	struct text stripe_signature;
	struct text token;           /* from Authorization or X-API-Key; never logged */
	struct text basic;           /* the credentials of HTTP Basic, as sent; never logged */
	struct text user_agent;      /* valid UTF-8, at most 200 characters */
	struct text body;
	struct spool *spool;         /* of a STREAM_IN whose body is too large for memory, or came by lines; else NULL */
	struct path_parameter parameters[PATH_PARAMETERS];
	size_t parameter_count;
	int64_t waited_microseconds; /* for a worker, as the web server tells; 0 where it does not */
	bool strange_scheme;         /* Authorization named neither Bearer nor Basic */
	bool head;                   /* HEAD: as GET, without a body */
	bool from_metrics_listener;
};

/* A page of a list, as asked for. */
struct page {
	int64_t limit;               /* INT64_MAX for an unlimited stream */
	int64_t offset;
	struct text cursor;          /* the last key value seen, verified; empty: from the beginning */
	bool stream;                 /* NDJSON */
};

enum { REPLY_HEADERS = 12 };

struct reply {
	int status;
	const char *media_type;
	struct buffer body;
	struct {
		const char *name;
		struct text value;
	} headers[REPLY_HEADERS];
	size_t header_count;
	bool streamed;               /* the body went out already, row by row */
};

/* How bytes leave: the FastCGI stream, or a test's buffer. False: the other side is gone. */
struct output {
	bool (*write)(void *context, const char *at, size_t length);
	void *context;
};

struct call {
	struct arena *arena;
	struct arena *reply_arena;   /* holds what outlives a row of a stream: the reply's body */
	struct id id;                /* this call's ULID; also its audit row's */
	struct text request_id;      /* the caller's own, or the ULID */
	struct instant now;          /* read once */
	struct request request;
	const struct operation *operation; /* NULL for a job */
	const struct rest *rest;     /* the plain route that was used, or NULL */
	struct principal principal;
	struct id organization;      /* the one acted for; zero: none */
	struct list hot;             /* rows of operation->hot */
	struct page page;
	void *in;                    /* the checked input */
	void *out;                   /* what a handler of one reply gave */
	const struct rendering *rendering; /* how it is written; NULL: as JSON */
	struct stream *stream;       /* of a STREAM_IN: its items */
	void *intent;                /* what the steps of a TWO_STEP operation hand on; the handler's own */
	struct reply reply;
	struct output output;
	struct maybe_id target;      /* of the audit row; set by itself from the reply's or input's id where not set */
	struct id claim_space;       /* of the idempotency claim, fixed when it was made */
	bool replayed;               /* the reply is a stored one */
	bool in_transaction;
	bool is_finished;            /* the handler's own statement has stored the reply and committed (finish.h) */
	bool is_intended;            /* the intent of a TWO_STEP operation is committed */
	unsigned reruns;
	unsigned round_trips;        /* to the database; kept by serve.c and runner.c */
	const struct problem *problem; /* what was answered, for the log */
	const char *internal;        /* why it was a 500, for the log only */
	const char *job;             /* the job's id, or NULL */
};

/* Where a list handler puts its rows. */
struct sink;
const struct problem *sink_row(struct sink *sink, const void *row);
/* No other row fits the page: of one that comes all the same nothing is looked at but that it came. */
bool sink_is_full(const struct sink *sink);
/* The number of all rows, where a counter exists. */
void sink_total(struct sink *sink, int64_t total);

void reply_header(struct call *call, const char *name, struct text value);

/* An operation that takes nothing takes `nothing`. */
struct nothing {
	char unused;
};
extern const struct shape nothing_shape;

#endif
