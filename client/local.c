/*
 * The table of the program's own commands.
 */
#include "local.h"

#include <assert.h>
#include <string.h>

#include "complain.h"
#include "completion.h"
#include "help.h"
#include "login.h"
#include "out.h"
#include "profiles.h"
#include "run.h"

static void
print_version(const struct arguments *arguments)
{
	(void)arguments;
	out_string("purser " PACKAGE_VERSION "\n");
}

const struct local locals[] = {
	{ "login", "login [--email ADDRESS | --api-key [KEY]]", "Sign in, or keep a key, for the commands to come.",
	    login_run, NULL, 0 },
	{ "logout", "logout", "End the sign-in, or forget the key.", logout_run, NULL, 0 },
	{ "whoami", "whoami", "Who is calling, and for which organization.", run_operation, "auth.whoami", 0 },
	{ "profiles", "profiles", "The sign-ins that are kept.", profiles_run, NULL, 0 },
	{ "completion", "completion bash",
	    "What bash needs to complete: add `. <(purser completion bash)` to ~/.bashrc.", completion_run, NULL, 1 },
	{ "help", "help [COMMAND…]", "What a command does and takes.", help_run, NULL, 4 },
	{ "version", "version", "The version of this program.", print_version, NULL, 0 },
};
const size_t local_count = COUNT(locals);

static const struct local *
local_named(const char *name)
{
	for (size_t i = 0; i < local_count; i++)
		if (strcmp(locals[i].name, name) == 0)
			return &locals[i];
	return NULL;
}

bool
local_exists(const char *name)
{
	return local_named(name) != NULL;
}

const struct command *
local_stands_for(const char *name)
{
	const struct local *local = local_named(name);

	assert(local != NULL); /* who asks knows that it is one */
	return local->stands_for == NULL ? NULL : command_named(local->stands_for);
}

void
local_run(const struct arguments *arguments)
{
	const struct local *local = local_named(arguments->local);

	assert(local != NULL);
	if (arguments->operand_count > local->operands)
		give_up("`%s` is one word too many: try `purser %s --help`.", arguments->operands[local->operands],
		    local->name);
	local->run(arguments);
}
