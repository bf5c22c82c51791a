/*
 * Pages as HTML: everything that was declared is escaped, nothing carries style or script of its own.
 */
#include <string.h>

#include "emit_reference_parts.h"
#include "text.h"

/* ---- text ---- */

static void
add_escaped(struct buffer *out, const char *at, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		switch (at[i]) {
		case '&':
			buffer_add_string(out, "&amp;");
			break;
		case '<':
			buffer_add_string(out, "&lt;");
			break;
		case '>':
			buffer_add_string(out, "&gt;");
			break;
		case '"':
			buffer_add_string(out, "&quot;");
			break;
		default:
			buffer_add_char(out, at[i]);
		}
	}
}

void
html_escape(struct buffer *out, const char *text)
{
	add_escaped(out, text, strlen(text));
}

void
html_code(struct buffer *out, const char *language, const char *text)
{
	buffer_add_string(out, "<pre tabindex=\"0\"");
	if (language != NULL && language[0] != '\0') {
		buffer_add_string(out, " data-language=\"");
		html_escape(out, language);
		buffer_add_char(out, '"');
	}
	buffer_add_string(out, "><code>");
	html_escape(out, text);
	buffer_add_string(out, "</code></pre>\n");
}

/* "/problems/busy" stays, "orders.html" is found from the page's directory. */
static void
add_address(struct buffer *out, const struct page *page, const char *href)
{
	if (href[0] != '/' && href[0] != '#')
		buffer_add_string(out, page_root(page));
	html_escape(out, href);
}

static void
add_code_word(struct site *site, const struct page *page, struct buffer *out, const char *word, size_t length)
{
	const char *href = site_link(site, word, length);

	if (href != NULL) {
		buffer_add_string(out, "<a href=\"");
		add_address(out, page, href);
		buffer_add_string(out, "\">");
	}
	buffer_add_string(out, "<code>");
	add_escaped(out, word, length);
	buffer_add_string(out, href != NULL ? "</code></a>" : "</code>");
}

/* Prose of the declarations, where backticks stand around code. */
static void
add_prose(struct site *site, const struct page *page, struct buffer *out, const char *text)
{
	while (*text != '\0') {
		size_t plain = strcspn(text, "`"), code = text[plain] == '`' ? strcspn(text + plain + 1, "`") : 0;

		add_escaped(out, text, plain);
		text += plain;
		if (*text == '\0')
			return;
		if (text[code + 1] == '\0') { /* a backtick alone */
			html_escape(out, text);
			return;
		}
		add_code_word(site, page, out, text + 1, code);
		text += code + 2;
	}
}

/* ---- blocks ---- */

static void
add_heading(struct buffer *out, const struct block *block)
{
	buffer_format(out, "<h%d", block->level);
	if (block->anchor != NULL) {
		buffer_add_string(out, " id=\"");
		html_escape(out, block->anchor);
		buffer_add_char(out, '"');
	}
	buffer_add_char(out, '>');
	html_escape(out, block->text);
	buffer_format(out, "</h%d>\n", block->level);
}

/* A line for each line. */
static void
add_lines(struct site *site, const struct page *page, struct buffer *out, const char *text)
{
	while (*text != '\0') {
		size_t length = strcspn(text, "\n");

		add_prose(site, page, out, arena_text(out->arena, text, length).at);
		text += length;
		if (*text != '\0')
			buffer_add_string(out, "<br>");
		text += *text != '\0';
	}
}

static void
add_facts(struct site *site, const struct page *page, struct buffer *out, const struct block *block)
{
	buffer_add_string(out, "<dl class=\"facts\">\n");
	for (const struct row *row = block->rows; row != NULL; row = row->next) {
		buffer_add_string(out, "<div><dt>");
		html_escape(out, row->name);
		buffer_add_string(out, "</dt><dd>");
		if (row->href != NULL) {
			buffer_add_string(out, "<a href=\"");
			add_address(out, page, row->href);
			buffer_add_string(out, "\">");
		}
		add_lines(site, page, out, row->text);
		buffer_add_string(out, row->href != NULL ? "</a></dd></div>\n" : "</dd></div>\n");
	}
	buffer_add_string(out, "</dl>\n");
}

