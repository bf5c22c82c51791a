/*
 * A person's inbox. Rows are written with the events they tell of, by the database (sql/0007); here they are read,
 * marked and forgotten. An inbox is the person's own, over every organization: what somebody was told stays theirs,
 * whichever organization they act for at the moment, and also when they have left the one it came from.
 */
#include "resources.h"

#include "arena.h"
#include "call.h"
#include "clock.h"
#include "organization_tiny.h"
#include "page.h"
#include "runner.h"
#include "statement.h"
#include "text.h"
#include "thing.h"

enum { KEPT_SECONDS = 365 * 86400, BATCH = 1000 };

static const char why_own[] = "an inbox is the person's own, over every organization";

/* ---- what each type says ---------------------------------------------------------------------------------------- */

/* Every type of the table notification_rule. */
static const struct {
	const char *type;
	const char *title;
} titles[] = {
	{ "credits.low", "The organization's credits are running low." },
	{ "limit.soft", "The organization has reached its soft spending limit." },
	{ "limit.hard", "The organization has reached its hard spending limit, and an order was refused." },
	{ "order.expired", "An order was neither settled nor cancelled in time, and holds its credits no more." },
	{ "member.joined", "A new member has joined the organization." },
	{ "member.updated", "Your role or your access in the organization was changed." },
	{ "member.removed", "You are no longer a member of the organization." },
	{ "organization.closed", "The organization was closed." },
	{ "organization.reopened", "The organization is open again." },
	{ "topup.failed", "A purchase of credits has failed." },
	{ "topup.requires_action", "A purchase of credits waits for the card's holder to authenticate." },
	{ "approval.requested", "A purchase of credits waits for approval." },
	{ "approval.decided", "A purchase of credits was approved or rejected." },
	{ "approval.expired", "Nobody decided on a purchase of credits in time." },
	{ "auto_topup.paused", "Automatic top-ups are paused until somebody acts." },
	{ "auto_topup.capped", "The day's cap keeps automatic top-ups from charging." },
	{ "usage.threshold", "A part of the plan's quota of a metric is used up." },
	{ "subscription.paused", "A subscription is paused, because its payment failed." },
	{ "invoice.payment_failed", "An invoice could not be charged to the card." },
	{ "invoice.overdue", "An invoice is overdue." },
	{ "commitment.behind", "A commitment is used up more slowly than agreed." },
	{ "commitment.due", "Less was used than a commitment promised, and the rest falls due." },
	{ "webhook.paused", "Events are not sent to an endpoint any more, because it can't be reached." },
};

/* A newer schema may tell of more than this program knows. */
static struct text
title_of(struct text type)
{
	for (size_t i = 0; i < COUNT(titles); i++)
		if (text_is(type, titles[i].type))
			return text_from(titles[i].title);
	return TEXT("Something has happened in the organization.");
}

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

struct notification {
	struct id id;
	struct organization_tiny *organization;
	struct text type;
	struct text title;
	struct thing *entity;
	struct document data;
	struct instant created_at;
	struct maybe_instant read_at;
	struct maybe_id organization_id;
	struct maybe_text organization_name;
	struct text entity_type;
	struct id entity_id;
};
static const struct field notification_fields[] = {
	FIELD(notification, id, ANY, "The notification; the id of the event that it tells of."),
	FIELD_OBJECT(notification, organization, organization_tiny, true, "Where it happened, or null."),
	FIELD(notification, type, ANY, "The type of the event."),
	FIELD(notification, title, COMPUTED, "What happened, in a sentence."),
	FIELD_OBJECT(notification, entity, thing, false, "What it happened to."),
	FIELD(notification, data, ANY, "What the event says of it."),
	FIELD(notification, created_at, ANY, "When it happened."),
	FIELD(notification, read_at, ANY, "When the person read it; null until then."),
	FIELD(notification, organization_id, HIDDEN, "Part of the organization."),
	FIELD(notification, organization_name, HIDDEN, "Part of the organization."),
	FIELD(notification, entity_type, HIDDEN, "Part of the entity."),
	FIELD(notification, entity_id, HIDDEN, "Part of the entity."),
};
SHAPE(notification)

struct inbox_query {
	PAGE_MEMBERS;
	struct maybe_bool unread_only;
};
static const struct field inbox_query_fields[] = {
	PAGE_FIELDS(inbox_query),
	FIELD(inbox_query, unread_only, ANY, "Only what was not read yet."),
};
SHAPE(inbox_query)

struct notification_ref {
	struct id notification_id;
};
static const struct field notification_ref_fields[] = {
	FIELD(notification_ref, notification_id, ANY, "The notification."),
};
SHAPE(notification_ref)

