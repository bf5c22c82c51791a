/*
 * What an organization had at a moment, as the configured source said: its own ledger, or a provider of the operator's.
 */
#ifndef PURSER_BALANCE_SNAPSHOT_H
#define PURSER_BALANCE_SNAPSHOT_H

#include "outgoing.h"
#include "snapshot.h"

/* Room for the longest amount: 20 digits, a point, 20 decimals, a sign. */
enum { BALANCE_AMOUNT_LENGTH = 42 };

struct balance_reading {
	struct text amount; /* in the one form of such an amount */
	struct currency currency;
	struct text source; /* ledger, provider */
};

/* Keeps it, in a transaction of its own, while the turn is ours: a row is written only where amount or currency differ from the
 * last one. */
const struct problem *balance_snapshot_keep(
    struct call *call, const struct snapshot_turn *turn, const struct balance_reading *reading);

/* What a provider has answered: 200 with {"amount", "currency"} in JSON, the amount a number or its digits in a text. NULL, or
 * what is wrong with it: nothing of the answer itself, which may hold anything. */
const char *balance_snapshot_understand(
    struct call *call, const struct outgoing_reply *reply, struct balance_reading *reading);

/* The one form of an amount: every digit, without exponent, at least two decimals, no other zeros at either end. False: it is
 * none, or has more than 20 digits on a side of the point. */
bool balance_amount_normalize(struct text digits, bool with_exponent, char out[static BALANCE_AMOUNT_LENGTH + 1]);

#endif
