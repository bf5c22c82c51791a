/*
 * Lays a document out: the head of each page, blocks from top to bottom, and at last, when their number is known, the
 * foot of every page.
 */
#include "pdf_parts.h"

#include "config.h"
#include "text.h"

#define BLACK 110
#define GRAY 400
#define RULE_GRAY 780

const struct pdf_style pdf_plain = { .size = 9000, .leading = 12600, .gray = BLACK };
const struct pdf_style pdf_strong = { .bold = true, .size = 9000, .leading = 12600, .gray = BLACK };
const struct pdf_style pdf_small = { .size = 7500, .leading = 10400, .gray = GRAY };
const struct pdf_style pdf_label = { .bold = true, .size = 7500, .leading = 10400, .gray = GRAY };
static const struct pdf_style title_style = { .bold = true, .size = 20000, .leading = 24000, .gray = BLACK };
static const struct pdf_style subtitle_style = { .size = 11000, .leading = 15000, .gray = GRAY };
static const struct pdf_style sender_style = { .bold = true, .size = 11000, .leading = 15000, .gray = BLACK };
static const struct pdf_style heading_style = { .bold = true, .size = 11000, .leading = 15000, .gray = BLACK };
static const struct pdf_style sum_style = { .bold = true, .size = 10500, .leading = 14500, .gray = BLACK };

enum {
	TOP = 51000,
	FOOT_TOP = PAGE_HEIGHT - 46000,
	PART_GAP = 26000,
	PAIR_GAP = 10000,
	BLOCK_GAP = 24000,
	HAIRLINE = 500,
	LINES_MOST = 30, /* of a text in a head or a part */
	KEPT = 70000,    /* below a heading */
	ROW = 19100,     /* of one line */
	KEPT_MOST = 300000,
	SHORT_REMARK = 6, /* lines */
	REMARK_GAP = 6000,
	TABLE_GAP = 22000,
	TOTALS_GAP = 16000
};

#define ELLIPSIS "\xE2\x80\xA6"

/* ---- lines ------------------------------------------------------------------------------------------------------- */

void
layout_line(struct layout *layout, const struct pdf_style *style, struct text_box box, struct text line)
{
	int64_t left = box.left;

	if (layout->is_trying)
		return;
	if (box.right)
		left += box.width - canvas_width(layout->canvas, style, line);
	canvas_text(layout->canvas, style, left, box.top + (style->leading + style->size * 7 / 10) / 2, line);
}

int64_t
layout_lines(struct layout *layout, const struct pdf_style *style, struct text_box box, struct texts lines)
{
	for (size_t i = 0; i < lines.count; i++) {
		layout_line(layout, style, box, lines.items[i]);
		box.top += style->leading;
	}
	return box.top;
}

struct texts
layout_wrap(struct layout *layout, const struct pdf_style *style, struct text text, int64_t width)
{
	return pdf_wrap(layout->canvas, layout->arena, style, pdf_clean(layout->arena, text), width);
}

/* No more lines than there should be. */
static struct texts
wrap_most(struct layout *layout, const struct pdf_style *style, struct text text, int64_t width, size_t most)
{
	struct texts lines = layout_wrap(layout, style, text, width);
	struct text *last;

	if (lines.count <= most)
		return lines;
	lines.count = most;
	last = &lines.items[most - 1];
	while (last->length > 0 && canvas_width(layout->canvas, style, *last) > width - style->size)
		do
			last->length--;
		while (last->length > 0 && ((unsigned char)last->at[last->length] & 0xC0) == 0x80);
	*last = arena_format(layout->arena, "%.*s" ELLIPSIS, (int)last->length, last->at);
	return lines;
}

static int64_t
put_text(struct layout *layout, const struct pdf_style *style, struct text_box box, struct text text)
{
	return layout_lines(layout, style, box, wrap_most(layout, style, text, box.width, LINES_MOST));
}

