/*
 * Which font shows which character. What libhpdf finds by a search through the font's tables is asked once a character.
 */
#include "pdf_fonts.h"

#include <stdio.h>
#include <string.h>

#include "config.h"
#include "pdf.h"

enum { FIRST_OTHER = 2, CODES = 65536, NOT_ASKED = -1, NO_GLYPH = -2 };

/* ---- files ------------------------------------------------------------------------------------------------------- */

/* The first two, then those of the list. False: there is no such one. */
static bool
font_path(size_t number, char path[PDF_FONT_PATH])
{
	const char *at = config.pdf_fallback_fonts;
	size_t length;

	if (number < FIRST_OTHER)
		return snprintf(path, PDF_FONT_PATH, "%s", number == 0 ? config.pdf_font : config.pdf_font_bold) > 0;
	for (; number > FIRST_OTHER && *at != '\0'; number--)
		at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',');
	length = strcspn(at, ",");
	return snprintf(path, PDF_FONT_PATH, "%.*s", (int)length, at) > 0;
}

static bool
read_font(struct pdf_fonts *fonts, size_t number)
{
	struct pdf_font *font = &fonts->fonts[number];

	if (font->was_read)
		return font->definition != NULL;
	font->was_read = true;
	font->name = HPDF_LoadTTFontFromFile(fonts->document, font->path, HPDF_TRUE);
	if (font->name == NULL)
		return false;
	font->definition = HPDF_Doc_FindFontDef(fonts->document, font->name);
	font->widths = arena_array(fonts->arena, CODES, sizeof(*font->widths));
	memset(font->widths, NOT_ASKED, CODES * sizeof(*font->widths));
	return font->definition != NULL;
}

bool
pdf_fonts_load(struct pdf_fonts *fonts, HPDF_Doc document, struct arena *arena, const char **fault)
{
	*fonts = (struct pdf_fonts){ .document = document, .arena = arena };
	while (fonts->count < PDF_FONTS_MOST && font_path(fonts->count, fonts->fonts[fonts->count].path))
		fonts->count++;
	for (size_t i = 0; i < FIRST_OTHER; i++) {
		*fault = fonts->fonts[i].path;
		if (!read_font(fonts, i) || pdf_font_use(fonts, i) == NULL)
			return false;
	}
	return true;
}

bool
pdf_fonts_try(struct pdf_fonts *fonts, const char **fault)
{
	for (size_t i = FIRST_OTHER; i < fonts->count; i++) {
		*fault = fonts->fonts[i].path;
		if (!read_font(fonts, i) || pdf_font_use(fonts, i) == NULL)
			return false;
	}
	return true;
}

/* ---- glyphs of glyphs -------------------------------------------------------------------------------------------- */

/* Flags of a part of a glyph, as TrueType has them. */
enum { PARTS_MOST = 64, DEPTH_MOST = 6, WORDS = 0x1, SCALE = 0x8, MORE = 0x20, SCALES = 0x40, MATRIX = 0x80 };

static unsigned
word_at(const unsigned char *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

/* What of the glyph's description is needed to know its parts; shorter at the file's end. */
static size_t
read_glyph(HPDF_TTFontDefAttr font, unsigned glyph, unsigned char *out, size_t room)
{
	HPDF_UINT32 unit = font->header.index_to_loc_format == 0 ? 2 : 1;
	HPDF_UINT32 begin = font->glyph_tbl.offsets[glyph] * unit, end = font->glyph_tbl.offsets[glyph + 1] * unit;
	HPDF_UINT length = (HPDF_UINT)(end > begin && end - begin < room ? end - begin : room);

	if (end <= begin ||
	    HPDF_Stream_Seek(font->stream, (HPDF_INT)(font->glyph_tbl.base_offset + begin), HPDF_SEEK_SET) != HPDF_OK)
		return 0;
	HPDF_Stream_Read(font->stream, out, &length);
	return length;
}

static size_t
part_length(unsigned flags)
{
	size_t place = (flags & WORDS) != 0 ? 8 : 6;

	if ((flags & SCALE) != 0)
		return place + 2;
	if ((flags & SCALES) != 0)
		return place + 4;
	return (flags & MATRIX) != 0 ? place + 8 : place;
}

/* libhpdf puts a glyph's parts into the document, but not always all, and never theirs. */
static void
keep_parts(HPDF_TTFontDefAttr font, unsigned glyph, int depth)
{
	enum { HEAD = 10, PART = 4 + 4 + 8 };
	unsigned char bytes[HEAD + PARTS_MOST * PART];
	size_t length = read_glyph(font, glyph, bytes, sizeof(bytes)), at = HEAD;
	unsigned flags = MORE;

	if (length < HEAD || (bytes[0] & 0x80) == 0 || depth > DEPTH_MOST)
		return;
	while ((flags & MORE) != 0 && at + 4 <= length) {
		unsigned part = word_at(bytes + at + 2);

		flags = word_at(bytes + at);
		at += part_length(flags);
		if (part >= font->num_glyphs)
			continue;
		font->glyph_tbl.flgs[part] = 1;
		keep_parts(font, part, depth + 1);
	}
}

/* ---- characters -------------------------------------------------------------------------------------------------- */

static int16_t
look_up(const struct pdf_font *font, HPDF_UINT16 code)
{
	HPDF_UINT16 glyph = HPDF_TTFontDef_GetGlyphid(font->definition, code);

	if (glyph == 0)
		return NO_GLYPH;
	if (glyph < ((HPDF_TTFontDefAttr)font->definition->attr)->num_glyphs)
		keep_parts(font->definition->attr, glyph, 0);
	return HPDF_TTFontDef_GetCharWidth(font->definition, code);
}

static int16_t
width_of(struct pdf_font *font, int64_t code)
{
	size_t at = (size_t)code % CODES;

	if (font->widths[at] == NOT_ASKED)
		font->widths[at] = look_up(font, (HPDF_UINT16)at);
	return font->widths[at];
}

size_t
pdf_font_of(struct pdf_fonts *fonts, bool bold, int64_t code)
{
	if (width_of(&fonts->fonts[bold], code) != NO_GLYPH)
		return bold;
	for (size_t i = FIRST_OTHER; i < fonts->count; i++)
		if (read_font(fonts, i) && width_of(&fonts->fonts[i], code) != NO_GLYPH)
			return i;
	return bold;
}

int64_t
pdf_font_width(struct pdf_fonts *fonts, size_t number, int64_t code)
{
	struct pdf_font *font = &fonts->fonts[number];
	int16_t width = width_of(font, code);

	return width >= 0 ? width : HPDF_TTFontDef_GetCharWidth(font->definition, (HPDF_UINT16)code);
}

HPDF_Font
pdf_font_use(struct pdf_fonts *fonts, size_t number)
{
	struct pdf_font *font = &fonts->fonts[number];

	if (font->font == NULL)
		font->font = HPDF_GetFont(fonts->document, font->name, "UTF-8");
	return font->font;
}
