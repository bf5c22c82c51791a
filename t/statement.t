#!/usr/bin/perl
# Statements of months with very many entries: as one JSON document up to a number, row by row whatever there is, and none of them a
# danger to the worker that makes it.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Test;
use Time::HiRes qw(time);

my $organization = new_organization();
my $id = bytes_of($organization->{id});
my $most = 20_000;

sub statement ($period, %more) {
	return call('organizations.commitments.statement', { organization_id => $organization->{id}, period => $period }, key => $organization->{key}, %more);
}

# Grants of one credit each, one a second, as ledger_post would have left them but for the chain; taken away in the end.
sub add_entries ($count, $first) {
	my $from = db_value('SELECT COALESCE(MAX(sequence), 0) FROM journal_entry WHERE organization_id = ?', $id);
	db_run("INSERT INTO journal_entry (organization_id, sequence, id, at, reason, description, actor_type, actor_id, available_change, reserved_change, available_after, reserved_after, debt_after, previous_hash, hash)
	    SELECT ?, ? + seq, UNHEX(MD5(CONCAT(?, seq, ?))), ? + INTERVAL seq SECOND, 'grant', 'Für alle Fälle, \"mit Umlaut\"', 'job', ?, 1, 0, ? + seq, 0, 0, REPEAT('x', 32), REPEAT('x', 32) FROM seq_1_to_$count",
	    $id, $from, $organization->{id}, $first, $first, $id, $from);
	db_run("INSERT INTO journal_line (organization_id, sequence, line, account, unit, amount)
	    SELECT ?, ? + seq, l.line, l.account, 'CRD', l.amount FROM seq_1_to_$count JOIN (SELECT 1 AS line, 'available' AS account, 1 AS amount UNION ALL SELECT 2, 'promotions', -1) l", $id, $from);
}
add_entries($most, '2026-02-01');
add_entries($most + 1, '2026-03-01');
my @workers = worker_pids();

my $began = time;
my $february = statement('2026-02');
is_success($february, "$most entries are one document");
note sprintf 'JSON: %.2f s, %d bytes', time - $began, length $february->body;
my $json = $february->json;
is_deeply([scalar $json->{activity}->@*, $json->{entries}, $json->{closing}{available}, $json->{reconciliation}{reconciled}], [$most, $most, $most, JSON::PP::true()], 'with all of them, and it adds up');
my $refused = statement('2026-03');
is_problem($refused, 406, 'not_acceptable', 'one more is too large for that');
like($refused->json->{detail}, qr{20001 entries.*application/x-ndjson.*text/csv}, 'and it is said how to ask for it');
$began = time;
my $lines = statement('2026-03', accept => 'application/x-ndjson');
is_success($lines, 'as NDJSON it is answered', type => 'application/x-ndjson');
note sprintf 'NDJSON: %.2f s, %d bytes', time - $began, length $lines->body;
my @rows = map { decode_json($_) } split /\n/, $lines->body;
is(scalar @rows, $most + 1, 'whole');
is_deeply([map { $_->{sequence} } @rows[0, -1]], [$most + 1, 2 * $most + 1], 'in order');
$began = time;
my $csv = statement('2026-03', accept => 'text/csv');
is_success($csv, 'as CSV, too', type => 'text/csv');
note sprintf 'CSV: %.2f s, %d bytes', time - $began, length $csv->body;
is(scalar(() = $csv->body =~ /^"?activity"?,/mg), $most + 1, 'whole');
is(scalar(() = $csv->body =~ /^"?reconciliation"?,.*,0(?:\.00)?\r$/mg), 4, 'and it adds up');
is_deeply([sort(worker_pids())], [sort @workers], 'no worker has died of it');

for my $table (qw(journal_line journal_entry)) {
	db_run("DELETE FROM $table WHERE organization_id = ?", $id);
}
done_testing;
