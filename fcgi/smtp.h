/*
 * Outgoing mail (libcurl): one mail at a time, over one connection as long as it lasts. Refuses to run inside a transaction, like
 * http.h: whoever waits for the outside holds no lock. A server that says nothing at all costs 10 seconds, one that falls silent
 * on the way 30, one that is slow 90; twice that, where a kept connection turns out to be gone. One that has the content has ten
 * minutes to say so. A process that is told to end waits two seconds.
 */
#ifndef PURSER_SMTP_H
#define PURSER_SMTP_H

#include "call.h"

struct smtp_mail {
	struct text sender;    /* addresses as the envelope has them */
	struct text recipient;
	struct text content;   /* RFC 5322: every line ends with CRLF and has at most 998 bytes */
};

/* No smtp_send takes longer. */
enum { SMTP_SECONDS_MOST = 780 };

enum smtp_outcome {
	SMTP_TAKEN,       /* the server has it */
	SMTP_REFUSED,     /* it takes this mail never, or never to this address */
	SMTP_LATER,       /* not now: this mail alone, as far as is known */
	SMTP_UNREACHABLE, /* no mail could be handed over at all: the server's trouble, our settings', or we are ending */
};

struct smtp_reply {
	enum smtp_outcome outcome;
	struct text why; /* of what was not taken: the server's last words, or what went wrong; fit to be logged */
};

/* NULL whatever the outcome; INTERNAL only in a transaction. Whom to reach, and how, are settings (smtp_*). The reply lives in
 * the call's arena. */
const struct problem *smtp_send(struct call *call, const struct smtp_mail *mail, struct smtp_reply *reply);

/* Takes leave of the server; without waiting for its word, where the process is told to end. */
void smtp_close(void);

#endif
