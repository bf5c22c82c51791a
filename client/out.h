/*
 * Standard output: everything that the program says for others to read. A failure to write ends the program with one line.
 */
#ifndef PURSER_CLIENT_OUT_H
#define PURSER_CLIENT_OUT_H

#include "arena.h"

void out_bytes(const char *at, size_t length);
void out_string(const char *string);
void out_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Hands over what is still held back; at the end of a stream's chunk, and of the program. */
void out_flush(void);
/* From now on a failure adds that the operation itself was done. */
void out_is_of_a_deed(void);

#endif
