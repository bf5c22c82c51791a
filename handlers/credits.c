/*
 * What an organization has: its balance and its transactions. The balance is read together with the token's check, one
 * row for each open lot, and is right at the very moment: lots that fell due meanwhile are subtracted here, as the next
 * writer will post it.
 */
#include "resources.h"

#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "ledger.h"
#include "money.h"
#include "page.h"
#include "statement.h"
#include "text.h"
#include "thing.h"

/* ---- the balance ----------------------------------------------------------------------------------------------- */

struct lot {
	struct text source;
	struct credits remaining;
	struct maybe_instant expires_at;
};
static const struct field lot_fields[] = {
	FIELD(lot, source, ANY, "Where the credits came from: paid, promotional, free_tier or goodwill."),
	FIELD(lot, remaining, ANY, "What is left of them, reserved ones included."),
	FIELD(lot, expires_at, ANY, "When they expire; never when null."),
};
SHAPE(lot)

struct balance {
	struct credits balance;
	struct credits reserved;
	struct credits available;
	struct credits debt;
	struct currency currency;
	struct amount value;
	struct instant as_of;
	struct list lots;
};
static const struct field balance_fields[] = {
	FIELD(balance, balance, ANY, "All credits: available and reserved."),
	FIELD(balance, reserved, ANY, "Credits set aside for work in progress."),
	FIELD(balance, available, ANY, "Credits that can be spent now."),
	FIELD(balance, debt, ANY, "Credits owed; new credits pay them first."),
	FIELD(balance, currency, ANY, "The organization's currency."),
	FIELD(balance, value, ANY, "What the available credits cost in that currency."),
	FIELD(balance, as_of, ANY, "The moment this was true."),
	FIELD_LIST(balance, lots, lot, ANY, "What the credits consist of, in the order in which they are drawn."),
};
SHAPE(balance)

/* A book, or a book beside one of its open lots. */
struct balance_row {
	struct maybe_currency book_currency;
	struct maybe_credits available;
	struct maybe_credits reserved;
	struct maybe_credits debt;
	struct maybe_id lot_id;
	struct maybe_text lot_source;
	struct maybe_credits lot_remaining;
	struct maybe_instant lot_expires_at;
	struct maybe_int lot_priority;
	struct maybe_bool lot_fell_due;
	struct maybe_instant lot_created_at;
};
static const struct field balance_row_fields[] = {
	FIELD(balance_row, book_currency, ANY, "The organization's currency; none: it has no book."),
	FIELD(balance_row, available, ANY, "As of the last entry."),
	FIELD(balance_row, reserved, ANY, "As of the last entry."),
	FIELD(balance_row, debt, ANY, "As of the last entry."),
	FIELD(balance_row, lot_id, ANY, "The lot; none: there is no open one."),
	FIELD(balance_row, lot_source, ANY, "Where it came from."),
	FIELD(balance_row, lot_remaining, ANY, "What is left of it."),
	FIELD(balance_row, lot_expires_at, ANY, "When it falls due."),
	FIELD(balance_row, lot_priority, ANY, "Its place in the drawing order."),
	FIELD(balance_row, lot_fell_due, ANY, "It did, and what is left is reserved."),
	FIELD(balance_row, lot_created_at, ANY, "How old it is."),
};
SHAPE(balance_row)

/* The book alone, read together with the token: its `lots` repeats what is told of them. */
struct book_row {
	struct maybe_currency book_currency;
	struct maybe_credits available;
	struct maybe_credits reserved;
	struct maybe_credits debt;
	struct maybe_instant next_lot_expiry;
	struct maybe_text lots;
};
static const struct field book_row_fields[] = {
	FIELD(book_row, book_currency, ANY, "The organization's currency; none: it has no book."),
	FIELD(book_row, available, ANY, "As of the last entry."),
	FIELD(book_row, reserved, ANY, "As of the last entry."),
	FIELD(book_row, debt, ANY, "As of the last entry."),
	FIELD(book_row, next_lot_expiry, ANY, "No lot falls due before."),
	FIELD(book_row, lots, ANY, "The open lots in short; none: they are too many for that."),
};
SHAPE(book_row)

static const struct hot balance_hot = {
	.columns = "b.currency AS book_currency, b.available, b.reserved, b.debt, b.next_lot_expiry, b.lots",
	.join = "LEFT JOIN book b ON b.organization_id = k.organization_id",
	.gives = &book_row_shape,
};

#define BALANCE_COLUMNS                                                                                         \
	"b.currency AS book_currency, b.available, b.reserved, b.debt, l.id AS lot_id, l.source AS lot_source," \
	" l.remaining AS lot_remaining, l.expires_at AS lot_expires_at, l.priority AS lot_priority,"            \
	" l.fell_due AS lot_fell_due, l.created_at AS lot_created_at"
