/*
 * Text of any kind made fit for a document, and parted into lines.
 */
#include "pdf_parts.h"

#include <string.h>

#include "text.h"

/* ---- what can be drawn ------------------------------------------------------------------------------------------- */

#define BOX "\xE2\x96\xA1" /* U+25A1 */

static int64_t
code_of(const char *at, size_t step)
{
	const unsigned char *byte = (const unsigned char *)at;

	if (step == 2)
		return (byte[0] & 0x1f) << 6 | (byte[1] & 0x3f);
	return step == 3 ? (byte[0] & 0x0f) << 12 | (byte[1] & 0x3f) << 6 | (byte[2] & 0x3f) : byte[0];
}

/* Soft hyphens, joiners, marks of direction, variation selectors: they say something about their neighbours. */
static bool
is_unseen(int64_t code)
{
	return code == 0xAD || code == 0x61C || code == 0x180E || (code >= 0x200B && code <= 0x200F) ||
	       (code >= 0x202A && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) ||
	       (code >= 0xFE00 && code <= 0xFE0F) || code == 0xFEFF;
}

static bool
is_blank(int64_t code)
{
	return code == 0xA0 || code < ' ' || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029;
}

static void
add_character(struct buffer *out, const char *at, size_t step)
{
	int64_t code = code_of(at, step);

	if (step == 0 || step == 4 || (code >= 0xE000 && code < 0xF900))
		buffer_add_string(out, BOX);
	else if (code == '\n')
		buffer_add_char(out, '\n');
	else if (is_blank(code))
		buffer_add_char(out, ' ');
	else if (!is_unseen(code))
		buffer_add(out, at, step);
}

static bool
is_plain(struct text text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] < ' ' || text.at[i] > '~')
			return false;
	return true;
}

struct text
pdf_clean(struct arena *arena, struct text text)
{
	struct buffer out;
	size_t step;

	if (text.at == NULL)
		return TEXT("");
	if (is_plain(text))
		return text;
	out = buffer_new(arena, text.length + 1);
	for (size_t at = 0; at < text.length; at += step == 0 ? 1 : step) {
		step = utf8_step(text.at + at, text.length - at);
		add_character(&out, text.at + at, step);
	}
	return buffer_text(&out);
}

/* ---- lines ------------------------------------------------------------------------------------------------------- */

struct wrapping {
	struct arena *arena;
	struct texts lines;
	size_t room;
};

static void
add_line(struct wrapping *wrapping, struct text line)
{
	struct text *old = wrapping->lines.items;

	while (line.length > 0 && line.at[line.length - 1] == ' ')
		line.length--;
	if (wrapping->lines.count == wrapping->room) {
		wrapping->room = wrapping->room == 0 ? 4 : wrapping->room * 2;
		wrapping->lines.items = arena_array(wrapping->arena, wrapping->room, sizeof(struct text));
		if (wrapping->lines.count > 0)
			memcpy(wrapping->lines.items, old, wrapping->lines.count * sizeof(struct text));
	}
	wrapping->lines.items[wrapping->lines.count++] = line;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

/* May a line end behind this byte, which is no blank? Never within a figure, a date or a time. */
static bool
parts_words(struct text text, size_t at)
{
	char before, behind;

	if (strchr("-/_,;@&=", text.at[at]) == NULL || at == 0 || at + 1 >= text.length)
		return false;
	before = text.at[at - 1];
	behind = text.at[at + 1];
	return (is_letter(before) && (is_letter(behind) || is_digit(behind))) ||
	       (is_digit(before) && is_letter(behind));
}

/* Han, Kana, Hangul and their punctuation have no blanks between words: a line may end behind any of them, but no line
 * begins with what closes something. */
static bool
parts_characters(struct text text, size_t at, size_t step)
{
	static const char closing[] = "、。，．：；？！）」』】〕〉》ー々";
	struct text next = { text.at + at + step, text.length - at - step };
	size_t next_step = next.length == 0 ? 0 : utf8_step(next.at, next.length);
	int64_t code = step == 3 ? code_of(text.at + at, step) : 0;

	if ((code < 0x2E80 || code > 0xD7FF) && (code < 0xF900 || code > 0xFAFF) && (code < 0xFF00 || code > 0xFFEF))
		return false;
	return next_step > 0 && (next_step != 3 || memmem(closing, sizeof(closing) - 1, next.at, next_step) == NULL);
}

/* Where the line that begins there ends, and in `next` where the one behind it begins. Sums of whole characters are as
 * wide as the text that they make. */
static size_t
line_end(
    struct canvas *canvas, const struct pdf_style *style, struct text text, size_t begin, int64_t width, size_t *next)
{
	int64_t used = 0;
	size_t last = begin, step;

	for (size_t at = begin; at < text.length; at += step) {
		step = utf8_step(text.at + at, text.length - at);
		if (text.at[at] == '\n') {
			*next = at + 1;
			return at;
		}
		if (text.at[at] == ' ' && at > begin)
			last = at;
		used += canvas_width(canvas, style, (struct text){ text.at + at, step });
		if (used > width && at > begin && text.at[at] != ' ') {
			*next = last > begin ? last : at;
			return *next;
		}
		if (parts_words(text, at) || parts_characters(text, at, step))
			last = at + step;
	}
	*next = text.length;
	return text.length;
}

struct texts
pdf_wrap(struct canvas *canvas, struct arena *arena, const struct pdf_style *style, struct text text, int64_t width)
{
	struct wrapping wrapping = { .arena = arena };
	size_t next;

	for (size_t begin = 0; begin < text.length; begin = next) {
		size_t end = line_end(canvas, style, text, begin, width, &next);

		add_line(&wrapping, (struct text){ text.at + begin, end - begin });
		while (next < text.length && text.at[next] == ' ' && text.at[next - 1] != '\n')
			next++;
	}
	return wrapping.lines;
}
