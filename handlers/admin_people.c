/*
 * People as the operator handles them: finding them, and saying who a person of the outside identity provider is here.
 */
#include "call.h"
#include "formats.h"
#include "id.h"
#include "page.h"
#include "resources.h"
#include "statement.h"

static const char why_everybody[] = "people belong to no organization";

/* ---- users ----------------------------------------------------------------------------------------------------- */

struct admin_user_list {
	struct maybe_text query;
	PAGE_MEMBERS;
};
static const struct field admin_user_list_fields[] = {
	FIELD(admin_user_list, query, LENGTH(1, 254), "Part of the e-mail address or of the name, in any case."),
	PAGE_FIELDS(admin_user_list),
};
SHAPE(admin_user_list)

struct admin_user {
	struct id id;
	struct maybe_text email;
	struct text name;
	int64_t organizations_count;
	struct instant created_at;
	struct maybe_instant erased_at;
};
static const struct field admin_user_fields[] = {
	FIELD(admin_user, id, ANY, "The person's id."),
	FIELD(admin_user, email, ANY, "The e-mail address; null once erased."),
	FIELD(admin_user, name, ANY, "The name."),
	FIELD(admin_user, organizations_count, ANY, "How many organizations the person is a member of."),
	FIELD(admin_user, created_at, ANY, "When the person signed up."),
	FIELD(admin_user, erased_at, ANY, "When the person was erased, or null."),
};
SHAPE(admin_user)

static const struct statement list_users = {
	.sql = "SELECT u.id, u.email, u.name, u.created_at, u.erased_at,"
	       " COALESCE((SELECT COUNT(*) FROM membership m WHERE m.user_id = u.id AND m.is_active), 0) AS "
	       "organizations_count"
	       " FROM user u WHERE u.id < :cursor"
	       " AND (:query IS NULL OR LOCATE(:query, u.email) > 0 OR LOCATE(:query, u.name) > 0)"
	       " ORDER BY u.id DESC LIMIT :limit",
	.takes = &admin_user_list_shape,
	.gives = &admin_user_shape,
	.crosses_organizations = why_everybody,
};

HANDLER_EACH(list_people, admin_user_list, admin_user)

static const struct operation list_users_operation = {
	.id = "admin.users.list",
	.kind = READ,
	.scope = ADMIN_READ,
	.effect = READS,
	.summary = "List every person who has signed up, newest first.",
	.page_key = "id",
	.run = &list_people_run,
};

static const struct problem *
list_people(struct call *call, const struct admin_user_list *in, struct sink *sink)
{
	return sql_page(call, &list_users, in, sink);
}

/* ---- identities ------------------------------------------------------------------------------------------------ */

struct identity {
	struct text issuer;
	struct text subject;
	struct id user_id;
	struct instant created_at;
};
static const struct field identity_fields[] = {
	FIELD(identity, issuer, ANY, "The identity provider, as `iss` names it."),
	FIELD(identity, subject, ANY, "The person there, as `sub` names them."),
	FIELD(identity, user_id, ANY, "The person here."),
	FIELD(identity, created_at, ANY, "When they were linked."),
};
SHAPE(identity)

/* The columns count bytes, and a token's `sub` has no more. */
static const char *
check_within(struct text value, size_t bytes, const char *fault)
{
	return value.length > bytes ? fault : plain_format.check(value);
}

static const char *
check_issuer(struct text value)
{
	return check_within(value, 500, "An issuer has at most 500 bytes.");
}

static const char *
check_subject(struct text value)
{
	return check_within(value, 255, "A subject has at most 255 bytes.");
}

static const struct format issuer_format = { .check = check_issuer };
static const struct format subject_format = { .check = check_subject };

struct link_identity {
	struct text issuer;
	struct text subject;
	struct id user_id;
};
static const struct field link_identity_fields[] = {
	FIELD(link_identity, issuer, MATCHING(issuer_format, 1, 500), "The identity provider, as `iss` names it."),
	FIELD(link_identity, subject, MATCHING(subject_format, 1, 255), "The person there, as `sub` names them."),
	FIELD(link_identity, user_id, ANY, "The person here."),
};
SHAPE(link_identity)

static const struct statement find_identity_row = {
	.sql = "SELECT issuer, subject, user_id, created_at FROM identity"
	       " WHERE issuer = :issuer AND subject = :subject FOR UPDATE",
	.takes = &link_identity_shape,
	.gives = &identity_shape,
	.crosses_organizations = why_everybody,
};

