/*
 * What is looked at before a pool starts or reloads: the tables of the program, the files it needs, and every statement
 * against the live schema.
 */
#ifndef PURSER_PREFLIGHT_H
#define PURSER_PREFLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "operation.h"

/* Log, clock, keys, routes and statements made ready for this process. Writes a line for every fault to standard error;
 * answers how many. */
int preflight_program(void);

/* A document drawn with the fonts of the settings, for who draws any; likewise. */
int preflight_fonts(void);

/* Every statement against the database, in this process. Waits so many seconds for a database that does not answer. */
int preflight_database(int64_t patience_seconds);

/* The same in a child, so that the caller never holds a connection. `*stop` ends it: false then. */
bool preflight_in_child(const volatile int *stop);

/* `--check` of the program as it is on the disk now, its words in our log. */
bool preflight_next_program(char **arguments, const volatile int *stop);

const struct statement *const *preflight_statements(void);

#endif
