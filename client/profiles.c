/*
 * The profiles as a table, without what is secret in them.
 */
#include "profiles.h"

#include "json_text.h"
#include "settings.h"
#include "table.h"
#include "terminal.h"
#include "text.h"

enum { KEY_SHOWN = 9 };

static void
add_row(struct buffer *out, const struct profile *profile)
{
	const char *as = profile->email;

	if (as == NULL && profile->api_key != NULL)
		as = arena_format(out->arena, "%.*s…", KEY_SHOWN, profile->api_key).at;
	if (out->length > 1)
		buffer_add_char(out, ',');
	buffer_add_char(out, '{');
	json_text_member(out, "name", profile->name);
	json_text_member(out, "url", profile->url);
	json_text_member(out, "signed_in_as", as == NULL ? "" : as);
	buffer_add_char(out, '}');
}

void
profiles_run(const struct arguments *arguments)
{
	struct arena *arena = arguments->arena;
	struct buffer rows = buffer_new(arena, 256);

	buffer_add_char(&rows, '[');
	for (const struct profile *one = credentials_read(arena); one != NULL; one = one->next)
		add_row(&rows, one);
	buffer_add_char(&rows, ']');
	table_rows(table_new(arena, terminal_width(0), false), arena, tree_parse(arena, buffer_text(&rows)));
}
