/*
 * A cursor is base64url of a 16-byte MAC and the key. The MAC covers the operation, the organization and every input
 * but the page itself, so a cursor works only where it was given. Cursors of the key before the newest still open, so
 * that a rotation breaks no one's paging.
 */
#include "cursor.h"

#include <assert.h>
#include <string.h>

#include "id.h"
#include "json.h"
#include "seal.h"
#include "text.h"

enum { MAC_LENGTH = 16, STANDARD_LIMIT = 50 };

const struct field *
shape_field(const struct shape *shape, const char *name)
{
	for (size_t i = 0; i < shape->count; i++)
		if (strcmp(shape->fields[i].name, name) == 0)
			return &shape->fields[i];
	return NULL;
}

static bool
is_page_field(const struct field *field)
{
	static const char *const names[] = { "limit", "offset", "cursor", "after" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(field->name, names[i]) == 0)
			return true;
	return false;
}

static struct digest
mac(struct call *call, struct text key, unsigned age, bool *known)
{
	const struct shape *takes = call->operation->run->takes;
	struct buffer bound = buffer_new(call->reply_arena, 256);
	struct digest digest = { { 0 } };

	buffer_add_string(&bound, call->operation->id);
	buffer_add(&bound, "\0", 1);
	buffer_add(&bound, (const char *)call->organization.bytes, sizeof(call->organization.bytes));
	for (size_t i = 0; i < takes->count; i++)
		if (!is_page_field(&takes->fields[i])) {
			json_write_value(&bound, &takes->fields[i], call->in);
			buffer_add_char(&bound, ',');
		}
	buffer_add_text(&bound, key);
	*known = sign("cursor", age, bound.at, bound.length, &digest);
	return digest;
}

static struct text
key_text(struct call *call, const void *row)
{
	const struct field *field = shape_field(call->operation->run->gives, call->operation->page_key);
	const char *at;
	char ulid[ID_CHARACTERS + 1];

	assert(field != NULL); /* describe_check: a list's page_key is a field of its rows */
	at = (const char *)row + field->offset;
	if (field->kind == KIND_ID) {
		id_format(*(const struct id *)(const void *)at, ulid);
		return arena_text(call->reply_arena, ulid, ID_CHARACTERS);
	}
	if (field->kind == KIND_INTEGER)
		return arena_format(call->reply_arena, "%lld", (long long)*(const int64_t *)(const void *)at);
	return *(const struct text *)(const void *)at;
}

struct text
cursor_make(struct call *call, const void *row)
{
	struct text key = key_text(call, row);
	bool known;
	struct digest digest = mac(call, key, 0, &known);
	struct buffer plain = buffer_new(call->reply_arena, MAC_LENGTH + key.length + 1);

	buffer_add(&plain, (const char *)digest.bytes, MAC_LENGTH);
	buffer_add_text(&plain, key);
	return base64url_encode(call->reply_arena, (const unsigned char *)plain.at, plain.length);
}

/* The cursor field's text where one was given: `cursor`, or `after` as the plain routes call it. */
static struct maybe_text
given_cursor(const struct call *call, const char **name)
{
	static const char *const names[] = { "cursor", "after" };

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct field *field = shape_field(call->operation->run->takes, names[i]);
		const struct maybe_text *text;

		if (field == NULL)
			continue;
		text = (const void *)((const char *)call->in + field->offset);
		*name = names[i];
		if (text->at != NULL)
			return *text;
	}
	return (struct maybe_text){ NULL, 0 };
}

static const struct problem *
open_cursor(struct call *call)
{
	const char *name = "cursor";
	struct maybe_text given = given_cursor(call, &name);
	struct text key;
	struct bytes plain;
	bool known = true;

	if (given.at == NULL)
		return NULL;
	if (base64url_decode(call->arena, (struct text){ given.at, given.length }, &plain) &&
	    plain.length > MAC_LENGTH) {
		key = arena_text(call->arena, (const char *)plain.at + MAC_LENGTH, plain.length - MAC_LENGTH);
		for (unsigned age = 0; known && age < 2; age++) {
			struct digest digest = mac(call, key, age, &known);

			if (known && equal_in_constant_time(digest.bytes, plain.at, MAC_LENGTH)) {
				call->page.cursor = key;
				return NULL;
			}
		}
	}
	return fail_field(call, arena_format(call->arena, "/%s", name).at, "bad_cursor",
	    "This cursor was not given for this list; begin again without one.");
}

static int64_t
given_number(const struct call *call, const char *name, int64_t otherwise)
{
	const struct field *field = shape_field(call->operation->run->takes, name);
	const struct maybe_int *number;

	if (field == NULL)
		return otherwise;
	number = (const void *)((const char *)call->in + field->offset);
	return number->given ? number->value : otherwise;
}

const struct problem *
page_read(struct call *call)
{
	int64_t standard = call->operation->page_limit > 0 ? call->operation->page_limit : STANDARD_LIMIT;

	if (call->operation->run->each == NULL)
		return NULL;
	if (call->rest != NULL && call->rest->bare_array)
		standard = call->rest->page_limit;
	if (call->page.stream)
		standard = INT64_MAX;
	call->page.limit = given_number(call, "limit", standard);
	call->page.offset = given_number(call, "offset", 0);
	return open_cursor(call);
}
