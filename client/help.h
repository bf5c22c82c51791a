/*
 * The help of every level: the program, a group of commands, a command.
 */
#ifndef PURSER_CLIENT_HELP_H
#define PURSER_CLIENT_HELP_H

#include "arguments.h"

/* Of what the words name. */
void help_print(const struct arguments *arguments);
/* `purser help billing approvals`. */
void help_run(const struct arguments *arguments);

#endif
