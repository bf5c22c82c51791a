/*
 * Documents: what may stand in them, where lines end, that the same document gives the same bytes, and that no lack of
 * memory or of a font does more than answer a problem. With a directory as argument the samples that t/pdf.t looks at
 * are written there instead.
 */
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "pdf_parts.h"
#include "text.h"
#include "unit.h"

#define REGULAR "/usr/share/fonts/truetype/liberation2/LiberationSans-Regular.ttf"
#define BOLD "/usr/share/fonts/truetype/liberation2/LiberationSans-Bold.ttf"

#define HAN "/usr/share/fonts-droid-fallback/truetype/DroidSansFallback.ttf"
#define OTHERS "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"

enum { LIMIT = 64 << 20 };

static struct call call;

static void
begin(void)
{
	config.pdf_font = REGULAR;
	config.pdf_font_bold = BOLD;
	config.pdf_fallback_fonts = HAN "," OTHERS;
	config.pdf_seconds = 60;
	config.memory_limit_bytes = LIMIT;
	call.arena = arena_new(LIMIT);
	call.reply_arena = call.arena;
}

static void
end(void)
{
	arena_free(call.arena);
}

/* ---- samples ----------------------------------------------------------------------------------------------------- */

static const struct pdf_pair facts[] = {
	{ TEXT_OF("Invoice number"), TEXT_OF("INV-000042"), true },
	{ TEXT_OF("Date of issue"), TEXT_OF("1 November 2026"), false },
	{ TEXT_OF("Period"), TEXT_OF("1 October 2026 to 31 October 2026 (Australia/Sydney)"), false },
	{ TEXT_OF("Due"), TEXT_OF("15 November 2026"), false },
};

static const struct pdf_pair totals[] = {
	{ TEXT_OF("Subtotal"), TEXT_OF("123456.70"), false },
	{ TEXT_OF("GST 10 %"), TEXT_OF("12345.67"), false },
	{ TEXT_OF("Total AUD"), TEXT_OF("135802.37"), true },
	{ TEXT_OF("Paid"), TEXT_OF("0.00"), false },
	{ TEXT_OF("Amount due AUD"), TEXT_OF("135802.37"), true },
};

static const struct pdf_column columns[] = {
	{ TEXT_OF("Description"), 1, false, false },
	{ TEXT_OF("Quantity"), 0, true, false },
	{ TEXT_OF("Unit price"), 0, true, false },
	{ TEXT_OF("Tax"), 0, true, false },
	{ TEXT_OF("Empty"), 0, true, true },
	{ TEXT_OF("Amount AUD"), 0, true, false },
};

static const struct text names[] = {
	TEXT_OF("Platform plan, Business, 1 to 31 October"),
	TEXT_OF("Αποθήκευση και μεταφορά δεδομένων για την ομάδα της Κωνσταντινούπολης, με υποστήριξη όλο το "
		"εικοσιτετράωρο"),
	TEXT_OF("Хранение резервных копий и восстановление после сбоев для отдела исследований и разработок"),
	TEXT_OF("Příliš žluťoučký kůň úpěl ďábelské ódy — naïve façade, Ærøskøbing, Łódź, İstanbul"),
	TEXT_OF("Calls of "
		"api_gateway_requests_with_a_very_long_metric_name_that_has_no_blank_anywhere_at_all_until_its_end"),
	TEXT_OF("漢字とかな \xF0\x9F\x9A\x80 rockets"),
};

static const struct problem *
put_rows(struct call *asked, const void *context, struct pdf_rows *rows)
{
	const int64_t *count = context;
	const struct problem *p = NULL;
	int64_t sum = 0;

	for (int64_t i = 0; p == NULL && i < *count; i++) {
		struct arena_mark mark = arena_mark(asked->arena);
		struct pdf_row row = { .carries = true };

		sum += 1234 + i;
		row.cells[0] = names[(size_t)i % COUNT(names)];
		row.cells[1] = arena_format(asked->arena, "%d", (int)(i * 1000003 % 9999999));
		row.cells[2] = TEXT("0.000125");
		row.cells[3] = TEXT("10 %");
		row.cells[5] = arena_format(asked->arena, "%d.00", (int)(1234 + i));
		row.carried[5] = arena_format(asked->arena, "%d.00", (int)sum);
		if (i % 3 == 0)
			row.note = TEXT(
			    "Counted 1 October 00:00 to 1 November 00:00; 1,000 included; rounded half-even once.");
		p = pdf_put(rows, &row);
		if (p == NULL)
			arena_release(asked->arena, mark);
	}
	return p;
}

static struct pdf_table *
table_of(const struct pdf_column *of, size_t count,
    const struct problem *(*each)(struct call *call, const void *context, struct pdf_rows *rows), const void *context)
{
	struct pdf_table *table = arena_take(call.arena, sizeof(*table));

	*table = (struct pdf_table){ of, count, each, context, 0 };
	return table;
}

