/*
 * Lists at Stripe, page by page: the intents of a customer, invoices, and what moved. The memory of a page is given
 * back before the next one, so that a long list needs no more than one page does.
 */
#include "stripe_parts.h"

#include <string.h>

#include "id.h"
#include "text.h"

enum { DAY_SECONDS = 86400, SECOND = 1000000, AFTER_MOST = 255 };

/* `each` takes an object; it says when to stop, and whether what it took points into the page. */
struct walk {
	struct text query; /* path and parameters, but for the page's */
	int64_t page;      /* items a page */
	int64_t until;
	const struct problem *(*each)(struct call *call, struct walk *walk, const struct tree *object);
	void *context;
	bool stop, keep;
	char after[AFTER_MOST + 1]; /* the last object seen */
};

static struct text
page_path(struct call *call, const struct walk *walk)
{
	struct buffer path = buffer_new(call->arena, 256);

	buffer_add_text(&path, walk->query);
	buffer_add_string(&path, "&limit=");
	buffer_add_integer(&path, walk->page);
	if (walk->after[0] != '\0') {
		buffer_add_string(&path, "&starting_after=");
		percent_encode(&path, text_from(walk->after));
	}
	return buffer_text(&path);
}

static const struct problem *
take_page(struct call *call, struct walk *walk, const struct tree *body)
{
	const struct tree *data = tree_at(body, "data");
	const struct problem *p = NULL;

	for (const struct tree *one = data->first; one != NULL && !walk->stop && p == NULL; one = one->next) {
		struct text id = text_or(tree_text(one, "id"), "");

		memcpy(walk->after, id.at, id.length <= AFTER_MOST ? id.length : 0);
		walk->after[id.length <= AFTER_MOST ? id.length : 0] = '\0';
		p = walk->each(call, walk, one);
	}
	return p;
}

/* The reply is DONE once the whole list was seen, or `each` had enough. */
static const struct problem *
walk_list(struct call *call, struct walk *walk, struct stripe_reply *reply)
{
	const struct problem *p;
	bool more = true;

	while (more && !walk->stop) {
		struct arena_mark mark = arena_mark(call->arena);
		struct stripe_request request = {
			.method = "GET", .path = page_path(call, walk), .until = walk->until
		};
		const struct tree *data;

		p = stripe_send(call, &request, reply);
		if (p != NULL || reply->outcome != STRIPE_DONE)
			return p;
		data = tree_at(reply->body, "data");
		more = tree_is_true(reply->body, "has_more");
		if (data == NULL || data->kind != TREE_ARRAY || (more && data->first == NULL)) {
			reply->outcome = STRIPE_SILENT;
			return NULL;
		}
		p = take_page(call, walk, reply->body);
		if (p != NULL)
			return p;
		if (!walk->keep)
			arena_release(call->arena, mark);
	}
	*reply = (struct stripe_reply){ .outcome = STRIPE_DONE };
	return NULL;
}

static struct text
query_with(struct call *call, const char *path, const char *name, struct text value)
{
	struct buffer query = buffer_new(call->arena, 256);

	buffer_add_string(&query, path);
	buffer_add_string(&query, name);
	buffer_add_char(&query, '=');
	percent_encode(&query, value);
	return buffer_text(&query);
}

/* ---- a payment's intent ----------------------------------------------------------------------------------------- */

struct search {
	char payment_id[ID_CHARACTERS + 1];
	struct charge *found;
};

static bool
has_taken(const struct charge *charge)
{
	return charge->state == CHARGE_SUCCEEDED || charge->state == CHARGE_PROCESSING;
}

/* Were there several, the one that took money counts. */
static const struct problem *
compare(struct call *call, struct walk *walk, const struct tree *object)
{
	struct search *search = walk->context;
	struct charge charge;

	if (!text_is(text_or(tree_text(object, "metadata.topup_id"), ""), search->payment_id) ||
	    !stripe_read_charge(call->arena, object, &charge))
		return NULL;
	if (search->found->state == CHARGE_NONE || has_taken(&charge))
		*search->found = charge;
	walk->stop = has_taken(&charge);
	walk->keep = true;
	return NULL;
}

/* The two clocks may differ, and a key works for a day. */
const struct problem *
stripe_find(struct call *call, struct text customer_id, struct id payment_id, struct instant created_at, int64_t until,
    struct charge *out)
{
	struct search search = { .found = out };
	struct text query =
	    query_with(call, "/v1/payment_intents?expand%5B%5D=data.latest_charge&", "customer", customer_id);
	struct walk walk = { .page = STRIPE_PAGE, .until = until, .each = compare, .context = &search };
	struct stripe_reply reply;
	const struct problem *p;

	id_format(payment_id, search.payment_id);
	walk.query = arena_format(call->arena, "%s&created%%5Bgte%%5D=%lld", query.at,
	    (long long)(created_at.microseconds / SECOND - DAY_SECONDS));
	*out = (struct charge){ .state = CHARGE_NONE };
	p = walk_list(call, &walk, &reply);
	if (p == NULL && reply.outcome != STRIPE_DONE && !has_taken(out))
		*out = (struct charge){ .state = CHARGE_UNKNOWN, .code = reply.code, .message = reply.message };
	return p;
}

