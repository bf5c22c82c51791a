/*
 * Erasing organizations 30 days after they were closed: people and secrets go, the ledger, the audit and the id stay.
 * Its cards are detached at the processor before (organization_erase_cards.c); then it is erased in one transaction,
 * step by step as the table says. Audit rows stay as they are, with the addresses that deeds came from, and so do the
 * ledger's descriptions: they are chained, and nobody can change them. The lines of orders stay as the evidence of what
 * was charged.
 */
#include "clock.h"
#include "log.h"
#include "organization.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "transaction.h"

enum { BATCH = 100 };

/* ---- which ones ------------------------------------------------------------------------------------------------ */

struct due_closed {
	struct id after;
	struct instant before;
};
static const struct field due_closed_fields[] = {
	FIELD(due_closed, after, ANY, "The last one seen."),
	FIELD(due_closed, before, ANY, "Closed until then."),
};
SHAPE(due_closed)

struct closed {
	struct id id;
	struct maybe_instant closed_at;
};
static const struct field closed_fields[] = {
	FIELD(closed, id, ANY, "The organization."),
	FIELD(closed, closed_at, ANY, "Since when."),
};
SHAPE(closed)

static const struct statement list_due = {
	.sql = "SELECT id, closed_at FROM organization WHERE status = 'closed' AND erased_at IS NULL AND closed_at <= "
	       ":before"
	       " AND id > :after ORDER BY id LIMIT 100",
	.takes = &due_closed_shape,
	.gives = &closed_shape,
	.crosses_organizations = "the job looks for whoever is due",
};

/* Whoever holds it is reopening it, or erasing it. */
static const struct statement lock_due = {
	.sql = "SELECT id, closed_at FROM organization WHERE id = :organization AND status = 'closed' AND erased_at IS "
	       "NULL"
	       " AND closed_at <= :before FOR UPDATE SKIP LOCKED",
	.takes = &due_closed_shape,
	.gives = &closed_shape,
};

/* ---- what goes ------------------------------------------------------------------------------------------------- */

struct people {
	int64_t count;
};
static const struct field people_fields[] = {
	FIELD(people, count, ANY, "How many members there were."),
};
SHAPE(people)

/* From here on none of them becomes a member elsewhere: that takes a lock on the person, too. */
static const struct statement lock_people = {
	.sql = "SELECT COUNT(u.created_at) AS count FROM membership m JOIN user u ON u.id = m.user_id"
	       " WHERE m.organization_id = :organization FOR UPDATE",
	.gives = &people_shape,
};

static const struct statement empty_invitations = {
	.sql =
	    "UPDATE invitation SET email = '', email_key = '', decided_at = IF(status = 'pending', :now, decided_at),"
	    " status = IF(status = 'pending', 'revoked', status) WHERE organization_id = :organization",
};

/* Who is a member of nothing else. The addresses go last: mails are found by them. */
static const struct statement mark_people = {
	.sql = "UPDATE membership m JOIN user u ON u.id = m.user_id SET u.erased_at = :now, u.name = 'Erased'"
	       " WHERE m.organization_id = :organization AND NOT EXISTS (SELECT 1 FROM membership x"
	       " WHERE x.user_id = u.id AND x.organization_id <> :organization)",
};

#define OF_ERASED " FROM membership m JOIN user u ON u.id = m.user_id AND u.erased_at IS NOT NULL JOIN "
#define HERE " WHERE m.organization_id = :organization"

static const struct statement delete_passwords = {
	.sql = "DELETE x" OF_ERASED "password x ON x.user_id = u.id" HERE,
};

static const struct statement delete_reset_requests = {
	.sql = "DELETE x" OF_ERASED "password_reset_request x ON x.email_key = u.email_key" HERE,
};

static const struct statement delete_resets = {
	.sql = "DELETE x" OF_ERASED "password_reset x ON x.user_id = u.id" HERE,
};

static const struct statement delete_identities = {
	.sql = "DELETE x" OF_ERASED "identity x ON x.user_id = u.id" HERE,
};

/* Their tokens go with them. */
static const struct statement delete_sessions = {
	.sql = "DELETE x" OF_ERASED "session x ON x.user_id = u.id" HERE,
};

static const struct statement delete_inboxes = {
	.sql = "DELETE x" OF_ERASED "notification x ON x.user_id = u.id" HERE,
};

