/*
 * Writes the outbox.
 */
#include "outbox.h"

#include "id.h"
#include "json.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

struct outbox_row {
	struct id id;
	struct text type;
	struct text entity_type;
	struct id entity_id;
	struct text data;
};
static const struct field outbox_row_fields[] = {
	FIELD(outbox_row, id, ANY, "The event."),
	FIELD(outbox_row, type, ANY, "What happened."),
	FIELD(outbox_row, entity_type, ANY, "What kind of thing it happened to."),
	FIELD(outbox_row, entity_id, ANY, "The thing."),
	FIELD(outbox_row, data, ANY, "A JSON object."),
};
SHAPE(outbox_row)

/* What belongs to no organization has none, instead of zeros. */
#define ORGANIZATION_OR_NONE "NULLIF(:organization, X'00000000000000000000000000000000')"

static const struct statement add_event = {
	.sql = "INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, data, created_at)"
	       " VALUES (:id, " ORGANIZATION_OR_NONE ", 'event', :type, :entity_type, :entity_id, :data, :now)",
	.takes = &outbox_row_shape,
};

const struct problem *
outbox_tell(struct call *call, const struct event_type *type, struct id entity_id, const void *data)
{
	struct buffer text = buffer_new(call->arena, 256);
	struct outbox_row row = { .id = id_new(call->now),
		.type = text_from(type->type),
		.entity_type = text_from(type->entity_type),
		.entity_id = entity_id };

	json_write(&text, type->data, data);
	row.data = buffer_text(&text);
	return sql_run(call, &add_event, &row, NULL);
}

struct mail_row {
	struct id id;
	struct text type;
	struct text entity_type;
	struct id entity_id;
	struct text recipient;
	struct text data;
	struct bytes secret;
};
static const struct field mail_row_fields[] = {
	FIELD(mail_row, id, ANY, "The mail."),
	FIELD(mail_row, type, ANY, "Its template."),
	FIELD(mail_row, entity_type, ANY, "What kind of thing it is about."),
	FIELD(mail_row, entity_id, ANY, "The thing."),
	FIELD(mail_row, recipient, ANY, "Whom it goes to."),
	FIELD(mail_row, data, ANY, "A JSON object."),
	FIELD(mail_row, secret, ANY, "What only the mail shows, sealed."),
};
SHAPE(mail_row)

static const struct statement add_mail = {
	.sql = "INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, recipient, data, secret,"
	       " created_at) VALUES (:id, " ORGANIZATION_OR_NONE
	       ", 'mail', :type, :entity_type, :entity_id, :recipient, :data,"
	       " :secret, :now)",
	.takes = &mail_row_shape,
};

/* A statement that runs in bulk runs in no other way. */
static const struct statement add_mails = {
	.sql =
	    "INSERT INTO outbox (id, organization_id, kind, type, entity_type, entity_id, recipient, data, created_at)"
	    " VALUES (:id, " ORGANIZATION_OR_NONE ", 'mail', :type, :entity_type, :entity_id, :recipient, :data, :now)",
	.takes = &mail_row_shape,
};

const struct problem *
outbox_mail_each(struct call *call, const char *type, const struct list *recipients, const char *entity_type,
    struct id entity_id, struct text data)
{
	struct mail_row *mails = arena_array(call->arena, recipients->count + 1, sizeof(*mails));
	const void **rows = arena_array(call->arena, recipients->count + 1, sizeof(*rows));
	const struct text *recipient = recipients->items;

	for (size_t i = 0; i < recipients->count; i++) {
		mails[i] = (struct mail_row){ .id = id_new(call->now),
			.type = text_from(type),
			.entity_type = text_from(entity_type),
			.entity_id = entity_id,
			.recipient = recipient[i],
			.data = data };
		rows[i] = &mails[i];
	}
	return recipients->count == 0 ? NULL : sql_bulk(call, &add_mails, rows, recipients->count, NULL, NULL);
}

const struct problem *
outbox_mail(struct call *call, const char *type, struct text recipient, const char *entity_type, struct id entity_id,
    struct text data, struct text secret)
{
	struct mail_row row = { .id = id_new(call->now),
		.type = text_from(type),
		.entity_type = text_from(entity_type),
		.entity_id = entity_id,
		.recipient = recipient,
		.data = data };
	char ulid[ID_CHARACTERS + 1];

	id_format(row.id, ulid);
	if (secret.length > 0)
		row.secret = seal(call->arena, secret, arena_format(call->arena, "outbox.secret.%s", ulid).at);
	return sql_run(call, &add_mail, &row, NULL);
}

const struct resource outbox_resource = {
	.name = "outbox",
	.summary = "Events on their way out.",
	.statements = LIST_OF(statement, &add_event, &add_mail, &add_mails),
};
