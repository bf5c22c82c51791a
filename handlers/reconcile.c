/*
 * The ledger against the card processor, day by day, and only what differs. A movement counts on the day on which the
 * processor made it, on both sides, so that one near midnight is not two differences. What stands on one side alone is
 * asked for once more on the other, whenever it was, before it is called missing. One day is in memory at a time.
 */
#include "reconcile.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "money.h"
#include "resources.h"
#include "text.h"

enum {
	SECOND = 1000000,
	DAY_SECONDS = 86400,
	DAYS_MOST = 31,
	YOUNG_SECONDS = 15 * 60,
	MARGIN_SECONDS = 3600, /* by which the two sides may tell the time of one movement otherwise */
	PATIENCE_SECONDS = 40,
	DIFFERENCES_MOST = 1000,
	ID_MOST = 100,
	CURRENCIES_MOST = 16
};

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const char *
check_date(struct text value)
{
	char moment[] = "0000-00-00T00:00:00Z";
	struct instant at;

	if (value.length != 10)
		return "It has to be a day, as in 2026-11-22.";
	memcpy(moment, value.at, value.length);
	return instant_parse(text_from(moment), &at) ? NULL : "There is no such day.";
}

static const struct format date_format = { "date", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", check_date };

static const char *const kinds[] = { "missing_here", "missing_there", "amount", "state", NULL };
static const char *const movements[] = { "charge", "refund", NULL };

enum difference_kind { MISSING_HERE, MISSING_THERE, AMOUNT, STATE };

struct reconcile_query {
	struct maybe_text from;
	struct maybe_text to;
};
static const struct field reconcile_query_fields[] = {
	FIELD(reconcile_query, from, MATCHING(date_format, 10, 10),
	    "The first day, in UTC; the same as `to` where it is not given."),
	FIELD(reconcile_query, to, MATCHING(date_format, 10, 10),
	    "The last day, which is included; yesterday where it is not given."),
};
SHAPE(reconcile_query)

struct reconciled_day {
	struct text day;
	struct currency currency;
	struct amount ledger;
	struct amount processor;
	struct amount difference;
};
static const struct field reconciled_day_fields[] = {
	FIELD(reconciled_day, day, ANY, "The day, in UTC."),
	FIELD(reconciled_day, currency, ANY, "Of the amounts."),
	FIELD(reconciled_day, ledger, ANY, "Charges less refunds, by the ledger."),
	FIELD(reconciled_day, processor, ANY, "The same by the card processor."),
	FIELD(reconciled_day, difference, ANY, "What the processor has more than the ledger."),
};
SHAPE(reconciled_day)

struct difference {
	struct text kind;
	struct text movement;
	struct maybe_text id;
	struct maybe_id topup_id;
	struct maybe_id organization_id;
	struct amount ledger_amount;
	struct amount processor_amount;
	struct currency currency;
	struct instant at;
};
static const struct field difference_fields[] = {
	FIELD(difference, kind, ONE_OF(kinds),
	    "`missing_here`: the ledger does not know it; `missing_there`: the processor does not; `amount`: both do, "
	    "and "
	    "differ; `state`: the top-up is there and not booked."),
	FIELD(difference, movement, ONE_OF(movements), "What it is."),
	FIELD(difference, id, ANY, "The processor's id of the charge, the refund, or the payment intent."),
	FIELD(difference, topup_id, ANY, "The top-up, where it is known."),
	FIELD(difference, organization_id, ANY, "Whose it is, where that is known."),
	FIELD(difference, ledger_amount, ANY, "What the ledger says."),
	FIELD(difference, processor_amount, ANY, "What the processor says."),
	FIELD(difference, currency, ANY, "Of the amounts."),
	FIELD(difference, at, ANY, "When it was, by the processor's clock where it knows of it."),
};
SHAPE(difference)

struct reconciliation {
	struct text from;
	struct text to;
	struct instant cut_off;
	struct list days;
	struct list differences;
	bool complete;
};
static const struct field reconciliation_fields[] = {
	FIELD(reconciliation, from, ANY, "The first day."),
	FIELD(reconciliation, to, ANY, "The last day, which is included."),
	FIELD(reconciliation, cut_off, ANY, "What is younger was not looked at, on either side."),
	FIELD_LIST(reconciliation, days, reconciled_day, ANY, "The days that differ, by currency."),
	FIELD_LIST(reconciliation, differences, difference, ANY, "What differs; 1,000 at most."),
	FIELD(reconciliation, complete, ANY, "All of the days was looked at, and all that differs is shown."),
};
SHAPE(reconciliation)

HANDLER(reconcile, reconcile_query, reconciliation)

static const struct operation reconcile_operation = {
	.id = "admin.reconcile",
	.kind = READ,
	.scope = ADMIN_READ,
	.effect = READS,
	.slow = true,
	.summary = "Hold the ledger against the card processor, and show what differs.",
	.description =
	    "At most 31 days, `from` and `to` included, in UTC. A charge or refund counts on the day on which the "
	    "processor made it; nothing that is younger than 15 minutes is looked at.",
	.raises = { CONFLICT },
	.run = &reconcile_run,
};

/* ---- the work --------------------------------------------------------------------------------------------------- */

/* A movement at the processor, and whether the ledger's list had it. */
struct seen {
	struct provider_movement movement;
	bool matched;
};

struct sums {
	struct currency currency;
	int64_t ledger, processor;
	bool differs;
};

struct work {
	const struct provider *provider;
	int64_t until;
	struct instant from, to; /* the part of the day that is looked at */
	struct seen *seen;
	size_t seen_count, seen_room;
	struct sums sums[CURRENCIES_MOST]; /* of the day */
	size_t sums_count;
	struct reconciled_day *days;
	size_t days_count;
	struct difference *differences;
	size_t differences_count;
	char (*ids)[ID_MOST + 1]; /* of the differences: the day's memory is given back */
	bool cut;
};

static bool
is_within(const struct work *work, struct instant at)
{
	return !instant_before(at, work->from) && instant_before(at, work->to);
}

static const struct problem *
unavailable(struct call *call)
{
	return fail_retry(call, UNAVAILABLE, 30, "The card processor could not be asked.");
}

/* ---- sums and differences -----------------------------------------------------------------------------------------
 */

static struct currency
currency_of(struct text text)
{
	struct currency currency = { "" };

	(void)currency_parse(text, &currency);
	return currency;
}

static struct sums *
sums_of(struct work *work, struct currency currency)
{
	size_t i = 0;

	while (i < work->sums_count && strcmp(work->sums[i].currency.code, currency.code) != 0)
		i++;
	if (i == CURRENCIES_MOST) {
		work->cut = true;
		return &work->sums[CURRENCIES_MOST - 1];
	}
	if (i == work->sums_count)
		work->sums[work->sums_count++] = (struct sums){ .currency = currency };
	return &work->sums[i];
}

/* Counts a movement on both sides; a refund takes away. */
static struct sums *
count(struct work *work, bool is_refund, struct currency currency, struct amount ledger, struct amount processor)
{
	struct sums *sums = sums_of(work, currency);

	sums->ledger += is_refund ? -ledger.micros : ledger.micros;
	sums->processor += is_refund ? -processor.micros : processor.micros;
	return sums;
}

static void
note(struct work *work, enum difference_kind kind, bool is_refund, struct text id, const struct booked *booked,
    struct difference difference)
{
	size_t n = work->differences_count;

	sums_of(work, difference.currency)->differs = true;
	if (n == DIFFERENCES_MOST) {
		work->cut = true;
		return;
	}
	difference.kind = text_from(kinds[kind]);
	difference.movement = text_from(movements[is_refund]);
	if (id.length > 0 && id.length <= ID_MOST) {
		memcpy(work->ids[n], id.at, id.length);
		work->ids[n][id.length] = '\0';
		difference.id = (struct maybe_text){ work->ids[n], id.length };
	}
	if (booked != NULL) {
		difference.topup_id = (struct maybe_id){ booked->payment_id, true };
		difference.organization_id = (struct maybe_id){ booked->organization_id, true };
	}
	work->differences[n] = difference;
	work->differences_count++;
}

/* Both sides know it, or only the processor. */
static void
compare(struct work *work, const struct provider_movement *movement, const struct booked *booked)
{
	struct currency currency = currency_of(movement->currency);
	struct amount ledger = { 0 };
	enum difference_kind kind = MISSING_HERE;

	if (booked != NULL && text_equal(booked->currency, movement->currency))
		ledger = booked->amount;
	count(work, movement->is_refund, currency, ledger, movement->amount);
	if (ledger.micros == movement->amount.micros)
		return;
	if (booked != NULL && ledger.micros != 0)
		kind = AMOUNT;
	else if (booked != NULL && !movement->is_refund)
		kind = STATE;
	note(work, kind, movement->is_refund, movement->id, booked,
	    (struct difference){ .ledger_amount = ledger,
		.processor_amount = movement->amount,
		.currency = currency,
		.at = movement->created_at });
}

/* Only the ledger knows it. */
static void
miss(struct work *work, bool is_refund, const struct booked *booked)
{
	struct currency currency = currency_of(booked->currency);

	count(work, is_refund, currency, booked->amount, (struct amount){ 0 });
	note(work, MISSING_THERE, is_refund, text_or(booked->key, ""), booked,
	    (struct difference){ .ledger_amount = booked->amount, .currency = currency, .at = booked->at });
}

/* ---- the processor's side ------------------------------------------------------------------------------------------
 */

static struct text
kept(struct call *call, struct text text)
{
	return arena_text(call->reply_arena, text.at, text.length);
}

static struct maybe_text
kept_if_given(struct call *call, struct maybe_text text)
{
	return text.at == NULL ? text : text_given(kept(call, (struct text){ text.at, text.length }));
}

static const struct problem *
keep_movement(struct call *call, void *context, const struct provider_movement *one)
{
	struct work *work = context;
	struct provider_movement movement = *one;

	movement.id = kept(call, one->id);
	movement.intent_id = kept_if_given(call, one->intent_id);
	movement.payment_id = kept_if_given(call, one->payment_id);
	movement.currency = kept(call, one->currency);
	if (work->seen_count == work->seen_room) {
		size_t room = work->seen_room == 0 ? 64 : 2 * work->seen_room;
		struct seen *larger = arena_array(call->reply_arena, room, sizeof(*larger));

		if (work->seen_count > 0)
			memcpy(larger, work->seen, work->seen_count * sizeof(*larger));
		work->seen = larger;
		work->seen_room = room;
	}
	work->seen[work->seen_count++] = (struct seen){ .movement = movement };
	return NULL;
}

/* What the ledger's rows are found by. */
static struct text
key_of(const struct provider_movement *movement)
{
	return movement->is_refund ? movement->id : text_or(movement->intent_id, "");
}

static int
compare_keys(bool a_is_refund, struct text a, bool b_is_refund, struct text b)
{
	size_t shorter = a.length < b.length ? a.length : b.length;
	int order = memcmp(a.at, b.at, shorter);

	if (a_is_refund != b_is_refund)
		return a_is_refund ? 1 : -1;
	if (order != 0)
		return order;
	return (a.length > b.length) - (a.length < b.length);
}

static int
order_of_seen(const void *a, const void *b)
{
	const struct provider_movement *one = &((const struct seen *)a)->movement;
	const struct provider_movement *other = &((const struct seen *)b)->movement;

	return compare_keys(one->is_refund, key_of(one), other->is_refund, key_of(other));
}

static struct seen *
find_seen(const struct work *work, bool is_refund, struct maybe_text key)
{
	struct seen wanted = { .movement = { .is_refund = is_refund, .id = text_or(key, ""), .intent_id = key } };

	if (work->seen_count == 0 || key.at == NULL)
		return NULL;
	return bsearch(&wanted, work->seen, work->seen_count, sizeof(wanted), order_of_seen);
}

static const struct problem *
ask_processor(struct call *call, struct work *work)
{
	struct provider_reply *reply = arena_take(call->arena, sizeof(*reply));
	const struct problem *p = work->provider->movements(call, instant_plus_seconds(work->from, -MARGIN_SECONDS),
	    instant_plus_seconds(work->to, MARGIN_SECONDS), work->until, reply, keep_movement, work);

	if (p == NULL && reply->answer != PROVIDER_DONE)
		p = unavailable(call);
	if (p == NULL && work->seen_count > 0)
		qsort(work->seen, work->seen_count, sizeof(*work->seen), order_of_seen);
	return p;
}

/* Does the processor know it all the same, at another time? */
static const struct problem *
look_there(struct call *call, const struct work *work, bool is_refund, const struct booked *booked, bool *is_there)
{
	struct charge charge = { .state = CHARGE_NONE };
	const struct problem *p = NULL;

	if (booked->intent_id.at != NULL)
		p = work->provider->look(call, text_or(booked->intent_id, ""), work->until, &charge);
	if (p == NULL && charge.state == CHARGE_UNKNOWN && !charge.is_missing)
		p = unavailable(call);
	*is_there = charge.state == CHARGE_SUCCEEDED;
	if (is_refund)
		*is_there = *is_there && charge.refunded.micros >= booked->known.micros;
	return p;
}

/* ---- one day
 * --------------------------------------------------------------------------------------------------------- */

static const struct problem *
compare_booked(struct call *call, struct work *work, bool is_refund, const struct list *list)
{
	const struct booked *rows = list->items;
	const struct problem *p = NULL;

	for (size_t i = 0; i < list->count && p == NULL; i++) {
		struct seen *seen = find_seen(work, is_refund, rows[i].key);
		bool is_there = true;

		if (seen != NULL) {
			seen->matched = true;
			if (is_within(work, seen->movement.created_at))
				compare(work, &seen->movement, &rows[i]);
			continue;
		}
		if (is_within(work, rows[i].at))
			p = look_there(call, work, is_refund, &rows[i], &is_there);
		if (p == NULL && !is_there)
			miss(work, is_refund, &rows[i]);
	}
	return p;
}

/* The ledger may have it at another time; of refunds that it took back without a name each counts once. */
static const struct problem *
compare_unmatched(struct call *call, struct work *work, size_t index)
{
	const struct provider_movement *movement = &work->seen[index].movement;
	struct booked booked;
	bool found;
	const struct problem *p = movement->is_refund ? booked_refund(call, movement, &booked, &found)
						      : booked_charge(call, movement, &booked, &found);

	if (p != NULL)
		return p;
	for (size_t i = 0; found && i < index; i++) {
		const struct seen *other = &work->seen[i];

		if (movement->is_refund && !other->matched && other->movement.is_refund &&
		    text_equal(text_or(other->movement.intent_id, ""), text_or(movement->intent_id, "")))
			booked.unnamed.micros -= other->movement.amount.micros;
	}
	if (found && movement->is_refund && booked.unnamed.micros >= movement->amount.micros)
		booked.amount = movement->amount;
	compare(work, movement, found ? &booked : NULL);
	return NULL;
}

static const struct problem *
compare_rest(struct call *call, struct work *work)
{
	const struct problem *p = NULL;

	for (size_t i = 0; i < work->seen_count && p == NULL; i++)
		if (!work->seen[i].matched && is_within(work, work->seen[i].movement.created_at))
			p = compare_unmatched(call, work, i);
	return p;
}

static void
end_day(struct work *work, struct text day)
{
	for (size_t i = 0; i < work->sums_count; i++) {
		const struct sums *sums = &work->sums[i];

		if (sums->differs)
			work->days[work->days_count++] = (struct reconciled_day){ day, sums->currency, { sums->ledger },
				{ sums->processor }, { sums->processor - sums->ledger } };
	}
	work->sums_count = 0;
}

static const struct problem *
compare_day(struct call *call, struct work *work)
{
	struct instant from = instant_plus_seconds(work->from, -MARGIN_SECONDS);
	struct instant to = instant_plus_seconds(work->to, MARGIN_SECONDS);
	struct list charges, refunds;
	const struct problem *p;

	work->seen_count = work->seen_room = 0;
	p = ask_processor(call, work);
	if (p == NULL)
		p = booked_charges(call, from, to, &charges);
	if (p == NULL)
		p = compare_booked(call, work, false, &charges);
	if (p == NULL)
		p = booked_refunds(call, from, to, &refunds);
	if (p == NULL)
		p = compare_booked(call, work, true, &refunds);
	return p != NULL ? p : compare_rest(call, work);
}

/* ---- the whole
 * ------------------------------------------------------------------------------------------------------- */

static struct text
day_text(struct call *call, struct instant at)
{
	char text[RFC3339_LENGTH + 1];

	instant_format(at, text);
	return arena_text(call->arena, text, 10);
}

static struct instant
day_begin(struct instant at)
{
	int64_t day = (int64_t)DAY_SECONDS * SECOND;

	return (struct instant){ at.microseconds / day * day };
}

static struct instant
day_given(struct call *call, struct maybe_text day)
{
	struct instant at = { 0 };

	(void)instant_parse(arena_format(call->arena, "%sT00:00:00Z", day.at), &at);
	return at;
}

static const struct problem *
choose_days(struct call *call, const struct reconcile_query *in, struct instant *from, struct instant *to)
{
	*to = in->to.at != NULL ? day_given(call, in->to) : day_begin(instant_plus_seconds(call->now, -DAY_SECONDS));
	*from = in->from.at != NULL ? day_given(call, in->from) : *to;
	if (in->to.at == NULL && instant_before(*to, *from))
		*to = *from;
	if (instant_before(*to, *from))
		return fail_field(call, "/to", "out_of_range", "The last day lies before the first.");
	if (!instant_before(*to, instant_plus_seconds(*from, (int64_t)DAYS_MOST * DAY_SECONDS)))
		return fail_field(call, "/to", "out_of_range", "These are more than %d days.", DAYS_MOST);
	return NULL;
}

static const struct problem *
compare_days(struct call *call, struct work *work, struct instant from, struct instant to, struct instant cut_off)
{
	const struct problem *p = NULL;

	for (struct instant day = from; !instant_before(to, day) && instant_before(day, cut_off) && p == NULL;
	     day = instant_plus_seconds(day, DAY_SECONDS)) {
		struct text name = day_text(call, day);
		struct arena_mark mark = arena_mark(call->arena), reply_mark = arena_mark(call->reply_arena);

		work->from = day;
		work->to = instant_plus_seconds(day, DAY_SECONDS);
		if (instant_before(cut_off, work->to))
			work->to = cut_off;
		p = compare_day(call, work);
		if (p != NULL)
			return p;
		end_day(work, name);
		arena_release(call->reply_arena, reply_mark);
		arena_release(call->arena, mark);
	}
	return NULL;
}

static const struct problem *
reconcile(struct call *call, const struct reconcile_query *in, struct reconciliation *out)
{
	struct work work = { .until = clock_monotonic_microseconds() + (int64_t)PATIENCE_SECONDS * SECOND };
	struct instant from, to;
	const struct problem *p = choose_days(call, in, &from, &to);

	if (p == NULL)
		p = provider_need(call, &work.provider);
	if (p != NULL)
		return p;
	work.days = arena_array(call->arena, (size_t)DAYS_MOST * CURRENCIES_MOST, sizeof(*work.days));
	work.differences = arena_array(call->arena, DIFFERENCES_MOST, sizeof(*work.differences));
	work.ids = arena_array(call->arena, DIFFERENCES_MOST, sizeof(*work.ids));
	out->from = day_text(call, from);
	out->to = day_text(call, to);
	out->cut_off = instant_plus_seconds(call->now, -YOUNG_SECONDS);
	p = compare_days(call, &work, from, to, out->cut_off);
	out->days = (struct list){ work.days, work.days_count };
	out->differences = (struct list){ work.differences, work.differences_count };
	out->complete = !work.cut && !instant_before(out->cut_off, instant_plus_seconds(to, DAY_SECONDS));
	return p;
}

const struct resource reconcile_resource = {
	.name = "admin.reconcile",
	.summary = "The ledger against the card processor.",
	.operations = LIST_OF(operation, &reconcile_operation),
};
