/*
 * The router: every path of every operation in one sorted table, searched by halves; plain routes with a parameter in a
 * short list behind it, so that a fixed path wins. Built once, before the workers are forked.
 */
#include "route.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "id.h"
#include "text.h"

struct entry {
	struct text path;
	enum method method;
	const struct operation *operation;
	const struct rest *rest;
};

static struct {
	const struct operation **operations;
	size_t operation_count;
	struct entry *exact; /* sorted by path, then method */
	size_t exact_count;
	struct entry *patterns;
	size_t pattern_count;
} table;

static const char *const method_names[] = { "GET", "POST", "PUT", "PATCH", "DELETE" };

void
route_path(const struct operation *operation, char out[static 200])
{
	snprintf(out, 200, "/v1/%s", operation->id);
	for (char *at = out + 4; *at != '\0'; at++)
		if (*at == '.')
			*at = '/';
}

size_t
route_count(void)
{
	return table.operation_count;
}

const struct operation *
route_operation(size_t index)
{
	assert(index < table.operation_count);
	return table.operations[index];
}

const struct operation *
route_named(struct text id)
{
	for (size_t i = 0; i < table.operation_count; i++)
		if (text_is(id, table.operations[i]->id))
			return table.operations[i];
	return NULL;
}

int
route_index(const struct operation *operation)
{
	for (size_t i = 0; i < table.operation_count; i++)
		if (table.operations[i] == operation)
			return (int)i;
	return -1;
}

/* ---- building -------------------------------------------------------------------------------------------------- */

static void *
grow(void *items, size_t count, size_t size)
{
	void *grown = reallocarray(items, count + 1, size);

	if (grown == NULL)
		abort(); /* at start, before any request */
	return grown;
}

static void
add_entry(struct text path, enum method method, const struct operation *operation, const struct rest *rest)
{
	struct entry entry = { path, method, operation, rest };

	if (memchr(path.at, '{', path.length) != NULL) {
		table.patterns = grow(table.patterns, table.pattern_count, sizeof(entry));
		table.patterns[table.pattern_count++] = entry;
	} else {
		table.exact = grow(table.exact, table.exact_count, sizeof(entry));
		table.exact[table.exact_count++] = entry;
	}
}

static struct text
keep(const char *prefix, const char *rest)
{
	size_t length = strlen(prefix) + strlen(rest);
	char *copy = grow(NULL, length, 1);

	snprintf(copy, length + 1, "%s%s", prefix, rest);
	return (struct text){ copy, length };
}

static void
add_operation(const struct operation *operation)
{
	char derived[200];
	struct text both[2];

	route_path(operation, derived);
	both[0] = keep("/v1/op/", operation->id);
	both[1] = keep(derived, "");
	for (size_t i = 0; i < COUNT(both); i++) {
		add_entry(both[i], METHOD_POST, operation, NULL);
		if (operation->effect == READS)
			add_entry(both[i], METHOD_GET, operation, NULL);
	}
	for (size_t i = 0; i < REST_MAX && operation->rest[i].path != NULL; i++)
		add_entry(
		    text_from(operation->rest[i].path), operation->rest[i].method, operation, &operation->rest[i]);
	table.operations = grow(table.operations, table.operation_count, sizeof(*table.operations));
	table.operations[table.operation_count++] = operation;
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = strcmp(x->path.at, y->path.at);

	return order != 0 ? order : (int)x->method - (int)y->method;
}

static int
check_unique(FILE *report)
{
	int faults = 0;

	for (size_t i = 1; i < table.exact_count; i++)
		if (compare_entries(&table.exact[i - 1], &table.exact[i]) == 0) {
			fprintf(report, "%s and %s both answer %s %s\n", table.exact[i - 1].operation->id,
			    table.exact[i].operation->id, method_names[table.exact[i].method], table.exact[i].path.at);
			faults++;
		}
	for (size_t i = 0; i < table.operation_count; i++)
		for (size_t j = i + 1; j < table.operation_count; j++)
			if (strcmp(table.operations[i]->id, table.operations[j]->id) == 0) {
				fprintf(report, "two operations are called %s\n", table.operations[i]->id);
				faults++;
			}
	return faults;
}

