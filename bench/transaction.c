/*
 * The yardstick of rows 3 and 4: the smallest honest transaction that takes credits from an account. It reads the body,
 * lowers a balance on condition, inserts an entry, commits, and answers a constant.
 *
 * Usage: BENCH_PASSWORD=... transaction SOCKET WORKERS DATABASE_SOCKET USER ACCOUNTS
 */
#include <mysql.h>
#include <stdio.h>
#include <string.h>

#include "serve.h"

static const char *database_socket, *user;
static int64_t accounts;

static MYSQL *database;
static MYSQL_STMT *take, *note;
static int64_t account;

static void __attribute__((noreturn)) give_up(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

static MYSQL_STMT *
prepare(const char *sql)
{
	static MYSQL_BIND bind = { .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = &account };
	MYSQL_STMT *statement = mysql_stmt_init(database);

	if (statement == NULL || mysql_stmt_prepare(statement, sql, strlen(sql)) != 0 ||
	    mysql_stmt_bind_param(statement, &bind) != 0)
		give_up(sql, mysql_error(database));
	return statement;
}

static void
connect_once(void)
{
	if (database != NULL)
		return;
	database = mysql_init(NULL);
	if (database == NULL ||
	    mysql_real_connect(database, NULL, user, getenv("BENCH_PASSWORD"), "bench", 0, database_socket, 0) == NULL)
		give_up("connect", database == NULL ? "no memory" : mysql_error(database));
	mysql_autocommit(database, 0);
	mysql_query(database, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
	take = prepare("UPDATE account SET balance = balance - 1 WHERE id = ? AND balance >= 1");
	note = prepare("INSERT INTO entry (account_id, amount) VALUES (?, -1)");
	srandom((unsigned)getpid());
}

static void
answer(FCGX_Request *request)
{
	static const char reply[] = "{\"status\":\"reserved\"}";
	char body[4096];

	while (FCGX_GetStr(body, sizeof(body), request->in) > 0)
		;
	connect_once();
	account = 1 + random() % accounts;
	if (mysql_stmt_execute(take) != 0 || mysql_stmt_affected_rows(take) != 1 || mysql_stmt_execute(note) != 0 ||
	    mysql_commit(database) != 0)
		give_up("transaction", mysql_error(database));
	FCGX_FPrintF(request->out,
	    "Status: 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
	    (int)strlen(reply), reply);
}

int
main(int argc, char **argv)
{
	if (argc != 6)
		return fputs("Usage: transaction SOCKET WORKERS DATABASE_SOCKET USER ACCOUNTS\n", stderr), EXIT_FAILURE;
	database_socket = argv[3], user = argv[4], accounts = atoll(argv[5]);
	return bench_serve(argv[1], atoi(argv[2]), "bench-txn", answer);
}