static const struct statement empty_mails_of_people = {
	.sql = "UPDATE membership m JOIN user u ON u.id = m.user_id AND u.erased_at IS NOT NULL"
	       " JOIN outbox o ON o.organization_id IS NULL AND o.kind = 'mail' AND o.recipient = u.email"
	       " AND CAST(o.recipient AS BINARY) = CAST(u.email AS BINARY)"
	       " SET o.recipient = NULL, o.secret = NULL, o.data = '{}', o.last_error = NULL, o.delivered_at = "
	       "COALESCE(o.delivered_at, "
	       ":now)" HERE,
};

static const struct statement empty_people = {
	.sql = "UPDATE membership m JOIN user u ON u.id = m.user_id AND u.erased_at IS NOT NULL"
	       " SET u.email = NULL, u.email_key = NULL" HERE,
};

/* Of those who stay. */
static const struct statement leave_sessions = {
	.sql = "UPDATE session SET organization_id = NULL WHERE organization_id = :organization",
};

static const struct statement delete_notifications = {
	.sql = "DELETE FROM notification WHERE organization_id = :organization",
};

static const struct statement delete_memberships = {
	.sql = "DELETE FROM membership WHERE organization_id = :organization",
};

static const struct statement delete_client_tokens = {
	.sql = "DELETE t FROM client_token t JOIN api_key k ON k.digest = t.key_digest"
	       " WHERE k.organization_id = :organization",
};

/* No token has such a digest. */
static const struct statement empty_keys = {
	.sql = "UPDATE api_key SET digest = CONCAT(id, id), name = 'erased', prefix = '',"
	       " revoked_at = COALESCE(revoked_at, :now) WHERE organization_id = :organization",
};

/* The processor's names of the customer and of the cards are unique. */
static const struct statement empty_customers = {
	.sql = "UPDATE payment_customer SET customer_id = CONCAT('erased-', HEX(organization_id))"
	       " WHERE organization_id = :organization",
};

static const struct statement empty_cards = {
	.sql = "UPDATE payment_method SET card_id = CONCAT('erased-', HEX(id)), brand = '', last4 = '', exp_month = 0,"
	       " exp_year = 0, is_default = FALSE, detached_at = COALESCE(detached_at, :now)"
	       " WHERE organization_id = :organization",
};

/* One that is still open is looked for among the customer's. */
static const struct statement empty_payments = {
	.sql = "UPDATE payment SET description = NULL, request = '', client_secret = NULL, last_error = NULL,"
	       " customer_id = IF(open_of IS NULL, '', customer_id), card_id = IF(open_of IS NULL, '', card_id)"
	       " WHERE organization_id = :organization",
};

static const struct statement empty_approvals = {
	.sql = "UPDATE approval SET reason = NULL, last_error = NULL WHERE organization_id = :organization",
};

static const struct statement empty_refunds = {
	.sql = "UPDATE payment_refund SET reason = '', last_error = NULL WHERE organization_id = :organization",
};

static const struct statement empty_auto_topup = {
	.sql = "UPDATE auto_topup SET last_error = NULL WHERE organization_id = :organization",
};

static const struct statement delete_integrations = {
	.sql = "DELETE FROM integration WHERE organization_id = :organization",
};

static const struct statement empty_subscriptions = {
	.sql = "UPDATE event_subscription SET status = 'deleted', endpoint_url = '', host = '', filter_config = NULL,"
	       " headers = NULL, headers_shown = NULL, description = NULL, secret = '', old_secret = NULL,"
	       " pause_reason = NULL, due_at = NULL WHERE organization_id = :organization",
};

static const struct statement delete_deliveries = {
	.sql = "DELETE FROM event_delivery WHERE organization_id = :organization",
};

static const struct statement empty_outbox = {
	.sql = "UPDATE outbox SET recipient = NULL, secret = NULL, data = '{}', last_error = NULL,"
	       " delivered_at = IF(kind = 'mail', COALESCE(delivered_at, :now), delivered_at)"
	       " WHERE organization_id = :organization AND (kind = 'mail' OR type LIKE 'member.%' OR type LIKE "
	       "'approval.%' OR type LIKE 'webhook.%')",
};

/* The slug tells the name, and is unique; no name makes one that begins with a dash. */
static const struct statement empty_organization = {
	.sql =
	    "UPDATE organization SET name = 'Erased organization', slug = CONCAT('-', LOWER(HEX(id))),"
	    " display_name = NULL, description = NULL, website = NULL, logo_url = NULL, industry = NULL, size = NULL,"
	    " abn = NULL, tax_number = NULL, billing_email = NULL, billing_admin_id = NULL, billing_line1 = NULL,"
	    " billing_line2 = NULL, billing_city = NULL, billing_state = NULL, billing_postal_code = NULL,"
	    " billing_country = NULL, hubspot_id = NULL, erased_at = :now, updated_at = :now"
	    " WHERE id = :organization",
};

