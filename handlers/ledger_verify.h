/*
 * Proving the ledgers of all organizations, for whoever wants to know.
 */
#ifndef PURSER_LEDGER_VERIFY_H
#define PURSER_LEDGER_VERIFY_H

#include "call.h"

struct ledger_verified {
	int64_t organizations; /* looked at */
	int64_t entries;       /* proven */
	int64_t faults;        /* organizations with one */
};

/* Tells each fault; its text is good for that call only. */
const struct problem *ledger_verify_all(struct call *call, bool full, struct ledger_verified *out,
    void (*tell)(void *context, struct id organization, const char *fault), void *context);

#endif
