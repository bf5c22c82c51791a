/*
 * Lists of monthly runs: an organization's own, and everybody's for the operator, who sees there what has failed or
 * waits for a decision.
 */
#include "month_run.h"

#include "page.h"
#include "resources.h"
#include "statement.h"
#include "text.h"

static const char *const listed_statuses[] = { "running", "completed", "nothing_to_do", "failed", NULL };

/* ---- shapes and SQL -------------------------------------------------------------------------------------------- */

struct run_list {
	PAGE_MEMBERS;
	struct maybe_text period;
	struct maybe_text status;
};
static const struct field run_list_fields[] = {
	PAGE_FIELDS(run_list),
	FIELD(run_list, period, MATCHING(period_format, 7, 7), "Only those of this month, YYYY-MM."),
	FIELD(run_list, status, ONE_OF(listed_statuses), "Only those that have come so far."),
};
SHAPE(run_list)

struct all_runs {
	PAGE_MEMBERS;
	struct maybe_id organization_id;
	struct maybe_text period;
	struct maybe_text status;
};
static const struct field all_runs_fields[] = {
	PAGE_FIELDS(all_runs),
	FIELD(all_runs, organization_id, ANY, "Only those of this organization."),
	FIELD(all_runs, period, MATCHING(period_format, 7, 7), "Only those of this month, YYYY-MM."),
	FIELD(all_runs, status, ONE_OF(listed_statuses),
	    "Only those that have come so far; `failed` are also those that are parked."),
};
SHAPE(all_runs)

struct listed_run {
	struct text sort_key;
	struct id organization_id;
	struct text period;
	struct text status;
	int64_t step;
	struct maybe_text next_step;
	struct maybe_text problem;
	struct maybe_id invoice_id;
	struct maybe_text digest;
	struct text currency;
	int64_t lines, orders;
	struct credits credits;
	struct amount subtotal, tax, total;
	struct instant started_at;
	struct maybe_instant finished_at;
};
static const struct field listed_run_fields[] = {
	FIELD(listed_run, sort_key, HIDDEN, "Orders runs by month and organization; unique."),
	FIELD(listed_run, organization_id, ANY, "Whose month it is."),
	FIELD(listed_run, period, ANY, "The month."),
	FIELD(listed_run, status, ONE_OF(listed_statuses),
	    "How far it is; what is `failed` waits until somebody runs it again."),
	FIELD(listed_run, step, HIDDEN, "How many steps are done."),
	FIELD(listed_run, next_step, COMPUTED, "The step that it goes on with; null where it has ended."),
	FIELD(listed_run, problem, ANY, "Why it failed; null where it did not."),
	FIELD(listed_run, invoice_id, ANY, "The invoice; null where there is none."),
	FIELD(listed_run, digest, ANY, "SHA-256 over its lines; null before it has ended."),
	FIELD(listed_run, currency, ANY, "Of the amounts."),
	FIELD(listed_run, lines, ANY, "How many lines the month comes to."),
	FIELD(listed_run, orders, ANY, "How many orders are in them."),
	FIELD(listed_run, credits, ANY, "Credits that were taken from those available."),
	FIELD(listed_run, subtotal, ANY, "Of the invoice, without tax."),
	FIELD(listed_run, tax, ANY, "Of the invoice."),
	FIELD(listed_run, total, ANY, "Of the invoice, with tax."),
	FIELD(listed_run, started_at, ANY, "When it was begun."),
	FIELD(listed_run, finished_at, ANY, "When it ended, or failed."),
};
SHAPE(listed_run)

#define CURSOR "CAST(:cursor AS BINARY)"
#define SORT_KEY "CONCAT(r.period, HEX(r.organization_id))"
#define SELECT_RUN                                                                                                 \
	"SELECT COALESCE(" SORT_KEY ", '') AS sort_key, r.organization_id, r.period, r.status, r.step, r.problem," \
	" r.invoice_id, r.digest, r.currency, r.lines_count AS `lines`, r.orders_count AS orders, r.credits,"      \
	" r.subtotal, r.tax, r.total, r.started_at, r.finished_at FROM monthly_run r"                              \
	" WHERE r.period <= LEFT(" CURSOR ", 7) AND " SORT_KEY " < " CURSOR                                        \
	" AND (:period IS NULL OR r.period = :period)"                                                             \
	" AND (:status IS NULL OR r.status = :status)"
#define NEWEST_FIRST " ORDER BY r.period DESC, r.organization_id DESC LIMIT :limit"

static const struct statement list_own = {
	.sql = SELECT_RUN " AND r.organization_id = :organization" NEWEST_FIRST,
	.takes = &run_list_shape,
	.gives = &listed_run_shape,
};

static const struct statement list_all = {
	.sql = SELECT_RUN " AND (:organization_id IS NULL OR r.organization_id = :organization_id)" NEWEST_FIRST,
	.takes = &all_runs_shape,
	.gives = &listed_run_shape,
	.crosses_organizations = "the operator sees every run",
};

static const struct problem *
put_run(struct call *call, void *context, const void *row)
{
	struct listed_run listed = *(const struct listed_run *)row;
	const struct run run = { .step = listed.step };

	(void)call;
	if (text_is(listed.status, "running") || text_is(listed.status, "failed"))
		listed.next_step = text_given(run_step_name(&run));
	return sink_row(context, &listed);
}

/* ---- billing.runs.list ------------------------------------------------------------------------------------------- */

HANDLER_EACH(list_runs, run_list, listed_run)

static const struct operation list_operation = {
	.id = "billing.runs.list",
	.kind = READ,
	.scope = BILLING_READ,
	.effect = READS,
	.summary = "List the organization's monthly runs, the newest month first.",
	.page_key = "sort_key",
	.run = &list_runs_run,
};

static const struct problem *
list_runs(struct call *call, const struct run_list *in, struct sink *sink)
{
	return sql_each(call, &list_own, in, put_run, sink);
}

/* ---- admin.runs.list --------------------------------------------------------------------------------------------- */

HANDLER_EACH(list_all_runs, all_runs, listed_run)

static const struct operation list_all_operation = {
	.id = "admin.runs.list",
	.kind = READ,
	.scope = ADMIN_READ,
	.effect = READS,
	.summary = "List monthly runs of all organizations, the newest month first.",
	.description =
	    "A run that is parked is `failed`; its `problem` says what for. It goes on when the month is run "
	    "again, with `billing.run_monthly_for_org`, or `billing.run_monthly_cron` for all that failed.",
	.page_key = "sort_key",
	.raises = { NOT_FOUND },
	.run = &list_all_runs_run,
};

static const struct problem *
list_all_runs(struct call *call, const struct all_runs *in, struct sink *sink)
{
	return sql_each(call, &list_all, in, put_run, sink);
}

const struct resource month_run_list_resource = {
	.name = "billing.runs",
	.summary = "Monthly runs, listed.",
	.operations = LIST_OF(operation, &list_operation, &list_all_operation),
	.statements = LIST_OF(statement, &list_own, &list_all),
};
