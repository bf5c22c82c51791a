/*
 * A push to an integration: what is sent to Prometheus (integration_push_prom.c) and to Loki (integration_push_loki.c), by the
 * job and by organizations.integrations.test.
 */
#ifndef PURSER_INTEGRATION_PUSH_H
#define PURSER_INTEGRATION_PUSH_H

#include "integration.h"
#include "outgoing.h"

/* Of the organization, as the other side sees it. */
struct push_organization {
	struct text slug;
	struct text status;
};

enum { PUSH_HEADERS = 4 };

struct push {
	struct outgoing_request request; /* without a body there is nothing to be told */
	struct outgoing_header headers[PUSH_HEADERS];
	struct maybe_int cursor_sequence; /* of Loki: how far the audit is told once this is taken */
	int64_t lines;                    /* so many are told by it */
	bool is_full;                     /* and there may be more */
};

struct push_kind {
	const char *name;
	const char *path; /* where to, when the endpoint is a host alone */
	const char *media_type;
	/* The body of what is due, and of a try; they read, and change nothing. */
	const struct problem *(*fill)(struct call *call, const struct push_organization *organization,
	    const struct integration *integration, struct push *push);
	const struct problem *(*fill_sample)(
	    struct call *call, const struct push_organization *organization, struct push *push);
};
extern const struct push_kind push_prom, push_loki;

const struct push_kind *push_kind_named(struct text name);

const struct problem *push_organization_read(struct call *call, struct push_organization *organization);

/* Address and headers; the body is filled in before. */
const struct problem *push_address(
    struct call *call, const struct push_kind *kind, const struct integration *integration, struct push *push);

static inline bool
push_is_taken(const struct outgoing_reply *reply)
{
	return reply->status >= 200 && reply->status < 300;
}

#endif
