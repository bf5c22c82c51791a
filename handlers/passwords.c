/*
 * Changing a password, and getting a new one where it was forgotten. Who asks for a reset learns nothing about the
 * address: a job looks it up, and what it finds goes by mail alone.
 */
#include "call.h"
#include "clock.h"
#include "email_key.h"
#include "formats.h"
#include "id.h"
#include "outbox.h"
#include "password.h"
#include "resources.h"
#include "runner.h"
#include "sessions.h"
#include "sign_in.h"
#include "statement.h"
#include "text.h"
#include "token.h"

enum { RESET_SECONDS = 3600, MAILS_AN_HOUR = 3, BATCH = 50 };

static const char why_person[] = "a password is a person's, not an organization's";

struct person {
	struct id user_id;
	struct maybe_text email;
	struct text name;
	struct maybe_text hash;
};
static const struct field person_fields[] = {
	FIELD(person, user_id, ANY, "The person."),
	FIELD(person, email, ANY, "The address."),
	FIELD(person, name, ANY, "The name."),
	FIELD(person, hash, ANY, "The password's hash; none: it has no password here."),
};
SHAPE(person)

struct new_password {
	struct id user_id;
	struct maybe_text old;
	struct text hash;
};
static const struct field new_password_fields[] = {
	FIELD(new_password, user_id, ANY, "The person."),
	FIELD(new_password, old, ANY, "The hash that was checked."),
	FIELD(new_password, hash, ANY, "The new password's hash."),
};
SHAPE(new_password)

static const struct statement void_resets = {
	.sql = "UPDATE password_reset SET used_at = :now WHERE user_id = :user_id AND used_at IS NULL",
	.takes = &new_password_shape,
	.crosses_organizations = why_person,
};

static const struct problem *
check_choice(struct call *call, struct text password, const struct person *person)
{
	const char *fault = password_fault(password, text_or(person->email, ""), person->name);

	return fault == NULL ? NULL : fail_field(call, "/new_password", "weak", "%s", fault);
}

/* ---- change ---------------------------------------------------------------------------------------------------- */

struct change_password {
	struct text current_password;
	struct text new_password;
};
static const struct field change_password_fields[] = {
	FIELD(change_password, current_password, LENGTH(1, 200), "The password as it is."),
	FIELD(change_password, new_password, LENGTH(12, 200), "The password to be; common ones are refused."),
};
SHAPE(change_password)

struct changed_password {
	int64_t sessions_ended;
};
static const struct field changed_password_fields[] = {
	FIELD(changed_password, sessions_ended, ANY, "How many other sessions of the person ended."),
};
SHAPE(changed_password)

static const struct statement read_person = {
	.sql = "SELECT u.id AS user_id, u.email, u.name, p.hash FROM user u LEFT JOIN password p ON p.user_id = u.id"
	       " WHERE u.id = :principal",
	.gives = &person_shape,
	.crosses_organizations = why_person,
};

static const struct statement replace_password = {
	.sql = "UPDATE password SET hash = :hash, changed_at = :now WHERE user_id = :user_id AND hash = :old",
	.takes = &new_password_shape,
	.crosses_organizations = why_person,
};

HANDLER(change_password, change_password, changed_password)

static const struct operation change_operation = {
	.id = "auth.passwords.change",
	.kind = WRITE,
	.scope = SIGNED_IN,
	.effect = COMPUTES,
	.no_key = true,
	.slow = true,
	.summary = "Change your password.",
	.description = "All other sessions end. A wrong current password counts as a failed sign-in.",
	.raises = { CONFLICT },
	.run = &change_password_run,
};

static const struct problem *
refuse_current(struct call *call, struct digest subject)
{
	const struct problem *p = sign_in_count_failure(call, subject);

	call->target = call->principal.person;
	if (p != NULL)
		return p;
	return problem_kept(call, fail_field(call, "/current_password", "wrong", "This is not the current password."));
}

