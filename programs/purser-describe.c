/*
 * purser-describe: what this build answers, printed from its own declarations.
 */
#include <string.h>

#include "config.h"
#include "describe.h"
#include "emit_openapi.h"
#include "route.h"
#include "value.h"

enum { DOCUMENT_BYTES = 64 << 20 };

static int
print(void (*make)(struct buffer *out))
{
	struct arena *arena = arena_new(DOCUMENT_BYTES);
	struct buffer out = buffer_new(arena, 4096);
	bool written;

	make(&out);
	written = fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
	arena_free(arena);
	if (!written)
		perror("purser-describe");
	return written ? 0 : 1;
}

static void
make_openapi(struct buffer *out)
{
	emit_openapi(out, true);
}

static int
print_openapi(void)
{
	return print(make_openapi);
}

static int
print_operations(void)
{
	return print(describe_operations);
}

static int
print_events(void)
{
	return print(describe_events);
}

static int
print_slow_map(void)
{
	return print(describe_slow_paths);
}

static int
print_problems(void)
{
	return print(describe_problems);
}

static int
print_config(void)
{
	config_describe(stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}

static int
check(void)
{
	int faults = describe_check(stderr) + route_build(stderr);

	printf("%d faults\n", faults);
	return faults == 0 ? 0 : 1;
}

static const struct command {
	const char *name;
	const char *summary;
	int (*run)(void);
} commands[] = {
	{ "openapi", "the OpenAPI document", print_openapi },
	{ "operations", "a table of the operations", print_operations },
	{ "events", "a table of the events", print_events },
	{ "check", "faults of the declarations; ends with 1 if there are any", check },
	{ "slow-map", "lines of an nginx map: the paths that may run long", print_slow_map },
	{ "problems", "the kinds of problems", print_problems },
	{ "config", "every setting with its standard value", print_config },
};

static int
usage(void)
{
	fputs("usage: purser-describe COMMAND\n", stderr);
	for (size_t i = 0; i < COUNT(commands); i++)
		fprintf(stderr, "  %-12s%s\n", commands[i].name, commands[i].summary);
	return 2;
}

int
main(int argc, char **argv)
{
	const char *name = argc == 2 ? argv[1] : "";

	if (strncmp(name, "--", 2) == 0)
		name += 2;
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run();
	return usage();
}
