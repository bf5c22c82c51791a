/*
 * The derivation runs in a thread of its own, because Linux keeps a priority for each thread, and one that was lowered
 * can't be raised again without privileges. The caller waits for it: there is never more than one thread at work.
 */
#include "scrypt.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <openssl/evp.h>

enum { LOWEST_PRIORITY = 19 };

struct derivation {
	struct scrypt_cost cost;
	struct text password;
	struct bytes salt;
	unsigned char *key;
	size_t length;
	bool done;
};

/* The memory that OpenSSL may take is told to it: its standard limit is just too small for N = 2^15, r = 8. */
static void
derive(struct derivation *derivation)
{
	uint64_t n = UINT64_C(1) << derivation->cost.log2_n, r = derivation->cost.r, p = derivation->cost.p;

	derivation->done =
	    EVP_PBE_scrypt(derivation->password.at, derivation->password.length, derivation->salt.at,
		derivation->salt.length, n, r, p, 128 * r * (n + p + 2), derivation->key, derivation->length) == 1;
}

static void *
derive_last(void *derivation)
{
	setpriority(PRIO_PROCESS, (id_t)gettid(), LOWEST_PRIORITY);
	derive(derivation);
	return NULL;
}

/* Signals are the main thread's: the new one inherits a mask that lets none in. */
static bool
start(pthread_t *thread, struct derivation *derivation)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(thread, NULL, derive_last, derivation);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error == 0;
}

bool
scrypt_derive(struct scrypt_cost cost, struct text password, struct bytes salt, unsigned char *key, size_t length)
{
	struct derivation derivation = { cost, password, salt, key, length, false };
	pthread_t thread;

	if (start(&thread, &derivation))
		pthread_join(thread, NULL);
	else
		derive(&derivation);
	return derivation.done;
}
