/*
 * Looking into the table of commands.
 */
#include "command.h"

#include <string.h>

const struct command *
command_named(const char *id)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].id, id) == 0)
			return &commands[i];
	return NULL;
}

bool
command_group_exists(const char *path)
{
	size_t length = strlen(path);

	for (size_t i = 0; i < command_count; i++)
		if (length == 0 || (strncmp(commands[i].id, path, length) == 0 && commands[i].id[length] == '.'))
			return true;
	return false;
}

const char *
command_group_summary(const char *path)
{
	for (size_t i = 0; i < group_count; i++)
		if (strcmp(groups[i].path, path) == 0)
			return groups[i].summary;
	return NULL;
}
