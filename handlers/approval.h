/*
 * A purchase of credits that waits for a person's decision: what callers see of it, and what its files share.
 */
#ifndef PURSER_APPROVAL_H
#define PURSER_APPROVAL_H

#include "call.h"

struct approval {
	struct id id;
	struct id organization_id;
	struct credits credits;
	struct amount amount;
	struct text currency;
	struct text status;
	struct id requested_by;
	struct instant requested_at;
	struct instant expires_at;
	struct maybe_id decided_by;
	struct maybe_instant decided_at;
	struct maybe_text reason;
	struct maybe_id topup_id;
	struct maybe_text last_error;
	struct maybe_id requested_by_person;
};

extern const struct shape approval_shape;

/* Operations of billing.approvals.* that have a file of their own. */
extern const struct operation approve_operation;
extern const struct operation reject_operation;

struct approval_ref {
	struct id approval_id;
};
static const struct field approval_ref_fields[] = {
	FIELD(approval_ref, approval_id, ANY, "The approval."),
};
SHAPE(approval_ref)

/* As it is at this moment: one whose time is over has expired, whether that was written down or not, unless its charge is
 * in flight. */
#define APPROVAL_STATUS "IF(status = 'pending' AND payment_id IS NULL AND expires_at <= :now, 'expired', status)"
#define SELECT_APPROVAL                                                                                                \
	"SELECT id, organization_id, credits, amount, currency, COALESCE(" APPROVAL_STATUS ", '') AS status,"          \
	" requested_by, requested_at, expires_at, IF(status = 'pending', NULL, decided_by) AS decided_by, decided_at," \
	" reason, payment_id AS topup_id, last_error, requested_by_person FROM approval"                               \
	" WHERE organization_id = :organization"

/* One of the call's organization; NOT_FOUND. */
const struct problem *approval_read(struct call *call, struct id approval_id, struct approval *out);

/* The events of it tell all of it. */
extern const struct event_type approval_requested, approval_decided, approval_expired;
const struct problem *approval_announce(
    struct call *call, const struct event_type *type, const struct approval *approval);

/* Nobody decides any more about what is pending in the call's organization, which is locked. A charge in flight stays. */
const struct problem *approvals_reject_pending(struct call *call, struct text reason);

#endif
