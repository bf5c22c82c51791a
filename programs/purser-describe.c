/*
 * purser-describe: what this build answers, printed from its own declarations.
 */
#include <string.h>

#include "config.h"
#include "describe.h"
#include "emit_client.h"
#include "emit_openapi.h"
#include "emit_python.h"
#include "emit_typescript.h"
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
print_typescript(void)
{
	return print(emit_typescript_operations);
}

static int
print_typescript_types(void)
{
	return print(emit_typescript_types);
}

static int
print_cli(void)
{
	return print(emit_cli);
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

static int
print_python(void)
{
	return print(emit_python_operations);
}

static int
print_python_async(void)
{
	return print(emit_python_operations_async);
}

static int
print_python_catalogue(void)
{
	return print(emit_python_catalogue);
}

static int
print_python_problems(void)
{
	return print(emit_python_problems);
}

static int
print_python_types(void)
{
	return print(emit_python_types);
}

static const struct command {
	const char *name;
	const char *summary;
	int (*run)(void);
} commands[] = {
	{ "openapi", "the OpenAPI document", print_openapi },
	{ "operations", "a table of the operations", print_operations },
	{ "events", "a table of the events", print_events },
	{ "typescript", "sdk/typescript/src/operations.ts", print_typescript },
	{ "typescript-types", "sdk/typescript/src/types.ts", print_typescript_types },
	{ "cli", "client/commands.c", print_cli },
	{ "check", "faults of the declarations; ends with 1 if there are any", check },
	{ "slow-map", "lines of an nginx map: the paths that may run long", print_slow_map },
	{ "problems", "the kinds of problems", print_problems },
	{ "config", "every setting with its standard value", print_config },
	{ "python", "sdk/python/purser/_operations.py", print_python },
	{ "python-async", "sdk/python/purser/_operations_async.py", print_python_async },
	{ "python-catalogue", "sdk/python/purser/_catalogue.py", print_python_catalogue },
	{ "python-problems", "sdk/python/purser/_problems.py", print_python_problems },
	{ "python-types", "sdk/python/purser/_types.py", print_python_types },
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
