/*
 * The same pages as Markdown, for programs that read: one file beside each page.
 */
#include <string.h>

#include "emit_reference_parts.h"
#include "text.h"

/* A page's address is its twin's. */
static void
add_address(struct buffer *out, const struct page *page, const char *href)
{
	const char *end = strstr(href, ".html");

	if (href[0] != '/' && href[0] != '#')
		buffer_add_string(out, page_root(page));
	if (end == NULL)
		buffer_add_string(out, href);
	else
		buffer_format(out, "%.*s.md%s", (int)(end - href), href, end + 5);
}

/* What Markdown would take for marks is said to be none. */
static void
add_prose(struct buffer *out, const char *text)
{
	bool code = false;

	for (; *text != '\0'; text++) {
		if (*text == '`')
			code = !code;
		else if (!code && strchr("*_[]<>\\", *text) != NULL)
			buffer_add_char(out, '\\');
		if (*text == '\n')
			buffer_add_string(out, ", ");
		else
			buffer_add_char(out, *text);
	}
}

static void
add_program(struct buffer *out, const char *language, const char *text)
{
	buffer_format(out, "```%s\n%s%s```\n\n", language, text, text[strlen(text) - 1] == '\n' ? "" : "\n");
}

static void
add_fields(struct buffer *out, const struct row *rows, int depth)
{
	for (const struct row *row = rows; row != NULL; row = row->next) {
		buffer_format(out, "%*s- `%s` (%s%s)%s", depth * 2, "", row->name, row->note,
		    row->required ? ", required" : "", row->text[0] != '\0' ? ": " : "");
		add_prose(out, row->text);
		buffer_add_char(out, '\n');
		add_fields(out, row->inside, depth + 1);
	}
}

static void
add_facts(struct buffer *out, const struct block *block)
{
	for (const struct row *row = block->rows; row != NULL; row = row->next) {
		buffer_format(out, "- %s: ", row->name);
		add_prose(out, row->text);
		buffer_add_char(out, '\n');
	}
	buffer_add_char(out, '\n');
}

static void
add_links(struct buffer *out, const struct page *page, const struct block *block)
{
	for (const struct row *row = block->rows; row != NULL; row = row->next) {
		buffer_add_string(out, "- [");
		add_prose(out, row->name);
		buffer_add_string(out, "](");
		add_address(out, page, row->href);
		buffer_add_char(out, ')');
		if (row->note != NULL)
			buffer_format(out, " (%s)", row->note);
		if (row->text != NULL) {
			buffer_add_string(out, ": ");
			add_prose(out, row->text);
		}
		buffer_add_char(out, '\n');
	}
	buffer_add_char(out, '\n');
}

static void
add_chips(struct buffer *out, const struct page *page, const struct block *block)
{
	for (const struct row *row = block->rows; row != NULL; row = row->next) {
		buffer_format(out, "%s[%s%s`%s`](", row == block->rows ? "" : ", ", row->note != NULL ? row->note : "",
		    row->note != NULL ? " " : "", row->name);
		add_address(out, page, row->href);
		buffer_add_char(out, ')');
	}
	buffer_add_string(out, ".\n\n");
}

static void
add_examples(struct buffer *out, const struct block *block)
{
	for (const struct row *row = block->rows; row != NULL; row = row->next) {
		bool shell = strcmp(row->name, "curl") == 0 || strcmp(row->name, "cli") == 0;

		buffer_format(out, "### Example: %s\n\n", row->note);
		add_program(out, shell ? "sh" : row->name, row->text);
	}
}

static void
add_block(struct buffer *out, const struct page *page, const struct block *block)
{
	static const char marks[] = "######";

	switch (block->kind) {
	case BLOCK_HEADING:
		buffer_format(out, "%.*s ", block->level, marks);
		add_prose(out, block->text);
		buffer_add_string(out, "\n\n");
		break;
	case BLOCK_TEXT:
	case BLOCK_LEAD:
		add_prose(out, block->text);
		buffer_add_string(out, "\n\n");
		break;
	case BLOCK_CALL:
		buffer_format(out, "`%s %s`\n\n", block->name, block->text);
		break;
	case BLOCK_FACTS:
		add_facts(out, block);
		break;
	case BLOCK_FIELDS:
		add_fields(out, block->rows, 0);
		buffer_add_char(out, '\n');
		break;
	case BLOCK_LINKS:
		add_links(out, page, block);
		break;
	case BLOCK_CHIPS:
		add_chips(out, page, block);
		break;
	case BLOCK_EXAMPLES:
		add_examples(out, block);
		break;
	case BLOCK_CODE:
		if (block->note != NULL)
			buffer_format(out, "### Example: %s\n\n", block->note);
		add_program(out, block->name, block->text);
		break;
	case BLOCK_GUIDE:
		buffer_add_string(out, block->text);
		buffer_add_char(out, '\n');
		break;
	case BLOCK_SECTION:
	case BLOCK_ASIDE:
	case BLOCK_END:
		break;
	}
}

/* A guide's heading is its own. */
void
reference_markdown(const struct page *page, struct buffer *out)
{
	if (page->blocks == NULL || page->blocks->kind != BLOCK_GUIDE) {
		buffer_add_string(out, "# ");
		if (page->above != NULL)
			buffer_format(out, "%s: ", page->above);
		add_prose(out, page->title);
		buffer_add_string(out, "\n\n");
	}
	for (const struct block *block = page->blocks; block != NULL; block = block->next)
		add_block(out, page, block);
}
