/*
 * Completion for bash.
 */
#ifndef PURSER_CLIENT_COMPLETION_H
#define PURSER_CLIENT_COMPLETION_H

#include "arguments.h"

/* `purser completion bash`: what bash has to run. */
void completion_run(const struct arguments *arguments);
/* What it asks for then: a line for everything that the last of these words may become. Knows no failure. */
void completion_answer(struct arena *arena, int count, char **typed);

#endif
