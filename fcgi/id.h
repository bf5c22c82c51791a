/*
 * ULIDs (github.com/ulid/spec): 48 bits of milliseconds, 80 random bits, monotonic within a process; 26 characters of
 * Crockford's base 32 outside, 16 bytes inside.
 */
#ifndef PURSER_ID_H
#define PURSER_ID_H

#include "value.h"

enum { ID_CHARACTERS = 26 };

struct id id_new(struct instant now);
/* One that is greater than `before`, too, which a clock that has gone back since may have put ahead. */
struct id id_new_behind(struct instant now, struct id before);
void id_format(struct id id, char out[static ID_CHARACTERS + 1]);
bool id_parse(struct text text, struct id *id); /* upper or lower case; nothing past 7ZZZ… */
bool id_equal(struct id a, struct id b);
bool id_is_zero(struct id id);
struct maybe_id id_given(struct id id);

#endif
