/*
 * organizations.commitments.amend and .cancel: another end, amount or way for what lies ahead. What has fallen due
 * stays due, what counted stays counted.
 */
#include "clock.h"
#include "commitment.h"
#include "formats.h"
#include "organization.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct amend_commitment {
	struct id organization_id;
	struct id commitment_id;
	struct maybe_text starts_on, ends_on;
	struct maybe_amount amount;
	struct list milestones;
	struct texts eligible_services;
	struct maybe_text true_up;
	struct maybe_int rollover_percent;
};
static const struct field amend_commitment_fields[] = {
	FIELD(amend_commitment, organization_id, ANY, "Whose it is."),
	FIELD(amend_commitment, commitment_id, ANY, "The commitment."),
	FIELD(amend_commitment, starts_on, MATCHING(day_format, 10, 10),
	    "Another first day; only before the term begins."),
	FIELD(amend_commitment, ends_on, MATCHING(day_format, 10, 10),
	    "Another last day; not over yet, and behind the milestones that were reached."),
	FIELD(amend_commitment, amount, RANGE(1, COMMITMENT_MOST), "What is promised in all from now on."),
	{ .name = "milestones",
	    .kind = KIND_LIST,
	    .optional = true,
	    FIELD_BASE(amend_commitment, milestones),
	    .shape = &milestone_shape,
	    LENGTH(1, MILESTONES_MOST),
	    .summary = "In place of those that lie ahead; those that were reached stay." },
	FIELD_MAY(amend_commitment, eligible_services, MATCHING(plain_format, 0, SERVICES_MOST),
	    "The services whose order lines count from now on; an empty list: all."),
	FIELD(amend_commitment, true_up, ONE_OF(commitment_true_ups), "Another way; only before the term begins."),
	FIELD(amend_commitment, rollover_percent, RANGE(0, 100),
	    "How much of the excess counts for the next of its name."),
};
SHAPE(amend_commitment)

struct cancel_commitment {
	struct id organization_id;
	struct id commitment_id;
};
static const struct field cancel_commitment_fields[] = {
	FIELD(cancel_commitment, organization_id, ANY, "Whose it is."),
	FIELD(cancel_commitment, commitment_id, ANY, "The commitment."),
};
SHAPE(cancel_commitment)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement change_commitment = {
	.sql = "UPDATE commitment SET starts_on = :starts_on, ends_on = :ends_on, starts_at = :starts_at, ends_at = "
	       ":ends_at,"
	       " amount = :amount, services = :services, true_up = :true_up, rollover_percent = :rollover_percent,"
	       " next_at = :next_at, updated_at = :now WHERE organization_id = :organization AND id = :id",
	.takes = &commitment_shape,
};

static const struct statement drop_milestones = {
	.sql = "DELETE FROM commitment_milestone"
	       " WHERE organization_id = :organization AND commitment_id = :commitment_id AND at > :now",
	.takes = &commitment_ref_shape,
};

static const struct statement cancel_row = {
	.sql = "UPDATE commitment SET cancelled_at = :now, next_at = NULL, updated_at = :now"
	       " WHERE organization_id = :organization AND id = :id",
	.takes = &commitment_shape,
};

static const struct statement list_carried = {
	.sql = "SELECT " COMMITMENT_COLUMNS " FROM commitment WHERE organization_id = :organization AND name = :name"
	       " AND carried_to = :id ORDER BY ends_at, id",
	.takes = &commitment_shape,
	.gives = &commitment_shape,
};

/* ---- amend ----------------------------------------------------------------------------------------------------- */

HANDLER(amend_commitment, amend_commitment, commitment)

const struct operation amend_commitment_operation = {
	.id = "organizations.commitments.amend",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Change a commitment that is not over.",
	.description =
	    "What is left out stays. Days end at midnight in the organization's time zone as it is now; days that are"
	    " over, and what fell due at their end, stay as they were.",
	.raises = { NOT_FOUND, ORGANIZATION_CLOSED, CONFLICT },
	.run = &amend_commitment_run,
};

static const struct problem *
lock_both(struct call *call, struct id id, struct organization *organization, struct commitment *out)
{
	const struct problem *p = organization_lock(call, organization);

	return p != NULL ? p : commitment_lock(call, id, out);
}

/* If it can still be changed, everything that fell due is written down before. */
static const struct problem *
be_open(struct call *call, struct commitment *row)
{
	if (row->cancelled_at.given)
		return fail(call, CONFLICT, "The commitment is cancelled already.");
	if (!instant_before(call->now, row->ends_at))
		return fail(call, CONFLICT, "The commitment's term is over.");
	return commitment_reach(call, row, call->now);
}

/* How many milestones are reached. */
static size_t
count_fixed(const struct commitment *row, struct instant now)
{
	const struct milestone *milestones = row->milestones.items;
	size_t fixed = 0;

	while (fixed < row->milestones.count && !instant_before(now, milestones[fixed].at))
		fixed++;
	return fixed;
}

