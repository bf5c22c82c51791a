/*
 * Commitments: an organization promises to use so much in a term, and pays the rest when it did not. What a commitment is,
 * what counts towards it (for orders), and what falls due (for the monthly run).
 */
#ifndef PURSER_COMMITMENT_H
#define PURSER_COMMITMENT_H

#include "call.h"
#include "month.h"
#include "order.h"

/* ---- for orders ------------------------------------------------------------------------------------------------ */

/* Is it the organization's, and not cancelled? NOT_FOUND. */
const struct problem *commitment_check(struct call *call, struct id id);

/* The order is being settled with its `lines`: whichever count, count from now on. Locks the running commitments, after the
 * order's row and before the book; one look where there are none. call->now may be a later moment behind it. */
const struct problem *commitment_burn(struct call *call, const struct order *order);

/* The order is being refunded: what had counted counts no more, unless the term is over. Locks as above. */
const struct problem *commitment_unburn(struct call *call, struct id order_id);

/* ---- for the monthly run --------------------------------------------------------------------------------------- */

/* What a commitment falls short of at a milestone or its end: committed − consumed − billed_before. Never changes. In the prices
 * of the organization's credits, as all amounts of commitments: tax included where it pays before, without tax where it pays
 * afterwards. */
struct commitment_shortfall {
	struct id commitment_id;
	struct text name;
	struct text currency;
	struct text starts_on;
	struct text day; /* the last that counted */
	struct instant at; /* its end */
	bool is_end;
	struct amount promised;  /* until then, as it was agreed */
	struct amount committed; /* until then, what was carried in taken off */
	struct amount consumed;
	struct amount billed_before; /* at milestones before */
	struct amount due; /* above 0 */
	struct maybe_text run_period; /* of the run that billed it */
};

/* A list of them, in order of time: what fell due until the month's end and no run has billed, and what that month's run has
 * billed. Writes down what fell due meanwhile. In the run's transaction; locks
 * the organization's row, then commitments. */
const struct problem *commitment_due(struct call *call, const struct month *month, struct list *out);

/* The month's run bills it. */
const struct problem *commitment_settle(
    struct call *call, const struct commitment_shortfall *shortfall, const struct month *month);

/* ---- what it is ------------------------------------------------------------------------------------------------ */

struct milestone {
	struct text on;
	struct amount amount;
	struct instant at; /* the end of that day */
};
extern const struct shape milestone_shape;

struct take_or_pay {
	struct amount due;
	struct text due_on;
	struct text status;
};

struct next_milestone {
	struct text on;
	struct amount amount;
	struct amount remaining;
};

struct commitment_line_item {
	struct instant at;
	struct id order_id;
	struct text reference;
	int64_t line;
	bool is_refund;
	struct text sku, description;
	struct maybe_text service;
	struct credits credits;
	struct amount amount;
};
extern const struct shape commitment_line_item_shape;

struct commitment {
	struct id id;
	struct id organization_id;
	struct text name;
	struct text starts_on, ends_on;
	struct amount amount;
	struct text currency;
	struct list milestones;
	struct texts eligible_services; /* none: all */
	struct text true_up;
	int64_t rollover_percent;
	struct amount carried_in;
	struct text status;
	struct amount committed, consumed, remaining;
	struct decimal consumed_percent, elapsed_percent;
	struct text pace;
	struct maybe_amount projected_total, projected_shortfall;
	struct take_or_pay *take_or_pay;
	struct next_milestone *next_milestone;
	struct document line_items;
	struct instant created_at, updated_at;
	struct maybe_instant cancelled_at;
	struct instant starts_at, ends_at;
	struct maybe_text services;
	struct maybe_instant next_at, ended_at, used_at;
	struct maybe_amount rollover;
	struct maybe_id carried_to;
	struct maybe_text behind_told;
};
extern const struct shape commitment_shape;
extern const char *const commitment_true_ups[];

#define COMMITMENT_COLUMNS                                                                                             \
	"id, organization_id, name, starts_on, ends_on, amount, currency, true_up, rollover_percent, carried_in,"      \
	" consumed, created_at, updated_at, cancelled_at, starts_at, ends_at, services, next_at, ended_at, used_at,"   \
	" rollover, carried_to, behind_told"

struct commitment_ref {
	struct id commitment_id;
};
extern const struct shape commitment_ref_shape;

/* The call's organization's own, with its milestones, locked until the end of the transaction; NOT_FOUND. */
const struct problem *commitment_lock(struct call *call, struct id id, struct commitment *out);

/* Reads the milestones of a row. */
const struct problem *commitment_milestones(struct call *call, struct commitment *commitment);

/* Writes down those from that place on. */
const struct problem *commitment_add_milestones(struct call *call, const struct commitment *commitment, size_t from);

/* Fills in what a row does not have: milestones, services, and every figure as it is now. */
const struct problem *commitment_complete(struct call *call, struct commitment *commitment);

/* What is to be used in all, and how it will end if it goes on as it does: from its row alone. */
void commitment_project(struct commitment *commitment, struct instant now);

/* The text in the `services` column, and back. */
struct maybe_text commitment_services_join(struct call *call, struct texts services);
struct texts commitment_services_split(struct call *call, struct maybe_text joined);

/* ---- what falls due -------------------------------------------------------------------------------------------- */

/* Shortfalls until that moment, those that are written down and those that are not yet; also those of 0. */
const struct problem *commitment_shortfalls(
    struct call *call, const struct commitment *commitment, struct instant until, struct list *out);

/* Writes down what fell due until that moment, announces it, and where the term is over hands on the rollover. The commitment
 * and the organization's row are locked, and its row is as it is then. */
const struct problem *commitment_reach(struct call *call, struct commitment *commitment, struct instant until);

/* Of one that has ended: what rolls over counts for the next of its name, where there is one, and no longer for another. */
const struct problem *commitment_hand_on(struct call *call, const struct commitment *commitment);

/* How much of what it had carried in has made less of what fell due of it so far. */
const struct problem *commitment_carried_used(struct call *call, const struct commitment *commitment, struct amount *used);

/* When something may fall due next behind that moment, by its terms; absent: never again. */
struct maybe_instant commitment_next_point(const struct commitment *commitment, struct instant after);

/* Whether shortfalls are asked for at its milestones, too. */
bool commitment_is_by_milestones(const struct commitment *commitment);

/* ---- its terms ------------------------------------------------------------------------------------------------- */

/* A local day, "2026-11-22", of the years 2000 to 2199. */
extern const struct format day_format;

/* Milestones at the most, and services that can be named. */
enum { MILESTONES_MOST = 120, SERVICES_MOST = 50 };

/* The most that can be promised: ten thousand million of a currency. */
#define COMMITMENT_MOST (INT64_C(10000000000) * 1000000)

/* INVALID with every fault: what `terms` says in local days, amounts and services has to make sense, and what is not fixed
 * has to lie ahead. Milestones before `fixed` are left as they are. Fills in the moments. */
const struct problem *commitment_check_terms(
    struct call *call, struct text zone, struct commitment *terms, size_t fixed, struct maybe_instant starts_at);

/* Operations of organizations.commitments.* that have files of their own. */
extern const struct operation create_commitment_operation;
extern const struct operation amend_commitment_operation;
extern const struct operation cancel_commitment_operation;

#endif
