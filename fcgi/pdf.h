/*
 * Documents for people: a title, columns of addresses and facts, tables whose sums are carried over from page to page,
 * totals, charts, remarks, page numbers. A document is a list of blocks, and written by one call that lays it out; the rows
 * of a table are asked for while that happens, and none is kept. Any text may be as long as it likes and hold any UTF-8:
 * it is wrapped, a line feed ends a line, and a character that no font has is shown as a box. Letters are drawn one after
 * the other, from left to right: scripts that join letters, or go the other way, are not shaped. The same document gives the
 * same bytes.
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
	bool right;    /* figures */
	bool optional; /* left out where no row but strong ones fills it */
};

enum { PDF_COLUMNS_MOST = 8 };

struct pdf_row {
	struct text cells[PDF_COLUMNS_MOST];
	bool carries;
	struct text carried[PDF_COLUMNS_MOST]; /* where it carries: the sums up to here, for a page that ends behind this row */
	struct text note;                      /* in small type below the first cell that has a share, or the first one */
	bool strong;
};

/* `each` puts the rows, from the first to the last. It is called twice, to find how wide the columns have to be, and to draw
 * them, and has to put the same both times. What a row takes of call->arena may be given back as soon as it is put. */
struct pdf_rows;
struct pdf_table {
	const struct pdf_column *columns;
	size_t column_count;
	const struct problem *(*each)(struct call *call, const void *context, struct pdf_rows *rows);
	const void *context;
	size_t together; /* so many rows of one line at its beginning are on the page of its heading */
};
/* The table and what it points at have to live until the document is written. */
void pdf_table(struct pdf *pdf, const struct pdf_table *table);
const struct problem *pdf_put(struct pdf_rows *rows, const struct pdf_row *row);

/* Lines over the same number of steps, from 0 to `most`; a line may begin later and end earlier. */
struct pdf_series {
	struct text name;
	const int64_t *values;
	size_t first, count;
	int64_t weight, gray; /* thousandths of a point, and of white */
	bool dashed;
};
struct pdf_chart {
	const struct pdf_series *series;
	size_t series_count;
	size_t steps;
	int64_t most;
	struct text top, bottom; /* of the scale */
	struct text begin, end;  /* of the steps */
};
void pdf_chart(struct pdf *pdf, const struct pdf_chart *chart);

/* Adds the document's bytes. What it needs besides the arena is given back before it answers, whatever it answers:
 * NOT_ACCEPTABLE for what is too long to be drawn in the memory and the time of one request, and what the tables' `each`
 * answer. */
const struct problem *pdf_write(struct call *call, const struct pdf *pdf, struct buffer *out);

/* Whether the fonts of the settings can be used. */
const struct problem *pdf_try_fonts(struct call *call);

#endif
