#!/usr/bin/perl
# Every figure of a statement can be computed again from the reply alone, in each of its forms: months with a change of the clock, of
# organizations that pay before and afterwards, with all that can happen in one. A month that is over stays as it is.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Cards;
use Purser::Commitments;
use Purser::Jobs;
use Purser::Orders;
use Purser::Statements;
use Purser::Subscriptions;
use Purser::Test;

keep_away($_) for qw(billing.run billing.charge subscriptions.roll orders.expire commitments.reach commitments.watch credits.expire_lots);
my ($true, $false) = (JSON::PP::true(), JSON::PP::false());

# The same in every form, and every figure of each.
sub is_computable ($organization, $period, $name) {
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $json = statement($organization, $period)->json;
	my $csv = statement_of_csv(statement($organization, $period, accept => 'text/csv')->body);
	my $lines = statement_of_lines(statement($organization, $period, accept => 'application/x-ndjson')->body);
	is_deeply([statement_faults($json)], [], "$name: every figure of the JSON follows from the others");
	is_deeply([statement_faults($csv)], [], "$name: and of the CSV");
	is_deeply([statement_faults($lines)], [], "$name: and of the NDJSON");
	delete $_->{as_of} for grep { $period eq '2027-05' } $csv, $json; # now
	is_deeply($csv, { map { $_ => $json->{$_} } keys %$csv }, "$name: the CSV says what the JSON says");
	is_deeply($lines->{activity}, $json->{activity}, "$name: the NDJSON, too");
	ok($json->{reconciliation}{reconciled}, "$name: it reconciles");
	return $json;
}

sub money ($unit, %lines) { return [map { { account => $_, unit => $unit, amount => $lines{$_} } } sort keys %lines] }
sub used_on ($json, $name) { return { map { my $of = $_; map { ($_->{on} => $_->{consumed}) } $of->{days}->@* } grep { $_->{name} eq $name } $json->{burn_down}->@* } }

# ---- who ---------------------------------------------------------------------------------------------------------------------------

at_time('2027-02-20T00:00:00Z');
my $prepaid = new_organization(timezone => 'Australia/Sydney', country => 'AU', credits => 20_000);
attach($prepaid);
my $account = new_post_pay(1_000_000, timezone => 'America/New_York', country => 'AU');
my (%gpu, %disk);
for my $of ($prepaid, $account) {
	$gpu{$of->{id}} = commit_ok($of, name => 'GPUs', starts_on => '2027-03-01', ends_on => '2027-12-31', amount => '100.00', eligible_services => ['gpu']);
	$disk{$of->{id}} = commit_ok($of, name => 'Disks', starts_on => '2027-03-01', ends_on => '2027-12-31', amount => '50.00', eligible_services => ['disk']);
}
sub both { return [line(300, service => 'gpu'), line(70), line(200, service => 'disk'), line(90, service => 'gpu', commitment_eligible => $false)] }

# ---- March in New York: the 14th has 23 hours -------------------------------------------------------------------------------------

at_time('2027-03-01T04:59:00Z');
settled_order($account, [line(10)]);
at_time('2027-03-01T05:00:30Z');
settled_order($account, both());
at_time('2027-03-14T04:59:00Z');
settled_order($account, both());
at_time('2027-03-14T05:01:00Z');
my $undone = settled_order($account, both());
at_time('2027-03-15T03:59:00Z');
settled_order($account, both());
at_time('2027-03-15T04:01:00Z');
refund($account, $undone)->status == 200 or die;
post_entry($account, '2027-03-15T05:00:00Z', 'plan_fee', 490, from => 'receivable', money => money('AUD', receivable => 4_900_000, revenue => -4_900_000));
post_entry($account, '2027-03-16T05:00:00Z', 'invoice', 0, description => 'Größe; "=1+1"', money => money('AUD', receivable => 2_050_000, revenue => -1_000_000, tax => -1_050_000));
post_entry($account, '2027-03-17T05:00:00Z', 'credit_note', 0, money => money('AUD', receivable => -1_100_000, revenue => 1_000_000, tax => 100_000));
post_entry($account, '2027-03-18T05:00:00Z', 'payment', 0, money => money('AUD', receivable => -2_000_000, bank => 2_000_000));
post_entry($account, '2027-03-19T05:00:00Z', 'write_off', 0, money => money('AUD', receivable => -950_000, bad_debt => 950_000));
post_entry($account, '2027-03-20T05:00:00Z', 'commitment_shortfall', 100, from => 'receivable', money => money('AUD', receivable => 1_000_000, revenue => -1_000_000));

# ---- April in Sydney: the 4th has 25 hours ------------------------------------------------------------------------------------------

