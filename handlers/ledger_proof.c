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

struct checkpoint_row {
	struct proven proven;
	bool is_other;
	bool had_fault;
};
static const struct field checkpoint_row_fields[] = {
	FIELD_AS(checkpoint_row, proven.sequence, "sequence", ANY, "The last entry proven."),
	FIELD_AS(checkpoint_row, proven.hash, "hash", ANY, "Its hash then."),
	FIELD_AS(checkpoint_row, proven.available, "available", ANY, "What the entries sum up to."),
	FIELD_AS(checkpoint_row, proven.reserved, "reserved", ANY, "What the entries sum up to."),
	FIELD_AS(checkpoint_row, proven.debt, "debt", ANY, "What the entries sum up to."),
	FIELD(checkpoint_row, is_other, ANY, "Its hash is another now."),
	FIELD(checkpoint_row, had_fault, ANY, "Something was found broken."),
};
SHAPE(checkpoint_row)

struct book_row {
	int64_t sequence;
	struct digest head_hash;
	struct credits available;
	struct credits reserved;
	struct credits debt;
	struct credits lapsed;
	int64_t first_sequence;
	int64_t last_entry;
	int64_t last_line;
	struct credits in_lots;
	struct credits lapsed_in_lots;
	int64_t due_earlier;
	bool repeats_lots;
};
static const struct field book_row_fields[] = {
	FIELD(book_row, sequence, ANY, "The last entry's, as the book says."),
	FIELD(book_row, head_hash, ANY, "Its hash."),
	FIELD(book_row, available, ANY, "As the book says."),
	FIELD(book_row, reserved, ANY, "As the book says."),
	FIELD(book_row, debt, ANY, "As the book says."),
	FIELD(book_row, lapsed, ANY, "As the book says."),
	FIELD(book_row, first_sequence, ANY, "The least sequence there is, of whatever."),
	FIELD(book_row, last_entry, ANY, "The greatest sequence of an entry."),
	FIELD(book_row, last_line, ANY, "The greatest sequence of a line or a movement."),
	FIELD(book_row, in_lots, ANY, "What is left in all lots."),
	FIELD(book_row, lapsed_in_lots, ANY, "What is left in those that fell due."),
	FIELD(book_row, due_earlier, ANY, "How many fall due before the book expects it."),
	FIELD(book_row, repeats_lots, ANY, "The book repeats the open lots as they are."),
};
SHAPE(book_row)

struct wrong_lot {
	struct id id;
};
static const struct field wrong_lot_fields[] = {
	FIELD(wrong_lot, id, ANY, "The lot."),
};
SHAPE(wrong_lot)

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
	.sql =
	    "SELECT c.sequence, c.hash, c.available, c.reserved, c.debt, c.first_fault IS NOT NULL AS had_fault,"
	    " c.sequence > 0 AND NOT (e.hash <=> c.hash) AS is_other FROM ledger_checkpoint c LEFT JOIN journal_entry e"
	    " ON e.organization_id = c.organization_id AND e.sequence = c.sequence"
	    " WHERE c.organization_id = :organization",
	.gives = &checkpoint_row_shape,
};

/* One statement, one moment: the book may be written meanwhile. Within the chain every sequence has its entry, whose
 * hash covers its lines, so that what belongs to no entry lies before the first or behind the last. */
static const struct statement read_book = {
	.sql =
	    "SELECT b.sequence, b.head_hash, b.available, b.reserved, b.debt, b.lapsed,"
	    " LEAST(COALESCE((SELECT MIN(e.sequence) FROM journal_entry e WHERE e.organization_id = :organization), 1),"
	    " COALESCE((SELECT MIN(l.sequence) FROM journal_line l WHERE l.organization_id = :organization), 1),"
	    " COALESCE((SELECT MIN(m.sequence) FROM lot_movement m WHERE m.organization_id = :organization), 1))"
	    " AS first_sequence,"
	    " COALESCE((SELECT MAX(e.sequence) FROM journal_entry e WHERE e.organization_id = :organization), 0)"
	    " AS last_entry,"
	    " GREATEST("
	    "COALESCE((SELECT MAX(l.sequence) FROM journal_line l WHERE l.organization_id = :organization), 0),"
	    " COALESCE((SELECT MAX(m.sequence) FROM lot_movement m WHERE m.organization_id = :organization), 0))"
	    " AS last_line,"
	    " CAST(COALESCE((SELECT SUM(l.remaining) FROM lot l WHERE l.organization_id = :organization"
	    " AND l.is_open = TRUE), 0) AS SIGNED) AS in_lots,"
	    " CAST(COALESCE((SELECT SUM(l.remaining) FROM lot l WHERE l.organization_id = :organization"
	    " AND l.is_open = TRUE AND l.fell_due), 0) AS SIGNED) AS lapsed_in_lots,"
	    " COALESCE((SELECT COUNT(*) FROM lot l WHERE l.organization_id = :organization AND l.is_open = TRUE"
	    " AND NOT l.fell_due AND (l.expires_at < b.next_lot_expiry"
	    " OR b.next_lot_expiry IS NULL AND l.expires_at IS NOT NULL)), 0) AS due_earlier,"
	    " b.lots <=> (SELECT IF(COUNT(*) > 8, NULL, COALESCE(GROUP_CONCAT(CONCAT(l.source, ',', l.remaining, ',',"
	    " COALESCE(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', l.expires_at), ''))"
	    " ORDER BY l.priority, l.expires_at IS NULL, l.expires_at, l.source = 'paid', l.created_at, l.id"
	    " SEPARATOR ';'), ''))"
	    " FROM (SELECT o.source, o.remaining, o.expires_at, o.priority, o.created_at, o.id FROM lot o"
	    " WHERE o.organization_id = :organization AND o.is_open = TRUE LIMIT 9) l) AS repeats_lots"
	    " FROM book b WHERE b.organization_id = :organization",
	.gives = &book_row_shape,
};

