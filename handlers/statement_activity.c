/*
 * The activity of a statement: one entry of the ledger after the other, with what its lines moved in each account and
 * the order lines that count towards a commitment; and whether the sum of all of it is what the ledger says itself.
 */
#include "month_statement.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "id.h"
#include "ledger.h"
#include "money.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

static const struct field statement_flag_fields[] = {
	FIELD(statement_flag, commitment_id, ANY, "The commitment."),
	FIELD(statement_flag, line, ANY, "The line's place in the order, from 0."),
	FIELD(statement_flag, credits, ANY, "What it cost; negative where it was refunded."),
	FIELD(statement_flag, amount, ANY, "What that counts for: the credits at their price."),
};
const struct shape statement_flag_shape = { .name = "statement_flag",
	.size = sizeof(struct statement_flag),
	.count = COUNT(statement_flag_fields),
	.fields = statement_flag_fields };

static const struct field statement_activity_fields[] = {
	FIELD(statement_activity, sequence, ANY, "The entry's place among the organization's."),
	FIELD(statement_activity, at, ANY, "When it was booked."),
	FIELD(statement_activity, kind, ONE_OF(ledger_reason_names), "Why."),
	FIELD_OBJECT(statement_activity, reference, thing, true, "What it belongs to, or null."),
	FIELD(statement_activity, description, ANY, "In words."),
	FIELD(statement_activity, credits, ANY, "The change of the balance, which is available and reserved credits."),
	FIELD(statement_activity, amount, ANY,
	    "The money of it: what was received, negative where it was given back; else what became payable; null where"
	    " only credits moved."),
	FIELD(statement_activity, commitment_id, ANY,
	    "The commitment that it counts towards; the first one, if several."),
	FIELD_LIST(statement_activity, commitment_lines, statement_flag, ANY, "The order's lines that count."),
	FIELD(statement_activity, available_change, ANY, "The change of available credits."),
	FIELD(statement_activity, reserved_change, ANY, "The change of reserved credits."),
	FIELD(statement_activity, debt_change, ANY, "The change of the credits that are owed."),
	FIELD(statement_activity, receivable_change, ANY, "The change of the money that is owed."),
	FIELD(statement_activity, available_after, ANY, "The available credits behind it."),
	FIELD(statement_activity, reserved_after, ANY, "The reserved credits behind it."),
	FIELD(statement_activity, debt_after, ANY, "The credits that are owed behind it."),
	FIELD(statement_activity, receivable_after, ANY, "The money that is owed behind it."),
};
const struct shape statement_activity_shape = { .name = "statement_activity",
	.size = sizeof(struct statement_activity),
	.count = COUNT(statement_activity_fields),
	.fields = statement_activity_fields };

struct entry_span {
	int64_t after;
	int64_t through;
	struct text currency;
};
static const struct field entry_span_fields[] = {
	FIELD(entry_span, after, ANY, "Behind this one."),
	FIELD(entry_span, through, ANY, "Up to this one."),
	FIELD(entry_span, currency, ANY, "What money is in."),
};
SHAPE(entry_span)

