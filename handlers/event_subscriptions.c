/*
 * Subscriptions to events: made, read, changed, paused, deleted, their secrets replaced.
 */
#include "resources.h"

#include "call.h"
#include "clock.h"
#include "event_subscription.h"
#include "events.h"
#include "formats.h"
#include "id.h"
#include "organization.h"
#include "page.h"
#include "statement.h"
#include "text.h"

enum { SUBSCRIPTIONS_MOST = 50, DAY_SECONDS = 86400, OVERLAP_MOST_DAYS = 7 };

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

static const char *const statuses[] = { "active", "paused", NULL };

struct event_subscription {
	struct id id;
	struct text event_type;
	struct text endpoint_url;
	struct document filter_config;
	struct document headers;
	struct maybe_text description;
	struct text status;
	struct maybe_text pause_reason;
	struct maybe_instant old_secret_until;
	struct instant created_at;
	struct instant updated_at;
};
static const struct field event_subscription_fields[] = {
	FIELD(event_subscription, id, ANY, "The subscription."),
	FIELD(event_subscription, event_type, ANY, "The type it is for, or `*` for all."),
	FIELD(event_subscription, endpoint_url, ANY, "Where its events go."),
	FIELD(event_subscription, filter_config, ANY, "What members of `data` have to equal, or null."),
	FIELD(event_subscription, headers, ANY, "Its own headers, their values masked, or null."),
	FIELD(event_subscription, description, ANY, "What it is for, or null."),
	FIELD(event_subscription, status, ONE_OF(statuses), "While it is paused, what waits for it is kept 30 days."),
	FIELD(event_subscription, pause_reason, ANY, "Why it was paused, or null."),
	FIELD(event_subscription, old_secret_until, ANY, "Until then the secret before signs too, or null."),
	FIELD(event_subscription, created_at, ANY, "When it was made."),
	FIELD(event_subscription, updated_at, ANY, "When it was changed last."),
};
SHAPE(event_subscription)

struct new_event_subscription {
	struct id id;
	struct text secret;
	struct text event_type;
	struct text endpoint_url;
	struct document filter_config;
	struct document headers;
	struct maybe_text description;
	struct text status;
	struct instant created_at;
};
static const struct field new_event_subscription_fields[] = {
	FIELD(new_event_subscription, id, ANY, "The subscription."),
	FIELD(new_event_subscription, secret, ANY,
	    "What its events are signed with (Standard Webhooks). It is shown here and never again."),
	FIELD(new_event_subscription, event_type, ANY, "The type it is for, or `*` for all."),
	FIELD(new_event_subscription, endpoint_url, ANY, "Where its events go."),
	FIELD(new_event_subscription, filter_config, ANY, "What members of `data` have to equal, or null."),
	FIELD(new_event_subscription, headers, ANY, "Its own headers, their values masked, or null."),
	FIELD(new_event_subscription, description, ANY, "What it is for, or null."),
	FIELD(new_event_subscription, status, ONE_OF(statuses), "Always `active` at first."),
	FIELD(new_event_subscription, created_at, ANY, "When it was made."),
};
SHAPE(new_event_subscription)

#define TYPE_SENTENCE "A type of the catalogue, or `*` for all of them."
#define URL_SENTENCE "Where to send them: https, and no private address."
#define FILTER_SENTENCE \
	"Send only events whose `data` has these members with these values, such as {\"metric\": \"requests\"}."
#define HEADERS_SENTENCE "Headers of your own, by name; 20 at most. Their values are shown to nobody again."

struct create_subscription {
	struct text event_type;
	struct text endpoint_url;
	struct document filter_config;
	struct document headers;
	struct maybe_text description;
};
static const struct field create_subscription_fields[] = {
	FIELD(create_subscription, event_type, MATCHING(plain_format, 1, 60), TYPE_SENTENCE),
	FIELD(create_subscription, endpoint_url, MATCHING(plain_format, 1, 2000), URL_SENTENCE),
	FIELD(create_subscription, filter_config, ANY, FILTER_SENTENCE),
	FIELD(create_subscription, headers, ANY, HEADERS_SENTENCE),
	FIELD(create_subscription, description, LENGTH(1, 500), "What it is for."),
};
SHAPE(create_subscription)

