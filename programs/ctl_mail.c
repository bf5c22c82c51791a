/*
 * purserctl mail: the newest mails as their recipients would read them, tokens included. For an operator who has no
 * SMTP and hands them on in another way; whoever can run this holds the keys to the database anyway.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ctl.h"
#include "handlers/mail.h"
#include "id.h"
#include "text.h"

enum { LAST_STANDARD = 10, LAST_MOST = 1000 };

static const struct problem *
print_mail(struct call *call, void *first, const void *row)
{
	const struct mail *mail = row;
	struct mail_text text;
	char ulid[ID_CHARACTERS + 1], at[RFC3339_LENGTH + 1];

	id_format(mail->id, ulid);
	instant_format(mail->created_at, at);
	printf("%sId: %s\nDate: %s\nTo: %s\n", *(bool *)first ? "" : "\n----\n\n", ulid, at,
	    text_or(mail->recipient, "(erased)").at);
	*(bool *)first = false;
	if (mail->last_error.at != NULL)
		printf("%s, attempt %" PRId64 ": %s\n", mail->given_up_at.given ? "Given up" : "Not sent yet",
		    mail->attempts, mail->last_error.at);
	if (mail_compose(call, mail, &text) == NULL)
		printf("Subject: %s\n\n%s", text.subject.at, text.body.at);
	else
		printf("\n(Not shown: %s.)\n", call->internal != NULL ? call->internal : "its data can't be read");
	call->internal = NULL; /* told; and the other mails are shown all the same */
	return NULL;
}

int
ctl_mail(int argc, char **argv)
{
	static const struct option options[] = {
		{ "last", required_argument, NULL, 'l' },
		{ "to", required_argument, NULL, 't' },
		{ 0 },
	};
	struct maybe_text recipient = { 0 };
	int64_t last = LAST_STANDARD;
	bool first = true;
	struct call call;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 't' && utf8_valid(optarg, strlen(optarg)))
			recipient = text_given(text_from(optarg));
		else if (option != 'l' || !integer_parse(text_from(optarg), &last) || last < 1 || last > LAST_MOST)
			return ctl_usage("mail [--last N] [--to ADDRESS]");
	}
	if (optind < argc)
		return ctl_usage("mail [--last N] [--to ADDRESS]");
	if (!ctl_start())
		return EXIT_FAILURE;
	ctl_call_begin(&call, "purserctl.mail");
	return ctl_end(&call, mail_each_newest(&call, last, recipient, print_mail, &first));
}
