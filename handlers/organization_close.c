/*
 * Closing an organization, and reopening it: its keys are refused from the commit on, its people only read.
 */
#include "approval.h"
#include "auto_topup.h"
#include "clock.h"
#include "invoice.h"
#include "json.h"
#include "ledger.h"
#include "organization.h"
#include "outbox.h"
#include "resources.h"
#include "statement.h"
#include "subscription.h"
#include "text.h"

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement close_row = {
	.sql =
	    "UPDATE organization SET status = 'closed', closed_at = :now, updated_at = :now WHERE id = :organization",
};

static const struct statement reopen_row = {
	.sql =
	    "UPDATE organization SET status = 'active', closed_at = NULL, updated_at = :now WHERE id = :organization",
};

struct owner {
	struct id id;
	struct maybe_text email;
};
static const struct field owner_fields[] = {
	FIELD(owner, id, ANY, "The person."),
	FIELD(owner, email, ANY, "Where mails go."),
};
SHAPE(owner)

static const struct statement list_owners = {
	.sql = "SELECT u.id, u.email FROM membership m JOIN user u ON u.id = m.user_id"
	       " WHERE m.organization_id = :organization AND m.role = 'owner' AND m.is_active AND u.email IS NOT NULL"
	       " ORDER BY u.id",
	.gives = &owner_shape,
};

/* ---- events ---------------------------------------------------------------------------------------------------- */

struct organization_closed {
	struct id id;
	struct instant deletes_at;
};
static const struct field organization_closed_fields[] = {
	FIELD(organization_closed, id, ANY, "The organization."),
	FIELD(organization_closed, deletes_at, ANY, "From then on people and secrets are erased; the ledger is kept."),
};
SHAPE(organization_closed)

struct organization_reopened {
	struct id id;
};
static const struct field organization_reopened_fields[] = {
	FIELD(organization_reopened, id, ANY, "The organization."),
};
SHAPE(organization_reopened)

static const struct event_type closed_event = {
	.type = "organization.closed",
	.entity_type = "organization",
	.summary = "The organization was closed; it can be read until it is erased.",
	.data = &organization_closed_shape,
};

static const struct event_type reopened_event = {
	.type = "organization.reopened",
	.entity_type = "organization",
	.summary = "The operator has opened the organization again.",
	.data = &organization_reopened_shape,
};

/* ---- what is shared -------------------------------------------------------------------------------------------- */

static struct instant
deletes_at(const struct call *call)
{
	return instant_plus_seconds(call->now, ORGANIZATION_KEPT_SECONDS);
}

static const struct problem *
mail_owners(struct call *call, const struct organization_closed *data)
{
	struct buffer text = buffer_new(call->arena, 128);
	struct list owners;
	const struct owner *owner;
	const struct problem *p = sql_all(call, &list_owners, NULL, &owners);

	json_write(&text, &organization_closed_shape, data);
	owner = owners.items;
	for (size_t i = 0; p == NULL && i < owners.count; i++)
		p = outbox_mail(call, "organization_closed", (struct text){ owner[i].email.at, owner[i].email.length },
		    "organization", call->organization, buffer_text(&text), (struct text){ NULL, 0 });
	return p;
}

const struct problem *
organization_close(struct call *call)
{
	struct organization_closed data = { .id = call->organization };
	const struct problem *p = payment_abandon_waiting(call);

	if (p == NULL)
		p = subscriptions_end(call);
	if (p == NULL)
		p = sql_run(call, &close_row, NULL, NULL);
	if (p == NULL)
		p = organization_tell_keys(call);
	if (p == NULL)
		p = approvals_reject_pending(call, TEXT("The organization was closed."));
	if (p != NULL)
		return p;
	data.deletes_at = deletes_at(call);
	p = outbox_tell(call, &closed_event, call->organization, &data);
	if (p == NULL)
		p = mail_owners(call, &data);
	return p != NULL ? p : auto_topup_end(call);
}

const struct problem *
organization_reopen(struct call *call)
{
	const struct organization_reopened data = { call->organization };
	const struct problem *p = sql_run(call, &reopen_row, NULL, NULL);

	if (p == NULL)
		p = organization_tell_keys(call);
	return p != NULL ? p : outbox_tell(call, &reopened_event, call->organization, &data);
}

/* ---- organizations.close --------------------------------------------------------------------------------------- */

struct closed_organization {
	struct id id;
	struct instant deletes_at;
	struct credits balance;
	int64_t open_invoices;
};
static const struct field closed_organization_fields[] = {
	FIELD(closed_organization, id, ANY, "The organization."),
	FIELD(closed_organization, deletes_at, ANY, "From then on people and secrets are erased; the ledger is kept."),
	FIELD(closed_organization, balance, ANY, "Credits that it leaves behind, reserved ones included."),
	FIELD(closed_organization, open_invoices, ANY, "Invoices that are not paid yet."),
};
SHAPE(closed_organization)

HANDLER(close_organization, nothing, closed_organization)

const struct operation close_organization_operation = {
	.id = "organizations.close",
	.kind = WRITE,
	.scope = ORGANIZATIONS_WRITE,
	.effect = DESTROYS,
	.human = true,
	.roles = ROLE_BIT(ROLE_OWNER),
	.summary = "Close the organization; 30 days later its people and secrets are erased.",
	.description =
	    "Its keys are refused at once; its people still read, and everything else is"
	    " `organization_closed`. What waits for a buyer or for an approval is turned down, and nothing is bought"
	    " by itself any more; its subscriptions end, for good; a charge that is under way is still booked, and "
	    "what orders reserve is released"
	    " when their time is over. Until the erasure an operator can reopen it. The ledger, and the audit with"
	    " the addresses that deeds came from, are kept under the organization's id.",
	.raises = { ORGANIZATION_CLOSED },
	.run = &close_organization_run,
};

/* The book as readers see it: what fell due is posted first. */
static const struct problem *
read_balance(struct call *call, struct credits *balance)
{
	struct posted posted;
	const struct problem *p;

	do {
		p = ledger_expire(call, &posted);
		if (p != NULL)
			return p;
	} while (posted.available.count < posted.available_before.count);
	balance->count = posted.available.count + posted.reserved.count;
	return NULL;
}

static const struct problem *
close_organization(struct call *call, const struct nothing *in, struct closed_organization *out)
{
	struct organization organization;
	const struct problem *p = organization_lock(call, &organization);

	(void)in;
	*out = (struct closed_organization){ .id = call->organization };
	if (p == NULL)
		p = invoices_count_open(call, &out->open_invoices);
	if (p == NULL)
		p = organization_close(call);
	out->deletes_at = deletes_at(call);
	return p != NULL ? p : read_balance(call, &out->balance);
}

const struct resource organization_close_resource = {
	.name = "organization_close",
	.summary = "How organizations are closed and reopened.",
	.statements = LIST_OF(statement, &close_row, &reopen_row, &list_owners),
	.events = LIST_OF(event_type, &closed_event, &reopened_event),
};
