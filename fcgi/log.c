/*
 * Writes the log. A line is built in a buffer on the stack, everything that came from outside escaped and cut to a
 * bounded length, and leaves by one write, so that the lines of several processes never mix.
 */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "clock.h"
#include "id.h"
#include "text.h"

enum { LINE_ROOM = 8192, VALUE_MOST = 1000 };

struct line {
	char at[LINE_ROOM];
	size_t length;
};

static int descriptor = STDERR_FILENO;

int
log_open(const char *path)
{
	int opened = STDERR_FILENO;

	if (path != NULL && *path != '\0')
		opened = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	if (opened < 0)
		return errno;
	if (descriptor != STDERR_FILENO)
		close(descriptor);
	descriptor = opened;
	return 0;
}

/* The values are bounded so that a whole line always fits; what does not is left out. */
static void
add(struct line *line, const char *at, size_t length)
{
	if (length > sizeof(line->at) - 4 - line->length)
		return;
	memcpy(line->at + line->length, at, length);
	line->length += length;
}

static bool
goes_as_it_is(unsigned char c, bool plain)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f && (c < 0x80 || plain);
}

static void
add_escaped(struct line *line, struct text text)
{
	size_t length = text.length > VALUE_MOST ? VALUE_MOST : text.length, limit = line->length + VALUE_MOST;
	bool plain = utf8_valid(text.at, length);
	size_t i = 0;

	while (i < length && line->length < limit) {
		size_t begin = i;
		char code[8];

		while (
		    i < length && line->length + i - begin < limit && goes_as_it_is((unsigned char)text.at[i], plain))
			i++;
		add(line, text.at + begin, i - begin);
		if (i < length && line->length < limit)
			add(line, code, (size_t)snprintf(code, sizeof(code), "\\u%04x", (unsigned char)text.at[i++]));
	}
	if (i < text.length)
		add(line, "...", 3);
}

static void
add_name(struct line *line, const char *name)
{
	add(line, line->length == 0 ? "{\"" : ",\"", 2);
	add(line, name, strlen(name));
	add(line, "\":", 2);
}

static void
add_text(struct line *line, const char *name, struct text value)
{
	add_name(line, name);
	add(line, "\"", 1);
	add_escaped(line, value);
	add(line, "\"", 1);
}

static void
add_text_if_any(struct line *line, const char *name, struct text value)
{
	if (value.length > 0)
		add_text(line, name, value);
}

static void
add_integer(struct line *line, const char *name, int64_t value)
{
	char digits[INTEGER_LENGTH];

	add_name(line, name);
	add(line, digits, integer_format(value, digits));
}

static void
add_id_if_any(struct line *line, const char *name, struct id id)
{
	char characters[ID_CHARACTERS + 1];

	if (id_is_zero(id))
		return;
	id_format(id, characters);
	add_text(line, name, text_from(characters));
}

static void
add_instant(struct line *line, const char *name, struct instant at)
{
	char characters[RFC3339_LENGTH + 1];

	instant_format(at, characters);
	add_text(line, name, text_from(characters));
}

static void
send_line(struct line *line)
{
	add(line, "}\n", 2);
	/* Whoever can't write its log has nobody to tell. */
	while (write(descriptor, line->at, line->length) < 0 && errno == EINTR)
		;
}

static void
log_message(const char *level, const char *message)
{
	struct line line = { .length = 0 };

	add_instant(&line, "at", clock_now());
	add_text(&line, "level", text_from(level));
	add_text(&line, "message", text_from(message));
	add_integer(&line, "pid", getpid());
	send_line(&line);
}

static void __attribute__((format(printf, 2, 0))) log_formatted(const char *level, const char *format, va_list args)
{
	char message[2 * VALUE_MOST];
	int error = errno;

	vsnprintf(message, sizeof(message), format, args);
	log_message(level, message);
	errno = error;
}

void
log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_formatted("info", format, args);
	va_end(args);
}

void
log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log_formatted("error", format, args);
	va_end(args);
}

static void
add_principal(struct line *line, const struct principal *principal)
{
	static const char *const names[] = {
		[NOBODY] = "nobody",
		[API_KEY] = "api_key",
		[OPERATOR] = "operator",
		[PERSON] = "person",
		[JOB] = "job",
		[PROCESSOR] = "processor",
	};

	add_text(line, "principal_type", text_from(names[principal->type]));
	add_id_if_any(line, "principal", principal->id);
}

static void
add_outcome(struct line *line, const struct call *call, int64_t microseconds)
{
	add_integer(line, "status", call->reply.status);
	if (call->problem != NULL)
		add_text(line, "problem", text_from(problem_facts[call->problem->kind].code));
	add_integer(line, "microseconds", microseconds);
	add_integer(line, "round_trips", call->round_trips);
	if (call->reruns > 0)
		add_integer(line, "reruns", call->reruns);
	if (call->replayed)
		add_name(line, "replayed"), add(line, "true", 4);
	if (call->internal != NULL)
		add_text(line, "internal", text_from(call->internal));
}

void
log_request(const struct call *call, int64_t microseconds)
{
	struct line line = { .length = 0 };

	add_instant(&line, "at", call->now);
	add_text(&line, "level", text_from(call->reply.status >= 500 ? "error" : "info"));
	add_text(&line, "request_id", call->request_id);
	add_id_if_any(&line, "call", call->id);
	if (call->operation != NULL)
		add_text(&line, "operation", text_from(call->operation->id));
	add_text(&line, "method", call->request.method_name);
	add_text(&line, "path", call->request.path);
	add_outcome(&line, call, microseconds);
	add_principal(&line, &call->principal);
	add_id_if_any(&line, "organization", call->organization);
	add_text_if_any(&line, "address", call->request.address);
	add_text_if_any(&line, "traceparent", call->request.traceparent);
	send_line(&line);
}
