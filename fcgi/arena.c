/*
 * The memory of one request: a list of chunks, of which the newest is filled from its beginning. The first chunk stays
 * for the life of the arena. Under the address sanitizer everything not taken is poisoned.
 */
#include "arena.h"

#include <assert.h>
#include <sanitizer/asan_interface.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "text.h"

/* The analyzer of gcc 12 does not follow the list that owns the chunks. */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif

enum { FIRST_CHUNK = 64 * 1024, EXIT_MEMORY = 70 };

struct chunk {
	struct chunk *before;
	size_t room;
	size_t used;
	alignas(max_align_t) char at[];
};

struct arena {
	struct chunk *newest;
	size_t cap;
	size_t full; /* taken from the chunks before the newest */
	size_t held; /* room of all chunks */
};

__attribute__((noreturn)) static void
out_of_memory(size_t wanted)
{
	log_error("a request needs more memory than it may have: %zu bytes more", wanted);
	_exit(EXIT_MEMORY);
}

static size_t
round_up(size_t size)
{
	const size_t step = alignof(max_align_t);
	size_t padded;

	if (__builtin_add_overflow(size, step - 1, &padded))
		out_of_memory(size);
	return padded / step * step;
}

static void
add_chunk(struct arena *arena, size_t least)
{
	size_t room = least > FIRST_CHUNK ? least : FIRST_CHUNK;
	struct chunk *chunk;

	if (arena->newest != NULL && (arena->held > arena->cap || room > arena->cap - arena->held))
		out_of_memory(least);
	chunk = room > SIZE_MAX - sizeof(*chunk) ? NULL : malloc(sizeof(*chunk) + room);
	if (chunk == NULL)
		out_of_memory(least);
	*chunk = (struct chunk){ .before = arena->newest, .room = room };
	ASAN_POISON_MEMORY_REGION(chunk->at, room);
	arena->full += chunk->before == NULL ? 0 : chunk->before->used;
	arena->held += room;
	arena->newest = chunk;
}

static void
drop_chunk(struct arena *arena)
{
	struct chunk *chunk = arena->newest;

	arena->newest = chunk->before;
	arena->held -= chunk->room;
	if (arena->newest != NULL)
		arena->full -= arena->newest->used;
	ASAN_UNPOISON_MEMORY_REGION(chunk->at, chunk->room);
	free(chunk);
}

static void
rewind_newest(struct arena *arena, size_t used)
{
	struct chunk *chunk = arena->newest;

	chunk->used = used;
	ASAN_POISON_MEMORY_REGION(chunk->at + used, chunk->room - used);
}

struct arena *
arena_new(size_t cap_bytes)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena == NULL)
		out_of_memory(sizeof(*arena));
	arena->cap = cap_bytes;
	add_chunk(arena, FIRST_CHUNK);
	return arena;
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	while (arena->newest != NULL)
		drop_chunk(arena);
	free(arena);
}

void
arena_reset(struct arena *arena)
{
	while (arena->newest->before != NULL)
		drop_chunk(arena);
	rewind_newest(arena, 0);
}

size_t
arena_used(const struct arena *arena)
{
	return arena->full + arena->newest->used;
}

static void *
take(struct arena *arena, size_t size)
{
	size_t padded = round_up(size == 0 ? 1 : size);
	struct chunk *chunk = arena->newest;
	char *at;

	if (padded > chunk->room - chunk->used) {
		add_chunk(arena, padded);
		chunk = arena->newest;
	}
	at = chunk->at + chunk->used;
	chunk->used += padded;
	ASAN_UNPOISON_MEMORY_REGION(at, size);
	return at;
}

void *
arena_take(struct arena *arena, size_t size)
{
	return memset(take(arena, size), 0, size);
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_memory(SIZE_MAX);
	return arena_take(arena, bytes);
}

struct text
arena_text(struct arena *arena, const char *at, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		out_of_memory(length);
	copy = take(arena, length + 1);
	if (length > 0)
		memcpy(copy, at, length);
	copy[length] = '\0';
	return (struct text){ copy, length };
}

