/*
 * The members of an organization: who they are, their roles, and how they go. How they come is in invitations.c.
 */
#include <assert.h>

#include "call.h"
#include "id.h"
#include "membership.h"
#include "outbox.h"
#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct member {
	struct id id;
	struct text name;
	struct text email;
	struct text role;
	bool is_active;
	struct instant created_at;
	struct text sort_key;
};
static const struct field member_fields[] = {
	FIELD(member, id, ANY, "The person's id."),
	FIELD(member, name, ANY, "The person's name."),
	FIELD(member, email, ANY, "The person's e-mail address."),
	FIELD(member, role, ONE_OF(role_names), "What the person may do here."),
	FIELD(member, is_active, ANY, "Whether the person may act for the organization at present."),
	FIELD(member, created_at, ANY, "When the person joined."),
	FIELD(member, sort_key, HIDDEN, "Orders members by name; unique."),
};
SHAPE(member)

/* A name may have 200 characters of 4 bytes, and a cursor holds all of it. */
struct member_list {
	struct maybe_int limit;
	struct maybe_text cursor;
};
static const struct field member_list_fields[] = {
	FIELD(member_list, limit, RANGE(1, 1000),
	    "Rows a page, fewer where they are large; in a stream, rows in all, without a ceiling."),
	FIELD(member_list, cursor, LENGTH(1, 1200), "The `next_cursor` of the page before."),
};
SHAPE(member_list)

struct member_ref {
	struct id member_id;
};
static const struct field member_ref_fields[] = {
	FIELD(member_ref, member_id, ANY, "The person's id."),
};
SHAPE(member_ref)

struct update_member {
	struct id member_id;
	struct maybe_text role;
	struct maybe_bool is_active;
};
static const struct field update_member_fields[] = {
	FIELD(update_member, member_id, ANY, "The person's id."),
	FIELD(update_member, role, ONE_OF(role_names), "A new role; only an owner gives or takes `owner`."),
	FIELD(update_member, is_active, ANY, "Whether the person may act for the organization."),
};
SHAPE(update_member)

struct removed_member {
	bool ok;
	struct id id;
};
static const struct field removed_member_fields[] = {
	FIELD(removed_member, ok, ANY, "The person is a member no longer."),
	FIELD(removed_member, id, ANY, "The person's id."),
};
SHAPE(removed_member)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

#define SORT_KEY "CONCAT(u.name, ' ', HEX(u.id))"

#define SELECT_MEMBER                                                                               \
	"SELECT u.id, u.name, COALESCE(u.email, '') AS email, m.role, m.is_active, m.created_at,"   \
	" COALESCE(" SORT_KEY ", '') AS sort_key FROM membership m JOIN user u ON u.id = m.user_id" \
	" WHERE m.organization_id = :organization"

static const struct statement list_members_by_name = {
	.sql = SELECT_MEMBER " AND " SORT_KEY " > :cursor ORDER BY sort_key LIMIT :limit",
	.gives = &member_shape,
};

static const struct statement find_member = {
	.sql = SELECT_MEMBER " AND m.user_id = :member_id",
	.takes = &member_ref_shape,
	.gives = &member_shape,
};

static const struct statement change_member = {
	.sql = "UPDATE membership SET role = COALESCE(:role, role), is_active = COALESCE(:is_active, is_active)"
	       " WHERE organization_id = :organization AND user_id = :member_id",
	.takes = &update_member_shape,
};

static const struct statement delete_member = {
	.sql = "DELETE FROM membership WHERE organization_id = :organization AND user_id = :member_id",
	.takes = &member_ref_shape,
};

/* Who is no member, or rests, answers for billing no more. */
static const struct statement forget_billing_admin = {
	.sql = "UPDATE organization SET billing_admin_id = NULL"
	       " WHERE id = :organization AND billing_admin_id = :member_id",
	.takes = &member_ref_shape,
};

/* ---- list and get ---------------------------------------------------------------------------------------------- */

HANDLER_EACH(list_members, member_list, member)

static const struct operation list_operation = {
	.id = "organizations.members.list",
	.kind = READ,
	.scope = MEMBERS_READ,
	.effect = READS,
	.summary = "List the members of the organization, by name.",
	.page_key = "sort_key",
	.page_ascending = true,
	.run = &list_members_run,
	.rest = { { .method = METHOD_GET, .path = "/v1/orgs/members" } },
};