struct entry_row {
	int64_t sequence;
	struct instant at;
	struct text kind;
	struct maybe_text reference_type;
	struct maybe_id reference_id;
	struct maybe_text description;
	struct credits available_change, reserved_change, debt_change;
	struct amount receivable_change;
	struct credits available_after, reserved_after, debt_after;
	struct maybe_amount receivable_after;
	struct amount received;
	bool has_money;
	struct maybe_text flags;
};
static const struct field entry_row_fields[] = {
	FIELD(entry_row, sequence, ANY, "Its place."),
	FIELD(entry_row, at, ANY, "When."),
	FIELD(entry_row, kind, ANY, "Why."),
	FIELD(entry_row, reference_type, ANY, "What it belongs to."),
	FIELD(entry_row, reference_id, ANY, "Which one."),
	FIELD(entry_row, description, ANY, "In words."),
	FIELD(entry_row, available_change, ANY, "By its lines."),
	FIELD(entry_row, reserved_change, ANY, "By its lines."),
	FIELD(entry_row, debt_change, ANY, "By its lines."),
	FIELD(entry_row, receivable_change, ANY, "By its lines."),
	FIELD(entry_row, available_after, ANY, "As it says."),
	FIELD(entry_row, reserved_after, ANY, "As it says."),
	FIELD(entry_row, debt_after, ANY, "As it says."),
	FIELD(entry_row, receivable_after, ANY, "As it was kept, where it changed it."),
	FIELD(entry_row, received, ANY, "Money that came from outside, or went there."),
	FIELD(entry_row, has_money, ANY, "Whether any moved."),
	FIELD(entry_row, flags, ANY, "Lines that count: commitment, line, credits, amount."),
};
SHAPE(entry_row)

/* The line of `debt` sinks as more is owed. */
#define SUM_OF(accounts, unit, sign) \
	"COALESCE(CAST(SUM(IF(l.account IN (" accounts ") AND l.unit = " unit ", " sign "l.amount, 0)) AS SIGNED), 0)"

/* What the lines of an entry have moved in each account. */
#define MOVED                                                                                                        \
	SUM_OF("'available'", "'CRD'", "")                                                                           \
	" AS available_change, " SUM_OF("'reserved'", "'CRD'", "") " AS reserved_change, " SUM_OF("'debt'", "'CRD'", \
	    "-") " AS debt_change, " SUM_OF("'receivable'", ":currency", "") " AS receivable_change, "

/* The order lines that count by it. */
#define FLAGS                                                                                              \
	" IF(e.reference_type = 'order' AND e.reason IN ('charge', 'refund'), (SELECT GROUP_CONCAT("       \
	"CONCAT_WS(',', HEX(u.commitment_id), u.line, u.credits, u.amount) ORDER BY u.line SEPARATOR ';')" \
	" FROM commitment_use u WHERE u.organization_id = :organization AND u.order_id = e.reference_id"   \
	" AND u.is_refund = (e.reason = 'refund')), NULL) AS flags"

static const struct statement list_entries = {
	.sql = "SELECT e.sequence, e.at, e.reason AS kind, e.reference_type, e.reference_id, e.description, " MOVED
	       "e.available_after, e.reserved_after, e.debt_after, (SELECT r.amount FROM receivable_after r"
	       " WHERE r.organization_id = :organization AND r.currency = :currency AND r.sequence = e.sequence)"
	       " AS receivable_after, " SUM_OF("'processor_clearing', 'bank'", ":currency",
		   "") " AS received, COALESCE(MAX(l.unit <> 'CRD'), 0) AS has_money," FLAGS " FROM journal_entry e"
		       " LEFT JOIN journal_line l ON l.organization_id = e.organization_id AND l.sequence = e.sequence"
		       " WHERE e.organization_id = :organization AND e.sequence > :after AND e.sequence <= :through"
		       " GROUP BY e.organization_id, e.sequence ORDER BY e.sequence",
	.takes = &entry_span_shape,
	.gives = &entry_row_shape,
};

/* ---- flags ----------------------------------------------------------------------------------------------------- */

static struct text
take_until(struct text *rest, char stop)
{
	const char *found = memchr(rest->at, stop, rest->length);
	size_t length = found == NULL ? rest->length : (size_t)(found - rest->at);
	struct text part = { rest->at, length };
	size_t passed = found == NULL ? length : length + 1;

	*rest = (struct text){ rest->at + passed, rest->length - passed };
	return part;
}

static int
hex_value(char digit)
{
	return digit >= 'A' ? digit - 'A' + 10 : digit - '0';
}

