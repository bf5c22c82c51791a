/*
 * The types that values have on every border: JSON in and out, SQL in and out, OpenAPI, command line. A shape
 * (operation.h) reads the kind of a member from these C types, so a unit or an id can never be taken for another.
 * A "maybe" type holds its value first and `given` behind it; a maybe_text is absent when `at` is NULL.
 */
#ifndef PURSER_VALUE_H
#define PURSER_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text { /* UTF-8, without NUL inside, NUL behind it; lives in the arena or for ever */
	const char *at;
	size_t length;
};

struct maybe_text {
	const char *at;
	size_t length;
};

struct maybe_int {
	int64_t value;
	bool given;
};

struct maybe_bool {
	bool value;
	bool given;
};

struct id { /* ULID, 128 bits, big-endian: byte order is time order */
	unsigned char bytes[16];
};

struct maybe_id {
	struct id value;
	bool given;
};

struct instant { /* microseconds since 1970-01-01T00:00:00Z */
	int64_t microseconds;
};

struct maybe_instant {
	struct instant value;
	bool given;
};

struct credits { /* whole credits */
	int64_t count;
};

struct maybe_credits {
	struct credits value;
	bool given;
};

struct amount { /* millionths of a currency that stands beside it; a decimal string in JSON */
	int64_t micros;
};

struct maybe_amount {
	struct amount value;
	bool given;
};

struct decimal { /* millionths, as a JSON number, read from its digits and never through a double */
	int64_t micros;
};

struct maybe_decimal {
	struct decimal value;
	bool given;
};

struct quantity { /* millionths of a unit; in JSON a whole number, or a decimal string */
	int64_t micros;
};

struct maybe_quantity {
	struct quantity value;
	bool given;
};

struct currency { /* ISO 4217, upper case */
	char code[4];
};

struct maybe_currency {
	struct currency value;
	bool given;
};

struct money { /* only money.c does arithmetic on it */
	struct amount amount;
	struct currency currency;
};

struct digest { /* SHA-256; 64 lower-case hexadecimal digits in JSON */
	unsigned char bytes[32];
};

struct bytes { /* stays between C and SQL; a shape that goes to JSON may not hold it */
	const unsigned char *at;
	size_t length;
};

struct document { /* a JSON text that no shape describes, as written by the caller; absent when `at` is NULL */
	const char *at;
	size_t length;
};

struct texts {
	struct text *items;
	size_t count;
};

struct list { /* `count` structs of the shape that the field row names */
	void *items;
	size_t count;
};

#define TEXT_OF(literal) { literal, sizeof(literal) - 1 } /* in an initializer */
#define TEXT(literal) ((struct text){ literal, sizeof(literal) - 1 })
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
