/*
 * A mail as it goes over the wire (RFC 5322, MIME), and times as a mail's reader sees them.
 */
#ifndef PURSER_MAIL_MESSAGE_H
#define PURSER_MAIL_MESSAGE_H

#include "mail.h"

/* Can the address stand in a header and an envelope as it is? */
bool mail_address_is_plain(struct text address);

/* The whole of it, in the call's arena: every line ends with CRLF and has at most 998 bytes. The recipient is a plain address. The
 * Message-ID is made of the mail's id: one that comes twice can be known by it. */
struct text mail_message(struct call *call, const struct mail *mail, const struct mail_text *text);

/* "22 November 2026, 17:12 (Australia/Sydney)"; by UTC where there is no such zone. */
struct text mail_time(struct call *call, struct maybe_text zone, struct instant at);

#endif
