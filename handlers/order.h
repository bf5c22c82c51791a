/*
 * What an order is: the shapes that orders.* take and answer with, how its lines are priced, and how its row is read.
 */
#ifndef PURSER_ORDER_H
#define PURSER_ORDER_H

#include "call.h"
#include "formats.h"
#include "ledger.h"

struct order_line {
	struct text sku;
	struct text description;
	struct quantity quantity;
	struct credits unit_credits;
	struct maybe_text service;
	struct maybe_text operator;
	struct maybe_bool commitment_eligible;
	struct credits credits;
};

#define ORDER_LINE_FIELDS                                                                                              \
	FIELD(order_line, sku, MATCHING(plain_format, 1, 100), "What is ordered, by the caller's own name for it."),   \
	    FIELD(order_line, description, MATCHING(plain_format, 1, 500), "What it is, for those who read an invoice."), \
	    FIELD(order_line, quantity, AT_LEAST(0), "How much of it."),                                               \
	    FIELD(order_line, unit_credits, RANGE(0, LEDGER_MOST), "Credits for one."),                                \
	    FIELD(order_line, service, MATCHING(plain_format, 1, 100), "The service that it belongs to."),             \
	    FIELD(order_line, operator, MATCHING(plain_format, 1, 100), "Who provides it."),                           \
	    FIELD(order_line, commitment_eligible, ANY, "Whether it may count towards a commitment.")

/* As a caller gives it. */
static const struct field new_order_line_fields[] = { ORDER_LINE_FIELDS };
VIEW(new_order_line, order_line)

/* As a reply shows it. */
static const struct field order_line_fields[] = {
	ORDER_LINE_FIELDS,
	FIELD(order_line, credits, ANY, "Credits for all of it: their product, rounded half to even."),
};
SHAPE(order_line)

enum { ORDER_LINES_MOST = 200 };

/* The row of a struct `s` that has lines of an order in its list `m`. */
#define ORDER_LINES(s, m, may_be_left_out, sentence)                                                                   \
	{ .name = #m, .kind = KIND_LIST, .optional = (may_be_left_out), FIELD_BASE(s, m),                              \
	  .shape = &new_order_line_shape, LENGTH(1, ORDER_LINES_MOST), .summary = sentence }

struct order {
	struct id id;
	struct text reference;
	struct text status;
	struct credits credits;
	struct document lines;
	struct maybe_id commitment_id;
	struct instant created_at;
	struct instant hold_expires_at;
	struct maybe_instant settled_at;
	struct digest request_digest;
	bool post_pay;
	struct credits held;
	struct maybe_int charge_sequence; /* of the ledger entry that charged it, or the first part of it */
	struct maybe_int rest_sequence;   /* of the one that charged what was more than held */
	struct credits rest_credits;      /* how much that was */
};

extern const struct shape order_shape;
extern const char *const order_statuses[];

#define ORDER_COLUMNS                                                                                                  \
	"id, reference, status, credits, `lines`, commitment_id, created_at, hold_expires_at, settled_at,"             \
	" request_digest, post_pay, held, charge_sequence, rest_sequence, rest_credits"

struct order_ref {
	struct id order_id;
};
static const struct field order_ref_fields[] = {
	FIELD(order_ref, order_id, ANY, "The order."),
};
SHAPE(order_ref)

/* Lines with what each costs, as the row keeps them, and their sum. */
struct priced_lines {
	struct credits credits;
	struct document text;
};

/* Prices the lines (struct order_line) in place. INVALID where their sum is less than `least` or more than one posting
 * can move. */
const struct problem *order_price(
    struct call *call, const struct list *lines, struct credits least, struct priced_lines *out);

/* The call's organization's own; NOT_FOUND. */
const struct problem *order_read(struct call *call, struct id id, struct order *out);

/* The same, locked until the end of the transaction; the book comes after it. */
const struct problem *order_lock(struct call *call, struct id id, struct order *out);

/* What any posting of the order says of it. */
struct posting order_posting(const struct order *order, enum ledger_reason reason, struct credits credits);

/* Gives back what a reserved order holds. */
const struct problem *order_release(struct call *call, const struct order *order, struct credits credits);

/* The row's end, in whatever state: stores status, credits, lines and the entries that charged it, and leaves the event
 * order.<status>. `order->status` is new, and so is the rest that changed. */
const struct problem *order_close(struct call *call, const struct order *order);

/* Operations of orders.* that have files of their own. */
extern const struct operation create_order_operation;
extern const struct operation settle_order_operation;
extern const struct operation cancel_order_operation;
extern const struct operation refund_order_operation;

#endif
