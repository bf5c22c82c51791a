/*
 * What of the ledger stands on account and no run has billed: the SQL that the steps of a monthly run share.
 */
#ifndef PURSER_RUN_OWED_H
#define PURSER_RUN_OWED_H

#define OWED_JOINS                                                                                             \
	" FROM journal_entry e JOIN journal_line l ON l.organization_id = e.organization_id AND l.sequence = " \
	"e.sequence"                                                                                           \
	" AND l.account = 'receivable' LEFT JOIN billed_entry b ON b.organization_id = e.organization_id"      \
	" AND b.sequence = e.sequence"
#define OWED_CONDITIONS                                                               \
	" WHERE e.organization_id = :organization AND e.sequence > :through_sequence" \
	" AND e.reason IN ('charge', 'refund', 'plan_fee', 'overage', 'commitment_shortfall') AND b.sequence IS NULL"
#define OWED_ENTRIES OWED_JOINS OWED_CONDITIONS

#endif
