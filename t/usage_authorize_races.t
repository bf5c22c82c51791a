#!/usr/bin/perl
# Many callers ask for what is left at the same moment: to the last unit and not one beyond, by the quota as by the credits
# and the hard limit; and they are answered quickly.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use List::Util qw(max);
use Purser::Holds;
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;
use Time::HiRes qw(sleep time);

keep_away('usage.lapse_holds');
my ($callers, $each, $quantity) = (64, 4, 7);
my ($metric, $other, $priced) = (new_metric(), new_metric(), new_metric('sum', 1));

sub new_caller (%more) { return new_organization(rate_limit => 1_000_000, %more) }

# The answers of so many callers at once, each asking so often; of metrics by turns.
sub rush ($organization, @metrics) {
	my @results = at_once($callers, sub ($number, $client) {
		return { answers => [map { my $reply = authorize($organization, $metrics[($number + $_) % @metrics], $quantity, 600, client => $client);
		    $reply->status == 200 ? $reply->json->{reason} // 'may' : $reply->status } 1 .. $each] };
	});
	my %seen;
	$seen{$_}++ for map { $_->{answers} ? $_->{answers}->@* : $_->{error} } @results;
	return \%seen;
}

my $no = $callers * $each - 142;
my $organization = new_caller();
give_quotas($organization, $metric => [1000, undef]);
is_deeply(rush($organization, $metric), { may => 142, quota_exceeded => $no }, "$callers callers who ask for $quantity each against a quota of 1,000: exactly 142 get it");
is(counter_of($organization, $metric), '0 994 0 0', 'and the counter holds them');
is(db_value('SELECT SUM(quantity) FROM usage_hold WHERE organization_id = ?', bytes_of($organization->{id})), 994_000_000, 'as the rows do');

# A unit beyond the quota is worth a credit.
my $over = new_caller(credits => 1000);
give_quotas($over, $metric => [0, '0.01'], $other => [0, '0.01']);
is_deeply(rush($over, $metric, $other), { may => 142, insufficient_credits => $no }, 'beyond the quotas of two metrics, against 1,000 credits');
is(db_value('SELECT SUM(held) FROM usage_counter WHERE organization_id = ?', bytes_of($over->{id})), 994_000_000, 'to the last unit');

my $limited = new_caller(credits => 100_000, billing_email => 'bills@example.com');
give_quotas($limited, $metric => [0, '0.01'], $other => [0, '0.01']);
set_limits($limited, 0, 10.06);
order($limited, 'first', 6);
is_deeply(rush($limited, $metric, $other), { may => 142, limit_reached => $no }, 'against a hard limit, with what is spent');
is_deeply([db_column("SELECT CONCAT(kind, ' ', type) FROM outbox WHERE organization_id = ? AND type LIKE 'limit.%' ORDER BY kind", bytes_of($limited->{id}))], ['event limit.hard', 'mail limit.hard'], 'which is announced once');

my $paying = new_caller(credits => 1000);
is_deeply(rush($paying, $priced), { may => 142, insufficient_credits => $no }, 'of a priced metric, against 1,000 credits');
is(figures($paying), '6 994', 'which are reserved');
is_whole($paying);
my $afterwards = new_post_pay(10, rate_limit => 1_000_000);
call('admin.organizations.set', { organization_id => $afterwards->{id}, rate_limit => 1_000_000 }, key => admin_key);
is_deeply(rush($afterwards, $priced), { may => 142, limit_reached => $no }, 'and where it is paid afterwards');
is(spend_of($afterwards), '994 994', 'to the credit');
is_whole($afterwards);

# ---- the whole way ----

my $busy = new_caller(credits => 2000);
give_quotas($busy, $priced => [1500, undef], $metric => [1500, undef]);
my @results = at_once(32, sub ($number, $client) {
	my ($which, $used, @statuses) = ($number % 2 ? $priced : $metric, 0);
	for my $turn (1 .. 12) {
		my $hold = authorize($busy, $which, 10, 600, client => $client)->json->{hold_id} or next;
		my $reply = $turn % 4 == 0 ? release_hold($busy, $hold, client => $client) : commit_hold($busy, $hold, $turn % 3 == 0 ? 13 : 8, client => $client);
		push @statuses, $reply->status;
		$used += $reply->json->{quantity} if $reply->status == 200;
	}
	return { metric => $which, used => $used, statuses => \@statuses };
});
is_deeply([grep { $_ != 200 && $_ != 402 } map { ($_->{statuses} // [$_->{error}])->@* } @results], [], 'callers who hold, use, and use more than they held, are all answered');
for my $which ($priced, $metric) {
	my $used = 0;
	$used += $_->{used} for grep { ($_->{metric} // '') eq $which } @results;
	my ($value) = split / /, counter_of($busy, $which);
	is($value, $used, 'what they were told is what is counted');
	cmp_ok($value, '<=', 1500, 'within the quota');
}
my ($value, undef, undef, $charged) = split / /, counter_of($busy, $priced);
is($charged, $value, 'each unit is charged');
my $open = db_value("SELECT COALESCE(SUM(credits), 0) FROM usage_hold WHERE organization_id = ? AND status = 'open'", bytes_of($busy->{id}));
is(figures($busy), 2000 - $value - $open . " $open", 'once, and what is reserved is of holds that are open');
is_whole($busy);

# ---- how long it takes ----

my ($rate, $seconds) = ($ENV{PURSER_AUTHORIZE_RATE} // 160, $ENV{PURSER_AUTHORIZE_SECONDS} // 5);
my $fast = new_caller();
give_quotas($fast, $metric => [1_000_000_000, undef]);
@results = at_once($callers, sub ($number, $client) {
	my ($pause, @took) = ($callers / $rate);
	my $next = time + $pause * $number / $callers; # one after the other, so that what waits waits for the server
	for (1 .. $seconds / $pause) {
		sleep max(0, $next - time);
		my $asked = time;
		my $reply = authorize($fast, $metric, 1, 600, client => $client);
		push @took, $reply->status == 200 ? time - $asked : 999;
		$next += $pause;
	}
	return { took => \@took };
});
my @took = sort { $a <=> $b } map { ($_->{took} // [999])->@* } @results;
my $p99 = $took[int(0.99 * @took)];
diag sprintf 'usage.authorize with a hold, %d callers on one counter, %d a second: median %.1f ms, p99 %.1f ms, slowest %.1f ms', $callers, $rate, 1000 * $took[@took / 2], 1000 * $p99, 1000 * $took[-1];
cmp_ok($p99, '<', 1, 'nobody waits long, also when sanitizers watch');
is((split / /, counter_of($fast, $metric))[1], scalar @took, 'and each answer is one hold');
done_testing;
