/*
 * What the compiler can't see in the declarations: members without a row, limits that contradict themselves, lists that
 * can't be paged, sentences that are missing. Every fault is told in a line.
 */
#include "describe.h"

#include <ctype.h>
#include <stdalign.h>
#include <string.h>

#include "emit_openapi.h"
#include "events.h"
#include "media.h"

struct checker {
	FILE *report;
	struct arena *arena;
	const struct shape **shapes; /* those looked at, each once */
	size_t count, room;
	bool statements; /* what only SQL sees: it tells itself what is missing, and may hold bytes */
	int faults;
};

static void __attribute__((format(printf, 2, 3))) fault(struct checker *checker, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(checker->report, format, args);
	va_end(args);
	fputc('\n', checker->report);
	checker->faults++;
}

static bool
is_sentence(const char *text)
{
	size_t length = text == NULL ? 0 : strlen(text);

	return length > 1 && strchr(".?", text[length - 1]) != NULL && !islower((unsigned char)text[0]);
}

/* ---- shapes ---- */

static size_t
alignment_of(enum kind kind)
{
	switch (kind) {
	case KIND_BOOLEAN:
	case KIND_ID:
	case KIND_CURRENCY:
	case KIND_DIGEST:
		return 1;
	case KIND_INTEGER:
	case KIND_INSTANT:
	case KIND_CREDITS:
	case KIND_AMOUNT:
	case KIND_DECIMAL:
	case KIND_QUANTITY:
		return alignof(int64_t);
	case KIND_TEXT:
	case KIND_BYTES:
	case KIND_DOCUMENT:
	case KIND_TEXTS:
	case KIND_LIST:
	case KIND_OBJECT:
		break;
	}
	return alignof(void *);
}

static size_t
round_up(size_t offset, size_t alignment)
{
	return (offset + alignment - 1) / alignment * alignment;
}

/* The row whose member lies first at or behind `offset`, or NULL. */
static const struct field *
next_member(const struct shape *shape, size_t offset)
{
	const struct field *next = NULL;

	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field->offset >= offset && (next == NULL || field->offset < next->offset))
			next = field;
	}
	return next;
}

/* Walks the struct by its rows: what lies between two rows must be no more than alignment asks for. */
static void
check_gaps(struct checker *checker, const struct shape *shape)
{
	size_t end = 0, widest = 1;
	const struct field *field;

	if (checker->statements || shape->partial || shape->count == 0)
		return;
	while ((field = next_member(shape, end)) != NULL) {
		size_t alignment = alignment_of(field->kind);

		if (field->offset > round_up(end, alignment))
			fault(checker, "shape %s: a member before %s has no row", shape->name, field->name);
		end = (size_t)field->offset + field->size;
		widest = alignment > widest ? alignment : widest;
	}
	if (shape->size > round_up(end, widest))
		fault(checker, "shape %s: the last member has no row", shape->name);
}

static void
check_limits(struct checker *checker, const struct shape *shape, const struct field *field)
{
	if (field->ranged && field->least > field->most)
		fault(checker, "%s.%s: the least is more than the most", shape->name, field->name);
	if (field->preset && field->ranged && (field->standard < field->least || field->standard > field->most))
		fault(checker, "%s.%s: the standard value is out of range", shape->name, field->name);
	if (field->one_of != NULL && field->one_of[0] == NULL)
		fault(checker, "%s.%s: none of nothing can be given", shape->name, field->name);
	if (field->one_of != NULL && field->kind != KIND_TEXT && field->kind != KIND_TEXTS &&
	    field->kind != KIND_CURRENCY)
		fault(checker, "%s.%s: only a text can be one of a list", shape->name, field->name);
	if ((field->kind == KIND_LIST || field->kind == KIND_OBJECT) != (field->shape != NULL) &&
	    field->kind != KIND_DOCUMENT)
		fault(checker, "%s.%s: a list or an object has a shape, nothing else has", shape->name, field->name);
}

static void
check_field(struct checker *checker, const struct shape *shape, const struct field *field)
{
	if (field->offset + (size_t)field->size > shape->size)
		fault(checker, "%s.%s: lies outside of its struct", shape->name, field->name);
	if (!field->hidden && !is_sentence(field->summary))
		fault(checker, "%s.%s: the summary is no sentence", shape->name, field->name);
	if (!checker->statements && !field->hidden && field->kind == KIND_BYTES)
		fault(checker, "%s.%s: bytes can't go to JSON, so they have to be hidden", shape->name, field->name);
	check_limits(checker, shape, field);
	for (const struct field *other = shape->fields; other < field; other++) {
		if (strcmp(other->name, field->name) == 0)
			fault(checker, "shape %s: two rows are called %s", shape->name, field->name);
		if (!shape->partial && other->offset < field->offset + field->size &&
		    field->offset < other->offset + other->size)
			fault(checker, "shape %s: %s and %s overlap", shape->name, other->name, field->name);
	}
}

