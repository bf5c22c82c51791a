/*
 * Mails that warn those who look after an organization's bills: limits and quotas that were reached, payments that failed,
 * a cycle that began anew. When each kind last went out is kept, for the organization's record.
 */
#ifndef PURSER_ALERT_MAIL_H
#define PURSER_ALERT_MAIL_H

#include "call.h"

/* A mail to the organization's billing address, or where it has none to each of its owners. `type` is its template: limit.soft,
 * limit.hard, payment_failed, usage_reset, usage_50, usage_80, usage_90 or usage_100; `data`, a JSON object, fills it. That it
 * is told once a cycle is the caller's business. With the outbox's rows, behind every lock. */
const struct problem *alert_mail_tell(struct call *call, const char *type, struct text data);

/* The same in two parts, where something that others wait for is locked between them: whom it goes to, noted as told; and the
 * mails. */
const struct problem *alert_mail_prepare(struct call *call, const char *type, struct list *recipients);
const struct problem *alert_mail_send(
    struct call *call, const char *type, const struct list *recipients, struct text data);

#endif
