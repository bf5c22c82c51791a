/*
 * How an answer is printed: chosen from --output and from where it goes.
 */
#ifndef PURSER_CLIENT_PRINTING_H
#define PURSER_CLIENT_PRINTING_H

#include "arguments.h"
#include "tree.h"

enum print_as {
	PRINT_JSON,
	PRINT_TABLE,
	PRINT_LINES, /* NDJSON */
	PRINT_MEDIA, /* as it comes, in a media type of its own */
};

struct printing {
	enum print_as as;
	const char *media_type; /* to ask for */
	bool beautiful;         /* JSON in lines, for a person */
	int width;              /* of tables; 0: any */
};

/* "pdf" of "application/pdf", "ndjson" of "application/x-ndjson". */
const char *printing_word(const char *media);

/* Gives up where the operation has no such answer. */
struct printing printing_choose(const struct arguments *arguments);

/* One answer that is no page of a list. */
void print_answer(struct arena *arena, const struct printing *printing, struct text body);

/* The pages of a list, one after the other. */
struct print_pages;
struct print_pages *print_pages_begin(struct arena *arena, const struct printing *printing, bool all);
/* The next page, as it came; its cursor is what the next one begins at, absent on the last. */
struct maybe_text print_page(struct print_pages *pages, struct arena *arena, struct text body);
void print_pages_end(struct print_pages *pages);

#endif
