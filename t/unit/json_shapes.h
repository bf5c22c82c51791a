/*
 * A shape with every kind of member, for the tests and the fuzzers of JSON.
 */
#ifndef PURSER_JSON_SHAPES_H
#define PURSER_JSON_SHAPES_H

#include <string.h>

#include "operation.h"
#include "text.h"

struct sample_line {
	struct text sku;
	int64_t quantity;
	struct maybe_text note;
};
static const struct field sample_line_fields[] = {
	FIELD(sample_line, sku, LENGTH(1, 5), "What."),
	FIELD(sample_line, quantity, RANGE_OR(1, 100, 7), "How many."),
	FIELD(sample_line, note, ANY, "Anything else."),
};
SHAPE(sample_line)

struct sample_place {
	struct maybe_text city;
	struct texts streets;
};
static const struct field sample_place_fields[] = {
	FIELD(sample_place, city, ANY, "The city."),
	FIELD(sample_place, streets, ANY, "Its streets."),
};
SHAPE(sample_place)

static const char *const sample_colours[] = { "red", "green", NULL };

static inline const char *
sample_is_even(struct text text)
{
	return text.length % 2 == 0 ? NULL : "This must have an even number of bytes.";
}
static const struct format sample_even = { "even", "^(..)*$", sample_is_even };

struct sample {
	struct text name;
	struct maybe_text colour;
	struct maybe_text even;
	int64_t number;
	struct maybe_int limit;
	struct maybe_bool flag;
	struct maybe_id id;
	struct maybe_instant at;
	struct maybe_credits credits;
	struct maybe_amount amount;
	struct maybe_decimal rate;
	struct maybe_currency currency;
	struct maybe_quantity quantity;
	struct digest digest;
	struct document extra;
	struct texts tags;
	struct list lines;
	struct sample_place *place;
	struct maybe_int secret;
	struct bytes raw;
};
static const struct field sample_fields[] = {
	FIELD(sample, name, LENGTH(1, 4), "Its name."),
	FIELD(sample, colour, ONE_OF(sample_colours), "Its colour."),
	FIELD(sample, even, MATCHING(sample_even, 0, 8), "A rule."),
	FIELD(sample, number, RANGE_OR(1, 1000, 50), "A number with a standard."),
	FIELD(sample, limit, AT_LEAST(0), "A number."),
	FIELD(sample, flag, ANY, "A flag."),
	FIELD(sample, id, ANY, "An id."),
	FIELD(sample, at, ANY, "A time."),
	FIELD(sample, credits, RANGE(1, 1000000), "Credits."),
	FIELD_AS(sample, amount, "theAmount", RANGE(0, 100000000), "An amount."),
	FIELD(sample, rate, ANY, "A decimal number."),
	FIELD(sample, currency, ANY, "Its currency."),
	FIELD(sample, quantity, RANGE(0, INT64_C(1000000000) * 1000000), "A quantity."),
	FIELD_MAY(sample, digest, ANY, "A digest."),
	FIELD(sample, extra, ANY, "Anything."),
	FIELD_MAY(sample, tags, ANY, "Some words."),
	FIELD_LIST(sample, lines, sample_line, .optional = true, "The lines."),
	FIELD_OBJECT(sample, place, sample_place, true, "The place."),
	FIELD(sample, secret, HIDDEN, "Not for JSON."),
	FIELD(sample, raw, ANY, "Not for JSON, either."),
};
SHAPE(sample)

#endif
