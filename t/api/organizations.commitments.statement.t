#!/usr/bin/perl
# The statement of a month: what there was, what happened, what there is, and that it adds up; the same numbers in every form.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Statements;
use Purser::Test;

my ($true, $false) = (JSON::PP::true(), JSON::PP::false());
# ---- months behind each other --------------------------------------------------------------------------------------------------

my %zone = (east => 'Pacific/Kiritimati', utc => 'UTC', west => 'Etc/GMT+12');
my %hours = (east => 14, utc => 0, west => -12);
for my $where (sort keys %zone) {
	my $of = new_organization(timezone => $zone{$where});
	my $first = 1775001600 - 3600 * $hours{$where}; # 2026-04-01 there
	my $post = sub ($at, $reason, $credits, %more) {
		my $row = ledger_call('ledger_post(?, FROM_UNIXTIME(?), ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, NULL, NULL, NULL, \'2999-01-01\', NULL, ?, @outcome)', bytes_of($of->{id}), $at, bytes_of(new_ulid()),
		    $reason, $more{from}, $credits, $more{description}, 'topup', bytes_of($of->{id}), 'job', bytes_of($of->{id}), $more{money});
		$row->{outcome} eq 'ok' or die "$reason: $row->{outcome}\n";
	};
	$post->($first - 86400, 'grant', 1000);
	$post->(($first - 1) . '.999999', 'topup', 200, money => '[{"account":"processor_clearing","unit":"AUD","amount":2200000},{"account":"sold","unit":"AUD","amount":-2000000},{"account":"tax","unit":"AUD","amount":-200000}]');
	$post->($first, 'reservation', 300);
	$post->($first + 86400, 'charge', 250, from => 'reserved', description => '=1+1, "so called"');
	$post->($first + 86401, 'release', 50);
	$post->($first + 2 * 86400, 'plan_fee', 40, from => 'receivable', money => '[{"account":"receivable","unit":"AUD","amount":400000},{"account":"revenue","unit":"AUD","amount":-400000}]');
	$post->($first + 30 * 86400 - 1, 'clawback', 1000);
	$post->($first + 30 * 86400, 'grant', 100);

	my $march = statement($of, '2026-03')->json;
	is_deeply([map { $_->{kind} } $march->{activity}->@*], [qw(grant topup)], "$where: March ends with its last microsecond");
	is_deeply($march->{opening}, { available => 0, reserved => 0, debt => 0, receivable => '0.00' }, 'nothing was before');
	is_deeply([@{ $march->{activity}[1] }{qw(credits amount)}], [200, '2.20'], 'a purchase says what was paid');
	my $april = statement($of, '2026-04')->json;
	is_deeply($april->{opening}, $march->{closing}, 'April begins with what March has left');
	is_deeply([map { $_->{kind} } $april->{activity}->@*], [qw(reservation charge release plan_fee clawback)], 'and has what happened in it, in order');
	is_deeply($april->{closing}, { available => 0, reserved => 0, debt => 50, receivable => '0.40' }, 'what is owed stands there, too');
	is_deeply([map { $_->{amount} } $april->{activity}->@*], [undef, undef, undef, '0.40', undef], 'money is told where it moved');
	my $may = statement($of, '2026-05')->json;
	is_deeply($may->{opening}, $april->{closing}, 'May goes on from there');
	is_deeply([@{ $may->{activity}[0] }{qw(available_change debt_change)}], [50, -50], 'new credits have paid the debt first');
	is_deeply([map { statement_faults($_) } $march, $april, $may], [], 'each adds up');
	is_deeply(statement($of, '2026-02')->json->{activity}, [], 'a month before has nothing');
	is_deeply(statement($of, '2026-06')->json->{opening}, $may->{closing}, 'a month behind keeps what there is');

	next if $where ne 'utc';
	my $reply = statement($of, '2026-04', accept => 'application/x-ndjson');
	is($reply->media_type, 'application/x-ndjson', 'as NDJSON');
	is_deeply([map { decode_json($_) } split /\n/, $reply->body], $april->{activity}, 'the activity is the same, a row a line');
	$reply = statement($of, '2026-04', accept => 'text/csv');
	is($reply->media_type, 'text/csv', 'as CSV');
	like($reply->header('content-disposition'), qr/filename="statement-2026-04\.csv"/, 'it has a name');
	my @csv = csv_rows($reply->body);
	is_deeply([map { $_->{section} } @csv], [qw(statement credit_price opening), ('activity') x 5, 'closing', ('reconciliation') x 4, 'reconciled'], 'every section is in it');
	my $same = statement_of_csv($reply->body);
	$april->{activity}[1]{description} = q('=1+1, "so called");
	is_deeply($same, { map { $_ => $april->{$_} } keys %$same }, 'the same numbers are in it; what a spreadsheet would take for a formula is none');
	is_problem(statement($of, '2026-04', accept => 'image/png'), 406, 'not_acceptable', 'other forms there are not');

	# A ledger that was tampered with is seen.
	db_run("UPDATE journal_line SET amount = amount + 7 WHERE organization_id = ? AND account = 'available' AND amount = -300", bytes_of($of->{id}));
	my $broken = statement($of, '2026-04')->json->{reconciliation};
	is_deeply([$broken->{reconciled}, $broken->{difference}, map { $_->{difference} } $broken->{rows}->@*], [$false, '0.07', 7, 0, 0, '0.00'], 'a line that was changed is found, by account and amount');
	db_run("UPDATE journal_line SET amount = amount - 7 WHERE organization_id = ? AND account = 'available' AND amount = -293", bytes_of($of->{id}));
}

# ---- the running month, with commitments ------------------------------------------------------------------------------------------

my $organization = new_organization(credits => 100_000);
my $month = db_value("SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m')");
my $today = db_value('SELECT CAST(UTC_DATE AS CHAR)');
my $commitment = call('organizations.commitments.create', { organization_id => $organization->{id}, name => 'The year', starts_on => $today, ends_on => db_value('SELECT CAST(UTC_DATE + INTERVAL 1 YEAR AS CHAR)'),
    amount => '100.00' }, key => admin_key)->json;
my $order = order($organization, 'counted', [line(1000), line(500, commitment_eligible => $false), line(2000)])->json;
settle($organization, $order->{id}, [line(1000), line(500, commitment_eligible => $false), line(3000)])->status == 200 or die;
my $back = order($organization, 'refunded', [line(700)])->json;
settle($organization, $back->{id});
refund($organization, $back->{id})->status == 200 or die;
my $json = statement($organization, $month)->json;
is_deeply([statement_faults($json)], [], 'the running month adds up');
my @counted = grep { $_->{commitment_id} } $json->{activity}->@*;
is_deeply([map { "$_->{kind} " . join ' ', map { "$_->{line}:$_->{credits}:$_->{amount}" } $_->{commitment_lines}->@* } @counted], ['charge 0:1000:10.00 2:3000:30.00', 'charge 0:700:7.00', 'refund 0:-700:-7.00'],
    'lines that count towards a commitment are flagged, once, though two entries have charged the order');
is_deeply([keys %{{ map { $_->{commitment_id} => 1 } @counted }}], [$commitment->{id}], 'with the commitment');
is_deeply([map { "$_->{reference}{type} $_->{reference}{id}" } @counted], ["order $order->{id}", ("order $back->{id}") x 2], 'and the order');
is_deeply($json->{burn_down}, [{ commitment_id => $commitment->{id}, name => 'The year', committed => '100.00', opening => '0.00',
    days => [{ on => $today, committed => '100.00', consumed => '40.00', remaining => '60.00' }] }], 'it burned down by that');
is_deeply(statement($organization)->json->{activity}, [], 'without a period it is the last month that is over');
isnt(statement($organization)->json->{period}, $month, 'which is not this one');
is_deeply(statement_of_csv(statement($organization, $month, accept => 'text/csv')->body)->{burn_down}, $json->{burn_down}, 'the burn-down is in the CSV, too');

# ---- refusals -----------------------------------------------------------------------------------------------------------------------

my $stranger = new_organization();
is_problem(call('organizations.commitments.statement', { organization_id => $organization->{id} }, key => $stranger->{key}), 404, 'not_found', 'another organization has no statement of it');
is_problem(call('organizations.commitments.statement', {}, key => $organization->{key}), 422, 'invalid', 'the organization is named', errors => { '/organization_id' => 'missing' });
is_problem(statement($organization, $_), 422, 'invalid', "$_ is no month", errors => { '/period' => undef }) for '2026-13', '2026', '1999-12', '2026-1 ', '2101-01';
is_problem(statement($organization, '2100-01'), 422, 'invalid', 'nor is one that has not begun', errors => { '/period' => 'out_of_range' });
is_problem(call('organizations.commitments.statement', { organization_id => $organization->{id} }, key => new_key($organization, 'orders:read')->{key}), 403, 'forbidden', 'the scope is needed', members => { required_scope => 'billing:read' });
is_success(get('/v1/organizations/commitments/statement', query => { organization_id => $organization->{id}, period => $month }, key => $organization->{key}), 'by GET');
done_testing;
