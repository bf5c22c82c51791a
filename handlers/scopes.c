/*
 * Sets of scopes and their names.
 */
#include "scopes.h"

#include "text.h"

struct text
scopes_text(struct call *call, uint64_t set)
{
	struct text names[SCOPE_COUNT];
	size_t count = scope_names(set, names);
	struct buffer joined = buffer_new(call->arena, 64);

	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buffer_add_char(&joined, ' ');
		buffer_add_text(&joined, names[i]);
	}
	return buffer_text(&joined);
}

uint64_t
scopes_left(uint64_t held, struct maybe_text stored)
{
	return stored.at == NULL ? held : held & scope_set_of_list((struct text){ stored.at, stored.length });
}

/* Takes the first name off the text; an empty one at its end. */
static struct text
next_name(struct text *names)
{
	struct text name;

	while (names->length > 0 && *names->at == ' ')
		*names = (struct text){ names->at + 1, names->length - 1 };
	name = (struct text){ names->at, 0 };
	while (name.length < names->length && name.at[name.length] != ' ')
		name.length++;
	*names = (struct text){ names->at + name.length, names->length - name.length };
	return name;
}

const struct problem *
scopes_narrow(struct call *call, struct maybe_text wanted, uint64_t held, struct maybe_text *stored)
{
	struct text names = { wanted.at, wanted.length }, name;
	uint64_t narrowed = 0;

	*stored = (struct maybe_text){ NULL, 0 };
	if (wanted.at == NULL)
		return NULL;
	while ((name = next_name(&names)).length > 0) {
		uint64_t set = scope_set(name);

		if (set == 0)
			return fail(call, INVALID_SCOPE, "One of the scopes is unknown.");
		if ((set & ~held) != 0)
			return fail(call, INVALID_SCOPE, "Not all of the scope %s can be given.",
			    arena_text(call->arena, name.at, name.length).at);
		narrowed |= set;
	}
	if (narrowed == 0)
		return fail(call, INVALID_SCOPE, "No scope is named.");
	*stored = text_given(scopes_text(call, narrowed));
	return NULL;
}