/* ---- invoices --------------------------------------------------------------------------------------------------- */

struct invoices {
	struct provider_invoice *items;
	size_t count, most;
};

static struct text
kept(struct call *call, struct maybe_text text)
{
	return arena_text(call->reply_arena, text.at == NULL ? "" : text.at, text.length);
}

static struct maybe_text
kept_if_given(struct call *call, struct maybe_text text)
{
	return text.at == NULL ? text : text_given(kept(call, text));
}

/* Only members that invoices have before and since 2025-03-31. */
static const struct problem *
add_invoice(struct call *call, struct walk *walk, const struct tree *object)
{
	struct invoices *invoices = walk->context;
	struct provider_invoice *one = &invoices->items[invoices->count];

	one->id = kept(call, tree_text(object, "id"));
	one->number = kept_if_given(call, tree_text(object, "number"));
	one->status = kept(call, tree_text(object, "status"));
	one->currency = kept(call, stripe_currency(call->arena, object));
	one->amount_due = stripe_amount(object, "amount_due");
	one->amount_paid = stripe_amount(object, "amount_paid");
	one->created = stripe_instant(object, "created").value;
	one->hosted_invoice_url = kept_if_given(call, tree_text(object, "hosted_invoice_url"));
	one->pdf_url = kept_if_given(call, tree_text(object, "invoice_pdf"));
	walk->stop = ++invoices->count == invoices->most;
	return NULL;
}

const struct problem *
stripe_invoices(struct call *call, struct text customer_id, int64_t limit, int64_t until, struct provider_reply *reply,
    struct list *out)
{
	struct invoices invoices = { .items = arena_array(call->reply_arena, (size_t)limit, sizeof(*invoices.items)),
		.most = (size_t)limit };
	struct walk walk = { .query = query_with(call, "/v1/invoices?", "customer", customer_id),
		.page = limit < STRIPE_PAGE ? limit : STRIPE_PAGE,
		.until = until,
		.each = add_invoice,
		.context = &invoices,
		.stop = limit == 0 };
	struct stripe_reply answer;
	const struct problem *p = walk_list(call, &walk, &answer);

	if (p != NULL)
		return p;
	*reply = stripe_outcome_of(&answer);
	*out = (struct list){ invoices.items, reply->answer == PROVIDER_DONE ? invoices.count : 0 };
	return NULL;
}

/* ---- movements -------------------------------------------------------------------------------------------------- */

struct listener {
	const struct problem *(*movement)(struct call *call, void *context, const struct provider_movement *one);
	void *context;
	bool refunds;
};

static bool
has_moved(const struct tree *object, bool is_refund)
{
	struct text status = text_or(tree_text(object, "status"), "");

	return is_refund ? !text_is(status, "failed") && !text_is(status, "canceled") : text_is(status, "succeeded");
}

static const struct problem *
tell(struct call *call, struct walk *walk, const struct tree *object)
{
	const struct listener *listener = walk->context;
	struct provider_movement *one;

	if (!has_moved(object, listener->refunds))
		return NULL;
	one = arena_take(call->arena, sizeof(*one));
	*one = (struct provider_movement){ .is_refund = listener->refunds,
		.id = text_or(tree_text(object, "id"), ""),
		.intent_id = stripe_id(object, "payment_intent"),
		.amount = stripe_amount(object, listener->refunds ? "amount" : "amount_captured"),
		.currency = text_or(stripe_currency(call->arena, object), ""),
		.created_at = stripe_instant(object, "created").value };
	if (!listener->refunds)
		one->payment_id = tree_text(object, "metadata.topup_id");
	return listener->movement(call, listener->context, one);
}

/* The first whole second that is not before. */
static long long
second_from(struct instant at)
{
	return (at.microseconds + SECOND - 1) / SECOND;
}

static const struct problem *
walk_movements(struct call *call, const char *what, struct instant from, struct instant to, int64_t until,
    struct listener *listener, struct stripe_reply *reply)
{
	struct walk walk = { .page = STRIPE_PAGE, .until = until, .each = tell, .context = listener };

	walk.query = arena_format(call->arena, "/v1/%s?created%%5Bgte%%5D=%lld&created%%5Blt%%5D=%lld", what,
	    second_from(from), second_from(to));
	return walk_list(call, &walk, reply);
}

const struct problem *
stripe_movements(struct call *call, struct instant from, struct instant to, int64_t until, struct provider_reply *reply,
    const struct problem *(*movement)(struct call *call, void *context, const struct provider_movement *one),
    void *context)
{
	struct listener listener = { .movement = movement, .context = context };
	struct stripe_reply answer;
	const struct problem *p = walk_movements(call, "charges", from, to, until, &listener, &answer);

	if (p == NULL && answer.outcome == STRIPE_DONE) {
		listener.refunds = true;
		p = walk_movements(call, "refunds", from, to, until, &listener, &answer);
	}
	if (p == NULL)
		*reply = stripe_outcome_of(&answer);
	return p;
}
