/*
 * What is sent to a subscription: the event's envelope, signed with the subscription's secret; with the one before,
 * too, while that is being replaced. Secrets and headers are kept sealed.
 */
#include "event_subscription.h"

#include <inttypes.h>

#include "clock.h"
#include "id.h"
#include "json.h"
#include "resources.h"
#include "seal.h"
#include "statement.h"
#include "text.h"
#include "tree.h"

enum { END_BATCH = 1000, SECRET_BYTES = 32, HEADERS_MOST = 20, OWN_HEADERS = 4, SECOND = 1000000 };
#define SECRET_PREFIX "whsec_"

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

static const struct field event_fields[] = {
	FIELD(event, event_id, ANY, "The event. Whoever gets it twice knows it by this."),
	FIELD(event, event_type, ANY, "What happened."),
	FIELD(event, timestamp, ANY, "When."),
	FIELD(event, organization_id, ANY, "Where."),
	FIELD(event, entity_type, ANY, "What kind of thing it happened to."),
	FIELD(event, entity_id, ANY, "The thing."),
	FIELD(event, data, ANY, "What there is to say of it, by the type."),
	FIELD(event, sequence, HIDDEN, "Its place in the feed."),
};
const struct shape event_shape = {
	.name = "event",
	.size = sizeof(struct event),
	.count = COUNT(event_fields),
	.fields = event_fields,
};

static const struct field endpoint_fields[] = {
	FIELD(endpoint, id, ANY, "The subscription."),
	FIELD(endpoint, organization_id, ANY, "Whose it is."),
	FIELD(endpoint, endpoint_url, ANY, "Where its events go."),
	FIELD(endpoint, host, ANY, "Name and port of that."),
	FIELD(endpoint, headers, ANY, "Its own headers, sealed."),
	FIELD(endpoint, secret, ANY, "What signs, sealed."),
	FIELD(endpoint, old_secret, ANY, "What signs too, sealed."),
	FIELD(endpoint, old_secret_until, ANY, "Until then."),
	FIELD(endpoint, status, ANY, "Whether anything is sent."),
	FIELD(endpoint, revision, ANY, "How often it was moved or resumed."),
	FIELD(endpoint, trust, ANY, "What its attempts say of it."),
	FIELD(endpoint, quick_attempts, ANY, "Quick successes in a row."),
};
const struct shape endpoint_shape = {
	.name = "endpoint",
	.size = sizeof(struct endpoint),
	.count = COUNT(endpoint_fields),
	.fields = endpoint_fields,
};

static const struct field event_subscription_ref_fields[] = {
	FIELD(event_subscription_ref, subscription_id, ANY, "The subscription."),
};
const struct shape event_subscription_ref_shape = {
	.name = "event_subscription_ref",
	.size = sizeof(struct event_subscription_ref),
	.count = COUNT(event_subscription_ref_fields),
	.fields = event_subscription_ref_fields,
};

/* ---- rows ------------------------------------------------------------------------------------------------------- */

#define FIND_ENDPOINT                                                                               \
	"SELECT " ENDPOINT_COLUMNS " FROM event_subscription WHERE organization_id = :organization" \
	" AND id = :subscription_id AND status <> 'deleted'"

static const struct statement find_endpoint = {
	.sql = FIND_ENDPOINT,
	.takes = &event_subscription_ref_shape,
	.gives = &endpoint_shape,
};

static const struct statement lock_endpoint = {
	.sql = FIND_ENDPOINT " FOR UPDATE",
	.takes = &event_subscription_ref_shape,
	.gives = &endpoint_shape,
};

/* Not before now: whoever had its turn waits behind those who have not. What is leased counts from the end of its
 * lease; of the first few not all are, since a host has few transfers at once. */
static const struct statement reckon_endpoint = {
	.sql = "UPDATE event_subscription SET due_at = (SELECT GREATEST(MIN(d.looked_at), :now) FROM (SELECT"
	       " GREATEST(due_at, COALESCE(leased_until, due_at)) AS looked_at FROM event_delivery FORCE INDEX (due)"
	       " WHERE subscription_id = :subscription_id AND due_at IS NOT NULL ORDER BY due_at, sequence LIMIT 8) d)"
	       " WHERE organization_id = :organization AND id = :subscription_id",
	.takes = &event_subscription_ref_shape,
};

