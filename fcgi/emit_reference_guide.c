/*
 * Guides: Markdown by hand (CommonMark, without HTML inside), made a part of the site: headings can be linked to, other
 * guides and operations are linked, code can be moved along by the keys.
 */
#include <cmark.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "emit_reference_parts.h"
#include "events.h"
#include "text.h"

struct reading {
	struct site *site;
	const char *file;
	struct guide guide;
	const char *root; /* to the site's first page */
	struct row **headings_end;
	bool first_heading, first_paragraph; /* were met */
};

/* ---- what a node says ---- */

static void
add_words(struct buffer *out, cmark_node *node)
{
	for (cmark_node *child = cmark_node_first_child(node); child != NULL; child = cmark_node_next(child)) {
		const char *literal = cmark_node_get_literal(child);
		cmark_node_type type = cmark_node_get_type(child);

		if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
			buffer_add_char(out, ' ');
		else if (literal != NULL && type == CMARK_NODE_CODE)
			buffer_format(out, "`%s`", literal);
		else if (literal != NULL)
			buffer_add_string(out, literal);
		add_words(out, child);
	}
}

static const char *
words_of(struct reading *reading, cmark_node *node)
{
	struct buffer words = buffer_new(reading->site->arena, 80);

	add_words(&words, node);
	return buffer_text(&words).at;
}

/* ---- what is made of it ---- */

static cmark_node *
made_of(cmark_node_type type, const char *html)
{
	cmark_node *node = cmark_node_new(type);

	assert(node != NULL);
	cmark_node_set_on_enter(node, html);
	return node;
}

static void
take_heading(struct reading *reading, cmark_node *node)
{
	struct arena *arena = reading->site->arena;
	const char *words = words_of(reading, node), *slug = reference_slug(arena, words);
	struct row *row;

	if (!reading->first_heading) {
		reading->first_heading = true;
		reading->guide.title = words;
		return;
	}
	cmark_node_prepend_child(node, made_of(CMARK_NODE_CUSTOM_INLINE,
					   arena_format(arena, "<span class=\"anchor\" id=\"%s\"></span>", slug).at));
	row = arena_take(arena, sizeof(*row));
	row->name = words;
	row->href = slug;
	*reading->headings_end = row;
	reading->headings_end = &row->next;
}

/* "webhooks.md#signatures" → "webhooks.html#signatures"; what leads out of the site stays. */
static void
take_link(struct reading *reading, cmark_node *node)
{
	const char *url = cmark_node_get_url(node), *end = strstr(url, ".md");

	if (strstr(url, "://") != NULL || end == NULL || (end[3] != '\0' && end[3] != '#'))
		return;
	cmark_node_set_url(node, arena_format(reading->site->arena, "%.*s.html%s", (int)(end - url), url, end + 3).at);
}

static bool
begins_like_operation(const struct site *site, const char *word)
{
	size_t first = strcspn(word, ".");

	for (size_t i = 0; i < site->group_count; i++)
		if (strncmp(site->groups[i]->path, word, first) == 0 &&
		    strchr(".", site->groups[i]->path[first]) != NULL)
			return true;
	return false;
}

/* Nobody goes on naming an operation that has another name now. Guides name files, too. */
static void
check_name(struct reading *reading, const char *word)
{
	bool is_guide = reading->root[0] != '\0';

	if (strchr(word, '.') == NULL || word[strspn(word, "abcdefghijklmnopqrstuvwxyz_.")] != '\0')
		return;
	if (event_type_named((struct text){ word, strlen(word) }) != NULL)
		return;
	if (!is_guide || begins_like_operation(reading->site, word))
		site_fault(reading->site, "%s/%s: `%s` is no operation, resource or event.", reading->site->docs,
		    reading->file, word);
}

static void
take_code(struct reading *reading, cmark_node *node)
{
	const char *word = cmark_node_get_literal(node), *href = site_link(reading->site, word, strlen(word));
	cmark_node *link;

	if (href == NULL)
		check_name(reading, word);
	if (href == NULL || cmark_node_get_type(cmark_node_parent(node)) == CMARK_NODE_LINK)
		return;
	link = cmark_node_new(CMARK_NODE_LINK);
	assert(link != NULL);
	cmark_node_set_url(link, arena_format(reading->site->arena, "%s%s", reading->root, href).at);
	cmark_node_replace(node, link);
	cmark_node_append_child(link, node);
}

