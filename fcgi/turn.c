/*
 * Turns by record locks. The kernel could queue those who wait (F_SETLKW), but for one byte only and without an end to
 * the waiting; so they ask again every few milliseconds, out of step with each other.
 */
#include "turn.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "clock.h"
#include "seal.h"

/* Locks need no bytes under them: nobody else locks there, and nothing is ever written there. */
static const off_t first_byte = (off_t)1 << 40, first_byte_of_others = (off_t)1 << 41;

static int file = -1, count;

void
turn_use(int descriptor, int places)
{
	assert(places >= 1);
	file = descriptor;
	count = places;
}

static int
lock(off_t byte, short type)
{
	struct flock range = { .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1 };

	return fcntl(file, F_SETLK, &range);
}

static int64_t
take_first(off_t byte, int64_t places)
{
	for (int64_t place = 0; place < places; place++) {
		if (lock(byte + place, F_WRLCK) == 0)
			return place;
		if (errno != EAGAIN && errno != EACCES)
			return -1;
	}
	errno = EAGAIN;
	return -1;
}

static int
take_any(void)
{
	return (int)take_first(first_byte, count);
}

/* 2 to 6 ms. */
static void
nap(void)
{
	uint16_t chance;

	random_bytes(&chance, sizeof(chance));
	usleep(2000 + chance % 4096U);
}

int
turn_take(int64_t wait_microseconds)
{
	int64_t late = clock_monotonic_microseconds() + wait_microseconds;
	int place;

	if (file < 0)
		return 0;
	while ((place = take_any()) < 0 && errno == EAGAIN) {
		if (clock_monotonic_microseconds() >= late) {
			errno = EAGAIN;
			return -1;
		}
		nap();
	}
	return place;
}

void
turn_give(int place)
{
	if (file >= 0)
		lock(first_byte + place, F_UNLCK);
}

int64_t
turn_take_at(int64_t first, int64_t places)
{
	int64_t place = file < 0 ? 0 : take_first(first_byte_of_others + first, places);

	return place < 0 ? place : first + place;
}

void
turn_give_at(int64_t place)
{
	if (file >= 0)
		lock(first_byte_of_others + place, F_UNLCK);
}
