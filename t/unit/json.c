/*
 * JSON into structs and back: every kind of member, every fault.
 */
#include <stdio.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "id.h"
#include "json.h"
#include "t/unit/json_shapes.h"
#include "unit.h"

static struct call call;

static const struct problem *
read_sample(const char *body, struct sample *sample)
{
	memset(sample, 0, sizeof(*sample));
	return json_read(&call, text_from(body), &sample_shape, sample);
}

static void
assert_accepted(const char *body, struct sample *sample)
{
	const struct problem *p = read_sample(body, sample);

	if (p != NULL)
		fail_msg("%s: %s", body, p->detail);
}

static void
assert_refused(const char *body, enum problem_kind kind)
{
	struct sample sample;
	const struct problem *p = read_sample(body, &sample);

	if (p == NULL)
		fail_msg("%s was taken", body);
	if (p->kind != kind)
		fail_msg("%s: %s", body, p->detail);
}

/* The faults of the body, as `pointer code` with commas between. */
static void
assert_faults(const char *body, const char *expected)
{
	struct sample sample;
	const struct problem *p = read_sample(body, &sample);
	struct buffer found = buffer_new(call.arena, 100);

	for (const struct fault *fault = p == NULL ? NULL : p->faults; fault != NULL; fault = fault->next)
		buffer_format(&found, "%s%s %s", found.length > 0 ? ", " : "", fault->pointer, fault->code);
	assert_string_equal(found.at, expected);
	if (*expected != '\0')
		assert_int_equal(p->kind, INVALID);
}

static void
every_kind_is_read(void **state)
{
	char id[ID_CHARACTERS + 1], at[RFC3339_LENGTH + 1];
	struct sample sample;

	(void)state;
	assert_accepted(
	    "{\"name\":\"n\\u00e9\",\"colour\":\"red\",\"even\":\"\",\"number\":1000,\"limit\":0,\"flag\":true,"
	    "\"id\":\"01aryz6s410000000000000000\",\"at\":\"2026-11-22T06:12:32+01:00\",\"credits\":5,"
	    "\"theAmount\":\"12.34\",\"rate\":-0.5,\"currency\":\"AUD\",\"quantity\":\"2.50\",\"digest\":"
	    "\"00000000000000000000000000000000"
	    "000000000000000000000000000000Ff\",\"extra\":{ \"a\" : [1, {}] },\"tags\":[\"x\",\"\"],"
	    "\"lines\":[{\"sku\":\"a\",\"quantity\":2},{\"sku\":\"b\",\"note\":\"hi\"}],"
	    "\"place\":{\"city\":\"Perth\",\"streets\":[]}}",
	    &sample);
	id_format(sample.id.value, id);
	instant_format(sample.at.value, at);
	assert_text(sample.name, "né");
	assert_string_equal(sample.colour.at, "red");
	assert_true(sample.even.at != NULL && sample.even.length == 0);
	assert_true(sample.number == 1000 && sample.limit.given && sample.limit.value == 0);
	assert_true(sample.flag.given && sample.flag.value && sample.credits.given && sample.credits.value.count == 5);
	assert_true(sample.amount.given && sample.amount.value.micros == 12340000);
	assert_true(sample.rate.given && sample.rate.value.micros == -500000);
	assert_string_equal(id, "01ARYZ6S410000000000000000");
	assert_string_equal(at, "2026-11-22T05:12:32Z");
	assert_string_equal(sample.currency.value.code, "AUD");
	assert_true(sample.quantity.given && sample.quantity.value.micros == 2500000);
	assert_int_equal(sample.digest.bytes[31], 0xFF);
	assert_text(sample.extra, "{ \"a\" : [1, {}] }");
	assert_int_equal(sample.tags.count, 2);
	assert_int_equal(sample.lines.count, 2);
	assert_int_equal(((struct sample_line *)sample.lines.items)[0].quantity, 2);
	assert_int_equal(((struct sample_line *)sample.lines.items)[1].quantity, 7);
	assert_string_equal(((struct sample_line *)sample.lines.items)[1].note.at, "hi");
	assert_string_equal(sample.place->city.at, "Perth");
}

