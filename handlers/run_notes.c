/*
 * Credit notes of a monthly run: what was given back of what an earlier invoice had billed, and the month's own lines
 * do not bear. Of who pays in advance by now, what was still charged on account is taken off them. What a void, or a
 * note that somebody made by hand, has taken off an invoice nobody owes: that is undone. What else is more than is left
 * of the invoice is noted on others, the newest first; where there are none, it waits for the next run.
 */
#include <inttypes.h>

#include "credit_note.h"
#include "invoice_parts.h"
#include "id.h"
#include "json.h"
#include "money.h"
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
	FIELD(noted, charged, ANY, "What was charged since, which lowers notes."),
	FIELD(noted, entries, ANY, "How many entries of the ledger it is."),
	FIELD(noted, first_entry, ANY, "The first of them."),
	FIELD(noted, last_entry, ANY, "The last."),
};
SHAPE(noted)

/* Those of which nobody owes something come last: what was charged lowers what is given back. */
static const struct statement list_noted = {
	.sql =
	    "SELECT b.noted_on AS invoice_id, CAST(COALESCE(SUM(GREATEST(-l.amount, 0)), 0) AS SIGNED) AS amount, "
	    "CAST(COALESCE(SUM(GREATEST(l.amount, 0)), 0) AS SIGNED) AS charged, COUNT(*) AS "
	    "entries,"
	    " COALESCE(MIN(b.sequence), 0) AS first_entry, COALESCE(MAX(b.sequence), 0) AS last_entry FROM "
	    "billed_entry b JOIN invoice i ON i.organization_id = :organization AND i.id = b.noted_on"
	    " JOIN journal_line l ON l.organization_id = b.organization_id AND l.sequence = b.sequence"
	    " AND l.account = 'receivable' WHERE b.organization_id = :organization AND b.period = :period"
	    " GROUP BY b.noted_on ORDER BY i.status = 'void' OR EXISTS (SELECT 1 FROM credit_note n"
	    " WHERE n.organization_id = :organization AND n.invoice_id = b.noted_on AND n.on_account = 0), b.noted_on",
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

struct other_query {
	struct text currency;
};
static const struct field other_query_fields[] = {
	FIELD(other_query, currency, ANY, "Of the run."),
};
SHAPE(other_query)

struct other_invoice {
	struct id invoice_id;
};
static const struct field other_invoice_fields[] = {
	FIELD(other_invoice, invoice_id, ANY, "The invoice."),
};
SHAPE(other_invoice)

struct rest_entry {
	struct text period;
	int64_t sequence;
};
static const struct field rest_entry_fields[] = {
	FIELD(rest_entry, period, ANY, "The run's month."),
	FIELD(rest_entry, sequence, ANY, "The entry."),
};
SHAPE(rest_entry)

/* ---- what an invoice can't take off ------------------------------------------------------------------------------ */

struct noted_invoice {
	struct id invoice_id;
	struct amount subtotal, total;
	struct amount lost; /* by a void, or by notes made by hand */
	struct amount undone;
};
static const struct field noted_invoice_fields[] = {
	FIELD(noted_invoice, invoice_id, ANY, "The invoice."),
	FIELD(noted_invoice, subtotal, ANY, "Without tax."),
	FIELD(noted_invoice, total, ANY, "With it."),
	FIELD(noted_invoice, lost, ANY, "What nobody owes of it, with tax."),
	FIELD(noted_invoice, undone, ANY, "What was undone of that, without tax."),
};
SHAPE(noted_invoice)

static const struct statement read_lost = {
	.sql = "SELECT i.id AS invoice_id, i.subtotal, i.total, IF(i.status = 'void', i.total, COALESCE((SELECT"
	       " CAST(SUM(n.amount) AS SIGNED) FROM credit_note n WHERE n.organization_id = :organization"
	       " AND n.invoice_id = i.id AND n.on_account = 0), 0)) AS lost, i.undone FROM invoice i"
	       " WHERE i.organization_id = :organization AND i.id = :invoice_id",
	.takes = &noted_invoice_shape,
	.gives = &noted_invoice_shape,
};

static const struct statement undo_more = {
	.sql =
	    "UPDATE invoice SET undone = undone + :undone WHERE organization_id = :organization AND id = :invoice_id",
	.takes = &noted_invoice_shape,
};

static const struct statement list_others = {
	.sql = "SELECT id AS invoice_id FROM invoice WHERE organization_id = :organization AND kind = 'run'"
	       " AND status IN ('issued', 'paid') AND credited < total AND currency = :currency"
	       " ORDER BY issued_at DESC, id DESC",
	.takes = &other_query_shape,
	.gives = &other_invoice_shape,
};

static const struct statement mark_rest = {
	.sql = "INSERT INTO billed_entry (organization_id, sequence, period, by_run, is_apart)"
	       " VALUES (:organization, :sequence, :period, TRUE, TRUE)",
	.takes = &rest_entry_shape,
};

static const struct problem *
post(struct call *call, const struct run *run, enum ledger_reason reason, struct text words, struct maybe_id invoice_id,
    int64_t micros, struct posted *posted)
{
	struct buffer money = buffer_new(call->arena, 300);
	struct posting posting = {
		.reason = reason,
		.on_account = reason == LEDGER_REFUND,
		.description = text_given(words),
		.reference_type = text_given(TEXT("invoice")),
		.reference_id = invoice_id,
	};

	money_line(&money, "receivable", run->currency, micros);
	money_line(&money, "revenue", run->currency, -micros);
	buffer_add_char(&money, ']');
	posting.money = text_given(buffer_text(&money));
	return ledger_post(call, &posting, posted);
}

static const struct problem *
undo(struct call *call, const struct run *run, struct maybe_id invoice_id, int64_t micros)
{
	struct noted_invoice invoice = { .invoice_id = invoice_id.value, .undone = { micros } };
	struct posted posted;
	const struct problem *p;

	if (micros == 0)
		return NULL;
	p = sql_run(call, &undo_more, &invoice, NULL);
	return p != NULL ? p
			 : post(call, run, LEDGER_CREDIT_NOTE, TEXT("Given back of what nobody owes"), invoice_id,
			       micros, &posted);
}

/* The refund's own entry is dealt with: it goes as far as notes have it, and what is left is given back anew. */
static const struct problem *
keep_rest(struct call *call, const struct run *run, struct maybe_id invoice_id, int64_t micros)
{
	static const char words[] = "What no invoice bears yet";
	struct rest_entry entry = { .period = run->period };
	struct posted posted;
	const struct problem *p = post(call, run, LEDGER_REFUND, text_from(words), invoice_id, micros, &posted);

	entry.sequence = posted.sequence;
	if (p == NULL)
		p = sql_run(call, &mark_rest, &entry, NULL);
	return p != NULL ? p : post(call, run, LEDGER_REFUND, text_from(words), invoice_id, -micros, &posted);
}

/* ---- notes ------------------------------------------------------------------------------------------------------- */

static struct text
words_of(const struct noted *noted)
{
	return noted->charged.micros == 0
		   ? TEXT("Given back of what this invoice had billed.")
		   : TEXT("Given back of what this invoice had billed, less what was charged on account since.");
}

struct noting {
	const struct run *run;
	struct run_notes *notes;
	int64_t rest; /* what other invoices are to take */
	struct maybe_id rest_of;
};

/* What the invoice takes of it: `*taken`. */
static const struct problem *
begin_note(struct call *call, struct noting *noting, const struct noted *noted, struct text words, int64_t *taken)
{
	struct credit_note_order order = { noted->invoice_id.value, noted->amount, noted->amount, words,
		source_of(call, noting->run, noted) };
	struct credit_note_taken result;
	const struct problem *p = credit_note_begin(call, &order, &noting->notes->items[noting->notes->count], &result);

	*taken = result.on_account.micros;
	noting->notes->count += p == NULL && result.net.micros > 0;
	return p;
}

static const struct problem *
ask_lost(struct call *call, struct maybe_id invoice_id, int64_t most, int64_t *lost)
{
	struct noted_invoice invoice = { .invoice_id = invoice_id.value };
	const struct problem *p = sql_one(call, &read_lost, &invoice, &invoice);

	*lost = 0;
	if (p != NULL || invoice.total.micros == 0)
		return p;
	if (!share_of(invoice.lost.micros, invoice.subtotal.micros, invoice.total.micros, 1, lost))
		return fail_internal(call, "what nobody owes of an invoice overflows");
	*lost = *lost > invoice.undone.micros ? *lost - invoice.undone.micros : 0;
	if (*lost > most)
		*lost = most;
	return NULL;
}

static const struct problem *
note_own(struct call *call, struct noting *noting, const struct noted *noted)
{
	int64_t taken = 0, lost = 0;
	const struct problem *p = NULL;

	if (noted->amount.micros > 0)
		p = begin_note(call, noting, noted, words_of(noted), &taken);
	if (p == NULL && taken < noted->amount.micros)
		p = ask_lost(call, noted->invoice_id, noted->amount.micros - taken, &lost);
	if (p == NULL)
		p = undo(call, noting->run, noted->invoice_id, lost);
	if (noted->amount.micros - taken - lost > 0)
		noting->rest_of = noted->invoice_id;
	noting->rest += noted->amount.micros - taken - lost;
	return p;
}

/* Less than half a hundredth is no note's. */
static const struct problem *
note_rest(struct call *call, struct noting *noting, const struct list *others)
{
	const struct other_invoice *invoice = others->items;
	const struct problem *p = NULL;

	for (size_t i = 0; p == NULL && noting->rest > 0 && i < others->count; i++) {
		struct noted noted = { .invoice_id = id_given(invoice[i].invoice_id), .amount = { noting->rest } };
		int64_t taken;

		p = begin_note(call, noting, &noted, TEXT("Given back of what another invoice had billed."), &taken);
		noting->rest -= taken;
	}
	if (p != NULL || noting->rest == 0)
		return p;
	return noting->rest < MINOR_UNIT_MICROS / 2 ? undo(call, noting->run, noting->rest_of, noting->rest)
						    : keep_rest(call, noting->run, noting->rest_of, noting->rest);
}

/* What was charged lowers the notes, one after the other. */
static void
set_off(struct noted *noted, size_t count)
{
	int64_t charged = 0;

	for (size_t i = 0; i < count; i++)
		charged += noted[i].charged.micros;
	for (size_t i = 0; i < count; i++) {
		noted[i].charged.micros = charged < noted[i].amount.micros ? charged : noted[i].amount.micros;
		noted[i].amount.micros -= noted[i].charged.micros;
		charged -= noted[i].charged.micros;
	}
}

const struct problem *
run_notes_begin(struct call *call, const struct run *run, struct run_notes *notes)
{
	struct run_key key = { run->period };
	struct other_query query = { run->currency };
	struct noting noting = { .run = run, .notes = notes };
	struct noted *noted;
	struct list list, others;
	const struct problem *p = sql_all(call, &list_noted, &key, &list);

	notes->count = 0;
	if (p != NULL || list.count == 0)
		return p;
	p = sql_all(call, &list_others, &query, &others);
	if (p != NULL)
		return p;
	noted = list.items;
	set_off(noted, list.count);
	notes->items = arena_array(call->arena, list.count + others.count, sizeof(*notes->items));
	for (size_t i = 0; p == NULL && i < list.count; i++)
		p = note_own(call, &noting, &noted[i]);
	return p != NULL ? p : note_rest(call, &noting, &others);
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
	.statements = LIST_OF(statement, &list_noted, &read_lost, &undo_more, &list_others, &mark_rest),
};