/* Their schemas would have one name. Equal copies, made by a header, are fine. */
static bool
is_same(const struct shape *a, const struct shape *b)
{
	if (a->count != b->count || a->size != b->size)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->fields[i].name, b->fields[i].name) != 0 || a->fields[i].kind != b->fields[i].kind ||
		    a->fields[i].optional != b->fields[i].optional)
			return false;
	return true;
}

static bool
is_new(struct checker *checker, const struct shape *shape)
{
	for (size_t i = 0; i < checker->count; i++) {
		if (checker->shapes[i] == shape)
			return false;
		if (!checker->statements && strcmp(checker->shapes[i]->name, shape->name) == 0 &&
		    !is_same(checker->shapes[i], shape))
			fault(checker, "two different shapes are called %s", shape->name);
	}
	if (checker->count == checker->room) {
		size_t room = checker->room == 0 ? 64 : 2 * checker->room;
		const struct shape **shapes = arena_array(checker->arena, room, sizeof(*shapes));

		if (checker->count > 0)
			memcpy(shapes, checker->shapes, checker->count * sizeof(*shapes));
		checker->shapes = shapes;
		checker->room = room;
	}
	checker->shapes[checker->count++] = shape;
	return true;
}

static void
check_shape(struct checker *checker, const struct shape *shape)
{
	if (!is_new(checker, shape))
		return;
	check_gaps(checker, shape);
	for (size_t i = 0; i < shape->count; i++) {
		check_field(checker, shape, &shape->fields[i]);
		if (shape->fields[i].shape != NULL)
			check_shape(checker, shape->fields[i].shape);
	}
}

/* ---- operations ---- */

static bool
is_dotted_id(const char *id)
{
	size_t dots = 0;

	if (id == NULL || !islower((unsigned char)id[0]))
		return false;
	for (const char *at = id; *at != '\0'; at++) {
		if (*at == '.' && !islower((unsigned char)at[1]))
			return false;
		if (*at != '.' && *at != '_' && !islower((unsigned char)*at) && !isdigit((unsigned char)*at))
			return false;
		dots += *at == '.';
	}
	return dots > 0;
}

static const struct field *
find_field(const struct shape *shape, const char *name)
{
	for (size_t i = 0; i < shape->count; i++)
		if (strcmp(shape->fields[i].name, name) == 0)
			return &shape->fields[i];
	return NULL;
}

static void
check_page_field(
    struct checker *checker, const struct operation *operation, const char *name, enum kind kind, bool needed)
{
	const struct field *field = find_field(operation->run->takes, name);

	if (field == NULL ? needed : field->kind != kind || !field->optional)
		fault(checker, "%s: a list takes `%s`, a maybe type of its own kind", operation->id, name);
}

static void
check_list(struct checker *checker, const struct operation *operation)
{
	const struct field *key;

	if (operation->run->each == NULL) {
		if (operation->page_key != NULL || operation->page_limit != 0 || operation->page_ascending)
			fault(checker, "%s: only a list has pages", operation->id);
		return;
	}
	check_page_field(checker, operation, "limit", KIND_INTEGER, true);
	check_page_field(checker, operation, "cursor", KIND_TEXT, true);
	check_page_field(checker, operation, "offset", KIND_INTEGER, false);
	check_page_field(checker, operation, "after", KIND_TEXT, false);
	key = operation->page_key == NULL ? NULL : find_field(operation->run->gives, operation->page_key);
	if (key == NULL)
		fault(checker, "%s: page_key is no member of a row", operation->id);
	else if (key->optional || (key->kind != KIND_ID && key->kind != KIND_INTEGER && key->kind != KIND_TEXT))
		fault(
		    checker, "%s: page_key has to be an id, an integer or a text that is always there", operation->id);
}

static void
check_path_parameters(struct checker *checker, const struct operation *operation, const char *path)
{
	const char *brace = path;

	while ((brace = strchr(brace, '{')) != NULL) {
		struct text one = arena_text(checker->arena, brace, strcspn(brace, "}") + 1);
		bool known = false;

		for (size_t i = 0; i < operation->run->takes->count; i++)
			known |= path_names(one.at, &operation->run->takes->fields[i]) &&
				 operation->run->takes->fields[i].kind == KIND_ID;
		if (!known)
			fault(checker, "%s: %s in %s fills no id that it takes", operation->id, one.at, path);
		brace++;
	}
}

static bool
is_rendered(const struct operation *operation, const char *media_type)
{
	for (const struct rendering *r = operation->renderings; r != NULL && r->media_type != NULL; r++)
		if (strcmp(r->media_type, media_type) == 0)
			return true;
	return false;
}