struct text
arena_vformat(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	char *at;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	assert(length >= 0);
	at = take(arena, (size_t)length + 1);
	vsnprintf(at, (size_t)length + 1, format, args);
	return (struct text){ at, (size_t)length };
}

struct text
arena_format(struct arena *arena, const char *format, ...)
{
	va_list args;
	struct text text;

	va_start(args, format);
	text = arena_vformat(arena, format, args);
	va_end(args);
	return text;
}

struct arena_mark
arena_mark(struct arena *arena)
{
	return (struct arena_mark){ arena->newest, arena->newest->used };
}

void
arena_release(struct arena *arena, struct arena_mark mark)
{
	while (arena->newest != mark.chunk) {
		assert(arena->newest->before != NULL);
		drop_chunk(arena);
	}
	assert(mark.used <= arena->newest->used);
	rewind_newest(arena, mark.used);
}

struct buffer
buffer_new(struct arena *arena, size_t room)
{
	struct buffer buffer = { .arena = arena, .room = room < 16 ? 16 : room };

	buffer.at = take(arena, buffer.room);
	buffer.at[0] = '\0';
	return buffer;
}

/* The last thing taken from the arena grows where it stands. */
static bool
grow_in_place(struct buffer *buffer, size_t room)
{
	struct chunk *chunk = buffer->arena->newest;
	size_t padded = round_up(buffer->room);
	size_t more = round_up(room) - padded;

	if (buffer->at + padded != chunk->at + chunk->used || more > chunk->room - chunk->used)
		return false;
	chunk->used += more;
	ASAN_UNPOISON_MEMORY_REGION(buffer->at, room);
	buffer->room = room;
	return true;
}

static void
make_room(struct buffer *buffer, size_t more)
{
	size_t needed, room = buffer->room;
	char *at;

	if (__builtin_add_overflow(buffer->length, more, &needed) || needed > SIZE_MAX / 4)
		out_of_memory(more);
	if (needed < room)
		return;
	while (room <= needed)
		room *= 2;
	if (grow_in_place(buffer, room))
		return;
	at = take(buffer->arena, room);
	memcpy(at, buffer->at, buffer->length + 1);
	buffer->at = at;
	buffer->room = room;
}

char *
buffer_reserve(struct buffer *buffer, size_t length)
{
	if (length >= buffer->room - buffer->length)
		make_room(buffer, length);
	return buffer->at + buffer->length;
}

void
buffer_added(struct buffer *buffer, size_t length)
{
	assert(length < buffer->room - buffer->length);
	buffer->length += length;
	buffer->at[buffer->length] = '\0';
}

void
buffer_add(struct buffer *buffer, const char *at, size_t length)
{
	if (length == 0)
		return;
	if (length >= buffer->room - buffer->length)
		make_room(buffer, length);
	memcpy(buffer->at + buffer->length, at, length);
	buffer->length += length;
	buffer->at[buffer->length] = '\0';
}

void
buffer_add_text(struct buffer *buffer, struct text text)
{
	buffer_add(buffer, text.at, text.length);
}

void
buffer_add_string(struct buffer *buffer, const char *string)
{
	buffer_add(buffer, string, strlen(string));
}

void
buffer_add_char(struct buffer *buffer, char c)
{
	if (buffer->room - buffer->length < 2)
		make_room(buffer, 1);
	buffer->at[buffer->length++] = c;
	buffer->at[buffer->length] = '\0';
}

void
buffer_add_integer(struct buffer *buffer, int64_t number)
{
	char digits[INTEGER_LENGTH];
	size_t length = integer_format(number, digits);

	buffer_add(buffer, digits, length);
}

void
buffer_format(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(buffer->at + buffer->length, buffer->room - buffer->length, format, args);
	va_end(args);
	assert(length >= 0);
	if ((size_t)length >= buffer->room - buffer->length) { /* it did not fit: again, with room */
		make_room(buffer, (size_t)length);
		va_start(args, format);
		vsnprintf(buffer->at + buffer->length, (size_t)length + 1, format, args);
		va_end(args);
	}
	buffer->length += (size_t)length;
}

struct text
buffer_text(const struct buffer *buffer)
{
	return (struct text){ buffer->at, buffer->length };
}
