package Purser::Derived;

# What the ledger keeps beside its entries so that nobody has to look through them: the newest entry's time in the book, the late
# entries of each day, and what is receivable behind each entry. Here all of it is computed anew from entries and lines.

use v5.36;
use Exporter 'import';

our @EXPORT_OK = 'derived_checks';

# What is kept, and the same computed, of the organizations that `%s` leaves.
my %of = (
	'the newest entry' => ['SELECT organization_id, newest_at FROM book WHERE %s',
	    'SELECT b.organization_id, MAX(e.at) FROM book b LEFT JOIN journal_entry e USING (organization_id) WHERE %s GROUP BY 1'],
	'what came late' => ['SELECT organization_id, day, sequence FROM journal_late WHERE %s',
	    'SELECT organization_id, DATE(at), MAX(sequence) FROM (SELECT organization_id, sequence, at, MAX(at) OVER (PARTITION BY organization_id ORDER BY sequence ROWS UNBOUNDED PRECEDING) AS newest
		FROM journal_entry WHERE %s) e WHERE at < newest GROUP BY 1, 2'],
	'what is receivable' => ['SELECT organization_id, currency, sequence, amount FROM receivable_after WHERE %s',
	    "SELECT organization_id, unit, sequence, CAST(SUM(SUM(amount)) OVER (PARTITION BY organization_id, unit ORDER BY sequence) AS SIGNED)
		FROM journal_line WHERE account = 'receivable' AND %s GROUP BY 1, 2, 3"],
);

# Of the organization with this id in hexadecimal digits, or of all: for each fact a statement whose `wrong` is the number of rows
# that are kept or computed, and not both.
sub derived_checks ($organization = undef) {
	my $only = defined $organization ? "organization_id = UNHEX('$organization')" : 'TRUE';

	return map {
		my ($kept, $computed) = map { '(' . sprintf($_, $only) . ')' } $of{$_}->@*;
		[$_, "SELECT COUNT(*) AS wrong FROM (($kept EXCEPT $computed) UNION ALL ($computed EXCEPT $kept)) d"]
	} sort keys %of;
}

1;
