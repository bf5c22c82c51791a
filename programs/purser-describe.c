/*
 * purser-describe: what this build answers, printed from its own declarations.
 */
#include <string.h>

#include "config.h"
#include "describe.h"
#include "emit_client.h"
#include "emit_example.h"
#include "emit_openapi.h"
#include "emit_python.h"
#include "emit_reference.h"
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

/* ---- examples ---- */

static const struct client_operation *
operation_named(struct arena *arena, const char *id)
{
	size_t count;
	const struct client_operation *list = client_operations(arena, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].id, id) == 0)
			return &list[i];
	return NULL;
}

static const struct tree *
read_object(struct arena *arena, FILE *from)
{
	struct buffer text = buffer_new(arena, 4096);
	const struct tree *tree;
	size_t got;

	while ((got = fread(buffer_reserve(&text, 4096), 1, 4096, from)) > 0)
		buffer_added(&text, got);
	tree = tree_parse(arena, buffer_text(&text));
	return tree != NULL && tree->kind == TREE_OBJECT ? tree : NULL;
}

static int
write_example(struct arena *arena, const char *id, const char *language)
{
	const struct client_operation *operation = operation_named(arena, id);
	const struct tree *input = read_object(arena, stdin);
	struct buffer out = buffer_new(arena, 4096);
	int which = 0;

	while (which < EXAMPLE_LANGUAGE_COUNT && strcmp(example_language_names[which], language) != 0)
		which++;
	if (operation == NULL)
		fprintf(stderr, "purser-describe: there is no operation %s.\n", id);
	else if (which == EXAMPLE_LANGUAGE_COUNT)
		fprintf(stderr, "purser-describe: %s is none of curl, cli, python, typescript.\n", language);
	else if (input == NULL)
		fputs("purser-describe: standard input holds no JSON object.\n", stderr);
	if (operation == NULL || which == EXAMPLE_LANGUAGE_COUNT || input == NULL)
		return 1;
	emit_example(&out, operation, input, (enum example_language)which);
	return fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0 ? 0 : 1;
}

static int
print_example(const char *const *words)
{
	struct arena *arena = arena_new(DOCUMENT_BYTES);
	int status = write_example(arena, words[0], words[1]);

	arena_free(arena);
	return status;
}

/* ---- the reference ---- */

static int
write_reference(const char *const *words)
{
	return reference_write(words[0], words[1], stderr) ? 0 : 1;
}

/* ---- commands ---- */

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

/* Those that are told more. */
static const struct command_with_words {
	const char *name;
	const char *usage;
	const char *summary;
	int count;
	int (*run)(const char *const *words);
} commands_with_words[] = {
	{ "example", "OPERATION curl|cli|python|typescript", "one call, of the input on standard input", 2,
	    print_example },
	{ "reference", "DIRECTORY DOCS", "the reference as a site, of what is in docs/", 2, write_reference },
};

static void
usage(FILE *to)
{
	fputs("usage: purser-describe COMMAND\n", to);
	for (size_t i = 0; i < COUNT(commands); i++)
		fprintf(to, "  %-18s  %s\n", commands[i].name, commands[i].summary);
	for (size_t i = 0; i < COUNT(commands_with_words); i++)
		fprintf(to, "  %s %s\n  %-18s  %s\n", commands_with_words[i].name, commands_with_words[i].usage, "",
		    commands_with_words[i].summary);
}

static int
help(void)
{
	usage(stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const char *name = argc >= 2 ? argv[1] : "";

	if (strncmp(name, "--", 2) == 0)
		name += 2;
	if (argc == 2 && strcmp(name, "help") == 0)
		return help();
	for (size_t i = 0; i < COUNT(commands); i++)
		if (argc == 2 && strcmp(name, commands[i].name) == 0)
			return commands[i].run();
	for (size_t i = 0; i < COUNT(commands_with_words); i++)
		if (argc == commands_with_words[i].count + 2 && strcmp(name, commands_with_words[i].name) == 0)
			return commands_with_words[i].run((const char *const *)argv + 2);
	usage(stderr);
	return 2;
}
