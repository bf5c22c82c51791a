/*
 * The pages that belong to no operation: the first one, the problems, the events.
 */
#include <string.h>

#include "emit_reference_parts.h"
#include "events.h"
#include "text.h"

/* ---- the first page ---- */

static const char *
count_of_operations(struct arena *arena, const struct client_node *group)
{
	size_t count = 0;

	for (size_t i = 0; i < group->count; i++)
		count += group->children[i]->operation != NULL;
	return arena_format(arena, "%zu operation%s", count, count == 1 ? "" : "s").at;
}

static struct row *
add_link(struct page *page, struct block *links, const char *href, const char *name, const char *text)
{
	struct row *row = block_row(page, links, name, text);

	row->href = href;
	return row;
}

static void
add_guides(struct site *site, struct page *page)
{
	struct block *links;

	page_heading(page, 2, "guides", "Guides");
	links = page_add(page, BLOCK_LINKS);
	for (size_t i = 0; i < site->guide_count; i++)
		add_link(page, links, arena_format(site->arena, "guides/%s.html", site->guides[i].name).at,
		    site->guides[i].title, site->guides[i].summary);
}

static void
add_resources(struct site *site, struct page *page)
{
	struct block *links;

	page_heading(page, 2, "resources", "Resources");
	links = page_add(page, BLOCK_LINKS);
	for (size_t i = 0; i < site->group_count; i++)
		add_link(page, links, arena_format(site->arena, "%s.html", site->groups[i]->path).at,
		    site->groups[i]->path, site->groups[i]->summary)
		    ->note = count_of_operations(site->arena, site->groups[i]);
}

void
reference_home(struct site *site)
{
	struct page *page = site_page(site, "index", NULL);
	struct guide introduction = reference_guide(site, "site/introduction.md");
	struct block *links;

	page_begin(page, &introduction);
	add_guides(site, page);
	add_resources(site, page);
	page_heading(page, 2, "more", "What all of them share");
	links = page_add(page, BLOCK_LINKS);
	add_link(page, links, "problems.html", "Problems", "Every way to be refused, and what to do about it.");
	add_link(
	    page, links, "event-types.html", "Events", "What subscriptions are told, and what the data of each says.");
	add_link(page, links, "/openapi.json", "OpenAPI", "The same contract for programs, as the server speaks it.");
	add_link(page, links, "llms.txt", "llms.txt", "All pages as Markdown, for programs that read.");
}

/* ---- problems ---- */

static struct row *
add_chip(struct page *page, struct block *chips, const char *name)
{
	struct row *row = block_row(page, chips, name, NULL);

	row->href = arena_format(page->arena, "#%s", name).at;
	row->required = true;
	return row;
}

/* All of them at a glance. */
static void
add_problem_chips(struct page *page)
{
	struct block *chips = page_add(page, BLOCK_CHIPS);

	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++)
		add_chip(page, chips, problem_facts[kind].code)->note =
		    arena_format(page->arena, "%d", problem_facts[kind].status).at;
}

void
reference_problems(struct site *site)
{
	struct page *page = site_page(site, "problems", "Problems");

	page->summary = "Every way to be refused, and what to do about it.";
	page_add_text(page, BLOCK_LEAD, page->summary);
	page_add_text(page, BLOCK_TEXT,
	    "Each refusal is a problem document (RFC 9457, `application/problem+json`) with `type`, `code`, `title`, "
	    "`status`, "
	    "`detail` and `instance`, the id of the request. What is wrong with an input stands in `errors`, all of it "
	    "at "
	    "once, each fault with its `pointer`, `code` and `detail`.");
	add_problem_chips(page);
	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++) {
		const struct problem_kind_facts *facts = &problem_facts[kind];
		struct block *block;

		page_heading(page, 2, facts->code, facts->code);
		block = page_add(page, BLOCK_FACTS);
		block_row(page, block, "Status", arena_format(site->arena, "%d", facts->status).at);
		block_row(page, block, "Title", facts->title);
		block_row(page, block, "Remedy", facts->remedy);
		block_row(page, block, "Type", arena_format(site->arena, "`/problems/%s`", facts->code).at)->href =
		    arena_format(site->arena, "/problems/%s", facts->code).at;
	}
}

/* ---- events ---- */

static void
add_event_chips(struct page *page)
{
	struct block *chips = page_add(page, BLOCK_CHIPS);
	const struct event_type *type;

	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++)
		if (!type->internal)
			add_chip(page, chips, type->type);
}

void
reference_events(struct site *site)
{
	struct page *page = site_page(site, "event-types", NULL);
	struct guide introduction = reference_guide(site, "site/events.md");
	const struct event_type *type;

	page_begin(page, &introduction);
	add_event_chips(page);
	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++) {
		if (type->internal)
			continue;
		page_heading(page, 2, type->type, type->type);
		page_add_text(page, BLOCK_TEXT,
		    arena_format(site->arena, "%s It is about `entity_type` `%s`.", type->summary, type->entity_type)
			.at);
		if (type->data->count > 0)
			reference_fields(page, page_add(page, BLOCK_FIELDS), type->data, REPLY);
	}
}
