/*
 * purserctl: what an operator does at the machine. A table of commands, and what they share.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "ctl.h"
#include "database.h"
#include "preflight.h"
#include "runner.h"

enum { WORDS_MOST = 2, USAGE = 2 };

static const struct command {
	const char *words[WORDS_MOST]; /* the second may be NULL */
	const char *options;
	const char *summary;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ { "migrate" }, "[--sql DIR]", "bring the schema and the two logins up to date", ctl_migrate },
	{ { "check-config" }, "", "check settings, keys, logins and every statement, and name every fault",
	    ctl_check_config },
	{ { "cors-map" }, "", "lines of an nginx map: the web origins whose pages may read replies", ctl_cors_map },
	{ { "operator-key", "create" }, "--name NAME [--expires-in-days DAYS]", "make an operator's key; shown once",
	    ctl_operator_key_create },
	{ { "operator-key", "list" }, "", "the operators' keys", ctl_operator_key_list },
	{ { "operator-key", "revoke" }, "ID", "end an operator's key at once", ctl_operator_key_revoke },
	{ { "job", "run" }, "JOB", "run one job now", ctl_job_run },
	{ { "ledger", "verify" }, "[--organization ID] [--full]", "prove the ledger's chain and sums",
	    ctl_ledger_verify },
	{ { "mail" }, "[--last N] [--to ADDRESS]", "show the newest mails whole, with their tokens", ctl_mail },
	{ { "sandbox", "authenticate" }, "PAYMENT_INTENT", "authenticate a payment of the sandbox that waits for it",
	    ctl_sandbox_authenticate },
	{ { "sandbox", "fail" }, "PAYMENT_INTENT", "fail to authenticate it", ctl_sandbox_fail },
	{ { "demo" }, "[--brief]", "fill an empty database with a year of a dozen organizations", ctl_demo },
};

static struct arena *arena, *reply_arena;

bool
ctl_start(void)
{
	return preflight_program() == 0;
}

void
ctl_call_begin(struct call *call, const char *command)
{
	if (arena == NULL) {
		arena = arena_new((size_t)config.memory_limit_bytes);
		reply_arena = arena_new((size_t)config.memory_limit_bytes);
	}
	job_call_begin(call, arena, reply_arena, command);
}

int
ctl_end(const struct call *call, const struct problem *p)
{
	if (p == NULL)
		return EXIT_SUCCESS;
	fprintf(stderr, "purserctl: %s\n", call->internal != NULL ? call->internal : p->detail);
	return EXIT_FAILURE;
}

int
ctl_usage(const char *how)
{
	fprintf(stderr, "Usage: purserctl %s\n", how);
	return USAGE;
}

static void
print_usage(FILE *out)
{
	fputs("Usage: purserctl [-c FILE] COMMAND\n\n"
	      "  -c, --config FILE  settings; else $PURSER_CONFIG, else " CONFIG_STANDARD_FILE " if it exists\n"
	      "      --version      print the version\n"
	      "      --help         print this\n\n",
	    out);
	for (size_t i = 0; i < COUNT(commands); i++) {
		const char *second = commands[i].words[1];

		fprintf(out, "  %s%s%s%s%s\n      %s\n", commands[i].words[0], second != NULL ? " " : "",
		    second != NULL ? second : "", *commands[i].options != '\0' ? " " : "", commands[i].options,
		    commands[i].summary);
	}
}

/* How many of the arguments are the command's words; 0 where they name another command. */
static int
match(const struct command *command, int argc, char **argv)
{
	int words = command->words[1] != NULL ? 2 : 1;

	if (argc < words)
		return 0;
	for (int i = 0; i < words; i++)
		if (strcmp(argv[i], command->words[i]) != 0)
			return 0;
	return words;
}

static int
run_command(int argc, char **argv)
{
	for (size_t i = 0; i < COUNT(commands); i++) {
		int words = match(&commands[i], argc, argv);

		if (words == 0)
			continue;
		optind = 0; /* the command reads its own options from their beginning */
		int status = commands[i].run(argc - words + 1, argv + words - 1);
		database_close();
		if (arena != NULL) {
			arena_free(arena);
			arena_free(reply_arena);
		}
		return status;
	}
	print_usage(stderr);
	return USAGE;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *path = config_standard_file();
	int option;

	while ((option = getopt_long(argc, argv, "+c:", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			path = optarg;
			break;
		case 'V':
			return puts("purserctl " PACKAGE_VERSION) < 0;
		case 'h':
			return print_usage(stdout), EXIT_SUCCESS;
		default:
			return print_usage(stderr), USAGE;
		}
	}
	if (config_load(path, stderr) > 0)
		return EXIT_FAILURE;
	return run_command(argc - optind, argv + optind);
}
