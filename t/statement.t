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


# ---- what is beside the month ----------------------------------------------------------------------------------------------------

# Rows that the database has read for it, at the least of three times.
sub reads ($period) {
	my $total = sub { my $sum = 0; $sum += $_->[1] for db_run("SHOW GLOBAL STATUS LIKE 'Handler_read%'")->fetchall_arrayref->@*; return $sum };
	return (sort { $a <=> $b } map { my $before = $total->(); statement($period)->status == 200 or die; $total->() - $before } 1 .. 3)[0];
}
my ($entries, @read) = (2 * $most + 1, map { reads($_) } '2000-01', '2026-06');
note "rows read: @read";
cmp_ok($_, '<', $entries / 4, 'a month without entries is not searched in all the others') for @read;

# ---- orders with as many flagged lines as there may be ---------------------------------------------------------------------------

my $flags = 200;
my $commitment = new_ulid();
my $of = new_organization();
my $its = bytes_of($of->{id});
sub add_orders ($count, $first) {
	my $from = db_value('SELECT COALESCE(MAX(sequence), 0) FROM journal_entry WHERE organization_id = ?', $its);
	db_run("INSERT INTO journal_entry (organization_id, sequence, id, at, reason, reference_type, reference_id, actor_type, actor_id, available_change, reserved_change, available_after, reserved_after, debt_after, previous_hash, hash)
	    SELECT ?, ? + seq, UNHEX(MD5(CONCAT(?, seq, ?))), ? + INTERVAL seq SECOND, 'charge', 'order', UNHEX(MD5(CONCAT('order', ? + seq))), 'job', ?, 0, 0, 0, 0, 0, REPEAT('x', 32), REPEAT('x', 32) FROM seq_1_to_$count",
	    $its, $from, $of->{id}, $first, $first, $from, $its);
	db_run("INSERT INTO commitment_use (organization_id, order_id, line, is_refund, commitment_id, at, sequence, credits, amount)
	    SELECT ?, UNHEX(MD5(CONCAT('order', ? + o.seq))), l.seq - 1, FALSE, ?, ? + INTERVAL o.seq SECOND, ? + o.seq, 1000000, 10000000000 FROM seq_1_to_$count o JOIN seq_1_to_$flags l", $its, $from, bytes_of($commitment), $first, $from);
}
sub statement_of ($period, %more) { return call('organizations.commitments.statement', { organization_id => $of->{id}, period => $period }, key => $of->{key}, %more) }
add_orders(400, '2026-02-01');
add_orders(1000, '2026-03-01');
@workers = worker_pids();
my $whole = statement_of('2026-02');
is_success($whole, 'some hundred orders of 200 lines are one document');
note length($whole->body) . ' bytes';
is(scalar(map { $_->{commitment_lines}->@* } $whole->json->{activity}->@*), 400 * $flags, 'with each of their lines');
is_problem(statement_of('2026-03'), 406, 'not_acceptable', "a thousand are too large for that") for 1 .. 2;
like(statement_of('2026-03')->json->{detail}, qr{too much.*application/x-ndjson.*text/csv}, 'and it is said how to ask for them');
$lines = statement_of('2026-03', accept => 'application/x-ndjson');
is(scalar(map { decode_json($_)->{commitment_lines}->@* } split /\n/, $lines->body), 1000 * $flags, 'as NDJSON they all come');
is(scalar(() = statement_of('2026-03', accept => 'text/csv')->body =~ /^"?flag"?,/mg), 1000 * $flags, 'as CSV, too');
is_deeply([sort(worker_pids())], [sort @workers], 'and no worker has died of it');

db_run('DELETE FROM commitment_use WHERE organization_id = ?', $its);
for my $table (qw(journal_line journal_entry)) {
	db_run("DELETE FROM $table WHERE organization_id = ?", $_) for $id, $its;
}
done_testing;
