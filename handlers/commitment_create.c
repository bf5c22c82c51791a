/*
 * organizations.commitments.create: an operator writes down what an organization has promised. What those of the same
 * name before it used too much counts for it.
 */
#include "clock.h"
#include "commitment.h"
#include "formats.h"
#include "id.h"
#include "organization.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

struct create_commitment {
	struct id organization_id;
	struct text name;
	struct text starts_on, ends_on;
	struct amount amount;
	struct maybe_text currency;
	struct list milestones;
	struct texts eligible_services;
	struct maybe_text true_up;
	struct maybe_int rollover_percent;
};
static const struct field create_commitment_fields[] = {
	FIELD(create_commitment, organization_id, ANY, "Who makes it."),
	FIELD(
	    create_commitment, name, MATCHING(plain_format, 1, 200), "Its name; those of one name follow each other."),
	FIELD(create_commitment, starts_on, MATCHING(day_format, 10, 10), "The first day, in the organization's zone."),
	FIELD(create_commitment, ends_on, MATCHING(day_format, 10, 10), "The last day; not over yet."),
	FIELD(create_commitment, amount, RANGE(1, COMMITMENT_MOST),
	    "What is promised in all, as the prices of the organization's credits are: tax included where it pays "
	    "before,"
	    " without tax where it pays afterwards."),
	FIELD(create_commitment, currency, ONE_OF(organization_currencies), "The organization's, and no other."),
	{ .name = "milestones",
	    .kind = KIND_LIST,
	    .optional = true,
	    FIELD_BASE(create_commitment, milestones),
	    .shape = &milestone_shape,
	    LENGTH(1, MILESTONES_MOST),
	    .summary = "What is to be used until when, in order." },
	FIELD_MAY(create_commitment, eligible_services, MATCHING(plain_format, 0, SERVICES_MOST),
	    "The services whose order lines count; all where it is left out or empty."),
	FIELD(create_commitment, true_up, ONE_OF(commitment_true_ups),
	    "Whether what is missing is billed at the end (where it is left out), or at each milestone, too."),
	FIELD(create_commitment, rollover_percent, RANGE_OR(0, 100, 0),
	    "How much of what is used beyond it counts for the next of its name."),
};
SHAPE(create_commitment)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement insert_commitment = {
	.sql =
	    "INSERT INTO commitment (id, organization_id, name, starts_on, ends_on, starts_at, ends_at, amount, "
	    "currency,"
	    " services, true_up, rollover_percent, next_at, created_at, updated_at) VALUES (:id, :organization, :name,"
	    " :starts_on, :ends_on, :starts_at, :ends_at, :amount, :currency, :services, :true_up, :rollover_percent,"
	    " :next_at, :now, :now)",
	.takes = &commitment_shape,
};

/* Whoever ends one of the name has the organization's row locked, too. */
static const struct statement list_before = {
	.sql = "SELECT " COMMITMENT_COLUMNS " FROM commitment WHERE organization_id = :organization AND name = :name"
	       " AND rollover > 0 AND carried_to IS NULL AND ends_at <= :starts_at ORDER BY ends_at, id",
	.takes = &commitment_shape,
	.gives = &commitment_shape,
};

HANDLER(create_commitment, create_commitment, commitment)

const struct operation create_commitment_operation = {
	.id = "organizations.commitments.create",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Write down what an organization promises to use in a term.",
	.description =
	    "Order lines that are settled in the term count at the price of their credits, until the order is "
	    "refunded. What is"
	    " missing at the end, or at a milestone, is billed once, by the monthly run. Days end at midnight in the"
	    " organization's time zone as it is now.",
	.raises = { NOT_FOUND, ORGANIZATION_CLOSED },
	.run = &create_commitment_run,
};

static const struct problem *
take_over(struct call *call, const struct commitment *commitment)
{
	struct list before;
	const struct commitment *row;
	const struct problem *p = sql_all(call, &list_before, commitment, &before);

	row = before.items;
	for (size_t i = 0; p == NULL && i < before.count; i++)
		p = commitment_hand_on(call, &row[i]);
	return p;
}

static const struct problem *
create_commitment(struct call *call, const struct create_commitment *in, struct commitment *out)
{
	struct organization organization;
	struct commitment row = {
		.id = id_new(call->now),
		.name = in->name,
		.starts_on = in->starts_on,
		.ends_on = in->ends_on,
		.amount = in->amount,
		.milestones = in->milestones,
		.eligible_services = in->eligible_services,
		.true_up = text_or(in->true_up, "at_end"),
		.rollover_percent = in->rollover_percent.value,
	};
	const struct problem *p = organization_lock(call, &organization);

	if (p == NULL && in->currency.at != NULL && !text_is(organization.currency, in->currency.at))
		p = fail_field(
		    call, "/currency", "not_allowed", "The organization pays in %s.", organization.currency.at);
	if (p == NULL)
		p = commitment_check_terms(
		    call, organization.timezone, &row, 0, (struct maybe_instant){ .given = false });
	if (p != NULL)
		return p;
	row.currency = organization.currency;
	row.services = commitment_services_join(call, row.eligible_services);
	row.next_at = commitment_next_point(&row, call->now);
	p = sql_run(call, &insert_commitment, &row, NULL);
	if (p == NULL)
		p = commitment_add_milestones(call, &row, 0);
	if (p == NULL)
		p = take_over(call, &row);
	if (p == NULL)
		p = commitment_lock(call, row.id, out);
	return p != NULL ? p : commitment_complete(call, out);
}

const struct resource commitment_create_resource = {
	.name = "commitment_create",
	.summary = "How a commitment is made.",
	.statements = LIST_OF(statement, &insert_commitment, &list_before),
};
