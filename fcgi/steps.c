/*
 * The steps of an operation, one table for each kind, and the walk over them. A step answers NULL or a problem; the
 * first problem is the reply. The work may be run again from its claim on: what the database undid was as if it never
 * began.
 */
#include "steps.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "authenticate.h"
#include "authorize.h"
#include "clock.h"
#include "cursor.h"
#include "database.h"
#include "finish.h"
#include "id.h"
#include "input.h"
#include "json.h"
#include "media.h"
#include "outgoing.h"
#include "rate.h"
#include "reply.h"
#include "route.h"
#include "seal.h"
#include "sink.h"
#include "stream_in.h"
#include "text.h"
#include "transaction.h"
#include "two_step_parts.h"

enum { RERUNS_MAX = 5 };

static const struct problem book_again = { .kind = RERUN, .detail = "The booking may be lost." };

static const struct field nothing_fields[1] = { { .name = "" } };
const struct shape nothing_shape = { .name = "nothing", .size = sizeof(struct nothing), .fields = nothing_fields };

/* ---- steps ----------------------------------------------------------------------------------------------------- */

enum { MEDIA_TYPES = 8 };

/* What can be answered, the first preferred; ends with NULL. */
static void
list_media(const struct call *call, const char *media[static MEDIA_TYPES])
{
	const struct operation *operation = call->operation;
	size_t count = 0;

	if (call->rest != NULL && call->rest->media_type != NULL) {
		media[count++] = call->rest->media_type;
		media[count] = NULL;
		return;
	}
	media[count++] = MEDIA_JSON;
	if (operation->run->each != NULL)
		media[count++] = MEDIA_NDJSON;
	for (const struct rendering *r = operation->renderings; r != NULL && r->media_type != NULL; r++) {
		assert(count < MEDIA_TYPES - 1);
		media[count++] = r->media_type;
	}
	media[count] = NULL;
}

static const struct problem *
not_acceptable(struct call *call, const char *const *media)
{
	struct buffer list = buffer_new(call->arena, 128);

	for (size_t i = 0; media[i] != NULL; i++)
		buffer_format(&list, "%s%s", i == 0 ? "" : media[i + 1] == NULL ? " and " : ", ", media[i]);
	return fail(call, NOT_ACCEPTABLE, "This operation answers %s.", list.at);
}

static const struct problem *
negotiate(struct call *call)
{
	const char *media[MEDIA_TYPES];
	const char *chosen;

	list_media(call, media);
	chosen = media_choose(call->request.accept, media);
	if (chosen == NULL)
		return not_acceptable(call, media);
	call->page.stream = strcmp(chosen, MEDIA_NDJSON) == 0;
	call->rendering = NULL;
	for (const struct rendering *r = call->operation->renderings; r != NULL && r->media_type != NULL; r++)
		if (strcmp(r->media_type, chosen) == 0)
			call->rendering = r;
	return NULL;
}

static const struct problem *
prepare(struct call *call)
{
	return call->operation->prepare == NULL ? NULL : call->operation->prepare(call, call->in);
}

static const struct problem *
run(struct call *call)
{
	const struct handler *handler = call->operation->run;
	const struct problem *p;

	reply_reset(call);
	call->reply.status = call->operation->status > 0 ? call->operation->status : 200;
	if (handler->each != NULL) {
		struct sink sink = sink_new(call);

		p = handler->each(call, call->in, &sink);
		return p != NULL ? p : sink_end(&sink);
	}
	call->out = arena_take(call->arena, handler->gives->size);
	return handler->one(call, call->in, call->out);
}

static const struct problem *
write_reply(struct call *call)
{
	const struct shape *gives = call->operation->run->gives;

	if (call->operation->run->each != NULL || call->is_finished)
		return NULL; /* the sink wrote it, or finish_with */
	call->reply.body.length = 0;
	if (call->rendering != NULL) {
		call->reply.media_type = call->rendering->media_type;
		return call->rendering->write(call, call->out);
	}
	if (call->rest != NULL && call->rest->gives != NULL)
		gives = call->rest->gives;
	json_write(&call->reply.body, gives, call->out);
	return NULL;
}

static void
take_target(struct call *call, const struct field *field, const void *from)
{
	struct id id;

	if (call->target.given || field->kind != KIND_ID || field->optional)
		return;
	memcpy(&id, (const char *)from + field->offset, sizeof(id));
	if (!id_is_zero(id))
		call->target = id_given(id);
}

