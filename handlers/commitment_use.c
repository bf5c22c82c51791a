/*
 * Which order lines count towards a commitment: decided once, when the order is settled, and undone only by its refund.
 * A line counts towards one at the most: the one that the order names, where it takes the line, else the running one
 * that ends first and takes it.
 */
#include "commitment.h"

#include "clock.h"
#include "id.h"
#include "json.h"
#include "money.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct running_commitment {
	struct id id;
	struct maybe_text services;
	struct instant updated_at, ends_at;
	struct amount price;
	struct texts eligible;
	struct amount burned;
};
static const struct field running_commitment_fields[] = {
	FIELD(running_commitment, id, ANY, "The commitment."),
	FIELD(running_commitment, services, ANY, "Whose lines it takes."),
	FIELD(running_commitment, updated_at, ANY, "No line counts earlier."),
	FIELD(running_commitment, ends_at, ANY, "When its term ends."),
	FIELD(running_commitment, price, ANY, "Of one credit."),
	{ .name = "eligible",
	    .kind = KIND_TEXTS,
	    FIELD_BASE(running_commitment, eligible),
	    COMPUTED,
	    .summary = "The same." },
	FIELD(running_commitment, burned, COMPUTED, "What this order adds."),
};
SHAPE(running_commitment)

struct use_row {
	struct id commitment_id;
	struct id order_id;
	int64_t line;
	struct credits credits;
	struct amount amount;
	int64_t sequence;
};
static const struct field use_row_fields[] = {
	FIELD(use_row, commitment_id, ANY, "The commitment."),
	FIELD(use_row, order_id, ANY, "The order."),
	FIELD(use_row, line, ANY, "Its line."),
	FIELD(use_row, credits, ANY, "Its credits."),
	FIELD(use_row, amount, ANY, "What they are worth."),
	FIELD(use_row, sequence, ANY, "Of the next entry of the ledger."),
};
SHAPE(use_row)

struct change {
	struct id commitment_id;
	struct amount amount;
};
static const struct field change_fields[] = {
	FIELD(change, commitment_id, ANY, "The commitment."),
	FIELD(change, amount, ANY, "What is added to it, or taken off."),
};
SHAPE(change)

struct undone {
	struct id order_id;
	int64_t sequence;
};
static const struct field undone_fields[] = {
	FIELD(undone, order_id, ANY, "The order."),
	FIELD(undone, sequence, ANY, "Of the next entry of the ledger."),
};
SHAPE(undone)

struct place {
	int64_t sequence;
};
static const struct field place_fields[] = {
	FIELD(place, sequence, ANY, "Of the next entry of the ledger."),
};
SHAPE(place)

struct stored_lines {
	struct list lines;
};
static const struct field stored_lines_fields[] = {
	{ .name = "lines",
	    .kind = KIND_LIST,
	    FIELD_BASE(stored_lines, lines),
	    .shape = &order_line_shape,
	    LENGTH(1, ORDER_LINES_MOST),
	    .summary = "An order's." },
};
SHAPE(stored_lines)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement find_usable = {
	.sql = "SELECT id AS commitment_id FROM commitment"
	       " WHERE organization_id = :organization AND id = :commitment_id AND cancelled_at IS NULL",
	.takes = &commitment_ref_shape,
	.gives = &commitment_ref_shape,
};

/* Without a lock: who has no commitment waits for nobody. */
static const struct statement list_running = {
	.sql =
	    "SELECT id AS commitment_id FROM commitment WHERE organization_id = :organization AND next_at IS NOT NULL"
	    " AND starts_at <= :now AND ends_at > :now ORDER BY id",
	.gives = &commitment_ref_shape,
};

/* By its key alone, so that no other row is touched on the way. */
static const struct statement lock_running = {
	.sql =
	    "SELECT c.id, c.services, c.updated_at, c.ends_at,"
	    " COALESCE((SELECT p.price FROM credit_price p WHERE p.currency = c.currency), 0) AS price FROM commitment "
	    "c"
	    " WHERE c.organization_id = :organization AND c.id = :commitment_id AND c.next_at IS NOT NULL FOR UPDATE",
	.takes = &commitment_ref_shape,
	.gives = &running_commitment_shape,
};

static const struct statement add_use = {
	.sql = "INSERT INTO commitment_use (organization_id, order_id, line, is_refund, commitment_id, at, sequence,"
	       " credits, amount) VALUES (:organization, :order_id, :line, FALSE, :commitment_id, :now, :sequence,"
	       " :credits, :amount)",
	.takes = &use_row_shape,
};

