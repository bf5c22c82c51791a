/*
 * Replies on their way out: status, headers, body, by the CGI rules that FastCGI keeps (RFC 3875, 6).
 */
#ifndef PURSER_REPLY_H
#define PURSER_REPLY_H

#include "call.h"

/* Puts the problem's document in place of whatever the reply held, and its headers. */
void reply_problem(struct call *call, const struct problem *problem);

/* Sends head and body. */
void reply_send(struct call *call);

/* Sends the head of a stream; the rows follow through call->output. False: the client is gone. */
bool reply_begin_stream(struct call *call);

/* Starts the reply anew (a re-run): empty body, no headers of its own. */
void reply_reset(struct call *call);

#endif
