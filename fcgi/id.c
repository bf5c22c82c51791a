/*
 * ULIDs. Within a process each is greater than the one before; a forked child starts anew, so that it never repeats or
 * continues the random part of its parent or siblings.
 */
#include "id.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "log.h"

enum { RANDOM_BYTES = 10, TIME_BYTES = 6, POOL_BYTES = 4096, EXIT_NO_RANDOM = 71 };

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static struct id last;
static int64_t last_milliseconds = -1;
static unsigned char pool[POOL_BYTES];
static size_t pool_left;

static void
forget_in_child(void)
{
	explicit_bzero(pool, sizeof(pool));
	pool_left = 0;
	last_milliseconds = -1;
}

static void
fill_pool(void)
{
	static bool watching;

	if (!watching && pthread_atfork(NULL, NULL, forget_in_child) == 0)
		watching = true;
	while (pool_left < POOL_BYTES) {
		ssize_t got = getrandom(pool + pool_left, POOL_BYTES - pool_left, 0);

		if (!watching || (got < 0 && errno != EINTR)) {
			log_error("no random bytes for ids: %s", strerror(errno));
			_exit(EXIT_NO_RANDOM);
		}
		pool_left += got > 0 ? (size_t)got : 0;
	}
}

static void
take_random(unsigned char *out, size_t length)
{
	if (pool_left < length)
		fill_pool();
	pool_left -= length;
	memcpy(out, pool + pool_left, length);
	memset(pool + pool_left, 0, length);
}

static void
start_millisecond(int64_t milliseconds)
{
	for (size_t i = 0; i < TIME_BYTES; i++)
		last.bytes[i] = (unsigned char)(milliseconds >> (8 * (TIME_BYTES - 1 - i)) & 0xFF);
	take_random(last.bytes + TIME_BYTES, RANDOM_BYTES);
	last_milliseconds = milliseconds;
}

/* Adds one to what is behind the first bytes; false when that was the greatest. */
static bool
increment(struct id *id, size_t first)
{
	for (size_t i = sizeof(id->bytes); i-- > first;) {
		if (++id->bytes[i] != 0)
			return true;
	}
	return false;
}

struct id
id_new(struct instant now)
{
	int64_t milliseconds = now.microseconds < 0 ? 0 : now.microseconds / 1000;

	if (milliseconds > last_milliseconds)
		start_millisecond(milliseconds);
	else if (!increment(&last, TIME_BYTES))
		start_millisecond(last_milliseconds + 1);
	return last;
}

struct id
id_new_behind(struct instant now, struct id before)
{
	struct id id = id_new(now);

	if (memcmp(id.bytes, before.bytes, sizeof(id.bytes)) > 0)
		return id;
	increment(&before, 0);
	return before;
}

/* 130 bits of characters for 128 bits: the first character holds the highest three. */
void
id_format(struct id id, char out[static ID_CHARACTERS + 1])
{
	uint64_t high = 0, low = 0;

	for (size_t i = 0; i < 8; i++) {
		high = high << 8 | id.bytes[i];
		low = low << 8 | id.bytes[8 + i];
	}
	for (size_t i = ID_CHARACTERS; i-- > 0;) {
		out[i] = alphabet[low & 31];
		low = low >> 5 | high << 59;
		high >>= 5;
	}
	out[ID_CHARACTERS] = '\0';
}

static int
character_value(char c)
{
	const char *found;

	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	found = c == '\0' ? NULL : strchr(alphabet, c);
	return found == NULL ? -1 : (int)(found - alphabet);
}

bool
id_parse(struct text text, struct id *id)
{
	uint64_t high = 0, low = 0;

	if (text.length != ID_CHARACTERS || text.at[0] > '7')
		return false;
	for (size_t i = 0; i < ID_CHARACTERS; i++) {
		int value = character_value(text.at[i]);

		if (value < 0)
			return false;
		high = high << 5 | low >> 59;
		low = low << 5 | (uint64_t)value;
	}
	for (size_t i = 8; i-- > 0;) {
		id->bytes[i] = (unsigned char)(high & 0xFF);
		id->bytes[8 + i] = (unsigned char)(low & 0xFF);
		high >>= 8;
		low >>= 8;
	}
	return true;
}

bool
id_equal(struct id a, struct id b)
{
	return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

bool
id_is_zero(struct id id)
{
	return id_equal(id, (struct id){ { 0 } });
}

struct maybe_id
id_given(struct id id)
{
	return (struct maybe_id){ id, true };
}