static void
add_fields(struct site *site, const struct page *page, struct buffer *out, const struct row *rows, bool inside)
{
	buffer_add_string(out, inside ? "<ul class=\"fields inside\">\n" : "<ul class=\"fields\">\n");
	for (const struct row *row = rows; row != NULL; row = row->next) {
		buffer_add_string(out, "<li><code>");
		html_escape(out, row->name);
		buffer_add_string(out, "</code> <span class=\"kind\">");
		html_escape(out, row->note);
		buffer_add_string(out, row->required ? "</span> <span class=\"must\">required</span>" : "</span>");
		if (row->text[0] != '\0') {
			buffer_add_string(out, "<p>");
			add_prose(site, page, out, row->text);
			buffer_add_string(out, "</p>");
		}
		if (row->inside != NULL)
			add_fields(site, page, out, row->inside, true);
		buffer_add_string(out, "</li>\n");
	}
	buffer_add_string(out, "</ul>\n");
}

static void
add_links(struct site *site, const struct page *page, struct buffer *out, const struct block *block)
{
	buffer_add_string(out, "<ul class=\"links\">\n");
	for (const struct row *row = block->rows; row != NULL; row = row->next) {
		buffer_add_string(out, "<li><a href=\"");
		add_address(out, page, row->href);
		buffer_add_string(out, "\">");
		html_escape(out, row->name);
		buffer_add_string(out, "</a>");
		if (row->note != NULL)
			buffer_format(out, " <span class=\"count\">%s</span>", row->note);
		if (row->text != NULL) {
			buffer_add_string(out, "<p>");
			add_prose(site, page, out, row->text);
			buffer_add_string(out, "</p>");
		}
		buffer_add_string(out, "</li>\n");
	}
	buffer_add_string(out, "</ul>\n");
}

static void
add_chips(const struct page *page, struct buffer *out, const struct block *block, bool own)
{
	buffer_add_string(out, own ? "<ul class=\"chips own\">\n" : "<ul class=\"chips\">\n");
	for (const struct row *row = block->rows; row != NULL; row = row->next) {
		if (row->required != own)
			continue;
		buffer_add_string(out, "<li><a href=\"");
		add_address(out, page, row->href);
		buffer_add_string(out, "\">");
		if (row->note != NULL)
			buffer_format(out, "<span>%s</span> ", row->note);
		html_escape(out, row->name);
		buffer_add_string(out, "</a></li>\n");
	}
	buffer_add_string(out, "</ul>\n");
}

static size_t
count_rows(const struct block *block, bool required)
{
	size_t count = 0;

	for (const struct row *row = block->rows; row != NULL; row = row->next)
		count += row->required == required;
	return count;
}

/* What any call can meet is there for whoever looks. */
static void
add_problems(const struct page *page, struct buffer *out, const struct block *block)
{
	if (count_rows(block, true) > 0)
		add_chips(page, out, block, true);
	if (count_rows(block, false) == 0)
		return;
	buffer_format(out, "<details><summary>%zu that many calls can meet</summary>\n", count_rows(block, false));
	add_chips(page, out, block, false);
	buffer_add_string(out, "</details>\n");
}

/* Which program is shown is the matter of a radio button each, so that it works without a script. */
static void
add_examples(struct buffer *out, const struct block *block)
{
	buffer_format(out, "<fieldset class=\"examples\"><legend>%s by</legend>\n", block->anchor);
	for (const struct row *row = block->rows; row != NULL; row = row->next)
		buffer_format(out,
		    "<input type=\"radio\" name=\"%s\" id=\"%s-%s\" value=\"%s\"%s><label for=\"%s-%s\">%s</label>\n",
		    block->anchor, block->anchor, row->name, row->name, row == block->rows ? " checked" : "",
		    block->anchor, row->name, row->note);
	for (const struct row *row = block->rows; row != NULL; row = row->next)
		html_code(out, row->name, row->text);
	buffer_add_string(out, "</fieldset>\n");
}

static void
add_code(struct buffer *out, const struct block *block)
{
	buffer_add_string(out, "<div class=\"code\">\n");
	if (block->note != NULL)
		buffer_format(out, "<p class=\"caption\">%s</p>\n", block->note);
	html_code(out, block->name, block->text);
	buffer_add_string(out, "</div>\n");
}

static void
add_call(struct buffer *out, const struct block *block)
{
	buffer_format(out, "<p class=\"call\"><span class=\"method\">%s</span> <code>", block->name);
	html_escape(out, block->text);
	buffer_add_string(out, "</code></p>\n");
}

static void
add_paragraph(struct site *site, const struct page *page, struct buffer *out, const struct block *block)
{
	buffer_add_string(out, block->kind == BLOCK_LEAD ? "<p class=\"lead\">" : "<p>");
	add_prose(site, page, out, block->text);
	buffer_add_string(out, "</p>\n");
}

