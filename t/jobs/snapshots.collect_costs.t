#!/usr/bin/perl
# Costs are collected every three hours, by months of the organization's zone: of the running month a row each time, of one that is
# over another only where it has changed.
use v5.36;
use FindBin;
use POSIX qw(strftime);
use lib "$FindBin::Bin/../lib";
use Purser::Jobs;
use Purser::Snapshots;
use Purser::Test;

my $stack = Purser::Snapshots->start(source => 'ledger');
my $three_hours = 10_800;

# Moves the clock to a moment (seconds since 1970), which has to lie ahead.
sub go_to ($moment) { $stack->later($moment - time - $stack->{offset}) }

# What an organization has of each month: "year-month subscription overage", the oldest first.
sub rows ($organization) {
	return db_column("SELECT CONCAT(year, '-', month, ' ', subscription DIV 10000, ' ', overage DIV 10000) FROM cost_snapshot WHERE organization_id = ? ORDER BY id", bytes_of($organization->{id}));
}
sub fee ($organization, $at, $reason, $credits, %more) {
	my $row = ledger_call('ledger_post(?, FROM_UNIXTIME(?), ?, ?, ?, ?, NULL, ?, ?, ?, ?, NULL, NULL, NULL, NULL, ?, NULL, \'2999-01-01\', NULL, ?, @outcome)', bytes_of($organization->{id}), $at, bytes_of(new_ulid()), $reason,
	    $more{from}, $credits, 'subscription', bytes_of($organization->{id}), 'job', bytes_of($organization->{id}), $more{undoes}, $more{money});
	$row->{outcome} eq 'ok' or die "$reason: $row->{outcome}\n";
	return $row->{sequence};
}
sub record ($organization, $id, $at, %more) {
	my $reply = $stack->good('usage.record', { events => [{ id => "event-$id", metric => 'requests', quantity => 1, occurred_at => strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $at), %more }] }, key => $organization->{key});
	$reply->{accepted} == 1 or die 'not accepted: ' . encode_json($reply);
}

# ---- month boundaries at both ends of the world ------------------------------------------------------------------------------

# A month that begins some weeks from now, in UTC.
my ($year, $month) = @{[gmtime(time + 40 * 86400)]}[5, 4];
my $first = db_value("SELECT TIMESTAMPDIFF(SECOND, '1970-01-01', ?)", sprintf '%d-%02d-01', $year + 1900, $month + 1);
my ($before, $after) = (join('-', map { $_->[5] + 1900, $_->[4] + 1 } [gmtime($first - 1)]), join '-', $year + 1900, $month + 1);
my %hours = ('Pacific/Kiritimati' => 14, 'UTC' => 0, 'Etc/GMT+12' => -12);
my %of = map { $_ => $stack->new_organization(credits => 1_000_000, timezone => $_) } keys %hours;
my %begins = map { $_ => $first - 3600 * $hours{$_} } keys %hours;
for my $zone (sort { $begins{$a} <=> $begins{$b} } keys %hours) {
	fee($of{$zone}, ($begins{$zone} - 1) . '.999999', 'plan_fee', 1);
	fee($of{$zone}, $begins{$zone}, 'plan_fee', 20);
	go_to($begins{$zone} - 60);
	record($of{$zone}, 1, $begins{$zone} - 120);
	ok($stack->collect_later('costs'), "$zone: three hours after the month began there");
	record($of{$zone}, 2, $begins{$zone});
	is_deeply([rows($of{$zone})], ["$before 1 0", "$after 20 0"], "the last moment's fee is of the month before, the first moment's of the new one");
}
go_to($begins{'Etc/GMT+12'} + 86400);
ok($stack->collect('costs'), 'a day later');
for my $zone (sort keys %hours) {
	my %used = map { ("$_->{year}-$_->{month}" => join ' ', map { $_->{quantity} } $_->{usage_lines}->@*) } reverse $stack->good('organizations.costs.history', {}, key => $of{$zone}{key})->{data}->@*;
	is_deeply(\%used, { $before => 1, $after => 1 }, "$zone: usage is of the month there, too");
}