static const struct problem *
list_members(struct call *call, const struct member_list *in, struct sink *sink)
{
	return sql_page(call, &list_members_by_name, in, sink);
}

HANDLER(get_member, member_ref, member)

static const struct operation get_operation = {
	.id = "organizations.members.get",
	.kind = READ,
	.scope = MEMBERS_READ,
	.effect = READS,
	.summary = "Read one member of the organization.",
	.raises = { NOT_FOUND },
	.run = &get_member_run,
	.rest = { { .method = METHOD_GET, .path = "/v1/orgs/members/{memberId}" } },
};

static const struct problem *
get_member(struct call *call, const struct member_ref *in, struct member *out)
{
	return sql_one(call, &find_member, in, out);
}

/* ---- update ---------------------------------------------------------------------------------------------------- */

HANDLER(update_member, update_member, member)

static const struct operation update_operation = {
	.id = "organizations.members.update",
	.kind = WRITE,
	.scope = MEMBERS_WRITE,
	.effect = COMPUTES,
	.summary = "Change a member's role, or let a member rest.",
	.description =
	    "It acts on the member's very next request. Only an owner gives or takes the role `owner`, and API keys"
	    " never do. An organization keeps at least one active owner.",
	.raises = { NOT_FOUND, FORBIDDEN, CONFLICT },
	.run = &update_member_run,
};

static const struct problem *
no_such_member(struct call *call)
{
	return fail(call, NOT_FOUND, "There is no such member.");
}

static bool
is_active_owner(const struct membership *membership)
{
	return membership->is_active && text_is(membership->role, role_name(ROLE_OWNER));
}

/* May this caller turn the one into the other? */
static const struct problem *
check_change(struct call *call, enum role authority, const struct membership *before, const struct membership *after)
{
	const char *owner = role_name(ROLE_OWNER);
	const struct problem *p = NULL;

	if (text_is(before->role, owner) || text_is(after->role, owner))
		p = membership_ask_owner(call, authority);
	if (p == NULL)
		p = membership_ask_scopes(call, after->role);
	if (p == NULL && is_active_owner(before) && !is_active_owner(after))
		p = membership_keep_owner(call, before->user_id);
	return p;
}

struct updated_event {
	struct id id;
	struct maybe_text role;
	struct maybe_bool is_active;
};
static const struct field updated_event_fields[] = {
	FIELD(updated_event, id, ANY, "The person."),
	FIELD(updated_event, role, LEFT_OUT, "The role, where it is a new one."),
	FIELD(updated_event, is_active, LEFT_OUT, "Whether they may act for the organization, where that is new."),
};
SHAPE(updated_event)

static const struct event_type member_updated = {
	.type = "member.updated",
	.entity_type = "user",
	.summary = "A member has another role, or may or may not act any more.",
	.data = &updated_event_shape,
};

/* The event names what is new. */
static const struct problem *
announce_change(struct call *call, const struct membership *before, const struct membership *after)
{
	struct updated_event event = { .id = after->user_id };

	if (!text_equal(before->role, after->role))
		event.role = text_given(after->role);
	if (before->is_active != after->is_active)
		event.is_active = (struct maybe_bool){ after->is_active, true };
	return outbox_tell(call, &member_updated, after->user_id, &event);
}

static const struct problem *
change(struct call *call, const struct update_member *in, enum role authority, const struct membership *before)
{
	struct membership after = *before;
	const struct problem *p;

	if (in->role.at != NULL)
		after.role = (struct text){ in->role.at, in->role.length };
	if (in->is_active.given)
		after.is_active = in->is_active.value;
	if (text_equal(before->role, after.role) && before->is_active == after.is_active)
		return NULL;
	p = check_change(call, authority, before, &after);
	if (p == NULL)
		p = sql_run(call, &change_member, in, NULL);
	if (p == NULL && !after.is_active)
		p = sql_run(call, &forget_billing_admin, &(struct member_ref){ in->member_id }, NULL);
	return p != NULL ? p : announce_change(call, before, &after);
}

