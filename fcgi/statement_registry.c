/*
 * Which statements there are: all of the machinery and of the product, made known once at start.
 */
#include <stdlib.h>
#include <string.h>

#include "authenticate.h"
#include "keeper.h"
#include "lease.h"
#include "preflight.h"
#include "statement_plan.h"
#include "transaction.h"
#include "two_step_parts.h"

static struct known **all; /* in order of registration */
static size_t all_count, all_room;
static struct known **table; /* open addressing by the statement's address */
static size_t table_room;

static void *
lasting(void *at)
{
	if (at == NULL)
		abort();
	return at;
}

static struct known **
place_of(const struct statement *statement)
{
	size_t i = ((uintptr_t)statement >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 16;

	for (;; i++) {
		struct known **place = &table[i & (table_room - 1)];

		if (*place == NULL || (*place)->statement == statement)
			return place;
	}
}

static void
make_room(void)
{
	if (all_count < all_room)
		return;
	all_room = all_room > 0 ? all_room * 2 : 128;
	all = lasting(realloc(all, all_room * sizeof(struct known *)));
	free(table);
	table_room = all_room * 4;
	table = lasting(calloc(table_room, sizeof(struct known *)));
	for (size_t i = 0; i < all_count; i++)
		*place_of(all[i]->statement) = all[i];
}

void
statements_register(const struct statement *const *list)
{
	for (; list != NULL && *list != NULL; list++) {
		make_room();
		struct known **place = place_of(*list);
		if (*place != NULL)
			continue;
		struct known *known = lasting(calloc(1, sizeof(*known)));
		known->statement = *list;
		known->plan = plan_make(*list);
		*place = known;
		all[all_count++] = known;
	}
}

void
statements_register_all(void)
{
	authenticate_prepare();
	statements_register(authenticate_statements());
	statements_register(keeper_statements());
	statements_register(preflight_statements());
	statements_register(lease_statements());
	statements_register(transaction_statements());
	statements_register(two_step_statements());
	for (const struct resource *const *resource = resources; *resource != NULL; resource++)
		statements_register((*resource)->statements);
}

struct known *
statement_known(const struct statement *statement)
{
	return table_room > 0 ? *place_of(statement) : NULL;
}

size_t
statement_count(void)
{
	return all_count;
}

struct known *
statement_at(size_t index)
{
	return all[index];
}

int
field_index(const struct shape *shape, const char *name)
{
	for (size_t i = 0; i < shape->count; i++)
		if (strcmp(shape->fields[i].name, name) == 0)
			return (int)i;
	return -1;
}
