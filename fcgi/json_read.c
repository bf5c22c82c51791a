/*
 * A JSON object into a struct, by its shape: yajl's callbacks store each value by offset and note every fault with its
 * pointer. What nothing declares is walked over, but even there no name may stand twice.
 */
#include "json_parts.h"

#include <assert.h>
#include <string.h>

#include "call.h"
#include "text.h"

enum { NAME_SHOWN = 200 }; /* bytes of a caller's own name in a pointer */

enum place { IN_OBJECT, IN_LIST, IN_TEXTS, IN_UNDECLARED };

enum seen { UNSEEN, SEEN, SEEN_AS_NULL };

/* An object or array that is open. What was allocated for a level stays for the next one at that level. */
struct frame {
	enum place place;
	const struct shape *shape; /* of an object */
	unsigned char *into; /* an object: the struct; a list, texts: the member; undeclared: a document, or NULL */
	const struct field
	    *field;              /* an object: the present member's row, NULL: undeclared; else the member's own row */
	struct text name;        /* of the present member */
	size_t index;            /* of the present item: how many were there before */
	size_t room;             /* for items */
	size_t begin;            /* of a document in the body */
	unsigned char *seen;     /* a state for each row */
	struct text *undeclared; /* names, JSON_MEMBERS at most */
	size_t undeclared_count;
};

struct reader {
	struct arena *arena;
	struct text body;
	yajl_handle parser;
	const struct shape *shape; /* NULL: any object */
	void *into;
	struct frame frames[JSON_DEPTH];
	size_t depth;
	struct fault *first, *last;
	size_t fault_count;
	const char *refusal; /* why it is a 400 */
};

/* ---- faults ---------------------------------------------------------------------------------------------------- */

static int
refuse(struct reader *reader, const char *sentence)
{
	reader->refusal = sentence;
	return 0;
}

/* Escaped by RFC 6901; a name of unseemly length is cut at a character. */
static void
add_name(struct buffer *pointer, struct text name)
{
	size_t shown = name.length;

	if (shown > NAME_SHOWN) {
		for (shown = NAME_SHOWN; ((unsigned char)name.at[shown] & 0xC0) == 0x80; shown--)
			continue;
	}
	for (size_t i = 0; i < shown; i++) {
		if (name.at[i] == '~')
			buffer_add_string(pointer, "~0");
		else if (name.at[i] == '/')
			buffer_add_string(pointer, "~1");
		else
			buffer_add_char(pointer, name.at[i]);
	}
	if (shown < name.length)
		buffer_add_string(pointer, "…");
}

static const char *
pointer_here(const struct reader *reader)
{
	struct buffer pointer = buffer_new(reader->arena, 32);

	for (size_t i = 0; i < reader->depth; i++) {
		const struct frame *frame = &reader->frames[i];

		buffer_add_char(&pointer, '/');
		if (frame->place == IN_OBJECT)
			add_name(&pointer, frame->name);
		else
			buffer_add_integer(&pointer, (int64_t)frame->index);
	}
	return buffer_text(&pointer).at;
}

static bool
is_full(const struct reader *reader)
{
	return reader->fault_count >= FAULTS_MAX;
}

static void
note(struct reader *reader, struct verdict verdict)
{
	struct fault *fault;

	if (verdict.code == NULL || is_full(reader))
		return;
	fault = arena_take(reader->arena, sizeof(*fault));
	*fault = (struct fault){ .pointer = pointer_here(reader), .code = verdict.code, .detail = verdict.detail };
	if (reader->last == NULL)
		reader->first = fault;
	else
		reader->last->next = fault;
	reader->last = fault;
	reader->fault_count++;
}

/* ---- open objects and arrays ----------------------------------------------------------------------------------- */

static struct frame *
newest(struct reader *reader)
{
	return reader->depth == 0 ? NULL : &reader->frames[reader->depth - 1];
}

