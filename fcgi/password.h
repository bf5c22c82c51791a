/*
 * Passwords: scrypt (RFC 7914, N = 2^15, r = 8, p = 1) by OpenSSL. It is made to be slow, so it runs as a
 * batch, and at most half the node's cores, at least one, are at it at once, over all workers.
 *
 * A stored hash is text: `scrypt$15$8$1$<salt>$<key>`, that is the power of 2 that N is, r, p, and 16 and 32 bytes in
 * base64url without padding. A check obeys the stored parameters, up to N = 2^17, r = 16, p = 4.
 *
 * Call them outside of a transaction, or before its first row is locked: a call can take five seconds.
 */
#ifndef PURSER_PASSWORD_H
#define PURSER_PASSWORD_H

#include "call.h"

enum { PASSWORD_HASH_MAX = 120 };

/* Before workers are forked: the file whose locks tell how many are at it (turn.h); a worker that dies gives its place
 * back by dying. The descriptor, the shared memory's (shared.h), stays open in every worker. Without it, in programs of
 * one process, nobody waits. */
void password_use(int descriptor);

/* NULL, or why this password must not be chosen, as a sentence: common (or a common word and digits), a few characters
 * repeated, made of sequences, or made of the person's own address or name. The length (12 to 200 characters) is the
 * field's to check. `email` and `name` may be empty where they are not known. */
const char *password_fault(struct text password, struct text email, struct text name);

/* Hashes with a fresh salt; `*hash` lives in the arena. Waits up to 5 s for a place, then BUSY with Retry-After. */
const struct problem *password_hash(struct call *call, struct text password, struct text *hash);

/* Does the password fit the stored hash? An empty hash (nobody of that address, or a person without a password) takes as
 * long and fits nothing. BUSY as above; a hash that can't be read is our fault (500). */
const struct problem *password_check(struct call *call, struct text password, struct text hash, bool *fits);

#endif
