/*
 * A hash table of windows in shared memory, without locks: a process killed at any instruction leaves nothing held. A
 * slot is a fingerprint of who and which bucket, and one word of window and count that only ever changes by
 * compare-and-swap. A window that has ended is anybody's to take. Two processes that take a slot at the very same time
 * can miscount by one; nothing else can go wrong.
 */
#include "limit.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

#include "log.h"
#include "seal.h"

enum { WINDOW_SECONDS = 60, NEIGHBOURS = 8 };

#define STRANGERS (UINT64_C(1) << 63) /* in a key: it is one of theirs */

struct slot {
	_Atomic uint64_t key;   /* 0: never used */
	_Atomic uint64_t state; /* number of the window, above 32 bits of count */
};

struct table {
	uint64_t seed;              /* so that nobody can choose ids that fall together */
	_Atomic uint64_t told_full; /* the window in which the log was last told that the table is full */
	struct slot slots[];
};

static struct table *table;
static size_t room;

size_t
limit_size(int64_t slots)
{
	return sizeof(struct table) + (size_t)slots * sizeof(struct slot);
}

void
limit_use(void *shared, int64_t slots)
{
	table = shared;
	room = (size_t)slots;
	assert(room >= 4 * NEIGHBOURS);
	if (table->seed == 0)
		random_bytes(&table->seed, sizeof(table->seed));
}

static uint64_t
window_of(struct instant now)
{
	return (uint64_t)(now.microseconds / (WINDOW_SECONDS * INT64_C(1000000))) & UINT32_MAX;
}

static uint64_t
state_window(uint64_t state)
{
	return state >> 32;
}

static uint64_t
state_count(uint64_t state)
{
	return state & UINT32_MAX;
}

/* Is the state's window the present one? A slower process may still be in the minute before the state's. */
static bool
is_present(uint64_t state, uint64_t window)
{
	return state_window(state) == window || state_window(state) == window + 1;
}

/* The finalizer of splitmix64 */
static uint64_t
scramble(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static uint64_t
key_of(struct id who, unsigned bucket)
{
	uint64_t halves[2], key;

	memcpy(halves, who.bytes, sizeof(halves));
	key = scramble(scramble(table->seed ^ halves[0]) ^ halves[1]);
	key = scramble(key + bucket) >> 1;
	return (key == 0 ? 1 : key) | (bucket & LIMIT_STRANGER ? STRANGERS : 0);
}

static struct slot *
neighbour(uint64_t key, size_t step)
{
	size_t known = room - room / 4;

	if (key & STRANGERS)
		return &table->slots[known + (key + step) % (room - known)];
	return &table->slots[(key + step) % known];
}

static struct slot *
find(uint64_t key)
{
	for (size_t i = 0; i < NEIGHBOURS; i++) {
		struct slot *slot = neighbour(key, i);

		if (atomic_load(&slot->key) == key)
			return slot;
	}
	return NULL;
}

/* Makes an unused slot, or one whose window has ended, the key's; NULL when there is none. */
static struct slot *
claim(uint64_t key, uint64_t window)
{
	for (size_t i = 0; i < NEIGHBOURS; i++) {
		struct slot *slot = neighbour(key, i);
		uint64_t holder = atomic_load(&slot->key);

		if (holder != 0 && is_present(atomic_load(&slot->state), window))
			continue;
		if (atomic_compare_exchange_strong(&slot->key, &holder, key) || holder == key)
			return slot;
	}
	return NULL;
}

static void
tell_full(uint64_t window)
{
	uint64_t told = atomic_load(&table->told_full);

	if (told != window && atomic_compare_exchange_strong(&table->told_full, &told, window))
		log_error("the table of rate limits is full: requests pass unlimited; raise rate_slots");
}

static struct limit_answer
answer(bool allowed, int64_t limit, int64_t used, struct instant now)
{
	int64_t window = WINDOW_SECONDS * INT64_C(1000000);
	int64_t left = window - now.microseconds % window;

	return (struct limit_answer){
		.allowed = allowed,
		.limit = limit,
		.remaining = used < limit ? limit - used : 0,
		.reset_seconds = (left + 999999) / 1000000,
	};
}

/* Counts one more in the slot; false when the limit is reached. `used` becomes the count. */
static bool
count(struct slot *slot, uint64_t window, int64_t limit, int64_t *used)
{
	uint64_t state = atomic_load(&slot->state), next;

	do {
		if (!is_present(state, window)) {
			*used = 0;
			next = window << 32;
		} else {
			*used = (int64_t)state_count(state);
			next = state;
		}
		if (*used >= limit || *used == UINT32_MAX)
			return false;
	} while (!atomic_compare_exchange_weak(&slot->state, &state, next + 1));
	(*used)++;
	return true;
}

struct limit_answer
limit_take(struct id who, unsigned bucket, int64_t limit, struct instant now)
{
	uint64_t key = key_of(who, bucket), window = window_of(now);
	struct slot *slot = find(key);
	int64_t used = 0;
	bool allowed;

	if (slot == NULL)
		slot = claim(key, window);
	if (slot == NULL && (bucket & LIMIT_STRANGER))
		return answer(false, limit, limit, now);
	if (slot == NULL) {
		tell_full(window);
		return answer(true, limit, 1, now);
	}
	allowed = count(slot, window, limit, &used);
	return answer(allowed, limit, used, now);
}

struct limit_answer
limit_look(struct id who, unsigned bucket, int64_t limit, struct instant now)
{
	struct slot *slot = find(key_of(who, bucket));
	uint64_t state = slot == NULL ? 0 : atomic_load(&slot->state);
	int64_t used = is_present(state, window_of(now)) ? (int64_t)state_count(state) : 0;

	return answer(used < limit, limit, used, now);
}

void
limit_give_back(struct id who, unsigned bucket, struct instant now)
{
	struct slot *slot = find(key_of(who, bucket));
	uint64_t state = slot == NULL ? 0 : atomic_load(&slot->state);

	while (slot != NULL && state_window(state) == window_of(now) && state_count(state) > 0)
		if (atomic_compare_exchange_weak(&slot->state, &state, state - 1))
			return;
}

size_t
limit_in_use(struct instant now)
{
	uint64_t window = window_of(now);
	size_t used = 0;

	for (size_t i = 0; i < room; i++)
		used += is_present(atomic_load_explicit(&table->slots[i].state, memory_order_relaxed), window);
	return used;
}

size_t
limit_room(void)
{
	return room;
}
