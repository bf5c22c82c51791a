/*
 * Writes the mails that warn of limits, quotas and failed payments, and notes when: a row for each kind, so that the
 * record of an organization with a long outbox is read as fast as any other.
 */
#include "alert_mail.h"

#include "outbox.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

struct alert_recipient {
	struct maybe_text email;
};
static const struct field alert_recipient_fields[] = {
	FIELD(alert_recipient, email, ANY, "Where mails go."),
};
SHAPE(alert_recipient)

static const struct statement list_recipients = {
	.sql = "SELECT o.billing_email AS email FROM organization o"
	       " WHERE o.id = :organization AND o.billing_email IS NOT NULL"
	       " UNION ALL SELECT u.email FROM organization o JOIN membership m ON m.organization_id = o.id"
	       " JOIN user u ON u.id = m.user_id WHERE o.id = :organization AND o.billing_email IS NULL"
	       " AND m.role = 'owner' AND m.is_active AND u.email IS NOT NULL",
	.gives = &alert_recipient_shape,
};

struct alert_noted {
	struct text type;
};
static const struct field alert_noted_fields[] = {
	FIELD(alert_noted, type, ANY, "Which alert."),
};
SHAPE(alert_noted)

static const struct statement note_alert = {
	.sql = "INSERT INTO alert_mail (organization_id, type, at) VALUES (:organization, :type, :now)"
	       " ON DUPLICATE KEY UPDATE at = :now",
	.takes = &alert_noted_shape,
};

const struct problem *
alert_mail_prepare(struct call *call, const char *type, struct list *recipients)
{
	struct alert_noted noted = { text_from(type) };
	const struct alert_recipient *found;
	struct text *addresses;
	struct list list;
	const struct problem *p = sql_all(call, &list_recipients, NULL, &list);

	*recipients = (struct list){ NULL, 0 };
	if (p != NULL || list.count == 0)
		return p;
	found = list.items;
	addresses = arena_array(call->arena, list.count, sizeof(*addresses));
	for (size_t i = 0; i < list.count; i++)
		addresses[i] = (struct text){ found[i].email.at, found[i].email.length };
	*recipients = (struct list){ addresses, list.count };
	return sql_run(call, &note_alert, &noted, NULL);
}

const struct problem *
alert_mail_send(struct call *call, const char *type, const struct list *recipients, struct text data)
{
	return outbox_mail_each(call, type, recipients, "organization", call->organization, data);
}

const struct problem *
alert_mail_tell(struct call *call, const char *type, struct text data)
{
	struct list recipients;
	const struct problem *p = alert_mail_prepare(call, type, &recipients);

	return p != NULL ? p : alert_mail_send(call, type, &recipients, data);
}

const struct resource alert_mail_resource = {
	.name = "alert_mail",
	.summary = "Mails that warn those who look after the bills.",
	.statements = LIST_OF(statement, &list_recipients, &note_alert),
};