struct unread_count {
	int64_t unread;
};
static const struct field unread_count_fields[] = {
	FIELD(unread_count, unread, ANY, "How many notifications were not read yet."),
};
SHAPE(unread_count)

struct marked {
	int64_t marked;
};
static const struct field marked_fields[] = {
	FIELD(marked, marked, ANY, "How many notifications had not been read before."),
};
SHAPE(marked)

struct dismissed {
	bool ok;
	struct id id;
};
static const struct field dismissed_fields[] = {
	FIELD(dismissed, ok, ANY, "It is gone from the inbox."),
	FIELD(dismissed, id, ANY, "The notification."),
};
SHAPE(dismissed)

/* ---- SQL -------------------------------------------------------------------------------------------------------- */

#define INBOX                                                                                                         \
	"SELECT n.id, n.type, n.data, n.created_at, n.read_at, o.id AS organization_id, o.name AS organization_name," \
	" n.entity_type, n.entity_id FROM notification n LEFT JOIN organization o ON o.id = n.organization_id"        \
	" WHERE n.user_id = :principal AND n.dismissed_at IS NULL"

static const struct statement list_inbox = {
	.sql = INBOX " AND n.id < :cursor AND (COALESCE(:unread_only, 0) = 0 OR n.read_at IS NULL)"
		     " ORDER BY n.id DESC LIMIT :limit",
	.takes = &inbox_query_shape,
	.gives = &notification_shape,
	.crosses_organizations = why_own,
};

static const struct statement find_notification = {
	.sql = INBOX " AND n.id = :notification_id",
	.takes = &notification_ref_shape,
	.gives = &notification_shape,
	.crosses_organizations = why_own,
};

static const struct statement count_unread = {
	.sql = "SELECT COUNT(*) AS unread FROM notification"
	       " WHERE user_id = :principal AND read_at IS NULL AND dismissed_at IS NULL",
	.gives = &unread_count_shape,
	.crosses_organizations = why_own,
};

static const struct statement mark_one = {
	.sql = "UPDATE notification SET read_at = COALESCE(read_at, :now)"
	       " WHERE user_id = :principal AND id = :notification_id AND dismissed_at IS NULL",
	.takes = &notification_ref_shape,
	.crosses_organizations = why_own,
};

static const struct statement mark_all = {
	.sql = "UPDATE notification SET read_at = :now"
	       " WHERE user_id = :principal AND read_at IS NULL AND dismissed_at IS NULL",
	.crosses_organizations = why_own,
};

static const struct statement dismiss_one = {
	.sql = "UPDATE notification SET dismissed_at = COALESCE(dismissed_at, :now)"
	       " WHERE user_id = :principal AND id = :notification_id",
	.takes = &notification_ref_shape,
	.crosses_organizations = why_own,
};

/* ---- operations ------------------------------------------------------------------------------------------------- */

static void
complete(struct call *call, struct notification *notification)
{
	notification->title = title_of(notification->type);
	notification->entity = arena_take(call->arena, sizeof(*notification->entity));
	*notification->entity = (struct thing){ notification->entity_type, notification->entity_id };
	if (!notification->organization_id.given)
		return;
	notification->organization = arena_take(call->arena, sizeof(*notification->organization));
	*notification->organization = (struct organization_tiny){ notification->organization_id.value,
		text_or(notification->organization_name, "") };
}

static const struct problem *
not_there(struct call *call)
{
	return fail(call, NOT_FOUND, "There is no such notification in your inbox.");
}

HANDLER_EACH(list_notifications, inbox_query, notification)

static const struct operation list_operation = {
	.id = "notifications.list",
	.kind = READ,
	.scope = NOTIFICATIONS_READ,
	.effect = READS,
	.human = true,
	.any_person = true,
	.summary = "List what the person was told, newest first.",
	.description =
	    "The inbox is the person's own, over every organization, whichever the session acts for. What was"
	    " dismissed is not shown.",
	.page_key = "id",
	.run = &list_notifications_run,
};

static const struct problem *
put_notification(struct call *call, void *sink, const void *row)
{
	struct notification notification = *(const struct notification *)row;

	complete(call, &notification);
	return sink_row(sink, &notification);
}

static const struct problem *
list_notifications(struct call *call, const struct inbox_query *in, struct sink *sink)
{
	return sql_each(call, &list_inbox, in, put_notification, sink);
}

HANDLER(count_notifications, nothing, unread_count)

static const struct operation count_operation = {
	.id = "notifications.unread_count",
	.kind = READ,
	.scope = NOTIFICATIONS_READ,
	.effect = READS,
	.human = true,
	.any_person = true,
	.summary = "Count what the person has not read yet, over every organization.",
	.run = &count_notifications_run,
};

static const struct problem *
count_notifications(struct call *call, const struct nothing *in, struct unread_count *out)
{
	(void)in;
	return sql_one(call, &count_unread, NULL, out);
}

