/*
 * Tables: columns as wide as their figures need, the heading again on each page, and the sums carried over where a page
 * ends. Only a row that would fill most of a page is parted.
 */
#include "pdf_parts.h"

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

struct grid {
	struct layout *layout;
	const struct pdf_table *table;
	const struct pdf_style *plain, *strong, *label;
	int64_t *lefts, *widths;
};

/* A cell's lines, and in the first column those of the note behind them. */
struct cell {
	struct texts lines;
	struct texts notes;
};

/* ---- widths ------------------------------------------------------------------------------------------------------ */

static int64_t
natural_width(struct grid *grid, const struct pdf_style *style, struct text text)
{
	struct texts lines = layout_wrap(grid->layout, style, text, PAGE_WIDTH);
	int64_t widest = 0;

	for (size_t i = 0; i < lines.count; i++) {
		int64_t width = canvas_width(grid->layout->canvas, style, lines.items[i]);

		widest = width > widest ? width : widest;
	}
	return widest;
}

static int64_t
widest_of(struct grid *grid, size_t column)
{
	int64_t widest = natural_width(grid, grid->label, grid->table->columns[column].heading);

	for (const struct pdf_line *line = grid->table->first; line != NULL; line = line->next) {
		int64_t width =
		    natural_width(grid, line->row.strong ? grid->strong : grid->plain, line->row.cells[column]);
		int64_t carried =
		    line->row.carried == NULL ? 0 : natural_width(grid, grid->strong, line->row.carried[column]);

		widest = width > widest ? width : widest;
		widest = carried > widest ? carried : widest;
	}
	return widest;
}

static void
share_out(struct grid *grid, int64_t left_over, int64_t shares)
{
	int64_t left = MARGIN;

	for (size_t i = 0; i < grid->table->column_count; i++) {
		if (grid->table->columns[i].share > 0 && shares > 0)
			grid->widths[i] = left_over * grid->table->columns[i].share / shares;
		grid->lefts[i] = left;
		left += grid->widths[i] + GUTTER;
	}
}

/* What columns without a share would like to have. */
static int64_t
find_natural_widths(struct grid *grid)
{
	int64_t sum = 0;

	for (size_t i = 0; i < grid->table->column_count; i++) {
		grid->widths[i] = grid->table->columns[i].share > 0 ? 0 : widest_of(grid, i);
		sum += grid->widths[i];
	}
	return sum;
}

/* Takes it from words, as far as these can be wrapped, and only then from figures. */
static int64_t
squeeze(struct grid *grid, int64_t sum, int64_t most)
{
	int64_t words = 0, left = 0;

	for (size_t i = 0; i < grid->table->column_count; i++)
		words += grid->table->columns[i].right ? 0 : grid->widths[i];
	if (sum > most && words > 0) {
		int64_t kept = words - (sum - most);

		kept = kept < words * SQUEEZED / 100 ? words * SQUEEZED / 100 : kept;
		for (size_t i = 0; i < grid->table->column_count; i++)
			if (!grid->table->columns[i].right)
				grid->widths[i] = grid->widths[i] * kept / words;
		sum -= words - kept;
	}
	for (size_t i = 0; i < grid->table->column_count; i++) {
		grid->widths[i] = sum > most ? grid->widths[i] * most / sum : grid->widths[i];
		left += grid->widths[i];
	}
	return left;
}

static void
set_type(struct grid *grid, bool compact)
{
	grid->plain = compact ? &compact_plain : &pdf_plain;
	grid->strong = compact ? &compact_strong : &pdf_strong;
	grid->label = compact ? &compact_label : &pdf_label;
}