static struct frame *
push(struct reader *reader, enum place place, const struct field *field, void *into)
{
	struct frame *frame;

	assert(reader->depth < JSON_DEPTH); /* json_scan saw to it */
	frame = &reader->frames[reader->depth++];
	frame->place = place;
	frame->field = field;
	frame->into = into;
	frame->index = 0;
	frame->room = 0;
	frame->undeclared_count = 0;
	return frame;
}

static void
push_object(struct reader *reader, const struct shape *shape, void *into)
{
	struct frame *frame = push(reader, IN_OBJECT, NULL, into);

	if (frame->shape != shape)
		frame->seen = arena_take(reader->arena, shape->count);
	else
		memset(frame->seen, UNSEEN, shape->count);
	frame->shape = shape;
}

static void
push_undeclared(struct reader *reader)
{
	push(reader, IN_UNDECLARED, NULL, NULL);
}

static void
push_document(struct reader *reader, const struct field *field, void *member)
{
	struct frame *frame = push(reader, IN_UNDECLARED, field, member);

	frame->begin = yajl_get_bytes_consumed(reader->parser) - 1;
}

/* The value of the member whose name came last. Once no more faults are kept, nothing more is stored either. */
static void
open_member(struct reader *reader, const struct frame *frame, bool is_object)
{
	const struct field *field = frame->field;
	unsigned char *member = field == NULL ? NULL : frame->into + field->offset;

	if (field == NULL || is_full(reader)) {
		push_undeclared(reader);
	} else if (is_object && field->kind == KIND_OBJECT) {
		void *object = arena_take(reader->arena, field->shape->size);

		memcpy(member, &object, sizeof(object));
		push_object(reader, field->shape, object);
	} else if (is_object && field->kind == KIND_DOCUMENT) {
		push_document(reader, field, member);
	} else if (!is_object && field->kind == KIND_LIST) {
		push(reader, IN_LIST, field, member);
	} else if (!is_object && field->kind == KIND_TEXTS) {
		((struct texts *)(void *)member)->items = arena_array(reader->arena, 1, sizeof(struct text));
		push(reader, IN_TEXTS, field, member);
	} else {
		note(reader, json_wrong_type(field));
		push_undeclared(reader);
	}
}

/* Room for one more item of this size, or NULL past the limit: what comes then is only counted. */
static void *
next_item(struct reader *reader, struct frame *frame, void **items, size_t *count, size_t size)
{
	int64_t most = frame->field->ranged ? frame->field->most : JSON_ITEMS;
	void *larger;

	if (is_full(reader) || (int64_t)*count >= most)
		return NULL;
	if (*count == frame->room) {
		frame->room = frame->room == 0 ? 8 : frame->room * 2;
		larger = arena_array(reader->arena, frame->room, size);
		if (*count > 0)
			memcpy(larger, *items, *count * size);
		*items = larger;
	}
	return (unsigned char *)*items + (*count)++ * size;
}

static void
open_item(struct reader *reader, struct frame *frame, bool is_object)
{
	const struct shape *shape = frame->field->shape;
	struct list *list = (struct list *)(void *)frame->into;
	void *item;

	if (!is_object) {
		note(reader, (struct verdict){ "wrong_type", "This must be an object." });
		push_undeclared(reader);
		return;
	}
	item = next_item(reader, frame, &list->items, &list->count, shape->size);
	if (item == NULL)
		push_undeclared(reader);
	else
		push_object(reader, shape, item);
}

static int
on_open(struct reader *reader, bool is_object)
{
	struct frame *frame = newest(reader);

	if (frame == NULL && !is_object)
		return refuse(reader, "It must be an object.");
	if (frame == NULL && reader->shape != NULL) {
		push_object(reader, reader->shape, reader->into);
	} else if (frame == NULL || frame->place == IN_UNDECLARED) {
		push_undeclared(reader);
	} else if (frame->place == IN_OBJECT) {
		open_member(reader, frame, is_object);
	} else if (frame->place == IN_LIST) {
		open_item(reader, frame, is_object);
	} else {
		note(reader, (struct verdict){ "wrong_type", "This must be a string." });
		push_undeclared(reader);
	}
	return 1;
}

/* ---- what is known only at the end ------------------------------------------------------------------------------ */

