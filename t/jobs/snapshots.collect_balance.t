#!/usr/bin/perl
# Balances are collected every three hours from a provider: a row where something changed, every digit of it; whatever the provider
# does instead of answering leaves the last row, is told, and is tried again.
# early: answers that do not come take their time
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Snapshots;
use Purser::Test;

my $stack = Purser::Snapshots->start;
my $of = $stack->new_organization();
sub latest ($organization = $of) { return $stack->call('organizations.balance.latest', {}, key => $organization->{key}) }
sub collects ($what) { ok($stack->collect_later, $what) }
# What the metrics say is no operation's reply: it is not noted.
sub gauge () {
	local $ENV{PURSER_RECORD} = '';
	return ($stack->request('GET', '/metrics', parameters => { PURSER_LISTENER => 'metrics' })->body =~ /^purser_balance_snapshots_failing (\d+)$/m)[0];
}

# ---- what is asked, and what is kept ---------------------------------------------------------------------------------------

is(latest()->status, 404, 'before the first collection there is none');
$stack->answer($of, '{"amount": 12.340000000001, "currency": "EUR"}');
ok($stack->collect, 'the first is collected as soon as the organization is there');
is_deeply([$stack->balances($of)], ['12.340000000001 EUR'], 'with twelve decimals, in the currency that was reported');
my ($asked) = $stack->upstream->requests($of->{id});
is("$asked->{method} $asked->{path}", "GET /balances/$of->{id}?of=purser", 'the address names the organization');
is($asked->{headers}{authorization}, 'Bearer shown-to-the-provider', 'the token is shown');
ok($stack->collect, 'a run right behind');
is(scalar $stack->upstream->requests($of->{id}), 1, 'asks nothing');
cmp_ok($stack->due_in($of), '>', 10_700, 'it is due again in three hours');

collects('three hours later it is asked again');
is(scalar $stack->upstream->requests($of->{id}), 2, 'once');
is_deeply([$stack->balances($of)], ['12.340000000001 EUR'], 'and what is unchanged makes no row');
$stack->answer($of, '{"currency": "EUR", "amount": "12.340000000001000", "more": [{}]}');
collects('the same as a text, with zeros behind it');
is_deeply([$stack->balances($of)], ['12.340000000001 EUR'], 'is the same');
$stack->answer($of, '{"amount": "12.340000000001", "currency": "USD"}');
collects('the same in another currency');
is_deeply([$stack->balances($of)], ['12.340000000001 EUR', '12.340000000001 USD'], 'is another');
$stack->answer($of, '{"amount": "12.340000000001", "currency": "EUR"}');
collects('and back');
is(scalar $stack->balances($of), 3, 'again');

my %amounts = ('0' => '0.00', '-0' => '0.00', '-0.5' => '-0.50', '7' => '7.00', '1.5e3' => '1500.00', '1E-9' => '0.000000001', '123456789012345678901.0' => undef,
    '99999999999999999999.99999999999999999999' => '99999999999999999999.99999999999999999999', '0.000000000000000000001' => undef, '1e30' => undef, '1e999999999999' => undef,
    '"-12.30"' => '-12.30', '"01"' => undef, '"1e3"' => undef, '" 1"' => undef, '""' => undef, '"1."' => undef, '"+1"' => undef, '"1,5"' => undef, 'true' => undef, 'null' => undef, '[1]' => undef);