static void
what_is_absent_or_null_takes_its_standard(void **state)
{
	struct sample sample;

	(void)state;
	assert_accepted("{\"name\":\"n\",\"number\":null,\"limit\":null,\"colour\":null,\"lines\":null,\"place\":null,"
			"\"extra\":null}",
	    &sample);
	assert_int_equal(sample.number, 50);
	assert_false(sample.limit.given || sample.flag.given || sample.id.given);
	assert_null(sample.colour.at);
	assert_null(sample.place);
	assert_null(sample.extra.at);
	assert_faults("{\"name\":null}", "/name wrong_type");
	assert_faults("", "/name missing");
}

static void
every_fault_is_told_at_once_and_in_order(void **state)
{
	(void)state;
	assert_faults(
	    "{\"nam\":1,\"number\":\"1\",\"limit\":-1,\"lines\":[{\"sku\":\"toolong\"},{\"quantity\":0,\"x\":[{}]},7,"
	    "[]],\"place\":{\"streets\":[1,\"a\",[]]},\"tags\":{},\"a/b~\":{}}",
	    "/nam unknown, /number wrong_type, /limit out_of_range, /lines/0/sku too_long, /lines/1/quantity "
	    "out_of_range,"
	    " /lines/1/x unknown, /lines/1/sku missing, /lines/2 wrong_type, /lines/3 wrong_type,"
	    " /place/streets/0 wrong_type, /place/streets/2 wrong_type, /tags wrong_type, /a~1b~0 unknown, /name "
	    "missing");
}

static void
only_integer_tokens_are_integers(void **state)
{
	(void)state;
	assert_faults("{\"name\":\"n\",\"limit\":1.0}", "/limit wrong_type");
	assert_faults("{\"name\":\"n\",\"limit\":1e2}", "/limit wrong_type");
	assert_faults("{\"name\":\"n\",\"limit\":-0}", "");
	assert_faults("{\"name\":\"n\",\"limit\":9223372036854775807}", "");
	assert_faults("{\"name\":\"n\",\"limit\":9223372036854775808}", "/limit out_of_range");
	assert_faults(
	    "{\"name\":\"n\",\"limit\":999999999999999999999999999999999999999999999}", "/limit out_of_range");
	assert_faults("{\"name\":\"n\",\"rate\":1e2}", "/rate bad_format");
	assert_faults("{\"name\":\"n\",\"rate\":\"1\"}", "/rate wrong_type");
	assert_faults("{\"name\":\"n\",\"quantity\":7}", "");
	assert_faults("{\"name\":\"n\",\"quantity\":\"7\"}", "");
	assert_faults("{\"name\":\"n\",\"quantity\":7.5}", "/quantity wrong_type");
	assert_faults("{\"name\":\"n\",\"quantity\":1e2}", "/quantity wrong_type");
	assert_faults("{\"name\":\"n\",\"quantity\":true}", "/quantity wrong_type");
	assert_faults("{\"name\":\"n\",\"quantity\":\"0.0000001\"}", "/quantity bad_format");
	assert_faults("{\"name\":\"n\",\"quantity\":99999999999999999999}", "/quantity bad_format");
	assert_faults("{\"name\":\"n\",\"quantity\":-1}", "/quantity out_of_range");
	assert_faults("{\"name\":\"n\",\"quantity\":\"1000000000.000001\"}", "/quantity out_of_range");
}

static void
texts_are_held_to_their_rules(void **state)
{
	(void)state;
	assert_faults("{\"name\":\"\"}", "/name too_short");
	assert_faults("{\"name\":\"éé€😀\"}", "");
	assert_faults("{\"name\":\"ééé€😀\"}", "/name too_long");
	assert_faults("{\"name\":\"n\",\"colour\":\"blue\",\"even\":\"odd\"}", "/colour not_allowed, /even bad_format");
	assert_faults(
	    "{\"name\":\"n\",\"id\":\"x\",\"at\":\"now\",\"theAmount\":\"1,5\",\"currency\":\"aud\",\"digest\":\"0\"}",
	    "/id bad_format, /at bad_format, /theAmount bad_format, /currency bad_format, /digest bad_format");
	assert_faults(
	    "{\"name\":\"n\",\"theAmount\":12.5,\"flag\":\"true\"}", "/theAmount wrong_type, /flag wrong_type");
	assert_faults("{\"name\":\"n\",\"theAmount\":\"100.01\"}", "/theAmount out_of_range");
}

static void
hidden_members_are_unknown(void **state)
{
	(void)state;
	assert_faults("{\"name\":\"n\",\"secret\":1,\"raw\":\"AA\"}", "/secret unknown, /raw unknown");
}

