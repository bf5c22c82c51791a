/*
 * Spending limits: announcing that one was reached, and the operator's word on them.
 */
#ifndef PURSER_SPENDING_LIMITS_H
#define PURSER_SPENDING_LIMITS_H

#include "call.h"

/* In the transaction that reached it: the event limit.soft or limit.hard, and a mail to those who look after billing.
 * `which` is "soft" or "hard". */
const struct problem *limit_reached(struct call *call, const char *which, struct credits spent, struct credits limit);

/* After the organization's enterprise billing was set, whose row the caller has locked: sets the hard limit where one is
 * given (0: none), keeps the soft limit under it, and tells the book how orders are paid. With enterprise billing the limit is
 * also the ceiling of what the organization may set itself, and has to be there: CONFLICT. */
const struct problem *limits_set_by_operator(struct call *call, struct maybe_decimal hard);

#endif
