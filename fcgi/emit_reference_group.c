/*
 * The page of a group of operations: of each what it does, how it is called, what it takes and gives, what goes wrong,
 * and an example.
 */
#include <string.h>

#include "emit_example.h"
#include "emit_reference_parts.h"
#include "text.h"

/* ---- fields ---- */

enum { DEPTH_MOST = 6 };

static const char *
field_note(struct arena *arena, const struct field *field, enum direction direction)
{
	struct buffer note = buffer_new(arena, 80);
	struct field plain = *field;

	plain.one_of = NULL;
	if (direction == REPLY)
		buffer_add_string(&note, client_kind_name(field));
	else
		buffer_add_text(&note, client_field_rule(arena, &plain));
	if (direction == REPLY && field->format != NULL && field->format->name != NULL)
		buffer_format(&note, ", %s", field->format->name);
	if (direction == REPLY && client_nullable(field, direction))
		buffer_add_string(&note, " or null");
	if (direction == REPLY && client_absent(field, direction))
		buffer_add_string(&note, ", may be left out");
	return buffer_text(&note).at;
}

static const char *
field_text(struct arena *arena, const struct field *field)
{
	struct buffer text = buffer_new(arena, 80);

	buffer_add_string(&text, field->summary != NULL ? field->summary : "");
	for (const char *const *one = field->one_of; one != NULL && *one != NULL; one++)
		buffer_format(&text, "%s`%s`%s", one == field->one_of ? (text.length > 0 ? " One of " : "One of ") : "",
		    *one, one[1] != NULL ? ", " : ".");
	return buffer_text(&text).at;
}

static struct row *
rows_of(struct arena *arena, const struct shape *shape, enum direction direction, int depth)
{
	struct row *first = NULL, **end = &first;

	for (size_t i = 0; i < shape->count && depth < DEPTH_MOST; i++) {
		const struct field *field = &shape->fields[i];

		if (field->hidden)
			continue;
		*end = arena_take(arena, sizeof(**end));
		(*end)->name = field->name;
		(*end)->note = field_note(arena, field, direction);
		(*end)->text = field_text(arena, field);
		(*end)->required = direction == REQUEST && field_is_required(field);
		if (field->shape != NULL)
			(*end)->inside = rows_of(arena, field->shape, direction, depth + 1);
		end = &(*end)->next;
	}
	return first;
}

void
reference_fields(struct page *page, struct block *block, const struct shape *shape, enum direction direction)
{
	block->rows = rows_of(page->arena, shape, direction, 0);
}

/* ---- facts ---- */

static const char *
scope_sentence(struct arena *arena, const struct operation *operation)
{
	if (operation->raw_body)
		return "none: the body's signature says who sent it";
	if (operation->scope == PUBLIC)
		return "none: no token is needed";
	if (operation->scope == SIGNED_IN)
		return "none, but a person's session";
	if (operation->scope == ANY_TOKEN)
		return "none, but any token";
	return arena_format(arena, "`%s`%s", scope_name(operation->scope),
	    operation->any_person ? ", which every person's session has here" : "")
	    .at;
}

static const char *
effect_sentence(const struct client_operation *of)
{
	switch (of->operation->effect) {
	case READS:
		return "reads: nothing is changed";
	case COMPUTES:
		return of->reads ? "computes: nothing is changed" : "writes";
	case SPENDS:
		return "spends: it may charge money or take credits";
	case EXPORTS:
		return "writes, and shows a secret that is shown once";
	case DESTROYS:
		return "destroys: what is gone does not come back";
	}
	return "";
}

static const char *
repetition_sentence(const struct client_operation *operation)
{
	if (operation->reads)
		return "may be sent again";
	if (operation->keyed)
		return "heeds `Idempotency-Key`: with the same key it may be sent again";
	return operation->repeatable ? "may be sent again: nothing happens twice"
				     : "takes no key: what is sent again may happen again";
}

