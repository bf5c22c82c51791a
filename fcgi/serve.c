/*
 * The life of a request: from the FastCGI parameters to the line in the log. What an operation does between is in
 * steps.c.
 */
#include "serve.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "config.h"
#include "database.h"
#include "id.h"
#include "log.h"
#include "metrics.h"
#include "pages.h"
#include "rate.h"
#include "reply.h"
#include "request.h"
#include "route.h"
#include "steps.h"
#include "stream_in.h"

static struct arena *request_arena, *reply_arena;

static const struct problem *
answer(struct call *call)
{
	const struct problem *p;
	bool answered;

	p = pages_answer(call, &answered);
	if (answered)
		return p;
	p = route(call);
	if (p != NULL)
		return p;
	if (call->operation == NULL) { /* OPTIONS */
		call->reply.status = 204;
		return NULL;
	}
	return steps_walk(call);
}

static void
settle(struct call *call, const struct problem *p)
{
	if (call->in_transaction)
		database_rollback(call);
	if (call->replayed || (p != NULL && p->kind == IDEMPOTENCY_IN_PROGRESS))
		rate_give_back(call);
	call->problem = p;
	if (p != NULL && !call->reply.streamed)
		reply_problem(call, p);
}

static bool
write_out(void *context, const char *at, size_t length)
{
	FCGX_Request *request = context;

	while (length > 0) {
		int piece = length > 1 << 20 ? 1 << 20 : (int)length;

		if (FCGX_PutStr(at, piece, request->out) != piece)
			return false;
		at += piece;
		length -= (size_t)piece;
	}
	return true;
}

static void
begin(struct call *call, FCGX_Request *request)
{
	arena_reset(request_arena);
	arena_reset(reply_arena);
	clock_tick();
	*call = (struct call){
		.arena = request_arena, .reply_arena = reply_arena, .now = clock_now(), .output = { write_out, request }
	};
	call->id = id_new(call->now);
	call->reply.body = buffer_new(reply_arena, 4096);
	reply_reset(call);
}

#ifdef PURSER_FAULTS
/* The failing-statements gate: "X-Purser-Fault: 3:2013" loses the connection at the third round trip. */
static void
arm_fault(FCGX_Request *request)
{
	const char *fault = FCGX_GetParam("HTTP_X_PURSER_FAULT", request->envp);
	const char *colon = fault == NULL ? NULL : strchr(fault, ':');

	database_fail_at(colon == NULL ? 0 : (unsigned)strtoul(fault, NULL, 10),
	    colon == NULL ? 0 : (int)strtol(colon + 1, NULL, 10));
}
#endif

void
serve_start(void)
{
	request_arena = arena_new((size_t)config.memory_limit_bytes);
	reply_arena = arena_new((size_t)config.memory_limit_bytes);
}

void
serve(FCGX_Request *request)
{
	int64_t started = clock_monotonic_microseconds();
	unsigned long trips = database_round_trips();
	const struct problem *p;
	struct call call;

	begin(&call, request);
#ifdef PURSER_FAULTS
	arm_fault(request);
#endif
	p = request_read(&call, request);
	settle(&call, p != NULL ? p : answer(&call));
	if (!call.reply.streamed)
		reply_send(&call);
	else if (call.problem != NULL)
		shutdown(request->ipcFd, SHUT_RDWR); /* no proper end: the client must see that rows are missing */
	stream_close(&call);
	call.round_trips = (unsigned)(database_round_trips() - trips);
	started = clock_monotonic_microseconds() - started;
	metrics_request(call.operation == NULL ? -1 : route_index(call.operation), call.reply.status, started,
	    call.round_trips, call.reruns);
	log_request(&call, started);
}
