#!/usr/bin/perl
# What was used beyond a quota is sold by the plan that was in force when it was used, whatever plan the cycle has later: no
# change, end or start takes it away or makes it cheaper.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use DBI;
use Purser::Cards;
use Purser::Holds;
use Purser::Jobs;
use Purser::Orders;
use Purser::Subscriptions;
use Purser::Test;
use Time::HiRes qw(sleep time);

keep_away($_) for 'subscriptions.roll', 'organizations.erase';

sub new_caller (%more) { return new_organization(rate_limit => 1_000_000, %more) }
sub deadlocks () { return (db_run("SHOW GLOBAL STATUS LIKE 'Innodb_deadlocks'")->fetchrow_array)[1] }

sub record ($organization, $metric, $quantity, %more) {
	state $count = 0;
	my $reply = call('usage.record', { events => [{ id => 'event' . ++$count, metric => $metric, quantity => $quantity, %more }] }, key => $organization->{key});
	$reply->status == 200 or die "usage.record: $reply->{status} $reply->{body}\n";
}

# A plan with these quotas: metric => [units included, micro-units for one more or undef].
sub plan_with (%quotas) {
	my $columns = delete $quotas{columns} // {};
	my $plan = new_plan(monthly_amount => 0, yearly_amount => 0, %$columns);
	db_run('INSERT INTO plan_quota (plan_id, metric, included, overage_unit_price) VALUES (?, ?, ?, ?)', bytes_of($plan), $_, $quotas{$_}->@*) for sort keys %quotas;
	return $plan;
}

