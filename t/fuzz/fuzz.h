/*
 * What every fuzz target has: one function that takes any bytes and may only return. A property that does not hold ends
 * the process, as the sanitizers do.
 */
#ifndef PURSER_FUZZ_H
#define PURSER_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_MEMORY = 64 << 20 };

#define MUST(property)                                                                                \
	do {                                                                                          \
		if (!(property)) {                                                                    \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #property); \
			abort();                                                                      \
		}                                                                                     \
	} while (0)

#endif
