/*
 * Recomputes the hash chain and the sums, independently of what wrote them: the canonical form is that of sql/0003.
 */
#include "ledger_proof.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "resources.h"
#include "seal.h"
#include "statement.h"
#include "text.h"

enum { ENTRIES_AT_ONCE = 5000, UNITS_MOST = 40, LINE_LENGTH = 80 };

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct field proven_fields[] = {
	FIELD(proven, sequence, ANY, "The last entry proven."),
	FIELD(proven, hash, ANY, "Its hash."),
	FIELD(proven, available, ANY, "What the entries sum up to."),
	FIELD(proven, reserved, ANY, "What the entries sum up to."),
	FIELD(proven, debt, ANY, "What the entries sum up to."),
};
SHAPE(proven)

struct book_row {
	int64_t sequence;
	struct digest head_hash;
	struct credits available;
	struct credits reserved;
	struct credits debt;
	int64_t last_entry;
	struct credits in_lots;
};
static const struct field book_row_fields[] = {
	FIELD(book_row, sequence, ANY, "The last entry's, as the book says."),
	FIELD(book_row, head_hash, ANY, "Its hash."),
	FIELD(book_row, available, ANY, "As the book says."),
	FIELD(book_row, reserved, ANY, "As the book says."),
	FIELD(book_row, debt, ANY, "As the book says."),
	FIELD(book_row, last_entry, ANY, "The greatest sequence there is."),
	FIELD(book_row, in_lots, ANY, "What is left in all lots."),
};
SHAPE(book_row)

struct stretch {
	int64_t after;
	int64_t until;
};
static const struct field stretch_fields[] = {
	FIELD(stretch, after, ANY, "The entry before the first."),
	FIELD(stretch, until, ANY, "The last entry."),
};
SHAPE(stretch)

struct entry_row {
	int64_t sequence;
	struct digest previous_hash;
	struct digest hash;
	struct credits available_change;
	struct credits reserved_change;
	struct credits available_after;
	struct credits reserved_after;
	struct credits debt_after;
	struct text canonical; /* without the lines */
	struct text lines;
};
static const struct field entry_row_fields[] = {
	FIELD(entry_row, sequence, ANY, "Its place."),
	FIELD(entry_row, previous_hash, ANY, "The hash before."),
	FIELD(entry_row, hash, ANY, "Its own."),
	FIELD(entry_row, available_change, ANY, "Change of available."),
	FIELD(entry_row, reserved_change, ANY, "Change of reserved."),
	FIELD(entry_row, available_after, ANY, "Available behind it."),
	FIELD(entry_row, reserved_after, ANY, "Reserved behind it."),
	FIELD(entry_row, debt_after, ANY, "Debt behind it."),
	FIELD(entry_row, canonical, ANY, "What its hash covers, but for the lines."),
	FIELD(entry_row, lines, ANY, "Its lines, account:unit:amount, joined by `;`."),
};
SHAPE(entry_row)

static const struct statement read_checkpoint = {
	.sql = "SELECT sequence, hash, available, reserved, debt FROM ledger_checkpoint WHERE organization_id = "
	       ":organization",
	.gives = &proven_shape,
};

/* One statement, one moment: the book may be written meanwhile. */
static const struct statement read_book = {
	.sql = "SELECT b.sequence, b.head_hash, b.available, b.reserved, b.debt,"
	       " COALESCE((SELECT MAX(e.sequence) FROM journal_entry e WHERE e.organization_id = b.organization_id), 0)"
	       " AS last_entry,"
	       " CAST(COALESCE((SELECT SUM(l.remaining) FROM lot l WHERE l.organization_id = b.organization_id"
	       " AND l.is_open = TRUE), 0) AS SIGNED) AS in_lots"
	       " FROM book b WHERE b.organization_id = :organization",
	.gives = &book_row_shape,
};

static const struct statement list_entries = {
	.sql =
	    "SELECT e.sequence, e.previous_hash, e.hash, e.available_change, e.reserved_change, e.available_after,"
	    " e.reserved_after, e.debt_after,"
	    " COALESCE(CONCAT_WS('|', 'purser-journal-1', HEX(e.previous_hash), HEX(e.organization_id), e.sequence,"
	    " HEX(e.id), CAST(e.at AS CHAR), e.reason, COALESCE(HEX(e.description), '-'),"
	    " COALESCE(HEX(e.reference_type), '-'), COALESCE(HEX(e.reference_id), '-'), HEX(e.actor_type),"
	    " HEX(e.actor_id), e.available_change, e.reserved_change, e.available_after, e.reserved_after,"
	    " e.debt_after), '') AS canonical,"
	    " COALESCE((SELECT GROUP_CONCAT(CONCAT_WS(':', l.account, l.unit, l.amount) ORDER BY l.line SEPARATOR ';')"
	    " FROM journal_line l WHERE l.organization_id = e.organization_id AND l.sequence = e.sequence), '') AS "
	    "`lines`"
	    " FROM journal_entry e WHERE e.organization_id = :organization"
	    " AND e.sequence > :after AND e.sequence <= :until ORDER BY e.sequence",
	.takes = &stretch_shape,
	.gives = &entry_row_shape,
};

