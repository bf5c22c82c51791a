/*
 * Examples as programs: Python and TypeScript. Each makes a client out of the environment, makes the call and prints
 * what came.
 */
#include <string.h>

#include "emit_example_parts.h"
#include "emit_python.h"
#include "text.h"

/* ---- names ---- */

/* What the reply is called: after its shape, or after one row of a list. */
static const char *
reply_name(const struct client_operation *operation)
{
	return strcmp(operation->gives->name, "nothing") == 0 ? "reply" : operation->gives->name;
}

/* "run_monthly_for_org" → "runMonthlyForOrg" */
static void
add_camel(struct buffer *out, const char *words)
{
	bool great = false;

	for (; *words != '\0'; words++) {
		if (*words != '_')
			buffer_add_char(
			    out, great && *words >= 'a' && *words <= 'z' ? (char)(*words - 'a' + 'A') : *words);
		great = *words == '_';
	}
}

/* ---- Python ---- */

static void
add_keyword_name(struct buffer *out, struct text name)
{
	buffer_format(out, "%s=", python_name(out->arena, name.at));
}

static void
add_python_imports(struct buffer *out, struct text call)
{
	bool instant = strstr(call.at, "datetime(") != NULL, decimal = strstr(call.at, "Decimal(") != NULL;

	if (instant)
		buffer_add_string(out, "from datetime import datetime, timezone\n");
	if (decimal)
		buffer_add_string(out, "from decimal import Decimal\n");
	buffer_format(out, "%sfrom purser import Purser\n\nclient = Purser()\n", instant || decimal ? "\n" : "");
}

static void
add_python_raw(struct buffer *out, const struct example_value *input)
{
	const struct example_value *headers = example_raw_headers(input);

	buffer_add_string(out, "(\n    body=");
	example_quoted(out, example_raw_body(input));
	buffer_add_string(out, ".encode(),\n    headers=");
	if (headers == NULL)
		buffer_add_string(out, "{}");
	else
		example_literal(out, &dialect_python, headers, 1, 1);
	buffer_add_string(out, ",\n)");
}

static void
add_python_call(struct buffer *out, const struct client_operation *operation, const struct example_value *input)
{
	struct dialect arguments = dialect_python;

	arguments.brackets = "()";
	arguments.add_name = add_keyword_name;
	arguments.inside = &dialect_python;
	buffer_add_string(out, "client");
	for (const char *const *word = operation->words; *word != NULL; word++)
		buffer_format(out, ".%s", python_name(out->arena, *word));
	if (operation->body == CLIENT_BODY_RAW)
		add_python_raw(out, input);
	else
		example_literal(out, &arguments, input, 0, 0);
}

void
example_python(struct buffer *out, const struct client_operation *operation, const struct example_value *input)
{
	const char *reply = python_name(out->arena, reply_name(operation));
	struct buffer call = buffer_new(out->arena, 256);

	buffer_format(&call, "%s = ", operation->list ? "page" : reply);
	add_python_call(&call, operation, input);
	add_python_imports(out, buffer_text(&call));
	buffer_add_text(out, buffer_text(&call));
	if (operation->list)
		buffer_format(out, "\nfor %s in page.data:\n    print(%s)\n", reply, reply);
	else
		buffer_format(out, "\nprint(%s)\n", reply);
}

/* ---- TypeScript ---- */

static void
add_typescript_raw(struct buffer *out, const struct example_value *input)
{
	const struct example_value *headers = example_raw_headers(input);

	buffer_add_string(out, "body, {\n  headers: ");
	if (headers == NULL)
		buffer_add_string(out, "{}");
	else
		example_literal(out, &dialect_typescript, headers, 1, 1);
	buffer_add_string(out, ",\n}");
}

static void
add_typescript_call(struct buffer *out, const struct client_operation *operation, const struct example_value *input)
{
	buffer_add_string(out, "client");
	for (const char *const *word = operation->words; *word != NULL; word++) {
		buffer_add_char(out, '.');
		add_camel(out, *word);
	}
	buffer_add_char(out, '(');
	if (operation->body == CLIENT_BODY_RAW)
		add_typescript_raw(out, input);
	else if (input->first != NULL)
		example_literal(out, &dialect_typescript, input, 0, 2);
	buffer_add_string(out, ");\n");
}

static void
add_typescript_print(struct buffer *out, const struct client_operation *operation)
{
	buffer_add_string(out, "console.log(");
	if (operation->list)
		buffer_add_string(out, "page.data");
	else
		add_camel(out, reply_name(operation));
	buffer_add_string(out, ");\n");
}

void
example_typescript(struct buffer *out, const struct client_operation *operation, const struct example_value *input)
{
	buffer_add_string(out, "import { Purser } from \"purser\";\n\nconst client = new Purser();\n");
	if (operation->body == CLIENT_BODY_RAW) {
		buffer_add_string(out, "const body = ");
		example_quoted(out, example_raw_body(input));
		buffer_add_string(out, ";\n");
	}
	buffer_add_string(out, "const ");
	if (operation->list)
		buffer_add_string(out, "page");
	else
		add_camel(out, reply_name(operation));
	buffer_add_string(out, " = await ");
	add_typescript_call(out, operation, input);
	add_typescript_print(out, operation);
}
