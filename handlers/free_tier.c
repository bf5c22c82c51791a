/*
 * Free credits for new organizations. Each waits until the operator says yes, for it or for all that wait, and gets the
 * setting free_tier_credits once in its life; or no, before or after, which takes back what is left. What orders and
 * holds have reserved of it expires as they give it back.
 */
#include "config.h"
#include "id.h"
#include "ledger.h"
#include "organization.h"
#include "outbox.h"
#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"
#include "transaction.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct pending_organization {
	struct id organization_id;
	struct text name;
	struct maybe_text billing_email;
	struct instant created_at;
};
static const struct field pending_organization_fields[] = {
	FIELD(pending_organization, organization_id, ANY, "The organization."),
	FIELD(pending_organization, name, ANY, "Its name."),
	FIELD(pending_organization, billing_email, ANY, "Where its bills go, or null."),
	FIELD(pending_organization, created_at, ANY, "When it was made."),
};
SHAPE(pending_organization)

struct free_tier_ref {
	struct id organization_id;
};
static const struct field free_tier_ref_fields[] = {
	FIELD(free_tier_ref, organization_id, ANY, "The organization."),
};
SHAPE(free_tier_ref)

static const char *const statuses[] = { "granted", "revoked", NULL };

struct free_tier {
	struct id organization_id;
	struct text status;
	struct credits credits;
	struct credits expired;
	struct maybe_instant granted_at;
	struct maybe_instant revoked_at;
	struct maybe_id lot_id;
};
static const struct field free_tier_fields[] = {
	FIELD(free_tier, organization_id, ANY, "The organization."),
	FIELD(free_tier, status, ONE_OF(statuses), "What was decided."),
	FIELD(free_tier, credits, ANY, "Credits that were granted; 0 where it was turned down."),
	FIELD(free_tier, expired, ANY, "Credits of them that expired when they were revoked."),
	FIELD(free_tier, granted_at, ANY, "When they were granted, or null."),
	FIELD(free_tier, revoked_at, ANY, "When they were revoked, or null."),
	FIELD(free_tier, lot_id, HIDDEN, "What the grant made."),
};
SHAPE(free_tier)

struct granted_all {
	int64_t granted;
	int64_t left;
};
static const struct field granted_all_fields[] = {
	FIELD(granted_all, granted, ANY, "How many organizations got theirs now."),
	FIELD(granted_all, left, ANY, "How many still wait; repeat the call until there are none."),
};
SHAPE(granted_all)

struct free_tier_credits {
	struct credits credits;
};
static const struct field free_tier_credits_fields[] = {
	FIELD(free_tier_credits, credits, ANY, "Granted, or taken back."),
};
SHAPE(free_tier_credits)

static const struct event_type granted_event = {
	.type = "free_tier.granted",
	.entity_type = "organization",
	.summary = "The organization was given its free credits.",
	.data = &free_tier_credits_shape,
};

static const struct event_type revoked_event = {
	.type = "free_tier.revoked",
	.entity_type = "organization",
	.summary = "What was left of the organization's free credits was taken back.",
	.data = &free_tier_credits_shape,
};

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const char why_operator[] = "the operator sees who waits";

#define PENDING                                                                  \
	" FROM organization o LEFT JOIN free_tier f ON f.organization_id = o.id" \
	" WHERE o.status = 'active' AND f.organization_id IS NULL"

/* Whose balance would grow past what an organization can have waits on, and keeps nobody else waiting. */
#define ROOM_MOST "99000000000000"
#define HAS_ROOM                                                                            \
	" AND o.id IN (SELECT b.organization_id FROM book b WHERE b.organization_id = o.id" \
	" AND b.available + b.reserved <= " ROOM_MOST ")"

static const struct statement list_pending = {
	.sql = "SELECT o.id AS organization_id, o.name, o.billing_email, o.created_at" PENDING
	       " AND o.id < :cursor ORDER BY o.id DESC LIMIT :limit",
	.gives = &pending_organization_shape,
	.crosses_organizations = why_operator,
};

static const struct statement list_next = {
	.sql = "SELECT o.id AS organization_id" PENDING HAS_ROOM " ORDER BY o.id LIMIT 100",
	.gives = &free_tier_ref_shape,
	.crosses_organizations = why_operator,
};

static const struct statement count_pending = {
	.sql = "SELECT 0 AS granted, COUNT(o.id) AS `left`" PENDING HAS_ROOM,
	.gives = &granted_all_shape,
	.crosses_organizations = why_operator,
};

static const struct statement lock_free_tier = {
	.sql = "SELECT organization_id, status, credits, expired, granted_at, revoked_at, lot_id FROM free_tier"
	       " WHERE organization_id = :organization FOR UPDATE",
	.gives = &free_tier_shape,
};

