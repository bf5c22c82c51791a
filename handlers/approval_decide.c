/*
 * Deciding on a purchase: by a person, who approves it and so charges the card, or rejects it; and what the charge's
 * outcome makes of it. The organization's row is taken first, so that of two people at once one decides.
 */
#include "approval.h"

#include "clock.h"
#include "formats.h"
#include "id.h"
#include "organization.h"
#include "payment.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

#define DECIDERS (ROLE_BIT(ROLE_OWNER) | ROLE_BIT(ROLE_ADMIN) | ROLE_BIT(ROLE_BILLING))

/* ---- shapes ---------------------------------------------------------------------------------------------------- */

struct reject_approval {
	struct id approval_id;
	struct maybe_text reason;
};
static const struct field reject_approval_fields[] = {
	FIELD(reject_approval, approval_id, ANY, "The approval."),
	FIELD(reject_approval, reason, MATCHING(plain_format, 1, 500), "Why, for those who asked."),
};
SHAPE(reject_approval)

/* An approval and the payment that it is about. */
struct approval_payment {
	struct id approval_id;
	struct id payment_id;
	struct maybe_text last_error;
};
static const struct field approval_payment_fields[] = {
	FIELD(approval_payment, approval_id, ANY, "The approval."),
	FIELD(approval_payment, payment_id, ANY, "The payment."),
	FIELD(approval_payment, last_error, ANY, "Why it failed."),
};
SHAPE(approval_payment)

/* ---- SQL ------------------------------------------------------------------------------------------------------- */

static const struct statement lock_approval = {
	.sql = SELECT_APPROVAL " AND id = :approval_id FOR UPDATE",
	.takes = &approval_ref_shape,
	.gives = &approval_shape,
};

/* Who approved it is shown once the charge has succeeded. */
static const struct statement begin_charge = {
	.sql = "UPDATE approval SET payment_id = :payment_id, decided_by = :principal, last_error = NULL"
	       " WHERE organization_id = :organization AND id = :approval_id",
	.takes = &approval_payment_shape,
};

static const struct statement mark_rejected = {
	.sql = "UPDATE approval SET status = 'rejected', decided_by = :principal, decided_at = :now, reason = :reason"
	       " WHERE organization_id = :organization AND id = :approval_id",
	.takes = &reject_approval_shape,
};

static const struct statement lock_undecided = {
	.sql = "SELECT id AS approval_id FROM approval WHERE organization_id = :organization AND status = 'pending'"
	       " AND payment_id IS NULL AND expires_at > :now ORDER BY id LIMIT 100 FOR UPDATE",
	.gives = &approval_ref_shape,
};

static const struct statement mark_paid = {
	.sql = "UPDATE approval SET status = 'approved', decided_at = :now, payment_id = :payment_id, last_error = NULL"
	       " WHERE organization_id = :organization AND id = :approval_id AND status = 'pending'",
	.takes = &approval_payment_shape,
};

static const struct statement mark_declined = {
	.sql = "UPDATE approval SET payment_id = NULL, last_error = :last_error"
	       " WHERE organization_id = :organization AND id = :approval_id AND payment_id = :payment_id"
	       " AND status = 'pending'",
	.takes = &approval_payment_shape,
};

/* ---- what both decisions ask ------------------------------------------------------------------------------------ */

/* Is the caller the one who asked, in person or by a key? */
static bool
has_asked(const struct call *call, const struct approval *approval)
{
	return approval->requested_by_person.given && call->principal.person.given &&
	       id_equal(approval->requested_by_person.value, call->principal.person.value);
}

static const struct problem *
in_flight(struct call *call, const struct approval *approval)
{
	char ulid[ID_CHARACTERS + 1];

	id_format(approval->topup_id.value, ulid);
	return problem_with_text(call,
	    fail(call, CONFLICT, "Somebody has approved this purchase, and its charge is not over yet."), "topup_id",
	    arena_format(call->arena, "%s", ulid).at);
}

/* The approval, locked and still to be decided by the caller. */
static const struct problem *
begin_decision(struct call *call, struct id approval_id, struct approval *out)
{
	struct approval_ref ref = { approval_id };
	struct organization organization;
	char expiry[RFC3339_LENGTH + 1];
	const struct problem *p = organization_lock(call, &organization);
	bool found = false;

	if (p == NULL)
		p = sql_maybe(call, &lock_approval, &ref, out, &found);
	if (p != NULL)
		return p;
	if (!found)
		return fail(call, NOT_FOUND, "There is no such approval.");
	if (text_is(out->status, "expired")) {
		instant_format(out->expires_at, expiry);
		return fail(call, APPROVAL_EXPIRED, "This could be decided until %s.", expiry);
	}
	if (!text_is(out->status, "pending"))
		return fail(call, CONFLICT, "This purchase was %s before.", out->status.at);
	if (out->topup_id.given)
		return in_flight(call, out);
	if (organization.require_second_person && has_asked(call, out))
		return fail(call, FORBIDDEN,
		    "The organization asks for a second person: somebody else than the one who asked"
		    " for this purchase has to decide it.");
	return NULL;
}

/* ---- billing.approvals.approve ---------------------------------------------------------------------------------- */

HANDLER_TWO_STEP(approve_purchase, approval_ref, approval)

