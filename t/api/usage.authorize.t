#!/usr/bin/perl
use v5.36;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Purser::Holds;
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;

keep_away('usage.lapse_holds');
my $true = JSON::PP::true();
my $false = JSON::PP::false();
my $metric = new_metric();

# ---- quotas ----

my $free = new_organization();
my $reply = authorize($free, $metric, '2.5');
is_success($reply, 'it is asked');
is_deeply($reply->json, { allowed => $true, remaining => undef }, 'where the plan has no quota of it, it may');
$reply = authorize($free, $metric, 1_000_000_000, 60);
ulid_ok($reply->json->{hold_id}, 'and be held');

my $organization = new_organization();
give_quotas($organization, $metric => [10, undef]);
is_deeply(authorize($organization, $metric, 10)->json, { allowed => $true, remaining => 10 }, 'all of a quota may be used');
is_deeply(authorize($organization, $metric, 10)->json, { allowed => $true, remaining => 10 }, 'and asking takes nothing');
is_deeply(authorize($organization, $metric, '10.000001')->json, { allowed => $false, remaining => 10, reason => 'quota_exceeded' }, 'a millionth more may not');
$reply = authorize($organization, $metric, 6, 60);
my $hold = $reply->json->{hold_id};
is_deeply($reply->json, { allowed => $true, remaining => 4, hold_id => $hold }, 'a hold takes of it');
is(counter_of($organization, $metric), '0 6 0 0', 'as the counter says');
is(hold_of($hold)->{status}, 'open', 'and the row');
is_deeply(authorize($organization, $metric, '4.5', 60)->json, { allowed => $false, remaining => 4, reason => 'quota_exceeded' }, 'what is held is gone for others');
is_deeply(authorize($organization, $metric, '3.5', 90)->json->{remaining}, '0.5', 'the rest is not');
is_deeply(authorize(new_organization(), $metric, 20)->json->{allowed}, $true, 'another organization has its own');
is(db_value('SELECT COUNT(*) FROM audit WHERE organization_id = ? AND operation LIKE \'usage.%\'', bytes_of($organization->{id})), 0, 'none of it is in the audit');

set_clock(59);
is(authorize($organization, $metric, 5)->json->{remaining}, '0.5', 'until its time is over it is held');
set_clock(61);
$reply = authorize($organization, $metric, '6.5', 20);
is_deeply([$reply->json->@{qw(allowed remaining)}], [$true, 0], 'then it is not, swept or not');
is(authorize($organization, $metric, '0.000001')->json->{reason}, 'quota_exceeded', 'and no more than that');
set_clock(0);

my @twice = map { authorize($organization, $metric, '0.25', 3000, idempotency_key => "hold-$$") } 1, 2;
is($twice[0]->json->{reason}, 'quota_exceeded', 'a refusal under a key is an answer');
is($twice[1]->body, $twice[0]->body, 'which stays the same');
my $keyed = new_organization();
give_quotas($keyed, $metric => [10, undef]);
@twice = map { authorize($keyed, $metric, 4, 3000, idempotency_key => "hold-$$") } 1, 2;
is($twice[1]->body, $twice[0]->body, 'a hold under a key is one hold');
is(counter_of($keyed, $metric), '0 4 0 0', 'that is held once');

# ---- more than the quota ----

my ($first, $second) = (new_metric(), new_metric('count'));
my $over = new_organization(credits => 120, billing_email => 'bills@example.com');
give_quotas($over, $first => [10, '0.50'], $second => [3, '0.003'], $metric => [1, undef]);
is_deeply(authorize($over, $first, 12)->json, { allowed => $true, remaining => 10 }, 'what is sold beyond the quota may be used');
is_deeply(authorize($over, $first, '12.400001')->json, { allowed => $false, remaining => 10, reason => 'insufficient_credits' }, 'as far as it could be paid');
is_deeply(authorize($over, $first, '12.4')->json->{allowed}, $true, 'to the last credit');
my $two = authorize($over, $first, 12, 60)->json;
is_deeply([$two->@{qw(allowed remaining)}], [$true, 0], 'it can be held');
is(figures($over), '120 0', 'which reserves nothing: the end of the cycle charges it');
is_deeply(authorize($over, $second, 70)->json->{allowed}, $false, 'and counts with what other metrics have beyond theirs');
is_deeply(authorize($over, $second, 69)->json->{allowed}, $true, 'all together');
set_clock(61);
is_deeply(authorize($over, $second, 403)->json->{allowed}, $true, 'a hold that lapsed counts no more');
is_deeply(authorize($over, $second, 404)->json->{allowed}, $false, 'here neither');
set_clock(0);
grant($over->{id}, 10_000);
authorize($over, $first, 12, 60);
set_limits($over, 0, 2);
order($over, 'first of the cycle', 1);
is_deeply([authorize($over, $first, '1.99')->json->@{qw(allowed reason)}], [$false, 'limit_reached'], 'the hard limit holds for it, with what is spent and what is held');
is_deeply(authorize($over, $first, '1.98')->json->{allowed}, $true, 'to the last credit');
authorize($over, $first, 4, 60);
is_deeply([db_column("SELECT CONCAT(kind, ' ', type) FROM outbox WHERE organization_id = ? AND type = 'limit.hard' ORDER BY kind", bytes_of($over->{id}))], ['event limit.hard', 'mail limit.hard'],
    'its first refusal is announced, and no other');

