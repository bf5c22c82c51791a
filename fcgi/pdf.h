/*
 * Documents for people: a title, columns of addresses and facts, tables whose sums are carried over from page to page,
 * totals, remarks, page numbers. A document is built of the arena's memory, and written by one call that lays it out.
 * Any text may be as long as it likes and hold any UTF-8: it is wrapped, a line feed ends a line, and a character that
 * the font lacks is shown as a box. The same document gives the same bytes. A row of a table holds about a kilobyte of the
 * arena, and 60 to 200 bytes of the document.
 */
#ifndef PURSER_PDF_H
#define PURSER_PDF_H

#include "call.h"

struct pdf;

/* What stands on top of the first page, and in short on every other one. */
struct pdf_head {
	struct text title;    /* "Tax invoice" */
	struct text subtitle; /* its number or period */
	struct text sender;   /* who writes */
	struct text address;  /* below it, in lines */
	struct text foot;     /* at the foot of every page */
};

struct pdf *pdf_new(struct arena *arena, const struct pdf_head *head);

/* A name and its value, in a line. */
struct pdf_pair {
	struct text name;
	struct text value;
	bool strong;
};

/* Side by side: a heading, and below it lines and pairs. The arrays have to live until the document is written. */
struct pdf_part {
	struct text heading;
	struct text lines;
	const struct pdf_pair *pairs;
	size_t pair_count;
};
void pdf_parts(struct pdf *pdf, const struct pdf_part *parts, size_t count);

/* Stays with what follows it. */
void pdf_heading(struct pdf *pdf, struct text heading);
/* A paragraph in small type. */
void pdf_remark(struct pdf *pdf, struct text remark);
/* Names and values at the right side, in one piece; a strong pair stands out. Behind a table: with its last row. */
void pdf_totals(struct pdf *pdf, const struct pdf_pair *pairs, size_t count);

/* A column with a share gets that part of what the others leave; one without is as wide as its widest cell needs. */
struct pdf_column {
	struct text heading;
	int64_t share;
	bool right; /* figures */
};
struct pdf_table;
struct pdf_table *pdf_table(struct pdf *pdf, const struct pdf_column *columns, size_t count);

struct pdf_row {
	struct text *cells;   /* one a column; empty at first */
	struct text *carried; /* one a column: the sums up to here, where a page ends behind this row; NULL: none */
	struct text note;     /* in small type below the first cell */
	bool strong;
};
/* The row's `carried` is there and empty where `carries`, else NULL. */
struct pdf_row *pdf_row(struct pdf_table *table, bool carries);

/* Adds the document's bytes. What it needs besides the arena is given back before it answers, whatever it answers. */
const struct problem *pdf_write(struct call *call, const struct pdf *pdf, struct buffer *out);

#endif