at_time('2027-03-31T12:59:00Z');
settled_order($prepaid, both());
at_time('2027-03-31T13:00:30Z');
settled_order($prepaid, both());
at_time('2027-04-03T12:59:00Z');
my $undone_late = settled_order($prepaid, both());
at_time('2027-04-03T13:01:00Z');
$undone = settled_order($prepaid, both());
my $topup = call('billing.topup', { credits => 1000 }, key => $prepaid->{key}, idempotency_key => "figures-$$");
$topup->status == 201 or die "billing.topup: $topup->{status} $topup->{body}\n";
at_time('2027-04-04T13:59:00Z');
my $more = order($prepaid, 'more than reserved', [line(100, service => 'disk')])->json->{id};
settle($prepaid, $more, [line(400, service => 'disk'), line(5, service => 'gpu')])->status == 200 or die;
at_time('2027-04-04T14:01:00Z');
refund($prepaid, $undone)->status == 200 or die;
$more = order($prepaid, 'less than reserved', [line(100)])->json->{id};
settle($prepaid, $more, [line(40)])->status == 200 or die;
order($prepaid, 'left reserved', [line(1234)])->status == 202 or die;
call('billing.grants.create', { organization_id => $prepaid->{id}, credits => 77, source => 'promotional', expires_at => '2027-04-06T00:00:00Z' }, key => admin_key)->status == 200 or die;
at_time('2027-04-06T00:01:00Z');
run_job('credits.expire_lots');
amend($prepaid, $gpu{$prepaid->{id}}{id}, amount => '120.50')->status == 200 or die;
at_time('2027-04-20T00:00:00Z');
post_entry($prepaid, '2027-04-20T00:00:00Z', 'plan_fee', 490);
post_entry($prepaid, '2027-04-20T00:00:01Z', 'clawback', 100_000, money => money('AUD', processor_clearing => -1_000_000_000, sold => 909_090_909, tax => 90_909_091));
post_entry($prepaid, '2027-04-20T00:00:02Z', 'grant', 60);
post_entry($prepaid, '2027-04-20T00:00:03Z', 'invoice', 0, money => money('AUD', receivable => 490_000, revenue => -445_455, tax => -44_545));
post_entry($prepaid, '2027-04-20T00:00:04Z', 'payment', 0, money => money('AUD', receivable => -490_000, processor_clearing => 490_000));
at_time('2027-05-10T00:00:00Z');

# ---- what they say --------------------------------------------------------------------------------------------------------------------

my %april = map { my $of = $_; ($of->{id} => is_computable($of, '2027-04', $of->{timezone} . ', April')) } $prepaid, $account;
my %march = map { my $of = $_; ($of->{id} => is_computable($of, '2027-03', $of->{timezone} . ', March')) } $prepaid, $account;
my $april = $april{$prepaid->{id}};
my %kinds = map { $_->{kind} => 1 } $april->{activity}->@*, $march{$account->{id}}{activity}->@*;
is_deeply([sort keys %kinds], [qw(charge clawback commitment_shortfall credit_note expiry grant invoice payment plan_fee refund release reservation topup write_off)], 'there was everything in these months');
is_deeply($april->{opening}, $march{$prepaid->{id}}{closing}, 'a month begins with what the one before has left');
ok($april->{closing}{debt} > 0 && $april->{closing}{reserved} > 0, 'something is owed in the end, and something reserved');
is_deeply([@{ (grep { $_->{kind} eq 'topup' } $april->{activity}->@*)[0] }{qw(credits amount)}], [1000, '10.00'], 'what was bought costs what it cost, with tax');
is_deeply({ used_on($april, 'GPUs')->%{qw(2027-04-01 2027-04-03 2027-04-04 2027-04-05 2027-04-30)} }, { '2027-04-01' => '6.00', '2027-04-03' => '9.00', '2027-04-04' => '12.05', '2027-04-05' => '9.05', '2027-04-30' => '9.05' },
    'a commitment burns down by local days, also by one of 25 hours');
is_deeply([map { $_->{opening} } $april->{burn_down}->@*], ['3.00', '2.00'], 'from what had counted before');
is_deeply({ used_on($march{$account->{id}}, 'Disks')->%{qw(2027-03-01 2027-03-13 2027-03-14 2027-03-15)} }, { '2027-03-01' => '2.00', '2027-03-13' => '4.00', '2027-03-14' => '8.00', '2027-03-15' => '6.00' }, 'or one of 23');
is_deeply([map { "$_->{on} $_->{committed}" } ($april->{burn_down}[0]{days}->@*)[4, 5]], ['2027-04-05 100.00', '2027-04-06 120.50'], 'each day says what was agreed then');
is_deeply([map { scalar $_->{commitment_lines}->@* } grep { $_->{commitment_lines}->@* && $_->{kind} eq 'refund' } $april->{activity}->@*], [2], 'what a refund takes back is flagged, commitment by commitment');

# ---- and go on to say ------------------------------------------------------------------------------------------------------------------

