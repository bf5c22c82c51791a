/*
 * Documents as CSV (RFC 4180): rows end with CRLF, and every text is quoted. A text that a spreadsheet would take for a formula
 * gets an apostrophe before it.
 */
#ifndef PURSER_CSV_H
#define PURSER_CSV_H

#include "call.h"

struct csv {
	struct buffer *out;
	bool in_row;
};

struct csv csv_to(struct buffer *out);

/* One cell each; an absent value is an empty cell. */
void csv_text(struct csv *csv, struct text text);
void csv_maybe_text(struct csv *csv, struct maybe_text text);
void csv_string(struct csv *csv, const char *text);
void csv_integer(struct csv *csv, int64_t number);
void csv_amount(struct csv *csv, struct amount amount);
void csv_maybe_amount(struct csv *csv, struct maybe_amount amount);
void csv_maybe_credits(struct csv *csv, struct maybe_credits credits);
void csv_maybe_quantity(struct csv *csv, struct maybe_quantity quantity);
void csv_maybe_instant(struct csv *csv, struct maybe_instant at);
void csv_nothing(struct csv *csv, size_t cells);
void csv_row_end(struct csv *csv);

#endif
