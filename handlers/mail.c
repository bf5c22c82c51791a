/*
 * Mails as the outbox holds them; what happens to them while there is no SMTP; and when their secrets, and they, are
 * forgotten.
 */
#include "mail.h"

#include <string.h>

#include "clock.h"
#include "config.h"
#include "id.h"
#include "log.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

enum { BATCH = 100, FORGET_BATCH = 1000, SECRET_SECONDS = 7 * 86400, MAIL_SECONDS = 90 * 86400 };

/* ---- what the outbox holds -------------------------------------------------------------------------------------- */

static const char why_everybody[] = "mails are everybody's, and only an operator or a job reads them here";

static const struct field mail_fields[] = {
	FIELD(mail, id, ANY, "The mail."),
	FIELD(mail, type, ANY, "Its template."),
	FIELD(mail, recipient, ANY, "Whom it goes to."),
	FIELD(mail, organization, ANY, "The organization's name."),
	FIELD(mail, timezone, ANY, "Where its clocks are."),
	FIELD(mail, data, ANY, "A JSON object."),
	FIELD(mail, secret, ANY, "What only the mail shows, sealed."),
	FIELD(mail, created_at, ANY, "When it was written."),
	FIELD(mail, delivered_at, ANY, "When it was sent, or logged."),
	FIELD(mail, given_up_at, ANY, "When it was given up."),
	FIELD(mail, attempts, ANY, "How often it was tried."),
	FIELD(mail, last_error, ANY, "Why it was not taken the last time."),
};
const struct shape mail_shape = {
	.name = "mail",
	.size = sizeof(struct mail),
	.count = COUNT(mail_fields),
	.fields = mail_fields,
};

struct newest_mails {
	int64_t most;
	struct maybe_text recipient;
};
static const struct field newest_mails_fields[] = {
	FIELD(newest_mails, most, ANY, "How many."),
	FIELD(newest_mails, recipient, ANY, "To whom; to anybody where none is given."),
};
SHAPE(newest_mails)

static const struct statement list_newest = {
	.sql = "SELECT " MAIL_COLUMNS " WHERE m.kind = 'mail' AND (:recipient IS NULL OR m.recipient = :recipient)"
	       " ORDER BY m.id DESC LIMIT :most",
	.takes = &newest_mails_shape,
	.gives = &mail_shape,
	.crosses_organizations = why_everybody,
};

const struct problem *
mail_each_newest(struct call *call, int64_t most, struct maybe_text recipient,
    const struct problem *(*row)(struct call *call, void *context, const void *mail), void *context)
{
	const struct newest_mails wanted = { most, recipient };

	return sql_each(call, &list_newest, &wanted, row, context);
}

/* ---- mail.log --------------------------------------------------------------------------------------------------- */

struct waiting_mail {
	struct id id;
	struct text type;
	struct maybe_text recipient;
};
static const struct field waiting_mail_fields[] = {
	FIELD(waiting_mail, id, ANY, "The mail."),
	FIELD(waiting_mail, type, ANY, "Its template."),
	FIELD(waiting_mail, recipient, ANY, "Whom it goes to."),
};
SHAPE(waiting_mail)

struct mail_ref {
	struct id id;
};
static const struct field mail_ref_fields[] = {
	FIELD(mail_ref, id, ANY, "The mail."),
};
SHAPE(mail_ref)

