/*
 * Mails: a table of texts by type, and how a row of the outbox fills one; what happens to mails while there is no SMTP;
 * and when their secrets are forgotten.
 */
#include "mail.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "config.h"
#include "id.h"
#include "json.h"
#include "log.h"
#include "resources.h"
#include "runner.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

enum { WIDTH = 72, BATCH = 100, FORGET_BATCH = 1000, SECRET_SECONDS = 7 * 86400 };

/* ---- texts ------------------------------------------------------------------------------------------------------ */

/*
 * `{name}` is filled in: organization, public_url, secret, or a member of the row's data (struct mail_data). A line
 * that begins with a blank is shown as it is, every other one is a paragraph and wrapped.
 */
static const struct mail_template {
	const char *type;
	const char *subject;
	const char *body;
} templates[] = {
	{ "invitation", "Invitation to {organization}",
	    "{organization} invites you to become a member, with the role {role}.\n"
	    "\n"
	    "Sign in with this e-mail address, or sign up with it first, and send the token below to"
	    " {public_url}/v1/orgs/join-with-invite:\n"
	    "\n"
	    "    {secret}\n"
	    "\n"
	    "It works once, within 7 days, for this address alone. If you do not want to join, you need not do"
	    " anything.\n" },
	{ "password_reset", "Choose a new password",
	    "Somebody asked for a new password of the account with this e-mail address.\n"
	    "\n"
	    "If that was you, send the token below and the password of your choice to"
	    " {public_url}/v1/auth/passwords/reset:\n"
	    "\n"
	    "    {secret}\n"
	    "\n"
	    "It works once, within an hour. If it was not you, you need not do anything: the password stays as it "
	    "is.\n" },
	{ "organization_closed", "{organization} was closed",
	    "{organization} was closed at {public_url}. It can still be read, but nothing in it can be changed, and its"
	    " API keys are refused.\n"
	    "\n"
	    "30 days after the closing, its people and its secrets are erased for good. Until then the operator can "
	    "open"
	    " it again.\n" },
	{ "limit.soft", "{organization} has reached its soft spending limit",
	    "In the present cycle {organization} has spent {spent} credits at {public_url}, what its open orders hold"
	    " included. That reaches its soft limit of {limit} credits.\n"
	    "\n"
	    "Orders are still taken. This is told once a cycle; the limits are set with organizations.limits.set.\n" },
	{ "limit.hard", "{organization} has reached its hard spending limit",
	    "An order of {organization} was refused at {public_url}, because it would have taken the present cycle's"
	    " spend past the hard limit of {limit} credits. {spent} credits are spent, what its open orders hold"
	    " included.\n"
	    "\n"
	    "More is possible in the next cycle, or with a higher limit, which is set with organizations.limits.set."
	    " This is told once a cycle.\n" },
	{ "auto_topup.paused", "Automatic top-ups of {organization} are paused",
	    "Automatic top-ups of {organization} are paused: {detail}\n"
	    "\n"
	    "No credits are bought by themselves until somebody acts. Look at the card, and then set automatic top-ups"
	    " anew, with billing.set_auto_topup at {public_url}.\n" },
	{ "auto_topup.capped", "The day's cap keeps {organization} from topping up",
	    "Credits of {organization} have run low, and none were bought: {detail}\n"
	    "\n"
	    "Automatic top-ups go on after midnight in the organization's time zone. Until then credits can be bought"
	    " with billing.topup at {public_url}, or the cap raised with billing.set_auto_topup.\n" },
};

struct mail_data {
	struct maybe_text role;
	struct maybe_int spent;
	struct maybe_int limit;
	struct maybe_text detail;
};
static const struct field mail_data_fields[] = {
	FIELD(mail_data, role, ANY, "The role that an invitation is for."),
	FIELD(mail_data, spent, ANY, "Credits of the cycle so far."),
	FIELD(mail_data, limit, ANY, "The limit in credits."),
	FIELD(mail_data, detail, ANY, "What happened, as a sentence."),
};
static const struct shape mail_data_shape = { .name = "mail_data",
	.size = sizeof(struct mail_data),
	.count = COUNT(mail_data_fields),
	.fields = mail_data_fields,
	.freeform = true };

/* ---- filling ---------------------------------------------------------------------------------------------------- */

enum { FILLINGS = 7 };

struct filling {
	const char *name;
	struct text value;
};

static const struct filling *
filling_of(const struct filling *fillings, struct text name)
{
	for (size_t i = 0; i < FILLINGS; i++)
		if (text_is(name, fillings[i].name))
			return &fillings[i];
	return NULL;
}

/* What is filled in is not looked at again: a name with braces in it stays a name. */
static struct text
fill(struct call *call, const char *form, const struct filling *fillings)
{
	struct buffer out = buffer_new(call->arena, 1024);

	for (const char *at = form; *at != '\0';) {
		size_t length = strcspn(at, "{");
		struct text name;
		const struct filling *filling;

		buffer_add(&out, at, length);
		at += length;
		if (*at == '\0')
			break;
		name = arena_text(call->arena, at + 1, strcspn(at + 1, "}"));
		filling = filling_of(fillings, name);
		if (filling != NULL)
			buffer_add_text(&out, filling->value);
		at += name.length + 2;
	}
	return buffer_text(&out);
}

/* One paragraph, its words on as few lines as hold them. */
static void
wrap_paragraph(struct buffer *out, const char *at, size_t length)
{
	size_t column = 0;

	while (length > 0) {
		const char *blank = memchr(at, ' ', length);
		struct text word = { at, blank != NULL ? (size_t)(blank - at) : length };
		size_t width = utf8_count(word);

		if (column > 0 && column + 1 + width > WIDTH) {
			buffer_add_char(out, '\n');
			column = 0;
		} else if (column > 0) {
			buffer_add_char(out, ' ');
			column++;
		}
		buffer_add_text(out, word);
		column += width;
		at += word.length + (blank != NULL);
		length -= word.length + (blank != NULL);
	}
	buffer_add_char(out, '\n');
}

