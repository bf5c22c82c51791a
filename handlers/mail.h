/*
 * The mails that the outbox holds (outbox.h writes them), and their texts.
 */
#ifndef PURSER_MAIL_H
#define PURSER_MAIL_H

#include "call.h"

/* A mail as the outbox has it. */
struct mail {
	struct id id;
	struct text type;
	struct maybe_text recipient;    /* absent: erased */
	struct maybe_text organization; /* the name to show */
	struct maybe_text timezone;     /* the organization's */
	struct text data;               /* a JSON object */
	struct bytes secret;            /* sealed; `at` NULL: there is none, or it is no longer kept */
	struct instant created_at;
	struct maybe_instant delivered_at; /* sent; or logged, where there is no SMTP */
	struct maybe_instant given_up_at;
	int64_t attempts;
	struct maybe_text last_error;
};
extern const struct shape mail_shape;

/* Of a SELECT that gives mails. */
#define MAIL_COLUMNS                                                                                                   \
	"m.id, m.type, m.recipient, COALESCE(o.display_name, o.name) AS organization, o.timezone, m.data, m.secret,"   \
	" m.created_at, m.delivered_at, m.given_up_at, m.attempts, m.last_error"                                       \
	" FROM outbox m LEFT JOIN organization o ON o.id = m.organization_id"

struct mail_text {
	struct text subject;
	struct text body; /* lines of at most 72 characters, but for words that are longer; ends with a line break */
};

/* The text of a mail by its type, in the call's arena. It shows the secret: it goes to the recipient, or to an operator
 * who asks for it, and never into a log. INTERNAL where no text is known for the type, or the secret does not open. */
const struct problem *mail_compose(struct call *call, const struct mail *mail, struct mail_text *out);

/* The newest mails of all organizations, `most` of them, newest first, each a struct mail; those to one address where
 * one is given. */
const struct problem *mail_each_newest(struct call *call, int64_t most, struct maybe_text recipient,
    const struct problem *(*row)(struct call *call, void *context, const void *mail), void *context);

#endif
