/*
 * The texts of mails: a table by type, and how a row of the outbox fills one.
 */
#include "mail.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "config.h"
#include "id.h"
#include "json.h"
#include "mail_message.h"
#include "money.h"
#include "seal.h"
#include "text.h"

enum { WIDTH = 72 };

/* ---- texts ------------------------------------------------------------------------------------------------------ */

/*
 * `{name}` is filled in: organization, public_url, secret, when (it was written, in the organization's zone), or a
 * member of the row's data (struct mail_data). A line that begins with a blank is shown as it is, every other one is a
 * paragraph and wrapped.
 */
#define USAGE_REACHED                                                                                                 \
	"On {when}, {organization} had used {used} of the {included} {metric} that its plan includes in the present " \
	"cycle"                                                                                                       \
	" at {public_url}: {percent} % or more.\n"
#define USAGE_ONCE "This is told once a cycle; usage.current shows how much is left.\n"

static const struct mail_template {
	const char *type;
	const char *subject;
	const char *body;
} templates[] = {
	{ "invitation", "Invitation to {organization}",
	    "{organization} invites you to become a member, with the role {role}.\n"
	    "\n"
	    "Sign in with this e-mail address, or sign up with it first, and send the token below to"
	    " {public_url}/v1/orgs/join-with-invite:\n"
	    "\n"
	    "    {secret}\n"
	    "\n"
	    "It works once, within 7 days, for this address alone. If you do not want to join, you need not do"
	    " anything.\n" },
	{ "password_reset", "Choose a new password",
	    "Somebody asked for a new password of the account with this e-mail address.\n"
	    "\n"
	    "If that was you, send the token below and the password of your choice to"
	    " {public_url}/v1/auth/passwords/reset:\n"
	    "\n"
	    "    {secret}\n"
	    "\n"
	    "It works once, within an hour. If it was not you, you need not do anything: the password stays as it "
	    "is.\n" },
	{ "organization_closed", "{organization} was closed",
	    "{organization} was closed at {public_url}, on {when}. It can still be read, but nothing in it can be"
	    " changed, and its API keys are refused.\n"
	    "\n"
	    "30 days after the closing, on {deletes_at}, its people and its secrets are erased for good. Until then the"
	    " operator can open it again.\n" },
	{ "limit.soft", "{organization} has reached its soft spending limit",
	    "On {when}, {organization} had spent {spent} credits of the present cycle at {public_url}, what its open"
	    " orders hold included. That reaches its soft limit of {limit} credits.\n"
	    "\n"
	    "Orders are still taken. This is told once a cycle; the limits are set with organizations.limits.set.\n" },
	{ "limit.hard", "{organization} has reached its hard spending limit",
	    "On {when}, something that {organization} wanted at {public_url} was refused, because it would have taken"
	    " the present cycle's spend past the hard limit of {limit} credits. {spent} credits are spent, what its"
	    " open orders hold included.\n"
	    "\n"
	    "More is possible in the next cycle, or with a higher limit, which is set with organizations.limits.set."
	    " This is told once a cycle.\n" },
	{ "auto_topup.paused", "Automatic top-ups of {organization} are paused",
	    "Automatic top-ups of {organization} are paused since {when}: {detail}\n"
	    "\n"
	    "No credits are bought by themselves until somebody acts. Look at the card, and then set automatic top-ups"
	    " anew, with billing.set_auto_topup at {public_url}.\n" },
	{ "auto_topup.capped", "The day's cap keeps {organization} from topping up",
	    "Credits of {organization} have run low on {when}, and none were bought: {detail}\n"
	    "\n"
	    "Automatic top-ups go on after midnight in the organization's time zone. Until then credits can be bought"
	    " with billing.topup at {public_url}, or the cap raised with billing.set_auto_topup.\n" },
	{ "usage_50", "{organization} has used 50 % of its {metric}", USAGE_REACHED "\n" USAGE_ONCE },
	{ "usage_80", "{organization} has used 80 % of its {metric}", USAGE_REACHED "\n" USAGE_ONCE },
	{ "usage_90", "{organization} has used 90 % of its {metric}", USAGE_REACHED "\n" USAGE_ONCE },
	{ "usage_100", "{organization} has used 100 % of its {metric}", USAGE_REACHED "\n" USAGE_ONCE },
	{ "usage_reset", "The usage of {organization} begins anew",
	    "With {when} a new cycle of {organization} has begun at {public_url}: its quotas are full again, and what"
	    " it uses from now on is counted anew.\n" },
	{ "webhook.paused", "Events of {organization} are not sent any more",
	    "The subscription that sends events of {organization} to the host below is paused since {when}:"
	    " {reason}\n"
	    "\n"
	    "    {host}\n"
	    "\n"
	    "Nothing is lost: event_subscriptions.update at {public_url} resumes it, events.list shows what happened"
	    " meanwhile, and event_subscriptions.redeliver sends single events again.\n" },
	{ "invoice_issued", "Invoice {number} for {organization}",
	    "The invoice {number} of {period} was issued to {organization} at {public_url}, on {when}. It comes to "
	    "{total}"
	    " {currency}, and is to be paid until {due_at}. {detail}\n"
	    "\n"
	    "billing.invoices.get shows it, also as a PDF.\n" },
	{ "invoice_of_nothing", "Invoice {number} for {organization}",
	    "The invoice {number} of {period} was issued to {organization} at {public_url}, on {when}. It comes to "
	    "{total}"
	    " {currency}. {detail}\n"
	    "\n"
	    "billing.invoices.get shows it, also as a PDF.\n" },
	{ "invoice_overdue", "Invoice {number} for {organization} is overdue",
	    "The invoice {number} of {period}, which {organization} has from {public_url}, was to be paid until "
	    "{due_at}. Of"
	    " it {amount} {currency} are left. {detail}\n"
	    "\n"
	    "billing.invoices.get shows it, also as a PDF. If it was paid in the last days, nothing need be done.\n" },
	{ "payment_failed", "A payment of {organization} failed",
	    "On {when}, a payment of {amount} {currency} that {organization} owes at {public_url} failed: {detail}\n"
	    "\n"
	    "{reason}\n" },
};

