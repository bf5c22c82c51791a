/*
 * Asking for a purchase that a person has to approve, reading what was asked, and ending what nobody decided in time.
 */
#include "approval.h"

#include "clock.h"
#include "id.h"
#include "json.h"
#include "organization.h"
#include "outbox.h"
#include "page.h"
#include "payment.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

enum { HOUR_SECONDS = 3600, EXPIRY_HOURS_MOST = 720, EXPIRY_HOURS = 72, BATCH = 100 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *const statuses[] = { "pending", "approved", "rejected", "expired", NULL };

static const struct field approval_fields[] = {
	FIELD(approval, id, ANY, "The approval."),
	FIELD(approval, organization_id, ANY, "Who buys."),
	FIELD(approval, credits, ANY, "How many credits."),
	FIELD(approval, amount, ANY, "What the card is charged for them, tax included."),
	FIELD(approval, currency, ANY, "Of the amount."),
	FIELD(approval, status, ONE_OF(statuses),
	    "What became of it. It stays `pending` while its charge is in flight: `topup_id` is set then."),
	FIELD(approval, requested_by, ANY, "The person or key that asked."),
	FIELD(approval, requested_at, ANY, "When."),
	FIELD(approval, expires_at, ANY, "Until when it can be decided; a charge in flight is waited for."),
	FIELD(approval, decided_by, ANY, "The person who approved or rejected it."),
	FIELD(approval, decided_at, ANY, "When that took effect."),
	FIELD(approval, reason, ANY, "Why it was rejected, where the person said so."),
	FIELD(approval, topup_id, ANY, "The purchase in flight, or that succeeded."),
	FIELD(approval, last_error, ANY, "Why the last charge failed; another one can be tried."),
	FIELD(approval, requested_by_person, HIDDEN, "The person behind who asked."),
};
const struct shape approval_shape = {
	.name = "approval",
	.size = sizeof(struct approval),
	.count = COUNT(approval_fields),
	.fields = approval_fields,
};

struct request_approval {
	struct credits credits;
	struct maybe_int expiry_hours;
};
static const struct field request_approval_fields[] = {
	FIELD(request_approval, credits, AT_LEAST(1), "How many credits to buy."),
	FIELD(request_approval, expiry_hours, RANGE_OR(1, EXPIRY_HOURS_MOST, EXPIRY_HOURS),
	    "For how many hours it can be decided."),
};
SHAPE(request_approval)

struct approval_list {
	PAGE_MEMBERS;
	struct maybe_text status;
};
static const struct field approval_list_fields[] = {
	PAGE_FIELDS(approval_list),
	FIELD(approval_list, status, ONE_OF(statuses), "Only those in this state."),
};
SHAPE(approval_list)

struct new_approval {
	struct id id;
	struct credits credits;
	struct amount amount;
	struct text currency;
	struct maybe_id requested_by_person;
	struct instant expires_at;
};
static const struct field new_approval_fields[] = {
	FIELD(new_approval, id, ANY, "The approval."),
	FIELD(new_approval, credits, ANY, "How many credits."),
	FIELD(new_approval, amount, ANY, "What they cost."),
	FIELD(new_approval, currency, ANY, "Of the amount."),
	FIELD(new_approval, requested_by_person, ANY, "The person behind who asked."),
	FIELD(new_approval, expires_at, ANY, "Until when it can be decided."),
};
SHAPE(new_approval)

struct lapsed_approval {
	struct id id;
	struct id organization_id;
};
static const struct field lapsed_approval_fields[] = {
	FIELD(lapsed_approval, id, ANY, "The approval."),
	FIELD(lapsed_approval, organization_id, ANY, "Whose it is."),
};
SHAPE(lapsed_approval)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement find_approval = {
	.sql = SELECT_APPROVAL " AND id = :approval_id",
	.takes = &approval_ref_shape,
	.gives = &approval_shape,
};

static const struct statement list_newest = {
	.sql = SELECT_APPROVAL " AND id < :cursor AND (:status IS NULL OR " APPROVAL_STATUS " = :status)"
			       " ORDER BY id DESC LIMIT :limit",
	.takes = &approval_list_shape,
	.gives = &approval_shape,
};

static const struct statement insert_approval = {
	.sql =
	    "INSERT INTO approval (id, organization_id, credits, amount, currency, requested_by, requested_by_person,"
	    " requested_at, expires_at) VALUES (:id, :organization, :credits, :amount, :currency, :principal,"
	    " :requested_by_person, :now, :expires_at)",
	.takes = &new_approval_shape,
};

static const struct statement take_lapsed = {
	.sql =
	    "SELECT id, organization_id FROM approval WHERE expires_pending <= :now ORDER BY expires_pending LIMIT 100"
	    " FOR UPDATE SKIP LOCKED",
	.gives = &lapsed_approval_shape,
	.crosses_organizations = "the job ends everybody's",
};

static const struct statement expire_approval = {
	.sql = "UPDATE approval SET status = 'expired', decided_by = NULL"
	       " WHERE organization_id = :organization AND id = :approval_id",
	.takes = &approval_ref_shape,
};

const struct event_type approval_requested = {
	.type = "approval.requested",
	.entity_type = "approval",
	.summary = "Somebody asks for a purchase of credits that a person has to approve.",
	.data = &approval_shape,
};

const struct event_type approval_decided = {
	.type = "approval.decided",
	.entity_type = "approval",
	.summary = "A purchase was approved and paid, or rejected.",
	.data = &approval_shape,
};

const struct event_type approval_expired = {
	.type = "approval.expired",
	.entity_type = "approval",
	.summary = "Nobody decided about a purchase in time.",
	.data = &approval_shape,
};

/* ---- what is shared -------------------------------------------------------------------------------------------- */

const struct problem *
approval_read(struct call *call, struct id approval_id, struct approval *out)
{
	struct approval_ref ref = { approval_id };
	bool found;
	const struct problem *p = sql_maybe(call, &find_approval, &ref, out, &found);

	return p == NULL && !found ? fail(call, NOT_FOUND, "There is no such approval.") : p;
}

const struct problem *
approval_announce(struct call *call, const struct event_type *type, const struct approval *approval)
{
	return outbox_tell(call, type, approval->id, approval);
}

/* ---- billing.approvals.request ---------------------------------------------------------------------------------- */

HANDLER(request_approval, request_approval, approval)

static const struct operation request_operation = {
	.id = "billing.approvals.request",
	.kind = WRITE,
	.scope = BILLING_WRITE,
	.effect = COMPUTES,
	.summary = "Ask for a purchase of credits that a person approves.",
	.description =
	    "Needed above `approval_threshold_credits`, and possible below. The price is fixed here; nothing is"
	    " charged before `billing.approvals.approve`. What a key asks for counts as asked by the person who"
	    " made the key.",
	.raises = { CONFLICT },
	.run = &request_approval_run,
};

static const struct problem *
request_approval(struct call *call, const struct request_approval *in, struct approval *out)
{
	struct organization organization;
	struct price price;
	struct new_approval row = {
		.id = id_new(call->now),
		.credits = in->credits,
		.requested_by_person = call->principal.person,
		.expires_at = instant_plus_seconds(call->now, in->expiry_hours.value * HOUR_SECONDS),
	};
	const struct provider *provider;
	const struct problem *p = organization_lock(call, &organization);

	if (p == NULL)
		p = provider_need(call, &provider);
	if (p == NULL)
		p = payment_ask_price(call, in->credits, "/credits", &price);
	if (p != NULL)
		return p;
	row.amount = price.amount;
	row.currency = price.currency;
	p = sql_run(call, &insert_approval, &row, NULL);
	if (p == NULL)
		p = approval_read(call, row.id, out);
	return p != NULL ? p : approval_announce(call, &approval_requested, out);
}

/* ---- billing.approvals.get, billing.approvals.list --------------------------------------------------------------- */

HANDLER(get_approval, approval_ref, approval)

static const struct operation get_operation = {
	.id = "billing.approvals.get",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "Read one approval.",
	.raises = { NOT_FOUND },
	.run = &get_approval_run,
};

static const struct problem *
get_approval(struct call *call, const struct approval_ref *in, struct approval *out)
{
	return approval_read(call, in->approval_id, out);
}

HANDLER_EACH(list_approvals, approval_list, approval)

static const struct operation list_operation = {
	.id = "billing.approvals.list",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "List the organization's approvals, newest first.",
	.page_key = "id",
	.run = &list_approvals_run,
};

static const struct problem *
list_approvals(struct call *call, const struct approval_list *in, struct sink *sink)
{
	return sql_page(call, &list_newest, in, sink);
}

/* ---- approvals.expire -------------------------------------------------------------------------------------------- */

static const struct problem *
expire_one(struct call *call, const struct lapsed_approval *lapsed)
{
	struct approval_ref ref = { lapsed->id };
	struct approval approval;
	const struct problem *p;

	call_acts_for(call, lapsed->organization_id);
	p = sql_run(call, &expire_approval, &ref, NULL);
	if (p == NULL)
		p = approval_read(call, lapsed->id, &approval);
	return p != NULL ? p : approval_announce(call, &approval_expired, &approval);
}

static const struct problem *
expire_batch(struct call *call, void *count)
{
	struct list lapsed;
	const struct problem *p = sql_all(call, &take_lapsed, NULL, &lapsed);

	*(size_t *)count = 0;
	for (size_t i = 0; p == NULL && i < lapsed.count; i++)
		p = expire_one(call, (const struct lapsed_approval *)lapsed.items + i);
	if (p == NULL)
		*(size_t *)count = lapsed.count;
	return p;
}

static const struct problem *
expire_approvals(struct call *call)
{
	const struct problem *p;
	size_t count;

	do {
		p = job_step(call, expire_batch, &count);
	} while (p == NULL && count == BATCH && !job_is_stopping());
	return p;
}

static const struct job expire_job = {
	.id = "approvals.expire",
	.summary = "Note and announce that approvals have expired.",
	.every_seconds = 60,
	.run = expire_approvals,
};

const struct resource approvals_resource = {
	.name = "billing.approvals",
	.summary = "Purchases that a person approves.",
	.operations = LIST_OF(
	    operation, &request_operation, &approve_operation, &reject_operation, &get_operation, &list_operation),
	.statements =
	    LIST_OF(statement, &find_approval, &list_newest, &insert_approval, &take_lapsed, &expire_approval),
	.jobs = LIST_OF(job, &expire_job),
	.events = LIST_OF(event_type, &approval_requested, &approval_decided, &approval_expired),
};