static const struct problem *
update_member(struct call *call, const struct update_member *in, struct member *out)
{
	struct member_ref ref = { in->member_id };
	struct membership before;
	enum role authority;
	bool found = false;
	const struct problem *p = membership_begin(call, &authority);

	if (p == NULL)
		p = membership_find(call, in->member_id, &before, &found);
	if (p != NULL)
		return p;
	if (!found)
		return no_such_member(call);
	p = change(call, in, authority, &before);
	return p != NULL ? p : sql_one(call, &find_member, &ref, out);
}

/* ---- remove and leave ------------------------------------------------------------------------------------------ */

struct removed_event {
	struct id id;
	struct text role;
};
static const struct field removed_event_fields[] = {
	FIELD(removed_event, id, ANY, "The person."),
	FIELD(removed_event, role, ANY, "The role they had."),
};
SHAPE(removed_event)

static const struct event_type member_removed = {
	.type = "member.removed",
	.entity_type = "user",
	.summary = "A person is no member any more.",
	.data = &removed_event_shape,
};

/* Takes the person out of the organization, which keeps an owner. */
static const struct problem *
take_out(struct call *call, const struct membership *membership, struct removed_member *out)
{
	struct member_ref ref = { membership->user_id };
	const struct removed_event event = { membership->user_id, membership->role };
	const struct problem *p = NULL;

	if (is_active_owner(membership))
		p = membership_keep_owner(call, membership->user_id);
	if (p == NULL)
		p = sql_run(call, &delete_member, &ref, NULL);
	if (p == NULL)
		p = sql_run(call, &forget_billing_admin, &ref, NULL);
	if (p != NULL)
		return p;
	*out = (struct removed_member){ true, membership->user_id };
	return outbox_tell(call, &member_removed, membership->user_id, &event);
}

HANDLER(remove_member, member_ref, removed_member)

static const struct operation remove_operation = {
	.id = "organizations.members.remove",
	.kind = WRITE,
	.scope = MEMBERS_WRITE,
	.effect = DESTROYS,
	.summary = "Remove a member; the person can't act for the organization from the very next request on.",
	.description = "API keys that the person made belong to the organization and go on working; revoke them by"
		       " `api_keys.revoke` where they should not. Only an owner removes an owner, and the last active"
		       " owner stays.",
	.raises = { NOT_FOUND, FORBIDDEN, CONFLICT },
	.run = &remove_member_run,
};

static const struct problem *
remove_member(struct call *call, const struct member_ref *in, struct removed_member *out)
{
	struct membership membership;
	enum role authority;
	bool found = false;
	const struct problem *p = membership_begin(call, &authority);

	if (p == NULL)
		p = membership_find(call, in->member_id, &membership, &found);
	if (p != NULL)
		return p;
	if (!found)
		return no_such_member(call);
	if (text_is(membership.role, role_name(ROLE_OWNER)))
		p = membership_ask_owner(call, authority);
	return p != NULL ? p : take_out(call, &membership, out);
}

HANDLER(leave_organization, nothing, removed_member)

static const struct operation leave_operation = {
	.id = "organizations.members.leave",
	.kind = WRITE,
	.scope = ORGANIZATIONS_READ,
	.effect = DESTROYS,
	.human = true,
	.summary = "Leave the organization that the session acts for.",
	.description =
	    "A person of any role may leave, but for the last active owner. The session goes on, acting for no"
	    " organization.",
	.raises = { CONFLICT },
	.run = &leave_organization_run,
};

static const struct problem *
leave_organization(struct call *call, const struct nothing *in, struct removed_member *out)
{
	struct membership own;
	enum role authority;
	bool found = false;
	const struct problem *p = membership_begin(call, &authority);

	(void)in;
	if (p == NULL)
		p = membership_find(call, call->principal.id, &own, &found);
	if (p != NULL)
		return p;
	assert(found); /* membership_begin has seen it, and holds the lock */
	return take_out(call, &own, out);
}

const struct resource members_resource = {
	.name = "organizations.members",
	.summary = "The people of an organization and their roles.",
	.operations =
	    LIST_OF(operation, &list_operation, &get_operation, &update_operation, &remove_operation, &leave_operation),
	.statements = LIST_OF(
	    statement, &list_members_by_name, &find_member, &change_member, &delete_member, &forget_billing_admin),
	.events = LIST_OF(event_type, &member_updated, &member_removed),
};
