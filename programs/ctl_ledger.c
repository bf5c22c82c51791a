/*
 * purserctl ledger verify: proves the ledgers of all organizations and names every fault.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "ctl.h"
#include "database.h"
#include "handlers/ledger_verify.h"
#include "id.h"
#include "runner.h"

static void
tell(void *context, struct id organization, const char *fault)
{
	char ulid[ID_CHARACTERS + 1];

	(void)context;
	id_format(organization, ulid);
	printf("%s: %s\n", ulid, fault);
}

int
ctl_ledger_verify(int argc, char **argv)
{
	bool full = argc > 1 && strcmp(argv[1], "--full") == 0;
	struct arena *arena, *reply_arena;
	struct ledger_verified verified = { 0 };
	const struct problem *p;
	struct call call;

	if (argc > 2 || (argc == 2 && !full))
		return fputs("Usage: purserctl ledger verify [--full]\n", stderr), EXIT_FAILURE;
	arena = arena_new((size_t)config.memory_limit_bytes);
	reply_arena = arena_new((size_t)config.memory_limit_bytes);
	job_call_begin(&call, arena, reply_arena, "purserctl");
	p = ledger_verify_all(&call, full, &verified, tell, NULL);
	job_rollback(&call);
	if (p != NULL)
		fprintf(stderr, "purserctl: %s %s\n", p->detail, call.internal == NULL ? "" : call.internal);
	else
		printf("%" PRId64 " ledgers, %" PRId64 " entries proven, %" PRId64 " faults\n", verified.organizations,
		    verified.entries, verified.faults);
	database_close();
	arena_free(arena);
	arena_free(reply_arena);
	return p == NULL && verified.faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
