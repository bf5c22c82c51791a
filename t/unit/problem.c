/*
 * Problems: their table, how they are made, and the documents they become.
 */
#include <string.h>

#include "call.h"
#include "json.h"
#include "unit.h"

static struct call call;

static const char *
written(const struct problem *problem)
{
	struct buffer out = buffer_new(call.arena, 100);

	json_write_problem(&out, problem, "request-1");
	assert_true(json_is_object(call.arena, buffer_text(&out)));
	return out.at;
}

static void
every_kind_has_its_facts(void **state)
{
	(void)state;
	for (enum problem_kind kind = NO_PROBLEM + 1; kind < RERUN; kind++) {
		const struct problem_kind_facts *facts = &problem_facts[kind];

		assert_true(facts->status >= 400 && facts->status < 600);
		assert_true(strlen(facts->title) > 0 && strlen(facts->remedy) > 0);
		for (enum problem_kind other = NO_PROBLEM + 1; other < kind; other++)
			assert_string_not_equal(facts->code, problem_facts[other].code);
	}
	assert_int_equal(problem_facts[RERUN].status, 0);
}

static void
a_problem_is_written_as_rfc_9457_says(void **state)
{
	const struct problem *p = fail(&call, NOT_FOUND, "There is no \"%s\".", "plan");

	(void)state;
	assert_string_equal(written(p),
	    "{\"type\":\"/problems/not_found\",\"title\":\"There is no such thing\",\"status\":404,"
	    "\"detail\":\"There is no \\\"plan\\\".\",\"instance\":\"request-1\",\"code\":\"not_found\"}");
}

static void
members_are_added_to_a_copy(void **state)
{
	const struct problem *p = fail_retry(&call, RATE_LIMITED, 7, "Wait.");
	const struct problem *more =
	    problem_with_text(&call, problem_with_number(&call, p, "limit", -60), "who", "key");

	(void)state;
	assert_null(p->members);
	assert_non_null(
	    strstr(written(more), "\"code\":\"rate_limited\",\"retry_after\":7,\"who\":\"key\",\"limit\":-60}"));
}

static void
a_fault_tells_its_place_twice(void **state)
{
	(void)state;
	assert_non_null(strstr(written(fail_field(&call, "/lines/0/a~1b~0c/", "taken", "It is %s.", "taken")),
	    "\"errors\":[{\"pointer\":\"/lines/0/a~1b~0c/\",\"code\":\"taken\",\"detail\":\"It is taken.\","
	    "\"loc\":[\"body\",\"lines\",0,\"a/b~c\",\"\"]}]}"));
	assert_non_null(strstr(written(fail_field(&call, "", "whole", "Of the whole body.")), "\"loc\":[\"body\"]"));
}

static void
an_internal_failure_tells_the_caller_nothing(void **state)
{
	const struct problem *p = fail_internal(&call, "table %s is missing", "book");

	(void)state;
	assert_int_equal(p->kind, INTERNAL);
	assert_string_equal(call.internal, "table book is missing");
	assert_null(strstr(written(p), "book"));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("every kind has its facts", every_kind_has_its_facts),
		PROVES("a problem is written as RFC 9457 says", a_problem_is_written_as_rfc_9457_says),
		PROVES("members are added to a copy", members_are_added_to_a_copy),
		PROVES("a fault tells its place twice", a_fault_tells_its_place_twice),
		PROVES("an internal failure tells the caller nothing", an_internal_failure_tells_the_caller_nothing),
	};
	int failed;

	call.arena = arena_new(1 << 20);
	failed = RUN(tests);
	arena_free(call.arena);
	return failed;
}