const struct operation approve_operation = {
	.id = "billing.approvals.approve",
	.kind = TWO_STEP,
	.scope = BILLING_WRITE,
	.effect = SPENDS,
	.bucket = BUCKET_CHARGE,
	.human = true,
	.roles = DECIDERS,
	.slow = true,
	.summary = "Approve a purchase of credits, and charge the default card for it.",
	.description =
	    "`approved` is answered after the credits were booked. A charge that is not over yet answers the"
	    " approval still `pending`, with its `topup_id`. After a decline the approval waits on, for another"
	    " card. Where the organization asks for a second person, it can't be the one who asked.",
	.raises = { NOT_FOUND, FORBIDDEN, CONFLICT, APPROVAL_EXPIRED, CARD_REQUIRED, CARD_DECLINED, TOPUP_IN_PROGRESS },
	.run = &approve_purchase_run,
};

struct approving {
	struct payment payment;
	struct charge outcome;
};

/* What is charged is what was shown to who approves. */
static const struct problem *
check_price(struct call *call, const struct approval *approval)
{
	struct price price;
	const struct problem *p = payment_price(call, approval->credits, &price);

	if (p == NULL &&
	    (price.amount.micros != approval->amount.micros || !text_equal(price.currency, approval->currency)))
		p = fail(call, CONFLICT, "The price has changed since this purchase was asked for; ask for it anew.");
	return p;
}

static const struct problem *
approve_purchase_intend(struct call *call, const struct approval_ref *in)
{
	struct approving *approving = arena_take(call->arena, sizeof(*approving));
	struct approval_payment begun = { .approval_id = in->approval_id };
	struct payment_order order = { .purpose = PAYMENT_APPROVAL, .approval_id = id_given(in->approval_id) };
	struct approval approval;
	const struct problem *p = begin_decision(call, in->approval_id, &approval);

	if (p == NULL)
		p = check_price(call, &approval);
	if (p != NULL)
		return p;
	order.credits = approval.credits;
	p = payment_intend(call, &order, &approving->payment);
	if (p != NULL)
		return p;
	call->intent = approving;
	call->target = id_given(in->approval_id);
	begun.payment_id = approving->payment.id;
	return sql_run(call, &begin_charge, &begun, NULL);
}

static const struct problem *
approve_purchase_perform(struct call *call, const struct approval_ref *in)
{
	struct approving *approving = call->intent;

	(void)in;
	return payment_perform(call, &approving->payment, &approving->outcome);
}

static const struct problem *
approve_purchase_book(struct call *call, const struct approval_ref *in, struct approval *out)
{
	struct approving *approving = call->intent;
	const struct problem *p = payment_book(call, &approving->payment, &approving->outcome, &approving->payment);

	if (p == NULL)
		p = payment_refusal(call, &approving->payment);
	return p != NULL ? p : approval_read(call, in->approval_id, out);
}

/* ---- billing.approvals.reject ----------------------------------------------------------------------------------- */

HANDLER(reject_approval, reject_approval, approval)

const struct operation reject_operation = {
	.id = "billing.approvals.reject",
	.kind = WRITE,
	.scope = BILLING_WRITE,
	.effect = COMPUTES,
	.human = true,
	.roles = DECIDERS,
	.summary = "Turn a purchase of credits down.",
	.raises = { NOT_FOUND, FORBIDDEN, CONFLICT, APPROVAL_EXPIRED },
	.run = &reject_approval_run,
};

static const struct problem *
mark_and_tell(struct call *call, const struct reject_approval *in, struct approval *out)
{
	const struct problem *p = sql_run(call, &mark_rejected, in, NULL);

	if (p == NULL)
		p = approval_read(call, in->approval_id, out);
	return p != NULL ? p : approval_announce(call, &approval_decided, out);
}

static const struct problem *
reject_approval(struct call *call, const struct reject_approval *in, struct approval *out)
{
	const struct problem *p = begin_decision(call, in->approval_id, out);

	return p != NULL ? p : mark_and_tell(call, in, out);
}

const struct problem *
approvals_reject_pending(struct call *call, struct text reason)
{
	const struct approval_ref *ref;
	struct approval approval;
	const struct problem *p;
	struct list undecided;

	do {
		p = sql_all(call, &lock_undecided, NULL, &undecided);
		ref = undecided.items;
		for (size_t i = 0; p == NULL && i < undecided.count; i++)
			p = mark_and_tell(
			    call, &(struct reject_approval){ ref[i].approval_id, text_given(reason) }, &approval);
	} while (p == NULL && undecided.count > 0);
	return p;
}

/* ---- the charge's outcome --------------------------------------------------------------------------------------- */

static struct approval_payment
payment_of(const struct payment *payment)
{
	return (struct approval_payment){ payment->approval_id.value, payment->id, payment->last_error };
}

/* Money that arrives late, for a charge that had failed, approves what nobody has decided since. */
const struct problem *
approval_paid(struct call *call, const struct payment *payment)
{
	struct approval_payment paid = payment_of(payment);
	struct approval approval;
	int64_t affected;
	const struct problem *p = sql_run(call, &mark_paid, &paid, &affected);

	if (p != NULL || affected == 0)
		return p;
	p = approval_read(call, paid.approval_id, &approval);
	return p != NULL ? p : approval_announce(call, &approval_decided, &approval);
}

const struct problem *
approval_declined(struct call *call, const struct payment *payment)
{
	struct approval_payment declined = payment_of(payment);

	return sql_run(call, &mark_declined, &declined, NULL);
}

const struct problem *
approval_answer(struct call *call, const struct payment *payment)
{
	struct approval approval;
	const struct problem *p = approval_read(call, payment->approval_id.value, &approval);

	return p != NULL ? p : claim_answer(call, &payment->claim, &approval);
}

const struct resource approval_decide_resource = {
	.name = "approval_decide",
	.summary = "What people, and charges, make of approvals.",
	.statements = LIST_OF(
	    statement, &lock_approval, &lock_undecided, &begin_charge, &mark_rejected, &mark_paid, &mark_declined),
};
