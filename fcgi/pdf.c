/*
 * Building a document: blocks in a list, in the arena.
 */
#include "pdf_parts.h"

struct pdf *
pdf_new(struct arena *arena, const struct pdf_head *head)
{
	struct pdf *pdf = arena_take(arena, sizeof(*pdf));

	pdf->arena = arena;
	pdf->head = *head;
	return pdf;
}

static struct pdf_block *
add_block(struct pdf *pdf, enum pdf_block_kind kind)
{
	struct pdf_block *block = arena_take(pdf->arena, sizeof(*block));

	block->kind = kind;
	if (pdf->last == NULL)
		pdf->first = block;
	else
		pdf->last->next = block;
	pdf->last = block;
	return block;
}

void
pdf_parts(struct pdf *pdf, const struct pdf_part *parts, size_t count)
{
	struct pdf_block *block = add_block(pdf, PDF_PARTS);

	block->parts = parts;
	block->count = count;
}

void
pdf_heading(struct pdf *pdf, struct text heading)
{
	add_block(pdf, PDF_HEADING)->text = heading;
}

void
pdf_remark(struct pdf *pdf, struct text remark)
{
	add_block(pdf, PDF_REMARK)->text = remark;
}

void
pdf_totals(struct pdf *pdf, const struct pdf_pair *pairs, size_t count)
{
	struct pdf_block *block = add_block(pdf, PDF_TOTALS);

	block->pairs = pairs;
	block->count = count;
}

void
pdf_table(struct pdf *pdf, const struct pdf_table *table)
{
	add_block(pdf, PDF_TABLE)->table = table;
}

void
pdf_chart(struct pdf *pdf, const struct pdf_chart *chart)
{
	add_block(pdf, PDF_CHART)->chart = chart;
}