HANDLER(mark_read, notification_ref, notification)

static const struct operation mark_read_operation = {
	.id = "notifications.mark_read",
	.kind = WRITE,
	.scope = NOTIFICATIONS_WRITE,
	.effect = COMPUTES,
	.human = true,
	.any_person = true,
	.summary = "Mark one notification as read.",
	.description = "Doing it again changes nothing: `read_at` stays the first time.",
	.raises = { NOT_FOUND },
	.run = &mark_read_run,
};

static const struct problem *
mark_read(struct call *call, const struct notification_ref *in, struct notification *out)
{
	int64_t affected;
	const struct problem *p = sql_run(call, &mark_one, in, &affected);

	if (p == NULL && affected == 0)
		return not_there(call);
	if (p == NULL)
		p = sql_one(call, &find_notification, in, out);
	if (p == NULL)
		complete(call, out);
	return p;
}

HANDLER(mark_all_read, nothing, marked)

static const struct operation mark_all_operation = {
	.id = "notifications.mark_all_read",
	.kind = WRITE,
	.scope = NOTIFICATIONS_WRITE,
	.effect = COMPUTES,
	.human = true,
	.any_person = true,
	.summary = "Mark the whole inbox as read, over every organization.",
	.run = &mark_all_read_run,
};

static const struct problem *
mark_all_read(struct call *call, const struct nothing *in, struct marked *out)
{
	(void)in;
	return sql_run(call, &mark_all, NULL, &out->marked);
}

HANDLER(dismiss, notification_ref, dismissed)

static const struct operation dismiss_operation = {
	.id = "notifications.dismiss",
	.kind = WRITE,
	.scope = NOTIFICATIONS_WRITE,
	.effect = COMPUTES,
	.human = true,
	.any_person = true,
	.summary = "Take one notification out of the inbox.",
	.description = "It is shown to nobody any more and forgotten within a day; until then doing it again is fine.",
	.raises = { NOT_FOUND },
	.run = &dismiss_run,
};

static const struct problem *
dismiss(struct call *call, const struct notification_ref *in, struct dismissed *out)
{
	int64_t affected;
	const struct problem *p = sql_run(call, &dismiss_one, in, &affected);

	if (p != NULL)
		return p;
	if (affected == 0)
		return not_there(call);
	*out = (struct dismissed){ true, in->notification_id };
	return NULL;
}

/* ---- notifications.purge ---------------------------------------------------------------------------------------- */

struct notification_purge {
	struct instant before;
};
static const struct field notification_purge_fields[] = {
	FIELD(notification_purge, before, ANY, "Older ones go."),
};
SHAPE(notification_purge)

static const char why_everybody[] = "the job forgets everybody's";

static const struct statement delete_dismissed = {
	.sql = "DELETE FROM notification WHERE dismissed_at IS NOT NULL ORDER BY dismissed_at LIMIT 1000",
	.crosses_organizations = why_everybody,
};

static const struct statement delete_old = {
	.sql = "DELETE FROM notification WHERE created_at < :before ORDER BY created_at LIMIT 1000",
	.takes = &notification_purge_shape,
	.crosses_organizations = why_everybody,
};

static const struct problem *
purge_dismissed(struct call *call, void *affected)
{
	return sql_run(call, &delete_dismissed, NULL, affected);
}

static const struct problem *
purge_old(struct call *call, void *affected)
{
	struct notification_purge purge = { instant_plus_seconds(call->now, -KEPT_SECONDS) };

	return sql_run(call, &delete_old, &purge, affected);
}

static const struct problem *
purge_by(struct call *call, const struct problem *(*batch)(struct call *call, void *affected))
{
	const struct problem *p;
	int64_t affected;

	do {
		p = job_step(call, batch, &affected);
	} while (p == NULL && affected == BATCH && !job_is_stopping());
	return p;
}

static const struct problem *
purge(struct call *call)
{
	const struct problem *p = purge_by(call, purge_dismissed);

	return p != NULL ? p : purge_by(call, purge_old);
}

static const struct job purge_job = {
	.id = "notifications.purge",
	.summary = "Forget notifications that were dismissed, or are older than 365 days.",
	.every_seconds = 86400,
	.run = purge,
};

const struct resource notifications_resource = {
	.name = "notifications",
	.summary = "What a person is told.",
	.operations = LIST_OF(operation, &list_operation, &count_operation, &mark_read_operation, &mark_all_operation,
	    &dismiss_operation),
	.statements = LIST_OF(statement, &list_inbox, &find_notification, &count_unread, &mark_one, &mark_all,
	    &dismiss_one, &delete_dismissed, &delete_old),
	.jobs = LIST_OF(job, &purge_job),
};
