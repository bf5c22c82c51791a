/*
 * Tables: columns as wide as their figures need, the heading again on each page, and the sums carried over where a page
 * ends. Only a row that would fill most of a page is parted.
 */
#include "pdf_parts.h"

#include <string.h>

#include "config.h"
#include "text.h"

enum {
	GUTTER = 12000,
	PADDING = 3000,
	HAIRLINE = 500,
	HEAD_RULE = 800,
	RULE_GRAY = 780,
	ROW_RULE_GRAY = 880,
	DARK = 110,
	FIGURES_MOST = 68, /* hundredths of the width that columns without a share may take */
	SQUEEZED = 45,     /* hundredths of its width that a column of words keeps, before figures are parted */
	ROOM_AT_START = 60000,
	PARTED_FROM = 400000, /* a row that is so high may end on the next page */
};

static const struct text carried_forward = TEXT_OF("Carried forward"), brought_forward = TEXT_OF("Brought forward");

/* Where a table is too wide for the usual type. */
static const struct pdf_style compact_plain = { .size = 7200, .leading = 10000, .gray = 110 };
static const struct pdf_style compact_strong = { .bold = true, .size = 7200, .leading = 10000, .gray = 110 };
static const struct pdf_style compact_label = { .bold = true, .size = 6600, .leading = 9000, .gray = 400 };

/* The row before the one that is put, and this one: whether a page may end between them is known when the next one
 * comes. */
struct slot {
	struct arena *arena;
	struct pdf_row row;
	bool is_full;
};

struct pdf_rows {
	struct layout *layout;
	const struct pdf_table *table;
	bool is_measuring;
	int64_t widest[PDF_COLUMNS_MOST]; /* cells in the usual type */
	bool is_filled[PDF_COLUMNS_MOST];
	size_t shown[PDF_COLUMNS_MOST]; /* the columns that are there, from the left */
	size_t count, notes;            /* of them; which one has the notes */
	const struct pdf_style *plain, *strong, *label;
	int64_t lefts[PDF_COLUMNS_MOST], widths[PDF_COLUMNS_MOST];
	struct slot slots[2];
	size_t newest;
};

/* A cell's lines, and in one column those of the note behind them. */
struct cell {
	struct texts lines;
	struct texts notes;
};

static const struct pdf_column *
column_of(const struct pdf_rows *rows, size_t at)
{
	return &rows->table->columns[rows->shown[at]];
}

/* ---- widths ------------------------------------------------------------------------------------------------------ */

/* Of the longest of its lines, no more than a page. */
static int64_t
natural_width(struct pdf_rows *rows, const struct pdf_style *style, struct text text)
{
	struct arena_mark mark = arena_mark(rows->layout->arena);
	struct text rest = pdf_clean(rows->layout->arena, text);
	int64_t widest = 0;

	while (rest.length > 0) {
		const char *end = memchr(rest.at, '\n', rest.length);
		size_t length = end == NULL ? rest.length : (size_t)(end - rest.at);
		int64_t width = canvas_width(rows->layout->canvas, style, (struct text){ rest.at, length });

		widest = width > widest ? width : widest;
		length += end != NULL;
		rest = (struct text){ rest.at + length, rest.length - length };
	}
	arena_release(rows->layout->arena, mark);
	return widest < PAGE_WIDTH ? widest : PAGE_WIDTH;
}

static void
measure(struct pdf_rows *rows, const struct pdf_row *row)
{
	for (size_t i = 0; i < rows->table->column_count; i++) {
		int64_t width;

		rows->is_filled[i] = rows->is_filled[i] || (!row->strong && row->cells[i].length > 0);
		width = natural_width(rows, row->strong ? &pdf_strong : &pdf_plain, row->cells[i]);
		rows->widest[i] = width > rows->widest[i] ? width : rows->widest[i];
		width = row->carries ? natural_width(rows, &pdf_strong, row->carried[i]) : 0;
		rows->widest[i] = width > rows->widest[i] ? width : rows->widest[i];
	}
}

static void
choose_columns(struct pdf_rows *rows)
{
	bool has_share = false;

	for (size_t i = 0; i < rows->table->column_count; i++) {
		bool shares = rows->table->columns[i].share > 0;

		if (rows->table->columns[i].optional && !rows->is_filled[i])
			continue;
		if (shares && !has_share)
			rows->notes = rows->count;
		has_share = has_share || shares;
		rows->shown[rows->count++] = i;
	}
}

static void
share_out(struct pdf_rows *rows, int64_t left_over, int64_t shares)
{
	int64_t left = MARGIN;

	for (size_t i = 0; i < rows->count; i++) {
		if (shares > 0 && column_of(rows, i)->share > 0)
			rows->widths[i] = left_over * column_of(rows, i)->share / shares;
		rows->lefts[i] = left;
		left += rows->widths[i] + GUTTER;
	}
}