/* `*replaced` is false where the password has been changed since it was checked. */
static const struct problem *
replace(struct call *call, const struct person *person, struct text hash, bool *replaced)
{
	struct new_password row = { person->user_id, person->hash, hash };
	const struct problem *p;
	int64_t rows = 0;

	p = sql_run(call, &replace_password, &row, &rows);
	*replaced = rows == 1;
	return p != NULL || !*replaced ? p : sql_run(call, &void_resets, &row, NULL);
}

/* Both derivations are done before anything is locked. */
static const struct problem *
check_and_hash(
    struct call *call, const struct change_password *in, const struct person *person, bool *fits, struct text *hash)
{
	const struct problem *p = password_check(call, in->current_password, text_or(person->hash, ""), fits);

	return p != NULL || !*fits ? p : password_hash(call, in->new_password, hash);
}

static const struct problem *
change_password(struct call *call, const struct change_password *in, struct changed_password *out)
{
	struct person person;
	struct text hash;
	struct digest subject;
	const struct problem *p = sql_one(call, &read_person, NULL, &person);
	bool fits = false;

	if (p == NULL)
		p = check_choice(call, in->new_password, &person);
	if (p == NULL && person.hash.at == NULL)
		p = fail(call, CONFLICT,
		    "You have no password here to change; ask for one by auth.passwords.reset_request.");
	if (p != NULL)
		return p;
	subject = sign_in_subject(call, text_or(person.email, ""));
	p = sign_in_look(call, subject);
	if (p == NULL)
		p = check_and_hash(call, in, &person, &fits, &hash);
	if (p == NULL)
		p = sign_in_enter(call, subject);
	if (p == NULL && fits)
		p = replace(call, &person, hash, &fits);
	if (p == NULL && !fits)
		return refuse_current(call, subject);
	if (p == NULL)
		p = sign_in_forget_failures(call, subject);
	if (p == NULL)
		p = session_end_all(call, person.user_id, call->principal.session, &out->sessions_ended);
	call->target = id_given(person.user_id);
	return p;
}

/* ---- reset_request --------------------------------------------------------------------------------------------- */

struct reset_request {
	struct text email;
};
static const struct field reset_request_fields[] = {
	FIELD(reset_request, email, MATCHING(email_format, 3, 254), "The address of the person."),
};
SHAPE(reset_request)

struct reset_request_row {
	struct id id;
	struct text email_key;
};
static const struct field reset_request_row_fields[] = {
	FIELD(reset_request_row, id, ANY, "The request."),
	FIELD(reset_request_row, email_key, ANY, "The address in lower case."),
};
SHAPE(reset_request_row)

static const struct statement insert_request = {
	.sql = "INSERT INTO password_reset_request (id, email_key) VALUES (:id, :email_key)",
	.takes = &reset_request_row_shape,
	.crosses_organizations = why_person,
};

HANDLER(request_reset, reset_request, nothing)

static const struct operation request_operation = {
	.id = "auth.passwords.reset_request",
	.kind = WRITE,
	.scope = PUBLIC,
	.effect = COMPUTES,
	.no_key = true,
	.summary = "Ask for a mail by which a forgotten password is replaced.",
	.description = "The answer is the same for every address. A person gets at most 3 such mails an hour, and each"
		       " works once, for an hour.",
	.run = &request_reset_run,
};

static const struct problem *
request_reset(struct call *call, const struct reset_request *in, struct nothing *out)
{
	struct reset_request_row row = { id_new(call->now), email_key(call->arena, in->email) };

	(void)out;
	return sql_run(call, &insert_request, &row, NULL);
}

/* ---- reset ----------------------------------------------------------------------------------------------------- */

struct reset_password {
	struct text token;
	struct text new_password;
};
static const struct field reset_password_fields[] = {
	FIELD(reset_password, token, LENGTH(1, 500), "The token of the mail."),
	FIELD(reset_password, new_password, LENGTH(12, 200), "The password to be; common ones are refused."),
};
SHAPE(reset_password)

struct reset_ref {
	struct digest digest;
};
static const struct field reset_ref_fields[] = {
	FIELD(reset_ref, digest, ANY, "SHA-256 of the token."),
};
SHAPE(reset_ref)

