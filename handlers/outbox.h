/*
 * Events on their way out: a row in the transaction that makes them true. The runner delivers them.
 */
#ifndef PURSER_OUTBOX_H
#define PURSER_OUTBOX_H

#include "call.h"

/* `data` is a struct of the type's shape. The type stands in its resource's list of events. */
const struct problem *outbox_tell(
    struct call *call, const struct event_type *type, struct id entity_id, const void *data);

/* A mail to be sent: `type` names its template, `data` fills it. The secret (a token, a code) is shown in the mail and
 * nowhere else; it is kept sealed. An empty one is none. */
const struct problem *outbox_mail(struct call *call, const char *type, struct text recipient, const char *entity_type,
    struct id entity_id, struct text data, struct text secret);

/* The same mail to each of many, in one round trip; `recipients` is a list of struct text. */
const struct problem *outbox_mail_each(struct call *call, const char *type, const struct list *recipients,
    const char *entity_type, struct id entity_id, struct text data);

#endif
