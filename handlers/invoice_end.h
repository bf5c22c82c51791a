/*
 * What the operator's operations on issued invoices share.
 */
#ifndef PURSER_INVOICE_END_H
#define PURSER_INVOICE_END_H

#include "invoice.h"

/* The invoice, locked, and before it the organization's row and subscriptions, also of a closed one; NOT_FOUND. */
const struct problem *invoice_lock_to_end(struct call *call, struct id invoice_id, struct invoice *out);

#endif
