/*
 * Finding one's way through the reference: the navigation of every page, what search.js looks through, and llms.txt.
 */
#include <string.h>

#include "emit_reference_parts.h"
#include "events.h"
#include "text.h"

/* ---- navigation ---- */

static void
add_link(struct buffer *out, const struct page *page, const char *file, const char *title)
{
	bool here = strcmp(page->file, file) == 0;

	buffer_format(out, "<a href=\"%s%s.html\"%s>", page_root(page), file, here ? " aria-current=\"page\"" : "");
	html_escape(out, title);
	buffer_add_string(out, "</a>");
}

static void
add_item(struct buffer *out, const struct page *page, const char *file, const char *title)
{
	buffer_add_string(out, "<li>");
	add_link(out, page, file, title);
	buffer_add_string(out, "</li>\n");
}

static void
add_operations(struct buffer *out, const struct client_node *group)
{
	buffer_add_string(out, "\n<ul class=\"operations\">\n");
	for (size_t i = 0; i < group->count; i++)
		if (group->children[i]->operation != NULL)
			buffer_format(out, "<li><a href=\"#%s\">%s</a></li>\n", group->children[i]->path,
			    group->children[i]->word);
	buffer_add_string(out, "</ul>\n");
}

/* The first word of an id. */
static size_t
section_length(const struct client_node *group)
{
	return strcspn(group->path, ".");
}

static bool
same_section(const struct client_node *a, const struct client_node *b)
{
	return section_length(a) == section_length(b) && strncmp(a->path, b->path, section_length(a)) == 0;
}

static void
add_subgroups(struct site *site, struct buffer *out, const struct page *page, const struct client_node *of)
{
	bool any = false;

	for (size_t i = 0; i < site->group_count; i++) {
		const struct client_node *group = site->groups[i];

		if (!same_section(group, of) || strchr(group->path, '.') == NULL)
			continue;
		buffer_add_string(out, any ? "<li>" : "<ul>\n<li>");
		add_link(out, page, group->path, reference_title(page->arena, group->word));
		if (page->group == group)
			add_operations(out, group);
		buffer_add_string(out, "</li>\n");
		any = true;
	}
	buffer_add_string(out, any ? "</ul>\n" : "");
}

static bool
is_first(const struct site *site, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (same_section(site->groups[i], site->groups[index]))
			return false;
	return true;
}

/* Groups of one first word stand together, wherever they are declared; the one that is this word alone is their
 * heading. */
static void
add_sections(struct site *site, struct buffer *out, const struct page *page)
{
	for (size_t i = 0; i < site->group_count; i++) {
		const char *word = arena_text(site->arena, site->groups[i]->path, section_length(site->groups[i])).at;
		bool own = false, here = strcmp(page->file, word) == 0;

		if (!is_first(site, i))
			continue;
		for (size_t j = i; j < site->group_count; j++)
			own |= strcmp(site->groups[j]->path, word) == 0;
		buffer_add_string(out, "<h2>");
		if (own)
			add_link(out, page, word, reference_title(site->arena, word));
		else
			buffer_add_string(out, reference_title(site->arena, word));
		buffer_add_string(out, "</h2>\n");
		if (own && here)
			add_operations(out, page->group);
		add_subgroups(site, out, page, site->groups[i]);
	}
}

void
reference_navigation(struct site *site, const struct page *page, struct buffer *out)
{
	buffer_add_string(out, "<nav aria-label=\"Contents\">\n<input class=\"menu\" id=\"menu\" type=\"checkbox\">"
			       "<label class=\"menu\" for=\"menu\">Contents</label>\n<div>\n<h2>Guides</h2>\n<ul>\n");
	for (size_t i = 0; i < site->guide_count; i++) {
		add_item(
		    out, page, arena_format(site->arena, "guides/%s", site->guides[i].name).at, site->guides[i].title);
	}
	buffer_add_string(out, "</ul>\n");
	add_sections(site, out, page);
	buffer_add_string(out, "<h2>Catalogues</h2>\n<ul>\n");
	add_item(out, page, "event-types", "Events");
	add_item(out, page, "problems", "Problems");
	buffer_add_string(out, "</ul>\n</div>\n</nav>\n");
}

