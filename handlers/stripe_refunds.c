/*
 * Refunds at Stripe. Each carries its key among its metadata: where the processor failed and the failure is stored
 * under the key for ever, the list of refunds tells whether it was made.
 */
#include "stripe_parts.h"

#include "text.h"

enum { ID_MOST = 100 };

/* A refund object: made, under way, or failed afterwards. */
static void
read_refund(struct call *call, const struct tree *refund, struct provider_refund *out)
{
	struct text status = text_or(tree_text(refund, "status"), "");

	out->id = text_or(tree_text(refund, "id"), "");
	if (out->id.length == 0 || out->id.length > ID_MOST)
		return;
	out->reply.answer = PROVIDER_DONE;
	out->pending = !text_is(status, "succeeded");
	out->refunded = stripe_amount_back(refund, "charge.amount_refunded");
	if (!text_is(status, "failed") && !text_is(status, "canceled"))
		return;
	out->pending = false;
	out->reply = (struct provider_reply){ .answer = PROVIDER_REFUSED, .code = tree_text(refund, "failure_reason") };
	out->reply.message = text_given(arena_format(call->arena, "The refund ended as %s.", status.at));
}

static const struct tree *
refund_of_key(const struct tree *refunds, const char *key)
{
	const struct tree *data = tree_at(refunds, "data");

	for (const struct tree *one = data == NULL ? NULL : data->first; one != NULL; one = one->next)
		if (text_is(text_or(tree_text(one, "metadata.refund_key"), ""), key))
			return one;
	return NULL;
}

/* `over`: nothing of ours is under way, so what is not listed was not made. */
static const struct problem *
look_for_refund(
    struct call *call, struct text intent_id, const char *key, int64_t until, bool over, struct provider_refund *out)
{
	struct stripe_request request = { .method = "GET",
		.path =
		    stripe_path(call, "/v1/refunds?limit=100&expand%5B%5D=data.charge&payment_intent=", intent_id, ""),
		.until = until };
	struct stripe_reply reply;
	const struct problem *p = stripe_send(call, &request, &reply);
	const struct tree *found;

	if (p != NULL || reply.outcome != STRIPE_DONE)
		return p;
	found = refund_of_key(reply.body, key);
	if (found != NULL)
		read_refund(call, found, out);
	else if (over && !tree_is_true(reply.body, "has_more"))
		out->reply = (struct provider_reply){ .answer = PROVIDER_REFUSED,
			.code = text_given(TEXT("processor_failed")),
			.message = text_given(TEXT("The card processor failed and refunded nothing.")) };
	return NULL;
}

const struct problem *
stripe_refund(struct call *call, struct text intent_id, struct amount amount, struct text currency, const char *key,
    int64_t until, struct provider_refund *out)
{
	struct buffer form = buffer_new(call->arena, 256);
	struct stripe_request request = { .method = "POST", .path = TEXT("/v1/refunds"), .key = key, .until = until };
	struct stripe_reply reply;
	const struct problem *p;
	int64_t units;

	(void)currency; /* is the intent's */
	if (!stripe_minor_units(amount, &units))
		return fail_internal(
		    call, "a refund of %lld micro-units is no whole number of cents", (long long)amount.micros);
	stripe_put(&form, "payment_intent", intent_id);
	stripe_put_integer(&form, "amount", units);
	stripe_put(&form, "metadata[refund_key]", text_from(key));
	stripe_put(&form, "expand[]", TEXT("charge"));
	request.form = buffer_text(&form);
	p = stripe_send(call, &request, &reply);
	if (p != NULL)
		return p;
	*out = (struct provider_refund){ .reply = stripe_outcome_of(&reply), .id = TEXT_OF("") };
	/* A charge of ours that is not there is another account's: an earlier try may have refunded it. */
	if (reply.status == 404)
		out->reply = (struct provider_reply){ .answer = PROVIDER_SILENT };
	if (reply.outcome == STRIPE_DONE) {
		out->reply.answer = PROVIDER_SILENT;
		read_refund(call, reply.body, out);
	}
	return reply.outcome == STRIPE_SILENT && reply.status >= 500
		   ? look_for_refund(call, intent_id, key, until, reply.replayed, out)
		   : NULL;
}