struct update_subscription {
	struct id subscription_id;
	struct maybe_text event_type;
	struct maybe_text endpoint_url;
	struct document filter_config;
	struct document headers;
	struct maybe_text description;
	struct maybe_text status;
};
static const struct field update_subscription_fields[] = {
	FIELD(update_subscription, subscription_id, ANY, "The subscription."),
	FIELD(update_subscription, event_type, MATCHING(plain_format, 1, 60), TYPE_SENTENCE),
	FIELD(update_subscription, endpoint_url, MATCHING(plain_format, 1, 2000), URL_SENTENCE),
	FIELD(update_subscription, filter_config, ANY, FILTER_SENTENCE " `{}` for none."),
	FIELD(update_subscription, headers, ANY, HEADERS_SENTENCE " `{}` for none."),
	FIELD(update_subscription, description, LENGTH(1, 500), "What it is for."),
	FIELD(update_subscription, status, ONE_OF(statuses), "`paused` to send nothing, `active` to go on."),
};
SHAPE(update_subscription)

struct subscription_deleted {
	bool ok;
	struct id id;
};
static const struct field subscription_deleted_fields[] = {
	FIELD(subscription_deleted, ok, ANY, "Nothing is sent there any more."),
	FIELD(subscription_deleted, id, ANY, "The subscription."),
};
SHAPE(subscription_deleted)

struct rotate_subscription {
	struct id subscription_id;
	struct maybe_int overlap_seconds;
};
static const struct field rotate_subscription_fields[] = {
	FIELD(rotate_subscription, subscription_id, ANY, "The subscription."),
	FIELD(rotate_subscription, overlap_seconds, RANGE_OR(0, OVERLAP_MOST_DAYS *DAY_SECONDS, DAY_SECONDS),
	    "How long the secret before goes on signing beside the new one."),
};
SHAPE(rotate_subscription)

struct rotated_secret {
	struct id id;
	struct text secret;
	struct maybe_instant old_secret_until;
};
static const struct field rotated_secret_fields[] = {
	FIELD(rotated_secret, id, ANY, "The subscription."),
	FIELD(rotated_secret, secret, ANY, "The new secret. It is shown here and never again."),
	FIELD(rotated_secret, old_secret_until, ANY, "Until then the secret before signs too, or null."),
};
SHAPE(rotated_secret)

/* ---- SQL -------------------------------------------------------------------------------------------------------- */

#define SHOWN_COLUMNS                                                                                               \
	"id, event_type, endpoint_url, filter_config, headers_shown AS headers, description, status, pause_reason," \
	" IF(old_secret_until > :now, old_secret_until, NULL) AS old_secret_until, created_at, updated_at"

static const struct statement show_subscription = {
	.sql = "SELECT " SHOWN_COLUMNS " FROM event_subscription WHERE organization_id = :organization"
	       " AND id = :subscription_id AND status <> 'deleted'",
	.takes = &event_subscription_ref_shape,
	.gives = &event_subscription_shape,
};

static const struct statement list_subscriptions = {
	.sql = "SELECT " SHOWN_COLUMNS " FROM event_subscription WHERE organization_id = :organization"
	       " AND status <> 'deleted' AND id < :cursor ORDER BY id DESC LIMIT :limit",
	.gives = &event_subscription_shape,
};

struct subscription_count {
	int64_t subscriptions;
};
static const struct field subscription_count_fields[] = {
	FIELD(subscription_count, subscriptions, ANY, "How many there are."),
};
SHAPE(subscription_count)

static const struct statement count_subscriptions = {
	.sql = "SELECT COUNT(*) AS subscriptions FROM event_subscription WHERE organization_id = :organization"
	       " AND status <> 'deleted'",
	.gives = &subscription_count_shape,
};

struct subscription_row {
	struct id id;
	struct maybe_text event_type;
	struct maybe_text endpoint_url;
	struct maybe_text host;
	struct document filter_config;
	bool has_filter; /* whether it is changed, perhaps to none */
	struct bytes headers;
	struct document headers_shown;
	bool has_headers;
	struct maybe_text description;
	struct maybe_text status;
	struct bytes secret;
};
static const struct field subscription_row_fields[] = {
	FIELD(subscription_row, id, ANY, "The subscription."),
	FIELD(subscription_row, event_type, ANY, "The type, or *."),
	FIELD(subscription_row, endpoint_url, ANY, "Where to."),
	FIELD(subscription_row, host, ANY, "Name and port of that."),
	FIELD(subscription_row, filter_config, ANY, "What has to be equal."),
	FIELD(subscription_row, has_filter, ANY, "Whether that is given."),
	FIELD(subscription_row, headers, ANY, "Sealed."),
	FIELD(subscription_row, headers_shown, ANY, "Masked."),
	FIELD(subscription_row, has_headers, ANY, "Whether they are given."),
	FIELD(subscription_row, description, ANY, "What for."),
	FIELD(subscription_row, status, ANY, "Whether it is sent to."),
	FIELD(subscription_row, secret, ANY, "Sealed."),
};
SHAPE(subscription_row)

