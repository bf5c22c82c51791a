/*
 * From the words of the command line to what they ask for.
 */
#include "program.h"

#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "complain.h"
#include "completion.h"
#include "help.h"
#include "local.h"
#include "out.h"
#include "run.h"

static void
run(struct arena *arena, int argc, char **argv)
{
	const struct arguments *arguments;

	if (argc > 1 && strcmp(argv[1], "--complete") == 0) {
		completion_answer(arena, argc - 2, argv + 2);
		return;
	}
	arguments = arguments_read(arena, argc, argv);
	if (arguments->options[OPTION_HELP] != NULL || (arguments->local == NULL && arguments->command == NULL))
		help_print(arguments);
	else if (arguments->local != NULL)
		local_run(arguments);
	else
		run_operation(arguments);
}

/* A standard file that is closed would be the next one opened: the output would go into the credentials. */
static void
keep_standard_files(void)
{
	for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++)
		if (fcntl(file, F_GETFD) < 0 && open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY) != file)
			_exit(EXIT_HERE);
}

int
program_run(int argc, char **argv)
{
	const size_t memory_most = (size_t)4 << 30;
	struct arena *arena = arena_new(memory_most);

	/* Text is UTF-8 whatever the person's language: only how wide a character is is asked of it. */
	setlocale(LC_CTYPE, "C.UTF-8");
	keep_standard_files();
	interrupt_watch();
	run(arena, argc, argv);
	out_flush();
	arena_free(arena);
	return EXIT_DONE;
}
