/*
 * A call that somebody waits for: one alone, in a worker of the slow pool. So that endpoints which say nothing don't
 * keep these workers from everybody else, no more than half of them are at it at once in a node, and one for an
 * organization; whoever finds no place is told so at once.
 */
#include "outgoing.h"

#include <errno.h>
#include <string.h>

#include "config.h"
#include "turn.h"

enum { RETRY_SECONDS = 5, PLACES_MOST = 1 << 16 };

/* Where the turns of organizations begin, behind those of the node. */
static const int64_t organizations_begin = PLACES_MOST, organizations = INT64_C(1) << 40;

static const int64_t none = -1;
static int64_t place = -1, organization_place = -1; /* those this process holds */

/* ---- one alone -------------------------------------------------------------------------------------------------- */

struct single {
	const struct outgoing_request *request;
	struct outgoing_reply *reply;
	bool is_added;
};

static const struct problem *
add_single(struct call *call, void *context, size_t places)
{
	struct single *single = context;

	(void)places;
	if (!single->is_added)
		outgoing_add(call, single->request, &single, sizeof(single));
	single->is_added = true;
	return NULL;
}

static const struct problem *
end_single(struct call *call, void *context, const void *item, const struct outgoing_reply *reply)
{
	struct single *single = context;

	(void)item;
	*single->reply = *reply;
	single->reply->detail = arena_text(call->reply_arena, reply->detail.at, reply->detail.length);
	return NULL;
}

const struct problem *
outgoing_send(struct call *call, const struct outgoing_request *request, struct outgoing_reply *reply)
{
	static const struct outgoing_use use = { .refill = add_single, .done = end_single };
	struct single single = { .request = request, .reply = reply };

	*reply = (struct outgoing_reply){ .detail = TEXT_OF("The process is ending."), .retry_after = -1 };
	return outgoing_drive(call, &use, &single, OUTGOING_SECONDS);
}

/* ---- turns ------------------------------------------------------------------------------------------------------ */

/* The random end of an id tells organizations apart well enough. */
static int64_t
turn_of(struct id organization)
{
	uint64_t number;

	memcpy(&number, organization.bytes + sizeof(organization.bytes) - sizeof(number), sizeof(number));
	return organizations_begin + (int64_t)(number % (uint64_t)organizations);
}

static const struct problem *
refuse(struct call *call, const char *why)
{
	int error = errno;

	outgoing_end_turn();
	if (error != EAGAIN)
		return fail_internal(call, "no turn to try an endpoint: %s", strerror(error));
	return fail_retry(call, BUSY, RETRY_SECONDS, "%s", why);
}

const struct problem *
outgoing_take_turn(struct call *call)
{
	int64_t places = config.slow_workers / 2;

	if (place != none)
		return NULL; /* the work is run again */
	organization_place = turn_take_at(turn_of(call->organization), 1);
	if (organization_place == none)
		return refuse(call, "The organization is trying an endpoint already; nothing was sent.");
	place = turn_take_at(0, places < 1 ? 1 : places);
	if (place == none)
		return refuse(call, "Too many endpoints are being tried at once; nothing was sent.");
	return NULL;
}

void
outgoing_end_turn(void)
{
	if (place != none)
		turn_give_at(place);
	if (organization_place != none)
		turn_give_at(organization_place);
	place = organization_place = none;
}
