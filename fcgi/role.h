/*
 * The roles of an organization's members, and the scopes each gives. Source: 1-wire "What they may do".
 */
#ifndef PURSER_ROLE_H
#define PURSER_ROLE_H

#include <stdint.h>

#include "value.h"

enum role { ROLE_NONE, ROLE_VIEWER, ROLE_MEMBER, ROLE_BILLING, ROLE_ADMIN, ROLE_OWNER, ROLE_COUNT };

/* A set of roles, for operation.roles. */
#define ROLE_BIT(role) (1u << (role))

/* The names of the roles that a member can have, the highest first; ends with NULL. For ONE_OF. */
extern const char *const role_names[];

const char *role_name(enum role role);     /* "none" for ROLE_NONE */
enum role role_named(struct text name);    /* ROLE_NONE where there is none of that name */
uint64_t role_scopes(enum role role);      /* bits of scope.h */

#endif
