/*
 * The text of a statement is read once, when it is registered: every `:name` outside of quotes and comments becomes a
 * `?`, and where its value comes from is found out then.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "statement_plan.h"
#include "text.h"

static const struct {
	const char *name;
	enum source source;
} call_parameters[] = {
	{ "organization", FROM_ORGANIZATION },
	{ "now", FROM_NOW },
	{ "call", FROM_CALL },
	{ "principal", FROM_PRINCIPAL },
	{ "principal_type", FROM_PRINCIPAL_TYPE },
	{ "limit", FROM_LIMIT },
	{ "offset", FROM_OFFSET },
	{ "cursor", FROM_CURSOR },
};

static void *
lasting(size_t size)
{
	void *at = calloc(1, size);

	if (at == NULL)
		abort();
	return at;
}

static const char *
skip_quote(const char *at)
{
	char quote = *at++;

	for (; *at != '\0' && *at != quote; at++)
		if (*at == '\\' && quote != '`' && at[1] != '\0')
			at++;
	return *at == '\0' ? at : at + 1;
}

const char *
plan_skip_quoted(const char *at)
{
	if (*at == '\'' || *at == '"' || *at == '`')
		return skip_quote(at);
	if (*at == '#' || (strncmp(at, "--", 2) == 0 && (at[2] == '\0' || isspace((unsigned char)at[2]))))
		return at + strcspn(at, "\n");
	if (strncmp(at, "/*", 2) != 0)
		return at;
	const char *end = strstr(at + 2, "*/");
	return end != NULL ? end + 2 : at + strlen(at);
}

static bool
is_name_character(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The length of a `:name` that begins here, the colon included; 0 when none does. */
static size_t
name_length(const char *at)
{
	size_t length = 1;

	if (at[0] != ':' || !(isalpha((unsigned char)at[1]) || at[1] == '_'))
		return 0;
	while (is_name_character(at[length]))
		length++;
	return length;
}

static void __attribute__((format(printf, 2, 3))) set_fault(struct plan *plan, const char *format, ...)
{
	va_list args;

	if (plan->fault != NULL)
		return;
	va_start(args, format);
	if (vasprintf(&plan->fault, format, args) < 0)
		abort();
	va_end(args);
}

static bool
find_in_call(struct text name, struct parameter *parameter)
{
	for (size_t i = 0; i < COUNT(call_parameters); i++) {
		if (!text_is(name, call_parameters[i].name))
			continue;
		parameter->source = call_parameters[i].source;
		return true;
	}
	return false;
}

static bool
find_in_shape(const struct shape *shape, struct text name, struct parameter *parameter)
{
	for (size_t i = 0; shape != NULL && i < shape->count; i++) {
		if (!text_is(name, shape->fields[i].name))
			continue;
		*parameter = (struct parameter){ FROM_INPUT, &shape->fields[i] };
		return true;
	}
	return false;
}

static void
add_parameter(struct plan *plan, const struct statement *statement, struct text name)
{
	if (plan->count == PARAMETERS_MAX) {
		set_fault(plan, "it has more than %d parameters", PARAMETERS_MAX);
		return;
	}
	struct parameter *parameter = &plan->parameters[plan->count++];
	if (!find_in_call(name, parameter) && !find_in_shape(statement->takes, name, parameter))
		set_fault(plan, "nobody gives the parameter :%.*s", (int)name.length, name.at);
	else if (parameter->source == FROM_INPUT && !bindable(parameter->field))
		set_fault(plan, "the parameter :%.*s is of a kind that SQL can't hold", (int)name.length, name.at);
}

static void
copy(struct plan *plan, const char *at, size_t length)
{
	memcpy(plan->sql + plan->length, at, length);
	plan->length += length;
}

/* Copies what is plain, one quoted text, one parameter or one character, and answers what is behind it. */
static const char *
read_piece(struct plan *plan, const struct statement *statement, const char *at)
{
	size_t plain = strcspn(at, ":'\"`#-/");

	if (plain > 0) {
		copy(plan, at, plain);
		return at + plain;
	}
	const char *behind = plan_skip_quoted(at);
	size_t name = name_length(at);

	if (behind > at || strncmp(at, "::", 2) == 0) {
		behind = behind > at ? behind : at + 2;
		copy(plan, at, (size_t)(behind - at));
		return behind;
	}
	if (name == 0) {
		copy(plan, at, 1);
		return at + 1;
	}
	add_parameter(plan, statement, (struct text){ at + 1, name - 1 });
	copy(plan, "?", 1);
	return at + name;
}

struct plan *
plan_make(const struct statement *statement)
{
	struct parameter found[PARAMETERS_MAX] = { 0 };
	struct plan *plan = lasting(sizeof(*plan));
	const char *at = statement->sql;

	plan->sql = lasting(strlen(at) + 1);
	plan->parameters = found;
	while (*at != '\0')
		at = read_piece(plan, statement, at);
	at = plan->sql + strspn(plan->sql, " \t\n");
	plan->is_call = strncasecmp(at, "CALL", 4) == 0 && !is_name_character(at[4]);
	plan->parameters = memcpy(lasting((plan->count + 1) * sizeof(*found)), found, plan->count * sizeof(*found));
	return plan;
}

bool
plan_has(const struct plan *plan, enum source source)
{
	for (unsigned i = 0; i < plan->count; i++)
		if (plan->parameters[i].source == source)
			return true;
	return false;
}