static struct buffer
wrap(struct call *call, struct text text)
{
	struct buffer out = buffer_new(call->arena, text.length + 256);

	for (const char *at = text.at; *at != '\0';) {
		size_t length = strcspn(at, "\n");

		if (*at == ' ') {
			buffer_add(&out, at, length);
			buffer_add_char(&out, '\n');
		} else {
			wrap_paragraph(&out, at, length);
		}
		at += length + (at[length] == '\n');
	}
	return out;
}

static const struct mail_template *
template_of(struct text type)
{
	for (size_t i = 0; i < COUNT(templates); i++)
		if (text_is(type, templates[i].type))
			return &templates[i];
	return NULL;
}

static const struct problem *
open_secret(struct call *call, const struct mail *mail, struct text *out)
{
	char ulid[ID_CHARACTERS + 1];

	*out = TEXT("(no longer kept)");
	if (mail->secret.at == NULL)
		return NULL;
	id_format(mail->id, ulid);
	if (!unseal(call->arena, mail->secret, arena_format(call->arena, "outbox.secret.%s", ulid).at, out))
		return fail_internal(call, "the secret of mail %s can't be opened: is its sealing key gone?", ulid);
	return NULL;
}

static struct text
number_shown(struct call *call, struct maybe_int number)
{
	return number.given ? arena_format(call->arena, "%" PRId64, number.value) : TEXT("(no longer kept)");
}

const struct problem *
mail_compose(struct call *call, const struct mail *mail, struct mail_text *out)
{
	const struct mail_template *form = template_of(mail->type);
	struct mail_data data = { 0 };
	struct text secret;
	struct buffer body;
	const struct problem *p;

	if (form == NULL)
		return fail_internal(call, "there is no text for mails of the type %s", mail->type.at);
	p = json_read(call, mail->data, &mail_data_shape, &data);
	if (p == NULL)
		p = open_secret(call, mail, &secret);
	if (p != NULL)
		return p;
	const struct filling fillings[FILLINGS] = {
		{ "organization", text_or(mail->organization, "An organization") },
		{ "public_url", text_from(config.public_url) },
		{ "secret", secret },
		{ "role", text_or(data.role, "(no longer kept)") },
		{ "detail", text_or(data.detail, "(no longer kept)") },
		{ "spent", number_shown(call, data.spent) },
		{ "limit", number_shown(call, data.limit) },
	};
	out->subject = fill(call, form->subject, fillings);
	body = wrap(call, fill(call, form->body, fillings));
	if (mail->organization.at != NULL)
		buffer_format(&body, "\n%s\n", mail->organization.at);
	out->body = buffer_text(&body);
	return NULL;
}

/* ---- what the outbox holds -------------------------------------------------------------------------------------- */

static const char why_everybody[] = "mails are everybody's, and only an operator or a job reads them here";

static const struct field mail_fields[] = {
	FIELD(mail, id, ANY, "The mail."),
	FIELD(mail, type, ANY, "Its template."),
	FIELD(mail, recipient, ANY, "Whom it goes to."),
	FIELD(mail, organization, ANY, "The organization's name."),
	FIELD(mail, data, ANY, "A JSON object."),
	FIELD(mail, secret, ANY, "What only the mail shows, sealed."),
	FIELD(mail, created_at, ANY, "When it was written."),
};
SHAPE(mail)

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
	.sql = "SELECT m.id, m.type, m.recipient, COALESCE(o.display_name, o.name) AS organization, m.data, m.secret,"
	       " m.created_at FROM outbox m LEFT JOIN organization o ON o.id = m.organization_id"
	       " WHERE m.kind = 'mail' AND (:recipient IS NULL OR m.recipient = :recipient)"
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
	.sql =
	    "SELECT id, type, recipient FROM outbox WHERE kind = 'mail' AND delivered_at IS NULL ORDER BY id LIMIT 100"
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
	.run = log_mails,
};

/* ---- mail.forget_secrets ---------------------------------------------------------------------------------------- */

struct secret_age {
	struct instant before;
};
static const struct field secret_age_fields[] = {
	FIELD(secret_age, before, ANY, "Those of mails delivered before go."),
};
SHAPE(secret_age)

static const struct statement forget_secrets = {
	.sql = "UPDATE outbox SET secret = NULL WHERE secret_since < :before ORDER BY secret_since LIMIT 1000",
	.takes = &secret_age_shape,
	.crosses_organizations = why_everybody,
};

static const struct problem *
forget_batch(struct call *call, void *affected)
{
	const struct secret_age age = { instant_plus_seconds(call->now, -SECRET_SECONDS) };

	return sql_run(call, &forget_secrets, &age, affected);
}

static const struct problem *
forget(struct call *call)
{
	const struct problem *p;
	int64_t affected;

	do {
		p = job_step(call, forget_batch, &affected);
	} while (p == NULL && affected == FORGET_BATCH && !job_is_stopping());
	return p;
}

static const struct job forget_secrets_job = {
	.id = "mail.forget_secrets",
	.lane = LANE_MAIL,
	.summary = "Remove the secrets of mails that were delivered more than 7 days ago.",
	.every_seconds = 3600,
	.run = forget,
};

const struct resource mail_resource = {
	.name = "mail",
	.summary = "Mails on their way out.",
	.statements = LIST_OF(statement, &list_newest, &take_waiting, &mark_delivered, &forget_secrets),
	.jobs = LIST_OF(job, &log_mails_job, &forget_secrets_job),
};