/* The database writes hexadecimal digits in upper case. */
static bool
take_id(struct text part, struct id *id)
{
	if (part.length != 2 * sizeof(id->bytes))
		return false;
	for (size_t i = 0; i < sizeof(id->bytes); i++)
		id->bytes[i] = (unsigned char)(hex_value(part.at[2 * i]) * 16 + hex_value(part.at[2 * i + 1]));
	return true;
}

static bool
take_flag(struct text part, struct statement_flag *flag)
{
	return take_id(take_until(&part, ','), &flag->commitment_id) &&
	       integer_parse(take_until(&part, ','), &flag->line) &&
	       integer_parse(take_until(&part, ','), &flag->credits.count) && integer_parse(part, &flag->amount.micros);
}

static const struct problem *
take_flags(struct call *call, struct text flags, struct list *out)
{
	struct statement_flag *items;
	size_t count = 1;

	for (size_t i = 0; i < flags.length; i++)
		count += flags.at[i] == ';';
	items = arena_array(call->arena, count, sizeof(*items));
	for (size_t i = 0; i < count; i++)
		if (!take_flag(take_until(&flags, ';'), &items[i]))
			return fail_internal(call, "the flags of an order can't be read");
	*out = (struct list){ items, count };
	return NULL;
}

/* ---- whether it adds up ---------------------------------------------------------------------------------------- */

enum { ACCOUNTS = 4 };

static struct text
credits_text(struct call *call, int64_t count)
{
	return arena_format(call->reply_arena, "%" PRId64, count);
}

static struct text
money_text(struct call *call, int64_t micros)
{
	char out[AMOUNT_LENGTH + 1];

	amount_format((struct amount){ micros }, out);
	return arena_text(call->reply_arena, out, strlen(out));
}

/* What one account had, what moved, and what it has. */
struct meeting {
	const char *account;
	bool is_money;
	int64_t opening, activity, closing;
};

static const struct problem *
meet(struct call *call, const struct month_statement *statement, const struct meeting *meeting,
    struct statement_reconciliation *out)
{
	struct text (*write)(struct call * call, int64_t number) = meeting->is_money ? money_text : credits_text;
	int64_t difference = meeting->opening + meeting->activity - meeting->closing;
	struct amount worth = { difference < 0 ? -difference : difference };

	((struct statement_account *)out->rows.items)[out->rows.count++] = (struct statement_account){
		.account = text_from(meeting->account),
		.unit = meeting->is_money ? statement->currency : TEXT("credits"),
		.opening = write(call, meeting->opening),
		.activity = write(call, meeting->activity),
		.closing = write(call, meeting->closing),
		.difference = write(call, difference),
		.is_money = meeting->is_money,
		.numbers = { meeting->opening, meeting->activity, meeting->closing, difference },
	};
	out->reconciled = out->reconciled && difference == 0;
	if ((!meeting->is_money && !credits_value((struct credits){ worth.micros }, statement->credit_price, &worth)) ||
	    !amount_add(out->difference, worth, &out->difference))
		return fail_internal(call, "a statement's difference overflows");
	return NULL;
}

