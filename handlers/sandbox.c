/*
 * The sandbox: a card processor that charges no real card and needs no network, for development, demonstrations and
 * tests. It behaves like Stripe's test mode: its cards say by their names what becomes of a charge.
 */
#include "sandbox.h"

#include "call.h"
#include "seal.h"
#include "text.h"
#include "two_step.h"

enum { IDENTIFIER_BYTES = 17, IDENTIFIER_DIGITS = 23 };

const char sandbox_has_no_tenants[] = "the processor's side, which is asked by its own identifiers";

static const struct sandbox_kind kinds[] = {
	{ "pm_card_visa", "visa", "4242", SANDBOX_PAYS, NULL },
	{ "pm_card_visa_debit", "visa", "5556", SANDBOX_PAYS, NULL },
	{ "pm_card_mastercard", "mastercard", "4444", SANDBOX_PAYS, NULL },
	{ "pm_card_mastercard_debit", "mastercard", "8210", SANDBOX_PAYS, NULL },
	{ "pm_card_amex", "amex", "0005", SANDBOX_PAYS, NULL },
	{ "pm_card_processing", "visa", "0259", SANDBOX_PAYS_LATER, NULL },
	{ "pm_card_authenticationRequired", "visa", "3184", SANDBOX_ASKS, NULL },
	{ "pm_card_chargeDeclined", "visa", "0002", SANDBOX_DECLINES, "generic_decline" },
	{ "pm_card_chargeCustomerFail", "visa", "0341", SANDBOX_DECLINES, "generic_decline" },
	{ "pm_card_insufficientFunds", "visa", "9995", SANDBOX_DECLINES, "insufficient_funds" },
	{ "pm_card_chargeDeclinedInsufficientFunds", "visa", "9995", SANDBOX_DECLINES, "insufficient_funds" },
	{ "pm_card_chargeDeclinedExpiredCard", "visa", "0069", SANDBOX_DECLINES, "expired_card" },
	{ "pm_card_chargeDeclinedLostCard", "visa", "9987", SANDBOX_DECLINES, "lost_card" },
	{ "pm_card_chargeDeclinedStolenCard", "visa", "9979", SANDBOX_DECLINES, "stolen_card" },
	{ "pm_card_chargeDeclinedFraudulent", "visa", "0019", SANDBOX_DECLINES, "fraudulent" },
	{ "pm_card_chargeDeclinedProcessingError", "visa", "0119", SANDBOX_DECLINES, "processing_error" },
	{ "pm_card_chargeDeclinedIncorrectCvc", "visa", "0127", SANDBOX_UNATTACHABLE, "incorrect_cvc" },
};

static const struct {
	const char *code;
	struct text message;
} messages[] = {
	{ "insufficient_funds", TEXT_OF("Your card has insufficient funds.") },
	{ "expired_card", TEXT_OF("Your card has expired.") },
	{ "processing_error", TEXT_OF("An error occurred while processing your card. Try again in a little bit.") },
	{ "incorrect_cvc", TEXT_OF("Your card's security code is incorrect.") },
	{ "payment_intent_authentication_failure", TEXT_OF("The payment could not be authenticated.") },
};

const struct sandbox_kind *
sandbox_kind_named(struct text name)
{
	static const char ours[] = "cst_", theirs[] = "pm_card_";
	bool is_ours = text_starts(name, ours);

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (text_is(name, kinds[i].name) || (is_ours && text_equal(text_from(name.at + sizeof(ours) - 1),
								    text_from(kinds[i].name + sizeof(theirs) - 1))))
			return &kinds[i];
	return NULL;
}

struct text
sandbox_message(struct text code)
{
	for (size_t i = 0; i < COUNT(messages); i++)
		if (text_is(code, messages[i].code))
			return messages[i].message;
	return TEXT("Your card was declined.");
}

struct text
sandbox_identifier(struct call *call, const char *prefix)
{
	unsigned char random[IDENTIFIER_BYTES];
	char digits[IDENTIFIER_DIGITS + 1];

	random_bytes(random, sizeof(random));
	base62_encode(random, sizeof(random), digits, IDENTIFIER_DIGITS);
	return arena_format(call->arena, "%s%s", prefix, digits);
}

struct provider_reply
sandbox_refusal(const char *code, struct text message)
{
	return (struct provider_reply){
		.answer = PROVIDER_REFUSED, .code = text_given(text_from(code)), .message = text_given(message)
	};
}

const struct problem *
sandbox_apart(struct call *call, const struct problem *(*step)(struct call *call, void *context), void *context)
{
	bool reads = call->operation != NULL && call->operation->kind == READ;

	return reads ? step(call, context) : step_apart(call, step, context);
}

const struct provider sandbox_provider = {
	.name = "sandbox",
	.customer = sandbox_customer,
	.setup = sandbox_setup,
	.attach = sandbox_attach,
	.detach = sandbox_detach,
	.request = sandbox_request,
	.create = sandbox_create,
	.confirm = sandbox_confirm,
	.look = sandbox_look,
	.find = sandbox_find,
	.cancel = sandbox_cancel,
	.refund = sandbox_refund,
	.invoices = sandbox_invoices,
	.movements = sandbox_movements,
};