/* The book is locked from here on: what is booked next in this transaction has that place. */
static const struct statement lock_book = {
	.sql = "SELECT sequence + 1 AS sequence FROM book WHERE organization_id = :organization FOR UPDATE",
	.gives = &place_shape,
};

static const struct statement add_consumed = {
	.sql = "UPDATE commitment SET consumed = consumed + :amount, used_at = GREATEST(COALESCE(used_at, :now), :now)"
	       " WHERE organization_id = :organization AND id = :commitment_id",
	.takes = &change_shape,
};

static const struct statement list_used = {
	.sql = "SELECT commitment_id, CAST(COALESCE(SUM(amount), 0) AS SIGNED) AS amount FROM commitment_use"
	       " WHERE organization_id = :organization AND order_id = :order_id AND NOT is_refund"
	       " GROUP BY commitment_id ORDER BY commitment_id",
	.takes = &order_ref_shape,
	.gives = &change_shape,
};

static const struct statement undo_use = {
	.sql = "INSERT INTO commitment_use (organization_id, order_id, line, is_refund, commitment_id, at, sequence, "
	       "credits,"
	       " amount)"
	       " SELECT organization_id, order_id, line, TRUE, commitment_id, :now, :sequence, -credits, -amount"
	       " FROM commitment_use WHERE organization_id = :organization AND order_id = :order_id AND NOT is_refund",
	.takes = &undone_shape,
};

static const struct statement take_consumed = {
	.sql = "UPDATE commitment SET consumed = consumed - :amount, used_at = GREATEST(COALESCE(used_at, :now), :now)"
	       " WHERE organization_id = :organization AND id = :commitment_id AND ended_at IS NULL AND ends_at > :now",
	.takes = &change_shape,
};

/* ---- for orders.create ----------------------------------------------------------------------------------------- */

const struct problem *
commitment_check(struct call *call, struct id id)
{
	const struct commitment_ref ref = { id };
	struct commitment_ref usable;
	bool found;
	const struct problem *p = sql_maybe(call, &find_usable, &ref, &usable, &found);

	if (p == NULL && !found)
		p = fail(call, NOT_FOUND, "There is no such commitment, or it is cancelled.");
	return p;
}

/* ---- for orders.settle ----------------------------------------------------------------------------------------- */

static bool
takes_line(const struct running_commitment *commitment, const struct order_line *line)
{
	if (commitment->services.at == NULL)
		return true;
	for (size_t i = 0; line->service.at != NULL && i < commitment->eligible.count; i++)
		if (text_is(commitment->eligible.items[i], line->service.at))
			return true;
	return false;
}

static bool
ends_before(const struct running_commitment *a, const struct running_commitment *b)
{
	return b == NULL || instant_before(a->ends_at, b->ends_at);
}

/* Of those that end at the same moment the one that was made first. */
static struct running_commitment *
choose(const struct list *running, const struct order *order, const struct order_line *line)
{
	struct running_commitment *commitment = running->items, *first = NULL;

	if (line->credits.count == 0 || (line->commitment_eligible.given && !line->commitment_eligible.value))
		return NULL;
	for (size_t i = 0; i < running->count; i++) {
		if (!takes_line(&commitment[i], line))
			continue;
		if (order->commitment_id.given && id_equal(commitment[i].id, order->commitment_id.value))
			return &commitment[i];
		if (ends_before(&commitment[i], first))
			first = &commitment[i];
	}
	return first;
}

static const struct problem *
read_lines(struct call *call, struct document text, struct list *lines)
{
	struct stored_lines stored = { .lines = { .count = 0 } };
	struct text body = arena_format(call->arena, "{\"lines\":%s}", text.at);

	if (json_read(call, body, &stored_lines_shape, &stored) != NULL)
		return fail_internal(call, "an order's lines can't be read");
	*lines = stored.lines;
	return NULL;
}

static const struct problem *
add_uses(struct call *call, struct use_row *rows, size_t count)
{
	const void **pointers = arena_array(call->arena, count, sizeof(*pointers));
	struct place place;
	const struct problem *p = sql_one(call, &lock_book, NULL, &place);

	for (size_t i = 0; i < count; i++) {
		rows[i].sequence = place.sequence;
		pointers[i] = &rows[i];
	}
	return p != NULL ? p : sql_bulk(call, &add_use, pointers, count, NULL, NULL);
}

