/*
 * What every unit test needs: cmocka, a call with an arena, and names that are sentences.
 */
#ifndef PURSER_UNIT_H
#define PURSER_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* `fail` is the product's own function. */
#undef fail
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__), abort())

#define PROVES(sentence, function)                      \
	{                                               \
		.name = sentence, .test_func = function \
	}

/* Runs the tests of the array and answers the exit status; the output is TAP, for prove. */
#define RUN(tests) (cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL))

#define assert_text(text, expected)                                         \
	do {                                                                \
		assert_int_equal((text).length, strlen(expected));          \
		assert_memory_equal((text).at, expected, strlen(expected)); \
	} while (0)

#endif
