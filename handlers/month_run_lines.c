/*
 * A run's lines: kept in their canonical order, never changed, and summed up in a digest that the same facts always
 * come to.
 */
#include <string.h>

#include "json.h"
#include "month_run.h"
#include "resources.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

enum { FEW = 16 };

#define LINE_FIELDS(s, member)                                                                                \
	FIELD_AS(s, member position, "position", ANY, "Its place among the run's lines; from 1."),            \
	    FIELD_AS(s, member kind, "kind", ANY, "What kind of thing is billed."),                           \
	    FIELD_AS(s, member description, "description", ANY, "What for."),                                 \
	    FIELD_AS(s, member quantity, "quantity", ANY, "How much of it."),                                 \
	    FIELD_AS(s, member unit, "unit", ANY, "Of what."),                                                \
	    FIELD_AS(s, member unit_price, "unit_price", ANY, "For one, in the organization's currency."),    \
	    FIELD_AS(s, member credits, "credits", ANY, "What it comes to in credits."),                      \
	    FIELD_AS(s, member amount, "amount", ANY, "What it comes to in money, exact."),                   \
	    FIELD_AS(s, member paid_from, "paid_from", ANY,                                                   \
		"`available`: its credits were taken; `account`: it is owed, and invoiced; `invoice`: it is " \
		"invoiced."),                                                                                 \
	    FIELD_AS(s, member from_at, "from_at", ANY, "From when on."),                                     \
	    FIELD_AS(s, member to_at, "to_at", ANY, "Until when."),                                           \
	    FIELD_AS(s, member source, "source", ANY, "What it was computed from.")

static const struct field run_line_fields[] = { LINE_FIELDS(run_line, ) };
const struct shape run_line_shape = {
	.name = "run_line",
	.size = sizeof(struct run_line),
	.count = COUNT(run_line_fields),
	.fields = run_line_fields,
};

struct stored_line {
	struct text period;
	struct run_line line;
};
static const struct field stored_line_fields[] = {
	FIELD(stored_line, period, ANY, "The run's month."),
	LINE_FIELDS(stored_line, line.),
};
SHAPE(stored_line)

struct carried_to {
	struct text period;
	struct text currency;
};
static const struct field carried_to_fields[] = {
	FIELD(carried_to, period, ANY, "The run that takes them."),
	FIELD(carried_to, currency, ANY, "Its currency."),
};
SHAPE(carried_to)

static const struct statement insert_line = {
	.sql = "INSERT INTO monthly_run_line (organization_id, period, position, kind, description, quantity, unit,"
	       " unit_price, credits, amount, paid_from, from_at, to_at, source) VALUES (:organization, :period,"
	       " :position, :kind, :description, :quantity, :unit, :unit_price, :credits, :amount, :paid_from,"
	       " :from_at, :to_at, :source)",
	.takes = &stored_line_shape,
};

static const struct statement list_lines = {
	.sql = "SELECT position, kind, description, quantity, unit, unit_price, credits, amount, paid_from, from_at,"
	       " to_at, source FROM monthly_run_line WHERE organization_id = :organization AND period = :period"
	       " ORDER BY position",
	.takes = &stored_line_shape,
	.gives = &run_line_shape,
};

static const struct statement list_carried = {
	.sql = "SELECT l.position, l.kind, l.description, l.quantity, l.unit, l.unit_price, l.credits, l.amount, "
	       "l.paid_from,"
	       " l.from_at, l.to_at, l.source FROM monthly_run r JOIN monthly_run_line l"
	       " ON l.organization_id = r.organization_id AND l.period = r.period AND l.paid_from <> 'available'"
	       " WHERE r.organization_id = :organization AND r.is_carried AND r.carried_to IS NULL"
	       " AND r.period <> :period AND r.currency = :currency ORDER BY r.period, l.position",
	.takes = &carried_to_shape,
	.gives = &run_line_shape,
};

struct maybe_text
run_paid_name(enum run_paid paid)
{
	switch (paid) {
	case RUN_PAID_AVAILABLE:
		return text_given(TEXT("available"));
	case RUN_PAID_ACCOUNT:
		return text_given(TEXT("account"));
	case RUN_PAID_INVOICE:
		return text_given(TEXT("invoice"));
	case RUN_PAID_NOT:
		break;
	}
	return (struct maybe_text){ .at = NULL };
}

void
run_line_add(struct call *call, struct run_lines *lines, const struct run_line *line)
{
	struct run_line *items = lines->items;

	if (lines->count == lines->room) {
		lines->room = lines->room == 0 ? FEW : lines->room * 2;
		items = arena_array(call->arena, lines->room, sizeof(*items));
		if (lines->count > 0)
			memcpy(items, lines->items, lines->count * sizeof(*items));
		lines->items = items;
	}
	items[lines->count++] = *line;
}

const struct problem *
run_lines_store(struct call *call, struct run *run, const struct run_lines *lines)
{
	struct stored_line *rows = arena_array(call->arena, lines->count, sizeof(*rows));
	const void **pointers = arena_array(call->arena, lines->count, sizeof(*pointers));

	for (size_t i = 0; i < lines->count; i++) {
		rows[i] = (struct stored_line){ run->period, lines->items[i] };
		rows[i].line.position = ++run->lines_count;
		pointers[i] = &rows[i];
	}
	return lines->count == 0 ? NULL : sql_bulk(call, &insert_line, pointers, lines->count, NULL, NULL);
}

const struct problem *
run_lines_read(struct call *call, const struct run *run, struct list *out)
{
	struct stored_line key = { .period = run->period };

	return sql_all(call, &list_lines, &key, out);
}

const struct problem *
run_lines_carried(struct call *call, const struct run *run, struct list *out)
{
	struct carried_to to = { run->period, run->currency };

	return sql_all(call, &list_carried, &to, out);
}

struct text
run_lines_digest(struct call *call, const struct run_line *lines, size_t count)
{
	struct buffer canonical = buffer_new(call->arena, 4096);
	struct digest digest;
	char hex[2 * sizeof(digest.bytes) + 1];

	for (size_t i = 0; i < count; i++) {
		json_write(&canonical, &run_line_shape, &lines[i]);
		buffer_add_char(&canonical, '\n');
	}
	digest = digest_of(canonical.at, canonical.length);
	hex_encode(digest.bytes, sizeof(digest.bytes), hex);
	return arena_text(call->arena, hex, sizeof(hex) - 1);
}

const struct resource month_run_lines_resource = {
	.name = "month_run_lines",
	.summary = "What monthly runs have computed.",
	.statements = LIST_OF(statement, &insert_line, &list_lines, &list_carried),
};
