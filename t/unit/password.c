/*
 * scrypt, stored hashes, what a check costs, and how many are at it at once, with many processes.
 */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "password.h"
#include "scrypt.h"
#include "text.h"
#include "turn.h"
#include "unit.h"

enum { LONG = 60000000 };

static struct call call;
static const struct text right = TEXT_OF("correct horse battery staple");

/* It ends with this process at the latest, also where a test fails. */
static pid_t
fork_child(void)
{
	pid_t parent = getpid(), process = fork();

	assert_true(process >= 0);
	if (process == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
	}
	return process;
}

/* ---- scrypt ---------------------------------------------------------------------------------------------------- */

static void
assert_derives(struct scrypt_cost cost, const char *password, const char *salt, const char *expected)
{
	struct bytes salt_bytes = { (const unsigned char *)salt, strlen(salt) };
	unsigned char key[64];
	char digits[2 * sizeof(key) + 1];

	assert_true(scrypt_derive(cost, text_from(password), salt_bytes, key, sizeof(key)));
	hex_encode(key, sizeof(key), digits);
	assert_string_equal(digits, expected);
}

static void
scrypt_is_that_of_rfc_7914(void **state)
{
	(void)state;
	assert_derives((struct scrypt_cost){ 4, 1, 1 }, "", "",
	    "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
	    "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
	assert_derives((struct scrypt_cost){ 10, 8, 16 }, "password", "NaCl",
	    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
	    "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
	assert_derives((struct scrypt_cost){ 14, 8, 1 }, "pleaseletmein", "SodiumChloride",
	    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
	    "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

static void
impossible_parameters_are_told(void **state)
{
	unsigned char key[32];

	(void)state;
	assert_false(
	    scrypt_derive((struct scrypt_cost){ 17, 1, 1 }, right, (struct bytes){ key, 0 }, key, sizeof(key)));
}

/* A stack larger than the address space. */

static void __attribute__((noreturn)) hash_for_ever(void)
{
	struct text hash;

	for (;;)
		if (password_hash(&call, right, &hash) != NULL)
			_exit(1);
}

static void
end(pid_t process)
{
	assert_int_equal(kill(process, SIGKILL), 0);
	assert_int_equal(waitpid(process, NULL, 0), process);
}

static void
it_lets_whoever_wakes_up_go_first(void **state)
{
	enum { SIGHTINGS = 40 };
	int64_t late = clock_monotonic_microseconds() + LONG;
	struct text hash;
	int seen = 0;
	pid_t process = fork_child();

	(void)state;
	if (process == 0)
		hash_for_ever();
	while (seen < SIGHTINGS && clock_monotonic_microseconds() < late) {
		seen += sched_getscheduler(process) == SCHED_BATCH;
		usleep(2000);
	}
	assert_int_equal(seen, SIGHTINGS);
	end(process);
	assert_null(password_hash(&call, right, &hash));
	assert_int_equal(sched_getscheduler(0), SCHED_OTHER);
}

/* ---- stored hashes --------------------------------------------------------------------------------------------- */

static bool
fits(struct text password, struct text hash)
{
	bool answer = true;

	assert_null(password_check(&call, password, hash, &answer));
	return answer;
}

static void
the_right_password_fits_and_no_other(void **state)
{
	struct text hash, again;

	(void)state;
	assert_null(password_hash(&call, right, &hash));
	assert_null(password_hash(&call, right, &again));
	assert_true(hash.length <= PASSWORD_HASH_MAX && text_starts(hash, "scrypt$15$8$1$"));
	assert_false(text_equal(hash, again));
	assert_true(fits(right, hash));
	assert_true(fits(right, again));
	assert_false(fits(TEXT("correct horse battery stapl"), hash));
	assert_false(fits(TEXT("Correct horse battery staple"), hash));
	assert_false(fits(TEXT(""), hash));
}

static void
nobodys_hash_fits_nothing(void **state)
{
	(void)state;
	assert_false(fits(right, (struct text){ "", 0 }));
	assert_false(fits((struct text){ "", 0 }, (struct text){ NULL, 0 }));
}

static void
stored_parameters_are_obeyed(void **state)
{
	static const unsigned char salt[16] = "0123456789abcdef";
	unsigned char key[32];
	struct text salt_text = base64url_encode(call.arena, salt, sizeof(salt)), key_text;

	(void)state;
	assert_true(scrypt_derive(
	    (struct scrypt_cost){ 5, 2, 3 }, right, (struct bytes){ salt, sizeof(salt) }, key, sizeof(key)));
	key_text = base64url_encode(call.arena, key, sizeof(key));
	assert_true(fits(right, arena_format(call.arena, "scrypt$5$2$3$%s$%s", salt_text.at, key_text.at)));
	assert_false(fits(right, arena_format(call.arena, "scrypt$6$2$3$%s$%s", salt_text.at, key_text.at)));
	assert_false(fits(right, arena_format(call.arena, "scrypt$5$3$3$%s$%s", salt_text.at, key_text.at)));
	assert_false(fits(right, arena_format(call.arena, "scrypt$5$2$2$%s$%s", salt_text.at, key_text.at)));
}

#define SALT "MDEyMzQ1Njc4OWFiY2RlZg"
#define KEY "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"

static void
a_broken_hash_is_our_fault(void **state)
{
	static const char *const broken[] = { "x", "$", "scrypt", "scrypt$5$2$3", "scrypt$5$2$3$" SALT,
		"scrypt$5$2$3$" SALT "$", "bcrypt$5$2$3$" SALT "$" KEY, "scrypt$$2$3$" SALT "$" KEY,
		"scrypt$0$2$3$" SALT "$" KEY, "scrypt$18$2$3$" SALT "$" KEY, "scrypt$-5$2$3$" SALT "$" KEY,
		"scrypt$5x$2$3$" SALT "$" KEY, "scrypt$5$0$3$" SALT "$" KEY, "scrypt$5$17$3$" SALT "$" KEY,
		"scrypt$5$ 2$3$" SALT "$" KEY, "scrypt$5$2$0$" SALT "$" KEY, "scrypt$5$2$5$" SALT "$" KEY,
		"scrypt$5$2$99999999999999999999$" SALT "$" KEY, "scrypt$5$2$3$$" KEY, "scrypt$5$2$3$MDEy$" KEY,
		"scrypt$5$2$3$!" SALT "$" KEY, "scrypt$5$2$3$" SALT "==$" KEY, "scrypt$5$2$3$" SALT "$" SALT,
		"scrypt$5$2$3$" SALT "$" KEY "AAAA", "scrypt$5$2$3$" SALT "$" KEY "$",
		"scrypt$5$2$3$" SALT "$" KEY "$x", "scrypt$17$1$1$" SALT "$" KEY };

	(void)state;
	assert_false(fits(right, TEXT("scrypt$5$2$3$" SALT "$" KEY)));
	for (size_t i = 0; i < COUNT(broken); i++) {
		bool answer = true;
		const struct problem *p = password_check(&call, right, text_from(broken[i]), &answer);

		if (p == NULL || p->kind != INTERNAL || answer)
			fail_msg("%s is not refused", broken[i]);
	}
}

/* ---- like times ------------------------------------------------------------------------------------------------ */

static int64_t
processor_time_of(struct text hash)
{
	struct timespec before, after;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	fits(TEXT("not the right password"), hash);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	return (after.tv_sec - before.tv_sec) * 1000000 + (after.tv_nsec - before.tv_nsec) / 1000;
}

/* The least of many, taken in turn: what else the machine does only ever adds. */
static void
known_and_unknown_cost_the_same(void **state)
{
	int64_t known = INT64_MAX, unknown = INT64_MAX;
	struct text hash;

	(void)state;
	assert_null(password_hash(&call, right, &hash));
	for (int tries = 0; tries < 40; tries++) {
		int64_t this_known = processor_time_of(hash), this_unknown = processor_time_of(TEXT(""));

		known = this_known < known ? this_known : known;
		unknown = this_unknown < unknown ? this_unknown : unknown;
		if (tries >= 4 && llabs(known - unknown) * 10 < known)
			break;
	}
	print_message("# a check takes %lld us of processor time for a known, %lld us for an unknown address\n",
	    (long long)known, (long long)unknown);
	assert_true(llabs(known - unknown) * 10 < known);
}

/* ---- turns ----------------------------------------------------------------------------------------------------- */

/* A process that tries to take a turn, tells whether it has one, and keeps it. */
struct holder {
	pid_t process;
	bool holds;
};

static struct holder
hold(void)
{
	struct holder holder;
	int ends[2];
	char holds;

	assert_int_equal(pipe(ends), 0);
	holder.process = fork_child();
	if (holder.process == 0) {
		holds = turn_take(0) >= 0;
		if (write(ends[1], &holds, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &holds, 1), 1);
	close(ends[0]);
	close(ends[1]);
	holder.holds = holds;
	return holder;
}

static int
file(void)
{
	int descriptor = memfd_create("turns", MFD_CLOEXEC);

	assert_true(descriptor >= 0);
	return descriptor;
}

struct counts {
	_Atomic int now, most, turns;
};

static void __attribute__((noreturn)) take_many(struct counts *counts, int rounds)
{
	for (int i = 0; i < rounds; i++) {
		int place = turn_take(LONG), now, most = atomic_load(&counts->most);

		if (place < 0)
			_exit(1);
		now = atomic_fetch_add(&counts->now, 1) + 1;
		while (now > most && !atomic_compare_exchange_weak(&counts->most, &most, now))
			;
		usleep(3000);
		atomic_fetch_add(&counts->turns, 1);
		atomic_fetch_sub(&counts->now, 1);
		turn_give(place);
	}
	_exit(0);
}

static void
assert_bound(int places)
{
	enum { PROCESSES = 12, ROUNDS = 6 };
	struct counts *counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int descriptor = file();

	assert_ptr_not_equal(counts, MAP_FAILED);
	turn_use(descriptor, places);
	for (int i = 0; i < PROCESSES; i++)
		if (fork_child() == 0)
			take_many(counts, ROUNDS);
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_true(wait(&status) > 0 && status == 0);
	}
	assert_int_equal(counts->turns, PROCESSES * ROUNDS);
	assert_in_range(counts->most, places > 1 ? 2 : 1, places);
	munmap(counts, sizeof(*counts));
	close(descriptor);
}

static void
never_more_are_at_it_than_there_are_places(void **state)
{
	(void)state;
	assert_bound(1);
	assert_bound(3);
}

static void
a_killed_process_gives_its_place_back_at_once(void **state)
{
	int descriptor = file();
	struct holder holder;

	(void)state;
	turn_use(descriptor, 1);
	holder = hold();
	assert_true(holder.holds);
	assert_int_equal(turn_take(0), -1);
	end(holder.process);
	assert_int_equal(turn_take(0), 0);
	turn_give(0);
	close(descriptor);
}

static void
half_the_cores_are_the_bound_of_passwords(void **state)
{
	enum { MOST = 256 };
	static struct holder holders[MOST];
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int descriptor = file(), holding = 0, tried = 0;

	(void)state;
	password_use(descriptor);
	do {
		holders[tried] = hold();
		holding += holders[tried].holds;
	} while (holders[tried++].holds && tried < MOST);
	for (int i = 0; i < tried; i++)
		end(holders[i].process);
	assert_in_range(holding, 1, cores < 2 ? 1 : cores / 2);
	assert_int_equal(tried, holding + 1);
	close(descriptor);
}

static void
a_hash_takes_a_place_while_it_is_made_and_no_longer(void **state)
{
	int64_t late = clock_monotonic_microseconds() + LONG;
	int descriptor = file(), place = 0;
	struct holder holder;
	struct text hash;
	pid_t process;

	(void)state;
	turn_use(descriptor, 1);
	process = fork_child();
	if (process == 0)
		hash_for_ever();
	while (place == 0 && clock_monotonic_microseconds() < late) {
		place = turn_take(0);
		if (place == 0)
			turn_give(place);
		usleep(500);
	}
	end(process);
	assert_int_equal(place, -1);
	assert_null(password_hash(&call, right, &hash));
	holder = hold();
	assert_true(holder.holds);
	end(holder.process);
	close(descriptor);
}

static void
after_five_seconds_of_waiting_it_is_busy(void **state)
{
	int descriptor = file();
	struct holder holder;
	const struct problem *p;
	int64_t began, waited;
	bool answer = true;

	(void)state;
	turn_use(descriptor, 1);
	holder = hold();
	assert_true(holder.holds);
	began = clock_monotonic_microseconds();
	p = password_check(&call, right, TEXT(""), &answer);
	waited = clock_monotonic_microseconds() - began;
	assert_non_null(p);
	assert_int_equal(p->kind, BUSY);
	assert_int_equal(p->retry_after_seconds, 2);
	assert_false(answer);
	assert_in_range(waited, 5000000, 8000000);
	end(holder.process);
	assert_false(fits(right, TEXT("")));
	close(descriptor);
}

static void
without_locks_it_is_our_fault_and_no_wait(void **state)
{
	struct text hash;
	const struct problem *p;

	(void)state;
	turn_use(1000000, 1);
	p = password_hash(&call, right, &hash);
	turn_use(-1, 1);
	assert_non_null(p);
	assert_int_equal(p->kind, INTERNAL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("scrypt is that of RFC 7914", scrypt_is_that_of_rfc_7914),
		PROVES("impossible parameters are told", impossible_parameters_are_told),
		PROVES("it lets whoever wakes up go first, and the worker is as before",
		    it_lets_whoever_wakes_up_go_first),
		PROVES("the right password fits, and no other", the_right_password_fits_and_no_other),
		PROVES("nobody's hash fits nothing", nobodys_hash_fits_nothing),
		PROVES("stored parameters are obeyed", stored_parameters_are_obeyed),
		PROVES("a broken hash is our fault", a_broken_hash_is_our_fault),
		PROVES("known and unknown cost the same", known_and_unknown_cost_the_same),
		PROVES("never more are at it than there are places", never_more_are_at_it_than_there_are_places),
		PROVES("a killed process gives its place back at once", a_killed_process_gives_its_place_back_at_once),
		PROVES("half the cores are the bound of passwords", half_the_cores_are_the_bound_of_passwords),
		PROVES("a hash takes a place while it is made, and no longer",
		    a_hash_takes_a_place_while_it_is_made_and_no_longer),
		PROVES("after five seconds of waiting it is busy", after_five_seconds_of_waiting_it_is_busy),
		PROVES("without locks it is our fault, and no wait", without_locks_it_is_our_fault_and_no_wait),
	};
	int status;

	call.arena = arena_new(16 << 20);
	status = RUN(tests);
	arena_free(call.arena);
	return status;
}
