/*
 * Reads an organization's book for those who want to know what it can spend, without changing it.
 */
#include "funds.h"

#include "resources.h"
#include "statement.h"

static const struct field funds_fields[] = {
	FIELD(funds, currency, ANY, "The organization's currency."),
	FIELD(funds, available, ANY, "Credits that can be spent now."),
	FIELD(funds, reserved, ANY, "Credits held by orders."),
	FIELD(funds, debt, ANY, "Credits owed."),
	FIELD(funds, post_pay, ANY, "Whether orders are paid afterwards."),
	FIELD(funds, spent, ANY, "What the cycle has spent, with what is held."),
	FIELD(funds, soft_limit, ANY, "From where on it is announced."),
	FIELD(funds, hard_limit, ANY, "What it may reach."),
};
SHAPE(funds)

/* A cycle that is over counts no more; the next one begins with what is held (ledger_post). */
static const struct statement read_funds = {
	.sql =
	    "SELECT b.currency, b.available - LEAST(b.available, CAST(COALESCE((SELECT SUM(l.remaining) FROM lot l"
	    " WHERE l.organization_id = b.organization_id AND l.is_open = TRUE AND NOT l.fell_due"
	    " AND l.expires_at <= :now), 0) AS SIGNED)) AS available, b.reserved, b.debt, b.post_pay,"
	    " COALESCE(IF(b.cycle_ends_at <= :now, b.reserved + b.committed, b.cycle_spend), 0) AS spent, b.soft_limit,"
	    " b.hard_limit FROM book b WHERE b.organization_id = :organization",
	.gives = &funds_shape,
};

const struct problem *
funds_read(struct call *call, struct funds *out)
{
	return sql_one(call, &read_funds, NULL, out);
}

bool
funds_suffice(const struct funds *funds, struct credits credits)
{
	if (funds->hard_limit.given && credits.count > funds->hard_limit.value.count - funds->spent.count)
		return false;
	return funds->post_pay || credits.count <= funds->available.count;
}

const struct resource funds_resource = {
	.name = "funds",
	.summary = "What can be spent.",
	.statements = LIST_OF(statement, &read_funds),
};
