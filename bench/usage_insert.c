/*
 * The yardstick of row 5: the fastest plain way to put the same rows into a table with the same unique index. Rows are
 * ready in memory; array binding, chunks of 10,000, one transaction. Prints the microseconds from the first chunk to
 * the commit.
 *
 * Usage: BENCH_PASSWORD=... usage_insert DATABASE_SOCKET USER ROUND ROWS
 */
#include <mysql.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CHUNK = 10000, ID_LENGTH = 40 };

static const char insert[] =
    "INSERT IGNORE INTO usage_event (organization_id, metric, id, quantity, occurred_at, recorded_at,"
    " service, operator) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

/* As many as one chunk; columns, as Connector/C wants them. */
struct chunk {
	char *organization[CHUNK], *metric[CHUNK], *id[CHUNK], *service[CHUNK], *operator[CHUNK];
	unsigned long organization_length[CHUNK], metric_length[CHUNK], id_length[CHUNK], service_length[CHUNK],
	    operator_length[CHUNK];
	int64_t quantity[CHUNK];
	MYSQL_TIME *at[CHUNK];
	char ids[CHUNK][ID_LENGTH];
};

static void __attribute__((noreturn)) give_up(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

/* The rows of the events that bench/run sends, in the order of the index. */
static void
fill(struct chunk *chunk, long round, long first, MYSQL_TIME *at)
{
	static char organization[17] = "0123456789abcdef", metric[] = "prompt_tokens", service[] = "chat",
		    nobody[] = "";

	for (long i = 0; i < CHUNK; i++) {
		snprintf(chunk->ids[i], ID_LENGTH, "event-%06ld-%08ld", round, first + i);
		chunk->organization[i] = organization, chunk->organization_length[i] = 16;
		chunk->metric[i] = metric, chunk->metric_length[i] = sizeof(metric) - 1;
		chunk->id[i] = chunk->ids[i], chunk->id_length[i] = strlen(chunk->ids[i]);
		chunk->service[i] = service, chunk->service_length[i] = sizeof(service) - 1;
		chunk->operator[i] = nobody, chunk->operator_length[i] = 0;
		chunk->quantity[i] = (first + i) % 1000 * 1000000;
		chunk->at[i] = at;
	}
}

static MYSQL_BIND
bind_text(char **at, unsigned long *length)
{
	return (MYSQL_BIND){ .buffer_type = MYSQL_TYPE_STRING, .buffer = at, .length = length };
}

static void
run_chunk(MYSQL_STMT *statement, struct chunk *chunk)
{
	MYSQL_BIND binds[] = {
		bind_text(chunk->organization, chunk->organization_length),
		bind_text(chunk->metric, chunk->metric_length),
		bind_text(chunk->id, chunk->id_length),
		{ .buffer_type = MYSQL_TYPE_LONGLONG, .buffer = chunk->quantity },
		{ .buffer_type = MYSQL_TYPE_DATETIME, .buffer = chunk->at },
		{ .buffer_type = MYSQL_TYPE_DATETIME, .buffer = chunk->at },
		bind_text(chunk->service, chunk->service_length),
		bind_text(chunk->operator, chunk->operator_length),
	};
	unsigned rows = CHUNK;

	mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &rows);
	if (mysql_stmt_bind_param(statement, binds) != 0 || mysql_stmt_execute(statement) != 0)
		give_up(insert, mysql_stmt_error(statement));
}

static long
now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static MYSQL *
open_database(const char *socket, const char *user)
{
	MYSQL *database = mysql_init(NULL);

	if (database == NULL ||
	    mysql_real_connect(database, NULL, user, getenv("BENCH_PASSWORD"), "bench", 0, socket, 0) == NULL)
		give_up("connect", database == NULL ? "no memory" : mysql_error(database));
	mysql_autocommit(database, 0);
	mysql_query(database, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
	return database;
}

int
main(int argc, char **argv)
{
	if (argc != 5)
		return fputs("Usage: usage_insert DATABASE_SOCKET USER ROUND ROWS\n", stderr), EXIT_FAILURE;
	MYSQL *database = open_database(argv[1], argv[2]);
	MYSQL_STMT *statement = mysql_stmt_init(database);
	long round = atol(argv[3]), count = atol(argv[4]) / CHUNK;
	struct chunk *chunks = calloc((size_t)count, sizeof(*chunks));
	MYSQL_TIME at = { .year = 2026, .month = 11, .day = 22, .hour = 12, .time_type = MYSQL_TIMESTAMP_DATETIME };

	if (chunks == NULL || statement == NULL || mysql_stmt_prepare(statement, insert, sizeof(insert) - 1) != 0)
		give_up(insert, mysql_error(database));
	for (long i = 0; i < count; i++)
		fill(&chunks[i], round, i * CHUNK, &at);
	long began = now();
	for (long i = 0; i < count; i++)
		run_chunk(statement, &chunks[i]);
	if (mysql_commit(database) != 0)
		give_up("commit", mysql_error(database));
	printf("%ld\n", now() - began);
	mysql_stmt_close(statement);
	mysql_close(database);
	free(chunks);
	return EXIT_SUCCESS;
}