# ---- when a row is made ------------------------------------------------------------------------------------------------------

my $other = $stack->new_organization(credits => 1_000_000);
my $at = $first + 10 * 86400;
go_to($at);
fee($other, $at, 'overage', 5);
ok($stack->collect('costs'), 'a month with cost');
is_deeply([rows($other)], ["$after 0 5"], 'makes a row');
ok($stack->collect_later('costs'), 'three hours later');
is_deeply([rows($other)], [("$after 0 5") x 2], 'another, unchanged as it is');
my $next_first = db_value("SELECT TIMESTAMPDIFF(SECOND, '1970-01-01', ? + INTERVAL 1 MONTH)", sprintf '%d-%02d-01', $year + 1900, $month + 1);
fee($other, $next_first - 1, 'overage', 70);
go_to($next_first + 60);
ok($stack->collect('costs'), 'after its end');
is_deeply([rows($other)], [("$after 0 5") x 2, "$after 0 75"], 'its last hours make one more');
ok($stack->collect_later('costs'), 'three hours later');
is(scalar rows($other), 3, 'none: neither has it changed nor has the new month a cost');
record($other, 'late', $next_first - 86400, cost => '3');
ok($stack->collect_later('costs'), 'after late usage');
is(scalar rows($other), 4, 'there is one more of the month that is over');
is($stack->good('organizations.costs.latest', { year => $year + 1900, month => $month + 1 }, key => $other->{key})->{usage_amount}, '3.00', 'with that');

# ---- fees in credits and in money ----------------------------------------------------------------------------------------------

my $post = $stack->new_organization(currency => 'USD', credits => 1_000_000);
my $now = time + $stack->{offset};
my $taken = fee($post, $now, 'plan_fee', 100);
fee($post, $now, 'refund', 40, undoes => $taken);
fee($post, $now, 'plan_fee', 10, from => 'receivable', money => '[{"account":"receivable","unit":"USD","amount":66000},{"account":"revenue","unit":"USD","amount":-66000}]');
fee($post, $now, 'commitment_shortfall', 1000);
fee($post, $now, 'topup', 100, money => '[{"account":"processor_clearing","unit":"USD","amount":660000},{"account":"sold","unit":"USD","amount":-600000},{"account":"tax","unit":"USD","amount":-60000}]');
fee($post, $now, 'charge', 7, from => 'available');
ok($stack->collect('costs'), 'of every kind');
my ($y, $m) = (gmtime($now))[5, 4];
is_deeply($stack->good('organizations.costs.latest', { year => $y + 1900, month => $m + 1 }, key => $post->{key})->{fees},
    { subscription => '0.462', overage => '0.00', commitment_shortfall => '6.60', tax => '0.00', total => '7.062' },
    'credits at their price, what was given back taken off, money as it is; top-ups and orders are no fees');

# ---- collectors beside each other ------------------------------------------------------------------------------------------------

my @many = map { $stack->new_organization(credits => 100) } 1 .. 20;
fee($_, $now, 'plan_fee', 3) for @many;
$stack->later($three_hours);
end_program($_, 30) for map { $stack->begin_run('snapshots.collect_costs') } 1 .. 3;
$stack->later(61);
ok($stack->collect('costs'), 'and when what they have taken from each other is due again');
is_deeply([map { scalar rows($_) } @many], [(1) x @many], 'three collectors at once have written one row each');
db_run("UPDATE organization SET timezone = 'Nowhere/Gone' WHERE id = ?", bytes_of($many[0]{id}));
ok($stack->collect_later('costs'), 'a zone that is gone from tzdata');
is(scalar rows($many[0]), 2, 'counts as UTC');
done_testing;
