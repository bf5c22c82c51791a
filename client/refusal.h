/*
 * What the service says when it does not do what it was asked: a problem document, told to a person.
 */
#ifndef PURSER_CLIENT_REFUSAL_H
#define PURSER_CLIENT_REFUSAL_H

#include "transfer.h"

/* Tells its sentence, a line for every fault of the input, and what would help (NULL: nothing is known), and ends the program with
 * EXIT_REFUSED. */
__attribute__((noreturn)) void refusal_end(
    struct arena *arena, const struct settings *settings, const struct reply *reply, const char *advice);

#endif