/* ---- search ---- */

/* One thing that can be found: `words` are looked through, but not shown. */
static void
add_entry(struct emitter *emitter, const char *kind, const char *name, const char *href, const char *summary,
    const char *words)
{
	emit_object(emitter, NULL);
	emit_string(emitter, "kind", kind);
	emit_string(emitter, "name", name);
	emit_string(emitter, "href", href);
	emit_string(emitter, "summary", summary);
	if (words[0] != '\0')
		emit_string(emitter, "words", words);
	emit_object_end(emitter);
}

/* Each name once, those inside of others too. */
static void
add_field_names(struct buffer *names, struct name_set *seen, const struct shape *shape)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field->hidden || !name_set_add(names->arena, seen, field->name))
			continue;
		buffer_format(names, "%s%s", names->length > 0 ? " " : "", field->name);
		if (field->shape != NULL)
			add_field_names(names, seen, field->shape);
	}
}

static const char *
field_names(struct arena *arena, const struct client_operation *of)
{
	struct buffer names = buffer_new(arena, 200);
	struct name_set seen = { 0 };

	add_field_names(&names, &seen, of->takes);
	add_field_names(&names, &seen, of->gives);
	return buffer_text(&names).at;
}

static void
add_guide_entries(struct site *site, struct emitter *emitter)
{
	for (size_t i = 0; i < site->guide_count; i++) {
		const struct guide *guide = &site->guides[i];
		const char *href = arena_format(site->arena, "guides/%s.html", guide->name).at;

		add_entry(emitter, "guide", guide->title, href, guide->summary, "");
		for (const struct row *row = guide->headings; row != NULL; row = row->next)
			add_entry(emitter, "guide", row->name, arena_format(site->arena, "%s#%s", href, row->href).at,
			    guide->title, "");
	}
}

void
reference_search(struct site *site, struct buffer *out)
{
	struct emitter emitter = emit_to(out, false);
	const struct event_type *type;

	emit_array(&emitter, NULL);
	for (size_t i = 0; i < site->operation_count; i++) {
		const struct client_operation *of = &site->operations[i];

		add_entry(&emitter, "operation", of->id, site_link(site, of->id, strlen(of->id)),
		    of->operation->summary, field_names(site->arena, of));
	}
	add_guide_entries(site, &emitter);
	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++)
		add_entry(&emitter, "problem", problem_facts[kind].code,
		    arena_format(site->arena, "problems.html#%s", problem_facts[kind].code).at,
		    problem_facts[kind].title, "");
	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++)
		if (!type->internal)
			add_entry(&emitter, "event", type->type,
			    arena_format(site->arena, "event-types.html#%s", type->type).at, type->summary, "");
	emit_array_end(&emitter);
	buffer_add_char(out, '\n');
}

/* ---- llms.txt ---- */

static void
add_section(struct site *site, struct buffer *out, const char *title, bool groups, bool guides)
{
	buffer_format(out, "\n## %s\n\n", title);
	for (size_t i = 0; i < site->page_count; i++) {
		const struct page *page = site->pages[i];
		bool guide = strchr(page->file, '/') != NULL;

		if ((page->group != NULL) != groups || guide != guides || strcmp(page->file, "index") == 0)
			continue;
		buffer_format(out, "- [%s](%s.md): %s\n", groups ? page->file : page->title, page->file, page->summary);
	}
}

/* As llmstxt.org describes it. */
void
reference_llms(struct site *site, struct buffer *out)
{
	for (size_t i = 0; i < site->page_count; i++)
		if (strcmp(site->pages[i]->file, "index") == 0)
			buffer_format(out, "# Purser\n\n> %s\n", site->pages[i]->summary);
	buffer_add_string(out,
	    "\nEvery operation is `POST /v1/` and its id with `/` for `.`, a JSON object in and one out. "
	    "`/openapi.json` is the whole contract in one document.\n");
	add_section(site, out, "Guides", false, true);
	add_section(site, out, "Resources", true, false);
	add_section(site, out, "Optional", false, false);
}