/* What the audit row points at: the thing the reply shows, else the one the input names. */
static const struct problem *
find_target(struct call *call)
{
	const struct handler *handler = call->operation->run;
	const struct field *id = handler->one == NULL ? NULL : shape_field(handler->gives, "id");

	if (id != NULL)
		take_target(call, id, call->out);
	for (size_t i = 0; i < handler->takes->count; i++)
		if (strcmp(handler->takes->fields[i].name, "organization_id") != 0)
			take_target(call, &handler->takes->fields[i], call->in);
	return NULL;
}

/* What an intent made or names; its reply is not there yet. */
static const struct problem *
find_intended(struct call *call)
{
	const struct problem *p;
	void *out = call->out;

	call->out = arena_take(call->arena, call->operation->run->gives->size);
	p = find_target(call);
	call->out = out;
	return p;
}

static const struct problem *
commit_intent(struct call *call)
{
	const struct problem *p = transaction_finish(call);

	call->is_intended = p == NULL;
	return p;
}

static const struct problem *
perform(struct call *call)
{
	return call->operation->run->perform(call, call->in);
}

/* Time has passed since the intent. */
static const struct problem *
book(struct call *call)
{
	clock_tick();
	call->now = clock_now();
	call->reply.body.length = 0;
	memset(call->out, 0, call->operation->run->gives->size);
	return call->operation->run->book(call, call->in, call->out);
}

/* Whether a commit that was lost has happened, book finds out by itself. */
static const struct problem *
commit_book(struct call *call)
{
	const struct problem *p = database_commit(call);

	return p == &database_commit_unknown ? &book_again : p;
}

struct finish
finish_with(struct call *call, void *out)
{
	struct finish finish;
	void *own = call->out;

	call->out = out;
	write_reply(call);
	find_target(call);
	finish = finish_of(call);
	call->target.given = false; /* the statement may come to nothing, and something else be found */
	call->out = own;
	return finish;
}

void
finish_done(struct call *call)
{
	call->is_finished = true;
	call->in_transaction = false;
}

void
finish_found(struct call *call, void *out)
{
	void *own = call->out;

	database_rollback(call);
	call->out = out;
	write_reply(call);
	call->out = own;
	call->is_finished = true;
}

static const struct problem *
roll_back(struct call *call)
{
	database_rollback(call);
	return NULL;
}

struct step {
	const char *name;
	const struct problem *(*run)(struct call *call);
	bool begins_work; /* a re-run begins here */
};

static const struct step read_steps[] = {
	{ .name = "authenticate", .run = authenticate },
	{ .name = "limit", .run = rate_take },
	{ .name = "authorize", .run = authorize },
	{ .name = "negotiate", .run = negotiate },
	{ .name = "read", .run = input_read },
	{ .name = "page", .run = page_read },
	{ .name = "organization", .run = authorize_organization, .begins_work = true },
	{ .name = "run", .run = run },
	{ .name = "write", .run = write_reply },
	{ .name = NULL },
};

static const struct step write_steps[] = {
	{ .name = "authenticate", .run = authenticate },
	{ .name = "limit", .run = rate_take },
	{ .name = "authorize", .run = authorize },
	{ .name = "negotiate", .run = negotiate },
	{ .name = "read", .run = input_read },
	{ .name = "prepare", .run = prepare },
	{ .name = "claim", .run = transaction_claim, .begins_work = true },
	{ .name = "organization", .run = authorize_organization },
	{ .name = "run", .run = run },
	{ .name = "write", .run = write_reply },
	{ .name = "target", .run = find_target },
	{ .name = "commit", .run = transaction_finish },
	{ .name = NULL },
};

static const struct step two_step_steps[] = {
	{ .name = "authenticate", .run = authenticate },
	{ .name = "limit", .run = rate_take },
	{ .name = "authorize", .run = authorize },
	{ .name = "negotiate", .run = negotiate },
	{ .name = "read", .run = input_read },
	{ .name = "claim", .run = transaction_claim, .begins_work = true },
	{ .name = "organization", .run = authorize_organization },
	{ .name = "intend", .run = run },
	{ .name = "target", .run = find_intended },
	{ .name = "commit", .run = commit_intent },
	{ .name = "perform", .run = perform },
	{ .name = "book", .run = book, .begins_work = true },
	{ .name = "write", .run = write_reply },
	{ .name = "commit", .run = commit_book },
	{ .name = NULL },
};

