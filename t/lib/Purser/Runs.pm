package Purser::Runs;

# Monthly runs in tests: months and the clock, the operations in short, and what has to hold of the rows behind.

use v5.36;
use Digest::SHA qw(sha256_hex);
use Exporter 'import';
use Purser::Orders;
use Purser::Subscriptions;
use Purser::Test;

our @EXPORT = qw(run_month preview_month preview_invoice run_lines invoice_of invoices_of receivable_of unbilled_of reconciles credits_left
    step_of steps_of entries_count leave_out_others);

# ---- operations ----

sub run_month ($organization, $period = undef, %options) {
	return call('billing.run_monthly_for_org', { organization_id => $organization->{id}, period => $period }, key => $organization->{key}, %options);
}

sub preview_month ($organization, $period = undef, %options) {
	return call('billing.run_monthly_preview', { organization_id => $organization->{id}, period => $period }, key => $organization->{key}, %options);
}

sub preview_invoice ($organization, $period = undef, %options) {
	return call('billing.invoices.preview', { period => $period }, key => $organization->{key}, %options);
}

# ---- what a run says ----

# Its step of that name.
sub step_of ($run, $name) { return (grep { $_->{name} eq $name } $run->{steps}->@*)[0] }

# "usage done, fees skipped, …"
sub steps_of ($run) { return join ', ', map { "$_->{name} $_->{status}" } $run->{steps}->@* }

# ---- rows ----

# "kind credits amount paid_from" of each line, in order.
sub run_lines ($organization, $period) {
	return [map { join ' ', map { $_ // '-' } @$_ } db_run('SELECT kind, credits, amount / 1000000, paid_from FROM monthly_run_line
	    WHERE organization_id = ? AND period = ? ORDER BY position', bytes_of($organization->{id}), $period)->fetchall_arrayref->@*];
}

# Invoices of runs, oldest first, as rows.
sub invoices_of ($organization) {
	return db_run("SELECT i.*, i.total - i.credited - i.written_off - i.paid AS due FROM invoice i WHERE organization_id = ? AND kind = 'run' ORDER BY serial",
	    bytes_of($organization->{id}))->fetchall_arrayref({})->@*;
}

sub invoice_of ($organization, $period) { return (grep { $_->{period} eq $period } invoices_of($organization))[0] }

sub entries_count ($organization) { return db_value('SELECT COUNT(*) FROM journal_entry WHERE organization_id = ?', bytes_of($organization->{id})) }

# The month of everybody else on this stack counts as run: the job has only these to do.
sub leave_out_others ($period, @organizations) {
	my $these = join ', ', 'REPEAT(CHAR(0), 16)', map { "X'" . unpack('H*', bytes_of($_->{id})->$*) . "'" } @organizations;
	db_run("INSERT IGNORE INTO monthly_run (organization_id, period, status, from_at, to_at, post_pay, currency, credit_price, digest, started_at, finished_at)
	    SELECT id, ?, 'nothing_to_do', '2027-01-01', '2027-01-01', FALSE, 'AUD', 10000, ?, '2027-01-01', '2027-01-01' FROM organization WHERE id NOT IN ($these)",
	    $period, sha256_hex(''));
}

# Micro-units on the account `receivable`.
sub receivable_of ($organization) {
	return 0 + db_value("SELECT COALESCE(SUM(amount), 0) FROM journal_line WHERE organization_id = ? AND account = 'receivable'", bytes_of($organization->{id}));
}

# What stands there and no run has billed.
sub unbilled_of ($organization) {
	return 0 + db_value("SELECT COALESCE(SUM(l.amount), 0) FROM journal_line l JOIN journal_entry e ON e.organization_id = l.organization_id AND e.sequence = l.sequence
	    LEFT JOIN billed_entry b ON b.organization_id = l.organization_id AND b.sequence = l.sequence
	    WHERE l.organization_id = ? AND l.account = 'receivable' AND e.reason IN ('charge', 'refund', 'plan_fee', 'overage', 'commitment_shortfall')
	    AND b.sequence IS NULL", bytes_of($organization->{id}));
}

sub credits_left ($organization) { return db_value('SELECT available FROM book WHERE organization_id = ?', bytes_of($organization->{id})) }

# The ledger is whole, and what is receivable is what the invoices still ask for and what no run has billed.
sub reconciles ($organization, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $invoiced = 0;
	$invoiced += $_->{due} for grep { $_->{status} ne 'draft' && $_->{status} ne 'void' } invoices_of($organization);
	my $verified = call('billing.credits.verify', {}, key => $organization->{key})->json;
	my $receivable = receivable_of($organization);
	return ok($verified->{consistent} && $receivable == $invoiced + unbilled_of($organization), $name)
	    || diag "receivable $receivable, invoices $invoiced, unbilled " . unbilled_of($organization) . ", ledger " . ($verified->{first_fault} // 'whole');
}

1;
