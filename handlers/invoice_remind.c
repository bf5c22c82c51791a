/*
 * Reminders of invoices that are overdue: an event and a mail on certain days behind the one until when they were to be
 * paid, however they are to be paid. What else follows for who pays afterwards is the operator's to decide; failed
 * charges to cards have a course of their own (invoice_fail.c).
 */
#include <inttypes.h>

#include "alert_mail.h"
#include "clock.h"
#include "invoice_parts.h"
#include "json.h"
#include "outbox.h"
#include "resources.h"
#include "runner.h"
#include "statement.h"
#include "text.h"

enum { DAY_SECONDS = 86400, AT_ONCE = 100 };

/* Behind due_at. */
static const int64_t reminder_days[] = { 1, 7, 14 };

struct maybe_instant
invoice_next_reminder(struct instant due_at, struct instant now)
{
	for (size_t i = 0; i < COUNT(reminder_days); i++) {
		struct instant day = instant_plus_seconds(due_at, reminder_days[i] * DAY_SECONDS);

		if (instant_before(now, day))
			return instant_given(day);
	}
	return (struct maybe_instant){ .given = false };
}

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct overdue {
	struct id organization_id;
	struct id invoice_id;
	struct maybe_instant remind_at;
};
static const struct field overdue_fields[] = {
	FIELD(overdue, organization_id, ANY, "Whose."),
	FIELD(overdue, invoice_id, ANY, "The invoice."),
	FIELD(overdue, remind_at, ANY, "Since when its reminder is due."),
};
SHAPE(overdue)

/* Behind the last one that this run has looked at: one that fails keeps no other waiting. */
static const struct statement list_overdue = {
	.sql = "SELECT i.organization_id, i.id AS invoice_id, i.remind_at FROM invoice i"
	       " WHERE i.remind_at <= :now AND (i.remind_at, i.id) > (:remind_at, :invoice_id)"
	       " ORDER BY i.remind_at, i.id LIMIT 100",
	.takes = &overdue_shape,
	.gives = &overdue_shape,
	.crosses_organizations = "the job looks for whoever is due",
};

static const struct statement lock_owner = {
	.sql = "SELECT id AS organization_id, id AS invoice_id, created_at AS remind_at FROM organization"
	       " WHERE id = :organization FOR UPDATE",
	.gives = &overdue_shape,
};

/* ---- events ---------------------------------------------------------------------------------------------------- */

struct overdue_event {
	struct id invoice_id;
	struct text number;
	struct maybe_text period;
	struct amount total, due;
	struct text currency;
	struct maybe_instant due_at;
	int64_t days;
};
static const struct field overdue_event_fields[] = {
	FIELD(overdue_event, invoice_id, ANY, "The invoice."),
	FIELD(overdue_event, number, ANY, "Its number."),
	FIELD(overdue_event, period, ANY, "The month that it bills."),
	FIELD(overdue_event, total, ANY, "What it came to, tax included."),
	FIELD(overdue_event, due, ANY, "What is left to be paid."),
	FIELD(overdue_event, currency, ANY, "Of both."),
	FIELD(overdue_event, due_at, ANY, "Until when it was to be paid."),
	FIELD(overdue_event, days, ANY, "For how many whole days it is overdue."),
};
SHAPE(overdue_event)

static const struct event_type invoice_overdue = {
	.type = "invoice.overdue",
	.entity_type = "invoice",
	.summary = "An issued invoice is not paid 1, 7 or 14 days behind the day on which it was due.",
	.data = &overdue_event_shape,
};

struct overdue_mail {
	struct text number;
	struct maybe_text period;
	struct amount amount;
	struct text currency;
	struct maybe_instant due_at;
	struct text detail;
};
static const struct field overdue_mail_fields[] = {
	FIELD(overdue_mail, number, ANY, "Its number."),
	FIELD(overdue_mail, period, ANY, "The month that it bills."),
	FIELD(overdue_mail, amount, ANY, "What is left to be paid."),
	FIELD(overdue_mail, currency, ANY, "Of the amount."),
	FIELD(overdue_mail, due_at, ANY, "Until when it was to be paid."),
	FIELD(overdue_mail, detail, ANY, "How it is paid."),
};
SHAPE(overdue_mail)

