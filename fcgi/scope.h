/*
 * The scopes of the wire, once. A caller's scopes are a set of bits; a key's row holds their names, wildcards included,
 * so that a scope added later is covered by the wildcards given before.
 */
#ifndef PURSER_SCOPE_H
#define PURSER_SCOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "value.h"

#define SCOPES(SCOPE)                                                                                                  \
	SCOPE(ORGANIZATIONS_READ, "organizations:read")                                                                \
	SCOPE(ORGANIZATIONS_WRITE, "organizations:write")                                                              \
	SCOPE(MEMBERS_READ, "members:read")                                                                            \
	SCOPE(MEMBERS_WRITE, "members:write")                                                                          \
	SCOPE(BILLING_READ, "billing:read")                                                                            \
	SCOPE(BILLING_WRITE, "billing:write")                                                                          \
	SCOPE(ORDERS_READ, "orders:read")                                                                              \
	SCOPE(ORDERS_WRITE, "orders:write")                                                                            \
	SCOPE(USAGE_READ, "usage:read")                                                                                \
	SCOPE(USAGE_WRITE, "usage:write")                                                                              \
	SCOPE(API_KEYS_READ, "api_keys:read")                                                                          \
	SCOPE(API_KEYS_WRITE, "api_keys:write")                                                                        \
	SCOPE(EVENT_SUBSCRIPTIONS_READ, "event_subscriptions:read")                                                    \
	SCOPE(EVENT_SUBSCRIPTIONS_WRITE, "event_subscriptions:write")                                                  \
	SCOPE(NOTIFICATIONS_READ, "notifications:read")                                                                \
	SCOPE(NOTIFICATIONS_WRITE, "notifications:write")                                                              \
	SCOPE(AUDIT_READ, "audit:read")                                                                                \
	SCOPE(ADMIN_READ, "admin:read")                                                                                \
	SCOPE(ADMIN_WRITE, "admin:write")

enum scope {
#define SCOPE(name, wire) name,
	SCOPES(SCOPE)
#undef SCOPE
	SCOPE_COUNT,
	PUBLIC,    /* no token is looked at */
	SIGNED_IN, /* any person's session */
	ANY_TOKEN, /* any token that is accepted */
};

/* The wire's name of a scope; "PUBLIC", "SIGNED_IN" and "ANY_TOKEN" for those that are none. */
const char *scope_name(enum scope scope);

/* The scopes that one name or wildcard (`billing:read`, `billing:*`, `*:read`) stands for; 0 if there is no such name.
 * A wildcard over resources never covers `admin`. */
uint64_t scope_set(struct text name);

/* The names of a set's scopes, without wildcards, in the order above. `names` holds SCOPE_COUNT; answers how many. */
size_t scope_names(uint64_t set, struct text *names);

/* The union over names separated by blanks, as a key's row holds them. Unknown names count for nothing. */
uint64_t scope_set_of_list(struct text names);

static inline uint64_t
scope_bit(enum scope scope)
{
	return UINT64_C(1) << scope;
}

static inline bool
scope_is_admin(enum scope scope)
{
	return scope == ADMIN_READ || scope == ADMIN_WRITE;
}

#endif
