/*
 * Roles: their names, and exactly what each may do.
 */
#include <string.h>

#include "role.h"
#include "scope.h"
#include "text.h"
#include "unit.h"

static uint64_t
set_of(const char *names)
{
	return scope_set_of_list(text_from(names));
}

static void
every_role_is_found_by_its_name(void **state)
{
	(void)state;
	for (enum role role = ROLE_VIEWER; role < ROLE_COUNT; role++)
		assert_int_equal(role_named(text_from(role_name(role))), role);
	assert_string_equal(role_name(ROLE_NONE), "none");
}

static void
what_is_no_role_is_none(void **state)
{
	static const char *const refused[] = { "", "none", "Owner", "owner ", " owner", "own", "owners", "operator" };

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_int_equal(role_named(text_from(refused[i])), ROLE_NONE);
}

static void
the_list_names_every_role_once_the_highest_first(void **state)
{
	size_t count = 0;

	(void)state;
	while (role_names[count] != NULL)
		count++;
	assert_int_equal(count, ROLE_COUNT - 1);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(role_named(text_from(role_names[i])), ROLE_OWNER - (enum role)i);
}

static void
owners_and_admins_may_do_all_that_a_customer_may(void **state)
{
	uint64_t all = 0;

	(void)state;
	for (enum scope scope = 0; scope < SCOPE_COUNT; scope++)
		if (!scope_is_admin(scope))
			all |= scope_bit(scope);
	assert_int_equal(role_scopes(ROLE_OWNER), all);
	assert_int_equal(role_scopes(ROLE_ADMIN), all);
}

static void
the_others_may_do_their_share(void **state)
{
	(void)state;
	assert_int_equal(role_scopes(ROLE_BILLING),
	    set_of("billing:read billing:write orders:read usage:read organizations:read members:read "
		   "notifications:read notifications:write"));
	assert_int_equal(role_scopes(ROLE_MEMBER),
	    set_of("organizations:read members:read orders:read orders:write usage:read usage:write billing:read "
		   "notifications:read notifications:write"));
	assert_int_equal(role_scopes(ROLE_VIEWER), set_of("*:read notifications:write"));
	assert_int_equal(role_scopes(ROLE_NONE), 0);
}

static void
no_role_reaches_the_operators_deeds(void **state)
{
	(void)state;
	for (enum role role = ROLE_NONE; role < ROLE_COUNT; role++)
		assert_int_equal(role_scopes(role) & (scope_bit(ADMIN_READ) | scope_bit(ADMIN_WRITE)), 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("every role is found by its name", every_role_is_found_by_its_name),
		PROVES("what is no role is none", what_is_no_role_is_none),
		PROVES("the list names every role once, the highest first",
		    the_list_names_every_role_once_the_highest_first),
		PROVES("owners and admins may do all that a customer may",
		    owners_and_admins_may_do_all_that_a_customer_may),
		PROVES("the others may do their share", the_others_may_do_their_share),
		PROVES("no role reaches the operator's deeds", no_role_reaches_the_operators_deeds),
	};

	return RUN(tests);
}
