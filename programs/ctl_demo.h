/*
 * The demo data as tables: who there is, and what they do in which month. The text of an input has gaps:
 *
 *   $organization  the organization's id          $month     the month of the deed, "2026-03"
 *   $begin         the month's first day          $end5      the last day of the month that is five months later
 *   $after5        the 15th of that month         $expiry    thirty days later, as an instant
 *   $serial        a number of its own            $token     what the last invitation was answered with
 *   $1 … $9        what a deed of the organization has kept there
 *   $last          the month before the deed's, "2026-02"
 *   $run           the invoice of its last monthly run; the deed is left out where that made none
 *   ~500~          so much, more or less: as large as the organization is, and busier in some months than in others
 */
#ifndef PURSER_CTL_DEMO_H
#define PURSER_CTL_DEMO_H

#include "call.h"

enum { DEMO_KEPT = 10, DEMO_LIVES = 8, DEMO_PEOPLE = 5 };

/* Who does it: the organization's owner, the operator, or somebody of demo_people. */
enum demo_who { BY_OWNER, BY_OPERATOR, BY_PERSON };

struct demo_deed {
	int from, to; /* in which months, counted back from this one; the organization's first where it is younger */
	int day;      /* 1 … 28, in UTC; below 0: so many days ago, in no month */
	int hour;
	const char *operation;
	const char *input;
	enum demo_who who; /* BY_PERSON + 2: the third of demo_people */
	int keep;          /* keeps the id that it gives under this number; 0: nowhere */
	bool is_refused;   /* it has to be refused, as it would be in life */
	int before;        /* below 0: only in months before the one that lies so many days ago */
};

#define DEED(from_month, to_month, on, at, id, ...)                                                                    \
	{ .from = from_month, .to = to_month, .day = on, .hour = at, .operation = id, .input = __VA_ARGS__ }

/* Deeds that belong together; several organizations may do them. */
struct demo_life {
	size_t count;
	const struct demo_deed *deeds;
};

struct demo_organization {
	const char *make; /* the input of organizations.create */
	int owner;        /* of demo_people */
	int months;       /* since when it is a customer; below 0: so many days ago */
	int percent;      /* how large it is */
	const struct demo_life *lives[DEMO_LIVES]; /* ends with NULL */
};

struct demo_person {
	const char *email, *name;
};

/* The first is the owner of the first organization, which is the one that ./run tells of. */
extern const struct demo_person demo_people[DEMO_PEOPLE];
extern const struct demo_organization demo_organizations[];
extern const size_t demo_organizations_count;
/* Of the first, as little as tests need. */
extern const struct demo_organization demo_brief_organization;

/* ctl_demo_lives.c: what several do. */
extern const struct demo_life demo_usage, demo_orders, demo_runs, demo_purchases, demo_transfers;

/* What was made, as far as later deeds need it. */
struct demo_made {
	struct maybe_id id, invoice_id;
	struct maybe_text key, token, status, problem;
	struct maybe_int rejected_total;
};

/* ctl_demo.c: runs an operation at the moment that it is, for the organization where it is not zero, by the person, or by
 * the operator where that is zero. Tells what went wrong, where it may not. */
struct demo_act {
	const char *operation;
	struct text input;
	struct id person, organization;
	bool is_refused;
};
bool demo_perform(const struct demo_act *act, struct demo_made *made);

/* ctl_demo_year.c: what they live through. `people` are those of demo_people. Gives the first organization's id. */
bool demo_live(const struct demo_organization *organizations, size_t count, const struct id people[static DEMO_PEOPLE],
    struct id *organization);

/* ctl_demo_fill.c: the input with its gaps filled. Gives NULL, or the first gap that there is nothing for. */
struct demo_gaps {
	struct instant at;
	int months_ago;
	int percent;
	int64_t serial;
	struct id organization, run;
	const struct id *kept; /* DEMO_KEPT of them */
	const char *token;
};
const char *demo_fill(const char *form, const struct demo_gaps *gaps, struct buffer *out);

#endif
