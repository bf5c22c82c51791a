/*
 * The reference as a whole: what it is made of is read, pages are made, each is written as HTML and as Markdown, and
 * beside them what is searched (search.json) and what programs read first (llms.txt).
 */
#include "emit_reference.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "emit_reference_parts.h"
#include "text.h"

enum { SITE_BYTES = 256 << 20, PAGES_MOST = 1000 };

/* ---- faults and files ---- */

void
site_fault(struct site *site, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("purser-describe: ", site->faults);
	vfprintf(site->faults, format, args);
	fputc('\n', site->faults);
	va_end(args);
	site->failed = true;
}

struct text
site_read(struct site *site, const char *name)
{
	const char *path = arena_format(site->arena, "%s/%s", site->docs, name).at;
	struct buffer text = buffer_new(site->arena, 4096);
	FILE *file = fopen(path, "r");
	size_t got;

	if (file == NULL) {
		site_fault(site, "%s: %s", path, strerror(errno));
		return (struct text){ "", 0 };
	}
	while ((got = fread(buffer_reserve(&text, 4096), 1, 4096, file)) > 0)
		buffer_added(&text, got);
	if (ferror(file))
		site_fault(site, "%s: %s", path, strerror(errno));
	fclose(file);
	return buffer_text(&text);
}

bool
site_write(struct site *site, const char *name, const char *extension, struct text text)
{
	const char *path = arena_format(site->arena, "%s/%s%s", site->directory, name, extension).at;
	FILE *file = fopen(path, "w");
	bool written = file != NULL && fwrite(text.at, 1, text.length, file) == text.length;

	if (file != NULL && fclose(file) != 0)
		written = false;
	if (!written)
		site_fault(site, "%s: %s", path, strerror(errno));
	return written;
}

/* ---- words ---- */

/* What is written otherwise than it is declared. */
static const char *
spelled(struct text word)
{
	static const char *const words[][2] = { { "api", "API" }, { "oauth", "OAuth" } };

	for (size_t i = 0; i < COUNT(words); i++)
		if (text_is(word, words[i][0]))
			return words[i][1];
	return NULL;
}

const char *
reference_title(struct arena *arena, const char *word)
{
	struct buffer title = buffer_new(arena, 40);

	while (*word != '\0') {
		struct text part = { word, strcspn(word, "_") };
		const char *known = spelled(part);

		if (title.length > 0)
			buffer_add_char(&title, ' ');
		if (known != NULL)
			buffer_add_string(&title, known);
		else
			buffer_add_text(&title, part);
		word += part.length + (word[part.length] == '_');
	}
	title.at[0] = (char)toupper((unsigned char)title.at[0]);
	return buffer_text(&title).at;
}

const char *
reference_slug(struct arena *arena, const char *text)
{
	struct buffer slug = buffer_new(arena, strlen(text) + 1);

	for (; *text != '\0'; text++) {
		if (isalnum((unsigned char)*text))
			buffer_add_char(&slug, (char)tolower((unsigned char)*text));
		else if (*text != '\'' && slug.length > 0 && slug.at[slug.length - 1] != '-')
			buffer_add_char(&slug, '-');
	}
	while (slug.length > 0 && slug.at[slug.length - 1] == '-')
		slug.at[--slug.length] = '\0';
	return buffer_text(&slug).at;
}

/* ---- pages and blocks ---- */

struct page *
site_page(struct site *site, const char *file, const char *title)
{
	struct page *page = arena_take(site->arena, sizeof(*page));

	if (site->page_count == PAGES_MOST) {
		site_fault(site, "there are more than %d pages.", PAGES_MOST);
		return page;
	}
	*page = (struct page){ .arena = site->arena, .file = file, .title = title };
	page->end = &page->blocks;
	return site->pages[site->page_count++] = page;
}

const char *
page_root(const struct page *page)
{
	return strchr(page->file, '/') != NULL ? "../" : "";
}

struct block *
page_add(struct page *page, enum block_kind kind)
{
	struct block *block = arena_take(page->arena, sizeof(*block));

	block->kind = kind;
	block->rows_end = &block->rows;
	*page->end = block;
	page->end = &block->next;
	return block;
}

struct block *
page_add_text(struct page *page, enum block_kind kind, const char *text)
{
	struct block *block = page_add(page, kind);

	block->text = text;
	return block;
}