static void
the_free_form_ignores_what_it_does_not_know(void **state)
{
	struct shape freeform = sample_place_shape;
	struct sample_place place = { 0 };

	(void)state;
	freeform.freeform = true;
	assert_null(json_read(&call, TEXT("{\"x\":{\"y\":[1]},\"streets\":[\"a\"],\"z\":null}"), &freeform, &place));
	assert_int_equal(place.streets.count, 1);
	assert_int_equal(
	    json_read(&call, TEXT("{\"x\":1,\"streets\":[],\"x\":2}"), &freeform, &place)->kind, BAD_REQUEST);
}

static void
a_name_that_stands_twice_is_no_json(void **state)
{
	(void)state;
	assert_refused("{\"name\":\"n\",\"name\":\"n\"}", BAD_REQUEST);
	assert_refused("{\"name\":\"n\",\"n\\u0061me\":\"n\"}", BAD_REQUEST);
	assert_refused("{\"name\":\"n\",\"q\":1,\"\\u0071\":2}", BAD_REQUEST);
	assert_refused("{\"name\":\"n\",\"limit\":null,\"limit\":1}", BAD_REQUEST);
	assert_refused("{\"name\":\"n\",\"lines\":[{\"sku\":\"a\",\"sku\":\"b\"}]}", BAD_REQUEST);
	assert_refused("{\"name\":\"n\",\"extra\":{\"a\":[{\"b\":1,\"b\":1}]}}", BAD_REQUEST);
	assert_faults(
	    "{\"name\":\"n\",\"lines\":[{\"sku\":\"a\"},{\"sku\":\"a\"}],\"extra\":{\"a\":{\"a\":1},\"b\":{\"a\":1}}}",
	    "");
}

static void
what_is_no_object_is_no_input(void **state)
{
	static const char *const refused[] = { " ", "[]", "\"a\"", "1", "null", "true", "{", "{}}", "{} {}", "{}x",
		"[{}]" };

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_refused(refused[i], BAD_REQUEST);
}

static void
no_json_beats_every_other_fault(void **state)
{
	(void)state;
	assert_refused("{\"unknown\":1,\"number\":\"x\",}", BAD_REQUEST);
	assert_refused("{\"unknown\":\"\\ud800\"}", BAD_REQUEST);
	assert_refused("{\"unknown\":1}garbage", BAD_REQUEST);
}

/* {"extra":{"a":{"a": … }}} with this many levels in all. */
static struct text
nested(size_t levels)
{
	struct buffer out = buffer_new(call.arena, 100);

	buffer_add_string(&out, "{\"name\":\"n\",\"extra\":");
	for (size_t i = 1; i < levels; i++)
		buffer_add_string(&out, "{\"a\":");
	buffer_add_char(&out, '1');
	for (size_t i = 0; i < levels; i++)
		buffer_add_char(&out, '}');
	return buffer_text(&out);
}

static void
thirty_two_levels_are_taken_and_no_more(void **state)
{
	struct sample sample = { 0 };

	(void)state;
	assert_null(json_read(&call, nested(32), &sample_shape, &sample));
	assert_int_equal(json_read(&call, nested(33), &sample_shape, &sample)->kind, BAD_REQUEST);
	assert_int_equal(json_read(&call, nested(5000), &sample_shape, &sample)->kind, BAD_REQUEST);
	assert_false(json_is_object(call.arena, nested(33)));
	assert_true(json_is_object(call.arena, nested(32)));
}

/* {"m0":0,"m1":0, … } */
static struct text
wide(size_t members)
{
	struct buffer out = buffer_new(call.arena, 100);

	for (size_t i = 0; i < members; i++)
		buffer_format(&out, "%c\"m%zu\":0", i == 0 ? '{' : ',', i);
	buffer_add_char(&out, '}');
	return buffer_text(&out);
}

static void
an_undeclared_object_has_256_members_at_most(void **state)
{
	int64_t before = clock_monotonic_microseconds();

	(void)state;
	arena_reset(call.arena);
	assert_true(json_is_object(call.arena, wide(256)));
	assert_false(json_is_object(call.arena, wide(257)));
	assert_false(json_is_object(call.arena, wide(80000)));
	assert_refused(wide(257).at, BAD_REQUEST);
	assert_true(clock_monotonic_microseconds() - before < 2000000);
}