static struct pdf *
sample(int64_t rows, struct text customer)
{
	struct pdf_head head = {
		.title = TEXT("Tax invoice"),
		.subtitle = TEXT("INV-000042"),
		.sender = TEXT("Example Billing Pty Ltd"),
		.address = TEXT("12 Example Street\nSydney NSW 2000\nAustralia\nABN 12 345 678 901"),
		.foot = TEXT("Example Billing Pty Ltd · ABN 12 345 678 901 · Tax invoice INV-000042"),
	};
	struct pdf *pdf = pdf_new(call.arena, &head);
	struct pdf_part *parts = arena_array(call.arena, 2, sizeof(*parts));
	int64_t *count = arena_take(call.arena, sizeof(*count));

	parts[0] = (struct pdf_part){ .heading = TEXT("Bill to"), .lines = customer };
	parts[1] = (struct pdf_part){ .heading = TEXT("Details"), .pairs = facts, .pair_count = COUNT(facts) };
	pdf_parts(pdf, parts, 2);
	pdf_heading(pdf, TEXT("Services"));
	*count = rows;
	pdf_table(pdf, table_of(columns, COUNT(columns), put_rows, count));
	pdf_totals(pdf, totals, COUNT(totals));
	pdf_remark(
	    pdf, TEXT("Amounts are rounded half-even to the cent, once a line; tax is computed once per rate on the "
		      "sum of its lines."));
	return pdf;
}

#define CUSTOMER "Kunde GmbH\nMüllerstraße 7\n10115 Berlin\nGermany"
static const char long_name[] =
    "Διεθνής Εταιρεία Ανάπτυξης Λογισμικού και Υπηρεσιών Υπολογιστικού Νέφους της Νοτιοανατολικής Ευρώπης Ανώνυμη "
    "Εταιρεία\nОбщество с ограниченной ответственностью «Северо-Западная Компания»\n"
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaftsverwaltung";

static int
write_sample(const char *directory, const char *name, const struct pdf *pdf)
{
	struct buffer out = buffer_new(call.arena, 1024);
	struct text path = arena_format(call.arena, "%s/%s.pdf", directory, name);
	FILE *file = pdf_write(&call, pdf, &out) == NULL ? fopen(path.at, "wb") : NULL;
	size_t written = file == NULL ? 0 : fwrite(out.at, 1, out.length, file);

	if (file == NULL || fclose(file) != 0 || written != out.length) {
		fprintf(stderr, "%s: not written: %s\n", path.at, call.internal == NULL ? "" : call.internal);
		return 1;
	}
	return 0;
}

static struct text
endless(void)
{
	struct buffer out = buffer_new(call.arena, 1024);

	for (int i = 0; i < 900; i++)
		buffer_format(&out, "word%d ", i);
	return buffer_text(&out);
}

static const struct problem *
put_wide_rows(struct call *asked, const void *context, struct pdf_rows *rows)
{
	const struct problem *p = NULL;

	(void)asked;
	for (int i = 0; p == NULL && i < 30; i++) {
		struct pdf_row row = { .carries = true };

		row.cells[0] = TEXT("2026-10-03 10:22");
		row.cells[1] = TEXT("order settled");
		row.cells[2] = TEXT("01JABCDEFGHJKMNPQRSTVWXYZ0");
		row.cells[3] = i == 5 ? *(const struct text *)context : TEXT("GPU hours of the cluster");
		row.cells[4] = TEXT("-1234567");
		row.cells[5] = TEXT("-123456789012.345678");
		row.cells[6] = TEXT("9223372036854775807");
		row.carried[5] = TEXT("-1.00");
		p = pdf_put(rows, &row);
	}
	return p;
}

/* More columns than the usual type has room for, and a row that no page holds. */
static struct pdf *
wide_sample(void)
{
	static const struct pdf_column wide[] = {
		{ TEXT_OF("At"), 0, false, false },
		{ TEXT_OF("Kind"), 0, false, false },
		{ TEXT_OF("Reference"), 1, false, false },
		{ TEXT_OF("Description"), 2, false, false },
		{ TEXT_OF("Credits"), 0, true, false },
		{ TEXT_OF("Amount AUD"), 0, true, false },
		{ TEXT_OF("Balance after"), 0, true, false },
	};
	static const int64_t committed[] = { 900, 900, 900, 900, 900 }, left[] = { 900, 700, 650 },
			     rest[] = { 650, 400, 0 };
	static const struct pdf_series series[] = {
		{ TEXT_OF("Committed"), committed, 0, COUNT(committed), 700, 600, false },
		{ TEXT_OF("Remaining"), left, 0, COUNT(left), 1400, 110, false },
		{ TEXT_OF("Projection"), rest, 2, COUNT(rest), 1000, 400, true },
	};
	static const struct pdf_chart chart = { series, COUNT(series), 5, 900, TEXT_OF("900.00"), TEXT_OF("0"),
		TEXT_OF("1 October"), TEXT_OF("5 October") };
	struct pdf_head head = { .title = TEXT("Statement"), .subtitle = TEXT("October 2026"), .sender = TEXT("Us") };
	struct pdf *pdf = pdf_new(call.arena, &head);
	struct text *words = arena_take(call.arena, sizeof(*words));

	*words = endless();
	pdf_heading(pdf, TEXT("Burn-down"));
	pdf_chart(pdf, &chart);
	pdf_table(pdf, table_of(wide, COUNT(wide), put_wide_rows, words));
	pdf_remark(pdf, *words);
	return pdf;
}

