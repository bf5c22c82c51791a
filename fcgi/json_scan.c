/*
 * One scan of the raw bytes before yajl, which would let pass: malformed UTF-8, lone surrogates (it turns them into
 * `?`), NUL in strings, white space that JSON has not, and any depth. The parser itself is made here, too.
 */
#include "json_parts.h"

#include <stdalign.h>
#include <string.h>

#include "text.h"

struct scan {
	const char *at, *end;
	const char *fault;
	size_t depth, depth_most;
};

/* The code unit of a `\uXXXX` at the position; -1 where none stands (what that means is for yajl to say). */
static int
code_unit(const char *at, const char *end)
{
	unsigned char bytes[2];

	if (end - at < 6 || at[0] != '\\' || at[1] != 'u' || !hex_decode((struct text){ at + 2, 4 }, bytes, 2))
		return -1;
	return bytes[0] << 8 | bytes[1];
}

static bool
is_low_surrogate(int unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Steps over the escape at the position. */
static void
scan_escape(struct scan *scan)
{
	int unit = code_unit(scan->at, scan->end);

	if (unit < 0) {
		scan->at += scan->end - scan->at < 2 ? 1 : 2;
		return;
	}
	scan->at += 6;
	if (unit == 0) {
		scan->fault = "A string holds the character U+0000.";
	} else if (is_low_surrogate(unit)) {
		scan->fault = "A string holds a lone surrogate.";
	} else if (unit >= 0xD800 && unit <= 0xDBFF) {
		if (!is_low_surrogate(code_unit(scan->at, scan->end)))
			scan->fault = "A string holds a lone surrogate.";
		else
			scan->at += 6;
	}
}

/* From behind the opening quote to behind the closing one. */
static void
scan_string(struct scan *scan)
{
	while (scan->at < scan->end && scan->fault == NULL) {
		if (*scan->at == '\\') {
			scan_escape(scan);
			continue;
		}
		if (*scan->at++ == '"')
			return;
	}
}

static void
scan_outside(struct scan *scan)
{
	unsigned char c = (unsigned char)*scan->at++;

	if (c == '"') {
		scan_string(scan);
	} else if (c == '{' || c == '[') {
		if (++scan->depth > scan->depth_most)
			scan->fault = scan->depth_most == JSON_DEPTH ? "It is nested deeper than 32 levels."
								     : "It is nested too deep.";
	} else if (c == '}' || c == ']') {
		scan->depth -= scan->depth > 0;
	} else if (c < ' ' && c != '\t' && c != '\n' && c != '\r') {
		scan->fault = "A control character stands between its values.";
	}
}

const char *
json_scan_to(struct text body, size_t depth_most)
{
	struct scan scan = { .at = body.at, .end = body.at + body.length, .depth_most = depth_most };

	if (!utf8_valid(body.at, body.length))
		return "It is not UTF-8.";
	while (scan.at < scan.end && scan.fault == NULL)
		scan_outside(&scan);
	return scan.fault;
}

const char *
json_scan(struct text body)
{
	return json_scan_to(body, JSON_DEPTH);
}

/* Before each piece stands its size: yajl's realloc does not tell the old one. */
struct piece {
	size_t size;
	alignas(max_align_t) unsigned char at[];
};

static void *
take(void *arena, size_t size)
{
	struct piece *piece = arena_array(arena, 1, sizeof(*piece) + size);

	piece->size = size;
	return piece->at;
}

static void *
take_again(void *arena, void *old, size_t size)
{
	unsigned char *at = take(arena, size);
	size_t old_size;

	if (old == NULL)
		return at;
	old_size = ((struct piece *)(void *)((unsigned char *)old - offsetof(struct piece, at)))->size;
	return memcpy(at, old, old_size < size ? old_size : size);
}

static void
give_back(void *arena, void *at)
{
	(void)arena;
	(void)at;
}

yajl_handle
json_parser(struct arena *arena, const yajl_callbacks *callbacks, void *context)
{
	yajl_alloc_funcs memory = { take, take_again, give_back, arena };
	yajl_handle parser = yajl_alloc(callbacks, &memory, context);

	yajl_config(parser, yajl_dont_validate_strings, 1);
	return parser;
}

bool
json_parse(yajl_handle parser, struct text body)
{
	return yajl_parse(parser, (const unsigned char *)body.at, body.length) == yajl_status_ok &&
	       yajl_complete_parse(parser) == yajl_status_ok;
}

struct text
json_keep(struct arena *arena, struct text body, const unsigned char *at, size_t length)
{
	const char *string = (const char *)at;

	if ((uintptr_t)string >= (uintptr_t)body.at && (uintptr_t)string < (uintptr_t)body.at + body.length)
		return (struct text){ string, length };
	return arena_text(arena, string, length);
}
