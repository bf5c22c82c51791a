/*
 * Writes and reads the variable PURSER_HANDOVER: a line for the process, the two addresses and the descriptors each,
 * then a line for every child.
 */
#include "handover.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE "PURSER_HANDOVER"

enum { LINE_LENGTH = 40, TEXT_LENGTH = CHILDREN_MOST * LINE_LENGTH + 3 * ADDRESS_LENGTH };

static void
take_child(struct handover *handover, const char *line)
{
	struct child_given *child = &handover->children[handover->count];
	int pid, role, told;

	if (handover->count == CHILDREN_MOST || sscanf(line, "%d %d %d", &pid, &role, &told) != 3)
		return;
	if (pid <= 0 || role < FAST || role > KEEPER)
		return;
	*child = (struct child_given){ .pid = pid, .role = (enum role)role, .told = told != 0 };
	handover->count++;
}

static bool
read_lines(struct handover *handover, char *rest)
{
	const char *head = strsep(&rest, "\n"), *fast = strsep(&rest, "\n"), *slow = strsep(&rest, "\n"), *line;
	int process;

	if (slow == NULL ||
	    sscanf(head, "%d %d %d %d", &process, &handover->fast, &handover->slow, &handover->shared) != 4)
		return false;
	if (process != getpid())
		return false;
	snprintf(handover->listen, sizeof(handover->listen), "%s", fast);
	snprintf(handover->listen_slow, sizeof(handover->listen_slow), "%s", slow);
	while ((line = strsep(&rest, "\n")) != NULL)
		take_child(handover, line);
	return true;
}

static void
close_on_exec(int descriptor, bool on)
{
	if (descriptor >= 0)
		fcntl(descriptor, F_SETFD, on ? FD_CLOEXEC : 0);
}

bool
handover_take(struct handover *handover)
{
	const char *value = getenv(VARIABLE);
	char *copy = value == NULL ? NULL : strdup(value);
	bool taken;

	handover->count = 0;
	if (copy == NULL)
		return false;
	taken = read_lines(handover, copy);
	free(copy);
	unsetenv(VARIABLE);
	if (!taken)
		return false;
	close_on_exec(handover->slow, true);
	close_on_exec(handover->shared, true);
	return true;
}

void
handover_execute(const struct handover *handover, char **arguments)
{
	static char text[TEXT_LENGTH];
	int length = snprintf(text, sizeof(text), "%d %d %d %d\n%s\n%s\n", getpid(), handover->fast, handover->slow,
	    handover->shared, handover->listen, handover->listen_slow);

	for (size_t i = 0; i < handover->count; i++) {
		const struct child_given *child = &handover->children[i];

		length += snprintf(text + length, sizeof(text) - (size_t)length, "%d %d %d\n", child->pid,
		    (int)child->role, child->told);
	}
	setenv(VARIABLE, text, 1);
	close_on_exec(handover->slow, false);
	close_on_exec(handover->shared, false);
	execvp(arguments[0], arguments);
	close_on_exec(handover->slow, true);
	close_on_exec(handover->shared, true);
	unsetenv(VARIABLE);
}