# What was sold by plans before, as "units amount plan's price a unit", oldest first.
sub sold ($organization) {
	return [db_column("SELECT CONCAT_WS(' ', TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM o.quantity / 1000000)), o.amount, q.overage_unit_price)
	    FROM usage_overage o JOIN plan_quota q ON q.plan_id = o.plan_id AND q.metric = o.metric WHERE o.organization_id = ? ORDER BY o.id", bytes_of($organization->{id}))];
}

# What callers are told of a metric, which both operations tell alike.
sub overage_of ($organization, $metric) {
	my %body = (organization_id => $organization->{id});
	my ($status) = grep { $_->{metric} eq $metric } call('billing.status.get', \%body, key => $organization->{key})->json->{usage}->@*;
	my ($current) = grep { $_->{metric} eq $metric } call('usage.current', \%body, key => $organization->{key})->json->{metrics}->@*;
	return $status->{overage} eq $current->{overage} ? $status->{overage} : "$status->{overage}, but $current->{overage}";
}

# ---- down, and up ----

at_time('2027-03-15T10:00:00Z');
my ($leaving, $climbing) = map { new_caller(credits => 1_000_000) } 1 .. 2;
for ($leaving, $climbing) {
	subscribe($_, { plan_id => $plan{startup}, cycle => 'monthly', trial => \0 });
	record($_, 'requests', 2_400_000);
	is(overage_of($_, 'requests'), 2_150_000, 'beyond the 250,000 that a plan includes');
}
at_time('2027-04-14T23:59:50Z');
is(end_plan($leaving, { when => 'now' })->status, 200, 'at its end the subscription is cancelled');
is(overage_of($leaving, 'requests'), 2_150_000, 'which leaves the cycle its plan');
is(subscribe($leaving, { plan_id => $plan{free}, cycle => 'monthly' })->status, 200, 'and one begun to a plan that sells nothing');
is_deeply(sold($leaving), ['2150000 860000000 400'], 'what was used stays sold, at the price that it was used at');
is(overage_of($leaving, 'requests'), 2_150_000, 'as callers see');
is(authorize($leaving, 'requests', 1)->json->{reason}, 'quota_exceeded', 'more is not sold');
record($leaving, 'requests', 10);
is(overage_of($leaving, 'requests'), 2_150_010, 'what is used all the same is beyond the quota');
is(change_plan($leaving, { plan_id => $plan{startup} })->status, 200, 'changed back');
is_deeply(sold($leaving), ['2150000 860000000 400'], 'it was free, as the plan sells none');
record($leaving, 'requests', 5);
is(overage_of($leaving, 'requests'), 2_150_005, 'and what follows is judged by the plan that follows');

is(preview($climbing, { plan_id => $plan{growth} })->status, 200, 'a preview of a larger plan');
is_deeply(sold($climbing), [], 'settles nothing');
is(change_plan($climbing, { seats => 2 })->status, 200, 'neither do more seats');
is_deeply(sold($climbing), [], 'of the same plan');
is(overage_of($climbing, 'requests'), 2_150_000, 'which count the same');
is(change_plan($climbing, { plan_id => $plan{growth} })->status, 200, 'a change in the last seconds of the cycle');
is_deeply(sold($climbing), ['2150000 860000000 400'], 'does not include what was used before');
is(overage_of($climbing, 'requests'), 2_150_000, 'nor hide it');
record($climbing, 'requests', 200_000);
is(overage_of($climbing, 'requests'), 2_250_000, 'what is used from now on is beyond 2,500,000 of the cycle in all');
is(change_plan($climbing, { plan_id => $plan{startup} })->status, 200, 'and down again');
is_deeply(sold($climbing), ['2150000 860000000 400', '100000 30000000 300'], 'each unit is sold once, by its plan');
record($climbing, 'requests', 7);
is(overage_of($climbing, 'requests'), 2_250_007, 'all that follows is beyond');
at_time('2027-04-15T00:00:05Z');
is(overage_of($climbing, 'requests'), 0, 'the next cycle begins with none');
is_deeply([map { scalar sold($_)->@* } $leaving, $climbing], [1, 2], 'and what was sold is still there');
is_whole($_) for $leaving, $climbing;

# ---- paid by a card: the book is locked before the plan changes ----

at_time('2027-03-15T10:00:00Z');
my $buyer = payer();
my $first = plan_with(requests => [10, 1000]);
my $dear = plan_with(requests => [1000, 500], columns => { monthly_amount => 49_000_000 });
subscribe($buyer, { plan_id => $first, cycle => 'monthly' });
record($buyer, 'requests', 30);
is(preview($buyer, { plan_id => $dear })->json->{paid_from}, 'card', 'a card pays for the next plan');
my $changed = change_plan($buyer, { plan_id => $dear });
is($changed->json->{plan_id}, $dear, 'which it changes to') or diag $changed->body;
is_deeply(sold($buyer), ['20 20000 1000'], 'and what was used is settled then');
is(overage_of($buyer, 'requests'), 20, 'once');

# As usage is authorized: the counter, then the book.
my $dearer = plan_with(requests => [2000, 500], columns => { monthly_amount => 99_000_000 });
record($buyer, 'requests', 5);
my $before = deadlocks();
my @results = at_once(2, sub ($number, $client) {
	if ($number == 2) {
		sleep 0.4;
		return { status => change_plan($buyer, { plan_id => $dearer }, client => $client)->status };
	}
	my $connection = connect_again();
	my $lock = sub ($sql) {
		my $statement = $connection->prepare($sql);
		$statement->bind_param(1, bytes_of($buyer->{id})->$*, DBI::SQL_BINARY);
		$statement->execute;
		return $statement->fetchall_arrayref->@*;
	};
	$connection->begin_work;
	$lock->('SELECT value FROM usage_counter WHERE organization_id = ? FOR UPDATE') or die "no counter\n";
	sleep 1.2;
	my $has_book = eval { $lock->('SELECT sequence FROM book WHERE organization_id = ? FOR UPDATE') };
	$connection->rollback;
	return { status => $has_book };
});
is_deeply([map { $_->{status} // $_->{error} } @results], [1, 200], 'a change that a card pays waits for a counter before it takes the book');
is(deadlocks(), $before, 'without a deadlock');
is(subscription_of($buyer)->json->{plan_id}, $dearer, 'and is made');
is_whole($buyer);

# ---- which metrics ----

my ($whole, $half, $more, $free, $most, $priced) = (new_metric(), new_metric(), new_metric(), new_metric(), new_metric('max'), new_metric('sum', 1));
my $several = new_caller(credits => 1000);
my %quotas = ($whole => [10, 10_000], $half => [0, 1], $more => [0, 1], $free => [10, undef], $most => [10, 10_000], $priced => [10, 10_000]);
subscribe($several, { plan_id => plan_with(%quotas), cycle => 'monthly' });
my %used = ($whole => 12, $half => '0.5', $more => '1.5', $free => 15, $most => 25, $priced => 15);
record($several, $_, $used{$_}) for sort keys %used;
change_plan($several, { plan_id => plan_with(%quotas, $whole => [5, 10_000], $free => [20, 10_000]) });
is_deeply([sort { $a cmp $b } sold($several)->@*], ['0.5 0 1', '1.5 2 1', '2 20000 10000'],
    'sold is what is summed, has a price, and is not charged as it is used; rounded half-even to a millionth');
is_deeply([map { overage_of($several, $_) } $whole, $half, $more, $free, $most, $priced], [2, '0.5', '1.5', 0, 15, 5], 'callers see all of it');

# ---- what is allowed ----

my $metric = new_metric();
my $careful = new_caller(credits => 60);
my ($small, $large) = (plan_with($metric => [100, 10_000]), plan_with($metric => [1000, 10_000]));
subscribe($careful, { plan_id => $small, cycle => 'monthly' });
record($careful, $metric, 150);
is(authorize($careful, $metric, 10)->json->{allowed}, JSON::PP::true, '50 credits of overage, and 10 more');
is(authorize($careful, $metric, 11)->json->{reason}, 'insufficient_credits', 'are all that there is');
change_plan($careful, { plan_id => $large });
is(authorize($careful, $metric, 850)->json->{allowed}, JSON::PP::true, 'the larger plan includes more');
is(authorize($careful, $metric, 860)->json->{allowed}, JSON::PP::true, 'and sells 10 beside what the smaller one has sold');
is(authorize($careful, $metric, 861)->json->{reason}, 'insufficient_credits', 'to the last credit');
record($careful, $metric, 850);
change_plan($careful, { plan_id => $small });
is(authorize($careful, $metric, 10)->json->{allowed}, JSON::PP::true, 'what the larger one included is not sold by the smaller one');
is(authorize($careful, $metric, 11)->json->{reason}, 'insufficient_credits', 'but all that follows');

my $euros = plan_with($metric => [100, 10_000], columns => { currency => db_value("SELECT currency FROM credit_price WHERE currency <> 'AUD' ORDER BY currency LIMIT 1") });
my $foreign = new_caller(credits => 1000);
subscribe($foreign, { plan_id => $euros, cycle => 'monthly' });
record($foreign, $metric, 150);
change_plan($foreign, { plan_id => $small });
my $owed = db_value('SELECT SUM(CEIL(o.amount / r.price)) FROM usage_overage o JOIN credit_price r ON r.currency = o.currency WHERE o.organization_id = ?', bytes_of($foreign->{id}));
is(authorize($foreign, $metric, 1000 - $owed)->json->{allowed}, JSON::PP::true, 'what was sold in another currency is worth credits, too');
is(authorize($foreign, $metric, 1001 - $owed)->json->{reason}, 'insufficient_credits', 'to the last one');

# ---- a plan that is taken away ----

my $ahead = new_caller();
subscribe($ahead, { plan_id => $small, cycle => 'monthly' });
at_time('2027-04-14T23:58:00Z');
record($ahead, $metric, 103, occurred_at => '2027-04-15T00:00:30Z');
end_plan($ahead, { when => 'now' });
is(db_value('SELECT COUNT(*) FROM usage_cycle WHERE organization_id = ? AND plan_id IS NULL AND starts_at >= ?', bytes_of($ahead->{id}), '2027-04-15'), 1, 'a cycle that was opened ahead loses its plan');
is_deeply(sold($ahead), ['3 30000 10000'], 'and what was sold by it stays');
at_time('2027-04-15T00:01:00Z');
is(overage_of($ahead, $metric), 3, 'as callers see');

# ---- locks ----

set_clock(0);
my ($mine, $other) = sort { $a->{id} cmp $b->{id} } map { new_caller() } 1 .. 2;
subscribe($_, { plan_id => $small, cycle => 'monthly' }) for $mine, $other;
record($_, $metric, 1) for $mine, $other;
my $connection = connect_again();
$connection->begin_work;
for my $table (qw(usage_cycle usage_counter)) {
	my $statement = $connection->prepare("SELECT organization_id FROM $table WHERE organization_id = ? FOR UPDATE");
	$statement->bind_param(1, bytes_of($other->{id})->$*, DBI::SQL_BINARY);
	$statement->execute;
	$statement->fetchall_arrayref->@* or die "no $table\n";
}
my $start = time;
is(change_plan($mine, { plan_id => $large })->status, 200, 'while another organization counts');
cmp_ok(time - $start, '<', 1, 'no change of a plan waits for it');
$connection->rollback;
$connection->disconnect;

# Nothing is included: each unit is sold, by one of the two.
my @plans = map { plan_with($metric => [0, 10_000 * $_], requests => [0, 10_000 * $_]) } 1 .. 2;
my $racing = new_caller(credits => 1_000_000);
subscribe($racing, { plan_id => $plans[0], cycle => 'monthly' });
$before = deadlocks();
@results = at_once(12, sub ($number, $client) {
	my @statuses;
	for my $turn (1 .. 20) {
		my $hold = $number % 3 == 1 ? authorize($racing, $metric, 3, 600, client => $client)->json->{hold_id} : undef;
		my $reply = $number == 12 ? change_plan($racing, { plan_id => $plans[$turn % 2] }, client => $client)
		    : $hold ? commit_hold($racing, $hold, 3, client => $client)
		    : call('usage.record', { events => [map { +{ id => "$number $turn $_", metric => $_, quantity => 1 } } 'requests', $metric] }, key => $racing->{key}, client => $client);
		push @statuses, $reply->status;
	}
	return { statuses => \@statuses };
});
my %seen;
$seen{$_}++ for map { ($_->{statuses} // [$_->{error}])->@* } @results;
is_deeply(\%seen, { 200 => 240 }, 'plans change while usage is recorded, held and committed');
is(deadlocks(), $before, 'without a deadlock');
for my $which ($metric, 'requests') {
	my ($value) = split / /, counter_of($racing, $which);
	is($value, $which eq 'requests' ? 140 : 140 + 4 * 20 * 3, 'all of it is counted');
	is(overage_of($racing, $which), $value, 'and each unit sold once');
}
cmp_ok(scalar sold($racing)->@*, '>', 2, 'by both plans');
is_whole($racing);

# ---- an organization that is gone ----

at_time('2027-04-15T00:02:00Z');
my $owner = new_person($climbing, 'owner');
is(call('organizations.close', {}, key => $owner->{key})->status, 200, 'an organization is closed');
at_time('2027-05-16T00:00:00Z');
ok(run_job('organizations.erase'), 'and erased');
is(db_value('SELECT erased_at IS NOT NULL FROM organization WHERE id = ?', bytes_of($climbing->{id})), 1, 'a month later');
is_deeply(sold($climbing), ['2150000 860000000 400', '100000 30000000 300'], 'what it was sold stays');
done_testing;
