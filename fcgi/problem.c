/*
 * Making problems. Each is new memory of the call's arena, so that members can be added to a copy and none is shared.
 */
#include "problem.h"

#include "call.h"

const struct problem_kind_facts problem_facts[PROBLEM_KINDS] = {
	[NO_PROBLEM] = { 0, "none", "No problem", "" },
#define PROBLEM(kind, status, code, title, remedy) [kind] = { status, code, title, remedy },
	PROBLEMS(PROBLEM)
#undef PROBLEM
	    [RERUN] = { 0, "rerun", "The transaction was undone", "" },
};

static struct problem *
make(struct call *call, enum problem_kind kind, const char *sentence, va_list args)
{
	struct problem *p = arena_take(call->arena, sizeof(*p));

	p->kind = kind;
	p->detail = arena_vformat(call->arena, sentence, args).at;
	return p;
}

const struct problem *
fail(struct call *call, enum problem_kind kind, const char *sentence, ...)
{
	va_list args;
	struct problem *p;

	va_start(args, sentence);
	p = make(call, kind, sentence, args);
	va_end(args);
	return p;
}

const struct problem *
fail_retry(struct call *call, enum problem_kind kind, int seconds, const char *sentence, ...)
{
	va_list args;
	struct problem *p;

	va_start(args, sentence);
	p = make(call, kind, sentence, args);
	va_end(args);
	p->retry_after_seconds = seconds;
	return p;
}

const struct problem *
fail_field(struct call *call, const char *pointer, const char *code, const char *sentence, ...)
{
	struct fault *fault = arena_take(call->arena, sizeof(*fault));
	va_list args;
	struct problem *p;

	va_start(args, sentence);
	p = make(call, INVALID, sentence, args);
	va_end(args);
	*fault = (struct fault){ .pointer = pointer, .code = code, .detail = p->detail };
	p->faults = fault;
	return p;
}

static const struct problem *
with_member(struct call *call, const struct problem *p, struct problem_member member)
{
	struct problem_member *added = arena_take(call->arena, sizeof(*added));
	struct problem *copy = arena_take(call->arena, sizeof(*copy));

	*copy = *p;
	*added = member;
	added->next = p->members;
	copy->members = added;
	return copy;
}

const struct problem *
problem_with_number(struct call *call, const struct problem *p, const char *name, int64_t number)
{
	return with_member(call, p, (struct problem_member){ .name = name, .number = number });
}

const struct problem *
problem_with_text(struct call *call, const struct problem *p, const char *name, const char *text)
{
	return with_member(call, p, (struct problem_member){ .name = name, .text = text });
}

const struct problem *
problem_kept(struct call *call, const struct problem *p)
{
	struct problem *copy = arena_take(call->arena, sizeof(*copy));

	*copy = *p;
	copy->kept = true;
	return copy;
}

const struct problem *
fail_internal(struct call *call, const char *what, ...)
{
	va_list args;

	va_start(args, what);
	call->internal = arena_vformat(call->arena, what, args).at;
	va_end(args);
	return fail(call, INTERNAL, "The request failed on our side; nothing more is told here than its request id.");
}