#define BALANCE_LOTS " LEFT JOIN lot l ON l.organization_id = b.organization_id AND l.is_open = TRUE"

static const struct statement read_balance = {
	.sql =
	    "SELECT " BALANCE_COLUMNS " FROM organization o LEFT JOIN book b ON b.organization_id = o.id" BALANCE_LOTS
	    " WHERE o.id = :organization",
	.gives = &balance_row_shape,
};

struct currency_row {
	struct currency currency;
};
static const struct field currency_row_fields[] = {
	FIELD(currency_row, currency, ANY, "ISO 4217."),
};
SHAPE(currency_row)

struct price_row {
	struct amount price;
};
static const struct field price_row_fields[] = {
	FIELD(price_row, price, ANY, "Of one credit."),
};
SHAPE(price_row)

static const struct statement read_currency = {
	.sql = "SELECT currency FROM organization WHERE id = :organization",
	.gives = &currency_row_shape,
};

static const struct statement read_price = {
	.sql = "SELECT price FROM credit_price WHERE currency = :currency",
	.takes = &currency_row_shape,
	.gives = &price_row_shape,
	.crosses_organizations = "prices are the platform's",
};

/* Only migrations change prices, and every worker is started anew after one: each is read once a process. */
static const struct problem *
price_of(struct call *call, struct currency currency, struct amount *price)
{
	enum { KEPT = 32 };
	static struct money kept[KEPT];
	static size_t count;
	struct currency_row in = { currency };
	struct price_row row;
	const struct problem *p;

	for (size_t i = 0; i < count; i++)
		if (strcmp(kept[i].currency.code, currency.code) == 0) {
			*price = kept[i].amount;
			return NULL;
		}
	p = sql_one(call, &read_price, &in, &row);
	if (p != NULL)
		return p;
	*price = row.price;
	if (count < KEPT)
		kept[count++] = (struct money){ row.price, currency };
	return NULL;
}

static int
compare_instants(struct maybe_instant a, struct maybe_instant b)
{
	if (!a.given || !b.given)
		return b.given - a.given;
	return instant_before(b.value, a.value) - instant_before(a.value, b.value);
}

static int
compare_ages(const struct balance_row *a, const struct balance_row *b)
{
	int by_age = compare_instants(a->lot_created_at, b->lot_created_at);

	return by_age != 0 ? by_age : memcmp(&a->lot_id.value, &b->lot_id.value, sizeof(struct id));
}

static int
by_expiry(const void *left, const void *right)
{
	const struct balance_row *a = left, *b = right;
	int order = compare_instants(a->lot_expires_at, b->lot_expires_at);

	return order != 0 ? order : memcmp(&a->lot_id.value, &b->lot_id.value, sizeof(struct id));
}

/* As ledger_draw takes them. */
static int
by_drawing(const void *left, const void *right)
{
	const struct balance_row *a = left, *b = right;
	bool a_is_paid = strcmp(a->lot_source.at, "paid") == 0, b_is_paid = strcmp(b->lot_source.at, "paid") == 0;
	int order = compare_instants(a->lot_expires_at, b->lot_expires_at);

	if (a->lot_priority.value != b->lot_priority.value)
		return a->lot_priority.value < b->lot_priority.value ? -1 : 1;
	if (order != 0)
		return order;
	return a_is_paid != b_is_paid ? a_is_paid - b_is_paid : compare_ages(a, b);
}

/* What fell due and is not posted yet expires as far as there is something available, as ledger_expire_lots does it. */
static void
expire_due(struct balance_row *rows, size_t count, struct instant now, struct balance *out)
{
	qsort(rows, count, sizeof(*rows), by_expiry);
	for (size_t i = 0; i < count; i++) {
		int64_t *remaining = &rows[i].lot_remaining.value.count, expired = *remaining;

		if (rows[i].lot_fell_due.value || !rows[i].lot_expires_at.given ||
		    instant_before(now, rows[i].lot_expires_at.value))
			continue;
		if (expired > out->available.count)
			expired = out->available.count;
		*remaining -= expired;
		out->available.count -= expired;
	}
}

static void
list_lots(struct call *call, struct balance_row *rows, size_t count, struct list *lots)
{
	struct lot *lot = arena_array(call->arena, count, sizeof(*lot));

	qsort(rows, count, sizeof(*rows), by_drawing);
	lots->items = lot;
	for (size_t i = 0; i < count; i++) {
		if (rows[i].lot_remaining.value.count == 0)
			continue;
		*lot++ = (struct lot){ { rows[i].lot_source.at, rows[i].lot_source.length },
			rows[i].lot_remaining.value, rows[i].lot_expires_at };
		lots->count++;
	}
}