static void
faults_and_items_are_bounded(void **state)
{
	struct buffer body;
	struct sample sample = { 0 };
	const struct problem *p;
	size_t count = 0;

	(void)state;
	arena_reset(call.arena);
	body = buffer_new(call.arena, 100);
	buffer_add_string(&body, "{\"lines\":[{}");
	for (int i = 0; i < 100000; i++)
		buffer_add_string(&body, ",{}");
	buffer_add_string(&body, "]}");
	p = json_read(&call, buffer_text(&body), &sample_shape, &sample);
	assert_int_equal(p->kind, INVALID);
	for (const struct fault *fault = p->faults; fault != NULL; fault = fault->next)
		count++;
	assert_int_equal(count, FAULTS_MAX);
	assert_true(sample.lines.count <= FAULTS_MAX + 1);
}

static void
a_list_over_its_limit_is_counted_but_not_kept(void **state)
{
	struct buffer body;
	struct sample sample = { 0 };
	const struct problem *p;

	(void)state;
	arena_reset(call.arena);
	body = buffer_new(call.arena, 100);
	buffer_add_string(&body, "{\"name\":\"n\",\"tags\":[\"\"");
	for (int i = 0; i < 5000; i++)
		buffer_add_string(&body, ",\"\"");
	buffer_add_string(&body, "]}");
	p = json_read(&call, buffer_text(&body), &sample_shape, &sample);
	assert_int_equal(p->kind, INVALID);
	assert_string_equal(p->faults->code, "too_many");
	assert_string_equal(p->faults->pointer, "/tags");
	assert_int_equal(sample.tags.count, 1000);
}

