/*
 * Reading the input of an operation: a JSON body, or query and path parameters for GET.
 */
#include "input.h"

#include <ctype.h>
#include <string.h>

#include "cursor.h"
#include "json.h"
#include "media.h"
#include "text.h"

/* organizationId in a path is organization_id in a shape. */
static struct text
snake_case(struct call *call, struct text camel)
{
	struct buffer snake = buffer_new(call->arena, camel.length + 8);

	for (size_t i = 0; i < camel.length; i++) {
		if (isupper((unsigned char)camel.at[i]))
			buffer_add_char(&snake, '_');
		buffer_add_char(&snake, (char)tolower((unsigned char)camel.at[i]));
	}
	return buffer_text(&snake);
}

static ptrdiff_t
field_index(const struct shape *shape, struct text name)
{
	for (size_t i = 0; i < shape->count; i++)
		if (!shape->fields[i].hidden && text_is(name, shape->fields[i].name))
			return (ptrdiff_t)i;
	return -1;
}

/* RFC 6901, 3. */
static const char *
pointer_to(struct call *call, struct text name)
{
	struct buffer pointer = buffer_new(call->arena, name.length + 2);

	buffer_add_char(&pointer, '/');
	for (size_t i = 0; i < name.length; i++)
		if (name.at[i] == '~' || name.at[i] == '/')
			buffer_add_string(&pointer, name.at[i] == '~' ? "~0" : "~1");
		else
			buffer_add_char(&pointer, name.at[i]);
	return buffer_text(&pointer).at;
}

static void
note(struct call *call, const struct fault **faults, struct text name, const char *code, const char *detail)
{
	struct fault *fault = arena_take(call->arena, sizeof(*fault));

	*fault = (struct fault){
		.pointer = pointer_to(call, name), .code = code, .detail = detail, .in_query = true, .next = *faults
	};
	*faults = fault;
}

struct parameters {
	const struct shape *shape;
	void *into;
	bool *seen;
	bool form; /* RFC 6749, 3.2: without a value a parameter was not sent */
	const struct fault *faults;
};

static void
take(struct call *call, struct parameters *to, struct text name, struct text value)
{
	ptrdiff_t index = field_index(to->shape, name);

	if (to->form && value.length == 0)
		return;
	if (index < 0 && to->shape->freeform)
		return;
	if (index < 0) {
		note(call, &to->faults, name, "unknown", "There is no such parameter.");
		return;
	}
	if (to->seen[index]) {
		note(call, &to->faults, name, "duplicate", "The parameter is given more than once.");
		return;
	}
	to->seen[index] = true;
	json_read_parameter(call, to->shape, &to->shape->fields[index], value, to->into, &to->faults);
}

/* `application/x-www-form-urlencoded`, in a query or a body. */
static const struct problem *
take_pairs(struct call *call, struct parameters *to, struct text pairs)
{
	const char *at = pairs.at, *end = at + pairs.length;

	while (at != NULL && at < end) {
		const char *stop = memchr(at, '&', (size_t)(end - at));
		struct text pair = { at, (size_t)((stop == NULL ? end : stop) - at) };
		const char *equals = memchr(pair.at, '=', pair.length);
		size_t name_length = equals == NULL ? pair.length : (size_t)(equals - pair.at);
		struct text name, value = { pair.at + pair.length, 0 };

		if (equals != NULL)
			value = (struct text){ equals + 1, pair.length - name_length - 1 };
		at += pair.length + 1;
		if (pair.length == 0)
			continue;
		if (!percent_decode(call->arena, (struct text){ pair.at, name_length }, true, &name) ||
		    !percent_decode(call->arena, value, true, &value))
			return fail(call, BAD_REQUEST, "The parameters have a broken escape, or are not UTF-8.");
		take(call, to, name, value);
	}
	return NULL;
}

static struct parameters
parameters_of(struct call *call, const struct shape *shape)
{
	return (struct parameters){
		.shape = shape, .into = call->in, .seen = arena_array(call->arena, shape->count + 1, sizeof(bool))
	};
}

static void
take_path(struct call *call, struct parameters *to)
{
	for (size_t i = 0; i < call->request.parameter_count; i++)
		take(call, to, snake_case(call, call->request.parameters[i].name), call->request.parameters[i].value);
}

static const struct problem *
read_parameters(struct call *call, const struct shape *shape)
{
	struct parameters to = parameters_of(call, shape);
	const struct problem *p = take_pairs(call, &to, call->request.query);

	if (p != NULL)
		return p;
	take_path(call, &to);
	json_finish_parameters(call, shape, call->in, to.seen, &to.faults);
	return json_faults(call, to.faults);
}

/* OAuth tells of one fault, not of all. */
static const struct problem *
read_form(struct call *call, const struct shape *shape)
{
	struct parameters to = parameters_of(call, shape);
	const struct problem *p;

	if (!media_is(call->request.content_type, MEDIA_FORM))
		return fail(call, UNSUPPORTED_MEDIA_TYPE, "The body has to be `%s`.", MEDIA_FORM);
	to.form = true;
	p = take_pairs(call, &to, call->request.body);
	if (p != NULL)
		return p;
	json_finish_parameters(call, shape, call->in, to.seen, &to.faults);
	if (to.faults == NULL)
		return NULL;
	return fail(call, BAD_REQUEST, "The parameter %s: %s", to.faults->pointer + 1, to.faults->detail);
}

/* The shape with some of its rows changed for this call. */
static struct field *
own_fields(struct call *call, const struct shape **shape)
{
	struct shape *copy = arena_take(call->arena, sizeof(*copy));
	struct field *fields = arena_array(call->arena, (*shape)->count, sizeof(*fields));

	memcpy(fields, (*shape)->fields, (*shape)->count * sizeof(*fields));
	*copy = **shape;
	copy->fields = fields;
	*shape = copy;
	return fields;
}

/* In a stream `limit` has no ceiling: it costs no memory there. */
static const struct shape *
shape_to_read(struct call *call)
{
	const struct shape *shape = call->operation->run->takes;
	ptrdiff_t limit = field_index(shape, TEXT("limit"));

	if (call->page.stream && limit >= 0)
		own_fields(call, &shape)[limit].most = INT64_MAX;
	return shape;
}

/* What the path says, the body does not. */
static const struct problem *
read_body(struct call *call, const struct shape *shape)
{
	struct parameters to = parameters_of(call, shape);
	const struct shape *body = shape;
	const struct problem *p;

	if (call->request.body.length > 0 && !media_is(call->request.content_type, MEDIA_JSON))
		return fail(call, UNSUPPORTED_MEDIA_TYPE, "The body has to be `%s`.", MEDIA_JSON);
	for (size_t i = 0; i < call->request.parameter_count; i++)
		own_fields(call, &body)[field_index(shape, snake_case(call, call->request.parameters[i].name))].hidden =
		    true;
	p = json_read(call, call->request.body, body, call->in);
	if (p != NULL)
		return p;
	take_path(call, &to);
	return json_faults(call, to.faults);
}

const struct problem *
input_read(struct call *call)
{
	const struct shape *shape = shape_to_read(call);

	call->in = arena_take(call->arena, shape->size);
	if (call->operation->raw_body)
		return NULL;
	if (call->request.method == METHOD_GET)
		return read_parameters(call, shape);
	return call->operation->oauth ? read_form(call, shape) : read_body(call, shape);
}