static void
finish_object(struct reader *reader, struct frame *frame)
{
	for (size_t i = 0; i < frame->shape->count; i++) {
		const struct field *field = &frame->shape->fields[i];

		if (frame->seen[i] == SEEN || !json_shows(field))
			continue;
		frame->name = text_from(field->name);
		if (field->preset)
			json_set_standard(field, frame->into + field->offset);
		else if (!field->optional)
			note(reader, (struct verdict){ "missing", "This is required." });
	}
}

static void
finish_document(struct reader *reader, const struct frame *frame)
{
	size_t length = yajl_get_bytes_consumed(reader->parser) - frame->begin;
	struct text copy = arena_text(reader->arena, reader->body.at + frame->begin, length);
	struct document document = { copy.at, copy.length };

	memcpy(frame->into, &document, sizeof(document));
}

static int
on_close(void *context)
{
	struct reader *reader = context;
	struct frame *frame = newest(reader);

	if (frame->place == IN_OBJECT)
		finish_object(reader, frame);
	else if (frame->place == IN_UNDECLARED && frame->into != NULL)
		finish_document(reader, frame);
	reader->depth--;
	if (frame->place == IN_LIST || frame->place == IN_TEXTS)
		note(reader, json_check_count(reader->arena, frame->field, frame->index));
	if (reader->depth > 0)
		newest(reader)->index++;
	return 1;
}

/* ---- names ----------------------------------------------------------------------------------------------------- */

static const struct field *
find_field(const struct shape *shape, struct text name, size_t *index)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field->name[0] == name.at[0] && json_shows(field) && text_is(name, field->name)) {
			*index = i;
			return field;
		}
	}
	return NULL;
}

static const char duplicate[] = "An object has two members of one name.";

static int
add_undeclared(struct reader *reader, struct frame *frame, struct text name)
{
	for (size_t i = 0; i < frame->undeclared_count; i++) {
		if (text_equal(frame->undeclared[i], name))
			return refuse(reader, duplicate);
	}
	if (frame->undeclared_count == JSON_MEMBERS)
		return refuse(reader, "An object has too many members that are not known here.");
	if (frame->undeclared == NULL)
		frame->undeclared = arena_array(reader->arena, JSON_MEMBERS, sizeof(*frame->undeclared));
	frame->undeclared[frame->undeclared_count++] = name;
	return 1;
}

static int
on_name(void *context, const unsigned char *at, size_t length)
{
	struct reader *reader = context;
	struct frame *frame = newest(reader);
	size_t index = 0;

	frame->name = json_keep(reader->arena, reader->body, at, length);
	if (frame->place != IN_OBJECT)
		return add_undeclared(reader, frame, frame->name);
	frame->field = find_field(frame->shape, frame->name, &index);
	if (frame->field == NULL) {
		if (!frame->shape->freeform)
			note(reader, (struct verdict){ "unknown", "There is no such member." });
		return add_undeclared(reader, frame, frame->name);
	}
	if (frame->seen[index] != UNSEEN)
		return refuse(reader, duplicate);
	frame->seen[index] = SEEN;
	return 1;
}

/* ---- scalars --------------------------------------------------------------------------------------------------- */

static void
set_empty_object(struct reader *reader, const struct field *field, void *member)
{
	void *object = arena_take(reader->arena, field->shape->size);

	memcpy(member, &object, sizeof(object));
}

static void
read_member(struct reader *reader, struct frame *frame, struct token token)
{
	const struct field *field = frame->field;

	if (field == NULL || is_full(reader))
		return;
	if (token.type != TOKEN_NULL)
		note(reader, json_set(reader->arena, field, token, frame->into + field->offset));
	else if (field->null_tells)
		set_empty_object(reader, field, frame->into + field->offset);
	else if (field->optional || field->preset)
		frame->seen[field - frame->shape->fields] = SEEN_AS_NULL;
	else
		note(reader, (struct verdict){ "wrong_type", "This may not be null." });
}

