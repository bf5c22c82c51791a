/*
 * The two logins of a process, each with at most one connection: opened on first use, closed when lost. What an error
 * of the database means to a request is decided here and nowhere else.
 */
#include <mysqld_error.h>
#include <errmsg.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>

#include "call.h"
#include "config.h"
#include "connection.h"
#include "migrate.h"

/* How long a writer waits for another's row before the operation is run again. */
#define LOCK_WAIT_SECONDS "3"

enum { SETUP_LENGTH = 400, MARIADB_STATEMENT_TIMEOUT = 1969, MARIADB_CONNECTION_KILLED = 1927, LOST_EXTENDED = 2055 };

static struct {
	MYSQL *handle;
	unsigned long generation;
} connections[LOGIN_COUNT];

static unsigned long round_trips;

static const struct problem run_again = {
	.kind = RERUN,
	.detail = "The database undid the transaction.",
};

const struct problem database_commit_unknown = {
	.kind = UNAVAILABLE,
	.detail = "The connection was lost while the change was being stored; look whether it is there before "
		  "repeating it, or "
		  "repeat it with the same idempotency key.",
	.retry_after_seconds = 1,
};

/* ---- faults for tests ------------------------------------------------------------------------------------------- */

#ifdef PURSER_FAULTS

static unsigned trips_to_fault; /* 0: none is ordered */
static bool fault_is_due;
static int fault;

void
database_fail_at(unsigned nth, int error)
{
	trips_to_fault = nth;
	fault_is_due = false;
	fault = error;
}

static unsigned
take_fault(enum login login)
{
	unsigned error = (unsigned)abs(fault);

	fault_is_due = false;
	if (error == SIGKILL)
		raise(SIGKILL);
	if (database_is_lost(error))
		database_lose(login);
	return error;
}

unsigned
database_trip(enum login login)
{
	round_trips++;
	if (trips_to_fault > 0)
		fault_is_due = --trips_to_fault == 0;
	return fault_is_due && fault > 0 ? take_fault(login) : 0;
}

unsigned
database_trip_done(enum login login)
{
	return fault_is_due ? take_fault(login) : 0;
}

#else

unsigned
database_trip(enum login login)
{
	(void)login;
	round_trips++;
	return 0;
}

unsigned
database_trip_done(enum login login)
{
	(void)login;
	return 0;
}

#endif

unsigned long
database_round_trips(void)
{
	return round_trips;
}

/* ---- connections ------------------------------------------------------------------------------------------------ */

/* What both logins are told on connecting, in one statement; the write login commits by word only. */
static void
write_setup(enum login login, char setup[static SETUP_LENGTH])
{
	snprintf(setup, SETUP_LENGTH,
	    "SET sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO',"
	    " time_zone = '+00:00', tx_isolation = 'READ-COMMITTED', autocommit = %d, max_statement_time = %lld,"
	    " innodb_lock_wait_timeout = " LOCK_WAIT_SECONDS,
	    login == LOGIN_WRITE ? 0 : 1, (long long)config.database_statement_seconds);
}

static MYSQL *
connect_login(enum login login, char why[static WHY_LENGTH])
{
	char setup[SETUP_LENGTH];
	bool write = login == LOGIN_WRITE;
	const struct account account = {
		.user = write ? config.database_write_user : config.database_read_user,
		.password = write ? config.database_write_password : config.database_read_password,
		.setup = setup,
	};

	write_setup(login, setup);
	return connection_open(&account, why);
}

/* A transaction whose connection was lost stays lost until it is rolled back: its rest must not run as another one. */
static bool
lost_in_transaction(const struct call *call, enum login login)
{
	return login == LOGIN_WRITE && call->in_transaction && connections[login].handle == NULL;
}

const struct problem *
database_open(struct call *call, enum login login)
{
	char why[WHY_LENGTH];

	if (connections[login].handle != NULL)
		return NULL;
	if (lost_in_transaction(call, login))
		return &run_again;
	connections[login].handle = connect_login(login, why);
	if (connections[login].handle == NULL) {
		call->internal = arena_format(call->arena, "no database: %s", why).at;
		return fail_retry(call, UNAVAILABLE, 1, "The service can't reach its database just now.");
	}
	connections[login].generation++;
	return NULL;
}

MYSQL *
database_handle(enum login login)
{
	return connections[login].handle;
}

unsigned long
database_generation(enum login login)
{
	return connections[login].generation;
}

void
database_lose(enum login login)
{
	if (connections[login].handle == NULL)
		return;
	mysql_close(connections[login].handle);
	connections[login].handle = NULL;
}

