/*
 * Credits that an operator gives, and corrections of what an organization has.
 */
#include "resources.h"

#include "call.h"
#include "clock.h"
#include "formats.h"
#include "ledger.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *const grant_sources[] = { "promotional", "free_tier", "goodwill", NULL };

struct create_grant {
	struct id organization_id;
	struct credits credits;
	struct text source;
	struct maybe_instant expires_at;
	struct maybe_int priority;
};
static const struct field create_grant_fields[] = {
	FIELD(create_grant, organization_id, ANY, "Who gets them."),
	FIELD(create_grant, credits, RANGE(1, LEDGER_MOST), "How many."),
	FIELD(create_grant, source, ONE_OF(grant_sources), "Why they are given."),
	FIELD(create_grant, expires_at, ANY, "When what is left of them expires; never where it is left out."),
	FIELD(create_grant, priority, RANGE_OR(-1000, 1000, 0),
	    "Their place in the drawing order; the lowest is drawn first."),
};
SHAPE(create_grant)

struct grant {
	struct id id;
	struct id organization_id;
	struct credits credits;
	struct text source;
	struct maybe_instant expires_at;
	int64_t priority;
	int64_t sequence;
	struct credits available;
	struct credits reserved;
	struct credits debt;
	struct instant created_at;
};
static const struct field grant_fields[] = {
	FIELD(grant, id, ANY, "The entry's id."),
	FIELD(grant, organization_id, ANY, "Who got them."),
	FIELD(grant, credits, ANY, "How many; what was owed took its part first."),
	FIELD(grant, source, ONE_OF(grant_sources), "Why they were given."),
	FIELD(grant, expires_at, ANY, "When what is left of them expires; never when null."),
	FIELD(grant, priority, ANY, "Their place in the drawing order; the lowest is drawn first."),
	FIELD(grant, sequence, ANY, "The entry's place among the organization's."),
	FIELD(grant, available, ANY, "Available credits now."),
	FIELD(grant, reserved, ANY, "Reserved credits now."),
	FIELD(grant, debt, ANY, "Credits still owed."),
	FIELD(grant, created_at, ANY, "When they were given."),
};
SHAPE(grant)

struct create_adjustment {
	struct id organization_id;
	struct credits credits;
	struct text reason;
};
static const struct field create_adjustment_fields[] = {
	FIELD(create_adjustment, organization_id, ANY, "Whose credits are corrected."),
	FIELD(create_adjustment, credits, RANGE(-LEDGER_MOST, LEDGER_MOST),
	    "By how many; not 0, and negative to take them away."),
	FIELD(create_adjustment, reason, MATCHING(plain_format, 1, 500), "Why, for those who read the transactions."),
};
SHAPE(create_adjustment)

struct adjustment {
	struct id id;
	struct id organization_id;
	struct credits credits;
	struct text reason;
	int64_t sequence;
	struct credits available;
	struct credits reserved;
	struct credits debt;
	struct instant created_at;
};
static const struct field adjustment_fields[] = {
	FIELD(adjustment, id, ANY, "The entry's id."),
	FIELD(adjustment, organization_id, ANY, "Whose credits were corrected."),
	FIELD(adjustment, credits, ANY, "By how many."),
	FIELD(adjustment, reason, ANY, "Why."),
	FIELD(adjustment, sequence, ANY, "The entry's place among the organization's."),
	FIELD(adjustment, available, ANY, "Available credits now."),
	FIELD(adjustment, reserved, ANY, "Reserved credits now."),
	FIELD(adjustment, debt, ANY, "Credits still owed."),
	FIELD(adjustment, created_at, ANY, "When it was booked."),
};
SHAPE(adjustment)

/* ---- operations ------------------------------------------------------------------------------------------------ */

HANDLER(create_grant, create_grant, grant)

static const struct operation create_grant_operation = {
	.id = "billing.grants.create",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Give an organization credits.",
	.run = &create_grant_run,
	.raises = { NOT_FOUND, CONFLICT },
};

static const struct problem *
create_grant(struct call *call, const struct create_grant *in, struct grant *out)
{
	struct posting posting = {
		.reason = LEDGER_GRANT,
		.credits = in->credits,
		.lot_source = { in->source.at, in->source.length },
		.lot_expires_at = in->expires_at,
		.lot_priority = in->priority,
	};
	struct posted posted;
	const struct problem *p;

	if (in->expires_at.given && !instant_before(call->now, in->expires_at.value))
		return fail_field(call, "/expires_at", "out_of_range", "Credits can't expire before they are given.");
	p = ledger_post(call, &posting, &posted);
	if (p != NULL)
		return p;
	*out = (struct grant){ posted.entry_id, call->organization, in->credits, in->source, in->expires_at,
		in->priority.value, posted.sequence, posted.available, posted.reserved, posted.debt, call->now };
	return NULL;
}

HANDLER(create_adjustment, create_adjustment, adjustment)

static const struct operation create_adjustment_operation = {
	.id = "billing.adjustments.create",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Correct an organization's credits, up or down.",
	.run = &create_adjustment_run,
	.raises = { INSUFFICIENT_CREDITS, NOT_FOUND, CONFLICT },
};

static const struct problem *
create_adjustment(struct call *call, const struct create_adjustment *in, struct adjustment *out)
{
	struct posting posting = {
		.reason = LEDGER_ADJUSTMENT,
		.credits = in->credits,
		.description = { in->reason.at, in->reason.length },
	};
	struct posted posted;
	const struct problem *p;

	if (in->credits.count == 0)
		return fail_field(call, "/credits", "out_of_range", "An adjustment by 0 changes nothing.");
	p = ledger_post(call, &posting, &posted);
	if (p != NULL)
		return p;
	*out = (struct adjustment){ posted.entry_id, call->organization, in->credits, in->reason, posted.sequence,
		posted.available, posted.reserved, posted.debt, call->now };
	return NULL;
}

const struct resource grants_resource = {
	.name = "billing.grants",
	.summary = "Credits given and corrected by operators.",
	.operations = LIST_OF(operation, &create_grant_operation, &create_adjustment_operation),
};