my $afterwards = new_post_pay(1);
give_quotas($afterwards, $first => [10, '0.50']);
order($afterwards, 'a', 1);
is_deeply([map { authorize($afterwards, $first, $_)->json->{reason} // 'may' } '11.9', 12], ['may', 'limit_reached'], 'who pays afterwards needs no credits, but has a limit');

# ---- what is charged as it is used ----

my $priced = new_metric('sum', 7);
my $paying = new_organization(credits => 100);
is_deeply(authorize($paying, $priced, 14)->json, { allowed => $true, remaining => undef }, 'of a priced metric the credits have to be there');
is_deeply(authorize($paying, $priced, 15)->json, { allowed => $false, remaining => undef, reason => 'insufficient_credits' }, 'for all of it');
$reply = authorize($paying, $priced, '10.1', 60);
is(figures($paying), '29 71', 'a hold reserves them, rounded up');
is_deeply(entries_of($paying, $reply->json->{hold_id}), ['reservation -71 71'], 'by an entry that names it');
is_deeply([authorize($paying, $priced, 5, 60)->json->@{qw(allowed reason)}], [$false, 'insufficient_credits'], 'and others can not have them');
is_deeply(authorize($paying, $priced, 4, 120)->json->{allowed}, $true, 'only what is left');
set_clock(61);
is_deeply(authorize($paying, $priced, 10, 60)->json->{allowed}, $true, 'what lapsed is given back before it is missed');
is(figures($paying), '2 98', 'to the credit');
is_whole($paying);
set_clock(0);
is_deeply([map { authorize($paying, $priced, '0.1', 60, idempotency_key => "priced-$$")->json->{allowed} } 1, 2], [$true, $true], 'a priced hold under a key');
is(figures($paying), '1 99', 'reserves once');
my $limited = new_organization(credits => 1000);
set_limits($limited, 0, 1);
is_deeply([map { authorize($limited, $priced, $_, 60)->json->{reason} // 'may' } 14, 1], ['may', 'limit_reached'], 'the hard limit holds for what is reserved');
my $both = new_organization(credits => 1000);
give_quotas($both, $priced => [3, undef]);
is_deeply([map { authorize($both, $priced, $_, 60)->json->{reason} // 'may' } 4, 3, 1], ['quota_exceeded', 'may', 'quota_exceeded'], 'and a quota, where there is one');
my $later = new_post_pay(1);
is_deeply([map { authorize($later, $priced, $_, 60)->json->{reason} // 'may' } 14, 1], ['may', 'limit_reached'], 'who pays afterwards holds on account');
is(spend_of($later), '98 98', 'as the book says');
is(figures($later), '0 0', 'and reserves no credits');
is_whole($_) for $paying, $limited, $both, $later;

# ---- what can not be asked ----

is_problem(authorize($organization, 'nonsense', 1), 422, 'invalid', 'a metric that is not there', errors => { '/metric' => 'unknown' });
is_problem(authorize($organization, new_metric($_), 1), 422, 'invalid', "one whose aggregation is $_", errors => { '/metric' => 'not_allowed' }) for qw(max last unique);
is_problem(authorize($organization, $second, '1.5'), 422, 'invalid', 'a part of what is counted', errors => { '/quantity' => 'out_of_range' });
is_problem(call('usage.authorize', {}, key => $organization->{key}), 422, 'invalid', 'what is missing is named', errors => { '/metric' => 'missing', '/quantity' => 'missing' });
is_problem(call('usage.authorize', { metric => $metric, quantity => 0, hold_seconds => 0 }, key => $organization->{key}), 422, 'invalid', 'nothing', errors => { '/quantity' => 'out_of_range', '/hold_seconds' => 'out_of_range' });
is_problem(call('usage.authorize', { metric => $metric, quantity => '1000000000.000001', hold_seconds => 86401 }, key => $organization->{key}), 422, 'invalid', 'too much, or for too long',
    errors => { '/quantity' => 'out_of_range', '/hold_seconds' => 'out_of_range' });

# ---- how it is done ----

open my $log, '<', "$ENV{PURSER_VAR}/log/purser.log" or die $!;
seek $log, 0, 2;
authorize($free, $metric, 1, 60, headers => ['X-Request-Id' => "measured-$$"]);
my $trips;
eventually('the log tells of it', sub {
	while (my $text = <$log>) {
		$trips = $1 if $text =~ /"measured-$$"/ && $text =~ /"round_trips":(\d+)/;
	}
	return defined $trips;
});
is($trips, 2, 'a hold within the quota takes two round trips: who calls, and the answer');
done_testing;
