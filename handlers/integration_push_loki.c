/*
 * What an organization's Loki is told: its audit, a line of JSON for each row, in the order of the audit's chain. The
 * chain has every row once, also one that committed late, and nothing ever comes before what is there: a number in it
 * says what was told. A row is linked when it is a minute old, so that is how far Loki is behind.
 */
#include "integration_push.h"

#include <inttypes.h>

#include "clock.h"
#include "json.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

enum { LINES_MOST = 500 }; /* of one push; so says list_lines too */

struct lines_query {
	int64_t after;
	struct instant since;
};
static const struct field lines_query_fields[] = {
	FIELD(lines_query, after, ANY, "The last link that was told."),
	FIELD(lines_query, since, ANY, "What was done before is not told."),
};
SHAPE(lines_query)

struct audit_line {
	struct id id;
	struct instant at;
	struct text actor_type;
	struct maybe_id actor_id;
	struct maybe_text address;
	struct text operation;
	struct maybe_text target_type;
	struct maybe_id target_id;
	struct text outcome;
	struct text request_id;
	int64_t sequence;
};
static const struct field audit_line_fields[] = {
	FIELD(audit_line, id, ANY, "The call's own id."),
	FIELD(audit_line, at, ANY, "When it was done."),
	FIELD(audit_line, actor_type, ANY, "What kind of actor did it."),
	FIELD(audit_line, actor_id, ANY, "Which one."),
	FIELD(audit_line, address, ANY, "From where; of an operator it is not told."),
	FIELD(audit_line, operation, ANY, "What was done."),
	FIELD(audit_line, target_type, ANY, "What kind of thing it was done to."),
	FIELD(audit_line, target_id, ANY, "Which one."),
	FIELD(audit_line, outcome, ANY, "`ok`, or the code of a problem."),
	FIELD(audit_line, request_id, ANY, "The request."),
	FIELD(audit_line, sequence, HIDDEN, "Its link in the chain."),
};
SHAPE(audit_line)

/* The last one told, and by their age within a push. */
static const struct statement list_lines = {
	.sql = "SELECT id, at, actor_type, actor_id, address, operation, target_type, target_id, outcome, request_id, "
	       "sequence FROM (SELECT a.id, a.at, a.actor_type, a.actor_id,"
	       " IF(a.actor_type = 'operator', NULL, a.address) AS address, a.operation, a.target_type, a.target_id,"
	       " a.outcome, a.request_id, c.sequence FROM audit_chain c JOIN audit a ON a.id = c.audit_id"
	       " WHERE c.organization_id = :organization AND c.sequence > :after AND a.at >= :since"
	       " ORDER BY c.sequence LIMIT 500) l ORDER BY id",
	.takes = &lines_query_shape,
	.gives = &audit_line_shape,
};

static void
open_stream(struct buffer *body, const struct push_organization *organization)
{
	buffer_add_string(body, "{\"streams\":[{\"stream\":{\"job\":\"purser\",\"organization\":");
	json_write_text(body, organization->slug);
	buffer_add_string(body, "},\"values\":[");
}

/* Times are nanoseconds, as text. */
static void
add_line(struct buffer *body, struct instant at, struct text line, bool is_first)
{
	buffer_format(body, "%s[\"%" PRId64 "000\",", is_first ? "" : ",", at.microseconds);
	json_write_text(body, line);
	buffer_add_char(body, ']');
}

static struct text
close_stream(struct buffer *body)
{
	buffer_add_string(body, "]}]}");
	return buffer_text(body);
}

static void
write_lines(
    struct call *call, const struct push_organization *organization, const struct list *lines, struct push *push)
{
	const struct audit_line *line = lines->items;
	struct buffer body = buffer_new(call->arena, 512 * (lines->count + 1));
	struct buffer one = buffer_new(call->arena, 512);

	open_stream(&body, organization);
	for (size_t i = 0; i < lines->count; i++) {
		one.length = 0;
		json_write(&one, &audit_line_shape, &line[i]);
		add_line(&body, line[i].at, buffer_text(&one), i == 0);
		if (line[i].sequence > push->cursor_sequence.value)
			push->cursor_sequence = (struct maybe_int){ line[i].sequence, true };
	}
	push->request.body = close_stream(&body);
}

static const struct problem *
fill(struct call *call, const struct push_organization *organization, const struct integration *integration,
    struct push *push)
{
	struct lines_query query = { integration->cursor_sequence.given ? integration->cursor_sequence.value : 0,
		integration->created_at };
	struct list lines;
	const struct problem *p = sql_all(call, &list_lines, &query, &lines);

	if (p != NULL || lines.count == 0)
		return p;
	write_lines(call, organization, &lines, push);
	push->lines = (int64_t)lines.count;
	push->is_full = lines.count == LINES_MOST;
	return NULL;
}

static const struct problem *
fill_sample(struct call *call, const struct push_organization *organization, struct push *push)
{
	struct buffer body = buffer_new(call->arena, 512), line = buffer_new(call->arena, 256);
	char at[RFC3339_LENGTH + 1];

	instant_format(call->now, at);
	buffer_format(&line, "{\"test\":true,\"at\":\"%s\",\"request_id\":", at);
	json_write_text(&line, call->request_id);
	buffer_add_char(&line, '}');
	open_stream(&body, organization);
	add_line(&body, call->now, buffer_text(&line), true);
	push->request.body = close_stream(&body);
	return NULL;
}

const struct push_kind push_loki = {
	.name = INTEGRATION_LOKI,
	.path = "/loki/api/v1/push",
	.media_type = "application/json",
	.fill = fill,
	.fill_sample = fill_sample,
};

const struct resource integration_push_loki_resource = {
	.name = "integration_push_loki",
	.summary = "What an organization's Loki is told.",
	.statements = LIST_OF(statement, &list_lines),
};