int
route_build(FILE *report)
{
	table.operation_count = table.exact_count = table.pattern_count = 0;
	for (size_t r = 0; resources[r] != NULL; r++)
		if (resources[r]->operations != NULL)
			for (size_t o = 0; resources[r]->operations[o] != NULL; o++)
				add_operation(resources[r]->operations[o]);
	if (table.exact_count > 0)
		qsort(table.exact, table.exact_count, sizeof(*table.exact), compare_entries);
	return check_unique(report);
}

/* ---- finding --------------------------------------------------------------------------------------------------- */

/* The first entry of a path in the sorted table; `exact_count` where there is none. */
static size_t
find_exact(struct text path)
{
	size_t low = 0, high = table.exact_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(table.exact[middle].path.at, path.at) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < table.exact_count && text_equal(table.exact[low].path, path) ? low : table.exact_count;
}

/* Matches a pattern's segments one by one; a parameter takes one whole, non-empty segment, which must be a ULID. */
static bool
match_pattern(struct call *call, struct text pattern, struct text path)
{
	struct path_parameter *parameters = call->request.parameters;
	size_t *count = &call->request.parameter_count;
	const char *p = pattern.at, *s = path.at;
	struct id id;

	*count = 0;
	while (*p != '\0' && *s != '\0') {
		const char *end;

		if (*p != '{') {
			if (*p++ != *s++)
				return false;
			continue;
		}
		end = strchr(p, '}');
		assert(end != NULL && *count < PATH_PARAMETERS);
		parameters[*count].name = arena_text(call->arena, p + 1, (size_t)(end - p - 1));
		parameters[*count].value = arena_text(call->arena, s, strcspn(s, "/"));
		if (!id_parse(parameters[*count].value, &id))
			return false;
		s += parameters[*count].value.length;
		p = end + 1;
		++*count;
	}
	return *p == '\0' && *s == '\0';
}

static void
allow(struct buffer *methods, enum method method)
{
	if (methods->length > 0)
		buffer_add_string(methods, ", ");
	buffer_add_string(methods, method_names[method]);
	if (method == METHOD_GET)
		buffer_add_string(methods, ", HEAD");
}

static const struct problem *
refuse_method(struct call *call, struct buffer *methods)
{
	buffer_add_string(methods, ", OPTIONS");
	reply_header(call, "Allow", buffer_text(methods));
	if (text_is(call->request.method_name, "OPTIONS"))
		return NULL; /* call->operation stays NULL: the caller answers with Allow alone */
	return fail(call, METHOD_NOT_ALLOWED, "%.*s is not possible here; the Allow header lists what is.",
	    (int)call->request.method_name.length, call->request.method_name.at);
}

static bool
method_fits(const struct call *call, const struct entry *entry)
{
	return text_is(call->request.method_name, method_names[entry->method]) ||
	       (call->request.head && entry->method == METHOD_GET);
}

static bool
choose(struct call *call, const struct entry *entry, struct buffer *methods)
{
	if (!method_fits(call, entry)) {
		allow(methods, entry->method);
		return false;
	}
	call->operation = entry->operation;
	call->rest = entry->rest;
	call->request.method = entry->method;
	return true;
}

bool
route_streams_in(struct text path)
{
	size_t i = find_exact(path);

	return i < table.exact_count && text_equal(table.exact[i].path, path) &&
	       table.exact[i].operation->kind == STREAM_IN;
}

const struct problem *
route(struct call *call)
{
	struct text path = call->request.path;
	struct buffer methods = buffer_new(call->arena, 64);

	for (size_t i = find_exact(path); i < table.exact_count && text_equal(table.exact[i].path, path); i++)
		if (choose(call, &table.exact[i], &methods))
			return NULL;
	if (methods.length > 0)
		return refuse_method(call, &methods);
	for (size_t i = 0; i < table.pattern_count; i++)
		if (match_pattern(call, table.patterns[i].path, path) && choose(call, &table.patterns[i], &methods))
			return NULL;
	if (methods.length > 0)
		return refuse_method(call, &methods);
	return fail(call, NOT_FOUND, "Nothing answers at this path.");
}
