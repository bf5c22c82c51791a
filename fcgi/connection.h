/*
 * The inside of database.c, for statement*.c and migrate.c alone: making a connection by our own host list, the handles of
 * the two logins, and what an error of the database means.
 */
#ifndef PURSER_CONNECTION_H
#define PURSER_CONNECTION_H

#include <mysql.h>

#include "database.h"

struct account {
	const char *user, *password;
	const char *setup;      /* SQL sent on connecting, or NULL */
	bool migrates; /* an answer may take as long as it likes, a text hold several statements, the schema be missing */
};

enum { WHY_LENGTH = 512 };

/* Tries every configured host once, the last good one first. NULL, and `why`, when none would have us. */
MYSQL *connection_open(const struct account *account, char why[static WHY_LENGTH]);

/* The host answers, but not as it should (a Galera node outside its cluster): begin with the next one. */
void connection_avoid_host(void);

MYSQL *database_handle(enum login login);            /* NULL: closed */
unsigned long database_generation(enum login login); /* another number for every connection made */
void database_lose(enum login login);                /* closes; the next use connects again */

/* Around every round trip. Both answer 0, or the error that a test has ordered in place of the database's answer. */
unsigned database_trip(enum login login);
unsigned database_trip_done(enum login login);

/* Is the connection gone with this error? */
bool database_is_lost(unsigned error);

/* The problem that an error makes of the call: RERUN, UNAVAILABLE or INTERNAL. Closes a connection that is of no more use. */
const struct problem *database_refused(
    struct call *call, enum login login, unsigned error, const char *text, const char *sql);

#endif
