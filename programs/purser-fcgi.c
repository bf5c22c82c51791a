/*
 * The FastCGI pool: reads its settings, then checks itself or serves.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "pool.h"
#include "preflight.h"

enum { OPTION_CHECK = 'k', OPTION_VERSION = 'V', OPTION_HELP = 'h', OPTION_CONFIG = 'c' };

static const struct option options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ 0 },
};

static const char usage[] =
    "Usage: purser-fcgi [-c FILE] [--check]\n"
    "\n"
    "  -c, --config FILE  settings; else $PURSER_CONFIG, else " CONFIG_STANDARD_FILE " if it exists\n"
    "      --check        check settings, program and database, name every fault, and end\n"
    "      --version      print the version\n"
    "      --help         print this\n"
    "\n"
    "SIGTERM ends the pool, SIGHUP reloads program and settings without losing a request, SIGUSR1 reopens the log.\n";

static int
check(void)
{
	int faults = preflight_program() + preflight_fonts();

	if (faults == 0)
		faults = preflight_database(0);
	return faults == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int
main(int argc, char **argv)
{
	const char *path = config_standard_file();
	bool only_check = false;
	int option;

	while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		switch (option) {
		case OPTION_CONFIG:
			path = optarg;
			break;
		case OPTION_CHECK:
			only_check = true;
			break;
		case OPTION_VERSION:
			return puts("purser-fcgi " PACKAGE_VERSION) < 0;
		case OPTION_HELP:
			return fputs(usage, stdout) < 0;
		default:
			return fputs(usage, stderr), EXIT_FAILURE;
		}
	}
	if (optind < argc)
		return fputs(usage, stderr), EXIT_FAILURE;
	if (config_load(path, stderr) > 0)
		return EXIT_FAILURE;
	return only_check ? check() : pool_run(argv);
}
