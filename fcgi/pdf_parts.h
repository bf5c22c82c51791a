/*
 * Between the files of pdf.h: what a document is made of, and the canvas that it is drawn on. Lengths are thousandths of
 * a point, from the left and from the top.
 */
#ifndef PURSER_PDF_PARTS_H
#define PURSER_PDF_PARTS_H

#include "pdf.h"

/* ---- the document (pdf.c) ---------------------------------------------------------------------------------------- */

struct pdf_block {
	enum pdf_block_kind { PDF_PARTS, PDF_HEADING, PDF_REMARK, PDF_TOTALS, PDF_TABLE, PDF_CHART } kind;
	struct text text;
	const struct pdf_part *parts;
	const struct pdf_pair *pairs;
	size_t count;
	const struct pdf_table *table;
	const struct pdf_chart *chart;
	struct pdf_block *next;
};

struct pdf {
	struct arena *arena;
	struct pdf_head head;
	struct pdf_block *first, *last;
};

/* ---- the canvas (pdf_canvas.c) ----------------------------------------------------------------------------------- */

#define POINTS(n) ((int64_t)((n) * 1000))

enum { PAGE_WIDTH = 595276, PAGE_HEIGHT = 841890 }; /* A4 */

struct pdf_style {
	bool bold;
	int64_t size;
	int64_t leading; /* from one line to the next */
	int64_t gray;    /* thousandths; 0 is black */
};

struct canvas;

/* Owned by the caller; ends with canvas_free, whatever happened between. */
const struct problem *canvas_new(struct call *call, const struct pdf_head *head, struct canvas **out);
void canvas_free(struct canvas *canvas);

/* From a fault on nothing is drawn any more, and canvas_fault and canvas_write tell it; so does the first the end of the
 * time. */
const struct problem *canvas_fault(struct canvas *canvas);
void canvas_page(struct canvas *canvas);
size_t canvas_page_count(const struct canvas *canvas);
void canvas_turn_to(struct canvas *canvas, size_t page);
int64_t canvas_width(struct canvas *canvas, const struct pdf_style *style, struct text text);
/* `baseline` is where the letters stand. */
void canvas_text(struct canvas *canvas, const struct pdf_style *style, int64_t left, int64_t baseline, struct text text);
void canvas_rule(struct canvas *canvas, int64_t left, int64_t top, int64_t width, int64_t weight, int64_t gray);
struct canvas_point {
	int64_t left, top;
};
void canvas_path(
    struct canvas *canvas, const struct canvas_point *points, size_t count, int64_t weight, int64_t gray);
/* Reads all fonts. */
const struct problem *canvas_try_fonts(struct canvas *canvas);
const struct problem *canvas_write(struct canvas *canvas, struct buffer *out);

/* ---- lines (pdf_wrap.c) ------------------------------------------------------------------------------------------ */

/* What can be drawn of it: control characters are blanks, what can't be seen is left out, and what lies beyond the
 * fonts' reach is a box. Line feeds stay. */
struct text pdf_clean(struct arena *arena, struct text text);
/* The lines of a clean text, none wider than `width` where a single character is not. Empty text has no lines. */
struct texts pdf_wrap(struct canvas *canvas, struct arena *arena, const struct pdf_style *style, struct text text,
    int64_t width);

/* ---- layout (pdf_layout.c) --------------------------------------------------------------------------------------- */

enum {
	MARGIN = 56693, /* 20 mm */
	BODY_WIDTH = PAGE_WIDTH - 2 * MARGIN,
	BODY_BOTTOM = PAGE_HEIGHT - 68000,
};

struct layout {
	struct call *call;
	const struct pdf *pdf;
	struct canvas *canvas;
	struct arena *arena; /* for one block, or one row */
	int64_t y;      /* where the next thing begins */
	bool is_fresh;  /* nothing but its head is on the page */
	bool is_trying; /* nothing is drawn: how far it would reach is asked */
};

extern const struct pdf_style pdf_plain, pdf_strong, pdf_small, pdf_label;

struct text_box {
	int64_t left, top, width;
	bool right;
};
/* Draws lines, and answers where the next one would begin. */
int64_t layout_lines(struct layout *layout, const struct pdf_style *style, struct text_box box, struct texts lines);
void layout_line(
    struct layout *layout, const struct pdf_style *style, struct text_box box, struct text line);
struct texts layout_wrap(struct layout *layout, const struct pdf_style *style, struct text text, int64_t width);
void layout_rule(struct layout *layout, int64_t left, int64_t top, int64_t width, int64_t weight, int64_t gray);
void layout_next_page(struct layout *layout);

/* ---- tables (pdf_table.c) ---------------------------------------------------------------------------------------- */

/* `reserve`: what has to stay with the last row. */
const struct problem *layout_table(struct layout *layout, const struct pdf_table *table, int64_t reserve);

/* ---- charts (pdf_chart.c) ---------------------------------------------------------------------------------------- */

void layout_chart(struct layout *layout, const struct pdf_chart *chart);

#endif
