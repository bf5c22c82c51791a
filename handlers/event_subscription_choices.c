/*
 * What a customer may choose of a subscription: headers of their own, and a filter on what an event says.
 */
#include <string.h>

#include "event_subscription.h"
#include "json.h"
#include "text.h"
#include "tree.h"

enum { HEADERS_MOST = 20, NAME_MOST = 100, VALUE_MOST = 1000, SEALED_MOST = 8000, FILTER_MOST = 10 };

/* What is ours to say, or belongs to the connection. */
static const char *const taken_names[] = { "accept-encoding", "connection", "content-encoding", "content-length",
	"content-type", "cookie", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
	"user-agent" };
static const char *const taken_prefixes[] = { "proxy-", "webhook-" };

static bool
is_token(struct text name)
{
	for (size_t i = 0; i < name.length; i++) {
		char c = name.at[i];
		bool is_word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!is_word && strchr("!#$%&'*+-.^_`|~", c) == NULL)
			return false;
	}
	return name.length > 0 && name.length <= NAME_MOST;
}

static bool
is_taken(struct text name)
{
	for (size_t i = 0; i < COUNT(taken_names); i++)
		if (text_equal_ignoring_case(name, text_from(taken_names[i])))
			return true;
	for (size_t i = 0; i < COUNT(taken_prefixes); i++) {
		struct text prefix = text_from(taken_prefixes[i]);

		if (name.length >= prefix.length &&
		    text_equal_ignoring_case((struct text){ name.at, prefix.length }, prefix))
			return true;
	}
	return false;
}

static bool
is_value(struct text value)
{
	for (size_t i = 0; i < value.length; i++)
		if (value.at[i] < ' ' || value.at[i] > '~')
			return false;
	return value.length > 0 && value.length <= VALUE_MOST && value.at[0] != ' ' &&
	       value.at[value.length - 1] != ' ';
}

static const struct problem *
check_header(struct call *call, const struct tree *first, const struct tree *header)
{
	for (const struct tree *each = first; each != header; each = each->next)
		if (text_equal_ignoring_case(each->name, header->name))
			return fail_field(call, "/headers", "duplicate", "A header is named twice.");
	if (!is_token(header->name))
		return fail_field(
		    call, "/headers", "bad_format", "A header's name has 1 to 100 letters, digits or dashes.");
	if (is_taken(header->name))
		return fail_field(
		    call, "/headers", "not_allowed", "The header %s is not one of yours to set.", header->name.at);
	if (header->kind != TREE_TEXT || !is_value(header->text))
		return fail_field(call, "/headers", "bad_format",
		    "A header's value is a text of 1 to 1000 visible ASCII characters, blanks only within.");
	return NULL;
}

const struct problem *
event_headers_check(struct call *call, struct document *headers, struct document *shown)
{
	struct buffer out = buffer_new(call->arena, 128);
	const struct tree *tree;
	size_t count = 0;

	*shown = (struct document){ 0 };
	if (headers->at == NULL)
		return NULL;
	tree = tree_parse(call->arena, (struct text){ headers->at, headers->length });
	if (tree == NULL || headers->length > SEALED_MOST)
		return fail_field(call, "/headers", "too_large", "The headers are too long.");
	for (const struct tree *each = tree->first; each != NULL; each = each->next) {
		const struct problem *p = check_header(call, tree->first, each);

		if (p == NULL && ++count > HEADERS_MOST)
			p = fail_field(call, "/headers", "too_many", "There may be 20 headers.");
		if (p != NULL)
			return p;
		buffer_add_char(&out, count == 1 ? '{' : ',');
		json_write_text(&out, each->name);
		buffer_add_string(&out, ":\"***\"");
	}
	buffer_add_char(&out, '}');
	if (count == 0)
		*headers = (struct document){ 0 };
	else
		*shown = (struct document){ out.at, out.length };
	return NULL;
}

/* As the data of events is written: the database compares texts with their escapes. */
static void
write_member(struct buffer *out, const struct tree *member)
{
	static const char *const words[] = { [TREE_NULL] = "null", [TREE_FALSE] = "false", [TREE_TRUE] = "true" };

	json_write_text(out, member->name);
	buffer_add_char(out, ':');
	if (member->kind == TREE_TEXT)
		json_write_text(out, member->text);
	else if (member->kind == TREE_NUMBER)
		buffer_add_text(out, member->text);
	else
		buffer_add_string(out, words[member->kind]);
}

const struct problem *
event_filter_check(struct call *call, struct document *filter)
{
	struct buffer out = buffer_new(call->arena, 128);
	const struct tree *tree;
	size_t count = 0;

	if (filter->at == NULL)
		return NULL;
	tree = tree_parse(call->arena, (struct text){ filter->at, filter->length });
	if (tree == NULL)
		return fail_field(call, "/filter_config", "bad_format", "The filter can't be read.");
	for (const struct tree *each = tree->first; each != NULL; each = each->next) {
		if (each->kind == TREE_ARRAY || each->kind == TREE_OBJECT)
			return fail_field(call, "/filter_config", "wrong_type",
			    "A filter names texts, numbers, true, false or null, which members of `data` have to "
			    "equal.");
		if (++count > FILTER_MOST)
			return fail_field(call, "/filter_config", "too_many", "A filter may have 10 members.");
		buffer_add_char(&out, count == 1 ? '{' : ',');
		write_member(&out, each);
	}
	buffer_add_char(&out, '}');
	*filter = count == 0 ? (struct document){ 0 } : (struct document){ out.at, out.length };
	return NULL;
}
