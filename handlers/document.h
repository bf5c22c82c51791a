/*
 * How documents for people (invoices, statements) print days, amounts, rates and parties.
 */
#ifndef PURSER_DOCUMENT_H
#define PURSER_DOCUMENT_H

#include "call.h"
#include "invoice.h"
#include "pdf.h"

/* "1 November 2026", in the zone, or in UTC where tzdata does not know it. */
struct text document_day(struct call *call, struct text zone, struct instant at);
/* "1 October 2026 to 31 October 2026": the first and the last day of a half-open stretch of time; one of them where they are
 * the same. */
struct text document_days(struct call *call, struct text zone, struct instant from, struct instant to);
/* "October 2026", of "2026-10". */
struct text document_month(struct call *call, struct text period);
/* "3 November 2026", of "2026-11-03". */
struct text document_date(struct call *call, struct text on);
/* "3 Nov 2026 14:22", in the zone, or in UTC where tzdata does not know it. */
struct text document_moment(struct call *call, struct text zone, struct instant at);
/* "Plan fee", of "plan_fee". */
struct text document_words(struct call *call, struct text name);
/* The digits are those of JSON. */
struct text document_amount(struct call *call, struct amount amount);
struct text document_quantity(struct call *call, struct quantity quantity);
struct text document_credits(struct call *call, struct credits credits);
/* "GST 10 %"; the rate is in millionths. Without a name, the rate alone. */
struct text document_tax(struct call *call, struct maybe_text name, int64_t rate);
/* Address and tax number, in lines; before them the name, where `with_name`. */
struct text document_party(struct call *call, const struct invoice_party *party, bool with_name);
/* A paper that the issuer sends: its title and number, who sends it, and the foot of its pages. */
struct pdf_head document_head(
    struct call *call, const struct invoice_party *issuer, struct text title, struct text number);
/* An empty value adds nothing. */
enum { DOCUMENT_PAIRS_MOST = 10 };
struct document_pairs {
	struct pdf_pair items[DOCUMENT_PAIRS_MOST];
	size_t count;
};
void document_add_pair(struct document_pairs *pairs, const char *name, struct text value, bool strong);
/* Whom it is for, below `whom`, and beside that the pairs; they have to live until the document is written. */
void document_parties(struct call *call, struct pdf *pdf, const char *whom, const struct invoice_party *customer,
    struct text heading, const struct document_pairs *pairs);
/* The members of a JSON object in words, "used 5200; included 5000"; ids and what is null are left out. */
struct text document_facts(struct call *call, struct document json);
/* The header that names the file: "invoice-INV-000012.pdf". */
void document_name_file(struct call *call, const char *kind, struct text number, const char *ending);

#endif
