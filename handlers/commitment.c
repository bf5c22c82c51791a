/*
 * A commitment's row, and the figures that are shown of it. All of them follow from the row, its milestones, what fell
 * due so far, and the time: a reader never waits for a job.
 */
#include "commitment.h"

#include <string.h>

#include "clock.h"
#include "formats.h"
#include "money.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

const char *const commitment_true_ups[] = { "at_end", "milestones", NULL };
static const char *const statuses[] = { "upcoming", "active", "fulfilled", "settled", "cancelled", NULL };
static const char *const paces[] = { "ahead", "on", "behind", NULL };
static const char *const payments[] = { "none", "pending", "due", "invoiced", NULL };

/* A projection from the first moments of a term can be any number: nobody is told a larger one. */
#define PROJECTED_MOST (100 * COMMITMENT_MOST)

enum { CENT = 10000, PERCENT = 1000000, TOLERANCE_PERCENT = 5 };

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const struct field milestone_fields[] = {
	FIELD(milestone, on, MATCHING(day_format, 10, 10),
	    "The last day that counts towards it, in the organization's zone."),
	FIELD(milestone, amount, RANGE(1, COMMITMENT_MOST),
	    "What is to be used until then, from the term's beginning on."),
	FIELD(milestone, at, HIDDEN, "The end of that day."),
};
const struct shape milestone_shape = { .name = "milestone",
	.size = sizeof(struct milestone),
	.count = COUNT(milestone_fields),
	.fields = milestone_fields };

static const struct field take_or_pay_fields[] = {
	FIELD(take_or_pay, due, ANY,
	    "What is missing: billed and not used, or to be billed; while nothing is due yet, what would be due if "
	    "nothing more"
	    " were used."),
	FIELD(take_or_pay, due_on, ANY, "The day at whose end it fell due, or will."),
	FIELD(take_or_pay, status, ONE_OF(payments),
	    "Nothing, not yet, to be billed by the monthly run, or billed by it."),
};
SHAPE(take_or_pay)

static const struct field next_milestone_fields[] = {
	FIELD(next_milestone, on, ANY, "Its last day."),
	FIELD(next_milestone, amount, ANY, "What is to be used until then, from the term's beginning on."),
	FIELD(next_milestone, remaining, ANY, "What is missing for that."),
};
SHAPE(next_milestone)

static const struct field line_item_fields[] = {
	FIELD(commitment_line_item, at, ANY, "When it was settled, or refunded."),
	FIELD(commitment_line_item, order_id, ANY, "The order."),
	FIELD(commitment_line_item, reference, ANY, "The caller's own id of it."),
	FIELD(commitment_line_item, line, ANY, "The line's place in the order, from 0."),
	FIELD(commitment_line_item, is_refund, ANY, "Whether it was taken back."),
	FIELD(commitment_line_item, sku, ANY, "What was ordered."),
	FIELD(commitment_line_item, description, ANY, "What it is."),
	FIELD(commitment_line_item, service, ANY, "The service that it belongs to."),
	FIELD(commitment_line_item, credits, ANY, "Its credits; negative where it was taken back."),
	FIELD(commitment_line_item, amount, ANY, "What they are worth."),
};
const struct shape commitment_line_item_shape = { .name = "commitment_line_item",
	.size = sizeof(struct commitment_line_item),
	.count = COUNT(line_item_fields),
	.fields = line_item_fields };

