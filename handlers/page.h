/*
 * What every list takes: how many rows, and where to go on.
 */
#ifndef PURSER_PAGE_H
#define PURSER_PAGE_H

#include "operation.h"

/* The members, and their rows, of a list's own input. */
#define PAGE_MEMBERS            \
	struct maybe_int limit; \
	struct maybe_text cursor

#define PAGE_FIELDS(s)                                                                                \
	FIELD(s, limit, RANGE(1, 1000),                                                               \
	    "Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling."), \
	    FIELD(s, cursor, LENGTH(1, 500), "The `next_cursor` of the page before.")

/* The input of a list that takes nothing else. */
struct page_query {
	PAGE_MEMBERS;
};
static const struct field page_query_fields[] = { PAGE_FIELDS(page_query) };
SHAPE(page_query)

#endif
