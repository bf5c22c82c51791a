/*
 * A hash table of keys and the time of their last use, in shared memory and without locks. A slot keeps its key after
 * its use was taken out, until another key needs the room. Two processes that give a slot to two keys at the very same
 * time can leave a torn id there: it names no key, so writing it changes nothing, and the next use of either is noted
 * again.
 */
#include "key_use.h"

#include <stdatomic.h>
#include <string.h>

enum { SLOTS = 16384, NEIGHBOURS = 16 };

struct slot {
	_Atomic uint64_t high, low; /* the key's id */
	_Atomic int64_t at;         /* microseconds; 0: nothing to write */
};

static struct slot *slots;
static size_t round_at;

size_t
key_use_size(void)
{
	return SLOTS * sizeof(struct slot);
}

void
key_use_lay(void *shared)
{
	slots = shared;
	round_at = 0;
}

/* The last bits of a ULID are random. */
static struct slot *
neighbour(uint64_t low, size_t step)
{
	return &slots[((low ^ (low >> 32)) * UINT64_C(0x9e3779b97f4a7c15) + step) % SLOTS];
}

static struct slot *
find(uint64_t high, uint64_t low)
{
	for (size_t i = 0; i < NEIGHBOURS; i++) {
		struct slot *slot = neighbour(low, i);

		if (atomic_load(&slot->low) == low && atomic_load(&slot->high) == high)
			return slot;
	}
	return NULL;
}

static struct slot *
claim(uint64_t high, uint64_t low)
{
	for (size_t i = 0; i < NEIGHBOURS; i++) {
		struct slot *slot = neighbour(low, i);

		if (atomic_load(&slot->at) != 0)
			continue;
		atomic_store(&slot->high, high);
		atomic_store(&slot->low, low);
		return slot;
	}
	return NULL;
}

void
key_use_note(struct id key, struct instant now)
{
	uint64_t halves[2];
	struct slot *slot;
	int64_t known;

	memcpy(halves, key.bytes, sizeof(halves));
	slot = find(halves[0], halves[1]);
	if (slot == NULL)
		slot = claim(halves[0], halves[1]);
	if (slot == NULL)
		return; /* its next use after the keeper's round is noted */
	known = atomic_load(&slot->at);
	while (known < now.microseconds)
		if (atomic_compare_exchange_weak(&slot->at, &known, now.microseconds))
			return;
}

bool
key_use_take(struct id *key, struct instant *at)
{
	for (; round_at < SLOTS; round_at++) {
		struct slot *slot = &slots[round_at];
		uint64_t halves[2] = { atomic_load(&slot->high), atomic_load(&slot->low) };
		int64_t noted = atomic_exchange(&slot->at, 0);

		if (noted == 0)
			continue;
		memcpy(key->bytes, halves, sizeof(halves));
		*at = (struct instant){ noted };
		round_at++;
		return true;
	}
	round_at = 0;
	return false;
}
