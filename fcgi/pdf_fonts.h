/*
 * The fonts of one document: a regular and a bold one, and others for characters that these lack. A font is in the
 * document only if something is set in it. For pdf_canvas.c alone: it shows libhpdf's types.
 */
#ifndef PURSER_PDF_FONTS_H
#define PURSER_PDF_FONTS_H

#include <hpdf.h>

#include "arena.h"

enum { PDF_FONTS_MOST = 6, PDF_FONT_PATH = 512 };

struct pdf_font {
	char path[PDF_FONT_PATH];
	bool was_read;
	const char *name;         /* libhpdf's */
	HPDF_FontDef definition;  /* NULL: it can't be read */
	HPDF_Font font;           /* NULL: nothing is set in it */
	int16_t *widths;          /* of each code, in thousandths of the type's size; see pdf_fonts.c for what is no width */
};

struct pdf_fonts {
	HPDF_Doc document;
	struct arena *arena;
	struct pdf_font fonts[PDF_FONTS_MOST]; /* regular, bold, others */
	size_t count;
};

/* Reads the first two. False: `*fault` can't be read. Later faults are the document's own. */
bool pdf_fonts_load(struct pdf_fonts *fonts, HPDF_Doc document, struct arena *arena, const char **fault);

/* Reads the others too, which is done when they are needed. */
bool pdf_fonts_try(struct pdf_fonts *fonts, const char **fault);

/* Which one shows the character; where none does, the regular or bold one, with a box. */
size_t pdf_font_of(struct pdf_fonts *fonts, bool bold, int64_t code);
/* In thousandths of the type's size. */
int64_t pdf_font_width(struct pdf_fonts *fonts, size_t number, int64_t code);
/* To set something in it; NULL: a fault. */
HPDF_Font pdf_font_use(struct pdf_fonts *fonts, size_t number);

#endif
