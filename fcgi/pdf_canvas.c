/*
 * What a document is drawn on: libhpdf, and the only file that knows it. It loads the fonts for one document and puts
 * what was used of them into it. All of its memory comes from pages of our own making, which go back to the system
 * with the canvas, so a worker is no larger after a document than before; and where they end, libhpdf tells a fault.
 */
#include "pdf_parts.h"

#include <hpdf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "config.h"
#include "text.h"

enum {
	POOL_BYTES = 256 * 1024,
	HEADER_BYTES = 16, /* keeps what follows aligned */
	ASCII = 128,
	POINT = 1000,
	EM = 1000,
	LACK_OF_MEMORY = 0x1015 /* libhpdf's name for it is spelled differently in its next version */
};

struct canvas {
	struct call *call;
	HPDF_Doc document;
	HPDF_Font fonts[2]; /* regular, bold */
	HPDF_STATUS status; /* the first fault */
	HPDF_Page *pages;
	size_t page_count, page_room;
	HPDF_Page page;
	int64_t gray; /* of the page's letters; -1: not set */
	int16_t widths[2][ASCII];
};

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* libhpdf's functions for memory are told no context; a process draws one document at a time. */
static size_t in_use;

static void *
take(HPDF_UINT size)
{
	size_t length = (size_t)size + HEADER_BYTES;
	void *at;

	if (in_use + length > (size_t)config.memory_limit_bytes)
		return NULL;
	at = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED)
		return NULL;
	memcpy(at, &length, sizeof(length));
	in_use += length;
	return (char *)at + HEADER_BYTES;
}

static void
give_back(void *at)
{
	char *begin = (char *)at - HEADER_BYTES;
	size_t length;

	memcpy(&length, begin, sizeof(length));
	in_use -= length;
	munmap(begin, length);
}

/* ---- faults ------------------------------------------------------------------------------------------------------ */

static void
on_fault(HPDF_STATUS status, HPDF_STATUS detail, void *canvas)
{
	struct canvas *self = canvas;

	(void)detail;
	if (self->status == HPDF_OK)
		self->status = status;
}

static bool
is_broken(struct canvas *canvas, HPDF_STATUS status)
{
	if (canvas->status == HPDF_OK)
		canvas->status = status;
	return canvas->status != HPDF_OK;
}

static const struct problem *
broken(struct canvas *canvas, const char *what)
{
	return fail_internal(canvas->call, "%s: libhpdf says 0x%lX", what,
	    canvas->status == HPDF_OK ? (unsigned long)LACK_OF_MEMORY : (unsigned long)canvas->status);
}

/* ---- beginning and end ------------------------------------------------------------------------------------------- */

static const struct problem *
load_font(struct canvas *canvas, size_t number, const char *path)
{
	const char *name = HPDF_LoadTTFontFromFile(canvas->document, path, HPDF_TRUE);

	if (name == NULL)
		return broken(canvas, path);
	canvas->fonts[number] = HPDF_GetFont(canvas->document, name, "UTF-8");
	return canvas->fonts[number] == NULL ? broken(canvas, path) : NULL;
}

static const struct problem *
set_up(struct canvas *canvas, const struct pdf_head *head)
{
	HPDF_Doc document = canvas->document;
	struct arena *arena = canvas->call->arena;
	struct text title =
	    arena_format(arena, "%s %s", head->title.at, head->subtitle.at == NULL ? "" : head->subtitle.at);
	const struct problem *p;

	if (is_broken(canvas, HPDF_SetCompressionMode(document, HPDF_COMP_ALL)) ||
	    is_broken(canvas, HPDF_UseUTFEncodings(document)) ||
	    is_broken(canvas, HPDF_SetCurrentEncoder(document, "UTF-8")) ||
	    is_broken(canvas, HPDF_SetInfoAttr(document, HPDF_INFO_TITLE, text_trim(pdf_clean(arena, title)).at)) ||
	    is_broken(canvas, HPDF_SetInfoAttr(document, HPDF_INFO_AUTHOR, pdf_clean(arena, head->sender).at)))
		return broken(canvas, "a document can't be begun");
	p = load_font(canvas, 0, config.pdf_font);
	return p != NULL ? p : load_font(canvas, 1, config.pdf_font_bold);
}

const struct problem *
canvas_new(struct call *call, const struct pdf_head *head, struct canvas **out)
{
	struct canvas *canvas = arena_take(call->arena, sizeof(*canvas));

	*out = canvas;
	canvas->call = call;
	memset(canvas->widths, -1, sizeof(canvas->widths));
	canvas->document = HPDF_NewEx(on_fault, take, give_back, POOL_BYTES, canvas);
	return canvas->document == NULL ? broken(canvas, "a document can't be begun") : set_up(canvas, head);
}

void
canvas_free(struct canvas *canvas)
{
	if (canvas->document != NULL)
		HPDF_Free(canvas->document);
	canvas->document = NULL;
}

/* ---- pages ------------------------------------------------------------------------------------------------------- */

static void
keep_page(struct canvas *canvas, HPDF_Page page)
{
	HPDF_Page *pages = canvas->pages;

	if (canvas->page_count == canvas->page_room) {
		canvas->page_room = canvas->page_room == 0 ? 16 : canvas->page_room * 2;
		canvas->pages = arena_array(canvas->call->arena, canvas->page_room, sizeof(HPDF_Page));
		if (canvas->page_count > 0)
			memcpy(canvas->pages, pages, canvas->page_count * sizeof(HPDF_Page));
	}
	canvas->pages[canvas->page_count++] = page;
}