static void
check_rest(struct checker *checker, const struct operation *operation, const struct rest *rest)
{
	if (rest->path[0] != '/')
		fault(checker, "%s: the path %s does not begin with a slash", operation->id, rest->path);
	if (rest->method == METHOD_GET && operation->effect != READS)
		fault(checker, "%s: GET %s would change something", operation->id, rest->path);
	if (rest->bare_array && (operation->run->each == NULL || rest->page_limit < 1))
		fault(checker, "%s: %s is an array, so it needs a list and a page_limit", operation->id, rest->path);
	if (rest->gives != NULL && rest->gives->size != operation->run->gives->size)
		fault(checker, "%s: %s shows another struct", operation->id, rest->path);
	if (rest->media_type != NULL && !is_rendered(operation, rest->media_type))
		fault(checker, "%s: %s answers %s, which is no rendering", operation->id, rest->path, rest->media_type);
	check_path_parameters(checker, operation, rest->path);
	if (rest->gives != NULL)
		check_shape(checker, rest->gives);
}

static void
check_raises(struct checker *checker, const struct operation *operation)
{
	bool over = false;

	for (size_t i = 0; i < RAISES_MAX; i++) {
		enum problem_kind kind = operation->raises[i];

		if (kind == NO_PROBLEM) {
			over = true;
			continue;
		}
		if (over || kind >= RERUN)
			fault(checker, "%s: the list of its problems is broken", operation->id);
		for (size_t j = 0; j < i; j++)
			if (operation->raises[j] == kind)
				fault(checker, "%s: raises %s twice", operation->id, problem_facts[kind].code);
	}
}

static void
check_effect(struct checker *checker, const struct operation *operation)
{
	bool writes = operation->kind != READ;

	if (writes && operation->effect == READS)
		fault(checker, "%s: a write that only reads", operation->id);
	if (operation->kind == READ && operation->effect != READS && operation->effect != COMPUTES)
		fault(checker, "%s: a read can't spend, export or destroy", operation->id);
	if (operation->kind == REHEARSAL && operation->effect != COMPUTES)
		fault(checker, "%s: a rehearsal changes nothing, and computes", operation->id);
	if ((operation->kind == STREAM_IN) != (operation->forms != NULL))
		fault(checker, "%s: a body of many items has its forms, and no other has", operation->id);
	if ((operation->kind == STREAM_IN || operation->kind == REHEARSAL) && !operation->no_key)
		fault(checker, "%s: keys are ignored here, and it says so", operation->id);
	if (operation->repeatable && (!operation->no_key || !writes || operation->kind == REHEARSAL))
		fault(checker, "%s: only of a write without keys it is not known that it can be sent again",
		    operation->id);
	if (writes && operation->effect == EXPORTS && !operation->seals_reply)
		fault(checker, "%s: an export's reply holds a secret and is sealed", operation->id);
	if (operation->seals_reply && operation->effect != EXPORTS && operation->effect != SPENDS)
		fault(checker, "%s: this reply holds no secret to be sealed", operation->id);
	if ((operation->kind == TWO_STEP) != (operation->run->perform != NULL) ||
	    (operation->run->perform != NULL) != (operation->run->book != NULL))
		fault(checker, "%s: two steps are made by HANDLER_TWO_STEP, and nothing else is", operation->id);
	if (operation->kind == TWO_STEP && !operation->slow)
		fault(checker, "%s: whoever waits for the outside is slow", operation->id);
	if (writes && operation->run->each != NULL)
		fault(checker, "%s: a write gives one reply, not a list", operation->id);
	if (operation->scope == SCOPE_COUNT || operation->scope > ANY_TOKEN)
		fault(checker, "%s: unknown scope", operation->id);
	if (operation->status != 0 && (operation->status < 200 || operation->status > 299))
		fault(checker, "%s: %d is no success", operation->id, operation->status);
	if (writes && operation->scope == PUBLIC && !operation->no_key)
		fault(checker, "%s: nobody's writes have no space for keys, so it ignores them", operation->id);
	if ((operation->any_person || operation->roles != 0) && operation->scope >= SCOPE_COUNT)
		fault(checker, "%s: without a scope a person needs nothing else", operation->id);
	if (operation->hot != NULL && operation->kind != READ)
		fault(checker, "%s: only a read can be hot", operation->id);
	if (operation->renderings != NULL && (operation->kind != READ || operation->run->each != NULL))
		fault(checker, "%s: only a read of one reply is rendered otherwise", operation->id);
	if (operation->prepare != NULL && (operation->kind != WRITE || !operation->slow))
		fault(checker, "%s: only a slow write is prepared", operation->id);
}