static const struct statement take_waiting = {
	.sql = "SELECT id, type, recipient FROM outbox WHERE mail_due_at <= :now ORDER BY mail_due_at, id LIMIT 100"
	       " FOR UPDATE SKIP LOCKED",
	.gives = &waiting_mail_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement mark_delivered = {
	.sql = "UPDATE outbox SET delivered_at = :now WHERE id = :id AND delivered_at IS NULL",
	.takes = &mail_ref_shape,
	.crosses_organizations = why_everybody,
};

/* Never the text: whoever reads the log could use the token in it. */
static const struct problem *
log_mail(struct call *call, const struct waiting_mail *mail)
{
	const struct mail_ref ref = { mail->id };
	const struct problem *p = sql_run(call, &mark_delivered, &ref, NULL);
	char ulid[ID_CHARACTERS + 1];

	if (p != NULL)
		return p;
	id_format(mail->id, ulid);
	log_info("mail %s: %s to %s, not sent: no SMTP is configured", ulid, mail->type.at,
	    text_or(mail->recipient, "nobody").at);
	return NULL;
}

/* The lines come before the commit: after a crash a mail may be logged again, but none is left out. */
static const struct problem *
log_batch(struct call *call, void *count)
{
	struct list mails;
	const struct problem *p = sql_all(call, &take_waiting, NULL, &mails);

	*(size_t *)count = 0;
	for (size_t i = 0; p == NULL && i < mails.count; i++)
		p = log_mail(call, (const struct waiting_mail *)mails.items + i);
	if (p == NULL)
		*(size_t *)count = mails.count;
	return p;
}

static const struct problem *
log_mails(struct call *call)
{
	const struct problem *p;
	size_t count;

	if (config.smtp_url[0] != '\0')
		return NULL;
	do {
		p = job_step(call, log_batch, &count);
	} while (p == NULL && count == BATCH && !job_is_stopping());
	return p;
}

static const struct job log_mails_job = {
	.id = "mail.log",
	.lane = LANE_MAIL,
	.summary = "Log the mails that wait, and count them as delivered, while no SMTP is configured.",
	.every_seconds = 10,
	.lease_seconds = 30,
	.run = log_mails,
};

/* ---- mail.forget_secrets, mail.purge ----------------------------------------------------------------------------- */

struct mail_age {
	struct instant before;
};
static const struct field mail_age_fields[] = {
	FIELD(mail_age, before, ANY, "Mails delivered or given up before are meant."),
};
SHAPE(mail_age)

static const struct statement forget_secrets = {
	.sql = "UPDATE outbox SET secret = NULL WHERE secret_since < :before ORDER BY secret_since LIMIT 1000",
	.takes = &mail_age_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement purge_mails = {
	.sql = "DELETE FROM outbox WHERE mail_ended_at < :before ORDER BY mail_ended_at LIMIT 1000",
	.takes = &mail_age_shape,
	.crosses_organizations = why_everybody,
};

struct forgetting {
	const struct statement *statement;
	int64_t kept_seconds;
	int64_t affected;
};

static const struct problem *
forget_batch(struct call *call, void *context)
{
	struct forgetting *forgetting = context;
	const struct mail_age age = { instant_plus_seconds(call->now, -forgetting->kept_seconds) };

	return sql_run(call, forgetting->statement, &age, &forgetting->affected);
}

static const struct problem *
forget(struct call *call, const struct statement *statement, int64_t kept_seconds)
{
	struct forgetting forgetting = { .statement = statement, .kept_seconds = kept_seconds };
	const struct problem *p;

	do {
		p = job_step(call, forget_batch, &forgetting);
	} while (p == NULL && forgetting.affected == FORGET_BATCH && !job_is_stopping());
	return p;
}

static const struct problem *
forget_old_secrets(struct call *call)
{
	return forget(call, &forget_secrets, SECRET_SECONDS);
}

static const struct problem *
purge(struct call *call)
{
	return forget(call, &purge_mails, MAIL_SECONDS);
}

static const struct job forget_secrets_job = {
	.id = "mail.forget_secrets",
	.lane = LANE_MAIL,
	.summary = "Remove the secrets of mails that were delivered, or given up, more than 7 days ago.",
	.every_seconds = 3600,
	.run = forget_old_secrets,
};

static const struct job purge_job = {
	.id = "mail.purge",
	.lane = LANE_MAIL,
	.summary = "Remove mails that were delivered, or given up, more than 90 days ago.",
	.every_seconds = 86400,
	.run = purge,
};

const struct resource mail_resource = {
	.name = "mail",
	.summary = "Mails on their way out.",
	.statements = LIST_OF(statement, &list_newest, &take_waiting, &mark_delivered, &forget_secrets, &purge_mails),
	.jobs = LIST_OF(job, &log_mails_job, &forget_secrets_job, &purge_job),
};