static void
add_callers(struct page *page, struct block *facts, const struct operation *operation)
{
	struct buffer roles = buffer_new(page->arena, 80);

	if (operation->human)
		block_row(page, facts, "Callers", "people alone: API keys and client credentials are refused");
	for (size_t i = 0; role_names[i] != NULL; i++)
		if ((operation->roles & ROLE_BIT(role_named(text_from(role_names[i])))) != 0)
			buffer_format(&roles, "%s`%s`", roles.length > 0 ? ", " : "", role_names[i]);
	if (roles.length > 0)
		block_row(page, facts, "Roles", arena_format(page->arena, "of people, only %s", roles.at).at);
}

static void
add_paths(struct site *site, struct page *page, struct block *facts, const struct client_operation *of)
{
	const struct endpoint *list = site->endpoints;
	struct buffer paths = buffer_new(page->arena, 200);

	for (size_t i = 0; i < site->endpoint_count; i++) {
		if (list[i].operation != of->operation)
			continue;
		if (strcmp(list[i].path, of->path) == 0 && list[i].method == METHOD_POST)
			continue;
		buffer_format(
		    &paths, "%s`%s %s`", paths.length > 0 ? "\n" : "", method_name(list[i].method), list[i].path);
	}
	if (paths.length > 0)
		block_row(page, facts, "Other paths", buffer_text(&paths).at);
}

static void
add_media(struct page *page, struct block *facts, const struct client_operation *of)
{
	struct buffer taken = buffer_new(page->arena, 80), given = buffer_new(page->arena, 80);
	const struct stream_form *form = of->operation->forms;

	buffer_add_string(&given, of->list ? "`application/x-ndjson`, a row a line" : "");
	for (const struct rendering *one = of->renderings; one != NULL && one->media_type != NULL; one++)
		buffer_format(&given, "%s`%s`", given.length > 0 ? ", " : "", one->media_type);
	for (; form != NULL && form->media_type != NULL; form++)
		buffer_format(&taken, "%s`%s`", taken.length > 0 ? ", " : "", form->media_type);
	if (of->body == CLIENT_BODY_FORM)
		buffer_add_string(&taken, "`application/x-www-form-urlencoded`");
	if (taken.length > 0)
		block_row(
		    page, facts, of->body == CLIENT_BODY_FORM ? "Body" : "Bodies besides JSON", buffer_text(&taken).at);
	if (given.length > 0)
		block_row(page, facts, "Replies besides JSON", buffer_text(&given).at);
}

static void
add_facts(struct site *site, struct page *page, const struct client_operation *of)
{
	struct block *facts = page_add(page, BLOCK_FACTS);

	block_row(page, facts, "Scope", scope_sentence(page->arena, of->operation));
	add_callers(page, facts, of->operation);
	block_row(page, facts, "Effect", effect_sentence(of));
	block_row(page, facts, "Repetition", repetition_sentence(of));
	if (of->operation->bucket != BUCKET_DEFAULT)
		block_row(page, facts, "Rate limit",
		    arena_format(page->arena, "that of `%s`", bucket_name(of->operation->bucket)).at)
		    ->href = "index.html";
	add_media(page, facts, of);
	add_paths(site, page, facts, of);
}

/* ---- what goes in, comes out, goes wrong ---- */

static void
add_input(struct page *page, const struct client_operation *of)
{
	page_heading(page, 3, NULL, "Input");
	if (of->body == CLIENT_BODY_RAW)
		page_add_text(page, BLOCK_TEXT, "The body as its sender signed it.");
	else if (of->field_count == 0)
		page_add_text(page, BLOCK_TEXT, "Nothing.");
	else
		reference_fields(page, page_add(page, BLOCK_FIELDS), of->takes, REQUEST);
}

static void
add_reply(struct page *page, const struct client_operation *of)
{
	page_heading(page, 3, NULL, of->list ? "Reply: a page of rows" : "Reply");
	if (of->status != 200)
		page_add_text(page, BLOCK_TEXT, arena_format(page->arena, "Status %d.", of->status).at);
	if (of->list)
		page_add_text(page, BLOCK_TEXT,
		    "`data` holds the rows; `next_cursor` is the `cursor` of the next page, or null on the last one.");
	if (of->gives->count > 0)
		reference_fields(page, page_add(page, BLOCK_FIELDS), of->gives, REPLY);
}

static bool
is_own(const struct operation *operation, enum problem_kind kind)
{
	for (size_t i = 0; i < RAISES_MAX; i++)
		if (operation->raises[i] == kind)
			return true;
	return false;
}