static void
find_widths(struct grid *grid)
{
	size_t count = grid->table->column_count;
	int64_t room = BODY_WIDTH - (int64_t)(count - 1) * GUTTER, most = room, shares = 0, sum;

	grid->widths = arena_array(grid->layout->call->arena, count, sizeof(int64_t));
	grid->lefts = arena_array(grid->layout->call->arena, count, sizeof(int64_t));
	for (size_t i = 0; i < count; i++)
		shares += grid->table->columns[i].share;
	if (shares > 0)
		most = room * FIGURES_MOST / 100;
	set_type(grid, false);
	sum = find_natural_widths(grid);
	if (sum > most) {
		set_type(grid, true);
		sum = find_natural_widths(grid);
	}
	share_out(grid, room - squeeze(grid, sum, most), shares);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static struct text_box
box_of(const struct grid *grid, size_t column, int64_t top)
{
	return (struct text_box){ grid->lefts[column], top, grid->widths[column], grid->table->columns[column].right };
}

static void
put_heading(struct grid *grid)
{
	struct layout *layout = grid->layout;
	int64_t bottom = layout->y;

	for (size_t i = 0; i < grid->table->column_count; i++) {
		struct text_box box = box_of(grid, i, layout->y);
		struct texts lines = layout_wrap(layout, grid->label, grid->table->columns[i].heading, box.width);
		int64_t end = layout_lines(layout, grid->label, box, lines);

		bottom = end > bottom ? end : bottom;
	}
	layout->y = bottom + PADDING;
	layout_rule(layout, MARGIN, layout->y, BODY_WIDTH, HEAD_RULE, DARK);
	layout->y += HEAD_RULE;
}

static int64_t
sums_height(const struct grid *grid)
{
	return grid->strong->leading + 2 * PADDING + HAIRLINE;
}

static void
put_sums(struct grid *grid, struct text label, const struct text *sums)
{
	struct layout *layout = grid->layout;

	for (size_t i = 0; i < grid->table->column_count; i++) {
		struct text sum = i == 0 && sums[0].length == 0 ? label : pdf_clean(layout->call->arena, sums[i]);
		struct text_box box = box_of(grid, i, layout->y + PADDING);

		box.right = box.right && (i > 0 || sums[0].length > 0);
		layout_line(layout, grid->strong, box, sum);
	}
	layout->y += sums_height(grid);
	layout_rule(layout, MARGIN, layout->y - HAIRLINE, BODY_WIDTH, HAIRLINE, RULE_GRAY);
}

static void
turn_page(struct grid *grid, const struct pdf_row *last)
{
	bool carries = last != NULL && last->carried != NULL;

	if (carries)
		put_sums(grid, carried_forward, last->carried);
	layout_next_page(grid->layout);
	put_heading(grid);
	if (carries)
		put_sums(grid, brought_forward, last->carried);
}

/* How many lines the row has, and which of them, the last ones, are notes alone. */
struct extent {
	size_t lines, plain;
	int64_t height;
};

static struct extent
extent_of(const struct grid *grid, const struct cell *cells)
{
	struct extent extent = { 1, 1, 0 };

	for (size_t i = 0; i < grid->table->column_count; i++) {
		size_t all = cells[i].lines.count + cells[i].notes.count;

		extent.plain = cells[i].lines.count > extent.plain ? cells[i].lines.count : extent.plain;
		extent.lines = all > extent.lines ? all : extent.lines;
	}
	extent.height = 2 * PADDING + HAIRLINE + (int64_t)extent.plain * grid->plain->leading +
			(extent.lines > extent.plain ? (int64_t)(extent.lines - extent.plain) * pdf_small.leading : 0);
	return extent;
}

static struct cell *
wrap_cells(struct grid *grid, const struct pdf_row *row)
{
	struct layout *layout = grid->layout;
	struct cell *cells = arena_array(layout->call->arena, grid->table->column_count, sizeof(*cells));

	for (size_t i = 0; i < grid->table->column_count; i++)
		cells[i].lines =
		    layout_wrap(layout, row->strong ? grid->strong : grid->plain, row->cells[i], grid->widths[i]);
	cells[0].notes = layout_wrap(layout, &pdf_small, row->note, grid->widths[0]);
	return cells;
}

static void
put_line(struct grid *grid, const struct pdf_row *row, const struct cell *cells, size_t number)
{
	for (size_t i = 0; i < grid->table->column_count; i++) {
		struct text_box box = box_of(grid, i, grid->layout->y);
		size_t plain = cells[i].lines.count;

		if (number < plain)
			layout_line(
			    grid->layout, row->strong ? grid->strong : grid->plain, box, cells[i].lines.items[number]);
		else if (number - plain < cells[i].notes.count)
			layout_line(grid->layout, &pdf_small, box, cells[i].notes.items[number - plain]);
	}
}

static void
put_row(struct grid *grid, const struct pdf_row *row, const struct cell *cells, struct extent extent,
    const struct pdf_row *before)
{
	struct layout *layout = grid->layout;

	int64_t bottom = BODY_BOTTOM - (extent.height < PARTED_FROM ? 0 : sums_height(grid));

	layout->y += PADDING;
	for (size_t i = 0; i < extent.lines; i++) {
		if (layout->y + grid->plain->leading > bottom) {
			turn_page(grid, before);
			layout->y += PADDING;
		}
		put_line(grid, row, cells, i);
		layout->y += i < extent.plain ? grid->plain->leading : pdf_small.leading;
	}
	layout->y += PADDING + HAIRLINE;
	layout_rule(layout, MARGIN, layout->y - HAIRLINE, BODY_WIDTH, HAIRLINE, ROW_RULE_GRAY);
}

void
layout_table(struct layout *layout, const struct pdf_table *table, int64_t reserve)
{
	struct grid grid = { .layout = layout, .table = table };
	const struct pdf_row *before = NULL;

	find_widths(&grid);
	if (!layout->is_fresh && layout->y + ROOM_AT_START > BODY_BOTTOM)
		layout_next_page(layout);
	put_heading(&grid);
	for (const struct pdf_line *line = table->first; line != NULL; line = line->next) {
		const struct cell *cells = wrap_cells(&grid, &line->row);
		struct extent extent = extent_of(&grid, cells);
		int64_t behind = line->next == NULL ? reserve : line->row.carried == NULL ? 0 : sums_height(&grid);

		if (before != NULL && extent.height < PARTED_FROM && layout->y + extent.height + behind > BODY_BOTTOM)
			turn_page(&grid, before);
		put_row(&grid, &line->row, cells, extent, before);
		before = &line->row;
	}
	layout->is_fresh = false;
}