static const struct field commitment_fields[] = {
	FIELD(commitment, id, ANY, "The commitment's id."),
	FIELD(commitment, organization_id, ANY, "Who made it."),
	FIELD(commitment, name, ANY, "Its name; those of one name follow each other."),
	FIELD(commitment, starts_on, ANY, "The term's first day, in the organization's zone."),
	FIELD(commitment, ends_on, ANY, "The term's last day."),
	FIELD(commitment, amount, ANY,
	    "What is promised, as the prices of the organization's credits are: tax included where it pays before, "
	    "without"
	    " tax where it pays afterwards."),
	FIELD(commitment, currency, ANY, "The organization's."),
	FIELD_LIST(commitment, milestones, milestone, ANY, "What is to be used until when."),
	{ .name = "eligible_services",
	    .kind = KIND_TEXTS,
	    FIELD_BASE(commitment, eligible_services),
	    COMPUTED,
	    .summary = "The services whose order lines count; all where none are named." },
	FIELD(commitment, true_up, ONE_OF(commitment_true_ups),
	    "Whether what is missing is billed at the end, or at each milestone, too."),
	FIELD(commitment, rollover_percent, ANY, "How much of what is used beyond it counts for the next of its name."),
	FIELD(commitment, carried_in, ANY, "What counts from the ones before it of its name."),
	{ .name = "status",
	    .kind = KIND_TEXT,
	    FIELD_BASE(commitment, status),
	    COMPUTED,
	    .one_of = statuses,
	    .summary =
		"What became of it: `fulfilled` from the moment on that enough is used, `settled` when the term is over"
		" and what was missing is billed." },
	FIELD(commitment, committed, COMPUTED, "What is to be used in the term: `amount` without `carried_in`."),
	FIELD(
	    commitment, consumed, ANY, "What was used in the term: settled order lines at the price of their credits."),
	FIELD(commitment, remaining, COMPUTED, "What is missing of it."),
	FIELD(commitment, consumed_percent, COMPUTED, "`consumed` in hundredths of `committed`."),
	FIELD(commitment, elapsed_percent, COMPUTED, "How much of the term is over, in hundredths."),
	{ .name = "pace",
	    .kind = KIND_TEXT,
	    FIELD_BASE(commitment, pace),
	    COMPUTED,
	    .one_of = paces,
	    .summary = "How `projected_total` compares with `committed`: `on` within 5 per cent." },
	FIELD(commitment, projected_total, COMPUTED,
	    "What will have been used at the end if it goes on as it did from the start until now; null before the "
	    "start."),
	FIELD(commitment, projected_shortfall, COMPUTED, "What would be missing then; null before the start."),
	FIELD_OBJECT(commitment, take_or_pay, take_or_pay, false, "What has to be paid without being used."),
	FIELD_OBJECT(commitment, next_milestone, next_milestone, true, "The milestone ahead, or null."),
	{ .name = "line_items",
	    .kind = KIND_DOCUMENT,
	    .optional = true,
	    FIELD_BASE(commitment, line_items),
	    .computed = true,
	    LEFT_OUT,
	    .shape = &commitment_line_item_shape,
	    .summary = "The newest thousand order lines that counted, newest first; where they were asked for." },
	FIELD(commitment, created_at, ANY, "When it was made."),
	FIELD(commitment, updated_at, ANY, "When it was last changed, or something fell due."),
	FIELD(commitment, cancelled_at, ANY, "When it was cancelled, or null."),
	FIELD(commitment, starts_at, HIDDEN, "The term."),
	FIELD(commitment, ends_at, HIDDEN, "Its end."),
	FIELD(commitment, services, HIDDEN, "Services, one a line."),
	FIELD(commitment, next_at, HIDDEN, "When something may fall due next."),
	FIELD(commitment, ended_at, HIDDEN, "When its end was written down."),
	FIELD(commitment, used_at, HIDDEN, "When the last order counted."),
	FIELD(commitment, rollover, HIDDEN, "What counts for the next."),
	FIELD(commitment, carried_to, HIDDEN, "Which that is."),
	FIELD(commitment, behind_told, HIDDEN, "The last month in which its pace was announced."),
};
const struct shape commitment_shape = { .name = "commitment",
	.size = sizeof(struct commitment),
	.count = COUNT(commitment_fields),
	.fields = commitment_fields };

static const struct field commitment_ref_fields[] = {
	FIELD(commitment_ref, commitment_id, ANY, "The commitment."),
};
const struct shape commitment_ref_shape = { .name = "commitment_ref",
	.size = sizeof(struct commitment_ref),
	.count = COUNT(commitment_ref_fields),
	.fields = commitment_ref_fields };

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement lock_commitment = {
	.sql = "SELECT " COMMITMENT_COLUMNS
	       " FROM commitment WHERE organization_id = :organization AND id = :commitment_id FOR UPDATE",
	.takes = &commitment_ref_shape,
	.gives = &commitment_shape,
};

static const struct statement list_milestones = {
	.sql = "SELECT day AS `on`, amount, at FROM commitment_milestone"
	       " WHERE organization_id = :organization AND commitment_id = :commitment_id ORDER BY day",
	.takes = &commitment_ref_shape,
	.gives = &milestone_shape,
};

struct milestone_row {
	struct id commitment_id;
	struct text on;
	struct instant at;
	struct amount amount;
};
static const struct field milestone_row_fields[] = {
	FIELD(milestone_row, commitment_id, ANY, "Whose."),
	FIELD(milestone_row, on, ANY, "Its last day."),
	FIELD(milestone_row, at, ANY, "The end of that day."),
	FIELD(milestone_row, amount, ANY, "What is to be used until then."),
};
SHAPE(milestone_row)

static const struct statement insert_milestone = {
	.sql = "INSERT INTO commitment_milestone (organization_id, commitment_id, day, at, amount)"
	       " VALUES (:organization, :commitment_id, :on, :at, :amount)",
	.takes = &milestone_row_shape,
};

/* ---- rows ------------------------------------------------------------------------------------------------------ */

