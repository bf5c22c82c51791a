/*
 * The machinery's side of a sink (call.h has the handlers').
 */
#ifndef PURSER_SINK_H
#define PURSER_SINK_H

#include "call.h"

struct sink {
	struct call *call;
	const struct shape *gives;
	int64_t count;    /* rows put out */
	int64_t total;    /* -1: not known */
	bool is_full;     /* no other row fits the page */
	bool more;        /* one came all the same */
	struct text next; /* the cursor behind the last row of a full page */
};

/* The one problem that is never answered: nobody is there to read it. */
extern const struct problem sink_client_gone;

struct sink sink_new(struct call *call);
const struct problem *sink_end(struct sink *sink);

#endif