/* What columns without a share would like to have. */
static int64_t
find_natural_widths(struct pdf_rows *rows)
{
	int64_t sum = 0;

	for (size_t i = 0; i < rows->count; i++) {
		int64_t heading = natural_width(rows, rows->label, column_of(rows, i)->heading);
		int64_t cells = rows->widest[rows->shown[i]] * rows->plain->size / pdf_plain.size + 1;

		rows->widths[i] = column_of(rows, i)->share > 0 ? 0 : heading > cells ? heading : cells;
		sum += rows->widths[i];
	}
	return sum;
}

/* Takes it from words, as far as these can be wrapped, and only then from figures. */
static int64_t
squeeze(struct pdf_rows *rows, int64_t sum, int64_t most)
{
	int64_t words = 0, left = 0;

	for (size_t i = 0; i < rows->count; i++)
		words += column_of(rows, i)->right ? 0 : rows->widths[i];
	if (sum > most && words > 0) {
		int64_t kept = words - (sum - most);

		kept = kept < words * SQUEEZED / 100 ? words * SQUEEZED / 100 : kept;
		for (size_t i = 0; i < rows->count; i++)
			if (!column_of(rows, i)->right)
				rows->widths[i] = rows->widths[i] * kept / words;
		sum -= words - kept;
	}
	for (size_t i = 0; i < rows->count; i++) {
		rows->widths[i] = sum > most ? rows->widths[i] * most / sum : rows->widths[i];
		left += rows->widths[i];
	}
	return left;
}

static void
set_type(struct pdf_rows *rows, bool compact)
{
	rows->plain = compact ? &compact_plain : &pdf_plain;
	rows->strong = compact ? &compact_strong : &pdf_strong;
	rows->label = compact ? &compact_label : &pdf_label;
}

static void
find_widths(struct pdf_rows *rows)
{
	int64_t room, most, shares = 0, sum;

	choose_columns(rows);
	room = BODY_WIDTH - (int64_t)(rows->count - 1) * GUTTER;
	for (size_t i = 0; i < rows->count; i++)
		shares += column_of(rows, i)->share;
	most = shares > 0 ? room * FIGURES_MOST / 100 : room;
	set_type(rows, false);
	sum = find_natural_widths(rows);
	if (sum > most) {
		set_type(rows, true);
		sum = find_natural_widths(rows);
	}
	share_out(rows, room - squeeze(rows, sum, most), shares);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static struct text_box
box_of(const struct pdf_rows *rows, size_t column, int64_t top)
{
	return (struct text_box){ rows->lefts[column], top, rows->widths[column], column_of(rows, column)->right };
}

static void
put_heading(struct pdf_rows *rows)
{
	struct layout *layout = rows->layout;
	int64_t bottom = layout->y;

	for (size_t i = 0; i < rows->count; i++) {
		struct text_box box = box_of(rows, i, layout->y);
		struct texts lines = layout_wrap(layout, rows->label, column_of(rows, i)->heading, box.width);
		int64_t end = layout_lines(layout, rows->label, box, lines);

		bottom = end > bottom ? end : bottom;
	}
	layout->y = bottom + PADDING;
	layout_rule(layout, MARGIN, layout->y, BODY_WIDTH, HEAD_RULE, DARK);
	layout->y += HEAD_RULE;
}

static int64_t
sums_height(const struct pdf_rows *rows)
{
	return rows->strong->leading + 2 * PADDING + HAIRLINE;
}

static void
put_sums(struct pdf_rows *rows, struct text label, const struct text *sums)
{
	struct layout *layout = rows->layout;

	for (size_t i = 0; i < rows->count; i++) {
		struct text sum = pdf_clean(layout->arena, sums[rows->shown[i]]);

		if (i != rows->notes)
			layout_line(layout, rows->strong, box_of(rows, i, layout->y + PADDING), sum);
	}
	layout_line(layout, rows->strong,
	    (struct text_box){ rows->lefts[rows->notes], layout->y + PADDING, BODY_WIDTH, false }, label);
	layout->y += sums_height(rows);
	layout_rule(layout, MARGIN, layout->y - HAIRLINE, BODY_WIDTH, HAIRLINE, RULE_GRAY);
}

static void
turn_page(struct pdf_rows *rows, const struct pdf_row *last)
{
	bool carries = last != NULL && last->carries;

	if (carries)
		put_sums(rows, carried_forward, last->carried);
	layout_next_page(rows->layout);
	put_heading(rows);
	if (carries)
		put_sums(rows, brought_forward, last->carried);
}

/* How many lines the row has, and which of them, the last ones, are notes alone. */
struct extent {
	size_t lines, plain;
	int64_t height;
};

static struct extent
extent_of(const struct pdf_rows *rows, const struct cell *cells)
{
	struct extent extent = { 1, 1, 0 };

	for (size_t i = 0; i < rows->count; i++) {
		size_t all = cells[i].lines.count + cells[i].notes.count;

		extent.plain = cells[i].lines.count > extent.plain ? cells[i].lines.count : extent.plain;
		extent.lines = all > extent.lines ? all : extent.lines;
	}
	extent.height = 2 * PADDING + HAIRLINE + (int64_t)extent.plain * rows->plain->leading +
			(extent.lines > extent.plain ? (int64_t)(extent.lines - extent.plain) * pdf_small.leading : 0);
	return extent;
}

static struct cell *
wrap_cells(struct pdf_rows *rows, const struct pdf_row *row)
{
	struct layout *layout = rows->layout;
	struct cell *cells = arena_array(layout->arena, rows->count, sizeof(*cells));

	for (size_t i = 0; i < rows->count; i++)
		cells[i].lines = layout_wrap(
		    layout, row->strong ? rows->strong : rows->plain, row->cells[rows->shown[i]], rows->widths[i]);
	cells[rows->notes].notes = layout_wrap(layout, &pdf_small, row->note, rows->widths[rows->notes]);
	return cells;
}

static void
put_line(struct pdf_rows *rows, const struct pdf_row *row, const struct cell *cells, size_t number)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct text_box box = box_of(rows, i, rows->layout->y);
		size_t plain = cells[i].lines.count;

		if (number < plain)
			layout_line(
			    rows->layout, row->strong ? rows->strong : rows->plain, box, cells[i].lines.items[number]);
		else if (number - plain < cells[i].notes.count)
			layout_line(rows->layout, &pdf_small, box, cells[i].notes.items[number - plain]);
	}
}

