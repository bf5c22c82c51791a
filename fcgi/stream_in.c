/*
 * The items of a body, one at a time: from the JSON document that was read whole, from the items of an array, or from
 * the lines of a spool.
 */
#include "stream_in.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "json.h"
#include "log.h"
#include "media.h"
#include "problem.h"
#include "text.h"

enum { PIECE = 65536, LINE_MOST = 1 << 20 };

/* ---- the spool -------------------------------------------------------------------------------------------------- */

struct spool {
	int file;
	off_t length;
	off_t read; /* up to where `piece` was read */
	char *piece;
	size_t begin, end; /* of what is in `piece` and not yet given */
	char *line;        /* the last line, where it lay across pieces */
};

struct spool *
spool_new(struct call *call)
{
	struct spool *spool;
	int file = open(config.spool_directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (file < 0) {
		log_error("the spool in %s: %s", config.spool_directory, strerror(errno));
		return NULL;
	}
	spool = arena_take(call->reply_arena, sizeof(*spool));
	spool->file = file;
	spool->piece = arena_take(call->reply_arena, PIECE);
	return spool;
}

bool
spool_add(struct spool *spool, const char *at, size_t length)
{
	while (length > 0) {
		ssize_t written = write(spool->file, at, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			log_error("the spool in %s: %s", config.spool_directory, strerror(errno));
			return false;
		}
		spool->length += written;
		at += written;
		length -= (size_t)written;
	}
	return true;
}

void
spool_close(struct spool *spool)
{
	close(spool->file);
}

static void
rewind_spool(struct spool *spool)
{
	spool->read = 0;
	spool->begin = spool->end = 0;
}

/* False where the file can't be read. At its end nothing is in the piece. */
static bool
read_piece(struct spool *spool)
{
	ssize_t got;

	do
		got = pread(spool->file, spool->piece, PIECE, spool->read);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return false;
	spool->read += got;
	spool->begin = 0;
	spool->end = (size_t)got;
	return true;
}

/* The rest of the piece up to a line break, or all of it. */
static struct text
take_from_piece(struct spool *spool, bool *ended)
{
	const char *at = spool->piece + spool->begin;
	const char *stop = memchr(at, '\n', spool->end - spool->begin);
	size_t length = stop == NULL ? spool->end - spool->begin : (size_t)(stop - at);

	*ended = stop != NULL;
	spool->begin += length + (stop != NULL);
	return (struct text){ at, length };
}

/* The next line without its break; `*more` false at the end. A long line is given in the arena. */
static const struct problem *
next_line(struct call *call, struct spool *spool, struct text *line, bool *more)
{
	struct buffer whole;
	bool ended = false, is_long = false;

	*line = (struct text){ "", 0 };
	*more = false;
	while (!ended) {
		struct text part;

		if (spool->begin == spool->end && !read_piece(spool))
			return fail_internal(call, "the spool can't be read: %s", strerror(errno));
		if (spool->end == 0)
			break;
		*more = true;
		part = take_from_piece(spool, &ended);
		if (ended && !is_long) {
			*line = part;
			return NULL;
		}
		if (!is_long)
			whole = buffer_new(call->arena, part.length + 256);
		is_long = true;
		if (whole.length + part.length > LINE_MOST)
			return fail(call, TOO_LARGE, "A line has at most %d bytes.", LINE_MOST);
		buffer_add_text(&whole, part);
	}
	if (is_long)
		*line = buffer_text(&whole);
	return NULL;
}

/* ---- the stream ------------------------------------------------------------------------------------------------- */

struct stream {
	const struct stream_form *form; /* NULL: the JSON document */
	const struct field *list;       /* of the operation's input */
	int64_t count;                  /* items given */
	size_t at;                      /* in an array: where the next item begins */
};

static const struct field *
list_of(const struct shape *shape)
{
	for (size_t i = 0; i < shape->count; i++)
		if (shape->fields[i].kind == KIND_LIST)
			return &shape->fields[i];
	return NULL;
}

static const struct stream_form *
form_of(const struct call *call)
{
	for (const struct stream_form *form = call->operation->forms; form->media_type != NULL; form++)
		if (media_is(call->request.content_type, form->media_type))
			return form;
	return NULL;
}

static const struct problem *
refuse_media(struct call *call)
{
	struct buffer names = buffer_new(call->arena, 200);

	buffer_add_string(&names, "`" MEDIA_JSON "`");
	for (const struct stream_form *form = call->operation->forms; form->media_type != NULL; form++)
		buffer_format(&names, ", `%s`", form->media_type);
	return fail(call, UNSUPPORTED_MEDIA_TYPE, "The body has to be one of %s.", buffer_text(&names).at);
}

/* A body in memory is a spool's file too, so that lines are read in one way. */
static const struct problem *
spool_body(struct call *call)
{
	if (call->request.spool != NULL)
		return NULL;
	call->request.spool = spool_new(call);
	if (call->request.spool == NULL ||
	    !spool_add(call->request.spool, call->request.body.at, call->request.body.length))
		return fail_internal(call, "the body can't be spooled");
	return NULL;
}

static const struct problem *
read_document(struct call *call)
{
	const struct shape *shape = call->operation->run->takes;

	if (call->request.spool != NULL)
		return fail(call, TOO_LARGE, "A JSON document has at most %lld bytes; send more items by lines.",
		    (long long)config.body_limit_bytes);
	call->in = arena_take(call->arena, shape->size);
	return json_read(call, call->request.body, shape, call->in);
}

const struct problem *
stream_open(struct call *call)
{
	struct stream *stream = arena_take(call->arena, sizeof(*stream));
	const struct problem *p;

	call->stream = stream;
	stream->list = list_of(call->operation->run->takes);
	call->in = arena_take(call->arena, call->operation->run->takes->size);
	if (call->request.body.length == 0 && call->request.spool == NULL)
		return read_document(call);
	if (call->request.content_encoding.length > 0 &&
	    !text_equal_ignoring_case(call->request.content_encoding, TEXT("identity")))
		return fail(call, UNSUPPORTED_MEDIA_TYPE, "The body has to come as it is, without a Content-Encoding.");
	stream->form = form_of(call);
	if (stream->form == NULL && !media_is(call->request.content_type, MEDIA_JSON))
		return refuse_media(call);
	if (stream->form == NULL || stream->form->layout != STREAM_LINES)
		p = stream->form == NULL || call->request.spool != NULL ? read_document(call) : NULL;
	else
		p = spool_body(call);
	return p;
}

const struct problem *
stream_rewind(struct call *call)
{
	call->stream->count = 0;
	call->stream->at = 0;
	if (call->request.spool != NULL)
		rewind_spool(call->request.spool);
	return NULL;
}

void
stream_close(struct call *call)
{
	if (call->request.spool != NULL)
		spool_close(call->request.spool);
	call->request.spool = NULL;
}

/* ---- one item --------------------------------------------------------------------------------------------------- */

static const struct fault *
fault_of(struct call *call, const struct problem *p)
{
	struct fault *fault;

	if (p->faults != NULL)
		return p->faults;
	fault = arena_take(call->arena, sizeof(*fault));
	*fault = (struct fault){ .pointer = "", .code = "malformed", .detail = p->detail };
	return fault;
}

/* What an item on its own can be refused for; everything else is the whole request's. */
static bool
is_of_the_item(const struct problem *p)
{
	return p->kind == BAD_REQUEST || p->kind == INVALID;
}

static const struct problem *
read_item(struct call *call, struct text text, struct stream_item *item)
{
	const struct stream *stream = call->stream;
	void *sent = arena_take(call->arena, stream->form->sent->size), *value = sent;
	const struct problem *p = json_read(call, text, stream->form->sent, sent);

	if (p == NULL && stream->form->convert != NULL) {
		value = arena_take(call->arena, stream->list->shape->size);
		p = stream->form->convert(call, sent, value);
	}
	if (p == NULL)
		item->value = value;
	else if (is_of_the_item(p))
		item->faults = fault_of(call, p);
	else
		return p;
	return NULL;
}

static const struct problem *
next_of_document(struct call *call, struct stream_item *item, bool *more)
{
	const struct stream *stream = call->stream;
	const struct list *list = (const void *)((const char *)call->in + stream->list->offset);

	*more = (size_t)stream->count < list->count;
	if (*more)
		item->value = (const char *)list->items + (size_t)stream->count * stream->list->shape->size;
	return NULL;
}

static bool
is_blank(struct text line)
{
	return strspn(line.at, " \t\r") >= line.length;
}

static const struct problem *
next_of_lines(struct call *call, struct stream_item *item, bool *more)
{
	struct text line;
	const struct problem *p;

	do {
		p = next_line(call, call->request.spool, &line, more);
		if (p != NULL || !*more)
			return p;
		line = arena_text(call->arena, line.at, line.length);
	} while (is_blank(line));
	return read_item(call, line, item);
}

static size_t
skip_blanks(struct text body, size_t at)
{
	while (at < body.length && strchr(" \t\r\n", body.at[at]) != NULL)
		at++;
	return at;
}

/* Where the item ends that begins there: at the comma or bracket that is in no string and no inner level. */
static size_t
end_of_item(struct text body, size_t at)
{
	size_t depth = 0;
	bool in_string = false;

	for (; at < body.length; at++) {
		char c = body.at[at];

		if (in_string) {
			at += c == '\\';
			in_string = c != '"';
		} else if (c == '"') {
			in_string = true;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (depth == 0 && (c == ',' || c == ']')) {
			return at;
		} else if (c == '}' || c == ']') {
			depth -= depth > 0;
		}
	}
	return body.length;
}

static const struct problem *
not_an_array(struct call *call)
{
	return fail(call, BAD_REQUEST, "The body is not a JSON array of objects.");
}

static const struct problem *
next_of_array(struct call *call, struct stream_item *item, bool *more)
{
	struct stream *stream = call->stream;
	struct text body = call->request.body;
	size_t at = skip_blanks(body, stream->at), end;

	*more = false;
	if (stream->count == 0) {
		if (at >= body.length || body.at[at] != '[')
			return not_an_array(call);
		at = skip_blanks(body, at + 1);
	} else if (body.at[at] == ',') {
		at = skip_blanks(body, at + 1);
		if (at < body.length && body.at[at] == ']')
			return not_an_array(call);
	}
	if (at >= body.length)
		return not_an_array(call);
	if (body.at[at] == ']') {
		stream->at = at;
		return skip_blanks(body, at + 1) == body.length ? NULL : not_an_array(call);
	}
	end = end_of_item(body, at);
	if (end >= body.length)
		return not_an_array(call);
	stream->at = end;
	*more = true;
	return read_item(call, arena_text(call->arena, body.at + at, end - at), item);
}

static const struct problem *
next_of_single(struct call *call, struct stream_item *item, bool *more)
{
	*more = call->stream->count == 0;
	return *more ? read_item(call, call->request.body, item) : NULL;
}

const struct problem *
stream_next(struct call *call, struct stream_item *item, bool *more)
{
	struct stream *stream = call->stream;
	const struct problem *p;

	*item = (struct stream_item){ .index = stream->count };
	if (stream->form == NULL)
		p = next_of_document(call, item, more);
	else if (stream->form->layout == STREAM_LINES)
		p = next_of_lines(call, item, more);
	else if (stream->form->layout == STREAM_ARRAY)
		p = next_of_array(call, item, more);
	else
		p = next_of_single(call, item, more);
	if (p != NULL || !*more)
		return p;
	if (++stream->count > STREAM_ITEMS_MOST)
		return fail(call, TOO_LARGE, "A body holds at most %d items.", STREAM_ITEMS_MOST);
	return NULL;
}
