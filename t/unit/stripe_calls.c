/*
 * What Stripe's payment_intent objects tell. With arguments it is the hand of t/stripe.t instead: the milliseconds
 * that a call may take, its name, and what it is given; it makes that one call against PURSER_STRIPE_URL and prints the
 * answer as `name=value` with blanks between, values percent-encoded; a problem of our own as `problem=…`.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "config.h"
#include "handlers/stripe.h"
#include "http.h"
#include "id.h"
#include "log.h"
#include "text.h"
#include "unit.h"

static struct call call;

/* ---- answers as a line ------------------------------------------------------------------------------------------- */

static void
print_text(const char *name, struct maybe_text value)
{
	struct buffer out = buffer_new(call.arena, 64);

	if (value.at == NULL)
		return;
	percent_encode(&out, (struct text){ value.at, value.length });
	printf("%s=%s ", name, buffer_text(&out).at);
}

static void
print_number(const char *name, int64_t number)
{
	printf("%s=%" PRId64 " ", name, number);
}

static void
print_charge(const struct charge *charge)
{
	static const char *const states[] = { [CHARGE_UNKNOWN] = "unknown",
		[CHARGE_NONE] = "none",
		[CHARGE_READY] = "ready",
		[CHARGE_PROCESSING] = "processing",
		[CHARGE_ACTION] = "action",
		[CHARGE_SUCCEEDED] = "succeeded",
		[CHARGE_DECLINED] = "declined",
		[CHARGE_CANCELLED] = "cancelled",
		[CHARGE_REFUSED] = "refused" };

	printf("state=%s ", states[charge->state]);
	print_number("missing", charge->is_missing);
	print_text("intent", charge->intent_id);
	print_text("payment", charge->payment_id);
	print_number("received", charge->received.micros);
	print_number("refunded", charge->refunded.micros);
	print_text("currency", charge->currency);
	print_text("secret", charge->client_secret);
	print_text("code", charge->code);
	print_text("message", charge->message);
	if (charge->created_at.given)
		print_number("created", charge->created_at.value.microseconds);
}

static void
print_reply(const struct provider_reply *reply)
{
	static const char *const answers[] = {
		[PROVIDER_DONE] = "done", [PROVIDER_REFUSED] = "refused", [PROVIDER_SILENT] = "silent"
	};

	printf("answer=%s ", answers[reply->answer]);
	print_text("code", reply->code);
	print_text("message", reply->message);
	print_number("decline", reply->is_decline);
}

/* ---- calls ------------------------------------------------------------------------------------------------------- */

static struct id
id_of(const char *text)
{
	struct id id = { 0 };

	assert_true(id_parse(text_from(text), &id));
	return id;
}

static const struct problem *
make_customer(char **given, int64_t until)
{
	struct provider_reply reply = { 0 };
	struct text id = TEXT_OF("");
	const struct problem *p = stripe_provider.customer(&call, id_of(given[0]), until, &reply, &id);

	print_reply(&reply);
	print_text("id", text_given(id));
	return p;
}

static const struct problem *
make_setup(char **given, int64_t until)
{
	struct setup_intent out = { .id = TEXT_OF(""), .client_secret = TEXT_OF("") };
	const struct problem *p = stripe_provider.setup(&call, text_from(given[0]), given[1], until, &out);

	print_reply(&out.reply);
	print_text("id", text_given(out.id));
	print_text("secret", text_given(out.client_secret));
	return p;
}

static const struct problem *
attach(char **given, int64_t until)
{
	struct provider_card out = { .id = TEXT_OF(""), .brand = TEXT_OF(""), .last4 = TEXT_OF("") };
	const struct problem *p =
	    stripe_provider.attach(&call, text_from(given[0]), text_from(given[1]), given[2], until, &out);

	print_reply(&out.reply);
	print_text("id", text_given(out.id));
	print_text("brand", text_given(out.brand));
	print_text("last4", text_given(out.last4));
	print_number("month", out.exp_month);
	print_number("year", out.exp_year);
	return p;
}

static const struct problem *
detach(char **given, int64_t until)
{
	struct provider_reply reply = { 0 };
	const struct problem *p = stripe_provider.detach(&call, text_from(given[0]), until, &reply);

	print_reply(&reply);
	return p;
}

/* payment organization customer card micro-units currency description */
static const struct problem *
print_request(char **given, int64_t until)
{
	struct purchase purchase = { id_of(given[0]), id_of(given[1]), text_from(given[2]), text_from(given[3]),
		{ strtoll(given[4], NULL, 10) }, text_from(given[5]), text_from(given[6]) };

	(void)until;
	print_text("form", text_given(stripe_provider.request(&call, &purchase)));
	return NULL;
}