static const struct problem *
reconcile(struct call *call, const struct month_statement *statement, const struct statement_balances *activity)
{
	const struct statement_balances *opening = statement->opening, *closing = statement->closing;
	const struct meeting meetings[ACCOUNTS] = {
		{ "available", false, opening->available.count, activity->available.count, closing->available.count },
		{ "reserved", false, opening->reserved.count, activity->reserved.count, closing->reserved.count },
		{ "debt", false, opening->debt.count, activity->debt.count, closing->debt.count },
		{ "receivable", true, opening->receivable.micros, activity->receivable.micros,
		    closing->receivable.micros },
	};
	struct statement_reconciliation *out = statement->reconciliation;
	const struct problem *p = NULL;

	*out = (struct statement_reconciliation){ .reconciled = true,
		.rows = { arena_array(call->reply_arena, ACCOUNTS, sizeof(struct statement_account)), 0 } };
	for (size_t i = 0; p == NULL && i < ACCOUNTS; i++)
		p = meet(call, statement, &meetings[i], out);
	return p;
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

struct walk {
	const struct problem *(*each)(struct call *call, void *context, const struct statement_activity *activity);
	void *context;
	struct statement_balances moved;
	struct amount receivable;
	struct statement_activity activity; /* the one that is told now */
	struct maybe_id flagged;            /* the order whose lines were told last, and by what kind of entry */
	bool was_refund;
};

/* Charging one order can take several entries, which stand together: its lines are told with the first. */
static bool
is_told(const struct walk *walk, const struct entry_row *row)
{
	return walk->flagged.given && id_equal(walk->flagged.value, row->reference_id.value) &&
	       walk->was_refund == text_is(row->kind, "refund");
}

static const struct problem *
flag(struct call *call, struct walk *walk, const struct entry_row *row, struct statement_activity *activity)
{
	const struct statement_flag *first;
	const struct problem *p;

	if (row->flags.at == NULL || is_told(walk, row))
		return NULL;
	p = take_flags(call, text_or(row->flags, ""), &activity->commitment_lines);
	first = activity->commitment_lines.items;
	if (p != NULL || first == NULL)
		return p;
	activity->commitment_id = id_given(first->commitment_id);
	walk->flagged = row->reference_id;
	walk->was_refund = text_is(row->kind, "refund");
	return NULL;
}

static void
sum_up(struct walk *walk, const struct entry_row *row)
{
	walk->moved.available.count += row->available_change.count;
	walk->moved.reserved.count += row->reserved_change.count;
	walk->moved.debt.count += row->debt_change.count;
	walk->moved.receivable.micros += row->receivable_change.micros;
	if (row->receivable_after.given)
		walk->receivable = row->receivable_after.value;
}

static struct statement_activity
activity_of(const struct walk *walk, const struct entry_row *row)
{
	return (struct statement_activity){
		.sequence = row->sequence,
		.at = row->at,
		.kind = row->kind,
		.description = row->description,
		.credits = { row->available_change.count + row->reserved_change.count },
		.amount = { row->received.micros != 0 ? row->received : row->receivable_change, row->has_money },
		.available_change = row->available_change,
		.reserved_change = row->reserved_change,
		.debt_change = row->debt_change,
		.receivable_change = row->receivable_change,
		.available_after = row->available_after,
		.reserved_after = row->reserved_after,
		.debt_after = row->debt_after,
		.receivable_after = walk->receivable,
	};
}

static const struct problem *
walk_entry(struct call *call, void *context, const void *given)
{
	const struct entry_row *row = given;
	struct walk *walk = context;
	struct thing reference = { { row->reference_type.at, row->reference_type.length }, row->reference_id.value };
	struct statement_activity *activity = &walk->activity;
	const struct problem *p;

	sum_up(walk, row);
	if (walk->each == NULL)
		return NULL;
	*activity = activity_of(walk, row);
	p = flag(call, walk, row, activity);
	if (p != NULL)
		return p;
	if (row->reference_type.at != NULL && row->reference_id.given) {
		activity->reference = &reference;
		if (text_is(reference.type, "commitment"))
			activity->commitment_id = row->reference_id;
	}
	return walk->each(call, walk->context, activity);
}

const struct problem *
statement_each_activity(struct call *call, const struct month_statement *statement,
    const struct problem *(*each)(struct call *call, void *context, const struct statement_activity *activity),
    void *context)
{
	const struct entry_span span = { statement->after, statement->through, statement->currency };
	struct walk walk = { .each = each, .context = context, .receivable = statement->opening->receivable };
	const struct problem *p = sql_each(call, &list_entries, &span, walk_entry, &walk);

	return p != NULL ? p : reconcile(call, statement, &walk.moved);
}

const struct resource statement_activity_resource = {
	.name = "statement_activity",
	.summary = "The activity of a month.",
	.statements = LIST_OF(statement, &list_entries),
};