/* Whose decision is there already stays as it is. */
static const struct statement insert_free_tier = {
	.sql = "INSERT INTO free_tier (organization_id, status, credits, granted_at, revoked_at, lot_id)"
	       " VALUES (:organization, :status, :credits, :granted_at, :revoked_at, :lot_id)",
	.takes = &free_tier_shape,
	.on_duplicate = CONFLICT,
};

static const struct statement revoke_row = {
	.sql = "UPDATE free_tier SET status = 'revoked', revoked_at = :now, expired = :expired"
	       " WHERE organization_id = :organization",
	.takes = &free_tier_shape,
};

static const struct statement note_lot = {
	.sql = "UPDATE free_tier SET lot_id = :lot_id WHERE organization_id = :organization",
	.takes = &free_tier_shape,
};

struct left_in_lot {
	struct credits remaining;
};
static const struct field left_in_lot_fields[] = {
	FIELD(left_in_lot, remaining, ANY, "What is left."),
};
SHAPE(left_in_lot)

static const struct statement read_lot = {
	.sql = "SELECT remaining FROM lot WHERE organization_id = :organization AND id = :lot_id AND NOT fell_due",
	.takes = &free_tier_shape,
	.gives = &left_in_lot_shape,
};

static const struct statement take_back_rest = {
	.sql = "CALL lot_take_back(:organization, :lot_id)",
	.takes = &free_tier_shape,
};

/* ---- list_pending ---------------------------------------------------------------------------------------------- */

HANDLER_EACH(list_pending_organizations, page_query, pending_organization)

static const struct operation list_pending_operation = {
	.id = "billing.free_tier.list_pending",
	.kind = READ,
	.scope = ADMIN_READ,
	.effect = READS,
	.summary = "List the organizations that wait for their free credits, newest first.",
	.description = "A closed one does not wait.",
	.page_key = "organization_id",
	.run = &list_pending_organizations_run,
};

static const struct problem *
list_pending_organizations(struct call *call, const struct page_query *in, struct sink *sink)
{
	return sql_page(call, &list_pending, in, sink);
}

/* ---- approve --------------------------------------------------------------------------------------------------- */

/* The organization's row is locked, and no decision is there. A debt takes its part first, as of all credits. */
static const struct problem *
grant(struct call *call, struct free_tier *out)
{
	const struct posting posting = {
		.reason = LEDGER_GRANT,
		.credits = { config.free_tier_credits },
		.description = text_given(TEXT("Free tier")),
		.lot_source = text_given(TEXT("free_tier")),
	};
	struct posted posted;
	const struct problem *p;

	*out = (struct free_tier){ .organization_id = call->organization,
		.status = TEXT_OF("granted"),
		.credits = posting.credits,
		.granted_at = { call->now, true } };
	p = sql_run(call, &insert_free_tier, out, NULL);
	if (p == NULL && posting.credits.count > 0) {
		p = ledger_post(call, &posting, &posted);
		out->lot_id = id_given(posted.entry_id);
	}
	if (p == NULL && posting.credits.count > 0)
		p = sql_run(call, &note_lot, out, NULL);
	return p != NULL ? p
			 : outbox_tell(call, &granted_event, call->organization,
			       &(struct free_tier_credits){ posting.credits });
}

HANDLER(approve_free_tier, free_tier_ref, free_tier)

static const struct operation approve_operation = {
	.id = "billing.free_tier.approve",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Give an organization its free credits, once in its life.",
	.description = "Where the decision is made already, whichever it was, it stands: that is a conflict.",
	.raises = { NOT_FOUND, CONFLICT, ORGANIZATION_CLOSED },
	.run = &approve_free_tier_run,
};

static const struct problem *
approve_free_tier(struct call *call, const struct free_tier_ref *in, struct free_tier *out)
{
	struct organization organization;
	const struct problem *p = organization_lock(call, &organization);
	bool found = false;

	(void)in;
	if (p == NULL)
		p = sql_maybe(call, &lock_free_tier, NULL, out, &found);
	if (p == NULL && found)
		p = fail(call, CONFLICT, "The free credits of this organization are %s already.", out->status.at);
	return p != NULL ? p : grant(call, out);
}

/* ---- revoke ---------------------------------------------------------------------------------------------------- */

/* What is available of the lot expires now; the rest is marked, and expires as it is released. */
static const struct problem *
take_back(struct call *call, struct free_tier *row)
{
	struct posting posting = {
		.reason = LEDGER_EXPIRY,
		.description = text_given(TEXT("Free tier revoked")),
		.lot = row->lot_id,
	};
	struct left_in_lot lot;
	struct posted posted;
	bool found = false;
	const struct problem *p;

	do { /* what fell due before goes first; from here on the book is locked */
		p = ledger_expire(call, &posted);
	} while (p == NULL && posted.available.count < posted.available_before.count);
	if (p == NULL)
		p = sql_maybe(call, &read_lot, row, &lot, &found);
	if (p != NULL || !found)
		return p;
	row->expired = lot.remaining.count < posted.available.count ? lot.remaining : posted.available;
	posting.credits = row->expired;
	if (posting.credits.count > 0)
		p = ledger_post(call, &posting, &posted);
	if (p == NULL && row->expired.count < lot.remaining.count)
		p = sql_run(call, &take_back_rest, row, NULL);
	return p;
}