const struct problem *
commitment_milestones(struct call *call, struct commitment *commitment)
{
	const struct commitment_ref ref = { commitment->id };

	return sql_all(call, &list_milestones, &ref, &commitment->milestones);
}

const struct problem *
commitment_add_milestones(struct call *call, const struct commitment *commitment, size_t from)
{
	const struct milestone *milestones = commitment->milestones.items;
	const struct problem *p = NULL;

	for (size_t i = from; p == NULL && i < commitment->milestones.count; i++) {
		const struct milestone_row row = { commitment->id, milestones[i].on, milestones[i].at,
			milestones[i].amount };

		p = sql_run(call, &insert_milestone, &row, NULL);
	}
	return p;
}

const struct problem *
commitment_lock(struct call *call, struct id id, struct commitment *out)
{
	const struct commitment_ref ref = { id };
	const struct problem *p = sql_one(call, &lock_commitment, &ref, out);

	if (p == NULL)
		call_not_before(call, out->updated_at);
	if (p == NULL && out->used_at.given)
		call_not_before(call, out->used_at.value);
	return p != NULL ? p : commitment_milestones(call, out);
}

struct maybe_text
commitment_services_join(struct call *call, struct texts services)
{
	struct buffer joined = buffer_new(call->arena, 128);

	if (services.count == 0)
		return (struct maybe_text){ .at = NULL };
	for (size_t i = 0; i < services.count; i++) {
		if (i > 0)
			buffer_add_char(&joined, '\n');
		buffer_add_text(&joined, services.items[i]);
	}
	return text_given(buffer_text(&joined));
}

struct texts
commitment_services_split(struct call *call, struct maybe_text joined)
{
	struct texts services = { .count = 0 };
	const char *at = joined.at;

	if (at == NULL)
		return services;
	services.items = arena_array(call->arena, SERVICES_MOST, sizeof(*services.items));
	while (services.count < SERVICES_MOST) {
		size_t length = strcspn(at, "\n");

		services.items[services.count++] = arena_text(call->arena, at, length);
		if (at[length] == '\0')
			break;
		at += length + 1;
	}
	return services;
}

bool
commitment_is_by_milestones(const struct commitment *commitment)
{
	return text_is(commitment->true_up, "milestones");
}

/* ---- figures --------------------------------------------------------------------------------------------------- */

static int64_t
missing(int64_t target, int64_t consumed)
{
	return target > consumed ? target - consumed : 0;
}

/* A part of the whole in hundredths, to two decimals. */
static struct decimal
percent_of(int64_t part, int64_t whole)
{
	struct decimal percent;

	if (whole <= 0)
		return (struct decimal){ 100 * PERCENT };
	if (!share_of(part, INT64_C(100) * PERCENT, whole, CENT, &percent.micros))
		percent.micros = PROJECTED_MOST;
	return percent;
}

static void
set_pace(struct commitment *commitment)
{
	int64_t projected = commitment->projected_total.value.micros, least, most;

	commitment->pace = TEXT("on");
	if (!commitment->projected_total.given ||
	    !share_of(commitment->committed.micros, 100 - TOLERANCE_PERCENT, 100, 1, &least) ||
	    !share_of(commitment->committed.micros, 100 + TOLERANCE_PERCENT, 100, 1, &most))
		return;
	if (projected < least)
		commitment->pace = TEXT("behind");
	else if (projected > most)
		commitment->pace = TEXT("ahead");
}

/* Linear from the start until now, to a hundredth; at the end it is what was used. */
static void
set_projection(struct commitment *commitment, int64_t term, int64_t elapsed)
{
	int64_t *total = &commitment->projected_total.value.micros;

	commitment->projected_total.given = commitment->projected_shortfall.given = elapsed > 0;
	if (elapsed == term)
		*total = commitment->consumed.micros;
	else if (elapsed > 0 && !share_of(commitment->consumed.micros, term, elapsed, CENT, total))
		*total = PROJECTED_MOST;
	if (*total > PROJECTED_MOST)
		*total = PROJECTED_MOST;
	commitment->projected_shortfall.value.micros = missing(commitment->committed.micros, *total);
}

void
commitment_project(struct commitment *commitment, struct instant now)
{
	int64_t term = commitment->ends_at.microseconds - commitment->starts_at.microseconds, elapsed;

	if (commitment->cancelled_at.given)
		now = commitment->cancelled_at.value;
	elapsed = now.microseconds - commitment->starts_at.microseconds;
	elapsed = elapsed < 0 ? 0 : elapsed > term ? term : elapsed;
	commitment->committed.micros = missing(commitment->amount.micros, commitment->carried_in.micros);
	commitment->remaining.micros = missing(commitment->committed.micros, commitment->consumed.micros);
	commitment->consumed_percent = percent_of(commitment->consumed.micros, commitment->committed.micros);
	commitment->elapsed_percent = percent_of(elapsed, term);
	set_projection(commitment, term, elapsed);
	set_pace(commitment);
}

