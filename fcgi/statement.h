/*
 * Prepared statements by shape (MariaDB Connector/C). A handler names a declared statement, hands in a struct and gets
 * structs back; nothing else in the product touches SQL. A statement is prepared on first use on the connection it is
 * run on, and kept.
 *
 * Parameters the call gives, whatever the handler's shape says: :organization (struct id), :now (DATETIME(6)), :call (the
 * call's ULID), :principal (ULID of the key, person or operator), :principal_type (text), :limit, :offset, :cursor (the
 * page asked for, and one row more, which tells whether another page follows; an absent cursor is the far end of the order).
 *
 * A READ operation runs on the read login; WRITE operations, jobs and programs run on the write login, whose transaction
 * begins with their first statement. A member of struct bytes is NULL in SQL where its `at` is NULL; struct texts
 * is one text in SQL, its items separated by blanks; lists and objects have no form there.
 */
#ifndef PURSER_STATEMENT_H
#define PURSER_STATEMENT_H

#include <stdio.h>

#include "operation.h"

/* Exactly one row into `out`; NOT_FOUND where there is none. */
const struct problem *sql_one(struct call *call, const struct statement *statement, const void *in, void *out);

/* One row or none; `*found` tells. */
const struct problem *sql_maybe(
    struct call *call, const struct statement *statement, const void *in, void *out, bool *found);

/* A procedure that gives one row, or nothing, or meets a duplicate key (1062): what it was before that is undone. */
enum called { CALLED_ROW, CALLED_NOTHING, CALLED_DUPLICATE };
const struct problem *sql_call(
    struct call *call, const struct statement *statement, const void *in, void *out, enum called *called);

/* All rows, in the arena; for results known to be short. */
const struct problem *sql_all(
    struct call *call, const struct statement *statement, const void *in, struct list *rows);

/* Each row to `row`, unbuffered, in constant memory: what the callback takes from the arena is given back after it. The
 * connection is busy until the last row: the callback runs no other statement on the same login. */
const struct problem *sql_each(struct call *call, const struct statement *statement, const void *in,
    const struct problem *(*row)(struct call *call, void *context, const void *row), void *context);

/* Rows to a sink, the last step of a list handler. */
const struct problem *sql_page(
    struct call *call, const struct statement *statement, const void *in, struct sink *sink);

/* No result set; `affected` may be NULL. An UPDATE affects the rows it finds, also those that it leaves as they were. */
const struct problem *sql_run(struct call *call, const struct statement *statement, const void *in, int64_t *affected);

/* The statement for each of many rows, by array binding: `rows` points at structs of the shape it takes. What it gives goes to
 * `row`, in the order of the rows that gave it, and lives until that returns; `row` runs no statement. A statement that runs in
 * bulk never runs otherwise. INSERT IGNORE makes warnings of values that do not fit their column: they are checked before. */
const struct problem *sql_bulk(struct call *call, const struct statement *statement, const void *const *rows, size_t count,
    const struct problem *(*row)(struct call *call, void *context, const void *row), void *context);

/* As sql_run, but an error of the database that leaves the connection usable is told by its number instead of a problem. */
const struct problem *sql_try(struct call *call, const struct statement *statement, const void *in, unsigned *error);

/* Makes the list known (it ends with NULL and lives for ever). Every statement is registered before its first use: the
 * resources' and the machinery's own by statements_register_all, which programs call first. */
void statements_register(const struct statement *const *list);
void statements_register_all(void);

/* Prepares and looks at every declared statement, and at each hot read, on the login it belongs to: parameters, result
 * columns, type classes, nullability, `:organization`. A line for every fault; answers how many. */
int statements_check(FILE *report);

#endif