/* In the order of the locks; people are found by their memberships, so those go behind them. */
static const struct statement *const steps[] = { &empty_invitations, &mark_people, &delete_passwords,
	&delete_reset_requests, &delete_resets, &delete_identities, &delete_sessions, &delete_inboxes,
	&empty_mails_of_people, &empty_people, &leave_sessions, &delete_notifications, &delete_memberships,
	&delete_client_tokens, &empty_keys, &empty_customers, &empty_cards, &empty_payments, &empty_approvals,
	&empty_refunds, &empty_auto_topup, &delete_integrations, &empty_subscriptions, &delete_deliveries,
	&empty_outbox, &empty_organization };

/* ---- the job --------------------------------------------------------------------------------------------------- */

static struct instant
due_before(const struct call *call)
{
	return instant_plus_seconds(call->now, -ORGANIZATION_KEPT_SECONDS);
}

static const struct problem *
erase(struct call *call, void *context)
{
	struct due_closed due = { .before = due_before(call) };
	struct closed closed;
	struct people people;
	const struct problem *p;
	bool is_due;

	(void)context;
	p = sql_maybe(call, &lock_due, &due, &closed, &is_due);
	if (p != NULL || !is_due)
		return p;
	p = sql_one(call, &lock_people, NULL, &people);
	for (size_t i = 0; p == NULL && i < COUNT(steps); i++)
		p = sql_run(call, steps[i], NULL, NULL);
	return p != NULL ? p : transaction_audit(call, "organizations.erase", "organization", call->organization);
}

/* One organization's fault keeps no other waiting, and the first is what the run answers; but a lost lease or a lost
 * database ends it. */
static const struct problem *
erase_each(struct call *call, const struct list *due, const struct problem *first, unsigned *silences, bool *is_over)
{
	const struct closed *closed = due->items;

	for (size_t i = 0; i < due->count && !*is_over && !job_is_stopping(); i++) {
		const struct problem *p;
		bool is_ready;

		call->organization = closed[i].id;
		p = organization_detach_cards(call, closed[i].closed_at.value, silences, &is_ready);
		if (p == NULL && is_ready)
			p = job_step(call, erase, NULL);
		*is_over = p != NULL && (p->kind == CONFLICT || p->kind == UNAVAILABLE);
		if (first == NULL)
			first = p;
	}
	return first;
}

static const struct problem *
erase_closed(struct call *call)
{
	struct due_closed due = { .before = due_before(call) };
	const struct problem *first = NULL;
	unsigned silences = 0;
	bool is_over = false;
	struct list rows;

	do {
		struct arena_mark mark = arena_mark(call->arena);
		const struct problem *p = sql_all(call, &list_due, &due, &rows);

		job_rollback(call);
		if (p != NULL)
			return p;
		first = erase_each(call, &rows, first, &silences, &is_over);
		due.after = call->organization;
		if (first == NULL)
			arena_release(call->arena, mark);
	} while (rows.count == BATCH && !is_over && !job_is_stopping());
	return first;
}

static const struct job erase_job = {
	.id = "organizations.erase",
	.lane = LANE_CARDS,
	.summary = "Erase people and secrets of organizations that were closed 30 days ago.",
	.every_seconds = 3600,
	.run = erase_closed,
};

const struct resource organization_erase_resource = {
	.name = "organization_erase",
	.summary = "How closed organizations are erased.",
	.statements = LIST_OF(statement, &list_due, &lock_due, &lock_people, &empty_invitations, &mark_people,
	    &delete_passwords, &delete_reset_requests, &delete_resets, &delete_identities, &delete_sessions,
	    &delete_inboxes, &empty_mails_of_people, &empty_people, &leave_sessions, &delete_notifications,
	    &delete_memberships, &delete_client_tokens, &empty_keys, &empty_customers, &empty_cards, &empty_payments,
	    &empty_approvals, &empty_refunds, &empty_auto_topup, &delete_integrations, &empty_subscriptions,
	    &delete_deliveries, &empty_outbox, &empty_organization),
	.jobs = LIST_OF(job, &erase_job),
};
