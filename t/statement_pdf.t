#!/usr/bin/perl
# Statements as documents: the figures of the JSON of the same month, sums that are carried from page to page, and no month
# that a worker could die of.
use v5.36;
use utf8;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Commitments;
use Purser::Documents;
use Purser::Jobs;
use Purser::Orders;
use Purser::Statements;
use Purser::Test;
use Time::HiRes qw(time);

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output todo_output);

sub pdf_of ($organization, $period, %more) { return statement($organization, $period, accept => 'application/pdf', %more) }

# Balances, reconciliation and burn-down as the document has them, and as the JSON does.
sub tables_of ($text) {
	my %table;
	$table{balances}{lc $1} = [$2, $3] while $text =~ /^(Available|Reserved|Debt|Receivable)(?: by orders)? +\S+ +(-?[\d.]+) +(-?[\d.]+)$/mg;
	$table{reconciliation}{lc $1} = [$2, $3, $4, $5] while $text =~ /^(Available|Reserved|Debt|Receivable) +\S+ +(-?[\d.]+) +(-?[\d.]+) +(-?[\d.]+) +(-?[\d.]+)$/mg;
	@table{qw(reconciled difference)} = ($1, $2) if $text =~ /^(Reconciled|Not reconciled) +[A-Z]{3} +([\d.]+)$/m;
	return \%table;
}
sub tables_of_json ($json) {
	my @accounts = qw(available reserved debt receivable);
	my $sums = $json->{reconciliation};
	return { balances => { map { ($_ => [$json->{opening}{$_}, $json->{closing}{$_}]) } @accounts },
		reconciliation => { map { ($_->{account} => [$_->@{qw(opening activity closing difference)}]) } $sums->{rows}->@* },
		reconciled => $sums->{reconciled} ? 'Reconciled' : 'Not reconciled', difference => $sums->{difference} };
}

# ---- a month that is over ----

my $name = 'Zoë & “Größe” Κωνσταντινούπολη 株式会社';
my $organization = new_organization(name => $name, timezone => 'Australia/Sydney');
post_entry($organization, '2026-03-20T00:00:00Z', 'grant', 1000);
post_entry($organization, '2026-04-02T23:30:00Z', 'topup', 200, description => 'Purchase', money => [{ account => 'processor_clearing', unit => 'AUD', amount => 2200000 }, { account => 'sold', unit => 'AUD', amount => -2200000 }]);
post_entry($organization, '2026-04-03T10:00:00Z', 'plan_fee', 40, from => 'receivable', description => 'Ein sehr langer Name ' x 12, money => [{ account => 'receivable', unit => 'AUD', amount => 400000 }, { account => 'revenue', unit => 'AUD', amount => -400000 }]);
my ($month, $next) = (statement($organization, '2026-04')->json, statement($organization, '2026-05')->json);
my $reply = pdf_of($organization, '2026-04');
is_success($reply, 'a statement is a document', type => 'application/pdf');
is($reply->header('content-disposition'), 'attachment; filename="statement-2026-04.pdf"', 'with a name for its file');
is(pdf_of($organization, '2026-04')->body, $reply->body, 'and the same bytes each time');
my $text = text_of($reply->body);
is_deeply(tables_of($text), tables_of_json($month), 'balances and reconciliation are those of the JSON');
for my $words ($name, $organization->{id}, '1 April 2026 to 30 April 2026', 'Australia/Sydney', 'Page 1 of 1', '3 Apr 2026 10:30', 'Received 2.20 AUD', 'Plan fee', 'Ein sehr langer Name') {
	ok(index($text, $words) >= 0, "`$words` stands there");
}
like($text, qr/^ *Booked +Entry +Available +Receivable$/m, 'accounts that nothing happened to have no column');
like($text, qr/Activity of the month +200 +0\.40$/m, 'the sum of the activity stands below it');
unlike($text, qr/Up to/, 'a month that is over has no other end');
is_deeply(tables_of(text_of(pdf_of($organization, '2026-05')->body)), tables_of_json($next), 'a month with nothing in it is a document as well');