static const struct statement find_reset = {
	.sql = "SELECT u.id AS user_id, u.email, u.name, p.hash FROM password_reset r JOIN user u ON u.id = r.user_id"
	       " LEFT JOIN password p ON p.user_id = u.id"
	       " WHERE r.token_digest = :digest AND r.used_at IS NULL AND r.expires_at > :now AND u.erased_at IS NULL",
	.takes = &reset_ref_shape,
	.gives = &person_shape,
	.crosses_organizations = why_person,
};

static const struct statement use_reset = {
	.sql = "UPDATE password_reset SET used_at = :now WHERE token_digest = :digest AND used_at IS NULL",
	.takes = &reset_ref_shape,
	.crosses_organizations = why_person,
};

static const struct statement set_password = {
	.sql = "INSERT INTO password (user_id, hash, changed_at) VALUES (:user_id, :hash, :now)"
	       " ON DUPLICATE KEY UPDATE hash = :hash, changed_at = :now",
	.takes = &new_password_shape,
	.crosses_organizations = why_person,
};

HANDLER(reset_password, reset_password, nothing)

static const struct operation reset_operation = {
	.id = "auth.passwords.reset",
	.kind = WRITE,
	.scope = PUBLIC,
	.effect = COMPUTES,
	.no_key = true,
	.slow = true,
	.summary = "Choose a new password by the token of a mail.",
	.description = "All sessions of the person end, and failed sign-ins are forgotten.",
	.run = &reset_password_run,
};

static const struct problem *
unknown_token(struct call *call)
{
	return fail_field(call, "/token", "unknown", "The token is unknown, used or expired; ask for a new mail.");
}

/* The subject's row comes first, as it does for those who sign in. */
static const struct problem *
apply_reset(struct call *call, struct reset_ref *ref, struct new_password *row, struct digest subject)
{
	const struct problem *p = sign_in_lock(call, subject);
	int64_t used = 0, ended;

	if (p == NULL)
		p = sql_run(call, &use_reset, ref, &used);
	if (p == NULL && used == 0)
		p = unknown_token(call);
	if (p == NULL)
		p = sql_run(call, &void_resets, row, NULL);
	if (p == NULL)
		p = sql_run(call, &set_password, row, NULL);
	if (p == NULL)
		p = session_end_all(call, row->user_id, (struct maybe_id){ .given = false }, &ended);
	return p != NULL ? p : sign_in_forget_failures(call, subject);
}

static const struct problem *
reset_password(struct call *call, const struct reset_password *in, struct nothing *out)
{
	struct reset_ref ref = { token_digest(in->token) };
	struct new_password row = { 0 };
	struct person person = { 0 };
	struct maybe_id organization = { .given = false };
	const struct problem *p;
	bool found;

	(void)out;
	p = sql_maybe(call, &find_reset, &ref, &person, &found);
	if (p == NULL && !found)
		p = unknown_token(call);
	if (p == NULL)
		p = check_choice(call, in->new_password, &person);
	if (p == NULL)
		p = password_hash(call, in->new_password, &row.hash);
	row.user_id = person.user_id;
	if (p == NULL)
		p = apply_reset(call, &ref, &row, sign_in_subject(call, text_or(person.email, "")));
	if (p == NULL)
		p = session_first_organization(call, person.user_id, &organization);
	if (p != NULL)
		return p;
	call_becomes(call, person.user_id, organization);
	call->target = id_given(person.user_id);
	return NULL;
}

/* ---- the mails ------------------------------------------------------------------------------------------------- */

struct addressee {
	struct id user_id;
	struct maybe_text email;
};
static const struct field addressee_fields[] = {
	FIELD(addressee, user_id, ANY, "The person."),
	FIELD(addressee, email, ANY, "The address."),
};
SHAPE(addressee)

struct new_reset {
	struct id user_id;
	struct digest digest;
	struct instant since;
	struct instant expires_at;
};
static const struct field new_reset_fields[] = {
	FIELD(new_reset, user_id, ANY, "The person."),
	FIELD(new_reset, digest, ANY, "SHA-256 of the token."),
	FIELD(new_reset, since, ANY, "An hour ago."),
	FIELD(new_reset, expires_at, ANY, "From then on it is refused."),
};
SHAPE(new_reset)

