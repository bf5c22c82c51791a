/*
 * Scopes: names, and what wildcards cover.
 */
#include <string.h>

#include "scope.h"
#include "text.h"
#include "unit.h"

static const uint64_t admin = UINT64_C(1) << ADMIN_READ | UINT64_C(1) << ADMIN_WRITE;

static void
every_scope_is_found_by_its_name(void **state)
{
	(void)state;
	for (enum scope scope = 0; scope < SCOPE_COUNT; scope++)
		assert_int_equal(scope_set(text_from(scope_name(scope))), scope_bit(scope));
	assert_string_equal(scope_name(PUBLIC), "PUBLIC");
	assert_string_equal(scope_name(SIGNED_IN), "SIGNED_IN");
	assert_string_equal(scope_name(ANY_TOKEN), "ANY_TOKEN");
}

static void
a_resource_wildcard_covers_its_resource_alone(void **state)
{
	(void)state;
	assert_int_equal(scope_set(TEXT("billing:*")), scope_bit(BILLING_READ) | scope_bit(BILLING_WRITE));
	assert_int_equal(scope_set(TEXT("audit:*")), scope_bit(AUDIT_READ));
	assert_int_equal(scope_set(TEXT("admin:*")), admin);
}

static void
reading_everywhere_does_not_cover_admin(void **state)
{
	uint64_t set = scope_set(TEXT("*:read"));

	(void)state;
	assert_int_equal(set & admin, 0);
	for (enum scope scope = 0; scope < SCOPE_COUNT; scope++) {
		bool reads = strstr(scope_name(scope), ":read") != NULL && !scope_is_admin(scope);

		assert_int_equal((set & scope_bit(scope)) != 0, reads);
	}
}

static void
what_is_no_scope_stands_for_nothing(void **state)
{
	static const char *const refused[] = { "", "*", ":", "*:*", "*:write", ":*", "billing", "billing:", "billing:r",
		"billing:**", "bill*:read", "Billing:read", "billing:read ", "PUBLIC", "SIGNED_IN", "ANY_TOKEN", "b*",
		"nothing:*" };

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++)
		assert_int_equal(scope_set(text_from(refused[i])), 0);
}

static void
a_list_is_the_union_of_its_names(void **state)
{
	(void)state;
	assert_int_equal(scope_set_of_list(TEXT("")), 0);
	assert_int_equal(scope_set_of_list(TEXT("  orders:read   unheard:of audit:read ")),
	    scope_bit(ORDERS_READ) | scope_bit(AUDIT_READ));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		PROVES("every scope is found by its name", every_scope_is_found_by_its_name),
		PROVES(
		    "a resource's wildcard covers its resource alone", a_resource_wildcard_covers_its_resource_alone),
		PROVES("reading everywhere does not cover admin", reading_everywhere_does_not_cover_admin),
		PROVES("what is no scope stands for nothing", what_is_no_scope_stands_for_nothing),
		PROVES("a list is the union of its names", a_list_is_the_union_of_its_names),
	};

	return RUN(tests);
}