static int
write_samples(const char *directory)
{
	int faults = 0;

	begin();
	faults += write_sample(directory, "one", sample(6, TEXT(CUSTOMER)));
	faults += write_sample(directory, "three", sample(42, text_from(long_name)));
	faults += write_sample(directory, "wide", wide_sample());
	faults += write_sample(directory, "long", sample(3000, TEXT(CUSTOMER)));
	end();
	return faults;
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

static void
what_can_not_be_drawn_becomes_a_blank_a_box_or_nothing(void **state)
{
	static const struct {
		const char *in, *out;
	} texts[] = {
		{ "plain", "plain" },
		{ "a\tb\rc\x01", "a b c " },
		{ "two\nlines", "two\nlines" },
		{ "soft\xC2\xADhyphen\xE2\x80\x8B", "softhyphen" },
		{ "\xE2\x80\xAEsdrawkcab", "sdrawkcab" },
		{ "\xF0\x9F\x9A\x80!", "\xE2\x96\xA1!" },
		{ "\xEE\x80\x80", "\xE2\x96\xA1" },
		{ "no\xC2\xA0"
		  "break\xC2\x85",
		    "no break " },
		{ "Łódź", "Łódź" },
		{ "torn\xE2\x82", "torn\xE2\x96\xA1\xE2\x96\xA1" },
	};

	(void)state;
	begin();
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_text(pdf_clean(call.arena, text_from(texts[i].in)), texts[i].out);
	assert_text(pdf_clean(call.arena, (struct text){ NULL, 0 }), "");
	end();
}

static struct canvas *
canvas_for_tests(void)
{
	static const struct pdf_head head = {
		.title = TEXT_OF("Test"), .subtitle = TEXT_OF("1"), .sender = TEXT_OF("Us")
	};
	struct canvas *canvas;

	assert_null(canvas_new(&call, &head, &canvas));
	return canvas;
}

static void
lines_end_between_words_and_no_line_is_too_wide(void **state)
{
	static const char *const texts[] = { "", "word", "several words of a text", long_name, "a  b   c",
		"x/y-z/aaaaaaaaaaaa", "ends in blanks   ", "\n\nempty lines\n\n",
		"1234567890123456789012345678901234567890", "\xE2\x82\xAC\xE2\x82\xAC" };
	struct canvas *canvas;

	(void)state;
	begin();
	canvas = canvas_for_tests();
	for (size_t i = 0; i < COUNT(texts); i++)
		for (int64_t width = 1; width < POINTS(300); width = width * 2 + 999) {
			struct texts lines =
			    pdf_wrap(canvas, call.arena, &pdf_plain, pdf_clean(call.arena, text_from(texts[i])), width);

			for (size_t line = 0; line < lines.count; line++)
				assert_true(utf8_count(lines.items[line]) <= 1 ||
					    canvas_width(canvas, &pdf_plain, lines.items[line]) <= width + 1000);
		}
	assert_int_equal(pdf_wrap(canvas, call.arena, &pdf_plain, TEXT("one two\nthree"), POINTS(500)).count, 2);
	assert_text(pdf_wrap(canvas, call.arena, &pdf_plain, TEXT("one twothree"), POINTS(40)).items[0], "one");
	canvas_free(canvas);
	end();
}

static void
figures_are_equally_wide(void **state)
{
	struct canvas *canvas;

	(void)state;
	begin();
	canvas = canvas_for_tests();
	assert_int_equal(
	    canvas_width(canvas, &pdf_plain, TEXT("0000000000")), 10 * canvas_width(canvas, &pdf_plain, TEXT("1")));
	for (const char *digit = "123456789"; *digit != '\0'; digit++)
		assert_int_equal(canvas_width(canvas, &pdf_strong, (struct text){ digit, 1 }),
		    canvas_width(canvas, &pdf_strong, TEXT("0")));
	canvas_free(canvas);
	end();
}

static void
the_same_document_gives_the_same_bytes(void **state)
{
	struct buffer first, second;

	(void)state;
	begin();
	first = buffer_new(call.arena, 16);
	second = buffer_new(call.arena, 16);
	assert_null(pdf_write(&call, sample(40, text_from(long_name)), &first));
	assert_null(pdf_write(&call, sample(40, text_from(long_name)), &second));
	assert_int_equal(first.length, second.length);
	assert_memory_equal(first.at, second.at, first.length);
	assert_memory_equal(first.at, "%PDF-1.", 7);
	end();
}

static void
a_lack_of_memory_is_a_problem_wherever_it_begins(void **state)
{
	size_t refused = 0;

	(void)state;
	for (int64_t limit = 0; limit < 6 << 20; limit += 131072) {
		struct buffer out;
		const struct problem *p;

		begin();
		config.memory_limit_bytes = limit;
		out = buffer_new(call.arena, 16);
		p = pdf_write(&call, sample(200, TEXT(CUSTOMER)), &out);
		assert_true(p == NULL || p->kind == INTERNAL || p->kind == NOT_ACCEPTABLE);
		refused += p != NULL;
		end();
	}
	assert_in_range(refused, 1, 47);
}

static void
rows_of_a_table_are_not_kept(void **state)
{
	size_t before;
	struct pdf *pdf;
	struct buffer out;

	(void)state;
	begin();
	out = buffer_new(call.arena, 4 << 20);
	pdf = sample(20000, TEXT(CUSTOMER));
	before = arena_used(call.arena);
	assert_null(pdf_write(&call, pdf, &out));
	assert_true(arena_used(call.arena) < before + 65536);
	end();
}

static void
what_takes_too_long_is_refused(void **state)
{
	struct buffer out;
	const struct problem *p;

	(void)state;
	begin();
	config.pdf_seconds = 0;
	out = buffer_new(call.arena, 16);
	p = pdf_write(&call, sample(2000, TEXT(CUSTOMER)), &out);
	assert_non_null(p);
	assert_int_equal(p->kind, NOT_ACCEPTABLE);
	assert_string_equal(p->detail, "This is too long for a PDF: ask for application/json.");
	assert_int_equal(out.length, 0);
	end();
}

static void
lines_of_han_end_anywhere_but_before_a_full_stop(void **state)
{
	struct canvas *canvas;
	struct texts lines;

	(void)state;
	begin();
	canvas = canvas_for_tests();
	lines = pdf_wrap(canvas, call.arena, &pdf_plain, TEXT("Invoice 漢字漢字漢字漢字漢字。漢字"), POINTS(60));
	assert_true(lines.count > 1 && lines.items[0].length > sizeof("Invoice"));
	for (size_t i = 0; i < lines.count; i++)
		assert_false(lines.items[i].length >= 3 && memcmp(lines.items[i].at, "。", 3) == 0);
	canvas_free(canvas);
	end();
}

static void
a_font_that_is_missing_or_none_is_a_problem(void **state)
{
	static const char *const fonts[] = { "/nonexistent.ttf", "/dev/null", "/etc/passwd", "/" };

	(void)state;
	for (size_t i = 0; i < COUNT(fonts); i++) {
		struct buffer out;
		const struct problem *p;

		begin();
		config.pdf_font = fonts[i];
		out = buffer_new(call.arena, 16);
		p = pdf_write(&call, sample(1, TEXT(CUSTOMER)), &out);
		assert_non_null(p);
		assert_int_equal(p->kind, INTERNAL);
		config.pdf_font = REGULAR;
		assert_null(pdf_try_fonts(&call));
		config.pdf_fallback_fonts = fonts[i];
		assert_non_null(pdf_try_fonts(&call));
		assert_null(pdf_write(&call, sample(1, TEXT(CUSTOMER)), &out));
		end();
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		PROVES("what can't be drawn becomes a blank, a box or nothing",
		    what_can_not_be_drawn_becomes_a_blank_a_box_or_nothing),
		PROVES("lines end between words, and no line is too wide",
		    lines_end_between_words_and_no_line_is_too_wide),
		PROVES("figures are equally wide", figures_are_equally_wide),
		PROVES("the same document gives the same bytes", the_same_document_gives_the_same_bytes),
		PROVES("a lack of memory is a problem, wherever it begins",
		    a_lack_of_memory_is_a_problem_wherever_it_begins),
		PROVES("rows of a table are not kept", rows_of_a_table_are_not_kept),
		PROVES("what takes too long is refused", what_takes_too_long_is_refused),
		PROVES("lines of Han end anywhere, but before a full stop",
		    lines_of_han_end_anywhere_but_before_a_full_stop),
		PROVES("a font that is missing, or none, is a problem", a_font_that_is_missing_or_none_is_a_problem),
	};

	return argc == 2 ? write_samples(argv[1]) : RUN(tests);
}
