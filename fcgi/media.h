/*
 * Media types: what a body is, and which reply the Accept header wants (RFC 9110, 12.5.1).
 */
#ifndef PURSER_MEDIA_H
#define PURSER_MEDIA_H

#include "call.h"

#define MEDIA_JSON "application/json"
#define MEDIA_NDJSON "application/x-ndjson"
#define MEDIA_PROBLEM "application/problem+json"
#define MEDIA_CSV "text/csv"
#define MEDIA_PDF "application/pdf"
#define MEDIA_FORM "application/x-www-form-urlencoded"

/* Is the Content-Type this media type, whatever its parameters (a charset must be UTF-8)? */
bool media_is(struct text content_type, const char *media);

/* The offered type (a list that ends with NULL) the Accept header likes best, the first among equals; NULL: none. */
const char *media_choose(struct text accept, const char *const *offered);

#endif
