/*
 * Spending limits: what a cycle's orders may reach, who sets it, and who hears when it is reached. A limit is set in
 * the organization's currency and kept in credits too, rounded down, so that what holds is never more than what was
 * said.
 */
#include "spending_limits.h"

#include <string.h>

#include "alert_mail.h"
#include "funds.h"
#include "json.h"
#include "ledger.h"
#include "money.h"
#include "organization.h"
#include "outbox.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

#define LIMIT_MOST (INT64_C(1000000000) * 1000000)

/* ---- announcing ------------------------------------------------------------------------------------------------ */

struct limit_event {
	struct credits spent;
	struct credits limit;
};
static const struct field limit_event_fields[] = {
	FIELD(limit_event, spent, ANY, "Credits of the cycle so far, what orders hold included."),
	FIELD(limit_event, limit, ANY, "The limit in credits."),
};
SHAPE(limit_event)

static const struct event_type limit_soft = {
	.type = "limit.soft",
	.entity_type = "organization",
	.summary = "The cycle's spend reached the soft limit; told once a cycle.",
	.data = &limit_event_shape,
};

static const struct event_type limit_hard = {
	.type = "limit.hard",
	.entity_type = "organization",
	.summary = "Something was refused for the hard limit; told once a cycle.",
	.data = &limit_event_shape,
};