/* ---- one entry ------------------------------------------------------------------------------------------------- */

struct unit_sum {
	char unit[4];
	int64_t sum;
};

struct sums {
	struct unit_sum units[UNITS_MOST];
	size_t count;
	int64_t available, reserved, owed; /* in credits; `owed` is the debt account, the other way round */
};

static bool
add_to_unit(struct sums *sums, const char *unit, int64_t amount)
{
	for (size_t i = 0; i < sums->count; i++)
		if (strcmp(sums->units[i].unit, unit) == 0)
			return !__builtin_add_overflow(sums->units[i].sum, amount, &sums->units[i].sum);
	if (sums->count == UNITS_MOST || strlen(unit) != 3)
		return false;
	memcpy(sums->units[sums->count].unit, unit, 4);
	sums->units[sums->count++].sum = amount;
	return true;
}

/* account:unit:amount. False where it is no line. */
static bool
add_line(struct sums *sums, struct text line)
{
	char account[LINE_LENGTH], *unit, *digits;
	int64_t amount;

	if (line.length >= sizeof(account))
		return false;
	memcpy(account, line.at, line.length);
	account[line.length] = '\0';
	unit = strchr(account, ':');
	digits = unit == NULL ? NULL : strchr(unit + 1, ':');
	if (digits == NULL)
		return false;
	*unit++ = *digits++ = '\0';
	if (!integer_parse(text_from(digits), &amount) || !add_to_unit(sums, unit, amount))
		return false;
	if (strcmp(unit, "CRD") != 0)
		return true;
	sums->available += strcmp(account, "available") == 0 ? amount : 0;
	sums->reserved += strcmp(account, "reserved") == 0 ? amount : 0;
	sums->owed -= strcmp(account, "debt") == 0 ? amount : 0;
	return true;
}

/* NULL, or what is wrong with the lines. */
static const char *
add_lines(struct call *call, const struct entry_row *entry, struct sums *sums)
{
	const char *at = entry->lines.at, *end = at + entry->lines.length;

	while (at < end) {
		const char *stop = memchr(at, ';', (size_t)(end - at));
		struct text line = { at, (size_t)((stop == NULL ? end : stop) - at) };

		if (!add_line(sums, line))
			return arena_format(
			    call->arena, "Entry %" PRId64 " has a line that can't be read.", entry->sequence)
			    .at;
		at += line.length + 1;
	}
	for (size_t i = 0; i < sums->count; i++)
		if (sums->units[i].sum != 0)
			return arena_format(call->arena, "The lines of entry %" PRId64 " do not sum to zero in %s.",
			    entry->sequence, sums->units[i].unit)
			    .at;
	return NULL;
}

static bool
hash_fits(struct call *call, const struct entry_row *entry)
{
	struct buffer line = buffer_new(call->arena, entry->canonical.length + entry->lines.length + 2);
	struct digest digest;

	buffer_add_text(&line, entry->canonical);
	buffer_add_char(&line, '|');
	buffer_add_text(&line, entry->lines);
	digest = digest_of(line.at, line.length);
	return memcmp(&digest, &entry->hash, sizeof(digest)) == 0;
}

static bool
balances_follow(const struct entry_row *entry, const struct sums *sums, const struct proven *after)
{
	return sums->available == entry->available_change.count && sums->reserved == entry->reserved_change.count &&
	       after->available.count == entry->available_after.count &&
	       after->reserved.count == entry->reserved_after.count && after->debt.count == entry->debt_after.count;
}

