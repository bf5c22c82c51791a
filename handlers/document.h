/*
 * How documents for people (invoices, statements) print days, amounts, rates and parties.
 */
#ifndef PURSER_DOCUMENT_H
#define PURSER_DOCUMENT_H

#include "call.h"
#include "invoice.h"

/* "1 November 2026", in the zone, or in UTC where tzdata does not know it. */
struct text document_day(struct call *call, struct text zone, struct instant at);
/* "1 October 2026 to 31 October 2026": the first and the last day of a half-open stretch of time; one of them where they are
 * the same. */
struct text document_days(struct call *call, struct text zone, struct instant from, struct instant to);
/* "October 2026", of "2026-10". */
struct text document_month(struct call *call, struct text period);
/* The digits are those of JSON. */
struct text document_amount(struct call *call, struct amount amount);
struct text document_quantity(struct call *call, struct quantity quantity);
struct text document_credits(struct call *call, struct credits credits);
/* "GST 10 %"; the rate is in millionths. Without a name, the rate alone. */
struct text document_tax(struct call *call, struct maybe_text name, int64_t rate);
/* Address and tax number, in lines; before them the name, where `with_name`. */
struct text document_party(struct call *call, const struct invoice_party *party, bool with_name);
/* The members of a JSON object in words, "used 5200; included 5000"; ids and what is null are left out. */
struct text document_facts(struct call *call, struct document json);

#endif
