/*
 * The derivation runs as SCHED_BATCH: whoever wakes up goes first. It keeps its weight, and on purpose. Beside a thread
 * of little weight EEVDF (Linux 6.6 and later) makes one that wakes in debt wait for many times that debt: with a nice
 * value of 3, 10 or 19 here, the database's threads stood still for up to 150 ms (bench/sign_in shows it), without one
 * hardly at all. Going back from SCHED_BATCH needs no privilege either; from a nice value it does.
 */
#include "scrypt.h"

#include <sched.h>

#include <openssl/evp.h>

static void
set_policy(int policy)
{
	const struct sched_param no_priority = { 0 };

	sched_setscheduler(0, policy, &no_priority); /* where it is forbidden, the work is done all the same */
}

/* The memory that OpenSSL may take is told to it: its standard limit is just too small for N = 2^15, r = 8. */
bool
scrypt_derive(struct scrypt_cost cost, struct text password, struct bytes salt, unsigned char *key, size_t length)
{
	uint64_t n = UINT64_C(1) << cost.log2_n, r = cost.r, p = cost.p;
	int before = sched_getscheduler(0);
	bool done;

	set_policy(SCHED_BATCH);
	done = EVP_PBE_scrypt(password.at, password.length, salt.at, salt.length, n, r, p, 128 * r * (n + p + 2), key,
		   length) == 1;
	if (before >= 0)
		set_policy(before);
	return done;
}