/* Bodies and replies besides JSON. */
static void
check_media(struct checker *checker, const struct operation *operation)
{
	const struct stream_form *form = operation->forms;
	const struct rendering *rendering = operation->renderings;

	for (; form != NULL && form->media_type != NULL; form++) {
		if (form->sent == NULL)
			fault(checker, "%s: the items of %s have no shape", operation->id, form->media_type);
		else
			check_shape(checker, form->sent);
	}
	for (; rendering != NULL && rendering->media_type != NULL; rendering++) {
		bool lines = strcmp(rendering->media_type, MEDIA_NDJSON) == 0;

		if (lines != (rendering->rows != NULL))
			fault(checker, "%s: lines of NDJSON have a shape, and nothing else has: %s", operation->id,
			    rendering->media_type);
		else if (lines)
			check_shape(checker, rendering->rows);
	}
}

static void
check_operation(struct checker *checker, const struct operation *operation)
{
	if (!is_dotted_id(operation->id)) {
		fault(checker, "an operation's id is `%s`", operation->id == NULL ? "" : operation->id);
		return;
	}
	if (!is_sentence(operation->summary))
		fault(checker, "%s: the summary is no sentence", operation->id);
	if (operation->description != NULL && !is_sentence(operation->description))
		fault(checker, "%s: the description is no sentence", operation->id);
	if (operation->run == NULL) {
		fault(checker, "%s: nothing runs it", operation->id);
		return;
	}
	check_effect(checker, operation);
	check_raises(checker, operation);
	check_list(checker, operation);
	check_shape(checker, operation->run->takes);
	check_shape(checker, operation->run->gives);
	check_media(checker, operation);
	for (size_t i = 0; i < REST_MAX && operation->rest[i].path != NULL; i++)
		check_rest(checker, operation, &operation->rest[i]);
	if (operation->hot != NULL)
		check_shape(checker, operation->hot->gives);
}

/* ---- resources ---- */

static void
check_job(struct checker *checker, const struct job *job)
{
	if (!is_dotted_id(job->id))
		fault(checker, "a job's id is `%s`", job->id == NULL ? "" : job->id);
	else if (!is_sentence(job->summary) || job->every_seconds < 1 || job->run == NULL)
		fault(checker, "%s: a job has a sentence, a period and something to run", job->id);
}

static void
check_event(struct checker *checker, const struct event_type *type)
{
	if (!is_dotted_id(type->type)) {
		fault(checker, "an event's type is `%s`", type->type == NULL ? "" : type->type);
		return;
	}
	if (type->entity_type == NULL || !is_sentence(type->summary) || type->data == NULL) {
		fault(checker, "%s: an event has a kind of thing, a sentence and a shape", type->type);
		return;
	}
	check_shape(checker, type->data);
}

/* A type is told by its name alone, so a name stands for one of them. */
static void
check_event_names(struct checker *checker)
{
	struct name_set names = { 0 };
	const struct event_type *type;

	for (size_t i = 0; (type = event_type_at(i)) != NULL; i++)
		if (type->type != NULL && !name_set_add(checker->arena, &names, type->type))
			fault(checker, "%s: two events have this type", type->type);
}

static void
check_statement(struct checker *checker, const struct statement *statement)
{
	if (statement->takes != NULL)
		check_shape(checker, statement->takes);
	if (statement->gives != NULL)
		check_shape(checker, statement->gives);
}

static void
check_resource(struct checker *checker, const struct resource *resource)
{
	if (resource->name == NULL || !is_sentence(resource->summary))
		fault(
		    checker, "resource %s: the summary is no sentence", resource->name == NULL ? "?" : resource->name);
	for (size_t i = 0; resource->operations != NULL && resource->operations[i] != NULL; i++)
		check_operation(checker, resource->operations[i]);
	for (size_t i = 0; resource->jobs != NULL && resource->jobs[i] != NULL; i++)
		check_job(checker, resource->jobs[i]);
	for (size_t i = 0; resource->events != NULL && resource->events[i] != NULL; i++)
		check_event(checker, resource->events[i]);
}

static void
check_statements(struct checker *checker, const struct resource *resource)
{
	for (size_t i = 0; resource->statements != NULL && resource->statements[i] != NULL; i++)
		check_statement(checker, resource->statements[i]);
}

int
describe_check(FILE *report)
{
	enum { CHECK_BYTES = 16 << 20 };
	struct checker checker = { .report = report, .arena = arena_new(CHECK_BYTES) };

	for (size_t i = 0; resources[i] != NULL; i++)
		check_resource(&checker, resources[i]);
	check_event_names(&checker);
	checker.statements = true;
	for (size_t i = 0; resources[i] != NULL; i++)
		check_statements(&checker, resources[i]);
	arena_free(checker.arena);
	return checker.faults;
}
