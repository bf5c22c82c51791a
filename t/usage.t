#!/usr/bin/perl
# What events make of counters: every aggregation, days in the organization's zone, cycles and their ends, late events,
# prices without lost or added rounding, quotas that announce themselves.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;
use Purser::Usage;
use Time::Local qw(timegm);

# ---- aggregations ------------------------------------------------------------------------------------------------------

my $organization = new_organization();
my %metric = map { $_ => new_metric($_) } qw(sum count max last);
$metric{unique} = new_metric('unique', property => 'user');
sub used ($how) { return counters($organization)->{$metric{$how}}{used} }
sub send_all ($how, @events) { return outcome_of(record($organization, [map { event($_->[0], $metric{$how}, $_->[1], ($_->[2] // {})->%*) } @events])) }

send_all('sum', [1, '1.5'], [2, 2], [3, '0.000001']);
is(used('sum'), '3.500001', 'a sum adds up, to the millionth');
send_all('count', [1, 10], [2, 0], [3, '0.5']);
is(used('count'), 3, 'a count counts events, whatever their quantity');
send_all('max', [1, 4], [2, 9], [3, 7]);
send_all('max', [4, 8]);
is(used('max'), 9, 'a maximum is the greatest of all requests');
send_all('last', [1, 5, { occurred_at => moment(-100) }], [2, 6, { occurred_at => moment(-50) }], [3, 1, { occurred_at => moment(-200) }]);
is(used('last'), 6, 'the last is the one that occurred last, whatever the order');
send_all('last', [4, 9, { occurred_at => moment(-60) }]);
is(used('last'), 6, 'an earlier one that comes later does not count');
send_all('last', [5, 2, { occurred_at => moment(-10) }]);
is(used('last'), 2, 'a later one does, also if it is less');
send_all('unique', map { [$_, 1, { properties => { user => $_ % 3 ? "u$_" : 'same' } }] } 1 .. 6);
send_all('unique', [7, 1, { properties => { user => 'u1', other => [{}] } }], [8, 1, { properties => { user => 'u8' } }], [9, 1, { properties => { user => 1 } }], [10, 1, { properties => { user => '1' } }]);
is(used('unique'), 8, 'different values are counted once a cycle: a number is no text');
my $reply = record($organization, [event('x', $metric{unique}, 1), event('y', $metric{unique}, 1, properties => { user => undef }), event('z', $metric{unique}, 1, properties => { user => [1] })]);
is_deeply([map { $_->{pointer} } $reply->json->{rejected}->@*], [('/properties/user') x 3], 'an event without a value is named');
is_deeply(days($organization, $metric{unique})->[0] =~ s/^\S+ +//r, '8 10', 'days count new values');
record($organization, [map { event("app$_", 'requests', 1, properties => { app => 'app' . $_ % 4, nested => { app => 'no' } }) } 1 .. 10]);
record($organization, [event('app', $metric{sum}, 1, properties => { "\x{61}pp" => 'app9' }), event('no', 'requests', 1, properties => { text => 'app' })]);
is(db_value("SELECT COUNT(*) FROM usage_distinct WHERE organization_id = ? AND metric = ''", bytes_of($organization->{id})), 5, 'and values of `app` over all metrics');

# ---- days, zones, cycles -------------------------------------------------------------------------------------------------

# The clock stands at a local moment of the next month but one.
sub clock_to ($time) { set_clock($time - time) }
my ($year, $month) = (gmtime)[5, 4];
my $first = timegm(0, 0, 0, 1, ($month + 2) % 12, $year + 1900 + ($month >= 10));
for my $zone (['Pacific/Kiritimati', 14 * 3600], ['Etc/GMT+12', -12 * 3600], ['Asia/Kathmandu', 20700]) {
	my ($name, $offset) = @$zone;
	my $there = new_organization(timezone => $name);
	clock_to($first - $offset + 120);
	my $at = sub ($seconds) { return POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime($first - $offset + $seconds)) };
	record($there, [event(1, 'requests', 1, occurred_at => $at->(-1)), event(2, 'requests', 2, occurred_at => $at->(0)), event(3, 'requests', 4, occurred_at => $at->(-86401))]);
	my @days = map { POSIX::strftime('%Y-%m-%d', gmtime($first + $_)) } -86401, -1, 0;
	is_deeply(days($there, 'requests'), ["$days[0]   4 1", "$days[1]   1 1", "$days[2]   2 1"], "$name: a second lies in the day it has there");
	is(counters($there)->{requests}{used}, 2, 'and the month');
	is_deeply([map { $_->{used} } call('usage.history', { organization_id => $there->{id} }, key => $there->{key})->json->{data}->@*], [2, 5], 'the one before keeps its own');
	record($there, [event(4, 'requests', 8, occurred_at => $at->(-5))]);
	is(db_value('SELECT SUM(late_value) FROM usage_counter WHERE organization_id = ?', bytes_of($there->{id})), 0, 'as long as it is not closed nothing of it is late');
	db_run('UPDATE usage_cycle SET closed_at = UTC_TIMESTAMP(6) WHERE organization_id = ? AND ends_at = ?', bytes_of($there->{id}), POSIX::strftime('%Y-%m-%d %H:%M:%S', gmtime($first - $offset)));
	record($there, [event(5, 'requests', 16, occurred_at => $at->(-5)), event(6, 'requests', 32, occurred_at => $at->(5))]);
	is_deeply([db_column('SELECT CONCAT(value DIV 1000000, " ", late_value DIV 1000000) FROM usage_counter WHERE organization_id = ? ORDER BY cycle_starts_at', bytes_of($there->{id}))],
	    ['29 16', '34 0'], 'what comes for a closed cycle is late');
}
set_clock(0);

# ---- prices ----------------------------------------------------------------------------------------------------------------

my $buyer = new_organization(credits => 1000);
my ($third, $half, $most) = (new_metric('sum', unit_credits => '0.333333'), new_metric('count', unit_credits => '0.5'), new_metric('max', unit_credits => '1'));
sub charges ($of) { return [db_column("SELECT -available_change FROM journal_entry WHERE organization_id = ? AND reason = 'charge' ORDER BY sequence", bytes_of($of->{id}))] }
record($buyer, [event($_, $third)]) for 1 .. 10;
is_deeply(charges($buyer), [1, 1, 1], 'ten thirds of a credit, one by one, are three credits: no rounding adds up');
record($buyer, [event("h$_", $half)]) for 1 .. 4;
is(db_value('SELECT charged FROM usage_counter WHERE organization_id = ? AND metric = ?', bytes_of($buyer->{id}), $half), 2, 'four halves are two credits');
record($buyer, [map { event("m$_", $most, $_) } 5, 3]);
record($buyer, [event('m7', $most, 7), event('m4', $most, 4)]);
is(db_value('SELECT charged FROM usage_counter WHERE organization_id = ? AND metric = ?', bytes_of($buyer->{id}), $most), 7, 'a maximum is charged by how much it grew');
my $before = db_value('SELECT COUNT(*) FROM journal_entry WHERE organization_id = ?', bytes_of($buyer->{id}));
record($buyer, [map { (event("b$_", $third), event("b$_", $half), event("b$_", 'requests')) } 1 .. 300]);
is(db_value('SELECT COUNT(*) FROM journal_entry WHERE organization_id = ?', bytes_of($buyer->{id})), $before + 1, 'a batch is one entry');
my ($description, $type, $charged) = db_run('SELECT description, reference_type, -available_change FROM journal_entry WHERE organization_id = ? ORDER BY sequence DESC LIMIT 1', bytes_of($buyer->{id}))->fetchrow_array;
is("$description; $type; $charged", "$third, $half; usage; 250", 'which names the metrics');
is((split ' ', figures($buyer))[0], 1000 - (103 + 152 + 7), 'all in all what the counters say');
record($buyer, [map { event("b$_", $third) } 1 .. 300]);
is((split ' ', figures($buyer))[0], 1000 - (103 + 152 + 7), 'duplicates cost nothing');
is_whole($buyer);

my $afterwards = new_post_pay(10);
record($afterwards, [event(1, $most, 40)]);
is(spend_of($afterwards), '40 0', 'who pays afterwards takes no credits, and spends');
is_deeply([db_column("SELECT CONCAT_WS(' ', l.account, l.unit, l.amount) FROM journal_line l WHERE l.organization_id = ? ORDER BY l.sequence, l.line", bytes_of($afterwards->{id}))],
    ['receivable AUD 400000', 'revenue AUD -400000'], 'in money');
is(outcome_of(record($afterwards, [event(2, $most, 2000)])), '402 limit_reached', 'up to the hard limit');
is_whole($afterwards);

# ---- quotas ----------------------------------------------------------------------------------------------------------------

my $planned = new_organization(billing_email => 'bills@example.com');
quota_cycle($planned, requests => 100, prompt_tokens => 0);
record($planned, [event(1, 'requests', '49.999999')]);
is_deeply(told_of($planned), [], 'below half of a quota nothing is told');
record($planned, [event(2, 'requests', '0.000001')]);
is_deeply([sort(told_of($planned)->@*)], ['event usage.threshold 50', 'mail usage_50 50'], 'half of it is told by event and mail');
record($planned, [event(3, 'requests', 20)]);
is(scalar told_of($planned)->@*, 2, 'once');
record($planned, [event(4, 'requests', 25)]);
is_deeply([sort(told_of($planned)->@[2 .. 5])], ['event usage.threshold 80', 'event usage.threshold 90', 'mail usage_80 80', 'mail usage_90 90'], 'each part that a batch passes is told');
record($planned, [event(5, 'requests', 25), event(6, 'prompt_tokens', 1), event(7, 'requests', 25, occurred_at => moment(-12 * 86400))]);
is_deeply([sort(told_of($planned)->@[6 .. 9])], ['event usage.threshold 100', 'event usage.threshold 100', 'mail usage_100 100', 'mail usage_100 100'], 'a quota of nothing is used up by anything');
is(scalar told_of($planned)->@*, 10, 'and no cycle that is over tells anything');
my $data = decode_json(db_value("SELECT data FROM outbox WHERE organization_id = ? AND type = 'usage.threshold' AND JSON_VALUE(data, '\$.percent') = 50", bytes_of($planned->{id})));
is_deeply($data, { metric => 'requests', percent => 50, used => 50, included => 100 }, 'the event says what is used of what');

# ---- counters have an end --------------------------------------------------------------------------------------------------

my $huge = new_organization();
record($huge, [event(1)]);
db_run('UPDATE usage_counter SET value = 3999999999000000000 WHERE organization_id = ?', bytes_of($huge->{id}));
$reply = record($huge, [event(2, 'requests', 1), event(3, 'requests', 1_000_000_000), event(4, 'requests', 998)]);
is(outcome_of($reply), '2 0 1', 'an event that a counter has no room for is named, and the others stand');
is_deeply($reply->json->{rejected}[0]{index}, 1, 'by its place');
$reply = record_lines(new_organization(), lines_of_events(map { event("c$_", 'requests', 1, cost => '1000000000') } 1 .. 5000));
is(outcome_of($reply), '4000 0 1000', 'costs and savings have the same end');
done_testing;
