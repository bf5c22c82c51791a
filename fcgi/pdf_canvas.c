/*
 * What a document is drawn on: libhpdf, which only this file and pdf_fonts.c know. It puts what was used of the fonts
 * into the document. All of libhpdf's memory comes from pages of our own making, which go back to the system with the
 * canvas, so a worker is no larger after a document than before; and where they end, libhpdf tells a fault.
 */
#include "pdf_parts.h"

#include <string.h>
#include <sys/mman.h>

#include "clock.h"
#include "config.h"
#include "operation.h"
#include "pdf_fonts.h"
#include "text.h"

enum {
	CHUNK_BYTES = 256 * 1024,
	ALIGNMENT = 16,
	POINT = 1000,
	EM = 1000,
	LARGEST_PART = 4,       /* of the memory of a request: the bytes are copied while a reply grows */
	LACK_OF_MEMORY = 0x1015 /* libhpdf's name for it is spelled differently in its next version */
};

struct canvas {
	struct call *call;
	HPDF_Doc document;
	struct arena *arena; /* as old as the canvas */
	struct pdf_fonts fonts;
	int64_t deadline;
	HPDF_STATUS status; /* the first fault */
	HPDF_Page *pages;
	size_t page_count, page_room;
	HPDF_Page page;
	int64_t gray; /* of the page's letters; -1: not set */
};

/* ---- memory ------------------------------------------------------------------------------------------------------ */

/* libhpdf's functions for memory are told no context; a process draws one document at a time. Its own pool does not
 * align what it gives. */
struct chunk {
	struct chunk *before;
	size_t room, used;
};

static struct chunk *newest;
static size_t in_use;
static bool ran_out;

