/*
 * Reading JSON, and writing it.
 */
#include "json_text.h"

#include <ctype.h>
#include <string.h>

#include "text.h"

const struct tree *
json_text_read(struct arena *arena, struct text text)
{
	return tree_parse_to(arena, text, SIZE_MAX);
}

/* What a terminal might obey, of two or three bytes: controls of U+0080 to U+009F, changes of direction, line breaks.
 */
static unsigned
obeyed(const char *at, size_t length)
{
	unsigned char bytes[3] = { 0 };
	unsigned c;

	memcpy(bytes, at, length < 3 ? length : 3);
	if (bytes[0] == 0xC2 && bytes[1] >= 0x80 && bytes[1] < 0xA0)
		return bytes[1];
	if (bytes[0] != 0xE2)
		return 0;
	c = 0x2000U | (bytes[1] & 0x3FU) << 6 | (bytes[2] & 0x3FU);
	return (c >= 0x200E && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) ? c : 0;
}

void
json_text_string(struct buffer *out, struct text text)
{
	buffer_add_char(out, '"');
	for (size_t i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.at[i];
		unsigned hidden = c < 0x80 ? 0 : obeyed(text.at + i, text.length - i);

		if (hidden != 0) {
			buffer_format(out, "\\u%04x", hidden);
			i += hidden < 0x100 ? 1 : 2;
			continue;
		}

		if (c == '"' || c == '\\')
			buffer_format(out, "\\%c", c);
		else if (c == '\n')
			buffer_add_string(out, "\\n");
		else if (c == '\t')
			buffer_add_string(out, "\\t");
		else if (c < 0x20 || c == 0x7F)
			buffer_format(out, "\\u%04x", c);
		else
			buffer_add_char(out, (char)c);
	}
	buffer_add_char(out, '"');
}

static void
add_line(struct buffer *out, int level)
{
	if (level < 0)
		return;
	buffer_add_char(out, '\n');
	for (int i = 0; i < level; i++)
		buffer_add_string(out, "  ");
}

/* Trees are 64 levels deep at the most. A level below zero: no line breaks. */
static void
add_value(struct buffer *out, const struct tree *tree, int level)
{
	bool object = tree->kind == TREE_OBJECT;
	int inner = level < 0 ? -1 : level + 1;

	switch (tree->kind) {
	case TREE_NULL:
		buffer_add_string(out, "null");
		return;
	case TREE_FALSE:
		buffer_add_string(out, "false");
		return;
	case TREE_TRUE:
		buffer_add_string(out, "true");
		return;
	case TREE_NUMBER:
		buffer_add_text(out, tree->text);
		return;
	case TREE_TEXT:
		json_text_string(out, tree->text);
		return;
	case TREE_ARRAY:
	case TREE_OBJECT:
		break;
	}
	buffer_add_char(out, object ? '{' : '[');
	for (const struct tree *item = tree->first; item != NULL; item = item->next) {
		if (item != tree->first)
			buffer_add_char(out, ',');
		add_line(out, inner);
		if (object) {
			json_text_string(out, item->name);
			buffer_add_string(out, level < 0 ? ":" : ": ");
		}
		add_value(out, item, inner);
	}
	if (tree->first != NULL)
		add_line(out, level);
	buffer_add_char(out, object ? '}' : ']');
}

void
json_text_value(struct buffer *out, const struct tree *tree)
{
	add_value(out, tree, -1);
}

void
json_text_pretty(struct buffer *out, const struct tree *tree, int level)
{
	add_value(out, tree, level);
}

void
json_text_name(struct buffer *out, struct text name)
{
	if (out->length > 0 && out->at[out->length - 1] != '{')
		buffer_add_char(out, ',');
	json_text_string(out, name);
	buffer_add_char(out, ':');
}

void
json_text_member(struct buffer *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	json_text_name(out, text_from(name));
	json_text_string(out, text_from(value));
}

static size_t
digits(struct text text, size_t at)
{
	size_t from = at;

	while (at < text.length && isdigit((unsigned char)text.at[at]))
		at++;
	return at - from;
}

bool
json_text_is_number(struct text text, bool whole)
{
	size_t at = text.length > 0 && text.at[0] == '-' ? 1 : 0, count = digits(text, at);

	if (count == 0 || (count > 1 && text.at[at] == '0'))
		return false;
	at += count;
	if (!whole && at < text.length && text.at[at] == '.') {
		count = digits(text, at + 1);
		if (count == 0)
			return false;
		at += count + 1;
	}
	return at == text.length;
}
