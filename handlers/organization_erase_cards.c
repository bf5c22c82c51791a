/*
 * The cards of an organization that is going to be erased: each is detached at its processor, in no transaction, before
 * its row is emptied. Whoever can't be told so is asked again in the next run, for a week; then the erasing goes on.
 */
#include "clock.h"
#include "id.h"
#include "log.h"
#include "organization.h"
#include "provider.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "two_step.h"

/* A processor that does not answer is given up in a run after so many organizations: the other jobs wait. */
enum { PATIENCE_MICROSECONDS = 5000000, WAITED_FOR_SECONDS = 7 * 86400, SILENCES_MOST = 3 };

struct leaving_card {
	struct id id;
	struct text provider;
	struct text card_id;
};
static const struct field leaving_card_fields[] = {
	FIELD(leaving_card, id, ANY, "The row."),
	FIELD(leaving_card, provider, ANY, "The processor."),
	FIELD(leaving_card, card_id, ANY, "Its name of the card."),
};
SHAPE(leaving_card)

struct closed_until {
	struct instant before;
};
static const struct field closed_until_fields[] = {
	FIELD(closed_until, before, ANY, "Closed until then."),
};
SHAPE(closed_until)

static const struct statement find_attached = {
	.sql =
	    "SELECT m.id, m.provider, m.card_id FROM payment_method m JOIN organization o ON o.id = m.organization_id"
	    " WHERE m.organization_id = :organization AND m.detached_at IS NULL AND o.status = 'closed'"
	    " AND o.erased_at IS NULL AND o.closed_at <= :before ORDER BY m.id LIMIT 1",
	.takes = &closed_until_shape,
	.gives = &leaving_card_shape,
};

static const struct statement mark_detached = {
	.sql = "UPDATE payment_method SET is_default = FALSE, detached_at = :now"
	       " WHERE organization_id = :organization AND id = :id AND detached_at IS NULL",
	.takes = &leaving_card_shape,
};

struct leaving {
	struct closed_until due;
	struct leaving_card card;
	struct provider_reply reply;
	bool found;
};

static const struct problem *
find_next(struct call *call, void *context)
{
	struct leaving *leaving = context;

	return sql_maybe(call, &find_attached, &leaving->due, &leaving->card, &leaving->found);
}

static const struct problem *
mark(struct call *call, void *context)
{
	const struct leaving *leaving = context;

	return sql_run(call, &mark_detached, &leaving->card, NULL);
}

/* Where the processor refuses, it has no such card any more. */
static const struct problem *
detach(struct call *call, struct leaving *leaving, bool *is_silent)
{
	const struct provider *provider = provider_named(leaving->card.provider);
	int64_t until = clock_monotonic_microseconds() + PATIENCE_MICROSECONDS;
	const struct problem *p = NULL;

	leaving->reply = (struct provider_reply){ .answer = PROVIDER_SILENT };
	if (provider != NULL)
		p = provider->detach(call, leaving->card.card_id, until, &leaving->reply);
	*is_silent = leaving->reply.answer == PROVIDER_SILENT;
	return p;
}

static void
tell(const struct call *call, const struct leaving *leaving, bool waits)
{
	char ulid[ID_CHARACTERS + 1];

	id_format(call->organization, ulid);
	log_error(waits ? "the erasing of organization %s waits: %s did not detach its cards"
			: "organization %s is erased, though %s did not detach its cards",
	    ulid, leaving->card.provider.at);
}

const struct problem *
organization_detach_cards(struct call *call, struct instant closed_at, unsigned *silences, bool *is_done)
{
	struct instant due = instant_plus_seconds(closed_at, ORGANIZATION_KEPT_SECONDS);
	bool waits = instant_before(call->now, instant_plus_seconds(due, WAITED_FOR_SECONDS));
	struct leaving leaving = { .due.before = closed_at };
	bool is_silent = *silences >= SILENCES_MOST, is_told = false;
	const struct problem *p;

	*is_done = false;
	while (!job_is_stopping()) {
		p = step_apart(call, find_next, &leaving);
		*is_done = p == NULL && !leaving.found;
		if (p != NULL || *is_done)
			return p;
		if (!is_silent) {
			p = detach(call, &leaving, &is_silent);
			*silences += is_silent;
		}
		if (p == NULL && is_silent && !is_told)
			tell(call, &leaving, waits);
		is_told = is_silent;
		if (p == NULL && is_silent && waits)
			return NULL;
		if (p == NULL)
			p = job_step(call, mark, &leaving);
		if (p != NULL)
			return p;
	}
	return NULL;
}

const struct resource organization_erase_cards_resource = {
	.name = "organization_erase_cards",
	.summary = "The cards of organizations that are erased.",
	.statements = LIST_OF(statement, &find_attached, &mark_detached),
};