/* One row a line that counts, and for each commitment what it adds. */
static const struct problem *
burn_lines(struct call *call, const struct list *running, const struct order *order, const struct list *lines)
{
	const struct order_line *line = lines->items;
	struct use_row *rows = arena_array(call->arena, lines->count, sizeof(*rows));
	size_t count = 0;

	for (size_t i = 0; i < lines->count; i++) {
		struct running_commitment *commitment = choose(running, order, &line[i]);

		if (commitment == NULL)
			continue;
		rows[count] = (struct use_row){ commitment->id, order->id, (int64_t)i, line[i].credits, { 0 }, 0 };
		if (!credits_value(line[i].credits, commitment->price, &rows[count].amount) ||
		    !amount_add(commitment->burned, rows[count].amount, &commitment->burned))
			return fail_internal(call, "an order's value overflows");
		count++;
	}
	return count > 0 ? add_uses(call, rows, count) : NULL;
}

/* Locks them one by one, in the order of their ids. Whoever has changed one meanwhile did it before this order. */
static const struct problem *
lock_each(struct call *call, const struct list *found, struct list *running)
{
	const struct commitment_ref *ref = found->items;
	struct running_commitment *commitment = arena_array(call->arena, found->count, sizeof(*commitment));
	const struct problem *p = NULL;
	bool is_there;

	*running = (struct list){ commitment, 0 };
	for (size_t i = 0; p == NULL && i < found->count; i++) {
		p = sql_maybe(call, &lock_running, &ref[i], &commitment[running->count], &is_there);
		if (p == NULL && is_there)
			call_not_before(call, commitment[running->count++].updated_at);
	}
	return p;
}

/* Without those whose term is over by now. */
static void
keep_running(struct call *call, struct list *running)
{
	struct running_commitment *commitment = running->items;
	size_t count = 0;

	for (size_t i = 0; i < running->count; i++)
		if (instant_before(call->now, commitment[i].ends_at))
			commitment[count++] = commitment[i];
	running->count = count;
	for (size_t i = 0; i < count; i++) {
		commitment[i].eligible = commitment_services_split(call, commitment[i].services);
		commitment[i].burned.micros = 0;
	}
}

const struct problem *
commitment_burn(struct call *call, const struct order *order)
{
	const struct running_commitment *commitment;
	struct list found, running, lines = { .count = 0 };
	const struct problem *p = sql_all(call, &list_running, NULL, &found);

	if (p != NULL || found.count == 0)
		return p;
	p = lock_each(call, &found, &running);
	if (p != NULL)
		return p;
	keep_running(call, &running);
	p = read_lines(call, order->lines, &lines);
	if (p == NULL)
		p = burn_lines(call, &running, order, &lines);
	commitment = running.items;
	for (size_t i = 0; p == NULL && i < running.count; i++) {
		const struct change change = { commitment[i].id, commitment[i].burned };

		if (change.amount.micros > 0)
			p = sql_run(call, &add_consumed, &change, NULL);
	}
	return p;
}

/* ---- for orders.refund ----------------------------------------------------------------------------------------- */

const struct problem *
commitment_unburn(struct call *call, struct id order_id)
{
	const struct order_ref ref = { order_id };
	const struct change *used;
	struct undone undone = { .order_id = order_id };
	struct place place;
	struct list found;
	const struct problem *p = sql_all(call, &list_used, &ref, &found);

	if (p != NULL || found.count == 0)
		return p;
	used = found.items;
	for (size_t i = 0; p == NULL && i < found.count; i++) {
		struct commitment row;

		p = commitment_lock(call, used[i].commitment_id, &row);
	}
	if (p == NULL)
		p = sql_one(call, &lock_book, NULL, &place);
	if (p != NULL)
		return p;
	undone.sequence = place.sequence;
	p = sql_run(call, &undo_use, &undone, NULL);
	for (size_t i = 0; p == NULL && i < found.count; i++)
		p = sql_run(call, &take_consumed, &used[i], NULL);
	return p;
}

const struct resource commitment_use_resource = {
	.name = "commitment_use",
	.summary = "What counts towards commitments.",
	.statements = LIST_OF(statement, &find_usable, &list_running, &lock_running, &lock_book, &add_use,
	    &add_consumed, &list_used, &undo_use, &take_consumed),
};