static const struct problem *
create(char **given, int64_t until)
{
	struct charge out = { .state = CHARGE_UNKNOWN };
	const struct problem *p = stripe_provider.create(&call, text_from(given[0]), given[1], until, &out);

	print_charge(&out);
	return p;
}

static const struct problem *
confirm(char **given, int64_t until)
{
	struct charge out = { .state = CHARGE_UNKNOWN };
	const struct problem *p =
	    stripe_provider.confirm(&call, text_from(given[0]), text_from(given[1]), given[2], until, &out);

	print_charge(&out);
	return p;
}

static const struct problem *
look(char **given, int64_t until)
{
	struct charge out = { .state = CHARGE_UNKNOWN };
	const struct problem *p = stripe_provider.look(&call, text_from(given[0]), until, &out);

	print_charge(&out);
	return p;
}

static const struct problem *
cancel(char **given, int64_t until)
{
	struct charge out = { .state = CHARGE_UNKNOWN };
	const struct problem *p = stripe_provider.cancel(&call, text_from(given[0]), until, &out);

	print_charge(&out);
	return p;
}

/* customer payment seconds */
static const struct problem *
find(char **given, int64_t until)
{
	struct charge out = { .state = CHARGE_UNKNOWN };
	struct instant created_at = { strtoll(given[2], NULL, 10) * 1000000 };
	const struct problem *p =
	    stripe_provider.find(&call, text_from(given[0]), id_of(given[1]), created_at, until, &out);

	print_charge(&out);
	return p;
}

/* intent micro-units key */
static const struct problem *
refund(char **given, int64_t until)
{
	struct provider_refund out = { .id = TEXT_OF("") };
	const struct problem *p = stripe_provider.refund(&call, text_from(given[0]),
	    (struct amount){ strtoll(given[1], NULL, 10) }, TEXT("AUD"), given[2], until, &out);

	print_reply(&out.reply);
	print_text("id", text_given(out.id));
	print_number("pending", out.pending);
	print_number("refunded", out.refunded.micros);
	return p;
}

static const struct problem *
list_invoices(char **given, int64_t until)
{
	struct provider_reply reply = { 0 };
	struct list list = { 0 };
	const struct problem *p =
	    stripe_provider.invoices(&call, text_from(given[0]), strtoll(given[1], NULL, 10), until, &reply, &list);

	print_reply(&reply);
	print_number("count", (int64_t)list.count);
	for (size_t i = 0; i < list.count; i++) {
		const struct provider_invoice *one = (const struct provider_invoice *)list.items + i;
		struct buffer out = buffer_new(call.arena, 64);

		buffer_format(&out, "%s|%s|%s|%s|%" PRId64 "|%" PRId64 "|%s|%s", one->id.at,
		    one->number.at == NULL ? "" : one->number.at, one->status.at, one->currency.at,
		    one->amount_due.micros, one->amount_paid.micros,
		    one->hosted_invoice_url.at == NULL ? "" : one->hosted_invoice_url.at,
		    one->pdf_url.at == NULL ? "" : one->pdf_url.at);
		print_text("invoice", text_given(buffer_text(&out)));
	}
	return p;
}

static const struct problem *
print_movement(struct call *of, void *context, const struct provider_movement *one)
{
	struct buffer out = buffer_new(of->arena, 64);

	(void)context;
	buffer_format(&out, "%s|%s|%s|%s|%" PRId64 "|%s|%" PRId64, one->is_refund ? "refund" : "charge", one->id.at,
	    one->intent_id.at == NULL ? "" : one->intent_id.at, one->payment_id.at == NULL ? "" : one->payment_id.at,
	    one->amount.micros, one->currency.at, one->created_at.microseconds);
	print_text("movement", text_given(buffer_text(&out)));
	return NULL;
}

/* from and to, in microseconds */
static const struct problem *
list_movements(char **given, int64_t until)
{
	struct provider_reply reply = { 0 };
	const struct problem *p = stripe_provider.movements(&call, (struct instant){ strtoll(given[0], NULL, 10) },
	    (struct instant){ strtoll(given[1], NULL, 10) }, until, &reply, print_movement, NULL);

	print_reply(&reply);
	return p;
}

static const struct problem *
send_once(const char *method, const char *url, const char *limit, int64_t until)
{
	static const char *const outcomes[] = {
		[HTTP_ANSWERED] = "answered", [HTTP_UNSENT] = "unsent", [HTTP_BROKEN] = "broken"
	};
	struct http_request request = { .method = method,
		.url = url,
		.body = TEXT_OF("x=1"),
		.until = until,
		.limit = (size_t)strtoll(limit, NULL, 10),
		.headers = { { "X-Given", TEXT_OF("yes") } } };
	struct http_reply reply;
	const struct problem *p = http_send(&call, &request, &reply);

	printf("outcome=%s ", outcomes[reply.outcome]);
	print_number("status", reply.status);
	print_number("length", (int64_t)reply.body.length);
	print_text("type", text_given(reply.media_type));
	print_text("request_id", http_header(&reply, "request-ID"));
	print_text("nothing", http_header(&reply, "Request"));
	print_text("why", text_given(text_from(reply.why)));
	return p;
}