void
canvas_page(struct canvas *canvas)
{
	HPDF_Page page = canvas->status == HPDF_OK ? HPDF_AddPage(canvas->document) : NULL;

	canvas->gray = -1;
	keep_page(canvas, page);
	canvas->page = page;
	if (page == NULL) {
		is_broken(canvas, LACK_OF_MEMORY);
		return;
	}
	if (!is_broken(canvas, HPDF_Page_SetWidth(page, (HPDF_REAL)PAGE_WIDTH / POINT)))
		is_broken(canvas, HPDF_Page_SetHeight(page, (HPDF_REAL)PAGE_HEIGHT / POINT));
}

size_t
canvas_page_count(const struct canvas *canvas)
{
	return canvas->page_count;
}

void
canvas_turn_to(struct canvas *canvas, size_t page)
{
	canvas->page = canvas->pages[page];
	canvas->gray = -1;
}

/* ---- letters and rules ------------------------------------------------------------------------------------------- */

/* A code of the first plane; pdf_clean leaves no other. */
static int64_t
code_at(const char *at, size_t step)
{
	const unsigned char *byte = (const unsigned char *)at;

	switch (step) {
	case 1:
		return byte[0];
	case 2:
		return (byte[0] & 0x1f) << 6 | (byte[1] & 0x3f);
	default:
		return (byte[0] & 0x0f) << 12 | (byte[1] & 0x3f) << 6 | (byte[2] & 0x3f);
	}
}

/* In thousandths of the type's size. */
static int64_t
character_width(struct canvas *canvas, size_t font, int64_t code)
{
	int64_t width;

	if (code < ASCII && canvas->widths[font][code] >= 0)
		return canvas->widths[font][code];
	width = HPDF_Font_GetUnicodeWidth(canvas->fonts[font], (HPDF_UNICODE)code);
	if (code < ASCII)
		canvas->widths[font][code] = (int16_t)width;
	return width;
}

int64_t
canvas_width(struct canvas *canvas, const struct pdf_style *style, struct text text)
{
	int64_t width = 0;
	size_t step;

	for (size_t at = 0; at < text.length; at += step) {
		step = utf8_step(text.at + at, text.length - at);
		if (step == 0)
			break;
		width += character_width(canvas, style->bold, code_at(text.at + at, step));
	}
	return width * style->size / EM;
}

static void
set_gray(struct canvas *canvas, int64_t gray)
{
	if (canvas->gray != gray)
		is_broken(canvas, HPDF_Page_SetGrayFill(canvas->page, (HPDF_REAL)gray / 1000));
	canvas->gray = gray;
}

void
canvas_text(struct canvas *canvas, const struct pdf_style *style, int64_t left, int64_t baseline, struct text text)
{
	HPDF_Page page = canvas->page;
	struct arena_mark mark;

	if (canvas->status != HPDF_OK || text.length == 0)
		return;
	set_gray(canvas, style->gray);
	mark = arena_mark(canvas->call->arena);
	if (!is_broken(canvas, HPDF_Page_BeginText(page)) &&
	    !is_broken(
		canvas, HPDF_Page_SetFontAndSize(page, canvas->fonts[style->bold], (HPDF_REAL)style->size / POINT)) &&
	    !is_broken(
		canvas, HPDF_Page_TextOut(page, (HPDF_REAL)left / POINT, (HPDF_REAL)(PAGE_HEIGHT - baseline) / POINT,
			    arena_text(canvas->call->arena, text.at, text.length).at)))
		is_broken(canvas, HPDF_Page_EndText(page));
	arena_release(canvas->call->arena, mark);
}

void
canvas_rule(struct canvas *canvas, int64_t left, int64_t top, int64_t width, int64_t weight, int64_t gray)
{
	HPDF_Page page = canvas->page;

	if (canvas->status != HPDF_OK)
		return;
	set_gray(canvas, gray);
	if (!is_broken(canvas,
		HPDF_Page_Rectangle(page, (HPDF_REAL)left / POINT, (HPDF_REAL)(PAGE_HEIGHT - top - weight) / POINT,
		    (HPDF_REAL)width / POINT, (HPDF_REAL)weight / POINT)))
		is_broken(canvas, HPDF_Page_Fill(page));
}

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

const struct problem *
canvas_write(struct canvas *canvas, struct buffer *out)
{
	HPDF_UINT32 left;

	if (canvas->status != HPDF_OK || is_broken(canvas, HPDF_SaveToStream(canvas->document)) ||
	    is_broken(canvas, HPDF_ResetStream(canvas->document)))
		return broken(canvas, "a document can't be drawn");
	left = HPDF_GetStreamSize(canvas->document);
	while (left > 0) {
		HPDF_UINT32 length = left;
		HPDF_STATUS status =
		    HPDF_ReadFromStream(canvas->document, (HPDF_BYTE *)buffer_reserve(out, left), &length);

		if ((status != HPDF_OK && status != HPDF_STREAM_EOF) || length == 0 || length > left)
			return broken(canvas, "a document can't be read");
		buffer_added(out, length);
		left -= length;
	}
	return NULL;
}