static void
add_block(struct site *site, const struct page *page, struct buffer *out, const struct block *block)
{
	switch (block->kind) {
	case BLOCK_HEADING:
		add_heading(out, block);
		break;
	case BLOCK_TEXT:
	case BLOCK_LEAD:
		add_paragraph(site, page, out, block);
		break;
	case BLOCK_CALL:
		add_call(out, block);
		break;
	case BLOCK_FACTS:
		add_facts(site, page, out, block);
		break;
	case BLOCK_FIELDS:
		add_fields(site, page, out, block->rows, false);
		break;
	case BLOCK_LINKS:
		add_links(site, page, out, block);
		break;
	case BLOCK_CHIPS:
		add_problems(page, out, block);
		break;
	case BLOCK_EXAMPLES:
		add_examples(out, block);
		break;
	case BLOCK_CODE:
		add_code(out, block);
		break;
	case BLOCK_SECTION:
		buffer_format(out, "<section class=\"operation\" id=\"%s\">\n<div class=\"about\">\n", block->anchor);
		break;
	case BLOCK_ASIDE:
		buffer_add_string(out, "</div>\n<div class=\"shown\">\n");
		break;
	case BLOCK_END:
		buffer_add_string(out, "</div>\n</section>\n");
		break;
	case BLOCK_GUIDE:
		buffer_format(out, "<article class=\"guide\">\n%s</article>\n", block->note);
		break;
	}
}

/* ---- pages ---- */

static void
add_head(const struct page *page, struct buffer *out)
{
	const char *root = page_root(page), *name = strrchr(page->file, '/');

	buffer_format(out,
	    "<!DOCTYPE html>\n<html lang=\"en\" data-root=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
	    root);
	if (page->above != NULL) {
		html_escape(out, page->above);
		buffer_add_string(out, ": ");
	}
	html_escape(out, page->title);
	buffer_add_string(out, strcmp(page->file, "index") == 0 ? "" : " · Purser");
	buffer_add_string(out, "</title>\n<meta name=\"description\" content=\"");
	html_escape(out, page->summary);
	buffer_format(out,
	    "\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<link rel=\"stylesheet\" href=\"%sstyle.css\">\n"
	    "<link rel=\"icon\" href=\"%sicon.svg\" type=\"image/svg+xml\">\n"
	    "<link rel=\"alternate\" type=\"text/markdown\" href=\"%s.md\">\n"
	    "<script src=\"%ssearch.js\" defer></script>\n</head>\n",
	    root, root, name == NULL ? page->file : name + 1, root);
}

static void
add_top(const struct page *page, struct buffer *out)
{
	const char *name = strrchr(page->file, '/');

	buffer_format(out,
	    "<body>\n<a class=\"skip\" href=\"#main\">To the text</a>\n<header class=\"top\">\n"
	    "<a class=\"brand\" href=\"%sindex.html\">Purser <span>Reference</span></a>\n"
	    "<form class=\"search\" role=\"search\" hidden>\n<label class=\"quiet\" for=\"search\">Search</label>\n"
	    "<input id=\"search\" type=\"search\" placeholder=\"Search\" autocomplete=\"off\" spellcheck=\"false\" "
	    "role=\"combobox\" aria-autocomplete=\"list\" aria-expanded=\"false\" aria-controls=\"found\">\n"
	    "<kbd aria-hidden=\"true\">/</kbd>\n"
	    "<div id=\"found\" role=\"listbox\" aria-label=\"What was found\" hidden></div>\n"
	    "<p id=\"told\" class=\"quiet\" aria-live=\"polite\"></p>\n</form>\n"
	    "<a class=\"twin\" href=\"%s.md\">Markdown</a>\n</header>\n",
	    page_root(page), name == NULL ? page->file : name + 1);
}

void
reference_html(struct site *site, const struct page *page, struct buffer *out)
{
	add_head(page, out);
	add_top(page, out);
	buffer_add_string(out, "<div class=\"frame\">\n");
	reference_navigation(site, page, out);
	buffer_format(out, "<main id=\"main\"%s>\n", page->group != NULL ? " class=\"wide\"" : "");
	if (page->above != NULL) {
		buffer_add_string(out, "<p class=\"above\">");
		html_escape(out, page->above);
		buffer_add_string(out, "</p>\n");
	}
	buffer_add_string(out, "<h1>");
	html_escape(out, page->title);
	buffer_add_string(out, "</h1>\n");
	for (const struct block *block = page->blocks; block != NULL; block = block->next)
		add_block(site, page, out, block);
	buffer_add_string(out, "</main>\n</div>\n</body>\n</html>\n");
}