static const struct statement find_wrong_lot = {
	.sql = "SELECT l.id FROM lot l WHERE l.organization_id = :organization AND l.remaining <> COALESCE("
	       "(SELECT SUM(m.amount) FROM lot_movement m FORCE INDEX (lot) WHERE m.lot_id = l.id), 0) LIMIT 1",
	.gives = &wrong_lot_shape,
};

static const struct statement list_entries = {
	.sql =
	    "SELECT e.sequence, e.previous_hash, e.hash, e.available_change, e.reserved_change, e.available_after,"
	    " e.reserved_after, e.debt_after,"
	    " COALESCE(CONCAT_WS('|', 'purser-journal-1', HEX(e.previous_hash), HEX(e.organization_id), e.sequence,"
	    " HEX(e.id), CAST(e.at AS CHAR), e.reason, COALESCE(HEX(e.description), '-'),"
	    " COALESCE(HEX(e.reference_type), '-'), COALESCE(HEX(e.reference_id), '-'), HEX(e.actor_type),"
	    " HEX(e.actor_id), e.available_change, e.reserved_change, e.available_after, e.reserved_after,"
	    " e.debt_after, IF(o.id IS NULL, '-', CONCAT_WS(',', o.source, o.granted, COALESCE(CAST(o.expires_at AS"
	    " CHAR), '-'), o.priority))), '') AS canonical,"
	    " COALESCE((SELECT GROUP_CONCAT(CONCAT_WS(':', l.account, l.unit, l.amount) ORDER BY l.line SEPARATOR ';')"
	    " FROM journal_line l WHERE l.organization_id = e.organization_id AND l.sequence = e.sequence), '') AS "
	    "`lines`"
	    " FROM journal_entry e LEFT JOIN lot o"
	    " ON o.id = e.id AND o.organization_id = e.organization_id AND o.created_at = e.at"
	    " WHERE e.organization_id = :organization"
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

/* Is this another entry than the checkpoint's own, or the same as it was then? */
static bool
is_as_proven(const struct proven *entry, const struct proven *checkpoint)
{
	return entry->sequence != checkpoint->sequence ||
	       memcmp(&entry->hash, &checkpoint->hash, sizeof(entry->hash)) == 0;
}

static const char *
not_as_proven(struct call *call, const struct proven *entry)
{
	return arena_format(call->arena, "Entry %" PRId64 " is another than was proven before.", entry->sequence).at;
}

static const struct problem *
prove_entry(struct call *call, void *context, const void *row)
{
	struct walk *walk = context;
	struct proven after = { 0 };
	const char *fault;

	if (walk->fault[0] != '\0')
		return NULL;
	fault = fault_of_entry(call, row, &walk->proof->proven, &after);
	if (fault == NULL && !is_as_proven(&after, &walk->proof->checkpoint))
		fault = not_as_proven(call, &after);
	if (fault == NULL)
		walk->proof->proven = after;
	else
		snprintf(walk->fault, sizeof(walk->fault), "%s", fault);
	return NULL;
}

static const struct problem *
prove_entries(struct call *call, struct proof *proof, int64_t most)
{
	int64_t after = proof->proven.sequence, left = proof->head_sequence - after;
	int64_t last = left > most ? after + most : proof->head_sequence;
	struct walk walk = { .proof = proof };

	for (int64_t start = after; after < last; after = proof->proven.sequence) {
		struct stretch stretch = { after, last - after > ENTRIES_AT_ONCE ? after + ENTRIES_AT_ONCE : last };
		const struct problem *p = sql_each(call, &list_entries, &stretch, prove_entry, &walk);

		if (p != NULL)
			return p;
		proof->entries = proof->proven.sequence - start;
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
fault_of_lots(const struct book_row *book)
{
	if (book->in_lots.count != book->available.count + book->reserved.count)
		return "What is left in the lots is not the balance.";
	if (book->lapsed_in_lots.count != book->lapsed.count)
		return "The book counts other lapsed credits than the lots.";
	if (book->due_earlier > 0)
		return "A lot falls due before the book expects it.";
	if (!book->repeats_lots)
		return "The book does not repeat the lots as they are.";
	return NULL;
}

static const char *
fault_of_book(struct call *call, const struct book_row *book, const struct proof *proof)
{
	const struct proven *proven = &proof->proven;

	if (book->first_sequence < 1)
		return "Something stands before the first entry.";
	if (book->last_entry > book->sequence)
		return arena_format(call->arena, "Entry %" PRId64 " is there, but the book ends at %" PRId64 ".",
		    book->last_entry, book->sequence)
		    .at;
	if (book->last_line > book->sequence)
		return "Lines or movements are there that belong to no entry.";
	if (proof->checkpoint.sequence > book->sequence)
		return arena_format(call->arena, "Entry %" PRId64 " was proven once, but the book ends at %" PRId64 ".",
		    proof->checkpoint.sequence, book->sequence)
		    .at;
	if (memcmp(&book->head_hash, &proven->hash, sizeof(proven->hash)) != 0)
		return arena_format(call->arena, "The book's hash is not that of entry %" PRId64 ".", book->sequence)
		    .at;
	if (book->available.count != proven->available.count || book->reserved.count != proven->reserved.count ||
	    book->debt.count != proven->debt.count)
		return "The book's balances are not what the entries sum up to.";
	return fault_of_lots(book);
}

/* Where to begin. A ledger with a fault is proven from the start until it is whole again. */
static const struct problem *
begin(struct call *call, bool full, struct proof *proof)
{
	struct checkpoint_row row = { 0 };
	bool found;
	const struct problem *p = sql_maybe(call, &read_checkpoint, NULL, &row, &found);

	if (p != NULL)
		return p;
	*proof = (struct proof){ .checkpoint = row.proven, .had_fault = row.had_fault, .is_begun = true };
	proof->is_full = full || row.had_fault || row.proven.sequence == 0;
	if (proof->is_full)
		return NULL;
	proof->proven = row.proven;
	if (row.is_other)
		proof->fault = not_as_proven(call, &row.proven);
	return NULL;
}

/* What can be said when all entries are proven. */
static const struct problem *
end(struct call *call, const struct book_row *book, struct proof *proof)
{
	struct wrong_lot lot;
	const struct problem *p = NULL;
	bool found = false;

	proof->fault = fault_of_book(call, book, proof);
	if (proof->fault == NULL && proof->is_full)
		p = sql_maybe(call, &find_wrong_lot, NULL, &lot, &found);
	if (found)
		proof->fault = "What is left in a lot is not the sum of its movements.";
	return p;
}

const struct problem *
ledger_prove_step(struct call *call, bool full, int64_t most, struct proof *proof)
{
	struct book_row book = { 0 };
	const struct problem *p = proof->is_begun ? NULL : begin(call, full, proof);
	bool found;

	if (p == NULL)
		p = sql_maybe(call, &read_book, NULL, &book, &found);
	if (p != NULL)
		return p;
	if (!found)
		proof->fault = "There is no book.";
	proof->entries = 0;
	proof->balance.count = book.available.count + book.reserved.count;
	proof->head_sequence = book.sequence;
	proof->head_hash = book.head_hash;
	if (proof->fault == NULL)
		p = prove_entries(call, proof, most);
	if (p == NULL && proof->fault == NULL && proof->proven.sequence >= book.sequence)
		p = end(call, &book, proof);
	proof->is_done = proof->fault != NULL || proof->proven.sequence >= book.sequence;
	return p;
}

const struct problem *
ledger_prove(struct call *call, bool full, struct proof *proof)
{
	*proof = (struct proof){ 0 };
	return ledger_prove_step(call, full, INT64_MAX, proof);
}

const struct resource ledger_proof_resource = {
	.name = "ledger_proof",
	.summary = "The proof that a ledger is whole.",
	.statements = LIST_OF(statement, &read_checkpoint, &read_book, &find_wrong_lot, &list_entries),
};