/* The next field of book.lots, up to one of `stops`; `*at` is left behind it. */
static struct text
next_part(struct call *call, const char **at, const char *stops)
{
	struct text part = arena_text(call->arena, *at, strcspn(*at, stops));

	*at += part.length + ((*at)[part.length] != '\0');
	return part;
}

static const struct problem *
read_lots(struct call *call, const char *at, struct list *lots)
{
	enum { MOST = 8 };
	struct lot *lot = arena_array(call->arena, MOST, sizeof(*lot));

	lots->items = lot;
	for (; *at != '\0' && lots->count < MOST; lot++, lots->count++) {
		struct text expiry;

		lot->source = next_part(call, &at, ",");
		if (!integer_parse(next_part(call, &at, ","), &lot->remaining.count))
			return fail_internal(call, "book.lots can't be read");
		expiry = next_part(call, &at, ";");
		lot->expires_at.given = integer_parse(expiry, &lot->expires_at.value.microseconds);
	}
	return NULL;
}

/* Is the book's own row enough? Not when a lot has fallen due since, nor when there are too many lots. */
static bool
book_suffices(const struct call *call, const struct book_row *book)
{
	bool is_due = book->next_lot_expiry.given && !instant_before(call->now, book->next_lot_expiry.value);

	return book->book_currency.given && book->lots.at != NULL && !is_due;
}

static const struct problem *
balance_of_book(struct call *call, const struct book_row *book, struct balance *out)
{
	out->available = book->available.value;
	out->reserved = book->reserved.value;
	out->debt = book->debt.value;
	out->currency = book->book_currency.value;
	return read_lots(call, book->lots.at, &out->lots);
}

/* From the lots themselves, with what fell due meanwhile subtracted. */
static const struct problem *
balance_of_lots(struct call *call, struct balance *out)
{
	struct list rows;
	struct balance_row *row;
	struct currency_row currency;
	const struct problem *p = sql_all(call, &read_balance, NULL, &rows);

	if (p != NULL)
		return p;
	row = rows.items;
	if (rows.count == 0 || !row->book_currency.given) {
		p = sql_one(call, &read_currency, NULL, &currency);
		out->currency = currency.currency;
		return p;
	}
	out->available = row->available.value;
	out->reserved = row->reserved.value;
	out->debt = row->debt.value;
	out->currency = row->book_currency.value;
	if (row->lot_id.given) {
		expire_due(row, rows.count, call->now, out);
		list_lots(call, row, rows.count, &out->lots);
	}
	return NULL;
}

HANDLER(balance, nothing, balance)

static const struct operation balance_operation = {
	.id = "billing.credits.balance",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "Tell how many credits the organization has, and what they consist of.",
	.hot = &balance_hot,
	.run = &balance_run,
};

static const struct problem *
balance(struct call *call, const struct nothing *in, struct balance *out)
{
	const struct book_row *book = call->hot.items;
	struct amount price;
	const struct problem *p;

	(void)in;
	out->as_of = call->now;
	p = call->hot.count > 0 && book_suffices(call, book) ? balance_of_book(call, book, out)
							     : balance_of_lots(call, out);
	if (p != NULL)
		return p;
	out->balance.count = out->available.count + out->reserved.count;
	p = price_of(call, out->currency, &price);
	if (p != NULL)
		return p;
	return credits_value(out->available, price, &out->value) ? NULL : fail_internal(call, "the value overflows");
}

/* ---- transactions ---------------------------------------------------------------------------------------------- */

struct transaction {
	struct id id;
	int64_t sequence;
	struct instant created_at;
	struct text reason;
	struct credits amount;
	struct credits reserved_change;
	struct credits available_after;
	struct credits balance_after;
	struct maybe_text description;
	struct thing *reference;
	struct thing *actor;
	struct maybe_text reference_type;
	struct maybe_id reference_id;
	struct text actor_type;
	struct id actor_id;
};
static const struct field transaction_fields[] = {
	FIELD(transaction, id, ANY, "The entry's id."),
	FIELD(transaction, sequence, ANY, "Its place among the organization's entries, from 1, without gaps."),
	FIELD(transaction, created_at, ANY, "When it was booked."),
	FIELD(transaction, reason, ONE_OF(ledger_reason_names), "Why."),
	FIELD(transaction, amount, ANY, "By how much the available credits changed."),
	FIELD(transaction, reserved_change, ANY, "By how much the reserved credits changed."),
	FIELD(transaction, available_after, ANY, "Available credits behind it."),
	FIELD(transaction, balance_after, ANY, "Available and reserved credits behind it."),
	FIELD(transaction, description, ANY, "In words, where there are any."),
	FIELD_OBJECT(transaction, reference, thing, true, "What it belongs to, or null."),
	FIELD_OBJECT(transaction, actor, thing, false, "Who caused it; the system itself has an id of zeros."),
};
VIEW(transaction, transaction)

