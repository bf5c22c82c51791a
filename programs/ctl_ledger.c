/*
 * purserctl ledger verify: proves the ledgers of all organizations, or of one, and names every fault.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl.h"
#include "handlers/ledger_proof.h"
#include "handlers/ledger_verify.h"
#include "id.h"
#include "runner.h"
#include "text.h"

struct wanted {
	struct maybe_id organization;
	bool full;
};

static bool
read_options(int argc, char **argv, struct wanted *wanted)
{
	static const struct option options[] = {
		{ "organization", required_argument, NULL, 'o' },
		{ "full", no_argument, NULL, 'f' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'f')
			wanted->full = true;
		else if (option == 'o' && id_parse(text_from(optarg), &wanted->organization.value))
			wanted->organization.given = true;
		else
			return false;
	}
	return optind == argc;
}

static void
tell(void *context, struct id organization, const char *fault)
{
	char ulid[ID_CHARACTERS + 1];

	(void)context;
	id_format(organization, ulid);
	printf("%s: %s\n", ulid, fault);
}

static const struct problem *
verify_one(struct call *call, bool full, struct ledger_verified *verified)
{
	struct proof proof;
	const struct problem *p = ledger_prove(call, full, &proof);

	if (p != NULL)
		return p;
	*verified = (struct ledger_verified){ 1, proof.proven.sequence, proof.fault != NULL };
	if (proof.fault != NULL)
		tell(NULL, call->organization, proof.fault);
	return NULL;
}

int
ctl_ledger_verify(int argc, char **argv)
{
	struct ledger_verified verified = { 0 };
	struct wanted wanted = { 0 };
	const struct problem *p;
	struct call call;

	if (!read_options(argc, argv, &wanted))
		return ctl_usage("ledger verify [--organization ID] [--full]");
	if (!ctl_start())
		return EXIT_FAILURE;
	ctl_call_begin(&call, "purserctl.ledger.verify");
	call.organization = wanted.organization.value;
	p = wanted.organization.given ? verify_one(&call, wanted.full, &verified)
				      : ledger_verify_all(&call, wanted.full, &verified, tell, NULL);
	job_rollback(&call);
	if (p != NULL)
		return ctl_end(&call, p);
	printf("%" PRId64 " ledgers, %" PRId64 " entries proven, %" PRId64 " faults\n", verified.organizations,
	    verified.entries, verified.faults);
	return verified.faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
