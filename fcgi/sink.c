/*
 * Where a list handler puts its rows: one JSON page with a cursor, a bare array with paging headers, or NDJSON that
 * goes out row by row and holds one row in memory. A page ends at its limit, or behind the row that makes it large: so
 * one of large rows is short, whatever limit was asked for, and fits in the memory of a request.
 */
#include "sink.h"

#include <string.h>

#include "cursor.h"
#include "json.h"
#include "media.h"
#include "reply.h"
#include "text.h"

enum { PAGE_BYTES = 4 << 20 };

const struct problem sink_client_gone = { .kind = BAD_REQUEST, .detail = "The client left." };

struct sink
sink_new(struct call *call)
{
	const struct shape *gives = call->operation->run->gives;

	if (call->rest != NULL && call->rest->gives != NULL)
		gives = call->rest->gives;
	return (struct sink){ .call = call, .gives = gives, .total = -1 };
}

static bool
is_bare(const struct call *call)
{
	return call->rest != NULL && call->rest->bare_array;
}

/* The header goes out with the first row: until then an error can still be told properly. */
static const struct problem *
stream_row(struct sink *sink, const void *row)
{
	struct call *call = sink->call;
	struct buffer *line = &call->reply.body;

	if (!call->reply.streamed && !reply_begin_stream(call))
		return &sink_client_gone;
	line->length = 0;
	json_write(line, sink->gives, row);
	buffer_add_char(line, '\n');
	return call->output.write(call->output.context, line->at, line->length) ? NULL : &sink_client_gone;
}

const struct problem *
sink_row(struct sink *sink, const void *row)
{
	struct call *call = sink->call;

	if (sink->is_full) {
		sink->more = true;
		return NULL;
	}
	sink->is_full = ++sink->count == call->page.limit;
	if (call->page.stream)
		return stream_row(sink, row);
	buffer_add_string(&call->reply.body, sink->count > 1 ? "," : is_bare(call) ? "[" : "{\"data\":[");
	json_write(&call->reply.body, sink->gives, row);
	sink->is_full |= call->reply.body.length >= PAGE_BYTES;
	if (sink->is_full)
		sink->next = cursor_make(call, row);
	return NULL;
}

bool
sink_is_full(const struct sink *sink)
{
	return sink->is_full;
}

void
sink_total(struct sink *sink, int64_t total)
{
	sink->total = total;
}

/* The rest of the query is kept: the next page is the same list, one page on. */
static void
add_paging_headers(struct sink *sink)
{
	struct call *call = sink->call;
	struct buffer next = buffer_new(call->reply_arena, 256);
	const char *at = call->request.query.at, *end = at + call->request.query.length;

	buffer_add_text(&next, call->request.path);
	buffer_add_char(&next, '?');
	while (at < end) {
		struct text pair = { at, strcspn(at, "&") };

		if (pair.length > (size_t)(end - at))
			pair.length = (size_t)(end - at);
		at += pair.length + 1;
		if (pair.length == 0 || text_starts(pair, "after="))
			continue;
		buffer_add_text(&next, pair);
		buffer_add_char(&next, '&');
	}
	buffer_add_string(&next, "after=");
	buffer_add_text(&next, sink->next);
	reply_header(call, "X-Next-Page", buffer_text(&next));
	reply_header(call, "Link", arena_format(call->reply_arena, "<%s>; rel=\"next\"", next.at));
}

const struct problem *
sink_end(struct sink *sink)
{
	struct call *call = sink->call;
	struct buffer *body = &call->reply.body;

	if (call->page.stream)
		return call->reply.streamed || reply_begin_stream(call) ? NULL : &sink_client_gone;
	if (sink->count == 0)
		buffer_add_string(body, is_bare(call) ? "[" : "{\"data\":[");
	buffer_add_char(body, ']');
	if (is_bare(call)) {
		if (sink->more)
			add_paging_headers(sink);
		return NULL;
	}
	buffer_add_string(body, ",\"next_cursor\":");
	if (sink->more)
		json_write_text(body, sink->next);
	else
		buffer_add_string(body, "null");
	if (sink->total >= 0) {
		buffer_add_string(body, ",\"total\":");
		buffer_add_integer(body, sink->total);
	}
	buffer_add_char(body, '}');
	return NULL;
}
