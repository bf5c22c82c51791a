/*
 * Migrations: numbered files of SQL, applied once each, in order, forward only; then the two logins and their rights.
 *
 * A file may hold any number of statements ended by `;`. The server itself finds where one ends, so the body of a stored
 * procedure needs no delimiter of its own.
 */
#ifndef PURSER_MIGRATE_H
#define PURSER_MIGRATE_H

#include <stdbool.h>
#include <stdio.h>

/* The number of the last file in sql/. A program serves only a schema that stands at it. */
enum { SCHEMA_VERSION = 19 };

/* Applies what is missing out of `directory` on the owner's login, then roles.sql. A line for every file applied goes to
 * `out`, what went wrong to `report`. Answers whether the schema now stands at SCHEMA_VERSION. */
bool migrate(const char *directory, FILE *out, FILE *report);

#endif
