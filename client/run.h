/*
 * Running an operation of the service: its input sent, its answer printed.
 */
#ifndef PURSER_CLIENT_RUN_H
#define PURSER_CLIENT_RUN_H

#include "arguments.h"

/* Ends the program where something goes wrong. */
void run_operation(const struct arguments *arguments);

#endif