/* Those that would wait longest first; who is due already keeps its place. By all columns of the index, or it sorts
 * everything that waits. */
static const struct statement begin_deliveries_anew = {
	.sql = "UPDATE event_delivery FORCE INDEX (due) SET failures = 0, due_at = LEAST(due_at, :now)"
	       " WHERE organization_id = :organization AND subscription_id = :subscription_id AND due_at IS NOT NULL"
	       " AND (leased_until IS NULL OR leased_until <= :now) ORDER BY subscription_id DESC,"
	       " due_at DESC, sequence DESC LIMIT 10000",
	.takes = &event_subscription_ref_shape,
};

static const struct statement end_deliveries = {
	.sql = "UPDATE event_delivery SET status = 'failed', due_at = NULL, leased_until = NULL,"
	       " lease_token = lease_token + 1 WHERE organization_id = :organization"
	       " AND subscription_id = :subscription_id AND status = 'pending' ORDER BY id LIMIT 1000",
	.takes = &event_subscription_ref_shape,
};

static const struct problem *
find(struct call *call, const struct statement *statement, struct id subscription_id, struct endpoint *out)
{
	struct event_subscription_ref ref = { subscription_id };
	const struct problem *p;
	bool found;

	p = sql_maybe(call, statement, &ref, out, &found);
	if (p == NULL && !found)
		return fail(call, NOT_FOUND, "The organization has no such subscription.");
	return p;
}

const struct problem *
endpoint_find(struct call *call, struct id subscription_id, struct endpoint *out)
{
	return find(call, &find_endpoint, subscription_id, out);
}

const struct problem *
endpoint_lock(struct call *call, struct id subscription_id, struct endpoint *out)
{
	return find(call, &lock_endpoint, subscription_id, out);
}

const struct problem *
endpoint_reckon(struct call *call, struct id subscription_id)
{
	struct event_subscription_ref ref = { subscription_id };

	return sql_run(call, &reckon_endpoint, &ref, NULL);
}

const struct problem *
endpoint_begin_anew(struct call *call, struct id subscription_id)
{
	struct event_subscription_ref ref = { subscription_id };

	return sql_run(call, &begin_deliveries_anew, &ref, NULL);
}

const struct problem *
endpoint_end_deliveries(struct call *call, struct id subscription_id, bool *left)
{
	struct event_subscription_ref ref = { subscription_id };
	int64_t ended = 0;
	const struct problem *p = sql_run(call, &end_deliveries, &ref, &ended);

	*left = ended == END_BATCH;
	return p;
}

/* ---- secrets ---------------------------------------------------------------------------------------------------- */

struct text
event_secret_make(struct call *call)
{
	unsigned char random[SECRET_BYTES];

	random_bytes(random, sizeof(random));
	return arena_format(call->arena, SECRET_PREFIX "%s", base64_encode(call->arena, random, sizeof(random)).at);
}

static const char *
seal_context(struct call *call, const char *column, struct id subscription_id)
{
	char ulid[ID_CHARACTERS + 1];

	id_format(subscription_id, ulid);
	return arena_format(call->arena, "event_subscription.%s.%s", column, ulid).at;
}

struct bytes
event_secret_seal(struct call *call, struct id subscription_id, struct text secret)
{
	return seal(call->arena, secret, seal_context(call, "secret", subscription_id));
}

struct bytes
event_headers_seal(struct call *call, struct id subscription_id, struct document headers)
{
	if (headers.at == NULL)
		return (struct bytes){ 0 };
	return seal(
	    call->arena, (struct text){ headers.at, headers.length }, seal_context(call, "headers", subscription_id));
}

/* The bytes that an HMAC takes as its key. */
static const struct problem *
open_secret(struct call *call, struct id subscription_id, struct bytes sealed, struct text *key)
{
	const size_t prefix = sizeof(SECRET_PREFIX) - 1;
	struct text secret;
	struct bytes bytes;

	if (!unseal(call->arena, sealed, seal_context(call, "secret", subscription_id), &secret) ||
	    secret.length < prefix ||
	    !base64_decode(call->arena, (struct text){ secret.at + prefix, secret.length - prefix }, &bytes))
		return fail_internal(call, "the secret of a subscription can't be opened");
	*key = (struct text){ (const char *)bytes.at, bytes.length };
	return NULL;
}