static const struct statement insert_subscription = {
	.sql = "INSERT INTO event_subscription (id, organization_id, event_type, endpoint_url, host, filter_config,"
	       " headers, headers_shown, description, secret, created_at, updated_at) VALUES (:id, :organization,"
	       " :event_type, :endpoint_url, :host, :filter_config, :headers, :headers_shown, :description, :secret,"
	       " :now, :now)",
	.takes = &subscription_row_shape,
};

/* An endpoint that somebody has just mended, or moved, begins as a new one. */
static const struct statement change_subscription = {
	.sql = "UPDATE event_subscription SET event_type = COALESCE(:event_type, event_type),"
	       " endpoint_url = COALESCE(:endpoint_url, endpoint_url), host = COALESCE(:host, host),"
	       " filter_config = IF(:has_filter, :filter_config, filter_config),"
	       " headers = IF(:has_headers, :headers, headers),"
	       " headers_shown = IF(:has_headers, :headers_shown, headers_shown),"
	       " description = COALESCE(:description, description),"
	       " pause_reason = IF(COALESCE(:status, status) = 'active', NULL, pause_reason),"
	       " revision = IF(:status = 'active' OR :endpoint_url IS NOT NULL, revision + 1, revision),"
	       " trust = IF(:status = 'active' OR :endpoint_url IS NOT NULL, 1, trust),"
	       " quick_attempts = IF(:status = 'active' OR :endpoint_url IS NOT NULL, 0, quick_attempts),"
	       " status = COALESCE(:status, status), updated_at = :now"
	       " WHERE organization_id = :organization AND id = :id",
	.takes = &subscription_row_shape,
};

struct subscription_end {
	struct id subscription_id;
	bool has_left;
};
static const struct field subscription_end_fields[] = {
	FIELD(subscription_end, subscription_id, ANY, "The subscription."),
	FIELD(subscription_end, has_left, ANY, "Whether deliveries wait that have to be ended."),
};
SHAPE(subscription_end)

static const struct statement delete_subscription = {
	.sql = "UPDATE event_subscription SET status = 'deleted', secret = '', old_secret = NULL, headers = NULL,"
	       " headers_shown = NULL, due_at = IF(:has_left, :now, NULL), updated_at = :now"
	       " WHERE organization_id = :organization AND id = :subscription_id",
	.takes = &subscription_end_shape,
};

struct secret_row {
	struct id id;
	struct bytes secret;
	struct bytes old_secret;
	struct maybe_instant old_secret_until;
};
static const struct field secret_row_fields[] = {
	FIELD(secret_row, id, ANY, "The subscription."),
	FIELD(secret_row, secret, ANY, "The new one, sealed."),
	FIELD(secret_row, old_secret, ANY, "The one before, sealed."),
	FIELD(secret_row, old_secret_until, ANY, "How long that signs too."),
};
SHAPE(secret_row)

static const struct statement change_secret = {
	.sql = "UPDATE event_subscription SET secret = :secret, old_secret = :old_secret,"
	       " old_secret_until = :old_secret_until, updated_at = :now"
	       " WHERE organization_id = :organization AND id = :id",
	.takes = &secret_row_shape,
};

/* ---- what is shared --------------------------------------------------------------------------------------------- */

static const struct problem *
check_type(struct call *call, struct text type)
{
	if (text_is(type, "*") || event_type_named(type) != NULL)
		return NULL;
	return fail_field(call, "/event_type", "unknown", "There is no event type called %s.", type.at);
}

/* What was found of an address before anything was locked: its name may have to be asked for. */
struct verdict {
	const char *fault; /* NULL: none */
	struct text host;
};

static void
look_at_url(struct call *call, struct text url)
{
	struct verdict *verdict = arena_take(call->arena, sizeof(*verdict));

	verdict->fault = outgoing_check_url(call, url, &verdict->host);
	call->intent = verdict;
}

static const struct problem *
judge_url(struct call *call, struct maybe_text *host)
{
	const struct verdict *verdict = call->intent;

	if (verdict->fault != NULL)
		return fail_field(call, "/endpoint_url", "not_allowed", "%s", verdict->fault);
	*host = text_given(verdict->host);
	return NULL;
}

static const struct problem *
show(struct call *call, struct id subscription_id, struct event_subscription *out)
{
	struct event_subscription_ref ref = { subscription_id };

	return sql_one(call, &show_subscription, &ref, out);
}

/* ---- operations ------------------------------------------------------------------------------------------------- */

HANDLER(create_subscription, create_subscription, new_event_subscription)