static void
take_program(struct reading *reading, cmark_node *node)
{
	struct arena *arena = reading->site->arena;
	struct buffer html = buffer_new(arena, 256);
	const char *info = cmark_node_get_fence_info(node); /* the language, and words for t/guides.t */

	html_code(&html, arena_text(arena, info, strcspn(info, " \t")).at, cmark_node_get_literal(node));
	cmark_node_replace(node, made_of(CMARK_NODE_CUSTOM_BLOCK, html.at));
	cmark_node_free(node);
}

static void
take_paragraph(struct reading *reading, cmark_node *node)
{
	const char *words = words_of(reading, node), *end = strstr(words, ". ");

	if (!reading->first_paragraph && reading->first_heading)
		reading->guide.summary =
		    end == NULL ? words : arena_text(reading->site->arena, words, (size_t)(end + 1 - words)).at;
	reading->first_paragraph |= reading->first_heading;
}

/* The iterator stands behind the node, which may be replaced then. */
static void
take_node(struct reading *reading, cmark_node *node)
{
	switch (cmark_node_get_type(node)) {
	case CMARK_NODE_HEADING:
		take_heading(reading, node);
		break;
	case CMARK_NODE_PARAGRAPH:
		take_paragraph(reading, node);
		break;
	case CMARK_NODE_LINK:
		take_link(reading, node);
		break;
	case CMARK_NODE_CODE:
		take_code(reading, node);
		break;
	case CMARK_NODE_CODE_BLOCK:
		take_program(reading, node);
		break;
	default:
		break;
	}
}

/* Every node by its place first, since taking one moves others. */
static void
take_nodes(struct reading *reading, cmark_node *document)
{
	size_t count = 0, room = reading->guide.markdown.length + 1;
	cmark_node **nodes = arena_array(reading->site->arena, room, sizeof(cmark_node *));
	cmark_iter *iter = cmark_iter_new(document);
	cmark_event_type event;

	assert(iter != NULL);
	while ((event = cmark_iter_next(iter)) != CMARK_EVENT_DONE)
		if (event == CMARK_EVENT_ENTER && count < room)
			nodes[count++] = cmark_iter_get_node(iter);
	cmark_iter_free(iter);
	for (size_t i = 0; i < count; i++)
		take_node(reading, nodes[i]);
}

struct guide
reference_guide(struct site *site, const char *file)
{
	struct reading reading = { .site = site, .file = file, .root = strncmp(file, "guides/", 7) == 0 ? "../" : "" };
	cmark_node *document;
	char *html;

	reading.headings_end = &reading.guide.headings;
	reading.guide.title = reading.guide.summary = reading.guide.html = "";
	reading.guide.markdown = site_read(site, file);
	if (reading.guide.markdown.length == 0)
		return reading.guide;
	document = cmark_parse_document(
	    reading.guide.markdown.at, reading.guide.markdown.length, CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8);
	assert(document != NULL);
	take_nodes(&reading, document);
	html = cmark_render_html(document, CMARK_OPT_DEFAULT);
	reading.guide.html = arena_text(site->arena, html, strlen(html)).at;
	free(html);
	cmark_node_free(document);
	if (!reading.first_heading || !reading.first_paragraph)
		site_fault(site, "%s/%s begins with no heading and a paragraph.", site->docs, file);
	return reading.guide;
}

void
page_begin(struct page *page, const struct guide *guide)
{
	struct block *block = page_add(page, BLOCK_GUIDE);

	page->title = guide->title;
	page->summary = guide->summary;
	block->note = guide->html;
	block->text = guide->markdown.at;
}

/* ---- all of them ---- */

static void
add_page(struct site *site, const struct guide *guide)
{
	struct page *page = site_page(site, arena_format(site->arena, "guides/%s", guide->name).at, guide->title);

	page->above = "Guides";
	page_begin(page, guide);
}

void
reference_guides(struct site *site)
{
	struct text names = site_read(site, "site/guides");

	site->guides = arena_array(site->arena, names.length + 1, sizeof(*site->guides));
	for (size_t at = 0; at < names.length;) {
		size_t length = strcspn(names.at + at, "\n");
		const char *name = arena_text(site->arena, names.at + at, length).at;

		at += length + 1;
		if (length == 0)
			continue;
		site->guides[site->guide_count] =
		    reference_guide(site, arena_format(site->arena, "guides/%s.md", name).at);
		site->guides[site->guide_count].name = name;
		add_page(site, &site->guides[site->guide_count++]);
	}
}
