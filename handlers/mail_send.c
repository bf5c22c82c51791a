/*
 * Sending mails: one at a time, leased, handed to the mail server in no transaction, and then booked. A runner that
 * ends between the server's yes and the booking sends the mail once more, with the same Message-ID. A mail that is not
 * taken is tried again, later and later, and then given up; one that is refused for good is given up at once. While the
 * server can't be reached nothing counts against a mail, and it waits for a week.
 */
#include "mail.h"

#include <inttypes.h>

#include "clock.h"
#include "config.h"
#include "database.h"
#include "id.h"
#include "log.h"
#include "mail_message.h"
#include "resources.h"
#include "runner.h"
#include "smtp.h"
#include "statement.h"
#include "text.h"

enum {
	LEASE_SECONDS = SMTP_SECONDS_MOST + 120,
	ERROR_LENGTH = 500,
	RERUNS_MOST = 5,
	UNREACHABLE_LEAST = 60,
	UNREACHABLE_MOST = 1800,
	UNREACHABLE_SECONDS = 7 * 86400
};

/* How long after an attempt that reached the server the next one comes. */
static const int64_t pauses[] = { 60, 300, 1800, 7200, 43200 };

static const char why_everybody[] = "the job sends everybody's";

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

struct due_mail {
	struct id id;
	int64_t lease_token;
	struct maybe_instant unreachable_since;
};
static const struct field due_mail_fields[] = {
	FIELD(due_mail, id, ANY, "The mail."),
	FIELD(due_mail, lease_token, ANY, "Its last holder's."),
	FIELD(due_mail, unreachable_since, ANY, "Since when the server is not there, if so."),
};
SHAPE(due_mail)

struct mail_lease {
	struct id id;
	int64_t lease_token;
	struct maybe_instant until;
	struct maybe_instant unreachable_since;
	struct maybe_text last_error;
};
static const struct field mail_lease_fields[] = {
	FIELD(mail_lease, id, ANY, "The mail."),
	FIELD(mail_lease, lease_token, ANY, "The holder's."),
	FIELD(mail_lease, until, ANY, "When it is due again, unless something is booked before."),
	FIELD(mail_lease, unreachable_since, ANY, "Since when the server is not there, if so."),
	FIELD(mail_lease, last_error, ANY, "Why it was not taken."),
};
SHAPE(mail_lease)

