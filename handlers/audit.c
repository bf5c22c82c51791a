/*
 * The audit: who did what, to be read by the organization, and its hash chain. Rows are written in the transactions
 * they tell of, which end in any order; this job links them afterwards, so that no request waits for another's row. The
 * chain's own order is the order in which it took them.
 *
 * A row's canonical form is one line of ASCII: `purser-audit-1`, the previous hash (of the first row 64 zeros), then
 * id, organization, at, actor type, actor, address, operation, target type, target, outcome, request id, joined by `|`;
 * bytes as upper-case hexadecimal digits, `at` as YYYY-MM-DD hh:mm:ss.ffffff, what is NULL as `-`. The hash is its
 * SHA-256.
 */
#include "resources.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "formats.h"
#include "id.h"
#include "page.h"
#include "runner.h"
#include "seal.h"
#include "statement.h"
#include "text.h"
#include "thing.h"

/* A row is linked when it is a minute old. Hardly one commits later than two minutes after: those that do are looked
 * for every ten minutes, as no request takes an hour to commit. */
enum {
	SETTLED_SECONDS = 60,
	LATE_SECONDS = 120,
	LATEST_SECONDS = 3600,
	LATEST_EVERY_SECONDS = 600,
	EVERY_SECONDS = 10,
	BATCH = 500
};

struct chain_head {
	int64_t sequence;
	struct digest hash;
};
static const struct field chain_head_fields[] = {
	FIELD(chain_head, sequence, ANY, "The last link's place."),
	FIELD(chain_head, hash, ANY, "Its hash."),
};
SHAPE(chain_head)

struct newest_link {
	struct maybe_id audit_id;
};
static const struct field newest_link_fields[] = {
	FIELD(newest_link, audit_id, ANY, "The newest row that is linked."),
};
SHAPE(newest_link)

struct unlinked {
	struct id since;
	struct instant before;
};
static const struct field unlinked_fields[] = {
	FIELD(unlinked, since, ANY, "No row before it is missing."),
	FIELD(unlinked, before, ANY, "Younger ones wait."),
};
SHAPE(unlinked)

struct audit_row {
	struct id id;
	struct text canonical;
};
static const struct field audit_row_fields[] = {
	FIELD(audit_row, id, ANY, "The row."),
	FIELD(audit_row, canonical, ANY, "What the hash covers, but for the previous one."),
};
SHAPE(audit_row)

struct chain_links {
	struct text links; /* [[sequence, row, previous hash, hash]], bytes as hexadecimal digits */
};
static const struct field chain_links_fields[] = {
	FIELD(chain_links, links, ANY, "What is added to the chain."),
};
SHAPE(chain_links)

static const char why_everybody[] = "one chain holds everybody's rows";