static void
a_very_long_name_is_cut_in_its_pointer(void **state)
{
	struct buffer body;
	struct sample_place place = { 0 };
	const struct problem *p;

	(void)state;
	arena_reset(call.arena);
	body = buffer_new(call.arena, 100);
	buffer_add_string(&body, "{\"a");
	for (int i = 0; i < 10000; i++)
		buffer_add_string(&body, "é");
	buffer_add_string(&body, "\":1,\"streets\":[]}");
	p = json_read(&call, buffer_text(&body), &sample_place_shape, &place);
	assert_true(strlen(p->faults->pointer) < 300);
	assert_true(utf8_valid(p->faults->pointer, strlen(p->faults->pointer)));
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static const char *
written(const struct shape *shape, const void *from)
{
	struct buffer out = buffer_new(call.arena, 16);

	json_write(&out, shape, from);
	if (!json_is_object(call.arena, buffer_text(&out)))
		fail_msg("%s is no JSON", out.at);
	return out.at;
}

static void
what_was_read_is_written_alike(void **state)
{
	static const char body[] =
	    "{\"name\":\"né\",\"colour\":\"red\",\"even\":\"\",\"number\":1000,\"limit\":0,\"flag\":false,"
	    "\"id\":\"01ARYZ6S410000000000000000\",\"at\":\"2026-11-22T06:12:32.000001Z\",\"credits\":5,"
	    "\"theAmount\":\"12.34\",\"rate\":-0.50,\"currency\":\"AUD\",\"quantity\":\"2.5\","
	    "\"digest\":\"00000000000000000000000000000000000000000000000000000000000000ff\","
	    "\"extra\":{\"a b\":[1,{},\"\\\" \\\\\"]},\"tags\":[\"x\",\"\"],"
	    "\"lines\":[{\"sku\":\"a\",\"quantity\":2,\"note\":null}],\"place\":{\"city\":null,\"streets\":[]}}";
	struct sample sample;

	(void)state;
	assert_accepted(body, &sample);
	assert_string_equal(written(&sample_shape, &sample), body);
}

static void
what_is_absent_is_written_as_null(void **state)
{
	struct sample sample = { .name = TEXT(""), .extra = { "{ \"a\\\" \" :\n[ 1 ]\t}", 18 } };

	(void)state;
	assert_string_equal(written(&sample_shape, &sample),
	    "{\"name\":\"\",\"colour\":null,\"even\":null,\"number\":0,\"limit\":null,\"flag\":null,\"id\":null,\"at\":"
	    "null,"
	    "\"credits\":null,\"theAmount\":null,\"rate\":null,\"currency\":null,\"quantity\":null,"
	    "\"digest\":\"0000000000000000000000000000000000000000000000000000000000000000\","
	    "\"extra\":{\"a\\\" \":[1]},\"tags\":[],\"lines\":[],\"place\":null}");
}

static void
every_byte_of_a_text_makes_valid_json(void **state)
{
	struct buffer out;
	char bytes[256];

	(void)state;
	arena_reset(call.arena);
	out = buffer_new(call.arena, 16);
	json_write_text(&out, TEXT("\"\\/\b\f\n\r\t\x01\x1f\x7f é\xE2\x80\xA8😀\xC3(\xED\xA0\x80"));
	assert_string_equal(
	    out.at, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f é\xE2\x80\xA8😀\uFFFD(\uFFFD\uFFFD\uFFFD\"");
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	out = buffer_new(call.arena, 16);
	buffer_add_string(&out, "{\"a\":");
	json_write_text(&out, (struct text){ bytes + 1, sizeof(bytes) - 1 });
	buffer_add_char(&out, '}');
	assert_true(json_is_object(call.arena, buffer_text(&out)));
}

static void
a_shape_without_members_is_an_empty_object(void **state)
{
	static const struct shape nothing = { .name = "nothing", .size = 1 };

	(void)state;
	assert_string_equal(written(&nothing, ""), "{}");
}

/* ---- digest ---------------------------------------------------------------------------------------------------- */

static bool
same_digest(const char *left, const char *right)
{
	struct digest a, b;

	arena_reset(call.arena);
	a = json_digest(&call, text_from(left));
	b = json_digest(&call, text_from(right));
	assert_int_equal(arena_used(call.arena), 0);
	return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

static void
spelling_and_order_do_not_change_the_digest(void **state)
{
	(void)state;
	assert_true(same_digest("", "{ }"));
	assert_true(same_digest("{\"a\":1,\"b\":[true,null]}", " { \"b\" : [ true , null ] ,\n\"\\u0061\" : 1 } "));
	assert_true(same_digest(
	    "{\"a\":{\"z\":\"\\u00e9\\/\",\"y\":{}},\"aa\":2}", "{\"aa\":2,\"a\":{\"y\":{},\"z\":\"é/\"}}"));
	assert_true(same_digest("{\"a\":\"\\n\\u000a\\ud83d\\ude00\"}", "{\"a\":\"\\u000A\\n😀\"}"));
}

static void
every_other_difference_changes_the_digest(void **state)
{
	static const char *const bodies[] = { "{}", "{\"a\":1}", "{\"a\":1.0}", "{\"a\":10e-1}", "{\"a\":\"1\"}",
		"{\"a\":[1]}", "{\"a\":[1,2]}", "{\"a\":[2,1]}", "{\"a\":[12]}", "{\"a\":[[1],2]}", "{\"a\":[[1,2]]}",
		"{\"a\":null}", "{\"a\":false}", "{\"a\":{}}", "{\"a\":[]}", "{\"a\":[{}]}", "{\"a\":[{},{}]}",
		"{\"b\":1}", "{\"A\":1}", "{\"a\":1,\"b\":1}", "{\"a\":{\"b\":1}}", "{\"a\":\"a\\u0001\"}",
		"{\"a\":\"a\\\\u0001\"}", "{\"\":1}" };

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++)
		for (size_t j = 0; j < i; j++)
			assert_false(same_digest(bodies[i], bodies[j]));
}

/* ---- parameters ------------------------------------------------------------------------------------------------ */

static const struct fault *
read_parameter(const char *name, const char *value, struct sample *sample)
{
	const struct fault *faults = NULL;

	memset(sample, 0, sizeof(*sample));
	for (size_t i = 0; i < sample_shape.count; i++) {
		if (text_is(text_from(name), sample_fields[i].name))
			json_read_parameter(&call, &sample_shape, &sample_fields[i], text_from(value), sample, &faults);
	}
	return faults;
}

static void
parameters_are_read_by_the_rules_of_their_rows(void **state)
{
	static const char *const taken[][2] = { { "number", "7" }, { "flag", "false" }, { "name", "abc" },
		{ "even", "" }, { "id", "01ARYZ6S410000000000000000" }, { "at", "2026-11-22T06:12:32Z" },
		{ "credits", "5" }, { "theAmount", "1.5" }, { "rate", "1.5" }, { "currency", "AUD" } };
	static const char *const refused[][3] = { { "number", "", "wrong_type" }, { "number", "x", "wrong_type" },
		{ "number", "1.0", "wrong_type" }, { "number", "0", "out_of_range" },
		{ "limit", "9223372036854775808", "out_of_range" }, { "flag", "1", "wrong_type" },
		{ "flag", "", "wrong_type" }, { "name", "", "too_short" }, { "colour", "blue", "not_allowed" },
		{ "id", "x", "bad_format" }, { "tags", "x", "wrong_type" }, { "lines", "[]", "wrong_type" },
		{ "place", "{}", "wrong_type" }, { "extra", "{}", "wrong_type" } };
	struct sample sample;

	(void)state;
	for (size_t i = 0; i < COUNT(taken); i++)
		assert_null(read_parameter(taken[i][0], taken[i][1], &sample));
	for (size_t i = 0; i < COUNT(refused); i++) {
		const struct fault *fault = read_parameter(refused[i][0], refused[i][1], &sample);

		assert_non_null(fault);
		assert_string_equal(fault->code, refused[i][2]);
		assert_string_equal(fault->pointer + 1, refused[i][0]);
		assert_true(fault->in_query);
	}
	assert_null(read_parameter("flag", "true", &sample));
	assert_true(sample.flag.given && sample.flag.value);
}

static void
missing_parameters_are_told_and_standards_taken(void **state)
{
	bool seen[COUNT(sample_fields)] = { false };
	struct sample sample = { 0 };
	const struct fault *faults = NULL;
	const struct problem *p;

	(void)state;
	json_read_parameter(&call, &sample_shape, &sample_fields[4], TEXT("x"), &sample, &faults);
	seen[4] = true;
	json_finish_parameters(&call, &sample_shape, &sample, seen, &faults);
	p = json_faults(&call, faults);
	assert_int_equal(sample.number, 50);
	assert_int_equal(p->kind, INVALID);
	assert_string_equal(p->faults->pointer, "/limit");
	assert_string_equal(p->faults->next->code, "missing");
	assert_string_equal(p->faults->next->pointer, "/name");
	assert_null(p->faults->next->next);
	assert_null(json_faults(&call, NULL));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("every kind is read", every_kind_is_read),
		PROVES("what is absent or null takes its standard", what_is_absent_or_null_takes_its_standard),
		PROVES("every fault is told at once and in order", every_fault_is_told_at_once_and_in_order),
		PROVES("only integer tokens are integers", only_integer_tokens_are_integers),
		PROVES("texts are held to their rules", texts_are_held_to_their_rules),
		PROVES("hidden members are unknown", hidden_members_are_unknown),
		PROVES("the free form ignores what it does not know", the_free_form_ignores_what_it_does_not_know),
		PROVES("a name that stands twice is no JSON", a_name_that_stands_twice_is_no_json),
		PROVES("what is no object is no input", what_is_no_object_is_no_input),
		PROVES("no JSON beats every other fault", no_json_beats_every_other_fault),
		PROVES("32 levels are taken and no more", thirty_two_levels_are_taken_and_no_more),
		PROVES("an undeclared object has 256 members at most", an_undeclared_object_has_256_members_at_most),
		PROVES("faults and items are bounded", faults_and_items_are_bounded),
		PROVES("a list over its limit is counted but not kept", a_list_over_its_limit_is_counted_but_not_kept),
		PROVES("a very long name is cut in its pointer", a_very_long_name_is_cut_in_its_pointer),
		PROVES("what was read is written alike", what_was_read_is_written_alike),
		PROVES("what is absent is written as null", what_is_absent_is_written_as_null),
		PROVES("every byte of a text makes valid JSON", every_byte_of_a_text_makes_valid_json),
		PROVES("a shape without members is an empty object", a_shape_without_members_is_an_empty_object),
		PROVES("spelling and order do not change the digest", spelling_and_order_do_not_change_the_digest),
		PROVES("every other difference changes the digest", every_other_difference_changes_the_digest),
		PROVES(
		    "parameters are read by the rules of their rows", parameters_are_read_by_the_rules_of_their_rows),
		PROVES(
		    "missing parameters are told and standards taken", missing_parameters_are_told_and_standards_taken),
	};
	int failed;

	call.arena = arena_new(64 << 20);
	failed = RUN(tests);
	arena_free(call.arena);
	return failed;
}