static int64_t
milestone_target(const struct commitment *commitment, const struct milestone *milestone)
{
	return missing(milestone->amount.micros, commitment->carried_in.micros);
}

/* The first one whose end lies ahead. */
static const struct milestone *
milestone_ahead(const struct commitment *commitment, struct instant now)
{
	const struct milestone *milestones = commitment->milestones.items;

	if (commitment->cancelled_at.given)
		return NULL;
	for (size_t i = 0; i < commitment->milestones.count; i++)
		if (instant_before(now, milestones[i].at))
			return &milestones[i];
	return NULL;
}

static void
set_next_milestone(struct call *call, struct commitment *commitment)
{
	const struct milestone *ahead = milestone_ahead(commitment, call->now);

	if (ahead == NULL)
		return;
	commitment->next_milestone = arena_take(call->arena, sizeof(*commitment->next_milestone));
	*commitment->next_milestone = (struct next_milestone){ ahead->on, ahead->amount,
		{ missing(milestone_target(commitment, ahead), commitment->consumed.micros) } };
}

/* What fell due so far, in sums. */
struct owed {
	int64_t due, unbilled;
	const struct commitment_shortfall *first_unbilled, *last;
};

static struct owed
sum_up(const struct list *shortfalls)
{
	const struct commitment_shortfall *shortfall = shortfalls->items;
	struct owed owed = { 0 };

	for (size_t i = 0; i < shortfalls->count; i++) {
		if (shortfall[i].due.micros == 0)
			continue;
		owed.due += shortfall[i].due.micros;
		owed.last = &shortfall[i];
		if (shortfall[i].run_period.at != NULL)
			continue;
		owed.unbilled += shortfall[i].due.micros;
		if (owed.first_unbilled == NULL)
			owed.first_unbilled = &shortfall[i];
	}
	return owed;
}

/* Where nothing is to be billed: what would be due next, or what was billed last. */
static struct take_or_pay
pending(const struct commitment *commitment, const struct owed *owed, struct instant now)
{
	const struct milestone *ahead = milestone_ahead(commitment, now);
	struct take_or_pay pay = { .due_on = commitment->ends_on, .status = TEXT_OF("none") };
	int64_t target = commitment->committed.micros;

	if (commitment->cancelled_at.given || !instant_before(now, commitment->ends_at)) {
		if (owed->last != NULL)
			pay = (struct take_or_pay){ { owed->due }, owed->last->day, TEXT_OF("invoiced") };
		return pay;
	}
	if (ahead != NULL && commitment_is_by_milestones(commitment)) {
		target = milestone_target(commitment, ahead);
		pay.due_on = ahead->on;
	}
	pay.due.micros = missing(target, commitment->consumed.micros + owed->due);
	if (pay.due.micros > 0)
		pay.status = TEXT("pending");
	return pay;
}

static struct text
status_of(const struct commitment *commitment, const struct owed *owed, struct instant now)
{
	if (commitment->cancelled_at.given)
		return TEXT("cancelled");
	if (instant_before(now, commitment->starts_at))
		return TEXT("upcoming");
	if (commitment->consumed.micros >= commitment->committed.micros)
		return TEXT("fulfilled");
	return instant_before(now, commitment->ends_at) || owed->unbilled > 0 ? TEXT("active") : TEXT("settled");
}

const struct problem *
commitment_complete(struct call *call, struct commitment *commitment)
{
	struct list shortfalls;
	struct owed owed;
	const struct problem *p = commitment_milestones(call, commitment);

	if (p == NULL)
		p = commitment_shortfalls(call, commitment, call->now, &shortfalls);
	if (p != NULL)
		return p;
	owed = sum_up(&shortfalls);
	commitment->eligible_services = commitment_services_split(call, commitment->services);
	commitment_project(commitment, call->now);
	commitment->status = status_of(commitment, &owed, call->now);
	set_next_milestone(call, commitment);
	commitment->take_or_pay = arena_take(call->arena, sizeof(*commitment->take_or_pay));
	if (owed.unbilled > 0)
		*commitment->take_or_pay =
		    (struct take_or_pay){ { owed.unbilled }, owed.first_unbilled->day, TEXT_OF("due") };
	else
		*commitment->take_or_pay = pending(commitment, &owed, call->now);
	return NULL;
}

const struct resource commitment_resource = {
	.name = "commitment",
	.summary = "What a commitment is.",
	.statements = LIST_OF(statement, &lock_commitment, &list_milestones, &insert_milestone),
};
