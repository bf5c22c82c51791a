/*
 * Writes and reads the variable PURSER_HANDOVER: a line for the process, the two addresses and the descriptors each,
 * then a line for every child.
 */
#include "handover.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "value.h"

#define VARIABLE "PURSER_HANDOVER"

enum { LINE_LENGTH = 40, TEXT_LENGTH = CHILDREN_MOST * LINE_LENGTH + 3 * ADDRESS_LENGTH };

/* Reads numbers separated by blanks; false when there are fewer. */
static bool
read_numbers(const char *line, int *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *end;
		long number = strtol(line, &end, 10);

		if (end == line || number < -1 || number > INT_MAX)
			return false;
		numbers[i] = (int)number;
		line = end;
	}
	return true;
}

static bool
take_child(struct handover *handover, const char *line)
{
	int numbers[3];

	if (handover->count == CHILDREN_MOST || !read_numbers(line, numbers, COUNT(numbers)))
		return false;
	if (numbers[0] <= 0 || numbers[1] < FAST || numbers[1] > KEEPER)
		return false;
	handover->children[handover->count++] =
	    (struct child_given){ .pid = numbers[0], .duty = (enum duty)numbers[1], .told = numbers[2] != 0 };
	return true;
}

static bool
read_lines(struct handover *handover, char *rest)
{
	const char *head = strsep(&rest, "\n"), *fast = strsep(&rest, "\n"), *slow = strsep(&rest, "\n"), *line;
	int numbers[4];

	if (slow == NULL || !read_numbers(head, numbers, COUNT(numbers)) || numbers[0] != getpid())
		return false;
	handover->fast = numbers[1];
	handover->slow = numbers[2];
	handover->shared = numbers[3];
	snprintf(handover->listen, sizeof(handover->listen), "%s", fast);
	snprintf(handover->listen_slow, sizeof(handover->listen_slow), "%s", slow);
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0')
		if (!take_child(handover, line))
			return false;
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
		    (int)child->duty, child->told);
	}
	setenv(VARIABLE, text, 1);
	close_on_exec(handover->slow, false);
	close_on_exec(handover->shared, false);
	execvp(arguments[0], arguments);
	close_on_exec(handover->slow, true);
	close_on_exec(handover->shared, true);
	unsetenv(VARIABLE);
}
