/*
 * Trees of others' JSON: what is taken, what is refused, and looks along a path.
 */
#include <string.h>

#include "arena.h"
#include "text.h"
#include "tree.h"
#include "unit.h"

static struct arena *arena;

static const struct tree *
parse(const char *json)
{
	return tree_parse(arena, text_from(json));
}

static int
begin(void **state)
{
	(void)state;
	arena = arena_new(64 << 20);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
every_kind_of_value_is_read(void **state)
{
	const struct tree *tree =
	    parse("{\"a\":null,\"b\":true,\"c\":false,\"d\":-12,\"e\":\"\\u00e9\\n\",\"f\":[1,[2]],\"g\":{}}");
	int64_t number = 0;

	(void)state;
	assert_non_null(tree);
	assert_int_equal(tree_at(tree, "a")->kind, TREE_NULL);
	assert_true(tree_is_true(tree, "b"));
	assert_int_equal(tree_at(tree, "c")->kind, TREE_FALSE);
	assert_false(tree_is_true(tree, "c"));
	assert_true(tree_integer(tree, "d", &number));
	assert_int_equal(number, -12);
	assert_text(tree_text(tree, "e"), "\xc3\xa9\n");
	assert_true(tree_integer(tree, "f.1.0", &number));
	assert_int_equal(number, 2);
	assert_null(tree_at(tree, "g")->first);
	assert_text(tree_at(tree, "g")->name, "g");
	assert_ptr_equal(tree_at(tree, ""), tree);
}

static void
a_value_may_stand_alone(void **state)
{
	int64_t number = 0;

	(void)state;
	assert_text(tree_text(parse(" \"x\" "), ""), "x");
	assert_true(tree_integer(parse("9223372036854775807"), "", &number));
	assert_int_equal(number, INT64_MAX);
}

static void
a_look_that_finds_nothing_says_so(void **state)
{
	const struct tree *tree = parse("{\"a\":{\"b\":[{\"c\":\"x\"}]},\"1\":\"one\"}");
	int64_t number = 7;

	(void)state;
	assert_text(tree_text(tree, "a.b.0.c"), "x");
	assert_text(tree_text(tree, "1"), "one");
	assert_null(tree_at(tree, "a.b.1"));
	assert_null(tree_at(tree, "a.b.-1"));
	assert_null(tree_at(tree, "a.b.00"));
	assert_null(tree_at(tree, "a.b.0.c.d"));
	assert_null(tree_at(tree, "a.x.y"));
	assert_null(tree_at(tree, "A"));
	assert_null(tree_at(NULL, "a.b"));
	assert_null(tree_text(NULL, "a").at);
	assert_null(tree_text(tree, "a").at);
	assert_false(tree_integer(tree, "1", &number));
	assert_false(tree_is_true(NULL, ""));
	assert_int_equal(number, 7);
}

static void
a_number_is_read_from_its_digits_alone(void **state)
{
	static const char *const refused[] = { "1.0", "1e2", "9223372036854775808", "\"1\"", "true", "-0.5" };
	int64_t number;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		if (parse(refused[i]) == NULL || tree_integer(parse(refused[i]), "", &number))
			fail_msg("%s was taken", refused[i]);
	assert_text(parse("1.50")->text, "1.50");
}

static void
the_first_of_two_members_counts(void **state)
{
	(void)state;
	assert_text(tree_text(parse("{\"a\":\"x\",\"a\":\"y\"}"), "a"), "x");
}

static void
texts_outlive_what_they_were_read_from(void **state)
{
	char json[] = "{\"name\":\"value\"}";
	const struct tree *tree = parse(json);

	(void)state;
	memset(json, 'x', sizeof(json) - 1);
	assert_text(tree_text(tree, "name"), "value");
	assert_int_equal(tree_text(tree, "name").at[5], '\0');
}

static void
what_is_no_json_is_refused(void **state)
{
	static const char *const refused[] = { "", " ", "{", "}", "[1,]", "{\"a\"}", "{\"a\":1,}", "1 2", "{} {}",
		"nul", "'a'", "\"a", "\"\\u0000\"", "\"\\ud800\"", "\"\xff\"", "[1]\f", "\xef\xbb\xbf{}",
		"<html></html>", "01", "+1", "{a:1}" };

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		if (parse(refused[i]) != NULL)
			fail_msg("%s was taken", refused[i]);
	assert_null(tree_parse(arena, (struct text){ "{\"a\":\"\0\"}", 9 }));
}

static const struct tree *
nested(size_t depth)
{
	struct buffer json = buffer_new(arena, 256);

	for (size_t i = 0; i < depth; i++)
		buffer_add_char(&json, '[');
	for (size_t i = 0; i < depth; i++)
		buffer_add_char(&json, ']');
	return tree_parse(arena, buffer_text(&json));
}

static void
nothing_deeper_than_64_levels_is_taken(void **state)
{
	(void)state;
	assert_non_null(nested(64));
	assert_null(nested(65));
	assert_null(nested(100000));
}

static const struct tree *
many(size_t count)
{
	struct buffer json = buffer_new(arena, 256);

	buffer_add_string(&json, "[0");
	for (size_t i = 2; i < count; i++)
		buffer_add_string(&json, ",0");
	buffer_add_char(&json, ']');
	return tree_parse(arena, buffer_text(&json));
}

static void
nothing_of_more_than_100000_values_is_taken(void **state)
{
	(void)state;
	assert_non_null(many(100000));
	assert_null(many(100001));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("every kind of value is read", every_kind_of_value_is_read),
		PROVES("a value may stand alone", a_value_may_stand_alone),
		PROVES("a look that finds nothing says so", a_look_that_finds_nothing_says_so),
		PROVES("a number is read from its digits alone", a_number_is_read_from_its_digits_alone),
		PROVES("the first of two members counts", the_first_of_two_members_counts),
		PROVES("texts outlive what they were read from", texts_outlive_what_they_were_read_from),
		PROVES("what is no JSON is refused", what_is_no_json_is_refused),
		PROVES("nothing deeper than 64 levels is taken", nothing_deeper_than_64_levels_is_taken),
		PROVES("nothing of more than 100,000 values is taken", nothing_of_more_than_100000_values_is_taken),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name(__FILE__, tests, begin, end);
}