/* Its own first. */
static void
add_problems(struct page *page, const struct client_operation *of)
{
	struct block *chips;

	page_heading(page, 3, NULL, "Problems");
	chips = page_add(page, BLOCK_CHIPS);
	for (int own = 1; own >= 0; own--)
		for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++) {
			const struct problem_kind_facts *facts = &problem_facts[kind];
			struct row *row;

			if (!can_raise(of->operation, METHOD_POST, (enum problem_kind)kind) ||
			    is_own(of->operation, (enum problem_kind)kind) != (own == 1))
				continue;
			row = block_row(page, chips, facts->code, NULL);
			row->note = arena_format(page->arena, "%d", facts->status).at;
			row->href = arena_format(page->arena, "problems.html#%s", facts->code).at;
			row->required = own == 1;
		}
}

/* ---- examples ---- */

static const struct tree *
example_part(const struct tree *example, const char *name)
{
	for (const struct tree *part = example == NULL ? NULL : example->first; part != NULL; part = part->next)
		if (text_is(part->name, name))
			return part;
	return NULL;
}

static void
add_examples(struct site *site, struct page *page, const struct client_operation *of)
{
	static const char *const titles[] = { "curl", "CLI", "Python", "TypeScript" };
	const struct tree *example = example_part(site->examples, of->id);
	const struct tree *input = example_part(example, "input"), *reply = example_part(example, "reply");
	struct block *block = page_add(page, BLOCK_EXAMPLES);
	struct buffer text;

	block->anchor = of->id;
	if (site->examples == NULL)
		return;
	if (input == NULL || input->kind != TREE_OBJECT || reply == NULL) {
		site_fault(site, "there is no example of %s in %s/examples.json.", of->id, site->docs);
		return;
	}
	for (int language = 0; language < EXAMPLE_LANGUAGE_COUNT; language++) {
		text = buffer_new(page->arena, 512);
		emit_example(&text, of, input, (enum example_language)language);
		block_row(page, block, example_language_names[language], text.at)->note = titles[language];
	}
	text = buffer_new(page->arena, 512);
	emit_example_reply(&text, of, reply);
	block = page_add_text(page, BLOCK_CODE, text.at);
	block->name = "json";
	block->note = "Reply";
}

/* ---- pages ---- */

static void
add_operation(struct site *site, struct page *page, const struct client_operation *of)
{
	struct block *block = page_add(page, BLOCK_SECTION);

	block->anchor = of->id;
	page_heading(page, 2, NULL, of->id);
	page_add_text(page, BLOCK_LEAD, of->operation->summary);
	block = page_add_text(page, BLOCK_CALL, of->path);
	block->name = "POST";
	if (of->operation->description != NULL)
		page_add_text(page, BLOCK_TEXT, of->operation->description);
	add_facts(site, page, of);
	add_input(page, of);
	add_reply(page, of);
	add_problems(page, of);
	page_add(page, BLOCK_ASIDE);
	add_examples(site, page, of);
	page_add(page, BLOCK_END);
}

void
reference_group(struct site *site, const struct client_node *group)
{
	struct page *page = site_page(site, group->path, reference_title(site->arena, group->word));
	const char *dot = strrchr(group->path, '.');
	struct block *links;

	page->group = group;
	if (dot != NULL) {
		struct text above = arena_text(site->arena, group->path, (size_t)(dot - group->path));

		page->above = reference_title(site->arena, above.at);
	}
	page->summary = group->summary;
	if (group->summary != NULL)
		page_add_text(page, BLOCK_LEAD, group->summary);
	links = page_add(page, BLOCK_LINKS);
	for (size_t i = 0; i < group->count; i++)
		if (group->children[i]->operation != NULL)
			block_row(page, links, group->children[i]->path, group->children[i]->summary)->href =
			    arena_format(site->arena, "#%s", group->children[i]->path).at;
	for (size_t i = 0; i < group->count; i++)
		if (group->children[i]->operation != NULL)
			add_operation(site, page, group->children[i]->operation);
	if (page->summary == NULL)
		page->summary = arena_format(site->arena, "The operations of `%s`.", group->path).at;
}
