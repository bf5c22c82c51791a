/*
 * What a client has to know of an operation, read from its declaration once for all clients: emit_cli.c, emit_python.c,
 * emit_typescript.c and emit_reference.c walk over these structs and restate nothing. Everything lives in the arena that
 * is handed in, or for ever.
 */
#ifndef PURSER_EMIT_CLIENT_H
#define PURSER_EMIT_CLIENT_H

#include "emit_openapi.h"

/* ---- operations ---- */

enum client_body {
	CLIENT_BODY_JSON, /* one JSON object */
	CLIENT_BODY_FORM, /* application/x-www-form-urlencoded, failures as RFC 6749: {"error": …, "error_description": …} */
	CLIENT_BODY_RAW,  /* the caller's bytes as they are, and its own headers (a processor's signed webhook) */
};

/* A field of an input, as a caller sees it; hidden ones are left out. */
struct client_field {
	const struct field *field;
	const char *name; /* the wire's: "approval_id" */
	enum kind kind;
	bool required;
	bool rows;        /* a list of objects of field->shape, whatever its kind: KIND_LIST, or a KIND_DOCUMENT with a shape */
	bool repeats;     /* an array: KIND_TEXTS, or rows */
	bool pages;       /* `limit`, `cursor`, `offset` or `after` of a list: an iterator sends `cursor` from the second page on,
	                     and no longer `offset` and `after`, which would count again */
};

struct client_operation {
	const struct resource *resource;
	const struct operation *operation;
	const char *id;            /* "billing.approvals.approve" */
	const char *path;          /* of the one POST that every client calls: "/v1/billing/approvals/approve" */
	const char *const *words;  /* the id's, in order; ends with NULL: "billing", "approvals", "approve" */
	size_t word_count;
	int status;                /* of success */
	enum client_body body;
	bool list;                 /* replies {"data": […], "next_cursor": …, "total"?: …}, and by NDJSON a row a line */
	bool streams_in;           /* takes operation->forms besides JSON: `items` names the member that holds them */
	const struct field *items; /* of streams_in: the input's list; each line is one of its items */
	bool reads;                /* changes nothing (READ, REHEARSAL): may be sent again without a key */
	bool keyed;                /* heeds an Idempotency-Key: may be sent again with the same one */
	bool repeatable;           /* may be sent again after any failure: retries go by this alone. It reads, or is keyed, or
	                              takes no key and does nothing twice all the same */
	bool spends;               /* may charge money or credits: ask first, never without a key */
	bool destroys;
	bool secret;               /* the reply holds a secret that is shown once */
	bool public;               /* needs no token */
	const struct rendering *renderings; /* of the reply besides JSON; ends with a NULL media type; NULL: none */
	const struct client_field *fields;  /* of the input, in the order of the declaration */
	size_t field_count;
	const struct shape *takes; /* its type: schema_name(arena, takes, REQUEST) */
	const struct shape *gives; /* the reply's, a list's row: schema_name(arena, gives, REPLY) */
};

/* All of them, in the order of the resources. */
const struct client_operation *client_operations(struct arena *arena, size_t *count);

/* Does an input of this operation have the field? A list's that pages by cursor has "cursor". NULL: no. */
const struct client_field *client_field_named(const struct client_operation *operation, const char *name);

/* ---- the tree of names ---- */

/* "billing" holds "approvals", which holds the operation "approve". Children stand in the order in which they first appear
 * among the operations; no operation has children. */
struct client_node {
	const char *word;                         /* "approvals"; "" of the root */
	const char *path;                         /* "billing.approvals"; "" of the root */
	const char *summary;                      /* the operation's, or that of the resource with this name; else NULL */
	const struct client_operation *operation; /* NULL: a group */
	const struct client_node *const *children;
	size_t count;
};

const struct client_node *client_tree(struct arena *arena);

/* ---- types ---- */

struct client_shape {
	const struct shape *shape;
	enum direction direction;
	const char *name; /* schema_name */
	bool event;       /* the data of an event that others hear of */
};

/*
 * Every shape that is part of an input (REQUEST) or of a reply or a public event (REPLY), each name once, behind all
 * shapes that it holds. Inputs of forms are among them; that of a raw body is not.
 */
const struct client_shape *client_shapes(struct arena *arena, enum direction direction, size_t *count);

/* What a member of a type may be, beside its kind. A request: absent where it is not required. A reply: `null` where
 * optional, absent where left out. Hidden fields are for nobody (field->hidden). */
bool client_nullable(const struct field *field, enum direction direction);
bool client_absent(const struct field *field, enum direction direction);

/* A field that is a list of field->shape, whatever its kind. */
bool client_rows(const struct field *field);

/* ---- words ---- */

/* What stands for a kind in prose: "integer", "boolean", "text", "id", "time", "credits", "amount", "number", "currency",
 * "quantity", "digest", "object", "list of texts", "list of objects". */
const char *client_kind_name(const struct field *field);

/* "text, one of a b c", "email, 3 to 254 characters", "credits, at least 1": kind and limits of an input's field, for help and
 * reference. */
struct text client_field_rule(struct arena *arena, const struct field *field);

/* What a caller has to show, in prose: "billing:read", "any token". */
const char *client_scope(const struct operation *operation);

/* The first line of a generated file, behind `comment` ("//", "#", …): that it is made, and by what. */
void client_made_by(struct buffer *out, const char *comment, const char *command);

/* ---- emit_cli.c ---- */

/* The tables of the command line: client/commands.c. */
void emit_cli(struct buffer *out);

#endif