void
page_heading(struct page *page, int level, const char *anchor, const char *text)
{
	struct block *block = page_add_text(page, BLOCK_HEADING, text);

	block->level = level;
	block->anchor = anchor;
}

struct row *
block_row(struct page *page, struct block *block, const char *name, const char *text)
{
	struct row *row = arena_take(page->arena, sizeof(*row));

	row->name = name;
	row->text = text;
	*block->rows_end = row;
	block->rows_end = &row->next;
	return row;
}

const char *
site_link(struct site *site, const char *word, size_t length)
{
	struct text wanted = { word, length };

	for (size_t i = 0; i < site->operation_count; i++)
		if (text_is(wanted, site->operations[i].id)) {
			const char *end = strrchr(site->operations[i].id, '.');

			return arena_format(site->arena, "%.*s.html#%s", (int)(end - site->operations[i].id),
			    site->operations[i].id, site->operations[i].id)
			    .at;
		}
	for (size_t i = 0; i < site->group_count; i++)
		if (memchr(word, '.', length) != NULL && text_is(wanted, site->groups[i]->path))
			return arena_format(site->arena, "%s.html", site->groups[i]->path).at;
	return NULL;
}

/* ---- what it is made of ---- */

static void
add_groups(struct site *site, const struct client_node *node)
{
	bool holds = false;

	for (size_t i = 0; i < node->count; i++)
		holds |= node->children[i]->operation != NULL;
	if (holds)
		site->groups[site->group_count++] = node;
	for (size_t i = 0; i < node->count; i++)
		if (node->children[i]->operation == NULL)
			add_groups(site, node->children[i]);
}

static void
read_examples(struct site *site)
{
	struct text text = site_read(site, "examples.json");

	site->examples = text.length == 0 ? NULL : tree_parse(site->arena, text);
	if (site->examples != NULL && site->examples->kind != TREE_OBJECT)
		site->examples = NULL;
	if (text.length > 0 && site->examples == NULL)
		site_fault(site, "%s/examples.json is no JSON object.", site->docs);
}

static void
make_pages(struct site *site)
{
	reference_guides(site);
	reference_home(site);
	for (size_t i = 0; i < site->group_count; i++)
		reference_group(site, site->groups[i]);
	reference_events(site);
	reference_problems(site);
}

/* ---- writing ---- */

static void
write_page(struct site *site, const struct page *page)
{
	struct arena_mark mark = arena_mark(site->arena);
	struct buffer html = buffer_new(site->arena, 64 * 1024), markdown;

	reference_html(site, page, &html);
	site_write(site, page->file, ".html", buffer_text(&html));
	markdown = buffer_new(site->arena, 64 * 1024);
	reference_markdown(page, &markdown);
	site_write(site, page->file, ".md", buffer_text(&markdown));
	arena_release(site->arena, mark);
}

static void
write_made(struct site *site, const char *name, void (*make)(struct site *site, struct buffer *out))
{
	struct buffer out = buffer_new(site->arena, 64 * 1024);

	make(site, &out);
	site_write(site, name, "", buffer_text(&out));
}

static void
write_site(struct site *site)
{
	static const char *const copied[] = { "style.css", "search.js", "icon.svg" };
	const char *guides = arena_format(site->arena, "%s/guides", site->directory).at;

	if (mkdir(guides, 0777) != 0 && errno != EEXIST) {
		site_fault(site, "%s: %s", guides, strerror(errno));
		return;
	}
	for (size_t i = 0; i < site->page_count; i++)
		write_page(site, site->pages[i]);
	write_made(site, "search.json", reference_search);
	write_made(site, "llms.txt", reference_llms);
	for (size_t i = 0; i < COUNT(copied); i++)
		site_write(site, copied[i], "", site_read(site, arena_format(site->arena, "site/%s", copied[i]).at));
}

bool
reference_write(const char *directory, const char *docs, FILE *faults)
{
	struct arena *arena = arena_new(SITE_BYTES);
	struct site site = { .arena = arena, .directory = directory, .docs = docs, .faults = faults };

	site.operations = client_operations(arena, &site.operation_count);
	site.endpoints = endpoints(arena, &site.endpoint_count);
	site.groups = arena_array(arena, site.operation_count, sizeof(*site.groups));
	site.pages = arena_array(arena, PAGES_MOST, sizeof(struct page *));
	add_groups(&site, client_tree(arena));
	read_examples(&site);
	make_pages(&site);
	if (!site.failed)
		write_site(&site);
	arena_free(arena);
	return !site.failed;
}