static const struct field transaction_row_fields[] = {
	FIELD(transaction, id, ANY, "The entry's id."),
	FIELD(transaction, sequence, ANY, "Its place in the chain."),
	FIELD(transaction, created_at, ANY, "When it was booked."),
	FIELD(transaction, reason, ANY, "Why."),
	FIELD(transaction, amount, ANY, "Change of available."),
	FIELD(transaction, reserved_change, ANY, "Change of reserved."),
	FIELD(transaction, available_after, ANY, "Available behind it."),
	FIELD(transaction, balance_after, ANY, "Available and reserved behind it."),
	FIELD(transaction, description, ANY, "In words."),
	FIELD(transaction, reference_type, ANY, "What kind of thing it belongs to."),
	FIELD(transaction, reference_id, ANY, "Which one."),
	FIELD(transaction, actor_type, ANY, "Who caused it."),
	FIELD(transaction, actor_id, ANY, "Which one."),
};
VIEW(transaction_row, transaction)

struct transaction_list {
	PAGE_MEMBERS;
	struct maybe_int offset;
	struct maybe_text reason;
};
static const struct field transaction_list_fields[] = {
	PAGE_FIELDS(transaction_list),
	FIELD(transaction_list, offset, RANGE(0, INT64_C(1000000000)), "How many of the newest to leave out."),
	FIELD(transaction_list, reason, ONE_OF(ledger_reason_names), "Only those booked for this reason."),
};
SHAPE(transaction_list)

struct entry_count {
	int64_t sequence;
};
static const struct field entry_count_fields[] = {
	FIELD(entry_count, sequence, ANY, "Of the last entry, and so their number."),
};
SHAPE(entry_count)

#define TRANSACTION_COLUMNS                                                                                          \
	"id, sequence, at AS created_at, reason, available_change AS amount, reserved_change, available_after,"      \
	" available_after + reserved_after AS balance_after, description, reference_type, reference_id, actor_type," \
	" actor_id"
#define TRANSACTION_PAGE " AND sequence < :cursor ORDER BY sequence DESC LIMIT :limit OFFSET :offset"

static const struct statement list_all = {
	.sql =
	    "SELECT " TRANSACTION_COLUMNS " FROM journal_entry WHERE organization_id = :organization" TRANSACTION_PAGE,
	.gives = &transaction_row_shape,
};

static const struct statement list_by_reason = {
	.sql = "SELECT " TRANSACTION_COLUMNS
	       " FROM journal_entry WHERE organization_id = :organization AND reason = :reason" TRANSACTION_PAGE,
	.takes = &transaction_list_shape,
	.gives = &transaction_row_shape,
};

static const struct statement count_entries = {
	.sql = "SELECT sequence FROM book WHERE organization_id = :organization",
	.gives = &entry_count_shape,
};

static const struct problem *
put_transaction(struct call *call, void *sink, const void *row)
{
	struct transaction transaction = *(const struct transaction *)row;
	struct thing actor = { transaction.actor_type, transaction.actor_id };
	struct thing reference = { { transaction.reference_type.at, transaction.reference_type.length },
		transaction.reference_id.value };

	(void)call;
	transaction.actor = &actor;
	if (transaction.reference_type.at != NULL && transaction.reference_id.given)
		transaction.reference = &reference;
	return sink_row(sink, &transaction);
}

HANDLER_EACH(transactions, transaction_list, transaction)

static const struct operation transactions_operation = {
	.id = "billing.credits.transactions",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "List what changed the organization's credits, newest first.",
	.page_key = "sequence",
	.run = &transactions_run,
};

static const struct problem *
transactions(struct call *call, const struct transaction_list *in, struct sink *sink)
{
	struct entry_count entries;
	const struct problem *p;
	bool found;

	if (in->reason.at != NULL)
		return sql_each(call, &list_by_reason, in, put_transaction, sink);
	if (!call->page.stream) {
		p = sql_maybe(call, &count_entries, NULL, &entries, &found);
		if (p != NULL)
			return p;
		sink_total(sink, found ? entries.sequence : 0);
	}
	return sql_each(call, &list_all, NULL, put_transaction, sink);
}

const struct resource credits_resource = {
	.name = "billing.credits",
	.summary = "What an organization has, and how it came to that.",
	.operations = LIST_OF(operation, &balance_operation, &transactions_operation),
	.statements =
	    LIST_OF(statement, &read_balance, &read_currency, &read_price, &list_all, &list_by_reason, &count_entries),
};
