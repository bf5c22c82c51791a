/*
 * The memory of one request: taken in pieces, never freed singly, reset as a whole. Allocation never answers NULL: past
 * the cap the process logs and exits, the database rolls back, and the master starts another worker.
 */
#ifndef PURSER_ARENA_H
#define PURSER_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "value.h"

struct arena;

struct arena *arena_new(size_t cap_bytes); /* the caller owns it; ends with arena_free */
void arena_free(struct arena *arena);
void arena_reset(struct arena *arena); /* keeps the first chunk, gives the rest back */
size_t arena_used(const struct arena *arena);

void *arena_take(struct arena *arena, size_t size);                         /* zeroed, aligned for anything */
void *arena_array(struct arena *arena, size_t count, size_t size);          /* zeroed; overflow exits */
struct text arena_text(struct arena *arena, const char *at, size_t length); /* a copy with NUL behind it */
struct text arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct text arena_vformat(struct arena *arena, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

/* Everything taken after the mark is given back: a stream's row costs no memory of the next. */
struct arena_mark {
	void *chunk;
	size_t used;
};
struct arena_mark arena_mark(struct arena *arena);
void arena_release(struct arena *arena, struct arena_mark mark);

/* Text that grows in an arena. `at` always ends with a NUL behind `length`. */
struct buffer {
	struct arena *arena;
	char *at;
	size_t length;
	size_t room;
};
struct buffer buffer_new(struct arena *arena, size_t room);
void buffer_add(struct buffer *buffer, const char *at, size_t length);
/* Room for so many bytes more, and a NUL behind them, to be written by the caller, who then says how many there are. */
char *buffer_reserve(struct buffer *buffer, size_t length);
void buffer_added(struct buffer *buffer, size_t length);
void buffer_add_text(struct buffer *buffer, struct text text);
void buffer_add_string(struct buffer *buffer, const char *string);
void buffer_add_char(struct buffer *buffer, char c);
void buffer_add_integer(struct buffer *buffer, int64_t number);
void buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct text buffer_text(const struct buffer *buffer); /* not a copy: valid until the next add */

#endif