struct mail_data {
	struct maybe_text role;
	struct maybe_int spent;
	struct maybe_int limit;
	struct maybe_text detail;
	struct maybe_instant deletes_at;
	struct maybe_text metric;
	struct maybe_int percent;
	struct maybe_quantity used;
	struct maybe_quantity included;
	struct maybe_amount amount;
	struct maybe_text currency;
	struct maybe_text host;
	struct maybe_text reason;
	struct maybe_text number;
	struct maybe_text period;
	struct maybe_amount total;
	struct maybe_instant due_at;
};
static const struct field mail_data_fields[] = {
	FIELD(mail_data, role, ANY, "The role that an invitation is for."),
	FIELD(mail_data, spent, ANY, "Credits of the cycle so far."),
	FIELD(mail_data, limit, ANY, "The limit in credits."),
	FIELD(mail_data, detail, ANY, "What happened, as a sentence."),
	FIELD(mail_data, deletes_at, ANY, "When a closed organization is erased."),
	FIELD(mail_data, metric, ANY, "What is counted."),
	FIELD(mail_data, percent, ANY, "How much of the quota is used."),
	FIELD(mail_data, used, ANY, "The same in units."),
	FIELD(mail_data, included, ANY, "The quota in units."),
	FIELD(mail_data, amount, ANY, "What was to be paid."),
	FIELD(mail_data, currency, ANY, "Of the amount."),
	FIELD(mail_data, host, ANY, "Where events went."),
	FIELD(mail_data, reason, ANY, "Why they do not any more, as a sentence."),
	FIELD(mail_data, number, ANY, "Of an invoice."),
	FIELD(mail_data, period, ANY, "The month that it bills."),
	FIELD(mail_data, total, ANY, "What it comes to."),
	FIELD(mail_data, due_at, ANY, "Until when it is to be paid."),
};
static const struct shape mail_data_shape = { .name = "mail_data",
	.size = sizeof(struct mail_data),
	.count = COUNT(mail_data_fields),
	.fields = mail_data_fields,
	.freeform = true };

/* ---- filling ---------------------------------------------------------------------------------------------------- */

struct filling {
	const char *name;
	struct text value;
};

enum { FILLINGS = 24 }; /* at most */

static const char forgotten[] = "(no longer kept)";

static const struct filling *
filling_of(const struct filling *fillings, struct text name)
{
	for (size_t i = 0; i < FILLINGS && fillings[i].name != NULL; i++)
		if (text_is(name, fillings[i].name))
			return &fillings[i];
	return NULL;
}

/* What is filled in is not looked at again: a name with braces in it stays a name. */
static struct text
fill(struct call *call, const char *form, const struct filling *fillings)
{
	struct buffer out = buffer_new(call->arena, 1024);

	for (const char *at = form; *at != '\0';) {
		size_t length = strcspn(at, "{");
		struct text name;
		const struct filling *filling;

		buffer_add(&out, at, length);
		at += length;
		if (*at == '\0')
			break;
		name = arena_text(call->arena, at + 1, strcspn(at + 1, "}"));
		filling = filling_of(fillings, name);
		if (filling != NULL)
			buffer_add_text(&out, filling->value);
		at += name.length + 2;
	}
	return buffer_text(&out);
}

/* One paragraph, its words on as few lines as hold them. */
static void
wrap_paragraph(struct buffer *out, const char *at, size_t length)
{
	size_t column = 0;

	while (length > 0) {
		const char *blank = memchr(at, ' ', length);
		struct text word = { at, blank != NULL ? (size_t)(blank - at) : length };
		size_t width = utf8_count(word);

		if (column > 0 && column + 1 + width > WIDTH) {
			buffer_add_char(out, '\n');
			column = 0;
		} else if (column > 0) {
			buffer_add_char(out, ' ');
			column++;
		}
		buffer_add_text(out, word);
		column += width;
		at += word.length + (blank != NULL);
		length -= word.length + (blank != NULL);
	}
	buffer_add_char(out, '\n');
}