/* method url limit; once more for each line of standard input */
static const struct problem *
send_plain(char **given, int64_t until)
{
	const struct problem *p = send_once(given[0], given[1], given[2], until);
	char line[10];

	while (p == NULL && (printf("\n"), fflush(stdout), fgets(line, sizeof(line), stdin)) != NULL)
		p = send_once(given[0], given[1], given[2], until);
	return p;
}

static const struct problem *
send_in_transaction(char **given, int64_t until)
{
	call.in_transaction = true;
	return send_once(given[0], given[1], given[2], until);
}

static const struct problem *
send_forbidden(char **given, int64_t until)
{
	http_forbid();
	return send_once(given[0], given[1], given[2], until);
}

static const struct {
	const char *name;
	int takes;
	const struct problem *(*make)(char **given, int64_t until);
} calls[] = {
	{ "customer", 1, make_customer },
	{ "setup", 2, make_setup },
	{ "attach", 3, attach },
	{ "detach", 1, detach },
	{ "request", 7, print_request },
	{ "create", 2, create },
	{ "confirm", 3, confirm },
	{ "look", 1, look },
	{ "cancel", 1, cancel },
	{ "find", 3, find },
	{ "refund", 3, refund },
	{ "invoices", 2, list_invoices },
	{ "movements", 2, list_movements },
	{ "send", 3, send_plain },
	{ "send_in_transaction", 3, send_in_transaction },
	{ "send_forbidden", 3, send_forbidden },
};

static const char *
setting(const char *name)
{
	const char *value = getenv(name);

	return value == NULL ? "" : value;
}

static int
make_call(int count, char **arguments)
{
	config.stripe_url = setting("PURSER_STRIPE_URL");
	config.stripe_key = setting("PURSER_STRIPE_KEY");
	log_open(setting("PURSER_LOG_FILE"));
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < COUNT(calls); i++) {
		int64_t until = clock_monotonic_microseconds() + strtoll(arguments[0], NULL, 10) * 1000;
		const struct problem *p;

		if (strcmp(calls[i].name, arguments[1]) != 0 || calls[i].takes != count - 2)
			continue;
		p = calls[i].make(arguments + 2, until);
		if (p != NULL)
			print_text("problem", text_given(text_from(call.internal != NULL ? call.internal : p->detail)));
		printf("\n");
		http_close();
		return EXIT_SUCCESS;
	}
	fprintf(stderr, "There is no call %s with %d arguments.\n", arguments[1], count - 2);
	return EXIT_FAILURE;
}

/* ---- what objects tell ------------------------------------------------------------------------------------------- */

#define INTENT "\"id\":\"pi_1\",\"object\":\"payment_intent\",\"client_secret\":\"pi_1_secret_x\",\"currency\":\"nzd\","
#define METADATA "\"metadata\":{\"topup_id\":\"t1\"},\"created\":1700000000,\"amount\":1234,"

static struct charge
read_intent(const char *json)
{
	struct charge charge;

	if (!stripe_read_charge(call.arena, tree_parse(call.arena, text_from(json)), &charge))
		fail_msg("not read: %s", json);
	return charge;
}

static bool
is_no_intent(const char *json)
{
	struct charge charge;

	return !stripe_read_charge(call.arena, tree_parse(call.arena, text_from(json)), &charge);
}

static void
what_was_received_is_exact_whatever_was_asked(void **state)
{
	struct charge charge = read_intent("{" INTENT METADATA "\"status\":\"succeeded\",\"amount_received\":1230,"
					   "\"latest_charge\":{\"id\":\"ch_1\",\"amount_refunded\":7}}");

	(void)state;
	assert_int_equal(charge.state, CHARGE_SUCCEEDED);
	assert_int_equal(charge.received.micros, 12300000);
	assert_int_equal(charge.refunded.micros, 70000);
	assert_int_equal(charge.created_at.value.microseconds, INT64_C(1700000000000000));
	assert_text(charge.intent_id, "pi_1");
	assert_text(charge.payment_id, "t1");
	assert_text(charge.currency, "NZD");
	assert_null(charge.client_secret.at);
}

static void
a_charge_may_be_expanded_or_not(void **state)
{
	struct charge charge = read_intent(
	    "{" INTENT METADATA "\"status\":\"succeeded\",\"amount_received\":1234,\"latest_charge\":\"ch_1\"}");

	(void)state;
	assert_int_equal(charge.received.micros, 12340000);
	assert_int_equal(charge.refunded.micros, 0);
}