static void
put_row(struct pdf_rows *rows, const struct pdf_row *row, const struct cell *cells, struct extent extent,
    const struct pdf_row *before)
{
	struct layout *layout = rows->layout;

	int64_t bottom = BODY_BOTTOM - (extent.height < PARTED_FROM ? 0 : sums_height(rows));

	layout->y += PADDING;
	for (size_t i = 0; i < extent.lines; i++) {
		if (layout->y + rows->plain->leading > bottom) {
			turn_page(rows, before);
			layout->y += PADDING;
		}
		put_line(rows, row, cells, i);
		layout->y += i < extent.plain ? rows->plain->leading : pdf_small.leading;
	}
	layout->y += PADDING + HAIRLINE;
	layout_rule(layout, MARGIN, layout->y - HAIRLINE, BODY_WIDTH, HAIRLINE, ROW_RULE_GRAY);
}

/* Draws the newest row; `behind` has to stay with it. */
static void
draw_row(struct pdf_rows *rows, int64_t behind)
{
	struct layout *layout = rows->layout;
	const struct slot *slot = &rows->slots[rows->newest], *other = &rows->slots[!rows->newest];
	const struct pdf_row *before = other->is_full ? &other->row : NULL;
	struct arena_mark mark = arena_mark(layout->arena);
	const struct cell *cells = wrap_cells(rows, &slot->row);
	struct extent extent = extent_of(rows, cells);

	if (before != NULL && extent.height < PARTED_FROM && layout->y + extent.height + behind > BODY_BOTTOM)
		turn_page(rows, before);
	put_row(rows, &slot->row, cells, extent, before);
	arena_release(layout->arena, mark);
}

static void
keep_text(struct slot *slot, struct text *text)
{
	*text = text->length == 0 ? TEXT("") : arena_text(slot->arena, text->at, text->length);
}

static void
keep_row(struct pdf_rows *rows, const struct pdf_row *row)
{
	struct slot *slot = &rows->slots[!rows->newest];

	arena_reset(slot->arena);
	slot->row = *row;
	slot->is_full = true;
	for (size_t i = 0; i < rows->table->column_count; i++) {
		keep_text(slot, &slot->row.cells[i]);
		keep_text(slot, &slot->row.carried[i]);
	}
	keep_text(slot, &slot->row.note);
	rows->newest = !rows->newest;
}

const struct problem *
pdf_put(struct pdf_rows *rows, const struct pdf_row *row)
{
	const struct slot *newest = &rows->slots[rows->newest];

	if (rows->is_measuring) {
		measure(rows, row);
	} else {
		if (newest->is_full)
			draw_row(rows, newest->row.carries ? sums_height(rows) : 0);
		keep_row(rows, row);
	}
	return canvas_fault(rows->layout->canvas);
}

static const struct problem *
draw_rows(struct pdf_rows *rows, int64_t reserve)
{
	struct layout *layout = rows->layout;
	const struct problem *p;

	rows->is_measuring = false;
	find_widths(rows);
	if (!layout->is_fresh && layout->y + ROOM_AT_START > BODY_BOTTOM)
		layout_next_page(layout);
	put_heading(rows);
	p = rows->table->each(layout->call, rows->table->context, rows);
	if (p == NULL && rows->slots[rows->newest].is_full)
		draw_row(rows, reserve);
	layout->is_fresh = false;
	return p;
}

const struct problem *
layout_table(struct layout *layout, const struct pdf_table *table, int64_t reserve)
{
	struct pdf_rows *rows = arena_take(layout->call->arena, sizeof(*rows));
	const struct problem *p;

	*rows = (struct pdf_rows){ .layout = layout, .table = table, .is_measuring = true };
	p = table->each(layout->call, table->context, rows);
	for (size_t i = 0; i < COUNT(rows->slots); i++)
		rows->slots[i].arena = arena_new((size_t)config.memory_limit_bytes);
	if (p == NULL)
		p = draw_rows(rows, reserve);
	for (size_t i = 0; i < COUNT(rows->slots); i++)
		arena_free(rows->slots[i].arena);
	return p;
}
