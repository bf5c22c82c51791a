/*
 * Credit notes of a monthly run: what was given back of what an earlier invoice had billed, and the month's own lines
 * do not bear. One note an invoice;
 * who pays in advance by now finds what was still charged on account taken off it. What that invoice can't take off any
 * more (it is void, or credited already) nobody owes: the refund's own entry is undone.
 */
#include <inttypes.h>

#include "credit_note.h"
#include "invoice_parts.h"
#include "json.h"
#include "month_run.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

struct run_key {
	struct text period;
};
static const struct field run_key_fields[] = {
	FIELD(run_key, period, ANY, "The run's month."),
};
SHAPE(run_key)

struct noted {
	struct maybe_id invoice_id;
	struct amount amount;
	struct amount charged;
	int64_t entries;
	int64_t first_entry, last_entry;
};
static const struct field noted_fields[] = {
	FIELD(noted, invoice_id, ANY, "The invoice that had billed it."),
	FIELD(noted, amount, ANY, "What is given back, without tax."),
	FIELD(noted, charged, ANY, "What was charged since, which lowers it."),
	FIELD(noted, entries, ANY, "How many entries of the ledger it is."),
	FIELD(noted, first_entry, ANY, "The first of them."),
	FIELD(noted, last_entry, ANY, "The last."),
};
SHAPE(noted)

static const struct statement list_noted = {
	.sql = "SELECT b.noted_on AS invoice_id, CAST(COALESCE(-SUM(l.amount), 0) AS SIGNED) AS amount, "
	       "CAST(COALESCE(SUM(GREATEST(l.amount, 0)), 0) AS SIGNED) AS charged, COUNT(*) AS "
	       "entries,"
	       " COALESCE(MIN(b.sequence), 0) AS first_entry, COALESCE(MAX(b.sequence), 0) AS last_entry FROM "
	       "billed_entry b"
	       " JOIN journal_line l ON l.organization_id = b.organization_id AND l.sequence = b.sequence"
	       " AND l.account = 'receivable' WHERE b.organization_id = :organization AND b.period = :period"
	       " AND b.noted_on IS NOT NULL GROUP BY b.noted_on ORDER BY b.noted_on",
	.takes = &run_key_shape,
	.gives = &noted_shape,
};

/* What the note is for. */
struct note_source {
	struct text period;
	int64_t entries;
	int64_t first_entry, last_entry;
	struct amount amount;
	struct amount charged;
	struct text rounding;
};
static const struct field note_source_fields[] = {
	FIELD(note_source, period, ANY, "The month whose run has made it."),
	FIELD(note_source, entries, ANY, "How many entries of the ledger it is of."),
	FIELD(note_source, first_entry, ANY, "The first of them."),
	FIELD(note_source, last_entry, ANY, "The last."),
	FIELD(note_source, amount, ANY, "What they come to, without tax, exact."),
	FIELD(note_source, charged, ANY, "What was charged since, and is taken off in that."),
	FIELD(note_source, rounding, ANY, "How it was rounded."),
};
SHAPE(note_source)

static struct document
source_of(struct call *call, const struct run *run, const struct noted *noted)
{
	struct note_source source = { run->period, noted->entries, noted->first_entry, noted->last_entry, noted->amount,
		noted->charged, TEXT("half-even to a hundredth, once, tax included") };
	struct buffer out = buffer_new(call->arena, 300);

	json_write(&out, &note_source_shape, &source);
	return (struct document){ out.at, out.length };
}

static const struct problem *
undo_rest(struct call *call, const struct run *run, const struct noted *noted, int64_t rest)
{
	struct buffer money = buffer_new(call->arena, 300);
	struct posted posted;
	struct posting posting = {
		.reason = LEDGER_CREDIT_NOTE,
		.description = text_given(TEXT("Given back of what nobody owes")),
		.reference_type = text_given(TEXT("invoice")),
		.reference_id = noted->invoice_id,
	};

	if (rest == 0)
		return NULL;
	money_line(&money, "receivable", run->currency, rest);
	money_line(&money, "revenue", run->currency, -rest);
	buffer_add_char(&money, ']');
	posting.money = text_given(buffer_text(&money));
	return ledger_post(call, &posting, &posted);
}

static struct text
words_of(const struct noted *noted)
{
	return noted->charged.micros == 0
		   ? TEXT("Given back of what this invoice had billed.")
		   : TEXT("Given back of what this invoice had billed, less what was charged on account since.");
}

const struct problem *
run_notes_begin(struct call *call, const struct run *run, struct run_notes *notes)
{
	struct run_key key = { run->period };
	const struct noted *noted;
	struct list list;
	const struct problem *p = sql_all(call, &list_noted, &key, &list);

	notes->count = 0;
	noted = list.items;
	if (p == NULL)
		notes->items = arena_array(call->arena, list.count + 1, sizeof(*notes->items));
	for (size_t i = 0; p == NULL && i < list.count; i++) {
		struct credit_note_order order = { noted[i].invoice_id.value, noted[i].amount, noted[i].amount,
			words_of(&noted[i]), source_of(call, run, &noted[i]) };
		struct credit_note_taken taken;

		p = credit_note_begin(call, &order, &notes->items[notes->count], &taken);
		if (p == NULL)
			p = undo_rest(call, run, &noted[i], noted[i].amount.micros - taken.on_account.micros);
		notes->count += p == NULL && taken.net.micros > 0;
	}
	return p;
}

const struct problem *
run_notes_issue(struct call *call, struct run_notes *notes)
{
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && i < notes->count; i++)
		p = credit_note_issue(call, &notes->items[i]);
	return p;
}

const struct resource run_notes_resource = {
	.name = "run_notes",
	.summary = "Credit notes of monthly runs.",
	.statements = LIST_OF(statement, &list_noted),
};