void
layout_rule(struct layout *layout, int64_t left, int64_t top, int64_t width, int64_t weight, int64_t gray)
{
	if (!layout->is_trying)
		canvas_rule(layout->canvas, left, top, width, weight, gray);
}

/* ---- pages ------------------------------------------------------------------------------------------------------- */

static void
put_first_head(struct layout *layout)
{
	const struct pdf_head *head = &layout->pdf->head;
	struct text_box left = { .left = MARGIN, .top = TOP, .width = BODY_WIDTH * 52 / 100 };
	struct text_box right = { .width = BODY_WIDTH * 42 / 100, .top = TOP, .right = true };

	right.left = MARGIN + BODY_WIDTH - right.width;
	left.top = put_text(layout, &sender_style, left, head->sender);
	left.top = put_text(layout, &pdf_small, left, head->address);
	right.top = put_text(layout, &title_style, right, head->title);
	right.top = put_text(layout, &subtitle_style, right, head->subtitle);
	layout->y = (left.top > right.top ? left.top : right.top) + BLOCK_GAP;
}

static void
put_one_line(struct layout *layout, const struct pdf_style *style, struct text_box box, struct text text)
{
	layout_lines(layout, style, box, wrap_most(layout, style, text, box.width, 1));
}

static void
put_next_head(struct layout *layout)
{
	const struct pdf_head *head = &layout->pdf->head;
	struct text_box left = { .left = MARGIN, .top = TOP, .width = BODY_WIDTH * 58 / 100 };
	struct text_box right = { .width = BODY_WIDTH * 38 / 100, .top = TOP, .right = true };

	right.left = MARGIN + BODY_WIDTH - right.width;
	put_one_line(layout, &pdf_small, left,
	    arena_format(layout->arena, "%.*s %.*s", (int)head->title.length,
		text_or((struct maybe_text){ head->title.at, head->title.length }, "").at, (int)head->subtitle.length,
		text_or((struct maybe_text){ head->subtitle.at, head->subtitle.length }, "").at));
	put_one_line(layout, &pdf_small, right, head->sender);
	layout->y = TOP + pdf_small.leading + 4000;
	layout_rule(layout, MARGIN, layout->y, BODY_WIDTH, HAIRLINE, RULE_GRAY);
	layout->y += 14000;
}

void
layout_next_page(struct layout *layout)
{
	canvas_page(layout->canvas);
	if (canvas_page_count(layout->canvas) == 1)
		put_first_head(layout);
	else
		put_next_head(layout);
	layout->is_fresh = true;
}

static void
put_feet(struct layout *layout)
{
	size_t count = canvas_page_count(layout->canvas);
	struct text_box left = { .left = MARGIN, .top = FOOT_TOP, .width = BODY_WIDTH * 75 / 100 };
	struct text_box right = { .width = BODY_WIDTH * 22 / 100, .top = FOOT_TOP, .right = true };

	right.left = MARGIN + BODY_WIDTH - right.width;
	for (size_t i = 0; i < count; i++) {
		struct arena_mark mark = arena_mark(layout->arena);

		canvas_turn_to(layout->canvas, i);
		layout_rule(layout, MARGIN, FOOT_TOP - 5000, BODY_WIDTH, HAIRLINE, RULE_GRAY);
		put_one_line(layout, &pdf_small, left, layout->pdf->head.foot);
		put_one_line(layout, &pdf_small, right, arena_format(layout->arena, "Page %zu of %zu", i + 1, count));
		arena_release(layout->arena, mark);
	}
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

static int64_t
put_pairs(struct layout *layout, struct text_box box, const struct pdf_pair *pairs, size_t count)
{
	int64_t names = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t width = canvas_width(layout->canvas, &pdf_plain, pdf_clean(layout->arena, pairs[i].name));

		names = width > names ? width : names;
	}
	names = names > box.width * 45 / 100 ? box.width * 45 / 100 : names;
	for (size_t i = 0; i < count; i++) {
		const struct pdf_style *style = pairs[i].strong ? &pdf_strong : &pdf_plain;
		struct pdf_style name_style = pdf_plain;
		struct text_box name = { box.left, box.top, names, false };
		struct text_box value = { box.left + names + PAIR_GAP, box.top, box.width - names - PAIR_GAP, false };

		name_style.gray = GRAY;
		name.top = put_text(layout, &name_style, name, pairs[i].name);
		value.top = put_text(layout, style, value, pairs[i].value);
		box.top = (name.top > value.top ? name.top : value.top) + 1500;
	}
	return box.top;
}

