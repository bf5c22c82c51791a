/*
 * Any bytes as a body against a shape with every kind of member. What is taken can be written, and what was written
 * says the same when it is read again; what is refused makes a valid problem document.
 */
#include "t/fuzz/fuzz.h"

#include "call.h"
#include "json.h"
#include "t/unit/json_shapes.h"

static struct call call;

static void
check_problem(const struct problem *problem)
{
	struct buffer out = buffer_new(call.arena, 1000);

	MUST(problem->kind == BAD_REQUEST || problem->kind == INVALID);
	MUST((problem->kind == INVALID) == (problem->faults != NULL));
	json_write_problem(&out, problem, "request-1");
	MUST(json_is_object(call.arena, buffer_text(&out)));
}

static struct text
write_sample(const struct sample *sample)
{
	struct buffer out = buffer_new(call.arena, 1000);

	json_write(&out, &sample_shape, sample);
	return buffer_text(&out);
}

static void
check_sample(const struct sample *sample, struct text body)
{
	struct text first = write_sample(sample), second;
	struct sample again = { .number = 0 };
	struct digest digest = json_digest(&call, body);

	MUST(memcmp(&digest, &(struct digest){ { 0 } }, sizeof(digest)) != 0);
	MUST(json_read(&call, first, &sample_shape, &again) == NULL);
	second = write_sample(&again);
	MUST(text_equal(first, second));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sample sample = { .number = 0 };
	const struct problem *problem;
	struct text body;

	if (call.arena == NULL)
		call.arena = arena_new(FUZZ_MEMORY);
	arena_reset(call.arena);
	body = arena_text(call.arena, (const char *)data, size);
	problem = json_read(&call, body, &sample_shape, &sample);
	MUST(problem != NULL || size == 0 || json_is_object(call.arena, body));
	if (problem != NULL)
		check_problem(problem);
	else
		check_sample(&sample, body);
	return 0;
}