static const struct problem *
look_at_new(struct call *call, const void *given)
{
	const struct create_subscription *in = given;

	look_at_url(call, in->endpoint_url);
	return NULL;
}

static const struct operation create_operation = {
	.id = "event_subscriptions.create",
	.kind = WRITE,
	.scope = EVENT_SUBSCRIPTIONS_WRITE,
	.effect = EXPORTS,
	.slow = true,
	.seals_reply = true,
	.summary = "Have events sent to an address of yours.",
	.description =
	    "Events are sent by POST, at least once each, signed as Standard Webhooks says; an answer of 2xx within 10"
	    " seconds is success. First attempts begin in order; what fails is sent again after 10 s, 1 m, 10 m,"
	    " 1 h, 6 h and 24 h, and after that, or on 410, the subscription is paused. An organization has at most"
	    " 50.",
	.raises = { CONFLICT },
	.run = &create_subscription_run,
	.prepare = look_at_new,
};

static const struct problem *
check_room(struct call *call)
{
	struct organization organization;
	struct subscription_count count;
	const struct problem *p = organization_lock(call, &organization);

	if (p == NULL)
		p = sql_one(call, &count_subscriptions, NULL, &count);
	if (p == NULL && count.subscriptions >= SUBSCRIPTIONS_MOST)
		p = fail(call, CONFLICT, "An organization has at most 50 subscriptions; delete one first.");
	return p;
}

static const struct problem *
create_subscription(struct call *call, const struct create_subscription *in, struct new_event_subscription *out)
{
	struct text secret = event_secret_make(call);
	struct document headers = in->headers;
	struct subscription_row row = { .id = id_new(call->now),
		.event_type = text_given(in->event_type),
		.endpoint_url = text_given(in->endpoint_url),
		.filter_config = in->filter_config,
		.description = in->description };
	const struct problem *p = check_type(call, in->event_type);

	if (p == NULL)
		p = event_filter_check(call, &row.filter_config);
	if (p == NULL)
		p = event_headers_check(call, &headers, &row.headers_shown);
	if (p == NULL)
		p = judge_url(call, &row.host);
	if (p == NULL)
		p = check_room(call);
	if (p != NULL)
		return p;
	row.headers = event_headers_seal(call, row.id, headers);
	row.secret = event_secret_seal(call, row.id, secret);
	*out = (struct new_event_subscription){ row.id, secret, in->event_type, in->endpoint_url, row.filter_config,
		row.headers_shown, in->description, TEXT_OF("active"), call->now };
	return sql_run(call, &insert_subscription, &row, NULL);
}

HANDLER(get_subscription, event_subscription_ref, event_subscription)

static const struct operation get_operation = {
	.id = "event_subscriptions.get",
	.kind = READ,
	.scope = EVENT_SUBSCRIPTIONS_READ,
	.effect = READS,
	.summary = "Read one subscription to events.",
	.raises = { NOT_FOUND },
	.run = &get_subscription_run,
};

static const struct problem *
get_subscription(struct call *call, const struct event_subscription_ref *in, struct event_subscription *out)
{
	return show(call, in->subscription_id, out);
}

HANDLER_EACH(list_event_subscriptions, page_query, event_subscription)

static const struct operation list_operation = {
	.id = "event_subscriptions.list",
	.kind = READ,
	.scope = EVENT_SUBSCRIPTIONS_READ,
	.effect = READS,
	.summary = "List the organization's subscriptions to events, newest first.",
	.page_key = "id",
	.run = &list_event_subscriptions_run,
};

static const struct problem *
list_event_subscriptions(struct call *call, const struct page_query *in, struct sink *sink)
{
	return sql_page(call, &list_subscriptions, in, sink);
}

HANDLER(update_subscription, update_subscription, event_subscription)

static const struct problem *
look_at_changed(struct call *call, const void *given)
{
	const struct update_subscription *in = given;

	if (in->endpoint_url.at != NULL)
		look_at_url(call, text_or(in->endpoint_url, ""));
	return NULL;
}

static const struct operation update_operation = {
	.id = "event_subscriptions.update",
	.kind = WRITE,
	.scope = EVENT_SUBSCRIPTIONS_WRITE,
	.effect = COMPUTES,
	.slow = true,
	.summary = "Change, pause or resume a subscription to events.",
	.description =
	    "While it is paused no event is added, and what waits is kept, for 30 days; resumed, it goes on at once,"
	    " the oldest first. What has begun may still arrive.",
	.raises = { NOT_FOUND },
	.run = &update_subscription_run,
	.prepare = look_at_changed,
};