/* ---- the request ------------------------------------------------------------------------------------------------ */

struct signing {
	struct text id, timestamp, body;
};

static const struct problem *
add_signature(struct call *call, const struct endpoint *endpoint, struct bytes sealed, const struct signing *signing,
    struct buffer *out)
{
	const struct text parts[] = { signing->id, TEXT("."), signing->timestamp, TEXT("."), signing->body };
	struct digest mac;
	struct text key = { 0 };
	const struct problem *p = open_secret(call, endpoint->id, sealed, &key);

	if (p != NULL)
		return p;
	mac = hmac_sha256(key, parts, COUNT(parts));
	buffer_add_string(out, out->length == 0 ? "v1," : " v1,");
	buffer_add_text(out, base64_encode(call->arena, mac.bytes, sizeof(mac.bytes)));
	return NULL;
}

/* One that can't be opened any more was replaced for good. */
static bool
old_secret_holds(struct call *call, const struct endpoint *endpoint)
{
	struct text key;

	return endpoint->old_secret.at != NULL && endpoint->old_secret_until.given &&
	       instant_before(clock_now(), endpoint->old_secret_until.value) &&
	       open_secret(call, endpoint->id, endpoint->old_secret, &key) == NULL;
}

/* The subscription's own, behind ours. */
static const struct problem *
add_headers(struct call *call, const struct endpoint *endpoint, struct outgoing_header *headers, size_t *header_count)
{
	const struct tree *tree;
	struct text plain;

	if (endpoint->headers.at == NULL)
		return NULL;
	if (!unseal(call->arena, endpoint->headers, seal_context(call, "headers", endpoint->id), &plain) ||
	    (tree = tree_parse(call->arena, plain)) == NULL)
		return fail_internal(call, "the headers of a subscription can't be opened");
	for (const struct tree *each = tree->first; each != NULL && *header_count < HEADERS_MOST + OWN_HEADERS;
	     each = each->next)
		headers[(*header_count)++] = (struct outgoing_header){ each->name, each->text };
	return NULL;
}

/* The receiver compares the time with its own clock, so it is never a moved one. */
const struct problem *
event_request(
    struct call *call, const struct endpoint *endpoint, const struct event *event, struct outgoing_request *out)
{
	struct outgoing_header *headers = arena_array(call->arena, HEADERS_MOST + OWN_HEADERS, sizeof(*headers));
	struct buffer body = buffer_new(call->arena, 512), signatures = buffer_new(call->arena, 128);
	struct signing signing = { 0 };
	const struct problem *p;
	char ulid[ID_CHARACTERS + 1];

	id_format(event->event_id, ulid);
	json_write(&body, &event_shape, event);
	signing.id = arena_format(call->arena, "%s", ulid);
	signing.timestamp = arena_format(call->arena, "%" PRId64, clock_wall_microseconds() / SECOND);
	signing.body = buffer_text(&body);
	p = add_signature(call, endpoint, endpoint->secret, &signing, &signatures);
	if (p == NULL && old_secret_holds(call, endpoint))
		p = add_signature(call, endpoint, endpoint->old_secret, &signing, &signatures);
	if (p != NULL)
		return p;
	headers[0] = (struct outgoing_header){ TEXT("Content-Type"), TEXT("application/json") };
	headers[1] = (struct outgoing_header){ TEXT("webhook-id"), signing.id };
	headers[2] = (struct outgoing_header){ TEXT("webhook-timestamp"), signing.timestamp };
	headers[3] = (struct outgoing_header){ TEXT("webhook-signature"), buffer_text(&signatures) };
	*out = (struct outgoing_request){
		.url = endpoint->endpoint_url, .headers = headers, .header_count = OWN_HEADERS, .body = signing.body
	};
	return add_headers(call, endpoint, headers, &out->header_count);
}

const struct resource event_subscription_resource = {
	.name = "event_subscription",
	.summary = "What is sent to a subscription.",
	.statements = LIST_OF(
	    statement, &find_endpoint, &lock_endpoint, &reckon_endpoint, &begin_deliveries_anew, &end_deliveries),
};
