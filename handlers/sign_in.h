/*
 * What guards every check of a password. Failed attempts are counted by the address that was named, whether anybody has
 * it or not; ten within a quarter of an hour lock it, until the oldest of them is that old. Source: 1-wire "Who is
 * calling".
 */
#ifndef PURSER_SIGN_IN_H
#define PURSER_SIGN_IN_H

#include "call.h"

/* What failures are counted by: SHA-256 of the address's key (email_key.h). */
struct digest sign_in_subject(struct call *call, struct text email);

/* RATE_LIMITED with Retry-After where the subject is locked. It keeps nobody waiting, and is asked before the work of
 * checking a password is done. */
const struct problem *sign_in_look(struct call *call, struct digest subject);

/* From here to the end of the transaction no other attempt of the subject is decided. It is the first lock taken. */
const struct problem *sign_in_lock(struct call *call, struct digest subject);

/* sign_in_lock, and then sign_in_look again: what it says now stays true. */
const struct problem *sign_in_enter(struct call *call, struct digest subject);

/* One more failure of the subject, which sign_in_enter has let in; NULL. The problem answered after it has to be kept. */
const struct problem *sign_in_count_failure(struct call *call, struct digest subject);

/* After a success. */
const struct problem *sign_in_forget_failures(struct call *call, struct digest subject);

#endif
