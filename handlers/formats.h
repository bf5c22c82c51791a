/*
 * Rules for texts that several resources share.
 */
#ifndef PURSER_FORMATS_H
#define PURSER_FORMATS_H

#include "operation.h"

extern const struct format email_format;
extern const struct format url_format;
extern const struct format country_format;
extern const struct format timezone_format;
extern const struct format abn_format;
extern const struct format plain_format; /* no control characters */

/* The currencies an organization may have: those with a price. */
extern const char *const organization_currencies[];

#endif
