/*
 * An organization's Prometheus and Loki: the row of each, its sealed token, and when it is pushed to next.
 */
#ifndef PURSER_INTEGRATION_H
#define PURSER_INTEGRATION_H

#include "call.h"

/* The kinds, and their names in the database and in JSON; ends with NULL. */
#define INTEGRATION_PROM "prom"
#define INTEGRATION_LOKI "loki"
extern const char *const integration_kinds[];

/* How often each is pushed to, while it answers. */
enum { INTEGRATION_EVERY_SECONDS = 60 };

struct integration {
	struct text kind;
	struct text login; /* `id` of basic auth */
	struct text endpoint;
	struct text token_end; /* the token's last characters, to show */
	struct bytes token;    /* sealed; only where the write login reads */
	struct instant due_at;
	struct maybe_int cursor_sequence;
	int64_t failures; /* in a row */
	struct maybe_text last_error;
	struct maybe_instant last_pushed_at;
	struct instant created_at;
	struct instant updated_at;
};

/* The call's organization's, of that kind; `*found` tells. On the read login, where the operation is a READ: without the
 * sealed token. */
const struct problem *integration_read(
    struct call *call, const char *kind, struct integration *integration, bool *found);

/* Sets it, in the call's transaction, and makes it due now. One that was there goes on where it is; a new Loki is told of
 * what is done from now on. `token` is plain. */
struct integration_setting {
	struct text login;
	struct text token;
	struct text endpoint;
	struct text host; /* name and port of that */
};
const struct problem *integration_set(struct call *call, const char *kind, const struct integration_setting *setting);

/* Forgets it, with its token. */
const struct problem *integration_remove(struct call *call, const char *kind);

/* In a transaction or a job: the same with the sealed token. */
const struct problem *integration_read_sealed(
    struct call *call, const char *kind, struct integration *integration, bool *found);

/* The plain token of a row that was read sealed. */
const struct problem *integration_token(struct call *call, const struct integration *integration, struct text *token);

/* When it is pushed to next: a minute after it was due, or, after so many failures in a row, 1, 2, 5, 15, then 60 minutes
 * from now. */
struct instant integration_due_next(const struct call *call, struct instant was_due, int64_t failures);

#endif
