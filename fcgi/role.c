/*
 * Roles and their scopes, in the words that a key's row would hold.
 */
#include "role.h"

#include "scope.h"
#include "text.h"

#define EVERYTHING                                                                                               \
	"organizations:* members:* billing:* orders:* usage:* api_keys:* event_subscriptions:* notifications:* " \
	"audit:*"

static const struct {
	const char *name;
	const char *scopes;
} roles[ROLE_COUNT] = {
	[ROLE_NONE] = { "none", "" },
	[ROLE_VIEWER] = { "viewer", "*:read notifications:*" },
	[ROLE_MEMBER] = { "member", "organizations:read members:read orders:* usage:* billing:read notifications:*" },
	[ROLE_BILLING] = { "billing",
	    "billing:* orders:read usage:read organizations:read members:read notifications:*" },
	[ROLE_ADMIN] = { "admin", EVERYTHING },
	[ROLE_OWNER] = { "owner", EVERYTHING },
};

const char *const role_names[] = { "owner", "admin", "billing", "member", "viewer", NULL };

const char *
role_name(enum role role)
{
	return roles[role].name;
}

enum role
role_named(struct text name)
{
	for (enum role role = ROLE_VIEWER; role < ROLE_COUNT; role++)
		if (text_is(name, roles[role].name))
			return role;
	return ROLE_NONE;
}

uint64_t
role_scopes(enum role role)
{
	return scope_set_of_list(text_from(roles[role].scopes));
}
