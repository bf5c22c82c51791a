/*
 * What an operation, a shape, a field, a statement, a job and a resource are. Read this first: every table of the
 * product is made of these structs, and routing, checks, authorization, OpenAPI and the tests' golden files are walks
 * over them. Nothing here is ever written to at run time.
 */
#ifndef PURSER_OPERATION_H
#define PURSER_OPERATION_H

#include "problem.h"
#include "role.h"
#include "scope.h"
#include "value.h"

struct call;
struct sink;
struct shape;

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

enum kind {
	KIND_INTEGER,  /* int64_t, struct maybe_int */
	KIND_BOOLEAN,  /* bool, struct maybe_bool */
	KIND_TEXT,     /* struct text, struct maybe_text */
	KIND_ID,       /* struct id, struct maybe_id */
	KIND_INSTANT,  /* struct instant, struct maybe_instant */
	KIND_CREDITS,  /* struct credits, struct maybe_credits */
	KIND_AMOUNT,   /* struct amount, struct maybe_amount */
	KIND_DECIMAL,  /* struct decimal, struct maybe_decimal */
	KIND_CURRENCY, /* struct currency, struct maybe_currency */
	KIND_QUANTITY, /* struct quantity, struct maybe_quantity */
	KIND_DIGEST,   /* struct digest */
	KIND_BYTES,    /* struct bytes; SQL only */
	KIND_DOCUMENT, /* struct document; optional unless FIELD_MUST; with a shape, by FIELD_ROWS, a list of its objects, as text */
	KIND_TEXTS,    /* struct texts: an array of strings */
	KIND_LIST,     /* struct list: an array of objects, by FIELD_LIST */
	KIND_OBJECT,   /* struct x *: one object or NULL, by FIELD_OBJECT */
};

/* A rule for a text beyond its length. `check` answers NULL, or what is wrong as a sentence for the caller. */
struct format {
	const char *name;    /* OpenAPI `format`, or NULL */
	const char *pattern; /* OpenAPI `pattern` (ECMA-262), or NULL */
	const char *(*check)(struct text value);
};

struct field {
	const char *name; /* in JSON, as SQL parameter and as SQL result column */
	enum kind kind;
	bool optional; /* a maybe type: may be absent or null in JSON, NULL in SQL */
	bool hidden;   /* known to SQL and C only, never read from or written to JSON */
	bool ranged;   /* least and most hold: characters of a text, items of a list, value of a number */
	bool computed; /* filled in by the handler, never read from SQL */
	bool preset;   /* `standard` is taken when the caller gives none */
	bool left_out; /* of a reply: where it is absent the member is left out, instead of null */
	bool null_tells; /* of an input's KIND_OBJECT: null gives one that is all zero, and only what is absent gives NULL */
	uint16_t offset;
	uint16_t size;
	int64_t least, most, standard;
	const char *const *one_of;   /* ends with NULL; a text, or each item of a texts */
	const struct format *format; /* a text, or each item of a texts */
	const struct shape *shape;   /* of a KIND_LIST's items, of a KIND_OBJECT */
	const char *summary;         /* one sentence for the reference */
};

struct shape {
	const char *name;
	size_t size;
	size_t count;
	const struct field *fields;
	bool partial;  /* shows only some members of its struct, on purpose */
	bool freeform; /* unknown JSON members are ignored instead of refused */
};

#define KIND_OF(s, m)                                                                                                  \
	_Generic(((struct s *)0)->m,                                                                                   \
	    int64_t: KIND_INTEGER, struct maybe_int: KIND_INTEGER,                                                     \
	    bool: KIND_BOOLEAN, struct maybe_bool: KIND_BOOLEAN,                                                       \
	    struct text: KIND_TEXT, struct maybe_text: KIND_TEXT,                                                      \
	    struct id: KIND_ID, struct maybe_id: KIND_ID,                                                              \
	    struct instant: KIND_INSTANT, struct maybe_instant: KIND_INSTANT,                                          \
	    struct credits: KIND_CREDITS, struct maybe_credits: KIND_CREDITS,                                          \
	    struct amount: KIND_AMOUNT, struct maybe_amount: KIND_AMOUNT,                                              \
	    struct decimal: KIND_DECIMAL, struct maybe_decimal: KIND_DECIMAL,                                          \
	    struct currency: KIND_CURRENCY, struct maybe_currency: KIND_CURRENCY,                                      \
	    struct quantity: KIND_QUANTITY, struct maybe_quantity: KIND_QUANTITY,                                      \
	    struct digest: KIND_DIGEST, struct bytes: KIND_BYTES,                                                      \
	    struct document: KIND_DOCUMENT, struct texts: KIND_TEXTS)