db_run("UPDATE journal_line SET amount = amount + 7 WHERE organization_id = ? AND account = 'available' AND amount = 200", bytes_of($organization->{id}));
$text = text_of(pdf_of($organization, '2026-04')->body);
is_deeply(tables_of($text), tables_of_json(statement($organization, '2026-04')->json), 'a ledger that was tampered with is told so');
like($text, qr/^Not reconciled +AUD +0\.07$/m, 'in so many words');
db_run("UPDATE journal_line SET amount = amount - 7 WHERE organization_id = ? AND account = 'available' AND amount = 207", bytes_of($organization->{id}));

# ---- pages ----

my $long = new_organization();
post_entry($long, sprintf('2026-04-%02dT%02d:00:00Z', 1 + $_ / 5, $_ % 5), $_ % 3 ? 'grant' : 'clawback', $_ % 3 ? 10 + $_ : 1) for 1 .. 120;
my @pages = pages_of(pdf_of($long, '2026-04')->body);
my $json = statement($long, '2026-04')->json;
cmp_ok(scalar @pages, '>', 2, '120 entries need pages');
my ($seen, $sum) = (0, 0);
for my $number (1 .. @pages) {
	my $page = $pages[ $number - 1 ];
	like($page, qr/Page $number of ${\ scalar @pages}\s*\z/, "page $number says which it is");
	is(($page =~ /Brought forward +(-?\d+)/)[0], $sum, "page $number begins with what came before") if $number > 1 && $seen < 120;
	for ($page =~ /^\d+ Apr 2026 \d\d:\d\d +\w+ +(-?\d+)$/mg) {
		is($_, $json->{activity}[$seen]{available_change}, "entry $seen differs") if $_ != $json->{activity}[$seen]{available_change};
		$sum += $json->{activity}[ $seen++ ]{available_change};
	}
	is(($page =~ /Carried forward +(-?\d+)/)[0], $sum, "page $number carries it on") if $seen < 120;
}
is($seen, 120, 'all entries are there, in order');

# ---- commitments, in the month that is not over ----

my $committed = new_organization(name => 'Commitments', credits => 100_000);
my $compute = commit_ok($committed, name => 'Rechenzeit für alle');
settled_order($committed, [line(1000), line(500, commitment_eligible => JSON::PP::false()), line(2000)]);
my $back = settled_order($committed, [line(700)]);
refund($committed, $back)->status == 200 or die;
$month = db_value("SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m')");
$json = statement($committed, $month)->json;
$text = text_of(pdf_of($committed, $month)->body);
is_deeply(tables_of($text), tables_of_json($json), 'balances and reconciliation are those of the JSON');
like($text, qr/Up to +\d+ \w+ \d+ \d\d:\d\d/, 'it says until when it goes');
like($text, qr/Line 1: 1000 credits, 10\.00 AUD, count towards Rechenzeit für alle\n +Line 3: 2000 credits, 20\.00 AUD, count/, 'lines that count are named below their entry');
like($text, qr/Line 1: -700 credits, -7\.00 AUD, count towards/, 'and those of a refund');
unlike($text, qr/Line 2:/, 'others are not');
my $day = $json->{burn_down}[0]{days}[-1];
my ($of_month) = $day->{on} =~ /-0?(\d+)$/;
like($text, qr/Commitment: Rechenzeit für alle\n/, 'the commitment has its part');
like($text, qr/^$of_month \w+ 20\d\d +\Q$day->{committed}\E +\Q$day->{consumed}\E +\Q$day->{remaining}\E$/m, 'with what is used and left, as in the JSON');
like($text, qr/Committed +Remaining/, 'and a chart');

# ---- who may ----

