/*
 * What the jwt*.c files share, and nobody else needs.
 */
#ifndef PURSER_JWT_PARTS_H
#define PURSER_JWT_PARTS_H

#include <openssl/evp.h>

#include "arena.h"
#include "jwt.h"

/* ---- JSON that no shape describes (jwt_json.c) ------------------------------------------------------------------- */

enum { PARTS_MOST = 256 }; /* of one object or array */

enum part_type { PART_NULL, PART_BOOLEAN, PART_NUMBER, PART_STRING, PART_OBJECT, PART_ARRAY };

struct part {
	struct text name; /* of an object's member */
	enum part_type type;
	struct text text; /* a string's characters, a number's digits; an object or array as it is written */
};

struct parts {
	struct part *at;
	size_t count;
};

/* The members of one JSON object, by the wire's rules (json_is_object): UTF-8, no name twice. False: it is none. */
bool jwt_read_object(struct arena *arena, struct text json, struct parts *parts);

/* The members or items of an object or array that stands inside of one that was read; false: more than PARTS_MOST. */
bool jwt_read_parts(struct arena *arena, struct text json, struct parts *parts);

const struct part *jwt_member(const struct parts *parts, const char *name); /* NULL: there is none */
bool jwt_member_is(const struct parts *parts, const char *name, const char *string);
/* Does the array hold this string? *all_strings tells whether it holds nothing but strings. */
bool jwt_array_holds(struct arena *arena, const struct part *array, const char *string, bool *all_strings);

/* ---- keys (jwt_keys.c) ------------------------------------------------------------------------------------------- */

enum algorithm { NO_ALGORITHM, RS256, ES256, EDDSA };

struct jwt_key {
	struct maybe_text id;
	enum algorithm algorithm;
	EVP_PKEY *key;
};

enum algorithm jwt_algorithm(struct text name); /* NO_ALGORITHM: not one of ours; compared exactly */

/* The key that a token means: the one of that id, or, where it names none, the only one that fits the algorithm. NULL:
 * there is none, and *fault is a sentence for the caller. Valid until the keys are read anew. */
const struct jwt_key *jwt_find_key(struct maybe_text id, enum algorithm algorithm, const char **fault);

#endif
