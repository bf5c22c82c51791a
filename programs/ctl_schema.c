/*
 * purserctl migrate, check-config and job run.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "config.h"
#include "ctl.h"
#include "database.h"
#include "migrate.h"
#include "preflight.h"
#include "runner.h"

/* Both logins that migrate has just made work, and find the schema. */
static int
check_logins(void)
{
	struct call call;
	const struct problem *p;

	ctl_call_begin(&call, "purserctl.migrate");
	p = database_open(&call, LOGIN_WRITE);
	if (p == NULL)
		p = database_ready(&call);
	return ctl_end(&call, p);
}

int
ctl_migrate(int argc, char **argv)
{
	static const struct option options[] = { { "sql", required_argument, NULL, 's' }, { 0 } };
	const char *directory = SQLDIR;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option != 's')
			return ctl_usage("migrate [--sql DIR]");
		directory = optarg;
	}
	if (optind < argc)
		return ctl_usage("migrate [--sql DIR]");
	clock_use_test_file(config.test_clock ? config.test_clock_file : NULL);
	clock_tick();
	return migrate(directory, stdout, stderr) ? check_logins() : EXIT_FAILURE;
}

int
ctl_check_config(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return ctl_usage("check-config");
	if (!ctl_start() || preflight_fonts() + preflight_database(0) > 0)
		return EXIT_FAILURE;
	puts("No faults.");
	return EXIT_SUCCESS;
}

int
ctl_job_run(int argc, char **argv)
{
	if (argc != 2)
		return ctl_usage("job run JOB");
	return ctl_start() ? runner_run_once(argv[1]) : EXIT_FAILURE;
}
