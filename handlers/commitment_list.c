/*
 * Commitments as their organization reads them: in batches, since each is completed by reads of its own.
 */
#include "commitment.h"

#include "id.h"
#include "json.h"
#include "page.h"
#include "resources.h"
#include "statement.h"

enum { BATCH = 100 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct list_commitments {
	PAGE_MEMBERS;
	struct maybe_id commitment_id;
	struct maybe_bool include_line_items;
};
static const struct field list_commitments_fields[] = {
	PAGE_FIELDS(list_commitments),
	FIELD(list_commitments, commitment_id, ANY, "Only this one."),
	FIELD(list_commitments, include_line_items, ANY, "Whether the order lines that counted are shown."),
};
SHAPE(list_commitments)

struct batch_query {
	struct maybe_id commitment_id;
	struct maybe_id before;
};
static const struct field batch_query_fields[] = {
	FIELD(batch_query, commitment_id, ANY, "Only this one."),
	FIELD(batch_query, before, ANY, "Made before this one."),
};
SHAPE(batch_query)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement list_batch = {
	.sql = "SELECT " COMMITMENT_COLUMNS " FROM commitment WHERE organization_id = :organization AND id < :cursor"
	       " AND (:before IS NULL OR id < :before) AND (:commitment_id IS NULL OR id = :commitment_id)"
	       " ORDER BY id DESC LIMIT 100",
	.takes = &batch_query_shape,
	.gives = &commitment_shape,
};

/* Where several lines are of one moment, the later line comes first, too. */
static const struct statement list_lines = {
	.sql = "SELECT u.at, u.order_id, o.reference, u.line, u.is_refund,"
	       " COALESCE(JSON_VALUE(o.`lines`, CONCAT('$[', u.line, '].sku')), '') AS sku,"
	       " COALESCE(JSON_VALUE(o.`lines`, CONCAT('$[', u.line, '].description')), '') AS description,"
	       " JSON_VALUE(o.`lines`, CONCAT('$[', u.line, '].service')) AS service, u.credits, u.amount"
	       " FROM commitment_use u JOIN orders o ON o.organization_id = u.organization_id AND o.id = u.order_id"
	       " WHERE u.organization_id = :organization AND u.commitment_id = :commitment_id"
	       " ORDER BY u.at DESC, u.order_id DESC, u.line DESC, u.is_refund DESC LIMIT 1000",
	.takes = &commitment_ref_shape,
	.gives = &commitment_line_item_shape,
};

/* ---- operation ------------------------------------------------------------------------------------------------- */

HANDLER_EACH(list_commitments, list_commitments, commitment)

static const struct operation list_commitments_operation = {
	.id = "organizations.commitments.list",
	.kind = READ,
	.scope = ORDERS_READ,
	.effect = READS,
	.summary = "List the organization's commitments, how far they are used and what is due, newest first.",
	.description = "Every figure is as of now: what is over is over at once, whenever the bill comes.",
	.raises = { NOT_FOUND },
	.page_key = "id",
	.run = &list_commitments_run,
};

static const struct problem *
put_commitment(struct call *call, struct commitment *row, bool with_lines, struct sink *sink)
{
	const struct commitment_ref ref = { row->id };
	struct list lines;
	const struct problem *p = commitment_complete(call, row);

	if (p == NULL && with_lines) {
		p = sql_all(call, &list_lines, &ref, &lines);
		if (p == NULL)
			row->line_items = json_rows(call->arena, &commitment_line_item_shape, &lines);
	}
	return p != NULL ? p : sink_row(sink, row);
}

/* As much of it as the page holds, and one more, which tells that another page follows. */
static const struct problem *
put_batch(struct call *call, const struct list *batch, bool with_lines, bool *is_over, struct sink *sink)
{
	struct commitment *row = batch->items;
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && i < batch->count && !*is_over; i++) {
		struct arena_mark mark = arena_mark(call->arena);

		*is_over = sink_is_full(sink);
		p = *is_over ? sink_row(sink, &row[i]) : put_commitment(call, &row[i], with_lines, sink);
		if (p == NULL)
			arena_release(call->arena, mark);
	}
	return p;
}

static const struct problem *
list_commitments(struct call *call, const struct list_commitments *in, struct sink *sink)
{
	struct batch_query query = { .commitment_id = in->commitment_id };
	bool with_lines = in->include_line_items.given && in->include_line_items.value;
	struct list batch = { .count = BATCH };
	bool is_over = false;

	while (batch.count == BATCH && !is_over) {
		struct arena_mark mark = arena_mark(call->arena);
		const struct problem *p = sql_all(call, &list_batch, &query, &batch);

		if (p == NULL && batch.count == 0 && in->commitment_id.given && call->page.cursor.length == 0)
			p = fail(call, NOT_FOUND, "There is no such commitment.");
		if (p == NULL)
			p = put_batch(call, &batch, with_lines, &is_over, sink);
		if (p != NULL)
			return p;
		if (batch.count > 0)
			query.before = id_given(((const struct commitment *)batch.items)[batch.count - 1].id);
		arena_release(call->arena, mark);
	}
	return NULL;
}

const struct resource commitments_resource = {
	.name = "commitments",
	.summary = "What organizations promise to use, and how far they have come.",
	.operations = LIST_OF(operation, &list_commitments_operation, &create_commitment_operation,
	    &amend_commitment_operation, &cancel_commitment_operation),
	.statements = LIST_OF(statement, &list_batch, &list_lines),
};