static void
replace_milestones(struct call *call, struct commitment *row, size_t fixed, const struct list *given)
{
	const struct milestone *from = row->milestones.items, *new = given->items;
	struct milestone *milestones = arena_array(call->arena, fixed + given->count + 1, sizeof(*milestones));

	for (size_t i = 0; i < fixed; i++)
		milestones[i] = from[i];
	for (size_t i = 0; i < given->count; i++)
		milestones[fixed + i] = new[i];
	row->milestones = (struct list){ milestones, fixed + given->count };
}

static const struct problem *
change_terms(struct call *call, const struct amend_commitment *in, struct text zone, struct commitment *row)
{
	bool has_begun = !instant_before(call->now, row->starts_at);
	size_t fixed = count_fixed(row, call->now);
	const struct maybe_instant starts_at = { row->starts_at, has_begun };

	if (has_begun && (in->starts_on.at != NULL || in->true_up.at != NULL))
		return fail(call, CONFLICT, "The term has begun: its first day and its way of billing stay.");
	row->starts_on = text_or(in->starts_on, row->starts_on.at);
	row->ends_on = text_or(in->ends_on, row->ends_on.at);
	row->true_up = text_or(in->true_up, row->true_up.at);
	if (in->amount.given)
		row->amount = in->amount.value;
	if (in->rollover_percent.given)
		row->rollover_percent = in->rollover_percent.value;
	if (in->milestones.count > 0)
		replace_milestones(call, row, fixed, &in->milestones);
	row->eligible_services = commitment_services_split(call, row->services);
	if (in->eligible_services.items != NULL)
		row->eligible_services = in->eligible_services;
	row->services = commitment_services_join(call, row->eligible_services);
	return commitment_check_terms(call, zone, row, fixed, starts_at);
}

static const struct problem *
save_terms(struct call *call, struct commitment *row)
{
	const struct commitment_ref ref = { row->id };
	const struct problem *p;

	row->next_at = commitment_next_point(row, call->now);
	p = sql_run(call, &change_commitment, row, NULL);
	if (p == NULL)
		p = sql_run(call, &drop_milestones, &ref, NULL);
	return p != NULL ? p : commitment_add_milestones(call, row, count_fixed(row, call->now));
}

static const struct problem *
amend_commitment(struct call *call, const struct amend_commitment *in, struct commitment *out)
{
	struct organization organization;
	const struct problem *p = lock_both(call, in->commitment_id, &organization, out);

	if (p == NULL)
		p = be_open(call, out);
	if (p == NULL)
		p = change_terms(call, in, organization.timezone, out);
	if (p == NULL)
		p = save_terms(call, out);
	if (p == NULL)
		p = commitment_lock(call, in->commitment_id, out);
	return p != NULL ? p : commitment_complete(call, out);
}

/* ---- cancel ---------------------------------------------------------------------------------------------------- */

HANDLER(cancel_commitment, cancel_commitment, commitment)

const struct operation cancel_commitment_operation = {
	.id = "organizations.commitments.cancel",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "End a commitment before its term is over.",
	.description =
	    "Nothing more falls due; what fell due at a milestone before stays due. What it had carried in, and no"
	    " milestone has needed, counts for the next of its name. Cancelling again answers the commitment again.",
	.raises = { NOT_FOUND, ORGANIZATION_CLOSED, CONFLICT },
	.run = &cancel_commitment_run,
};

/* What milestones have needed of it is used up, the oldest first. */
static const struct problem *
hand_back(struct call *call, const struct commitment *row)
{
	struct list carried;
	struct commitment *before;
	struct amount used;
	const struct problem *p = commitment_carried_used(call, row, &used);

	if (p == NULL)
		p = sql_all(call, &list_carried, row, &carried);
	if (p != NULL)
		return p;
	before = carried.items;
	for (size_t i = 0; p == NULL && i < carried.count; i++) {
		int64_t *rollover = &before[i].rollover.value.micros;
		int64_t taken = used.micros < *rollover ? used.micros : *rollover;

		*rollover -= taken;
		used.micros -= taken;
		if (*rollover > 0)
			p = commitment_hand_on(call, &before[i]);
	}
	return p;
}

static const struct problem *
end_it(struct call *call, struct commitment *row)
{
	const struct problem *p = be_open(call, row);

	if (p == NULL)
		p = sql_run(call, &cancel_row, row, NULL);
	return p != NULL ? p : hand_back(call, row);
}

static const struct problem *
cancel_commitment(struct call *call, const struct cancel_commitment *in, struct commitment *out)
{
	struct organization organization;
	const struct problem *p = lock_both(call, in->commitment_id, &organization, out);

	if (p == NULL && !out->cancelled_at.given)
		p = end_it(call, out);
	if (p == NULL)
		p = commitment_lock(call, in->commitment_id, out);
	return p != NULL ? p : commitment_complete(call, out);
}

const struct resource commitment_amend_resource = {
	.name = "commitment_amend",
	.summary = "How a commitment is changed and ended early.",
	.statements = LIST_OF(statement, &change_commitment, &drop_milestones, &cancel_row, &list_carried),
};
