/*
 * orders.settle: an order is charged for what was delivered. What is less than it held is given back, what is more is
 * taken from what is available; an order that expired holds nothing any more, and is charged anew. An order that is
 * paid afterwards is charged in money: it is owed from now on.
 */
#include <inttypes.h>

#include "clock.h"
#include "commitment.h"
#include "id.h"
#include "money.h"
#include "order.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

struct settle_order {
	struct id order_id;
	struct list lines;
};
static const struct field settle_order_fields[] = {
	FIELD(settle_order, order_id, ANY, "The order."),
	ORDER_LINES(settle_order, lines, true, "What was delivered in the end; what was ordered where it is left out."),
};
SHAPE(settle_order)

struct credit_price {
	struct text currency;
	struct amount price;
};
static const struct field credit_price_fields[] = {
	FIELD(credit_price, currency, ANY, "The organization's."),
	FIELD(credit_price, price, ANY, "Of one credit."),
};
SHAPE(credit_price)

static const struct statement read_price = {
	.sql = "SELECT o.currency, p.price FROM organization o JOIN credit_price p ON p.currency = o.currency"
	       " WHERE o.id = :organization",
	.gives = &credit_price_shape,
};

HANDLER(settle_order, settle_order, order)

const struct operation settle_order_operation = {
	.id = "orders.settle",
	.kind = WRITE,
	.scope = ORDERS_WRITE,
	.effect = SPENDS,
	.bucket = BUCKET_ORDERS,
	.summary = "Charge an order for what was delivered.",
	.description =
	    "What it held beyond that is given back; what it takes beyond what it held has to be available. An order"
	    " that expired can still be settled, as long as all of it is available. Settling again with the same lines,"
	    " or with none, answers the order again.",
	.raises = { NOT_FOUND, INSUFFICIENT_CREDITS, LIMIT_REACHED, CONFLICT },
	.run = &settle_order_run,
};

static const struct problem *
charge(struct call *call, const struct order *order, struct credits credits, bool from_reserved,
    struct maybe_int *sequence)
{
	struct posting posting = order_posting(order, LEDGER_CHARGE, credits);
	struct posted posted;
	const struct problem *p;

	posting.from_reserved = from_reserved;
	p = ledger_post(call, &posting, &posted);
	if (p == NULL)
		*sequence = (struct maybe_int){ posted.sequence, true };
	return p;
}

/* What it held pays first, then what is available; a refusal of either is the caller's, and all is rolled back. */
static const struct problem *
charge_credits(struct call *call, struct order *order, struct credits held)
{
	struct credits total = order->credits;
	const struct problem *p = NULL;

	if (held.count == 0 && total.count > 0)
		return charge(call, order, total, false, &order->charge_sequence);
	if (total.count > 0)
		p = charge(call, order, total.count < held.count ? total : held, true, &order->charge_sequence);
	if (p == NULL && total.count < held.count)
		p = order_release(call, order, (struct credits){ held.count - total.count });
	if (p == NULL && total.count > held.count) {
		order->rest_credits.count = total.count - held.count;
		p = charge(call, order, order->rest_credits, false, &order->rest_sequence);
	}
	return p;
}

/* The price is without tax: that is the invoice's. */
static const struct problem *
charge_money(struct call *call, struct order *order, struct credits committed)
{
	struct posting posting = order_posting(order, LEDGER_CHARGE, order->credits);
	struct credit_price price;
	struct amount amount;
	struct posted posted;
	const struct problem *p;

	if (order->credits.count == 0)
		return committed.count > 0 ? order_release(call, order, committed) : NULL;
	p = sql_one(call, &read_price, NULL, &price);
	if (p != NULL)
		return p;
	if (!credits_value(order->credits, price.price, &amount))
		return fail_internal(call, "an order's value overflows");
	posting.committed = committed;
	posting.money = text_given(arena_format(call->arena,
	    "[{\"account\":\"receivable\",\"unit\":\"%s\",\"amount\":%" PRId64 "},"
	    "{\"account\":\"revenue\",\"unit\":\"%s\",\"amount\":%" PRId64 "}]",
	    price.currency.at, amount.micros, price.currency.at, -amount.micros));
	p = ledger_post(call, &posting, &posted);
	if (p == NULL)
		order->charge_sequence = (struct maybe_int){ posted.sequence, true };
	return p;
}

/* What is charged in the end: the lines that are given, else those of the order. */
static const struct problem *
final_lines(struct call *call, const struct settle_order *in, const struct order *order, struct priced_lines *out)
{
	*out = (struct priced_lines){ order->credits, order->lines };
	return in->lines.count == 0 ? NULL : order_price(call, &in->lines, (struct credits){ 0 }, out);
}

static bool
has_the_lines(const struct order *order, struct document lines)
{
	return text_equal(
	    (struct text){ order->lines.at, order->lines.length }, (struct text){ lines.at, lines.length });
}

static const struct problem *
settle_order(struct call *call, const struct settle_order *in, struct order *out)
{
	struct priced_lines lines;
	struct credits held = { 0 };
	const struct problem *p = order_lock(call, in->order_id, out);

	if (p == NULL)
		p = final_lines(call, in, out, &lines);
	if (p != NULL)
		return p;
	if (text_is(out->status, "settled") && has_the_lines(out, lines.text))
		return NULL;
	if (text_is(out->status, "reserved"))
		held = out->held;
	else if (!text_is(out->status, "expired"))
		return fail(call, CONFLICT, "The order is %s%s.", out->status.at,
		    text_is(out->status, "settled") ? " already, with other lines" : "");
	out->status = TEXT("settled");
	out->credits = lines.credits;
	out->lines = lines.text;
	p = commitment_burn(call, out);
	if (p != NULL)
		return p;
	out->settled_at = instant_given(call->now);
	p = out->post_pay ? charge_money(call, out, held) : charge_credits(call, out, held);
	return p != NULL ? p : order_close(call, out);
}

const struct resource order_settle_resource = {
	.name = "order_settle",
	.summary = "How an order is charged.",
	.statements = LIST_OF(statement, &read_price),
};