static void
read_text_item(struct reader *reader, struct frame *frame, struct token token)
{
	struct texts *texts = (struct texts *)(void *)frame->into;
	struct verdict verdict = { "wrong_type", "This must be a string." };
	void *items = texts->items;
	struct text *item, copy = { "", 0 };

	if (token.type == TOKEN_STRING) {
		copy = arena_text(reader->arena, token.text.at, token.text.length);
		verdict = json_check_text(reader->arena, frame->field, copy);
	}
	note(reader, verdict);
	if (verdict.code != NULL)
		return;
	item = next_item(reader, frame, &items, &texts->count, sizeof(*item));
	texts->items = items;
	if (item != NULL)
		*item = copy;
}

static int
on_scalar(struct reader *reader, struct token token)
{
	struct frame *frame = newest(reader);

	if (frame == NULL)
		return refuse(reader, "It must be an object.");
	if (frame->place == IN_OBJECT)
		read_member(reader, frame, token);
	else if (frame->place == IN_TEXTS)
		read_text_item(reader, frame, token);
	else if (frame->place == IN_LIST)
		note(reader, (struct verdict){ "wrong_type", "This must be an object." });
	frame->index++;
	return 1;
}

/* ---- yajl's callbacks ------------------------------------------------------------------------------------------- */

static int
on_null(void *reader)
{
	return on_scalar(reader, (struct token){ .type = TOKEN_NULL });
}

static int
on_boolean(void *reader, int truth)
{
	return on_scalar(reader, (struct token){ .type = TOKEN_BOOLEAN, .truth = truth != 0 });
}

static int
on_number(void *reader, const char *digits, size_t length)
{
	return on_scalar(reader, (struct token){ .type = TOKEN_NUMBER, .text = { digits, length } });
}

static int
on_string(void *reader, const unsigned char *at, size_t length)
{
	return on_scalar(reader, (struct token){ .type = TOKEN_STRING, .text = { (const char *)at, length } });
}

static int
on_open_object(void *reader)
{
	return on_open(reader, true);
}

static int
on_open_array(void *reader)
{
	return on_open(reader, false);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_open_object,
	.yajl_map_key = on_name,
	.yajl_end_map = on_close,
	.yajl_start_array = on_open_array,
	.yajl_end_array = on_close,
};

/* Walks over the whole text; the reader holds what was found. */
static void
read_text(struct reader *reader)
{
	reader->refusal = json_scan(reader->body);
	if (reader->refusal != NULL)
		return;
	reader->parser = json_parser(reader->arena, &callbacks, reader);
	if (!json_parse(reader->parser, reader->body) && reader->refusal == NULL)
		reader->refusal =
		    arena_format(reader->arena, "The fault is near byte %zu.", yajl_get_bytes_consumed(reader->parser))
			.at;
}

static struct problem *
invalid(struct reader *reader)
{
	struct problem *p = arena_take(reader->arena, sizeof(*p));

	p->kind = INVALID;
	p->detail =
	    reader->fault_count == 1
		? reader->first->detail
		: arena_format(reader->arena, "The input has %zu faults; `errors` names each.", reader->fault_count).at;
	p->faults = reader->first;
	return p;
}

const struct problem *
json_read(struct call *call, struct text body, const struct shape *shape, void *into)
{
	struct reader *reader = arena_take(call->arena, sizeof(*reader));

	reader->arena = call->arena;
	reader->body = body.length == 0 ? TEXT("{}") : body;
	reader->shape = shape;
	reader->into = into;
	read_text(reader);
	if (reader->refusal != NULL)
		return fail(call, BAD_REQUEST, "The body is not an acceptable JSON object. %s", reader->refusal);
	return reader->fault_count == 0 ? NULL : invalid(reader);
}

bool
json_is_object(struct arena *arena, struct text text)
{
	struct arena_mark mark = arena_mark(arena);
	struct reader *reader = arena_take(arena, sizeof(*reader));
	bool accepted;

	reader->arena = arena;
	reader->body = text;
	read_text(reader);
	accepted = reader->refusal == NULL;
	arena_release(arena, mark);
	return accepted;
}