my $other = new_organization();
is_problem(call('organizations.commitments.statement', { organization_id => $committed->{id} }, key => $other->{key}, accept => 'application/pdf'), 404, 'not_found', 'of another organization there is none');
is_problem(call('organizations.commitments.statement', { organization_id => $committed->{id} }, key => new_key($committed, 'orders:read')->{key}, accept => 'application/pdf'), 403, 'forbidden', 'the scope is needed');

# ---- as long as it gets ----

my $many = new_organization();

# As ledger_post would have left them, but for the chain; taken away in the end.
sub add_entries ($organization, $first, $count, $sequence, $description) {
	my @id = bytes_of($organization->{id});
	db_run("INSERT INTO journal_entry (organization_id, sequence, id, at, reason, description, reference_type, reference_id, actor_type, actor_id, available_change, reserved_change, available_after, reserved_after, debt_after, previous_hash, hash)
	    SELECT ?, ? + seq, UNHEX(MD5(CONCAT(HEX(?), seq, ?))), ? + INTERVAL seq SECOND, 'charge', ?, 'order', UNHEX(MD5(seq)), 'job', ?, 1, 0, ? + seq, 0, 0, REPEAT('x', 32), REPEAT('x', 32) FROM seq_1_to_$count",
	    $id[0], $sequence, $id[0], $first, $first, $description, $id[0], $sequence);
	db_run("INSERT INTO journal_line (organization_id, sequence, line, account, unit, amount)
	    SELECT ?, ? + seq, l.line, l.account, 'CRD', l.amount FROM seq_1_to_$count JOIN (SELECT 1 AS line, 'available' AS account, 1 AS amount UNION ALL SELECT 2, 'promotions', -1) l", $id[0], $sequence);
}
my @workers = worker_pids();
add_entries($many, '2026-02-01', 20_000, 0, 'Für alle Fälle');
my $began = time;
$reply = pdf_of($many, '2026-02');
is_success($reply, '20,000 entries are a document', type => 'application/pdf');
note sprintf '%.2f s, %d bytes, a worker had %d kB at most', time - $began, length $reply->body, worker_memory('VmHWM', 'status');
is_deeply(tables_of((last_page_of($reply->body))[1])->{reconciliation}, tables_of_json(statement($many, '2026-02')->json)->{reconciliation}, 'that adds up');
add_entries($many, '2026-03-01', 20_001, 20_000, 'One more');
$reply = pdf_of($many, '2026-03');
is_problem($reply, 406, 'not_acceptable', 'one more is refused');
like($reply->json->{detail}, qr{20001 entries.*text/csv}, 'and it is said how to ask for it');

# Orders of 200 lines each that count, with a long name.
my $flagged = new_organization();
my $commitment = commit_ok($flagged, name => 'Ein Name ' x 8 . 'und Schluss');
add_entries($flagged, '2026-01-02', 1500, 0, 'Ein Auftrag');
db_run("INSERT INTO commitment_use (organization_id, commitment_id, order_id, line, is_refund, at, sequence, credits, amount)
    SELECT ?, ?, UNHEX(MD5(o.seq)), l.seq, FALSE, '2026-01-02', o.seq, 1, 10000 FROM seq_1_to_1500 o JOIN seq_0_to_199 l", bytes_of($flagged->{id}), bytes_of($commitment->{id}));
$began = time;
$reply = pdf_of($flagged, '2026-01');
note sprintf '300,000 flagged lines: %d in %.2f s, a worker had %d kB at most', $reply->status, time - $began, worker_memory('VmHWM', 'status');
is_problem($reply, 406, 'not_acceptable', 'a document that has no end is refused');
like($reply->json->{detail}, qr/too long for a PDF: ask for text\/csv/, 'in time, with what to ask for');
is_deeply([sort(worker_pids())], [sort @workers], 'no worker has died of it');
for my $made ($many, $flagged) {
	db_run("DELETE FROM $_ WHERE organization_id = ?", bytes_of($made->{id})) for qw(commitment_use journal_line journal_entry);
}
done_testing;
