/*
 * Arithmetic on money and credits: exact, overflow told, no floating point. Amounts are millionths of their currency.
 */
#ifndef PURSER_MONEY_H
#define PURSER_MONEY_H

#include "value.h"

enum { AMOUNT_LENGTH = 24 };

bool amount_parse(struct text decimal, struct amount *amount); /* "12.34", at most 6 decimals; false: not one, or too large */
/* At least two decimals, more only where they are not zero. Writes at most AMOUNT_LENGTH characters and a NUL. */
void amount_format(struct amount amount, char out[static AMOUNT_LENGTH + 1]);
/* "3", or "2.5": no more decimals than it needs. Writes at most AMOUNT_LENGTH characters and a NUL. */
void quantity_format(struct quantity quantity, char out[static AMOUNT_LENGTH + 1]);
bool amount_add(struct amount a, struct amount b, struct amount *sum);       /* false: overflow */
bool credits_add(struct credits a, struct credits b, struct credits *sum);   /* false: overflow */
/* Rounded half-even to whole credits. False: overflow. */
bool credits_of_quantity(struct quantity quantity, struct credits each, struct credits *credits);
/* value × part / whole, rounded half-even to a multiple of `unit`; all of them at least 0, whole and unit above. False:
 * overflow. */
bool share_of(int64_t value, int64_t part, int64_t whole, int64_t unit, int64_t *share);
/* What credits are worth at a price for 1 credit. False: overflow. */
bool credits_value(struct credits credits, struct amount price, struct amount *value);
bool currency_parse(struct text text, struct currency *currency); /* three upper-case letters */

#endif
