/*
 * Commitments in a monthly run: what they fell short of at a milestone or their end becomes a line, once.
 */
#include <inttypes.h>

#include "commitment.h"
#include "json.h"
#include "month_run.h"
#include "resources.h"
#include "text.h"

/* What the line was computed from. */
struct shortfall_source {
	struct id commitment_id;
	struct text day;
	struct text ends;
	struct amount committed;
	struct amount consumed;
	struct amount billed_before;
	struct text rounding;
};
static const struct field shortfall_source_fields[] = {
	FIELD(shortfall_source, commitment_id, ANY, "The commitment."),
	FIELD(shortfall_source, day, ANY, "The last day that counted."),
	FIELD(shortfall_source, ends, ANY, "Whether it is a milestone, or the end."),
	FIELD(shortfall_source, committed, ANY, "What was to be used until then."),
	FIELD(shortfall_source, consumed, ANY, "What was used."),
	FIELD(shortfall_source, billed_before, ANY, "What was billed at milestones before."),
	FIELD(shortfall_source, rounding, ANY, "How it was rounded."),
};
SHAPE(shortfall_source)

static bool
is_of_run(const struct commitment_shortfall *shortfall, const struct run *run)
{
	return shortfall->run_period.at != NULL && text_is(run->period, shortfall->run_period.at);
}

static struct text
words_of(struct call *call, const struct commitment_shortfall *shortfall)
{
	return arena_format(call->arena, "%s: shortfall at %s, %s", shortfall->name.at,
	    shortfall->is_end ? "the end" : "a milestone", shortfall->day.at);
}

static const struct problem *
bill_commitments(struct call *call, struct run *run)
{
	struct month month = run_month(run);
	const struct commitment_shortfall *items;
	struct list due;
	int64_t count = 0;
	const struct problem *p = commitment_due(call, &month, &due);

	items = due.items;
	for (size_t i = 0; p == NULL && i < due.count; i++) {
		if (items[i].run_period.at != NULL)
			continue;
		p = commitment_settle(call, &items[i], &month);
		count++;
	}
	if (p != NULL || count == 0)
		return p;
	run->has_changed = true;
	run->detail = arena_format(call->arena, "%" PRId64 " shortfall%s billed.", count, count == 1 ? "" : "s");
	return NULL;
}

static struct document
source_of(struct call *call, const struct commitment_shortfall *shortfall)
{
	struct shortfall_source source = {
		.commitment_id = shortfall->commitment_id,
		.day = shortfall->day,
		.ends = shortfall->is_end ? TEXT("end") : TEXT("milestone"),
		.committed = shortfall->committed,
		.consumed = shortfall->consumed,
		.billed_before = shortfall->billed_before,
		.rounding = TEXT("none: an exact difference"),
	};
	struct buffer out = buffer_new(call->arena, 512);

	json_write(&out, &shortfall_source_shape, &source);
	return (struct document){ out.at, out.length };
}

/* It is booked when the invoice is issued. */
static const struct problem *
commitment_lines(struct call *call, const struct run *run, struct run_lines *out)
{
	struct month month = run_month(run);
	const struct commitment_shortfall *items;
	struct list due;
	const struct problem *p = commitment_due(call, &month, &due);

	items = due.items;
	for (size_t i = 0; p == NULL && i < due.count; i++) {
		struct run_line line = {
			.kind = TEXT("commitment_shortfall"),
			.description = words_of(call, &items[i]),
			.amount = items[i].due,
			.paid_from = TEXT("invoice"),
			.to_at = { items[i].at, true },
			.source = source_of(call, &items[i]),
		};

		if (is_of_run(&items[i], run))
			run_line_add(call, out, &line);
	}
	return p;
}

/* What fell due is written down. */
static const struct problem *
lock_commitments(struct call *call, const struct run *run)
{
	struct month month = run_month(run);
	struct list due;

	return commitment_due(call, &month, &due);
}

const struct run_part run_commitments_part = {
	.name = "commitments", .bill = bill_commitments, .lines = commitment_lines, .lock = lock_commitments
};
