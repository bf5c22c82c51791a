/*
 * The arena and the buffers that grow in it.
 */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arena.h"
#include "log.h"
#include "unit.h"

enum { CAP = 1 << 20, TOLD = 1 << 8 };

/* Stands in for the log: what was told leaves by the exit status of the child, or fails the test. */
void
log_error(const char *format, ...)
{
	if (strstr(format, "more memory") == NULL)
		_exit(1);
}

static void
takes_are_zeroed_and_aligned(void **state)
{
	struct arena *arena = arena_new(CAP);

	(void)state;
	for (size_t size = 0; size < 200; size++) {
		unsigned char *at = arena_take(arena, size);

		assert_int_equal((uintptr_t)at % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(at[i], 0);
		if (size > 0)
			memset(at, 0xFF, size);
	}
	arena_free(arena);
}

static void
memory_is_zeroed_again_after_a_reset(void **state)
{
	struct arena *arena = arena_new(CAP);
	unsigned char *first = arena_take(arena, 1000);

	(void)state;
	memset(first, 0xFF, 1000);
	arena_take(arena, 200000);
	assert_true(arena_used(arena) >= 201000);
	arena_reset(arena);
	assert_int_equal(arena_used(arena), 0);
	assert_ptr_equal(arena_take(arena, 1000), first);
	assert_int_equal(first[0] | first[999], 0);
	arena_free(arena);
}

static void
a_copied_text_has_a_nul_behind_it(void **state)
{
	struct arena *arena = arena_new(CAP);
	struct text text = arena_text(arena, "abcdef", 3);

	(void)state;
	assert_text(text, "abc");
	assert_int_equal(text.at[3], '\0');
	assert_text(arena_text(arena, NULL, 0), "");
	assert_text(arena_format(arena, "%s-%d", "a", 7), "a-7");
	arena_free(arena);
}

static void
a_release_gives_back_what_came_after_the_mark(void **state)
{
	struct arena *arena = arena_new(CAP);
	char *before = arena_take(arena, 10);
	struct arena_mark mark = arena_mark(arena);
	size_t used = arena_used(arena);
	void *next = arena_take(arena, 16);

	(void)state;
	memcpy(before, "before", 7);
	for (int round = 0; round < 100; round++) {
		arena_take(arena, 100000);
		arena_take(arena, 100000);
		arena_release(arena, mark);
		assert_int_equal(arena_used(arena), used);
	}
	assert_ptr_equal(arena_take(arena, 16), next);
	assert_string_equal(before, "before");
	arena_free(arena);
}

static void
a_buffer_holds_everything_added_to_it(void **state)
{
	struct arena *arena = arena_new(CAP);
	struct buffer buffer = buffer_new(arena, 0);
	char expected[5000];

	(void)state;
	for (size_t i = 0; i < sizeof(expected); i++) {
		expected[i] = (char)('a' + i % 26);
		if (i % 100 == 0)
			arena_take(arena, 8); /* so that it can not always grow in place */
		buffer_add_char(&buffer, expected[i]);
		assert_int_equal(buffer.at[buffer.length], '\0');
	}
	assert_int_equal(buffer_text(&buffer).length, sizeof(expected));
	assert_memory_equal(buffer.at, expected, sizeof(expected));
	arena_free(arena);
}

static void
a_buffer_formats_numbers_to_their_ends(void **state)
{
	struct arena *arena = arena_new(CAP);
	struct buffer buffer = buffer_new(arena, 4);

	(void)state;
	buffer_add_integer(&buffer, INT64_MIN);
	buffer_add_string(&buffer, " ");
	buffer_add_integer(&buffer, INT64_MAX);
	buffer_add_text(&buffer, TEXT(" "));
	buffer_add_integer(&buffer, 0);
	buffer_add(&buffer, NULL, 0);
	buffer_format(&buffer, "|%s|%d", "a text longer than the room there was", -1);
	assert_string_equal(
	    buffer.at, "-9223372036854775808 9223372036854775807 0|a text longer than the room there was|-1");
	arena_free(arena);
}

/* Runs the function in a child and answers its exit status. */
static int
exit_status_of(void (*function)(struct arena *arena))
{
	pid_t child = fork();
	int status = 0;

	assert_true(child >= 0);
	if (child == 0) {
		function(arena_new(CAP));
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
fill(struct arena *arena)
{
	for (int i = 0; i < 1000; i++)
		arena_take(arena, 10000);
}

static void
stay_within(struct arena *arena)
{
	for (int i = 0; i < 1000; i++) {
		arena_take(arena, 900000);
		arena_reset(arena);
	}
}

static void
take_an_impossible_array(struct arena *arena)
{
	arena_array(arena, SIZE_MAX / 2, 3);
}

static void
take_all_there_is(struct arena *arena)
{
	arena_take(arena, SIZE_MAX - 3);
}

static void
grow_without_end(struct arena *arena)
{
	struct buffer buffer = buffer_new(arena, 1);

	for (;;)
		buffer_add_string(&buffer, "and on ");
}

static void
past_its_cap_the_process_exits(void **state)
{
	(void)state;
	assert_int_equal(exit_status_of(stay_within), 0);
	assert_int_equal(exit_status_of(fill), 70);
	assert_int_equal(exit_status_of(grow_without_end), 70);
	assert_int_equal(exit_status_of(take_an_impossible_array), 70);
	assert_int_equal(exit_status_of(take_all_there_is), 70);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("what is taken is zeroed and aligned", takes_are_zeroed_and_aligned),
		PROVES("memory is zeroed again after a reset", memory_is_zeroed_again_after_a_reset),
		PROVES("a copied text has a NUL behind it", a_copied_text_has_a_nul_behind_it),
		PROVES("a release gives back what came after the mark", a_release_gives_back_what_came_after_the_mark),
		PROVES("a buffer holds everything added to it", a_buffer_holds_everything_added_to_it),
		PROVES("a buffer formats numbers to their ends", a_buffer_formats_numbers_to_their_ends),
		PROVES("past its cap the process exits", past_its_cap_the_process_exits),
	};

	return RUN(tests);
}
