/*
 * Scopes by name, and what a wildcard stands for.
 */
#include "scope.h"

#include "text.h"

static const char *const wire_names[] = {
#define SCOPE(name, wire) [name] = wire,
	SCOPES(SCOPE)
#undef SCOPE
	    [PUBLIC] = "PUBLIC",
	[SIGNED_IN] = "SIGNED_IN",
	[ANY_TOKEN] = "ANY_TOKEN",
};

const char *
scope_name(enum scope scope)
{
	return wire_names[scope];
}

/* `resource:*`; admin:* is named by itself here, not covered by another name. */
static bool
is_every_action(struct text name, struct text scope)
{
	if (name.length < 3 || name.at[name.length - 1] != '*' || name.at[name.length - 2] != ':')
		return false;
	name.length--;
	return scope.length > name.length && text_equal(name, (struct text){ scope.at, name.length });
}

static bool
is_read_everywhere(struct text name, struct text scope)
{
	struct text action = TEXT(":read");

	return text_is(name, "*:read") && scope.length > action.length &&
	       text_equal(action, (struct text){ scope.at + scope.length - action.length, action.length });
}

uint64_t
scope_set(struct text name)
{
	uint64_t set = 0;

	for (enum scope scope = 0; scope < SCOPE_COUNT; scope++) {
		struct text wire = text_from(wire_names[scope]);

		if (text_equal(name, wire) || is_every_action(name, wire) ||
		    (is_read_everywhere(name, wire) && !scope_is_admin(scope)))
			set |= scope_bit(scope);
	}
	return set;
}

size_t
scope_names(uint64_t set, struct text *names)
{
	size_t count = 0;

	for (enum scope scope = 0; scope < SCOPE_COUNT; scope++)
		if ((set & scope_bit(scope)) != 0)
			names[count++] = text_from(wire_names[scope]);
	return count;
}

uint64_t
scope_set_of_list(struct text names)
{
	uint64_t set = 0;
	size_t start = 0;

	for (size_t i = 0; i <= names.length; i++) {
		if (i < names.length && names.at[i] != ' ')
			continue;
		if (i > start)
			set |= scope_set((struct text){ names.at + start, i - start });
		start = i + 1;
	}
	return set;
}
