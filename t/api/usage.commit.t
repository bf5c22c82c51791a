#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Holds;
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

keep_away('usage.lapse_holds');

# A hold, by its id.
sub hold ($of, $metric, $quantity, $seconds = 3000) { return authorize($of, $metric, $quantity, $seconds)->json->{hold_id} }

my $metric = new_metric();
my $organization = new_organization();
give_quotas($organization, $metric => [10, undef]);
my $hold = hold($organization, $metric, 6);
my $reply = commit_hold($organization, $hold, '4.5');
is_success($reply, 'a hold is committed');
is_deeply($reply->json, { hold_id => $hold, status => 'committed', quantity => '4.5', credits => 0 }, 'with what was used of it');
is(counter_of($organization, $metric), '4.5 0 1 0', 'which is counted, and the rest given back');
is(db_value('SELECT CONCAT_WS(\' \', COUNT(*), SUM(value), SUM(events), MAX(service), MAX(operator)) FROM usage_day WHERE organization_id = ? AND metric = ?', bytes_of($organization->{id}), $metric), '1 4500000 1  ', 'on its day, too');
is(authorize($organization, $metric, '5.5')->json->{remaining}, '5.5', 'and there is so much left');
is_deeply(commit_hold($organization, $hold, '4.5')->json, $reply->json, 'the same again answers the same');
is(counter_of($organization, $metric), '4.5 0 1 0', 'and counts nothing');
is_problem(commit_hold($organization, $hold, 4), 409, 'conflict', 'another quantity is refused');
is_problem(release_hold($organization, $hold), 409, 'conflict', 'and it can not be released');

# ---- more, and nothing ----

my $more = hold($organization, $metric, 2);
is_problem(commit_hold($organization, $more, '5.500001'), 402, 'quota_exceeded', 'more than was held is refused where the quota has no room');
is(counter_of($organization, $metric), '4.5 2 1 0', 'and nothing changes');
is_success(commit_hold($organization, $more, '5.5'), 'and taken where it has');
is(counter_of($organization, $metric), '10 0 2 0', 'to the last unit');
my $nothing = new_organization();
my $unused = hold($nothing, $metric, 5);
is_success(commit_hold($nothing, $unused, 0), 'nothing of it can be used, too');
is(counter_of($nothing, $metric), '0 0 0 0', 'which counts nothing');

my $calls = new_metric('count');
my $counting = hold($nothing, $calls, 3);
is_problem(commit_hold($nothing, $counting, '2.5'), 422, 'invalid', 'of what is counted there are no parts', errors => { '/quantity' => 'out_of_range' });
commit_hold($nothing, $counting, 2);
is(counter_of($nothing, $calls), '2 0 2 0', 'and two are two events');

# ---- beyond the quota ----

my $over = new_organization(credits => 100);
give_quotas($over, $metric => [10, '0.50']);
$hold = hold($over, $metric, 10);
is_problem(commit_hold($over, $hold, '12.01'), 402, 'insufficient_credits', 'what is sold beyond the quota has to be paid one day', members => { available => 100 });
set_limits($over, 0, 0.5);
is_problem(commit_hold($over, $hold, 12), 402, 'limit_reached', 'within the hard limit', members => { hard_limit => 50, spent => 0 });
is_success(commit_hold($over, $hold, 11), 'to the last credit');
is(figures($over), '100 0', 'but not yet');

# ---- what is charged as it is used ----

my $priced = new_metric('sum', 7);
my $paying = new_organization(credits => 100);
$hold = hold($paying, $priced, 10);
$reply = commit_hold($paying, $hold, '5.5');
is_deeply([$reply->json->@{qw(quantity credits)}], ['5.5', 38], 'what was used is charged, rounded half to even');
is(figures($paying), '62 0', 'the rest is available again');
is_deeply(entries_of($paying, $hold), ['reservation -70 70', 'charge 0 -38', 'release 32 -32'], 'and both are booked');
is(counter_of($paying, $priced), '5.5 0 1 38', 'as the counter knows');
$hold = hold($paying, $priced, 4);
is_problem(commit_hold($paying, $hold, 9), 402, 'insufficient_credits', 'more than was held has to be available', members => { available => 34 });
is(figures($paying), '34 28', 'or nothing changes');
is_deeply(commit_hold($paying, $hold, '8.5')->json->{credits}, 60, 'all of it is charged: 98 for 14, less what was charged before');
is_deeply([figures($paying), counter_of($paying, $priced)], ['2 0', '14 0 2 98'], 'from what is available');
is_whole($paying);

my $fine = new_metric('sum', '0.3');
my $small = new_organization(credits => 100);
my @charged = map { commit_hold($small, hold($small, $fine, 1), 1)->json->{credits} } 1 .. 20;
my $sum = 0;
$sum += $_ for @charged;
is($sum, 6, 'twenty small uses cost what they cost together');
is(figures($small), '94 0', 'to the credit');
my $half = new_metric('sum', '0.5');
commit_hold($small, hold($small, $half, 1), 1) for 1 .. 7;
is(counter_of($small, $half), '7 0 7 4', 'halves, too');
is_whole($small);

