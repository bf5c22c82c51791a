/*
 * The windows of the rate limits, also with many processes at once.
 */
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "limit.h"
#include "log.h"
#include "unit.h"

enum { SLOTS = 1024, PROCESSES = 4, MINUTE = 60000000 };

static const struct id who = { { 1 } }, other = { { 2 } };
static const struct instant noon = { INT64_C(1795000000) * 1000000 / MINUTE * MINUTE };

static void
lay(int64_t slots)
{
	void *at = mmap(NULL, limit_size(slots), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(at, MAP_FAILED);
	limit_use(at, slots);
}

static struct instant
later(int64_t microseconds)
{
	return (struct instant){ noon.microseconds + microseconds };
}

static int64_t
allowed_of(int tries, struct id whom, struct instant at)
{
	int64_t allowed = 0;

	for (int i = 0; i < tries; i++)
		allowed += limit_take(whom, 0, 10, at).allowed;
	return allowed;
}

static void
a_window_gives_its_limit_and_no_more(void **state)
{
	struct limit_answer answer;

	(void)state;
	lay(SLOTS);
	answer = limit_take(who, 0, 10, later(MINUTE - 1500000));
	assert_true(answer.allowed);
	assert_int_equal(answer.limit, 10);
	assert_int_equal(answer.remaining, 9);
	assert_int_equal(answer.reset_seconds, 2);
	assert_int_equal(allowed_of(20, who, noon), 9);
	answer = limit_take(who, 0, 10, noon);
	assert_false(answer.allowed);
	assert_int_equal(answer.remaining, 0);
	assert_int_equal(answer.reset_seconds, 60);
}

static void
whom_and_bucket_are_apart(void **state)
{
	(void)state;
	lay(SLOTS);
	assert_int_equal(allowed_of(20, who, noon), 10);
	assert_int_equal(allowed_of(20, other, noon), 10);
	assert_true(limit_take(who, 1, 10, noon).allowed);
}

static void
the_next_minute_begins_anew(void **state)
{
	(void)state;
	lay(SLOTS);
	assert_int_equal(allowed_of(20, who, later(MINUTE - 1)), 10);
	assert_int_equal(allowed_of(20, who, later(MINUTE)), 10);
	assert_int_equal(allowed_of(20, who, later(1000 * INT64_C(60000000))), 10);
}

static void
a_straggler_of_the_minute_before_opens_no_window(void **state)
{
	(void)state;
	lay(SLOTS);
	assert_int_equal(allowed_of(20, who, later(MINUTE)), 10);
	assert_int_equal(allowed_of(20, who, later(MINUTE - 1)), 0);
	assert_int_equal(allowed_of(20, who, later(MINUTE)), 0);
}

static void
a_clock_put_back_begins_anew(void **state)
{
	(void)state;
	lay(SLOTS);
	assert_int_equal(allowed_of(20, who, later(500 * INT64_C(60000000))), 10);
	assert_int_equal(allowed_of(20, who, noon), 10);
	assert_int_equal(allowed_of(20, who, noon), 0);
}

static void
what_is_given_back_can_be_taken_again(void **state)
{
	(void)state;
	lay(SLOTS);
	limit_give_back(who, 0, noon);
	assert_int_equal(allowed_of(20, who, noon), 10);
	limit_give_back(who, 0, noon);
	assert_int_equal(allowed_of(20, who, noon), 1);
	limit_give_back(who, 0, later(MINUTE));
	assert_int_equal(allowed_of(20, who, later(MINUTE)), 10);
}

static void
looking_takes_nothing(void **state)
{
	(void)state;
	lay(SLOTS);
	for (int i = 0; i < 20; i++)
		assert_int_equal(limit_look(who, 0, 10, noon).remaining, 10);
	assert_int_equal(limit_in_use(noon), 0);
	assert_int_equal(allowed_of(20, who, noon), 10);
	assert_false(limit_look(who, 0, 10, noon).allowed);
	assert_int_equal(limit_in_use(noon), 1);
}

static struct id
numbered(unsigned number)
{
	struct id id = { { 9 } };

	id.bytes[14] = (unsigned char)(number >> 8);
	id.bytes[15] = (unsigned char)number;
	return id;
}

static void
a_full_table_lets_pass_and_ended_windows_make_room(void **state)
{
	(void)state;
	lay(64);
	assert_int_equal(log_open("/dev/null"), 0); /* it tells that it is full */
	for (unsigned i = 0; i < 1000; i++)
		assert_true(limit_take(numbered(i), 0, 1, noon).allowed);
	assert_int_equal(limit_in_use(noon), 48);
	assert_int_equal(limit_room(), 64);
	assert_int_equal(allowed_of(20, who, later(2 * MINUTE)), 10);
}

static void
strangers_never_take_the_windows_of_the_known(void **state)
{
	int64_t refused = 0;

	(void)state;
	lay(64);
	for (unsigned i = 0; i < 1000; i++)
		refused += !limit_take(numbered(i), LIMIT_STRANGER, 1, noon).allowed;
	assert_int_equal(refused, 1000 - 16);
	assert_int_equal(limit_in_use(noon), 16);
	assert_int_equal(allowed_of(20, who, noon), 10);
}

/* Takes until it is refused, and tells how often it was not. */
static void
take_all(int out)
{
	int taken = 0;

	while (limit_take(who, 0, 20000, noon).allowed)
		taken++;
	_exit(write(out, &taken, sizeof(taken)) == sizeof(taken) ? 0 : 1);
}

static void
processes_together_get_the_limit_exactly(void **state)
{
	int ends[2], sum = 0;

	(void)state;
	lay(SLOTS);
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < PROCESSES; i++)
		if (fork() == 0)
			take_all(ends[1]);
	for (int i = 0; i < PROCESSES; i++) {
		int taken, status;

		assert_int_equal(read(ends[0], &taken, sizeof(taken)), sizeof(taken));
		assert_true(wait(&status) > 0 && status == 0);
		sum += taken;
	}
	assert_int_equal(sum, 20000);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("a window gives its limit and no more", a_window_gives_its_limit_and_no_more),
		PROVES("whom and bucket are apart", whom_and_bucket_are_apart),
		PROVES("the next minute begins anew", the_next_minute_begins_anew),
		PROVES("a straggler of the minute before opens no window",
		    a_straggler_of_the_minute_before_opens_no_window),
		PROVES("a clock put back begins anew", a_clock_put_back_begins_anew),
		PROVES("what is given back can be taken again", what_is_given_back_can_be_taken_again),
		PROVES("looking takes nothing", looking_takes_nothing),
		PROVES("processes together get the limit exactly", processes_together_get_the_limit_exactly),
		PROVES("a full table lets pass, and ended windows make room",
		    a_full_table_lets_pass_and_ended_windows_make_room),
		PROVES("strangers never take the windows of the known", strangers_never_take_the_windows_of_the_known),
	};

	return RUN(tests);
}
