/*
 * Any method, path and query: `METHOD path?query`, a line end, and what follows is the body, JSON or a form. Finding
 * the operation and reading its input answers it or a problem; percent codes survive a round trip.
 */
#include "t/fuzz/fuzz.h"

#include "call.h"
#include "input.h"
#include "json.h"
#include "media.h"
#include "route.h"
#include "t/unit/json_shapes.h"

HANDLER(get_sample, sample, sample_place)

static const struct operation get_operation = {
	.id = "samples.get",
	.effect = READS,
	.summary = "Read a sample.",
	.run = &get_sample_run,
	.rest = { { .method = METHOD_GET, .path = "/samples/{id}" }, { .method = METHOD_GET, .path = "/samples" } },
};

static const struct operation set_operation = {
	.id = "samples.place.set",
	.kind = WRITE,
	.effect = COMPUTES,
	.summary = "Set a sample.",
	.run = &get_sample_run,
	.rest = { { .method = METHOD_PUT, .path = "/v1/samples/{id}/place" } },
};

static const struct operation send_operation = {
	.id = "samples.send",
	.kind = WRITE,
	.effect = COMPUTES,
	.oauth = true,
	.summary = "Send a sample as a form.",
	.run = &get_sample_run,
};

static const struct resource samples = {
	.name = "samples",
	.summary = "Samples.",
	.operations = LIST_OF(operation, &get_operation, &set_operation, &send_operation),
};

const struct resource *const resources[] = { &samples, NULL };

static const struct problem *
get_sample(struct call *call, const struct sample *in, struct sample_place *out)
{
	(void)in;
	(void)out;
	return fail(call, NOT_FOUND, "There is none.");
}

static struct call call;

/* Cuts off what stands before the first of the character, which is dropped; all where there is none. */
static struct text
cut(struct text *rest, char at)
{
	const char *found = rest->length == 0 ? NULL : memchr(rest->at, at, rest->length);
	size_t length = found == NULL ? rest->length : (size_t)(found - rest->at);
	struct text before = arena_text(call.arena, rest->at, length);

	length += found != NULL;
	*rest = (struct text){ rest->at + length, rest->length - length };
	return before;
}

static void
check_percent_codes(struct text coded, bool form)
{
	struct buffer again = buffer_new(call.arena, 100);
	struct text plain, second;

	if (!percent_decode(call.arena, coded, form, &plain))
		return;
	MUST(utf8_valid(plain.at, plain.length) && memchr(plain.at, '\0', plain.length + 1) == plain.at + plain.length);
	percent_encode(&again, plain);
	MUST(percent_decode(call.arena, buffer_text(&again), form, &second) && text_equal(plain, second));
}

static void
check_request(void)
{
	const struct problem *problem = route(&call);
	struct buffer out = buffer_new(call.arena, 1000);

	if (problem == NULL && call.operation != NULL) {
		MUST(route_index(call.operation) >= 0);
		call.request.content_type = call.operation->oauth ? TEXT(MEDIA_FORM) : TEXT(MEDIA_JSON);
		problem = input_read(&call);
		MUST(problem == NULL || !call.operation->oauth || problem->kind == BAD_REQUEST);
	}
	if (problem == NULL)
		return;
	MUST(problem_facts[problem->kind].status >= 400 && problem_facts[problem->kind].status < 500);
	json_write_problem(&out, problem, "request-1");
	MUST(json_is_object(call.arena, buffer_text(&out)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena *arena;
	struct text rest = { (const char *)data, size }, target;

	if (arena == NULL) {
		arena = arena_new(FUZZ_MEMORY);
		MUST(route_build(stderr) == 0);
	}
	arena_reset(arena);
	call = (struct call){ .arena = arena };
	if (size > 0 && memchr(data, '\0', size) != NULL)
		return 0; /* FastCGI parameters are handed on as C strings */
	call.request.method_name = cut(&rest, ' ');
	call.request.head = text_is(call.request.method_name, "HEAD");
	target = cut(&rest, '\n');
	call.request.path = cut(&target, '?');
	call.request.query = arena_text(arena, target.at, target.length);
	call.request.body = arena_text(arena, rest.at, rest.length);
	check_percent_codes(call.request.path, false);
	check_percent_codes(call.request.query, true);
	check_request();
	return 0;
}