#define IS_MAYBE(s, m)                                                                                                 \
	_Generic(((struct s *)0)->m,                                                                                   \
	    struct maybe_int: true, struct maybe_bool: true, struct maybe_text: true, struct maybe_id: true,           \
	    struct maybe_instant: true, struct maybe_credits: true, struct maybe_amount: true,                         \
	    struct maybe_decimal: true, struct maybe_currency: true, struct maybe_quantity: true,                      \
	    struct document: true, default: false)

#define FIELD_BASE(s, m) .offset = offsetof(struct s, m), .size = sizeof(((struct s *)0)->m)

/* FIELD(struct, member, limits, sentence): the JSON name is the member's own; FIELD_AS names it otherwise. */
#define FIELD(s, m, limits, sentence)                                                                                  \
	{ .name = #m, .kind = KIND_OF(s, m), .optional = IS_MAYBE(s, m), FIELD_BASE(s, m), limits, .summary = sentence }
#define FIELD_AS(s, m, as, limits, sentence)                                                                           \
	{ .name = as, .kind = KIND_OF(s, m), .optional = IS_MAYBE(s, m), FIELD_BASE(s, m), limits, .summary = sentence }
/* FIELD_MAY: a list or texts that may be left out; it is empty then. */
#define FIELD_MAY(s, m, limits, sentence)                                                                              \
	{ .name = #m, .kind = KIND_OF(s, m), .optional = true, FIELD_BASE(s, m), limits, .summary = sentence }
/* FIELD_MUST: a document that may not be left out. */
#define FIELD_MUST(s, m, sentence)                                                                                     \
	{ .name = #m, .kind = KIND_OF(s, m), FIELD_BASE(s, m), .summary = sentence }
#define FIELD_LIST(s, m, items, limits, sentence)                                                                      \
	{ .name = #m, .kind = KIND_LIST, FIELD_BASE(s, m), .shape = &items##_shape, limits, .summary = sentence }
/* FIELD_ROWS: of a reply; a struct document that holds a JSON array of such objects, as json_rows wrote it. */
#define FIELD_ROWS(s, m, items, sentence)                                                                              \
	{ .name = #m, .kind = KIND_DOCUMENT, FIELD_BASE(s, m), .shape = &items##_shape, .summary = sentence }
#define FIELD_OBJECT(s, m, of, is_optional, sentence)                                                                  \
	{ .name = #m, .kind = KIND_OBJECT, .optional = is_optional, FIELD_BASE(s, m), .shape = &of##_shape,            \
	  .summary = sentence }

/* FIELD_OBJECT_OR_NULL: of an input; null says something else than nothing: its object is all zero. */
#define FIELD_OBJECT_OR_NULL(s, m, of, sentence)                                                                       \
	{ .name = #m, .kind = KIND_OBJECT, .optional = true, .null_tells = true, FIELD_BASE(s, m),                     \
	  .shape = &of##_shape, .summary = sentence }

/* The limits of a field: exactly one of these stands in its row. */
#define ANY .ranged = false
#define HIDDEN .hidden = true
#define COMPUTED .computed = true
#define LEFT_OUT .left_out = true
#define LENGTH(a, b) .ranged = true, .least = (a), .most = (b)
#define RANGE(a, b) LENGTH(a, b)
#define AT_LEAST(a) LENGTH(a, INT64_MAX)
#define RANGE_OR(a, b, otherwise) LENGTH(a, b), .preset = true, .standard = (otherwise)
#define ONE_OF(list) .one_of = (list)
#define MATCHING(rule, a, b) .format = &(rule), LENGTH(a, b)

/* SHAPE(x) makes `x_shape` of struct x and the rows in `x_fields`; VIEW makes another shape of the same struct, which
 * shows only some of its members. */
#define SHAPE(s)                                                                                                       \
	static const struct shape s##_shape = { .name = #s, .size = sizeof(struct s), .count = COUNT(s##_fields),      \
		.fields = s##_fields };
#define VIEW(as, s)                                                                                                    \
	static const struct shape as##_shape = { .name = #as, .size = sizeof(struct s), .count = COUNT(as##_fields),   \
		.fields = as##_fields, .partial = true };

/* ---- statements ------------------------------------------------------------------------------------------------ */

/*
 * A prepared statement. A KIND_TEXTS is words separated by one blank in SQL; a KIND_LIST or KIND_OBJECT is not in SQL at
 * all: the handler fills it in. Parameters are written `:name` and come from the shape it takes; those in statement.h's list
 * (`:organization`, `:now`, `:principal`, `:call`, `:limit`, `:offset`, `:cursor`) come from the call and can't be given
 * by a handler, so that no handler can name another organization by mistake. Result columns are named like the fields
 * of the shape it gives, in any order, all of them.
 */
struct statement {
	const char *sql;
	const struct shape *takes; /* NULL: nothing but the call's own parameters */
	const struct shape *gives; /* NULL: no result set */
	const char *crosses_organizations; /* why it may leave out `:organization`; NULL: it may not */
	enum problem_kind on_duplicate;    /* what a duplicate key (1062) means to the caller; 0: our fault */
	bool duplicate_is_zero;            /* a duplicate key is "no row affected" instead */
	bool outside_transaction;          /* on the read login even in a WRITE operation: before its transaction begins */
};

/* ---- operations ------------------------------------------------------------------------------------------------ */

enum operation_kind {
	READ,
	WRITE,
	TWO_STEP,  /* talks to the outside between two transactions, see two_step.h */
	STREAM_IN, /* takes many items in one body of up to stream_limit_bytes, see stream_in.h; one transaction, no key */
	REHEARSAL, /* a write that is rolled back: no claim, no audit row, and nothing that it said is heard of */
};

enum effect { READS, COMPUTES, SPENDS, EXPORTS, DESTROYS };

enum bucket { BUCKET_DEFAULT, BUCKET_CHARGE, BUCKET_ORDERS, BUCKET_USAGE, BUCKET_COUNT };

enum method { METHOD_GET, METHOD_POST, METHOD_PUT, METHOD_PATCH, METHOD_DELETE };

/* What a handler takes and gives, and how to call it; made by HANDLER or HANDLER_EACH only. */
struct handler {
	const struct shape *takes;
	const struct shape *gives;
	const struct problem *(*one)(struct call *call, const void *in, void *out);
	const struct problem *(*each)(struct call *call, const void *in, struct sink *sink);
	/* Of TWO_STEP, whose first step is `one`. */
	const struct problem *(*perform)(struct call *call, const void *in);
	const struct problem *(*book)(struct call *call, const void *in, void *out);
};

/* One reply: `verb(call, in, out)` fills `out`, which is all zero before. */
#define HANDLER(verb, in_shape, out_shape)                                                                             \
	static const struct problem *verb(struct call *call, const struct in_shape *in, struct out_shape *out);        \
	static const struct problem *verb##_thunk(struct call *call, const void *in, void *out)                        \
	{                                                                                                              \
		return verb(call, in, out);                                                                            \
	}                                                                                                              \
	static const struct handler verb##_run = { &in_shape##_shape, &out_shape##_shape, verb##_thunk, NULL, NULL,    \
		NULL };

/* One reply in three steps: `verb_intend(call, in)` in the transaction that begins, `verb_perform(call, in)` in none,
 * `verb_book(call, in, out)` in the one that ends; what they hand on is in call->intent. */
#define HANDLER_TWO_STEP(verb, in_shape, out_shape)                                                                    \
	static const struct problem *verb##_intend(struct call *call, const struct in_shape *in);                      \
	static const struct problem *verb##_perform(struct call *call, const struct in_shape *in);                     \
	static const struct problem *verb##_book(struct call *call, const struct in_shape *in, struct out_shape *out); \
	static const struct problem *verb##_intend_thunk(struct call *call, const void *in, void *out)                 \
	{                                                                                                              \
		(void)out;                                                                                             \
		return verb##_intend(call, in);                                                                        \
	}                                                                                                              \
	static const struct problem *verb##_perform_thunk(struct call *call, const void *in)                           \
	{                                                                                                              \
		return verb##_perform(call, in);                                                                       \
	}                                                                                                              \
	static const struct problem *verb##_book_thunk(struct call *call, const void *in, void *out)                   \
	{                                                                                                              \
		return verb##_book(call, in, out);                                                                     \
	}                                                                                                              \
	static const struct handler verb##_run = { &in_shape##_shape, &out_shape##_shape, verb##_intend_thunk, NULL,   \
		verb##_perform_thunk, verb##_book_thunk };

/* Many rows: `verb(call, in, sink)` hands rows of the shape to the sink, which pages or streams them. */
#define HANDLER_EACH(verb, in_shape, row_shape)                                                                        \
	static const struct problem *verb(struct call *call, const struct in_shape *in, struct sink *sink);            \
	static const struct problem *verb##_thunk(struct call *call, const void *in, struct sink *sink)                \
	{                                                                                                              \
		return verb(call, in, sink);                                                                           \
	}                                                                                                              \
	static const struct handler verb##_run = { &in_shape##_shape, &row_shape##_shape, NULL, verb##_thunk, NULL,    \
		NULL };

/*
 * A plain route that answers like the operation. A `{name}` in the path fills the field of that name (camelCase in the
 * path, snake_case in the shape); the rest of the input comes from the query (GET) or the body.
 */
struct rest {
	enum method method;
	const char *path;
	const struct shape *gives; /* another view of the same struct; NULL: the operation's own */
	const char *media_type;    /* of one of the operation's renderings: the route answers nothing else; NULL: all of them */
	bool bare_array;           /* a list: the array alone, paging in X-Next-Page and Link */
	int64_t page_limit;        /* of a bare array: rows a page */
};

/* A join that the authentication read carries, so that a hot operation costs one round trip. */
struct hot {
	const char *columns; /* SQL select list, each `AS` a field of `gives` */
	const char *join;    /* LEFT JOINs to the key's row `k`, by k.organization_id */
	const struct shape *gives;
};

/* A body of many items. `convert` makes an item (of the shape in the operation's list) of what was sent; NULL: it is one. */
struct stream_form {
	const char *media_type;
	enum stream_layout { STREAM_LINES, STREAM_ARRAY, STREAM_SINGLE } layout; /* one a line, a JSON array, one alone */
	const struct shape *sent;
	const struct problem *(*convert)(struct call *call, const void *sent, void *item);
};

/* A media type that a reply has besides JSON: `write` adds to call->reply.body what it makes of the struct that the handler
 * gave, and a header (Content-Disposition) where one is due. */
struct rendering {
	const char *media_type;
	const struct problem *(*write)(struct call *call, const void *out);
	const struct shape *rows; /* of NDJSON: each line is one of these; else NULL */
};

enum { RAISES_MAX = 10, REST_MAX = 4 };

struct operation {
	const char *id; /* dotted; gives both paths */
	enum operation_kind kind;
	enum scope scope;
	enum effect effect;
	enum bucket bucket;
	bool human;          /* refuses API keys and client credentials */
	unsigned roles;      /* ROLE_BITs: of a person one of these roles is asked besides the scope; 0: none. A key needs only the scope */
	bool any_person;     /* a person's session satisfies the scope whatever the role, with or without an organization;
	                        one that was narrowed still needs it */
	bool no_key;         /* an Idempotency-Key is ignored */
	bool repeatable;     /* of a write with no_key: it may be sent again after any failure all the same; what was done
	                        already is not done twice, and is no failure */
	bool oauth;          /* takes a form and tells its failures as RFC 6749, 5.2 */
	bool slow;           /* may run long: the slow workers' */
	bool raw_body;       /* the body is the handler's to read, as it came; who sent it is proven by a signature over it,
	                        so it counts against no rate limit */
	bool unaudited;      /* leaves no audit row. A commit that was lost runs it again, so it has to find out by itself what
	                        is done already */
	bool any_membership; /* its organization_id may name any organization: the handler sees to it that the caller may */
	bool seals_reply;    /* the reply holds a secret: an idempotent copy is stored sealed */
	const char *summary;
	const char *description;   /* more for the reference, or NULL */
	int status;                /* of success; 0: 200 */
	const char *page_key;      /* a list: the field of a row that a cursor holds (id, integer or text); it takes `limit`
	                              (maybe_int), `cursor` (maybe_text), where it likes also `offset` and `after` */
	int64_t page_limit;        /* a list: the standard `limit`; 0: 50 */
	bool page_ascending;       /* a list: by name instead of newest first */
	const struct handler *run; /* declares what it takes and gives */
	/* Of a WRITE: what takes long or asks the outside, before the claim and every lock. What it finds it leaves in
	 * call->intent, for `run` to judge: a claim that is there already answers as it did. */
	const struct problem *(*prepare)(struct call *call, const void *in);
	const struct rendering *renderings; /* of one reply, of a READ: ends with a NULL media type */
	const struct stream_form *forms; /* of STREAM_IN: the bodies it takes besides its JSON document; ends with a NULL media type */
	const struct hot *hot;
	enum problem_kind raises[RAISES_MAX]; /* beyond those that every operation of its kind can raise */
	struct rest rest[REST_MAX];
};

/* ---- events ---------------------------------------------------------------------------------------------------- */

/* What is told to others when it has become true: in the reference, to webhooks, to inboxes (outbox.h writes it). */
struct event_type {
	const char *type;        /* "topup.succeeded" */
	const char *entity_type; /* what kind of thing it happened to */
	const char *summary;     /* one sentence for the reference */
	const struct shape *data;
	bool internal;           /* for our own jobs alone; nobody outside hears of it */
};

/* ---- jobs ------------------------------------------------------------------------------------------------------ */

/* Jobs of different lanes never wait for each other: each lane is a process of its own (runner.c). */
enum lane { LANE_BOOKS, LANE_CARDS, LANE_MAIL, LANE_EVENTS, LANE_WEBHOOKS, LANE_INTEGRATIONS, LANE_SNAPSHOTS,
	LANE_UPKEEP, /* what forgets old things, in bounded batches */
	LANE_COUNT };

/* Work that comes due by itself. `run` does all that is due, in transactions of its own (runner.h). */
struct job {
	const char *id;
	const char *summary;
	enum lane lane;
	int64_t every_seconds;
	int64_t lease_seconds; /* how long a killed runner's lease is waited for; 0: 300. Every commit renews it */
	const struct problem *(*run)(struct call *call);
};

/* ---- metrics --------------------------------------------------------------------------------------------------- */

/* A figure of the database among the metrics of the node: of what no worker counts, since jobs do it. Its statement is asked
 * whenever they are read, gives one `gauge_value`, and is .outside_transaction. */
struct gauge {
	const char *name;
	const char *help;
	const struct statement *statement;
};

struct gauge_value {
	int64_t value;
};
extern const struct shape gauge_value_shape;

/* ---- resources ------------------------------------------------------------------------------------------------- */

/* One file of handlers/. Lists end with NULL. */
struct resource {
	const char *name;
	const char *summary;
	const struct operation *const *operations;
	const struct statement *const *statements;
	const struct job *const *jobs;
	const struct event_type *const *events;
	const struct gauge *const *gauges;
};

/* All resources, in the order of the reference; ends with NULL. Defined by the product. */
extern const struct resource *const resources[];

#define LIST_OF(type, ...) ((const struct type *const[]){ __VA_ARGS__, NULL })

#endif