static const struct problem *
tell(struct call *call, const struct invoice *invoice)
{
	struct overdue_event event = { .invoice_id = invoice->id,
		.number = text_or(invoice->number, ""),
		.period = invoice->period,
		.total = invoice->total,
		.due = invoice->due,
		.currency = invoice->currency,
		.due_at = invoice->due_at };

	event.days = (call->now.microseconds - invoice->due_at.value.microseconds) / (INT64_C(1000000) * DAY_SECONDS);
	return outbox_tell(call, &invoice_overdue, invoice->id, &event);
}

static const struct problem *
mail(struct call *call, const struct invoice *invoice)
{
	struct overdue_mail data = { .number = text_or(invoice->number, ""),
		.period = invoice->period,
		.amount = invoice->due,
		.currency = invoice->currency,
		.due_at = invoice->due_at };
	struct buffer text = buffer_new(call->arena, 500);
	const struct problem *p = invoice_how_to_pay(call, invoice, &data.detail);

	if (p != NULL)
		return p;
	json_write(&text, &overdue_mail_shape, &data);
	return alert_mail_tell(call, "invoice_overdue", buffer_text(&text));
}

/* ---- the job --------------------------------------------------------------------------------------------------- */

/* Found again under its lock: two runs remind once. Days that went by unseen are made up for by one reminder. */
static const struct problem *
remind_one(struct call *call, void *context)
{
	const struct overdue *due = context;
	struct overdue owner;
	struct invoice invoice;
	bool found = false, is_due;
	const struct problem *p = sql_one(call, &lock_owner, NULL, &owner);

	if (p == NULL)
		p = invoice_lock(call, due->invoice_id, &invoice, &found);
	if (p != NULL || !found || !invoice.remind_at.given || instant_before(call->now, invoice.remind_at.value))
		return p;
	is_due = invoice_has_status(&invoice, "issued") && invoice.due_at.given;
	invoice.remind_at.given = false;
	if (is_due)
		invoice.remind_at = invoice_next_reminder(invoice.due_at.value, call->now);
	p = invoice_save(call, &invoice);
	if (p == NULL && is_due)
		p = tell(call, &invoice);
	return p == NULL && is_due ? mail(call, &invoice) : p;
}

/* Without its lease, or without a database, the run has to end. */
static bool
ends_the_run(const struct problem *p, const struct problem **first)
{
	if (*first == NULL)
		*first = p;
	return job_is_stopping() || (p != NULL && (p->kind == CONFLICT || p->kind == UNAVAILABLE));
}

static const struct problem *
remind(struct call *call)
{
	const struct problem *first = NULL;
	struct overdue from = { .remind_at = { .given = true } };
	struct list list = { .count = AT_ONCE };
	bool is_over = false;

	while (!is_over && list.count == AT_ONCE) {
		struct arena_mark mark = arena_mark(call->arena);
		const struct problem *p = sql_all(call, &list_overdue, &from, &list);
		struct overdue *rows = list.items;

		job_rollback(call);
		if (p != NULL)
			return p;
		for (size_t i = 0; i < list.count && !is_over; i++) {
			from = rows[i];
			call->organization = rows[i].organization_id;
			is_over = ends_the_run(job_step(call, remind_one, &rows[i]), &first);
		}
		if (first == NULL)
			arena_release(call->arena, mark);
	}
	return first;
}

static const struct job remind_job = {
	.id = "invoices.remind",
	.lane = LANE_BOOKS,
	.summary = "Remind of issued invoices that are overdue by 1, 7 and 14 days.",
	.every_seconds = 60,
	.run = remind,
};

const struct resource invoice_remind_resource = {
	.name = "invoice_remind",
	.summary = "Reminders of invoices that are overdue.",
	.statements = LIST_OF(statement, &list_overdue, &lock_owner),
	.jobs = LIST_OF(job, &remind_job),
	.events = LIST_OF(event_type, &invoice_overdue),
};