static void
put_parts(struct layout *layout, const struct pdf_block *block)
{
	int64_t count = (int64_t)block->count;
	int64_t width = (BODY_WIDTH - (count - 1) * PART_GAP) / count, bottom = layout->y;

	for (int64_t i = 0; i < count; i++) {
		const struct pdf_part *part = &block->parts[i];
		struct text_box box = { MARGIN + i * (width + PART_GAP), layout->y, width, false };

		if (part->heading.length > 0)
			box.top = put_text(layout, &pdf_label, box, part->heading) + 3000;
		box.top = put_text(layout, &pdf_plain, box, part->lines);
		box.top = put_pairs(layout, box, part->pairs, part->pair_count);
		bottom = box.top > bottom ? box.top : bottom;
	}
	layout->y = bottom + BLOCK_GAP;
}

static void
put_heading(struct layout *layout, const struct pdf_block *block)
{
	struct text_box box = { MARGIN, layout->y, BODY_WIDTH, false };

	layout->y = put_text(layout, &heading_style, box, block->text) + 6000;
}

static void
put_total(struct layout *layout, const struct pdf_pair *pair, int64_t left, int64_t width)
{
	const struct pdf_style *style = pair->strong ? &sum_style : &pdf_plain;
	struct texts values = layout_wrap(layout, style, pair->value, width * 65 / 100);
	int64_t widest = 0, name_bottom, value_bottom;

	for (size_t i = 0; i < values.count; i++) {
		int64_t line = canvas_width(layout->canvas, style, values.items[i]);

		widest = line > widest ? line : widest;
	}
	if (pair->strong) {
		layout_rule(layout, left, layout->y + 2000, width, HAIRLINE, BLACK);
		layout->y += 5500;
	}
	name_bottom =
	    put_text(layout, style, (struct text_box){ left, layout->y, width - widest - PAIR_GAP, false }, pair->name);
	value_bottom = layout_lines(layout, style, (struct text_box){ left, layout->y, width, true }, values);
	layout->y = (name_bottom > value_bottom ? name_bottom : value_bottom) + 1800;
}

static void
put_totals(struct layout *layout, const struct pdf_block *block)
{
	int64_t width = BODY_WIDTH * 46 / 100;

	layout->y += 8000;
	for (size_t i = 0; i < block->count; i++)
		put_total(layout, &block->pairs[i], MARGIN + BODY_WIDTH - width, width);
	layout->y += TOTALS_GAP;
}

static void
put_remark(struct layout *layout, const struct pdf_block *block)
{
	struct texts lines = layout_wrap(layout, &pdf_small, block->text, BODY_WIDTH);

	for (size_t i = 0; i < lines.count; i++) {
		if (layout->y + pdf_small.leading > BODY_BOTTOM)
			layout_next_page(layout);
		layout_line(
		    layout, &pdf_small, (struct text_box){ MARGIN, layout->y, BODY_WIDTH, false }, lines.items[i]);
		layout->y += pdf_small.leading;
		layout->is_fresh = false;
	}
	layout->y += REMARK_GAP;
}

static void
put_whole(struct layout *layout, const struct pdf_block *block)
{
	switch (block->kind) {
	case PDF_PARTS:
		put_parts(layout, block);
		break;
	case PDF_HEADING:
		put_heading(layout, block);
		break;
	case PDF_TOTALS:
		put_totals(layout, block);
		break;
	case PDF_CHART:
		layout_chart(layout, block->chart);
		break;
	case PDF_REMARK:
	case PDF_TABLE:
		break;
	}
}

