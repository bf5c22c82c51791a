/*
 * What the json_*.c files share, and nobody else needs.
 */
#ifndef PURSER_JSON_PARTS_H
#define PURSER_JSON_PARTS_H

#include <yajl/yajl_parse.h>

#include "json.h"

enum { JSON_ITEMS = 1000 }; /* of a list whose row sets no limit */

/* NULL, or what is wrong with the bytes that yajl would let pass, as a sentence for the caller. */
const char *json_scan(struct text body);
/* The same with another limit for how deep it may be nested. */
const char *json_scan_to(struct text body, size_t depth_most);

/* A parser whose memory is the arena's; it needs no end. */
yajl_handle json_parser(struct arena *arena, const yajl_callbacks *callbacks, void *context);

/* Parses the whole text; false at a syntax fault or when a callback stopped it. */
bool json_parse(yajl_handle parser, struct text body);

/* A string of the parser's that outlives its callback: where it stands in the body, else a copy. */
struct text json_keep(struct arena *arena, struct text body, const unsigned char *at, size_t length);

/* One scalar as it came. */
enum token_type { TOKEN_NULL, TOKEN_BOOLEAN, TOKEN_NUMBER, TOKEN_STRING };
struct token {
	enum token_type type;
	bool truth;
	struct text text;
};

/* What is wrong with a value; `code` is NULL when nothing is. */
struct verdict {
	const char *code;
	const char *detail;
};

/* Does JSON know the member at all? */
bool json_shows(const struct field *field);
/* Stores a scalar that is not null into the member, if it fits the row. */
struct verdict json_set(struct arena *arena, const struct field *field, struct token token, void *member);
void json_set_standard(const struct field *field, void *member);
struct verdict json_wrong_type(const struct field *field);
/* The rules for a text, or for one item of a texts. */
struct verdict json_check_text(struct arena *arena, const struct field *field, struct text text);
struct verdict json_check_count(struct arena *arena, const struct field *field, size_t count);

#endif
