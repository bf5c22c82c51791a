#!/usr/bin/perl
# Many callers spend what one organization has left, at the same moment: to the last credit and not one beyond, by the
# balance as by the hard limit; one reference makes one order; and of those who end an order one wins.
use v5.36;
use FindBin;
use lib "$FindBin::Bin/lib";
use Purser::Jobs;
use Purser::Orders;
use Purser::Test;
use Time::HiRes qw(sleep time);

my ($callers, $each, $price) = (64, 4, 7);
my $slowest_allowed = 2;

# One caller's replies, as [status and code, seconds].
sub several ($organization, $client, $references) {
	return { replies => [map {
		my $began = time;
		my $reply = order($organization, $_, $price, client => $client);
		{ status => $reply->status, code => $reply->code, id => ($reply->json // {})->{id}, seconds => time - $began };
	} @$references] };
}

sub rush ($organization, $reference_of) {
	my @results = at_once($callers, sub ($number, $client) { several($organization, $client, [map { $reference_of->($number, $_) } 1 .. $each]) });
	return map { $_->{replies} ? $_->{replies}->@* : { status => 0, code => $_->{error}, seconds => 0 } } @results;
}

sub slowest (@replies) { return (sort { $b <=> $a } map { $_->{seconds} } @replies)[0] }

# ---- the last thousand credits ----

my $organization = new_organization(credits => 1000, rate_limit => 1_000_000);
my @replies = rush($organization, sub ($number, $turn) { "$number-$turn" });
is_deeply(outcomes(@replies), { 202 => 142, '402 insufficient_credits' => $callers * $each - 142 },
    "$callers callers with orders of $price against 1,000 credits: exactly 142 succeed, every other one is told why");
is(figures($organization), '6 994', 'and 6 credits are left');
cmp_ok(slowest(@replies), '<', $slowest_allowed, sprintf 'nobody waited %d s: the slowest %.2f s', $slowest_allowed, slowest(@replies));
is(db_value('SELECT COUNT(*) FROM orders WHERE organization_id = ?', bytes_of($organization->{id})), 142, 'no refusal left an order');
is_whole($organization);

# ---- a hard limit in place of the balance ----

my $limited = new_organization(credits => 100_000, rate_limit => 1_000_000, billing_email => 'bills@example.com');
set_limits($limited, 5, 10);
@replies = rush($limited, sub ($number, $turn) { "$number-$turn" });
is_deeply(outcomes(@replies), { 202 => 142, '402 limit_reached' => $callers * $each - 142 }, 'the same against a hard limit of 1,000');
is(figures($limited), '99006 994', 'holds it to the credit');
is(spend_of($limited), '994 0', 'as the book counts');
cmp_ok(slowest(@replies), '<', $slowest_allowed, sprintf 'nobody waited %d s: the slowest %.2f s', $slowest_allowed, slowest(@replies));
is_deeply([db_column("SELECT CONCAT(kind, ' ', type) FROM outbox WHERE organization_id = ? AND type LIKE 'limit.%' ORDER BY type, kind", bytes_of($limited->{id}))],
    ['event limit.hard', 'mail limit.hard', 'event limit.soft', 'mail limit.soft'], 'both limits are announced, each once');
is_whole($limited);

my $afterwards = new_post_pay(10, rate_limit => 1_000_000);
@replies = rush($afterwards, sub ($number, $turn) { "$number-$turn" });
is_deeply(outcomes(@replies), { 202 => 142, '402 limit_reached' => $callers * $each - 142 }, 'and where orders are paid afterwards');
is(spend_of($afterwards), '994 994', 'to the credit');
is_whole($afterwards);

# ---- one reference ----

my $repeated = new_organization(credits => 1000, rate_limit => 1_000_000);
@replies = rush($repeated, sub ($number, $turn) { "order-$turn" });
is_deeply(outcomes(@replies), { 202 => $callers * $each }, "$callers callers with the same $each references are all answered");
my %ids = map { ($_->{id} // 'none') => 1 } @replies;
is(scalar keys %ids, $each, "with $each orders");
is(figures($repeated), sprintf('%d %d', 1000 - $each * $price, $each * $price), 'which hold their credits once');
cmp_ok(slowest(@replies), '<', $slowest_allowed, sprintf 'nobody waited %d s: the slowest %.2f s', $slowest_allowed, slowest(@replies));
is_whole($repeated);

# ---- the end of an order ----

my $rivals = 32;
my $ending = new_organization(credits => 1000, rate_limit => 1_000_000);
my %ended;
for my $round (1 .. 4) {
	my $order = order($ending, "contended-$round", 100)->json;
	db_run('UPDATE orders SET hold_expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE organization_id = ? AND id = ?', bytes_of($ending->{id}), bytes_of($order->{id}));
	my @ways = (sub ($client) { settle($ending, $order->{id}, undef, client => $client) }, sub ($client) { cancel($ending, $order->{id}, client => $client) });
	my $job = $round % 2 ? start_job('orders.expire') : undef;
	my @answers = at_once($round % 2 ? 2 : $rivals, sub ($number, $client) {
		sleep 0.05 * rand if $round % 2;
		my $reply = $ways[$number % 2]->($client);
		return { status => $reply->status, code => $reply->code, way => $number % 2 };
	});
	end_program($job) if $job;
	my $status = call('orders.get', { order_id => $order->{id} }, key => $ending->{key})->json->{status};
	$ended{$status}++;
	is_deeply([grep { $_->{status} != 200 && $_->{status} != 409 } @answers], [], 'those who end one order at once are answered, or told that they came late');
	my %won = map { $_->{way} => 1 } grep { $_->{status} == 200 } @answers;
	is_deeply([keys %won], [$status eq 'settled' ? 0 : 1], "only those whose way it went: $status") if $status =~ /settled|cancelled/;
	my @entries = entries_of($ending, $order->{id})->@*;
	is(scalar(grep { /^charge/ } @entries), $status eq 'settled' ? 1 : 0, 'it is charged once, or not at all');
	is(scalar(grep { /^release 100 -100/ } @entries), 1, 'or given back once') if $status ne 'settled';
	is((split ' ', figures($ending))[1], 0, 'and nothing stays reserved');
}
diag join ', ', map { "$_: $ended{$_}" } sort keys %ended;
is((split ' ', figures($ending))[0], 1000 - 100 * ($ended{settled} // 0), 'what was not settled is there');
is_whole($ending);
done_testing;