struct reset_count {
	int64_t count;
};
static const struct field reset_count_fields[] = {
	FIELD(reset_count, count, ANY, "How many."),
};
SHAPE(reset_count)

static const struct statement list_requests = {
	.sql = "SELECT id, email_key FROM password_reset_request ORDER BY id LIMIT 50",
	.gives = &reset_request_row_shape,
	.crosses_organizations = why_person,
};

static const struct statement find_addressee = {
	.sql = "SELECT id AS user_id, email FROM user WHERE email_key = :email_key LOCK IN SHARE MODE",
	.takes = &reset_request_row_shape,
	.gives = &addressee_shape,
	.crosses_organizations = why_person,
};

static const struct statement count_resets = {
	.sql = "SELECT COUNT(*) AS count FROM password_reset WHERE user_id = :user_id AND created_at > :since",
	.takes = &new_reset_shape,
	.gives = &reset_count_shape,
	.crosses_organizations = why_person,
};

static const struct statement insert_reset = {
	.sql = "INSERT INTO password_reset (token_digest, user_id, created_at, expires_at)"
	       " VALUES (:digest, :user_id, :now, :expires_at)",
	.takes = &new_reset_shape,
	.crosses_organizations = why_person,
};

static const struct statement delete_request = {
	.sql = "DELETE FROM password_reset_request WHERE id = :id",
	.takes = &reset_request_row_shape,
	.crosses_organizations = why_person,
};

static const struct problem *
send_mail(struct call *call, const struct addressee *to)
{
	struct text token = token_make(call->arena, TOKEN_RESET);
	struct new_reset reset = { to->user_id, token_digest(token), instant_plus_seconds(call->now, -RESET_SECONDS),
		instant_plus_seconds(call->now, RESET_SECONDS) };
	struct reset_count sent;
	const struct problem *p = sql_one(call, &count_resets, &reset, &sent);

	if (p != NULL || sent.count >= MAILS_AN_HOUR)
		return p;
	p = sql_run(call, &insert_reset, &reset, NULL);
	return p != NULL ? p
			 : outbox_mail(
			       call, "password_reset", text_or(to->email, ""), "user", to->user_id, TEXT("{}"), token);
}

static const struct problem *
answer_request(struct call *call, const struct reset_request_row *request)
{
	struct addressee to = { 0 };
	const struct problem *p;
	bool found;

	p = sql_maybe(call, &find_addressee, request, &to, &found);
	if (p == NULL && found)
		p = send_mail(call, &to);
	return p != NULL ? p : sql_run(call, &delete_request, request, NULL);
}

static const struct problem *
answer_batch(struct call *call, void *count)
{
	struct list requests;
	const struct problem *p = sql_all(call, &list_requests, NULL, &requests);

	*(size_t *)count = 0;
	for (size_t i = 0; p == NULL && i < requests.count; i++)
		p = answer_request(call, (const struct reset_request_row *)requests.items + i);
	if (p == NULL)
		*(size_t *)count = requests.count;
	return p;
}

static const struct problem *
send_resets(struct call *call)
{
	const struct problem *p;
	size_t count;

	do {
		p = job_step(call, answer_batch, &count);
	} while (p == NULL && count == BATCH && !job_is_stopping());
	return p;
}

static const struct job send_resets_job = {
	.id = "auth.send_resets",
	.summary = "Mail those who have asked for a new password.",
	.every_seconds = 2,
	.run = send_resets,
};

const struct resource passwords_resource = {
	.name = "auth.passwords",
	.summary = "Changing a password, and replacing a forgotten one.",
	.operations = LIST_OF(operation, &change_operation, &request_operation, &reset_operation),
	.statements = LIST_OF(statement, &void_resets, &read_person, &replace_password, &insert_request, &find_reset,
	    &use_reset, &set_password, &list_requests, &find_addressee, &count_resets, &insert_reset, &delete_request),
	.jobs = LIST_OF(job, &send_resets_job),
};
