/*
 * Calls to addresses that customers chose (libcurl's multi interface): https to public addresses alone, judged by the
 * address of every connection when it is made, whatever the name said before. No redirect, no proxy, no cookie; TLS 1.2 or
 * later, certificates checked by the system's CAs and config.outgoing_ca; 10 seconds for all of it, where a request does not
 * say less; the answer is read as far as `detail` needs it, and the rest is cut off. What config.outgoing_allow names is
 * exempt from both rules.
 *
 * Many at once: a hanging host holds at most 2 of 64 places, and what ends makes room at once. Like http.h this refuses to run
 * in a transaction, and in a fast worker.
 */
#ifndef PURSER_OUTGOING_H
#define PURSER_OUTGOING_H

#include "call.h"

enum { OUTGOING_AT_ONCE = 64, OUTGOING_A_HOST = 2, OUTGOING_DETAIL = 500, OUTGOING_SECONDS = 10, OUTGOING_TRY_SECONDS = 5 };

/* NULL, or a sentence for the caller that says why nothing may be sent there. Looks the name up, which may take seconds: to be
 * called before the first lock, in an operation that is `.slow`. A name that nobody knows now is accepted: the connection
 * decides. `*host` (may be NULL) is "name:port" in lower case, what is counted as a host. */
const char *outgoing_check_url(struct call *call, struct text url, struct text *host);

struct outgoing_header {
	struct text name;
	struct text value; /* one line */
};

struct outgoing_request {
	const char *method; /* NULL: "POST" */
	struct text url;
	const struct outgoing_header *headers;
	size_t header_count;
	struct text body;
	int64_t seconds;         /* for all of it; 0: OUTGOING_SECONDS */
	bool is_operators;       /* the address is of the operator's own configuration: it is not judged, and can have all places */
	size_t keep;             /* so much of the answer's body is wanted as it is; 0: none */
};

struct outgoing_reply {
	int status;              /* 0: there was no answer */
	struct text detail;      /* how the answer's body begins, or why there was none: at most 500 characters, no control
	                            characters, fit to be shown */
	int64_t milliseconds;
	int64_t retry_after;     /* the seconds that the answer asks for; -1: none */
	bool is_whole;           /* the answer came to its end, and fits into what was to be kept */
	struct text body;        /* what was kept of it; lives until `done` returns */
	struct text media_type;  /* without its parameters */
};

/* One call. NULL whatever became of it; INTERNAL only where the caller may not call at all. */
const struct problem *outgoing_send(
    struct call *call, const struct outgoing_request *request, struct outgoing_reply *reply);

/* Before that, in the transaction before: a turn, of which a node has few, and an organization one, or BUSY at once. It ends with the
 * request (steps.c). */
const struct problem *outgoing_take_turn(struct call *call);
void outgoing_end_turn(void);

/* Many: what a job does with them. Both are called in no transaction, and leave none. What they take from the call's arena is
 * given back. */
struct outgoing_use {
	/* There are so many free places: adds what is due by outgoing_add, as much as there is. Asked again whenever places
	 * were freed, and a few times a second. */
	const struct problem *(*refill)(struct call *call, void *context, size_t places);
	/* One has ended. `item` is the copy that outgoing_add made. */
	const struct problem *(*done)(
	    struct call *call, void *context, const void *item, const struct outgoing_reply *reply);
	/* One was not tried: its host had no place until nothing more is begun. NULL: nobody needs to know. */
	const struct problem *(*untried)(struct call *call, void *context, const void *item);
};

/* In `refill`: the hosts ("name:port", as outgoing_check_url counts them) of which nothing more should be taken, since as
 * many as may are under way or wait already; with commas between, for FIND_IN_SET. */
struct text outgoing_busy_hosts(struct call *call);

/* In `refill`: whether this host is one of them; of what was added a moment ago, too. */
bool outgoing_is_busy(struct text host);

/* In `refill` only; copies everything, `size` bytes of the item too. More than 2 of a host wait for each other, without taking
 * a place of others; after `seconds` of the drive they are given back, untried. */
void outgoing_add(struct call *call, const struct outgoing_request *request, const void *item, size_t size);

/* Runs until nothing is left to do. After `seconds`, or when the process was told to end, nothing more is begun; what is under
 * way has its 10 seconds (1, where the process ends: what is not booked then will be done again). The first problem of
 * a callback ends it, and what is under way is dropped. */
const struct problem *outgoing_drive(
    struct call *call, const struct outgoing_use *use, void *context, int64_t seconds);

/* Closes the kept connections. */
void outgoing_close(void);

#endif
