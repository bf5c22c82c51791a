/*
 * ULIDs: their spelling, their order, and that forked processes never make the same one.
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "id.h"
#include "text.h"
#include "unit.h"

static const struct instant now = { INT64_C(1469918176385000) };

static int
order(struct id a, struct id b)
{
	return memcmp(a.bytes, b.bytes, sizeof(a.bytes));
}

static void
an_id_begins_with_its_millisecond(void **state)
{
	char out[ID_CHARACTERS + 1];

	(void)state;
	id_format(id_new(now), out);
	assert_int_equal(strlen(out), ID_CHARACTERS);
	assert_memory_equal(out, "01ARYZ6S41", 10); /* the specification's example */
}

static void
ids_only_grow_whatever_the_clock_does(void **state)
{
	struct id last = id_new(now);

	(void)state;
	for (int i = 0; i < 100000; i++) {
		int64_t jump = i % 3 == 0 ? -5000000 : i * 10;
		struct id next = id_new((struct instant){ now.microseconds + jump });

		assert_true(order(last, next) < 0);
		last = next;
	}
	assert_true(order(last, id_new((struct instant){ -1 })) < 0);
	for (int i = 0; i < 1000; i++) { /* behind one that a clock far ahead has made */
		struct id ahead = i == 0 ? (struct id){ { 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, [15] = 0xFF } } : last;

		last = id_new_behind(now, ahead);
		assert_true(order(ahead, last) < 0);
	}
	assert_true(order(id_new_behind(now, (struct id){ { 0 } }), last) < 0);
}

static void
the_text_of_an_id_gives_the_id(void **state)
{
	char out[ID_CHARACTERS + 1];
	struct id id, again;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		id = id_new((struct instant){ now.microseconds * (i + 1) });
		id_format(id, out);
		assert_true(id_parse(text_from(out), &again));
		assert_true(id_equal(id, again));
	}
	assert_true(id_parse(TEXT("7zzzzzzzzzzzzzzzzzzzzzzzzz"), &id));
	id_format(id, out);
	assert_string_equal(out, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
	assert_true(id_parse(TEXT("00000000000000000000000000"), &id));
	assert_true(id_is_zero(id));
	assert_false(id_is_zero(id_new(now)));
	assert_true(id_given(id).given);
}

static void
what_is_no_ulid_is_refused(void **state)
{
	static const char *const refused[] = { "", "01ARYZ6S41", "01ARYZ6S410000000000000000Z",
		"81ARYZ6S410000000000000000", "01ARYZ6S41I000000000000000", "01ARYZ6S41L000000000000000",
		"01ARYZ6S41O000000000000000", "01ARYZ6S41U000000000000000", "01ARYZ6S41-000000000000000",
		"01ARYZ6S41 000000000000000", "éARYZ6S41000000000000000" };
	struct id id;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_false(id_parse(text_from(refused[i]), &id));
	assert_false(id_parse((struct text){ "01ARYZ6S41\0"
					     "00000000000000",
				  26 },
	    &id));
}

static struct id
id_of_a_child(void)
{
	int ends[2];
	struct id id;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		id = id_new(now);
		_exit(write(ends[1], &id, sizeof(id)) == (ssize_t)sizeof(id) ? 0 : 1);
	}
	assert_int_equal(read(ends[0], &id, sizeof(id)), sizeof(id));
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(ends[0]);
	close(ends[1]);
	return id;
}

static void
forked_processes_never_make_the_same_id(void **state)
{
	struct id made[8];

	(void)state;
	id_new(now);
	for (size_t i = 0; i < COUNT(made); i++) {
		made[i] = id_of_a_child();
		for (size_t j = 0; j < i; j++)
			/* not even neighbours, as a continued random part would be */
			assert_memory_not_equal(made[i].bytes + 6, made[j].bytes + 6, 8);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("an id begins with its millisecond", an_id_begins_with_its_millisecond),
		PROVES("ids only grow, whatever the clock does", ids_only_grow_whatever_the_clock_does),
		PROVES("the text of an id gives the id", the_text_of_an_id_gives_the_id),
		PROVES("what is no ULID is refused", what_is_no_ulid_is_refused),
		PROVES("forked processes never make the same id", forked_processes_never_make_the_same_id),
	};

	return RUN(tests);
}