my $limited = new_organization(credits => 1000);
set_limits($limited, 0, 1);
$hold = hold($limited, $priced, 10);
is_problem(commit_hold($limited, $hold, 15), 402, 'limit_reached', 'the hard limit holds for what is more than held', members => { hard_limit => 100, spent => 70 });
is_success(commit_hold($limited, $hold, 14), 'to the last credit');
is(spend_of($limited), '98 0', 'as the book says');
is_whole($limited);

my $afterwards = new_post_pay(1);
$hold = hold($afterwards, $priced, 10);
is_deeply(commit_hold($afterwards, $hold, 12)->json->{credits}, 84, 'who pays afterwards owes it');
is_deeply(lines_of($afterwards, $hold), ['receivable AUD 840000', 'revenue AUD -840000'], 'in money');
is(spend_of($afterwards), '84 0', 'and has spent it');
$hold = hold($afterwards, $priced, 2);
is_deeply(commit_hold($afterwards, $hold, 0)->json->{credits}, 0, 'nothing costs nothing');
is(spend_of($afterwards), '84 0', 'and gives back what was held');
is_whole($afterwards);

# ---- its time ----

my $late = new_organization(credits => 100);
$hold = hold($late, $priced, 10, 60);
my $other = hold($late, $metric, 10, 60);
set_clock(59);
is_success(commit_hold($late, $other, 1), 'until its time is over it is committed');
set_clock(61);
is_problem(commit_hold($late, $hold, 1), 409, 'conflict', 'then it is not');
set_clock(0);

# A cycle that is over keeps what was held in it.
my $turned = new_organization();
give_quotas($turned, $metric => [10, undef]);
$hold = hold($turned, $metric, 8, 80000);
my $closing = hold($turned, $metric, 2, 80000);
db_run('UPDATE usage_cycle SET ends_at = UTC_TIMESTAMP(6) WHERE organization_id = ?', bytes_of($turned->{id}));
is(authorize($turned, $metric, 10)->json->{allowed}, JSON::PP::true(), 'a new cycle has its own');
is_success(commit_hold($turned, $hold, 5), 'a hold of the old cycle is committed');
is(db_value('SELECT COUNT(DISTINCT cycle_starts_at) FROM usage_counter WHERE organization_id = ? AND value > 0', bytes_of($turned->{id})), 1, 'in one cycle');
is(db_value('SELECT c.value FROM usage_counter c JOIN usage_hold h ON h.cycle_starts_at = c.cycle_starts_at WHERE h.id = ? AND c.metric = ? AND c.organization_id = ?', bytes_of($hold), $metric, bytes_of($turned->{id})), 5_000_000, 'its own');
db_run('UPDATE usage_cycle SET closed_at = UTC_TIMESTAMP(6) WHERE organization_id = ? AND ends_at < UTC_TIMESTAMP(6) + INTERVAL 1 SECOND', bytes_of($turned->{id}));
is_success(commit_hold($turned, $closing, 2), 'also when that is closed');
is(db_value('SELECT MAX(late_value) FROM usage_counter WHERE organization_id = ?', bytes_of($turned->{id})), 2_000_000, 'as late usage');

# ---- what can not be committed ----

is_problem(commit_hold(new_organization(), hold($nothing, $metric, 1), 1), 404, 'not_found', "another organization's hold is not there");
is_problem(commit_hold($organization, new_ulid(), 1), 404, 'not_found', 'nor is one that nobody made');
my $released = hold($nothing, $metric, 1);
release_hold($nothing, $released);
is_problem(commit_hold($nothing, $released, 1), 409, 'conflict', 'one that was released is gone');
is_problem(call('usage.commit', {}, key => $organization->{key}), 422, 'invalid', 'what is missing is named', errors => { '/hold_id' => 'missing', '/quantity' => 'missing' });
is_problem(commit_hold($organization, $more, '-1'), 422, 'invalid', 'less than nothing', errors => { '/quantity' => 'out_of_range' });

# ---- at once ----

my $contended = new_organization(credits => 1000);
for my $round (1 .. 3) {
	my $id = hold($contended, $priced, 10);
	my @results = at_once(16, sub ($number, $client) {
		my $answer = $number % 2 ? commit_hold($contended, $id, 10, client => $client) : release_hold($contended, $id, client => $client);
		return { status => $answer->status, now => ($answer->json // {})->{status} };
	});
	my $status = hold_of($id)->{status};
	is_deeply([grep { $_->{status} == 200 && $_->{now} ne $status || $_->{status} != 200 && $_->{status} != 409 } @results], [], "those who end one hold at once all hear the same: $status");
	is(scalar(grep { /^(?:charge|release)/ } entries_of($contended, $id)->@*), 1, 'it ends once');
}
is((split ' ', figures($contended))[1], 0, 'and nothing stays reserved');
is((split ' ', counter_of($contended, $priced))[1], 0, 'or held');
is_whole($contended);
done_testing;
