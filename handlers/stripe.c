/*
 * Stripe as a provider: customers, their cards, refunds, and the table of all that it can do. A customer is made under
 * a key of the organization's, so that two at once get the same one.
 */
#include "stripe_parts.h"

#include "id.h"
#include "text.h"

enum { NAME_MOST = 100, BRAND_MOST = 40, LAST4_MOST = 4, YEAR_MOST = 9999 };

/* An id that can be kept. */
static bool
is_name(struct text id)
{
	return id.length > 0 && id.length <= NAME_MOST;
}

/* ---- customers and set-ups --------------------------------------------------------------------------------------- */

static const struct problem *
make_customer(
    struct call *call, struct id organization, int64_t until, struct provider_reply *out, struct text *customer_id)
{
	struct buffer form = buffer_new(call->arena, 128);
	struct stripe_request request = { .method = "POST", .path = TEXT("/v1/customers"), .until = until };
	struct stripe_reply reply;
	const struct problem *p;
	char id[ID_CHARACTERS + 1], own[ID_CHARACTERS + 1];

	id_format(organization, id);
	id_format(call->id, own);
	stripe_put(&form, "metadata[organization_id]", text_from(id));
	request.form = buffer_text(&form);
	request.key = arena_format(call->arena, "customer-%s", id).at;
	p = stripe_send(call, &request, &reply);
	if (p == NULL && stripe_outcome_of(&reply).key_is_spent) {
		request.key = arena_format(call->arena, "customer-%s-%s", id, own).at;
		p = stripe_send(call, &request, &reply);
	}
	if (p != NULL)
		return p;
	*out = stripe_outcome_of(&reply);
	*customer_id = text_or(tree_text(reply.body, "id"), "");
	if (out->answer == PROVIDER_DONE && !is_name(*customer_id))
		out->answer = PROVIDER_SILENT;
	return NULL;
}

static const struct problem *
make_setup(struct call *call, struct text customer_id, const char *key, int64_t until, struct setup_intent *out)
{
	struct buffer form = buffer_new(call->arena, 128);
	struct stripe_request request = {
		.method = "POST", .path = TEXT("/v1/setup_intents"), .key = key, .until = until
	};
	struct stripe_reply reply;
	const struct problem *p;

	stripe_put(&form, "customer", customer_id);
	stripe_put(&form, "payment_method_types[]", TEXT("card"));
	stripe_put(&form, "usage", TEXT("off_session"));
	request.form = buffer_text(&form);
	p = stripe_send(call, &request, &reply);
	if (p != NULL)
		return p;
	*out = (struct setup_intent){ .reply = stripe_outcome_of(&reply),
		.id = text_or(tree_text(reply.body, "id"), ""),
		.client_secret = text_or(tree_text(reply.body, "client_secret"), "") };
	if (out->reply.answer == PROVIDER_DONE && (out->id.length == 0 || out->client_secret.length == 0))
		out->reply.answer = PROVIDER_SILENT;
	return NULL;
}

/* ---- cards ------------------------------------------------------------------------------------------------------ */

static bool
read_card(const struct tree *method, struct provider_card *out)
{
	return out->brand.length <= BRAND_MOST && out->last4.length <= LAST4_MOST &&
	       tree_integer(method, "card.exp_month", &out->exp_month) && out->exp_month >= 1 && out->exp_month <= 12 &&
	       tree_integer(method, "card.exp_year", &out->exp_year) && out->exp_year >= 0 &&
	       out->exp_year <= YEAR_MOST;
}

static const struct problem *
attach_card(struct call *call, struct text customer_id, struct text payment_method_id, const char *key, int64_t until,
    struct provider_card *out)
{
	struct buffer form = buffer_new(call->arena, 128);
	struct stripe_request request = { .method = "POST",
		.path = stripe_path(call, "/v1/payment_methods/", payment_method_id, "/attach"),
		.key = key,
		.until = until };
	struct stripe_reply reply;
	const struct problem *p;

	stripe_put(&form, "customer", customer_id);
	request.form = buffer_text(&form);
	p = stripe_send(call, &request, &reply);
	if (p != NULL)
		return p;
	*out = (struct provider_card){ .reply = stripe_outcome_of(&reply),
		.id = text_or(tree_text(reply.body, "id"), ""),
		.brand = text_or(tree_text(reply.body, "card.brand"), ""),
		.last4 = text_or(tree_text(reply.body, "card.last4"), "") };
	if (out->reply.answer != PROVIDER_DONE)
		return NULL;
	if (!is_name(out->id))
		out->reply.answer = PROVIDER_SILENT;
	else if (!read_card(reply.body, out))
		out->reply = (struct provider_reply){ .answer = PROVIDER_REFUSED,
			.code = text_given(TEXT("not_a_card")),
			.message = text_given(TEXT("The payment method is not a card.")) };
	return NULL;
}

/* Whether the card is nobody's any more: an earlier try may have done it. */
static const struct problem *
look_for_owner(struct call *call, struct text card_id, int64_t until, struct provider_reply *out)
{
	struct stripe_request request = {
		.method = "GET", .path = stripe_path(call, "/v1/payment_methods/", card_id, ""), .until = until
	};
	struct stripe_reply reply;
	const struct problem *p = stripe_send(call, &request, &reply);

	if (p != NULL)
		return p;
	if (reply.status == 404 || (reply.outcome == STRIPE_DONE && tree_text(reply.body, "id").at != NULL &&
				       stripe_id(reply.body, "customer").at == NULL))
		*out = (struct provider_reply){ .answer = PROVIDER_DONE };
	return NULL;
}

static const struct problem *
detach_card(struct call *call, struct text card_id, int64_t until, struct provider_reply *out)
{
	struct stripe_request request = { .method = "POST",
		.path = stripe_path(call, "/v1/payment_methods/", card_id, "/detach"),
		.form = TEXT(""),
		.until = until };
	struct stripe_reply reply;
	const struct problem *p = stripe_send(call, &request, &reply);

	if (p != NULL)
		return p;
	*out = stripe_outcome_of(&reply);
	return reply.status == 400 || reply.status == 404 ? look_for_owner(call, card_id, until, out) : NULL;
}

/* ---- the table -------------------------------------------------------------------------------------------------- */

const struct provider stripe_provider = {
	.name = "stripe",
	.customer = make_customer,
	.setup = make_setup,
	.attach = attach_card,
	.detach = detach_card,
	.request = stripe_purchase_request,
	.create = stripe_create,
	.confirm = stripe_confirm,
	.look = stripe_look,
	.find = stripe_find,
	.cancel = stripe_cancel,
	.refund = stripe_refund,
	.invoices = stripe_invoices,
	.movements = stripe_movements,
};
