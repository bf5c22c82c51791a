/*
 * How a line of a monthly run is paid. What is available pays for all of it or for nothing; what is owed afterwards
 * stands on account at once. Neither goes past the hard limit: what would, is invoiced all the same, for it was used.
 */
#include <inttypes.h>

#include "cycle.h"
#include "funds.h"
#include "ledger.h"
#include "money.h"
#include "month_run.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

struct own_entry {
	struct text period;
	int64_t sequence;
};
static const struct field own_entry_fields[] = {
	FIELD(own_entry, period, ANY, "The run's month."),
	FIELD(own_entry, sequence, ANY, "The entry."),
};
SHAPE(own_entry)

static const struct statement mark_entry = {
	.sql = "INSERT INTO billed_entry (organization_id, sequence, period, by_run)"
	       " VALUES (:organization, :sequence, :period, TRUE)",
	.takes = &own_entry_shape,
};

/* The value without tax, which is the invoice's. */
static const struct problem *
money_of(struct call *call, const struct run *run, const struct run_taking *taking, struct maybe_text *out)
{
	struct amount value = taking->amount;

	if (!taking->only_money && !credits_value(taking->credits, run->credit_price, &value))
		return fail_internal(call, "a line's value overflows");
	*out = text_given(arena_format(call->arena,
	    "[{\"account\":\"receivable\",\"unit\":\"%s\",\"amount\":%" PRId64 "},"
	    "{\"account\":\"revenue\",\"unit\":\"%s\",\"amount\":%" PRId64 "}]",
	    run->currency.at, value.micros, run->currency.at, -value.micros));
	return NULL;
}

/* Exact, for the book is locked, and brought to the running cycle, before it is read. */
static const struct problem *
choose(struct call *call, const struct run_taking *taking, enum run_paid *paid)
{
	struct funds funds;
	bool is_within;
	const struct problem *p = cycle_tell_book(call);

	if (p == NULL)
		p = funds_read(call, &funds);
	if (p != NULL)
		return p;
	is_within = taking->credits.count <= LEDGER_MOST &&
		    (!funds.hard_limit.given || taking->only_money ||
			taking->credits.count <= funds.hard_limit.value.count - funds.spent.count);
	*paid = RUN_PAID_INVOICE;
	if (funds.post_pay && is_within)
		*paid = RUN_PAID_ACCOUNT;
	else if (!funds.post_pay && is_within && !taking->only_money && taking->credits.count <= funds.available.count)
		*paid = RUN_PAID_AVAILABLE;
	return NULL;
}

const struct problem *
run_take(struct call *call, const struct run *run, const struct run_taking *taking, enum run_paid *paid,
    struct maybe_int *sequence)
{
	struct posting posting = {
		.reason = taking->reason,
		.credits = taking->credits,
		.description = text_given(taking->description),
		.reference_type = text_given(text_from(taking->reference_type)),
		.reference_id = { taking->reference_id, true },
	};
	struct own_entry own = { .period = run->period };
	struct posted posted;
	const struct problem *p = choose(call, taking, paid);

	sequence->given = false;
	posting.on_account = *paid == RUN_PAID_ACCOUNT;
	if (p == NULL && posting.on_account)
		p = money_of(call, run, taking, &posting.money);
	if (p != NULL || *paid == RUN_PAID_INVOICE)
		return p;
	p = ledger_post(call, &posting, &posted);
	if (p != NULL)
		return p;
	*sequence = (struct maybe_int){ posted.sequence, true };
	own.sequence = posted.sequence;
	return sql_run(call, &mark_entry, &own, NULL);
}

const struct resource month_run_pay_resource = {
	.name = "month_run_pay",
	.summary = "How lines of monthly runs are paid.",
	.statements = LIST_OF(statement, &mark_entry),
};
