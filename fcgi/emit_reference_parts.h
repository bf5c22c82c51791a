/*
 * What the emit_reference*.c files share, and nobody else needs: the site, its pages, and the blocks that these are made of.
 */
#ifndef PURSER_EMIT_REFERENCE_PARTS_H
#define PURSER_EMIT_REFERENCE_PARTS_H

#include "emit_reference.h"
#include "tree.h"

/* ---- blocks ---- */

enum block_kind {
	BLOCK_HEADING,   /* `text`, of `level`, with `anchor` */
	BLOCK_TEXT,      /* `text` */
	BLOCK_LEAD,      /* `text`: the first sentence */
	BLOCK_CALL,      /* `name` is the method, `text` the path */
	BLOCK_FACTS,     /* rows: `name`, `text` of a line or more, `href` */
	BLOCK_FIELDS,    /* rows: `name`, `note`, `required`, `text`, and what is inside */
	BLOCK_LINKS,     /* rows: `name`, `href`, `note`, `text` */
	BLOCK_CHIPS,     /* rows: `name`, `href`, `note` or none; `required` those that are its own */
	BLOCK_EXAMPLES,  /* rows: `name` is the language's, `note` what it is called, `text` the program; `anchor` names the group */
	BLOCK_CODE,      /* `name` is the language, `text` the program, `note` what it is */
	BLOCK_SECTION,   /* begins one operation, `anchor`: what is said of it */
	BLOCK_ASIDE,     /* from here on its examples */
	BLOCK_END,       /* of the section */
	BLOCK_GUIDE,     /* `text` is Markdown, `note` the same as HTML */
};

struct row {
	const char *name, *note, *text, *href;
	bool required;
	struct row *inside, *next;
};

struct block {
	enum block_kind kind;
	int level;
	const char *name, *note, *text, *anchor;
	struct row *rows, **rows_end;
	struct block *next;
};

/* ---- pages ---- */

struct page {
	struct arena *arena;
	const char *file;    /* "billing.credits", "guides/webhooks": without what stands behind the dot */
	const char *title;
	const char *above;   /* what it is part of; NULL: nothing */
	const char *summary; /* one sentence */
	const struct client_node *group; /* whose operations it shows; NULL: it is no such page */
	struct block *blocks, **end;
};

struct block *page_add(struct page *page, enum block_kind kind);
struct block *page_add_text(struct page *page, enum block_kind kind, const char *text);
void page_heading(struct page *page, int level, const char *anchor, const char *text);
struct row *block_row(struct page *page, struct block *block, const char *name, const char *text);

/* ---- the site ---- */

struct guide {
	const char *name;     /* "webhooks" */
	const char *title;    /* its first heading */
	const char *summary;  /* the first sentence of its first paragraph */
	struct text markdown; /* as it is written */
	const char *html;     /* without the first heading */
	struct row *headings; /* the others: `name` is what they say, `href` the anchor */
};

struct site {
	struct arena *arena;
	const char *directory, *docs;
	FILE *faults;
	bool failed;
	const struct client_operation *operations;
	size_t operation_count;
	const struct endpoint *endpoints;
	size_t endpoint_count;
	const struct client_node **groups; /* that hold operations, parents first */
	size_t group_count;
	const struct tree *examples;
	struct guide *guides;
	size_t guide_count;
	struct page **pages; /* all of them, as they are made */
	size_t page_count;
};

void site_fault(struct site *site, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A page that is one of the site's. */
struct page *site_page(struct site *site, const char *file, const char *title);
/* Of what is between backticks in prose: where it is explained, "orders.html#orders.create"; NULL: nowhere. */
const char *site_link(struct site *site, const char *word, size_t length);
/* "../" of a page in a directory of the site, else "". */
const char *page_root(const struct page *page);
/* The text of DOCS/name; a fault, and empty, where it can't be read. */
struct text site_read(struct site *site, const char *name);
bool site_write(struct site *site, const char *name, const char *extension, struct text text);

/* "payment_methods" → "Payment methods" */
const char *reference_title(struct arena *arena, const char *word);
/* "A person's name!" → "a-persons-name" */
const char *reference_slug(struct arena *arena, const char *text);

/* ---- what is on pages ---- */

void reference_group(struct site *site, const struct client_node *group);
void reference_home(struct site *site);
void reference_problems(struct site *site);
void reference_events(struct site *site);
void reference_guides(struct site *site); /* reads them, makes their pages */
struct guide reference_guide(struct site *site, const char *file); /* one, by its name among the documents */
void page_begin(struct page *page, const struct guide *guide); /* with its title and what it says */
void reference_fields(struct page *page, struct block *block, const struct shape *shape, enum direction direction);

/* ---- how pages are written ---- */

void reference_html(struct site *site, const struct page *page, struct buffer *out);
void reference_markdown(const struct page *page, struct buffer *out);
void reference_navigation(struct site *site, const struct page *page, struct buffer *out);
void html_escape(struct buffer *out, const char *text);
/* A program between its tags, which a reader can move along with the keys. */
void html_code(struct buffer *out, const char *language, const char *text);
void reference_search(struct site *site, struct buffer *out);
void reference_llms(struct site *site, struct buffer *out);

#endif
