/*
 * The operations of the service as the command line sees them. purser-describe writes the tables (commands.c) from the
 * declarations, so that the program needs nothing of the service but this.
 */
#ifndef PURSER_CLIENT_COMMAND_H
#define PURSER_CLIENT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* How a word of the command line becomes a value of JSON. */
enum flag_kind {
	FLAG_TEXT,    /* a string, as it is */
	FLAG_INTEGER, /* a whole number */
	FLAG_NUMBER,
	FLAG_BOOLEAN, /* --x or --no-x */
	FLAG_OBJECT,  /* '{…}', @file or - */
};

/* Of an object that a flag takes, or of each item of its list. */
struct member {
	const char *name;
	const char *rule;
	const char *summary;
	bool required;
	const struct member *members; /* ends with one without a name; NULL: it is no object */
};

struct flag {
	const char *name; /* of the input's member: "approval_id" is typed --approval-id */
	const char *rule; /* "credits, at least 1" */
	const char *summary;
	enum flag_kind kind;
	bool required;
	bool repeats; /* an array: once for each item */
	const char *const *one_of; /* ends with NULL; NULL: anything */
	const struct member *members; /* ends with one without a name; NULL: it takes no object, or any */
};

enum body_kind {
	BODY_JSON,
	BODY_FORM,
	BODY_RAW, /* bytes and headers of the caller's own */
};

struct command {
	const char *id;   /* "billing.approvals.approve" is typed `billing approvals approve` */
	const char *path; /* "/v1/billing/approvals/approve" */
	const char *summary;
	const char *description; /* or NULL */
	const char *scope; /* "billing:read", "any token" */
	const char *effect;
	enum body_kind body;
	bool list;   /* pages by cursor, streams by NDJSON */
	bool reads;
	bool repeatable; /* may be sent again after any failure */
	bool spends;
	bool keyed;  /* heeds an Idempotency-Key */
	bool public; /* needs no token */
	const char *const *forms; /* bodies of many items, the first by lines; ends with NULL; NULL: none */
	const char *const *media; /* of the reply, besides JSON; ends with NULL; NULL: none */
	const struct flag *flags;
	size_t flag_count;
};

/* In the order of the reference. */
extern const struct command commands[];
extern const size_t command_count;

/* What a group of commands is about: "billing.approvals". */
struct group {
	const char *path;
	const char *summary;
};
extern const struct group groups[];
extern const size_t group_count;

/* NULL: there is none. */
const struct command *command_named(const char *id);
/* Does any command's id begin with this path? */
bool command_group_exists(const char *path);
/* NULL: nothing is said of it. */
const char *command_group_summary(const char *path);

#endif
