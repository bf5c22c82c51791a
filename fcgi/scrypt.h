/*
 * scrypt (RFC 7914) by OpenSSL, as a batch: it is made to be slow, and nobody else's request shall wait for it.
 */
#ifndef PURSER_SCRYPT_H
#define PURSER_SCRYPT_H

#include "value.h"

/* The parameters by their names of RFC 7914, 2. It takes 128 × r × N bytes of memory, and time as N × r × p. */
struct scrypt_cost {
	unsigned log2_n; /* N is this power of 2 */
	unsigned r, p;
};

/* Writes `length` bytes to `key`. False when OpenSSL refuses the parameters or there is no memory; `key` is worthless
 * then. */
bool scrypt_derive(
    struct scrypt_cost cost, struct text password, struct bytes salt, unsigned char *key, size_t length);

#endif
