/*
 * Answers for people: the rows of a list in columns as wide as the terminal allows, one object as names and values.
 */
#ifndef PURSER_CLIENT_TABLE_H
#define PURSER_CLIENT_TABLE_H

#include "tree.h"

struct table;

/* `width` 0: as wide as it gets. `more_follows`: columns that are empty so far are kept. */
struct table *table_new(struct arena *arena, int width, bool more_follows);
/* Prints rows, an array of objects; the first rows decide on the columns. */
void table_rows(struct table *table, struct arena *arena, const struct tree *rows);
/* No row was printed. */
bool table_is_empty(const struct table *table);
/* Columns that had no room. */
size_t table_left_out(const struct table *table);

void table_object(struct arena *arena, const struct tree *object, int width);

#endif