static const struct step stream_in_steps[] = {
	{ .name = "authenticate", .run = authenticate },
	{ .name = "limit", .run = rate_take },
	{ .name = "authorize", .run = authorize },
	{ .name = "negotiate", .run = negotiate },
	{ .name = "read", .run = stream_open },
	{ .name = "rewind", .run = stream_rewind, .begins_work = true },
	{ .name = "organization", .run = authorize_organization },
	{ .name = "run", .run = run },
	{ .name = "write", .run = write_reply },
	{ .name = "commit", .run = transaction_finish },
	{ .name = NULL },
};

static const struct step rehearsal_steps[] = {
	{ .name = "authenticate", .run = authenticate },
	{ .name = "limit", .run = rate_take },
	{ .name = "authorize", .run = authorize },
	{ .name = "negotiate", .run = negotiate },
	{ .name = "read", .run = input_read },
	{ .name = "organization", .run = authorize_organization, .begins_work = true },
	{ .name = "run", .run = run },
	{ .name = "write", .run = write_reply },
	{ .name = "roll back", .run = roll_back },
	{ .name = NULL },
};

/* ---- the loop -------------------------------------------------------------------------------------------------- */

/* Waits a little, longer each time and never twice alike, so that those who collided part. */
static const struct problem *
prepare_rerun(struct call *call)
{
	uint16_t random;

	if (call->in_transaction)
		database_rollback(call);
	call->target.given = false;
	call->is_finished = false;
	call->problem = NULL;
	if (call->reply.streamed)
		return &sink_client_gone; /* rows are out: the stream ends broken, and the client sees it */
	if (call->reruns >= RERUNS_MAX)
		return fail_retry(call, BUSY, 1,
		    call->is_intended ? "The outcome could not be stored yet; repeat with the same idempotency key."
				      : "Too many callers changed the same thing at once; nothing was changed.");
	random_bytes(&random, sizeof(random));
	usleep((useconds_t)(random % (4000u << call->reruns)));
	call->reruns++;
	return NULL;
}

/* A refusal that has to be remembered: what was written stays, and the audit row tells the outcome. */
static const struct problem *
keep(struct call *call, const struct problem *refusal)
{
	const struct problem *p;

	call->problem = refusal;
	call->reply.status = problem_facts[refusal->kind].status;
	p = call->is_intended ? commit_book(call) : transaction_finish(call);
	return p != NULL ? p : refusal;
}

static const struct problem *
walk(struct call *call, const struct step *steps)
{
	const struct step *again = steps;
	/* Whom and whose the work has found out, or made, is not there any more when it was undone. */
	struct principal principal = call->principal;
	struct id organization = call->organization;

	for (const struct step *step = steps; step->name != NULL; step++) {
		const struct problem *p;

		if (step->begins_work) {
			again = step;
			principal = call->principal;
			organization = call->organization;
		}
		p = step->run(call);
		if (p != NULL && p->kept)
			p = keep(call, p);
		if (p != NULL && p->kind == RERUN) {
			p = prepare_rerun(call);
			call->principal = principal;
			call->organization = organization;
			step = again - 1;
		}
		if (p != NULL && call->is_intended && !p->kept)
			two_step_abandon(call);
		if (p != NULL)
			return p;
		if (call->replayed)
			return NULL;
	}
	return NULL;
}

static const struct step *
steps_of(const struct operation *operation)
{
	switch (operation->kind) {
	case READ:
		return read_steps;
	case WRITE:
		return write_steps;
	case TWO_STEP:
		return two_step_steps;
	case STREAM_IN:
		return stream_in_steps;
	case REHEARSAL:
		break;
	}
	return rehearsal_steps;
}

const struct problem *
steps_walk(struct call *call)
{
	const struct problem *p = walk(call, steps_of(call->operation));

	outgoing_end_turn();
	return p;
}

const struct problem *
steps_inside(struct call *call, const char *id, struct text body)
{
	const struct step *step;

	call->operation = route_named(text_from(id));
	if (call->operation == NULL)
		return fail_internal(call, "there is no operation %s", id);
	call->request.method = METHOD_POST;
	call->request.content_type = TEXT(MEDIA_JSON);
	call->request.body = body;
	step = steps_of(call->operation);
	while (step->run != negotiate)
		step++;
	return walk(call, step);
}