static const char *
fault_of_entry(struct call *call, const struct entry_row *entry, const struct proven *proven, struct proven *after)
{
	struct sums sums = { 0 };
	const char *fault;

	if (entry->sequence != proven->sequence + 1)
		return arena_format(call->arena, "Entry %" PRId64 " is missing.", proven->sequence + 1).at;
	if (memcmp(&entry->previous_hash, &proven->hash, sizeof(entry->previous_hash)) != 0)
		return arena_format(
		    call->arena, "Entry %" PRId64 " does not follow the entry before it.", entry->sequence)
		    .at;
	if (!hash_fits(call, entry))
		return arena_format(call->arena, "Entry %" PRId64 " was changed.", entry->sequence).at;
	fault = add_lines(call, entry, &sums);
	if (fault != NULL)
		return fault;
	*after = (struct proven){ entry->sequence, entry->hash, { proven->available.count + sums.available },
		{ proven->reserved.count + sums.reserved }, { proven->debt.count + sums.owed } };
	if (!balances_follow(entry, &sums, after))
		return arena_format(
		    call->arena, "The balances of entry %" PRId64 " do not follow from its lines.", entry->sequence)
		    .at;
	return NULL;
}

/* ---- all of them ----------------------------------------------------------------------------------------------- */

/* The fault is kept beside the arena, which gives back what a row took. */
struct walk {
	struct proof *proof;
	char fault[200];
};

static const struct problem *
prove_entry(struct call *call, void *context, const void *row)
{
	struct walk *walk = context;
	struct proven after;
	const char *fault;

	if (walk->fault[0] != '\0')
		return NULL;
	fault = fault_of_entry(call, row, &walk->proof->proven, &after);
	if (fault == NULL)
		walk->proof->proven = after;
	else
		snprintf(walk->fault, sizeof(walk->fault), "%s", fault);
	return NULL;
}

static const struct problem *
prove_entries(struct call *call, struct proof *proof)
{
	struct walk walk = { .proof = proof };
	const struct problem *p;

	for (int64_t after = proof->from.sequence; after < proof->head_sequence; after += ENTRIES_AT_ONCE) {
		struct stretch stretch = { after, after + ENTRIES_AT_ONCE };

		if (stretch.until > proof->head_sequence)
			stretch.until = proof->head_sequence;
		p = sql_each(call, &list_entries, &stretch, prove_entry, &walk);
		if (p != NULL)
			return p;
		if (walk.fault[0] == '\0' && proof->proven.sequence != stretch.until)
			snprintf(walk.fault, sizeof(walk.fault), "Entry %" PRId64 " is missing.",
			    proof->proven.sequence + 1);
		if (walk.fault[0] != '\0') {
			proof->fault = arena_format(call->arena, "%s", walk.fault).at;
			return NULL;
		}
	}
	return NULL;
}

static const char *
fault_of_book(struct call *call, const struct book_row *book, const struct proven *proven)
{
	if (book->last_entry > book->sequence)
		return arena_format(call->arena, "Entry %" PRId64 " is there, but the book ends at %" PRId64 ".",
		    book->last_entry, book->sequence)
		    .at;
	if (proven->sequence > book->sequence)
		return arena_format(call->arena, "Entry %" PRId64 " was proven once, but the book ends at %" PRId64 ".",
		    proven->sequence, book->sequence)
		    .at;
	if (memcmp(&book->head_hash, &proven->hash, sizeof(proven->hash)) != 0)
		return arena_format(call->arena, "The book's hash is not that of entry %" PRId64 ".", book->sequence)
		    .at;
	if (book->available.count != proven->available.count || book->reserved.count != proven->reserved.count ||
	    book->debt.count != proven->debt.count)
		return "The book's balances are not what the entries sum up to.";
	if (book->in_lots.count != book->available.count + book->reserved.count)
		return "What is left in the lots is not the balance.";
	return NULL;
}

const struct problem *
ledger_prove(struct call *call, bool full, struct proof *proof)
{
	struct book_row book = { 0 };
	const struct problem *p = NULL;
	bool found;

	*proof = (struct proof){ 0 };
	if (!full)
		p = sql_maybe(call, &read_checkpoint, NULL, &proof->from, &found);
	if (p == NULL)
		p = sql_maybe(call, &read_book, NULL, &book, &found);
	if (p != NULL)
		return p;
	proof->proven = proof->from;
	proof->balance.count = book.available.count + book.reserved.count;
	proof->head_sequence = book.sequence;
	proof->head_hash = book.head_hash;
	p = prove_entries(call, proof);
	if (p == NULL && proof->fault == NULL)
		proof->fault = fault_of_book(call, &book, &proof->proven);
	return p;
}

const struct resource ledger_proof_resource = {
	.name = "ledger_proof",
	.summary = "The proof that a ledger is whole.",
	.statements = LIST_OF(statement, &read_checkpoint, &read_book, &list_entries),
};
