/*
 * The runner of jobs: any number of copies, on any node.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"
#include "preflight.h"
#include "runner.h"

enum {
	OPTION_VERSION = 'V',
	OPTION_HELP = 'h',
	OPTION_CONFIG = 'c',
	OPTION_ONCE = 'o',
	OPTION_LIST = 'l',
	OPTION_EXCEPT = 'e'
};

static const struct option options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "once", required_argument, NULL, OPTION_ONCE },
	{ "except", required_argument, NULL, OPTION_EXCEPT },
	{ "list", no_argument, NULL, OPTION_LIST },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

static const char usage[] =
    "Usage: purser-jobs [-c FILE] [--except JOB | --once JOB | --list]\n"
    "\n"
    "  -c, --config FILE  settings; else $PURSER_CONFIG, else " CONFIG_STANDARD_FILE " if it exists\n"
    "      --once JOB     run this job now, whether it is due or not, and end\n"
    "      --except JOB   leave this job to other runners; may be given again\n"
    "      --list         print the jobs\n"
    "      --version      print the version\n"
    "      --help         print this\n"
    "\n"
    "SIGTERM ends the runner after the step at hand, SIGUSR1 reopens the log.\n";

static int
list_jobs(void)
{
	for (const struct resource *const *r = resources; *r != NULL; r++)
		for (const struct job *const *j = (*r)->jobs; j != NULL && *j != NULL; j++)
			printf("%-24s every %6lld s  %s\n", (*j)->id, (long long)(*j)->every_seconds, (*j)->summary);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	const char *path = config_standard_file(), *once = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		switch (option) {
		case OPTION_CONFIG:
			path = optarg;
			break;
		case OPTION_ONCE:
			once = optarg;
			break;
		case OPTION_EXCEPT:
			if (runner_leave(optarg))
				break;
			return fprintf(stderr, "There is no job %s.\n", optarg), EXIT_FAILURE;
		case OPTION_LIST:
			return list_jobs();
		case OPTION_VERSION:
			return puts("purser-jobs " PACKAGE_VERSION) < 0;
		case OPTION_HELP:
			return fputs(usage, stdout) < 0;
		default:
			return fputs(usage, stderr), EXIT_FAILURE;
		}
	}
	if (optind < argc)
		return fputs(usage, stderr), EXIT_FAILURE;
	if (config_load(path, stderr) > 0 || preflight_program() > 0)
		return EXIT_FAILURE;
	return once != NULL ? runner_run_once(once) : runner_run();
}
