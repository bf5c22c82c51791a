/*
 * The inside of the statements, for statement*.c alone: a statement's text with its names resolved, and values on their way
 * between structs and Connector/C.
 */
#ifndef PURSER_STATEMENT_PLAN_H
#define PURSER_STATEMENT_PLAN_H

#include <mysql.h>

#include "call.h"
#include "database.h"
#include "statement.h"

enum { PARAMETERS_MAX = 250, COLUMNS_MAX = 120 };

enum source {
	FROM_INPUT,
	FROM_ORGANIZATION,
	FROM_NOW,
	FROM_CALL,
	FROM_PRINCIPAL,
	FROM_PRINCIPAL_TYPE,
	FROM_LIMIT,
	FROM_OFFSET,
	FROM_CURSOR,
};

struct parameter {
	enum source source;
	const struct field *field; /* FROM_INPUT */
};

struct plan {
	char *sql; /* with a `?` for every name */
	size_t length;
	char *fault; /* why the statement can't be used, or NULL */
	bool is_call; /* CALL: several results, and it may commit */
	unsigned count;
	struct parameter *parameters;
};

/* Lives for ever. */
struct plan *plan_make(const struct statement *statement);
bool plan_has(const struct plan *plan, enum source source);

/* Behind the quoted text or the comment that begins here; `at` itself when none does. */
const char *plan_skip_quoted(const char *at);

enum {
	SLOT_STREAM = LOGIN_COUNT, /* the read login without a limit to how long a statement runs */
	SLOTS,
};

struct prepared {
	MYSQL_STMT *handle;
	unsigned long generation; /* of the connection it belongs to */
	unsigned columns;         /* 0: not looked at yet */
	unsigned char fields[COLUMNS_MAX]; /* of each column */
};

/* A registered statement. */
struct known {
	const struct statement *statement;
	struct plan *plan;
	struct prepared prepared[SLOTS];
};

struct known *statement_known(const struct statement *statement); /* NULL: never registered */
size_t statement_count(void);
struct known *statement_at(size_t index);

/* The index of the shape's field with this name; -1: none. */
int field_index(const struct shape *shape, const char *name);

/* A value outside of its struct, as Connector/C wants it or has left it. */
struct cell {
	union {
		int64_t integer;
		signed char tiny;
		MYSQL_TIME time;
		unsigned char bytes[32];
	} as;
	unsigned long length;
	my_bool is_null;
	my_bool is_cut;
};

/* One execution: statement.c begins and ends it, for a row of parameters or, in bulk, for many. */
struct run {
	struct call *call;
	struct known *known;
	struct prepared *prepared;
	enum login login;
	bool repeatable; /* nothing came before that the loss of the connection would have undone */
	bool streams;
	unsigned rows; /* in bulk: of which each parameter is an array; else 0 */
	MYSQL_BIND *parameters;
	MYSQL_BIND *columns;
	struct cell *cells;
	int fetched; /* what the last fetch answered */
	unsigned error;
};

void run_set_up(struct run *run, struct call *call, struct known *known);
/* Up to the first row. An error of the database stands in run->error; a problem is final. */
const struct problem *run_attempt(struct run *run);
/* The error as a problem. */
const struct problem *run_refused(struct run *run);
bool run_has_row(const struct run *run);
const struct problem *run_take_row(struct run *run, void *row);
const struct problem *run_fetch(struct run *run); /* the next row */
const struct problem *run_end(struct run *run);
void run_abandon(struct run *run); /* in the middle of its rows */

/* Is the field in SQL at all? */
bool bindable(const struct field *field);

/* Points a bind at each parameter's value. `cells` and `binds` hold plan->count. */
const struct problem *bind_parameters(
    struct call *call, const struct plan *plan, const void *in, MYSQL_BIND *binds, struct cell *cells);

/* Binds a parameter that the call gives. */
const struct problem *bind_from_call(struct call *call, enum source source, MYSQL_BIND *bind, struct cell *cell);

/* Is the member's value, at its place, absent: NULL in SQL? */
bool bind_is_absent(const struct field *field, const void *value);

/* Readies a bind for a column that goes to the field. */
void bind_column(const struct field *field, MYSQL_BIND *bind, struct cell *cell);

/* Puts a fetched column into its field. False: it does not fit. */
bool take_column(
    struct call *call, MYSQL_STMT *handle, unsigned column, const struct field *field, struct cell *cell, void *row);

#endif