static void
authentication_is_read_in_either_shape(void **state)
{
	struct charge old = read_intent("{" INTENT "\"status\":\"requires_action\",\"last_payment_error\":null}");
	struct charge new =
	    read_intent("{" INTENT "\"status\":\"requires_payment_method\",\"last_payment_error\":{\"code\":"
			"\"authentication_required\",\"decline_code\":\"authentication_required\",\"message\":\"m\"}}");

	(void)state;
	assert_int_equal(old.state, CHARGE_ACTION);
	assert_text(old.client_secret, "pi_1_secret_x");
	assert_int_equal(new.state, CHARGE_ACTION);
	assert_text(new.client_secret, "pi_1_secret_x");
	assert_text(new.code, "authentication_required");
}

static void
a_decline_is_told_by_its_decline_code(void **state)
{
	struct charge charge =
	    read_intent("{" INTENT "\"status\":\"requires_payment_method\",\"last_payment_error\":{\"code\":"
			"\"card_declined\",\"decline_code\":\"insufficient_funds\",\"message\":\"No.\"}}");
	struct charge failed =
	    read_intent("{" INTENT "\"status\":\"requires_payment_method\",\"last_payment_error\":{\"code\":"
			"\"payment_intent_authentication_failure\",\"type\":\"invalid_request_error\"}}");

	(void)state;
	assert_int_equal(charge.state, CHARGE_DECLINED);
	assert_text(charge.code, "insufficient_funds");
	assert_text(charge.message, "No.");
	assert_null(charge.client_secret.at);
	assert_int_equal(failed.state, CHARGE_DECLINED);
	assert_text(failed.code, "payment_intent_authentication_failure");
}

static void
every_status_has_its_state(void **state)
{
	static const struct {
		const char *status;
		enum charge_state state;
	} pairs[] = { { "requires_payment_method", CHARGE_READY }, { "requires_confirmation", CHARGE_READY },
		{ "requires_action", CHARGE_ACTION }, { "processing", CHARGE_PROCESSING },
		{ "succeeded", CHARGE_SUCCEEDED }, { "canceled", CHARGE_CANCELLED },
		{ "requires_capture", CHARGE_UNKNOWN }, { "", CHARGE_UNKNOWN } };

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		assert_int_equal(
		    read_intent(arena_format(call.arena, "{" INTENT "\"status\":\"%s\"}", pairs[i].status).at).state,
		    pairs[i].state);
}

static void
what_is_no_intent_tells_nothing(void **state)
{
	(void)state;
	assert_true(is_no_intent("{}"));
	assert_true(is_no_intent("[]"));
	assert_true(is_no_intent("no JSON"));
	assert_true(is_no_intent("{\"id\":\"pi_1\",\"status\":\"succeeded\"}"));
	assert_true(is_no_intent("{\"object\":\"payment_intent\",\"status\":\"succeeded\"}"));
	assert_true(is_no_intent("{\"object\":\"payment_intent\",\"id\":\"\"}"));
	assert_true(is_no_intent("{\"object\":\"charge\",\"id\":\"ch_1\",\"status\":\"succeeded\"}"));
}

static void
amounts_that_no_money_has_are_none(void **state)
{
	static const char *const amounts[] = { "-1", "12.5", "\"12\"", "1e3", "922337203685478",
		"99999999999999999999" };

	(void)state;
	for (size_t i = 0; i < COUNT(amounts); i++)
		assert_int_equal(
		    read_intent(arena_format(call.arena, "{" INTENT "\"status\":\"succeeded\",\"amount_received\":%s}",
				    amounts[i])
				    .at)
			.received.micros,
		    0);
	assert_int_equal(
	    read_intent("{" INTENT "\"status\":\"succeeded\",\"amount_received\":922337203685477}").received.micros,
	    INT64_C(9223372036854770000));
}

int
main(int count, char **arguments)
{
	static const struct CMUnitTest tests[] = {
		PROVES("what was received is exact, whatever was asked", what_was_received_is_exact_whatever_was_asked),
		PROVES("a charge may be expanded or not", a_charge_may_be_expanded_or_not),
		PROVES("authentication is read in either shape", authentication_is_read_in_either_shape),
		PROVES("a decline is told by its decline_code", a_decline_is_told_by_its_decline_code),
		PROVES("every status has its state", every_status_has_its_state),
		PROVES("what is no intent tells nothing", what_is_no_intent_tells_nothing),
		PROVES("amounts that no money has are none", amounts_that_no_money_has_are_none),
	};
	int status;

	call.arena = arena_new(64 << 20);
	call.reply_arena = arena_new(64 << 20);
	status = count > 2 ? make_call(count - 1, arguments + 1) : RUN(tests);
	arena_free(call.arena);
	arena_free(call.reply_arena);
	return status;
}