static struct buffer
wrap(struct call *call, struct text text)
{
	struct buffer out = buffer_new(call->arena, text.length + 256);

	for (const char *at = text.at; *at != '\0';) {
		size_t length = strcspn(at, "\n");

		if (*at == ' ') {
			buffer_add(&out, at, length);
			buffer_add_char(&out, '\n');
		} else {
			wrap_paragraph(&out, at, length);
		}
		at += length + (at[length] == '\n');
	}
	return out;
}

static const struct mail_template *
template_of(struct text type)
{
	for (size_t i = 0; i < COUNT(templates); i++)
		if (text_is(type, templates[i].type))
			return &templates[i];
	return NULL;
}

static const struct problem *
open_secret(struct call *call, const struct mail *mail, struct text *out)
{
	char ulid[ID_CHARACTERS + 1];

	*out = text_from(forgotten);
	if (mail->secret.at == NULL)
		return NULL;
	id_format(mail->id, ulid);
	if (!unseal(call->arena, mail->secret, arena_format(call->arena, "outbox.secret.%s", ulid).at, out))
		return fail_internal(call, "the secret of mail %s can't be opened: is its sealing key gone?", ulid);
	return NULL;
}

static struct text
number_shown(struct call *call, struct maybe_int number)
{
	return number.given ? arena_format(call->arena, "%" PRId64, number.value) : text_from(forgotten);
}

static struct text
quantity_shown(struct call *call, struct maybe_quantity quantity)
{
	char shown[AMOUNT_LENGTH + 1];

	if (!quantity.given)
		return text_from(forgotten);
	quantity_format(quantity.value, shown);
	return arena_format(call->arena, "%s", shown);
}

static struct text
amount_shown(struct call *call, struct maybe_amount amount)
{
	char shown[AMOUNT_LENGTH + 1];

	if (!amount.given)
		return text_from(forgotten);
	amount_format(amount.value, shown);
	return arena_format(call->arena, "%s", shown);
}

/* What people wrote stays in its line: it can't pass for a paragraph of ours. */
static struct text
words_shown(struct call *call, struct maybe_text words, const char *otherwise)
{
	struct text given = text_or(words, otherwise);
	struct buffer out = buffer_new(call->arena, given.length + 1);

	for (size_t i = 0; i < given.length; i++) {
		unsigned char c = (unsigned char)given.at[i];

		buffer_add_char(&out, c < ' ' || c == 0x7f ? ' ' : (char)c);
	}
	return buffer_text(&out);
}

static struct mail_text
filled(struct call *call, const struct mail_template *form, const struct mail *mail, const struct mail_data *data,
    struct text secret)
{
	struct text organization = words_shown(call, mail->organization, "An organization");
	const struct filling fillings[FILLINGS] = {
		{ "organization", organization },
		{ "public_url", text_from(config.public_url) },
		{ "secret", secret },
		{ "when", mail_time(call, mail->timezone, mail->created_at) },
		{ "role", words_shown(call, data->role, forgotten) },
		{ "detail", words_shown(call, data->detail, forgotten) },
		{ "spent", number_shown(call, data->spent) },
		{ "limit", number_shown(call, data->limit) },
		{ "deletes_at", data->deletes_at.given ? mail_time(call, mail->timezone, data->deletes_at.value)
						       : text_from(forgotten) },
		{ "metric", words_shown(call, data->metric, "(unknown)") },
		{ "percent", number_shown(call, data->percent) },
		{ "used", quantity_shown(call, data->used) },
		{ "included", quantity_shown(call, data->included) },
		{ "amount", amount_shown(call, data->amount) },
		{ "currency", words_shown(call, data->currency, "") },
		{ "host", words_shown(call, data->host, forgotten) },
		{ "reason", words_shown(call, data->reason, forgotten) },
		{ "number", words_shown(call, data->number, forgotten) },
		{ "period", words_shown(call, data->period, "a purchase") },
		{ "total", amount_shown(call, data->total) },
		{ "due_at",
		    data->due_at.given ? mail_time(call, mail->timezone, data->due_at.value) : text_from(forgotten) },
	};
	struct buffer body = wrap(call, fill(call, form->body, fillings));

	if (mail->organization.at != NULL)
		buffer_format(&body, "\n%s\n", organization.at);
	return (struct mail_text){ fill(call, form->subject, fillings), buffer_text(&body) };
}

const struct problem *
mail_compose(struct call *call, const struct mail *mail, struct mail_text *out)
{
	const struct mail_template *form = template_of(mail->type);
	struct mail_data data = { 0 };
	struct text secret;
	const struct problem *p;

	if (form == NULL)
		return fail_internal(call, "there is no text for mails of the type %s", mail->type.at);
	p = json_read(call, mail->data, &mail_data_shape, &data);
	if (p == NULL)
		p = open_secret(call, mail, &secret);
	if (p == NULL)
		*out = filled(call, form, mail, &data, secret);
	return p;
}
