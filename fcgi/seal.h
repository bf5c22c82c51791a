/*
 * Cryptography the product needs, all by OpenSSL: digests, HMAC, random bytes, and sealing (AES-256-GCM) of secrets that
 * must be read back. Keys come from one file, `<key id> <64 hex digits>` a line; the last line seals, every line opens.
 */
#ifndef PURSER_SEAL_H
#define PURSER_SEAL_H

#include "arena.h"
#include "value.h"

/* Reads the key file. Answers NULL, or what is wrong with it (a static sentence). */
const char *seal_load(const char *path);

struct digest digest_of(const void *at, size_t length);        /* SHA-256 */
bool equal_in_constant_time(const void *a, const void *b, size_t length);
void random_bytes(void *out, size_t length);                   /* exits when the system has none */

/* HMAC-SHA256 over the parts, one behind the other, under a secret that was agreed on with others. */
struct digest hmac_sha256(struct text key, const struct text *parts, size_t count);

/* HMAC-SHA256 under a key derived from the newest sealing key for that purpose ("cursor", …). `age` 0 is the newest key,
 * 1 the one before …; false when there is none so old. */
bool sign(const char *purpose, unsigned age, const void *at, size_t length, struct digest *mac);

/* Sealed text is `<key id>` NUL nonce tag ciphertext. `context` is bound in (table, column, id): a sealed text moved
 * elsewhere does not open. */
struct bytes seal(struct arena *arena, struct text plain, const char *context);
bool unseal(struct arena *arena, struct bytes sealed, const char *context, struct text *plain);

#endif