static const struct statement insert_identity = {
	.sql = "INSERT INTO identity (issuer, subject, user_id, created_at)"
	       " SELECT :issuer, :subject, id, :now FROM user WHERE id = :user_id AND erased_at IS NULL"
	       " LOCK IN SHARE MODE",
	.takes = &link_identity_shape,
	.crosses_organizations = why_everybody,
	.on_duplicate = CONFLICT,
};

static const struct statement delete_identity = {
	.sql = "DELETE FROM identity WHERE issuer = :issuer AND subject = :subject AND user_id = :user_id",
	.takes = &link_identity_shape,
	.crosses_organizations = why_everybody,
};

HANDLER(link_identity, link_identity, identity)

static const struct operation link_operation = {
	.id = "admin.identities.link",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = COMPUTES,
	.summary = "Say which person here a person of the outside identity provider is.",
	.description = "Doing it again changes nothing; a subject that is linked to somebody else is unlinked first.",
	.raises = { NOT_FOUND, CONFLICT },
	.run = &link_identity_run,
};

static const struct problem *
link_identity(struct call *call, const struct link_identity *in, struct identity *out)
{
	const struct problem *p;
	int64_t linked;
	bool found;

	p = sql_maybe(call, &find_identity_row, in, out, &found);
	if (p != NULL)
		return p;
	call->target = (struct maybe_id){ in->user_id, true };
	if (found && id_equal(out->user_id, in->user_id))
		return NULL;
	if (found)
		return fail(call, CONFLICT, "This subject is linked to another person; unlink it first.");
	p = sql_run(call, &insert_identity, in, &linked);
	if (p == NULL && linked == 0)
		p = fail(call, NOT_FOUND, "There is no such person.");
	return p != NULL ? p : sql_one(call, &find_identity_row, in, out);
}

struct unlinked {
	bool ok;
};
static const struct field unlinked_fields[] = {
	FIELD(unlinked, ok, ANY, "Tokens of this subject are refused from the very next request on."),
};
SHAPE(unlinked)

HANDLER(unlink_identity, link_identity, unlinked)

static const struct operation unlink_operation = {
	.id = "admin.identities.unlink",
	.kind = WRITE,
	.scope = ADMIN_WRITE,
	.effect = DESTROYS,
	.summary = "Part a person here from a person of the outside identity provider.",
	.raises = { NOT_FOUND },
	.run = &unlink_identity_run,
};

static const struct problem *
unlink_identity(struct call *call, const struct link_identity *in, struct unlinked *out)
{
	int64_t unlinked;
	const struct problem *p = sql_run(call, &delete_identity, in, &unlinked);

	if (p == NULL && unlinked == 0)
		p = fail(call, NOT_FOUND, "They are not linked.");
	call->target = (struct maybe_id){ in->user_id, true };
	out->ok = true;
	return p;
}

struct identity_list {
	struct id user_id;
};
static const struct field identity_list_fields[] = {
	FIELD(identity_list, user_id, ANY, "The person."),
};
SHAPE(identity_list)

struct identities {
	struct list data;
};
static const struct field identities_fields[] = {
	FIELD_LIST(identities, data, identity, ANY, "Every link of the person, the oldest first."),
};
SHAPE(identities)

static const struct statement list_identities = {
	.sql = "SELECT issuer, subject, user_id, created_at FROM identity WHERE user_id = :user_id"
	       " ORDER BY created_at, issuer, subject LIMIT 1000",
	.takes = &identity_list_shape,
	.gives = &identity_shape,
	.crosses_organizations = why_everybody,
};

HANDLER(get_identities, identity_list, identities)

static const struct operation list_identities_operation = {
	.id = "admin.identities.list",
	.kind = READ,
	.scope = ADMIN_READ,
	.effect = READS,
	.summary = "List who a person is at the outside identity provider.",
	.run = &get_identities_run,
};

static const struct problem *
get_identities(struct call *call, const struct identity_list *in, struct identities *out)
{
	return sql_all(call, &list_identities, in, &out->data);
}

const struct resource admin_people_resource = {
	.name = "admin.people",
	.summary = "People in the operator's hands.",
	.operations =
	    LIST_OF(operation, &list_users_operation, &link_operation, &unlink_operation, &list_identities_operation),
	.statements =
	    LIST_OF(statement, &list_users, &find_identity_row, &insert_identity, &delete_identity, &list_identities),
};