static size_t
round_up(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static bool
add_chunk(size_t least)
{
	size_t room = least < CHUNK_BYTES ? CHUNK_BYTES : least;
	struct chunk *chunk = MAP_FAILED;

	if (!ran_out && in_use + room <= (size_t)config.memory_limit_bytes)
		chunk = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ran_out = chunk == MAP_FAILED;
	if (ran_out)
		return false;
	*chunk = (struct chunk){ newest, room, round_up(sizeof(*chunk)) };
	in_use += room;
	newest = chunk;
	return true;
}

static void *
take(HPDF_UINT size)
{
	size_t length = round_up((size_t)size);
	char *at;

	if ((newest == NULL || length > newest->room - newest->used) && !add_chunk(length + round_up(sizeof(*newest))))
		return NULL;
	at = (char *)newest + newest->used;
	newest->used += length;
	return at;
}

/* Everything goes at once. */
static void
give_back(void *at)
{
	(void)at;
}

static void
give_back_all(void)
{
	while (newest != NULL) {
		struct chunk *chunk = newest;

		newest = chunk->before;
		in_use -= chunk->room;
		munmap(chunk, chunk->room);
	}
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

/* Names a form that has no such end. */
static const struct problem *
too_long(struct canvas *canvas)
{
	const struct operation *operation = canvas->call->operation;
	const char *other = "application/json";

	for (const struct rendering *r = operation == NULL ? NULL : operation->renderings;
	     r != NULL && r->media_type != NULL; r++)
		if (strcmp(r->media_type, "text/csv") == 0)
			other = r->media_type;
	return fail(canvas->call, NOT_ACCEPTABLE, "This is too long for a PDF: ask for %s.", other);
}

const struct problem *
canvas_fault(struct canvas *canvas)
{
	if (canvas->status != HPDF_OK)
		return ran_out ? too_long(canvas) : broken(canvas, "a document can't be drawn");
	return clock_monotonic_microseconds() > canvas->deadline ? too_long(canvas) : NULL;
}

/* ---- beginning and end ------------------------------------------------------------------------------------------- */

static const struct problem *
set_up(struct canvas *canvas, const struct pdf_head *head)
{
	HPDF_Doc document = canvas->document;
	struct arena *arena = canvas->arena;
	struct text title =
	    arena_format(arena, "%s %s", head->title.at, head->subtitle.at == NULL ? "" : head->subtitle.at);
	const char *fault;

	if (is_broken(canvas, HPDF_SetCompressionMode(document, HPDF_COMP_ALL)) ||
	    is_broken(canvas, HPDF_UseUTFEncodings(document)) ||
	    is_broken(canvas, HPDF_SetCurrentEncoder(document, "UTF-8")) ||
	    is_broken(canvas, HPDF_SetInfoAttr(document, HPDF_INFO_TITLE, text_trim(pdf_clean(arena, title)).at)) ||
	    is_broken(canvas, HPDF_SetInfoAttr(document, HPDF_INFO_AUTHOR, pdf_clean(arena, head->sender).at)))
		return broken(canvas, "a document can't be begun");
	return pdf_fonts_load(&canvas->fonts, document, arena, &fault) ? NULL : broken(canvas, fault);
}

const struct problem *
canvas_new(struct call *call, const struct pdf_head *head, struct canvas **out)
{
	struct canvas *canvas = arena_take(call->arena, sizeof(*canvas));

	*out = canvas;
	canvas->call = call;
	canvas->arena = arena_new((size_t)config.memory_limit_bytes);
	canvas->deadline = clock_monotonic_microseconds() + config.pdf_seconds * 1000000;
	ran_out = false;
	canvas->document = HPDF_NewEx(on_fault, take, give_back, 0, canvas);
	return canvas->document == NULL ? broken(canvas, "a document can't be begun") : set_up(canvas, head);
}

void
canvas_free(struct canvas *canvas)
{
	if (canvas->document != NULL)
		HPDF_Free(canvas->document);
	canvas->document = NULL;
	give_back_all();
	arena_free(canvas->arena);
	canvas->arena = NULL;
}

const struct problem *
canvas_try_fonts(struct canvas *canvas)
{
	const char *fault;

	return pdf_fonts_try(&canvas->fonts, &fault) ? NULL : broken(canvas, fault);
}

/* ---- pages ------------------------------------------------------------------------------------------------------- */

static void
keep_page(struct canvas *canvas, HPDF_Page page)
{
	HPDF_Page *pages = canvas->pages;

	if (canvas->page_count == canvas->page_room) {
		canvas->page_room = canvas->page_room == 0 ? 16 : canvas->page_room * 2;
		canvas->pages = arena_array(canvas->arena, canvas->page_room, sizeof(HPDF_Page));
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

int64_t
canvas_width(struct canvas *canvas, const struct pdf_style *style, struct text text)
{
	int64_t width = 0;
	size_t step;

	for (size_t at = 0; at < text.length; at += step) {
		int64_t code;

		step = utf8_step(text.at + at, text.length - at);
		if (step == 0)
			break;
		code = code_at(text.at + at, step);
		width += pdf_font_width(&canvas->fonts, pdf_font_of(&canvas->fonts, style->bold, code), code);
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

/* Text of one font. */
static void
put_run(struct canvas *canvas, const struct pdf_style *style, size_t number, int64_t left, int64_t baseline,
    struct text text)
{
	HPDF_Page page = canvas->page;
	HPDF_Font font = pdf_font_use(&canvas->fonts, number);
	struct arena_mark mark = arena_mark(canvas->arena);

	if (font == NULL)
		is_broken(canvas, LACK_OF_MEMORY);
	else if (!is_broken(canvas, HPDF_Page_BeginText(page)) &&
		 !is_broken(canvas, HPDF_Page_SetFontAndSize(page, font, (HPDF_REAL)style->size / POINT)) &&
		 !is_broken(canvas,
		     HPDF_Page_TextOut(page, (HPDF_REAL)left / POINT, (HPDF_REAL)(PAGE_HEIGHT - baseline) / POINT,
			 arena_text(canvas->arena, text.at, text.length).at)))
		is_broken(canvas, HPDF_Page_EndText(page));
	arena_release(canvas->arena, mark);
}

void
canvas_text(struct canvas *canvas, const struct pdf_style *style, int64_t left, int64_t baseline, struct text text)
{
	size_t begin = 0, number = style->bold, step;

	if (canvas->status != HPDF_OK || text.length == 0)
		return;
	set_gray(canvas, style->gray);
	for (size_t at = 0; at < text.length && canvas->status == HPDF_OK; at += step) {
		size_t other;

		step = utf8_step(text.at + at, text.length - at);
		if (step == 0)
			return;
		other = pdf_font_of(&canvas->fonts, style->bold, code_at(text.at + at, step));
		if (other != number && at > begin) {
			struct text run = { text.at + begin, at - begin };

			put_run(canvas, style, number, left, baseline, run);
			left += canvas_width(canvas, style, run);
			begin = at;
		}
		number = other;
	}
	if (canvas->status == HPDF_OK)
		put_run(canvas, style, number, left, baseline, (struct text){ text.at + begin, text.length - begin });
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

void
canvas_path(struct canvas *canvas, const struct canvas_point *points, size_t count, int64_t weight, int64_t gray)
{
	HPDF_Page page = canvas->page;

	if (canvas->status != HPDF_OK || count < 2 ||
	    is_broken(canvas, HPDF_Page_SetGrayStroke(page, (HPDF_REAL)gray / 1000)) ||
	    is_broken(canvas, HPDF_Page_SetLineWidth(page, (HPDF_REAL)weight / POINT)))
		return;
	for (size_t i = 0; i < count && canvas->status == HPDF_OK; i++) {
		HPDF_REAL left = (HPDF_REAL)points[i].left / POINT;
		HPDF_REAL bottom = (HPDF_REAL)(PAGE_HEIGHT - points[i].top) / POINT;

		is_broken(canvas, i == 0 ? HPDF_Page_MoveTo(page, left, bottom) : HPDF_Page_LineTo(page, left, bottom));
	}
	if (canvas->status == HPDF_OK)
		is_broken(canvas, HPDF_Page_Stroke(page));
}

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

const struct problem *
canvas_write(struct canvas *canvas, struct buffer *out)
{
	const struct problem *p = canvas_fault(canvas);
	HPDF_UINT32 left;

	if (p != NULL)
		return p;
	if (is_broken(canvas, HPDF_SaveToStream(canvas->document)) ||
	    is_broken(canvas, HPDF_ResetStream(canvas->document)))
		return canvas_fault(canvas);
	left = HPDF_GetStreamSize(canvas->document);
	if (left > config.memory_limit_bytes / LARGEST_PART)
		return too_long(canvas);
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