const struct problem *
limit_reached(struct call *call, const char *which, struct credits spent, struct credits limit)
{
	const struct event_type *type = strcmp(which, "soft") == 0 ? &limit_soft : &limit_hard;
	const struct limit_event event = { spent, limit };
	struct buffer data = buffer_new(call->arena, 64);
	const struct problem *p = outbox_tell(call, type, call->organization, &event);

	json_write(&data, &limit_event_shape, &event);
	return p != NULL ? p : alert_mail_tell(call, type->type, buffer_text(&data));
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

struct limits_row {
	struct maybe_decimal spending_limit_soft;
	struct maybe_decimal spending_limit_hard;
	struct maybe_decimal spending_limit_ceiling;
	bool enterprise_billing;
	struct amount price; /* of a credit */
};
static const struct field limits_row_fields[] = {
	FIELD(limits_row, spending_limit_soft, ANY, "From where on it is announced."),
	FIELD(limits_row, spending_limit_hard, ANY, "What the cycle's spend may reach."),
	FIELD(limits_row, spending_limit_ceiling, ANY, "What the organization may set as the latter."),
	FIELD(limits_row, enterprise_billing, ANY, "Whether it pays afterwards."),
	FIELD(limits_row, price, ANY, "What a credit costs in its currency."),
};
SHAPE(limits_row)

static const struct statement read_row = {
	.sql = "SELECT o.spending_limit_soft, o.spending_limit_hard, o.spending_limit_ceiling, o.enterprise_billing,"
	       " p.price FROM organization o JOIN credit_price p ON p.currency = o.currency WHERE o.id = :organization",
	.gives = &limits_row_shape,
};

static const struct statement change_row = {
	.sql = "UPDATE organization SET spending_limit_soft = :spending_limit_soft,"
	       " spending_limit_hard = :spending_limit_hard, spending_limit_ceiling = :spending_limit_ceiling,"
	       " updated_at = :now WHERE id = :organization",
	.takes = &limits_row_shape,
};

static struct maybe_decimal
given_limit(struct decimal limit)
{
	return (struct maybe_decimal){ limit, limit.micros > 0 };
}

static struct maybe_credits
in_credits(struct maybe_decimal limit, struct amount price)
{
	return (struct maybe_credits){ { limit.value.micros / price.micros }, limit.given };
}

/* Of no credits at all nobody could spend anything, or everything would be announced. */
static const struct problem *
check_worth(struct call *call, const char *pointer, struct maybe_decimal limit, struct amount price)
{
	char each[AMOUNT_LENGTH + 1];

	if (!limit.given || limit.value.micros >= price.micros)
		return NULL;
	amount_format(price, each);
	return fail_field(
	    call, pointer, "out_of_range", "This is less than a credit, which costs %s; 0 is no limit.", each);
}

/* The book comes last. */
static const struct problem *
store(struct call *call, const struct limits_row *row)
{
	const struct problem *p = check_worth(call, "/spending_limit_hard", row->spending_limit_hard, row->price);

	if (p == NULL)
		p = check_worth(call, "/spending_limit_soft", row->spending_limit_soft, row->price);
	if (p == NULL)
		p = sql_run(call, &change_row, row, NULL);
	if (p == NULL)
		p = ledger_set_limits(call, in_credits(row->spending_limit_soft, row->price),
		    in_credits(row->spending_limit_hard, row->price));
	return p;
}

/* ---- the operator's word --------------------------------------------------------------------------------------- */

const struct problem *
limits_set_by_operator(struct call *call, struct maybe_decimal hard)
{
	struct limits_row row;
	const struct problem *p = sql_one(call, &read_row, NULL, &row);

	if (p != NULL)
		return p;
	if (hard.given)
		row.spending_limit_hard = given_limit(hard.value);
	if (row.enterprise_billing && !row.spending_limit_hard.given)
		return fail(call, CONFLICT,
		    "An organization with enterprise billing always has a hard limit; set spending_limit_hard too.");
	if (!row.enterprise_billing)
		row.spending_limit_ceiling.given = false;
	else if (hard.given || !row.spending_limit_ceiling.given)
		row.spending_limit_ceiling = row.spending_limit_hard;
	if (row.spending_limit_hard.given && row.spending_limit_soft.given &&
	    row.spending_limit_soft.value.micros > row.spending_limit_hard.value.micros)
		row.spending_limit_soft = row.spending_limit_hard;
	p = store(call, &row);
	return p != NULL ? p : ledger_set_post_pay(call, row.enterprise_billing);
}

/* ---- organizations.limits.set ---------------------------------------------------------------------------------- */

struct set_limits {
	struct decimal spending_limit_soft;
	struct decimal spending_limit_hard;
};
static const struct field set_limits_fields[] = {
	FIELD(set_limits, spending_limit_soft, RANGE(0, LIMIT_MOST),
	    "From what spend of a cycle on it is announced, in the organization's currency; 0 for never."),
	FIELD(set_limits, spending_limit_hard, RANGE(0, LIMIT_MOST),
	    "The most that a cycle may spend, in the organization's currency; 0 for no limit."),
};
SHAPE(set_limits)

struct spending_limits {
	struct decimal soft;
	struct decimal hard;
	struct text currency;
	struct maybe_credits soft_credits;
	struct maybe_credits hard_credits;
	struct credits spent;
	struct credits balance;
	struct credits available;
	struct credits reserved;
	struct credits debt;
};
static const struct field spending_limits_fields[] = {
	FIELD(spending_limits, soft, ANY, "From what spend of a cycle on it is announced; 0: never."),
	FIELD(spending_limits, hard, ANY, "The most that a cycle may spend; 0: there is no limit."),
	FIELD(spending_limits, currency, ANY, "The organization's currency."),
	FIELD(spending_limits, soft_credits, ANY, "The former in credits, rounded down, or null."),
	FIELD(spending_limits, hard_credits, ANY, "The latter in credits, rounded down, or null."),
	FIELD(spending_limits, spent, ANY, "Credits of the present cycle, charged and held."),
	FIELD(spending_limits, balance, ANY, "All credits: available and reserved."),
	FIELD(spending_limits, available, ANY, "Credits that can be spent now."),
	FIELD(spending_limits, reserved, ANY, "Credits held by orders."),
	FIELD(spending_limits, debt, ANY, "Credits owed; new credits pay them first."),
};
SHAPE(spending_limits)

HANDLER(set_limits, set_limits, spending_limits)

static const struct operation set_limits_operation = {
	.id = "organizations.limits.set",
	.kind = WRITE,
	.scope = BILLING_WRITE,
	.effect = COMPUTES,
	.summary = "Say what the organization may spend in a cycle, and from where on that is announced.",
	.description =
	    "What is spent already stays spent. An organization that pays afterwards always has a hard limit, at most"
	    " the one that the operator set.",
	.rest = { { .method = METHOD_PUT, .path = "/v1/billing/limits" } },
	.raises = { CONFLICT, ORGANIZATION_CLOSED },
	.run = &set_limits_run,
};

static const struct problem *
check_ceiling(struct call *call, const struct limits_row *row)
{
	char ceiling[AMOUNT_LENGTH + 1];

	if (!row->enterprise_billing)
		return NULL;
	if (!row->spending_limit_hard.given)
		return fail(call, CONFLICT, "An organization with enterprise billing always has a hard limit.");
	if (!row->spending_limit_ceiling.given ||
	    row->spending_limit_hard.value.micros <= row->spending_limit_ceiling.value.micros)
		return NULL;
	amount_format((struct amount){ row->spending_limit_ceiling.value.micros }, ceiling);
	return fail(call, CONFLICT, "The hard limit can be %s at most; only the operator can raise it.", ceiling);
}

static const struct problem *
show(struct call *call, const struct set_limits *in, struct spending_limits *out)
{
	struct funds funds;
	const struct problem *p = funds_read(call, &funds);

	if (p != NULL)
		return p;
	*out = (struct spending_limits){ in->spending_limit_soft, in->spending_limit_hard, funds.currency,
		funds.soft_limit, funds.hard_limit, funds.spent, { funds.available.count + funds.reserved.count },
		funds.available, funds.reserved, funds.debt };
	return NULL;
}

static const struct problem *
set_limits(struct call *call, const struct set_limits *in, struct spending_limits *out)
{
	struct organization organization;
	struct limits_row row;
	const struct problem *p = organization_lock(call, &organization);

	if (p == NULL)
		p = sql_one(call, &read_row, NULL, &row);
	if (p != NULL)
		return p;
	if (in->spending_limit_hard.micros > 0 && in->spending_limit_soft.micros > in->spending_limit_hard.micros)
		return fail_field(
		    call, "/spending_limit_soft", "out_of_range", "The soft limit is above the hard one.");
	row.spending_limit_soft = given_limit(in->spending_limit_soft);
	row.spending_limit_hard = given_limit(in->spending_limit_hard);
	p = check_ceiling(call, &row);
	if (p == NULL)
		p = store(call, &row);
	return p != NULL ? p : show(call, in, out);
}

const struct resource limits_resource = {
	.name = "organizations.limits",
	.summary = "What an organization may spend in a cycle.",
	.operations = LIST_OF(operation, &set_limits_operation),
	.statements = LIST_OF(statement, &read_row, &change_row),
	.events = LIST_OF(event_type, &limit_soft, &limit_hard),
};