static const struct statement read_head = {
	.sql = "SELECT sequence, hash FROM audit_chain ORDER BY sequence DESC LIMIT 1",
	.gives = &chain_head_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement read_newest = {
	.sql = "SELECT MAX(audit_id) AS audit_id FROM audit_chain",
	.gives = &newest_link_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement list_unlinked = {
	.sql =
	    "SELECT a.id, COALESCE(CONCAT_WS('|', HEX(a.id), COALESCE(HEX(a.organization_id), '-'), CAST(a.at AS CHAR),"
	    " HEX(a.actor_type), COALESCE(HEX(a.actor_id), '-'), COALESCE(HEX(a.address), '-'), HEX(a.operation),"
	    " COALESCE(HEX(a.target_type), '-'), COALESCE(HEX(a.target_id), '-'), HEX(a.outcome), HEX(a.request_id)), "
	    "'')"
	    " AS canonical"
	    " FROM audit a LEFT JOIN audit_chain c ON c.audit_id = a.id"
	    " WHERE a.id >= :since AND a.at <= :before AND c.audit_id IS NULL ORDER BY a.id LIMIT 500",
	.takes = &unlinked_shape,
	.gives = &audit_row_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement add_links = {
	.sql = "INSERT INTO audit_chain (sequence, audit_id, previous_hash, hash, organization_id)"
	       " SELECT l.sequence, UNHEX(l.audit_id), UNHEX(l.previous_hash), UNHEX(l.hash),"
	       " (SELECT a.organization_id FROM audit a WHERE a.id = UNHEX(l.audit_id))"
	       " FROM JSON_TABLE(:links, '$[*]' COLUMNS (sequence BIGINT PATH '$[0]', audit_id CHAR(32) PATH '$[1]',"
	       " previous_hash CHAR(64) PATH '$[2]', hash CHAR(64) PATH '$[3]')) l",
	.takes = &chain_links_shape,
	.crosses_organizations = why_everybody,
	.on_duplicate = CONFLICT,
};

/* The first id of that moment, to the millisecond. */
static struct id
first_id_at(int64_t milliseconds)
{
	struct id id = { { 0 } };

	for (int i = 5; milliseconds > 0 && i >= 0; i--, milliseconds >>= 8)
		id.bytes[i] = (unsigned char)milliseconds;
	return id;
}

static int64_t
milliseconds_of(struct id id)
{
	int64_t milliseconds = 0;

	for (int i = 0; i < 6; i++)
		milliseconds = milliseconds << 8 | id.bytes[i];
	return milliseconds;
}

/* A run that begins the ten minutes looks back further. */
static int64_t
late_seconds(const struct call *call)
{
	return call->now.microseconds / 1000000 % LATEST_EVERY_SECONDS < EVERY_SECONDS ? LATEST_SECONDS : LATE_SECONDS;
}

/* From where rows may still be missing: so long before the newest that is linked, or before those that can be by
 * now, should the clock have been set back. */
static const struct problem *
find_since(struct call *call, struct id *since)
{
	struct newest_link newest;
	const struct problem *p = sql_one(call, &read_newest, NULL, &newest);
	int64_t milliseconds, settled = call->now.microseconds / 1000 - SETTLED_SECONDS * INT64_C(1000);

	*since = (struct id){ { 0 } };
	if (p != NULL || !newest.audit_id.given)
		return p;
	milliseconds = milliseconds_of(newest.audit_id.value);
	milliseconds = (milliseconds < settled ? milliseconds : settled) - late_seconds(call) * INT64_C(1000);
	*since = first_id_at(milliseconds);
	return NULL;
}

static void
add_hexadecimal(struct buffer *out, const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		buffer_format(out, "%02X", bytes[i]);
}

/* Moves the head on to this row. */
static void
link_row(struct call *call, struct chain_head *head, const struct audit_row *row, struct buffer *links)
{
	struct buffer line = buffer_new(call->arena, 1024);
	struct digest hash;

	buffer_add_string(&line, "purser-audit-1|");
	add_hexadecimal(&line, head->hash.bytes, sizeof(head->hash.bytes));
	buffer_add_char(&line, '|');
	buffer_add_text(&line, row->canonical);
	hash = digest_of(line.at, line.length);
	buffer_format(links, "%c[%" PRId64 ",\"", links->length == 0 ? '[' : ',', head->sequence + 1);
	add_hexadecimal(links, row->id.bytes, sizeof(row->id.bytes));
	buffer_add_string(links, "\",\"");
	add_hexadecimal(links, head->hash.bytes, sizeof(head->hash.bytes));
	buffer_add_string(links, "\",\"");
	add_hexadecimal(links, hash.bytes, sizeof(hash.bytes));
	buffer_add_string(links, "\"]");
	*head = (struct chain_head){ head->sequence + 1, hash };
}

static const struct problem *
link_rows(struct call *call, struct chain_head *head, const struct list *rows)
{
	struct buffer links = buffer_new(call->arena, 256 * (rows->count + 1));
	struct chain_links all;

	for (size_t i = 0; i < rows->count; i++)
		link_row(call, head, (const struct audit_row *)rows->items + i, &links);
	if (rows->count == 0)
		return NULL;
	buffer_add_char(&links, ']');
	all.links = buffer_text(&links);
	return sql_run(call, &add_links, &all, NULL);
}

/* What was looked at once in a run is not looked at again. */
struct linking {
	struct maybe_id since;
	struct id last;
	size_t count;
};

static const struct problem *
link_batch(struct call *call, void *context)
{
	struct linking *linking = context;
	struct unlinked unlinked = { linking->since.value, instant_plus_seconds(call->now, -SETTLED_SECONDS) };
	struct chain_head head = { 0 };
	struct list rows = { .count = 0 };
	const struct problem *p;
	bool found;

	linking->count = 0;
	p = linking->since.given ? NULL : find_since(call, &unlinked.since);
	if (p == NULL)
		p = sql_maybe(call, &read_head, NULL, &head, &found);
	if (p == NULL)
		p = sql_all(call, &list_unlinked, &unlinked, &rows);
	if (p == NULL)
		p = link_rows(call, &head, &rows);
	if (p != NULL || rows.count == 0)
		return p;
	linking->count = rows.count;
	linking->last = ((const struct audit_row *)rows.items)[rows.count - 1].id;
	return NULL;
}

static const struct problem *
chain_audit(struct call *call)
{
	struct linking linking = { .since = { .given = false } };
	const struct problem *p;

	do {
		p = job_step(call, link_batch, &linking);
		linking.since = id_given(linking.last);
	} while (p == NULL && linking.count == BATCH && !job_is_stopping());
	return p;
}

static const struct job chain_audit_job = {
	.id = "audit.chain",
	.summary = "Link new audit rows into the audit's hash chain.",
	.every_seconds = EVERY_SECONDS,
	.run = chain_audit,
};

/* ---- audit.list ------------------------------------------------------------------------------------------------ */

struct audit_query {
	PAGE_MEMBERS;
	struct maybe_instant from;
	struct maybe_instant to;
	struct maybe_id actor;
	struct maybe_text operation;
	struct maybe_text outcome;
};

static const char *
check_outcome(struct text value)
{
	bool known = text_is(value, "ok");

	for (int kind = NO_PROBLEM + 1; kind < RERUN; kind++)
		known = known || text_is(value, problem_facts[kind].code);
	return known ? NULL : "This is neither `ok` nor the code of a problem.";
}

static const struct format outcome_format = { .check = check_outcome };

static const struct field audit_query_fields[] = {
	PAGE_FIELDS(audit_query),
	FIELD(audit_query, from, ANY, "Not before this moment."),
	FIELD(audit_query, to, ANY, "Before this moment."),
	FIELD(audit_query, actor, ANY, "Only the deeds of this key or person."),
	FIELD(audit_query, operation, MATCHING(plain_format, 1, 80), "Only deeds of this operation."),
	FIELD(audit_query, outcome, MATCHING(outcome_format, 1, 40),
	    "Only deeds that ended so: `ok`, or the code of a problem."),
};
SHAPE(audit_query)

struct deed {
	struct id id;
	struct instant at;
	struct thing *actor;
	struct maybe_text address;
	struct text operation;
	struct thing *target;
	struct text outcome;
	struct text request_id;
	struct text actor_type;
	struct maybe_id actor_id;
	struct maybe_text target_type;
	struct maybe_id target_id;
};
static const struct field deed_fields[] = {
	FIELD(deed, id, ANY, "The call's own id."),
	FIELD(deed, at, ANY, "When it was done."),
	FIELD_OBJECT(
	    deed, actor, thing, false, "Who did it; the system itself, and whoever is not known, have an id of zeros."),
	FIELD(deed, address, ANY, "From where; null for an operator and for the system itself."),
	FIELD(deed, operation, ANY, "What was done."),
	FIELD_OBJECT(deed, target, thing, true, "What it was done to, or null."),
	FIELD(deed, outcome, ANY, "`ok`, or the code of the problem that was committed."),
	FIELD(deed, request_id, ANY, "The request it was done by."),
	FIELD(deed, actor_type, HIDDEN, "Part of the actor."),
	FIELD(deed, actor_id, HIDDEN, "Part of the actor."),
	FIELD(deed, target_type, HIDDEN, "Part of the target."),
	FIELD(deed, target_id, HIDDEN, "Part of the target."),
};
SHAPE(deed)

static const struct statement list_deeds = {
	.sql = "SELECT id, at, IF(actor_type = 'operator', NULL, address) AS address, operation, outcome, request_id, "
	       "actor_type, actor_id, target_type, target_id "
	       "FROM audit"
	       " WHERE organization_id = :organization AND id < :cursor AND (:from IS NULL OR at >= :from)"
	       " AND (:to IS NULL OR at < :to) AND (:actor IS NULL OR actor_id = :actor)"
	       " AND (:operation IS NULL OR operation = :operation) AND (:outcome IS NULL OR outcome = :outcome)"
	       " ORDER BY id DESC LIMIT :limit",
	.takes = &audit_query_shape,
	.gives = &deed_shape,
};

HANDLER_EACH(list_audit, audit_query, deed)

static const struct operation list_audit_operation = {
	.id = "audit.list",
	.kind = READ,
	.scope = AUDIT_READ,
	.effect = READS,
	.summary = "List what was done in the organization, and by whom, newest first.",
	.page_key = "id",
	.run = &list_audit_run,
};

static const struct problem *
put_deed(struct call *call, void *sink, const void *row)
{
	struct deed deed = *(const struct deed *)row;
	struct thing actor = { deed.actor_type, deed.actor_id.value };
	struct thing target = { { deed.target_type.at, deed.target_type.length }, deed.target_id.value };

	(void)call;
	deed.actor = &actor;
	if (deed.target_type.at != NULL && deed.target_id.given)
		deed.target = &target;
	return sink_row(sink, &deed);
}

static const struct problem *
list_audit(struct call *call, const struct audit_query *in, struct sink *sink)
{
	return sql_each(call, &list_deeds, in, put_deed, sink);
}

const struct resource audit_resource = {
	.name = "audit",
	.summary = "Who did what, and the proof that it was not changed.",
	.operations = LIST_OF(operation, &list_audit_operation),
	.statements = LIST_OF(statement, &list_deeds, &read_head, &read_newest, &list_unlinked, &add_links),
	.jobs = LIST_OF(job, &chain_audit_job),
};
