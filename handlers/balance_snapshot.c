/*
 * Snapshots of balances as callers read them, and the writing of one.
 */
#include "balance_snapshot.h"

#include <string.h>

#include "id.h"
#include "page.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

static const char *const sources[] = { "ledger", "provider", NULL };

struct balance_snapshot {
	struct id id;
	struct id organization_id;
	struct text amount;
	struct currency currency;
	struct text source;
	struct instant collected_at;
};
static const struct field balance_snapshot_fields[] = {
	FIELD(balance_snapshot, id, HIDDEN, "The snapshot."),
	FIELD(balance_snapshot, organization_id, ANY, "Whose balance it is."),
	FIELD(balance_snapshot, amount, ANY, "The balance, with every digit that the source gave."),
	FIELD(balance_snapshot, currency, ANY, "What it is in, as the source said (ISO 4217)."),
	FIELD(balance_snapshot, source, ONE_OF(sources), "Who said so: our own ledger, or the provider of balances."),
	FIELD(balance_snapshot, collected_at, ANY, "When that was; it was the same until the next snapshot."),
};
SHAPE(balance_snapshot)

#define SNAPSHOT_COLUMNS "id, organization_id, amount, currency, source, collected_at"

static const struct statement read_latest = {
	.sql = "SELECT " SNAPSHOT_COLUMNS " FROM balance_snapshot WHERE organization_id = :organization"
	       " ORDER BY id DESC LIMIT 1",
	.gives = &balance_snapshot_shape,
};

static const struct statement insert_snapshot = {
	.sql = "INSERT INTO balance_snapshot (" SNAPSHOT_COLUMNS ") VALUES (:id, :organization, :amount, :currency,"
	       " :source, :now)",
	.takes = &balance_snapshot_shape,
};

/* ---- latest ---------------------------------------------------------------------------------------------------- */

HANDLER(latest_balance, nothing, balance_snapshot)

static const struct operation latest_operation = {
	.id = "organizations.balance.latest",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "Read the newest snapshot of the organization's balance.",
	.description = "Every three hours the balance is collected; a snapshot is made when it has changed.",
	.raises = { NOT_FOUND },
	.run = &latest_balance_run,
	.rest = { { .method = METHOD_GET, .path = "/v1/organization/balance" } },
};

static const struct problem *
latest_balance(struct call *call, const struct nothing *in, struct balance_snapshot *out)
{
	bool found;
	const struct problem *p = sql_maybe(call, &read_latest, NULL, out, &found);

	(void)in;
	return p != NULL || found ? p : fail(call, NOT_FOUND, "The balance has not been collected yet.");
}

/* ---- history --------------------------------------------------------------------------------------------------- */

struct balance_history {
	PAGE_MEMBERS;
	struct maybe_instant from;
	struct maybe_instant to;
};
static const struct field balance_history_fields[] = {
	PAGE_FIELDS(balance_history),
	FIELD(balance_history, from, ANY, "Not collected before this moment."),
	FIELD(balance_history, to, ANY, "Collected before this moment."),
};
SHAPE(balance_history)

static const struct statement list_snapshots = {
	.sql =
	    "SELECT " SNAPSHOT_COLUMNS " FROM balance_snapshot WHERE organization_id = :organization AND id < :cursor"
	    " AND (:from IS NULL OR collected_at >= :from) AND (:to IS NULL OR collected_at < :to)"
	    " ORDER BY id DESC LIMIT :limit",
	.takes = &balance_history_shape,
	.gives = &balance_snapshot_shape,
};

HANDLER_EACH(list_balances, balance_history, balance_snapshot)

static const struct operation history_operation = {
	.id = "organizations.balance.history",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "List the snapshots of the organization's balance, newest first.",
	.page_key = "id",
	.run = &list_balances_run,
};

static const struct problem *
list_balances(struct call *call, const struct balance_history *in, struct sink *sink)
{
	return sql_page(call, &list_snapshots, in, sink);
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

struct keeping {
	const struct snapshot_turn *turn;
	const struct balance_reading *reading;
};

/* The turn's row is locked: nobody else writes between the look and the row. */
static const struct problem *
keep(struct call *call, void *context)
{
	const struct keeping *keeping = context;
	struct balance_snapshot last = { 0 }, next = { .organization_id = call->organization,
		.amount = keeping->reading->amount,
		.currency = keeping->reading->currency,
		.source = keeping->reading->source,
		.collected_at = call->now };
	bool is_ours, found = false;
	const struct problem *p = snapshot_end(call, keeping->turn, &is_ours);

	if (p == NULL && is_ours)
		p = sql_maybe(call, &read_latest, NULL, &last, &found);
	if (p != NULL || !is_ours)
		return p;
	if (found && text_equal(last.amount, next.amount) && strcmp(last.currency.code, next.currency.code) == 0)
		return NULL;
	next.id = id_new_behind(call->now, last.id);
	return sql_run(call, &insert_snapshot, &next, NULL);
}

const struct problem *
balance_snapshot_keep(struct call *call, const struct snapshot_turn *turn, const struct balance_reading *reading)
{
	struct keeping keeping = { turn, reading };

	call_acts_for(call, turn->organization_id);
	return job_step(call, keep, &keeping);
}

const struct resource balance_snapshots_resource = {
	.name = "organizations.balance",
	.summary = "What an organization had, as it was collected.",
	.operations = LIST_OF(operation, &latest_operation, &history_operation),
	.statements = LIST_OF(statement, &read_latest, &insert_snapshot, &list_snapshots),
};