static const struct statement find_due = {
	.sql = "SELECT id, lease_token, unreachable_since FROM outbox WHERE mail_due_at <= :now"
	       " ORDER BY mail_due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED",
	.gives = &due_mail_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement lease_mail = {
	.sql = "UPDATE outbox SET lease_token = :lease_token, attempts = attempts + 1, retry_at = :until WHERE id = "
	       ":id",
	.takes = &mail_lease_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement read_mail = {
	.sql = "SELECT " MAIL_COLUMNS " WHERE m.id = :id",
	.takes = &mail_lease_shape,
	.gives = &mail_shape,
	.crosses_organizations = why_everybody,
};

/* Once: a booking of which nobody knows whether it was committed is run again. */
#define BOOKED "lease_token = lease_token + 1"
#define WHILE_HELD " WHERE id = :id AND lease_token = :lease_token AND delivered_at IS NULL"

static const struct statement book_sent = {
	.sql = "UPDATE outbox SET " BOOKED ", delivered_at = :now, last_error = NULL" WHILE_HELD,
	.takes = &mail_lease_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement book_later = {
	.sql = "UPDATE outbox SET " BOOKED
	       ", retry_at = :until, last_error = :last_error, unreachable_since = NULL" WHILE_HELD,
	.takes = &mail_lease_shape,
	.crosses_organizations = why_everybody,
};

/* It was no attempt of the mail's. */
static const struct statement book_unreachable = {
	.sql = "UPDATE outbox SET " BOOKED ", retry_at = :until, last_error = :last_error,"
	       " attempts = GREATEST(attempts - 1, 0), unreachable_since = :unreachable_since" WHILE_HELD,
	.takes = &mail_lease_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement book_given_up = {
	.sql = "UPDATE outbox SET " BOOKED ", given_up_at = :now, last_error = :last_error" WHILE_HELD,
	.takes = &mail_lease_shape,
	.crosses_organizations = why_everybody,
};

/* ---- one mail --------------------------------------------------------------------------------------------------- */

struct sending {
	struct mail_lease lease;
	bool found;
	const struct statement *booking;
};

static const struct problem *
take(struct call *call, void *context)
{
	struct sending *sending = context;
	struct due_mail due;
	const struct problem *p;

	job_tick(call);
	p = sql_maybe(call, &find_due, NULL, &due, &sending->found);
	if (p != NULL || !sending->found)
		return p;
	sending->lease = (struct mail_lease){
		.id = due.id,
		.lease_token = due.lease_token + 1,
		.until = instant_given(instant_plus_seconds(call->now, LEASE_SECONDS)),
		.unreachable_since = due.unreachable_since,
	};
	return sql_run(call, &lease_mail, &sending->lease, NULL);
}

/* The mail's own lease decides, and not the job's: a slow server outlasts that, and what was sent is sent. */
static const struct problem *
book(struct call *call, const struct sending *sending)
{
	const struct problem *p = NULL;

	for (int rerun = 0; rerun <= RERUNS_MOST; rerun++) {
		p = sql_run(call, sending->booking, &sending->lease, NULL);
		if (p == NULL)
			p = database_commit(call);
		if (p == NULL)
			return NULL;
		database_rollback(call);
		if (p->kind != RERUN && p != &database_commit_unknown)
			return p;
	}
	return p;
}

/* A mail that can't be written keeps nobody waiting: an operator may mend what it lacks. */
static const struct problem *
hand_over(struct call *call, const struct mail *mail, struct smtp_reply *reply)
{
	struct smtp_mail wire = { .sender = text_from(config.mail_from) };
	struct mail_text text;

	if (mail->recipient.at == NULL ||
	    !mail_address_is_plain((struct text){ mail->recipient.at, mail->recipient.length })) {
		*reply = (struct smtp_reply){ SMTP_REFUSED, TEXT_OF("No mail can be sent to such an address.") };
		return NULL;
	}
	if (mail_compose(call, mail, &text) != NULL) {
		reply->outcome = SMTP_LATER;
		reply->why = text_from(call->internal != NULL ? call->internal : "Its data can't be read.");
		call->internal = NULL; /* told with the mail */
		return NULL;
	}
	wire.recipient = (struct text){ mail->recipient.at, mail->recipient.length };
	wire.content = mail_message(call, mail, &text);
	return smtp_send(call, &wire, reply);
}

/* Never the text: whoever reads the log could use the token in it. */
static void
log_outcome(const struct mail *mail, const struct sending *sending, const struct smtp_reply *reply)
{
	const char *recipient = text_or(mail->recipient, "nobody").at;
	char ulid[ID_CHARACTERS + 1], until[RFC3339_LENGTH + 1];

	id_format(mail->id, ulid);
	instant_format(sending->lease.until.value, until);
	if (sending->booking == &book_sent)
		log_info("mail %s: %s to %s, sent, attempt %" PRId64, ulid, mail->type.at, recipient, mail->attempts);
	else if (sending->booking == &book_unreachable)
		log_error("mail %s: %s to %s, not sent, for the mail server can't be used, again at %s: %s", ulid,
		    mail->type.at, recipient, until, reply->why.at);
	else if (sending->booking == &book_later)
		log_error("mail %s: %s to %s, not sent, attempt %" PRId64 ", again at %s: %s", ulid, mail->type.at,
		    recipient, mail->attempts, until, reply->why.at);
	else
		log_error("mail %s: %s to %s, given up, attempt %" PRId64 ": %s", ulid, mail->type.at, recipient,
		    mail->attempts, reply->why.at);
}

/* The pause is as long as that lasts already. */
static void
decide_unreachable(struct call *call, struct sending *sending)
{
	struct mail_lease *lease = &sending->lease;
	int64_t since;

	if (!lease->unreachable_since.given || instant_before(call->now, lease->unreachable_since.value))
		lease->unreachable_since = instant_given(call->now);
	since = (call->now.microseconds - lease->unreachable_since.value.microseconds) / 1000000;
	sending->booking = since >= UNREACHABLE_SECONDS ? &book_given_up : &book_unreachable;
	if (since < UNREACHABLE_LEAST)
		since = UNREACHABLE_LEAST;
	lease->until =
	    instant_given(instant_plus_seconds(call->now, since < UNREACHABLE_MOST ? since : UNREACHABLE_MOST));
}

static void
decide(struct call *call, const struct mail *mail, const struct smtp_reply *reply, struct sending *sending)
{
	size_t failed = mail->attempts > 1 ? (size_t)mail->attempts : 1;

	job_tick(call);
	sending->booking = &book_sent;
	if (reply->outcome == SMTP_TAKEN)
		return;
	sending->lease.last_error = text_given(text_cut(reply->why, ERROR_LENGTH));
	if (reply->outcome == SMTP_UNREACHABLE) {
		decide_unreachable(call, sending);
		return;
	}
	if (reply->outcome == SMTP_REFUSED || failed > COUNT(pauses)) {
		sending->booking = &book_given_up;
		return;
	}
	sending->booking = &book_later;
	sending->lease.until = instant_given(instant_plus_seconds(call->now, pauses[failed - 1]));
}

/* The line comes before the commit: after a crash it may be there again, but none is left out. */
static const struct problem *
send_one(struct call *call, struct sending *sending, bool *goes_on)
{
	struct smtp_reply reply = { .outcome = SMTP_LATER };
	struct mail mail;
	const struct problem *p = job_step(call, take, sending);

	*goes_on = p == NULL && sending->found;
	if (!*goes_on)
		return p;
	p = sql_one(call, &read_mail, &sending->lease, &mail);
	job_rollback(call); /* it only read; and nothing waits for the server within a transaction */
	if (p == NULL)
		p = hand_over(call, &mail, &reply);
	if (p != NULL)
		return p;
	*goes_on = reply.outcome != SMTP_UNREACHABLE;
	decide(call, &mail, &reply, sending);
	log_outcome(&mail, sending, &reply);
	return book(call, sending);
}

/* ---- the job ---------------------------------------------------------------------------------------------------- */

static const struct problem *
send_mails(struct call *call)
{
	const struct problem *p = NULL;
	bool goes_on = config.smtp_url[0] != '\0';

	while (p == NULL && goes_on && !job_is_stopping()) {
		struct arena_mark mark = arena_mark(call->arena);
		struct sending sending = { .found = false };

		p = send_one(call, &sending, &goes_on);
		if (p == NULL)
			arena_release(call->arena, mark);
	}
	smtp_close();
	return p;
}

static const struct job send_mails_job = {
	.id = "mail.send",
	.lane = LANE_MAIL,
	.summary = "Hand the mails that wait to the mail server, where one is configured.",
	.every_seconds = 2,
	.lease_seconds = 30,
	.run = send_mails,
};

const struct resource mail_send_resource = {
	.name = "mail_send",
	.summary = "Mails on their way to the mail server.",
	.statements = LIST_OF(
	    statement, &find_due, &lease_mail, &read_mail, &book_sent, &book_later, &book_unreachable, &book_given_up),
	.jobs = LIST_OF(job, &send_mails_job),
};