/* How much of the page the block takes; of one that may be parted, 0. */
static int64_t
height_of(struct layout *layout, const struct pdf_block *block)
{
	struct layout trial = *layout;

	trial.is_trying = true;
	put_whole(&trial, block);
	return trial.y - layout->y;
}

/* What has to stay with a table's last row: totals, and short remarks behind them. */
static int64_t
height_behind(struct layout *layout, const struct pdf_block *table)
{
	const struct pdf_block *block = table->next;
	int64_t height;

	if (block == NULL || block->kind != PDF_TOTALS)
		return 0;
	height = height_of(layout, block);
	for (block = block->next; block != NULL && block->kind == PDF_REMARK; block = block->next) {
		size_t lines = layout_wrap(layout, &pdf_small, block->text, BODY_WIDTH).count;

		if (lines <= SHORT_REMARK)
			height += (int64_t)lines * pdf_small.leading + REMARK_GAP;
	}
	return height < KEPT_MOST ? height : KEPT_MOST;
}

/* What a heading stays with: the beginning of what follows, a chart as a whole. */
static int64_t
height_below(struct layout *layout, const struct pdf_block *heading)
{
	const struct pdf_block *next = heading->next;

	if (next != NULL && next->kind == PDF_CHART)
		return height_of(layout, next);
	return KEPT + (next != NULL && next->kind == PDF_TABLE ? (int64_t)next->table->together * ROW : 0);
}

static const struct problem *
put_table(struct layout *layout, const struct pdf_block *block)
{
	const struct problem *p = layout_table(layout, block->table, height_behind(layout, block));

	if (block->next != NULL && block->next->kind != PDF_TOTALS)
		layout->y += TABLE_GAP;
	return p;
}

static const struct problem *
put_block(struct layout *layout, const struct pdf_block *block)
{
	int64_t height;

	switch (block->kind) {
	case PDF_REMARK:
		put_remark(layout, block);
		return NULL;
	case PDF_TABLE:
		return put_table(layout, block);
	default:
		break;
	}
	height = height_of(layout, block) + (block->kind == PDF_HEADING ? height_below(layout, block) : 0);
	if (!layout->is_fresh && layout->y + height - TOTALS_GAP > BODY_BOTTOM)
		layout_next_page(layout);
	put_whole(layout, block);
	layout->is_fresh = false;
	return NULL;
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static const struct problem *
draw(struct layout *layout, struct buffer *out)
{
	const struct problem *p = NULL;

	layout_next_page(layout);
	for (const struct pdf_block *block = layout->pdf->first; p == NULL && block != NULL; block = block->next) {
		struct arena_mark mark = arena_mark(layout->arena);

		p = put_block(layout, block);
		arena_release(layout->arena, mark);
		if (p == NULL)
			p = canvas_fault(layout->canvas);
	}
	if (p != NULL)
		return p;
	put_feet(layout);
	return canvas_write(layout->canvas, out);
}

const struct problem *
pdf_write(struct call *call, const struct pdf *pdf, struct buffer *out)
{
	struct layout layout = { .call = call, .pdf = pdf };
	const struct problem *p = canvas_new(call, &pdf->head, &layout.canvas);

	if (p == NULL) {
		layout.arena = arena_new((size_t)config.memory_limit_bytes);
		p = draw(&layout, out);
		arena_free(layout.arena);
	}
	canvas_free(layout.canvas);
	return p;
}

const struct problem *
pdf_try_fonts(struct call *call)
{
	static const struct pdf_head head = { .title = TEXT_OF("Fonts") };
	struct canvas *canvas;
	const struct problem *p = canvas_new(call, &head, &canvas);

	if (p == NULL)
		p = canvas_try_fonts(canvas);
	canvas_free(canvas);
	return p;
}