void
database_close(void)
{
	database_lose(LOGIN_READ);
	database_lose(LOGIN_WRITE);
}

/* ---- errors ----------------------------------------------------------------------------------------------------- */

bool
database_is_lost(unsigned error)
{
	switch (error) {
	case CR_SERVER_GONE_ERROR:
	case CR_SERVER_LOST:
	case LOST_EXTENDED:
	case MARIADB_CONNECTION_KILLED:
	case ER_SERVER_SHUTDOWN:
		return true;
	default:
		return false;
	}
}

/* After any other error of the library itself, nobody knows what the connection would answer next. */
static bool
is_of_the_library(unsigned error)
{
	return error >= CR_MIN_ERROR && error <= CR_MAX_ERROR;
}

const struct problem *
database_refused(struct call *call, enum login login, unsigned error, const char *text, const char *sql)
{
	text = arena_format(call->arena, "%s", text).at; /* losing the connection writes over it */
	if (database_is_lost(error) || is_of_the_library(error) || error == ER_UNKNOWN_COM_ERROR)
		database_lose(login);
	if (database_is_lost(error))
		return &run_again;
	switch (error) {
	case ER_UNKNOWN_COM_ERROR: /* 1047: a Galera node outside its cluster */
		connection_avoid_host();
		return &run_again;
	case ER_LOCK_DEADLOCK:
	case ER_LOCK_WAIT_TIMEOUT:
	case ER_CHECKREAD:
		return &run_again;
	case MARIADB_STATEMENT_TIMEOUT:
		call->internal = arena_format(call->arena, "the statement took too long: %s", sql).at;
		return fail_retry(call, UNAVAILABLE, 1, "The answer took too long to find.");
	default:
		return fail_internal(call, "%u %s, in: %s", error, text, sql);
	}
}

/* ---- the end of a transaction ----------------------------------------------------------------------------------- */

static unsigned
send(enum login login, const char *sql)
{
	unsigned error = database_trip(login);

	if (error == 0 && mysql_query(connections[login].handle, sql) != 0)
		error = mysql_errno(connections[login].handle);
	return error != 0 ? error : database_trip_done(login);
}

static const char *
error_text(enum login login)
{
	return connections[login].handle != NULL ? mysql_error(connections[login].handle) : "";
}

const struct problem *
database_commit(struct call *call)
{
	if (!call->in_transaction)
		return NULL;
	if (lost_in_transaction(call, LOGIN_WRITE))
		return &run_again;
	unsigned error = send(LOGIN_WRITE, "COMMIT");
	if (database_is_lost(error)) {
		database_lose(LOGIN_WRITE);
		call->in_transaction = false;
		return &database_commit_unknown;
	}
	if (error != 0)
		return database_refused(call, LOGIN_WRITE, error, error_text(LOGIN_WRITE), "COMMIT");
	call->in_transaction = false;
	return NULL;
}

void
database_rollback(struct call *call)
{
	if (call->in_transaction && connections[LOGIN_WRITE].handle != NULL && send(LOGIN_WRITE, "ROLLBACK") != 0)
		database_lose(LOGIN_WRITE);
	call->in_transaction = false;
}

/* ---- readiness -------------------------------------------------------------------------------------------------- */

/* The number of the last migration; 0 and `*error` where it can't be told. */
static long
schema_version(unsigned *error)
{
	MYSQL *handle = connections[LOGIN_READ].handle;
	long version = 0;

	*error = send(LOGIN_READ, "SELECT MAX(version) FROM schema_version");
	MYSQL_RES *result = *error == 0 ? mysql_store_result(handle) : NULL;
	MYSQL_ROW row = result != NULL ? mysql_fetch_row(result) : NULL;
	if (row != NULL && row[0] != NULL)
		version = strtol(row[0], NULL, 10);
	mysql_free_result(result);
	return version;
}

const struct problem *
database_ready(struct call *call)
{
	const struct problem *p = database_open(call, LOGIN_READ);
	unsigned error;

	if (p != NULL)
		return p;
	long version = schema_version(&error);
	if (error == 0 && version == SCHEMA_VERSION)
		return NULL;
	if (error != 0)
		database_lose(LOGIN_READ);
	call->internal = arena_format(
	    call->arena, "the schema is at %ld and should be at %d (error %u)", version, SCHEMA_VERSION, error)
			     .at;
	return fail_retry(call, UNAVAILABLE, 1, "The database is not ready.");
}