static const struct problem *
check_changes(struct call *call, const struct update_subscription *in, struct subscription_row *row)
{
	struct document headers = in->headers;
	const struct problem *p = NULL;

	if (in->event_type.at != NULL)
		p = check_type(call, text_or(in->event_type, ""));
	if (p == NULL)
		p = event_filter_check(call, &row->filter_config);
	if (p == NULL)
		p = event_headers_check(call, &headers, &row->headers_shown);
	if (p == NULL)
		row->headers = event_headers_seal(call, row->id, headers);
	if (p == NULL && in->endpoint_url.at != NULL)
		p = judge_url(call, &row->host);
	return p;
}

static const struct problem *
update_subscription(struct call *call, const struct update_subscription *in, struct event_subscription *out)
{
	struct subscription_row row = { .id = in->subscription_id,
		.event_type = in->event_type,
		.endpoint_url = in->endpoint_url,
		.filter_config = in->filter_config,
		.has_filter = in->filter_config.at != NULL,
		.has_headers = in->headers.at != NULL,
		.description = in->description,
		.status = in->status };
	struct endpoint endpoint;
	const struct problem *p = check_changes(call, in, &row);

	if (p == NULL)
		p = endpoint_lock(call, in->subscription_id, &endpoint);
	if (p == NULL)
		p = sql_run(call, &change_subscription, &row, NULL);
	if (p == NULL && (in->endpoint_url.at != NULL || text_is(text_or(in->status, ""), "active")))
		p = endpoint_begin_anew(call, in->subscription_id);
	if (p == NULL)
		p = endpoint_reckon(call, in->subscription_id);
	return p != NULL ? p : show(call, in->subscription_id, out);
}

HANDLER(delete_event_subscription, event_subscription_ref, subscription_deleted)

static const struct operation delete_operation = {
	.id = "event_subscriptions.delete",
	.kind = WRITE,
	.scope = EVENT_SUBSCRIPTIONS_WRITE,
	.effect = DESTROYS,
	.summary = "Delete a subscription to events.",
	.description = "What waits for it is not sent any more. Its deliveries can be listed for 30 days.",
	.raises = { NOT_FOUND },
	.run = &delete_event_subscription_run,
};

static const struct problem *
delete_event_subscription(struct call *call, const struct event_subscription_ref *in, struct subscription_deleted *out)
{
	struct subscription_end end = { .subscription_id = in->subscription_id };
	struct endpoint endpoint;
	const struct problem *p = endpoint_lock(call, in->subscription_id, &endpoint);

	*out = (struct subscription_deleted){ true, in->subscription_id };
	if (p == NULL)
		p = endpoint_end_deliveries(call, in->subscription_id, &end.has_left);
	return p != NULL ? p : sql_run(call, &delete_subscription, &end, NULL);
}

HANDLER(rotate_secret, rotate_subscription, rotated_secret)

static const struct operation rotate_operation = {
	.id = "event_subscriptions.rotate_secret",
	.kind = WRITE,
	.scope = EVENT_SUBSCRIPTIONS_WRITE,
	.effect = EXPORTS,
	.seals_reply = true,
	.summary = "Replace the secret that a subscription's events are signed with.",
	.description =
	    "Until the overlap is over each event carries a signature by either secret, the new one's first. One that"
	    " was being replaced already signs no more.",
	.raises = { NOT_FOUND },
	.run = &rotate_secret_run,
};

static const struct problem *
rotate_secret(struct call *call, const struct rotate_subscription *in, struct rotated_secret *out)
{
	struct endpoint endpoint;
	struct secret_row row = { .id = in->subscription_id };
	const struct problem *p = endpoint_lock(call, in->subscription_id, &endpoint);

	if (p != NULL)
		return p;
	*out = (struct rotated_secret){ .id = in->subscription_id, .secret = event_secret_make(call) };
	row.secret = event_secret_seal(call, in->subscription_id, out->secret);
	if (in->overlap_seconds.value > 0) {
		row.old_secret = endpoint.secret;
		row.old_secret_until = instant_given(instant_plus_seconds(call->now, in->overlap_seconds.value));
	}
	out->old_secret_until = row.old_secret_until;
	return sql_run(call, &change_secret, &row, NULL);
}

const struct resource event_subscriptions_resource = {
	.name = "event_subscriptions",
	.summary = "Events sent to addresses of the organization's own.",
	.operations = LIST_OF(operation, &create_operation, &get_operation, &list_operation, &update_operation,
	    &delete_operation, &rotate_operation),
	.statements = LIST_OF(statement, &show_subscription, &list_subscriptions, &count_subscriptions,
	    &insert_subscription, &change_subscription, &delete_subscription, &change_secret),
};