HANDLER(revoke_free_tier, free_tier_ref, free_tier)

static const struct operation revoke_operation = {
	.id = "billing.free_tier.revoke",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Take back what is left of an organization's free credits, or turn it down while it waits.",
	.description = "What is available of them expires at once; what orders and holds have reserved expires as they "
		       "give it back."
		       " They are not granted again.",
	.raises = { NOT_FOUND, CONFLICT, ORGANIZATION_CLOSED },
	.run = &revoke_free_tier_run,
};

/* The row says how much expired, so it is written behind the book; the organization's row keeps others away meanwhile.
 */
static const struct problem *
revoke_granted(struct call *call, struct free_tier *row)
{
	const struct problem *p = row->lot_id.given ? take_back(call, row) : NULL;

	row->status = TEXT("revoked");
	row->revoked_at = (struct maybe_instant){ call->now, true };
	if (p == NULL)
		p = sql_run(call, &revoke_row, row, NULL);
	return p != NULL
		   ? p
		   : outbox_tell(call, &revoked_event, call->organization, &(struct free_tier_credits){ row->expired });
}

static const struct problem *
revoke_free_tier(struct call *call, const struct free_tier_ref *in, struct free_tier *out)
{
	struct organization organization;
	const struct problem *p = organization_lock(call, &organization);
	bool found = false;

	(void)in;
	if (p == NULL)
		p = sql_maybe(call, &lock_free_tier, NULL, out, &found);
	if (p != NULL)
		return p;
	if (found && text_is(out->status, "revoked"))
		return fail(call, CONFLICT, "The free credits of this organization are revoked already.");
	if (found)
		return revoke_granted(call, out);
	*out = (struct free_tier){
		.organization_id = call->organization, .status = TEXT_OF("revoked"), .revoked_at = { call->now, true }
	};
	return sql_run(call, &insert_free_tier, out, NULL);
}

/* ---- grant_all ------------------------------------------------------------------------------------------------- */

HANDLER(grant_all_free_tiers, nothing, granted_all)

static const struct operation grant_all_operation = {
	.id = "billing.free_tier.grant_all",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Give those who wait their free credits, the oldest first, a hundred organizations a call.",
	.description = "Each is as if it were approved by itself. Repeat the call until nobody is left.",
	.run = &grant_all_free_tiers_run,
};

/* Between the list and the lock another may have decided, or closed it. */
static const struct problem *
grant_one(struct call *call, int64_t *granted)
{
	struct organization organization;
	struct free_tier row;
	bool found;
	const struct problem *p = organization_lock(call, &organization);

	if (p != NULL)
		return p->kind == ORGANIZATION_CLOSED ? NULL : p;
	p = sql_maybe(call, &lock_free_tier, NULL, &row, &found);
	if (p != NULL || found)
		return p;
	p = grant(call, &row);
	if (p == NULL)
		p = transaction_audit(call, "billing.free_tier.approve", "billing.free_tier", call->organization);
	*granted += 1;
	return p;
}

static const struct problem *
grant_all_free_tiers(struct call *call, const struct nothing *in, struct granted_all *out)
{
	const struct id nobody = call->organization;
	const struct free_tier_ref *next;
	int64_t granted = 0;
	struct list pending;
	const struct problem *p = sql_all(call, &list_next, NULL, &pending);

	(void)in;
	if (p != NULL)
		return p;
	next = pending.items;
	for (size_t i = 0; p == NULL && i < pending.count; i++) {
		call_acts_for(call, next[i].organization_id);
		p = grant_one(call, &granted);
	}
	call_acts_for(call, nobody);
	if (p == NULL)
		p = sql_one(call, &count_pending, NULL, out);
	out->granted = granted;
	return p;
}

const struct resource free_tier_resource = {
	.name = "billing.free_tier",
	.summary = "Free credits for new organizations.",
	.operations =
	    LIST_OF(operation, &list_pending_operation, &approve_operation, &revoke_operation, &grant_all_operation),
	.statements = LIST_OF(statement, &list_pending, &list_next, &count_pending, &lock_free_tier, &insert_free_tier,
	    &revoke_row, &note_lot, &read_lot, &take_back_rest),
	.events = LIST_OF(event_type, &granted_event, &revoked_event),
};