amend($prepaid, $gpu{$prepaid->{id}}{id}, amount => '777.00', ends_on => '2028-06-30')->status == 200 or die;
cancel_commitment($prepaid, $disk{$prepaid->{id}}{id})->status == 200 or die;
commit_ok($prepaid, name => 'GPUs', starts_on => '2027-03-01', ends_on => '2027-12-31', amount => '9.00');
is_deeply(statement($prepaid, '2027-04')->json, $april, 'a month that is over stays what it was, whatever is amended, cancelled or made later');
my $may = is_computable($prepaid, '2027-05', 'May');
is_deeply([map { "$_->{name} $_->{days}[-1]{on} $_->{committed}" } $may->{burn_down}->@*], ['GPUs 2027-05-10 777.00', 'Disks 2027-05-10 50.00', 'GPUs 2027-05-10 9.00'], 'the running one has it');
is(scalar $may->{burn_down}[2]{days}->@*, 1, 'from the day on that it was made');
at_time('2027-05-20T00:00:00Z');
refund($prepaid, $undone_late)->status == 200 or die;
is_computable($prepaid, '2027-05', 'with a refund, May');
is($april{$prepaid->{id}}{entries}, statement($prepaid, '2027-04')->json->{entries}, 'nothing comes late');
is_deeply([map { "$_->{name} $_->{days}[-1]{on}" } statement($prepaid, '2027-05')->json->{burn_down}->@*], ['GPUs 2027-05-20', 'Disks 2027-05-10', 'GPUs 2027-05-20'], 'one that was cancelled ends with that day');

# ---- a clock that was wrong ---------------------------------------------------------------------------------------------------------------

at_time('2027-06-05T00:00:00Z');
my $jumping = new_organization(credits => 10_000);
my $jumped = commit_ok($jumping, name => 'Any', starts_on => '2027-06-01', ends_on => '2027-12-31', amount => '100.00');
at_time('2027-07-25T00:00:00Z');
settled_order($jumping, [line(100)]);
at_time('2027-06-25T00:00:00Z');
settled_order($jumping, [line(20)]);
at_time('2027-06-06T00:00:00Z');
settled_order($jumping, [line(3)]) for 1, 2;
my $june = statement($jumping, '2027-06')->json;
is_deeply([$june->{closing}{available}, $june->{entries}], [10_000 - 126, 1 + 2 * 4], 'the running month ends with what there is, whatever time the clock has shown before');
ok($june->{reconciliation}{reconciled}, 'and reconciles');
is($june->{burn_down}[0]{days}[-1]{consumed}, '1.26', 'what is in the activity has burned down');
at_time('2027-07-26T00:00:00Z');
my $closed = statement($jumping, '2027-06')->json;
is_deeply([$closed->{closing}, map { $_->{sequence} } $closed->{activity}->@*], [$june->{closing}, map { $_->{sequence} } $june->{activity}->@*], 'it says the same when it is over');
settled_order($jumping, [line(4)]);
my $july = statement($jumping, '2027-07')->json;
is_deeply([$july->{opening}, [map { $_->{credits} } grep { $_->{kind} eq 'charge' } $july->{activity}->@*]], [$closed->{closing}, [-4]], 'the next one begins with that: nothing is left out, nothing told twice');
is($july->{burn_down}[0]{opening}, '1.26', 'nor burned twice');
at_time('2027-04-02T00:00:00Z');
grant($jumping->{id}, 5);
at_time('2027-08-01T00:00:00Z');
my @months = map { statement($jumping, sprintf '2027-%02d', $_)->json } 3 .. 7;
is_deeply([map { map { $_->{sequence} } $_->{activity}->@* } @months], [1 .. 1 + 2 * 5 + 1], 'however far it went back, each entry is in one month');
is_deeply([map { $_->{opening} } @months[1 .. 4]], [map { $_->{closing} } @months[0 .. 3]], 'and each begins as the one before has ended');
ok(!(grep { !$_->{reconciliation}{reconciled} } @months), 'and reconciles');

# ---- what is wrong is seen ----------------------------------------------------------------------------------------------------------------

my $id = bytes_of($account->{id});
my ($sequence) = map { $_->{sequence} } grep { $_->{kind} eq 'write_off' } $march{$account->{id}}{activity}->@*;
db_run("UPDATE journal_line SET amount = amount + 5000000 WHERE organization_id = ? AND sequence = ? AND account = 'receivable'", $id, $sequence);
my $broken = statement($account, '2027-03')->json->{reconciliation};
is_deeply([$broken->{reconciled}, $broken->{difference}, map { $_->{difference} } $broken->{rows}->@*], [$false, '5.00', 0, 0, 0, '5.00'], 'a line of money that was changed is found: what is owed was kept when it was booked');
like(join(' ', statement_faults(statement_of_lines(statement($account, '2027-03', accept => 'application/x-ndjson')->body))), qr/^$sequence write_off: receivable/, 'also from the NDJSON, by its row');
db_run("UPDATE journal_line SET amount = amount - 5000000 WHERE organization_id = ? AND sequence = ? AND account = 'receivable'", $id, $sequence);
ok(statement($account, '2027-03')->json->{reconciliation}{reconciled}, 'without that all is well');
is(db_value("SELECT COUNT(*) FROM (SELECT l.organization_id, l.unit, SUM(l.amount) AS owed FROM journal_line l WHERE l.account = 'receivable' GROUP BY 1, 2) s
    WHERE s.owed <> (SELECT r.amount FROM receivable_after r WHERE r.organization_id = s.organization_id AND r.currency = s.unit ORDER BY r.sequence DESC LIMIT 1)"), 0, 'what was kept is the sum for everybody');
done_testing;
