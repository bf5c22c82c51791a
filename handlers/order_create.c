/*
 * orders.create: an order's row and its reservation in one round trip. The row's unique reference makes a repetition
 * safe; it costs a second look only when there is one.
 */
#include <string.h>

#include "clock.h"
#include "commitment.h"
#include "config.h"
#include "finish.h"
#include "id.h"
#include "order.h"
#include "resources.h"
#include "seal.h"
#include "statement.h"
#include "text.h"
#include "usage_hold.h"

enum { DAY_SECONDS = 86400, REFERENCE_BYTES = 255 };

static const char *
check_reference(struct text value)
{
	const char *fault = plain_format.check(value);

	if (fault == NULL && value.length > REFERENCE_BYTES)
		fault = "This has at most 255 bytes.";
	return fault;
}
static const struct format reference_format = { .check = check_reference };

struct create_order {
	struct text reference;
	struct list lines;
	struct maybe_id commitment_id;
};
static const struct field create_order_fields[] = {
	FIELD(create_order, reference, MATCHING(reference_format, 1, REFERENCE_BYTES),
	    "The caller's own id of the order; it makes one order, however often it is sent."),
	ORDER_LINES(create_order, lines, false, "What is ordered."),
	FIELD(create_order, commitment_id, ANY, "The commitment that eligible lines are to count towards."),
};
SHAPE(create_order)

struct order_named {
	struct text reference;
};
static const struct field order_named_fields[] = {
	FIELD(order_named, reference, ANY, "The caller's own id."),
};
SHAPE(order_named)

static const struct statement find_by_reference = {
	.sql = "SELECT " ORDER_COLUMNS " FROM orders WHERE organization_id = :organization AND reference = :reference",
	.takes = &order_named_shape,
	.gives = &order_shape,
};

HANDLER(create_order, create_order, order)

const struct operation create_order_operation = {
	.id = "orders.create",
	.kind = WRITE,
	.scope = ORDERS_WRITE,
	.effect = COMPUTES,
	.bucket = BUCKET_ORDERS,
	.status = 202,
	.summary = "Order something, and hold the credits for it.",
	.description =
	    "Sending a reference again with the same lines answers the order that it made, as it is now. Where the"
	    " organization pays afterwards, nothing is held, but the hard limit counts it.",
	.raises = { NOT_FOUND, INSUFFICIENT_CREDITS, LIMIT_REACHED, CONFLICT },
	.run = &create_order_run,
};

/* Two requests with the same digest order the same. */
static struct digest
digest_of_request(struct call *call, const struct priced_lines *lines, struct maybe_id commitment_id)
{
	struct buffer request = buffer_new(call->arena, lines->text.length + sizeof(struct id) + 1);

	buffer_add(&request, lines->text.at, lines->text.length);
	if (commitment_id.given)
		buffer_add(&request, (const char *)commitment_id.value.bytes, sizeof(struct id));
	return digest_of(request.at, request.length);
}

/* Somebody was first with this reference. */
static const struct problem *
repeat(struct call *call, const struct order_reservation *reservation, struct order *out)
{
	const struct order_named named = { reservation->reference };
	const struct problem *p = sql_one(call, &find_by_reference, &named, out);

	if (p == NULL && memcmp(&out->request_digest, &reservation->request_digest, sizeof(struct digest)) != 0)
		p = fail(call, CONFLICT, "There is an order of the reference %s already, for something else.",
		    reservation->reference.at);
	/* The connection was lost after its commit: no other call has the same moment. */
	if (p == NULL && call->reruns > 0 && out->created_at.microseconds == call->now.microseconds)
		finish_found(call, out);
	return p;
}

/* A repetition is answered whatever became of its commitment since. */
static const struct problem *
check_commitment(struct call *call, const struct order_reservation *reservation, struct order *out, bool *is_known)
{
	const struct order_named named = { reservation->reference };
	const struct problem *unknown, *p;

	*is_known = false;
	unknown = reservation->commitment_id.given ? commitment_check(call, reservation->commitment_id.value) : NULL;
	if (unknown == NULL || unknown->kind != NOT_FOUND)
		return unknown;
	p = sql_maybe(call, &find_by_reference, &named, out, is_known);
	return p == NULL && !*is_known ? unknown : p;
}

static const struct problem *
create_order(struct call *call, const struct create_order *in, struct order *out)
{
	struct priced_lines lines;
	bool is_known;
	const struct problem *p = order_price(call, &in->lines, (struct credits){ 1 }, &lines);

	if (p != NULL)
		return p;
	const struct order_reservation reservation = {
		.id = id_new(call->now),
		.reference = in->reference,
		.request_digest = digest_of_request(call, &lines, in->commitment_id),
		.credits = lines.credits,
		.lines = { lines.text.at, lines.text.length },
		.commitment_id = in->commitment_id,
		.hold_expires_at = instant_plus_seconds(call->now, config.hold_days * DAY_SECONDS),
	};
	p = check_commitment(call, &reservation, out, &is_known);
	if (p != NULL)
		return p;
	if (is_known)
		return repeat(call, &reservation, out);
	*out = (struct order){ .id = reservation.id,
		.reference = in->reference,
		.status = TEXT_OF("reserved"),
		.credits = lines.credits,
		.lines = lines.text,
		.commitment_id = in->commitment_id,
		.created_at = call->now,
		.hold_expires_at = reservation.hold_expires_at };
	p = ledger_reserve_order(call, &reservation, out, &is_known);
	return p == NULL && is_known ? repeat(call, &reservation, out) : usage_holds_reconsider(call, p);
}

const struct resource order_create_resource = {
	.name = "order_create",
	.summary = "How an order is made.",
	.statements = LIST_OF(statement, &find_by_reference),
};
