/*
 * Hashing and checking passwords. What a check costs is the same for a known and an unknown address, and so is how long
 * it waits for its turn.
 */
#include "password.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "scrypt.h"
#include "seal.h"
#include "text.h"
#include "turn.h"

enum { SALT_SIZE = 16, KEY_SIZE = 32, WAIT_MICROSECONDS = 5000000, RETRY_SECONDS = 2 };

static const struct scrypt_cost standard = { .log2_n = 15, .r = 8, .p = 1 };
/* Rows may hold other parameters, of older or newer programs, but none that keep a worker for long. */
static const struct scrypt_cost most = { .log2_n = 17, .r = 16, .p = 4 };

struct stored {
	struct scrypt_cost cost;
	struct bytes salt, key;
};

static int
usable_cores(void)
{
	cpu_set_t set;
	long online;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		return CPU_COUNT(&set);
	online = sysconf(_SC_NPROCESSORS_ONLN); /* there are more than a cpu_set_t can tell */
	return online < 1 ? 1 : (int)online;
}

void
password_use(int descriptor)
{
	int cores = usable_cores();

	turn_use(descriptor, cores < 2 ? 1 : cores / 2);
}

/* ---- stored hashes --------------------------------------------------------------------------------------------- */

/* Cuts off what stands before the next `$`, or all. */
static struct text
take_part(struct text *rest)
{
	const char *dollar = memchr(rest->at, '$', rest->length);
	size_t length = dollar == NULL ? rest->length : (size_t)(dollar - rest->at);
	struct text part = { rest->at, length };

	if (dollar != NULL)
		length++;
	*rest = (struct text){ rest->at + length, rest->length - length };
	return part;
}

static bool
take_number(struct text *rest, unsigned maximum, unsigned *number)
{
	int64_t value;

	if (!integer_parse(take_part(rest), &value) || value < 1 || value > maximum)
		return false;
	*number = (unsigned)value;
	return true;
}

static bool
take_bytes(struct arena *arena, struct text *rest, size_t size, struct bytes *bytes)
{
	return base64url_decode(arena, take_part(rest), bytes) && bytes->length == size;
}

static bool
read_stored(struct arena *arena, struct text hash, struct stored *stored)
{
	bool ends_well = hash.at[hash.length - 1] != '$';

	return ends_well && text_is(take_part(&hash), "scrypt") &&
	       take_number(&hash, most.log2_n, &stored->cost.log2_n) && take_number(&hash, most.r, &stored->cost.r) &&
	       take_number(&hash, most.p, &stored->cost.p) && take_bytes(arena, &hash, SALT_SIZE, &stored->salt) &&
	       take_bytes(arena, &hash, KEY_SIZE, &stored->key) && hash.length == 0;
}

/* ---- hashing and checking -------------------------------------------------------------------------------------- */

static const struct problem *
derive(struct call *call, struct scrypt_cost cost, struct text password, struct bytes salt, unsigned char *key)
{
	int64_t left = WAIT_MICROSECONDS - call->request.waited_microseconds;
	int place = -1;
	bool derived;

	errno = EAGAIN;
	if (left > 0)
		place = turn_take(left);
	if (place < 0 && errno == EAGAIN)
		return fail_retry(call, BUSY, RETRY_SECONDS, "Too many sign-ins at once; nothing was changed.");
	if (place < 0)
		return fail_internal(call, "no turn to derive a password's key: %s", strerror(errno));
	derived = scrypt_derive(cost, password, salt, key, KEY_SIZE);
	turn_give(place);
	if (!derived)
		return fail_internal(
		    call, "scrypt with N = 2^%u, r = %u, p = %u could not be done", cost.log2_n, cost.r, cost.p);
	return NULL;
}

const struct problem *
password_hash(struct call *call, struct text password, struct text *hash)
{
	unsigned char salt[SALT_SIZE], key[KEY_SIZE];
	const struct problem *p;

	random_bytes(salt, sizeof(salt));
	p = derive(call, standard, password, (struct bytes){ salt, sizeof(salt) }, key);
	if (p != NULL)
		return p;
	*hash = arena_format(call->arena, "scrypt$%u$%u$%u$%s$%s", standard.log2_n, standard.r, standard.p,
	    base64url_encode(call->arena, salt, sizeof(salt)).at, base64url_encode(call->arena, key, sizeof(key)).at);
	OPENSSL_cleanse(key, sizeof(key));
	return NULL;
}

const struct problem *
password_check(struct call *call, struct text password, struct text hash, bool *fits)
{
	static const unsigned char nobodys_salt[SALT_SIZE], nobodys_key[KEY_SIZE];
	struct stored stored = { standard, { nobodys_salt, SALT_SIZE }, { nobodys_key, KEY_SIZE } };
	bool somebody = hash.length > 0;
	unsigned char key[KEY_SIZE];
	const struct problem *p;

	*fits = false;
	if (somebody && !read_stored(call->arena, hash, &stored))
		return fail_internal(call, "the stored hash of a password can't be read");
	p = derive(call, stored.cost, password, stored.salt, key);
	if (p != NULL)
		return p;
	*fits = equal_in_constant_time(key, stored.key.at, KEY_SIZE) && somebody;
	OPENSSL_cleanse(key, sizeof(key));
	return NULL;
}
