/*
 * The pool's own clerk: writes down what workers only note in shared memory.
 */
#ifndef PURSER_KEEPER_H
#define PURSER_KEEPER_H

#include "operation.h"

/* In the forked child, SIGTERM blocked: writes the noted uses of keys every so often, and once more on SIGTERM, then ends
 * the process. */
void keeper_run(void) __attribute__((noreturn));

const struct statement *const *keeper_statements(void);

#endif