my %holds = map { $_ => $stack->new_organization() } sort keys %amounts;
$stack->answer($holds{$_}, qq({"amount": $_, "currency": "XAU"})) for keys %amounts;
collects('amounts of all kinds');
is(($stack->balances($holds{$_}))[0], defined $amounts{$_} ? "$amounts{$_} XAU" : undef, "$_ is " . ($amounts{$_} // 'no amount')) for sort keys %amounts;
$stack->answer($_, '{"amount": 1, "currency": "XAU"}') for values %holds;
$stack->later(301);
ok($stack->collect, 'all of them are well in the end');

# ---- a clock that goes back ----------------------------------------------------------------------------------------------------

my $twenty_days = 20 * 86400;
my $ahead = $stack->new_organization();
$stack->answer($ahead, '{"amount": "5", "currency": "EUR"}');
$stack->later($twenty_days);
ok($stack->collect, 'the clock is twenty days ahead');
$stack->later(-$twenty_days);
$stack->answer($ahead, '{"amount": "9", "currency": "EUR"}');
ok($stack->collect, 'and was set right');
is($stack->good('organizations.balance.latest', {}, key => $ahead->{key})->{amount}, '9.00', 'the newest is what was collected last');
collects('three hours later') for 1 .. 2;
is_deeply([$stack->balances($ahead)], ['5.00 EUR', '9.00 EUR'], 'what is unchanged makes no row');
$stack->answer($ahead, '{"amount": "5", "currency": "EUR"}');
collects('when it is again what the clock ahead had found');
is_deeply([map { $_->{amount} } $stack->good('organizations.balance.history', {}, key => $ahead->{key})->{data}->@*], ['5.00', '9.00', '5.00'], 'that is a change like any other');

# ---- what a provider should not do -----------------------------------------------------------------------------------------

my $good = '{"amount": "99", "currency": "EUR"}';
my @faults = (['it resets the connection', $good, fault => 'reset'], ['it answers 500', $good, status => 500], ['it answers 404', $good, status => 404], ['it answers 204', undef, status => 204],
    ['its answer is not JSON', 'amount=99'], ['its answer is said not to be JSON', $good, type => 'text/html'], ['its answer is cut off', '{"amount": "99", "curr'],
    ['its answer is not an object', '[99]'], ['there is no currency', '{"amount": "99"}'], ['the currency is no code', '{"amount": "99", "currency": "eur"}'],
    ['the currency is a number', '{"amount": "99", "currency": 978}'], ['the amount stands there twice', '{"amount": "99", "amount": "98", "currency": "EUR"}'],
    ['its answer is no UTF-8', "{\"amount\": \"99\", \"currency\": \"EUR\", \"x\": \"\\ud800\"}"], ['its answer is endless', $good, fault => 'huge'],
    ['it sends somewhere else', undef, fault => 'redirect'], ['it hangs', $good, fault => 'hang'], ['the end of its answer never comes', $good, fault => 'drip']);
my @bad = map { $stack->new_organization() } @faults;
$stack->answer($_, '{"amount": "5", "currency": "EUR"}') for @bad;
ok($stack->collect, 'many are collected at once');
is(gauge(), 0, 'no provider fails');
for my $i (0 .. $#faults) {
	my (undef, $body, %options) = $faults[$i]->@*;
	$stack->answer($bad[$i], $body, %options);
}
$stack->answer($of, '{"amount": "1", "currency": "EUR"}');
my $began = time;
collects('then it does what it should not');
cmp_ok(time - $began, '<', 20, 'all at once');
for my $i (0 .. $#faults) {
	is_deeply([$stack->balances($bad[$i]), $stack->turn($bad[$i])->{failures}], ['5.00 EUR', 1], "$faults[$i][0]: the last row stays, and that is noted");
}
is(($stack->balances($of))[-1], '1.00 EUR', 'one that answers is collected beside them');
is(gauge(), scalar @faults, 'the metric counts those that fail');
is(scalar log_lines(qr/the balance of organization $bad[1]{id} can't be collected: the provider answered 500/, map { "once-$_" } 1 .. 99), 1, 'the log says whose, and why');
is(scalar $stack->upstream->requests('elsewhere'), 0, 'no redirect is followed');
is(latest($bad[0])->json->{amount}, '5.00', 'what was collected last is still told');
cmp_ok($stack->due_in($bad[1]), '<=', 300, 'what failed is tried again after five minutes');
$stack->later(301);
$stack->answer($_, '{"amount": "6", "currency": "EUR"}') for @bad;
ok($stack->collect, 'and the provider is well again');
is_deeply([map { ($stack->balances($_))[-1] } @bad], [('6.00 EUR') x @bad], 'all are collected');
is(gauge(), 0, 'and none fails');
cmp_ok($stack->due_in($bad[1]), '>', 3600, 'the next time is three hours later');
$stack->answer($of, $good, status => 503);
my @due;
for (1 .. 5) {
	$stack->later(2 + ($due[-1] // 10_800));
	$stack->collect;
	push @due, $stack->due_in($of);
}
is_deeply([map { int(($_ + 30) / 60) } @due], [5, 15, 60, 180, 180], 'who fails again and again is asked less and less often, down to every three hours');

# ---- collectors beside each other, and killed ones -----------------------------------------------------------------------------

$stack->answer($of, '{"amount": "7", "currency": "EUR"}');
my @two = map { $stack->new_organization() } 1 .. 10;
$stack->answer($_, '{"amount": "7", "currency": "EUR"}') for @two;
$stack->later(10_800);
end_program($_, 30) for map { $stack->begin_run('snapshots.collect_balance') } 1 .. 3;
$stack->later(61);
ok($stack->collect, 'and when what they have taken from each other is due again');
is_deeply([map { scalar $stack->balances($_) } @two], [(1) x 10], 'three collectors at once have written one row each');

$stack->answer($of, '{"amount": "8", "currency": "EUR"}', fault => 'hang');
my $rows = $stack->balances($of);
$stack->later(10_800);
my $killed = $stack->begin_run('snapshots.collect_balance');
my $asked_before = $stack->upstream->requests($of->{id});
eventually('the provider is asked', sub { $stack->upstream->requests($of->{id}) > $asked_before }, 10);
kill 'KILL', $killed;
end_program($killed, 10);
is(scalar $stack->balances($of), $rows, 'a collector that is killed meanwhile writes nothing');
$stack->answer($of, '{"amount": "8", "currency": "EUR"}');
$stack->collect;
is(scalar $stack->balances($of), $rows, 'its turn is not given to another at once');
$stack->later(61);
$stack->collect;
is(($stack->balances($of))[-1], '8.00 EUR', 'but a minute later');
is(scalar $stack->balances($of), $rows + 1, 'and makes one row');

# A slow collector whose turn was taken by another meanwhile writes nothing.
$stack->answer($of, '{"amount": "9", "currency": "EUR"}', fault => 'drip');
$stack->later(10_800);
my $slow = $stack->begin_run('snapshots.collect_balance');
$asked_before = $stack->upstream->requests($of->{id});
eventually('it asks', sub { $stack->upstream->requests($of->{id}) > $asked_before }, 10);
db_run("UPDATE snapshot_turn SET due_at = due_at + INTERVAL 1 SECOND WHERE organization_id = ? AND kind = 'balance'", bytes_of($of->{id}));
end_program($slow, 30);
is($stack->turn($of)->{failures}, 0, 'who has lost the turn does not even note a failure');
$stack->answer($of, '{"amount": "9", "currency": "EUR"}');

# ---- who is closed, and clocks ---------------------------------------------------------------------------------------------------

my $closed = $two[0];
$stack->good('admin.organizations.set', { organization_id => $closed->{id}, status => 'closed' }, key => $stack->admin_key);
my $before = $stack->upstream->requests($closed->{id});
$stack->answer($closed, '{"amount": "70", "currency": "EUR"}');
collects('of an organization that is closed');
is(scalar $stack->upstream->requests($closed->{id}), $before, 'nothing is asked');
db_run("UPDATE snapshot_turn SET due_at = '2999-01-01' WHERE organization_id = ?", bytes_of($two[1]{id}));
$stack->answer($two[1], '{"amount": "71", "currency": "EUR"}');
collects('what a clock that went ahead has left');
is(($stack->balances($two[1]))[-1], '71.00 EUR', 'is collected all the same');
done_testing;
